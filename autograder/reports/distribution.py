"""How the marks of a class are spread."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from autograder.result import Status, SubmissionResult

STEPS = (1, 2, 5, 10, 20, 25, 50, 100)
"""Widths of a bin that people count in."""

BINS = 20
"""At most so many bins, so that each can be told from the next."""


@dataclass(frozen=True)
class Bin:
    """Marks from `low` on and below `high`; the last one holds its upper end too.

    Attributes:
        low: its lower end, in points.
        high: its upper end.
        learners: how many have such a mark.
    """

    low: float
    high: float
    learners: int


@dataclass(frozen=True)
class Distribution:
    """The marks of those who were graded, in points.

    Attributes:
        learners: how many there are.
        most: what can be had.
        mean: of the marks.
        deviation: their standard deviation, as of a sample; None for a single one.
        quartiles: the marks that a quarter, a half and three quarters have at the most.
        full: how many have everything.
        bins: from 0 to `most`.
    """

    learners: int
    most: float
    mean: float
    deviation: float | None
    quartiles: tuple[float, float, float]
    full: int
    bins: tuple[Bin, ...]


def distribution(submissions: Sequence[SubmissionResult]) -> Distribution | None:
    """The distribution of a class; None where nobody could be graded."""
    graded = [each for each in submissions if each.status is Status.GRADED]
    if not graded:
        return None
    marks = np.array([each.score for each in graded])
    most = max(each.max_score for each in graded)
    lower, middle, upper = np.quantile(marks, [0.25, 0.5, 0.75])
    return Distribution(
        learners=len(graded),
        most=most,
        mean=float(marks.mean()),
        deviation=float(marks.std(ddof=1)) if len(graded) > 1 else None,
        quartiles=(float(lower), float(middle), float(upper)),
        full=sum(each.score >= each.max_score for each in graded),
        bins=bins(marks, most),
    )


def bins(marks: npt.ArrayLike, most: float) -> tuple[Bin, ...]:
    """How many have which marks, from 0 to the most in steps that people count in.

    Args:
        marks: (learners,), at least one.
        most: what can be had.
    """
    edges = _edges(max(most, float(np.max(marks))))
    counts, _ = np.histogram(marks, edges)
    return tuple(
        Bin(float(low), float(high), int(count))
        for low, high, count in zip(edges, edges[1:], counts, strict=False)
    )


def _edges(most: float) -> list[float]:
    """From 0 in whole steps; the last step may be a shorter one, which ends at the most."""
    step = next((step for step in STEPS if most <= BINS * step), math.ceil(most / BINS))
    edges = [float(edge) for edge in np.arange(0, most, step)] or [0.0]
    return [*edges, most if most > 0 else 1.0]
