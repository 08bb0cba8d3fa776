"""The way of an assignment through a real exchange, each of nbgrader's commands in its turn."""

from __future__ import annotations

import csv
import json
import shutil
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
import pytest
from nbgrader.api import Gradebook

from autograder.course.lesson import Role

if TYPE_CHECKING:
    from tests.helpers.course import Course

LATE = """\
from nbgrader.plugins import BasePlugin


class TenAnHour(BasePlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return 10 * int(total_seconds_late // 3600)
"""

CONFIG = """
c.Exchange.root = {exchange!r}
c.AssignLatePenalties.plugin_class = "late.TenAnHour"
c.FileNameCollectorPlugin.named_regexp = r".*/(?P<student_id>\\w+)/(?P<file_id>\\w+)\\.ipynb$"
"""

LEARNERS = """\
c = get_config()
c.CourseDirectory.course_id = "initialization"
c.CourseDirectory.student_id = {student!r}
c.Exchange.root = {exchange!r}
c.Exchange.cache = {cache!r}
"""

PROOF_POINTS = 7.5
REMARK = "The outgoing weights deserve a word."


@dataclass(frozen=True)
class Chain:
    """What came of each command.

    Attributes:
        course: the instructor's.
        ada: a student's folder.
        said: what the commands that only tell something have told.
    """

    course: Course
    ada: Path
    said: dict[str, str]

    def submission(self, student: str) -> dict[str, Any]:
        with Gradebook(f"sqlite:///{self.course.root}/gradebook.db") as gradebook:
            found = gradebook.find_submission(self.course.name, student)
            (notebook,) = found.notebooks
            return {
                "score": found.score,
                "penalty": found.late_submission_penalty,
                "seconds_late": found.total_seconds_late,
                "needs_manual_grade": found.needs_manual_grade,
                "proof": next(each.score for each in notebook.grades if each.name == "proof"),
            }


@pytest.fixture(scope="module")
def chain(released_course: Course, tmp_path_factory: pytest.TempPathFactory) -> Chain:
    """One student in time, from the release to the fetched feedback, and one who is late."""
    top = tmp_path_factory.mktemp("chain")
    course = released_course.copy(top / "course")
    name = course.name
    exchange = str(top / "exchange")
    (top / "exchange").mkdir()
    (course.root / "late.py").write_text(LATE)
    config = course.root / "nbgrader_config.py"
    config.write_text(config.read_text() + CONFIG.format(exchange=exchange))
    course.run("nbgrader", "release_assignment", name)

    said: dict[str, str] = {}
    ada = top / "ada"
    ada.mkdir()
    settings = LEARNERS.format(student="ada", exchange=exchange, cache=str(top / "kept"))
    (ada / "nbgrader_config.py").write_text(settings)
    said["list"] = course.run("nbgrader", "list", cwd=ada).stderr
    course.run("nbgrader", "fetch_assignment", name, cwd=ada)
    fetched = ada / name / f"{name}.ipynb"
    said["fetched"] = fetched.read_text()
    handed_in = course.handed_in({**course.solutions, "proof": "By induction."})
    fetched.write_text(json.dumps(handed_in))
    course.run("nbgrader", "submit", name, cwd=ada)
    said["inbound"] = course.run("nbgrader", "list", "--inbound").stderr

    course.run("nbgrader", "collect", name)
    # Bob has handed in the same, two hours and a minute after the date that is set now.
    submitted = course.root / "submitted"
    shutil.copytree(submitted / "ada", submitted / "bob")
    (submitted / "ada" / name / "timestamp.txt").write_text("2030-01-01 11:00:00.000000 UTC")
    (submitted / "bob" / name / "timestamp.txt").write_text("2030-01-01 14:01:00.000000 UTC")
    (submitted / "bob" / name / "submission_secret.txt").write_text("bob's own")
    course.run("nbgrader", "db", "assignment", "add", name, "--duedate", "2030-01-01 12:00 UTC")
    course.run("nbgrader", "autograde", name)
    with Gradebook(f"sqlite:///{course.root}/gradebook.db") as gradebook:
        grade = gradebook.find_grade("proof", name, name, "ada")
        grade.manual_score = PROOF_POINTS
        grade.needs_manual_grade = False
        comment = gradebook.find_comment("proof", name, name, "ada")
        comment.manual_comment = REMARK
        gradebook.db.commit()
    course.run("nbgrader", "generate_feedback", name)
    course.run("nbgrader", "release_feedback", name)
    course.run("nbgrader", "fetch_feedback", name, cwd=ada)
    course.run("nbgrader", "export", "--to", "grades.csv")
    return Chain(course, ada, said)


