"""Run the checks of an assignment on a submission and decide their verdicts.

The judge never runs student code: it sends calls to a sandboxed process and compares the answers.
A submission is judged in three steps.

1. Prefetch. The calls that a check makes before it looks at any answer are known in advance. They
   are sent together, for all checks, and every check that passes on these answers is done.
2. First pass. Each other check runs alone, against a student process that has not been asked this
   check before, so that a function cannot recognise a repeated call. A check is not run if one
   that it comes after has failed for good.
3. Second pass. A check that failed where its function builds on another function that lost points
   runs again, with the reference in that function's place: the error is carried forward.

Wrong, late and missing answers are verdicts. An exception in the check itself is a grader error,
which neither gives nor takes points.
"""

from __future__ import annotations

import inspect
import traceback
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType

from autograder.checking.beside import beside
from autograder.checking.checks import Check
from autograder.checking.judge.calls import Budget
from autograder.checking.judge.carry_forward import CarryForward
from autograder.checking.judge.forks import Forks
from autograder.checking.judge.messages import ended, idle, undecided, used_up, words
from autograder.checking.judge.prefetch import (
    CallPlanner,
    PrefetchedAnswers,
    PrefetchedStudent,
    prefetch_answers,
)
from autograder.checking.judge.reference_server import ReferenceServer
from autograder.checking.judge.run_check import Outcome, Seed, run_check, run_check_on_student
from autograder.checking.judge.student import Student
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
    students: Mapping[str, Student]
    observations: Sequence[str]
    faults: Mapping[str, str]


