"""Recognise the known mistake that a student has made by comparing answers with the mistake's.

If a function failed a check, all its calls are repeated on every known mistake of that function,
with the same random numbers and in the same order, until an answer rules the mistake out. Answers
are compared path by path (see `comparison`). A mistake fits if the student's function answered like
it, in every call, at every path that the mistake gets wrong in any call. If a student has made two
mistakes that show at different paths, both fit. If a function draws random numbers in an order of
the student's choice, two answers are also alike if they have the same distribution (see
`distributions`).

Of the mistakes that fit, those that explain only a part of what another one explains are left out,
and so are two mistakes that get the same path wrong and have different sentences. A check names a
mistake only if the mistake alone, in an otherwise right function, fails that check too.

No mistake is named if an error was carried forward or if a call was not answered.

Arguments may come from the student, a cache for example, so the mistakes run in a process with
limits (see `reference_server`) and never in the judge's own process.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import chain
from pathlib import Path
from types import ModuleType

import msgspec

from autograder.checking.checks import BadAssignment, Check
from autograder.checking.diagnosis.comparison import (
    AnswerPath,
    Parts,
    RawAnswer,
    differing_paths,
    equal_at,
    flatten,
    raw_answer,
)
from autograder.checking.diagnosis.draws import draws
from autograder.checking.diagnosis.evidence import Evidence
from autograder.checking.diagnosis.findings import (
    KINDS,
    Finding,
    Level,
    level,
    sentence,
    told,
)
from autograder.checking.diagnosis.float_errors import FLOAT_ERRORS, float_errors
from autograder.checking.diagnosis.form import form
from autograder.checking.diagnosis.lines import VAGUE, lines
from autograder.checking.diagnosis.own_code import OpenSession, further_answers
from autograder.checking.diagnosis.reference_slips import place_names, reference_slips
from autograder.checking.diagnosis.relations import (
    as_if,
    as_if_other,
    changed_arguments,
    last_resort,
    relations,
    rounding,
    where_wrong,
)
from autograder.checking.diagnosis.replay import (
    AnswerSeries,
    CallSeries,
    NotAnswered,
    Replay,
    Replayer,
    digest,
)
from autograder.checking.diagnosis.source import ends_its_loop, facts
from autograder.checking.diagnosis.student_source import StudentSource
from autograder.checking.judge.calls import Budget, CallRequest, PendingCall, StudentError
from autograder.checking.judge.run_check import Seed, run_check_on_student
from autograder.checking.judge.student import Student, calls
from autograder.checking.mistakes import Mistake
from autograder.result import CheckResult, Verdict
from autograder.sandbox.host.monitor import ProcessDeaths
from autograder.sandbox.protocol import wire

WRONG = (Verdict.FAILED, Verdict.PARTIAL)
DECIDED = (Verdict.PASSED, Verdict.NOT_RUN, *WRONG)

MAX_DIAGNOSED_BYTES = 24 * 1024**2
"""Size of a student's answers together: comparing more takes minutes, and no mistake has more."""

MAX_PATHS = 200
"""Paths in one answer."""

REPLAY_SECONDS = 20.0
"""CPU time for repeating the calls of one function of one student. Calls that are the same for all
students are cached, so only calls with arguments of the student's own can take this long."""

STRANGE_ANSWER = (
    *(ArithmeticError, AttributeError, LookupError, MemoryError, RecursionError, TypeError),
    *(ValueError, wire.BadMessage, wire.TooLong),
)
"""What comparing may raise: answers may be anything at all, and no point depends on their cause."""

SLIP_SECONDS = 2.0
"""CPU time for the answers of slips in one function; those that are cached take none of it."""

MAX_FURTHER_CALLS = 40
"""Calls that a student's function gets after the checks, if they stopped at its wrong answers."""

NOT_FINITE = {"not_finite", *FLOAT_ERRORS.values()}
"""Kinds that are about infinite numbers and nan."""

FEW_CALLS = 2
"""Calls of which a relation may hold by chance, if there are more to come."""

FIRST_SIGHT = ("constant", "one_number")
"""Kinds that say of a few calls what other calls may refute."""

MAX_CACHED_BYTES = 16 * 1024**2
"""Size of all wrong answers whose mistakes are cached."""


