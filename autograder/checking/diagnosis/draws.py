"""Find in what a student's random numbers differ from those of the reference."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
import scipy

from autograder.checking.diagnosis.comparison import AnswerPath
from autograder.checking.diagnosis.distributions import SIGNIFICANCE, chance_of_gap
from autograder.checking.diagnosis.evidence import Evidence, Floats, pairs_at
from autograder.checking.diagnosis.findings import Finding, found, merged, place_name

Pairs = list[tuple[int, Floats, Floats]]

MIN_SAMPLE = 1000
"""Numbers that the standard deviation of one call is taken from: it is right to 2 percent."""

MIN_CALLS = 2
"""Calls in which a shape has to be wrong."""

SPREAD_TOLERANCE = 0.05
"""How far two ratios of such standard deviations may be apart by chance."""


def draws(evidence: Evidence) -> list[Finding]:
    """Return what is wrong with the random numbers at each place that is wrong."""
    found_here = []
    for path in evidence.wrong if evidence.random and not evidence.raised else ():
        pairs = pairs_at(path, evidence.student.answers, evidence.right.answers)
        if not pairs:
            return []
        of_shape = any(one.shape != other.shape for _, one, other in pairs)
        differences = _of_shape(path, pairs) if of_shape else _differences(evidence, path, pairs)
        first = next(differences, None)
        if first is None:
            return []
        found_here.append(first)
    factors = {each.parameters.get("factor") for each in found_here}
    if len(factors) > 1 and None not in factors:  # another factor in each layer
        found_here = [found("spread_varies", each.places[0]) for each in found_here]
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
    elif len({one.shape for _, one, _ in pairs}) == 1:
        yield found("fixed_shape", place)


def _differences(evidence: Evidence, path: AnswerPath, pairs: Pairs) -> Iterator[Finding]:
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
    elif _same_every_call(evidence, pairs):
        yield found("same_draws", place)
    elif _equal_rows(pairs):
        yield found("equal_rows", place)
    else:
        yield from _distribution(place, pairs)


def _same_every_call(evidence: Evidence, pairs: Pairs) -> bool:
    """Whether calls with equal arguments give equal numbers, and the reference's differ."""
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
    if not large:
        return
    if all(one.min() >= 0 for one, _ in large):
        yield found("one_sign", place)
        return
    ratios = [float(np.std(one) / np.std(other)) for one, other in large]
    scaled = np.concatenate([(one / np.std(one)).ravel() for one, _ in large])
    if _is_uniform(scaled):
        yield found("bounded", place)
    elif not _is_gaussian(scaled):
        return
    elif np.ptp(ratios) > 3 * SPREAD_TOLERANCE * max(ratios):
        yield found("spread_varies", place)
    elif np.ptp(ratios) < SPREAD_TOLERANCE * max(ratios):
        mean = float(np.mean(ratios))
        if abs(mean - 1) > 2 * SPREAD_TOLERANCE:
            yield found("spread_factor", place, factor=f"{mean:.2g}")


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
