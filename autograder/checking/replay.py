"""Asks a mistake, or the reference, what a learner's functions were asked, in the same order."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import msgspec

from autograder.checking.draws import Draws
from autograder.checking.likeness import Parts, Place, Said, alike, parts, unlike
from autograder.checking.understudy import NOT_ANSWERED, Understudy
from autograder.sandbox import wire
from autograder.sandbox.host import Limits

KEPT = 64 * 1024**2
"""Bytes of answers that are kept for the next learner."""


class NotAnswered(Exception):
    """A mistake, or the reference, took too long over a call, or too much memory."""


@dataclass(frozen=True)
class Answered:
    """An answer, as it crossed and taken apart.

    Attributes:
        said: the answer.
        parts: what there is to compare of it.
    """

    said: Said
    parts: Parts


class Played:
    """What a function has answered, call by call.

    Args:
        answers: what there is to compare of each.
    """

    def __init__(self, answers: Sequence[Parts]) -> None:
        self.answers = answers

    @cached_property
    def draws(self) -> Draws:
        """The numbers in them, as random draws."""
        return Draws(self.answers)

    def unlike(self, other: Played) -> frozenset[Place]:
        """The places at which another function has answered otherwise, in any call."""
        return frozenset().union(*map(unlike, self.answers, other.answers))

    def alike(self, other: Played, place: Place) -> bool:
        """Whether another function has answered the same at a place, in every call."""
        pairs = zip(self.answers, other.answers, strict=True)
        return all(
            alike(one[place], two[place])
            if place in one and place in two
            else place not in one and place not in two
            for one, two in pairs
        )


class Series:
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
    """

    def __init__(self, reference: Path) -> None:
        self.understudy = Understudy(reference)
        self.kept: dict[bytes, Answered] = {}
        self.played: dict[tuple[bytes, str], Played] = {}
        self.size = 0
        self.live = b""

    def start(self, source: str) -> Replay:
        """A new copy of the reference with this source in it; "" for the reference as it is."""
        return Replay(self, source)

    def play(self, series: Series, source: str) -> Played:
        """What a mistaken function answers to a series of calls.

        Raises:
            NotAnswered: one of them has no answer.
        """
        key = (series.key, source)
        if key not in self.played:
            answers = []
            for calls in series.calls:
                replay = self.start(source)
                answered = [(call.function, replay.next(call).parts) for call in calls]
                answers += [parts for function, parts in answered if function == series.function]
            self.played[key] = Played(answers)
        return self.played[key]

    def perform(self, call: wire.Call) -> Said:
        """Has a call answered by whoever the understudy is now.

        Raises:
            NotAnswered: there is no answer.
        """
        self.live = b""
        answer = self.understudy.answer(call)
        if answer is NOT_ANSWERED:
            raise NotAnswered
        return answer

    def keep(self, state: bytes, answered: Answered) -> None:
        """Keeps an answer for the next learner whose function is asked the same."""
        answer = answered.said
        # Twice: as it crossed, and taken apart.
        self.size += 2 * wire.size(answer.value) if isinstance(answer, wire.Returned) else 100
        if self.size > KEPT:
            self.kept.clear()
            self.played.clear()
            self.size = 0
        self.kept[state] = answered


class Replay:
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

    def next(self, call: wire.Call) -> Answered:
        """The answer to the next call.

        Raises:
            NotAnswered: there is none.
        """
        replayer, before = self.replayer, self.state
        self.state = hashlib.blake2b(before + msgspec.msgpack.encode(call)).digest()
        answered = replayer.kept.get(self.state)
        if answered is None:
            if replayer.live != before:
                replayer.understudy.become(self.source)
                for each in self.before:
                    replayer.perform(each)
            answer = replayer.perform(call)
            answered = Answered(answer, parts(answer))
            replayer.live = self.state
            replayer.keep(self.state, answered)
        self.before.append(call)
        return answered

    # As a fork of a learner's process, so that a check can be asked what it makes of a mistake:

    def ask(self, calls: Sequence[wire.Call]) -> None:
        """Takes calls in; they are answered when they are fetched."""

    def answer(self, call: wire.Call, _limits: Limits) -> Said:
        """The answer to the next call.

        Raises:
            NotAnswered: there is none.
        """
        return self.next(call).said

    def cpu(self) -> float:
        """Seconds of CPU time: the understudy is limited by itself."""
        return 0.0
