"""Remove the files that a student's code wrote, however they are nested or protected."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from itertools import count


def remove(folder: str) -> None:
    """Remove a folder and its content, as far as possible.

    No link is followed. Nothing recurses, so that folders may be nested as deep as the disk allows:
    the content of each subfolder is moved up until no subfolder is left.
    """
    with suppress(OSError):
        top = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            _empty(top)
        finally:
            os.close(top)
        os.rmdir(folder)


def _empty(top: int) -> None:
    unheard_of = os.urandom(8).hex()
    names = (f"{unheard_of}-{number}" for number in count())
    while entries := os.listdir(top):
        left = len(entries)
        for entry in entries:
            with suppress(OSError):
                if _unlinked(entry, top):
                    left -= 1
                else:
                    _raise_children(entry, top, names)
                    os.rmdir(entry, dir_fd=top)
                    left -= 1
        if left == len(entries):
            return  # nothing more can be done


def _unlinked(name: str, folder: int) -> bool:
    """Remove a file; return False if it is a folder."""
    try:
        os.unlink(name, dir_fd=folder)
    except (IsADirectoryError, PermissionError):
        return False
    return True


def _raise_children(entry: str, top: int, names: Iterator[str]) -> None:
    os.chmod(entry, 0o700, dir_fd=top)
    folder = os.open(entry, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=top)
    try:
        for name in os.listdir(folder):
            if not _unlinked(name, folder):
                os.chmod(name, 0o700, dir_fd=folder)  # its parent changes, which is written in it
                os.rename(name, next(names), src_dir_fd=folder, dst_dir_fd=top)
    finally:
        os.close(folder)
