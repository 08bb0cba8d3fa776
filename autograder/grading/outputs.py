"""Converts the outputs of cells into the form in which a notebook stores them."""

from __future__ import annotations

from collections.abc import Iterable

import nbformat
from nbformat.notebooknode import NotebookNode

from autograder.checking.judge.messages import cell_trouble
from autograder.i18n import _
from autograder.reports.html.markdown import is_base64
from autograder.sandbox.protocol import wire


def _value(text: str) -> NotebookNode:
    """What nbgrader takes for the points of a cell, if it is a number."""
    return NotebookNode(
        output_type="execute_result",
        metadata={},
        data={"text/plain": text},
        execution_count=1,
    )


def outputs(ran: wire.Ran, values: Iterable[wire.Output] = ()) -> list[NotebookNode]:
    """What a cell has shown and raised, as a notebook holds it.

    Args:
        ran: what came of the cell.
        values: what its last line is, where nbgrader may take that for points.
    """
    shown = [*map(_output, ran.outputs), *_left_out(ran), *_error(ran)]
    return [*shown, *(_value(each.data) for each in values)]


def _output(output: wire.Output) -> NotebookNode:
    """Something a learner's cell showed, as a notebook holds it."""
    if output.kind in ("stdout", "stderr"):
        return nbformat.v4.new_output("stream", name=output.kind, text=output.data)
    shown = output.kind == "text/plain" or (output.kind == "image/png" and is_base64(output.data))
    return nbformat.v4.new_output("display_data", {output.kind: output.data} if shown else {})


def _left_out(ran: wire.Ran) -> list[NotebookNode]:
    """What says that not all that a cell has shown is here; nbgrader gives no points for it."""
    if not ran.cut:
        return []
    said = _("[Some output of this cell is left out here. Run the notebook to see all of it.]")
    return [nbformat.v4.new_output("stream", name="stdout", text=f"{said}\n")]


def _error(ran: wire.Ran) -> list[NotebookNode]:
    if ran.error is None:
        return []
    line = cell_trouble(ran)
    return [
        nbformat.v4.new_output(
            "error", ename=ran.error.type, evalue=ran.error.message, traceback=[line]
        )
    ]
