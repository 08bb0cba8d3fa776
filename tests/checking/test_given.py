"""One mistake costs once: checks are taken again with the reference's in a function's place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import nbformat
import pytest

from autograder.checking.judge.carry_forward import CarryForward
from autograder.checking.judge.student import calls
from autograder.course import secret
from autograder.grading.grader import Grader
from autograder.intake.find import SubmissionSource
from autograder.result import Verdict
from autograder.sandbox.protocol import limits
from tests.helpers.toy import Toy, named

Make = Callable[[str], Toy]

CHECKS = '''
@check(of="f", points=2)
def f_of_two(student):
    """f(2) is 4."""
    expect.close(student.f(2.0), 4.0)


@check(of="g", points=1)
def g_is_a_number(student):
    """g gives a number."""
    expect.scalar(student.g(5.0))


@check(of="g", points=3)
def g_of_seven(student):
    """g(7) is 15."""
    expect.close(student.g(7.0), 15.0)
'''

TWICE = "def f(x):\n    return 2 * x"
THRICE = "def f(x):\n    return 3 * x"
ENDS = "def f(x):\n    import os\n    os._exit(3)"
UNWRITTEN = "def f(x):\n    raise NotImplementedError()"
RIGHT = "def g(x):\n    return f(x) + 1"


@pytest.mark.parametrize(
    "f", [THRICE, UNWRITTEN, "f = None", "def f(x):\n    return x / 0", "def f(x", ENDS]
)
def test_who_builds_on_a_wrong_function_is_judged_with_the_references(toy: Make, f: str) -> None:
    result = toy(CHECKS).grade(f, RIGHT)
    check = named(result, "g_of_seven")
    assert (check.verdict, check.points, check.given) == (Verdict.PASSED, 3.0, ("f",))
    assert check.message is None
    assert "the reference solution of f instead of yours" in check.notes[0]
    assert (result.score, result.provisional) == (4.0, False)


H = '''
@check(of="h", points=3, visible=True)
def h_of_seven(student):
    """h(7) is 225."""
    expect.close(student.h(7.0), 225.0)
'''


def test_a_wrong_function_costs_nothing_two_calls_away(toy: Make) -> None:
    three = third(toy(CHECKS + H), "def h(x):", "The square of g.", "return g(x) ** 2")
    right = "def h(x):\n    return g(x) ** 2"
    for h, verdict, points in ((right, Verdict.PASSED, 3.0), (right + " + 1", Verdict.FAILED, 0.0)):
        result = three.grade(THRICE, RIGHT, h=h)
        check = named(result, "h_of_seven")
        assert (check.verdict, check.points) == (verdict, points)
        assert check.given == (("f",) if points else ())
        assert not result.provisional


def third(toy: Toy, head: str, sentence: str, body: str) -> Toy:
    """Return the same with a third function."""
    with (toy.assignment.folder / "lesson.md").open("a") as lesson:
        lesson.write("\n```{function} h\n```\n")
    with toy.assignment.reference_path.open("a") as reference:
        reference.write(f'\n\n{head}\n    """{sentence}"""\n    {body}\n')
    return toy


H_SEEN = '''
@check(of="h", points=0, visible=True)
def h_of_one(student):
    """h(1) is 3."""
    expect.close(student.h(1.0), 3.0)
'''

MADE = '''
@check(of="h", points=3, visible=True)
def h_of_what_f_makes(student):
    """h adds one to what f makes."""
    expect.close(student.h(student.f(3.0)), 7.0)
'''

NEXT = "def h(made):\n    return made + 1"
OWN_FORM = "def f(x):\n    return {'made': %d * x}"
OF_OWN_FORM = "def h(made):\n    return made['made'] + 1"


@pytest.mark.parametrize(
    ("f", "h", "verdict", "points", "given"),
    [
        (THRICE, NEXT, Verdict.PASSED, 3.0, ("f",)),
        (UNWRITTEN, NEXT, Verdict.PASSED, 3.0, ("f",)),
        ("f = None", NEXT, Verdict.PASSED, 3.0, ("f",)),
        ("def f(x", NEXT, Verdict.PASSED, 3.0, ("f",)),
        (THRICE, NEXT + " + 1", Verdict.FAILED, 0.0, ()),
        (UNWRITTEN, "def h(made):\n    raise NotImplementedError()", Verdict.FAILED, 0.0, ()),
        ("def f(x):\n    return 2 * x", NEXT + " + 1", Verdict.FAILED, 0.0, ()),
        (OWN_FORM % 2, OF_OWN_FORM, Verdict.PASSED, 3.0, ()),
        (OWN_FORM % 3, OF_OWN_FORM, Verdict.NOT_RUN, None, ()),
        (OWN_FORM % 3, "def h(made):\n    return made['other'] + 1", Verdict.FAILED, 0.0, ()),
    ],
)
def test_what_another_function_made_for_a_check_costs_there_alone(
    toy: Make, f: str, h: str, verdict: Verdict, points: float | None, given: tuple[str, ...]
) -> None:
    three = third(toy(CHECKS + MADE), "def h(made):", "One more.", "return made + 1")
    result = three.grade(f, RIGHT, h=h)
    check = named(result, "h_of_what_f_makes")
    assert (check.verdict, check.points, check.given) == (verdict, points, given)
    assert result.provisional is (points is None)


def test_who_wrote_nothing_is_told_so_and_leaves_nothing_to_a_person(toy: Make) -> None:
    three = third(toy(CHECKS + MADE), "def h(made):", "One more.", "return made + 1")
    result = three.grade()
    assert (
        named(result, "h_of_what_f_makes").message
        == "h is not written yet: it raises NotImplementedError."
    )
    assert (result.score, result.provisional) == (0.0, False)


@pytest.mark.parametrize("f", [THRICE, ENDS])
@pytest.mark.parametrize(
    "g",
    [
        "def g(x):\n    f(x)\n    import os\n    os._exit(3)",
        "def g(x):\n    import os\n    return 0.0 if x == 5 else os._exit(3) or f(x)",
    ],
)
def test_who_ends_the_process_by_themselves_loses_all_the_same(toy: Make, f: str, g: str) -> None:
    result = toy(CHECKS).grade(f, g)
    check = named(result, "g_of_seven")
    assert (check.verdict, check.points, check.given) == (Verdict.CRASHED, 0.0, ())
    assert not result.provisional


@pytest.mark.parametrize("g", ["def g(x):\n    return f(x) + 2", "def g(x):\n    f(x)"])
def test_who_is_wrong_all_the_same_fails_with_what_their_own_functions_did(
    toy: Make, g: str
) -> None:
    check = toy(CHECKS).check("g_of_seven", THRICE, g)
    assert (check.verdict, check.points, check.given) == (Verdict.FAILED, 0.0, ())
    assert check.message is not None
    assert "16" not in check.message  # f(7) + 2, if f were ours


@pytest.mark.parametrize("f", ["def f(x", UNWRITTEN, "def f(x):\n    return x / 0"])
def test_a_function_that_is_broken_hides_no_fault_of_the_next(toy: Make, f: str) -> None:
    made = toy(CHECKS)
    wrong = "def g(x):\n    return f(x) + 2"
    result = made.grade(f, wrong)
    check = named(result, "g_of_seven")
    assert (check.verdict, check.points, check.given) == (Verdict.FAILED, 0.0, ("f",))
    assert check.message == made.check("g_of_seven", TWICE, wrong).message
    assert "the reference solution of f instead of yours" in check.notes[0]
    assert named(result, "g_is_a_number").points == 1.0


@pytest.mark.parametrize("f", ["def f(x):\n    return (x, x)", "def f(x):\n    return {}"])
def test_an_exception_that_another_functions_answer_causes_hides_no_fault(
    toy: Make, f: str
) -> None:
    made = toy(CHECKS + H)
    three = third(made, "def h(x):", "The square of g.", "return g(x) ** 2")
    for g, h, name in (
        ("def g(x):\n    return f(x) + 2", "def h(x):\n    return g(x) ** 2", "g_of_seven"),
        (RIGHT, "def h(x):\n    return g(x) ** 2 + 1", "h_of_seven"),
    ):
        check = named(three.grade(f, g, h=h), name)
        assert (check.verdict, check.points) == (Verdict.FAILED, 0.0)
        assert "f" in check.given
        assert check.message == named(three.grade(TWICE, g, h=h), name).message


def test_a_student_reads_that_no_time_was_left_to_carry_an_error_forward(
    toy: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_with_reference = CarryForward._run_with_reference

    def run_late(*arguments: Any) -> Any:
        arguments[-1].cpu = 0.0
        return run_with_reference(*arguments)

    monkeypatch.setattr(CarryForward, "_run_with_reference", run_late)
    check = toy(CHECKS).check("g_of_seven", "def f(x):\n    return x / 0", RIGHT)
    assert (check.verdict, check.points) == (Verdict.FAILED, 0.0)
    assert check.message is not None
    assert "The checks of g have used up their time" in check.message


def test_nothing_is_taken_from_the_reference_where_nothing_lost_points(toy: Make) -> None:
    check = toy(CHECKS).check("g_of_seven", TWICE, "def g(x):\n    return f(x) + 2")
    assert (check.verdict, check.given) == (Verdict.FAILED, ())


HELD = {
    "default argument": "def g(x, twice=f):\n    return twice(x) + 1",
    "closure": "g = (lambda twice: lambda x: twice(x) + 1)(f)",
    "list": "steps = [f]\ndef g(x):\n    return steps[0](x) + 1",
    "partial": "import functools\ntwice = functools.partial(f)\ndef g(x):\n    return twice(x) + 1",
}
"""How a function may hold another one that it never calls by its name."""

DECORATED = """
def plain(function):
    def wrapper(*arguments):
        return function(*arguments)
    return wrapper

