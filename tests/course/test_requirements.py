"""What a released assignment says must be installed for it."""

from __future__ import annotations

import zipfile
from importlib.metadata import version

import pytest
from packaging.requirements import Requirement

from autograder.course.assignment import BadAssignment
from autograder.course.lesson import Lesson, Part, Role
from autograder.course.requirements import requirements
from tests.helpers.course import Course


def asked(text: str) -> dict[str, Requirement]:
    """Return the requirements by their names."""
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return {each.name: each for each in map(Requirement, lines)}


def lesson(code: str) -> Lesson:
    """Return a lesson with one cell that students get."""
    return Lesson("mine", (Part(Role.EXPERIMENT, "cell", code, code),), "canary")


def test_beside_a_released_notebook_lies_what_it_needs(released_course: Course) -> None:
    folder = released_course.root / "release"
    text = (folder / released_course.name / "requirements.txt").read_text()
    with zipfile.ZipFile(folder / f"{released_course.name}.zip") as file:
        assert file.read("requirements.txt").decode() == text
    found = asked(text)
    assert found.keys() == {"jupyterlab", "matplotlib", "numpy"}
    for name, requirement in found.items():
        assert version(name) in requirement.specifier
        assert "0.1" not in requirement.specifier
        assert str(int(version(name).split(".")[0]) + 1) not in requirement.specifier


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("import scipy.stats as stats", "scipy"),
        ("def f():\n    from yaml import load", "PyYAML"),
        ("%matplotlib inline\nimport numpy", "numpy"),
        ("import nobody_has_this", "nobody_has_this"),
    ],
)
def test_an_import_is_found_wherever_it_stands(code: str, name: str) -> None:
    assert asked(requirements(lesson(code))).keys() == {"jupyterlab", name}


def test_pythons_own_modules_are_not_asked_for() -> None:
    code = "import os.path, json\nfrom collections import abc\nfrom . import other"
    assert asked(requirements(lesson(code))).keys() == {"jupyterlab"}


def test_a_cell_that_is_no_python_is_named() -> None:
    with pytest.raises(BadAssignment, match="The cell cell of the lesson is not valid Python"):
        requirements(lesson("import numpy as"))
