"""Repeat a student's calls on a known mistake or on the reference, in the same order."""

from __future__ import annotations

import hashlib
import math
import sys
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
from autograder.checking.judge.student import MAX_BYTES_IN_FLIGHT
from autograder.sandbox.host.monitor import ProcessDeaths
from autograder.sandbox.protocol import wire
from autograder.sandbox.protocol.limits import TimeLimit

MAX_CACHED_BYTES = 48 * 1024**2
"""Size of all answers that are cached for the next student."""


MAX_AHEAD = 16
"""Calls of a mistake that are made before the answers to the calls before them are compared."""


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
        below: dict[AnswerPath, set[AnswerPath]] = {}
        for path in theirs:
            below.setdefault(path[:2], set()).add(path[2:])
        keyed = [{path[2:] for path in p} for p in inside.values() if _is_keyed(p)]
        strange = [
            paths
            for value, paths in inside.items()
            if not paths & theirs and not any(keys <= below.get(value, set()) for keys in keyed)
        ]
        values = {path[:2] for path in theirs if path[0] == "returned"}
        return frozenset().union(*(p for p in strange if {each[:2] for each in p} <= values))

    def alike(self, other: AnswerSeries, path: AnswerPath) -> bool:
        """Return whether another function has answered the same at a path in every call."""
        pairs = zip(self.answers, other.answers, strict=True)
        return all(equal_at(one, two, path) for one, two in pairs)

    def drawn_right(self, path: AnswerPath) -> bool:
        """Return whether the numbers at a path could be draws of the reference."""
        if path not in self._drawn_right:
            like = self.right is None or self.draws.same_distribution(self.right.draws, path)
            self._drawn_right[path] = like
        return self._drawn_right[path]


def _is_keyed(paths: set[AnswerPath]) -> bool:
    """Return whether all parts of a value stand under keys: where they stand, the value stands."""
    return all(isinstance(path[2], str) for path in paths)


class CallSeries:
    """The calls of a student's processes, seen from one function.

    Args:
        function: the name of the function.
        calls: the calls of all functions, process by process, in order.

    Attributes:
        key: a hash of the function's name and the calls.
        digests: a hash of each call.
    """

    def __init__(self, function: str, calls: Sequence[Sequence[wire.Call]]) -> None:
        self.function = function
        self.calls = calls
        self.digests = [list(map(digest, every)) for every in calls]
        ones = (b"".join([b"process", *every]) for every in self.digests)
        self.key = hashlib.blake2b(b"".join([function.encode(), *ones])).digest()


