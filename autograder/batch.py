"""Many submissions on one machine: a pool of judges, each with a warm worker of its own."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import ExitStack
from multiprocessing.util import Finalize
from pathlib import Path

from autograder.checking.result import SubmissionResult
from autograder.course.assignment import Assignment
from autograder.course.secret import Secret
from autograder.grader import Grader
from autograder.intake.archives import Found
from autograder.intake.submission import Rejected
from autograder.sandbox.host import Worker
from autograder.sandbox.isolation import InForce, Isolation


def grade_all(
    assignment: Assignment,
    found: Sequence[Found],
    secret: Secret,
    *,
    workers: int,
    isolation: Isolation = Isolation.FULL,
    in_force: InForce | None = None,
) -> Iterator[SubmissionResult]:
    """The results of many submissions, in their order, each as soon as it is there.

    Args:
        assignment: what is graded.
        found: the submissions.
        secret: what the inputs are made from.
        workers: how many to grade at once.
        isolation: how well learners' code must be kept in.
        in_force: is told what has kept it in.

    Raises:
        SandboxError: the sandbox cannot be had.
    """
    in_force = in_force or InForce()
    # A process of its own takes seconds to start, as long as some ten submissions.
    workers = min(workers, 1 + len(found) // 10)
    if workers <= 1:
        with Worker(isolation) as worker:
            grader = Grader(assignment, worker, secret)
            for each in found:
                result = grader.grade(each)
                in_force.note(worker.layers)
                yield result
        return
    with ProcessPoolExecutor(
        workers,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_start,
        initargs=(assignment.root, assignment.name, secret, isolation),
    ) as pool:
        # A window, so that a class of thousands is never in memory at once.
        waiting: list[Future[tuple[SubmissionResult, tuple[str, ...]]]] = []

        def first() -> SubmissionResult:
            result, layers = waiting.pop(0).result()
            in_force.note(layers)
            return result

        for each in found:
            waiting.append(pool.submit(_grade, each.student, each.path, _content(each)))
            if len(waiting) >= 4 * workers:
                yield first()
        while waiting:
            yield first()


def default_workers() -> int:
    """As many as there are processors to run on."""
    return len(os.sched_getaffinity(0))


def _content(found: Found) -> bytes | str:
    """The bytes of a submission, or why there are none."""
    try:
        return found.read()
    except Rejected as rejected:
        return str(rejected)


_grader: Grader | None = None


def _start(root: Path, name: str, secret: Secret, isolation: Isolation) -> None:
    """Makes the grader of this process."""
    global _grader
    stack = ExitStack()
    Finalize(None, stack.close, exitpriority=10)
    _grader = Grader(Assignment(root, name), stack.enter_context(Worker(isolation)), secret)


def _grade(
    student: str, path: str, content: bytes | str
) -> tuple[SubmissionResult, tuple[str, ...]]:
    assert _grader is not None  # noqa: S101  # the pool has called _start first

    def read() -> bytes:
        if isinstance(content, str):
            raise Rejected(content)
        return content

    return _grader.grade(Found(student, path, read)), _grader.worker.layers
