"""Builds the notebook of an assignment from its lesson, its checks and its reference.

A lesson is Markdown. A fenced block whose info string starts with a name in braces becomes a cell,
or several:

    ```{setup} ID            read-only code, run everywhere
    ```{given} NAME          read-only: a function of the reference that learners are given
    ```{runner}              read-only: what visible checks and experiments need
    ```{experiment} ID       read-only code, not run when grading
    ```{function} NAME       where learners write a function: their cell, the visible checks, and
                             the hidden ones; the body holds hints, as comments
    ```{answer} ID POINTS    where learners write in words, marked by hand; the body is a hint

and all between is text. The solution stands once, in the reference, and is put between nbgrader's
marks here; the sources of hidden checks are never in any notebook.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograder.course.assignment import Assignment
from autograder.i18n import ENGLISH

if TYPE_CHECKING:  # a second to import, and grading makes no notebooks
    from nbformat.notebooknode import NotebookNode


METADATA = "autograder"
"""The key of a notebook's metadata under which it says its language, `{"language": "zh"}` say."""


class Role(StrEnum):
    """What a cell is for."""

    TEXT = "text"
    SETUP = "setup"
    RUNNER = "runner"
    EXPERIMENT = "experiment"
    SOLUTION = "solution"
    VISIBLE = "visible"
    HIDDEN = "hidden"
    TEST = "test"
    NOTICE = "notice"
    ANSWER = "answer"
    TASK = "task"


READ_ONLY = frozenset(
    [
        *(Role.SETUP, Role.RUNNER, Role.EXPERIMENT, Role.VISIBLE, Role.HIDDEN),
        *(Role.TEST, Role.NOTICE),
    ]
)
"""Cells that are taken from our side whatever a submission says."""

MARKDOWN = frozenset([Role.TEXT, Role.NOTICE, Role.ANSWER, Role.TASK])
"""Cells that hold text."""

PRELUDE = frozenset([Role.SETUP, Role.RUNNER])
"""Cells of ours that learners' code may rely on; the other read-only ones draw, or are answered."""


@dataclass(frozen=True)
class Part:
    """A cell of the notebook, before and after its release.

    Attributes:
        role: what it is for.
        id: its stable name, in nbgrader's books too.
        source: as the instructor has it.
        released: as the learner gets it.
        points: what it is worth, or None where it is not a grade cell.
    """

    role: Role
    id: str
    source: str
    released: str
    points: float | None = None

    @property
    def metadata(self) -> dict[str, Any]:
        """What nbgrader must know of the part."""
        told = {
            "grade_id": self.id,
            "grade": self.points is not None and self.role is not Role.TASK,
            "solution": self.role in (Role.SOLUTION, Role.ANSWER),
            "locked": self.role in READ_ONLY or self.role is Role.TASK,
            "task": self.role is Role.TASK,
            "schema_version": 3,
        }
        return told if self.points is None else {**told, "points": self.points}

    def cell(self, source: str) -> NotebookNode:
        """The part as a cell of a notebook, with this source and all that nbgrader must know."""
        cell = new_cell(self.id, source, markdown=self.role in MARKDOWN)
        if self.role is Role.TEXT:
            return cell
        cell.metadata["nbgrader"] = self.metadata
        if self.role in (Role.RUNNER, Role.VISIBLE):  # long, and not what the lesson is about
            cell.metadata["jupyter"] = {"source_hidden": True}
        if self.role is Role.VISIBLE:  # nbgrader's Validate wants an exception, "run all" goes on
            cell.metadata["tags"] = ["raises-exception"]
        return cell


def new_cell(name: str, source: str, *, markdown: bool) -> NotebookNode:
    """A cell as nbformat makes one, which also holds each against its schema: half a millisecond.

    Args:
        name: its id in the notebook.
        source: what stands in it.
        markdown: whether that is text.
    """
    from nbformat.notebooknode import NotebookNode

    common = {"id": name, "metadata": NotebookNode(), "source": source}
    if markdown:
        return NotebookNode(cell_type="markdown", **common)
    return NotebookNode(cell_type="code", execution_count=None, outputs=[], **common)


@dataclass(frozen=True)
class Lesson:
    """The notebook of an assignment.

    Attributes:
        name: the assignment's.
        parts: its cells, in order.
        canary: a word that stands in every region learners must not see, and nowhere else.
        language: of its texts.
        siblings: the names of the other notebooks of its assignment.
        plain_cells: the sources of released code cells that nbgrader does not know.
    """

    name: str
    parts: tuple[Part, ...]
    canary: str
    language: str = ENGLISH
    siblings: tuple[str, ...] = ()
    plain_cells: frozenset[str] = frozenset()

    @cached_property
    def by_id(self) -> dict[str, Part]:
        """The parts that have a place in nbgrader's books, by their id."""
        return {part.id: part for part in self.parts if part.role is not Role.TEXT}

    @property
    def functions(self) -> list[str]:
        """What learners write, in the order of the lesson."""
        return [part.id for part in self.parts if part.role is Role.SOLUTION]

    @property
    def prelude(self) -> list[str]:
        """The sources of ours that every submission starts with."""
        return [part.source for part in self.parts if part.role in PRELUDE]

    def source_notebook(self) -> NotebookNode:
        """As the instructor has it, and as nbgrader's `generate_assignment` reads it."""
        return self._notebook(lambda part: part.source)

    def released_notebook(self) -> NotebookNode:
        """As a learner gets it."""
        return self._notebook(lambda part: part.released)

    def filled(self, written: Mapping[str, str]) -> NotebookNode:
        """As a learner hands it in who wrote this into these cells.

        Args:
            written: sources by the id of the cell; the others stay as they were released.

        Raises:
            KeyError: there is no such cell to write in.
        """
        for cell in written:
            if self.by_id[cell].role not in (Role.SOLUTION, Role.ANSWER):
                raise KeyError(cell)
        return self._notebook(lambda part: written.get(part.id, part.released))

    def _notebook(self, source: Callable[[Part], str]) -> NotebookNode:
        return self.notebook([part.cell(source(part)) for part in self.parts])

    def notebook(self, cells: list[NotebookNode]) -> NotebookNode:
        """A notebook of these cells, with the metadata of the lesson's own."""
        import nbformat
        from nbformat.notebooknode import NotebookNode

        notebook = nbformat.v4.new_notebook()
        notebook.metadata = NotebookNode(
            kernelspec={"display_name": "Python 3", "language": "python", "name": "python3"},
            language_info={"name": "python"},
        )
        notebook.metadata[METADATA] = NotebookNode(language=self.language)
        notebook.cells = cells
        return notebook


def source_path(assignment: Assignment) -> Path:
    """Where nbgrader looks for the instructor's notebook."""
    return assignment.root / "source" / assignment.name / f"{assignment.name}.ipynb"


def built_language(assignment: Assignment) -> str:
    """The language that the course was built in, of which an unreadable file says nothing."""
    try:
        notebook = json.loads(source_path(assignment).read_bytes())
        return assignment.spoken(str(notebook["metadata"][METADATA]["language"])).language
    except (OSError, ValueError, KeyError, TypeError):
        return assignment.language
