"""Whose marks have changed or would change, by how much, at which check, and why."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console
from rich.text import Text

from autograder.checking.changes import Cause, Change, Taken
from autograder.checking.result import Status
from autograder.checking.wording import words
from autograder.language import _
from autograder.reports.terminal import plain, wrapped
from autograder.reports.words import points

WIDTH = 80


def listed(console: Console, changes: Iterable[Change]) -> None:
    """Prints each change, below what has brought it about.

    Args:
        console: where to.
        changes: those to print; as many of them in a row as have the same causes share a headline.
    """
    why: tuple[Cause, ...] | None = None
    for change in changes:
        if change.why != why:
            console.print()
            for line in wrapped(plain(_because(change.why)), WIDTH):
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
