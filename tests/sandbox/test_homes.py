"""The folders of workers: locked while they are used, and removed by the next when they are not."""

from __future__ import annotations

import os
import signal
import tempfile
from pathlib import Path

import pytest

from autograder.sandbox.host.workdir import PREFIX, WorkDir
from autograder.sandbox.isolation import SandboxError


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where they are made."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_a_folder_that_is_used_stays_and_is_gone_afterwards(place: Path) -> None:
    first, second = WorkDir(), WorkDir()
    (first.path / "file").touch()
    assert {first.path, second.path} == {*place.iterdir()}
    first.remove()
    second.remove()
    assert [*place.iterdir()] == []


def test_what_somebody_left_who_was_killed_is_removed(place: Path) -> None:
    pid = os.fork()
    if pid == 0:
        (WorkDir().path / "file").touch()
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(pid, 0)
    (left,) = place.iterdir()
    home = WorkDir()
    assert not left.exists()
    home.remove()


def test_neither_links_nor_files_nor_other_folders_are_touched(place: Path) -> None:
    (place / "elsewhere").mkdir()
    (place / "elsewhere" / "file").touch()
    (place / f"{PREFIX}link").symlink_to(place / "elsewhere")
    (place / f"{PREFIX}file").touch()
    (place / "autograder-mine").mkdir()
    before = {*place.rglob("*")}
    WorkDir().remove()
    assert {*place.rglob("*")} == before


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder to another user")
def test_what_is_somebody_elses_stays(place: Path) -> None:
    other = place / f"{PREFIX}other"
    other.mkdir()
    os.chown(other, 12345, 12345)
    WorkDir().remove()
    assert other.exists()


def test_where_there_is_no_place_it_is_said(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(place / "nowhere"))
    with pytest.raises(SandboxError, match="TMPDIR"):
        WorkDir()
