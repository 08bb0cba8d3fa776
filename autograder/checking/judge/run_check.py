"""Asks one check, and makes a verdict of every end that a learner's code can bring about."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType

import numpy as np

from autograder.checking.checks import Check
from autograder.checking.expect import Unmet
from autograder.checking.judge.calls import Budget, LearnerError, NoSuchFunction, Responder
from autograder.checking.judge.messages import ended, exception
from autograder.checking.judge.student import Learner, Student
from autograder.i18n import _
from autograder.result import Verdict
from autograder.sandbox.host.process import Crashed, TimedOut

Seed = Callable[[str, str], bytes]
"""Gives 32 bytes for a label and the name of a check: the same for the whole class."""


@dataclass
class Outcome:
    """What came of asking: a verdict that is not final yet.

    Attributes:
        verdict: what it would be.
        fraction: of the points.
        message: for the learner.
        blamed: the learner's function in which an exception was raised, if one was.
        unwritten: whether that function is still as it was released.
        student: who was asked, if anybody was.
        undecided: whether a person must say what it is worth.
        replaced: the functions that the reference had answered for the learner.
        asked_before: whether who was asked may have known that the check was asked before.
    """

    verdict: Verdict
    fraction: float = 0.0
    message: str | None = None
    blamed: str | None = None
    unwritten: bool = False
    student: Learner | None = None
    undecided: bool = False
    replaced: tuple[str, ...] = ()
    asked_before: bool = False


def run_check_on_student(
    check: Check,
    fork: Callable[[], Responder],
    new_fork: Callable[[], Responder],
    budget: Budget,
    reference: ModuleType,
    seed: Seed,
    *,
    alone: bool = False,
) -> Outcome:
    """What comes of asking a learner, from the randomness that a check starts with.

    Args:
        check: what is asked.
        fork: as of `Student`, like the rest.
        new_fork: likewise.
        budget: likewise.
        reference: the solution.
        seed: from which the inputs and the learner's randomness are made.
        alone: as of `Student`.

    Raises:
        Exception: the check itself went wrong.
    """
    start = seed("learner", check.id)
    student = Student(fork, new_fork, start, budget, reference, alone=alone)
    return run_check(check, student, reference, seed("rng", check.id))


def run_check(check: Check, student: Learner, reference: ModuleType, seed: bytes) -> Outcome:
    """What a check makes of a student.

    Args:
        check: what is asked.
        student: who answers.
        reference: the solution.
        seed: from which the inputs are made.

    Raises:
        Exception: the check itself went wrong.
    """
    offered = {
        "student": student,
        "reference": reference,
        "rng": np.random.default_rng(np.frombuffer(seed, dtype=np.uint32)),
    }
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            # A learner's numbers may overflow whatever is computed with them.
            warnings.simplefilter("ignore")
            fraction = check.asks(**{name: offered[name] for name in check.takes})
            student.finish()
    except Unmet as unmet:
        return Outcome(Verdict.FAILED, message=str(unmet), student=student)
    except LearnerError as raised:
        return Outcome(
            Verdict.FAILED,
            message=exception(raised),
            blamed=raised.error.function,
            unwritten=raised.error.type == "NotImplementedError",
            student=student,
        )
    except NoSuchFunction as missing:
        message = _("There is no function called {function}.").format(function=missing)
        return Outcome(Verdict.MISSING, message=message, student=student)
    except TimedOut:
        message = _("{function} took too long, and was stopped. Does a loop never end?")
        message = message.format(function=check.of)
        return Outcome(Verdict.TIMED_OUT, message=message, student=student)
    except Crashed:
        return Outcome(Verdict.CRASHED, message=ended(check.of), student=student)
    if fraction is None or fraction == 1:
        return Outcome(Verdict.PASSED, 1.0, student=student)
    if not 0.0 <= fraction < 1.0:
        raise ValueError(f"it returned {fraction!r}, which is no fraction of its points")
    if fraction == 0:
        message = _("Nothing of what this check asks is right.")
        return Outcome(Verdict.FAILED, message=message, student=student)
    message = _("Only a part of what this check asks is right.")
    return Outcome(Verdict.PARTIAL, float(fraction), message, student=student)
