"""The result of grading, as it is written to JSON; the field names are a contract."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal

import msgspec

from autograder.language import N_, _

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
        """Make one verdict from its row."""
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
        N_("in part"),
        N_("It does a part of it, and gets a part of the points."),
        True,
    )
    FAILED = (
        "failed",
        "✗",
        JUnitOutcome.FAILURE,
        N_("failed"),
        N_("It gave a wrong answer, or stopped with an error."),
    )
    NOT_RUN = (
        "not_run",
        "–",
        JUnitOutcome.SKIPPED,
        N_("not run"),
        N_("An earlier check failed, after which this one would say nothing. Mend that one first."),
    )
    MISSING = (
        "missing",
        "✗",
        JUnitOutcome.FAILURE,
        N_("missing"),
        N_("The notebook defines no such function."),
    )
    TIMED_OUT = (
        "timed_out",
        "✗",
        JUnitOutcome.FAILURE,
        N_("timed out"),
        N_("It did not come to an end in time."),
    )
    CRASHED = (
        "crashed",
        "✗",
        JUnitOutcome.FAILURE,
        N_("crashed"),
        N_("The process that ran it ended before it could answer."),
    )
    GRADER_ERROR = (
        "grader_error",
        "?",
        JUnitOutcome.ERROR,
        N_("undecided"),
        N_("The check itself could not decide. A person will."),
    )

    @property
    def label(self) -> str:
        """The verdict in the current language."""
        return _(self._label)

    @property
    def explanation(self) -> str:
        """What the verdict means, in a sentence in the current language."""
        return _(self._explanation)


class Status(StrEnum):
    """Whether a submission could be graded at all."""

    GRADED = "graded"
    REJECTED = "rejected"


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
        """What an instructor is told of one of the checks: of one that failed itself, its fault."""
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
    """The result as indented JSON."""
    return b"".join(streamed(result, result.submissions))


def streamed(result: Result, submissions: Iterable[SubmissionResult]) -> Iterator[bytes]:
    """A result as indented JSON, piece by piece, so that a class need not be in memory at once.

    Args:
        result: whose own submissions do not count.
        submissions: what stands in their place.
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
    """The result in a file.

    Raises:
        ValueError: it is none, or in another form than this version's.
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
    """The JSON Schema of a result."""
    return msgspec.json.schema(Result)
