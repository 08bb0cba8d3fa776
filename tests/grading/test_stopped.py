"""A test that fails because a cell of the student stopped says which cell, and why."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from autograder.grading.stopped import Stopped, bound_names, cell_that_defines
from autograder.sandbox.protocol import wire
from tests.helpers.plain import plain_course, submit_source


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("def f(x):\n    y = 1\nclass C:\n    pass", {"f", "C"}),
        ("import numpy as np, os.path\nfrom math import pi", {"np", "os", "pi"}),
        (
            "a, (b, *c) = 1, 2\nfor i in []:\n    with open('x') as d:\n        e = (h := 1)",
            set("abcideh"),
        ),
        ("%matplotlib inline\nz = !ls\n", {"z"}),
        ("def f(x):\n    return (\ndef g(x):\n    return 1\nk = 1", {"f", "g", "k"}),
    ],
)
def test_what_a_cell_defines(source: str, names: set[str]) -> None:
    assert bound_names(source) >= names
    assert "y" not in bound_names(source)


def stopped(name: str, source: str, kind: str, message: str) -> Stopped:
    return Stopped(name, source, wire.Ran(wire.Raised(kind, message, 1), ()))


def test_the_first_cell_of_a_chain_is_the_cause() -> None:
    first = stopped("one", "import nowhere\ndef f(): pass", "ModuleNotFoundError", "nowhere")
    second = stopped("two", "x = f()", "NameError", "name 'f' is not defined")
    other = stopped("three", "z = 1 / 0", "ZeroDivisionError", "division by zero")
    cells = [first, second, other]
    assert cell_that_defines("x", cells) is first
    assert cell_that_defines("z", cells) is other
    assert cell_that_defines("y", cells) is None


def test_every_function_of_a_cell_that_stopped_says_so(tmp_path: Path) -> None:
    cells = [
        ("fg", "def f():\n    return 1\ndef g():\n    return 2"),
        ("t_f 1", "assert f() == 1"),
        ("t_g 1", "assert g() == 2"),
        ("h", "def h(x):\n    return x"),
        ("t_h 1", "assert h(1) == 1"),
    ]
    course = plain_course(tmp_path, {"hw": cells})
    path = submit_source(course) / "hw.ipynb"
    text = path.read_text().replace("def f()", "import nowhere\\ndef f()")
    path.write_text(text.replace("return x", "return x + y"))
    course.run("autograder", "grade", "hw", "submitted", "--json", "result.json")
    (result,) = json.loads((course.root / "result.json").read_text())["submissions"]
    said = {each["id"]: each["message"] for each in result["checks"]}
    because = "because the cell fg stopped with ModuleNotFoundError: No module named 'nowhere'"
    assert said["t_f"].startswith(f"f is not defined, {because}")
    assert said["t_g"].startswith(f"g is not defined, {because}")
    assert "NameError: name 'y' is not defined (line 2 of its cell, in h)" in said["t_h"]
