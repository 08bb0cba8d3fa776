"""A whole class, from `submitted/` into nbgrader's books.

The judges of a pool do what takes time, for each submission on its own; one writer, here, has the
gradebook. What is found and what is written is what nbgrader's `autograde --force` and
`generate_feedback` find and write.
"""

from __future__ import annotations

import glob
import re
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path
from types import TracebackType

from nbgrader.converters import Autograde, GenerateFeedback

from autograder.batch import take_all
from autograder.books import course, unfinished
from autograder.books.clerk import Clerk
from autograder.books.folders import Folders
from autograder.books.gradebook import Book, Unusable
from autograder.books.papers import Books
from autograder.books.preprocessors import Grade
from autograder.books.writer import Writer
from autograder.checking.expect import listed
from autograder.checking.result import SubmissionResult
from autograder.course.assignment import Assignment
from autograder.course.lesson import build
from autograder.course.secret import Secret
from autograder.intake.archives import Found, find, find_of_student
from autograder.pool import Setting
from autograder.sandbox.isolation import InForce, Isolation


class Bulk:
    """What is to be graded into a course's books; use it in a `with` statement.

    When that ends, all that was graded is written. The course's folder is the working one from
    then on, as it is for nbgrader.

    Args:
        assignment: what is graded.

    Attributes:
        found: the submissions.
        passed_over: what else lies there and is not graded, a sentence for each.

    Raises:
        BadConfig: nbgrader's configuration of the course cannot be used.
        Unusable: its gradebook cannot.
        Busy: somebody else is grading this assignment.
    """

    def __init__(self, assignment: Assignment) -> None:
        self.assignment = assignment
        name = assignment.name
        app = course.load(assignment.root.absolute())
        self.coursedir = app.coursedir
        self.coursedir.assignment_id = name
        autograde = Autograde(coursedir=self.coursedir, parent=app)
        feedback = GenerateFeedback(coursedir=self.coursedir, parent=app)
        self.isolation = Isolation(Grade(parent=app).isolation)
        self.found: list[Found] = []
        self.passed_over: list[str] = []
        with ExitStack() as opened:
            opened.enter_context(unfinished.alone(assignment.folder))
            unfinished.clear(Path(self.coursedir.root))
            book = opened.enter_context(
                closing(Book(self.coursedir.db_url, self.coursedir.course_id, name))
            )
            if unknown := sorted(build(assignment).by_id.keys() - book.form.sources.keys()):
                raise Unusable(
                    f"The gradebook does not know {listed(unknown)} of {name}: release it again, "
                    f"with `autograder release {name}`."
                )
            self.folders = Folders(self.coursedir, name, autograde, feedback)
            self.folders.clear()
            self._find(None if autograde.create_student else book.students())
            times = {each.student: self.folders.handed_in(each.student)[0] for each in self.found}
            self.books = Books(
                course.packed(app.config), book.url, book.form, book.standings(times)
            )
            self.writer = Writer(book, self.folders, Clerk(self.books, name))
            self.opened = opened.pop_all()

    def __enter__(self) -> Bulk:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        with self.opened:
            self.writer.flush()

    def results(
        self, secret: Secret, workers: int, isolation: Isolation, in_force: InForce
    ) -> Iterator[SubmissionResult]:
        """The results, in the order of the students, each when it is sure to be written.

        Args:
            secret: what the inputs are made from.
            workers: how many to grade at once.
            isolation: how well learners' code must be kept in.
            in_force: is told what has kept it in.

        Raises:
            SandboxError: the sandbox cannot be had, for these submissions or for any.
        """
        root = self.assignment.root.absolute()
        if isolation is Isolation.FULL:  # or as the configuration asks for by name
            isolation = self.isolation
        setting = Setting(root, self.assignment.name, secret, isolation, self.books)
        for each in take_all(setting, self.found, workers=workers):
            in_force.note(each.layers)
            assert each.papers is not None  # noqa: S101  # they were asked for
            self.writer.add(each.result.student, each.papers)
            yield each.result
        self.writer.flush()

    def _find(self, known: set[str] | None) -> None:
        """Finds what nbgrader finds, and says what else there is."""
        directory, name = self.coursedir.submitted_directory, self.assignment.name
        pattern = self.coursedir.format_path(directory, self.coursedir.student_id, name)
        matching = self.coursedir.format_path(directory, "(?P<student>.*)", name, escape=True)
        excluded = self.coursedir.student_id_exclude.split(",")
        for folder in sorted(glob.glob(pattern)):
            matched = re.fullmatch(matching, folder)
            if matched is None or matched["student"] in excluded:
                continue
            student = matched["student"]
            found = find_of_student(Path(folder), name, student)
            if found is None:
                self.passed_over.append(f"There is no notebook in {self._shown(folder)}.")
            elif student != _text(student):
                self.passed_over.append(f"{self._shown(folder)} has a name that is no text.")
            elif known is not None and student not in known:
                self.passed_over.append(
                    f"{student} is not in the gradebook, and c.Autograde.create_student is False."
                )
            else:
                said = (*found.observations, *self.folders.handed_in(student)[1])
                self.found.append(replace(found, observations=said))
        self._look_elsewhere()

    def _look_elsewhere(self) -> None:
        """Names what was handed in, and lies where nbgrader does not look for it."""
        directory, name = self.coursedir.submitted_directory, self.assignment.name
        top = Path(self.coursedir.root, directory)
        wanted = self._shown(self.coursedir.format_path(directory, "STUDENT", name))
        homes = set(map(Path, glob.glob(self.coursedir.format_path(directory, "*", name))))
        for each in find([top], name) if top.is_dir() else []:
            path = Path(each.path)
            if not homes.intersection([path, *path.parents]) and path.is_file():
                self.passed_over.append(f"{self._shown(path)} does not lie in {wanted}.")

    def _shown(self, path: Path | str) -> str:
        return _text(str(Path(path).relative_to(self.coursedir.root)))


def _text(name: str) -> str:
    return name.encode("utf-8", "backslashreplace").decode()
