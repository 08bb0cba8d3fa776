"""Who can be handed a page through nbgrader's exchange, and who cannot."""

from __future__ import annotations

from pathlib import Path

import pytest
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange import ExchangeError

from autograder.intake.lms import Upload
from autograder.nbgrader import ReleaseFeedback
from autograder.nbgrader.student_folders import OF_THE_EXCHANGE, without_exchange
from autograder.nbgrader.uploads import keep, without_release
from tests.helpers.course import Course


def test_one_file_less_than_release_feedback_wants_is_elsewhere(tmp_path: Path) -> None:
    for student, files in (("ada", OF_THE_EXCHANGE), ("bob", OF_THE_EXCHANGE[:1]), ("cleo", ())):
        folder = tmp_path / "feedback" / student / "doubling"
        folder.mkdir(parents=True)
        for each in ("doubling.html", *files):
            (folder / each).write_text("")
    (tmp_path / "feedback" / "ada" / "other").mkdir()
    coursedir = CourseDirectory(root=str(tmp_path))
    assert without_exchange(coursedir, "doubling") == ["bob", "cleo"]
    keep(tmp_path, "doubling", {"cleo": Upload("moodle", "1", "Cleo")})
    assert without_release(coursedir, "doubling") == (["cleo"], ["bob"])


def test_a_course_without_an_exchange_is_told_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANGUAGE", "en")
    coursedir = CourseDirectory(root=str(tmp_path), assignment_id="doubling", course_id="course")
    exchange = tmp_path / "exchange"
    with pytest.raises(ExchangeError, match=r"no exchange at .*autograder feedback doubling"):
        ReleaseFeedback(coursedir=coursedir, root=str(exchange)).start()
    exchange.mkdir()
    ReleaseFeedback(coursedir=coursedir, root=str(exchange)).ensure_root()


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
    by_hand = "1 student submitted neither through nbgrader's exchange nor in a zip"
    assert (by_hand in said) == (not collected)
    assert "autograder feedback" not in said  # no zip was collected
    handed_out = course.run("nbgrader", "release_feedback", course.name)
    assert len(list(exchange.rglob("*.html"))) == (2 if collected else 1)
    assert ("zip of Canvas or Moodle: bob." in handed_out.stderr) == (not collected)
