"""A result as CSV, a line for each student and check: `grade --csv`."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

from autograder.reports.csv_cells import text
from autograder.result import Result, Status, SubmissionResult

COLUMNS = ("student", "check", "function", "verdict", "points", "max_points", "message")


def streamed(_result: Result, submissions: Iterable[SubmissionResult]) -> Iterator[bytes]:
    """Yield a result as CSV, line by line; open points are an empty cell."""
    yield _line(COLUMNS)
    for each in submissions:
        if each.status is Status.REJECTED:
            yield _line([each.student, "", "", each.status, "", each.max_score, each.reason])
        for check in each.checks:
            points = "" if check.points is None else check.points
            about = (check.id, check.function, check.verdict, points, check.max_points)
            yield _line([each.student, *about, check.message])


def _line(cells: Iterable[object]) -> bytes:
    line = io.StringIO(newline="")
    csv.writer(line).writerow(
        text(cell) if isinstance(cell, str | None) else cell for cell in cells
    )
    return line.getvalue().encode("utf-8", "replace")
