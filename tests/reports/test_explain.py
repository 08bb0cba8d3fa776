"""One verdict, explained to an instructor."""

from __future__ import annotations

import json
import re
from pathlib import Path

import nbformat
import numpy as np
import pytest
from click.testing import CliRunner

from autograder.cli.main import main
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
    """The exit status of the command, and what it printed."""
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
