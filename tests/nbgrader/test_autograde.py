"""nbgrader's own commands on a class: the same points as `autograder grade`, and nothing leaks."""

from __future__ import annotations

import csv
import html
import re
import shutil
import sys
from collections import defaultdict
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import nbformat
import pytest
from traitlets import TraitError
from traitlets.config import Config

from autograder.course.lesson import Role
from autograder.course.release import hidden_statements
from autograder.nbgrader.preprocessors import Grade

if TYPE_CHECKING:
    from tests.helpers.books import Books


def by_cell(books: Books, result: dict[str, Any]) -> dict[str, tuple[float | None, bool]]:
    """The points of a result added up for each automatic grade cell, and whether it needs a person.

    It does where the points of one of its checks are not decided, and where nobody can read a file.
    """
    points: dict[str, list[float | None]] = defaultdict(list)
    for check in result["checks"]:
        points[f"{check['function']}_hidden"].append(check["points"])
    cells: dict[str, tuple[float | None, bool]] = {}
    for part in books.course.lesson.parts:
        if part.role in (Role.VISIBLE, Role.HIDDEN):
            decided = [each for each in points[part.id] if each is not None]
            undecided = len(decided) < len(points[part.id]) or result["status"] == "rejected"
            cells[part.id] = (None if undecided else sum(decided), undecided)
    return cells


def test_nbgrader_gives_every_student_the_points_of_autograder_cell_by_cell(books: Books) -> None:
    assert len(books.before) == len(list((books.course.root / "submitted").iterdir()))
    for student, result in books.before.items():
        grades = books.grades(student)
        grades.pop("proof")
        assert grades == by_cell(books, result), student


def test_the_class_gets_what_it_deserves(books: Books) -> None:
    score = {student: result["score"] for student, result in books.before.items()}
    most = books.before["right"]["max_score"]
    for student in ("right", "copied", "loud", "dated", "bare"):
        expected = most
        if student == "copied":  # who deleted the cell of one function
            expected = most - points_of(books, "mean_tanh_slope")
        assert score[student] == expected, student
    for student in ("stub", "broken", "forged", "transformer"):
        assert score[student] == 0, student
    assert score["endless"] == most - points_of(books, "nn_model")
    assert score["altered"] == score["mistaken"]
    assert 0 < score["mistaken"] < most


def points_of(books: Books, function: str) -> float:
    checks = books.course.assignment.checks
    return sum(check.points for check in checks if check.of == function)


def test_a_written_answer_needs_a_person_and_an_untouched_one_gets_none(books: Books) -> None:
    for student in ("right", "mistaken", "altered", "loud", "dated", "broken"):
        assert books.grades(student)["proof"] == (None, True), student
    for student in ("stub", "forged"):
        assert books.grades(student)["proof"] == (0, False), student


def test_untouched_functions_bear_nbgraders_comment_and_written_ones_do_not(books: Books) -> None:
    with books.gradebook() as gradebook:
        comments = {
            student: {
                comment.name: comment.auto_comment
                for comment in gradebook.find_submission_notebook(
                    books.course.name, books.course.name, student
                ).comments
            }
            for student in ("stub", "right")
        }
    assert set(comments["stub"].values()) == {"No response."}
    assert set(comments["right"].values()) == {None}


def test_export_lists_the_same_points(books: Books) -> None:
    with (books.course.root / "grades.csv").open() as file:
        rows = {row["student_id"]: row for row in csv.DictReader(file)}
    assert rows.keys() == books.before.keys()
    for student, row in rows.items():
        assert float(row["raw_score"]) == books.before[student]["score"]
        assert float(row["max_score"]) == 100


def test_a_file_that_is_no_notebook_stays_as_it_is_and_its_stand_in_says_why(books: Books) -> None:
    path = books.course.root / "submitted/broken" / books.course.name
    original = (path / "a first try.ipynb").read_bytes()  # the same file, which nobody asked for
    assert (path / f"{books.course.name}.ipynb").read_bytes() == original
    assert len(list(path.iterdir())) == 2
    reason = books.before["broken"]["reason"]
    assert reason
    with books.gradebook() as gradebook:
        graded = gradebook.find_submission_notebook(books.course.name, books.course.name, "broken")
        assert {reason in comment.auto_comment for comment in graded.comments} == {True}
    assert html.escape(reason, quote=False) in books.feedback("broken")


def test_grading_again_changes_nothing(
    books: Books, grade: Callable[..., dict[str, Any]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    course = books.course.copy(tmp_path_factory.mktemp("again") / "course")
    for student in books.before.keys() - {"broken", "altered"}:
        shutil.rmtree(course.root / "submitted" / student)
    again = type(books)(course, books.before)
    course.run("nbgrader", "autograde", course.name, "--force")
    for student, result in grade(course).items():
        assert again.grades(student) == books.grades(student)
        for name in ("score", "status", "reason", "checks"):
            assert result[name] == books.before[student][name], (student, name)


def test_reports_stand_in_the_hidden_cells_and_nothing_of_the_students(books: Books) -> None:
    name = books.course.name
    for student in ("right", "forged", "altered", "loud"):
        path = books.course.root / "autograded" / student / name / f"{name}.ipynb"
        notebook = nbformat.read(path, as_version=4)
        for cell in notebook.cells:
            part = books.course.lesson.by_id.get(cell.id)
            if part is None or part.role is not Role.HIDDEN:
                continue
            report, points = cell.outputs
            assert part.id.removesuffix("_hidden") in report.data["text/plain"]
            assert report.data["text/html"].startswith("<table>")
            assert float(points.data["text/plain"]) == books.grades(student)[part.id][0]


def squeezed(text: str) -> str:
    return "".join(html.unescape(re.sub(r"<[^>]*>", "", text)).split()).replace('"', "'")


def test_feedback_shows_no_hidden_check_no_canary_and_no_path_of_the_machine(books: Books) -> None:
    hidden, _ = hidden_statements(books.course.assignment, books.course.lesson)
    assert hidden
    for student in books.before:
        page = books.feedback(student)
        assert books.course.lesson.canary not in page
        assert "HIDDEN TESTS" not in page
        assert str(books.course.root) not in page
        assert sys.prefix not in page
        assert "Traceback (most recent call last)" not in page
        assert "site-packages" not in page
    # The stub has no code but ours; who is right has written statements of the solution.
    text = squeezed(books.feedback("stub"))
    assert squeezed("initialize_parameters is not written yet") in text
    assert [each for each in hidden if squeezed(each) in text] == []


def test_feedback_tells_each_check_its_verdict_and_its_reason(books: Books) -> None:
    for student in ("right", "mistaken", "endless"):
        page = squeezed(books.feedback(student))
        sentences = {check.id: check.sentence for check in books.course.assignment.checks}
        for check in books.before[student]["checks"]:
            assert squeezed(html.escape(sentences[check["id"]])) in page
            if check["message"]:
                assert squeezed(html.escape(check["message"])) in page, check


def test_who_changed_read_only_cells_is_told_to_the_instructor(books: Books) -> None:
    assert books.before["right"]["observations"] == []
    assert any("predict_hidden" in each for each in books.before["altered"]["observations"])
    assert any("sigmoid" in each for each in books.before["copied"]["observations"])


def test_less_than_the_whole_sandbox_is_asked_for_in_nbgraders_own_configuration() -> None:
    assert Grade().isolation == "full"
    assert Grade(config=Config({"Grade": {"isolation": "process"}})).isolation == "process"
    with pytest.raises(TraitError, match="isolation"):
        Grade(config=Config({"Grade": {"isolation": "none"}}))