@dataclass(frozen=True)
class Recognised:
    """The known mistakes in a function, and what they do not explain.

    Attributes:
        student: the student's answers; None if they are too many to compare.
        mistakes: the mistakes that are certain.
        explained: the paths that they get wrong.
        everything: whether nothing else is wrong.
        random: whether the reference draws random numbers.
    """

    student: AnswerSeries | None = None
    mistakes: Sequence[Mistake] = ()
    explained: frozenset[AnswerPath] = frozenset()
    everything: bool = False
    random: bool = False


Fit = tuple[Mistake, frozenset[AnswerPath]]
"""A mistake that fits, and the paths that it gets wrong."""


class Diagnosis:
    """Recognises the known mistakes of an assignment in one submission after the other.

    Args:
        path: the path of the reference solution.
        reference: the reference solution, loaded.
        mistakes: the known mistakes.
        seed: gives the seeds of a check's inputs and of the random numbers in it.
        losses: notes when the process that runs the mistakes has ended by itself.
        untold: the levels, kinds and places of findings that students are not told.
        trace: whether to look for slips, and for the line that is wrong, where nothing else is
            found.
    """

    def __init__(
        self,
        path: Path,
        reference: ModuleType,
        mistakes: Iterable[Mistake],
        seed: Seed,
        losses: ProcessDeaths | None = None,
        untold: Collection[str] = (),
        *,
        trace: bool = True,
    ) -> None:
        self.reference = reference
        self.mistakes = tuple(mistakes)
        self.seed = seed
        self.losses = losses or ProcessDeaths()
        self.replayer = Replayer(path, self.losses)
        self.source = cache(self._source)
        self.fails = cache(self._fails)
        self.calls_of = cache(self._calls_of)
        self.untold = untold
        self.trace = trace
        self.cache: dict[bytes, Recognised] = {}
        self.cached_bytes = 0

    def reseed(self, seed: Seed) -> None:
        """Use another seed from now on."""
        self.seed = seed
        self.fails.cache_clear()
        self.calls_of.cache_clear()

    def _source(self, mistake: Mistake) -> str | None:
        """Return the mistaken function, or None if it no longer fits the reference."""
        try:
            return mistake.source(self.reference)
        except BadAssignment:
            return None

    def annotate(
        self,
        checks: Sequence[Check],
        results: Sequence[CheckResult],
        asked: Mapping[str, Student],
        source: StudentSource | None = None,
        own_code: OpenSession | None = None,
    ) -> list[CheckResult]:
        """Return the results with the mistakes that were recognised, and what else was found out.

        Args:
            checks: the checks of the submission.
            results: the result of each check, in the same order.
            asked: the student that each check called, by the check's id.
            source: the student's code.
            own_code: opens a session in which changed copies of the student's functions run.
        """
        annotated = list(results)
        for function in dict.fromkeys(r.function for r in results if r.verdict in WRONG):
            mine = [r for r in results if r.function == function]
            if any(r.given or r.verdict not in DECIDED for r in mine):
                continue
            try:
                students = [asked[r.id] for r in mine if r.id in asked]
                failed = {r.id for r in mine if r.verdict in (*WRONG, Verdict.NOT_RUN)}
                mistakes, findings = self._causes(
                    function,
                    in_order(students),
                    source or StudentSource(),
                    own_code if self.trace else None,
                    [check for check in checks if check.id in failed],
                )
                self._annotate(annotated, checks, mistakes)
                # A right answer may overflow where no check looks.
                odd = set() if any(map(_is_about_nan, mine)) else NOT_FINITE
                _add(annotated, function, [f for f in findings if told(f, {*self.untold, *odd})])
            # Points without a diagnosis are better than none.
            except (NotAnswered, wire.Closed, *STRANGE_ANSWER):
                continue
        return annotated

    def _annotate(
        self, annotated: list[CheckResult], checks: Sequence[Check], mistakes: Iterable[Mistake]
    ) -> None:
        """Name each mistake in the checks that it fails, and add its sentence to the first."""
        for mistake in mistakes:
            notes: tuple[str, ...] = (mistake.sentence,)
            for number, (check, result) in enumerate(zip(checks, annotated, strict=True)):
                if (
                    check.of == mistake.of
                    and result.verdict in WRONG
                    and result.mistake is None
                    and self.fails(mistake, check)
                ):
                    annotated[number] = msgspec.structs.replace(
                        result, mistake=mistake.name, notes=(*result.notes, *notes)
                    )
                    notes = ()  # once is enough

    def _fails(self, mistake: Mistake, check: Check) -> bool:
        """Return whether a notebook that is right except for this mistake would fail a check."""
        source = self.source(mistake) or ""
        self.replayer.may_take(math.inf)  # these calls are the check's own

        def replay() -> Replay:
            return self.replayer.start(source)

        first = replay()
        before = replace(self.losses)
        try:
            outcome = run_check_on_student(
                check, lambda: first, replay, Budget(), self.reference, self.seed
            )
            return outcome.fraction < 1
        except Exception as error:  # the check failed itself on unusual answers
            if self.losses != before:  # or the process had ended; do not cache that
                raise NotAnswered from error
            return False

    def _causes(
        self,
        function: str,
        asked: Sequence[Sequence[PendingCall]],
        source: StudentSource,
        own_code: OpenSession | None,
        failed: Sequence[Check] = (),
    ) -> tuple[Sequence[Mistake], Sequence[Finding]]:
        """Return the mistakes in a function that are certain from all its answers, and findings.

        A check stops at the first wrong answer, and those after it are not run. If the answers so
        far tell no cause, the student's function gets the calls that are left, too.
        """
        mine = [each for every in asked for each in every if each.call.function == function]
        if not mine or any(_unwritten(each) for each in mine):
            return (), ()
        if sum(wire.size_of(each.returned) for each in mine if each.returned) > MAX_DIAGNOSED_BYTES:
            return (), ()
        series = CallSeries(function, self._readable(function, asked))
        answers = list(map(raw_answer, mine))
        encoded = msgspec.msgpack.encode(answers)
        key = hashlib.blake2b(series.key + encoded).digest()
        if key not in self.cache:
            self.cached_bytes += len(encoded)
            if self.cached_bytes > MAX_CACHED_BYTES:
                self.cache.clear()
                self.cached_bytes = len(encoded)
            self.cache[key] = self._fitting(series, answers)
        recognised = self.cache[key]
        if recognised.student is None:
            return (), ()
        unmade = [] if own_code is None or recognised.random else self._unmade(failed, mine)
        trace = own_code is not None and not unmade
        evidence = Evidence(
            self.reference,
            series,
            recognised.student,
            self.replayer.play(series, ""),
            answers,
            source,
            recognised.random,
            lambda other: self.replayer.answers_of(other, ""),
            self._slipped if self.trace and not unmade else None,
            [each.call for each in mine],
            own_code if trace else None,
        )
        try:
            mistakes, findings = decide(evidence, recognised, more=bool(unmade))
        except STRANGE_ANSWER:
            return recognised.mistakes, ()
        few = len(mine) <= FEW_CALLS and all(level(each) is Level.RELATION for each in findings)
        sure = not few and any(each.kind not in FIRST_SIGHT for each in findings)
        if own_code is None or not unmade or sure or recognised.everything:
            return mistakes, findings
        return self._causes(function, [*asked, _made(unmade, own_code)], source, own_code)

    def _unmade(self, failed: Sequence[Check], mine: Sequence[PendingCall]) -> list[CallRequest]:
        """Return the calls of checks that the student's function has not got."""
        unmade = {key: each for check in failed for key, each in self.calls_of(check).items()}
        for each in mine if unmade else ():
            unmade.pop(_unseeded(each.call), None)
        return [*unmade.values()][:MAX_FURTHER_CALLS]

    def _calls_of(self, check: Check) -> dict[bytes, CallRequest]:
        """Return the calls of a check that gets right answers, by their hashes without the seed.

        There are none if it calls other functions.

        What other functions return may be in a form of the student's own.
        """
        self.replayer.may_take(REPLAY_SECONDS)
        first = self.replayer.start("")

        def replay() -> Replay:
            return self.replayer.start("")

        try:
            outcome = run_check_on_student(
                check, lambda: first, replay, Budget(), self.reference, self.seed
            )
        except Exception:  # the check failed itself; it has no further calls
            return {}
        every = calls(outcome.student) if outcome.student is not None else []
        requests = [each.request for each in chain(*every)]
        alone = all(each.call.function == check.of for each in requests)
        return {_unseeded(each.call): each for each in requests} if alone else {}

    def _slipped(self) -> Callable[[CallSeries, str], Iterator[Parts]]:
        """Start the time that slips may take, and return a function that yields their answers."""
        self.replayer.may_take(SLIP_SECONDS)
        return self.replayer.answers_of

    def _fitting(self, series: CallSeries, answers: Sequence[RawAnswer | None]) -> Recognised:
        """Return the mistakes that are certain for a function with these answers."""
        flattened = [flatten(each) for each in answers]
        if any(len(answer) > MAX_PATHS for answer in flattened):
            return Recognised()
        self.replayer.may_take(REPLAY_SECONDS)
        right = self.replayer.play(series, "")
        student = AnswerSeries(flattened, right)
        own = student.own_forms
        known = [
            (mistake, source)
            for mistake in self.mistakes
            if mistake.of == series.function and (source := self.source(mistake)) is not None
        ]
        # A function that answers like a mistake, number for number, has made it. Distributions are
        # compared only if that does not explain everything that is wrong.
        fitting = _that_explain(
            (mistake, _answered(student, self.replayer.answers_of(series, source), right, own))
            for mistake, source in known
        )
        explained = frozenset[AnswerPath]().union(*(paths for _, paths in fitting))
        first = next(
            call for each in series.calls for call in each if call.function == series.function
        )
        random = not student.wrong - own <= explained and self._is_random(first)
        if random:
            fitting = _that_explain(
                (mistake, _drawn(student, self.replayer.play(series, source)))
                for mistake, source in known
            )
        mistakes = _unambiguous(fitting)
        explained = frozenset().union(*(paths for each, paths in fitting if each in mistakes))
        wrong = {path for path in student.wrong if not (random and student.drawn_right(path))}
        strange = {path[:2] for path in own}
        asked_for = {path for path in wrong if path[:2] not in strange}
        everything = wrong <= explained or bool(asked_for and asked_for <= explained)
        return Recognised(student, mistakes, explained, everything, random)

    def _readable(
        self, function: str, asked: Sequence[Sequence[PendingCall]]
    ) -> list[list[wire.Call]]:
        """Return the calls of all functions, in a form that the reference can read.

        A check may pass a function the return value of another, in the student's own form, such as
        the caches of a deep network. If the reference cannot read it, the return value of the
        reference's function is passed instead.
        """
        readable = []
        for every in asked:
            calls = [each.call for each in every]
            passed_on = _passed_on(function, every)
            replay = self.replayer.start("")
            answers: list[RawAnswer] = []
            replay.ask(calls if passed_on else ())
            for number, call in enumerate(calls if passed_on else ()):
                answers.append(replay.answer(call))
                if number in passed_on and isinstance(answers[-1], wire.Failed):
                    calls[number] = _exchanged(call, passed_on[number], answers)
            readable.append(calls)
        return readable

    def right(self, pending: Iterable[PendingCall]) -> list[RawAnswer]:
        """Return the reference's answers to the calls that one process has answered.

        Raises:
            NotAnswered: the reference does not answer one of them.
        """
        replay = self.replayer.start("")
        calls = [each.call for each in pending]
        replay.ask(calls)
        return list(map(replay.answer, calls))

    def _is_random(self, call: wire.Call) -> bool:
        """Return whether the reference answers a call differently with another seed."""
        seeds = [hashlib.blake2b(bytes([number]), digest_size=32).digest() for number in (0, 1)]
        series = CallSeries(
            call.function, [[msgspec.structs.replace(call, seed=seed)] for seed in seeds]
        )
        one, other = self.replayer.answers_of(series, "")
        return bool(differing_paths(one, other))


