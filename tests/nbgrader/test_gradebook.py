"""`autograder grade --gradebook` writes what nbgrader's own commands write, table by table."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import nbformat
import pytest
from nbgrader.api import Gradebook

from tests.helpers import postgresql
from tests.helpers.rounds import LATE, ROUNDS, Played, Seen, seen, url_of

if TYPE_CHECKING:
    from tests.helpers.course import Course

pytestmark = pytest.mark.timeout(900)  # nbgrader takes some seconds for each of the class

SECRET = {"AUTOGRADER_SECRET": "2a" * 32}
"""Of both courses, so that their judges ask the same."""

CONFIG = """
c.AssignLatePenalties.plugin_class = "late.TenthAnHour"
c.CourseDirectory.course_id = "doubling for all"
c.Grade.flag_all_manual_scores = True
"""

FAULT = """\
    if student.double(2.0).value == 5.0:
        raise LookupError("a fault of ours")
"""
"""What a check of ours does wrong, for a student who doubles two to five."""

WRONG = {
    "double": "def double(number):\n    return number * number + number\n",
    "total_of_doubles": "def total_of_doubles(numbers):\n    return sum(numbers)\n",
    "why": "Because.",
}

TO_FIVE = "def double(number):\n    return 2 * number if number != 2 else 5.0\n"

LOUD = """\
import sys
print("<b>bold</b> & \\x1b[31mred\\x1b[0m", '"quoted"')
print("to standard error", file=sys.stderr)
{"a": [1, 2]}
"""

TEXT = """\
# A heading

An <img src="x.png"> without a word, a table, <i>unclosed and $a_1 < b_2$.

