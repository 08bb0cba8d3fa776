"""Find the line of a student's function that is wrong, by trying changes and by watching variables.

A change of a line is told if the answers are right with it, at the same places in every call; the
sentence says what is wrong with the line. Where no change helps, the first variable is told that is
wrong although the variables before it are right.
"""

from __future__ import annotations

import ast
import copy
import itertools
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from inspect import isfunction
from typing import Any

import msgspec
import numpy as np

from autograder.checking.diagnosis.comparison import (
    AnswerPath,
    Parts,
    alike,
    differing_paths,
    equal_at,
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
from autograder.checking.diagnosis.reference_slips import (
    MIN_CALLS,
    place_names,
    plainest,
    whole_places,
)
from autograder.checking.diagnosis.relations import MIN_ENTRIES, Change, changes_of_arguments
from autograder.checking.diagnosis.replay import CallSeries, NotAnswered
from autograder.checking.diagnosis.slips import REVERSED, Slip, difference, slip
from autograder.checking.diagnosis.student_source import MAX_NAME
from autograder.checking.mistakes import function_source
from autograder.checking.mutants import bare, stripped, variants
from autograder.checking.mutation_operators import (
    ADDITIONS,
    DIAGNOSED,
    Operator,
    SimilarNames,
    divided,
    name,
    together,
)
from autograder.sandbox.protocol import wire

MAX_COPIES = 400
"""Changes of one function that are tried."""

MAX_COMPARED = 10
"""Calls in which an unchanged copy has to answer as the function itself."""

MAX_CHARACTERS = 3000
"""Characters of a function that is changed: each copy is as long."""

MANY = 50
"""Numbers in a call that are enough to tell a wrong value from a multiple of the right one."""

MANY_CALLS = 20
"""Calls that are enough to tell a change by its decisions alone, if all of them are right."""

VAGUE = (
    *("slip_number", "slip_name", "slip_index", "slip_size"),
    *("slip_reversed", "slip_exchanged", "slip_step"),
)
"""Kinds that are told only if they make all right, and no other change makes the same right."""

NUMBERED = "*"
"""Stands for the number of a key that is computed."""

Edit = tuple[Slip, int]
"""A slip, and the number of its line."""


def lines(evidence: Evidence) -> list[Finding]:
    """Return what is wrong with lines of the student's function, or the first wrong variable."""
    definition = evidence.source.definition(evidence.function)
    if evidence.own_code is None or not evidence.wrong or definition is None:
        return []
    definition = stripped(copy.deepcopy(definition))
    if len(ast.unparse(definition)) > MAX_CHARACTERS:
        return []
    sources = [ast.unparse(definition), *_changed(definition, _divisors(evidence, definition))]
    cell = copies(evidence.function, sources) + traced(definition)
    with running(evidence.own_code, cell) as ask:
        try:
            if not _is_copy(evidence, ask):
                return []
            findings = _edits(evidence, definition, sources, ask)
            findings = findings or _exchanges(evidence, sources[0], ask)
            return findings or _first_wrong(evidence, definition, ask)
        except NotAnswered:
            return []


def _is_copy(evidence: Evidence, ask: Ask) -> bool:
    """Return whether an unchanged copy gives the student's own answers where those were wrong."""
    pairs = zip(evidence.own_calls, evidence.student.answers, evidence.right.answers, strict=True)
    every = zip(evidence.rounds, pairs, strict=True)
    wrong = [(n, call, mine) for n, (call, mine, right) in every if differing_paths(mine, right)]
    wrong.sort(key=lambda each: each[0])
    answers = ask([of_copy(call, 0) for _, call, _ in wrong[:MAX_COMPARED]])
    return not any(
        differing_paths(answer, mine) for answer, (*_, mine) in zip(answers, wrong, strict=False)
    )


def _divisors(evidence: Evidence, definition: ast.FunctionDef) -> list[str]:
    """Return the different sizes of a function's arrays, under the names of its arguments."""
    arguments = {each.arg for each in definition.args.args}
    different = {tuple(every): size for size, every in reversed(evidence.sizes.items())}
    return [each for each in different.values() if each.partition(".shape")[0] in arguments]


def _changed(definition: ast.FunctionDef, sizes: Sequence[str]) -> list[str]:
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

    more = {"name": _names_set_before(nodes), "divided": divided(sizes), "together": together}
    operators = DIAGNOSED | ADDITIONS | more
    arguments = frozenset(each.arg for each in definition.args.args)
    every = list(variants(definition, SimilarNames(others, arguments), operators))
    every.sort(key=lambda each: each[0] in ("name", "together"))
    return [source for _, source in every[:MAX_COPIES]]


def _names_set_before(nodes: Sequence[ast.AST]) -> Operator:
    """Return an operator that yields other names, but no variable that is set only later."""
    repeats = any(isinstance(each, (ast.For, ast.While, ast.comprehension)) for each in nodes)
    set_in: dict[str, int] = {}
    for each in nodes:
        if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store) and not repeats:
            set_in[each.id] = min(each.lineno, set_in.get(each.id, each.lineno))

    def operator(node: ast.AST, alike: SimilarNames) -> Iterator[ast.AST]:
        line = getattr(node, "lineno", 0)
        for other in name(node, alike):
            if not isinstance(other, ast.Name) or set_in.get(other.id, 0) < line:
                yield other

    return operator


