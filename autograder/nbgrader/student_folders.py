"""A course's `autograded/` and `feedback/`, one student at a time, each folder written atomically.

A new folder is written beside its place, under a name that nbgrader ignores, and moved into its
place in one step. The old folder is moved away before the gradebook is written: nbgrader takes
everything in `autograded/` as done, so a run that is killed in between leaves the student to be
graded again.
"""

from __future__ import annotations

import glob
import hashlib
import mimetypes
import os
import re
import shutil
import warnings
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path, PurePosixPath

from dateutil.parser import parse  # type: ignore[import-untyped]  # as nbgrader does
from dateutil.tz import gettz  # type: ignore[import-untyped]
from nbgrader.converters import Autograde, GenerateFeedback
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import find_all_files, parse_utc

from autograder.course.sharing import share
from autograder.i18n import _
from autograder.intake import private_copy
from autograder.intake.files import read_beneath
from autograder.intake.names import shown
from autograder.nbgrader.records import SubmissionRecord

NEW, OLD = ".{}.autograder-new", ".{}.autograder-old"
"""The names of new and old folders beside a student's folder; a killed run leaves them there."""

TIMESTAMP = "timestamp.txt"

MAX_TIME_CHARACTERS = 100
"""Characters in a time; a file may hold anything."""

PATH_OF_TIME_ZONE = re.compile(r"(^|\s)[/:~]|\.\.")
"""A text that dateutil would read as the path of a file with a time zone."""

RUN_BY_BROWSERS = ("html", "xml", "svg")
"""Parts of the names of all types in which a browser runs scripts."""

NUMERIC_ZONE = re.compile(r"[+-][0-9]{2}:?[0-9]{2}")

OF_THE_EXCHANGE = ("timestamp.txt", "submission_secret.txt")
"""The files that the exchange puts beside a submission."""


