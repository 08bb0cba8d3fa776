"""Find the texts of an assignment in Markdown and Python, and replace them by translations.

An assignment is written in English, and nothing marks its texts. The texts are every paragraph of
Markdown that is not a formula, and in code every paragraph of a docstring, every comment, and every
string that contains words. Words in a figure are not translated, because not every machine has the
fonts to draw them.

A text is looked up in English. The text of an f-string contains its placeholders as Python would
write them, for example `{', '.join(names)}`. A translation may move the placeholders and translate
the words in them.
"""

from __future__ import annotations

import ast
import inspect
import io
import json
import re
import tokenize
import unicodedata
from collections.abc import Iterator
from itertools import accumulate, groupby

from autograder.i18n import Translate

WIDTH = 100
"""Columns of a line of code; a Chinese character takes two."""

DRAWS = frozenset(
    ["annotate", "set_title", "set_xlabel", "set_xticklabels", "set_ylabel", "set_yticklabels"]
    + ["suptitle", "text", "title", "xlabel", "xticks", "ylabel", "yticks"]
)
"""Functions that write into a figure."""

FORMULA = re.compile(r"\$[^$]*\$")

WORD = re.compile(r"[^\W\d_]{3,}|[^\W\d_]{2,} +[^\W\d_]{2,}")
"""A word. A short name alone, as in `W2 = 0`, is not a word."""

PLACEHOLDER = re.compile(r"\{\{|\}\}|(?P<placeholder>\{(?:[^{}]|\{[^{}]*\})+\})")

NO_START = "，。；：！？、）》”’…,.;:!?)"
"""Characters that must not start a line."""

Edit = tuple[tuple[int, int], tuple[int, int], str]
"""The start and the end as line and byte, and the text that replaces what is between them."""


def in_markdown(text: str, say: Translate) -> str:
    """Return Markdown with every paragraph, list and table translated."""
    blocks = re.split(r"(\n\s*\n)", text)
    return "".join(
        say(block) if block.strip() and not block.lstrip().startswith("$$") else block
        for block in blocks
    )


def in_code(source: str, say: Translate) -> str:
    """Return code with its docstrings, comments and strings translated."""
    edits = [*_string_edits(source, say), *_comment_edits(source, say)]
    return edited(source, edits)


def in_calls(source: str, say: Translate) -> str:
    """Return code of the package with the sentences in `_(…)` translated."""
    edits: list[Edit] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_":
            (text,) = node.args
            assert isinstance(text, ast.Constant)  # noqa: S101  # our own module
            edits.append((*place(text), _literal(say(str(text.value)), is_f=False)))
    return edited(source, edits)


def in_tree(tree: ast.Module, say: Translate) -> ast.Module:
    """Return code that is to be run with its strings translated and its line numbers unchanged.

    Docstrings are translated only in functions with a decorator, which may use them.
    """
    translated = _Translator(say).visit(tree)
    assert isinstance(translated, ast.Module)  # noqa: S101  # only nodes in it are replaced
    return ast.fix_missing_locations(translated)


class _Translator(ast.NodeTransformer):
    def __init__(self, say: Translate) -> None:
        self.say = say
        self.texts: set[ast.expr] = set()

    def visit_Module(self, node: ast.Module) -> ast.AST:
        self.texts = set(_strings(node))
        return self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        docstring = ast.get_docstring(node)
        if node.decorator_list and docstring is not None:
            text = ast.Constant(self.say(docstring.split("\n\n")[0]))
            node.body[0] = ast.copy_location(ast.Expr(text), node.body[0])
        return self.generic_visit(node)

    def _translated(self, node: ast.expr) -> ast.AST:
        if node not in self.texts:
            return node
        text = _literal(self.say(_message(node)), is_f=isinstance(node, ast.JoinedStr))
        literal = ast.parse(text, mode="eval").body
        for each in ast.walk(literal):
            ast.copy_location(each, node)
        return literal

    visit_Constant = visit_JoinedStr = _translated  # noqa: N815  # Python's names


def _strings(tree: ast.AST) -> Iterator[ast.expr]:
    """Yield the strings in code that contain words, without docstrings and words in figures."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Constant | ast.JoinedStr):
            if _has_words(node):
                yield node
        elif not _is_elsewhere(node):
            yield from _strings(node)


def _is_elsewhere(node: ast.AST) -> bool:
    """Return whether a piece of code is a docstring or writes into a figure."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        by = node.func.value
        return node.func.attr in DRAWS or (isinstance(by, ast.Name) and by.id == "plot")
    if isinstance(node, ast.keyword):
        return node.arg == "label"
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _has_words(node: ast.Constant | ast.JoinedStr) -> bool:
    """Return whether a string has a word and a space, or chooses between words."""
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str) and _is_text(node.value)
    values = [value.value for value in node.values]  # type: ignore[attr-defined]  # of both kinds
    if _is_text("".join(value for value in values if isinstance(value, str))):
        return True
    said = [value for value in values if isinstance(value, ast.AST)]
    inside = (each for value in said for each in ast.walk(value))
    for branch in (each for each in inside if isinstance(each, ast.IfExp)):
        said += [branch.body, branch.orelse]
    return any(isinstance(each, ast.Constant) and isinstance(each.value, str) for each in said)


def _is_text(text: str) -> bool:
    text = FORMULA.sub("", text)
    return " " in text and WORD.search(text) is not None


