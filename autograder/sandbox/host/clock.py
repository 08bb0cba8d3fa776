"""Measure the wall time that counts against a student's process.

A judge that is stopped (Ctrl-Z, a frozen container) does not look at the clock, and the time that
passes meanwhile is not the student's fault. So only a little of the time between two looks counts
(`MAX_CLOCK_STEP_SECONDS`), and code that waits for a process looks again and again.
"""

from __future__ import annotations

import time

from autograder.sandbox.protocol import limits


class Clock:
    """Measures the seconds that count, since it was made."""

    def __init__(self) -> None:
        self.counted = 0.0
        self.looked = time.monotonic()

    def __call__(self) -> float:
        """Return the seconds that count so far."""
        now = time.monotonic()
        self.counted += min(now - self.looked, limits.MAX_CLOCK_STEP_SECONDS)
        self.looked = now
        return self.counted


watched = Clock()
"""The clock of this judge."""
