"""Whoever is killed while a submission is graded, its marks are those of an undisturbed run."""

from __future__ import annotations

import itertools
import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec
import pytest

from autograder.checking.judge.reference_server import ReferenceServer
from autograder.grading.grader import Grader
from autograder.grading.outcome import MAX_ATTEMPTS, Graded
from autograder.grading.store import StoredResult
from autograder.intake.reconcile import Submission
from autograder.result import SubmissionResult, Verdict
from autograder.sandbox.host.fork import Fork
from autograder.sandbox.host.student_process import StudentProcess
from autograder.sandbox.host.worker import Worker
from autograder.sandbox.isolation import SandboxError
from autograder.sandbox.protocol import wire
from autograder.sandbox.protocol.limits import TimeLimit
from tests.helpers.toy import Toy, named

CHECKS = '''
@check(of="f", points=3)
def f_of_any(student, reference, rng):
    """f of any number."""
    x = rng.standard_normal(4)
    expect.close(student.f(x), reference.f(x))
    expect.close(student.rewound().f(x), reference.f(x))


@check(of="g", points=4)
def g_of_any(student, reference, rng):
    """g of any number."""
    x = rng.standard_normal(4)
    expect.close(student.g(x), reference.g(x))
'''

SQUARE = "def f(x):\n    return x * x\n"
BUILDS_ON_F = "def g(x):\n    return f(x) + 1\n"


@pytest.fixture
def worker() -> Iterator[Worker]:
    """One for each test: it is going to be killed."""
    with Worker() as own:
        yield own


@pytest.fixture
def toy(tmp_path: Path, worker: Worker) -> Toy:
    return Toy(tmp_path, CHECKS, worker)


@pytest.fixture
def takes(monkeypatch: pytest.MonkeyPatch) -> list[Submission]:
    """Every time that a submission is taken."""
    taken: list[Submission] = []
    true = Grader._take

    def take(self: Grader, submission: Submission, files: Mapping[str, bytes]) -> Graded:
        taken.append(submission)
        return true(self, submission, files)

    monkeypatch.setattr(Grader, "_take", take)
    return taken


def marks(result: SubmissionResult) -> SubmissionResult:
    """Return all that a result says but how long it took."""
    return msgspec.structs.replace(result, seconds=0.0)


def parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def above(generations: int) -> Callable[[int], int]:
    """From a fork's number to that of who started it, and so on."""

    def found(pid: int) -> int:
        for _ in range(generations):
            pid = parent(pid)
        return pid

    return found


@pytest.mark.parametrize("generations", range(4), ids=["fork", "student", "worker", "supervisor"])
@pytest.mark.parametrize("call", [0, 2, 4])
def test_who_is_killed_in_the_middle_of_a_call_costs_nothing(
    toy: Toy, takes: list[Submission], monkeypatch: pytest.MonkeyPatch, generations: int, call: int
) -> None:
    wanted = marks(toy.grade(SQUARE, BUILDS_ON_F))
    answer, number = Fork.answer, itertools.count()

    def disturbed(self: Fork, asked: wire.Call, limits: TimeLimit) -> wire.FromFork:
        if next(number) == call:
            self.wait_ready()
            # A fork that goes on may answer before it hears of the end of those above it.
            os.kill(self.pid, signal.SIGSTOP)
            os.kill(above(generations)(self.pid), signal.SIGKILL)
        return answer(self, asked, limits)

    monkeypatch.setattr(Fork, "answer", disturbed)
    assert marks(toy.grade(SQUARE, BUILDS_ON_F)) == wanted
    assert len(takes) == 1 + 2
    assert named(wanted, "g_of_any").given == ("f",)


@pytest.mark.parametrize("generations", range(3), ids=["student", "worker", "supervisor"])
def test_who_is_killed_while_the_cells_run_costs_nothing(
    toy: Toy, monkeypatch: pytest.MonkeyPatch, generations: int
) -> None:
    wanted = marks(toy.grade(SQUARE, BUILDS_ON_F))
    run, number = StudentProcess.run, itertools.count()

    def disturbed(self: StudentProcess, *asked: object, **more: object) -> wire.Ran:
        if next(number) == 1:
            os.kill(above(generations)(self.pid), signal.SIGKILL)
        return run(self, *asked, **more)  # type: ignore[arg-type]  # whatever they are

    monkeypatch.setattr(StudentProcess, "run", disturbed)
    assert marks(toy.grade(SQUARE, BUILDS_ON_F)) == wanted


