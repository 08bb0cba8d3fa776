"""How processes ended that ended in the middle, and not by our hand.

What a process was asked for is no answer of a student's where somebody else has ended it, and must
be asked again. Where the student's own code has ended it, asking again would be a second chance. So
the question is who did it, and three things tell:

- the status that the kernel keeps. Any exit, and any signal but SIGKILL and the four that a person
  sends (`BY_HAND`), is the process's own doing;
- `seccomp`, which refuses student processes everything by which they could bring SIGKILL on
  themselves or each other: SIGKILL itself, timers that send a signal of one's choice, and a lower
  limit on processor time. So SIGKILL comes from outside, or from the kernel;
- the kernel's own reasons for SIGKILL: the limit on processor time, which the process's clock
  shows, and want of memory, which the kernel counts.

The status of a process of another user is shown to root alone, until somebody has fetched it; from
Linux 6.15 on, a pidfd tells it afterwards (PIDFD_GET_INFO).
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import struct
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from autograder.sandbox.inside.users import runs_as_root


class End(Enum):
    """Who has ended a process."""

    OWN = "own"
    OUTSIDE = "outside"
    MEMORY = "memory"
    UNKNOWN = "unknown"


BY_HAND = {signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM}
"""Signals that a person may send, and that a process may send itself."""

PIDFD_INFO_EXIT = 1 << 3
PIDFD_GET_INFO = (3 << 30) | (64 << 16) | (0xFF << 8) | 11
"""_IOWR(PIDFS_IOCTL_MAGIC, 11, struct pidfd_info), as it was in Linux 6.15: 64 bytes, of which the
first eight say what is in the rest, and the last four are the exit status."""


@dataclass
class Losses:
    """How many processes have ended in the middle, and not by our hand or their own.

    Attributes:
        outside: ended by SIGKILL, which student processes cannot send.
        memory: ended by SIGKILL while the system was out of memory, maybe by their doing.
        unknown: nobody can tell who ended them.
        confined: whether student processes are kept from sending SIGKILL.
        short: how many processes the kernel had ended for want of memory when the student process
            started.
        unclear: pidfds of processes whose end can only be told when it has been fetched, each with
            that of the process with which it would have ended.
    """

    outside: int = 0
    memory: int = 0
    unknown: int = 0
    confined: bool = field(default=True, compare=False)
    short: int = field(default=-1, compare=False)
    unclear: list[tuple[int, int | None]] = field(default_factory=list, compare=False)

    def start(self, *, confined: bool) -> None:
        """Notes how things are before a student's code runs.

        Args:
            confined: whether it is kept from sending SIGKILL.
        """
        self.confined = confined
        self.short = ended_for_want_of_memory()

    def end(self, status: int | None, *, late: bool = False) -> End:
        """Who has ended a process.

        Args:
            status: as `waitpid` gives it; None where it cannot be known.
            late: whether its time was up, for which the kernel sends SIGKILL.
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
        """Counts a process in."""
        if end is not End.OWN:
            setattr(self, end.value, getattr(self, end.value) + 1)

    def note_later(self, pidfd: int, parent: int | None) -> None:
        """Counts a process in when its end has been fetched.

        Args:
            pidfd: of the process.
            parent: of the process with which it ends, whatever ends that; None where there is none.
        """
        self.unclear.append((os.dup(pidfd), None if parent is None else os.dup(parent)))

    def settle(self) -> None:
        """Counts in those that were unclear; all of them have been fetched by now."""
        while self.unclear:
            pidfd, parent = self.unclear.pop()
            end = self.end(_status_when_fetched(pidfd))
            if parent is not None:
                if self.end(_status_when_fetched(parent)) is End.OWN:
                    end = End.OWN
                os.close(parent)
            self.note(end)
            os.close(pidfd)

    def since(self, before: Losses) -> Losses:
        """Those that came after others."""
        return Losses(
            self.outside - before.outside,
            self.memory - before.memory,
            self.unknown - before.unknown,
        )


def ended_for_want_of_memory() -> int:
    """How many processes of this machine the kernel has ended for want of memory; -1 if unknown."""
    with contextlib.suppress(OSError, ValueError):
        for line in Path("/proc/vmstat").read_text().splitlines():
            if line.startswith("oom_kill "):
                return int(line.split()[1])
    return -1


def status_of(pid: int) -> int | None:
    """How a process has ended, if nobody has fetched it yet; None where it cannot be known."""
    try:
        after_the_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    status = int(after_the_name[49])  # the 52nd field, exit_code
    # 0 is also what the kernel says to somebody whom it does not tell.
    return status if status or runs_as_root() else None


def _status_when_fetched(pidfd: int) -> int | None:
    """How a process has ended whose end has been fetched; None where the kernel does not say."""
    info = bytearray(64)
    struct.pack_into("Q", info, 0, PIDFD_INFO_EXIT)
    try:
        fcntl.ioctl(pidfd, PIDFD_GET_INFO, info)
    except OSError:
        return None
    (told,) = struct.unpack_from("Q", info, 0)
    (status,) = struct.unpack_from("i", info, 60)
    return int(status) if told & PIDFD_INFO_EXIT else None
