"""Several copies of a notebook in a student's folder: the original, and what was worked on."""

from __future__ import annotations

import time
import unicodedata

import pytest

from autograder.intake.find import find
from autograder.intake.names import COPIED, EXACT, WITHIN, nearest
from autograder.intake.parse import Rejected
from tests.helpers.archives import NAME, Files, Place


def is_written(_name: str, data: bytes) -> bool | None:
    return {b"released": False, b"other": None}.get(data, True)


def ada(place: Place, files: Files) -> tuple[bytes | str, tuple[str, ...]]:
    """Return what is graded for a student with these files, or why nothing, and the notes."""
    root = place({f"ada/{NAME}/{name}": data for name, data in files.items()})
    (found,) = find([root], NAME, is_written=is_written)
    try:
        return found.read(), found.observations
    except Rejected as rejected:
        return str(rejected), found.observations


@pytest.mark.parametrize(
    "worked", ["numbers-Copy1.ipynb", "numbers (1).ipynb", "x.ipynb", "a/numbers.ipynb"]
)
def test_a_worked_copy_is_graded_before_the_original(place: Place, worked: str) -> None:
    content, said = ada(place, {"numbers.ipynb": b"released", worked: b"mine"})
    assert content == b"mine"
    home = f"ada/{NAME}"
    released = f"{home}/numbers.ipynb is unchanged"
    assert said[0] == f"{released}, so {home}/{worked} was graded instead."


def test_a_copy_that_nobody_has_worked_on_takes_nothing(place: Place) -> None:
    content, said = ada(place, {"numbers.ipynb": b"mine", "numbers-Copy1.ipynb": b"released"})
    assert content == b"mine"
    assert not any("which one counts" in each for each in said)
    content, said = ada(place, {"numbers.ipynb": b"mine", "scratch.ipynb": b"other"})
    assert content == b"mine"
    assert not any("which one counts" in each for each in said)


def test_of_two_worked_copies_the_one_of_the_right_name_is_graded_and_it_is_said(
    place: Place,
) -> None:
    content, said = ada(place, {"numbers.ipynb": b"mine", "numbers-Copy1.ipynb": b"mine too"})
    assert content == b"mine"
    assert "numbers-Copy1.ipynb. Ask the student which one counts." in said[0]


def test_of_two_worked_copies_of_other_names_none_is_graded(place: Place) -> None:
    files = {"numbers.ipynb": b"released", "numbers-1.ipynb": b"a", "numbers-2.ipynb": b"b"}
    reason, _said = ada(place, files)
    assert "2 copies beside it are not" in str(reason)


def test_equal_copies_are_one(place: Place) -> None:
    content, said = ada(place, {"numbers-1.ipynb": b"mine", "numbers-2.ipynb": b"mine"})
    assert content == b"mine"
    content, said = ada(place, {"numbers.ipynb": b"mine", "numbers-2.ipynb": b"mine"})
    assert content == b"mine"
    assert not any("which one counts" in each for each in said)


def test_of_copies_of_other_names_the_only_one_that_was_worked_on_is_graded(place: Place) -> None:
    content, _said = ada(place, {"numbers-1.ipynb": b"released", "numbers-2.ipynb": b"mine"})
    assert content == b"mine"


def test_without_a_look_into_them_the_name_decides(place: Place) -> None:
    files = {f"ada/{NAME}/numbers.ipynb": b"released", f"ada/{NAME}/numbers (1).ipynb": b"mine"}
    (found,) = find([place(files)], NAME)
    assert found.read() == b"released"


def test_files_of_programs_are_no_notebooks(place: Place) -> None:
    files = {"numbers (1).ipynb": b"mine", "._numbers.ipynb": b"\0", ".~numbers.ipynb": b"x"}
    assert ada(place, files) == (b"mine", ())


@pytest.mark.parametrize(
    ("called", "found"),
    [
        ("lab1", ("lab1", EXACT)),
        ("LAB1", ("lab1", COPIED)),
        ("lab1-2", ("lab1", COPIED)),
        ("lab1 - Copy (2)", ("lab1", COPIED)),
        ("ada_lab1", ("lab1", WITHIN)),
        ("Lab 1 final", ("lab1", WITHIN)),
        ("lab10", None),
        ("lab2-lab1", None),
        ("lab1 and lab2", None),
        ("lab2 extra", ("lab2 extra", EXACT)),
        ("ada lab2 extra", ("lab2 extra", WITHIN)),
        ("collab1", None),
        (unicodedata.normalize("NFD", "übung"), ("übung", EXACT)),
        ("Übung", ("übung", COPIED)),
        ("", None),
    ],
)
def test_a_name_is_that_of_the_only_near_notebook(
    called: str, found: tuple[str, int] | None
) -> None:
    assert nearest(called, ["lab1", "lab2", "lab2 extra", "übung", "lab10b"]) == found


@pytest.mark.parametrize(
    "part", ["copy ", "-copy 1", "-1", " (1)", "-", "copy-", "lab1 ", "- copy"]
)
def test_no_name_takes_long(part: str) -> None:
    start = time.perf_counter()
    nearest("lab1" + part * (250 // len(part)) + "x", ["lab1", "lab2"])
    nearest("lab1" + part * 100_000 + "x", ["lab1", "lab2"])
    assert time.perf_counter() - start < 1


def test_a_folder_for_the_assignment_may_be_in_another_normal_form(place: Place) -> None:
    folder = unicodedata.normalize("NFD", "übung")
    files = {f"{name}/{folder}/x.ipynb": name.encode() for name in ("ada", "bob")}
    found = find([place(files)], "übung")
    assert {each.student: each.read() for each in found} == {"ada": b"ada", "bob": b"bob"}
