"""What the judge has seen of the processes of one submission, and that the instructor may want.

These are observations, and no verdicts: a clumsy notebook can do each of these things. They are
never in what a learner is told, or anybody could learn what is noticed by trying.
"""

from __future__ import annotations

import os
import select
import time

from autograder.sandbox.idleness import PATIENCE
from autograder.sandbox.isolation import N_
from autograder.sandbox.usage import Usage

NO_ANSWER = N_("A process of this notebook sent something that is no answer to what it was asked.")
ENDED = N_("A cell of this notebook ended the process that it ran in.")
IDLE = N_("This notebook kept the grader waiting while it did nothing, until it was asked no more.")
CUT = N_(
    "The cells of this notebook show more than is kept of a submission. The rest is left out where "
    "the notebook says so. This costs no points."
)
USED_UP = N_(
    "This notebook and the processes it started used all the processor time that a submission may "
    "use. The remaining checks were not run."
)
LEFT = N_("This notebook left a process running, which was ended with it.")

DEATH_SECONDS = 5.0
"""For which the end of what was killed is waited for; it takes a few thousandths of a second."""


class Record:
    """What was seen of a student process and its forks.

    Attributes:
        observations: for the instructor, each once.
        killed: the pidfds of those who have been killed, perhaps a moment ago.
        unknown: how many ended before it was known which process they are.
        idle: seconds for which they have kept us waiting while they did nothing.
        patience: how many they may.
        usage: the processor time of all of them.
    """

    def __init__(self) -> None:
        self.observations: list[str] = []
        self.killed: list[int] = []
        self.unknown = 0
        self.idle = 0.0
        self.patience = PATIENCE
        self.usage = Usage()

    def note(self, observation: str) -> None:
        """Takes in what was seen."""
        if observation not in self.observations:
            self.observations.append(observation)

    def await_ends(self) -> None:
        """Waits until those who were killed have ended: who is left then is none of them."""
        deadline = time.monotonic() + DEATH_SECONDS
        while self.killed:
            poll = select.poll()
            poll.register(self.killed[-1], select.POLLIN)
            if not poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
                self.unknown += 1
            os.close(self.killed.pop())

    def note_left(self, left: int) -> None:
        """Takes in how many processes were there afterwards."""
        if left > self.unknown:
            self.note(LEFT)
