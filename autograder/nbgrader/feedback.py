"""The feedback page of a student, which replaces nbgrader's own.

nbgrader's `generate_feedback` gets it from `FeedbackExporter`, by the name in `nbgrader_config.py`;
`grade --gradebook` gets it from `Pages`. Most cells are equal in the whole class, so their HTML is
cached.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from html import escape
from itertools import accumulate
from typing import Any

import msgspec
from markupsafe import Markup
from nbconvert.exporters import Exporter as NbconvertExporter
from nbconvert.exporters.exporter import ResourcesDict
from nbconvert.preprocessors import CSSHTMLHeaderPreprocessor
from nbformat.notebooknode import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.converters import GenerateFeedback
from nbgrader.preprocessors import GetGrades
from traitlets import default
from traitlets.config import Config
from traitlets.utils.importstring import import_item

from autograder.i18n import N_, _, current_language
from autograder.nbgrader.grade_cells import comment_on_rejection
from autograder.reports.html import feedback, markdown
from autograder.reports.html.check_table import CHECKS, REJECTED, Told, from_output
from autograder.reports.html.feedback import NOTHING, Feedback, Line, Mark, Piece

NO_RESPONSE = "No response."
"""nbgrader's comment, in English, on an answer that was not written."""

TOO_LONG = N_("This is too long to be shown here. It is in the notebook that you submitted.")

DRAWN = ("image/png", "image/jpeg")
"""The pictures that a cell may have shown."""


class Pages:
    """Make the pages of one assignment.

    Args:
        config: nbgrader's configuration of the course.
    """

    def __init__(self, config: Config) -> None:
        converter = GenerateFeedback(config=config)
        self.course = course_of(config)
        kinds = [
            import_item(each) if isinstance(each, str) else each for each in converter.preprocessors
        ]
        # The caller passes what GetGrades would look up in the gradebook.
        ours = (GetGrades, CSSHTMLHeaderPreprocessor)
        self.steps = [kind(parent=converter) for kind in kinds if not issubclass(kind, ours)]

    def page(self, nb: NotebookNode, totals: Mapping[str, Any]) -> str:
        """Return the page of a notebook whose cells have their scores and comments.

        Args:
            nb: the notebook.
            totals: nbgrader's `resources.nbgrader`; with the grade cells that need review in
                `waits`, and those that were graded manually in `given`.
        """
        resources = ResourcesDict(None, nbgrader=dict(totals))
        for step in self.steps:
            nb, resources = step(nb, resources)
        return page(nb, {**totals, "course": self.course})


class FeedbackExporter(NbconvertExporter):  # type: ignore[misc]  # nbconvert has no types
    """The exporter with which nbgrader's `generate_feedback` makes pages."""

    @default("file_extension")  # type: ignore[untyped-decorator]  # nor has traitlets
    def _file_extension_default(self) -> str:
        return ".html"

    def from_notebook_node(
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **kwargs: Any
    ) -> tuple[str, dict[str, Any]]:
        """Return the page of a notebook; nbgrader's GetGrades is among the preprocessors."""
        nb, resources = super().from_notebook_node(nb, resources, **kwargs)
        place = resources["nbgrader"]
        names = (place["notebook"], place["assignment"], place["student"])
        with Gradebook(place["db_url"]) as gradebook:
            grades = gradebook.find_submission_notebook(*names).grades
            given = {grade.name for grade in grades if grade.manual_score is not None}
            waits = {
                grade.name
                for grade in grades
                if grade.auto_score is None or grade.needs_manual_grade
            } - given
        told = {"waits": waits, "given": given, "course": course_of(self.config)}
        return page(nb, {**place, **told}), resources


def course_of(config: Config) -> str:
    """Return the name of a course in nbgrader's configuration; empty if it has none."""
    name = config.CourseDirectory.get("course_id", "")
    return name if isinstance(name, str) else ""


