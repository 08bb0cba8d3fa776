"""A whole class, from `submitted/` into nbgrader's books.

The judges of a pool do what takes time, for each submission on its own; one writer, here, has the
gradebook. What is found and what is written is what nbgrader's `autograde --force` and
`generate_feedback` find and write.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from types import TracebackType

import msgspec

from autograder.course.asserts_assignment import PlainAssignment
from autograder.course.assignment import Assignment
from autograder.grading.batch import take_all
from autograder.grading.pool import RunConfig
from autograder.grading.run import GradeRequest, Source, grade_without_gradebook
from autograder.grading.store import Ledger
from autograder.intake.find import SubmissionSource
from autograder.nbgrader import config, locks
from autograder.nbgrader.record_builder import RecordBuilder, RecordMaker
from autograder.nbgrader.records import GradebookSnapshot
from autograder.nbgrader.submitted import SubmittedTree
from autograder.nbgrader.writer import Writer
from autograder.result import SubmissionResult
from autograder.sandbox.isolation import InForce, Isolation


class GradebookRun(SubmittedTree):
    """What is to be graded into a course's books; use it in a `with` statement.

    When that ends, all that was graded is written.

    Args:
        assignment: what is graded.
        ledger: knows what went into the books before.

    Attributes:
        has: the students whom it has written into the books.

    Raises:
        BadConfig: nbgrader's configuration of the course cannot be used.
        Unusable: its gradebook cannot.
        Busy: somebody else is grading this assignment.
    """

    def __init__(self, assignment: Assignment | PlainAssignment, ledger: Ledger) -> None:
        super().__init__(assignment)
        self.ledger = ledger
        self.has: set[str] = set()
        name = assignment.name
        with ExitStack() as opened:
            opened.enter_context(locks.lock_exclusive(assignment.folder))
            locks.clear(Path(self.coursedir.root))
            book = opened.enter_context(closing(self.book(writing=True)))
            self.folders.clear()
            self.find(book)
            times = {each.student: self.folders.handed_in(each.student)[0] for each in self.found}
            self.books = GradebookSnapshot(
                config.packed(self.app.config), book.url, book.forms, book.standings(times)
            )
            clerk = RecordBuilder(self.books, name, plain=isinstance(assignment, PlainAssignment))
            self.writer = Writer(book, self.folders, clerk)
            self.scores = book.scores()
            self.opened = opened.pop_all()

    def __enter__(self) -> GradebookRun:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        with self.opened:
            self.writer.flush()
            self._note()
            self.besides = self.writer.book.besides()

    def stands(self, found: SubmissionSource, key: str, result: SubmissionResult) -> bool:
        """Whether the books have already all that a result gives them.

        Args:
            found: the submission.
            key: of its result in the ledger.
            result: the same.
        """
        score = self.scores.get(found.student)
        return (
            score is not None
            and math.isclose(score, result.score, abs_tol=1e-9)
            and self.folders.are_there(found.student)
            and self.ledger.filed(found.student) == self._digest(found.student, key)
        )

    def _digest(self, student: str, key: str) -> str:
        """Of all that a student's entries in the books come from."""
        standings = self.books.standings.get(student, {})
        parts = [key.encode(), self.common, msgspec.json.encode(standings, order="deterministic")]
        parts.append(self.folders.digest(student))
        return hashlib.sha256(b"".join(hashlib.sha256(each).digest() for each in parts)).hexdigest()

    @cached_property
    def common(self) -> bytes:
        """What the entries of all come from: configuration, its modules, the released notebook."""
        root = self.assignment.root
        modules = {path.name: path.read_bytes() for path in sorted(root.glob("*.py"))}
        parts = [self.books.config, self.books.forms, modules]
        return msgspec.json.encode(parts, order="deterministic")

    def _note(self) -> None:
        """Has the ledger know what the books have by now."""
        students, self.writer.written = self.writer.written, []
        self.has.update(students)
        keys = {student: self.ledger.latest(student) for student in students}
        self.ledger.file({name: self._digest(name, key) for name, key in keys.items() if key})

    def results(
        self,
        asked: GradeRequest,
        isolation: Isolation,
        in_force: InForce,
        found: Sequence[SubmissionSource],
    ) -> Iterator[SubmissionResult]:
        """Yield the results in the order of the submissions, each when it is sure to be written.

        Raises:
            SandboxError: the sandbox cannot be had, for these submissions or for any.
        """
        setting = RunConfig(
            self.assignment.root.absolute(),
            self.assignment.name,
            asked.secret,
            isolation,
            RecordMaker(self.books),
            self.assignment.language,
            asked.follows,
        )
        for each in take_all(
            setting,
            found,
            workers=asked.workers,
            in_force=in_force,
            scheduler=asked.scheduler,
        ):
            said = self.writer.add(each.result.student, each.post_processed)
            yield msgspec.structs.replace(
                each.result, observations=(*each.result.observations, *said)
            )
            self._note()  # after the ledger has the result too
        self.writer.flush()
        self._note()


def open_gradebook(
    asked: GradeRequest, ledger: Ledger, in_force: InForce, opened: ExitStack
) -> Source:
    """Return all that nbgrader finds, graded into the gradebook; in a dry run only compared.

    Raises:
        BadConfig: nbgrader's configuration of the course cannot be used.
        Unusable: its gradebook cannot.
        Busy: another run grades this assignment into the gradebook.
    """
    if asked.dry_run:
        tree = SubmittedTree(asked.assignment)
        with closing(tree.book(writing=False)) as book:
            tree.find(book)
        level = tree.level(asked.isolation)
        source = Source(tree.found, level, grade_without_gradebook(asked, level, in_force))
    else:
        tree = run = opened.enter_context(GradebookRun(asked.assignment, ledger))
        level = run.level(asked.isolation)
        grade = partial(run.results, asked, level, in_force)
        source = Source(run.found, level, grade, run.stands, run.has.__contains__)
    return replace(
        source,
        skipped=tree.passed_over,
        print_totals=tree.print_totals,
        without_feedback=tree.elsewhere,
    )
