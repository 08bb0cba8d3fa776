"""Which answers of a student have changed since the last run."""

from __future__ import annotations

import json

import pytest

from autograder.nbgrader.answers import changed_answers


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


def test_of_a_notebook_that_cannot_be_read_everything_has_changed() -> None:
    assert changed_answers(b"no notebook", notebook()) == {"f_hidden", "why"}
