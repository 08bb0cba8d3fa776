"""What a learning platform gives out, from its zip into nbgrader's books."""

from __future__ import annotations

import glob
import os
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory

from autograder.intake.lms import Upload
from autograder.nbgrader.student_folders import (
    glob_pattern,
    student_pattern,
    time_of,
    without_exchange,
)
from autograder.nbgrader.uploads import load
from tests.helpers.commands import WRONG, autograder, grade, notebook, one_line, result
from tests.helpers.uploads import course as plain_course

if TYPE_CHECKING:
    from tests.helpers.course import Course


def zipped(course: Course, **files: str | bytes) -> Path:
    """Return a zip like Canvas's."""
    path = course.root / "submissions.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number, (name, content) in enumerate(files.items()):
            archive.writestr(f"{name}_{500 + number}_doubling-1.ipynb", content)
    return path


def test_what_a_platform_must_be_told_is_kept_from_one_zip_to_the_next(tiny: Course) -> None:
    right = notebook(tiny)
    autograder(tiny, "collect", tiny.name, zipped(tiny, ada_1=right, bob_LATE_2=right))
    autograder(tiny, "collect", tiny.name, zipped(tiny, bob_2=right, anon_x7=right))
    assert load(tiny.root, tiny.name) == {
        "ada-1": Upload("canvas", "1", "ada_1_500_"),
        "bob-2": Upload("canvas", "2", "bob_2_500_"),
        "anon_x7": Upload("canvas", "anon_x7", "anon_x7_501_"),
    }
    for student in ("ada-1", "bob-2", "anon_x7"):
        page = tiny.root / "feedback" / student / tiny.name / "doubling.html"
        page.parent.mkdir(parents=True)
        page.write_text(student)
    said = autograder(tiny, "feedback", tiny.name).stdout
    assert said.splitlines() == [
        "feedback/doubling-canvas.zip: the pages of 2 students",
        "Canvas takes no pages back for files without a number: anon_x7.",
    ]
    with zipfile.ZipFile(tiny.root / "feedback/doubling-canvas.zip") as archive:
        assert archive.namelist() == ["ada_1_500_doubling.html", "bob_2_500_doubling.html"]


def test_another_instructor_may_collect_where_one_has_collected(tiny: Course) -> None:
    with (tiny.root / "nbgrader_config.py").open("a") as config:
        config.write("\nc.CourseDirectory.groupshared = True\n")
    autograder(tiny, "collect", tiny.name, zipped(tiny, ada_1=notebook(tiny)))
    for place in ("submitted", "submitted/ada-1", "submitted/ada-1/doubling"):
        assert (tiny.root / place).stat().st_mode & 0o2770 == 0o2770, place


def submitted(course: Course) -> dict[str, bytes]:
    paths = (course.root / "submitted").rglob("*")
    return {
        path.relative_to(course.root / "submitted").as_posix(): path.read_bytes()
        for path in paths
        if path.is_file()
    }


def test_grade_knows_the_zip_of_a_platform(tiny: Course) -> None:
    wrong = notebook(tiny, double=WRONG)
    path = zipped(tiny, lovelaceada_1=notebook(tiny), babbagecharles_LATE_2=wrong)
    found = {each["student"]: each for each in result(tiny, path)["submissions"]}
    assert {name: each["score"] for name, each in found.items()} == {
        "lovelaceada-1": 11.0,
        "babbagecharles-2": 8.0,
    }
    assert found["babbagecharles-2"]["observations"] == ["Canvas says that it was handed in late."]


def test_a_zip_goes_into_the_gradebook_by_two_commands(
    released_tiny: Course, tmp_path: Path
) -> None:
    course = released_tiny.copy(tmp_path / "course")
    path = zipped(course, lovelaceada_1=notebook(course), babbagecharles_LATE_2=b"broken")
    done = course.run("autograder", "collect", course.name, path)
    assert done.stdout.splitlines() == [
        "2 new, 0 unchanged, 0 replaced, 0 not copied.",
        "babbagecharles-2: Canvas says that it was handed in late.",
    ]
    assert set(submitted(course)) == {
        "lovelaceada-1/doubling/doubling.ipynb",
        "babbagecharles-2/doubling/doubling.ipynb",
    }
    course.run("autograder", "grade", course.name, "--gradebook")
    with Gradebook(f"sqlite:///{course.root}/gradebook.db") as gradebook:
        scores = {
            each.student.id: each.score for each in gradebook.assignment_submissions(course.name)
        }
    assert scores == {"lovelaceada-1": 11.0, "babbagecharles-2": 0.0}


