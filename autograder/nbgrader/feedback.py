"""The feedback page of a student, which replaces nbgrader's own.

nbgrader's `generate_feedback` gets it from `FeedbackExporter`, by the name in `nbgrader_config.py`;
`grade --gradebook` gets it from `Pages`. Most cells are equal in the whole class, so their HTML is
cached.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

import msgspec
from markupsafe import Markup
from nbconvert.exporters import Exporter as NbconvertExporter
from nbconvert.exporters.exporter import ResourcesDict
from nbconvert.preprocessors import CSSHTMLHeaderPreprocessor
from nbformat.notebooknode import NotebookNode
from nbgrader.api import Gradebook, SubmittedNotebook
from nbgrader.converters import GenerateFeedback
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import GetGrades
from sqlalchemy import make_url
from traitlets import default
from traitlets.config import Config
from traitlets.utils.importstring import import_item

from autograder.i18n import N_, _, current_language
from autograder.nbgrader.grade_cells import comment_on_rejection
from autograder.reports.html import feedback, markdown
from autograder.reports.html.check_table import CHECKS, REJECTED, CheckRow, from_output
from autograder.reports.html.feedback import NOTHING, Feedback, ItemScore, Piece, TestLine, standing

NO_RESPONSE = "No response."
"""nbgrader's comment, in English, on an answer that was not written."""

TOO_LONG = N_("This is too long to be shown here. It is in the notebook that you submitted.")

DRAWN = ("image/png", "image/jpeg")
"""The pictures that a cell may have shown."""

POINTS_IN_PAGE = re.compile(r'<meta name="points" content="([^"]*)">')

HEAD_CHARACTERS = 4000
"""Characters of a page within which it states its points."""

UNNAMED = re.compile(r"cell-[0-9a-f]{8,}")
"""The names that nbgrader gives to cells that nobody has named."""

MAX_FIRST_LINE = 50
"""Characters of a first line that stand for a name."""

LINES_AROUND = 4
"""The lines that are shown before and after the one at which a test stopped."""


class Pages:
    """Make the pages of one assignment, by nbgrader's configuration of the course."""

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

        `totals` is nbgrader's `resources.nbgrader`, with the grade cells that need review in
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
        totals = {**place, "waits": waits, "given": given, "course": course_of(self.config)}
        return page(nb, totals), resources


def outdated_pages(
    coursedir: CourseDirectory, assignment: str, concerns: Callable[[str], bool]
) -> Iterator[str]:
    """Yield a sentence that names the students whose points have changed since their pages.

    Only students for whom `concerns` is true are looked at.
    """
    outdated = []
    url = make_url(coursedir.db_url)
    if url.drivername.startswith("sqlite") and not Path(url.database or "").is_file():
        return  # nbgrader would make one
    with Gradebook(coursedir.db_url, coursedir.course_id) as gradebook:
        for submission in gradebook.assignment_submissions(assignment):
            name = submission.student_id
            folder = coursedir.format_path(coursedir.feedback_directory, name, assignment)
            if concerns(name) and any(_is_outdated(each, folder) for each in submission.notebooks):
                outdated.append(name)
    if outdated:
        changed = _(
            "The points of these students have changed since their pages were made: {students}. "
            "`autograder grade {name} --gradebook` makes the pages again."
        )
        yield changed.format(students=", ".join(sorted(outdated)), name=assignment)


def _is_outdated(notebook: SubmittedNotebook, folder: str) -> bool:
    """Tell whether a page states other points than the gradebook; only our pages state any."""
    try:
        with Path(folder, f"{notebook.name}.html").open(encoding="utf-8", errors="replace") as page:
            said = POINTS_IN_PAGE.search(page.read(HEAD_CHARACTERS))
    except OSError:
        return False
    score = notebook.score - (notebook.late_submission_penalty or 0.0)
    waits = any(
        grade.manual_score is None and (grade.auto_score is None or grade.needs_manual_grade)
        for grade in notebook.grades
        if grade.max_score  # the page does not state what is worth nothing
    )
    return said is not None and said[1] != standing(score, waits=waits)


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
    code_number = 0
    for number, (cell, about) in enumerate(zip(nb.cells, known, strict=True)):
        code_number += cell.cell_type == "code"
        shown = _name(cell, code_number)
        comment = None if about.get("comment") in said else about.get("comment")
        piece = _piece(
            cell,
            comment=_markup(markdown.markdown(comment)) if comment else None,
            mark=_mark(cell, number, written, totals, shown),
            name=shown,
            room=room,
        )
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


