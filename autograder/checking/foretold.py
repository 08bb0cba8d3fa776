"""What checks are known to ask, asked of a learner in a few journeys, before they are taken.

All that one check is known to ask is one message, put into its form once for the class, and so are
the answers: what has passed before is known by its bytes, and nobody takes it apart.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from typing import NoReturn

from autograder.checking.asked import Asked, Budget, Question
from autograder.checking.expect import Answer
from autograder.checking.student import ON_THE_WAY, Learner
from autograder.sandbox import wire
from autograder.sandbox.fork import Fork
from autograder.sandbox.process import Crashed, TimedOut


class Departed(Exception):
    """A check asks something else than it was known to ask."""


class Script:
    """What a check is known to ask.

    Args:
        questions: in that order.
    """

    def __init__(self, questions: Sequence[Question]) -> None:
        self.questions = questions

    @cached_property
    def sealed(self) -> wire.SealedCalls:
        """All of them, as they are sent."""
        return wire.SealedCalls(0, wire.sealed([each.call for each in self.questions]))

    @cached_property
    def key(self) -> bytes:
        """Tells it from all that ask something else."""
        return bytes(self.sealed.calls)


class Told:
    """What a learner has answered to a script.

    Args:
        script: the script.
        answers: what came.
        fork: who sent it.
        budget: what is charged for taking it apart.

    Attributes:
        digest: tells these answers from all others.
    """

    def __init__(
        self, script: Script, answers: wire.SealedAnswers, fork: Fork, budget: Budget
    ) -> None:
        self.script = script
        self.answers = answers
        self.fork = fork
        self.budget = budget
        self.digest = hashlib.sha256(answers.answers).digest()

    def asked(self) -> list[Asked]:
        """The calls, with their answers.

        Raises:
            Crashed: what came are no answers to them.
        """
        try:
            answers = self.answers.open()
        except wire.BadMessage:
            answers = ()
        if len(answers) != len(self.script.questions):
            self.fork.has_lied()
            raise Crashed
        every = []
        for question, answer in zip(self.script.questions, answers, strict=True):
            asked = Asked(question, self.budget, _has_come)
            asked.fork = self.fork
            asked.settle(answer)
            every.append(asked)
        return every


def _has_come(_ended: bool) -> None:
    """Whoever looks at such an answer need not wait for it."""


class Foretold(Learner):
    """A student who has answered already what a check is known to ask, and nothing else.

    Args:
        answers: to what the check asks, in that order.
    """

    def __init__(self, answers: Iterable[Asked]) -> None:
        super().__init__()
        self._answers = iter(answers)

    def rewound(self) -> NoReturn:
        """A check that rewinds somebody is not known."""
        raise Departed

    def _call(
        self, function: str, _arguments: tuple[object, ...], _keywords: dict[str, object]
    ) -> Answer:
        asked = next(self._answers, None)
        if asked is None or asked.call.function != function:
            raise Departed
        self._made.append(asked)
        return asked

    def finish(self) -> None:
        """As of every learner; and there must be nothing left that the check was known to ask."""
        super().finish()
        if next(self._answers, None) is not None:
            raise Departed


class Recalled(Learner):
    """A student whose answers have passed before; they are taken apart for who asks for them.

    Args:
        told: the answers.
    """

    def __init__(self, told: Told) -> None:
        super().__init__()
        self._told = told

    def _calls(self) -> Sequence[Asked]:
        if not self._made:
            self._made = self._told.asked()
        return self._made


def ask_ahead(fork: Callable[[], Fork], scripts: Iterable[Script]) -> dict[bytes, Told]:
    """Has a learner asked what several checks ask, each only once, in as few journeys as may be.

    Args:
        fork: gives who is asked.
        scripts: what they ask.

    Returns:
        The answers that came, by the keys of their scripts.
    """
    budget = Budget()
    told: dict[bytes, Told] = {}
    try:
        for batch in _batches({script.key: script for script in scripts}.values()):
            asked = fork()
            asked.ask([script.sealed for script in batch])
            for script in batch:
                answers = budget.charge(asked, asked.answers)
                if isinstance(answers, wire.Failed):
                    continue
                budget.bytes -= len(memoryview(answers.answers))
                if budget.bytes < 0:
                    return told
                told[script.key] = Told(script, answers, asked, budget)
    except (TimedOut, Crashed):  # what comes of that will come again
        pass
    return told


def _batches(scripts: Iterable[Script]) -> Iterator[list[Script]]:
    """Those that may be on their way at once."""
    batch: list[Script] = []
    size = 0
    for script in scripts:
        if batch and size + len(script.key) > ON_THE_WAY:
            yield batch
            batch, size = [], 0
        batch.append(script)
        size += len(script.key)
    if batch:
        yield batch
