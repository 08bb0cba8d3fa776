"""Read facts from a student's source text: what a function reads, keeps and returns.

The text is parsed and never run. The sandbox has compiled these cells already, and the text is
short, so that parsing takes little time; text that the parser cannot take gives no facts.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator

from autograder.checking.diagnosis.comparison import differing_paths
from autograder.checking.diagnosis.evidence import Evidence
from autograder.checking.diagnosis.findings import Finding, found
from autograder.checking.diagnosis.student_source import MAX_NAME
from autograder.checking.mistakes import function_source

SEEDS = ("random.seed", "default_rng", "RandomState", "Random")


def facts(evidence: Evidence) -> list[Finding]:
    """Return the facts that explain why a function is wrong, the most certain first."""
    for error in evidence.raised:
        name = _undefined(error.type, error.message)
        if name is not None:
            return [found("undefined_name", line=error.line, name=name)]
    definition = evidence.source.definition(evidence.function)
    if definition is None or not evidence.wrong:
        return []
    try:
        return list(_facts(evidence, definition))[:1]
    except RecursionError:
        return []


def ends_its_loop(evidence: Evidence) -> list[Finding]:
    """Return the finding that a loop ends in its first round, if one does."""
    definition = evidence.source.definition(evidence.function)
    if definition is None or not evidence.wrong:
        return []
    return list(_returned_too_early(definition))[:1]


def prints(evidence: Evidence) -> bool:
    """Whether the student's function calls `print`."""
    definition = evidence.source.definition(evidence.function)
    return definition is not None and "print" in {name.id for name in _names(definition, ast.Load)}


def _undefined(kind: str, message: str) -> str | None:
    """Return the name that a NameError is about."""
    _, _, rest = message.partition("name '")
    name = rest.partition("'")[0]
    return name if kind == "NameError" and name.isidentifier() and len(name) <= MAX_NAME else None


def _facts(evidence: Evidence, definition: ast.FunctionDef) -> Iterator[Finding]:
    wanted = list(evidence.defaults)
    arguments = [each.arg for each in definition.args.args]
    if arguments != wanted and sorted(arguments) == sorted(wanted):
        yield found("argument_order", names=", ".join(arguments))
    yield from _results_not_kept(evidence, definition)
    yield from _seeds(evidence, definition)
    yield from _unread(evidence, definition)
    yield from _defaults(evidence, definition)


def _returned_too_early(definition: ast.FunctionDef) -> Iterator[Finding]:
    for node in ast.walk(definition):
        if isinstance(node, ast.For | ast.While) and isinstance(node.body[-1], ast.Return):
            leaves = (ast.Continue, ast.FunctionDef, ast.Lambda)
            if not any(isinstance(each, leaves) for each in ast.walk(node)):
                yield found("return_in_loop", line=node.body[-1].lineno)


def _results_not_kept(evidence: Evidence, definition: ast.FunctionDef) -> Iterator[Finding]:
    """Find calls whose result is dropped, of functions whose result the reference assigns."""
    reference = ast.parse(function_source(evidence.reference, evidence.function))
    kept = {
        node.value.func.id
        for node in ast.walk(reference)
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Call)
        and isinstance(node.value.func, ast.Name)
    }
    dropped = {
        node.value: node.lineno for node in ast.walk(definition) if isinstance(node, ast.Expr)
    }
    calls = [
        (node, node.func.id)
        for node in ast.walk(definition)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    ]
    for node, name in calls:
        others = [other for other, again in calls if again == name and other not in dropped]
        if node in dropped and name in kept and not others:
            yield found("result_not_kept", line=dropped[node], name=name)


def _seeds(evidence: Evidence, definition: ast.FunctionDef) -> Iterator[Finding]:
    if "random" not in function_source(evidence.reference, evidence.function):
        return  # another function draws the numbers
    for node in ast.walk(definition):
        if not isinstance(node, ast.Call) or not _dotted(node.func).endswith(SEEDS):
            continue
        if any(isinstance(each, ast.Constant) for each in node.args[:1]):
            yield found("seed_inside", line=node.lineno)


def _unread(evidence: Evidence, definition: ast.FunctionDef) -> Iterator[Finding]:
    """Find arguments that are never read, and what is read of the notebook in their place."""
    reference = ast.parse(function_source(evidence.reference, evidence.function))
    needed = {name.id for name in _names(reference, ast.Load)}
    read = {name.id for name in _names(definition, ast.Load)}
    own = {name.id for name in _names(definition, ast.Store)}
    own |= {node.arg for node in ast.walk(definition) if isinstance(node, ast.arg)}
    unread = [
        each.arg
        for each in definition.args.args
        if each.arg in evidence.defaults and each.arg in needed and each.arg not in read
    ]
    unread = [name for name in unread if not name.startswith("print")]
    if not unread or "locals" in read:
        return
    for name in _names(definition, ast.Load):
        of_the_notebook = name.id in evidence.source.variables - own
        if of_the_notebook and not hasattr(builtins, name.id) and len(name.id) <= MAX_NAME:
            yield found("notebook_variable", line=name.lineno, name=name.id)
    for argument in unread:
        # What is in a dict, a cache say, may have been computed anew from the other arguments.
        if not any(isinstance(each.get(argument), dict) for each in evidence.arguments):
            yield found("argument_unread", name=argument)


def _defaults(evidence: Evidence, definition: ast.FunctionDef) -> Iterator[Finding]:
    """Find a default that differs, where exactly the calls that leave it out are wrong."""
    arguments = definition.args.args
    pairs = zip(reversed(arguments), reversed(definition.args.defaults), strict=False)
    for argument, default in pairs:
        wanted = evidence.defaults.get(argument.arg)
        if wanted is None or not isinstance(default, ast.Constant):
            continue
        if default.value is not None and default.value != wanted.default:
            left_out = [argument.arg not in evidence.given(call) for call in evidence.calls]
            passed = [number for number, out in enumerate(left_out) if not out]
            if any(left_out) and all(_right_at(evidence, number) for number in passed):
                yield found("other_default", name=argument.arg)


def _right_at(evidence: Evidence, number: int) -> bool:
    """Whether the student's answer to a call is right; random answers cannot be told one by one."""
    if evidence.random:
        return True
    return not differing_paths(evidence.student.answers[number], evidence.right.answers[number])


def _names(tree: ast.AST, context: type[ast.expr_context]) -> list[ast.Name]:
    nodes = (node for node in ast.walk(tree) if isinstance(node, ast.Name))
    return sorted((n for n in nodes if isinstance(n.ctx, context)), key=lambda n: n.lineno)


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""
