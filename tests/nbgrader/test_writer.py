"""Rows and folders are written together or not at all, and a person's entries are respected."""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy
from nbgrader.api import Gradebook
from nbgrader.converters import Autograde, GenerateFeedback

from autograder.grading.outcome import GradedWork, NotebookResult
from autograder.nbgrader import config as courses
from autograder.nbgrader import locks, writer
from autograder.nbgrader.feedback import outdated_pages
from autograder.nbgrader.gradebook import Book, Unusable
from autograder.nbgrader.record_builder import RecordBuilder
from autograder.nbgrader.records import (
    GradebookSnapshot,
    ManualEntries,
    NotebookScores,
    SubmissionRecord,
)
from autograder.nbgrader.student_folders import Folders
from autograder.nbgrader.writer import STUDENTS_PER_TRANSACTION, Writer
from autograder.result import Status, SubmissionResult

if TYPE_CHECKING:
    from tests.helpers.course import Course

EXTENSION = "\nc.AssignLatePenalties.plugin_class = 'late.All'\n"

LATE = """\
from nbgrader.plugins import BasePlugin


class All(BasePlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return score
"""


class Desk:
    """A course's books, and a writer at them.

    Attributes:
        course: the course.
        writer: who writes.
    """

    def __init__(self, course: Course) -> None:
        self.course = course
        (course.root / "late.py").write_text(LATE)
        config = course.root / "nbgrader_config.py"
        config.write_text(config.read_text() + EXTENSION)
        app = courses.load(course.root)
        self.coursedir = app.coursedir
        self.book = Book(self.coursedir.db_url, self.coursedir.course_id, course.name, "release")
        books = GradebookSnapshot(courses.packed(app.config), self.book.url, self.book.forms)
        self.clerk = RecordBuilder(books, course.name)
        converters = Autograde(coursedir=self.coursedir), GenerateFeedback(coursedir=self.coursedir)
        self.folders = Folders(course.name, *converters)
        self.written: list[str] = []
        self.writer = Writer(self.book, self.folders, self.clerk, self._written)

    def _written(self, students: Sequence[str]) -> None:
        self.written += students

    def papers(self, student: str, points: float) -> SubmissionRecord:
        """Return what a judge might have made, with some points for the first function."""
        self.course.submit(student, self.course.handed_in({}))
        result = SubmissionResult(
            student, "", Status.REJECTED, "No reason.", 0, 11, 0, False, (), ()
        )
        grader: Any = SimpleNamespace(sentences={})
        sheet = NotebookResult(self.course.lesson, b"", "No reason.")
        made = self.clerk.record(GradedWork(result, grader, (sheet,))).of[self.course.name]
        scores = {**made.marks.scores, "double_hidden": points}
        paper = replace(made, marks=NotebookScores(scores, {}, None))
        return SubmissionRecord({self.course.name: paper}, {})

    def scores(self) -> dict[str, float]:
        """Return what everybody has for the first function."""
        with Gradebook(self.book.url) as gradebook:
            return {
                each.student.id: gradebook.find_grade(
                    "double_hidden", self.course.name, self.course.name, each.student.id
                ).score
                for each in gradebook.assignment_submissions(self.course.name)
            }

    def there(self, step: str = "autograded") -> set[str]:
        """Whose folders there are, and what else."""
        return {
            str(path.relative_to(self.course.root / step))
            for path in (self.course.root / step).glob("*/*")
        }


