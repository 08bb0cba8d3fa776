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
    place = "(cell 5, line 1; cell 4, line 2, in h)"
    error = f"NameError: name 'y' is not defined {place}"
    assert said["t_h"].startswith(f"The test stopped with {error}.")


def test_a_traceback_names_the_cell_or_the_file_of_each_line(tmp_path: Path) -> None:
    cells = [
        ("", "from helper import call"),
        ("f", "def f(n):\n    if n == 0:\n        return [][1]\n    return f(n - 1)"),
        ("t_f 1", "g = lambda: f(2)\ncall(g)"),
        ("deep", "def odd(n):\n    return even(n + 1)\ndef even(n):\n    return odd(n + 1)"),
        ("t_deep 1", "odd(1)"),
        ("broken", "x = ("),
    ]
    course = plain_course(tmp_path, {"hw": cells})
    (course.root / "source/hw/helper.py").write_text("def call(f):\n    return f()\n")
    submit_source(course)
    course.run("autograder", "grade", "hw", "submitted", "--json", "result.json", "--force")
    (result,) = json.loads((course.root / "result.json").read_text())["submissions"]
    index, deep = (each["message"] for each in result["checks"])
    assert index.endswith(
        "(cell 3, line 2; helper.py, line 2, in call; cell 3, line 1; cell 2, line 4, in f; "
        "cell 2, line 3, in f)."
    )
    assert "(cell 5, line 1; …; cell 4, line " in deep
    assert deep.count("cell 4") == 6
