"""Which known mistake a learner has made, where one answers all that their function answered.

Where a function failed a check, everything that it was asked is asked again of every known mistake
of it, from the same randomness, in the order in which the learner's was asked. A mistake is
recognised if it answered like the learner's function wherever that was wrong, and rightly or like
the learner's wherever that was right. Booleans alone are thin evidence, so that the checks that a
function passed count as well as those that it failed.

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
from typing import Any

import msgspec
import numpy as np

from autograder.checking.checks import BadAssignment
from autograder.checking.expect import RTOL
from autograder.checking.mistakes import Mistake
from autograder.checking.result import CheckResult, Verdict
from autograder.checking.student import Asked, LearnerError, Student, calls
from autograder.checking.understudy import NOT_ANSWERED, Understudy
from autograder.sandbox import wire

ATOL = 1e-9
"""Besides RTOL, as in `expect.close`."""

KEPT = 64 * 1024**2
"""Bytes of mistakes' answers that are kept for the next learner."""

WRONG = (Verdict.FAILED, Verdict.PARTIAL)
DECIDED = (Verdict.PASSED, Verdict.NOT_RUN, *WRONG)

Said = wire.Returned | wire.Failed
Question = tuple[str, Asked]
"""The id of a check, and a call that it made."""


class NotAnswered(Exception):
    """A mistake, or the reference, took too long over a call, or too much memory."""


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
        self.understudy = Understudy(path)
        self.source = cache(self._source)
        self.kept: dict[bytes, Said] = {}
        self.size = 0
        self.live = b""

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
        found: dict[str, tuple[Mistake, frozenset[str]]] = {}
        for mistake in self.mistakes:
            if mistake.of != function:
                continue
            if explained := self._explained(mistake, series, right, wrong):
                found.setdefault(mistake.sentence, (mistake, explained))
        if len(found) != 1:
            return None, frozenset()
        (only,) = found.values()
        return only

    def right(self, questions: Iterable[Question]) -> list[Said]:
        """What the reference answers to the calls that one process has answered.

        Raises:
            NotAnswered: to one of them it does not.
        """
        reference = Replay(self, "")
        return [reference.ask(asked) for _, asked in questions]

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
            replay = Replay(self, source or "")
            for (check, asked), best in zip(questions, wanted, strict=True):
                answer = replay.ask(asked)
                if asked.call.function != mistake.of:
                    continue
                if answers_like(asked, answer):
                    if check in wrong and not answers_like(asked, best):
                        explained.add(check)
                elif check in wrong or not alike(_parts(answer), _parts(best)):
                    return frozenset()
        return frozenset(explained)

    def keep(self, state: bytes, answer: Said) -> None:
        """Keeps an answer for the next learner whose function is asked the same."""
        self.size += wire.size(answer.value) if isinstance(answer, wire.Returned) else 0
        if self.size > KEPT:
            self.kept.clear()
            self.size = 0
        self.kept[state] = answer


class Replay:
    """A mistake's functions, asked one call after the other what the learner's were asked.

    Args:
        diagnosis: whose answers are kept, so that a class is answered once.
        source: of the mistaken function; "" for the reference.
    """

    def __init__(self, diagnosis: Diagnosis, source: str) -> None:
        self.diagnosis = diagnosis
        self.source = source
        self.state = hashlib.blake2b(source.encode(), digest_size=16).digest()
        self.before: list[wire.Call] = []

    def ask(self, asked: Asked) -> Said:
        """The answer to the next call.

        Raises:
            NotAnswered: there is none.
        """
        diagnosis, call = self.diagnosis, asked.call
        before = self.state
        self.state = hashlib.blake2b(before + msgspec.msgpack.encode(call)).digest()
        answer = diagnosis.kept.get(self.state)
        if answer is None:
            if diagnosis.live != before:
                diagnosis.understudy.become(self.source)
                for each in self.before:
                    self._perform(each)
            answer = self._perform(call)
            diagnosis.live = self.state
            diagnosis.keep(self.state, answer)
        self.before.append(call)
        return answer

    def _perform(self, call: wire.Call) -> Said:
        self.diagnosis.live = b""
        answer = self.diagnosis.understudy.answer(call)
        if answer is NOT_ANSWERED:
            raise NotAnswered
        return answer


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


def answers_like(asked: Asked, answer: Said) -> bool:
    """Whether a learner's call came to the same end as another's, up to rounding."""
    if isinstance(asked.failure, LearnerError):
        return alike(_parts(wire.Failed(0, asked.failure.error)), _parts(answer))
    return asked.returned is not None and alike(_parts(asked.returned), _parts(answer))


def _parts(answer: Said) -> object:
    """What there is to compare of an answer."""
    if isinstance(answer, wire.Failed):
        return [answer.error.type, answer.error.message]
    try:
        altered = answer.arguments and [wire.unpack(each) for each in answer.arguments]
        return {"value": wire.unpack(answer.value), "altered": altered}
    except wire.BadMessage:
        return answer


def alike(one: Any, other: Any) -> bool:
    """Whether a value is another one up to rounding, in whatever form its numbers are.

    A dict may hold more than the other one.
    """
    if isinstance(other, dict):
        return isinstance(one, dict) and all(
            key in one and alike(one[key], value) for key, value in other.items()
        )
    if isinstance(other, (list, tuple)):
        return (
            isinstance(one, (list, tuple))
            and len(one) == len(other)
            and all(map(alike, one, other))
        )
    numbers = (bool, int, float, np.generic, np.ndarray)
    if isinstance(one, numbers) and isinstance(other, numbers):
        a, b = np.asarray(one), np.asarray(other)
        if a.shape != b.shape or a.dtype.kind not in "biuf" or b.dtype.kind not in "biuf":
            return False
        with np.errstate(all="ignore"):
            a, b = a.astype(np.float64), b.astype(np.float64)
            largest = np.max(np.abs(b), initial=0.0, where=np.isfinite(b))
            near = np.abs(a - b) <= ATOL + RTOL * largest
        return bool(np.all(near | (a == b) | (np.isnan(a) & np.isnan(b))))
    return type(one) is type(other) and bool(one == other)
