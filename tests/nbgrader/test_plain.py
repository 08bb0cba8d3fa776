"""Notebooks of plain asserts go into nbgrader's books as nbgrader's own commands put them there."""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbgrader.api import Gradebook

from autograder.course.asserts_assignment import PlainAssignment
from autograder.course.secret import public
from autograder.grading import asserts
from autograder.grading.asserts import PlainGrader
from autograder.intake.find import find_of_student
from autograder.nbgrader import config as courses
from autograder.nbgrader.gradebook import Book
from autograder.nbgrader.record_builder import RecordBuilder
from autograder.nbgrader.records import GradebookSnapshot
from autograder.sandbox.host.worker import Worker
from tests.helpers import rounds
from tests.helpers.course import ROOT, Course
from tests.helpers.plain import OF_PARTS, OF_PS1, SQUARES, submit
from tests.helpers.rounds import LATE, ROUNDS, seen, url_of

pytestmark = pytest.mark.timeout(1800)  # nbgrader takes some seconds for each notebook

TASK = "cell-938593c4a215c6cc"
"""What nbgrader calls the task in its example."""

SCRIPT = "<script>alert(1)</script>"

OF_PS1_TOO = {
    "eve": {"squares": "def squares(n):\n    raise SystemExit", "part-b": f"{SCRIPT} For all."},
    "fay": {"squares": f"print({SCRIPT!r})\n{SQUARES}", "part-a": "It adds."},
}


class Played(rounds.Played):
    """A course of nbgrader's example whose class was graded twice."""

    def grades(self, notebook: str, cell: str, number: int) -> dict[str, dict[str, Any]]:
        """Return the rows of the gradebook that are about one cell, by the student."""
        found = {}
        for row in map(dict, self.rounds[number].tables["grade"]):
            about = dict(row["cell_id"])
            if about["name"] == cell and dict(about["notebook_id"])["name"] == notebook:
                submission = dict(dict(row["notebook_id"])["assignment_id"])
                found[dict(submission["student_id"])["id"]] = row
        return found

    def page(self, student: str, notebook: str = "problem1") -> str:
        """Return what a student gets."""
        return (self.course.root / f"feedback/{student}/ps1/{notebook}.html").read_text()


@pytest.fixture(scope="module")
def handed_in(quickstart: Course, tmp_path_factory: pytest.TempPathFactory) -> Course:
    """nbgrader's example course with a class that has handed in; tests only copy it."""
    course = quickstart.copy(tmp_path_factory.mktemp("handed-in") / "course101")
    (course.root / "late.py").write_text(LATE)
    config = course.root / "nbgrader_config.py"
    late = 'c.AssignLatePenalties.plugin_class = "late.TenthAnHour"\n'
    as_nbgrader = "c.Grade.flag_all_manual_scores = True\n"
    config.write_text(f"{config.read_text()}\n{late}{as_nbgrader}")
    for name, class_ in (("ps1", {**OF_PS1, **OF_PS1_TOO}), ("parts", OF_PARTS)):
        course.run("nbgrader", "db", "assignment", "add", name, "--duedate", "2030-01-01 12:00 UTC")
        submit(course, name, class_)
    for student, name, time in (
        ("ada", "ps1", "2030-01-01 11:00"),
        ("bo", "ps1", "2030-01-01 15:30"),
        ("cy", "ps1", "2030-01-04 12:00"),
        ("ada", "parts", "2030-01-01 14:00"),
    ):
        (course.root / f"submitted/{student}/{name}/timestamp.txt").write_text(f"{time} UTC")
    (course.root / "submitted/ada/ps1/notes.txt").write_text("Mine.")
    return course


def by_nbgrader(course: Course, name: str) -> None:
    course.run("nbgrader", "autograde", name, "--force")
    course.run("nbgrader", "generate_feedback", name, "--force")


def in_bulk(course: Course, name: str) -> None:
    course.run("autograder", "grade", name, "--gradebook", "--force")


