"""The statistics of the checks, against what mathematics says of them."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from autograder.reports.html.class_report import items
from autograder.reports.html.class_report.items import MIN_STUDENTS, analyse, discrimination
from tests.helpers.classes import check, of, rows

CLASSES = st.tuples(st.integers(MIN_STUDENTS, MIN_STUDENTS + 20), st.integers(2, 6)).flatmap(
    lambda shape: npst.arrays(np.float64, shape, elements=st.integers(0, 8).map(lambda n: n / 4))
)
"""Points of 0 to 2, (students, checks)."""


def test_difficulty_is_the_mean_part_of_the_points() -> None:
    """By hand: 1, ½, 0 and nothing decided of 2 points: (2 + 1 + 0) / 3 / 2 = ½."""
    (item,) = analyse(rows([[2.0], [1.0], [0.0], [None]], most=2.0))
    assert item.difficulty == 0.5
    assert item.students == 3


def test_who_was_rejected_takes_no_part() -> None:
    (item,) = analyse([of("ada", check()), of("bob", reason="It is empty.")])
    assert (item.students, item.difficulty) == (1, 1.0)


def test_a_check_that_is_worth_nothing_or_was_never_decided_has_no_difficulty() -> None:
    (item,) = analyse([of("ada", check(points=0.0, max_points=0.0))])
    assert item.difficulty is None
    (item,) = analyse([of("ada", check(points=None))])
    assert item.difficulty is None


def test_discrimination_is_the_point_biserial_correlation_with_the_rest() -> None:
    """By hand, for 40 students, the first 20 of whom pass the check.

    The rest of the first half is 1 for 15 and 0 for 5, that of the second half the other way round:
    means ¾ and ¼, and over all ½ with a standard deviation of ½. The point-biserial correlation is
    (M₁ − M₀) / s · √(p q) = (¾ − ¼) / ½ · ½ = ½.
    """
    rest = [1] * 15 + [0] * 5 + [1] * 5 + [0] * 15
    points = [[float(number < 20), float(each)] for number, each in enumerate(rest)]
    first, second = analyse(rows(points))
    for item in (first, second):
        assert item.discrimination is not None
        assert item.discrimination.value == pytest.approx(0.5)
        # Fisher: atanh(½) ± 1.96 / √(40 − 3)
        ends = [math.tanh(math.atanh(0.5) + sign * 1.959964 / math.sqrt(37)) for sign in (-1, 1)]
        assert [item.discrimination.low, item.discrimination.high] == pytest.approx(ends)


def test_a_checks_own_points_are_not_in_the_sum_that_it_is_held_against() -> None:
    """Two checks of which one is passed exactly by those who fail the other: exactly −1."""
    found = analyse(rows([[1.0, 0.0], [0.0, 1.0]] * MIN_STUDENTS))
    for item in found:
        assert item.discrimination is not None
        assert item.discrimination.value == pytest.approx(-1)
        assert item.discrimination.negative
        assert item.discrimination.poor


def test_of_a_few_students_nothing_is_said() -> None:
    points = [[1.0, 1.0], [0.0, 0.0]] * (MIN_STUDENTS // 2)
    assert analyse(rows(points))[0].discrimination is not None
    assert analyse(rows(points[1:]))[0].discrimination is None


def test_who_is_not_decided_on_everywhere_has_no_sum_to_hold_against() -> None:
    points: list[list[float | None]] = [[1.0, 1.0], [0.0, 0.0]] * (MIN_STUDENTS // 2)
    with_undecided = [*points, *([[1.0, None]] * MIN_STUDENTS)]
    found, without = analyse(rows(with_undecided)), analyse(rows(points))
    assert [each.discrimination for each in found] == [each.discrimination for each in without]
    assert found[0].students == 2 * MIN_STUDENTS


@pytest.mark.parametrize("tenth", [0.1, 0.7])
def test_sums_that_differ_by_rounding_alone_are_the_same(tenth: float) -> None:
    """0.1 + 0.2 + 0.3 is not 0.3 + 0.2 + 0.1 to a computer."""
    orders = [[tenth, 2 * tenth, 3 * tenth], [3 * tenth, 2 * tenth, tenth]]
    points = np.array(
        [[float(number % 3 == 0), *orders[number % 2]] for number in range(MIN_STUDENTS)]
    )
    assert discrimination(points)[0] is None


@given(CLASSES)
def test_every_number_is_where_it_can_be(points: np.ndarray) -> None:
    for column, item in enumerate(analyse(rows(points.tolist(), most=2.0))):
        assert item.difficulty is not None
        assert 0 <= item.difficulty <= 1
        exact = sum(map(Fraction, points[:, column].tolist())) / len(points) / 2
        assert item.difficulty == pytest.approx(float(exact))
        found = item.discrimination
        if found is None:
            rest = np.delete(points, column, axis=1).sum(axis=1)
            assert np.ptp(points[:, column]) == 0 or np.ptp(rest) == 0
        else:
            assert -1 <= found.low <= found.value + 1e-9
            assert found.value - 1e-9 <= found.high <= 1


@given(CLASSES, st.floats(0.01, 100))
def test_what_a_check_is_worth_does_not_change_how_it_discriminates(
    points: np.ndarray, factor: float
) -> None:
    """Its own points are scaled, and then those of all."""
    before = discrimination(points)
    own = points * np.where(np.arange(points.shape[1]) == 0, factor, 1)
    _same(before[:1], discrimination(own)[:1])
    _same(before, discrimination(factor * points))


@given(CLASSES, st.randoms(use_true_random=False))
def test_the_order_of_students_changes_nothing(points: np.ndarray, chance: object) -> None:
    order = list(range(len(points)))
    chance.shuffle(order)  # type: ignore[attr-defined]
    _same(discrimination(points), discrimination(points[order]))


@given(CLASSES)
def test_marking_a_check_the_other_way_round_turns_its_discrimination_round(
    points: np.ndarray,
) -> None:
    turned = points.copy()
    turned[:, 0] = 2 - turned[:, 0]
    before, after = discrimination(points)[0], discrimination(turned)[0]
    assert (before is None) == (after is None)
    if before is not None and after is not None:
        assert after.value == pytest.approx(-before.value, abs=1e-6)


def _same(
    before: tuple[items.Discrimination | None, ...], after: tuple[items.Discrimination | None, ...]
) -> None:
    for one, other in zip(before, after, strict=True):
        assert (one is None) == (other is None)
        if one is not None and other is not None:
            assert other.value == pytest.approx(one.value, abs=1e-6)


def test_chance_alone_moves_a_discrimination_by_its_margin() -> None:
    """Of many checks that are drawn without any regard for the rest, 95 in 100 stay within it."""
    rng = np.random.default_rng(0)
    students, checks = 100, 2000
    found = discrimination(rng.integers(0, 2, (students, checks)).astype(float))
    values = np.array([each.value for each in found if each is not None])
    outside = np.mean(np.abs(values) > items.margin(students))
    # The standard error of a part of 0.05 of 2000 is 0.005; five of them, and the approximation.
    assert 0.02 < outside < 0.08
