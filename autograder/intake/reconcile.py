"""Read a submission, however it was edited, and restore the shape of the released notebook.

The cells that students were asked to fill in, and those that they added, are theirs. Everything
else is ours: read-only cells are replaced by our copy, missing ones are inserted, and the file's
metadata, outputs, points and tags are ignored. A cell is recognised by the id that nbgrader gave
it. Copying cells into a new notebook loses the ids; such cells are recognised by their source.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
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
from autograder.intake.opening import open_notebook
from autograder.intake.parse import Rejected

if TYPE_CHECKING:
    from nbformat.notebooknode import NotebookNode

__all__ = ["Cell", "Rejected", "Submission", "read", "reconcile", "stand_in"]

MAX_CELLS = 2000

MAX_CODE = 1_000_000
"""Characters in one cell that runs: more is data that was pasted, and takes minutes to compile."""

MAX_NAMES_SHOWN = 5
"""Cells that are named one by one."""

MAX_LANGUAGE_CHARACTERS = 40
"""Characters of a language's code; a notebook may hold anything."""

REJECTED = "autograder_rejected"
"""The metadata key under which a stand-in for an unreadable file says why it was set aside."""

REJECTED_FILE = "autograder_rejected_file"
"""The metadata key of a stand-in for the digest of the file."""


@dataclass(frozen=True)
class Cell:
    """A cell of a submission.

    Attributes:
        part: the part of the lesson that it is, or None if the student added it.
        attachments: pictures in a text cell, as the notebook has them.
    """

    part: Part | None
    markdown: bool
    source: str
    attachments: Mapping[str, Any] | None = None

    @property
    def runs(self) -> bool:
        """Whether it is run for this submission: our cells run once for all, or not at all."""
        return not self.markdown and (self.part is None or self.part.role is Role.SOLUTION)


@dataclass(frozen=True)
class Submission:
    """A submission in the shape of the lesson.

    Attributes:
        cells: the student's cells and ours, in the student's order.
        missing: the ids of the parts of the lesson that the file has lost.
        by_source: the ids of the parts that were recognised by their source alone.
    """

    cells: tuple[Cell, ...]
    observations: tuple[str, ...]
    missing: frozenset[str] = frozenset()
    by_source: frozenset[str] = frozenset()

    @property
    def code_numbers(self) -> list[int]:
        """The number of code cells up to each cell, as a notebook numbers them when it runs."""
        return list(accumulate(int(not cell.markdown) for cell in self.cells))

    def notebook(self, lesson: Lesson) -> NotebookNode:
        """Return it as a notebook that nbgrader accepts."""
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
    """Read a submitted file, or raise `Rejected` if it cannot be graded."""
    notebook, said = open_notebook(data, lesson)
    submission = reconcile(notebook, lesson)
    return replace(submission, observations=(*said, *submission.observations))


def reconcile(notebook: Mapping[str, Any], lesson: Lesson) -> Submission:
    """Restore the shape of the lesson in a notebook of format 4, whose fields may be anything.

    Raises:
        Rejected: it has no cells or too much in them, is for another language or another
            assignment, or stands in for an unreadable file.
    """
    metadata = _mapping(notebook.get("metadata"))
    if isinstance(metadata.get(REJECTED), str):
        raise Rejected(_plain(metadata[REJECTED])[:500])
    raw = notebook.get("cells")
    if not isinstance(raw, list) or not raw:
        raise Rejected(_("The notebook has no cells."))
    if len(raw) > MAX_CELLS:
        many = _("The notebook has {number} cells; at most {most} are allowed.")
        raise Rejected(many.format(number=len(raw), most=MAX_CELLS))
    raw = list(map(_mapping, raw))
    ids = [_grade_id(each) for each in raw]
    known = [lesson.by_id.get(each) if each is not None else None for each in ids]
    by_source = _by_source(raw, known, lesson)
    observations = _about_language(metadata, found=bool(by_source) or any(known))
    if not any(known) and any(ids) and not any(part.points for part in by_source.values()):
        raise Rejected(_another(lesson, [each for each in ids if each is not None]))
    cells: list[Cell] = []
    seen: set[str] = set()
    for number, each in enumerate(raw):
        part = known[number] or by_source.get(number)
        cell = _cell(each, part, seen, observations)
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
    lost = not any(known)
    missing = _put_back(cells, lesson, seen, lost=lost)
    observations += _about_cells(lesson, missing, len(seen), lost=lost)
    matched = frozenset(part.id for part in by_source.values())
    return Submission(tuple(cells), tuple(observations), frozenset(missing), matched)


