"""Carry errors forward: score a function with the reference in place of a wrong upstream one.

A check may fail because its function builds on another function that lost points, or because the
check itself calls that function for its inputs. Such a check runs again with the reference in the
other function's place. If it does no better, or if the other function is never called, the judged
function itself is wrong. The student reads what was wrong in the first run. If an exception stopped
that run or the other function does not exist, the student reads what was wrong in the second run,
which alone shows the judged function's own fault. The text of an exception in the second run is
only for the instructor, since it may contain the reference's answers.

A person must decide only where the other function was seen to be called and the check could not be
repeated with the reference's, or where the judged function raises an exception with the reference's
answer and none with the student's. In the first case no person is needed if the judged function has
failed a check that needs no other function, has passed no check, raised an exception of its own in
the first run, or ended its process. An exception in a helper is the exception of the function that
called the helper.

A function may also return something wrong that none of its checks looks at, such as a cache that
lacks an entry. Another function that uses it then fails although no function lost points. Its check
runs again with the reference in place of the functions that it builds on or takes its inputs from.
Passing then is evidence that one of these is at fault, so a person decides the points; it never
gives points by itself.

The reference never replaces a function that itself builds on the judged one: the student's function
could call it and get its own answer from the reference. If the judged function does not build on
the replaced one, the reference answers only the check's own calls, not the student's code.

The reference's answers may stay behind in the student process, in files or in memory that forks
share. So errors are carried forward last, when every check has run once; a function is not called
in a process where its reference answers may be known, and a check is not repeated in a process that
has been asked it before, unless the cells take too long to run again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from types import ModuleType

from autograder.checking.checks import Check
from autograder.checking.judge.callgraph import builds_on
from autograder.checking.judge.calls import Budget
from autograder.checking.judge.forks import Forks
from autograder.checking.judge.messages import words
from autograder.checking.judge.reference_server import ReferenceProxy, ReferenceServer
from autograder.checking.judge.run_check import Outcome, Seed, run_check_on_student
from autograder.checking.judge.student import calls
from autograder.i18n import _
from autograder.result import CheckResult, Verdict
from autograder.sandbox.host.fork import Fork

Results = Mapping[Check, CheckResult]

BAD = (Verdict.FAILED, Verdict.PARTIAL, Verdict.TIMED_OUT, Verdict.CRASHED)
"""Verdicts that a wrong upstream function may have caused."""


class CarryForward:
    """Runs failed checks again with the reference in place of upstream functions that lost points.

    Args:
        checks: all checks of the assignment.
        reference: the reference solution.
        reference_server: answers calls with the reference's functions.
        seed: gives the seed of the random numbers in these answers.
    """

    def __init__(
        self,
        checks: Sequence[Check],
        reference: ModuleType,
        reference_server: ReferenceServer,
        seed: Seed,
    ) -> None:
        self.reference = reference
        self.reference_server = reference_server
        self.seed = seed
        self.upstream = builds_on(reference, dict.fromkeys(check.of for check in checks))

    def upstream_failures(self, check: Check, outcome: Outcome, results: Results) -> list[str]:
        """Return the functions that lost points and that the check or its function builds on."""
        return [
            name
            for name in self._needed(check, outcome)
            if any(r.function == name and r.points != r.max_points for r in results.values())
        ]

    def may_change(self, check: Check, outcome: Outcome, results: Results) -> bool:
        """Return whether a check could pass with the reference in place of upstream functions."""
        bad = outcome.verdict in BAD
        another_is_missing = outcome.verdict is Verdict.MISSING and _others(check, outcome)
        if (bad or another_is_missing) and self.upstream_failures(check, outcome, results):
            return True
        unwritten = outcome.unwritten and outcome.blamed == check.of
        wrong = outcome.verdict in (Verdict.FAILED, Verdict.PARTIAL) and not unwritten
        return wrong and bool(self._replaceable(check, self._needed(check, outcome)))

    def _needed(self, check: Check, outcome: Outcome) -> list[str]:
        """Return the functions that the check or its function builds on."""
        upstream = self.upstream[check.of]
        others = _others(check, outcome)
        return [
            *(name for name in self.upstream if name in upstream),
            *(name for name in others if name in self.upstream and name not in upstream),
        ]

    def _replaceable(self, check: Check, functions: Sequence[str]) -> list[str]:
        """Return the functions in whose place the reference may answer.

        The reference of a function that builds on the judged one would answer for the judged one.
        """
        return [name for name in functions if check.of not in self.upstream[name]]

    def take(
        self,
        check: Check,
        outcomes: Mapping[Check, Outcome],
        results: Results,
        forks: Forks,
        budget: Budget,
    ) -> Outcome:
        """Run a check again with errors carried forward, and return its final outcome.

        Args:
            check: the check.
            outcomes: the outcomes of all checks so far.
            results: the results of all checks so far, this one included.
            forks: the forks of the submission.
            budget: the time and memory that the check's function has left.
        """
        outcome = outcomes[check]
        failures = self.upstream_failures(check, outcome, results)
        if not failures:
            return self._look_upstream(check, outcome, forks, budget)
        its_own = self._is_its_own(check, outcomes, results)
        replaceable = self._replaceable(check, failures)
        not_replaceable = _(
            "{function} depends on {others}, which lost points. The check could not be repeated "
            "with the reference solution in place of {others}, so your instructor will decide "
            "the points."
        )
        undecided = _undecided(
            outcome, not_replaceable.format(function=check.of, others=words(failures))
        )
        if not replaceable:
            return outcome if its_own else undecided
        if not forks.ensure_untainted(check.of):
            too_long = _(
                "{function} depends on {others}, which lost points. The notebook takes too long "
                "to be run again with the reference solution in place of {others}, so your "
                "instructor will decide the points."
            )
            return _undecided(outcome, too_long.format(function=check.of, others=words(failures)))
        unasked = forks.ensure_unasked(check.id)
        try:
            again, called, refused = self._run_with_reference(check, replaceable, forks, budget)
        except Exception:  # the first answer stands where the second cannot be had
            return outcome
        if not called:  # so the other functions have nothing to do with it
            if outcome.blamed is None or not budget.is_spent:
                return outcome
            spent = _(
                "The checks of {function} have used up their time, so this one could not be "
                "repeated with the reference solution in place of {others}, which lost points."
            ).format(function=check.of, others=words(replaceable))
            return replace(outcome, message=f"{outcome.message} {spent}")
        if again.unwritten and again.blamed == check.of:
            return again
        if again.blamed == check.of != outcome.blamed:
            if refused:
                return outcome if its_own else undecided
            raises = _(
                "{function} depends on {others}, which lost points. With the reference solution in "
                "place of {others}, {function} raised an exception that it does not raise with "
                "your own, so your instructor will decide the points."
            ).format(function=check.of, others=words(failures))
            return replace(_undecided(outcome, raises), raised_later=again.message)
        if again.fraction <= outcome.fraction:
            in_part = refused or len(replaceable) < len(failures)
            if in_part and not its_own:
                return undecided
            # Where an exception stopped the first run, only the second run shows the fault.
            raised = outcome.blamed is not None and again.blamed is None and again.verdict in BAD
            hidden = (
                raised
                or outcome.blamed in called
                or any(
                    result.function in called and result.verdict is Verdict.MISSING
                    for result in results.values()
                )
            )
            if in_part or not hidden or again.fraction < outcome.fraction:
                return outcome
        again.replaced = tuple(name for name in failures if name in called)
        again.asked_before = not unasked
        return again

    def _look_upstream(
        self, check: Check, outcome: Outcome, forks: Forks, budget: Budget
    ) -> Outcome:
        """Find out whether a check failed because of functions that lost no points.

        If the check passes with the reference in their place, a person decides its points.
        """
        # Without a new process, a function could have recorded that its first answer was wrong.
        if not forks.ensure_untainted(check.of) or not forks.ensure_unasked(check.id):
            return outcome
        functions = self._replaceable(check, self._needed(check, outcome))
        try:
            again, called, _refused = self._run_with_reference(check, functions, forks, budget)
        except Exception:  # the first answer stands where the second cannot be had
            return outcome
        if again.verdict is not Verdict.PASSED or not called:
            return outcome
        suspects = [name for name in functions if name in called]
        message = _(
            "This check passed when the reference solution took the place of {others}, and did "
            "not pass with your own. So {others} may return something that {function} cannot "
            "use, although no check of {others} found it. Your instructor will decide the points."
        ).format(function=check.of, others=words(suspects))
        return replace(_undecided(outcome, message), suspects=tuple(suspects))

    def _run_with_reference(
        self, check: Check, functions: Sequence[str], forks: Forks, budget: Budget
    ) -> tuple[Outcome, set[str], bool]:
        """Run a check with the reference in place of some functions.

        Return its outcome, the functions that were called, and whether the student's code called
        one that only the check may call.

        Raises:
            Exception: the fork could not be made, or the check itself went wrong.
        """
        not_upstream = [name for name in functions if name not in self.upstream[check.of]]
        proxies: list[ReferenceProxy] = []

        def fork_with_reference() -> Fork:
            seed = self.seed("given", check.id)
            proxies.append(ReferenceProxy(self.reference_server, functions, seed, not_upstream))
            return forks.fork_with_reference(functions, proxies[-1])

        again = run_check_on_student(
            check,
            cache(fork_with_reference),  # a check may call fresh copies only
            fork_with_reference,
            budget,
            self.reference,
            self.seed,
            alone=True,
        )
        called = {name for proxy in proxies for name in proxy.calls}
        return again, called, any(each.refused for each in proxies)

    def _is_its_own(
        self, check: Check, outcomes: Mapping[Check, Outcome], results: Results
    ) -> bool:
        """Return whether a check failed because of its own function, with no other to replace."""
        outcome = outcomes[check]
        mine = [each for each in outcomes if each.of == check.of]
        if outcome.verdict is Verdict.CRASHED or outcome.blamed == check.of:
            return True
        useless = not any(results[each].verdict.earns_points for each in mine)
        # Another check of the function failed although no function that it needs lost points.
        wrong_by_itself = any(
            outcomes[each].verdict in BAD
            and not self.upstream_failures(each, outcomes[each], results)
            for each in mine
        )
        return wrong_by_itself or (outcome.blamed is None and useless)


def _others(check: Check, outcome: Outcome) -> list[str]:
    """Return the functions that a check has called besides the one it is about."""
    if outcome.student is None:
        return []
    asked = (each.call.function for every in calls(outcome.student) for each in every)
    return [name for name in dict.fromkeys(asked) if name != check.of]


def _undecided(outcome: Outcome, message: str) -> Outcome:
    """Return an outcome that leaves the points to a person, with the calls that led to it."""
    return replace(outcome, verdict=Verdict.NOT_RUN, fraction=0.0, message=message, undecided=True)
