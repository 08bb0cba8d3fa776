"""Assignments of plain asserts: the example of nbgrader's, and one with partial credit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import nbformat

from tests.helpers.course import Course, QuickCourse

SQUARES = """
def squares(n):
    if n < 1:
        raise ValueError(n)
    return [i**2 for i in range(1, n + 1)]
"""

SUM = "def sum_of_squares(n):\n    return sum(squares(n))"

ANY_N = "def squares(n):\n    return [i**2 for i in range(1, n + 1)]"

BY_ITSELF = "def sum_of_squares(n):\n    return sum(i**2 for i in range(n + 1))"

TASK = "cell-938593c4a215c6cc"
"""The cell of a task in nbgrader's own example."""

OF_PS1: dict[str, dict[str, str]] = {
    "ada": {"squares": SQUARES, "sum_of_squares": SUM, "sum_of_squares_equation": "$n^2$"},
    "bo": {"squares": ANY_N, "sum_of_squares": BY_ITSELF, "part-a": "It adds."},
    "cy": {"squares": SQUARES, "correct_squares": "pass", "sum_of_squares_application": "x = 1"},
    "di": {},
}
"""The sources of the cells that students changed, including one that they must not change."""

TESTS = {
    "plain": "assert f(2) == 4",
    "hidden": "assert f(0) == 0\n### BEGIN HIDDEN TESTS\nassert f(3) == 9\n### END HIDDEN TESTS",
    "half": "0.5 if f(3) != 9 else 2",
    "in_brackets": "(\n    0.25 * f(2)\n)",
    "nothing": "display(0.5)\nNone",
    "quiet": "0.5;",
    "warned": "import warnings\nwarnings.warn('old')",
    "a_word": "'well done'",
    "negative": "-1",
    "umlauts": "'ä'; (0.5)",
    "magic": "%matplotlib inline\n0.5",
    "beside": "assert open('data/numbers.csv').read() == '1,2\\n'",
}

OF_PARTS: dict[str, dict[str, str]] = {
    "ada": {"f": "def f(x):\n    return x**2"},
    "bo": {"f": "def f(x):\n    return 2 * x"},
    "cy": {"f": "def f(x):\n    raise SystemExit"},
    "di": {},
}


def parts(tests: Mapping[str, str] = TESTS) -> Any:
    """A notebook of one function, and of tests that use what nbgrader knows of partial credit."""
    solution = "### BEGIN SOLUTION\ndef f(x):\n    return x**2\n### END SOLUTION"
    worth = ((f"{name} 2", source) for name, source in tests.items())
    return plain_notebook([("f", solution), *worth])


def submit(course: Course, name: str, class_: Mapping[str, Mapping[str, str]]) -> None:
    """Fill in the released notebooks of an assignment for a class, and submit them."""
    for path in sorted((course.root / "release" / name).glob("*.ipynb")):
        for student, written in class_.items():
            if (student, path.stem) == ("cy", "problem2"):
                continue  # submits only one of two
            notebook = nbformat.read(path, as_version=4)
            for cell in notebook.cells:
                grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
                cell.source = written.get(grade_id, cell.source)
            to = course.root / "submitted" / student / name / path.name
            to.parent.mkdir(parents=True, exist_ok=True)
            to.write_text(nbformat.writes(notebook))


def plain_notebook(cells: Iterable[tuple[str, str]]) -> Any:
    """Return a notebook for nbgrader.

    Args:
        cells: what each is called and its source. `NAME POINTS` is a test, `NAME hand POINTS` an
            answer in words, `NAME locked` is read-only, and `` is a cell that nbgrader does not
            know.
    """
    notebook = nbformat.v4.new_notebook()
    notebook.metadata["kernelspec"] = {
        "name": "python3",
        "display_name": "Python 3",
        "language": "python",
    }
    for called, source in cells:
        if not called:
            notebook.cells.append(nbformat.v4.new_code_cell(source))
            continue
        name, *kind = called.split()
        hand, locked = kind[:1] == ["hand"], kind == ["locked"]
        points = None if locked or not kind else float(kind[-1])
        told = {"grade_id": name, "schema_version": 3, "task": False, "grade": points is not None}
        told |= {"solution": hand or not kind, "locked": bool(kind) and not hand}
        told |= {} if points is None else {"points": points}
        new = nbformat.v4.new_markdown_cell if hand else nbformat.v4.new_code_cell
        notebook.cells.append(new(source, metadata={"nbgrader": told}))
    return notebook


def plain_course(
    folder: Path, notebooks: Mapping[str, Iterable[tuple[str, str]]], name: str = "hw"
) -> QuickCourse:
    """Return a course with one assignment of plain asserts.

    Args:
        folder: where it is made.
        notebooks: the cells of each notebook, as of `plain_notebook`.
        name: of the assignment.
    """
    course = QuickCourse(folder / "course", name, folder / "home")
    source = course.root / "source" / name
    source.mkdir(parents=True)
    (course.root / "nbgrader_config.py").write_text(
        "c = get_config()\nc.CourseDirectory.course_id = 'course'\n"
    )
    for stem, cells in notebooks.items():
        (source / f"{stem}.ipynb").write_text(nbformat.writes(plain_notebook(cells)))
    return course


def submit_source(course: Course, student: str = "ada") -> Path:
    """Has a student hand in the author's own notebooks; tells the student's folder."""
    folder = course.root / "submitted" / student / course.name
    folder.mkdir(parents=True, exist_ok=True)
    for path in (course.root / "source" / course.name).glob("*.ipynb"):
        (folder / path.name).write_bytes(path.read_bytes())
    return folder
