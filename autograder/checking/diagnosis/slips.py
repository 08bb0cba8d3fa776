"""Name the slip that makes one function out of another: what it does, and never the code itself."""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass

from autograder.checking.diagnosis.findings import SOME_TERM
from autograder.checking.mutation_operators import REDUCTIONS, drop_axis, whole_slices
from autograder.i18n import N_

FUNCTIONS = {
    "sigmoid": N_("the sigmoid"),
    "tanh": N_("the tanh"),
    "abs": N_("the absolute value"),
    "square": N_("the square"),
    "sqrt": N_("the square root"),
    "exp": N_("the exponential"),
    "log": N_("the logarithm"),
    "sum": N_("the sum"),
    "mean": N_("the mean"),
    "median": N_("the median"),
    "std": N_("the standard deviation"),
    "var": N_("the variance"),
    "any": "`any`",
    "all": "`all`",
    "argmin": N_("the place of the smallest number"),
    "argmax": N_("the place of the largest number"),
    "floor": N_("the whole number below"),
    "ceil": N_("the whole number above"),
    "round": N_("rounding"),
    "zeros": N_("an array of zeros"),
    "ones": N_("an array of ones"),
    "count": N_("the number of entries"),
    "max": N_("the largest number"),
    "min": N_("the smallest number"),
}
"""What the result of a function is called."""

REVERSED = {
    ast.Sub: N_("a difference"),
    ast.Div: N_("a quotient"),
    ast.MatMult: N_("a matrix product"),
    ast.Pow: N_("a power"),
}

WITH = {
    ast.Add: "slip_added",
    ast.Sub: "slip_subtracted",
    ast.Mult: "slip_multiplied",
    ast.Div: "slip_divided",
}

OPPOSITE: tuple[set[type[ast.cmpop]], ...] = (
    *({ast.Gt, ast.Lt}, {ast.GtE, ast.LtE}, {ast.Gt, ast.LtE}, {ast.GtE, ast.Lt}),
    *({ast.Eq, ast.NotEq}, {ast.In, ast.NotIn}, {ast.Is, ast.IsNot}),
)
"""Comparisons that are never true together, or only where two numbers are equal."""

NO_BRACKETS = str.maketrans("", "", "()")

MAX_QUOTED = 30
"""Characters of a student's own term that a sentence quotes."""

Slip = tuple[str, dict[str, str]]
"""The kind of a finding, and its parameters."""

Candidate = tuple[str, dict[str, str | None]]
"""A slip; a parameter without a word is None."""


@dataclass(frozen=True)
class Difference:
    """The smallest parts in which two syntax trees differ.

    Attributes:
        right: the part of the right function.
        wrong: the part of the wrong one.
        above: the nodes above the wrong part, the innermost last.
    """

    right: ast.AST
    wrong: ast.AST
    above: tuple[ast.AST, ...] = ()

    @property
    def parent(self) -> ast.AST | None:
        """The node above the wrong part."""
        return self.above[-1] if self.above else None

    @property
    def line(self) -> int:
        """The line of the wrong part; of a function, the first that is not right."""
        if isinstance(self.right, ast.FunctionDef) and isinstance(self.wrong, ast.FunctionDef):
            pairs = zip(self.right.body, self.wrong.body, strict=False)
            return next((two.lineno for one, two in pairs if not _same(one, two)), 1)
        nodes = (self.wrong, *reversed(self.above))
        return next(each.lineno for each in nodes if isinstance(each, (ast.expr, ast.stmt)))


def difference(right: ast.AST, wrong: ast.AST, above: tuple[ast.AST, ...] = ()) -> Difference:
    """Find the smallest parts in which two trees differ."""
    here = Difference(right, wrong, above)
    if type(right) is not type(wrong):
        return here
    inside: list[tuple[ast.AST, ast.AST]] = []
    for name in right._fields:
        one, other = getattr(right, name, None), getattr(wrong, name, None)
        ones, others = (each if isinstance(each, list) else [each] for each in (one, other))
        if len(ones) != len(others):
            return _moved(right, wrong, above) or here
        for each, counterpart in zip(ones, others, strict=True):
            if isinstance(each, ast.AST) and isinstance(counterpart, ast.AST):
                if not _same(each, counterpart):
                    inside.append((each, counterpart))
            elif each != counterpart:
                return here
    if len(inside) != 1 or isinstance(inside[0][0], (ast.operator, ast.cmpop)):
        return here
    return difference(*inside[0], (*above, wrong))


