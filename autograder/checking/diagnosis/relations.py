"""Find what wrong numbers have to do with the right ones, place by place.

A relation counts only if it holds in every call that was made, and a parameter of it, a factor say,
is read off one call and must hold in others: at least MIN_CALLS calls in which the answer is wrong
have to agree.
"""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt

from autograder.checking.diagnosis.comparison import (
    ATOL,
    AnswerPath,
    Item,
    Parts,
    alike,
    equal_at,
    near_entries,
)
from autograder.checking.diagnosis.evidence import (
    MAX_CALLS,
    Evidence,
    Floats,
    is_numeric,
    letters,
    pairs_at,
)
from autograder.checking.diagnosis.findings import Finding, found, merged, place_name
from autograder.checking.diagnosis.replay import CallSeries, NotAnswered
from autograder.checking.mistakes import function_source
from autograder.checking.mutants import bare
from autograder.i18n import N_

Pairs = list[tuple[int, Floats, Floats]]
Change = Callable[[dict[str, Any]], dict[str, Any]]

MIN_CALLS = 2
"""Calls that have to show a relation."""

MIN_ENTRIES = 4
"""Different wrong numbers that have to show a relation."""

FACTORS = {
    "2": 2.0,
    "1/2": 0.5,
    "3": 3.0,
    "10": 10.0,
    "1/10": 0.1,
    "100": 100.0,
    "1/100": 0.01,
    "log 2": np.log(2.0),
    "1 / log 2": 1 / np.log(2.0),
    "log 10": np.log(10.0),
    "1 / log 10": 1 / np.log(10.0),
}
"""Factors that have a name."""

ROUND_NUMBERS = (1, 2, 4, 10, 100)
"""Whole numbers that are written out in the place of an argument."""

Function = Callable[[Floats], Floats]


def _sigmoid(z: Floats) -> Floats:
    return 1 / (1 + np.exp(-np.clip(z, -700, 700)))


TRANSFORMS: dict[str, Function] = {
    N_("the sigmoid"): _sigmoid,
    N_("the tanh"): np.tanh,
    N_("the relu"): lambda z: np.maximum(z, 0),
    N_("the absolute value"): np.abs,
    N_("the square"): np.square,
    N_("the square root"): lambda z: np.sqrt(np.abs(z)),
    N_("the exponential"): lambda z: np.exp(np.clip(z, -700, 700)),
    N_("the logarithm"): lambda z: np.log(np.maximum(z, 1e-300)),
    N_("the negative"): np.negative,
    N_("the reciprocal"): lambda z: 1 / np.where(z == 0, np.inf, z),
    N_("a leaky relu"): lambda z: np.where(z > 0, z, 0.01 * z),
    N_("the sum"): np.sum,
    N_("the mean"): np.mean,
}
"""What a quantity may have been put through."""

INVERTIBLE = ("the sigmoid", "the tanh")
"""Transforms that students forget. Each can be undone, so it leaves no doubt about its input."""


def relations(evidence: Evidence) -> list[Finding]:
    """Return what explains the wrong numbers, each place with the first relation that holds."""
    if evidence.random or evidence.raised:
        return []
    explained: list[Finding] = []
    for path, pairs in _wrong_places(evidence):
        first = next(_relations(evidence, path, pairs), None)
        if first is not None and not (first.kind == "other_shape" and _is_chance(evidence, path)):
            explained.append(first)
    return merged(explained)


def _is_chance(evidence: Evidence, path: AnswerPath) -> bool:
    """Return whether zeros have the right size by chance, as some layers are as large as others."""
    name = letters(place_name(path))
    others = [each for each in evidence.wrong if letters(place_name(each)) == name]
    every = [
        (np.asarray(one[each]), np.asarray(other[each]))
        for one, other in zip(evidence.student.answers, evidence.right.answers, strict=True)
        for each in others
        if each in one and each in other
    ]
    return any(one.size != other.size for one, other in every) and not any(
        np.any(other) for _, other in every
    )


def _wrong_places(evidence: Evidence) -> Iterator[tuple[AnswerPath, Pairs]]:
    """Yield the wrong places that have a name, with the student's and the right numbers there.

    A list of numbers is one place, and so is a dict whose keys are data.
    """
    for path in dict.fromkeys(_group(evidence.named(path)) for path in evidence.wrong):
        grouped = path not in evidence.wrong
        pairs = _members(evidence, path) if grouped else None
        if not grouped:
            pairs = pairs_at(path, evidence.student.answers, evidence.right.answers)
        if pairs:
            yield path, pairs


def _group(path: AnswerPath) -> AnswerPath:
    """Return the path of the list that a number is in."""
    items = [place for place, each in enumerate(path) if isinstance(each, Item)]
    return path[: items[0]] if items else path


def _members(evidence: Evidence, path: AnswerPath) -> Pairs:
    """Return the numbers of a list or dict as arrays; none if a call returns other values."""
    pairs = []
    answers = zip(evidence.student.answers, evidence.right.answers, strict=True)
    for number, (mine, right) in enumerate(answers):
        inside = [each for each in right if each[:-1] == path]
        more = [each for each in mine if each[:-1] == path and each not in right]
        arrays = [_array(each, path, inside) for each in (mine, right)]
        if more and isinstance(more[0][-1], Item):
            arrays[0] = _array(mine, path, [each for each in mine if each[:-1] == path])
        elif more:
            return []
        if arrays[0] is None or arrays[1] is None:
            return []
        pairs.append((number, arrays[0], arrays[1]))
    return pairs[:MAX_CALLS]


def _array(parts: Parts, path: AnswerPath, inside: Sequence[AnswerPath]) -> Floats | None:
    """Return numbers as an array; None if there are others than numbers, or none."""
    whole = parts.get(path)
    if isinstance(whole, np.ndarray) and whole.ndim == 1 and is_numeric(whole):
        return np.asarray(whole, dtype=np.float64)
    values: list[Any] = [parts[each] for each in inside if each in parts]
    if not values or not all(is_numeric(each) and np.ndim(each) == 0 for each in values):
        return None
    return np.array(values, dtype=np.float64)


def where_wrong(evidence: Evidence) -> list[Finding]:
    """Return what is right about wrong numbers: all but their ends, or all but a factor.

    This says where to look, and less than any other method.
    """
    if evidence.random or evidence.raised:
        return []
    explained: list[Finding] = []
    for path, pairs in _wrong_places(evidence):
        other_shape = any(one.shape != other.shape for _, one, other in pairs)
        kinds = (_of_length,) if other_shape else (_of_count, _of_ends, _of_any_factor, _of_rows)
        every = chain.from_iterable(kind(place_name(path), pairs) for kind in kinds)
        first = next(every, None)
        explained += [] if first is None else [first]
    return merged(explained or _not_finite(evidence))


def _not_finite(evidence: Evidence) -> Iterator[Finding]:
    """Look for places that are right but for numbers that are infinite or none.

    With arguments so large that right formulas overflow, too, this is no cause.
    """
    answers = list(zip(evidence.student.answers, evidence.right.answers, strict=True))
    for path in evidence.wrong:
        finite_numbers = shown = 0
        for number, (mine, right) in enumerate(answers):
            one, other = mine.get(path), right.get(path)
            if not (is_numeric(one) and is_numeric(other)):
                break
            a, b = (np.asarray(each, dtype=np.float64) for each in (one, other))
            finite = np.isfinite(a)
            if a.shape != b.shape or not alike(a[finite], b[finite]):
                break
            finite_numbers += int(finite.sum())
            shown += not finite.all() and _is_moderate(evidence.arguments[number])
        else:
            if shown and finite_numbers >= MIN_ENTRIES:
                yield found("not_finite", evidence.place_name(path))


MODERATE = 10.0
"""Largest number in arguments that no formula should overflow with."""


def _is_moderate(value: object) -> bool:
    if isinstance(value, dict | list | tuple):
        return all(map(_is_moderate, value.values() if isinstance(value, dict) else value))
    return not is_numeric(value) or bool(np.all(np.abs(np.asarray(value)) <= MODERATE))