def digest(call: wire.Call) -> bytes:
    """Return a hash of a call."""
    return hashlib.blake2b(msgspec.msgpack.encode(call), digest_size=16).digest()


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
            answers = list(self.answers_of(series, source, sys.maxsize))
            self.series_cache[key] = AnswerSeries(
                answers, self.play(series, "") if source else None
            )
        return self.series_cache[key]

    def answers_of(self, series: CallSeries, source: str, ahead: int = 1) -> Iterator[Parts]:
        """Yield a mistaken function's answers, each computed when it is needed.

        Args:
            series: the calls.
            source: changes the reference; "" for the reference as it is.
            ahead: how many of the first answers are computed together. Most mistakes are ruled out
                by the first; the more answers have been needed, the more are computed together.
        """
        cached = self.series_cache.get((series.key, source))
        if cached is not None:
            yield from cached.answers
            return
        for calls, digests in zip(series.calls, series.digests, strict=True):
            replay = self.start(source)
            wanted = [n for n, call in enumerate(calls) if call.function == series.function]
            while wanted:
                now, wanted = wanted[:ahead], wanted[ahead:]
                for number in range(len(replay.calls), now[-1] + 1):
                    replay.put(calls[number], digests[number])
                yield from replay.parts_of(now)
                ahead = max(ahead, min(2 * ahead, MAX_AHEAD))

    def ask(self, calls: Sequence[wire.Call], source: str | None) -> list[RawAnswer]:
        """Return the answers of the reference process, up to the first call that has none.

        Args:
            calls: the calls.
            source: if given, a source that changes a new copy of the reference first.
        """
        answers: list[RawAnswer] = []
        for several in batches(calls):
            if self.reference_server.spent > self.cpu_deadline:
                break
            answers += self.reference_server.answers(several, source, self.cpu_deadline)
            source = None
            if answers[-1] is NOT_ANSWERED:
                answers.pop()
                break
        return answers

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

    Attributes:
        calls: the calls that are known so far.
        states: a hash of what the process is after each number of calls.
        done: how many of the answers have been fetched.
        answers: those that have come and not been fetched, by the number of their call.
    """

    def __init__(self, replayer: Replayer, source: str) -> None:
        self.replayer = replayer
        self.source = source
        self.calls: list[wire.Call] = []
        self.states = [hashlib.blake2b(source.encode(), digest_size=16).digest()]
        self.done = 0
        self.answers: dict[int, RawAnswer] = {}

    def put(self, call: wire.Call, its_digest: bytes | None = None) -> None:
        """Add a call to those that are known."""
        self.calls.append(call)
        state = self.states[-1] + (its_digest or digest(call))
        self.states.append(hashlib.blake2b(state, digest_size=16).digest())

    def ask(self, calls: Sequence[wire.Call]) -> None:
        """Accept calls, which are sent together when the first answer is fetched."""
        for call in calls:
            self.put(call)

    def answer(self, call: wire.Call, _limit: TimeLimit | None = None) -> RawAnswer:
        """Return the answer to the next call.

        Raises:
            NotAnswered: there is no answer.
        """
        number, self.done = self.done, self.done + 1
        if number == len(self.calls):
            self.put(call)
        if number not in self.answers:
            self.answers |= self._answers(number, len(self.calls))
        if number not in self.answers:
            raise NotAnswered
        return self.answers.pop(number)

    def _answers(self, first: int, end: int) -> dict[int, RawAnswer]:
        """Return the answers to calls by number, as far as they come.

        The process makes the calls before them too, from where it is.
        """
        replayer = self.replayer
        states = self.states[: first + 1]
        is_there = replayer.process_state in states
        made = states.index(replayer.process_state) if is_there else 0
        replayer.process_state = b""
        answers = replayer.ask(self.calls[made:end], None if is_there else self.source)
        if len(answers) == end - made:
            replayer.process_state = self.states[end]
        return dict(enumerate(answers[first - made :], first))

    def parts_of(self, numbers: Sequence[int]) -> Iterator[Parts]:
        """Yield the parts of the answers to some calls.

        Raises:
            NotAnswered: one of them has no answer.
        """
        states = [self.states[number + 1] for number in numbers]
        found = [self.replayer.cache.get(state) for state in states]
        missing = [number for number, known in zip(numbers, found, strict=True) if known is None]
        answers = self._answers(missing[0], missing[-1] + 1) if missing else {}
        for number, state, known in zip(numbers, states, found, strict=True):
            if known is None and number not in answers:
                raise NotAnswered
            yield self._cached(state, answers[number]) if known is None else known

    def _cached(self, state: bytes, answer: RawAnswer) -> Parts:
        size = wire.size(answer.value) if isinstance(answer, wire.Returned) else 100
        return self.replayer.cache_parts(state, flatten(answer), size)


def batches(calls: Sequence[wire.Call]) -> Iterator[Sequence[wire.Call]]:
    """Divide calls into as many at once as a process can have unread."""
    start = size = 0
    for number, call in enumerate(calls):
        its_size = len(msgspec.msgpack.encode(call))
        if number > start and size + its_size > MAX_BYTES_IN_FLIGHT:
            yield calls[start:number]
            start, size = number, 0
        size += its_size
    if start < len(calls):
        yield calls[start:]
