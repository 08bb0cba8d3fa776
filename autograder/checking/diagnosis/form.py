"""Find answers whose content is right and whose form is not: other keys, order, or container."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import Any

from autograder.checking.diagnosis.comparison import Parts, alike
from autograder.checking.diagnosis.evidence import Evidence
from autograder.checking.diagnosis.findings import Finding, found
from autograder.checking.diagnosis.source import prints
from autograder.checking.diagnosis.student_source import MAX_NAME
from autograder.sandbox.protocol import wire

MAX_VALUES = 6
"""Values of a tuple that are tried in another order."""

MAX_KEYS = 4
"""Keys that a sentence names."""

Fits = Callable[[Any, Any], bool]
"""Whether an answer of the student's is a right one in this form."""


def form(evidence: Evidence) -> list[Finding]:
    """Return the finding about the form of the answers, if one form explains every call."""
    if evidence.raised or not evidence.wrong:
        return []
    pairs = [
        (wire.unpack(mine.value), _tree(theirs))
        for mine, theirs in zip(evidence.raw, evidence.right.answers, strict=True)
        if isinstance(mine, wire.Returned) and ("raised",) not in theirs
    ]
    if not pairs:
        return []
    if all(mine is None for mine, _ in pairs):
        return [found("printed" if prints(evidence) else "nothing_returned")]
    for finding, fits in _forms(*max(pairs, key=lambda pair: _distinct(pair[1]))):
        if all(_holds(fits, mine, theirs) for mine, theirs in pairs):
            return [finding]
    return []


def _tree(parts: Parts) -> Any:
    """Return the answer that was flattened into these parts, with tuples for all sequences."""
    return _nested({path[1:]: value for path, value in parts.items() if path[0] == "returned"})


def _nested(parts: dict[tuple[object, ...], object]) -> Any:
    if () in parts:
        return parts[()]
    inside: dict[object, dict[tuple[object, ...], object]] = {}
    for path, value in parts.items():
        inside.setdefault(path[0], {})[path[1:]] = value
    values = {key: _nested(each) for key, each in inside.items()}
    return values if any(isinstance(key, str) for key in values) else tuple(values.values())


def _distinct(value: Any) -> int:
    """Return how many of the values differ: a call with many tells them apart."""
    if not isinstance(value, (dict, tuple)):
        return 0
    values = list(value.values() if isinstance(value, dict) else value)
    return sum(not any(alike(one, other) for other in values[:n]) for n, one in enumerate(values))


def _holds(fits: Fits, mine: Any, theirs: Any) -> bool:
    try:
        return fits(mine, theirs)
    except (LookupError, TypeError, AttributeError, ValueError):
        return False


def _forms(mine: Any, wanted: Any) -> Iterator[tuple[Finding, Fits]]:
    """Yield the forms that could explain one call, each with the finding that it would be."""
    if isinstance(wanted, dict):
        yield from _for_dict(mine, wanted)
    elif isinstance(wanted, tuple):
        yield from _for_tuple(mine, wanted)
    if isinstance(mine, (tuple, list)) and not isinstance(wanted, tuple):
        for number in range(min(len(mine), MAX_VALUES)):
            yield (
                found("too_many_values", number=number + 1),
                partial(_holds_at, number),
            )


def _for_dict(mine: Any, wanted: dict[Any, Any]) -> Iterator[tuple[Finding, Fits]]:
    if isinstance(mine, (tuple, list)):
        yield (
            found("values_for_dict", keys=", ".join(map(str, wanted))),
            lambda a, b: isinstance(a, (tuple, list)) and alike(list(a), list(b.values())),
        )
        yield (
            found("other_container", keys=", ".join(map(str, wanted))),
            lambda a, b: _holds_all(list(islice(_leaves(a), len(b) + 1)), list(b.values())),
        )
    if not isinstance(mine, dict):
        return
    wrong = [key for key in wanted if key not in mine or not alike(mine[key], wanted[key])]
    stands = {key: _holder(key, mine, wanted, wrong) for key in wrong}
    if all(map(_is_name, stands.values())) and len(set(stands.values())) == len(wrong):
        yield (
            found(
                "other_keys", keys=", ".join(f"{stands[key]} → {key}" for key in wrong[:MAX_KEYS])
            ),
            lambda a, b: alike({key: a[stands.get(key, key)] for key in b}, b),
        )
    missing = [key for key in wanted if key not in mine]
    if missing and len(missing) < len(wanted):
        yield (
            found("missing_keys", keys=", ".join(map(str, missing))),
            lambda a, b: alike(a, {key: b[key] for key in b if key not in missing}),
        )