ENDS: tuple[tuple[str, str], ...] = (
    (N_("the first entry"), N_("the first row")),
    (N_("the last entry"), N_("the last row")),
    (N_("the first and the last entry"), N_("the first and the last row")),
    (N_("the first two entries"), N_("the first two rows")),
)
"""What parts of a vector, and of a matrix, are called."""

MIN_ROWS = 3
"""Rows or entries that show where an array is wrong."""

MAX_TRIED = 1000
"""Places, or distances, at which the right rows are looked for among others, and rows that are
fitted: each takes some microseconds in each call."""


def _of_count(place: str, pairs: Pairs) -> Iterator[Finding]:
    """Look for numbers that are counted from the wrong start, or once too often."""
    right = np.concatenate([other.ravel() for _, _, other in pairs])
    wrong = [one - other for _, one, other in pairs if not alike(one, other)]
    off = np.concatenate([each.ravel() for each in wrong]) if len(wrong) >= MIN_CALLS else right[:0]
    decisions = bool(np.isin(right, (0, 1)).all())
    if np.count_nonzero(off) > MIN_CALLS and np.ptp(right) > 0 and not decisions:
        for kind, by in (("one_more", 1), ("one_less", -1)):
            if all(alike(each, by * (np.abs(each) > ATOL)) for each in wrong):
                yield found(kind, place)


def _of_ends(place: str, pairs: Pairs) -> Iterator[Finding]:
    """Look for rows, or entries of a vector, that alone are wrong or right in every call."""
    every: list[set[str]] = []
    shown = 0
    for _, one, other in pairs:
        if alike(one, other):
            continue
        if one.ndim not in (1, 2):
            return
        wrong = _wrong_rows(one, other)
        rows = np.arange(len(wrong))
        ends = [rows == 0, rows == rows[-1], (rows == 0) | (rows == rows[-1]), rows < 2]
        kinds = {f"except {n}" for n, end in enumerate(ends) if np.array_equal(wrong, end)}
        every.append(
            kinds | {f"only {n}" for n, end in enumerate(ends) if np.array_equal(wrong, ~end)}
        )
        shown += len(wrong) >= MIN_ROWS
    for each in sorted(set.intersection(*every)) if shown >= MIN_CALLS else ():
        kind, number = each.split()
        matrix = any(one.ndim == 2 and one.shape[1] > 1 for _, one, _ in pairs)
        yield found(f"right_{kind}", place, part=ENDS[int(number)][matrix])


def _wrong_rows(one: Floats, other: Floats) -> npt.NDArray[np.bool_]:
    """Return of each row, or entry of a vector, whether it is wrong, as `alike` does for one."""
    a, b = (each.reshape(len(each), -1) for each in (one, other))
    wrong: npt.NDArray[np.bool_] = ~np.all(near_entries(a, b, axis=1), axis=1)
    return wrong


def _of_length(place: str, pairs: Pairs) -> Iterator[Finding]:
    """Look for right rows with others around them, and for right rows of which some are missing."""
    odd = [(one, other) for _, one, other in pairs if not alike(one, other)]
    if any(one.ndim != other.ndim or not one.ndim for one, other in odd):
        return
    # A single number, or equal ones, stand in any array by chance.
    if sum(min(len(np.unique(b)) for b in pair) > 1 for pair in odd) < MIN_CALLS:
        return
    for kind, rule in LENGTHS.items():
        if all(map(rule, *zip(*odd, strict=True))):
            yield found(kind, place)


def _has_around(one: Floats, other: Floats) -> bool:
    """Return whether the right rows stand inside, and neither first nor last."""
    size, more = len(other), len(one) - len(other)
    if not 1 < more <= MAX_TRIED or alike(one[:size], other) or alike(one[more:], other):
        return False
    return any(alike(one[start : start + size], other) for start in range(1, more))


LENGTHS: dict[str, Callable[[Floats, Floats], bool]] = {
    "last_missing": lambda a, b: alike(a, b[: len(a)]),
    "first_missing": lambda a, b: alike(a, b[len(b) - len(a) :]) if len(a) < len(b) else False,
    "more_after": lambda a, b: len(a) > len(b) and alike(a[: len(b)], b),
    "more_before": lambda a, b: len(a) > len(b) and alike(a[len(a) - len(b) :], b),
    "more_around": _has_around,
    "some_missing": lambda a, b: any(
        alike(a, b[::n]) for n in range(2, min(len(b), MAX_TRIED) + 1)
    ),
}
"""What may be wrong with an array that has too few or too many rows."""


def _of_rows(place: str, pairs: Pairs) -> Iterator[Finding]:
    """Look for rows or columns that are right up to a factor, or a factor and a shift, of each."""
    wrong = [(one, other) for _, one, other in pairs if not alike(one, other)]
    if len(wrong) < MIN_CALLS or any(one.ndim != 2 for one, _ in wrong):
        return
    for shift, kind in ((False, "factor_of_each"), (True, "scale_of_each")):
        for part, turned in ((N_("each row"), False), (N_("each column"), True)):
            lines = [
                (a, b)
                for one, other in wrong
                for a, b in zip(*((one.T, other.T) if turned else (one, other)), strict=True)
                if np.ptp(b) > 0
            ]
            if len(lines) > MAX_TRIED:
                continue
            telling = sum(len(np.unique(b)) > 2 + shift for _, b in lines)
            if telling >= 2 * MIN_CALLS and all(_is_scaled(a, b, shift=shift) for a, b in lines):
                one_each = all(np.isclose(np.sum(b), 1) for _, b in lines)
                of_each = "sum_of_each" if one_each and not shift else kind
                yield found(of_each, place, part=part)


def _is_scaled(one: Floats, other: Floats, *, shift: bool) -> bool:
    terms = np.stack([other, np.ones_like(other)] if shift else [other], axis=1)
    fit, *_ = np.linalg.lstsq(terms, one, rcond=None)
    return bool(fit[0] > 0) and alike(terms @ fit, one)


def _of_any_factor(place: str, pairs: Pairs) -> Iterator[Finding]:
    """Look for numbers that are right but for a factor, another one in each call."""
    shown = 0
    for _, one, other in pairs:
        size = float(np.sum(other * other))
        factor = float(np.sum(one * other)) / size if size else 0.0
        if factor <= 0 or not alike(one, factor * other):
            return
        shown += int(np.count_nonzero(other)) > MIN_CALLS and not alike(one, other)
    if shown >= MIN_CALLS:
        right = [other for _, _, other in pairs]
        if all(np.isclose(np.sum(each), 1) for each in right):
            yield found("sum_not_one", place)
        elif all(each.ndim == 1 and np.isclose(np.linalg.norm(each), 1) for each in right):
            yield found("length_not_one", place)
        yield found("any_factor", place)


def changed_arguments(evidence: Evidence) -> list[Finding]:
    """Find the arguments that a function changes, where the reference leaves them alone."""
    changed: dict[str, int] = {}
    answers = zip(evidence.calls, evidence.student.answers, evidence.right.answers, strict=True)
    for call, mine, right in answers:
        after = mine.get(("altered",))
        if isinstance(after, tuple) and ("altered",) not in right:
            for (name, before), value in zip(evidence.given(call).items(), after, strict=False):
                changed[name] = changed.get(name, 0) + (not alike(value, before))
    names = [name for name, count in changed.items() if count >= MIN_CALLS]
    return [found("argument_changed", argument=name) for name in names[:1]]


def rounding(evidence: Evidence) -> list[Finding]:
    """Find rounded numbers that are within the tolerance, so that no place counts as wrong."""
    if evidence.random or evidence.wrong or evidence.raised:
        return []
    explained: list[Finding] = []
    for path in dict.fromkeys(path for answer in evidence.right.answers for path in answer):
        if path[0] == "returned":
            pairs = pairs_at(path, evidence.student.answers, evidence.right.answers)
            explained += list(_rounded(evidence.place_name(path), pairs or []))[:1]
    return merged(explained)


