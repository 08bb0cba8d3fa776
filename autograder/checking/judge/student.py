"""Present a student to a check as an object whose attributes are the student's functions."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from types import ModuleType
from typing import Any, Self

from autograder.checking.expect import Answer, Function, bare, describe
from autograder.checking.judge.calls import (
    TOO_MUCH,
    Budget,
    CallRequest,
    PendingCall,
    Responder,
    StudentError,
)
from autograder.checking.judge.functions import HandOver
from autograder.sandbox.host.process import Crashed, TimedOut
from autograder.sandbox.protocol import limits, wire

MAX_BYTES_IN_FLIGHT = 48 * 1024
"""Size of all calls that may be unanswered at once: less than a socket buffers unread."""


class Student:
    """A student whose attributes are functions; a missing function shows when it is called.

    Args:
        others: the students of the same check, in the order in which they were made; None for the
            first.
    """

    def __init__(self, others: list[Any] | None = None) -> None:
        self._all: list[Any] = [] if others is None else others
        self._all.append(self)
        self._made: list[PendingCall] = []

    def __getattr__(self, function: str) -> Function:
        if function.startswith("_"):
            raise AttributeError(function)

        return Function(function, self._call)

    def _call(
        self, function: str, arguments: tuple[object, ...], keywords: dict[str, object]
    ) -> Answer:
        raise NotImplementedError

    def _calls(self) -> Sequence[PendingCall]:
        """Return the calls that were made."""
        return self._made

    def rewound(self) -> Self:
        """Return a fresh copy with the same random state as at the start of the check."""
        raise NotImplementedError

    def finish(self) -> None:
        """Wait for the answers that the check did not look at, and raise their errors."""
        for each in self._all:
            for pending in each._made:
                if not pending.looked_at:
                    pending.wait()


class ForkedStudent(Student):
    """A student whose functions are answered by a fork of the student process.

    Calls are sent when the check looks at an answer: all calls made until then travel together, in
    one round trip.

    Args:
        fork: returns the fork that answers, or a new one if the last has ended.
        new_fork: returns a new fork for a fresh copy; the caller ends it.
        seed: the seed of the student's random numbers at the first call.
        budget: the time and memory that are left.
        reference: the reference solution, whose signatures name the arguments in sentences.
        alone: whether every call is sent by itself because the fork may call back.
    """

    def __init__(
        self,
        fork: Callable[[], Responder],
        new_fork: Callable[[], Responder],
        seed: bytes,
        budget: Budget,
        reference: ModuleType,
        *,
        alone: bool = False,
        others: list[Any] | None = None,
    ) -> None:
        super().__init__(others)
        self._fork = fork
        self._new_fork = new_fork
        self._seed = seed
        self._budget = budget
        self._reference = reference
        self._waiting: list[PendingCall] = []
        self._bytes = 0
        self._alone = alone
        self._looked = self._late = False

    def rewound(self) -> Self:
        """Return a fresh copy in a fork of its own, with the random state of the check's start."""
        fork = self._new_fork()
        return type(self)(
            lambda: fork,
            self._new_fork,
            self._seed,
            self._budget,
            self._reference,
            alone=self._alone,
            others=self._all,
        )

    def _call(
        self, function: str, arguments: tuple[object, ...], keywords: dict[str, object]
    ) -> Answer:
        words, names = describe(
            function, _parameters(self._reference, function), arguments, keywords
        )
        hand_over = HandOver()
        ready = packed([*arguments, *keywords.values()], hand_over)
        positional = tuple(ready[: len(arguments)])
        named = tuple(zip(keywords, ready[len(arguments) :], strict=True))
        seed = None if self._made else self._seed
        call = wire.Call(0, function, positional, named, seed, tuple(hand_over.functions.values()))
        return self._put(CallRequest(call, words, names))

    def _put(self, request: CallRequest) -> PendingCall:
        """Make a call that is sent when the check looks at an answer."""
        if self._waiting and self._bytes + request.size > MAX_BYTES_IN_FLIGHT:
            self._fetch()
        self._bytes += request.size
        pending = PendingCall(request, self._budget, self._look)
        self._made.append(pending)
        self._waiting.append(pending)
        self._late = self._late or any(each._looked for each in self._all)
        if self._alone:
            self._fetch()
        return pending

    def _send(self) -> None:
        unsent = [pending for pending in self._waiting if pending.fork is None]
        if not unsent:
            return
        try:
            self._budget.next_call()
            fork = self._fork()
            fork.ask([pending.call for pending in unsent])
        except (TimedOut, Crashed) as failure:
            for pending in unsent:
                pending.failure = failure
        else:
            for pending in unsent:
                pending.fork = fork

    def _look(self, ended: bool) -> None:
        self._looked = True
        if not ended:
            self._fetch()

    def _fetch(self) -> None:
        """Send the waiting calls and receive their answers.

        The waiting calls of the check's other students are sent too, so that their forks work at
        the same time. If a call is not answered, the calls behind it fail like it, because the fork
        is gone.
        """
        for each in self._all:
            each._send()
        waiting, self._waiting, self._bytes = self._waiting, [], 0
        failure: TimedOut | Crashed | None = None
        for pending in waiting:
            pending.failure = pending.failure or failure
            if pending.failure is not None or pending.fork is None:
                continue
            try:
                answer = self._budget.charge(
                    pending.fork, partial(pending.fork.answer, pending.call)
                )
            except (TimedOut, Crashed) as error:
                pending.failure = failure = error
                continue
            self._budget.bytes -= wire.size_of(answer)
            if self._budget.bytes < 0:
                answer = wire.Failed(answer.number, TOO_MUCH)
            pending.settle(answer)


