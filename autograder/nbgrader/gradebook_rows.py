"""The rows of nbgrader's gradebook that hold the results of submissions."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from nbgrader import api
from sqlalchemy import Insert, Update, insert, select, update
from sqlalchemy.orm import Session

from autograder.nbgrader.records import EntriesByNotebook, ManualEntries, NotebookScores

Row = dict[str, Any]


@dataclass(frozen=True)
class Place:
    """A notebook of an assignment, by its ids in the gradebook.

    Attributes:
        graded: the ids of the cells that get a score, by their names.
        answers: the ids of the cells that get a comment, by their names.
        tasks: the names of the graded cells that are tasks.
    """

    assignment_id: str
    notebook_id: str
    graded: Mapping[str, str]
    answers: Mapping[str, str]
    tasks: frozenset[str]

    @property
    def nothing(self) -> NotebookScores:
        """Return the marks of a notebook that was not submitted."""
        return NotebookScores(dict.fromkeys(self.graded, 0.0), {}, None)


@dataclass(frozen=True)
class SubmissionRow:
    """The content of a gradebook for one submission.

    Attributes:
        submitted_at: the time of the submission, in UTC; None if it is unknown.
        manual_entries: the manual entries from which the marks were made.
        changed: the grade cells, by notebook, whose answers differ from those that the gradebook
            holds points for; None if that is unknown.
        replaced: the notebooks that replace a file that could not be read.
    """

    student: str
    submitted_at: datetime | None
    marks: Mapping[str, NotebookScores]
    manual_entries: EntriesByNotebook
    changed: Mapping[str, frozenset[str]] | None = None
    replaced: frozenset[str] = frozenset()

    def is_changed(self, notebook: str, cell: str) -> bool:
        """Tell whether the answer of a grade cell may have changed."""
        return self.changed is None or cell in self.changed.get(notebook, ())


def write(session: Session, places: Mapping[str, Place], entries: Sequence[SubmissionRow]) -> None:
    """Write the submissions of many students, as new rows or into existing ones."""
    submissions = _write_submissions(session, next(iter(places.values())).assignment_id, entries)
    for name, place in places.items():
        _write_notebooks(session, name, place, entries, submissions)


def _write_submissions(
    session: Session, assignment_id: str, entries: Sequence[SubmissionRow]
) -> Mapping[str, str]:
    """Write the students and their submissions; return the submissions' ids by student."""
    S = api.SubmittedAssignment
    students = [each.student for each in entries]
    known = set(session.scalars(select(api.Student.id).where(api.Student.id.in_(students))))
    _execute(session, insert(api.Student), ({"id": each} for each in students if each not in known))

    ours = (S.assignment_id == assignment_id, S.student_id.in_(students))
    submissions = _pairs(session, select(S.student_id, S.id).where(*ours))
    new = [each for each in entries if each.student not in submissions]
    created = {each.student: api.new_uuid() for each in new}
    submissions |= created
    _execute(
        session,
        insert(S),
        (
            {
                "id": submissions[each.student],
                "assignment_id": assignment_id,
                "student_id": each.student,
                "timestamp": each.submitted_at,
            }
            for each in new
        ),
    )
    _execute(
        session,
        update(S),
        (
            {"id": submissions[each.student], "timestamp": each.submitted_at}
            for each in entries
            if each.submitted_at is not None and each.student not in created
        ),
    )
    return submissions


def _write_notebooks(
    session: Session,
    name: str,
    place: Place,
    entries: Sequence[SubmissionRow],
    submissions: Mapping[str, str],
) -> None:
    """Write each submission's row of one notebook, which may be empty."""
    N = api.SubmittedNotebook
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
            "late_submission_penalty": each.marks.get(name, place.nothing).penalty,
        }
        for each in entries
    ]
    _execute(session, insert(N), (row for row in rows if row["assignment_id"] not in notebooks))
    _execute(session, update(N), (row for row in rows if row["assignment_id"] in notebooks))
    by_notebook = {row["id"]: each for row, each in zip(rows, entries, strict=True)}
    _write_cells(session, name, place, by_notebook)


def _write_cells(
    session: Session, name: str, place: Place, entries: Mapping[str, SubmissionRow]
) -> None:
    """Write the scores and comments of entries, by the ids of their notebooks."""
    known = {each.student: each.marks.get(name, place.nothing) for each in entries.values()}

    def rows(kind: Any, cells: Mapping[str, str]) -> Iterator[tuple[Row, str, SubmissionRow]]:
        """Yield a row for each cell, with its id if it has one, and the cell."""
        there: dict[tuple[str, str], str] = {
            (notebook, cell): id_
            for notebook, cell, id_ in session.execute(
                select(kind.notebook_id, kind.cell_id, kind.id).where(kind.notebook_id.in_(entries))
            )
        }
        for notebook, entry in entries.items():
            for cell_name, cell in cells.items():
                row = {"notebook_id": notebook, "cell_id": cell}
                if (notebook, cell) in there:
                    row["id"] = there[notebook, cell]
                yield row, cell_name, entry

    G = api.Grade
    query = select(G.id, G.auto_score, G.needs_manual_grade).where(G.notebook_id.in_(entries))
    before = {id_: (score, flag) for id_, score, flag in session.execute(query)}
    grades = []
    for row, cell, entry in rows(G, place.graded):
        score = known[entry.student].scores.get(cell)
        needs_review = known[entry.student].needs_review(cell)
        by_hand = cell in entry.manual_entries.get(name, ManualEntries()).manual_scores
        row["auto_score"] = score
        old_score, flag = before.get(row.get("id", ""), (None, None))
        if flag is None or entry.is_changed(name, cell) or not _same(old_score, score):
            # A score by hand is to be looked at again, but for a task's, and where nothing is there
            again = cell not in place.tasks and by_hand and name in entry.marks
            flag = again or (needs_review and not (by_hand and cell in place.tasks))
        elif score is not None and not by_hand:
            flag = needs_review  # the same points may be open now, or decided
        row["needs_manual_grade"] = flag
        grades.append(row)
    comments = []
    for row, cell, entry in rows(api.Comment, place.answers):
        row["auto_comment"] = known[entry.student].comments.get(cell)
        if name in entry.marks or "id" not in row:  # else there is nothing to comment on
            comments.append(row)
    for kind, every in ((api.Grade, grades), (api.Comment, comments)):
        _execute(session, insert(kind), (row for row in every if "id" not in row))
        _execute(session, update(kind), (row for row in every if "id" in row))


def _same(before: float | None, now: float | None) -> bool:
    """Tell whether two scores are equal up to rounding."""
    if before is None or now is None:
        return before is now
    return math.isclose(before, now, abs_tol=1e-9)


def _pairs(session: Session, query: Any) -> dict[str, str]:
    return {row[0]: row[1] for row in session.execute(query)}


def _execute(session: Session, statement: Insert | Update, rows: Iterable[Row]) -> None:
    """Execute a statement for each row: with no rows at all, SQLAlchemy would execute it once."""
    if found := list(rows):
        session.execute(statement, found)
