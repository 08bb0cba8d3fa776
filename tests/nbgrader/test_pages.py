"""Who can be handed a page through nbgrader's exchange, and who cannot."""

from __future__ import annotations

from pathlib import Path

import pytest
from nbgrader.coursedir import CourseDirectory

from autograder.nbgrader.student_folders import OF_THE_EXCHANGE, without_exchange
from tests.helpers.course import Course


def test_one_file_less_than_release_feedback_wants_is_elsewhere(tmp_path: Path) -> None:
    for student, files in (("ada", OF_THE_EXCHANGE), ("bob", OF_THE_EXCHANGE[:1]), ("cleo", ())):
        folder = tmp_path / "feedback" / student / "doubling"
        folder.mkdir(parents=True)
        for each in ("doubling.html", *files):
            (folder / each).write_text("")
    (tmp_path / "feedback" / "ada" / "other").mkdir()
    others = without_exchange(CourseDirectory(root=str(tmp_path)), "doubling")
    assert others == ["bob", "cleo"]


@pytest.mark.parametrize("collected", [True, False])
def test_release_feedback_is_named_where_it_hands_them_out(
    released_tiny: Course, tmp_path: Path, collected: bool
) -> None:
    course = released_tiny.copy(tmp_path / "course")
    config = course.root / "nbgrader_config.py"
    exchange = tmp_path / "exchange"
    exchange.mkdir()
    config.write_text(config.read_text() + f"\nc.Exchange.root = {str(exchange)!r}\n")
    config.write_text(config.read_text() + 'c.CourseDirectory.course_id = "course"\n')
    for student in ("ada", "bob"):
        path = course.submit(student, course.handed_in(course.solutions))
        path.with_name("timestamp.txt").write_text("2030-01-01 11:00:00 UTC")
        if collected or student == "ada":
            path.with_name("submission_secret.txt").write_text(f"{student}'s own")
    done = course.run("autograder", "grade", course.name, "--gradebook")
    said = " ".join(done.stdout.split())
    assert (
        "To give the pages to the students: nbgrader release_feedback doubling" in said
        or not collected
    )
    assert "1 student did not submit through nbgrader's exchange" in said or collected
    handed_out = course.run("nbgrader", "release_feedback", course.name)
    assert len(list(exchange.rglob("*.html"))) == (2 if collected else 1)
    assert ("through the exchange: bob." in handed_out.stderr) == (not collected)
