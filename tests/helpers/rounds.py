"""The traces of a class that was graded twice, to compare with another class."""

from __future__ import annotations

import csv
import signal
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.helpers.tables import Table, tables

if TYPE_CHECKING:
    from tests.helpers.course import Course

LATE = '''\
from nbgrader.plugins import BasePlugin


class TenthAnHour(BasePlugin):
    """A tenth of the score for each hour, and of a very late one more than there is."""

    def late_submission_penalty(self, student_id, score, total_seconds_late):
        if student_id == "forgiven":
            return None
        return score * (total_seconds_late // 3600) / 10
'''

KILLED = """
import os, signal, sys
from autograder.cli.main import main
from autograder.grading.grader import Grader
true = Grader.examine
def examine(self, found):
    if found.student == "cleo":
        os.kill(os.getpid(), signal.SIGKILL)
    return true(self, found)
Grader.examine = examine
main([*sys.argv[1:], "--workers", "1"])
"""

ROUNDS = pytest.mark.parametrize("number", [0, 1], ids=["first", "again"])


@dataclass(frozen=True)
class Seen:
    """A course's books at one moment.

    Attributes:
        tables: of its gradebook.
        files: what is in its folders, and with which permissions.
        export: the table that nbgrader exports.
    """

    tables: dict[str, Table]
    files: dict[str, tuple[bytes, int]]
    export: list[dict[str, str]]

    @property
    def modes(self) -> dict[str, int]:
        """The files and their permissions, whatever is in them."""
        return {name: mode for name, (_, mode) in self.files.items()}


def seen(course: Course, url: str) -> Seen:
    files = {}
    for folder in ("submitted", "autograded", "feedback"):
        for path in sorted((course.root / folder).rglob("*")):
            if path.is_file():
                about = path.read_bytes(), path.stat().st_mode
                files[str(path.relative_to(course.root))] = about
    course.run("nbgrader", "export", "--to", "grades.csv")
    with (course.root / "grades.csv").open() as file:
        return Seen(tables(url), files, sorted(csv.DictReader(file), key=lambda row: repr(row)))


def killed_before_cleo(course: Course, *words: str) -> None:
    """Run a command in a process that is killed when it comes to cleo's submission."""
    course.run(sys.executable, "-c", KILLED, *words, status=-signal.SIGKILL)


def url_of(course: Course) -> str:
    return f"sqlite:///{course.root}/gradebook.db"


@dataclass(frozen=True)
class Played:
    """A course whose class was graded twice.

    Attributes:
        course: as it is after that.
        rounds: what was to be seen after each time.
    """

    course: Course
    rounds: list[Seen]
