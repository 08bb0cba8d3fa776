"""Writes the results of a class into the gradebook and its folders, a hundred students at a time.

A student counts as done when `autograded/` has a folder of theirs. So what was there is moved away
first, then the gradebook is written, in one transaction, and then the folders are put into place:
whoever is killed at any moment has left the rows as they were or as they shall be, and has the
others to do again.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from autograder.nbgrader.gradebook import Book
from autograder.nbgrader.gradebook_rows import Entry
from autograder.nbgrader.record_builder import RecordBuilder
from autograder.nbgrader.records import ManualEntries, Standings, SubmissionRecord
from autograder.nbgrader.student_folders import Folders

AT_ONCE = 100
"""Students whose rows are written in one transaction."""

MAX_UNWRITTEN_SECONDS = 5.0
"""After which those that are there are written, however few."""


class Writer:
    """Writes one assignment into the gradebook and the folders.

    Args:
        book: the gradebook.
        folders: `autograded/` and `feedback/`.
        builder: makes a record again where the gradebook has changed since.

    Attributes:
        written_students: students who are in the gradebook by now; the reader empties the list.
    """

    def __init__(self, book: Book, folders: Folders, builder: RecordBuilder) -> None:
        self.book = book
        self.folders = folders
        self.builder = builder
        self.waiting: list[Entry] = []
        self.written_students: list[str] = []
        self.since = 0.0

    def add(self, student: str, record: SubmissionRecord) -> tuple[str, ...]:
        """Takes in what a submission gives, and writes down what has come together.

        Returns:
            What the instructor is to know.

        Raises:
            Unusable: the gradebook cannot be written.
            OSError: the folders cannot.
        """
        submitted_at, _ = self.folders.submission_time(student)
        with _uninterrupted():
            said = self.folders.write(student, record)
            if not self.waiting:
                self.since = time.monotonic()
            marks = {name: each.marks for name, each in record.of.items()}
            self.waiting.append(Entry(student, submitted_at, marks, record.standings))
        if len(self.waiting) >= AT_ONCE or time.monotonic() - self.since > MAX_UNWRITTEN_SECONDS:
            self.flush()
        return (*record.observations, *said)

    def flush(self) -> None:
        """Writes down what has come together; likewise."""
        entries, self.waiting = self.waiting, []
        students = [entry.student for entry in entries]
        if not entries:
            return
        with _uninterrupted():
            try:
                self.folders.take_away(students)
                self.book.write(entries, self._again)
            except BaseException:
                self.folders.bring_back(students)
                raise
            self.folders.put(students)
        self.written_students += students

    def _again(self, entry: Entry, standings: Standings) -> Entry:
        """An entry where a person has entered something since its record was made."""
        marks = {}
        for name, before in entry.marks.items():
            notebook = self.folders.notebook(entry.student, name)
            standing = standings.get(name, ManualEntries())
            marks[name], page = self.builder.again(entry.student, name, notebook, before, standing)
            self.folders.rewrite_feedback(entry.student, name, page)
        return replace(entry, marks=marks, standings=standings)


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Whoever wants this process to end waits until something whole is written."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
