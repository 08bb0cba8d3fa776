"""Note what the judge sees of a submission's processes: early ends, idleness, violations.

These notes are for the instructor. They are not verdicts, because a clumsy notebook can cause each
of them. Students are never told, so that nobody can learn by trying what is noticed.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import signal
import struct
import time
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from autograder.sandbox.host.clock import watched
from autograder.sandbox.host.usage import Usage, charged, scheduled
from autograder.sandbox.inside.users import runs_as_root
from autograder.sandbox.messages import N_
from autograder.sandbox.protocol import limits

NO_ANSWER = N_(
    "A process of this notebook sent the grader a message that is not an answer to a call."
)
ENDED = N_("A cell of this notebook ended the process that it ran in.")
IDLE = N_(
    "This notebook kept the grader waiting for minutes without computing anything. The "
    "remaining checks were not run."
)
CUT = N_(
    "The cells of this notebook have more output than the grader keeps. The graded notebook says "
    "where output is left out. This costs no points."
)
USED_UP = N_(
    "This notebook and the processes it started used all the processor time that a submission may "
    "use. The remaining checks were not run."
)
LEFT = N_("This notebook left a process running. The grader ended it.")


class Observations:
    """Observations of a student process and its forks.

    Attributes:
        observations: sentences for the instructor, each once.
        killed: the pidfds of killed processes that may not have ended yet.
        unknown: the number of forks that ended before the judge knew their process.
        idle: seconds for which they kept the judge waiting while they did nothing.
        patience: the limit on `idle`, in seconds.
        process_cpu: seconds of processor time after which the kernel ends one of them.
        usage: the processor time of all of them.
    """

    def __init__(self) -> None:
        self.observations: list[str] = []
        self.killed: list[int] = []
        self.unknown = 0
        self.idle = 0.0
        self.patience = limits.MAX_IDLE_SECONDS
        self.process_cpu = limits.MAX_PROCESS_CPU_SECONDS
        self.usage = Usage()

    def note(self, observation: str) -> None:
        """Add an observation, unless it is there already."""
        if observation not in self.observations:
            self.observations.append(observation)

    def await_ends(self) -> None:
        """Wait until the killed processes have ended, so that none of them counts as left over."""
        deadline = time.monotonic() + limits.KILLED_END_SECONDS
        while self.killed:
            poll = select.poll()
            poll.register(self.killed[-1], select.POLLIN)
            if not poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
                self.unknown += 1
            os.close(self.killed.pop())

    def note_left(self, left: int) -> None:
        """Note how many processes the worker found running at the end."""
        if left > self.unknown:
            self.note(LEFT)


class End(Enum):
    """The cause of a process's end; all values but the first are fields of `ProcessDeaths`."""

    OWN = "own"
    OUTSIDE = "killed"
    MEMORY = "memory"
    UNKNOWN = "unexplained"


BY_HAND = {signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM}
"""Signals that a person may send, and that a process may send itself."""

PIDFD_INFO_EXIT = 1 << 3
PIDFD_GET_INFO = (3 << 30) | (64 << 16) | (0xFF << 8) | 11
"""_IOWR(PIDFS_IOCTL_MAGIC, 11, struct pidfd_info), as it was in Linux 6.15: 64 bytes, of which the
first eight say what is in the rest, and the last four are the exit status."""


