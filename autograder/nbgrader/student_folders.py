"""A course's `autograded/` and `feedback/`, one student at a time, each folder written atomically.

A new folder is written beside its place, under a name that nbgrader ignores, and moved into its
place in one step. The old folder is moved away before the gradebook is written: nbgrader takes
everything in `autograded/` as done, so a run that is killed in between leaves the student to be
graded again.
"""

from __future__ import annotations

import glob
import hashlib
import os
import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path, PurePosixPath

from nbgrader.converters import Autograde, GenerateFeedback
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import find_all_files, parse_utc

from autograder.i18n import _
from autograder.intake import private_copy
from autograder.intake.files import read_beneath
from autograder.intake.names import shown
from autograder.nbgrader.harmless_files import harmless_files
from autograder.nbgrader.records import SubmissionRecord

NEW, OLD = ".{}.autograder-new", ".{}.autograder-old"
"""What is called like this beside a student's folder, somebody has left there who was killed."""

TIMESTAMP = "timestamp.txt"

LONGEST_TIME = 100
"""Characters in a time; a file may hold anything."""

LEADS_TO_A_FILE = re.compile(r"(^|\s)[/:~]|\.\.")
"""What dateutil would take for the path of a file with a time zone."""

OF_THE_EXCHANGE = ("timestamp.txt", "submission_secret.txt")
"""The files that the exchange puts beside a submission."""


class Folders:
    """The folders of one assignment.

    Args:
        coursedir: nbgrader's, which knows where everything is.
        assignment: its name.
        autograde: nbgrader's, for the files that it copies.
        feedback: nbgrader's, for the permissions that it sets.
    """

    def __init__(
        self,
        coursedir: CourseDirectory,
        assignment: str,
        autograde: Autograde,
        feedback: GenerateFeedback,
    ) -> None:
        self.coursedir = coursedir
        self.assignment = assignment
        self.steps = {
            coursedir.autograded_directory: autograde,
            coursedir.feedback_directory: feedback,
        }
        self.masters = masters(coursedir, assignment, autograde)

    def submitted(self, student: str) -> Path:
        """Return the folder of a student's submission."""
        return self._path(self.coursedir.submitted_directory, student, self.assignment)

    def _path(self, step: str, student: str, assignment: str) -> Path:
        return Path(self.coursedir.format_path(step, student, assignment))

    def submission_time(self, student: str) -> tuple[datetime | None, tuple[str, ...]]:
        """Return the time of a student's submission, in UTC, and notes about it."""
        folder = self.submitted(student)
        return time_of(folder, student_free(folder))

    def are_there(self, student: str) -> bool:
        """Tell whether a student has all files that are written here."""
        return all(self._path(step, student, self.assignment).is_dir() for step in self.steps)

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
        """Write a student's folders, beside their places.

        Returns:
            Notes about the files there.

        Raises:
            OSError: it cannot be done.
        """
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
                folder = self._path(step, student, NEW.format(self.assignment))
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
        return (*said, *renamed)

    def rewrite_feedback(self, student: str, name: str, feedback: bytes) -> None:
        """Replace the page of a notebook in the folders that were written."""
        folder = self._path(self.coursedir.feedback_directory, student, NEW.format(self.assignment))
        (folder / f"{name}.html").write_bytes(feedback)

    def notebook(self, student: str, name: str) -> bytes:
        """Return a notebook from the folders that were written."""
        step = self.coursedir.autograded_directory
        folder = self._path(step, student, NEW.format(self.assignment))
        return (folder / f"{name}.ipynb").read_bytes()

    def notebook_before(self, student: str, name: str) -> bytes | None:
        """Return a notebook in `autograded/` as the last run has left it; None if there is none."""
        step = self.coursedir.autograded_directory
        try:
            return (self._path(step, student, self.assignment) / f"{name}.ipynb").read_bytes()
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
        # The other way round: that `autograded/` has it says that all is done.
        for place, new, old in reversed(list(self._places(students))):
            new.rename(place)
            if old.exists():
                shutil.rmtree(old)

    def _places(self, students: Iterable[str]) -> Iterator[tuple[Path, Path, Path]]:
        for student in students:
            for step in self.steps:
                names = (name.format(self.assignment) for name in ("{}", NEW, OLD))
                place, new, old = (self._path(step, student, name) for name in names)
                place.parent.mkdir(parents=True, exist_ok=True)
                yield place, new, old

    def clear(self) -> None:
        """Remove leftovers of killed runs; no other run may be active."""
        for step in self.steps:
            for name in (NEW, OLD):
                pattern = self.coursedir.format_path(step, "*", name.format(self.assignment))
                root = Path(self.coursedir.root)
                for left in root.glob(os.path.relpath(pattern, root)):
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
    """Return the time of a submission, in UTC, and notes about it.

    Args:
        folder: of the submission.
        top: a folder above it that no student has made.
    """
    path = folder / TIMESTAMP
    if not os.path.lexists(path):
        return None, ()
    try:
        text = read_beneath(top, path).decode().strip()
        if len(text) > LONGEST_TIME or LEADS_TO_A_FILE.search(text):
            raise ValueError(text[:LONGEST_TIME])
        return (parse_utc(text) if text else None), ()
    except Exception as error:  # dateutil has many errors, and the file may hold anything
        unknown = _("{file} contains no valid submission time: {error}")
        return None, (unknown.format(file=TIMESTAMP, error=shown(str(error))),)


def leave_out_no_time(copy: Path) -> tuple[str, ...]:
    """Remove a `timestamp.txt` without a time from a private copy: nbgrader would stop at it.

    Returns:
        Notes about the file.
    """
    said = time_of(copy, copy)[1]
    if said:
        (copy / TIMESTAMP).unlink(missing_ok=True)
    return said


def without_exchange(coursedir: CourseDirectory, assignment: str) -> list[str]:
    """Return the students with a feedback page whose submission did not come through the exchange.

    `nbgrader release_feedback` wants the files of `OF_THE_EXCHANGE` beside each page.
    """
    directory = coursedir.feedback_directory
    pattern = coursedir.format_path(directory, "(?P<student>.*)", assignment, escape=True)
    return sorted(
        matched["student"]
        for folder in glob.glob(coursedir.format_path(directory, "*", assignment))
        if (matched := re.fullmatch(pattern, folder))
        and not all(os.path.isfile(os.path.join(folder, name)) for name in OF_THE_EXCHANGE)
    )
