"""Grade many submissions: in this process, in a pool of processes, or on a Dask cluster."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from autograder.checking.expect import listed
from autograder.grading.pool import (
    GradedSubmission,
    Pool,
    RunConfig,
    SubmissionGrader,
    SubmissionPayload,
    graded,
)
from autograder.i18n import _
from autograder.intake.find import SubmissionSource
from autograder.sandbox.host.worker import Worker
from autograder.sandbox.isolation import InForce, SandboxError

GIVE_UP = 2
"""Submissions in a row without a sandbox after which it counts as unavailable."""


def grade_all(
    run_config: RunConfig,
    submissions: Sequence[SubmissionSource],
    *,
    workers: int,
    in_force: InForce | None = None,
    scheduler: str | None = None,
) -> Iterator[GradedSubmission]:
    """Yield the outcomes of many submissions, in their order, each as soon as it is ready.

    If the sandbox breaks under a submission, it has no result, because the cause is unknown and a
    score of zero might be believed. All others are graded first, and then the error is raised.

    `in_force` notes the isolation in force and the processors of other machines. `scheduler` is the
    address of a Dask cluster that grades instead of this machine.

    Raises:
        ValueError: Dask is needed and not installed.
        SandboxError: the sandbox is not available, for these submissions or for any.
    """
    in_force = in_force or InForce()
    failed: list[str] = []
    error: SandboxError | OSError | None = None
    in_a_row = done = 0
    if scheduler is None:
        results = _here(run_config, submissions, workers)
    else:
        results = _elsewhere(run_config, submissions, scheduler, in_force)
    try:
        for student, result in results:
            if isinstance(result, SandboxError | OSError):  # no memory, no disk, no descriptors
                failed.append(student)
                error, in_a_row = result, in_a_row + 1
                if in_a_row == GIVE_UP:
                    break
            elif isinstance(result, Exception):
                raise result
            else:
                in_force.note(result.layers)
                yield result
                in_a_row, done = 0, done + 1
    except SandboxError as gone:  # the whole cluster is gone
        error = gone
    if error is None:
        return
    if not done:
        raise error
    left = [*failed, *(each.student for each in submissions[done + len(failed) :])]
    said = error.said(_) if isinstance(error, SandboxError) else error
    some = _(
        "{error} {number} of {all} submissions were graded. Run the command again to "
        "grade the others: {students}."
    )
    raise SandboxError(
        some.format(error=said, number=done, all=len(submissions), students=listed(left))
    ) from error


def _here(
    run_config: RunConfig, submissions: Sequence[SubmissionSource], workers: int
) -> Iterator[tuple[str, GradedSubmission | Exception]]:
    """Yield each student, and the result or the error, graded on this machine."""
    # A process of its own takes seconds to start, as long as some ten submissions.
    workers = min(workers, 1 + len(submissions) // 10)
    if workers <= 1:
        with Worker(run_config.isolation) as worker:
            grader = SubmissionGrader(run_config, worker)
            for each in submissions:
                yield each.student, graded(grader, SubmissionPayload.of(each))
        return
    with Pool(run_config, workers) as pool:
        yield from pool.results(submissions)


def _elsewhere(
    run_config: RunConfig,
    submissions: Sequence[SubmissionSource],
    scheduler: str,
    in_force: InForce,
) -> Iterator[tuple[str, GradedSubmission | Exception]]:
    """Yield each student, and the result or the error, graded on a cluster."""
    try:
        from autograder.grading.dask_cluster import Cluster
    except ModuleNotFoundError as error:
        install = _(
            "To grade on a cluster, install Dask ({module} is missing here): "
            "pip install dask distributed"
        )
        raise ValueError(install.format(module=error.name)) from error
    with Cluster(run_config, scheduler, in_force.processors) as cluster:
        yield from cluster.results(submissions)


def default_workers() -> int:
    """Return the number of processors that this process may use."""
    return len(os.sched_getaffinity(0))
