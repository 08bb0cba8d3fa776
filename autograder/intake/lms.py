"""Recognise files that learning platforms name after students, and sort them as nbgrader does.

Canvas names the files of its zip `lovelaceada_LATE_1234_56789_homework.ipynb`: the sortable name,
`LATE` if it was late, the user's number, the file's number, and the file's name. Anonymous files
are `anon_x7Kq2_56789_homework.ipynb`. Moodle makes a folder for each student, `Ada
Lovelace_1234_assignsubmission_file/homework.ipynb` (older versions end the folder's name with `_`),
or puts that folder's name before the file's. Neither zip has the time of a submission.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import Literal

from autograder.i18n import N_
from autograder.intake.files import File, Kind, rejecting
from autograder.intake.names import ENDING

CANVAS = re.compile(
    r"(?P<late>LATE_)?(?P<user>[1-9][0-9]*|anon_[^\W_]+)_"
    r"(?:(?P<number>[1-9][0-9]*)_(?P<file>.+)|(?P<text>(?:text|link)\.html))",
    re.DOTALL,
)
"""What follows the learner's name, which is all of letters, digits and underscores."""

MOODLE = re.compile(
    r"(?!\.\.?_assign)(?P<name>[^_]+)(?:_(?P<user>[0-9]+))?_assignsubmission_(?:file|onlinetext)(?:_(?P<file>.*))?",
    re.DOTALL,
)

LONGEST_NAME = 1024
"""Characters of a name that is looked at: Canvas has no longer ones, and a zip may."""

OF_MOODLE = "_assignsubmission_"

TWO_WAYS = N_(
    "This file name could belong to more than one student: find out who submitted "
    "it, and rename the file."
)

LATE = "Canvas says that it was handed in late."


@dataclass(frozen=True)
class Upload:
    """The ids that a platform needs to recognise a submission.

    Attributes:
        platform: `canvas` or `moodle`.
        user: Canvas's number of the student, or Moodle's number of the participant.
        name: the text that Canvas writes before the file's name, its numbers included; for Moodle
            the student's name.
    """

    platform: Literal["canvas", "moodle"]
    user: str
    name: str


@dataclass(frozen=True)
class SortedUpload:
    """Files as they lie, or as if they lay in `<student>/<assignment>/`.

    Attributes:
        files: all of them.
        late: the students who were late, as far as the platform says so.
        uploads: each student's ids on the platform.
    """

    files: list[File]
    late: frozenset[str] = frozenset()
    uploads: Mapping[str, Upload] = field(default_factory=dict)


@dataclass(frozen=True)
class ParsedName:
    """The parts of a platform's name for a file.

    Attributes:
        student: the student's name; the whole file name if the student is uncertain.
        inside: the file's place among the student's files.
        number: the file's own number; Canvas only.
        late: whether it was submitted late.
        sure: whether the name can be read in one way only.
        upload: the student's ids on the platform; None if the name has no number for that.
    """

    student: str
    inside: tuple[str, ...]
    number: str | None = None
    late: bool = False
    sure: bool = True
    upload: Upload | None = None


def sort_upload(files: Sequence[File], assignment: str, notebooks: int = 1) -> SortedUpload:
    """Sort files into a folder for each student if a platform has named them so.

    A student's name is made of the platform's name and number, so that it is unique and readable.
    Students choose parts of these names: a name that could belong to two students is rejected, and
    no other student loses anything.

    Args:
        files: everything in a folder or a zip.
        assignment: its name.
        notebooks: how many a submission consists of.
    """
    named = _of_moodle(files) or _of_canvas(files, notebooks)
    moved = [
        _moved(file, named[number], assignment) if number in named else file
        for number, file in enumerate(files)
    ]
    late = frozenset(each.student for each in named.values() if each.late)
    notebooks_last = sorted(named, key=lambda number: files[number].is_notebook)
    uploads = {
        named[number].student: upload
        for number in notebooks_last
        if named[number].sure and (upload := named[number].upload) is not None
    }
    return SortedUpload(sorted(moved, key=lambda file: file.place.parts), late, uploads)


