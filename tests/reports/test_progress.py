"""How far the grading is."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

import pytest
from rich.console import Console
from rich.progress import Progress

from autograder.i18n import use_language
from autograder.reports.terminal import progress


@pytest.fixture
def on(monkeypatch: pytest.MonkeyPatch) -> Callable[..., io.StringIO]:
    """Makes standard error a terminal, or not one, and gives what is written there."""

    def make(*, terminal: bool) -> io.StringIO:
        file = io.StringIO()
        console = Console(file=file, width=80, force_terminal=terminal, highlight=False)
        monkeypatch.setattr(progress, "Console", lambda **_options: console)
        return file

    return make


def test_a_bar_says_how_many_how_fast_and_how_long_still(on: Callable[..., io.StringIO]) -> None:
    file = on(terminal=True)
    # So short a run has no estimate yet, were it not for every step's being shown.
    for number in progress.watched(iter(range(300)), 300):
        if number == 250:
            now = re.sub(r"\x1b\[[\d;?]*[a-zA-Z]", "", file.getvalue())
    assert "grading" in now
    assert re.search(r"\d+/300", now)


def test_the_rate_is_in_submissions_a_second() -> None:
    bar = Progress(progress.Rate(), get_time=iter(range(1000)).__next__)
    number = bar.add_task("", total=100)
    for _ in range(10):
        bar.advance(number, 5)
    assert re.fullmatch(r"\d\.\d/s", progress.Rate().render(bar.tasks[0]).plain)


def test_where_there_is_no_terminal_nothing_is_said_for_a_while(
    on: Callable[..., io.StringIO], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = on(terminal=False)
    assert list(progress.watched(iter("abc"), 3)) == ["a", "b", "c"]
    assert file.getvalue() == ""
    seconds = iter(range(0, 10**6, 100))
    monkeypatch.setattr("time.monotonic", lambda: float(next(seconds)))
    list(progress.watched(iter(range(9)), 9))
    assert file.getvalue().splitlines() == [
        "3/9 graded, 1 per minute, 10 min left",
        "6/9 graded, 1 per minute, 5 min left",
    ]


def test_in_chinese_both_say_it_in_chinese(
    on: Callable[..., io.StringIO], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = on(terminal=False)
    monkeypatch.setattr(progress, "EVERY", 0.0)
    with use_language("zh"):
        assert list(progress.watched(iter(range(2)), 2)) == [0, 1]
    assert file.getvalue().startswith("已评分 1/2 份，")
    assert "graded" not in file.getvalue()
