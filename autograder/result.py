"""Define the result of grading as it is written to JSON; the field names are a contract."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal

import msgspec

from autograder.i18n import N_, _

SCHEMA_VERSION = 1


class JUnitOutcome(StrEnum):
    """The outcomes in JUnit XML: an error is the grader's fault, a failure the student's."""

    PASSED = "passed"
    FAILURE = "failure"
    ERROR = "error"
    SKIPPED = "skipped"


class Verdict(StrEnum):
    """What came of one check."""

    # This text stands in the JSON Schema; what each verdict knows for reports does not.
    earns_points: bool  # whether the function was right, at least in part
    junit: JUnitOutcome
    sign: str  # one character, shown beside the label
    _label: str
    _explanation: str

    def __new__(
        cls,
        value: str,
        sign: str,
        junit: JUnitOutcome,
        label: str,
        explanation: str,
        earns_points: bool = False,
    ) -> Verdict:
        """Make a verdict from its row below."""
        verdict = str.__new__(cls, value)
        verdict._value_ = value
        verdict.sign, verdict.junit, verdict.earns_points = sign, junit, earns_points
        verdict._label, verdict._explanation = label, explanation
        return verdict

    PASSED = (
        "passed",
        "✓",
        JUnitOutcome.PASSED,
        N_("passed"),
        N_("The function does what the check asks."),
        True,
    )
    PARTIAL = (
        "partial",
        "◐",
        JUnitOutcome.FAILURE,
        N_("partial"),
        N_("The function does part of what the check asks and gets part of the points."),
        True,
    )
    FAILED = (
        "failed",
        "✗",
        JUnitOutcome.FAILURE,
        N_("failed"),
        N_("The function returned a wrong answer or raised an error."),
    )
    NOT_RUN = (
        "not_run",
        "–",
        JUnitOutcome.SKIPPED,
        N_("not run"),
        N_(
            "An earlier check did not pass, so this one was not run. Correct the earlier one first."
        ),
    )
    MISSING = (
        "missing",
        "✗",
        JUnitOutcome.FAILURE,
        N_("missing"),
        N_("The function did not exist after the cells of the notebook had run."),
    )
    TIMED_OUT = (
        "timed_out",
        "✗",
        JUnitOutcome.FAILURE,
        N_("timed out"),
        N_("The function did not finish in time."),
    )
    CRASHED = (
        "crashed",
        "✗",
        JUnitOutcome.FAILURE,
        N_("crashed"),
        N_("The process that ran the function ended before the function returned."),
    )
    GRADER_ERROR = (
        "grader_error",
        "?",
        JUnitOutcome.ERROR,
        N_("grader error"),
        N_("The grader failed in this check. Your instructor will decide the points."),
    )

    @property
    def label(self) -> str:
        """The verdict in the current language."""
        return _(self._label)

    @property
    def explanation(self) -> str:
        """A sentence in the current language that says what the verdict means."""
        return _(self._explanation)


class Status(StrEnum):
    """Whether a submission could be graded at all."""

    GRADED = "graded"
    REJECTED = "rejected"


class Finding(msgspec.Struct, frozen=True):
    """The cause of a wrong answer, as far as it was found.

    Attributes:
        kind: the kind of cause; `autograder.checking.diagnosis.findings` lists them all.
        places: where the answer is wrong: keys, or words for the whole answer or one of its values.
        line: the line of the function's cell that the finding is about, if it is about one.
        parameters: what else the sentence names.
    """

    kind: str
    places: tuple[str, ...] = ()
    line: int | None = None
    parameters: dict[str, str] = {}


class CheckResult(msgspec.Struct, frozen=True):
    """One check of one submission.

    Attributes:
        id: the check's name.
        function: the learner's function that it is about.
        verdict: what came of it.
        points: what it gives; None where nothing could be decided.
        max_points: what it is worth.
        message: why it did not pass, for the learner.
        mistake: the name of the recognised mistake.
        given: the functions that the reference stood in for.
        notes: more for the learner to know.
        finding: what was found out about the cause, where no known mistake explains it.
    """

    id: str
    function: str
    verdict: Verdict
    points: float | None
    max_points: float
    message: str | None = None
    mistake: str | None = None
    given: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    finding: Finding | None = None


class WrittenAnswer(msgspec.Struct, frozen=True):
    """Something in one submission that a person marks: an answer in words, a task, or code.

    Attributes:
        id: the question's name.
        points: 0 where nothing was written; None where a person must give them.
        max_points: what it is worth.
    """

    id: str
    points: float | None
    max_points: float


class SubmissionResult(msgspec.Struct, frozen=True):
    """One submission.

    Attributes:
        student: whose it is.
        path: where it was read.
        status: `graded`, or `rejected` with the reason.
        reason: why it was rejected, in a sentence.
        score: the sum of the points that could be decided.
        max_score: the sum of what the checks are worth.
        seconds: how long it took, wall time.
        provisional: whether points are missing because a check could not decide.
        checks: in the order in which they stand in the assignment.
        observations: for the instructor alone.
        written: what a person marks, beside the checks; it is in no sum of points.
        faults: what went wrong in checks that failed themselves, by their ids; for the instructor
            alone.
    """

    student: str
    path: str
    status: Status
    reason: str | None
    score: float
    max_score: float
    seconds: float
    provisional: bool
    checks: tuple[CheckResult, ...]
    observations: tuple[str, ...]
    written: tuple[WrittenAnswer, ...] = ()
    faults: dict[str, str] = {}

    def why(self, check: CheckResult) -> str | None:
        """Return why a check did not pass, for the instructor: its own fault comes first."""
        return self.faults.get(check.id, check.message)


class Result(msgspec.Struct, frozen=True):
    """Everything that one run of the grader found out.

    Attributes:
        schema_version: of this form.
        assignment: its name.
        assignment_digest: of its lesson, checks and reference.
        grader: the grader's version.
        secret_fingerprint: eight hex digits that tell one course secret from another; None where
            a public seed stood in for it.
        numpy: the version that both sides computed with.
        isolation: what kept learners' code apart.
        submissions: in the order in which they were found.
        blas: what numpy multiplied matrices with.
        processor: the kind of processor that both sides ran on.
        inputs: whether they were the same for the `class`, or each `notebook` had its own.
    """

    schema_version: int
    assignment: str
    assignment_digest: str
    grader: str
    secret_fingerprint: str | None
    numpy: str
    isolation: tuple[str, ...]
    submissions: tuple[SubmissionResult, ...]
    blas: str = ""
    processor: str = ""
    inputs: Literal["class", "notebook"] = "class"


class _Form(msgspec.Struct):
    schema_version: int


def to_json(result: Result) -> bytes:
    """Return the result as indented JSON."""
    return b"".join(streamed(result, result.submissions))


def streamed(result: Result, submissions: Iterable[SubmissionResult]) -> Iterator[bytes]:
    """Yield a result as indented JSON, so that a whole class need not be in memory.

    Args:
        result: everything but the submissions.
        submissions: the submissions, used instead of those of `result`.
    """
    whole = _indented(msgspec.structs.replace(result, submissions=()))
    head, tail = whole.split(b'"submissions": []')  # in a text, a quotation mark is escaped
    yield head + b'"submissions": ['
    before, end = b"\n  ", b"]"
    for each in submissions:
        yield before + _indented(each).replace(b"\n", b"\n  ")
        before, end = b",\n  ", b"\n ]"
    yield end + tail + b"\n"


def _indented(value: Result | SubmissionResult) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value), indent=1)


def result_from(text: bytes, path: Path) -> Result:
    """Return the result in a file.

    Raises:
        ValueError: the file contains no result, or one of another schema version.
    """
    try:
        if (form := msgspec.json.decode(text, type=_Form).schema_version) != SCHEMA_VERSION:
            other = _(
                "{path} is of schema version {form}, and this autograder reads version {version}: "
                "use the version that wrote it, or grade again."
            )
            raise ValueError(other.format(path=path, form=form, version=SCHEMA_VERSION))
        return msgspec.json.decode(text, type=Result)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        none = _("{path} holds no result of `autograder grade --json`: {error}.")
        raise ValueError(none.format(path=path, error=error)) from error


def schema() -> dict[str, Any]:
    """Return the JSON Schema of a result."""
    return msgspec.json.schema(Result)


class Mark(msgspec.Struct, frozen=True):
    """What a student has.

    Attributes:
        status: `graded` or `rejected`.
        score: the points.
        max_score: of so many.
        provisional: whether a person must still decide on some.
    """

    status: Status
    score: float
    max_score: float
    provisional: bool

    @classmethod
    def of(cls, result: SubmissionResult) -> Mark:
        """Return the mark of a submission's result."""
        return cls(result.status, result.score, result.max_score, result.provisional)

    @property
    def share(self) -> float:
        """The score as a share of all points."""
        return self.score / self.max_score if self.max_score else 0.0


