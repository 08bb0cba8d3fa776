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
from autograder.checking.wording import cell_trouble, undecided, words
from autograder.course.assignment import Assignment
from autograder.course.lesson import MARKDOWN, Lesson, Role, build
from autograder.course.secret import Secret
from autograder.intake.document import document
from autograder.intake.find import SubmissionSource
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

    def grade(self, found: SubmissionSource) -> SubmissionResult:
        """The result of one submission, whatever state its file is in."""
        return self.examine(found).result

    def examine(self, found: SubmissionSource) -> Examined[Grader]:
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

    def left(self, found: SubmissionSource, error: Exception) -> Examined[Grader]:
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

        A process that ended in the middle has cost points. Where the student's own code has ended
        it, they are lost. Where somebody else has, or nobody can tell, the submission is taken
        again, a bounded number of times; `undisturbed` says what counts then.

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
    found: SubmissionSource,
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


def rejected_result(
    found: SubmissionSource, reason: str, max_score: float, start: float
) -> SubmissionResult:
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


@dataclass(frozen=True)
class Attempt:
    """What came of a submission once.

    Attributes:
        graded: what came of it.
        open: the checks that somebody else's end of a process may have cost points, by their ids.
    """

    graded: Graded
    open: frozenset[str] = frozenset()


def undisturbed(losses: Losses, take: Callable[[], Graded]) -> Graded:
    """What comes of a submission, taken again where something has disturbed it.

    Where a process was killed from outside, what came of that counts for nothing, and the
    submission is taken until nothing disturbs it. Where the notebook itself may have brought it
    about, because the system was out of memory or because nobody can tell, every attempt counts: a
    check that comes to two ends is left to a person, so that a notebook that has itself taken again
    cannot have the best of several answers.

    Args:
        losses: of the worker, processes that have ended.
        take: takes it once.
    """
    start = watched()
    counted: list[Attempt] = []
    killed: list[Attempt] = []
    while True:
        before = replace(losses)
        graded = take()
        lost = losses.since(before)
        taken = len(counted) + len(killed) + 1
        is_last = taken >= (ATTEMPTS if watched() - start < PATIENCE else 2)
        if lost.outside:
            killed.append(Attempt(graded, _doubtful(graded)))
        elif lost.memory:
            counted.append(Attempt(graded, _doubtful(graded)))
        else:
            counted.append(Attempt(graded))
            if not lost.unknown or len(counted) > 1:
                return _together(counted)
        if is_last:
            return _together([*killed, *counted])


def _doubtful(graded: Graded) -> frozenset[str]:
    """The checks that may have lost points because somebody has ended a process."""
    in_a_cell = ENDED in graded.ran.values()  # what the cell would have defined is missed by all
    # What was not run may wait for what has crashed.
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
    """What several attempts at one submission say together: the last, where they agree.

    What they do not agree on is left to a person, and so is what each of them leaves open.
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
            checks.append(_left_to_a_person(result))
        elif len({(check.verdict, check.points) for check in each}) == 1:
            checks.append(each[-1])
        else:
            differ.append(result.id)
            checks.append(_left_to_a_person(min(each, key=_points)))
    said = []
    if killed:
        said.append(
            _(
                "A process of this notebook was killed again and again while it was graded, and "
                "not by the grader: by the system for want of memory, or by a person. What this "
                "may have cost is left to you. Grade it again where there is more memory, or with "
                "fewer workers, and read the notebook if that changes nothing."
            )
        )
    if differ:
        said.append(
            _(
                "This notebook was graded {number} times, because one of its processes ended early "
                "and may have ended itself. The verdicts of these checks differ, and they have no "
                "points yet: {checks}. Read the notebook and decide."
            ).format(number=len(attempts), checks=words(differ))
        )
    return replace(
        last.graded,
        checks=tuple(checks),
        observations=(*last.graded.observations, *said),
    )


def _points(check: CheckResult) -> float:
    return check.points or 0.0


def _left_to_a_person(check: CheckResult) -> CheckResult:
    said = (check.message, _("A person will look at it."))
    return msgspec.structs.replace(check, points=None, message=" ".join(filter(None, said)))


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
