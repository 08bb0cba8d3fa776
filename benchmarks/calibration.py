"""Measure how often the checks of randomness fail correct and wrong answers.

    python -m benchmarks.calibration

First, correct answers: the reference's draws of 20,000 gradings go through the statistical tests of
the checks. All these tests are exact, so their p-values must be uniform by a Kolmogorov-Smirnov
test, and small as often as they say. Then, wrong answers: how many of 1,000 gradings each check
fails.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from rich.console import Console
from rich.progress import track
from rich.table import Table
from scipy import stats

from autograder.checking.checks import load_module
from autograder.checking.expect import Unmet
from autograder.course.embedded.runner import Student

ROOT = Path(__file__).resolve().parent.parent
CHECKS: Any = load_module(ROOT / "assignments" / "random_initialization" / "checks.py")
REFERENCE: Any = load_module(ROOT / "reference" / "random_initialization.py")

FALSE_ALARM = 1e-6
"""The probability that a line of a table looks bad although the test is good."""

Floats = npt.NDArray[np.float64]
Draw = Callable[[tuple[int, int]], Floats]
Start = Callable[[int, int, int], dict[str, Floats]]


def p_values(gradings: int) -> dict[str, Floats]:
    """Return the p-values of every test for correct answers, by its name."""
    found: dict[str, list[float]] = {}
    student = Student(vars(REFERENCE))
    np.random.seed(0)
    for _ in track(range(gradings), "right answers", console=Console(stderr=True), transient=True):
        large, first, second = (
            CHECKS.draws(student),
            CHECKS.draws(student, 40, 30),
            CHECKS.draws(student, 40, 30),
        )
        each = {
            "mean of W1: Student's t": CHECKS.p_of_mean(large["W1"]),
            "mean of W2": CHECKS.p_of_mean(large["W2"]),
            "spread of W1: chi-square": CHECKS.p_of_spread(large["W1"]),
            "spread of W2": CHECKS.p_of_spread(large["W2"]),
            "W1 and W2 alike: correlation": CHECKS.p_of_correlation(large["W1"], large["W2"]),
            "two calls alike, W1": CHECKS.p_of_correlation(first["W1"], second["W1"]),
            "two calls alike, W2": CHECKS.p_of_correlation(first["W2"], second["W2"]),
        }
        for c in (0.5, 2.5):
            few, many = CHECKS.p_of_tail(large["W1"], c)
            # A count is discrete; a random draw between two steps makes the p-value uniform.
            each[f"beyond {c} s: binomial"] = few - np.random.rand() * (few + many - 1)
        for name, p in each.items():
            found.setdefault(name, []).append(float(p))
    return {name: np.array(every) for name, every in found.items()}


def calibration(console: Console, gradings: int) -> bool:
    """Print the distribution of p-values for correct answers; return whether it is uniform."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(f"right answers, {gradings} gradings")
    for head in ("below 0.1", "0.01", "0.001", "least", "uniform, p ="):
        table.add_column(head, justify="right")
    good = True
    for name, every in p_values(gradings).items():
        uniform = stats.kstest(every, "uniform").pvalue
        small = {level: int(np.sum(every < level)) for level in (0.1, 0.01, 0.001)}
        chances = [stats.binom.sf(count - 1, gradings, level) for level, count in small.items()]
        good &= min(uniform, *chances) > FALSE_ALARM
        shares = [f"{count / gradings:.4f}" for count in small.values()]
        table.add_row(name, *shares, f"{every.min():.1g}", f"{uniform:.2g}")
    console.print(table)
    return good


def started(W1: Draw, W2: Draw | None = None) -> Start:
    """Return an answer with weights from this distribution and correct biases."""

    def initialize_parameters(n_x: int, n_h: int, n_y: int) -> dict[str, Floats]:
        return {
            "W1": W1((n_h, n_x)),
            "b1": np.zeros((n_h, 1)),
            "W2": (W2 or W1)((n_y, n_h)),
            "b2": np.zeros((n_y, 1)),
        }

    return initialize_parameters


