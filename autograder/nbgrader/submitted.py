"""The submissions of an assignment, as nbgrader finds them."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path

from nbgrader.converters import Autograde, GenerateFeedback
from rich.console import Console
from traitlets import TraitError

from autograder.checking.expect import listed
from autograder.course.asserts_assignment import PlainAssignment
from autograder.course.assignment import Assignment, others
from autograder.course.builder import build
from autograder.course.lesson import READ_ONLY, Part
from autograder.grading.pool import RunConfig
from autograder.i18n import _
from autograder.intake.files import rejecting
from autograder.intake.find import SubmissionSource, find, find_of_student
from autograder.intake.written import written_in
from autograder.nbgrader import config
from autograder.nbgrader.conversion import not_taken_in
from autograder.nbgrader.gradebook import Book, ManualTotals, Unusable
from autograder.nbgrader.preprocessors import Grade
from autograder.nbgrader.records import ReleasedNotebook
from autograder.nbgrader.student_folders import (
    Folders,
    glob_pattern,
    student_free,
    student_pattern,
)
from autograder.reports.terminal.run_summary import print_manual_totals
from autograder.sandbox.isolation import Isolation

NOTHING = ReleasedNotebook(None, {}, {}, ())
"""The entry of a notebook that was never released."""


class SubmittedTree:
    """The submissions of an assignment, as nbgrader finds them; nothing is opened or moved.

    The course's folder becomes the working directory, as it is for nbgrader.

    Attributes:
        submissions: the submissions; empty before `find` is called.
        skipped: a sentence for each other file, which is not graded.
        missing: the students in the gradebook who submitted nothing.
        manual_totals: the parts of the scores that no judge has decided; None before it was read.

    Raises:
        BadConfig: nbgrader's configuration of the course cannot be used.
    """

    def __init__(self, assignment: Assignment | PlainAssignment) -> None:
        self.assignment = assignment
        self.app = config.load(assignment.root.absolute())
        self.coursedir = self.app.coursedir
        try:
            self.coursedir.assignment_id = assignment.name
        except TraitError:
            forbidden = _(
                "nbgrader does not take {name} for the name of an assignment: it must not have a + "
                "in it. Rename the assignment's folder and its notebook."
            )
            raise config.BadConfig(forbidden.format(name=assignment.name)) from None
        self.autograde = Autograde(coursedir=self.coursedir, parent=self.app)
        feedback = GenerateFeedback(coursedir=self.coursedir, parent=self.app)
        self.folders = Folders(assignment.name, self.autograde, feedback)
        grade = Grade(parent=self.app)
        self.isolation = Isolation(grade.isolation)
        self.flag_all = bool(grade.flag_all_manual_scores)
        self.submissions: list[SubmissionSource] = []
        self.skipped: list[str] = []
        self.missing: list[str] = []
        self.is_written = written_in(assignment)
        self.manual_totals: ManualTotals | None = None

    def configured(self, run_config: RunConfig) -> RunConfig:
        """Return the settings, in the isolation that the course chooses if the command does not."""
        chosen = self.isolation if run_config.isolation is Isolation.FULL else run_config.isolation
        return replace(run_config, isolation=chosen)

    def book(self, *, writing: bool) -> Book:
        """Open the course's gradebook at the assignment; close it when done."""
        url, course_id = self.coursedir.db_url, self.coursedir.course_id
        return Book(url, course_id, self.assignment.name, self.release, writing=writing)

    def print_totals(self, console: Console, rejected: Collection[str]) -> None:
        """Print the parts of the gradebook's scores that no judge has decided.

        `rejected` are the students whose file was rejected.
        """
        if self.manual_totals is not None:
            totals = self.manual_totals
            name = self.assignment.name
            print_manual_totals(
                console, name, totals.late, totals.by_hand, totals.waiting, rejected
            )

    @property
    def release(self) -> str:
        """Return the command that releases the assignment."""
        plain = isinstance(self.assignment, PlainAssignment)
        name = self.assignment.name
        return f"nbgrader generate_assignment {name}" if plain else f"autograder release {name}"

    def check_matches_gradebook(self, forms: Mapping[str, ReleasedNotebook]) -> None:
        """Check that the assignment is the one that the gradebook knows."""
        assignment = self.assignment
        unknown: set[str] = set()
        if isinstance(assignment, PlainAssignment):
            lessons, alike = assignment.lessons, _is_what_was_released
            for lesson in lessons:  # a lesson with checks may lose a function after its release
                unknown |= forms.get(lesson.name, NOTHING).max_scores.keys() - lesson.by_id.keys()
        else:
            lessons, alike = (build(assignment),), _is_known
        names = {lesson.name for lesson in lessons}
        if more := sorted(forms.keys() - names):
            several = _(
                "The gradebook has notebooks of {name} that autograder does not grade "
                "({notebooks}). Use `nbgrader autograde`, or release the assignment again "
                "without them."
            )
            raise Unusable(several.format(name=assignment.name, notebooks=listed(more)))
        for lesson in lessons:
            form = forms.get(lesson.name, NOTHING)
            unknown |= {each.id for each in lesson.by_id.values() if not alike(each, form)}
        if unknown:
            stale = _(
                "{cells} of {name} differ from the gradebook: release the assignment again "
                "with `{command}`."
            )
            raise Unusable(
                stale.format(
                    cells=listed(sorted(unknown)), name=assignment.name, command=self.release
                )
            )

    def find(self, book: Book) -> None:
        """Find the submissions that nbgrader finds, and report all other files."""
        self.check_matches_gradebook(book.forms)
        self.manual_totals = book.manual_totals()
        known = None if self.autograde.create_student else book.students()
        directory, name = self.coursedir.submitted_directory, self.assignment.name
        pattern = glob_pattern(self.coursedir, directory, self.coursedir.student_id, name)
        matching = student_pattern(self.coursedir, directory, name)
        excluded = self.coursedir.student_id_exclude.split(",")
        for folder in sorted({*glob.glob(pattern), *_without_folder(pattern)}):
            matched = matching.fullmatch(folder)
            if matched is None or matched["student"] in excluded:
                continue
            student = matched["student"]
            if student != _text(student):
                no_text = _("The name of {path} is not valid text: rename it.")
                self.skipped.append(no_text.format(path=self._shown(folder)))
            elif known is not None and student not in known:
                unknown = _(
                    "{student} is not in the gradebook, and c.Autograde.create_student is False. "
                    "Add the student with `nbgrader db student add {student}`."
                )
                self.skipped.append(unknown.format(student=student))
            else:
                source = self._of_student(Path(folder), student)
                called = self._called(source, Path(folder))
                said = (*source.observations, *called, *self.folders.submission_time(student)[1])
                once = tuple(dict.fromkeys(said))
                self.submissions.append(replace(source, observations=once))
        found = {each.student for each in self.submissions}
        self.missing = [each for each in book.missing() if each not in found]
        self._look_elsewhere()

    def _called(self, source: SubmissionSource, folder: Path) -> tuple[str, ...]:
        """Return a note that another file is graded than the one that nbgrader looks for."""
        graded, notebook = Path(source.path), f"{self.assignment.notebooks[0]}.ipynb"
        if os.path.lexists(folder / notebook) or not os.path.isfile(graded):
            return ()  # several notebooks have the path of their folder
        file = _text(str(graded.relative_to(folder)))
        said = _("{file} was graded, because there is no {notebook}.")
        return (said.format(file=file, notebook=notebook),)

    def _of_student(self, folder: Path, student: str) -> SubmissionSource:
        names = self.assignment.name, student, self.assignment.notebooks
        try:
            return find_of_student(folder, *names, student_free(folder), self.is_written)
        except Exception as error:  # whatever a student has made up, the class goes on
            return SubmissionSource(student, str(folder), rejecting(not_taken_in(error)))

    def _look_elsewhere(self) -> None:
        """Report submissions that lie where nbgrader does not look for them."""
        directory, name = self.coursedir.submitted_directory, self.assignment.name
        top = Path(self.coursedir.root, directory)
        wanted = self._shown(self.coursedir.format_path(directory, "STUDENT", name))
        pattern = glob_pattern(self.coursedir, directory, "*", name)
        homes = set(map(Path, glob.glob(pattern)))
        homes.update(Path(home).parent for home in _without_folder(pattern))
        names = name, others(self.assignment), self.assignment.notebooks
        sources = find([top], *names) if top.is_dir() else []
        for path in (Path(path) for each in sources for path in (each.path, *each.beside)):
            if not homes.intersection([path, *path.parents]):
                homes.add(path)  # said once
                elsewhere = _("{path} is not inside {folder}.")
                self.skipped.append(elsewhere.format(path=self._shown(path), folder=wanted))

    def _shown(self, path: Path | str) -> str:
        return _text(str(Path(path).relative_to(self.coursedir.root)))


def _without_folder(pattern: str) -> list[str]:
    """Return the places that `glob` skips: the student's own folder is a link, pipe or device."""
    students, name = os.path.split(pattern)
    name = re.sub(r"\[([*?[])\]", r"\1", name)  # as it was before `glob.escape`
    return [
        os.path.join(student, name)
        for student in glob.glob(students)
        if os.path.islink(student) or not (os.path.isdir(student) or os.path.isfile(student))
    ]


def _is_known(part: Part, form: ReleasedNotebook) -> bool:
    """Tell whether the gradebook knows a cell and its present points."""
    return part.id in form.sources and form.max_scores.get(part.id) == part.points


def _is_what_was_released(part: Part, form: ReleasedNotebook) -> bool:
    """Tell whether a cell equals the gradebook's copy, with which nbgrader grades."""
    known = form.sources.get(part.id)
    same = known is not None and (part.role not in READ_ONLY or known.source == part.source)
    return same and _is_known(part, form)


def _text(name: str) -> str:
    return name.encode("utf-8", "backslashreplace").decode()
