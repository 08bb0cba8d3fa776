"""Zips that students hand in, and zips that are called like notebooks."""

from __future__ import annotations

import io
import json
import stat
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.course.lesson import Lesson, Part, Role
from autograder.intake import zips
from autograder.intake.find import find, unpacked
from autograder.intake.opening import open_notebook
from autograder.intake.parse import MAX_BYTES, Rejected
from autograder.intake.reconcile import read
from tests.helpers.archives import NAME, Files, Place, by_student

LESSON = Lesson(NAME, (Part(Role.SOLUTION, "f", "1", "2"),), "")
SEVERAL = replace(LESSON, name="one", siblings=("two",))


def notebook(source: str) -> bytes:
    metadata = {"nbgrader": {"grade_id": "f"}}
    cell = {"cell_type": "code", "metadata": metadata, "source": source}
    return json.dumps({"nbformat": 4, "metadata": {}, "cells": [cell]}).encode()


def packed(files: Files, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return data.getvalue()


def graded(data: bytes, lesson: Lesson = LESSON) -> str:
    """Return what stands in the notebook that is graded."""
    (cell,) = (cell for cell in read(data, lesson).cells if cell.part)
    return cell.source


@pytest.mark.parametrize(
    "files",
    [
        {"numbers.ipynb": "a"},
        {"numbers/numbers.ipynb": "a", "numbers/data.csv": "no"},
        {"my work.ipynb": "a"},
        {"numbers.ipynb": "a", "scratch.ipynb": "no"},
        {"numbers.ipynb": "a", "old/numbers.ipynb": "no"},
        {"numbers (1).ipynb": "a", "scratch.ipynb": "no"},
        {"x/numbers.ipynb": "a", "x/.ipynb_checkpoints/numbers-checkpoint.ipynb": "no"},
        {"numbers.ipynb": "a", "__MACOSX/._numbers.ipynb": "no"},
        {"numbers.ipynb": "a", "._numbers.ipynb": "no"},
        {"../../numbers.ipynb": "a"},
        {"x\\\\numbers.ipynb": "a"},
    ],
)
def test_the_notebook_in_a_zip_is_graded_and_said(files: dict[str, str]) -> None:
    data = packed({name: notebook(source) for name, source in files.items()})
    assert graded(data) == "a"
    said = read(data, LESSON).observations[0]
    assert said.startswith("The file is a zip; ")


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({}, "no notebook"),
        ({"notes.pdf": b"%PDF"}, "no notebook"),
        ({"a.ipynb": b"a", "b.ipynb": b"b"}, "no numbers.ipynb, but these: a.ipynb, b.ipynb"),
        ({"x/numbers.ipynb": b"a", "y/numbers.ipynb": b"b"}, "but these"),
        ({"numbers.zip": b"PK"}, "another archive"),
        ({"numbers.ipynb": b""}, "empty"),
        ({"numbers.ipynb": b"no"}, "not valid JSON"),
    ],
)
def test_what_cannot_be_told_in_a_zip_is_rejected(files: Files, reason: str) -> None:
    with pytest.raises(Rejected, match=reason):
        open_notebook(packed(files), LESSON)


def test_a_zip_in_a_zip_is_not_opened() -> None:
    inner = packed({"numbers.ipynb": notebook("a")})
    with pytest.raises(Rejected, match="another archive"):
        open_notebook(packed({"numbers.zip": inner}), LESSON)
    with pytest.raises(Rejected, match="part of a zip"):
        open_notebook(packed({"numbers.ipynb": inner}), LESSON)


def test_each_notebook_of_several_is_found_in_one_zip() -> None:
    data = packed({"hw/one.ipynb": notebook("a"), "hw/two (1).ipynb": notebook("b")})
    assert graded(data, SEVERAL) == "a"
    assert graded(data, replace(SEVERAL, name="two", siblings=("one",))) == "b"
    alone = packed({"two.ipynb": notebook("b")})
    with pytest.raises(Rejected, match=r"no one\.ipynb"):
        read(alone, SEVERAL)


