"""Hostile files in a submission cost that submission its files, and nobody anything else."""

from __future__ import annotations

import json
import stat
import subprocess
from collections.abc import Collection, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook

from tests.helpers.course import Course
from tests.helpers.dask import Dask
from tests.helpers.hostile import ATTACKS, CANARY, HONEST, UNREADABLE, set_up, snapshot

pytestmark = pytest.mark.timeout(1800)  # a class, and nbgrader takes a second for each

COMMAND = ("autograder", "grade", "doubling", "--gradebook")

SOME = (
    *("note_through_a_link", "kept_through_a_link", "part_through_a_link", "link_in_macosx"),
    *("pipe_in_macosx", "device_in_macosx", "folder_like_the_page", "long_page"),
    *("nested_without_an_end", "names_that_are_no_text", "folder_like_a_file_of_the_course"),
    *("time_in_a_pipe", "notebook_in_a_pipe", "folder_behind_a_link"),
)
"""What is tried where each takes its time: with plain asserts nbgrader runs a kernel for each."""

PLAIN_CONFIG = """
c = get_config()
c.CourseDirectory.course_id = "plain"
c.Autograde.pre_convert_hook = "autograder.nbgrader.pre_convert"
"""


@dataclass(frozen=True)
class Graded:
    """A class with hostile submissions after it was graded.

    Attributes:
        course: where.
        said: what was said, to the terminal and as observations.
        attacks: the names of those that were tried.
        outside: a folder beside the course.
        before: what was in `submitted/` and outside before.
    """

    course: Course
    said: str
    attacks: Collection[str]
    outside: Path
    before: tuple[set[bytes], set[bytes]]

    def scores(self) -> dict[str, float]:
        """Return the scores in the gradebook, by the students."""
        with Gradebook(f"sqlite:///{self.course.root}/gradebook.db") as gradebook:
            every = gradebook.assignment_submissions(self.course.name)
            return {each.student.id: each.score for each in every}

    def written(self) -> list[Path]:
        """Return all that was written."""
        tops = (self.course.root / name for name in ("autograded", "feedback"))
        return [path for top in tops for path in top.rglob("*")]


def plain(root: Path, home: Path) -> Course:
    """Return a course of nbgrader's own with an assignment of plain asserts."""
    source = root / "source" / "doubling"
    source.mkdir(parents=True)
    (root / "nbgrader_config.py").write_text(PLAIN_CONFIG)
    notebook = nbformat.v4.new_notebook()
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "", "language": "python"}
    solution = "### BEGIN SOLUTION\ndef double(x):\n    return 2 * x\n### END SOLUTION"
    for name, text in {"double": solution, "test": "assert double(2) == 4"}.items():
        told = {"grade_id": name, "schema_version": 3, "task": False, "solution": name == "double"}
        told |= {"grade": name == "test", "locked": name == "test"}
        told |= {"points": 11} if name == "test" else {}
        notebook.cells.append(nbformat.v4.new_code_cell(text, metadata={"nbgrader": told}))
    (source / "doubling.ipynb").write_text(nbformat.writes(notebook))
    course = Course(root, "doubling", home)
    course.run("nbgrader", "generate_assignment", course.name)
    return course


@contextmanager
def elsewhere(folder: Path) -> Iterator[tuple[str, str]]:
    """The options with which a Dask cluster grades."""
    cluster = Dask(folder)
    try:
        cluster.join()
        cluster.wait()
        yield "--scheduler", cluster.address
    finally:
        cluster.end()


@pytest.fixture(
    scope="module",
    params=[
        *("lesson-autograder", "lesson-nbgrader", "lesson-dask"),
        *("plain-autograder", "plain-nbgrader"),
    ],
)
def graded(
    request: pytest.FixtureRequest,
    released_tiny: Course,
    home: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Graded]:
    """The class, graded by one of two routes, for one of two kinds of assignment."""
    kind, route = request.param.split("-")
    root = tmp_path_factory.mktemp(route)
    attacks = SOME if route == "dask" or kind == "plain" else tuple(ATTACKS)
    if kind == "lesson":
        course = released_tiny.copy(root / "course")
        right = course.handed_in(course.solutions)
    else:
        course = plain(root / "course", home)
        right = course.handed_in({"double": "def double(x):\n    return 2 * x"})
    given = course.root / "source" / course.name / "given"
    given.mkdir()
    (given / "numbers.csv").write_text("of the course")
    submitted, outside = course.root / "submitted", root / "outside"
    try:
        set_up(submitted, course.name, json.dumps(right).encode(), outside, attacks)
        before = snapshot(submitted), snapshot(outside)
        yield Graded(course, graded_by(route, course), attacks, outside, before)
    finally:  # pytest does not remove folders that are nested so deep
        subprocess.run(["rm", "-rf", submitted / "nested_without_an_end"], check=True)


