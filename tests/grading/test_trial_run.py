"""The author's own solution is graded before anything counts."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

import nbformat
import numpy as np
import pytest

from autograder.course.asserts_assignment import PlainAssignment
from autograder.grading import trial_run
from autograder.grading.store import folder_of
from tests.helpers.course import make_tiny
from tests.helpers.plain import plain_course, submit_source

SQUARE = "### BEGIN SOLUTION\ndef f(x):\n    return x**2\n### END SOLUTION"


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the assignments whose solutions are graded, as they come."""
    names: list[str] = []
    shortfall: Callable[..., str | None] = trial_run.shortfall

    def noted(assignment: PlainAssignment) -> str | None:
        names.append(assignment.name)
        return shortfall(assignment)

    monkeypatch.setattr(trial_run, "shortfall", noted)
    return names


def said(words: str) -> str:
    return " ".join(words.split())


def test_a_lesson_whose_solution_fails_a_hidden_check_is_neither_built_nor_released(
    tmp_path: Path,
) -> None:
    course = make_tiny(tmp_path / "course", tmp_path / "home")
    checks = course.root / "assignments/doubling/checks.py"
    whole = checks.read_text()
    checks.write_text(whole.replace("reference.double(large_number)", "large_number"))
    for command in ("build", "release"):
        done = course.run("autograder", command, "doubling", status=2)
        assert "gets 8 of 11 points. twice_any_number:" in said(done.stderr)
        assert "or use --force" in said(done.stderr)
    assert not (course.root / "source").exists()
    course.run("autograder", "build", "doubling", "--force")
    assert (course.root / "source/doubling/doubling.ipynb").is_file()
    checks.write_text(
        whole.replace("    large_number = ", "    raise KeyError\n    large_number = ")
    )
    reason = trial_run.shortfall(course.anew().assignment)
    assert reason is not None
    assert reason.startswith("The check twice_any_number of doubling itself failed when")
    assert re.search(r"KeyError: .*\(checks\.py, line \d+\)\. Students' points", reason)
    assert reason.count("KeyError") == 1
    assert "lose points" not in reason
    checks.write_text(whole)
    course.run("autograder", "build", "doubling")


def test_a_visible_check_that_fails_in_the_notebook_alone_stops_the_build(tmp_path: Path) -> None:
    course = make_tiny(tmp_path / "course", tmp_path / "home")
    checks = course.root / "assignments/doubling/checks.py"
    # In a notebook the numbers of a visible check are always these.
    drawn = int(np.random.default_rng(list(b"twice_one_is_two")).integers(10**9))
    text = checks.read_text().replace("is_two(student)", "is_two(student, rng)")
    wanted = f"2.0 + (int(rng.integers(10**9)) == {drawn})"
    checks.write_text(text.replace("double(1.0), 2.0", f"double(1.0), {wanted}"))
    done = course.run("autograder", "build", "doubling", status=2)
    assert "stops in the built notebook. double_visible:" in said(done.stderr)
    assert "VisibleChecksFailed" in said(done.stderr)


def test_a_trial_costs_nothing_while_nothing_has_changed(tmp_path: Path, tried: list[str]) -> None:
    course = plain_course(tmp_path, {"hw": [("f", SQUARE), ("t_f 2", "assert f(3) == 9")]})
    submit_source(course)
    command = ("autograder", "grade", "hw", "submitted")
    course.run(*command)
    course.run(*command, "--again")
    assert tried == ["hw"]
    path = course.root / "source/hw/hw.ipynb"
    path.write_text(path.read_text().replace("f(3) == 9", "f(4) == 16"))
    course.run(*command)
    assert tried == ["hw", "hw"]
    copy = course.copy(tmp_path / "copy")
    copy.run(*command)
    assert tried == ["hw", "hw"]


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ([("f", SQUARE), ("t_f 2", "assert f(3) == 8")], "t_f: The test stopped with Assertion"),
        ([("f", "import nowhere"), ("t_f 2", "f(1)")], "No module named 'nowhere'"),
        ([("f", "open('gone.csv')"), ("t_f 2", "f(1)")], "gone.csv"),
    ],
)
def test_plain_asserts_that_their_own_solution_fails_grade_nobody(
    tmp_path: Path, cells: list[tuple[str, str]], words: str
) -> None:
    course = plain_course(tmp_path, {"hw": cells})
    submit_source(course)
    command = ("autograder", "grade", "hw", "submitted", "--json", "result.json")
    done = course.run(*command, status=2)
    assert words in said(done.stderr)
    assert not (course.root / "result.json").exists()
    assert not (folder_of(PlainAssignment(course.root, "hw")) / trial_run.FILE).exists()
    course.run(*command, "--force")
    assert (course.root / "result.json").exists()


def test_a_course_in_another_language_is_refused_as_a_whole(tmp_path: Path) -> None:
    course = plain_course(tmp_path, {"hw": [("f", "f <- 1"), ("t_f 2", "f")]})
    path = course.root / "source/hw/hw.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.metadata["kernelspec"] = {"name": "ir", "display_name": "R", "language": "R"}
    path.write_text(nbformat.writes(notebook))
    submit_source(course)
    for options in ((), ("--force",)):
        done = course.run("autograder", "grade", "hw", "submitted", *options, status=2)
        assert "source/hw/hw.ipynb is for R, and its cells do not run as Python" in said(
            done.stderr
        )
    # Only its kernel is named wrongly.
    for cell, source in zip(notebook.cells, ("f = 1", "assert f"), strict=True):
        cell.source = source
    path.write_text(nbformat.writes(notebook))
    submit_source(course)
    assert "2/2 points" in course.run("autograder", "grade", "hw", "submitted").stdout


def test_points_that_a_person_gives_are_no_part_of_the_trial(tmp_path: Path) -> None:
    cells: Mapping[str, list[tuple[str, str]]] = {
        "hw": [("f", SQUARE), ("t_f 2", "assert f(3) == 9"), ("why hand 5", "Because.")]
    }
    course = plain_course(tmp_path, cells)
    submit_source(course)
    done = course.run("autograder", "grade", "hw", "submitted")
    assert "2/2 points" in done.stdout
