"""`autograder grade NAME --gradebook`: what it says and leaves out, and who may interrupt it."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.helpers.books import scores
from tests.helpers.course import ENVIRONMENT

if TYPE_CHECKING:
    from tests.helpers.course import Course

SLOW = "import time\ndef double(number):\n    time.sleep(0.5)\n    return number + number\n"

FAILING = """\
from nbgrader.plugins import BasePlugin


class Failing(BasePlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return {}[student_id]
"""

COMMAND = ("autograder", "grade", "doubling", "--gradebook")


@pytest.fixture
def released(released_tiny: Course, tmp_path: Path) -> Course:
    return released_tiny.copy(tmp_path / "course").quick()


@pytest.fixture
def slow_class(released: Course) -> Course:
    for number in range(8):
        written = {**released.solutions, "double": SLOW, "why": "Because."}
        released.submit(f"s{number}", released.handed_in(written))
    return released


def done(course: Course, step: str = "autograded") -> set[str]:
    return {path.parent.name for path in (course.root / step).glob(f"*/{course.name}")}


def line(course: Course, *words: str, status: int = 2) -> str:
    """Return what a command that cannot be done says."""
    said = course.run(*(words or COMMAND), status=status)
    assert "Traceback" not in said.stderr
    return said.stderr.splitlines()[-1]


def test_the_summary_and_the_json_are_those_of_grade(released: Course) -> None:
    released.submit("ada", released.handed_in(released.solutions))
    released.submit("bob", b"")
    shown = released.run(*COMMAND, "--json", "bulk.json", "--fail-under", "50", status=1).stdout
    assert "bob" in shown
    assert "The file is empty." in shown
    plain = ("autograder", "grade", "doubling", "submitted", "--json", "plain.json")
    released.run(*plain)
    found = []
    for file in ("bulk.json", "plain.json"):
        result = json.loads((released.root / file).read_bytes())
        for each in result["submissions"]:
            del each["seconds"], each["path"]
        found.append(result)
    found[1]["submissions"][1]["reason"] = "The file is empty."
    assert found[0] == found[1]
    assert scores(released) == {"ada": 11, "bob": 0}
    # formgrader asks for points only where there are some.
    graded = (released.root / "autograded/ada/doubling/doubling.ipynb").read_bytes()
    known = [cell["metadata"].get("nbgrader", {}) for cell in json.loads(graded)["cells"]]
    marked = [each["grade_id"] for each in known if each.get("grade")]
    assert marked == ["double_hidden", "total_of_doubles_hidden", "why"]
    assert any(each.get("grade_id") == "double_visible" for each in known)


def test_what_nbgrader_does_not_look_at_is_named(released: Course) -> None:
    released.submit("ada", released.handed_in(released.solutions))
    submitted = released.root / "submitted"
    (submitted / "stray").mkdir()
    (submitted / "stray" / "doubling.ipynb").write_bytes(b"{}")
    (submitted / "ada" / "doubling.ipynb").write_bytes(b"{}")
    (submitted / "other" / "tripling").mkdir(parents=True)
    (submitted / "other" / "tripling" / "tripling.ipynb").write_bytes(b"{}")
    config = released.root / "nbgrader_config.py"
    text = config.read_text()
    config.write_text(text + 'c.CourseDirectory.student_id_exclude = "eve"\n')
    released.submit("eve", b"{}")
    for words in ((*COMMAND, "--dry-run"), COMMAND):
        last = released.run(*words).stdout.splitlines()[-8:]
        assert "not graded: submitted/stray/doubling.ipynb is not inside" in " ".join(last)
    shown = " ".join(released.run(*COMMAND).stdout.split())
    assert "submitted/stray/doubling.ipynb is not inside submitted/STUDENT/doubling." in shown
    assert "submitted/ada/doubling.ipynb is not inside submitted/STUDENT/doubling." in shown
    assert "tripling" not in shown
    assert done(released) == done(released, "feedback") == set(scores(released)) == {"ada"}
    config.write_text(text + "c.Autograde.create_student = False\n")
    shown = " ".join(released.run(*COMMAND).stdout.split())
    assert "eve is not in the gradebook" in shown
    assert done(released) == {"ada"}


def test_who_has_a_folder_and_no_notebook_is_rejected_as_without_the_gradebook(
    released: Course,
) -> None:
    released.submit("ada", released.handed_in(released.solutions))
    (released.root / "submitted/mia" / released.name).mkdir(parents=True)
    released.run(*COMMAND, "--json", "books.json")
    released.run("autograder", "grade", "doubling", "submitted", "--json", "files.json")
    found = []
    for file in ("books.json", "files.json"):
        every = json.loads((released.root / file).read_bytes())["submissions"]
        found.append([(each["student"], each["status"], each["reason"]) for each in every])
    assert found[0] == found[1]
    assert found[0][1] == ("mia", "rejected", "The folder contains no notebook.")
    assert scores(released) == {"ada": 11, "mia": 0}
    assert not list((released.root / "submitted/mia" / released.name).iterdir())


def test_the_folders_are_where_the_configuration_has_them(released: Course) -> None:
    released.submit("ada", released.handed_in(released.solutions))
    (released.root / "submitted").rename(released.root / "in")
    (released.root / "in" / "ada").rename(released.root / "in" / "new")
    (released.root / "in" / "doubling").mkdir()
    (released.root / "in" / "new" / "doubling").rename(released.root / "in" / "doubling" / "ada")
    config = released.root / "nbgrader_config.py"
    config.write_text(
        config.read_text()
        + 'c.CourseDirectory.directory_structure = "{nbgrader_step}/{assignment_id}/{student_id}"\n'
        + 'c.CourseDirectory.submitted_directory = "in"\n'
        + 'c.CourseDirectory.autograded_directory = "out"\n'
        + f'c.CourseDirectory.source_directory = "{released.root}/none"\n'
    )
    released.run(*COMMAND)
    assert scores(released) == {"ada": 11}
    files = sorted(str(path) for path in (released.root / "out").rglob("*") if path.is_file())
    assert files == [str(released.root / "out/doubling/ada/doubling.ipynb")]
    assert (released.root / "feedback/doubling/ada/doubling.html").is_file()


def test_without_a_release_or_a_submission_there_is_nothing_to_do(
    released: Course, tiny: Course
) -> None:
    assert "release it first" in line(tiny)
    assert not (tiny.root / "gradebook.db").exists()
    assert "No notebook for doubling was found in submitted/" in line(released)


def test_either_the_gradebook_or_what_is_to_be_graded_is_named(tiny: Course) -> None:
    assert "or use --gradebook" in line(tiny, "autograder", "grade", "doubling")
    assert "leave out the paths" in line(tiny, *COMMAND, "submitted")


@pytest.mark.parametrize(
    ("added", "said"),
    [
        ("c.CourseDirectory.db_url = 'nonsense'", "c.CourseDirectory.db_url"),
        ("c.Autograde.autograde_preprocessors = []", "does not list"),
        ("1 / 0", "ZeroDivisionError"),
        ("class Mine: pass\nc.AssignLatePenalties.plugin_class = Mine", "is defined inside"),
    ],
)
def test_a_configuration_that_cannot_be_used_is_told_in_one_line(
    released: Course, added: str, said: str
) -> None:
    config = released.root / "nbgrader_config.py"
    config.write_text(f"{config.read_text()}\n{added}\n")
    assert said in line(released)


def test_a_plugin_that_fails_is_named_and_nobody_is_half_done(released: Course) -> None:
    released.submit("ada", released.handed_in(released.solutions))
    (released.root / "late.py").write_text(FAILING)
    config = released.root / "nbgrader_config.py"
    config.write_text(
        f"{config.read_text()}\nc.AssignLatePenalties.plugin_class = 'late.Failing'\n"
    )
    released.run("nbgrader", "db", "assignment", "add", "doubling", "--duedate", "2030-01-01")
    stamp = released.root / "submitted/ada/doubling/timestamp.txt"
    stamp.write_text("2030-01-02 00:00 UTC")
    assert "Failing, which nbgrader_config.py lists, fails for ada: KeyError" in line(released)
    assert done(released) == set()


def test_a_cell_that_came_after_the_release_must_be_released(released: Course) -> None:
    lesson = released.root / "assignments/doubling/lesson.md"
    lesson.write_text(lesson.read_text() + "\n```{answer} more 2\n```\n")
    (released.root / "reference/doubling.more.md").write_text("No.\n")
    assert "more of doubling differ from the gradebook: release the assignment again" in line(
        released
    )


def test_points_that_came_after_the_release_must_be_released(released: Course) -> None:
    released.submit("ada", released.handed_in(released.solutions))
    book = released.root / "gradebook.db"
    before = book.read_bytes()
    checks = released.root / "assignments/doubling/checks.py"
    text = checks.read_text()
    for points in ("points=2", "points=30"):
        checks.write_text(text.replace("points=3", points))
        for words in (COMMAND, (*COMMAND, "--dry-run")):
            said = line(released, *words)
            assert "double_hidden of doubling differ from the gradebook: release the" in said
    assert (done(released), book.read_bytes()) == (set(), before)
    released.run("autograder", "release", "doubling")
    released.run(*COMMAND)
    assert scores(released) == {"ada": 38}


def test_nobody_else_grades_the_same_assignment_meanwhile(released: Course) -> None:
    released.submit("ada", released.handed_in(released.solutions))
    folder = os.open(released.assignment.folder, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_SH)  # as nbgrader's autograde has it
        assert "Wait until it has finished" in line(released)
        fcntl.flock(folder, fcntl.LOCK_EX)  # as we have it
        assert "Wait until it has finished" in line(released, "nbgrader", "autograde", "doubling")
    finally:
        os.close(folder)
    assert done(released) == set()
    released.run("nbgrader", "autograde", "doubling")
    assert done(released) == {"ada"}


def start(course: Course) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [*COMMAND, "--workers", "1"],
        cwd=course.root,
        env={**ENVIRONMENT, "JUPYTER_DATA_DIR": str(course.home)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def wait_for_two(course: Course, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 100
    written = "autograded/*/.doubling.*"
    while (
        len(list(course.root.glob(written))) < 2
        and process.poll() is None
        and time.monotonic() < until
    ):
        time.sleep(0.02)
    assert process.poll() is None


def test_who_is_asked_to_end_writes_what_is_there(slow_class: Course) -> None:
    process = start(slow_class)
    wait_for_two(slow_class, process)
    process.send_signal(signal.SIGTERM)
    assert process.wait() == 130
    assert 1 <= len(scores(slow_class)) < 8  # the second may be in the middle of its papers
    assert set(scores(slow_class)) == done(slow_class) == done(slow_class, "feedback")
    assert not list((slow_class.root / "autograded").glob("*/.*"))


def test_a_second_run_finishes_what_was_killed(slow_class: Course) -> None:
    process = start(slow_class)
    wait_for_two(slow_class, process)
    process.kill()
    process.wait()
    assert set(scores(slow_class)) == done(slow_class)
    slow_class.run(*COMMAND)
    assert scores(slow_class) == {f"s{number}": 11.0 for number in range(8)}
    assert done(slow_class) == done(slow_class, "feedback") == set(scores(slow_class))
    for step in ("autograded", "feedback"):
        assert not list((slow_class.root / step).glob("*/.*"))
