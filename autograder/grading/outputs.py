"""Convert the outputs of cells into the form in which a notebook stores them."""

from __future__ import annotations

from collections.abc import Iterable

import nbformat
from nbformat.notebooknode import NotebookNode

from autograder.checking.judge.messages import cell_trouble
from autograder.i18n import _
from autograder.reports.html.markdown import is_base64
from autograder.sandbox.protocol import wire


def value_output(text: str) -> NotebookNode:
    """Return the number that nbgrader takes for the points of a cell, if there is one."""
    return NotebookNode(
        output_type="execute_result",
        metadata={},
        data={"text/plain": text},
        execution_count=1,
    )


def outputs(ran: wire.Ran, values: Iterable[wire.Output] = ()) -> list[NotebookNode]:
    """Return the output and the error of a cell, as a notebook holds them.

    `values` are the value of its last line, if nbgrader may take that for points.
    """
    shown = [_output(each) for each in ran.outputs]
    if ran.cut:
        said = _("[Some output of this cell is left out here. Run the notebook to see all of it.]")
        # nbgrader gives no points for this kind of output.
        shown.append(nbformat.v4.new_output("stream", name="stdout", text=f"{said}\n"))
    if ran.error is not None:
        about = {"ename": ran.error.type, "evalue": ran.error.message}
        shown.append(nbformat.v4.new_output("error", **about, traceback=[cell_trouble(ran)]))
    return [*shown, *(value_output(each.data) for each in values)]


def _output(output: wire.Output) -> NotebookNode:
    """Return one output of a student's cell, as a notebook holds it."""
    if output.kind in ("stdout", "stderr"):
        return nbformat.v4.new_output("stream", name=output.kind, text=output.data)
    shown = output.kind == "text/plain" or (output.kind == "image/png" and is_base64(output.data))
    return nbformat.v4.new_output("display_data", {output.kind: output.data} if shown else {})
