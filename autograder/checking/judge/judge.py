"""The judge: asks a sandboxed process, compares, and says what came of every check.

It runs in the process that holds the reference and the secret, and never a line that a learner
wrote. A learner's process can answer wrongly, late, or not at all; each of these is a verdict.
What goes wrong in a check itself is `grader_error`: no points given, none taken.
"""

from __future__ import annotations

import inspect
import traceback
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType

from autograder.checking.checks import Check
from autograder.checking.judge.calls import Budget
from autograder.checking.judge.carry_forward import CarryForward
from autograder.checking.judge.forks import Forks
from autograder.checking.judge.messages import ended, idle, undecided, used_up, words
from autograder.checking.judge.prefetch import (
    CachedStudent,
    CallPlanner,
    PrefetchedAnswers,
    PrefetchedStudent,
    prefetch_answers,
)
from autograder.checking.judge.reference_server import ReferenceServer
from autograder.checking.judge.run_check import Outcome, Seed, run_check, run_check_on_student
from autograder.checking.judge.student import Learner
from autograder.i18n import _
from autograder.result import CheckResult, Verdict
from autograder.sandbox.host.process import Crashed, TimedOut
from autograder.sandbox.host.session import Session


@dataclass(frozen=True)
class Judged:
    """The verdicts on one submission, before any mistake is recognised.

    Attributes:
        results: one for each check, in the order of the checks.
        students: the student that each check called, by the check's id, with all calls and answers.
        observations: sentences for the instructor.
        faults: what went wrong in checks that failed themselves, by the check's id.
    """

    results: Sequence[CheckResult]
    students: Mapping[str, Learner]
    observations: Sequence[str]
    faults: Mapping[str, str]


class Judge:
    """What takes the checks of an assignment on one submission after the other.

    Args:
        checks: in the order in which they are taken.
        reference: the solution.
        seed: from which the inputs of a check and the learner's randomness in it are made.
        reference_server: answers for a learner's functions that lost points.

    Attributes:
        functions: those that are asked for.
    """

    def __init__(
        self,
        checks: Sequence[Check],
        reference: ModuleType,
        seed: Seed,
        reference_server: ReferenceServer,
    ) -> None:
        self.checks = checks
        self.reference = reference
        self.seed = seed
        self.carry_forward = CarryForward(checks, reference, reference_server, seed)
        self.functions = tuple(dict.fromkeys(check.of for check in checks))
        self.planner = CallPlanner(checks, reference, seed)

    def cells_seed(self) -> bytes:
        """From which the randomness of a notebook's cells starts."""
        return self.seed("cells", "")

    def take(self, session: Session, unwritten: Callable[[str], str]) -> Judged:
        """Run every check on one submission.

        Args:
            session: the submission, its cells run.
            unwritten: says, for the student, why a function is missing.
        """
        with Forks(session) as forks:
            run = CheckRun(self, forks, unwritten)
            for check in self.checks:
                run.take(check)
            run.second_pass()
        students = {
            check.id: outcome.student
            for check, outcome in run.outcomes.items()
            if outcome.student is not None
        }
        results = [run.results[check] for check in self.checks]
        return Judged(results, students, run.observations, run.faults)


