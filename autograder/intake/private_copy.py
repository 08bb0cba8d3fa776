"""Copy the files of a submission into a private folder on which everything else works.

A submission may hold links to anywhere, pipes, devices, and endless names and folders. Regular
files within the bounds below are copied, each opened relative to the descriptor of its folder.
Honest names stay as they are; a name that cannot be used is replaced. A sentence for the instructor
names everything that is left out or renamed. Nothing is written into the submitted folder.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from itertools import islice
from pathlib import Path, PurePosixPath

from autograder.i18n import _
from autograder.intake.beneath import NotAFile, open_file, open_folder, opened, trusted_folder
from autograder.intake.files import MAX_DEPTH, MAX_FOLDER_ENTRIES
from autograder.intake.names import is_plain, shown
from autograder.sandbox.host.workdir import WorkDir

MEGABYTE = 1024**2

MAX_FILES = 1_000
"""Files and folders of one submission. nbgrader compares every name with every other in its folder,
which takes 4 seconds for a thousand and grows with the square."""

MAX_FILE = 128 * MEGABYTE
"""Bytes of one file; nbgrader's exchange takes 100 MB."""

MAX_TOTAL = 256 * MEGABYTE
"""Bytes of all files of one submission. Each may be written to `autograded/` and to `feedback/`."""

MAX_NAME = 200
"""Bytes of a name; file systems take 255, and an ending may be added to it."""

MAX_PATH = 1_000
"""Bytes of a path below the submission's folder; Linux takes 4096, with the course's folder."""

MAX_SENTENCES = 20
"""Sentences about one submission."""

CHUNK = MEGABYTE


@dataclass(frozen=True, slots=True)
class _Taken:
    """A file or a folder of a submission that is within the bounds.

    Attributes:
        own: its path in the copy.
        descriptor: the file's, open for reading; None for a folder.
        size: the number of its bytes that count.
    """

    place: PurePosixPath
    own: PurePosixPath
    descriptor: int | None = None
    size: int = 0


