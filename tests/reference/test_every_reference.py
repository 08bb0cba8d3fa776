"""What is true of every reference: its functions go into notebooks, one by one."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from autograder.checking.checks import load_module

PATHS = sorted((Path(__file__).parents[2] / "reference").glob("*.py"))


def functions(module: ModuleType) -> list[Callable[..., Any]]:
    return [value for _, value in inspect.getmembers(module, inspect.isfunction)]


FUNCTIONS = [
    pytest.param(each, id=f"{path.stem}-{each.__name__}")
    for path in PATHS
    for each in functions(load_module(path))
]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_stands_alone_as_one_block(function: Callable[..., Any]) -> None:
    source = inspect.getsource(function)
    code = compile(source, "<cell>", "exec")
    namespace: dict[str, Any] = {"np": function.__globals__["np"]}
    exec(code, namespace)  # noqa: S102
    own = {name for name, value in function.__globals__.items() if inspect.isfunction(value)}
    assert set(inspect.getclosurevars(function).globals) <= own | {"np"}
    assert source.startswith(f"def {function.__name__}(")


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_docstring_does_not_give_the_body_away(function: Callable[..., Any]) -> None:
    definition = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    assert isinstance(definition, ast.FunctionDef)
    said = " ".join((ast.get_docstring(definition) or "").split())
    assert said
    for statement in definition.body[1:]:
        assert ast.unparse(statement) not in said


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_a_reference_imports_numpy_alone(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imports = [
        ast.unparse(n) for n in ast.walk(tree) if isinstance(n, (ast.Import, ast.ImportFrom))
    ]
    assert imports == ["import numpy as np"]
