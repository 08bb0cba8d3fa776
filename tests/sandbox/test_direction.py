"""Imports run one way, and the protocol is all of ours that is loaded beside a student's code."""

from __future__ import annotations

import subprocess
import sys
from graphlib import TopologicalSorter

from tests.helpers.imports import FILES, FLOORS, MODULES, imported, module, picture, rooms


def test_the_rooms_were_found() -> None:
    assert {"autograder.cli", "autograder.checking", "autograder.sandbox"} <= rooms().keys()
    assert "autograder.sandbox" in rooms()["autograder.checking"]


def test_what_is_loaded_beside_a_students_code_imports_nothing_of_ours_but_the_wire() -> None:
    for file in FILES:
        if module(file).startswith("autograder.sandbox.inside"):
            allowed = ("autograder.sandbox.inside", "autograder.sandbox.protocol")
            assert all(name.startswith(allowed) for name in imported(file)), file


def test_what_a_fresh_interpreter_loads_for_students_is_the_wire_and_the_inside() -> None:
    code = (
        "import sys, autograder.sandbox.inside.worker\n"
        "print(*sorted(name for name in sys.modules if name.split('.')[0] == 'autograder'))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    inside = {name for name in MODULES if name.startswith("autograder.sandbox.inside")}
    wire = {
        f"autograder.sandbox.protocol.{name}"
        for name in ("channel", "forms", "frames", "functions", "limits", "values", "wire")
    }
    packages = {"autograder", "autograder.sandbox", "autograder.sandbox.protocol", *wire}
    loaded = set(done.stdout.split())
    assert loaded <= inside | packages
    assert "autograder.sandbox.inside.worker" in loaded


def test_the_sandbox_imports_nothing_of_ours_outside_itself() -> None:
    assert rooms()["autograder.sandbox"] == set()


def test_checking_knows_no_course_no_submission_and_no_report() -> None:
    below = {"autograder.sandbox", "autograder.i18n", "autograder.result"}
    assert rooms()["autograder.checking"] <= below


def test_judging_knows_nothing_of_diagnosis() -> None:
    judging = [file for file in FILES if module(file).startswith("autograder.checking.judge")]
    assert any("autograder.checking.expect" in imported(file) for file in judging)
    for file in judging:
        known = [
            name for name in imported(file) if name.startswith("autograder.checking.diagnosis")
        ]
        assert not known, file


def test_grading_knows_nothing_of_nbgraders_files_and_gradebook() -> None:
    assert "autograder.nbgrader" not in rooms()["autograder.grading"]


def test_no_room_below_knows_one_above() -> None:
    assert set().union(*FLOORS) == rooms().keys() - {"autograder"}
    above: set[str] = set()
    for floor in reversed(FLOORS):
        above |= floor
        for name in floor:
            assert not rooms()[name] & above, name


def test_rooms_and_modules_import_each_other_in_no_circle() -> None:
    modules = {module(file): imported(file) - {module(file)} for file in FILES}
    for graph in (rooms(), modules):
        order = list(TopologicalSorter(graph).static_order())  # a circle raises CycleError
        assert set(order) >= graph.keys()


def test_the_picture_shows_each_room_above_the_rooms_that_it_imports() -> None:
    lines = [line.partition(" -> ") for line in picture().splitlines()]
    names = [line.split()[1] for line, _arrow, _others in lines]
    assert set(names) == {name.removeprefix("autograder.") for name in rooms()} - {"autograder"}
    for place, (_line, _arrow, others) in enumerate(lines):
        arrows = set(filter(None, others.split(", ")))
        assert arrows <= set(names[place + 1 :])
        assert {f"autograder.{each}" for each in arrows} == rooms()[f"autograder.{names[place]}"]
