"""The ledger: every result of an assignment, stored at once, and the recorded scores.

It lies in the course, in `.autograder/<assignment>/`, ignored by git and readable by its owner
alone, or by the group of instructors if the course is shared (see `sharing`). It is an SQLite
database, which keeps its last complete entry when a process is killed, and `changes.jsonl`, the log
of changed scores, a line for each.

Results are stored under a key that holds everything they depend on (see `fingerprint`), the last
few of each student, so that an interrupted run goes on, and an unchanged submission is not graded
again. The points of each student are recorded once for the assignment, whichever way they were
graded. New points are compared with the recorded ones, and a change is recorded and logged
together, or not at all. A change stays in `unsaid` until a run has printed it: a run that is
killed, or whose output is closed, leaves that to the next one.

One run at a time has a ledger open: SQLite locks the file, and the lock ends with the process.
"""

from __future__ import annotations

import os
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from autograder.course import sharing
from autograder.course.assignment import Exercise
from autograder.grading.fingerprint import Dependencies
from autograder.i18n import _
from autograder.reports.atomic_write import saver
from autograder.result import Change, SubmissionResult, Verdict

FOLDER = ".autograder"
FILE = "ledger.db"
LOG = "changes.jsonl"

VERSION = 1
"""The version of the tables below."""

RESULTS_PER_STUDENT = 4
"""Results of one student: an instructor may go back to earlier checks without grading again."""

TABLES = """
CREATE TABLE IF NOT EXISTS dependencies (id INTEGER PRIMARY KEY, json BLOB UNIQUE);
CREATE TABLE IF NOT EXISTS results
    (key TEXT UNIQUE, student TEXT, notebook TEXT, depends INTEGER, entry BLOB);
CREATE INDEX IF NOT EXISTS results_of ON results (student);
CREATE TABLE IF NOT EXISTS marks
    (book TEXT, student TEXT, key TEXT, notebook TEXT, depends INTEGER, entry BLOB,
    UNIQUE (book, student));
CREATE TABLE IF NOT EXISTS filed (student TEXT UNIQUE, digest TEXT);
CREATE TABLE IF NOT EXISTS filed_notebooks (student TEXT UNIQUE, notebook TEXT);
CREATE TABLE IF NOT EXISTS changes (number INTEGER PRIMARY KEY, line BLOB);
CREATE TABLE IF NOT EXISTS unsaid (number INTEGER PRIMARY KEY);
"""


class StoredResult(msgspec.Struct, frozen=True):
    """A stored result.

    Attributes:
        result: the result, without the path and the notes that belong to a place.
        layers: the layers of isolation of the student's code.
    """

    result: SubmissionResult
    layers: tuple[str, ...]

    @property
    def lasting(self) -> bool:
        """Whether grading would give the same result again: nothing of ours or outside failed."""
        return all(
            check.points is not None or check.verdict in (Verdict.NOT_RUN, Verdict.MISSING)
            for check in self.result.checks
        )

    def packed(self) -> bytes:
        """Return the result as bytes; `unpacked` notices a single changed byte."""
        return zlib.compress(msgspec.json.encode(self), 1)

    @classmethod
    def unpacked(cls, data: object) -> StoredResult | None:
        """Return the entry, or None if it cannot be read any more."""
        try:
            return msgspec.json.decode(zlib.decompress(data), type=cls)  # type: ignore[arg-type]  # a broken file may hold anything
        except (zlib.error, msgspec.DecodeError, TypeError):
            return None


@dataclass(frozen=True)
class Recorded:
    """The last recorded score of a student.

    Attributes:
        notebook: the digest of the submission.
        depends: everything else that the score depended on.
    """

    result: SubmissionResult
    notebook: str
    depends: Dependencies


