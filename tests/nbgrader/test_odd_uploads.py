"""Odd files of students, graded by each of the three commands that grade."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import nbformat

from tests.helpers.books import scores
from tests.helpers.commands import autograder
from tests.helpers.uploads import RIGHT, WRONG, course, graded, notebook

CONVERT = ("pre_convert", "post_convert")
"""The hooks with which nbgrader takes submissions in as autograder does."""


def without_metadata(made: str) -> str:
    """Return the cells of a notebook, copied into a new one."""
    new = nbformat.v4.new_notebook()
    new.cells = [
        nbformat.v4.new_code_cell(cell.source) for cell in nbformat.reads(made, as_version=4).cells
    ]
    return str(nbformat.writes(new))


def for_r(made: str) -> str:
    """Return a notebook whose kernel was changed."""
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
    made = course(tmp_path, home, ["hw"])
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
