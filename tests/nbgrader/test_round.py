"""One whole round: from three ways of handing in to the files that go back, held against what is
right by hand.

Twelve students: four on Canvas (one of whom hands in a file that nobody can read), four through
nbgrader's exchange (one of whom hands in nothing), four on Moodle. The first run is killed, two
answers are graded by hand, and a check is withdrawn.
"""

from __future__ import annotations

import csv
import io
import signal
import subprocess
import sys
import zipfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import nbformat
import pytest
from nbgrader.api import Gradebook

from tests.helpers.commands import WRONG, log
from tests.helpers.course import ENVIRONMENT

if TYPE_CHECKING:
    from tests.helpers.course import Course

RIGHT = ("leeann-1001", "kimjo-1002", "ada", "Mia Rossi-3001", "Noa Levi-3002", "Oto Novak-3003")
ONE_WRONG = ("moorepat-1003", "bob", "cleo", "Pia Lund-3004")
UNREADABLE, MISSING = "eveeve-1004", "zoe"
BY_HAND = {"kimjo-1002": 3.0, "cleo": 4.0}
"""What an instructor gives for the answer in words, worth 4; nobody else has written one."""

CANVAS = {
    "leeann-1001": "leeann_1001_5001_doubling.ipynb",
    "kimjo-1002": "kimjo_LATE_1002_5002_doubling-1.ipynb",
    "moorepat-1003": "moorepat_1003_5003_doubling.ipynb",
    UNREADABLE: "eveeve_1004_5004_doubling.ipynb",
}
MOODLE = {
    "Mia Rossi-3001": "Mia Rossi_3001_assignsubmission_file",
    "Noa Levi-3002": "Noa Levi_3002_assignsubmission_file",
    "Oto Novak-3003": "Oto Novak_3003_assignsubmission_file",
    "Pia Lund-3004": "Pia Lund_3004_assignsubmission_file",
}
EXCHANGE = ("ada", "bob", "cleo")

WITHDRAWN = ("points=3, after", 'points=3, void="It asked too much.", after')

FINAL = {
    **dict.fromkeys(RIGHT, 11.0),
    **dict.fromkeys(ONE_WRONG, 11.0),  # 8, and 3 when the check that they failed is withdrawn
    "kimjo-1002": 14.0,
    "cleo": 15.0,
}

KILLED = """
import os, signal
from autograder.cli.main import main
from autograder.nbgrader.student_folders import Folders
Folders.put = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
main(["grade", "doubling", "--gradebook", "--workers", "1"])
"""
"""Kills a run when the gradebook is written and the folders are not in their places."""


@dataclass
class Round:
    """What the commands printed, by what they are, and the exported files."""

    course: Course
    said: dict[str, str] = field(default_factory=dict)
    files: dict[str, list[dict[str, str]]] = field(default_factory=dict)

    def grades(self, student: str) -> dict[str, tuple[float | None, float, bool]]:
        """The automatic score, the score that counts, and whether it waits, by the grade cell."""
        name = self.course.name
        with self.gradebook() as gradebook:
            return {
                each.name: (each.auto_score, each.score, each.needs_manual_grade)
                for each in gradebook.find_submission_notebook(name, name, student).grades
            }

    def gradebook(self) -> Any:
        return Gradebook(f"sqlite:///{self.course.root}/gradebook.db")

    def page(self, student: str) -> str:
        name = self.course.name
        return (self.course.root / "feedback" / student / name / f"{name}.html").read_text()

    def export(self, exporter: str, file: str, key: str) -> None:
        """Export, and read the file as platforms do: by the names of its columns."""
        done = self.course.run("nbgrader", "export", f"--exporter=autograder.nbgrader.{exporter}")
        self.said[key] = done.stderr
        with (self.course.root / file).open(newline="", encoding="utf-8") as lines:
            self.files[key] = list(csv.DictReader(lines, strict=True))

    def grade(self, *words: str) -> str:
        command = ("autograder", "grade", self.course.name, *words, "--workers", "1")
        return self.course.run(*command).stdout


def written(course: Course, student: str) -> bytes:
    changed = {"double": WRONG} if student in ONE_WRONG else {}
    changed |= {"why": "It does not."} if student in BY_HAND else {}
    return str(nbformat.writes(course.lesson.filled({**course.solutions, **changed}))).encode()


def hand_in(course: Course) -> None:
    with zipfile.ZipFile(course.root / "canvas.zip", "w") as archive:
        for student, name in CANVAS.items():
            broken = student == UNREADABLE
            archive.writestr(name, b"<<<<<<< HEAD" if broken else written(course, student))
    with zipfile.ZipFile(course.root / "moodle.zip", "w") as archive:
        for student, folder in MOODLE.items():
            archive.writestr(f"{folder}/homework.ipynb", written(course, student))
    for student in EXCHANGE:
        beside = course.submit(student, written(course, student)).parent
        (beside / "timestamp.txt").write_text("2030-01-01 11:00:00.000000 UTC")
        (beside / "submission_secret.txt").write_text(f"{student}'s own")
    (course.root / "students.csv").write_text("id\n" + "\n".join([*EXCHANGE, MISSING]) + "\n")