def _by_source(
    raw: Sequence[Mapping[str, Any]], known: Sequence[Part | None], lesson: Lesson
) -> dict[int, Part]:
    """Recognise parts that no cell has by its id, but one has by its source.

    Return parts by the number of the cell. If several are alike, there are as many cells. `known`
    holds the part that each cell has by its id.
    """
    called = {part.id for part in known if part is not None}
    wanted: dict[tuple[bool, str], list[Part]] = {}
    for part in lesson.by_id.values():
        if part.id not in called:
            for form in {bare(part.released), bare(part.source)} - {""}:
                wanted.setdefault((part.role in MARKDOWN, form), []).append(part)
    if not wanted:
        return {}
    there: dict[tuple[bool, str], list[int]] = {}
    for number, cell in enumerate(raw):
        if known[number] is None:
            kind = (cell.get("cell_type") != "code", bare(_source(cell)))
            if kind in wanted:
                there.setdefault(kind, []).append(number)
    found: dict[int, Part] = {}
    for kind, numbers in there.items():
        if len(numbers) == len(wanted[kind]):
            found |= zip(numbers, wanted[kind], strict=True)
    twice = Counter(part.id for part in found.values())
    return {number: part for number, part in found.items() if twice[part.id] == 1}


def _about_language(metadata: Mapping[str, Any], *, found: bool) -> list[str]:
    """Say that a notebook names another language; reject it if no cells of the lesson are found."""
    language = language_of(metadata)
    if is_python(language):
        return []
    shown = _plain(language)[:40]
    if not found:
        wrong = _("The notebook is for {language}, not for Python.")
        raise Rejected(wrong.format(language=shown))
    said = _("The notebook says that it is for {language}; its cells were run as Python.")
    return [said.format(language=shown)]


def _another(lesson: Lesson, ids: Sequence[str]) -> str:
    """Say that a notebook belongs to another assignment."""
    said = _(
        "The notebook is not {name}: it has none of its cells, but those of another one ({cells}). "
        "Ask the student for the right file."
    )
    shown = ", ".join(_plain(each)[:40] for each in ids[:MAX_NAMES_SHOWN])
    return said.format(name=lesson.name, cells=shown)


def _about_cells(lesson: Lesson, missing: Sequence[str], found: int, *, lost: bool) -> list[str]:
    """Say which cells of the lesson a file has lost; `lost` if no cell has an id of the lesson."""
    if lost and not found:
        none = _(
            "None of the cells of {name} is in this notebook. The tests were run after its own "
            "cells: look whether it is the right file."
        )
        return [none.format(name=lesson.name)]
    if lost:
        metadata = _(
            "The notebook has lost nbgrader's metadata, as if its cells had been copied into a new "
            "one. {found} of {all} cells were recognised by their text, the others count as the "
            "student's own."
        )
        return [metadata.format(found=found, all=len(lesson.by_id))]
    if len(missing) > MAX_NAMES_SHOWN:
        many = _("{number} cells were missing and were put back: {cells}, …")
        names = ", ".join(missing[:MAX_NAMES_SHOWN])
        return [many.format(number=len(missing), cells=names)]
    put_back = _("The cell {cell} was missing and was put back.")
    return [put_back.format(cell=each) for each in missing]


def said_language(notebook: Mapping[str, Any]) -> str | None:
    """Return the language that a notebook names for its texts; None if it names none."""
    said = _mapping(_mapping(notebook.get("metadata")).get(METADATA)).get("language")
    return said if isinstance(said, str) and len(said) <= MAX_LANGUAGE_CHARACTERS else None


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def language_of(metadata: Mapping[str, Any]) -> str:
    """Return the programming language of a notebook; Python if it names none."""
    said = (
        _mapping(metadata.get("kernelspec")).get("language"),
        _mapping(metadata.get("language_info")).get("name"),
    )
    return next((text(each) for each in said if isinstance(each, str) and each), "python")


