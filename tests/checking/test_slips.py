"""A slip is named by what it does to a quantity; the sentence has no code of the right function."""

from __future__ import annotations

import ast
import re

import pytest

from autograder.checking.diagnosis.findings import KINDS, Level, sentence
from autograder.checking.diagnosis.reference_slips import plainest
from autograder.checking.diagnosis.slips import difference, slip
from autograder.checking.mutants import variants
from autograder.checking.mutation_operators import ADDITIONS, SimilarNames, bracket
from autograder.i18n import use_language
from autograder.result import Finding

SLIPS = [
    ("slip_sign_of", "a - b", "a + b"),  # without b, it is not right either
    ("slip_sign_of", "a + b", "a - b"),
    ("slip_added", "a", "a + b"),
    ("slip_subtracted", "a", "a - b"),
    ("slip_operation", "a / b", "a * b"),
    ("slip_operation", "a * b", "a / b"),
    ("slip_operation", "a + b", "a * b"),
    ("slip_multiplied", "a", "a * b"),
    ("slip_multiplied", "a", "b @ a"),
    ("slip_divided", "a", "a / b"),
    ("slip_not_divided", "np.sum(a) / b", "np.sum(a)"),
    ("slip_left_out", "a + b", "a"),
    ("slip_left_out", "a * (1 - b**2)", "1 - b**2"),
    ("slip_left_out", "a[b] - c", "c"),
    ("slip_no_complement", "np.log(1 - a)", "np.log(a)"),
    ("slip_matrix_product", "a * b", "a @ b"),
    ("slip_by_entries", "a @ b", "a * b"),
    ("slip_bracket", "np.log(1 - a)", "np.log(1) - a"),
    ("slip_bracket", "1 / (1 + a)", "1 / 1 + a"),
    ("slip_bracket", "-(a + b)", "-a + b"),
    ("slip_reversed", "a - b", "b - a"),
    ("slip_reversed", "a @ b", "b @ a"),
    ("slip_called", "a", "f(a)"),
    ("slip_complement", "np.log(a)", "np.log(1 - a)"),
    ("slip_no_power", "1 - a**2", "1 - a"),
    ("slip_no_power", "a**2", "a * 2"),
    ("slip_power", "1 - a", "1 - a**2"),
    ("slip_no_minus", "f(-a)", "f(a)"),
    ("slip_minus", "f(a)", "f(-a)"),
    ("slip_not_transposed", "a.T @ b", "a @ b"),
    ("slip_transposed", "a @ b", "a @ b.T"),
    ("slip_transposed", "a @ b.T.T", "a @ b.T"),  # twice is not at all
    ("slip_comparison", "a > 0", "a < 0"),
    ("slip_comparison", "a == 0", "a != 0"),
    ("slip_bound", "a > 0", "a >= 0"),
    ("slip_condition", "a if b else c", "a if not b else c"),
    ("slip_joined", "a and b", "a or b"),
    ("slip_no_axis", "np.sum(a, axis=1)", "np.sum(a)"),
    ("slip_one_axis", "np.mean(a)", "np.mean(a, axis=0)"),
    ("slip_axis", "np.sum(a, axis=1)", "np.sum(a, axis=0)"),
    ("slip_exchanged", "f(a, b)", "f(b, a)"),
    ("slip_other_function", "np.tanh(a)", "sigmoid(a)"),
    ("slip_no_function", "np.log(a)", "a"),
    ("slip_no_function", "np.tanh(a)", "a"),
    ("slip_function", "a", "np.tanh(a)"),
    ("slip_function", "a", "np.exp(a)"),
    ("slip_function", "f(a)", "round(f(a), 4)"),
    ("slip_no_function", "round(f(a), 4)", "f(a)"),
    ("slip_other_function", "np.mean(a)", "np.median(a)"),
    ("slip_axis", "np.sum(a, axis=1, keepdims=True)", "np.sum(a, axis=0)"),
    ("slip_name", "f(a)", "f(b)"),
    ("slip_name", "c['a']", "c['b']"),
    ("slip_index", "a[0]", "a[1]"),
    ("slip_size", "a.shape[1]", "a.shape[0]"),
    ("slip_index", "a[::-1]", "a[::1]"),  # the sign is none of a formula
    ("slip_index", "a[1:]", "a[b - 1 :]"),
    ("slip_index", "c[b - 1]", "c[b]"),
    ("slip_sign", "a - f(hidden)", "a + f(hidden)"),
    ("slip_left_out", "a - np.mean(b)", "a"),
    ("slip_not_divided", "a / np.sum(b)", "a"),
    ("slip_number", "a * 0.25", "a * 0.5"),
    ("slip_fewer_rounds", "[i for i in range(a)]", "[i for i in range(a - 1)]"),
    ("slip_more_rounds", "[i for i in range(1, a)]", "[i for i in range(1, a + 1)]"),
    ("slip_more_rounds", "[i for i in range(1, a + 1)]", "[i for i in range(1, a + 2)]"),
    ("slip_fewer_rounds", "[i for i in range(a + 2)]", "[i for i in range(a + 1)]"),
    ("slip_one_less", "f(a + 1, b)", "f(a, b)"),
    ("slip_one_more", "f(a - 1, b)", "f(a, b)"),
    ("slip_end", "a[-b:]", "a[:b]"),
    ("slip_end", "a[:2]", "a[-2:]"),
    ("slip_order", "sorted(a)", "sorted(a, reverse=True)"),
    ("slip_order", "np.sort(a)", "np.sort(a)[::-1]"),
    ("slip_keyword", "f(a)", "f(a, b=1)"),
    ("slip_keyword", "f(a, b=1)", "f(a, b=0)"),
    ("slip_other_function", "np.mean(a)", "a.std()"),
    ("slip_first_round", "[i for i in range(0, a)]", "[i for i in range(1, a)]"),
    ("slip_first_round", "[i for i in range(a)]", "[i for i in range(1, a)]"),
    ("slip_first_round", "[i for i in range(1, a)]", "[i for i in range(2, a)]"),
    ("slip_round_before", "[i for i in range(1, a)]", "[i for i in range(0, a)]"),
    ("slip_axes", "a.max(axis=1) - np.sum(b, axis=1)", "a.max(axis=0) - np.sum(b, axis=0)"),
    ("slip_no_axes", "a.max(axis=1) - np.sum(b, axis=1)", "a.max() - np.sum(b)"),
    ("slip_whole", "a[1:] * b[1:]", "a[:] * b[:]"),
    ("slip_part", "a[:]", "a[1:]"),
    ("slip_all_rows", "a[np.arange(len(b)), b]", "a[:, b]"),
    ("slip_joined", "(a > 0) & (b > 0)", "(a > 0) | (b > 0)"),
    ("slip_name", "(a - a.mean()) / a.std()", "(a - b.mean()) / b.std()"),
]

