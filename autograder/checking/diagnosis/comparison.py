"""Compare two answers to the same call, path by path, up to rounding.

A path says where a number or an array stands in an answer: at `dW1` in a dict, or second in a
tuple. Changes to the arguments and exceptions have paths too.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from autograder.checking.expect import RTOL, first_difference, is_pandas
from autograder.checking.judge.calls import PendingCall, StudentError
from autograder.sandbox.protocol import wire

ATOL = 1e-9
"""Absolute tolerance besides RTOL, as in `expect.close`."""

MAX_COMPARED_ITEMS = 100
"""Entries of a dict or a list; a larger one is compared as a whole, under a single path."""

MAX_INDEX_ENTRIES = 200_000
"""Entries of the indices of tables that are written out for one answer."""

RawAnswer = wire.Returned | wire.Failed
AnswerPath = tuple[object, ...]


class Item(int):
    """The place of a value in a list: unlike a value of a tuple it has no meaning of its own."""


Parts = Mapping[AnswerPath, object]
PLAIN = (bool, int, float, str)
NUMBERS = (bool, int, float, np.generic, np.ndarray)


def raw_answer(pending: PendingCall) -> RawAnswer | None:
    """Return the answer or the exception of a student's call; None if it has neither."""
    if isinstance(pending.failure, StudentError):
        return wire.Failed(0, pending.failure.error)
    return pending.returned


def flatten(answer: RawAnswer | None) -> Parts:
    """Return the parts of an answer by their paths."""
    if answer is None:
        return {}
    if isinstance(answer, wire.Failed):
        return {("raised",): (answer.error.type, answer.error.message)}
    try:
        found = dict(_inside(without_tables(wire.unpack(answer.value)), ("returned",)))
        if answer.arguments is not None:
            found["altered",] = tuple(map(wire.unpack, answer.arguments))
    except wire.BadMessage:
        return {("unreadable",): True}
    return found


def without_tables(value: Any) -> Any:
    """Return a value with a dict of columns in the place of each table of pandas.

    Raises:
        wire.TooLong: the indices of the tables have too many entries. A range crosses as three
            numbers, and takes memory only when it is written out.
    """
    written = 0

    def plain(value: Any) -> Any:
        nonlocal written
        if is_pandas(value, "Series"):
            value = value.to_frame("values" if value.name is None else value.name)
        if is_pandas(value, "DataFrame"):
            columns = {name: value[name].to_numpy() for name in value if value.columns.is_unique}
            if _is_numbered(value.index):
                return columns
            written += len(value.index)
            if written > MAX_INDEX_ENTRIES:
                raise wire.TooLong
            return {"index": value.index.to_numpy(), **columns}
        if type(value) not in (dict, list, tuple) or len(value) > MAX_COMPARED_ITEMS:
            return value
        if isinstance(value, dict):
            return {key: plain(item) for key, item in value.items()}
        return type(value)(map(plain, value))

    return plain(value)


def _is_numbered(index: Any) -> bool:
    """Return whether the index of a table numbers its rows from 0."""
    if is_pandas(index, "RangeIndex"):
        return len(index) == 0 or (index[0], index[-1]) == (0, len(index) - 1)
    return np.array_equal(index.to_numpy(), np.arange(len(index)))


def _inside(value: Any, path: AnswerPath) -> Iterator[tuple[AnswerPath, object]]:
    items: list[tuple[object, object]] = []
    if isinstance(value, dict):
        items = list(value.items())
    elif isinstance(value, (list, tuple)):
        number = Item if isinstance(value, list) else int
        items = [(number(n), item) for n, item in enumerate(value)]
    if not 0 < len(items) <= MAX_COMPARED_ITEMS:
        yield path, value
    for key, item in items if len(items) <= MAX_COMPARED_ITEMS else ():
        yield from _inside(item, (*path, key))


def differing_paths(one: Parts, other: Parts) -> set[AnswerPath]:
    """Return the paths at which two answers differ."""
    return {path for path in one.keys() | other.keys() if not equal_at(one, other, path)}


def equal_at(one: Parts, other: Parts, path: AnswerPath) -> bool:
    """Return whether two answers are equal at a path, or both have nothing there."""
    if path in one and path in other:
        return alike(one[path], other[path])
    if path in one or path in other:
        return False
    return _goes_on(one, path) == _goes_on(other, path)


def _goes_on(parts: Parts, path: AnswerPath) -> bool:
    """Return whether an answer has a list, a tuple or a dict at a path."""
    return any(each[: len(path)] == path for each in parts)


def is_unbounded(parts: Parts, path: AnswerPath) -> bool:
    """Return whether the numbers at a path are infinite or no numbers, as after an overflow."""
    value = parts.get(path)
    if not isinstance(value, NUMBERS):
        return False
    array = np.asarray(value)
    return array.dtype.kind == "f" and not bool(np.all(np.isfinite(array)))


def alike(one: Any, other: Any) -> bool:
    """Return whether two values are equal up to rounding, whatever types their numbers have."""
    # The first two cases are fast, and lists hold many.
    if one is other or (type(one) is type(other) and type(one) in PLAIN and one == other):
        return True
    both_floats = type(one) is float and type(other) is float
    if both_floats and abs(one - other) <= ATOL + RTOL * abs(other) < math.inf:
        return True
    if isinstance(one, NUMBERS) and isinstance(other, NUMBERS):
        a, b = np.asarray(one), np.asarray(other)
        if a.shape != b.shape:
            return False
        if a.dtype.kind in "biuf" and b.dtype.kind in "biuf":
            return _near(a, b)
    if isinstance(other, dict):
        return (
            isinstance(one, dict)
            and one.keys() >= other.keys()  # more keys do no harm
            and all(alike(one[key], item) for key, item in other.items())
        )
    if isinstance(other, (list, tuple)):
        return (
            isinstance(one, (list, tuple))
            and len(one) == len(other)
            and all(map(alike, one, other))
        )
    return type(one) is type(other) and first_difference(one, other, RTOL, ATOL) is None


def _near(a: npt.NDArray[Any], b: npt.NDArray[Any]) -> bool:
    """Return whether all numbers of two arrays of one shape are equal up to rounding."""
    if a.dtype == b.dtype and a.tobytes() == b.tobytes():  # as most are; this is fast
        return True
    return bool(np.all(near_entries(a, b)))


def near_entries(
    a: npt.NDArray[Any], b: npt.NDArray[Any], axis: int | None = None
) -> npt.NDArray[np.bool_]:
    """Return of each number of two arrays of one shape whether they are equal up to rounding.

    Rounding is measured by the largest finite number of `b`, or of its part along an axis.
    """
    with np.errstate(all="ignore"):
        a, b = a.astype(np.float64), b.astype(np.float64)
        finite = np.isfinite(b)
        largest = np.max(np.abs(b), axis=axis, keepdims=True, initial=0.0, where=finite)
        near = np.abs(a - b) <= ATOL + RTOL * largest
    return np.asarray(near | (a == b) | (np.isnan(a) & np.isnan(b)))
