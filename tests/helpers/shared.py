"""Folders that are made once for all test processes."""

from __future__ import annotations

import fcntl
import os
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest

T = TypeVar("T")


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], T]) -> T:
    """Return what `make` made in a folder of this name, for whichever process asked first.

    The others wait for it, and get a copy of what it returned; tests only read the folder.

    Args:
        factory: pytest's; its folder is one for each process, and lies in one that all share.
        name: of the folder.
        make: is given the empty folder; what it returns can be pickled.
    """
    base = factory.getbasetemp()
    # A pytest that a test starts has the variable too, and a folder that is its own.
    if base.name == f"popen-{os.environ.get('PYTEST_XDIST_WORKER')}":
        base = base.parent
    folder = base / "shared" / name
    result = folder.with_name(f"{name}.pickle")
    folder.parent.mkdir(exist_ok=True)
    with folder.with_name(f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not result.exists():
            shutil.rmtree(folder, ignore_errors=True)  # of a process that failed to make it
            folder.mkdir()
            partial = result.with_suffix(".partial")
            partial.write_bytes(pickle.dumps(make(folder)))
            partial.rename(result)
    made: T = pickle.loads(result.read_bytes())  # noqa: S301  # our own
    return made