NAMELESS = [
    ("a", "np.tril(a)"),  # there is no word for it
    ("np.sum(a, keepdims=True)", "np.sum(a)"),  # only the shape changes
    ("f(hidden)", "f(secret)"),
    ("a + b", "c * d"),
    ("f(a, b)", "f(b)"),
]

KNOWN = {"a", "b", "f"}


@pytest.mark.parametrize(
    ("kind", "right", "wrong", "line"),
    [
        ("slip_in_loop", "  b += c\n a /= 2", "  b += c\n  a /= 2", 4),
        ("slip_after_loop", "  b += c\n  a /= 2", "  b += c\n a /= 2", 4),
    ],
)
def test_a_statement_on_the_wrong_side_of_a_loops_end_is_mended_and_named(
    kind: str, right: str, wrong: str, line: int
) -> None:
    one, other = (
        ast.parse(f"def g(a, b, c):\n for i in c:\n{each}\n return a").body[0]
        for each in (right, wrong)
    )
    assert isinstance(other, ast.FunctionDef)
    none = SimilarNames(lambda _: [], frozenset())
    assert ast.unparse(one) in [source.strip() for _, source in variants(other, none, ADDITIONS)]
    assert slip(one, other, (), quote=True) == (kind, {})
    assert difference(one, other).line == line


