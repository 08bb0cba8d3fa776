"""What is known to be asked is asked at once, and what comes of it is what would come anyway."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

import nbformat
import pytest

from autograder.checking.checks import Check
from autograder.checking.judge import calls as asking
from autograder.checking.judge import judge as judging
from autograder.checking.judge.prefetch import PrefetchedStudent
from autograder.checking.judge.run_check import Outcome, run_check
from autograder.checking.judge.student import Student, calls
from autograder.course import secret
from autograder.grading.grader import Grader
from autograder.intake.find import SubmissionSource
from autograder.result import SubmissionResult, Verdict
from autograder.sandbox.host.fork import Fork
from autograder.sandbox.host.process import TimedOut
from autograder.sandbox.protocol import limits
from autograder.sandbox.protocol.limits import TimeLimit
from tests.helpers.toy import Toy, named

Make = Callable[[str], Toy]

CHECKS = """
@check(of="f", points=2)
def doubles(student, reference, rng):
    \"\"\"f doubles.\"\"\"
    asked = [(x, student.f(x)) for x in rng.normal(size=5)]
    for x, answer in asked:
        expect.close(answer, reference.f(x))


@check(of="f", points=1)
def draws_the_same_twice(student):
    \"\"\"f answers two alike.\"\"\"
    one, other = student.rewound().f(1.0), student.rewound().f(1.0)
    expect.close(one, expect.scalar(other))


@check(of="g", points=3, after=[doubles])
def one_more(student, reference):
    \"\"\"g adds one.\"\"\"
    first = expect.scalar(student.g(2.0))
    expect.close(student.g(first), reference.g(first))
"""

TWO_ALIKE = """
@check(of="g", points=1)
def answers_two_alike(student):
    \"\"\"g answers two alike.\"\"\"
    one, other = student.rewound().g(1.0), student.rewound().g(1.0)
    expect.close(one, expect.scalar(other))
"""

RIGHT = ("def f(x):\n    return 2 * x", "def g(x):\n    return f(x) + 1")


def verdicts(result: SubmissionResult) -> list[tuple[str, Verdict, float | None, str | None]]:
    return [(each.id, each.verdict, each.points, each.message) for each in result.checks]


class Round:
    """A class that one grader grades, student by student."""

    def __init__(self, toy: Toy) -> None:
        self.grader = Grader(toy.assignment, toy.worker, secret.public(1))

    def grade(self, *cells: str) -> SubmissionResult:
        written = dict(zip("fg", filter(None, cells), strict=False))
        data = nbformat.writes(self.grader.lesson.filled(written)).encode()
        return self.grader.grade(SubmissionSource("ada", "ada.ipynb", lambda: data))

    def forget(self) -> None:
        """From now on every check is taken by itself."""
        planner = self.grader.judge.planner
        planner.plans = dict.fromkeys(planner.plans)


@pytest.fixture
def rehearsed(toy: Make) -> Round:
    """A class of which one has been graded who is right."""
    made = Round(toy(CHECKS))
    assert made.grade(*RIGHT).score == 6.0
    return made


@pytest.mark.parametrize(
    "cells",
    [
        RIGHT,
        ("def f(x):\n    return x + x", RIGHT[1]),
        ("def f(x):\n    return 2 * x + 1e-3", RIGHT[1]),
        ("def f(x):\n    return 3 * x", RIGHT[1]),
        ("def f(x):\n    raise ValueError('no')", RIGHT[1]),
        ("def f(x):\n    import os\n    os._exit(3)", RIGHT[1]),
        ("f = None", RIGHT[1]),
        (RIGHT[0], "def g(x):\n    return f(x) + 2"),
        (
            "calls = []\ndef f(x):\n    calls.append(x)\n    return 2 * x if len(calls) < 8 else 0",
            "",
        ),
        ("rng = np.random.default_rng(0)\ndef f(x):\n    return 2 * x + 0 * rng.normal()", ""),
    ],
    ids=str,
)
def test_who_is_asked_ahead_gets_what_would_come_of_each_check_by_itself(
    rehearsed: Round, cells: tuple[str, ...]
) -> None:
    ahead = rehearsed.grade(*cells)
    rehearsed.forget()
    assert verdicts(ahead) == verdicts(rehearsed.grade(*cells))


def test_who_answers_by_a_chance_that_nobody_can_wind_back_gets_the_same_marks(
    rehearsed: Round,
) -> None:
    random = (
        "rng = np.random.default_rng(0)\ndef f(x):\n    return 2 * x + rng.normal()",
        RIGHT[1],
    )
    ahead = rehearsed.grade(*random)
    rehearsed.forget()
    # A message may hold another number: it depends on how often the function was called before.
    marks = [(each.id, each.verdict, each.points) for each in ahead.checks]
    alone = rehearsed.grade(*random)
    assert marks == [(each.id, each.verdict, each.points) for each in alone.checks]


def test_the_class_is_asked_alike_from_the_first_student_on(toy: Make) -> None:
    made = Round(toy(CHECKS))
    counting = "calls = []\ndef f(x):\n    calls.append(x)\n    return float(len(calls))"
    first = verdicts(made.grade(counting, RIGHT[1]))
    made.grade(*RIGHT)
    assert verdicts(made.grade(counting, RIGHT[1])) == first


def test_a_rehearsed_class_makes_fewer_journeys(toy: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    journeys: list[int] = []
    ask = Fork.ask

    def counted(self: Fork, calls: list[object]) -> None:
        journeys[-1] += 1
        ask(self, calls)  # type: ignore[arg-type]

    monkeypatch.setattr(Fork, "ask", counted)
    several = "".join(
        f'''
@check(of="f", points=1)
def doubles_{number}(student):
    """f doubles."""
    expect.close(student.f({number}.0), 2.0 * {number})
'''
        for number in range(5)
    )
    made = Round(toy(several))
    # No line of a lambda is looked for.
    wrong = ("f = lambda x: 2 * x if x != 3 else 0", "def g(x):\n    return 2 * x + 1")
    for cells in (RIGHT, wrong):
        journeys.append(0)
        made.grade(*cells)
    made.forget()
    for cells in (RIGHT, wrong):
        journeys.append(0)
        made.grade(*cells)
    ahead, alone = journeys[:2], journeys[2:]
    assert ahead == [1, 2]  # who is wrong is asked once more, where it was
    assert min(alone) >= 5  # one for each check


@pytest.mark.parametrize("f", [RIGHT[0], "def f(x):\n    return x + 5"])  # we stand in for this
def test_who_starts_as_another_did_is_not_failed_for_what_they_were_asked_before(
    toy: Make, f: str
) -> None:
    made = Round(
        toy(
            """