def enter_by_hand(course: Course) -> None:
    """What a person enters in the formgrader."""
    with Gradebook(url_of(course)) as gradebook:
        for cell, notebook, student, score, extra in (
            ("sum_of_squares_equation", "problem1", "ada", 0.5, None),
            ("correct_squares", "problem1", "di", 1.0, 0.25),
            ("squares_invalid_input", "problem1", "bo", None, 0.5),
            ("part-b", "problem2", "cy", 1.5, None),  # who has not handed it in
            (TASK, "problem1", "bo", 3.0, None),
        ):
            grade = gradebook.find_grade(cell, notebook, "ps1", student)
            grade.manual_score, grade.extra_credit = score, extra
            grade.needs_manual_grade = False
        for cell, notebook, student, comment in (
            ("squares", "problem1", "bo", "It *does* matter."),
            (TASK, "problem1", "bo", "Come & see me."),
        ):
            gradebook.find_comment(cell, notebook, "ps1", student).manual_comment = comment
        gradebook.find_submission_notebook("problem1", "ps1", "ada").flagged = True
        gradebook.grant_extension("ps1", "cy", days=2)
        gradebook.db.commit()


def play(course: Course, grade: Callable[[Course, str], None]) -> Played:
    """Grades a class, has a person mark some by hand, and grades it again."""
    grade(course, "parts")
    grade(course, "ps1")
    first = seen(course, url_of(course))
    enter_by_hand(course)
    submit(course, "ps1", {"di": {"squares": SQUARES, "part-a": "It adds."}})
    (course.root / "submitted/di/ps1/timestamp.txt").write_text("2030-01-01 13:00 UTC")
    (course.root / "submitted/fay/ps1/problem2.ipynb").unlink()
    grade(course, "ps1")
    return Played(course, [first, seen(course, url_of(course))])


@pytest.fixture(scope="module")
def theirs(handed_in: Course, tmp_path_factory: pytest.TempPathFactory) -> Played:
    """By nbgrader's own commands."""
    return play(handed_in.copy(tmp_path_factory.mktemp("nbgrader") / "course"), by_nbgrader)


@pytest.fixture(scope="module")
def ours(handed_in: Course, tmp_path_factory: pytest.TempPathFactory) -> Played:
    """The same class, by `autograder grade --gradebook`."""
    return play(handed_in.copy(tmp_path_factory.mktemp("bulk") / "course"), in_bulk)


@ROUNDS
def test_every_table_of_the_gradebook_says_the_same(
    theirs: Played, ours: Played, number: int
) -> None:
    wanted, found = theirs.rounds[number].tables, ours.rounds[number].tables
    assert found.keys() == wanted.keys()
    for name, table in wanted.items():
        assert found[name] == table, name
    assert len(found["submitted_notebook"]) == 2 * 6 + 4
    assert ours.rounds[number].export == theirs.rounds[number].export


@ROUNDS
def test_the_same_files_lie_in_the_folders(theirs: Played, ours: Played, number: int) -> None:
    assert ours.rounds[number].modes == theirs.rounds[number].modes
    assert "feedback/ada/ps1/problem2.html" in ours.rounds[number].modes
    assert "autograded/cy/ps1/problem2.ipynb" not in ours.rounds[number].modes


def test_the_class_is_of_all_kinds(ours: Played) -> None:
    squares = ours.grades("problem1", "correct_squares", 0)
    scores = {student: row["auto_score"] for student, row in squares.items()}
    assert scores == {"ada": 1, "bo": 1, "cy": 1, "di": 0, "eve": 0, "fay": 1}
    equation = ours.grades("problem1", "sum_of_squares_equation", 0)
    assert (equation["ada"]["auto_score"], equation["ada"]["needs_manual_grade"]) == (None, True)
    assert (equation["di"]["auto_score"], equation["di"]["needs_manual_grade"]) == (0, False)
    assert {row["auto_score"] for row in ours.grades("parts", "half", 0).values()} == {2, 0.5, 0}
    penalties = {
        (row["assignment"], row["student_id"]): float(row["late_submission_penalty"])
        for row in ours.rounds[0].export
    }
    assert penalties["ps1", "ada"] == 0
    assert penalties["ps1", "bo"] == pytest.approx(3 * 1.5 / 10)
    assert penalties["ps1", "cy"] == 2  # all that there was
    assert penalties["parts", "ada"] > 0


