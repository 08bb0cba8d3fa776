"""Grades the notebooks of an assignment of plain asserts, in the sandbox and as nbgrader would.

Every cell of the learner's is run, in order, and every test cell of ours in its place, hidden tests
and all, in one process. What a test cell has printed and returned is turned into points by
nbgrader's own rules. That process is the learner's: who means to can make a test say what they
like, and nothing here can tell. `FORGEABLE` stands in the result for that.
"""

from __future__ import annotations

import ast
import base64
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from autograder.checking.result import CheckResult, SubmissionResult, Verdict
from autograder.checking.wording import cell_trouble, undecided
from autograder.course.lesson import Lesson, Part, Role
from autograder.course.plain import PlainAssignment
from autograder.course.secret import Secret
from autograder.grader import Graded, graded_result, rejected_result, undisturbed
from autograder.intake.archives import Found
from autograder.intake.submission import Rejected, Submission, read, text
from autograder.intake.together import unpacked
from autograder.language import _
from autograder.sandbox import wire
from autograder.sandbox.host import Worker
from autograder.sandbox.isolation import SandboxError
from autograder.sandbox.session import ENDED, LEFT_OUT, Session

FORGEABLE = "tests_in_the_learners_process"
"""Stands among what kept learners' code apart, and says what did not."""

KEPT = "_autograder_value"
"""The name under which the value of a test cell's last expression is kept, for one cell."""

TOO_LONG = ("TimedOut", "KeyboardInterrupt")
"""What a cell meets that takes too long: the second from outside, while it runs."""

RUN = (Role.SOLUTION, Role.SETUP, Role.HIDDEN)


@dataclass(frozen=True)
class Step:
    """A cell that is run.

    Attributes:
        source: what is run.
        cell: the number of the submission's cell that it is; None for one of ours.
    """

    source: str
    cell: int | None = None