@plain
def f(x):
    return 3 * x
"""


@pytest.mark.parametrize("f", [THRICE, DECORATED], ids=["plain", "decorated"])
@pytest.mark.parametrize("g", HELD.values(), ids=HELD)
def test_a_mistake_costs_once_if_the_wrong_function_is_not_called_by_its_name(
    toy: Make, f: str, g: str
) -> None:
    made = toy(CHECKS)
    for body, points in ((g, 3.0), (g.replace("+ 1", "+ 2"), 0.0)):
        result = made.grade(f, body)
        assert named(result, "g_of_seven").points == points
        assert not result.provisional


@pytest.mark.parametrize(
    "g",
    ["def g(x):\n    return 3 * x + 1", "def g(x):\n    return np.zeros(())"],
    ids=["inlined", "zeros"],
)
def test_a_wrong_function_that_never_calls_the_other_one_fails(toy: Make, g: str) -> None:
    result = toy(CHECKS).grade(THRICE, g)
    assert named(result, "g_of_seven").verdict is Verdict.FAILED
    assert not result.provisional


def test_a_second_name_for_a_wrong_function_is_not_answered_by_the_reference(toy: Make) -> None:
    checks = CHECKS.replace("student.g(7.0), 15.0", "student.g(7.0), 14.0")
    check = toy(checks).check("g_of_seven", THRICE, "g = f")
    assert (check.verdict, check.points, check.given) == (Verdict.FAILED, 0.0, ())


UNPACKED = {
    "in the function": "def h(made):\n    return made['made'] + 1",
    "in a helper": (
        "def get(made):\n    return made['made']\n\ndef h(made):\n    return get(made) + 1"
    ),
    "in a lambda": "h = lambda made: made['made'] + 1",
    "in a generator": "def h(made):\n    return sum(made[key] for key in ['made']) + 1",
    "in a method": (
        "class H:\n    def get(self, made):\n        return made['made']\n"
        "    def __call__(self, made):\n        return self.get(made) + 1\n\nh = H()"
    ),
    "in a decorated helper": (
        "def plain(function):\n    return lambda *arguments: function(*arguments)\n\n"
        "@plain\ndef get(made):\n    return made['made']\n\n"
        "@plain\ndef h(made):\n    return get(made) + 1"
    ),
}
"""Where a function may unpack what another one has made in a form of the student's own."""


