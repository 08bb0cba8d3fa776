"""What happened to whom in a class too large to print every check: a line for each student."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text

from autograder.checking.result import SubmissionResult
from autograder.language import _, plural
from autograder.reports.attention import Reason, looks
from autograder.reports.overview import Overview
from autograder.reports.terminal import plain
from autograder.reports.words import points

FEW = 20
"""Submissions of which every check is printed; of more, only what needs a look."""

WIDEST = 32
"""Columns of a name that shares its line with the rest."""

MARK = 7
"""Columns of a mark and of the asterisk behind it."""


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
    student, mark, look = _("student"), _right(_("points"), MARK - 1), _("needs a look")
    width = min(max(map(cell_len, map(plain, chain([student], students)))), WIDEST)
    console.print(Text(f"{set_cell_size(student, width)}  {mark}  {look}", "bold"))
    overview = Overview()
    for result in results:
        overview.add(result)
        name = plain(result.student)
        if cell_len(name) > width:
            console.print(Text(name))
            name = ""
        mark = points(result.score) + ("*" if result.provisional else " ")
        line = Text(f"{set_cell_size(name, width)}  {_right(mark, MARK)} ")
        line.append(plain(_notes(result)), "dim")
        line.rstrip()
        console.print(line, no_wrap=True, overflow="ellipsis")
    console.print()
    overview.show(console)


def _right(text: str, width: int) -> str:
    """A text at the right of so many columns; a Chinese character takes two."""
    return " " * (width - cell_len(text)) + text


def _notes(result: SubmissionResult) -> str:
    """Why somebody needs a look, the first observation for all of them."""
    notes, seen = [], []
    for look in looks(result):
        if look.reason is Reason.OBSERVED:
            seen.append(look.text)
        elif look.reason is Reason.UNDECIDED:
            count = sum(check.points is None for check in result.checks)
            undecided = plural(
                "* a person must decide 1 check", "* a person must decide {number} checks", count
            )
            notes.append(undecided.format(number=count))
        else:
            notes.append(str(look))
    if seen:
        more = _("{observation} (and {number} more)")
        several = more.format(observation=seen[0], number=len(seen) - 1)
        notes.append(several if len(seen) > 1 else seen[0])
    return "; ".join(notes)
