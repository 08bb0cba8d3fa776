"""Finds the submissions in what a command was given: notebooks, folders, zips, nbgrader's trees."""

from __future__ import annotations

import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path, PurePosixPath

from autograder.intake.submission import MAX_BYTES, Rejected, text

CHECKPOINTS = ".ipynb_checkpoints"


@dataclass(frozen=True)
class Found:
    """A submission, before anything of it has been read.

    Attributes:
        student: whose it is.
        path: where it lies, for people to find it.
        read: gives its bytes, or raises `Rejected`.
    """

    student: str
    path: str
    read: Callable[[], bytes]


@dataclass(frozen=True)
class _File:
    """A file in a folder or in a zip, by its place there."""

    place: PurePosixPath
    path: str
    read: Callable[[], bytes]


def find(paths: Iterable[Path], assignment: str) -> list[Found]:
    """The submissions in notebooks, in folders of them, in zips, or in `<student>/<assignment>/`.

    Args:
        paths: where to look.
        assignment: its name, by which a tree of nbgrader's is known.

    Returns:
        The submissions, in the order of the paths and, in a folder, of their names. Where two
        would bear one student's name, each goes by its path.

    Raises:
        FileNotFoundError: there is nothing at a path; the text says so.
    """
    found = [
        # A file's name may be no text at all, and a result is.
        replace(each, student=text(each.student), path=text(each.path))
        for path in paths
        for each in _find(path, assignment)
    ]
    names = Counter(each.student for each in found)
    return [
        each
        if names[each.student] == 1
        else replace(each, student=each.path.removesuffix(".ipynb"))
        for each in found
    ]


def _find(path: Path, assignment: str) -> Iterator[Found]:
    if path.is_dir():
        yield from _sorted_out(_in_folder(path), path, assignment)
    elif not path.exists():
        raise FileNotFoundError(f"There is nothing at {path}.")
    elif zipfile.is_zipfile(path):
        yield from _sorted_out(_in_zip(path), path, assignment)
    else:
        yield Found(path.stem, str(path), partial(read_file, path))


def _sorted_out(files: list[_File], root: Path, assignment: str) -> Iterator[Found]:
    """The submissions among the files of a folder."""
    tree: dict[PurePosixPath, list[_File]] = {}
    for file in files:
        if file.place.parent.name == assignment:
            tree.setdefault(file.place.parent, []).append(file)
        elif file.place.parent == PurePosixPath(".") and root.name == assignment:
            tree.setdefault(PurePosixPath(root.resolve().parent.name, assignment), []).append(file)
    if not tree:
        for file in files:
            if file.place.suffix == ".ipynb":
                yield Found(file.place.stem, file.path, file.read)
        return
    for folder, inside in tree.items():
        notebooks = [file for file in inside if file.place.suffix == ".ipynb"]
        right = [file for file in notebooks if file.place.stem == assignment]
        student = folder.parent.name or root.resolve().stem
        if right:
            yield Found(student, right[0].path, right[0].read)
        elif len(notebooks) == 1:
            yield Found(student, notebooks[0].path, notebooks[0].read)
        else:
            many = f"{len(notebooks)} notebooks" if notebooks else "no notebook"
            reason = f"There is no {assignment}.ipynb, but {many} here."
            yield Found(student, str(PurePosixPath(inside[0].path).parent), _rejecting(reason))


def _rejecting(reason: str) -> Callable[[], bytes]:
    def read() -> bytes:
        raise Rejected(reason)

    return read


def _in_folder(root: Path) -> list[_File]:
    return [
        _File(PurePosixPath(path.relative_to(root).as_posix()), str(path), partial(read_file, path))
        for path in sorted(root.rglob("*"))
        if CHECKPOINTS not in path.parts and (path.is_symlink() or not path.is_dir())
    ]


def read_file(path: Path) -> bytes:
    """The bytes of a submitted file.

    Raises:
        Rejected: it is a link or a device, or cannot be read.
    """
    if path.is_symlink() or not path.is_file():
        raise Rejected("This is a link or a device, not a file.")
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise Rejected(f"The file cannot be read: {error.strerror}.") from error


def _in_zip(path: Path) -> list[_File]:
    try:
        with zipfile.ZipFile(path) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
    except Exception as error:  # zipfile has no common base for what can be wrong with one
        reason = f"The zip cannot be read: {error}."
        return [_File(PurePosixPath(f"{path.stem}.ipynb"), str(path), _rejecting(reason))]
    return [
        _File(
            _inside(member.filename),
            f"{path}/{member.filename}",
            partial(_read_member, path, member),
        )
        for member in sorted(members, key=lambda member: member.filename)
        if CHECKPOINTS not in member.filename and not member.filename.startswith("__MACOSX/")
    ]


def _inside(name: str) -> PurePosixPath:
    """The place of a file in a zip, whatever it calls itself; nothing is ever written there."""
    return PurePosixPath(*(part for part in PurePosixPath(name).parts if part not in ("/", "..")))


def _read_member(path: Path, member: zipfile.ZipInfo) -> bytes:
    try:
        with zipfile.ZipFile(path) as archive, archive.open(member) as file:
            return file.read(MAX_BYTES + 1)
    except Exception as error:  # zipfile has no common base for what can be wrong with one
        raise Rejected(f"The zip holds this file, but it cannot be read: {error}.") from error
