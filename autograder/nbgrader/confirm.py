"""Confirm scores in the gradebook from the command line, as formgrader does cell by cell."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import closing

from autograder.course.asserts_assignment import PlainAssignment
from autograder.course.assignment import Assignment
from autograder.i18n import _
from autograder.nbgrader import locks
from autograder.nbgrader.submitted import SubmittedTree


def confirm(assignment: Assignment | PlainAssignment, students: Collection[str]) -> Iterator[str]:
    """Confirm scores as they stand (see `Book.confirm`), and yield sentences about it."""
    tree = SubmittedTree(assignment)
    with locks.lock(assignment.folder), closing(tree.book(writing=True)) as book:
        done = book.confirm(students)
    confirmed = _("Final now: {students}.")
    yield confirmed.format(students=", ".join(done.students) or _("nobody"))
    if done.zeros:
        zeros = _(
            "Points that nobody had decided count as 0 for {students}. `autograder grade {name} "
            "--gradebook` renews their pages."
        )
        yield zeros.format(students=", ".join(done.zeros), name=assignment.name)
    if done.lower:
        lower = _(
            "Points set by hand count for {students}, although the checks now give more. Look at "
            "them in formgrader."
        )
        yield lower.format(students=", ".join(done.lower))
    if done.waiting:
        waiting = _("Submissions that still need review: {students}.")
        yield waiting.format(students=", ".join(done.waiting))