@pytest.mark.parametrize("h", UNPACKED.values(), ids=UNPACKED)
def test_a_form_of_the_students_own_is_blamed_on_nobody_wherever_it_is_unpacked(
    toy: Make, h: str
) -> None:
    three = third(toy(CHECKS + MADE), "def h(made):", "One more.", "return made + 1")
    result = three.grade(OWN_FORM % 3, RIGHT, h=h)
    check = named(result, "h_of_what_f_makes")
    assert check.points is None
    assert "h raised an exception that it does not raise with your own" in (check.message or "")
    (said,) = (each for each in result.observations if "h_of_what_f_makes raised" in each)
    assert "TypeError" in said
    assert named(result, "f_of_two").points == 0.0


@pytest.mark.parametrize(
    "f",
    [
        "def get(x):\n    return x['no']\n\ndef f(x):\n    return get(x)",
        "f = lambda x: x['no']",
        "class F:\n    def __call__(self, x):\n        return x['no']\n\nf = F()",
    ],
    ids=["helper", "lambda", "object"],
)
def test_an_exception_below_an_upstream_function_is_that_functions(toy: Make, f: str) -> None:
    check = toy(CHECKS).check("g_of_seven", f, "def g(x):\n    return f(x) + 1")
    assert (check.points, check.given) == (3.0, ("f",))


