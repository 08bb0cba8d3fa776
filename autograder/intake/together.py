"""Finds submissions of several notebooks: all that a student has in one folder is one.

They cross to a judge as one: packed, each with its bytes or with why there are none.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath

import msgspec

from autograder.intake.archives import (
    TAKEN,
    Found,
    above,
    bases_of,
    below,
    in_tree,
    is_students,
    spelled,
    told_apart,
)
from autograder.intake.document import Rejected
from autograder.intake.files import (
    ENDING,
    File,
    Kind,
    in_folder,
    in_zip,
    is_zip,
    read_file,
)
from autograder.language import _

TOP = PurePosixPath(".")

Read = Mapping[str, bytes | str]
"""The bytes of each notebook that is there, by its name, or why it cannot be read."""

_Packed = tuple[bytes | None, str, dict[str, str]]
"""The bytes of a notebook; where there are none the sentence that says why, and its values."""


@dataclass(frozen=True)
class Wanted:
    """What a submission consists of.

    Attributes:
        assignment: the name of the folder that each student has for it.
        notebooks: their names, without the ending.
        others: the names of the course's other assignments.
    """

    assignment: str
    notebooks: Sequence[str]
    others: Collection[str] = ()


def find_together(paths: Iterable[Path], wanted: Wanted) -> list[Found]:
    """The submissions in notebooks, folders and zips, or in trees `<student>/<assignment>/`.

    Args:
        paths: where to look.
        wanted: what a submission consists of.

    Raises:
        FileNotFoundError: there is nothing at a path; the text says so.
    """
    found = {each.path: each for path in paths for each in _find(path, wanted)}
    return told_apart(found.values())


def find_together_of_student(
    folder: Path, wanted: Wanted, student: str, top: Path | None = None
) -> Found:
    """The submission in the folder that a student has for an assignment.

    Args:
        folder: the student's, wherever it lies and whatever it is called.
        wanted: what a submission consists of.
        student: whose it is.
        top: as of `in_folder`.
    """
    return spelled(_submission(student, str(folder), in_folder(folder, top), wanted))


def notebooks_in(top: Path, wanted: Wanted) -> list[PurePosixPath]:
    """Where in a folder there are notebooks that are called like those that are wanted.

    None of those that lie in a folder for another assignment.
    """
    return [
        file.place
        for file in (in_folder(top) if top.is_dir() else ())
        if _stem(file) in wanted.notebooks
        and file.is_notebook
        and not {*file.place.parts}.intersection(wanted.others)
    ]


def unpacked(content: bytes) -> Read:
    """The notebooks of a submission again."""
    packed = msgspec.msgpack.decode(content, type=dict[str, _Packed])
    return {
        name: str(Rejected(reason, **values)) if data is None else data
        for name, (data, reason, values) in packed.items()
    }


def _find(path: Path, wanted: Wanted) -> Iterator[Found]:
    if all((path / each).is_dir() for each in ("source", "submitted")):
        path = path / "submitted"  # a whole course: what else is in it was not handed in
    top, known = path, frozenset[PurePosixPath]()
    if path.is_dir() and is_students(path, {wanted.assignment, *wanted.others}):
        files, top, known = in_tree(path), above(path), frozenset({TOP})
    elif path.is_dir():
        files = in_folder(path)
    elif not path.exists() and not path.is_symlink():
        raise FileNotFoundError(_("There is nothing at {path}.").format(path=path))
    elif is_zip(path):
        files = in_zip(path)
    else:
        alone = File(PurePosixPath(path.name), str(path), partial(read_file, path))
        yield _submission(ENDING.sub("", path.name), str(path), [alone], wanted)
        return
    root = top.resolve()
    homes, bases = _homes(files, top.name, wanted, known)
    for home, inside in homes.items():
        named = below(home, bases) or home
        if home == TOP:
            named = PurePosixPath(root.parent if root.name == wanted.assignment else root)
        student = named.name or root.name
        yield _submission(student, str(top / home), inside, wanted)


def _homes(
    files: Sequence[File], top: str, wanted: Wanted, known: frozenset[PurePosixPath]
) -> tuple[dict[PurePosixPath, list[File]], frozenset[PurePosixPath]]:
    """What each student has, by where it lies, and the folders that hold one for each student.

    Args:
        files: all there are.
        top: what the folder that they lie in is called.
        wanted: what a submission consists of.
        known: the folders that hold one for each student, where they are known.
    """
    homes: dict[PurePosixPath, list[File]] = {}
    loose: list[File] = []
    for file in files:
        above = [*([] if file.kind is Kind.FILE else [file.place]), *file.place.parents]
        named = [place for place in reversed(above) if place.name == wanted.assignment]
        if named and top != wanted.assignment:
            homes.setdefault(named[0], []).append(file)
        elif file.is_notebook:
            loose.append(file)
    bases = known or bases_of(homes, (file for file in loose if _stem(file) in wanted.notebooks))
    for home in list(homes):
        if home.parent.parent not in bases:
            loose += (file for file in homes.pop(home) if file.is_notebook)
    for file in loose:
        folder = below(file.place, bases)
        if folder is None or folder == file.place:
            homes.setdefault(file.place.parent, []).append(file)
        elif file.place.relative_to(folder).parts[0] not in wanted.others:
            home = folder / wanted.assignment
            homes.setdefault(home if home in homes else folder, []).append(file)
    return homes, bases


def _stem(file: File) -> str:
    return ENDING.sub("", file.place.name)


def _submission(student: str, path: str, files: Sequence[File], wanted: Wanted) -> Found:
    deepest_first = sorted(files, key=lambda file: -len(file.place.parts))
    notebooks = [file for file in deepest_first if file.is_notebook]
    stems = {file: _stem(file) for file in notebooks}
    chosen = {stem: file for file, stem in stems.items() if stem in wanted.notebooks}
    said: list[str] = []
    if not chosen and len(notebooks) == len(wanted.notebooks) == 1:
        chosen = {wanted.notebooks[0]: notebooks[0]}
        file = str(notebooks[0].place)[-100:]
        said.append(_(TAKEN).format(file=file, notebook=f"{wanted.notebooks[0]}.ipynb"))
    others = [str(file.place)[-100:] for file in notebooks if file not in chosen.values()]
    if others:
        belong = _("These notebooks do not belong to the assignment: {names}.")
        said.append(belong.format(names=", ".join(others[:5])))
    return Found(student, path, partial(_packed, chosen), tuple(said))


def _packed(chosen: Mapping[str, File]) -> bytes:
    """The notebooks that are there as one; of each that cannot be read, why not."""
    packed: dict[str, _Packed] = {}
    for name in sorted(chosen):
        try:
            packed[name] = (chosen[name].read(), "", {})
        except Rejected as rejected:
            packed[name] = (None, rejected.args[0], rejected.values)
    return msgspec.msgpack.encode(packed)
