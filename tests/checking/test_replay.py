"""What mistakes answer is kept for the class, within bounds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from autograder.checking.diagnosis import replay
from autograder.checking.diagnosis.comparison import AnswerPath
from autograder.checking.diagnosis.replay import Replayer

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
