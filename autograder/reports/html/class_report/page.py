"""The page of the class report.

Students' names and texts reach the page through Jinja2's escaping, or as JSON that a script inserts
as text. A Content-Security-Policy allows only the report's own style and script, by their hashes.
"""

from __future__ import annotations

import base64
import hashlib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markupsafe import Markup

from autograder.checking.diagnosis import findings
from autograder.i18n import N_, _
from autograder.reports.distribution import Distribution, distribution
from autograder.reports.html.class_report import charts, items, tally
from autograder.reports.html.class_report.comparison import compare
from autograder.reports.html.class_report.pseudonyms import Hider, pseudonyms
from autograder.reports.html.templates import SCRIPT, STYLE, render
from autograder.reports.labels import points
from autograder.reports.needs_review import Reason, ReviewReason, review_reasons
from autograder.result import CheckResult, Result, Status, SubmissionResult, Verdict, result_from

SENTENCES = {
    "ascending": N_("Sorted by {column}, ascending."),
    "descending": N_("Sorted by {column}, descending."),
    "search": N_("Search"),
    "search_in": N_("Search: {heading}"),
    "shown": N_("{shown} of {all}"),
    "rows_shown": N_("{shown} of {all} rows are shown."),
    "recognised": N_("Recognised:"),
    "all_passed": N_("Every check that was run passed."),
    "pseudonyms": N_("Pseudonyms are shown."),
    "names": N_("Names are shown."),
    "save": N_("Save as CSV"),
    "save_what": N_("Save as CSV: {heading}"),
}
"""The sentences of the script, by the names that it uses."""


MAX_HARDEST = 3
"""The number of checks that the report begins with."""


@dataclass(frozen=True)
class Wording:
    """The current sentences of an assignment's checks and mistakes, by their ids and names."""

    digest: str
    checks: Mapping[str, str]
    mistakes: Mapping[str, str]


class _Texts:
    """The names and quotations of a page, each with its replacement when names are hidden.

    `others` are the names of students who have no submission.
    """

    def __init__(self, submissions: Sequence[SubmissionResult], others: Sequence[str]) -> None:
        names = [*(each.student for each in submissions), *others]
        aliases = pseudonyms(len(names))
        self._class = names
        self._hider = Hider(names, aliases)
        self.names = [[visible(name), alias] for name, alias in zip(names, aliases, strict=True)]
        self.quotes: list[list[str]] = []

    def name(self, place: int) -> Markup:
        """Return a student's name."""
        return Markup('<bdi data-name="{}">{}</bdi>').format(place, self.names[place][0])

    def anonymous(self, text: str, place: int) -> str:
        """Return a text about a student without any names."""
        return visible(self._hider.hide(text, self._class[place]))

    def quote(self, text: str, place: int) -> Markup:
        """Return a text about a student that may contain names."""
        self.quotes.append([visible(text), self.anonymous(text, place)])
        quote = Markup('<bdi class="quote" data-quote="{}">{}</bdi>')
        return quote.format(len(self.quotes) - 1, visible(text))


def page(
    result: Result,
    wording: Wording,
    previous: Result | None = None,
    *,
    missing: Sequence[str] | None = None,
    course: str = "",
    date: str = "",
) -> str:
    """Return the class report of a result with submissions as HTML, in the current language.

    `missing` are the students without a submission; None if nobody knows who is in the course.
    """
    submissions = result.submissions
    comparison = None if previous is None else compare(previous, result)
    gone = comparison.gone if comparison else ()
    texts = _Texts(submissions, (*gone, *(missing or ())))
    marks, analysed = distribution(submissions), items.analyse(submissions)
    plotted = [each for each in analysed if each.discrimination is not None]
    students = marks.students if marks else 0
    mistakes = tally.mistakes(submissions)
    looks = _looks(submissions)
    first_missing = len(submissions) + len(gone)
    values: dict[str, Any] = {}
    for name, share in (("nobody", 0.0), ("everybody", 1.0)):
        values[name] = [
            each.id for each in analysed if each.difficulty == share and not each.withdrawn
        ]
    return render(
        "class_report/page.html.j2",
        **values,
        result=result,
        wording=wording,
        marks=marks,
        histogram=charts.histogram(marks.bins, _in_words(marks)) if marks else None,
        item_map=charts.item_map(analysed, _map_in_words(plotted)) if plotted else None,
        items=analysed,
        hardest=_hardest(analysed),
        margin=items.margin(students) if students > 1 else None,
        MIN_STUDENTS=items.MIN_STUDENTS,
        LOW=items.MIN_DISCRIMINATION,
        shares=tally.shares(submissions),
        mistakes=mistakes,
        cause=_cause,
        faults=tally.faults(submissions),
        comparison=comparison,
        gone=range(len(submissions), first_missing),
        missing=None if missing is None else range(first_missing, first_missing + len(missing)),
        course=course,
        date=date,
        rejected=sum(each.status is Status.REJECTED for each in submissions),
        provisional=sum(each.provisional for each in submissions),
        looks=looks,
        to_review=_by_submission(looks),
        order=list(Reason),
        texts=texts,
        data=_data(submissions, analysed, wording, texts, mistakes),
        by_function=tally.by_function,
        points_of=tally.points_of,
        visible=visible,
        shade=shade,
        Status=Status,
        policy=policy(),
    )


