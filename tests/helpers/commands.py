"""The commands run in this process, and notebooks for them in the tiny course."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import nbformat
from click.testing import CliRunner

from autograder.cli.main import main

if TYPE_CHECKING:
    from tests.helpers.course import Course

WRONG = "def double(number):\n    return number * number + number\n"

FAULT = "    wanted_total ="


def notebook(course: Course, **changed: str) -> str:
    """Return a notebook with the reference's functions, except for these."""
    return str(nbformat.writes(course.lesson.filled({**course.solutions, **changed})))


class Said(Protocol):
    """The output of a command."""

    @property
    def stdout(self) -> str: ...

    @property
    def stderr(self) -> str: ...


def autograder(
    course: Course,
    *words: str | Path,
    status: int = 0,
    cwd: Path | None = None,
    env: dict[str, str] | None = None,
) -> Said:
    """Run the command in this process, which is faster; exceptions are not caught."""
    kept = {"AUTOGRADER_SECRET": None, "COLUMNS": "80", **(env or {})}
    with contextlib.chdir(cwd or course.root):
        runner = CliRunner(env=kept)
        done = runner.invoke(main, [*map(str, words)], catch_exceptions=False)
    assert done.exit_code == status, f"{words}\n{done.stdout}\n{done.stderr}"
    return done


def grade(course: Course, *words: str | Path, **kept: Any) -> Said:
    return autograder(course, "grade", course.name, *words, "--workers", "1", **kept)


def result(course: Course, *words: str | Path, **kept: Any) -> dict[str, Any]:
    file = course.root / "result.json"
    grade(course, *words, "--json", file, **kept)
    found: dict[str, Any] = json.loads(file.read_bytes())
    return found


def one_line(done: Said) -> str:
    """Return the error of a command, which is one line."""
    assert "Traceback" not in done.stderr
    lines = done.stderr.splitlines()
    assert len(lines) == 1, done.stderr
    return lines[0]


def log(course: Course) -> list[dict[str, Any]]:
    lines = (course.root / ".autograder/doubling/changes.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]
