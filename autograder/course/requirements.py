"""Write the requirements of an assignment, for students who install them with pip.

These are the packages that the cells of the lesson import, in the versions of the instructor's
environment, in which the notebook was built and submissions are graded. Older versions and the next
major version are excluded, because nobody has tried them.
"""

from __future__ import annotations

import ast
import platform
import sys
from collections.abc import Collection
from functools import cache
from importlib.metadata import PackageNotFoundError, packages_distributions, version

from packaging.version import InvalidVersion, Version

from autograder.course.assignment import BadAssignment
from autograder.course.lesson import Lesson, Part, Role
from autograder.i18n import _

FILE = "requirements.txt"

FIGURE = "(plot)"
"""The parameter of an experiment that draws a figure."""

NOTEBOOK_EDITOR = "jupyterlab"
"""The package that opens notebooks; it is always installed, because nbgrader needs it."""

_distributions = cache(packages_distributions)
"""The distributions of each package; half a second with some hundred installed packages."""


def requirements(lesson: Lesson, own: Collection[str] = ()) -> str:
    """Return the text of a `requirements.txt` for the students of a lesson.

    `own` are the places of files that students get; modules among them are not installed.
    """
    known = _distributions()
    names = {NOTEBOOK_EDITOR}
    modules = {place.partition("/")[0].removesuffix(".py") for place in own}
    for part in lesson.parts:
        if part.role not in (Role.TEXT, Role.ANSWER):
            names |= {known.get(each, [each])[0] for each in imported(part) - modules}
        if part.role is Role.EXPERIMENT and FIGURE in part.source:
            names.add("matplotlib")
    python = ".".join(platform.python_version_tuple()[:2])
    head = (
        f"# What {lesson.name} needs: pip install -r {FILE}\n"
        f"# It was made with Python {python}, and is graded with it.\n"
    )
    return head + "".join(f"{name}{_range(name)}\n" for name in sorted(names, key=str.lower))


def imported(part: Part) -> set[str]:
    """Return the packages that a cell imports, without those of the standard library."""
    from IPython.core.inputtransformer2 import TransformerManager  # half a second

    try:
        tree = ast.parse(TransformerManager().transform_cell(part.released))
    except SyntaxError as error:
        no_python = _("The cell {cell} of the lesson is not valid Python: {error}.")
        raise BadAssignment(no_python.format(cell=part.id, error=error)) from error
    return imports_of(tree) - sys.stdlib_module_names


def imports_of(tree: ast.AST) -> set[str]:
    """Return the packages that code imports, without its relative imports."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module)
    return {name.partition(".")[0] for name in found}


def _range(name: str) -> str:
    """Return the range from the installed version to the next major one; "" if there is none."""
    try:
        here = Version(version(name))
    except (PackageNotFoundError, InvalidVersion):
        return ""
    return f">={here.major}.{here.minor},<{here.major + 1}"
