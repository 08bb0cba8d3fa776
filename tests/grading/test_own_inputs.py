"""Inputs of its own for every notebook, where feedback goes back before the deadline."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.helpers.commands import WRONG, autograder, notebook, result

if TYPE_CHECKING:
    from tests.helpers.course import Course

CHECK = "twice_any_number"


def push(course: Course, name: str, source: str) -> Path:
    path = course.root / f"{name}.ipynb"
    path.write_text(notebook(course, double=source))
    return path


def told(found: dict[str, Any], student: str) -> tuple[str, str]:
    """Return the verdict and the reason of the hidden check of `double`."""
    (submission,) = (each for each in found["submissions"] if each["student"] == student)
    (check,) = (each for each in submission["checks"] if each["id"] == CHECK)
    return check["verdict"], check["message"] or ""


def asked(course: Course, *options: str) -> tuple[str, str]:
    """Return what two wrong notebooks of the same code were asked, as their feedback tells."""
    paths = [push(course, "ada", WRONG), push(course, "bob", f"{WRONG}\n# the same\n")]
    found = result(course, *paths, *options)
    numbers = [re.findall(r"double\((\S+)\)", told(found, each)[1]) for each in ("ada", "bob")]
    return numbers[0][0], numbers[1][0]


def test_the_class_is_asked_the_same_unless_every_notebook_has_its_own(tiny: Course) -> None:
    ada, bob = asked(tiny)
    assert ada == bob
    own_ada, own_bob = asked(tiny, "--own-inputs")
    assert len({ada, own_ada, own_bob}) == 3


def test_the_same_notebook_is_asked_the_same_again(tiny: Course) -> None:
    assert asked(tiny, "--own-inputs") == asked(tiny, "--own-inputs", "--again")


def test_what_one_push_tells_of_the_inputs_is_worth_nothing_on_the_next(tiny: Course) -> None:
    number, _ = asked(tiny, "--own-inputs")
    knowing = f"def double(number):\n    return {{{number}: 2 * {number}, 1.0: 2.0}}[number]\n"
    found = result(tiny, push(tiny, "eve", knowing), "--own-inputs")
    assert told(found, "eve")[0] == "failed"
    number, _ = asked(tiny)
    knowing = f"def double(number):\n    return {{{number}: 2 * {number}, 1.0: 2.0}}[number]\n"
    found = result(tiny, push(tiny, "eve", knowing))
    assert told(found, "eve")[0] == "passed"  # the class's own inputs are for after the deadline


def test_a_verdict_is_replayed_on_the_inputs_that_it_was_reached_with(tiny: Course) -> None:
    number, _ = asked(tiny, "--own-inputs")
    for options in (["--own-inputs"], ["--result", "result.json"]):
        done = autograder(tiny, "explain", tiny.name, "ada.ipynb", CHECK, *options)
        assert f"double({number})" in done.stdout
        assert "the owner of" not in done.stdout  # nothing is different from then
    asked(tiny)
    options = ["--own-inputs", "--result", "result.json"]
    done = autograder(tiny, "explain", tiny.name, "ada.ipynb", CHECK, *options)
    assert "whose inputs are used" in done.stdout
