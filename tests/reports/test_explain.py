"""One verdict, explained to an instructor."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import nbformat
import numpy as np
import pytest
from click.testing import CliRunner

from autograder.checking.diagnosis.findings import Finding, sentence
from autograder.checking.diagnosis.matching import Diagnosis
from autograder.cli.main import main
from autograder.reports.terminal.explain import _lined, _lines, _short
from autograder.result import CheckResult, Verdict
from robustness.fuzzing.course import CHECKS_OF_DOUBLES
from tests.helpers.course import Course

MISTAKES = '''
from autograder.checking import mistake


@mistake(of="double", change=("number + number", "number * number"))
def squared():
    """You multiplied the number by itself."""
'''


def explained(
    course: Course, monkeypatch: pytest.MonkeyPatch, check: str, *options: str, **written: str
) -> tuple[int, str]:
    """Return the exit status of the command, and what it printed."""
    monkeypatch.chdir(course.root)
    monkeypatch.delenv("AUTOGRADER_SECRET", raising=False)
    Path("ada.ipynb").write_text(
        nbformat.writes(course.lesson.filled({**course.solutions, **written}))
    )
    command = ["explain", course.name, "ada.ipynb", check, *options]
    done = CliRunner(env={"COLUMNS": "80"}).invoke(main, command, catch_exceptions=False)
    return done.exit_code, done.stdout + done.stderr


def test_it_shows_what_was_asked_answered_and_wanted(
    tiny: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tiny.root / "assignments" / "doubling" / "mistakes.py").write_text(MISTAKES)
    status, said = explained(
        tiny,
        monkeypatch,
        "twice_any_number",
        "--seed",
        "3",
        double="def double(number):\n    return number**2 if number != 1 else 2.0\n",
    )
    assert status == 0
    assert "ada: twice_any_number" in said
    assert f"numpy {np.__version__}, " in said
    assert "secret a public seed" in said
    assert "Twice any number is that number and itself." in said
    assert "failed, 0 of 3 points" in said
    found = re.search(r"returned: (\S+)\n   expected: (\S+)\n", said)
    number = re.search(r"number = (\S+)", said)
    assert found
    assert number
    x = float(number[1])
    assert [float(each) for each in found.groups()] == [x**2, 2 * x]
    assert "squared" not in said  # right for 1, which is not what that mistake does


def test_it_tells_a_recognised_mistake_and_the_secrets_fingerprint(
    tiny: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tiny.root / "assignments" / "doubling" / "mistakes.py").write_text(MISTAKES)
    wrong = "def double(number):\n    return number**2\n"
    status, said = explained(tiny, monkeypatch, "twice_one_is_two", double=wrong)
    assert status == 0
    assert "Known mistake squared:\nYou multiplied the number by itself." in said
    assert re.search(r"; secret [0-9a-f]{8}\n", said)


def test_the_whole_explanation_is_in_the_language_of_its_reader(
    tiny: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalogue = tiny.root / "assignments/doubling/locale/zh/LC_MESSAGES/doubling.po"
    catalogue.parent.mkdir(parents=True)
    sentence = tiny.assignment.checks[0].sentence
    head = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'
    catalogue.write_text(f'{head}msgid "{sentence}"\nmsgstr "一的两倍是二。"\n')
    wrong = "def double(number):\n    return [2]\n"
    monkeypatch.setenv("LANGUAGE", "zh")
    _, said = explained(tiny, monkeypatch, "twice_one_is_two", "--seed", "1", double=wrong)
    _head, rest = said.split("一的两倍是二。")
    names = {"double", "number", "list", "unread", "argument"}  # the kind of the finding is one
    assert set(re.findall(r"[A-Za-z]{3,}", rest)) <= names


PASSES = (
    CHECKS_OF_DOUBLES
    + '''
import numpy as np


@check(of="double", points=4)
def passes_functions(student):
    """Passes functions and a list."""
    step = 3
    arguments = (lambda x: x + step), np.sin, [np.float64(1.5), np.int64(2)] * 20
    answers = [student.double(each) for each in arguments]
    expect.equal(answers[0], 1)
'''
)


def test_a_function_that_was_passed_and_the_numbers_of_a_list_are_shown(
    tiny: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tiny.root / "assignments" / "doubling" / "checks.py").write_text(PASSES)
    reference = tiny.root / "reference" / "doubling.py"
    reference.write_text(
        reference.read_text() + '\n\ndef double(number):\n    """Double."""\n    return 1\n'
    )
    itself = "def double(number):\n    return number\n"
    _, said = explained(tiny, monkeypatch, "passes_functions", "--seed", "1", double=itself)
    _, *calls = re.split(r"\n\d\. double", said)
    shown = [" ".join(call.split()) for call in calls]
    assert "number = lambda x: x + step step = 3 returned: lambda x: x + step" in shown[0]
    assert "number = numpy.sin returned: numpy.sin" in shown[1]
    numbers = "[" + ", ".join(["1.5, 2"] * 20) + "]"
    assert f"number = {numbers} returned: {numbers}" in shown[2]


def test_a_tuple_of_one_value_is_shown_as_a_tuple() -> None:
    assert _short((2,)) == "(2,)"
    assert _short([2]) == "[2]"


@pytest.mark.parametrize(
    "make",
    [lambda one: [one] * 10**4, lambda one: [[one]] * 10**4, lambda one: {"a": [one] * 10**4}],
)
def test_only_the_entries_that_can_be_shown_are_described(
    make: Callable[[object], object],
) -> None:
    class Counted:
        described = 0

        def __repr__(self) -> str:
            self.described += 1
            return "1"

    one = Counted()
    *_, last = _lined("", _short(make(one)))
    assert last.strip() == "..."
    assert one.described < 2000


def test_every_cause_of_a_check_is_printed_once(tiny: Course) -> None:
    check = tiny.assignment.checks[0]
    finding = Finding("nothing_returned")
    result = CheckResult(
        check.id,
        "double",
        Verdict.FAILED,
        0.0,
        1.0,
        finding=finding,
        notes=(sentence(finding), "Another cause."),
    )
    printed = "\n".join(
        _lines(check, result, None, cast("Diagnosis", SimpleNamespace(mistakes=(), right=list)))
    )
    assert printed.count(sentence(finding)) == 1
    assert printed.count("Another cause.") == 1


def test_an_exception_and_what_a_terminal_would_obey_are_shown_as_text(
    tiny: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    hostile = "def double(number):\n    raise ValueError('\\x1b[2J[bold]\\n' * 3)\n"
    status, said = explained(tiny, monkeypatch, "twice_one_is_two", "--seed", "1", double=hostile)
    assert status == 0
    assert "returned: ValueError: �[2J[bold]" in said
    assert "\x1b" not in said


@pytest.mark.parametrize(
    ("check", "hint"), [("twice_any_numbr", "do you mean twice_any_number?"), ("x", "Its checks:")]
)
def test_an_unknown_check_is_one_line(
    tiny: Course, monkeypatch: pytest.MonkeyPatch, check: str, hint: str
) -> None:
    status, said = explained(tiny, monkeypatch, check)
    assert status == 2
    assert len(said.splitlines()) == 1
    assert hint in said


def test_a_function_that_was_never_asked_is_said_to_be_so(
    tiny: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = "def double(number):\n    return 0\n"
    status, said = explained(tiny, monkeypatch, "twice_any_number", "--seed", "1", double=wrong)
    assert status == 0
    assert "not run, 0 of 3 points" in said
    assert "The student's functions returned nothing." in said


def test_it_says_what_is_no_longer_as_it_was_when_the_mark_was_given(
    tiny: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tiny.root)
    wrong = "def double(number):\n    return 0\n"
    written = tiny.lesson.filled({**tiny.solutions, "double": wrong})
    Path("ada.ipynb").write_text(nbformat.writes(written))
    grade = ["grade", tiny.name, "ada.ipynb", "--seed", "1", "--json", "then.json"]
    assert CliRunner().invoke(main, grade, catch_exceptions=False).exit_code == 0
    options = ("--seed", "1", "--result", "then.json")
    status, said = explained(tiny, monkeypatch, "twice_one_is_two", *options, double=wrong)
    assert status == 0
    assert "The verdict is unchanged." in said
    assert "differs" not in said
    then = json.loads(Path("then.json").read_text())
    then |= {"numpy": "1.0", "processor": "abacus"}
    then["submissions"][0]["checks"][0] |= {"verdict": "passed", "points": 1.0}
    Path("then.json").write_text(json.dumps(then))
    _, said = explained(tiny, monkeypatch, "twice_one_is_two", *options, double=wrong)
    assert f"Changed since then: numpy (was 1.0, is now {np.__version__}" in said
    assert "Changed since then: the processor (was abacus, is now" in said
    assert "The verdict has changed. It was: passed, 1 points." in said


def test_a_result_that_is_none_is_one_line(tiny: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tiny.root)
    Path("then.json").write_text("{}")
    status, said = explained(tiny, monkeypatch, "twice_one_is_two", "--result", "then.json")
    assert status == 2
    assert len(said.splitlines()) == 1
    assert "holds no result" in said