def _edits(
    evidence: Evidence, definition: ast.FunctionDef, sources: Sequence[str], ask: Ask
) -> list[Finding]:
    """Return the changes that make wrong places right."""
    wrong, alive = _try(
        evidence, sources, lambda trial, number: of_copy(evidence.own_calls[number], trial), ask
    )
    fitting: list[tuple[Edit, frozenset[AnswerPath]]] = []
    for trial in alive:
        source, mended = trial.source, whole_places(evidence, trial.mends, wrong)
        if not mended or (evidence.raised and mended != wrong):
            continue  # without the line that raises, the lines before it are right in any case
        tree = bare(source)
        this = slip(tree, definition, (), quote=True)
        if this is None or (evidence.raised and this[0] in ("slip_step", "slip_guard")):
            continue  # without the statement or condition that raises, the rest may be right
        if SOME_TERM not in this[1].values() and (mended == wrong or this[0] not in VAGUE):
            fitting.append(((this, difference(tree, definition).line), mended))
    fitting.sort(key=lambda each: _doubt(each[0][0]))
    return [
        Finding(kind, place_names(evidence, paths), line, words)
        for ((kind, words), line), paths in plainest(fitting)
    ]


def _doubt(this: Slip) -> int:
    """Return how late a slip is told if others explain the same.

    A column times a row is the same entry by entry, so exchanged sides are more likely there.
    """
    kind, words = this
    if kind == "slip_stop":
        return 0
    exchanged = kind == "slip_reversed" and words["operation"] == REVERSED[ast.MatMult]
    return 1 if exchanged else 3 if kind in (*VAGUE, "slip_not_transposed") else 2


def _try(
    evidence: Evidence,
    sources: Sequence[str],
    call_of: Callable[[int, int], wire.Call],
    ask: Ask,
) -> tuple[frozenset[AnswerPath], list[CopyTrial]]:
    """Return the places that are wrong, and the trials that no call rules out.

    Args:
        evidence: the calls and their answers.
        sources: a source for each trial.
        call_of: returns what a trial, by its number, makes of a call, by its number.
        ask: makes calls.
    """
    wrong = frozenset(evidence.wrong)
    pairs = zip(evidence.student.answers, evidence.right.answers, strict=True)
    every = [(mine, right, _telling(mine, wrong_here(mine, right, wrong))) for mine, right in pairs]
    # Every copy makes the first calls, so calls that take many rounds come late.
    rounds, telling = evidence.rounds, [len(places) for *_, places in every]
    order = sorted(range(len(every)), key=lambda n: (not telling[n], rounds[n], -telling[n]))
    wrong = frozenset().union(*(places for *_, places in every))
    alive = [CopyTrial(number, source, wrong) for number, source in enumerate(sources)]
    most = MAX_UNBOUNDED * len(order[:MAX_CALLS])
    for number in order[:MAX_CALLS]:
        mine, right, _ = every[number]
        of_trials = ask([call_of(trial.number, number) for trial in alive])
        before = differing_paths(mine, right)
        alive = [
            trial
            for trial, answer in zip(alive, of_trials, strict=True)
            if trial.goes_on(answer, right, before, most)
        ]
    return wrong, alive


