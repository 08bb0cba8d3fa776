"""What a person must decide, what is graded by nobody, and what may change after a release."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from nbgrader.api import Gradebook
from selectolax.lexbor import LexborHTMLParser

from autograder.course import secret
from autograder.course.release import hidden_statements

if TYPE_CHECKING:
    from tests.helpers.course import Course

WRONG = {
    "double": "def double(number):\n    return number * number + number\n",
    "total_of_doubles": "def total_of_doubles(numbers):\n    return sum(numbers)\n",
    "why": "Because.",
}

FAULT = '    raise LookupError("a fault of ours")\n'
"""What a check does in which we made a mistake."""


def grades(course: Course, student: str) -> dict[str, tuple[float | None, bool, float]]:
    """Automatic points, whether a person is needed, and what it is worth, by grade cell."""
    with Gradebook(f"sqlite:///{course.root}/gradebook.db") as gradebook:
        notebook = gradebook.find_submission_notebook(course.name, course.name, student)
        return {
            grade.name: (grade.auto_score, grade.needs_manual_grade, grade.max_score)
            for grade in notebook.grades
        }


@pytest.fixture(scope="module")
def tiny_class(released_tiny: Course, tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A right and a wrong student, and a check that fails by itself; through to the feedback."""
    course = released_tiny.copy(tmp_path_factory.mktemp("undecided") / "course")
    course.submit("right", course.handed_in({**course.solutions, "why": "Because."}))
    course.submit("wrong", course.handed_in(WRONG))
    checks = course.root / "assignments/doubling/checks.py"
    wanted = "    wanted_total ="
    assert wanted in checks.read_text()
    checks.write_text(checks.read_text().replace(wanted, f"{FAULT}{wanted}"))
    config = course.root / "nbgrader_config.py"
    config.write_text(f"{config.read_text()}\nc.Grade.force = True\n")
    course.run("nbgrader", "autograde", course.name)
    course.run("nbgrader", "generate_feedback", course.name)
    return course


def test_a_fault_in_a_check_leaves_its_cell_to_a_person_and_no_other(tiny_class: Course) -> None:
    right, wrong = grades(tiny_class, "right"), grades(tiny_class, "wrong")
    assert right["total_of_doubles_hidden"] == (2, True, 7)  # its other check is decided
    assert wrong["total_of_doubles_hidden"] == (2, True, 7)
    assert right["double_hidden"] == (4, False, 4)
    assert wrong["double_hidden"][:2] == (1, False)  # twice one is one squared and one


def test_autograder_grade_calls_the_same_submission_provisional_and_exits_with_three(
    tiny_class: Course, grade: Callable[..., dict[str, Any]]
) -> None:
    results = grade(tiny_class, "--force", "--fail-under", "100", status=3)
    for result in results.values():
        assert result["provisional"]
        checks = {check["id"]: check for check in result["checks"]}
        assert checks["every_number_counts"]["verdict"] == "grader_error"
        assert checks["every_number_counts"]["points"] is None
        assert any("LookupError: a fault of ours" in each for each in result["observations"])
        assert "LookupError" in result["faults"]["every_number_counts"]
        assert "LookupError" not in json.dumps(result["checks"])
    assert results["right"]["score"] == 4 + 2


def page_of(course: Course, student: str) -> str:
    """Return the words of a feedback page."""
    file = course.root / "feedback" / student / "doubling/doubling.html"
    return " ".join(LexborHTMLParser(file.read_text()).text(separator=" ", strip=True).split())


