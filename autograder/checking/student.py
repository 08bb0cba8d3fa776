"""The learner as a check sees them: an object whose attributes are the learner's functions."""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable, Sequence
from functools import lru_cache
from types import ModuleType
from typing import Protocol

from autograder.checking.arguments import packed
from autograder.checking.expect import Answer, describe, same
from autograder.sandbox import wire
from autograder.sandbox.process import CALL, FUNCTION, Crashed, Limits, TimedOut

ON_THE_WAY = 48 * 1024
"""Bytes of calls that may be unanswered at once: fewer than a socket takes while nobody reads."""


MOST_BYTES = 64 * 1024**2
"""Of all that the checks of one function are answered: the judge keeps it until the next learner.
What honest functions answer together is a hundredth of it."""

TOO_MUCH = wire.Raised("ValueError", "the function returned more than can be graded")


class LearnerError(Exception):
    """A learner's function raised.

    Attributes:
        call: how a sentence speaks of the call.
        error: what it raised, and where.
    """

    def __init__(self, call: str, error: wire.Raised) -> None:
        super().__init__(call)
        self.call = call
        self.error = error


class NoSuchFunction(Exception):
    """The notebook defines no function of this name."""


class Budget:
    """What the checks of one function may still take: time, ours included, and room for answers."""

    def __init__(self) -> None:
        self.cpu = FUNCTION.cpu
        self.wall = FUNCTION.wall
        self.bytes = MOST_BYTES

    def next_call(self) -> Limits:
        """What one more call may take.

        Raises:
            TimedOut: nothing is left.
        """
        if self.cpu <= 0 or self.wall <= 0:
            raise TimedOut
        return Limits(min(CALL.cpu, self.cpu), min(CALL.wall, self.wall))


class Answering(Protocol):
    """Who answers calls: a fork of a learner's process, or what stands for one."""

    def ask(self, calls: Sequence[wire.Call]) -> None:
        """Takes calls in, to be answered in this order."""

    def answer(self, call: wire.Call, limits: Limits, /) -> wire.FromFork:
        """The answer to the first call that has none yet."""

    def cpu(self) -> float:
        """Seconds of CPU time that answering has taken so far."""


class Asked(Answer):
    """The answer to a call that may still be on its way; whoever looks at it waits for it."""

    def __init__(self, call: wire.Call, words: str, names: Sequence[str], student: Student) -> None:
        super().__init__(None, words, self._find_altered)
        self.call = call
        self.names = names
        self.student = student
        self.fork: Answering | None = None
        self.returned: wire.Returned | None = None
        self.failure: Exception | None = None

    @property
    def value(self) -> object:
        """What the function returned.

        Raises:
            LearnerError: it raised.
            NoSuchFunction: there is none.
            TimedOut: it did not return in time.
            Crashed: the process ended, or sent what no function can return.
        """
        self.wait()
        return self._value

    def wait(self) -> None:
        """Sees to it that the answer is there; raises what `value` raises."""
        if self.returned is None and self.failure is None:
            self.student.fetch()
        if self.failure is not None:
            raise self.failure

    def settle(self, answer: wire.FromFork) -> None:
        """Takes the answer in."""
        if isinstance(answer, wire.Missing):
            self.failure = NoSuchFunction(self.call.function)
        elif isinstance(answer, wire.Failed):
            self.failure = LearnerError(self.name, answer.error)
        else:
            self._value = _value(answer.value)
            self.returned = answer

    def _find_altered(self) -> str | None:
        self.wait()
        after = self.returned.arguments if self.returned is not None else None
        if after is None:
            return None
        before = [*self.call.arguments, *(each for _, each in self.call.keywords)]
        pairs = zip(self.names, map(_value, before), map(_value, after), strict=False)
        return next((name for name, one, other in pairs if not same(one, other)), None)


