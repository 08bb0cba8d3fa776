"""A machine with requirements-grading.txt alone grades; other commands say what they need."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import packages_distributions, requires
from typing import TYPE_CHECKING

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from autograder.grading.gradescope import NOT_FOR_GRADING
from tests.helpers.commands import notebook
from tests.helpers.course import ENVIRONMENT, ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from tests.helpers.course import Course

PROGRAM = """\
import sys
from importlib.machinery import PathFinder

class WithoutNbgrader(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        missing = name.partition(".")[0] in MISSING
        return None if missing else super().find_spec(name, path, target)

MISSING = set(sys.argv.pop(1).split(","))
sys.meta_path[sys.meta_path.index(PathFinder)] = WithoutNbgrader
from autograder.cli.main import main
main()
"""


def listed(name: str) -> list[Requirement]:
    lines = (ROOT / name).read_text().splitlines()
    return [Requirement(line) for line in lines if not line.startswith("#")]


def closure(requirements: list[Requirement]) -> set[str]:
    """Return the names of the distributions that pip would install."""
    seen: set[tuple[str, frozenset[str]]] = set()
    left = requirements.copy()
    for each in left:  # which grows
        name, extras = canonicalize_name(each.name), frozenset({"", *each.extras})
        if (name, extras) in seen:
            continue
        seen.add((name, extras))
        left += [
            need
            for need in map(Requirement, requires(name) or ())
            if not need.marker or any(need.marker.evaluate({"extra": extra}) for extra in extras)
        ]
    return {name for name, _ in seen}


def missing_modules() -> str:
    """Return the modules that only requirements-nbgrader.txt installs."""
    gone = closure(listed("requirements-nbgrader.txt"))
    gone -= closure(listed("requirements-grading.txt"))
    assert {"nbgrader", "jupyterlab", "nbconvert", "sqlalchemy"} <= gone
    return ",".join(
        module
        for module, names in packages_distributions().items()
        if {canonicalize_name(name) for name in names} <= gone
    )


def run(course: Course, *words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, missing_modules(), *words],
        cwd=course.root,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_checks_are_graded(tiny: Course) -> None:
    (tiny.root / "ada.ipynb").write_text(notebook(tiny))
    done = run(tiny, "grade", tiny.name, "ada.ipynb", "--json", "ada.json", "--junit", "ada.xml")
    assert done.returncode == 0, done.stderr
    assert "11/11" in done.stdout


@pytest.mark.parametrize(
    "words",
    [("release", "doubling"), ("preview", "doubling"), ("grade", "doubling", "--gradebook")],
    ids=" ".join,
)
def test_other_commands_say_what_to_install(tiny: Course, words: tuple[str, ...]) -> None:
    done = run(tiny, *words)
    assert done.returncode == 2, done.stderr
    assert done.stderr == (
        "autograder: This needs nbgrader, which is not installed here: pip install numgrader\n"
    )


def test_gradescope_installs_what_the_file_names() -> None:
    assert {each.name for each in listed("requirements-nbgrader.txt")} == set(NOT_FOR_GRADING)
