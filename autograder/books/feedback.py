"""The page that a student gets, as nbgrader's `generate_feedback` makes it, and much sooner.

nbgrader renders each page anew, from templates that we render too: but a cell at a time, and what a
cell looks like is kept. Most cells are the same for the whole class. So nothing that a learner
wrote can change how another cell looks, either: tags that are opened in a cell are closed in it.
"""

from __future__ import annotations

import html
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import msgspec
import nbformat
from bs4 import BeautifulSoup
from nbconvert.exporters.exporter import ResourcesDict
from nbconvert.filters.highlight import Highlight2HTML, _pygments_highlight
from nbconvert.preprocessors import CSSHTMLHeaderPreprocessor
from nbformat.notebooknode import NotebookNode
from nbgrader.converters import GenerateFeedback
from nbgrader.preprocessors import GetGrades
from pygments.formatters import HtmlFormatter
from traitlets.config import Config
from traitlets.utils.importstring import import_item

KEPT = 2000
"""Cells whose looks are kept: those of the lesson, and the answers of some hundred learners."""

CELL, CODE = "<!--autograder: a cell-->", "<!--autograder: code-->"

ONE_CELL = (
    "{% extends 'index.html.j2' %}{% block header %}{% endblock %}{% block footer %}{% endblock %}"
    f"{{% block body %}}{CELL}{{{{ self.body_loop() }}}}{CELL}{{% endblock %}}"
)
"""The course's template of a page, without anything around its cells."""

PAGE = f"{{% extends 'index.html.j2' %}}{{% block any_cell %}}{CELL}{{% endblock %}}"
"""The same with nothing in its cells."""


class Pages:
    """Makes the pages of one assignment.

    Args:
        config: nbgrader's, of the course.
    """

    def __init__(self, config: Config) -> None:
        converter = GenerateFeedback(config=config)
        self.around, self.inside = (
            converter.exporter_class(
                parent=converter, config=converter.config, raw_template=template
            )
            for template in (PAGE, ONE_CELL)
        )
        kinds = [
            import_item(each) if isinstance(each, str) else each for each in converter.preprocessors
        ]
        # What GetGrades looks up for nbgrader, whoever asks for a page knows.
        own = [kind(parent=self.around) for kind in kinds if not issubclass(kind, GetGrades)]
        steps = [*self.around._preprocessors, *own]
        self.steps = [each for each in steps if not isinstance(each, CSSHTMLHeaderPreprocessor)]
        # What nbconvert prepares for each page, and is the same for all.
        self.around._preprocessors = [each for each in steps if each not in self.steps]
        empty = ResourcesDict(None, nbgrader={"score": 0, "max_score": 0, "late_penalty": 0})
        _, self.resources = self.around.from_notebook_node(_notebook([]), empty)
        self.inside.from_notebook_node(_notebook([]))
        self.inside.register_filter("highlight_code", lambda *_args, **_kwargs: CODE)
        self.frame = lru_cache(maxsize=KEPT)(self._frame)
        self.code = lru_cache(maxsize=KEPT)(self._code)
        self.lexer: str | None = None
        self._speak("python")

    def page(self, nb: NotebookNode, totals: Mapping[str, Any]) -> str:
        """The page of a notebook whose cells have their scores and comments.

        Args:
            nb: the notebook.
            totals: what nbgrader's template calls `resources.nbgrader`.
        """
        resources = ResourcesDict(None, self.resources)
        resources["nbgrader"] = dict(totals)
        for step in self.steps:
            nb, resources = step(nb, resources)
        language = nb.metadata.get("language_info", {})
        self._speak(language.get("pygments_lexer", language.get("name")))
        # Around the cells, the template lists those that have a score or a comment.
        listed = [
            NotebookNode(cell_type=cell.cell_type, metadata={"nbgrader": known})
            for cell in nb.cells
            for known in [cell.metadata.get("nbgrader", {})]
            if known.get("grade") or known.get("task") or known.get("comment")
        ]
        around = _tidy(self.around.template.render(nb=_notebook(listed), resources=resources))
        before, *_, after = around.split(CELL)
        return "\n".join([before.strip(), *map(self._look, nb.cells), after.lstrip()])

    def _speak(self, lexer: str | None) -> None:
        """Takes the language that the code is in; a formatter for each cell takes its time."""
        if lexer != self.lexer:
            self.lexer = lexer
            self.highlight = Highlight2HTML(pygments_lexer=lexer, parent=self.inside)
            self.formatter = HtmlFormatter(
                cssclass=f" highlight hl-{html.escape(self.highlight.pygments_lexer)}",
                **self.highlight.extra_formatter_options,
            )
            self.code.cache_clear()

    def _look(self, cell: NotebookNode) -> str:
        """What a cell looks like on a page."""
        try:
            if cell.cell_type != "code":
                return self.frame(msgspec.json.encode(cell, order="sorted"))
            frame = self.frame(msgspec.json.encode({**cell, "source": ""}, order="sorted"))
            return frame.replace(CODE, self.code(cell.source), 1)
        except Exception:  # learners write what makes a renderer of Markdown give up
            return f"<pre>{html.escape(cell.source, quote=False)}</pre>"

    def _frame(self, cell: bytes) -> str:
        """What a cell looks like, without the code in it."""
        nb = _notebook([nbformat.from_dict(msgspec.json.decode(cell))])
        look = _tidy(self.inside.template.render(nb=nb, resources=self.resources))
        return look.removeprefix(CELL).removesuffix(CELL).strip()

    def _code(self, source: str) -> str:
        code = _pygments_highlight(source or " ", self.formatter, self.highlight.pygments_lexer)
        # As `_tidy` would have it, which takes longer.
        code = code.strip().replace("&#39;", "'").replace("&quot;", '"')
        return str(code.replace('class=" highlight', 'class="highlight', 1))


def _tidy(page: str) -> str:
    """A page as nbconvert gives it away: in order, and every picture with a word about it."""
    soup = BeautifulSoup(page.lstrip("\r\n"), features="html.parser")
    for picture in soup.select("img:not([alt])"):
        picture.attrs["alt"] = "No description has been provided for this image"
    return str(soup)


def _notebook(cells: list[NotebookNode]) -> NotebookNode:
    # In this minor version, cells need no ids of their own.
    return NotebookNode(nbformat=4, nbformat_minor=4, metadata=NotebookNode(), cells=cells)
