"""The operators that make mutants: each takes a node and yields replacements."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class SimilarNames:
    """The names of a function that an operator may exchange for each other.

    Attributes:
        kin: returns the variables or dict keys that could be mistaken for one.
        arrays: the arguments that are arrays.
    """

    kin: Callable[[str], list[str]]
    arrays: frozenset[str]

    def __call__(self, name: str) -> list[str]:
        """Return the variables or dict keys that could be mistaken for this one."""
        return self.kin(name)


Operator = Callable[[ast.AST, SimilarNames], Iterator[ast.AST]]


def is_stored(node: ast.Name) -> bool:
    """Return whether a node stores a value instead of reading one."""
    return isinstance(node.ctx, ast.Store)


def is_key(node: ast.Constant) -> bool:
    """Return whether a constant could be a dict key that stands for a variable."""
    return isinstance(node.value, str) and node.value.isidentifier()


def _with(node: ast.AST, **fields: object) -> ast.AST:
    """Return a copy of a node with other fields."""
    other = copy.copy(node)
    for name, value in fields.items():
        setattr(other, name, value)
    return other


ARITHMETIC: dict[type[ast.operator], tuple[type[ast.operator], ...]] = {
    ast.Add: (ast.Sub, ast.Mult),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div, ast.Add, ast.MatMult),
    ast.Div: (ast.Mult,),
    ast.Mod: (ast.FloorDiv,),
    ast.Pow: (ast.Mult,),
    ast.MatMult: (ast.Mult,),
}

COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.LtE),
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.GtE),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}

CALLS = (
    ("np.tanh", "sigmoid", "np.sin"),
    ("np.zeros", "np.ones"),
    ("np.random.randn", "np.random.rand"),
    ("np.log", "np.log10", "np.log2", "np.log1p"),
    ("np.exp", "np.expm1", "np.exp2"),
    ("np.sum", "np.mean", "np.max"),
    ("np.max", "np.min"),
    ("np.ptp", "np.std", "np.max"),
    ("np.all", "np.any"),
    ("np.hstack", "np.vstack"),
    ("np.maximum", "np.minimum"),
)
"""Functions that can be mistaken for one another."""


def arithmetic(node: ast.AST, _: SimilarNames) -> Iterator[ast.AST]:
    """Yield another operator, swapped operands, or an expression without a term."""
    if isinstance(node, ast.BinOp):
        for other in ARITHMETIC.get(type(node.op), ()):
            yield _with(node, op=other())
        if not isinstance(node.op, (ast.Add, ast.Mult)):
            yield _with(node, left=node.right, right=node.left)
        yield node.left
        yield node.right
    elif isinstance(node, ast.UnaryOp):
        yield node.operand


def comparison(node: ast.AST, _: SimilarNames) -> Iterator[ast.AST]:
    """Yield another comparison, `or` for `and`, and the other branch."""
    if isinstance(node, ast.Compare):
        for other in COMPARISONS.get(type(node.ops[0]), ()):
            yield _with(node, ops=[other(), *node.ops[1:]])
    elif isinstance(node, ast.BoolOp):
        yield _with(node, op=ast.Or() if isinstance(node.op, ast.And) else ast.And())
    elif isinstance(node, (ast.If, ast.IfExp)):
        yield _with(node, test=ast.UnaryOp(ast.Not(), node.test))


def constant(node: ast.AST, _: SimilarNames) -> Iterator[ast.AST]:
    """Yield another number (one off, a tenth off, another sign or size), or the opposite bool.

    The defaults of arguments and the number of an axis are constants too.
    """
    if not isinstance(node, ast.Constant):
        return
    value = node.value
    others: tuple[float, ...] = ()
    if isinstance(value, bool):
        others = (not value,)
    elif isinstance(value, int):
        others = (value + 1, value - 1)
    elif isinstance(value, float):
        others = (*(float(f"{value * by:.6g}") for by in (1.1, 0.9, 10, 0.1, -1)), 0.0)
    for other in others:
        yield ast.Constant(other)


def transpose(node: ast.AST, _: SimilarNames) -> Iterator[ast.AST]:
    """Yield a missing transpose or one too many."""
    if isinstance(node, ast.Attribute) and node.attr == "T":
        yield node.value
    elif isinstance(node, ast.BinOp):
        for side in ("left", "right"):
            operand = getattr(node, side)
            if not isinstance(operand, (ast.Constant, ast.BinOp)):
                yield _with(node, **{side: ast.Attribute(operand, "T", ast.Load())})


LOOSE, TIGHT = (ast.Add, ast.Sub), (ast.Mult, ast.Div, ast.MatMult)


def _associative(first: ast.operator, second: ast.operator) -> bool:
    """Return whether brackets around the first two of three terms change nothing."""
    both_loose = isinstance(first, ast.Add) and isinstance(second, LOOSE)
    return both_loose or (isinstance(first, ast.Mult) and isinstance(second, TIGHT))


def bracket(node: ast.AST, _: SimilarNames) -> Iterator[ast.AST]:
    """Yield a bracket that stands elsewhere: around other terms, or in a call and not after it."""
    if isinstance(node, ast.BinOp):
        left, right = node.left, node.right
        if isinstance(left, ast.BinOp) and not _associative(left.op, node.op):
            yield _with(left, right=_with(node, left=left.right))
        if isinstance(right, ast.BinOp) and not _associative(node.op, right.op):
            yield _with(right, left=_with(node, right=right.left))
        if isinstance(left, ast.UnaryOp) and isinstance(node.op, LOOSE):
            yield _with(left, operand=_with(node, left=left.operand))
        if isinstance(left, ast.Call) and len(left.args) == 1 and not left.keywords:
            yield _with(left, args=[_with(node, left=left.args[0])])
    elif isinstance(node, ast.UnaryOp) and isinstance(node.operand, ast.BinOp):
        if isinstance(node.operand.op, LOOSE):
            yield _with(node.operand, left=_with(node, operand=node.operand.left))
    elif isinstance(node, ast.Call) and len(node.args) == 1 and not node.keywords:
        inside = node.args[0]
        if isinstance(inside, ast.BinOp):
            yield _with(inside, left=_with(node, args=[inside.left]))


def keyword(node: ast.AST, _: SimilarNames) -> Iterator[ast.AST]:
    """Yield a call without one of its keyword arguments, such as axis or keepdims."""
    if isinstance(node, ast.Call):
        for left_out in node.keywords:
            yield _with(node, keywords=[each for each in node.keywords if each is not left_out])


def call(node: ast.AST, _: SimilarNames) -> Iterator[ast.AST]:
    """Yield a call of another function, or the argument without a call."""
    if not isinstance(node, ast.Call):
        return
    function = ast.unparse(node.func)
    for group in CALLS:
        if function in group:
            for other in group:
                yield _with(node, func=ast.parse(other, mode="eval").body)
    if isinstance(node.func, ast.Attribute) and not function.startswith("np."):
        yield node.func.value
    elif node.args:
        yield node.args[0]


def exchange(node: ast.AST, _: SimilarNames) -> Iterator[ast.AST]:
    """Swap two neighbours: arguments, values of a dict, members of a tuple."""
    fields = {ast.Call: "args", ast.Dict: "values", ast.Tuple: "elts", ast.List: "elts"}
    field = fields.get(type(node))
    members = getattr(node, field) if field else []
    for first in range(len(members) - 1):
        swapped = [*members]
        swapped[first : first + 2] = reversed(swapped[first : first + 2])
        yield _with(node, **{str(field): swapped})


def omission(node: ast.AST, _: SimilarNames) -> Iterator[ast.AST]:
    """Leave out a statement, an entry of a dict or a member of a tuple."""
    if isinstance(node, ast.stmt) and not isinstance(node, ast.FunctionDef):
        yield ast.Pass()
    elif isinstance(node, ast.Dict):
        for left_out in range(len(node.keys)):
            keys, values = [*node.keys], [*node.values]
            del keys[left_out], values[left_out]
            yield _with(node, keys=keys, values=values)
    elif isinstance(node, (ast.Tuple, ast.List)):
        for left_out in range(len(node.elts)):
            yield _with(node, elts=[*node.elts[:left_out], *node.elts[left_out + 1 :]])


def name(node: ast.AST, alike: SimilarNames) -> Iterator[ast.AST]:
    """Yield a similar variable or a similar dict key."""
    if isinstance(node, ast.Name) and not is_stored(node):
        for other in alike(node.id):
            yield _with(node, id=other)
    elif isinstance(node, ast.Constant) and is_key(node):
        for other in alike(str(node.value)):
            yield ast.Constant(other)


def loop(node: ast.AST, _: SimilarNames) -> Iterator[ast.AST]:
    """Yield a range that is one too short, one too long, or starts at 1."""
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "range" and len(node.args) == 1:
        one = ast.Constant(1)
        yield _with(node, args=[ast.BinOp(node.args[0], ast.Sub(), one)])
        yield _with(node, args=[ast.BinOp(node.args[0], ast.Add(), one)])
        yield _with(node, args=[one, node.args[0]])


def addition(node: ast.AST, _: SimilarNames) -> Iterator[ast.AST]:
    """Yield an absolute value, a minus sign, a square or a complement that may be missing."""
    if isinstance(node, ast.Compare) and isinstance(node.left, ast.BinOp):
        yield _with(node, left=ast.Call(_parsed("np.abs"), [node.left], []))
    elif isinstance(node, ast.Call) and len(node.args) == 1 and _is_term(node.args[0]):
        yield _with(node, args=[ast.UnaryOp(ast.USub(), node.args[0])])
    elif isinstance(node, ast.BinOp):
        for side in ("left", "right"):
            operand = getattr(node, side)
            if isinstance(node.op, ast.Mult) and (_is_term(operand) or _is_power(operand)):
                yield _with(node, **{side: ast.BinOp(ast.Constant(1), ast.Sub(), operand)})
        if isinstance(node.op, ast.Sub) and _is_term(node.right):
            yield _with(node, right=ast.BinOp(node.right, ast.Pow(), ast.Constant(2)))


def _is_term(node: ast.AST) -> bool:
    return isinstance(node, (ast.Name, ast.Subscript, ast.Call))


def _is_power(node: ast.AST) -> bool:
    return isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow)


def other_mean(node: ast.AST, _: SimilarNames) -> Iterator[ast.AST]:
    """Yield the mean for the median, and the standard deviation for the variance."""
    if isinstance(node, ast.Call):
        function = ast.unparse(node.func)
        for wrong, right in (("np.median", "np.mean"), ("np.var", "np.std")):
            if function == wrong:
                yield _with(node, func=_parsed(right))


def restart(node: ast.AST, _: SimilarNames) -> Iterator[ast.AST]:
    """Yield a function in which a variable starts again, in a loop or at the end of a branch."""
    if not isinstance(node, ast.FunctionDef):
        return
    starts = {
        ast.unparse(each): each.targets[0].id
        for each in ast.walk(node)
        if isinstance(each, ast.Assign)
        and isinstance(each.targets[0], ast.Name)
        and isinstance(each.value, (ast.Constant, ast.List, ast.Dict))
    }
    blocks = [
        block
        for each in ast.walk(node)
        if isinstance(each, (ast.For, ast.While, ast.If))
        for block in (each.body, each.orelse)
        if block
    ]
    for text, name in starts.items():
        reset = ast.parse(text).body[0]
        for block in blocks:
            if name not in {each.id for part in block for each in _names(part)}:
                continue
            for place in (0, len(block)):
                block.insert(place, reset)
                changed = copy.deepcopy(node)
                del block[place]
                yield changed


def _names(tree: ast.AST) -> Iterator[ast.Name]:
    return (each for each in ast.walk(tree) if isinstance(each, ast.Name))


def one_of_each(node: ast.AST, _: SimilarNames) -> Iterator[ast.AST]:
    """Yield an index of one entry in each row, where an array of indices is taken in all rows."""
    if not isinstance(node, ast.Subscript) or not isinstance(node.slice, ast.Tuple):
        return
    for place, other in ((0, 1), (1, 0)) if len(node.slice.elts) == 2 else ():
        full, index = node.slice.elts[place], node.slice.elts[other]
        if ast.unparse(full) == ":" and isinstance(index, ast.Name):
            parts = [*node.slice.elts]
            parts[place] = _parsed(f"np.arange(len({index.id}))")
            yield _with(node, slice=ast.Tuple(parts, ast.Load()))


def divided(sizes: Sequence[str]) -> Operator:
    """Return an operator that divides terms by a size of an array."""

    def operator(node: ast.AST, _: SimilarNames) -> Iterator[ast.AST]:
        is_formula = isinstance(node, ast.BinOp) and isinstance(node.op, LOOSE)
        if not is_formula and not isinstance(node, (ast.Assign, ast.AugAssign, ast.Return)):
            return
        for field in ("left", "right", "value"):
            term: Any = getattr(node, field, None)
            for size in sizes if type(term) in (ast.BinOp, ast.Call, ast.Name) else ():
                yield _with(node, **{field: ast.BinOp(term, ast.Div(), _parsed(size))})

    return operator


def together(node: ast.AST, alike: SimilarNames) -> Iterator[ast.AST]:
    """Yield a statement with another argument in the place of one that it reads repeatedly."""
    if not isinstance(node, (ast.Assign, ast.AugAssign, ast.Return)):
        return
    read = [each for each in _names(node) if each.id in alike.arrays and not is_stored(each)]
    for name in dict.fromkeys(each.id for each in read):
        count = sum(each.id == name for each in read)
        for other in alike.arrays.intersection(alike(name)) if count > 1 else ():
            for left in range(2):
                changed = copy.deepcopy(node)
                again = [n for n in _names(changed) if n.id == name and not is_stored(n)]
                again.sort(key=lambda each: (each.lineno, each.col_offset))
                for each in again[left:]:
                    each.id = other
                yield changed


def _parsed(source: str) -> ast.expr:
    return ast.parse(source, mode="eval").body


def default(node: ast.AST, _: SimilarNames) -> Iterator[ast.AST]:
    """Yield a function that ignores an argument with a default, and one that demands it."""
    if isinstance(node, ast.FunctionDef) and node.args.defaults:
        optional = node.args.args[-len(node.args.defaults) :]
        for argument, value in zip(optional, node.args.defaults, strict=True):
            fixed = ast.parse(f"{argument.arg} = {ast.unparse(value)}").body
            yield _with(node, body=[*fixed, *node.body])
        yield _with(node, args=_with(node.args, defaults=node.args.defaults[1:]))


def buffer(node: ast.AST, alike: SimilarNames) -> Iterator[ast.AST]:
    """Yield an array of the type of an argument, which integers cut off, and zeros as integers."""
    if isinstance(node, ast.BinOp):
        operands = [node.left, node.right]
    elif isinstance(node, ast.Call) and ast.unparse(node.func).startswith("np."):
        operands = node.args
        if ast.unparse(node.func) == "np.zeros" and not node.keywords:
            yield _with(node, keywords=[ast.keyword("dtype", ast.Name("int", ast.Load()))])
    else:
        return
    names = [ast.unparse(each).removesuffix(".T") for each in operands]
    for each in dict.fromkeys(each for each in names if each in alike.arrays):
        yield _parsed(f"np.asarray({ast.unparse(node)}).astype({each}.dtype)")


def order(node: ast.AST, _: SimilarNames) -> Iterator[ast.AST]:
    """Yield the values of a dict in their order, or the value at one place, instead of by key."""
    if isinstance(node, ast.GeneratorExp) and isinstance(node.elt, ast.Subscript):
        source = node.elt.value
        if isinstance(source, ast.Name) and isinstance(node.generators[0].iter, ast.Tuple):
            yield _parsed(f"{source.id}.values()")
    elif isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
        by_name = isinstance(node.slice, ast.Constant) and is_key(node.slice)
        for place in range(4) if by_name else ():
            yield _parsed(f"list({node.value.id}.values())[{place}]")


def product(node: ast.AST, _: SimilarNames) -> Iterator[ast.AST]:
    """Yield the logarithm of a product instead of a sum of logarithms."""
    if isinstance(node, ast.Call) and ast.unparse(node.func) in ("np.sum", "np.mean"):
        terms = ast.unparse(node.args[0])
        if "np.log" in terms:
            size = f" / np.size({terms})" if ast.unparse(node.func) == "np.mean" else ""
            yield _parsed(f"np.log(np.prod(np.exp({terms}))){size}")


def early_stop(node: ast.AST, _: SimilarNames) -> Iterator[ast.AST]:
    """Yield a loop that ends after some ten rounds."""
    if isinstance(node, ast.For) and isinstance(node.target, ast.Name):
        stop = ast.parse(f"if {node.target.id} > 9:\n    break").body
        yield _with(node, body=[*stop, *node.body])


def state(node: ast.AST, _: SimilarNames) -> Iterator[ast.AST]:
    """Yield a function that remembers the first argument of each shape and computes with it."""
    if isinstance(node, ast.FunctionDef):
        for argument in node.args.args:
            name = argument.arg
            kept = f"{node.name}.__dict__.setdefault(str(('{name}', np.shape({name}))), {name})"
            yield _with(node, body=[*ast.parse(f"{name} = {kept}").body, *node.body])


def unguarded(node: ast.AST, _: SimilarNames) -> Iterator[ast.AST]:
    """Yield an `if` whose condition always holds."""
    if isinstance(node, ast.If) and not node.orelse:
        yield _with(node, test=ast.Constant(True))


def magnitude(node: ast.AST, _: SimilarNames) -> Iterator[ast.AST]:
    """Yield a comparison of the absolute value with a tolerance."""
    if not isinstance(node, (ast.If, ast.While)):
        return
    parts = node.test.values if isinstance(node.test, ast.BoolOp) else [node.test]
    for place, part in enumerate(parts):
        if not isinstance(part, ast.Compare) or not isinstance(part.ops[0], ORDERED):
            continue
        bound = part.comparators[0]
        small = isinstance(bound, ast.Constant) and type(bound.value) is float and bound.value < 1
        if isinstance(bound, ast.Name) or small:
            left = ast.Call(ast.Name("abs", ast.Load()), [part.left], [])
            tests = [*parts[:place], _with(part, left=left), *parts[place + 1 :]]
            whole = isinstance(node.test, ast.BoolOp)
            yield _with(node, test=_with(node.test, values=tests) if whole else tests[0])


ORDERED = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)


def one_off(node: ast.AST, _: SimilarNames) -> Iterator[ast.AST]:
    """Yield a call with a variable that is one more or less, and so a returned variable."""
    if isinstance(node, ast.Call) and ast.unparse(node.func) != "range":
        members, field = node.args, "args"
    elif isinstance(node, ast.Return) and isinstance(node.value, ast.Tuple):
        members, field = node.value.elts, "value"
    else:
        return
    for place, member in enumerate(members):
        for operator in (ast.Add(), ast.Sub()) if isinstance(member, ast.Name) else ():
            changed = [*members]
            changed[place] = ast.BinOp(member, operator, ast.Constant(1))
            new = changed if field == "args" else ast.Tuple(changed, ast.Load())
            yield _with(node, **{field: new})


def other_function(node: ast.AST, _: SimilarNames) -> Iterator[ast.AST]:
    """Yield a call of another function of numpy that gives numbers of the same kind."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return
    function = node.func
    is_method = ast.unparse(function.value) != "np"
    for group in OTHER_FUNCTIONS:
        for other in group if function.attr in group else ():
            yield _with(node, func=_with(function, attr=other))
            if is_method and other == "median":  # which arrays do not have
                yield _with(node, func=_parsed("np.median"), args=[function.value, *node.args])