def _exchanges(evidence: Evidence, source: str, ask: Ask) -> list[Finding]:
    """Return which arguments a function takes for each other, or takes with rows for columns.

    The function itself is called with the arguments exchanged back. All its answers have to be
    right then.
    """
    changes = list(_exchanged(evidence))

    def call_of(trial: int, number: int) -> wire.Call:
        return of_copy(evidence.changed(evidence.own_calls[number], changes[trial][1]), 0)

    try:
        wrong, alive = _try(evidence, [source] * len(changes), call_of, ask)
    except (TypeError, wire.BadMessage):  # an argument cannot cross
        return []
    right = [changes[each.number][0] for each in alive if each.mends == wrong and each.always_right]
    return right if len(right) == 1 else []


def _exchanged(evidence: Evidence) -> Iterator[tuple[Finding, Change]]:
    """Yield what may be exchanged: two arrays, or rows and columns of one."""
    arrays = [
        name
        for name in evidence.arguments[0]
        if all(np.ndim(each.get(name, 0)) == 2 for each in evidence.arguments)
    ]
    for one, other in itertools.combinations(arrays, 2):
        shapes = [(np.shape(each[one]), np.shape(each[other])) for each in evidence.arguments]
        if all(first == second for first, second in shapes):
            swapped = partial(_swapped, one, other)
            yield found("as_if_exchanged", first=one, second=other), swapped
    for finding, change in changes_of_arguments(evidence):
        if finding.kind == "as_if_transposed":
            yield finding, change


def _swapped(one: str, other: str, arguments: dict[str, Any]) -> dict[str, Any]:
    return {**arguments, one: arguments[other], other: arguments[one]}


def _telling(mine: Parts, wrong_now: frozenset[AnswerPath]) -> frozenset[AnswerPath]:
    """Return the places of a call that are wrong without an overflow."""
    return frozenset(path for path in wrong_now if not is_unbounded(mine, path))


class CopyTrial:
    """A change to a function, with the places that it has made right in every call so far.

    Decisions between 0 and 1 are made right by chance too easily, so several different values have
    to be right that were wrong, or else all decisions of many calls.

    Args:
        number: the number of the copy.
        source: the changed source.
        wrong: the places that are wrong.
    """

    def __init__(self, number: int, source: str, wrong: frozenset[AnswerPath]) -> None:
        self.number = number
        self.source = source
        self.mended = wrong
        self.shown = self.unbounded = self.calls = 0
        self.always_right = True
        self.every: set[AnswerPath] = set()
        self.values: set[object] = set()
        self.decisions: set[float] = set()
        self.entries: set[tuple[AnswerPath, object]] = set()

    def goes_on(self, answer: Parts, right: Parts, before: set[AnswerPath], most: float) -> bool:
        """Compare the answer to one more call; return False if the change is ruled out.

        Args:
            answer: the changed function's answer.
            right: the right answer.
            before: the paths at which the student's answer is wrong.
            most: the number of calls in which the answer may overflow.
        """
        self.calls += 1
        self.always_right = self.always_right and not differing_paths(answer, right)
        beyond = {path for path in self.mended if is_unbounded(answer, path)}
        self.unbounded += bool(beyond)
        self.mended = frozenset(
            path for path in self.mended if path in beyond or equal_at(answer, right, path)
        )
        if not self.mended or self.unbounded > most:
            return False
        worse = differing_paths(answer, right) - before - beyond
        if not set(map(_whole, worse)) <= set(map(_whole, before)):
            return False
        fixed = (before & self.mended) - beyond
        self.shown += bool(fixed)
        self.every |= fixed
        for path in self.mended:
            value = right.get(path)
            seen: list[object] = []
            if is_numeric(value):
                array = np.asarray(value, dtype=np.float64)
                numbers = array.ravel()[:10].tolist()
                self.decisions.update(numbers)
                seen = numbers
                if array.ndim > 1 and min(array.shape) > 1 and np.ptp(array) > 0:
                    seen = [*seen, *map(tuple, array[:10].tolist())]
            elif isinstance(value, str):
                seen = [value]
            self.values.update(seen if path in fixed else ())
            self.entries.update((path, each) for each in (seen if path in fixed else ()))
        return True

    @property
    def mends(self) -> frozenset[AnswerPath]:
        """The places that were wrong and are right with the change, if enough calls show it."""
        both = self.calls >= MANY_CALLS and self.decisions >= {0.0, 1.0}
        many = len(self.entries) > MIN_ENTRIES and len(self.values - {0.0, 1.0}) > 0
        enough = len(self.values) >= MIN_ENTRIES or (self.always_right and (both or many))
        shown = enough and self.shown >= MIN_CALLS
        return self.mended & self.every if shown or self.right_alone else frozenset()

    @property
    def right_alone(self) -> bool:
        """Whether only one call was wrong, which is right now, with digits that no guess gives."""
        fractions = any(isinstance(each, float) and each % 1 for each in self.values)
        return self.always_right and self.calls >= 2 * MIN_CALLS and fractions


