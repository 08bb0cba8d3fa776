"""Start an assignment from a template, and a course for it if there is none yet.

The template in `template/` has the layout of a course. In its files and their names, `NAME` stands
for the assignment's name and `COURSE` for the name of the course's folder.
"""

from __future__ import annotations

import keyword
from collections.abc import Mapping
from pathlib import Path

from autograder.course.assignment import BadAssignment, find_course
from autograder.i18n import _

TEMPLATE = Path(__file__).parent / "template"

OF_AN_ASSIGNMENT = ("assignments", "reference")
"""The folders of an assignment; the other files of the template belong to the course."""


def new(start: Path, name: str, files: Mapping[str, str] | None = None) -> tuple[Path, list[Path]]:
    """Start an assignment in the course that a folder is in, or make the folder a course.

    Existing files are not changed. `files` are the texts of the assignment's files by their path in
    the course; without them, it is the small example. Return the course's folder, and the files
    that were made.

    Raises:
        BadAssignment: the name cannot be used or is already used.
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
    for path in sorted(TEMPLATE.rglob("*")):
        if not path.is_file() or "__pycache__" in path.parts:
            continue
        place = path.relative_to(TEMPLATE)
        target = root / place.as_posix().replace("NAME", name)
        if target.exists() if place.parts[0] not in OF_AN_ASSIGNMENT else files is not None:
            continue
        text = path.read_text(encoding="utf-8").replace("NAME", name).replace("COURSE", course)
        made.append(_write(target, text))
    made += [_write(root / place, text) for place, text in (files or {}).items()]
    return root, made


def _write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("x", encoding="utf-8") as file:
        file.write(text)
    return path
