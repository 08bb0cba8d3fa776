"""List submitted files in folders, and read their bytes; `zips` does the same in zips.

No link is followed, no pipe is waited for, and little more is read than the size that a submission
may have.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import Enum, auto
from functools import partial
from itertools import islice
from pathlib import Path, PurePosixPath

from autograder.i18n import N_
from autograder.intake.beneath import NotAFile, open_file, open_folder, opened, trusted_folder
from autograder.intake.names import ARCHIVE, ENDING
from autograder.intake.parse import MAX_BYTES, Rejected

PROGRAMS_FOLDERS = {".ipynb_checkpoints", "__MACOSX"}
"""Folders in which Jupyter and macOS keep copies of their own."""

PROGRAMS_PREFIXES = ("._", ".~")
"""Beginnings of the names of files that macOS and Jupyter put beside a notebook."""

MAX_DEPTH = 50
"""Folders in folders that are looked into."""

MAX_FOLDER_ENTRIES = 50_000
"""Names in one folder: a class of thousands, each with a notebook and some data."""

NO_FILE = N_("This is a link or a device, not a file. Replace it with the file itself.")
NO_FOLDER = N_(
    "A folder is needed here, but this is a file, a link or a device. Ask the student to hand in "
    "the folder itself."
)
BEHIND_A_LINK = N_(
    "The folder is reached through a link, and links are not followed. Replace "
    "the link with the folder itself."
)
NO_NOTEBOOK = N_("The folder contains no notebook.")
TOO_DEEP = N_("The folder cannot be read: it is nested too deeply.")
TOO_FULL = N_("The folder cannot be read: it contains more than {most} files.")

Read = Callable[[], bytes]


class FileKind(Enum):
    """The type of a file."""

    FILE = auto()
    EMPTY = auto()  # an empty folder, or one that is named like a notebook and holds none
    CLOSED = auto()  # a folder that is not entered: it is behind a link, or cannot be read
    SPECIAL = auto()  # a link, device, pipe or socket that is not named like a notebook


@dataclass(frozen=True, slots=True)
class File:
    """A file, or something else, in a folder or in a zip.

    Attributes:
        path: the path that people see in messages.
        read: returns its bytes, or raises `Rejected`.
        kind: its type, as far as it is known without reading it.
        named: the place as a zip writes it, if the zip uses the separators of Windows.
    """

    place: PurePosixPath
    path: str
    read: Read
    kind: FileKind = FileKind.FILE
    named: str | None = None

    @property
    def is_notebook(self) -> bool:
        """Whether its name ends like a notebook's."""
        return ENDING.search(self.place.name) is not None

    @property
    def is_archive(self) -> bool:
        """Whether it is a file whose name ends like an archive's."""
        return self.kind is FileKind.FILE and ARCHIVE.search(self.place.name) is not None


def rejecting(reason: str, **values: object) -> Read:
    """Return a reader for a file that cannot be graded: it raises `Rejected` with this reason."""

    def read() -> bytes:
        raise Rejected(reason, **values)

    return read


def read_file(path: Path | str) -> bytes:
    """Return the bytes of a file whose folder is trusted, though the file is not."""
    path = Path(path)
    return read_beneath(path.parent, path)


def read_beneath(top: Path, path: Path | str) -> bytes:
    """Return the bytes of a submitted file, or raise `Rejected`.

    `top` is a folder above it that no student has made; below it no link is followed.
    """
    try:
        with trusted_folder(top) as folder:
            descriptor = open_file(folder, str(Path(path).relative_to(top)))
        with open(descriptor, "rb") as file:
            return file.read(MAX_BYTES + 1)
    except NotAFile as other:
        folder_instead = stat.S_ISDIR(other.mode)
        raise Rejected(
            N_("This is a folder, not a notebook.") if folder_instead else NO_FILE
        ) from other
    except OSError as error:
        raise unreadable(error, NO_FILE, N_("The file cannot be read: {error}.")) from error


def unreadable(error: OSError, link: str, other: str) -> Rejected:
    """Return the reason why a place could not be opened: it is a link, or the system's reason."""
    if error.errno == errno.ELOOP:
        return Rejected(link)
    return Rejected(other, error=error.strerror or error)


