"""Find the line in which a student's numbers become infinite or nan.

The student's function gets the calls with such answers again, in the sandbox, in a mode in which
numpy raises an exception at an overflow, a division by zero or an invalid number.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec
import numpy as np

from autograder.checking.diagnosis.comparison import alike
from autograder.checking.diagnosis.evidence import Evidence, is_numeric
from autograder.checking.diagnosis.findings import Finding, found
from autograder.checking.diagnosis.own_code import further_answers
from autograder.sandbox.protocol import wire

STRICT = "autograder_strict"
"""The function that calls the student's in a mode in which numpy raises exceptions."""

MODES = ("over", "divide", "invalid")
"""What numpy may raise an exception for. What comes later is a consequence of what comes first."""

FLOAT_ERRORS = {
    r"divide by zero encountered in log\d*": "log_of_zero",
    r"(divide by zero|invalid value) encountered in (scalar )?(divide|reciprocal)": "zero_divisor",
    r"overflow encountered in exp": "exp_overflows",
    r"overflow encountered in .*": "overflows",
    r"invalid value encountered in sqrt": "root_of_negative",
    r"invalid value encountered in log\d*": "log_of_negative",
}
"""The kinds of findings, by the message of numpy's exception."""

MAX_CALLS = 6
"""Calls that are made again."""


def float_errors(evidence: Evidence) -> list[Finding]:
    """Return the line in which numbers become infinite or nan, if nothing else is wrong."""
    wrong = _unbounded(evidence)
    if evidence.own_code is None or evidence.random or evidence.raised or not wrong:
        return []
    cell = (
        f"import numpy as autograder_numpy\ndef {STRICT}(mode, *arguments, **keywords):\n"
        "    with autograder_numpy.errstate(**{mode: 'raise'}):\n"
        f"        return {evidence.function}(*arguments, **keywords)\n"
    )
    for mode in MODES:
        calls = [
            msgspec.structs.replace(call, function=STRICT, arguments=(mode, *call.arguments))
            for call in (evidence.own_calls[number] for number in wrong[:MAX_CALLS])
        ]
        answers = further_answers(evidence.own_code, calls, cell)
        errors = {
            (each.error.line, kind)
            for each in answers
            if isinstance(each, wire.Failed)
            and each.error.function == evidence.function
            and (kind := _kind(each.error))
        }
        if len(errors) == 1 and all(isinstance(each, wire.Failed) for each in answers):
            ((line, kind),) = errors
            places = dict.fromkeys(map(evidence.place_name, evidence.wrong))
            return [found(kind, *places, line=line)]
    return []


def _unbounded(evidence: Evidence) -> list[int]:
    """Return the calls with infinite numbers or nan; none if something else is wrong."""
    numbers = set()
    answers = zip(evidence.student.answers, evidence.right.answers, strict=True)
    for number, (mine, right) in enumerate(answers):
        for path in evidence.wrong:
            both: list[Any] = [mine.get(path), right.get(path)]
            if not all(map(is_numeric, both)):
                return []
            a, b = (np.asarray(each, dtype=np.float64) for each in both)
            finite = np.isfinite(a)
            if a.shape != b.shape or not alike(a[finite], b[finite]):
                return []
            if not np.all(finite | ~np.isfinite(b)):
                numbers.add(number)
    return sorted(numbers)


def _kind(error: wire.Raised) -> str | None:
    """Return the kind of an exception of numpy; None for any other exception."""
    if error.type != "FloatingPointError":
        return None
    return next(
        (kind for text, kind in FLOAT_ERRORS.items() if re.fullmatch(text, error.message)), None
    )
