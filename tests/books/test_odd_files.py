"""What is no file at all neither stops nbgrader nor leads it out of the course."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
import pytest

from autograder.books.preprocessors import set_aside
from autograder.intake.submission import REJECTED

if TYPE_CHECKING:
    from tests.helpers.course import Course


@pytest.fixture
def folder(tiny: Course, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where Ada's submission lies; the working folder is the course's."""
    monkeypatch.chdir(tiny.root)
    path = Path("submitted") / "ada" / tiny.name
    path.mkdir(parents=True)
    return path


def put(path: Path, what: str) -> None:
    """Puts something odd at a path."""
    if what == "pipe":
        os.mkfifo(path)
    elif what == "folder":
        path.mkdir()
    else:
        path.symlink_to(what)


ODD = ["pipe", "folder", "/dev/zero", "/etc/hostname", "nowhere"]


@pytest.mark.parametrize("what", ODD)
@pytest.mark.parametrize("name", ["doubling.ipynb", "my homework.ipynb"])
def test_in_the_place_of_what_is_no_file_stands_what_says_so(
    folder: Path, what: str, name: str
) -> None:
    put(folder / name, what)
    notebooks = [str(folder / name)]
    set_aside(assignment="doubling", notebooks=notebooks)
    assert notebooks == [str(folder / "doubling.ipynb")]
    stand_in = nbformat.read(notebooks[0], as_version=4)
    assert stand_in.metadata[REJECTED].endswith(".")
    assert all(not path.is_symlink() for path in folder.rglob("*"))
    assert all(path.is_file() or path.is_dir() for path in folder.rglob("*"))


@pytest.mark.parametrize("what", ODD)
def test_what_lies_beside_a_notebook_and_is_no_file_is_a_line_of_text(
    folder: Path, tiny: Course, what: str
) -> None:
    (folder / "doubling.ipynb").write_text(nbformat.writes(tiny.lesson.released_notebook()))
    put(folder / "data.csv", what)
    put(folder / "other.ipynb", what)
    notebooks = [str(folder / "doubling.ipynb"), str(folder / "other.ipynb")]
    set_aside(assignment="doubling", notebooks=notebooks)
    assert notebooks == [str(folder / "doubling.ipynb")]
    if what != "folder":
        assert not os.path.lexists(folder / "data.csv")
        assert "This was" in (folder / "data.csv.rejected").read_text()


def test_nbgrader_grades_a_class_with_such_files(released_tiny: Course, tmp_path: Path) -> None:
    course = released_tiny.copy(tmp_path / "course")
    course.submit("ada", course.handed_in(course.solutions))
    course.submit("bob", course.handed_in(course.solutions))
    course.submit("cy", b"")
    ada, cy = (course.root / "submitted" / name / course.name for name in ("ada", "cy"))
    put(ada / "data.csv", "/dev/zero")
    put(ada / "more.ipynb", "pipe")
    (cy / "doubling.ipynb").unlink()
    put(cy / "doubling.ipynb", "pipe")
    course.run("nbgrader", "autograde", course.name)
    course.run("nbgrader", "export", "--to", "grades.csv")
    rows = (course.root / "grades.csv").read_text().splitlines()
    scores = {name: row for row in rows for name in ("ada", "bob", "cy") if f",{name}," in row}
    assert ",11.0," in scores["ada"]
    assert ",11.0," in scores["bob"]
    assert ",0.0," in scores["cy"]


def test_of_several_notebooks_none_of_which_is_called_right_none_is_graded(
    folder: Path, tiny: Course
) -> None:
    text = nbformat.writes(tiny.lesson.released_notebook())
    for name in ("one.ipynb", "two.ipynb"):
        (folder / name).write_text(text)
    notebooks = [str(folder / "one.ipynb"), str(folder / "two.ipynb")]
    set_aside(assignment="doubling", notebooks=notebooks)
    stand_in = nbformat.read(folder / "doubling.ipynb", as_version=4)
    assert stand_in.metadata[REJECTED] == "There is no doubling.ipynb, but 2 notebooks here."
    assert notebooks[2:] == [str(folder / "doubling.ipynb")]
    assert (folder / "one.ipynb").read_text() == text
