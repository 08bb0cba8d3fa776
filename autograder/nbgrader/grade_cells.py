"""What a graded submission's cells hold, for nbgrader and for people.

What nbgrader makes of a cell that says nothing is full marks; so every hidden grade cell gets an
explicit number, and nothing that a learner's code printed is ever in one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nbformat.notebooknode import NotebookNode

from autograder.course.lesson import Lesson, Part, Role
from autograder.grading.outcome import Graded, hidden_cell
from autograder.grading.outputs import _value, outputs
from autograder.i18n import _
from autograder.intake.reconcile import Submission
from autograder.reports.html import check_table as report
from autograder.result import CheckResult


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
