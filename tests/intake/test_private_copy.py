"""A private copy takes in what is within the bounds, and names what it leaves out."""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pytest

from autograder.intake import private_copy
from autograder.intake.names import MAX_SHOWN_CHARACTERS, shown
from autograder.intake.private_copy import digest, take_in


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A submission; two folders above it are the class's."""
    folder = tmp_path / "submitted" / "ada" / "numbers"
    folder.mkdir(parents=True)
    (folder / "data.csv").write_text("1,2")
    (folder / "helpers").mkdir()
    (folder / "helpers" / "more.py").write_text("x = 1")
    return folder


def taken(source: Path, *ours: str, ignored: tuple[str, ...] = ()) -> tuple[dict[str, bytes], str]:
    """Return the files of a copy, and what was said."""
    into = source.parents[2] / "copy"
    said = take_in(source, into, source.parents[1], [PurePosixPath(each) for each in ours], ignored)
    files = {
        str(path.relative_to(into)): path.read_bytes() for path in into.rglob("*") if path.is_file()
    }
    return files, "\n".join(said)


def test_honest_files_keep_their_names(source: Path) -> None:
    names = ("数据.csv", "a b (1).txt", "été.py", ".hidden", "n" * 200, "[1].csv", "*.csv")
    for name in names:
        (source / name).write_text(name)
    files, said = taken(source)
    assert said == ""
    assert files == {
        "data.csv": b"1,2",
        "helpers/more.py": b"x = 1",
        **{name: name.encode() for name in names},
    }


def test_the_copy_is_its_owners_alone_and_no_program(source: Path) -> None:
    (source / "run").write_text("#!/bin/sh")
    (source / "run").chmod(0o6777)
    taken(source)
    copy = source.parents[2] / "copy"
    assert {stat.S_IMODE(path.stat().st_mode) for path in (copy, copy / "helpers")} == {0o700}
    assert stat.S_IMODE((copy / "run").stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("name", "own"),
    [
        (b"\xff.csv", r"_-[0-9a-f]{8}\.csv"),
        (b"a\nb", r"a_b-[0-9a-f]{8}"),
        (b"\x1b[31mred", r"__31mred-[0-9a-f]{8}"),
        ("\u202egpj.exe".encode(), r"_gpj-[0-9a-f]{8}\.exe"),
        (b"a" * 201 + b".csv", r"a{80}-[0-9a-f]{8}\.csv"),
        (b"a." + b"b" * 201, r"a_b{78}-[0-9a-f]{8}"),
    ],
)
def test_a_name_that_cannot_be_used_is_replaced(source: Path, name: bytes, own: str) -> None:
    Path(os.fsdecode(os.fsencode(source) + b"/" + name)).write_text("1")
    files, said = taken(source)
    (renamed,) = files.keys() - {"data.csv", "helpers/more.py"}
    assert re.fullmatch(own, renamed)
    assert said.endswith(f" was renamed to {renamed}: its own name cannot be used.")
    assert said.isprintable()


def test_nothing_is_in_the_way_of_files_of_ours(source: Path) -> None:
    (source / "numbers.html").mkdir()
    (source / "numbers.html" / "x").write_text("1")
    (source / "given").write_text("2")
    (source / "numbers.txt").write_text("3")
    files, said = taken(source, "numbers.html", "given/a.csv", "numbers.txt")
    assert "numbers.txt" in files  # ours takes its place
    assert not [each for each in files if each.startswith(("numbers.html", "given/"))]
    assert sorted(files.values()) == [b"1", b"1,2", b"2", b"3", b"x = 1"]
    assert len(said.splitlines()) == 2


def test_what_nbgrader_ignores_is_ignored_as_nbgrader_does(source: Path) -> None:
    for name in ("a.ipynb", ".a.ipynb", "b.pyc", ".ipynb_checkpoints", "A.IPYNB"):
        (source / name).write_text("1")
    (source / "c.ipynb").mkdir()
    (source / "c.ipynb" / "x").write_text("1")
    from nbgrader.utils import find_all_files

    ignored = (".ipynb_checkpoints", "*.pyc", "*.ipynb")
    theirs = {os.path.relpath(each, source) for each in find_all_files(str(source), list(ignored))}
    files, said = taken(source, ignored=ignored)
    assert files.keys() == theirs
    assert said == ""