def _message(node: ast.expr) -> str:
    """Return the text of a string; that of an f-string has its placeholders in braces."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    assert isinstance(node, ast.JoinedStr)  # noqa: S101  # there are no other strings
    parts = []
    for value in node.values:
        if isinstance(value, ast.FormattedValue):
            inside = ast.unparse(value.value)
            inside = f" {inside}" if inside.startswith("{") else inside
            how = f"!{chr(value.conversion)}" if value.conversion != -1 else ""
            form = f":{_message(value.format_spec)}" if value.format_spec is not None else ""
            parts.append(f"{{{inside}{how}{form}}}")
        else:
            parts.append(_message(value).replace("{", "{{").replace("}", "}}"))
    return "".join(parts)


def _pieces(message: str) -> Iterator[tuple[str, bool]]:
    """Yield the pieces between which a line may end, and whether each is a placeholder."""
    done = 0
    for match in PLACEHOLDER.finditer(message):
        if match["placeholder"]:
            yield from ((each, False) for each in _words(message[done : match.start()]))
            yield match[0], True
            done = match.end()
    yield from ((each, False) for each in _words(message[done:]))


def _words(text: str) -> list[str]:
    """Split a text behind every space and every wide character."""
    words: list[str] = []
    for character in text:
        joins = words and not (words[-1][-1] == " " or _columns(words[-1][-1]) == 2)
        if words and (joins or character in NO_START or character == " "):
            words[-1] += character
        else:
            words.append(character)
    return words


def _columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text)


def _literal(message: str, *, is_f: bool, width: float = float("inf"), indent: int = 0) -> str:
    """Return a text as a Python string, in lines of this width."""
    pieces = list(_pieces(message)) if is_f else [(each, False) for each in _words(message)]
    lines: list[list[tuple[str, bool]]] = [[]]
    taken = 0
    for piece in pieces:
        columns = _columns(piece[0])
        if lines[-1] and indent + taken + columns + len('f""') > width:
            lines.append([])
            taken = 0
        lines[-1].append(piece)
        taken += columns
    quoted = [_quoted(line, is_f=is_f) for line in lines]
    return ("\n" + " " * indent).join(quoted)


def _quoted(line: list[tuple[str, bool]], *, is_f: bool) -> str:
    escaped = "".join(
        text if placeholder else json.dumps(text, ensure_ascii=False)[1:-1]
        for text, placeholder in line
    )
    return f'{"f" if is_f and ("{" in escaped or "}" in escaped) else ""}"{escaped}"'


def _string_edits(source: str, say: Translate) -> Iterator[Edit]:
    tree = ast.parse(source)
    bare = [node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)]
    for each in bare:
        if isinstance(each, ast.Constant) and isinstance(each.value, str):
            docstring = inspect.cleandoc(each.value)
            said = "\n\n".join(map(say, docstring.split("\n\n")))
            if said != docstring:
                yield *place(each), _docstring(said, each.col_offset)
    # A string may have several lines if it had several before, or if it is an argument.
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    given = {value for call in calls for value in (*call.args, *(k.value for k in call.keywords))}
    for text in _strings(tree):
        message = _message(text)
        said = say(message)
        if said != message:
            wraps = text.end_lineno != text.lineno or text in given
            width = WIDTH if wraps else float("inf")
            is_f = isinstance(text, ast.JoinedStr)
            literal = _literal(said, is_f=is_f, width=width, indent=text.col_offset)
            yield *place(text), literal


def _docstring(text: str, indent: int) -> str:
    first, *others = text.splitlines()
    margin = " " * indent
    body = "\n".join([first, *(margin + line if line else line for line in others)])
    body += f"\n{margin}" if others else ""
    return f'{"r" if chr(92) in body else ""}"""{body}"""'


def _comment_edits(source: str, say: Translate) -> Iterator[Edit]:
    lines = source.splitlines()
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    comments = [each for each in tokens if each.type == tokenize.COMMENT]

    def block(numbered: tuple[int, tokenize.TokenInfo]) -> tuple[int, int]:
        number, token = numbered
        alone = not lines[token.start[0] - 1][: token.start[1]].strip()
        return (token.start[1], token.start[0] - number) if alone else (-1, token.start[0])

    for (column, _), numbered in groupby(enumerate(comments), block):
        found = [token for _, token in numbered]
        message = "\n".join(token.string.removeprefix("#").strip() for token in found)
        if not _is_text(message):
            continue
        said = [f"# {line}" for line in say(message).split("\n")]
        (line, start), (end_line, end) = found[0].start, found[-1].end
        yield (
            (line, len(lines[line - 1][:start].encode())),
            (end_line, len(lines[end_line - 1][:end].encode())),
            ("\n" + " " * column).join(said),
        )


def place(node: ast.expr | ast.stmt) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return where a node begins and ends."""
    return (node.lineno, node.col_offset), (node.end_lineno or 0, node.end_col_offset or 0)


def edited(source: str, edits: list[Edit]) -> str:
    """Return a source after edits; of two at one place, the first one stands first."""
    data = source.encode()
    starts = [0, *accumulate(map(len, data.splitlines(keepends=True)))]
    in_order = sorted(edits, key=lambda each: each[:2])
    for (line, column), (end_line, end_column), text in reversed(in_order):
        start, end = starts[line - 1] + column, starts[end_line - 1] + end_column
        data = data[:start] + text.encode() + data[end:]
    return data.decode()
