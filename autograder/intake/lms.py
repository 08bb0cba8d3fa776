"""Recognise files that learning platforms name after students, and sort them as nbgrader does.

Canvas names the files of its zip `lovelaceada_LATE_1234_56789_homework.ipynb`: the sortable name,
`LATE` if it was late, the user's number, the file's number, and the file's name. Anonymous files
are `anon_x7Kq2_56789_homework.ipynb`. Moodle makes a folder for each student, `Ada
Lovelace_1234_assignsubmission_file/homework.ipynb` (older versions end the folder's name with `_`),
or puts that folder's name before the file's. Neither zip has the time of a submission.

Blackboard names files `Homework 1_alovelace_attempt_2026-11-03-11-42-10_homework.ipynb`: the column
of its grade centre, the user's name, the time of the attempt, and the file's name. A text without a
file name belongs to each attempt. Brightspace makes a folder for each submission: `39786-640693 -
Ada Lovelace - Nov 3, 2026 942 AM/homework.ipynb`. Teams makes a folder for each student, and in it
one for the assignment, with one for each version: `Submitted files/Ada Lovelace/Lab 1/Version
2/homework.ipynb`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import PurePosixPath
from typing import Literal

from autograder.i18n import N_
from autograder.intake.files import File, FileKind, rejecting
from autograder.intake.names import ENDING, is_called
from autograder.intake.parse import Rejected

CANVAS = re.compile(
    r"(?P<late>LATE_)?(?P<user>[1-9][0-9]*|anon_[^\W_]+)_"
    r"(?:(?P<number>[1-9][0-9]*)_(?P<file>.+)|(?P<text>(?:text|link)\.html))",
    re.DOTALL,
)
"""The part of a name after the student's, which has only letters, digits and underscores."""

MOODLE = re.compile(
    r"(?!\.\.?_assign)(?P<name>[^_]+)(?:_(?P<user>[0-9]+))?_assignsubmission_(?:file|onlinetext)(?:_(?P<file>.*))?",
    re.DOTALL,
)

BLACKBOARD = re.compile(
    r"(?P<column>.+?)_(?P<user>[^_]+)_attempt_(?P<when>[0-9]{4}(?:-[0-9]{2}){5})(?:_(?P<file>.+)|\.txt)",
    re.DOTALL,
)

BLACKBOARD_USER = re.compile(r"[^\n]*\((?P<user>[^()\n]+)\)\s*(?:\n|$)")
"""The first line of an attempt's text: the student's name, and the user's name in brackets."""

BRIGHTSPACE = re.compile(
    r"(?P<student>[0-9]+-[0-9]+ - .+) - (?P<month>[A-Z][a-z]{2}) (?P<day>[0-9]{1,2}), "
    r"(?P<year>[0-9]{4}) (?P<hour>0?[1-9]|1[0-2])(?P<minute>[0-5][0-9]) (?P<half>[AP]M)"
)

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
"""Brightspace's names of months; those of `calendar` depend on this machine's language."""

TEAMS = re.compile(r"Version (?P<number>[1-9][0-9]{0,3})")
"""The folder of Teams for a version of a submission."""

MAX_DEPTH_OF_TEAMS = 4
"""Folders above a version: the class's, `Submitted files`, the student's and the assignment's."""

EARLIER = "earlier attempts"
"""The folder of a student for the files of all attempts but the last."""

RESUBMITTED = re.compile(r"(?P<name>.+)-[1-9][0-9]?(?P<ending>\.[^.]+)")
"""How Canvas renames a file that a student uploads again."""

OF_ILIAS = re.compile(r"[0-9]{14}_(?P<name>[^.].*)", re.DOTALL)
"""How Ilias renames every file: the time stands before its name."""

MAX_PARSED_CHARACTERS = 1024
"""Characters of a name that is parsed: Canvas makes no longer ones, but a zip may hold them."""

OF_MOODLE = "_assignsubmission_"

TWO_WAYS = N_(
    "This file name could belong to more than one student: find out who submitted "
    "it, and rename the file."
)