class PlainGrader:
    """Grades the submissions of one assignment of plain asserts, one after the other.

    Args:
        assignment: what is graded.
        worker: where learners' code runs.
        secret: what its randomness is made from.
    """

    def __init__(self, assignment: PlainAssignment, worker: Worker, secret: Secret) -> None:
        self.lessons = assignment.lessons
        self.worker = worker
        worker.prepare(())
        self.seed = secret.seed("cells", "")
        self.beside = [_put(place, data) for place, data in assignment.beside.items()]
        self.max_score = sum(part.points or 0.0 for each in self.lessons for part in each.parts)

    @property
    def layers(self) -> tuple[str, ...]:
        """What has kept learners' code apart, and that the tests were not kept apart from it."""
        return (*self.worker.layers, FORGEABLE) if self.worker.layers else ()

    def grade(self, found: Found) -> SubmissionResult:
        """The result of one submission, whatever state its files are in.

        A fault of ours that one submission brings to light costs nobody else, and is no mark of its
        own: all of its points are left to a person.

        Raises:
            SandboxError: the sandbox cannot be had.
            OSError: no memory, no disk or no descriptors, likewise.
        """
        start = time.perf_counter()
        try:
            return self._grade(found, start)
        except (SandboxError, OSError):
            raise
        except Exception as error:
            checks = tuple(
                self._check(lesson, part, Verdict.GRADER_ERROR, None, undecided())
                for lesson in self.lessons
                for part in _graded(lesson)
            )
            failed = _("The grader itself failed: {error}.")
            said = failed.format(error=text(f"{type(error).__name__}: {error}"))
            return graded_result(found, checks, (said,), self.max_score, start)

    def _grade(self, found: Found, start: float) -> SubmissionResult:
        try:
            submissions = self._read(found)
        except Rejected as rejected:
            return rejected_result(found, str(rejected), self.max_score, start)
        checks: list[CheckResult] = []
        observations: list[str] = []
        for lesson in self.lessons:
            submission = submissions[lesson.name]
            if isinstance(submission, str):
                checks += [self._lost(lesson, part, submission) for part in _graded(lesson)]
                observations.append(f"{lesson.name}: {submission}")
                continue
            graded = self._take(lesson, submission)
            checks += graded.checks
            said = (*submission.observations, *graded.observations)
            observations += [f"{lesson.name}: {each}" for each in said]
        return graded_result(found, tuple(checks), tuple(observations), self.max_score, start)

    def _read(self, found: Found) -> Mapping[str, Submission | str]:
        """Each notebook in the shape that was released, or why there is none.

        Raises:
            Rejected: there is none at all.
        """
        content = unpacked(found.read())
        made: dict[str, Submission | str] = {}
        for lesson in self.lessons:
            data = content[lesson.name]
            try:
                made[lesson.name] = data if isinstance(data, str) else read(data, lesson)
            except Rejected as rejected:
                made[lesson.name] = str(rejected)
        reasons = [each for each in made.values() if isinstance(each, str)]
        if len(reasons) == len(made):
            raise Rejected(" ".join(dict.fromkeys(reasons)))
        return made

    def _take(self, lesson: Lesson, submission: Submission) -> Graded:
        return undisturbed(self.worker.losses, lambda: self._take_once(lesson, submission))

    def _take_once(self, lesson: Lesson, submission: Submission) -> Graded:
        steps = [*map(Step, self.beside), *_steps(submission)]
        with Session(self.worker, [step.source for step in steps], self.seed) as session:
            ran = list(session.ran)
        by_cell: dict[int, wire.Ran] = {}
        values: dict[int, wire.Ran] = {}
        last = 0
        for step, each in zip(steps, ran, strict=False):
            if step.cell is not None:
                by_cell[step.cell], last = each, step.cell
            else:
                values[last] = each
        places = {cell.part.id: n for n, cell in enumerate(submission.cells) if cell.part}
        checks = tuple(
            self._result(lesson, part, submission, places[part.id], by_cell, values)
            for part in _graded(lesson)
        )
        return Graded(checks, by_cell, tuple(session.observations))

    def _result(
        self,
        lesson: Lesson,
        part: Part,
        submission: Submission,
        place: int,
        ran: Mapping[int, wire.Ran],
        values: Mapping[int, wire.Ran],
    ) -> CheckResult:
        assert part.points is not None  # noqa: S101  # it is a graded one
        if part.role is not Role.HIDDEN:
            written = submission.cells[place].source != part.released
            if part.role is Role.TASK or written:
                said = "A person marks this."
                return self._check(lesson, part, Verdict.NOT_RUN, None, said)
            return self._check(lesson, part, Verdict.FAILED, 0.0, "Nothing was written here.")
        done = ran.get(place, LEFT_OUT)
        try:
            points = _points(part, done, values.get(place))
        except ValueError as error:
            said = f"The test cell gave no points that nbgrader knows: {error}."
            return self._check(lesson, part, Verdict.GRADER_ERROR, None, said)
        why = _why(done) or f"The test gave {points:g} of {part.points:g} points."
        return self._check(lesson, part, _verdict(points, part.points, done), points, why)

    def _lost(self, lesson: Lesson, part: Part, reason: str) -> CheckResult:
        return self._check(lesson, part, Verdict.MISSING, 0.0, reason)

    def _check(
        self, lesson: Lesson, part: Part, verdict: Verdict, points: float | None, said: str | None
    ) -> CheckResult:
        name = part.id if len(self.lessons) == 1 else f"{lesson.name}.{part.id}"
        worth = part.points or 0.0
        if verdict is Verdict.PASSED:
            said = None
        return CheckResult(name, lesson.name, verdict, points, worth, said)


def _graded(lesson: Lesson) -> list[Part]:
    return [part for part in lesson.parts if part.points is not None]


