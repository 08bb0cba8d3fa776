"""Grade a whole class from `submitted/` into nbgrader's gradebook, `autograded/` and `feedback/`.

Grading processes do the slow work for each submission by itself. One writer, in this process, owns
the gradebook. It finds and writes what nbgrader's `autograde --force` and `generate_feedback` would
find and write.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path

import msgspec

from autograder.course.asserts_assignment import PlainAssignment
from autograder.course.assignment import Assignment
from autograder.grading.incremental import Record
from autograder.grading.pool import RunConfig
from autograder.grading.run import GradeRequest, GradingJob, grade_without_gradebook
from autograder.grading.store import Ledger
from autograder.intake.find import SubmissionSource
from autograder.nbgrader import config, locks
from autograder.nbgrader.record_builder import RecordBuilder, record_maker
from autograder.nbgrader.records import GradebookSnapshot
from autograder.nbgrader.submitted import SubmittedTree
from autograder.nbgrader.uploads import without_release
from autograder.nbgrader.writer import Writer
from autograder.result import SubmissionResult
from autograder.sandbox.isolation import InForce


class GradebookRun(SubmittedTree):
    """A run that grades into a course's gradebook; use it in a `with` statement.

    When the statement ends, everything that was graded is written.

    The ledger remembers what was written into the gradebook before.

    Attributes:
        in_gradebook: the students who have been written into the gradebook.
        in_ledger: the students whose result of this run is in the ledger.

    Raises:
        BadConfig: nbgrader's configuration of the course cannot be used.
        Unusable: its gradebook cannot be used.
        Busy: another command is grading this assignment.
    """

    def __init__(self, assignment: Assignment | PlainAssignment, ledger: Ledger) -> None:
        super().__init__(assignment)
        self.ledger = ledger
        self.in_gradebook: set[str] = set()
        self.in_ledger: set[str] = set()
        self.record: Record = lambda _students: None
        name = assignment.name
        with ExitStack() as opened:
            opened.enter_context(locks.lock(assignment.folder))
            locks.clear(Path(self.coursedir.root))
            book = opened.enter_context(closing(self.book(writing=True)))
            self.folders.clear()
            self.find(book)
            times = {
                each.student: self.folders.submission_time(each.student)[0]
                for each in self.submissions
            }
            self.snapshot = GradebookSnapshot(
                config.packed(self.app.config), book.url, book.forms, book.manual_entries(times)
            )
            builder = RecordBuilder(
                self.snapshot, name, plain=isinstance(assignment, PlainAssignment)
            )
            self.writer = Writer(
                book,
                self.folders,
                builder,
                self._written,
                ledger.is_filed_notebook,
                flag_all=self.flag_all,
            )
            self.scores = book.scores()
            self.opened = opened.pop_all()

    def __enter__(self) -> GradebookRun:
        return self

    def __exit__(self, *_exception: object) -> None:
        with self.opened:
            # Without its result in the ledger, an entry cannot be recorded: the next run grades it.
            waiting = self.writer.waiting
            self.writer.waiting = [each for each in waiting if each.student in self.in_ledger]
            left = [each.student for each in waiting if each.student not in self.in_ledger]
            self.folders.bring_back(left)
            self.writer.flush()
            self.manual_totals = self.writer.book.manual_totals()

    def is_up_to_date(self, source: SubmissionSource, key: str, result: SubmissionResult) -> bool:
        """Tell whether the gradebook already holds everything that a result gives it.

        `key` is the result's key in the ledger.
        """
        score = self.scores.get(source.student)
        return (
            score is not None
            and math.isclose(score, result.score, abs_tol=1e-9)
            and self.folders.are_there(source.student)
            and self.ledger.filed(source.student) == self._digest(source.student, key)
        )

    def _digest(self, student: str, key: str) -> str:
        """Return the digest of everything that a student's entries are made from."""
        manual_entries = self.snapshot.manual_entries.get(student, {})
        entered = msgspec.json.encode(manual_entries, order="deterministic")
        parts = [key.encode(), self.common, entered, self.folders.digest(student)]
        return hashlib.sha256(b"".join(hashlib.sha256(each).digest() for each in parts)).hexdigest()

    @cached_property
    def common(self) -> bytes:
        """Return what all entries depend on: configuration, its modules, the released notebook."""
        root = self.assignment.root
        modules = {path.name: path.read_bytes() for path in sorted(root.glob("*.py"))}
        parts = [self.snapshot.config, self.snapshot.forms, modules]
        return msgspec.json.encode(parts, order="deterministic")

    def _written(self, students: Sequence[str]) -> None:
        """Record the content of the gradebook, in the step in which it was written."""
        self.in_gradebook.update(students)
        self.record(students)
        keys = {student: self.ledger.latest(student) for student in students}
        self.ledger.file({name: self._digest(name, key) for name, key in keys.items() if key})

    def results(
        self,
        request: GradeRequest,
        run_config: RunConfig,
        in_force: InForce,
        submissions: Sequence[SubmissionSource],
        record: Record,
    ) -> Iterator[SubmissionResult]:
        """Yield the results in the order of the submissions, each when it is sure to be written.

        Raises:
            SandboxError: the sandbox is not available, for these submissions or for any.
        """
        self.record = record
        run_config = replace(run_config, post_processor=partial(record_maker, self.snapshot))
        for each in request.grade_all(run_config, submissions, in_force):
            said = self.writer.add(each.result.student, each.post_processed)
            yield msgspec.structs.replace(
                each.result, observations=(*each.result.observations, *said)
            )
            self.in_ledger.add(each.result.student)  # the caller has stored it by now
        self.writer.flush()


def open_gradebook(
    request: GradeRequest, ledger: Ledger, in_force: InForce, opened: ExitStack
) -> GradingJob:
    """Return the submissions that nbgrader finds: graded, or in a dry run only compared."""
    if request.dry_run:
        tree = SubmittedTree(request.assignment)
        with closing(tree.book(writing=False)) as book:
            tree.find(book)
        run_config = tree.configured(request.run_config)
        grade = grade_without_gradebook(request, run_config, in_force)
        job = GradingJob(tree.submissions, run_config, grade)
    else:
        tree = run = opened.enter_context(GradebookRun(request.assignment, ledger))
        run_config = run.configured(request.run_config)
        grade = partial(run.results, request, run_config, in_force)
        job = GradingJob(
            run.submissions, run_config, grade, run.is_up_to_date, run.in_gradebook.__contains__
        )
    return replace(
        job,
        skipped=tree.skipped,
        missing=tree.missing,
        print_totals=tree.print_totals,
        without_feedback=partial(without_release, tree.coursedir, request.assignment.name),
    )
