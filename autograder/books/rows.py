"""The rows of nbgrader's gradebook that hold what came of submissions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from nbgrader import api
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from autograder.books.papers import Marks, Standing

Row = dict[str, Any]


@dataclass(frozen=True)
class Place:
    """An assignment with one notebook, by its ids in the gradebook.

    Attributes:
        assignment_id: the assignment's.
        notebook_id: the notebook's.
        graded: the cells that get a score, with their names.
        answers: the cells that get a comment, likewise.
    """

    assignment_id: str
    notebook_id: str
    graded: Mapping[str, str]
    answers: Mapping[str, str]


@dataclass(frozen=True)
class Entry:
    """What a gradebook is to hold of one submission.

    Attributes:
        student: whose it is.
        handed_in: when, in UTC; None where nobody has written that down.
        marks: what was found out.
        standing: what the marks take for granted.
    """

    student: str
    handed_in: datetime | None
    marks: Marks
    standing: Standing


def write(session: Session, place: Place, entries: Sequence[Entry]) -> None:
    """Writes many submissions of one assignment, as new rows or into those that are there.

    Args:
        session: in a transaction.
        place: the assignment's.
        entries: of one student each.
    """
    S, N = api.SubmittedAssignment, api.SubmittedNotebook
    students = [each.student for each in entries]
    known = set(session.scalars(select(api.Student.id).where(api.Student.id.in_(students))))
    _insert(session, api.Student, [{"id": each} for each in students if each not in known])

    ours = (S.assignment_id == place.assignment_id, S.student_id.in_(students))
    submissions = _pairs(session, select(S.student_id, S.id).where(*ours))
    new = [each for each in entries if each.student not in submissions]
    created = {each.student: api.new_uuid() for each in new}
    submissions |= created
    _insert(
        session,
        S,
        [
            {
                "id": submissions[each.student],
                "assignment_id": place.assignment_id,
                "student_id": each.student,
                "timestamp": each.handed_in,
            }
            for each in new
        ],
    )
    _update(
        session,
        S,
        [
            {"id": submissions[each.student], "timestamp": each.handed_in}
            for each in entries
            if each.handed_in is not None and each.student not in created
        ],
    )

    notebooks = _pairs(
        session,
        select(N.assignment_id, N.id).where(
            N.notebook_id == place.notebook_id, N.assignment_id.in_(submissions.values())
        ),
    )
    rows = [
        {
            "id": notebooks.get(submissions[each.student], api.new_uuid()),
            "notebook_id": place.notebook_id,
            "assignment_id": submissions[each.student],
            "late_submission_penalty": each.marks.penalty,
        }
        for each in entries
    ]
    _insert(session, N, [row for row in rows if row["assignment_id"] not in notebooks])
    _update(session, N, [row for row in rows if row["assignment_id"] in notebooks])
    by_notebook = {row["id"]: each for row, each in zip(rows, entries, strict=True)}
    _write_cells(session, place, by_notebook)


def _write_cells(session: Session, place: Place, entries: Mapping[str, Entry]) -> None:
    """Writes the scores and comments of entries, by the ids of their notebooks."""

    def rows(kind: Any, cells: Mapping[str, str]) -> Iterator[tuple[Row, str, Entry]]:
        """A row for each cell, with its id where it has one, and what it is about."""
        there: dict[tuple[str, str], str] = {
            (notebook, cell): id_
            for notebook, cell, id_ in session.execute(
                select(kind.notebook_id, kind.cell_id, kind.id).where(kind.notebook_id.in_(entries))
            )
        }
        for notebook, entry in entries.items():
            for name, cell in cells.items():
                row = {"notebook_id": notebook, "cell_id": cell}
                if (notebook, cell) in there:
                    row["id"] = there[notebook, cell]
                yield row, name, entry

    grades = []
    for row, name, entry in rows(api.Grade, place.graded):
        score = entry.marks.scores.get(name)
        row["auto_score"] = score
        row["needs_manual_grade"] = score is None or name in entry.standing.manual_scores
        grades.append(row)
    comments = []
    for row, name, entry in rows(api.Comment, place.answers):
        row["auto_comment"] = entry.marks.comments.get(name)
        comments.append(row)
    for kind, every in ((api.Grade, grades), (api.Comment, comments)):
        _insert(session, kind, [row for row in every if "id" not in row])
        _update(session, kind, [row for row in every if "id" in row])


def _pairs(session: Session, query: Any) -> dict[str, str]:
    return {row[0]: row[1] for row in session.execute(query)}


def _insert(session: Session, kind: Any, rows: Iterable[Row]) -> None:
    rows = list(rows)
    if rows:
        session.execute(insert(kind), rows)


def _update(session: Session, kind: Any, rows: Iterable[Row]) -> None:
    rows = list(rows)
    if rows:
        session.execute(update(kind), rows)
