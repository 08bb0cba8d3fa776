"""`nbgrader autograde` that is killed, or finds its gradebook locked or nowhere."""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from autograder.nbgrader import hooks, locks
from tests.helpers.books import scores
from tests.helpers.course import ENVIRONMENT

if TYPE_CHECKING:
    from tests.helpers.course import Course

SLOW = "import time\ndef double(number):\n    time.sleep(1)\n    return number + number\n"

STUDENTS = ("ada", "bob", "eve")


@pytest.fixture
def handed_in(released_tiny: Course, tmp_path: Path) -> Course:
    """A class that has handed in."""
    course = released_tiny.copy(tmp_path / "course")
    for student in STUDENTS:
        written = {**course.solutions, "double": SLOW, "why": "Because."}
        course.submit(student, course.handed_in(written))
    return course


def marks(course: Course) -> list[Path]:
    return list((course.root / locks.MARKS).glob("*"))


def last_line(course: Course, *words: str) -> str:
    done = course.run("nbgrader", "autograde", course.name, *words, status=2)
    assert "Traceback" not in done.stderr
    return done.stderr.splitlines()[-1]


def test_a_second_run_finishes_what_was_killed(handed_in: Course) -> None:
    process = subprocess.Popen(
        ["nbgrader", "autograde", handed_in.name],
        cwd=handed_in.root,
        env={**ENVIRONMENT, "JUPYTER_DATA_DIR": str(handed_in.home)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    half_done = handed_in.root / "autograded/bob" / handed_in.name / f"{handed_in.name}.ipynb"
    until = time.monotonic() + 100
    while not half_done.exists() and time.monotonic() < until:
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert half_done.exists()
    assert [mark.read_text() for mark in marks(handed_in)] == [str(half_done.parent)]
    handed_in.run("nbgrader", "autograde", handed_in.name)
    assert scores(handed_in) == dict.fromkeys(STUDENTS, 11.0)
    assert marks(handed_in) == []


def test_what_somebody_is_still_at_is_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "autograded" / "ada" / "doubling"
    folder.mkdir(parents=True)
    with locks.begun(tmp_path, folder):
        hooks.clear(tmp_path)
        assert folder.exists()
        with pytest.raises(locks.Busy), locks.begun(tmp_path, folder):
            pass
    hooks.clear(tmp_path)
    assert folder.exists()


@pytest.mark.parametrize(("end", "left"), [(SystemExit, False), (KeyboardInterrupt, True)])
def test_where_a_process_ends_itself_nobody_has_cleared_up(
    tmp_path: Path, end: type[BaseException], *, left: bool
) -> None:
    folder = tmp_path / "autograded" / "ada" / "doubling"
    folder.mkdir(parents=True)
    with pytest.raises(end), locks.begun(tmp_path, folder):
        raise end
    hooks.clear(tmp_path)
    assert folder.exists() == left
    assert not list((tmp_path / locks.MARKS).iterdir())


def test_a_submitted_file_is_no_mark(handed_in: Course) -> None:
    (handed_in.root / "submitted/ada/doubling/.autograder-unfinished").write_text("")
    for _twice in range(2):
        handed_in.run("nbgrader", "autograde", handed_in.name, "--student", "ada")
        hooks.clear(handed_in.root)
        assert (handed_in.root / "autograded/ada/doubling/doubling.ipynb").exists()


@contextlib.contextmanager
def locked(course: Course) -> Iterator[None]:
    """Somebody is writing into the gradebook."""
    with contextlib.closing(
        sqlite3.connect(course.root / "gradebook.db", isolation_level=None)
    ) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


LOCKS = """
import sqlite3
from nbgrader.preprocessors import NbGraderPreprocessor

class Locks(NbGraderPreprocessor):
    def preprocess(self, nb, resources):
        if resources["nbgrader"]["student"] == "bob":
            self.kept = sqlite3.connect("gradebook.db", isolation_level=None)
            self.kept.execute("BEGIN IMMEDIATE")
        return nb, resources
"""


def test_a_gradebook_that_is_locked_in_the_middle_is_said_in_one_line_and_finished_later(
    handed_in: Course,
) -> None:
    (handed_in.root / "locks.py").write_text(LOCKS)
    config = handed_in.root / "nbgrader_config.py"
    plain = config.read_text()
    config.write_text(
        f"{plain}\nimport sys\nsys.path.append({str(handed_in.root)!r})\n"
        "c.Autograde.autograde_preprocessors.insert(1, 'locks.Locks')\n"
    )
    line = last_line(handed_in)
    assert "locked" in line
    assert "run the command again" in line
    config.write_text(plain)
    handed_in.run("nbgrader", "autograde", handed_in.name)
    assert scores(handed_in) == dict.fromkeys(STUDENTS, 11.0)
    assert marks(handed_in) == []


def test_a_locked_or_unreachable_gradebook_is_said_in_one_line_and_nothing_is_begun(
    handed_in: Course,
) -> None:
    with locked(handed_in):
        line = last_line(handed_in)
    assert "locked" in line
    assert "run the command again" in line
    for url in ("sqlite:////nowhere/gradebook.db", "nonsense", "postgresql://me:secret@nowhere/x"):
        line = last_line(handed_in, f"--db={url}")
        assert "db_url" in line
        assert "me:secret" not in line
    assert not (handed_in.root / "autograded").exists()
    handed_in.run("nbgrader", "autograde", handed_in.name)
    assert scores(handed_in) == dict.fromkeys(STUDENTS, 11.0)
