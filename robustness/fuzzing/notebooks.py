"""Mutated notebooks are graded, and every mark is held against one that was come by another way.

The other way is `code_in`: it reads the file with nothing of ours, and takes out the student's
code. That code must get the same marks as cells of the student's own in a notebook that otherwise
is as it was released. A file may be rejected instead, in a sentence, unless the mutation has left
the student's code alone.

Every file goes all the way from its bytes to the printed result. Only running the cells and taking
the checks is done once for all submissions in which the same sources run in the same order: the
marks are a function of these and the seed, as far as the grader is concerned, and this is what
makes ten thousand affordable. The table says how many were run.
"""

from __future__ import annotations

import io
import json
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
from rich.console import Console

from autograder.course import secret
from autograder.course.lesson import READ_ONLY, Lesson, Role
from autograder.grading.grader import Grader
from autograder.grading.outcome import Graded
from autograder.intake.find import SubmissionSource
from autograder.intake.reconcile import Submission, read
from autograder.reports.terminal import submission as terminal
from autograder.result import Result, Status, SubmissionResult, to_json
from autograder.sandbox.host.worker import Worker
from robustness.fuzzing import course
from robustness.fuzzing.intact import INTACT, MUTATIONS
from robustness.fuzzing.mutations import written
from robustness.fuzzing.table import Outcomes, Wrong

Marks = tuple[tuple[str, float | None], ...]


class Remembering(Grader):
    """A grader that runs the same sources once.

    Attributes:
        runs: what came of the sources that were run.
    """

    runs: dict[tuple[str, ...], Graded]

    def take(self, submission: Submission, files: Mapping[str, bytes] | None = None) -> Graded:
        """Return what it was the last time, where there was one."""
        key = tuple(cell.source for cell in submission.cells if cell.runs)
        if key not in self.runs:
            self.runs[key] = super().take(submission, files)
        return self.runs[key]


def fuzz(count: int, seed: int, folder: Path) -> Outcomes:
    """Grades so many mutated notebooks.

    Args:
        count: how many.
        seed: of the chance that makes them.
        folder: where a course may be made.
    """
    columns = ("rejected", "same marks", "other marks")
    outcomes = Outcomes("mutated notebooks", columns)
    with Worker() as worker:
        grader = Remembering(course.write(folder), worker, secret.public(1))
        grader.runs = {}
        bases = course.notebooks(grader.lesson)
        clean = [_marks(_graded(grader, written(base))) for base in bases]
        if len(set(clean)) != len(course.CLASS):
            raise Wrong("The class must earn as many different marks as it has members.")
        for number in range(count):
            kind = list(MUTATIONS)[number % len(MUTATIONS)]
            chance = random.Random(f"{seed} {number}")  # noqa: S311  # repeatable
            which = chance.randrange(len(bases))
            with outcomes.attempt(kind, number) as counts:
                data = MUTATIONS[kind](bases[which], chance)
                failures = len(outcomes.failures)
                outcome, cause = _attempt(grader, kind, data, bases[which], clean[which])
                counts[outcome] += 1
                if cause:
                    outcomes.notes[kind, cause] += 1
            if len(outcomes.failures) > failures:
                worker.stop()  # whatever happened, the next one starts anew
            outcomes.progress(number + 1, count)
        outcomes.notes["in the sandbox", "different sources were run:"] = len(grader.runs)
    return outcomes


def _attempt(
    grader: Grader, kind: str, data: bytes, base: dict[str, Any], clean: Marks
) -> tuple[str, str | None]:
    """Return the outcome of grading a mutated file, and the cause where its marks are other ones.

    Raises:
        Wrong: it should have been another outcome.
    """
    result = _graded(grader, data)
    code, before = code_in(data, grader.lesson), code_in(written(base), grader.lesson)
    if result.status is Status.REJECTED:
        if kind in INTACT:
            raise Wrong(f"rejected, though the student's code is intact: {result.reason}")
        return "rejected", None
    if code is None:
        raise Wrong("graded, though it is no JSON")
    marks = _marks(result)
    if kind in INTACT or code == before:
        if marks != clean:
            raise Wrong(f"the student's code is the same, and the marks are {marks}, not {clean}")
        return "same marks", None
    rebuilt = _marks(_graded(grader, _rebuilt(code, grader.lesson)))
    if marks != rebuilt:
        raise Wrong(f"the same code gets {rebuilt} in a clean notebook, and {marks} in this one")
    if marks == clean:
        return "same marks", None
    return "other marks", _cause(before or [], code)


def _cause(before: list[str], after: list[str]) -> str:
    """Return what happened to the student's code."""
    if sorted(before) == sorted(after):
        return "its code was moved:"
    if set(after) < set(before):
        return "some of its code was lost:"
    return "code was added:" if set(after) > set(before) else "its code was altered:"


def _graded(grader: Grader, data: bytes) -> SubmissionResult:
    """Return the result for a file, after it went wherever results go."""
    result = grader.grade(SubmissionSource("student", "student.ipynb", lambda: data))
    to_json(Result(1, course.NAME, "", "", None, "", (), (result,)))
    console = Console(file=io.StringIO())
    terminal.submission(console, result)
    if result.status is Status.REJECTED:
        reason = result.reason or ""
        if not (reason.endswith(".") and len(reason) < 300 and "\n" not in reason):
            raise Wrong(f"{reason!r} is no sentence")
    else:
        nbformat.writes(read(data, grader.lesson).notebook(grader.lesson)).encode()
    return result


def _marks(result: SubmissionResult) -> Marks:
    return tuple((check.id, check.points) for check in result.checks)


def code_in(data: bytes, lesson: Lesson) -> list[str] | None:
    """Return the student's code in a file, in its order; None where the file is no JSON."""
    try:
        notebook = json.loads(
            data.decode(json.detect_encoding(data)), parse_int=lambda digits: float(digits[:300])
        )
    except (ValueError, RecursionError):
        return None
    if not isinstance(notebook, dict):
        return []
    sheets = [notebook]
    if isinstance(notebook.get("nbformat"), float) and notebook["nbformat"] < 4:
        sheets = _list(notebook.get("worksheets"))
    cells = [
        cell
        for sheet in sheets
        for cell in (_list(sheet.get("cells")) if isinstance(sheet, dict) else [])
    ]
    found: list[str] = []
    seen: set[str] = set()
    for cell in cells:
        if not isinstance(cell, dict):
            continue
        name: Any = cell
        for key in ("metadata", "nbgrader", "grade_id"):
            name = name.get(key) if isinstance(name, dict) else None
        part = lesson.by_id.get(name) if isinstance(name, str) else None
        role = part.role if part is not None else None
        is_code = cell.get("cell_type") == "code"
        first = part is not None and part.id not in seen
        seen.update([part.id] if part is not None else [])
        if role in READ_ONLY or (role is Role.ANSWER and first):
            continue
        if is_code or (role is Role.SOLUTION and first):
            key = "input" if sheets != [notebook] and is_code else "source"
            found.append(_text(cell.get(key)))
    return found


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(source: Any) -> str:
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    text = source if isinstance(source, str) else ""
    return text.encode("utf-8", "replace").decode().replace("\r\n", "\n")


def _rebuilt(code: list[str], lesson: Lesson) -> bytes:
    """Return a notebook as released, but with the student's cells last and without names."""
    notebook = lesson.released_notebook()
    notebook.cells = [
        cell
        for cell in notebook.cells
        if (part := lesson.by_id.get(cell["id"])) is None or part.role in READ_ONLY
    ]
    notebook.cells += [nbformat.v4.new_code_cell(source) for source in code]
    return written(notebook)
