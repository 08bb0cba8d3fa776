"""Submissions are found in whatever a teacher has downloaded, each under its student's name."""

from __future__ import annotations

import os
import shutil
import stat
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.checking.result import Result, Status, SubmissionResult, to_json
from autograder.intake import archives
from autograder.intake.archives import Found, find
from autograder.intake.submission import Rejected

NAME = "numbers"

Files = dict[str, bytes]
Place = Callable[[Files], Path]


@pytest.fixture
def folder(tmp_path: Path) -> Place:
    """Writes files into a folder."""

    def make(files: Files) -> Path:
        root = tmp_path / "handed-in"
        for name, data in files.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_bytes(data)
        return root

    return make


@pytest.fixture
def zipped(tmp_path: Path) -> Place:
    """Writes files into a zip."""

    def make(files: Files) -> Path:
        path = tmp_path / "handed-in.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in files.items():
                archive.writestr(name, data)
        return path

    return make


@pytest.fixture(params=["folder", "zipped"])
def place(request: pytest.FixtureRequest) -> Place:
    made: Place = request.getfixturevalue(request.param)
    return made


def by_student(found: list[Found]) -> dict[str, bytes]:
    assert len({each.student for each in found}) == len(found)
    return {each.student: each.read() for each in found}


def test_a_notebook_is_a_submission(folder: Place) -> None:
    path = folder({"ada.ipynb": b"hers"}) / "ada.ipynb"
    (only,) = find([path], NAME)
    assert (only.student, only.path, only.read()) == ("ada", str(path), b"hers")


def test_notebooks_go_by_their_names(place: Place) -> None:
    files = {"ada.ipynb": b"a", "deep/down/bob.ipynb": b"b", "readme.txt": b"no"}
    assert by_student(find([place(files)], NAME)) == {"ada": b"a", "bob": b"b"}


def test_a_tree_goes_by_its_students(place: Place) -> None:
    files = {
        "ada/numbers/numbers.ipynb": b"a",
        "ada/numbers/data.csv": b"no",
        "ada/other/other.ipynb": b"no",
        "bob/numbers/numbers.ipynb": b"b",
        "bob/numbers/scratch.ipynb": b"no",
        "cy/numbers/my copy.ipynb": b"c",
    }
    assert by_student(find([place(files)], NAME)) == {"ada": b"a", "bob": b"b", "cy": b"c"}


def test_a_tree_may_lie_deeper_than_the_path_says(place: Place) -> None:
    files = {"course/submitted/ada/numbers/numbers.ipynb": b"a"}
    assert by_student(find([place(files)], NAME)) == {"ada": b"a"}


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"ada/numbers/notes.txt": b""}, "no notebook"),
        ({"ada/numbers/one.ipynb": b"", "ada/numbers/two.ipynb": b""}, "2 notebooks"),
    ],
)
def test_a_student_whose_notebook_cannot_be_told_is_rejected_and_not_lost(
    place: Place, files: Files, reason: str
) -> None:
    found = find([place(files | {"bob/numbers/numbers.ipynb": b"b"})], NAME)
    assert {each.student for each in found} == {"ada", "bob"}
    (ada,) = (each for each in found if each.student == "ada")
    with pytest.raises(Rejected, match=reason):
        ada.read()


def test_a_students_own_folder_goes_by_its_name(folder: Place, tmp_path: Path) -> None:
    folder({"ada/numbers/numbers.ipynb": b"a"})
    root = tmp_path / "handed-in" / "ada"
    assert by_student(find([root], NAME)) == {"ada": b"a"}
    assert by_student(find([root / "numbers"], NAME)) == {"ada": b"a"}


def test_a_zip_of_one_students_folder_goes_by_the_zips_name(zipped: Place) -> None:
    path = zipped({"numbers/numbers.ipynb": b"a"})
    assert by_student(find([path.rename(path.with_name("ada.zip"))], NAME)) == {"ada": b"a"}


def test_two_of_one_name_are_both_kept_under_their_paths(place: Place) -> None:
    found = find([place({"one/ada.ipynb": b"1", "two/ada.ipynb": b"2", "bob.ipynb": b"b"})], NAME)
    known = by_student(found)
    assert sorted(known.values()) == [b"1", b"2", b"b"]
    assert known["bob"] == b"b"
    (first,) = (student for student, data in known.items() if data == b"1")
    assert first.endswith("one/ada")


