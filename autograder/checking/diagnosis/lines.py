"""Find the line of a student's function that is wrong, by trying changes and by watching variables.

A change of a line is told if the answers are right with it, at the same places in every call; the
sentence says what is wrong with the line. Where no change helps, the first variable is told that is
wrong although the variables before it are right.
"""

from __future__ import annotations

import ast
import copy
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import msgspec
import numpy as np

from autograder.checking.diagnosis.comparison import (
    AnswerPath,
    Parts,
    RawAnswer,
    alike,
    differing_paths,
    equal_at,
    flatten,
    is_unbounded,
)
from autograder.checking.diagnosis.evidence import (
    MAX_CALLS,
    MAX_UNBOUNDED,
    Evidence,
    is_numeric,
)
from autograder.checking.diagnosis.findings import SOME_TERM, Finding, found, place_name
from autograder.checking.diagnosis.own_code import (
    MAX_NOTES,
    TRACED,
    Ask,
    copies,
    name_of,
    of_copy,
    running,
    traced,
)
from autograder.checking.diagnosis.reference_slips import MIN_CALLS, place_names, plainest
from autograder.checking.diagnosis.relations import MIN_ENTRIES
from autograder.checking.diagnosis.replay import CallSeries, NotAnswered
from autograder.checking.diagnosis.slips import Slip, difference, slip
from autograder.checking.diagnosis.student_source import MAX_NAME
from autograder.checking.mistakes import function_source
from autograder.checking.mutants import bare, stripped, variants
from autograder.checking.mutation_operators import Alike
from autograder.sandbox.protocol import wire

MAX_COPIES = 300
"""Changes of one function that are tried."""

MAX_COMPARED = 10
"""Calls in which an unchanged copy has to answer as the function itself."""

MAX_CHARACTERS = 3000
"""Characters of a function that is changed: each copy is as long."""

VAGUE = ("slip_number", "slip_name", "slip_index", "slip_reversed", "slip_exchanged", "slip_step")
"""Kinds that are told only if no other change makes the same right."""

Edit = tuple[Slip, int]
"""A slip, and the number of its line."""


def lines(evidence: Evidence) -> list[Finding]:
    """Return what is wrong with lines of the student's function, or the first wrong variable."""
    definition = evidence.source.definition(evidence.function)
    if evidence.own_code is None or evidence.random or not evidence.wrong or definition is None:
        return []
    if any(each.functions for each in evidence.own_calls):
        return []
    definition = stripped(copy.deepcopy(definition))
    if len(ast.unparse(definition)) > MAX_CHARACTERS:
        return []
    sources = [ast.unparse(definition), *_changed(definition)]
    cell = copies(evidence.function, sources) + traced(definition)
    with running(evidence.own_code, cell) as ask:
        try:
            if not _is_copy(evidence, ask):
                return []
            findings = _edits(evidence, definition, sources, ask)
            return findings or _first_wrong(evidence, definition, ask)
        except NotAnswered:
            return []


def _is_copy(evidence: Evidence, ask: Ask) -> bool:
    """Whether an unchanged copy answers as the student's function did, where it was wrong."""
    pairs = zip(evidence.own_calls, evidence.student.answers, evidence.right.answers, strict=True)
    wrong = [(call, mine) for call, mine, right in pairs if differing_paths(mine, right)]
    return not any(
        differing_paths(flatten(ask(of_copy(call, 0))), mine) for call, mine in wrong[:MAX_COMPARED]
    )


def _changed(definition: ast.FunctionDef) -> list[str]:
    """Return the changed sources of a function, those with other names last."""
    nodes = list(ast.walk(definition))
    names = {each.id for each in nodes if isinstance(each, ast.Name)} & {
        *(each.id for each in nodes if isinstance(each, ast.Name) and name_of(each)),
        *(each.arg for each in nodes if isinstance(each, ast.arg)),
    }
    stored = {
        each.id for each in nodes if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)
    }
    stored |= {each.arg for each in nodes if isinstance(each, ast.arg)}
    keys = {
        each.value
        for each in nodes
        if isinstance(each, ast.Constant) and isinstance(each.value, str)
    }

    def others(name: str) -> list[str]:
        return sorted((stored if name in names else keys) - {name})

    every = list(variants(definition, Alike(others, frozenset())))
    every.sort(key=lambda each: each[0] == "name")
    return [source for _, source in every[:MAX_COPIES]]


