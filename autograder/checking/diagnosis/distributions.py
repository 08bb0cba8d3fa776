"""Decide from random numbers whether two functions draw them in the same way.

A function that draws from another stream than a known mistake never gives equal answers. Its draws
can still be compared with the mistake's: the shapes in each call, the distribution of the numbers,
and how often numbers repeat within an array, between calls, and between arrays.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import scipy

from autograder.checking.diagnosis.comparison import NUMBERS, AnswerPath, Parts
from autograder.checking.expect import RTOL

MIN_SAMPLE = 300
"""Different numbers that a comparison of distributions needs. At SIGNIFICANCE, it separates two
samples of 300 if their distributions are 0.16 apart."""

MAX_SAMPLE = 20_000
"""Numbers at one path that are compared. At SIGNIFICANCE, distributions differ by 0.02 then."""

SIGNIFICANCE = 1e-3
"""The chance that one array's distribution separates two functions that draw in the same way."""

MAX_CONSTANTS = 10
"""Different numbers; so few are compared one by one, as constants."""

REPEATED_TOLERANCE = 0.01
"""Largest difference between two shares of repeated numbers."""

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Numbers = TypeVar("Numbers", Floats, Integers)


class Draws:
    """The random numbers in a function's answers.

    Args:
        calls: the parts of each answer.
    """

    def __init__(self, calls: Sequence[Parts]) -> None:
        self.numbers = [_arrays(call) for call in calls]
        self.shapes = [{path: array.shape for path, array in call.items()} for call in self.numbers]
        self.pooled = cache(lambda path: _pooled(self.numbers, path))
        self.repeated = cache(lambda path: _repeated(self.numbers, path))

    def same_distribution(self, other: Draws, path: AnswerPath) -> bool:
        """Return whether the numbers at a path could be the other's draws.

        Too few numbers decide nothing: the answer is False.
        """
        shapes = ([call.get(path) for call in each.shapes] for each in (self, other))
        if not operator.eq(*shapes):
            return False
        if not any(path in call for call in self.numbers):
            return True
        return _distributed_alike(self.pooled(path), other.pooled(path)) and np.allclose(
            self.repeated(path), other.repeated(path), rtol=0, atol=REPEATED_TOLERANCE
        )


Calls = Sequence[Mapping[AnswerPath, Floats]]


def _pooled(calls: Calls, path: AnswerPath) -> Floats:
    """Return each number once, sorted; of many, as many as are compared."""
    numbers = np.concatenate([call[path].ravel() for call in calls if path in call])
    different = numbers
    if _doubles(np.sort(numbers)).size:
        different = numbers[np.sort(np.unique(numbers, return_index=True)[1])]
    return np.sort(different[:: max(1, -(-different.size // MAX_SAMPLE))])


def _repeated(calls: Calls, path: AnswerPath) -> tuple[float, float, float]:
    """Return the shares of numbers that repeat in their array, an earlier call, another array."""
    mine = [call[path].ravel() for call in calls if path in call]
    others = [
        np.concatenate(
            [np.zeros(0), *(each.ravel() for name, each in call.items() if name != path)]
        )
        for call in calls
        if path in call
    ]
    # Most draws do not repeat, so only numbers that do are compared further.
    all_of_mine, all_others = np.sort(np.concatenate(mine)), np.concatenate(others)
    own = _different(all_of_mine)
    if own.size > MAX_CONSTANTS:
        all_others.sort()  # sorted numbers are found sooner among many
    shared = all_others[_is_in(all_others, own)[1]]
    repeating = _different(np.sort(np.concatenate([_doubles(all_of_mine), shared])))
    total = all_of_mine.size
    if not repeating.size:
        return (0.0, 0.0, 0.0)
    ours, calls_of_mine = _codes(mine, repeating)
    theirs, calls_of_others = _codes(others, repeating)
    first = np.full(repeating.size, len(mine))
    np.minimum.at(first, ours, calls_of_mine)
    in_call = ours * len(mine) + calls_of_mine
    in_others: Integers = _different(np.sort(theirs * len(mine) + calls_of_others))
    within = ours.size - _different(np.sort(in_call)).size
    before = int(np.sum(first[ours] < calls_of_mine))
    beside = int(np.sum(_is_in(in_call, in_others)[1]))
    return (within / total, before / total, beside / total)


def _different(ordered: Numbers) -> Numbers:
    """Return each of some sorted numbers once."""
    return ordered[np.append(True, ordered[1:] != ordered[:-1])] if ordered.size else ordered


def _doubles(ordered: Floats) -> Floats:
    """Return the sorted numbers that equal the one before them."""
    doubles: Floats = ordered[1:][ordered[1:] == ordered[:-1]]
    return doubles


def _codes(arrays: Sequence[Floats], numbers: Floats) -> tuple[Integers, Integers]:
    """Return the place in `numbers`, and the number of its array, of each element found there."""
    places, found = _is_in(np.concatenate(arrays), numbers)
    array_numbers = np.repeat(np.arange(len(arrays)), [each.size for each in arrays])
    return places[found], array_numbers[found]


def _is_in(values: Numbers, ordered: Numbers) -> tuple[Integers, npt.NDArray[np.bool_]]:
    """Return where each value stands among sorted numbers, and whether it is one of them."""
    places = np.searchsorted(ordered, values)
    inside = places < ordered.size
    inside[inside] = ordered[places[inside]] == values[inside]
    return places, inside


def _arrays(call: Parts) -> dict[AnswerPath, Floats]:
    """Return the numeric arrays of an answer, without copies where possible."""
    arrays = ((path, np.asarray(value)) for path, value in call.items() if _are_numbers(value))
    return {path: _finite(array) for path, array in arrays if array.dtype.kind in "biuf"}


def _are_numbers(value: object) -> bool:
    return isinstance(value, NUMBERS)


def _finite(array: npt.NDArray[Any]) -> Floats:
    numbers = array.astype(np.float64, copy=False)
    return numbers if np.all(np.isfinite(numbers)) else np.nan_to_num(numbers)


def _distributed_alike(one: Floats, other: Floats) -> bool:
    """Compare sorted numbers: one by one if they are few, and so constants, or else by a test.

    It is the asymptotic two-sample Kolmogorov-Smirnov test.
    """
    if max(one.size, other.size) <= MAX_CONSTANTS:
        return one.size == other.size and np.allclose(one, other, rtol=RTOL)
    if min(one.size, other.size) < MIN_SAMPLE:
        return False
    both = np.concatenate([one, other])
    shares = (np.searchsorted(each, both, side="right") / each.size for each in (one, other))
    gap = np.max(np.abs(np.subtract(*shares)))
    return chance_of_gap(gap, one.size * other.size / (one.size + other.size)) > SIGNIFICANCE


def chance_of_gap(gap: float, size: float) -> float:
    """Return the chance that draws of one law are as far apart, or as far from their law.

    This is the Kolmogorov-Smirnov test in Stephens' approximation, for 20 draws and more. `scipy`
    offers the exact test in `scipy.stats`, which takes as long to import as grading takes.

    Args:
        gap: the largest distance between the distribution functions.
        size: the number of draws; m n / (m + n) for two samples.
    """
    root = math.sqrt(size)
    return float(scipy.special.kolmogorov((root + 0.12 + 0.11 / root) * gap))
