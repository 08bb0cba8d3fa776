"""One submission, from the bytes of its file to its marks."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Generic, Protocol, TypeVar

import msgspec

from autograder.checking.diagnosis import Diagnosis
from autograder.checking.judge import Judge
from autograder.checking.result import (
    CheckResult,
    Status,
    SubmissionResult,
    Verdict,
    WrittenAnswer,
)
from autograder.checking.understudy import Understudy
from autograder.checking.wording import cell_trouble, undecided
from autograder.course.assignment import Assignment
from autograder.course.lesson import MARKDOWN, Lesson, Role, build
from autograder.course.secret import Secret
from autograder.intake.archives import Found
from autograder.intake.document import document
from autograder.intake.submission import (
    Cell,
    Rejected,
    Submission,
    reconcile,
    said_language,
    text,
)
from autograder.language import ENGLISH, _, speaking
from autograder.sandbox import wire
from autograder.sandbox.clock import watched
from autograder.sandbox.host import Worker
from autograder.sandbox.losses import Losses
from autograder.sandbox.session import ENDED, Session

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
        settled: the points of grade cells that no output of theirs can be trusted to say; None
            where a person must decide.
        values: what the last lines of test cells are, by the cells' places; see `asserts`.
        faults: what went wrong in checks that failed themselves, by their ids; for the instructor.
    """

    checks: tuple[CheckResult, ...]
    ran: Mapping[int, wire.Ran]
    observations: tuple[str, ...]
    settled: Mapping[str, float | None] = field(default_factory=dict)
    values: Mapping[int, Sequence[wire.Output]] = field(default_factory=dict)
    faults: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Sheet:
    """One notebook of a submission, and what came of it.

    Attributes:
        lesson: what was released.
        data: the bytes of the file; None where there are none.
        reason: why it was rejected; None where it was graded.
        submission: what was read; None where it was rejected.
        graded: what came of it; likewise.
    """

    lesson: Lesson
    data: bytes | None
    reason: str | None = None
    submission: Submission | None = None
    graded: Graded | None = None


class Speaker(Protocol):
    """Who has graded a notebook, as far as it is told to people."""

    @property
    def language(self) -> str:
        """That of the notebook."""

    @property
    def sentences(self) -> Mapping[str, str]:
        """What each check asks, by its id."""

    @property
    def hints(self) -> Mapping[str, str]:
        """What helps against each known mistake, by its name."""


S = TypeVar("S", bound=Speaker)


@dataclass(frozen=True)
class Examined(Generic[S]):
    """A result with all that it was made from.

    Attributes:
        result: of the submission.
        grader: who has made it, and speaks the language of the notebook.
        sheets: the notebooks that were handed in.
    """

    result: SubmissionResult
    grader: S
    sheets: tuple[Sheet, ...]


