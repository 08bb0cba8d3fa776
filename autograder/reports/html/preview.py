"""Make a page that shows a notebook as students get it."""

from __future__ import annotations

from typing import Any

from nbconvert.exporters import HTMLExporter

from autograder.reports.html.markdown import markdown


def preview_page(notebook: Any, name: str) -> str:
    """Return a released notebook as an HTML page, and cut its folded cells.

    As in JupyterLab, cells that are folded show their first line. Formulas are MathML, so that the
    page needs no network.
    """
    for cell in notebook.cells:
        if cell.metadata.get("jupyter", {}).get("source_hidden"):
            cell.source = cell.source.partition("\n")[0] + "\n…"
    exporter = HTMLExporter(filters={"markdown2html": markdown})
    page: str = exporter.from_notebook_node(notebook, {"metadata": {"name": name}})[0]
    return page
