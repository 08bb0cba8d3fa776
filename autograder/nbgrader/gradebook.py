"""Write nbgrader's gradebook from one process, many submissions in one transaction.

The content is that of nbgrader's `autograde`, which commits one cell after the other. Manual
entries are never changed: a manual score stays, and is flagged to be looked at again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

import sqlalchemy
from nbgrader import api
from sqlalchemy import func, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from autograder.checking.expect import listed
from autograder.i18n import _
from autograder.nbgrader import gradebook_rows, locks
from autograder.nbgrader.gradebook_rows import Place, SubmissionRow
from autograder.nbgrader.records import (
    EntriesByNotebook,
    ManualEntries,
    ReleasedNotebook,
    SourceCell,
)

BEGIN_EXCLUSIVE = {
    "sqlite": ("BEGIN IMMEDIATE",),
    "postgresql": (
        f"SET LOCAL lock_timeout = '{locks.GRADEBOOK_LOCK_SECONDS}s'",
        "LOCK TABLE student, submitted_assignment, submitted_notebook, grade, comment "
        "IN SHARE ROW EXCLUSIVE MODE",
    ),
}
"""The statements that begin a transaction in which nobody else writes between reading and writing,
by the dialect of the database."""

S, N, G, C = api.SubmittedAssignment, api.SubmittedNotebook, api.Grade, api.Comment

STUDENTS_PER_QUERY = 1000
"""Students that one query asks about."""


@dataclass(frozen=True)
class ManualTotals:
    """The parts of the scores in a gradebook that no judge has decided.

    Attributes:
        late: the late penalty in points, by student.
    """

    late: Mapping[str, float]
    by_hand: Sequence[str]
    waiting: Sequence[str]


@dataclass(frozen=True)
class Confirmed:
    """The outcome of confirming scores.

    Attributes:
        students: the students whose scores are final now.
        zeros: those among them whose undecided points are 0 now.
        lower: those whose points set by hand are lower than the automatic ones.
        waiting: the students whose submissions still need review.
    """

    students: Sequence[str]
    zeros: Sequence[str]
    lower: Sequence[str]
    waiting: Sequence[str]


class Unusable(ValueError):
    """A gradebook that cannot be used; the text says what to do."""


Again = Callable[[SubmissionRow, EntriesByNotebook], SubmissionRow]
"""Makes an entry anew after manual entries in the gradebook have changed."""


class Book:
    """The gradebook of a course, open at one assignment; close it when done.

    Args:
        release: the command that releases the assignment.
        writing: whether the gradebook may be written; otherwise not a byte of it changes.

    Attributes:
        forms: the released notebooks in the gradebook, by name.

    Raises:
        Unusable: it cannot be opened, or does not know the assignment.
    """

    def __init__(
        self, url: str, course_id: str, assignment: str, release: str, *, writing: bool = True
    ) -> None:
        self.url = url
        self.assignment = assignment
        self.release = release
        with self._errors_as_sentences():
            sqlite = url.startswith("sqlite:")
            options = {"timeout": locks.GRADEBOOK_LOCK_SECONDS} if sqlite else {}
            self.engine = sqlalchemy.create_engine(url, connect_args=options)
            file = self.engine.url.database if sqlite else None
            if file and not Path(file).is_file():
                raise self._unreleased()
            if not sqlalchemy.inspect(self.engine).has_table(api.Assignment.__tablename__):
                raise self._unreleased()
            if writing:
                with self._transaction():  # find out now whether it can be written
                    pass
                api.Gradebook(url, course_id).close()  # creates what nbgrader expects to find in it
            with Session(self.engine) as session:
                self._open(session)

    def _unreleased(self) -> Unusable:
        unreleased = _("{name} is not in the gradebook yet: release it first with `{command}`.")
        return Unusable(unreleased.format(name=self.assignment, command=self.release))

    def _open(self, session: Session) -> None:
        assignment = session.scalar(select(api.Assignment).filter_by(name=self.assignment))
        if assignment is None or not assignment.notebooks:
            raise self._unreleased()
        self.due: datetime | None = assignment.duedate
        self.places: dict[str, Place] = {}
        self.forms: dict[str, ReleasedNotebook] = {}
        for notebook in assignment.notebooks:
            self._open_notebook(assignment.id, notebook)

    def _open_notebook(self, assignment_id: str, notebook: Any) -> None:
        graded = [*notebook.grade_cells, *notebook.task_cells]
        answers = [*notebook.solution_cells, *notebook.task_cells]
        place = Place(
            assignment_id,
            notebook.id,
            {each.name: each.id for each in graded},
            {each.name: each.id for each in answers},
            frozenset(each.name for each in notebook.task_cells),
        )
        self.places[notebook.name] = place
        self.forms[notebook.name] = ReleasedNotebook(
            notebook.kernelspec,
            {
                each.name: SourceCell(
                    each.name, each.cell_type, each.locked, each.source, each.checksum
                )
                for each in notebook.source_cells
            },
            {each.name: each.max_score for each in graded},
            tuple(place.answers),
        )

    @property
    def _assignment_id(self) -> str:
        return next(iter(self.places.values())).assignment_id

    def close(self) -> None:
        """Close the gradebook."""
        self.engine.dispose()

    def students(self) -> set[str]:
        """Return all students in the gradebook."""
        with self._session() as session:
            return set(session.scalars(select(api.Student.id)))

    def scores(self) -> dict[str, float]:
        """Return the sum of the automatic scores of all students who have any."""
        query = self._of_grades(func.sum(G.auto_score)).group_by(S.student_id)
        with self._session() as session:
            return {student: score or 0.0 for student, score in session.execute(query)}

    def _of_grades(self, *columns: Any) -> Any:
        """Select columns of all grades of the assignment, each with its student."""
        return (
            select(S.student_id, *columns)
            .join(N, N.assignment_id == S.id)
            .join(G, G.notebook_id == N.id)
            .where(S.assignment_id == self._assignment_id)
        )

    def manual_totals(self) -> ManualTotals:
        """Return the parts of all scores that no judge has decided."""
        penalty = N.late_submission_penalty
        late = (
            select(S.student_id, func.sum(penalty))
            .join(N, N.assignment_id == S.id)
            .where(S.assignment_id == self._assignment_id, penalty > 0)
            .group_by(S.student_id)
            .order_by(S.student_id)
        )
        graded = self._of_grades().distinct().order_by(S.student_id)
        by_hand = graded.where(G.manual_score.is_not(None) | G.extra_credit.is_not(None))
        waiting = graded.where(G.needs_manual_grade)
        with self._session() as session:
            return ManualTotals(
                {student: float(cost) for student, cost in session.execute(late)},
                session.scalars(by_hand).all(),
                session.scalars(waiting).all(),
            )

    def missing(self) -> list[str]:
        """Return the students in the gradebook without a submission."""
        have = select(S.student_id).where(S.assignment_id == self._assignment_id)
        query = select(api.Student.id).where(api.Student.id.not_in(have)).order_by(api.Student.id)
        with self._session() as session:
            return list(session.scalars(query))

    def confirm(self, students: Collection[str]) -> Confirmed:
        """Confirm scores as they stand, so that they are final.

        All scores of the students are confirmed, undecided points as 0; without students, the
        manual scores of the whole class are confirmed.

        Raises:
            Unusable: a student has no submission, or the gradebook cannot be written.
        """
        flagged = self._of_grades(G.id, G.auto_score, G.manual_score).where(G.needs_manual_grade)
        waiting = flagged.order_by(S.student_id)
        with self._transaction() as session:
            have = set(
                session.scalars(select(S.student_id).where(S.assignment_id == self._assignment_id))
            )
            if unknown := sorted(set(students) - have):
                none = _("There is no submission of {students} for {name} in the gradebook.")
                raise Unusable(none.format(students=listed(unknown), name=self.assignment))
            final, zeros, lower, left = set(), set(), set(), set()
            for student, grade, automatic, manual in session.execute(waiting).all():
                if student not in students and (students or manual is None):
                    left.add(student)
                    continue
                values: dict[str, Any] = {"needs_manual_grade": False}
                if manual is None:
                    values["manual_score"] = automatic or 0.0
                    zeros.add(student)
                elif manual < (automatic or 0.0):
                    lower.add(student)
                session.execute(update(G).where(G.id == grade).values(**values))
                final.add(student)
        return Confirmed(*map(sorted, (final - left, zeros, lower, left)))

    def manual_entries(
        self, submission_times: Mapping[str, datetime | None]
    ) -> dict[str, EntriesByNotebook]:
        """Return the manual entries of these students, without those who have none."""
        known: dict[str, EntriesByNotebook] = {}
        rest = iter(submission_times.items())
        with self._session() as session:
            while some := dict(islice(rest, STUDENTS_PER_QUERY)):
                known |= self._manual_entries(session, some)
        return {student: each for student, each in known.items() if each}

    def _manual_entries(
        self, session: Session, submission_times: Mapping[str, datetime | None]
    ) -> dict[str, EntriesByNotebook]:
        Entries = tuple[dict[str, float], dict[str, float], dict[str, str]]
        # Scores, extra credits and comments by cell, for each student and notebook.
        found: defaultdict[tuple[str, str], Entries] = defaultdict(lambda: ({}, {}, {}))
        before = {}
        students = list(submission_times)
        places = self.places.items()
        graded = {cell: (of, name) for of, each in places for name, cell in each.graded.items()}
        answers = {cell: (of, name) for of, each in places for name, cell in each.answers.items()}
        ours = (S.assignment_id == self._assignment_id, S.student_id.in_(students))
        for student, time, extension in session.execute(
            select(S.student_id, S.timestamp, S.extension).where(*ours)
        ):
            before[student] = (time, extension)
        of_students = select(S.student_id).join(N, N.assignment_id == S.id).where(*ours)
        entered = G.manual_score.is_not(None) | G.extra_credit.is_not(None)
        for student, cell, score, credit in session.execute(
            of_students.join(G, G.notebook_id == N.id)
            .where(entered)
            .add_columns(G.cell_id, G.manual_score, G.extra_credit)
        ):
            notebook, name = graded[cell]
            scores, extra, _comments = found[student, notebook]
            if score is not None:
                scores[name] = score
            if credit is not None:
                extra[name] = credit
        for student, cell, comment in session.execute(
            of_students.join(C, C.notebook_id == N.id)
            .where(C.manual_comment.is_not(None))
            .add_columns(C.cell_id, C.manual_comment)
        ):
            notebook, name = answers[cell]
            found[student, notebook][2][name] = comment
        known: dict[str, EntriesByNotebook] = {}
        for student, time in submission_times.items():
            late = self._seconds_late(time, *before.get(student, (None, None)))
            of_notebooks = {
                name: ManualEntries(*found[student, name], late) for name in self.places
            }
            known[student] = {
                name: each for name, each in of_notebooks.items() if each != ManualEntries()
            }
        return known

    def _seconds_late(self, submitted_at: Any, before: Any, extension: Any) -> float:
        """Return the lateness as nbgrader counts it; without a new time, it stays as it was."""
        time = before if submitted_at is None else submitted_at
        if time is None or self.due is None:
            return 0.0
        due = self.due if extension is None else self.due + extension
        return float(max(0.0, (time - due).total_seconds()))

    def write(self, entries: Sequence[SubmissionRow], again: Again) -> None:
        """Write the submissions of many students, all or none.

        `again` makes an entry anew if somebody has entered something since the run began.

        Raises:
            Unusable: the gradebook could not be written, and is as it was before.
        """
        with self._transaction() as session:
            for each in entries:
                self._forget_zeros(session, each)
            manual_entries = self._manual_entries(
                session, {each.student: each.submitted_at for each in entries}
            )
            entries = [
                each
                if manual_entries[each.student] == each.manual_entries
                else again(each, manual_entries[each.student])
                for each in entries
            ]
            gradebook_rows.write(session, self.places, entries)

    def _forget_zeros(self, session: Session, entry: SubmissionRow) -> None:
        """Forget manual zeros, as `confirm` gives, for files that have been replaced since."""
        for name in entry.replaced:
            cells = self.places[name].graded.values()
            of_student = select(N.id).where(N.assignment.has(student_id=entry.student))
            zeros = (G.notebook_id.in_(of_student), G.cell_id.in_(cells), G.manual_score == 0)
            session.execute(
                update(G)
                .where(*zeros)
                .values(manual_score=None)
                .execution_options(synchronize_session=False)
            )

    @contextmanager
    def _session(self) -> Iterator[Session]:
        with self._errors_as_sentences(), Session(self.engine) as session:
            yield session

    @contextmanager
    def _transaction(self) -> Iterator[Session]:
        with self._session() as session:
            for statement in BEGIN_EXCLUSIVE.get(self.engine.dialect.name, ()):
                session.connection().exec_driver_sql(statement)
            yield session
            session.commit()

    @contextmanager
    def _errors_as_sentences(self) -> Iterator[None]:
        try:
            yield
        except (SQLAlchemyError, ImportError) as error:
            raise Unusable(locks.unusable(self.url, error)) from error