def _is_about_nan(result: CheckResult) -> bool:
    return re.search(r"\b(nan|inf)\b", result.message or "") is not None


def _unseeded(call: wire.Call) -> bytes:
    """Return a hash of a call, whatever its seed is."""
    return digest(msgspec.structs.replace(call, seed=None))


def _made(requests: Sequence[CallRequest], own_code: OpenSession) -> list[PendingCall]:
    """Make calls in a fresh process; return those before the first that has no answer."""
    made = []
    answers = further_answers(own_code, [each.call for each in requests])
    for request, answer in zip(requests, answers, strict=False):
        if answer is None:
            break
        made.append(PendingCall(request, Budget(), lambda _ended: None))
        made[-1].settle(answer)
    return made


Place = tuple[int, int | None]
"""The number of an earlier call, and the part of its answer; None for the whole answer."""


def _passed_on(function: str, calls: Sequence[PendingCall]) -> dict[int, dict[int, Place]]:
    """Return the arguments of a function's calls that another function has returned before."""
    parts: dict[bytes, Place] = {}
    found = {}
    for number, each in enumerate(calls):
        if each.call.function == function:
            encoded = map(msgspec.msgpack.encode, each.call.arguments if parts else ())
            places = {place: parts[part] for place, part in enumerate(encoded) if part in parts}
            if places:
                found[number] = places
        elif each.returned is not None:
            value = each.returned.value
            parts[msgspec.msgpack.encode(value)] = (number, None)
            for place, part in enumerate(value.items if isinstance(value, wire.Tuple) else ()):
                parts[msgspec.msgpack.encode(part)] = (number, place)
    return found


