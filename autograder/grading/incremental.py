"""Grade only submissions that have changed: other results come from the ledger.

Every result is stored in the ledger as soon as it exists and is read from there when it is needed.
An interrupted run therefore continues where it stopped, and memory does not grow with the class.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

import msgspec

from autograder.checking.expect import listed
from autograder.grading.fingerprint import Dependencies, causes, key_of
from autograder.grading.store import Ledger, StoredResult
from autograder.i18n import _
from autograder.intake.files import Read
from autograder.intake.find import SubmissionSource
from autograder.intake.reconcile import Rejected
from autograder.result import Change, SubmissionResult, changed
from autograder.sandbox.isolation import InForce, SandboxError

Record = Callable[[Collection[str]], None]
"""Records the points of students whose results are in the ledger, and logs changed points."""

Grade = Callable[[Sequence[SubmissionSource], Record], Iterator[SubmissionResult]]
"""Grades submissions, in their order, except those for which the sandbox fails.

A function that puts points into a gradebook records them at once.
"""

Watch = Callable[[Iterator[SubmissionResult], int], Iterator[SubmissionResult]]
"""Passes the results on and shows the progress; the second argument is their number."""

IsUpToDate = Callable[[SubmissionSource, str, SubmissionResult], bool]
"""Tells whether nothing is left to do for a submission with a stored result, given its key."""

IsStored = Callable[[str], bool]
"""Tells whether the stored result of a student has already been written where it belongs."""


class IncrementalRun:
    """One run of grading. With `again`, unchanged submissions are graded too.

    Attributes:
        left: the places of the submissions that are still to be graded.
        in_force: the isolation in force, in this run or in the run of a stored result.
    """

    def __init__(
        self,
        ledger: Ledger,
        submissions: Sequence[SubmissionSource],
        depends: Dependencies,
        *,
        again: bool,
        is_up_to_date: IsUpToDate = lambda _source, _key, _result: True,
        is_stored: IsStored = lambda _student: True,
    ) -> None:
        self.ledger = ledger
        self.submissions = submissions
        self.depends = depends
        self.is_stored = is_stored
        self.in_force = InForce()
        self.notebooks: list[str] = []
        self.left: list[int] = []
        self._there = [False] * len(submissions)
        self._read_ahead: dict[int, dict[int, bytes]] = {}
        for place, each in enumerate(submissions):
            self.notebooks.append(_digest(each))
            key = self._key(place)
            entry = None if again else ledger.entry(key)
            if entry is not None and entry.lasting and is_up_to_date(each, key, entry.result):
                self.in_force.note(entry.layers)
                self._there[place] = True
            else:
                self.left.append(place)

    @property
    def unchanged(self) -> int:
        """The number of unchanged submissions that were not graded."""
        return len(self.submissions) - len(self.left)

    @property
    def done(self) -> int:
        """The number of submissions with a result."""
        return sum(self._there)

    @property
    def names(self) -> list[str]:
        """The students with a result."""
        return [
            each.student for each, there in zip(self.submissions, self._there, strict=True) if there
        ]

    def grade(self, grade: Grade, in_force: InForce, watch: Watch) -> BaseException | None:
        """Grade all submissions that are left, and store each result at once.

        Return the error that stopped it before all was done.
        """
        if not self.left:
            return None
        waiting = [self._waiting(place) for place in self.left]
        places = iter(self.left)
        try:
            for result in watch(grade(waiting, self.record), len(waiting)):
                place = next(each for each in places if self.submissions[each].path == result.path)
                self._keep(place, result, in_force.layers)
                self._read_ahead.pop(place, {}).clear()  # of a rejected notebook nobody took them
        except KeyboardInterrupt as interrupt:
            return interrupt
        except (SandboxError, OSError, ValueError) as error:
            return self._with_students(error)
        finally:
            self.in_force.note(in_force.layers)
        return None

    def _with_students(self, error: Exception) -> Exception:
        """Name the students to grade again, if none could be graded and others were unchanged."""
        if not self.unchanged or self.done > self.unchanged:
            return error
        names = listed([self.submissions[place].student for place in self.left])
        said = error.said(_) if isinstance(error, SandboxError) else error
        known = _(
            "{error} {number} of {all} submissions were graded before that. Run the "
            "command again to grade the others: {students}."
        )
        return SandboxError(
            known.format(
                error=said, number=self.unchanged, all=len(self.submissions), students=names
            )
        )

    def _waiting(self, place: int) -> SubmissionSource:
        """Return a submission to be graded, whose digest is that of the bytes that are graded."""
        source = self.submissions[place]
        kept = self._read_ahead[place] = {}
        files = tuple(
            (name, partial(_twice, kept, number, read))
            for number, (name, read) in enumerate(source.files)
        )
        source = replace(source, files=files)
        return replace(source, read=partial(self._read, place, source))

    def _read(self, place: int, source: SubmissionSource) -> bytes:
        """Read a submission for grading: it may have changed since it was looked up."""
        try:
            content = source.read()
        except Rejected as rejected:
            self.notebooks[place] = _of_reason(rejected)
            raise
        self.notebooks[place] = _of_bytes(content, source)
        return content

    def _key(self, place: int) -> str:
        return key_of(self.submissions[place].student, self.notebooks[place], self.depends)

    def _keep(self, place: int, result: SubmissionResult, layers: tuple[str, ...]) -> None:
        source = self.submissions[place]
        of_the_notebook = result.observations[len(source.observations) :]
        kept = msgspec.structs.replace(result, path="", observations=of_the_notebook)
        notebook, depends = self.notebooks[place], self.depends
        entry = StoredResult(kept, layers)
        self.ledger.keep(self._key(place), source.student, notebook, depends, entry)
        self._there[place] = True

    def results(self) -> Iterator[SubmissionResult]:
        """Yield all results, in the order of the submissions."""
        for place, source in enumerate(self.submissions):
            if self._there[place]:
                yield self._result(place, source)

    def _result(self, place: int, source: SubmissionSource) -> SubmissionResult:
        entry = self.ledger.entry(self._key(place))
        if entry is None:
            altered = _("{folder} changed while it was being graded: grade it again.")
            raise ValueError(altered.format(folder=self.ledger.folder))
        return msgspec.structs.replace(
            entry.result,
            path=source.path,
            observations=(*source.observations, *entry.result.observations),
        )

    def changes(self) -> Iterator[Change]:
        """Return how the points have changed since they were last recorded."""
        for _place, change in self._new():
            if change is not None:
                yield change

    def _new(self, students: Collection[str] | None = None) -> Iterator[tuple[int, Change | None]]:
        """Yield the places of students whose result is not recorded, and how their points changed.

        Only results that are written where they belong count, those of `students` or, by default,
        of all. The next run writes and records the others.
        """
        left = set(self.left)
        for place, source in enumerate(self.submissions):
            if not self._there[place]:
                continue
            if students is not None:
                wanted = source.student in students
            else:
                wanted = place not in left or self.is_stored(source.student)
            if wanted and not self.ledger.is_recorded(source.student, self._key(place)):
                yield place, self._change(place, source)

    def _change(self, place: int, source: SubmissionSource) -> Change | None:
        before = self.ledger.recorded(source.student)
        if before is None:
            return None
        why = causes((before.notebook, self.notebooks[place]), before.depends, self.depends)
        return changed(before.result, self._result(place, source), why)

    def record(self, students: Collection[str] | None = None) -> None:
        """Record the points of these students, or of all, and log what has changed."""
        when = datetime.now(UTC).isoformat(timespec="seconds")
        marks = (
            (self.submissions[place].student, self._key(place), change)
            for place, change in self._new(students)
        )
        self.ledger.record(marks, when)


def _digest(source: SubmissionSource) -> str:
    """Return the digest of a submission's bytes, or of the reason why there are none."""
    try:
        return _of_bytes(source.read(), source)
    except Rejected as rejected:
        return _of_reason(rejected)


def _of_bytes(content: bytes, source: SubmissionSource) -> str:
    """Return the digest of a notebook and of the student's own files beside it."""
    digest = hashlib.sha256(content)
    for place, data in source.own_files()[0].items():
        digest.update(f"\0{place}\0{len(data)}\0".encode())
        digest.update(data)
    return digest.hexdigest()


def _twice(kept: dict[int, bytes], number: int, read: Read) -> bytes:
    """Read a file; every second call returns what the call before it has read.

    A number tells the files apart: two may have one name.
    """
    if number in kept:
        return kept.pop(number)
    kept[number] = read()
    return kept[number]


def _of_reason(rejected: Rejected) -> str:
    return hashlib.sha256(b"\0" + rejected.said(str).encode()).hexdigest()
