"""Hands in every attack, one after the other, to one grader, and says what was not contained.

After each of them a right notebook is graded by the same worker, which must find the world as it
was, and get all its marks. The limits are those of everyday, but shorter: they end a loop in the
same way after two seconds as after twenty.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from unittest import mock

from autograder.course.secret import Secret
from autograder.grading.grader import Grader
from autograder.grading.outcome import Graded
from autograder.intake.find import SubmissionSource, find_of_student
from autograder.intake.reconcile import Submission
from autograder.reports.html import check_table as report
from autograder.result import Result, Status, SubmissionResult, to_json
from autograder.sandbox.host.worker import Worker
from autograder.sandbox.protocol import limits
from autograder.sandbox.protocol.limits import TimeLimit
from robustness.attacks import course
from robustness.attacks.attack import MAYBE, Attack, Document
from robustness.fuzzing.trees import temporary_folder

SHORT = {
    "CELL_TIME": TimeLimit(cpu=2.0, wall=30.0),
    "ALL_CELLS_TIME": TimeLimit(cpu=4.0, wall=60.0),
    "CALL_TIME": TimeLimit(cpu=1.0, wall=20.0),
    "FUNCTION_TIME": TimeLimit(cpu=2.0, wall=40.0),
    "MAX_IDLE_SECONDS": 3.0,
}

SECONDS = 120.0
"""What one attack may take at most."""

SHOWN = 64 * 1024**2
"""Characters that all cells of a notebook together may show."""


@contextmanager
def short_limits() -> Iterator[None]:
    """Whoever loops is stopped earlier, so that a hundred who do can be waited for."""
    with ExitStack() as stack:
        for name, value in SHORT.items():
            stack.enter_context(mock.patch.object(limits, name, value))
        yield


class Watching(Grader):
    """A grader that remembers what the cells of the last submission showed."""

    shown: str = ""

    def take(self, submission: Submission, files: Mapping[str, bytes] | None = None) -> Graded:
        """As ever."""
        graded = super().take(submission, files)
        self.shown = repr(graded.ran)
        return graded


class Target:
    """A course that is attacked, and what each of its functions is worth to whom.

    Args:
        root: a folder to make it in.
        worker: where notebooks run.
    """

    def __init__(self, root: Path, worker: Worker) -> None:
        self.root = root
        self.worker = worker
        assignment = course.write(root)
        key = Secret(bytes.fromhex(course.CANARIES["secret"]), "")
        self.grader = Watching(assignment, worker, key)
        self.lesson = self.grader.lesson
        plain = {
            right: self._graded(course.plain(self.lesson, written))
            for right, written in ((True, course.RIGHT), (False, course.WRONG))
        }
        self.worth = {right: _by_function(each) for right, each in plain.items()}
        self.undecided = {right: _undecided(each).keys() for right, each in plain.items()}
        self.state = course.state(root)

    def _graded(self, notebook: Document) -> SubmissionResult:
        data = json.dumps(notebook).encode()
        return self.grader.grade(SubmissionSource("attacker", "attacker.ipynb", lambda: data))

    def contains(self, attack: Attack) -> list[str]:
        """Hands in an attack; gives what is wrong, in sentences."""
        start = time.monotonic()
        hostile = course.handed_in(attack, self.lesson, self.root, os.getpid())
        with temporary_folder() as folder:
            course.hand_in(folder, attack.name, hostile, attack.notebook.beside)
            home = folder / "submitted" / attack.name / course.NAME
            result = self.grader.grade(find_of_student(home, course.NAME, attack.name))
        shown = self.grader.shown
        wrong = [*self._marks(attack, result), *self._told(attack, result, shown)]
        if len(shown) > SHOWN:
            wrong.append(f"its cells show {len(shown)} characters")
        if time.monotonic() - start > SECONDS:
            wrong.append(f"it took {time.monotonic() - start:.0f} seconds")
        return [*wrong, *self._unharmed()]

    def _marks(self, attack: Attack, result: SubmissionResult) -> Iterator[str]:
        if result.status is not Status.GRADED:
            yield f"it was rejected: {result.reason}"
        for check, function in _undecided(result).items():
            if check not in self.undecided[attack.right] and function not in attack.costs:
                yield f"{check} could not decide: {result.observations}"
        earned = _by_function(result)
        for function, worth in {**self.worth[attack.right], **attack.worth}.items():
            points = earned.get(function, 0.0)
            if points > worth or (points < worth and function not in attack.costs):
                said = [check.message for check in result.checks if check.function == function]
                yield f"{function} got {points} points, not {worth}: {said}"

    def _told(self, attack: Attack, result: SubmissionResult, shown: str) -> Iterator[str]:
        sentences = self.grader.sentences
        functions = {check.function for check in result.checks}
        page = "".join(
            each([check for check in result.checks if check.function == function], sentences)
            for function in functions
            for each in (report.text, report.html)
        )
        everything = _json(result) + page + shown
        for place, canary in course.CANARIES.items():
            if canary in everything:
                yield f"the {place} was read"
        for check in result.checks:
            for observation in result.observations:
                if observation in (check.message or "") or observation in check.notes:
                    yield f"the student is told: {observation}"
        if attack.seen == MAYBE:
            return
        told = [each for each in result.observations if attack.seen and attack.seen in each]
        if attack.seen and not told:
            yield f"nobody is told: {attack.seen}, but {result.observations}"
        if not attack.seen and result.observations:
            yield f"the instructor is told: {result.observations}"

    def _unharmed(self) -> Iterator[str]:
        right = self._graded(course.plain(self.lesson, course.RIGHT, course.PROBE))
        if _by_function(right) != self.worth[True]:
            yield f"the next one lost points: {[check.message for check in right.checks]}"
        if right.observations:
            yield f"of the next one it is said: {right.observations}"
        state = course.state(self.root)
        if state != self.state:
            changed = {name for name, _ in state.items() ^ self.state.items()}
            yield f"the course has changed: {sorted(changed)}"
            self.state = state
        left = _started_by(self.worker)
        if len(left) != 1:
            yield f"{len(left)} processes are there, not the worker alone"


def _by_function(result: SubmissionResult) -> Mapping[str, float]:
    points: dict[str, float] = {}
    for check in result.checks:
        points[check.function] = points.get(check.function, 0.0) + (check.points or 0.0)
    return points


def _undecided(result: SubmissionResult) -> Mapping[str, str]:
    """Return the checks that give no points but leave them to a person, and their functions."""
    return {check.id: check.function for check in result.checks if check.points is None}


def _json(result: SubmissionResult) -> str:
    whole = Result(1, "", "", "", None, "", (), (result,))
    return to_json(whole).decode()


def _started_by(worker: Worker) -> list[int]:
    """Return every process that descends from a worker's first."""
    found: list[int] = []
    waiting = [worker.process.pid] if worker.process is not None else []
    while waiting:
        for children in Path(f"/proc/{waiting.pop()}/task").glob("*/children"):
            waiting += (new := [int(each) for each in children.read_text().split()])
            found += new
    return found
