"""The files that were handed in, in folders and zips: what lies where, and how its bytes are read.

Whatever it is that somebody has put there, nothing is followed, waited for, unpacked to a disk, or
read much beyond the size that a submission may have.
"""

from __future__ import annotations

import errno
import os
import re
import stat
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import Enum, auto
from functools import lru_cache, partial
from itertools import islice
from pathlib import Path, PurePosixPath

from autograder.i18n import N_
from autograder.intake.beneath import NotAFile, open_file, open_folder, opened, trusted_folder
from autograder.intake.parse import MAX_BYTES, Rejected

NOT_HANDED_IN = {".ipynb_checkpoints", "__MACOSX"}
"""Folders in which Jupyter and macOS keep copies of their own."""

MAX_MEMBERS = 50_000
"""Files in one zip: a class of thousands, each with plots and data."""

METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""How a member of a zip may be packed. Python unpacks the other methods without a bound: 45 bytes
of bzip2 are 46 megabytes of zeros."""

MAX_DEPTH = 50
"""Folders in folders that are looked into."""

MAX_ENTRIES = 50_000
"""Names in one folder: a class of thousands, each with a notebook and some data."""

ENDING = re.compile(r"\.ipynb(\.json|\.txt)?$", re.IGNORECASE)
"""How a notebook's name ends; browsers like to add to it."""

NO_FILE = N_("This is a link or a device, not a file.")
BEHIND_A_LINK = N_("The folder lies behind a link, which is not followed.")
NO_NOTEBOOK = N_("The folder has no notebook in it.")
TOO_DEEP = N_("The folder cannot be read: it lies too deep.")
TOO_FULL = N_("The folder cannot be read: it holds more than {most} files.")

Read = Callable[[], bytes]


class Kind(Enum):
    """What lies at a place."""

    FILE = auto()
    EMPTY = auto()  # a folder in which there is nothing, or no notebook where its name says one
    CLOSED = auto()  # a folder that is not entered: behind a link, or not to be read


@dataclass(frozen=True, slots=True)
class File:
    """Something in a folder or in a zip.

    Attributes:
        place: where it lies there.
        path: how people find it.
        read: gives its bytes, or raises `Rejected`.
        kind: what it is, as far as can be told without reading it.
        named: the place as a zip writes it, where that is with the separators of Windows.
    """

    place: PurePosixPath
    path: str
    read: Read
    kind: Kind = Kind.FILE
    named: str | None = None

    @property
    def is_notebook(self) -> bool:
        """Whether it is called like one."""
        return ENDING.search(self.place.name) is not None


def rejecting(reason: str, **values: object) -> Read:
    """What reads something that cannot be graded: raises `Rejected` with this reason."""

    def read() -> bytes:
        raise Rejected(reason, **values)

    return read


def read_file(path: Path | str) -> bytes:
    """Return the bytes of a file that somebody has named whom we trust, but for the file itself.

    Raises:
        Rejected: it is no file, or cannot be read.
    """
    path = Path(path)
    return read_beneath(path.parent, path)


