"""Put the layers of protection around a worker and its student processes, in the right order.

A worker enters the namespaces once. A student process is confined when it starts, before any
student code runs in it, and its forks inherit everything. Nothing here decides whether the layers
suffice: a student process reports to the judge what is in force, and the judge decides.

Tests may leave layers out, to show what each is for. No option of any command does so.
"""

from __future__ import annotations

import os
import signal
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path

from autograder.sandbox.inside import (
    course_files,
    kernel,
    landlock,
    namespaces,
    reaper,
    rlimits,
    scratch,
    seccomp,
    users,
)
from autograder.sandbox.protocol import limits

NAMESPACES = (
    "user_namespace",
    "pid_namespace",
    "mount_namespace",
    "network_namespace",
    "ipc_namespace",
)

LAYERS = ("rlimits", "no_new_privs", "seccomp", "landlock", "own_user", *NAMESPACES)
"""Everything there is beside a process of its own, with an environment of its own."""

RECOUNT_SECONDS = 5.0
"""After which the processes of a shared user are counted anew: it takes as long as starting one."""

CAP_DAC_READ_SEARCH = 1 << 2

SYSTEM = (
    *("/usr/lib", "/usr/lib64", "/lib", "/lib64", "/usr/local/lib", "/nix/store"),
    *("/usr/share/zoneinfo", "/usr/share/locale", "/usr/share/fonts", "/usr/local/share/fonts"),
    *("/etc/ld.so.cache", "/etc/localtime", "/etc/fonts"),
)
"""What programs of any kind read: libraries, fonts, time zones."""

PACKAGES = ("site-packages", "dist-packages")
"""Names of folders with installed packages."""


