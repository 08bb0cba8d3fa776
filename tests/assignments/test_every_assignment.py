"""What is true of the checks, mistakes and equivalents of every assignment."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping
from types import CodeType, FunctionType

import numpy as np
import pytest

from autograder.checking.mistakes import Mistake
from tests.helpers.banks import NAMES, ROOT, Bank, bank, failed
from tests.helpers.in_process import InProcess, take

ALL = pytest.mark.parametrize("bank", [pytest.param(bank(name), id=name) for name in NAMES])


@ALL
def test_every_function_has_a_visible_check_and_more_hidden_points_than_visible_ones(
    bank: Bank,
) -> None:
    for function in {check.of for check in bank.checks}:
        mine = [check for check in bank.checks if check.of == function]
        visible = [check.points for check in mine if check.visible]
        hidden = [check.points for check in mine if not check.visible]
        assert visible
        if function != "update_parameters":  # a visible check says all there is to its arguments
            assert sum(hidden) > sum(visible)


@ALL
@pytest.mark.parametrize("seed", range(50))
def test_the_reference_passes_every_check(bank: Bank, seed: int) -> None:
    assert not failed(take(bank.checks, bank.reference, {}, seed))


@ALL
def test_an_untouched_stub_passes_no_check(bank: Bank) -> None:
    stubs = {
        check.of: f"def {check.of}(*arguments, **keywords):\n    raise NotImplementedError()\n"
        for check in bank.checks
    }
    assert len(failed(take(bank.checks, bank.reference, stubs, 1))) == len(bank.checks)


def test_unchanged_submissions_do_not_wait_for_scipy() -> None:
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from autograder.course.assignment import Assignment\n"
        f"for name in {NAMES!r}:\n    assert Assignment(Path({str(ROOT)!r}), name).checks\n"
        "print(*sys.modules)\n"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    loaded = set(done.stdout.split())
    assert "numpy" in loaded
    assert loaded.isdisjoint({"scipy.special", "scipy.stats"})


KEYS = "['W1', 'b1', 'W2', 'b2', 'dW1', 'db1', 'dW2', 'db2', 'w', 'b', 'dw', 'db']"

STRANGE = (
    "None",
    "0",
    "0.0",
    "float('nan')",
    "1e300",
    "-1",
    "True",
    "'W1'",
    "[]",
    "()",
    "{}",
    "(None, None)",
    "(1, {})",
    "({}, {}, [])",
    "object()",
    "np.zeros(0)",
    "np.zeros((1, 4))",
    "np.full((3, 3), 1e300)",
    "np.full((1, 1), np.inf)",
    "np.array(['a'])",
    "np.array(1j)",
    "np.array([None], dtype=object)",
    f"dict.fromkeys({KEYS}, 0.0)",
    f"dict.fromkeys({KEYS}, 'x')",
    f"dict.fromkeys({KEYS}, np.zeros((0, 3)))",
    "(np.zeros((1, 5)), dict.fromkeys(['Z1', 'A1', 'Z2', 'A2'], np.zeros(3)))",
    "(np.full((1, 5), 1e308), dict.fromkeys(['Z1', 'A1', 'Z2', 'A2'], np.full((3, 5), 1e308)))",
    f"(dict.fromkeys({KEYS}, np.zeros(3)), np.zeros(()))",
    f"(dict.fromkeys({KEYS}, 1e300), dict.fromkeys({KEYS}, np.full((2, 1), 1e308)), ['x'])",
)

ASKS_FOR_THE_FORM = {
    "parameters_have_their_names",
    "forward_returns_A2_and_the_cache",
    "forward_returns_AL_and_caches",
    "propagate_returns_gradients_and_cost",
    "bias_starts_as_a_single_number",
    "training_returns_three_things",
}


@ALL
@pytest.mark.parametrize("value", STRANGE)
def test_a_strange_answer_is_wrong_and_never_breaks_a_check(bank: Bank, value: str) -> None:
    strange = {
        check.of: f"def {check.of}(*_, **__):\n    return {value}\n" for check in bank.checks
    }
    verdicts = take(bank.checks, bank.reference, strange, 2)
    assert {name for name, why in verdicts.items() if not why} <= ASKS_FOR_THE_FORM


@ALL
def test_a_visible_check_needs_numpy_and_expect_and_helpers_that_need_no_more(bank: Bank) -> None:
    for check in bank.checks:
        if check.visible:
            assert check.takes <= {"student", "rng"}
            assert all(each.visible for each in check.after)
            for helper in needs(check.asks):
                assert not needs(helper), helper


def needs(function: Callable[..., object]) -> list[FunctionType]:
    """The functions of its file that a function names; it may name numpy and `expect` besides."""
    assert isinstance(function, FunctionType)
    codes, names = [function.__code__], set()
    for code in codes:
        names |= set(code.co_names)
        codes += [each for each in code.co_consts if isinstance(each, CodeType)]
    known = {name: function.__globals__[name] for name in names & set(function.__globals__)}
    helpers = [value for value in known.values() if isinstance(value, FunctionType)]
    assert len(helpers) + len({"np", "expect"} & set(known)) == len(known)
    return helpers


FEEDS = {"L_model_backward": {"L_model_forward"}}
"""Functions that are asked for what a function is then given."""


@ALL
def test_a_check_asks_the_function_it_is_about_and_no_other_but_what_feeds_it(
    bank: Bank,
) -> None:
    for check in bank.checks:
        student = InProcess(bank.reference, {}, 7)
        rng = np.random.default_rng(7)
        offered = {"student": student, "reference": bank.reference, "rng": rng}
        check.asks(**{name: offered[name] for name in check.takes})
        assert student.asked <= {check.of} | FEEDS.get(check.of, set())


@pytest.mark.parametrize(
    ("bank", "mistake"),
    [
        pytest.param(bank(name), mistake, id=f"{name}-{mistake.name}")
        for name in NAMES
        for mistake in bank(name).mistakes
    ],
)
def test_a_mistake_loses_points_in_the_checks_of_its_function(bank: Bank, mistake: Mistake) -> None:
    source = mistake.source(bank.reference)
    assert failed(take(bank.about(mistake.of), bank.reference, {mistake.of: source}, 4))


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize(
    ("bank", "sources"),
    [
        pytest.param(bank(name), sources, id=f"{name}-{form}")
        for name in NAMES
        for form, sources in bank(name).equivalents
    ],
)
def test_a_right_answer_in_another_form_gets_full_marks(
    bank: Bank, sources: Mapping[str, str], seed: int
) -> None:
    assert not failed(take(bank.checks, bank.reference, sources, seed, together=True))
