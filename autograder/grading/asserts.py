"""Grade the notebooks of an assignment of plain asserts, in the sandbox and by nbgrader's rules.

All cells run in order in one process: the student's cells and, in their places, our test cells with
the hidden tests. nbgrader's own rules turn the output and value of a test cell into points. The
process is the student's: a student who tries can make a test say anything, and nothing here can
tell. `FORGEABLE` says so in the result.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import msgspec

from autograder.checking.judge.messages import cell_trouble, not_given, undecided
from autograder.course.asserts_assignment import PlainAssignment
from autograder.course.lesson import MARKDOWN, Lesson, Part, Role
from autograder.course.secret import Secret
from autograder.grading.outcome import (
    Graded,
    GradedWork,
    NotebookResult,
    retry_if_killed,
    submission_result,
)
from autograder.grading.own_files import cells_that_put
from autograder.grading.reported_values import VALUE_NAME, keeping_value, with_values
from autograder.grading.stopped import (
    Stopped,
    cell_that_defines,
    command_not_run,
    lacks_a_file,
    missing_modules,
    missing_name,
    went_without,
)
from autograder.i18n import _, use_language
from autograder.intake.find import Contents, SubmissionSource, unpacked
from autograder.intake.reconcile import (
    Cell,
    Rejected,
    Submission,
    is_as_released,
    read,
    text,
)
from autograder.result import CheckResult, SubmissionResult, Verdict, WrittenAnswer
from autograder.sandbox.host.session import ENDED, LEFT_OUT, Session
from autograder.sandbox.host.worker import Worker
from autograder.sandbox.isolation import SandboxError
from autograder.sandbox.protocol import limits, wire

FORGEABLE = "tests_in_the_learners_process"
"""An entry among the layers of isolation: the tests were not isolated from the student's code."""

TOO_LONG = ("TimedOut", "KeyboardInterrupt")
"""The errors that stop a cell that takes too long; the second comes from outside."""

RUN = (Role.SOLUTION, Role.SETUP, Role.TEST)


@dataclass(frozen=True)
class Step:
    """A cell that is run.

    Attributes:
        cell: the cell's place in the submission; None for one of ours.
        number: the cell's number among the code cells, for tracebacks; 0 for one of ours.
    """

    source: str
    cell: int | None = None
    number: int = 0


