"""Read the students of a course from a file, to name those who submitted nothing.

The file is a CSV with the columns of `nbgrader db student import` (`id`), Canvas's export of its
gradebook (`Student`, `ID`, `SIS Login ID`), or Moodle's grading worksheet (`Identifier`, `Full
name`) or list of participants (`Username`, `Email address`), or what Blackboard or Brightspace
exports from its gradebook (`Username`).
"""

from __future__ import annotations

import codecs
import csv
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from autograder.i18n import _

NAMES = ("Student", "Full name")
"""Columns that hold the name by which people know a student."""

PARTS_OF_NAMES = ("first_name", "last_name", "first name", "last name", "surname")
"""Columns that hold a part of the name, in small letters."""

IDS = ("id", "ID", "Identifier", "SIS User ID", "SIS Login ID", "Username", "Email address")
"""Columns by which a student is known to us or to the platform."""

NUMBERS = {"ID": "", "Identifier": "Participant "}
"""Columns with the number that ends a platform's names, and what stands before the number."""

NOT_STUDENTS = ("Points Possible", "Student, Test")
"""What Canvas writes into the column of names beside students."""


@dataclass(frozen=True)
class Listed:
    """A student whom a file lists.

    Attributes:
        shown: the name or id that people see.
        ids: every id by which a submission may be the student's.
        number: the platform's number; empty if there is none.
        name: the words of the name, by which other platforms call the student.
    """

    shown: str
    ids: frozenset[str]
    number: str = ""
    name: frozenset[str] = frozenset()


def read(path: Path) -> list[Listed]:
    """Read the students of a file.

    Raises:
        ValueError: the file lists no students; the text says which columns are needed.
    """
    lines = _decoded(path.read_bytes()).splitlines()
    first = lines[0] if lines else ""
    rows = csv.DictReader(lines, delimiter=max(",;\t", key=first.count))
    try:
        found = [each for row in rows if (each := _listed(row)) is not None]
    except csv.Error as error:  # no table, a spreadsheet's own file say
        raise ValueError(_no_roster(path)) from error
    if not found:
        raise ValueError(_no_roster(path))
    return found


def _decoded(data: bytes) -> str:
    """Decode a table as Excel and Blackboard write it, too."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _no_roster(path: Path) -> str:
    said = _(
        "{path} lists no students: give a CSV with a column `id`, Canvas's export of its "
        "gradebook, or Moodle's grading worksheet."
    )
    return said.format(path=path)


def _listed(row: Mapping[str, str | None]) -> Listed | None:
    name = next((row[each] or "" for each in NAMES if row.get(each)), "")
    if any(word in name for word in NOT_STUDENTS):
        return None
    # Brightspace writes `#` before a user's name.
    ids = {each: value.strip().removeprefix("#") for each in IDS if (value := row.get(each))}
    number = next(
        (ids[each].removeprefix(start) for each, start in NUMBERS.items() if each in ids), ""
    )
    if not ids:
        return None
    known = next(iter(ids.values()))
    parts = [value or "" for each, value in row.items() if str(each).lower() in PARTS_OF_NAMES]
    shown = f"{name} ({known})" if name else known
    return Listed(shown, frozenset(ids.values()), number, _words(name or " ".join(parts)))


def _words(name: str) -> frozenset[str]:
    return frozenset(re.findall(r"[^\W\d_]+", unicodedata.normalize("NFKC", name).casefold()))


def missing(roster: Collection[Listed], students: Collection[str]) -> list[str]:
    """Return the students of a roster who are not among the students with a submission."""
    have = frozenset(students)
    ends = {student.rpartition("-")[2] for student in have}
    called = [_words(student) for student in have]
    names = Counter(each.name for each in roster)
    return [
        each.shown
        for each in roster
        if not each.ids & have
        and not (each.number and each.number in ends)
        and not (names[each.name] == 1 and _is_called(each, called))
    ]


def _is_called(listed: Listed, called: Iterable[frozenset[str]]) -> bool:
    """Tell whether a submission has a student's name, besides numbers and ids of the student.

    A single word could be another student's name too.
    """
    ids = frozenset(word for each in listed.ids for word in _words(each))
    return len(listed.name) > 1 and any(listed.name <= each <= listed.name | ids for each in called)