class Grader:
    """Grades the submissions of one assignment, one after the other.

    It speaks one language to them all. For notebooks in another one it has others, who share the
    worker with it and nothing that is remembered of what was said.

    Args:
        assignment: what is graded, in the language of notebooks that do not say theirs.
        worker: where learners' code runs.
        secret: what the inputs are made from.
        follows: whether notebooks that say their language are spoken to in it.
    """

    def __init__(
        self, assignment: Assignment, worker: Worker, secret: Secret, *, follows: bool = True
    ) -> None:
        self.assignment = assignment
        self.secret = secret
        self.follows = follows
        self.others: dict[str, Grader] = {}
        self.lesson = build(assignment)
        self.worker = worker
        # Ours beside learners' code are in English, whatever they speak: the code is the same.
        english = replace(assignment, language=ENGLISH)
        worker.prepare((self.lesson if english == assignment else build(english)).prelude)
        self.understudy = Understudy(assignment.reference_path, worker.losses)
        self.diagnosis = Diagnosis(
            assignment.reference_path,
            assignment.reference,
            assignment.mistakes,
            secret.seed,
            worker.losses,
        )
        self.judge = self._judge(secret)
        self.sentences = {check.id: check.sentence for check in assignment.checks}
        self.hints = {mistake.name: mistake.sentence for mistake in assignment.mistakes}
        self.max_score = sum(check.points for check in assignment.checks)

    def speaking_as(self, notebook: Mapping[str, Any]) -> Grader:
        """Who speaks the language of a notebook; this one, where nobody does."""
        said = said_language(notebook) if self.follows else None
        if said is None or said == self.assignment.language:
            return self
        language = self.assignment.spoken(said).language
        if language == self.assignment.language:
            return self
        if language not in self.others:
            assignment = replace(self.assignment, language=language)
            self.others[language] = Grader(assignment, self.worker, self.secret)
        return self.others[language]

    def _judge(self, secret: Secret) -> Judge:
        assignment = self.assignment
        return Judge(
            assignment.checks, assignment.reference, secret.seed, self.understudy, self.diagnosis
        )

    def _sow(self, content: bytes) -> None:
        """Makes the inputs anew, where every notebook has its own."""
        if self.secret.own_inputs:
            secret = self.secret.of_notebook(content)
            self.diagnosis.sow(secret.seed)
            self.judge = self._judge(secret)

    @property
    def language(self) -> str:
        """In which it speaks to learners."""
        return self.assignment.language

    @property
    def layers(self) -> tuple[str, ...]:
        """What has kept learners' code apart."""
        return self.worker.layers

    def grade(self, found: Found) -> SubmissionResult:
        """The result of one submission, whatever state its file is in."""
        return self.examine(found).result

    def examine(self, found: Found) -> Examined[Grader]:
        """The same, with what it was made from."""
        start = time.perf_counter()
        grader = self
        content: bytes | None = None
        try:
            with speaking(self.assignment.language):
                content = found.read()
                notebook = document(content)
            grader = self.speaking_as(notebook)
            with speaking(grader.assignment.language):
                submission = reconcile(notebook, grader.lesson)
        except Rejected as rejected:
            with speaking(grader.assignment.language):
                reason = str(rejected)
            result = rejected_result(found, reason, self.max_score, start)
            return Examined(result, grader, (Sheet(grader.lesson, content, reason),))
        grader._sow(content)
        graded = grader.take(submission)
        observations = (*submission.observations, *graded.observations)
        written = tuple(_written(submission))
        result = graded_result(
            found, graded.checks, observations, self.max_score, start, written, graded.faults
        )
        sheet = Sheet(grader.lesson, content, submission=submission, graded=graded)
        return Examined(result, grader, (sheet,))

    def left(self, found: Found, error: Exception) -> Examined[Grader]:
        """Return a submission at which the grader itself has failed: a person decides all of it.

        Args:
            found: the submission.
            error: what has failed.
        """
        start = time.perf_counter()
        fault = text(f"{type(error).__name__}: {error}")
        with speaking(self.language):
            said = _("The grader itself failed: {error}.").format(error=fault)
            checks = tuple(
                CheckResult(
                    check.id, check.of, Verdict.GRADER_ERROR, None, check.points, undecided()
                )
                for check in self.assignment.checks
            )
        parts = self.lesson.parts
        blank = Submission(
            tuple(Cell(each, each.role in MARKDOWN, each.released) for each in parts), ()
        )
        settled = {hidden_cell(check.function): None for check in checks}
        faults = {check.id: fault for check in checks}
        graded = Graded(checks, {}, (said,), settled, faults=faults)
        written = tuple(msgspec.structs.replace(each, points=None) for each in _written(blank))
        result = graded_result(found, checks, (said,), self.max_score, start, written, faults)
        return Examined(result, self, (Sheet(self.lesson, None, submission=blank, graded=graded),))

    def take(self, submission: Submission) -> Graded:
        """Runs the cells of a submission and takes the checks, and does it again after a fault.

        A process that ended in the middle has cost points. Where the learner's own code has ended
        it, it does so again, and the same points are lost; where somebody else has, or nobody can
        know, what came of it counts for nothing. Where that goes on, for a time that is bounded,
        the best of what was seen counts, and what somebody else may have cost even there is left to
        a person.

        Raises:
            SandboxError: the sandbox cannot be had.
        """
        with speaking(self.assignment.language):
            taken = undisturbed(self.worker.losses, lambda: self._take(submission))
        undecided = [hidden_cell(each.function) for each in taken.checks if each.points is None]
        return replace(taken, settled=dict.fromkeys(undecided))

    def _take(self, submission: Submission) -> Graded:
        places = [number for number, cell in enumerate(submission.cells) if cell.runs]
        sources = [submission.cells[number].source for number in places]
        seed = self.judge.cells_seed()
        with Session(self.worker, sources, seed, self.judge.functions) as session:
            ran = dict(zip(places, session.ran, strict=False))

            def unwritten(function: str) -> str:
                return _unwritten(function, submission, ran)

            checks, observations = self.judge.take(session, unwritten)
        # The sandbox knows no language.
        said = (*observations, *map(_, session.observations))
        return Graded(tuple(checks), ran, said, faults=self.judge.faults)


def hidden_cell(function: str) -> str:
    """The name of the grade cell that holds the points of a function's checks."""
    return f"{function}_hidden"


