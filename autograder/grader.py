"""One submission, from the bytes of its file to its marks."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

from autograder.checking.diagnosis import Diagnosis
from autograder.checking.judge import Judge
from autograder.checking.result import CheckResult, Status, SubmissionResult, Verdict
from autograder.checking.understudy import Understudy
from autograder.checking.wording import cell_trouble
from autograder.course.assignment import Assignment
from autograder.course.lesson import Role, build
from autograder.course.secret import Secret
from autograder.intake.archives import Found
from autograder.intake.submission import Rejected, Submission, read
from autograder.sandbox import wire
from autograder.sandbox.host import Worker
from autograder.sandbox.losses import Losses
from autograder.sandbox.session import Session

ATTEMPTS = 4
"""How often a submission is taken at the most, where processes are ended in the middle of it."""

PATIENCE = 60.0
"""Seconds after which it is not taken a third time: a notebook that ends its own is not to cost."""


@dataclass(frozen=True)
class Graded:
    """What came of a submission.

    Attributes:
        checks: in the order of the assignment.
        ran: what the cells that were run did, by their place in the submission.
        observations: for the instructor.
    """

    checks: tuple[CheckResult, ...]
    ran: Mapping[int, wire.Ran]
    observations: tuple[str, ...]


@dataclass(frozen=True)
class Examined:
    """A result with all that it was made from.

    Attributes:
        result: of the submission.
        submission: what was read; None where the file was rejected.
        graded: what came of it; likewise.
    """

    result: SubmissionResult
    submission: Submission | None = None
    graded: Graded | None = None


class Grader:
    """Grades the submissions of one assignment, one after the other.

    Args:
        assignment: what is graded.
        worker: where learners' code runs.
        secret: what the inputs are made from.
    """

    def __init__(self, assignment: Assignment, worker: Worker, secret: Secret) -> None:
        self.lesson = build(assignment)
        self.worker = worker
        worker.prepare(self.lesson.prelude)
        self.understudy = Understudy(assignment.reference_path, worker.losses)
        self.diagnosis = Diagnosis(
            assignment.reference_path,
            assignment.reference,
            assignment.mistakes,
            secret.seed,
            worker.losses,
        )
        self.judge = Judge(
            assignment.checks, assignment.reference, secret.seed, self.understudy, self.diagnosis
        )
        self.sentences = {check.id: check.sentence for check in assignment.checks}
        self.hints = {mistake.name: mistake.sentence for mistake in assignment.mistakes}
        self.max_score = sum(check.points for check in assignment.checks)

    def grade(self, found: Found) -> SubmissionResult:
        """The result of one submission, whatever state its file is in."""
        return self.examine(found).result

    def examine(self, found: Found) -> Examined:
        """The same, with what it was made from."""
        start = time.perf_counter()
        try:
            submission = read(found.read(), self.lesson)
        except Rejected as rejected:
            return Examined(self._rejected(found, str(rejected), time.perf_counter() - start))
        graded = self.take(submission)
        decided = [check.points for check in graded.checks if check.points is not None]
        result = SubmissionResult(
            student=found.student,
            path=found.path,
            status=Status.GRADED,
            reason=None,
            score=sum(decided),
            max_score=self.max_score,
            seconds=round(time.perf_counter() - start, 3),
            provisional=len(decided) < len(graded.checks),
            checks=graded.checks,
            observations=(
                *found.observations,
                *submission.observations,
                *graded.observations,
            ),
        )
        return Examined(result, submission, graded)

    def _rejected(self, found: Found, reason: str, seconds: float) -> SubmissionResult:
        return SubmissionResult(
            student=found.student,
            path=found.path,
            status=Status.REJECTED,
            reason=reason,
            score=0.0,
            max_score=self.max_score,
            seconds=round(seconds, 3),
            provisional=False,
            checks=(),
            observations=found.observations,
        )

    def take(self, submission: Submission) -> Graded:
        """Runs the cells of a submission and takes the checks, and does it again after a fault.

        A process that ended in the middle has cost points. Where the learner's own code has ended
        it, it does so again, and the same points are lost; where somebody else has, or nobody can
        know, what came of it counts for nothing. Whoever keeps on ending them gets the best of what
        was seen, after a time that is bounded.

        Raises:
            SandboxError: the sandbox cannot be had.
        """
        start = time.monotonic()
        attempts: list[Graded] = []
        before_that: list[tuple[Verdict, float | None]] | None = None
        while len(attempts) < (ATTEMPTS if time.monotonic() - start < PATIENCE else 2):
            before = replace(self.worker.losses)
            graded = self._take(submission)
            lost = self.worker.losses.since(before)
            if lost == Losses() or (not lost.outside and _marks(graded) == before_that):
                return graded
            before_that = None if lost.outside else _marks(graded)
            attempts.append(graded)
        return max(attempts, key=lambda graded: sum(points or 0 for _, points in _marks(graded)))

    def _take(self, submission: Submission) -> Graded:
        places = [number for number, cell in enumerate(submission.cells) if cell.runs]
        sources = [submission.cells[number].source for number in places]
        seed = self.judge.cells_seed()
        with Session(self.worker, sources, seed, self.judge.functions) as session:
            ran = dict(zip(places, session.ran, strict=False))

            def unwritten(function: str) -> str:
                return _unwritten(function, submission, ran)

            checks, observations = self.judge.take(session, unwritten)
        return Graded(tuple(checks), ran, (*observations, *session.observations))


def _marks(graded: Graded) -> list[tuple[Verdict, float | None]]:
    """What two attempts at the same notebook have in common, where nobody disturbs them."""
    return [(check.verdict, check.points) for check in graded.checks]


def _unwritten(function: str, submission: Submission, ran: Mapping[int, wire.Ran]) -> str:
    """Why the notebook defines no function of this name, as far as can be told."""
    for number, cell in enumerate(submission.cells):
        if cell.part and cell.part.role is Role.SOLUTION and cell.part.id == function:
            trouble = cell_trouble(ran[number]) if number in ran else None
            if trouble is not None:
                return f"{function} is not defined, because its cell stopped with {trouble}."
    return f"The notebook defines no function called {function}."