def in_folder(root: Path, top: Path | None = None) -> list[File]:
    """List everything in a folder and its sub-folders, sorted by place.

    `top` is a folder above it that no student has made, by default the folder itself; below it no
    link is followed.
    """
    top = root if top is None else top
    try:
        with trusted_folder(top) as above:
            descriptor = open_folder(above, str(root.relative_to(top)))
    except OSError as error:
        return [_closed(root, PurePosixPath(), error)]
    return sort_files(_in_folder(descriptor, root, PurePosixPath(), top))


def _closed(folder: Path, place: PurePosixPath, error: OSError) -> File:
    """Return the entry of a folder that cannot be entered."""
    why = unreadable(error, BEHIND_A_LINK, N_("The folder cannot be read: {error}."))
    return File(place, str(folder), rejecting(why.args[0], **why.values), FileKind.CLOSED)


def _in_folder(descriptor: int, folder: Path, place: PurePosixPath, top: Path) -> Iterator[File]:
    """List the entries of a folder, and the folder itself if its own entry says more than they do.

    The descriptor is closed at the end.
    """
    with opened(descriptor):
        if len(place.parts) > MAX_DEPTH:
            yield File(place, str(folder), rejecting(TOO_DEEP), FileKind.CLOSED)
            return
        try:
            with os.scandir(descriptor) as entries:
                found = list(islice(entries, MAX_FOLDER_ENTRIES + 1))
        except OSError as error:
            yield _closed(folder, place, error)
            return
        if len(found) > MAX_FOLDER_ENTRIES:
            full = rejecting(TOO_FULL, most=MAX_FOLDER_ENTRIES)
            yield File(place, str(folder), full, FileKind.CLOSED)
            return
        spoken_for = False
        for entry in found:
            if is_programs_copy(entry.name):
                continue
            for file in _entry(descriptor, folder, place, entry, top):
                spoken_for = spoken_for or _speaks_for(file, place)
                yield file
        if not spoken_for:
            yield File(place, str(folder), rejecting(NO_NOTEBOOK), FileKind.EMPTY)


def is_programs_copy(name: str) -> bool:
    """Tell whether a program gives such a name to its own copies."""
    beside = name.startswith(PROGRAMS_PREFIXES) and (ENDING.search(name) or ARCHIVE.search(name))
    return name in PROGRAMS_FOLDERS or bool(beside)


def _entry(
    descriptor: int, folder: Path, place: PurePosixPath, entry: os.DirEntry[str], top: Path
) -> Iterator[File]:
    """List an entry of a folder and everything in it."""
    path, inside = folder / entry.name, place / entry.name
    if not _is_folder(entry, follow=False):
        shown = str(path)  # a class of thousands has one of each, and a path is large
        file = File(inside, shown, partial(read_beneath, top, shown))
        if _is_folder(entry, follow=True):
            file = replace(file, kind=FileKind.CLOSED)
        elif not (file.is_notebook or _is_regular(entry)):
            file = replace(file, read=rejecting(NO_FOLDER), kind=FileKind.SPECIAL)
        yield file
        return
    try:
        below = open_folder(descriptor, entry.name)
    except OSError as error:
        yield _closed(path, inside, error)
        return
    yield from _in_folder(below, path, inside, top)


def _is_folder(entry: os.DirEntry[str], *, follow: bool) -> bool:
    """Tell whether an entry is a folder; a link to a folder counts, but is never entered."""
    try:
        return entry.is_dir(follow_symlinks=follow)
    except OSError:
        return False


def _is_regular(entry: os.DirEntry[str]) -> bool:
    """Tell whether an entry is a regular file."""
    try:
        return entry.is_file(follow_symlinks=False)
    except OSError:
        return False


def _speaks_for(file: File, folder: PurePosixPath) -> bool:
    """Tell whether nothing needs to be said about the folders that contain this file."""
    return file.kind is not FileKind.EMPTY and (
        file.is_notebook or ENDING.search(folder.name) is None
    )


def sort_files(files: Iterator[File]) -> list[File]:
    """Sort files by place, and keep only those folders whose entries say more than their files."""
    every = sorted(files, key=lambda file: file.place.parts)
    if all(file.kind is not FileKind.EMPTY for file in every):
        return every
    full = {folder for file in every for folder in file.place.parents if _speaks_for(file, folder)}
    return [file for file in every if file.kind is not FileKind.EMPTY or file.place not in full]
