"""Made-up results of classes, for tests of the report."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence

import msgspec

from autograder.result import (
    SCHEMA_VERSION,
    CheckResult,
    Result,
    SubmissionResult,
    Verdict,
)
from tests.helpers import results

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</script><script>alert(2)</script>",
    "<!-- <script>",
    "{{ 7 * 7 }}",
    "' onmouseover='alert(3)",
    "\u202egnp.exe\u2066",
    "nul\x00 and \x1b[31m",
    "javascript:alert(4)",
    "]]></style><svg/onload=alert(5)>",
    "a" * 300,
    "漢字" * 40,
)
"""Names and texts that try to be more than text."""


def check(
    name: str = "a_check",
    points: float | None = 2.0,
    max_points: float = 2.0,
    *,
    function: str = "double",
    verdict: Verdict | None = None,
    message: str | None = None,
    mistake: str | None = None,
) -> CheckResult:
    """Return a check that passed if it has full points, and failed otherwise."""
    if verdict is None:
        undecided = points is None
        passed = points == max_points
        verdict = (
            Verdict.GRADER_ERROR if undecided else Verdict.PASSED if passed else Verdict.FAILED
        )
    return CheckResult(name, function, verdict, points, max_points, message, mistake)


def of(
    student: str,
    *checks: CheckResult,
    reason: str | None = None,
    observations: Iterable[str] = (),
) -> SubmissionResult:
    """Return the result of one student."""
    result = results.of(student, *checks, reason=reason, observations=tuple(observations))
    return msgspec.structs.replace(
        result,
        path=f"submitted/{student}/doubling/doubling.ipynb",
        max_score=sum(each.max_points for each in checks) or 5.0,
    )


def result(*submissions: SubmissionResult, digest: str = "d", seed: str | None = "0") -> Result:
    """Return the result of a run."""
    return Result(
        SCHEMA_VERSION, "doubling", digest, "0.1", seed, "2", ("seccomp",), tuple(submissions)
    )


def rows(points: Sequence[Sequence[float | None]], most: float = 1.0) -> list[SubmissionResult]:
    """Return a class from its points, a row per student and a column per check."""
    return [
        of(
            f"s{row}",
            *(check(f"c{column}", each, most) for column, each in enumerate(student)),
        )
        for row, student in enumerate(points)
    ]


def crowd(size: int, seed: int = 0, names: Sequence[str] = ()) -> Result:
    """Return a class with everything that a report shows."""
    chance = random.Random(seed)  # noqa: S311  # no secret
    submissions = []
    for number in range(size):
        name = names[number] if number < len(names) else f"surname{number}_given{7 * number}"
        if number % 40 == 7:
            submissions.append(of(name, reason=f"The file of {name} is cut off."))
            continue
        ability = chance.random()
        checks = []
        for place in range(12):
            right = chance.random() < ability
            checks.append(
                check(
                    f"check_{place}",
                    2.0 if right else 0.0,
                    function=f"function_{place // 4}",
                    message=None if right else f"{name} is wrong.",
                    mistake=None if right or place % 3 else f"mistake_{place}",
                )
            )
        if number % 30 == 3:
            checks[5] = check("check_5", None, function="function_1", message=f"KeyError: {name!r}")
        if number % 30 == 5:
            checks[6] = check("check_6", 0.0, function="function_1", verdict=Verdict.TIMED_OUT)
        seen = [f"Beside it lies {name.title()}.txt."] if number % 50 == 9 else []
        submissions.append(of(name, *checks, observations=seen))
    return result(*submissions)
