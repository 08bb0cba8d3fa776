"""Prefetch answers: send the calls that checks are known to make before the checks run.

A trial run on the reference finds the calls that a check makes before it looks at any answer. They
are encoded once for the class as one message, and answered in one message. Answers that are equal,
byte for byte, to answers that have passed before pass again without being decoded.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from types import ModuleType
from typing import Any

import numpy as np

from autograder.checking.checks import Check
from autograder.checking.expect import Answer
from autograder.checking.judge.calls import Budget, CallRequest, ImmediateResponder, PendingCall
from autograder.checking.judge.reference_server import call_function
from autograder.checking.judge.run_check import Seed, run_check
from autograder.checking.judge.student import (
    MAX_BYTES_IN_FLIGHT,
    ForkedStudent,
    Student,
    requests_ahead,
)
from autograder.result import Verdict
from autograder.sandbox.host.fork import Fork
from autograder.sandbox.host.monitor import End
from autograder.sandbox.host.process import Crashed, TimedOut
from autograder.sandbox.protocol import wire
from autograder.sandbox.protocol.limits import TimeLimit


class PlanMismatch(Exception):
    """A check makes other calls than planned."""


class CallPlan:
    """The calls that a check is known to make.

    Args:
        requests: the calls to the student, then those to each fresh copy, in order.
    """

    def __init__(self, requests: Sequence[Sequence[CallRequest]]) -> None:
        self.requests = requests

    @cached_property
    def sealed(self) -> list[tuple[int, wire.SealedCalls]]:
        """The encoded calls to each student that is called, with its place in the plan."""
        return [
            (place, wire.SealedCalls(0, wire.sealed([each.call for each in mine])))
            for place, mine in enumerate(self.requests)
            if mine
        ]

    @cached_property
    def key(self) -> tuple[tuple[int, bytes], ...]:
        """A key that two plans share only if they make the same calls."""
        return tuple((place, bytes(sealed.calls)) for place, sealed in self.sealed)

    @property
    def rewound(self) -> bool:
        """Whether the check calls fresh copies and not the student that all checks share."""
        return any(place for place, _ in self.sealed)

    @property
    def size(self) -> int:
        """The number of bytes that are sent."""
        return sum(len(calls) for _, calls in self.key)


class PrefetchedAnswers:
    """A student's answers to the calls of one plan.

    Args:
        plan: the plan.
        answers: the answers with the fork that sent them, in the order of the plan.
        budget: the budget that pays for decoding them.

    Attributes:
        digest: a hash of the encoded answers.
    """

    def __init__(
        self, plan: CallPlan, answers: Sequence[tuple[Fork, wire.SealedAnswers]], budget: Budget
    ) -> None:
        self.plan = plan
        self.answers = answers
        self.budget = budget
        each = (hashlib.sha256(sealed.answers).digest() for _, sealed in answers)
        self.digest = hashlib.sha256(b"".join(each)).digest()

    @cached_property
    def calls(self) -> list[list[PendingCall]]:
        """The calls with their answers: those of the student, then those of each fresh copy.

        Raises:
            Crashed: the message does not hold answers to these calls.
        """
        every: list[list[PendingCall]] = [[] for _ in self.plan.requests]
        for (place, _), (fork, sealed) in zip(self.plan.sealed, self.answers, strict=True):
            every[place] = self._opened(self.plan.requests[place], fork, sealed)
        self.answers = ()  # the decoded calls take their place
        return every

    def _opened(
        self, requests: Sequence[CallRequest], fork: Fork, sealed: wire.SealedAnswers
    ) -> list[PendingCall]:
        try:
            answers = sealed.open()
        except wire.BadMessage:
            answers = ()
        if len(answers) != len(requests):
            fork.protocol_violation()
            raise Crashed
        opened = []
        for request, answer in zip(requests, answers, strict=True):
            asked = PendingCall(request, self.budget, _has_come)
            asked.fork = fork
            asked.settle(answer)
            opened.append(asked)
        return opened


def _has_come(_ended: bool) -> None:
    """Do nothing: a prefetched answer is here already."""


class PrefetchedStudent(Student):
    """A student that has answered the planned calls of a check, and answers no other.

    All fresh copies of the plan exist from the start, so that the calls of a check that is known to
    pass can be read although it does not run. The answers are decoded when they are read.

    Args:
        answers: the student's answers and those of each fresh copy.
        others: see `ForkedStudent`.
    """

    def __init__(self, answers: PrefetchedAnswers, others: list[Any] | None = None) -> None:
        super().__init__(others)
        self._answers = answers
        self._place = len(self._all) - 1
        if self._place == 0:
            for _ in answers.plan.requests[1:]:
                PrefetchedStudent(answers, self._all)
            self._copies = iter(self._all[1:])

    def rewound(self) -> PrefetchedStudent:
        """Return the next fresh copy of the plan."""
        copy: PrefetchedStudent | None = next(self._all[0]._copies, None)
        if copy is None:
            raise PlanMismatch
        return copy

    def _call(
        self, function: str, _arguments: tuple[object, ...], _keywords: dict[str, object]
    ) -> Answer:
        planned = self._calls()
        if len(self._made) == len(planned):
            raise PlanMismatch
        pending = planned[len(self._made)]
        if pending.call.function != function:
            raise PlanMismatch
        self._made.append(pending)
        return pending

    def _calls(self) -> Sequence[PendingCall]:
        return self._answers.calls[self._place]

    def finish(self) -> None:
        """Wait as every student does, and insist that the check has made all planned calls."""
        super().finish()
        if any(len(each._made) < len(each._calls()) for each in self._all):
            raise PlanMismatch


def prefetch_answers(
    fork: Callable[[int], Fork], asked: Iterable[tuple[CallPlan, str]]
) -> tuple[dict[object, PrefetchedAnswers], set[object]]:
    """Send the calls of all plans in as few round trips as possible, equal plans only once.

    Plans with fresh copies come last, because the first fork answers for the student and for the
    first copy. If a function does not answer, the prefetch stops: sending the rest to new forks
    would repeat calls that the old forks may have run already.

    Args:
        fork: returns the fork that answers: number 0 for the student and the first fresh copy,
            number 1 for the second copy, and so on.
        asked: the plan of each check with the function that the check is about.

    Returns:
        The answers by the keys of their plans, and the keys of the unanswered plans whose function
        may have ended its own process.
    """
    budgets: dict[str, Budget] = defaultdict(Budget)
    prefetched: dict[object, PrefetchedAnswers] = {}
    ended: set[object] = set()
    left = {plan.key: (plan, function) for plan, function in asked}
    rest = deque(sorted(left.values(), key=lambda each: each[0].rewound))
    while rest:
        batch = _next_batch(rest)
        forks: dict[int, Fork] = {}
        awaited: str | None = None
        try:
            messages: dict[int, list[wire.Asking]] = defaultdict(list)
            for plan, _ in batch:
                for place, sealed in plan.sealed:
                    messages[_fork_number(place)].append(sealed)
            for place in sorted(messages):
                forks[place] = fork(place)
            for place, several in messages.items():
                forks[place].ask(several)
            for plan, awaited in batch:
                answers = _answers(plan, forks, budgets[awaited])
                if answers is not None:
                    prefetched[plan.key] = PrefetchedAnswers(plan, answers, budgets[awaited])
        except (TimedOut, Crashed) as error:  # the checks run alone later, and show it
            if isinstance(error, Crashed) and not any(map(_killed, forks.values())):
                ended.update(
                    plan.key
                    for plan, function in batch
                    if function == awaited and plan.key not in prefetched
                )
            for each in forks.values():  # they may still be answering
                each.end()
            break
    return prefetched, ended


def _killed(fork: Fork) -> bool:
    """Return whether a fork was killed from outside."""
    return fork.lost in (End.OUTSIDE, End.MEMORY)


def _answers(
    plan: CallPlan, forks: Mapping[int, Fork], budget: Budget
) -> list[tuple[Fork, wire.SealedAnswers]] | None:
    """Receive the answers to a plan with their forks; None if they are too large."""
    answers = []
    for place, _ in plan.sealed:
        fork = forks[_fork_number(place)]
        answers.append((fork, budget.charge(fork, fork.answers)))
    sealed = [(fork, each) for fork, each in answers if isinstance(each, wire.SealedAnswers)]
    size = sum(len(memoryview(each.answers)) for _, each in sealed)
    if len(sealed) < len(answers) or size > budget.bytes:
        return None
    budget.bytes -= size
    return sealed


def _fork_number(place: int) -> int:
    """Return the number of the fork for a place; the first fork serves the first two places."""
    return max(0, place - 1)


def _next_batch(plans: deque[tuple[CallPlan, str]]) -> deque[tuple[CallPlan, str]]:
    """Remove and return the first plans, as many as may be unanswered at once."""
    batch = deque([plans.popleft()])
    size = batch[0][0].size
    while plans and size + plans[0][0].size <= MAX_BYTES_IN_FLIGHT:
        batch.append(plans.popleft())
        size += batch[-1][0].size
    return batch


MAX_STUDENTS_PER_CHECK = 8
"""Students of one check that are prefetched: each is a process, and again if the check reruns."""

MAX_PASSED_DIGESTS = 500
"""Digests of passed answers that are kept for one check, some hundred bytes each."""


class CallPlanner:
    """Finds and keeps the call plans of an assignment's checks.

    Args:
        checks: the checks.
        reference: the reference solution, on which each check is tried first.
        seed: gives the seeds of the inputs.
    """

    def __init__(self, checks: Iterable[Check], reference: ModuleType, seed: Seed) -> None:
        self.checks = {check.id: check for check in checks}
        self.reference = reference
        self.seed = seed
        self.plans: dict[str, CallPlan | None] = {}
        self.passed: dict[str, set[bytes]] = defaultdict(set)

    def plan(self, check: str) -> CallPlan | None:
        """Return the planned calls of a check.

        Return None if its calls depend on an answer or change from run to run.
        """
        if check not in self.plans:
            with contextlib.redirect_stdout(io.StringIO()):
                self.plans[check] = _plan(self.checks[check], self.reference, self.seed)
        return self.plans[check]

    def has_passed(self, check: str, digest: bytes) -> bool:
        """Return whether answers with this digest have passed before."""
        return digest in self.passed[check]

    def remember(self, check: str, digest: bytes) -> None:
        """Remember that answers with this digest have passed."""
        if len(self.passed[check]) < MAX_PASSED_DIGESTS:
            self.passed[check].add(digest)


class AnswerRead(Exception):
    """A check has looked at an answer that does not exist."""


class InProcessReference(ImmediateResponder):
    """Answers with the reference's functions in the judge's own process.

    Args:
        reference: the reference solution; None to raise `AnswerRead` instead of answering.
    """

    def __init__(self, reference: ModuleType | None) -> None:
        self.reference = reference

    def answer(self, call: wire.Call, _limit: TimeLimit) -> wire.Returned:
        """Return the answer to a call.

        Raises:
            AnswerRead: there is no reference to answer.
        """
        if self.reference is None:
            raise AnswerRead
        if call.seed is not None:  # other generators are not seeded in the judge
            np.random.seed(np.frombuffer(call.seed, dtype=np.uint32))
        return call_function(call, vars(self.reference))


def _plan(check: Check, reference: ModuleType, seed: Seed) -> CallPlan | None:
    """Plan a check whose calls are equal in two runs, independent of answers, and not too many."""
    asked = _requests(check, InProcessReference(reference), reference, seed)
    if asked is None or not any(asked) or len(asked) > MAX_STUDENTS_PER_CHECK:
        return None
    again = _requests(check, InProcessReference(None), reference, seed)
    try:
        plan = CallPlan(asked)
        return plan if again is not None and CallPlan(again).key == plan.key else None
    except wire.TooLong:
        return None


def _requests(
    check: Check, responder: InProcessReference, reference: ModuleType, seed: Seed
) -> list[list[CallRequest]] | None:
    """Return the calls before the first look at an answer; None if more follow, or it fails."""
    start = seed("learner", check.id)
    student = ForkedStudent(lambda: responder, lambda: responder, start, Budget(), reference)
    try:
        if (
            run_check(check, student, reference, seed("rng", check.id)).verdict
            is not Verdict.PASSED
        ):
            return None
    except AnswerRead:
        pass
    except Exception:  # it comes again when the check runs
        return None
    return requests_ahead(student)
