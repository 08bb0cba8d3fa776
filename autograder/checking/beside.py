"""Find the files of an assignment that students get too, and use them as students' code does.

Everything in an assignment's folder is for students, with its place in the folder, except the files
that the assignment itself is made of, the folders `locale` and `private`, and names that begin with
a dot or an underscore.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

OWN = frozenset(
    ["lesson.md", "checks.py", "mistakes.py", "equivalents.py", "survivors.toml", "limits.toml"]
    + ["locale", "private"]
)
"""The files and folders of an assignment that students do not get."""


def folder_of(reference: Path) -> Path:
    """Return the folder of the assignment whose solution this is."""
    return reference.absolute().parents[1] / "assignments" / reference.stem


def student_files(folder: Path) -> dict[str, Path]:
    """Return the files of an assignment's folder that students get, by their place in it."""
    found: dict[str, Path] = {}
    for above, folders, files in os.walk(folder, followlinks=True):
        place = Path(above).relative_to(folder)
        top = not place.parts
        folders[:] = sorted(name for name in folders if not _is_left(name, top=top))
        for name in sorted(files):
            path = Path(above, name)
            if not _is_left(name, top=top) and path.is_file():
                found[(place / name).as_posix()] = path
    return found


def _is_left(name: str, *, top: bool) -> bool:
    return name.startswith((".", "_")) or name.endswith(".pyc") or (top and name in OWN)


def settle_beside(reference: Path) -> None:
    """Make the files of an assignment those of the working folder, for the rest of the process."""
    folder = folder_of(reference)
    if student_files(folder):
        os.chdir(folder)
        sys.path.insert(0, str(folder))


@contextmanager
def beside(reference: Path) -> Iterator[None]:
    """Make the files of an assignment those of the working folder, and its modules importable.

    Another assignment may have another module of the same name, so they are forgotten at the end.
    """
    folder = folder_of(reference)
    if not student_files(folder):
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
