"""Make nbgrader's `autograde` work on private copies, so that it never touches `submitted/`.

nbgrader copies and reads a submission's files, following links and waiting for pipes. It has no
hook for that. So three methods of its converter are replaced in each process that imports
autograder's preprocessors or hooks: a command, or formgrader. A submission is copied into a private
folder, `CourseDirectory.submitted_directory` points to the copy, and nbgrader's own code does the
rest. Submissions are converted one by one, so that an error in one is that student's error alone.
The two methods that read `timestamp.txt` are replaced too, because nbgrader calls them without a
copy.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, suppress
from datetime import datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import sqlalchemy
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.apps.api import NbGraderAPI
from nbgrader.converters import Autograde
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory

from autograder.checking.expect import listed
from autograder.course.asserts_assignment import PlainAssignment, find_exercise
from autograder.course.assignment import Assignment, BadAssignment, find_course
from autograder.course.lesson import Lesson
from autograder.i18n import N_, _, use_language
from autograder.intake.files import read_beneath
from autograder.intake.find import Contents, find_of_student, unpacked
from autograder.intake.names import as_text, shown
from autograder.intake.private_copy import take_in
from autograder.intake.reconcile import Rejected
from autograder.intake.written import written_in
from autograder.nbgrader import lessons, locks, placeholder, student_folders
from autograder.nbgrader.writer import unreadable_file
from autograder.sandbox.host.workdir import WorkDir

NOT_TAKEN_IN = N_("The submission could not be read ({error}). Look at the submitted folder.")

_convert_all = Autograde.convert_notebooks
_init_assignment = Autograde.init_assignment
_init_destination = Autograde.init_destination


def install() -> None:
    """Replace nbgrader's methods; calling it again does nothing."""
    Autograde.convert_notebooks = _convert_one_by_one
    Autograde.init_assignment = _take_in_first
    Autograde.init_destination = _look_before_removing
    CourseDirectory.get_existing_timestamp = _existing_timestamp
    NbGraderAPI.get_submitted_timestamp = _submitted_timestamp


def _convert_one_by_one(self: Autograde) -> None:
    """Convert each submission as nbgrader does, and clean up after each.

    Raises:
        NbGraderException: some could not be graded; raised after all others are.
    """
    failed: list[str] = []
    submissions = dict(self.assignments)
    self.exercise = _exercise(self)
    locks.demand_gradebook()
    with ExitStack() as whole_run:
        _lock(self, whole_run)
        for folder in sorted(submissions):
            self.assignments = {folder: submissions[folder]}
            try:
                with ExitStack() as self.one_submission:
                    _convert_all(self)
            except NbGraderException as error:
                if isinstance(error.__context__, sqlalchemy.exc.OperationalError):
                    raise  # the gradebook has gone, for all of them
                failed.append(folder)
    self.assignments = submissions
    if failed:
        names = [shown(os.path.relpath(each, self.coursedir.root)) for each in failed]
        not_graded = _(
            "nbgrader did not grade {folders}; the reasons are above. All others were graded."
        )
        self.log.error(not_graded.format(folders=listed(names)))
        raise NbGraderException(not_graded.format(folders=listed(names)))


def _lock(self: Autograde, whole_run: ExitStack) -> None:
    """Prevent other commands from grading the assignment into the gradebook.

    If another one does, end the process if it is nbgrader's command, and raise in formgrader.
    """
    if self.exercise is None:
        return
    try:
        whole_run.enter_context(locks.lock(self.exercise.folder, shared=True))
    except locks.Busy as busy:
        if locks.command_url() is not None:
            locks.end(str(busy))
        raise NbGraderException(str(busy)) from None


def _exercise(self: Autograde) -> Assignment | PlainAssignment | None:
    """Return the assignment; None if autograder does not know it."""
    name = self.coursedir.assignment_id
    try:
        exercise = find_exercise(find_course(Path(self.coursedir.root)), name)
    except BadAssignment:
        return None
    return exercise if exercise.folder.is_dir() else None


