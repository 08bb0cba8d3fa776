"""The distribution of the scores of a class."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from autograder.result import Status, SubmissionResult

STEPS = (1, 2, 5, 10, 20, 25, 50, 100)
"""Round widths of a bin."""

BINS = 20
"""The most bins that are still easy to tell apart."""


@dataclass(frozen=True)
class Bin:
    """The number of students with scores from `low` to below `high`, or `high` in the last bin."""

    low: float
    high: float
    students: int


@dataclass(frozen=True)
class Distribution:
    """The scores of the graded submissions, in points.

    Attributes:
        deviation: the sample standard deviation; None for a single student.
        full: the number of students with a full score.
    """

    students: int
    most: float
    mean: float
    deviation: float | None
    quartiles: tuple[float, float, float]
    full: int
    bins: tuple[Bin, ...]


def distribution(submissions: Sequence[SubmissionResult]) -> Distribution | None:
    """Return the distribution of a class; None if no submission could be graded."""
    graded = [each for each in submissions if each.status is Status.GRADED]
    if not graded:
        return None
    marks = np.array([each.score for each in graded])
    most = max(each.max_score for each in graded)
    lower, middle, upper = np.quantile(marks, [0.25, 0.5, 0.75])
    return Distribution(
        students=len(graded),
        most=most,
        mean=float(marks.mean()),
        deviation=float(marks.std(ddof=1)) if len(graded) > 1 else None,
        quartiles=(float(lower), float(middle), float(upper)),
        full=sum(each.score >= each.max_score for each in graded),
        bins=bins(marks, most),
    )


def bins(marks: npt.ArrayLike, most: float) -> tuple[Bin, ...]:
    """Count at least one score in bins of a round width from 0 to the maximum."""
    edges = _edges(max(most, float(np.max(marks))))
    counts, _ = np.histogram(marks, edges)
    return tuple(
        Bin(float(low), float(high), int(count))
        for low, high, count in zip(edges, edges[1:], counts, strict=False)
    )


def _edges(most: float) -> list[float]:
    """Return the edges of the bins; the last bin may be narrower."""
    step = next((step for step in STEPS if most <= BINS * step), math.ceil(most / BINS))
    edges = [float(edge) for edge in np.arange(0, most, step)] or [0.0]
    return [*edges, most if most > 0 else 1.0]
