"""Attacks by editing the file: metadata, points, cells, outputs, and what a browser would run."""

from __future__ import annotations

import copy
import json

from robustness.attacks.attack import Document, Notebook, attack
from robustness.attacks.course import LEFT, marked

EDITED = "the file itself"
SHOWN = "what a browser runs"

ALTERED = "was changed"
MISSING = "missing"
SCRIPT = f"<script>{LEFT}()</script><img src=x onerror={LEFT}()>"


@attack(EDITED, seen=ALTERED)
def points_edited() -> Notebook:
    """Gives its grade cells a hundred points each."""

    def edit(notebook: Document) -> None:
        for cell in marked(notebook, "grade"):
            cell["metadata"]["nbgrader"]["points"] = 100

    return Notebook(edit=edit)


@attack(EDITED, seen=ALTERED)
def kinds_edited() -> Notebook:
    """Says of the hidden cells that they are no grade cells, and unlocks them."""

    def edit(notebook: Document) -> None:
        for cell in marked(notebook, "grade"):
            cell["metadata"]["nbgrader"].update(grade=False, locked=False, solution=True)

    return Notebook(edit=edit)


@attack(EDITED, seen=ALTERED)
def tests_edited() -> Notebook:
    """Replaces the code of all grade cells by some that gives full points."""

    def edit(notebook: Document) -> None:
        for cell in marked(notebook, "grade"):
            if cell["cell_type"] == "code":
                cell["source"] = "100"

    return Notebook(edit=edit)


@attack(EDITED, seen=MISSING)
def tests_deleted() -> Notebook:
    """Deletes all grade cells."""

    def edit(notebook: Document) -> None:
        gone = [id(cell) for cell in marked(notebook, "grade") if cell["cell_type"] == "code"]
        notebook["cells"] = [cell for cell in notebook["cells"] if id(cell) not in gone]

    return Notebook(edit=edit)


@attack(EDITED, seen=ALTERED)
def tests_doubled() -> Notebook:
    """Puts an easy copy of every grade cell in front of the true one, with the same id."""

    def edit(notebook: Document) -> None:
        copies = copy.deepcopy(list(marked(notebook, "grade")))
        for cell in copies:
            cell["source"] = "pass"
        notebook["cells"][:0] = copies

    return Notebook(edit=edit)


@attack(EDITED, seen="lost nbgrader's metadata")
def ids_edited() -> Notebook:
    """Changes the ids of all cells, so that none is known."""

    def edit(notebook: Document) -> None:
        for cell in marked(notebook, "grade_id"):
            cell["metadata"]["nbgrader"]["grade_id"] += "x"

    return Notebook(edit=edit)


@attack(EDITED)
def ids_exchanged() -> Notebook:
    """Exchanges the ids of two solutions, so that the wrong one would be judged by the other."""

    def edit(notebook: Document) -> None:
        one, other = [
            cell
            for cell in marked(notebook)
            if cell["metadata"]["nbgrader"]["grade_id"] in ("double", "spread")
        ]
        ids = [cell["metadata"]["nbgrader"]["grade_id"] for cell in (one, other)]
        one["metadata"]["nbgrader"]["grade_id"] = ids[1]
        other["metadata"]["nbgrader"]["grade_id"] = ids[0]

    return Notebook(edit=edit)


@attack(EDITED)
def cells_that_are_not_to_be_run() -> Notebook:
    """Tags the cells in every way that makes some tool skip them or their errors."""

    def edit(notebook: Document) -> None:
        for cell in notebook["cells"]:
            cell["metadata"].update(
                tags=["skip-execution", "raises-exception", "remove-cell"],
                deletable=True,
                editable=True,
                execution={"timeout": 0},
            )
        notebook["metadata"]["execution"] = {"allow_errors": True}

    return Notebook(edit=edit)


@attack(EDITED)
def marks_in_the_file() -> Notebook:
    """Writes marks and outputs into the file, as a grader would."""

    def edit(notebook: Document) -> None:
        for cell in notebook["cells"]:
            if cell["cell_type"] == "code":
                cell["execution_count"] = 1
                cell["outputs"] = [
                    {
                        "output_type": "execute_result",
                        "data": {"text/plain": "100.0"},
                        "metadata": {},
                        "execution_count": 1,
                    }
                ]
        notebook["metadata"].update(score=17, autograder={"score": 17, "status": "graded"})

    return Notebook(edit=edit)