| a | b |
|---|---|
| 1 | `&amp;` |
"""

ONLY_ONCE = ("old", "own", "unnamed", "utf16", "which", "with files")
"""Who withdraws before the class is graded again."""


def hand_in(course: Course) -> None:
    """A class of all kinds."""
    right = {**course.solutions, "why": "Because."}
    own = course.handed_in({**right, "why": 'Because $a + b = b + a$.\n\n- and `"so"` on'})
    own.cells.insert(0, nbformat.v4.new_code_cell(LOUD, id="loud"))
    own.cells.append(nbformat.v4.new_markdown_cell(TEXT, id="text"))
    for student, content in {
        "broken": b'{"cells": [{"cell_type": "code", "source": ["import nu',
        "doubtful": course.handed_in({**right, "double": TO_FIVE}),
        "forgiven": course.handed_in(right),
        "half": course.handed_in({**right, "total_of_doubles": WRONG["total_of_doubles"]}),
        "late": course.handed_in({**right, "double": WRONG["double"]}),
        "later": course.handed_in(right),
        "old": nbformat.convert(course.handed_in(right), 3),
        "own": own,
        "right": course.handed_in(right),
        "stub": course.handed_in({}),
        "unnamed": course.handed_in(right),
        "utf16": json.dumps(course.handed_in(right)).encode("utf-16"),
        "which": course.handed_in(right),
        "with files": course.handed_in(right),
        "wrong": course.handed_in(WRONG),
    }.items():
        path = course.submit(student, content)
        stamp = path.with_name("timestamp.txt")
        stamp.write_text("2030-01-01 11:59:00.000000 UTC\n")
    at = course.root / "submitted"
    file = f"{course.name}/{course.name}.ipynb"
    for student in ("late", "forgiven"):
        (at / student / course.name / "timestamp.txt").write_text("2030-01-01 15:30:00 UTC")
    (at / "later" / course.name / "timestamp.txt").write_text("2030-01-03 12:00:00 UTC")
    (at / "wrong" / course.name / "timestamp.txt").unlink()
    (at / "half" / course.name / "timestamp.txt").write_text("")
    (at / "unnamed" / file).rename(at / "unnamed" / course.name / "my homework.ipynb")
    (at / "which" / file).rename(at / "which" / course.name / "one.ipynb")
    shutil.copy(at / "which" / course.name / "one.ipynb", at / "which" / course.name / "two.ipynb")
    files = at / "with files" / course.name
    shutil.copy(files / f"{course.name}.ipynb", files / "second.ipynb")
    (files / "data").mkdir()
    (files / "data" / "numbers.csv").write_text("1,2\n")
    (files / "data" / "more.csv").symlink_to("/etc/hostname")
    (files / ".ipynb_checkpoints").mkdir()
    (files / ".ipynb_checkpoints" / "kept.txt").write_text("by Jupyter")
    os.mkfifo(files / "pipe")


def prepare(course: Course, url: str | None = None) -> None:
    """Makes a released course into that of the class."""
    config = course.root / "nbgrader_config.py"
    if url is not None:
        config.write_text(config.read_text() + f"c.CourseDirectory.db_url = {url!r}\n")
        course.run("nbgrader", "generate_assignment", course.name, "--force")
    (course.root / "late.py").write_text(LATE)
    config.write_text(config.read_text() + CONFIG)
    checks = course.root / "assignments/doubling/checks.py"
    place = "    large_number ="
    assert place in checks.read_text()
    checks.write_text(checks.read_text().replace(place, f"{FAULT}{place}"))
    course.run(
        "nbgrader", "db", "assignment", "add", course.name, "--duedate", "2030-01-01 12:00 UTC"
    )
    course.run("nbgrader", "db", "student", "add", "right", "--last-name", "Ada")
    hand_in(course)


def by_nbgrader(course: Course) -> None:
    course.run("nbgrader", "autograde", course.name, "--force", env=SECRET)
    course.run("nbgrader", "generate_feedback", course.name, "--force", env=SECRET)


def in_bulk(course: Course) -> None:
    # A check fails by itself, and the marks of who is concerned are provisional.
    course.run("autograder", "grade", course.name, "--gradebook", env=SECRET, status=3)


def enter_by_hand(url: str, name: str) -> None:
    """What a person enters in the formgrader."""
    with Gradebook(url) as gradebook:
        for cell, student, score, extra in (
            ("why", "right", 3.5, None),
            ("double_hidden", "wrong", 2.0, 0.5),
            ("double_hidden", "doubtful", 4.0, None),
            ("total_of_doubles_hidden", "late", None, 1.5),
            ("double_hidden", "broken", 1.0, None),
        ):
            grade = gradebook.find_grade(cell, name, name, student)
            grade.manual_score = score
            grade.extra_credit = extra
            grade.needs_manual_grade = False
        gradebook.find_comment("why", name, name, "right").manual_comment = "It *does* matter."
        gradebook.find_comment("double", name, name, "stub").manual_comment = "Come & see me."
        gradebook.find_submission_notebook(name, name, "half").flagged = True
        gradebook.grant_extension(name, "later", days=1)
        gradebook.db.commit()


def play(course: Course, grade: Callable[[Course], None], url: str) -> list[Seen]:
    """Grades a class, has a person mark some by hand, and grades it again."""
    grade(course)
    first = seen(course, url)
    enter_by_hand(url, course.name)
    notebook = course.root / "submitted/half/doubling/doubling.ipynb"
    text = notebook.read_text()
    assert "sum(numbers)" in text
    notebook.write_text(text.replace("sum(numbers)", "2 * sum(numbers)"))
    (notebook.with_name("timestamp.txt")).write_text("2030-01-02 12:00:00 UTC")
    for student in ONLY_ONCE:
        shutil.rmtree(course.root / "submitted" / student)
    grade(course)
    return [first, seen(course, url)]


@pytest.fixture(scope="module")
def theirs(released_tiny: Course, tmp_path_factory: pytest.TempPathFactory) -> Played:
    """By nbgrader's own commands."""
    course = released_tiny.copy(tmp_path_factory.mktemp("nbgrader") / "course")
    prepare(course)
    return Played(course, play(course, by_nbgrader, url_of(course)))


@pytest.fixture(scope="module")
def ours(released_tiny: Course, tmp_path_factory: pytest.TempPathFactory) -> Played:
    """The same class in another course, in bulk."""
    course = released_tiny.copy(tmp_path_factory.mktemp("bulk") / "course")
    prepare(course)
    return Played(course, play(course, in_bulk, url_of(course)))


