"""What an attack is: a notebook that tries something, and what must come of it.

    @attack("patched libraries")
    def everything_is_close() -> str:
        \"\"\"Makes numpy find all numbers close to each other.\"\"\"
        return "np.allclose = lambda *_, **__: True"

What the function gives is a cell, which stands in front of the solutions, or a `Notebook` that says
more. The solutions are the `WRONG` ones, so that there is something to gain, unless the attack says
that they are right, and is after something else. `PRELUDE` stands in front of all.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from robustness.fuzzing.trees import Entry

EVERY = ("double", "total_of_doubles", "spread")
"""All functions of the course."""

ANYTHING = " "
"""The instructor is told something, in whatever words: a sentence has a space in it."""

MAYBE = "?"
"""The instructor may be told something, or nothing: what counts is the points."""

Document = dict[str, Any]
"""A notebook's file, as JSON has it."""


@dataclass(frozen=True)
class Notebook:
    """What is handed in, as it differs from a plain notebook.

    Attributes:
        first: a cell in front of the solutions.
        last: a cell behind them.
        written: solutions in the place of the usual ones, by the names of the functions.
        edit: alters the file itself.
        beside: what lies in the student's folder beside the notebook's file.
    """

    first: str = ""
    last: str = ""
    written: Mapping[str, str] = field(default_factory=dict)
    edit: Callable[[Document], None] | None = None
    beside: tuple[Entry, ...] = ()


@dataclass(frozen=True)
class Attack:
    """A notebook that tries something.

    Attributes:
        category: under which it is counted.
        name: what it is called.
        tries: what it tries, in a sentence.
        notebook: what is handed in.
        right: whether its solutions are right.
        costs: functions whose marks it may destroy for itself.
        seen: what the instructor is told, or a part of it; empty where nothing is to be seen.
        worth: what functions earn by themselves, where that is neither what the right solutions nor
            what the wrong ones earn.
        alone: whether it is tried on us alone, because it would do harm where nothing keeps it in,
            or because there is nothing like it elsewhere.
    """

    category: str
    name: str
    tries: str
    notebook: Notebook
    right: bool
    costs: tuple[str, ...]
    seen: str
    alone: bool
    worth: Mapping[str, float]


BANK: dict[str, Attack] = {}
"""All attacks, by their names; the modules of `bank` fill it."""


def attack(
    category: str,
    *,
    right: bool = False,
    costs: tuple[str, ...] = (),
    seen: str = "",
    alone: bool = False,
    worth: Mapping[str, float] | None = None,
) -> Callable[[Callable[[], str | Notebook]], Attack]:
    """Make an attack of a function and add it to the bank; see the head of this module."""

    def make(function: Callable[[], str | Notebook]) -> Attack:
        given = function()
        made = Attack(
            category=category,
            name=function.__name__,
            tries=inspect.cleandoc(function.__doc__ or ""),
            notebook=given if isinstance(given, Notebook) else Notebook(first=given),
            right=right,
            costs=costs,
            seen=seen,
            alone=alone,
            worth=worth or {},
        )
        assert made.name not in BANK, made.name  # noqa: S101  # two of one name, a slip of ours
        BANK[made.name] = made
        return made

    return make
