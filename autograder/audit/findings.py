"""The audit: how the checks grade answers whose score is known beforehand.

- the reference and every equivalent must get full points, the unwritten stub none;
- a mistake must lose points at a check of its own function. Other functions may lose points only
  if they call the wrong function: their answers are wrong too, and count as consequences. The
  mistake may be diagnosed as itself and as nothing else;
- no correct answer may be diagnosed as a mistake;
- a mutant must lose points as a mistake does, unless it is recorded as correct (see
  `records`).
"""

from __future__ import annotations

import statistics
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import ModuleType

import msgspec

from autograder.audit.records import Equivalent, KnownSurvivor
from autograder.checking.checks import Check
from autograder.checking.judge.callgraph import builds_on
from autograder.checking.mistakes import Mistake, function_source
from autograder.checking.mutants import Mutant
from autograder.i18n import N_, _
from autograder.result import CheckResult, SubmissionResult, Verdict

SCHEMA_VERSION = 1

LEAST_MUTANTS = 0.99
"""The share of the mutants that must be caught or recorded as correct."""


class AnswerKind(StrEnum):
    """The kinds of answers that the audit grades."""

    REFERENCE = N_("reference")
    STUB = N_("stub")
    EQUIVALENT = N_("equivalent")
    MISTAKE = N_("mistake")
    MUTANT = N_("mutant")


@dataclass(frozen=True)
class Subject:
    """An answer whose score is known.

    Attributes:
        name: its name; for a mutant, the operator's name.
        of: the wrong function, if there is one.
        written: the source in the student's cells, by function.
        diff: for a mutant, the lines that differ from the reference.
        same_hint: for a mistake, the names of all mistakes with its hint.
    """

    kind: AnswerKind
    name: str
    of: str | None
    written: Mapping[str, str]
    diff: str | None = None
    same_hint: frozenset[str] = frozenset()


class AuditFinding(msgspec.Struct, frozen=True):
    """The grading of one answer.

    Attributes:
        name: its name; for a mutant, the operator's name.
        function: the wrong function, if there is one.
        diff: for a mutant, the lines that differ from the reference.
        seed: the number that the inputs were made from.
        right: whether the answer was graded as it should be.
        caught_by: the checks of the wrong function that took points; without a wrong function,
            all checks that did.
        blamed: the checks of other functions that took points, but should not have.
        consequences: the checks that took points from functions that call the wrong function.
        undecided: the checks that raised an error of their own, and do not on the reference.
        named: the mistakes that were diagnosed.
        equivalent: whether it is a mutant that is recorded as correct.
        reason: the reason in the record of the mutant.
        kept: the share of the wrong function's points that the answer keeps; None without a wrong
            function, or if some of its points are open.
        why: how the first undecided check failed.
    """

    kind: AnswerKind
    name: str
    function: str | None
    diff: str | None
    seed: int
    right: bool
    score: float
    caught_by: tuple[str, ...]
    blamed: tuple[str, ...]
    consequences: tuple[str, ...]
    undecided: tuple[str, ...]
    named: tuple[str, ...]
    equivalent: bool = False
    reason: str | None = None
    kept: float | None = None
    why: str | None = None


class PointShares(msgspec.Struct, frozen=True):
    """The share of a function's points that a notebook keeps, for each known mistake."""

    function: str
    points: float
    median: float
    shares: Mapping[str, float]


class Audit(msgspec.Struct, frozen=True):
    """The result of one audit. Its field names in JSON are a contract.

    Attributes:
        assignment_digest: the digest of its lesson, checks and reference.
        seeds: how many times all answers but the mutants were graded, each time with new inputs.
        mutants: the number of mutants, including those that a sample leaves out.
        idle: the checks that were never the first to catch anything; none for a sample.
        stale: the records of mutants that are caught or no longer exist.
        kept: what known mistakes keep of the points of each function.
    """

    schema_version: int
    assignment: str
    assignment_digest: str
    grader: str
    numpy: str
    seeds: int
    mutants: int
    findings: tuple[AuditFinding, ...]
    idle: tuple[str, ...]
    stale: tuple[KnownSurvivor, ...]
    kept: tuple[PointShares, ...] = ()

    def of_kind(self, kind: AnswerKind) -> list[AuditFinding]:
        """Return the findings about one kind of answers."""
        return [each for each in self.findings if each.kind is kind]

    @property
    def survivors(self) -> list[AuditFinding]:
        """The mutants that were graded wrongly."""
        return [
            each for each in self.of_kind(AnswerKind.MUTANT) if not (each.right or each.equivalent)
        ]

    @property
    def shortfalls(self) -> list[str]:
        """The shortcomings of the checks, in sentences; none if the audit passed."""
        said = []
        for kind in AnswerKind:
            if kind is AnswerKind.MUTANT:
                continue
            wrong = {each.name for each in self.of_kind(kind) if not each.right}
            if wrong:
                wrongly = _("Graded wrongly: {kind} {names}.")
                said.append(wrongly.format(kind=_(kind), names=", ".join(sorted(wrong))))
        mutants = self.of_kind(AnswerKind.MUTANT)
        if len(self.survivors) > (1 - LEAST_MUTANTS) * len(mutants):
            many = _("{some} of {all} mutants survived; at most {share} may.")
            share = f"{1 - LEAST_MUTANTS:.0%}"
            said.append(many.format(some=len(self.survivors), all=len(mutants), share=share))
        for each in self.stale:
            stale = _(
                "An entry in survivors.toml is stale: this mutant of {function} is caught now, or "
                "no longer exists. Remove the entry: {diff}"
            )
            diff = " / ".join(each.diff.splitlines())
            said.append(stale.format(function=each.function, diff=diff))
        return said