def _title(nb: NotebookNode) -> str | None:
    """Return the first heading of a notebook."""
    for cell in nb.cells:
        if cell.cell_type == "markdown" and (found := re.search(r"^# +(.+)$", cell.source, re.M)):
            return found[1].strip()[:200]
    return None


def page(nb: NotebookNode, totals: Mapping[str, Any]) -> str:
    """Return the page of a notebook; see `Pages.page`."""
    known = [cell.metadata.get("nbgrader", {}) for cell in nb.cells]
    written = {
        each["grade_id"]: number for number, each in enumerate(known) if each.get("solution")
    }
    rejected = next((why for cell in nb.cells if (why := _rejection(cell)) is not None), None)
    said = {NO_RESPONSE, None if rejected is None else comment_on_rejection(rejected)}
    pieces: list[Piece] = []
    room = _Room()
    code_numbers = accumulate(cell.cell_type == "code" for cell in nb.cells)
    for number, (cell, about) in enumerate(zip(nb.cells, known, strict=True)):
        comment = None if about.get("comment") in said else about.get("comment")
        piece = _piece(
            cell,
            comment=_markup(markdown.markdown(comment)) if comment else None,
            mark=_mark(cell, number, written, totals),
            room=room,
        )
        code_number = next(code_numbers)
        pieces.append(replace(piece, number=code_number if cell.cell_type == "code" else 0))
    return feedback.html(
        Feedback(
            assignment=totals["assignment"],
            title=_title(nb) or totals["notebook"],
            student=totals["student"],
            course=totals["course"],
            date=date.today().isoformat(),
            score=totals["score"],
            most=totals["max_score"],
            penalty=totals["late_penalty"],
            rejected=rejected,
            pieces=pieces,
        )
    )


def _mark(
    cell: NotebookNode, number: int, written: Mapping[str, int], totals: Mapping[str, Any]
) -> Mark | None:
    """Return the score of a grade cell; None for other cells, and for those worth nothing."""
    about = cell.metadata.get("nbgrader", {})
    if not (about.get("grade") or about.get("task")) or not about["points"]:
        return None
    name = about["grade_id"]
    function = name.removesuffix("_hidden")
    checks = _checks(cell)
    reported = bool(checks) or _rejection(cell) is not None
    tests = cell.cell_type == "code" and not about.get("solution") and not reported
    return Mark(
        name=function,
        place=written.get(function, number),
        score=about["score"],
        most=about["points"],
        checks=checks,
        waits=name in totals["waits"],
        empty=about.get("comment") == NO_RESPONSE,
        test=_markup("".join(map(_output, cell.outputs))) if tests else None,
        excerpt=_excerpt(cell) if tests else (),
        given=name in totals["given"],
    )


AROUND = 4
"""The lines that are shown before and after the one at which a test stopped."""


def _excerpt(cell: NotebookNode) -> Sequence[Line]:
    """Return the lines of a test around the one at which it stopped, as far as its error says."""
    said = next(("".join(each.traceback) for each in cell.outputs if "traceback" in each), "")
    found = _line_of_error(current_language()).fullmatch(said)
    lines = markdown.plain(cell.source).splitlines()
    stopped = int(found["line"] or found["only_line"]) if found else 0
    if not 0 < stopped <= len(lines):
        return ()
    first, last = max(1, stopped - AROUND), min(len(lines), stopped + AROUND)
    return [
        Line(f"{number:>{len(str(last))}}  {lines[number - 1]}", number == stopped)
        for number in range(first, last + 1)
    ]


@cache
def _line_of_error(_language: str) -> re.Pattern[str]:
    """Return a pattern for an error with its places, the first of which is in the cell itself."""
    place = _("cell {cell}, line {line}")
    with_places, with_line = _("{error} ({places})"), _("{error} (line {line})")
    for_names = {"error": ".*", "cell": r"\d+", "line": r"(?P<line>\d{1,6})", "places": "{places}"}

    def pattern(sentence: str, **names: str) -> str:
        for name, stands_for in {**for_names, **names}.items():
            sentence = sentence.replace(f"{{{name}}}", f"\0{name}\0")
            sentence = sentence.replace(f"\0{name}\0", f"\0{stands_for}\0")
        return "".join(
            each if odd % 2 else re.escape(each) for odd, each in enumerate(sentence.split("\0"))
        )

    first = f"{pattern(place)}(?:; .*)?"
    only = pattern(with_line, line=r"(?P<only_line>\d{1,6})")
    return re.compile(f"{pattern(with_places, places=first)}|{only}", re.DOTALL)


