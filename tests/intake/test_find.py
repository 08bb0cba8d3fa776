"""Submissions are found in whatever a teacher has downloaded, each under its student's name."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import stat
import struct
import subprocess
import time
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.intake import files as folders
from autograder.intake import zips
from autograder.intake.find import SubmissionSource, find, unpacked
from autograder.intake.parse import MAX_BYTES
from autograder.intake.reconcile import Rejected
from autograder.result import Result, Status, SubmissionResult, to_json
from tests.helpers.archives import NAME, Files, Place, assert_rejected, by_student


def test_of_a_whole_course_only_what_was_handed_in_is_found(tmp_path: Path) -> None:
    for place in ("source/lab", "release/lab", "submitted/ada/lab", "assignments/lab", "reference"):
        (tmp_path / place).mkdir(parents=True)
        (tmp_path / place / "lab.ipynb").write_bytes(b"{}")
    assert [found.student for found in find([tmp_path], "lab")] == ["ada"]


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
    assert_rejected(ada, reason)


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


def test_no_two_bear_one_name_even_where_one_is_a_folder(place: Place) -> None:
    files = {"a/ada.ipynb": b"1", "a/ada/one.ipynb": b"2", "a/ada/two.ipynb": b"3"}
    tree = f"a/bob/{NAME}/{NAME}.ipynb"
    root = place({**files, tree: b"4"})
    found = {each.student: each.path for each in find([root], NAME)}
    assert found == {
        "bob": str(root / tree),
        str(root / "a/ada"): str(root / "a/ada"),
        str(root / "a/ada.ipynb"): str(root / "a/ada.ipynb"),
    }


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
    with pytest.raises(FileNotFoundError, match="no/such/place does not exist"):
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
    assert_rejected(found["ada"], "link")


def test_a_link_to_a_folder_is_not_followed(folder: Place) -> None:
    root = folder({"bob.ipynb": b"b"})
    (root.parent / "elsewhere").mkdir()
    (root.parent / "elsewhere" / "eve.ipynb").write_bytes(b"not theirs")
    (root / "linked").symlink_to("../elsewhere")
    found = {each.student: each for each in find([root], NAME)}
    assert found.keys() == {"bob", "linked"}
    assert_rejected(found["linked"], "link")


def _link_nowhere(path: Path) -> None:
    path.symlink_to("x")


def _link_too_long(path: Path) -> None:
    path.symlink_to("a" * 4000)


def _link_to_a_file(path: Path) -> None:
    path.symlink_to(path.parents[1] / "bob/numbers/numbers.ipynb")


def _link_to_a_folder(path: Path) -> None:
    path.symlink_to("../bob/numbers")


def _link_in_a_circle(path: Path) -> None:
    path.symlink_to(path)


def _socket(path: Path) -> None:
    with contextlib.chdir(path.parent), socket.socket(socket.AF_UNIX) as made:
        made.bind(path.name)


def _file(path: Path) -> None:
    path.write_bytes(b"a")


IN_PLACE_OF_A_FOLDER = [
    _link_nowhere,
    _link_too_long,
    _link_to_a_file,
    _link_to_a_folder,
    _link_in_a_circle,
    os.mkfifo,
    _socket,
]


@pytest.mark.parametrize("alone", [False, True])
@pytest.mark.parametrize("make", [*IN_PLACE_OF_A_FOLDER, _file])
def test_what_is_no_folder_for_the_assignment_is_a_rejected_submission(
    folder: Place, make: Callable[[Path], None], alone: bool
) -> None:
    root = folder({"bob/numbers/numbers.ipynb": b"b"})
    (root / "j.doe").mkdir()
    make(root / "j.doe/numbers")
    if alone and make is not _file:  # a file tells nothing where no folder shows what a class is
        shutil.rmtree(root / "bob")
    found = {each.student: each for each in find([root], NAME)}
    assert found.keys() == {"j.doe"} | (set() if alone and make is not _file else {"bob"})
    assert_rejected(found["j.doe"], r"link|device")


@pytest.mark.parametrize("make", IN_PLACE_OF_A_FOLDER)
def test_what_is_no_folder_of_a_student_is_a_rejected_submission(
    folder: Place, make: Callable[[Path], None]
) -> None:
    for files in ({"c/bob/numbers/numbers.ipynb": b"b"}, {"c/bob/numbers.ipynb": b"b"}):
        root = folder(
            {**files, **{name.replace("bob", "cy"): data for name, data in files.items()}}
        )
        make(root / "c/j.doe")
        found = {each.student: each for each in find([root], NAME)}
        assert len(found) == 3
        assert_rejected(found["j.doe"], r"link|device")
        shutil.rmtree(root)


@pytest.mark.parametrize("make", IN_PLACE_OF_A_FOLDER)
def test_a_students_folder_in_submitted_is_that_students_whatever_lies_in_it(
    tmp_path: Path, make: Callable[[Path], None]
) -> None:
    (tmp_path / "submitted/ada").mkdir(parents=True)
    make(tmp_path / "submitted/ada/numbers")
    (ada,) = find([tmp_path / "submitted/ada"], NAME)
    assert ada.student == "ada"
    assert_rejected(ada, r"link|device")


@pytest.mark.parametrize("make", [_link_nowhere, os.mkfifo])
def test_a_link_or_a_device_beside_a_submission_takes_nothing_from_it(
    folder: Place, make: Callable[[Path], None]
) -> None:
    files = {"ada/numbers/numbers.ipynb": b"a", "bob/numbers.ipynb": b"b", "ada/data/x.txt": b""}
    root = folder({**files, "cy/other/x.txt": b""})
    for place in ("ada/x", "ada/data/numbers", "bob/x", "cy/other/numbers", "cy/x"):
        make(root / place)
    found = find([root], NAME)
    assert by_student(found) == {"ada": b"a", "bob": b"b"}
    assert [each.observations for each in found] == [(), ()]


def test_a_file_called_like_the_assignment_takes_nothing_from_a_student(place: Place) -> None:
    files = {"ada/numbers/numbers.ipynb": b"a", "bob/numbers": b"", "bob/numbers.ipynb": b"b"}
    found = find([place({**files, "numbers": b"", "ada/data/numbers": b""})], NAME)
    assert by_student(found) == {"ada": b"a", "bob": b"b"}


def test_a_pipe_is_not_waited_for(folder: Place) -> None:
    root = folder({"bob.ipynb": b"b"})
    os.mkfifo(root / "ada.ipynb")
    (ada,) = (each for each in find([root], NAME) if each.student == "ada")
    assert_rejected(ada, "device")


def test_a_folder_that_is_called_like_a_notebook_is_rejected(folder: Place) -> None:
    root = folder({"bob.ipynb": b"b", "ada.ipynb/notes.txt": b"no", "cy.ipynb/x.ipynb": b"c"})
    (root / "dan.ipynb").mkdir()
    for paths in ([root], [root / "ada.ipynb", root / "bob.ipynb", root / "dan.ipynb"]):
        found = {each.student: each for each in find(paths, NAME)}
        assert found.keys() - {"x"} == {"ada", "bob", "dan"}
        for student in ("ada", "dan"):
            assert_rejected(found[student], "folder")
    assert found.keys() == {"ada", "bob", "dan"}


@pytest.mark.parametrize("deep", ["backup", "a/b"])
def test_nobody_becomes_somebody_else_by_folders_in_a_submission(place: Place, deep: str) -> None:
    files = {
        "ada/numbers/numbers.ipynb": b"a",
        f"ada/numbers/{deep}/numbers/numbers.ipynb": b"old",
        "bob/numbers/notes.txt": b"",
        f"bob/numbers/{deep}/numbers/numbers.ipynb": b"b",
    }
    found = find([place(files)], NAME)
    assert by_student(found) == {"ada": b"a", "bob": b"b"}
    ada, bob = found
    (said,) = ada.observations
    assert f"{deep}/numbers/numbers.ipynb" in said
    assert bob.observations == ()


def test_the_same_holds_for_one_students_folder(folder: Place, zipped: Place) -> None:
    files = {"numbers/numbers.ipynb": b"a", "numbers/bob/numbers/numbers.ipynb": b"old"}
    path = zipped(files)
    assert by_student(find([path.rename(path.with_name("ada.zip"))], NAME)) == {"ada": b"a"}
    root = folder({f"ada/{name}": data for name, data in files.items()}) / "ada"
    assert by_student(find([root], NAME)) == {"ada": b"a"}
    assert by_student(find([root / "numbers"], NAME)) == {"ada": b"a"}


def test_another_notebook_of_a_student_is_not_graded_and_is_told(place: Place) -> None:
    files = {
        "ada/numbers/numbers.ipynb": b"a",
        "ada/old.ipynb": b"old",
        **{f"ada/numbers/{number}.ipynb": b"old" for number in range(9)},
    }
    (ada,) = find([place(files)], NAME)
    assert ada.read() == b"a"
    (said,) = ada.observations
    assert said.endswith("and 5 more.")


def test_a_notebook_beside_the_tree_is_a_submission_too(place: Place) -> None:
    files = {
        "sub/ada/numbers/numbers.ipynb": b"a",
        "sub/ada/other/other.ipynb": b"no",
        "sub/bob.ipynb": b"b",
        "sub/cy/my copy.ipynb": b"c",
        "sub/dan/numbers.ipynb": b"d",
        "sub/dan/trial.ipynb": b"no",
        "sub/eve/other/other.ipynb": b"no",
        "late/fay.ipynb": b"f",
    }
    wanted = {"ada": b"a", "bob": b"b", "cy": b"c", "dan": b"d", "fay": b"f"}
    found = find([place(files)], NAME, ["other"])
    assert by_student(found) == wanted
    assert [each.student for each in found if each.observations] == ["dan"]


def test_no_notebook_in_a_tree_is_passed_over_in_silence(place: Place) -> None:
    files = {
        "ada/numbers/numbers.ipynb": b"a",
        "ada/lab/deep/old.ipynb": b"no",
        "bob/lab/lab.ipynb": b"b",
        "cy/lab/numbers.ipynb": b"c",
        "cy/numbers.ipynb/x.ipynb": b"no",
        "dan/other/other.ipynb": b"no",
    }
    found = {each.student: each for each in find([place(files)], NAME, ["other"])}
    assert found.keys() == {"ada", "bob", "cy"}
    for student, name in (("ada", "deep/old"), ("bob", "lab/lab"), ("cy", "numbers.ipynb/x")):
        assert f"{name}.ipynb" in " ".join(found[student].observations)
    assert (found["ada"].read(), found["cy"].read()) == (b"a", b"c")
    assert_rejected(found["bob"], "no notebook")


@pytest.mark.parametrize("where", ["numbers", "bob/numbers", "x/bob/numbers", "ada/numbers"])
@pytest.mark.parametrize("theirs", ["numbers.ipynb", "notebooks/numbers.ipynb"])
def test_a_folder_in_a_repository_neither_hides_nor_invents_anybody(
    place: Place, where: str, theirs: str
) -> None:
    class_ = {f"class/{name}/{theirs}": name.encode() for name in ("ada", "bob", "cy")}
    root = place(class_ | {f"class/eve/{where}/numbers.ipynb": b"eve"})
    found = find([root], NAME)
    assert sorted(by_student(found).values()) == [b"ada", b"bob", b"cy", b"eve"]
    for each in found:
        name = each.read().decode()
        assert each.path.startswith(f"{root}/class/{name}/")
        assert each.student == each.path.removesuffix(".ipynb")


def test_a_tree_in_a_students_folder_of_a_tree_is_that_students(place: Place) -> None:
    files = {
        "ada/numbers/numbers.ipynb": b"a",
        "bob/ada/numbers/numbers.ipynb": b"b",
        "cy/numbers/numbers.ipynb": b"c",
        "cy/ada/numbers/numbers.ipynb": b"no",
    }
    found = find([place(files)], NAME)
    assert by_student(found) == {"ada": b"a", "bob": b"b", "cy": b"c"}
    assert [each.student for each in found if each.observations] == ["cy"]


@pytest.mark.parametrize("notebooks", [[], ["one", "two"]])
def test_of_a_class_that_has_other_assignments_alone_nothing_is_found(
    place: Place, notebooks: list[str]
) -> None:
    files = {"ada/other/other.ipynb": b"no", "bob/other/mine.ipynb": b"no"}
    assert find([place(files)], NAME, ["other"], notebooks) == []


@pytest.mark.parametrize("beside", ["ada/other/numbers.ipynb", "cy/mine.ipynb", "mine.ipynb"])
def test_where_one_may_be_of_this_assignment_all_are_spoken_of(place: Place, beside: str) -> None:
    found = find([place({"ada/other/other.ipynb": b"o", beside: b"x"})], NAME, ["other"])
    one, other = sorted(found, key=lambda each: each.path.endswith("/other.ipynb"))
    assert one.read() == b"x"
    assert_rejected(other, "called like another assignment")


@pytest.mark.parametrize("beside", ["source", "assignments"])
def test_of_a_course_of_any_kind_only_what_was_handed_in_is_found(
    folder: Place, beside: str
) -> None:
    files = {f"{beside}/numbers/numbers.ipynb": b"", "submitted/ada/numbers/numbers.ipynb": b"a"}
    assert by_student(find([folder(files)], NAME)) == {"ada": b"a"}


def test_who_has_two_notebooks_beside_the_folder_for_one_is_told(place: Place) -> None:
    files = {"ada/numbers/numbers.ipynb": b"a", "bob/1.ipynb": b"", "bob/2.ipynb": b""}
    (_, bob) = find([place(files)], NAME)
    assert bob.student == "bob"
    assert_rejected(bob, "2 notebooks")


def test_a_class_in_a_folder_called_like_the_assignment_is_a_class(place: Place) -> None:
    root = place({"numbers/ada.ipynb": b"a", "numbers/bob.ipynb": b"b"})
    assert by_student(find([root], NAME)) == {"ada": b"a", "bob": b"b"}
    if root.is_dir():
        assert by_student(find([root / "numbers"], NAME)) == {"ada": b"a", "bob": b"b"}


def test_a_course_in_a_folder_called_like_the_assignment_is_a_tree(place: Place) -> None:
    files = {
        "numbers/readme.ipynb": b"no",
        "numbers/submitted/ada/numbers/numbers.ipynb": b"a",
        "numbers/submitted/bob/numbers/numbers.ipynb": b"b",
    }
    found = by_student(find([place(files)], NAME))
    assert {"ada": b"a", "bob": b"b"}.items() <= found.items()


def test_an_empty_folder_of_a_student_is_rejected_and_not_lost(folder: Place) -> None:
    root = folder({"ada/numbers/numbers.ipynb": b"a"})
    (root / "bob" / "numbers" / "plots").mkdir(parents=True)
    (root / "cy" / "numbers").parent.mkdir()
    (root / "cy" / "numbers").symlink_to("../ada/numbers")
    found = {each.student: each for each in find([root], NAME)}
    assert found.keys() == {"ada", "bob", "cy"}
    assert_rejected(found["bob"], "no notebook")
    assert_rejected(found["cy"], "link")


@pytest.mark.parametrize(
    "name",
    [
        "ada.IPYNB",
        "ada.ipynb.txt",
        "ada.ipynb.json",
        "ada.ipynb (1)",
        "ada.ipynb(2)",
        "ada.ipynb.ipynb",
        "ada.ipynb.json.txt",
    ],
)
def test_a_notebook_that_was_renamed_by_a_browser_is_one(place: Place, name: str) -> None:
    assert by_student(find([place({name: b"a"})], NAME)) == {"ada": b"a"}


def test_a_notebook_of_no_name_is_one(place: Place) -> None:
    assert by_student(find([place({".ipynb": b"a"})], NAME)) == {".ipynb": b"a"}


@pytest.mark.parametrize("ending", ["zip", "ZIP", "7z", "rar", "tar.gz", "zip (1)"])
def test_an_archive_among_notebooks_is_a_submission(place: Place, ending: str) -> None:
    found = find([place({"a.ipynb": b"a", f"b.{ending}": b"PK"})], NAME)
    assert by_student(found) == {"a": b"a", "b": b"PK"}


def test_what_is_named_twice_is_graded_once(folder: Place) -> None:
    root = folder({"ada.ipynb": b"a"})
    assert by_student(find([root, root / "ada.ipynb", root], NAME)) == {"ada": b"a"}


@pytest.mark.parametrize("odd", ["pipe", "device", "socket", "link", "broken link"])
def test_a_path_to_no_file_is_not_waited_for(tmp_path: Path, odd: str) -> None:
    path = tmp_path / "ada.ipynb"
    if odd == "pipe":
        os.mkfifo(path)
    elif odd == "socket":
        with socket.socket(socket.AF_UNIX) as sock:
            sock.bind(str(path))
    else:
        target = {"device": "/dev/zero", "link": __file__, "broken link": "nowhere"}[odd]
        path.symlink_to(target)
    (ada,) = find([path], NAME)
    assert ada.student == "ada"
    assert_rejected(ada, "link or a device")


def test_folders_without_an_end_are_told(tmp_path: Path) -> None:
    with contextlib.chdir(tmp_path):
        for _ in range(1500):
            os.mkdir("a")
            os.chdir("a")
    os.chdir(tmp_path)
    try:
        (only,) = find([tmp_path], NAME)
        assert_rejected(only, "too deep")
    finally:
        subprocess.run(["rm", "-rf", tmp_path / "a"], check=True)


def test_a_folder_that_cannot_be_read_is_told(
    folder: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = folder({"ada/numbers/numbers.ipynb": b"a", "bob/numbers/numbers.ipynb": b"b"})
    scan = os.scandir

    def scandir(descriptor: int) -> object:
        if "bob" in os.readlink(f"/proc/self/fd/{descriptor}"):
            raise PermissionError(13, "Permission denied")
        return scan(descriptor)

    monkeypatch.setattr(os, "scandir", scandir)
    found = {each.student: each for each in find([root], NAME)}
    assert found.keys() == {"ada", "bob"}
    assert_rejected(found["bob"], "Permission denied")


def test_no_more_is_read_of_a_file_than_shows_that_it_is_too_large(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (folders, zips):
        monkeypatch.setattr(module, "MAX_BYTES", 1000)
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
    before = sorted(os.walk(tmp_path.parent))  # which passes over other tests' too long paths
    (only,) = find([path], NAME)
    assert only.read() == b"hers"
    assert sorted(os.walk(tmp_path.parent)) == before
    assert only.student not in ("", ".", "..")
    assert "/" not in only.student


def test_names_with_the_separators_of_windows_are_a_tree(zipped: Place) -> None:
    assert by_student(find([zipped({"ada\\numbers\\numbers.ipynb": b"a"})], NAME)) == {"ada": b"a"}


def test_a_link_in_a_zip_is_rejected(zipped: Place) -> None:
    path = zipped({"bob.ipynb": b"b"})
    link = zipfile.ZipInfo("ada.ipynb")
    link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(link, "/etc/passwd")
    found = {each.student: each for each in find([path], NAME)}
    assert found["bob"].read() == b"b"
    assert_rejected(found["ada"], "link")


@pytest.mark.parametrize("mode", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFSOCK, stat.S_IFCHR])
@pytest.mark.parametrize("place", ["ada/numbers", "ada"])
def test_what_is_no_folder_in_a_zip_is_a_rejected_submission(
    zipped: Place, place: str, mode: int
) -> None:
    path = zipped({"bob/numbers/numbers.ipynb": b"b"})
    special = zipfile.ZipInfo(place)
    special.create_system, special.external_attr = 3, (mode | 0o777) << 16
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(special, "../bob/numbers")
    found = {each.student: each for each in find([path], NAME)}
    assert found.keys() == {"ada", "bob"}
    assert found["bob"].read() == b"b"
    assert_rejected(found["ada"], "link or a device")


def overwrite(path: Path, mark: bytes, offset: int, data: bytes) -> None:
    """Overwrite bytes of a file, at an offset from the first occurrence of a mark."""
    content = bytearray(path.read_bytes())
    start = content.index(mark) + offset
    content[start : start + len(data)] = data
    path.write_bytes(content)


def _record_of(path: Path, name: bytes, change: Callable[[bytearray, int], None]) -> None:
    """Change the record that stands in a zip's central directory before a name."""
    data = bytearray(path.read_bytes())
    change(data, data.rindex(name) - zips.RECORD.size)
    path.write_bytes(data)


