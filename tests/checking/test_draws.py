"""How often drawn numbers repeat themselves, counted one by one beside what counts them quickly."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.checking.diagnosis.comparison import AnswerPath
from autograder.checking.diagnosis.distributions import Draws, chance_of_gap
from autograder.checking.diagnosis.draws import _is_gaussian, _is_uniform

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


@pytest.mark.parametrize("size", [150, 1000, 20_000])
@pytest.mark.parametrize("chance", [1e-2, 1e-3, 1e-4])
def test_the_chance_of_a_gap_is_that_of_the_exact_test(size: int, chance: float) -> None:
    from scipy import stats  # takes a second, which every process of the tests would wait for

    assert chance_of_gap(stats.kstwo.isf(chance, size), size) == pytest.approx(chance, rel=0.03)


@pytest.mark.parametrize("wider", [1.0, 1.1, 1.3])
def test_samples_are_compared_as_scipy_compares_them(wider: float) -> None:
    from scipy import stats

    rng = np.random.default_rng(7)
    one, other = rng.normal(size=1500), rng.normal(0, wider, 1000)
    alike = stats.ks_2samp(one, other).pvalue > 1e-3
    assert alike == (wider < 1.2)
    assert Draws([{W: one}]).same_distribution(Draws([{W: one[::-1]}]), W)
    assert Draws([{W: one[:1000]}]).same_distribution(Draws([{W: other}]), W) == alike


def test_the_law_of_a_sample_is_recognised() -> None:
    rng = np.random.default_rng(7)
    gaussian, uniform = rng.normal(size=3000), rng.uniform(-(3**0.5), 3**0.5, 3000)
    assert _is_gaussian(gaussian)
    assert not _is_gaussian(uniform)
    assert _is_uniform(uniform)
    assert not _is_uniform(gaussian)


def test_comparing_draws_does_not_wait_for_scipy_stats() -> None:
    program = (
        "import sys\n"
        "import numpy as np\n"
        "from autograder.checking.diagnosis.distributions import _distributed_alike\n"
        "from autograder.checking.diagnosis.draws import _is_gaussian\n"
        "W = np.random.randn(1000)\n"
        "print(_distributed_alike(W, W), _is_gaussian(W + 1), 'scipy.stats' in sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.split() == ["True", "False", "False"]
