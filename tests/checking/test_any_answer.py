"""Whatever a student's function returns, asking about it ends in a value or in a sentence."""

from __future__ import annotations

import copy
import random
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from autograder.checking import expect
from autograder.checking.expect import Answer, Unmet, bare
from autograder.sandbox.protocol import wire
from tests.helpers.strategies import ANSWERS, KEYS, VALUES

if TYPE_CHECKING:
    from tests.helpers.course import Course

SHAPES = st.none() | st.lists(st.integers(0, 4), max_size=3).map(tuple)
WANTED = st.floats(-10, 10) | SHAPES.map(lambda shape: np.ones(shape or ()))

ASKS: dict[str, Callable[[Answer, st.DataObject], object]] = {
    "a key": lambda answer, _: answer["W1"],
    "a part": lambda answer, data: answer[data.draw(st.integers(-3, 3))],
    "its parts": lambda answer, _: list(answer),
    "a pair": lambda answer, _: answer.pair("A2", "cache"),
    "its words": lambda answer, _: repr(answer),
    "keys": lambda answer, _: expect.keys(answer, ["W1", "b1"]),
    "array": lambda answer, data: expect.array(answer, data.draw(SHAPES)),
    "scalar": lambda answer, data: expect.scalar(answer, size_one=data.draw(st.booleans())),
    "truth": lambda answer, _: expect.truth(answer),
    "zeros": lambda answer, data: expect.zeros(answer, data.draw(SHAPES)),
    "close": lambda answer, data: expect.close(answer, data.draw(WANTED)),
    "untouched": lambda answer, _: expect.untouched(answer),
}


@pytest.mark.parametrize("asked", ASKS)
@given(ANSWERS, st.data())
def test_an_expectation_is_met_or_says_why_not(asked: str, value: Any, data: st.DataObject) -> None:
    answer = Answer(value, "f(x)", lambda: "x" if not expect.same(value, [value]) else None)
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            ASKS[asked](answer, data)
        except Unmet as unmet:
            said = str(unmet)
        else:
            return
    assert 0 < len(said) < 1000


@given(ANSWERS)
def test_the_kind_of_a_value_is_a_few_words(value: Any) -> None:
    assert 0 < len(expect.kind(value)) < 200


@given(st.lists(ANSWERS, max_size=4), st.dictionaries(st.text(min_size=1, max_size=5), ANSWERS))
def test_a_call_is_described_in_a_line(given_: list[Any], named: dict[str, Any]) -> None:
    words, called = expect.describe("f", ["X", "parameters"], given_, named)
    assert len(called) == len(given_) + len(named)
    assert len(words) < 100 * (1 + len(called))


@given(ANSWERS, ANSWERS)
def test_comparing_never_raises_and_everything_is_itself(one: Any, other: Any) -> None:
    assert expect.same(one, other) == expect.same(other, one)
    assert expect.same(one, one)
    assert expect.same(one, copy.deepcopy(one))


@given(st.dictionaries(KEYS, VALUES, max_size=4))
def test_what_crossed_is_the_same_even_with_nan_for_a_key(value: Any) -> None:
    def stays(_: object) -> wire.Handle:  # an array whose text has half of a character
        reject()

    sent = msgspec.msgpack.encode(wire.pack(value, stays))
    assert expect.same(value, wire.unpack(msgspec.msgpack.decode(sent, type=wire.Value)))


def test_names_in_a_sentence_are_few_and_short() -> None:
    with pytest.raises(Unmet) as unmet:
        Answer({f"{'k' * 90}{i:05}": 0 for i in range(100_000)}, "f()")["W1"]
    said = str(unmet.value)
    assert said.endswith("and 99988 more.")
    assert len(said) < 800
    with pytest.raises(Unmet, match="it has W2, b1"):
        Answer({"b1": 0, "W2": 0}, "f()")["W1"]


class Puppet:
    """A student whose functions are the reference's, until one of the answers is spoiled.

    Args:
        reference: what answers.
        spoil: makes something else of an answer, or leaves it as it is.
    """

    def __init__(self, reference: Any, spoil: Callable[[Any], Any]) -> None:
        self._reference = reference
        self._spoil = spoil

    def rewound(self) -> Puppet:
        return self

    def __getattr__(self, function: str) -> Callable[..., Answer]:
        def call(*arguments: Any, **keywords: Any) -> Answer:
            words, _ = expect.describe(function, [], arguments, keywords)
            try:
                value = getattr(self._reference, function)(
                    *map(bare, arguments), **{name: bare(each) for name, each in keywords.items()}
                )
            except Exception as error:  # the student's own, for all that a check knows
                raise Unmet(f"{words} raised.") from error
            return Answer(self._spoil(value), words, lambda: None)

        return call


def spoiled(value: Any, by: Any, chance: random.Random) -> Any:
    """Return the same value with another one somewhere in it."""
    if isinstance(value, dict) and value and chance.random() < 0.7:
        key = chance.choice(list(value))
        return {**value, key: spoiled(value[key], by, chance)}
    if isinstance(value, tuple) and value and chance.random() < 0.7:
        place = chance.randrange(len(value))
        return (*value[:place], spoiled(value[place], by, chance), *value[place + 1 :])
    if isinstance(value, np.ndarray) and value.size and chance.random() < 0.5:
        changed = value.astype(float)
        changed.flat[chance.randrange(value.size)] = chance.choice(
            [np.nan, np.inf, -np.inf, 1e308, -1e308, 0.0, 5e-324]
        )
        return chance.choice([changed, changed.T, changed[:1], changed.astype(np.float16)])
    return by


@settings(max_examples=400)
@given(ANSWERS, st.randoms(use_true_random=False), st.data())
def test_a_check_of_the_course_decides_whatever_it_is_answered(
    course: Course, by: Any, chance: random.Random, data: st.DataObject
) -> None:
    reference = course.assignment.reference
    check = data.draw(st.sampled_from(course.assignment.checks))
    left = chance.randrange(6)  # which of the answers is spoiled

    def spoil(value: Any) -> Any:
        nonlocal left
        left -= 1
        return spoiled(value, by, chance) if left == -1 else value

    offered = {
        "student": Puppet(reference, spoil),
        "reference": reference,
        "rng": np.random.default_rng(chance.randrange(2**32)),
    }
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            fraction = check.asks(**{name: offered[name] for name in check.takes})
        except Unmet:
            return
    assert fraction is None or 0 <= fraction <= 1
