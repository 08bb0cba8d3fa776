"""Use the files of an assignment's folder as students' code does: by their names alone."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def folder_of(reference: Path) -> Path:
    """Return the folder of the assignment whose solution this is."""
    return reference.absolute().parents[1] / "assignments" / reference.stem


def settle_beside(reference: Path) -> None:
    """Make the files of an assignment those of the working folder, for the rest of the process."""
    folder = folder_of(reference)
    if folder.is_dir():
        os.chdir(folder)
        sys.path.insert(0, str(folder))


@contextmanager
def beside(reference: Path) -> Iterator[None]:
    """Make the files of an assignment those of the working folder, and its modules importable.

    Another assignment may have another module of the same name, so they are forgotten at the end.
    """
    folder = folder_of(reference)
    if not folder.is_dir():
        yield
        return
    before, path = set(sys.modules), str(folder)
    back = os.open(".", os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.chdir(folder)
        sys.path.insert(0, path)
        yield
    finally:
        if path in sys.path:
            sys.path.remove(path)
        os.fchdir(back)
        os.close(back)
        for name in set(sys.modules) - before:
            origin = getattr(sys.modules[name], "__file__", None) or ""
            if origin.startswith(path + os.sep):
                del sys.modules[name]
