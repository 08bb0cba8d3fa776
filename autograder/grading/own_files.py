"""Put a student's own files where the notebook runs, before its cells."""

from __future__ import annotations

import base64
from collections.abc import Collection, Iterator, Mapping

MESSAGE_BYTES = 4 * 1024**2
"""Bytes that one message to the sandbox carries."""


def cells_that_put(files: Mapping[str, bytes], taken: Collection[str] = ()) -> Iterator[str]:
    """Yield cells that write files and leave no name behind.

    Files are named by their place beside the notebook; files of the course at places that are
    `taken` are not replaced.
    """
    for place, data in files.items():
        if place not in taken:
            for start in range(0, max(1, len(data)), MESSAGE_BYTES):
                yield _putting(place, data[start : start + MESSAGE_BYTES], first=not start)


def _putting(place: str, data: bytes, *, first: bool) -> str:
    encoded = base64.b64encode(data).decode()
    path = f"__import__('pathlib').Path({place!r})"
    before = "b''" if first else f"{path}.read_bytes()"
    return (
        f"{path}.parent.mkdir(parents=True, exist_ok=True); "
        f"{path}.write_bytes({before} + __import__('base64').b64decode({encoded!r}));"
    )
