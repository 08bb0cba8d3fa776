"""Visible checks give the same verdict in the student's notebook and when graded."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator
from typing import Any

import nbformat
import numpy as np
import pytest

from autograder.checking import expect
from autograder.checking.mistakes import Mistake, function_source
from autograder.course.assignment import Assignment
from autograder.course.builder import build
from autograder.course.lesson import PRELUDE, Lesson, Role
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


def written(bank: Bank, lesson: Lesson, mistake: Mistake) -> dict[str, str]:
    """Return the student's code: the reference's functions, and this mistake in place of one."""
    sources = {name: function_source(bank.reference, name) for name in lesson.functions}
    return sources | {mistake.of: mistake.source(bank.reference)}


def opened(lesson: Lesson, sources: dict[str, str]) -> dict[str, Any]:
    """Return the names of a notebook in which the student has written these functions."""
    names: dict[str, Any] = {}
    for source in [part.source for part in lesson.parts if part.role in PRELUDE]:
        exec(source, names)  # noqa: S102  # our own
    for source in sources.values():
        exec(source, names)  # noqa: S102  # our own
    names["runner"]._show = lambda *_texts: None
    return names


def run(lesson: Lesson, names: dict[str, Any], function: str) -> None:
    """Run the visible checks of a function."""
    with (
        contextlib.suppress(names["runner"].VisibleChecksFailed),
        contextlib.redirect_stdout(io.StringIO()),
    ):
        exec(lesson.by_id[f"{function}_visible"].source, names)  # noqa: S102  # our own


def in_the_notebook(lesson: Lesson, sources: dict[str, str], function: str) -> dict[str, str]:
    """The verdicts of a function's visible checks as the notebook shows them, by sentence."""
    names = opened(lesson, sources)
    shown: list[Any] = []

    def keep(outcomes: list[Any]) -> str:
        shown.extend(outcomes)
        return ""

    names["runner"]._text = keep
    run(lesson, names, function)
    return {sentence: verdict for sentence, (verdict, *_why) in shown}


def graded(grader: Grader, sources: dict[str, str], function: str) -> dict[str, Verdict]:
    """Return the verdicts of a function's visible checks when a notebook is graded, by sentence."""
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
    sources = written(bank, grader.lesson, mistake)
    theirs = graded(grader, sources, mistake.of)
    assert theirs
    if NO_NOTEBOOK.intersection(theirs.values()):
        return  # it is the processes that give these verdicts
    passed = {sentence for sentence, verdict in theirs.items() if verdict is Verdict.PASSED}
    ours = in_the_notebook(grader.lesson, sources, mistake.of)
    assert ours.keys() == theirs.keys()
    assert {sentence for sentence, verdict in ours.items() if verdict == "passed"} == passed


FORMER_RUNNER = """\
# What the checks and experiments of this notebook need. There is nothing to do here.
import types

EXPECT = r'''
class Unmet(Exception):
    pass
'''

expect = types.ModuleType("expect")
expect._ = str
exec(EXPECT, vars(expect))
"""
"""The beginning of the cell in notebooks released before its modules were packed."""


def test_a_notebook_that_was_released_with_the_former_runner_is_graded(graders: Graders) -> None:
    grader = graders.of("logistic_regression")
    reference = grader.assignment.reference
    notebook = grader.lesson.filled(
        {name: function_source(reference, name) for name in grader.lesson.functions}
    )
    (runner,) = (cell for cell in notebook.cells if cell.id == "runner")
    runner.source = FORMER_RUNNER
    content = nbformat.writes(notebook).encode()
    result = grader.grade(SubmissionSource("ada", "ada.ipynb", lambda: content))
    assert {check.verdict for check in result.checks} == {Verdict.PASSED}


def leaves(value: Any) -> Iterator[Any]:
    """The arrays and numbers in an answer."""
    if isinstance(value, (dict, list, tuple)):
        for each in value.values() if isinstance(value, dict) else value:
            yield from leaves(each)
    else:
        yield np.ravel(value)


@pytest.mark.parametrize("bank", [bank(name) for name in NAMES], ids=NAMES)
def test_what_a_failed_visible_check_expects_is_what_the_reference_answers(bank: Bank) -> None:
    lesson = build(Assignment(ROOT, bank.name))
    right = {name: function_source(bank.reference, name) for name in lesson.functions}
    names = opened(lesson, right)
    detailed = names["runner"].Student._details
    compared = 0
    for mistake in bank.mistakes:
        source = mistake.source(bank.reference)
        if any(each in source for each in ("while True", "_exit")):
            continue  # it would stop this process too
        told: list[tuple[Any, Any]] = []

        def keep(student: Any, error: Exception, told: Any = told) -> Any:
            told.append((student, error))
            return detailed(student, error)

        names["runner"].Student._details = keep
        exec(source, names)  # noqa: S102  # our own
        run(lesson, names, mistake.of)
        exec(right[mistake.of], names)  # noqa: S102  # our own
        for student, error in told:
            wanted = getattr(error, "wanted", None)
            if wanted is None:
                continue
            (call,) = (each for each in student._calls if each.answer is error.answer.whole)
            function = getattr(bank.reference, call.words.partition("(")[0])
            answers = list(leaves(function(**expect.bare(call.arguments))))
            want = np.ravel(wanted)
            assert any(each.shape == want.shape and np.allclose(each, want) for each in answers)
            compared += 1
    assert compared


UPDATE_IN_PLACE = """
def update_parameters(parameters, grads, learning_rate=1.2):
    for key in parameters:
        parameters[key] -= learning_rate * grads["d" + key]
    return parameters
"""


def test_an_update_in_place_is_told_that_it_changes_its_arguments_and_nothing_else() -> None:
    lesson = build(Assignment(ROOT, "random_initialization"))
    names = opened(lesson, {"update_parameters": UPDATE_IN_PLACE})
    texts: list[str] = []
    names["runner"]._show = lambda text, _table: texts.append(" ".join(text.split()))
    run(lesson, names, "update_parameters")
    (text,) = texts
    assert text.count("✓ passed") == 2
    assert "update_parameters(parameters, grads) changed its argument parameters." in text
    # What is shown is what the function was called with, not what it has made of it.
    assert 'parameters["W1"] = [[1.0, -1.0]]' in text
