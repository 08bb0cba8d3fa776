"""The answers of mistakes: how they are computed, and what is kept of them for the class."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from autograder.checking.diagnosis import replay
from autograder.checking.diagnosis.comparison import AnswerPath, Parts, RawAnswer
from autograder.checking.diagnosis.replay import CallSeries, NotAnswered, Replayer
from autograder.checking.judge.reference_server import ANSWER_SECONDS
from autograder.sandbox.protocol import wire

W: AnswerPath = ("returned", "W1")
B: AnswerPath = ("returned", "b1")


@pytest.fixture
def replayer() -> Replayer:
    return Replayer(Path("reference.py"))  # which nobody asks here


def test_equal_arrays_are_kept_and_counted_once(replayer: Replayer) -> None:
    right = replayer.cache_parts(b"right", {W: np.arange(1000.0), B: np.zeros(4)}, 8100)
    wrong = replayer.cache_parts(b"wrong", {W: np.arange(1000.0), B: np.ones(4)}, 8100)
    assert wrong[W] is right[W]
    assert wrong[B] is not right[B]
    assert replayer.cached_bytes == 8100 + 100


def test_arrays_of_other_shapes_or_types_are_others(replayer: Replayer) -> None:
    several = [np.zeros(4), np.zeros((4, 1)), np.zeros((2, 2)), np.zeros(4, np.int64)]
    kept = [
        replayer.cache_parts(bytes([number]), {W: each}, 32) for number, each in enumerate(several)
    ]
    assert [answer[W] is each for answer, each in zip(kept, several, strict=True)] == [True] * 4


def test_no_more_is_kept_than_there_is_room_for(
    replayer: Replayer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replay, "MAX_CACHED_BYTES", 20_000)
    for number in range(10):
        replayer.cache_parts(bytes([number]), {W: np.full(1000, float(number))}, 8000)
        assert sum(answer[W].nbytes for answer in replayer.cache.values()) <= 20_000  # type: ignore[attr-defined]
    assert bytes([9]) in replayer.cache


REFERENCE = """
import time
seen = []
def f(x):
    seen.append(x)
    return len(seen) * x
def g(x):
    seen.append(x)
"""
WRONG = "def f(x):\n    seen.append(x)\n    return -len(seen) * x\n"


class Counted(Replayer):
    """A replayer that notes the calls of each message, and whether it starts a new copy."""

    def __init__(self, reference: Path) -> None:
        super().__init__(reference)
        self.sent: list[tuple[bool, list[int]]] = []

    def ask(self, calls: Sequence[wire.Call], source: str | None) -> list[RawAnswer]:
        """Note the arguments."""
        self.sent.append((source is not None, [call.arguments[0] for call in calls]))  # type: ignore[misc]
        return super().ask(calls, source)


@pytest.fixture
def counted(tmp_path: Path) -> Iterator[Counted]:
    path = tmp_path / "reference.py"
    path.write_text(REFERENCE)
    made = Counted(path)
    yield made
    made.reference_server.end()


def series(*calls: tuple[str, int]) -> CallSeries:
    return CallSeries("f", [[wire.Call(0, function, (x,), ()) for function, x in calls]])


def returned(answers: Sequence[Parts]) -> list[object]:
    return [answer["returned",] for answer in answers]


def test_all_answers_of_the_reference_come_together(counted: Counted) -> None:
    every = series(("f", 2), ("g", 3), ("f", 5))
    assert returned(counted.play(every, "").answers) == [2, 15]
    assert counted.sent == [(True, [2, 3, 5])]


def test_a_mistake_makes_no_call_behind_the_one_that_rules_it_out(counted: Counted) -> None:
    answers = counted.answers_of(series(("g", 3), ("f", 2), ("f", 5), ("f", 7)), WRONG)
    assert next(answers)["returned",] == -4
    assert counted.sent == [(True, [3, 2])]
    assert returned(list(answers)) == [-15, -28]
    assert counted.sent[1:] == [(False, [5, 7])]


def test_a_process_goes_on_where_it_is_and_known_answers_are_not_computed_again(
    counted: Counted,
) -> None:
    counted.play(series(("f", 2), ("f", 3)), WRONG)
    counted.sent.clear()
    more = series(("f", 2), ("f", 3), ("f", 4), ("f", 5))
    assert returned(list(counted.answers_of(more, WRONG))) == [-2, -6, -12, -20]
    assert counted.sent == [(True, [2, 3, 4]), (False, [5])]


def test_answers_before_one_that_does_not_come_are_still_yielded(counted: Counted) -> None:
    ends = "import os\ndef f(x): return x if x < 4 else os._exit(1)\n"
    answers = counted.answers_of(series(("f", 2), ("f", 3), ("f", 4)), ends)
    assert [next(answers), next(answers)] == [{("returned",): 2}, {("returned",): 3}]
    with pytest.raises(NotAnswered):
        next(answers)
    assert returned(counted.play(series(("f", 2)), "").answers) == [2]


def test_the_calls_of_a_check_are_made_together_when_an_answer_is_fetched(counted: Counted) -> None:
    calls = [wire.Call(0, "f", (x,), ()) for x in (2, 3)]
    replaying = counted.start("")
    replaying.ask(calls)
    assert counted.sent == []
    answers = list(map(replaying.answer, calls))
    assert [each.value for each in answers if isinstance(each, wire.Returned)] == [2, 6]
    assert counted.sent == [(True, [2, 3])]


def test_the_time_of_all_answers_is_limited_within_a_message_too(counted: Counted) -> None:
    slow = (
        "def f(x):\n    end = time.process_time() + 0.1\n    while time.process_time() < end: pass"
    )
    every = CallSeries("f", [[wire.Call(0, "f", (x,), ()) for x in range(20)]])
    counted.may_take(0.25)
    with pytest.raises(NotAnswered):
        list(counted.answers_of(every, slow, ahead=20))
    assert counted.reference_server.spent < 0.25 + 0.2 + ANSWER_SECONDS
