"""Exporters of scores: `nbgrader export --exporter=autograder.nbgrader.Canvas`, or `.Moodle`.

A file holds the final scores of one assignment: late penalties are subtracted, and students whose
answers need review are left out. Both platforms read an empty cell as a request to delete the
existing score, so a student without a final score has no row.

The formats are those that the platforms publish: Canvas in "How do I import grades in the
Gradebook?", and Moodle in "Grade import" and, on its offline grading worksheet, in "Using
Assignment". Students whom `collect` has taken from a platform's zip have the platform's numbers.
"""

from __future__ import annotations

import csv
import html
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.plugins import ExportPlugin

from autograder.checking.expect import listed
from autograder.course.private_files import ignore
from autograder.i18n import N_, _, speak_the_locales
from autograder.nbgrader.uploads import load
from autograder.reports.atomic_write import saver
from autograder.reports.csv_cells import text
from autograder.reports.labels import points
from autograder.reports.terminal.submission import plain

NOTHING = N_("Not in the file, because nothing of theirs is in the gradebook: {students}")

NEEDS_REVIEW = N_("Not in the file, because their answers need review first: {students}")

ANONYMOUS = N_(
    "Not in the file, because Canvas gave their files out without a number. Turn off anonymous "
    "grading, and collect its zip again: {students}"
)

MOODLES = N_("Not in the file, because they come from Moodle and have no Canvas id: {students}")

CANVASES = N_("Not in the file, because they come from Canvas and have no Moodle id: {students}")

PARTICIPANTS = N_(
    "Not in the file, because this import does not know the numbers in Moodle's zip. "
    "--exporter=autograder.nbgrader.MoodleWorksheet exports them: {students}"
)

NO_PARTICIPANT = N_("Not in the file, because they are not from a zip of Moodle: {students}")


class ScoreExporter(ExportPlugin):  # type: ignore[misc]  # nbgrader has no types
    """The common part of all exporters."""

    file = ""
    """The path of the file, unless `--to` names another."""

    def export(self, gradebook: Gradebook) -> None:
        """Write the file atomically, and name every student who is not in it, and why."""
        speak_the_locales()
        assignment = self._assignment(gradebook)
        root = Path(self.parent.coursedir.root)
        try:
            self.uploads = load(root, assignment.name)
        except (OSError, ValueError) as error:
            self.parent.fail("%s", error)
        marks: list[tuple[Any, Any]] = []
        left_out: dict[str, list[str]] = {}
        for student in sorted(gradebook.students, key=lambda student: str(student.id)):
            if self.student and student.id not in map(str, self.student):
                continue
            try:
                submission = gradebook.find_submission(assignment.name, student.id)
            except MissingEntry:
                left_out.setdefault(NOTHING, []).append(student.id)
                continue
            why = NEEDS_REVIEW if submission.needs_manual_grade else self.unknown(student)
            if why is not None:
                left_out.setdefault(why, []).append(student.id)
            else:
                marks.append((student, submission))
        path = Path(self.to or self.file)
        content = io.StringIO(newline="")
        csv.writer(content).writerows(self.rows(assignment, marks))
        try:
            saver(path)([content.getvalue().encode("utf-8", "replace")])
        except OSError as error:
            self.parent.fail("%s", error)
        ignore(path)
        final_marks = _("{path}: the final scores of {number} students")
        self.log.info("%s", final_marks.format(path=path, number=len(marks)))
        for why, students in left_out.items():
            self.log.warning("%s", _(why).format(students=", ".join(map(plain, students))))

    def unknown(self, student: Any) -> str | None:
        """Return a sentence about why the platform cannot know a student; None if it can."""
        raise NotImplementedError

    def _assignment(self, gradebook: Gradebook) -> Any:
        """Return the only assignment, or the one that `--assignment` names."""
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
        """Return the rows of the file, from nbgrader's students and submissions."""
        raise NotImplementedError


def final(submission: Any) -> str:
    """Return the points of a submission after its late penalty."""
    return points(max(0.0, submission.score - (submission.late_submission_penalty or 0.0)))


class Canvas(ScoreExporter):
    """Scores for *Import* in Canvas's gradebook, which finds the assignment by its name."""

    file = "canvas.csv"

    def unknown(self, student: Any) -> str | None:
        """Return why Canvas cannot know a student; it knows its own, and logins of the exchange."""
        upload = self.uploads.get(student.id)
        if upload is None or student.lms_user_id:
            return None
        if upload.platform != "canvas":
            return MOODLES
        return None if upload.user.isdecimal() else ANONYMOUS

    def rows(self, assignment: Any, marks: list[tuple[Any, Any]]) -> Iterator[list[str]]:
        """Return a row for each student, after the names of the columns and the points possible."""
        known = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
        yield [*known, text(assignment.name)]
        yield ["    Points Possible", *[""] * (len(known) - 1), points(assignment.max_score)]
        for student, submission in marks:
            name = ", ".join(each for each in (student.last_name, student.first_name) if each)
            upload = self.uploads.get(student.id)
            number = student.lms_user_id or (upload.user if upload else "")
            # A name that `collect` has made is no login.
            login = "" if upload else student.id
            yield [text(name or student.id), text(number), "", text(login), "", final(submission)]


class Moodle(ScoreExporter):
    """Scores for *Import, CSV file* in Moodle's grader report, which asks what each column is."""

    file = "moodle.csv"

    def unknown(self, student: Any) -> str | None:
        """Return why the grader report cannot know a student: it has no numbers of the zip."""
        upload = self.uploads.get(student.id)
        return {"moodle": PARTICIPANTS, "canvas": CANVASES}[upload.platform] if upload else None

    def rows(self, assignment: Any, marks: list[tuple[Any, Any]]) -> Iterator[list[str]]:
        """Return a row for each student, after the names of the columns."""
        known = ["First name", "Last name", "Username", "ID number", "Email address"]
        yield [*known, text(assignment.name), text(f"{assignment.name} (feedback)")]
        for student, submission in marks:
            about = (student.first_name, student.last_name, student.id, student.lms_user_id)
            yield [
                *map(text, [*about, student.email]),
                final(submission),
                _feedback(submission),
            ]


class MoodleWorksheet(ScoreExporter):
    """Scores for *Upload grading worksheet* of an assignment in Moodle, by participant."""

    file = "moodle-worksheet.csv"

    def unknown(self, student: Any) -> str | None:
        """Return why a worksheet cannot know a student: it uses the numbers of Moodle's zip."""
        upload = self.uploads.get(student.id)
        return None if upload and upload.platform == "moodle" else NO_PARTICIPANT

    def rows(self, assignment: Any, marks: list[tuple[Any, Any]]) -> Iterator[list[str]]:
        """Return a row for each student, after the names of the columns."""
        known = ["Identifier", "Full name", "Email address", "Grade", "Maximum grade"]
        yield [*known, "Last modified (grade)", "Feedback comments"]
        for student, submission in marks:
            upload = self.uploads[student.id]
            about = [f"Participant {upload.user}", text(upload.name), text(student.email)]
            most = points(assignment.max_score)
            yield [*about, final(submission), most, "", _feedback(submission)]


def _feedback(submission: Any) -> str:
    """Return the points of each part and the manual comments; Moodle shows them as HTML."""
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
