"""One call of a learner's function: the question, and the answer as a check sees it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol, TypeVar

import msgspec

from autograder.checking.expect import Answer, same
from autograder.i18n import N_
from autograder.sandbox.host.clock import watched
from autograder.sandbox.host.process import Crashed, TimedOut
from autograder.sandbox.protocol import limits, wire
from autograder.sandbox.protocol.limits import TimeLimit

MOST_BYTES = 64 * 1024**2
"""Of all that the checks of one function are answered: the judge keeps it until the next learner.
What honest functions answer together is a hundredth of it."""

Fetched = TypeVar("Fetched")

TOO_MUCH = wire.Raised("ValueError", N_("the function returned more than can be graded"))


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
        self.cpu = limits.FUNCTION_TIME.cpu
        self.wall = limits.FUNCTION_TIME.wall
        self.bytes = MOST_BYTES

    def next_call(self) -> TimeLimit:
        """What one more call may take.

        Raises:
            TimedOut: nothing is left.
        """
        if self.cpu <= 0 or self.wall <= 0:
            raise TimedOut
        return TimeLimit(min(limits.CALL_TIME.cpu, self.cpu), min(limits.CALL_TIME.wall, self.wall))

    def charge(self, fork: Responder, fetch: Callable[[TimeLimit], Fetched]) -> Fetched:
        """Has an answer fetched, and takes off what a fork needed for it.

        Raises:
            TimedOut: it did not come in time, or nothing is left.
        """
        limit = self.next_call()
        if fork.has_answered:  # its time was charged with that of the answer it came with
            return fetch(limit)
        start, cpu = watched(), fork.cpu()
        try:
            answer = fetch(limit)
            self.cpu -= fork.cpu() - cpu
        except TimedOut:
            self.cpu -= limit.cpu
            raise
        finally:
            self.wall -= watched() - start
        return answer


class Responder(Protocol):
    """Who answers calls: a fork of a learner's process, or what stands for one."""

    def ask(self, calls: Sequence[wire.Call]) -> None:
        """Takes calls in, to be answered in this order."""

    def answer(self, call: wire.Call, limit: TimeLimit, /) -> wire.FromFork | wire.Returned:
        """The answer to the first call that has none yet."""

    @property
    def has_answered(self) -> bool:
        """Whether there is nothing to wait for."""

    def cpu(self) -> float:
        """Seconds of CPU time that answering has taken so far."""

    def protocol_violation(self) -> None:
        """Notes that something came which is no answer."""

    def end(self) -> None:
        """Ends it: it is not believed any more."""


class ImmediateResponder:
    """Stands for a fork where no process of a learner's answers: who inherits it says how."""

    def ask(self, calls: Sequence[wire.Call]) -> None:
        """Takes calls in; they are answered when they are fetched."""

    @property
    def has_answered(self) -> bool:
        """The answer is made when it is asked for."""
        return False

    def cpu(self) -> float:
        """Seconds of CPU time: nobody is charged for them."""
        return 0.0

    def protocol_violation(self) -> None:
        """Nobody lies here."""

    def end(self) -> None:
        """Whoever answers here may go on."""


@dataclass(frozen=True, eq=False)
class CallRequest:
    """A call that a check makes.

    Attributes:
        call: what crosses.
        words: how a sentence speaks of it.
        names: of its arguments.
    """

    call: wire.Call
    words: str
    names: Sequence[str]

    @cached_property
    def size(self) -> int:
        """How many bytes the call takes on the wire."""
        return len(msgspec.msgpack.encode(self.call))

    @cached_property
    def sent(self) -> bytes:
        """The arguments, with which what comes back of them is compared."""
        return wire.sent(self.call)


class PendingCall(Answer):
    """The answer to a call that may still be on its way; whoever looks at it waits for it.

    Args:
        question: the call.
        budget: what is charged for taking the answer apart.
        look: told when somebody looks at the answer, and whether it has come; it sees to it that
            it comes.

    Attributes:
        looked_at: whether somebody has.
        fork: who has been asked; None until the call is sent.
        failure: why there is no value.
    """

    def __init__(self, question: CallRequest, budget: Budget, look: Callable[[bool], None]) -> None:
        super().__init__(None, question.words, self._find_altered)
        self.question = question
        self.budget = budget
        self.look = look
        self.looked_at = False
        self.fork: Responder | None = None
        self.failure: Exception | None = None
        self._answer: wire.Sealed | wire.Returned | None = None
        self._opened = False

    @property
    def call(self) -> wire.Call:
        """What was asked."""
        return self.question.call

    @property
    def names(self) -> Sequence[str]:
        """The names of the call's arguments."""
        return self.question.names

    @property
    def ended(self) -> bool:
        """Whether the call came to an end, good or bad."""
        return self._answer is not None or self.failure is not None

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

    @property
    def returned(self) -> wire.Returned | None:
        """What came back, in the form in which it crossed; None where nothing did."""
        self._open()
        return self._answer if isinstance(self._answer, wire.Returned) else None

    @property
    def sealed(self) -> wire.Sealed | None:
        """What came back, where nobody has looked into it."""
        return self._answer if isinstance(self._answer, wire.Sealed) else None

    def wait(self) -> None:
        """Sees to it that the answer is there; raises what `value` raises."""
        self.looked_at = True
        self.look(self.ended)
        self._open()
        if self.failure is not None:
            raise self.failure

    def settle(self, answer: wire.FromFork | wire.Returned) -> None:
        """Takes the answer in."""
        if isinstance(answer, wire.Missing):
            self.failure = NoSuchFunction(self.call.function)
        elif isinstance(answer, wire.Failed):
            self.failure = LearnerError(self.name, answer.error)
        else:
            self._answer = answer

    def _open(self) -> None:
        """Takes the answer apart; what nobody who plays by the rules could have sent is none."""
        if self._opened or self._answer is None:
            return
        self._opened = True
        start = time.thread_time()
        answer, self._answer = self._answer, None
        try:
            opened = answer.open(self.question.sent) if isinstance(answer, wire.Sealed) else answer
            weight = sum(map(wire.weight, (opened.value, *(opened.arguments or ()))))
            # As many bytes as came were charged when they came.
            self.budget.bytes -= max(0, weight - wire.size_of(answer))
            if self.budget.bytes < 0:
                self.failure = LearnerError(self.name, TOO_MUCH)
            else:
                self._answer, self._value = opened, wire.unpack(opened.value)
        except wire.BadMessage:  # which holds what was decoded, and is not kept
            self._answer, self.failure = None, Crashed()
            if self.fork is not None:
                self.fork.protocol_violation()
                self.fork.end()
        finally:
            self.budget.cpu -= time.thread_time() - start

    def _find_altered(self) -> str | None:
        self.wait()
        after = self.returned.arguments if self.returned is not None else None
        if after is None:
            return None
        before = [*self.call.arguments, *(each for _, each in self.call.keywords)]
        try:
            pairs = [
                (name, wire.unpack(one), wire.unpack(other))
                for name, one, other in zip(self.names, before, after, strict=True)
            ]
        except wire.BadMessage:
            raise Crashed from None
        return next((name for name, one, other in pairs if not same(one, other)), None)