def _exchanged(
    call: wire.Call, passed_on: Mapping[int, Place], answers: Sequence[RawAnswer]
) -> wire.Call:
    """Return a call with the reference's answers in the place of the student's."""
    arguments = list(call.arguments)
    for number, (earlier, place) in passed_on.items():
        answer = answers[earlier]
        if not isinstance(answer, wire.Returned):
            continue
        if place is None:
            arguments[number] = answer.value
        elif isinstance(answer.value, wire.Tuple) and place < len(answer.value.items):
            arguments[number] = answer.value.items[place]
    return msgspec.structs.replace(call, arguments=tuple(arguments))


def _that_explain(every: Iterable[Fit]) -> list[Fit]:
    """Return the mistakes that explain something, with the paths that they explain."""
    return [(mistake, paths) for mistake, paths in every if paths]


def _answered(
    student: AnswerSeries,
    mistaken: Iterable[Parts],
    right: AnswerSeries,
    own: frozenset[AnswerPath],
) -> frozenset[AnswerPath]:
    """Return the paths that a mistake gets wrong, if the student's answer is equal at each of them.

    Paths in a form of the student's own do not count, if the mistake gets others wrong. Most
    mistakes are ruled out by the first call, and their other answers are not computed.
    """
    answers = []
    for mine, theirs, ours in zip(student.answers, mistaken, right.answers, strict=True):
        if not all(equal_at(mine, theirs, p) for p in differing_paths(theirs, ours) - own):
            return frozenset()
        answers.append(theirs)
    # A path that is wrong in one call may be right in another, where the student is wrong.
    mistake = AnswerSeries(answers, right)
    paths = mistake.paths if mistake.omits else mistake.wrong
    if not all(student.alike(mistake, path) for path in paths - own):
        return frozenset()
    return mistake.wrong - own