def _look_before_removing(self: Autograde, assignment_id: str, student_id: str) -> bool:
    """Remember which notebooks stand in for unreadable files; nbgrader may remove them."""
    destination = Path(self._format_dest(assignment_id, student_id))
    self.unreadable_before = {}
    for path in destination.glob("*.ipynb"):
        with suppress(OSError):
            self.unreadable_before[path.stem] = unreadable_file(path.read_bytes())
    return bool(_init_destination(self, assignment_id, student_id))


def _forget_zeros(self: Autograde, student: str, notebooks: Mapping[str, bytes]) -> None:
    """Forget manual zeros, as `confirm` gives, for files that have been replaced since."""
    coursedir = self.coursedir
    with Gradebook(coursedir.db_url, coursedir.course_id) as gradebook:
        for name, data in notebooks.items():
            if self.unreadable_before.get(name) in (None, unreadable_file(data)):
                continue
            with suppress(MissingEntry):
                found = gradebook.find_submission_notebook(name, coursedir.assignment_id, student)
                for grade in found.grades:
                    grade.manual_score = grade.manual_score or None
        gradebook.db.commit()


def _take_in_first(self: Autograde, assignment_id: str, student_id: str) -> None:
    """Copy a submission, and let nbgrader initialize the assignment from the copy."""
    coursedir, clear_up = self.coursedir, self.one_submission
    submitted = Path(self._format_source(assignment_id, student_id))
    destination = Path(self._format_dest(assignment_id, student_id))
    clear_up.enter_context(locks.begun(Path(coursedir.root), destination))
    home = WorkDir()
    clear_up.callback(home.remove)
    directory = _leading_to(coursedir, home.path / "submitted")
    place = coursedir.format_path(directory, student_id, assignment_id)
    copy = Path(os.path.realpath(place))
    if Path(os.path.realpath(home.path)) not in copy.parents:
        elsewhere = _(
            "In nbgrader_config.py, c.CourseDirectory.directory_structure must use "
            "{nbgrader_step} as the whole name of a folder."
        )
        raise NbGraderException(elsewhere)
    notebooks = dict(_notebooks(self, submitted, student_id))
    said = take_in(
        submitted,
        copy,
        student_folders.student_free(submitted),
        [
            *student_folders.masters(coursedir, assignment_id, self),
            *student_folders.places_of(notebooks),
        ],
        student_folders.ignored(coursedir),
    )
    said += student_folders.leave_out_no_time(copy)
    for name, data in notebooks.items():
        (copy / f"{name}.ipynb").write_bytes(data)
    clear_up.callback(setattr, coursedir, "submitted_directory", coursedir.submitted_directory)
    coursedir.submitted_directory = directory
    self.notebooks = sorted(os.path.join(place, f"{name}.ipynb") for name in notebooks)
    _init_assignment(self, assignment_id, student_id)
    _forget_zeros(self, student_id, notebooks)
    _warn(self, student_id, *said, *student_folders.harmless_files(destination))


def _warn(self: Autograde, about: str, *sentences: str) -> None:
    for sentence in sentences:
        self.log.warning("%s: %s", about, as_text(sentence))


def _leading_to(coursedir: CourseDirectory, folder: Path) -> str:
    """Return the name of a step with which nbgrader looks into a folder outside the course."""
    above = coursedir.directory_structure.partition("{nbgrader_step}")[0]
    if not above:
        return str(folder)
    start = os.path.realpath(os.path.join(coursedir.root, above))
    return os.path.relpath(os.path.realpath(folder), start)


def _notebooks(self: Autograde, submitted: Path, student: str) -> Iterator[tuple[str, bytes]]:
    """Yield the notebooks that nbgrader is to convert, each in a form that it can open."""
    name, pattern = self.coursedir.assignment_id, self.coursedir.notebook_id
    top = student_folders.student_free(submitted)
    exercise: Assignment | PlainAssignment | None = self.exercise
    ours: dict[str, bytes] = {}
    if isinstance(exercise, PlainAssignment):
        ours = _of_plain(self, exercise, submitted, student)
    elif exercise is not None:
        made = lessons.assignment(exercise.root, name)
        with use_language(made.language):
            lesson = lessons.lesson(exercise.root, name, made.language)
            ours = {name: _of_lesson(self, lesson, submitted, student)}
    for each, data in ours.items():
        if fnmatchcase(each, pattern):
            yield each, data
    names = {Path(each).stem for each in self.notebooks}
    for other in sorted(_released(self).intersection(names) - ours.keys()):
        try:
            yield other, read_beneath(top, submitted / f"{other}.ipynb")
        except Rejected as rejected:
            self.log.warning("%s: %s: %s", student, other, rejected)


