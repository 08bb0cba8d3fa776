"""What a class is asked, learned from the reference, so that every learner is asked it at once.

A check asks everybody the same until it looks at an answer. What it asks the reference before that,
and nothing afterwards, is therefore known; all of it goes to a learner in one journey, before any
check is taken; students who are rewound are asked in forks of their own. And an answer which is
byte for byte what has passed before passes again: checks know nothing of who answers.

Only passing counts here. Whatever else comes of a check that was asked ahead, it is taken by
itself: what other functions have left behind fails nobody. The whole class is asked in the same
way, whoever is graded first: two learners who hand in the same get the same marks, and the same
words.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterable
from dataclasses import dataclass, field
from types import ModuleType

import numpy as np

from autograder.checking.asked import AtOnce, Budget, Question
from autograder.checking.asking import Seed, ask
from autograder.checking.checks import Check
from autograder.checking.foretold import Script
from autograder.checking.result import Verdict
from autograder.checking.student import Student, questions
from autograder.checking.understudy import called
from autograder.sandbox import wire
from autograder.sandbox.process import Limits

MOST_STUDENTS = 8
"""Of one check: each who is asked ahead is a process, and so are those who are asked afterwards."""

MOST_PASSED = 500
"""Ways to answer a check that are remembered, some hundred bytes each."""


@dataclass
class Known:
    """What is known of a check.

    Attributes:
        script: what it asks; None if it does not ask everybody the same, or not at once.
        passed: digests of answers that have passed.
    """

    script: Script | None
    passed: set[bytes] = field(default_factory=set)


class Rehearsal:
    """What is known of the checks of a class.

    Args:
        checks: those that will be taken.
        reference: the solution, which is asked first.
        seed: from which the inputs are made.
    """

    def __init__(self, checks: Iterable[Check], reference: ModuleType, seed: Seed) -> None:
        self.checks = {check.id: check for check in checks}
        self.reference = reference
        self.seed = seed
        self.known: dict[str, Known] = {}

    def script(self, check: str) -> Script | None:
        """What a check is known to ask."""
        if check not in self.known:
            with contextlib.redirect_stdout(io.StringIO()):
                script = _script(self.checks[check], self.reference, self.seed)
            self.known[check] = Known(script)
        return self.known[check].script

    def has_passed(self, check: str, digest: bytes) -> bool:
        """Whether these very answers have passed before."""
        return digest in self.known[check].passed

    def remember(self, check: str, digest: bytes) -> None:
        """Takes in which answers have passed."""
        passed = self.known[check].passed
        if len(passed) < MOST_PASSED:
            passed.add(digest)


class Looked(Exception):
    """A check has looked at an answer."""


class Actor(AtOnce):
    """Answers as a learner would whose functions are the reference's, in this very process.

    Args:
        reference: the solution; None for who has learned no answer, and raises `Looked`.
    """

    def __init__(self, reference: ModuleType | None) -> None:
        self.reference = reference

    def answer(self, call: wire.Call, _limits: Limits) -> wire.Returned:
        """The answer to the next call.

        Raises:
            Looked: there is none.
        """
        if self.reference is None:
            raise Looked
        if call.seed is not None:  # in this process nothing else is wound
            np.random.seed(np.frombuffer(call.seed, dtype=np.uint32))
        return called(call, getattr(self.reference, call.function))


def _script(check: Check, reference: ModuleType, seed: Seed) -> Script | None:
    """All that a check asks, if it does so before it looks, the same twice, and not too much."""
    asked = _asked(check, Actor(reference), reference, seed)
    if asked is None or not any(asked) or len(asked) > MOST_STUDENTS:
        return None
    again = _asked(check, Actor(None), reference, seed)
    try:
        script = Script(asked)
        return script if again is not None and Script(again).key == script.key else None
    except wire.TooLong:
        return None


def _asked(
    check: Check, actor: Actor, reference: ModuleType, seed: Seed
) -> list[list[Question]] | None:
    """What a check asks somebody before it looks at an answer; None if it asks more, or fails."""
    start = seed("learner", check.id)
    student = Student(lambda: actor, lambda: actor, start, Budget(), reference)
    try:
        if ask(check, student, reference, seed("rng", check.id)).verdict is not Verdict.PASSED:
            return None
    except Looked:
        pass
    except Exception:  # whatever it is, it will come again when the check is taken
        return None
    return questions(student)
