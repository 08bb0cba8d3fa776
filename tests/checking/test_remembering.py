"""A class asks the same, and is answered once."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from autograder.checking import memoize, remember

asked: list[Any] = []


@remember
def doubled(value: Any, *, times: int = 1) -> Any:
    asked.append(value)
    return {"value": np.asarray(value["W"]) * 2**times}


@pytest.fixture(autouse=True)
def nothing_asked() -> None:
    asked.clear()


def test_what_is_the_same_bit_by_bit_is_computed_once() -> None:
    one, other = doubled({"W": np.array([1.5])}), doubled({"W": np.array([1.5])})
    assert one is other
    assert one["value"].tolist() == [3.0]
    assert len(asked) == 1


@pytest.mark.parametrize(
    "value",
    [
        np.array([2.5 + 2**-50]),
        np.array([[2.5]]),
        np.array([2.5], dtype=np.float32),
        np.array([-0.0]),
        [2.5],
        (2.5,),
        2.5,
    ],
    ids=repr,
)
def test_what_differs_in_anything_is_computed_anew(value: Any) -> None:
    doubled({"W": np.array([2.5])})
    doubled({"W": np.array([0.0])})
    before = len(asked)
    assert np.all(doubled({"W": value})["value"] == np.asarray(value) * 2)
    assert len(asked) == before + 1


def test_keywords_and_signs_and_types_count() -> None:
    value = {"W": 3}
    assert doubled(value)["value"] == 6
    assert doubled(value, times=2)["value"] == 12
    assert doubled({"W": True})["value"] == 2
    assert doubled({"W": 3.0})["value"].dtype == np.float64


def test_a_nan_is_computed_and_does_no_harm() -> None:
    assert math.isnan(doubled({"W": math.nan})["value"])
    assert math.isnan(doubled({"W": np.nan})["value"])
    assert math.copysign(1.0, doubled({"W": 0.0})["value"]) == 1.0
    assert math.copysign(1.0, doubled({"W": -0.0})["value"]) == -1.0


def test_what_was_handed_out_cannot_be_written() -> None:
    answer = doubled({"W": np.array([4.5])})
    with pytest.raises(ValueError, match="read-only"):
        answer["value"][0] = 1.0


def test_what_cannot_be_told_apart_is_refused() -> None:
    with pytest.raises(TypeError, match="a value of type set cannot be remembered"):
        doubled({"W": {1}})


def test_no_more_is_kept_than_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memoize, "MAX_CACHED_ANSWERS", 2)

    @remember
    def same(value: int) -> int:
        asked.append(value)
        return value

    for value in (1, 2, 1, 3, 1, 2):
        same(value)
    assert asked == [1, 2, 3, 2]
