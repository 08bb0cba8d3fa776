"""A course of plain asserts whose notebooks have one function each, and what is uploaded for it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nbformat

from autograder.course.asserts_assignment import PlainAssignment
from autograder.grading.trial_run import store_success
from tests.helpers.commands import autograder
from tests.helpers.course import Course
from tests.helpers.plain import plain_notebook

NAME = "hw"

RIGHT, WRONG = "def f(x):\n    return x**2", "def f(x):\n    return 2 * x"


def notebook(function: str) -> str:
    """Return a notebook of one function, and of a test worth 5 points."""
    made = plain_notebook([("f", function), ("f_test 5", "assert f(3) == 9")])
    return str(nbformat.writes(made))


def course(tmp_path: Path, home: Path, notebooks: Sequence[str], name: str = NAME) -> Course:
    """Return a course with these notebooks in one assignment, whose solution counts as tried."""
    folder = tmp_path / "course" / "source" / name
    folder.mkdir(parents=True)
    for each in notebooks:
        (folder / f"{each}.ipynb").write_text(notebook(RIGHT))
    (tmp_path / "course" / "nbgrader_config.py").write_text("c = get_config()\n")
    store_success(PlainAssignment(tmp_path / "course", name))
    return Course(tmp_path / "course", name, home)


def graded(course: Course, path: Path) -> dict[str, dict[str, Any]]:
    """Return what `grade` finds at a path, by the student."""
    autograder(course, "grade", course.name, path, "--workers", "1", "--json", "result.json")
    rows = json.loads((course.root / "result.json").read_bytes())["submissions"]
    assert len({row["student"] for row in rows}) == len(rows)
    return {row["student"]: row for row in rows}
