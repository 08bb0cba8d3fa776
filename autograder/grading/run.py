"""Run `grade`: find the submissions, grade them, print a summary and store the results.

Results that are still valid come from the ledger (see `incremental`). A `Source` finds the
submissions; a gradebook receives what has changed, and a dry run only reads it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
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
from autograder.grading.incremental import (
    Grade,
    IncrementalRun,
    IsStored,
    IsUpToDate,
    Record,
    stored,
    up_to_date,
)
from autograder.grading.store import Ledger
from autograder.i18n import _
from autograder.intake.find import SubmissionSource, find
from autograder.intake.roster import Listed, missing
from autograder.intake.written import written_in
from autograder.reports.terminal import run_summary, submission
from autograder.reports.terminal.progress import watched
from autograder.reports.terminal.run_summary import Fault
from autograder.result import (
    SCHEMA_VERSION,
    Change,
    Result,
    Status,
    SubmissionResult,
    Verdict,
)
from autograder.sandbox.isolation import InForce, Isolation

Save = Callable[[Iterable[bytes]], None]
"""Writes the pieces of a result."""

Form = Callable[[Result, Iterable[SubmissionResult]], Iterable[bytes]]
"""Gives the pieces of a result in some form: all but its submissions first, then these."""

Output = tuple[Save, Form]
"""Where a result goes, and in what form."""


@dataclass(frozen=True)
class GradeRequest:
    """The arguments of `grade`.

    Attributes:
        assignment: the assignment.
        paths: where the submissions are; empty to grade what nbgrader finds into its gradebook.
        secret: seeds the inputs.
        workers: how many to grade at once.
        isolation: the least isolation of students' code.
        again: whether unchanged submissions are graded too.
        dry_run: whether to say only whose scores would change.
        scheduler: of the Dask cluster whose workers grade; None for this machine.
        follows: whether a notebook that names its language gets its texts in it.
        trace: whether to look for slips and wrong lines where nothing else explains an answer.
        roster: the students of the course, if a file lists them.
    """

    assignment: Assignment | PlainAssignment
    paths: tuple[Path, ...]
    secret: Secret
    workers: int
    isolation: Isolation
    again: bool
    dry_run: bool
    scheduler: str | None = None
    follows: bool = True
    trace: bool = True
    roster: Sequence[Listed] = ()


@dataclass(frozen=True)
class Source:
    """The submissions to be graded, and how.

    Attributes:
        submissions: the submissions.
        isolation: the least isolation of students' code.
        grade: grades them.
        is_up_to_date: whether a stored result will do.
        is_stored: whether a graded submission has been written where it belongs.
        skipped: a sentence for each other file, which is not graded.
        print_totals: prints the points beside those that were shown.
        missing: the students in the gradebook who submitted nothing.
        without_feedback: counts the students to whom nbgrader cannot give their feedback.
    """

    submissions: Sequence[SubmissionSource]
    isolation: Isolation
    grade: Grade
    is_up_to_date: IsUpToDate = up_to_date
    is_stored: IsStored = stored
    skipped: Sequence[str] = ()
    missing: Sequence[str] = ()
    print_totals: Callable[[Console], None] = lambda _console: None
    without_feedback: Callable[[], int] = lambda: 0


OpenSource = Callable[[GradeRequest, Ledger, InForce, ExitStack], Source]
"""Finds what is to be graded; what it opens for the time of the run, it enters into the stack."""


@dataclass
class RunSummary:
    """A summary of the results.

    Attributes:
        number: the number of results.
        faults: the checks that failed themselves.
        below: whether a submission is below the threshold, or could not be read.
        elsewhere: the number of feedback pages of students unknown to nbgrader's exchange.
    """

    number: int = 0
    faults: dict[str, Fault] = field(default_factory=dict)
    below: bool = False
    elsewhere: int = 0


def run_round(
    request: GradeRequest,
    open_source: OpenSource,
    console: Console,
    outputs: Sequence[Output],
    least: float,
) -> RunSummary:
    """Grade, record the points, write the result, and print a summary.

    Args:
        request: the arguments.
        open_source: finds the submissions.
        console: where to print.
        outputs: where and in which form to write the result.
        least: the percentage below which a submission needs a look.

    Raises:
        KeyboardInterrupt: it was stopped; the text says how far it was. The scores so far are
            printed, and no result is written: that of a part of a class looks like a whole one.
        Exception: the error that stopped it before all was graded; the results so far are written.
    """
    assignment, in_force = request.assignment, InForce()
    with Ledger(assignment, "results" if request.paths else "gradebook") as ledger:
        with ExitStack() as opened:
            source = open_source(request, ledger, in_force, opened)
            if not source.submissions:
                print_skipped(console, source.skipped)
                where = ", ".join(map(str, request.paths)) or "submitted/"
                none = _("No notebook for {assignment} was found in {places}.")
                raise ValueError(none.format(assignment=assignment.name, places=where))
            depends = dependencies(
                *(assignment, request.secret, source.isolation),
                follows=request.follows,
                trace=request.trace,
            )
            this = IncrementalRun(
                ledger,
                source.submissions,
                depends,
                again=request.again,
                is_up_to_date=source.is_up_to_date,
                is_stored=source.is_stored,
            )
            stopped = this.grade(source.grade, in_force, watched)
        in_part = isinstance(stopped, KeyboardInterrupt) and this.done < len(this.submissions)
        if this.done or stopped is None:
            result = result_of(assignment, request.secret, this.in_force.layers, ())
            if in_force.processors:
                processors = "; ".join(sorted(in_force.processors))
                result = msgspec.structs.replace(result, processor=processors)
            if not request.dry_run:
                this.record()  # first of all: the output may be closed, and the disk full
            try:
                for save, form in () if in_part else outputs:
                    save(form(result, this.results()))
            finally:
                _conclude(this, console, result, dry_run=request.dry_run)
                source.print_totals(console)
                print_skipped(console, source.skipped)
                students = [each.student for each in source.submissions]
                listed_ones = missing(request.roster, students)
                run_summary.missing(console, dict.fromkeys([*source.missing, *listed_ones]))
        summary = _summarize(this.results(), least)
        summary.elsewhere = source.without_feedback()
    if in_part:
        raise KeyboardInterrupt(_how_far(this, request, outputs)) from stopped
    if stopped is not None:
        raise stopped
    return summary


def _how_far(this: IncrementalRun, request: GradeRequest, outputs: Sequence[Output]) -> str:
    """Say how far a round was when it was stopped, and how to go on."""
    far = [
        _("stopped after {number} of {all} submissions.").format(
            number=this.done, all=len(this.submissions)
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
) -> Source:
    """Return the submissions at the paths that were named."""
    assignment = request.assignment
    submissions = find(
        request.paths,
        assignment.name,
        others(assignment),
        assignment.notebooks,
        written_in(assignment),
    )
    return Source(
        submissions,
        request.isolation,
        grade_without_gradebook(request, request.isolation, in_force),
    )


def grade_without_gradebook(request: GradeRequest, level: Isolation, in_force: InForce) -> Grade:
    """Return a function that grades submissions and leaves the gradebook alone."""

    def grade(left: Sequence[SubmissionSource], _record: Record) -> Iterator[SubmissionResult]:
        return grade_all(
            request.assignment,
            left,
            request.secret,
            workers=request.workers,
            isolation=level,
            in_force=in_force,
            scheduler=request.scheduler,
            follows=request.follows,
            trace=request.trace,
        )

    return grade


def _conclude(this: IncrementalRun, console: Console, result: Result, *, dry_run: bool) -> None:
    """Print the summary of a run; changes count as said when printing them has not failed."""
    if dry_run:
        recorded = this.ledger.anything_recorded
        run_summary.would_change(console, this.changes, anything_recorded=recorded)
    else:
        run_summary.marks(console, result, this.names, this.results)
        run_summary.changed(console, partial(_unsaid, this), this.ledger.log)
        console.file.flush()
        this.ledger.forget_unsaid()
    if FORGEABLE in result.isolation:
        forgeable = _(
            "The tests of {name} are plain asserts. They ran in the students' own "
            "processes, so a student who tries to can forge their results."
        )
        console.print(forgeable.format(name=result.assignment))
    run_summary.notes(console, this.unchanged, len(this.submissions), this.ledger.troubles)


def _unsaid(this: IncrementalRun) -> Iterator[Change]:
    """Return the changes that were not printed yet: of this run, and of one that was killed."""
    yield from this.ledger.unsaid()
    yield from this.changes()  # could not be recorded


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
                fault = Fault(each.why(check) or "")
                summary.faults.setdefault(check.id, fault).learners += 1
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
