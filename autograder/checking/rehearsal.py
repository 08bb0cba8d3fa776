"""What a class is asked, learned from its first learners, so that the others are asked at once.

A check asks every learner the same until it looks at an answer. What it was seen to ask two of
them alike, and nothing else, is therefore known; all that the checks of a function are known to
ask then goes to the next learner in one journey, before any of them is taken. And an answer which
is byte for byte what has passed before passes again: checks know nothing of who answers.

Only passing counts here. Whatever else comes of a check that was asked ahead, it is taken by
itself. What the function of such a learner was called with before is then not what it was for the
first learners; where its answers hang on that, a message may show another number.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from autograder.checking.asked import Asked, Question
from autograder.checking.student import Learner, questions

MOST_PASSED = 500
"""Ways to answer a check that are remembered, some hundred bytes each."""


@dataclass
class Known:
    """What is known of a check.

    Attributes:
        questions: that it asks; None if it does not ask everybody the same, or not at once.
        seen: how many it was seen to ask that.
        passed: digests of answers that have passed.
    """

    questions: Sequence[Question] | None
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
            self.known[check] = Known(questions(student))
        elif known.seen == 1:
            known.seen = 2
            if known.questions is not None and not _same(known.questions, questions(student)):
                known.questions = None

    def questions(self, check: str) -> Sequence[Question] | None:
        """What a check is known to ask."""
        known = self.known.get(check)
        return known.questions if known is not None and known.seen > 1 else None

    def has_passed(self, check: str, digest: bytes) -> bool:
        """Whether these very answers have passed before."""
        return digest in self.known[check].passed

    def remember(self, check: str, digest: bytes) -> None:
        """Takes in which answers have passed."""
        passed = self.known[check].passed
        if len(passed) < MOST_PASSED:
            passed.add(digest)


def _same(ones: Sequence[Question], others: Sequence[Question] | None) -> bool:
    calls = [[each.call for each in asked] for asked in (ones, others or ())]
    return others is not None and calls[0] == calls[1]


def digest_of(answers: Iterable[Asked]) -> bytes | None:
    """What tells these answers from all others; None if one of them is no value.

    Where one ends and the next begins need not be marked: msgpack says so itself.
    """
    digest = hashlib.sha256()
    for asked in answers:
        sealed = asked.sealed
        if sealed is None:
            return None
        digest.update(sealed.value)
        digest.update(sealed.arguments)
    return digest.digest()
