"""What a round of grading says when it ends."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import msgspec
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from autograder.checking.expect import listed
from autograder.checking.judge.messages import words
from autograder.i18n import _, plural
from autograder.reports.labels import points
from autograder.reports.terminal import class_table, submission
from autograder.reports.terminal.class_table import Overview
from autograder.reports.terminal.submission import plain, wrapped
from autograder.result import Cause, Change, Result, Status, SubmissionResult, Taken

Results = Callable[[], Iterator[SubmissionResult]]
"""Gives every result, from the first one on, each time."""

FAULTS = 10
"""Checks that failed themselves of which it is said why."""

Changes = Callable[[], Iterator[Change]]
"""Gives every change of a recorded mark, likewise."""


@dataclass
class Fault:
    """A check that failed itself.

    Attributes:
        why: what went wrong, the first time.
        learners: how many it met.
    """

    why: str
    learners: int = 0


def marks(console: Console, result: Result, names: Sequence[str], results: Results) -> None:
    """Prints the marks: of a few submissions every check, of a class a line for each.

    Args:
        console: where to.
        result: all but its submissions.
        names: of those who have a result.
        results: what came of them.
    """
    if len(names) > class_table.MAX_DETAILED:
        class_table.table(console, names, results())
        return
    submissions = tuple(results())
    for each in submissions:
        submission.submission(console, each)
    if len(names) > 1:
        console.print()
        submission.summary(console, msgspec.structs.replace(result, submissions=submissions))
        console.print()
        overview = Overview()
        for each in submissions:
            overview.add(each)
        overview.show(console)


def files(console: Console, name: str, json_file: Path | None) -> None:
    """Prints where the result is now, and what to do with it.

    Args:
        console: where to.
        name: the assignment's.
        json_file: what the result was written to.
    """
    if json_file is not None:
        console.print()
        every = _("Every check of every learner: {file}").format(file=json_file)
        console.print(Text(every), soft_wrap=True)
        report = f"autograder report {shlex.quote(name)} {shlex.quote(str(json_file))}"
        page = _("To see the class as a page: {command}").format(command=report)
        console.print(Text(page), soft_wrap=True)


def missing(console: Console, students: Iterable[str]) -> None:
    """Prints who handed in nothing, all of them."""
    names = ", ".join(map(plain, students))
    if names:
        nothing = _("Nothing was handed in by: {students}.")
        console.print()
        console.print(Text(nothing.format(students=names)), soft_wrap=True)


def pages(console: Console, name: str, elsewhere: int, *, final: bool) -> None:
    """Prints where the learners' pages are, and how they get them.

    Args:
        console: where to.
        name: the assignment's.
        elsewhere: how many have handed in by another way than nbgrader's exchange.
        final: whether they may get them.
    """
    in_books = _(
        "The marks are in nbgrader's gradebook, and a page for each learner in "
        "feedback/STUDENT/{assignment}/."
    )
    said = [in_books.format(assignment=name)]
    if final and elsewhere:
        by_hand = plural(
            "1 student did not hand in through nbgrader's exchange. `autograder feedback "
            "{assignment}` makes the zip of pages that Canvas or Moodle takes back.",
            "{number} students did not hand in through nbgrader's exchange. `autograder feedback "
            "{assignment}` makes the zip of pages that Canvas or Moodle takes back.",
            elsewhere,
        )
        said.append(by_hand.format(number=elsewhere, assignment=shlex.quote(name)))
    elif final:
        hands_out = _("nbgrader release_feedback {assignment} hands them out.")
        said.append(hands_out.format(assignment=name))
    console.print()
    console.print(Text(" ".join(said)))


def faults(console: Console, found: Mapping[str, Fault], learners: int) -> None:
    """Prints which checks failed themselves, and that no mark may go out before they are mended.

    Args:
        console: where to.
        found: by the check.
        learners: how many were looked at.
    """
    console.print()
    some = plural(
        "1 check itself failed. Mend it and grade again before the marks go out:",
        "{number} checks themselves failed. Mend them and grade again before the marks go out:",
        len(found),
    )
    console.print(Text(some.format(number=len(found)), "bold"))
    for check, fault in islice(found.items(), FAULTS):
        every = _("{check}, for {number} of {all}: {why}")
        line = every.format(check=check, number=fault.learners, all=learners, why=fault.why)
        console.print(Padding(Text(submission.plain(line), overflow="fold"), (0, 0, 0, 2)))
    if (more := len(found) - FAULTS) > 0:
        console.print(Text("  " + _("and {number} more").format(number=more)))


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
    print_changes(console, (change for change in changes() if change.lower))
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
        print_changes(console, changes())
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
        console.print(Text(submission.plain(trouble)), soft_wrap=True)


def _counts(changes: Changes) -> tuple[int, int]:
    """How many fall, and how many there are."""
    falls = [change.lower for change in changes()]
    return sum(falls), len(falls)


NAMED = 10
"""Students whom one sentence names."""


def print_manual_totals(
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


LINE_WIDTH = 80


def print_changes(console: Console, changes: Iterable[Change]) -> None:
    """Prints each change, below what has brought it about.

    Args:
        console: where to.
        changes: those to print; as many of them in a row as have the same causes share a headline.
    """
    why: tuple[Cause, ...] | None = None
    for change in changes:
        if change.why != why:
            console.print()
            for line in wrapped(plain(_because(change.why)), LINE_WIDTH):
                console.print(Text(line), soft_wrap=True)
            why = change.why
        _one(console, change)


def _because(why: tuple[Cause, ...]) -> str:
    if not why:
        return _("Graded again, though nothing has changed that a mark depends on:")
    return _("Because of a change in {what}:").format(what=words([_(each.what) for each in why]))


def _one(console: Console, change: Change) -> None:
    before, now = change.before, change.now
    of = _("{points} of {most}")
    then = points(before.score)
    if before.max_score != now.max_score:
        then = of.format(points=then, most=points(before.max_score))
    since = of.format(points=points(now.score), most=points(now.max_score))
    falls = "  " + _("lower") if change.lower else ""
    rejected = "  " + _("rejected") if now.status is Status.REJECTED else ""
    provisional = "  " + _("(provisional)") if now.provisional else ""
    head = Text(f"  {plain(change.student)}  {then} → {since}")
    console.print(head.append(falls, "bold").append(rejected + provisional))
    if Status.REJECTED in (before.status, now.status):
        return  # every check is gone, or new
    for each in change.checks:
        console.print(
            Text(f"    {_worth(each.before)} → {_worth(each.now)}  {each.id}").append(
                f"  {each.now.verdict.label}" if each.now is not None else "", "dim"
            )
        )


def _worth(taken: Taken | None) -> str:
    return _("none") if taken is None else f"{points(taken.points)}/{points(taken.max_points)}"
