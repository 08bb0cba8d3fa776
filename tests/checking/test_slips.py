"""A slip is named by what it does to a quantity; the sentence has no code of the right function."""

from __future__ import annotations

import ast
import re

import pytest

from autograder.checking.diagnosis.findings import KINDS, Level, sentence
from autograder.checking.diagnosis.reference_slips import plainest
from autograder.checking.diagnosis.slips import slip
from autograder.i18n import use_language
from autograder.result import Finding

SLIPS = [
    ("slip_added", "a - b", "a + b"),
    ("slip_added", "a", "a + b"),
    ("slip_subtracted", "a + b", "a - b"),
    ("slip_multiplied", "a / b", "a * b"),
    ("slip_multiplied", "a", "b @ a"),
    ("slip_divided", "a * b", "a / b"),
    ("slip_divided", "a", "a / b"),
    ("slip_not_divided", "np.sum(a) / b", "np.sum(a)"),
    ("slip_left_out", "a + b", "a"),
    ("slip_left_out", "a * (1 - b**2)", "1 - b**2"),
    ("slip_no_complement", "np.log(1 - a)", "np.log(a)"),
    ("slip_matrix_product", "a * b", "a @ b"),
    ("slip_by_entries", "a @ b", "a * b"),
    ("slip_reversed", "a - b", "b - a"),
    ("slip_reversed", "a @ b", "b @ a"),
    ("slip_no_power", "1 - a**2", "1 - a"),
    ("slip_no_power", "a**2", "a * 2"),
    ("slip_power", "1 - a", "1 - a**2"),
    ("slip_no_minus", "f(-a)", "f(a)"),
    ("slip_minus", "f(a)", "f(-a)"),
    ("slip_not_transposed", "a.T @ b", "a @ b"),
    ("slip_transposed", "a @ b", "a @ b.T"),
    ("slip_comparison", "a > 0", "a < 0"),
    ("slip_comparison", "a == 0", "a != 0"),
    ("slip_bound", "a > 0", "a >= 0"),
    ("slip_condition", "a if b else c", "a if not b else c"),
    ("slip_condition", "a and b", "a or b"),
    ("slip_no_axis", "np.sum(a, axis=1)", "np.sum(a)"),
    ("slip_one_axis", "np.mean(a)", "np.mean(a, axis=0)"),
    ("slip_axis", "np.sum(a, axis=1)", "np.sum(a, axis=0)"),
    ("slip_exchanged", "f(a, b)", "f(b, a)"),
    ("slip_other_function", "np.tanh(a)", "sigmoid(a)"),
    ("slip_no_function", "np.log(a)", "a"),
    ("slip_function", "a", "np.exp(a)"),
    ("slip_name", "f(a)", "f(b)"),
    ("slip_name", "c['a']", "c['b']"),
    ("slip_index", "a[0]", "a[1]"),
    ("slip_number", "a * 0.25", "a * 0.5"),
    ("slip_fewer_rounds", "[i for i in range(a)]", "[i for i in range(a - 1)]"),
    ("slip_more_rounds", "[i for i in range(1, a)]", "[i for i in range(1, a + 1)]"),
    ("slip_first_round", "[i for i in range(0, a)]", "[i for i in range(1, a)]"),
    ("slip_first_round", "[i for i in range(a)]", "[i for i in range(1, a)]"),
]

NAMELESS = [
    ("a", "np.tril(a)"),  # there is no word for it
    ("np.sum(a, keepdims=True)", "np.sum(a)"),  # only the shape changes
    ("f(hidden)", "f(secret)"),
    ("a + b", "c * d"),
    ("f(a, b)", "f(b)"),
]

KNOWN = {"a", "b", "f"}


def function(expression: str) -> ast.AST:
    return ast.parse(f"def g(a, b, c):\n    return {expression}\n").body[0]


@pytest.mark.parametrize(("kind", "right", "wrong"), SLIPS)
def test_a_slip_is_named(kind: str, right: str, wrong: str) -> None:
    found = slip(function(right), function(wrong), KNOWN)
    assert found is not None
    assert found[0] == kind
    words = re.compile(r"\b(np|range|return)\b|[*+/@=<>\[\]()]|\*\*|\d")
    for language in ("en", "zh"):
        with use_language(language):
            text = sentence(Finding(kind, ("dW1",), None, found[1]))
            assert "dW1" in text
            code = text.replace("dW1", "").replace("1 minus", "").replace("1 减", "")
            assert not words.search(code)
            in_line = sentence(Finding(kind, ("dW1",), 7, found[1]))
            assert "7" in in_line
            assert "dW1" in in_line


@pytest.mark.parametrize(
    ("kind", "right", "wrong"),
    [("slip_no_step", "a = f(a)", "pass"), ("slip_step", "pass", "a = f(a)")],
)
def test_a_statement_left_out_or_too_many_is_named(kind: str, right: str, wrong: str) -> None:
    one, other = (ast.parse(f"def g(a):\n    {each}\n    return a") for each in (right, wrong))
    found = slip(one, other, KNOWN)
    assert found is not None
    assert found[0] == kind


@pytest.mark.parametrize(("right", "wrong"), NAMELESS)
def test_a_slip_without_a_plain_sentence_is_not_named(right: str, wrong: str) -> None:
    assert slip(function(right), function(wrong), KNOWN) is None


def test_every_kind_of_slip_has_an_example() -> None:
    kinds = {kind for kind, (level, _) in KINDS.items() if level is Level.SLIP}
    assert kinds == {kind for kind, _, _ in SLIPS} | {"slip_no_step", "slip_step"}


def test_a_name_that_the_student_does_not_know_is_not_told() -> None:
    found = slip(function("a + hidden"), function("a"), KNOWN)
    assert found == ("slip_left_out", {"term": "a term"})
    assert "hidden" not in sentence(Finding(found[0], ("db",), None, found[1]))


def test_slips_that_contradict_each_other_are_not_told() -> None:
    one, two, both = (frozenset({("returned", key) for key in keys}) for keys in ("a", "b", "ab"))
    added, left_out = ("slip_added", {"term": "b"}), ("slip_left_out", {"term": "b"})
    assert plainest([(added, one), (left_out, two)]) == [(added, one), (left_out, two)]
    assert plainest([(added, one), (left_out, one)]) == [(added, one)]
    assert plainest([(added, one), (left_out, both)]) == [(left_out, both)]
    overlapping = frozenset({("returned", "b"), ("returned", "c")})
    assert plainest([(added, both), (left_out, overlapping)]) == []