class PlainGrader:
    """Grade the submissions of one assignment of plain asserts, one after the other."""

    def __init__(self, assignment: PlainAssignment, worker: Worker, secret: Secret) -> None:
        self.lessons = assignment.lessons
        self.language = assignment.language
        self.sentences: Mapping[str, str] = {}  # a test cell has none
        self.hints: Mapping[str, str] = {}
        self.config = assignment.config
        self.worker = worker
        worker.prepare(())
        self.seed = secret.seed("cells", "")
        self.course_files = assignment.beside.files
        worker.share(self.course_files)
        worker.limit(assignment.limits)
        self.max_score = sum(part.points or 0.0 for each in self.lessons for part in _tests(each))

    @property
    def layers(self) -> tuple[str, ...]:
        """The layers of isolation, and that the tests ran in the student's own process."""
        return (*self.worker.layers, FORGEABLE) if self.worker.layers else ()

    def grade(self, source: SubmissionSource) -> SubmissionResult:
        """Return the result of one submission, whatever state its files are in."""
        return self.examine(source).result

    def examine(self, source: SubmissionSource) -> GradedWork[PlainGrader]:
        """Grade a submission and keep what the result was made from, without missing notebooks.

        A fault of ours that one submission triggers costs no other student anything and gives no
        score: all points of that submission need review.
        """
        start = time.perf_counter()
        with use_language(self.language):
            try:
                return self._examine(source, start)
            except (SandboxError, OSError):
                raise
            except Exception as error:
                return self.left(source, error)

    def left(self, source: SubmissionSource, error: Exception) -> GradedWork[PlainGrader]:
        """Return the result of a submission on which the grader itself failed: it needs review."""
        start = time.perf_counter()
        content: Contents = {}
        with use_language(self.language):
            with contextlib.suppress(Exception):  # the result already reports a failure
                content = self._contents(source)
            fault = text(f"{type(error).__name__}: {error}")
            notebooks = tuple(
                self._left(each, content.get(each.name), fault) for each in self.lessons
            )
            said = _("The grader itself failed: {error}.").format(error=fault)
            result = self._graded_result(source, notebooks, (said,), start)
            return GradedWork(result, self, _submitted(notebooks, content))

    def _examine(self, source: SubmissionSource, start: float) -> GradedWork[PlainGrader]:
        content = self._contents(source)
        notebooks = tuple(_read(lesson, content.get(lesson.name)) for lesson in self.lessons)
        if not any(each.submission for each in notebooks):
            reason = " ".join(dict.fromkeys(each.reason or "" for each in notebooks))
            result = submission_result(source, start, self.max_score, rejected=reason)
            there = _submitted(notebooks, content)
            return GradedWork(result, self, tuple(replace(each, reason=reason) for each in there))
        files, left_out = source.own_files(
            data for data in content.values() if isinstance(data, bytes)
        )
        puts = tuple(map(Step, cells_that_put(files, self.course_files)))
        notebooks = tuple(self._all_graded(notebooks, puts))
        said: list[str] = [*left_out]
        for each in notebooks:
            about = each.submission.observations if each.submission else (each.reason or "",)
            found_out = each.graded.observations if each.graded else ()
            said += [f"{each.lesson.name}: {sentence}" for sentence in (*about, *found_out)]
        result = self._graded_result(source, notebooks, said, start)
        return GradedWork(result, self, _submitted(notebooks, content))

    def _contents(self, source: SubmissionSource) -> Contents:
        """Return the submitted notebooks; if there are none, the reason for each."""
        names = [lesson.name for lesson in self.lessons]
        try:
            data = source.read()
        except Rejected as rejected:
            return dict.fromkeys(names, str(rejected))
        return unpacked(data) if len(names) > 1 else {names[0]: data}

    def _graded_result(
        self,
        source: SubmissionSource,
        notebooks: Sequence[NotebookResult],
        said: Sequence[str],
        start: float,
    ) -> SubmissionResult:
        checks = tuple(
            check
            for each in notebooks
            for check in (each.graded.checks if each.graded else self._lost(each))
        )
        written = tuple(answer for each in notebooks for answer in self._written(each))
        faults: dict[str, str] = {}
        for each in notebooks:
            faults |= each.graded.faults if each.graded else {}
        return submission_result(
            source, start, self.max_score, checks, tuple(said), written, faults
        )

    def _all_graded(
        self, notebooks: Iterable[NotebookResult], puts: tuple[Step, ...]
    ) -> Iterator[NotebookResult]:
        """Grade the notebooks of a submission, whose outputs share one bound."""
        room = limits.MAX_SUBMISSION_OUTPUT_BYTES
        for each in notebooks:
            notebook = self._graded(each, room, puts)
            if notebook.graded is not None:
                room -= sum(ran.weight for ran in notebook.graded.ran.values())
            yield notebook

    def _graded(
        self, notebook: NotebookResult, room: int, puts: tuple[Step, ...]
    ) -> NotebookResult:
        """Grade one notebook, if it could be read."""
        lesson, submission = notebook.lesson, notebook.submission
        if submission is None:
            return notebook
        taken = retry_if_killed(
            self.worker.deaths, lambda: self._take(lesson, submission, room, puts)
        )
        return replace(notebook, graded=_settled(lesson, submission, taken))

    def _left(self, lesson: Lesson, data: bytes | str | None, fault: str) -> NotebookResult:
        """Return a notebook as far as it can be read; all of its points need review."""
        blank = tuple(Cell(each, each.role in MARKDOWN, each.released) for each in lesson.parts)
        notebook = NotebookResult(lesson, data if isinstance(data, bytes) else None)
        with contextlib.suppress(Exception):
            notebook = _read(lesson, data) if data is not None else notebook
        checks = tuple(
            self._check(lesson, part, Verdict.GRADER_ERROR, None, undecided())
            for part in _tests(lesson)
        )
        settled = dict.fromkeys(part.id for part in _marked(lesson))
        return replace(
            notebook,
            submission=notebook.submission or Submission(blank, ()),
            graded=Graded(checks, {}, (), settled, faults={each.id: fault for each in checks}),
        )

    def _take(
        self, lesson: Lesson, submission: Submission, room: int, puts: tuple[Step, ...]
    ) -> Graded:
        steps = [*puts, *_steps(submission)]
        sources = [step.source for step in steps]
        numbers = [step.number for step in steps]
        opened = Session(
            *(self.worker, sources, self.seed), room=room, numbers=numbers, traced=True
        )
        with opened as session:
            ran = list(session.ran)
        by_cell = {step.cell: LEFT_OUT for step in steps if step.cell is not None}
        values: dict[int, tuple[wire.Output, ...]] = {}
        last = 0
        for step, each in zip(steps, ran, strict=False):
            if step.cell is not None:
                by_cell[step.cell], last = each, step.cell
            elif last in by_cell and by_cell[last].error is None:
                values[last] = _value(each)
        places = {cell.part.id: n for n, cell in enumerate(submission.cells) if cell.part}
        stopped = list(_stopped(submission, by_cell))
        cells, checks = submission.cells, []
        for part in _tests(lesson):
            place = places[part.id]
            before = [each for at, each in stopped if at < place]
            theirs = (by_cell[at] for at in sorted(by_cell) if at < place and cells[at].runs)
            command = next(filter(None, map(command_not_run, theirs)), None)
            shown = values.get(place, ())
            result = self._result(lesson, part, by_cell[place], shown, before, command)
            checks.append(result)
        # The sandbox knows no language.
        said = (*map(_, session.observations), *missing_modules(by_cell.values()))
        said += tuple(went_without(by_cell, submission.code_numbers, checks))
        return Graded(tuple(checks), by_cell, said, values=values)

    def _result(
        self,
        lesson: Lesson,
        part: Part,
        ran: wire.Ran,
        values: Sequence[wire.Output],
        stopped: Sequence[Stopped],
        command: str | None,
    ) -> CheckResult:
        """Return the outcome of a test that showed these values, given what failed before it.

        These are the student's cells that stopped, and a shell command that was not run.
        """
        assert part.points is not None  # noqa: S101  # it is a graded one
        try:
            points = self._points(part, ran, values)
        except ValueError as error:
            said = _("The points that this test cell gave cannot be read: {error}.")
            said = said.format(error=error)
            return self._check(lesson, part, Verdict.GRADER_ERROR, None, said)
        gave = _("The test gave {points} of {most} points.")
        why = _why(ran) or gave.format(points=f"{points:g}", most=f"{part.points:g}")
        verdict = _verdict(points, part.points, ran)
        name = missing_name(ran)
        cell = cell_that_defines(name, stopped) if name else None
        if name and cell:
            undefined = _("{name} is not defined, because {cell} stopped with {error}.")
            why = undefined.format(name=name, cell=cell.name, error=cell.trouble)
            if verdict is Verdict.FAILED:
                verdict = _verdict(points, part.points, cell.ran)
            if command and lacks_a_file(cell.ran):
                return self._not_given(lesson, part, f"{why} {_not_run(command)}", None)
            if cell.denied:
                return self._not_given(lesson, part, why, cell.denied)
        elif (
            points < part.points
            and lacks_a_file(ran)
            and (cell := next((each for each in stopped if each.denied), None))
        ):
            why = f"{why} {_before(cell)}"
            return self._not_given(lesson, part, why, cell.denied)
        elif points < part.points and lacks_a_file(ran) and command:
            return self._not_given(lesson, part, f"{why} {_not_run(command)}", None)
        elif points < part.points and (denied := (ran.error and ran.error.denied) or ran.denied):
            return self._not_given(lesson, part, why, denied)
        elif stopped and points < part.points:
            why = f"{why} {_before(stopped[0])}"
        elif command and " install " not in command:
            why = f"{why} {_not_run(command)}"
        return self._check(lesson, part, verdict, points, why)

    def _not_given(
        self, lesson: Lesson, part: Part, why: str, what: wire.Denied | None
    ) -> CheckResult:
        """Return the outcome of a test that the sandbox has stopped: a person decides."""
        said = f"{why} {not_given(what or wire.Denied.SYSTEM)}"
        return self._check(lesson, part, Verdict.NOT_RUN, None, said)

    def _points(self, part: Part, ran: wire.Ran, values: Sequence[wire.Output]) -> float:
        """Return nbgrader's points for a test cell; more than it is worth raises ValueError."""
        from nbformat.notebooknode import NotebookNode
        from nbgrader.preprocessors import IgnorePattern
        from nbgrader.utils import determine_grade

        from autograder.grading.outputs import outputs  # nbgrader takes a second to import

        node = part.cell(part.source)
        node.outputs = outputs(ran, values)
        IgnorePattern(config=self.config)(NotebookNode(cells=[node]), {})
        return float(determine_grade(node)[0])

    def _lost(self, notebook: NotebookResult) -> list[CheckResult]:
        points = 0.0 if notebook.missing else None  # a file that is there may be worth something
        return [
            self._check(notebook.lesson, part, Verdict.MISSING, points, notebook.reason)
            for part in _tests(notebook.lesson)
        ]

    def _written(self, notebook: NotebookResult) -> Iterator[WrittenAnswer]:
        """Return the parts that are graded manually; none in a notebook that was not submitted."""
        nothing = 0.0 if notebook.missing else None
        for part in _by_hand(notebook.lesson):
            points = notebook.graded.settled[part.id] if notebook.graded else nothing
            yield WrittenAnswer(self._name(notebook.lesson, part), points, part.points or 0.0)

    def _check(
        self, lesson: Lesson, part: Part, verdict: Verdict, points: float | None, said: str | None
    ) -> CheckResult:
        worth = part.points or 0.0
        if verdict is Verdict.PASSED:
            said = None
        return CheckResult(self._name(lesson, part), lesson.name, verdict, points, worth, said)

    def _name(self, lesson: Lesson, part: Part) -> str:
        return part.id if len(self.lessons) == 1 else f"{lesson.name}.{part.id}"


