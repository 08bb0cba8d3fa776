"""The progress of grading: a bar on a terminal, elsewhere a line every few minutes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TypeVar

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from autograder.i18n import _

T = TypeVar("T")

EVERY = 300.0
"""Seconds between two lines without a terminal: build servers end jobs that print nothing for ten
minutes, and their logs should stay short."""


class Rate(ProgressColumn):
    """Submissions per second."""

    def render(self, task: Task) -> Text:
        """Return the recent rate, once it is known."""
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed:.1f}/s", style="progress.data.speed")


def watched(results: Iterator[T], total: int) -> Iterator[T]:
    """Pass results on, and show on standard error how many of the total have come."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield from _with_lines(console, results, total)
        return
    columns = (
        TextColumn(_("grading")),
        BarColumn(bar_width=None),
        MofNCompleteColumn(),
        Rate(),
        TimeRemainingColumn(compact=True),
    )
    with Progress(*columns, console=console, transient=True, expand=True) as progress:
        task = progress.add_task("", total=total)
        for each in results:
            yield each
            progress.advance(task)


def _with_lines(console: Console, results: Iterator[T], total: int) -> Iterator[T]:
    start = said = time.monotonic()
    for number, each in enumerate(results, 1):
        yield each
        now = time.monotonic()
        if now - said >= EVERY and number < total:
            rate = number / (now - start)
            minutes = (total - number) / rate / 60
            far = _("{number}/{total} graded, {rate} per minute, {minutes} min left").format(
                number=number, total=total, rate=f"{60 * rate:.0f}", minutes=f"{minutes:.0f}"
            )
            console.print(far, soft_wrap=True)
            said = now
