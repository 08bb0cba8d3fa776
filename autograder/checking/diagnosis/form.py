"""Find answers whose content is right and whose form is not: other keys, order, or container."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import chain, islice, permutations
from typing import Any

import numpy as np
import numpy.typing as npt

from autograder.checking.diagnosis.comparison import ATOL, Parts, alike, without_tables
from autograder.checking.diagnosis.evidence import Evidence, is_numeric, letters
from autograder.checking.diagnosis.findings import Finding, found
from autograder.checking.diagnosis.source import prints
from autograder.checking.diagnosis.student_source import MAX_NAME
from autograder.checking.expect import RTOL
from autograder.checking.mistakes import function_source
from autograder.sandbox.protocol import wire

MAX_VALUES = 6
"""Values of a tuple that are tried in another order."""

MAX_KEYS = 4
"""Keys of which a sentence tells the other name."""

MAX_LISTED = 6
"""Keys that a sentence lists."""

MAX_ROWS = 200
"""Values, other than numbers and texts, that are compared with each other in whatever order."""

Fits = Callable[[Any, Any], bool]
"""Whether an answer of the student's is a right one in this form."""


def form(evidence: Evidence) -> list[Finding]:
    """Return the finding about the form of the answers, if one form explains every call."""
    if evidence.raised or not evidence.wrong:
        return []
    pairs = [
        (without_tables(wire.unpack(mine.value)), _tree(theirs))
        for mine, theirs in zip(evidence.raw, evidence.right.answers, strict=True)
        if isinstance(mine, wire.Returned) and ("raised",) not in theirs
    ]
    if not pairs:
        return []
    if all(mine is None for mine, _ in pairs):
        asked = "print(" in function_source(evidence.reference, evidence.function)  # for the costs
        return [found("printed" if prints(evidence) and not asked else "nothing_returned")]
    if all(alike(mine, theirs) for mine, theirs in pairs):
        return []  # more keys are no other form
    most = max(pairs, key=lambda pair: _distinct(pair[1]))
    largest = max(pairs, key=lambda pair: len(pair[1]) if isinstance(pair[1], dict) else 0)
    every = chain(_forms(*most), _missing(*largest), _flattened(*most), _of_values(*most))
    for finding, fits in _of_values(*most) if _has_data_keys(evidence, pairs) else every:
        if all(_holds(fits, mine, theirs) for mine, theirs in pairs):
            return [finding]
    rows = [(_rows(mine), _rows(theirs)) for mine, theirs in pairs]
    moved = (theirs or [] for mine, theirs in rows if not alike(mine, theirs))
    # A few equal rows are often right by chance.
    distinct = [len(set(map(repr, theirs))) for theirs in moved]
    telling = len(distinct) > 1 and max(distinct) >= MIN_DISTINCT
    if telling and all(_holds(_holds_all, *pair) for pair in rows):
        turned = all(alike((mine or [])[::-1], theirs) for mine, theirs in rows)
        return [] if turned else [found("other_order")]
    return []


def _has_data_keys(evidence: Evidence, pairs: Sequence[tuple[Any, Any]]) -> bool:
    """Return whether the right keys come from the arguments: a sentence must not name these."""
    texts = " ".join(
        value for each in evidence.arguments for value in each.values() if isinstance(value, str)
    ).lower()
    dicts = [theirs for _, theirs in pairs if isinstance(theirs, dict)]
    in_text = any(str(key).lower() in texts for each in dicts for key in each)
    return in_text or len({frozenset(letters(str(key)) for key in each) for each in dicts}) > 1


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
    return len(set(map(repr, value.values() if isinstance(value, dict) else value)))


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
    if isinstance(mine, list) and isinstance(wanted, np.ndarray):
        flat = wanted.ndim > 1 and not any(isinstance(each, (list, np.ndarray)) for each in mine)
        yield found("flat_list" if flat else "list_for_array"), _holds_numbers
    if isinstance(mine, (tuple, list)) and not isinstance(wanted, tuple):
        for number in range(min(len(mine), MAX_VALUES)):
            yield (
                found("too_many_values", number=number + 1),
                partial(_holds_at, number),
            )


def _listed(keys: Iterable[Any]) -> str:
    """Return the first keys, as a sentence names them."""
    every = list(map(str, keys))
    return ", ".join([*every[:MAX_LISTED], "…"] if len(every) > MAX_LISTED else every)


def _flattened(mine: Any, wanted: Any) -> Iterator[tuple[Finding, Fits]]:
    """Yield the form of values that stand one by one, where some belong into a dict.

    Inside a value, such as caches, a student may have a form of their own.
    """
    dicts = [each for each in wanted if isinstance(each, dict)] if _are_many(wanted) else []
    if dicts and _are_many(mine) and len(mine) != len(wanted):
        yield (
            found("other_container", keys=_listed(dicts[0])),
            lambda a, b: _are_many(a) and alike(list(_leaves(a)), list(_leaves(b))),
        )