def is_python(language: str) -> bool:
    """Return whether the language that a notebook says is Python."""
    return language.lower() in ("python", "ipython", "python3")


def _attachments(value: object) -> Mapping[str, Any] | None:
    """Return the pictures in a cell, by name and MIME type, and nothing else."""
    pictures = {
        text(name): {text(mime): text(data) for mime, data in bundle.items()}
        for name, bundle in _mapping(value).items()
        if isinstance(bundle, dict) and all(isinstance(data, str) for data in bundle.values())
    }
    return pictures or None


def text(value: str) -> str:
    """Return text that a file and a message can hold: without lone surrogates."""
    return value.encode("utf-8", "replace").decode()


def _plain(value: str) -> str:
    """Return words of a file for a sentence of ours: no HTML, no Markdown, no formula."""
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
    return text(source).replace("\r\n", "\n").replace("\r", "\n")


def bare(source: str) -> str:
    """Return a source without changes that editors and systems make at the ends of lines."""
    return "\n".join(map(str.rstrip, source.splitlines())).strip()


def is_as_released(cell: Cell) -> bool:
    """Tell whether a student has written nothing in a cell of the lesson."""
    return cell.part is not None and bare(cell.source) == bare(cell.part.released)


def is_written(submission: Submission, lesson: Lesson) -> bool | None:
    """Tell whether a student has written anything in a notebook; None if it is another notebook."""
    if submission.missing >= lesson.by_id.keys():
        return None
    released = {bare(each) for each in lesson.plain_cells} | {""}
    return any(
        bare(cell.source) not in released and not cell.markdown
        if cell.part is None
        else cell.part.role in (Role.SOLUTION, Role.ANSWER)
        and cell.part.id not in submission.missing
        and not is_as_released(cell)
        for cell in submission.cells
    )


def has_own_cell(notebook: Mapping[str, Any], lesson: Lesson, others: Iterable[Lesson]) -> bool:
    """Tell whether a notebook has a cell that a lesson has and the others have not.

    It is known by its id or by its source. An instructor who starts from a copy of another notebook
    gives many cells of both the same.
    """
    ids, sources = set(lesson.by_id), _sources(lesson)
    for other in others:
        ids -= other.by_id.keys()
        sources -= _sources(other)
    cells = notebook.get("cells")
    for cell in map(_mapping, cells if isinstance(cells, list) else []):
        if _grade_id(cell) in ids or bare(_source(cell)) in sources:
            return True
    return False


def _sources(lesson: Lesson) -> set[str]:
    forms = {form for part in lesson.by_id.values() for form in (part.released, part.source)}
    return {bare(form) for form in forms | lesson.plain_cells} - {""}


def _grade_id(cell: Mapping[str, Any]) -> str | None:
    """Return the id that nbgrader has given a cell."""
    grade_id = _mapping(_mapping(cell.get("metadata")).get("nbgrader")).get("grade_id")
    return grade_id if isinstance(grade_id, str) and grade_id else None


def _cell(
    cell: Mapping[str, Any], part: Part | None, seen: set[str], observations: list[str]
) -> Cell | None:
    """Return a cell of the file as the lesson's or the student's own; None for a copy of ours."""
    source = _source(cell)
    markdown = cell.get("cell_type") != "code"
    attachments = _attachments(cell.get("attachments"))
    if part is not None and part.id in seen:
        if part.role in READ_ONLY:
            return None
        part = None  # a cell that was split or copied: what is in it counts all the same
    if part is None:
        return Cell(None, markdown, source, attachments)
    seen.add(part.id)
    if part.role in READ_ONLY:
        edited = bare(source) not in (bare(part.released), bare(part.source))
        if (edited or _claims_other_points(cell, part)) and _altered(cell):
            altered = _("The read-only cell {cell} was changed; the original was used.")
            observations.append(altered.format(cell=part.id))
        source = part.source
    return Cell(part, part.role in MARKDOWN, source, attachments)