def _holder(key: Any, mine: dict[Any, Any], wanted: dict[Any, Any], wrong: list[Any]) -> Any:
    """Return the key under which the student has what belongs under another one."""
    name = str(key).lower()
    free = [each for each in mine if each not in wanted or each in wrong]
    free.sort(key=lambda each: str(each).lower() not in (name, name.removeprefix("d")))
    free.sort(key=lambda each: str(each)[:1].lower() not in (name[:1], name.removeprefix("d")[:1]))
    return next((each for each in free if each != key and alike(mine[each], wanted[key])), None)


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, (tuple, list)):
        for each in value:
            yield from _leaves(each)
    elif isinstance(value, dict):
        yield from _leaves(list(value.values()))
    else:
        yield value


def _holds_all(mine: list[Any], wanted: list[Any]) -> bool:
    """Whether two lists hold the same values, in whatever order."""
    rest = list(mine)
    for each in wanted:
        place = next((n for n, value in enumerate(rest) if alike(value, each)), None)
        if place is None:
            return False
        del rest[place]
    return not rest


def _is_name(key: Any) -> bool:
    """Whether a key of the student's may stand in a sentence."""
    return isinstance(key, str) and key.isidentifier() and len(key) <= MAX_NAME


def _for_tuple(mine: Any, wanted: tuple[Any, ...]) -> Iterator[tuple[Finding, Fits]]:
    size = len(wanted)
    if isinstance(mine, (tuple, list)) and len(mine) == size <= MAX_VALUES:
        for order in itertools.permutations(range(size)):
            if order != tuple(range(size)):
                yield (
                    found("other_order"),
                    partial(_in_order, order),
                )
        if size == 2:  # the other value may be in a form of the student's own
            yield found("other_order"), _second_is_first
        different = [place for place in range(size) if not alike(mine[place], wanted[place])]
        if len(different) == 1:
            (place,) = different
            for finding, fits in _forms(mine[place], wanted[place]):
                yield finding, partial(_fits_inside, place, fits)
    if isinstance(mine, (tuple, list)) and mine:
        yield found("last_values_missing"), lambda a, b: _are_many(a) and alike(a, b[: len(a)])
        yield found("values_before"), lambda a, b: _are_many(a) and alike(a[-len(b) :], b)
        yield found("values_after"), lambda a, b: _are_many(a) and alike(a[: len(b)], b)
    if isinstance(mine, dict) and len(mine) == size:
        yield found("dict_for_values"), lambda a, b: alike(list(a.values()), b)
    if not isinstance(mine, (tuple, list)) and size > 1:
        for number in range(size):
            yield (
                found("only_one_value", number=number + 1),
                partial(_is_part, number),
            )


def _are_many(mine: Any) -> bool:
    return isinstance(mine, (tuple, list))


def _holds_at(number: int, mine: Any, wanted: Any) -> bool:
    return len(mine) > 1 and alike(mine[number], wanted)


def _is_part(number: int, mine: Any, wanted: Any) -> bool:
    return alike(mine, wanted[number])


def _in_order(order: Sequence[int], mine: Any, wanted: Any) -> bool:
    return len(mine) == len(wanted) and alike([mine[place] for place in order], wanted)


def _second_is_first(mine: Any, wanted: Any) -> bool:
    return len(mine) == 2 and alike(mine[1], wanted[0]) and not alike(mine[0], wanted[0])


def _fits_inside(place: int, fits: Fits, mine: Any, wanted: Any) -> bool:
    """Whether one value is right in a form, and all others are right as they are."""
    pairs = enumerate(zip(mine, wanted, strict=True))
    return all(fits(a, b) if number == place else alike(a, b) for number, (a, b) in pairs)
