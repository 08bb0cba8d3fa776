"""The page that a student gets after grading: one HTML file that needs nothing but a browser.

It shows the graded notebook and the scores in the gradebook. It has no script, its content security
policy lets none run, and the browser loads nothing else.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import fsum, isclose

from markupsafe import Markup

from autograder.checking.judge.messages import words
from autograder.reports.html.check_table import CheckRow
from autograder.reports.html.templates import render
from autograder.result import Verdict

NOTHING = Markup("")

MAX_UNFOLDED = 3
"""Lost checks of a function that are not folded."""


@dataclass(frozen=True)
class TestLine:
    """A line of a test, with its number; marked if the test stopped there."""

    text: str
    marked: bool


@dataclass(frozen=True)
class ItemScore:
    """The points of one function, written answer or test.

    Attributes:
        place: the number of the student's own cell, for links to it.
        score: the points that count.
        most: the points that the item is worth.
        waits: whether a person must still decide.
        empty: whether it is an answer that was not written.
        test: the output of a test cell, if the cell itself gives the points; None for others.
        excerpt: the lines of the test around the one at which it stopped.
    """

    name: str
    place: int
    score: float
    most: float
    checks: Sequence[CheckRow] = ()
    waits: bool = False
    empty: bool = False
    test: Markup | None = None
    excerpt: Sequence[TestLine] = ()
    given: bool = False

    @property
    def passed(self) -> int:
        """The number of checks that passed."""
        return sum(check.verdict is Verdict.PASSED for check in self.checks)

    @property
    def counted(self) -> int:
        """The number of checks that were not withdrawn."""
        return sum(not check.withdrawn for check in self.checks)

    @property
    def lost(self) -> list[CheckRow]:
        """The checks that did not give all their points, except those that wait for others."""
        return [
            each
            for each in self.checks
            if _lost(each) and not _only_waits(each) and not self.is_settled(each)
        ]

    @property
    def reason(self) -> str | None:
        """The message that all checks which lost points share, if there are several."""
        messages = {each.message for each in self.lost}
        return messages.pop() if len(messages) == 1 < len(self.lost) else None

    @property
    def shown(self) -> int:
        """The number of lost checks that are not folded: one if a shared reason explains them."""
        hinted = any(each.hint or each.notes for each in self.lost[1:])
        return 1 if self.reason and not hinted else MAX_UNFOLDED

    @property
    def not_run(self) -> list[CheckRow]:
        """The checks that wait for others."""
        return [each for each in self.checks if _only_waits(each)]

    def is_settled(self, check: CheckRow) -> bool:
        """Return whether a check was left to a person who has set the points by now."""
        return self.by_hand and check.points is None

    @property
    def in_part(self) -> bool:
        """Whether some of its checks are decided."""
        return any(check.points is not None for check in self.checks)

    @property
    def is_lost(self) -> bool:
        """Whether it is a test cell that did not give full points."""
        return self.test is not None and self.score < self.most

    @property
    def is_listed(self) -> bool:
        """Whether the page begins with it: points were lost in a function, a test or an answer."""
        lowered = self.by_hand and self.score < self.most
        return bool(self.lost or self.not_run or self.is_lost or lowered or self.unanswered)

    @property
    def unanswered(self) -> bool:
        """Whether points were lost because no answer was written."""
        return self.empty and not self.waits and not self.by_hand and self.score < self.most

    @property
    def by_hand(self) -> bool:
        """Whether a person has set the points of a function or a test."""
        if self.given or self.test is not None:
            return self.given and (self.test is not None or bool(self.checks))
        found = fsum(check.points or 0.0 for check in self.checks)
        decided = all(check.points is not None for check in self.checks)
        same = decided and isclose(found, self.score, abs_tol=1e-9)
        return bool(self.checks) and not self.waits and not same


def _lost(check: CheckRow) -> bool:
    return check.points is None or check.points < check.max_points


def _only_waits(check: CheckRow) -> bool:
    return check.verdict is Verdict.NOT_RUN and check.points is not None and _lost(check)


@dataclass(frozen=True)
class Piece:
    """A cell of the notebook.

    Attributes:
        kind: `text`, `lesson` (code of the lesson), `own` (an answer of the student's), `other`
            (another cell that the student may change) or `report`.
        mark: the points of a report or a written answer.
        name: the name of the lesson's code, or of the answer.
        number: the number of a code cell among the code cells, as messages name it; 0 for text.
        stopped: the error that stopped an answer's code, as HTML.
    """

    kind: str
    source: Markup = NOTHING
    outputs: Markup = NOTHING
    comment: Markup = NOTHING
    mark: ItemScore | None = None
    name: str = ""
    number: int = 0
    stopped: Markup = NOTHING


def standing(score: float, *, waits: bool) -> str:
    """Return a score and whether points are open, as a page states them."""
    rounded = round(score, 6) + 0.0  # turns -0.0 into 0.0
    return f"{rounded:.6g}{' open' if waits else ''}"


@dataclass(frozen=True)
class Feedback:
    """Everything that a page says.

    Attributes:
        title: the first heading of the notebook.
        course: the name of the course; empty if there is none.
        score: the points that count in the end.
        most: the points that the notebook is worth.
        penalty: the points subtracted for being late.
    """

    assignment: str
    title: str
    student: str
    course: str
    date: str
    score: float
    most: float
    penalty: float
    rejected: str | None
    pieces: Sequence[Piece]

    @cached_property
    def marks(self) -> list[ItemScore]:
        """The points of each function, answer and test, in the order of the notebook."""
        return [piece.mark for piece in self.pieces if piece.mark is not None]

    @property
    def standing(self) -> str:
        """The score in a form for programs; see `standing`."""
        return standing(self.score, waits=any(mark.waits for mark in self.marks))

    @property
    def checked(self) -> bool:
        """Whether anything in it was checked."""
        return any(mark.checks or mark.test is not None for mark in self.marks)

    @property
    def waits(self) -> bool:
        """Whether a person must still decide some points of a check or a test."""
        return any(mark.waits for mark in self.marks if mark.checks or mark.test is not None)

    @property
    def verdicts(self) -> list[Verdict]:
        """The verdicts that the page shows."""
        shown = {
            each.verdict
            for mark in self.marks
            for each in mark.checks
            if not mark.is_settled(each) and not each.withdrawn
        }
        return [each for each in Verdict if each in shown]

    @property
    def comments(self) -> Mapping[Markup, list[int]]:
        """The comments on the answers, and the places of the cells."""
        found: dict[Markup, list[int]] = defaultdict(list)
        for number, piece in enumerate(self.pieces):
            if piece.comment:
                found[piece.comment].append(number)
        return found

    @property
    def stopped(self) -> Mapping[int, Piece]:
        """The student's cells that an error stopped, if a test lost points, by their places."""
        if not any(mark.is_lost for mark in self.marks):
            return {}
        return {place: piece for place, piece in enumerate(self.pieces) if piece.stopped}

    @property
    def given(self) -> Mapping[tuple[str, str], int]:
        """The number of checks of a function that used which of the reference's functions."""
        found: dict[tuple[str, str], int] = defaultdict(int)
        for mark in self.marks:
            for check in mark.checks:
                if check.given:
                    found[mark.name, words(check.given)] += 1
        return found


def html(feedback: Feedback) -> str:
    """Return the page."""
    return render("feedback.html.j2", feedback=feedback)