def test_a_later_zip_replaces_what_has_changed_and_says_so(tiny: Course) -> None:
    right, wrong = notebook(tiny), notebook(tiny, double=WRONG)
    autograder(tiny, "collect", tiny.name, zipped(tiny, ada_1=right, bob_2=wrong))
    done = autograder(tiny, "collect", tiny.name, zipped(tiny, ada_1=right, bob_2=right))
    assert done.stdout.splitlines() == [
        "0 new, 1 unchanged, 1 replaced, 0 not copied.",
        "replaced: bob-2",
    ]
    assert submitted(tiny)["bob-2/doubling/doubling.ipynb"].decode() == right


def test_what_cannot_be_put_there_is_named_and_nobody_is_passed_over(tiny: Course) -> None:
    for folder in ("one", "two"):
        (tiny.root / folder).mkdir()
        (tiny.root / folder / "ada.ipynb").write_text(notebook(tiny))
    done = autograder(tiny, "collect", tiny.name, "one", "two", status=1)
    assert done.stdout.splitlines()[0] == "0 new, 0 unchanged, 0 replaced, 2 not copied."
    assert "other notebooks have the same name, so it does not say which student's" in done.stdout
    path = zipped(tiny, ada_1=notebook(tiny), bob_2=b"")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("eve_3_text.html", "<p>my answer</p>")
    done = autograder(tiny, "collect", tiny.name, path, status=1)
    assert "not copied: " in done.stdout
    assert "eve-3" in done.stdout
    assert not (tiny.root / "submitted" / "eve-3").exists()
    assert "does not exist: check the path" in one_line(
        autograder(tiny, "collect", tiny.name, "nowhere.zip", status=2)
    )


@pytest.mark.parametrize("name", ["../../evil_1", "/evil_1", "..\\evil_1"])
def test_no_name_in_a_zip_leads_out_of_the_students_folder(tiny: Course, name: str) -> None:
    before = {*tiny.root.parent.iterdir()}
    autograder(tiny, "collect", tiny.name, zipped(tiny, **{name: notebook(tiny)}))
    (place,) = submitted(tiny)
    assert place.startswith(("evil-1/", "evil_1_500_doubling-1/"))
    assert {*tiny.root.parent.iterdir()} == before


def test_a_name_that_is_too_long_for_a_folder_costs_nobody_else(tiny: Course) -> None:
    path = tiny.root / "in.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("a" * 256, "b" * 255, "\u00e9" * 128):
            archive.writestr(f"{name}.ipynb", notebook(tiny))
    done = autograder(tiny, "collect", tiny.name, "in.zip", status=1)
    assert done.stdout.startswith("1 new, 0 unchanged, 0 replaced, 2 not copied.")
    assert submitted(tiny).keys() == {f"{'b' * 255}/{tiny.name}/{tiny.name}.ipynb"}


def test_the_folders_of_other_assignments_are_left_alone(tiny: Course) -> None:
    (tiny.root / "assignments" / "tripling").mkdir()
    (tiny.root / "assignments" / "tripling" / "lesson.md").write_text("# Tripling\n")
    for place in ("ada/doubling/doubling", "ada/tripling/tripling", "bob/tripling/tripling"):
        (tiny.root / "in" / place).parent.mkdir(parents=True, exist_ok=True)
        (tiny.root / "in" / f"{place}.ipynb").write_text(notebook(tiny))
    done = autograder(tiny, "collect", tiny.name, "in")
    assert done.stdout.splitlines() == ["1 new, 0 unchanged, 0 replaced, 0 not copied."]


