"""Find in what a student's random numbers differ from those of the reference."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterator

import numpy as np
import scipy

from autograder.checking.diagnosis.comparison import AnswerPath
from autograder.checking.diagnosis.distributions import SIGNIFICANCE, chance_of_gap
from autograder.checking.diagnosis.evidence import Evidence, Floats, pairs_at
from autograder.checking.diagnosis.findings import Finding, found, merged, place_name
from autograder.checking.mistakes import function_source

Pairs = list[tuple[int, Floats, Floats]]

MIN_SAMPLE = 1000
"""Numbers that the standard deviation of one call is taken from: it is right to 2 percent."""

MIN_CALLS = 2
"""Calls in which a shape, or a standard deviation, has to be wrong."""

SPREAD_TOLERANCE = 0.05
"""How far two ratios of such standard deviations may be apart by chance."""

MAX_ERRORS = 5.0
"""Standard errors that the logarithm of such a ratio is off by chance, with a chance below 1e-6."""

MAX_SHIFT = 8.0
"""Standard errors that a mean of 0 is away from 0 by chance, with a probability below 1e-14."""


def draws(evidence: Evidence, *, seeded: bool = False) -> list[Finding]:
    """Return what is wrong with the random numbers at each place that is wrong.

    Args:
        evidence: the answers.
        seeded: whether it is known already that every call draws the same numbers.
    """
    found_here = []
    draws_itself = re.search("random|rng", function_source(evidence.reference, evidence.function))
    if not evidence.random or evidence.raised or draws_itself is None:
        return []  # what a function makes of the draws of another is not drawn
    for path in evidence.wrong:
        pairs = pairs_at(path, evidence.student.answers, evidence.right.answers)
        if not pairs:
            return []
        path = evidence.named(path)
        of_shape = any(one.shape != other.shape for _, one, other in pairs)
        anew = None if seeded else evidence
        differences = _of_shape(path, pairs) if of_shape else _differences(anew, path, pairs)
        first = next(differences, None)
        if first is not None:
            found_here.append(first)
        elif max(one.size for _, one, _ in pairs) >= MIN_SAMPLE:
            return []  # fewer numbers do not show a wrong distribution
    if any(each.kind == "some_zero" for each in found_here):  # few calls have the last layers
        found_here = [
            found("some_zero", each.places[0]) if each.kind == "all_zero" else each
            for each in found_here
        ]
    factors = [float(each.parameters["factor"]) for each in found_here if each.parameters]
    if factors and len(factors) == len(found_here):
        if max(factors) > (1 + 3 * SPREAD_TOLERANCE) * min(factors):  # another one in each layer
            found_here = [found("spread_varies", each.places[0]) for each in found_here]
        else:  # chance makes 6.9 of one 7, and 7.1 of another
            factor = f"{float(f'{np.median(factors):.2g}'):g}"
            found_here = [
                found("spread_factor", each.places[0], factor=factor) for each in found_here
            ]
    return merged(found_here)


def _of_shape(path: AnswerPath, pairs: Pairs) -> Iterator[Finding]:
    """Compare shapes alone, where some are wrong."""
    place = place_name(path)
    wrong = [(one, other) for _, one, other in pairs if one.shape != other.shape]
    if len(wrong) < MIN_CALLS:
        return
    if not any(np.any(one) or np.any(other) for _, one, other in pairs) and all(
        one.size == other.size for _, one, other in pairs
    ):
        yield found("other_shape", place)
    elif all(one.shape == other.shape[::-1] for _, one, other in pairs):
        yield found("sizes_exchanged", place)
    elif len({one.shape for _, one, _ in pairs}) == 1 < len({right.shape for *_, right in pairs}):
        yield found("fixed_shape", place)


def _differences(evidence: Evidence | None, path: AnswerPath, pairs: Pairs) -> Iterator[Finding]:
    place = place_name(path)
    mine = np.concatenate([one.ravel() for _, one, _ in pairs])
    right = np.concatenate([other.ravel() for _, _, other in pairs])
    if not np.any(right):
        yield found("not_zero", place)
        return
    if not np.any(mine):
        yield found("all_zero", place)
    elif np.ptp(mine) == 0:
        yield found("all_equal", place)
    elif any(not np.any(one) and np.any(other) for _, one, other in pairs):
        yield found("some_zero", place)
    elif evidence is not None and _same_every_call(evidence, pairs):
        yield found("same_draws", place)
    elif _equal_rows(pairs):
        yield found("equal_rows", place)
    else:
        yield from _distribution(place, pairs)


def _same_every_call(evidence: Evidence, pairs: Pairs) -> bool:
    """Return whether calls with equal arguments give equal numbers, and the reference's differ."""
    groups: dict[str, list[tuple[Floats, Floats]]] = {}
    for number, one, other in pairs:
        groups.setdefault(str(evidence.arguments[number]), []).append((one, other))
    again = [(a, b) for each in groups.values() for a, b in itertools.pairwise(each)]
    return bool(again) and all(
        np.array_equal(a[0], b[0]) and not np.array_equal(a[1], b[1]) for a, b in again
    )


