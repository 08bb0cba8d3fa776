"""Asks a mistake, or the reference, what a learner's functions were asked, in the same order."""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec

from autograder.checking.likeness import Said
from autograder.checking.understudy import NOT_ANSWERED, Understudy
from autograder.sandbox import wire

KEPT = 64 * 1024**2
"""Bytes of answers that are kept for the next learner."""


class NotAnswered(Exception):
    """A mistake, or the reference, took too long over a call, or too much memory."""


class Replayer:
    """Answers calls with mistaken functions; a class that asks the same is answered once.

    Args:
        reference: the path of the reference.
    """

    def __init__(self, reference: Path) -> None:
        self.understudy = Understudy(reference)
        self.kept: dict[bytes, Said] = {}
        self.size = 0
        self.live = b""

    def start(self, source: str) -> Replay:
        """A new copy of the reference with this source in it; "" for the reference as it is."""
        return Replay(self, source)

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

    def keep(self, state: bytes, answer: Said) -> None:
        """Keeps an answer for the next learner whose function is asked the same."""
        self.size += wire.size(answer.value) if isinstance(answer, wire.Returned) else 0
        if self.size > KEPT:
            self.kept.clear()
            self.size = 0
        self.kept[state] = answer


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

    def ask(self, call: wire.Call) -> Said:
        """The answer to the next call.

        Raises:
            NotAnswered: there is none.
        """
        replayer, before = self.replayer, self.state
        self.state = hashlib.blake2b(before + msgspec.msgpack.encode(call)).digest()
        answer = replayer.kept.get(self.state)
        if answer is None:
            if replayer.live != before:
                replayer.understudy.become(self.source)
                for each in self.before:
                    replayer.perform(each)
            answer = replayer.perform(call)
            replayer.live = self.state
            replayer.keep(self.state, answer)
        self.before.append(call)
        return answer