@cache
def readable() -> list[str]:
    """List what a student's code may read: Python, its packages, and the libraries they use.

    Only `lib` and `share` of an environment, never what it lies in: that may be the course. Of all
    else that Python imports from, only what is called like a folder of installed packages.
    """
    prefixes = dict.fromkeys((sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix))
    ours = [f"{prefix}/{part}" for prefix in prefixes for part in ("lib", "lib64", "share")]
    packages = [path for path in sys.path if os.path.basename(path) in PACKAGES]
    stdlib = [sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib")]
    return [*ours, *stdlib, *packages, *SYSTEM]


@cache
def readable_roots() -> list[str]:
    """The same without links, without what is not there, and without what is beneath another."""
    there = {os.path.realpath(path) for path in readable() if os.path.exists(path)}
    return [path for path in sorted(there) if not any(map(there.__contains__, _above(path)))]


def _above(path: str) -> list[str]:
    return list(map(str, Path(path).parents))


def adopt_orphans() -> None:
    """Makes this process the parent of every descendant that loses its own."""
    kernel.prctl(kernel.PR_SET_CHILD_SUBREAPER, 1)


def die_with(parent: int) -> None:
    """Ends this process when its parent ends.

    Raises:
        OSError: the kernel refused.
    """
    kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() not in (parent, 0):  # it ended before we asked; 0 is one outside of our world
        os._exit(1)


@dataclass
class Jail:
    """The protections of a worker and its student processes.

    Attributes:
        wanted: the layers to be had.
        home: a folder of the worker's own.
        memory: bytes that a student process may use.
        cpu_seconds: of the processor, after which the kernel ends a student process.
        user: whom student processes become; None if they stay who they are.
        layers: those in force so far.
        troubles: why others are not, a line for each.
        kept: the capabilities that student processes keep.
        scratch: where the student process may write; empty if there is none now.
        shared: where the course's files for students' code lie.
        landlock: the version that is in force.
        counted: when, and how many, processes the user had, where that matters.
    """

    wanted: Collection[str]
    home: str
    memory: int
    cpu_seconds: int
    user: int | None = None
    layers: list[str] = field(default_factory=lambda: ["process"])
    troubles: list[str] = field(default_factory=list)
    kept: int = 0
    scratch: str = ""
    shared: str = ""
    landlock: int = 0
    counted: tuple[float, int] = (-RECOUNT_SECONDS, 0)

    @contextmanager
    def layer(self, name: str) -> Iterator[list[str]]:
        """Puts a layer into force, or notes why it is not; the list may be given a finer name."""
        finer = [name]
        try:
            yield finer
        except OSError as error:
            self.troubles.append(f"{name}: {error.strerror or error}")
        else:
            self.layers.append(finer[-1])

    # --- the worker, once ---------------------------------------------------------------

    def enter_before_the_worker(self) -> None:
        """Enters the namespaces that the worker is to be born in; in its parent."""
        with suppress(OSError):  # where memory runs out, this goes first
            Path("/proc/self/oom_score_adj").write_text("1000")
        if "own_user" in self.wanted and users.runs_as_root():
            self.user = users.own_user()
        self._enter("user_namespace", lambda: namespaces.enter_user(student=self.user))
        self._enter("pid_namespace", namespaces.enter_pid)

    def enter_as_the_worker(self) -> None:
        """Enters the others; in the worker, which has imported all that is ours."""
        if self.has("pid_namespace"):
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # the first process is deaf to the rest
        else:
            adopt_orphans()
        self._enter("network_namespace", namespaces.enter_network)
        self._enter("ipc_namespace", namespaces.enter_ipc)
        self.shared = f"{self.home}/{course_files.FOLDER}"
        root = f"{self.home}/root"  # of its own: what is mounted here hides what lies here
        os.mkdir(root)
        self._enter(
            "mount_namespace", lambda: namespaces.enter_mount(readable(), root, self.shared)
        )
        if self.has("mount_namespace"):
            self.home, self.shared = namespaces.SCRATCH, namespaces.COURSE
            namespaces.mount_scratch(os.geteuid())
        elif self.user is not None:
            os.chmod(self.home, 0o711)  # so that there is a way to the scratch in it  # noqa: S103
        settle_in(self.home)
        if self.user is not None and not namespaces.possible(partial(self._read_as, self.user)):
            # Without it nothing could be imported. Landlock still says what may be opened.
            self.kept = CAP_DAC_READ_SEARCH
        # Found out here, once, and not by every student process.
        readable_roots()
        if seccomp.supported():
            seccomp.of_one_alone()
        # Nobody of the same user may look into this process, or at what it leaves behind.
        kernel.prctl(kernel.PR_SET_DUMPABLE, 0)

    def has(self, layer: str) -> bool:
        """Whether a layer is in force."""
        return layer in self.layers

    def _enter(self, name: str, enter: Callable[[], None]) -> None:
        if name not in self.wanted:
            return
        # Tried on another first: from half way in there is no way back.
        if namespaces.possible(enter):
            enter()
            self.layers.append(name)
        else:
            self.troubles.append(f"{name}: this machine refuses it")

    def _read_as(self, user: int) -> None:
        users.become(user)
        for path in readable():
            if os.path.isdir(path):
                os.listdir(path)
        if not self.has("mount_namespace"):
            os.stat(f"{self.home}/.")

    # --- the worker, for each submission -------------------------------------------------

    def new_scratch(self) -> None:
        """Makes an empty folder for the next submission."""
        now = time.monotonic()
        if not self._is_counted_alone() and now - self.counted[0] >= RECOUNT_SECONDS:
            self.counted = now, users.processes_of(os.geteuid())
        if self.has("mount_namespace"):
            namespaces.unmount_scratch()
            namespaces.mount_scratch(os.geteuid() if self.user is None else self.user)
            self.scratch = namespaces.SCRATCH
        else:
            self.scratch = tempfile.mkdtemp(prefix="submission-", dir=self.home)
            if self.user is not None:
                os.chown(self.scratch, self.user, self.user)
        course_files.lay_out(self.shared, self.scratch, self.user)

    def sweep(self) -> int:
        """Ends every descendant, whatever sessions and parents it gave itself, and its files.

        Returns:
            How many there were that had not ended before.
        """
        reaper.let_go()
        left = reaper.end_namespace() if self.has("pid_namespace") else self.end_descendants()
        if self.scratch and not self.has("mount_namespace"):
            scratch.remove(self.scratch)
        self.scratch = ""
        return left

    def end_descendants(self) -> int:
        """Ends what has started from here where no namespace does so; says how many there were."""
        if not self.has("pid_namespace"):
            if self.user is None:
                reaper.stop_forking()
            else:
                reaper.end_user(self.user)
        return reaper.end_children()

    # --- the student process --------------------------------------------------------------

    def confine(self, worker: int) -> None:
        """Gives up what this process will not need again, for good and for all its children.

        What could not be given up stands in `troubles`; no student code may run then, unless
        the judge says so.
        """
        os.setsid()
        os.chdir(self.scratch)
        sys.path.insert(0, "")  # modules beside the notebook, as in a kernel
        settle_in(self.scratch)
        alone = self._is_counted_alone()
        if "rlimits" in self.wanted:
            with self.layer("rlimits"):
                rlimits.restrict(
                    limits.MAX_PROCESSES
                    if alone
                    else limits.MAX_PROCESSES_OF_SHARED_USER + self.counted[1],
                    self.memory,
                    self.cpu_seconds,
                )
        if "no_new_privs" in self.wanted:
            with self.layer("no_new_privs"):
                kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
        if "landlock" in self.wanted:
            with self.layer("landlock") as finer:
                readable = [*readable_roots(), *namespaces.DEVICES, self.shared]
                if self.has("mount_namespace"):  # else it would be the kernel's
                    readable.append(namespaces.ITSELF)
                self.landlock = landlock.restrict(readable, [self.scratch, "/dev/null"])
                finer.append(f"landlock-{self.landlock}")
        if "own_user" in self.wanted:
            if self.user is not None:
                with self.layer("own_user"):
                    users.become(self.user, self.kept)
            if not self.has("own_user"):
                kernel.bound_capabilities()
                kernel.keep_capabilities(0)
        kernel.prctl(kernel.PR_SET_DUMPABLE, 0)
        die_with(worker)  # a change of the user has undone it
        if "seccomp" in self.wanted:
            with self.layer("seccomp"):
                seccomp.restrict_student(alone=self._is_alone())

    def _is_alone(self) -> bool:
        """Whether a signal reaches nobody but this submission."""
        return self.has("pid_namespace") or self.landlock >= landlock.SCOPED

    def confine_fork(self) -> None:
        """Gives up what a fork that answers calls does not need: other processes, and signals.

        Raises:
            OSError: the kernel refused.
        """
        if self.has("seccomp"):
            seccomp.restrict_fork()

    def _is_counted_alone(self) -> bool:
        """Whether the kernel counts this worker's processes apart from everybody's."""
        return self.user is not None or self.has("user_namespace")


def settle_in(folder: str) -> None:
    """Makes a folder the home of this process, for all who ask where that is."""
    for name, part in (
        ("HOME", ""),
        ("TMPDIR", ""),
        ("IPYTHONDIR", "/ipython"),
        ("MPLCONFIGDIR", "/matplotlib"),
        ("NUMBA_CACHE_DIR", "/.cache/numba"),
    ):
        os.environ[name] = folder + part
    tempfile.tempdir = folder