def _says_utf8(data: bytearray, at: int) -> None:
    data[at + 9] |= 0x08


def _of_a_later_version(data: bytearray, at: int) -> None:
    data[at + 6] = 99


def _with_half_an_extra_field(data: bytearray, at: int) -> None:
    end = at + zips.RECORD.size + len("ada/numbers/?.ipynb")
    assert data[end : end + 4] == b"\xfe\xca\0\0"
    data[end + 2] = 9


@pytest.mark.parametrize("change", [_says_utf8, _of_a_later_version, _with_half_an_extra_field])
@pytest.mark.parametrize("several", [False, True])
def test_a_record_that_cannot_be_decoded_loses_nobody_of_a_zip(
    tmp_path: Path, change: Callable[[bytearray, int], None], several: bool
) -> None:
    path = tmp_path / "class.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("bob/numbers/numbers.ipynb", b"b")
        odd = zipfile.ZipInfo("ada/numbers/?.ipynb")
        odd.extra = b"\xfe\xca\0\0"
        archive.writestr(odd, b"a")
        archive.writestr("cy/numbers/numbers.ipynb", b"c")
        if several:
            archive.writestr("ada/numbers/numbers.ipynb", b"a")
    path.write_bytes(path.read_bytes().replace(b"?", b"\xff"))
    _record_of(path, b"ada/numbers/\xff.ipynb", change)
    found = {each.student: each for each in find([path], NAME)}
    assert found.keys() == {"ada", "bob", "cy"}
    assert (found["bob"].read(), found["cy"].read()) == (b"b", b"c")
    assert found["ada"].read() == b"a"
    if several:
        assert "\\udcff.ipynb" in found["ada"].observations[0]
    else:
        assert found["ada"].path.endswith("class.zip/ada/numbers/\\udcff.ipynb")


