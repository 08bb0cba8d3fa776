"""Turn a function that a check passes into what a student process can build.

A check may pass a lambda, a function that is written in `checks.py` or in the reference, a function
of numpy, math, cmath or Python itself, or `student.NAME`. A function may use its arguments, values
that can cross, functions of these kinds, and modules of numpy, scipy, math and cmath.
"""

from __future__ import annotations

import ast
import builtins
import cmath
import inspect
import math
from collections.abc import Iterator
from functools import lru_cache
from types import FunctionType, ModuleType
from typing import Any

import numpy as np

from autograder.checking import expect
from autograder.checking.judge.callgraph import global_names
from autograder.i18n import _
from autograder.sandbox.protocol import wire

MODULES = ("numpy", "scipy", "math", "cmath")
"""The modules that a function may use, with those inside them."""


class HandOver:
    """The functions that the arguments of one call hold.

    Attributes:
        functions: what is sent with the call, those first that others use.
    """

    def __init__(self) -> None:
        self.functions: dict[bytes, wire.Function] = {}
        self.begun: list[object] = []

    def keep(self, value: object) -> wire.Handle | wire.Known:
        """Return what stands for a function, or for a value of the student's own.

        Raises:
            TypeError: it is something else that cannot be handed over.
        """
        if isinstance(value, (wire.Handle, wire.Known)):
            return value
        if not callable(value) or isinstance(value, ModuleType):
            sentence = _(
                "The check passes a value of type {type}, which cannot be sent to a student's "
                "function."
            )
            raise TypeError(sentence.format(type=type(value).__name__))
        function = self._function(value)
        self.functions[function.known.key] = function
        return function.known

    def _function(self, value: Any) -> wire.Function:
        if isinstance(value, expect.Function):
            return wire.Function(value.name)
        for module in (np, math, cmath, builtins):
            name = getattr(value, "__name__", "")
            if name and getattr(module, name, None) is value:
                source = f"f = module.{name}"
                return wire.Function("f", source, (), (("module", module.__name__),))
        if not isinstance(value, FunctionType) or any(each is value for each in self.begun):
            raise _unfit(value, _("it is none of these"))
        node = _node(value)
        if node is None:
            raise _unfit(value, _("its source cannot be found"))
        self.begun.append(value)
        try:
            return self._written(value, node)
        finally:
            self.begun.pop()

    def _written(self, value: FunctionType, node: ast.Lambda | ast.FunctionDef) -> wire.Function:
        values: dict[str, wire.Value] = {}
        modules: dict[str, str] = {}
        for name, used in _used(value):
            if used is value:
                continue  # it calls itself
            if isinstance(used, ModuleType):
                if used.__name__.partition(".")[0] not in MODULES:
                    raise _unfit(value, _("it uses the module {name}").format(name=used.__name__))
                modules[name] = used.__name__
            else:
                try:
                    values[name] = wire.pack(expect.bare(used), self.keep)
                except TypeError as error:
                    raise _unfit(value, _("it uses {name}").format(name=name)) from error
        node = ast.parse(ast.unparse(node)).body[0]  # type: ignore[assignment]  # a copy
        if isinstance(node, ast.Expr):
            made: Any = node.value
            node = ast.Assign([ast.Name("f", ast.Store())], made)  # type: ignore[assignment]
        else:
            made = node
            made.returns, made.decorator_list = None, []
        arguments: ast.arguments = made.args
        for argument in ast.walk(arguments):
            if isinstance(argument, ast.arg):
                argument.annotation = None
        by_position = list(value.__defaults__ or ())
        by_name = [value.__kwdefaults__ or {}]
        for place, default in enumerate(by_position):
            values[f"default_{place}"] = wire.pack(expect.bare(default), self.keep)
            arguments.defaults[place] = ast.Name(f"default_{place}", ast.Load())
        for place, argument in enumerate(arguments.kwonlyargs):
            if argument.arg in by_name[0]:
                values[f"default_{argument.arg}"] = wire.pack(
                    expect.bare(by_name[0][argument.arg]), self.keep
                )
                arguments.kw_defaults[place] = ast.Name(f"default_{argument.arg}", ast.Load())
        source = ast.unparse(ast.fix_missing_locations(ast.Module([node], [])))  # type: ignore[list-item]
        name = "f" if isinstance(made, ast.Lambda) else made.name
        return wire.Function(name, source, tuple(values.items()), tuple(modules.items()))


def _unfit(value: object, why: str) -> TypeError:
    sentence = _(
        "The check passes {function}, which cannot be passed on: {why}. Pass a lambda, a "
        "function from checks.py or the reference, one of numpy or math, or student.NAME. It may "
        "use its arguments, numbers, arrays, such functions, numpy, scipy and math."
    )
    name = getattr(value, "__name__", type(value).__name__)
    return TypeError(sentence.format(function=name, why=why))


def _used(value: FunctionType) -> Iterator[tuple[str, object]]:
    """Yield the variables that a function uses besides its arguments, with their values."""
    free = zip(value.__code__.co_freevars, value.__closure__ or (), strict=True)
    for name, cell in free:
        try:
            yield name, cell.cell_contents
        except ValueError:  # nothing is in it yet
            continue
    for name in sorted(global_names(value.__code__)):
        if name in value.__globals__:
            yield name, value.__globals__[name]


def _node(value: FunctionType) -> ast.Lambda | ast.FunctionDef | None:
    """Return the definition of a function in its file.

    None if it cannot be found, or is decorated.
    """
    try:
        lines, _start = inspect.findsource(value)
        tree = _tree("".join(lines))
    except (OSError, TypeError, SyntaxError):
        return None
    code = value.__code__
    if value.__name__ != "<lambda>":
        return next(
            (
                node
                for node in ast.walk(tree)
                if isinstance(node, ast.FunctionDef)
                and (node.name, node.lineno) == (code.co_name, code.co_firstlineno)
            ),
            None,
        )
    spans = [
        (line, column, end_line, end)
        for line, end_line, column, end in code.co_positions()
        if None not in (line, end_line, column, end) and (line, column) != (end_line, end)
    ]
    around = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Lambda)
        and all(
            (node.lineno, node.col_offset) <= (line, column)
            and (end_line, end) <= (node.end_lineno, node.end_col_offset)
            for line, column, end_line, end in spans
        )
    ]
    return max(around, key=lambda node: (node.lineno, node.col_offset), default=None)


@lru_cache(maxsize=8)
def _tree(text: str) -> ast.Module:
    return ast.parse(text)
