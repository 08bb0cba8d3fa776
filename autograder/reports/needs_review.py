"""Who needs a look, and why: what a person must decide, and what was seen beside the marks.

None of it is a verdict. A time limit may have met a busy machine, and an honest slip can look like
an attempt at something.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from autograder.i18n import N_, _
from autograder.result import Status, SubmissionResult, Verdict


class Reason(StrEnum):
    """Why somebody needs a look, what waits for a person first."""

    UNDECIDED = N_("not decided")
    OBSERVED = N_("observation")
    CRASHED = N_("crashed")
    TIMED_OUT = N_("timed out")
    REJECTED = N_("rejected")


ENDED = {Verdict.TIMED_OUT: Reason.TIMED_OUT, Verdict.CRASHED: Reason.CRASHED}
"""Verdicts that may be this machine's fault, or that of whoever attacks it."""


@dataclass(frozen=True)
class ReviewReason:
    """One reason to look at a submission.

    Attributes:
        reason: what kind it is.
        text: a sentence, or the functions or checks that it is about.
    """

    reason: Reason
    text: str

    def __str__(self) -> str:
        return _("{reason}: {text}").format(reason=_(self.reason), text=self.text)


def review_reasons(result: SubmissionResult) -> Iterator[ReviewReason]:
    """Everything about a submission that a person should look at."""
    if result.status is Status.REJECTED:
        yield ReviewReason(Reason.REJECTED, result.reason or "")
    undecided = [check.id for check in result.checks if check.points is None]
    if undecided:
        yield ReviewReason(Reason.UNDECIDED, ", ".join(undecided))
    for verdict, reason in ENDED.items():
        functions = [check.function for check in result.checks if check.verdict is verdict]
        if functions:
            yield ReviewReason(reason, ", ".join(dict.fromkeys(functions)))
    for observation in result.observations:
        yield ReviewReason(Reason.OBSERVED, observation)
