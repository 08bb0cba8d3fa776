"""Changed copies of a student's function are called together; one that is lost costs no other."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from autograder.checking.diagnosis import own_code
from autograder.checking.diagnosis.own_code import Caller
from autograder.checking.diagnosis.replay import NotAnswered
from autograder.sandbox.host.process import TimedOut
from autograder.sandbox.protocol import wire

ENDLESS = 7


class FakeFork:
    """Answers calls with their argument; the argument ENDLESS has no answer."""

    def __init__(self, session: FakeSession) -> None:
        self.session = session
        self.ended = False

    def ask(self, calls: Sequence[wire.Call]) -> None:
        assert not self.ended
        self.session.asked.append([call.arguments[0] for call in calls])

    def opened_answer(self, call: wire.Call, limit: object) -> wire.ByFork:
        del limit
        self.session.used += self.session.takes
        if call.arguments[0] == ENDLESS:
            self.session.used += 0.5
            raise TimedOut
        return wire.Returned(0, call.arguments[0], None)

    def end(self) -> None:
        self.ended = True


class FakeSession:
    """Notes the messages, and the time of calls without an answer."""

    def __init__(self) -> None:
        self.asked: list[list[object]] = []
        self.used = self.takes = 0.0

    def fork(self) -> FakeFork:
        return FakeFork(self)

    def note(self, fork: FakeFork) -> None:
        pass


@pytest.fixture
def session() -> FakeSession:
    return FakeSession()


@pytest.fixture
def caller(session: FakeSession) -> Caller:
    return Caller(session)  # type: ignore[arg-type]


def calls(*numbers: int) -> list[wire.Call]:
    return [wire.Call(0, own_code.COPY, (number,), ()) for number in numbers]


def test_all_calls_go_in_one_message(caller: Caller, session: FakeSession) -> None:
    assert caller.ask(calls(1, 2, 3)) == [{("returned",): number} for number in (1, 2, 3)]
    assert session.asked == [[1, 2, 3]]


def test_a_call_without_an_answer_costs_no_other_call_its_answer(
    caller: Caller, session: FakeSession
) -> None:
    assert caller.ask(calls(1, ENDLESS, 3)) == [{("returned",): 1}, {}, {("returned",): 3}]
    assert session.asked == [[1, ENDLESS, 3], [ENDLESS], [3]]
    assert caller.lost == 1


def test_a_call_that_was_repeated_alone_takes_its_time_once(
    caller: Caller, session: FakeSession
) -> None:
    caller.ask(calls(1, ENDLESS))
    assert session.used - caller.start == 0.5


def test_messages_that_are_lost_again_and_again_are_paid_for(
    caller: Caller, session: FakeSession
) -> None:
    lost = False
    ends, session.takes = own_code.CALL_TIME.cpu, 0.0

    def answer(fork: FakeFork, call: wire.Call, _limit: object) -> wire.ByFork:
        nonlocal lost
        lost = not lost and len(fork.session.asked[-1]) > 1
        if lost:
            fork.session.used += ends
            raise TimedOut
        return wire.Returned(0, call.arguments[0], None)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(FakeFork, "opened_answer", answer)
        with pytest.raises(NotAnswered):
            [caller.ask(calls(1, 2)) for _ in range(100)]
    assert session.used <= 2 * own_code.SECONDS + 2 * ends


def test_too_many_calls_without_an_answer_end_the_search(caller: Caller) -> None:
    lost = calls(*[ENDLESS] * (own_code.MAX_LOST + 1))
    assert caller.ask(lost) == [{}] * len(lost)
    with pytest.raises(NotAnswered):
        caller.ask(calls(1))


def test_the_time_of_all_calls_is_limited_within_a_message_too(
    caller: Caller, session: FakeSession
) -> None:
    session.takes = own_code.SECONDS / 10
    with pytest.raises(NotAnswered):
        caller.ask(calls(*range(100, 200)))
    assert session.used <= own_code.SECONDS + 2 * session.takes


def test_calls_too_large_for_one_message_go_in_several(
    caller: Caller, session: FakeSession
) -> None:
    large = "0" * 30_000
    several = [wire.Call(0, own_code.COPY, (number, large), ()) for number in range(3)]
    assert len(caller.ask(several)) == 3
    assert session.asked == [[0], [1], [2]]
