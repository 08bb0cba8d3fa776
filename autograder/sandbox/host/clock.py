"""The wall time that is held against a learner's process: that in which the judge was looking.

A judge that is stopped (Ctrl-Z, a container that is frozen) looks at no clock, and what a learner's
process takes meanwhile is nobody's fault. So of the time between two looks a little counts, and no
more: whoever waits for a process looks again and again.
"""

from __future__ import annotations

import time

from autograder.sandbox.protocol import limits


class Clock:
    """Tells the seconds that count, from some moment on."""

    def __init__(self) -> None:
        self.counted = 0.0
        self.looked = time.monotonic()

    def __call__(self) -> float:
        """Looks."""
        now = time.monotonic()
        self.counted += min(now - self.looked, limits.MAX_CLOCK_STEP_SECONDS)
        self.looked = now
        return self.counted


watched = Clock()
"""The one of this judge, whatever it waits for."""
