"""The output of every command in a file: no spaces at the end of a line, none wider than 80."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from autograder.cli.main import main
from tests.helpers.commands import WRONG, autograder, notebook

if TYPE_CHECKING:
    from tests.helpers.course import Course

CHECK = "twice_any_number"

COMMANDS = {
    "audit": ("audit", "doubling", "--seeds", "1", "--sample", "1", "--workers", "1"),
    "build": ("build",),
    "certificates": ("certificates", "tls"),
    "confirm": ("confirm", "doubling"),
    "collect": ("collect", "doubling", "bob.ipynb"),
    "doctor": ("doctor",),
    "explain": ("explain", "doubling", "bob.ipynb", CHECK, "--result", "result.json"),
    "grade": ("grade", "doubling", "bob.ipynb", "cut.ipynb", "--workers", "1"),
    "gradescope": ("gradescope", "doubling"),
    "messages": ("messages", "--lang", "zh"),
    "new": ("new", "halving"),
    "preview": ("preview", "doubling"),
    "release": ("release", "doubling"),
    "report": ("report", "doubling", "result.json"),
}
"""The arguments with which each command is run."""


@pytest.fixture(scope="module")
def graded(released_tiny: Course, tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A released course with a wrong, a rejected and eleven other notebooks, and a result."""
    course = released_tiny.copy(tmp_path_factory.mktemp("output") / "course")
    (course.root / "bob.ipynb").write_text(notebook(course, double=WRONG))
    (course.root / "cut.ipynb").write_text(notebook(course)[:1000])
    for number in range(11):
        student = course.root / "submitted" / f"student{number}" / "doubling"
        student.mkdir(parents=True)
        (student / "doubling.ipynb").write_text(notebook(course))
    autograder(course, "grade", "doubling", "bob.ipynb", "--json", "result.json")
    return course


def lines(course: Course, *words: str | Path) -> list[str]:
    return autograder(course, *words).stdout.splitlines()


def test_the_list_names_every_command() -> None:
    # `feedback` needs a graded class of Canvas or Moodle, as tests/nbgrader/test_round.py has one.
    listed = COMMANDS.keys() | {"feedback"}
    assert listed == {name for name, each in main.commands.items() if not each.hidden}


@pytest.mark.parametrize("command", COMMANDS)
def test_no_line_ends_with_a_space_or_is_wider_than_80_columns(
    graded: Course, command: str
) -> None:
    printed = lines(graded, *COMMANDS[command])
    assert printed
    assert [line for line in printed if line != line.rstrip()] == []
    # Commands and paths are not broken, so that they can be copied.
    assert [line for line in printed if len(line) > 80 and "/" not in line] == []


@pytest.mark.parametrize("gradebook", [False, True], ids=["files", "gradebook"])
def test_the_summary_of_a_class_has_no_space_at_the_end_of_a_line(
    graded: Course, gradebook: bool
) -> None:
    printed = lines(graded, "grade", "doubling", "--gradebook" if gradebook else "submitted")
    assert any(line.startswith("Mean ") for line in printed)
    assert [line for line in printed if line != line.rstrip()] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_no_line_of_the_help_ends_with_a_space_or_is_wider_than_80_columns(
    tiny: Course, command: str
) -> None:
    printed = lines(tiny, command, "--help")
    assert [line for line in printed if line != line.rstrip() or len(line) > 80] == []
