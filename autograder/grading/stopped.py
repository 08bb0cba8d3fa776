"""Find the cell that stopped and so left a name undefined.

A student's cell that stops half-way defines nothing from there on. A later error about a missing
name then says so: the student must mend the cell that stopped, and not the one that needed the
name.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from autograder.checking.judge.messages import cell_trouble
from autograder.i18n import _
from autograder.result import CheckResult, Verdict
from autograder.sandbox.protocol import limits, wire

UNDEFINED = re.compile(r"name '(\w+)' is not defined")
"""The message of a NameError."""

MODULE = re.compile(r"^No module named '([^\W\d]\w*)'$", re.ASCII)
"""The message of a ModuleNotFoundError."""

BINDING = re.compile(r"^(?:async\s+def|def|class|import|from)?[ \t]*(\w+)", re.MULTILINE)
"""The beginning of a line that may define a name, for code that Python cannot parse."""

COMMAND = re.compile(rf"^([!%].*): (?:{wire.NOT_RUN}|{wire.NOT_INSTALLED})\.$", re.MULTILINE)
"""What the shell prints for `!command`, and for `%pip` and similar magics."""

MAX_COMMAND_CHARACTERS = 100
"""Characters of a command that a message shows."""

MAX_MODULES = 5
"""Missing modules that are named; a notebook may try any number of them."""

LOST = (Verdict.FAILED, Verdict.PARTIAL, Verdict.MISSING)
"""Verdicts that may come from what a cell was denied."""


def command_not_run(ran: wire.Ran) -> str | None:
    """Return the first shell command of a cell, in a form for messages; no command is run."""
    shown = (each.data for each in ran.outputs if each.kind == "stderr")
    found = next(filter(None, map(COMMAND.search, shown)), None)
    if found is None:
        return None
    command = found[1]
    if len(command) > MAX_COMMAND_CHARACTERS:
        command = command[: MAX_COMMAND_CHARACTERS - 1] + "…"
    return "".join(each if each.isprintable() else " " for each in command)


def missing_modules(ran: Iterable[wire.Ran]) -> Iterator[str]:
    """Yield sentences for the instructor about the modules whose absence stopped a cell."""
    said = _(
        "The notebook imports {module}, which is neither installed here nor among the submitted "
        "files."
    )
    errors = (each.error for each in ran if each.error is not None)
    found = (
        MODULE.search(error.message) for error in errors if error.type in wire.MADE_BY_COMMANDS
    )
    modules = list(dict.fromkeys(each[1] for each in found if each is not None))
    for module in modules[:MAX_MODULES]:
        yield said.format(module=module[: limits.MAX_NAME_CHARACTERS])
    if len(modules) > MAX_MODULES:
        more = _("Further modules that the notebook imports and that are not there: {count}.")
        yield more.format(count=len(modules) - MAX_MODULES)


def went_without(
    ran: Mapping[int, wire.Ran], numbers: Sequence[int], checks: Iterable[CheckResult]
) -> Iterator[str]:
    """Yield a sentence for the instructor if a check may have failed for what a cell was denied.

    `numbers` has the number of the code cell at each place.
    """
    without = [numbers[at] for at, each in sorted(ran.items()) if each.denied and not each.error]
    if without and any(each.verdict in LOST for each in checks):
        yield _(
            "Cell {cell} tries to use the network or another program, which is not possible when a "
            "notebook is graded, and goes on without it. If checks failed because of that, change "
            "their points by hand."
        ).format(cell=without[0])


def lacks_a_file(ran: wire.Ran) -> bool:
    """Tell whether a cell stopped because a file or module was not there."""
    return ran.error is not None and ran.error.type in wire.MADE_BY_COMMANDS


@dataclass(frozen=True)
class Stopped:
    """A cell that stopped; `name` is for people."""

    name: str
    source: str
    ran: wire.Ran

    @property
    def trouble(self) -> str:
        """The error that stopped it, as the end of a sentence."""
        return cell_trouble(self.ran) or ""

    @property
    def denied(self) -> wire.Denied | None:
        """The resource that the sandbox denied, if the cell stopped for that."""
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
    """Return the last of the stopped cells that would have defined a name.

    If that cell stopped because it missed another name, return the cell that would have defined
    the other name.
    """
    for number in reversed(range(len(stopped))):
        if name in bound_names(stopped[number].source):
            missing = missing_name(stopped[number].ran)
            earlier = cell_that_defines(missing, stopped[:number]) if missing else None
            return earlier or stopped[number]
    return None