@pytest.mark.parametrize(
    "g", ["def g(x):\n    return None", "def g(x):\n    raise NotImplementedError()"]
)
def test_who_did_nothing_right_leaves_nothing_to_a_person(toy: Make, g: str) -> None:
    result = toy(CHECKS).grade(THRICE, g)
    assert named(result, "g_of_seven").points == 0.0
    assert not result.provisional


def test_nobody_is_given_the_function_that_is_being_judged(toy: Make) -> None:
    asks_for_it = """
def g(x):
    import gc
    from autograder.sandbox.protocol import wire
    f(x)
    if "answered_by_judge" not in f.__qualname__:
        return 0.0  # and wait until it is the reference's
    for channel in gc.get_objects():
        if isinstance(channel, wire.Channel) and channel.sock.fileno() >= 0:
            channel.send(wire.Call(0, "g", (x,), ()))
            return channel.receive(wire.Returned | wire.Failed).value
"""
    check = toy(CHECKS).check("g_of_seven", THRICE, asks_for_it)
    # It raises at what it is told, and at what it would be told of f it does not: a person decides.
    assert (check.verdict, check.points) == (Verdict.NOT_RUN, None)


def test_what_the_reference_answered_is_in_nothing_that_a_student_sees(toy: Make) -> None:
    tells = "def g(x):\n    raise ValueError(f'f says {f(x)}')"
    result = toy(CHECKS).grade(THRICE, tells)
    assert "f says 21" in (named(result, "g_of_seven").message or "")
    assert "f says 14" not in str(result)


def test_two_who_start_from_the_same_randomness_are_given_the_same(toy: Make) -> None:
    checks = (
        CHECKS
        + '''
@check(of="g", points=1)
def twins(student):
    """Twins agree."""
    one, other = student.rewound().g(7.0), student.rewound().g(7.0)
    expect.close(one, expect.scalar(other))
    expect.close(one, 15.0)
'''
    )
    check = toy(checks).check("twins", THRICE, RIGHT)
    assert (check.verdict, check.given) == (Verdict.PASSED, ("f",))


def test_calls_that_never_end_cannot_keep_the_reference_answering(toy: Make) -> None:
    check = toy(CHECKS).check("g_of_seven", THRICE, "def g(x):\n    while True:\n        f(x)")
    assert (check.verdict, check.points) == (Verdict.TIMED_OUT, 0.0)


