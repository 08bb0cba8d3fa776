"""The summary that `grade` prints at its end."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
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
from autograder.reports.labels import points, verdict
from autograder.reports.terminal import class_table, submission
from autograder.reports.terminal.class_table import ClassCounts
from autograder.reports.terminal.submission import plain, wrapped
from autograder.result import Cause, Change, CheckScore, Result, Status, SubmissionResult

Results = Callable[[], Iterator[SubmissionResult]]
"""Iterates over all results, from the first on at each call."""

Changes = Callable[[], Iterator[Change]]
"""Iterates over all changes of recorded scores, from the first on at each call."""

MAX_FAULTS = 10
"""Checks with errors of their own that are listed."""

MAX_NAMES = 10
"""Students that one sentence names."""

LINE_WIDTH = 80


@dataclass
class FaultCount:
    """The first error that a check itself raised, and the number of submissions with errors."""

    why: str
    students: int = 0


def marks(
    console: Console,
    result: Result,
    names: Sequence[str],
    results: Results,
    *,
    in_gradebook: bool = False,
) -> None:
    """Print the scores: every check of a few submissions, a line for each student of a class.

    The submissions in `result` are ignored. See `ClassCounts` for `in_gradebook`.
    """
    if len(names) > class_table.MAX_DETAILED:
        class_table.table(console, names, results(), in_gradebook=in_gradebook)
        return
    submissions = tuple(results())
    for each in submissions:
        submission.submission(console, each)
    if len(names) > 1:
        console.print()
        submission.summary(console, msgspec.structs.replace(result, submissions=submissions))
        console.print()
        overview = ClassCounts(in_gradebook=in_gradebook)
        for each in submissions:
            overview.add(each)
        overview.show(console)


def files(console: Console, name: str, json_file: Path | None) -> None:
    """Print where the result is, and the command that makes the class report."""
    if json_file is not None:
        console.print()
        every = _("Full result: {file}").format(file=json_file)
        console.print(Text(every), soft_wrap=True)
        report = f"autograder report {shlex.quote(name)} {shlex.quote(str(json_file))}"
        page = _("Next, make the class report: {command}").format(command=report)
        console.print(Text(page), soft_wrap=True)


def missing(console: Console, students: Iterable[str]) -> None:
    """Print the names of all students who submitted nothing."""
    names = ", ".join(map(plain, students))
    if names:
        nothing = _("No submission from: {students}.")
        console.print()
        console.print(Text(nothing.format(students=names)))


def pages(console: Console, name: str, collected: int, by_hand: int, *, final: bool) -> None:
    """Print where the feedback pages of an assignment are, and how to release final ones.

    `collected` students were collected from a platform's zip. The submissions of `by_hand` students
    came neither from such a zip nor through nbgrader's exchange.
    """
    in_books = _(
        "The scores are in nbgrader's gradebook, the feedback pages in "
        "feedback/STUDENT/{assignment}/."
    )
    said = [in_books.format(assignment=name)]
    if final and collected:
        to_platform = plural(
            "1 student did not submit through nbgrader's exchange. `autograder feedback "
            "{assignment}` makes the zip of pages that Canvas or Moodle takes back.",
            "{number} students did not submit through nbgrader's exchange. `autograder feedback "
            "{assignment}` makes the zip of pages that Canvas or Moodle takes back.",
            collected,
        )
        said.append(to_platform.format(number=collected, assignment=shlex.quote(name)))
    if final and by_hand:
        yourself = plural(
            "1 student submitted neither through nbgrader's exchange nor in a zip of Canvas or "
            "Moodle: send this student the page yourself.",
            "{number} students submitted neither through nbgrader's exchange nor in a zip of "
            "Canvas or Moodle: send them their pages yourself.",
            by_hand,
        )
        said.append(yourself.format(number=by_hand))
    if final and not collected and not by_hand:
        hands_out = _("To give the pages to the students: nbgrader release_feedback {assignment}")
        said.append(hands_out.format(assignment=name))
    console.print()
    for sentence in said:
        console.print(Text(sentence))


def faults(console: Console, found: Mapping[str, FaultCount], students: int) -> None:
    """Print which checks raised an error of their own, of how many submissions."""
    console.print()
    some = plural(
        "1 check has an error of its own. Fix it and grade again before you give out scores:",
        "{number} checks have errors of their own. Fix them and grade again before you give "
        "out scores:",
        len(found),
    )
    console.print(Text(some.format(number=len(found)), "bold"))
    for check, fault in islice(found.items(), MAX_FAULTS):
        every = _("{check} ({number}/{all}): {why}")
        line = every.format(check=check, number=fault.students, all=students, why=fault.why)
        console.print(Padding(Text(submission.plain(line), overflow="fold"), (0, 0, 0, 2)))
    if (more := len(found) - MAX_FAULTS) > 0:
        console.print(Text("  " + _("and {number} more").format(number=more)))


def changed(console: Console, changes: Changes, log: Path) -> None:
    """Print how many recorded scores have changed, each one that is lower, and whose others."""
    lower, every = _counts(changes)
    if not every:
        return
    console.print()
    some = plural(
        "1 score changed, {lower} of them lower.",
        "{number} scores changed, {lower} of them lower.",
        every,
    )
    console.print(Text(some.format(number=every, lower=lower)))
    print_changes(console, (change for change in changes() if change.lower))
    if others := [change.student for change in changes() if not change.lower]:
        console.print()
        not_lower = _("Changed, but not lower: {students}.")
        console.print(Text(not_lower.format(students=_named(others))))
    console.print()
    console.print(Text(_("All changes are logged in {file}").format(file=log)), soft_wrap=True)


def would_change(console: Console, changes: Changes, *, anything_recorded: bool) -> None:
    """Print each recorded score that would change."""
    lower, every = _counts(changes)
    if not anything_recorded:
        console.print(_("No scores have been recorded yet, so none would change."))
    elif not every:
        console.print(_("No score would change."))
    else:
        some = plural(
            "1 score would change, {lower} of them lower.",
            "{number} scores would change, {lower} of them lower.",
            every,
        )
        console.print(Text(some.format(number=every, lower=lower)))
        print_changes(console, changes())
        console.print()


def notes(console: Console, taken: int, count: int, troubles: Iterable[str]) -> None:
    """Print how many of all submissions were unchanged, and problems with stored results."""
    if taken:
        earlier = _(
            "{taken} of {count} submissions are unchanged and were not regraded. To regrade them: "
            "--again"
        )
        console.print(earlier.format(taken=taken, count=count))
    for trouble in troubles:
        console.print(Text(submission.plain(trouble)), soft_wrap=True)


def _counts(changes: Changes) -> tuple[int, int]:
    """Return the number of lower scores and of all changes."""
    falls = [change.lower for change in changes()]
    return sum(falls), len(falls)


def print_manual_totals(
    console: Console,
    name: str,
    late: Mapping[str, float],
    by_hand: Sequence[str],
    waiting: Sequence[str],
    rejected: Collection[str],
) -> None:
    """Print why scores in the gradebook differ from the printed ones.

    The reasons are the late penalty of each student, the students with points that were set by
    hand, and the number of submissions that need manual grading. If the file of one of these was
    rejected, the command that closes such a case is named.
    """
    if late or by_hand or waiting:
        console.print()
    if late:
        taken_off = _("Late penalties are in the gradebook but not in the scores above: {late}.")
        costs = [f"{student} -{points(cost)}" for student, cost in late.items()]
        console.print(Text(taken_off.format(late=_named(costs))))
    if by_hand:
        set_by = _("Points set by hand are in the gradebook but not in the scores above: {names}.")
        console.print(Text(set_by.format(names=_named(by_hand))))
    if waiting:
        wait = plural(
            "1 submission in the gradebook needs manual grading.",
            "{number} submissions in the gradebook need manual grading.",
            len(waiting),
        )
        console.print(wait.format(number=len(waiting)))
    if not set(rejected).isdisjoint(waiting):
        close = _(
            "If a rejected file is not replaced by another one, make its open points 0: {command}"
        )
        command = f"autograder confirm {shlex.quote(name)} STUDENT"
        console.print(Text(close.format(command=command)), soft_wrap=True)


def _named(students: Iterable[str]) -> str:
    return listed(list(map(plain, students)), MAX_NAMES)


def print_changes(console: Console, changes: Iterable[Change]) -> None:
    """Print each change below its causes; neighbours with equal causes share a headline."""
    why: tuple[Cause, ...] | None = None
    for change in changes:
        if change.why != why:
            console.print()
            for line in wrapped(plain(_because(change.why)), LINE_WIDTH):
                console.print(Text(line), soft_wrap=True)
            why = change.why
        _print_change(console, change)


def _because(why: tuple[Cause, ...]) -> str:
    if not why:
        return _("Regraded, although nothing that a score depends on has changed:")
    return _("Because of a change in {what}:").format(what=words([_(each.what) for each in why]))


def _print_change(console: Console, change: Change) -> None:
    before, now = change.before, change.now
    of = "{points}/{most}"
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
        return  # all checks are gone or new
    for each in change.checks:
        console.print(
            Text(f"    {_worth(each.before)} → {_worth(each.now)}  {each.id}").append(
                f"  {verdict(each.now)}" if each.now is not None else "", "dim"
            )
        )


def _worth(taken: CheckScore | None) -> str:
    return _("none") if taken is None else f"{points(taken.points)}/{points(taken.max_points)}"
