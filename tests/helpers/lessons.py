"""A lesson whose functions and checks a test writes in a line or two each."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
from click.testing import CliRunner

from autograder.cli.main import main
from autograder.course.assignment import Assignment
from autograder.course.builder import build

IMPORTS = """
import dataclasses
import datetime
import decimal
import fractions
import math
from collections import namedtuple

import numpy as np
import pandas as pd

Point = namedtuple("Point", "x y")


@dataclasses.dataclass
class Body:
    mass: float
    place: tuple


class Secret:
    pass

"""

PARAMETERS = {
    "length_of": "p",
    "mass_of": "b",
    "rows": "table",
    "slope": "f, x, h=1e-5",
    "doubled": "x",
    "both": "fs, x",
}

FIRST = ("length_of", "mass_of", "doubled")
"""Functions that the checks of others call, and that stand above them in the lesson."""


def course(root: Path, functions: Mapping[str, tuple[str, str]]) -> Assignment:
    """Return a course of these functions, each with one visible check of a point."""
    reference, lesson, checks = (
        [IMPORTS],
        ["# All\n\n```{setup} tools", IMPORTS, "```\n"],
        [IMPORTS],
    )
    lesson += ["```{runner}\n```\n"]
    checks.append(
        "from autograder.checking import check, expect\n\n\ndef cube(x):\n    return x**3\n"
    )
    for name in sorted(functions, key=lambda name: name not in FIRST):
        body, asks = functions[name]
        head = f"def {name}({PARAMETERS.get(name, '')}):\n"
        reference.append(f'\n\n{head}    """Return it."""\n    {body}\n')
        lesson.append(f"```{{function}} {name}\n```\n")
        checks.append(
            f'\n\n@check(of="{name}", points=1, visible=True)\n'
            f'def check_{name}(student):\n    """It is right."""\n    {asks}\n'
        )
    for place, text in {
        "reference/hw.py": "".join(reference),
        "assignments/hw/lesson.md": "\n".join(lesson),
        "assignments/hw/checks.py": "".join(checks),
        "nbgrader_config.py": "",
    }.items():
        (root / place).parent.mkdir(parents=True, exist_ok=True)
        (root / place).write_text(text)
    return Assignment(root, "hw")


def graded(assignment: Assignment) -> dict[str, dict[str, Any]]:
    """Return the result of the author's own notebook, check by check."""
    root = assignment.root
    source = root / "source/hw/hw.ipynb"
    source.parent.mkdir(parents=True)
    source.write_text(nbformat.writes(build(assignment).source_notebook()))
    with contextlib.chdir(root):
        done = CliRunner().invoke(
            main,
            [
                "grade",
                "hw",
                str(source.parent),
                "--json",
                str(root / "r.json"),
                "--force",
            ],
        )
    assert (root / "r.json").is_file(), done.output
    (submission,) = json.loads((root / "r.json").read_text())["submissions"]
    return {each["function"]: each for each in submission["checks"]}
