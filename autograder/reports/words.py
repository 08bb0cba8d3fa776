"""The words for verdicts and points that every report uses."""

from __future__ import annotations

from autograder.checking.result import Verdict

WORDS = {
    Verdict.PASSED: "passed",
    Verdict.PARTIAL: "in part",
    Verdict.FAILED: "failed",
    Verdict.NOT_RUN: "not run",
    Verdict.MISSING: "missing",
    Verdict.TIMED_OUT: "timed out",
    Verdict.CRASHED: "crashed",
    Verdict.GRADER_ERROR: "undecided",
}


def points(number: float | None) -> str:
    """Points as people write them: 2, 1.5, or – where nothing was decided."""
    return "–" if number is None else f"{number:.2f}".rstrip("0").rstrip(".")
