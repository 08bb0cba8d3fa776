"""A function that ends its own process gets no second chance, and none in silence."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Sequence

import pytest

from autograder.grading.outcome import MAX_ATTEMPTS, Graded, retry_if_killed
from autograder.result import CheckResult, Verdict
from autograder.sandbox.host.fork import Fork
from autograder.sandbox.host.monitor import End, ProcessDeaths
from autograder.sandbox.protocol import wire
from tests.helpers.toy import Toy, named

Make = Callable[[str], Toy]

CHECKS = '''
@check(of="f", points=4)
def doubles(student, reference, rng):
    """f doubles."""
    x = rng.normal(size=5)
    expect.close(student.f(x), reference.f(x))


@check(of="g", points=3)
def one_more(student, reference, rng):
    """g is one more."""
    x = rng.normal(size=5)
    expect.close(student.g(x), reference.g(x))
'''

AMONG_OTHERS = """
import mmap, os, signal, sys, threading, time

shared = mmap.mmap(-1, 1 << 12)
student = os.getpid()

def among_others():
    frame = sys._getframe()
    while frame is not None:
        if frame.f_code.co_name == "answer_together":
            return True
        frame = frame.f_back
    return False

def wait_for_the_end():
    time.sleep(0.5)
    os._exit(7)

def ends_this_process():
    while not shared[0]:
        time.sleep(0.001)
    shared[0] = 0
    os._exit(7)

def ends_another():
    while os.getppid() == student:
        pid = int.from_bytes(shared[1:5], "little")
        if pid:
            shared[1:5] = bytes(4)
            os.kill(pid, signal.SIGABRT)
        time.sleep(0.001)
    os._exit(0)

threading.Thread(target=ends_this_process, daemon=True).start()
if os.fork() == 0:
    ends_another()
