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
Numbers = TypeVar("Numbers", Floats, npt.NDArray[np.int64])


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
        """Whether the numbers at a path could be the other's draws; False if they are too few."""
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
    """Return each number once, in the order of first appearance: a repeat is no new draw."""
    numbers = np.concatenate([call[path].ravel() for call in calls if path in call])
    different = numbers
    if _different(numbers).size < numbers.size:
        different = numbers[np.sort(np.unique(numbers, return_index=True)[1])]
    return different[
        :: max(1, -(-different.size // MAX_SAMPLE))
    ].copy()  # a copy lets the rest be freed


def _different(numbers: Numbers) -> Numbers:
    """Return each number once, sorted; for draws, sorting is faster than numpy's hashing."""
    ordered = np.sort(numbers)
    return ordered[np.append(True, ordered[1:] != ordered[:-1])] if ordered.size else ordered


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
    total = sum(each.size for each in mine)
    own = _different(np.concatenate(mine))
    all_there_are = np.concatenate([own, _different(np.concatenate(others))])
    if own.size == total and _different(all_there_are).size == all_there_are.size:
        return (0.0, 0.0, 0.0)  # most draws do not repeat
    # Numbers become integer codes, so that one sort serves all comparisons.
    _, codes = np.unique(np.concatenate([*mine, *others]), return_inverse=True)
    calls_of_mine = np.repeat(np.arange(len(mine)), [each.size for each in mine])
    calls_of_others = np.repeat(np.arange(len(mine)), [each.size for each in others])
    ours, theirs = codes[:total], codes[total:]
    first = np.full(codes.max() + 1, len(mine))
    np.minimum.at(first, ours, calls_of_mine)
    in_call, in_others = ours * len(mine) + calls_of_mine, theirs * len(mine) + calls_of_others
    within = total - _different(in_call).size
    before = int(np.sum(first[ours] < calls_of_mine))
    beside = int(np.sum(np.isin(in_call, _different(in_others))))
    return (within / total, before / total, beside / total)


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
    """Compare by an asymptotic two-sample Kolmogorov-Smirnov test, or one by one if constant."""
    if max(one.size, other.size) <= MAX_CONSTANTS:
        return one.size == other.size and np.allclose(np.sort(one), np.sort(other), rtol=RTOL)
    if min(one.size, other.size) < MIN_SAMPLE:
        return False
    one, other = np.sort(one), np.sort(other)
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
