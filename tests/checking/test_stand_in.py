"""What the reference answers in a student's code reaches nothing that the student sees."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from autograder.result import SubmissionResult, Verdict
from autograder.sandbox.host.fork import Fork
from autograder.sandbox.host.process import Process
from autograder.sandbox.protocol import limits
from autograder.sandbox.protocol.limits import TimeLimit
from tests.helpers.toy import Toy, named

CHECKS = """
@check(of="f", points=1)
def f_is_right(student, reference):
    \"\"\"f is right.\"\"\"
    expect.close(student.f(3.0), reference.f(3.0))


@check(of="g", points=1)
def g_is_right(student, reference):
    \"\"\"g is right.\"\"\"
    expect.close(student.g(3.0), reference.g(3.0))


@check(of="g", points=1)
def g_is_right_again(student, reference):
    \"\"\"g is right again.\"\"\"
    expect.close(student.g(4.0), reference.g(4.0))
"""

WRONG = "def f(x):\n    return x * 3"


def messages(result: SubmissionResult) -> str:
    return " ".join(f"{check.message} {check.notes}" for check in result.checks)


def test_what_is_told_in_one_check_is_in_no_message_of_another(toy: Callable[[str], Toy]) -> None:
    in_files = """
import mmap, os
shared = mmap.mmap(-1, 4096)
def g(x):
    told = shared[:60].strip(b"\\0").decode() + "".join(os.listdir("."))
    if told:
        raise ValueError(told)
    if f(7.0) != 21.0:
        open(f"f of seven is {f(7.0)}", "w").close()
        shared[:20] = f"f of seven is {f(7.0)}".ljust(20).encode()
    return f(x) + 1
"""
    result = toy(CHECKS).grade(WRONG, in_files)
    assert named(result, "g_of_one").given == ("f",)
    assert "of seven" not in messages(result)


def test_answers_that_would_fill_the_judges_memory_are_not_kept(toy: Callable[[str], Toy]) -> None:
    many = """
@check(of="f", points=1)
def many_calls(student):
    \"\"\"f is called often.\"\"\"
    for number in range(12):
        expect.close(student.f(float(number))[0], 0.0)
"""
    large = "def f(x):\n    return [0.0, np.zeros(10**6)]"
    check = toy(many).check("many_calls", large)
    assert "a very large value, which cannot be sent to the grader" in (check.message or "")
    assert (check.verdict, check.points) == (Verdict.NOT_RUN, None)


def test_whoever_asks_for_ever_is_charged_with_the_time_of_the_answers(
    toy: Callable[[str], Toy], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "CALL_TIME", TimeLimit(cpu=1.0, wall=1000.0))
    endless = """
large = np.ones(10**6)
def g(x):
    if f(1.0) == 3.0:
        return 0.0
    while True:
        f(large)
"""
    used = []
    end = Fork.end

    def ended(self: Fork) -> None:
        if not self.ended and self.call_handler is not None:
            used.append(Process.cpu(self) + self.call_handler.spent)
        end(self)

    monkeypatch.setattr(Fork, "end", ended)
    result = toy(CHECKS).grade(WRONG, endless)
    assert named(result, "g_is_right").verdict is Verdict.FAILED
    assert 0.9 < max(used) < 1.6
