"""Write points and verdicts in the form that all reports share."""

from __future__ import annotations

from typing import Protocol

from autograder.i18n import _
from autograder.result import CheckResult, Verdict


class HasVerdict(Protocol):
    """A check with its verdict and points."""

    @property
    def verdict(self) -> Verdict:
        """The verdict."""

    @property
    def points(self) -> float | None:
        """Its points; None if nothing could be decided."""


def points(number: float | None) -> str:
    """Return points as people write them: 2, 1.5, or – if they are undecided."""
    return "–" if number is None else f"{number:.2f}".rstrip("0").rstrip(".")


def share(check: CheckResult) -> str:
    """Return the points of a check and its maximum."""
    return _("{points} of {most}").format(
        points=points(check.points), most=points(check.max_points)
    )


def is_withdrawn(check: HasVerdict) -> bool:
    """Return whether a check was withdrawn: it is not run and gives its points."""
    return check.verdict is Verdict.NOT_RUN and bool(check.points)


def verdict(check: HasVerdict) -> str:
    """Return the verdict in a word of the current language."""
    return _("withdrawn") if is_withdrawn(check) else check.verdict.label