def test_the_bound_of_a_loops_counter_is_a_round_of_the_loop() -> None:
    one, other = (
        ast.parse(f"def g(n):\n    for l in range(n):\n        a = l if l {op} n else 0").body[0]
        for op in ("<", "<=")
    )
    assert slip(one, other, KNOWN) == ("slip_round", {})


def test_a_variable_that_does_not_start_again_is_named() -> None:
    one, other = (
        ast.parse(f"def g(a, b):\n    n = 1\n    for i in a:\n        n += i{again}").body[0]
        for again in ("\n        n = 1", "")
    )
    assert slip(one, other, KNOWN, quote=True) == ("slip_no_restart", {"term": "n"})


def test_a_number_of_rows_is_told_as_a_size() -> None:
    found = slip(function("a / len(b)"), function("a"), KNOWN)
    assert found == ("slip_not_divided", {"term": "b.shape[0]"})


def test_variables_that_are_exchanged_in_two_ways_are_not_named() -> None:
    assert slip(function("a * f(b)"), function("b * f(a)"), KNOWN) is None


def test_another_condition_of_a_break_is_not_named() -> None:
    one, other = (
        ast.parse(f"def g(a, b):\n    while a:\n        if {test} < b:\n            break").body[0]
        for test in ("a", "c - a")
    )
    assert slip(one, other, KNOWN, quote=True) is None


def test_a_term_with_a_computed_key_is_not_called_by_its_key() -> None:
    found = slip(function("a[b] - c"), function("c"), KNOWN)
    assert found == ("slip_left_out", {"term": "a"})


def test_a_call_of_round_is_called_rounding() -> None:
    found = slip(function("round(a, 2)"), function("a"), KNOWN)
    assert found == ("slip_no_function", {"function": "rounding"})
    with use_language("zh"):
        assert "漏掉了四舍五入" in sentence(Finding(found[0], ("dW",), None, found[1]))


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
            assert "and should" not in text  # "when a is not b, and should be": which should be?
            assert not re.search(r"[\u4e00-\u9fff][A-Za-z]", text), "a space is missing"
            assert not re.search(r"[\u4e00-\u9fff] [\u4e00-\u9fff]", text), "a space too many"
            in_line = sentence(Finding(kind, ("dW1",), 7, found[1]))
            assert "7" in in_line
            assert "dW1" in in_line


@pytest.mark.parametrize(
    ("kind", "right", "wrong"),
    [
        ("slip_no_function", "np.abs(a - b) <= c", "a - b <= c"),
        ("slip_no_minus", "f(-a)", "f(a)"),
        ("slip_no_complement", "a * (1 - b**2)", "a * b**2"),
        ("slip_no_power", "1 - a**2", "1 - a"),
        ("slip_other_function", "np.mean(a)", "np.median(a)"),
        ("slip_other_function", "np.std(a)", "np.var(a)"),
    ],
)
def test_what_a_student_has_forgotten_is_added_and_named(kind: str, right: str, wrong: str) -> None:
    definition = function(wrong)
    assert isinstance(definition, ast.FunctionDef)
    none = SimilarNames(lambda _: [], frozenset())
    sources = [source for _, source in variants(definition, none, ADDITIONS)]
    wanted = ast.unparse(function(right)).strip()
    mended = next(source for source in sources if source.strip() == wanted)
    found = slip(ast.parse(mended).body[0], definition, (), quote=True)
    assert found is not None
    assert found[0] == kind