"""

G = "def g(x):\n    return 2 * x + 1"

ENDS = {
    "SIGKILL": "os.kill(os.getpid(), signal.SIGKILL)",
    "SIGTERM": "os.kill(os.getpid(), signal.SIGTERM)",
    "abort": "os.abort()",
    "exit 0": "os._exit(0)",
    "exit 3": "os._exit(3)",
    "the student process, which takes it along": "shared[0] = 1",
    "another process of the notebook": "shared[1:5] = os.getpid().to_bytes(4, 'little')",
    "recursion": (
        "sys.setrecursionlimit(10**9)\n"
        "        deep = lambda k: [sorted([k], key=deep)]\n"
        "        deep(0)"
    ),
}
"""How a function may end its own process."""

EVERY_END = [
    pytest.param(
        end,
        id=name,
        marks=pytest.mark.skipif(
            name == "recursion" and sys.version_info >= (3, 12),
            reason="from Python 3.12 on this raises RecursionError",
        ),
    )
    for name, end in ENDS.items()
]

GUESSES = "2 * x if time.monotonic_ns() % 10 == 0 else 0 * x"


def function(end: str, answer: str) -> str:
    """Return a function that ends its process when it is asked among others, and answers alone."""
    return (
        f"{AMONG_OTHERS}\ndef f(x):\n    if among_others():\n        {end}\n"
        f"        wait_for_the_end()\n    return {answer}"
    )


@pytest.mark.parametrize("end", EVERY_END)
def test_a_function_that_answers_only_alone_is_left_to_a_person(toy: Make, end: str) -> None:
    result = toy(CHECKS).grade(function(end, "2 * x"), G)
    assert named(result, "doubles").points is None
    assert result.provisional
    assert any("doubles" in each for each in result.observations)
    assert named(result, "one_more").points == 3


@pytest.mark.parametrize("end", EVERY_END)
def test_a_function_that_always_ends_its_process_loses_its_points_alone(
    toy: Make, end: str
) -> None:
    f = f"{AMONG_OTHERS}\ndef f(x):\n        {end}\n        wait_for_the_end()"
    result = toy(CHECKS).grade(f, G)
    check = named(result, "doubles")
    assert (check.verdict, check.points) == (Verdict.CRASHED, 0.0)
    assert named(result, "one_more").points == 3
    assert not result.provisional


def test_a_guess_is_never_the_best_of_several(toy: Make) -> None:
    made = toy(CHECKS)
    for _ in range(12):
        result = made.grade(function(ENDS["SIGKILL"], GUESSES), G)
        assert not named(result, "doubles").points


def graded(*points: float | None, verdict: Verdict = Verdict.FAILED) -> Graded:
    """Return what came of one attempt at a submission with so many checks, worth 2 points each."""
    return Graded(
        tuple(
            CheckResult(
                id=f"check{place}",
                function="f",
                verdict=Verdict.PASSED if each == 2 else verdict,
                points=each,
                max_points=2.0,
            )
            for place, each in enumerate(points)
        ),
        {},
        (),
    )


CRASHED = Verdict.CRASHED


@pytest.mark.parametrize(
    ("attempts", "points", "told"),
    [
        ([("", graded(2, 0))], [2, 0], 0),
        ([("killed", graded(2, 0)), ("", graded(2, 2))], [2, 2], 0),
        ([("killed", graded(0, 0, verdict=CRASHED))] * 3 + [("", graded(2, 2))], [2, 2], 0),
        ([("killed", graded(2, 0, verdict=CRASHED))] * MAX_ATTEMPTS, [2, None], 1),
        ([("memory", graded(2, 0, verdict=CRASHED)), ("", graded(2, 2))], [2, 2], 0),
        ([("memory", graded(2, 0)), ("", graded(2, 2))], [2, None], 1),
        ([("memory", graded(0, 2)), ("memory", graded(2, 2)), ("", graded(0, 2))], [None, 2], 1),
        ([("memory", graded(2, 0, verdict=CRASHED))] * MAX_ATTEMPTS, [2, None], 1),
        ([("unexplained", graded(2, 0, verdict=CRASHED))] * 2, [2, 0], 0),
        ([("unexplained", graded(2, 0, verdict=CRASHED)), ("", graded(2, 0))], [2, None], 1),
        ([("unexplained", graded(2, 0)), ("unexplained", graded(2, 2))], [2, None], 1),
    ],
)
def test_attempts_that_differ_are_left_to_a_person(
    attempts: Sequence[tuple[str, Graded]], points: Sequence[float | None], told: int
) -> None:
    losses, left = ProcessDeaths(), deque(attempts)

    def take() -> Graded:
        lost, came = left.popleft()
        if lost:
            losses.note(End(lost))
        return came

    result = retry_if_killed(losses, take)
    assert [check.points for check in result.checks] == points
    assert len(result.observations) == told
    assert not left


def test_a_process_that_is_killed_for_want_of_memory_once_costs_nothing(
    toy: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed: list[int] = []
    ask = Fork.ask

    def disturbed(self: Fork, calls: Sequence[wire.Asking]) -> None:
        if killed:
            return ask(self, calls)
        self.wait_ready()
        os.kill(self.pid, signal.SIGSTOP)  # else it may have answered by then
        ask(self, calls)
        killed.append(self.pid)
        return os.kill(self.pid, signal.SIGKILL)

    monkeypatch.setattr(Fork, "ask", disturbed)
    monkeypatch.setattr(
        "autograder.sandbox.host.monitor.ended_for_want_of_memory", lambda: len(killed)
    )
    result = toy(CHECKS).grade("def f(x):\n    return 2 * x", G)
    assert killed
    assert (result.score, result.provisional) == (7.0, False)


def test_who_has_ended_a_process_is_told_by_how_it_has_ended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    losses = ProcessDeaths()
    losses.start(confined=True)
    assert losses.end(None) is End.UNKNOWN
    for status in (0, 3 << 8, signal.SIGSEGV, signal.SIGSYS, signal.SIGABRT | 0x80):
        assert losses.end(status) is End.OWN
    assert losses.end(signal.SIGTERM) is End.UNKNOWN
    assert losses.end(signal.SIGKILL) is End.OUTSIDE
    assert losses.end(signal.SIGKILL, late=True) is End.OWN
    monkeypatch.setattr("autograder.sandbox.host.monitor.ended_for_want_of_memory", lambda: 10**9)
    assert losses.end(signal.SIGKILL) is End.MEMORY
    losses.start(confined=False)
    assert losses.end(signal.SIGKILL) is End.UNKNOWN


@pytest.mark.parametrize(
    ("end", "wanted"), [("os._exit(0)", End.OWN), ("os.kill(os.getpid(), 9)", End.OUTSIDE)]
)
def test_the_end_of_a_process_is_told_after_it_was_fetched(end: str, wanted: End) -> None:
    child = subprocess.Popen([sys.executable, "-c", f"import os, time; time.sleep(0.2); {end}"])
    pidfd = os.pidfd_open(child.pid)
    losses = ProcessDeaths()
    losses.start(confined=True)
    losses.note_later(pidfd, None)
    child.wait()
    losses.settle()
    os.close(pidfd)
    release = tuple(int(each) for each in os.uname().release.split(".")[:2])
    told = ProcessDeaths(killed=1) if wanted is End.OUTSIDE else ProcessDeaths()
    assert losses == (told if release >= (6, 15) else ProcessDeaths(unexplained=1))