def subjects(
    reference: ModuleType,
    functions: Sequence[str],
    equivalents: Iterable[Equivalent],
    mistakes: Iterable[Mistake],
) -> list[Subject]:
    """Return the answers that are audited on every seed: all but the mutants."""
    right = {name: function_source(reference, name) for name in functions}
    mistakes = list(mistakes)
    with_hint: dict[str, set[str]] = {}
    for known in mistakes:
        with_hint.setdefault(known.sentence, set()).add(known.name)
    return [
        Subject(AnswerKind.REFERENCE, "reference", None, right),
        Subject(AnswerKind.STUB, "stub", None, {}),
        *(
            Subject(AnswerKind.EQUIVALENT, each.name, None, {**right, **each.sources})
            for each in equivalents
        ),
        *(
            Subject(
                AnswerKind.MISTAKE,
                each.name,
                each.of,
                {**right, each.of: each.source(reference)},
                same_hint=frozenset(with_hint[each.sentence]),
            )
            for each in mistakes
        ),
    ]


def of_mutant(mutant: Mutant, reference: ModuleType, functions: Sequence[str]) -> Subject:
    """Return a mutant in a notebook in which everything else is correct."""
    written = {name: function_source(reference, name) for name in functions}
    written[mutant.of] = mutant.source
    return Subject(AnswerKind.MUTANT, mutant.operator, mutant.of, written, mutant.diff)


def callers(reference: ModuleType, functions: Sequence[str]) -> dict[str, frozenset[str]]:
    """Return for each function those that build on it."""
    reached = builds_on(reference, functions)
    return {
        name: frozenset(each for each in functions if name in reached[each]) for name in functions
    }


def judge(
    subject: Subject,
    result: SubmissionResult,
    seed: int,
    calling: Mapping[str, frozenset[str]],
    records: Iterable[KnownSurvivor],
    broken: Collection[str],
) -> AuditFinding:
    """Compare the grading of an answer with what it should be.

    `calling` holds the callers of each function, and `broken` the checks that raise an error of
    their own on the reference, whatever the answer.
    """
    lost = [
        each for each in result.checks if each.points is not None and each.points < each.max_points
    ]
    failed = [
        each
        for each in result.checks
        if each.verdict is Verdict.GRADER_ERROR and each.id not in broken
    ]
    undecided = tuple(each.id for each in failed)
    mine = [each for each in lost if subject.of in (None, each.function)]
    others = [each for each in lost if each not in mine]
    called_by = calling[subject.of] if subject.of is not None else frozenset()
    blamed = tuple(each.id for each in others if each.function not in called_by)
    if subject.kind in (AnswerKind.REFERENCE, AnswerKind.EQUIVALENT):
        right = bool(result.checks) and not lost
    elif subject.kind is AnswerKind.STUB:
        # A check that was withdrawn gives its points without being run.
        right = not any(
            each.points for each in result.checks if each.verdict is not Verdict.NOT_RUN
        )
    else:
        right = bool(mine) and not blamed
    named = dict.fromkeys(each.mistake for each in result.checks if each.mistake is not None)
    if subject.kind is not AnswerKind.MUTANT:  # a mutant may well be a known mistake
        right = right and subject.same_hint.issuperset(named)
    right = right and not undecided
    known = (each for each in records if (each.function, each.diff) == (subject.of, subject.diff))
    record = None if right else next(known, None)
    return AuditFinding(
        kind=subject.kind,
        name=subject.name,
        function=subject.of,
        diff=subject.diff,
        seed=seed,
        right=right,
        score=result.score,
        # A check that was not run waits for one that failed, and has caught nothing itself.
        caught_by=tuple(each.id for each in mine if each.verdict is not Verdict.NOT_RUN),
        blamed=blamed,
        consequences=tuple(each.id for each in others if each.function in called_by),
        undecided=undecided,
        named=tuple(named),
        equivalent=record is not None and record.equivalent,
        reason=None if record is None else record.reason,
        kept=_kept([each for each in result.checks if each.function == subject.of]),
        why=result.why(failed[0]) if failed else None,
    )


def _kept(checks: Sequence[CheckResult]) -> float | None:
    points = [each.points for each in checks if each.points is not None]
    most = sum(each.max_points for each in checks)
    return sum(points) / most if most and len(points) == len(checks) else None


def kept_points(
    checks: Sequence[Check], findings: Iterable[AuditFinding]
) -> tuple[PointShares, ...]:
    """Return what known mistakes keep of the points of each function, on the first seed."""
    shares: dict[str, dict[str, float]] = {}
    for each in findings:
        if each.kind is AnswerKind.MISTAKE and each.seed == 0 and each.kept is not None:
            shares.setdefault(each.function or "", {})[each.name] = each.kept
    return tuple(
        PointShares(
            function,
            sum(check.points for check in checks if check.of == function),
            statistics.median(shares[function].values()),
            shares[function],
        )
        for function in dict.fromkeys(check.of for check in checks)
        if function in shares
    )


def idle(checks: Sequence[Check], findings: Iterable[AuditFinding]) -> tuple[str, ...]:
    """Return the checks that were never the first to catch a mistake or a mutant."""
    wrong = (AnswerKind.MISTAKE, AnswerKind.MUTANT)
    first = {each.caught_by[0] for each in findings if each.kind in wrong and each.caught_by}
    return tuple(each.id for each in checks if each.id not in first)
