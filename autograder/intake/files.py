"""List submitted files, in folders and zips, and read their bytes.

No link is followed, no pipe is waited for, nothing is unpacked to a disk, and little more is read
than the size that a submission may have.
"""

from __future__ import annotations

import errno
import io
import os
import stat
import struct
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import Enum, auto
from functools import lru_cache, partial
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import cast

from autograder.i18n import N_
from autograder.intake.beneath import NotAFile, open_file, open_folder, opened, trusted_folder
from autograder.intake.names import ARCHIVE, ENDING
from autograder.intake.parse import MAX_BYTES, Rejected

NOT_HANDED_IN = {".ipynb_checkpoints", "__MACOSX"}
"""Folders in which Jupyter and macOS keep copies of their own."""

OF_A_PROGRAM = ("._", ".~")
"""Beginnings of the names of files that macOS and Jupyter put beside a notebook."""

MAX_MEMBERS = 50_000
"""Files in one zip: a class of thousands, each with plots and data."""

MAX_DIRECTORY = 32 * 1024**2
"""Bytes of a zip's central directory, its list of files: six hundred for each of `MAX_MEMBERS`."""

RECORD = struct.Struct("<4s6H3L5H2L")
"""What stands before the name of a file in a zip's central directory."""

RECORD_MARK = b"PK\1\2"
END = struct.Struct("<4s4H2LH")
"""What follows a zip's central directory, before the comment."""

IN_UTF8 = 0x800
"""The flag of a file in a zip whose name is in UTF-8."""

OLDEST_VERSION = 20
"""The version of the zip format that every file with folders needs."""

METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""How a member of a zip may be packed. Python unpacks the other methods without a bound: 45 bytes
of bzip2 are 46 megabytes of zeros."""

MAX_DEPTH = 50
"""Folders in folders that are looked into."""

MAX_ENTRIES = 50_000
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


class Kind(Enum):
    """The type of a file."""

    FILE = auto()
    EMPTY = auto()  # a folder in which there is nothing, or no notebook where its name says one
    CLOSED = auto()  # a folder that is not entered: behind a link, or not to be read
    SPECIAL = auto()  # a link, a device, a pipe or a socket that is not called like a notebook


@dataclass(frozen=True, slots=True)
class File:
    """A file, or something else, in a folder or in a zip.

    Attributes:
        place: the path in the folder or zip.
        path: the path that people see in messages.
        read: returns its bytes, or raises `Rejected`.
        kind: its type, as far as it is known without reading it.
        named: the place as a zip writes it, if the zip uses the separators of Windows.
    """

    place: PurePosixPath
    path: str
    read: Read
    kind: Kind = Kind.FILE
    named: str | None = None

    @property
    def is_notebook(self) -> bool:
        """Whether its name ends like a notebook's."""
        return ENDING.search(self.place.name) is not None

    @property
    def is_archive(self) -> bool:
        """Whether it is a file whose name ends like an archive's."""
        return self.kind is Kind.FILE and ARCHIVE.search(self.place.name) is not None


def rejecting(reason: str, **values: object) -> Read:
    """Return a reader for a file that cannot be graded: it raises `Rejected` with this reason."""

    def read() -> bytes:
        raise Rejected(reason, **values)

    return read


def read_file(path: Path | str) -> bytes:
    """Return the bytes of a file whose folder is trusted, though the file is not.

    Raises:
        Rejected: it is no file, or cannot be read.
    """
    path = Path(path)
    return read_beneath(path.parent, path)


def read_beneath(top: Path, path: Path | str) -> bytes:
    """Return the bytes of a submitted file.

    Args:
        top: a folder above it that no student has made; below it no link is followed.
        path: the file's path.

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
    """Return the reason why a place could not be opened: it is a link, or the system's reason."""
    if error.errno == errno.ELOOP:
        return Rejected(link)
    return Rejected(other, error=error.strerror or error)


