"""Pack the modules that a student's notebook needs into one short cell.

A notebook must work by itself wherever numpy is installed, so its cell contains the modules. Their
source has more than a thousand lines; packed, it has about 180, and students can print it.
"""

from __future__ import annotations

import ast
import base64
import json
import re
import zlib
from collections.abc import Mapping
from functools import cache

WIDTH = 130
"""Columns of the packed lines."""


def pack(sources: Mapping[str, str]) -> str:
    """Return an assignment to `PACKED`: JSON, compressed by zlib, in base 64.

    Docstrings, comments and annotations are left out.
    """
    short = json.dumps({name: _short(source) for name, source in sources.items()})
    # Base 64 has no sign that an editor or IPython takes for a magic command or a prompt.
    letters = base64.b64encode(zlib.compress(short.encode(), 9)).decode()
    lines = [letters[at : at + WIDTH] + "\n" for at in range(0, len(letters), WIDTH)]
    return f'PACKED = """\n{"".join(lines)}"""'


def unpack(cell: str) -> dict[str, str]:
    """Return the sources that a cell contains in packed form, by name."""
    found = re.search(r'^PACKED = """\n([^"]*)"""$', cell, re.MULTILINE)
    return json.loads(zlib.decompress(base64.b64decode(found[1]))) if found else {}


@cache  # a class of graders packs the same modules several times
def _short(source: str) -> str:
    """Return the source without what Python does not need to run it."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)):
            node.body = [each for each in node.body if not is_constant(each)] or [ast.Pass()]
        if isinstance(node, ast.FunctionDef):
            node.returns = None
        if isinstance(node, ast.arg):
            node.annotation = None
    return ast.unparse(tree)


def is_constant(node: ast.AST) -> bool:
    """Return whether a statement is a constant and does nothing, such as a docstring."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