def _put(place: str, data: bytes) -> str:
    """Code that writes a file where the notebook runs, and leaves no name behind."""
    encoded = base64.b64encode(data).decode()
    path = f"__import__('pathlib').Path({place!r})"
    return (
        f"{path}.parent.mkdir(parents=True, exist_ok=True); "
        f"{path}.write_bytes(__import__('base64').b64decode({encoded!r}));"
    )


def _steps(submission: Submission) -> Iterator[Step]:
    """The cells in order, each test cell followed by one that tells its value."""
    for number, cell in enumerate(submission.cells):
        if cell.part is None:
            if not cell.markdown:
                yield Step(cell.source, number)
        elif cell.part.role is Role.HIDDEN:
            kept = _keeping(cell.source)
            yield Step(kept or cell.source, number)
            if kept is not None:
                yield Step(f"globals().pop({KEPT!r}, None)")
        elif cell.part.role in RUN:
            yield Step(cell.source, number)


def _keeping(source: str) -> str | None:
    """The same code, the value of its last expression kept under a name; None if it has none.

    A notebook shows that value, and nbgrader takes it for points; what else is displayed it does
    not, and the two cannot be told apart afterwards. The lines keep their numbers.
    """
    from IPython.core.displayhook import DisplayHook
    from IPython.core.inputtransformer2 import TransformerManager

    try:
        code = TransformerManager().transform_cell(source)
        body = ast.parse(code).body
    except SyntaxError:
        return None
    last = body[-1] if body else None
    if not isinstance(last, ast.Expr) or DisplayHook.semicolon_at_end_of_expression(code):
        return None
    assert last.end_lineno is not None  # noqa: S101  # of what was parsed all is known
    assert last.end_col_offset is not None  # noqa: S101  # likewise
    text: bytes = code.encode()
    lines = text.splitlines(keepends=True)
    start = sum(map(len, lines[: last.lineno - 1])) + last.col_offset
    stop = sum(map(len, lines[: last.end_lineno - 1])) + last.end_col_offset
    kept = text[:start] + KEPT.encode() + b" = (" + text[start:stop] + b")" + text[stop:]
    return kept.decode()


def _points(part: Part, ran: wire.Ran, value: wire.Ran | None) -> float:
    """What nbgrader gives for what a test cell has done.

    Raises:
        ValueError: the cell returned more than it is worth.
    """
    import nbformat
    from nbgrader.utils import determine_grade

    node = nbformat.v4.new_code_cell(part.source, metadata={"nbgrader": dict(part.metadata)})
    outputs: list[Any] = [
        nbformat.v4.new_output("stream", name=each.kind, text=each.data)
        for each in ran.outputs
        if each.kind in ("stdout", "stderr")
    ]
    if ran.error is not None:
        outputs.append(nbformat.v4.new_output("error", ename=ran.error.type, evalue=""))
    for each in value.outputs if value is not None and ran.error is None else ():
        # What is shown as nothing is no value; nbgrader stops where it meets one.
        if each.kind not in ("", "stdout", "stderr") and each.data:
            data = each.data if each.kind == "text/plain" else each.kind
            outputs.append(nbformat.v4.new_output("execute_result", {"text/plain": data}))
    node.outputs = outputs
    return float(determine_grade(node)[0])


def _verdict(points: float, worth: float, ran: wire.Ran) -> Verdict:
    if ran.error is not None and ran.error.type in TOO_LONG:
        return Verdict.TIMED_OUT
    if ran == ENDED:
        return Verdict.CRASHED
    if points >= worth and _why(ran) is None:
        return Verdict.PASSED
    return Verdict.PARTIAL if points > 0 else Verdict.FAILED


def _why(ran: wire.Ran) -> str | None:
    """Why a test cell did not give all of its points, as far as it says."""
    trouble = cell_trouble(ran)
    if trouble is not None:
        return f"The test stopped with {trouble}."
    for each in ran.outputs:
        if each.kind == "stderr":
            line = each.data.strip().splitlines()[:1]
            return f"The test printed an error: {line[0] if line else ''}"
    return None
