"""Which known mistake a learner has made, where one answers what their function answered.

Where a function failed a check, everything that it was asked is asked again of every known mistake
of it, from the same randomness, in the order in which the learner's was asked, until one of its
answers rules it out. Answers are compared place by place (see `likeness`). A mistake fits if the
learner's function answered like it, on every call, at every place that the mistake gets wrong
anywhere; so where a learner has made two mistakes that show at different places, both fit. Where a
function draws random numbers, from a stream of the learner's own choice, a place may also be alike
by its draws (see `draws`).

Of the mistakes that fit, those are left out that get wrong but a part of what another one does.
Nothing is said of two that get the same place wrong and have different sentences. And a check is
told a mistake only if that mistake, alone in a function that is right otherwise, fails it too.

Nothing is said where anybody's function stood in for a learner's, or where a call was not answered.

What is asked is partly of the learner's making, a cache say, so the mistakes run in a limited
process of their own (see `understudy`), and never in the judge's.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
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
from autograder.checking.diagnosis.replay import (
    AnswerSeries,
    CallSeries,
    NotAnswered,
    Replay,
    Replayer,
)
from autograder.checking.judge.calls import Budget, LearnerError, PendingCall
from autograder.checking.judge.run_check import Seed, run_check_on_student
from autograder.checking.judge.student import Learner, calls
from autograder.checking.mistakes import Mistake
from autograder.result import CheckResult, Verdict
from autograder.sandbox.host.monitor import ProcessDeaths
from autograder.sandbox.protocol import wire

WRONG = (Verdict.FAILED, Verdict.PARTIAL)
DECIDED = (Verdict.PASSED, Verdict.NOT_RUN, *WRONG)

MAX_DIAGNOSED_BYTES = 24 * 1024**2
"""Of a learner's answers together: more are no mistake that anybody knows, and take minutes."""

MAX_PATHS = 200
"""In one of them."""

REPLAY_SECONDS = 20.0
"""Of CPU time for which mistakes are asked about one function of one learner. What others were
asked is known already: only whoever makes up arguments of their own takes so long."""

MAX_CACHED_DIAGNOSES = 1000
"""Ways to answer wrongly of which it is remembered which mistakes they are."""

Fit = tuple[Mistake, frozenset[AnswerPath]]
"""A mistake that fits, and the places that it gets wrong."""


class Diagnosis:
    """Recognises the mistakes of an assignment, one submission after the other.

    Args:
        path: where the reference lies.
        reference: the same, loaded.
        mistakes: those that are known.
        seed: from which the inputs of a check and the randomness in it are made.
        losses: is told when the process that plays the mistakes has ended, and not from here.
    """

    def __init__(
        self,
        path: Path,
        reference: ModuleType,
        mistakes: Iterable[Mistake],
        seed: Seed,
        losses: ProcessDeaths | None = None,
    ) -> None:
        self.reference = reference
        self.mistakes = tuple(mistakes)
        self.seed = seed
        self.losses = losses or ProcessDeaths()
        self.replayer = Replayer(path, self.losses)
        self.source = cache(self._source)
        self.fails = cache(self._fails)
        self.cache: dict[bytes, list[Mistake]] = {}

    def reseed(self, seed: Seed) -> None:
        """Takes another seed from now on."""
        self.seed = seed
        self.fails.cache_clear()

    def _source(self, mistake: Mistake) -> str | None:
        """The mistaken function; None where it fits the reference no more, as the audit says."""
        try:
            return mistake.source(self.reference)
        except BadAssignment:
            return None

    def annotate(
        self,
        checks: Sequence[Check],
        results: Sequence[CheckResult],
        asked: Mapping[str, Learner],
    ) -> list[CheckResult]:
        """The same results, with what was recognised.

        Args:
            checks: all that were taken.
            results: of each of them.
            asked: whom each check has asked, by its id.
        """
        annotated = list(results)
        known = {mistake.of for mistake in self.mistakes}
        for function in dict.fromkeys(r.function for r in results if r.verdict in WRONG):
            mine = [r for r in results if r.function == function]
            if function not in known or any(r.given or r.verdict not in DECIDED for r in mine):
                continue
            try:
                students = [asked[r.id] for r in mine if r.id in asked]
                self._annotate(annotated, checks, self._recognised(function, students))
            except (NotAnswered, wire.Closed):  # no diagnosis is better than no marks
                continue
        return annotated

    def _annotate(
        self, annotated: list[CheckResult], checks: Sequence[Check], mistakes: Iterable[Mistake]
    ) -> None:
        """Names each mistake at the checks that it fails, and says its sentence at the first."""
        for mistake in mistakes:
            notes: tuple[str, ...] = (mistake.sentence,)
            for place, (check, result) in enumerate(zip(checks, annotated, strict=True)):
                if (
                    check.of == mistake.of
                    and result.verdict in WRONG
                    and result.mistake is None
                    and self.fails(mistake, check)
                ):
                    annotated[place] = msgspec.structs.replace(
                        result, mistake=mistake.name, notes=(*result.notes, *notes)
                    )
                    notes = ()  # once is enough

    def _fails(self, mistake: Mistake, check: Check) -> bool:
        """Whether a notebook in which all but this mistake is right would fail a check."""
        source = self.source(mistake) or ""
        self.replayer.may_take(math.inf)  # nothing of a learner's is asked

        def replay() -> Replay:
            return self.replayer.start(source)

        first = replay()
        before = replace(self.losses)
        try:
            outcome = run_check_on_student(
                check, lambda: first, replay, Budget(), self.reference, self.seed, alone=True
            )
            return outcome.fraction < 1
        except Exception as error:  # the check went wrong, on answers that it was not made for
            if self.losses != before:  # or nobody was there to answer, which is not to be kept
                raise NotAnswered from error
            return False

    def _recognised(self, function: str, students: Iterable[Learner]) -> list[Mistake]:
        """The mistakes in a function that can be stated as facts, from all that it was asked."""
        asked = in_order(students)
        mine = [each for every in asked for each in every if each.call.function == function]
        if not mine or any(_unwritten(each) for each in mine):
            return []
        if sum(wire.size_of(each.returned) for each in mine if each.returned) > MAX_DIAGNOSED_BYTES:
            return []
        series = CallSeries(function, [[each.call for each in every] for every in asked])
        answers = list(map(raw_answer, mine))
        key = hashlib.blake2b(series.key + msgspec.msgpack.encode(answers)).digest()
        if key not in self.cache:
            if len(self.cache) == MAX_CACHED_DIAGNOSES:
                self.cache.clear()
            self.cache[key] = self._fitting(series, answers)
        return self.cache[key]

    def _fitting(self, series: CallSeries, answers: Sequence[RawAnswer | None]) -> list[Mistake]:
        """The mistakes that can be stated as facts of a function that has answered so."""
        flattened = [flatten(each) for each in answers]
        if any(len(answer) > MAX_PATHS for answer in flattened):
            return []
        self.replayer.may_take(REPLAY_SECONDS)
        right = self.replayer.play(series, "")
        learner = AnswerSeries(flattened, right)
        known = [
            (mistake, source)
            for mistake in self.mistakes
            if mistake.of == series.function and (source := self.source(mistake)) is not None
        ]
        # Who answers just like a mistake, number for number, has made it: no draws need be looked
        # at where that explains all that is wrong.
        fitting = _that_explain(
            (mistake, _answered(learner, self.replayer.answers_of(series, source), right))
            for mistake, source in known
        )
        explained = frozenset[AnswerPath]().union(*(places for _, places in fitting))
        first = next(
            call for each in series.calls for call in each if call.function == series.function
        )
        if not learner.wrong <= explained and self._is_random(first):
            fitting = _that_explain(
                (mistake, _drawn(learner, self.replayer.play(series, source)))
                for mistake, source in known
            )
        return _unambiguous(fitting)

    def right(self, pending: Iterable[PendingCall]) -> list[RawAnswer]:
        """What the reference answers to the calls that one process has answered.

        Raises:
            NotAnswered: to one of them it does not.
        """
        replay = self.replayer.start("")
        return [replay.answer(each.call) for each in pending]

    def _is_random(self, call: wire.Call) -> bool:
        """Whether the reference's answer to a call is a matter of chance, as two seeds tell."""
        seeds = [hashlib.blake2b(bytes([number]), digest_size=32).digest() for number in (0, 1)]
        one, other = (
            self.replayer.start("").parts(msgspec.structs.replace(call, seed=seed))
            for seed in seeds
        )
        return bool(differing_paths(one, other))


