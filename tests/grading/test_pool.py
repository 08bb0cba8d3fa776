"""Many judges: what one had in hand that was killed, another grades."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import nbformat
import pytest

from autograder.course.secret import public
from autograder.grading import batch, pool
from autograder.grading.grader import Grader
from autograder.grading.outcome import ClassWideError, GradedWork
from autograder.grading.pool import Pool, RunConfig
from autograder.intake.find import SubmissionSource
from autograder.intake.reconcile import Rejected
from autograder.result import SubmissionResult, Verdict
from autograder.sandbox.host.worker import Worker
from autograder.sandbox.isolation import Isolation, SandboxError

if TYPE_CHECKING:
    from tests.helpers.course import Course

SLOW = """\
import time
def double(number):
    time.sleep(0.3)
    return number + number
"""


@pytest.fixture
def setting(tiny: Course) -> RunConfig:
    return RunConfig(tiny.root, tiny.name, public(1), Isolation.FULL)


def submissions(course: Course, count: int) -> list[SubmissionSource]:
    text = nbformat.writes(course.lesson.filled({**course.solutions, "double": SLOW}))
    return [SubmissionSource(f"s{number}", "", text.encode) for number in range(count)]


def scores(results: Iterator[tuple[str, pool.GradedSubmission | Exception]]) -> dict[str, float]:
    found = {}
    for student, result in results:
        assert not isinstance(result, Exception), result
        assert isinstance(result.result, SubmissionResult)
        found[student] = result.result.score
    return found


def test_results_come_in_order_and_a_file_that_cannot_be_read_is_rejected(
    tiny: Course, setting: RunConfig
) -> None:
    def unreadable() -> bytes:
        raise Rejected("It is a folder.")

    class_of_three = submissions(tiny, 2)
    class_of_three.insert(1, SubmissionSource("broken", "", unreadable))
    with Pool(setting, 2) as judges:
        assert list(scores(judges.results(class_of_three)).items()) == [
            ("s0", 11.0),
            ("broken", 0.0),
            ("s1", 11.0),
        ]
        processes = [judge.process for judge in judges.processes]
    assert [process.returncode for process in processes] == [0, 0]


class Imagined:
    """A judge that has graded a submission as soon as somebody looks."""

    def __init__(self, _: RunConfig) -> None:
        self.pipe, self.entry = object(), cast("pool.QueuedSubmission | None", None)

    def give(self, entry: pool.QueuedSubmission) -> None:
        self.entry, entry.begun = entry, True

    def take(self) -> bool:
        entry, self.entry = self.entry, None
        assert entry is not None
        entry.result = ValueError(entry.payload.student)
        return True


def test_a_submission_that_takes_long_keeps_no_judge_waiting(
    setting: RunConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    judges = Pool(setting, 2)
    read: list[int] = []
    read_before_the_first = 0

    def source(number: int) -> SubmissionSource:
        def content() -> bytes:
            read.append(number)
            return b""

        return SubmissionSource(f"s{number}", "", content)

    def all_others_first(pipes: list[object]) -> list[object]:
        nonlocal read_before_the_first
        first = [j.pipe for j in judges.processes if j.entry and j.entry.payload.student == "s0"]
        if pipes == first:
            read_before_the_first = len(read)
            return pipes
        return [pipe for pipe in pipes if pipe not in first]

    monkeypatch.setattr(pool, "GraderProcess", Imagined)
    monkeypatch.setattr(pool, "wait", all_others_first)
    found = [student for student, _ in judges.results(map(source, range(200)))]
    assert found == [f"s{number}" for number in range(200)]
    assert read_before_the_first == 2 * pool.MAX_HELD


def test_what_a_judge_had_in_hand_that_was_killed_is_graded_by_another(
    tiny: Course, setting: RunConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    give, killed = pool.GraderProcess.give, []

    def deadly(judge: pool.GraderProcess, entry: pool.QueuedSubmission) -> None:
        give(judge, entry)
        if entry.payload.student in ("s0", "s2") and entry.tries == 0:
            killed.append(judge)
            os.kill(judge.process.pid, signal.SIGKILL)

    monkeypatch.setattr(pool.GraderProcess, "give", deadly)
    with Pool(setting, 2) as judges:
        found = scores(judges.results(submissions(tiny, 4)))
        assert not set(killed) & set(judges.processes)
    assert found == dict.fromkeys(["s0", "s1", "s2", "s3"], 11.0)
    assert [judge.process.returncode for judge in killed] == [-signal.SIGKILL] * 2


def test_a_submission_whose_judge_is_always_killed_costs_no_other_its_mark(
    tiny: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    give = pool.GraderProcess.give

    def deadly(judge: pool.GraderProcess, entry: pool.QueuedSubmission) -> None:
        give(judge, entry)
        if entry.payload.student == "s1":
            judge.process.kill()

    monkeypatch.setattr(pool.GraderProcess, "give", deadly)
    setting = pool.RunConfig.of(tiny.assignment, public(1), Isolation.FULL)
    results = (each.result for each in batch.grade_all(setting, submissions(tiny, 10), workers=2))
    graded: list[SubmissionResult] = []
    with pytest.raises(
        SandboxError, match=r"9 of 10 .* Run the command again to grade the others: s1\.$"
    ):
        graded.extend(results)
    assert [each.score for each in graded] == [11.0] * 9


def test_judges_end_with_whoever_started_them(tiny: Course, setting: RunConfig) -> None:
    pid = os.fork()
    if pid == 0:
        try:
            judges = Pool(setting, 2)
            next(judges.results(submissions(tiny, 4)))
            (tiny.root / "pids").write_text(
                " ".join(str(each.process.pid) for each in judges.processes)
            )
        finally:  # it must not go on as a second pytest
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(pid, 0)
    pids = (tiny.root / "pids").read_text().split()
    assert len(pids) == 2
    until = time.monotonic() + 120
    while any(Path(f"/proc/{each}").exists() for each in pids) and time.monotonic() < until:
        time.sleep(0.02)
    assert not any(Path(f"/proc/{each}").exists() for each in pids)


class Failing:
    """Makes a record, and fails at those of a submission whose file it sees."""

    def record(self, examined: GradedWork[Any]) -> Any:
        (sheet,) = examined.notebooks
        if sheet.data is not None:
            raise AssertionError("unforeseen")
        return sheet.graded


@pytest.mark.parametrize("where", ["grading", "post-processing"])
def test_where_the_grader_itself_fails_a_person_decides(
    tiny: Course, setting: RunConfig, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    def fail(*_: object) -> None:
        raise AssertionError("unforeseen")

    if where == "grading":
        monkeypatch.setattr(Grader, "take", fail)
    with Worker(Isolation.FULL) as worker:
        desk = pool.SubmissionGrader(setting, worker)
        desk.post_process = Failing().record
        right = nbformat.writes(tiny.lesson.filled(tiny.solutions)).encode()
        made = pool.graded(
            desk, pool.SubmissionPayload("ada", "ada.ipynb", ("where it lay",), right)
        )
    assert isinstance(made, pool.GradedSubmission)
    result = made.result
    assert result.observations == (
        "where it lay",
        "The grader itself failed: AssertionError: unforeseen.",
    )
    assert len(result.checks) == len(tiny.assignment.checks)
    assert {each.verdict for each in result.checks} == {Verdict.GRADER_ERROR}
    assert {each.points for each in result.checks} == {None}
    assert {each.points for each in result.written} == {None}
    assert result.provisional
    assert cast("Any", made.post_processed).settled == {
        "double_hidden": None,
        "total_of_doubles_hidden": None,
    }


def test_what_concerns_the_whole_class_is_no_submissions_fault(
    tiny: Course, setting: RunConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ClassWideError("the configuration")

    monkeypatch.setattr(Grader, "take", fail)
    with Worker(Isolation.FULL) as worker:
        desk = pool.SubmissionGrader(setting, worker)
        right = nbformat.writes(tiny.lesson.filled(tiny.solutions)).encode()
        made = pool.graded(desk, pool.SubmissionPayload("ada", "ada.ipynb", (), right))
    assert isinstance(made, ClassWideError)