class Student:
    """The learner's functions, answered by a fork of the learner's process.

    Calls are sent when somebody looks at an answer, all that have been made by then together: what
    they cost is one journey, not one each.

    Args:
        fork: gives the fork that answers; a new one where the last has ended.
        new_fork: gives one of its own to who asks, to be ended by others.
        seed: from which the learner's randomness starts at the first call.
        budget: the time that is left.
        reference: whose signatures give the arguments their names in sentences.
        alone: whether every call is sent by itself, because the fork asks back.
    """

    def __init__(
        self,
        fork: Callable[[], Answering],
        new_fork: Callable[[], Answering],
        seed: bytes,
        budget: Budget,
        reference: ModuleType,
        *,
        alone: bool = False,
    ) -> None:
        self._fork = fork
        self._new_fork = new_fork
        self._seed = seed
        self._budget = budget
        self._reference = reference
        self._number = 0
        self._made: list[Asked] = []
        self._waiting: list[Asked] = []
        self._bytes = 0
        self._all = [self]
        self._alone = alone

    def rewound(self) -> Student:
        """Another student, in a fork of their own, with the randomness of this check's start."""
        fork = self._new_fork()
        other = Student(
            lambda: fork,
            self._new_fork,
            self._seed,
            self._budget,
            self._reference,
            alone=self._alone,
        )
        self._all.append(other)
        other._all = self._all
        return other

    def __getattr__(self, function: str) -> Callable[..., Answer]:
        if function.startswith("_"):
            raise AttributeError(function)

        def call(*arguments: object, **keywords: object) -> Answer:
            return self._call(function, arguments, keywords)

        return call

    def _call(
        self, function: str, arguments: tuple[object, ...], keywords: dict[str, object]
    ) -> Answer:
        words, names = describe(
            function, _parameters(self._reference, function), arguments, keywords
        )
        ready = packed(names, [*arguments, *keywords.values()])
        given = tuple(ready[: len(arguments)])
        named = tuple(zip(keywords, ready[len(arguments) :], strict=True))
        size = sum(map(wire.size, ready))
        if self._waiting and self._bytes + size > ON_THE_WAY:
            self.fetch()
        seed = None if self._number else self._seed
        self._number += 1
        self._bytes += size
        call = wire.Call(self._number, function, given, named, seed)
        asked = Asked(call, words, names, self)
        self._made.append(asked)
        self._waiting.append(asked)
        if self._alone:
            self.fetch()
        return asked

    def _send(self) -> None:
        unsent = [asked for asked in self._waiting if asked.fork is None]
        if not unsent:
            return
        try:
            self._budget.next_call()
            fork = self._fork()
            fork.ask([asked.call for asked in unsent])
        except (TimedOut, Crashed) as failure:
            for asked in unsent:
                asked.failure = failure
        else:
            for asked in unsent:
                asked.fork = fork

    def fetch(self) -> None:
        """Sends the calls that wait, and takes in their answers.

        Those of the others who start from the same randomness are sent too, so that they are worked
        on meanwhile. Where a call is not answered, those behind it meet the same end: the fork is
        gone.
        """
        for each in self._all:
            each._send()
        waiting, self._waiting, self._bytes = self._waiting, [], 0
        failure: TimedOut | Crashed | None = None
        for asked in waiting:
            asked.failure = asked.failure or failure
            if asked.failure is not None or asked.fork is None:
                continue
            try:
                start = time.thread_time()
                answer = self._answer(asked.call, asked.fork)
                self._budget.bytes -= wire.size_of(answer)
                if self._budget.bytes < 0:
                    answer = wire.Failed(answer.number, TOO_MUCH)
                asked.settle(answer)
                self._budget.cpu -= time.thread_time() - start
            except (TimedOut, Crashed) as error:
                asked.failure = failure = error

    def _answer(self, call: wire.Call, fork: Answering) -> wire.FromFork:
        limits = self._budget.next_call()
        start, cpu = time.monotonic(), fork.cpu()
        try:
            answer = fork.answer(call, limits)
            self._budget.cpu -= fork.cpu() - cpu
        except TimedOut:
            self._budget.cpu -= limits.cpu
            raise
        finally:
            self._budget.wall -= time.monotonic() - start
        return answer

    def finish(self) -> None:
        """Waits for what no check has looked at, and raises what went wrong there."""
        for each in self._all:
            unseen = list(each._waiting)
            if unseen:
                each.fetch()
            for asked in unseen:
                asked.wait()


def calls(student: Student) -> list[list[Asked]]:
    """The calls that came to an end, those of the student first, then of each who was rewound.

    No method of the student: its attributes are the learner's functions.
    """
    return [
        [asked for asked in each._made if asked.returned is not None or asked.failure is not None]
        for each in student._all
    ]


@lru_cache
def _parameters(reference: ModuleType, function: str) -> list[str]:
    known = getattr(reference, function, None)
    return list(inspect.signature(known).parameters) if callable(known) else []


def _value(packed: wire.Value) -> object:
    """The value that crossed.

    Raises:
        Crashed: nobody who plays by the rules could have sent it.
    """
    try:
        return wire.unpack(packed)
    except wire.BadMessage as error:
        raise Crashed from error
