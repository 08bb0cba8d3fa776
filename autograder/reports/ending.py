"""What a round of grading says when it ends."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import msgspec
from rich.console import Console
from rich.text import Text

from autograder.checking.changes import Change
from autograder.checking.result import Result, SubmissionResult
from autograder.language import _, plural
from autograder.reports import classroom, terminal
from autograder.reports.changes import listed
from autograder.reports.overview import Overview

Results = Callable[[], Iterator[SubmissionResult]]
"""Gives every result, from the first one on, each time."""

Changes = Callable[[], Iterator[Change]]
"""Gives every change of a recorded mark, likewise."""


def marks(console: Console, result: Result, names: Sequence[str], results: Results) -> None:
    """Prints the marks: of a few submissions every check, of a class a line for each.

    Args:
        console: where to.
        result: all but its submissions.
        names: of those who have a result.
        results: what came of them.
    """
    if len(names) > classroom.FEW:
        classroom.table(console, names, results())
        return
    submissions = tuple(results())
    for each in submissions:
        terminal.submission(console, each)
    if len(names) > 1:
        console.print()
        terminal.summary(console, msgspec.structs.replace(result, submissions=submissions))
        console.print()
        overview = Overview()
        for each in submissions:
            overview.add(each)
        overview.show(console)


def files(console: Console, name: str, json_file: Path | None, *, gradebook: bool) -> None:
    """Prints where the marks are now, and what to do with them.

    Args:
        console: where to.
        name: the assignment's.
        json_file: what the result was written to.
        gradebook: whether the marks are in nbgrader's books.
    """
    if gradebook or json_file is not None:
        console.print()
    if gradebook:
        in_books = _(
            "The marks are in nbgrader's gradebook, and a page for each learner in its feedback/; "
            "nbgrader release_feedback {assignment} hands them out."
        )
        console.print(in_books.format(assignment=name))
    if json_file is not None:
        every = _("Every check of every learner: {file}").format(file=json_file)
        console.print(Text(every), soft_wrap=True)
        report = f"autograder report {shlex.quote(name)} {shlex.quote(str(json_file))}"
        page = _("To see the class as a page: {command}").format(command=report)
        console.print(Text(page), soft_wrap=True)


def changed(console: Console, changes: Changes, log: Path) -> None:
    """Prints which recorded marks have changed: those that fell one by one."""
    lower, every = _counts(changes)
    if not every:
        return
    console.print()
    some = plural(
        "1 mark changed, {lower} of them for the worse.",
        "{number} marks changed, {lower} of them for the worse.",
        every,
    )
    console.print(Text(some.format(number=every, lower=lower)))
    listed(console, (change for change in changes() if change.lower))
    console.print()
    console.print(Text(_("Every change is kept in {file}").format(file=log)), soft_wrap=True)


def would_change(console: Console, changes: Changes, *, anything_recorded: bool) -> None:
    """Prints which recorded marks would change, all of them one by one."""
    lower, every = _counts(changes)
    if not anything_recorded:
        console.print(_("No marks have been recorded yet, so none would change."))
    elif not every:
        console.print(_("No mark would change."))
    else:
        some = plural(
            "1 mark would change, {lower} of them for the worse.",
            "{number} marks would change, {lower} of them for the worse.",
            every,
        )
        console.print(Text(some.format(number=every, lower=lower)))
        listed(console, changes())
        console.print()


def notes(console: Console, taken: int, count: int, troubles: Iterable[str]) -> None:
    """Prints how many were not graded, and what could not be kept or read.

    Args:
        console: where to.
        taken: how many results are of an earlier run.
        count: of so many.
        troubles: sentences.
    """
    if taken:
        earlier = _(
            "{taken} of {count} taken from an earlier run, as nothing has changed since; --again "
            "grades them too."
        )
        console.print(earlier.format(taken=taken, count=count))
    for trouble in troubles:
        console.print(Text(terminal.plain(trouble)), soft_wrap=True)


def _counts(changes: Changes) -> tuple[int, int]:
    """How many fall, and how many there are."""
    falls = [change.lower for change in changes()]
    return sum(falls), len(falls)