def _moved(right: ast.AST, wrong: ast.AST, above: tuple[ast.AST, ...]) -> Difference | None:
    """Return the statement that stands in a loop of one function, and behind it in the other."""
    if not isinstance(right, ast.FunctionDef) or not isinstance(wrong, ast.FunctionDef):
        return None
    pairs = zip(right.body, wrong.body, strict=False)
    number = next((n for n, pair in enumerate(pairs) if not _same(*pair)), 0)
    one, other = right.body[number], wrong.body[number]
    if not isinstance(one, ast.For) or not isinstance(other, ast.For):
        return None
    if len(one.body) < len(other.body):
        return Difference(right.body[number + 1], other.body[-1], (*above, wrong, other))
    return Difference(one.body[-1], wrong.body[number + 1], (*above, wrong))


def slip(
    right: ast.AST, wrong: ast.AST, known: Collection[str], *, quote: bool = False
) -> Slip | None:
    """Return what a slip does that makes the wrong function out of the right one.

    Args:
        right: the right function.
        wrong: the function with the slip.
        known: names that a sentence may contain; other terms are not named.
        quote: whether short terms may be quoted, because the student has written them.

    Returns:
        None if there is no plain sentence for it.
    """

    def name(node: ast.AST) -> str:
        term = ast.unparse(node)
        if not quote or len(term) > MAX_QUOTED:
            return _name(node, known)
        return term if term.isalnum() else f"`{term}`"

    found = difference(right, wrong)
    if any(_stops(each) for each in found.above):
        return None  # the loop ends too early; another condition is right by chance only
    for rule in RULES:
        for kind, parameters in rule(found, name):
            words = {name: word for name, word in parameters.items() if word is not None}
            return (kind, words) if len(words) == len(parameters) else None
    return None


NameOf = Callable[[ast.AST], str]


def _of_axes(found: Difference, _name: NameOf) -> Iterator[Candidate]:
    """Compare trees that differ in the axes of several calls."""
    one, other = (list(_with_axes(each)) for each in (found.right, found.wrong))
    if len(one) == len(other) > 1 and _same(*map(_without_axes, (found.right, found.wrong))):
        yield "slip_axes" if any(other) else "slip_no_axes", {}


def _with_axes(tree: ast.AST) -> Iterator[bool]:
    """Yield of each call that reduces an array whether it says an axis."""
    for each in ast.walk(tree):
        if isinstance(each, ast.Call) and getattr(each.func, "attr", "") in REDUCTIONS:
            yield not _same(each, _without_axes(each))


def _without_axes(tree: ast.AST) -> ast.AST:
    """Return a tree in which no call says an axis."""
    changed = copy.deepcopy(tree)
    for each in ast.walk(changed):
        if isinstance(each, ast.Call) and getattr(each.func, "attr", "") in REDUCTIONS:
            drop_axis(each)
    return changed


def _of_cuts(found: Difference, _name: NameOf) -> Iterator[Candidate]:
    """Look for entries that are left out on one side alone."""
    for one, other, kind in (
        (found.right, found.wrong, "slip_whole"),
        (found.wrong, found.right, "slip_part"),
    ):
        if any(_same(each, other) for each in whole_slices(one)):
            yield kind, {}


def _of_rows(found: Difference, _name: NameOf) -> Iterator[Candidate]:
    if isinstance(found.wrong, ast.Slice) and isinstance(found.right, ast.Call):
        yield "slip_all_rows", {}


def _of_places(found: Difference, _name: NameOf) -> Iterator[Candidate]:
    """Compare the numbers of rows or entries: a sign in them is none in a formula."""
    above = [*found.above, found.wrong]
    inside = any(
        isinstance(each, ast.Slice) or (isinstance(each, ast.Subscript) and each.slice in above)
        for each in above
    )
    parts = [node for each in (found.right, found.wrong) for node in ast.walk(each)]
    computed = any(isinstance(each, (ast.BinOp, ast.UnaryOp)) for each in parts)
    if inside and computed and not any(isinstance(each, (ast.Call, ast.Compare)) for each in parts):
        yield from [] if any(_is_text(each) for each in parts) else [(_kind_of_index(above), {})]