@check(of="f", points=1)
def doubles_two(student):
    \"\"\"f(2) is 4.\"\"\"
    expect.close(student.f(2.0), 4.0)

@check(of="g", points=1)
def answers_once_and_twice(student):
    \"\"\"g answers one as it answers another, who is asked once more.\"\"\"
    one, other = student.rewound(), student.rewound()
    first, again = one.g(1.0), [other.g(1.0), other.g(2.0)]
    expect.close(first, expect.scalar(again[0]))

"""
            + TWO_ALIKE
            + """
@check(of="g", points=1, after=[answers_two_alike])
def answers(student):
    \"\"\"g answers with a number.\"\"\"
    expect.scalar(student.g(1.0))
"""
        )
    )
    g = "rng = np.random.default_rng(0)\ndef g(x):\n    return 2 * x + 1 + 1e-3 * rng.normal()"
    result = made.grade(f, g)
    for name in ("answers_once_and_twice", "answers_two_alike", "answers"):
        assert named(result, name).verdict is Verdict.PASSED


def test_what_has_passed_byte_for_byte_is_not_looked_at_again(
    rehearsed: Round, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def noted(check: Check, student: Student, reference: ModuleType, seed: bytes) -> Outcome:
        asked.append(check.id)
        return run_check(check, student, reference, seed)

    monkeypatch.setattr(judging, "run_check", noted)
    assert rehearsed.grade(*RIGHT).score == 6.0
    assert "doubles" not in asked
    assert rehearsed.grade("def f(x):\n    return float(2 * x)", RIGHT[1]).score == 6.0
    assert "doubles" in asked


def test_calls_of_a_check_that_is_known_to_pass_can_be_read(rehearsed: Round) -> None:
    def answered() -> list[list[tuple[str, object]]]:
        student = rehearsed.grader.students["draws_the_same_twice"]
        assert isinstance(student, PrefetchedStudent)
        return [[(each.name, each.value) for each in every] for every in calls(student)]

    before = answered()
    assert before == [[], [("f(1.0)", 2.0)], [("f(1.0)", 2.0)]]
    assert rehearsed.grade(*RIGHT).score == 6.0
    assert answered() == before


def test_what_depends_on_an_answer_is_not_asked_ahead(rehearsed: Round) -> None:
    planner = rehearsed.grader.judge.planner
    assert planner.plan("one_more") is None


def test_who_is_rewound_is_asked_ahead_and_knows_nothing_of_the_others(
    rehearsed: Round,
) -> None:
    planner = rehearsed.grader.judge.planner
    plan = planner.plan("draws_the_same_twice")
    assert plan is not None
    assert list(map(len, plan.requests)) == [0, 1, 1]
    # Who counts the calls says so: in the end the two who are rewound are at the first of theirs.
    counting = "calls = []\ndef f(x):\n    calls.append(x)\n    return float(len(calls))"
    assert named(rehearsed.grade(counting), "draws_the_same_twice").verdict is Verdict.PASSED
    clock = "import time\ndef f(x):\n    return float(time.perf_counter_ns() % 1009)"
    assert named(rehearsed.grade(clock), "draws_the_same_twice").verdict is Verdict.FAILED


def test_no_function_is_failed_for_what_another_one_leaves_behind(toy: Make) -> None:
    made = Round(
        toy(
            """