def test_list_names_the_assignment_and_then_the_submission(chain: Chain) -> None:
    assert f"initialization {chain.course.name}" in chain.said["list"]
    assert f"initialization ada {chain.course.name}" in chain.said["inbound"]


def test_students_fetch_the_notebook_that_was_released(chain: Chain) -> None:
    assert chain.said["fetched"] == chain.course.released.read_text()


def test_what_was_submitted_is_collected(chain: Chain) -> None:
    name = chain.course.name
    collected = chain.course.root / "submitted" / "ada" / name / f"{name}.ipynb"
    assert collected.read_bytes() == (chain.ada / name / f"{name}.ipynb").read_bytes()


def test_a_late_submission_pays_the_penalty_of_the_courses_plugin(chain: Chain) -> None:
    ada, bob = chain.submission("ada"), chain.submission("bob")
    assert (ada["seconds_late"], ada["penalty"]) == (0, 0)
    assert (bob["seconds_late"], bob["penalty"]) == (2 * 3600 + 60, 20)


def test_the_proof_waits_for_a_person_and_then_counts(chain: Chain) -> None:
    ada, bob = chain.submission("ada"), chain.submission("bob")
    automatic = sum(check.points for check in chain.course.assignment.checks)
    assert (ada["needs_manual_grade"], ada["score"]) == (False, automatic + PROOF_POINTS)
    assert (bob["needs_manual_grade"], bob["score"]) == (True, automatic)


def test_students_fetch_feedback_with_the_reports_and_what_the_person_wrote(chain: Chain) -> None:
    name = chain.course.name
    (fetched,) = (chain.ada / name / "feedback").glob(f"*/{name}.html")
    ada = fetched.read_text(encoding="utf-8").replace("<wbr>", "")
    bob = (chain.course.root / "feedback" / "bob" / name / f"{name}.html").read_text(
        encoding="utf-8"
    )
    for function in chain.course.lesson.functions:
        assert f"<caption>{function}: " in ada
    assert str(chain.submission("ada")["score"]) in ada
    assert REMARK in ada
    assert REMARK not in bob


def test_export_takes_the_penalty_off(chain: Chain) -> None:
    with (chain.course.root / "grades.csv").open() as file:
        rows = {row["student_id"]: row for row in csv.DictReader(file)}
    assert float(rows["ada"]["score"]) == chain.submission("ada")["score"]
    assert float(rows["bob"]["score"]) == chain.submission("bob")["score"] - 20


def test_generate_solution_shows_the_solution_at_work_and_no_error(
    released_course: Course, tmp_path_factory: pytest.TempPathFactory
) -> None:
    course = released_course.copy(tmp_path_factory.mktemp("solution") / "course")
    course.run("nbgrader", "generate_solution", course.name)
    solution = nbformat.read(
        course.root / "solution" / course.name / f"{course.name}.ipynb", as_version=4
    )
    cells = {cell.id: cell for cell in solution.cells}
    for part in course.lesson.parts:
        outputs = cells[part.id].get("outputs", [])
        assert not any(each.output_type == "error" for each in outputs), part.id
        if part.role is Role.VISIBLE:
            assert any("visible checks passed." in each.data["text/plain"] for each in outputs)
        if part.role is Role.SOLUTION:
            assert course.solutions[part.id].rstrip().splitlines()[-1] in cells[part.id].source
    assert course.assignment.answer("proof") in cells["proof"].source


def test_zip_collect_puts_a_downloaded_zip_where_submissions_are_graded(
    released_tiny: Course, tmp_path_factory: pytest.TempPathFactory
) -> None:
    course = released_tiny.copy(tmp_path_factory.mktemp("zips") / "course")
    config = course.root / "nbgrader_config.py"
    config.write_text(config.read_text() + CONFIG.format(exchange="none"))
    (course.root / "late.py").write_text(LATE)
    archive = course.root / "downloaded" / course.name / "archive"
    archive.mkdir(parents=True)
    notebook = json.dumps(course.handed_in(course.solutions))
    with zipfile.ZipFile(archive / "class.zip", "w") as file:
        for student in ("ada", "bob"):
            file.writestr(f"{student}/{course.name}.ipynb", notebook)
    course.run("nbgrader", "zip_collect", course.name)
    submitted = course.root / "submitted"
    assert sorted(path.name for path in submitted.iterdir()) == ["ada", "bob"]
    assert (submitted / "ada" / course.name / f"{course.name}.ipynb").read_text() == notebook