def mark_by_hand(played: Round) -> None:
    name = played.course.name
    with played.gradebook() as gradebook:
        for student, points in BY_HAND.items():
            grade = gradebook.find_grade("why", name, name, student)
            grade.manual_score, grade.needs_manual_grade = points, False
        gradebook.db.commit()


@pytest.fixture(scope="module")
def played(released_tiny: Course, tmp_path_factory: pytest.TempPathFactory) -> Round:
    top = tmp_path_factory.mktemp("round")
    course = released_tiny.copy(top / "course").quick()
    name, checks = course.name, course.root / f"assignments/{course.name}/checks.py"
    (top / "exchange").mkdir()
    with (course.root / "nbgrader_config.py").open("a") as config:
        config.write(f"\nc.Exchange.root = {str(top / 'exchange')!r}\n")
    played = Round(course)
    hand_in(course)
    course.run("nbgrader", "db", "student", "import", "students.csv")
    course.run("autograder", "collect", name, "canvas.zip", "moodle.zip")
    killed = subprocess.run(
        [sys.executable, "-c", KILLED], cwd=course.root, env={**ENVIRONMENT, **course.homes}
    )
    assert killed.returncode == -signal.SIGKILL
    played.said["first"] = played.grade("--gradebook")
    mark_by_hand(played)
    played.said["marked"] = played.grade("--gradebook")
    checks.write_text(checks.read_text().replace(*WITHDRAWN))
    played.said["dry"] = played.grade("submitted", "--dry-run")
    played.said["regraded"] = played.grade("--gradebook")
    played.export("Canvas", "canvas.csv", "canvas")
    played.export("Moodle", "moodle.csv", "moodle")
    played.export("MoodleWorksheet", "moodle-worksheet.csv", "worksheet")
    played.said["feedback"] = course.run("autograder", "feedback", name).stdout
    played.said["released"] = course.run("nbgrader", "release_feedback", name).stderr
    return played


def test_every_student_has_in_the_gradebook_what_is_right_by_hand(played: Round) -> None:
    for student, points in FINAL.items():
        found = played.grades(student)
        assert sum(score for _auto, score, _waits in found.values()) == points, student
        assert not any(waits for *_scores, waits in found.values()), student
    assert set(played.grades(UNREADABLE).values()) == {(None, 0.0, True)}
    with played.gradebook() as gradebook:
        assert {each.id for each in gradebook.students} == {*FINAL, UNREADABLE, MISSING}
        submitted = gradebook.assignment_submissions(played.course.name)
        assert {each.student.id for each in submitted} == {*FINAL, UNREADABLE}


def test_who_handed_in_nothing_is_named_and_who_cannot_be_read_waits(played: Round) -> None:
    for run in ("first", "marked", "regraded"):
        said = " ".join(played.said[run].split())
        assert f"No submission from: {MISSING}." in said
        assert "rejected, needs review" in said or "0*" in said
    assert "submissions in the gradebook need manual grading" in " ".join(
        played.said["first"].split()
    )
    regraded = " ".join(played.said["regraded"].split())
    assert "1 submission in the gradebook needs manual grading" in regraded
    assert f"open points 0: autograder confirm {played.course.name} STUDENT" in regraded
    assert "Some points are not decided yet" in played.page(UNREADABLE)
    assert "could not be read" in played.page(UNREADABLE)


def test_a_killed_run_and_grading_by_hand_change_no_recorded_points(played: Round) -> None:
    for run in ("first", "marked"):
        assert "changed, " not in played.said[run]


def test_what_the_withdrawn_check_changed_is_told_before_and_logged_after(played: Round) -> None:
    assert "4 scores would change, 0 of them lower." in played.said["dry"]
    assert "4 scores changed, 0 of them lower." in played.said["regraded"]
    found = {
        each["student"]: (each["before"]["score"], each["now"]["score"], each["book"])
        for each in log(played.course)
    }
    assert found == dict.fromkeys(ONE_WRONG, (8.0, 11.0, "gradebook"))


def test_each_platform_gets_its_own_students_by_its_own_numbers(played: Round) -> None:
    possible, *students = played.files["canvas"]
    assert (possible["Student"].strip(), possible["doubling"]) == ("Points Possible", "15")
    assert {(each["ID"], each["SIS Login ID"]): float(each["doubling"]) for each in students} == {
        ("1001", ""): 11.0,
        ("1002", ""): 14.0,
        ("1003", ""): 11.0,
        ("", "ada"): 11.0,
        ("", "bob"): 11.0,
        ("", "cleo"): 15.0,
    }
    assert {each["Username"]: each["doubling"] for each in played.files["moodle"]} == {
        "ada": "11",
        "bob": "11",
        "cleo": "15",
    }
    assert {each["Identifier"]: each["Grade"] for each in played.files["worksheet"]} == {
        f"Participant {number}": "11" for number in range(3001, 3005)
    }