def read_beneath(top: Path, path: Path | str) -> bytes:
    """Return the bytes of a submitted file.

    Args:
        top: a folder above it that nobody else has made; below it no link is followed.
        path: the file's.

    Raises:
        Rejected: it is no file, lies behind a link, or cannot be read.
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
    """Return why something could not be opened: it is a link, or the system says why."""
    if error.errno == errno.ELOOP:
        return Rejected(link)
    return Rejected(other, error=error.strerror or error)


def in_folder(root: Path, top: Path | None = None) -> list[File]:
    """Everything in a folder, and in those in it, in the order of the places.

    Args:
        root: the folder.
        top: a folder above it that nobody else has made; the folder itself where none is named.
            Below it no link is followed.
    """
    top = root if top is None else top
    try:
        with trusted_folder(top) as above:
            descriptor = open_folder(above, str(root.relative_to(top)))
    except OSError as error:
        return [_closed(root, PurePosixPath(), error)]
    return _sorted(_in_folder(descriptor, root, PurePosixPath(), top))


def _closed(folder: Path, place: PurePosixPath, error: OSError) -> File:
    """A folder that cannot be entered, or not any more."""
    why = unreadable(error, BEHIND_A_LINK, N_("The folder cannot be read: {error}."))
    return File(place, str(folder), rejecting(why.args[0], **why.values), Kind.CLOSED)


def _in_folder(descriptor: int, folder: Path, place: PurePosixPath, top: Path) -> Iterator[File]:
    """What is in a folder, and the folder itself where that says more than what is in it.

    The descriptor is closed in the end.
    """
    with opened(descriptor):
        if len(place.parts) > MAX_DEPTH:
            yield File(place, str(folder), rejecting(TOO_DEEP), Kind.CLOSED)
            return
        try:
            with os.scandir(descriptor) as entries:
                found = list(islice(entries, MAX_ENTRIES + 1))
        except OSError as error:
            yield _closed(folder, place, error)
            return
        if len(found) > MAX_ENTRIES:
            full = rejecting(TOO_FULL, most=MAX_ENTRIES)
            yield File(place, str(folder), full, Kind.CLOSED)
            return
        spoken_for = False
        for entry in found:
            if entry.name in NOT_HANDED_IN:
                continue
            for file in _entry(descriptor, folder, place, entry, top):
                spoken_for = spoken_for or _speaks_for(file, place)
                yield file
        if not spoken_for:
            yield File(place, str(folder), rejecting(NO_NOTEBOOK), Kind.EMPTY)


def _entry(
    descriptor: int, folder: Path, place: PurePosixPath, entry: os.DirEntry[str], top: Path
) -> Iterator[File]:
    """What an entry of a folder is, and all that is in it."""
    path, inside = folder / entry.name, place / entry.name
    if not _is_folder(entry, follow=False):
        kind = Kind.CLOSED if _is_folder(entry, follow=True) else Kind.FILE
        shown = str(path)  # a class of thousands has one of each, and a path is large
        yield File(inside, shown, partial(read_beneath, top, shown), kind)
        return
    try:
        below = open_folder(descriptor, entry.name)
    except OSError as error:
        yield _closed(path, inside, error)
        return
    yield from _in_folder(below, path, inside, top)


def _is_folder(entry: os.DirEntry[str], *, follow: bool) -> bool:
    """Whether an entry is a folder; a link to one may be looked through, and is never entered."""
    try:
        return entry.is_dir(follow_symlinks=follow)
    except OSError:
        return False


def _speaks_for(file: File, folder: PurePosixPath) -> bool:
    """Whether nothing is to be said of a folder that this file lies in."""
    return file.kind is not Kind.EMPTY and (file.is_notebook or ENDING.search(folder.name) is None)


def _sorted(files: Iterator[File]) -> list[File]:
    """The files by their places, and of the folders those that say more than their files do."""
    every = sorted(files, key=lambda file: file.place.parts)
    if all(file.kind is not Kind.EMPTY for file in every):
        return every
    full = {folder for file in every for folder in file.place.parents if _speaks_for(file, folder)}
    return [file for file in every if file.kind is not Kind.EMPTY or file.place not in full]


def is_zip(path: Path) -> bool:
    """Whether a file is a zip, and not only ends like one, as a notebook may be made to."""
    if not path.is_file():  # whoever looks into a pipe waits
        return False
    try:
        with path.open("rb") as file:
            return file.read(2) == b"PK" and zipfile.is_zipfile(file)
    except OSError:  # `read_file` says what it is
        return False


def in_zip(path: Path) -> list[File]:
    """Everything in a zip, in the order of the places, or what says that it cannot be read."""
    itself = PurePosixPath(f"{path.stem}.ipynb")
    try:
        members = _open(path, *_version(path)).infolist()
    except Exception as error:  # zipfile has no common base for what can be wrong with one
        unreadable = rejecting(N_("The zip cannot be read: {error}."), error=error)
        return [File(itself, str(path), unreadable)]
    if len(members) > MAX_MEMBERS:
        many = N_("The zip cannot be read: it holds {number} files, and {most} are the most.")
        return [File(itself, str(path), rejecting(many, number=len(members), most=MAX_MEMBERS))]
    # Of two at one place the last one counts: not one that got there by `..` or the like.
    plain_last = sorted(members, key=lambda each: str(_inside(each.filename)) == each.filename)
    return _sorted(_in_zip(path, plain_last))


def _in_zip(path: Path, members: list[zipfile.ZipInfo]) -> Iterator[File]:
    seen: dict[str, int] = {}
    for member in members:
        name = member.filename
        number = seen[name] = seen.get(name, 0) + 1
        place = _inside(name)
        if left := NOT_HANDED_IN.intersection(place.parts):
            # The folder is one all the same, and may be somebody's who handed in nothing else.
            first = min(place.parts.index(each) for each in left)
            place = PurePosixPath(*place.parts[:first])
            if place.parts:
                yield File(place, f"{path}/{place}", rejecting(NO_NOTEBOOK), Kind.EMPTY)
            continue
        file = File(
            place,
            f"{path}/{name}" + (f" ({number})" if number > 1 else ""),
            partial(_read_member, path, member),
            named=name if "\\" in name else None,
        )
        if member.is_dir():
            file = replace(file, read=rejecting(NO_NOTEBOOK), kind=Kind.EMPTY)
        yield file


def _inside(name: str) -> PurePosixPath:
    """The place of a file in a zip, whatever it calls itself; nothing is ever written there."""
    parts = PurePosixPath(name.replace("\\", "/")).parts
    inside = [part for part in parts if part not in ("/", "//", "..")]
    del inside[MAX_DEPTH:-1]  # paths of thousands of folders take minutes to sort
    return PurePosixPath(*inside)


def _version(path: Path) -> tuple[int, int]:
    """What tells a file from what it was before."""
    status = path.stat()
    return status.st_mtime_ns, status.st_size


@lru_cache(maxsize=1)
def _open(path: Path, _modified: int, _size: int) -> zipfile.ZipFile:
    """A zip, its table read once and not again for each of its files."""
    return zipfile.ZipFile(path)


def _read_member(path: Path, member: zipfile.ZipInfo) -> bytes:
    if stat.S_ISLNK(member.external_attr >> 16):
        raise Rejected(NO_FILE)
    if member.compress_type not in METHODS:
        raise Rejected(
            N_(
                "The zip holds this file, but it cannot be read: it is packed in a way that "
                "notebooks are not; zip it anew."
            )
        )
    try:
        with _open(path, *_version(path)).open(member) as file:
            return file.read(MAX_BYTES + 1)
    except Exception as error:  # zipfile has no common base for what can be wrong with one
        unreadable = N_("The zip holds this file, but it cannot be read: {error}.")
        raise Rejected(unreadable, error=error) from error