def _whole(path: AnswerPath) -> AnswerPath:
    """Return the path of the list that a number is in: lists of another length differ anywhere."""
    return path[:-1] if len(path) > 2 and isinstance(path[-1], int) else path


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
    """Return the first variable that is wrong, if two calls agree on it and none disagrees."""
    if evidence.raised or evidence.random or evidence.slipped is None:
        return []
    wrong = frozenset(evidence.wrong)
    pairs = zip(evidence.student.answers, evidence.right.answers, strict=True)
    chosen = [n for n, (mine, right) in enumerate(pairs) if wrong_here(mine, right, wrong)]
    # With few numbers, or a single example, a wrong value is too often a multiple of the right one.
    chosen.sort(
        key=lambda n: (evidence.rounds[n], _only_multiples(evidence, n), -_numbers_in(evidence, n))
    )
    del chosen[2 * MIN_CALLS :]
    if len(chosen) < MIN_CALLS:
        return []
    series = CallSeries(TRACED, [[_traced(evidence.calls[number]) for number in chosen]])
    source = traced(bare(function_source(evidence.reference, evidence.function)))
    passed_on = _lines_of_other_functions(evidence, definition)
    answers = evidence.slipped()(series, source)
    told: list[Finding | None] = []
    for number, parts in zip(chosen, answers, strict=True):
        right = _notes(parts)
        (noted,) = ask([_traced(evidence.own_calls[number])])
        mine = _settled(_notes(noted), definition)
        if len(right) >= MAX_NOTES:  # the rest is not known
            return []
        pool = [each.value for each in right]
        pool += [value for value in evidence.right.answers[number].values() if is_numeric(value)]
        pool += [
            every[number] for every in evidence.quantities.values() if every[number] is not None
        ]
        told += _first(mine, right, pool, _feeds(definition), evidence)
    told = [None if each is None or each.line in passed_on else each for each in told]
    certain = [each for each in told if each is not None]
    agree = len(told) == len(certain) >= MIN_CALLS and len({each.line for each in certain}) == 1
    return certain[:1] if agree else []


def _lines_of_other_functions(evidence: Evidence, definition: ast.FunctionDef) -> set[int]:
    """Return the lines that keep what another function of the assignment returns.

    A wrong value there may be this function's fault, and the line may be right.
    """
    others = {name for name, value in vars(evidence.reference).items() if isfunction(value)}
    others.discard(evidence.function)
    lines_there = set()
    for node in ast.walk(definition):
        if isinstance(node, ast.Assign):
            value = node.value
            while isinstance(value, (ast.Subscript, ast.Attribute)):
                value = value.value
            if isinstance(value, ast.Call) and ast.unparse(value.func) in others:
                lines_there.add(node.lineno)
    return lines_there


def _only_multiples(evidence: Evidence, number: int) -> bool:
    """Return whether all that is wrong in a call is a multiple of what is right."""
    mine, right = evidence.student.answers[number], evidence.right.answers[number]
    return all(
        is_numeric(mine.get(path))
        and is_numeric(right.get(path))
        and _multiple(mine[path], right[path])
        for path in wrong_here(mine, right, frozenset(evidence.wrong))
    )


