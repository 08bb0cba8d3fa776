"""Ways in which a notebook's file comes to be another one.

Each has the notebook as JSON has it, or as bytes, and a source of chance, and gives the bytes of
the file. `INTACT` are those that leave the student's code as it is and where it is; most of them
are in `intact`.
"""

from __future__ import annotations

import copy
import json
import random
import re
from collections.abc import Callable
from typing import Any

Notebook = dict[str, Any]
Mutation = Callable[[Notebook, random.Random], bytes]

MUTATIONS: dict[str, Mutation] = {}
INTACT: set[str] = set()

ODD: list[Any] = [
    *(None, True, False, 0, -1, 4, 2**63, 10**400, 1.5, float("nan"), float("inf"), "", "code"),
    *("\ud800", "\0", "x" * 5000, [], {}, [None], [[]], {"": {}}, "double", "numbers_setup", "R"),
    *([["a", 1, None]], {"nbgrader": {"grade_id": "double"}}, {"grade_id": ["double"]}),
]
CODE = [
    *("raise SystemExit", "import os; os._exit(3)", "print 'Python 2'", "def double(number:"),
    *(
        "%matplotlib inline",
        "!ls",
        "%%bash\nls",
        "double = None",
        "double(1",
        "\tx = 1",
        "x = (",
        "",
    ),
    *(
        "def double(number):\n    return 2.0 * number",
        "from ipywidgets import interact",
        "del double",
    ),
    *("'" * 3, "return 1", "\ud800", "\ufeffx = 1", "x = 1\r\ny = 2\r\n", "await None", "?double"),
]


def mutation(name: str, *, intact: bool = False) -> Callable[[Mutation], Mutation]:
    """Names a mutation."""

    def register(function: Mutation) -> Mutation:
        MUTATIONS[name] = function
        if intact:
            INTACT.add(name)
        return function

    return register


def on_json(
    change: Callable[[Notebook, random.Random], object],
) -> Mutation:
    """Return a mutation that changes a copy of the notebook and writes it as JSON."""

    def mutate(notebook: Notebook, chance: random.Random) -> bytes:
        changed = copy.deepcopy(notebook)
        change(changed, chance)
        return written(changed)

    return mutate


def written(notebook: object) -> bytes:
    """JSON as bytes; half characters are escaped."""
    return json.dumps(notebook, indent=1).encode()


# --- bytes ----------------------------------------------------------------------------------


def _place(data: bytes | bytearray, chance: random.Random) -> int:
    """Anywhere in a file, or near the student's code, which is a small part of it."""
    solutions = [match.end() for match in re.finditer(rb'"solution": true', data)]
    near = max(0, chance.choice(solutions) + chance.randrange(-200, 400))
    return min(chance.choice([chance.randrange(len(data)), near]), len(data) - 1)


@mutation("flipped bytes")
def _flip(notebook: Notebook, chance: random.Random) -> bytes:
    data = bytearray(written(notebook))
    for _ in range(chance.choice([1, 1, 2, 8])):
        data[_place(data, chance)] ^= 1 << chance.randrange(8)
    return bytes(data)


@mutation("cut off")
def _cut(notebook: Notebook, chance: random.Random) -> bytes:
    data = written(notebook)
    return data[: chance.randrange(len(data))]


@mutation("a piece lost or twice")
def _splice(notebook: Notebook, chance: random.Random) -> bytes:
    data = written(notebook)
    start = _place(data, chance)
    end = start + chance.choice([1, 10, 1000])
    return data[:start] + data[start:end] * chance.choice([0, 2]) + data[end:]


@mutation("bytes put in")
def _put_in(notebook: Notebook, chance: random.Random) -> bytes:
    data = written(notebook)
    place = _place(data, chance)
    piece = chance.choice([chance.randbytes(3), b"[" * 2000, b'"', b"1" * 5000, b"\xef\xbb\xbf"])
    return data[:place] + piece + data[place:]


@mutation("no notebook at all")
def _garbage(notebook: Notebook, chance: random.Random) -> bytes:
    odd = written(chance.choice(ODD))
    many = [chance.randbytes(100), b"", b"\0" * 100, b"PK\3\4" + chance.randbytes(50), b"[" * 10**5]
    return chance.choice([odd, *many, written(notebook["cells"]), b"<html></html>"])