@pytest.mark.parametrize(
    ("kind", "right", "wrong"),
    [
        ("slip_no_step", "a = f(a)", "pass"),
        ("slip_step", "pass", "a = f(a)"),
        ("slip_guard", "if True:\n        a = 1", "if a > 1:\n        a = 1"),
        ("slip_no_function", "while abs(a) > 1:\n        a = 1", "while a > 1:\n        a = 1"),
        ("slip_stop", "while a:\n        pass", "while a:\n        break"),
        ("slip_stop", "while a:\n        pass", "while a:\n        if a < b:\n            break"),
    ],
)
def test_a_statement_left_out_or_too_many_is_named(kind: str, right: str, wrong: str) -> None:
    one, other = (ast.parse(f"def g(a):\n    {each}\n    return a") for each in (right, wrong))
    found = slip(one, other, KNOWN)
    assert found is not None
    assert found[0] == kind


@pytest.mark.parametrize(("right", "wrong"), NAMELESS)
def test_a_slip_without_a_plain_sentence_is_not_named(right: str, wrong: str) -> None:
    assert slip(function(right), function(wrong), KNOWN) is None


def test_a_function_of_the_students_own_is_quoted() -> None:
    found = slip(function("a"), function("np.tril(a)"), (), quote=True)
    assert found == ("slip_called", {"name": "`np.tril`"})


@pytest.mark.parametrize(
    ("right", "wrong"), [(right, wrong) for kind, right, wrong in SLIPS if kind == "slip_bracket"]
)
def test_a_bracket_is_moved_both_ways(right: str, wrong: str) -> None:
    for one, other in ((right, wrong), (wrong, right)):
        definition = function(one)
        assert isinstance(definition, ast.FunctionDef)
        similar = SimilarNames(lambda _: [], frozenset())
        moved = [source for _, source in variants(definition, similar, {"bracket": bracket})]
        assert ast.unparse(function(other)) in map(str.strip, moved)


def test_brackets_that_change_nothing_are_not_tried() -> None:
    definition = function("[a + (b - c) + a, a * b * (a / b)]")
    assert isinstance(definition, ast.FunctionDef)
    similar = SimilarNames(lambda _: [], frozenset())
    assert not list(variants(definition, similar, {"bracket": bracket}))


def test_every_kind_of_slip_has_an_example() -> None:
    kinds = {kind for kind, (level, _) in KINDS.items() if level is Level.SLIP}
    assert kinds == {kind for kind, _, _ in SLIPS} | {
        "slip_no_restart",
        "slip_no_step",
        "slip_guard",
        "slip_step",
        "slip_stop",
        "slip_round",
        "slip_in_loop",
        "slip_after_loop",
    }


def test_a_name_that_the_student_does_not_know_is_not_told() -> None:
    found = slip(function("a + hidden"), function("a"), KNOWN)
    assert found == ("slip_left_out", {"term": "a term"})
    assert "hidden" not in sentence(Finding(found[0], ("db",), None, found[1]))


def test_a_1_that_would_change_nothing_is_a_term_too_many() -> None:
    found = slip(function("a * 1"), function("a + 1"), KNOWN)
    assert found == ("slip_added", {"term": "1"})


def test_slips_that_contradict_each_other_are_not_told() -> None:
    one, two, both = (frozenset({("returned", key) for key in keys}) for keys in ("a", "b", "ab"))
    added, left_out = ("slip_added", {"term": "b"}), ("slip_left_out", {"term": "b"})
    assert plainest([(added, one), (left_out, two)]) == [(added, one), (left_out, two)]
    assert plainest([(added, one), (left_out, one)]) == [(added, one)]
    assert plainest([(added, one), (left_out, both)]) == [(left_out, both)]
    overlapping = frozenset({("returned", "b"), ("returned", "c")})
    assert plainest([(added, both), (left_out, overlapping)]) == []
