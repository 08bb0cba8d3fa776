"""Run one check on a student, and turn whatever the student's code does into a verdict."""

from __future__ import annotations

import traceback
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType

import numpy as np

from autograder.checking.checks import Check
from autograder.checking.expect import Unmet, failed_assert, not_crossed, unseen
from autograder.checking.judge.calls import (
    TOO_MUCH,
    Budget,
    NoSuchFunction,
    Responder,
    StudentError,
)
from autograder.checking.judge.messages import asked_for, ended, exception, not_given
from autograder.checking.judge.student import ForkedStudent, Student
from autograder.i18n import _
from autograder.result import Verdict
from autograder.sandbox.host.process import Crashed, TimedOut

Seed = Callable[[str, str], bytes]
"""Returns 32 bytes for a label and the name of a check, the same for the whole class."""


@dataclass
class Outcome:
    """What came of running a check: a verdict that may still change.

    Attributes:
        verdict: the verdict, if it stays.
        fraction: the part of the check's points that it gives.
        message: a sentence for the student.
        blamed: the function of the assignment that raised an exception, in itself or in a helper
            that it called, if one did.
        unwritten: whether that function is still as it was released.
        student: the student that the check called, if it called any.
        undecided: whether a person must decide the points.
        replaced: the functions that the reference answered in place of the student's.
        suspects: the functions that lost no points, but seem to have made this check fail.
        raised_later: for the instructor, the exception that only the reference's answers led to.
        asked_before: whether the student process may have been asked this check before.
    """

    verdict: Verdict
    fraction: float = 0.0
    message: str | None = None
    blamed: str | None = None
    unwritten: bool = False
    student: Student | None = None
    undecided: bool = False
    replaced: tuple[str, ...] = ()
    suspects: tuple[str, ...] = ()
    raised_later: str | None = None
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
    """Run a check on a new `ForkedStudent`, whose random numbers start from the check's own seed.

    Args:
        check: the check.
        fork: see `ForkedStudent`.
        new_fork: see `ForkedStudent`.
        budget: see `ForkedStudent`.
        reference: the reference solution.
        seed: gives the seeds of the inputs and of the student's random numbers.
        alone: see `ForkedStudent`.

    Raises:
        Exception: the check itself went wrong.
    """
    start = seed("learner", check.id)
    student = ForkedStudent(fork, new_fork, start, budget, reference, alone=alone)
    return run_check(check, student, reference, seed("rng", check.id))


def run_check(check: Check, student: Student, reference: ModuleType, seed: bytes) -> Outcome:
    """Run a check on a student; if the sandbox denied a failed call something, a person decides.

    Args:
        check: the check.
        student: the student that it calls.
        reference: the reference solution.
        seed: the seed of the inputs.

    Raises:
        Exception: the check itself went wrong.
    """
    outcome = _run_check(check, student, reference, seed)
    if outcome.verdict in (Verdict.FAILED, Verdict.PARTIAL):
        every = (pending.denied for calls in student._all for pending in calls._calls())
        denied = next(filter(None, every), None)
        if denied is not None:
            return _left(student, f"{outcome.message} {asked_for(denied)}")
    return outcome


def _run_check(check: Check, student: Student, reference: ModuleType, seed: bytes) -> Outcome:
    offered = {
        "student": student,
        "reference": reference,
        "rng": np.random.default_rng(np.frombuffer(seed, dtype=np.uint32)),
    }
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            # What a check computes from a student's numbers may overflow.
            warnings.simplefilter("ignore")
            fraction = check.asks(**{name: offered[name] for name in check.takes})
            student.finish()
    except Unmet as unmet:
        return _not_seen(student) or Outcome(Verdict.FAILED, message=str(unmet), student=student)
    except AssertionError as error:
        if _is_of(error, reference):
            raise
        message = failed_assert(error, check.asks)
        return _not_seen(student) or Outcome(Verdict.FAILED, message=message, student=student)
    except StudentError as raised:
        if raised.error == TOO_MUCH:
            return _left(student, unseen(raised.call, _("a very large value")))
        if raised.error.denied is not None:
            message = f"{exception(raised)} {not_given(raised.error.denied)}"
            return _left(student, message)
        return Outcome(
            Verdict.FAILED,
            message=exception(raised),
            blamed=raised.error.owner,
            unwritten=raised.error.type == "NotImplementedError",
            student=student,
        )
    except NoSuchFunction as missing:
        message = _("There is no function called {function}.").format(function=missing)
        return Outcome(Verdict.MISSING, message=message, student=student)
    except TimedOut:
        message = _("{function} took too long and was stopped. Is there a loop that never ends?")
        message = message.format(function=check.of)
        return Outcome(Verdict.TIMED_OUT, message=message, student=student)
    except Crashed:
        return Outcome(Verdict.CRASHED, message=ended(check.of), student=student)
    except Exception:
        left = _not_seen(student)
        if left is None:
            raise
        return left
    if fraction is None or fraction == 1:
        return Outcome(Verdict.PASSED, 1.0, student=student)
    if not 0.0 <= fraction < 1.0:
        raise ValueError(f"it returned {fraction!r}, which is no fraction of its points")
    if fraction == 0:
        message = _("No part of this check passed.")
        return Outcome(Verdict.FAILED, message=message, student=student)
    message = _("Only part of this check passed.")
    return Outcome(Verdict.PARTIAL, float(fraction), message, student=student)


def _not_seen(student: Student) -> Outcome | None:
    """Leave a check to a person that could not see what it looked at; None if it could."""
    for calls in student._all:
        for pending in calls._calls():
            described = not_crossed(pending.looked)
            if described is not None:
                return _left(student, unseen(pending.name, described))
    return None


def _left(student: Student, message: str) -> Outcome:
    """Leave a check to a person."""
    return Outcome(Verdict.NOT_RUN, message=message, student=student, undecided=True)


def _is_of(error: BaseException, reference: ModuleType) -> bool:
    """Return whether the reference itself has raised an exception."""
    frames = (frame for frame, _line in traceback.walk_tb(error.__traceback__))
    return any(frame.f_globals is vars(reference) for frame in frames)
