"""What is kept of an answer, whatever it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from autograder.checking.judge.calls import Budget, CallRequest, PendingCall, StudentError
from autograder.sandbox.host.process import Crashed
from autograder.sandbox.protocol import wire
from autograder.sandbox.protocol.limits import TimeLimit


class Liar:
    """Stands in for a process that answers."""

    def __init__(self) -> None:
        self.lied = self.ended = False

    @property
    def has_answered(self) -> bool:
        return True

    def ask(self, _calls: Sequence[wire.Call]) -> None:
        pass

    def answer(self, call: wire.Call, _limit: TimeLimit) -> wire.Missing:
        return wire.Missing(call.number)

    def cpu(self) -> float:
        return 0.0

    def protocol_violation(self) -> None:
        self.lied = True

    def end(self) -> None:
        self.ended = True


def sealed(value: Any) -> wire.Sealed:
    body = msgspec.msgpack.encode(["returned", 1, value, []])
    return msgspec.msgpack.decode(body, type=wire.Sealed)


def asked_of(liar: Liar, budget: Budget) -> PendingCall:
    question = CallRequest(wire.Call(0, "f", (), ()), "f()", [])
    asked = PendingCall(question, budget, lambda _ended: None)
    asked.fork = liar
    return asked


def test_what_nobody_could_have_returned_is_not_kept_and_ends_who_sent_it() -> None:
    liar = Liar()
    asked = asked_of(liar, Budget())
    asked.settle(sealed(["list", [["list", [-1] * 90_000]] * 4]))
    with pytest.raises(Crashed) as crashed:
        asked.wait()
    assert crashed.value.__cause__ is None
    assert asked.returned is None
    assert (liar.lied, liar.ended) == (True, True)


def test_answers_are_charged_with_the_memory_that_they_take_once_they_are_decoded() -> None:
    budget, small = Budget(), ["list", [["list", [-1] * 60_000]] * 3]
    failures = []
    for _ in range(12):
        asked = asked_of(Liar(), budget)
        asked.settle(sealed(small))
        try:
            asked.wait()
        except StudentError as error:
            failures.append(error)
            assert asked.returned is None
    assert len(failures) > 2
    assert all("too large to be graded" in each.error.message for each in failures)


def test_an_array_takes_hardly_more_memory_than_it_has_bytes() -> None:
    budget = Budget()
    before = budget.bytes
    asked = asked_of(Liar(), budget)
    asked.settle(sealed(["array", "float64", [1000], bytes(8000), False]))
    asked.wait()
    assert 0 <= before - budget.bytes < 1000
