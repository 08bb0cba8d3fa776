"""Whatever a learner's function answers, an expectation is met, or not met in words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from autograder.checking import expect
from autograder.checking.expect import Answer, Unmet
from autograder.sandbox.protocol import wire

DTYPES = st.sampled_from(sorted(wire.DTYPES)).map(np.dtype)
ARRAYS = npst.arrays(DTYPES, npst.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3))
KEYS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats()
    | st.text(max_size=50)
    | ARRAYS
    | DTYPES.flatmap(lambda dtype: npst.arrays(dtype, ())).map(lambda each: each[()])
    | st.builds(wire.Handle, st.integers(0, 9), st.text(max_size=100)),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(KEYS | st.sampled_from(["a", "W1"]), inner, max_size=3)
    ),
    max_leaves=6,
)

ASKED: dict[str, Callable[[Answer], object]] = {
    "array": expect.array,
    "array of a shape": lambda answer: expect.array(answer, (2, 1)),
    "array of shape ()": lambda answer: expect.array(answer, ()),
    "scalar": expect.scalar,
    "scalar of size one": lambda answer: expect.scalar(answer, size_one=True),
    "truth": expect.truth,
    "zeros": expect.zeros,
    "zeros of a shape": lambda answer: expect.zeros(answer, (0,)),
    "close": lambda answer: expect.close(answer, [[1.0], [2.0]]),
    "close to a number": lambda answer: expect.close(answer, 0.0),
    "close to nothing": lambda answer: expect.close(answer, np.zeros((0, 3))),
    "keys": lambda answer: expect.keys(answer, ["a", "W1"]),
    "a key": lambda answer: expect.array(answer["a"]),
    "a part": lambda answer: expect.array(answer[1]),
    "the last part": lambda answer: expect.array(answer[-1]),
    "all parts": lambda answer: [expect.scalar(part) for part in answer],
    "a pair": lambda answer: answer.pair("A2", "cache")[1]["a"],
    "untouched": expect.untouched,
}


@pytest.mark.parametrize("asked", ASKED.values(), ids=ASKED.keys())
@given(value=VALUES)
def test_an_expectation_is_met_or_not_met_in_words(
    asked: Callable[[Answer], object], value: Any
) -> None:
    try:
        asked(Answer(value, "f(x)"))
    except Unmet as unmet:
        assert str(unmet).startswith("f(x)")  # noqa: PT017


@given(VALUES)
def test_every_value_has_a_few_words(value: Any) -> None:
    words = expect.kind(value)
    assert words
    assert len(words) < 200
    assert repr(Answer(value, "f(x)")) == f"Answer(f(x): {words})"


@given(VALUES)
def test_a_value_is_the_same_as_itself(value: Any) -> None:
    there = wire.unpack(wire.pack([value], lambda each: _kept(each)))
    again = wire.unpack(wire.pack([value], lambda each: _kept(each)))
    assert expect.same(there, again)
    assert not expect.same(there, [*again, None])


def _kept(value: object) -> wire.Handle:
    return value if isinstance(value, wire.Handle) else wire.Handle(0, "an int")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, 1.0),
        (1, True),
        (np.zeros(2), np.zeros((2, 1))),
        (np.zeros(2), np.zeros(2, np.float32)),
        (np.zeros(2), [0.0, 0.0]),
        (np.zeros(2), -np.zeros(2)),
        ({"a": 1}, {"a": 1, "b": 1}),
        ({"a": np.zeros(1)}, {"a": np.ones(1)}),
        (wire.Handle(1, "x"), wire.Handle(2, "x")),
        (None, 0),
    ],
)
def test_values_of_another_form_or_content_are_not_the_same(one: Any, other: Any) -> None:
    assert not expect.same(one, other)
    assert not expect.same(other, one)
    assert expect.same(one, one)


@given(
    npst.arrays(np.float64, (3, 2), elements=st.floats(-1e6, 1e6)),
    st.sampled_from([np.float32, np.float64]),
)
def test_close_takes_any_rounding_and_no_more(wanted: Any, dtype: Any) -> None:
    expect.close(Answer(wanted.astype(dtype), "f(x)"), wanted)
    off = wanted.copy()
    off[2, 1] += 1e-8 + 2 * expect.RTOL * np.abs(wanted).max()
    with pytest.raises(Unmet, match="wrong in 1 of 6 entries") as unmet:
        expect.close(Answer(off, "f(x)"), wanted)
    assert "(2, 1)" in str(unmet.value)
    with pytest.raises(Unmet, match=r"wrong in all 6 entries\. The first entry, at index \(0, 0\)"):
        expect.close(Answer(wanted + 1e9, "f(x)"), wanted)
    with pytest.raises(Unmet, match=r"f\(x\) is 1, which is not right"):
        expect.close(Answer(np.ones((1, 1)), "f(x)"), np.zeros((1, 1)))


@pytest.mark.parametrize("expects", [expect.close, expect.right])
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("form", [lambda bad: bad, lambda bad: [1.0, bad, 3.0]])
def test_nothing_is_close_to_what_is_not_finite(expects: Any, bad: float, form: Any) -> None:
    for answer in (np.full(np.shape(form(bad)), 42.0), np.asarray(form(bad))):
        with pytest.raises(ValueError, match="a wanted number is nan or infinite"):
            expects(Answer(answer, "f(x)"), form(bad))


def test_a_bound_that_is_no_number_lets_nothing_pass() -> None:
    with pytest.raises(Unmet, match="is not right"):
        expect.close(Answer(42.0, "f(x)"), 42.0, atol=float("nan"))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_numbers_must_be_finite_and_where_they_are_not_is_said(bad: float) -> None:
    with pytest.raises(Unmet, match=r"at index \(1, 0\); all entries should be finite"):
        expect.array(Answer(np.array([[0.0], [bad]]), "f(x)"))


@pytest.mark.parametrize("form", [3.5, np.float32(3.5), np.array(3.5), np.float16(3.5)])
def test_a_number_may_have_any_form(form: Any) -> None:
    assert expect.scalar(Answer(form, "f(x)")) == 3.5
    assert expect.close(Answer(form, "f(x)"), 3.5).shape == ()


@pytest.mark.parametrize("form", [True, np.True_, 1, 1.0, np.int8(1), np.array(True)])
def test_a_truth_may_have_any_form(form: Any) -> None:
    assert expect.truth(Answer(form, "f(x)")) is True


@pytest.mark.parametrize("form", ["1", None, 2, 0.5, [1], np.array([True]), 1 + 0j, np.nan])
def test_what_is_no_truth_is_unmet(form: Any) -> None:
    with pytest.raises(Unmet):
        expect.truth(Answer(form, "f(x)"))


def test_an_array_of_one_entry_is_a_number_only_where_that_is_asked() -> None:
    answer = Answer(np.array([[2.0]]), "f(x)")
    assert expect.scalar(answer, size_one=True) == 2.0
    with pytest.raises(Unmet, match="single number"):
        expect.scalar(answer)


def test_what_is_missing_is_said_by_its_name() -> None:
    answer = Answer({"W1": 1, "b1": 2}, "initialize_parameters(2, 4, 1)")
    with pytest.raises(Unmet, match='has no key "W2"; it has W1, b1'):
        expect.keys(answer, ["W1", "W2"])
    with pytest.raises(Unmet, match="is a return statement missing"):
        expect.keys(Answer(None, "f(x)"), ["W1"])
    with pytest.raises(Unmet, match="should return two values, A2 and cache"):
        Answer([1], "f(x)").pair("A2", "cache")
    assert answer["b1"].name == 'initialize_parameters(2, 4, 1)["b1"]'


def test_zeros_says_how_many_are_none() -> None:
    expect.zeros(Answer(np.zeros((2, 3)), "f(x)"), (2, 3))
    with pytest.raises(Unmet, match=r"not zero in 1 of 6 entries; at index \(0, 2\) it is 7"):
        expect.zeros(Answer(np.array([[0, 0, 7], [0, 0, 0]]), "f(x)"))


def test_a_call_is_spoken_of_by_its_arguments() -> None:
    words, names = expect.describe("f", ["X", "n"], [np.zeros(2), 4, [1]], {"rate": 1.2, "Y": [2]})
    assert words == "f(X, 4, number 3, rate=1.2, Y=Y)"
    assert names == ["X", "n", "number 3", "rate", "Y"]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (1 / 3, "≈0.333333"),
        (-2 / 3 * 1e-9, "≈-6.66667e-10"),
        (np.float64(2 / 3), "≈0.666667"),
        (np.float64(0.5), "0.5"),
        (0.5, "0.5"),
        (1e-07, "1e-07"),
        (1234567.0, "1234567.0"),
        (12345678, "12345678"),
        (float("nan"), "nan"),
        (float("-inf"), "-inf"),
        (True, "True"),
    ],
)
def test_a_call_shows_six_digits_and_says_where_there_are_more(value: float, said: str) -> None:
    assert expect.describe("f", ["x"], [value], {"y": value})[0] == f"f({said}, y={said})"


@given(st.lists(st.text(max_size=2000), max_size=30))
def test_a_sentence_about_missing_keys_stays_a_sentence(keys: list[str]) -> None:
    answer = Answer(dict.fromkeys(keys, 1), "f(x)")
    with pytest.raises(Unmet) as unmet:
        expect.keys(answer, ["a key that is not there"])
    assert len(str(unmet.value)) < 1000
