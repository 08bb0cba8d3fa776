"""Hold one call of a student's function: the request, and the answer as a check sees it."""

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

MAX_ANSWER_BYTES = 64 * 1024**2
"""Size of all answers to the checks of one function, which the judge keeps until the next student.
The answers of a correct function take a hundredth of it."""

Fetched = TypeVar("Fetched")

TOO_MUCH = wire.Raised(
    "ValueError", N_("the function returned a value that is too large to be graded")
)


class StudentError(Exception):
    """A student's function raised an exception.

    Attributes:
        call: the call as messages show it.
        error: the exception and the line that raised it.
    """

    def __init__(self, call: str, error: wire.Raised) -> None:
        super().__init__(call)
        self.call = call
        self.error = error


class NoSuchFunction(Exception):
    """The notebook defines no function of this name."""


class Budget:
    """Time, the judge's own included, and memory that the checks of one function have left."""

    def __init__(self, assigned: limits.AssignmentLimits | None = None) -> None:
        self.limits = assigned or limits.AssignmentLimits()
        self.cpu, self.wall = self.limits.function_time
        self.bytes = MAX_ANSWER_BYTES

    @property
    def is_spent(self) -> bool:
        """Whether no time is left."""
        return self.cpu <= 0 or self.wall <= 0

    def next_call(self) -> TimeLimit:
        """Return the time limits of the next call.

        Raises:
            TimedOut: no time is left.
        """
        if self.is_spent:
            raise TimedOut
        call = self.limits.call_time
        return TimeLimit(min(call.cpu, self.cpu), min(call.wall, self.wall))

    def charge(self, fork: Responder, fetch: Callable[[TimeLimit], Fetched]) -> Fetched:
        """Fetch an answer and subtract the time that the fork took for it.

        Raises:
            TimedOut: the answer did not come in time, or no time is left.
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
    """Anything that answers calls: a fork of a student process, or a replacement for one."""

    def ask(self, calls: Sequence[wire.Call]) -> None:
        """Accept calls, to be answered in this order."""

    def answer(self, call: wire.Call, limit: TimeLimit, /) -> wire.FromFork | wire.Returned:
        """Return the answer to the first call that has none yet."""

    @property
    def has_answered(self) -> bool:
        """Whether the next answer is here already."""

    def cpu(self) -> float:
        """Return the seconds of CPU time that answering has taken so far."""

    def protocol_violation(self) -> None:
        """Note that a message came that cannot be an answer."""

    def end(self) -> None:
        """End the responder, whose answers are not trusted any more."""


class ImmediateResponder:
    """Base class of responders that need no student process: each answer is made when fetched."""

    def ask(self, calls: Sequence[wire.Call]) -> None:
        """Do nothing: a call is answered when its answer is fetched."""

    @property
    def has_answered(self) -> bool:
        """Return False: the answer is made when it is fetched."""
        return False

    def cpu(self) -> float:
        """Return zero: the time of these answers is not charged to a student."""
        return 0.0

    def protocol_violation(self) -> None:
        """Do nothing: these answers are our own."""

    def end(self) -> None:
        """Do nothing: there is no process to end."""


@dataclass(frozen=True, eq=False)
class CallRequest:
    """A call that a check makes.

    Attributes:
        call: the message that is sent.
        words: the call as messages show it.
        names: the names of its arguments.
    """

    call: wire.Call
    words: str
    names: Sequence[str]

    @cached_property
    def size(self) -> int:
        """Return the number of bytes that the call takes when it is sent."""
        return len(msgspec.msgpack.encode(self.call))

    @cached_property
    def sent(self) -> bytes:
        """Return the encoded arguments, to be compared with those that come back."""
        return wire.sent(self.call)


class PendingCall(Answer):
    """The answer to a call that may not have come yet; reading its value waits for it.

    Args:
        request: the call.
        budget: the budget that pays for decoding the answer.
        look: called when the check reads the answer, with whether it has come; it fetches the
            answer if it has not.

    Attributes:
        looked_at: whether the check has read the answer.
        fork: the responder that was asked; None until the call is sent.
        failure: the exception that stands for the value, if there is none.
    """

    def __init__(self, request: CallRequest, budget: Budget, look: Callable[[bool], None]) -> None:
        super().__init__(None, request.words, self._find_altered)
        self.request = request
        self.budget = budget
        self.look = look
        self.looked_at = False
        self.fork: Responder | None = None
        self.failure: Exception | None = None
        self._answer: wire.Sealed | wire.Returned | None = None
        self._opened = False

    @property
    def call(self) -> wire.Call:
        """The call that was sent."""
        return self.request.call

    @property
    def names(self) -> Sequence[str]:
        """The names of the call's arguments."""
        return self.request.names

    @property
    def ended(self) -> bool:
        """Whether the call has an answer or a failure."""
        return self._answer is not None or self.failure is not None

    def _read(self) -> object:
        """Return what the function returned.

        Raises:
            StudentError: the function raised an exception.
            NoSuchFunction: the notebook defines no such function.
            TimedOut: the function did not return in time.
            Crashed: the process ended, or sent a message that no function can cause.
        """
        self.wait()
        return self._value

    @property
    def returned(self) -> wire.Returned | None:
        """The answer as it was sent, if one came."""
        self._open()
        return self._answer if isinstance(self._answer, wire.Returned) else None

    @property
    def denied(self) -> wire.Denied | None:
        """What the sandbox did not give during the call, if it returned."""
        return self._answer.denied if self._answer is not None else None

    @property
    def sealed(self) -> wire.Sealed | None:
        """The answer before it is decoded, if it has not been decoded."""
        return self._answer if isinstance(self._answer, wire.Sealed) else None

    def wait(self) -> None:
        """Wait for the answer; raise what reading its value raises."""
        self.looked_at = True
        self.look(self.ended)
        self._open()
        if self.failure is not None:
            raise self.failure

    def settle(self, answer: wire.FromFork | wire.Returned) -> None:
        """Accept the answer."""
        if isinstance(answer, wire.Missing):
            self.failure = NoSuchFunction(self.call.function)
        elif isinstance(answer, wire.Failed):
            self.failure = StudentError(self.name, answer.error)
        else:
            self._answer = answer

    def _open(self) -> None:
        """Decode the answer; a message that an unaltered process never sends ends the process."""
        if self._opened or self._answer is None:
            return
        self._opened = True
        start = time.thread_time()
        answer, self._answer = self._answer, None
        try:
            opened = answer.open(self.request.sent) if isinstance(answer, wire.Sealed) else answer
            weight = sum(map(wire.weight, (opened.value, *(opened.arguments or ()))))
            # As many bytes as came were charged when they came.
            self.budget.bytes -= max(0, weight - wire.size_of(answer))
            if self.budget.bytes < 0:
                self.failure = StudentError(self.name, TOO_MUCH)
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