class Judge:
    """Judges one submission of an assignment after the other.

    Args:
        checks: in the order in which they run.
        reference: the reference solution.
        seed: gives the seeds of a check's inputs and of the student's random numbers in it.
        reference_server: answers in place of the student's functions that lost points.

    Attributes:
        functions: the names of the functions that the checks are about.
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
        """Return the seed of the random numbers in a notebook's cells."""
        return self.seed("cells", "")

    def take(self, session: Session, missing: Callable[[str], Outcome]) -> Judged:
        """Run every check on one submission.

        Args:
            session: the submission, whose cells have been run.
            missing: returns the outcome of a check whose function the notebook does not define.
        """
        with beside(Path(str(self.reference.__file__))), Forks(session) as forks:
            run = CheckRun(self, forks, missing)
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
    """The checks of one submission, with what came of each so far.

    Args:
        judge: the judge that runs them.
        forks: the forks of the student process that answer.
        missing: returns the outcome of a check whose function the notebook does not define.

    Attributes:
        outcomes: the outcome of each check that has run.
        provisional: the checks that ran although a check they come after may still fail.
        results: the outcomes as the result file states them.
        observations: sentences for the instructor.
        faults: what went wrong in checks that failed themselves, by the check's id.
        ended_in_prefetch: the checks whose function ended its own process during the prefetch.
        ended_alone: the checks whose function ended its own process when it was called alone.
        prefetched: the outcomes of the checks that passed on prefetched answers.
    """

    def __init__(self, judge: Judge, forks: Forks, missing: Callable[[str], Outcome]) -> None:
        self.judge = judge
        self.forks = forks
        self.missing = missing
        self.budgets: dict[str, Budget] = defaultdict(lambda: Budget(forks.session.worker.limits))
        self.outcomes: dict[Check, Outcome] = {}
        self.provisional: set[Check] = set()
        self.results: dict[Check, CheckResult] = {}
        self.observations: list[str] = []
        self.faults: dict[str, str] = {}
        self.ended_in_prefetch: set[Check] = set()
        self.ended_alone: set[Check] = set()
        self.prefetched = self._prefetch()

    def take(self, check: Check) -> None:
        """Run a check with the student's own functions only."""
        if check.void is not None:  # its points count in the gradebook, so they stay
            self._note(check, Outcome(Verdict.NOT_RUN, 1.0))
            return
        self._note(check, self._first_pass(check))
        self.forks.next_check()

    def second_pass(self) -> None:
        """Run checks again with errors carried forward, after all have run once."""
        for check in self.judge.checks:
            outcome = self.outcomes[check]
            blocked = self._blocked(check.after) if check in self.provisional else None
            if blocked is not None and not blocked.undecided:
                self._note(check, blocked)
                continue
            if (
                self.judge.carry_forward.may_change(check, outcome, self.results)
                and not self.forks.session.is_over
            ):
                budget = self.budgets[check.of]
                carried = self.judge.carry_forward.take(
                    check, self.outcomes, self.results, self.forks, budget
                )
                self._note(check, carried)
                self.forks.next_check()
            if blocked is not None and self.outcomes[check].verdict.earns_points:
                self._note(check, blocked)
        self._report_passed_later()
        self._report_suspects()
        self._report_raised_later()
        self._leave_contradictions_undecided()

    def _leave_contradictions_undecided(self) -> None:
        """Leave checks undecided whose function ended its process in the prefetch, but not alone.

        A function that does both contradicts itself, and a person must look at it. A function that
        also ended its process alone, in any of its checks, is consistent and keeps its verdicts.
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
                "{function} ended its process when it was called together with other functions, "
                "but not when it was called alone. Your instructor will decide the points."
            ).format(function=check.of)
            outcome = replace(
                self.outcomes[check], verdict=Verdict.NOT_RUN, message=message, undecided=True
            )
            self._note(check, outcome)
        if passed:
            alone = _(
                "A function of this notebook ended its process when it was called together with "
                "other functions, but not when it was called alone. These checks have no points "
                "yet: {checks}. Read the function and decide their points."
            )
            self.observations.append(alone.format(checks=words([each.id for each in passed])))

    def _report_suspects(self) -> None:
        """Name the functions that lost no points, but seem to have made other checks fail."""
        by_suspects: dict[tuple[str, ...], list[str]] = defaultdict(list)
        for check, outcome in self.outcomes.items():
            if outcome.suspects:
                by_suspects[outcome.suspects].append(check.id)
        for suspects, checks in by_suspects.items():
            upstream = _(
                "These checks have no points yet: {checks}. They failed with the student's own "
                "{functions} and passed with the reference solution of {functions}, which lost no "
                "points. Look for the mistake there, for example in a cache that lacks an entry, "
                "and decide the points."
            )
            words_of = {"checks": words(checks), "functions": words(suspects)}
            self.observations.append(upstream.format(**words_of))

    def _report_raised_later(self) -> None:
        """Describe the exceptions that functions raised only with the reference's answers."""
        said = _(
            "With the reference solution in place of functions that lost points, the check {check} "
            "raised an exception: {message} Decide its points."
        )
        for check, outcome in self.outcomes.items():
            if outcome.raised_later is not None:
                self.observations.append(said.format(check=check.id, message=outcome.raised_later))

    def _report_passed_later(self) -> None:
        """Report the checks that passed only when a function could have seen them before."""
        later = [
            check.id
            for check, outcome in self.outcomes.items()
            if outcome.asked_before and outcome.verdict.earns_points
        ]
        if later:
            only_then = _(
                "A second try was needed to get points for {checks}. The cells take too long to "
                "be run again in between, so a function could have recorded the calls of the "
                "first try and answered differently."
            )
            self.observations.append(only_then.format(checks=words(later)))

    def _note(self, check: Check, outcome: Outcome) -> None:
        self.outcomes[check], self.results[check] = outcome, _result(check, outcome)

    def _blocked(self, others: Iterable[Check]) -> Outcome | None:
        """Return the outcome of a check that comes after others, if one of these did not pass.

        If a person must decide that one, the check's points are undecided too.
        """
        waits = None
        for before in others:
            if before.void is not None or self.results[before].verdict.earns_points:
                continue
            if not self.outcomes[before].undecided:
                message = _("Not run, because an earlier check did not pass: “{check}”")
                return Outcome(Verdict.NOT_RUN, message=message.format(check=before.sentence))
            message = _(
                "Your instructor will decide the points, because an earlier check is not decided "
                "yet: “{check}”"
            ).format(check=before.sentence)
            waits = waits or Outcome(Verdict.NOT_RUN, message=message, undecided=True)
        return waits

    def _prefetch(self) -> dict[Check, Outcome]:
        """Return the outcomes of the checks that pass on prefetched answers."""
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
        """Run a check on prefetched answers, and return its outcome if it passes."""
        planner = self.judge.planner
        if planner.has_passed(check.id, answers.digest):
            return Outcome(Verdict.PASSED, 1.0, student=PrefetchedStudent(answers))
        try:
            seed = self.judge.seed("rng", check.id)
            outcome = run_check(check, PrefetchedStudent(answers), self.judge.reference, seed)
        except Exception:  # it comes again when the check runs alone
            return None
        if outcome.verdict is not Verdict.PASSED:
            return None
        planner.remember(check.id, answers.digest)
        return outcome

    def _first_pass(self, check: Check) -> Outcome:
        """Return the outcome of a check with the student's own functions."""
        if self.forks.session.is_over and check not in self.prefetched:
            return Outcome(Verdict.TIMED_OUT, message=self._out_of_time())
        try:
            if check.of not in self.forks.functions():
                return self.missing(check.of)
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
        except Exception as error:  # ours, or provoked by the student: never a verdict
            fault = _fault(check, error)
            itself = _("The check {check} itself failed, so you must decide its points: {fault}.")
            self.observations.append(itself.format(check=check.id, fault=fault))
            self.faults[check.id] = fault
            return Outcome(Verdict.GRADER_ERROR, message=undecided(), undecided=True)
        return outcome

    def _out_of_time(self) -> str:
        """Return the sentence that says which time of the submission is used up."""
        return used_up(self.forks.session.max_used) if self.forks.session.is_used_up else idle()

    def _may_still_pass(self, check: Check) -> bool:
        """Return whether a failed check may still pass with errors carried forward."""
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
    """Describe an exception in a check, with the last line of the check's own file in it."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if frame.filename == inspect.getfile(check.asks)]
    where = (own or frames)[-1]
    return _("{error} ({file}, line {line})").format(
        error=f"{type(error).__name__}: {error}", file=Path(where.filename).name, line=where.lineno
    )


def _result(check: Check, outcome: Outcome) -> CheckResult:
    notes: tuple[str, ...] = ()
    if outcome.replaced:
        ours = _(
            "This check ran with the reference solution of {functions} instead of yours, so "
            "that a mistake there does not cost points twice."
        )
        notes = (ours.format(functions=words(outcome.replaced)),)
    if check.void is not None:
        withdrawn = _("This check was withdrawn, and every student gets its points: {why}")
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