def _submitted(
    notebooks: Iterable[NotebookResult], content: Contents
) -> tuple[NotebookResult, ...]:
    """Return the notebooks that were submitted; all of them if that is unknown."""
    return tuple(each for each in notebooks if each.lesson.name in content or not content)


def _read(lesson: Lesson, data: bytes | str | None) -> NotebookResult:
    """Restore the released shape of a notebook, or return the reason why that is impossible.

    `data` is a sentence if the submitted bytes cannot be read.
    """
    if data is None:
        missing = _("There is no {notebook}.ipynb in the submission.")
        return NotebookResult(lesson, None, missing.format(notebook=lesson.name), missing=True)
    if isinstance(data, str):
        return NotebookResult(lesson, None, data)
    try:
        return NotebookResult(lesson, data, submission=read(data, lesson))
    except Rejected as rejected:
        return NotebookResult(lesson, data, str(rejected))


def _tests(lesson: Lesson) -> list[Part]:
    """Return the cells whose points a test gives."""
    return [part for part in _marked(lesson) if part.role is Role.TEST]


def _by_hand(lesson: Lesson) -> list[Part]:
    """Return the cells that are graded manually: written answers, tasks, and code."""
    return [part for part in _marked(lesson) if part.role is not Role.TEST]


def _marked(lesson: Lesson) -> list[Part]:
    return [part for part in lesson.parts if part.points is not None]