def _of_values(mine: Any, wanted: Any) -> Iterator[tuple[Finding, Fits]]:
    """Yield the forms of the values themselves, wherever they stand."""
    if isinstance(wanted, dict) and isinstance(mine, dict):
        yield found("list_for_array"), _holds_lists
    if isinstance(wanted, dict) and _are_many(mine):
        yield found("pairs_for_dict"), lambda a, b: alike(dict(a), b) and len(a) == len(b)
    if _are_many(wanted) and wanted and _are_many(mine):
        for number in range(min(len(mine[0]), MAX_VALUES) if mine and _are_many(mine[0]) else 0):
            yield (
                found("members_in_tuples", number=number + 1),
                partial(_holds_in_tuples, number),
            )
        size = len(wanted[0]) if _are_many(wanted[0]) else 0
        for order in permutations(range(size)) if size <= MAX_VALUES // 2 else ():
            yield found("members_order"), partial(_holds_reordered, order)
    for kind, rule in TEXTS.items():
        yield found(kind), partial(_holds_after, rule)


def _holds_lists(mine: Any, wanted: Any) -> bool:
    """Return whether a dict is right but for lists in the place of arrays."""
    return mine.keys() == wanted.keys() and all(
        alike(mine[key], item) or (isinstance(item, np.ndarray) and _holds_numbers(mine[key], item))
        for key, item in wanted.items()
    )


def _holds_in_tuples(number: int, mine: Any, wanted: Any) -> bool:
    return alike([each[number] for each in mine], wanted)


def _holds_reordered(order: Sequence[int], mine: Any, wanted: Any) -> bool:
    """Return whether each member of a list is right with its own values in another order."""
    return len(mine) == len(wanted) and all(map(partial(_in_order, order), mine, wanted))


def _as_number(text: Any) -> Any:
    return float(text) if isinstance(text, str) else text


TEXTS: dict[str, Callable[[Any], Any]] = {
    "text_for_numbers": _as_number,
    "other_spaces": lambda text: text.strip() if isinstance(text, str) else text,
    "other_case": lambda text: text.lower() if isinstance(text, str) else text,
}
"""What may be wrong with text."""

MIN_DISTINCT = 4
"""Different values that show that only their order is wrong."""


def _holds_after(rule: Callable[[Any], Any], mine: Any, wanted: Any) -> bool:
    """Return whether an answer is right after a change of each text in it, and of each key."""

    def changed(value: Any) -> Any:
        if isinstance(value, dict):
            keys = [key if rule is _as_number else rule(key) for key in value]
            return dict(zip(keys, map(changed, value.values()), strict=True))
        if isinstance(value, np.ndarray) and value.dtype.kind in "UO":
            return np.array([rule(each) for each in value.ravel()]).reshape(value.shape)
        return list(map(changed, value)) if _are_many(value) else rule(value)

    return alike(changed(mine), wanted if rule is _as_number else changed(wanted))


def _rows(value: Any) -> list[Any] | None:
    """Return the members of a list, or the rows of an array or of a table; None for the rest."""
    if isinstance(value, dict):
        columns = [_rows(each) for each in value.values()]
        if None in columns or len({len(each) for each in columns if each is not None}) != 1:
            return None
        return list(zip(*columns, strict=True))
    if isinstance(value, np.ndarray) and value.ndim == 1:
        return list(value.tolist())
    return list(value) if _are_many(value) else None


def _holds_numbers(mine: Any, wanted: Any) -> bool:
    """Return whether a list holds the numbers of an array, in their order.

    numpy would make an array of gigabytes from a list of long texts or of ranges.
    """
    if not isinstance(mine, list):
        return False
    leaves = list(islice(_leaves(mine), np.size(wanted) + 1))
    if not leaves or not all(map(is_numeric, leaves)):
        return False
    return alike(np.concatenate(list(map(np.ravel, leaves))), np.ravel(wanted))


