"""The courses of both sides: equal functions and files, in separate folders."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path

import nbformat

from autograder.course.assignment import Assignment
from autograder.course.builder import build
from autograder.course.lesson import Lesson
from benchmarks.asserts import asserting
from benchmarks.classroom.students import Class, HandedIn

ROOT = Path(__file__).resolve().parents[2]
NAME = "random_initialization"

EXPERIMENT = re.compile(r"^```\{experiment\}.*?^```\n", re.MULTILINE | re.DOTALL)

NBGRADERS_CONFIG = """\
c = get_config()
c.CourseDirectory.course_id = "random-initialization"
"""


def make_ours(folder: Path) -> Assignment:
    """Make a course with this repository's assignment, without the experiments of its lesson."""
    for name in ("assignments", "reference"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    lesson = folder / "assignments" / NAME / "lesson.md"
    lesson.write_text(EXPERIMENT.sub("", lesson.read_text(encoding="utf-8")), encoding="utf-8")
    return Assignment(folder, NAME)


def make_nbgraders(folder: Path, lesson: Lesson) -> None:
    """Make a course for nbgrader alone, with plain asserts instead of the hidden checks."""
    source = folder / "source" / NAME / f"{NAME}.ipynb"
    source.parent.mkdir(parents=True)
    source.write_text(nbformat.writes(asserting(lesson).source_notebook()), encoding="utf-8")
    (folder / "nbgrader_config.py").write_text(NBGRADERS_CONFIG, encoding="utf-8")
    must(["nbgrader", "generate_assignment", NAME], folder)


def see_to_it(course: Path) -> None:
    """Stop if a readable notebook in `submitted/` was not graded."""
    missing = []
    for path in sorted(course.glob(f"submitted/*/{NAME}/{NAME}.ipynb")):
        graded = course / "autograded" / path.relative_to(course / "submitted")
        if path.read_text(encoding="utf-8").endswith("}") and not graded.is_file():
            missing.append(path.parts[-3])
    if missing:
        raise SystemExit(f"{', '.join(missing)} are not graded:\n{(course / 'log').read_text()}")


def hand_in(course: Path, students: Iterable[HandedIn]) -> dict[str, str]:
    """Write submissions into a course's `submitted/`; return the kind of each."""
    kinds = {}
    for student in students:
        place = course / "submitted" / student.student / NAME / f"{NAME}.ipynb"
        place.parent.mkdir(parents=True)
        place.write_text(student.text, encoding="utf-8")
        kinds[student.student] = student.kind
    return kinds


class Courses:
    """Makes a fresh course for each run, without stored results.

    Args:
        folder: the folder for the courses.
        seed: the seed of the class.
    """

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder = folder
        first = make_ours(folder / "first")
        self.lesson = build(first)
        self.students = Class(first, self.lesson, seed)
        self.made = 0

    def ours(self, size: int) -> tuple[Path, dict[str, str]]:
        """Return a course for autograder with a class, and the kind of each student."""
        course = self._place()
        make_ours(course)
        must(["autograder", "release", NAME], course)
        return course, hand_in(course, self.students.handed_in(size))

    def nbgraders(self, size: int, first: int) -> Path:
        """Return a course for nbgrader alone, with the first students of a class of this size."""
        course = self._place()
        make_nbgraders(course, self.lesson)
        hand_in(course, islice(self.students.handed_in(size), first))
        return course

    def _place(self) -> Path:
        self.made += 1
        return self.folder / f"course-{self.made}"


def program(name: str) -> str:
    """Return the path of a command beside this interpreter."""
    return str(Path(sys.executable).parent / name)


def must(command: Sequence[str], cwd: Path) -> None:
    """Run a command of this environment, and stop if it fails."""
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    done = subprocess.run(  # noqa: S603  # our own commands
        [program(command[0]), *command[1:]],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