def _relations(evidence: Evidence, path: AnswerPath, pairs: Pairs) -> Iterator[Finding]:
    place = evidence.place_name(path)
    with np.errstate(all="ignore"):
        if any(one.shape != other.shape for _, one, other in pairs):
            yield from _of_shape(place, pairs)
            yield from _of_quantities(evidence, place, pairs)
            return
        wrong = [pair for pair in pairs if not alike(pair[1], pair[2])]
        if len(wrong) >= MIN_CALLS and _holds(pairs, np.transpose):
            yield found("transposed", place)
        if len(wrong) < MIN_CALLS or _different([one for _, one, _ in wrong]) < 2:
            yield from _constants(evidence, path, pairs, wrong)
            return
        yield from _constants(evidence, path, pairs, wrong)
        yield from _of_decisions(evidence, place, pairs)
        if sum(one.size for _, one, _ in wrong) < MIN_ENTRIES:
            return
        yield from _of_steps(evidence, path, place, pairs)
        yield from _of_factor(evidence, place, pairs)
        yield from _of_order(place, pairs)
        yield from _of_quantities(evidence, place, pairs)
        yield from _of_value(place, pairs)
        yield from _of_parts(place, wrong)
        yield from _of_products(evidence, place, pairs)
        yield from _of_terms(evidence, place, pairs)
        yield from _of_classes(evidence, path, place, pairs)
        yield from _of_one_example(evidence, path, place, pairs)
        yield from _of_examples(evidence, place, pairs)


def _holds(pairs: Pairs, function: Callable[[Floats], Floats]) -> bool:
    """Return whether the student's numbers are a function of the right ones, in every call."""
    return all(alike(one, function(other)) for _, one, other in pairs)


def _different(arrays: Sequence[Floats]) -> int:
    return len(np.unique(np.concatenate([each.ravel()[:100] for each in arrays])))


def _of_shape(place: str, pairs: Pairs) -> Iterator[Finding]:
    """Compare arrays whose shape is wrong in some call."""
    arrays = [(one, other) for _, one, other in pairs]
    several = [(one, other) for one, other in arrays if other.size > 1]
    odd = sum(one.shape != other.shape for one, other in several)
    if odd >= MIN_CALLS and all(alike(one, other.T) for one, other in several):
        yield found("transposed", place)
    elif _all_are(arrays, lambda a, b: a.size == b.size and alike(a.ravel(), b.ravel())):
        yield found("other_shape", place)
    # Where all numbers are 0, a sum and a mean are right whatever was added up.
    telling = [(one, other) for one, other in arrays if np.any(other)]
    if all(one.size == other.size == 1 for one, other in telling if one.shape != other.shape):
        if _all_are(telling, lambda a, b: alike(a.ravel(), b.ravel())):
            yield found("other_shape", place)
        return
    if sum(one.size != other.size for one, other in telling) < MIN_CALLS:
        return
    if all(np.isin(other, (0, 1)).all() for _, other in arrays):
        return  # of decisions, a mean or a sum is right by chance
    if _all_are(telling, lambda a, b: b.size == 1 and alike(a.mean(), b.ravel()[0])):
        yield found("not_averaged", place)
    elif _all_are(telling, lambda a, b: b.size == 1 and alike(a.sum(), b.ravel()[0])):
        yield found("not_summed", place)
    elif _all_are(telling, lambda a, b: a.size == 1 and alike(a.ravel()[0], b.sum())):
        yield found("summed_up", place)
    elif _all_are(telling, lambda a, b: a.size == 1 and alike(a.ravel()[0], b.mean())):
        yield found("averaged_up", place)


def _all_are(
    pairs: Sequence[tuple[Floats, Floats]], rule: Callable[[Floats, Floats], bool]
) -> bool:
    """Return whether a rule explains all pairs whose shapes differ, and the others are equal."""
    odd = sum(one.shape != other.shape for one, other in pairs)
    return odd >= MIN_CALLS and all(
        alike(one, other) if one.shape == other.shape else rule(one, other) for one, other in pairs
    )


def _constants(
    evidence: Evidence, path: AnswerPath, pairs: Pairs, wrong: Pairs
) -> Iterator[Finding]:
    place = evidence.place_name(path)
    flat = np.concatenate([one.ravel() for _, one, _ in pairs])
    right = np.concatenate([other.ravel() for _, _, other in pairs])
    if len(pairs) < MIN_CALLS or not wrong or np.ptp(right) == 0:
        if len(pairs) >= MIN_CALLS and wrong and not np.any(right):
            yield found("not_zero", place)
        return
    if np.ptp(flat) == 0 and flat.size >= MIN_ENTRIES and flat[0] in (-1.0, 0.0, 1.0):
        mine = np.asarray(evidence.student.answers[pairs[0][0]].get(path))
        value = str(bool(flat[0])) if mine.dtype == bool else str(int(flat[0]))
        yield found("constant", place, value=value)
    elif all(np.ptp(one) == 0 for _, one, _ in pairs) and sum(np.ptp(r) > 0 for *_, r in pairs) > 1:
        if _holds(pairs, lambda right: np.full(right.shape, right.sum())):
            yield found("summed_up", place)
        elif _holds(pairs, lambda right: np.full(right.shape, right.mean())):
            yield found("averaged_up", place)
        yield found("one_number", place)


def _of_decisions(evidence: Evidence, place: str, pairs: Pairs) -> Iterator[Finding]:
    """Compare where 0 and 1 are asked for, or were returned."""
    mine = {float(x) for _, one, _ in pairs for x in np.unique(one)}
    right = {float(x) for _, _, other in pairs for x in np.unique(other)}
    if right <= {0.0, 1.0}:
        if _holds(pairs, lambda r: 1 - r):
            yield found("complement", place)
        elif mine <= {-1.0, 0.0, 1.0} and _holds(pairs, lambda r: 2 * r - 1):
            yield found("other_labels", place)
        elif mine - {0.0, 1.0} and all(
            alike((one > 0.5).astype(float), other) for _, one, other in pairs
        ):
            between = min(mine) >= 0 and max(mine) <= 1
            yield found("undecided" if between else "other_labels", place)
    elif (
        mine <= {0.0, 1.0} and max(right) <= 1 and _holds(pairs, lambda r: (r > 0.5).astype(float))
    ):
        yield found("decided", place)
    elif mine <= {0.0, 1.0} and _holds(pairs, _at_most_one) and _counts(evidence):
        yield found("counted_once", place)


def _counts(evidence: Evidence) -> bool:
    """Return whether the reference counts or adds up, as far as its source shows."""
    tree = ast.parse(function_source(evidence.reference, evidence.function))
    return any(
        (isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add))
        or getattr(node, "attr", getattr(node, "id", None)) in COUNTING
        for node in ast.walk(tree)
    )


COUNTING = frozenset(
    (
        "sum",
        "nansum",
        "cumsum",
        "add",
        "count",
        "count_nonzero",
        "bincount",
        "Counter",
        "value_counts",
    )
)
"""Functions and methods that count or add up."""


def _at_most_one(right: Floats) -> Floats:
    smaller: Floats = np.minimum(right, 1)
    return smaller


def _of_factor(evidence: Evidence, place: str, pairs: Pairs) -> Iterator[Finding]:
    if _holds(pairs, np.negative):
        yield found("wrong_sign", place)
        return
    factors: dict[int, float] = {}
    for number, one, other in pairs:
        if not np.any(other):
            if np.any(one):
                return
            continue
        factor = float(np.sum(one * other) / np.sum(other * other))
        if not alike(one, factor * other) or factor == 0:
            return
        factors[number] = factor
    yield from _named(evidence, place, factors, ("too_large", "too_small", "multiple"))


def _named(
    evidence: Evidence, place: str, factors: dict[int, float], kinds: tuple[str, str, str]
) -> Iterator[Finding]:
    """Name a factor of each call: a size of the arguments, one over it, or a number."""
    values = np.array(list(factors.values()))
    if len(values) < MIN_CALLS + 1:
        return
    if np.ptp(values) < 1e-4 * np.max(np.abs(values)):
        name = next((n for n, v in FACTORS.items() if np.isclose(values[0], v, rtol=1e-4)), None)
        if name is not None:
            yield found(kinds[2], place, factor=name)
        return
    sizes = {name: np.array([every[n] for n in factors]) for name, every in evidence.sizes.items()}
    for expression, factor in _expressions(sizes):
        if np.ptp(factor) == 0 or not np.all(np.isfinite(factor)) or np.any(factor == 0):
            continue
        if np.allclose(values, factor, rtol=1e-4, atol=0):
            yield found(kinds[0], place, factor=expression)
        elif np.allclose(values, 1 / factor, rtol=1e-4, atol=0):
            yield found(kinds[1], place, factor=expression)


