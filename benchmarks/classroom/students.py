"""A class of any size, repeatable by its seed, in which no two notebooks have the same text.

Of a hundred students, sixty are right: they have the reference's functions or an equivalent. Thirty
make one to three known mistakes. Five are right and slow: they loop in Python instead of using
numpy. Five are broken: a file that is cut off, empty or a web page, or a cell that is not Python.
Each notebook has its own variable names and comments, so that no cache by text helps. There are no
endless loops, because their cost is only the time limit of each side.
"""

from __future__ import annotations

import ast
import json
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from autograder.audit.records import load_equivalents
from autograder.checking.mistakes import function_source
from autograder.course.assignment import Assignment
from autograder.course.lesson import Lesson, Role

MIX = {"right": 60, "wrong": 30, "slow": 5, "broken": 5}
"""The number of each kind in a hundred."""

WORDS = ("my", "the", "new", "old", "this", "own", "last", "next", "good", "small", "mine", "some")

REMARKS = (
    "as in the lecture",
    "see the formula above",
    "this took me a while",
    "check the shapes!",
    "I hope that this is right",
    "vectorised",
)

NAME_DEPENDENT = {"locals", "globals", "vars", "eval", "exec", "dir"}
"""Functions that may refer to a variable by its name."""

PRODUCT = """\
def product(A, B):
    rows = []
    for i in range(A.shape[0]):
        row = []
        for j in range(B.shape[1]):
            total = 0.0
            for k in range(A.shape[1]):
                total += float(A[i, k]) * float(B[k, j])
            row.append(total)
        rows.append(row)
    return np.array(rows)

"""

SLOW = (
    {
        "forward_propagation": PRODUCT
        + """\
def forward_propagation(X, parameters):
    Z1 = product(parameters["W1"], X) + parameters["b1"]
    A1 = np.tanh(Z1)
    Z2 = product(parameters["W2"], A1) + parameters["b2"]
    A2 = sigmoid(Z2)
    return A2, {"Z1": Z1, "A1": A1, "Z2": Z2, "A2": A2}
"""
    },
    {
        "backward_propagation": PRODUCT
        + """\
def backward_propagation(parameters, cache, X, Y):
    m = X.shape[1]
    dZ2 = cache["A2"] - Y
    dZ1 = product(parameters["W2"].T, dZ2) * (1 - cache["A1"] ** 2)
    return {
        "dW1": product(dZ1, X.T) / m, "db1": dZ1.sum(axis=1, keepdims=True) / m,
        "dW2": product(dZ2, cache["A1"].T) / m, "db2": dZ2.sum(axis=1, keepdims=True) / m,
    }
"""
    },
    {
        "initialize_parameters": """\
def initialize_parameters(n_x, n_h, n_y):
    def draw(rows, columns):
        weights = np.zeros((rows, columns))
        for i in range(rows):
            for j in range(columns):
                weights[i, j] = np.random.normal(0, 1) * 0.01
        return weights
    W1 = draw(n_h, n_x)
    W2 = draw(n_y, n_h)
    return {"W1": W1, "b1": np.zeros((n_h, 1)), "W2": W2, "b2": np.zeros((n_y, 1))}
"""
    },
    {
        "nn_model": """\
import copy
def nn_model(X, Y, n_h, num_iterations=10000, print_cost=False):
    parameters = initialize_parameters(X.shape[0], n_h, 1)
    history = []
    for i in range(num_iterations):
        A2, cache = forward_propagation(X, parameters)
        history.append((compute_cost(A2, Y), predict(parameters, X), copy.deepcopy(parameters)))
        grads = backward_propagation(parameters, cache, X, Y)
        parameters = update_parameters(parameters, grads)
    return parameters
"""
    },
)
"""Correct but slow functions: sources by function."""


@dataclass(frozen=True)
class HandedIn:
    """A submission.

    Attributes:
        student: the name of the student.
        kind: one of `MIX`.
        text: the text of the file.
    """

    student: str
    kind: str
    text: str


