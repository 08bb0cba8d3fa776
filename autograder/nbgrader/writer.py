"""Write the results of a class into the gradebook and its folders, a hundred students at a time.

A student counts as done when `autograded/` has a folder for them. So the old folder is moved away
first. Then the gradebook is written in one transaction, and its content is recorded. Then the new
folders are moved into place. A killed run leaves either the old rows or the new ones, and the next
run grades the other students again. A run that is killed between the gradebook and the record
leaves no folder, so the next run grades these students again and compares with the older record.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from autograder.intake.reconcile import REJECTED, REJECTED_FILE
from autograder.nbgrader.gradebook import Book
from autograder.nbgrader.gradebook_rows import SubmissionRow
from autograder.nbgrader.record_builder import RecordBuilder
from autograder.nbgrader.records import EntriesByNotebook, ManualEntries, SubmissionRecord
from autograder.nbgrader.student_folders import Folders

STUDENTS_PER_TRANSACTION = 100
"""Students whose rows are written in one transaction."""

MAX_UNWRITTEN_SECONDS = 5.0
"""Seconds after which the submissions that have accumulated are written, however few."""

UNKNOWN = "unknown"
"""Stands for the digest of an unreadable file whose bytes could not be had."""

ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Signals that ask a run to end: Ctrl-C, `kill`, and a terminal that is closed."""


@dataclass
class Writer:
    """Write one assignment into the gradebook and the folders.

    Attributes:
        builder: makes a record again if the gradebook has changed since.
        written: is called with the students who were written, before any interruption.
        is_same: tells whether the gradebook holds points of the file that was graded.
        flag_all: whether to flag every manual score for another look, as nbgrader does.
    """

    book: Book
    folders: Folders
    builder: RecordBuilder
    written: Callable[[Sequence[str]], None]
    is_same: Callable[[str], bool] = lambda _student: False
    flag_all: bool = False
    waiting: list[SubmissionRow] = field(default_factory=list)
    since: float = 0.0

    def add(self, student: str, record: SubmissionRecord) -> tuple[str, ...]:
        """Write the submissions if enough have accumulated, add one, and return notes about it.

        Raises:
            Unusable: the gradebook cannot be written.
            OSError: the folders cannot be written.
        """
        waited = time.monotonic() - self.since if self.waiting else 0.0
        if len(self.waiting) >= STUDENTS_PER_TRANSACTION or waited > MAX_UNWRITTEN_SECONDS:
            self.flush()
        submitted_at, _ = self.folders.submission_time(student)
        with _uninterrupted():
            said = self.folders.write(student, record)
            if not self.waiting:
                self.since = time.monotonic()
            marks = {name: each.marks for name, each in record.of.items()}
            self.waiting.append(SubmissionRow(student, submitted_at, marks, record.manual_entries))
        return (*record.observations, *said)

    def flush(self) -> None:
        """Write the submissions that have accumulated; raises like `add`."""
        entries, self.waiting = self.waiting, []
        students = [entry.student for entry in entries]
        if not entries:
            return
        with _uninterrupted():
            try:
                entries = [self._compared(entry) for entry in entries]
                self.folders.take_away(students)
                self.book.write(entries, self._again)
            except BaseException:
                self.folders.bring_back(students)
                raise
            try:
                self.written(students)
            finally:
                self.folders.put(students)

    def _compared(self, entry: SubmissionRow) -> SubmissionRow:
        """Return an entry that knows what has changed since its student was graded last."""
        if self.is_same(entry.student):
            return entry if self.flag_all else replace(entry, changed={})
        changed: dict[str, frozenset[str]] = {}
        replaced = set()
        for name in entry.marks:
            before = self.folders.notebook_before(entry.student, name)
            now = self.folders.notebook(entry.student, name)
            if before is not None:
                changed[name] = changed_answers(before, now)
                if unreadable_file(before) not in (None, unreadable_file(now)):
                    replaced.add(name)
        known = None if self.flag_all or len(changed) < len(entry.marks) else changed
        return replace(entry, changed=known, replaced=frozenset(replaced))

    def _again(self, entry: SubmissionRow, manual_entries: EntriesByNotebook) -> SubmissionRow:
        """Return the entry of a student whose manual entries have changed since."""
        marks = {}
        for name, before in entry.marks.items():
            notebook = self.folders.notebook(entry.student, name)
            manual = manual_entries.get(name, ManualEntries())
            marks[name], page = self.builder.again(entry.student, name, notebook, before, manual)
            self.folders.rewrite_feedback(entry.student, name, page)
        return replace(entry, marks=marks, manual_entries=manual_entries)


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Delay signals that would end the process until the block has ended.

    A signal that is blocked in this thread goes to another one, of the BLAS library for example,
    and Python would still interrupt this thread for it.
    """
    arrived: list[int] = []

    def note(number: int, _frame: object) -> None:
        arrived.append(number)

    handled = [
        each for each in ENDING_SIGNALS if signal.getsignal(each) not in (signal.SIG_IGN, None)
    ]
    before = {number: signal.signal(number, note) for number in handled}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if arrived:
            signal.raise_signal(arrived[0])


def changed_answers(before: bytes, now: bytes) -> frozenset[str]:
    """Return the grade cells whose answers differ between two graded notebooks of a student.

    A written answer is compared by itself. A cell of tests grades code in other cells, so it counts
    as changed when any of the student's own cells has changed. An unreadable file has no answers;
    all have changed unless the same bytes were unreadable before.
    """
    old, new = _answers(before), _answers(now)
    file_before, file_now = unreadable_file(before), unreadable_file(now)
    if file_before != file_now or file_now == UNKNOWN:
        return frozenset(new)
    return frozenset(name for name in new if old.get(name) != new[name])


def unreadable_file(notebook: bytes) -> str | None:
    """Return the digest of the unreadable file for which a notebook stands in; None for others."""
    if REJECTED.encode() not in notebook:  # decoding every notebook again takes long
        return None
    metadata = _decoded(notebook).get("metadata", {})
    return metadata.get(REJECTED_FILE, UNKNOWN) if REJECTED in metadata else None


def _decoded(notebook: bytes) -> dict[str, Any]:
    with suppress(msgspec.DecodeError):
        decoded = msgspec.json.decode(notebook)
        if isinstance(decoded, dict) and "cells" in decoded:
            return decoded
    return {"cells": []}


def _answers(notebook: bytes) -> dict[str, Any]:
    """Map each grade cell of a notebook to the answer that it grades."""
    cells = _decoded(notebook)["cells"]
    own = [cell["source"] for cell in cells if not _about(cell).get("locked")]
    return {
        about["grade_id"]: cell["source"] if about.get("solution") or about.get("task") else own
        for cell in cells
        if (about := _about(cell)).get("grade") or about.get("task")
    }


def _about(cell: Mapping[str, Any]) -> Mapping[str, Any]:
    about: Mapping[str, Any] = cell["metadata"].get("nbgrader", {})
    return about
