"""Whatever a student's function answers, an expectation is met, or not met in words."""

from __future__ import annotations

import re
from collections import namedtuple
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
IndexOf = namedtuple("IndexOf", "a b")

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
    "equal to a number": lambda answer: expect.equal(answer, 1.0),
    "equal to a list": lambda answer: expect.equal(answer, [1, "a"]),
    "equal to a set": lambda answer: expect.equal(answer, {1, "a"}),
    "equal to a dict": lambda answer: expect.equal(answer, {"a": {}, "W1": np.ones(2)}),
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


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (iter({}.items()), "a dict_itemiterator"),
        (object(), "an object"),
        (IndexOf([1], 2), "an IndexOf of 2"),
        ([1], "a list of 1"),
        (np.add, "a ufunc"),
    ],
)
def test_the_article_fits_the_type(value: object, words: str) -> None:
    assert expect.kind(value) == words


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
    with pytest.raises(Unmet, match=r"wrong in both entries\. The first entry, at index \(0,\)"):
        expect.close(Answer(wanted[0] + 1e9, "f(x)"), wanted[0])
    with pytest.raises(Unmet, match=r"f\(x\) is 1, which is not right"):
        expect.close(Answer(np.ones((1, 1)), "f(x)"), np.zeros((1, 1)))


@pytest.mark.parametrize(
    "value",
    [
        [range(100_000)] * 100_000,
        ["a" * 100_000, *["b"] * 100_000],
        [np.array(["a" * 100_000]), *[np.array(["b"])] * 100_000],
        [np.ma.masked, 1.0],
    ],
    ids=["ranges", "texts", "arrays_of_texts", "masked"],
)
def test_no_array_is_made_of_a_list_that_would_fill_the_memory(
    value: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = np.asarray

    def asarray(values: Any) -> Any:
        assert not isinstance(values, list) or len(values) < 10, "an array is made of the list"
        return made(values)

    monkeypatch.setattr(np, "asarray", asarray)
    with pytest.raises(Unmet, match="should hold real numbers; it is a list of"):
        expect.close(Answer(value, "f(x)"), [1.0, 2.0])


def test_of_a_list_of_plain_numbers_one_array_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    made, converted = np.asarray, []

    def asarray(values: Any, *rest: Any) -> Any:
        converted.append(values)
        return made(values, *rest)

    monkeypatch.setattr(np, "asarray", asarray)
    wanted = [[1.0, 2] * 300] * 2
    expect.close(Answer([list(row) for row in wanted], "f(x)"), wanted)
    assert len(converted) < 5
    monkeypatch.setattr(expect, "MAX_LIST_ENTRIES", 3)
    with pytest.raises(Unmet):
        expect.close(Answer([np.float32(1)] * 600, "f(x)"), [1.0, 2.0])
    assert len(converted) < 15, "a list that is too long is converted to its end"


@pytest.mark.parametrize("value", [[1.0, 2.0], (1.0, 2.0)])
def test_a_list_is_said_to_be_a_list_where_it_will_not_do(value: Any) -> None:
    answer = Answer(value, "f(x)")
    with pytest.raises(Unmet, match=r"^f\(x\) should be an array; it is a (list|tuple) of 2\.$"):
        expect.close(answer, np.ones(2))
    for expects in (expect.scalar, lambda given: expect.close(given, 4.0)):
        with pytest.raises(Unmet, match=r"should be a single number; it is a (list|tuple) of 2"):
            expects(answer)


def test_a_list_may_hold_as_many_numbers_as_are_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expect, "MAX_LIST_ENTRIES", 2)
    wanted = [[1.0, 2.0], (3.0, 4.0), range(5, 7)]
    assert expect.close(Answer(wanted, "f(x)"), wanted).shape == (3, 2)


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
    with pytest.raises(Unmet, match="should be True or False; it is "):
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
    for alone in (lambda: Answer(1.0, "f(x)").pair("a", "b"), lambda: list(Answer(1.0, "f(x)"))):
        with pytest.raises(Unmet, match="Return them as a tuple, as in `return a, b`"):
            alone()
    assert answer["b1"].name == 'initialize_parameters(2, 4, 1)["b1"]'


def test_an_array_is_unpacked_along_its_first_axis() -> None:
    answer = Answer(np.polyfit([0.0, 1.0], [3.0, 5.0], 1), "fit_line(x, y)")
    slope, intercept = answer
    first, second = answer.pair("slope", "intercept")
    for each in (slope, first, answer[0]):
        expect.close(each, 2.0)
    for each in (intercept, second, answer[-1]):
        expect.close(each, 3.0)
    for refused in (np.float64(2.0), np.array(2.0), np.ones(3), np.ones((3, 2))):
        with pytest.raises(Unmet, match="should return two values, slope and intercept"):
            Answer(refused, "f(x)").pair("slope", "intercept")