class Ledger:
    """The ledger of one assignment; use it in a `with` statement.

    If there can be none, for example in a read-only folder, it lives in memory and ends with the
    run: no student loses a score for that. `book` says where the recorded scores go: those in the
    gradebook are separate from those that were printed or written to a file.

    Attributes:
        troubles: sentences about results that could not be stored or read.

    Raises:
        BlockingIOError: another run has it open; the text says what to do.
    """

    def __init__(self, assignment: Exercise, book: str = "results") -> None:
        self.book = book
        self.folder = folder_of(assignment)
        self.troubles: list[str] = []
        self._unsaved: dict[str, bytes] = {}
        self._shared = sharing.is_groupshared(assignment.root)
        try:
            self._base = self._opened()
        except (OSError, sqlite3.OperationalError) as error:
            if isinstance(error, BlockingIOError):
                raise
            self._cannot(error)
            self._base = _prepared(sqlite3.connect(":memory:", isolation_level=None))

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, *_exception: object) -> None:
        with suppress(sqlite3.Error):
            self._base.close()

    def _opened(self) -> sqlite3.Connection:
        make_folder(self.folder)
        path = self.folder / FILE
        with suppress(FileExistsError):  # closing an existing file would end this process's lock
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        if self._shared:
            for each in (self.folder.parent, self.folder, path):
                sharing.share(each, self.folder.parents[1])
        base = sqlite3.connect(path, timeout=0, isolation_level=None)
        try:
            return _prepared(base)
        except sqlite3.DatabaseError as error:
            base.close()
            if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY:
                busy = _(
                    "Another process is grading {name} in this course: wait until it has "
                    "finished, and run the command again."
                )
                raise BlockingIOError(busy.format(name=self.folder.name)) from error
            if isinstance(error, sqlite3.OperationalError):
                raise
        aside = self._put_aside()
        damaged = _(
            "The stored results of {name} could not be read and were moved to {place}. "
            "Everything is regraded, and changed scores cannot be listed."
        )
        self._say(damaged.format(name=self.folder.name, place=aside))
        return self._opened()

    def _put_aside(self) -> Path:
        number = 1
        while (aside := self.folder.with_name(f"{self.folder.name}.damaged-{number}")).exists():
            number += 1
        return self.folder.rename(aside)

    def _cannot(self, error: Exception) -> None:
        path = self.folder / FILE
        if isinstance(error, PermissionError) or (path.exists() and not os.access(path, os.W_OK)):
            self._say(sharing.not_allowed(path))
        reason = error.strerror if isinstance(error, OSError) else str(error)
        nothing = _("No results can be stored in {folder} for the next run ({reason}).")
        self._say(nothing.format(folder=self.folder, reason=reason))

    def _say(self, trouble: str) -> None:
        if trouble not in self.troubles:
            self.troubles.append(trouble)

    def _one(self, query: str, *values: str) -> tuple[Any, ...] | None:
        """Return the first row that is found; None in a file that has been damaged."""
        try:
            row: tuple[Any, ...] | None = self._base.execute(query, values).fetchone()
        except sqlite3.DatabaseError as error:
            unreadable = _("The stored results in {folder} can no longer be read ({reason}).")
            self._say(unreadable.format(folder=self.folder, reason=error))
            return None
        return row

    def entry(self, key: str) -> StoredResult | None:
        """Return the result under a key, if there is one that can be read."""
        if key in self._unsaved:
            return StoredResult.unpacked(self._unsaved[key])
        row = self._one("SELECT entry FROM results WHERE key = ?", key)
        return None if row is None else StoredResult.unpacked(row[0])

    def keep(
        self, key: str, student: str, notebook: str, depends: Dependencies, entry: StoredResult
    ) -> None:
        """Store a result under a key, with the digest of the notebook."""
        packed = entry.packed()
        try:
            with self._base:
                self._base.execute("BEGIN IMMEDIATE")
                self._base.execute(
                    "INSERT OR REPLACE INTO results VALUES (?, ?, ?, ?, ?)",
                    [key, student, notebook, self._id(depends), packed],
                )
                self._base.execute(
                    "DELETE FROM results WHERE student = ? AND rowid NOT IN (SELECT rowid FROM "
                    "results WHERE student = ? ORDER BY rowid DESC LIMIT ?)",
                    [student, student, RESULTS_PER_STUDENT],
                )
            self._unsaved.pop(key, None)
        except sqlite3.Error as error:  # a full disk, for example, must not cost points
            self._unsaved[key] = packed
            self._cannot(error)

    def _id(self, depends: Dependencies) -> int:
        text = msgspec.json.encode(dict(depends))
        self._base.execute("INSERT OR IGNORE INTO dependencies (json) VALUES (?)", [text])
        row = self._base.execute("SELECT id FROM dependencies WHERE json = ?", [text]).fetchone()
        return int(row[0])

    @property
    def anything_recorded(self) -> bool:
        """Whether any points have been recorded."""
        return self._one("SELECT 1 FROM marks LIMIT 1") is not None

    def is_recorded(self, student: str, key: str) -> bool:
        """Tell whether the result under a key is the last recorded one of a student."""
        query = (
            "SELECT 1 FROM marks JOIN results USING (key, entry) "
            "WHERE marks.rowid = (SELECT max(rowid) FROM marks WHERE student = ?) AND key = ?"
        )
        return self._one(query, student, key) is not None

    def recorded(self, student: str) -> Recorded | None:
        """Return the last recorded score of a student, if there is one that can be read."""
        row = self._one(
            "SELECT entry, notebook, json FROM marks JOIN dependencies ON id = depends "
            "WHERE marks.rowid = (SELECT max(rowid) FROM marks WHERE student = ?)",
            student,
        )
        if row is None:
            return None
        entry = StoredResult.unpacked(row[0])
        if entry is None:
            lost = _(
                "The stored result of {student} can no longer be read, so it is unknown "
                "whether that score has changed."
            )
            self._say(lost.format(student=student))
            return None
        return Recorded(entry.result, row[1], msgspec.json.decode(row[2]))

    def record(self, marks: Iterable[tuple[str, str, Change | None]], when: str) -> None:
        """Record points and log changes with the time: all or nothing.

        `marks` holds each student, the key of the result, and how the points have changed.
        """
        try:
            with self._base:
                self._base.execute("BEGIN IMMEDIATE")
                for student, key, change in marks:
                    self._record(student, key, change, when)
            if self._one("SELECT 1 FROM changes LIMIT 1") is not None:
                saver(self.log)(self._lines())
        except (sqlite3.Error, OSError) as error:
            self._cannot(error)

    def _record(self, student: str, key: str, change: Change | None, when: str) -> None:
        """Record the points of one student, in a transaction."""
        if self._one("SELECT 1 FROM results WHERE key = ?", key) is None:
            return  # it could not be kept, so the next run grades it again and sees the change
        self._base.execute("DELETE FROM marks WHERE student = ?", [student])
        self._base.execute(
            "INSERT INTO marks SELECT ?, ?, key, notebook, depends, entry FROM results "
            "WHERE key = ?",
            [self.book, student, key],
        )
        if change is not None:
            about = {"when": when, "book": self.book}
            line = msgspec.json.encode(about | msgspec.structs.asdict(change))
            number = self._base.execute("INSERT INTO changes (line) VALUES (?)", [line]).lastrowid
            self._base.execute("INSERT INTO unsaid VALUES (?)", [number])

    def unsaid(self) -> Iterator[Change]:
        """Yield the recorded changes that no run has printed yet."""
        query = "SELECT line FROM changes JOIN unsaid USING (number) ORDER BY number"
        try:
            for (line,) in self._base.execute(query):
                yield msgspec.json.decode(line, type=Change)
        except (sqlite3.DatabaseError, msgspec.DecodeError) as error:
            self._cannot(error)

    def forget_unsaid(self) -> None:
        """Note that every recorded change has been printed."""
        try:
            with self._base:
                self._base.execute("DELETE FROM unsaid")
        except sqlite3.Error as error:
            self._cannot(error)

    def latest(self, student: str) -> str | None:
        """Return the key of a student's last stored result."""
        row = self._one(
            "SELECT key FROM results WHERE student = ? ORDER BY rowid DESC LIMIT 1", student
        )
        return None if row is None else str(row[0])

    def filed(self, student: str) -> str | None:
        """Return the digest of all inputs of a student's gradebook entries."""
        row = self._one("SELECT digest FROM filed WHERE student = ?", student)
        return None if row is None else str(row[0])

    def is_filed_notebook(self, student: str) -> bool:
        """Tell whether the gradebook holds points of the very notebook that was graded last."""
        query = (
            "SELECT 1 FROM filed_notebooks JOIN results USING (student, notebook) "
            "WHERE results.rowid = (SELECT max(rowid) FROM results WHERE student = ?)"
        )
        return self._one(query, student) is not None

    def file(self, digests: Mapping[str, str]) -> None:
        """Store these digests for students who are in the gradebook."""
        try:
            with self._base:
                self._base.execute("BEGIN IMMEDIATE")
                self._base.executemany(
                    "INSERT OR REPLACE INTO filed VALUES (?, ?)", digests.items()
                )
                self._base.executemany(
                    "INSERT OR REPLACE INTO filed_notebooks SELECT student, notebook FROM results "
                    "WHERE student = ? ORDER BY rowid DESC LIMIT 1",
                    [[student] for student in digests],
                )
        except sqlite3.Error as error:
            self._cannot(error)

    @property
    def log(self) -> Path:
        """The file of changed scores."""
        return self.folder / LOG

    def _lines(self) -> Iterator[bytes]:
        for (line,) in self._base.execute("SELECT line FROM changes ORDER BY number"):
            yield line + b"\n"