@mutation("another encoding", intact=True)
def _encode(notebook: Notebook, chance: random.Random) -> bytes:
    text = json.dumps(notebook, indent=chance.choice([None, 0, 4]))
    encoding = chance.choice(["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8"])
    return text.replace("\n", chance.choice(["\n", "\r\n", "\r"])).encode(encoding)


# --- JSON -----------------------------------------------------------------------------------


def nodes(value: Any) -> list[tuple[Any, Any]]:
    """Return every container in a value, and a key of it."""
    found: list[tuple[Any, Any]] = []
    waiting = [value]
    while waiting:
        each = waiting.pop()
        keys = each.keys() if isinstance(each, dict) else range(len(each))
        for key in keys:
            found.append((each, key))
            if isinstance(each[key], (dict, list)):
                waiting.append(each[key])
    return found


def _node(notebook: Notebook, chance: random.Random) -> tuple[Any, Any]:
    """Any node, or one of those that are not in our long cells."""
    cells = [cell for cell in notebook["cells"] if isinstance(cell, dict) and not is_ours(cell)]
    return chance.choice(nodes(chance.choice([notebook, cells or notebook])))


@mutation("a node dropped")
@on_json
def _drop(notebook: Notebook, chance: random.Random) -> None:
    holder, key = _node(notebook, chance)
    del holder[key]


@mutation("a node of another type")
@on_json
def _retype(notebook: Notebook, chance: random.Random) -> None:
    near = [_node(notebook, chance) for _ in range(3)]
    for _ in range(chance.choice([1, 1, 3])):
        holder, key = chance.choice(near)
        holder[key] = copy.deepcopy(chance.choice(ODD))


@mutation("a node twice")
@on_json
def _twice(notebook: Notebook, chance: random.Random) -> None:
    cells = notebook["cells"]
    cells.insert(chance.randrange(len(cells)), copy.deepcopy(chance.choice(cells)))


@mutation("two nodes swapped")
@on_json
def _swap(notebook: Notebook, chance: random.Random) -> None:
    (one, key), (other, place) = _node(notebook, chance), _node(notebook, chance)
    one[key], other[place] = copy.deepcopy(other[place]), copy.deepcopy(one[key])


@mutation("nested deeply")
def _nest(notebook: Notebook, chance: random.Random) -> bytes:
    changed = copy.deepcopy(notebook)
    holder, key = _node(changed, chance)
    holder[key] = "DEEP"
    depth = chance.choice([50, 500, 900, 5000])
    return written(changed).replace(b'"DEEP"', b"[" * depth + b"]" * depth)


# --- the student's cells --------------------------------------------------------------------


def grade_id(cell: Any) -> Any:
    """Return the name of a cell in nbgrader's books."""
    return cell["metadata"].get("nbgrader", {}).get("grade_id")


def is_ours(cell: Any) -> bool:
    """Return whether a cell is read-only."""
    return bool(cell["metadata"].get("nbgrader", {}).get("locked"))


def theirs(notebook: Notebook) -> list[Any]:
    """Return the cells with the student's code."""
    return [c for c in notebook["cells"] if c["cell_type"] == "code" and not is_ours(c)]


@mutation("code altered")
@on_json
def _alter(notebook: Notebook, chance: random.Random) -> None:
    cell = chance.choice(theirs(notebook))
    text = "".join(cell["source"])
    place = chance.randrange(len(text) + 1)
    end = min(len(text), place + chance.choice([0, 1, 1, 5]))
    cell["source"] = text[:place] + chance.choice(["", " ", "0", "(", "\n", "é"]) + text[end:]


@mutation("code of another kind")
@on_json
def _other_code(notebook: Notebook, chance: random.Random) -> None:
    cell = {"cell_type": "code", "metadata": {}, "source": chance.choice(CODE), "outputs": []}
    notebook["cells"].insert(chance.randrange(len(notebook["cells"]) + 1), cell)


@mutation("cells moved")
@on_json
def _move(notebook: Notebook, chance: random.Random) -> None:
    chance.shuffle(notebook["cells"])


@mutation("a cell of code lost or turned")
@on_json
def _turn(notebook: Notebook, chance: random.Random) -> None:
    cell = chance.choice(theirs(notebook))
    if chance.random() < 0.3:
        notebook["cells"].remove(cell)
    else:
        cell["cell_type"] = chance.choice(["markdown", "raw", "heading", None])