def _edits(
    evidence: Evidence, definition: ast.FunctionDef, sources: Sequence[str], ask: Ask
) -> list[Finding]:
    """Return the changes that make wrong places right."""
    wrong = frozenset(evidence.wrong)
    answers = zip(evidence.own_calls, evidence.student.answers, evidence.right.answers, strict=True)
    calls = [(call, mine, right, wrong_here(mine, right, wrong)) for call, mine, right in answers]
    calls.sort(key=lambda each: len(_telling(each[1], each[3])), reverse=True)
    wrong = frozenset().union(*(_telling(mine, wrong_now) for _, mine, _, wrong_now in calls))
    fitting: list[tuple[Edit, frozenset[AnswerPath]]] = []
    for number, source in enumerate(sources):
        mended = _mended(calls[:MAX_CALLS], wrong, partial(_ask_copy, ask, number))
        if not mended or (evidence.raised and mended != wrong):
            continue  # without the line that raises, the lines before it are right in any case
        tree = bare(source)
        this = slip(tree, definition, (), quote=True)
        if this is not None and SOME_TERM not in this[1].values():
            fitting.append(((this, difference(tree, definition).line), mended))
    fitting.sort(key=lambda each: each[0][0][0] in VAGUE)
    return [
        Finding(kind, place_names(evidence, paths), line, words)
        for ((kind, words), line), paths in plainest(fitting)
    ]


def _telling(mine: Parts, wrong_now: frozenset[AnswerPath]) -> frozenset[AnswerPath]:
    """Return the places of a call that are wrong without an overflow."""
    return frozenset(path for path in wrong_now if not is_unbounded(mine, path))


def _ask_copy(ask: Ask, number: int, call: wire.Call) -> RawAnswer | None:
    return ask(of_copy(call, number))


def _mended(
    calls: Sequence[tuple[wire.Call, Parts, Parts, frozenset[AnswerPath]]],
    wrong: frozenset[AnswerPath],
    ask: Ask,
) -> frozenset[AnswerPath]:
    """Return the places that a change makes right in every call, if it makes none wrong.

    Decisions between 0 and 1 are made right by chance too easily, so several different numbers have
    to be right that were wrong.
    """
    mended = wrong
    shown = unbounded = 0
    every: set[AnswerPath] = set()
    numbers: set[float] = set()
    for call, mine, right, wrong_now in calls:
        answer = flatten(ask(call))
        beyond = {path for path in mended if is_unbounded(answer, path)}
        unbounded += bool(beyond)
        mended = frozenset(
            path for path in mended if path in beyond or equal_at(answer, right, path)
        )
        made_wrong = differing_paths(answer, right) - differing_paths(mine, right) - beyond
        if not mended or made_wrong or unbounded > MAX_UNBOUNDED * len(calls):
            return frozenset()
        fixed = (wrong_now & mended) - beyond
        shown += bool(fixed)
        every |= fixed
        for path in fixed:
            if is_numeric(right[path]):
                numbers.update(np.asarray(right[path], dtype=np.float64).ravel()[:10].tolist())
    return mended & every if shown >= MIN_CALLS and len(numbers) >= MIN_ENTRIES else frozenset()


def wrong_here(mine: Parts, right: Parts, wrong: frozenset[AnswerPath]) -> frozenset[AnswerPath]:
    """Return the wrong places that are wrong in one call."""
    return frozenset(path for path in wrong if not equal_at(mine, right, path))


@dataclass(frozen=True)
class Note:
    """A variable, when it was set.

    Attributes:
        line: the line that set it.
        name: its name.
        value: its value.
    """

    line: int
    name: str
    value: Any


def _first_wrong(evidence: Evidence, definition: ast.FunctionDef, ask: Ask) -> list[Finding]:
    """Return the first variable that is wrong, if two calls agree on it."""
    if evidence.raised or evidence.slipped is None:
        return []
    wrong = frozenset(evidence.wrong)
    chosen = [
        number
        for number, (mine, right) in enumerate(
            zip(evidence.student.answers, evidence.right.answers, strict=True)
        )
        if wrong_here(mine, right, wrong)
    ][:MIN_CALLS]
    if len(chosen) < MIN_CALLS:
        return []
    series = CallSeries(TRACED, [[_traced(evidence.calls[number]) for number in chosen]])
    source = traced(bare(function_source(evidence.reference, evidence.function)))
    answers = evidence.slipped()(series, source)
    findings = []
    for number, parts in zip(chosen, answers, strict=True):
        right = _notes(parts)
        mine = _notes(flatten(ask(_traced(evidence.own_calls[number]))))
        if len(right) >= MAX_NOTES:  # the rest is not known
            return []
        pool = [each.value for each in right]
        pool += [value for value in evidence.right.answers[number].values() if is_numeric(value)]
        pool += [
            every[number] for every in evidence.quantities.values() if every[number] is not None
        ]
        findings.append(_first(mine, right, pool, _feeds(definition), evidence))
    first = findings[0]
    found_in = {None if each is None else each.line for each in findings}
    return [first] if first is not None and found_in == {first.line} else []