def _of_moodle(files: Sequence[File]) -> Mapping[int, ParsedName]:
    """Parse Moodle's names, by the number of the file; return nothing if most are not Moodle's."""
    named: dict[int, ParsedName] = {}
    tops: dict[str, bool] = {}
    for number, file in enumerate(files):
        each = _moodle(file)
        tops["".join(file.place.parts[:1])] = each is not None
        if each is not None:
            named[number] = each
    return named if 2 * sum(tops.values()) > len(tops) else {}


def _moodle(file: File) -> ParsedName | None:
    first, *inside = file.place.parts or ("",)
    folder = bool(inside) or file.kind is not Kind.FILE
    whole = _whole(file).split("/")[0]
    if whole.count(OF_MOODLE) > 1:  # a student may be called `Ada_1_assignsubmission_file`
        return _unsure(whole, *inside)
    found = MOODLE.fullmatch(first)
    if found is None or folder == bool(found["file"]):
        return None
    student = "-".join(each for each in (found["name"], found["user"]) if each)
    upload = Upload("moodle", found["user"], found["name"]) if found["user"] else None
    return ParsedName(student, tuple(inside) if folder else (found["file"],), upload=upload)


def _of_canvas(files: Sequence[File], at_most: int) -> Mapping[int, ParsedName]:
    """Parse Canvas's names, by the number of the file; return nothing if they are not Canvas's.

    They are Canvas's if most notebooks and archives are named so, side by side, each with a number
    of its own. Other files may have two numbers in their names, say of a course and a lab; then
    most are not named so, or numbers repeat, or all belong to one student, who submits at most
    `at_most`.
    """
    readings = {
        number: found for number, file in enumerate(files) if (found := list(_canvas(_whole(file))))
    }
    notebooks = [number for number, file in enumerate(files) if file.is_notebook or file.is_archive]
    longest = {
        number: max(len(each.number or "") for each in readings[number])
        for number in notebooks
        if number in readings
    }
    if not longest:
        return {}
    # Canvas numbers its files consecutively: the numbers in one zip have about the same length, and
    # shorter ones are part of the student's own file name.
    least = min(longest.values()) - 1
    named: dict[int, ParsedName] = {}
    for number, found in readings.items():
        likely = [each for each in found if each.number is None or len(each.number) >= least]
        only = found if len(found) == 1 else likely
        named[number] = only[0] if len(only) == 1 else _unsure(_whole(files[number]))
    theirs = [named[number] for number in notebooks if number in named]
    sure = {each.number for each in theirs if each.sure}
    apart = sure | {each.student for each in theirs if not each.sure}
    users = {each.student for each in theirs}
    most = sure and 2 * len(apart) > len(notebooks)
    return named if most and (len(users) > 1 or len(notebooks) <= at_most) else {}


def _canvas(name: str) -> Iterator[ParsedName]:
    """Return all ways to read a name as one of Canvas's."""
    if "/" in name or len(name) > LONGEST_NAME:
        return
    for start in (0, *(each.end() for each in re.finditer("_", name))):
        found = CANVAS.fullmatch(name, start)
        learner = name[: max(start - 1, 0)]
        if found is None or learner.endswith("LATE"):  # Canvas writes names in small letters
            continue
        anonymous = found["user"].startswith("anon_")
        if anonymous if learner else not anonymous:
            continue
        if learner and re.fullmatch(r"\w+", learner) is None:
            return
        student = f"{learner}-{found['user']}" if learner else found["user"]
        inside = (found["file"] or found["text"]).replace("\\", "_")
        # Without the number of a file Canvas takes nothing back.
        before = name[: found.start("file")] if found["file"] else None
        upload = None if before is None else Upload("canvas", found["user"], before)
        late = found["late"] is not None
        yield ParsedName(student, (inside,), found["number"], late=late, upload=upload)
        if anonymous:
            return


def _whole(file: File) -> str:
    """Return the name as the platform has written it, without splitting it at backslashes."""
    return file.named or str(file.place)


def _unsure(name: str, *inside: str) -> ParsedName:
    """Return the parts of a name that can be read in two ways."""
    name = name.replace("\\", "_")
    return ParsedName(ENDING.sub("", name), inside or (name,), sure=False)


def _moved(file: File, named: ParsedName, assignment: str) -> File:
    """Return a file in the folder of its student; rejected if the student is unknown."""
    place = PurePosixPath(named.student, assignment, *named.inside)
    return replace(file, place=place, read=file.read if named.sure else rejecting(TWO_WAYS))
