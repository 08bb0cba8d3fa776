"""Hypothesis strategies for values that cross between the judge and the student process."""

from __future__ import annotations

import datetime

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from autograder.sandbox.protocol import wire

DTYPES = st.sampled_from(sorted(wire.DTYPES)).map(np.dtype)
ARRAYS = npst.arrays(DTYPES, npst.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4))
SCALARS = DTYPES.flatmap(lambda dtype: npst.arrays(dtype, ())).map(lambda each: each[()])
INTS = st.integers(-(2**63), 2**63 - 1)
LONG_INTS = st.integers(-(2**400), 2**400)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
KEYS = st.none() | st.booleans() | INTS | st.floats() | TEXT
UNITS = st.sampled_from(["D", "s", "ms", "ns", "M"])
TYPES = (
    st.sampled_from(["U3", "S2", "U1"])
    | st.tuples(st.sampled_from("mM"), UNITS).map(lambda each: f"{each[0]}8[{each[1]}]")
    | st.just([("a", "f8"), ("b", "U2", (2,)), ("c", [("d", "?"), ("e", "i2")])])
).map(lambda each: np.dtype(each))
TYPED = npst.arrays(
    TYPES,
    npst.array_shapes(min_dims=1, max_dims=2, min_side=0, max_side=3),
)
EXACT = (
    LONG_INTS
    | st.complex_numbers()
    | st.fractions()
    | st.decimals(allow_nan=False)
    | st.binary(max_size=20)
    | st.binary(max_size=20).map(bytearray)
    | st.builds(range, st.integers(-9, 9), st.integers(-9, 9), st.sampled_from([-2, -1, 1, 3]))
    | st.dates()
    | st.times()
    | st.datetimes()
    | st.datetimes(timezones=st.just(datetime.UTC))
    | st.timedeltas()
)
MASKED = st.builds(
    lambda data, mask: np.ma.MaskedArray(data, mask),
    npst.arrays(np.float64, 3),
    npst.arrays(np.bool_, 3),
)
HASHABLE = st.recursive(
    st.none() | LONG_INTS | TEXT | st.dates() | st.binary(max_size=5) | st.fractions(),
    lambda inner: st.tuples(inner, inner) | st.frozensets(inner, max_size=3),
    max_leaves=4,
)
PLAIN = (
    st.none()
    | st.booleans()
    | INTS
    | st.floats()
    | TEXT
    | ARRAYS
    | SCALARS
    | TYPED
    | EXACT
    | MASKED
)


def objects(items: list[object]) -> object:
    """Return an array of Python's objects."""
    made = np.empty(len(items), object)
    for place, item in enumerate(items):
        made[place] = item
    return made


VALUES = st.recursive(
    PLAIN,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(KEYS, inner, max_size=4)
        | st.dictionaries(HASHABLE, inner, max_size=4)
        | st.sets(HASHABLE, max_size=4)
        | st.frozensets(HASHABLE, max_size=4)
        | st.lists(inner, min_size=1, max_size=3).map(objects)
    ),
    max_leaves=12,
)
"""Every value that can be sent."""

HANDLES = st.builds(wire.Handle, INTS, st.text(max_size=100))


def huge(name: str) -> object:
    """A value by its name: hypothesis writes down what it draws from, and Python no such int."""
    return {
        "int": 10**5000,
        "negative": -(10**5000),
        "word": 2**63,
        "key": {10**5000: 1},
        "dict": dict.fromkeys(range(50_000)),
        "text": "x" * 10**5,
    }[name]


HUGE = st.sampled_from(["int", "negative", "word", "key", "dict", "text"]).map(huge)
ANSWERS = VALUES | st.recursive(
    PLAIN | HANDLES | HUGE,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.dictionaries(st.sampled_from(["W1", "b1", "W2", "b2"]) | KEYS, inner, max_size=4)
    ),
    max_leaves=6,
)
"""Every answer that a check may get, including unsent values in a notebook on its own."""
