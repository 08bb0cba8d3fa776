"""Mutants: small slips that an operator makes in one function of the reference.

A known mistake is one that students make; a mutant is one that a student might make. An operator
knows nothing about the subject, so it finds mistakes that the author did not think of. It takes one
node of the function's syntax tree and proposes replacements. Docstrings and annotations are left
out, and mutants with equal source count once.
"""

from __future__ import annotations

import ast
import copy
import difflib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from types import ModuleType

from autograder.checking.mistakes import function_source
from autograder.checking.mutation_operators import SLIPS, Operator, SimilarNames, is_key, is_stored


@dataclass(frozen=True)
class Mutant:
    """A function of the reference with one slip in it.

    Attributes:
        of: the name of the function.
        operator: the kind of slip.
        diff: the changed lines, before with a minus and after with a plus.
        source: the source of the whole function.
    """

    of: str
    operator: str
    diff: str
    source: str


def mutants(
    reference: ModuleType, function: str, operators: Mapping[str, Operator] = SLIPS
) -> list[Mutant]:
    """Return all mutants of a function that some operators make, in the order of its nodes.

    Raises:
        BadAssignment: the reference has no function of that name.
    """
    definition = bare(function_source(reference, function))
    right = ast.unparse(definition)
    alike = _alike(definition, function_source(reference, function))
    return [
        Mutant(function, name, difference(right, source), source)
        for name, source in variants(definition, alike, operators)
    ]


def variants(
    definition: ast.FunctionDef, alike: SimilarNames, operators: Mapping[str, Operator] = SLIPS
) -> Iterator[tuple[str, str]]:
    """Yield every source that an operator makes of a function, with the operator's name.

    The function is changed and restored meanwhile.
    """
    module = ast.Module([definition], [])
    text = _Text(module, definition)
    seen = {ast.unparse(module) + "\n"}
    for parent, node, put in list(_places(module)):
        for name, operator in operators.items():
            for other in operator(node, alike):
                put(other)
                source = text.changed(parent)
                put(node)
                if source not in seen:
                    seen.add(source)
                    yield name, source


class _Text:
    """The source of a function, the only one of a module, in which place after place is changed.

    Only the statement that holds the place is written again: writing is most of the work.
    """

    def __init__(self, module: ast.Module, definition: ast.FunctionDef) -> None:
        self.module = module
        self.definition = definition
        self.statement = {
            id(node): number
            for number, each in enumerate(definition.body)
            for node in ast.walk(each)
            if any(ast.iter_child_nodes(node))
        }
        head = copy.copy(definition)
        head.body = []
        self.head = ast.unparse(head)
        self.body = [_indented(each) for each in definition.body]

    def changed(self, parent: ast.AST) -> str:
        """Return the source, in which only a child of this node may have changed."""
        number = self.statement.get(id(parent))
        if number is None:
            return ast.unparse(self.module) + "\n"
        body = list(self.body)
        body[number] = _indented(self.definition.body[number])
        return "".join((self.head, *body, "\n"))


def _indented(statement: ast.stmt) -> str:
    """Return a statement as it stands in a function, from the line break before it."""
    return ast.unparse(ast.If(ast.Constant(True), [statement], [])).removeprefix("if True:")


def difference(before: str, after: str) -> str:
    """Return the changed lines without indentation and line numbers."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm="")
    return "\n".join(
        f"{line[0]} {line[1:].strip()}"
        for line in lines
        if line[0] in "+-" and line[:3] not in ("+++", "---")
    )


def bare(source: str) -> ast.FunctionDef:
    """Return a function without its docstring and annotations."""
    definition = ast.parse(source).body[0]
    assert isinstance(definition, ast.FunctionDef)  # noqa: S101  # function_source has seen to it
    return stripped(definition)


def stripped(definition: ast.FunctionDef) -> ast.FunctionDef:
    """Remove a function's docstring, annotations and decorators, and return the function."""
    definition.decorator_list = []
    if ast.get_docstring(definition) is not None:
        definition.body = definition.body[1:] or [ast.Pass()]
    definition.returns = None
    for node in ast.walk(definition):
        if isinstance(node, ast.arg):
            node.annotation = None
    return definition


Put = Callable[[ast.AST], object]


def _places(tree: ast.AST) -> Iterator[tuple[ast.AST, ast.AST, Put]]:
    """Yield every node below this one with its parent, and a function that replaces it."""
    for parent in ast.walk(tree):
        for field, value in ast.iter_fields(parent):
            if isinstance(value, ast.AST):
                yield parent, value, partial(setattr, parent, field)
            elif isinstance(value, list):
                for number, node in enumerate(value):
                    if isinstance(node, ast.AST):
                        yield parent, node, partial(value.__setitem__, number)


def _alike(definition: ast.FunctionDef, source: str) -> SimilarNames:
    """Return the variables or keys that could be mistaken for one, and the arguments' kinds.

    These have the same letters (W1 and W2) or the same number (W1 and b1), or are arguments of the
    same type.
    """
    nodes = list(ast.walk(definition))
    names = {node.id for node in nodes if isinstance(node, ast.Name)}
    local = {each.id for each in nodes if isinstance(each, ast.Name) and is_stored(each)}
    keys = {str(node.value) for node in nodes if isinstance(node, ast.Constant) and is_key(node)}
    types = {
        each.arg: ast.unparse(each.annotation)
        for each in ast.walk(ast.parse(source))
        if isinstance(each, ast.arg) and each.annotation is not None
    }

    def kin(one: str, other: str) -> bool:
        letters, number = _split(one)
        others_letters, others_number = _split(other)
        return (
            (letters == others_letters and number != others_number)
            or (number == others_number != "")
            or (one in types and types[one] == types.get(other))
        )

    def alike(name: str) -> list[str]:
        variables = (local | set(types)) if name in names else keys
        return sorted(each for each in variables if each != name and kin(name, each))

    arrays = frozenset(each for each, annotation in types.items() if annotation == "np.ndarray")
    return SimilarNames(alike, arrays)


def _split(name: str) -> tuple[str, str]:
    """Split a name into its letters and its number: W and 1, dZ and 2."""
    letters = re.sub(r"\d+$", "", name)
    return letters, name[len(letters) :]
