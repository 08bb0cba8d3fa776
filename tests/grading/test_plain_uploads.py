"""Uploads for assignments of plain asserts: each student is one row of the result."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbgrader.api import Gradebook

from tests.helpers.commands import autograder, one_line
from tests.helpers.course import Course

NAME = "hw"
ONE, SEVERAL = [NAME], ["part1", "part2"]
RIGHT, WRONG = "def f(x):\n    return x**2", "def f(x):\n    return 2 * x"

CANVAS = "{key}_{number}_{name}.ipynb"
CANVAS_KEYS = {"lovelaceada_1234": "lovelaceada-1234", "stonebob_LATE_1235": "stonebob-1235"}
CONVERT = ("pre_convert", "post_convert")
"""The hooks with which nbgrader takes submissions in as autograder does."""

MOODLE = "{key}_assignsubmission_file/{name}.ipynb"
MOODLE_KEYS = {"Ada Lovelace_1234567": "Ada Lovelace-1234567", "Bob Stone_88": "Bob Stone-88"}


def notebook(function: str) -> str:
    """A notebook of one function, and of a test worth 5 points."""
    made = nbformat.v4.new_notebook()
    for grade_id, source in (("f", function), ("f_test", "assert f(3) == 9")):
        test = grade_id == "f_test"
        told = {"grade_id": grade_id, "schema_version": 3, "task": False, "solution": not test}
        told |= {"grade": test, "locked": test, **({"points": 5} if test else {})}
        made.cells.append(nbformat.v4.new_code_cell(source, metadata={"nbgrader": told}))
    return str(nbformat.writes(made))


def course(tmp_path: Path, home: Path, notebooks: Sequence[str], name: str = NAME) -> Course:
    """A course with these notebooks in one assignment."""
    folder = tmp_path / "course" / "source" / name
    folder.mkdir(parents=True)
    for each in notebooks:
        (folder / f"{each}.ipynb").write_text(notebook(RIGHT))
    (tmp_path / "course" / "nbgrader_config.py").write_text("c = get_config()\n")
    return Course(tmp_path / "course", name, home)


def zipped(course: Course, files: Mapping[str, str]) -> Path:
    """A zip of these files."""
    path = course.root / "upload.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for place, content in files.items():
            archive.writestr(place, content)
    return path


def graded(course: Course, path: Path) -> dict[str, dict[str, Any]]:
    """What `grade` finds at a path, by the student."""
    autograder(course, "grade", course.name, path, "--workers", "1", "--json", "result.json")
    rows = json.loads((course.root / "result.json").read_bytes())["submissions"]
    assert len({row["student"] for row in rows}) == len(rows)
    return {row["student"]: row for row in rows}


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
        assert row["reason"] == "There is no part1.ipynb here. There is no part2.ipynb here."


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
    assert "There is no notebook for hw in submitted" in one_line(done)


def without_metadata(made: str) -> str:
    """The cells of a notebook, copied into a new one."""
    new = nbformat.v4.new_notebook()
    new.cells = [
        nbformat.v4.new_code_cell(cell.source) for cell in nbformat.reads(made, as_version=4).cells
    ]
    return str(nbformat.writes(new))


def for_r(made: str) -> str:
    """A notebook whose kernel was changed."""
    new = nbformat.reads(made, as_version=4)
    new.metadata = {"kernelspec": {"name": "ir", "language": "R", "display_name": "R"}}
    return str(nbformat.writes(new))


def packed(**files: str) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, content in files.items():
            archive.writestr(f"work/{name}.ipynb", content)
    return data.getvalue()


def test_odd_files_give_the_points_of_the_work_in_them(tmp_path: Path, home: Path) -> None:
    made = course(tmp_path, home, ONE)
    right = notebook(RIGHT)
    (made.root / "source" / "hw" / "hw.ipynb").write_text(
        notebook(f"### BEGIN SOLUTION\n{RIGHT}\n### END SOLUTION")
    )
    blank = notebook("# YOUR CODE HERE\nraise NotImplementedError()")
    files: dict[str, dict[str, bytes]] = {
        "lost": {"hw.ipynb": without_metadata(right).encode()},
        "lost_and_wrong": {"hw.ipynb": without_metadata(notebook(WRONG)).encode()},
        "kernel": {"hw.ipynb": for_r(right).encode()},
        "latin": {"hw.ipynb": right.replace("def f", "# Köln\\ndef f").encode("latin-1")},
        "wide": {"hw.ipynb": right.encode("utf-16")},
        "bom": {"hw.ipynb": right.encode("utf-8-sig")},
        "zip": {"hw.zip": packed(hw=right)},
        "named": {"hw.ipynb": packed(hw=right)},
        "copy": {"hw.ipynb": blank.encode(), "hw-Copy1.ipynb": right.encode()},
        "mac": {"hw.ipynb": right.encode(), "._hw.ipynb": b"\0\5\x16\7"},
    }
    for student, there in files.items():
        for name, data in there.items():
            path = made.root / "submitted" / student / "hw" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
    rows = graded(made, made.root / "submitted")
    points = dict.fromkeys(files, 5.0) | {"lost_and_wrong": 0.0}
    assert {student: row["score"] for student, row in rows.items()} == points
    quiet = {student for student, row in rows.items() if not row["observations"]}
    assert quiet == {"bom", "mac"}
    hooks = (f"c.Autograde.{each}_hook = 'autograder.nbgrader.{each}'" for each in CONVERT)
    with (made.root / "nbgrader_config.py").open("a") as file:
        file.write("\n".join(hooks))
    made.run("nbgrader", "generate_assignment", "hw")
    autograder(made, "grade", "hw", "--gradebook", "--workers", "1")
    assert scores(made) == points
    made.run("nbgrader", "autograde", "hw", "--force")
    assert scores(made) == points


def scores(made: Course) -> dict[str, float]:
    with Gradebook(f"sqlite:///{made.root}/gradebook.db") as gradebook:
        return {each.student.id: each.score for each in gradebook.assignment_submissions("hw")}
