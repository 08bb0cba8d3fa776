"""Which known mistake a learner has made, where one answers all that their function answered.

Where a function failed a check, everything that it was asked is asked again of every known mistake
of it, from the same randomness, in the order in which the learner's was asked. A mistake is
recognised if it answered like the learner's function wherever that was wrong, and rightly or like
the learner's wherever that was right. Booleans alone are thin evidence, so that the checks that a
function passed count as well as those that it failed.

Where a function draws random numbers, and no mistake answers just so, the learner's draws are
compared with those of each mistake (see `draws`), and must not be like the reference's.

Nothing is said where two mistakes fit that have different sentences, where the reference answers
the same, where anybody's function stood in for a learner's, or where a call was not answered.

What is asked is partly of the learner's making, a cache say, so the mistakes run in a limited
process of their own (see `understudy`), and never in the judge's.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from types import ModuleType

import msgspec

from autograder.checking.checks import BadAssignment
from autograder.checking.draws import Draws
from autograder.checking.likeness import Said, alike, answers_like, parts
from autograder.checking.mistakes import Mistake
from autograder.checking.replay import NotAnswered, Replayer
from autograder.checking.result import CheckResult, Verdict
from autograder.checking.student import Asked, LearnerError, Student, calls
from autograder.sandbox import wire

WRONG = (Verdict.FAILED, Verdict.PARTIAL)
DECIDED = (Verdict.PASSED, Verdict.NOT_RUN, *WRONG)

Question = tuple[str, Asked]
"""The id of a check, and a call that it made."""


class Diagnosis:
    """Recognises the mistakes of an assignment, one submission after the other.

    Args:
        path: where the reference lies.
        reference: the same, loaded.
        mistakes: those that are known.
    """

    def __init__(self, path: Path, reference: ModuleType, mistakes: Iterable[Mistake]) -> None:
        self.reference = reference
        self.mistakes = tuple(mistakes)
        self.replayer = Replayer(path)
        self.source = cache(self._source)

    def _source(self, mistake: Mistake) -> str | None:
        """The mistaken function; None where it fits the reference no more, as the audit says."""
        try:
            return mistake.source(self.reference)
        except BadAssignment:
            return None

    def told(
        self, results: Sequence[CheckResult], asked: Mapping[str, Student]
    ) -> list[CheckResult]:
        """The same results, with what was recognised.

        Args:
            results: of all checks of a submission.
            asked: whom each check has asked, by its id.
        """
        told = list(results)
        known = {mistake.of for mistake in self.mistakes}
        for function in dict.fromkeys(r.function for r in results if r.verdict in WRONG):
            mine = [r for r in results if r.function == function]
            if function not in known or any(r.given or r.verdict not in DECIDED for r in mine):
                continue
            try:
                mistake, shown_by = self._recognise(function, mine, asked)
            except (NotAnswered, wire.Closed):  # no diagnosis is better than no marks
                continue
            notes = (mistake.sentence,) if mistake else ()
            for place, result in enumerate(told):
                if mistake is not None and result.id in shown_by:
                    told[place] = msgspec.structs.replace(
                        result, mistake=mistake.name, notes=(*result.notes, *notes)
                    )
                    notes = ()  # once is enough
        return told

    def _recognise(
        self, function: str, results: Sequence[CheckResult], asked: Mapping[str, Student]
    ) -> tuple[Mistake | None, frozenset[str]]:
        """The only mistake that fits, if one does, and the checks whose failure it explains."""
        wrong = frozenset(r.id for r in results if r.verdict in WRONG)
        series = in_order((r.id, asked[r.id]) for r in results if r.id in asked)
        if any(_unwritten(each) for questions in series for _, each in questions):
            return None, frozenset()
        right = [self.right(questions) for questions in series]
        mistakes = [each for each in self.mistakes if each.of == function]
        fitting = [
            (mistake, explained)
            for mistake in mistakes
            if (explained := self._explained(mistake, series, right, wrong))
        ]
        if not fitting:
            fitting = [(each, wrong) for each in self._drawing_alike(function, mistakes, series[0])]
        if len({mistake.sentence for mistake, _ in fitting}) != 1:
            return None, frozenset()
        return fitting[0]

    def right(self, questions: Iterable[Question]) -> list[Said]:
        """What the reference answers to the calls that one process has answered.

        Raises:
            NotAnswered: to one of them it does not.
        """
        reference = self.replayer.start("")
        return [reference.ask(asked.call) for _, asked in questions]

    def _drawing_alike(
        self, function: str, mistakes: Iterable[Mistake], questions: Sequence[Question]
    ) -> list[Mistake]:
        """The mistakes that draw as the learner's function does; none where the reference does."""
        if not self._is_random(function, questions):
            return []
        mine = _draws([each.returned for _, each in questions if each.call.function == function])
        if mine is None or not mine.enough():
            return []

        def draws(source: str) -> Draws | None:
            replay = self.replayer.start(source)
            said = [(each.call.function, replay.ask(each.call)) for _, each in questions]
            return _draws([answer for name, answer in said if name == function])

        best = draws("")
        if best is None or mine.like(best):
            return []
        others = ((each, draws(source)) for each in mistakes if (source := self.source(each)))
        return [each for each, other in others if other is not None and mine.like(other)]

    def _is_random(self, function: str, questions: Sequence[Question]) -> bool:
        """Whether the reference's answer is a matter of chance, as two seeds tell."""
        call = next((each.call for _, each in questions if each.call.function == function), None)
        if call is None:
            return False
        seeds = [hashlib.blake2b(bytes([number]), digest_size=32).digest() for number in (0, 1)]
        one, other = (
            self.replayer.start("").ask(msgspec.structs.replace(call, seed=seed)) for seed in seeds
        )
        return not alike(parts(one), parts(other))

    def _explained(
        self,
        mistake: Mistake,
        series: list[list[Question]],
        right: list[list[Said]],
        wrong: frozenset[str],
    ) -> frozenset[str]:
        """The failed checks in which a mistake, and not the reference, answers like the learner.

        There are none of them where it answers otherwise than the learner anywhere.
        """
        source = self.source(mistake)
        explained: set[str] = set()
        for questions, wanted in zip(series, right, strict=True) if source else ():
            replay = self.replayer.start(source or "")
            for (check, asked), best in zip(questions, wanted, strict=True):
                answer = replay.ask(asked.call)
                if asked.call.function != mistake.of:
                    continue
                if answers_like(asked, answer):
                    if check in wrong and not answers_like(asked, best):
                        explained.add(check)
                elif check in wrong or not alike(parts(answer), parts(best)):
                    return frozenset()
        return frozenset(explained)


def in_order(asked: Iterable[tuple[str, Student]]) -> list[list[Question]]:
    """What each process that answered was asked: first the one that all checks share."""
    shared: list[Question] = []
    rewound: list[list[Question]] = []
    for check, student in asked:
        first, *others = calls(student)
        shared += [(check, each) for each in first]
        rewound += [[(check, each) for each in other] for other in others]
    return [shared, *rewound]


def _unwritten(asked: Asked) -> bool:
    failure = asked.failure
    if isinstance(failure, LearnerError):
        return failure.error.type == "NotImplementedError"
    return failure is not None


def _draws(answers: Sequence[object]) -> Draws | None:
    """What all these calls returned; None where one of them did not return."""
    try:
        values = [wire.unpack(each.value) for each in answers if isinstance(each, wire.Returned)]
    except wire.BadMessage:
        return None
    return Draws(values) if len(values) == len(answers) else None
