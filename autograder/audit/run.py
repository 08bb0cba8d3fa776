"""Run an audit: grade a class of notebooks whose scores are known."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TypeVar

import numpy as np

import autograder
from autograder.audit import findings as audit
from autograder.audit.findings import AnswerKind, Audit, AuditFinding, Subject
from autograder.audit.records import (
    EQUIVALENTS,
    SURVIVORS,
    load_equivalents,
    load_records,
    stale,
)
from autograder.checking.mutants import mutants
from autograder.checking.mutation_operators import OPERATORS
from autograder.course import secret
from autograder.course.assignment import Assignment
from autograder.course.builder import build
from autograder.course.lesson import Lesson
from autograder.grading.batch import grade_all
from autograder.grading.pool import RunConfig
from autograder.intake.find import SubmissionSource
from autograder.result import SubmissionResult
from autograder.sandbox.isolation import Isolation

T = TypeVar("T")

Watch = Callable[[Iterator[SubmissionResult], int], Iterator[SubmissionResult]]
"""Passes the results on and shows the progress; the second argument is their number."""


def run(
    assignment: Assignment,
    *,
    workers: int,
    seeds: int = 10,
    sample: int | None = None,
    watch: Watch = lambda results, _total: results,
) -> Audit:
    """Audit the checks of an assignment.

    All answers but the mutants are graded `seeds` times, each time with new inputs. `sample` is how
    many equivalents, mistakes and mutants are graded; None for all.
    """
    lesson, reference = build(assignment), assignment.reference
    functions = lesson.functions
    records = load_records(assignment.folder / SURVIVORS)
    every = [each for name in functions for each in mutants(reference, name, OPERATORS)]
    known = audit.subjects(
        reference,
        functions,
        _sampled(load_equivalents(assignment.folder / EQUIVALENTS), sample),
        _sampled(assignment.mistakes, sample),
    )
    slips = [audit.of_mutant(each, reference, functions) for each in _sampled(every, sample)]
    plan = [known] * seeds
    plan[0] = [*known, *slips]

    def graded() -> Iterator[SubmissionResult]:
        for seed, group in enumerate(plan):
            found = [  # a notebook is made when it is read
                SubmissionSource(each.name, each.kind, partial(_notebook, lesson, each))
                for each in group
            ]
            key = secret.public(seed)
            run_config = RunConfig.of(assignment, key, Isolation.FULL, trace=False)
            for each in grade_all(run_config, found, workers=workers):
                yield each.result

    calling = audit.callers(reference, functions)
    asked = [(subject, seed) for seed, group in enumerate(plan) for subject in group]
    findings: list[AuditFinding] = []
    broken: tuple[str, ...] = ()
    for (subject, seed), result in zip(asked, watch(graded(), len(asked)), strict=True):
        is_reference = subject.kind is AnswerKind.REFERENCE  # the first of each group
        known_broken = () if is_reference else broken
        findings.append(audit.judge(subject, result, seed, calling, records, known_broken))
        if is_reference:
            broken = findings[-1].undecided
    caught = {(each.function, each.diff) for each in findings if each.right}
    return Audit(
        schema_version=audit.SCHEMA_VERSION,
        assignment=assignment.name,
        assignment_digest=assignment.digest,
        grader=autograder.__version__,
        numpy=np.__version__,
        seeds=seeds,
        mutants=len(every),
        findings=tuple(findings),
        idle=audit.idle(assignment.checks, findings) if sample is None else (),
        stale=stale(records, every, caught),
        kept=audit.kept_points(assignment.checks, findings),
    )


def _sampled(every: Sequence[T], size: int | None) -> Sequence[T]:
    """Return a random sample in its order, the same each time."""
    if size is None or size >= len(every):
        return every
    drawn = random.Random(0).sample(range(len(every)), size)  # noqa: S311  # no secret
    return [every[number] for number in sorted(drawn)]


def _notebook(lesson: Lesson, subject: Subject) -> bytes:
    import nbformat  # importing takes a second, which other commands need not wait

    text: str = nbformat.writes(lesson.filled(subject.written))
    return text.encode()
