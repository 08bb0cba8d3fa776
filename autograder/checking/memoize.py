"""Cache what checks compute, so that equal arguments are computed once for a whole class."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from functools import wraps
from types import ModuleType
from typing import Any, ParamSpec, TypeVar

import numpy as np

MAX_CACHED_ANSWERS = 500
"""Cached answers of one function; the one that was used longest ago is dropped first."""

P = ParamSpec("P")
T = TypeVar("T")


def remember(function: Callable[P, T]) -> Callable[P, T]:
    """Cache a function's results, so that equal arguments are computed once.

        @remember
        def descend(reference, parameters, X, Y, *, steps):
            ...

    The function must depend on nothing but its arguments. These are numbers, strings, arrays,
    modules, and dicts, lists and tuples of them; two arrays are equal if they are equal bit by bit.
    The result is returned again for equal arguments, so its arrays are made read-only.

    Args:
        function: the function.

    Returns:
        The function with a cache of its last results.
    """
    kept: OrderedDict[object, T] = OrderedDict()

    @wraps(function)
    def answer(*arguments: P.args, **keywords: P.kwargs) -> T:
        key = _key(arguments), _key(keywords)
        if key in kept:
            kept.move_to_end(key)
        else:
            kept[key] = _fixed(function(*arguments, **keywords))
            if len(kept) > MAX_CACHED_ANSWERS:
                kept.popitem(last=False)
        return kept[key]

    return answer


def _key(value: Any) -> object:
    """Return a cache key for an argument.

    Raises:
        TypeError: arguments of this type cannot be cached.
    """
    if isinstance(value, (np.ndarray, np.generic)):
        return value.shape, value.dtype.str, value.tobytes()
    if isinstance(value, dict):
        return tuple((key, _key(item)) for key, item in value.items())
    if isinstance(value, (list, tuple)):
        return type(value), tuple(map(_key, value))
    if isinstance(value, float):  # 0.0 == -0.0, and nan != nan
        return value.hex()
    if value is None or isinstance(value, (bool, int, str, ModuleType)):
        return type(value), value
    raise TypeError(f"a value of type {type(value).__name__} cannot be remembered")


def _fixed(value: Any) -> Any:
    """Make the arrays in a value read-only and return the value."""
    if isinstance(value, np.ndarray):
        value.flags.writeable = False
    elif isinstance(value, dict):
        for item in value.values():
            _fixed(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            _fixed(item)
    return value