@pytest.fixture
def desk(released_tiny: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.chdir(tmp_path)  # so that the folder is left again
    monkeypatch.syspath_prepend(str(tmp_path))
    made = Desk(released_tiny.copy(tmp_path / "course"))
    yield made
    made.book.close()


def test_a_hundred_are_one_transaction(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autograder.nbgrader.writer.MAX_UNWRITTEN_SECONDS", 1000)
    commits: list[object] = []
    sqlalchemy.event.listen(desk.book.engine, "commit", commits.append)
    papers = desk.papers("s", 1)
    for number in range(2 * STUDENTS_PER_TRANSACTION + 1):
        desk.course.submit(f"s{number}", b"{}")
        desk.writer.add(f"s{number}", papers)
    assert len(commits) == 2
    assert len(desk.scores()) == len(desk.written) == 2 * STUDENTS_PER_TRANSACTION
    desk.writer.flush()
    assert len(commits) == 3
    assert desk.scores() == {
        f"s{number}": 1.0 for number in range(2 * STUDENTS_PER_TRANSACTION + 1)
    }
    assert desk.there() == {
        f"s{number}/doubling" for number in range(2 * STUDENTS_PER_TRANSACTION + 1)
    }


class Killed(BaseException):
    pass


@pytest.mark.parametrize("moment", ["take_away", "write", "_written", "put"])
def test_who_is_killed_has_left_it_to_be_done_again_or_has_done_it(
    desk: Desk, moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for student in ("ada", "bob"):
        desk.writer.add(student, desk.papers(student, 1))
    desk.writer.flush()

    def killed(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(desk.folders, "bring_back", lambda *_: None)  # the dead clear nothing up
        owner = {"write": desk.book, "_written": desk}.get(moment, desk.folders)
        patch.setattr(owner, moment, killed)
        if moment == "_written":
            patch.setattr(desk.writer, "written", killed)
            patch.setattr(desk.folders, "put", killed)  # nor do the dead put anything into place
        for student in ("ada", "bob"):
            desk.writer.add(student, desk.papers(student, 2))
        with pytest.raises(Killed):
            desk.writer.flush()
    desk.folders.clear()
    done = {"ada/doubling", "bob/doubling"}
    before, after = {"ada": 1.0, "bob": 1.0}, {"ada": 2.0, "bob": 2.0}
    if moment == "take_away":
        assert (desk.there(), desk.scores()) == (done, before)
    else:
        assert (desk.there(), desk.scores()) == (set(), before if moment == "write" else after)
    for student in ("ada", "bob"):
        desk.writer.add(student, desk.papers(student, 2))
    desk.writer.flush()
    assert (desk.there(), desk.there("feedback"), desk.scores()) == (done, done, after)


@contextlib.contextmanager
def locked(desk: Desk) -> Iterator[None]:
    with contextlib.closing(
        sqlite3.connect(desk.course.root / "gradebook.db", isolation_level=None)
    ) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


def test_a_gradebook_that_is_locked_leaves_all_as_it_was(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.writer.add("ada", desk.papers("ada", 1))
    desk.writer.flush()
    page = (desk.course.root / "feedback/ada/doubling/doubling.html").read_bytes()
    monkeypatch.setattr(locks, "GRADEBOOK_LOCK_SECONDS", 0.1)
    impatient = Book(desk.book.url, "", desk.course.name, "release")
    with contextlib.closing(impatient), locked(desk):
        writer = Writer(impatient, desk.folders, desk.clerk, desk.written.extend)
        writer.add("ada", desk.papers("ada", 2))
        writer.add("bob", desk.papers("bob", 2))
        with pytest.raises(Unusable, match=r"is locked.*run the command again"):
            writer.flush()
    assert desk.written == ["ada"]  # by the first flush
    assert desk.scores() == {"ada": 1.0}
    assert desk.there() == {"ada/doubling"}
    assert (desk.course.root / "feedback/ada/doubling/doubling.html").read_bytes() == page


def test_what_a_person_enters_during_a_run_counts(desk: Desk) -> None:
    name = desk.course.name
    desk.writer.add("ada", desk.papers("ada", 1))
    desk.writer.flush()
    papers = desk.papers("ada", 2)
    stamp = desk.folders.submitted("ada") / "timestamp.txt"
    stamp.write_text("2030-01-02 00:00 UTC")
    with Gradebook(desk.book.url) as gradebook:
        grade = gradebook.find_grade("double_hidden", name, name, "ada")
        grade.manual_score, grade.needs_manual_grade = 3.5, False
        gradebook.find_comment("double", name, name, "ada").manual_comment = "So be it."
        gradebook.update_or_create_assignment(name, duedate=datetime(2030, 1, 1))
    desk.book.due = datetime(2030, 1, 1)
    desk.writer.add("ada", papers)
    desk.writer.flush()
    with Gradebook(desk.book.url) as gradebook:
        grade = gradebook.find_grade("double_hidden", name, name, "ada")
        assert (grade.auto_score, grade.manual_score, grade.needs_manual_grade) == (2, 3.5, True)
        assert gradebook.find_submission(name, "ada").late_submission_penalty == 3.5
    page = (desk.course.root / "feedback/ada/doubling/doubling.html").read_text()
    assert "So be it." in page
    assert "Late penalty: 3.5 points." in page


@pytest.mark.parametrize("shared", [True, False])
def test_another_instructor_may_write_where_one_has_written(desk: Desk, shared: bool) -> None:
    desk.coursedir.groupshared = shared
    desk.writer.add("s", desk.papers("s", 1))
    desk.writer.flush()
    for step in ("autograded", "feedback"):
        for place in (step, f"{step}/s", f"{step}/s/{desk.course.name}"):
            mode = (desk.course.root / place).stat().st_mode
            assert (mode & 0o2770 == 0o2770) == shared, place


def test_a_page_with_other_points_than_the_gradebook_is_named(desk: Desk) -> None:
    def outdated(*students: str) -> str:
        return " ".join(outdated_pages(desk.coursedir, desk.course.name, students.__contains__))

    for student in ("s", "t"):
        desk.writer.add(student, desk.papers(student, 0))
    desk.writer.flush()
    assert not outdated("s", "t")
    with Gradebook(desk.book.url) as gradebook:
        name = desk.course.name
        gradebook.find_grade("double_hidden", name, name, "s").manual_score = 2
        gradebook.db.commit()
    assert "have changed since their pages were made: s." in outdated("s", "t")
    assert not outdated("t")
    with Gradebook(desk.book.url) as gradebook:  # no points, but they are final now
        for grade in gradebook.find_submission_notebook(name, name, "t").grades:
            grade.manual_score = 0
        gradebook.db.commit()
    assert "were made: t." in outdated("t")


@pytest.mark.parametrize(
    ("section", "trait", "value"),
    [
        ("AssignLatePenalties", "plugin_class", "no.such.Plugin"),
        ("Autograde", "autograde_preprocessors", ["no.such.Preprocessor"]),
    ],
)
def test_a_class_that_cannot_be_imported_is_said_in_a_sentence(
    desk: Desk, section: str, trait: str, value: object
) -> None:
    app = courses.load(desk.course.root)
    app.config[section][trait] = value
    snapshot = GradebookSnapshot(courses.packed(app.config), desk.book.url, desk.book.forms)
    with pytest.raises(courses.BadConfig, match=r"cannot be loaded: .*Check nbgrader_config\.py"):
        RecordBuilder(snapshot, desk.course.name)


def test_a_penalty_that_is_no_number_is_said_in_a_sentence(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = desk.clerk.penalties
    late.init_plugin()
    monkeypatch.setattr(late, "init_plugin", lambda: None)
    monkeypatch.setattr(
        late.plugin_inst, "late_submission_penalty", lambda *_all: float("nan"), raising=False
    )
    form = desk.book.forms[desk.course.name]
    with pytest.raises(courses.BadConfig, match="fails for ada: ValueError: nan is no penalty"):
        desk.clerk.penalty("ada", form, {}, ManualEntries(seconds_late=60))


def test_a_signal_that_another_thread_takes_does_not_interrupt_writing() -> None:
    ended = threading.Event()
    thread = threading.Thread(target=ended.wait)
    thread.start()
    written = []

    def write() -> None:
        with writer._uninterrupted():
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.05)
            written.append("ada")

    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell may ignore it
    try:
        with pytest.raises(KeyboardInterrupt):
            write()
    finally:
        signal.signal(signal.SIGINT, before)
        ended.set()
        thread.join()
    assert written == ["ada"]
