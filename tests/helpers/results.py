"""Made-up results, for tests of reports."""

from __future__ import annotations

from autograder.result import (
    SCHEMA_VERSION,
    CheckResult,
    Result,
    Status,
    SubmissionResult,
    Verdict,
)

HEAD = Result(SCHEMA_VERSION, "doubling", "d", "0", None, "2", (), ())
"""A result without submissions."""

PASSED = CheckResult("a_check", "double", Verdict.PASSED, 2.0, 2.0)

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
