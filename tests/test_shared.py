"""What several test processes share is made by one of them."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.helpers.shared import made_once


def test_of_all_that_ask_one_makes_it_and_the_others_wait(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    made: list[Path] = []

    def make(folder: Path) -> str:
        made.append(folder)
        time.sleep(0.2)
        (folder / "file").write_text("there")
        return "done"

    def ask(_: int) -> str:
        # Each asker opens the lock's file for itself, as each process does.
        return made_once(tmp_path_factory, "asked_by_many", make)

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(ask, range(4))) == ["done"] * 4
    (folder,) = made
    assert (folder / "file").read_text() == "there"


def test_what_could_not_be_made_is_made_by_the_next_that_asks(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    def fail(folder: Path) -> None:
        (folder / "half").write_text("")
        raise OSError

    with pytest.raises(OSError, match=r"^$"):
        made_once(tmp_path_factory, "made_again", fail)
    assert made_once(tmp_path_factory, "made_again", lambda folder: [*folder.iterdir()]) == []


def test_a_pytest_that_a_test_starts_shares_with_nobody(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTEST_XDIST_WORKER", "gw99")
    folder = made_once(tmp_path_factory, "alone", lambda folder: folder)
    assert tmp_path_factory.getbasetemp() in folder.parents