class Class:
    """The students of an assignment.

    Args:
        assignment: the assignment with its mistakes and equivalents.
        lesson: its notebook.
        seed: the seed of all random choices.
    """

    def __init__(self, assignment: Assignment, lesson: Lesson, seed: int) -> None:
        self.blank = json.loads(json.dumps(lesson.released_notebook()))
        self.answers = [part.id for part in lesson.parts if part.role is Role.ANSWER]
        self.seed = seed
        self.right = {
            name: function_source(assignment.reference, name) for name in lesson.functions
        }
        self.forms: list[Mapping[str, str]] = [
            {},
            *(each.sources for each in load_equivalents(assignment.folder / "equivalents.py")),
        ]
        self.wrong = [(each.of, each.source(assignment.reference)) for each in assignment.mistakes]

    def handed_in(self, size: int) -> Iterator[HandedIn]:
        """Yield the submissions of a class; a larger class begins with the same submissions."""
        for number in range(size):
            chance = random.Random(f"{self.seed} {number}")  # noqa: S311  # no secret
            if number % 100 == 0:  # every hundred has the mix of kinds
                kinds = [kind for kind, share in MIX.items() for _ in range(share)]
                random.Random(f"{self.seed} {number // 100}th").shuffle(kinds)  # noqa: S311
            kind = kinds[number % 100]
            text = self._text(kind, number, chance)
            yield HandedIn(f"s{number:05}", kind, text)

    def _text(self, kind: str, number: int, chance: random.Random) -> str:
        written = dict(self.right)
        if kind == "right":
            written |= chance.choice(self.forms)
        elif kind == "wrong":
            for function, source in chance.sample(self.wrong, chance.randint(1, 3)):
                written[function] = source
        elif kind == "slow":
            written |= chance.choice(SLOW)
        own = {name: in_own_words(source, number, chance) for name, source in written.items()}
        spoil = chance.choice(SPOILERS) if kind == "broken" else None
        if kind == "broken" and spoil is None:
            own[chance.choice(list(own))] += "\n    return the cost of it\n"
        # Written answers are graded by hand.
        own |= dict.fromkeys(self.answers, f"They start the same and stay the same. ({number})")
        cells = [
            {**cell, "source": own.get(cell["id"], cell["source"])} for cell in self.blank["cells"]
        ]
        text = json.dumps({**self.blank, "cells": cells}, indent=1)
        return text if spoil is None else spoil(text)


def cut_off(text: str) -> str:
    """Return the first half of the file."""
    return text[: len(text) // 2]


def empty(_text: str) -> str:
    """Return an empty file."""
    return ""


def web_page(_text: str) -> str:
    """Return a web page instead of the file."""
    return "<!DOCTYPE html><html><body>Your session has expired.</body></html>"


SPOILERS: tuple[Callable[[str], str] | None, ...] = (cut_off, empty, web_page, None)
"""Ways to break a file; None breaks a cell instead."""


def in_own_words(source: str, number: int, chance: random.Random) -> str:
    """Rename the variables of some code and add a unique comment."""
    tree = ast.parse(source)
    renamed = ast.unparse(_Renamed(_locals(tree), chance).visit(tree))
    head, _, rest = renamed.partition("\n")
    return f"# {chance.choice(REMARKS)} ({number}, {chance.random():.6f})\n{head}\n{rest}\n"


def _locals(tree: ast.Module) -> set[str]:
    """Return the variables that can be renamed safely."""
    nodes = list(ast.walk(tree))
    inside = {
        id(node)
        for function in nodes
        if isinstance(function, ast.FunctionDef)
        for node in ast.walk(function)
    }
    names = [node for node in nodes if isinstance(node, ast.Name)]
    if {node.id for node in names} & NAME_DEPENDENT or any(
        isinstance(node, ast.ClassDef) for node in nodes
    ):
        return set()
    stored = {node.id for node in names if isinstance(node.ctx, ast.Store) and id(node) in inside}
    fixed = {
        node.id for node in names if isinstance(node.ctx, ast.Store) and id(node) not in inside
    }
    for node in nodes:
        match node:
            case ast.arg(arg=name) | ast.FunctionDef(name=name):
                fixed.add(name)
            case ast.ExceptHandler(name=str(name)):
                fixed.add(name)
            case ast.alias(name=name, asname=other):
                fixed.add(other or name.partition(".")[0])
            case ast.Global(names=several) | ast.Nonlocal(names=several):
                fixed.update(several)
    return stored - fixed


class _Renamed(ast.NodeTransformer):
    def __init__(self, names: set[str], chance: random.Random) -> None:
        self.names = {
            name: f"{chance.choice(WORDS)}_{name}_{chance.choice(WORDS)}" for name in sorted(names)
        }

    def visit_Name(self, node: ast.Name) -> ast.Name:
        return ast.copy_location(ast.Name(self.names.get(node.id, node.id), node.ctx), node)
