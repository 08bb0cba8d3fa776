"""Item analysis: how hard each check was, and how well it separates strong and weak students.

An *item* is what test theory calls a question; here it is a check. Two numbers describe it.

The *difficulty* is the mean score on the item divided by its maximum: 1 if everybody has full
points and 0 if nobody has any (Crocker and Algina, Introduction to Classical and Modern Test
Theory, 1986, chapter 14).

The *discrimination* is the correlation of its points with the points of all other checks:
Pearson's, which for a check that gives all or nothing is the point-biserial one. The check's own
points are left out of the sum, since they would correlate with themselves (Henrysson, Correction of
item-total correlations in item analysis, Psychometrika 28, 1963, pages 211 to 218). Its interval is
Fisher's.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from autograder.i18n import _
from autograder.reports.labels import is_withdrawn
from autograder.result import CheckResult, Status, SubmissionResult, Verdict

Floats = npt.NDArray[np.float64]

MIN_STUDENTS = 30
"""With fewer students a discrimination means nothing: chance alone moves it by 0.36 and more."""

CONFIDENCE = 0.95
"""The confidence level of the interval of a discrimination."""

MIN_DISCRIMINATION = 0.2
"""A discrimination below this is poor (Ebel, Essentials of Educational Measurement, 1972)."""


@dataclass(frozen=True)
class Discrimination:
    """A correlation between -1 and 1 in this class, with the ends of its interval."""

    value: float
    low: float
    high: float

    @property
    def negative(self) -> bool:
        """Whether it is significantly below zero."""
        return self.high < 0

    @property
    def poor(self) -> bool:
        """Whether it is significantly below `MIN_DISCRIMINATION`."""
        return self.high < MIN_DISCRIMINATION


@dataclass(frozen=True)
class Item:
    """The statistics of one check.

    Attributes:
        students: the number of students with a decided verdict.
        difficulty: the mean share of its points; None if it has no points or no decided verdict.
        discrimination: None with too few students, or if all have equal points.
        verdicts: the number of students with each verdict; empty if the check was withdrawn.
        withdrawn: whether it was withdrawn: nobody's function was tested, and all have its points.
    """

    id: str
    function: str
    max_points: float
    students: int
    difficulty: float | None
    discrimination: Discrimination | None
    verdicts: Counter[Verdict]
    withdrawn: bool = False

    @property
    def remark(self) -> str | None:
        """A remark on the check from the verdicts of the whole class, in the current language."""
        if self.withdrawn:
            return _("Withdrawn: everybody has its points.")
        if self.difficulty == 0:
            return _("Nobody has any points.")
        if self.difficulty == 1:
            return _("Everybody has full points.")
        if self.discrimination is not None and self.discrimination.negative:
            return _("Negative discrimination.")
        if self.discrimination is not None and self.discrimination.poor:
            return _("Low discrimination.")
        return None


def analyse(submissions: Sequence[SubmissionResult]) -> tuple[Item, ...]:
    """Return the items of a class in the order of the checks, without rejected submissions."""
    graded = [each for each in submissions if each.status is Status.GRADED]
    checks: dict[str, CheckResult] = {}
    for submission in graded:
        for check in submission.checks:
            checks.setdefault(check.id, check)
    column = {name: number for number, name in enumerate(checks)}
    points = np.full((len(graded), len(checks)), np.nan)
    verdicts: dict[str, Counter[Verdict]] = {name: Counter() for name in checks}
    withdrawn: Counter[str] = Counter()
    for row, submission in enumerate(graded):
        for check in submission.checks:
            if is_withdrawn(check):
                withdrawn[check.id] += 1
            else:
                verdicts[check.id][check.verdict] += 1
            if check.points is not None:
                points[row, column[check.id]] = check.points
    discriminations = discrimination(points)
    return tuple(
        Item(
            name,
            check.function,
            check.max_points,
            int(np.isfinite(points[:, number]).sum()),
            difficulty(points[:, number], check.max_points),
            discriminations[number],
            verdicts[name],
            withdrawn[name] > 0 and not verdicts[name],
        )
        for number, (name, check) in enumerate(checks.items())
    )


def difficulty(points: Floats, max_points: float) -> float | None:
    """Return the mean share of a check's points (students,), which are nan if undecided."""
    decided = points[np.isfinite(points)]
    return float(decided.mean() / max_points) if max_points and decided.size else None


def discrimination(points: Floats) -> tuple[Discrimination | None, ...]:
    """Return for each check the correlation of its points with the points of all other checks.

    The points (students, checks) are nan if undecided. Students with an undecided check are left
    out, because their sums lack points.
    """
    whole = points[np.isfinite(points).all(axis=1)]
    return tuple(
        _correlation(whole[:, number], np.delete(whole, number, axis=1).sum(axis=1))
        for number in range(points.shape[1])
    )


def _correlation(item: Floats, rest: Floats) -> Discrimination | None:
    if len(item) < MIN_STUDENTS:
        return None
    item, rest = (_without_rounding(each) for each in (item, rest))
    if np.ptp(item) == 0 or np.ptp(rest) == 0:
        return None
    found = stats.pearsonr(item, rest)
    interval = found.confidence_interval(CONFIDENCE)
    return Discrimination(float(found.statistic), float(interval.low), float(interval.high))


def _without_rounding(values: Floats) -> Floats:
    """Round sums, so that the order of addition does not make a difference."""
    largest = np.abs(values).max()
    return values if largest == 0 else np.round(values / largest, 9)


def margin(students: int) -> float:
    """Return how far chance alone moves a true discrimination of 0, in 95 of 100 classes."""
    return float(stats.norm.ppf((1 + CONFIDENCE) / 2)) / math.sqrt(students - 1)
