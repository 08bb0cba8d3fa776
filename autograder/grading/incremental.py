"""A round of grading: what has not changed is taken from the ledger, the rest is graded.

Every result goes into the ledger as it comes and is read from there when it is wanted, so that an
interrupted round goes on where it stopped, and memory does not grow with the class.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

import msgspec

from autograder.checking.expect import listed
from autograder.grading.fingerprint import Dependencies, causes, key_of
from autograder.grading.store import Entry, Ledger
from autograder.i18n import _
from autograder.intake.find import SubmissionSource
from autograder.intake.reconcile import Rejected
from autograder.result import Change, SubmissionResult, changed
from autograder.sandbox.isolation import InForce, SandboxError

Grade = Callable[[Sequence[SubmissionSource]], Iterator[SubmissionResult]]
"""Grades submissions, in their order; those under which the sandbox breaks are left out."""

Watch = Callable[[Iterator[SubmissionResult], int], Iterator[SubmissionResult]]
"""Hands the results on, of which so many are to come, and shows how far it is."""

IsUpToDate = Callable[[SubmissionSource, str, SubmissionResult], bool]
"""Whether nothing is left to do for a submission whose result is known, under this key."""


def up_to_date(_found: SubmissionSource, _key: str, _result: SubmissionResult) -> bool:
    """A result that is known is all that is wanted."""
    return True


IsStored = Callable[[str], bool]
"""Whether what came of a student is where it is to go."""


def stored(_student: str) -> bool:
    """A result goes nowhere but where it is kept."""
    return True


class IncrementalRun:
    """One round of grading.

    Args:
        ledger: what is known from earlier rounds.
        found: the submissions.
        depends: what their marks depend on, besides the notebooks.
        again: whether those are graded too that have not changed.
        stands: whether a result that is known will do.
        written: whether one of those that were graded is where it is to go.

    Attributes:
        left: the places, in the order of the submissions, of those that must be graded.
        in_force: what has kept learners' code in, in this round or when it was graded.
    """

    def __init__(
        self,
        ledger: Ledger,
        found: Sequence[SubmissionSource],
        depends: Dependencies,
        *,
        again: bool,
        stands: IsUpToDate = up_to_date,
        written: IsStored = stored,
    ) -> None:
        self.ledger = ledger
        self.found = found
        self.depends = depends
        self.written = written
        self.in_force = InForce()
        self.notebooks: list[str] = []
        self.left: list[int] = []
        self._there = [False] * len(found)
        for place, each in enumerate(found):
            self.notebooks.append(_digest(each))
            key = self._key(place)
            entry = None if again else ledger.entry(key)
            if entry is not None and entry.lasting and stands(each, key, entry.result):
                self.in_force.note(entry.layers)
                self._there[place] = True
            else:
                self.left.append(place)

    @property
    def taken(self) -> int:
        """How many were not graded, because nothing has changed."""
        return len(self.found) - len(self.left)

    @property
    def done(self) -> int:
        """How many have a result."""
        return sum(self._there)

    @property
    def names(self) -> list[str]:
        """The students who have a result."""
        return [each.student for each, there in zip(self.found, self._there, strict=True) if there]

    def grade(self, grade: Grade, in_force: InForce, watch: Watch) -> BaseException | None:
        """Has all graded that are left, and keeps each result as it comes.

        Args:
            grade: what grades them.
            in_force: is told by it what keeps learners' code in.
            watch: is told how far it is.

        Returns:
            What has stopped it before all was done.
        """
        if not self.left:
            return None
        waiting = [
            replace(self.found[place], read=partial(self._read, place)) for place in self.left
        ]
        places = iter(self.left)
        try:
            for result in watch(grade(waiting), len(waiting)):
                place = next(each for each in places if self.found[each].path == result.path)
                self._keep(place, result, in_force.layers)
        except KeyboardInterrupt as interrupt:
            return interrupt
        except (SandboxError, OSError, ValueError) as error:
            return self._told(error)
        finally:
            self.in_force.note(in_force.layers)
        return None

    def _told(self, error: Exception) -> Exception:
        """Who is to be graded again, where nobody could be and the others were known before."""
        if not self.taken or self.done > self.taken:
            return error
        names = listed([self.found[place].student for place in self.left])
        said = error.said(_) if isinstance(error, SandboxError) else error
        known = _(
            "{error} {number} of {all} submissions had been graded before. Grade the others again: "
            "{students}."
        )
        return SandboxError(
            known.format(error=said, number=self.taken, all=len(self.found), students=names)
        )

    def _read(self, place: int) -> bytes:
        """What is graded: it may be another notebook by now than the one that was looked up."""
        try:
            content = self.found[place].read()
        except Rejected as rejected:
            self.notebooks[place] = _of_reason(rejected)
            raise
        self.notebooks[place] = hashlib.sha256(content).hexdigest()
        return content

    def _key(self, place: int) -> str:
        return key_of(self.found[place].student, self.notebooks[place], self.depends)

    def _keep(self, place: int, result: SubmissionResult, layers: tuple[str, ...]) -> None:
        found = self.found[place]
        of_the_notebook = result.observations[len(found.observations) :]
        kept = msgspec.structs.replace(result, path="", observations=of_the_notebook)
        notebook, depends = self.notebooks[place], self.depends
        entry = Entry(kept, layers)
        self.ledger.keep(self._key(place), found.student, notebook, depends, entry)
        self._there[place] = True

    def results(self) -> Iterator[SubmissionResult]:
        """All there are, in the order of the submissions.

        Raises:
            ValueError: one cannot be read any more.
        """
        for place, found in enumerate(self.found):
            if self._there[place]:
                yield self._result(place, found)

    def _result(self, place: int, found: SubmissionSource) -> SubmissionResult:
        entry = self.ledger.entry(self._key(place))
        if entry is None:
            altered = _("{folder} was altered meanwhile: grade again.")
            raise ValueError(altered.format(folder=self.ledger.folder))
        return msgspec.structs.replace(
            entry.result,
            path=found.path,
            observations=(*found.observations, *entry.result.observations),
        )

    def changes(self) -> Iterator[Change]:
        """What has become of the marks since they were last recorded."""
        for _place, change in self._new():
            if change is not None:
                yield change

    def _new(self) -> Iterator[tuple[int, Change | None]]:
        """The places of those whose result is not recorded, and what has become of their marks.

        What could not be written is no mark of anybody's: the next round writes and records it.
        """
        left = set(self.left)
        for place, found in enumerate(self.found):
            if not self._there[place] or (place in left and not self.written(found.student)):
                continue
            if not self.ledger.is_recorded(found.student, self._key(place)):
                yield place, self._change(place, found)

    def _change(self, place: int, found: SubmissionSource) -> Change | None:
        before = self.ledger.recorded(found.student)
        if before is None:
            return None
        why = causes((before.notebook, self.notebooks[place]), before.depends, self.depends)
        return changed(before.result, self._result(place, found), why)

    def record(self) -> None:
        """Records the marks of this round, and logs what has changed."""
        when = datetime.now(UTC).isoformat(timespec="seconds")
        marks = (
            (self.found[place].student, self._key(place), change) for place, change in self._new()
        )
        self.ledger.record(marks, when)


def _digest(found: SubmissionSource) -> str:
    """Of a submission's bytes, or of why there are none."""
    try:
        return hashlib.sha256(found.read()).hexdigest()
    except Rejected as rejected:
        return _of_reason(rejected)


def _of_reason(rejected: Rejected) -> str:
    return hashlib.sha256(b"\0" + rejected.said(str).encode()).hexdigest()
