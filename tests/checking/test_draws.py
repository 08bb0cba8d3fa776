"""How often drawn numbers repeat themselves, counted one by one beside what counts them quickly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
from hypothesis import given
from hypothesis import strategies as st

from autograder.checking.diagnosis.comparison import AnswerPath
from autograder.checking.diagnosis.distributions import Draws

Calls = Sequence[Mapping[AnswerPath, npt.NDArray[np.float64]]]

W: AnswerPath = ("W1",)
B: AnswerPath = ("b1",)

numbers = st.lists(st.integers(0, 6), max_size=8).map(lambda several: np.array(several, float))
calls = st.lists(st.fixed_dictionaries({W: numbers}, optional={B: numbers}), min_size=1, max_size=4)


@given(calls)
def test_repeated_numbers_are_counted_within_before_and_beside(asked: Calls) -> None:
    total = sum(call[W].size for call in asked)
    within = before = beside = 0
    earlier: set[float] = set()
    for call in asked:
        mine = call[W].tolist()
        within += len(mine) - len(set(mine))
        before += sum(number in earlier for number in mine)
        beside += sum(number in call.get(B, []) for number in mine)
        earlier |= set(mine)
    expected = tuple(count / total if total else 0.0 for count in (within, before, beside))
    assert Draws(asked).repeated(W) == expected


def test_no_number_of_different_draws_is_a_repeated_one() -> None:
    rng = np.random.default_rng(0)
    asked = [{W: rng.normal(size=500), B: np.zeros((5, 1))} for _ in range(3)]
    assert Draws(asked).repeated(W) == (0.0, 0.0, 0.0)
    assert Draws(asked).repeated(B) == (12 / 15, 10 / 15, 0.0)


def test_what_is_no_number_counts_as_one_and_nothing_is_written_into_an_answer() -> None:
    answered = np.array([np.nan, np.nan, np.inf, 1.0])
    draws = Draws([{W: answered}])
    assert draws.repeated(W) == (0.25, 0.0, 0.0)
    assert np.all(np.isfinite(draws.pooled(W)))
    assert np.isnan(answered[0])