def test_several_paths_are_searched_in_their_order(folder: Place, zipped: Place) -> None:
    one, other = folder({"b.ipynb": b"b", "c.ipynb": b"c"}), zipped({"a.ipynb": b"a"})
    assert [each.student for each in find([one, other], NAME)] == ["b", "c", "a"]


@pytest.mark.parametrize(
    "extra",
    [
        ".ipynb_checkpoints/ada-checkpoint.ipynb",
        "deep/.ipynb_checkpoints/ada-checkpoint.ipynb",
    ],
)
def test_checkpoints_are_no_submissions(place: Place, extra: str) -> None:
    found = find([place({"ada.ipynb": b"a", extra: b"old"})], NAME)
    assert by_student(found) == {"ada": b"a"}


def test_checkpoints_are_no_second_notebook_of_a_student(place: Place) -> None:
    files = {
        "ada/numbers/mine.ipynb": b"a",
        "ada/numbers/.ipynb_checkpoints/mine-checkpoint.ipynb": b"old",
    }
    assert by_student(find([place(files)], NAME)) == {"ada": b"a"}


def test_what_a_mac_adds_to_a_zip_is_no_submission(zipped: Place) -> None:
    found = find([zipped({"ada.ipynb": b"a", "__MACOSX/._ada.ipynb": b"no"})], NAME)
    assert by_student(found) == {"ada": b"a"}


def test_nothing_at_a_path_is_said() -> None:
    with pytest.raises(FileNotFoundError, match="nothing at no/such/place"):
        find([Path("no/such/place")], NAME)


@pytest.mark.parametrize("files", [{}, {"notes.txt": b""}])
def test_where_nothing_was_handed_in_nothing_is_found(place: Place, files: Files) -> None:
    path = place(files)
    if not files and path.suffix != ".zip":
        path.mkdir()
    assert find([path], NAME) == []


@pytest.mark.parametrize("target", ["/etc/passwd", "../elsewhere.ipynb", "nowhere", "bob.ipynb"])
def test_a_link_is_not_followed(folder: Place, target: str) -> None:
    root = folder({"bob.ipynb": b"b"})
    (root.parent / "elsewhere.ipynb").write_bytes(b"not theirs")
    (root / "ada.ipynb").symlink_to(target)
    found = {each.student: each for each in find([root], NAME)}
    assert found.keys() == {"ada", "bob"}
    with pytest.raises(Rejected, match="link"):
        found["ada"].read()


def test_a_link_to_a_folder_is_not_followed(folder: Place) -> None:
    root = folder({"bob.ipynb": b"b"})
    (root.parent / "elsewhere").mkdir()
    (root.parent / "elsewhere" / "eve.ipynb").write_bytes(b"not theirs")
    (root / "linked").symlink_to("../elsewhere")
    assert by_student(find([root], NAME)) == {"bob": b"b"}


def test_a_pipe_is_not_waited_for(folder: Place) -> None:
    root = folder({"bob.ipynb": b"b"})
    os.mkfifo(root / "ada.ipynb")
    (ada,) = (each for each in find([root], NAME) if each.student == "ada")
    with pytest.raises(Rejected, match="device"):
        ada.read()


def test_a_folder_that_is_called_like_a_notebook_is_none(folder: Place) -> None:
    root = folder({"bob.ipynb": b"b"})
    (root / "ada.ipynb").mkdir()
    assert by_student(find([root], NAME)) == {"bob": b"b"}


def test_no_more_is_read_of_a_file_than_shows_that_it_is_too_large(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "MAX_BYTES", 1000)
    (only,) = find([place({"ada.ipynb": b"\0" * 100_000})], NAME)
    assert len(only.read()) == 1001


