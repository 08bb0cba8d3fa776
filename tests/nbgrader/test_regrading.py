"""`grade --gradebook` again: what the books have already is left alone, the rest is done."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from nbgrader.api import Gradebook

from tests.helpers.books import scores
from tests.helpers.commands import log
from tests.helpers.course import ENVIRONMENT
from tests.helpers.rounds import killed_before_cleo

if TYPE_CHECKING:
    from tests.helpers.course import Course

CLASS = ("ada", "bob", "cleo")

LATE = """
from nbgrader.plugins import BasePlugin


class One(BasePlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return 1
"""

NO_ZERO = ("total_of_doubles([]), 0.0", "total_of_doubles([]), 0.5")


@pytest.fixture
def course(released_tiny: Course, tmp_path: Path) -> Course:
    """A course in which three have handed in what is right."""
    course = released_tiny.copy(tmp_path / "course").quick()
    for student in CLASS:
        course.submit(student, course.handed_in(course.solutions))
    return course


def grade(course: Course, *words: str) -> str:
    # The checks of some tests fail the author's own solution too.
    command = ("autograder", "grade", course.name, *words, "--workers", "1", "--force")
    return course.run(*command).stdout


def folders(course: Course) -> dict[str, int]:
    """Return what tells each student's folder from one that was put in its place."""
    return {
        student: (course.root / "autograded" / student / course.name).stat().st_ino
        for student in CLASS
    }


def alter(course: Course, student: str, change: Callable[[object], None]) -> None:
    """Enters something into the gradebook about a student's cell of `double`."""
    with Gradebook(f"sqlite:///{course.root}/gradebook.db") as gradebook:
        change(gradebook.find_grade("double_hidden", course.name, course.name, student))
        gradebook.db.commit()


def hand_in_anew(course: Course) -> None:
    right = course.solutions["double"]
    course.submit("ada", course.handed_in({**course.solutions, "double": f"{right}\n# better"}))


def put_a_file_beside(course: Course) -> None:
    (course.root / "submitted/ada" / course.name / "data.csv").write_text("1,2\n")


def mark_by_hand(course: Course) -> None:
    alter(course, "ada", lambda grade: setattr(grade, "manual_score", 3.0))


def spoil_the_score(course: Course) -> None:
    alter(course, "ada", lambda grade: setattr(grade, "auto_score", 1.0))


def lose_the_folder(course: Course) -> None:
    folder = course.root / "feedback/ada" / course.name
    folder.rename(folder.with_name("elsewhere"))


def test_what_the_books_have_already_is_left_alone(course: Course) -> None:
    grade(course, "--gradebook")
    first = folders(course)
    assert "3 of 3 submissions are unchanged" in grade(course, "--gradebook")
    assert folders(course) == first
    assert scores(course) == dict.fromkeys(CLASS, 11.0)


@pytest.mark.parametrize(
    "change",
    [hand_in_anew, put_a_file_beside, mark_by_hand, spoil_the_score, lose_the_folder],
)
def test_of_whom_something_has_changed_the_entry_is_made_anew(
    course: Course, change: Callable[[Course], None]
) -> None:
    grade(course, "--gradebook")
    first = folders(course)
    change(course)
    grade(course, "--gradebook")
    second = folders(course)
    assert [student for student in CLASS if first[student] != second[student]] == ["ada"]
    assert scores(course)["ada"] == (10.0 if change is mark_by_hand else 11.0)
    grade(course, "--gradebook")
    assert folders(course) == second


def texts(course: Course) -> dict[Path, bytes]:
    return {
        path: path.read_bytes()
        for path in course.root.rglob("*")
        if path.is_file() and path.name != "ledger.db"
    }


def test_a_dry_run_says_what_would_change_in_the_gradebook_and_writes_nothing(
    course: Course,
) -> None:
    assert "No scores have been recorded" in grade(course, "--gradebook", "--dry-run")
    grade(course, "--gradebook")
    checks = course.root / "assignments/doubling/checks.py"
    checks.write_text(checks.read_text().replace(*NO_ZERO))
    before = texts(course)
    said = grade(course, "--gradebook", "--dry-run")
    assert "3 scores would change, 3 of them lower." in said
    assert "  cleo  11 → 9/11  lower" in said.splitlines()
    assert texts(course) == before
    said = grade(course, "--gradebook")
    assert "3 scores changed, 3 of them lower." in said
    assert scores(course) == dict.fromkeys(CLASS, 9.0)
    assert [(each["student"], each["book"]) for each in log(course)] == [
        (student, "gradebook") for student in CLASS
    ]


def test_points_are_recorded_once_whichever_way_they_were_graded(course: Course) -> None:
    grade(course, "--gradebook")
    checks = course.root / "assignments/doubling/checks.py"
    checks.write_text(checks.read_text().replace(*NO_ZERO))
    for words in (["submitted"], ["--gradebook"]):
        assert "3 scores would change, 3 of them lower." in grade(course, *words, "--dry-run")
    assert "3 scores changed, 3 of them lower." in grade(course, "submitted")
    for words in (["submitted"], ["--gradebook"]):
        assert "No score would change." in grade(course, *words, "--dry-run")
    grade(course, "--gradebook")
    assert scores(course) == dict.fromkeys(CLASS, 9.0)
    assert [(each["student"], each["book"]) for each in log(course)] == [
        (student, "results") for student in CLASS
    ]


ENDS = {
    "killed": "os.kill(os.getpid(), signal.SIGKILL)",
    "terminated": "os.kill(os.getpid(), signal.SIGTERM)",
    "hung up": "os.kill(os.getpid(), signal.SIGHUP)",
    "closed": "os.dup2(UNREAD, 1)",
}

ENDING = """
import os, signal
from autograder.cli.main import main
from autograder.reports.terminal import run_summary
read, UNREAD = os.pipe()
os.close(read)
true = run_summary.marks
def marks(*args, **more):
    {end}
    true(*args, **more)
run_summary.marks = marks
main(["grade", "doubling", {words}, "--workers", "1", "--force"])
"""
"""Ends a run when everything is graded and before anything is said."""


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("words", ["--gradebook", "submitted"])
def test_a_run_that_ends_before_it_says_anything_has_recorded_what_it_did(
    course: Course, end: str, words: str
) -> None:
    grade(course, words)
    checks = course.root / "assignments/doubling/checks.py"
    checks.write_text(checks.read_text().replace(*NO_ZERO))
    homes = {"IPYTHONDIR": str(course.home), "JUPYTER_CONFIG_DIR": str(course.home)}
    done = subprocess.run(
        [sys.executable, "-c", ENDING.format(end=ENDS[end], words=repr(words))],
        cwd=course.root,
        env={**ENVIRONMENT, **homes},
        capture_output=True,
        text=True,
    )
    assert done.returncode == (-signal.SIGKILL if end == "killed" else 130), done.stderr
    assert "cleo  11" not in done.stdout
    assert ("the output was closed" in done.stderr) == (end == "closed")
    assert "Traceback" not in done.stderr
    assert [each["student"] for each in log(course)] == list(CLASS)
    if words == "--gradebook":
        assert scores(course) == dict.fromkeys(CLASS, 9.0)
    said = grade(course, words)
    assert "3 scores changed, 3 of them lower." in said
    assert "  cleo  11 → 9/11  lower" in said.splitlines()
    assert len(log(course)) == 3
    assert "changed, " not in grade(course, words)


def test_a_run_that_was_killed_is_finished_by_the_next(course: Course) -> None:
    killed_before_cleo(course, "grade", "doubling", "--gradebook")
    grade(course, "--gradebook")
    assert scores(course) == dict.fromkeys(CLASS, 11.0)
    assert all(folders(course).values())
    assert not list(course.root.glob("autograded/*/.*"))
    done_for_nbgrader = course.run("nbgrader", "autograde", course.name)
    assert done_for_nbgrader.stderr.count("Skipping existing assignment") == len(CLASS)


def test_what_counts_in_the_gradebook_and_is_not_shown_is_named_at_the_end(course: Course) -> None:
    (course.root / "late.py").write_text(LATE)
    config = course.root / "nbgrader_config.py"
    config.write_text(f"{config.read_text()}\nc.AssignLatePenalties.plugin_class = 'late.One'\n")
    course.run("nbgrader", "db", "assignment", "add", course.name, "--duedate", "2030-01-01")
    (course.root / "submitted/bob" / course.name / "timestamp.txt").write_text(
        "2030-01-02 00:00 UTC"
    )
    first = " ".join(grade(course, "--gradebook").split())
    assert "Late penalties are in the gradebook but not in the scores above: bob -1." in first
    assert "a person has set" not in first
    assert "needs manual grading" not in first
    mark_by_hand(course)
    hand_in_anew(course)
    for words in (("--gradebook",), ("--gradebook", "--dry-run")):
        said = " ".join(grade(course, *words).split())
        assert "but not in the scores above: bob -1." in said
        assert "Points set by hand are in the gradebook but not in the scores above: ada." in said
        assert "1 submission in the gradebook needs manual grading." in said
        assert "autograder confirm" not in said  # no file was rejected
    assert "in the gradebook" not in grade(course, "submitted")


def test_a_notebook_of_another_name_is_the_one_that_counts_whenever_it_changes(
    course: Course,
) -> None:
    folder = course.root / "submitted/ada" / course.name
    homework = folder / "homework.ipynb"
    (folder / f"{course.name}.ipynb").rename(homework)
    first = " ".join(grade(course, "--gradebook").split())
    assert "homework.ipynb was graded, because there is no doubling.ipynb." in first
    course.run("nbgrader", "autograde", course.name, "--force")
    assert list(folder.iterdir()) == [homework]
    assert "not graded" not in grade(course, "--gradebook")
    homework.write_text(json.dumps(course.handed_in({})))
    grade(course, "--gradebook")
    assert scores(course)["ada"] == 0.0
    homework.write_bytes(b"")
    grade(course, "--gradebook")
    homework.write_text(json.dumps(course.handed_in(course.solutions)))
    grade(course, "--gradebook")
    assert scores(course)["ada"] == 11.0


def waiting(course: Course) -> set[str]:
    """Return the students who wait for a person."""
    with Gradebook(f"sqlite:///{course.root}/gradebook.db") as gradebook:
        found = gradebook.assignment_submissions(course.name)
        return {each.student.id for each in found if each.needs_manual_grade}


@pytest.mark.parametrize("flag_all", [False, True])
def test_a_score_by_hand_waits_again_where_its_points_or_answer_have_changed(
    course: Course, flag_all: bool
) -> None:
    if flag_all:
        with (course.root / "nbgrader_config.py").open("a") as config:
            config.write("\nc.Grade.flag_all_manual_scores = True\n")
    grade(course, "--gradebook")
    for student in CLASS:
        alter(course, student, lambda cell: setattr(cell, "manual_score", 3.0))
    grade(course, "--gradebook", "--again")
    assert waiting(course) == (set(CLASS) if flag_all else set())
    assert course.run("autograder", "confirm", course.name).stdout.startswith("Final now: ")
    grade(course, "--gradebook")
    assert waiting(course) == set()
    hand_in_anew(course)  # gives as many points as before
    wrong = {**course.solutions, "double": "def double(number):\n    return 0\n"}
    course.submit("bob", course.handed_in(wrong))
    grade(course, "--gradebook")
    assert waiting(course) == {"ada", "bob"}
    said = course.run("autograder", "confirm", course.name).stdout
    final, *lower = said.splitlines()
    assert final == "Final now: ada, bob."
    assert "by hand count for ada, although the checks now give more." in " ".join(lower)
    assert waiting(course) == set()
    course.submit("dora", b"broken")
    grade(course, "--gradebook")
    course.run("autograder", "confirm", course.name, "dora")
    shutil.rmtree(course.root / ".autograder")  # the gradebook and its folders are all there is
    grade(course, "--gradebook")
    assert waiting(course) == ({*CLASS, "dora"} if flag_all else set())
    done = course.run("autograder", "confirm", course.name, "nobody", status=2)
    assert "There is no submission of nobody for doubling" in done.stderr


def test_nbgraders_autograde_keeps_no_zero_for_an_unreadable_file_that_was_replaced(
    course: Course,
) -> None:
    course.submit("dora", b"broken")
    autograde = ("nbgrader", "autograde", course.name, "--student", "dora", "--force")
    course.run(*autograde)
    course.run("autograder", "confirm", course.name, "dora")
    course.submit("dora", course.handed_in(course.solutions))
    course.run(*autograde)
    assert scores(course) == {"dora": 11.0}
    alter(course, "dora", lambda cell: setattr(cell, "manual_score", 0.0))
    course.run(*autograde)
    assert scores(course) == {"dora": 7.0}


def test_a_zero_for_an_unreadable_file_does_not_outlive_it(course: Course) -> None:
    course.submit("dora", b"broken")
    grade(course, "--gradebook")
    course.run("autograder", "confirm", course.name, "dora")
    assert waiting(course) == set()
    course.submit("dora", b"broken too")
    grade(course, "--gradebook")
    assert waiting(course) == {"dora"}
    course.run("autograder", "confirm", course.name, "dora")
    alter(course, "ada", lambda cell: setattr(cell, "manual_score", 0.0))
    for student in ("ada", "dora"):
        course.submit(student, course.handed_in(course.solutions))
    grade(course, "--gradebook")
    assert scores(course) == {"ada": 7.0, "bob": 11.0, "cleo": 11.0, "dora": 11.0}
    assert "dora" not in waiting(course)
    page = course.root / "feedback/dora" / course.name / f"{course.name}.html"
    assert "Your instructor has set" not in page.read_text()


LOCKED = """
from autograder.nbgrader.gradebook import Book, Unusable
from autograder.cli.main import main
def write(self, entries, again):
    raise Unusable("It is locked.")
Book.write = write
main(["grade", "doubling", "--gradebook", "--workers", "1"])
"""


def test_what_could_not_be_written_is_not_recorded_and_the_next_run_announces_it(
    course: Course,
) -> None:
    grade(course, "--gradebook")
    written = {**course.solutions, "double": "def double(number):\n    return number\n"}
    course.submit("ada", course.handed_in(written))
    done = course.run(sys.executable, "-c", LOCKED, status=2)
    assert "It is locked." in done.stderr
    assert "score changed" not in done.stdout
    assert scores(course)["ada"] == 11.0
    assert "1 score changed, 1 of them lower." in grade(course, "--gradebook")
    assert scores(course)["ada"] == 7.0
    assert [each["student"] for each in log(course)] == ["ada"]


def test_a_gradebook_that_was_lost_is_written_again(course: Course) -> None:
    kept = course.root / "kept.db"
    shutil.copy(course.root / "gradebook.db", kept)
    grade(course, "--gradebook")
    os.replace(kept, course.root / "gradebook.db")
    assert scores(course) == {}
    grade(course, "--gradebook")
    assert scores(course) == dict.fromkeys(CLASS, 11.0)