def test_scores_by_hand_survive_and_ask_to_be_looked_at(ours: Played) -> None:
    squares = ours.grades("problem1", "correct_squares", 1)["di"]
    assert (squares["auto_score"], squares["manual_score"]) == (1, 1)
    assert squares["needs_manual_grade"]
    assert ours.grades("problem2", "part-b", 1)["cy"]["manual_score"] == 1.5
    assert "Come &amp; see me." in ours.page("bo")


def graded(course: Course, student: str, notebook: str = "problem1") -> dict[str, Any]:
    """Return the cells of a graded notebook, by their names."""
    path = course.root / f"autograded/{student}/ps1/{notebook}.ipynb"
    read = nbformat.read(path, as_version=4)
    nbformat.validate(read)
    return {
        cell.metadata.nbgrader.grade_id: cell for cell in read.cells if "nbgrader" in cell.metadata
    }


def test_the_graded_notebooks_show_what_the_tests_have_shown(theirs: Played, ours: Played) -> None:
    for student in ("ada", "bo", "cy", "di", "eve", "fay"):
        wanted, found = graded(theirs.course, student), graded(ours.course, student)
        assert found.keys() == wanted.keys()
        for name, cell in wanted.items():
            assert found[name].source == cell.source, name
            assert found[name].metadata.nbgrader.checksum == cell.metadata.nbgrader.checksum, name
            assert errors(found[name]) == errors(cell), name
    said = graded(ours.course, "bo")["squares_invalid_input"].outputs
    assert said[0].traceback == ["AssertionError: did not raise (cell 5, line 7)"]


def errors(cell: Any) -> list[tuple[str, str]]:
    return [(each.ename, each.evalue) for each in cell.get("outputs", []) if "ename" in each]


def test_the_page_says_which_tests_failed_and_runs_nothing(ours: Played) -> None:
    bo, fay = ours.page("bo"), ours.page("fay")
    assert "AssertionError: did not raise (cell 5, line 7)" in bo
    assert bo.count("The test did not give full points.") == 2  # in the table
    assert "Nothing: all checks passed." not in bo
    for page in (fay, ours.page("eve", "problem2")):
        assert SCRIPT not in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "What to do next" not in ours.page("eve", "problem2")  # a person marks all of it


def test_what_has_not_changed_is_left_alone(ours: Played) -> None:
    done = ours.course.run("autograder", "grade", "ps1", "--gradebook")
    assert "6 of 6 submissions are unchanged" in " ".join(done.stdout.split())
    assert seen(ours.course, url_of(ours.course)) == ours.rounds[1]


def test_nbgrader_takes_what_is_there_for_done(ours: Played, tmp_path: Path) -> None:
    course = ours.course.copy(tmp_path / "course")
    done = course.run("nbgrader", "autograde", "ps1")
    assert done.stderr.count("Skipping existing assignment") == 6
    course.run("nbgrader", "generate_feedback", "ps1", "--force")
    assert "did not raise" in (course.root / "feedback/bo/ps1/problem1.html").read_text()


@pytest.fixture
def course(handed_in: Course, tmp_path: Path) -> Course:
    """The same course, in which only Ada has handed in."""
    made = handed_in.copy(tmp_path / "course").quick()
    for folder in (made.root / "submitted").iterdir():
        if folder.name != "ada":
            shutil.rmtree(folder)
    return made


def row(course: Course, notebook: str, cell: str) -> tuple[float | None, bool]:
    with Gradebook(url_of(course)) as gradebook:
        grade = gradebook.find_grade(cell, notebook, "ps1", "ada")
        return grade.auto_score, grade.needs_manual_grade


def test_a_notebook_that_cannot_be_read_has_no_points_and_the_other_counts(course: Course) -> None:
    broken = course.root / "submitted/ada/ps1/problem2.ipynb"
    broken.write_bytes(b'{"cells": [')
    done = course.run("autograder", "grade", "ps1", "--gradebook")
    assert "problem2: The file" in " ".join(done.stdout.split())
    assert row(course, "problem2", "part-a") == (None, True)
    assert row(course, "problem1", "correct_squares") == (1, False)
    with Gradebook(url_of(course)) as gradebook:
        comment = gradebook.find_comment("part-a", "problem2", "ps1", "ada")
        assert comment.auto_comment.startswith("This submission could not be read.")
    assert broken.read_bytes() == b'{"cells": ['
    assert len(list(broken.parent.iterdir())) == 4


