"""Find slips in the reference that give a student's answers, place by place.

The slips are the audit's mutants. Their answers are computed as those of known mistakes are, and
cached for the class. A slip counts if the student answers like it in every call, at every place
that it gets wrong, and if at least MIN_CALLS calls show it.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache
from types import ModuleType
from typing import TypeVar

import numpy as np

from autograder.checking.diagnosis.comparison import (
    AnswerPath,
    Parts,
    differing_paths,
    equal_at,
    is_unbounded,
)
from autograder.checking.diagnosis.evidence import MAX_UNBOUNDED, Evidence, is_numeric
from autograder.checking.diagnosis.findings import ANSWER, SOME_TERM, Finding
from autograder.checking.diagnosis.replay import CallSeries, NotAnswered
from autograder.checking.diagnosis.slips import Slip, slip
from autograder.checking.mistakes import function_source
from autograder.checking.mutants import bare, mutants
from autograder.checking.mutation_operators import DIAGNOSED

MIN_CALLS = 2
"""Calls that have to show a slip."""

MIN_NUMBERS = 3
"""Different numbers that have to show a slip: decisions, 0 or 1, are alike by chance too easily."""

VAGUE = (
    *("slip_name", "slip_index", "slip_size", "slip_number", "slip_exchanged"),
    *("slip_comparison", "slip_condition", "slip_reversed", "slip_sign"),
)
"""Kinds that are not told: other code gives the same answers too easily."""

MISSING = ("slip_left_out", "slip_not_divided")
"""Kinds that are told without the name of a term, too."""

Paths = frozenset[AnswerPath]
T = TypeVar("T")


def reference_slips(evidence: Evidence, *, named: bool = True) -> list[Finding]:
    """Return the slips that explain wrong places; of several for the same places the first.

    Args:
        evidence: the calls and their answers.
        named: whether to name the term that a slip is about, or else to say that one is missing.
    """
    if evidence.slipped is None or evidence.random or evidence.raised or not evidence.wrong:
        return []
    answers_of = evidence.slipped()
    series = CallSeries(evidence.function, [evidence.calls])
    wrong = frozenset(evidence.wrong)
    known = _known_names(evidence)
    right, every = _mutants(evidence.reference, evidence.function)
    fitting: list[tuple[Slip, Paths]] = []
    for source, tree in every:
        try:
            paths = whole_places(evidence, _explained(evidence, answers_of(series, source)), wrong)
        except NotAnswered:  # it takes too long, or the time is over
            break
        this = slip(right, tree, known) if paths and paths <= wrong else None
        if this is None or this[0] in VAGUE:
            continue
        if named != (SOME_TERM in this[1].values()) and (named or this[0] in MISSING):
            fitting.append((this, paths))
    return [
        Finding(kind, place_names(evidence, paths), None, words)
        for (kind, words), paths in plainest(fitting)
    ]


def place_names(evidence: Evidence, paths: Collection[AnswerPath]) -> tuple[str, ...]:
    """Return what a student calls some wrong places, in the order of the right answer."""
    names = tuple(dict.fromkeys(evidence.place_name(p) for p in evidence.wrong if p in paths))
    return (ANSWER,) if ANSWER in names else names


def whole_places(evidence: Evidence, paths: Paths, wrong: Paths) -> Paths:
    """Leave out the paths of a place, such as a list, that is explained in parts only."""
    name = evidence.place_name
    open_places = {name(path) for path in wrong - paths}
    whole = frozenset(path for path in paths if name(path) not in open_places)
    every = ANSWER not in map(name, whole) or not open_places
    return whole if every else frozenset()


@lru_cache(maxsize=100)
def _mutants(
    reference: ModuleType, function: str
) -> tuple[ast.FunctionDef, Sequence[tuple[str, ast.FunctionDef]]]:
    """Return a function of the reference, and the source and tree of each of its mutants."""
    every = ((each.source, bare(each.source)) for each in mutants(reference, function, DIAGNOSED))
    return bare(function_source(reference, function)), list(every)


def _explained(evidence: Evidence, slipped: Iterable[Parts]) -> frozenset[AnswerPath]:
    """Return the places that a slip gets wrong, if the student answers like it at each of them."""
    own = evidence.student.own_forms
    right = evidence.right.answers
    answers = []
    for mine, theirs, ours in zip(evidence.student.answers, slipped, right, strict=True):
        different = differing_paths(theirs, ours) - own
        if any(path[0] != "returned" or not _fits(mine, theirs, path) for path in different):
            return frozenset()
        answers.append((mine, theirs, different))
    paths = frozenset[AnswerPath]().union(*(different for _, _, different in answers))
    shown = 0
    numbers: set[float] = set()
    for mine, theirs, different in answers:
        if not all(_fits(mine, theirs, path) for path in paths):
            return frozenset()
        shown += any(not is_unbounded(mine, path) for path in different)
        for path in different:
            if is_numeric(theirs.get(path)):
                numbers.update(np.ravel(np.asarray(theirs[path], dtype=np.float64))[:10].tolist())
    if numbers and len(numbers) < MIN_NUMBERS:
        return frozenset()
    for path in paths:
        if sum(is_unbounded(mine, path) for mine, _, _ in answers) > MAX_UNBOUNDED * len(answers):
            return frozenset()
    return paths if shown >= MIN_CALLS else frozenset()


def _fits(mine: Parts, theirs: Parts, path: AnswerPath) -> bool:
    """Return whether two answers are equal at a path, or the student's numbers overflow there."""
    return equal_at(mine, theirs, path) or is_unbounded(mine, path)


def _known_names(evidence: Evidence) -> set[str]:
    """Return the names that a student knows: those in the calls and in the student's own code."""
    known = {*evidence.defaults, *evidence.quantities}
    definition = evidence.source.definition(evidence.function)
    if definition is not None:
        known |= {node.id for node in ast.walk(definition) if isinstance(node, ast.Name)}
    return known


def plainest(fitting: Collection[tuple[T, Paths]]) -> list[tuple[T, Paths]]:
    """Return the slips that explain most: the first for the same places, and none that overlap."""
    most = [each for each in fitting if not any(each[1] < other for _, other in fitting)]
    best: dict[Paths, tuple[T, Paths]] = {}
    for each in most:
        best.setdefault(each[1], each)
    return [
        (this, paths)
        for this, paths in best.values()
        if not any(paths & other for other in best if other != paths)
    ]
