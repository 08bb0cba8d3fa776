"""What an instructor sees of a whole class in the terminal."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import msgspec
import pytest
from rich.cells import cell_len
from rich.console import Console

from autograder.i18n import use_language
from autograder.reports.ci import gradescope
from autograder.reports.html import check_table
from autograder.reports.html.class_report.tally import causes
from autograder.reports.terminal import run_summary
from autograder.reports.terminal.class_table import MAX_DETAILED, MAX_REVIEWS
from autograder.reports.terminal.run_summary import print_changes
from autograder.reports.terminal.submission import wrapped
from autograder.result import (
    SCHEMA_VERSION,
    Cause,
    CheckResult,
    Finding,
    Result,
    SubmissionResult,
    Verdict,
    WrittenAnswer,
    changed,
)
from tests.helpers.results import HOSTILE, of

PASSED = CheckResult("a_check", "double", Verdict.PASSED, 2.0, 2.0)
FAILED = CheckResult("a_check", "double", Verdict.FAILED, 0.0, 2.0, "Wrong.")
LATE = CheckResult("slow_check", "nn_model", Verdict.TIMED_OUT, 0.0, 3.0)
UNDECIDED = CheckResult("b_check", "double", Verdict.GRADER_ERROR, None, 1.0)


def shown(*results: SubmissionResult, width: int = 80, in_gradebook: bool = False) -> list[str]:
    """Return what is printed at the end, on so many columns."""
    file = io.StringIO()
    head = Result(SCHEMA_VERSION, "a", "d", "0", None, "2", (), ())
    console = Console(file=file, width=width, highlight=False)
    names = [each.student for each in results]
    run_summary.marks(console, head, names, lambda: iter(results), in_gradebook=in_gradebook)
    return file.getvalue().splitlines()


def crowd(*results: SubmissionResult) -> tuple[SubmissionResult, ...]:
    """These among a class that is too large for every check."""
    return (*results, *(of(f"other{number}", PASSED) for number in range(MAX_DETAILED)))


def test_of_a_few_every_check_is_shown_and_of_a_class_a_line_for_each() -> None:
    few = [of(f"s{number}", FAILED) for number in range(MAX_DETAILED)]
    assert "  failed    0/2  a_check" in shown(*few)
    lines = shown(*few, of("one_more", FAILED))
    assert not any(line.startswith("  failed") for line in lines)
    assert [line.split()[:2] for line in lines[1 : MAX_DETAILED + 2]] == [
        *([f"s{number}", "0"] for number in range(MAX_DETAILED)),
        ["one_more", "0"],
    ]


def test_what_needs_a_look_is_said_beside_the_marks() -> None:
    lines = shown(
        *crowd(
            of("ada", PASSED),
            of("bob", reason="It is cut off."),
            of("cleo", PASSED, LATE, LATE),
            of("dora", PASSED, UNDECIDED, observations=("A socket.", "And again.")),
        )
    )
    assert [line.split(None, 2)[1:] for line in lines[1:5]] == [
        ["2"],
        ["0", "rejected: It is cut off."],
        ["2", "timed out: nn_model"],
        ["2*", "* decide 1 check by hand; A socket. (and 1 more)"],
    ]
    assert (
        f"{4 + MAX_DETAILED} submissions: {3 + MAX_DETAILED} graded, 1 rejected, 3 need review."
        in lines
    )
    assert "Mean 2.0/5, median 2." in lines
    legend = "* Provisional: decide the open points by hand."
    assert lines[1 + 4 + MAX_DETAILED] == legend
    assert legend not in shown(*crowd(of("ada", PASSED)))


def test_the_end_says_how_many_answers_a_person_grades_and_that_no_mark_holds_them() -> None:
    def wrote(student: str, points: float | None) -> SubmissionResult:
        answers = (WrittenAnswer("why", points, 4.0), WrittenAnswer("how", 0.0, 1.0))
        return msgspec.structs.replace(of(student, PASSED), written=answers)

    without = "5 more points are graded by hand, in {}."
    few = shown(wrote("ada", None), wrote("bob", None), wrote("cleo", 0.0), width=120)
    assert without.format("2 submissions") in few
    many = shown(*crowd(wrote("ada", None), wrote("bob", 0.0)), width=120)
    assert without.format("1 submission") in many
    assert not any("by hand" in line for line in shown(*crowd(of("ada", PASSED))))
    nobody = "Nobody wrote an answer for the 5 more points that are graded by hand."
    for in_gradebook in (False, True):
        empty = shown(wrote("ada", 0.0), wrote("bob", 0.0), in_gradebook=in_gradebook)
        assert nobody in empty
    # The gradebook knows who waits: an instructor may have given points already.
    for some in ([wrote("ada", None), wrote("bob", None)], crowd(wrote("ada", None))):
        lines = shown(*some, in_gradebook=True)
        assert "5 more points are graded by hand." in lines
        assert not any("by hand, in" in line for line in lines)


def test_the_end_says_what_was_hard_and_which_mistakes_were_made() -> None:
    """Of a_check 3 of 4 points were given, of the harder one half; one mistake was made twice."""
    slip = [
        CheckResult(name, "double", Verdict.FAILED, 0.0, 1.0, None, "doubled")
        for name in ("harder", "harder_still")
    ]
    right = [CheckResult(name, "double", Verdict.PASSED, 1.0, 1.0) for name in ("harder", "easy")]
    half = CheckResult("a_check", "double", Verdict.PARTIAL, 1.0, 2.0)
    lines = shown(of("ada", half, *slip), of("bob", PASSED, *right))
    start = lines.index("Hardest checks (average share of the points):")
    assert lines[start + 1 :] == [
        "    0%  harder_still",
        "   50%  harder",
        "   75%  a_check",
        "",
        "Known mistakes (number of students):",
        "    1  doubled",
    ]


def test_causes_that_were_found_out_are_counted_once_for_each_student() -> None:
    """Two students have one cause, in other lines and one of them in two checks."""

    def wrong(line: int, *names: str) -> SubmissionResult:
        finding = Finding("undefined_name", (), line, {"name": "m"})
        checks = [
            CheckResult(each, "double", Verdict.FAILED, 0.0, 1.0, None, finding=finding)
            for each in names
        ]
        return of(f"student{line}", *checks)

    students = wrong(3, "easy", "harder"), wrong(7, "easy"), of("bob", PASSED)
    lines = shown(*students, width=150)
    start = lines.index("Other causes (number of students):")
    assert lines[start + 1] == (
        "    2  double: Your function reads `m` in line …, which is neither an argument nor "
        "defined before."
    )
    (cause,) = causes(students)
    assert (cause.function, cause.who, cause.finding.line) == ("double", (0, 1), None)


def test_of_the_known_mistakes_it_is_said_how_many_are_not_named() -> None:
    def made(*mistakes: str) -> list[CheckResult]:
        return [CheckResult(each, "f", Verdict.FAILED, 0.0, 1.0, None, each) for each in mistakes]

    for mistakes, rest in [("abc", []), ("abcde", ["  and 2 more"])]:
        lines = shown(of("ada", *made(*mistakes)), of("bob", PASSED))
        start = lines.index("Known mistakes (number of students):")
        assert [line[:7] for line in lines[start + 1 : start + 4]] == ["    1  "] * 3
        assert lines[start + 4 :] == rest


def test_the_bars_show_how_the_marks_are_spread() -> None:
    """Of 5 points: two have 2 and one has 4, so that the bar from 4 to 5 is half as high."""
    lines = shown(of("ada", PASSED), of("bob", PASSED), of("cleo", PASSED, PASSED))
    assert "  0 |  █ ▄| 5" in lines
    assert "  one bar per point; tallest bar: 2" in lines


def test_where_the_marks_are_is_said() -> None:
    file = io.StringIO()
    console = Console(file=file, width=80, highlight=False)
    run_summary.files(console, "doubling", Path("my results.json"))
    said = " ".join(file.getvalue().split())
    assert said.endswith("autograder report doubling 'my results.json'")


@pytest.mark.parametrize(
    ("collected", "by_hand", "final", "says"),
    [
        (0, 0, True, "To give the pages to the students: nbgrader release_feedback doubling"),
        (1, 0, True, "1 student did not submit through nbgrader's exchange. `autograder feedback"),
        (7, 2, True, "7 students did not submit through nbgrader's exchange. `autograder feedback"),
        (0, 1, True, "1 student submitted neither through nbgrader's exchange nor in a zip"),
        (7, 2, True, "2 students submitted neither through nbgrader's exchange nor in a zip"),
        (0, 0, False, "feedback/STUDENT/doubling/."),
    ],
)
def test_it_is_said_how_students_get_their_pages(
    collected: int, by_hand: int, final: bool, says: str
) -> None:
    file = io.StringIO()
    console = Console(file=file, width=80, highlight=False)
    run_summary.pages(console, "doubling", collected, by_hand, final=final)
    said = " ".join(file.getvalue().split())
    assert "the feedback pages in feedback/STUDENT/doubling/." in said
    assert says in said
    assert final or "release_feedback" not in said
    assert ("autograder feedback" in said) == (collected > 0)


def test_every_check_that_failed_itself_is_named_however_many_there_are() -> None:
    file = io.StringIO()
    console = Console(file=file, width=80, highlight=False)
    why = "ZeroDivisionError: division by zero (checks.py, line 59)"
    found = {f"check_{number}": run_summary.FaultCount(why, 2) for number in range(12)}
    run_summary.faults(console, found, 3)
    head, *lines = [line.rstrip() for line in file.getvalue().strip().splitlines()]
    assert head.startswith("12 checks have errors of their own. Fix them and grade again before")
    assert f"  check_9 (2/3): {why}" in lines
    assert lines[-1] == "  and 2 more"


def test_a_class_of_which_nobody_could_be_read_has_no_average() -> None:
    every = MAX_DETAILED + 1
    lines = shown(*(of(f"s{number}", reason="Empty.") for number in range(every)))
    assert f"{every} submissions: 0 graded, {every} rejected, {every} need review." in lines
    assert not any("Mean" in line or "Scores" in line for line in lines)
    assert lines[-1] == f"  and {every - MAX_REVIEWS} more"


@pytest.mark.parametrize("width", [60, 80])
@pytest.mark.parametrize("name", [HOSTILE, "long_" * 30, "漢字" * 60, "[bold]b[/]"])
def test_names_and_notes_of_any_kind_fit_the_terminal(name: str, width: int) -> None:
    odd = CheckResult(name, "double", Verdict.FAILED, 0.0, 2.0, name, name)
    some = [of(name, PASSED, odd), of("x", PASSED, observations=(name * 3,))]
    assert max(map(cell_len, shown(*some, width=width))) <= width
    lines = shown(*crowd(*some), width=width)
    assert max(map(cell_len, lines)) <= width
    assert all(line.isprintable() for line in lines)
    assert name[-3:] in "".join(lines)


def test_changes_of_any_kind_fit_the_terminal() -> None:
    before = of(HOSTILE, PASSED, CheckResult("gone_" * 12, "f", Verdict.PASSED, 1.0, 1.0))
    now = of(HOSTILE, FAILED, UNDECIDED)
    why = tuple(Cause(f"assignments/doubling/file_{number}.py", None, "d") for number in range(9))
    change = changed(before, now, why)
    assert change is not None
    file = io.StringIO()
    print_changes(Console(file=file, width=80, highlight=False), [change])
    lines = file.getvalue().splitlines()
    assert all(line.isprintable() for line in lines)
    assert "    2/2 → 0/2  a_check  failed" in lines
    assert "    none → –/1  b_check  grader error" in lines
    assert f"    1/1 → none  {'gone_' * 12}" in lines
    assert max(map(cell_len, lines)) <= 80


def test_every_report_calls_a_withdrawn_check_withdrawn() -> None:
    withdrawn = CheckResult("a_check", "double", Verdict.NOT_RUN, 2.0, 2.0)
    change = changed(of("ada", FAILED), of("ada", withdrawn), ())
    assert change is not None
    file = io.StringIO()
    print_changes(Console(file=file, width=80, highlight=False), [change])
    assert "    0/2 → 2/2  a_check  withdrawn" in file.getvalue().splitlines()
    assert "  withdrawn 2/2  a_check" in shown(of("ada", withdrawn))
    sentences = {"a_check": "It doubles."}
    assert "withdrawn  2/2  It doubles." in check_table.text([withdrawn], sentences)
    assert "withdrawn" in check_table.html([withdrawn], sentences)
    (told,) = json.loads(gradescope.results(sentences, of("ada", withdrawn)))["tests"]
    assert told["output"] == "withdrawn"


IN_CHINESE = Cause("the notebook", "d", "e"), Cause("the installed packages", "d", "e")


def test_a_class_in_chinese_fits_the_terminal_and_has_no_english_in_it() -> None:
    mistaken = CheckResult("a_check", "double", Verdict.FAILED, 0.0, 2.0, "不对。", "doubled")
    some = (
        of("张伟", mistaken),
        of("欧阳娜娜" * 12, PASSED, LATE),
        of("王芳", reason="文件是空的。"),
        of("李静", PASSED, UNDECIDED, observations=("它打开了套接字。" * 9, "又一次。")),
    )
    change = changed(some[0], of("张伟", PASSED, UNDECIDED), IN_CHINESE)
    again = changed(of("张伟", PASSED), some[0], ())
    assert change is not None
    assert again is not None
    with use_language("zh"):
        lines = [*shown(*crowd(*some)), *shown(*some)]
        file = io.StringIO()
        print_changes(Console(file=file, width=80, highlight=False), [change, again])
        lines += file.getvalue().splitlines()
    assert max(map(cell_len, lines)) <= 80
    assert not re.findall(r"[A-Za-z]{2,} [A-Za-z]{2,}", "\n".join(lines))
    columns = {cell_len(line[: line.index("2", 8)]) for line in lines if line.startswith("other")}
    head = next(line for line in lines if line.startswith("学生") and "需要复核" in line)
    assert columns == {cell_len(head[: head.index("得分") + 2]) - 1}


def test_a_paragraph_is_wrapped_by_what_its_characters_take() -> None:
    """Forty Chinese characters fill 80 columns; a line of text without spaces is one word."""
    assert wrapped("汉" * 50, 80) == ["汉" * 40, "汉" * 10]
    assert wrapped("one two\n three", 8) == ["one two", "three"]
    assert wrapped("", 80) == []