def _expressions(sizes: dict[str, Floats]) -> Iterator[tuple[str, Floats]]:
    """Yield the sizes and what formulas have of them, the simplest first."""
    varied = {name: each for name, each in sizes.items() if np.ptp(each) > 0}
    for name, each in varied.items():
        yield name, each
        yield f"{name}²", each**2
    if any(len(np.unique(each)) > MIN_CALLS for each in varied.values()):
        for name, each in varied.items():
            yield f"√{name}", np.sqrt(each)
        for (one, a), (other, b) in itertools.permutations(varied.items(), 2):
            if one < other:
                yield f"{one} * {other}", a * b
                yield f"{one} / {other}", a / b
            yield f"({one} - {other})", a - b
            for name, each in varied.items():
                if name not in (one, other):
                    yield f"({one} - {other}) / {name}", (a - b) / each


def _of_order(place: str, pairs: Pairs) -> Iterator[Finding]:
    """Look for numbers, or rows, in the reverse order."""
    telling = sum(len(np.unique(other)) > MIN_CALLS for _, one, other in pairs if one.ndim)
    early = all(one.ndim == 1 and alike(one[:-1], other[1:]) for _, one, other in pairs)
    if telling >= MIN_CALLS and early:
        yield found("shifted", place)
    if telling >= MIN_CALLS and _holds(pairs, lambda r: r[::-1] if r.ndim else r):
        yield found("reverse_order", place)


def _of_quantities(evidence: Evidence, place: str, pairs: Pairs) -> Iterator[Finding]:
    """Compare with the other quantities that the function is about."""
    numbers = [number for number, _, _ in pairs]
    mine = {number: one for number, one, _ in pairs}
    right = {number: other for number, _, other in pairs}
    pool = {
        name: {number: every[number] for number in numbers}
        for name, every in evidence.quantities.items()
        if name != place and all(every[number] is not None for number in numbers)
    }

    def same(values: dict[int, Any], function: Function, of: dict[int, Floats]) -> bool:
        return all(alike(of[number], function(values[number])) for number in numbers)

    if len({float(number) for one in mine.values() for number in one.ravel()[:100]}) < 2:
        return  # numbers that are all the same equal too much
    for name, values in pool.items():
        if same(values, np.array, mine) and not same(values, np.array, right):
            yield found("equals", place, other=name)
    for name, sizes in evidence.sizes.items():
        here = np.array([sizes[number] for number in numbers])
        if np.ptp(here) > 0 and all(alike(one, sizes[number]) for number, one, _ in pairs):
            yield found("equals", place, other=name)
    for name, values in pool.items():
        for transform, function in TRANSFORMS.items():
            if same(values, function, mine) and not same(values, function, right):
                yield found("equals_transformed", place, transform=transform, other=name)


def _of_value(place: str, pairs: Pairs) -> Iterator[Finding]:
    flat = np.concatenate([one.ravel() for _, one, _ in pairs])
    right = np.concatenate([other.ravel() for _, _, other in pairs])
    if _holds(pairs, np.abs):
        yield found("sign_lost", place)
    elif _holds(pairs, lambda r: 1 - r):
        yield found("complement", place)
    yield from _rounded(place, pairs)
    low, high = flat.min(), flat.max()
    beyond = np.sum(right < low - 1e-9) + np.sum(right > high + 1e-9)
    inside = np.sum((right > low) & (right < high))
    if beyond > 1 and inside >= MIN_ENTRIES and alike(flat, np.clip(right, low, high)):
        above, below = bool(np.any(right > high + 1e-9)), bool(np.any(right < low - 1e-9))
        yield found("cut_off" if above and below else "cut_above" if above else "cut_below", place)
    middle = np.sum((right > 0.01) & (right < 0.99) & ~np.isclose(flat, right))
    for transform in INVERTIBLE if middle >= MIN_ENTRIES else ():
        if all(alike(TRANSFORMS[transform](one), other) for _, one, other in pairs):
            yield found("transform_missing", place, transform=transform)
    for transform, function in TRANSFORMS.items():
        if _holds(pairs, function):
            yield found("transformed", place, transform=transform)


def _rounded(place: str, pairs: Pairs) -> Iterator[Finding]:
    if not pairs or any(one.shape != other.shape for _, one, other in pairs):
        return
    flat = np.concatenate([one.ravel() for _, one, _ in pairs])
    right = np.concatenate([other.ravel() for _, _, other in pairs])
    wrong = [pair for pair in pairs if not alike(*pair[1:])]
    cut = np.sum(~np.isclose(flat, right))
    cut_off = _holds(wrong, np.trunc) or _holds(wrong, np.floor)
    if cut >= MIN_ENTRIES and len(np.unique(flat)) > MIN_CALLS and cut_off:
        yield found("no_decimals" if _holds(wrong, np.trunc) else "rounded_down", place)
    right_rounded = any(np.array_equal(right, np.round(right, digits)) for digits in range(9))
    for digits in range(9):
        near = np.max(np.abs(flat - right)) <= 0.51 * 10.0**-digits
        are_rounded = len(np.unique(flat)) > 2 and np.array_equal(flat, np.round(flat, digits))
        if (
            near
            and are_rounded
            and np.sum(~np.isclose(flat, right, rtol=1e-12, atol=0)) >= MIN_ENTRIES
        ):
            kind = "rounded_too_far" if right_rounded else "rounded"
            yield found(kind, place, digits=digits)


MATRIX_PARTS: dict[str, Function] = {
    N_("the diagonal"): lambda matrix: np.diag(np.diag(matrix)),
    N_("the upper triangle"): np.triu,
    N_("the lower triangle"): np.tril,
}
"""Parts of a square matrix."""


def _of_parts(place: str, wrong: Pairs) -> Iterator[Finding]:
    """Look for square matrices that are right in a part, and 0 elsewhere."""
    if any(other.ndim != 2 or len(set(other.shape)) > 1 for _, _, other in wrong):
        return
    for part, function in MATRIX_PARTS.items():
        if _holds(wrong, function) and all(np.any(one) for _, one, _ in wrong):
            yield found("only_in", place, part=part)


def _of_products(evidence: Evidence, place: str, pairs: Pairs) -> Iterator[Finding]:
    """Look for numbers that are multiplied or divided by an array, entry by entry."""
    wrong = [pair for pair in pairs if not alike(*pair[1:])]
    for (name, every), column in itertools.product(evidence.quantities.items(), (False, True)):
        spread = [_spread(every[number], other.shape, column=column) for number, _, other in wrong]
        factors = [factor for factor in spread if factor is not None]
        if name == place or len(factors) < len(wrong) or sum(np.ptp(f) > 0 for f in factors) < 2:
            continue
        both = [(one, other, f) for (_, one, other), f in zip(wrong, factors, strict=True)]
        if all(alike(one, other * factor) for one, other, factor in both):
            yield found("times_array", place, other=name)
        elif all(np.all(factor) and alike(one, other / factor) for one, other, factor in both):
            yield found("over_array", place, other=name)


def _spread(array: Floats | None, shape: tuple[int, ...], *, column: bool) -> Floats | None:
    """Return an array in this shape, or a vector as a column; None if it does not fit."""
    if array is None or (column and array.ndim != 1):
        return None
    array = array[:, np.newaxis] if column else array
    return np.broadcast_to(array, shape) if _fits(array.shape, shape) else None


def _with_ends(quantities: dict[str, list[Floats | None]]) -> dict[str, list[Floats | None]]:
    """Return quantities, and the first and the last entry of those that are vectors."""
    every = dict(quantities)
    for name, values in quantities.items():
        if all(each is not None and each.ndim == 1 and each.size > 1 for each in values):
            for end in (0, -1):
                every[f"{name}[{end}]"] = [None if each is None else each[end] for each in values]
    return every


