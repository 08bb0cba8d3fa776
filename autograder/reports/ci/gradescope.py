"""The result of one submission as Gradescope reads it, `results.json`.

The form is that of https://gradescope-autograders.readthedocs.io/en/latest/specs/. Students see all
of it, so it contains only what is meant for them. Sentences and messages are plain text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any

import msgspec

from autograder.i18n import N_, _
from autograder.reports.labels import points, verdict
from autograder.reports.terminal.submission import plain
from autograder.result import CheckResult, Status, SubmissionResult, Verdict

PROVISIONAL = N_(
    "This score is provisional: {points} of {max_points} points could not be "
    "decided. Your instructor will decide them."
)


def results(sentences: Mapping[str, str], submission: SubmissionResult) -> bytes:
    """Return the result of a submission as JSON; the sentences are by the ids of the checks."""
    said: dict[str, Any] = {
        "score": submission.score,
        "execution_time": submission.seconds,
        "output": _output(submission),
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",  # only for the instructor
        "extra_data": {"provisional": submission.provisional},
    }
    if submission.status is Status.GRADED:
        said["tests"] = list(_tests(sentences, submission))
    return msgspec.json.format(msgspec.json.encode(said), indent=1) + b"\n"


def _output(submission: SubmissionResult) -> str:
    """Return the text about the whole submission."""
    if submission.status is Status.REJECTED:
        return plain(submission.reason or "")
    if submission.provisional:
        open_points = sum(each.max_points for each in submission.checks if each.points is None)
        most = points(submission.max_score)
        return _(PROVISIONAL).format(points=points(open_points), max_points=most)
    return ""


def _tests(sentences: Mapping[str, str], submission: SubmissionResult) -> Iterator[dict[str, Any]]:
    functions = groupby(submission.checks, lambda check: check.function)
    for number, (function, checks) in enumerate(functions, 1):
        for place, check in enumerate(checks, 1):
            lines = [text for text in (check.message, *check.notes) if text]
            if check.verdict is not Verdict.PASSED:
                lines.insert(0, f"{verdict(check)}:" if lines else verdict(check))
            yield {
                "name": f"{function}: {sentences.get(check.id, check.id)}",
                "number": f"{number}.{place}",
                "max_score": check.max_points,
                **_mark(check),
                "output": "\n".join(map(plain, lines)),
                "tags": [function],
                "visibility": "visible",
            }


def _mark(check: CheckResult) -> dict[str, Any]:
    """Return the score of a check; none if it is undecided, because 0 would be a verdict."""
    if check.points is None:
        return {}
    full = check.points == check.max_points and check.verdict in (Verdict.PASSED, Verdict.NOT_RUN)
    return {"score": check.points, "status": "passed" if full else "failed"}