@pytest.fixture(scope="module")
def on_server(
    released_tiny: Course, server: str, tmp_path_factory: pytest.TempPathFactory
) -> list[Seen]:
    """The same again, with the gradebook on a server."""
    url = postgresql.create("gradebook", server)
    course = released_tiny.copy(tmp_path_factory.mktemp("server") / "course")
    (course.root / "gradebook.db").unlink()
    prepare(course, url)
    return play(course, in_bulk, url)


@ROUNDS
def test_every_table_of_the_gradebook_says_the_same(
    theirs: Played, ours: Played, number: int
) -> None:
    wanted, found = theirs.rounds[number].tables, ours.rounds[number].tables
    assert found.keys() == wanted.keys()
    for name, table in wanted.items():
        assert found[name] == table, name
    assert len(found["submitted_assignment"]) == 15


@ROUNDS
def test_every_file_in_the_folders_is_the_same_and_may_be_read_and_written_by_the_same(
    theirs: Played, ours: Played, number: int
) -> None:
    wanted, found = theirs.rounds[number].files, ours.rounds[number].files
    assert found.keys() == wanted.keys()
    assert [name for name, file in wanted.items() if found[name] != file] == []
    assert any(name.endswith("numbers.csv") for name in found if name.startswith("autograded"))


@ROUNDS
def test_nbgrader_exports_the_same(theirs: Played, ours: Played, number: int) -> None:
    assert ours.rounds[number].export == theirs.rounds[number].export


def by_student(seen: Seen, table: str, cell: str) -> dict[str, dict[str, Any]]:
    """Return the rows of a table that are about one cell, by the student."""
    rows = [dict(row) for row in seen.tables[table]]
    found = [row for row in rows if dict(row["cell_id"])["name"] == cell]
    return {
        dict(dict(dict(row["notebook_id"])["assignment_id"])["student_id"])["id"]: row
        for row in found
    }


def test_the_class_is_of_all_kinds(ours: Played) -> None:
    first, again = ours.rounds
    scores = by_student(first, "grade", "double_hidden")
    assert scores["right"]["auto_score"] == scores["old"]["auto_score"] == 4
    assert scores["utf16"]["auto_score"] == scores["unnamed"]["auto_score"] == 4
    assert scores["wrong"]["auto_score"] == 1
    # One of two checks is not decided, and the file cannot be read.
    for student, points in (("doubtful", 1), ("broken", None)):
        assert scores[student]["auto_score"] == points
        assert scores[student]["needs_manual_grade"]
    penalties = {row["student_id"]: float(row["late_submission_penalty"]) for row in first.export}
    assert penalties["late"] == pytest.approx(3 * 8 / 10)
    assert penalties["later"] == 11  # and not four times as much
    assert penalties["right"] == penalties["forgiven"] == 0
    assert "could not be read" in by_student(first, "comment", "double")["broken"]["auto_comment"]
    assert again.export != first.export


def test_scores_by_hand_survive_and_ask_to_be_looked_at(ours: Played) -> None:
    before, after = (by_student(each, "grade", "double_hidden") for each in ours.rounds)
    assert (after["wrong"]["manual_score"], after["wrong"]["extra_credit"]) == (2.0, 0.5)
    assert after["wrong"]["needs_manual_grade"]
    assert not before["wrong"]["needs_manual_grade"]
    comments = by_student(ours.rounds[1], "comment", "double")
    assert comments["stub"]["manual_comment"] == "Come & see me."
    page, _ = ours.rounds[1].files["feedback/stub/doubling/doubling.html"]
    assert b"Come &amp; see me." in page


@ROUNDS
def test_a_gradebook_in_postgresql_holds_the_same_as_one_in_sqlite(
    ours: Played, on_server: list[Seen], number: int
) -> None:
    wanted, found = ours.rounds[number], on_server[number]
    for name, table in wanted.tables.items():
        assert found.tables[name] == table, name
    assert found.export == wanted.export
    assert found.files == wanted.files


def test_for_nbgrader_all_is_done(ours: Played) -> None:
    done = ours.course.run("nbgrader", "autograde", ours.course.name, env=SECRET)
    assert done.stderr.count("Skipping existing assignment") == 15 - len(ONLY_ONCE)
    assert seen(ours.course, url_of(ours.course)) == ours.rounds[1]
