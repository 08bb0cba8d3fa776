"""Files that are written whole or not at all."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from autograder.i18n import _


def saver(path: Path | None) -> Callable[[Iterable[bytes]], None]:
    """Return a function that writes a file; check now that the file can be written.

    Until the function has written all bytes, readers find the old content. Without a path, it
    writes nothing.

    Raises:
        OSError: the file cannot be written; the text says what to do.
    """
    if path is None:
        return lambda _pieces: None
    if path.is_dir():
        raise IsADirectoryError(_("{path} is a folder: name a file in it.").format(path=path))
    if path.exists() and not path.is_file():  # for example /dev/stdout, which cannot be replaced
        device = path
        return lambda pieces: _write(device, pieces)
    path = path.resolve()  # keep a link
    part = path.with_name(f".autograder-{os.getpid()}.part")
    try:
        for left in path.parent.glob(".autograder-*.part"):
            _remove_if_left(left)
        part.touch()
        part.unlink(missing_ok=True)
    except OSError as error:
        cannot = _(
            "{path} cannot be written ({error}): name a file in an existing folder that "
            "you can write to."
        )
        raise OSError(cannot.format(path=path, error=error.strerror)) from error

    def save(pieces: Iterable[bytes]) -> None:
        try:
            _write(part, pieces)
            part.replace(path)
        except OSError as error:
            was_not = _(
                "{path} could not be written ({error}); the old file is unchanged. Free disk "
                "space, and grade again."
            )
            raise OSError(was_not.format(path=path, error=error.strerror)) from error
        finally:
            part.unlink(missing_ok=True)

    return save


def _write(path: Path, pieces: Iterable[bytes]) -> None:
    with path.open("wb") as file:
        with suppress(OSError):  # not every file system has locks
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        file.writelines(pieces)
        if path.is_file():
            file.flush()
            os.fsync(file.fileno())  # before it replaces the old file


def _remove_if_left(part: Path) -> None:
    """Remove the unfinished file of a process that was killed, as its lock and number show."""
    with suppress(OSError, ValueError), part.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if not Path(f"/proc/{int(part.name.split('-')[1].split('.')[0])}").exists():
            part.unlink()
