"""What came of the attempts, counted by kind and by outcome, and what went wrong in full."""

from __future__ import annotations

import signal
import time
import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

from rich.console import Console
from rich.table import Table as RichTable

SECONDS = 120.0
"""After which an attempt hangs: cells may compute for a minute, and calls for half of one more."""

SHOWN = 20
"""Failures that are told in full."""


class Hung(BaseException):
    """An attempt took too long. No `except Exception` of the code under test may catch it."""


class Wrong(Exception):
    """What must not be; the text says what it is."""


class Outcomes:
    """Counts outcomes, and keeps the failures.

    Args:
        title: of the table.
        columns: the outcomes that are no failures, in the order in which they are shown.
    """

    FAILURES = ("wrong", "traceback", "hang")

    def __init__(self, title: str, columns: Sequence[str]) -> None:
        self.title = title
        self.columns = columns
        self.counts: dict[str, Counter[str]] = {}
        self.failures: list[str] = []
        self.notes: Counter[tuple[str, str]] = Counter()
        self.start = self.said = time.monotonic()

    @contextmanager
    def attempt(self, kind: str, number: int) -> Iterator[Counter[str]]:
        """Take the time of an attempt, which counts its own outcome, and files what it raises."""
        counts = self.counts.setdefault(kind, Counter())
        counts["attempts"] += 1
        signal.signal(signal.SIGALRM, _hang)
        signal.setitimer(signal.ITIMER_REAL, SECONDS)
        try:
            yield counts
        except Hung:
            self._failed(counts, "hang", f"{kind}, number {number}: {traceback.format_exc()}")
        except Wrong as wrong:
            self._failed(counts, "wrong", f"{kind}, number {number}: {wrong}")
        except Exception:
            self._failed(counts, "traceback", f"{kind}, number {number}: {traceback.format_exc()}")
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)

    def _failed(self, counts: Counter[str], how: str, told: str) -> None:
        counts[how] += 1
        self.failures.append(told)

    def progress(self, done: int, total: int) -> None:
        """Says now and then how far it is."""
        now = time.monotonic()
        if now - self.said > 10 or done == total:
            self.said = now
            print(
                f"{self.title}: {done} of {total} in {now - self.start:.0f} s, "
                f"{len(self.failures)} failures",
                flush=True,
            )

    def show(self) -> None:
        """Print the table, what is worth a note, and the first failures."""
        table = RichTable(title=self.title, box=None, pad_edge=False, header_style="bold")
        names = ("attempts", *self.columns, *self.FAILURES)
        table.add_column("kind")
        for name in names:
            table.add_column(name, justify="right")
        total: Counter[str] = Counter()
        for kind, counts in self.counts.items():
            table.add_row(kind, *(str(counts[name]) for name in names))
            total.update(counts)
        table.add_row("all", *(str(total[name]) for name in names), style="bold")
        console = Console(width=140, highlight=False)
        console.print(table)
        for (kind, note), count in sorted(self.notes.items()):
            console.print(f"  {kind}: {note} {count}", markup=False)
        for failure in self.failures[:SHOWN]:
            console.print(failure, markup=False)


def _hang(_signal: int, _frame: FrameType | None) -> None:
    raise Hung
