"""Find what wrong numbers have to do with the right ones, place by place.

A relation counts only if it holds in every call that was made, and a parameter of it, a factor say,
is read off one call and must hold in others: at least MIN_CALLS calls in which the answer is wrong
have to agree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np

from autograder.checking.diagnosis.comparison import AnswerPath, Parts, alike, equal_at
from autograder.checking.diagnosis.evidence import Evidence, Floats, is_numeric, pairs_at
from autograder.checking.diagnosis.findings import Finding, found, merged, place_name
from autograder.checking.diagnosis.replay import NotAnswered
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
    for path in evidence.wrong:
        pairs = pairs_at(path, evidence.student.answers, evidence.right.answers)
        if not pairs:
            continue
        first = next(_relations(evidence, path, pairs), None)
        if first is not None:
            explained.append(first)
    return merged(explained)


def _relations(evidence: Evidence, path: AnswerPath, pairs: Pairs) -> Iterator[Finding]:
    place = place_name(path)
    with np.errstate(all="ignore"):
        if any(one.shape != other.shape for _, one, other in pairs):
            yield from _of_shape(place, pairs)
            yield from _of_quantities(evidence, place, pairs)
            return
        wrong = [pair for pair in pairs if not alike(pair[1], pair[2])]
        if len(wrong) < MIN_CALLS or _different([one for _, one, _ in wrong]) < 2:
            yield from _constants(place, pairs, wrong)
            return
        yield from _constants(place, pairs, wrong)
        yield from _of_decisions(place, pairs)
        if sum(one.size for _, one, _ in wrong) < MIN_ENTRIES:
            return
        yield from _of_steps(evidence, path, place, pairs)
        yield from _of_factor(evidence, place, pairs)
        yield from _of_quantities(evidence, place, pairs)
        yield from _of_value(place, pairs)
        yield from _of_terms(evidence, place, pairs)
        yield from _of_examples(place, pairs)


def _holds(pairs: Pairs, function: Callable[[Floats], Floats]) -> bool:
    """Whether the student's numbers are a function of the right ones, in every call."""
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
    elif _all_are(several, lambda a, b: a.size == b.size and alike(a.ravel(), b.ravel())):
        yield found("other_shape", place)
    # Where all numbers are 0, a sum and a mean are right whatever was added up.
    telling = [(one, other) for one, other in arrays if np.any(other)]
    if _all_are(telling, lambda a, b: b.size == 1 and alike(a.mean(), b.ravel()[0])):
        yield found("not_averaged", place)
    elif _all_are(telling, lambda a, b: b.size == 1 and alike(a.sum(), b.ravel()[0])):
        yield found("not_summed", place)
    elif _all_are(telling, lambda a, b: a.size == 1 and alike(a.ravel()[0], b.sum())):
        yield found("summed_up", place)


def _all_are(
    pairs: Sequence[tuple[Floats, Floats]], rule: Callable[[Floats, Floats], bool]
) -> bool:
    """Whether a rule explains all pairs whose shapes differ, and the others are equal."""
    odd = sum(one.shape != other.shape for one, other in pairs)
    return odd >= MIN_CALLS and all(
        alike(one, other) if one.shape == other.shape else rule(one, other) for one, other in pairs
    )


def _constants(place: str, pairs: Pairs, wrong: Pairs) -> Iterator[Finding]:
    flat = np.concatenate([one.ravel() for _, one, _ in pairs])
    right = np.concatenate([other.ravel() for _, _, other in pairs])
    if len(pairs) < MIN_CALLS or not wrong or np.ptp(right) == 0:
        if len(pairs) >= MIN_CALLS and wrong and not np.any(right):
            yield found("not_zero", place)
        return
    if np.ptp(flat) == 0 and flat.size >= MIN_ENTRIES and flat[0] in (-1.0, 0.0, 1.0):
        yield found("constant", place, value=f"{flat[0]:g}")
    elif all(np.ptp(one) == 0 for _, one, _ in pairs) and sum(np.ptp(r) > 0 for *_, r in pairs) > 1:
        yield found("one_number", place)


