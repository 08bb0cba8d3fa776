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
    Said,
    differing_paths,
    equal_at,
    flatten,
)
from autograder.checking.diagnosis.distributions import Draws
from autograder.checking.judge.calls import ImmediateResponder
from autograder.checking.judge.reference_server import NOT_ANSWERED, ReferenceServer
from autograder.sandbox.host.monitor import ProcessDeaths
from autograder.sandbox.protocol import wire
from autograder.sandbox.protocol.limits import TimeLimit

KEPT = 128 * 1024**2
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
        self.understudy = ReferenceServer(reference, losses)
        self.kept: dict[bytes, Parts] = {}
        self.arrays = WeakValueDictionary[bytes, npt.NDArray[Any]]()
        self.played: dict[tuple[bytes, str], AnswerSeries] = {}
        self.size = 0
        self.live = b""
        self.last = math.inf

    def may_take(self, seconds: float) -> None:
        """Bounds the CPU time that what is asked from now on may take together."""
        self.last = self.understudy.spent + seconds

    def start(self, source: str) -> Replay:
        """A new copy of the reference with this source in it; "" for the reference as it is."""
        return Replay(self, source)

    def play(self, series: CallSeries, source: str) -> AnswerSeries:
        """What a mistaken function answers to a series of calls.

        Raises:
            NotAnswered: one of them has no answer.
        """
        key = (series.key, source)
        if key not in self.played:
            answers = list(self.performance(series, source))
            self.played[key] = AnswerSeries(answers, self.play(series, "") if source else None)
        return self.played[key]

    def performance(self, series: CallSeries, source: str) -> Iterator[Parts]:
        """The same answers, each asked for only when somebody wants it."""
        played = self.played.get((series.key, source))
        if played is not None:
            yield from played.answers
            return
        for calls in series.calls:
            replay = self.start(source)
            for call in calls:
                answer = replay.parts(call)
                if call.function == series.function:
                    yield answer

    def perform(self, call: wire.Call) -> Said:
        """Has a call answered by whoever the understudy is now.

        Raises:
            NotAnswered: there is no answer.
        """
        self.live = b""
        if self.understudy.spent > self.last:
            raise NotAnswered
        answer = self.understudy.answer(call)
        if answer is NOT_ANSWERED:
            raise NotAnswered
        return answer

    def keep(self, state: bytes, answer: Parts, size: int) -> Parts:
        """Keeps an answer for the next learner whose function is asked the same.

        Most of what a mistake answers is what the reference does: of equal arrays one is kept.
        """
        found = {place: self._one_of(value) for place, value in answer.items()}
        again = (value for place, value in found.items() if value is not answer[place])
        self.size += size - sum(value.nbytes for value in again if isinstance(value, np.ndarray))
        if self.size > KEPT:
            self.kept.clear()
            self.played.clear()
            self.size = size
        self.kept[state] = found
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
        self.before: list[wire.Call] = []

    def said(self, call: wire.Call) -> Said:
        """The answer to the next call.

        Raises:
            NotAnswered: there is none.
        """
        replayer = self.replayer
        if replayer.live != self.state:
            replayer.understudy.become(self.source)
            for each in self.before:
                replayer.perform(each)
        answer = replayer.perform(call)
        self._pass(call)
        replayer.live = self.state
        return answer

    def parts(self, call: wire.Call) -> Parts:
        """What there is to compare of the answer to the next call.

        Raises:
            NotAnswered: there is none.
        """
        known = self.replayer.kept.get(self._after(call))
        if known is None:
            answer = self.said(call)
            size = wire.size(answer.value) if isinstance(answer, wire.Returned) else 100
            known = self.replayer.keep(self.state, flatten(answer), size)
        else:
            self._pass(call)
        return known

    def _after(self, call: wire.Call) -> bytes:
        return hashlib.blake2b(self.state + msgspec.msgpack.encode(call)).digest()

    def _pass(self, call: wire.Call) -> None:
        self.state = self._after(call)
        self.before.append(call)

    # As a fork of a learner's process, so that a check can be asked what it makes of a mistake:

    def answer(self, call: wire.Call, _limit: TimeLimit) -> Said:
        """The answer to the next call.

        Raises:
            NotAnswered: there is none.
        """
        return self.said(call)