def _of_terms(evidence: Evidence, place: str, pairs: Pairs) -> Iterator[Finding]:
    """Look for a term that was left out, or added."""
    for name, every in _with_ends(evidence.quantities).items():
        if name == place:
            continue
        terms = [(one - other, every[number]) for number, one, other in pairs]
        factors = []
        for difference, term in terms:
            if term is None or not _fits(term.shape, difference.shape):
                break
            term = np.broadcast_to(term, difference.shape)
            size = float(np.sum(term * term))
            factor = float(np.sum(difference * term)) / size if size else 0.0
            if not np.allclose(difference, factor * term, atol=1e-7, rtol=1e-3):
                break
            factors += [factor] if size else []
        else:
            if factors and np.isclose(factors[0], -2, rtol=1e-3):
                continue  # subtracted, where it is to be added
            if len(factors) > MIN_CALLS and np.ptp(factors) < 1e-3 * abs(factors[0]):
                kind = "term_missing" if np.isclose(factors[0], -1, rtol=1e-3) else "term_added"
                yield found(kind, place, term=name)


def _fits(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    try:
        return np.broadcast_shapes(one, other) == other
    except ValueError:
        return False


def _of_steps(evidence: Evidence, path: AnswerPath, place: str, pairs: Pairs) -> Iterator[Finding]:
    """Compare how far a quantity has moved from the argument of its name."""
    factors: dict[int, float] = {}
    counts = evidence.counts.values()
    moves, straight = False, True
    steps: dict[int, tuple[Floats, Floats, Floats]] = {}
    for number, one, other in pairs:
        start = _named_like(evidence.arguments[number], path[-1])
        if start is None or start.shape != other.shape:
            return
        moves = moves or not alike(one, start)
        if any(values[number] > 1 for values in counts):
            continue  # later steps start elsewhere
        moved, wanted = one - start, other - start
        size = float(np.sum(wanted * wanted))
        if size < 1e-16:
            continue
        steps[number] = (one, start, wanted)
        factor = float(np.sum(moved * wanted)) / size
        straight = straight and np.allclose(
            moved, factor * wanted, rtol=1e-3, atol=1e-8 + 1e-5 * np.max(np.abs(wanted))
        )
        factors[number] = factor
    times = _times_of_start(evidence, steps)
    if times is not None:
        yield found("start_times", place, factor=times)
        return
    if not straight:
        if _is_start_changed(list(steps.values())):
            yield found("start_changed", place)
        return
    values = np.array(list(factors.values()))
    if len(values) < MIN_CALLS:
        return
    if np.allclose(values, 0, atol=1e-9):
        yield from () if moves else [found("stays", place)]
    elif np.allclose(values, -1, rtol=1e-3):
        yield found("wrong_way", place)
    else:
        yield from _of_rate(evidence, place, factors)
        yield from _named(evidence, place, factors, ("step_length", "step_small", "step_length"))


def _times_of_start(
    evidence: Evidence, steps: Mapping[int, tuple[Floats, Floats, Floats]]
) -> str | None:
    """Return the argument by which the old value is multiplied before the right step is taken."""
    for name, every in evidence.sizes.items():
        changed = [every[number] for number in steps if every[number] != 1]
        if name.isidentifier() and len(changed) >= MIN_CALLS:
            ends = [
                alike(end, every[n] * start + wanted) for n, (end, start, wanted) in steps.items()
            ]
            if all(ends):
                return name
    return None


def _is_start_changed(steps: Sequence[tuple[Floats, Floats, Floats]]) -> bool:
    """Return whether the right step is taken from a multiple of where it should start."""
    factors = []
    for end, start, wanted in steps:
        if end.size < MIN_ENTRIES:
            continue
        both = np.stack([start.ravel(), wanted.ravel()], axis=1)
        fit, _, rank, _ = np.linalg.lstsq(both, end.ravel(), rcond=None)
        if rank < 2 or not alike(both @ fit, end.ravel()) or not np.isclose(fit[1], 1, rtol=1e-3):
            return False
        factors.append(fit[0])
    return int(np.sum(~np.isclose(factors, 1, rtol=1e-3))) >= MIN_CALLS


def _of_rate(evidence: Evidence, place: str, factors: dict[int, float]) -> Iterator[Finding]:
    """Look for a number by which steps are divided, or on which they do not depend."""
    values = np.array(list(factors.values()))
    for name, every in evidence.sizes.items():
        sizes = np.array([every[number] for number in factors])
        if np.ptp(sizes) == 0 or np.any(sizes == 0) or not name.isidentifier():
            continue
        if np.allclose(values * sizes**2, 1, rtol=1e-3):
            yield found("step_divided", place, factor=name)
        elif np.ptp(values * sizes) < 1e-3 * np.max(np.abs(values * sizes)):
            alone = np.isclose(values[0] * sizes[0], 1, rtol=1e-3)
            yield found("step_without" if alone else "step_same", place, factor=name)


def _named_like(arguments: dict[str, Any], name: object) -> Floats | None:
    for key, value in arguments.items():
        if key == name and is_numeric(value):
            return np.asarray(value, dtype=np.float64)
        if isinstance(value, dict) and name in value and is_numeric(value[name]):
            return np.asarray(value[name], dtype=np.float64)
    return None


def _of_examples(evidence: Evidence, place: str, pairs: Pairs) -> Iterator[Finding]:
    """Look for columns that are wrong alone, where an argument has as many of them."""
    columns_of = [each for name, each in evidence.sizes.items() if name.endswith("shape[1]")]
    if not any(
        all(one.ndim == 2 and one.shape[1] == every[number] for number, one, _ in pairs)
        for every in columns_of
    ):
        return  # the columns are no examples
    wide = [(one, other) for _, one, other in pairs if one.ndim == 2 and one.shape[1] > 1]
    wrong = [np.flatnonzero(_wrong_rows(one.T, other.T)).tolist() for one, other in wide]
    if sum(map(bool, wrong)) >= MIN_CALLS and all(
        columns in ([], [one.shape[1] - 1]) for columns, (one, _) in zip(wrong, wide, strict=True)
    ):
        yield found("last_example", place)
    elif sum(map(bool, wrong)) >= MIN_CALLS and all(columns in ([], [0]) for columns in wrong):
        yield found("first_example", place)


def _of_classes(
    evidence: Evidence, path: AnswerPath, place: str, pairs: Pairs
) -> Iterator[Finding]:
    """Look for a mean over the examples in which those of one label count otherwise."""
    labels = _labels(evidence)
    if labels is None or any(one.shape != other.shape for _, one, other in pairs):
        return
    try:
        answers = list(evidence.with_arguments(partial(_of_some, labels, lambda y: y == 1)))
    except (NotAnswered, TypeError):
        return
    parts = []
    for number, one, other in pairs:
        ones = np.ravel(evidence.arguments[number][labels]) == 1
        part = other if ones.all() else 0.0 * other
        if 0 < ones.sum() < ones.size:
            answer = answers[number].get(path)
            if not is_numeric(answer):
                continue  # another argument happens to have as many columns
            part = np.asarray(answer, dtype=np.float64) * ones.mean()
            if part.shape != other.shape:
                continue
        parts.append((one.ravel(), part.ravel(), (other - part).ravel()))
    both = [part for part in parts if all(np.any(np.abs(each) > 1e-9) for each in part[1:])]
    if len(both) < MIN_CALLS:
        return
    mine, first, second = (np.concatenate(each) for each in zip(*parts, strict=True))
    (a, b), *_ = np.linalg.lstsq(np.stack([first, second], axis=1), mine, rcond=None)
    if not alike(mine, a * first + b * second) or (abs(a - 1) < 1e-6) == (abs(b - 1) < 1e-6):
        return
    label, factor = (0, b) if abs(a - 1) < 1e-6 else (1, a)
    if abs(factor) < 1e-9:
        yield found("class_missing", place, label=label)
    elif abs(factor + 1) < 1e-6:
        yield found("class_sign", place, label=label)
    else:
        name = next((n for n, v in FACTORS.items() if np.isclose(factor, v, rtol=1e-4)), None)
        if name is not None:
            yield found("class_factor", place, label=label, factor=name)


def _of_one_example(
    evidence: Evidence, path: AnswerPath, place: str, pairs: Pairs
) -> Iterator[Finding]:
    """Look for a mean over the examples, in columns, in which one example alone counts."""
    labels = _labels(evidence)
    if labels is None:
        return
    several = [n for n, _, _ in pairs if np.size(evidence.arguments[n][labels]) > 1]
    for part in ("the first example", "the last example"):
        try:
            answers = list(evidence.with_arguments(partial(_of_some, labels, PARTS[part])))
        except (NotAnswered, TypeError):
            return
        for divided in (False, True):
            wanted = {
                n: np.asarray(answers[n].get(path, np.nan), dtype=np.float64)
                / (np.size(evidence.arguments[n][labels]) if divided else 1)
                for n in several
            }
            holds = all(alike(one, wanted.get(n, other)) for n, one, other in pairs)
            shown = [wanted[n] for n, one, other in pairs if n in wanted and not alike(one, other)]
            if holds and len(shown) >= MIN_CALLS and all(map(np.any, shown)):
                yield found("only_part", place, part=part)


def _labels(evidence: Evidence) -> str | None:
    """Return the argument that holds a label, 0 or 1, for each example; None if there is none."""
    for name in evidence.arguments[0] if evidence.arguments else ():
        values: list[Any] = [each.get(name) for each in evidence.arguments]
        if all(
            isinstance(value, np.ndarray)
            and value.ndim == 2
            and value.shape[0] == 1
            and np.isin(value, (0, 1)).all()
            for value in values
        ) and any(0 < np.sum(value) < np.size(value) for value in values):
            return name
    return None


Choice = Callable[[Floats], Any]
"""Says of each example whether it is chosen, by its label."""

PARTS: dict[str, Choice] = {
    N_("the first example"): lambda labels: np.arange(labels.size) == 0,
    N_("the last example"): lambda labels: np.arange(labels.size) == labels.size - 1,
    N_("the first half of the examples"): lambda labels: np.arange(labels.size) < labels.size // 2,
}
"""Examples that may be looked at alone."""


def _of_some(labels: str, choose: Choice, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return arguments that hold only some of the examples, if there are any such."""
    chosen = choose(np.ravel(arguments[labels]))
    if not 0 < chosen.sum() < chosen.size:
        return arguments

    def part(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: part(item) for key, item in value.items()}
        if type(value) in (list, tuple):
            return type(value)(map(part, value))
        is_array = isinstance(value, np.ndarray) and value.ndim == 2
        return value[:, chosen] if is_array and value.shape[1] == chosen.size else value

    return {name: part(value) for name, value in arguments.items()}


def as_if(evidence: Evidence) -> list[Finding]:
    """Find an argument that the function seems to take for another value."""
    if evidence.raised or not evidence.wrong:
        return []
    try:
        for finding, change in changes_of_arguments(evidence):
            if finding.kind in UNLIKELY:
                continue
            if _explains(evidence, evidence.with_arguments(change)):
                if finding.kind != "as_if" or _is_only_value(evidence, finding):
                    return [finding]
                continue
            some = finding.kind in ONE_OFF
            if some and _explains(evidence, evidence.with_arguments(change), set(evidence.wrong)):
                places = tuple(dict.fromkeys(map(evidence.place_name, evidence.wrong)))
                return [Finding(f"place_{finding.kind}", places, None, finding.parameters)]
        return _first_step(evidence) or _part_of_examples(evidence)
    except (NotAnswered, TypeError):  # what cannot be asked says nothing
        return []


def _is_only_value(evidence: Evidence, finding: Finding) -> bool:
    """Return whether no other value of an argument explains the same."""
    name, value = finding.parameters["argument"], finding.parameters["value"]
    others = [each for each in ROUND_NUMBERS if str(each) != value]
    changes = (partial(_with, name, partial(_always, each)) for each in others)
    return not any(_explains(evidence, evidence.with_arguments(change)) for change in changes)


def as_if_other(evidence: Evidence) -> list[Finding]:
    """Find the one argument, or entry of a dict, that the function takes with another value.

    Two that explain the same, such as both factors of a product, say nothing. If a single entry
    explains the same as a group of entries that it is in, the other entries do not matter.
    """
    if evidence.random or evidence.raised or not evidence.wrong:
        return []
    there = {path for answer in evidence.student.answers for path in answer}
    right = {path for answer in evidence.right.answers for path in answer}
    paths = {path for path in right & there if path[0] == "returned"}
    # Many factors give the same decisions between 0 and 1.
    values: list[Any] = [value for each in evidence.right.answers for value in each.values()]
    decided = all(is_numeric(value) and np.isin(value, (0, 1)).all() for value in values)
    found_here = []
    try:
        for finding, change in changes_of_arguments(evidence) if paths else ():
            unlikely = finding.kind in UNLIKELY and not (decided and finding.kind == "as_if_times")
            if unlikely and _explains(evidence, evidence.with_arguments(change), paths):
                found_here.append(finding)
    except (NotAnswered, TypeError):
        return []
    names = {each.parameters["argument"] for each in found_here}
    found_here = [each for each in found_here if not _in_group(each, names)]
    return found_here if len(found_here) == 1 else []


def _in_group(finding: Finding, names: set[str]) -> bool:
    """Return whether a finding is about a group of entries, one of which is among these names."""
    group = finding.parameters["argument"]
    return any(name != group and letters(name) == group for name in names)


OTHER_VALUES: dict[str, Callable[[Any], Any]] = {
    "as_if_zero": lambda value: 0.0 * value,
    "as_if_negative": lambda value: -1.0 * value,
    "as_if_transposed": np.transpose,
}

UNLIKELY = (*OTHER_VALUES, "as_if_times", "as_if_labels_exchanged", "as_if_complement")
"""Kinds that are told only if no relation holds, and none of the others explains the same."""

ONE_OFF = ("as_if_less", "as_if_more")
"""Kinds that may hold at some places only, if all others are right."""

MAX_GROUPS = 20
"""Entries of a dict that are tried: one with more is no set of parameters of a small network."""


def _in_dict(
    members: set[str], function: Callable[[Any], Any], value: dict[Any, Any]
) -> dict[Any, Any]:
    """Return a dict with a function taken of some numeric entries."""
    return {
        key: function(item) if key in members and is_numeric(item) else item
        for key, item in value.items()
    }


def _first_step(evidence: Evidence) -> list[Finding]:
    """Compare how far one step goes, where an argument counts steps and 0 of them is the start."""
    for _, steps in _first_steps(evidence):
        factors = [_times(*step) for step in steps]
        known = [factor for factor in factors if factor is not None]
        if (
            len(known) == len(factors)
            and abs(known[0]) > 1e-3
            and np.ptp(known) < 1e-3
            and abs(known[0] - 1) > 1e-3
        ):
            return [found("first_step", factor=f"{known[0]:.3g}")]
    return []


def _length_of_first_step(evidence: Evidence) -> list[Finding]:
    """Find first steps that go the right way and have a wrong length, or always the same one.

    A small number that is added to a denominator makes some of these steps shorter.
    """
    for name, steps in _first_steps(evidence):
        if not _counts_steps(evidence, name):
            continue
        sizes = np.concatenate([np.abs(moved[wanted != 0]) for moved, wanted in steps])
        signs = all(np.array_equal(np.sign(moved), np.sign(wanted)) for moved, wanted in steps)
        varied = any(_different([np.abs(wanted)]) > MIN_CALLS for _, wanted in steps)
        if signs and varied and np.quantile(sizes, 0.1) > 0.9 * np.max(sizes):
            return [found("first_step_same")]
        factors = [_times(*step) for step in steps]
        if all(factor is not None and factor > 1e-3 for factor in factors) and not np.allclose(
            np.array(factors, dtype=np.float64), 1, rtol=1e-3
        ):
            return [found("first_step_varies")]
    return []


def _first_steps(evidence: Evidence) -> Iterator[tuple[str, list[tuple[Floats, Floats]]]]:
    """Yield the arguments that may count steps, with how far one step goes, and should go."""
    for name, values in evidence.counts.items():
        once = [number for number, value in enumerate(values) if value == 1]
        if len(once) < MIN_CALLS:
            continue
        starts = list(evidence.with_arguments(partial(_with, name, lambda _: 0)))
        steps = []
        for number in once:
            mine, right = evidence.student.answers[number], evidence.right.answers[number]
            for path, start in starts[number].items():
                if path[0] != "returned" or not is_numeric(start) or not is_numeric(right[path]):
                    return
                moved, wanted = (_moved(answer.get(path), start) for answer in (mine, right))
                if moved is None or wanted is None:
                    return
                if np.sum(wanted * wanted) > 1e-12:
                    steps.append((moved, wanted))
        if len(steps) >= MIN_CALLS:
            yield name, steps


def _part_of_examples(evidence: Evidence) -> list[Finding]:
    """Find a function that looks at some of the examples only, at least in its first step."""
    labels = _labels(evidence)
    if labels is None:
        return []
    several = [number for number, each in enumerate(evidence.arguments) if each[labels].size > 1]
    steps = [counts for name, counts in evidence.counts.items() if _counts_steps(evidence, name)]
    once = [number for number in several if all(counts[number] == 1 for counts in steps)]
    wrong = {path for number in once for path in _wrong_in(evidence, number)}
    for part, choose in PARTS.items() if wrong else ():
        changed = evidence.with_arguments(partial(_of_some, labels, choose))
        if _explains(evidence, changed, wrong, once):
            return [found("first_step_part" if steps else "part", part=part)]
    return []


def last_resort(evidence: Evidence) -> list[Finding]:
    """Say in which calls the answers are right, where nothing is known of the others."""
    if evidence.raised or not evidence.wrong:
        return []
    try:
        of_steps = (_fewer_steps, _length_of_first_step, _later_steps)
        others = () if evidence.random else (_bounds, _right_alone)
        return next(filter(None, (method(evidence) for method in (*of_steps, *others))), [])
    except (NotAnswered, TypeError):
        return []


def _later_steps(evidence: Evidence) -> list[Finding]:
    """Find a function whose first step is right, and whose second is not."""
    for name, counts in evidence.counts.items():
        once, twice = ([i for i, count in enumerate(counts) if count == n] for n in (1, 2))
        if len(once) < MIN_CALLS or not all(_is_right_in(evidence, number) for number in once):
            continue
        wrong = len(twice) >= MIN_CALLS and all(_clearly_wrong_in(evidence, n) for n in twice)
        if wrong and _counts_steps(evidence, name):
            return [_second_step(evidence, name, twice)]
    return []


def _second_step(evidence: Evidence, name: str, twice: Sequence[int]) -> Finding:
    """Say of a second step whether it adds a part of the first, or is too long or too short."""
    if _carried(evidence, name, twice):
        return found("step_carried")
    ends = list(evidence.with_arguments(partial(_with, name, partial(_always, 1))))
    factors: list[float | None] = []
    for number in twice:
        for path in _wrong_in(evidence, number):
            every = (evidence.student.answers[number], evidence.right.answers[number])
            moved, wanted = (_moved(each.get(path), ends[number].get(path)) for each in every)
            if moved is None or wanted is None:
                return found("second_step")
            factors += [_times(moved, wanted)] if np.any(np.abs(wanted) > 1e-6) else []
    known = [factor for factor in factors if factor is not None and factor > 1e-3]
    if len(known) < max(len(factors), MIN_CALLS):
        return found("second_step")
    if np.ptp(known) < 1e-3:
        return found("second_step_length", factor=f"{known[0]:.3g}")
    short, long = max(known) < 1, min(known) > 1
    return found("second_step_short" if short else "second_step_long" if long else "second_step")


def _times(moved: Floats, wanted: Floats) -> float | None:
    """Return how many times as long as it should be a step is; None if it goes another way."""
    factor = float(np.sum(moved * wanted) / np.sum(wanted * wanted))
    return factor if np.allclose(moved, factor * wanted, rtol=1e-3, atol=1e-9) else None


MAX_FEWER = 8
"""Steps after which training may have ended early: more take too long to compute."""


def _fewer_steps(evidence: Evidence) -> list[Finding]:
    """Find calls that are answered as if they asked for fewer steps.

    Calls that ask for many steps may end later than the steps that are tried.
    """
    for name, counts in evidence.counts.items():
        wrong = {n: counts[n] for n in range(len(counts)) if _wrong_in(evidence, n)}
        if min(wrong.values(), default=0) < 2 or not _counts_steps(evidence, name):
            continue
        ended = set()
        for steps in range(MAX_FEWER):
            fewer = evidence.with_arguments(partial(_with, name, partial(min, steps)))
            pairs = enumerate(zip(evidence.student.answers, fewer, strict=True))
            ended |= {
                number
                for number, (mine, theirs) in pairs
                if steps < wrong.get(number, 0)
                and all(equal_at(mine, theirs, path) for path in evidence.wrong)
            }
        late = all(counts[number] > MAX_FEWER for number in wrong.keys() - ended)
        if late and len(ended) >= MIN_CALLS:
            return [found("fewer_steps", argument=name)]
    return []


def _counts_steps(evidence: Evidence, name: str) -> bool:
    """Return whether an argument counts steps that start at another argument.

    The reference then returns the start if it is to take no steps. If it cannot take none, a place
    with the name of an argument starts there. A start that is drawn is as large as the end.
    """
    starts = evidence.with_arguments(partial(_with, name, partial(_always, 0)))
    places = set(evidence.wrong)
    for number, start in enumerate(starts):
        given = evidence.arguments[number]
        if ("raised",) in start:
            right = evidence.right.answers[number]
            places = {
                path
                for path in places
                if (named := _named_like(given, path[-1])) is not None
                and named.shape == np.asarray(right.get(path)).shape
            }
        elif evidence.random:
            right = evidence.right.answers[number]
            if any(_moved(start.get(path), right[path]) is None for path in places):
                return False
        else:
            places = {path for path in places if path in start and _is_among(start[path], given)}
        if not places:
            return False
    return True


def _is_among(value: object, arguments: dict[Any, Any]) -> bool:
    """Return whether one of the arguments, or an entry of a dict among them, is this value."""
    return any(
        _is_among(value, each) if isinstance(each, dict) else alike(value, each)
        for each in arguments.values()
    )


def _wrong_in(evidence: Evidence, number: int) -> list[AnswerPath]:
    """Return what is wrong in one call; what a longer list has more does not count."""
    mine, right = evidence.student.answers[number], evidence.right.answers[number]
    return [path for path in evidence.wrong if path in right and not equal_at(mine, right, path)]


def _is_right_in(evidence: Evidence, number: int) -> bool:
    """Return whether all numbers of one call are right: it is not enough that draws may be."""
    mine, right = evidence.student.answers[number], evidence.right.answers[number]
    places = right if evidence.random else evidence.wrong
    own = evidence.student.own_forms
    return all(
        path[0] != "returned" or path in own or equal_at(mine, right, path)
        for path in places
        if path in right
    )


def _clearly_wrong_in(evidence: Evidence, number: int) -> bool:
    """Return whether more is wrong in a call than single precision explains."""
    mine, right = evidence.student.answers[number], evidence.right.answers[number]
    return any(_differ(mine.get(path), right.get(path)) for path in _wrong_in(evidence, number))


def _differ(mine: object, right: object) -> bool:
    if not (is_numeric(mine) and is_numeric(right)):
        return True
    one, other = (np.asarray(each, dtype=np.float64) for each in (mine, right))
    return one.shape != other.shape or not np.allclose(one, other, rtol=1e-3, atol=1e-6)


def _carried(evidence: Evidence, name: str, twice: Sequence[int]) -> bool:
    """Return whether the second step goes too far by always the same part of the first."""
    starts, ends = (
        list(evidence.with_arguments(partial(_with, name, partial(_always, n)))) for n in (0, 1)
    )
    factors = []
    for number in twice:
        mine, right = evidence.student.answers[number], evidence.right.answers[number]
        for path in _wrong_in(evidence, number):
            start = _named_like(evidence.arguments[number], path[-1])
            first = _moved(
                ends[number].get(path), starts[number].get(path) if start is None else start
            )
            more = _moved(mine.get(path), right.get(path))
            if first is None or more is None or not np.any(first):
                return False
            factors.append(float(np.sum(first * more) / np.sum(first * first)))
            if not np.allclose(more, factors[-1] * first, rtol=1e-3, atol=1e-9):
                return False
    return len(factors) > MIN_CALLS and np.ptp(factors) < 1e-3 < abs(factors[0])


CENTRES: tuple[Callable[[Floats], float], ...] = (
    *(np.mean, np.median),
    *(lambda scores: scores.max() / 2, lambda scores: (scores.min() + scores.max()) / 2),
)
"""What students take for a bound."""


def _bounds(evidence: Evidence) -> list[Finding]:
    """Compare decisions, 0 or 1, with the numbers that the reference compares with a bound."""
    source = _before_decision(bare(function_source(evidence.reference, evidence.function)))
    if evidence.slipped is None or source is None or evidence.wrong != [("returned",)]:
        return []
    every = evidence.slipped()(CallSeries(evidence.function, [evidence.calls]), source)
    bounds: list[tuple[Floats, float, float]] = []
    for answers in zip(evidence.student.answers, evidence.right.answers, every, strict=True):
        mine, right, scores = (np.asarray(each["returned",]) for each in answers)
        if not mine.shape == right.shape == scores.shape or not np.isin(mine, (0, 1)).all():
            return []
        low, high = scores[mine == 0].max(initial=-np.inf), scores[mine == 1].min(initial=np.inf)
        bounds.append((scores, low - ATOL, high + ATOL))
    lows, highs = ([bound[n] for bound in bounds] for n in (1, 2))
    varies = max(lows) >= min(highs)
    if varies and any(all(a <= centre(s) < b for s, a, b in bounds) for centre in CENTRES):
        return [found("bound_varies", place_name(("returned",)))]
    return []


def _before_decision(definition: ast.FunctionDef) -> str | None:
    """Return the source of a function that ends with a comparison, without this comparison."""
    last = definition.body[-1]
    compared = [each for each in ast.walk(last) if isinstance(each, ast.Compare)]
    if not isinstance(last, ast.Return) or len(compared) != 1:
        return None
    last.value = compared[0].left
    return ast.unparse(definition)


def _right_alone(evidence: Evidence) -> list[Finding]:
    """Find what is right for a single example, and wrong for several."""
    for name, every in evidence.sizes.items():
        places = []
        for path in evidence.wrong if name.endswith("shape[1]") else ():
            pairs = pairs_at(path, evidence.student.answers, evidence.right.answers) or []
            alone = [alike(a, b) for number, a, b in pairs if every[number] == 1]
            several = [(every[number], a, b) for number, a, b in pairs if every[number] > 1]
            per_example = any(size in b.shape[1:] for size, _, b in several)
            enough = sum(_differ(a, b) for _, a, b in several) >= MIN_ENTRIES
            if len(alone) >= MIN_CALLS and all(alone) and enough and not per_example:
                places.append(evidence.place_name(path))
        if places:
            return [found("right_alone", *dict.fromkeys(places))]
    return []


def _moved(end: object, start: object) -> Floats | None:
    """Return how far numbers have moved; None if they are none, or have another shape."""
    if not is_numeric(end):
        return None
    one, other = (np.asarray(each, dtype=np.float64) for each in (end, start))
    if one.shape != other.shape:
        return None
    moved: Floats = one - other
    return moved if np.all(np.isfinite(moved)) else None


def _explains(
    evidence: Evidence,
    changed: Iterator[Parts],
    only: set[AnswerPath] | None = None,
    at: Collection[int] | None = None,
) -> bool:
    """Return whether the student answers like the reference with changed arguments, in every call.

    Where the changed reference raises an exception, the student's answer has to be wrong. Most
    changes are ruled out by the first calls, and the other answers are not computed. `only`
    leaves out the places that the student has in a form of their own, `at` all other calls.
    """
    paths = {path for answer in evidence.right.answers for path in answer if path[0] == "returned"}
    paths = paths if only is None else only
    different = 0
    calls = zip(evidence.student.answers, changed, evidence.right.answers, strict=True)
    for number, (mine, theirs, right) in enumerate(calls):
        if at is not None and number not in at:
            continue
        if ("raised",) in theirs and ("raised",) not in right:
            if all(equal_at(mine, right, path) for path in paths):
                return False
            continue
        if not all(equal_at(mine, theirs, path) for path in paths):
            return False
        different += any(not equal_at(right, theirs, path) for path in paths)
    return different >= MIN_CALLS


def changes_of_arguments(evidence: Evidence) -> Iterator[tuple[Finding, Change]]:
    """Yield what an argument could have been taken for."""
    arguments = evidence.arguments
    counts = evidence.counts
    for name, whole in counts.items():
        yield found("as_if_less", argument=name), partial(_with, name, lambda n: max(n - 1, 0))
        yield found("as_if_more", argument=name), partial(_with, name, lambda n: n + 1)
        for value in ROUND_NUMBERS:
            if value < max(whole):
                cut = partial(_with, name, partial(min, value))
                yield found("as_if_at_most", argument=name, value=value), cut
            same = partial(_with, name, partial(_always, value))
            yield found("as_if", argument=name, value=value), same
    for name in arguments[0] if arguments else ():
        values: list[Any] = [each.get(name) for each in arguments]
        default = evidence.defaults[name].default if name in evidence.defaults else None
        if isinstance(default, (int, float)) and not isinstance(default, bool):
            given = partial(_with, name, partial(_always, default))
            yield found("as_if_default", argument=name), given
        are_arrays = all(isinstance(value, np.ndarray) for value in values)
        if are_arrays and all(value.ndim == 2 and value.shape[1] > 1 for value in values):
            centred = partial(_with, name, lambda a: a - np.mean(a, axis=1, keepdims=True))
            yield found("as_if_centred", argument=name), centred
        if all(isinstance(value, dict) for value in values):
            for group, members in _groups(values, evidence.data_keys):
                for kind, function in OTHER_VALUES.items():
                    inside = partial(_in_dict, members, function)
                    yield found(kind, argument=group), partial(_with, name, inside)
        elif (
            all(type(value) in (np.ndarray, float, int) for value in values) and name not in counts
        ):
            for kind, function in OTHER_VALUES.items():
                yield found(kind, argument=name), partial(_with, name, function)
            for factor in ("2", "1/2", "log 2", "log 10"):
                times = partial(_with, name, partial(np.multiply, FACTORS[factor]))
                yield found("as_if_times", argument=name, factor=factor), times
            if all(type(value) is float and 0 <= value <= 1 for value in values):
                yield (
                    found("as_if_complement", argument=name),
                    partial(_with, name, lambda a: 1 - a),
                )
            if all(type(value) is float for value in values):
                for size, change in _by_sizes(evidence, name):
                    yield found("as_if_times", argument=name, factor=size), change
            if all(np.isin(value, (0, 1)).all() for value in values):
                exchanged = partial(_with, name, lambda y: 1 - y)
                yield found("as_if_labels_exchanged", argument=name), exchanged


def _groups(values: Sequence[dict[Any, Any]], data: set[str]) -> list[tuple[str, set[str]]]:
    """Return the keys that are in every dict, and groups of keys whose names share letters."""
    keys = [{key for key in value if isinstance(key, str)} - data for value in values]
    groups = {key: {key} for key in set.intersection(*keys)}
    for shared in {letters(key) for each in keys for key in each}:
        alike_named = {key for every in keys for key in every if letters(key) == shared}
        if len(alike_named) > 1:
            groups[shared] = alike_named
    return [pair for pair in sorted(groups.items())[:MAX_GROUPS] if pair[0].isidentifier()]


def _always(value: object, _given: object) -> object:
    return value


def _by_sizes(evidence: Evidence, name: str) -> Iterator[tuple[str, Change]]:
    """Yield the sizes of arrays, each once, by which an argument could have been multiplied."""
    different = {tuple(every): size for size, every in reversed(evidence.sizes.items())}
    for size in different.values():
        axis = re.fullmatch(r"(\w+)\.shape\[(\d)\]", size)
        if axis is not None:
            for factor, power in ((size, 1), (f"1 / {size}", -1)):
                yield factor, partial(_times_size, name, axis[1], int(axis[2]), power)


def _times_size(
    name: str, array: str, axis: int, power: int, arguments: dict[str, Any]
) -> dict[str, Any]:
    return {**arguments, name: arguments[name] * float(np.shape(arguments[array])[axis]) ** power}


def _with(name: str, change: Callable[[Any], Any], arguments: dict[str, Any]) -> dict[str, Any]:
    return {**arguments, name: change(arguments[name])}
