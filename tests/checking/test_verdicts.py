"""From a notebook to marks: every way in which a check can end, and what is said about it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import jsonschema
import msgspec
import nbformat
import pytest

from autograder import result as results
from autograder.checking.judge.calls import StudentError
from autograder.checking.judge.messages import exception, words
from autograder.course import secret
from autograder.grading.grader import Grader
from autograder.i18n import use_language
from autograder.intake.find import SubmissionSource
from autograder.result import Result, Status, SubmissionResult, Verdict
from autograder.sandbox.protocol import limits, wire
from autograder.sandbox.protocol.limits import TimeLimit
from tests.helpers.toy import Toy, named

Make = Callable[[str], Toy]

RIGHT = "def f(x):\n    return 2 * x"

DOUBLES = '''
@check(of="f", points=4)
def doubles(student, reference, rng):
    """Twice any number."""
    x = rng.normal(size=3) + 10
    expect.close(student.f(x), reference.f(x))
'''

WAITS = '''
@check(of="f", points=3, after=[doubles])
def doubles_again(student):
    """Twice 5 is 10."""
    expect.close(student.f(5.0), 10.0)
'''

BOTH = (
    DOUBLES
    + '''
@check(of="g", points=6)
def one_more(student, reference, rng):
    """One more than twice."""
    x = rng.normal(size=3) + 10
    expect.close(student.g(x), reference.g(x))
'''
)


def test_a_right_function_passes(toy: Make) -> None:
    check = toy(DOUBLES).check("doubles", RIGHT)
    assert (check.verdict, check.points, check.max_points) == (Verdict.PASSED, 4.0, 4.0)
    assert check.message is None
    assert check.function == "f"


@pytest.mark.parametrize(
    "right",
    [
        "f = lambda x: x + x",
        "from functools import partial\nf = partial(np.multiply, 2)",
        "class Twice:\n    def __call__(self, x, extra=1):\n        return x + x\n\nf = Twice()",
        "def f(x):\n    return (2 * np.asarray(x, dtype=np.float32))",
    ],
)
def test_what_is_right_is_not_decided_by_its_form(toy: Make, right: str) -> None:
    assert toy(DOUBLES).check("doubles", right).verdict is Verdict.PASSED


def test_a_wrong_answer_fails_and_the_right_one_is_not_told(toy: Make) -> None:
    checks = '''
@check(of="f", points=4)
def doubles(student):
    """Twice any number."""
    expect.close(student.f(123.25), 246.5)
'''
    check = toy(checks).check("doubles", "def f(x):\n    return x + 1")
    assert (check.verdict, check.points) == (Verdict.FAILED, 0.0)
    assert check.message is not None
    assert "f(123.25) is 124.25" in check.message
    assert "246" not in check.message


@pytest.mark.parametrize(
    "returned",
    [
        "np.zeros(1_500_000)",
        "[[0.0] * 99_999] * 2",
        "functools.reduce(lambda inner, _: [inner], range(24), 0.0)",
    ],
)
def test_what_came_but_is_too_much_to_go_back_with_more_is_left_to_a_person(
    toy: Make, returned: str
) -> None:
    checks = '''
@check(of="f", points=4)
def doubles(student):
    """Whatever."""
    parts = student.f(1.0), student.f(2.0)
    student.f({"one": parts[0], "other": [parts[1]]}).value
'''
    code = f"import functools\ndef f(x):\n    return {returned} if isinstance(x, float) else None"
    check = toy(checks).check("doubles", code)
    assert (check.verdict, check.points) == (Verdict.NOT_RUN, None)
    assert "a very large value, which cannot be sent to the grader" in (check.message or "")


def test_a_part_of_the_points_is_given_for_a_part(toy: Make) -> None:
    checks = '''
@check(of="f", points=8)
def some(student):
    """Twice each number."""
    return sum(student.f(float(x)).value == 2.0 * x for x in range(1, 5)) / 4
'''
    made = toy(checks)
    half = made.check("some", "def f(x):\n    return 2 * x if x < 3 else 0")
    assert (half.verdict, half.points) == (Verdict.PARTIAL, 4.0)
    none = made.check("some", "def f(x):\n    return 0")
    assert (none.verdict, none.points) == (Verdict.FAILED, 0.0)
    every = made.check("some", RIGHT)
    assert (every.verdict, every.points, every.message) == (Verdict.PASSED, 8.0, None)


def test_an_exception_is_told_with_its_type_and_line(toy: Make) -> None:
    check = toy(DOUBLES).check("doubles", "def f(x):\n    y = None\n    return y + x['a']")
    assert check.verdict is Verdict.FAILED
    assert check.message is not None
    assert check.message.startswith("f(x) raised IndexError: ")
    assert check.message.endswith("(line 3: `return y + x['a']`).")


def test_an_error_message_that_ends_with_a_space_ends_with_the_sentence(toy: Make) -> None:
    code = "import numpy as np\ndef f(x):\n    return np.zeros(2) + np.zeros(3)"
    check = toy(DOUBLES).check("doubles", code)
    assert "shapes (2,) (3,) (line 3: " in (check.message or "")


def test_a_function_that_is_not_written_yet_is_told_so(toy: Make) -> None:
    result = toy(DOUBLES).grade()
    check = named(result, "doubles")
    assert (check.verdict, check.points) == (Verdict.FAILED, 0.0)
    assert check.message == "f is not written yet: it raises NotImplementedError."
    assert result.score == 0.0


def test_a_check_waits_for_those_that_must_come_first(toy: Make) -> None:
    made = toy(DOUBLES + WAITS)
    waits = made.check("doubles_again", "def f(x):\n    return 10.0")
    assert (waits.verdict, waits.points) == (Verdict.NOT_RUN, 0.0)
    assert "Twice any number." in (waits.message or "")
    assert made.check("doubles_again", RIGHT).verdict is Verdict.PASSED


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("x = 1", "no function called f after the cells had run"),
        ("f = 3", "no function called f after the cells had run"),
        ("def f(x):\nreturn 2", "IndentationError"),
        ("1 / 0\ndef f(x):\n    return 2 * x", "ZeroDivisionError: division by zero (line 1)"),
        ("import no_such_package", "no_such_package"),
        ("import os\nos._exit(0)", "the cell ended the process"),
    ],
)
def test_a_function_that_is_not_there_is_missing_and_the_reason_told(
    toy: Make, cell: str, said: str
) -> None:
    check = toy(DOUBLES).check("doubles", cell)
    assert (check.verdict, check.points) == (Verdict.MISSING, 0.0)
    assert said in (check.message or "")


@pytest.fixture
def haste(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "CALL_TIME", TimeLimit(cpu=0.2, wall=20.0))
    monkeypatch.setattr(limits, "FUNCTION_TIME", TimeLimit(cpu=0.5, wall=40.0))


@pytest.mark.usefixtures("haste")
def test_a_function_that_never_ends_loses_only_the_checks_that_call_it(toy: Make) -> None:
    result = toy(BOTH).grade("def f(x):\n    while True: pass", "def g(x):\n    return x * 2 + 1")
    check = named(result, "doubles")
    assert (check.verdict, check.points) == (Verdict.TIMED_OUT, 0.0)
    assert named(result, "one_more").verdict is Verdict.PASSED
    assert result.score == 6.0


@pytest.mark.usefixtures("haste")
def test_a_function_that_never_ends_for_some_inputs_answers_the_other_checks(toy: Make) -> None:
    result = toy(
        DOUBLES
        + '''
@check(of="f", points=3)
def doubles_a_number(student):
    """Twice 5 is 10."""
    expect.close(student.f(5.0), 10.0)
'''
    ).grade("def f(x):\n    while np.ndim(x): pass\n    return 2 * x")
    assert named(result, "doubles").verdict is Verdict.TIMED_OUT
    assert named(result, "doubles_a_number").verdict is Verdict.PASSED


def test_who_sleeps_until_the_patience_is_over_is_told_so_and_what_came_before_counts(
    toy: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MAX_IDLE_SECONDS", 2.0)
    asleep = "import time\ndef g(x):\n    time.sleep(600)"
    result = toy(BOTH).grade("def f(x):\n    return 2 * x", asleep)
    assert named(result, "f_of_one").verdict is Verdict.PASSED
    for check in (named(result, "g_of_one"), named(result, "one_more")):
        assert (check.verdict, check.points) == (Verdict.TIMED_OUT, 0.0)
        assert "kept the grader waiting" in (check.message or "")
    assert not result.provisional
    (observation,) = result.observations
    assert "kept the grader waiting" in observation


def test_what_a_function_answered_before_it_slept_counts(
    toy: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MAX_IDLE_SECONDS", 2.0)
    # Longer than answers wait for each other.
    sleeps = "import time\ndef f(x):\n    time.sleep(600 if np.ndim(x) else 0.02)\n    return 2 * x"
    result = toy(BOTH).grade(sleeps)
    assert named(result, "f_of_one").verdict is Verdict.PASSED
    assert named(result, "doubles").verdict is Verdict.TIMED_OUT


@pytest.mark.parametrize("end", ["os._exit(0)", "os.abort()", "os.kill(os.getpid(), 9)"])
def test_a_function_that_ends_the_process_crashes_and_the_other_is_judged(
    toy: Make, end: str
) -> None:
    f = f"import os\ndef f(x):\n    {end}"
    result = toy(BOTH).grade(f, "def g(x):\n    return x * 2 + 1")
    check = named(result, "doubles")
    assert (check.verdict, check.points) == (Verdict.CRASHED, 0.0)
    assert "ended before the function returned" in (check.message or "")
    assert named(result, "one_more").verdict is Verdict.PASSED


def test_a_crash_between_two_calls_of_one_check_is_a_crash(
    toy: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "CALL_TIME", TimeLimit(cpu=1.0, wall=60.0))
    checks = '''
@check(of="f", points=4)
def twice(student):
    """Twice."""
    one = student.f(1.0)
    time.sleep(0.3)
    other = student.f(2.0)
    expect.close(one, 2.0)
    expect.close(other, 4.0)
'''
    check = toy(checks).check("twice", "import os\ndef f(x):\n    os._exit(0)")
    assert check.verdict is Verdict.CRASHED


BROKEN = (
    "1 / 0",
    "raise LookupError('ours')",
    "return 2",
    "return -0.5",
    "return float('nan')",
    "student.f(np.zeros(3_000_000))",
    "student.f(object())",
    "student.f(x for x in [1])",
    "expect.close(student.f(1.0), np.log(-1.0))",
)


@pytest.mark.parametrize("body", BROKEN)
def test_a_check_that_fails_itself_gives_no_points_and_takes_none(toy: Make, body: str) -> None:
    checks = (
        DOUBLES
        + f'''
@check(of="f", points=3)
def broken(student):
    """Something."""
    {body}
'''
    )
    result = toy(checks).grade(RIGHT)
    check = named(result, "broken")
    assert (check.verdict, check.points, check.max_points) == (Verdict.GRADER_ERROR, None, 3.0)
    assert "instructor" in (check.message or "")
    assert result.provisional
    assert (result.score, result.max_score) == (4.0, 7.0)
    (said,) = result.observations
    assert "broken" in said


def test_the_score_is_the_sum_of_the_points(toy: Make) -> None:
    result = toy(BOTH).grade(RIGHT, "def g(x):\n    return 2 * x + 1")
    assert (result.score, result.max_score, result.status) == (10.0, 10.0, Status.GRADED)
    assert not result.provisional
    assert [check.id for check in result.checks] == ["f_of_one", "g_of_one", "doubles", "one_more"]


DRAWS = '''
@check(of="f", points=1)
def draws(student, rng):
    """Tells what it drew."""
    drawn = student.f(float(rng.random()))
    expect.that(False, repr([part.value for part in drawn]))
'''

DRAWN = (
    "def f(x):\n"
    "    return [x, random.random(), np.random.rand(), np.random.default_rng().random(), made]\n"
    "made = np.random.rand()"
)


def message(result: SubmissionResult, name: str) -> str:
    said = named(result, name).message
    assert said is not None
    return said


def test_one_secret_gives_one_result_and_another_other_inputs(toy: Make) -> None:
    made = toy(DRAWS)

    def drawn(number: int) -> str:
        return message(made.grade(DRAWN, of=secret.public(number)), "draws")

    first = drawn(1)
    assert drawn(1) == first
    parts = set(first.strip("[]").split(", "))
    assert len(parts) == 5
    assert not parts & set(drawn(2).strip("[]").split(", "))


def test_another_check_has_other_inputs(toy: Make) -> None:
    made = toy(DRAWS + DRAWS.replace("def draws", "def draws_too"))
    result = made.grade(DRAWN)
    parts, others = (
        set(message(result, name).strip("[]").split(", ")) for name in ("draws", "draws_too")
    )
    assert len(parts & others) == 1  # what was drawn in a cell, once for all


def test_a_rewound_student_sees_the_same_randomness_and_nobodys_side_effects(toy: Make) -> None:
    checks = '''
@check(of="f", points=1)
def repeats(student):
    """The same randomness gives the same numbers."""
    other = student.rewound()
    mine = [student.f(1.0).value for _ in range(3)]
    theirs = [other.f(1.0).value for _ in range(3)]
    drawn = [numbers[1:] for numbers in mine]
    expect.that(drawn == [numbers[1:] for numbers in theirs], f"{mine} is not {theirs}")
    expect.that(len({str(each) for each in drawn}) == 3, f"{drawn} is one number")
    expect.that([numbers[0] for numbers in theirs] == [1, 2, 3], f"{theirs} counts mine")
'''
    cell = (
        "count = 0\ndef f(x):\n    global count\n    count += 1\n"
        "    return [count, np.random.rand(), random.random(), np.random.default_rng().random()]"
    )
    check = toy(checks).check("repeats", cell)
    assert check.message is None
    assert check.verdict is Verdict.PASSED


ALTERS = '''
@check(of="f", points=1)
def leaves_alone(student):
    """The arguments stay as they were."""
    expect.untouched(student.f({"W": np.ones(2), "n": [1, 2]}))


@check(of="g", points=1)
def leaves_alone_by_name(student):
    """The arguments stay as they were."""
    expect.untouched(student.g(1.0, rate=np.ones(2)))
'''


@pytest.mark.parametrize(
    "body",
    ["x['W'] -= 1", "x['W'][0] = np.nan", "x['new'] = 1", "del x['W']", "x['n'].append(3)"],
)
def test_an_argument_that_was_altered_is_named(toy: Make, body: str) -> None:
    check = toy(ALTERS).check("leaves_alone", f"def f(x):\n    {body}\n    return x")
    assert check.verdict is Verdict.FAILED
    assert "changed its argument x" in (check.message or "")


def test_an_argument_given_by_name_that_was_altered_is_named(toy: Make) -> None:
    g = "def g(x, rate):\n    rate += 1\n    return x"
    f = "def f(x):\n    return x if isinstance(x, dict) else 2 * x"
    check = toy(ALTERS).check("leaves_alone_by_name", f, g)
    assert check.verdict is Verdict.FAILED
    assert "changed its argument rate" in (check.message or "")


SAYS_NOTHING = """
from autograder.sandbox.inside import call_server

