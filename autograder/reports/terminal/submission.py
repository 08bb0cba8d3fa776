"""What an instructor sees in the terminal: who got what, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

import msgspec
from rich.cells import cell_len
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from autograder.i18n import _
from autograder.reports.labels import points
from autograder.result import (
    CheckResult,
    Result,
    Status,
    SubmissionResult,
    Verdict,
    WrittenAnswer,
)

INDENT = 12
"""Columns before the reasons of a check."""


def submission(console: Console, result: SubmissionResult) -> None:
    """Prints one submission: its marks, and what did not pass and why."""
    name = printable(result.student)
    if result.status is Status.REJECTED:
        rejected = _("rejected, needs review: {reason}").format(
            reason=printable(result.reason or "")
        )
        console.print(_line(f"[bold]{name}[/]  {rejected}"))
        return
    share = _("{points} of {most} (provisional)") if result.provisional else _("{points} of {most}")
    share = share.format(points=points(result.score), most=points(result.max_score))
    if result.written:
        without = _("{points}, without {more} points that a person gives")
        more = points(sum(each.max_points for each in result.written))
        share = without.format(points=share, more=more)
    console.print(_line(f"[bold]{name}[/]  {share}"))
    said = None
    for check in _together(result.checks):
        if check.verdict is Verdict.PASSED:
            continue
        _worth(console, _word(check), check)
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


def _word(check: CheckResult) -> str:
    """What came of a check; one that was withdrawn gives its points though nothing was run."""
    withdrawn = check.verdict is Verdict.NOT_RUN and bool(check.points)
    return _("withdrawn") if withdrawn else check.verdict.label


def _together(checks: Iterable[CheckResult]) -> Iterator[CheckResult]:
    """The checks, and as one those of a function that got nothing, all for one reason."""
    for function, each in groupby(checks, key=lambda check: check.function):
        found = list(each)
        ran = [check for check in found if check.verdict is not Verdict.NOT_RUN]
        reasons = {(check.verdict, check.message) for check in ran}
        bare = all(check.points == 0 and not check.notes for check in found)
        if len(found) > 1 and len(reasons) == 1 and bare:
            every = _("{function}, all of its {number} checks")
            name = every.format(function=function, number=len(found))
            worth = sum(check.max_points for check in found)
            yield msgspec.structs.replace(ran[0], id=name, max_points=worth)
        else:
            yield from found


def _worth(console: Console, word: str, each: CheckResult | WrittenAnswer) -> None:
    """A line for something with points, or two where its name has no room beside them."""
    share = f"{points(each.points)}/{points(each.max_points)}"
    head = f"  {_padded(word)} {share}  "
    if cell_len(head + each.id) > console.width:
        console.print(Text(head.rstrip()))
        console.print(Padding(Text(each.id, overflow="fold"), (0, 0, 0, INDENT)))
    else:
        console.print(Text(head + each.id))


def _padded(word: str) -> str:
    """A word in nine columns; a Chinese character takes two."""
    return word + " " * (9 - cell_len(word))


def summary(console: Console, result: Result) -> None:
    """Prints the class: one line for each submission."""
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
        console.print(_("* provisional: a person must decide the points that are open."))


def _functions(checks: Iterable[CheckResult]) -> list[str]:
    lost = (check.function for check in checks if check.points != check.max_points)
    return list(dict.fromkeys(lost))


def _line(markup: str) -> Text:
    """A line with our markup; `:name:` in it is no emoji, but a learner's slice."""
    return Text.from_markup(markup, emoji=False)


def printable(text: str) -> str:
    """Text of a learner's making, without anything a terminal would obey, in our markup."""
    return escape(plain(text))


def plain(text: str) -> str:
    """Text of a learner's making, without anything a terminal would obey."""
    return "".join(each if each.isprintable() else "�" for each in text)


def wrapped(text: str, width: int) -> list[str]:
    """A paragraph as lines of so many columns; a Chinese character takes two, and no space."""
    words = " ".join(text.split())
    lines = Text(words).wrap(Console(width=width), width) if words else ()
    return [line.plain.rstrip() for line in lines]
