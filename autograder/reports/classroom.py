"""What happened to whom in a class too large to print every check: a line for each student."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text

from autograder.checking.result import SubmissionResult
from autograder.reports.attention import Reason, looks
from autograder.reports.overview import Overview
from autograder.reports.terminal import plain
from autograder.reports.words import points

FEW = 20
"""Submissions of which every check is printed; of more, only what needs a look."""

WIDEST = 32
"""Columns of a name that shares its line with the rest."""


def table(
    console: Console,
    students: Iterable[str],
    results: Iterable[SubmissionResult],
) -> None:
    """Prints a line for each student, and what the class has.

    Args:
        console: where to.
        students: their names, to know how wide the column must be.
        results: what each has.
    """
    width = min(max(map(cell_len, map(plain, chain(["student"], students)))), WIDEST)
    console.print(Text(f"{set_cell_size('student', width)}  points  needs a look", "bold"))
    overview = Overview()
    for result in results:
        overview.add(result)
        name = plain(result.student)
        if cell_len(name) > width:
            console.print(Text(name))
            name = ""
        mark = points(result.score) + ("*" if result.provisional else " ")
        line = Text(f"{set_cell_size(name, width)}  {mark:>7} ")
        line.append(plain(_notes(result)), "dim")
        line.rstrip()
        console.print(line, no_wrap=True, overflow="ellipsis")
    console.print()
    overview.show(console)


def _notes(result: SubmissionResult) -> str:
    """Why somebody needs a look, the first observation for all of them."""
    notes, seen = [], []
    for look in looks(result):
        if look.reason is Reason.OBSERVED:
            seen.append(look.text)
        elif look.reason is Reason.UNDECIDED:
            count = sum(check.points is None for check in result.checks)
            notes.append(f"* a person must decide {count} check" + ("s" if count > 1 else ""))
        else:
            notes.append(f"{look.reason.value}: {look.text}")
    if seen:
        notes.append(seen[0] + (f" (and {len(seen) - 1} more)" if len(seen) > 1 else ""))
    return "; ".join(notes)
