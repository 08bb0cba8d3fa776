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
        function: the name of the function.
        max_points: its points.
        mean: the mean of the decided points.
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
    """A known mistake that was recognised.

    Attributes:
        name: the name of the mistake.
        function: the function in which it was recognised.
        who: the places of the students who made it, in the order of the class.
    """

    name: str
    function: str
    who: tuple[int, ...]


@dataclass(frozen=True)
class Cause:
    """A cause that was found out from wrong answers, without a known mistake.

    Attributes:
        finding: the finding, without a line.
        function: the function that has it.
        who: the places of the students who have it, in the order of the class.
    """

    finding: Finding
    function: str
    who: tuple[int, ...]


@dataclass(frozen=True)
class Fault:
    """A check that raised an error of its own.

    Attributes:
        check: the name of the check.
        function: the function that it tests.
        messages: its distinct messages.
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
    """What some checks give together; None where none of them could be decided."""
    decided = [check.points for check in checks if check.points is not None]
    return sum(decided) if decided else None


def shares(submissions: Sequence[SubmissionResult]) -> tuple[Share, ...]:
    """What the class has of each function; who was rejected takes no part."""
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


def mistakes(submissions: Sequence[SubmissionResult]) -> tuple[Made, ...]:
    """The mistakes that were recognised, those that most have made first."""
    who: dict[str, dict[int, None]] = defaultdict(dict)
    function: dict[str, str] = {}
    for place, submission in enumerate(submissions):
        for check in submission.checks:
            if check.mistake is not None:
                who[check.mistake][place] = None
                function.setdefault(check.mistake, check.function)
    made = [Made(name, function[name], tuple(places)) for name, places in who.items()]
    return tuple(sorted(made, key=lambda each: (-len(each.who), each.name)))


def causes(submissions: Sequence[SubmissionResult]) -> tuple[Cause, ...]:
    """Return the causes that were found out, those of most students first.

    `autograder.checking.diagnosis.findings.sentence` gives the sentence of each.
    """
    found: dict[tuple[object, ...], Cause] = {}
    for place, submission in enumerate(submissions):
        for check in submission.checks:
            if check.finding is None:
                continue
            finding = of_any_line(check.finding)
            key = (check.function, msgspec.json.encode(finding))
            cause = found.setdefault(key, Cause(finding, check.function, ()))
            if place not in cause.who:
                found[key] = replace(cause, who=(*cause.who, place))
    return tuple(sorted(found.values(), key=lambda each: -len(each.who)))


def faults(submissions: Sequence[SubmissionResult]) -> tuple[Fault, ...]:
    """The checks that failed themselves, in the order in which they come."""
    found: dict[str, list[tuple[int, CheckResult]]] = defaultdict(list)
    for place, submission in enumerate(submissions):
        for check in submission.checks:
            if check.verdict is Verdict.GRADER_ERROR:
                found[check.id].append((place, check))
    return tuple(
        Fault(
            name,
            cases[0][1].function,
            tuple(dict.fromkeys(why for n, check in cases if (why := submissions[n].why(check)))),
            tuple(place for place, _ in cases),
        )
        for name, cases in found.items()
    )