def graded_result(
    found: Found,
    checks: tuple[CheckResult, ...],
    observations: tuple[str, ...],
    max_score: float,
    start: float,
    written: tuple[WrittenAnswer, ...],
    faults: Mapping[str, str],
) -> SubmissionResult:
    """The result of a submission that could be graded.

    Args:
        found: the submission.
        checks: what came of each.
        observations: about what is in it, for the instructor.
        max_score: what the checks are worth.
        start: when it was begun, by `time.perf_counter`.
        written: what a person marks.
        faults: what went wrong in checks that failed themselves, by their ids.
    """
    decided = [check.points for check in checks if check.points is not None]
    return SubmissionResult(
        student=found.student,
        path=found.path,
        status=Status.GRADED,
        reason=None,
        score=sum(decided),
        max_score=max_score,
        seconds=round(time.perf_counter() - start, 3),
        provisional=len(decided) < len(checks),
        checks=checks,
        observations=(*found.observations, *observations),
        written=written,
        faults=dict(faults),
    )


def rejected_result(found: Found, reason: str, max_score: float, start: float) -> SubmissionResult:
    """The result of a submission that could not be read, for this reason; the rest as above."""
    return SubmissionResult(
        student=found.student,
        path=found.path,
        status=Status.REJECTED,
        reason=reason,
        score=0.0,
        max_score=max_score,
        seconds=round(time.perf_counter() - start, 3),
        provisional=False,
        checks=(),
        observations=found.observations,
    )


def undisturbed(losses: Losses, take: Callable[[], Graded]) -> Graded:
    """What comes of a submission, taken again where something has disturbed it.

    Args:
        losses: of the worker, processes that have ended.
        take: takes it once.
    """
    start = watched()
    attempts: list[Graded] = []
    before_that: list[tuple[Verdict, float | None]] | None = None
    while len(attempts) < (ATTEMPTS if watched() - start < PATIENCE else 2):
        before = replace(losses)
        graded = take()
        lost = losses.since(before)
        if lost == Losses() or (not lost.outside and _marks(graded) == before_that):
            return graded
        before_that = None if lost.outside else _marks(graded)
        attempts.append(_left_open(graded) if lost.outside else graded)
    return max(attempts, key=_worth)


def _left_open(graded: Graded) -> Graded:
    """The same, where others have ended its processes: nobody can know what that has cost.

    Who has ended them, the kernel does not say. It may have been the notebook itself, which so
    gains no more than that somebody reads it.
    """
    crashed = any(check.verdict is Verdict.CRASHED for check in graded.checks)
    in_a_cell = ENDED in graded.ran.values()  # what the cell would have defined is missed by all
    if not crashed and not in_a_cell:
        return graded
    # What was not run may wait for what has crashed.
    doubtful = tuple(Verdict) if in_a_cell else (Verdict.CRASHED, Verdict.NOT_RUN)
    checks = tuple(
        _left_to_a_person(check)
        if check.verdict in doubtful
        and check.points is not None
        and check.points < check.max_points
        else check
        for check in graded.checks
    )
    killed = _(
        "A process of this notebook was killed again and again while it was graded, and not by the "
        "grader: by the system for want of memory, by a person, or by the notebook itself. What "
        "this may have cost is left to you. Grade it again where there is more memory, or with "
        "fewer workers, and read the notebook if that changes nothing."
    )
    return replace(graded, checks=checks, observations=(*graded.observations, killed))


def _left_to_a_person(check: CheckResult) -> CheckResult:
    said = (check.message, _("A person will look at it."))
    return msgspec.structs.replace(check, points=None, message=" ".join(filter(None, said)))


def _worth(graded: Graded) -> tuple[float, int]:
    """The points of an attempt; of two that have the same, the one that leaves more open."""
    points = [points for _, points in _marks(graded)]
    return sum(each or 0.0 for each in points), points.count(None)


def _marks(graded: Graded) -> list[tuple[Verdict, float | None]]:
    """What two attempts at the same notebook have in common, where nobody disturbs them."""
    return [(check.verdict, check.points) for check in graded.checks]


def _written(submission: Submission) -> Iterator[WrittenAnswer]:
    """The answers in words: what is as it was released has no points, as nbgrader sees it."""
    for cell in submission.cells:
        if cell.part is not None and cell.part.role is Role.ANSWER:
            points = 0.0 if cell.source == cell.part.released else None
            yield WrittenAnswer(cell.part.id, points, cell.part.points or 0.0)


def _unwritten(function: str, submission: Submission, ran: Mapping[int, wire.Ran]) -> str:
    """Why the notebook defines no function of this name, as far as can be told."""
    for number, cell in enumerate(submission.cells):
        if cell.part and cell.part.role is Role.SOLUTION and cell.part.id == function:
            trouble = cell_trouble(ran[number]) if number in ran else None
            if trouble is not None:
                stopped = _("{function} is not defined, because its cell stopped with {error}.")
                return stopped.format(function=function, error=trouble)
    return _("The notebook defines no function called {function}.").format(function=function)