def folder_of(assignment: Exercise) -> Path:
    """Return the folder of an assignment's stored results."""
    return assignment.root / FOLDER / assignment.name


def make_folder(folder: Path) -> None:
    """Make the folder of a ledger, for its owner only and ignored by git."""
    make_private(folder.parent)
    folder.mkdir(mode=0o700, exist_ok=True)


def make_private(folder: Path) -> None:
    """Make a course's `.autograder/`, for its owner only and ignored by git."""
    folder.mkdir(mode=0o700, exist_ok=True)
    ignore = folder / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n")


def _prepared(base: sqlite3.Connection) -> sqlite3.Connection:
    """Return the database with its tables, locked, after checking every page of it.

    Raises:
        sqlite3.DatabaseError: the file is no ledger, or a damaged one.
        sqlite3.OperationalError: the file is locked, or the disk is full.
    """
    base.execute("PRAGMA locking_mode = EXCLUSIVE")
    base.execute("PRAGMA journal_mode = WAL")
    base.execute("PRAGMA synchronous = NORMAL")
    (version,) = base.execute("PRAGMA user_version").fetchone()
    with base:
        base.execute("BEGIN IMMEDIATE")
        if version not in (0, VERSION) or base.execute("PRAGMA quick_check").fetchone() != ("ok",):
            raise sqlite3.DatabaseError("no ledger, or a damaged one")
        for table in TABLES.split(";"):
            base.execute(table)
        base.execute(f"PRAGMA user_version = {VERSION}")
    return base
