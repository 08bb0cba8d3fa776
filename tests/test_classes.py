"""What `benchmarks.classes` is made of: its class is what it is said to be, its measures count."""

from __future__ import annotations

import json
import random
import sys
from collections import Counter
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
import pytest

from benchmarks.classes import row
from benchmarks.classroom.courses import EXPERIMENT
from benchmarks.classroom.limit import limit, ready, record
from benchmarks.classroom.measure import run
from benchmarks.classroom.students import MIX, Class, in_own_words

if TYPE_CHECKING:
    from tests.helpers.course import Course


@pytest.fixture(scope="module")
def students(course: Course) -> Class:
    return Class(course.assignment, course.lesson, 1)


def test_a_class_is_mixed_as_it_is_said_and_a_larger_one_begins_with_the_same(
    students: Class,
) -> None:
    hundred = list(students.handed_in(100))
    assert Counter(each.kind for each in hundred) == MIX
    assert list(students.handed_in(20)) == hundred[:20]


def test_no_two_notebooks_have_a_function_in_common(course: Course, students: Class) -> None:
    sources = []
    for each in students.handed_in(40):
        if each.kind != "broken":
            cells = json.loads(each.text)["cells"]
            sources.append(
                {cell["source"] for cell in cells if cell["id"] in course.lesson.functions}
            )
    assert len(sources) > 30
    assert all(len(each) == len(course.lesson.functions) for each in sources)
    assert not any(one & other for one, other in combinations(sources, 2))


def test_what_is_not_broken_is_a_notebook(students: Class) -> None:
    for each in students.handed_in(20):
        if each.kind != "broken":
            nbformat.validate(nbformat.reads(each.text, as_version=4))


def test_other_names_for_variables_change_no_answer() -> None:
    source = """\
START = 10
def total(numbers, scale=1):
    found = START
    for number in numbers:
        found += scale * number
    def doubled(found):
        return 2 * found
    try:
        squares = [number**2 for number in numbers]
    except TypeError as error:
        raise ValueError(error)
    return doubled(found), squares
"""
    renamed = in_own_words(source, 1, random.Random(1))  # noqa: S311  # no secret
    assert "_number_" in renamed
    assert "_squares_" in renamed
    before: dict[str, object] = {}
    after: dict[str, object] = {}
    exec(source, before)  # noqa: S102  # ours
    exec(renamed, after)  # noqa: S102  # ours
    assert after["total"]([1, 2], scale=3) == before["total"]([1, 2], scale=3) == (38, [1, 4])  # type: ignore[operator]
    assert after["START"] == 10


def test_an_experiment_is_taken_out_of_a_lesson_whole() -> None:
    lesson = "A\n```{experiment} one\nplot()\n```\nB\n```{function} f\n```\n"
    assert EXPERIMENT.sub("", lesson) == "A\nB\n```{function} f\n```\n"


def test_what_was_done_with_a_submission_is_recorded_and_done_again(tiny: Course) -> None:
    for student in ("ada", "bo"):
        folder = tiny.root / "submitted" / student / tiny.name
        folder.mkdir(parents=True)
        (folder / f"{tiny.name}.ipynb").write_text(
            nbformat.writes(tiny.lesson.filled(tiny.solutions))
        )
    recorded = record(tiny.assignment)
    assert len(recorded.notebooks) == 2
    assert recorded.forks >= 4  # a student process and a fork of it for each
    for notebook in recorded.notebooks:
        assert any("def double" in cell for cell in notebook.cells)
        calls = list(ready(notebook.calls))
        assert {function for function, _, _ in calls} == {"double", "total_of_doubles"}
        assert ("double", [1.0], {}) in calls
        assert ("total_of_doubles", [[]], {}) in calls
    least = limit(tiny.root, tiny.name)  # which does it again, in a process of its own
    assert least.forks == recorded.forks
    assert least.calls == sum(len(notebook.calls) for notebook in recorded.notebooks)
    assert min(least.forking.cpu, least.running.cpu, least.calling.cpu) > 0


def test_time_and_memory_of_a_child_count(tmp_path: Path) -> None:
    child = "import time; kept = b'x' * 2 * 10**8\nwhile time.process_time() < 1: pass"
    parent = (
        f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}]); sys.exit(3)"
    )
    measured = run([sys.executable, "-c", parent], tmp_path)
    assert measured.status == 3
    assert measured.cpu >= 1
    assert measured.wall >= 1
    assert measured.memory >= 200
    assert measured.judges < 200


def test_a_row_fits_a_terminal() -> None:
    assert len(row("autograder grade --gradebook", 10_000, "1234.5", "1234.5", "12345")) <= 80
