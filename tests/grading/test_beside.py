"""The files beside a notebook are there when it is graded: the course's, and the student's own."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import nbformat
import pytest

from autograder.checking.checks import BadAssignment
from autograder.course.asserts_assignment import PlainAssignment
from autograder.sandbox.inside import course_files
from autograder.sandbox.protocol import limits
from tests.helpers.course import QuickCourse
from tests.helpers.plain import plain_course, submit_source

LARGE = course_files.MAX_COPIED_BYTES + 1

CELLS = [
    ("imports locked", "import os\nfrom helper import near\nfrom tools.more import two"),
    ("f", "def f(x):\n    ### BEGIN SOLUTION\n    return x / 3\n    ### END SOLUTION"),
    ("helpers 1", "assert near(f(1), 1 / 3) and two == 2"),
    ("linked 1", "assert open('data/rain.csv').read() == '1,2\\n'"),
    ("large 1", f"assert os.path.getsize('large.bin') == {LARGE}"),
    (
        "shared 1",
        "try:\n    open('large.bin', 'w')\nexcept OSError:\n    pass\nelse:\n    assert False",
    ),
    ("written 1", "open('small.txt', 'a').write('!')\nassert open('small.txt').read() == 'a!'"),
    ("fresh 1", "os.mkdir('tools/new')\nopen('tools/new/x', 'w').write('x')\nassert 1"),
    ("secret 1", "assert not [each for each in os.listdir() if each.endswith('.ipynb')]"),
    ("paired 1", "assert not os.path.exists('hw.md')"),
]


@pytest.fixture
def course(tmp_path: Path) -> QuickCourse:
    """A course whose notebook needs what lies beside it."""
    made = plain_course(tmp_path, {"hw": CELLS})
    source = made.root / "source/hw"
    (source / "tools").mkdir()
    (source / "helper.py").write_text("def near(a, b):\n    return abs(a - b) < 1e-9\n")
    (source / "tools/more.py").write_text("two = 2\n")
    (source / "small.txt").write_text("a")
    (source / "large.bin").write_bytes(bytes(LARGE))
    (source / "hw.md").write_text("### BEGIN SOLUTION\n")
    (made.root / "shared-data").mkdir()
    (made.root / "shared-data/rain.csv").write_text("1,2\n")
    (source / "data").symlink_to("../../shared-data")
    (source / "gone").symlink_to("nowhere")
    (source / "out").symlink_to("/etc")
    (source / "again").symlink_to(".")
    return made


def graded(course: QuickCourse, *options: str) -> tuple[dict[str, Any], str]:
    """Return the result of the only student, and what was printed."""
    done = course.run("autograder", "grade", "hw", "submitted", "--json", "result.json", *options)
    (result,) = json.loads((course.root / "result.json").read_text())["submissions"]
    return result, " ".join((done.stdout + done.stderr).split())


def test_the_folder_of_the_notebook_is_there_and_nothing_secret_in_it(course: QuickCourse) -> None:
    submit_source(course)
    result, said = graded(course)
    assert {each["id"]: each["message"] for each in result["checks"] if each["points"] < 1} == {}
    for file, why in (
        ("source/hw/gone", "leads nowhere"),
        ("source/hw/out", "leads out of the course"),
        ("source/hw/again", "a folder that it lies in"),
        ("source/hw/hw.md", "holds a solution or a hidden test"),
    ):
        assert f"{file} is a link" in said or f"{file} holds" in said
        assert why in said


def test_a_large_file_is_shared_and_a_file_that_changes_is_graded_again(
    course: QuickCourse,
) -> None:
    submit_source(course)
    graded(course)
    (course.root / "source/hw/helper.py").write_text("def near(a, b):\n    return a == b\n")
    _result, said = graded(course)
    assert "were not regraded" not in said
    assert PlainAssignment(course.root, "hw").files.keys() >= {
        "source/hw/helper.py",
        "source/hw/data/rain.csv",
    }


def test_the_students_own_files_are_there_and_the_courses_win(tmp_path: Path) -> None:
    cells = [("f", "def f():\n    return 1"), ("t 1", "import helper\nassert helper.one == f()")]
    course = plain_course(tmp_path, {"hw": cells})
    (course.root / "source/hw/helper.py").write_text("one = 1\n")
    folder = submit_source(course)
    text = (folder / "hw.ipynb").read_text()
    assert "return 1" in text
    (folder / "hw.ipynb").write_text(text.replace("return 1", "import mine; return mine.one"))
    (folder / "mine.py").write_text("one = 1\n")
    (folder / "helper.py").write_text("one = 2\n")
    assert graded(course)[0]["score"] == 1
    (folder / "mine.py").write_text("one = 3\n")
    result, _said = graded(course)
    assert result["score"] == 0  # it was graded again


def test_the_files_in_a_students_zip_are_there_too(tmp_path: Path) -> None:
    cells = [("f", "f = 1"), ("t 1", "assert open('data/mine.csv').read() == '1'")]
    course = plain_course(tmp_path, {"hw": cells})
    path = submit_source(course) / "hw.ipynb"
    with zipfile.ZipFile(path.with_suffix(".zip"), "w") as file:
        file.write(path, "work/hw.ipynb")
        file.writestr("work/data/mine.csv", "1")
        file.writestr("other.csv", "2")
    path.unlink()
    assert graded(course, "--force")[0]["score"] == 1


def test_the_only_notebook_with_cells_of_the_assignment_is_graded(tmp_path: Path) -> None:
    course = plain_course(
        tmp_path, {"hw": [("f", "### BEGIN SOLUTION\nf = 1\n### END SOLUTION"), ("t 1", "f")]}
    )
    path = submit_source(course) / "hw.ipynb"
    other = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1")])
    for name in ("Untitled.ipynb", "scratch.ipynb"):
        (path.parent / name).write_text(nbformat.writes(other))
    path.rename(path.parent / "Untitled1.ipynb")
    result, _said = graded(course)
    assert result["score"] == 1
    assert "Untitled1.ipynb was graded, because there is no hw.ipynb." in result["observations"]


def test_what_a_link_may_not_lead_into(course: QuickCourse) -> None:
    (course.root / "reference").mkdir()
    (course.root / "source/hw/solutions").symlink_to("../../reference")
    beside = PlainAssignment(course.root, "hw").beside
    assert "not for students" in beside.left_out["solutions"]
    assert not any(place.startswith("solutions") for place in beside.files)


def test_a_course_sets_the_limits_of_an_assignment(tmp_path: Path) -> None:
    course = plain_course(tmp_path, {"hw": [("f", "1"), ("t 1", "assert 1")]})
    config = course.root / "nbgrader_config.py"
    config.write_text(f"{config.read_text()}c.ExecutePreprocessor.timeout = 600\n")
    assert PlainAssignment(course.root, "hw").limits.cell_time.cpu == 600
    (course.root / "limits.toml").write_text("[hw]\ncell_seconds = 90\nmemory_gb = 0.5\n")
    found = PlainAssignment(course.root, "hw").limits
    assert (found.cell_time.cpu, found.memory_bytes) == (90, 2**29)
    assert found.factor == 90 / limits.CELL_TIME.cpu
    for text, words in (
        ("[hw]\ncell_secs = 1\n", "cell_secs = 1 is not a valid limit"),
        ("[hw]\ncell_seconds = -1\n", "is not a valid limit"),
        ("[other]\ncell_seconds = 1\n", "no assignment other"),
        ("[hw\n", "cannot be read"),
    ):
        (course.root / "limits.toml").write_text(text)
        with pytest.raises(BadAssignment, match=words):
            _ = PlainAssignment(course.root, "hw").limits


def test_what_hits_a_limit_is_timed_out_and_so_is_what_needs_it(tmp_path: Path) -> None:
    cells = [("f", "def f():\n    return 1"), ("t 1", "assert f() == 1")]
    course = plain_course(tmp_path, {"hw": cells})
    (course.root / "limits.toml").write_text("[hw]\ncell_seconds = 1\n")
    folder = submit_source(course)
    text = (folder / "hw.ipynb").read_text()
    (folder / "hw.ipynb").write_text(text.replace("def f()", "while True: pass\\ndef f()"))
    result, _said = graded(course)
    (check,) = result["checks"]
    assert check["verdict"] == "timed_out"
    assert "f is not defined, because the cell f stopped with" in check["message"]


def test_memory_is_what_the_assignment_says(tmp_path: Path) -> None:
    cells = [
        ("f", "1"),
        ("t 1", "try:\n    bytearray(2**30)\nexcept MemoryError:\n    pass\nelse:\n    assert 0"),
    ]
    course = plain_course(tmp_path, {"hw": cells})
    (course.root / "limits.toml").write_text("[hw]\nmemory_gb = 1\n")
    submit_source(course)
    assert graded(course)[0]["score"] == 1