def _kind_of_index(above: Iterable[ast.AST]) -> str:
    """Return whether an entry of an array or of its shape is read."""
    read = [each.value for each in above if isinstance(each, ast.Subscript)]
    of_shape = bool(read) and isinstance(read[-1], ast.Attribute) and read[-1].attr == "shape"
    return "slip_size" if of_shape else "slip_index"


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _of_brackets(found: Difference, _name: NameOf) -> Iterator[Candidate]:
    both = [each for each in (found.right, found.wrong) if isinstance(each, ast.expr)]
    texts = {ast.unparse(each).translate(NO_BRACKETS) for each in both}
    if len(both) == 2 and len(texts) == 1:
        yield "slip_bracket", {}


def _of_operators(found: Difference, name: NameOf) -> Iterator[Candidate]:
    right, wrong = found.right, found.wrong
    if not (isinstance(right, ast.BinOp) and isinstance(wrong, ast.BinOp)):
        return
    if _same(right.left, wrong.left) and _same(right.right, wrong.right):
        if isinstance(right.op, (ast.BitAnd, ast.BitOr)):
            yield "slip_joined", {}
        elif isinstance(right.op, ast.Pow):
            yield "slip_no_power", {}
        elif isinstance(wrong.op, ast.MatMult):
            yield "slip_matrix_product", {}
        elif isinstance(right.op, ast.MatMult):
            yield "slip_by_entries", {}
        elif {type(right.op), type(wrong.op)} == {ast.Add, ast.Sub}:
            term = name(wrong.right)
            yield ("slip_sign_of", {"term": term}) if term != SOME_TERM else ("slip_sign", {})
        elif type(wrong.op) in WITH:
            # Without the term it would not be right either, unless the term is 1.
            neutral = _same(right.right, ast.Constant(1)) and not isinstance(right.op, ast.Add)
            kind = WITH[type(wrong.op)] if neutral else "slip_operation"
            yield kind, {"term": name(wrong.right)}
    elif (
        type(right.op) is type(wrong.op)
        and type(wrong.op) in REVERSED
        and _same(right.left, wrong.right)
        and _same(right.right, wrong.left)
    ):
        yield "slip_reversed", {"operation": REVERSED[type(wrong.op)]}


def _of_rounds(found: Difference, _name: NameOf) -> Iterator[Candidate]:
    call, right, wrong = found.parent, found.right, found.wrong
    by = _difference_of_numbers(right, wrong)
    if isinstance(call, ast.BinOp) and isinstance(call.op, ast.Add) and wrong is call.right:
        outer = found.above[-2]
        match outer:
            case ast.Call(ast.Name("range"), [last] | [_, last]) if last is call and abs(by) == 1:
                yield "slip_more_rounds" if by > 0 else "slip_fewer_rounds", {}
        return
    if isinstance(wrong, ast.Call) and isinstance(right, ast.Call) and _called(wrong) == "range":
        if len(right.args) == 1 and len(wrong.args) == 2 and _same(right.args[0], wrong.args[1]):
            yield "slip_first_round", {}
    elif not (isinstance(call, ast.Call) and _called(call) == "range"):
        return
    elif len(call.args) == 2 and wrong is call.args[0]:
        if abs(by) == 1:
            yield "slip_first_round" if by > 0 else "slip_round_before", {}
    elif wrong is call.args[-1]:
        for one, other, kinds in (
            (right, wrong, ("slip_fewer_rounds", "slip_more_rounds")),
            (wrong, right, ("slip_more_rounds", "slip_fewer_rounds")),
        ):
            if isinstance(other, ast.BinOp) and _same(other.left, one) and len(call.args) < 3:
                yield kinds[isinstance(other.op, ast.Add)], {}


def _difference_of_numbers(right: ast.AST, wrong: ast.AST) -> int:
    """Return by how much a whole number is too large; 0 if one of the two is no such number."""
    values = [each.value for each in (right, wrong) if isinstance(each, ast.Constant)]
    whole = [value for value in values if type(value) is int]
    return whole[1] - whole[0] if len(whole) == 2 else 0


