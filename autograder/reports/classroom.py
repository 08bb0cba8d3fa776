"""What happened to whom in a class too large to print every check: a line for each student."""

from __future__ import annotations

import statistics
from array import array
from collections.abc import Iterable, Iterator
from itertools import chain

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text

from autograder.checking.result import Status, SubmissionResult, Verdict
from autograder.reports.terminal import plain
from autograder.reports.words import points

FEW = 20
"""Submissions of which every check is printed; of more, only what needs a look."""

WIDEST = 32
"""Columns of a name that shares its line with the rest."""

LOOK = {Verdict.TIMED_OUT: "timed out", Verdict.CRASHED: "crashed"}
"""Verdicts that may be this machine's fault, or that of whoever attacks it."""


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
    scores, rejected, looks, most = array("d"), 0, 0, 0.0
    for result in results:
        notes = list(_notes(result))
        looks += bool(notes)
        name = plain(result.student)
        if cell_len(name) > width:
            console.print(Text(name))
            name = ""
        mark = points(result.score) + ("*" if result.provisional else " ")
        line = Text(f"{set_cell_size(name, width)}  {mark:>7} ")
        line.append(plain("; ".join(notes)), "dim")
        line.rstrip()
        console.print(line, no_wrap=True, overflow="ellipsis")
        most = result.max_score
        if result.status is Status.REJECTED:
            rejected += 1
        else:
            scores.append(result.score)
    console.print()
    console.print(
        f"{len(scores) + rejected} submissions: {len(scores)} graded, {rejected} rejected; "
        + (f"{looks} need" if looks != 1 else "1 needs")
        + " a look."
    )
    if scores:
        console.print(
            f"Those graded have {statistics.fmean(scores):.1f} of {points(most)} points on "
            f"average, and half of them {points(statistics.median(scores))} or more."
        )


def _notes(result: SubmissionResult) -> Iterator[str]:
    if result.status is Status.REJECTED:
        yield f"rejected: {result.reason}"
    undecided = sum(check.points is None for check in result.checks)
    if undecided:
        yield f"* a person must decide {undecided} check" + ("s" if undecided > 1 else "")
    for verdict, word in LOOK.items():
        functions = [check.function for check in result.checks if check.verdict is verdict]
        if functions:
            yield f"{word}: {', '.join(dict.fromkeys(functions))}"
    if result.observations:
        more = len(result.observations) - 1
        yield result.observations[0] + (f" (and {more} more)" if more else "")
