"""Known mistakes are told to those who made them, and to nobody else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec
import nbformat
import numpy as np
import pytest

from autograder.audit.findings import AnswerKind, Subject, subjects
from autograder.audit.records import load_equivalents
from autograder.checking.diagnosis.comparison import alike
from autograder.checking.diagnosis.student_source import StudentSource
from autograder.course import secret
from autograder.course.assignment import Assignment
from autograder.grading.grader import Grader
from autograder.intake.find import SubmissionSource
from autograder.result import SubmissionResult, Verdict
from autograder.sandbox.host.worker import Worker
from tests.helpers.course import ROOT

if TYPE_CHECKING:
    from tests.helpers.toy import Toy

CHECKS = '''
@check(of="f", points=1)
def f_of_numbers(student, reference, rng):
    """f doubles numbers."""
    for x in rng.normal(size=3):
        expect.close(student.f(float(x)), 2 * x)


@check(of="f", points=1)
def f_of_arrays(student, reference, rng):
    """f doubles arrays."""
    expect.close(student.f(rng.normal(size=4)), 2 * np.ones(4) * 0.5, atol=9)
    expect.untouched(student.f(rng.normal(size=4)))


@check(of="f", points=1)
def f_of_zero(student):
    """f(0) is 0."""
    expect.that(expect.scalar(student.f(0.0)) == 0, "f(0) is 0.")


@check(of="g", points=1)
def g_of_two(student):
    """g(2) is 5."""
    expect.close(student.g(2.0), 5.0)
'''

MISTAKES = '''
import numpy as np

from autograder.checking import mistake


@mistake(of="f", change=("x * 2", "x * 3"))
def three_times():
    """You took it three times."""


@mistake(of="f", change=("x * 2", "x * 2 + 1"))
def one_more():
    """You added one."""


@mistake(of="f", change=("x * 2", "1 + x + x"))
def one_more_again():
    """One is too much."""


@mistake(of="f")
def in_place(x):
    """You altered x."""
    x *= 2
    return x


@mistake(of="f")
def by_chance(x):
    """There is no chance in it."""
    return np.random.randn() + np.random.default_rng().normal() + x


@mistake(of="f", change=("x * 2", "x.real.twice"))
def no_attribute():
    """A number has no twice."""


@mistake(of="g", change=("+ 1", "+ 2"))
def two_more():
    """You added two."""
'''


@pytest.fixture
def known(toy: Callable[[str], Toy]) -> Toy:
    """An assignment with a few known mistakes."""
    made = toy(CHECKS)
    (made.assignment.folder / "mistakes.py").write_text(MISTAKES)
    return made


def named(result: SubmissionResult) -> dict[str, str]:
    """Return the mistakes that were named, by the check."""
    return {check.id: check.mistake for check in result.checks if check.mistake is not None}


def notes(result: SubmissionResult) -> list[str]:
    return [note for check in result.checks for note in check.notes]


RIGHT_G = "def g(x):\n    return 2 * x + 1\n"


def test_a_mistake_is_named_wherever_it_shows_and_its_sentence_is_said_once(known: Toy) -> None:
    result = known.grade("def f(number):\n    return number + number + number\n", RIGHT_G)
    assert named(result) == {"f_of_one": "three_times", "f_of_numbers": "three_times"}
    assert notes(result) == ["You took it three times."]


def test_a_mistake_is_known_by_what_it_does_to_its_arguments(known: Toy) -> None:
    result = known.grade("def f(x):\n    x += x\n    return x\n", RIGHT_G)
    assert named(result) == {"f_of_arrays": "in_place"}


def test_a_mistake_with_randomness_starts_from_the_students_seed(known: Toy) -> None:
    f = "def f(x):\n    a = np.random.standard_normal()\n    "
    result = known.grade(f + "return a + np.random.default_rng().normal() + x\n", RIGHT_G)
    assert set(named(result).values()) == {"by_chance"}


def test_an_exception_counts_if_its_type_and_its_text_are_the_same(known: Toy) -> None:
    result = known.grade("def f(x):\n    return (x + 0).real.twice\n", RIGHT_G)
    assert set(named(result).values()) == {"no_attribute"}
    assert not named(known.grade("def f(x):\n    return x.real.triple\n", RIGHT_G))


@pytest.mark.parametrize(
    ("f", "says"),
    [
        pytest.param("return x * 2 + 1", "1 is wrongly added.", id="two mistakes answer alike"),
        pytest.param("return x**3 + x", "a power is taken", id="nobody knows it"),
        pytest.param(  # told by calls that the check would make after its first wrong answer
            "return x * 3 if np.ndim(x) == 0 else x * 2",
            "a number in the formula is not the one",
            id="right where that is wrong",
        ),
        pytest.param(
            "return x * 3 if x == 1.0 else x * 2.5", "", id="the mistake in one call alone"
        ),
        pytest.param("raise NotImplementedError", "", id="not written"),
    ],
)
def test_a_guess_is_not_said(known: Toy, f: str, says: str) -> None:
    result = known.grade(f"def f(x):\n    {f}\n", RIGHT_G)
    assert result.score < result.max_score
    assert not named(result)
    told = notes(result)
    assert all(each.startswith(f"Line 2: {says}") for each in told)
    assert len(told) == bool(says)


def test_the_calls_of_checks_that_were_not_run_tell_the_cause_too(
    toy: Callable[[str], Toy],
) -> None:
    after = CHECKS.replace('of="f", points=1', 'of="f", points=1, after=[f_of_one]')
    result = toy(after).grade("def f(x):\n    return x * 5\n", RIGHT_G)
    verdicts = {check.id: check.verdict for check in result.checks}
    assert (verdicts["f_of_one"], verdicts["f_of_numbers"]) == (Verdict.FAILED, Verdict.NOT_RUN)
    assert len(notes(result)) == 1


UNREAD = "def f(x):\n    return np.full(4, 3.5)\n"


def test_a_finding_is_in_the_result_and_its_sentence_is_said_once(known: Toy) -> None:
    result = known.grade(UNREAD, RIGHT_G)
    failed = [check for check in result.checks if check.function == "f" and check.points == 0]
    assert {check.finding.kind for check in failed if check.finding} == {"argument_unread"}
    assert len(notes(result)) == 1
    assert "never reads its argument `x`" in notes(result)[0]


def test_what_an_author_has_switched_off_is_not_told(known: Toy) -> None:
    path = known.assignment.folder / "mistakes.py"
    path.write_text(MISTAKES + '\n\nUNTOLD = ["source"]\n')
    result = known.grade(UNREAD, RIGHT_G)
    assert "argument_unread" not in {each.finding.kind for each in result.checks if each.finding}
    assert not any("never reads" in note for note in notes(result))


def test_a_mistake_that_calls_others_calls_the_references(known: Toy) -> None:
    right = "def f(x):\n    return x + x\n"
    result = known.grade(right, "def g(x):\n    return f(x) + 2\n")
    assert named(result) == {"g_of_one": "two_more", "g_of_two": "two_more"}


def test_nothing_is_said_of_a_function_in_which_a_stand_in_answered(known: Toy) -> None:
    result = known.grade("def f(x):\n    return x * 3\n", "def g(x):\n    return f(x) + 1\n")
    assert any(check.given for check in result.checks)
    assert set(named(result).values()) == {"three_times"}


def test_a_mistake_that_does_not_answer_or_does_not_fit_is_left_out(known: Toy) -> None:
    mistakes = known.assignment.folder / "mistakes.py"
    wrong = "def f(x):\n    return x * 3\n"
    stale = '\n\n@mistake(of="f", change=("x * 7", "x"))\ndef stale():\n    """No."""\n'
    mistakes.write_text(MISTAKES + stale)
    assert set(named(known.grade(wrong, RIGHT_G)).values()) == {"three_times"}
    endless = (
        '\n\n@mistake(of="f")\ndef endless(x):\n    """No."""\n    while True:\n        pass\n'
    )
    mistakes.write_text(MISTAKES + endless)
    result = known.grade(wrong, RIGHT_G)
    assert not named(result)
    assert any(check.verdict is Verdict.FAILED for check in result.checks)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (np.float32(0.1), 0.1, True),
        (np.array([1.0, np.nan, np.inf]), np.array([1.00001, np.nan, np.inf]), True),
        (np.array([1.0, np.inf]), np.array([1.0, -np.inf]), False),
        (np.array([0.1]), 0.1, False),
        (np.array([True, False]), np.array([1, 0]), True),
        (1.001, 1.0, False),
        ({"a": 1.0, "b": 2.0}, {"a": 1}, True),
        ({"a": 1.0}, {"a": 1.0, "b": 2.0}, False),
        ([1.0, (2.0, None)], (1.0, [2, None]), True),
        ("1", 1, False),
        (None, 0.0, False),
    ],
)
def test_answers_are_alike_up_to_rounding_in_whatever_form(
    one: Any, other: Any, same: bool
) -> None:
    assert alike(one, other) is same


# the banks of the assignments

NAMES = ("logistic_regression", "random_initialization", "deep_initialization")


@pytest.fixture(scope="module")
def graders() -> Iterator[Callable[[str], Grader]]:
    with Worker() as own:
        yield cache(lambda name: Grader(Assignment(ROOT, name), own, secret.public(5)))


@pytest.fixture
def grader(graders: Callable[[str], Grader]) -> Grader:
    return graders("random_initialization")


def bank(grader: Grader, kind: AnswerKind) -> list[Subject]:
    assignment = grader.assignment
    assert isinstance(assignment, Assignment)
    equivalents = load_equivalents(assignment.folder / "equivalents.py")
    functions = grader.lesson.functions
    every = subjects(assignment.reference, functions, equivalents, assignment.mistakes)
    return [subject for subject in every if subject.kind is kind]


def graded(grader: Grader, subject: Subject) -> SubmissionResult:
    data = nbformat.writes(grader.lesson.filled(subject.written)).encode()
    return grader.grade(SubmissionSource(subject.name, subject.name, lambda: data))


@pytest.mark.parametrize("name", NAMES)
def test_no_right_answer_is_told_a_cause_even_where_a_check_had_turned_it_away(
    graders: Callable[[str], Grader], name: str
) -> None:
    grader = graders(name)
    for subject in bank(grader, AnswerKind.EQUIVALENT):
        result = graded(grader, subject)
        assert not named(result)
        assert not notes(result)
        turned_away = [
            msgspec.structs.replace(check, verdict=Verdict.FAILED) for check in result.checks
        ]
        source = StudentSource(list(subject.written.values()))
        told = grader.diagnosis.annotate(grader.judge.checks, turned_away, grader.students, source)
        assert told == turned_away, subject.name


@pytest.mark.parametrize("name", NAMES)
def test_known_mistakes_are_named_rightly(graders: Callable[[str], Grader], name: str) -> None:
    grader = graders(name)
    sample = bank(grader, AnswerKind.MISTAKE)[::4]
    names = {each.name: set(named(graded(grader, each)).values()) for each in sample}
    assert names == {name: {name} for name in names}


START = "def initialize_parameters(n_x, n_h, n_y):\n    rng = np.random.default_rng()\n    "
BIASES = '"b1": np.zeros((n_h, 1)), "b2": np.zeros((n_y, 1))'


@pytest.mark.parametrize(
    ("W1", "W2", "name"),
    [
        ("rng.random((n_h, n_x)) / 100", "rng.random((n_y, n_h)) / 100", "uniform_weights"),
        (
            "rng.uniform(-0.01, 0.01, (n_h, n_x))",
            "rng.uniform(-0.01, 0.01, (n_y, n_h))",
            "uniform_weights_around_zero",
        ),
        ("rng.normal(size=(n_h, n_x))", "rng.normal(size=(n_y, n_h))", "no_scale"),
        ("rng.normal(0, 0.01, (n_h, n_x))", "rng.normal(size=(n_y, n_h))", "scale_on_W1_alone"),
        (
            "abs(rng.normal(0, 0.01, (n_h, n_x)))",
            "abs(rng.normal(0, 0.01, (n_y, n_h)))",
            "only_positive_weights",
        ),
        (
            "np.tile(rng.normal(0, 0.01, n_x), (n_h, 1))",
            "rng.normal(0, 0.01, (n_y, n_h))",
            "one_row_for_all_units",
        ),
        (
            "(r := np.random.RandomState(1)).randn(n_h, n_x) * 0.01",
            "r.randn(n_y, n_h) * 0.01",
            "seed_inside",
        ),
        ("rng.normal(0, 0.02, (n_h, n_x))", "rng.normal(0, 0.02, (n_y, n_h))", None),
        ("rng.normal(0, 0.01, (n_h, n_x))", "rng.laplace(0, 0.007, (n_y, n_h))", None),
    ],
)
def test_draws_from_another_stream_are_known_by_their_distribution(
    grader: Grader, W1: str, W2: str, name: str | None
) -> None:
    source = f'{START}return {{"W1": {W1}, "W2": {W2}, {BIASES}}}\n'
    (right,) = bank(grader, AnswerKind.REFERENCE)
    written = {**right.written, "initialize_parameters": source}
    result = graded(grader, Subject(AnswerKind.MISTAKE, "", None, written))
    assert result.score < result.max_score
    assert set(named(result).values()) == ({name} if name else set())
