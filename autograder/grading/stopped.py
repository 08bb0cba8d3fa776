"""Find the cell that stopped and so left a name undefined.

A student's cell that stops half-way defines nothing from there on. A later error about a missing
name then says so: the student must mend the cell that stopped, and not the one that needed the
name.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from autograder.checking.judge.messages import cell_trouble
from autograder.sandbox.protocol import wire

UNDEFINED = re.compile(r"name '(\w+)' is not defined")
"""The message of a NameError."""

BINDING = re.compile(r"^(?:async\s+def|def|class|import|from)?[ \t]*(\w+)", re.MULTILINE)
"""Begins a line of code that Python cannot parse and that may define a name."""


@dataclass(frozen=True)
class Stopped:
    """A cell that stopped.

    Attributes:
        name: of the cell, as people know it.
        source: its code.
        ran: its outcome.
    """

    name: str
    source: str
    ran: wire.Ran

    @property
    def trouble(self) -> str:
        """The error that stopped it, as the end of a sentence."""
        return cell_trouble(self.ran) or ""

    @property
    def denied(self) -> wire.Denied | None:
        """What the sandbox did not give, if the cell stopped for that."""
        return self.ran.error.denied if self.ran.error else None


def bound_names(source: str) -> frozenset[str]:
    """Return the names that a cell defines, as far as the cell can be read."""
    from IPython.core.inputtransformer2 import TransformerManager  # takes a second to import

    try:
        tree = ast.parse(TransformerManager().transform_cell(source))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return frozenset(BINDING.findall(source))
    return frozenset(_bound(tree.body))


def _bound(body: Iterable[ast.AST]) -> Iterable[str]:
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                yield alias.asname or alias.name.partition(".")[0]
        elif isinstance(node, ast.Name):
            if isinstance(node.ctx, ast.Store):
                yield node.id
        elif not isinstance(node, ast.Lambda):
            yield from _bound(ast.iter_child_nodes(node))


def missing_name(ran: wire.Ran) -> str | None:
    """Return the name whose absence stopped a cell; None if something else did."""
    if ran.error is None or ran.error.type != "NameError":
        return None
    found = UNDEFINED.search(ran.error.message)
    return found[1] if found else None


def cell_that_defines(name: str, stopped: Sequence[Stopped]) -> Stopped | None:
    """Return the last of these cells that would have defined a name, or the cell it waited for.

    Args:
        name: the undefined name.
        stopped: the cells that stopped, in order.
    """
    for number in reversed(range(len(stopped))):
        if name in bound_names(stopped[number].source):
            missing = missing_name(stopped[number].ran)
            earlier = cell_that_defines(missing, stopped[:number]) if missing else None
            return earlier or stopped[number]
    return None
