"""Why a submission needs review: undecided checks, observations, rejections.

None of it is a verdict. A busy machine can cause a timeout, and an honest mistake can look like a
manipulation.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from autograder.i18n import N_, _
from autograder.result import Status, SubmissionResult, Verdict


class Reason(StrEnum):
    """Why a submission needs review, the most urgent first."""

    UNDECIDED = N_("not decided")
    OBSERVED = N_("observation")
    CRASHED = N_("crashed")
    TIMED_OUT = N_("timed out")
    REJECTED = N_("rejected")


ENDED = {Verdict.TIMED_OUT: Reason.TIMED_OUT, Verdict.CRASHED: Reason.CRASHED}
"""Verdicts that this machine or an attack may have caused."""


@dataclass(frozen=True)
class ReviewReason:
    """One reason to look at a submission; the text is a sentence, or names functions or checks."""

    reason: Reason
    text: str

    def __str__(self) -> str:
        return _("{reason}: {text}").format(reason=_(self.reason), text=self.text)


def review_reasons(result: SubmissionResult) -> Iterator[ReviewReason]:
    """Yield every reason to review a submission."""
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
