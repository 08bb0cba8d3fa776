"""One mistake costs once: who builds on a wrong function is asked again with the right one.

A check that fails in a function that builds on another which lost points, or that asks such a one
for what it then gives to the function, is repeated with the reference's in the other's place. Where
that changes nothing, the learner's own function is wrong. Where the other was never called by its
name, or the learner's function raises an exception at what ours returns and none at what theirs
does, nobody can tell, and a person must; unless the function did nothing right, raised an exception
of its own, or ended the process without calling the other.

The reference takes no function's place that itself builds on the one that is judged: the student's
function could call it, and have its own answer from the reference. And of a function on which the
judged one does not build, the reference answers the check's own calls, and none of the student's
code. There, too, nobody can tell.

What the reference answers in a learner's code may stay behind: in the scratch, in memory that forks
share. So a submission is asked for this last, when nothing else is asked of it any more, and nobody
is asked about a function after its answers were told there. Nor is anybody asked there who has been
asked the same before, and could know that it was not right.
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
"""Ends to which another function may have brought a check."""


class CarryForward:
    """Asks again with the reference's functions in the place of those that lost points.

    Args:
        checks: all there are.
        reference: the solution.
        reference_server: answers with it.
        seed: from which the randomness of these answers is made.
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
        """The functions that lost points, of those that the check or its function builds on."""
        return [
            name
            for name in [
                *(each for each in self.upstream if each in self.upstream[check.of]),
                *(each for each in _others(check, outcome) if each not in self.upstream[check.of]),
            ]
            if any(r.function == name and r.points != r.max_points for r in results.values())
        ]

    def may_change(self, check: Check, outcome: Outcome, results: Results) -> bool:
        """Whether a check could come to a better end with somebody else's functions."""
        bad = outcome.verdict in BAD
        another_is_missing = outcome.verdict is Verdict.MISSING and _others(check, outcome)
        return bool((bad or another_is_missing) and self.upstream_failures(check, outcome, results))

    def take(
        self, check: Check, outcome: Outcome, results: Results, forks: Forks, budget: Budget
    ) -> Outcome:
        """What comes of a check in the end, for which somebody else's functions may help.

        Args:
            check: the check.
            outcome: what came of it with the learner's own functions.
            results: of all checks so far, this one among them.
            forks: of the submission.
            budget: what the check's function may still take.
        """
        failures = self.upstream_failures(check, outcome, results)
        # The reference's own would answer for the very function that is being judged.
        replaceable = [name for name in failures if check.of not in self.upstream[name]]
        not_upstream = [name for name in replaceable if name not in self.upstream[check.of]]
        not_replaceable = _(
            "{function} builds on {others}, which lost points, in a way in which nobody else's can "
            "take their place. A person will look at it."
        )
        undecided = _undecided(not_replaceable.format(function=check.of, others=words(failures)))
        if not replaceable:
            return outcome if self._is_its_own(check, outcome, results) else undecided
        if not forks.ensure_untainted(check.of):
            too_long = _(
                "{function} builds on {others}, which lost points, and the notebook takes too long "
                "to be run again with somebody else's. A person will look at it."
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
        """Whether a check failed by its own function, where no other's place could be taken."""
        useless = not any(
            r.function == check.of and r.verdict.earns_points for r in results.values()
        )
        ended = outcome.verdict is Verdict.CRASHED
        return ended or outcome.blamed == check.of or (outcome.blamed is None and useless)


def _others(check: Check, outcome: Outcome) -> list[str]:
    """The functions that a check has asked besides the one it is about."""
    if outcome.student is None:
        return []
    asked = (each.call.function for every in calls(outcome.student) for each in every)
    return [name for name in dict.fromkeys(asked) if name != check.of]


def _undecided(message: str) -> Outcome:
    return Outcome(Verdict.NOT_RUN, message=message, undecided=True)
