"""What a graded submission's cells hold, for nbgrader and for people.

What nbgrader makes of a cell that says nothing is full marks; so every hidden grade cell gets an
explicit number, and nothing that a learner's code printed is ever in one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import nbformat
from nbformat.notebooknode import NotebookNode

from autograder.checking.result import CheckResult
from autograder.checking.wording import cell_trouble
from autograder.course.lesson import Lesson, Part, Role
from autograder.grader import Graded, hidden_cell
from autograder.intake.submission import Submission
from autograder.language import _
from autograder.reports import cell as report
from autograder.reports.texts import is_base64
from autograder.sandbox import wire


def fill(
    nb: NotebookNode,
    submission: Submission,
    graded: Graded,
    sentences: Mapping[str, str],
    hints: Mapping[str, str],
) -> None:
    """Writes points and reasons into the cells, and what the learner's own cells have shown.

    Args:
        nb: the submission's notebook; what its outputs were before is gone.
        submission: what was graded, cell by cell.
        graded: what came of it.
        sentences: what each check asks, by its id.
        hints: what helps against each known mistake, by its name.
    """
    for number, (node, cell) in enumerate(zip(nb.cells, submission.cells, strict=True)):
        if cell.part is not None and cell.part.role is Role.HIDDEN:
            _write_points(node, cell.part, _of(cell.part, graded), sentences, hints)
        elif cell.part is not None and cell.part.role is Role.RUNNER:
            node.source = node.source.partition("\n")[0]  # nobody wants to read it here
        elif number in graded.ran:
            node.outputs = outputs(graded.ran[number], graded.values.get(number, ()))


def write_rejection(nb: NotebookNode, lesson: Lesson, reason: str) -> None:
    """Writes no points, and why, into the cells of a stand-in."""
    for node in nb.cells:
        part = lesson.by_id.get(node.metadata.get("nbgrader", {}).get("grade_id"))
        if part is not None and part.role in (Role.HIDDEN, Role.TEST):
            node.source = part.released
            node.outputs = _answer({"text/plain": reason, report.REJECTED: {"reason": reason}}, 0.0)


def comment_on_rejection(reason: str) -> str:
    """What stands at every answer of a file that could not be read."""
    return _("This submission could not be read. {reason}").format(reason=reason)


def _of(part: Part, graded: Graded) -> list[CheckResult]:
    """The checks that a hidden grade cell holds the points of."""
    return [check for check in graded.checks if hidden_cell(check.function) == part.id]


def _write_points(
    node: NotebookNode,
    part: Part,
    checks: list[CheckResult],
    sentences: Mapping[str, str],
    hints: Mapping[str, str],
) -> None:
    points = sum(check.points for check in checks if check.points is not None)
    node.source = part.released  # nothing that was hidden goes into feedback
    words = {
        "text/plain": report.text(checks, sentences),
        "text/html": report.html(checks, sentences),
        report.CHECKS: report.to_output(report.told(checks, sentences, hints)),
    }
    node.outputs = _answer(words, points)


def _answer(words: dict[str, Any], points: float) -> list[NotebookNode]:
    """What a hidden grade cell says, as nbformat makes outputs, less a millisecond for a schema."""
    shown = NotebookNode(output_type="display_data", metadata={}, data=words)
    return [shown, _value(repr(points))]


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
    said = _("[Not all that this cell shows is kept here. Run the notebook to see the rest.]")
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