def _drawn(student: AnswerSeries, mistake: AnswerSeries) -> frozenset[AnswerPath]:
    """Do as `_answered`, but accept answers that have the same distribution as the mistake's.

    Paths at which the mistake draws from the right distribution, but other numbers, are ignored.
    """
    paths = mistake.paths if mistake.omits else mistake.wrong
    rest = {path for path in paths if not student.alike(mistake, path)}
    if any(path[0] == "raised" for path in rest):  # exceptions are not random
        return frozenset()
    drawn = {path for path in rest if not mistake.drawn_right(path)}
    if mistake.omits and not all(map(student.drawn_right, rest - drawn)):
        return frozenset()
    if all(
        not student.drawn_right(path) and student.draws.same_distribution(mistake.draws, path)
        for path in drawn
    ):
        return mistake.wrong - (rest - drawn)
    return frozenset()


def _unambiguous(fitting: Sequence[Fit]) -> list[Mistake]:
    """Return the mistakes that explain most; of several with the same sentence the first."""
    most = [fit for fit in fitting if not any(fit[1] < other for _, other in fitting)]
    one_each: dict[str, Fit] = {}
    for fit in most:
        one_each.setdefault(fit[0].sentence, fit)
    return [
        mistake
        for mistake, paths in one_each.values()
        if not any(paths & others and other.sentence != mistake.sentence for other, others in most)
    ]


