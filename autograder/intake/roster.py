"""Read the students of a course from a file, to name those who submitted nothing.

The file is a CSV with the columns of `nbgrader db student import` (`id`), Canvas's export of its
gradebook (`Student`, `ID`, `SIS Login ID`), or Moodle's grading worksheet (`Identifier`, `Full
name`) or list of participants (`Username`, `Email address`).
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from autograder.i18n import _

NAMES = ("Student", "Full name")
"""Columns that hold the name by which people know a student."""

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
    """

    shown: str
    ids: frozenset[str]
    number: str = ""


def read(path: Path) -> list[Listed]:
    """Read the students of a file.

    Raises:
        ValueError: the file lists no students; the text says which columns are needed.
        OSError: it cannot be read.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise ValueError(_no_roster(path)) from error
    first = lines[0] if lines else ""
    rows = csv.DictReader(lines, delimiter=";" if first.count(";") > first.count(",") else ",")
    found = [each for row in rows if (each := _listed(row)) is not None]
    if not found:
        raise ValueError(_no_roster(path))
    return found


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
    ids = {each: value.strip() for each in IDS if (value := row.get(each))}
    number = next(
        (ids[each].removeprefix(start) for each, start in NUMBERS.items() if each in ids), ""
    )
    if not ids:
        return None
    known = next(iter(ids.values()))
    return Listed(f"{name} ({known})" if name else known, frozenset(ids.values()), number)


def missing(roster: Collection[Listed], students: Collection[str]) -> list[str]:
    """Return the students of a roster without a submission.

    Args:
        roster: all students.
        students: the names of the submissions.
    """
    have = frozenset(students)
    ends = {student.rpartition("-")[2] for student in have}
    return [
        each.shown
        for each in roster
        if not each.ids & have and not (each.number and each.number in ends)
    ]
