"""The result as JUnit XML, which build servers read: a suite for each submission.

The form is that of `junit-10.xsd` in Jenkins' xUnit plugin, which other servers take too.
Observations for the instructor are not in it, because students may read what a build server shows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from xml.etree import ElementTree

from autograder.i18n import _
from autograder.reports.labels import points
from autograder.reports.terminal.submission import plain
from autograder.result import CheckResult, JUnitOutcome, Result, Status, SubmissionResult


def outcome(check: CheckResult) -> JUnitOutcome:
    """Return the outcome of a check in JUnit XML; an undecided check counts as skipped."""
    known = check.verdict.junit
    undecided = check.points is None and known is not JUnitOutcome.ERROR
    return JUnitOutcome.SKIPPED if undecided else known


def streamed(
    sentences: Mapping[str, str], result: Result, submissions: Iterable[SubmissionResult]
) -> Iterator[bytes]:
    """Yield a result as JUnit XML, piece by piece, so that a class need not be in memory at once.

    The submissions in `result` are ignored.
    """
    yield b'<?xml version="1.0" encoding="UTF-8"?>\n'
    whole = ElementTree.Element("testsuites", name=plain(result.assignment))
    whole.text = "\n"
    head, tail = _written(whole).split(b"\n")
    yield head + b"\n"
    for each in submissions:
        suite = _suite(sentences, each)
        ElementTree.indent(suite)
        yield _written(suite) + b"\n"
    yield tail + b"\n"


def _written(element: ElementTree.Element) -> bytes:
    return ElementTree.tostring(element, encoding="unicode").encode()


def _suite(sentences: Mapping[str, str], submission: SubmissionResult) -> ElementTree.Element:
    name = plain(submission.student)
    if submission.status is Status.REJECTED:
        cases = [_rejected(name, submission)]
        counts = Counter([JUnitOutcome.ERROR])
    else:
        cases = [_case(sentences, name, check) for check in submission.checks]
        counts = Counter(map(outcome, submission.checks))
    suite = ElementTree.Element(
        "testsuite",
        name=name,
        tests=str(len(cases)),
        failures=str(counts[JUnitOutcome.FAILURE]),
        errors=str(counts[JUnitOutcome.ERROR]),
        skipped=str(counts[JUnitOutcome.SKIPPED]),
        time=f"{submission.seconds:.3f}",
    )
    properties = ElementTree.SubElement(suite, "properties")
    for key, value in (
        ("path", plain(submission.path)),
        ("score", points(submission.score)),
        ("max_score", points(submission.max_score)),
        ("provisional", "true" if submission.provisional else "false"),
    ):
        ElementTree.SubElement(properties, "property", name=key, value=value)
    suite.extend(cases)
    return suite


def _rejected(name: str, submission: SubmissionResult) -> ElementTree.Element:
    """Return the single test case of a rejected submission."""
    case = ElementTree.Element("testcase", classname=name, name="submission")
    reason = plain(submission.reason or "")
    error = ElementTree.SubElement(case, JUnitOutcome.ERROR, type=Status.REJECTED, message=reason)
    error.text = reason
    return case


def _case(sentences: Mapping[str, str], name: str, check: CheckResult) -> ElementTree.Element:
    case = ElementTree.Element("testcase", classname=f"{name}.{check.function}", name=check.id)
    came = outcome(check)
    if came is not JUnitOutcome.PASSED:
        reason = check.message or " ".join(check.notes) or check.verdict.label
        child = ElementTree.SubElement(case, came, type=check.verdict, message=plain(reason))
        said = (sentences.get(check.id), check.message, *check.notes)
        worth = _("{points} of {most} points").format(
            points=points(check.points), most=points(check.max_points)
        )
        lines = [line for text in said if text for line in text.splitlines()]
        child.text = "\n".join(map(plain, [*lines, worth]))
    return case
