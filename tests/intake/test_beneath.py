"""What lies in a folder is opened without leaving the folder, with `openat2` and without."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.intake import beneath
from autograder.intake.beneath import NotAFile, open_beneath, open_file, open_folder, replace_file


@pytest.fixture(params=["in one call", "step by step"], autouse=True)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ways to resolve a path; the other one is not used."""

    def unwanted(*_: object) -> int:
        raise AssertionError("this way was not asked for")

    if request.param == "in one call":
        if not beneath.has_openat2():
            pytest.skip("this kernel has no openat2")
        monkeypatch.setattr(beneath, "_step_by_step", unwanted)
    else:
        monkeypatch.setattr(beneath, "has_openat2", lambda: False)
        monkeypatch.setattr(beneath, "_in_one_call", unwanted)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[int]:
    """A folder beside which a secret lies."""
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret").write_text("secret")
    top = tmp_path / "top"
    (top / "a" / "b").mkdir(parents=True)
    (top / "a" / "b" / "file").write_text("content")
    (top / "a" / "link").symlink_to("b/file")
    (top / "out").symlink_to("../outside")
    (top / "absolute").symlink_to(tmp_path / "secret")
    (top / "magic").symlink_to("/proc/self/cwd")
    os.mkfifo(top / "pipe")
    descriptor = os.open(top, os.O_RDONLY)
    yield descriptor
    os.close(descriptor)


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


@pytest.mark.parametrize("place", ["a/b/file", "./a/b/file", "a//b/file"])
def test_a_file_is_read(folder: int, place: str) -> None:
    before = descriptors()
    with open(open_file(folder, place), "rb") as file:
        assert file.read() == b"content"
    assert descriptors() == before


@pytest.mark.parametrize("place", ["a/link", "absolute", "out/secret", "out", "magic/secret"])
def test_no_link_is_followed(folder: int, place: str) -> None:
    before = descriptors()
    for opening in (open_file, open_folder):
        with pytest.raises(OSError, match="symbolic links") as raised:
            opening(folder, place)
        assert raised.value.errno == errno.ELOOP
    assert descriptors() == before


@pytest.mark.parametrize("place", ["../secret", "a/../../secret", "/etc/hostname", "a/b/../../.."])
def test_no_path_leads_out(folder: int, place: str) -> None:
    with pytest.raises(OSError, match="cross-device") as raised:
        open_beneath(folder, place, os.O_RDONLY)
    assert raised.value.errno == errno.EXDEV


@pytest.mark.parametrize("place", ["pipe", "a", "."])
def test_what_is_no_file_is_not_opened_and_not_waited_for(folder: int, place: str) -> None:
    before = descriptors()
    with pytest.raises(NotAFile):
        open_file(folder, place)
    assert descriptors() == before


def test_what_was_exchanged_meanwhile_is_not_followed(
    folder: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that becomes a link or a pipe between the look and the opening."""
    look = beneath._regular
    targets: list[str | None] = ["../../secret", None]

    def exchange(descriptor: int) -> int:
        made = look(descriptor)
        place = tmp_path / "top" / "a" / "b" / "file"
        place.unlink()
        target = targets.pop(0)
        place.symlink_to(target) if target else os.mkfifo(place)
        return made

    monkeypatch.setattr(beneath, "_regular", exchange)
    with pytest.raises(OSError, match="symbolic links"):
        open_file(folder, "a/b/file")
    (tmp_path / "top" / "a" / "b" / "file").unlink()
    (tmp_path / "top" / "a" / "b" / "file").write_text("content")
    with pytest.raises(NotAFile):
        open_file(folder, "a/b/file")


def test_a_file_is_replaced_and_not_written_through_a_link(folder: int, tmp_path: Path) -> None:
    replace_file(folder, "absolute", b"new")
    replace_file(folder, "pipe", b"new")
    assert (tmp_path / "secret").read_text() == "secret"
    assert (tmp_path / "top" / "absolute").read_bytes() == b"new"
    assert not (tmp_path / "top" / "absolute").is_symlink()
    assert (tmp_path / "top" / "pipe").read_bytes() == b"new"
    with pytest.raises(IsADirectoryError):
        replace_file(folder, "a", b"new")
    assert sorted(os.listdir(folder)) == ["a", "absolute", "magic", "out", "pipe"]
