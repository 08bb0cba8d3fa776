"""Writes the results of a class into the gradebook and its folders, a hundred students at a time.

A student counts as done when `autograded/` has a folder of theirs. So what was there is moved away
first. Then the gradebook is written, in one transaction, and what was written is recorded. Then the
folders are put into place. A run that is killed leaves the rows as they were or as they shall be,
and the next run does the others again. A run that is killed between the gradebook and the record
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
    """Writes one assignment into the gradebook and the folders.

    Args:
        book: the gradebook.
        folders: `autograded/` and `feedback/`.
        builder: makes a record again where the gradebook has changed since.
        written: is told which students are in the gradebook, before anything can interrupt.
        is_same: tells whether the gradebook holds points of the very file that was graded.
        flag_all: whether every score by hand is to be looked at again, as nbgrader has it.
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
        """Write down what has come together, and take in what one more submission gives.

        Returns:
            What the instructor is to know.

        Raises:
            Unusable: the gradebook cannot be written.
            OSError: the folders cannot.
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
        """Writes down what has come together; likewise."""
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
        """Return the grade cells whose answers have changed; None where they all may have."""
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
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ENDING_SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
