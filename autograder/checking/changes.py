"""What has become of a mark between two results of one student, and why."""

from __future__ import annotations

import msgspec

from autograder.checking.result import CheckResult, Status, SubmissionResult, Verdict


class Mark(msgspec.Struct, frozen=True):
    """What a student has.

    Attributes:
        status: `graded` or `rejected`.
        score: the points.
        max_score: of so many.
        provisional: whether a person must still decide on some.
    """

    status: Status
    score: float
    max_score: float
    provisional: bool

    @classmethod
    def of(cls, result: SubmissionResult) -> Mark:
        """What a result gives."""
        return cls(result.status, result.score, result.max_score, result.provisional)

    @property
    def share(self) -> float:
        """The part of all points."""
        return self.score / self.max_score if self.max_score else 0.0


class Taken(msgspec.Struct, frozen=True):
    """What a check gave.

    Attributes:
        verdict: what came of it.
        points: what it gave; None where nothing could be decided.
        max_points: what it was worth.
    """

    verdict: Verdict
    points: float | None
    max_points: float


class CheckChange(msgspec.Struct, frozen=True):
    """A check that gives other points than before.

    Attributes:
        id: its name.
        before: what it gave; None where it was not taken.
        now: what it gives; None where it is not taken any more.
    """

    id: str
    before: Taken | None
    now: Taken | None


class Cause(msgspec.Struct, frozen=True):
    """Something that a mark depends on and that has changed.

    Attributes:
        what: its name.
        before: its digest or version then; None where there was no such thing.
        now: and now.
    """

    what: str
    before: str | None
    now: str | None


class Change(msgspec.Struct, frozen=True):
    """A student's mark that is no longer what it was.

    Attributes:
        student: whose.
        before: the mark that was recorded.
        now: the mark of now.
        checks: those that give other points.
        why: what has changed; empty where nothing has, and the notebook was only graded again.
    """

    student: str
    before: Mark
    now: Mark
    checks: tuple[CheckChange, ...]
    why: tuple[Cause, ...]

    @property
    def lower(self) -> bool:
        """Whether it falls: fewer points, or a smaller part of them."""
        return self.now.score < self.before.score or self.now.share < self.before.share


def changed(
    before: SubmissionResult, now: SubmissionResult, why: tuple[Cause, ...]
) -> Change | None:
    """What has become of a mark; None where every check gives what it gave."""
    old, new = ({each.id: _taken(each) for each in result.checks} for result in (before, now))
    checks = tuple(
        CheckChange(name, old.get(name), new.get(name))
        for name in dict.fromkeys([*new, *old])
        if _worth(old.get(name)) != _worth(new.get(name))
    )
    marks = Mark.of(before), Mark.of(now)
    return Change(now.student, *marks, checks, why) if checks or marks[0] != marks[1] else None


def _taken(check: CheckResult) -> Taken:
    return Taken(check.verdict, check.points, check.max_points)


def _worth(taken: Taken | None) -> tuple[float | None, float] | None:
    return None if taken is None else (taken.points, taken.max_points)