def in_folder(root: Path, top: Path | None = None) -> list[File]:
    """List everything in a folder and its sub-folders, sorted by place.

    Args:
        root: the folder.
        top: a folder above it that no student has made; by default the folder itself.
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
    """Return the entry of a folder that cannot be entered."""
    why = unreadable(error, BEHIND_A_LINK, N_("The folder cannot be read: {error}."))
    return File(place, str(folder), rejecting(why.args[0], **why.values), Kind.CLOSED)


def _in_folder(descriptor: int, folder: Path, place: PurePosixPath, top: Path) -> Iterator[File]:
    """List the entries of a folder, and the folder itself if its own entry says more than they do.

    The descriptor is closed at the end.
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
            if _is_left(entry.name):
                continue
            for file in _entry(descriptor, folder, place, entry, top):
                spoken_for = spoken_for or _speaks_for(file, place)
                yield file
        if not spoken_for:
            yield File(place, str(folder), rejecting(NO_NOTEBOOK), Kind.EMPTY)


def _is_left(name: str) -> bool:
    """Tell whether a program gives such a name to its own copies."""
    beside = name.startswith(OF_A_PROGRAM) and (ENDING.search(name) or ARCHIVE.search(name))
    return name in NOT_HANDED_IN or bool(beside)


def _entry(
    descriptor: int, folder: Path, place: PurePosixPath, entry: os.DirEntry[str], top: Path
) -> Iterator[File]:
    """List an entry of a folder and everything in it."""
    path, inside = folder / entry.name, place / entry.name
    if not _is_folder(entry, follow=False):
        shown = str(path)  # a class of thousands has one of each, and a path is large
        file = File(inside, shown, partial(read_beneath, top, shown))
        if _is_folder(entry, follow=True):
            file = replace(file, kind=Kind.CLOSED)
        elif not (file.is_notebook or _is_regular(entry)):
            file = replace(file, read=rejecting(NO_FOLDER), kind=Kind.SPECIAL)
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
    return file.kind is not Kind.EMPTY and (file.is_notebook or ENDING.search(folder.name) is None)


def _sorted(files: Iterator[File]) -> list[File]:
    """Sort files by place, and keep only those folders whose entries say more than their files."""
    every = sorted(files, key=lambda file: file.place.parts)
    if all(file.kind is not Kind.EMPTY for file in every):
        return every
    full = {folder for file in every for folder in file.place.parents if _speaks_for(file, folder)}
    return [file for file in every if file.kind is not Kind.EMPTY or file.place not in full]


def is_zip(path: Path) -> bool:
    """Tell whether a file is a zip by its content, not only by its name."""
    if not os.path.isfile(path):  # reading a pipe would wait
        return False
    try:
        with path.open("rb") as file:
            return file.read(2) == b"PK" and zipfile.is_zipfile(file)
    except OSError:  # `read_file` says what it is
        return False


def in_zip(path: Path) -> list[File]:
    """List everything in a zip, sorted by place, or one entry that says why it cannot be read."""
    try:
        return _in_zip(partial(_current, path), str(path))
    except Rejected as rejected:
        unreadable = rejecting(rejected.args[0], **rejected.values)
        return [File(PurePosixPath(f"{path.stem}.ipynb"), str(path), unreadable)]


def in_nested_zip(data: bytes) -> list[File]:
    """List everything in a zip that is part of a submission, sorted by place.

    Args:
        data: the bytes of the zip, at most `MAX_BYTES`.

    Raises:
        Rejected: it cannot be read.
    """
    return _in_zip(partial(_opened, data), "")


def _in_zip(current: Callable[[], zipfile.ZipFile], path: str) -> list[File]:
    """List everything in a zip, sorted by place.

    Args:
        current: opens the zip.
        path: the path that people see in messages.

    Raises:
        Rejected: it cannot be read.
    """
    try:
        members = current().infolist()
    except Rejected:
        raise
    except Exception as error:  # zipfile has no common base for what can be wrong with one
        raise Rejected(N_("The zip cannot be read: {error}."), error=error) from error
    # Of two at one place the last one counts: not one that got there by `..` or the like.
    plain_last = sorted(members, key=lambda each: str(_inside(each.filename)) == each.filename)
    return _sorted(_members(current, path, plain_last))


