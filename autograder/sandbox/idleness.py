"""How long a process has kept the judge waiting while it did nothing: slept, most likely.

A busy machine must cost no honest learner anything. So what counts is the time in which a process
has neither used a processor nor waited for one, as the kernel says of each of its threads, while
the judge itself was running.
"""

from __future__ import annotations

from autograder.sandbox.clock import watched
from autograder.sandbox.usage import scheduled

PATIENCE = 180.0
"""Seconds of it for a whole submission, all its processes together.

An honest notebook waits for nothing: its packages are loaded and its files are in memory. Three
minutes leave room for a cell that may sleep for two of them, and for a disk that hangs."""


class Watch:
    """Looks at a process while one answer of it is awaited.

    Args:
        pid: the number of the process; 0 while it is not known, and then all of the time counts.
    """

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.start: float | None = None

    def idle(self) -> float:
        """Seconds of idleness since the first look, as far as the kernel knows by now."""
        inactive = watched() - busy(self.pid)
        if self.start is None:
            self.start = inactive
        return max(0.0, inactive - self.start)

    def forgive(self, seconds: float) -> None:
        """Counts no idleness for a time in which the process waited for us."""
        if self.start is not None:
            self.start += seconds


def busy(pid: int) -> float:
    """Seconds for which the threads of a process have used a processor, or have waited for one."""
    return sum(scheduled(pid))
