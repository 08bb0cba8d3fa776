"""One submission, graded in nbgrader's kernel and by `autograder`, in one run.

Both sides grade the reference's functions in a notebook without experiments, one submission after
the other, each time for a new student. Work that is done once for many submissions (imports,
building, starting the worker) is not timed on either side. The time of one more submission is
measured, from the file to the scores. On nbgrader's side that includes writing
its gradebook and `autograded/`, a small part of it; `autograder grade` writes neither.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import nbformat
import numpy as np
from nbgrader.apps import NbGraderAPI
from traitlets.config import Config

from autograder.checking.mistakes import function_source
from autograder.course import secret
from autograder.course.assignment import Assignment
from autograder.course.builder import build
from autograder.course.lesson import Lesson, Role
from autograder.grading.grader import Grader
from autograder.intake.find import find
from autograder.sandbox.host.worker import Worker
from benchmarks.asserts import asserting

ROOT = Path(__file__).resolve().parent.parent
NAME = "random_initialization"


def main() -> None:
    """Print the times of both sides."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=7, help="submissions on each side")
    repeat = parser.parse_args().repeat
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    with tempfile.TemporaryDirectory() as folder:
        course = make_course(Path(folder))
        assignment = Assignment(course, NAME)
        lesson = without_experiments(build(assignment))
        written = {name: function_source(assignment.reference, name) for name in lesson.functions}
        submission = lesson.filled(written)
        students = [f"student-{number}" for number in range(repeat + 1)]
        for student in students:
            place = course / "submitted" / student / NAME / f"{NAME}.ipynb"
            place.parent.mkdir(parents=True)
            place.write_text(nbformat.writes(submission))
        rows = [
            ("nbgrader autograde, a kernel for each", timed(by_kernel(course, lesson), students)),
            ("autograder grade", timed(by_us(assignment), students)),
        ]
    print(f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()},")
    print(f"numpy {np.__version__}; {repeat} submissions each, after one to warm up\n")
    print(f"{'seconds for one submission':<40}{'median':>9}{'min':>9}{'max':>9}")
    for label, times in rows:
        print(f"{label:<40}{statistics.median(times):9.3f}{min(times):9.3f}{max(times):9.3f}")
    ratio = statistics.median(rows[0][1]) / statistics.median(rows[1][1])
    print(f"\nautograder is {ratio:.0f} times as fast.")


def make_course(folder: Path) -> Path:
    """Make a copy of this repository's course."""
    for name in ("assignments", "reference"):
        shutil.copytree(ROOT / name, folder / name)
    return folder


def without_experiments(lesson: Lesson) -> Lesson:
    """Return the lesson without ungraded parts."""
    kept = tuple(part for part in lesson.parts if part.role is not Role.EXPERIMENT)
    return Lesson(lesson.name, kept, lesson.canary)


def timed(grade: Callable[[str], None], students: list[str]) -> list[float]:
    """Return the seconds for each student but the first, which warms up."""
    times = []
    for student in students:
        start = time.perf_counter()
        grade(student)
        times.append(time.perf_counter() - start)
    return times[1:]


def by_kernel(course: Path, lesson: Lesson) -> Callable[[str], None]:
    """Grade as nbgrader does: plain asserts in hidden cells, run in a kernel."""
    source = course / "source" / NAME / f"{NAME}.ipynb"
    source.parent.mkdir(parents=True)
    source.write_text(nbformat.writes(asserting(lesson).source_notebook()))
    config = Config()
    config.CourseDirectory.root = str(course)
    config.Application.log_level = "CRITICAL"
    api = NbGraderAPI(config=config)
    must(api.generate_assignment(NAME))

    def grade(student: str) -> None:
        must(api.autograde(NAME, student))
        with api.gradebook as gradebook:
            score = gradebook.find_submission(NAME, student).score
        if score != 90:
            raise SystemExit(f"nbgrader gave the reference {score} of 90 points")

    return grade


def must(answer: dict[str, object]) -> None:
    """Stop if nbgrader failed."""
    if not answer["success"]:
        raise SystemExit(f"nbgrader failed: {answer['error']}\n{answer['log']}")


def by_us(assignment: Assignment) -> Callable[[str], None]:
    """Grade as `autograder grade` does."""
    worker = Worker()
    grader = Grader(assignment, worker, secret.public(0))

    def grade(student: str) -> None:
        (found,) = find([assignment.root / "submitted" / student], assignment.name)
        result = grader.grade(found)
        if result.score != result.max_score:
            raise SystemExit(f"autograder gave the reference {result.score} of {result.max_score}")

    return grade


if __name__ == "__main__":
    main()