returned = call_server.wire.Returned
call_server.wire.Returned = lambda number, value, after: returned(number, value, {said})
"""


@pytest.mark.parametrize("said", ["None", "()", "(*after, 1)", "(*after[:-1], None)"])
def test_a_process_that_does_not_say_what_became_of_the_arguments_has_no_points(
    toy: Make, said: str
) -> None:
    f = SAYS_NOTHING.format(said=said) + "def f(x):\n    x['W'] -= 1\n    return x"
    check = toy(ALTERS).check("leaves_alone", f)
    assert not check.points
    assert check.verdict in (Verdict.CRASHED, Verdict.FAILED)


def test_arguments_with_nan_in_them_that_were_only_read_are_untouched(toy: Make) -> None:
    checks = '''
@check(of="f", points=1)
def leaves_nan_alone(student):
    """The arguments stay as they were."""
    expect.untouched(student.f({"W": float("nan"), "V": np.full(2, np.nan), "n": (1, True)}))
'''
    check = toy(checks).check("leaves_nan_alone", "def f(x):\n    return 1.0")
    assert check.verdict is Verdict.PASSED


def test_arguments_that_were_only_read_are_untouched(toy: Make) -> None:
    f = "def f(x):\n    x = dict(x)\n    x['W'] = x['W'] - 1\n    return x"
    assert toy(ALTERS).check("leaves_alone", f).verdict is Verdict.PASSED


def test_what_one_answer_holds_may_be_given_to_another_call(toy: Make) -> None:
    checks = '''
@check(of="g", points=1)
def chain(student):
    """g takes what f returns."""
    made, number = student.f(2.0).pair("the box", "its number")
    expect.close(student.g(made), number.value + 1)
'''
    f = "class Box:\n    pass\n\ndef f(x):\n    box = Box()\n    box.x = x\n    return box, x"
    check = toy(checks).check("chain", f, "def g(box):\n    return box.x + 1")
    assert check.message is None
    assert check.verdict is Verdict.PASSED


def test_a_file_that_cannot_be_read_is_rejected_with_its_reason(toy: Make) -> None:
    made = toy(DOUBLES)
    grader = Grader(made.assignment, made.worker, secret.public(1))
    result = grader.grade(SubmissionSource("ada", "ada.ipynb", lambda: b"{"))
    assert (result.status, result.score, result.max_score) == (Status.REJECTED, 0.0, 4.0)
    assert result.reason is not None
    assert result.checks == ()


USES_THE_IMPORTS = "drawn = random.random()\ndef f(x):\n    return np.multiply(2, x)"


def test_what_the_lesson_sets_up_is_there_in_every_submission(toy: Make) -> None:
    made = toy(DOUBLES)
    for spoil in ("np = random = None\ndef f(x):\n    return 2 * x", USES_THE_IMPORTS):
        assert made.check("doubles", spoil).verdict is Verdict.PASSED


def test_what_the_lesson_sets_up_is_there_after_the_worker_was_killed(toy: Make) -> None:
    made = toy(DOUBLES)
    grader = Grader(made.assignment, made.worker, secret.public(1))
    data = nbformat.writes(grader.lesson.filled({"f": USES_THE_IMPORTS})).encode()
    found = SubmissionSource("ada", "ada.ipynb", lambda: data)
    first = grader.grade(found)
    assert named(first, "doubles").verdict is Verdict.PASSED
    assert made.worker.process is not None
    made.worker.process.kill()
    assert grader.grade(found).checks == first.checks


@pytest.mark.usefixtures("haste")
def test_every_result_is_valid_by_its_own_schema(toy: Make) -> None:
    checks = (
        BOTH
        + WAITS
        + '''
@check(of="f", points=2)
def broken(student):
    """Breaks."""
    student.f(1.0).value / 0


@check(of="f", points=2)
def half(student):
    """Half."""
    student.f(1.0)
    return 0.5
'''
    )
    made = toy(checks)
    rows = (
        made.grade(RIGHT, "def g(x):\n    return 2 * x + 1"),
        made.grade("def f(x):\n    while True: pass", "import os\ndef g(x):\n    os._exit(0)"),
        made.grade(None, "g = 3"),
        SubmissionResult("b", "b", Status.REJECTED, "No.", 0.0, 1.0, 0.0, False, (), ()),
    )
    verdicts = {check.verdict for row in rows for check in row.checks}
    assert verdicts == set(Verdict)
    whole = Result(results.SCHEMA_VERSION, "toy", "d", "0", "abcd1234", "2", ("process",), rows)
    schema: dict[str, Any] = results.schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    document = json.loads(results.to_json(whole))
    jsonschema.validate(document, schema)
    document["submissions"][0]["checks"][0]["verdict"] = "perfect"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, schema)


def test_the_schema_refuses_what_is_no_result() -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"schema_version": 1}, results.schema())


def test_a_result_that_is_streamed_is_what_it_would_be_at_once(toy: Make) -> None:
    graded = toy(DOUBLES).grade("def f(x):\n    return 0 * x")
    tricky = msgspec.structs.replace(graded, student='"submissions": []\n', path="\\", checks=())
    for submissions in ((), (graded,), (tricky, graded, tricky)):
        whole = Result(1, "toy", "", "", None, "", ("process",), submissions, "blas", "processor")
        at_once = msgspec.json.format(msgspec.json.encode(whole), indent=1) + b"\n"
        assert b"".join(results.streamed(whole, iter(submissions))) == at_once


def test_a_function_may_use_the_value_of_an_earlier_cell(toy: Make) -> None:
    of_g = DOUBLES.replace('of="f"', 'of="g"').replace(".f(x)", ".g(x)")
    uses = "n, factor = max(Out), _\n\ndef g(x):\n    return factor * x + (Out[n] == 2)"
    assert toy(of_g).check("doubles", f"{RIGHT}\n\n2", uses).points == 4.0


WITHDRAWN = DOUBLES.replace("points=4", 'points=4, void="It asked too much."')


@pytest.mark.parametrize("f", [RIGHT, "def f(x):\n    return 0 * x", None])
def test_a_check_that_was_withdrawn_gives_everybody_its_points(toy: Make, f: str | None) -> None:
    check = toy(WITHDRAWN).check("doubles", f)
    assert (check.verdict, check.points, check.max_points) == (Verdict.NOT_RUN, 4.0, 4.0)
    (note,) = check.notes
    assert note.endswith("every student gets its points: It asked too much.")


def test_what_waits_for_a_check_that_was_withdrawn_is_taken(toy: Make) -> None:
    wrong = "def f(x):\n    return 10.0 if np.ndim(x) == 0 else 0 * x"
    assert toy(WITHDRAWN + WAITS).check("doubles_again", wrong).verdict is Verdict.PASSED


def test_a_file_that_cannot_be_read_has_no_points_of_a_withdrawn_check(toy: Make) -> None:
    withdrawn = toy(WITHDRAWN)
    grader = Grader(withdrawn.assignment, withdrawn.worker, secret.public(1))
    assert grader.grade(SubmissionSource("ada", "ada.ipynb", lambda: b"")).score == 0.0


def test_what_a_failed_check_has_not_looked_at_is_no_answer_for_the_next(toy: Make) -> None:
    checks = '''
@check(of="f", points=2)
def doubles_another(student):
    """f doubles."""
    expect.close(student.f(0.5), 1.0)
    student.f(1.0)
    expect.close(student.rewound().f(2.0), 4.0)

@check(of="f", points=2)
def doubles_many(student):
    """f doubles."""
    expect.close(student.f(0.5), 1.0)
    asked = [(float(x), student.f(float(x))) for x in range(5)]
    for x, answer in asked:
        expect.close(answer, 2 * x)
'''
    wrong = "def f(x):\n    return 2 * x if x < 2 else 0.0"
    result = toy(checks).grade(wrong)
    assert named(result, "doubles_another").verdict is Verdict.FAILED
    message = named(result, "doubles_many").message or ""
    assert "f(2.0)" in message


@pytest.mark.parametrize(
    ("function", "place"),
    [
        ("f", "(line 3 of the cell of f: `x @ x`)"),
        ("g", "(line 3: `x @ x`)"),
        ("helper", "(line 3: `x @ x`)"),  # it may be in any cell
    ],
)
def test_a_line_of_another_functions_cell_is_named_as_such(function: str, place: str) -> None:
    owner = "g" if function == "g" else "f"
    error = wire.Raised("ValueError", "no", 3, "x @ x", function, owner=owner)
    assert exception(StudentError("g(x)", error)) == f"g(x) raised ValueError: no {place}."


def test_names_are_listed_with_the_separator_of_the_language() -> None:
    assert words(["f", "g", "h"]) == "f, g and h"
    with use_language("zh"):
        assert words(["f", "g", "h"]) == "f、g 和 h"