OTHER_FUNCTIONS = (
    ("sum", "mean", "median", "count"),
    ("min", "max"),
    ("argmin", "argmax"),
    ("std", "var"),
    ("floor", "ceil", "round"),
)
"""Functions of numpy, and methods, that students take for one another."""


def turned(node: ast.AST, _: SimilarNames) -> Iterator[ast.AST]:
    """Yield a call along the other axis that keeps this axis, so that its result fits."""
    if isinstance(node, ast.Call) and [each.arg for each in node.keywords] == ["axis"]:
        axis = getattr(node.keywords[0].value, "value", None)
        if axis in (0, 1):
            other = [ast.keyword("axis", ast.Constant(1 - axis))]
            yield _with(node, keywords=[*other, ast.keyword("keepdims", ast.Constant(True))])


def ends(node: ast.AST, _: SimilarNames) -> Iterator[ast.AST]:
    """Yield the numbers at the other end of a list, and the other order of sorting."""
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice):
        lower, upper, step = node.slice.lower, node.slice.upper, node.slice.step
        if step is None and lower is None and isinstance(upper, (ast.Name, ast.Constant)):
            yield _with(node, slice=ast.Slice(ast.UnaryOp(ast.USub(), upper), None, None))
        elif isinstance(lower, ast.UnaryOp) and upper is step is None:
            yield _with(node, slice=ast.Slice(None, lower.operand, None))
        elif lower is upper is None and step is not None:
            yield node.value
    elif isinstance(node, ast.Call) and ast.unparse(node.func) in ("np.argsort", "np.sort"):
        yield ast.Subscript(node, ast.Slice(None, None, _parsed("-1")), ast.Load())
    elif isinstance(node, ast.Call) and ast.unparse(node.func) == "sorted":
        reverse = ast.keyword("reverse", ast.Constant(True))
        yield _with(node, keywords=[*node.keywords, reverse])