def _data(cell: NotebookNode, kind: str) -> Any:
    """Return what one of our reports holds of this kind."""
    outputs = cell.get("outputs", [])
    return next((each["data"][kind] for each in outputs if kind in each.get("data", {})), None)


def _checks(cell: NotebookNode) -> list[Told]:
    data = _data(cell, CHECKS)
    try:
        return [] if data is None else from_output(data)
    except msgspec.ValidationError:  # an older one, or not ours
        return []


def _rejection(cell: NotebookNode) -> str | None:
    data = _data(cell, REJECTED)
    return str(data["reason"]) if isinstance(data, dict) and "reason" in data else None


class _Room:
    """The number of characters that a page may still have."""

    def __init__(self) -> None:
        self.left = markdown.MAX_HTML

    def shown(self, source: str, looks: Callable[[], str]) -> Markup:
        """Return a cell's content as HTML, as far as there is room for it.

        Args:
            source: the content.
            looks: makes the HTML.
        """
        for make in (looks, lambda: markdown.written(source)):
            page = make() if self.left > 0 else ""
            letters = markdown.without_pictures(page)
            if letters < self.left:
                self.left -= letters
                return _markup(page)
        self.left = 0
        return _markup(f"<p>{escape(_(TOO_LONG))}</p>")


def _piece(cell: NotebookNode, *, comment: Markup | None, mark: Mark | None, room: _Room) -> Piece:
    about = cell.metadata.get("nbgrader", {})
    comment = comment or NOTHING
    if cell.cell_type == "markdown":
        attachments = cell.get("attachments")
        source = room.shown(cell.source, lambda: markdown.markdown(cell.source, attachments))
        kind = "own" if about.get("solution") or about.get("task") else "text"
        return Piece(kind, source, comment=comment, mark=mark, name=about.get("grade_id", ""))
    if cell.cell_type != "code":
        plain = markdown.plain(cell.source)
        return Piece("text", room.shown(plain, lambda: markdown.written(plain)))
    if mark is not None and mark.checks:
        return Piece("report", mark=mark)
    source = room.shown(cell.source, lambda: markdown.code(cell.source))
    outputs = _markup("".join(map(_output, cell.outputs)))
    kind = "lesson" if about.get("locked") else "own" if about.get("solution") else "other"
    errors = [each for each in cell.outputs if each.output_type == "error"]
    stopped = _markup("".join(map(_output, errors))) if kind != "lesson" else NOTHING
    name = about.get("grade_id", "")
    return Piece(kind, source, outputs, comment, mark, name, stopped=stopped)


def _output(output: NotebookNode) -> str:
    """Return a cell's output: text and pictures, without any markup."""
    if output.output_type == "stream":
        return _shown(output.text)
    if output.output_type == "error":
        return _shown("\n".join(output.traceback))
    data = output.get("data", {})
    for kind in DRAWN:
        if kind in data and markdown.is_base64(data[kind]):
            picture = "".join(data[kind].split())
            word = _("A figure drawn by this cell")
            return f'<p><img src="data:{kind};base64,{picture}" alt="{word}"></p>'
    return _shown(data.get("text/plain", ""))


def _shown(text: str) -> str:
    plain = markdown.plain(text)
    return f'<pre class="shown">{escape(plain)}</pre>' if plain.strip() else ""


def _markup(text: str) -> Markup:
    return Markup(text)  # noqa: S704  # the sanitizer has let it pass, or it was escaped