def _settled(lesson: Lesson, submission: Submission, graded: Graded) -> Graded:
    """Return a notebook's outcome with the points of each grade cell; None for manual grading."""
    places = {cell.part.id: n for n, cell in enumerate(submission.cells) if cell.part}
    settled: dict[str, float | None] = {}
    for part in _by_hand(lesson):
        empty = part.role is not Role.TASK and is_as_released(submission.cells[places[part.id]])
        settled[part.id] = 0.0 if empty else None
    tests = zip(_tests(lesson), graded.checks, strict=True)
    settled |= {part.id: check.points for part, check in tests}
    ran, values = dict(graded.ran), dict(graded.values)
    for name, place in places.items():
        if place in values and settled.get(name) is None:  # nbgrader would stop at it
            shown = (*ran[place].outputs, *values.pop(place))
            ran[place] = msgspec.structs.replace(ran[place], outputs=shown)
    return replace(graded, ran=ran, settled=settled, values=values)


def _before(cell: Stopped) -> str:
    before = _("Before the test, {cell} stopped with {error}.")
    return before.format(cell=cell.name, error=cell.trouble)


def _not_run(command: str) -> str:
    return _("Before the test, the command {command} was not run.").format(command=command)


def _stopped(submission: Submission, ran: Mapping[int, wire.Ran]) -> Iterator[tuple[int, Stopped]]:
    """Return the student's cells that stopped, each with its place."""
    numbers = submission.code_numbers
    for place, cell in enumerate(submission.cells):
        if place in ran and ran[place].error is not None:
            named = _("the cell {cell}").format(cell=cell.part.id if cell.part else numbers[place])
            yield place, Stopped(named, cell.source, ran[place])


