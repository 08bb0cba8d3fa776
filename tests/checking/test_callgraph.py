"""Which functions of a reference build on which, however they call each other."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.checking.checks import load_module
from autograder.checking.judge.callgraph import builds_on

HEAD = """
import functools
import numpy as np


def f(x):
    return 2 * x


def decorated(function):
    @functools.wraps(function)
    def wrapper(*arguments):
        return function(*arguments)
    return wrapper


class Doubler:
    def double(self, x):
        return f(x)

    @staticmethod
    def again(x):
        return f(x)

    def __call__(self, x):
        return self.double(x)


class Quadrupler(Doubler):
    pass


def helper(x):
    return f(x)


STEPS = {"twice": [f]}
double = f


"""

WAYS = {
    "call": "def g(x):\n    return f(x)",
    "generator": "def g(x):\n    return sum(f(each) for each in x)",
    "comprehension": "def g(x):\n    return {k: [f(each) for each in x] for k in x}",
    "lambda": "def g(x):\n    return map(lambda each: f(each), x)",
    "inner function": "def g(x):\n    def inner():\n        return f(x)\n    return inner()",
    "inner class": "def g(x):\n    class A:\n        y = f(x)\n    return A.y",
    "default": "def g(x, twice=f):\n    return twice(x)",
    "keyword default": "def g(x, *, twice=f):\n    return twice(x)",
    "partial": "g = functools.partial(f)",
    "partial in it": "def g(x):\n    return functools.partial(f, x)()",
    "lambda alone": "g = lambda x: f(x)",
    "decorator": "@decorated\ndef g(x):\n    return f(x)",
    "cache": "@functools.lru_cache\ndef g(x):\n    return f(x)",
    "vectorized": "g = np.vectorize(lambda x: f(x))",
    "closure": "g = (lambda twice: lambda x: twice(x))(f)",
    "helper": "def g(x):\n    return helper(x)",
    "class": "def g(x):\n    return Doubler().double(x)",
    "inherited": "def g(x):\n    return Quadrupler().double(x)",
    "static method": "def g(x):\n    return Doubler.again(x)",
    "object": "g = Doubler()",
    "method": "g = Doubler().double",
    "table": "def g(x):\n    return STEPS['twice'][0](x)",
    "alias": "def g(x):\n    return double(x)",
}


def found(tmp_path: Path, code: str, *functions: str) -> dict[str, set[str]]:
    path = tmp_path / "reference.py"
    path.write_text(HEAD + code + "\n")
    return {name: {*others} for name, others in builds_on(load_module(path), functions).items()}


@pytest.mark.parametrize("code", WAYS.values(), ids=WAYS)
def test_a_function_that_builds_on_another_is_found(tmp_path: Path, code: str) -> None:
    assert found(tmp_path, code, "f", "g") == {"f": set(), "g": {"f"}}


def test_a_function_builds_on_what_those_that_it_calls_build_on(tmp_path: Path) -> None:
    code = "def g(x):\n    return helper(x)\n\ndef h(x):\n    return g(x)"
    assert found(tmp_path, code, "f", "g", "h") == {"f": set(), "g": {"f"}, "h": {"f", "g"}}


@pytest.mark.parametrize(
    "code",
    [
        "def g(x):\n    return np.f(x)",
        "def g(f):\n    return f(1)",
        "def g(x):\n    f = x\n    return f",
    ],
)
def test_a_name_that_is_something_else_is_none_of_the_functions(tmp_path: Path, code: str) -> None:
    assert found(tmp_path, code, "f", "g") == {"f": set(), "g": set()}


def test_functions_that_call_each_other_build_on_each_other(tmp_path: Path) -> None:
    code = "def g(x):\n    return h(x)\n\ndef h(x):\n    return g(x)"
    assert found(tmp_path, code, "g", "h") == {"g": {"h"}, "h": {"g"}}