def _of_one(found: Difference, name: NameOf) -> Iterator[Candidate]:
    """Look for a variable, outside of formulas, that is one off."""
    right, wrong = found.right, found.wrong
    if not (isinstance(right, ast.BinOp) and isinstance(wrong, ast.Name)):
        return
    by_one = _same(right.left, wrong) and _same(right.right, ast.Constant(1))
    if by_one and not any(isinstance(each, ast.BinOp) for each in found.above):
        if isinstance(right.op, ast.Add):
            yield "slip_one_less", {"term": name(wrong)}
        elif isinstance(right.op, ast.Sub):
            yield "slip_one_more", {"term": name(wrong)}


def _of_ends(found: Difference, _name: NameOf) -> Iterator[Candidate]:
    """Look for entries of the wrong end, or in the wrong order."""
    for one, other in ((found.right, found.wrong), (found.wrong, found.right)):
        if isinstance(one, ast.Subscript) and isinstance(one.slice, ast.Slice):
            if one.slice.step is not None and _same(one.value, other):
                yield "slip_order", {}
        elif isinstance(one, ast.Slice) and isinstance(other, ast.Slice):
            negative = one.lower.operand if isinstance(one.lower, ast.UnaryOp) else None
            if negative is not None and other.upper is not None and _same(negative, other.upper):
                yield "slip_end", {}
    if isinstance(found.right, ast.Call) and isinstance(found.wrong, ast.Call):
        named = [{each.arg for each in call.keywords} for call in (found.right, found.wrong)]
        if named[0] ^ named[1] == {"reverse"}:
            yield "slip_order", {}


def _of_terms(found: Difference, name: NameOf) -> Iterator[Candidate]:
    """Compare a formula with one of its parts: a term is left out, or one too many is there."""
    right, wrong = found.right, found.wrong
    if isinstance(right, ast.BinOp):
        if _same(right.left, wrong):
            if isinstance(right.op, ast.Pow):
                yield "slip_no_power", {}
            elif isinstance(right.op, ast.Div):
                yield "slip_not_divided", {"term": name(right.right)}
            else:
                yield "slip_left_out", {"term": name(right.right)}
        elif _same(right.right, wrong):
            if isinstance(right.op, ast.Sub) and name(right.left) == "1":
                yield "slip_no_complement", {}
            yield "slip_left_out", {"term": name(right.left)}
    if isinstance(wrong, ast.BinOp):
        if _same(wrong.left, right):
            if isinstance(wrong.op, ast.Pow):
                yield "slip_power", {}
            else:
                kind = WITH.get(type(wrong.op), "slip_multiplied")
                yield kind, {"term": name(wrong.right)}
        elif _same(wrong.right, right):
            if isinstance(wrong.op, ast.Sub) and name(wrong.left) == "1":
                yield "slip_complement", {}
            kind = "slip_added" if isinstance(wrong.op, (ast.Add, ast.Sub)) else "slip_multiplied"
            yield kind, {"term": name(wrong.left)}
    for one, other, kind in ((right, wrong, "slip_no_minus"), (wrong, right, "slip_minus")):
        if isinstance(one, ast.UnaryOp) and isinstance(one.op, ast.USub):
            yield from [(kind, {})] if _same(one.operand, other) else []


def _of_transposes(found: Difference, name: NameOf) -> Iterator[Candidate]:
    right, wrong = found.right, found.wrong
    if isinstance(right, ast.Attribute) and right.attr == "T" and _same(right.value, wrong):
        twice = isinstance(found.parent, ast.Attribute) and found.parent.attr == "T"
        yield "slip_transposed" if twice else "slip_not_transposed", {"term": name(wrong)}
    if isinstance(wrong, ast.Attribute) and wrong.attr == "T" and _same(wrong.value, right):
        yield "slip_transposed", {"term": name(right)}


def _of_conditions(found: Difference, _name: NameOf) -> Iterator[Candidate]:
    right, wrong = found.right, found.wrong
    if isinstance(found.parent, ast.If) and getattr(right, "value", None) is True:
        yield "slip_guard", {}
    if (
        isinstance(right, ast.Compare)
        and isinstance(wrong, ast.Compare)
        and all(map(_same, [right.left, *right.comparators], [wrong.left, *wrong.comparators]))
    ):
        ops = zip(right.ops, wrong.ops, strict=True)
        opposite = any({type(one), type(other)} in OPPOSITE for one, other in ops)
        of_a_loop = isinstance(wrong.left, ast.Name) and wrong.left.id in _counters(found.above)
        kind = "slip_comparison" if opposite else "slip_round" if of_a_loop else "slip_bound"
        yield kind, {}
    for one, other in ((right, wrong), (wrong, right)):
        if isinstance(one, ast.UnaryOp) and isinstance(one.op, ast.Not):
            yield from [("slip_condition", {})] if _same(one.operand, other) else []
    if isinstance(right, (ast.And, ast.Or)) and isinstance(wrong, (ast.And, ast.Or)):
        yield "slip_joined", {}