def test_one_of_several_notebooks_under_another_name_is_known_by_its_cells(course: Course) -> None:
    path = course.root / "submitted/ada/ps1/problem1.ipynb"
    mine = path.rename(path.with_name("mine.ipynb"))
    done = course.run("autograder", "grade", "ps1", "--gradebook")
    said = "mine.ipynb was graded, because there is no problem1.ipynb."
    assert said in " ".join(done.stdout.split())
    assert row(course, "problem1", "correct_squares") == (1, False)
    handed_in = mine.read_bytes()
    mine.write_text(nbformat.writes(nbformat.v4.new_notebook()))
    done = course.run("autograder", "grade", "ps1", "--gradebook")
    assert "There is no problem1.ipynb in the submission." in " ".join(done.stdout.split())
    assert row(course, "problem1", "correct_squares") == (0, False)
    assert row(course, "problem1", TASK) == (0, False)
    mine.unlink()
    path.write_bytes(handed_in)
    course.run("autograder", "grade", "ps1", "--gradebook")
    assert row(course, "problem1", "correct_squares") == (1, False)
    assert row(course, "problem1", TASK) == (None, True)


def test_who_has_none_of_them_is_told_so_everywhere(course: Course) -> None:
    for path in (course.root / "submitted/ada/ps1").glob("*.ipynb"):
        path.unlink()
        path.with_name("Untitled.ipynb").write_text(nbformat.writes(nbformat.v4.new_notebook()))
    done = course.run("autograder", "grade", "ps1", "--gradebook", "--fail-under", "1", status=1)
    assert "rejected" in done.stdout
    assert row(course, "problem1", "correct_squares") == (None, True)
    page = (course.root / "feedback/ada/ps1/problem1.html").read_text()
    assert "There is no problem1.ipynb in the submission." in page


def test_a_test_that_gives_too_much_is_left_to_a_person(course: Course) -> None:
    path = course.root / "source/ps1/problem1.ipynb"
    notebook = nbformat.read(path, as_version=4)
    (cell,) = (
        each
        for each in notebook.cells
        if each.metadata.get("nbgrader", {}).get("grade_id") == "correct_squares"
    )
    cell.source += "\n3"
    path.write_text(nbformat.writes(notebook))
    refused = course.run("autograder", "grade", "ps1", "--gradebook", "--force", status=2)
    assert "correct_squares of ps1 differ from the gradebook" in " ".join(refused.stderr.split())
    assert "`nbgrader generate_assignment ps1`" in " ".join(refused.stderr.split())
    course.run("nbgrader", "generate_assignment", "ps1", "--force")
    course.run("autograder", "grade", "ps1", "--gradebook", "--force", status=3)
    assert row(course, "problem1", "correct_squares") == (None, True)
    assert (
        "Some points are not decided yet"
        in (course.root / "feedback/ada/ps1/problem1.html").read_text()
    )


