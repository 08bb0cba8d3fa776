"""What is no file at all neither stops nbgrader nor leads it out of the course.

`test_hostile_files` grades a class of such submissions; here are the cases that it does not hold.
"""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
import pytest
from nbgrader.apps.api import NbGraderAPI
from nbgrader.converters import Autograde
from nbgrader.converters.base import NbGraderException

from autograder.intake.find import SubmissionSource, find_of_student
from autograder.nbgrader import config as courses
from autograder.nbgrader import conversion, locks, student_folders
from tests.helpers.books import scores
from tests.helpers.commands import WRONG

if TYPE_CHECKING:
    from tests.helpers.course import Course

# nbgrader's own queries do that, whoever calls them.
pytestmark = pytest.mark.filterwarnings("ignore:Object of type:sqlalchemy.exc.SAWarning")


@pytest.fixture
def course(released_tiny: Course, tmp_path: Path) -> Course:
    """A course in which Bob has submitted the right notebook."""
    made = released_tiny.copy(tmp_path / "course")
    made.submit("bob", made.handed_in(made.solutions))
    return made


def put(path: Path, what: str) -> None:
    """Puts something odd at a path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if what == "pipe":
        os.mkfifo(path)
    elif what == "folder":
        path.mkdir()
    else:
        path.symlink_to(what)


def graded(course: Course, student: str) -> nbformat.NotebookNode:
    folder = course.root / "autograded" / student / course.name
    return nbformat.read(folder / f"{course.name}.ipynb", as_version=4)


ODD = ["pipe", "folder", "/dev/zero", "/etc/hostname", "nowhere"]


def test_in_the_place_of_what_is_no_file_stands_what_says_so(course: Course) -> None:
    students = {}
    for number, what in enumerate(ODD):
        for name in ("doubling.ipynb", "my homework.ipynb"):
            student = f"s{number}{name[0]}"
            put(course.root / "submitted" / student / course.name / name, what)
            students[student] = name
    course.run("nbgrader", "autograde", course.name)
    assert scores(course) == {"bob": 11.0, **dict.fromkeys(students, 0.0)}
    for student, name in students.items():
        hidden = [cell for cell in graded(course, student).cells if cell.id == "double_hidden"]
        assert "autograder.rejected" in str(hidden[0].outputs), student
        assert os.listdir(course.root / "submitted" / student / course.name) == [name]


def test_of_several_notebooks_none_of_which_is_called_right_none_is_graded(course: Course) -> None:
    folder = course.root / "submitted" / "ada" / course.name
    folder.mkdir(parents=True)
    for name, solutions in (
        ("one.ipynb", course.solutions),
        ("two.ipynb", {**course.solutions, "double": WRONG}),
    ):
        (folder / name).write_text(nbformat.writes(course.handed_in(solutions)))
    course.run("nbgrader", "autograde", course.name)
    assert scores(course) == {"ada": 0.0, "bob": 11.0}
    said = "The submission contains 2 notebooks, and none is called doubling.ipynb."
    assert said in str(graded(course, "ada"))
    assert sorted(os.listdir(folder)) == ["one.ipynb", "two.ipynb"]


def converter(course: Course, monkeypatch: pytest.MonkeyPatch) -> Autograde:
    """nbgrader's, configured as in the course, and not as a command."""
    monkeypatch.chdir(course.root)
    app = courses.load(course.root)
    app.coursedir.assignment_id = course.name
    return Autograde(coursedir=app.coursedir, parent=app)


@pytest.fixture
def formgrader(course: Course, monkeypatch: pytest.MonkeyPatch) -> NbGraderAPI:
    """What formgrader's pages and buttons ask."""
    monkeypatch.chdir(course.root)
    app = courses.load(course.root)
    return NbGraderAPI(app.coursedir, parent=app)


def test_formgraders_button_grades_a_private_copy(course: Course, formgrader: NbGraderAPI) -> None:
    folder = course.root / "submitted" / "bob" / course.name
    put(folder / "timestamp.txt", "pipe")
    put(folder / "x.rejected", str(course.root / "victim"))
    put(folder / "x", "a line of text")
    directory = formgrader.coursedir.submitted_directory
    for _twice in range(2):
        result = formgrader.autograde(course.name, "bob")
        assert result["success"], result
    assert "x.rejected is left out: it is a link" in result["log"]
    assert scores(course) == {"bob": 11.0}
    assert formgrader.coursedir.submitted_directory == directory
    assert not (course.root / "victim").exists()
    assert sorted(os.listdir(folder)) == ["doubling.ipynb", "timestamp.txt", "x", "x.rejected"]