def gaussian(scale: float, mean: float = 0.0) -> Draw:
    """Draw from a Gaussian."""
    return lambda shape: np.random.normal(mean, scale, shape)


def cut(shape: tuple[int, int]) -> Floats:
    """Draw from a Gaussian cut off at two standard deviations, with a spread of 0.01."""
    law = stats.truncnorm(-2, 2)
    drawn: Floats = law.rvs(shape) * 0.01 / law.std()
    return drawn


def permuted(shape: tuple[int, int]) -> Floats:
    """Draw rows that are permutations of the first row."""
    row = np.random.normal(0, 0.01, shape[1])
    return np.array([np.random.permutation(row) for _ in range(shape[0])])


def reseeded() -> Start:
    """Draw W2 from the start of the stream of W1."""

    def initialize_parameters(n_x: int, n_h: int, n_y: int) -> dict[str, Floats]:
        seed = np.random.randint(2**31)
        one, other = np.random.default_rng(seed), np.random.default_rng(seed)
        return started(
            lambda shape: one.normal(0, 0.01, shape), lambda shape: other.normal(0, 0.01, shape)
        )(n_x, n_h, n_y)

    return initialize_parameters


WRONG: Sequence[tuple[str, Start, Sequence[str]]] = (
    (
        "scale 0.009 in W1",
        started(gaussian(0.009), gaussian(0.01)),
        ["W1_has_standard_deviation_a_hundredth"],
    ),
    (
        "scale 0.011 in W2",
        started(gaussian(0.01), gaussian(0.011)),
        ["W2_has_standard_deviation_a_hundredth"],
    ),
    ("mean of a tenth of 0.01", started(gaussian(0.01, 0.001)), ["weights_have_mean_zero"]),
    (
        "uniform, of spread 0.01",
        started(lambda shape: np.random.uniform(-(3**0.5), 3**0.5, shape) / 100),
        ["weights_are_gaussian"],
    ),
    ("Gaussian cut off at 2 s", started(cut), ["weights_are_gaussian"]),
    (
        "Laplace, of spread 0.01",
        started(lambda shape: np.random.laplace(0, 0.01 / np.sqrt(2), shape)),
        ["weights_are_gaussian"],
    ),
    ("rows permuted", started(permuted, gaussian(0.01)), ["hidden_units_start_different"]),
    ("W2 from the start of W1", reseeded(), ["W2_is_no_copy_of_W1"]),
)


def power(console: Console, gradings: int) -> bool:
    """Print how many wrong answers are found; return whether at most one in 1,000 is missed."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(f"wrong answers, {gradings} gradings")
    table.add_column("check")
    table.add_column("found", justify="right")
    good = True
    np.random.seed(1)
    for name, start, checks in WRONG:
        student = Student({"initialize_parameters": start})
        for check in checks:
            found = sum(fails(getattr(CHECKS, check), student) for _ in range(gradings))
            good &= found >= 0.999 * gradings
            table.add_row(name, check, str(found))
    console.print(table)
    return good


def fails(check: Any, student: Student) -> bool:
    """Return whether an answer fails a check."""
    try:
        check.asks(student)
    except Unmet:
        return True
    return False


def main() -> None:
    """Print both tables, and exit with 1 if a result is not as it should be."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--gradings", type=int, default=20_000, help="of right answers")
    parser.add_argument("--wrong", type=int, default=1000, help="gradings of each wrong answer")
    wanted = parser.parse_args()
    console = Console(highlight=False)
    calibrated = calibration(console, wanted.gradings)
    console.print()
    powerful = power(console, wanted.wrong)
    console.print()
    console.print(
        "[bold green]As promised.[/]"
        if calibrated and powerful
        else "[bold red]Not as promised.[/]"
    )
    sys.exit(0 if calibrated and powerful else 1)


if __name__ == "__main__":
    main()