def _of_lesson(self: Autograde, lesson: Lesson, submitted: Path, student: str) -> bytes:
    try:
        top = student_folders.student_free(submitted)
        assert isinstance(self.exercise, Assignment)  # noqa: S101  # the caller has looked
        written = written_in(self.exercise)
        source = find_of_student(submitted, lesson.name, student, top=top, is_written=written)
        notebook, said = placeholder.readable_form(source.read(), lesson, plain=False)
        _warn(self, student, *source.observations, *said)
        return notebook
    except Rejected as rejected:
        return placeholder.placeholder(lesson, str(rejected))
    except Exception as error:  # whatever a student has made up, the class goes on
        return placeholder.placeholder(lesson, not_taken_in(error))


def _of_plain(
    self: Autograde, exercise: PlainAssignment, submitted: Path, student: str
) -> dict[str, bytes]:
    try:
        by_name = {lesson.name: lesson for lesson in exercise.lessons}
    except BadAssignment as bad:  # nbgrader may be able to grade it all the same
        self.log.warning("%s", bad)
        return {}
    content: Contents
    try:
        top = student_folders.student_free(submitted)
        written = written_in(exercise)
        source = find_of_student(submitted, exercise.name, student, by_name, top, written)
        _warn(self, student, *source.observations)
        data = source.read()
        content = unpacked(data) if len(by_name) > 1 else dict.fromkeys(by_name, data)
        if not content:  # nbgrader would stop at such a student
            missing = _("There is no {notebook}.ipynb in the submission.")
            content = {name: missing.format(notebook=name) for name in by_name}
    except Rejected as rejected:
        content = dict.fromkeys(by_name, str(rejected))
    except Exception as error:  # whatever a student has made up, the class goes on
        content = dict.fromkeys(by_name, not_taken_in(error))
    notebooks: dict[str, bytes] = {}
    for name, file in content.items():
        if isinstance(file, str):
            notebooks[name] = placeholder.placeholder(by_name[name], file)
            continue
        notebooks[name], said = placeholder.readable_form(file, by_name[name], plain=True)
        _warn(self, f"{student}: {name}", *said)
    return notebooks


def not_taken_in(error: Exception) -> str:
    """Return the reason for rejecting a submission after an unexpected error."""
    return _(NOT_TAKEN_IN).format(error=f"{type(error).__name__}: {shown(str(error))}")


def _released(self: Autograde) -> set[str]:
    """Return the notebooks that the gradebook knows; nbgrader ignores all others."""
    with Gradebook(self.coursedir.db_url, self.coursedir.course_id) as gradebook:
        try:
            assignment = gradebook.find_assignment(self.coursedir.assignment_id)
        except MissingEntry:
            return set()
        return {notebook.name for notebook in assignment.notebooks}


def _existing_timestamp(self: CourseDirectory, dest_path: str) -> datetime | None:
    """Return the time in a folder's `timestamp.txt`; None if it holds no time."""
    folder = Path(dest_path)
    when, said = student_folders.time_of(folder, student_folders.student_free(folder))
    for sentence in said:
        self.log.warning("%s: %s", shown(dest_path), sentence)
    return when


def _submitted_timestamp(self: NbGraderAPI, assignment_id: str, student_id: str) -> Any:
    """Return the time of a submission, as `NbGraderAPI` does, for formgrader's lists."""
    step = self.coursedir.submitted_directory
    return _existing_timestamp(
        self.coursedir, self.coursedir.format_path(step, student_id, assignment_id)
    )


install()
