"""Carry errors forward: score a function with the reference in place of a wrong upstream one.

A check may fail because its function builds on another function that lost points, or because the
check itself calls that function for its inputs. Such a check runs again with the reference in the
other function's place. If it does no better, the judged function itself is wrong. Nobody can tell,
and a person must decide, if the other function was never called by its name, or if the judged
function raises an exception with the reference's answer and none with the student's. No person is
needed if the judged function has passed no check, raised an exception of its own in the first run,
or ended its process.

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
            for name in [
                *(each for each in self.upstream if each in self.upstream[check.of]),
                *(each for each in _others(check, outcome) if each not in self.upstream[check.of]),
            ]
            if any(r.function == name and r.points != r.max_points for r in results.values())
        ]

    def may_change(self, check: Check, outcome: Outcome, results: Results) -> bool:
        """Whether a check could do better with the reference in place of upstream functions."""
        bad = outcome.verdict in BAD
        another_is_missing = outcome.verdict is Verdict.MISSING and _others(check, outcome)
        return bool((bad or another_is_missing) and self.upstream_failures(check, outcome, results))

    def take(
        self, check: Check, outcome: Outcome, results: Results, forks: Forks, budget: Budget
    ) -> Outcome:
        """Run a check again with errors carried forward, and return its final outcome.

        Args:
            check: the check.
            outcome: its outcome with the student's own functions.
            results: the results of all checks so far, this one included.
            forks: the forks of the submission.
            budget: the time and memory that the check's function has left.
        """
        failures = self.upstream_failures(check, outcome, results)
        # The reference of a function that builds on the judged one would answer for the judged one.
        replaceable = [name for name in failures if check.of not in self.upstream[name]]
        not_upstream = [name for name in replaceable if name not in self.upstream[check.of]]
        not_replaceable = _(
            "{function} depends on {others}, which lost points. The check could not be repeated "
            "with the reference solution in place of {others}, so your instructor will decide "
            "the points."
        )
        undecided = _undecided(not_replaceable.format(function=check.of, others=words(failures)))
        if not replaceable:
            return outcome if self._is_its_own(check, outcome, results) else undecided
        if not forks.ensure_untainted(check.of):
            too_long = _(
                "{function} depends on {others}, which lost points. The notebook takes too long "
                "to be run again with the reference solution in place of {others}, so your "
                "instructor will decide the points."
            )
            return _undecided(too_long.format(function=check.of, others=words(failures)))
        unasked = forks.ensure_unasked(check.id)
        proxies: list[ReferenceProxy] = []

        def fork_with_reference() -> Fork:
            seed = self.seed("given", check.id)
            proxies.append(ReferenceProxy(self.reference_server, replaceable, seed, not_upstream))
            return forks.fork_with_reference(replaceable, proxies[-1])

        try:
            shared = fork_with_reference()
            again = run_check_on_student(
                check,
                lambda: shared,
                fork_with_reference,
                budget,
                self.reference,
                self.seed,
                alone=True,
            )
        except Exception:  # the first answer stands where the second cannot be had
            return outcome
        called = {name for proxy in proxies for name in proxy.calls}
        if not called:
            return outcome if self._is_its_own(check, outcome, results) else undecided
        if again.unwritten and again.blamed == check.of:
            return again
        refused = any(each.refused for each in proxies)
        if again.blamed == check.of != outcome.blamed:
            its_own = refused and self._is_its_own(check, outcome, results)
            return outcome if its_own else undecided
        if again.fraction <= outcome.fraction:
            in_part = refused or len(replaceable) < len(failures)
            if in_part and not self._is_its_own(check, outcome, results):
                return undecided
            return outcome
        again.replaced = tuple(name for name in failures if name in called)
        again.asked_before = not unasked
        return again

    def _is_its_own(self, check: Check, outcome: Outcome, results: Results) -> bool:
        """Whether a check failed because of its own function, where no other could be replaced."""
        useless = not any(
            r.function == check.of and r.verdict.earns_points for r in results.values()
        )
        ended = outcome.verdict is Verdict.CRASHED
        return ended or outcome.blamed == check.of or (outcome.blamed is None and useless)


def _others(check: Check, outcome: Outcome) -> list[str]:
    """Return the functions that a check has called besides the one it is about."""
    if outcome.student is None:
        return []
    asked = (each.call.function for every in calls(outcome.student) for each in every)
    return [name for name in dict.fromkeys(asked) if name != check.of]


def _undecided(message: str) -> Outcome:
    return Outcome(Verdict.NOT_RUN, message=message, undecided=True)
