"""The assignments of this course, with their known correct and wrong answers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType

from autograder.checking.checks import Check, load_checks, load_module
from autograder.checking.mistakes import Mistake, load_mistakes
from tests.helpers.in_process import take

ROOT = Path(__file__).parents[2]
NAMES = sorted(path.parent.name for path in ROOT.glob("assignments/*/lesson.md"))


@dataclass(frozen=True)
class Bank:
    """The known answers of an assignment."""

    name: str
    reference: ModuleType
    checks: tuple[Check, ...]
    mistakes: tuple[Mistake, ...]
    equivalents: tuple[tuple[str, Mapping[str, str]], ...]

    def about(self, function: str) -> tuple[Check, ...]:
        """Return the checks of one function and the checks that must pass first."""
        wanted = {check for check in self.checks if check.of == function}
        for check in reversed(self.checks):
            if check in wanted:
                wanted.update(check.after)
        return tuple(check for check in self.checks if check in wanted)

    def points(self) -> dict[str, float]:
        """Return the points of each function."""
        points: dict[str, float] = defaultdict(float)
        for check in self.checks:
            points[check.of] += check.points
        return points

    def lost_by(self, mistake: str) -> set[str]:
        """Return the checks that a mistake fails."""
        (found,) = (each for each in self.mistakes if each.name == mistake)
        sources = {found.of: found.source(self.reference)}
        return set(failed(take(self.about(found.of), self.reference, sources, 5)))


@cache
def bank(name: str) -> Bank:
    """Return the bank of an assignment."""
    folder = ROOT / "assignments" / name
    return Bank(
        name,
        load_module(ROOT / "reference" / f"{name}.py"),
        load_checks(folder / "checks.py"),
        load_mistakes(folder / "mistakes.py"),
        load_module(folder / "equivalents.py").EQUIVALENTS,
    )


def failed(verdicts: Mapping[str, str]) -> dict[str, str]:
    """Return the checks that did not pass, and why."""
    return {name: why for name, why in verdicts.items() if why}