def test_grading_needs_no_collecting(tiny: Course) -> None:
    done = grade(tiny, zipped(tiny, ada_1=notebook(tiny), bob_2=b""))
    assert "ada-1  11/11 points" in done.stdout
    assert "bob-2  rejected" in done.stdout
    assert not (tiny.root / "submitted").exists()


def test_nothing_is_written_through_a_link_that_is_there_already(tiny: Course) -> None:
    submitted, outside = tiny.root / "submitted", tiny.root / "outside"
    outside.mkdir()
    (outside / "victim").write_text("untouched")
    for student in ("ada-1", "bob-2", "cy-3"):
        (submitted / student / tiny.name).mkdir(parents=True)
    (submitted / "ada-1" / tiny.name / f"{tiny.name}.ipynb").symlink_to(outside / "victim")
    (submitted / "bob-2" / tiny.name).rmdir()
    (submitted / "bob-2" / tiny.name).symlink_to(outside)
    os.mkfifo(submitted / "cy-3" / tiny.name / f"{tiny.name}.ipynb")
    path = zipped(tiny, **dict.fromkeys(("ada_1", "bob_2", "cy_3", "zoe_4"), notebook(tiny)))
    done = autograder(tiny, "collect", tiny.name, path, status=1)
    assert done.stdout.startswith("1 new, 0 unchanged, 2 replaced, 1 not copied.")
    assert (
        "bob-2/doubling/doubling.ipynb is reached through a link, and links are not followed."
        in " ".join(done.stdout.split())
    )
    assert [each.name for each in outside.iterdir()] == ["victim"]
    assert (outside / "victim").read_text() == "untouched"
    for student in ("ada-1", "cy-3", "zoe-4"):
        file = submitted / student / tiny.name / f"{tiny.name}.ipynb"
        assert not file.is_symlink()
        assert file.read_text() == notebook(tiny)
        assert [file] == list(file.parent.iterdir())


def test_own_files_that_a_later_submission_lacks_are_removed(tiny: Course) -> None:
    home, handed_in = tiny.root / "submitted/ada" / tiny.name, tiny.root / "class"
    for student in ("ada", "bob"):
        (handed_in / student / "data").mkdir(parents=True)
        (handed_in / student / f"{tiny.name}.ipynb").write_text(notebook(tiny))
        for name in ("helpers.py", "data/x.csv"):
            (handed_in / student / name).write_text("")
    autograder(tiny, "collect", tiny.name, handed_in)
    (home / "of the instructor.txt").write_text("")
    (handed_in / "ada/helpers.py").unlink()
    done = autograder(tiny, "collect", tiny.name, handed_in)
    assert done.stdout.splitlines() == [
        "0 new, 1 unchanged, 1 replaced, 0 not copied.",
        "replaced: ada",
        "ada: These files of an earlier submission were removed: helpers.py.",
    ]
    here = {path.relative_to(home).as_posix() for path in home.rglob("*") if path.is_file()}
    assert here == {f"{tiny.name}.ipynb", "data/x.csv", "of the instructor.txt"}
    assert (tiny.root / "submitted/bob" / tiny.name / "helpers.py").is_file()
    done = autograder(tiny, "collect", tiny.name, handed_in)
    assert done.stdout.splitlines() == ["0 new, 2 unchanged, 0 replaced, 0 not copied."]


def test_no_file_is_removed_through_a_link(tiny: Course) -> None:
    home, handed_in = tiny.root / "submitted/ada" / tiny.name, tiny.root / "class"
    for student in ("ada", "bob"):
        (handed_in / student / "data").mkdir(parents=True)
        (handed_in / student / f"{tiny.name}.ipynb").write_text(notebook(tiny))
        (handed_in / student / "data/x.csv").write_text("")
    autograder(tiny, "collect", tiny.name, handed_in)
    (home / "data").rename(tiny.root / "outside")
    (home / "data").symlink_to(tiny.root / "outside")
    (handed_in / "ada/data/x.csv").unlink()
    for _again in range(2):  # it is named until it is gone
        done = autograder(tiny, "collect", tiny.name, handed_in, status=1)
        assert "data/x.csv of an earlier submission cannot be removed" in " ".join(
            done.stdout.split()
        )
    assert (tiny.root / "outside/x.csv").is_file()


