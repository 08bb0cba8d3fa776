"""Read a whole course from the gradebook for reports, without writing anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import sqlalchemy
from nbgrader import api
from sqlalchemy import case, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from autograder.nbgrader import config, locks
from autograder.nbgrader.feedback import course_of
from autograder.nbgrader.gradebook import Unusable
from autograder.reports.html.course_page import Standing


@dataclass(frozen=True)
class CourseOverview:
    """The students and the assignments of a course.

    Attributes:
        course: the name of the course; empty if it has none.
        most: the points of each assignment, the one that is due first in front.
    """

    course: str
    students: tuple[str, ...]
    most: Mapping[str, float]
    standings: Mapping[str, Mapping[str, Standing]]


def overview(root: Path) -> CourseOverview | None:
    """Return what the gradebook of a course knows; None if the course has no gradebook.

    Raises:
        BadConfig: nbgrader's configuration cannot be loaded.
        Unusable: the gradebook cannot be read.
    """
    if not (root / "nbgrader_config.py").exists():
        return None
    app = config.load(root)
    url = app.coursedir.db_url
    try:
        path = sqlalchemy.make_url(url).database if url.startswith("sqlite:") else None
        if path is not None and not Path(path).is_file():
            return None
        with Session(sqlalchemy.create_engine(url, poolclass=sqlalchemy.NullPool)) as session:
            students = tuple(session.scalars(select(api.Student.id).order_by(api.Student.id)))
            assignments = sorted(
                session.scalars(select(api.Assignment)),
                key=lambda each: (each.duedate or datetime.max, each.name),
            )
            most = {each.name: float(each.max_score) for each in assignments}
            return CourseOverview(course_of(app.config), students, most, _standings(session, most))
    except (SQLAlchemyError, ImportError) as error:
        raise Unusable(locks.unusable(url, error)) from error


def _standings(session: Session, most: Mapping[str, float]) -> dict[str, dict[str, Standing]]:
    S, N, G = api.SubmittedAssignment, api.SubmittedNotebook, api.Grade
    of_submission = select(N.assignment_id).group_by(N.assignment_id)
    sums = of_submission.add_columns(func.sum(N.late_submission_penalty))
    penalties = {key: float(cost or 0.0) for key, cost in session.execute(sums)}
    waits = case((G.needs_manual_grade, 1), else_=0)
    of_grades = of_submission.join(G, G.notebook_id == N.id)
    sums = of_grades.add_columns(func.sum(G.score), func.sum(waits))
    scores = {key: (float(score or 0.0), bool(n)) for key, score, n in session.execute(sums)}
    found: dict[str, dict[str, Standing]] = {name: {} for name in most}
    for submitted in session.scalars(select(S).order_by(S.student_id)):
        if (penalty := penalties.get(submitted.id)) is not None:
            score, waiting = scores.get(submitted.id, (0.0, False))
            late = penalty > 0 or submitted.total_seconds_late > 0
            standing = Standing(max(0.0, score - penalty), waiting, late)
            found[submitted.assignment.name][submitted.student_id] = standing
    return found
