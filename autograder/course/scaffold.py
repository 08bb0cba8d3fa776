"""Starts an assignment from a template, and a course around it where there is none yet.

The template lies in `template/`, as a course does. In its files and their names `NAME` stands for
the assignment's name, and `COURSE` for that of the course's folder.
"""

from __future__ import annotations

import keyword
from pathlib import Path

from autograder.course.assignment import BadAssignment, find_course
from autograder.i18n import _

TEMPLATE = Path(__file__).parent / "template"

OF_AN_ASSIGNMENT = ("assignments", "reference")
"""The folders that make a course; what lies beside them in the template is the course's own."""


def new(start: Path, name: str) -> tuple[Path, list[Path]]:
    """Starts an assignment in the course that a folder is in, or makes the folder a course.

    No file that is there is touched.

    Args:
        start: the folder.
        name: the assignment's.

    Returns:
        The course's folder, and the files that were made.

    Raises:
        BadAssignment: the name cannot be used, or is taken; the text says so.
    """
    if not name.isidentifier() or keyword.iskeyword(name):
        no_name = _(
            "{name} cannot be the name of an assignment. Use letters, digits and "
            "underscores, do not start with a digit, and use no Python keyword; for "
            "example kalman_filter."
        )
        raise BadAssignment(no_name.format(name=repr(name)))
    try:
        root = find_course(start)
    except BadAssignment:
        root = start.resolve()
    taken = [root / "assignments" / name, *sorted((root / "reference").glob(f"{name}.*"))]
    for path in taken:
        if path.exists():
            there = _("{path} exists already and was not overwritten: choose another name.")
            raise BadAssignment(there.format(path=path))
    course = root.name if root.name.isidentifier() else "course"
    made = []
    for path in sorted(path for path in TEMPLATE.rglob("*") if _is_ours(path)):
        place = path.relative_to(TEMPLATE)
        target = root / place.as_posix().replace("NAME", name)
        if place.parts[0] not in OF_AN_ASSIGNMENT and target.exists():
            continue
        text = path.read_text(encoding="utf-8").replace("NAME", name).replace("COURSE", course)
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("x", encoding="utf-8") as file:
            file.write(text)
        made.append(target)
    return root, made


def _is_ours(path: Path) -> bool:
    """Whether it is a file of the template's, and not what Python has made of one."""
    return path.is_file() and "__pycache__" not in path.parts
