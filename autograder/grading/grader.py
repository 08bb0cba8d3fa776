"""Grade one submission of a lesson, from the bytes of its file to its score."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec

from autograder.checking.diagnosis.matching import Diagnosis
from autograder.checking.diagnosis.student_source import StudentSource
from autograder.checking.judge.judge import Judge
from autograder.checking.judge.messages import not_given, undecided
from autograder.checking.judge.reference_server import ReferenceServer
from autograder.checking.judge.run_check import Outcome
from autograder.checking.judge.student import Student
from autograder.course.assignment import Assignment
from autograder.course.builder import build
from autograder.course.lesson import MARKDOWN, Role
from autograder.course.secret import Secret
from autograder.grading.outcome import (
    Graded,
    GradedWork,
    NotebookResult,
    hidden_cell,
    retry_if_killed,
    submission_result,
)
from autograder.grading.own_files import cells_that_put
from autograder.grading.stopped import Stopped, cell_that_defines, missing_modules, went_without
from autograder.i18n import ENGLISH, _, use_language
from autograder.intake.find import SubmissionSource
from autograder.intake.opening import open_notebook
from autograder.intake.reconcile import (
    Cell,
    Rejected,
    Submission,
    is_as_released,
    reconcile,
    said_language,
    text,
)
from autograder.result import (
    CheckResult,
    SubmissionResult,
    Verdict,
    WrittenAnswer,
)
from autograder.sandbox.host.session import Session
from autograder.sandbox.host.worker import Worker
from autograder.sandbox.protocol import wire


class Grader:
    """Grade the submissions of one assignment, one after the other.

    It writes all texts in one language, that of the assignment. For notebooks in other languages it
    has other graders, which share the worker with it, but no cache of texts. `follows` and `trace`
    are as in `RunConfig`.

    Attributes:
        students: the student that each check of the last submission called, by the check's id.
    """

    def __init__(
        self,
        assignment: Assignment,
        worker: Worker,
        secret: Secret,
        *,
        follows: bool = True,
        trace: bool = True,
    ) -> None:
        self.assignment = assignment
        self.secret = secret
        self.follows = follows
        self.others: dict[str, Grader] = {}
        self.lesson = build(assignment)
        self.worker = worker
        # The cells of ours that run beside students' code are the English ones in every language.
        worker.limit(assignment.limits)
        worker.share(assignment.beside.files)
        english = replace(assignment, language=ENGLISH)
        worker.prepare((self.lesson if english == assignment else build(english)).prelude)
        self.reference_server = ReferenceServer(assignment.reference_path, worker.deaths)
        self.diagnosis = Diagnosis(
            assignment.reference_path,
            assignment.reference,
            assignment.mistakes,
            secret.seed,
            worker.deaths,
            assignment.untold,
            trace=trace,
        )
        self.judge = self._judge(secret)
        self.students: Mapping[str, Student] = {}
        self.sentences = {check.id: check.sentence for check in assignment.checks}
        self.hints = {mistake.name: mistake.sentence for mistake in assignment.mistakes}
        self.max_score = sum(check.points for check in assignment.checks)

    def speaking_as(self, notebook: Mapping[str, Any]) -> Grader:
        """Return the grader for the language of a notebook; this one if there is none."""
        said = said_language(notebook) if self.follows else None
        if said is None or said == self.assignment.language:
            return self
        language = self.assignment.spoken(said).language
        if language == self.assignment.language:
            return self
        if language not in self.others:
            assignment = replace(self.assignment, language=language)
            trace = self.diagnosis.trace
            self.others[language] = Grader(assignment, self.worker, self.secret, trace=trace)
        return self.others[language]

    def _judge(self, secret: Secret) -> Judge:
        assignment = self.assignment
        return Judge(assignment.checks, assignment.reference, secret.seed, self.reference_server)

    def _reseed(self, content: bytes) -> None:
        """Make new inputs, if every notebook has its own."""
        if self.secret.own_inputs:
            secret = self.secret.of_notebook(content)
            self.diagnosis.reseed(secret.seed)
            self.judge = self._judge(secret)

    @property
    def language(self) -> str:
        """The language of its texts for students."""
        return self.assignment.language

    @property
    def layers(self) -> tuple[str, ...]:
        """The layers of isolation of students' code."""
        return self.worker.layers

    def grade(self, source: SubmissionSource) -> SubmissionResult:
        """Return the result of one submission, whatever state its file is in."""
        return self.examine(source).result

    def examine(self, source: SubmissionSource) -> GradedWork[Grader]:
        """Grade a submission, and keep what the result was made from."""
        start = time.perf_counter()
        grader = self
        content: bytes | None = None
        try:
            with use_language(self.assignment.language):
                content = source.read()
                notebook, said = open_notebook(content, self.lesson)
            grader = self.speaking_as(notebook)
            with use_language(grader.assignment.language):
                submission = reconcile(notebook, grader.lesson)
        except Rejected as rejected:
            with use_language(grader.assignment.language):
                reason = str(rejected)
            result = submission_result(source, start, self.max_score, rejected=reason)
            return GradedWork(result, grader, (NotebookResult(grader.lesson, content, reason),))
        grader._reseed(content)
        files, left_out = source.own_files([content])
        graded = grader.take(submission, files)
        observations = (*said, *left_out, *submission.observations, *graded.observations)
        result = submission_result(
            *(source, start, self.max_score, graded.checks, observations),
            *(tuple(_written(submission)), graded.faults),
        )
        notebook_result = NotebookResult(
            grader.lesson, content, submission=submission, graded=graded
        )
        return GradedWork(result, grader, (notebook_result,))

    def left(self, source: SubmissionSource, error: Exception) -> GradedWork[Grader]:
        """Return the result of a submission on which the grader itself failed: it needs review."""
        start = time.perf_counter()
        fault = text(f"{type(error).__name__}: {error}")
        with use_language(self.language):
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
        result = submission_result(source, start, self.max_score, checks, (said,), written, faults)
        notebook = NotebookResult(self.lesson, None, submission=blank, graded=graded)
        return GradedWork(result, self, (notebook,))

    def take(self, submission: Submission, files: Mapping[str, bytes] | None = None) -> Graded:
        """Run the cells of a submission and its checks, and repeat that after a fault.

        A process that ended in the middle has cost points. If the student's own code ended it, they
        are lost. If something else did, or the cause is unknown, the submission is graded again, a
        bounded number of times; `retry_if_killed` says which attempt counts. `files` are the
        student's own beside the notebook.
        """
        with use_language(self.assignment.language):
            taken = retry_if_killed(self.worker.deaths, lambda: self._take(submission, files or {}))
        needs_review = {hidden_cell(each.function) for each in taken.checks if each.points is None}
        in_part = {hidden_cell(each.function) for each in taken.checks if each.points is not None}
        settled = dict.fromkeys(needs_review - in_part)
        return replace(taken, settled=settled, undecided=frozenset(needs_review & in_part))

    def _take(self, submission: Submission, files: Mapping[str, bytes]) -> Graded:
        places = [number for number, cell in enumerate(submission.cells) if cell.runs]
        sources = [submission.cells[number].source for number in places]
        puts = list(cells_that_put(files))
        seed = self.judge.cells_seed()
        code_numbers = submission.code_numbers
        numbers = [*(0 for _put in puts), *(code_numbers[number] for number in places)]

        def session_of(functions: Sequence[str], *more: str) -> Session:
            cells = [*puts, *sources, *more]
            own = [0] * len(more)
            return Session(self.worker, cells, seed, functions, numbers=[*numbers, *own])

        with session_of(self.judge.functions) as session:
            ran = dict(zip(places, session.ran[len(puts) :], strict=False))

            def missing(function: str) -> Outcome:
                return _missing(function, submission, ran)

            judged = self.judge.take(session, missing)

        def own_code(cell: str, functions: Sequence[str]) -> Session:
            return session_of(functions, cell)

        checks = self.diagnosis.annotate(
            *(self.judge.checks, judged.results, judged.students),
            *(StudentSource(sources), own_code),
        )
        self.students = judged.students
        # The sandbox knows no language.
        said = (*judged.observations, *map(_, session.observations))
        said += tuple(missing_modules(ran.values()))
        said += tuple(went_without(ran, code_numbers, checks))
        return Graded(tuple(checks), ran, said, faults=judged.faults)


