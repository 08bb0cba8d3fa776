"""Make a page that shows the notebook of an assignment as students get it."""

from __future__ import annotations

from pathlib import Path

from autograder.course.assignment import Assignment
from autograder.course.builder import build

FOLDER = "preview"
"""The folder in the course that holds the pages."""


def write_preview(assignment: Assignment) -> Path:
    """Write the released notebook as HTML into the course's `preview/`, and return the path.

    As in JupyterLab, cells that are folded show their first line. Formulas are MathML, so that the
    page needs no network.

    Raises:
        BadAssignment: the notebook cannot be built.
    """
    from nbconvert.exporters import HTMLExporter  # a second

    from autograder.reports.html.markdown import markdown

    notebook = build(assignment).released_notebook()
    for cell in notebook.cells:
        if cell.metadata.get("jupyter", {}).get("source_hidden"):
            cell.source = cell.source.partition("\n")[0] + "\n…"
    exporter = HTMLExporter(filters={"markdown2html": markdown})
    page, _resources = exporter.from_notebook_node(
        notebook, {"metadata": {"name": assignment.name}}
    )
    path = assignment.root / FOLDER / f"{assignment.name}.html"
    path.parent.mkdir(exist_ok=True)
    path.write_text(page, encoding="utf-8")
    return path
