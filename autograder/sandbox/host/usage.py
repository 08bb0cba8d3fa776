"""Measure the processor time of all processes of a submission, child processes included.

The limits of a cell and of a call watch one process each. A notebook could leave other processes
running beside it. The process that the judge waits for then waits for a processor, which nobody is
charged for, and the whole class waits. So one limit holds for all processes of a submission.

The kernel tells what the processes known to the judge have used. The others are searched for from
time to time among the worker's descendants. A process that was there at the last search is charged
what it has used since. A new one is also charged the time for which it waited for a processor,
because others like it may have come and gone unseen. Together they are charged no more than all
processors give.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from autograder.sandbox.host.clock import watched
from autograder.sandbox.protocol import limits

SEARCH_SECONDS = 0.25
"""Between two searches for processes that the judge did not start."""


class MeteredProcess(Protocol):
    """A process whose processor time is known; its number is 0 while it is unknown."""

    pid: int

    def cpu(self) -> float:
        """Return the seconds of processor time."""


class Usage:
    """The processor time that all processes of a submission have used.

    Attributes:
        most: the limit, in seconds.
        worker: the number of the process that started the student process; 0 if unknown.
    """

    def __init__(self) -> None:
        self.most = limits.MAX_SUBMISSION_CPU_SECONDS
        self.worker = 0
        self._live: dict[MeteredProcess, float] = {}
        self._ended = 0.0
        self._pids: set[int] = set()
        self._strangers = 0.0
        self._seen: dict[int, float] = {}
        self._looked = watched()

    @property
    def spent(self) -> float:
        """The seconds used, as of the last look."""
        return self._ended + sum(self._live.values()) + self._strangers

    @property
    def is_up(self) -> bool:
        """Whether the processes have used more than their limit."""
        return self.spent > self.most

    def start(self, student: MeteredProcess) -> None:
        """Start watching a student process, which has run nothing yet."""
        self.worker = parent_of(student.pid)
        self.note(student)

    def note(self, process: MeteredProcess) -> None:
        """Record what a process has used so far."""
        self._live[process] = max(self._live.get(process, 0.0), process.cpu())
        if process.pid:
            self._pids.add(process.pid)

    def end(self, process: MeteredProcess) -> None:
        """Record what a process has used that is about to be killed."""
        self.note(process)
        self._ended += self._live.pop(process)

    def look(self) -> None:
        """Update the time of all processes."""
        for process in self._live:
            self.note(process)
        now = watched()
        since = now - self._looked
        if since < SEARCH_SECONDS or not self.worker:
            return
        self._looked = now
        charged, seen = 0.0, {}
        for pid in _descendants(self.worker) - self._pids:
            used, waited = scheduled(pid)
            seen[pid] = used
            charged += used - self._seen[pid] if pid in self._seen else used + waited
        self._seen = seen
        self._strangers += min(max(0.0, charged), since * len(os.sched_getaffinity(0)))


def charged(pid: int) -> float:
    """Return the seconds of processor time that the kernel has charged to a process.

    Raises:
        OSError: there is no such process.
    """
    # The clock id of another process, as clock_getcpuclockid(3) makes it.
    return time.clock_gettime((~pid << 3) | 2)


def scheduled(pid: int) -> tuple[float, float]:
    """Return how long a process's threads have used a processor and waited for one, in seconds."""
    used = waited = 0
    for file in Path(f"/proc/{pid}/task").glob("*/schedstat") if pid else ():
        with suppress(OSError, ValueError):  # a thread that has ended meanwhile
            its_used, its_waited, _ = file.read_text().split()
            used += int(its_used)
            waited += int(its_waited)
    return used / 1e9, waited / 1e9


def parent_of(pid: int) -> int:
    """Return the number of a process's parent; 0 if it is unknown."""
    try:
        after_the_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return int(after_the_name[1])


def _descendants(pid: int) -> set[int]:
    found: set[int] = set()
    left = [pid]
    while left:
        with suppress(OSError):  # it has ended meanwhile
            for file in Path(f"/proc/{left.pop()}/task").glob("*/children"):
                children = [int(each) for each in file.read_text().split()]
                left += [each for each in children if each not in found]
                found.update(children)
    return found
