"""Grade the author's own solution before anything counts.

The commands that build, release and grade an assignment have it graded in the sandbox, as a
student's submission is, and run the visible checks of a lesson in its notebook. If the solution
does not get full points, correct work of students would lose points too, so the command stops and
says why. Cells that a person marks have no part in it.

A success is stored in `.autograder/<assignment>/`, with a digest of everything that it depends on.
Until any of that changes, the solution is not tried again.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator
from dataclasses import replace

import msgspec

from autograder.course.asserts_assignment import PlainAssignment
from autograder.course.assignment import Assignment
from autograder.course.builder import build
from autograder.course.lesson import Lesson, Role, source_path
from autograder.course.secret import public
from autograder.grading.asserts import PlainGrader
from autograder.grading.fingerprint import dependencies
from autograder.grading.grader import Grader
from autograder.grading.outcome import MAX_ATTEMPTS
from autograder.grading.pool import RunConfig
from autograder.grading.store import folder_of, make_folder
from autograder.i18n import _
from autograder.intake.find import SubmissionSource, find_of_student
from autograder.intake.parse import Rejected, document
from autograder.intake.reconcile import is_python, language_of
from autograder.reports.atomic_write import saver
from autograder.result import Status, SubmissionResult
from autograder.sandbox.host.monitor import ProcessDeaths
from autograder.sandbox.host.session import Session
from autograder.sandbox.host.worker import Worker
from autograder.sandbox.isolation import Isolation, SandboxError
from autograder.sandbox.protocol import wire

FILE = "trial.json"

SEED = public(0)
"""Replaces the course's secret, which need not exist when a lesson is built."""

LEVEL = Isolation.PROCESS
"""The author's code is trusted. All layers are put on, but a machine that lacks one may try it."""

NOTEBOOK = (Role.SETUP, Role.RUNNER, Role.SOLUTION, Role.VISIBLE)
"""The cells of a lesson that are run for its visible checks; experiments may take minutes."""


class TrialFailed(ValueError):
    """The author's own solution does not get full points; the text says why."""


def demand_full_points(assignment: Assignment | PlainAssignment, *, force: bool = False) -> None:
    """Grade the author's own solution, unless that was done and nothing has changed.

    With `force`, only a notebook for another language than Python is tried, because no student
    could get points for it.

    Raises:
        TrialFailed: the solution does not get full points, or it cannot be graded here.
        BadAssignment: the assignment's files do not fit together.
    """
    foreign = _foreign(assignment)
    if force and foreign is None:
        return
    try:
        if (folder_of(assignment) / FILE).read_bytes() == _digest(assignment):
            return
    except OSError:
        pass  # it was not tried yet
    try:
        reason = shortfall(assignment)
    except SandboxError as error:
        untried = _(
            "The solution of {name} could not be tried: {reason} `--force` goes on without a trial."
        )
        raise TrialFailed(untried.format(name=assignment.name, reason=error.said(_))) from error
    if reason is not None:
        raise TrialFailed(foreign or reason)
    with contextlib.suppress(OSError):  # the next command tries it again
        store_success(assignment)


def store_success(assignment: Assignment | PlainAssignment) -> None:
    """Store that the author's solution got full points with all that this depends on."""
    path = folder_of(assignment) / FILE
    make_folder(path.parent)
    saver(path)([_digest(assignment)])


def _digest(assignment: Assignment | PlainAssignment) -> bytes:
    depends = dict(dependencies(assignment, RunConfig.of(assignment, SEED, LEVEL)))
    return hashlib.sha256(msgspec.json.encode(depends)).hexdigest().encode()


def _foreign(assignment: Assignment | PlainAssignment) -> str | None:
    """Say what to do about a notebook for another language; None if there is none."""
    if isinstance(assignment, PlainAssignment):
        for path in assignment.paths:
            try:
                metadata = document(path.read_bytes())[0].get("metadata")
            except Rejected:
                continue  # loading the assignment says why
            language = language_of(metadata if isinstance(metadata, dict) else {})
            if not is_python(language):
                other = _(
                    "{path} is for {language}, and its cells do not run as Python. Only Python can "
                    "be graded. If it is Python, choose a Python kernel for it and save it."
                )
                return other.format(path=path.relative_to(assignment.root), language=language)
    return None


def shortfall(assignment: Assignment | PlainAssignment) -> str | None:
    """Return why the author's own solution does not get full points; None if it does."""
    with Worker(LEVEL) as worker:
        if isinstance(assignment, PlainAssignment):
            source = find_of_student(
                assignment.folder, assignment.name, "source", assignment.notebooks
            )
            # Files beside the author's notebooks are given by the course, not by the submission.
            source = replace(source, files=())
            result = PlainGrader(assignment, worker, SEED).grade(source)
            return _of_result(assignment.name, result)
        lesson = build(assignment)
        result = Grader(assignment, worker, SEED).grade(_solution(assignment, lesson))
        return _of_result(assignment.name, result) or _of_notebook(lesson, worker)


def _solution(assignment: Assignment, lesson: Lesson) -> SubmissionSource:
    import nbformat  # takes a second to import

    content = nbformat.writes(lesson.source_notebook()).encode()
    return SubmissionSource("source", str(source_path(assignment)), lambda: content)


def _of_result(name: str, result: SubmissionResult) -> str | None:
    if result.status is Status.REJECTED:
        rejected = _("The author's own solution of {name} cannot be graded: {reason} {advice}")
        return rejected.format(name=name, reason=result.reason, advice=_advice())
    lost = [each for each in result.checks if each.points is None or each.points < each.max_points]
    if not lost:
        return None
    first = lost[0]
    if first.id in result.faults:
        itself = _(
            "The check {check} of {name} itself failed when the author's own solution was graded: "
            "{fault}. Students' points would stay open too: fix the check, or use --force."
        )
        return itself.format(check=first.id, name=name, fault=result.faults[first.id])
    fewer = _(
        "The author's own solution of {name} gets {points} of {most} points. {check}: {reason} "
        "{advice}"
    )
    return fewer.format(
        name=name,
        points=f"{result.score:g}",
        most=f"{result.max_score:g}",
        check=first.id,
        reason=" ".join([first.message or "", *result.observations]).strip(),
        advice=_advice(),
    )


def _of_notebook(lesson: Lesson, worker: Worker) -> str | None:
    """Run the visible checks as a student does who runs all cells of the notebook."""
    parts = [part for part in lesson.parts if part.role in NOTEBOOK]
    worker.prepare(())  # the cells that it usually starts with are among these
    sources = [part.source for part in parts]
    for _attempt in range(MAX_ATTEMPTS):
        before = replace(worker.deaths)
        with Session(worker, sources, SEED.seed("cells", "")) as session:
            ran = list(session.ran)
        if worker.deaths.since(before) == ProcessDeaths():
            break  # no process was killed by something else
    for part, each in zip(parts, ran, strict=False):
        if each.error is not None:
            stopped = _(
                "The author's own solution of {name} stops in the built notebook. {cell}: {reason} "
                "{advice}"
            )
            return stopped.format(
                name=lesson.name,
                cell=part.id,
                reason=" ".join(_shown(each)),
                advice=_advice(),
            )
    return None


def _shown(ran: wire.Ran) -> Iterator[str]:
    """Return what a stopped cell says: its table of checks, or the exception."""
    assert ran.error is not None  # noqa: S101  # our caller has looked
    for each in ran.outputs:
        if each.kind == "text/plain":
            yield " ".join(each.data.split())
    yield f"{ran.error.type}: {ran.error.message.strip()}."


def _advice() -> str:
    return _("Correct work of students would lose points too: fix it, or use --force.")
