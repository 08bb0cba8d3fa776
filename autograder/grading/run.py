"""Run `grade`: find the submissions, grade them, print a summary and store the results.

Results that are still valid come from the ledger (see `incremental`). A `GradingJob` finds the
submissions; a gradebook receives what has changed, and a dry run only reads it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

import msgspec
import numpy as np
from rich.console import Console
from rich.text import Text

import autograder
from autograder.course.asserts_assignment import PlainAssignment
from autograder.course.assignment import Assignment, Exercise, others
from autograder.course.secret import Secret
from autograder.grading import fingerprint
from autograder.grading.asserts import FORGEABLE
from autograder.grading.batch import grade_all
from autograder.grading.fingerprint import dependencies
from autograder.grading.incremental import Grade, IncrementalRun, IsStored, IsUpToDate, Record
from autograder.grading.pool import GradedSubmission, RunConfig
from autograder.grading.store import Ledger
from autograder.i18n import _
from autograder.intake.find import SubmissionSource, find
from autograder.intake.roster import Listed, missing
from autograder.intake.written import written_in
from autograder.reports.ci import Output
from autograder.reports.terminal import run_summary, submission
from autograder.reports.terminal.progress import watched
from autograder.reports.terminal.run_summary import FaultCount
from autograder.result import SCHEMA_VERSION, Result, Status, SubmissionResult, Verdict
from autograder.sandbox.isolation import InForce


@dataclass(frozen=True)
class GradeRequest:
    """The arguments of `grade`.

    Attributes:
        run_config: the settings of the run, in which a course may choose another isolation.
        paths: where the submissions are; empty to grade what nbgrader finds into its gradebook.
        again: whether unchanged submissions are graded too.
        dry_run: whether to say only whose scores would change.
        scheduler: the address of the Dask cluster whose workers grade; None for this machine.
    """

    assignment: Assignment | PlainAssignment
    paths: tuple[Path, ...]
    run_config: RunConfig
    workers: int
    again: bool
    dry_run: bool
    scheduler: str | None = None
    roster: Sequence[Listed] = ()

    def grade_all(
        self, run_config: RunConfig, submissions: Sequence[SubmissionSource], in_force: InForce
    ) -> Iterator[GradedSubmission]:
        """Grade submissions where and how many at once the arguments say; see `batch`."""
        workers, scheduler = self.workers, self.scheduler
        return grade_all(
            run_config, submissions, workers=workers, in_force=in_force, scheduler=scheduler
        )


@dataclass(frozen=True)
class GradingJob:
    """The submissions to be graded, and how.

    Attributes:
        is_up_to_date: tells whether a stored result will do.
        is_stored: tells whether a graded submission has been written where it belongs.
        skipped: a sentence for each file that is not graded.
        missing: the students in the gradebook who submitted nothing.
        print_totals: prints the points that the printed scores leave out; it gets the students
            whose file was rejected.
        without_feedback: returns the students to whom nbgrader cannot give their feedback: those
            collected from a platform's zip, and all others.
    """

    submissions: Sequence[SubmissionSource]
    run_config: RunConfig
    grade: Grade
    is_up_to_date: IsUpToDate = lambda _source, _key, _result: True
    is_stored: IsStored = lambda _student: True
    skipped: Sequence[str] = ()
    missing: Sequence[str] = ()
    print_totals: Callable[[Console, Collection[str]], None] = lambda _console, _rejected: None
    without_feedback: Callable[[], tuple[list[str], list[str]]] = lambda: ([], [])


OpenSource = Callable[[GradeRequest, Ledger, InForce, ExitStack], GradingJob]
"""Finds the submissions; everything that it opens for the run is entered into the stack."""


@dataclass
class RunSummary:
    """A summary of the results.

    Attributes:
        below: whether a submission is below the threshold, or could not be read.
        collected: the number of feedback pages of students collected from a platform's zip.
        by_hand: the number of feedback pages of other students unknown to nbgrader's exchange.
    """

    number: int = 0
    faults: dict[str, FaultCount] = field(default_factory=dict)
    below: bool = False
    collected: int = 0
    by_hand: int = 0


def run_round(
    request: GradeRequest,
    open_source: OpenSource,
    console: Console,
    outputs: Sequence[Output],
    least: float,
) -> RunSummary:
    """Grade, record the points, write the result, and print a summary.

    `least` is the percentage below which a submission counts as below the threshold.

    Raises:
        KeyboardInterrupt: it was stopped; the text says how far it was. The scores so far are
            printed, and no result is written: that of a part of a class looks like a whole one.
        Exception: the error that stopped it before all was graded; the results so far are written.
    """
    assignment, in_force = request.assignment, InForce()
    with Ledger(assignment, "results" if request.paths else "gradebook") as ledger:
        with ExitStack() as opened:
            job = open_source(request, ledger, in_force, opened)
            if not job.submissions:
                print_skipped(console, job.skipped)
                where = ", ".join(map(str, request.paths)) or "submitted/"
                none = _("No notebook for {assignment} was found in {places}.")
                raise ValueError(none.format(assignment=assignment.name, places=where))
            run = IncrementalRun(
                ledger,
                job.submissions,
                dependencies(assignment, job.run_config),
                again=request.again,
                is_up_to_date=job.is_up_to_date,
                is_stored=job.is_stored,
            )
            stopped = run.grade(job.grade, in_force, watched)
        in_part = isinstance(stopped, KeyboardInterrupt) and run.done < len(run.submissions)
        if run.done or stopped is None:
            result = result_of(assignment, job.run_config.secret, run.in_force.layers, ())
            if in_force.processors:
                processors = "; ".join(sorted(in_force.processors))
                result = msgspec.structs.replace(result, processor=processors)
            if not request.dry_run:
                run.record()  # first of all: the output may be closed, and the disk full
            try:
                for save, form in () if in_part else outputs:
                    save(form(result, run.results()))
            finally:
                _conclude(run, console, result, dry_run=request.dry_run)
                rejected = (each for each in run.results() if each.status is Status.REJECTED)
                job.print_totals(console, {each.student for each in rejected})
                print_skipped(console, job.skipped)
                unsubmitted = missing(request.roster, [each.student for each in run.submissions])
                run_summary.missing(console, dict.fromkeys([*job.missing, *unsubmitted]))
        summary = _summarize(run.results(), least)
        summary.collected, summary.by_hand = map(len, job.without_feedback())
    if in_part:
        raise KeyboardInterrupt(_how_far(run, request, outputs)) from stopped
    if stopped is not None:
        raise stopped
    return summary


def _how_far(run: IncrementalRun, request: GradeRequest, outputs: Sequence[Output]) -> str:
    """Say how far a round was when it was stopped, and how to go on."""
    far = [
        _("stopped after {number} of {all} submissions.").format(
            number=run.done, all=len(run.submissions)
        )
    ]
    if outputs:
        far.append(_("No result file was written: that happens when all are graded."))
    if request.again:
        far.append(_("Run the same command again; with --again it starts from the beginning."))
    else:
        far.append(_("Run the same command again to continue from there."))
    return " ".join(far)


def open_files(
    request: GradeRequest, _ledger: Ledger, in_force: InForce, _opened: ExitStack
) -> GradingJob:
    """Return the submissions at the paths that were named."""
    assignment = request.assignment
    submissions = find(
        request.paths,
        assignment.name,
        others(assignment),
        assignment.notebooks,
        written_in(assignment),
    )
    grade = grade_without_gradebook(request, request.run_config, in_force)
    return GradingJob(submissions, request.run_config, grade)


def grade_without_gradebook(
    request: GradeRequest, run_config: RunConfig, in_force: InForce
) -> Grade:
    """Return a function that grades submissions and leaves the gradebook alone."""

    def grade(left: Sequence[SubmissionSource], _record: Record) -> Iterator[SubmissionResult]:
        return (each.result for each in request.grade_all(run_config, left, in_force))

    return grade


def _conclude(run: IncrementalRun, console: Console, result: Result, *, dry_run: bool) -> None:
    """Print the summary of a run; changes count as printed unless printing them fails."""
    if dry_run:
        recorded = run.ledger.anything_recorded
        run_summary.would_change(console, run.changes, anything_recorded=recorded)
    else:
        in_gradebook = run.ledger.book == "gradebook"
        run_summary.marks(console, result, run.names, run.results, in_gradebook=in_gradebook)
        # Changes that were not printed yet: of a run that was killed, and that cannot be recorded.
        unsaid = run.ledger.unsaid
        run_summary.changed(console, lambda: chain(unsaid(), run.changes()), run.ledger.log)
        console.file.flush()
        run.ledger.forget_unsaid()
    if FORGEABLE in result.isolation:
        forgeable = _(
            "The tests of {name} are plain asserts. They ran in the students' own "
            "processes, so a student who tries to can forge their results."
        )
        console.print(forgeable.format(name=result.assignment))
    run_summary.notes(console, run.unchanged, len(run.submissions), run.ledger.troubles)


def print_skipped(console: Console, skipped: Iterable[str]) -> None:
    """Print the submitted files that are not graded."""
    for sentence in skipped:
        passed_over = _("not graded: {sentence}")
        console.print(Text(submission.plain(passed_over.format(sentence=sentence))))


def _summarize(results: Iterable[SubmissionResult], least: float) -> RunSummary:
    summary = RunSummary()
    for each in results:
        summary.number += 1
        for check in each.checks:
            if check.verdict is Verdict.GRADER_ERROR:
                fault = FaultCount(each.why(check) or "")
                summary.faults.setdefault(check.id, fault).students += 1
        summary.below |= each.status is Status.REJECTED or each.score < least / 100 * each.max_score
    return summary


def result_of(
    assignment: Exercise,
    key: Secret,
    isolation: tuple[str, ...],
    submissions: tuple[SubmissionResult, ...],
) -> Result:
    """Return a result made here and now."""
    return Result(
        schema_version=SCHEMA_VERSION,
        assignment=assignment.name,
        assignment_digest=assignment.digest,
        grader=autograder.__version__,
        secret_fingerprint=key.fingerprint,
        numpy=np.__version__,
        isolation=isolation,
        submissions=submissions,
        blas=fingerprint.blas(),
        processor=fingerprint.processor(),
        inputs="notebook" if key.own_inputs else "class",
    )