class Folders:
    """The folders of one assignment.

    nbgrader's converters tell which files are copied and which permissions are set.
    """

    def __init__(self, assignment: str, autograde: Autograde, feedback: GenerateFeedback) -> None:
        self.coursedir = coursedir = autograde.coursedir
        self.assignment = assignment
        self.steps = {
            coursedir.autograded_directory: autograde,
            coursedir.feedback_directory: feedback,
        }
        self.masters = masters(coursedir, assignment, autograde)

    def submitted(self, student: str) -> Path:
        """Return the folder of a student's submission."""
        return self._path(self.coursedir.submitted_directory, student)

    def _path(self, step: str, student: str, form: str = "{}") -> Path:
        return Path(self.coursedir.format_path(step, student, form.format(self.assignment)))

    def submission_time(self, student: str) -> tuple[datetime | None, tuple[str, ...]]:
        """Return the time of a student's submission, in UTC, and notes about it."""
        folder = self.submitted(student)
        return time_of(folder, student_free(folder))

    def are_there(self, student: str) -> bool:
        """Tell whether a student has all files that are written here."""
        return all(self._path(step, student).is_dir() for step in self.steps)

    def digest(self, student: str) -> bytes:
        """Return the digest of all inputs of a student's folders, except the marks."""
        folder = self.submitted(student)
        digest = hashlib.sha256(
            private_copy.digest(folder, student_free(folder), ignored(self.coursedir))
        )
        for place, path in sorted(self.masters.items()):
            digest.update(f"{place}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
        return digest.digest()

    def write(self, student: str, record: SubmissionRecord) -> tuple[str, ...]:
        """Write a student's folders beside their places, and return notes about the files."""
        submitted = self.submitted(student)
        ours = [*self.masters, *places_of(record.of)]
        with private_copy.private_copy(
            submitted, student_free(submitted), ours, ignored(self.coursedir)
        ) as (copy, said):
            leave_out_no_time(copy)
            theirs = {
                PurePosixPath(path.relative_to(copy)): path
                for path in copy.rglob("*")
                if path.is_file()
            }
            files = theirs | self.masters
            renamed: tuple[str, ...] = ()
            for step, converter in self.steps.items():
                folder = self._path(step, student, NEW)
                if folder.exists():
                    shutil.rmtree(folder)
                folder.mkdir(parents=True)
                for place, file in files.items():
                    (folder / place).parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy(file, folder / place)
                renamed = tuple(harmless_files(folder))
                for name, each in record.of.items():
                    if step == self.coursedir.feedback_directory:
                        (folder / f"{name}.html").write_bytes(each.feedback)
                    else:
                        (folder / f"{name}.ipynb").write_bytes(each.notebook)
                self._permit(folder, converter.permissions)
                self._share_above(folder)
        return (*said, *renamed)

    def rewrite_feedback(self, student: str, name: str, feedback: bytes) -> None:
        """Replace the page of a notebook in the folders that were written."""
        folder = self._path(self.coursedir.feedback_directory, student, NEW)
        (folder / f"{name}.html").write_bytes(feedback)

    def notebook(self, student: str, name: str) -> bytes:
        """Return a notebook from the folders that were written."""
        folder = self._path(self.coursedir.autograded_directory, student, NEW)
        return (folder / f"{name}.ipynb").read_bytes()

    def notebook_before(self, student: str, name: str) -> bytes | None:
        """Return a notebook in `autograded/` as the last run has left it; None if there is none."""
        folder = self._path(self.coursedir.autograded_directory, student)
        try:
            return (folder / f"{name}.ipynb").read_bytes()
        except OSError:
            return None

    def _permit(self, folder: Path, permissions: int) -> None:
        """Set the permissions of files as nbgrader's converters do."""
        mode = int(str(permissions), 8)
        for place, _folders, names in os.walk(folder):
            for name in names:
                Path(place, name).chmod(mode)
            if self.coursedir.groupshared:
                with suppress(PermissionError):
                    Path(place).chmod((Path(place).stat().st_mode | 0o2770) & 0o2777)

    def _share_above(self, folder: Path) -> None:
        """Let other instructors put their work into the folders above one, as into itself."""
        root = Path(self.coursedir.root)
        if self.coursedir.groupshared:
            for above in folder.parents:
                if root in above.parents:
                    share(above, root)

    def take_away(self, students: Iterable[str]) -> None:
        """Move existing folders away; from now on these students count as not done."""
        for place, _new, old in self._places(students):
            with suppress(FileNotFoundError):
                place.rename(old)

    def bring_back(self, students: Iterable[str]) -> None:
        """Move folders back that were moved away, and remove the new ones."""
        for place, new, old in self._places(students):
            with suppress(FileNotFoundError):
                old.rename(place)
            shutil.rmtree(new, ignore_errors=True)

    def put(self, students: Iterable[str]) -> None:
        """Move new folders into their places, and remove the old ones."""
        # `feedback/` comes first: a folder in `autograded/` says that all is done.
        for place, new, old in reversed(list(self._places(students))):
            new.rename(place)
            if old.exists():
                shutil.rmtree(old)

    def _places(self, students: Iterable[str]) -> Iterator[tuple[Path, Path, Path]]:
        for student in students:
            for step in self.steps:
                place, new, old = (self._path(step, student, form) for form in ("{}", NEW, OLD))
                place.parent.mkdir(parents=True, exist_ok=True)
                yield place, new, old

    def clear(self) -> None:
        """Remove leftovers of killed runs; no other run may be active."""
        for step in self.steps:
            for name in (NEW, OLD):
                folder = name.format(self.assignment)
                for left in glob.glob(glob_pattern(self.coursedir, step, "*", folder)):
                    shutil.rmtree(left)


def masters(
    coursedir: CourseDirectory, assignment: str, autograde: Autograde
) -> dict[PurePosixPath, Path]:
    """Return the files of the course that nbgrader puts beside every notebook, by their places."""
    source = Path(coursedir.format_path(coursedir.source_directory, ".", assignment))
    own = {str(source / each) for each in autograde.exclude_overwriting.get(assignment, [])}
    return {
        PurePosixPath(Path(each).relative_to(source)): Path(each)
        for each in find_all_files(str(source), ignored(coursedir))
        if each not in own
    }


def places_of(notebooks: Iterable[str]) -> Iterator[PurePosixPath]:
    """Return the places of files that are written for notebooks, and that nbgrader reads."""
    for name in notebooks:
        yield PurePosixPath(f"{name}.ipynb")
        yield PurePosixPath(f"{name}.html")
    yield from map(PurePosixPath, OF_THE_EXCHANGE)


def ignored(coursedir: CourseDirectory) -> list[str]:
    """Return the patterns of names that nbgrader does not put beside a notebook."""
    return [*coursedir.ignore, "*.ipynb"]


def student_free(submitted: Path) -> Path:
    """Return the folder above a submission's that no student has made, as a repository is made.

    A submission lies in a folder for the student and the assignment, in either order. The first of
    them holds files of the student, or of the instructor who collected them.
    """
    return submitted.parent.parent


def time_of(folder: Path, top: Path) -> tuple[datetime | None, tuple[str, ...]]:
    """Return the time of the submission in a folder, in UTC, and notes about it.

    `top` is a folder above it that no student has made.
    """
    path = folder / TIMESTAMP
    if not os.path.lexists(path):
        return None, ()
    try:
        text = read_beneath(top, path).decode().strip()
        if len(text) > MAX_TIME_CHARACTERS or PATH_OF_TIME_ZONE.search(text):
            raise ValueError(text[:MAX_TIME_CHARACTERS])
        return (_utc(text) if text else None), ()
    except Exception as error:  # dateutil has many errors, and the file may hold anything
        unknown = _("{file} contains no valid submission time: {error}")
        return None, (unknown.format(file=TIMESTAMP, error=shown(str(error))),)


def _utc(text: str) -> datetime:
    """Read a time as nbgrader does, but take no zone for another one: raise ValueError instead.

    nbgrader takes `+0100` after a blank for a hundred seconds, and a word that is no zone for UTC.
    """
    parts = text.split(" ")
    if len(parts) == 3 and (NUMERIC_ZONE.fullmatch(parts[2]) or gettz(parts[2]) is None):
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # of a zone that is unknown
            return parse_utc(parse(text))  # type: ignore[no-any-return]
    return parse_utc(text)  # type: ignore[no-any-return]


def leave_out_no_time(copy: Path) -> tuple[str, ...]:
    """Remove a `timestamp.txt` without a time from a private copy: nbgrader would stop at it."""
    said = time_of(copy, copy)[1]
    if said:
        (copy / TIMESTAMP).unlink(missing_ok=True)
    return said


def harmless_files(folder: Path) -> Iterator[str]:
    """Rename files that a browser would run, and yield a sentence for each.

    nbgrader copies a submission's other files into `autograded/`, and formgrader serves them from
    its own address: an HTML page, opened there, could do whatever the instructor can do. With
    another ending, the browser shows its text.
    """
    for path in sorted(folder.rglob("*")):
        # Of a name that begins with dots, like `..svg`, mimetypes sees no ending.
        kind, _encoding = mimetypes.guess_type(f"_{path.name}", strict=False)
        if path.is_file() and kind is not None and any(part in kind for part in RUN_BY_BROWSERS):
            text = path.with_name(f"{path.name}.txt")
            while text.exists():
                text = text.with_name(f"{text.name}.txt")
            path.rename(text)
            renamed = _("A browser would run the file {file}, so it was renamed to {name}.")
            yield renamed.format(file=repr(path.name), name=repr(text.name))


def without_exchange(coursedir: CourseDirectory, assignment: str) -> list[str]:
    """Return the students with a feedback page whose submission did not come through the exchange.

    `nbgrader release_feedback` wants the files of `OF_THE_EXCHANGE` beside each page.
    """
    directory = coursedir.feedback_directory
    pattern = student_pattern(coursedir, directory, assignment)
    return sorted(
        matched["student"]
        for folder in glob.glob(glob_pattern(coursedir, directory, "*", assignment))
        if (matched := pattern.fullmatch(folder))
        and not all(os.path.isfile(os.path.join(folder, name)) for name in OF_THE_EXCHANGE)
    )


def glob_pattern(coursedir: CourseDirectory, step: str, student: str, assignment: str) -> str:
    """Return what `glob` finds the folders by that students have for an assignment.

    The course's folder and the assignment's name may have brackets in them.
    """
    path = str(coursedir.format_path(step, student, glob.escape(assignment)))
    below = path.removeprefix(coursedir.root)
    return path if below == path else glob.escape(coursedir.root) + below


def student_pattern(coursedir: CourseDirectory, step: str, assignment: str) -> re.Pattern[str]:
    """Return the pattern of the folders' paths, whose group `student` is the student's name."""
    name = re.escape(assignment)
    return re.compile(coursedir.format_path(step, "(?P<student>.*)", name, escape=True))