def _members(
    current: Callable[[], zipfile.ZipFile], path: str, members: list[zipfile.ZipInfo]
) -> Iterator[File]:
    seen: dict[str, int] = {}
    for member in members:
        name = member.filename
        number = seen[name] = seen.get(name, 0) + 1
        place = _inside(name)
        left = [number for number, each in enumerate(place.parts) if _is_left(each)]
        if left:
            # The folder may be that of a student who submitted nothing else.
            place = PurePosixPath(*place.parts[: left[0]])
            if place.parts:
                yield File(place, f"{path}/{place}", rejecting(NO_NOTEBOOK), Kind.EMPTY)
            continue
        file = File(
            place,
            f"{path}/{name}" + (f" ({number})" if number > 1 else ""),
            partial(_read_member, current, member),
            named=name if "\\" in name else None,
        )
        if member.is_dir():
            file = replace(file, read=rejecting(NO_NOTEBOOK), kind=Kind.EMPTY)
        elif _is_special(member) and not file.is_notebook:
            file = replace(file, read=rejecting(NO_FOLDER), kind=Kind.SPECIAL)
        yield file


def _is_special(member: zipfile.ZipInfo) -> bool:
    """Tell whether a zip's member is a link, a device, a pipe or a socket; some zips do not say."""
    return stat.S_IFMT(member.external_attr >> 16) not in (0, stat.S_IFREG, stat.S_IFDIR)


def _inside(name: str) -> PurePosixPath:
    """Return the place of a file in a zip, whatever its name; nothing is ever written there."""
    parts = PurePosixPath(name.replace("\\", "/")).parts
    inside = [part for part in parts if part not in ("/", "//", "..")]
    del inside[MAX_DEPTH:-1]  # paths of thousands of folders take minutes to sort
    return PurePosixPath(*inside)


def _version(path: Path) -> tuple[int, int]:
    """Return values that change when a file is replaced or rewritten."""
    status = path.stat()
    return status.st_mtime_ns, status.st_size


class _Source(io.BufferedReader):
    """The bytes of a zip; its central directory is checked before `zipfile` reads it.

    `zipfile` reads the directory in one call and makes an object for each record in it; one record
    that it cannot decode makes it refuse the whole zip.

    Args:
        raw: the zip.
        mending: whether to rewrite records that `zipfile` would refuse.

    Attributes:
        opening: whether `zipfile` is still reading the directory.
        mended: the bytes of the names of the mended records, by the number of the record.
    """

    def __init__(self, raw: io.RawIOBase, *, mending: bool) -> None:
        super().__init__(raw)
        self.mending = mending
        self.opening = True
        self.mended: dict[int, bytes] = {}

    def read(self, size: int | None = -1, /) -> bytes:
        """Read like any file, but no more than a central directory may have.

        Raises:
            Rejected: the central directory has too many records or bytes.
        """
        if not self.opening:
            return super().read(size)
        data = super().read(MAX_DIRECTORY + 1 if size is None or size < 0 else _bounded(size))
        if not data.startswith(RECORD_MARK):
            return data
        records = list(_records(data))
        if len(records) > MAX_MEMBERS:
            many = N_(
                "The zip cannot be read: it contains {number} files, and the limit is {most}."
            )
            raise Rejected(many, number=len(records), most=MAX_MEMBERS)
        return self._mend(data, records) if self.mending else data

    def _mend(self, data: bytes, records: list[slice]) -> bytes:
        """Return the directory with every record that `zipfile` refuses rewritten.

        A mended record keeps its length and still points to the same file. Its name is read as
        bytes, its extra fields are emptied, and it asks for no later version of the format.
        """
        mended = bytearray(data)
        self.mended = {}
        for number, place in enumerate(records):
            if _is_taken(data[place]):
                continue
            fields = list(RECORD.unpack_from(data, place.start))
            name_length, extra_length = fields[10:12]
            fields[2], fields[3] = OLDEST_VERSION, fields[3] & ~IN_UTF8
            RECORD.pack_into(mended, place.start, *fields)
            name_end = place.start + RECORD.size + name_length
            mended[name_end : name_end + extra_length] = bytes(extra_length)
            self.mended[number] = data[place.start + RECORD.size : name_end]
        return bytes(mended)


