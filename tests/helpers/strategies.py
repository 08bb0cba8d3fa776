"""Hypothesis strategies for values that cross between the judge and the student process."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from autograder.sandbox.protocol import wire

DTYPES = st.sampled_from(sorted(wire.DTYPES)).map(np.dtype)
ARRAYS = npst.arrays(DTYPES, npst.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4))
SCALARS = DTYPES.flatmap(lambda dtype: npst.arrays(dtype, ())).map(lambda each: each[()])
INTS = st.integers(-(2**63), 2**63 - 1)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
KEYS = st.none() | st.booleans() | INTS | st.floats() | TEXT
PLAIN = st.none() | st.booleans() | INTS | st.floats() | TEXT | ARRAYS | SCALARS
VALUES = st.recursive(
    PLAIN,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(KEYS, inner, max_size=4)
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