def _equal_rows(pairs: Pairs) -> bool:
    several = [one for _, one, _ in pairs if one.ndim == 2 and one.shape[0] > 1]
    return bool(several) and all(
        np.array_equal(one, one[:1].repeat(len(one), 0)) for one in several
    )


def _distribution(place: str, pairs: Pairs) -> Iterator[Finding]:
    """Compare the calls that return many numbers."""
    large = [(one, other) for _, one, other in pairs if one.size >= MIN_SAMPLE]
    if not large or any(np.ptp(one) == 0 for one, _ in large):
        return
    if all(one.min() >= 0 and np.mean(one > 0) > 0.5 for one, _ in large):
        yield found("one_sign", place)
        return
    spreads, wanted = (np.array([np.std(pair[side]) for pair in large]) for side in (0, 1))
    ratios = spreads / wanted
    weights = np.array([one.size for one, _ in large])
    mean = float(np.exp(np.average(np.log(ratios), weights=weights)))
    errors = np.abs(np.log(ratios / mean)) * np.sqrt(weights)
    # One by one, because calls with a seed draw the same numbers, which count only once.
    scaled = [((one - one.mean()) / np.std(one)).ravel() for one, _ in large]
    shifts = [_shift(one) for one, other in large if _shift(other) < MAX_SHIFT]
    if all(map(_is_uniform, scaled)):
        yield found("bounded", place)
    elif not all(map(_is_gaussian, scaled)):
        return
    elif not _is_steady(ratios):
        always = "spread_same" if _is_steady(spreads) else "spread_varies"
        yield found("spread_depends" if _is_steady(wanted) else always, place)
    elif len(ratios) >= MIN_CALLS and np.max(errors) < MAX_ERRORS:
        if abs(mean - 1) > 2 * SPREAD_TOLERANCE:
            yield found("spread_factor", place, factor=f"{float(f'{mean:.2g}'):g}")
        elif len(shifts) == len(large) and min(shifts) > MAX_SHIFT:
            yield found("mean_shifted", place)


def _is_steady(spreads: Floats) -> bool:
    """Return whether chance alone may have made standard deviations, or their ratios, differ."""
    return bool(np.ptp(spreads) <= 3 * SPREAD_TOLERANCE * np.max(spreads))


def _shift(sample: Floats) -> float:
    """Return how many of its standard errors a mean is away from 0."""
    return abs(float(np.mean(sample))) / float(np.std(sample)) * math.sqrt(sample.size)


def _is_uniform(scaled: Floats) -> bool:
    return _agrees(np.clip(np.sort(scaled) / np.sqrt(12) + 0.5, 0, 1))


def _is_gaussian(scaled: Floats) -> bool:
    return _agrees(scipy.special.ndtr(np.sort(scaled)))


def _agrees(below: Floats) -> bool:
    """Compare by a Kolmogorov-Smirnov test.

    Args:
        below: the chance of a draw below each number, in order.
    """
    steps = np.arange(below.size + 1) / below.size
    gap = max(np.max(steps[1:] - below), np.max(below - steps[:-1]))
    return chance_of_gap(gap, below.size) > SIGNIFICANCE
