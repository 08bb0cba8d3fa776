"""What a round of grading says when it ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
from rich.console import Console
from rich.text import Text

from autograder.checking.changes import Change
from autograder.checking.result import Result, SubmissionResult
from autograder.reports import classroom, terminal
from autograder.reports.changes import listed

Outcomes = Callable[[], Iterator[tuple[SubmissionResult, Change | None]]]
"""Gives every result, and what has become of that mark, from the first one on, each time."""


def marks(console: Console, result: Result, count: int, outcomes: Outcomes) -> None:
    """Prints the marks: of a few submissions every check, of a class a line for each.

    Args:
        console: where to.
        result: all but its submissions.
        count: how many there are.
        outcomes: what came of them.
    """
    if count > classroom.FEW:
        students = (each.student for each, _ in outcomes())
        classroom.table(console, students, outcomes())
        return
    submissions = tuple(each for each, _ in outcomes())
    for each in submissions:
        terminal.submission(console, each)
    if count > 1:
        console.print()
        terminal.summary(console, msgspec.structs.replace(result, submissions=submissions))


def changed(console: Console, outcomes: Outcomes, log: Path) -> None:
    """Prints which recorded marks have changed: those that fell one by one."""
    lower, other = _counts(outcomes)
    if not lower and not other:
        return
    console.print()
    console.print(Text(f"{_marks(lower + other)} changed, {lower} of them for the worse."))
    listed(console, (change for _, change in outcomes() if change is not None and change.lower))
    console.print()
    console.print(Text(f"Every change is kept in {log}"), soft_wrap=True)


def would_change(console: Console, outcomes: Outcomes, *, anything_recorded: bool) -> None:
    """Prints which recorded marks would change, all of them one by one."""
    if not anything_recorded:
        console.print("No marks have been recorded yet, so none would change.")
        return
    lower, other = _counts(outcomes)
    if lower or other:
        console.print(Text(f"{_marks(lower + other)} would change, {lower} of them for the worse."))
        listed(console, (change for _, change in outcomes() if change is not None))
        console.print()
    else:
        console.print("No mark would change.")


def _counts(outcomes: Outcomes) -> tuple[int, int]:
    lower = other = 0
    for _, change in outcomes():
        if change is not None:
            lower += change.lower
            other += not change.lower
    return lower, other


def _marks(number: int) -> str:
    return "1 mark" if number == 1 else f"{number} marks"