ASKS_ANOTHER = """
@check(of="f", points=4)
def f_of_any_and_another(student, rng):
    \"\"\"f doubles, and {another} answers.\"\"\"
    x = float(rng.normal())
    student.{another}(0.0)
    expect.close(student.f(x), 2 * x)


@check(of="{another}", points=1)
def another_of_any(student, rng):
    \"\"\"{another} is one more.\"\"\"
    x = float(rng.normal())
    expect.close(student.{another}(x), 2 * x + 1)
"""


@pytest.mark.parametrize("f", ["g(x) - 1", "helper(x)", "next(g(each) - 1 for each in [x])"])
def test_no_reference_stands_in_that_builds_on_the_function_under_test(toy: Make, f: str) -> None:
    asks = f"def helper(x):\n    return g(x) - 1\n\ndef f(x):\n    return {f}"
    result = toy(ASKS_ANOTHER.format(another="g")).grade(asks, "def g(x):\n    return 5 * x")
    check = named(result, "f_of_any_and_another")
    assert (check.verdict, check.points, check.given) == (Verdict.FAILED, 0.0, ())


def test_no_reference_stands_in_that_tells_by_itself_what_the_function_under_test_should(
    toy: Make,
) -> None:
    three = third(
        toy(ASKS_ANOTHER.format(another="h") + H_SEEN), "def h(x):", "2x + 1.", "return 2 * x + 1"
    )
    result = three.grade("def f(x):\n    return h(x) - 1", RIGHT, h="def h(x):\n    return 5 * x")
    check = named(result, "f_of_any_and_another")
    assert (check.verdict, check.points, check.given) == (Verdict.FAILED, 0.0, ())


def test_a_right_function_whose_check_asks_one_that_cannot_be_replaced_is_left_open(
    toy: Make,
) -> None:
    checks = (
        CHECKS
        + """
@check(of="f", points=4)
def f_of_what_g_gives(student):
    \"\"\"f doubles what g gives.\"\"\"
    expect.close(student.f(student.g(1.0)), 6.0)
"""
    )
    result = toy(checks).grade("def f(x):\n    return 2 * x", "def g(x):\n    return 5 * x")
    check = named(result, "f_of_what_g_gives")
    assert (check.verdict, check.points) == (Verdict.NOT_RUN, None)
    assert named(result, "f_of_two").points == 2


WAYS = {
    "generator": "return sum(f(each) for each in [x]) + 1",
    "comprehension": "return [f(each) for each in [x]][0] + 1",
    "lambda": "return (lambda each: f(each))(x) + 1",
    "inner function": "def inner():\n        return f(x)\n    return inner() + 1",
    "partial": "return functools.partial(f, x)() + 1",
    "method": "return Doubler().double(x) + 1",
    "helper": "return helper(x) + 1",
}
"""How a function may build on another."""

HELPERS = """
import functools


class Doubler:
    def double(self, x):
        return f(x)


def helper(x):
    return f(x)


"""


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_a_mistake_costs_once_however_a_function_builds_on_the_wrong_one(
    toy: Make, way: str
) -> None:
    made = toy(CHECKS)
    path = made.assignment.reference_path
    body = f'def g(x):\n    """Twice x, and one more."""\n    {way}\n'
    path.write_text(HELPERS + path.read_text().partition("def g(x)")[0] + body)
    result = made.grade(THRICE, f"{HELPERS}def g(x):\n    {way}")
    check = named(result, "g_of_seven")
    assert (check.verdict, check.points, check.given) == (Verdict.PASSED, 3.0, ("f",))
    assert result.score == 4.0


@pytest.mark.parametrize("f", ["return np.zeros(())", "return 3 * x"])
def test_a_wrong_function_fails_although_its_check_calls_one_that_builds_on_it(
    toy: Make, f: str
) -> None:
    checks = (
        CHECKS
        + '''
@check(of="f", points=1)
def f_is_a_number(student):
    """f gives a number."""
    expect.scalar(student.f(5.0))


@check(of="f", points=4)
def f_of_what_g_gives(student):
    """f doubles what g gives."""
    expect.close(student.f(student.g(1.0)), 6.0)
'''
    )
    result = toy(checks).grade(f"def f(x):\n    {f}", "def g(x):\n    return 5 * x")
    assert named(result, "f_of_what_g_gives").verdict is Verdict.FAILED
    assert named(result, "f_is_a_number").points == 1.0


