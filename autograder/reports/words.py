"""The words for verdicts and points that every report uses."""

from __future__ import annotations

from autograder.checking.result import Verdict
from autograder.language import N_, _


class _Spoken(dict[Verdict, str]):
    """Words, each in the language that is spoken when it is asked for."""

    def __getitem__(self, verdict: Verdict) -> str:
        return _(super().__getitem__(verdict))


WORDS = _Spoken(
    {
        Verdict.PASSED: N_("passed"),
        Verdict.PARTIAL: N_("in part"),
        Verdict.FAILED: N_("failed"),
        Verdict.NOT_RUN: N_("not run"),
        Verdict.MISSING: N_("missing"),
        Verdict.TIMED_OUT: N_("timed out"),
        Verdict.CRASHED: N_("crashed"),
        Verdict.GRADER_ERROR: N_("undecided"),
    }
)


def points(number: float | None) -> str:
    """Points as people write them: 2, 1.5, or – where nothing was decided."""
    return "–" if number is None else f"{number:.2f}".rstrip("0").rstrip(".")