def _of_calls(found: Difference, name: NameOf) -> Iterator[Candidate]:
    right, wrong, parent = found.right, found.wrong, found.parent
    if isinstance(right, ast.Call) and right.args and _same(right.args[0], wrong):
        yield "slip_no_function", {"function": _word(right)}
    elif isinstance(wrong, ast.Call) and wrong.args and _same(wrong.args[0], right):
        called = name(wrong.func)
        if _word(wrong) is None and called != SOME_TERM:
            yield "slip_called", {"name": called}
        yield "slip_function", {"function": _word(wrong)}
    elif isinstance(parent, ast.Call) and parent.func is wrong:
        yield "slip_other_function", {"function": _word(parent)}
    elif isinstance(right, ast.Call) and isinstance(wrong, ast.Call):
        if _same(right.func, wrong.func):
            yield from _of_arguments(right, wrong, name)
        elif _word(wrong) is not None:
            yield "slip_other_function", {"function": _word(wrong)}


def _of_arguments(right: ast.Call, wrong: ast.Call, name: NameOf) -> Iterator[Candidate]:
    """Compare the arguments of two calls of a function."""
    ours, mine = ({each.arg: each.value for each in call.keywords} for call in (right, wrong))
    other = (ours.keys() ^ mine.keys()) - {"axis", "keepdims", None}
    if "axis" in ours and "axis" in mine and not _same(ours["axis"], mine["axis"]):
        yield "slip_axis", {"function": _word(wrong)}
    elif len(other) == 1:
        yield "slip_keyword", {"term": name(ast.Name(str(*other)))}
    elif "axis" in ours.keys() ^ mine.keys():
        kind = "slip_no_axis" if "axis" in ours else "slip_one_axis"
        yield kind, {"function": _word(wrong)}
    elif ours.keys() == mine.keys() and _unordered(right.args) == _unordered(wrong.args):
        yield "slip_exchanged", {}


def _of_names(found: Difference, name: NameOf) -> Iterator[Candidate]:
    right, wrong = found.right, found.wrong
    is_name = isinstance(wrong, ast.Name) and isinstance(right, ast.Name)
    is_key = isinstance(wrong, ast.Constant) and isinstance(wrong.value, str)
    if not is_name:
        together = _exchanged_names(right, wrong)
        is_name, wrong = together is not None, together or wrong
    if (is_name or is_key) and name(wrong) != SOME_TERM:
        yield "slip_name", {"other": name(wrong)}


def _of_numbers(found: Difference, name: NameOf) -> Iterator[Candidate]:
    right, wrong, parent = found.right, found.wrong, found.parent
    if not (isinstance(right, ast.Constant) and isinstance(wrong, ast.Constant)):
        return
    numbers = all(type(each.value) in (int, float) for each in (right, wrong))
    if isinstance(parent, ast.keyword) and parent.arg == "axis":
        call = next(each for each in reversed(found.above) if isinstance(each, ast.Call))
        yield "slip_axis", {"function": _word(call)}
    elif isinstance(parent, ast.keyword) and parent.arg is not None:
        yield "slip_keyword", {"term": name(ast.Name(parent.arg))}
    elif numbers and any(isinstance(each, (ast.Subscript, ast.Slice)) for each in found.above):
        yield _kind_of_index(found.above), {}
    elif numbers and not any(isinstance(each, ast.arguments) for each in found.above):
        yield "slip_number", {}


def _exchanged_names(right: ast.AST, wrong: ast.AST) -> ast.Name | None:
    """Return the variable that stands in several places for another one; None for anything else."""
    pairs = zip(_reads(right), _reads(wrong), strict=False)
    other = {(one.id, two.id): two for one, two in pairs if one.id != two.id}
    if len(other) != 1:
        return None
    ((before, _), node), *_ = other.items()
    renamed = copy.deepcopy(right)
    for one, two in zip(_reads(renamed), _reads(wrong), strict=False):
        one.id = two.id if one.id == before else one.id
    return node if _same(renamed, wrong) else None