def test_an_open_check_shows_the_calls_and_answers_to_the_person_who_decides(toy: Make) -> None:
    three = third(toy(CHECKS + MADE), "def h(made):", "One more.", "return made + 1")
    grader = Grader(three.assignment, three.worker, secret.public(1))
    sources = {"f": OWN_FORM % 3, "g": RIGHT, "h": OF_OWN_FORM}
    data = nbformat.writes(grader.lesson.filled(sources)).encode()
    result = grader.grade(SubmissionSource("ada", "ada.ipynb", lambda: data))
    assert named(result, "h_of_what_f_makes").points is None
    ((first, second),) = calls(grader.students["h_of_what_f_makes"])
    assert (first.call.function, second.call.function) == ("f", "h")
    assert second.value == 10.0


HIDES = "def f(x):\n    return {'made': 2 * x} if x == 3 else 2 * x"
"""An upstream function whose own checks do not look at what is wrong with it."""

LATER = '''
@check(of="h", points=2, after=[h_of_what_f_makes])
def h_of_four(student):
    """h(4) is 5."""
    expect.close(student.h(4.0), 5.0)
'''


@pytest.mark.parametrize(
    ("h", "points"),
    [
        (NEXT, (None, None)),
        ("def get(made):\n    return made + 1\n\ndef h(made):\n    return get(made)", (None, None)),
        # Right only where it can tell that the reference has answered: never points by itself.
        ("def h(made):\n    return made + (0 if isinstance(made, dict) else 1)", (None, None)),
        (NEXT + " + 1", (0.0, 0.0)),
        ("def h(made):\n    return np.zeros(())", (0.0, 0.0)),
        ("def h(made):\n    return made['other'] + 1", (0.0, 0.0)),
        ("def h(made):\n    raise NotImplementedError()", (0.0, 0.0)),
        ("def h(made):\n    return made + 1 if made == 6 else 0", (None, 0.0)),
    ],
)
def test_a_function_that_fails_only_with_another_one_that_lost_no_points_is_left_to_a_person(
    toy: Make, h: str, points: tuple[float | None, float | None]
) -> None:
    three = third(toy(CHECKS + MADE + LATER), "def h(made):", "One more.", "return made + 1")
    result = three.grade(HIDES, RIGHT, h=h)
    first, later = (named(result, name) for name in ("h_of_what_f_makes", "h_of_four"))
    assert (first.points, later.points) == points
    assert named(result, "f_of_two").points == 2.0
    assert first.given == ()
    blamed = "the reference solution of f, which lost no points"
    assert [blamed in each for each in result.observations] == [True] * (points[0] is None)
    assert ("took the place of f" in (first.message or "")) is (points[0] is None)


@pytest.mark.parametrize(("g", "points"), [(RIGHT, None), (RIGHT + " + 1", 0.0)])
def test_a_function_that_calls_another_one_with_a_hidden_fault_is_left_to_a_person(
    toy: Make, g: str, points: float | None
) -> None:
    result = toy(CHECKS).grade("def f(x):\n    return 2 * x if x < 6 else None", g)
    assert named(result, "g_of_seven").points == points
    assert result.score == 3.0


def test_a_notebook_that_cannot_be_run_again_gives_no_evidence_of_a_hidden_fault(
    toy: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MAX_RERUNS_CPU_SECONDS", 0.0)
    three = third(toy(CHECKS + MADE), "def h(made):", "One more.", "return made + 1")
    result = three.grade(HIDES, RIGHT, h=NEXT)
    assert named(result, "h_of_what_f_makes").points == 0.0
    assert not result.provisional
