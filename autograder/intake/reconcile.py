"""Reads a submission, however it was edited, and puts it back into the shape that was released.

What learners wrote is theirs: the cells they were asked to fill in and those they added. All else
is ours: read-only cells are replaced by our copy, missing ones are put back, and nothing of the
file's metadata, outputs, points or tags is believed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from autograder.course.lesson import (
    MARKDOWN,
    METADATA,
    READ_ONLY,
    Lesson,
    Part,
    Role,
    new_cell,
)
from autograder.i18n import _
from autograder.intake.parse import Rejected, document

if TYPE_CHECKING:
    from nbformat.notebooknode import NotebookNode

__all__ = ["Cell", "Rejected", "Submission", "read", "reconcile", "stand_in"]

MAX_CELLS = 2000

MAX_CODE = 1_000_000
"""Characters in one cell that runs: more is data that was pasted, and takes minutes to compile."""

REJECTED = "autograder_rejected"
"""The metadata key under which a stand-in for an unreadable file says why it was set aside."""


@dataclass(frozen=True)
class Cell:
    """A cell of a submission.

    Attributes:
        part: the part of the lesson that it is, or None where the learner added it.
        markdown: whether it holds text.
        source: what stands in it.
        attachments: pictures that a text holds, as the notebook has them.
    """

    part: Part | None
    markdown: bool
    source: str
    attachments: Mapping[str, Any] | None = None

    @property
    def runs(self) -> bool:
        """Whether it is run for this submission: ours are run once for all, or not at all."""
        return not self.markdown and (self.part is None or self.part.role is Role.SOLUTION)


@dataclass(frozen=True)
class Submission:
    """A submission in the shape of the lesson.

    Attributes:
        cells: the learner's and ours, in the learner's order.
        observations: what the instructor may want to know about the file.
    """

    cells: tuple[Cell, ...]
    observations: tuple[str, ...]

    def notebook(self, lesson: Lesson) -> NotebookNode:
        """As a notebook that nbgrader accepts."""
        return lesson.notebook([_as_node(number, cell) for number, cell in enumerate(self.cells)])


def _as_node(number: int, cell: Cell) -> NotebookNode:
    if cell.part is not None:
        node = cell.part.cell(cell.source)
    else:
        node = new_cell(f"own-{number}", cell.source, markdown=cell.markdown)
    if cell.markdown and cell.attachments:
        node["attachments"] = cell.attachments
    return node


def read(data: bytes, lesson: Lesson) -> Submission:
    """Reads a submitted file.

    Raises:
        Rejected: it is no notebook, or none that can be graded.
    """
    return reconcile(document(data), lesson)


def reconcile(notebook: Mapping[str, Any], lesson: Lesson) -> Submission:
    """Puts a notebook back into the shape of the lesson.

    Args:
        notebook: one of format 4, whose fields may be anything.
        lesson: what was released.

    Raises:
        Rejected: it has no cells or too much in them, is for another language, or stands in for an
            unreadable file.
    """
    metadata = _mapping(notebook.get("metadata"))
    if isinstance(metadata.get(REJECTED), str):
        raise Rejected(_plain(metadata[REJECTED])[:500])
    language = _language(metadata)
    if language.lower() not in ("python", "ipython", "python3"):
        wrong = _("The notebook is for {language}, not for Python.")
        raise Rejected(wrong.format(language=_plain(language)[:40]))
    raw = notebook.get("cells")
    if not isinstance(raw, list) or not raw:
        raise Rejected(_("The notebook has no cells."))
    if len(raw) > MAX_CELLS:
        many = _("The notebook has {number} cells; at most {most} are allowed.")
        raise Rejected(many.format(number=len(raw), most=MAX_CELLS))
    observations: list[str] = []
    cells: list[Cell] = []
    seen: set[str] = set()
    for each in map(_mapping, raw):
        cell = _cell(each, lesson, seen, observations)
        if cell is not None:
            cells.append(cell)
    if not seen and not any(cell.runs for cell in cells):
        raise Rejected(_("The notebook has no code in it."))
    longest = max((len(cell.source) for cell in cells if cell.runs), default=0)
    if longest > MAX_CODE:
        long = _(
            "A cell of the notebook has {number} characters of code; at most {most} are allowed."
        )
        raise Rejected(long.format(number=longest, most=MAX_CODE))
    _put_back(cells, lesson, seen, observations)
    return Submission(tuple(cells), tuple(observations))


LONGEST_LANGUAGE = 40
"""Letters of a language's code; a notebook may hold anything."""


def said_language(notebook: Mapping[str, Any]) -> str | None:
    """The language that a notebook says its texts are in; None where it does not say."""
    said = _mapping(_mapping(notebook.get("metadata")).get(METADATA)).get("language")
    return said if isinstance(said, str) and len(said) <= LONGEST_LANGUAGE else None


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _language(metadata: Mapping[str, Any]) -> str:
    """The language of a notebook; Python where it does not say."""
    said = (
        _mapping(metadata.get("kernelspec")).get("language"),
        _mapping(metadata.get("language_info")).get("name"),
    )
    return next((text(each) for each in said if isinstance(each, str) and each), "python")


