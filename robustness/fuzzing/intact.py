"""Ways to alter a notebook that leave the student's code as it is and where it is."""

from __future__ import annotations

import copy
import random

from robustness.fuzzing.mutations import (
    CODE,
    INTACT,
    MUTATIONS,
    ODD,
    Notebook,
    is_ours,
    mutation,
    on_json,
    theirs,
    written,
)

__all__ = ["INTACT", "MUTATIONS"]

SCRIPTS = [
    "नमस्ते",
    "你好",
    "Ærø",
    "\u202e",
    "🙂",
    "\0",
    "\r",
    "\x1b[2J",
    "<script>alert(1)</script>",
]


@mutation("metadata edited", intact=True)
@on_json
def _metadata(notebook: Notebook, chance: random.Random) -> None:
    for cell in chance.sample(notebook["cells"], 3):
        cell["metadata"][chance.choice(["tags", "jupyter", "collapsed", "x"])] = chance.choice(ODD)
    notebook["metadata"][chance.choice(["authors", "title", "widgets", "x"])] = chance.choice(ODD)
    notebook["nbformat_minor"] = chance.choice(ODD)


@mutation("points and locks edited", intact=True)
@on_json
def _points(notebook: Notebook, chance: random.Random) -> None:
    for cell in notebook["cells"]:
        book = cell["metadata"].get("nbgrader")
        if book and chance.random() < 0.5:
            book["points"] = chance.choice([1000, -5, float("nan"), 10**400, "all", None])
            for name in ("grade", "locked", "solution", "task", "checksum", "schema_version"):
                if chance.random() < 0.3:
                    book[name] = chance.choice(ODD)


@mutation("ids edited", intact=True)
@on_json
def _ids(notebook: Notebook, chance: random.Random) -> None:
    for cell in notebook["cells"]:
        match chance.randrange(3):
            case 0:
                cell.pop("id", None)
            case 1:
                cell["id"] = chance.choice([*ODD, "same"])


@mutation("names of solutions lost", intact=True)
@on_json
def _nameless(notebook: Notebook, chance: random.Random) -> None:
    for cell in theirs(notebook):
        if chance.random() < 0.5:
            cell["metadata"] = chance.choice([{}, {"nbgrader": {"grade_id": "unknown"}}])


@mutation("outputs prepared", intact=True)
@on_json
def _outputs(notebook: Notebook, chance: random.Random) -> None:
    marks = {"output_type": "execute_result", "data": {"text/plain": "1000.0"}, "metadata": {}}
    html = {"output_type": "display_data", "data": {"text/html": chance.choice(SCRIPTS)}}
    noise = {"output_type": "stream", "name": "stdout", "text": "x" * chance.choice([1, 10**5])}
    for cell in notebook["cells"]:
        cell["outputs"] = [chance.choice([marks, html, noise, *ODD])] * chance.choice([1, 3, 300])
        cell["execution_count"] = chance.choice(ODD)


@mutation("read-only cells edited", intact=True)
@on_json
def _read_only(notebook: Notebook, chance: random.Random) -> None:
    for cell in [cell for cell in notebook["cells"] if is_ours(cell)]:
        match chance.randrange(5):
            case 0:
                cell["source"] = chance.choice([*CODE, *ODD])
            case 1:
                notebook["cells"].remove(cell)
            case 2:
                place = chance.randrange(len(notebook["cells"]))
                notebook["cells"].insert(place, copy.deepcopy(cell))
            case 3:
                cell["cell_type"] = chance.choice(["markdown", "raw", None, 3])


@mutation("text edited", intact=True)
@on_json
def _text(notebook: Notebook, chance: random.Random) -> None:
    cells = notebook["cells"]
    for cell in [cell for cell in cells if cell["cell_type"] == "markdown"]:
        cell["source"] = chance.choice([*SCRIPTS, *ODD])
        cell["attachments"] = chance.choice([*ODD, {"a.png": {"image/png": "aGk="}}])
    kind = chance.choice(["markdown", "raw"])
    own = {"cell_type": kind, "metadata": {}, "source": chance.choice(CODE)}
    cells.insert(chance.randrange(len(cells)), own)


@mutation("keys twice", intact=True)
def _keys_twice(notebook: Notebook, chance: random.Random) -> bytes:
    data = written(notebook)
    first = b'{"cells": [], "nbformat": 9, "metadata": ' + written(chance.choice(ODD)) + b","
    return first + data[1:]


@mutation("an old format", intact=True)
def _old(notebook: Notebook, chance: random.Random) -> bytes:
    cells = [
        {
            "cell_type": cell["cell_type"],
            "metadata": cell["metadata"],
            "input" if cell["cell_type"] == "code" else "source": cell["source"],
            **({"outputs": [], "language": "python"} if cell["cell_type"] == "code" else {}),
        }
        for cell in notebook["cells"]
    ]
    sheets = [{"cells": cells[:5]}, {"cells": cells[5:], "metadata": chance.choice(ODD)}]
    return written({"nbformat": chance.choice([2, 3]), "metadata": {}, "worksheets": sheets})