@pytest.mark.parametrize("value", [[1], (1, 2, 3), np.ones(3), np.ones((1, 2))])
def test_another_number_of_values_is_the_answers_fault(value: Any) -> None:
    answer = Answer(value, "f(x)")
    with pytest.raises(Unmet, match=r"f\(x\) should return 2 values; it returned an? "):
        _first, _second = answer
    with pytest.raises(Unmet, match=r"f\(x\) should return 2 values"):
        for _first, _second in [answer]:
            pass
    with pytest.raises(Unmet, match=r"f\(x\) should return 2 values"):
        (_first, _second), _third = answer, 1
    first, *_others = answer
    assert len(list(answer)) == len([each for each in answer]) == len(value)  # noqa: C416
    assert first.name == "f(x)[0]"


def test_a_part_knows_its_place_in_the_whole_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expect, "_", lambda text: text.replace(": ", " 的 "))
    whole = Answer(({"W": [1, 2]}, {3: 4}), "f(x)")
    grads, _cost = whole.pair("grads", "cost")
    assert (grads["W"].name, grads["W"].place) == ('f(x) 的 grads["W"]', 'grads["W"]')
    assert (whole[0]["W"][1].name, whole[0]["W"][1].place) == ('f(x)[0]["W"][1]', '[0]["W"][1]')
    assert [each.place for each in whole] == ["[0]", "[1]"]
    assert (whole[1][3].place, whole.place) == ("[1][3]", "")


def test_zeros_says_how_many_are_none() -> None:
    expect.zeros(Answer(np.zeros((2, 3)), "f(x)"), (2, 3))
    with pytest.raises(Unmet, match=r"not zero in 1 of 6 entries; at index \(0, 2\) it is 7"):
        expect.zeros(Answer(np.array([[0, 0, 7], [0, 0, 0]]), "f(x)"))
    with pytest.raises(Unmet, match=r"None of its 2 entries is zero.* at index \(0,\), is 3\."):
        expect.zeros(Answer(np.array([3.0, 4.0]), "f(x)"))
    with pytest.raises(Unmet, match=r"^f\(x\) should be zero; it is 3\.$"):
        expect.zeros(Answer(np.array([[3.0]]), "f(x)"))


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


def test_a_value_that_is_too_large_is_not_walked_to_its_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Written out, it is a list of 2**40 numbers."""
    monkeypatch.setattr(expect, "MAX_BYTES", 1000)
    value: list[Any] = [1.0]
    for _ in range(40):
        value = [value, value]
    crossed = expect.crossing(value)
    assert isinstance(crossed, expect.Opaque)
    assert crossed.described == "a very large value"


@pytest.mark.parametrize(
    ("value", "wanted", "said"),
    [
        ("heaps", [1], "f(x) should be a list or a tuple; it is str 'heaps'."),
        ({1}, (1,), "f(x) should be a list or a tuple; it is a set of 1."),
        ([1], {1}, "f(x) should be a set; it is a list of 1."),
        ([1], {1: 2}, "f(x) should be a dict; it is a list of 1."),
        ([1], 1, "f(x) should be a number; it is a list of 1."),
        (1, "one", "f(x) should be text; it is int 1."),
        ("True", True, "f(x) should be True or False; it is str 'True'."),
        ([1.0], np.ones(1), "f(x) should be an array; it is a list of 1."),
        ({"a": None}, {"a": [1]}, "f(x)['a'] should be a list or a tuple; it is None"),
        (1, None, "f(x) is int 1, and that is not right."),
        ([1, 2], [1, 2, 3], "f(x) has too few entries; it is a list of 2."),
        ((1, 2), [1], "f(x) has too many entries; it is a tuple of 2."),
        (np.arange(2), [0], "f(x) has too many entries; it is an array of shape (2,)"),
        (np.ones((2, 1)), np.ones(2), "f(x) has the wrong shape; it is an array of shape (2, 1)"),
        ({"b", "c", "d"}, {"d"}, "f(x) contains 'b', which should not be there."),
        ({1}, {1, 2}, "f(x) has too few entries; it is a set of 1."),
        ([1, 3], [1, 2], "f(x)[1] is int 3, and that is not right."),
        # The first wrong key of the answer is told: a dict that is made from a set has any order.
        ({"b": 0, "a": 0}, {"a": 1, "b": 1}, "f(x)['b'] is int 0, and that is not right."),
    ],
)
def test_equal_says_what_differs(value: Any, wanted: Any, said: str) -> None:
    with pytest.raises(Unmet, match=f"^{re.escape(said)}"):
        expect.equal(Answer(value, "f(x)"), wanted)


def test_equal_says_that_a_table_has_the_wrong_shape() -> None:
    pd = pytest.importorskip("pandas")
    table = pd.DataFrame({"a": [1, 2]})
    with pytest.raises(Unmet, match=r"has the wrong shape; it is a DataFrame of shape \(1, 1\)"):
        expect.equal(Answer(table[:1], "f(x)"), table)
    with pytest.raises(Unmet, match="should be a DataFrame; it is a dict of 1"):
        expect.equal(Answer({"a": [1, 2]}, "f(x)"), table)
    with pytest.raises(Unmet, match=r"is a Series of shape .*, and that is not right"):
        expect.equal(Answer(table["a"], "f(x)"), table["a"] + 1)