def _traced(call: wire.Call) -> wire.Call:
    return msgspec.structs.replace(call, function=TRACED)


def _notes(parts: Parts) -> list[Note]:
    """Return the notes of one call."""
    every: dict[object, dict[object, Any]] = {}
    for path, value in parts.items():
        if len(path) == 3 and path[0] == "returned":
            every.setdefault(path[1], {})[path[2]] = value
    return [
        Note(each[0], each[1], each[2])
        for each in every.values()
        if set(each) == {0, 1, 2} and type(each[0]) is int and isinstance(each[1], str)
    ]


def _first(
    mine: Sequence[Note],
    right: Sequence[Note],
    pool: Sequence[Any],
    feeds: Mapping[str, set[str]],
    evidence: Evidence,
) -> Finding | None:
    """Return the first variable that has a counterpart in the reference, and no right value.

    A variable may hold a multiple of what the reference calls so, and everything may be right. So
    multiples do not count, unless they are returned, and every place that the variable leads to
    must be wrong.
    """
    counts = Counter(each.name for each in mine)
    names = {each.name for each in right}
    # Of what the reference returns, only the last value is known.
    names |= {name for name in evidence.quantities if counts[name] == 1}
    wrong = {place_name(path) for path in evidence.wrong}
    paths = {path for answer in evidence.right.answers for path in answer}
    places = {place_name(path) for path in paths if path[0] == "returned"}
    before = None
    unsure: set[str] = set()  # what depends on variables that have no counterpart
    for each in mine:
        if not is_numeric(each.value):
            continue
        one_number = np.size(each.value) == 1
        same = [other.value for other in right if other.name == each.name]
        if any(_like(each.value, value) for value in (same if one_number and same else pool)):
            before = before if one_number else each
            continue
        leads_to = _reached(each.name, feeds)
        if each.name not in names:
            unsure |= leads_to
            continue
        reached = places & {each.name, *leads_to}
        doubtful = each.name in unsure or (
            not one_number
            and each.name not in wrong
            and any(_multiple(each.value, value) for value in same)
        )
        if doubtful or not reached or not reached <= wrong:
            return None
        if before is None:
            return found("first_wrong_alone", *sorted(reached), line=each.line, name=each.name)
        return found(
            "first_wrong", *sorted(reached), line=each.line, name=each.name, before=before.name
        )
    return None


def _like(mine: Any, right: Any) -> bool:
    one, other = np.asarray(mine), np.asarray(right)
    return one.size == other.size and (
        alike(one.ravel(), other.ravel()) or (one.ndim == 2 and alike(one.T.ravel(), other.ravel()))
    )


def _multiple(mine: Any, right: Any) -> bool:
    one, other = (np.asarray(each, dtype=np.float64).ravel() for each in (mine, right))
    if one.size != other.size or not np.any(other):
        return False
    return alike(one, float(np.sum(one * other) / np.sum(other * other)) * other)


def _feeds(definition: ast.FunctionDef) -> dict[str, set[str]]:
    """Return which variables and keys each name of a function leads to directly."""
    feeds: dict[str, set[str]] = {}
    for node in ast.walk(definition):
        for target, value in _pairs(node):
            for each in ast.walk(value):
                if isinstance(each, ast.Name):
                    feeds.setdefault(each.id, set()).add(target)
    return feeds


def _pairs(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    if isinstance(node, (ast.Assign, ast.AugAssign)):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        for target in targets:
            for each in ast.walk(target):
                name = name_of(each)
                if name is not None:
                    yield name, node.value
    elif isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                yield key.value, value
    elif isinstance(node, ast.Return) and node.value is not None:
        values = node.value.elts if isinstance(node.value, ast.Tuple) else None
        for number, value in enumerate(values or [node.value]):
            yield place_name(("returned", number) if values else ("returned",)), value


def _reached(name: str, feeds: Mapping[str, set[str]]) -> set[str]:
    reached: set[str] = set()
    new = {name}
    while new:
        new = set().union(*(feeds.get(each, set()) for each in new)) - reached
        reached |= new
    return {each for each in reached if len(each) <= MAX_NAME}