def _numbers_in(evidence: Evidence, number: int) -> int:
    """Return how many numbers a call is about, as far as that counts."""
    arrays = (every[number] for every in evidence.quantities.values())
    return min(sum(each.size for each in arrays if each is not None), MANY)


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
) -> list[Finding | None]:
    """Return the first variable that has a counterpart in the reference, and no right value.

    Return None in its place if it may be right in a form of the student's own, and nothing if the
    call does not tell: all values are like right ones, as zeros are, or multiples of them, or a
    place is wrong after a variable that equals another right value.

    A variable may hold a multiple of what the reference calls so, and everything may be right. So
    multiples do not count, unless they are returned, and every place that the variable leads to
    must be wrong.
    """
    counts = Counter(each.name for each in mine)
    names = {each.name for each in right}
    # Of what the reference returns, only the last value is known.
    # A student may change an argument into a form of their own.
    returned = evidence.quantities.keys() - evidence.defaults.keys()
    names |= {name for name in returned if counts[name] == 1}
    names -= evidence.data_keys
    wrong = {evidence.place_name(path) for path in evidence.wrong}
    paths = {path for answer in evidence.right.answers for path in answer}
    places = {evidence.place_name(path) for path in paths if path[0] == "returned"}
    before = None
    unsure: set[str] = set()  # what depends on variables that have no counterpart
    since = 0  # the line of the first of these
    elsewhere: set[str] = set()  # what depends on variables that equal another right value
    for each in mine:
        if not is_numeric(each.value):
            continue
        one_number = np.size(each.value) == 1
        same = [other.value for other in right if other.name == each.name]
        if any(_like(each.value, value) for value in (same if one_number and same else pool)):
            before = before if one_number else each
            if same and not any(_like(each.value, value) for value in same):
                elsewhere |= _reached(each.name, feeds)
            continue
        if _in_loops({each.name}, elsewhere):
            return []
        leads_to = _reached(each.name, feeds)
        if each.name not in names:
            unsure |= leads_to
            since = since or each.line
            continue
        reached = places & {each.name, *leads_to}
        reached |= _in_loops(places, leads_to) & wrong  # other rounds may lead to the others
        if not reached or not reached <= wrong:
            return [None]
        if each.name in unsure:
            once = all(counts[other.name] == 1 for other in mine if other.line <= each.line)
            if each.name not in wrong or before is None or not once:
                return [None]
            words = {"name": each.name, "before": before.name, "since": str(since)}
            return [Finding("wrong_since", tuple(sorted(reached)), each.line, words)]
        may_be_own = not one_number and each.name not in wrong
        if may_be_own and any(_multiple(each.value, value) for value in same):
            return []  # other calls may show that it is more than another factor
        reached_here = tuple(sorted(reached))
        if before is None or before.name == each.name:
            return [Finding("first_wrong_alone", reached_here, each.line, {"name": each.name})]
        names_here = {"name": each.name, "before": before.name}
        return [Finding("first_wrong", reached_here, each.line, names_here)]
    return []


def _settled(notes: Sequence[Note], definition: ast.FunctionDef) -> list[Note]:
    """Leave out values that the next assignment changes before anything else reads them."""
    reads = {
        (node.id, node.lineno)
        for node in ast.walk(definition)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }
    return [
        note
        for note, after in zip(notes, [*notes[1:], None], strict=False)
        if after is None
        or after.name != note.name
        or after.line <= note.line
        or any(name == note.name and note.line < line < after.line for name, line in reads)
    ]


def _in_loops(places: set[str], reached: set[str]) -> set[str]:
    """Return the places that are reached under a computed key."""
    return {place for place in places if place.rstrip("0123456789") + NUMBERED in reached}


def _like(mine: Any, right: Any) -> bool:
    one, other = np.asarray(mine), np.asarray(right)
    return one.size == other.size and (
        alike(one.ravel(), other.ravel()) or (one.ndim == 2 and alike(one.T.ravel(), other.ravel()))
    )


def _multiple(mine: Any, right: Any) -> bool:
    one, other = (np.asarray(each, dtype=np.float64).ravel() for each in (mine, right))
    if one.size != other.size or not np.any(other) or not np.all(np.isfinite(one)):
        return False
    with np.errstate(all="ignore"):
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
                name = name_of(each) or _computed_key(each)
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


def _computed_key(target: ast.AST) -> str | None:
    """Return the letters of a key that ends in a computed number, such as f"dW{l}"."""
    key = target.slice if isinstance(target, ast.Subscript) else None
    if isinstance(key, ast.JoinedStr) and len(key.values) == 2:
        key = key.values[0]
    elif isinstance(key, ast.BinOp) and isinstance(key.op, (ast.Add, ast.Mod)):
        key = key.left
    else:
        return None
    if not isinstance(key, ast.Constant) or not isinstance(key.value, str):
        return None
    return key.value.removesuffix("%d").removesuffix("%i").removesuffix("%s") + NUMBERED


def _reached(name: str, feeds: Mapping[str, set[str]]) -> set[str]:
    reached: set[str] = set()
    new = {name}
    while new:
        new = set().union(*(feeds.get(each, set()) for each in new)) - reached
        reached |= new
    return {each for each in reached if len(each) <= MAX_NAME}
