"""Several copies of a notebook in a student's folder: the original, and what was worked on."""

from __future__ import annotations

import time
import unicodedata
from collections.abc import Collection
from pathlib import Path

import nbformat
import pytest

from autograder.course.asserts_assignment import PlainAssignment
from autograder.intake.find import find, unpacked
from autograder.intake.names import COPIED, EXACT, WITHIN, nearest
from autograder.intake.parse import Rejected
from autograder.intake.written import written_in
from tests.helpers.archives import NAME, Files, Place
from tests.helpers.plain import plain_course, plain_notebook


def is_written(_name: str, data: bytes, _others: Collection[str] = ()) -> bool | None:
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
    start = time.process_time()
    nearest("lab1" + part * (250 // len(part)) + "x", ["lab1", "lab2"])
    nearest("lab1" + part * 100_000 + "x", ["lab1", "lab2"])
    assert time.process_time() - start < 1


def test_a_folder_for_the_assignment_may_be_in_another_normal_form(place: Place) -> None:
    folder = unicodedata.normalize("NFD", "übung")
    files = {f"{name}/{folder}/x.ipynb": name.encode() for name in ("ada", "bob")}
    found = find([place(files)], "übung")
    assert {each.student: each.read() for each in found} == {"ada": b"ada", "bob": b"bob"}


@pytest.mark.parametrize(
    ("files", "graded"),
    [
        ({"one.ipynb": b"one", "mine.ipynb": b"two"}, {"one": b"one", "two": b"two"}),
        ({"a.ipynb": b"two", "b.ipynb": b"one"}, {"one": b"one", "two": b"two"}),
        ({"one.ipynb": b"one", "mine.ipynb": b"other"}, {"one": b"one"}),
        ({"one.ipynb": b"one", "a.ipynb": b"two", "b.ipynb": b"two"}, {"one": b"one"}),
        ({"one.ipynb": b"one", "mine.ipynb": b"one two"}, {"one": b"one"}),
        ({"mine.ipynb": b"one two"}, {}),
    ],
)
def test_one_of_several_notebooks_is_known_by_its_cells_where_its_name_is_lost(
    tmp_path: Path, files: dict[str, bytes], graded: dict[str, bytes]
) -> None:
    folder = tmp_path / "submitted" / "ada" / "ps"
    folder.mkdir(parents=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)

    def belongs(name: str, data: bytes, _others: Collection[str] = ()) -> bool | None:
        return True if name in data.decode().split() else None

    (found,) = find([tmp_path / "submitted"], "ps", (), ("one", "two"), belongs)
    try:
        contents = unpacked(found.read())
    except Rejected:
        contents = {}
    assert contents == graded
    said = " ".join(found.observations)
    for name, data in graded.items():
        file = next(each for each in files if files[each] == data)
        renamed = f"{file} was graded, because there is no {name}.ipynb." in said
        assert renamed == (file != f"{name}.ipynb")


COPIED_FROM_ONE = {
    # The author made the second notebook from a copy of the first.
    "one": [("", "import math"), ("f", "def f(x):\n    ..."), ("test_f 1", "assert f(1) == 1")],
    "two": [("", "import math"), ("f", "def f(x):\n    ..."), ("test_f 1", "assert f(1) == 2")],
}


@pytest.mark.parametrize("of", ["one", "two"])
@pytest.mark.parametrize("shared", [False, True], ids=["other_ids", "the_same_ids"])
def test_a_backup_of_one_notebook_is_never_graded_as_the_missing_other(
    tmp_path: Path, of: str, *, shared: bool
) -> None:
    notebooks: dict[str, list[tuple[str, str]]] = dict(COPIED_FROM_ONE)
    if not shared:
        notebooks["two"] = [*notebooks["two"], ("g", "def g(x):\n    ...")]
    course = plain_course(tmp_path, notebooks)
    exercise = PlainAssignment(course.root, "hw")
    folder = course.root / "submitted" / "ada" / "hw"
    folder.mkdir(parents=True)
    contents = {}
    for name, cells in notebooks.items():
        written = [(each, source.replace("...", "return 1")) for each, source in cells]
        contents[name] = nbformat.writes(plain_notebook(written)).encode()
    (folder / "one.ipynb").write_bytes(contents["one"])
    (folder / "backup.ipynb").write_bytes(contents[of])
    (found,) = find([course.root / "submitted"], "hw", (), ("one", "two"), written_in(exercise))
    expected = {"one": contents["one"]} | ({"two": contents["two"]} if of == "two" else {})
    assert unpacked(found.read()) == expected
    if of == "one":
        assert "do not belong to the assignment and were not graded: " in found.observations[0]


def test_a_backup_without_any_cell_of_its_own_is_not_graded(tmp_path: Path) -> None:
    course = plain_course(tmp_path, {**COPIED_FROM_ONE, "two": COPIED_FROM_ONE["one"]})
    belongs = written_in(PlainAssignment(course.root, "hw"))
    data = nbformat.writes(plain_notebook(COPIED_FROM_ONE["one"])).encode()
    assert belongs("two", data, ()) is not None
    assert belongs("two", data, ("one",)) is None