def test_a_fault_of_the_graders_own_leaves_all_to_a_person(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise KeyError("text/plain")

    monkeypatch.chdir(course.root)
    monkeypatch.setattr(asserts, "_steps", fail)
    app = courses.load(course.root)
    assignment = PlainAssignment(course.root, "ps1")
    folder = course.root / "submitted/ada/ps1"
    found = find_of_student(folder, "ps1", "ada", assignment.notebooks)
    with contextlib.closing(Book(url_of(course), "course101", "ps1", "release")) as book:
        books = GradebookSnapshot(courses.packed(app.config), book.url, book.forms)
    with Worker() as worker:
        examined = PlainGrader(assignment, worker, public(1)).examine(found)
    papers = RecordBuilder(books, "ps1", plain=True).record(examined)
    assert papers.of.keys() == {"problem1", "problem2"}
    for name, paper in papers.of.items():
        assert paper.marks.scores.keys() == books.forms[name].max_scores.keys()
        assert set(paper.marks.scores.values()) == {None}
    assert b"return [i**2 for i in range(1, n + 1)]" in papers.of["problem1"].notebook
    assert b"not decided yet" in papers.of["problem1"].feedback


def test_what_nbgrader_ignores_costs_no_points(course: Course) -> None:
    loud = f"import sys\n{SQUARES}".replace(
        "    return", "    print('old!', file=sys.stderr)\n    return"
    )
    submit(course, "ps1", {"ada": {"squares": loud}})
    course.run("autograder", "grade", "ps1", "--gradebook")
    assert row(course, "problem1", "correct_squares") == (0, False)
    config = course.root / "nbgrader_config.py"
    ignoring = "c.IgnorePattern.enabled = True\nc.IgnorePattern.pattern = 'old'\n"
    config.write_text(f"{config.read_text()}\n{ignoring}")
    course.run("autograder", "grade", "ps1", "--gradebook")
    assert row(course, "problem1", "correct_squares") == (1, False)
    course.run("nbgrader", "autograde", "ps1", "--force")
    assert row(course, "problem1", "correct_squares") == (1, False)


def test_autograders_own_configuration_will_do_too(course: Course) -> None:
    shutil.copy(ROOT / "nbgrader_config.py", course.root)
    course.run("nbgrader", "generate_assignment", "ps1", "--force")
    done = course.run(
        "autograder", "grade", "ps1", "--gradebook", "--json", course.root / "result.json"
    )
    assert "plain asserts" in " ".join(done.stdout.split())
    assert row(course, "problem1", "correct_squares") == (1, False)
    (ada,) = json.loads((course.root / "result.json").read_text())["submissions"]
    with Gradebook(url_of(course)) as gradebook:
        assert gradebook.find_submission("ps1", "ada").score == ada["score"]


@pytest.mark.parametrize("left_out", ["Execute", "SaveAutoGrades"])
def test_a_configuration_that_grades_nothing_is_refused(course: Course, left_out: str) -> None:
    config = course.root / "nbgrader_config.py"
    named = [f"nbgrader.preprocessors.{each}" for each in ("Execute", "SaveAutoGrades")]
    kept = [each for each in named if not each.endswith(left_out)]
    config.write_text(f"{config.read_text()}\nc.Autograde.autograde_preprocessors = {kept!r}\n")
    done = course.run("autograder", "grade", "ps1", "--gradebook", status=2)
    assert f"does not list {left_out}" in " ".join(done.stderr.split())


def test_what_was_never_released_is_said(course: Course) -> None:
    shutil.copytree(course.root / "source/ps1", course.root / "source/ps2")
    shutil.copytree(course.root / "submitted/ada/ps1", course.root / "submitted/ada/ps2")
    done = course.run("autograder", "grade", "ps2", "--gradebook", status=2)
    assert "`nbgrader generate_assignment ps2`" in " ".join(done.stderr.split())


def test_a_cell_that_is_no_longer_in_the_course_is_told(course: Course) -> None:
    path = course.root / "source/ps1/problem2.ipynb"
    notebook = nbformat.read(path, as_version=4)
    del notebook.cells[-1]
    path.write_text(nbformat.writes(notebook))
    done = course.run("autograder", "grade", "ps1", "--gradebook", status=2)
    assert "part-b of ps1 differ from the gradebook" in " ".join(done.stderr.split())


def test_a_notebook_that_is_no_longer_in_the_course_is_told(course: Course) -> None:
    (course.root / "source/ps1/problem2.ipynb").unlink()
    done = course.run("autograder", "grade", "ps1", "--gradebook", status=2)
    assert "autograder does not grade (problem2)" in " ".join(done.stderr.split())


def test_a_dry_run_and_what_lies_elsewhere(course: Course) -> None:
    stray = course.root / "submitted/bo/problem1.ipynb"
    stray.parent.mkdir()
    shutil.copy(course.root / "submitted/ada/ps1/problem1.ipynb", stray)
    (course.root / "submitted/cy/ps1").mkdir(parents=True)
    beside = course.root / "submitted/ada/problem2.ipynb"
    shutil.copy(course.root / "submitted/ada/ps1/problem2.ipynb", beside)
    course.run("autograder", "grade", "ps1", "--gradebook", "--dry-run")
    with Gradebook(url_of(course)) as gradebook:
        assert not gradebook.assignment_submissions("ps1")
    done = " ".join(course.run("autograder", "grade", "ps1", "--gradebook").stdout.split())
    assert "not graded: submitted/bo is not inside submitted/STUDENT/ps1" in done
    assert "submitted/bo/problem1.ipynb" not in done
    assert f"{beside.relative_to(course.root)} is not inside submitted/STUDENT/ps1" in done
