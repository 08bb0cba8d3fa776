"""Read facts from a student's source text: what a function reads, keeps and returns.

The text is parsed and never run. The sandbox has compiled these cells already, and the text is
short, so that parsing takes little time; text that the parser cannot take gives no facts.
"""

from __future__ import annotations

import ast
import builtins
import inspect
from collections.abc import Iterator
from types import FunctionType

from autograder.checking.diagnosis.comparison import differing_paths
from autograder.checking.diagnosis.evidence import Evidence
from autograder.checking.diagnosis.findings import Finding, found
from autograder.checking.diagnosis.student_source import MAX_NAME
from autograder.checking.mistakes import function_source

LOOPS = (ast.For, ast.While, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)

SEEDS = ("random.seed", "default_rng", "RandomState", "Random")


def facts(evidence: Evidence) -> list[Finding]:
    """Return the facts that explain why a function is wrong, the most certain first."""
    for error in evidence.raised:
        name = _undefined(error.type, error.message)
        if name is not None:
            return [found("undefined_name", line=error.line, name=name)]
    definition = evidence.source.definition(evidence.function)
    if definition is None:
        return []
    try:
        every = _facts if evidence.wrong else _seeds  # numbers drawn again are not wrong themselves
        return list(every(evidence, definition))[:1]
    except RecursionError:
        return []


def ends_its_loop(evidence: Evidence) -> list[Finding]:
    """Return the finding that a loop ends in its first round, if one does."""
    definition = evidence.source.definition(evidence.function)
    if definition is None or not evidence.wrong:
        return []
    return list(_returned_too_early(definition))[:1]


def prints(evidence: Evidence) -> bool:
    """Return whether the student's function calls `print`."""
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
    yield from _calls_and_loops(evidence, definition)
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


def _calls_and_loops(evidence: Evidence, definition: ast.FunctionDef) -> Iterator[Finding]:
    """Find calls outside the loop that the reference makes inside it, and the other way round."""
    reference = ast.parse(function_source(evidence.reference, evidence.function))
    inside, outside = _called(reference)
    mine_inside, mine_outside = _called(definition)
    known = {*inside, *outside, *dir(builtins)}
    inside, outside = (
        {name: line for name, line in each.items() if not hasattr(builtins, name)}  # print, say
        for each in (inside, outside)
    )
    loops = [node for node in ast.walk(definition) if isinstance(node, ast.For | ast.While)]
    if not loops or not mine_inside.keys() <= known:
        return  # a helper may do anything
    computes = any(
        isinstance(node, ast.MatMult | ast.FunctionDef | ast.Lambda)
        or (isinstance(node, ast.Attribute) and node.attr in ("dot", "matmul", "einsum"))
        for statement in definition.body
        for node in ast.walk(statement)
    )
    for name, line in mine_outside.items():
        if name in inside and name not in outside and name not in mine_inside and not computes:
            yield found("called_before_loop", line=line, name=name)
    has_loop = any(isinstance(node, ast.For | ast.While) for node in ast.walk(reference))
    changing = {name.id for loop in loops for name in _names(loop, ast.Store)}
    for name, line in mine_inside.items():
        belongs_outside = has_loop and name in outside and name not in inside
        same_every_round = not _read_by_calls(definition, name) & changing
        if belongs_outside and same_every_round and name not in mine_outside:
            yield found("called_in_loop", line=line, name=name)


def _rounds_test(loop: ast.AST) -> list[ast.AST]:
    """Return the condition of a `while`, which is computed in every round."""
    return [loop.test] if isinstance(loop, ast.While) else []


def _called(tree: ast.AST) -> tuple[dict[str, int], dict[str, int]]:
    """Return the functions called by name inside loops and outside of them, with their lines."""
    looped = {
        node
        for loop in ast.walk(tree)
        if isinstance(loop, LOOPS)
        for part in (*getattr(loop, "body", [loop]), *_rounds_test(loop))
        for node in ast.walk(part)
    }
    inside: dict[str, int] = {}
    outside: dict[str, int] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            (inside if node in looped else outside).setdefault(node.func.id, node.lineno)
    return inside, outside


def _read_by_calls(definition: ast.FunctionDef, function: str) -> set[str]:
    """Return the names in the arguments of the calls of a function."""
    return {
        name.id
        for node in ast.walk(definition)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == function
        for argument in (*node.args, *node.keywords)
        for name in _names(argument, ast.Load)
    }


def _seeds(evidence: Evidence, definition: ast.FunctionDef) -> Iterator[Finding]:
    if "random" not in function_source(evidence.reference, evidence.function):
        return  # another function draws the numbers
    for node in ast.walk(definition):
        if not isinstance(node, ast.Call) or not _dotted(node.func).endswith(SEEDS):
            continue
        if any(
            isinstance(each, ast.Constant) or _counts(definition, each) for each in node.args[:1]
        ):
            yield found("seed_inside", line=node.lineno)


def _counts(definition: ast.FunctionDef, node: ast.expr) -> bool:
    """Return whether an expression is the variable of a loop over a range."""
    return isinstance(node, ast.Name) and any(
        isinstance(loop.target, ast.Name)
        and loop.target.id == node.id
        and ast.unparse(loop.iter).startswith("range(")
        for loop in ast.walk(definition)
        if isinstance(loop, ast.For)
    )


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
    if "locals" in read:
        return
    variables = evidence.source.variables - own
    if not unread:  # another variable may be a constant
        variables &= _arguments_of_all(evidence)
    for name in _names(definition, ast.Load):
        of_the_notebook = name.id in variables
        if of_the_notebook and not hasattr(builtins, name.id) and len(name.id) <= MAX_NAME:
            yield found("notebook_variable", line=name.lineno, name=name.id)
    parameters = [*definition.args.posonlyargs, *definition.args.args, *definition.args.kwonlyargs]
    arguments = [each.arg for each in parameters if each.arg in evidence.defaults]
    first = {name: _overwritten(definition, name) for name in arguments if name in needed}
    unread += [name for name, line in first.items() if line is not None and name in read]
    for argument in unread:
        # What is in a dict, a cache say, may have been computed anew from the other arguments.
        if not any(isinstance(each.get(argument), dict) for each in evidence.arguments):
            line = first[argument]
            if line is None:
                yield found("argument_unread", name=argument)
            else:
                yield found("argument_overwritten", line=line, name=argument)


def _overwritten(definition: ast.FunctionDef, name: str) -> int | None:
    """Return the line that gives an argument another value before anything reads it."""
    for statement in definition.body:
        is_assignment = isinstance(statement, ast.Assign)
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement]
        stored = any(each.id == name for part in targets for each in _names(part, ast.Store))
        read = any(each.id == name for each in _names(statement, ast.Load))
        if stored or read:
            return None if read or not is_assignment else statement.lineno
    return None


def _arguments_of_all(evidence: Evidence) -> set[str]:
    """Return the names of the arguments of all functions of the reference."""
    own = (each for each in vars(evidence.reference).values() if isinstance(each, FunctionType))
    return {name for each in own for name in inspect.signature(each).parameters}


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
    """Return whether the student's answer to a call is right.

    Random answers cannot be judged one by one.
    """
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
