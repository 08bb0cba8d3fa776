"""Whether two answers to the same call are the same, up to rounding and in whatever form."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.checking.expect import RTOL
from autograder.checking.student import Asked, LearnerError
from autograder.sandbox import wire

ATOL = 1e-9
"""Besides RTOL, as in `expect.close`."""

Said = wire.Returned | wire.Failed


def answers_like(asked: Asked, answer: Said) -> bool:
    """Whether a learner's call came to the same end as another's, up to rounding."""
    if isinstance(asked.failure, LearnerError):
        return alike(parts(wire.Failed(0, asked.failure.error)), parts(answer))
    return asked.returned is not None and alike(parts(asked.returned), parts(answer))


def parts(answer: Said) -> object:
    """What there is to compare of an answer."""
    if isinstance(answer, wire.Failed):
        return [answer.error.type, answer.error.message]
    try:
        altered = answer.arguments and [wire.unpack(each) for each in answer.arguments]
        return {"value": wire.unpack(answer.value), "altered": altered}
    except wire.BadMessage:
        return answer


def alike(one: Any, other: Any) -> bool:
    """Whether a value is another one up to rounding, in whatever form its numbers are.

    A dict may hold more than the other one.
    """
    if isinstance(other, dict):
        return isinstance(one, dict) and all(
            key in one and alike(one[key], value) for key, value in other.items()
        )
    if isinstance(other, (list, tuple)):
        return (
            isinstance(one, (list, tuple))
            and len(one) == len(other)
            and all(map(alike, one, other))
        )
    numbers = (bool, int, float, np.generic, np.ndarray)
    if isinstance(one, numbers) and isinstance(other, numbers):
        a, b = np.asarray(one), np.asarray(other)
        if a.shape != b.shape or a.dtype.kind not in "biuf" or b.dtype.kind not in "biuf":
            return False
        with np.errstate(all="ignore"):
            a, b = a.astype(np.float64), b.astype(np.float64)
            largest = np.max(np.abs(b), initial=0.0, where=np.isfinite(b))
            near = np.abs(a - b) <= ATOL + RTOL * largest
        return bool(np.all(near | (a == b) | (np.isnan(a) & np.isnan(b))))
    return type(one) is type(other) and bool(one == other)
