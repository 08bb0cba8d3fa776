"""The learner as a check sees them: an object whose attributes are the learner's functions."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from types import ModuleType
from typing import Any, Self

from autograder.checking.expect import Answer, Unmet, bare, describe
from autograder.checking.judge.calls import TOO_MUCH, Budget, CallRequest, PendingCall, Responder
from autograder.i18n import _
from autograder.sandbox.host.process import Crashed, TimedOut
from autograder.sandbox.protocol import limits, wire

ON_THE_WAY = 48 * 1024
"""Bytes of calls that may be unanswered at once: fewer than a socket takes while nobody reads."""


class Learner:
    """Whose attributes are a learner's functions; which of them there are, calling them tells.

    Args:
        others: those of the same check, the first of them first; None for the first.
    """

    def __init__(self, others: list[Any] | None = None) -> None:
        self._all: list[Any] = [] if others is None else others
        self._all.append(self)
        self._made: list[PendingCall] = []

    def __getattr__(self, function: str) -> Callable[..., Answer]:
        if function.startswith("_"):
            raise AttributeError(function)

        def call(*arguments: object, **keywords: object) -> Answer:
            return self._call(function, arguments, keywords)

        return call

    def _call(
        self, function: str, arguments: tuple[object, ...], keywords: dict[str, object]
    ) -> Answer:
        raise NotImplementedError

    def _calls(self) -> Sequence[PendingCall]:
        """Those that were made."""
        return self._made

    def rewound(self) -> Self:
        """Another student, whose randomness starts where this check's did."""
        raise NotImplementedError

    def finish(self) -> None:
        """Waits for what no check has looked at, and raises what went wrong there."""
        for each in self._all:
            for asked in each._made:
                if not asked.looked_at:
                    asked.wait()


class Student(Learner):
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
        """Another student, in a fork of their own, with the randomness of this check's start."""
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
        ready = packed(names, [*arguments, *keywords.values()])
        given = tuple(ready[: len(arguments)])
        named = tuple(zip(keywords, ready[len(arguments) :], strict=True))
        seed = None if self._made else self._seed
        call = wire.Call(0, function, given, named, seed)
        return self._put(CallRequest(call, words, names))

    def _put(self, question: CallRequest) -> PendingCall:
        """Makes a call, to be sent when somebody looks at an answer."""
        if self._waiting and self._bytes + question.size > ON_THE_WAY:
            self._fetch()
        self._bytes += question.size
        asked = PendingCall(question, self._budget, self._look)
        self._made.append(asked)
        self._waiting.append(asked)
        self._late = self._late or any(each._looked for each in self._all)
        if self._alone:
            self._fetch()
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

    def _look(self, ended: bool) -> None:
        self._looked = True
        if not ended:
            self._fetch()

    def _fetch(self) -> None:
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
                answer = self._budget.charge(asked.fork, partial(asked.fork.answer, asked.call))
            except (TimedOut, Crashed) as error:
                asked.failure = failure = error
                continue
            self._budget.bytes -= wire.size_of(answer)
            if self._budget.bytes < 0:
                answer = wire.Failed(answer.number, TOO_MUCH)
            asked.settle(answer)


def questions(student: Learner) -> list[list[CallRequest]] | None:
    """What a check asked before it looked at any answer: the student, then each who was rewound.

    None if it asked more afterwards. Nor is anything said of a check that compares the student with
    one who is rewound: how often both were asked before would be another matter for who is asked
    ahead, where one fork answers as both.
    """
    if not isinstance(student, Student) or any(each._late for each in student._all):
        return None
    if student._made and len(student._all) > 1:
        return None
    return [[asked.question for asked in each._made] for each in student._all]


def calls(student: Learner) -> list[list[PendingCall]]:
    """The calls that came to an end, those of the student first, then of each who was rewound.

    No method of the student: its attributes are the learner's functions.
    """
    return [[asked for asked in each._calls() if asked.ended] for each in student._all]


@lru_cache
def _parameters(reference: ModuleType, function: str) -> list[str]:
    known = getattr(reference, function, None)
    return list(inspect.signature(known).parameters) if callable(known) else []


MOST = limits.MAX_MESSAGE_BYTES // 2
"""Bytes of one call's arguments, as `wire.size` counts them roughly."""


def packed(names: Sequence[str], values: Sequence[object]) -> list[wire.Value]:
    """The arguments of one call in the form in which they cross.

    Raises:
        Unmet: what the learner returned was fit to come, and is too large or too deep to go back
            with more around it.
        TypeError: so is what the check itself made, or it has no such form at all.
    """
    try:
        ready = [wire.pack(bare(value), _refuse) for value in values]
        if sum(map(wire.size, ready)) > MOST:
            raise TypeError("a check passes more than a message can hold")
    except TypeError:
        for name, value in zip(names, values, strict=True):
            if _borrowed(value):
                too_large = _("What was returned is too large to be given back as {name}.")
                raise Unmet(too_large.format(name=name)) from None
        raise
    return ready


def _borrowed(value: object) -> bool:
    """Whether something in a value is a learner's."""
    if isinstance(value, dict):
        return any(map(_borrowed, value.values()))
    if isinstance(value, (list, tuple)):
        return any(map(_borrowed, value))
    return isinstance(value, Answer)


def _refuse(value: object) -> wire.Handle:
    """What becomes of an argument with no form on the wire: a handle goes back to its process."""
    if isinstance(value, wire.Handle):
        return value
    raise TypeError(f"a check passes a {type(value).__name__}, which cannot cross to the learner")