@pytest.mark.parametrize(
    "name",
    [
        "../../../outside.ipynb",
        "/outside.ipynb",
        "ada/../../outside.ipynb",
        "../numbers/outside.ipynb",
        "..\\outside.ipynb",
    ],
)
def test_a_zip_whose_names_lead_outside_is_read_and_writes_nothing(
    zipped: Place, name: str, tmp_path: Path
) -> None:
    path = zipped({name: b"hers"})
    before = sorted(tmp_path.parent.rglob("*"))
    (only,) = find([path], NAME)
    assert only.read() == b"hers"
    assert sorted(tmp_path.parent.rglob("*")) == before
    assert only.student not in ("", ".", "..")
    assert "/" not in only.student


def test_an_encrypted_zip_is_rejected_in_words(zipped: Place) -> None:
    path = zipped({"ada.ipynb": b"a"})
    data = bytearray(path.read_bytes())
    for mark, flags in ((b"PK\3\4", 6), (b"PK\1\2", 8)):  # the flag that says: encrypted
        data[data.index(mark) + flags] |= 1
    path.write_bytes(data)
    (ada,) = find([path], NAME)
    assert ada.student == "ada"
    with pytest.raises(Rejected, match="password"):
        ada.read()


def test_a_zip_that_is_spoiled_inside_loses_only_what_was_spoiled(zipped: Place) -> None:
    path = zipped({"ada.ipynb": bytes(range(256)) * 40, "bob.ipynb": b"b"})
    data = bytearray(path.read_bytes())
    start = data.index(b"ada.ipynb") + len(b"ada.ipynb")
    data[start : start + 200] = b"\xff" * 200
    path.write_bytes(data)
    found = {each.student: each for each in find([path], NAME)}
    assert found["bob"].read() == b"b"
    with pytest.raises(Rejected, match="cannot be read"):
        found["ada"].read()


def test_a_zip_whose_method_nobody_knows_is_rejected_in_words(zipped: Place) -> None:
    path = zipped({"ada.ipynb": b"a"})
    data = bytearray(path.read_bytes())
    for mark, method in ((b"PK\3\4", 8), (b"PK\1\2", 10)):
        at = data.index(mark) + method
        data[at : at + 2] = struct.pack("<H", 77)
    path.write_bytes(data)
    (ada,) = find([path], NAME)
    with pytest.raises(Rejected, match="cannot be read"):
        ada.read()


def test_a_zip_without_a_readable_table_is_one_rejected_submission(zipped: Place) -> None:
    path = zipped({"ada.ipynb": b"a"})
    data = bytearray(path.read_bytes())
    at = data.index(b"PK\1\2")
    data[at : at + 4] = b"XXXX"
    path.write_bytes(data)
    (only,) = find([path], NAME)
    assert (only.student, only.path) == ("handed-in", str(path))
    with pytest.raises(Rejected, match="zip cannot be read"):
        only.read()


def test_half_a_zip_is_one_submission_that_is_no_notebook(zipped: Place) -> None:
    path = zipped({"ada.ipynb": bytes(range(256)) * 40})
    path.write_bytes(path.read_bytes()[:200])
    (only,) = find([path], NAME)
    assert only.student == "handed-in"
    assert only.read().startswith(b"PK")


def test_a_file_that_was_taken_away_meanwhile_is_rejected_in_words(place: Place) -> None:
    path = place({"ada.ipynb": b"a"})
    (only,) = find([path], NAME)
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()
    with pytest.raises(Rejected):
        only.read()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_rejected_in_words(folder: Place) -> None:
    root = folder({"ada.ipynb": b"a"})
    (root / "ada.ipynb").chmod(stat.S_IWUSR)
    (only,) = find([root], NAME)
    with pytest.raises(Rejected, match="Permission denied"):
        only.read()


def test_a_name_that_is_no_text_can_still_stand_in_a_result(folder: Place) -> None:
    root = folder({"bob.ipynb": b"b"})
    (root / "bob.ipynb").rename(os.fsdecode(os.fsencode(root) + b"/Andr\xe9.ipynb"))
    (only,) = find([root], NAME)
    assert only.read() == b"b"
    row = SubmissionResult(
        only.student, only.path, Status.REJECTED, "No.", 0.0, 1.0, 0.0, False, (), ()
    )
    assert b"Andr" in to_json(Result(1, NAME, "", "", None, "", (), (row,)))
