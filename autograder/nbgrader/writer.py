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
from contextlib import contextmanager
from dataclasses import replace

from autograder.nbgrader.answers import changed_answers
from autograder.nbgrader.gradebook import Book
from autograder.nbgrader.gradebook_rows import Entry
from autograder.nbgrader.record_builder import RecordBuilder
from autograder.nbgrader.records import ManualEntries, Standings, SubmissionRecord
from autograder.nbgrader.student_folders import Folders

AT_ONCE = 100
"""Students whose rows are written in one transaction."""

MAX_UNWRITTEN_SECONDS = 5.0
"""After which those that are there are written, however few."""

ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Signals that ask a run to end: Ctrl-C, `kill`, and a terminal that is closed."""


class Writer:
    """Write one assignment into the gradebook and the folders.

    Args:
        book: the gradebook.
        folders: `autograded/` and `feedback/`.
        builder: makes a record again if the gradebook has changed since.
        written: is called with the students in the gradebook, before any interruption.
        is_same: tells whether the gradebook holds points of the file that was graded.
        flag_all: whether to flag every manual score for another look, as nbgrader does.
    """

    def __init__(
        self,
        book: Book,
        folders: Folders,
        builder: RecordBuilder,
        written: Callable[[Sequence[str]], None],
        is_same: Callable[[str], bool] = lambda _student: False,
        *,
        flag_all: bool = False,
    ) -> None:
        self.book = book
        self.folders = folders
        self.builder = builder
        self.written = written
        self.is_same = is_same
        self.flag_all = flag_all
        self.waiting: list[Entry] = []
        self.since = 0.0

    def add(self, student: str, record: SubmissionRecord) -> tuple[str, ...]:
        """Write the submissions that have accumulated, and add one more.

        Returns:
            Notes for the instructor.

        Raises:
            Unusable: the gradebook cannot be written.
            OSError: the folders cannot be written.
        """
        waited = time.monotonic() - self.since if self.waiting else 0.0
        if len(self.waiting) >= AT_ONCE or waited > MAX_UNWRITTEN_SECONDS:
            self.flush()
        submitted_at, _ = self.folders.submission_time(student)
        with _uninterrupted():
            said = self.folders.write(student, record)
            if not self.waiting:
                self.since = time.monotonic()
            marks = {name: each.marks for name, each in record.of.items()}
            self.waiting.append(Entry(student, submitted_at, marks, record.standings))
        return (*record.observations, *said)

    def flush(self) -> None:
        """Write the submissions that have accumulated; raises like `add`."""
        entries, self.waiting = self.waiting, []
        students = [entry.student for entry in entries]
        if not entries:
            return
        with _uninterrupted():
            try:
                entries = [replace(entry, changed=self._changed(entry)) for entry in entries]
                self.folders.take_away(students)
                self.book.write(entries, self._again)
            except BaseException:
                self.folders.bring_back(students)
                raise
            try:
                self.written(students)
            finally:
                self.folders.put(students)

    def _changed(self, entry: Entry) -> Mapping[str, frozenset[str]] | None:
        """Return the grade cells whose answers have changed; None if all may have."""
        if self.flag_all:
            return None
        if self.is_same(entry.student):
            return {}
        changed = {}
        for name, marks in entry.marks.items():
            before = self.folders.notebook_before(entry.student, name)
            if before is None or not any(score is not None for score in marks.scores.values()):
                return None  # of a file that cannot be read there are no answers to compare
            changed[name] = changed_answers(before, self.folders.notebook(entry.student, name))
        return changed

    def _again(self, entry: Entry, standings: Standings) -> Entry:
        """Return the entry of a student whose manual entries have changed since."""
        marks = {}
        for name, before in entry.marks.items():
            notebook = self.folders.notebook(entry.student, name)
            standing = standings.get(name, ManualEntries())
            marks[name], page = self.builder.again(entry.student, name, notebook, before, standing)
            self.folders.rewrite_feedback(entry.student, name, page)
        return replace(entry, marks=marks, standings=standings)


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Delay signals that would end the process until the block has ended."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ENDING_SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
