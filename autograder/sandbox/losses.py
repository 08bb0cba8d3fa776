"""Processes that ended in the middle, and not by our hand: how many, and how they have ended."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass
from pathlib import Path


@dataclass
class Losses:
    """How many processes have ended in the middle, and not by our hand.

    What they were asked for is no answer of a learner's where somebody else has ended them, and
    must be asked again.

    Attributes:
        outside: ended by SIGKILL: by a person, or by the kernel for want of memory.
        unknown: ended by themselves, maybe.
    """

    outside: int = 0
    unknown: int = 0

    def note(self, status: int | None) -> None:
        """Counts a process in, if it may have been ended from outside.

        Args:
            status: as `waitpid` gives it; None where it cannot be known.
        """
        if status is None or status == 0:  # which is also what a kernel says that will not tell
            self.unknown += 1
        elif os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
            self.outside += 1
        elif os.WIFSIGNALED(status):
            self.unknown += 1

    def since(self, before: Losses) -> Losses:
        """Those that came after others."""
        return Losses(self.outside - before.outside, self.unknown - before.unknown)


def status_of(pid: int) -> int | None:
    """How a process has ended, if nobody has fetched it yet; None or 0 where it cannot be known."""
    try:
        after_the_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return int(after_the_name[49])  # the 52nd field, exit_code