def test_formgraders_list_waits_for_no_time_and_stops_at_none(
    course: Course, formgrader: NbGraderAPI
) -> None:
    path = course.root / "submitted" / "bob" / course.name / "timestamp.txt"
    put(path, "pipe")
    assert formgrader.get_submitted_timestamp(course.name, "bob") is None
    path.unlink()
    path.write_text("soon")
    assert formgrader.get_submitted_timestamp(course.name, "bob") is None
    path.write_text("2026-01-02 03:04:05 UTC")
    assert formgrader.get_submitted_timestamp(course.name, "bob").isoformat() == (
        "2026-01-02T03:04:05"
    )


def test_whoever_else_grades_the_assignment_is_told_to_formgrader(
    course: Course, formgrader: NbGraderAPI
) -> None:
    with locks.lock(course.assignment.folder):
        result = formgrader.autograde(course.name, "bob")
    assert not result["success"]
    assert "Another process is grading doubling into the gradebook." in result["error"]
    assert not (course.root / "autograded").exists()


@pytest.fixture
def three(course: Course) -> Course:
    """The same, and Ada and Cy have submitted it too."""
    for student in ("ada", "cy"):
        course.submit(student, course.handed_in(course.solutions))
    return course


def test_what_nobody_has_foreseen_in_one_submission_rejects_it_in_a_sentence(
    three: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(folder: Path, *rest: Any, **named: Any) -> SubmissionSource:
        if "bob" in folder.parts:
            raise RecursionError("unforeseen")
        return find_of_student(folder, *rest, **named)

    monkeypatch.setattr(conversion, "find_of_student", fail)
    converter(three, monkeypatch).start()
    assert scores(three) == {"ada": 11.0, "bob": 0.0, "cy": 11.0}
    said = "The submission could not be read (RecursionError: unforeseen)."
    assert said in str(graded(three, "bob"))


def test_what_fails_where_nbgrader_writes_is_that_students_and_is_said(
    three: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(folder: Path) -> tuple[str, ...]:
        if "bob" in folder.parts:
            raise OSError(errno.ENAMETOOLONG, "File name too long")
        return ()

    monkeypatch.setattr(student_folders, "harmless_files", fail)
    made = converter(three, monkeypatch)
    with pytest.raises(NbGraderException, match="did not grade submitted/bob/doubling"):
        made.start()
    assert {name: scores(three)[name] for name in ("ada", "cy")} == {"ada": 11.0, "cy": 11.0}
    assert not (three.root / "autograded" / "bob" / three.name).exists()
    assert made.coursedir.submitted_directory == "submitted"
    monkeypatch.undo()
    converter(three, monkeypatch).start()
    assert scores(three) == {"ada": 11.0, "bob": 11.0, "cy": 11.0}


@pytest.mark.parametrize("command", ["grade", "gradebook"])
def test_a_name_that_is_no_text_can_be_told(three: Course, command: str) -> None:
    folder = three.root / "submitted" / "bob" / three.name
    name = os.fsencode(folder) + b"/caf\xe9.ipynb"  # is told, and is no text
    Path(os.fsdecode(name)).write_text("{}")
    where = ("submitted",) if command == "grade" else ("--gradebook",)
    three.run("autograder", "grade", three.name, *where, "--json", "result.json")
    result = json.loads((three.root / "result.json").read_text())
    assert {each["student"]: each["score"] for each in result["submissions"]} == {
        "ada": 11.0,
        "bob": 11.0,
        "cy": 11.0,
    }
    assert "caf\\udce9.ipynb" in str(result["submissions"][1]["observations"][0])


def test_the_folders_may_lie_in_another_folder(course: Course) -> None:
    config = course.root / "nbgrader_config.py"
    structure = "work/{nbgrader_step}/{student_id}/{assignment_id}"
    config.write_text(
        f"{config.read_text()}\nc.CourseDirectory.directory_structure = {structure!r}\n"
    )
    (course.root / "work").mkdir()
    for name in ("source", "submitted"):
        (course.root / name).rename(course.root / "work" / name)
    course.run("nbgrader", "autograde", course.name)
    assert scores(course) == {"bob": 11.0}
    assert (course.root / "work/autograded/bob" / course.name / "doubling.ipynb").is_file()
