"""Whether two ways of drawing random numbers are the same, as far as their draws can tell.

Who draws from another stream than a mistake does never answers just like it. What both draw can be
compared all the same: the shapes of each call, how the numbers are distributed, and how often they
repeat themselves within an array, from one call to the next, and from one array to another.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import stats

LEAST = 1000
"""Numbers below which a comparison would mean little: those of 1,000 differ by 0.09 at LEVEL."""

MOST = 20_000
"""Numbers of one array's name that are compared; at LEVEL, distributions differ by 0.02 then."""

LEVEL = 1e-3
"""The chance that one array's distribution tells two apart who draw in the same way."""

FEW = 50
"""Different numbers below which they are taken for constants."""

REPEATED = 0.01
"""How far apart the parts of repeated numbers may be."""

Floats = npt.NDArray[np.float64]


class Draws:
    """All that a function has returned, call by call.

    Args:
        values: what each call returned.

    Attributes:
        shapes: of the arrays of each call, by the place in the answer.
        pooled: the numbers of all calls, by the place in the answer.
        repeated: which part of them stands in the same array before, in an earlier call's, and in
            another array of the same call, by the place in the answer.
    """

    def __init__(self, values: Sequence[object]) -> None:
        calls = [dict(_arrays(value, ())) for value in values]
        places = list(dict.fromkeys(place for call in calls for place in call))
        self.shapes = [{place: array.shape for place, array in call.items()} for call in calls]
        self.pooled = {place: _pooled(calls, place) for place in places}
        self.repeated = {place: _repeated(calls, place) for place in places}

    def enough(self) -> bool:
        """Whether there are as many numbers as a comparison needs."""
        return any(numbers.size >= LEAST for numbers in self.pooled.values())

    def like(self, other: Draws) -> bool:
        """Whether these could be the other's draws; more arrays than the other's do no harm."""
        return (
            len(self.shapes) == len(other.shapes)
            and all(
                shapes.items() >= wanted.items()
                for shapes, wanted in zip(self.shapes, other.shapes, strict=True)
            )
            and all(
                np.allclose(self.repeated[place], other.repeated[place], rtol=0, atol=REPEATED)
                and _distributed_alike(self.pooled[place], other.pooled[place])
                for place in other.pooled
            )
        )


def _arrays(value: Any, place: tuple[object, ...]) -> Iterator[tuple[tuple[object, ...], Floats]]:
    """The arrays of finite numbers in a value, and where they stand in it."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _arrays(item, (*place, key))
    elif isinstance(value, (list, tuple)):
        for number, item in enumerate(value):
            yield from _arrays(item, (*place, number))
    elif isinstance(value, (bool, int, float, np.generic, np.ndarray)):
        array = np.asarray(value)
        if array.dtype.kind in "biuf":
            yield place, np.nan_to_num(array.astype(np.float64))


def _pooled(calls: Sequence[dict[tuple[object, ...], Floats]], place: tuple[object, ...]) -> Floats:
    """Each number once, in the order of its first appearance: repeated ones are no more draws."""
    numbers = np.concatenate([call[place].ravel() for call in calls if place in call])
    different = numbers[np.sort(np.unique(numbers, return_index=True)[1])]
    return different[:: max(1, -(-different.size // MOST))]


def _repeated(
    calls: Sequence[dict[tuple[object, ...], Floats]], place: tuple[object, ...]
) -> tuple[float, float, float]:
    within = before = beside = total = 0
    seen = np.zeros(0)
    for call in calls:
        if place not in call:
            continue
        numbers = call[place].ravel()
        others = [array.ravel() for name, array in call.items() if name != place]
        total += numbers.size
        within += numbers.size - np.unique(numbers).size
        before += int(np.isin(numbers, seen).sum())
        beside += int(np.isin(numbers, np.concatenate(others)).sum()) if others else 0
        seen = np.concatenate([seen, numbers])
    return (within / total, before / total, beside / total) if total else (0.0, 0.0, 0.0)


def _distributed_alike(one: Floats, other: Floats) -> bool:
    """Two-sample Kolmogorov-Smirnov, asymptotic; so few numbers are no draws, and are compared."""
    if min(one.size, other.size) < FEW:
        return one.size == other.size and np.allclose(np.sort(one), np.sort(other), rtol=1e-4)
    return bool(stats.ks_2samp(one, other, method="asymp").pvalue > LEVEL)