def _written(submission: Submission) -> Iterator[WrittenAnswer]:
    """Return the written answers: an unchanged one has no points, as in nbgrader."""
    for cell in submission.cells:
        if cell.part is not None and cell.part.role is Role.ANSWER:
            points = 0.0 if is_as_released(cell) else None
            yield WrittenAnswer(cell.part.id, points, cell.part.points or 0.0)


def _missing(function: str, submission: Submission, ran: Mapping[int, wire.Ran]) -> Outcome:
    """Return the outcome of a check whose function the notebook does not define.

    It says why, as far as can be told. Where its cell stopped because of the sandbox, a person must
    decide.
    """
    stopped: list[Stopped] = []
    own: Stopped | None = None
    for number, each in enumerate(submission.cells):
        if number in ran and ran[number].error is not None:
            stopped.append(Stopped("", each.source, ran[number]))
            if each.part and (each.part.role, each.part.id) == (Role.SOLUTION, function):
                own = stopped[-1]
    cell = cell_that_defines(function, stopped) or own
    if cell is not None:
        because = _("{function} is not defined, because its cell stopped with {error}.")
        message = because.format(function=function, error=cell.trouble)
        if cell.denied is not None:
            message = f"{message} {not_given(cell.denied)}"
            return Outcome(Verdict.NOT_RUN, message=message, undecided=True)
        return Outcome(Verdict.MISSING, message=message)
    message = _(
        "There was no function called {function} after the cells had run. Does its cell "
        "define it under this name, and does the cell run without an error?"
    ).format(function=function)
    return Outcome(Verdict.MISSING, message=message)
