"""Asks a mistake, or the reference, what a learner's functions were asked, in the same order."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

import msgspec
import numpy as np
import numpy.typing as npt

from autograder.checking.diagnosis.comparison import (
    AnswerPath,
    Parts,
    RawAnswer,
    differing_paths,
    equal_at,
    flatten,
)
from autograder.checking.diagnosis.distributions import Draws
from autograder.checking.judge.calls import ImmediateResponder
from autograder.checking.judge.reference_server import NOT_ANSWERED, ReferenceServer
from autograder.sandbox.host.monitor import ProcessDeaths
from autograder.sandbox.host.process import Limits
from autograder.sandbox.protocol import wire

MAX_CACHED_BYTES = 128 * 1024**2
"""Bytes of answers that are kept for the next learner."""


class NotAnswered(Exception):
    """A mistake, or the reference, took too long over a call, or too much memory."""


class AnswerSeries:
    """What a function has answered, call by call.

    Args:
        answers: what there is to compare of each.
        right: what the reference has answered; None for the reference itself, and for a learner.
    """

    def __init__(self, answers: Sequence[Parts], right: AnswerSeries | None = None) -> None:
        self.answers = answers
        self.right = right
        self._drawn_right: dict[AnswerPath, bool] = {}

    @cached_property
    def draws(self) -> Draws:
        """The numbers in them, as random draws."""
        return Draws(self.answers)

    @cached_property
    def wrong(self) -> frozenset[AnswerPath]:
        """The places at which the answer is not right, in any call."""
        if self.right is None:
            return frozenset()
        return frozenset().union(*map(differing_paths, self.answers, self.right.answers))

    def alike(self, other: AnswerSeries, place: AnswerPath) -> bool:
        """Whether another function has answered the same at a place, in every call."""
        pairs = zip(self.answers, other.answers, strict=True)
        return all(equal_at(one, two, place) for one, two in pairs)

    def drawn_right(self, place: AnswerPath) -> bool:
        """Whether the numbers at a place could be draws of the reference's."""
        if place not in self._drawn_right:
            like = self.right is None or self.draws.same_distribution(self.right.draws, place)
            self._drawn_right[place] = like
        return self._drawn_right[place]


class CallSeries:
    """What one function of a learner's was asked.

    Args:
        function: its name.
        calls: of any function, process by process, in order.

    Attributes:
        key: tells it from other series.
    """

    def __init__(self, function: str, calls: Sequence[Sequence[wire.Call]]) -> None:
        self.function = function
        self.calls = calls
        self.key = hashlib.blake2b(msgspec.msgpack.encode((function, calls))).digest()


class Replayer:
    """Answers calls with mistaken functions; a class that asks the same is answered once.

    Args:
        reference: the path of the reference.
        losses: is told when the process that answers has ended, and not from here.
    """

    def __init__(self, reference: Path, losses: ProcessDeaths | None = None) -> None:
        self.reference_server = ReferenceServer(reference, losses)
        self.cache: dict[bytes, Parts] = {}
        self.arrays = WeakValueDictionary[bytes, npt.NDArray[Any]]()
        self.series_cache: dict[tuple[bytes, str], AnswerSeries] = {}
        self.cached_bytes = 0
        self.process_state = b""
        self.cpu_deadline = math.inf

    def may_take(self, seconds: float) -> None:
        """Bounds the CPU time that what is asked from now on may take together."""
        self.cpu_deadline = self.reference_server.spent + seconds

    def start(self, source: str) -> Replay:
        """A new copy of the reference with this source in it; "" for the reference as it is."""
        return Replay(self, source)

    def play(self, series: CallSeries, source: str) -> AnswerSeries:
        """What a mistaken function answers to a series of calls.

        Raises:
            NotAnswered: one of them has no answer.
        """
        key = (series.key, source)
        if key not in self.series_cache:
            answers = list(self.answers_of(series, source))
            self.series_cache[key] = AnswerSeries(
                answers, self.play(series, "") if source else None
            )
        return self.series_cache[key]

    def answers_of(self, series: CallSeries, source: str) -> Iterator[Parts]:
        """The same answers, each asked for only when somebody wants it."""
        cached = self.series_cache.get((series.key, source))
        if cached is not None:
            yield from cached.answers
            return
        for calls in series.calls:
            replay = self.start(source)
            for call in calls:
                answer = replay.parts(call)
                if call.function == series.function:
                    yield answer

    def ask(self, call: wire.Call) -> RawAnswer:
        """Has a call answered by whoever the understudy is now.

        Raises:
            NotAnswered: there is no answer.
        """
        self.process_state = b""
        if self.reference_server.spent > self.cpu_deadline:
            raise NotAnswered
        answer = self.reference_server.answer(call)
        if answer is NOT_ANSWERED:
            raise NotAnswered
        return answer

    def cache_parts(self, state: bytes, answer: Parts, size: int) -> Parts:
        """Keeps an answer for the next learner whose function is asked the same.

        Most of what a mistake answers is what the reference does: of equal arrays one is kept.
        """
        found = {place: self._one_of(value) for place, value in answer.items()}
        again = (value for place, value in found.items() if value is not answer[place])
        self.cached_bytes += size - sum(
            value.nbytes for value in again if isinstance(value, np.ndarray)
        )
        if self.cached_bytes > MAX_CACHED_BYTES:
            self.cache.clear()
            self.series_cache.clear()
            self.cached_bytes = size
        self.cache[state] = found
        return found

    def _one_of(self, value: object) -> object:
        if not isinstance(value, np.ndarray):
            return value
        form = f"{value.dtype.str} {value.shape} ".encode()
        return self.arrays.setdefault(hashlib.blake2b(form + value.tobytes()).digest(), value)


class Replay(ImmediateResponder):
    """One series of calls; what the earlier ones left behind, a later one finds.

    Args:
        replayer: who answers.
        source: of the mistaken function; "" for the reference.
    """

    def __init__(self, replayer: Replayer, source: str) -> None:
        self.replayer = replayer
        self.source = source
        self.state = hashlib.blake2b(source.encode(), digest_size=16).digest()
        self.earlier_calls: list[wire.Call] = []

    def answer(self, call: wire.Call, _limits: Limits | None = None) -> RawAnswer:
        """The answer to the next call.

        Raises:
            NotAnswered: there is none.
        """
        replayer = self.replayer
        if replayer.process_state != self.state:
            replayer.reference_server.become(self.source)
            for each in self.earlier_calls:
                replayer.ask(each)
        answer = replayer.ask(call)
        self._pass(call)
        replayer.process_state = self.state
        return answer

    def parts(self, call: wire.Call) -> Parts:
        """What there is to compare of the answer to the next call.

        Raises:
            NotAnswered: there is none.
        """
        known = self.replayer.cache.get(self._after(call))
        if known is None:
            answer = self.answer(call)
            size = wire.size(answer.value) if isinstance(answer, wire.Returned) else 100
            known = self.replayer.cache_parts(self.state, flatten(answer), size)
        else:
            self._pass(call)
        return known

    def _after(self, call: wire.Call) -> bytes:
        return hashlib.blake2b(self.state + msgspec.msgpack.encode(call)).digest()

    def _pass(self, call: wire.Call) -> None:
        self.state = self._after(call)
        self.earlier_calls.append(call)
