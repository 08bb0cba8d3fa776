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

from autograder.checking.diagnosis.comparison import Parts, RawAnswer, flatten
from autograder.checking.diagnosis.replay import NotAnswered, batches
from autograder.sandbox.host.fork import Fork
from autograder.sandbox.host.process import Crashed, TimedOut
from autograder.sandbox.host.session import Session
from autograder.sandbox.protocol import wire
from autograder.sandbox.protocol.limits import TimeLimit

COPY = "autograder_copy"
"""The function that calls a copy by its number."""

TRACED = "autograder_traced"
"""The function that returns the variables of a call, in their order."""

Ask = Callable[[Sequence[wire.Call]], list[Parts]]
"""Makes calls, and returns the parts of each answer; none for a call without an answer in time."""

OpenSession = Callable[[str, Sequence[str]], Session]
"""Opens a session in which a cell has run after the student's, for calls of these functions."""

CALL_TIME = TimeLimit(cpu=0.5, wall=10.0)

SECONDS = 2.0
"""CPU time for all calls of the copies of one function."""

MAX_LOST = 3
"""Calls that may end without an answer."""

MAX_NOTES = 80
"""Variables of one call."""

RECORDER = f"""
autograder_notes = []
def autograder_note(line, name, value):
    plain = type(value) in (int, float)
    known = type(name) is str and (plain or hasattr(value, "dtype"))
    if known and len(autograder_notes) < {MAX_NOTES}:
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
    with _caller(open_session, cell, (COPY, TRACED)) as caller:
        yield caller.ask


def further_answers(
    open_session: OpenSession, calls: Sequence[wire.Call], cell: str = ""
) -> list[RawAnswer | None]:
    """Return answers to more calls, as many as have one in time, after another cell has run."""
    with _caller(open_session, cell, [each.function for each in calls[:1]]) as caller:
        try:
            return caller.answers(calls)
        except NotAnswered:
            return []


@contextmanager
def _caller(open_session: OpenSession, cell: str, functions: Sequence[str]) -> Iterator[Caller]:
    with open_session(cell, functions) as session:
        caller = Caller(session)
        try:
            yield caller
        finally:
            caller.end()


class Caller:
    """Makes calls in one fork, many in one message, and replaces a fork that is lost.

    Args:
        session: the session whose functions it calls.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self.fork: Fork | None = None
        self.start = session.used
        self.lost = self.repeated = 0

    def ask(self, calls: Sequence[wire.Call]) -> list[Parts]:
        """Make calls, and return the parts of each answer.

        Raises:
            NotAnswered: too many calls had no answer, or they took too much time.
        """
        return list(map(flatten, self.answers(calls)))

    def answers(self, calls: Sequence[wire.Call]) -> list[RawAnswer | None]:
        """Make calls, and return each answer as it came.

        Raises:
            NotAnswered: too many calls had no answer, or they took too much time.
        """
        found: list[RawAnswer | None] = []
        for several in batches(calls):
            answers = self._together(several) if len(several) > 1 else []
            # Which of the rest is lost shows when each is alone.
            found += [*answers, *map(self._alone, several[len(answers) :])]
        return found

    def _alone(self, call: wire.Call) -> RawAnswer | None:
        answers = self._together([call])
        self.lost += not answers
        return answers[0] if answers else None

    def _together(self, calls: Sequence[wire.Call]) -> list[RawAnswer | None]:
        """Make calls in one message, and return the answers to those before the first lost one."""
        answers: list[RawAnswer | None] = []
        self._check_limits()
        before = self.session.used
        try:
            if self.fork is None:
                self.fork = self.session.fork()
            self.fork.ask(calls)
            for call in calls:
                self._check_limits()
                answer = self.fork.opened_answer(call, CALL_TIME)
                answers.append(answer if isinstance(answer, (wire.Returned, wire.Failed)) else None)
        except (TimedOut, Crashed, wire.TooLong):
            self.end()
            if len(calls) > 1 and self.repeated <= MAX_LOST:  # the lost call takes its time alone
                self.repeated += 1
                self.start += min(self.session.used - before, CALL_TIME.cpu)
        return answers

    def _check_limits(self) -> None:
        if self.fork is not None:
            self.session.note(self.fork)
        if self.lost > MAX_LOST or self.session.used - self.start > SECONDS:
            raise NotAnswered

    def end(self) -> None:
        """End the fork."""
        if self.fork is not None:
            self.fork.end()
        self.fork = None


def copies(function: str, sources: Sequence[str]) -> str:
    """Return the cell that defines copies of a function, and leaves the function as it is.

    Each copy is compiled by itself: IPython would look through the source of all of them first.
    """
    return (
        f"autograder_copies, autograder_first = [], {function}\n"
        f"for autograder_source in {list(sources)!r}:\n"
        f"    try:\n        exec(autograder_source)\n"
        f"    except SyntaxError:\n        {function} = None\n"  # as with `break` outside a loop
        f"    autograder_copies.append({function})\n"
        f"{function} = autograder_first\ndef {COPY}(number, *arguments, **keywords):\n"
        "    return autograder_copies[number](*arguments, **keywords)\n"
    )


def of_copy(call: wire.Call, number: int) -> wire.Call:
    """Return a call of a copy."""
    return msgspec.structs.replace(call, function=COPY, arguments=(number, *call.arguments))


def traced(definition: ast.FunctionDef) -> str:
    """Return the source of a function that notes its variables, each when it is set."""
    watched = copy.deepcopy(definition)
    watched.name = "autograder_watched"
    AssignmentRecorder().visit(watched)
    return ast.unparse(ast.fix_missing_locations(watched)) + "\n" + RECORDER


class AssignmentRecorder(ast.NodeTransformer):
    """Adds a note after every assignment to a name, or to an entry with a key."""

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
        key = computed_key(target) if name is None else ast.Constant(name)
        if key is not None:
            value = ast.parse(ast.unparse(target), mode="eval").body
            arguments = [ast.Constant(line), key, value]
            yield ast.Expr(ast.Call(ast.Name("autograder_note", ast.Load()), arguments, []))


def computed_key(target: ast.AST) -> ast.expr | None:
    """Return the key of an entry if it is computed, as f"dW{l}" is; None for anything else."""
    key = target.slice if isinstance(target, ast.Subscript) else None
    if not isinstance(key, ast.JoinedStr | ast.BinOp):
        return None
    calls = [node for node in ast.walk(key) if isinstance(node, ast.Call)]
    return key if all(ast.unparse(each.func) == "str" for each in calls) else None


def name_of(target: ast.AST) -> str | None:
    """Return the name of a variable, or the key of an entry; None for anything else."""
    if isinstance(target, ast.Name):
        return target.id
    if isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Constant):
        return target.slice.value if isinstance(target.slice.value, str) else None
    return None
