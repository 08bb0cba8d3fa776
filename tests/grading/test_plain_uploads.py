"""Uploads for assignments of plain asserts: each student is one row of the result."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.helpers.commands import autograder, one_line
from tests.helpers.course import Course
from tests.helpers.uploads import NAME, RIGHT, WRONG, course, graded, notebook

ONE, SEVERAL = [NAME], ["part1", "part2"]

CANVAS = "{key}_{number}_{name}.ipynb"
CANVAS_KEYS = {"lovelaceada_1234": "lovelaceada-1234", "stonebob_LATE_1235": "stonebob-1235"}
MOODLE = "{key}_assignsubmission_file/{name}.ipynb"
MOODLE_KEYS = {"Ada Lovelace_1234567": "Ada Lovelace-1234567", "Bob Stone_88": "Bob Stone-88"}


def zipped(course: Course, files: Mapping[str, str]) -> Path:
    """Return a zip of these files."""
    path = course.root / "upload.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for place, content in files.items():
            archive.writestr(place, content)
    return path


@pytest.mark.parametrize("notebooks", [ONE, SEVERAL], ids=["one", "several"])
@pytest.mark.parametrize(
    ("form", "keys"), [(CANVAS, CANVAS_KEYS), (MOODLE, MOODLE_KEYS)], ids=["Canvas", "Moodle"]
)
def test_the_zip_of_a_platform_is_a_class(
    tmp_path: Path, home: Path, notebooks: list[str], form: str, keys: dict[str, str]
) -> None:
    made = course(tmp_path, home, notebooks)
    handed_in = [(key, name) for key in keys for name in notebooks]
    files = {
        form.format(key=key, name=name, number=50_001 + number): notebook(
            WRONG if "Bob" in key or "bob" in key else RIGHT
        )
        for number, (key, name) in enumerate(handed_in)
    }
    rows = graded(made, zipped(made, files))
    ada, bob = keys.values()
    assert {student: row["score"] for student, row in rows.items()} == {
        ada: 5 * len(notebooks),
        bob: 0,
    }
    assert {row["status"] for row in rows.values()} == {"graded"}
    late = {name for name, row in rows.items() if any("late" in s for s in row["observations"])}
    assert late == ({bob} if form == CANVAS else set())


@pytest.mark.parametrize("notebooks", [ONE, SEVERAL], ids=["one", "several"])
def test_a_zip_of_one_student_of_canvas_is_that_students(
    tmp_path: Path, home: Path, notebooks: list[str]
) -> None:
    made = course(tmp_path, home, notebooks)
    files = {
        CANVAS.format(key="lovelaceada_1234", number=50_001 + number, name=name): notebook(RIGHT)
        for number, name in enumerate(notebooks)
    }
    (ada,) = graded(made, zipped(made, files)).values()
    assert (ada["student"], ada["score"]) == ("lovelaceada-1234", 5 * len(notebooks))


@pytest.mark.parametrize("notebooks", [ONE, SEVERAL], ids=["one", "several"])
def test_students_without_a_notebook_are_rejected_and_not_lost(
    tmp_path: Path, home: Path, notebooks: list[str]
) -> None:
    made = course(tmp_path, home, notebooks)
    files = {
        "Ada Lovelace_1234567_assignsubmission_file/hw.zip": "PK",
        **{MOODLE.format(key="Bob Stone_88", name=name): notebook(RIGHT) for name in notebooks},
        "Cyd Rivers_1234569_assignsubmission_file/answer.pdf": "%PDF",
    }
    rows = graded(made, zipped(made, files))
    assert {student: row["status"] for student, row in rows.items()} == {
        "Ada Lovelace-1234567": "rejected",
        "Bob Stone-88": "graded",
        "Cyd Rivers-1234569": "rejected",
    }
    assert f"{notebooks[0]}.ipynb" in rows["Cyd Rivers-1234569"]["reason"]


def test_a_folder_of_notebooks_named_after_students_is_a_class(tmp_path: Path, home: Path) -> None:
    made = course(tmp_path, home, ONE)
    folder = made.root / "downloads"
    folder.mkdir()
    for student, function in {"ada": RIGHT, "bob": WRONG}.items():
        (folder / f"{student}.ipynb").write_text(notebook(function))
    rows = graded(made, folder)
    assert {student: row["score"] for student, row in rows.items()} == {"ada": 5, "bob": 0}
    assert not any(row["observations"] for row in rows.values())


def test_of_several_notebooks_those_with_other_names_are_rejected_one_by_one(
    tmp_path: Path, home: Path
) -> None:
    made = course(tmp_path, home, SEVERAL)
    folder = made.root / "downloads"
    folder.mkdir()
    for student in ("ada", "bob"):
        (folder / f"{student}.ipynb").write_text(notebook(RIGHT))
    rows = graded(made, folder)
    assert {student: row["status"] for student, row in rows.items()} == {
        "ada": "rejected",
        "bob": "rejected",
    }
    for row in rows.values():
        assert row["reason"] == (
            "There is no part1.ipynb in the submission. There is no part2.ipynb in the submission."
        )


def test_folders_named_after_students_hold_several_notebooks(tmp_path: Path, home: Path) -> None:
    made = course(tmp_path, home, SEVERAL)
    files = {
        f"class/{student}/{name}.ipynb": notebook(RIGHT)
        for student in ("ada", "bob")
        for name in SEVERAL
    }
    rows = graded(made, zipped(made, files | {"class/ada/scratch.ipynb": notebook(WRONG)}))
    assert {student: row["score"] for student, row in rows.items()} == {"ada": 10, "bob": 10}
    (said,) = rows["ada"]["observations"]
    assert "scratch.ipynb" in said


@pytest.mark.parametrize("notebooks", [ONE, SEVERAL], ids=["one", "several"])
def test_what_was_handed_in_for_another_assignment_is_nothing_for_this_one(
    tmp_path: Path, home: Path, notebooks: list[str]
) -> None:
    made = course(tmp_path, home, notebooks)
    course(tmp_path / "other", home, ["ps1"], "ps1")
    (tmp_path / "other/course/source/ps1").rename(made.root / "source/ps1")
    theirs = made.root / "submitted/ada/ps1/ps1.ipynb"
    theirs.parent.mkdir(parents=True)
    theirs.write_text(notebook(RIGHT))
    done = autograder(made, "grade", NAME, "submitted", status=2)
    assert "No notebook for hw was found in submitted" in one_line(done)
