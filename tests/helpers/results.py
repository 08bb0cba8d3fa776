"""Made-up results, for tests of reports."""

from __future__ import annotations

from autograder.result import (
    CheckResult,
    Status,
    SubmissionResult,
)

HOSTILE = "\x1b[2J\x1b]0;owned\x07\r\b\x9b31m\u202eevil\u2066\x00\n\tend"


def of(
    student: str,
    *checks: CheckResult,
    reason: str | None = None,
    observations: tuple[str, ...] = (),
) -> SubmissionResult:
    return SubmissionResult(
        student=student,
        path=f"{student}.ipynb",
        status=Status.GRADED if reason is None else Status.REJECTED,
        reason=reason,
        score=sum(check.points or 0.0 for check in checks),
        max_score=5.0,
        seconds=0.1,
        provisional=any(check.points is None for check in checks),
        checks=checks,
        observations=observations,
    )
