"""What a class is asked, learned from its first learners, so that the others are asked at once.

A check asks every learner the same until it looks at an answer. What it was seen to ask two of
them alike, and nothing else, is therefore known; all that the checks of a function are known to
ask then goes to the next learner in one journey, before any of them is taken; students who are
rewound are asked in forks of their own. And an answer which is byte for byte what has passed before
passes again: checks know nothing of who answers.

Only passing counts here. Whatever else comes of a check that was asked ahead, it is taken by
itself. What the function of such a learner was called with before is then not what it was for the
first learners; where its answers hang on that, a message may show another number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from autograder.checking.asked import Question
from autograder.checking.foretold import Script
from autograder.checking.student import Learner, questions
from autograder.sandbox import wire

MOST_STUDENTS = 8
"""Of one check: each who is asked ahead is a process, and so are those who are asked afterwards."""

MOST_PASSED = 500
"""Ways to answer a check that are remembered, some hundred bytes each."""


@dataclass
class Known:
    """What is known of a check.

    Attributes:
        script: what it asks; None if it does not ask everybody the same, or not at once.
        seen: how many it was seen to ask that.
        passed: digests of answers that have passed.
    """

    script: Script | None
    seen: int = 1
    passed: set[bytes] = field(default_factory=set)


class Rehearsal:
    """What is known of the checks of a class."""

    def __init__(self) -> None:
        self.known: dict[str, Known] = {}

    def watch(self, check: str, student: Learner) -> None:
        """Takes in what a check that has passed has asked."""
        known = self.known.get(check)
        if known is None:
            self.known[check] = Known(_script(questions(student)))
        elif known.seen == 1:
            known.seen = 2
            again = _script(questions(student))
            if known.script is not None and (again is None or again.key != known.script.key):
                known.script = None

    def script(self, check: str) -> Script | None:
        """What a check is known to ask."""
        known = self.known.get(check)
        return known.script if known is not None and known.seen > 1 else None

    def has_passed(self, check: str, digest: bytes) -> bool:
        """Whether these very answers have passed before."""
        return digest in self.known[check].passed

    def remember(self, check: str, digest: bytes) -> None:
        """Takes in which answers have passed."""
        passed = self.known[check].passed
        if len(passed) < MOST_PASSED:
            passed.add(digest)


def _script(questions: Sequence[Sequence[Question]] | None) -> Script | None:
    """These questions as messages, if there are any and they are not too many."""
    if questions is None or not any(questions) or len(questions) > MOST_STUDENTS:
        return None
    script = Script(questions)
    try:
        return script if script.size else None
    except wire.TooLong:
        return None