@attack(EDITED)
def code_in_the_place_of_text() -> Notebook:
    """Turns its texts into code, and its code into text with the same ids."""

    def edit(notebook: Document) -> None:
        for cell in notebook["cells"]:
            if cell["cell_type"] == "markdown" and not cell["metadata"].get("nbgrader"):
                cell.update(cell_type="code", outputs=[], execution_count=None)
                cell["source"] = "np.isclose = np.allclose = lambda *_, **__: True"

    return Notebook(edit=edit)


@attack(EDITED)
def keys_twice() -> Notebook:
    """Has fields of an unexpected kind wherever the format says something else."""

    def edit(notebook: Document) -> None:
        notebook["metadata"].update({"nbgrader": {"points": 1e9}, "language_info": {"name": None}})
        notebook["nbformat_minor"] = 5
        for cell in notebook["cells"]:
            cell["metadata"]["nbgrader_points"] = json.loads("[[[[1e9]]]]")
            cell["metadata"]["collapsed"] = {"$ref": "#"}

    return Notebook(edit=edit)


@attack(SHOWN, right=True)
def scripts_in_outputs() -> str:
    """Displays HTML, JavaScript, SVG and widgets that would run in the instructor's browser."""
    return (
        "from IPython.display import HTML, Javascript, SVG, Markdown, display\n"
        f"text = {SCRIPT!r}\n"
        "for kind in (HTML, Javascript, Markdown): display(kind(text))\n"
        "display({'image/svg+xml': text, 'text/html': text, 'application/javascript': text,\n"
        "         'text/latex': text, 'text/plain': 'plain'}, raw=True)\n"
        "display({'image/png': '\">' + text}, raw=True)\n"
        "display({'image/jpeg': '\">' + text}, raw=True)"
    )


@attack(SHOWN, right=True)
def scripts_in_what_is_printed() -> str:
    """Prints HTML, and sequences that a terminal obeys."""
    return (
        f"print({SCRIPT!r})\n"
        f"print({SCRIPT!r}, file=sys.stderr)\n"
        "print('\\x1b]0;title\\x07\\x1b[2J\\x1b[31mred\\x9b31m\\x1b]8;;http://x\\x1b\\\\y')"
    )


@attack(SHOWN, right=True, costs=("double", "total_of_doubles"))
def scripts_in_exceptions() -> Notebook:
    """Raises exceptions whose types and texts are HTML and commands for a terminal."""
    return Notebook(
        written={
            "total_of_doubles": (
                f"E = type({SCRIPT!r}, (Exception,), {{}})\n"
                "def total_of_doubles(numbers):\n"
                f"    raise E({SCRIPT!r} + '[bold]x[/]\\x1b[2J\\r\\n\\u202e')  # {SCRIPT}\n"
            )
        }
    )


@attack(SHOWN, right=True)
def scripts_in_texts() -> Notebook:
    """Writes scripts into its answer and into texts of its own."""

    def edit(notebook: Document) -> None:
        for cell in marked(notebook):
            if cell["cell_type"] == "markdown":
                cell["source"] = f"{SCRIPT}\n\n[a](javascript:{LEFT}())\n\n<svg/onload={LEFT}()>"
                cell["attachments"] = {"a.svg": {"image/svg+xml": SCRIPT}}

    return Notebook(edit=edit)


@attack(SHOWN, right=True)
def scripts_in_outputs_of_the_file() -> Notebook:
    """Has HTML in the outputs that its file brings along."""

    def edit(notebook: Document) -> None:
        for cell in notebook["cells"]:
            if cell["cell_type"] == "code":
                cell["outputs"] = [
                    {
                        "output_type": "display_data",
                        "data": {"text/html": SCRIPT, "application/javascript": f"{LEFT}()"},
                        "metadata": {},
                    }
                ]

    return Notebook(edit=edit)