def _of_decisions(place: str, pairs: Pairs) -> Iterator[Finding]:
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
    elif mine <= {0.0, 1.0} and _holds(pairs, lambda r: (r > 0.5).astype(float)):
        yield found("decided", place)


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
    for name, every in evidence.sizes.items():
        sizes = np.array([every[number] for number in factors])
        if np.ptp(sizes) == 0 or np.any(sizes == 0):
            continue
        for factor, expression in ((sizes, name), (sizes**2, f"{name}²")):
            if np.allclose(values, factor, rtol=1e-4):
                yield found(kinds[0], place, factor=expression)
            elif np.allclose(values, 1 / factor, rtol=1e-4):
                yield found(kinds[1], place, factor=expression)


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
    for digits in range(6):
        near = np.max(np.abs(flat - right)) <= 0.51 * 10.0**-digits
        if near and len(np.unique(flat)) > 2 and np.array_equal(flat, np.round(flat, digits)):
            yield found("rounded", place, digits=digits)
    low, high = flat.min(), flat.max()
    beyond = np.sum(right < low - 1e-9) + np.sum(right > high + 1e-9)
    inside = np.sum((right > low) & (right < high))
    if beyond > 1 and inside >= MIN_ENTRIES and alike(flat, np.clip(right, low, high)):
        yield found("cut_off", place)
    middle = np.sum((right > 0.01) & (right < 0.99) & ~np.isclose(flat, right))
    for transform in INVERTIBLE if middle >= MIN_ENTRIES else ():
        if all(alike(TRANSFORMS[transform](one), other) for _, one, other in pairs):
            yield found("transform_missing", place, transform=transform)
    for transform, function in TRANSFORMS.items():
        if _holds(pairs, function):
            yield found("transformed", place, transform=transform)


def _of_terms(evidence: Evidence, place: str, pairs: Pairs) -> Iterator[Finding]:
    """Look for a term that was left out, or added."""
    for name, every in evidence.quantities.items():
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
            factors.append(factor)
        else:
            telling = [each for each in factors if abs(each) > 1e-9]
            if telling and np.isclose(telling[0], -2, rtol=1e-3):
                continue  # subtracted, where it is to be added
            if len(telling) > MIN_CALLS and np.ptp(telling) < 1e-3 * abs(telling[0]):
                kind = "term_missing" if np.isclose(telling[0], -1, rtol=1e-3) else "term_added"
                yield found(kind, place, term=name)