@dataclass
class _Walk:
    """A walk through a submission that counts files and bytes.

    Attributes:
        ours: the places of files that we write; no folder may take one.
        ignored: patterns of names to leave out, as nbgrader leaves them out.
        said: files that were left out, and why.
    """

    ours: Collection[PurePosixPath] = ()
    ignored: Sequence[str] = ()
    said: list[str] = field(default_factory=list)
    number: int = 0
    total: int = 0
    full: bool = False

    def __post_init__(self) -> None:
        self.files = set(self.ours)
        self.folders = {above for each in self.files for above in each.parents}

    def through(self, source: Path, top: Path) -> Iterator[_Taken]:
        """Yield the files and folders of a submission that are within the bounds."""
        with trusted_folder(top) as above:
            folder = open_folder(above, str(source.relative_to(top)))
        with opened(folder):
            yield from self._inside(folder, PurePosixPath(), PurePosixPath())

    def _inside(self, folder: int, place: PurePosixPath, own: PurePosixPath) -> Iterator[_Taken]:
        """Yield the entries of a folder; a file's descriptor is closed before the next entry.

        `place` and `own` are the folder's paths in the submission and in the copy.
        """
        with os.scandir(folder) as entries:
            names = [entry.name for entry in islice(entries, MAX_FOLDER_ENTRIES + 1)]
        if len(names) > MAX_FOLDER_ENTRIES:
            full = _("The folder {file} is left out: it contains more than {most} files.")
            self._say(full, place, most=MAX_FOLDER_ENTRIES)
            return
        for name in sorted(names):
            if self._is_ignored(name):
                continue
            if self.number == MAX_FILES:
                if not self.full:
                    many = _(
                        "The submission has more than {most} files: those from {file} on are left "
                        "out."
                    )
                    self._say(many, place / name, most=MAX_FILES)
                self.full = True
                return
            self.number += 1
            yield from self._entry(folder, name, place / name, own)

    def _entry(
        self, folder: int, name: str, place: PurePosixPath, above: PurePosixPath
    ) -> Iterator[_Taken]:
        try:
            descriptor = open_file(folder, name)
        except NotAFile as other:
            if stat.S_ISDIR(other.mode):
                yield from self._folder(folder, name, place, above)
            else:
                odd = _("{file} is left out: it is a pipe, a socket or a device.")
                self._say(odd, place)
        except OSError as error:
            self._say_unreadable(error, place)
        else:
            with opened(descriptor):
                size = os.fstat(descriptor).st_size
                own = self._own(name, place, above, folder=False)
                if own is not None and self._fits(size, place):
                    yield _Taken(place, own, descriptor, size)

    def _folder(
        self, folder: int, name: str, place: PurePosixPath, above: PurePosixPath
    ) -> Iterator[_Taken]:
        if len(place.parts) > MAX_DEPTH:
            deep = _("The folder {file} is left out: it is nested more than {most} folders deep.")
            self._say(deep, place, most=MAX_DEPTH)
            return
        own = self._own(name, place, above, folder=True)
        if own is None:
            return
        try:
            with opened(open_folder(folder, name)) as below:
                yield _Taken(place, own)
                yield from self._inside(below, place, own)
        except OSError as error:
            self._say_unreadable(error, place)

    def _fits(self, size: int, place: PurePosixPath) -> bool:
        if size > MAX_FILE:
            large = _("{file} is left out: it is larger than {most} MB.")
            self._say(large, place, most=MAX_FILE // MEGABYTE)
            return False
        if self.total + size > MAX_TOTAL:
            full = _(
                "{file} is left out: with it, the files of the submission would exceed {most} MB."
            )
            self._say(full, place, most=MAX_TOTAL // MEGABYTE)
            return False
        self.total += size
        return True

    def _own(
        self, name: str, place: PurePosixPath, above: PurePosixPath, *, folder: bool
    ) -> PurePosixPath | None:
        """Return the place in the copy, under a new name if needed; None to leave it out."""
        own = above / name
        is_text = len(os.fsencode(name)) <= MAX_NAME and all(map(is_plain, name))
        if not is_text or own in (self.files if folder else self.folders):
            own = above / _own_name(name)
            renamed = _("{file} was renamed to {name}: its own name cannot be used.")
            self._say(renamed, place, name=own.name)
        if len(os.fsencode(str(own))) > MAX_PATH:
            long = _("{file} is left out: its path is longer than {most} bytes.")
            self._say(long, place, most=MAX_PATH)
            return None
        return own

    def _is_ignored(self, name: str) -> bool:
        # As `glob` has it: a star does not match a dot at the beginning.
        return any(
            fnmatchcase(name, each) and name.startswith(".") <= each.startswith(".")
            for each in self.ignored
        )

    def _say_unreadable(self, error: OSError, place: PurePosixPath) -> None:
        if error.errno == errno.ELOOP:
            self._say(_("{file} is left out: it is a link, and links are not followed."), place)
        else:
            unreadable = _("{file} is left out: it cannot be read ({error}).")
            self._say(unreadable, place, error=error.strerror or error)

    def _say(self, sentence: str, place: PurePosixPath, **values: object) -> None:
        self.said.append(sentence.format(file=shown(place), **values))

    @property
    def sentences(self) -> tuple[str, ...]:
        """Return all notes, of which there may be many."""
        if len(self.said) <= MAX_SENTENCES:
            return tuple(self.said)
        more = _("{number} more messages like these are not shown.")
        left = len(self.said) - MAX_SENTENCES + 1
        return (*self.said[: MAX_SENTENCES - 1], more.format(number=left))


def take_in(
    source: Path,
    into: Path,
    top: Path,
    ours: Collection[PurePosixPath] = (),
    ignored: Sequence[str] = (),
) -> tuple[str, ...]:
    """Copy the files of a submission into a new folder.

    Return a sentence for each file that was left out or renamed. Any error in a submission's files
    costs that submission its files, and is reported. `top` is a folder above the submission's that
    no student has made; `ours` and `ignored` are as in `_Walk`.
    """
    into.mkdir(mode=0o700, parents=True)
    walk = _Walk(ours, ignored)
    try:
        for each in walk.through(source, top):
            if each.descriptor is None:
                (into / each.own).mkdir(mode=0o700)
            else:
                _copy(each.descriptor, each.size, into / each.own)
    except Exception as error:  # whatever a student has made up, the class goes on
        walk.said.insert(0, _failed(error))
    return walk.sentences


@contextmanager
def private_copy(
    source: Path, top: Path, ours: Collection[PurePosixPath] = (), ignored: Sequence[str] = ()
) -> Iterator[tuple[Path, tuple[str, ...]]]:
    """Yield a copy of a submission and the sentences of `take_in`; remove the copy at the end."""
    home = WorkDir()
    try:
        folder = home.path / "submission"
        yield folder, take_in(source, folder, top, ours, ignored)
    finally:
        home.remove()


def digest(source: Path, top: Path, ignored: Sequence[str] = ()) -> bytes:
    """Return the SHA-256 of everything that `take_in` would copy and say."""
    total = hashlib.sha256()
    walk = _Walk((), ignored)
    try:
        for each in walk.through(source, top):
            total.update(os.fsencode(str(each.place)) + b"\0")
            if each.descriptor is not None:
                content = hashlib.sha256()
                for chunk in _chunks(each.descriptor, each.size):
                    content.update(chunk)
                total.update(content.digest())
    except Exception as error:  # whatever a student has made up, the class goes on
        walk.said.append(_failed(error))
    total.update("\0".join(walk.said).encode("utf-8", "backslashreplace"))
    return total.digest()


def _failed(error: Exception) -> str:
    failed = _(
        "Not all files beside the notebook could be copied ({error}). Look at the submitted folder."
    )
    if isinstance(error, OSError) and error.errno == errno.ELOOP:
        return failed.format(error=_("the folder is reached through a link"))
    reason = error.strerror if isinstance(error, OSError) else None
    return failed.format(error=reason or f"{type(error).__name__}: {shown(str(error))}")


def _copy(descriptor: int, size: int, path: Path) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with open(os.open(path, flags, 0o600), "wb") as file:
        for chunk in _chunks(descriptor, size):
            file.write(chunk)


def _chunks(descriptor: int, size: int) -> Iterator[bytes]:
    """Yield the bytes of a file, at most as many as it had when it was opened."""
    left = size
    while left > 0 and (chunk := os.read(descriptor, min(left, CHUNK))):
        left -= len(chunk)
        yield chunk


def _own_name(name: str) -> str:
    """Return a new name: the readable part of the old one, a digest, and its ending."""
    stem, dot, ending = name.rpartition(".")
    if not (stem and len(ending) <= 10 and ending.isascii() and ending.isalnum()):
        stem, dot, ending = name, "", ""
    readable = "".join(each if each.isascii() and each.isalnum() else "_" for each in stem)
    return f"{readable[:80]}-{hashlib.sha256(os.fsencode(name)).hexdigest()[:8]}{dot}{ending}"