def _attachments(value: object) -> Mapping[str, Any] | None:
    """The pictures in a cell, by name and mime type; nothing else that may stand in their place."""
    pictures = {
        text(name): {text(mime): text(data) for mime, data in bundle.items()}
        for name, bundle in _mapping(value).items()
        if isinstance(bundle, dict) and all(isinstance(data, str) for data in bundle.values())
    }
    return pictures or None


def text(value: str) -> str:
    """Text as a file and the wire can hold it: a lone surrogate has no form there."""
    return value.encode("utf-8", "replace").decode()


def _plain(value: str) -> str:
    """Words of a file that get into a sentence of ours: no HTML, no Markdown, no formula."""
    return re.sub(r"[^\w\s.,:;()'+/-]", " ", text(value))


def _source(cell: Mapping[str, Any]) -> str:
    source = cell.get("source")
    if isinstance(source, list):
        try:
            source = "".join(source)
        except TypeError:
            source = "".join(line for line in source if isinstance(line, str))
    if not isinstance(source, str):
        return ""
    return text(source).replace("\r\n", "\n")


def _cell(
    cell: Mapping[str, Any], lesson: Lesson, seen: set[str], observations: list[str]
) -> Cell | None:
    """A cell of the file as one of the lesson's or the learner's own; None for a copy of ours."""
    source = _source(cell)
    markdown = cell.get("cell_type") != "code"
    attachments = _attachments(cell.get("attachments"))
    grade_id = _mapping(_mapping(cell.get("metadata")).get("nbgrader")).get("grade_id")
    part = lesson.by_id.get(grade_id) if isinstance(grade_id, str) else None
    if part is None:
        return Cell(None, markdown, source, attachments)
    if part.role in READ_ONLY:
        if part.id in seen:
            return None
        seen.add(part.id)
        edited = source.strip() not in (part.released.strip(), part.source.strip())
        if (edited or _is_worth_else(cell, part)) and _altered(cell):
            altered = _("The read-only cell {cell} was changed; the original was used.")
            observations.append(altered.format(cell=part.id))
        return Cell(part, part.role in MARKDOWN, part.source, attachments)
    if part.id in seen:  # a cell that was split or copied: what is in it counts all the same
        return Cell(None, markdown, source, attachments)
    seen.add(part.id)
    return Cell(part, part.role in MARKDOWN, source, attachments)


def _is_worth_else(cell: Mapping[str, Any], part: Part) -> bool:
    """Whether a file says of a cell of ours that it gives other points, or none, than it does."""
    ours = part.metadata
    theirs = cell["metadata"]["nbgrader"]
    return any(theirs.get(key) != ours[key] for key in ("grade", "points") if key in ours)


def _altered(cell: Mapping[str, Any]) -> bool:
    """Whether a read-only cell is not what its own checksum says, which nbgrader put in it.

    A check that was mended after the release makes ours another one than the learner's, and that is
    none of the learner's doing.
    """
    import nbformat  # a second or more, and seldom needed
    from nbgrader.utils import compute_checksum

    try:
        node = nbformat.from_dict(cell)
        node.source = _source(cell)
        return bool(compute_checksum(node) != node.metadata.nbgrader["checksum"])
    except Exception:  # metadata that is anything but what nbgrader wrote
        return True


def _put_back(cells: list[Cell], lesson: Lesson, seen: set[str], observations: list[str]) -> None:
    """Inserts the parts that the file has lost, each after the part that comes before it."""
    before: str | None = None
    for part in lesson.by_id.values():
        if part.id not in seen:
            place = next(
                (i + 1 for i, cell in enumerate(cells) if cell.part and cell.part.id == before), 0
            )
            source = part.source if part.role in READ_ONLY else part.released
            if part.role is Role.SOLUTION:
                # The empty function would hide one that the learner wrote in a cell of their own.
                missing = _("The cell of {function} was missing here.")
                source = f"# {missing.format(function=part.id)}"
            cells.insert(place, Cell(part, part.role in MARKDOWN, source))
            put_back = _("The cell {cell} was missing and was put back.")
            observations.append(put_back.format(cell=part.id))
        before = part.id


def stand_in(lesson: Lesson, reason: str) -> NotebookNode:
    """A notebook in the place of a file that cannot be read: nothing written, and the reason."""
    notebook = lesson.released_notebook()
    notebook.metadata[REJECTED] = reason
    text = _("**This submission could not be read, and got no points.** {reason}")
    text = text.format(reason=reason)
    notebook.cells.insert(0, new_cell("rejected", text, markdown=True))
    return notebook