def requests_ahead(student: Student) -> list[list[CallRequest]] | None:
    """Return the calls made before the check looked at an answer, if it made no others later.

    The calls of the student come first, then those of each fresh copy. Return None if the check
    made a call later, and for a check that calls both the student and a fresh copy: a prefetch
    uses one fork for both, so the copy would not be as fresh as in a check that runs alone.
    """
    if not isinstance(student, ForkedStudent) or any(each._late for each in student._all):
        return None
    if student._made and len(student._all) > 1:
        return None
    return [[pending.request for pending in each._made] for each in student._all]


def calls(student: Student) -> list[list[PendingCall]]:
    """Return the calls that have ended: those of the student, then those of each fresh copy.

    This is not a method because attributes of a student are the student's functions.
    """
    return [[pending for pending in each._calls() if pending.ended] for each in student._all]


@lru_cache
def _parameters(reference: ModuleType, function: str) -> list[str]:
    known = getattr(reference, function, None)
    return list(inspect.signature(known).parameters) if callable(known) else []


MAX_ARGUMENT_BYTES = limits.MAX_MESSAGE_BYTES // 2
"""Size of one call's arguments, as `wire.size` estimates it."""


def packed(values: Sequence[object], hand_over: HandOver) -> list[wire.Value]:
    """Return the arguments of one call in the form in which they are sent.

    Args:
        values: the arguments.
        hand_over: takes the functions that they hold.

    Raises:
        StudentError: a value that the student returned is too large or too deep to be sent back.
        TypeError: a value that the check made is too large, too deep, or cannot be sent at all.
    """
    try:
        ready = [wire.pack(bare(value), hand_over.keep) for value in values]
        if sum(map(wire.size, ready)) > MAX_ARGUMENT_BYTES:
            raise TypeError("a check passes more than a message can hold")
    except TypeError:
        borrowed = _borrowed([*values])
        if borrowed is None:
            raise
        raise StudentError(borrowed.name, TOO_MUCH) from None
    return ready


def _borrowed(value: object) -> Answer | None:
    """Return the first answer of the student in a value; None if there is none."""
    if isinstance(value, dict):
        value = [*value.values()]
    if isinstance(value, (list, tuple)):
        return next((found for each in value if (found := _borrowed(each)) is not None), None)
    return value if isinstance(value, Answer) else None
