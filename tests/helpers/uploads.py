"""A course of plain asserts whose notebooks have one function each, and what is uploaded for it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nbformat

from tests.helpers.commands import autograder
from tests.helpers.course import Course

NAME = "hw"

RIGHT, WRONG = "def f(x):\n    return x**2", "def f(x):\n    return 2 * x"


def notebook(function: str) -> str:
    """A notebook of one function, and of a test worth 5 points."""
    made = nbformat.v4.new_notebook()
    for grade_id, source in (("f", function), ("f_test", "assert f(3) == 9")):
        test = grade_id == "f_test"
        told = {"grade_id": grade_id, "schema_version": 3, "task": False, "solution": not test}
        told |= {"grade": test, "locked": test, **({"points": 5} if test else {})}
        made.cells.append(nbformat.v4.new_code_cell(source, metadata={"nbgrader": told}))
    return str(nbformat.writes(made))


def course(tmp_path: Path, home: Path, notebooks: Sequence[str], name: str = NAME) -> Course:
    """A course with these notebooks in one assignment."""
    folder = tmp_path / "course" / "source" / name
    folder.mkdir(parents=True)
    for each in notebooks:
        (folder / f"{each}.ipynb").write_text(notebook(RIGHT))
    (tmp_path / "course" / "nbgrader_config.py").write_text("c = get_config()\n")
    return Course(tmp_path / "course", name, home)


def graded(course: Course, path: Path) -> dict[str, dict[str, Any]]:
    """What `grade` finds at a path, by the student."""
    autograder(course, "grade", course.name, path, "--workers", "1", "--json", "result.json")
    rows = json.loads((course.root / "result.json").read_bytes())["submissions"]
    assert len({row["student"] for row in rows}) == len(rows)
    return {row["student"]: row for row in rows}