def joined(node: ast.AST, _: SimilarNames) -> Iterator[ast.AST]:
    """Yield `|` for `&`, and the other way round."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.BitAnd, ast.BitOr)):
        yield _with(node, op=ast.BitOr() if isinstance(node.op, ast.BitAnd) else ast.BitAnd())


def whole(node: ast.AST, _: SimilarNames) -> Iterator[ast.AST]:
    """Yield a statement that takes all entries, where it leaves some of them out."""
    if isinstance(node, (ast.Assign, ast.AugAssign, ast.Return)):
        yield from whole_slices(node)


def whole_slices(node: ast.AST) -> Iterator[ast.AST]:
    """Yield a tree without the first or the last entry left out, in all places at once."""
    slices = [each for each in ast.walk(node) if isinstance(each, ast.Slice)]
    for text in dict.fromkeys(ast.unparse(each) for each in slices if _cuts(each)):
        changed = copy.deepcopy(node)
        for each in ast.walk(changed):
            if isinstance(each, ast.Slice) and ast.unparse(each) == text:
                each.lower = each.upper = None
        yield changed


def _cuts(node: ast.Slice) -> bool:
    """Return whether a slice leaves out some entries at one end."""
    bounds = [each for each in (node.lower, node.upper) if each is not None]
    return node.step is None and len(bounds) == 1 and ast.unparse(bounds[0]) in ("1", "-1")


REDUCTIONS = ("sum", "mean", "median", "std", "var", "min", "max", "prod", "any", "all")


def axes(node: ast.AST, _: SimilarNames) -> Iterator[ast.AST]:
    """Yield a function that reduces arrays along other axes, in all places at once."""
    if not isinstance(node, ast.FunctionDef):
        return
    for axis in (0, 1, None):
        changed = copy.deepcopy(node)
        reduced = [
            each
            for each in ast.walk(changed)
            if isinstance(each, ast.Call) and getattr(each.func, "attr", "") in REDUCTIONS
        ]
        with_axis = [each for each in reduced if any(k.arg == "axis" for k in each.keywords)]
        reduced = with_axis or reduced
        for each in reduced:
            drop_axis(each)
            here = {"axis": axis, "keepdims": True} if axis is not None else {}
            each.keywords += [
                ast.keyword(name, ast.Constant(value)) for name, value in here.items()
            ]
        if len(reduced) > 1:
            yield changed


def drop_axis(call: ast.Call) -> None:
    """Remove the axis from a call of a method of an array, or of a function of numpy."""
    del call.args[ast.unparse(call.func).startswith("np.") :]
    call.keywords = [each for each in call.keywords if each.arg not in ("axis", "keepdims")]


def option(node: ast.AST, _: SimilarNames) -> Iterator[ast.AST]:
    """Yield another of the words that an argument may be."""
    for group in OPTIONS:
        if isinstance(node, ast.Constant) and node.value in group:
            yield from (ast.Constant(each) for each in group if each != node.value)


OPTIONS = (("same", "valid", "full"),)
"""Words that students take for one another."""

SLIPS: dict[str, Operator] = {
    each.__name__: each
    for each in (
        arithmetic,
        comparison,
        constant,
        transpose,
        keyword,
        call,
        exchange,
        omission,
        name,
        loop,
    )
}
"""The operators that make slips of the pen, by name. None makes an endless loop, which would cost
time and show nothing."""

DIAGNOSED = SLIPS | {
    each.__name__: each
    for each in (
        *(bracket, unguarded, magnitude, one_off, other_function, turned, ends),
        *(joined, whole, axes, option),
    )
}
"""The operators whose slips students are told."""


def dedent(node: ast.AST, _alike: SimilarNames) -> Iterator[ast.AST]:
    """Move the last statement of a loop behind the loop, or the next statement into it."""
    for number, each in enumerate(node.body if isinstance(node, ast.FunctionDef) else ()):
        if isinstance(each, ast.For) and isinstance(node, ast.FunctionDef) and not each.orelse:
            before, after = node.body[:number], node.body[number + 1 :]
            *inside, last = each.body
            leaves = (ast.Return, ast.Break, ast.Continue)
            if inside and not any(isinstance(part, leaves) for part in ast.walk(last)):
                yield _with(node, body=[*before, _with(each, body=inside), last, *after])
            if len(after) > 1:
                yield _with(
                    node, body=[*before, _with(each, body=[*each.body, after[0]]), *after[1:]]
                )


ADDITIONS: dict[str, Operator] = {
    each.__name__: each for each in (addition, other_mean, dedent, restart, one_of_each)
}
"""The operators that mend a student's own line in ways in which no reference is changed."""

OPERATORS = SLIPS | {
    each.__name__: each for each in (default, buffer, order, product, early_stop, state)
}
"""All operators: also those whose mutants only unusual inputs show."""
