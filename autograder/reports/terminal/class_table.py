"""The class in the terminal: a line for each student, and a summary.

Results are read one by one and not kept, so memory does not grow with the class.
"""

from __future__ import annotations

import statistics
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from itertools import chain

import msgspec
from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text

from autograder.checking.diagnosis.findings import of_any_line, sentence
from autograder.i18n import _, plural
from autograder.reports.distribution import bins
from autograder.reports.labels import points
from autograder.reports.needs_review import Reason, review_reasons
from autograder.reports.terminal.submission import legend, plain
from autograder.result import Finding, Status, SubmissionResult

BARS = " ▁▂▃▄▅▆▇█"

MAX_CHECKS, MAX_MISTAKES, MAX_REVIEWS = 3, 3, 10
"""The numbers of checks, mistakes and submissions that are listed."""

MAX_DETAILED = 10
"""The largest class of which every check is printed; a larger one gets a line per student."""

MAX_NAME_WIDTH = 32
"""Columns of the widest name that shares a line with the score."""

SCORE_WIDTH = 7
"""Columns of a score and the asterisk behind it."""


class ClassCounts:
    """Count the results of a class.

    If they are in a gradebook, it knows which answers wait, so their number is not printed.
    """

    def __init__(self, *, in_gradebook: bool) -> None:
        self._in_gradebook = in_gradebook
        self._scores = array("d")
        self._most = 0.0
        self._rejected = 0
        self._given: defaultdict[str, float] = defaultdict(float)
        self._worth: defaultdict[str, float] = defaultdict(float)
        self._mistakes: Counter[str] = Counter()
        self._causes: Counter[bytes] = Counter()
        self._to_review: list[str] = []
        self._need_review = 0
        self._written = 0.0
        self._answered = 0

    def add(self, result: SubmissionResult) -> None:
        """Count one submission."""
        if result.status is Status.REJECTED:
            self._rejected += 1
        else:
            self._scores.append(result.score)
        self._most = max(self._most, result.max_score)
        for check in result.checks:
            if check.points is not None:
                self._given[check.id] += check.points
                self._worth[check.id] += check.max_points
        self._mistakes.update({check.mistake for check in result.checks if check.mistake})
        self._causes.update(
            {
                msgspec.json.encode((each.function, of_any_line(each.finding)))
                for each in result.checks
                if each.finding is not None
            }
        )
        self._written = max(self._written, sum(each.max_points for each in result.written))
        self._answered += any(each.points is None for each in result.written)
        why = [str(look) for look in review_reasons(result)]
        self._need_review += bool(why)
        if why and len(self._to_review) < MAX_REVIEWS:
            self._to_review.append(f"{result.student}  {'; '.join(why)}")

    def show(self, console: Console) -> None:
        """Print the summary in 80 columns or less."""
        graded = len(self._scores)
        counts = plural(
            "{all} submissions: {graded} graded, {rejected} rejected, 1 needs review.",
            "{all} submissions: {graded} graded, {rejected} rejected, {looks} need review.",
            self._need_review,
        )
        console.print(
            counts.format(
                all=graded + self._rejected,
                graded=graded,
                rejected=self._rejected,
                looks=self._need_review,
            )
        )
        if self._scores:
            average = _("Mean {mean}/{most}, median {median}.")
            console.print(
                average.format(
                    mean=f"{statistics.fmean(self._scores):.1f}",
                    most=points(self._most),
                    median=points(statistics.median(self._scores)),
                )
            )
        if self._written and not self._answered:
            empty = _(
                "Nobody wrote an answer for the {points} more points that are graded by hand."
            )
            console.print(empty.format(points=points(self._written)))
        elif self._written and self._in_gradebook:
            by_hand = _("{points} more points are graded by hand.")
            console.print(by_hand.format(points=points(self._written)))
        elif self._written:
            without = plural(
                "{points} more points are graded by hand, in 1 submission.",
                "{points} more points are graded by hand, in {number} submissions.",
                self._answered,
            )
            said = without.format(points=points(self._written), number=self._answered)
            console.print(said)
        for head, lines in (
            (_("Scores:"), self._bars()),
            (_("Hardest checks (average share of the points):"), self._hardest()),
            (_("Known mistakes (number of students):"), self._commonest_mistakes()),
            (_("Other causes (number of students):"), self._commonest_causes()),
            (_("Needs review:"), self._reviews()),
        ):
            for number, line in enumerate(lines):
                if number == 0:
                    console.print()
                    console.print(Text(head, "bold"))
                console.print(Text(f"  {plain(line)}"), no_wrap=True, overflow="ellipsis")

    def _bars(self) -> Iterator[str]:
        if not self._scores or not self._most:
            return
        counted = bins(self._scores, self._most)
        highest = max(each.students for each in counted)
        bars = "".join(BARS[-(-8 * each.students // highest)] for each in counted)
        yield f"0 |{bars}| {points(counted[-1].high)}"
        step = counted[0].high
        each_bar = plural(
            "one bar per point; tallest bar: {students}",
            "one bar per {step} points; tallest bar: {students}",
            step,
        )
        yield each_bar.format(step=points(step), students=highest)

    def _hardest(self) -> Iterator[str]:
        parts = {name: self._given[name] / worth for name, worth in self._worth.items() if worth}
        for name in sorted(parts, key=parts.__getitem__)[:MAX_CHECKS]:
            if parts[name] < 1:
                yield f"{100 * parts[name]:3.0f}%  {name}"

    def _commonest_mistakes(self) -> Iterator[str]:
        for name, count in self._mistakes.most_common(MAX_MISTAKES):
            yield f"{count:3}  {name}"
        yield from _more(len(self._mistakes) - MAX_MISTAKES)

    def _commonest_causes(self) -> Iterator[str]:
        for encoded, count in self._causes.most_common(MAX_MISTAKES):
            function, finding = msgspec.json.decode(encoded, type=tuple[str, Finding])
            yield f"{count:3}  {function}: {sentence(finding)}"
        yield from _more(len(self._causes) - MAX_MISTAKES)

    def _reviews(self) -> Iterator[str]:
        yield from self._to_review
        yield from _more(self._need_review - len(self._to_review))


def _more(number: int) -> Iterator[str]:
    if number > 0:
        yield _("and {number} more").format(number=number)


def table(
    console: Console,
    students: Iterable[str],
    results: Iterable[SubmissionResult],
    *,
    in_gradebook: bool,
) -> None:
    """Print a line for each student, and the summary of the class.

    The names set the width of the first column. See `ClassCounts` for `in_gradebook`.
    """
    student, mark, look = _("student"), _right(_("points"), SCORE_WIDTH - 1), _("needs review")
    width = min(max(map(cell_len, map(plain, chain([student], students)))), MAX_NAME_WIDTH)
    console.print(Text(f"{set_cell_size(student, width)}  {mark}  {look}", "bold"))
    overview, provisional = ClassCounts(in_gradebook=in_gradebook), False
    for result in results:
        overview.add(result)
        provisional |= result.provisional
        name = plain(result.student)
        if cell_len(name) > width:
            console.print(Text(name))
            name = ""
        mark = points(result.score) + ("*" if result.provisional else " ")
        line = Text(f"{set_cell_size(name, width)}  {_right(mark, SCORE_WIDTH)} ")
        line.append(plain(_notes(result)), "dim")
        line.rstrip()
        console.print(line, no_wrap=True, overflow="ellipsis")
    if provisional:
        console.print(legend())
    console.print()
    overview.show(console)


def _right(text: str, width: int) -> str:
    """Align a text to the right; a Chinese character takes two columns."""
    return " " * (width - cell_len(text)) + text


def _notes(result: SubmissionResult) -> str:
    """Return why a submission needs review; of several observations, only the first."""
    notes, seen = [], []
    for look in review_reasons(result):
        if look.reason is Reason.OBSERVED:
            seen.append(look.text)
        elif look.reason is Reason.UNDECIDED:
            count = sum(check.points is None for check in result.checks)
            undecided = plural(
                "* decide 1 check by hand", "* decide {number} checks by hand", count
            )
            notes.append(undecided.format(number=count))
        else:
            notes.append(str(look))
    if seen:
        more = _("{observation} (and {number} more)")
        several = more.format(observation=seen[0], number=len(seen) - 1)
        notes.append(several if len(seen) > 1 else seen[0])
    return "; ".join(notes)