def _for_dict(mine: Any, wanted: dict[Any, Any]) -> Iterator[tuple[Finding, Fits]]:
    if isinstance(mine, (tuple, list)):
        yield (
            found("values_for_dict", keys=_listed(wanted)),
            lambda a, b: isinstance(a, (tuple, list)) and alike(list(a), list(b.values())),
        )
        yield (
            found("other_container", keys=_listed(wanted)),
            lambda a, b: _holds_all(list(islice(_leaves(a), len(b) + 1)), list(b.values())),
        )
    if not isinstance(mine, dict):
        return
    wrong = [key for key in wanted if key not in mine or not alike(mine[key], wanted[key])]
    few = len(wrong) * len(mine) <= MAX_ROWS**2
    stands = {key: _holder(key, mine, wanted, wrong) for key in wrong if few}
    if few and all(map(_is_name, stands.values())) and len(set(stands.values())) == len(wrong):
        yield (
            found(
                "other_keys", keys=", ".join(f"{stands[key]} → {key}" for key in wrong[:MAX_KEYS])
            ),
            lambda a, b: alike({key: a[stands.get(key, key)] for key in b}, b),
        )
    for rename in RENAMES:
        named = {key: rename(key) for key in wanted if isinstance(key, str)}
        if named != {key: key for key in named}:
            shown = [f"{old} → {key}" for key, old in named.items() if old != key][:MAX_KEYS]
            yield (
                found("other_keys", keys=", ".join(shown)),
                partial(_holds_renamed, rename),
            )
    yield found("last_number_missing"), _holds_before_last
    yield from _missing(mine, wanted)


def _missing(mine: Any, wanted: Any) -> Iterator[tuple[Finding, Fits]]:
    """Yield the form of an answer without some keys."""
    if not isinstance(mine, dict) or not isinstance(wanted, dict):
        return
    missing = [key for key in wanted if key not in mine]
    if missing and len(missing) < len(wanted):
        yield (
            found("missing_keys", keys=_listed(missing)),
            lambda a, b: alike(a, {key: b[key] for key in b if key not in missing}),
        )


def _shifted(by: int, key: str) -> str:
    name = letters(key)
    return f"{name}{int(key[len(name) :]) + by}" if key != name else key


RENAMES: tuple[Callable[[str], str], ...] = (
    partial(_shifted, -1),
    partial(_shifted, 1),
    str.lower,
    str.upper,
    str.capitalize,
    lambda key: key.removeprefix("d"),
    lambda key: f"d{key}",
)
"""How keys are often named wrong: numbered from 0, in other letters, without a gradient's d."""


def _holds_renamed(rename: Callable[[str], str], mine: Any, wanted: Any) -> bool:
    names = [rename(key) for key in wanted]
    return len(mine) == len(wanted) and all(
        alike(mine[name], item) for name, item in zip(names, wanted.values(), strict=True)
    )


def _holds_before_last(mine: Any, wanted: Any) -> bool:
    """Return whether all is right but for the keys with the highest number, which are missing."""
    numbers = {key: int(key[len(letters(key)) :]) for key in wanted if key != letters(key)}
    last = [key for key, number in numbers.items() if number == max(numbers.values())]
    rest = {key: item for key, item in wanted.items() if key not in last}
    return (
        bool(last) and isinstance(mine, dict) and mine.keys() == rest.keys() and alike(mine, rest)
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
    """Return whether two lists hold the same values, in whatever order.

    Numbers and texts are sorted. Other values are compared each with each, which takes too long
    for many.
    """
    if len(mine) != len(wanted):
        return False
    one, other = map(_sorted_numbers, (mine, wanted))
    if one is not None and other is not None:
        return np.allclose(one, other, rtol=RTOL, atol=ATOL, equal_nan=True)
    if {*map(type, mine), *map(type, wanted)} == {str}:
        return sorted(mine) == sorted(wanted)
    if len(wanted) > MAX_ROWS:
        return False
    rest = list(mine)
    for each in wanted:
        place = next((n for n, value in enumerate(rest) if alike(value, each)), None)
        if place is None:
            return False
        del rest[place]
    return True


def _sorted_numbers(values: list[Any]) -> npt.NDArray[Any] | None:
    """Return numbers in order; None if others than real numbers are among the values."""
    numbers = (int, float, np.number, np.bool_)
    if not all(issubclass(kind, numbers) for kind in set(map(type, values))):
        return None
    array = np.array(values)
    return np.sort(array.astype(np.float64)) if array.dtype.kind in "biuf" else None


def _is_name(key: Any) -> bool:
    """Return whether a key of the student's may stand in a sentence."""
    return isinstance(key, str) and key.isidentifier() and len(key) <= MAX_NAME


def _for_tuple(mine: Any, wanted: tuple[Any, ...]) -> Iterator[tuple[Finding, Fits]]:
    size = len(wanted)
    if isinstance(mine, (tuple, list)) and len(mine) == size <= MAX_VALUES:
        for order in permutations(range(size)):
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
    """Return whether one value is right in a form, and all others are right as they are."""
    pairs = enumerate(zip(mine, wanted, strict=True))
    return all(fits(a, b) if number == place else alike(a, b) for number, (a, b) in pairs)