UNKNOWN_TIME = N_(
    "This student handed in more than once, and the date of one attempt cannot be read, so it is "
    "unclear which attempt is the last. Remove the folders of the others."
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
        late: the students who were late, as far as the platform says so.
    """

    files: list[File]
    late: frozenset[str] = frozenset()
    uploads: Mapping[str, Upload] = field(default_factory=dict)


@dataclass(frozen=True)
class ParsedName:
    """The parts of a platform's name for a file.

    Attributes:
        student: the student's name; the whole file name if the student is uncertain.
        number: the file's own number; Canvas only.
        sure: whether the name can be read in one way only.
        upload: the student's ids on the platform; None if the name has no number for that.
        when: the time of the attempt, which sorts by time; empty if the platform does not say it.
        reason: why the file is rejected if it is not sure.
    """

    student: str
    inside: tuple[str, ...]
    number: str | None = None
    late: bool = False
    sure: bool = True
    upload: Upload | None = None
    when: str = ""
    reason: str = TWO_WAYS


def sort_upload(files: Sequence[File], assignment: str, notebooks: int) -> SortedUpload:
    """Sort files into a folder for each student if a platform has named them so.

    A student's name is made of the platform's name and number, so that it is unique and readable.
    Students choose parts of these names: a name that could belong to two students is rejected, and
    no other student loses anything. `notebooks` is how many a submission consists of.
    """
    named = (
        _of_moodle(files)
        or _of_blackboard(files)
        or _of_brightspace(files)
        or _of_teams(files, assignment)
        or _of_canvas(files, notebooks)
    )
    last: dict[str, str] = {}
    for each in named.values():
        last[each.student] = max(each.when, last.get(each.student, ""))
    moved = [
        _moved(file, parsed, assignment if parsed.when == last[parsed.student] else EARLIER)
        if (parsed := named.get(number)) is not None
        else file
        for number, file in enumerate(files)
    ]
    moved += _under_own_names(moved, [each for each in named.values() if each.number])
    late = frozenset(each.student for each in named.values() if each.late)
    notebooks_last = sorted(named, key=lambda number: files[number].is_notebook)
    uploads = {
        named[number].student: upload
        for number in notebooks_last
        if named[number].sure and (upload := named[number].upload) is not None
    }
    return SortedUpload(sorted(moved, key=lambda file: file.place.parts), late, uploads)


def earlier_attempts(files: Iterable[File], home: PurePosixPath) -> list[File]:
    """Return a student's files of all attempts but the last, where Ilias or Teams has named them.

    Ilias writes the time of each attempt before the name of a file, and Teams makes a folder for
    each version. `home` is the student's folder.
    """
    attempts: dict[PurePosixPath, list[tuple[str, File]]] = {}
    for file in files:
        inside = file.place.relative_to(home)
        version = next(filter(None, map(TEAMS.fullmatch, inside.parts[:-1])), None)
        if version is not None:
            above = inside.parts[: inside.parts.index(version[0])]
            attempts.setdefault(PurePosixPath(*above), []).append(
                (version["number"].zfill(4), file)
            )
        elif found := OF_ILIAS.fullmatch(inside.name):
            own_place = inside.with_name(found["name"])
            attempts.setdefault(own_place, []).append((inside.name[:14], file))
    return [
        file
        for each in attempts.values()
        for when, file in each
        if when < max(when for when, _file in each)
    ]


def _under_own_names(files: Sequence[File], of_canvas: Sequence[ParsedName]) -> list[File]:
    """Return files of students under the names that these had before they were uploaded again.

    Canvas makes `helpers.py` `helpers-1.py`, and a notebook cannot import that.
    """
    if not of_canvas:
        return []
    there = {file.place for file in files}
    students = {each.student for each in of_canvas if each.sure}
    renamed: dict[PurePosixPath, list[File]] = {}
    for file in files:
        found = RESUBMITTED.fullmatch(file.place.name)
        ours = (
            "".join(file.place.parts[:1]) in students
            and not file.is_notebook
            and not file.is_archive
        )
        if found is not None and ours:
            place = file.place.with_name(found["name"] + found["ending"])
            renamed.setdefault(place, []).append(replace(file, place=place))
    return [each[0] for place, each in renamed.items() if place not in there and len(each) == 1]


def _of_blackboard(files: Sequence[File]) -> Mapping[int, ParsedName]:
    """Parse Blackboard's names, by the number of the file; return nothing if few are Blackboard's.

    A user's name may have a `_` in it, like the column before it. The text of an attempt says it;
    without a text, a name with several `_` before the time could belong to several students.
    """
    found = {
        number: each
        for number, file in enumerate(files)
        if (each := BLACKBOARD.fullmatch(_whole(file)[:MAX_PARSED_CHARACTERS])) is not None
    }
    if not _are_most(files, found):
        return {}
    users: dict[str, str] = {}
    for number, each in found.items():
        head = f"{each['column']}_{each['user']}"
        said = _said_user(files[number]) if each["file"] is None else None
        if said and head.endswith(f"_{said}"):
            users[head] = said
        elif "_" not in each["column"]:
            users.setdefault(head, each["user"])
    alike = Counter(users.values())
    named = {}
    for number, each in found.items():
        user = users.get(f"{each['column']}_{each['user']}")
        inside = (each["file"] or _whole(files[number])).replace("\\", "_")
        if user is None or alike[user] > 1:
            named[number] = _unsure(_whole(files[number]))
        else:
            named[number] = ParsedName(user, (inside,), when=each["when"])
    return named


def _said_user(file: File) -> str | None:
    try:
        text = file.read()[:MAX_PARSED_CHARACTERS]
    except Rejected:
        return None
    # The end of the text may be half a character, and a comment may have any encoding.
    found = BLACKBOARD_USER.match(text.decode("utf-8-sig", errors="ignore"))
    return found["user"] if found is not None else None


def _of_brightspace(files: Sequence[File]) -> Mapping[int, ParsedName]:
    """Parse the names of Brightspace's folders, by the number of the file in them."""
    named: dict[int, ParsedName] = {}
    attempts: dict[str, dict[str, str]] = {}
    for number, file in enumerate(files):
        folders = [BRIGHTSPACE.fullmatch(part) for part in file.place.parts[:2]]
        depth = next((depth for depth, found in enumerate(folders) if found is not None), None)
        inside = file.place.parts[depth + 1 :] if depth is not None else ()
        if depth is None or not inside or (found := folders[depth]) is None:
            continue
        named[number] = ParsedName(found["student"], inside, when=_brightspace_time(found))
        attempts.setdefault(found["student"], {})[found[0]] = named[number].when
    for number, each in named.items():
        times = attempts[each.student].values()
        if len(times) > 1 and "" in times:
            named[number] = replace(each, when="", sure=False, reason=UNKNOWN_TIME)
    return named if _are_most(files, named) else {}


def _brightspace_time(found: re.Match[str]) -> str:
    """Return the time in the name of a folder so that it sorts by time; empty if there is none."""
    hour = int(found["hour"]) % 12 + 12 * (found["half"] == "PM")
    try:
        month = MONTHS.index(found["month"]) + 1
        day = datetime(int(found["year"]), month, int(found["day"]), hour, int(found["minute"]))
    except ValueError:
        return ""
    return day.isoformat()


def _of_teams(files: Sequence[File], assignment: str) -> Mapping[int, ParsedName]:
    """Parse the places of Teams' files, by the number of the file.

    All students must lie in one folder, each with the folder of one assignment. If there are
    several, it is the one called like `assignment`.
    """
    found: dict[tuple[str, ...], dict[int, ParsedName]] = {}
    for number, file in enumerate(files):
        parts = file.place.parts
        versions = [TEAMS.fullmatch(part) for part in parts[: MAX_DEPTH_OF_TEAMS + 1]]
        depth = next((depth for depth, each in enumerate(versions) if each is not None), 0)
        inside = parts[depth + 1 :]
        if depth < 2 or not inside or (version := versions[depth]) is None:
            continue
        *above, student, called = parts[:depth]
        parsed = ParsedName(student, inside, when=version["number"].zfill(4))
        found.setdefault((*above, called), {})[number] = parsed
    these = [each for place, each in found.items() if is_called(place[-1], assignment)]
    these = these or list(found.values())
    return these[0] if len(these) == 1 and _are_most(files, these[0]) else {}


def _are_most(files: Sequence[File], named: Container[int]) -> bool:
    """Tell whether most notebooks and archives are among these: one student may use any name."""
    notebooks = [number for number, file in enumerate(files) if file.is_notebook or file.is_archive]
    return 2 * sum(number in named for number in notebooks) > len(notebooks)


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
    folder = bool(inside) or file.kind is not FileKind.FILE
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
    if "/" in name or len(name) > MAX_PARSED_CHARACTERS:
        return
    for start in (0, *(each.end() for each in re.finditer("_", name))):
        found = CANVAS.fullmatch(name, start)
        short_name = name[: max(start - 1, 0)]
        if found is None or short_name.endswith("LATE"):  # Canvas writes names in small letters
            continue
        anonymous = found["user"].startswith("anon_")
        if anonymous if short_name else not anonymous:
            continue
        if short_name and re.fullmatch(r"\w+", short_name) is None:
            return
        student = f"{short_name}-{found['user']}" if short_name else found["user"]
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
    return replace(file, place=place, read=file.read if named.sure else rejecting(named.reason))