def _reads(tree: ast.AST) -> list[ast.Name]:
    """Return the variables that a tree reads."""
    names = (each for each in ast.walk(tree) if isinstance(each, ast.Name))
    return [each for each in names if isinstance(each.ctx, ast.Load)]


def _of_statements(found: Difference, name: NameOf) -> Iterator[Candidate]:
    right, wrong = found.right, found.wrong
    if isinstance(wrong, ast.stmt) and _same(right, wrong):
        yield "slip_in_loop" if isinstance(found.parent, ast.For) else "slip_after_loop", {}
    for field in ("body", "orelse"):
        ours, mine = (getattr(each, field, None) or [] for each in (right, wrong))
        if isinstance(right, ast.stmt) and len(ours) == len(mine) + 1:
            pairs = zip(ours, mine, strict=False)
            place = next((n for n, pair in enumerate(pairs) if not _same(*pair)), len(mine))
            rest = zip(ours[place + 1 :], mine[place:], strict=True)
            if isinstance(ours[place], ast.Assign) and all(_same(*pair) for pair in rest):
                yield "slip_no_restart", {"term": name(ours[place].targets[0])}
    if isinstance(wrong, ast.Pass) and isinstance(right, (ast.Assign, ast.AugAssign)):
        target = right.targets[0] if isinstance(right, ast.Assign) else right.target
        if name(target) != SOME_TERM:
            yield "slip_no_step", {"term": name(target)}
    elif isinstance(right, ast.Pass) and isinstance(wrong, ast.stmt):
        yield "slip_stop" if _stops(wrong) else "slip_step", {}


RULES = (
    *(_of_axes, _of_cuts, _of_rows, _of_brackets, _of_ends, _of_places, _of_operators),
    *(_of_rounds, _of_one, _of_terms),
    _of_transposes,
    _of_conditions,
    *(_of_calls, _of_names, _of_numbers, _of_statements),
)


def _counters(above: Iterable[ast.AST]) -> set[str]:
    """Return the variables of the loops around a node."""
    loops = (each.target for each in above if isinstance(each, (ast.For, ast.comprehension)))
    return {name.id for each in loops for name in ast.walk(each) if isinstance(name, ast.Name)}


def _stops(node: ast.AST) -> bool:
    """Return whether a statement is there to end a loop: a `break`, or an `if` above one."""
    return isinstance(node, ast.Break) or (isinstance(node, ast.If) and _stops(node.body[-1]))


def _same(one: ast.AST, other: ast.AST) -> bool:
    return type(one) is type(other) and ast.dump(one) == ast.dump(other)


def _unordered(nodes: Iterable[ast.AST]) -> list[str]:
    return sorted(map(ast.dump, nodes))


def _called(call: ast.Call) -> str:
    return ast.unparse(call.func)


def _word(call: ast.Call) -> str | None:
    """Return what the result of a call is called; None if there is no word for it."""
    return FUNCTIONS.get(_called(call).rpartition(".")[2])


def _size(node: ast.AST) -> str | None:
    """Return how a size of an array is written, as in X.shape[0]; None for anything else."""
    if isinstance(node, ast.Call) and _called(node) == "len" and len(node.args) == 1:
        node = ast.parse(f"{ast.unparse(node.args[0])}.shape[0]", mode="eval").body
    is_size = re.fullmatch(r"[A-Za-z_]\w*\.(size|shape\[[01]\])", ast.unparse(node))
    return ast.unparse(node) if is_size else None


def _name(node: ast.AST, known: Collection[str]) -> str:
    """Return the name of a term, if a student knows it."""
    if isinstance(node, ast.Attribute) and node.attr == "T":
        return _name(node.value, known)
    size = _size(node)
    if size is not None:
        return size if size.partition(".")[0] in known else SOME_TERM
    if isinstance(node, ast.Subscript):
        return _name(node.slice if _is_text(node.slice) else node.value, known)
    if isinstance(node, ast.Call):
        return _word(node) or SOME_TERM
    name = getattr(node, "id", getattr(node, "value", None))
    if isinstance(node, ast.Constant) and name in (1, 2):
        return str(name)
    return name if isinstance(name, str) and name in known else SOME_TERM
