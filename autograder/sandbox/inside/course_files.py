"""Put the course's files into the scratch folder, where a notebook finds them beside itself.

The judge has copied them once, for all submissions that a worker runs. Large files are linked and
stay read-only; small ones are copied, so that a notebook may also write into them. Folders are
created again, so that a notebook may put files of its own into them.
"""

from __future__ import annotations

import os
import shutil

FOLDER = "course"
"""The folder of the judge's copies, in the worker's own folder."""

MAX_COPIED_BYTES = 1024**2
"""A larger file is linked."""

MAX_ALL_COPIED_BYTES = 16 * 1024**2
"""When so much was copied for one submission, all other files are linked."""

MAX_COPIED_ENTRIES = 2000
"""In a folder with more files and folders, each of its folders is linked as a whole."""


def lay_out(shared: str, scratch: str, owner: int | None) -> None:
    """Put the files of one folder into another; copies and folders get this owner, if given."""
    room = MAX_ALL_COPIED_BYTES
    entries = sum(len(folders) + len(files) for _, folders, files in os.walk(shared))
    for folder, folders, files in os.walk(shared):
        to = scratch + folder[len(shared) :]
        for name in folders if entries > MAX_COPIED_ENTRIES else ():
            os.symlink(f"{folder}/{name}", f"{to}/{name}")
        made = folders if entries <= MAX_COPIED_ENTRIES else []
        for name in made:
            os.mkdir(f"{to}/{name}", 0o755)
        for name in files:
            size = os.stat(f"{folder}/{name}").st_size
            if size <= min(MAX_COPIED_BYTES, room):
                room -= size
                shutil.copyfile(f"{folder}/{name}", f"{to}/{name}")
                made.append(name)
            else:
                os.symlink(f"{folder}/{name}", f"{to}/{name}")
        if owner is not None:
            for name in made:
                os.chown(f"{to}/{name}", owner, owner)
        if entries > MAX_COPIED_ENTRIES:
            return
