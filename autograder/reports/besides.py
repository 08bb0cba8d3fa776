"""What counts in nbgrader's gradebook beside the marks that a run of grading has shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rich.console import Console
from rich.text import Text

from autograder.checking.expect import listed
from autograder.language import _, plural
from autograder.reports.terminal import plain
from autograder.reports.words import points

NAMED = 10
"""Students whom one sentence names."""


def besides(
    console: Console, late: Mapping[str, float], by_hand: Sequence[str], waiting: int
) -> None:
    """Prints what a person will find otherwise in the gradebook.

    Args:
        console: where to.
        late: the points that being late costs, by the student.
        by_hand: the students for whom points count that a person has set.
        waiting: how many submissions wait for a person.
    """
    if late or by_hand or waiting:
        console.print()
    if late:
        taken_off = _("Late penalties count in the gradebook, and not above: {late}.")
        costs = [f"{student} -{points(cost)}" for student, cost in late.items()]
        console.print(Text(taken_off.format(late=_named(costs))))
    if by_hand:
        set_by = _("Points that a person has set count in the gradebook, and not above: {names}.")
        console.print(Text(set_by.format(names=_named(by_hand))))
    if waiting:
        wait = plural(
            "In the gradebook, 1 submission waits for a person.",
            "In the gradebook, {number} submissions wait for a person.",
            waiting,
        )
        console.print(wait.format(number=waiting))


def _named(students: Iterable[str]) -> str:
    return listed(list(map(plain, students)), NAMED)
