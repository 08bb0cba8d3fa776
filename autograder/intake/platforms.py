"""The files that learning platforms name after learners, put where nbgrader would have them.

Canvas names the files of its zip `lovelaceada_LATE_1234_56789_homework.ipynb`: the sortable name,
whether it was late, the user's number, the file's number, and what the file is called; of anonymous
ones `anon_x7Kq2_56789_homework.ipynb`. Moodle makes a folder for each learner, `Ada
Lovelace_1234_assignsubmission_file/homework.ipynb` (older ones end the folder's name with `_`), or
puts its name before the file's. Neither zip says when anything was handed in.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from autograder.intake.files import ENDING, File

CANVAS = re.compile(
    r"(?:(?!LATE_)(?P<name>\w+?)_)?(?P<late>LATE_)?(?P<user>\d+|anon_[^\W_]+)_"
    r"(?:(?P<number>\d+)_(?P<file>.+)|(?P<text>(?:text|link)\.html))",
    re.DOTALL,
)
MOODLE = re.compile(
    r"(?P<name>[^_]+)(?:_(?P<user>\d+))?_assignsubmission_(?:file|onlinetext)(?:_(?P<file>.*))?",
    re.DOTALL,
)

LATE = "Canvas says that it was handed in late."


@dataclass(frozen=True)
class Arranged:
    """Files as they lie, or as if they lay in `<student>/<assignment>/`.

    Attributes:
        files: all of them.
        late: the students who were late, as far as the platform says so.
    """

    files: list[File]
    late: frozenset[str] = frozenset()


def arranged(files: Sequence[File], assignment: str) -> Arranged:
    """The files, under the learners whose they are where a platform has named them so.

    A name is made of the learner's and of their number, so that it is unique and can be read.

    Args:
        files: everything in a folder or a zip.
        assignment: its name.
    """
    moodle = [MOODLE.fullmatch(next(iter(file.place.parts), "")) for file in files]
    canvas = [CANVAS.fullmatch(file.place.name) for file in files]
    named = moodle if any(moodle) else canvas
    if named is canvas and not _is_canvas(files, canvas):
        return Arranged(list(files))
    moved = [_moved(file, found, assignment) for file, found in zip(files, named, strict=True)]
    late = (found for found in named if found is not None and found.groupdict().get("late"))
    return Arranged(
        sorted(moved, key=lambda file: file.place.parts), frozenset(map(_student, late))
    )


def _is_canvas(files: Sequence[File], found: Sequence[re.Match[str] | None]) -> bool:
    """Whether Canvas has named them: every notebook, side by side, each with a number of its own.

    Others may have names with two numbers in them, of a course and a lab, say; then not in all, or
    the numbers repeat, or all would be one learner's.
    """
    pairs = zip(files, found, strict=True)
    notebooks = [(file, each) for file, each in pairs if ENDING.search(file.place.name)]
    named = [each for file, each in notebooks if each is not None and len(file.place.parts) == 1]
    numbers = {each["number"] for each in named}
    users = {_student(each) for each in named}
    return len(notebooks) == len(numbers) > 0 and (len(users) > 1 or len(notebooks) == 1)


def _student(found: re.Match[str]) -> str:
    return "-".join(each for each in (found["name"], found["user"]) if each)


def _moved(file: File, found: re.Match[str] | None, assignment: str) -> File:
    """The same file, in the folder of its learner."""
    if found is None:
        return file
    first = [each for each in (found["file"], found.groupdict().get("text")) if each]
    place = PurePosixPath(_student(found), assignment, *first, *file.place.parts[1:])
    return replace(file, place=place)
