"""What the course page reads from a gradebook, and `autograder report` without a name."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from click.testing import CliRunner
from nbgrader.api import Base, Gradebook
from sqlalchemy import create_engine

from autograder.cli.main import main
from autograder.nbgrader.gradebook import Unusable
from autograder.nbgrader.overview import overview
from autograder.reports.html.course_page import Standing

DUE = datetime(2026, 3, 1, 12)

CONFIG = """\
c = get_config()
c.CourseDirectory.course_id = "numerics"
"""


def grade(
    gradebook: Gradebook, assignment: str, student: str, *, late: float = 0.0, **fields: object
) -> None:
    """Give a student a submission, with these fields for the grade of the first cell."""
    with gradebook.db.no_autoflush:  # SQLAlchemy warns about nbgrader's order
        submission = gradebook.add_submission(assignment, student)
    submission.timestamp = DUE + timedelta(hours=late)
    first = gradebook.find_grade("f", "one", assignment, student)
    for name, value in {"needs_manual_grade": False, **fields}.items():
        setattr(first, name, value)
    gradebook.db.commit()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course of two assignments, the second of which is due first and has two notebooks."""
    root = tmp_path_factory.mktemp("numerics")
    (root / "nbgrader_config.py").write_text(CONFIG)
    for folder in ("assignments", "reference"):
        (root / folder).mkdir()
    url = f"sqlite:///{root}/gradebook.db"
    engine = create_engine(url)
    Base.metadata.create_all(engine)  # nbgrader would start alembic
    engine.dispose()  # from Python 3.13 on an open connection of SQLite is warned about
    with Gradebook(url, course_id="numerics") as gradebook:
        for name, notebooks, due in (
            ("quiz", ("one",), DUE + timedelta(days=7)),
            ("project", ("one", "two"), DUE),
            ("exam", ("one",), None),
        ):
            gradebook.add_assignment(name, duedate=due)
            for notebook in notebooks:
                gradebook.add_notebook(notebook, name)
                gradebook.add_grade_cell("f", notebook, name, max_score=10.0, cell_type="code")
        for student in ("dee", "ada", "bo", "cy"):
            gradebook.add_student(student)
        grade(gradebook, "project", "ada", auto_score=4.0, manual_score=9.0, extra_credit=0.5)
        second = gradebook.find_grade("f", "two", "project", "ada")
        second.auto_score, second.needs_manual_grade = 3.0, False
        grade(gradebook, "project", "bo", late=5.0, auto_score=6.0)
        other = gradebook.find_submission_notebook("two", "project", "bo")
        other.late_submission_penalty = 8.0  # more than the points
        other.grades[0].needs_manual_grade = False
        grade(gradebook, "project", "cy", late=-5.0, auto_score=None, extra_credit=2.0)
        waits = gradebook.find_grade("f", "two", "project", "cy")
        waits.auto_score, waits.needs_manual_grade = 1.0, True
        grade(gradebook, "quiz", "ada", late=1.0, auto_score=8.0)  # before the quiz is due
        gradebook.db.commit()
    return root


@pytest.fixture
def course(made: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(made)  # nbgrader's configuration changes the working folder
    return made


def test_scores_are_those_that_nbgrader_exports(course: Path) -> None:
    known = overview(course)
    assert known is not None
    assert known.standings == {
        "project": {
            "ada": Standing(12.5),  # 9 by hand, half a point extra, and 3 of the other notebook
            "bo": Standing(0.0, late=True),  # the penalty takes no more than there is
            "cy": Standing(1.0, waits=True),  # nbgrader ignores extra credit without a score
        },
        "quiz": {"ada": Standing(8.0)},
        "exam": {},
    }
    with Gradebook(f"sqlite:///{course}/gradebook.db", course_id="numerics") as gradebook:
        for name, standings in known.standings.items():
            for student, standing in standings.items():
                theirs = gradebook.find_submission(name, student)
                penalty = sum(each.late_submission_penalty or 0 for each in theirs.notebooks)
                assert standing.score == max(0.0, theirs.score - penalty)
                assert standing.waits == theirs.needs_manual_grade


def test_assignments_are_in_the_order_in_which_they_are_due_and_students_by_name(
    course: Path,
) -> None:
    known = overview(course)
    assert known is not None
    assert known.course == "numerics"
    assert list(known.most.items()) == [("project", 20.0), ("quiz", 10.0), ("exam", 10.0)]
    assert known.students == ("ada", "bo", "cy", "dee")


def test_a_course_without_a_gradebook_has_no_overview_and_gets_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert overview(tmp_path) is None
    (tmp_path / "nbgrader_config.py").write_text(CONFIG)
    assert overview(tmp_path) is None
    assert not (tmp_path / "gradebook.db").exists()


@pytest.mark.parametrize("content", [b"no database", b""], ids=["other", "empty"])
def test_a_gradebook_that_cannot_be_read_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "nbgrader_config.py").write_text(CONFIG)
    (tmp_path / "gradebook.db").write_bytes(content)
    with pytest.raises(Unusable, match=r"gradebook\.db cannot be used: .+\. .+\.$"):
        overview(tmp_path)


@pytest.mark.parametrize("url", ["postgresql://ada:secret@localhost:1/gradebook", "ada:secret@x"])
def test_a_gradebook_out_of_reach_is_one_line_without_its_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "nbgrader_config.py").write_text(f"{CONFIG}c.CourseDirectory.db_url = {url!r}\n")
    for folder in ("assignments", "reference"):
        (tmp_path / folder).mkdir()
    done = CliRunner().invoke(main, ["report"])
    assert done.exit_code == 2, done.output
    assert done.stderr.startswith("autograder: The gradebook ")
    assert "secret" not in done.output


def test_report_without_a_name_writes_the_course_page(course: Path) -> None:
    (course / "project.html").write_text("a class report")
    done = CliRunner().invoke(main, ["report"])
    assert (done.exit_code, done.stdout) == (0, "course.html\n"), done.output
    soup = BeautifulSoup((course / "course.html").read_text(), "html.parser")
    assert soup.h1 is not None
    assert soup.h1.text == "Course report: numerics"
    rows = [
        [each.get_text(" ", strip=True) for each in row.find_all(["th", "td"])]
        for row in soup.select("#learners tbody tr")
    ]
    assert rows == [
        ["ada", "20.5", "12.5", "8", "–"],
        ["bo", "0", "0 late", "missing", "–"],
        ["cy", "1", "1*", "missing", "–"],
        ["dee", "0", "missing", "missing", "–"],
    ]
    assert [each["href"] for each in soup.select("tbody a")] == ["project.html"]


def test_report_without_a_name_and_without_a_gradebook_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in ("assignments", "reference"):
        (tmp_path / folder).mkdir()
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(main, ["report", "--output", "page.html"])
    assert done.exit_code == 2
    (line,) = done.stderr.splitlines()
    assert "autograder grade NAME --gradebook" in line
    assert not (tmp_path / "page.html").exists()