def test_a_bomb_is_no_more_than_a_file_too_large() -> None:
    data = packed({"numbers.ipynb": b"[" + b" " * MAX_BYTES})
    assert len(data) < MAX_BYTES / 500
    with pytest.raises(Rejected, match="larger than 64 MB"):
        open_notebook(data, LESSON)


def test_bounds_hold_for_a_zip_in_a_zip(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Rejected, match="compression method is not supported"):
        open_notebook(packed({"numbers.ipynb": notebook("a")}, zipfile.ZIP_BZIP2), LESSON)
    monkeypatch.setattr(zips, "MAX_MEMBERS", 10)
    with pytest.raises(Rejected, match="11 files, and the limit is 10"):
        open_notebook(packed({f"{n}.txt": b"" for n in range(11)}), LESSON)


def test_a_link_in_a_zip_is_not_followed() -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        link = zipfile.ZipInfo("numbers.ipynb")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(Rejected, match="link or a device"):
        open_notebook(data.getvalue(), LESSON)


def test_a_students_zip_is_found_where_their_notebook_would_be(place: Place) -> None:
    inner = packed({"numbers.ipynb": notebook("a")})
    files = {
        "ada/numbers/numbers.zip": inner,
        "bob/numbers/my work.zip": inner,
        "cy/numbers/numbers.ipynb": b"c",
        "cy/numbers/data.zip": b"no",
    }
    found = find([place(files)], NAME)
    assert by_student(found) == {"ada": inner, "bob": inner, "cy": b"c"}
    assert not any(each.observations for each in found)


def test_zips_of_a_platform_are_their_students(place: Place) -> None:
    inner = packed({"one.ipynb": notebook("a"), "two.ipynb": notebook("b")})
    canvas = {"lovelaceada_1_50001_hw.zip": inner, "stonebob_LATE_2_50002_hw-1.zip": inner}
    found = find([place(canvas)], "hw", (), ["one", "two"])
    assert {each.student: unpacked(each.read()) for each in found} == {
        "lovelaceada-1": {"one": inner, "two": inner},
        "stonebob-2": {"one": inner, "two": inner},
    }


def test_a_zip_that_holds_several_notebooks_is_packed_once(place: Place) -> None:
    data = bytes(range(256)) * 4
    (ada,) = find([place({"ada/hw/all.zip": data})], "hw", (), ["one", "three", "two"])
    assert unpacked(ada.read()) == dict.fromkeys(["one", "three", "two"], data)
    assert len(ada.read()) < 2 * len(data)


def test_a_zip_beside_the_notebook_is_said_if_it_may_be_the_notebook(place: Place) -> None:
    files = {"ada/numbers/numbers.ipynb": b"a", "ada/numbers/numbers.zip": b"PK"}
    (ada,) = find([place(files)], NAME)
    assert ada.read() == b"a"
    (said,) = ada.observations
    assert "numbers.zip" in said


def test_what_lies_in_the_place_of_a_notebook_is_named(place: Place) -> None:
    (ada,) = find([place({"ada/numbers/numbers.py": b"", "ada/numbers/numbers.html": b""})], NAME)
    with pytest.raises(
        Rejected, match=r"only numbers\.html, numbers\.py; numbers\.ipynb was expected"
    ):
        ada.read()


def test_a_path_of_a_class_is_still_a_class(tmp_path: Path) -> None:
    path = tmp_path / "class.zip"
    path.write_bytes(packed({"ada.zip": packed({"numbers.ipynb": notebook("a")})}))
    (ada,) = find([path], NAME)
    assert (ada.student, graded(ada.read())) == ("ada", "a")


def test_names_in_a_zip_that_are_no_text_can_stand_in_sentences() -> None:
    garbled = "Andr\udce9"
    _, said = open_notebook(
        packed({"ab/one.ipynb": notebook("1")}).replace(b"ab/", b"\xe9b/"), LESSON
    )
    assert garbled not in said[0]
    assert said[0].encode()
    several = packed({"ab/one.ipynb": b"1", "cd/two.ipynb": b"2"}).replace(b"ab/", b"\xe9b/")
    with pytest.raises(Rejected) as rejected:
        open_notebook(several, LESSON)
    assert str(rejected.value).encode()
