"""Visible checks give the same verdict in the student's notebook and when graded."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator
from typing import Any

import nbformat
import pytest

from autograder.checking.mistakes import Mistake, function_source
from autograder.course.assignment import Assignment
from autograder.course.lesson import PRELUDE, Role
from autograder.course.secret import public
from autograder.grading.grader import Grader
from autograder.intake.find import SubmissionSource
from autograder.result import Verdict
from autograder.sandbox.host.worker import Worker
from autograder.sandbox.isolation import Isolation
from tests.helpers.banks import NAMES, ROOT, Bank, bank

ALL = [
    pytest.param(bank(name), mistake, id=f"{name}-{mistake.name}")
    for name in NAMES
    for mistake in bank(name).mistakes
]

NO_NOTEBOOK = {Verdict.TIMED_OUT, Verdict.CRASHED}
"""Verdicts on functions that would stop this process too."""


class Graders:
    """A grader for one assignment at a time, made when it is first needed."""

    def __init__(self, worker: Worker) -> None:
        self.worker = worker
        self.grader: Grader | None = None

    def of(self, name: str) -> Grader:
        """Return the grader of an assignment."""
        if self.grader is None or self.grader.assignment.name != name:
            self.grader = Grader(Assignment(ROOT, name), self.worker, public(5))
        return self.grader


@pytest.fixture(scope="module")
def graders() -> Iterator[Graders]:
    with Worker(Isolation.PROCESS) as worker:
        yield Graders(worker)


def written(grader: Grader, mistake: Mistake) -> dict[str, str]:
    """The student's code: the reference's functions, and this mistake in place of one."""
    reference = grader.assignment.reference
    sources = {name: function_source(reference, name) for name in grader.lesson.functions}
    return sources | {mistake.of: mistake.source(reference)}


def in_the_notebook(grader: Grader, sources: dict[str, str], function: str) -> dict[str, str]:
    """The verdicts of a function's visible checks as the notebook shows them, by sentence."""
    names: dict[str, Any] = {}
    lesson = grader.lesson
    for source in [part.source for part in lesson.parts if part.role in PRELUDE]:
        exec(source, names)  # noqa: S102  # our own
    for source in sources.values():
        exec(source, names)  # noqa: S102  # our own
    shown: list[Any] = []

    def keep(outcomes: list[Any]) -> str:
        shown.extend(outcomes)
        return ""

    names["runner"]._text = keep
    names["runner"]._show = lambda *_texts: None
    with (
        contextlib.suppress(names["runner"].VisibleChecksFailed),
        contextlib.redirect_stdout(io.StringIO()),
    ):
        exec(lesson.by_id[f"{function}_visible"].source, names)  # noqa: S102  # our own
    return {sentence: verdict for verdict, sentence, _reason, _picture in shown}


def graded(grader: Grader, sources: dict[str, str], function: str) -> dict[str, Verdict]:
    """The verdicts of a function's visible checks when a notebook is graded, by sentence."""
    notebook = grader.lesson.released_notebook()
    for cell in notebook.cells:
        part = grader.lesson.by_id.get(cell.id)
        if part is not None and part.role is Role.SOLUTION:
            cell.source = sources[part.id]
    content = nbformat.writes(notebook).encode()
    result = grader.grade(SubmissionSource("ada", "ada.ipynb", lambda: content))
    verdicts = {check.id: check.verdict for check in result.checks}
    visible = [each for each in grader.assignment.checks if each.of == function and each.visible]
    return {check.sentence: verdicts[check.id] for check in visible}


@pytest.mark.parametrize(("bank", "mistake"), ALL)
def test_a_visible_check_gives_one_verdict_in_the_notebook_and_when_graded(
    bank: Bank, mistake: Mistake, graders: Graders
) -> None:
    grader = graders.of(bank.name)
    sources = written(grader, mistake)
    theirs = graded(grader, sources, mistake.of)
    assert theirs
    if NO_NOTEBOOK.intersection(theirs.values()):
        return  # it is the processes that give these verdicts
    passed = {sentence for sentence, verdict in theirs.items() if verdict is Verdict.PASSED}
    ours = in_the_notebook(grader, sources, mistake.of)
    assert ours.keys() == theirs.keys()
    assert {sentence for sentence, verdict in ours.items() if verdict == "passed"} == passed
