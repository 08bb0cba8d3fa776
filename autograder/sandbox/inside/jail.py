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
"""All layers but the first, which is a separate process with a clean environment."""

RECOUNT_SECONDS = 5.0
"""Time after which the processes of a shared user are counted again, which takes long."""

CAP_DAC_READ_SEARCH = 1 << 2

SYSTEM = (
    *("/usr/lib", "/usr/lib64", "/lib", "/lib64", "/usr/local/lib", "/nix/store"),
    *("/usr/share/zoneinfo", "/usr/share/locale", "/usr/share/fonts", "/usr/local/share/fonts"),
    *("/etc/ld.so.cache", "/etc/localtime", "/etc/fonts"),
)
"""Files that programs of any kind read: libraries, fonts, time zones."""

PACKAGES = ("site-packages", "dist-packages")
"""Names of folders with installed packages."""


@cache
def readable() -> list[str]:
    """List the places that a student's code may read: Python, its packages, and their libraries.

    Of an environment these are only `lib` and `share`, because it may lie in the course. Of all
    other folders from which Python imports, only those are listed that are named like a folder of
    installed packages.
    """
    prefixes = dict.fromkeys((sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix))
    ours = [f"{prefix}/{part}" for prefix in prefixes for part in ("lib", "lib64", "share")]
    packages = [path for path in sys.path if os.path.basename(path) in PACKAGES]
    stdlib = [sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib")]
    return [*ours, *stdlib, *packages, *SYSTEM]


@cache
def readable_roots() -> list[str]:
    """Return the folders that student code may read.

    Links are resolved, missing folders and folders within another one are left out.
    """
    there = {Path(path).resolve() for path in readable() if os.path.exists(path)}
    return [str(path) for path in sorted(there) if there.isdisjoint(path.parents)]


def adopt_orphans() -> None:
    """Make this process the parent of every descendant that loses its own."""
    kernel.prctl(kernel.PR_SET_CHILD_SUBREAPER, 1)


def die_with(parent: int) -> None:
    """End this process when its parent ends.

    Raises:
        OSError: the kernel refused.
    """
    kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() not in (parent, 0):  # it has ended already; 0 is one outside our namespace
        os._exit(1)


@dataclass
class Jail:
    """The protections of a worker and its student processes.

    Attributes:
        wanted: the layers to apply.
        home: a folder that only this worker uses.
        memory: bytes that a student process may use.
        cpu_seconds: processor time after which the kernel ends a student process.
        user: the user that student processes become; None if they keep theirs.
        layers: the layers in force so far.
        troubles: a line for each layer that is not in force, with the reason.
        kept: the capabilities that student processes keep.
        scratch: the folder in which the student process may write; empty if there is none now.
        shared: the folder with the course's files for students' code.
        landlock: the version that is in force.
        counted: the time of the last count of the user's processes, and their number.
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
        """Apply a layer in a `with` block, or note why it failed; the last name is the layer's."""
        names = [name]
        try:
            yield names
        except OSError as error:
            self.troubles.append(f"{name}: {error.strerror or error}")
        else:
            self.layers.append(names[-1])

    # --- the worker, once ---------------------------------------------------------------

    def enter_before_the_worker(self) -> None:
        """Enter the namespaces in which the worker starts; called in its parent."""
        with suppress(OSError):  # where memory runs out, this goes first
            Path("/proc/self/oom_score_adj").write_text("1000")
        if "own_user" in self.wanted and users.runs_as_root():
            self.user = users.own_user()
        self._enter("user_namespace", lambda: namespaces.enter_user(student=self.user))
        self._enter("pid_namespace", namespaces.enter_pid)

    def enter_as_the_worker(self) -> None:
        """Enter the other namespaces; called in the worker, which has imported all our code."""
        if self.has("pid_namespace"):
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # process 1 ignores the other signals
        else:
            adopt_orphans()
        self._enter("network_namespace", namespaces.enter_network)
        self._enter("ipc_namespace", namespaces.enter_ipc)
        self.shared = f"{self.home}/{course_files.FOLDER}"
        root = f"{self.home}/root"  # a new folder: what is mounted here hides its content
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
            # Without it nothing could be imported. Landlock still decides what may be opened.
            self.kept = CAP_DAC_READ_SEARCH
        # Computed here once, so that no student process has to.
        readable_roots()
        if seccomp.supported():
            seccomp.of_one_alone()
        # No process of the same user may look into this process or its core dump.
        kernel.prctl(kernel.PR_SET_DUMPABLE, 0)

    def has(self, layer: str) -> bool:
        """Return whether a layer is in force."""
        return layer in self.layers

    def _enter(self, name: str, enter: Callable[[], None]) -> None:
        if name not in self.wanted:
            return
        # Another process tries it first: there is no way back from half way in.
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
        """Make an empty folder for the next submission."""
        now = time.monotonic()
        if not self._is_counted_alone() and now - self.counted[0] >= RECOUNT_SECONDS:
            self.counted = now, users.count_processes()
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
        """Kill every descendant, remove the scratch folder, and return how many were running."""
        reaper.let_go()
        left = reaper.end_namespace() if self.has("pid_namespace") else self.end_descendants()
        if self.scratch and not self.has("mount_namespace"):
            scratch.remove(self.scratch)
        self.scratch = ""
        return left

    def end_descendants(self) -> int:
        """Kill the processes started from here where no namespace does so; return their number."""
        if not self.has("pid_namespace"):
            if self.user is None:
                reaper.stop_forking()
            else:
                reaper.end_user(self.user)
        return reaper.end_children()

    # --- the student process --------------------------------------------------------------

    def confine(self, worker: int) -> None:
        """Give up rights for good, also for all children of this process.

        If a layer cannot be applied, `troubles` says so, and the judge decides whether student code
        may run.
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
            with self.layer("landlock") as names:
                readable = [*readable_roots(), *namespaces.DEVICES, self.shared]
                if self.has("mount_namespace"):  # otherwise it is the kernel's
                    readable.append(namespaces.ITSELF)
                self.landlock = landlock.restrict(readable, [self.scratch, "/dev/null"])
                names.append(f"landlock-{self.landlock}")
        if "own_user" in self.wanted:
            if self.user is not None:
                with self.layer("own_user"):
                    users.become(self.user, self.kept)
            if not self.has("own_user"):
                kernel.bound_capabilities()
                kernel.keep_capabilities(0)
        kernel.prctl(kernel.PR_SET_DUMPABLE, 0)
        die_with(worker)  # again: changing the user has undone it
        if "seccomp" in self.wanted:
            with self.layer("seccomp"):
                seccomp.restrict_student(alone=self._is_alone())

    def _is_alone(self) -> bool:
        """Return whether a signal reaches nobody but this submission."""
        return self.has("pid_namespace") or self.landlock >= landlock.SCOPED

    def confine_fork(self) -> None:
        """Forbid a fork that answers calls to start processes and to send signals to others.

        Raises:
            OSError: the kernel refused.
        """
        if self.has("seccomp"):
            seccomp.restrict_fork()

    def _is_counted_alone(self) -> bool:
        """Return whether the kernel counts this worker's processes separately."""
        return self.user is not None or self.has("user_namespace")


def settle_in(folder: str) -> None:
    """Make a folder the home and the temporary folder of this process."""
    for name, part in (
        ("HOME", ""),
        ("TMPDIR", ""),
        ("IPYTHONDIR", "/ipython"),
        ("MPLCONFIGDIR", "/matplotlib"),
        ("NUMBA_CACHE_DIR", "/.cache/numba"),
    ):
        os.environ[name] = folder + part
    tempfile.tempdir = folder
