"""The files of an assignment are there for students' code, and for the reference."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

from click.testing import CliRunner

from autograder.cli.main import main
from autograder.course.builder import write_source
from tests.helpers.lessons import course, graded

FILES = {
    "rain.csv": "1,2,3\n4,5,6\n",
    "tables/more.csv": "7,8\n",
    "helper.py": "def load():\n    return 21.0\n",
    "private/hidden.csv": "1\n",
    "_draft.txt": "",
    ".hidden": "",
}


def test_files_folders_and_modules_are_there_when_graded_and_private_ones_are_not(
    tmp_path: Path,
) -> None:
    lesson = course(
        tmp_path,
        {
            "total": (
                "import helper\n"
                "    return np.loadtxt('rain.csv', delimiter=',').sum() - helper.load()",
                "expect.close(student.total(), 0.0)",
            ),
            "more": (
                "return float(np.loadtxt('tables/more.csv', delimiter=',').sum())",
                "expect.close(student.more(), 15.0)",
            ),
            "secret": (
                "import os\n    return os.path.exists('private/hidden.csv')",
                "assert student.secret() == False",
            ),
        },
    )
    for place, text in FILES.items():
        (lesson.folder / place).parent.mkdir(exist_ok=True)
        (lesson.folder / place).write_text(text)
    text = (lesson.folder / "lesson.md").read_text()
    setup = text.replace("import dataclasses\n", "import dataclasses\nfrom helper import load\n", 1)
    (lesson.folder / "lesson.md").write_text(setup)
    path = tmp_path / "reference/hw.py"
    path.write_text("from helper import load\n" + path.read_text())
    assert set(lesson.beside.files) == {"rain.csv", "tables/more.csv", "helper.py"}
    assert {name: each["verdict"] for name, each in graded(lesson).items()} == {
        "total": "passed",
        "more": "passed",
        "secret": "passed",
    }
    built = write_source(lesson).parent
    assert sorted(each.name for each in built.iterdir()) == [
        *("helper.py", "hw.ipynb", "rain.csv", "tables"),
    ]
    with contextlib.chdir(tmp_path):
        done = CliRunner().invoke(main, ["release", "hw", "--force"])
    assert done.exit_code == 0, done.output
    released = tmp_path / "release/hw"
    assert (released / "tables/more.csv").read_text() == "7,8\n"
    assert not (released / "private").exists()
    assert "helper" not in (released / "requirements.txt").read_text()
    assert json.loads((tmp_path / "r.json").read_text())["submissions"][0]["score"] == 3


def test_a_link_out_of_the_course_is_named_and_not_shared(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "names.csv").write_text("ada\n")
    root = tmp_path / "course"
    reads = "import os\n    return os.path.exists('file.csv') or os.path.exists('folder/names.csv')"
    lesson = course(root, {"seen": (reads, "assert student.seen() == False")})
    (lesson.folder / "private").mkdir()
    (lesson.folder / "private/answers.csv").write_text("1\n")
    (root / "data").mkdir()
    (root / "data/rain.csv").write_text("1\n")
    for place, target in {
        "file.csv": str(outside / "names.csv"),
        "folder": str(outside),
        "reference": "../../reference",
        "checks.txt": "checks.py",
        "answers": "private",
        "weather": "../../data",
    }.items():
        (lesson.folder / place).symlink_to(target)
    assert set(lesson.beside.files) == {"weather/rain.csv"}
    assert set(lesson.beside.left_out) == {
        *("file.csv", "folder", "reference", "checks.txt", "answers"),
    }
    assert "assignments/hw/weather/rain.csv" in lesson.files
    assert "assignments/hw/file.csv" not in lesson.files  # nor does it go to Gradescope
    assert graded(lesson)["seen"]["verdict"] == "passed"
    with contextlib.chdir(root):
        done = CliRunner().invoke(main, ["release", "hw", "--force"])
    assert done.exit_code == 0, done.output
    for file in ("file.csv", "folder"):
        assert f"assignments/hw/{file} is a link that leads out of the course" in done.stderr
    released = {each.name for each in (root / "release/hw").iterdir()}
    assert released == {"hw.ipynb", "requirements.txt", "weather"}