def _fits(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    try:
        return np.broadcast_shapes(one, other) == other
    except ValueError:
        return False


def _of_steps(evidence: Evidence, path: AnswerPath, place: str, pairs: Pairs) -> Iterator[Finding]:
    """Compare how far a quantity has moved from the argument of its name."""
    factors: dict[int, float] = {}
    for number, one, other in pairs:
        start = _named_like(evidence.arguments[number], path[-1])
        if start is None or start.shape != other.shape:
            return
        moved, wanted = one - start, other - start
        size = float(np.sum(wanted * wanted))
        if size < 1e-16:
            continue
        factor = float(np.sum(moved * wanted)) / size
        if not np.allclose(
            moved, factor * wanted, rtol=1e-3, atol=1e-8 + 1e-5 * np.max(np.abs(wanted))
        ):
            return
        factors[number] = factor
    values = np.array(list(factors.values()))
    if len(values) < MIN_CALLS:
        return
    if np.allclose(values, 0, atol=1e-9):
        yield found("stays", place)
    elif np.allclose(values, -1, rtol=1e-3):
        yield found("wrong_way", place)
    else:
        yield from _named(evidence, place, factors, ("step_length", "step_without", "step_length"))


def _named_like(arguments: dict[str, Any], name: object) -> Floats | None:
    for key, value in arguments.items():
        if key == name and is_numeric(value):
            return np.asarray(value, dtype=np.float64)
        if isinstance(value, dict) and name in value and is_numeric(value[name]):
            return np.asarray(value[name], dtype=np.float64)
    return None


def _of_examples(place: str, pairs: Pairs) -> Iterator[Finding]:
    """Look for columns that are wrong alone."""
    wide = [(one, other) for _, one, other in pairs if one.ndim == 2 and one.shape[1] > 1]
    wrong = [
        [column for column in range(one.shape[1]) if not alike(one[:, column], other[:, column])]
        for one, other in wide
    ]
    if sum(map(bool, wrong)) >= MIN_CALLS and all(
        columns in ([], [one.shape[1] - 1]) for columns, (one, _) in zip(wrong, wide, strict=True)
    ):
        yield found("last_example", place)


def as_if(evidence: Evidence) -> list[Finding]:
    """Find an argument that the function seems to take for another value."""
    if evidence.raised or not evidence.wrong:
        return []
    try:
        for finding, change in _changes(evidence):
            likely = finding.kind not in UNLIKELY
            if likely and _explains(evidence, evidence.with_arguments(change)):
                return [finding]
        return _first_step(evidence)
    except (NotAnswered, TypeError):  # what cannot be asked says nothing
        return []


def as_if_other(evidence: Evidence) -> list[Finding]:
    """Find the one argument, or entry of a dict, that the function takes with another value.

    Two that explain the same, such as both factors of a product, say nothing.
    """
    if evidence.random or evidence.raised or not evidence.wrong:
        return []
    there = {path for answer in evidence.student.answers for path in answer}
    right = {path for answer in evidence.right.answers for path in answer}
    paths = {path for path in right & there if path[0] == "returned"}
    found_here = []
    try:
        for finding, change in _changes(evidence) if paths else ():
            unlikely = finding.kind in UNLIKELY
            if unlikely and _explains(evidence, evidence.with_arguments(change), paths):
                found_here.append(finding)
    except (NotAnswered, TypeError):
        return []
    return found_here if len(found_here) == 1 else []


OTHER_VALUES: dict[str, Callable[[Any], Any]] = {
    "as_if_zero": lambda value: 0.0 * value,
    "as_if_negative": lambda value: -1.0 * value,
}

UNLIKELY = (*OTHER_VALUES, "as_if_labels_exchanged")
"""Kinds that are told only if no relation holds, and none of the others explains the same."""

MAX_GROUPS = 20
"""Entries of a dict that are tried: one with more is no set of parameters of a small network."""


def _letters(key: str) -> str:
    return key.rstrip("0123456789")


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
    for name, values in _whole_numbers(evidence).items():
        once = [number for number, value in enumerate(values) if value == 1]
        if len(once) < MIN_CALLS:
            continue
        starts = list(evidence.with_arguments(partial(_with, name, lambda _: 0)))
        factors = []
        for number in once:
            mine, right = evidence.student.answers[number], evidence.right.answers[number]
            for path, start in starts[number].items():
                if path[0] != "returned" or not is_numeric(start) or not is_numeric(right[path]):
                    return []
                moved, wanted = (_moved(answer.get(path), start) for answer in (mine, right))
                if moved is None or wanted is None:
                    return []
                size = float(np.sum(wanted * wanted))
                if size < 1e-12:
                    continue
                factor = float(np.sum(moved * wanted)) / size
                if not np.allclose(moved, factor * wanted, rtol=1e-3, atol=1e-9):
                    return []
                factors.append(factor)
        if len(factors) >= MIN_CALLS and np.ptp(factors) < 1e-3 and abs(factors[0] - 1) > 1e-3:
            return [found("first_step", factor=f"{factors[0]:.3g}")]
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


def _whole_numbers(evidence: Evidence) -> dict[str, list[int]]:
    """Return the arguments that are a whole number in every call."""
    found_here = {}
    for name in evidence.arguments[0] if evidence.arguments else ():
        values = [each.get(name) for each in evidence.arguments]
        whole = [v for v in values if isinstance(v, int) and not isinstance(v, bool)]
        if len(whole) == len(values):
            found_here[name] = whole
    return found_here


def _explains(
    evidence: Evidence, changed: Iterator[Parts], only: set[AnswerPath] | None = None
) -> bool:
    """Whether the student answers like the reference with changed arguments, in every call.

    Most changes are ruled out by the first calls, and the other answers are not computed. `only`
    leaves out the places that the student has in a form of their own.
    """
    paths = {path for answer in evidence.right.answers for path in answer if path[0] == "returned"}
    paths = paths if only is None else only
    different = 0
    calls = zip(evidence.student.answers, changed, evidence.right.answers, strict=True)
    for mine, theirs, right in calls:
        if not all(equal_at(mine, theirs, path) for path in paths):
            return False
        different += any(not equal_at(right, theirs, path) for path in paths)
    return different >= MIN_CALLS


def _changes(evidence: Evidence) -> Iterator[tuple[Finding, Change]]:
    """Yield what an argument could have been taken for."""
    arguments = evidence.arguments
    for name, whole in _whole_numbers(evidence).items():
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
            for group, members in _groups(values):
                for kind, function in OTHER_VALUES.items():
                    inside = partial(_in_dict, members, function)
                    yield found(kind, argument=group), partial(_with, name, inside)
        elif all(isinstance(value, np.ndarray) or type(value) is float for value in values):
            for kind, function in OTHER_VALUES.items():
                yield found(kind, argument=name), partial(_with, name, function)
            if all(np.isin(value, (0, 1)).all() for value in values):
                exchanged = partial(_with, name, lambda y: 1 - y)
                yield found("as_if_labels_exchanged", argument=name), exchanged


def _groups(values: Sequence[dict[Any, Any]]) -> list[tuple[str, set[str]]]:
    """Return the keys that are in every dict, and groups of keys whose names share letters."""
    keys = [{key for key in value if isinstance(key, str)} for value in values]
    groups = {key: {key} for key in set.intersection(*keys)}
    for letters in {_letters(key) for each in keys for key in each}:
        alike_named = {key for every in keys for key in every if _letters(key) == letters}
        if len(alike_named) > 1:
            groups[letters] = alike_named
    return [pair for pair in sorted(groups.items())[:MAX_GROUPS] if pair[0].isidentifier()]


def _always(value: object, _given: object) -> object:
    return value


def _with(name: str, change: Callable[[Any], Any], arguments: dict[str, Any]) -> dict[str, Any]:
    return {**arguments, name: change(arguments[name])}
