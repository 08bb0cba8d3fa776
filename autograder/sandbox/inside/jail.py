"""What keeps a learner's code in: the layers, each by its name, and the order they go on in.

A worker is enclosed once, in namespaces; a student process is confined when it starts, before a
learner's line runs in it, and its forks inherit everything. Nothing here decides whether what could
be had is enough: a student process tells the judge what is in force, and the judge decides.

Layers can be left out, for the tests that show what each is for. No option of any command does so.
"""

from __future__ import annotations

import os
import pwd
import resource
import signal
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from autograder.sandbox.inside import kernel, landlock, namespaces, scratch, seccomp, sweeping

NAMESPACES = (
    "user_namespace",
    "pid_namespace",
    "mount_namespace",
    "network_namespace",
    "ipc_namespace",
)

LAYERS = ("rlimits", "no_new_privs", "seccomp", "landlock", "own_user", *NAMESPACES)
"""Everything there is beside a process of its own, with an environment of its own."""

MEMORY = 4 * 1024**3
"""Bytes of address space: numpy and IPython take half a gigabyte of it before they do anything."""

FILE_SIZE = 64 * 1024**2
"""Bytes in one file."""

CPU_SECONDS = 120
"""A last resort: the judge kills long before."""

PROCESSES = 64
"""Processes and threads of one submission together, and no more files open in each."""

BESIDE = 256
"""As many more, where they are counted together with those of the person who grades."""

COUNT_AGAIN = 5.0
"""Seconds after which these are counted anew: it takes as long as starting a process."""

OWN_USERS = 0x70000000
"""From here on, up to 2**31, no user is ever given to anybody (systemd's UIDS-GIDS says so)."""

OWN_USERS_IN_A_CONTAINER = 20_000
"""Where only 65,536 users are mapped: from here on, for 40,000."""

CAP_DAC_READ_SEARCH = 1 << 2

SYSTEM = (
    *("/usr/lib", "/usr/lib64", "/lib", "/lib64", "/usr/local/lib", "/nix/store"),
    *("/usr/share/zoneinfo", "/usr/share/locale", "/usr/share/fonts", "/usr/local/share/fonts"),
    *("/etc/ld.so.cache", "/etc/localtime", "/etc/fonts"),
)
"""What programs of any kind read: libraries, fonts, time zones."""


def runs_as_root() -> bool:
    """Whether there is another user whom a student process could become, and should."""
    if os.geteuid() != 0 or sys.platform != "linux":
        return False
    lines = Path("/proc/self/uid_map").read_text().splitlines()
    return sum(int(line.split()[2]) for line in lines) > 1


def own_user() -> int:
    """A user who has no account, and whom no other worker that runs now has."""
    for line in Path("/proc/self/uid_map").read_text().splitlines():
        first, _, count = map(int, line.split())
        if first <= OWN_USERS and OWN_USERS + os.getpid() < first + count:
            return OWN_USERS + os.getpid()
    user = OWN_USERS_IN_A_CONTAINER + os.getpid() % 40_000
    taken = {each.pw_uid for each in pwd.getpwall()}
    while user in taken:
        user += 1
    return user


