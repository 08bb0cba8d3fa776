"""Marks for learning platforms, by nbgrader's own export on a gradebook that we have filled."""

from __future__ import annotations

import csv
import re
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbgrader.api import Gradebook

from autograder.reports.csv_cells import text

if TYPE_CHECKING:
    from tests.helpers.course import Course

CANVAS = "autograder.nbgrader.Canvas"
MOODLE = "autograder.nbgrader.Moodle"

WRONG = "def double(number):\n    return number * number + number\n"
LATE = "from nbgrader.plugins import BasePlugin\n\n\nclass Flat(BasePlugin):\n" + (
    "    def late_submission_penalty(self, student_id, score, total_seconds_late):\n"
    "        return 3\n"
)


NAMES = {
    "ada": {"first_name": "Ada", "last_name": "Lovelace", "email": "ada@example.org"},
    "bob": {"first_name": "=1+1", "last_name": '@SUM("A")', "lms_user_id": "-17"},
    "cleo": {},
    "dan": {},
}
"""Those in the gradebook, and what it knows of them."""


@pytest.fixture(scope="module")
def whole(released_tiny: Course, tmp_path_factory: pytest.TempPathFactory) -> Course:
    """Ada is right, Bob wrong and late, Cleo's answer waits for a person, and Dan did nothing."""
    course = released_tiny.copy(tmp_path_factory.mktemp("exported") / "course").quick()
    (course.root / "late.py").write_text(LATE)
    config = course.root / "nbgrader_config.py"
    config.write_text(f"{config.read_text()}\nc.AssignLatePenalties.plugin_class = 'late.Flat'\n")
    with books(course) as gradebook:
        gradebook.update_or_create_assignment(course.name, duedate="2030-01-01")
        for student, about in NAMES.items():
            gradebook.add_student(student, **about)
    for student, written in {"ada": {}, "bob": {"double": WRONG}, "cleo": {"why": "So."}}.items():
        course.submit(student, course.handed_in({**course.solutions, **written}))
        stamp = course.root / "submitted" / student / course.name / "timestamp.txt"
        stamp.write_text("2030-01-02 00:00 UTC" if student == "bob" else "2029-12-31 00:00 UTC")
    course.run("autograder", "grade", course.name, "--gradebook", "--workers", "1")
    return course


@pytest.fixture
def graded(whole: Course, tmp_path: Path) -> Course:
    return whole.copy(tmp_path / "course")


def books(course: Course) -> Any:
    """Return the gradebook, open; use it in a `with` statement."""
    return Gradebook(f"sqlite:///{course.root}/gradebook.db")


def exported(course: Course, exporter: str, *options: str) -> list[list[str]]:
    course.run("nbgrader", "export", "--exporter", exporter, "--to", "marks.csv", *options)
    with (course.root / "marks.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def test_canvas_gets_the_final_marks_and_the_points_possible(graded: Course) -> None:
    assert exported(graded, CANVAS) == [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "doubling"],
        ["    Points Possible", "", "", "", "", "15"],
        ["Lovelace, Ada", "", "", "ada", "", "11"],
        ["'@SUM(\"A\"), '=1+1", "-17", "", "bob", "", "5"],
    ]


def test_moodle_gets_them_with_the_points_of_each_part(graded: Course) -> None:
    names, ada, bob = exported(graded, MOODLE)
    assert names == [
        "First name",
        "Last name",
        "Username",
        "ID number",
        "Email address",
        "doubling",
        "doubling (feedback)",
    ]
    assert ada[:6] == ["Ada", "Lovelace", "ada", "", "ada@example.org", "11"]
    assert bob[:6] == ["'=1+1", '\'@SUM("A")', "bob", "-17", "", "5"]
    assert bob[6].split("<br>") == [
        "double: 1/4 points",
        "total_of_doubles: 7/7 points",
        "why: 0/4 points",
        "Late penalty: 3 points",
    ]


def test_moodles_feedback_is_in_the_language_of_the_locale(graded: Course) -> None:
    command = ("nbgrader", "export", "--exporter", MOODLE)
    done = graded.run(*command, env={"LANGUAGE": "zh_CN", "PYTHONIOENCODING": "utf-8"})
    assert "其答案须先复核：cleo" in done.stderr
    with (graded.root / "moodle.csv").open(newline="", encoding="utf-8") as file:
        _names, _ada, bob = csv.reader(file)
    said = bob[6].split("<br>")
    assert (said[0], said[-1]) == ("double：1 分（满分 4 分）", "迟交扣分：3 分")


