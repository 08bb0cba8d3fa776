"""Build the notebook of an assignment from its lesson, its checks and its reference.

A lesson is Markdown. A fenced block whose info string starts with a name in braces becomes one or
more cells:

    ```{setup} ID            read-only code, run everywhere
    ```{given} NAME          read-only: a function of the reference that students get
    ```{runner}              read-only: the code that visible checks and experiments need
    ```{experiment} ID       read-only code, not run when grading
    ```{function} NAME       a function that students write: their cell, the visible checks and the
                             hidden checks; the body of the block has hints, as comments
    ```{answer} ID POINTS    an answer in words, graded by hand; the body of the block is a hint

Everything else is text. The solution is copied from the reference and put between nbgrader's
marks. The sources of hidden checks are never in a notebook.
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
"""The key of a notebook's metadata that states its language, for example `{"language": "zh"}`."""


class Role(StrEnum):
    """The purpose of a cell."""

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
"""Cells that are always taken from the lesson and never from a submission."""

MARKDOWN = frozenset([Role.TEXT, Role.NOTICE, Role.ANSWER, Role.TASK])
"""Cells that contain text."""

PRELUDE = frozenset([Role.SETUP, Role.RUNNER])
"""Read-only cells that run before the student's code, which may use them."""


@dataclass(frozen=True)
class Part:
    """A cell of the notebook, before and after its release.

    Attributes:
        id: the stable name of the cell, which nbgrader's gradebook uses too.
        points: the points of a grade cell; None for other cells.
    """

    role: Role
    id: str
    source: str
    released: str
    points: float | None = None

    @property
    def metadata(self) -> dict[str, Any]:
        """The metadata that nbgrader needs."""
        known = {
            "grade_id": self.id,
            "grade": self.points is not None and self.role is not Role.TASK,
            "solution": self.role in (Role.SOLUTION, Role.ANSWER),
            "locked": self.role in READ_ONLY or self.role is Role.TASK,
            "task": self.role is Role.TASK,
            "schema_version": 3,
        }
        return known if self.points is None else {**known, "points": self.points}

    def cell(self, source: str) -> NotebookNode:
        """Return the part as a cell with this source and the metadata that nbgrader needs."""
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
    """Make a cell as nbformat does, but without validation, which takes half a millisecond."""
    from nbformat.notebooknode import NotebookNode

    common = {"id": name, "metadata": NotebookNode(), "source": source}
    if markdown:
        return NotebookNode(cell_type="markdown", **common)
    return NotebookNode(cell_type="code", execution_count=None, outputs=[], **common)


@dataclass(frozen=True)
class Lesson:
    """The notebook of an assignment.

    Attributes:
        canary: a word that is in every region that students must not see, and nowhere else.
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
        """The parts that nbgrader's gradebook knows, by their id."""
        return {part.id: part for part in self.parts if part.role is not Role.TEXT}

    @property
    def functions(self) -> list[str]:
        """The functions that students write, in the order of the lesson."""
        return [part.id for part in self.parts if part.role is Role.SOLUTION]

    @property
    def prelude(self) -> list[str]:
        """The sources of the lesson that run first in every submission."""
        return [part.source for part in self.parts if part.role in PRELUDE]

    def source_notebook(self) -> NotebookNode:
        """Return the instructor's notebook, which nbgrader's `generate_assignment` reads."""
        return self._notebook(lambda part: part.source)

    def released_notebook(self) -> NotebookNode:
        """Return the notebook that students get."""
        return self._notebook(lambda part: part.released)

    def filled(self, written: Mapping[str, str]) -> NotebookNode:
        """Return the notebook of a student who has filled in these cells, given by their ids."""
        for cell in written:
            if self.by_id[cell].role not in (Role.SOLUTION, Role.ANSWER):
                raise KeyError(cell)
        return self._notebook(lambda part: written.get(part.id, part.released))

    def _notebook(self, source: Callable[[Part], str]) -> NotebookNode:
        return self.notebook([part.cell(source(part)) for part in self.parts])

    def notebook(self, cells: list[NotebookNode]) -> NotebookNode:
        """Return a notebook of these cells with the metadata of the lesson."""
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
    """Return the path at which nbgrader looks for the instructor's notebook."""
    return assignment.root / "source" / assignment.name / f"{assignment.name}.ipynb"


def built_language(assignment: Assignment) -> str:
    """Return the language in which the course was built, for files that do not state one."""
    try:
        notebook = json.loads(source_path(assignment).read_bytes())
        return assignment.spoken(str(notebook["metadata"][METADATA]["language"])).language
    except (OSError, ValueError, KeyError, TypeError):
        return assignment.language
