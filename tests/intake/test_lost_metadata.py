"""Notebooks that have lost what nbgrader wrote into them, or are those of another assignment."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from typing import Any

import pytest

from autograder.course.lesson import Lesson, Part, Role
from autograder.intake.parse import Rejected
from autograder.intake.reconcile import Submission, is_as_released, is_written, read

STUB = "raise NotImplementedError"
ANSWER = "YOUR ANSWER HERE"

PARTS = (
    Part(Role.SETUP, "imports", "import math", "import math"),
    Part(Role.SOLUTION, "f", "def f(x): return x", STUB),
    Part(Role.TEST, "t_f", "assert f(1) == 1\nassert f(2) == 2", "assert f(1) == 1", 5.0),
    Part(Role.SOLUTION, "g", "def g(x): return -x", STUB),
    Part(Role.TEST, "t_g", "assert g(1) == -1", "assert g(1) == -1", 5.0),
    Part(Role.ANSWER, "why", "Because.", ANSWER, 3.0),
)

F, G = "def f(x):\n    return x", "def g(x):\n    return -x"


@pytest.fixture
def plain() -> Lesson:
    return Lesson("hw", PARTS, "", plain_cells=frozenset(["print('Welcome')"]))


def code(source: str, grade_id: str | None = None) -> dict[str, Any]:
    part = next((each for each in PARTS if each.id == grade_id), None)
    known = part.metadata if part is not None else {"grade_id": grade_id}
    metadata = {"nbgrader": known} if grade_id else {}
    return {"cell_type": "code", "metadata": metadata, "source": source, "outputs": []}


def text(source: str) -> dict[str, Any]:
    return {**code(source), "cell_type": "markdown"}


def file(*cells: dict[str, Any]) -> bytes:
    return json.dumps({"nbformat": 4, "metadata": {}, "cells": list(cells)}).encode()


def released() -> list[dict[str, Any]]:
    made = [code(part.released, part.id) for part in PARTS[:-1]]
    return [code("print('Welcome')"), *made, {**code(ANSWER, "why"), "cell_type": "markdown"}]


def order(submission: Submission) -> list[str]:
    """Return the cells: the ids of the lesson's, and the beginnings of the student's own."""
    return [cell.part.id if cell.part else cell.source[:5] for cell in submission.cells]


def test_cells_without_metadata_are_known_by_what_stands_in_them(plain: Lesson) -> None:
    cells = [code("import math"), code(F), code("assert f(1) == 1\r\n"), code(G)]
    submission = read(file(*cells, code("assert g(1) == -1  ")), plain)
    in_order = ["imports", "def f", "t_f", "def g", "t_g"]
    assert [each for each in order(submission) if each in in_order] == in_order
    assert submission.by_source == {"imports", "t_f", "t_g"}
    (said,) = submission.observations
    assert "lost nbgrader's metadata" in said
    assert "3 of 6" in said
    tests = {cell.part.id: cell.source for cell in submission.cells if cell.part}
    assert tests["t_f"] == PARTS[2].source  # the hidden assert is back


def test_tests_that_are_not_there_come_after_all_that_they_may_need(plain: Lesson) -> None:
    submission = read(file(code("import math"), code(F), code(G), code("f(1)")), plain)
    names = order(submission)
    assert names.index("f(1)") < names.index("t_f") < names.index("t_g")


def test_a_test_that_was_deleted_comes_before_the_next_part(plain: Lesson) -> None:
    cells = [each for each in released() if "assert f" not in each["source"]]
    cells.insert(3, code(F))
    names = order(read(file(*cells), plain))
    assert names.index("def f") < names.index("t_f") < names.index("g")


def test_an_answer_that_cannot_be_found_is_not_an_empty_one(plain: Lesson) -> None:
    lost = read(file(code("import math"), text("It is the identity.")), plain)
    (why,) = (cell for cell in lost.cells if cell.part and cell.part.id == "why")
    assert not is_as_released(why)
    (why,) = (cell for cell in read(file(*released()), plain).cells if cell.markdown)
    assert is_as_released(why)


def test_parts_that_are_alike_are_told_apart_by_their_order_or_not_at_all(plain: Lesson) -> None:
    both = read(file(code("import math"), code(STUB), code(STUB)), plain)
    assert {"f", "g"} <= both.by_source
    one = read(file(code("import math"), code(STUB)), plain)
    assert {"f", "g"} <= one.missing


def test_where_nothing_is_known_one_sentence_says_so(plain: Lesson) -> None:
    (said,) = read(file(code(F), code(G)), plain).observations
    assert "None of the cells of hw is in this notebook" in said


def test_many_missing_cells_are_one_sentence() -> None:
    parts = [Part(Role.SETUP, f"t{n}", f"{n} + 1", f"{n} + 1") for n in range(55)]
    first = {**code("0 + 1"), "metadata": {"nbgrader": parts[0].metadata}}
    (said,) = read(file(first), Lesson("hw", tuple(parts), "")).observations
    assert said == "54 cells were missing and were put back: t1, t2, t3, t4, t5, …"


def test_the_notebook_of_another_assignment_is_rejected(plain: Lesson) -> None:
    cells = [code("import math", "start"), code("def h(x): return x", "h"), code("h(1)", "t_h")]
    with pytest.raises(Rejected, match=r"not hw: .*start, h, t_h"):
        read(file(*cells), plain)
    # An older release has other ids, and the same tests.
    read(file(*cells, code("assert g(1) == -1", "t_g_old")), plain)


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_the_ends_of_lines_alter_no_cell(plain: Lesson, end: str) -> None:
    cells = copy.deepcopy(released())
    for cell in cells:
        cell["source"] = cell["source"].replace("\n", end) + end
    submission = read(file(*cells), plain)
    assert submission.observations == ()
    assert is_written(submission, plain) is False
    windows = [
        replace(
            part,
            source=part.source.replace("\n", "\r\n"),
            released=part.released.replace("\n", "\r\n"),
        )
        for part in PARTS
    ]
    assert read(file(*released()), Lesson("hw", tuple(windows), "")).observations == ()


def test_a_notebook_is_written_in_if_a_student_has_changed_it(plain: Lesson) -> None:
    def written(*cells: dict[str, Any]) -> bool | None:
        return is_written(read(file(*cells), plain), plain)

    assert written(*released()) is False
    assert written(*released(), code("x = 1")) is True
    assert written(*released(), text("A note.")) is False
    assert written(*released()[:2], code(F, "f"), *released()[3:]) is True
    assert written(*released()[:-1], {**code("Because.", "why"), "cell_type": "markdown"}) is True
    assert written(*released()[:2]) is False  # what is missing was not written
    assert written(code("import numpy")) is None


def test_what_follows_the_notebook_in_its_file_is_said(plain: Lesson) -> None:
    submission = read(file(*released()) + b"\n]}\0\0", plain)
    (said,) = submission.observations
    assert "2 characters were ignored" in said


def test_latin_1_is_read_and_said(plain: Lesson) -> None:
    cells = [*released(), code("city = 'Köln'")]
    data = json.dumps({"nbformat": 4, "metadata": {}, "cells": cells}, ensure_ascii=False)
    submission = read(data.encode("latin-1"), plain)
    (said,) = submission.observations
    assert "Latin-1" in said
    assert submission.cells[-1].source == "city = 'Köln'"


def test_a_notebook_that_does_not_say_its_format_is_one_by_its_cells(plain: Lesson) -> None:
    data = json.dumps({"cells": released()}).encode()
    assert read(data, plain).observations == ()