def test_bounds(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(private_copy, "MAX_FILE", 10 * 1024**2)
    monkeypatch.setattr(private_copy, "MAX_TOTAL", 15 * 1024**2)
    for name, size in (("f1", 11), ("f2", 9), ("f3", 9), ("f4", 5)):
        with (source / name).open("wb") as file:
            file.truncate(size * 1024**2)
    files, said = taken(source)
    assert files.keys() == {"data.csv", "f2", "f4", "helpers/more.py"}
    assert said.splitlines() == [
        "f1 is left out: it is larger than 10 MB.",
        "f3 is left out: with it, the files of the submission would exceed 15 MB.",
    ]


def test_the_number_of_files_is_bounded(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(private_copy, "MAX_FILES", 5)
    for number in range(6):
        (source / f"e{number}").write_text("")
    files, said = taken(source)
    assert files.keys() == {"data.csv", "e0", "e1", "e2", "e3"}
    assert said == "The submission has more than 5 files: those from e4 on are left out."


def test_a_folder_of_endless_names_is_left_out(
    source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(private_copy, "MAX_FOLDER_ENTRIES", 10)
    (source / "full").mkdir()
    for number in range(11):
        (source / "full" / str(number)).write_text("")
    files, said = taken(source)
    assert files.keys() == {"data.csv", "helpers/more.py"}
    assert said == "The folder full is left out: it contains more than 10 files."


def test_no_more_is_said_than_can_be_read(source: Path) -> None:
    for number in range(500):
        (source / f"l{number:03}").symlink_to("x")
    _files, said = taken(source)
    assert len(said.splitlines()) == private_copy.MAX_SENTENCES
    assert said.endswith("481 more messages like these are not shown.")


def test_a_file_that_grows_is_taken_as_it_was(
    source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chunks = private_copy._chunks

    def growing(descriptor: int, size: int) -> Iterator[bytes]:
        with (source / "data.csv").open("ab") as file:
            file.write(b"more")
        return chunks(descriptor, size)

    monkeypatch.setattr(private_copy, "_chunks", growing)
    assert taken(source)[0]["data.csv"] == b"1,2"


def test_whatever_goes_wrong_is_said_and_raises_nothing(
    source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(private_copy, "_copy", fail)
    files, said = taken(source)
    assert files == {}
    assert "Not all files beside the notebook could be copied (No space left on device)." in said


@pytest.mark.parametrize("link", ["ada", "ada/numbers"])
def test_a_submission_behind_a_link_is_left_out(source: Path, tmp_path: Path, link: str) -> None:
    place = tmp_path / "submitted" / link
    place.rename(tmp_path / "elsewhere")
    place.symlink_to(tmp_path / "elsewhere")
    files, said = taken(source)
    assert files == {}
    assert "the folder is reached through a link" in said


def test_a_class_behind_a_link_is_taken(source: Path, tmp_path: Path) -> None:
    (tmp_path / "submitted").rename(tmp_path / "disk")
    (tmp_path / "submitted").symlink_to("disk")
    assert taken(source)[0].keys() == {"data.csv", "helpers/more.py"}


def test_a_digest_tells_what_would_be_taken_and_said(source: Path) -> None:
    seen = [digest(source, source.parents[1])]
    for change in (
        lambda: (source / "data.csv").write_text("1,3"),
        lambda: (source / "new.csv").write_text(""),
        lambda: (source / "new.csv").rename(source / "other.csv"),
        lambda: (source / "link").symlink_to("x"),
        lambda: os.mkfifo(source / "pipe"),
        lambda: (source / "empty").mkdir(),
    ):
        change()
        seen.append(digest(source, source.parents[1]))
    assert len(set(seen)) == len(seen)
    assert digest(source, source.parents[1]) == seen[-1]


def test_a_path_is_shown_as_text() -> None:
    assert shown("a/\udcff\n\x1b[1m数\u202e") == "a/\\udcff\\n\\x1b[1m数\\u202e"
    assert len(shown("x" * 1000)) == MAX_SHOWN_CHARACTERS
