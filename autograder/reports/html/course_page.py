"""The page of a whole course: its students by its assignments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median

from autograder.i18n import _
from autograder.reports.html.class_report.page import SENTENCES, policy, shade, visible
from autograder.reports.html.templates import render

MIN_FALL = 0.25
"""The fall below the mean share of the earlier assignments that the page reports."""


@dataclass(frozen=True)
class Standing:
    """The points of a student for one assignment so far.

    Attributes:
        waits: whether a person must still decide some points, so that the score is provisional.
        late: whether the submission was late.
    """

    score: float
    waits: bool = False
    late: bool = False


@dataclass(frozen=True)
class AssignmentColumn:
    """One assignment of a course.

    Attributes:
        standings: the students who have a submission.
        report: the address of its class report; None if there is none beside the page.
    """

    name: str
    most: float
    standings: Mapping[str, Standing]
    report: str | None = None

    @property
    def median(self) -> float | None:
        """The median score of the students who have a submission."""
        return median(each.score for each in self.standings.values()) if self.standings else None

    def missing(self, students: Sequence[str]) -> list[str]:
        """Return the students without a submission; nobody while nothing was graded."""
        return [each for each in students if each not in self.standings] if self.standings else []

    @property
    def waiting(self) -> list[str]:
        """The students for whom a person must still decide some points."""
        return [name for name, each in self.standings.items() if each.waits]

    @property
    def late(self) -> list[str]:
        """The students whose submission was late."""
        return [name for name, each in self.standings.items() if each.late]


def course_page(course: str, students: Sequence[str], columns: Sequence[AssignmentColumn]) -> str:
    """Return the page of a course with all its students, in the current language."""
    totals = {
        name: sum(each.standings[name].score for each in columns if name in each.standings)
        for name in students
    }
    started = [each for each in columns if each.standings]
    return render(
        "course.html.j2",
        course=course,
        students=students,
        columns=columns,
        started=started,
        totals=totals,
        most=sum(each.most for each in started),
        missing_twice=[
            name
            for name in students
            if sum(name not in each.standings for each in started) >= min(2, len(started)) > 0
        ],
        fell=[(name, *found) for name in students if (found := _fall(name, started))],
        date=date.today().isoformat(),
        data={"words": {name: _(sentence) for name, sentence in SENTENCES.items()}},
        visible=visible,
        shade=shade,
        policy=policy(),
    )


def _fall(name: str, columns: Sequence[AssignmentColumn]) -> tuple[float, float] | None:
    """Return the earlier mean and the last share of a student's points, if they fell clearly."""
    shares = [
        each.standings[name].score / each.most
        for each in columns
        if name in each.standings and each.most and not each.standings[name].waits
    ]
    if len(shares) < 2:
        return None
    before = sum(shares[:-1]) / len(shares[:-1])
    return (before, shares[-1]) if before - shares[-1] >= MIN_FALL else None
