"""What checks are known to ask, asked of a learner in a few journeys, before they are taken.

All that one check is known to ask is one message, put into its form once for the class, and so are
the answers: what has passed before is known by its bytes, and nobody takes it apart.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import ModuleType
from typing import Any

import numpy as np

from autograder.checking.checks import Check
from autograder.checking.expect import Answer
from autograder.checking.judge.calls import Budget, CallRequest, ImmediateResponder, PendingCall
from autograder.checking.judge.reference_server import called
from autograder.checking.judge.run_check import Seed, run_check
from autograder.checking.judge.student import ON_THE_WAY, Learner, Student, questions
from autograder.result import Verdict
from autograder.sandbox.host.fork import Fork
from autograder.sandbox.host.monitor import End
from autograder.sandbox.host.process import Crashed, TimedOut
from autograder.sandbox.protocol import wire
from autograder.sandbox.protocol.limits import TimeLimit


class PlanMismatch(Exception):
    """A check asks something else than it was known to ask."""


class CallPlan:
    """What a check is known to ask.

    Args:
        questions: in that order, of the student first, then of each who was rewound.
    """

    def __init__(self, questions: Sequence[Sequence[CallRequest]]) -> None:
        self.questions = questions

    @cached_property
    def sealed(self) -> list[tuple[int, wire.SealedCalls]]:
        """What each who is asked anything is asked, as it is sent, and whose place it is."""
        return [
            (place, wire.SealedCalls(0, wire.sealed([each.call for each in mine])))
            for place, mine in enumerate(self.questions)
            if mine
        ]

    @cached_property
    def key(self) -> tuple[tuple[int, bytes], ...]:
        """Tells it from all that ask something else."""
        return tuple((place, bytes(sealed.calls)) for place, sealed in self.sealed)

    @property
    def rewound(self) -> bool:
        """Whether it asks students who are rewound, and not the one whom all checks share."""
        return any(place for place, _ in self.sealed)

    @property
    def size(self) -> int:
        """How many bytes are sent."""
        return sum(len(calls) for _, calls in self.key)


class PrefetchedAnswers:
    """What a learner has answered to a script.

    Args:
        script: the script.
        answers: what came, and who sent it, in the order of what was sent.
        budget: what is charged for taking it apart.

    Attributes:
        digest: tells these answers from all others.
    """

    def __init__(
        self, script: CallPlan, answers: Sequence[tuple[Fork, wire.SealedAnswers]], budget: Budget
    ) -> None:
        self.script = script
        self.answers = answers
        self.budget = budget
        each = (hashlib.sha256(sealed.answers).digest() for _, sealed in answers)
        self.digest = hashlib.sha256(b"".join(each)).digest()

    @cached_property
    def asked(self) -> list[list[PendingCall]]:
        """The calls, with their answers: of the student, then of each who was rewound.

        Raises:
            Crashed: what came are no answers to them.
        """
        every: list[list[PendingCall]] = [[] for _ in self.script.questions]
        for (place, _), (fork, sealed) in zip(self.script.sealed, self.answers, strict=True):
            every[place] = self._opened(self.script.questions[place], fork, sealed)
        return every

    def _opened(
        self, questions: Sequence[CallRequest], fork: Fork, sealed: wire.SealedAnswers
    ) -> list[PendingCall]:
        try:
            answers = sealed.open()
        except wire.BadMessage:
            answers = ()
        if len(answers) != len(questions):
            fork.protocol_violation()
            raise Crashed
        opened = []
        for question, answer in zip(questions, answers, strict=True):
            asked = PendingCall(question, self.budget, _has_come)
            asked.fork = fork
            asked.settle(answer)
            opened.append(asked)
        return opened


def _has_come(_ended: bool) -> None:
    """Whoever looks at such an answer need not wait for it."""


class PrefetchedStudent(Learner):
    """A student who has answered already what a check is known to ask, and nothing else.

    Args:
        answers: to what the check asks, in that order: the student's own, then of each who is to
            be rewound.
        others: as of every learner.
    """

    def __init__(
        self, answers: Sequence[Sequence[PendingCall]], others: list[Any] | None = None
    ) -> None:
        super().__init__(others)
        self._every = answers
        self._answers = iter(answers[len(self._all) - 1])

    def rewound(self) -> PrefetchedStudent:
        """The next of those who were."""
        if len(self._all) == len(self._every):
            raise PlanMismatch
        return PrefetchedStudent(self._every, self._all)

    def _call(
        self, function: str, _arguments: tuple[object, ...], _keywords: dict[str, object]
    ) -> Answer:
        asked = next(self._answers, None)
        if asked is None or asked.call.function != function:
            raise PlanMismatch
        self._made.append(asked)
        return asked

    def finish(self) -> None:
        """As of every learner; and there must be nothing left that the check was known to ask."""
        super().finish()
        if sum(len(each._made) for each in self._all) < sum(map(len, self._every)):
            raise PlanMismatch


class CachedStudent(Learner):
    """A student whose answers have passed before; they are taken apart for who asks for them.

    Args:
        told: the answers.
        others: as of every learner.
    """

    def __init__(self, told: PrefetchedAnswers, others: list[Any] | None = None) -> None:
        super().__init__(others)
        self._told = told
        self._place = len(self._all) - 1
        if len(self._all) < len(told.script.questions):
            CachedStudent(told, self._all)

    def _calls(self) -> Sequence[PendingCall]:
        return self._told.asked[self._place]


def prefetch_answers(
    fork: Callable[[int], Fork], asked: Iterable[tuple[CallPlan, str]]
) -> tuple[dict[object, PrefetchedAnswers], set[object]]:
    """Has a learner asked what all checks ask, each only once, in as few journeys as may be.

    Who is rewound comes last: the fork that has answered as the student then answers as the first
    of them too. Where a function does not answer, nobody is asked any more: what others have done
    already of what they were sent they would be asked once more.

    Args:
        fork: gives who answers: for 0 as the student, and as the first who is rewound; for 1 as the
            second of them, and so on.
        asked: what each check asks, and of which function it is.

    Returns:
        The answers that came, by the keys of their scripts; and the keys of those at which a
        function may have ended its own process, because they were next and are about the function
        that was.
    """
    budgets: dict[str, Budget] = defaultdict(Budget)
    told: dict[object, PrefetchedAnswers] = {}
    at_the_end: set[object] = set()
    left = {script.key: (script, function) for script, function in asked}
    rest = deque(sorted(left.values(), key=lambda each: each[0].rewound))
    while rest:
        batch = _batch(rest)
        forks: dict[int, Fork] = {}
        awaited: str | None = None
        try:
            messages: dict[int, list[wire.Asking]] = defaultdict(list)
            for script, _ in batch:
                for place, sealed in script.sealed:
                    messages[_fork_for(place)].append(sealed)
            for place in sorted(messages):
                forks[place] = fork(place)
            for place, several in messages.items():
                forks[place].ask(several)
            for script, awaited in batch:
                answers = _answers(script, forks, budgets[awaited])
                if answers is not None:
                    told[script.key] = PrefetchedAnswers(script, answers, budgets[awaited])
        except (TimedOut, Crashed) as error:  # what comes of that will come again
            if isinstance(error, Crashed) and not any(map(_killed, forks.values())):
                at_the_end.update(
                    script.key
                    for script, function in batch
                    if function == awaited and script.key not in told
                )
            for each in forks.values():  # who may still be about to answer
                each.end()
            break
    return told, at_the_end


def _killed(fork: Fork) -> bool:
    """Whether somebody else has ended a fork."""
    return fork.lost in (End.OUTSIDE, End.MEMORY)


def _answers(
    script: CallPlan, forks: Mapping[int, Fork], budget: Budget
) -> list[tuple[Fork, wire.SealedAnswers]] | None:
    """What comes next as answers to a script, and from whom; None where it is too much."""
    answers = []
    for place, _ in script.sealed:
        fork = forks[_fork_for(place)]
        answers.append((fork, budget.charge(fork, fork.answers)))
    sealed = [(fork, each) for fork, each in answers if isinstance(each, wire.SealedAnswers)]
    size = sum(len(memoryview(each.answers)) for _, each in sealed)
    if len(sealed) < len(answers) or size > budget.bytes:
        return None
    budget.bytes -= size
    return sealed


def _fork_for(place: int) -> int:
    """Which fork answers; the first one as two of them, whom no script asks both."""
    return max(0, place - 1)


def _batch(scripts: deque[tuple[CallPlan, str]]) -> deque[tuple[CallPlan, str]]:
    """Takes away the first scripts, as many as may be on their way at once."""
    batch = deque([scripts.popleft()])
    size = batch[0][0].size
    while scripts and size + scripts[0][0].size <= ON_THE_WAY:
        batch.append(scripts.popleft())
        size += batch[-1][0].size
    return batch


MOST_STUDENTS = 8
"""Of one check: each who is asked ahead is a process, and so are those who are asked afterwards."""

MOST_PASSED = 500
"""Ways to answer a check that are remembered, some hundred bytes each."""


@dataclass
class CheckPlan:
    """What is known of a check.

    Attributes:
        script: what it asks; None if it does not ask everybody the same, or not at once.
        passed: digests of answers that have passed.
    """

    script: CallPlan | None
    passed: set[bytes] = field(default_factory=set)


class CallPlanner:
    """What is known of the checks of a class.

    Args:
        checks: those that will be taken.
        reference: the solution, which is asked first.
        seed: from which the inputs are made.
    """

    def __init__(self, checks: Iterable[Check], reference: ModuleType, seed: Seed) -> None:
        self.checks = {check.id: check for check in checks}
        self.reference = reference
        self.seed = seed
        self.known: dict[str, CheckPlan] = {}

    def script(self, check: str) -> CallPlan | None:
        """What a check is known to ask."""
        if check not in self.known:
            with contextlib.redirect_stdout(io.StringIO()):
                script = _script(self.checks[check], self.reference, self.seed)
            self.known[check] = CheckPlan(script)
        return self.known[check].script

    def has_passed(self, check: str, digest: bytes) -> bool:
        """Whether these very answers have passed before."""
        return digest in self.known[check].passed

    def remember(self, check: str, digest: bytes) -> None:
        """Takes in which answers have passed."""
        passed = self.known[check].passed
        if len(passed) < MOST_PASSED:
            passed.add(digest)


class AnswerRead(Exception):
    """A check has looked at an answer."""


class InProcessReference(ImmediateResponder):
    """Answers as a learner would whose functions are the reference's, in this very process.

    Args:
        reference: the solution; None for who has learned no answer, and raises `Looked`.
    """

    def __init__(self, reference: ModuleType | None) -> None:
        self.reference = reference

    def answer(self, call: wire.Call, _limit: TimeLimit) -> wire.Returned:
        """The answer to the next call.

        Raises:
            Looked: there is none.
        """
        if self.reference is None:
            raise AnswerRead
        if call.seed is not None:  # in this process nothing else is wound
            np.random.seed(np.frombuffer(call.seed, dtype=np.uint32))
        return called(call, getattr(self.reference, call.function))


def _script(check: Check, reference: ModuleType, seed: Seed) -> CallPlan | None:
    """All that a check asks, if it does so before it looks, the same twice, and not too much."""
    asked = _asked(check, InProcessReference(reference), reference, seed)
    if asked is None or not any(asked) or len(asked) > MOST_STUDENTS:
        return None
    again = _asked(check, InProcessReference(None), reference, seed)
    try:
        script = CallPlan(asked)
        return script if again is not None and CallPlan(again).key == script.key else None
    except wire.TooLong:
        return None


def _asked(
    check: Check, actor: InProcessReference, reference: ModuleType, seed: Seed
) -> list[list[CallRequest]] | None:
    """What a check asks somebody before it looks at an answer; None if it asks more, or fails."""
    start = seed("learner", check.id)
    student = Student(lambda: actor, lambda: actor, start, Budget(), reference)
    try:
        if (
            run_check(check, student, reference, seed("rng", check.id)).verdict
            is not Verdict.PASSED
        ):
            return None
    except AnswerRead:
        pass
    except Exception:  # whatever it is, it will come again when the check is taken
        return None
    return questions(student)
