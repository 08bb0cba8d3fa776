"""Parse the cells of a student's notebook; nothing of them is run."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from functools import cached_property

MAX_CHARACTERS = 20_000
"""Characters of one cell that are parsed."""

MAX_NAME = 30
"""Characters of a name that may stand in a sentence."""


class StudentSource:
    """The cells of a notebook, parsed when they are first needed.

    Args:
        cells: the sources of the cells that ran.
    """

    def __init__(self, cells: Sequence[str] = ()) -> None:
        self.cells = cells

    @cached_property
    def trees(self) -> list[ast.Module]:
        """The syntax trees of the cells that can be parsed."""
        trees = []
        for cell in self.cells:
            if len(cell) > MAX_CHARACTERS:
                continue
            try:
                trees.append(ast.parse(cell))
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                continue
        return trees

    def definition(self, function: str) -> ast.FunctionDef | None:
        """Return the last definition of a function at the top of a cell."""
        found = [
            node
            for tree in self.trees
            for node in tree.body
            if isinstance(node, ast.FunctionDef) and node.name == function
        ]
        return found[-1] if found else None

    @cached_property
    def variables(self) -> set[str]:
        """The names that cells assign at the top, but for constants."""
        return {
            target.id
            for tree in self.trees
            for node in tree.body
            if isinstance(node, ast.Assign) and not isinstance(node.value, ast.Constant)
            for each in node.targets
            for target in ast.walk(each)
            if isinstance(target, ast.Name)
        }