def _hardest(analysed: Sequence[items.Item]) -> list[items.Item]:
    """Return the checks that gave the smallest share of their points, the hardest one first."""
    lost = [
        (each.difficulty, each)
        for each in analysed
        if each.difficulty is not None and each.difficulty < 1 and not each.withdrawn
    ]
    return [each for _difficulty, each in sorted(lost, key=lambda pair: pair[0])[:MAX_HARDEST]]


def _cause(made: tally.Made) -> str:
    """Return the sentence of a finding, or nothing if this version does not know its kind."""
    finding = made.check.finding
    return findings.sentence(finding) if finding and finding.kind in findings.KINDS else ""


def _by_submission(
    looks: Sequence[tuple[int, SubmissionResult, ReviewReason]],
) -> list[tuple[int, SubmissionResult, list[str]]]:
    """Return the submissions that need review, each with its reasons."""
    found: dict[int, tuple[int, SubmissionResult, list[str]]] = {}
    for place, each, look in looks:
        reasons = found.setdefault(place, (place, each, []))[2]
        if _(look.reason) not in reasons:
            reasons.append(_(look.reason))
    return list(found.values())


def _looks(
    submissions: Sequence[SubmissionResult],
) -> list[tuple[int, SubmissionResult, ReviewReason]]:
    """Return the reasons for review: undecided checks first, rejected submissions last."""
    order = list(Reason)
    found = [
        (place, each, look)
        for place, each in enumerate(submissions)
        for look in review_reasons(each)
    ]
    return sorted(found, key=lambda each: order.index(each[2].reason))


def visible(text: str) -> str:
    """Remove characters that may not be in a page."""
    return "".join(
        "�" if unicodedata.category(each) == "Cc" and each != "\n" else each for each in text
    )


def shade(given: float | None, most: float) -> int:
    """Return a shade from 0 for no points to 4 for all."""
    if given is None or most <= 0:
        return 4
    return 4 if given >= most else int(4 * max(given, 0.0) / most)


def _in_words(marks: Distribution) -> str:
    lower, middle, upper = (points(each) for each in marks.quartiles)
    histogram = _(
        "Histogram of the scores of {students} students, from 0 to {most} points. "
        "Quartiles: {lower} and {upper}, median: {middle}. The table below has the "
        "numbers."
    )
    return histogram.format(
        students=marks.students, most=points(marks.most), lower=lower, upper=upper, middle=middle
    )


def _map_in_words(plotted: Sequence[items.Item]) -> str:
    shown = _("Difficulty and discrimination of {number} checks. The table below has the numbers.")
    return shown.format(number=len(plotted))


def policy() -> str:
    """Return the Content-Security-Policy that allows only our own style and script."""
    return (
        f"default-src 'none'; img-src data:; style-src {_hash(STYLE)}; "
        f"script-src {_hash(SCRIPT)}; base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"'sha256-{digest}'"


def _data(
    submissions: Sequence[SubmissionResult],
    analysed: Sequence[items.Item],
    wording: Wording,
    texts: _Texts,
    made: Mapping[tuple[str, str], tally.Made],
) -> dict[str, Any]:
    """Return the data for the script: names, and the checks of each student that did not pass."""
    mistakes = {key: number for number, key in enumerate(made)}
    checks = {each.id: number for number, each in enumerate(analysed)}

    def lost(check: CheckResult) -> list[Any]:
        key = tally.mistake_of(check)
        mistake = None if key is None else mistakes[key]
        return [checks[check.id], check.verdict, check.points, check.max_points, mistake]

    return {
        "names": texts.names,
        "quotes": texts.quotes,
        "words": {name: _(sentence) for name, sentence in SENTENCES.items()},
        "verdicts": {str(verdict): verdict.label for verdict in Verdict},
        "withdrawn": _("withdrawn"),
        "checks": [[each.id, wording.checks.get(each.id, "")] for each in analysed],
        "mistakes": [[each.name, wording.mistakes.get(each.name, "")] for each in made.values()],
        "lost": [
            [lost(check) for check in each.checks if check.verdict is not Verdict.PASSED]
            for each in submissions
        ],
    }


def read(path: Path, assignment: str) -> Result:
    """Read a result of an assignment from a file.

    Raises:
        OSError: the file cannot be read.
        ValueError: it contains no result, another version or assignment, or no submission.
    """
    result = result_from(path.read_bytes(), path)
    if result.assignment != assignment:
        other = _(
            "{path} is a result of {other}, not of {assignment}: name another file or "
            "another assignment."
        )
        raise ValueError(other.format(path=path, other=result.assignment, assignment=assignment))
    if not result.submissions:
        nobody = _("{path} contains no submissions: grade some first.")
        raise ValueError(nobody.format(path=path))
    return result