def test_a_reference_server_that_is_killed_costs_nothing(
    toy: Toy, takes: list[Submission], monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = marks(toy.grade(SQUARE, BUILDS_ON_F))
    toy.forget()
    answer, number = ReferenceServer.answer, itertools.count()

    def disturbed(self: ReferenceServer, call: wire.Call) -> wire.Returned | wire.Failed:
        if next(number) == 0:
            self._start()
            assert self.process is not None
            self.process.kill()
        return answer(self, call)

    monkeypatch.setattr(ReferenceServer, "answer", disturbed)
    assert marks(toy.grade(SQUARE, BUILDS_ON_F)) == wanted
    assert len(takes) == 1 + 2


@pytest.mark.parametrize("end", ["os._exit(0)", "os._exit(3)", "os.abort()"])
def test_a_student_who_ends_the_process_loses_the_points_and_is_asked_twice_at_most(
    toy: Toy, takes: list[Submission], end: str
) -> None:
    result = toy.grade("import os\ndef f(x):\n    " + end, BUILDS_ON_F)
    assert not any(each.points for each in result.checks if each.function == "f")
    assert named(result, "f_of_one").verdict is Verdict.CRASHED
    assert 1 <= len(takes) <= 2


def test_who_ends_it_in_another_way_each_time_is_not_asked_for_ever(
    toy: Toy, takes: list[Submission]
) -> None:
    kills_itself = "import os, signal\ndef f(x):\n    os.kill(os.getpid(), signal.SIGKILL)\n"
    result = toy.grade(kills_itself, BUILDS_ON_F)
    assert named(result, "f_of_one").verdict is Verdict.CRASHED
    # At best somebody reads it.
    assert not any(each.points for each in result.checks if each.function == "f")
    assert len(takes) <= MAX_ATTEMPTS


def test_what_is_killed_from_outside_in_every_attempt_is_left_to_a_person(
    toy: Toy, takes: list[Submission], monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = Fork.ask

    def disturbed(self: Fork, calls: Sequence[wire.Asking]) -> None:
        deadly = any(isinstance(call, wire.Call) and call.function == "g" for call in calls)
        if deadly:
            self.wait_ready()
            os.kill(self.pid, signal.SIGSTOP)  # else it may have answered by then
        ask(self, calls)
        if deadly:
            os.kill(self.pid, signal.SIGKILL)

    monkeypatch.setattr(Fork, "ask", disturbed)
    # What fails together with other calls is called alone.
    result = toy.grade("def f(x):\n    return 2 * x\n", "def g(x):\n    return None\n")
    assert len(takes) == MAX_ATTEMPTS
    assert result.provisional
    assert named(result, "f_of_any").points == 3
    check = named(result, "g_of_any")
    assert check.verdict is Verdict.CRASHED
    assert check.points is None
    assert str(check.message).endswith("Your instructor will review it.")
    (observation,) = result.observations
    assert "killed repeatedly" in observation
    assert not StoredResult(result, ()).lasting


def test_what_a_killed_cell_would_have_defined_is_left_to_a_person(
    toy: Toy, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = StudentProcess.run

    def disturbed(self: StudentProcess, source: str, *asked: object, **more: object) -> wire.Ran:
        if "def g" in source:
            os.kill(self.pid, signal.SIGKILL)
        return run(self, source, *asked, **more)  # type: ignore[arg-type]  # whatever they are

    monkeypatch.setattr(StudentProcess, "run", disturbed)
    result = toy.grade("def f(x):\n    return 2 * x\n", BUILDS_ON_F)
    assert named(result, "f_of_any").points == 3
    assert named(result, "g_of_any").verdict is Verdict.MISSING
    assert named(result, "g_of_any").points is None


@pytest.mark.parametrize("end", ["os._exit(1)", "os.abort()"])
def test_a_student_who_ends_the_process_leaves_nothing_open(toy: Toy, end: str) -> None:
    result = toy.grade(f"import os\ndef f(x):\n    {end}", f"import os\n{end}\n" + BUILDS_ON_F)
    assert result.score == 0
    assert not result.provisional


@pytest.mark.parametrize("times", [1, 2])
def test_a_worker_that_is_killed_while_it_starts_is_started_again(
    toy: Toy, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    expect, number = Worker._expect, itertools.count()

    def disturbed(self: Worker, kind: object) -> object:
        if next(number) < times:
            assert self.process is not None
            self.process.kill()
        return expect(self, kind)

    monkeypatch.setattr(Worker, "_expect", disturbed)
    assert toy.grade("def f(x):\n    return 2 * x", BUILDS_ON_F).score == 7


def test_a_worker_that_is_always_killed_is_said_to_be(
    toy: Toy, monkeypatch: pytest.MonkeyPatch
) -> None:
    expect = Worker._expect

    def disturbed(self: Worker, kind: object) -> object:
        assert self.process is not None
        self.process.kill()
        return expect(self, kind)

    monkeypatch.setattr(Worker, "_expect", disturbed)
    with pytest.raises(SandboxError, match="runs out of memory"):
        toy.grade(SQUARE, BUILDS_ON_F)


def test_a_clock_that_jumps_changes_nothing(toy: Toy, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = marks(toy.grade(SQUARE, BUILDS_ON_F))
    leaps = itertools.cycle([0.0, 4e9, -1e6, 2.5e9])
    for clock in ("time", "time_ns"):
        monkeypatch.setattr(time, clock, lambda: int(next(leaps)))
    result = toy.grade(SQUARE, BUILDS_ON_F)
    assert marks(result) == wanted
    assert 0 < result.seconds < 60


PICTURED = """
def never(draw):
    raise SystemExit("A picture was drawn.")


@check(of="f", points=1, visible=True, picture=never)
def f_of_two(student):
    \"\"\"f(2) is 4.\"\"\"
    expect.close(student.f(2.0), 4.0)
"""


def test_grading_draws_no_picture(tmp_path: Path, worker: Worker) -> None:
    seen = named(Toy(tmp_path, PICTURED, worker).grade("def f(x):\n    return x * 3\n"), "f_of_two")
    assert seen.verdict is Verdict.FAILED
    assert seen.message == "f(2.0) is 6, which is not right."
