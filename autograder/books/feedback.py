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
from nbconvert.exporters.exporter import ResourcesDict
from nbconvert.filters import Highlight2HTML
from nbconvert.preprocessors import CSSHTMLHeaderPreprocessor
from nbformat.notebooknode import NotebookNode
from nbgrader.converters import GenerateFeedback
from nbgrader.preprocessors import GetGrades
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
        self.exporter, self.cell_exporter = (
            converter.exporter_class(
                parent=converter, config=converter.config, raw_template=template
            )
            for template in (PAGE, ONE_CELL)
        )
        # What GetGrades looks up for nbgrader, our papers know.
        kinds = [
            kind
            for each in converter.preprocessors
            for kind in [import_item(each) if isinstance(each, str) else each]
            if not issubclass(kind, GetGrades)
        ]
        steps = [*self.exporter._preprocessors, *(kind(parent=self.exporter) for kind in kinds)]
        self.exporter._preprocessors = self.cell_exporter._preprocessors = []
        self.steps = [each for each in steps if not isinstance(each, CSSHTMLHeaderPreprocessor)]
        self.resources = ResourcesDict()
        for each in steps:
            if each not in self.steps:  # the same for every page
                _, self.resources = each(_notebook(NotebookNode(), []), self.resources)
        self.code = ""
        self.language = NotebookNode()
        if "highlight_code" not in self.cell_exporter.filters:
            self.cell_exporter.filters["highlight_code"] = self._highlight
        self.look = lru_cache(maxsize=KEPT)(self._look)

    def page(self, nb: NotebookNode, totals: Mapping[str, Any]) -> str:
        """The page of a notebook whose cells have their scores and comments.

        Args:
            nb: the notebook.
            totals: what nbgrader's template calls `resources.nbgrader`.
        """
        resources = ResourcesDict()
        resources.update(self.resources)
        resources["nbgrader"] = dict(totals)
        resources["metadata"] = ResourcesDict()
        resources["metadata"]["name"] = totals["notebook"]
        for step in self.steps:
            nb, resources = step(nb, resources)
        language = nb.metadata.get("language_info", NotebookNode())
        if language != self.language:
            self.language = language
            self.look.cache_clear()
        # Around the cells, the template lists those that have a score or a comment.
        listed = [
            NotebookNode(cell_type=cell.cell_type, metadata={"nbgrader": known}, source="")
            for cell in nb.cells
            for known in [cell.metadata.get("nbgrader", {})]
            if known.get("grade") or known.get("task") or known.get("comment")
        ]
        around, _ = self.exporter.from_notebook_node(_notebook(nb.metadata, listed), resources)
        looks = [self.look(msgspec.json.encode(cell, order="sorted")) for cell in nb.cells]
        before, *_, after = around.split(CELL)
        return "\n".join([before.rstrip(), *looks, after.lstrip()])

    def _look(self, cell: bytes) -> str:
        """What a cell looks like on a page."""
        node = nbformat.from_dict(msgspec.json.decode(cell))
        nb = _notebook(NotebookNode(language_info=self.language), [node])
        try:
            look, _ = self.cell_exporter.from_notebook_node(nb)
        except Exception:  # learners write what makes a renderer of Markdown give up
            return f"<pre>{html.escape(node.source)}</pre>"
        look = look.removeprefix(CELL).removesuffix(CELL).strip()
        return str(look.replace(CODE, self.code, 1))

    def _highlight(self, source: str, metadata: Mapping[str, Any] | None = None) -> str:
        """Keeps the code of a cell away from what nbconvert does to pages: it is in order."""
        lexer = self.language.get("pygments_lexer", self.language.get("name"))
        highlight = Highlight2HTML(pygments_lexer=lexer, parent=self.cell_exporter)
        code = highlight(source, metadata=metadata)
        # As BeautifulSoup writes it, through which nbconvert puts its pages.
        code = code.strip().replace("&#39;", "'").replace("&quot;", '"')
        self.code = code.replace('class=" highlight', 'class="highlight', 1)
        return CODE


def _notebook(metadata: NotebookNode, cells: list[NotebookNode]) -> NotebookNode:
    # In this minor version, cells need no ids of their own.
    return NotebookNode(nbformat=4, nbformat_minor=4, metadata=metadata, cells=cells)
