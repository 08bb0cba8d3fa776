"""Compare two answers to the same call, path by path, up to rounding.

A path says where a number or an array stands in an answer: at `dW1` in a dict, or second in a
tuple. Changes to the arguments and exceptions have paths too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from autograder.checking.expect import RTOL
from autograder.checking.judge.calls import LearnerError, PendingCall
from autograder.sandbox.protocol import wire

ATOL = 1e-9
"""Absolute tolerance besides RTOL, as in `expect.close`."""

MAX_ENTRIES = 100
"""Entries of a dict or a list; a larger one is compared as a whole, under a single path."""

RawAnswer = wire.Returned | wire.Failed
AnswerPath = tuple[object, ...]
Parts = Mapping[AnswerPath, object]
NUMBERS = (bool, int, float, np.generic, np.ndarray)


def raw_answer(pending: PendingCall) -> RawAnswer | None:
    """Return the answer or the exception of a student's call; None if it has neither."""
    if isinstance(pending.failure, LearnerError):
        return wire.Failed(0, pending.failure.error)
    return pending.returned


def flatten(answer: RawAnswer | None) -> Parts:
    """Return the parts of an answer by their paths."""
    if answer is None:
        return {}
    if isinstance(answer, wire.Failed):
        return {("raised",): (answer.error.type, answer.error.message)}
    try:
        found = dict(_inside(wire.unpack(answer.value), ("returned",)))
        if answer.arguments is not None:
            found["altered",] = tuple(map(wire.unpack, answer.arguments))
    except wire.BadMessage:
        return {("unreadable",): True}
    return found


def _inside(value: Any, path: AnswerPath) -> Iterator[tuple[AnswerPath, object]]:
    items: list[tuple[object, object]] = []
    if isinstance(value, dict):
        items = list(value.items())
    elif isinstance(value, (list, tuple)):
        items = list(enumerate(value))
    if not 0 < len(items) <= MAX_ENTRIES:
        yield path, value
    for key, item in items if len(items) <= MAX_ENTRIES else ():
        yield from _inside(item, (*path, key))


def differing_paths(one: Parts, other: Parts) -> set[AnswerPath]:
    """Return the paths at which two answers differ."""
    return {path for path in one.keys() | other.keys() if not equal_at(one, other, path)}


def equal_at(one: Parts, other: Parts, path: AnswerPath) -> bool:
    """Whether two answers are equal at a path, or both have no such path."""
    if path in one and path in other:
        return alike(one[path], other[path])
    return path not in one and path not in other


def is_unbounded(parts: Parts, path: AnswerPath) -> bool:
    """Whether the numbers at a path are infinite or no numbers, as after an overflow."""
    value = parts.get(path)
    if not isinstance(value, NUMBERS):
        return False
    array = np.asarray(value)
    return array.dtype.kind == "f" and not bool(np.all(np.isfinite(array)))


def alike(one: Any, other: Any) -> bool:
    """Whether two values are equal up to rounding, whatever types their numbers have."""
    if one is other or (type(one) is float and type(other) is float and one == other):
        return True
    if isinstance(one, NUMBERS) and isinstance(other, NUMBERS):
        a, b = np.asarray(one), np.asarray(other)
        if a.shape != b.shape or a.dtype.kind not in "biuf" or b.dtype.kind not in "biuf":
            return False
        if a.dtype == b.dtype and a.tobytes() == b.tobytes():  # as most are; this is fast
            return True
        with np.errstate(all="ignore"):
            a, b = a.astype(np.float64), b.astype(np.float64)
            largest = np.max(np.abs(b), initial=0.0, where=np.isfinite(b))
            near = np.abs(a - b) <= ATOL + RTOL * largest
        return bool(np.all(near | (a == b) | (np.isnan(a) & np.isnan(b))))
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
    return type(one) is type(other) and bool(one == other)
