"""List the files in a zip and read their bytes; nothing is unpacked to a disk.

Zips may be damaged or hostile. The size of the central directory is bounded before `zipfile` reads
it. Records that `zipfile` would refuse are rewritten, so that they affect no other file.
"""

from __future__ import annotations

import io
import os
import stat
import struct
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import lru_cache, partial
from pathlib import Path, PurePosixPath
from typing import cast

from autograder.i18n import N_
from autograder.intake.files import (
    MAX_DEPTH,
    NO_FILE,
    NO_FOLDER,
    NO_NOTEBOOK,
    File,
    FileKind,
    is_programs_copy,
    rejecting,
    sort_files,
)
from autograder.intake.parse import MAX_BYTES, Rejected

MAX_MEMBERS = 50_000
"""Files in one zip: a class of thousands, each with plots and data."""

MAX_DIRECTORY = 32 * 1024**2
"""Bytes of a zip's central directory, its list of files: six hundred for each of `MAX_MEMBERS`."""

RECORD = struct.Struct("<4s6H3L5H2L")
"""The fields before the name of a file in a zip's central directory."""

RECORD_MARK = b"PK\1\2"
END = struct.Struct("<4s4H2LH")
"""The record after a zip's central directory, before the comment."""

IN_UTF8 = 0x800
"""The flag of a file in a zip whose name is in UTF-8."""

OLDEST_VERSION = 20
"""The version of the zip format that every file with folders needs."""

METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""How a member of a zip may be packed. Python unpacks the other methods without a bound: 45 bytes
of bzip2 are 46 megabytes of zeros."""


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
    """List everything in a zip of at most `MAX_BYTES` in a submission, or raise `Rejected`."""
    # BufferedReader takes either kind of stream.
    return _in_zip(lambda: _archive(lambda: cast(io.RawIOBase, io.BytesIO(data))), "")


def _in_zip(current: Callable[[], zipfile.ZipFile], path: str) -> list[File]:
    """List everything in the zip that `current` opens, sorted by place."""
    try:
        members = current().infolist()
    except Rejected:
        raise
    except Exception as error:  # zipfile has no common base for what can be wrong with one
        raise Rejected(N_("The zip cannot be read: {error}."), error=error) from error
    # Of two at one place the last one counts: not one that got there by `..` or the like.
    plain_last = sorted(members, key=lambda each: str(_inside(each.filename)) == each.filename)
    return sort_files(_members(current, path, plain_last))


def _members(
    current: Callable[[], zipfile.ZipFile], path: str, members: list[zipfile.ZipInfo]
) -> Iterator[File]:
    seen: dict[str, int] = {}
    for member in members:
        name = member.filename
        number = seen[name] = seen.get(name, 0) + 1
        place = _inside(name)
        left = [number for number, each in enumerate(place.parts) if is_programs_copy(each)]
        if left:
            # The folder may be that of a student who submitted nothing else.
            place = PurePosixPath(*place.parts[: left[0]])
            if place.parts:
                yield File(place, f"{path}/{place}", rejecting(NO_NOTEBOOK), FileKind.EMPTY)
            continue
        file = File(
            place,
            f"{path}/{name}" + (f" ({number})" if number > 1 else ""),
            partial(_read_member, current, member),
            named=name if "\\" in name else None,
        )
        if member.is_dir():
            file = replace(file, read=rejecting(NO_NOTEBOOK), kind=FileKind.EMPTY)
        elif _is_special(member) and not file.is_notebook:
            file = replace(file, read=rejecting(NO_FOLDER), kind=FileKind.SPECIAL)
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


class _Source(io.BufferedReader):
    """The bytes of a zip; its central directory is checked before `zipfile` reads it.

    `zipfile` reads the directory in one call and makes an object for each record in it; one record
    that it cannot decode makes it refuse the whole zip. With `mending`, such records are rewritten.

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
            if _is_accepted(data[place]):
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
    """Return the size of a read, if a central directory may be as large."""
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


def _is_accepted(record: bytes) -> bool:
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
    status = path.stat()
    return _open(path, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=1)
def _open(path: Path, _modified: int, _size: int) -> zipfile.ZipFile:
    """Open a zip and read its directory once, rather than again for each of its files."""
    return _archive(lambda: io.FileIO(path))


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