def test_the_points_of_an_open_check_are_the_same_wherever_they_are_read(
    tiny_class: Course, tmp_path_factory: pytest.TempPathFactory
) -> None:
    def in_the_gradebook() -> dict[str, tuple[float, float | None]]:
        cells = {student: grades(course, student) for student in points}
        sums = {
            student: sum(score or 0 for score, _open, _most in of.values())
            for student, of in cells.items()
        }
        return {each: (sums[each], cells[each]["total_of_doubles_hidden"][0]) for each in points}

    course = tiny_class
    points = {"right": 4 + 2, "wrong": 1 + 2}  # of 4 + 7, of which 5 are open
    wanted = {"right": (6, 2), "wrong": (3, 2)}
    assert in_the_gradebook() == wanted  # by nbgrader's own commands
    pages = {student: page_of(course, student) for student in points}

    course = tiny_class.copy(tmp_path_factory.mktemp("open") / "course")
    words = ["--gradebook", "--force", "--json", "r.json", "--csv", "r.csv"]
    shown = course.run("autograder", "grade", course.name, *words, status=3).stdout
    course.run("autograder", "report", course.name, "r.json")
    assert in_the_gradebook() == wanted
    submissions = json.loads((course.root / "r.json").read_bytes())["submissions"]
    assert {each["student"]: each["score"] for each in submissions} == points
    assert all(each["provisional"] for each in submissions)
    sums = dict.fromkeys(points, 0.0)
    for row in csv.DictReader(io.StringIO((course.root / "r.csv").read_text())):
        sums[row["student"]] += float(row["points"] or 0)
    assert sums == points
    report = LexborHTMLParser((course.root / "r.html").read_text())
    rows = {
        row.css("th")[0].text(strip=True): [each.text(strip=True) for each in row.css("td")]
        for row in report.css("tr[data-learner]")
    }
    for student, score in points.items():
        assert f"{student}  {score}/11 points, provisional" in shown
        assert rows[student][0].startswith(f"{score}*"), rows
        for page in (pages[student], page_of(course, student)):
            assert f"{score} of 15 points" in page
            assert "2/7, not all decided yet" in page

    course.run("autograder", "confirm", course.name, "wrong")
    assert in_the_gradebook() == wanted  # confirmed at what is decided
    assert not grades(course, "wrong")["total_of_doubles_hidden"][1]


def test_feedback_hides_the_fault_the_check_and_the_expected_value(tiny_class: Course) -> None:
    hidden, _ = hidden_statements(tiny_class.assignment, tiny_class.lesson)
    key = secret.of_course(tiny_class.root)
    seed = np.frombuffer(key.seed("rng", "twice_any_number"), dtype=np.uint32)
    number = int(np.random.default_rng(seed).integers(10**6, 10**7))
    page = (tiny_class.root / "feedback/wrong/doubling/doubling.html").read_text()
    assert f"{float(number)!r}" in page  # the call is named, so this is the number it was asked
    assert str(2 * number) not in page.replace(",", "")
    assert "LookupError" not in page
    assert "The grader failed in this check." in page
    assert tiny_class.lesson.canary not in page
    assert str(tiny_class.root) not in page
    assert [each for each in hidden if each in page] == []


def test_without_our_preprocessors_every_hidden_cell_gets_nothing(
    released_tiny: Course, tmp_path_factory: pytest.TempPathFactory
) -> None:
    course = released_tiny.copy(tmp_path_factory.mktemp("plain") / "course")
    (course.root / "nbgrader_config.py").write_text("c = get_config()\n")
    course.submit("right", course.handed_in({**course.solutions, "why": "Because."}))
    course.run("nbgrader", "autograde", course.name)
    by_cell = grades(course, "right")
    assert by_cell["double_hidden"] == (0, False, 4)
    assert by_cell["total_of_doubles_hidden"] == (0, False, 7)
    path = course.root / "autograded/right/doubling/doubling.ipynb"
    cells = {cell["id"]: cell for cell in json.loads(path.read_bytes())["cells"]}
    errors = [each for each in cells["double_hidden"]["outputs"] if "ename" in each]
    assert [error["ename"] for error in errors] == ["RuntimeError"]
    assert "nbgrader_config.py" in errors[0]["evalue"]
    assert not any("ename" in each for each in cells["double_visible"]["outputs"])


def test_a_check_that_is_added_after_the_release_counts_for_those_who_have_submitted(
    tiny_class: Course, tmp_path_factory: pytest.TempPathFactory
) -> None:
    course = tiny_class.copy(tmp_path_factory.mktemp("later") / "course")
    checks = course.root / "assignments/doubling/checks.py"
    added = (
        '\n\n@check(of="double", points=6)\ndef twice_nothing_is_nothing(student):\n'
        '    """Twice nothing is nothing."""\n    expect.close(student.double(0.0), 0.0)\n'
    )
    checks.write_text(checks.read_text().replace(FAULT, "") + added)
    course.run("autograder", "release", course.name)
    course.run("nbgrader", "autograde", course.name, "--force")
    assert grades(course, "right")["double_hidden"] == (10, False, 10)
    assert grades(course, "right")["total_of_doubles_hidden"] == (7, False, 7)
    assert grades(course, "wrong")["double_hidden"] == (7, False, 10)