def _that_explain(every: Iterable[Fit]) -> list[Fit]:
    """The mistakes that explain something, and what."""
    return [(mistake, places) for mistake, places in every if places]


def _answered(
    learner: AnswerSeries, mistaken: Iterable[Parts], right: AnswerSeries
) -> frozenset[AnswerPath]:
    """The places that a mistake gets wrong, if the learner's answer is the same at each of them.

    Most mistakes are out at the first call, and are asked no more.
    """
    answers = []
    for mine, theirs, ours in zip(learner.answers, mistaken, right.answers, strict=True):
        if not all(equal_at(mine, theirs, place) for place in differing_paths(theirs, ours)):
            return frozenset()
        answers.append(theirs)
    # What it gets wrong in one call, it may have got right, and the learner wrong, in another.
    mistake = AnswerSeries(answers, right)
    alike = all(learner.alike(mistake, place) for place in mistake.wrong)
    return mistake.wrong if alike else frozenset()


def _drawn(learner: AnswerSeries, mistake: AnswerSeries) -> frozenset[AnswerPath]:
    """The same, where an answer is also alike if it could be drawn in the same way.

    Draws from the same stream, but from further on, are neither wrong nor right, and are passed
    over.
    """
    rest = {place for place in mistake.wrong if not learner.alike(mistake, place)}
    if any(place[0] == "raised" for place in rest):  # no exception is a matter of chance
        return frozenset()
    drawn = {place for place in rest if not mistake.drawn_right(place)}
    if all(
        not learner.drawn_right(place) and learner.draws.same_distribution(mistake.draws, place)
        for place in drawn
    ):
        return mistake.wrong - rest | drawn
    return frozenset()


def _unambiguous(fitting: Sequence[Fit]) -> list[Mistake]:
    """The mistakes that explain most; of several with one sentence the first."""
    most = [fit for fit in fitting if not any(fit[1] < other for _, other in fitting)]
    one_each: dict[str, Fit] = {}
    for fit in most:
        one_each.setdefault(fit[0].sentence, fit)
    return [
        mistake
        for mistake, places in one_each.values()
        if not any(places & others and other.sentence != mistake.sentence for other, others in most)
    ]


def in_order(students: Iterable[Learner]) -> list[list[PendingCall]]:
    """What each process that answered was asked: first the one that all checks share."""
    shared: list[PendingCall] = []
    rewound: list[list[PendingCall]] = []
    for student in students:
        first, *others = calls(student)
        shared += first
        rewound += others
    return [shared, *rewound]


def _unwritten(asked: PendingCall) -> bool:
    failure = asked.failure
    if isinstance(failure, LearnerError):
        return failure.error.type == "NotImplementedError"
    return failure is not None
