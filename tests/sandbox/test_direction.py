"""The wall stands: what is loaded beside a learner's code, and which room may know which."""

from __future__ import annotations

import ast
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import autograder

PACKAGE = Path(autograder.__path__[0])

TEMPLATE = PACKAGE / "course" / "template"
"""What assignments are started from: files of a course, and no modules."""

FILES = sorted(path for path in PACKAGE.rglob("*.py") if TEMPLATE not in path.parents)


def module(file: Path) -> str:
    """A file's dotted name."""
    parts = file.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module(file) for file in FILES}


def imported(file: Path) -> set[str]:
    """The modules of ours that a file imports anywhere in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file} imports by its own place"
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if name in MODULES else str(node.module) for name in names}
    return {name for name in found if name.split(".")[0] == "autograder"}


def room(name: str) -> str:
    """The package that a module lies in; for a module of its own, itself."""
    return ".".join(name.split(".")[:2])


ROOMS: dict[str, set[str]] = {}
for _file in FILES:
    _rooms = {room(name) for name in imported(_file)} - {"autograder", room(module(_file))}
    ROOMS.setdefault(room(module(_file)), set()).update(_rooms)


def test_the_rooms_were_found() -> None:
    assert {"autograder.cli", "autograder.checking", "autograder.sandbox"} <= ROOMS.keys()
    assert "autograder.sandbox" in ROOMS["autograder.checking"]


def test_what_is_loaded_beside_a_learners_code_imports_nothing_of_ours_but_the_wire() -> None:
    for file in FILES:
        if module(file).startswith("autograder.sandbox.inside"):
            allowed = ("autograder.sandbox.inside", "autograder.sandbox.protocol")
            assert all(name.startswith(allowed) for name in imported(file)), file


def test_what_a_fresh_interpreter_loads_for_learners_is_the_wire_and_the_inside() -> None:
    code = (
        "import sys, autograder.sandbox.inside.worker\n"
        "print(*sorted(name for name in sys.modules if name.split('.')[0] == 'autograder'))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    inside = {name for name in MODULES if name.startswith("autograder.sandbox.inside")}
    wire = {
        f"autograder.sandbox.protocol.{name}" for name in ("channel", "limits", "values", "wire")
    }
    packages = {"autograder", "autograder.sandbox", "autograder.sandbox.protocol", *wire}
    loaded = set(done.stdout.split())
    assert loaded <= inside | packages
    assert "autograder.sandbox.inside.worker" in loaded


def test_the_sandbox_imports_nothing_of_ours_outside_itself() -> None:
    assert ROOMS["autograder.sandbox"] == set()


def test_checking_knows_no_course_no_submission_and_no_report() -> None:
    below = {"autograder.sandbox", "autograder.i18n", "autograder.result"}
    assert ROOMS["autograder.checking"] <= below


def test_judging_knows_nothing_of_diagnosis() -> None:
    judging = [file for file in FILES if module(file).startswith("autograder.checking.judge")]
    assert any("autograder.checking.expect" in imported(file) for file in judging)
    for file in judging:
        known = [
            name for name in imported(file) if name.startswith("autograder.checking.diagnosis")
        ]
        assert not known, file


def test_grading_knows_nothing_of_nbgraders_files_and_gradebook() -> None:
    assert "autograder.nbgrader" not in ROOMS["autograder.grading"]


def test_no_room_below_knows_one_above() -> None:
    floors = [
        {"autograder.sandbox"},
        {"autograder.i18n"},
        {"autograder.result"},
        {"autograder.checking"},
        {"autograder.course", "autograder.reports"},
        {"autograder.intake"},
        {"autograder.grading"},
        {"autograder.nbgrader", "autograder.audit"},
        {"autograder.cli"},
        {"autograder.__main__"},
    ]
    assert set().union(*floors) == ROOMS.keys() - {"autograder"}
    above: set[str] = set()
    for floor in reversed(floors):
        above |= floor
        for name in floor:
            assert not ROOMS[name] & above, name


def test_rooms_and_modules_import_each_other_in_no_circle() -> None:
    modules = {module(file): imported(file) - {module(file)} for file in FILES}
    for graph in (ROOMS, modules):
        order = list(TopologicalSorter(graph).static_order())  # a circle raises CycleError
        assert set(order) >= graph.keys()