def _bounded(size: int) -> int:
    """Return the size of a read while a zip is opened.

    Raises:
        Rejected: it is larger than a central directory may be.
    """
    if size > MAX_DIRECTORY:
        large = N_("The zip cannot be read: its list of files is larger than {most} MB.")
        raise Rejected(large, most=MAX_DIRECTORY // 1024**2)
    return size


def _records(directory: bytes) -> Iterator[slice]:
    """Return the offsets of the records of a central directory, up to the first invalid one."""
    start = 0
    while directory.startswith(RECORD_MARK, start) and start + RECORD.size <= len(directory):
        lengths = RECORD.unpack_from(directory, start)[10:13]
        end = start + RECORD.size + sum(lengths)
        if end > len(directory):
            return
        yield slice(start, end)
        start = end


def _is_taken(record: bytes) -> bool:
    """Tell whether `zipfile` accepts a record, by giving it a directory with this record alone."""
    alone = record + END.pack(b"PK\5\6", 0, 0, 1, 1, len(record), 0, 0)
    try:
        zipfile.ZipFile(io.BytesIO(alone)).close()
    except Exception:  # zipfile has no common base for what can be wrong with one
        return False
    return True


class _Archive(zipfile.ZipFile):
    """A zip whose central directory was bounded and, if needed, mended; it closes its own file."""

    _source: _Source | None = None

    def __init__(self, raw: io.RawIOBase, *, mending: bool) -> None:
        self._source = _Source(raw, mending=mending)
        try:
            super().__init__(self._source)
        except BaseException:
            self._source.close()
            raise
        self._source.opening = False
        for number, name in self._source.mended.items():
            # `open` still compares `orig_filename` with the name that stands before the bytes.
            self.filelist[number].filename = name.split(b"\0")[0].decode("utf-8", "surrogateescape")

    def close(self) -> None:
        super().close()
        if self._source is not None:  # the file could be opened
            self._source.close()


def _current(path: Path) -> zipfile.ZipFile:
    """Open the zip at a path, as it is now."""
    return _open(path, *_version(path))


@lru_cache(maxsize=1)
def _open(path: Path, _modified: int, _size: int) -> zipfile.ZipFile:
    """Open a zip and read its directory once, rather than again for each of its files."""
    return _archive(lambda: io.FileIO(path))


def _opened(data: bytes) -> zipfile.ZipFile:
    """Open a zip in memory."""
    return _archive(lambda: cast(io.RawIOBase, io.BytesIO(data)))  # BufferedReader takes either


def _archive(raw: Callable[[], io.RawIOBase]) -> zipfile.ZipFile:
    try:
        return _Archive(raw(), mending=False)
    except Rejected:
        raise
    except Exception:  # one record may be all that is wrong
        return _Archive(raw(), mending=True)


def _read_member(current: Callable[[], zipfile.ZipFile], member: zipfile.ZipInfo) -> bytes:
    if _is_special(member):
        raise Rejected(NO_FILE)
    if member.compress_type not in METHODS:
        raise Rejected(
            N_(
                "This file in the zip cannot be read: its compression method is not "
                "supported. Unzip and zip it again."
            )
        )
    try:
        with current().open(member) as file:
            return file.read(MAX_BYTES + 1)
    except Exception as error:  # zipfile has no common base for what can be wrong with one
        unreadable = N_("This file in the zip cannot be read: {error}.")
        raise Rejected(unreadable, error=error) from error
