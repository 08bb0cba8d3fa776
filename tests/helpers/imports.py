"""The imports between the rooms of the package; `python -m tests.helpers.imports` prints them.

`tests/sandbox/test_direction.py` checks what is read here, so that test and picture agree.
"""

from __future__ import annotations

import ast
import sys
from functools import cache
from pathlib import Path

import autograder

PACKAGE = Path(autograder.__path__[0])

TEMPLATE = PACKAGE / "course" / "template"
"""Files of a course that has just been started; they are no modules of the package."""

FILES = sorted(path for path in PACKAGE.rglob("*.py") if TEMPLATE not in path.parents)

FLOORS: list[set[str]] = [
    {"autograder.sandbox"},
    {"autograder.i18n"},
    {"autograder.result"},
    {"autograder.checking"},
    {"autograder.course", "autograder.reports"},
    {"autograder.intake"},
    {"autograder.grading"},
    {"autograder.nbgrader", "autograder.audit"},
    {"autograder.books", "autograder.cli"},
    {"autograder.__main__"},
]
"""The rooms from the ground up. A room may import the rooms of the floors below its own."""


def module(file: Path) -> str:
    """Return the dotted name of a file."""
    parts = file.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module(file) for file in FILES}


@cache
def imported(file: Path) -> set[str]:
    """Return the modules of the package that a file imports, also inside its functions."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file} has a relative import"
            full_names = {f"{node.module}.{alias.name}" for alias in node.names}
            names |= {name if name in MODULES else str(node.module) for name in full_names}
    return {name for name in names if name.split(".")[0] == "autograder"}


def room(name: str) -> str:
    """Return the room of a module: the folder or the file at the top of the package."""
    return ".".join(name.split(".")[:2])


@cache
def rooms() -> dict[str, set[str]]:
    """Return the rooms that each room imports."""
    graph: dict[str, set[str]] = {}
    for file in FILES:
        importer = room(module(file))
        others = {room(name) for name in imported(file)} - {"autograder", importer}
        graph.setdefault(importer, set()).update(others)
    return graph


def picture() -> str:
    """Return the rooms by floors, the highest first, each with its size and what it imports."""
    graph = rooms()
    sizes = dict.fromkeys(graph, 0)
    for file in FILES:
        sizes[room(module(file))] += file.read_text(encoding="utf-8").count("\n")
    lines = []
    for number, floor in reversed(list(enumerate(FLOORS, 1))):
        for name in sorted(floor):
            others = [_short(other) for level in reversed(FLOORS) for other in sorted(level)]
            arrows = [other for other in others if f"autograder.{other}" in graph[name]]
            target = f" -> {', '.join(arrows)}" if arrows else ""
            lines.append(f"{number}  {_short(name):<9}{sizes[name]:>6,} lines{target}")
    return "\n".join(lines)


def _short(name: str) -> str:
    return name.removeprefix("autograder.")


if __name__ == "__main__":
    sys.stdout.write(picture() + "\n")