def _claims_other_points(cell: Mapping[str, Any], part: Part) -> bool:
    """Tell whether a file claims other points for a cell of ours than the cell has."""
    ours = part.metadata
    if _grade_id(cell) != part.id:  # it was known by its source
        return False
    theirs = cell["metadata"]["nbgrader"]
    return any(theirs.get(key) != ours[key] for key in ("grade", "points") if key in ours)


def _altered(cell: Mapping[str, Any]) -> bool:
    """Tell whether a read-only cell differs from the checksum that nbgrader put in it.

    A check that was mended after the release differs from the student's copy, and the student has
    not altered it.
    """
    try:
        return bool(_checksum(cell) != cell["metadata"]["nbgrader"]["checksum"])
    except Exception:  # metadata that is anything but what nbgrader wrote
        return True


def _checksum(cell: Mapping[str, Any]) -> str:
    """Return what `nbgrader.utils.compute_checksum` returns; machines that only grade lack it."""
    theirs = cell["metadata"]["nbgrader"]
    graded, solution, locked = (theirs.get(name, False) for name in ("grade", "solution", "locked"))
    locked = bool(not solution and (graded or locked))
    words = [_source(cell), cell["cell_type"], str(graded), str(solution), str(locked)]
    words += [theirs["grade_id"], *([str(float(theirs["points"]))] if graded else [])]
    return hashlib.md5("".join(words).encode(), usedforsecurity=False).hexdigest()


def _put_back(cells: list[Cell], lesson: Lesson, seen: set[str], *, lost: bool) -> list[str]:
    """Insert the parts that the file has lost, each after the part that comes before it.

    A test needs the code before it, wherever the student has written that: it is put as late as the
    tests after it allow. An answer that cannot be found is not an empty answer. Return the ids of
    the inserted parts.
    """
    before: str | None = None
    missing: list[str] = []
    order = {name: number for number, name in enumerate(lesson.by_id)}
    for part in lesson.by_id.values():
        if part.id not in seen:
            place = next(
                (i + 1 for i, cell in enumerate(cells) if cell.part and cell.part.id == before), 0
            )
            if part.role is Role.TEST:
                place = _latest(cells, order, order[part.id])
            source = part.source if part.role in READ_ONLY else part.released
            if part.role is Role.SOLUTION:
                # The empty function would hide one that the student wrote in another cell.
                gone = _("The cell of {function} was missing here.")
                source = f"# {gone.format(function=part.id)}"
            elif lost and part.role in (Role.ANSWER, Role.TASK):
                source = _("The cell of {function} was missing here.").format(function=part.id)
            cells.insert(place, Cell(part, part.role in MARKDOWN, source))
            missing.append(part.id)
        before = part.id
    return missing


def _latest(cells: Sequence[Cell], order: Mapping[str, int], number: int) -> int:
    """Return the last place for a part after all earlier parts and before the next later one.

    `number` is the part's place in the lesson, and `order` has those of all parts by their ids.
    """
    numbers = [order[cell.part.id] if cell.part else None for cell in cells]
    earlier = [i + 1 for i, each in enumerate(numbers) if each is not None and each < number]
    start = max(earlier, default=0)
    later = (i for i in range(start, len(cells)) if (numbers[i] or 0) > number)
    return next(later, len(cells))


def stand_in(lesson: Lesson, reason: str, data: bytes | None = None) -> NotebookNode:
    """Return a notebook in place of an unreadable file: nothing written, and the reason.

    By the digest of the file's bytes, `data`, the next run knows the file again.
    """
    notebook = lesson.released_notebook()
    notebook.metadata[REJECTED] = reason
    if data:
        notebook.metadata[REJECTED_FILE] = hashlib.sha256(data).hexdigest()
    text = _("**This submission could not be read, so nothing in it was graded.** {reason}")
    text = text.format(reason=reason)
    notebook.cells.insert(0, new_cell("rejected", text, markdown=True))
    return notebook