@check(of="f", points=1)
def answers_next_to_nothing(student):
    \"\"\"f may underflow.\"\"\"
    expect.close(student.f(np.full(3, 1e-300)), np.full(3, 2e-300))

"""
            + TWO_ALIKE
        )
    )
    f = "def f(x):\n    return 2 * x + x**2"
    g = "def g(x):\n    np.seterr(all='raise')\n    return 2 * x + 1"
    result = made.grade(f, g)
    assert named(result, "answers_next_to_nothing").verdict is Verdict.PASSED
    assert named(result, "answers_two_alike").verdict is Verdict.PASSED


def test_who_has_no_time_left_leaves_no_answer_to_anybody_else(
    rehearsed: Round, monkeypatch: pytest.MonkeyPatch
) -> None:
    next_call = asking.Budget.next_call
    budgets: list[asking.Budget] = []

    def of_the_first(self: asking.Budget) -> TimeLimit:
        budgets.append(self)
        if self is budgets[0]:  # nothing is left, and nobody has been killed for it
            raise TimedOut
        return next_call(self)

    monkeypatch.setattr(asking.Budget, "next_call", of_the_first)
    result = rehearsed.grade(RIGHT[0], "def g(x):\n    return 2 * x + 1")
    assert result.score == 6.0
    assert result.observations == ()


def test_one_answer_that_is_too_long_costs_no_other(
    toy: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "MAX_ANSWER_BYTES", 20_000)
    made = Round(
        toy("""
@check(of="f", points=1)
def doubles_one(student):
    \"\"\"f(1) is 2.\"\"\"
    expect.close(student.f(1.0), 2.0)

@check(of="f", points=1)
def doubles_many(student):
    \"\"\"f doubles.\"\"\"
    expect.close(student.f(np.ones(3)), np.full(3, 2.0))
""")
    )
    long = "def f(x):\n    return 2 * x if np.ndim(x) == 0 else np.ones(10_000)"
    result = made.grade(long, RIGHT[1])
    assert named(result, "doubles_one").verdict is Verdict.PASSED
    many = named(result, "doubles_many")
    assert (many.verdict, many.points) == (Verdict.NOT_RUN, None)


def test_a_check_that_asks_everybody_something_else_is_not_asked_ahead(toy: Make) -> None:
    made = Round(
        toy("""
count = iter(range(1000))

@check(of="f", points=1)
def counts(student):
    \"\"\"f doubles what nobody else is asked.\"\"\"
    x = float(next(count))
    expect.close(student.f(x), 2 * x)
""")
    )
    for _ in range(4):
        assert named(made.grade(*RIGHT), "counts").verdict is Verdict.PASSED
    assert made.grader.judge.planner.plan("counts") is None


def test_a_function_that_never_ends_costs_its_own_checks_alone(
    rehearsed: Round, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "CALL_TIME", TimeLimit(cpu=0.2, wall=20.0))
    monkeypatch.setattr(limits, "FUNCTION_TIME", TimeLimit(cpu=0.5, wall=40.0))
    result = rehearsed.grade(
        "def f(x):\n    while True:\n        pass", "def g(x):\n    return 2 * x + 1"
    )
    assert named(result, "doubles").verdict is Verdict.TIMED_OUT
    assert named(result, "g_of_one").verdict is Verdict.PASSED