def _steps(submission: Submission) -> Iterator[Step]:
    """Return the cells in order, each test cell followed by one that reports its value."""
    numbers = submission.code_numbers
    for place, cell in enumerate(submission.cells):
        if cell.part is None:
            if not cell.markdown:
                yield Step(cell.source, place, numbers[place])
        elif cell.part.role is Role.TEST:
            source = with_values(cell.source, cell.part.released)
            kept = keeping_value(source)
            yield Step(kept or source, place, numbers[place])
            if kept is not None:
                yield Step(f"globals().pop({VALUE_NAME!r}, None)")
        elif cell.part.role in RUN:
            yield Step(cell.source, place, numbers[place])


def _value(ran: wire.Ran) -> tuple[wire.Output, ...]:
    """Return the value that a step has reported."""
    # An output without content is no value; nbgrader would stop at it.
    shown = (each for each in ran.outputs if each.kind not in ("", "stdout", "stderr"))
    return tuple(
        wire.Output("text/plain", each.data if each.kind == "text/plain" else each.kind)
        for each in shown
        if each.data
    )


def _verdict(points: float, worth: float, ran: wire.Ran) -> Verdict:
    if ran.error is not None and ran.error.type in TOO_LONG:
        return Verdict.TIMED_OUT
    if ran == ENDED:
        return Verdict.CRASHED
    if points >= worth and (worth > 0 or _why(ran) is None):
        return Verdict.PASSED
    return Verdict.PARTIAL if points > 0 else Verdict.FAILED


def _why(ran: wire.Ran) -> str | None:
    """Say why a test cell did not give all of its points, as far as it tells."""
    trouble = cell_trouble(ran)
    if trouble is not None:
        return _("The test stopped with {error}.").format(error=trouble)
    for each in ran.outputs:
        if each.kind == "stderr":
            lines = (line.strip() for line in each.data.splitlines())
            said = next((line for line in lines if any(map(str.isalpha, line))), "")
            printed = _("The test printed to standard error, so it gets no points: {line}")
            return printed.format(line=said)
    return None
