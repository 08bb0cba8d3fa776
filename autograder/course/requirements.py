"""What a learner must install for an assignment, as pip reads it.

These are the packages that the cells of the lesson import, in the versions that the instructor's
own environment has: with these the notebook was built, and the submissions will be graded. An
older version, or the next major one, has not been tried by anybody.
"""

from __future__ import annotations

import ast
import platform
import sys
from importlib.metadata import PackageNotFoundError, packages_distributions, version

from packaging.version import InvalidVersion, Version

from autograder.course.assignment import BadAssignment
from autograder.course.lesson import Lesson, Part, Role
from autograder.i18n import _

FILE = "requirements.txt"

TO_OPEN_IT = "jupyterlab"
"""What a notebook is opened with; nbgrader needs it too, so that it is there."""


def requirements(lesson: Lesson) -> str:
    """The text of a `requirements.txt` for the learners of a lesson.

    Raises:
        BadAssignment: a cell of the lesson is no Python.
    """
    known = packages_distributions()
    names = {TO_OPEN_IT}
    for part in lesson.parts:
        if part.role not in (Role.TEXT, Role.ANSWER):
            names |= {known.get(package, [package])[0] for package in imported(part)}
    python = ".".join(platform.python_version_tuple()[:2])
    head = (
        f"# What {lesson.name} needs: pip install -r {FILE}\n"
        f"# It was made with Python {python}, and is graded with it.\n"
    )
    return head + "".join(f"{name}{_range(name)}\n" for name in sorted(names, key=str.lower))


def imported(part: Part) -> set[str]:
    """The packages that a cell imports anywhere, other than Python's own.

    Raises:
        BadAssignment: the cell is no Python.
    """
    from IPython.core.inputtransformer2 import TransformerManager  # half a second

    try:
        tree = ast.parse(TransformerManager().transform_cell(part.released))
    except SyntaxError as error:
        no_python = _("The cell {cell} of the lesson is not valid Python: {error}.")
        raise BadAssignment(no_python.format(cell=part.id, error=error)) from error
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module)
    return {name.partition(".")[0] for name in found} - sys.stdlib_module_names


def _range(name: str) -> str:
    """From the version that is installed up to the next major one; nothing if it is not there."""
    try:
        here = Version(version(name))
    except (PackageNotFoundError, InvalidVersion):
        return ""
    return f">={here.major}.{here.minor},<{here.major + 1}"
