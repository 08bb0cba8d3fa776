"""Open a submitted file as a notebook: the notebook itself, or a zip that holds it.

Students submit the zip that they were given, or give a zip the name of a notebook. Such a zip is
opened in memory, one level deep: an archive in it is not opened.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from autograder.course.lesson import Lesson
from autograder.i18n import _
from autograder.intake.files import File
from autograder.intake.names import COPIED, WITHIN, nearest, shown, shown_first, stem
from autograder.intake.parse import MAX_BYTES, Rejected, document
from autograder.intake.zips import in_nested_zip

ZIP = (b"PK\3\4", b"PK\5\6")
"""How zips begin, those that hold files and those that do not."""


def open_notebook(data: bytes, lesson: Lesson) -> tuple[Mapping[str, Any], list[str]]:
    """Return the notebook that was submitted for a lesson, and notes, or raise `Rejected`."""
    if not data.startswith(ZIP) or len(data) > MAX_BYTES:
        return document(data)
    files = in_nested_zip(data)
    notebooks = [file for file in files if file.is_notebook]
    chosen = _chosen(notebooks, lesson)
    if chosen is None:
        raise Rejected(_nothing(lesson, notebooks, files))
    notebook, said = document(chosen.read())
    opened = _("The file is a zip; {file} in it was graded.")
    said.insert(0, opened.format(file=shown(chosen.place)))
    others = [file for file in notebooks if file is not chosen]
    if others and not lesson.siblings:
        more = _("Only one notebook of a student is graded; these were not: {names}.")
        said.append(more.format(names=shown_first([file.place for file in others])))
    return notebook, said


def _chosen(notebooks: list[File], lesson: Lesson) -> File | None:
    """Return the lesson's notebook in a zip; None if it is uncertain."""
    if len(notebooks) == 1 and not lesson.siblings:
        return notebooks[0]
    ranked: dict[tuple[int, int], list[File]] = {}
    for file in notebooks:
        found = nearest(stem(file.place), (lesson.name, *lesson.siblings))
        farthest = WITHIN if lesson.siblings else COPIED
        if found is not None and found[0] == lesson.name and found[1] <= farthest:
            ranked.setdefault((len(file.place.parts), found[1]), []).append(file)
    likeliest = ranked[min(ranked)] if ranked else []
    return likeliest[0] if len(likeliest) == 1 else None


def _nothing(lesson: Lesson, notebooks: list[File], files: list[File]) -> str:
    """Say why no notebook of a zip can be graded."""
    if notebooks:
        many = _("The zip holds no {notebook}.ipynb, but these: {names}.")
        names = shown_first([file.place for file in notebooks])
        return many.format(notebook=lesson.name, names=names)
    if any(file.is_archive for file in files):
        return _("The zip holds another archive, which is not opened: ask for the notebook itself.")
    return _("The zip holds no notebook.")
