"""Lessons whose functions return, and are given, more than numbers and arrays."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from autograder.cli.main import main
from autograder.course.assignment import Assignment
from autograder.course.builder import build
from autograder.course.lesson import Role
from tests.helpers.lessons import course, graded

RIGHT: dict[str, tuple[str, str]] = {
    "large_int": ("return 10**400", "assert student.large_int() == 10**400"),
    "complex_list": ("return [1j, 2.0]", "expect.close(student.complex_list(), [1j, 2.0])"),
    "complex_array": ("return np.array([1j])", "expect.close(student.complex_array(), [1j])"),
    "plain_list": ("return [1, 2.5]", "expect.close(student.plain_list(), [1, 2.5])"),
    "words": ('return {"a", "b"}', 'expect.equal(student.words(), {"a", "b"})'),
    "nested": (
        'return {(0, 1): frozenset([2]), "half": fractions.Fraction(1, 2)}',
        "answer = student.nested()\n"
        '    expect.equal(answer, {(0, 1): frozenset([2]), "half": fractions.Fraction(1, 2)})\n'
        '    assert answer["half"] == 0.5\n'
        "    assert answer[0, 1] == {2}",
    ),
    "price": (
        'return decimal.Decimal("1.10")',
        'expect.equal(student.price(), decimal.Decimal("1.1"))',
    ),
    "day": (
        "return [datetime.date(2024, 2, 29), np.datetime64('2024-01-01')]",
        "assert student.day()[0] == datetime.date(2024, 2, 29)\n"
        "    assert student.day()[1] == np.datetime64('2024-01-01')",
    ),
    "masked": (
        "return np.ma.masked_less(np.array([1.0, 2.0]), 1.5)",
        "expect.equal(student.masked(), np.ma.array([0.0, 2.0], mask=[True, False]))",
    ),
    "people": (
        'return np.array([("ada", 36)], [("name", "U3"), ("age", int)])',
        'expect.equal(student.people()["age"], np.array([36]))\n'
        '    assert student.people()["name"].value[0] == "ada"',
    ),
    "point": (
        "return Point(1, [2])",
        "assert student.point().value.y == [2]\n"
        '    expect.close(student.point()["x"], 1)\n'
        "    assert student.length_of(student.point()) == 2",
    ),
    "length_of": (
        "return len(p) if type(p).__name__ == 'Point' else 0",
        "assert student.length_of(Point(0, 1)) == 2",
    ),
    "body": (
        "return Body(1.0, (2, 3))",
        "expect.equal(student.body(), Body(1.0, (2, 3)))\n"
        "    assert student.mass_of(student.body()) == 1",
    ),
    "mass_of": (
        "return b.mass if isinstance(b, Body) else 0",
        "assert student.mass_of(Body(4.0, ())) == 4.0",
    ),
    "table": (
        'return pd.DataFrame({"a": [1, 2], "b": ["x", None]})',
        'expect.equal(student.table(), pd.DataFrame({"a": [1, 2], "b": ["x", None]}))\n'
        '    expect.close(student.table()["a"], [1, 2])',
    ),
    "rows": (
        "return len(table)",
        'assert student.rows(pd.DataFrame({"a": [1, 2, 3]})) == 3',
    ),
    "slope": (
        "return (f(x + h) - f(x - h)) / (2 * h)",
        "expect.close(student.slope(lambda x: x * x, 3.0), 6.0)\n"
        "    a = 2.5\n"
        "    expect.close(student.slope(lambda x, b=a: a * math.sin(x) * b, 0.0), 6.25)\n"
        "    expect.close(student.slope(np.exp, 0.0), 1.0)\n"
        "    expect.close(student.slope(math.sin, 0.0), 1.0)\n"
        "    expect.close(student.slope(cube, 1.0), 3.0)\n"
        "    expect.close(student.slope(student.doubled, 1.0), 2.0)",
    ),
    "doubled": ("return 2 * x", "assert student.doubled(3) == 6"),
    "both": (
        "return [f(x) for f in fs]",
        "expect.close(student.both([np.sqrt, lambda x: -x], 4.0), [2.0, -4.0])",
    ),
    "plain": (
        "return np.array([1.0, 2.0])",
        "assert np.allclose(student.plain(), [1, 2])\n"
        "    np.testing.assert_allclose(student.plain(), [1, 2])\n"
        "    assert (student.plain() + 1 == np.array([2, 3])).all()\n"
        "    assert abs(-student.doubled(2)) < 5\n"
        "    assert math.isclose(student.doubled(2), 4)\n"
        "    assert len(student.plain()) == 2",
    ),
}
"""A function's body, and what its check asks."""