CANVAS_EXAMPLE = """\
Student,ID,SIS User ID,SIS Login ID,Section,Assignment 1
    Points Possible,,,,
"""
"""From Canvas's own tests of its importer: https://github.com/instructure/canvas-lms,
spec/lib/gradebook_importer_spec.rb, "User lookup"."""

WORKSHEET_EXAMPLE = (
    'Identifier,"Full name","Email address",Status,Grade,"Maximum grade","Grade can be changed",'
    '"Last modified (submission)","Last modified (grade)","Feedback comments"\n'
)
"""The columns that Moodle itself writes: github.com/moodle/moodle: mod/assign/gradingtable.php
has their order, and mod/assign/lang/en/assign.php their English names."""


def test_the_files_have_the_form_of_the_platforms_own_examples(played: Round) -> None:
    def rows(file: str) -> list[list[str]]:
        return list(csv.reader(io.StringIO((played.course.root / file).read_text()), strict=True))

    (*about, _assignment), possible = csv.reader(io.StringIO(CANVAS_EXAMPLE))
    names, points, *students = rows("canvas.csv")
    assert names == [*about, "doubling"]  # Canvas finds the assignments after the section
    assert points == [*possible, "15"]
    assert {len(each) for each in students} == {len(names)}  # it counts them to find the separator
    assert all(each[1].isdecimal() or each[3] for each in students)  # or it would make new students

    (example,) = csv.reader(io.StringIO(WORKSHEET_EXAMPLE))
    columns, *participants = rows("moodle-worksheet.csv")
    assert columns == [each for each in example if each in columns]
    assert {"Identifier", "Grade", "Last modified (grade)"} <= {*columns}  # or it reads none of it
    for each in participants:  # the number stands behind Moodle's word for a hidden name
        assert each[0].removeprefix("Participant ").isdecimal()
        assert 0 <= float(each[columns.index("Grade")]) <= 15  # others are skipped without a word


def test_exports_name_everybody_whom_they_leave_out(played: Round) -> None:
    for key, others in {
        "canvas": MOODLE,
        "moodle": [*CANVAS, *MOODLE],
        "worksheet": CANVAS,
    }.items():
        named = played.said[key]
        assert all(student in named for student in [*others, UNREADABLE, MISSING]), key
        assert f"nothing of theirs is in the gradebook: {MISSING}" in named
        assert f"their answers need review first: {UNREADABLE}" in named


def test_pages_go_back_as_each_platform_takes_them(played: Round) -> None:
    folder = played.course.root / "feedback"
    with zipfile.ZipFile(folder / "doubling-canvas.zip") as archive:
        # Canvas looks for the first two numbers between underscores: the user's and the file's.
        found = {
            tuple(part for part in name.split("_") if part.isdecimal())[:2]: archive.read(name)
            for name in archive.namelist()
        }
    numbers = {student: ("100" + str(n), "500" + str(n)) for n, student in enumerate(CANVAS, 1)}
    assert found == {numbers[student]: played.page(student).encode() for student in CANVAS}
    with zipfile.ZipFile(folder / "doubling-moodle.zip") as archive:
        parts = {name: name.split("/")[0].split("_", 4) for name in archive.namelist()}
        # Moodle wants the participant's number second, then the kind and the name of the plugin.
        assert sorted((part[0], *part[2:4]) for part in parts.values()) == sorted(
            (student.rpartition("-")[0], "assignsubmission", "file") for student in MOODLE
        )
        pages = {f"{part[0]}-{part[1]}": archive.read(name) for name, part in parts.items()}
    assert pages == {student: played.page(student).encode() for student in MOODLE}


def test_the_exchange_releases_the_others_pages_and_names_the_rest(played: Round) -> None:
    released = list((played.course.root.parent / "exchange").rglob("*.html"))
    assert sorted(page.read_text() for page in released) == sorted(map(played.page, EXCHANGE))
    assert "did not submit through the exchange" in played.said["released"]
    assert all(student in played.said["released"] for student in [*CANVAS, *MOODLE])


def test_once_confirmed_the_unreadable_file_counts_as_zero(played: Round, tmp_path: Any) -> None:
    course = played.course.copy(tmp_path / "course")
    again = Round(course)
    said = course.run("autograder", "confirm", course.name, UNREADABLE).stdout
    assert f"Points that nobody had decided count as 0 for {UNREADABLE}" in said
    again.grade("--gradebook")
    assert {(score, waits) for _auto, score, waits in again.grades(UNREADABLE).values()} == {
        (0.0, False)
    }
    assert "not decided yet" not in again.page(UNREADABLE)
    again.export("Canvas", "canvas.csv", "canvas")
    assert {each["ID"]: each["doubling"] for each in again.files["canvas"]}["1004"] == "0"
    # Another file of hers is another thing to look at.
    path = course.root / "submitted" / UNREADABLE / course.name / f"{course.name}.ipynb"
    path.write_bytes(b"=======")
    again.grade("--gradebook")
    assert any(waits for *_scores, waits in again.grades(UNREADABLE).values())
