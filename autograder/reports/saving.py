"""Files that are written whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path


def saver(path: Path | None) -> Callable[[bytes], None]:
    """What writes a file later, seen now to be possible: before there is anything to lose.

    Args:
        path: the file; None for one that nobody wants.

    Returns:
        What takes the bytes. Whoever reads the file meanwhile finds what was there before.

    Raises:
        OSError: it cannot be written; the text says what to do.
    """
    if path is None:
        return lambda _data: None
    if path.is_dir():
        raise IsADirectoryError(f"{path} is a folder: name a file in it.")
    if path.exists() and not path.is_file():  # /dev/stdout, say, which is nothing to replace
        device = path
        return lambda data: _write(device, data)
    path = path.resolve()  # a link stays one
    part = path.with_name(f".autograder-{os.getpid()}.part")
    try:
        part.touch()
        part.unlink()
    except OSError as error:
        raise OSError(
            f"{path} cannot be written ({error.strerror}): name a file in a folder that is there."
        ) from error

    def save(data: bytes) -> None:
        try:
            _write(part, data)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)

    return save


def _write(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