def graded_by(route: str, course: Course) -> str:
    """Has a class graded, and gives what was said."""
    root = course.root.parent
    if route == "nbgrader":
        done = course.run("nbgrader", "autograde", course.name)
        feedback = course.run("nbgrader", "generate_feedback", course.name)
        return done.stdout + done.stderr + feedback.stderr
    with elsewhere(root) if route == "dask" else nullcontext(()) as options:
        done = course.run(*COMMAND, "--json", root / "result.json", *options)
    return done.stdout + done.stderr + (root / "result.json").read_text()


def test_everybody_is_graded(graded: Graded) -> None:
    scores = graded.scores()
    assert scores == {
        **dict.fromkeys(HONEST, 11.0),
        **{name: 0.0 if name in UNREADABLE else 11.0 for name in graded.attacks},
    }


def test_nothing_that_was_submitted_and_nothing_outside_was_changed(graded: Graded) -> None:
    assert snapshot(graded.course.root / "submitted") == graded.before[0]
    assert snapshot(graded.outside) == graded.before[1]


def test_nothing_from_outside_is_in_what_was_written(graded: Graded) -> None:
    written = graded.written()
    assert len(written) > len(HONEST) + len(graded.attacks)
    for path in written:
        assert path.is_dir() or stat.S_ISREG(path.lstat().st_mode), path
        if path.is_file():
            assert CANARY.encode() not in path.read_bytes(), path
    assert CANARY not in graded.said


@pytest.mark.parametrize("student", HONEST)
def test_honest_files_are_there_under_their_own_names(graded: Graded, student: str) -> None:
    for step in ("autograded", "feedback"):
        folder = graded.course.root / step / student / graded.course.name
        assert (folder / "data.csv").read_text() == "1,2\n"
        assert (folder / "helpers" / "more.py").read_text() == "x = 1\n"
        assert (folder / "数据 2.csv").read_text() == "3\n"
        assert (folder / "page.html.txt").read_text() == "<b>1</b>"
        assert (folder / "given" / "numbers.csv").read_text() == "of the course"
        assert (folder / f"{graded.course.name}.{'ipynb' if step[0] == 'a' else 'html'}").is_file()


SAID = {
    "note_through_a_link": "x.rejected is left out: it is a link, and links are not followed.",
    "link_in_macosx": "__MACOSX/key.txt is left out: it is a link",
    "link_to_a_folder": "all is left out: it is a link",
    "link_below_sixty_folders": "it is nested more than 50 folders deep.",
    "pipe_in_macosx": "__MACOSX/pipe is left out: it is a pipe, a socket or a device.",
    "device_in_macosx": "__MACOSX/zero is left out: it is a pipe, a socket or a device.",
    "folder_like_the_page": "doubling.html was renamed to doubling-",
    "long_path": "its path is longer than 1000 bytes.",
    "names_that_are_no_text": "lines.txt was renamed to two_lines-",
    "folder_like_a_file_of_the_course": "given/numbers.csv was renamed to numbers-",
    "file_like_a_folder_of_the_course": "given was renamed to given-",
    "time_in_a_pipe": "timestamp.txt is left out: it is a pipe, a socket or a device.",
    "time_that_is_none": "timestamp.txt contains no valid submission time",
    "time_with_a_file_for_its_zone": "timestamp.txt contains no valid submission time",
    "many_files": "The submission has more than 1000 files: those from",
    "large_file": "large.bin is left out: it is larger than 128 MB.",
    "folder_behind_a_link": "the folder is reached through a link",
}


def test_what_is_left_out_is_named(graded: Graded) -> None:
    wanted = {student: said for student, said in SAID.items() if student in graded.attacks}
    assert len(wanted) > 5
    assert {student: said for student, said in wanted.items() if said not in graded.said} == {}


def test_a_second_run_finds_everything_done(graded: Graded) -> None:
    if "nbgrader" not in graded.course.root.parent.name:
        done = graded.course.run(*COMMAND)
        number = len(HONEST) + len(graded.attacks)
        assert f"{number} of {number} submissions are unchanged" in " ".join(done.stdout.split())
    else:
        done = graded.course.run("nbgrader", "autograde", graded.course.name)
        assert done.stderr.count("Skipping existing assignment") == len(HONEST) + len(
            graded.attacks
        )
