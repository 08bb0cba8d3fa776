"""Many submissions on one machine: a pool of judges, each with a warm worker of its own."""

from __future__ import annotations

import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack
from functools import partial
from multiprocessing.util import Finalize
from pathlib import Path

from autograder.checking.expect import listed
from autograder.checking.result import SubmissionResult
from autograder.course.assignment import Assignment
from autograder.course.secret import Secret
from autograder.grader import Grader
from autograder.intake.archives import Found
from autograder.intake.submission import Rejected
from autograder.sandbox.host import Worker
from autograder.sandbox.isolation import InForce, Isolation, SandboxError

Graded = tuple[SubmissionResult, tuple[str, ...]]
"""A result, and the layers that were in force."""

GIVE_UP = 2
"""Submissions in a row without a sandbox after which it cannot be had at all."""


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

    Where the sandbox breaks under one, that one has no result, for nobody knows whose fault it is:
    a mark of zero might be believed. The others are graded, and only then is it said.

    Args:
        assignment: what is graded.
        found: the submissions.
        secret: what the inputs are made from.
        workers: how many to grade at once.
        isolation: how well learners' code must be kept in.
        in_force: is told what has kept it in.

    Raises:
        SandboxError: the sandbox cannot be had, for these submissions or for any.
    """
    in_force = in_force or InForce()
    failed: list[str] = []
    error: SandboxError | OSError | None = None
    in_a_row = graded = 0
    for student, result in _results(assignment, found, secret, workers, isolation):
        try:
            graded_one, layers = result()
            in_force.note(layers)
            yield graded_one
        except (SandboxError, OSError) as broken:  # no memory, no disk, no descriptors
            failed.append(student)
            error, in_a_row = broken, in_a_row + 1
            if in_a_row == GIVE_UP:
                break
        else:
            in_a_row, graded = 0, graded + 1
    if error is None:
        return
    if not graded:
        raise error
    left = [*failed, *(each.student for each in found[graded + len(failed) :])]
    raise SandboxError(
        f"{error} {graded} of {len(found)} submissions were graded. Grade the others again: "
        f"{listed(left)}."
    ) from error


def _results(
    assignment: Assignment,
    found: Sequence[Found],
    secret: Secret,
    workers: int,
    isolation: Isolation,
) -> Iterator[tuple[str, Callable[[], Graded]]]:
    """Every submission's student, and what gives the result or raises `SandboxError`."""
    # A process of its own takes seconds to start, as long as some ten submissions.
    workers = min(workers, 1 + len(found) // 10)
    if workers <= 1:
        with Worker(isolation) as worker:
            grader = Grader(assignment, worker, secret)
            for each in found:

                def grade(each: Found = each) -> Graded:
                    return grader.grade(each), worker.layers

                yield each.student, grade
        return
    with ProcessPoolExecutor(
        workers,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_start,
        initargs=(assignment.root, assignment.name, secret, isolation),
    ) as pool:
        # A window, so that a class of thousands is never in memory at once.
        waiting: deque[tuple[str, Future[Graded]]] = deque()
        rest = iter(found)
        for each in rest:
            named = (each.student, each.path, each.observations)
            try:
                future = pool.submit(_grade, *named, _content(each))
            except BrokenProcessPool as error:
                future = Future()
                future.set_exception(error)
            waiting.append((each.student, future))
            if len(waiting) >= 4 * workers:
                student, future = waiting.popleft()
                yield student, partial(_result, future)
        for student, future in waiting:
            yield student, partial(_result, future)


def _result(future: Future[Graded]) -> Graded:
    try:
        return future.result()
    except BrokenProcessPool as error:
        raise SandboxError(
            "A process that grades was ended from outside. "
            "Does this machine kill processes for want of memory?"
        ) from error


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


def _grade(student: str, path: str, observations: tuple[str, ...], content: bytes | str) -> Graded:
    assert _grader is not None  # noqa: S101  # the pool has called _start first

    def read() -> bytes:
        if isinstance(content, str):
            raise Rejected(content)
        return content

    return _grader.grade(Found(student, path, read, observations)), _grader.worker.layers
