"""The comparison of two runs: changed scores, and other differences."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from autograder.i18n import _
from autograder.result import Change, Result, changed


@dataclass(frozen=True)
class Comparison:
    """The changes since an earlier run.

    Attributes:
        changes: the places of students in this run and their changes, the largest losses first.
        came: the places of students who are only in this run.
        gone: the names of students who are only in the earlier run.
    """

    changes: tuple[tuple[int, Change], ...]
    came: tuple[int, ...]
    gone: tuple[str, ...]
    differences: tuple[str, ...]

    @property
    def falls(self) -> int:
        """The number of lower scores."""
        return sum(change.lower for _, change in self.changes)


def compare(before: Result, now: Result) -> Comparison:
    """Compare a run with an earlier run of the same assignment."""
    old = {each.student: each for each in before.submissions}
    changes, came = [], []
    for place, each in enumerate(now.submissions):
        if each.student not in old:
            came.append(place)
        elif change := changed(old[each.student], each, ()):
            changes.append((place, change))
    changes.sort(key=lambda each: (not each[1].lower, each[1].now.score - each[1].before.score))
    there = {each.student for each in now.submissions}
    return Comparison(
        tuple(changes),
        tuple(came),
        tuple(name for name in old if name not in there),
        tuple(_differences(before, now)),
    )


def _differences(before: Result, now: Result) -> Iterator[str]:
    if before.assignment_digest != now.assignment_digest:
        yield _("The lesson, the checks, the known mistakes or the reference have changed.")
    if before.secret_fingerprint != now.secret_fingerprint:
        yield _(
            "The inputs were made from another secret or seed, so the checks used other numbers."
        )
    elif now.secret_fingerprint is None:
        yield _(
            "Both runs used a public seed. A result does not record which one, so the "
            "seeds may differ."
        )
    if before.inputs != now.inputs:
        yield _(
            "One run used separate inputs for each notebook, the other the same inputs for all."
        )
    for what, then, since in (
        ("autograder", before.grader, now.grader),
        ("numpy", before.numpy, now.numpy),
        ("BLAS", before.blas, now.blas),
        (_("The processor"), before.processor, now.processor),
    ):
        if then != since:
            was = _("{what} was {then}, and is {now}.")
            unknown = _("not recorded")
            yield was.format(what=what, then=then or unknown, now=since or unknown)
    if set(before.isolation) != set(now.isolation):
        yield _("The sandbox had other layers.")
