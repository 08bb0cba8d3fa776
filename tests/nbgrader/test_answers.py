"""Which answers of a student have changed since the last run."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest

from autograder.course.asserts_assignment import PlainAssignment
from autograder.intake.reconcile import stand_in
from autograder.nbgrader.writer import changed_answers
from tests.helpers.plain import plain_course


def notebook(*, code: str = "a", why: str = "b", note: str = "c", lesson: str = "d") -> bytes:
    def cell(source: str, **about: object) -> dict[str, object]:
        return {"source": source, "metadata": {"nbgrader": about} if about else {}}

    return json.dumps(
        {
            "cells": [
                cell(lesson, locked=True, grade_id="text"),
                cell(code, solution=True, grade_id="f"),
                cell("assert f()", grade=True, locked=True, grade_id="f_hidden"),
                cell(why, solution=True, grade=True, grade_id="why"),
                cell(note),
            ]
        }
    ).encode()


@pytest.mark.parametrize(
    ("now", "changed"),
    [
        (notebook(), set()),
        (notebook(lesson="other"), set()),
        (notebook(code="other"), {"f_hidden"}),
        (notebook(note="other"), {"f_hidden"}),
        (notebook(why="other"), {"why", "f_hidden"}),
        (b"no notebook", set()),
    ],
)
def test_an_answer_is_compared_by_itself_and_tests_with_all_that_is_theirs(
    now: bytes, changed: set[str]
) -> None:
    assert changed_answers(notebook(), now) == changed


def test_an_unreadable_file_has_changed_unless_its_bytes_are_the_same(tmp_path: Path) -> None:
    cells = [("f", "..."), ("test_f 2", "assert f()"), ("why hand 3", "Say why.")]
    course = plain_course(tmp_path, {"hw": cells})
    (lesson,) = PlainAssignment(course.root, "hw").lessons

    def stored(data: bytes | None) -> bytes:
        text: str = nbformat.writes(stand_in(lesson, "It is empty.", data))
        return text.encode()

    every = {"test_f", "why"}
    assert changed_answers(stored(b"{"), stored(b"{")) == set()
    assert changed_answers(stored(b"{"), stored(b"[")) == every
    assert changed_answers(stored(None), stored(None)) == every
    readable = nbformat.writes(lesson.released_notebook()).encode()
    assert changed_answers(stored(b"{"), readable) == every
    assert changed_answers(readable, stored(b"{")) == every
    assert changed_answers(readable, readable) == set()


def test_of_a_notebook_that_cannot_be_read_everything_has_changed() -> None:
    assert changed_answers(b"no notebook", notebook()) == {"f_hidden", "why"}