def test_who_waits_for_a_person_is_named_and_exported_once_looked_at(graded: Course) -> None:
    done = graded.run("nbgrader", "export", "--exporter", CANVAS)
    assert "their answers need review first: cleo" in done.stderr
    assert "cleo" not in (graded.root / "canvas.csv").read_text()
    with books(graded) as gradebook:
        grade = gradebook.find_grade("why", graded.name, graded.name, "cleo")
        grade.manual_score, grade.needs_manual_grade = 3, False
        comment = gradebook.find_comment("why", graded.name, graded.name, "cleo")
        comment.manual_comment = "a < b"
        gradebook.db.commit()
    cleo = exported(graded, MOODLE)[-1]
    assert (cleo[2], cleo[5]) == ("cleo", "14")
    assert cleo[6].endswith("why: 3/4 points<br>a &lt; b")


def test_a_file_holds_one_assignment(graded: Course) -> None:
    with books(graded) as gradebook:
        gradebook.add_assignment("tripling")
    done = graded.run("nbgrader", "export", "--exporter", CANVAS, status=1)
    assert "one assignment: choose it with --assignment" in done.stderr
    assert "The gradebook has: doubling, tripling" in done.stderr
    assert len(exported(graded, CANVAS, "--assignment", "doubling")) == 4
    assert len(exported(graded, CANVAS, "--assignment", "doubling", "--student", "ada")) == 3


def test_a_file_that_cannot_be_written_is_said(graded: Course) -> None:
    words = ("nbgrader", "export", "--exporter", CANVAS, "--to", "nowhere/marks.csv")
    done = graded.run(*words, status=1)
    assert "name a file in an existing folder" in done.stderr
    assert "Traceback" not in done.stderr


SIGNS = ["=", "+", "-", "@", "＝", "＋", "－", "＠", "﹦", "﹢", "﹣", "﹫", "−"]
BEFORE = [
    "",
    " ",
    "\t",
    "\r",
    "\n",
    "\r\n",
    "\v",
    "\x00",
    "\x1b",
    "\u00a0",
    "\u3000",
    "\u200b",
    "\ufeff",
]


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize("before", BEFORE)
def test_no_spreadsheet_computes_what_a_student_is_called(sign: str, before: str) -> None:
    assert text(f"{before}{sign}cmd|' /C calc'!A0") == f"'{sign}cmd|' /C calc'!A0"
    assert text(f"{before}{before}{sign}1+1") == f"'{sign}1+1"


@given(
    st.lists(st.sampled_from([*SIGNS, *BEFORE, *"abc1.'\";,|"]) | st.characters(), max_size=9).map(
        "".join
    )
)
def test_no_cell_begins_a_formula_whatever_a_spreadsheet_drops_before_it(value: str) -> None:
    cell = text(value)
    for part in re.split(r"[;,|\t\r\n]", cell) if not is_number(cell) else ():
        seen = unicodedata.normalize("NFKC", part).lstrip(" \x00\x1b\v\ufeff\u200b")
        assert not seen.startswith(("=", "+", "-", "@"))
    blank = {each for each in value if unicodedata.category(each)[0] in "ZC"}
    plain = value.lstrip("".join(blank))
    assert cell.replace("'", "") == plain.replace("'", "")


def is_number(cell: str) -> bool:
    """Return whether a cell is a number as Python reads it, and nothing more."""
    try:
        float(cell)
    except ValueError:
        return False
    return cell.isascii()


@pytest.mark.parametrize("number", ["-1.5", "+3", "17", "0.25", "-17"])
def test_a_number_stays_a_number(number: str) -> None:
    assert text(number) == number


@pytest.mark.parametrize(
    "name",
    ["Ada", "a=b", "O'Brien", "Jean-Luc", "李, 华", "a@b.example", "", "Müller; Söhne", "x + y"],
)
def test_other_names_stay_as_platforms_know_them(name: str) -> None:
    assert text(name) == name


@pytest.mark.parametrize("between", [";", ",", "|", "\t", "\n", "; "])
def test_nothing_in_a_cell_begins_a_formula_for_who_splits_cells_elsewhere(between: str) -> None:
    assert text(f"Ada{between}=1+1") == f"Ada{between}'=1+1"
