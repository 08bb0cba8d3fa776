"""Run changed copies of a student's function in the sandbox, in a fresh process.

The copies are defined by one more cell at the end of the notebook. The judge parses the function
and compares answers; it never runs the code. The process knows no right answer, and none of its
answers gives points.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec

from autograder.checking.diagnosis.comparison import RawAnswer
from autograder.checking.diagnosis.replay import NotAnswered
from autograder.sandbox.host.fork import Fork
from autograder.sandbox.host.process import Crashed, TimedOut
from autograder.sandbox.host.session import Session
from autograder.sandbox.protocol import wire
from autograder.sandbox.protocol.limits import TimeLimit

COPY = "autograder_copy"
"""The function that calls a copy by its number."""

TRACED = "autograder_traced"
"""The function that returns the variables of a call, in their order."""

Ask = Callable[[wire.Call], RawAnswer | None]
"""Makes a call; None if there is no answer in time."""

OpenSession = Callable[[str, Sequence[str]], Session]
"""Opens a session in which a cell has run after the student's, for calls of these functions."""

CALL_TIME = TimeLimit(cpu=0.5, wall=10.0)

SECONDS = 2.0
"""CPU time for all calls of the copies of one function."""

MAX_LOST = 3
"""Calls that may end without an answer."""

MAX_NOTES = 40
"""Variables of one call."""

RECORDER = f"""
autograder_notes = []
def autograder_note(line, name, value):
    plain = type(value) in (int, float)
    if len(autograder_notes) < {MAX_NOTES} and (plain or hasattr(value, "dtype")):
        autograder_notes.append((line, name, value if plain else value.copy()))
def {TRACED}(*arguments, **keywords):
    autograder_notes.clear()
    try:
        autograder_watched(*arguments, **keywords)
    except Exception:
        pass
    return list(autograder_notes)
"""


@contextmanager
def running(open_session: OpenSession, cell: str) -> Iterator[Ask]:
    """Open a session, and yield the function that makes calls in it.

    The function raises NotAnswered after too many calls without an answer, or too much time.
    """
    with open_session(cell, (COPY, TRACED)) as session:
        forks: list[Fork] = []
        start = session.used
        lost = 0

        def ask(call: wire.Call) -> RawAnswer | None:
            nonlocal lost
            if lost > MAX_LOST or session.used - start > SECONDS:
                raise NotAnswered
            try:
                if not forks:
                    forks.append(session.fork())
                answer = forks[0].call(
                    call.function, call.arguments, call.keywords, seed=call.seed, limit=CALL_TIME
                )
            except (TimedOut, Crashed, wire.TooLong):
                lost += 1
                while forks:
                    forks.pop().end()
                return None
            return answer if isinstance(answer, (wire.Returned, wire.Failed)) else None

        try:
            yield ask
        finally:
            for fork in forks:
                fork.end()


def copies(function: str, sources: Sequence[str]) -> str:
    """Return the cell that defines copies of a function, and leaves the function as it is."""
    every = "".join(f"{source}\nautograder_copies.append({function})\n" for source in sources)
    return (
        f"autograder_copies, autograder_first = [], {function}\n{every}{function} = "
        f"autograder_first\ndef {COPY}(number, *arguments, **keywords):\n"
        "    return autograder_copies[number](*arguments, **keywords)\n"
    )


def of_copy(call: wire.Call, number: int) -> wire.Call:
    """Return a call of a copy."""
    return msgspec.structs.replace(call, function=COPY, arguments=(number, *call.arguments))


def traced(definition: ast.FunctionDef) -> str:
    """Return the source of a function that notes its variables, each when it is set."""
    watched = copy.deepcopy(definition)
    watched.name = "autograder_watched"
    Watch().visit(watched)
    return ast.unparse(ast.fix_missing_locations(watched)) + "\n" + RECORDER


class Watch(ast.NodeTransformer):
    """Adds a note after every assignment to a name, or to an entry with a fixed key."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> Any:
        """Visit the function itself, and none inside it."""
        return self.generic_visit(node) if node.name == "autograder_watched" else node

    def visit_Assign(self, node: ast.Assign) -> list[ast.stmt]:
        """Note what an assignment sets."""
        return [node, *_notes(node.targets, node.lineno)]

    def visit_AugAssign(self, node: ast.AugAssign) -> list[ast.stmt]:
        """Note what an augmented assignment sets."""
        return [node, *_notes([node.target], node.lineno)]


def _notes(targets: Sequence[ast.expr], line: int) -> Iterator[ast.stmt]:
    for target in targets:
        if isinstance(target, (ast.Tuple, ast.List)):
            yield from _notes(target.elts, line)
        name = name_of(target)
        if name is not None:
            value = ast.parse(ast.unparse(target), mode="eval").body
            arguments = [ast.Constant(line), ast.Constant(name), value]
            yield ast.Expr(ast.Call(ast.Name("autograder_note", ast.Load()), arguments, []))


def name_of(target: ast.AST) -> str | None:
    """Return the name of a variable, or the key of an entry; None for anything else."""
    if isinstance(target, ast.Name):
        return target.id
    if isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Constant):
        return target.slice.value if isinstance(target.slice.value, str) else None
    return None
