"""The page that a learner gets after grading: one HTML file that needs nothing but a browser.

It is made from what stands in the graded notebook and what the gradebook adds. No script is in it,
its content security policy lets none run, and nothing is fetched from anywhere.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import fsum, isclose

from jinja2 import Environment, PackageLoader
from markupsafe import Markup

from autograder.checking.judge.messages import words
from autograder.i18n import _, current_language, plural
from autograder.reports.html import markdown
from autograder.reports.html.check_table import Told
from autograder.reports.html.markup import seen
from autograder.reports.labels import points
from autograder.result import Verdict

NOTHING = Markup("")


@dataclass(frozen=True)
class Mark:
    """What one function or written answer was given.

    Attributes:
        name: the function's, or the answer's.
        place: the number of the learner's own cell, for links to it.
        score: what counts.
        most: what there was to be had.
        checks: of a function.
        waits: whether a person has still to decide.
        empty: whether it is an answer that was not written.
        test: what a test cell has shown, which gives the points by itself; None for others.
        given: whether a person has given the points.
    """

    name: str
    place: int
    score: float
    most: float
    checks: Sequence[Told] = ()
    waits: bool = False
    empty: bool = False
    test: Markup | None = None
    given: bool = False

    @property
    def passed(self) -> int:
        """How many checks have passed."""
        return sum(check.verdict is Verdict.PASSED for check in self.checks)

    @property
    def lost(self) -> list[Told]:
        """The checks that did not give all their points, but for those that wait for others."""
        return [each for each in self.checks if _lost(each) and not _only_waits(each)]

    @property
    def not_run(self) -> list[Told]:
        """The checks that wait for others."""
        return [each for each in self.checks if _only_waits(each)]

    @property
    def is_lost(self) -> bool:
        """Whether it is a test cell that did not give all its points."""
        return self.test is not None and not self.given and self.score < self.most

    @property
    def by_hand(self) -> bool:
        """Whether a person has given a function other points than its checks, or than its test."""
        if self.test is not None:
            return self.given
        found = fsum(check.points or 0.0 for check in self.checks)
        decided = all(check.points is not None for check in self.checks)
        same = decided and isclose(found, self.score, abs_tol=1e-9)
        return bool(self.checks) and not self.waits and not same


def _lost(check: Told) -> bool:
    return check.points is None or check.points < check.max_points


def _only_waits(check: Told) -> bool:
    return check.verdict is Verdict.NOT_RUN and check.points is not None and _lost(check)


@dataclass(frozen=True)
class Piece:
    """A cell of the notebook.

    Attributes:
        kind: `text`, `lesson` (code of ours), `own` (a learner's, code or text) or `report`.
        source: as HTML.
        outputs: likewise.
        comment: likewise.
        mark: what a report or a written answer is about.
        name: of code of ours.
    """

    kind: str
    source: Markup = NOTHING
    outputs: Markup = NOTHING
    comment: Markup = NOTHING
    mark: Mark | None = None
    name: str = ""


@dataclass(frozen=True)
class Feedback:
    """All that a page says.

    Attributes:
        assignment: its name.
        score: what counts in the end.
        most: what there was to be had.
        penalty: what was taken off for being late.
        rejected: why the file could not be read.
        pieces: the notebook.
    """

    assignment: str
    score: float
    most: float
    penalty: float
    rejected: str | None
    pieces: Sequence[Piece]

    @cached_property
    def marks(self) -> list[Mark]:
        """What each function and written answer was given, in the order of the notebook."""
        return [piece.mark for piece in self.pieces if piece.mark is not None]

    @property
    def checked(self) -> bool:
        """Whether anything in it was checked."""
        return any(mark.checks or mark.test is not None for mark in self.marks)

    @property
    def comments(self) -> Mapping[Markup, list[int]]:
        """What was written about the answers, and the numbers of the cells."""
        found: dict[Markup, list[int]] = defaultdict(list)
        for number, piece in enumerate(self.pieces):
            if piece.comment:
                found[piece.comment].append(number)
        return found

    @property
    def given(self) -> Mapping[tuple[str, str], int]:
        """How many checks of a function were taken with which of the reference's functions."""
        found: dict[tuple[str, str], int] = defaultdict(int)
        for mark in self.marks:
            for check in mark.checks:
                if check.given:
                    found[mark.name, words(check.given)] += 1
        return found


def html(feedback: Feedback) -> str:
    """The page."""
    return _TEMPLATE.render(feedback=feedback)


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("autograder.reports.html", ""),
        extensions=["jinja2.ext.i18n"],
        autoescape=True,
        finalize=seen,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.install_gettext_callables(_, plural, newstyle=True)  # type: ignore[attr-defined]
    environment.globals |= {"Verdict": Verdict, "current_language": current_language}
    environment.filters |= {
        "points": points,
        "sentence": _sentence,
    }
    return environment


def _sentence(text: str) -> Markup:
    return Markup(markdown.sentence(text))  # noqa: S704  # it has escaped it


_TEMPLATE = _environment().get_template("feedback.html.j2")