def _name(cell: NotebookNode, code_number: int) -> str:
    """Return the name of a cell; if nobody has named it, its number or its first line."""
    name: str = cell.metadata.get("nbgrader", {}).get("grade_id", "")
    if not UNNAMED.fullmatch(name):
        return name.removesuffix("_hidden")
    if cell.cell_type == "code":
        return _("Cell %(number)s") % {"number": code_number}
    lines = re.sub(r"[#*`$]", "", markdown.plain(cell.source)).splitlines()
    first = next((each for each in lines if re.search(r"\w", each)), name)
    by_words = textwrap.shorten(first, MAX_FIRST_LINE, placeholder=" …")
    cut = first[:MAX_FIRST_LINE]
    return by_words if 2 * len(by_words) > len(cut) else cut  # Chinese has no spaces to cut at


def _mark(
    cell: NotebookNode,
    number: int,
    written: Mapping[str, int],
    totals: Mapping[str, Any],
    shown: str,
) -> ItemScore | None:
    """Return the score of a grade cell; None for other cells, and for those worth nothing."""
    about = cell.metadata.get("nbgrader", {})
    if not (about.get("grade") or about.get("task")) or not about["points"]:
        return None
    name = about["grade_id"]
    checks = _checks(cell)
    reported = bool(checks) or _rejection(cell) is not None
    tests = cell.cell_type == "code" and not about.get("solution") and not reported
    return ItemScore(
        name=shown,
        place=written.get(name.removesuffix("_hidden"), number),
        score=about["score"],
        most=about["points"],
        checks=checks,
        waits=name in totals["waits"],
        empty=about.get("comment") == NO_RESPONSE,
        test=_markup("".join(map(_output, cell.outputs))) if tests else None,
        excerpt=_excerpt(cell) if tests else (),
        given=name in totals["given"],
    )


def _excerpt(cell: NotebookNode) -> Sequence[TestLine]:
    """Return the lines of a test around the one at which it stopped, as far as its error says."""
    said = next(("".join(each.traceback) for each in cell.outputs if "traceback" in each), "")
    found = _line_of_error(current_language()).fullmatch(said)
    lines = markdown.plain(cell.source).splitlines()
    stopped = int(found["line"] or found["only_line"]) if found else 0
    if not 0 < stopped <= len(lines):
        return ()
    first, last = max(1, stopped - LINES_AROUND), min(len(lines), stopped + LINES_AROUND)
    return [
        TestLine(f"{number:>{len(str(last))}}  {lines[number - 1]}", number == stopped)
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
    """Return the data of one of our own types in a cell's outputs; None if there are none."""
    outputs = cell.get("outputs", [])
    return next((each["data"][kind] for each in outputs if kind in each.get("data", {})), None)


def _checks(cell: NotebookNode) -> list[CheckRow]:
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

    def shown(self, source: str, render: Callable[[], str]) -> Markup:
        """Return a cell's content as HTML: rendered, else as its source, as far as it fits."""
        for make in (render, lambda: markdown.written(source)):
            page = make() if self.left > 0 else ""
            letters = markdown.without_pictures(page)
            if letters < self.left:
                self.left -= letters
                return _markup(page)
        self.left = 0
        return _markup(f"<p>{escape(_(TOO_LONG))}</p>")


def _piece(
    cell: NotebookNode, *, comment: Markup | None, mark: ItemScore | None, name: str, room: _Room
) -> Piece:
    about = cell.metadata.get("nbgrader", {})
    comment = comment or NOTHING
    if cell.cell_type == "markdown":
        attachments = cell.get("attachments")
        source = room.shown(cell.source, lambda: markdown.markdown(cell.source, attachments))
        kind = "own" if about.get("solution") or about.get("task") else "text"
        return Piece(kind, source, comment=comment, mark=mark, name=name)
    if cell.cell_type != "code":
        plain = markdown.plain(cell.source)
        return Piece("text", room.shown(plain, lambda: markdown.written(plain)))
    if mark is not None and mark.checks:
        return Piece("report", mark=mark)
    kind = "lesson" if about.get("locked") else "own" if about.get("solution") else "other"
    # The lesson's code is folded. With colours it would be five times as long, most of the page.
    colourless = kind == "lesson" and mark is None
    source = room.shown(
        cell.source,
        lambda: (
            markdown.written(markdown.plain(cell.source))
            if colourless
            else markdown.code(cell.source)
        ),
    )
    outputs = _markup("".join(map(_output, cell.outputs)))
    errors = [each for each in cell.outputs if each.output_type == "error"]
    stopped = _markup("".join(map(_output, errors))) if kind != "lesson" else NOTHING
    if kind == "lesson" and UNNAMED.fullmatch(about.get("grade_id", "")):
        name = ""  # its number stands before the name
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
