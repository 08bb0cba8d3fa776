"""The results of grading a submission, and when a submission is graded again."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Generic, Protocol, TypeVar

import msgspec

from autograder.checking.judge.messages import words
from autograder.course.lesson import Lesson
from autograder.i18n import _
from autograder.intake.find import SubmissionSource
from autograder.intake.reconcile import Submission
from autograder.result import CheckResult, Status, SubmissionResult, Verdict, WrittenAnswer
from autograder.sandbox.host.clock import watched
from autograder.sandbox.host.monitor import ProcessDeaths
from autograder.sandbox.host.session import ENDED
from autograder.sandbox.protocol import wire

MAX_ATTEMPTS = 4
"""How often a submission is graded at most if its processes are ended from outside."""

THIRD_ATTEMPT_SECONDS = 60.0
"""Seconds after which there is no third attempt: a notebook may end its own processes."""


@dataclass(frozen=True)
class Graded:
    """The outcome of a submission.

    Attributes:
        ran: the outcomes of the cells that were run, by their place in the submission.
        settled: the points of grade cells whose own output cannot be trusted; None if a cell needs
            review and has no points at all.
        undecided: the grade cells that need review, but have the points of the checks that are
            decided.
        values: the values of the last lines of test cells, by the cells' places; see `asserts`.
        faults: the errors in checks that failed themselves, by their ids; for the instructor.
    """

    checks: tuple[CheckResult, ...]
    ran: Mapping[int, wire.Ran]
    observations: tuple[str, ...]
    settled: Mapping[str, float | None] = field(default_factory=dict)
    values: Mapping[int, Sequence[wire.Output]] = field(default_factory=dict)
    faults: Mapping[str, str] = field(default_factory=dict)
    undecided: frozenset[str] = frozenset()


@dataclass(frozen=True)
class NotebookResult:
    """One notebook of a submission, and its outcome.

    Attributes:
        data: the bytes of the file; None if there are none.
        reason: why the notebook was rejected; None if it was graded.
        submission: the cells of the notebook; None if it was rejected.
        missing: whether the notebook was not submitted, while others were.
    """

    lesson: Lesson
    data: bytes | None
    reason: str | None = None
    submission: Submission | None = None
    graded: Graded | None = None
    missing: bool = False


class ClassWideError(ValueError):
    """An error that concerns the whole class, and not only the submission in which it appears."""


class FeedbackTexts(Protocol):
    """The grader of a notebook, as far as people see it."""

    @property
    def language(self) -> str:
        """The language of the notebook."""

    @property
    def sentences(self) -> Mapping[str, str]:
        """The sentence of each check, by its id."""

    @property
    def hints(self) -> Mapping[str, str]:
        """The hint of each known mistake, by its name."""


S = TypeVar("S", bound=FeedbackTexts)


@dataclass(frozen=True)
class GradedWork(Generic[S]):
    """A result, the grader in the language of the notebook, and the submitted notebooks."""

    result: SubmissionResult
    grader: S
    notebooks: tuple[NotebookResult, ...]


def hidden_cell(function: str) -> str:
    """Return the name of the grade cell that holds the points of a function's checks."""
    return f"{function}_hidden"


def submission_result(
    source: SubmissionSource,
    start: float,
    max_score: float,
    checks: tuple[CheckResult, ...] = (),
    observations: tuple[str, ...] = (),
    written: tuple[WrittenAnswer, ...] = (),
    faults: Mapping[str, str] | None = None,
    *,
    rejected: str | None = None,
) -> SubmissionResult:
    """Return the result of a submission; `rejected` says why it could not be read.

    `start` is the time of `time.perf_counter` when grading began, `written` holds the parts that
    are graded manually, and `faults` the errors in checks that failed themselves, by their ids.
    """
    decided = [check.points for check in checks if check.points is not None]
    return SubmissionResult(
        student=source.student,
        path=source.path,
        status=Status.GRADED if rejected is None else Status.REJECTED,
        reason=rejected,
        score=sum(decided, 0.0),
        max_score=max_score,
        seconds=round(time.perf_counter() - start, 3),
        # A rejected submission is provisional until an instructor has said that it counts as 0.
        provisional=len(decided) < len(checks) or rejected is not None,
        checks=checks,
        observations=(*source.observations, *observations),
        written=written,
        faults=dict(faults or {}),
    )