UNSEEN: dict[str, tuple[str, str]] = {
    "an_object": ("return Secret()", "expect.close(student.an_object(), 1.0)"),
    "a_generator": ("return (x for x in [1])", "assert student.a_generator().value == [1]"),
    "objects": ("return [1, Secret()]", "expect.equal(student.objects(), [1, 2])"),
    "an_attribute": ("return Secret()", "assert student.an_attribute().value.size == 1"),
    "a_large_array": (
        "return np.zeros(3 * 10**6)",
        "expect.close(student.a_large_array(), np.ones(3))",
    ),
    "large_parts": (
        "return {1: [np.zeros(10**6), (np.zeros(2 * 10**6),)]}",
        "assert student.large_parts().value == {}",
    ),
    "long_text": ("return ['x' * 100_001]", "expect.equal(student.long_text(), ['x'])"),
    "many_items": ("return [0] * 300_000", "expect.equal(student.many_items(), [0])"),
    "doubled": (
        "return x if len(x) > 9 else np.zeros(10**6 + 10**5)",
        "expect.close(student.doubled(student.doubled(np.zeros(1))), np.zeros(1))",
    ),
}

WRONG: dict[str, tuple[str, str]] = {
    "no_list": ("return [1.0, 2.0]", "expect.close(student.no_list(), np.array([1.0, 2.0]))"),
    "another_set": ("return {1, 2}", "expect.equal(student.another_set(), {1, 3})"),
    "another_digit": ("return 10**30 + 1", "expect.equal(student.another_digit(), 10**30)"),
    "a_bool": ("return True", "expect.equal(student.a_bool(), 1)"),
    "deep": ('return {"a": [1, {"b": 2.5}]}', 'expect.equal(student.deep(), {"a": [1, {"b": 2}]})'),
    "none": ("return None", "assert student.none() + 1 == 2"),
    "asserts": ("return 3", 'assert student.asserts() == 4, "Count again."'),
    "numpys": ("return 3.0", "np.testing.assert_allclose(student.numpys(), 4.0)"),
    "extra_object": (
        'return {"W": 1.0, "x": Secret()}',
        'expect.close(student.extra_object()["W"], 2.0)',
    ),
}


def in_the_notebook(assignment: Assignment) -> dict[str, str]:
    """Return what the visible checks say in the built notebook: the first word of each."""
    names: dict[str, Any] = {"__name__": "__main__"}
    said: dict[str, str] = {}
    for part in build(assignment).parts:
        if part.role in (Role.SETUP, Role.RUNNER, Role.SOLUTION):
            exec(part.source, names)  # noqa: S102  # as a notebook does
        elif part.role is Role.VISIBLE:
            with (
                contextlib.redirect_stdout(io.StringIO()) as printed,
                contextlib.suppress(Exception),
            ):
                exec(part.source, names)  # noqa: S102  # our own lesson
            said[part.id.removesuffix("_visible")] = printed.getvalue()
    return said


def test_answers_of_every_kind_and_functions_pass_graded_and_in_the_notebook(
    tmp_path: Path,
) -> None:
    pytest.importorskip("pandas")
    assignment = course(tmp_path, RIGHT)
    assert {
        name: (each["verdict"], each["message"]) for name, each in graded(assignment).items()
    } == dict.fromkeys(RIGHT, ("passed", None))
    said = in_the_notebook(assignment)
    assert {name: text.split()[1] for name, text in said.items()} == dict.fromkeys(RIGHT, "passed:")


def test_what_cannot_cross_is_left_to_a_person_and_what_is_wrong_fails_on_both_sides(
    tmp_path: Path,
) -> None:
    pytest.importorskip("pandas")
    assignment = course(tmp_path, {**UNSEEN, **WRONG})
    result, said = graded(assignment), in_the_notebook(assignment)
    for name in UNSEEN:
        assert (result[name]["verdict"], result[name]["points"]) == ("not_run", None), result[name]
        assert "cannot be sent to the grader" in result[name]["message"]
        if name == "doubled":  # a notebook passes on an answer of any size
            continue
        assert said[name].split()[1:3] == ["not", "run:"], said[name]
        assert "cannot be sent to the grader" in " ".join(said[name].split())
    for name in WRONG:
        assert (result[name]["verdict"], result[name]["points"]) == ("failed", 0.0), name
        assert said[name].split()[1] == "failed:"
        assert result[name]["message"] in " ".join(said[name].split())
    assert result["asserts"]["message"] == "Count again."
    assert "4" not in result["numpys"]["message"]
    assert 'deep()["a"]' not in result["deep"]["message"]
    assert "deep()['a'][1]['b'] is float 2.5" in result["deep"]["message"]


def test_a_function_that_cannot_be_handed_over_is_refused_in_a_sentence(tmp_path: Path) -> None:
    asks = "import json\n    assert student.doubled(lambda x: json.dumps(x)) == 1"
    course(tmp_path, {"doubled": ("return 2", asks)})
    with contextlib.chdir(tmp_path):
        done = CliRunner().invoke(main, ["build", "hw"])
    assert done.exit_code == 2
    assert "it uses the module json" in " ".join(done.output.split())
