"""Counts over a class: mistakes, points by function, and grader errors."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import msgspec

from autograder.checking.diagnosis.findings import of_any_line
from autograder.result import CheckResult, Finding, Status, SubmissionResult, Verdict


@dataclass(frozen=True)
class Share:
    """The points of a class for one function.

    Attributes:
        full: the number of students with full points.
        none: the number of students without points.
    """

    function: str
    max_points: float
    mean: float
    full: int
    none: int


@dataclass(frozen=True)
class Made:
    """A known mistake that was recognised, or a cause that was found out.

    Attributes:
        name: the name of the mistake, or the kind of the finding.
        who: the places of the students who made it, in the order of the class.
        check: a check of one of these students that shows it.
        place: the place of this student.
    """

    name: str
    function: str
    who: tuple[int, ...]
    check: CheckResult
    place: int


@dataclass(frozen=True)
class FoundCause:
    """A cause that was found out from wrong answers, without a known mistake.

    Attributes:
        finding: the finding, without a line.
        who: the places of the students who have it, in the order of the class.
    """

    finding: Finding
    function: str
    who: tuple[int, ...]


@dataclass(frozen=True)
class CheckFault:
    """A check that raised an error of its own.

    Attributes:
        who: the places of the students whose points are undecided.
    """

    check: str
    function: str
    messages: tuple[str, ...]
    who: tuple[int, ...]


def by_function(submission: SubmissionResult) -> dict[str, tuple[CheckResult, ...]]:
    """Return the checks of each function, in their order."""
    found: dict[str, list[CheckResult]] = defaultdict(list)
    for check in submission.checks:
        found[check.function].append(check)
    return {function: tuple(checks) for function, checks in found.items()}


def points_of(checks: Sequence[CheckResult]) -> float | None:
    """Return the sum of the points of some checks; None if none of them could be decided."""
    decided = [check.points for check in checks if check.points is not None]
    return sum(decided) if decided else None


def shares(submissions: Sequence[SubmissionResult]) -> tuple[Share, ...]:
    """Return the points of the class for each function, without rejected submissions."""
    points: dict[str, list[float]] = defaultdict(list)
    most: dict[str, float] = {}
    for submission in submissions:
        if submission.status is Status.REJECTED:
            continue
        for function, checks in by_function(submission).items():
            worth = sum(check.max_points for check in checks)
            most[function] = max(most.get(function, 0.0), worth)
            given = points_of(checks)
            points[function] += [] if given is None else [given]
    return tuple(
        Share(
            function,
            worth,
            sum(points[function]) / len(points[function]) if points[function] else 0.0,
            sum(each >= worth for each in points[function]),
            sum(each == 0 < worth for each in points[function]),
        )
        for function, worth in most.items()
    )


def mistake_of(check: CheckResult) -> tuple[str, str] | None:
    """Return what the report counts a check under: a mistake or a finding, and its function."""
    if check.mistake is not None:
        return check.mistake, ""  # an author's name is that of one function
    return None if check.finding is None else (check.finding.kind, check.function)


def mistakes(submissions: Sequence[SubmissionResult]) -> dict[tuple[str, str], Made]:
    """Return the mistakes that were recognised by what they count under, the most frequent first.

    A student who made a mistake in two checks is counted once.
    """
    found: dict[tuple[str, str], list[tuple[int, CheckResult]]] = defaultdict(list)
    for place, submission in enumerate(submissions):
        for check in submission.checks:
            if (key := mistake_of(check)) is not None:
                found[key].append((place, check))
    made = {}
    for key, cases in found.items():
        place, shown = next((each for each in cases if each[1].message), cases[0])
        who = tuple(dict.fromkeys(place for place, _ in cases))
        made[key] = Made(key[0], cases[0][1].function, who, shown, place)
    return dict(sorted(made.items(), key=lambda each: (-len(each[1].who), each[0])))


def causes(submissions: Sequence[SubmissionResult]) -> tuple[FoundCause, ...]:
    """Return the causes that were found out, those of most students first.

    `autograder.checking.diagnosis.findings.sentence` gives the sentence of each.
    """
    found: dict[tuple[object, ...], FoundCause] = {}
    for place, submission in enumerate(submissions):
        for check in submission.checks:
            if check.finding is None:
                continue
            finding = of_any_line(check.finding)
            key = (check.function, msgspec.json.encode(finding))
            cause = found.setdefault(key, FoundCause(finding, check.function, ()))
            if place not in cause.who:
                found[key] = replace(cause, who=(*cause.who, place))
    return tuple(sorted(found.values(), key=lambda each: -len(each.who)))


def faults(submissions: Sequence[SubmissionResult]) -> tuple[CheckFault, ...]:
    """Return the checks that raised an error of their own, in their order."""
    found: dict[str, list[tuple[int, CheckResult]]] = defaultdict(list)
    for place, submission in enumerate(submissions):
        for check in submission.checks:
            if check.verdict is Verdict.GRADER_ERROR:
                found[check.id].append((place, check))
    return tuple(
        CheckFault(
            name,
            cases[0][1].function,
            tuple(dict.fromkeys(why for n, check in cases if (why := submissions[n].why(check)))),
            tuple(place for place, _ in cases),
        )
        for name, cases in found.items()
    )