@dataclass(frozen=True)
class Attempt:
    """The outcome of one attempt at a submission.

    Attributes:
        open: the ids of checks that may have lost points because something killed a process.
    """

    graded: Graded
    open: frozenset[str] = frozenset()


def retry_if_killed(losses: ProcessDeaths, take: Callable[[], Graded]) -> Graded:
    """Grade a submission, again if something has disturbed it.

    If a process was killed from outside, that attempt counts for nothing, and the submission is
    graded until nothing disturbs it. If the notebook itself may have caused it, because the system
    was out of memory or because the cause is unknown, every attempt counts: a check with two
    different outcomes needs review, so that a notebook that disturbs its own grading cannot get the
    best of several answers.

    `losses` counts the worker's processes that have ended, and `take` grades the submission once.
    """
    start = watched()
    counted: list[Attempt] = []
    killed: list[Attempt] = []
    while True:
        before = replace(losses)
        graded = take()
        lost = losses.since(before)
        taken = len(counted) + len(killed) + 1
        is_last = taken >= (MAX_ATTEMPTS if watched() - start < THIRD_ATTEMPT_SECONDS else 2)
        if lost.killed:
            killed.append(Attempt(graded, _doubtful(graded)))
        elif lost.memory:
            counted.append(Attempt(graded, _doubtful(graded)))
        else:
            counted.append(Attempt(graded))
            if not lost.unexplained or len(counted) > 1:
                return _together(counted)
        if is_last:
            return _together([*killed, *counted])


def _doubtful(graded: Graded) -> frozenset[str]:
    """Return the checks that may have lost points because something ended a process."""
    in_a_cell = ENDED in graded.ran.values()  # every check may need what the cell would define
    # A check that was not run may depend on one that crashed.
    doubtful = tuple(Verdict) if in_a_cell else (Verdict.CRASHED, Verdict.NOT_RUN)
    if not in_a_cell and all(check.verdict is not Verdict.CRASHED for check in graded.checks):
        return frozenset()
    return frozenset(
        check.id
        for check in graded.checks
        if check.verdict in doubtful
        and check.points is not None
        and check.points < check.max_points
    )


def _together(attempts: Sequence[Attempt]) -> Graded:
    """Merge several attempts at one submission: the last one, as far as they agree.

    Checks on which they differ need review, and so do those that each of them leaves open.
    """
    *_earlier, last = attempts
    checks: list[CheckResult] = []
    killed = False
    differ: list[str] = []
    for place, result in enumerate(last.graded.checks):
        each = [
            attempt.graded.checks[place] for attempt in attempts if result.id not in attempt.open
        ]
        if not each:
            killed = True
            checks.append(_needs_review(result))
        elif len({(check.verdict, check.points) for check in each}) == 1:
            checks.append(each[-1])
        else:
            differ.append(result.id)
            checks.append(_needs_review(min(each, key=lambda check: check.points or 0.0)))
    said = []
    if killed:
        said.append(
            _(
                "A process of this notebook was killed repeatedly during grading, but not by "
                "the grader. The system probably ran out of memory, or somebody killed it. "
                "Grade it again with more memory or fewer --workers. If that changes nothing, "
                "read the notebook and decide its points."
            )
        )
    if differ:
        said.append(
            _(
                "This notebook was graded {number} times, because one of its processes ended "
                "early and may have ended itself. The verdicts of these checks differ, so "
                "they have no points yet: {checks}. Read the notebook and decide."
            ).format(number=len(attempts), checks=words(differ))
        )
    observations = (*last.graded.observations, *said)
    return replace(last.graded, checks=tuple(checks), observations=observations)


def _needs_review(check: CheckResult) -> CheckResult:
    """Return a check without points: a person must decide."""
    said = (check.message, _("Your instructor will review it."))
    return msgspec.structs.replace(check, points=None, message=" ".join(filter(None, said)))