def readable() -> list[str]:
    """What a learner's code may read: Python, its packages, and what they are made of.

    Only `lib` and `share` of an environment, never what it lies in: that may be the course.
    """
    prefixes = dict.fromkeys((sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix))
    ours = [f"{prefix}/{part}" for prefix in prefixes for part in ("lib", "lib64", "share")]
    return [*ours, sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib"), *SYSTEM]


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
    """What a worker has around it, and puts around its student processes.

    Attributes:
        wanted: the layers to be had.
        home: a folder of the worker's own.
        user: whom student processes become; None if they stay who they are.
        layers: those in force so far.
        troubles: why others are not, a line for each.
        kept: the capabilities that student processes keep.
        scratch: where the student process may write; empty if there is none now.
        landlock: the version that is in force.
        counted: when, and how many, processes the user had, where that matters.
    """

    wanted: Collection[str]
    home: str
    user: int | None = None
    layers: list[str] = field(default_factory=lambda: ["process"])
    troubles: list[str] = field(default_factory=list)
    kept: int = 0
    scratch: str = ""
    landlock: int = 0
    counted: tuple[float, int] = (-COUNT_AGAIN, 0)

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
        if "own_user" in self.wanted and runs_as_root():
            self.user = own_user()
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
        self._enter("mount_namespace", lambda: namespaces.enter_mount(readable(), self.home))
        if self.has("mount_namespace"):
            self.home = namespaces.SCRATCH
            namespaces.mount_scratch(os.geteuid())
        elif self.user is not None:
            os.chmod(self.home, 0o711)  # so that there is a way to the scratch in it  # noqa: S103
        settle_in(self.home)
        if self.user is not None and not namespaces.possible(lambda: self._read_as(self.kept)):
            # Without it nothing could be imported. Landlock still says what may be opened.
            self.kept = CAP_DAC_READ_SEARCH
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

    def _read_as(self, kept: int) -> None:
        self.change_user(kept)
        for path in readable():
            if os.path.isdir(path):
                os.listdir(path)
        if not self.has("mount_namespace"):
            os.stat(f"{self.home}/.")

    # --- the worker, for each submission -------------------------------------------------

    def new_scratch(self) -> None:
        """Makes an empty folder for the next submission."""
        now = time.monotonic()
        if not self._is_counted_alone() and now - self.counted[0] >= COUNT_AGAIN:
            self.counted = now, processes_of(os.geteuid())
        if self.has("mount_namespace"):
            namespaces.unmount_scratch()
            namespaces.mount_scratch(os.geteuid() if self.user is None else self.user)
            self.scratch = namespaces.SCRATCH
            return
        self.scratch = tempfile.mkdtemp(prefix="submission-", dir=self.home)
        if self.user is not None:
            os.chown(self.scratch, self.user, self.user)

    def sweep(self) -> None:
        """Ends every descendant, whatever sessions and parents it gave itself, and its files."""
        if self.has("pid_namespace"):
            sweeping.end_namespace()
        else:
            if self.user is None:
                sweeping.stop_forking()
            else:
                sweeping.end_user(self.user)
            sweeping.end_children()
        if self.scratch and not self.has("mount_namespace"):
            scratch.remove(self.scratch)
        self.scratch = ""

    # --- the student process --------------------------------------------------------------

    def confine(self, worker: int) -> None:
        """Gives up what this process will not need again, for good and for all its children.

        What could not be given up stands in `troubles`; no learner's code must run then, unless
        the judge says so.
        """
        os.setsid()
        os.chdir(self.scratch)
        settle_in(self.scratch)
        if "rlimits" in self.wanted:
            with self.layer("rlimits"):
                limit(PROCESSES if self._is_counted_alone() else BESIDE + self.counted[1])
        if "no_new_privs" in self.wanted:
            with self.layer("no_new_privs"):
                kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
        if "landlock" in self.wanted:
            with self.layer("landlock") as finer:
                self.landlock = landlock.restrict(
                    [*readable(), *namespaces.DEVICES], [self.scratch, "/dev/null"]
                )
                finer.append(f"landlock-{self.landlock}")
        if "own_user" in self.wanted:
            if self.user is not None:
                with self.layer("own_user"):
                    self.change_user(self.kept)
            else:
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

    def change_user(self, kept: int) -> None:
        """Becomes the user of student processes, for good, with these capabilities.

        Raises:
            OSError: the kernel refused.
        """
        assert self.user is not None  # noqa: S101  # our callers have looked
        kernel.bound_capabilities()
        if kept:
            kernel.prctl(kernel.PR_SET_KEEPCAPS, 1)
        os.setgroups([])
        os.setresgid(self.user, self.user, self.user)
        os.setresuid(self.user, self.user, self.user)
        kernel.keep_capabilities(kept)

    def _is_counted_alone(self) -> bool:
        """Whether the kernel counts this worker's processes apart from everybody's."""
        return self.user is not None or self.has("user_namespace")


def limit(processes: int) -> None:
    """Bounds what this process, and each that comes of it, may use.

    Raises:
        OSError: the kernel refused.
    """
    for which, value in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_FSIZE, FILE_SIZE),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, PROCESSES),
        (resource.RLIMIT_NPROC, processes),
        (resource.RLIMIT_MEMLOCK, 0),
        (resource.RLIMIT_MSGQUEUE, 0),
    ):
        _, hard = resource.getrlimit(which)
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(which, (value, value))


def settle_in(folder: str) -> None:
    """Makes a folder the home of this process, for all who ask where that is."""
    for name, part in (
        ("HOME", ""),
        ("TMPDIR", ""),
        ("IPYTHONDIR", "/ipython"),
        ("MPLCONFIGDIR", "/matplotlib"),
    ):
        os.environ[name] = folder + part
    tempfile.tempdir = folder


def processes_of(user: int) -> int:
    """The processes and threads that a user has now, as far as they can be seen."""
    count = 0
    for status in Path("/proc").glob("[0-9]*/status"):
        with suppress(OSError):  # it has ended meanwhile
            said = dict(line.split(":", 1) for line in status.read_text().splitlines())
            count += int(said["Threads"]) * (int(said["Uid"].split()[0]) == user)
    return count
