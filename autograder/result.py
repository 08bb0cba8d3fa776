"""Define the result of grading as it is written to JSON; the field names are a contract."""

from __future__ import annotations

import inspect
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
    """The outcome of one check."""

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
    """The outcome of one check of one submission.

    Attributes:
        id: the check's name.
        function: the student's function that the check tests.
        verdict: the verdict.
        points: the points that the check gives; None if they could not be decided.
        max_points: the points that the check is worth.
        message: why the check did not pass, for the student.
        mistake: the name of the known mistake.
        given: the functions that the reference solution replaced.
        notes: further sentences for the student.
        finding: the cause, if it was found without a known mistake.
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
    """A part of a submission that is graded by hand: an answer in words, a task, or code.

    Attributes:
        id: the question's name.
        points: 0 if nothing was written; None if an instructor must give the points.
        max_points: the points that it is worth.
    """

    id: str
    points: float | None
    max_points: float


class SubmissionResult(msgspec.Struct, frozen=True):
    """The outcome of one submission.

    Attributes:
        student: the student's name.
        path: the file or folder of the submission.
        status: `graded`, or `rejected` with the reason.
        reason: why the submission was rejected, in a sentence.
        score: the sum of the points that could be decided.
        max_score: the points that all checks are worth.
        seconds: the wall time that grading took.
        provisional: whether some points could not be decided.
        checks: the checks, in the order of the assignment.
        observations: sentences for the instructor alone.
        written: the parts that are graded by hand; no sum of points includes them.
        faults: the errors of checks that failed themselves, by their ids; for the instructor alone.
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
    """The outcome of one run of the grader.

    Attributes:
        schema_version: the version of this format.
        assignment: the name of the assignment.
        assignment_digest: SHA-256 of its lesson, checks and reference.
        grader: the grader's version.
        secret_fingerprint: eight hex digits that tell course secrets apart; None if a public seed
            was used.
        numpy: the numpy version of the grader and of the students' code.
        isolation: the layers that isolated students' code.
        submissions: the submissions, in the order in which they were found.
        blas: the library with which numpy multiplied matrices.
        processor: the kind of processor that ran the grader and the students' code.
        inputs: `class` if all submissions got the same inputs, `notebook` if each notebook got its
            own.
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
    found = msgspec.json.schema(Result)
    for each in found["$defs"].values():
        if "description" in each:  # a docstring, which is indented until Python 3.12
            each["description"] = inspect.cleandoc(each["description"])
    return found


class Score(msgspec.Struct, frozen=True):
    """A student's score for an assignment.

    Attributes:
        status: `graded` or `rejected`.
        score: the points.
        max_score: the points that the assignment is worth.
        provisional: whether some points need review.
    """

    status: Status
    score: float
    max_score: float
    provisional: bool

    @classmethod
    def of(cls, result: SubmissionResult) -> Score:
        """Return the mark of a submission's result."""
        return cls(result.status, result.score, result.max_score, result.provisional)

    @property
    def share(self) -> float:
        """The score as a share of all points."""
        return self.score / self.max_score if self.max_score else 0.0


class CheckScore(msgspec.Struct, frozen=True):
    """A check's points before or after a change.

    Attributes:
        verdict: the verdict.
        points: the points; None if they could not be decided.
        max_points: the points that the check was worth.
    """

    verdict: Verdict
    points: float | None
    max_points: float


class CheckChange(msgspec.Struct, frozen=True):
    """The change of one check's points.

    Attributes:
        id: the check's name.
        before: its points before; None if the check did not exist.
        now: its points now; None if the check does not exist any more.
    """

    id: str
    before: CheckScore | None
    now: CheckScore | None


class Cause(msgspec.Struct, frozen=True):
    """A change in something that the score depends on.

    Attributes:
        what: its name.
        before: its digest or version before; None if it did not exist.
        now: its digest or version now; None if it does not exist any more.
    """

    what: str
    before: str | None
    now: str | None


class Change(msgspec.Struct, frozen=True):
    """A change of a student's score.

    Attributes:
        student: the student's name.
        before: the recorded score.
        now: the new score.
        checks: the checks whose points changed.
        why: the causes; empty if the same notebook was only graded again.
    """

    student: str
    before: Score
    now: Score
    checks: tuple[CheckChange, ...]
    why: tuple[Cause, ...]

    @property
    def lower(self) -> bool:
        """Whether the mark falls: fewer points, or a smaller share of them."""
        return self.now.score < self.before.score or self.now.share < self.before.share


def changed(
    before: SubmissionResult, now: SubmissionResult, why: tuple[Cause, ...]
) -> Change | None:
    """Return how a score has changed; None if every check gives the points it gave before."""
    old, new = (
        {each.id: CheckScore(each.verdict, each.points, each.max_points) for each in result.checks}
        for result in (before, now)
    )
    checks = tuple(
        CheckChange(name, old.get(name), new.get(name))
        for name in dict.fromkeys([*new, *old])
        if _worth(old.get(name)) != _worth(new.get(name))
    )
    marks = Score.of(before), Score.of(now)
    return Change(now.student, *marks, checks, why) if checks or marks[0] != marks[1] else None


def _worth(taken: CheckScore | None) -> tuple[float | None, float] | None:
    return None if taken is None else (taken.points, taken.max_points)