def test_files_after_one_that_cannot_be_written_are_there(tiny: Course) -> None:
    home = tiny.root / "submitted" / "ada-1" / tiny.name
    (home / "a.py").mkdir(parents=True)
    path = zipped(tiny, ada_1=notebook(tiny))
    with zipfile.ZipFile(path, "a") as archive:
        for number, name in enumerate(("a.py", "b.py")):
            archive.writestr(f"ada_1_{600 + number}_{name}", name)
    done = autograder(tiny, "collect", tiny.name, path, status=1)
    assert "a.py cannot be written" in " ".join(done.stdout.split())
    assert (home / "b.py").read_text() == "b.py"


@pytest.mark.parametrize("depth", range(4))
def test_a_students_own_file_is_not_written_through_a_link(tiny: Course, depth: int) -> None:
    folders = ("data", "a", "b", "c")
    home, outside = tiny.root / "submitted/ada" / tiny.name, tiny.root / "outside"
    outside.mkdir()
    link = home.joinpath(*folders[: depth + 1])
    link.parent.mkdir(parents=True)
    link.symlink_to(outside)
    for student in ("ada", "bob"):
        own = tiny.root.joinpath("class", student, *folders, "x.csv")
        own.parent.mkdir(parents=True)
        own.write_text("1,2")
        (tiny.root / "class" / student / f"{tiny.name}.ipynb").write_text(notebook(tiny))
    done = autograder(tiny, "collect", tiny.name, tiny.root / "class", status=1)
    assert "x.csv is reached through a link, and links are not followed" in " ".join(
        done.stdout.split()
    )
    assert list(outside.iterdir()) == []
    assert (home / f"{tiny.name}.ipynb").is_file()
    assert (tiny.root.joinpath("submitted/bob", tiny.name, *folders) / "x.csv").is_file()


def test_what_is_neither_a_notebook_nor_a_zip_makes_no_student(tiny: Course) -> None:
    path = tiny.root / "results.json"
    path.write_text("{}")
    done = autograder(tiny, "collect", tiny.name, path, status=2)
    assert one_line(done) == (
        f"autograder: {path} is neither a notebook nor a zip: name the file that you downloaded."
    )
    assert not (tiny.root / "submitted").exists()


def test_the_files_beside_a_notebook_are_collected_with_it(tiny: Course) -> None:
    path = zipped(tiny, ada_1=notebook(tiny), bob_2=notebook(tiny))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("ada_1_600_helpers.py", "x = 1")
        archive.writestr("ada_1_601_doubling.ipynb.csv", "1,2")
    done = autograder(tiny, "collect", tiny.name, path)
    assert done.stdout.startswith("2 new, 0 unchanged, 0 replaced, 0 not copied.")
    home = tiny.root / "submitted" / "ada-1" / tiny.name
    assert (home / "helpers.py").read_text() == "x = 1"
    assert (home / "doubling.ipynb.csv").read_text() == "1,2"
    assert autograder(tiny, "collect", tiny.name, path).stdout.startswith("0 new, 2 unchanged")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("bob_2_602_helpers.py", "x = 2")
    done = autograder(tiny, "collect", tiny.name, path)
    assert "replaced: bob-2" in done.stdout


def test_a_file_that_cannot_be_written_is_named_and_the_notebook_is_there(tiny: Course) -> None:
    home = tiny.root / "submitted" / "ada-1" / tiny.name
    (home / "helpers.py").mkdir(parents=True)
    path = zipped(tiny, ada_1=notebook(tiny))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("ada_1_600_helpers.py", "x = 1")
    done = autograder(tiny, "collect", tiny.name, path, status=1)
    assert done.stdout.startswith("1 new, 0 unchanged, 0 replaced, 1 not copied.")
    assert "helpers.py cannot be written" in " ".join(done.stdout.split())
    assert (home / "doubling.ipynb").read_text() == notebook(tiny)
    assert load(tiny.root, tiny.name).keys() == {"ada-1"}


