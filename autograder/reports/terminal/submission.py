"""Submissions in the terminal: the score, and the reason for each lost point."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from unicodedata import category

import msgspec
from rich.cells import cell_len
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from autograder.i18n import _
from autograder.reports.labels import points, verdict
from autograder.result import CheckResult, Result, Status, SubmissionResult, Verdict, WrittenAnswer

INDENT = 12
"""Columns before the reason of a check."""


def submission(console: Console, result: SubmissionResult) -> None:
    """Print one submission: its score, and the checks that did not pass."""
    name = printable(result.student)
    if result.status is Status.REJECTED:
        rejected = _("rejected, needs review: {reason}").format(
            reason=printable(result.reason or "")
        )
        console.print(_line(f"[bold]{name}[/]  {rejected}"))
        return
    score = _("{points}/{most} points")
    if result.provisional:
        score = _("{points}/{most} points, provisional")
    share = score.format(points=points(result.score), most=points(result.max_score))
    if result.written:
        without = _("{points} ({more} more are graded by hand)")
        more = points(sum(each.max_points for each in result.written))
        share = without.format(points=share, more=more)
    console.print(_line(f"[bold]{name}[/]  {share}"))
    said = None
    for check in _together(result.checks):
        if check.verdict is Verdict.PASSED:
            continue
        _worth(console, verdict(check), check)
        why = result.why(check)
        if why and why != said and check.verdict is not Verdict.NOT_RUN:
            console.print(Padding(_line(f"[dim]{printable(why)}[/]"), (0, 0, 0, INDENT)))
            said = why
        for note in check.notes:
            console.print(Padding(_line(printable(note)), (0, 0, 0, INDENT)))
    for answer in result.written:
        word = _("by hand") if answer.points is None else _("empty")
        _worth(console, word, answer)
    for observation in result.observations:
        hanging = Table.grid()
        hanging.add_column(width=INDENT)
        hanging.add_column(overflow="fold")
        hanging.add_row("  " + _("note"), _line(f"[dim]{printable(observation)}[/]"))
        console.print(hanging)


def _together(checks: Iterable[CheckResult]) -> Iterator[CheckResult]:
    """Merge the checks of a function that got no points, all for the same reason."""
    for function, each in groupby(checks, key=lambda check: check.function):
        found = list(each)
        ran = [check for check in found if check.verdict is not Verdict.NOT_RUN]
        reasons = {(check.verdict, check.message) for check in ran}
        bare = all(check.points == 0 and not check.notes for check in found)
        if len(found) > 1 and len(reasons) == 1 and bare:
            every = _("{function} (all {number} checks)")
            name = every.format(function=function, number=len(found))
            worth = sum(check.max_points for check in found)
            yield msgspec.structs.replace(ran[0], id=name, max_points=worth)
        else:
            yield from found


def _worth(console: Console, word: str, each: CheckResult | WrittenAnswer) -> None:
    """Print a line with points and a name, or two lines if the name is too long."""
    share = f"{points(each.points)}/{points(each.max_points)}"
    padding = " " * (9 - cell_len(word))  # a Chinese character takes two columns
    head = f"  {word}{padding} {share}  "
    if cell_len(head + each.id) > console.width:
        console.print(Text(head.rstrip()))
        console.print(Padding(Text(each.id, overflow="fold"), (0, 0, 0, INDENT)))
    else:
        console.print(Text(head + each.id))


def summary(console: Console, result: Result) -> None:
    """Print a table with a line for each submission."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(_("student"), overflow="fold")
    table.add_column(_("points"), justify="right")
    table.add_column(_("of"), justify="right")
    table.add_column(_("lost points on"), overflow="fold")
    for each in result.submissions:
        table.add_row(
            _line(printable(each.student)),
            points(each.score) + ("*" if each.provisional else ""),
            points(each.max_score),
            _line(printable(each.reason or ""))
            if each.status is Status.REJECTED
            else ", ".join(_functions(each.checks)),
        )
    console.print(table)
    if any(each.provisional for each in result.submissions):
        console.print(legend())


def legend() -> str:
    """Explain the asterisk behind a score."""
    return _("* Provisional: decide the open points by hand.")


def _functions(checks: Iterable[CheckResult]) -> list[str]:
    lost = (check.function for check in checks if check.points != check.max_points)
    return list(dict.fromkeys(lost))


def _line(markup: str) -> Text:
    """Render our markup; `:name:` is a student's slice, not an emoji."""
    return Text.from_markup(markup, emoji=False)


def printable(text: str) -> str:
    """Escape a student's text for our markup, without control characters."""
    return escape(plain(text))


def plain(text: str) -> str:
    """Replace the characters in a student's text that do something else than to be read."""
    return "".join(each if each.isprintable() or category(each) == "Zs" else "�" for each in text)


def wrapped(text: str, width: int) -> list[str]:
    """Wrap a paragraph into lines; a Chinese character takes two columns and needs no space."""
    words = " ".join(text.split())
    lines = Text(words).wrap(Console(width=width), width) if words else ()
    return [line.plain.rstrip() for line in lines]
