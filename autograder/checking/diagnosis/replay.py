"""Repeat a student's calls on a known mistake or on the reference, in the same order."""

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
from autograder.sandbox.protocol import wire
from autograder.sandbox.protocol.limits import TimeLimit

MAX_CACHED_BYTES = 128 * 1024**2
"""Size of all answers that are cached for the next student."""


class NotAnswered(Exception):
    """A mistake or the reference took too much time or memory for a call."""


class AnswerSeries:
    """A function's answers to a series of calls.

    Args:
        answers: the parts of each answer.
        right: the reference's answers to the same calls; None for the reference itself.
    """

    def __init__(self, answers: Sequence[Parts], right: AnswerSeries | None = None) -> None:
        self.answers = answers
        self.right = right
        self._drawn_right: dict[AnswerPath, bool] = {}

    @cached_property
    def draws(self) -> Draws:
        """The numbers in the answers, as random draws."""
        return Draws(self.answers)

    @cached_property
    def wrong(self) -> frozenset[AnswerPath]:
        """The paths at which an answer is wrong in any call."""
        if self.right is None:
            return frozenset()
        return frozenset().union(*map(differing_paths, self.answers, self.right.answers))

    @cached_property
    def paths(self) -> frozenset[AnswerPath]:
        """All paths of the answers and of the right ones."""
        right = self.right.answers if self.right is not None else ()
        return frozenset().union(*self.answers, *right)

    @cached_property
    def omits(self) -> bool:
        """Whether an answer lacks a path of the right one.

        Whatever returns something else altogether lacks this path too, so the rest of the answer
        must be equal before anything can be said about the one that is missing.
        """
        right = self.right.answers if self.right is not None else ()
        return any(one.keys() - two.keys() for one, two in zip(right, self.answers, strict=False))

    @cached_property
    def own_forms(self) -> frozenset[AnswerPath]:
        """The paths of values that are returned in a form of the student's own in every call.

        Caches are an example: no path of the right value is in the student's answers.
        """
        theirs = frozenset().union(*self.answers)
        inside: dict[AnswerPath, set[AnswerPath]] = {}
        for path in frozenset().union(*(self.right.answers if self.right is not None else ())):
            if path[0] == "returned" and len(path) > 2:
                inside.setdefault(path[:2], set()).add(path)
        strange = [paths for value, paths in inside.items() if not paths & theirs]
        values = {path[:2] for path in theirs if path[0] == "returned"}
        return frozenset().union(*(p for p in strange if {each[:2] for each in p} <= values))

    def alike(self, other: AnswerSeries, path: AnswerPath) -> bool:
        """Whether another function has answered the same at a path in every call."""
        pairs = zip(self.answers, other.answers, strict=True)
        return all(equal_at(one, two, path) for one, two in pairs)

    def drawn_right(self, path: AnswerPath) -> bool:
        """Whether the numbers at a path could be draws of the reference."""
        if path not in self._drawn_right:
            like = self.right is None or self.draws.same_distribution(self.right.draws, path)
            self._drawn_right[path] = like
        return self._drawn_right[path]


class CallSeries:
    """The calls of a student's processes, seen from one function.

    Args:
        function: the name of the function.
        calls: the calls of all functions, process by process, in order.

    Attributes:
        key: a hash of the function's name and the calls.
    """

    def __init__(self, function: str, calls: Sequence[Sequence[wire.Call]]) -> None:
        self.function = function
        self.calls = calls
        self.key = hashlib.blake2b(msgspec.msgpack.encode((function, calls))).digest()


class Replayer:
    """Answers calls with mistaken functions, and caches the answers for the class.

    Args:
        reference: the path of the reference solution.
        losses: notes when the process that answers has ended by itself.
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
        """Limit the CPU time that all further answers may take together."""
        self.cpu_deadline = self.reference_server.spent + seconds

    def start(self, source: str) -> Replay:
        """Start a replay on the reference changed by a source; "" for the reference as it is."""
        return Replay(self, source)

    def play(self, series: CallSeries, source: str) -> AnswerSeries:
        """Return a mistaken function's answers to a series of calls.

        Raises:
            NotAnswered: one of the calls has no answer.
        """
        key = (series.key, source)
        if key not in self.series_cache:
            answers = list(self.answers_of(series, source))
            self.series_cache[key] = AnswerSeries(
                answers, self.play(series, "") if source else None
            )
        return self.series_cache[key]

    def answers_of(self, series: CallSeries, source: str) -> Iterator[Parts]:
        """Yield a mistaken function's answers, each computed when it is needed."""
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
        """Return the answer of the reference process in its current state.

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
        """Cache an answer for the next student whose function gets the same calls.

        Most arrays that a mistake returns equal the reference's, so equal arrays are stored once.
        """
        found = {path: self._one_of(value) for path, value in answer.items()}
        again = (value for path, value in found.items() if value is not answer[path])
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
    """One process's calls in order: later calls see what earlier calls have left behind.

    Args:
        replayer: makes the answers.
        source: the source of the mistaken function; "" for the reference.
    """

    def __init__(self, replayer: Replayer, source: str) -> None:
        self.replayer = replayer
        self.source = source
        self.state = hashlib.blake2b(source.encode(), digest_size=16).digest()
        self.earlier_calls: list[wire.Call] = []

    def answer(self, call: wire.Call, _limit: TimeLimit | None = None) -> RawAnswer:
        """Return the answer to the next call.

        Raises:
            NotAnswered: there is no answer.
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
        """Return the parts of the answer to the next call.

        Raises:
            NotAnswered: there is no answer.
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