def decide(
    evidence: Evidence, recognised: Recognised, *, more: bool = False
) -> tuple[Sequence[Mistake], Sequence[Finding]]:
    """Choose between the known mistakes and the other methods.

    Known mistakes that explain everything are named, unless a loop ends in its first round: what
    its function returns then looks like something else. Otherwise the first method that is certain
    speaks. A wrong form or a fact of the source concerns the whole function, so a mistake that fits
    at some places only is not named beside it. The other methods explain the places that no mistake
    explains. The last ones say least, so they wait if there is more evidence to come.
    """
    mistakes, explained = recognised.mistakes, recognised.explained
    if not evidence.wrong and not mistakes:
        return (), rounding(evidence) or facts(evidence)
    if recognised.everything:
        findings = ends_its_loop(evidence)
        return ((), findings) if findings else (mistakes, ())
    for method in (ends_its_loop, form, facts):
        findings = method(evidence)
        if any(each.kind == "seed_inside" for each in findings):
            return (), [*findings, *draws(evidence, seeded=True)]  # a seed changes no distribution
        if findings:
            return (), findings
    names = {evidence.place_name(path) for path in explained}
    methods = (as_if, relations, draws, as_if_other, slips_and_lines)
    last = (float_errors, last_resort, changed_arguments, where_wrong)
    for method in methods if more else (*methods, *last):
        every = method(evidence)
        # One change of a line that makes more right is a simpler cause than a known mistake.
        exact = [each for each in every if level(each) is Level.LINE and each.kind not in VAGUE]
        simpler = [each for each in exact if names < set(each.places)]
        if simpler:
            return (), simpler
        findings = [each for each in every if not names & set(each.places)]
        if findings:
            return mistakes, findings
    return mistakes, ()


def slips_and_lines(evidence: Evidence) -> list[Finding]:
    """Return slips in the student's own lines, or else in the reference.

    A slip in the reference may give the student's answers although the student has made another
    one. A change of the student's own line is surer, if it makes all right and is no vague one.
    """
    own = lines(evidence)
    sure = [each for each in own if each.kind not in VAGUE and KINDS[each.kind][0] is Level.SLIP]
    if {place for each in sure for place in each.places} >= set(
        place_names(evidence, evidence.wrong)
    ):
        # Whatever is sorted by size can be turned round by a minus sign, too.
        minus = all(each.kind == "slip_no_minus" for each in own)
        others = reference_slips(evidence) if minus else []
        return own if all(each.kind == "slip_no_minus" for each in others) else others
    return reference_slips(evidence) or own or reference_slips(evidence, named=False)


def _add(annotated: list[CheckResult], function: str, findings: Sequence[Finding]) -> None:
    """Add findings to the failed checks of a function.

    A check gets the finding about the place that its message names, if there is one. The sentences
    stand once: at the first check that names one of their places, or else at the first that failed.
    """
    failed = [
        number
        for number, each in enumerate(annotated)
        if each.function == function and each.verdict in WRONG
    ]
    if not findings or not failed:
        return
    named = {number: _about(annotated[number], findings) for number in failed}
    notes = tuple(map(sentence, findings))
    place = next((number for number in failed if named[number]), failed[0])
    for number in failed:
        result = annotated[number]
        finding = None if result.mistake is not None else (named[number] or findings)[0]
        added = notes if number == place else ()
        annotated[number] = msgspec.structs.replace(
            result, finding=finding, notes=(*result.notes, *added)
        )


def _about(result: CheckResult, findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings about a place that a check's message names."""
    message = result.message or ""
    return [each for each in findings if any(f'"{place}"' in message for place in each.places)]


def in_order(students: Iterable[Student]) -> list[list[PendingCall]]:
    """Return the calls that each process answered, first those of the process that checks share."""
    shared: list[PendingCall] = []
    rewound: list[list[PendingCall]] = []
    for student in students:
        first, *others = calls(student)
        shared += first
        rewound += others
    return [shared, *rewound]


def _unwritten(asked: PendingCall) -> bool:
    failure = asked.failure
    if isinstance(failure, StudentError):
        return failure.error.type == "NotImplementedError"
    return failure is not None
