"""Rewrite the test cells of plain asserts so that they report values.

An assert reports the values that it compares, and a cell keeps the value of its last expression,
which nbgrader may take for points. The lines of a cell keep their numbers.
"""

from __future__ import annotations

import ast

from autograder.course import code_strings

VALUE_NAME = "_autograder_value"
"""The name under which the value of a test cell's last expression is kept, for one cell."""

LEFT, RIGHT = "_autograder_left", "_autograder_right"
"""The names under which the values of a comparison are kept until it is reported."""

MAX_VALUE_CHARACTERS = 300
"""The characters of a value that are reported."""

COMPARISONS: dict[type[ast.cmpop], str] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Is: "is",
    ast.IsNot: "is not",
    ast.In: "in",
    ast.NotIn: "not in",
}


def with_values(source: str, released: str) -> str:
    """Return a test whose asserts report the two values that they compare, as pytest would.

    Only asserts that students have been given report values: a hidden one would give them away. The
    lines keep their numbers, and each value is computed once.
    """
    code, asserts = _asserts(source)
    known = {ast.unparse(each) for each in _asserts(released)[1]}
    edits: list[code_strings.Edit] = []
    for each in asserts:
        test = each.test
        if each.msg or not isinstance(test, ast.Compare) or len(test.ops) > 1:
            continue
        if ast.unparse(each) not in known:
            continue
        sign = COMPARISONS[type(test.ops[0])]
        for name, value in ((LEFT, test.left), (RIGHT, test.comparators[0])):
            begin, end = code_strings.place(value)
            edits += [(begin, begin, f"({name} := ("), (end, end, "))")]
        values = (
            f", '%.{MAX_VALUE_CHARACTERS}r {sign} %.{MAX_VALUE_CHARACTERS}r' % ({LEFT}, {RIGHT})"
        )
        stop = code_strings.place(each)[1]
        edits.append((stop, stop, values))
    return code_strings.edited(code, edits) if edits else source


def _asserts(source: str) -> tuple[str, list[ast.Assert]]:
    """Return a cell as Python, and its asserts; none if it cannot be parsed."""
    code, tree = _parsed(source)
    return code, [each for each in ast.walk(tree) if isinstance(each, ast.Assert)]


def _parsed(source: str) -> tuple[str, ast.Module]:
    """Return a cell as Python, and its syntax tree; an empty tree if it cannot be parsed."""
    from IPython.core.inputtransformer2 import TransformerManager

    try:
        code = TransformerManager().transform_cell(source)
        return code, ast.parse(code)
    except SyntaxError:
        return source, ast.Module([], [])


def keeping_value(source: str) -> str | None:
    """Return the code with its last expression's value stored under a name; None if it has none.

    A notebook displays that value, and nbgrader takes it for points. It does not take other
    displayed values, and the two cannot be told apart afterwards. The lines keep their numbers.
    """
    from IPython.core.displayhook import DisplayHook

    code, tree = _parsed(source)
    last = tree.body[-1] if tree.body else None
    if not isinstance(last, ast.Expr) or DisplayHook.semicolon_at_end_of_expression(code):
        return None
    start, stop = code_strings.place(last)
    return code_strings.edited(code, [(start, start, f"{VALUE_NAME} = ("), (stop, stop, ")")])