class Taken(msgspec.Struct, frozen=True):
    """What a check gave.

    Attributes:
        verdict: what came of it.
        points: what it gave; None where nothing could be decided.
        max_points: what it was worth.
    """

    verdict: Verdict
    points: float | None
    max_points: float


class CheckChange(msgspec.Struct, frozen=True):
    """A check that gives other points than before.

    Attributes:
        id: its name.
        before: what it gave; None where it was not taken.
        now: what it gives; None where it is not taken any more.
    """

    id: str
    before: Taken | None
    now: Taken | None


class Cause(msgspec.Struct, frozen=True):
    """Something that a mark depends on and that has changed.

    Attributes:
        what: its name.
        before: its digest or version then; None where there was no such thing.
        now: and now.
    """

    what: str
    before: str | None
    now: str | None


class Change(msgspec.Struct, frozen=True):
    """A student's mark that is no longer what it was.

    Attributes:
        student: whose.
        before: the mark that was recorded.
        now: the mark of now.
        checks: those that give other points.
        why: what has changed; empty where nothing has, and the notebook was only graded again.
    """

    student: str
    before: Mark
    now: Mark
    checks: tuple[CheckChange, ...]
    why: tuple[Cause, ...]

    @property
    def lower(self) -> bool:
        """Whether the mark falls: fewer points, or a smaller share of them."""
        return self.now.score < self.before.score or self.now.share < self.before.share


def changed(
    before: SubmissionResult, now: SubmissionResult, why: tuple[Cause, ...]
) -> Change | None:
    """Return how a mark has changed; None if every check gives the points it gave before."""
    old, new = ({each.id: _taken(each) for each in result.checks} for result in (before, now))
    checks = tuple(
        CheckChange(name, old.get(name), new.get(name))
        for name in dict.fromkeys([*new, *old])
        if _worth(old.get(name)) != _worth(new.get(name))
    )
    marks = Mark.of(before), Mark.of(now)
    return Change(now.student, *marks, checks, why) if checks or marks[0] != marks[1] else None


def _taken(check: CheckResult) -> Taken:
    return Taken(check.verdict, check.points, check.max_points)


def _worth(taken: Taken | None) -> tuple[float | None, float] | None:
    return None if taken is None else (taken.points, taken.max_points)
