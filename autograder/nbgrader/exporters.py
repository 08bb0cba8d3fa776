"""Exporters of scores: `nbgrader export --exporter=autograder.nbgrader.Canvas`, or `.Moodle`.

A file holds the final marks of one assignment: late penalties taken off, and nobody in it whose
answers a person must still look at. Both platforms take an empty cell for the wish to delete the
mark that is there, so who has no final mark has no row.

The forms are those that the platforms publish: Canvas in "How do I import grades in the
Gradebook?", and Moodle in "Grade import".
"""

from __future__ import annotations

import csv
import html
import io
import re
import unicodedata
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.plugins import ExportPlugin

from autograder.checking.expect import listed
from autograder.i18n import _, speak_the_locales
from autograder.reports.atomic_write import saver
from autograder.reports.labels import points
from autograder.reports.terminal.submission import plain

FORMULA = tuple("=+-@\N{MINUS SIGN}")
"""How a cell begins that a spreadsheet would compute."""

NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?", re.ASCII)

SEPARATORS = re.compile(r"([;,|\t\r\n])")
"""Where a program that separates cells by another character would see a cell begin."""


def text(value: str | None) -> str:
    """Return a text that a student may have chosen as a cell that no spreadsheet computes.

    As OWASP advises against CSV injection, an apostrophe stands before what begins a formula. That
    is decided as spreadsheets read it: full-width signs count, and blanks, line breaks, control and
    zero-width characters before a sign do not. A number stays a number, and any other text stays as
    it is, since platforms find students by it.
    """
    bare = (value or "")[len(_blanks(value or "")) :]
    return bare if NUMBER.fullmatch(bare) else "".join(map(_defused, SEPARATORS.split(bare)))


def _defused(piece: str) -> str:
    blanks = _blanks(piece)
    rest = piece[len(blanks) :]
    begins = unicodedata.normalize("NFKC", rest[:1]).startswith(FORMULA)
    return f"{blanks}'{rest}" if begins else piece


def _blanks(piece: str) -> str:
    """Return the blanks that a text begins with, and what nobody sees."""
    return "".join(takewhile(lambda each: unicodedata.category(each)[0] in "ZC", piece))


class Marks(ExportPlugin):  # type: ignore[misc]  # nbgrader has no types
    """What both exporters do."""

    file = ""
    """Where to, unless `--to` says so."""

    def export(self, gradebook: Gradebook) -> None:
        """Writes the file, whole or not at all, and names those who are not in it."""
        speak_the_locales()
        assignment = self._assignment(gradebook)
        marks, waiting = [], []
        for student in sorted(gradebook.students, key=lambda student: str(student.id)):
            if self.student and student.id not in map(str, self.student):
                continue
            try:
                submission = gradebook.find_submission(assignment.name, student.id)
            except MissingEntry:
                continue
            if submission.needs_manual_grade:
                waiting.append(student.id)
            else:
                marks.append((student, submission))
        path = Path(self.to or self.file)
        content = io.StringIO(newline="")
        csv.writer(content).writerows(self.rows(assignment, marks))
        try:
            saver(path)([content.getvalue().encode("utf-8", "replace")])
        except OSError as error:
            self.parent.fail("%s", error)
        final_marks = _("{path}: the final scores of {number} students")
        self.log.info("%s", final_marks.format(path=path, number=len(marks)))
        if waiting:
            left_out = _("Not in the file, because their answers need review first: {students}")
            self.log.warning("%s", left_out.format(students=listed([*map(plain, waiting)])))

    def _assignment(self, gradebook: Gradebook) -> Any:
        """The only one, or the one that `--assignment` names."""
        wanted = [str(each) for each in self.assignment]
        every = [each for each in gradebook.assignments if not wanted or each.name in wanted]
        if len(every) != 1:
            there = listed(sorted(each.name for each in gradebook.assignments)) or _("none")
            several = _(
                "The file holds the scores of one assignment: choose it with --assignment. "
                "The gradebook has: {names}"
            )
            self.parent.fail("%s", several.format(names=there))
        return every[0]

    def rows(self, assignment: Any, marks: list[tuple[Any, Any]]) -> Iterator[list[str]]:
        """The lines of the file.

        Args:
            assignment: nbgrader's.
            marks: students, and their submissions for it.
        """
        raise NotImplementedError


def final(submission: Any) -> str:
    """The points of a submission, less what being late costs."""
    return points(max(0.0, submission.score - (submission.late_submission_penalty or 0.0)))


class Canvas(Marks):
    """For Canvas's *Import* of its gradebook, which finds the assignment by its name."""

    file = "canvas.csv"

    def rows(self, assignment: Any, marks: list[tuple[Any, Any]]) -> Iterator[list[str]]:
        """A line for each student, after the names of the columns and the points possible."""
        known = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
        yield [*known, text(assignment.name)]
        yield ["    Points Possible", *[""] * (len(known) - 1), points(assignment.max_score)]
        for student, submission in marks:
            name = ", ".join(each for each in (student.last_name, student.first_name) if each)
            number = text(student.lms_user_id)
            yield [text(name or student.id), number, "", text(student.id), "", final(submission)]


class Moodle(Marks):
    """For Moodle's *Import, CSV file* of its grader report, which asks what each column is."""

    file = "moodle.csv"

    def rows(self, assignment: Any, marks: list[tuple[Any, Any]]) -> Iterator[list[str]]:
        """A line for each student, after the names of the columns."""
        known = ["First name", "Last name", "Username", "ID number", "Email address"]
        yield [*known, text(assignment.name), text(f"{assignment.name} (feedback)")]
        for student, submission in marks:
            about = (student.first_name, student.last_name, student.id, student.lms_user_id)
            yield [
                *map(text, [*about, student.email]),
                final(submission),
                _feedback(submission),
            ]


def _feedback(submission: Any) -> str:
    """The points of each part, and what a person has commented; Moodle shows it as HTML."""
    part = _("{part}: {points}/{most} points")
    lines = [
        part.format(
            part=grade.name.removesuffix("_hidden"),
            points=points(grade.score),
            most=points(grade.max_score),
        )
        for notebook in submission.notebooks
        for grade in notebook.grades
        if grade.max_score
    ]
    if submission.late_submission_penalty:
        late = _("Late penalty: {points} points")
        lines.append(late.format(points=points(submission.late_submission_penalty)))
    for notebook in submission.notebooks:
        lines += [each.manual_comment for each in notebook.comments if each.manual_comment]
    return "<br>".join(map(html.escape, lines))