class CheckRun:
    """One submission, check by check.

    Args:
        judge: who takes them.
        forks: of the submission.
        unwritten: says, for the learner, why a function is missing.

    Attributes:
        outcomes: what came of each check so far.
        provisional: the checks that were run although one that they wait for may still fail.
        results: the same, as it would be told.
        observations: for the instructor.
        faults: what went wrong in checks that failed themselves, by their ids; likewise.
        ended_in_prefetch: the checks whose function ended its own process during the prefetch.
        ended_alone: those at which one did so when it was asked alone.
        prefetched: what came of the checks that were asked ahead, and have passed.
    """

    def __init__(self, judge: Judge, forks: Forks, unwritten: Callable[[str], str]) -> None:
        self.judge = judge
        self.forks = forks
        self.unwritten = unwritten
        self.budgets: dict[str, Budget] = defaultdict(Budget)
        self.outcomes: dict[Check, Outcome] = {}
        self.provisional: set[Check] = set()
        self.results: dict[Check, CheckResult] = {}
        self.observations: list[str] = []
        self.faults: dict[str, str] = {}
        self.ended_in_prefetch: set[Check] = set()
        self.ended_alone: set[Check] = set()
        self.prefetched = self._prefetch()

    def take(self, check: Check) -> None:
        """Takes a check, with the learner's own functions alone."""
        if check.void is not None:  # a book that has the function's points stays right so
            self._note(check, Outcome(Verdict.NOT_RUN, 1.0))
            return
        self._note(check, self._first_pass(check))
        self.forks.next_check()

    def second_pass(self) -> None:
        """Takes those again that somebody else's functions may help, after all have been taken."""
        for check in self.judge.checks:
            outcome = self.outcomes[check]
            blocked = self._blocked(check.after) if check in self.provisional else None
            if blocked is not None:
                self._note(check, blocked)
            elif (
                self.judge.carry_forward.may_change(check, outcome, self.results)
                and not self.forks.session.is_over
            ):
                budget = self.budgets[check.of]
                carried = self.judge.carry_forward.take(
                    check, outcome, self.results, self.forks, budget
                )
                self._note(check, carried)
                self.forks.next_check()
        self._report_passed_later()
        self._leave_contradictions_undecided()

    def _leave_contradictions_undecided(self) -> None:
        """Leaves to a person what a function answers only when it is asked by itself.

        Asked among others, it has ended its own process: one of the two is not what it does. Where
        it does so alone too, at one of its checks, that has been it.
        """
        confirmed = {check.of for check in self.ended_in_prefetch & self.ended_alone}
        passed = [
            check
            for check in self.judge.checks
            if check in self.ended_in_prefetch
            and check.of not in confirmed
            and self.outcomes[check].verdict.earns_points
        ]
        for check in passed:
            message = _(
                "{function} ended its own process when it was called together with other "
                "functions, and answered when it was called alone. A person will look at it."
            ).format(function=check.of)
            outcome = replace(
                self.outcomes[check], verdict=Verdict.NOT_RUN, message=message, undecided=True
            )
            self._note(check, outcome)
        if passed:
            alone = _(
                "A function of this notebook ended its own process when it was called together "
                "with other functions, and answered when it was called alone. These checks have no "
                "points yet: {checks}. Read the function and decide."
            )
            self.observations.append(alone.format(checks=words([each.id for each in passed])))

    def _report_passed_later(self) -> None:
        """Tells the instructor which checks have points by who could have known of them."""
        later = [
            check.id
            for check, outcome in self.outcomes.items()
            if outcome.asked_before and outcome.verdict.earns_points
        ]
        if later:
            only_then = _(
                "Only when they were asked a second time were there points for {checks}. The cells "
                "take too long to be run again in between, and a function could have kept what it "
                "was asked, and answered something else."
            )
            self.observations.append(only_then.format(checks=words(later)))

    def _note(self, check: Check, outcome: Outcome) -> None:
        self.outcomes[check], self.results[check] = outcome, _result(check, outcome)

    def _blocked(self, others: Iterable[Check]) -> Outcome | None:
        """What comes of a check that waits for others, if one of them has failed."""
        for before in others:
            if before.void is None and not self.results[before].verdict.earns_points:
                message = _("It waits for: “{check}”").format(check=before.sentence)
                return Outcome(Verdict.NOT_RUN, message=message)
        return None

    def _prefetch(self) -> dict[Check, Outcome]:
        """What comes of the checks that are known, all asked at once, where they pass."""
        checks = [check for check in self.judge.checks if check.void is None]
        candidates = ((check, self.judge.planner.plan(check.id)) for check in checks)
        plans = {check: plan for check, plan in candidates if plan is not None}
        self.forks.asked_checks.update(check.id for check in plans)
        answers, ended_plans = prefetch_answers(
            self.forks.for_prefetch, ((plan, check.of) for check, plan in plans.items())
        )
        self.ended_in_prefetch = {check for check, plan in plans.items() if plan.key in ended_plans}
        outcomes = (
            (check, self._passed_prefetched(check, answers[plan.key]))
            for check, plan in plans.items()
            if plan.key in answers
        )
        return {check: passed for check, passed in outcomes if passed is not None}

    def _passed_prefetched(self, check: Check, answers: PrefetchedAnswers) -> Outcome | None:
        """What comes of a check that has its answers already, if it passes."""
        planner = self.judge.planner
        if planner.has_passed(check.id, answers.digest):
            return Outcome(Verdict.PASSED, 1.0, student=CachedStudent(answers))
        try:
            seed = self.judge.seed("rng", check.id)
            outcome = run_check(check, PrefetchedStudent(answers.calls), self.judge.reference, seed)
        except Exception:  # whatever it is, it will come again
            return None
        if outcome.verdict is not Verdict.PASSED:
            return None
        planner.remember(check.id, answers.digest)
        return outcome

    def _first_pass(self, check: Check) -> Outcome:
        """What comes of the learner's functions as they are, if it makes sense to ask them."""
        if self.forks.session.is_over and check not in self.prefetched:
            return Outcome(Verdict.TIMED_OUT, message=self._out_of_time())
        try:
            if check.of not in self.forks.functions():
                return Outcome(Verdict.MISSING, message=self.unwritten(check.of))
        except (TimedOut, Crashed):
            return Outcome(Verdict.CRASHED, message=ended(check.of))
        blocked = self._blocked(each for each in check.after if not self._may_still_pass(each))
        if blocked is not None:
            return blocked
        if self._blocked(check.after) is not None:
            self.provisional.add(check)
        if check in self.prefetched:
            return self.prefetched[check]
        unasked = self.forks.ensure_unasked(check.id)
        try:
            outcome = self._run_alone(check)
            outcome.asked_before = not unasked
            if outcome.verdict is Verdict.CRASHED:
                self.ended_alone.add(check)
            if outcome.verdict is Verdict.TIMED_OUT and self.forks.session.is_over:
                return replace(outcome, message=self._out_of_time())
        except Exception as error:  # ours or provoked: it must not pass for a verdict
            fault = _fault(check, error)
            itself = _("The check {check} itself failed, and a person must decide: {fault}.")
            self.observations.append(itself.format(check=check.id, fault=fault))
            self.faults[check.id] = fault
            return Outcome(Verdict.GRADER_ERROR, message=undecided(), undecided=True)
        return outcome

    def _out_of_time(self) -> str:
        """Why the submission is asked no more."""
        return used_up() if self.forks.session.is_used_up else idle()

    def _may_still_pass(self, check: Check) -> bool:
        """Whether one that has failed may pass with somebody else's functions."""
        return check in self.provisional or self.judge.carry_forward.may_change(
            check, self.outcomes[check], self.results
        )

    def _run_alone(self, check: Check) -> Outcome:
        judge, forks = self.judge, self.forks
        budget = self.budgets[check.of]
        return run_check_on_student(
            check, forks.current, forks.another, budget, judge.reference, judge.seed
        )


def _fault(check: Check, error: Exception) -> str:
    """What went wrong in a check, and where: in its own file, if anything of that took part."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if frame.filename == inspect.getfile(check.asks)]
    where = (own or frames)[-1]
    return _("{error} ({file}, line {line})").format(
        error=f"{type(error).__name__}: {error}", file=Path(where.filename).name, line=where.lineno
    )


def _result(check: Check, outcome: Outcome) -> CheckResult:
    notes: tuple[str, ...] = ()
    if outcome.replaced:
        ours = _("Taken with our {functions} in the place of yours, which cost its points there.")
        notes = (ours.format(functions=words(outcome.replaced)),)
    if check.void is not None:
        withdrawn = _("This check was withdrawn, and everybody has its points: {why}")
        notes = (withdrawn.format(why=check.void),)
    return CheckResult(
        id=check.id,
        function=check.of,
        verdict=outcome.verdict,
        points=None if outcome.undecided else check.points * outcome.fraction,
        max_points=check.points,
        message=outcome.message,
        given=outcome.replaced,
        notes=notes,
    )
