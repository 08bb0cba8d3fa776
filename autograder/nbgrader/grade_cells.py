"""The content of a graded submission's cells, for nbgrader and for people.

nbgrader gives full points to a cell without output. So every hidden grade cell gets an explicit
number, and nothing that a student's code printed is ever in one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nbformat.notebooknode import NotebookNode

from autograder.course.lesson import Lesson, Part, Role
from autograder.grading.outcome import Graded, hidden_cell
from autograder.grading.outputs import outputs, value_output
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
    """Write points and reasons into the cells, and the outputs of the student's own cells.

    The sentences of checks are found by their ids, and the hints of known mistakes by their names.
    """
    for number, (node, cell) in enumerate(zip(nb.cells, submission.cells, strict=True)):
        if cell.part is not None and cell.part.role is Role.HIDDEN:
            checks = [each for each in graded.checks if hidden_cell(each.function) == cell.part.id]
            _write_points(node, cell.part, checks, sentences, hints)
        elif cell.part is not None and cell.part.role is Role.RUNNER:
            _shorten(node)
        elif number in graded.ran:
            node.outputs = outputs(graded.ran[number], graded.values.get(number, ()))


def write_rejection(nb: NotebookNode, lesson: Lesson, reason: str) -> None:
    """Write no points, and the reason, into the cells of a placeholder."""
    for node in nb.cells:
        part = lesson.by_id.get(node.metadata.get("nbgrader", {}).get("grade_id"))
        if part is not None and part.role is Role.RUNNER:
            _shorten(node)
        elif part is not None and part.role in (Role.HIDDEN, Role.TEST):
            node.source = part.released
            node.outputs = _answer({"text/plain": reason, report.REJECTED: {"reason": reason}}, 0.0)


def _shorten(runner: NotebookNode) -> None:
    """Leave only the first line of the cell that runs the visible checks: it is long."""
    runner.source = runner.source.partition("\n")[0]


def unmark_pointless(nb: NotebookNode) -> None:
    """Make read-only cells that are worth nothing plain cells.

    formgrader asks for points and extra credit at every grade cell. Points must be saved first,
    because nbgrader saves those of grade cells only.
    """
    for node in nb.cells:
        known = node.metadata.get("nbgrader", {})
        if known.get("grade") and known.get("locked") and not known.get("points"):
            node.metadata["nbgrader"] = NotebookNode({**known, "grade": False})


def comment_on_rejection(reason: str) -> str:
    """Return the comment on every answer of an unreadable file."""
    return _("This submission could not be read. {reason}").format(reason=reason)


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
        report.CHECKS: report.to_output(report.rows(checks, sentences, hints)),
    }
    node.outputs = _answer(words, points)


def _answer(words: dict[str, Any], points: float) -> list[NotebookNode]:
    """Return a hidden grade cell's output, as nbformat makes outputs, but without validation."""
    shown = NotebookNode(output_type="display_data", metadata={}, data=words)
    return [shown, value_output(repr(points))]