def test_the_notebooks_own_name_is_no_student(tiny: Course) -> None:
    path = tiny.root / f"{tiny.name}.ipynb"
    path.write_text(notebook(tiny))
    done = autograder(tiny, "collect", tiny.name, path, status=1)
    assert "does not say which student's it is" in done.stdout
    assert not (tiny.root / "submitted").exists()


def test_each_notebook_of_an_assignment_of_plain_asserts_is_collected(
    tmp_path: Path, home: Path
) -> None:
    made = plain_course(tmp_path, home, ["part1", "part2"])
    path = made.root / "canvas.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number, name in enumerate(["part1", "part2-1"]):
            archive.writestr(f"lovelaceada_1_{500 + number}_{name}.ipynb", b"%d" % number)
        archive.writestr("stonebob_2_510_part1.ipynb", b"b")
        archive.writestr("riverscyd_3_511_notes.pdf", b"%PDF")
    done = autograder(made, "collect", "hw", path, status=1)
    assert submitted(made) == {
        "lovelaceada-1/hw/part1.ipynb": b"0",
        "lovelaceada-1/hw/part2.ipynb": b"1",
        "stonebob-2/hw/part1.ipynb": b"b",
    }
    lines = done.stdout.splitlines()
    assert lines[0] == "2 new, 0 unchanged, 0 replaced, 1 not copied."
    assert any("only notes.pdf; part1.ipynb, part2.ipynb was expected" in each for each in lines)
    autograder(made, "collect", "hw", path, status=1)
    again = autograder(made, "collect", "hw", path, status=1)
    assert again.stdout.startswith("0 new, 2 unchanged, 0 replaced")


def test_a_name_that_nbgrader_does_not_take_is_said(tmp_path: Path, home: Path) -> None:
    made = plain_course(tmp_path, home, ["lab+extra"], "lab+extra")
    for command in (["grade", "lab+extra", "--gradebook"], ["collect", "lab+extra", "."]):
        done = autograder(made, *command, status=2)
        assert "nbgrader does not take lab+extra" in one_line(done)


@pytest.mark.parametrize("name", ["Lab 1 (a)", "Lab [1]", "c++?*"])
def test_names_with_brackets_are_no_patterns(tmp_path: Path, name: str) -> None:
    coursedir = CourseDirectory(root=str(tmp_path / "[2026] (math)"))
    page = Path(coursedir.format_path("feedback", "ada", name), "hw.html")
    page.parent.mkdir(parents=True)
    page.write_text("")
    pattern = student_pattern(coursedir, "feedback", name)
    (found,) = glob.glob(glob_pattern(coursedir, "feedback", "*", name))
    matched = pattern.fullmatch(found)
    assert matched is not None
    assert matched["student"] == "ada"
    assert without_exchange(coursedir, name) == ["ada"]
    assert without_exchange(coursedir, "Lab 1") == []


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("2026-11-30 15:00:00.000000 UTC", 15),
        ("2026-11-30 15:00:00 CET", 14),
        ("2026-11-30 15:00:00 Europe/Berlin", 14),
        ("2026-11-30 15:00:00+01:00", 14),
        ("2026-11-30 15:00:00 +0100", 14),  # a hundred seconds for nbgrader
        ("2026-11-30 15:00:00 +01:00", 14),
        ("2026-11-30 15:00:00 Z", 15),
        ("2026-11-30 3:00 PM", 15),  # three in the morning for nbgrader
        ("2026-11-30 15:00:00 MESZ", None),  # UTC for nbgrader
        ("30 Nov soon", None),
    ],
)
def test_a_zone_that_is_unknown_is_not_taken_for_another_one(
    tmp_path: Path, text: str, hour: int | None
) -> None:
    (tmp_path / "timestamp.txt").write_text(text)
    when, said = time_of(tmp_path, tmp_path)
    assert (when and (when.day, when.hour, when.minute)) == (hour and (30, hour, 0))
    assert bool(said) == (when is None)
