"""What an instructor sees in the terminal."""

from __future__ import annotations

import io
import re

import msgspec
import pytest
from rich.cells import cell_len
from rich.console import Console

from autograder.reports.terminal import submission as terminal
from autograder.result import (
    SCHEMA_VERSION,
    CheckResult,
    Result,
    Status,
    SubmissionResult,
    Verdict,
    WrittenAnswer,
)
from tests.helpers.results import HOSTILE


def submission(
    *checks: CheckResult, student: str = "ada", reason: str | None = None, observation: str = ""
) -> SubmissionResult:
    return SubmissionResult(
        student=student,
        path="ada.ipynb",
        status=Status.GRADED if reason is None else Status.REJECTED,
        reason=reason,
        score=sum(check.points or 0.0 for check in checks),
        max_score=sum(check.max_points for check in checks),
        seconds=0.1,
        provisional=any(check.points is None for check in checks),
        checks=checks,
        observations=(observation,) if observation else (),
    )


def failing(message: str, function: str = "double") -> CheckResult:
    return CheckResult("a_check", function, Verdict.FAILED, 0.0, 2.0, message)


def shown(*submissions: SubmissionResult) -> str:
    """Return what is printed on a terminal of 80 columns with colours."""
    file = io.StringIO()
    console = Console(
        file=file, width=80, force_terminal=True, color_system="truecolor", highlight=False
    )
    for each in submissions:
        terminal.submission(console, each)
    result = Result(SCHEMA_VERSION, "a", "d", "0", None, "2", (), submissions)
    terminal.summary(console, result)
    return file.getvalue()


def plain(text: str) -> str:
    """Without rich's own colours."""
    return re.sub(r"\x1b\[[\d;]*m", "", text)


@pytest.mark.parametrize(
    "hostile",
    [
        submission(failing(HOSTILE)),
        submission(failing("wrong"), student=HOSTILE),
        submission(reason=HOSTILE),
        submission(failing("wrong"), observation=HOSTILE),
    ],
    ids=["message", "student", "reason", "observation"],
)
def test_no_control_character_of_a_student_reaches_the_terminal(hostile: SubmissionResult) -> None:
    text = plain(shown(hostile))
    assert "evil" in text
    assert [each for each in text if each != "\n" and not each.isprintable()] == []


@pytest.mark.parametrize(
    "message",
    [
        "[bold red]loud[/]",
        "[/] closes nothing",
        "[link=https://example.org]click[/link]",
        "a path that ends in a backslash \\",
        "x[:smile:] and :bomb: and a[:m:]",
    ],
)
def test_markup_of_a_student_is_shown_as_it_was_written(message: str) -> None:
    text = plain(shown(submission(failing(message), student=message, observation=message)))
    assert text.count(message) == 4  # the head, the reason, the observation and the table


def test_no_line_is_wider_than_the_terminal() -> None:
    long = "a_word_without_any_place_to_break_" * 6
    wide = "漢字" * 60
    text = plain(
        shown(
            submission(failing(long), failing(wide, "another"), student=long, observation=wide),
            submission(reason=wide, student=wide),
        )
    )
    assert wide[:10] in text
    assert max(cell_len(line) for line in text.splitlines()) <= 80


def test_every_check_that_did_not_pass_is_shown_with_its_reason_once() -> None:
    passed = CheckResult("passing_check", "double", Verdict.PASSED, 1.0, 1.0)
    waits = CheckResult("waiting_check", "double", Verdict.NOT_RUN, 0.0, 1.0, "Not run, because …")
    text = plain(shown(submission(passed, failing("One reason."), failing("One reason."), waits)))
    assert "passing_check" not in text
    assert text.count("a_check") == 2
    assert text.count("One reason.") == 1
    assert "not run   0/1  waiting_check" in text
    assert "Not run, because" not in text


def test_a_check_that_was_withdrawn_is_called_so_and_not_one_that_waits() -> None:
    given = CheckResult("a_check", "double", Verdict.NOT_RUN, 2.0, 2.0, notes=("It was wrong.",))
    waits = CheckResult("b_check", "double", Verdict.NOT_RUN, 0.0, 1.0)
    lines = plain(shown(submission(given, waits))).splitlines()
    assert "  withdrawn 2/2  a_check" in lines
    assert "  not run   0/1  b_check" in lines


def test_every_line_of_a_note_stands_below_its_first() -> None:
    long = "Something that was seen beside the marks, told at some length. " * 3
    text = plain(shown(submission(student="ada", observation=long)))
    first, *more = text.splitlines()[1:4]
    assert first.startswith("  note      Something")
    assert all(line.startswith(12 * " ") and line[12] != " " for line in more)


def test_the_sentence_of_a_recognised_mistake_is_shown() -> None:
    told = CheckResult(
        "a_check",
        "double",
        Verdict.FAILED,
        0.0,
        1.0,
        "Wrong.",
        "tripled",
        (),
        ("Three is too many.",),
    )
    assert "Three is too many." in plain(shown(submission(told)))


def test_what_is_provisional_says_so() -> None:
    undecided = CheckResult("a_check", "double", Verdict.GRADER_ERROR, None, 2.0, "Nobody knows.")
    text = plain(shown(submission(undecided)))
    assert "ada  0/2 points, provisional" in text
    assert "* Provisional: decide the open points by hand." in text
    assert "provisional" not in plain(shown(submission(failing("wrong"))))


def test_points_that_a_person_gives_are_told_to_be_missing() -> None:
    all_points = submission(CheckResult("a_check", "double", Verdict.PASSED, 2.0, 2.0))
    for points, line in [(None, "  by hand   –/4  why"), (0.0, "  empty     0/4  why")]:
        answer = WrittenAnswer("why", points, 4.0)
        lines = plain(shown(msgspec.structs.replace(all_points, written=(answer,)))).splitlines()
        assert lines[:2] == ["ada  2/2 points (4 more are graded by hand)", line]
    assert plain(shown(all_points)).splitlines()[0] == "ada  2/2 points"


def test_a_function_that_is_not_there_is_one_line_and_one_reason() -> None:
    def none(name: str, verdict: Verdict, message: str, points: float | None = 0.0) -> CheckResult:
        return CheckResult(name, "double", verdict, points, 1.5, message)

    gone = "There is no double."
    missing = [none(name, Verdict.MISSING, gone) for name in ("one", "two")]
    waiting = none("three", Verdict.NOT_RUN, "Not run, because …")
    lines = plain(shown(submission(waiting, *missing, failing("Wrong.", "halve")))).splitlines()
    assert [line.rstrip() for line in lines[1:5]] == [
        "  missing   0/4.5  double (all 3 checks)",
        f"            {gone}",
        "  failed    0/2  a_check",
        "            Wrong.",
    ]
    for other in (
        none("four", Verdict.FAILED, "Another reason."),
        none("four", Verdict.GRADER_ERROR, gone, points=None),
        none("four", Verdict.PARTIAL, gone, points=0.5),
        CheckResult("four", "double", Verdict.PASSED, 1.0, 1.0),
    ):
        text = plain(shown(submission(*missing, other)))
        assert "  missing   0/1.5  one" in text
        assert "  missing   0/1.5  two" in text


def test_spaces_of_other_writing_systems_are_text_and_control_characters_are_not() -> None:
    assert terminal.plain("均值\u3000不对\xa0!") == "均值\u3000不对\xa0!"
    assert terminal.plain("\x1b[2J\u202e\u2028") == "�[2J��"
