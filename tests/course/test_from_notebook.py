"""An assignment from a notebook for nbgrader with plain asserts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import pytest
from click.testing import CliRunner

from autograder.checking.checks import load_module
from autograder.cli.main import main
from autograder.course.assignment import Assignment, BadAssignment
from autograder.course.builder import build
from autograder.course.from_notebook import convert
from autograder.course.lesson import Role
from autograder.course.scaffold import new
from tests.helpers.in_process import InProcess

SOLUTION = '''\
def double(x):
    """Return twice the number."""
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION
'''

SUMS = '''\
def sums(x):
    """Return the sum and the sum of the squares."""
    ### BEGIN SOLUTION
    return np.sum(x), np.sum(np.square(x))
    ### END SOLUTION
'''

TESTS = """\
from nose.tools import assert_equal
assert double(2) == 4
assert_equal(double(0), 0)
### BEGIN HIDDEN TESTS
for number in range(5):
    assert np.isclose(double(number), number + number)
### END HIDDEN TESTS
print("Success!")
"""

SUMS_TESTS = """\
x = np.array(NUMBERS)
total, squares = sums(x)
assert total == 6, "the sum"
assert abs(squares - 14.0) < 1e-6
assert 4 == double(2)
assert len(sums(x)) == 2
try:
    sums("x")
except TypeError:
    pass
assert (sums(x)[0] == np.array(6)).all()
"""


def cell(source: str, name: str = "", points: float | None = None, **marks: bool) -> Any:
    made = nbformat.v4.new_code_cell(source)
    if name:
        told = {"grade": False, "solution": False, "locked": False, "schema_version": 3, **marks}
        made.metadata["nbgrader"] = {"grade_id": name, **told}
        if points is not None:
            made.metadata["nbgrader"]["points"] = points
    return made


def notebook(folder: Path, *cells: Any) -> Path:
    path = folder / "old.ipynb"
    path.write_text(nbformat.writes(nbformat.v4.new_notebook(cells=list(cells))))
    return path


@pytest.fixture
def old(tmp_path: Path) -> Path:
    why = nbformat.v4.new_markdown_cell("Because.")
    marks = {"grade_id": "why-1", "grade": True, "solution": True, "points": 2, "locked": False}
    why.metadata["nbgrader"] = marks
    return notebook(
        tmp_path,
        nbformat.v4.new_markdown_cell("# Doubling"),
        cell("%matplotlib inline\nimport numpy as np\n\nNUMBERS = [1, 2, 3]"),
        cell(SOLUTION, "double", solution=True),
        cell("double(21)"),
        cell(TESTS, "test-double", 3, grade=True, locked=True),
        cell(SUMS, "sums", solution=True),
        cell(SUMS_TESTS, "test_sums", 4, grade=True, locked=True),
        why,
        cell("print('the solution')", "by_hand", 5, grade=True, solution=True),
    )


def test_the_result_builds_and_its_checks_pass_the_solution_and_fail_a_wrong_one(
    tmp_path: Path, old: Path
) -> None:
    converted = convert(old, "doubling")
    root, _made = new(tmp_path / "course", "doubling", converted.files)
    assignment = Assignment(root, "doubling")
    lesson = build(assignment)
    assert lesson.functions == ["double", "sums"]
    assert [part.id for part in lesson.parts if part.role is Role.ANSWER] == ["why_1"]
    assert [(check.id, check.of, check.points, check.visible) for check in assignment.checks] == [
        ("test_double_of_double", "double", 1.5, True),
        ("test_double_of_double_hidden", "double", 1.5, False),
        ("test_sums_of_sums", "sums", 1.33333, True),
        ("test_sums_of_double", "double", 1.33333, True),
        ("test_sums_to_write", "sums", 1.33333, False),
    ]
    reference = load_module(assignment.reference_path)
    *written, to_write = assignment.checks
    with pytest.raises(NotImplementedError):
        to_write.asks(InProcess(reference, {}, 1))
    for check in written:
        check.asks(InProcess(reference, {}, 1))
        for wrong in ("def double(x):\n    return 5 - x", "def sums(x):\n    return 7, 15"):
            if f"def {check.of}(" in wrong:
                with pytest.raises(Exception, match="not right"):
                    check.asks(InProcess(reference, {check.of: wrong}, 1))


def test_what_is_left_is_said_and_nothing_is_guessed(old: Path) -> None:
    converted = convert(old, "doubling")
    assert converted.left == [
        "The 3 points of test_double are divided equally among 2 checks.",
        "test_sums, line 6, compares no call of a function with a value, so it is in no check: "
        "assert len(sums(x)) == 2",
        "test_sums, line 7, compares no call of a function with a value, so it is in no check: "
        "try:",
        "The 4 points of test_sums are divided equally among 3 checks.",
        "Write the check test_sums_to_write: it has the points of what was left out.",
        "Read reference/doubling.why_1.md: it should be the model answer, for the person who "
        "grades.",
        "by_hand (5 points) is graded by hand and is no answer in words. It was left out: ask for "
        "it in lesson.md as an {answer}.",
        "Say in the docstring of each check what it tests: students read it.",
    ]
    assert "the solution" not in "".join(converted.files.values())
    assert "len(sums" not in converted.files["assignments/doubling/checks.py"]


def test_what_must_be_written_first_is_said(tmp_path: Path) -> None:
    path = notebook(
        tmp_path,
        cell("def f(x):\n    raise NotImplementedError()", "f", solution=True),
        cell("assert f(1) > 0", "test_f", 1, grade=True, locked=True),
    )
    assert convert(path, "hw").left == [
        "Write a docstring for f in reference/hw.py: students read it.",
        "The notebook has no solution for f: write it in reference/hw.py.",
        "test_f, line 1, compares no call of a function with a value, so it is in no check: "
        "assert f(1) > 0",
        "test_f (1 points) has become no check: write one.",
        "No check tests f: write one.",
    ]


@pytest.mark.parametrize(
    ("source", "says"),
    [("x = 1", "no cell in which students write a function"), ("def f(:", "is not valid Python")],
)
def test_a_notebook_without_functions_is_refused(tmp_path: Path, source: str, says: str) -> None:
    path = notebook(tmp_path, cell(source, "f", solution=True))
    with pytest.raises(BadAssignment, match=says):
        convert(path, "hw")
    path.write_text("{")
    with pytest.raises(BadAssignment, match="cannot be read as a notebook"):
        convert(path, "hw")


def test_the_command_writes_the_files_and_says_what_is_left(
    old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(old.parent)
    done = CliRunner().invoke(main, ["new", "doubling", "--from", "old.ipynb"])
    assert done.exit_code == 0, done.output
    assert "assignments/doubling/checks.py" in done.output
    assert "- The 3 points of test_double are divided equally among 2 checks." in done.output
    assert not (old.parent / "assignments/doubling/mistakes.py").exists()
    assert (old.parent / "nbgrader_config.py").exists()
