"""Load an assignment of plain asserts: notebooks of nbgrader without checks of this package.

Each notebook in `source/NAME/` becomes a lesson whose parts are the cells that nbgrader knows. A
locked test cell is a test with points, including its hidden tests; a cell that students fill in is
a solution or an answer. nbgrader's own preprocessors decide which source is released.
"""

from __future__ import annotations

import sys
from copy import deepcopy
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograder.course import limits_file
from autograder.course.assignment import Assignment, BadAssignment, Exercise, digests, others
from autograder.course.beside import Beside
from autograder.course.lesson import Lesson, Part, Role
from autograder.i18n import ENGLISH, _
from autograder.sandbox.protocol.limits import AssignmentLimits

if TYPE_CHECKING:
    from nbformat.notebooknode import NotebookNode

CONFIG = "nbgrader_config.py"

KERNELS = ("Execute", "ExecutePreprocessor", "NotebookClient")
"""The sections of a configuration that set the timeout of cells, the most specific first."""

WITHOUT_LIMIT_SECONDS = 3600.0
"""The limit for a cell if the course says that cells have no limit."""

AUTOTEST = "AUTOTEST"
"""The mark of a line from which nbgrader generates asserts in a kernel at the release."""


class PlainAssignment(Exercise):
    """The notebooks of an exercise that has asserts and no checks."""

    @property
    def folder(self) -> Path:
        """The folder of the notebooks."""
        return self.root / "source" / self.name

    @property
    def paths(self) -> list[Path]:
        """The notebooks, in the order of their names."""
        return sorted(self.folder.glob("*.ipynb"))

    @property
    def notebooks(self) -> tuple[str, ...]:
        """Their names, without the ending."""
        return tuple(path.stem for path in self.paths)

    @cached_property
    def lessons(self) -> tuple[Lesson, ...]:
        """A lesson for each notebook."""
        return tuple(map(self._lesson, self.paths))

    @cached_property
    def beside(self) -> Beside:
        """The files that nbgrader puts beside the notebooks."""
        from nbgrader import preprocessors

        solutions = preprocessors.ClearSolutions(config=self.config)
        tests = preprocessors.ClearHiddenTests(config=self.config)
        marks = solutions.begin_solution_delimeter, tests.begin_test_delimeter
        names = [path.name for path in self.paths]
        return Beside(self.folder, self.root, names, [each.encode() for each in marks if each])

    @cached_property
    def files(self) -> dict[str, str]:
        """SHA-256 of every file that a mark may depend on, by its path in the course."""
        beside = (self.folder / place for place in self.beside.files)
        # The configuration may import what lies beside it.
        modules = self.root.glob("*.py")
        limits = filter(Path.is_file, [self.root / limits_file.FILE])
        return digests(self.root, [*self.paths, *beside, *modules, *limits])

    @cached_property
    def limits(self) -> AssignmentLimits:
        """The limits on a submission that the course sets in `limits.toml`.

        For a cell, also the time that nbgrader's kernel would allow it.
        """
        found = limits_file.read_limits(self.root, self.name, others(self))
        given = next((each for each in map(self._timeout, KERNELS) if each is not None), None)
        if found.cell_seconds is not None or given is None:
            return found
        return found._replace(cell_seconds=float(given) if given > 0 else WITHOUT_LIMIT_SECONDS)

    def _timeout(self, section: str) -> float | None:
        config = self.config or {}
        seconds = config[section].get("timeout") if section in config else None
        return seconds if isinstance(seconds, int | float) else None

    @cached_property
    def config(self) -> Any:
        """The course's nbgrader configuration; None if it has none."""
        from traitlets.config import PyFileConfigLoader

        if not (self.root / CONFIG).is_file():
            return None
        place = str(self.root.absolute())
        if place not in sys.path:
            sys.path.insert(0, place)  # as nbgrader does
        try:
            return PyFileConfigLoader(CONFIG, path=str(self.root)).load_config()
        except Exception as error:  # a Python file may raise anything
            broken = _("{path} cannot be loaded: {kind}: {error}")
            raise BadAssignment(
                broken.format(path=self.root / CONFIG, kind=type(error).__name__, error=error)
            ) from error

    def _lesson(self, path: Path) -> Lesson:
        from nbgrader import preprocessors
        from nbgrader.nbgraderformat import read

        try:
            notebook = read(str(path), as_version=4)
            for each in (preprocessors.LockCells, preprocessors.ClearSolutions):
                notebook = each(config=self.config).preprocess(notebook, {})[0]
            clear = preprocessors.ClearHiddenTests(config=self.config)
            released = clear.preprocess(deepcopy(notebook), {})[0]
            preprocessors.CheckCellMetadata(config=self.config).preprocess(notebook, {})
        except Exception as error:  # a file may be anything, and nbgrader has many errors
            said = " ".join(str(error).split())
            unusable = _("{path} cannot be used: {kind}: {error}")
            raise BadAssignment(
                unusable.format(path=path, kind=type(error).__name__, error=said)
            ) from error
        pairs = zip(notebook.cells, released.cells, strict=True)
        return Lesson(
            path.stem,
            tuple(_parts(path, pairs)),
            canary="",
            siblings=tuple(name for name in self.notebooks if name != path.stem),
            plain_cells=frozenset(
                cell.source
                for cell in released.cells
                if cell.cell_type == "code"
                and _role(cell, cell.metadata.get("nbgrader", {})) is None
            ),
        )


def find_exercise(root: Path, name: str, language: str = ENGLISH) -> Assignment | PlainAssignment:
    """Return the assignment of this name: one with checks, or else one of plain asserts."""
    plain = PlainAssignment(root, name, language)
    if not (root / "assignments" / name / "lesson.md").is_file() and plain.paths:
        return plain
    return Assignment(root, name, language)


def _parts(path: Path, pairs: Any) -> Any:
    """Yield the cells of a notebook that nbgrader knows."""
    for ours, released in pairs:
        marks = ours.metadata.get("nbgrader", {})
        role = _role(ours, marks)
        if role is None:
            continue
        if role is Role.TEST and AUTOTEST in ours.source:
            made = _(
                "{path}: the cell {cell} has nbgrader write its asserts ({mark}), which only "
                "nbgrader autograde can grade."
            )
            raise BadAssignment(made.format(path=path, cell=marks["grade_id"], mark=AUTOTEST))
        points = float(marks["points"]) if marks.get("grade") or marks.get("task") else None
        yield Part(role, marks["grade_id"], ours.source, released.source, points)


def _role(cell: NotebookNode, marks: Any) -> Role | None:
    code = cell.cell_type == "code"
    if marks.get("task"):
        return Role.TASK  # the answer is in another cell
    if marks.get("solution"):
        return Role.SOLUTION if code else Role.ANSWER
    if code and (marks.get("grade") or marks.get("locked")):
        return Role.TEST if marks.get("grade") else Role.SETUP
    if marks.get("grade"):
        return Role.ANSWER
    return Role.NOTICE if marks.get("locked") and cell.cell_type == "markdown" else None
