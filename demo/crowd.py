"""A class of any size for pictures of reports: students of all abilities, with names and slips.

How many functions somebody gets right depends on an ability, drawn from a normal distribution, and
on how hard the function is; who gets one wrong makes a known mistake, some more often than others,
or leaves the function out. The same seed gives the same class.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import partial

import nbformat

from autograder.checking.mistakes import function_source
from autograder.course.assignment import Assignment
from autograder.course.lesson import Lesson
from autograder.intake.find import SubmissionSource

GIVEN = (
    "Ada", "Amara", "Bjørn", "Carmen", "Chen", "Dana", "Emil", "Farah", "Goran", "Hana", "Ines",
    "Ivo", "Jun", "Kofi", "Lea", "Malik", "Mei", "Nils", "Noor", "Olu", "Pia", "Ravi", "Sofía",
    "Tomás", "Uma", "Wanjiru", "Xenia", "Yusuf", "Zoë", "李娜",
)  # fmt: skip
FAMILY = (
    "Abara", "Bauer", "Costa", "Dvořák", "Eriksen", "Fischer", "García", "Haddad", "Ito", "Jansen",
    "Kim", "López", "Moreau", "Nakamura", "Okafor", "Petrov", "Quinn", "Rossi", "Silva", "Tanaka",
)  # fmt: skip

LEFT_OUT = 0.15
"""How often a function that is not right was never written."""

CUT_OFF = 0.02
"""How often an upload breaks off."""

ENDLESS = """\
def nn_model(X, Y, n_h, num_iterations=10000, print_cost=False):
    while True:
        num_iterations += 1
"""


def crowd(
    assignment: Assignment, lesson: Lesson, size: int, seed: int = 1
) -> Iterator[SubmissionSource]:
    """Yield the submissions of a class, each made when it is read."""
    chance = random.Random(seed)  # noqa: S311  # no secret
    names = [f"{given} {family}" for given in GIVEN for family in FAMILY]
    hard = {function: chance.gauss(-0.9, 0.7) for function in lesson.functions}
    for number in range(size):
        name = names[7 * number % len(names)] + (f" {number}" if number >= len(names) else "")
        ability, own = chance.gauss(0, 0.9), chance.random()
        right = {function: ability > hard[function] + chance.gauss(0, 0.6) for function in hard}
        path = f"submitted/{name}/{assignment.name}/{assignment.name}.ipynb"
        yield SubmissionSource(name, path, partial(_notebook, assignment, lesson, right, own))


def _notebook(assignment: Assignment, lesson: Lesson, right: dict[str, bool], seed: float) -> bytes:
    chance = random.Random(seed)  # noqa: S311  # no secret
    written = {}
    for function, is_right in right.items():
        if is_right:
            written[function] = function_source(assignment.reference, function)
        elif chance.random() > LEFT_OUT:
            known = [each for each in assignment.mistakes if each.of == function]
            often = [1 / (place + 1) for place in range(len(known))]
            (mistake,) = chance.choices(known, often)
            written[function] = mistake.source(assignment.reference)
    if "nn_model" in written and chance.random() < CUT_OFF:
        written["nn_model"] = ENDLESS
    text: str = nbformat.writes(lesson.filled(written))
    content = text.encode()
    return content[: len(content) // 2] if chance.random() < CUT_OFF else content