def test_names_in_a_zip_stay_as_they_are_where_another_one_is_mended(tmp_path: Path) -> None:
    path = tmp_path / "class.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in (
            "josé/numbers/numbers.ipynb",
            "josé/numbers/?.txt",
            "李/numbers/numbers.ipynb",
        ):
            archive.writestr(name, name.encode())
    path.write_bytes(path.read_bytes().replace(b"?", b"\xff"))
    assert by_student(find([path], NAME)) == {
        name: f"{name}/numbers/numbers.ipynb".encode() for name in ("josé", "李")
    }


def test_a_central_directory_that_is_too_large_is_not_read(
    zipped: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = zipped({f"{number}.ipynb": b"" for number in range(5000)})
    monkeypatch.setattr(zips, "MAX_DIRECTORY", 5000 * 46)
    tracemalloc.start()
    (only,) = find([path], NAME)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert_rejected(only, "list of files is larger")
    assert peak < 500_000  # the objects for 5,000 files take more than three times as much


def test_a_zip_of_too_many_files_is_not_decoded(
    zipped: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = zipped({f"{number}.ipynb": b"" for number in range(5000)})
    monkeypatch.setattr(zips, "MAX_MEMBERS", 4999)
    made: list[str] = []
    wanted = zipfile.ZipInfo.__init__

    def init(self: zipfile.ZipInfo, name: str = "NoName") -> None:
        made.append(name)
        wanted(self, name)

    monkeypatch.setattr(zipfile.ZipInfo, "__init__", init)
    (only,) = find([path], NAME)
    assert made == []
    assert_rejected(only, "contains 5000 files, and the limit is 4999")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_of_one_name_in_a_zip_are_both_kept(zipped: Place) -> None:
    path = zipped({"ada.ipynb": b"old", "bob/numbers/numbers.ipynb": b"old"})
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("ada.ipynb", b"new")
        archive.writestr("bob/numbers/numbers.ipynb", b"new")
    found = find([path], NAME)
    assert sorted(each.read() for each in found) == [b"new", b"new", b"old"]
    assert len({each.student for each in found}) == 3
    (bob,) = (each for each in found if each.student == "bob")
    assert bob.read() == b"new"
    assert bob.observations


@pytest.mark.parametrize(
    "method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA], ids=str
)
def test_a_bomb_is_no_more_than_a_file_too_large(tmp_path: Path, method: int) -> None:
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr("bob.ipynb", b"b", zipfile.ZIP_STORED)
        member = zipfile.ZipInfo("ada.ipynb")
        member.compress_type = method
        with archive.open(member, "w") as file:
            for _ in range(100):
                file.write(bytes(10**6))
    found = {each.student: each for each in find([path], NAME)}
    assert found["bob"].read() == b"b"
    tracemalloc.start()
    try:
        if method == zipfile.ZIP_DEFLATED:
            assert len(found["ada"].read()) == MAX_BYTES + 1
        else:
            assert_rejected(found["ada"], "Unzip and zip it again")
        assert tracemalloc.get_traced_memory()[1] < 4 * MAX_BYTES
    finally:
        tracemalloc.stop()


def test_a_size_that_lies_is_rejected_in_words(zipped: Place) -> None:
    path = zipped({"ada.ipynb": b"a" * 1000, "bob.ipynb": b"b"})
    for said in (10, 2**32 - 2):
        overwrite(path, b"PK\1\2", 24, struct.pack("<I", said))
        os.utime(path, ns=(said, said))
        found = {each.student: each for each in find([path], NAME)}
        assert found["bob"].read() == b"b"
        if said == 10:
            assert_rejected(found["ada"], "cannot be read")
        else:
            assert found["ada"].read() == b"a" * 1000


def test_a_zip_of_too_many_files_is_one_rejected_submission(
    zipped: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zips, "MAX_MEMBERS", 10)
    (only,) = find([zipped({f"{number}.ipynb": b"" for number in range(11)})], NAME)
    assert_rejected(only, "contains 11 files")


def test_a_zip_of_many_files_is_read_in_seconds(zipped: Place) -> None:
    found = find([zipped({f"{number}.ipynb": b"" for number in range(5000)})], NAME)
    start = time.process_time()
    assert {each.read() for each in found} == {b""}
    assert time.process_time() - start < 20


def test_a_notebook_that_ends_like_a_zip_is_a_notebook(folder: Place, zipped: Place) -> None:
    zip_bytes = zipped({"eve.ipynb": b"not hers"}).read_bytes()
    path = folder({"ada.ipynb": b"{}" + zip_bytes}) / "ada.ipynb"
    assert by_student(find([path], NAME)) == {"ada": b"{}" + zip_bytes}


def test_an_encrypted_zip_is_rejected_in_words(zipped: Place) -> None:
    path = zipped({"ada.ipynb": b"a"})
    data = bytearray(path.read_bytes())
    for mark, flags in ((b"PK\3\4", 6), (b"PK\1\2", 8)):  # the flag that says: encrypted
        data[data.index(mark) + flags] |= 1
    path.write_bytes(data)
    (ada,) = find([path], NAME)
    assert ada.student == "ada"
    assert_rejected(ada, "password")


def test_a_zip_that_is_spoiled_inside_loses_only_what_was_spoiled(zipped: Place) -> None:
    path = zipped({"ada.ipynb": bytes(range(256)) * 40, "bob.ipynb": b"b"})
    overwrite(path, b"ada.ipynb", len(b"ada.ipynb"), b"\xff" * 200)
    found = {each.student: each for each in find([path], NAME)}
    assert found["bob"].read() == b"b"
    assert_rejected(found["ada"], "cannot be read")


def test_a_zip_whose_method_nobody_knows_is_rejected_in_words(zipped: Place) -> None:
    path = zipped({"ada.ipynb": b"a"})
    overwrite(path, b"PK\3\4", 8, struct.pack("<H", 77))
    overwrite(path, b"PK\1\2", 10, struct.pack("<H", 77))
    (ada,) = find([path], NAME)
    assert_rejected(ada, "cannot be read")


def test_a_zip_without_a_readable_table_is_one_rejected_submission(zipped: Place) -> None:
    path = zipped({"ada.ipynb": b"a"})
    overwrite(path, b"PK\1\2", 0, b"XXXX")
    (only,) = find([path], NAME)
    assert (only.student, only.path) == ("handed-in", str(path))
    assert_rejected(only, "zip cannot be read")


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
    assert_rejected(only, "Permission denied")


def test_a_name_that_is_no_text_can_still_stand_in_a_result(folder: Place) -> None:
    root = folder({"bob.ipynb": b"b"})
    (root / "bob.ipynb").rename(os.fsdecode(os.fsencode(root) + b"/Andr\xe9.ipynb"))
    (root / os.fsdecode(b"Andr\xe8.ipynb")).write_bytes(b"a")
    found = find([root], NAME)
    assert sorted(by_student(found).values()) == [b"a", b"b"]
    for only in found:
        row = SubmissionResult(
            only.student, only.path, Status.REJECTED, "No.", 0.0, 1.0, 0.0, False, (), ()
        )
        assert b"Andr" in to_json(Result(1, NAME, "", "", None, "", (), (row,)))


def test_a_name_that_is_no_text_can_stand_in_the_reason_of_a_rejection(folder: Place) -> None:
    root = folder({f"ada/{NAME}/notes.txt": b"a"})
    (root / "ada" / NAME / "notes.txt").rename(
        os.fsdecode(os.fsencode(root / "ada" / NAME) + b"/Andr\xe9.txt")
    )
    (only,) = find([root], NAME)
    with pytest.raises(Rejected, match=r"Andr\\udce9\.txt") as rejected:
        only.read()
    assert str(rejected.value).encode()


@pytest.mark.parametrize(
    "name",
    ["/{}", "../{}", "./{}", "x/../../{}", "bob//{}", "bob\\{}", "//{}"],
)
@pytest.mark.parametrize("first", [True, False])
def test_nobody_replaces_another_by_a_name_that_leads_there(
    tmp_path: Path, name: str, first: bool
) -> None:
    rest = "numbers/numbers.ipynb"
    inside = rest if name.startswith("bob") else f"bob/{rest}"
    entries = [(f"bob/{rest}", b"b"), (name.format(inside), b"eve")]
    path = tmp_path / "in.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for place, data in entries[:: 1 if first else -1]:
            archive.writestr(place, data)
    (bob,) = (each for each in find([path], NAME) if each.student == "bob")
    assert bob.read() == b"b"


def test_who_hands_in_a_checkpoint_alone_is_rejected_and_not_lost(zipped: Place) -> None:
    files = {
        "ada/numbers/.ipynb_checkpoints/numbers.ipynb": b"old",
        "bob/numbers/numbers.ipynb": b"b",
        "bob/numbers/.ipynb_checkpoints/numbers.ipynb": b"old",
    }
    ada, bob = sorted(find([zipped(files)], NAME), key=lambda each: each.student)
    assert (ada.student, bob.student, bob.read()) == ("ada", "bob", b"b")
    assert bob.observations == ()
    assert_rejected(ada, "no notebook")


@pytest.mark.parametrize(
    "alike",
    ["Jos\u00e9", "JOSE\u0301", "jose\u0301", "jos\u00e9 ", "jos\u00e9.", "jos\u00e9\u202e",
     "jo\u200bs\u00e9", "\uff4aos\u00e9", "jos\u00e9\x07"],
)  # fmt: skip
def test_names_that_look_alike_are_two_and_told(place: Place, alike: str) -> None:
    names = {"jos\u00e9": b"j", alike: b"other", "joseph": b"no"}
    files = {f"{name}/numbers/numbers.ipynb": data for name, data in names.items()}
    found = find([place(files)], NAME)
    assert by_student(found) == names
    for each in found:
        assert len(each.observations) == (each.student != "joseph")
        assert all(said.isascii() and said.isprintable() for said in each.observations)


class TestSeveralNotebooks:
    """Submissions of several notebooks are kept apart just as well."""

    def find(self, root: Path) -> dict[str, dict[str, bytes]]:
        found = find([root], "numbers", ["other"], ["one", "two"])
        assert len({each.student for each in found}) == len(found)
        return {
            each.student: {
                name: data
                for name, data in unpacked(each.read()).items()
                if isinstance(data, bytes)
            }
            for each in found
        }

    def test_a_tree_in_a_students_folder_is_that_students(self, place: Place) -> None:
        files = {
            "ada/numbers/one.ipynb": b"a",
            "bob/ada/numbers/one.ipynb": b"b",
            "cy/numbers/one.ipynb": b"c",
            "cy/numbers/old/one.ipynb": b"no",
            "cy/numbers/zzz/one.ipynb": b"no",
            "cy/ada/numbers/one.ipynb": b"no",
            "dan/lab/two.ipynb": b"d",
            "eve/other/one.ipynb": b"no",
        }
        wanted = {"ada": b"a", "bob": b"b", "cy": b"c"}
        assert self.find(place(files)) == {
            **{name: {"one": data} for name, data in wanted.items()},
            "dan": {"two": b"d"},
        }

    def test_a_folder_in_a_repository_hides_nobody(self, place: Place) -> None:
        class_ = {name: {"one": name.encode()} for name in ("ada", "bob", "cy")}
        files = {f"{name}/one.ipynb": name.encode() for name in class_}
        found = self.find(place(files | {"eve/ada/numbers/one.ipynb": b"eve"}))
        assert found.items() > class_.items()
        assert len(found) == 4

    def test_what_lies_in_the_folder_counts_before_what_lies_beside_it(self, place: Place) -> None:
        files = {"ada/numbers/one.ipynb": b"1", "ada/one.ipynb": b"no", "ada/two.ipynb": b"2"}
        root = place(files | {"bob/numbers/one.ipynb": b"b"})
        assert self.find(root)["ada"] == {"one": b"1", "two": b"2"}
        ada, _ = find([root], "numbers", ["other"], ["one", "two"])
        (said,) = ada.observations
        assert said == (
            "These notebooks do not belong to the assignment and were not graded: ada/one.ipynb."
        )
        assert set(ada.beside) == {f"{root}/ada/one.ipynb", f"{root}/ada/two.ipynb"}

    @pytest.mark.parametrize(
        "form",
        [
            "{} (1)",
            "{}-2",
            "Copy of {}",
            "{}-Copy1",
            "{}-1 (12)",
            "{} - Copy",
            "{} copy 2",
            "{}_copy",
            "{}-Copy1-Copy2",
            "lovelace_{}",
            "{}_final",
            "My {} - final (2)",
        ],
    )
    def test_copies_of_a_file_are_known_by_what_is_left_of_its_name(
        self, place: Place, form: str
    ) -> None:
        files = {f"ada/numbers/{form.format(name)}.ipynb": b"a" for name in ("one", "TWO")}
        root = place(files | {"ada/numbers/phone.ipynb": b"no", "bob/numbers/one.ipynb": b"b"})
        assert self.find(root) == {"ada": {"one": b"a", "two": b"a"}, "bob": {"one": b"b"}}
        ada, bob = find([root], "numbers", ["other"], ["one", "two"])
        one, _two, phone = ada.observations
        assert one == f"{form.format('one')}.ipynb was graded, because there is no one.ipynb."
        assert "phone.ipynb" in phone
        assert bob.observations == ()

    def test_a_copy_of_a_notebook_that_is_there_is_told_and_not_graded(self, place: Place) -> None:
        files = {"ada/numbers/one.ipynb": b"1", "ada/numbers/one (1).ipynb": b"no"}
        (ada,) = find([place(files)], "numbers", [], ["one", "two"])
        assert unpacked(ada.read()) == {"one": b"1"}
        (said,) = ada.observations
        assert "one (1).ipynb" in said

    def test_a_copy_that_could_be_of_two_notebooks_is_none(self, place: Place) -> None:
        root = place({"ada/numbers/lab-1.ipynb": b"1", "ada/numbers/lab-1-1.ipynb": b"?"})
        (ada,) = find([root], "numbers", [], ["lab", "lab-1"])
        assert unpacked(ada.read()) == {"lab-1": b"1"}
        (said,) = ada.observations
        assert "lab-1-1.ipynb" in said

    def test_two_of_one_name_equally_deep_are_rejected(self, place: Place) -> None:
        files = {"a/one.ipynb": b"1", "b/one.ipynb": b"2", "two.ipynb": b"2"}
        root = place({f"ada/numbers/{name}": data for name, data in files.items()})
        (ada,) = find([root], "numbers", ["other"], ["one", "two"])
        assert unpacked(ada.read()) == {
            "one": "The submission contains 2 notebooks called one.ipynb: "
            "keep only the one to grade.",
            "two": b"2",
        }

    def test_a_notebook_named_by_itself_is_a_part_of_a_submission(self, tmp_path: Path) -> None:
        path = tmp_path / "submitted/ada/numbers/two.ipynb"
        path.parent.mkdir(parents=True)
        path.write_bytes(b"2")
        assert self.find(path) == {"ada": {"two": b"2"}}

    def test_why_a_file_under_another_name_cannot_be_read_is_said(
        self, folder: Place, zipped: Place
    ) -> None:
        broken = zipped({"one.ipynb": b"1"})
        overwrite(broken, b"PK\1\2", 0, b"XXXX")
        root = folder({"b.zip": b"PK", "ada.ipynb": b"a"})
        (root / "cy").symlink_to("..")
        reasons = {"handed-in": "zip cannot be read", "cy": "link"}
        found = find([broken, root], "numbers", [], ["one", "two"])
        assert {each.student for each in found} == {"ada", "b", *reasons}
        for each in found:
            if each.student in ("ada", "b"):
                nothing = each.student == "ada"
                content = unpacked(each.read())
                assert content == ({} if nothing else dict.fromkeys(["one", "two"], b"PK"))
                continue
            assert_rejected(each, reasons[each.student])

    def test_two_of_one_name_go_by_their_paths(self, place: Place) -> None:
        files = {"x/ada/one.ipynb": b"1", "y/ada/one.ipynb": b"2"}
        found = self.find(place(files))
        assert sorted(each[-5:] for each in found) == ["x/ada", "y/ada"]


def test_a_notebook_that_is_named_by_itself_in_a_tree_is_its_students(tmp_path: Path) -> None:
    place = tmp_path / "submitted" / "ada" / "numbers" / "numbers.ipynb"
    place.parent.mkdir(parents=True)
    place.write_text("{}")
    (place.parent / "other.ipynb").write_text("{}")
    elsewhere = tmp_path / "ada" / "numbers" / "numbers.ipynb"
    elsewhere.parent.mkdir(parents=True)
    elsewhere.write_text("{}")
    named = {path: find([path], "numbers")[0].student for path in tmp_path.rglob("*.ipynb")}
    assert named == {
        place: "ada",
        place.parent / "other.ipynb": "other",
        elsewhere: "numbers",
    }


OTHERS = {"other", "third"}

OF_IVO = {
    "ivo/numbers/numbers.ipynb": b"i",
    "ivo/other/other.ipynb": b"no",
    "ivo/third/third.ipynb": b"no",
}

OF_ADA = {"ada/numbers/numbers.ipynb": b"a", "ada/other/other.ipynb": b"no"}


def submitted(tmp_path: Path, files: Files) -> Path:
    """Return a folder `submitted/` with these files in it."""
    for name, data in files.items():
        path = tmp_path / "submitted" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return tmp_path / "submitted"


@pytest.mark.parametrize("stray", [None, "ivo/scratch.ipynb", "ivo/old/numbers.ipynb"])
def test_of_a_students_folder_in_submitted_the_same_is_graded_as_of_the_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stray: str | None
) -> None:
    root = submitted(tmp_path, OF_IVO | OF_ADA | ({stray: b"no"} if stray else {}))
    (his,) = (each for each in find([root], NAME, OTHERS) if each.student == "ivo")
    (alone,) = find([root / "ivo"], NAME, OTHERS)
    assert (alone.student, alone.path, alone.read()) == ("ivo", his.path, b"i")
    assert alone.observations == his.observations
    assert len(his.observations) == bool(stray)
    assert by_student(find([root / "ivo", root], NAME, OTHERS)) == {"ivo": b"i", "ada": b"a"}
    monkeypatch.chdir(root / "ivo")
    assert by_student(find([Path()], NAME, OTHERS)) == {"ivo": b"i"}


def test_who_has_nothing_for_an_assignment_is_not_graded_on_another(tmp_path: Path) -> None:
    del (files := dict(OF_IVO))["ivo/numbers/numbers.ipynb"]
    root = submitted(tmp_path, files)
    assert find([root / "ivo"], NAME, OTHERS) == []
    (root / "ivo" / "numbers").mkdir()
    (empty,) = find([root / "ivo"], NAME, OTHERS)
    assert (empty.student, empty.path) == ("ivo", str(root / "ivo" / "numbers"))
    assert_rejected(empty, "The folder contains no notebook")


def test_another_assignment_that_the_course_does_not_know_grades_nobody(tmp_path: Path) -> None:
    files = {"ada/first/first.ipynb": b"no", "bob/first/first.ipynb": b"no"}
    assert find([submitted(tmp_path, files)], NAME) == []


def test_a_notebook_called_like_another_assignment_is_not_graded(place: Place) -> None:
    assert find([place({"other.ipynb": b"no"})], NAME, OTHERS) == []
    found = {
        each.student: each
        for each in find([place({"other.ipynb": b"no", "ada.ipynb": b"a"})], NAME, OTHERS)
    }
    assert found["ada"].read() == b"a"
    assert_rejected(found["other"], "called like another assignment of the course, other")


def test_a_class_in_a_folder_in_submitted_is_a_class(tmp_path: Path) -> None:
    root = submitted(tmp_path, {"a/ivo.ipynb": b"i", "a/ada.ipynb": b"a", "b/ivo/x.ipynb": b"x"})
    assert by_student(find([root / "a"], NAME, OTHERS)) == {"ivo": b"i", "ada": b"a"}
    assert by_student(find([root / "b"], NAME, OTHERS)) == {"x": b"x"}


def test_of_several_notebooks_too_those_of_the_students_folder_are_that_students(
    tmp_path: Path,
) -> None:
    wanted = ("numbers", ["other"], ["one", "two"])
    files = {"ivo/numbers/one.ipynb": b"1", "ivo/other/one.ipynb": b"no", "ivo/two.ipynb": b"2"}
    root = submitted(tmp_path, files | {"ada/numbers/one.ipynb": b"a"})
    (his,) = (each for each in find([root], *wanted) if each.student == "ivo")
    (alone,) = find([root / "ivo"], *wanted)
    assert (alone.student, alone.path) == ("ivo", his.path)
    assert unpacked(alone.read()) == unpacked(his.read()) == {"one": b"1", "two": b"2"}


def test_a_students_file_whose_name_is_no_text_is_left_out_and_named(tmp_path: Path) -> None:
    home = tmp_path / "ada" / "numbers"
    home.mkdir(parents=True)
    (home / "numbers.ipynb").write_bytes(b"1")
    (home / "data.csv").write_bytes(b"2")
    (Path(os.fsdecode(b"%b/\xff.csv" % os.fsencode(home)))).write_bytes(b"3")
    (found,) = find([tmp_path], "numbers")
    files, said = found.own_files()
    assert files == {"data.csv": b"2"}
    assert len(said) == 1
    assert r"\udcff.csv" in said[0]


def test_no_more_files_of_a_student_are_read_than_are_taken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("autograder.intake.find.MAX_OWN_FILES", 2)
    reads: list[str] = []

    def reader(name: str) -> Callable[[], bytes]:
        def read() -> bytes:
            reads.append(name)
            return b"x"

        return read

    deep = "d/" * 1500 + "bottom"
    files = tuple((name, reader(name)) for name in (deep, "a", "b", "c", "d"))
    found, said = SubmissionSource("ada", "ada.ipynb", lambda: b"", files=files).own_files()
    assert (found, reads) == ({"a": b"x", "b": b"x"}, ["a", "b"])
    assert said[0].startswith("These files of the student were not there")
    assert said[0].endswith("bottom, c, d.")