@dataclass
class ProcessDeaths:
    """The number of processes that were ended early, by neither the judge nor themselves.

    Attributes:
        killed: ended by a SIGKILL from outside; student processes cannot send one.
        memory: ended by SIGKILL while the machine ran out of memory, maybe because of them.
        unexplained: ended for a reason that cannot be found out.
        confined: whether student processes are kept from sending SIGKILL.
        short: how many processes the kernel had killed for lack of memory when the student process
            started.
        unclear: pidfds of processes whose cause of death is known only after their parent has
            waited for them, each with the pidfd of the process with which it would have ended.
    """

    killed: int = 0
    memory: int = 0
    unexplained: int = 0
    confined: bool = field(default=True, compare=False)
    short: int = field(default=-1, compare=False)
    unclear: list[tuple[int, int | None]] = field(default_factory=list, compare=False)

    def start(self, *, confined: bool) -> None:
        """Record the state before a student's code runs."""
        self.confined = confined
        self.short = ended_for_want_of_memory()

    def end(self, status: int | None, *, late: bool = False) -> End:
        """Return the cause of a process's end, from its status as from `waitpid`, if known.

        A process is `late` if it had used up its time, for which the kernel sends SIGKILL.
        """
        if status is None:
            return End.UNKNOWN
        if not os.WIFSIGNALED(status):
            return End.OWN
        number = os.WTERMSIG(status)
        if number != signal.SIGKILL:
            return End.UNKNOWN if number in BY_HAND else End.OWN
        if late:
            return End.OWN
        if not self.confined:
            return End.UNKNOWN
        return End.MEMORY if ended_for_want_of_memory() != self.short else End.OUTSIDE

    def note(self, end: End) -> None:
        """Count a process."""
        if end is not End.OWN:
            setattr(self, end.value, getattr(self, end.value) + 1)

    def note_later(self, pidfd: int, parent: int | None) -> None:
        """Count a process later, when its parent has waited for it.

        Both are given by a pidfd; `parent` is the process with which it ends, if there is one.
        """
        self.unclear.append((os.dup(pidfd), None if parent is None else os.dup(parent)))

    def settle(self) -> None:
        """Count the unclear processes; their parents have waited for all of them by now."""
        while self.unclear:
            pidfd, parent = self.unclear.pop()
            end = self.end(_status_when_fetched(pidfd))
            if parent is not None:
                if self.end(_status_when_fetched(parent)) is End.OWN:
                    end = End.OWN
                os.close(parent)
            self.note(end)
            os.close(pidfd)

    def since(self, before: ProcessDeaths) -> ProcessDeaths:
        """Return the deaths since an earlier count."""
        return ProcessDeaths(
            self.killed - before.killed,
            self.memory - before.memory,
            self.unexplained - before.unexplained,
        )


def ended_for_want_of_memory() -> int:
    """Return how many processes the kernel has killed for lack of memory; -1 if unknown."""
    with contextlib.suppress(OSError, ValueError):
        for line in Path("/proc/vmstat").read_text().splitlines():
            if line.startswith("oom_kill "):
                return int(line.split()[1])
    return -1


def status_of(pid: int) -> int | None:
    """Return how a process ended, if its parent has not waited for it yet; None if unknown."""
    try:
        after_the_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    status = int(after_the_name[49])  # the 52nd field, exit_code
    # The kernel also says 0 to a user who may not know.
    return status if status or runs_as_root() else None


def _status_when_fetched(pidfd: int) -> int | None:
    """Return how a process ended after its parent has waited for it; None if unknown."""
    info = bytearray(64)
    struct.pack_into("Q", info, 0, PIDFD_INFO_EXIT)
    try:
        fcntl.ioctl(pidfd, PIDFD_GET_INFO, info)
    except OSError:
        return None
    (told,) = struct.unpack_from("Q", info, 0)
    (status,) = struct.unpack_from("i", info, 60)
    return int(status) if told & PIDFD_INFO_EXIT else None


class IdleWatch:
    """Watches a process while the judge waits for one of its answers.

    Args:
        pid: the number of the process; while it is 0, that is unknown, all time counts as idle.
    """

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.start: float | None = None
        self.used = self.waited = self.seen_waiting = 0.0

    def idle(self) -> float:
        """Return the idle seconds since the first look."""
        inactive = watched() - self._busy()
        if self.start is None:
            self.start = inactive
        return max(0.0, inactive - self.start)

    def forgive(self, seconds: float) -> None:
        """Do not count these seconds as idle: the process waited for the judge."""
        if self.start is not None:
            self.start += seconds

    def _busy(self) -> float:
        """Return the seconds for which the process has used a processor or waited for one.

        The time of threads that have ended stays counted.
        """
        _, waiting = scheduled(self.pid)
        self.waited += max(0.0, waiting - self.seen_waiting)
        self.seen_waiting = waiting
        if self.pid:
            with suppress(OSError):  # it has ended: what it used is known from before
                self.used = charged(self.pid)
        return self.used + self.waited
