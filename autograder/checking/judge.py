"""The judge: asks a sandboxed process, compares, and says what came of every check.

It runs in the process that holds the reference and the secret, and never a line that a learner
wrote. A learner's process can answer wrongly, late, or not at all; each of these is a verdict.
What goes wrong in a check itself is `grader_error`: no points given, none taken.
"""

from __future__ import annotations

import traceback
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from types import ModuleType

from autograder.checking.asking import Seed, Taken, ask
from autograder.checking.checks import Check
from autograder.checking.diagnosis import Diagnosis
from autograder.checking.forks import Forks
from autograder.checking.result import CheckResult, Verdict
from autograder.checking.student import Budget, Student, calls
from autograder.checking.understudy import StandIn, Understudy
from autograder.checking.wording import ENDED, words
from autograder.sandbox.host import Crashed, Fork, TimedOut
from autograder.sandbox.session import Session

GAINED = (Verdict.PASSED, Verdict.PARTIAL)


class Judge:
    """What takes the checks of an assignment on one submission after the other.

    Args:
        checks: in the order in which they are taken.
        reference: the solution.
        seed: from which the inputs of a check and the learner's randomness in it are made.
        understudy: answers for a learner's functions that lost points.
        diagnosis: recognises mistakes.

    Attributes:
        asked: who was asked by each check of the last submission.
    """

    def __init__(
        self,
        checks: Sequence[Check],
        reference: ModuleType,
        seed: Seed,
        understudy: Understudy,
        diagnosis: Diagnosis,
    ) -> None:
        self.checks = checks
        self.reference = reference
        self.seed = seed
        self.understudy = understudy
        self.diagnosis = diagnosis
        self.asked: dict[str, Student] = {}
        self.upstream = {check.of: self._called_by(check.of) for check in checks}

    def _called_by(self, function: str) -> list[str]:
        """The functions that learners write too and that the reference's builds on.

        It calls them by name, or calls one that does.
        """
        asked = dict.fromkeys(check.of for check in self.checks)
        reached = [function]
        for name in reached:  # which grows on the way
            names = getattr(self.reference, name).__code__.co_names
            reached += [each for each in asked if each in names and each not in reached]
        return [name for name in asked if name in reached[1:]]

    @staticmethod
    def _asked_for(taken: Taken) -> list[str]:
        """The functions that a check has asked."""
        if taken.student is None:
            return []
        asked = (each.call.function for every in calls(taken.student) for each in every)
        return list(dict.fromkeys(asked))

    def cells_seed(self) -> bytes:
        """From which the randomness of a notebook's cells starts."""
        return self.seed("cells", "")

    def take(
        self, session: Session, unwritten: Callable[[str], str]
    ) -> tuple[list[CheckResult], list[str]]:
        """Takes every check.

        Args:
            session: the submission, its cells run.
            unwritten: says, for the learner, why a function is missing.

        Returns:
            The results, in the order of the checks, and observations for the instructor.
        """
        results: dict[Check, CheckResult] = {}
        self.asked = {}
        observations: list[str] = []
        budgets: dict[str, Budget] = defaultdict(Budget)
        with Forks(session) as forks:
            for check in self.checks:
                taken = self._take(check, results, forks, budgets, unwritten, observations)
                if taken.student is not None:
                    self.asked[check.id] = taken.student
                results[check] = self._reconsider(check, taken, results, forks, budgets)
                forks.next_check()
        every = [results[check] for check in self.checks]
        return self.diagnosis.told(self.checks, every, self.asked), observations

    def _take(
        self,
        check: Check,
        results: Mapping[Check, CheckResult],
        forks: Forks,
        budgets: Mapping[str, Budget],
        unwritten: Callable[[str], str],
        observations: list[str],
    ) -> Taken:
        """Asks the learner's functions as they are, if that makes sense."""
        try:
            if check.of not in forks.current().functions:
                return Taken(Verdict.MISSING, message=unwritten(check.of))
        except (TimedOut, Crashed):
            return Taken(Verdict.CRASHED, message=ENDED.format(check.of))
        for before in check.after:
            if results[before].verdict not in GAINED:
                return Taken(Verdict.NOT_RUN, message=f"It waits for: “{before.sentence}”")
        try:
            taken = self._ask(check, forks.current, forks.another, budgets[check.of])
            if taken.verdict is not Verdict.PASSED and forks.reused:
                forks.renew()
                taken = self._ask(check, forks.current, forks.another, budgets[check.of])
            return taken
        except Exception as error:  # ours or provoked: it must not pass for a verdict
            where = traceback.extract_tb(error.__traceback__)[-1]
            observations.append(
                f"The check {check.id} itself failed, and a person must decide: "
                f"{type(error).__name__}: {error} ({where.name}, line {where.lineno})."
            )
            message = "This check could not decide. Your instructor has been told."
            return Taken(Verdict.GRADER_ERROR, message=message)

    def _reconsider(
        self,
        check: Check,
        taken: Taken,
        results: Mapping[Check, CheckResult],
        forks: Forks,
        budgets: Mapping[str, Budget],
    ) -> CheckResult:
        """Makes a result of what came of asking, so that one mistake costs once.

        A check that fails in a function that builds on another which lost points, or that asks such
        a one for what it then gives to the function, is repeated with the reference's in the
        other's place. Where that changes nothing, the learner's own function is wrong. Where the
        other was never called by its name, or the learner's function raises an exception at what
        ours returns and none at what theirs does, nobody can tell, and a person must; unless the
        function did nothing right, or raised an exception of its own.
        """
        others = [name for name in self._asked_for(taken) if name != check.of]
        lost = [
            name
            for name in dict.fromkeys([*self.upstream[check.of], *others])
            if any(r.function == name and r.points != r.max_points for r in results.values())
        ]
        missing = taken.verdict is Verdict.MISSING and others
        decided = taken.verdict not in (Verdict.FAILED, Verdict.PARTIAL, Verdict.TIMED_OUT)
        if not lost or (decided and not missing):
            return _made(check, taken)
        if not forks.session.renewable:
            message = (
                f"{check.of} builds on {words(lost)}, which lost points, and the notebook takes "
                "too long to be run again with somebody else's. A person will look at it."
            )
            return _made(check, Taken(Verdict.NOT_RUN, message=message), undecided=True)
        stand_ins: list[StandIn] = []

        def replaced() -> Fork:
            fork = forks.to_be_told()
            stand_ins.append(StandIn(self.understudy, lost, self.seed("given", check.id)))
            fork.replace(lost, stand_ins[-1])
            return fork

        try:
            shared = replaced()
            again = self._ask(check, lambda: shared, replaced, budgets[check.of], alone=True)
        except Exception:  # the first answer stands where the second cannot be had
            return _made(check, taken)
        called = {name for stand_in in stand_ins for name in stand_in.calls}
        message = (
            f"{check.of} builds on {words(lost)}, which lost points, in a way in which nobody "
            "else's can take their place. A person will look at it."
        )
        if not called:
            useless = not any(
                r.function == check.of and r.verdict in GAINED for r in results.values()
            )
            if taken.blamed == check.of or (taken.blamed is None and useless):
                return _made(check, taken)
            return _made(check, Taken(Verdict.NOT_RUN, message=message), undecided=True)
        if again.unwritten and again.blamed == check.of:
            return _made(check, again)
        if again.blamed == check.of != taken.blamed:
            return _made(check, Taken(Verdict.NOT_RUN, message=message), undecided=True)
        if again.fraction <= taken.fraction:
            return _made(check, taken)
        if again.student is not None:
            self.asked[check.id] = again.student
        given = tuple(name for name in lost if name in called)
        note = f"Taken with our {words(given)} in the place of yours, which cost its points there."
        return _made(check, again, given=given, notes=(note,))

    def _ask(
        self,
        check: Check,
        fork: Callable[[], Fork],
        new_fork: Callable[[], Fork],
        budget: Budget,
        *,
        alone: bool = False,
    ) -> Taken:
        """Asks, and makes of every end that a learner's code can bring about a verdict.

        Raises:
            Exception: the check itself went wrong.
        """
        seed = self.seed("learner", check.id)
        student = Student(fork, new_fork, seed, budget, self.reference, alone=alone)
        return ask(check, student, self.reference, self.seed("rng", check.id))


def _made(
    check: Check,
    taken: Taken,
    *,
    undecided: bool = False,
    given: tuple[str, ...] = (),
    notes: tuple[str, ...] = (),
) -> CheckResult:
    undecided = undecided or taken.verdict is Verdict.GRADER_ERROR
    return CheckResult(
        id=check.id,
        function=check.of,
        verdict=taken.verdict,
        points=None if undecided else check.points * taken.fraction,
        max_points=check.points,
        message=taken.message,
        given=given,
        notes=notes,
    )
