"""Collect what is known of a function that lost points: its calls, its answers, and the right ones.

Everything here is data: no student code runs, and no method changes anything.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import ModuleType
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from autograder.checking.diagnosis.comparison import (
    NUMBERS,
    AnswerPath,
    Parts,
    RawAnswer,
    is_unbounded,
)
from autograder.checking.diagnosis.own_code import OpenSession
from autograder.checking.diagnosis.replay import AnswerSeries, CallSeries
from autograder.checking.diagnosis.student_source import MAX_NAME, StudentSource
from autograder.sandbox.protocol import wire

Floats = npt.NDArray[np.float64]

MAX_CALLS = 60
"""Calls that the methods look at: more give no better evidence and take longer."""

MAX_QUANTITIES = 40
"""Named arrays that an answer is compared with: a student's caches may hold any number."""

MAX_UNBOUNDED = 0.25
"""Share of the calls in which a student's numbers may overflow: what holds in all others counts."""

MAX_ENTRIES = 20_000
"""Entries of an array that the methods look at."""


@dataclass(frozen=True)
class Evidence:
    """The calls of one function of one student, with both sides' answers.

    Attributes:
        reference: the reference solution.
        series: the calls, in a form that the reference can read.
        student: the student's answers.
        right: the reference's answers.
        raw: the student's answers as they came.
        source: the student's code.
        random: whether the reference draws random numbers.
        answers_to: yields the reference's answers to other calls in the place of these.
        slipped: starts the time for slips, and returns a function that yields the answers of a
            changed reference; None if there is to be no search for slips.
        own_calls: the calls as the student's function got them, in the order of the answers.
        own_code: opens a session for changed copies of the student's function, or None.
    """

    reference: ModuleType
    series: CallSeries
    student: AnswerSeries
    right: AnswerSeries
    raw: Sequence[RawAnswer | None]
    source: StudentSource
    random: bool
    answers_to: Callable[[CallSeries], Iterator[Parts]]
    slipped: Callable[[], Callable[[CallSeries, str], Iterator[Parts]]] | None = None
    own_calls: Sequence[wire.Call] = ()
    own_code: OpenSession | None = None

    @property
    def function(self) -> str:
        """The name of the function."""
        return self.series.function

    @cached_property
    def calls(self) -> list[wire.Call]:
        """The calls of the function itself."""
        every = (call for each in self.series.calls for call in each)
        return [call for call in every if call.function == self.function]

    @cached_property
    def defaults(self) -> Mapping[str, inspect.Parameter]:
        """The parameters of the reference's function."""
        return inspect.signature(getattr(self.reference, self.function)).parameters

    @cached_property
    def arguments(self) -> list[dict[str, Any]]:
        """The arguments of each call by name, defaults included."""
        given = {
            name: each.default
            for name, each in self.defaults.items()
            if each.default is not each.empty
        }
        return [{**given, **self.given(call)} for call in self.calls]

    def given(self, call: wire.Call) -> dict[str, Any]:
        """Return the arguments that a call passes, by name."""
        try:
            positional = zip(self.defaults, map(wire.unpack, call.arguments), strict=False)
            return dict([*positional, *((name, wire.unpack(v)) for name, v in call.keywords)])
        except wire.BadMessage:
            return {}

    @cached_property
    def wrong(self) -> list[AnswerPath]:
        """The places that are wrong, in the order of the right answer."""
        order = {path: None for answer in self.right.answers for path in answer}
        wrong = [path for path in order if path in self.student.wrong and path[0] == "returned"]
        if self.random:
            return [path for path in wrong if not self.student.drawn_right(path)]
        return wrong

    @cached_property
    def raised(self) -> list[wire.Raised]:
        """The exceptions that the function has raised where the reference has not."""
        pairs = zip(self.raw, self.right.answers, strict=True)
        return [
            answer.error
            for answer, right in pairs
            if isinstance(answer, wire.Failed) and ("raised",) not in right
        ]

    @cached_property
    def sizes(self) -> dict[str, list[float]]:
        """The sizes of the arguments in each call, by an expression that gives them."""
        return _common([_sizes(each) for each in self.arguments])

    @cached_property
    def quantities(self) -> dict[str, list[Floats | None]]:
        """Arrays by name, in each call: those in the arguments and those of the right answers."""
        every = []
        for arguments, right in zip(self.arguments, self.right.answers, strict=True):
            here = dict(_arrays(arguments))
            for path, value in right.items():
                name = path[-1] if len(path) > 1 and path[0] == "returned" else None
                if isinstance(name, str) and is_numeric(value):
                    here.setdefault(name, np.asarray(value, dtype=np.float64))
            every.append(here)
        names = list(dict.fromkeys(name for each in every for name in each))
        return {name: [each.get(name) for each in every] for name in names[:MAX_QUANTITIES]}

    def with_arguments(self, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Iterator[Parts]:
        """Return the reference's answers to the same calls with changed arguments.

        Each is computed when it is needed.

        Raises:
            NotAnswered: a call has no answer.
        """
        number = iter(range(len(self.calls)))

        def changed(call: wire.Call) -> wire.Call:
            if call.function != self.function:
                return call
            packed = [
                (name, wire.pack(value, _refuse))
                for name, value in change(dict(self.arguments[next(number)])).items()
            ]
            return msgspec.structs.replace(call, arguments=(), keywords=tuple(packed))

        calls = [[changed(call) for call in every] for every in self.series.calls]
        return self.answers_to(CallSeries(self.function, calls))


def is_numeric(value: object) -> bool:
    """Whether a value is a number, or an array of real numbers that is not too large."""
    if not isinstance(value, NUMBERS):
        return False
    array = np.asarray(value)
    return array.dtype.kind in "biuf" and 0 < array.size <= MAX_ENTRIES


def pairs_at(
    path: AnswerPath, student: Sequence[Parts], right: Sequence[Parts]
) -> list[tuple[int, Floats, Floats]] | None:
    """Return the student's and the right numbers at a place, with the number of the call.

    A call with extreme arguments, in which the student's numbers overflow, is left out. Return None
    if that is more than MAX_UNBOUNDED of the calls, or if there are no numbers in a call.
    """
    pairs = []
    unbounded = 0
    for number, (mine, theirs) in enumerate(zip(student, right, strict=True)):
        if path not in theirs:
            continue
        if path not in mine or not (is_numeric(mine[path]) and is_numeric(theirs[path])):
            return None
        one, other = (np.asarray(each[path], dtype=np.float64) for each in (mine, theirs))
        if not np.all(np.isfinite(other)):
            continue
        if is_unbounded(mine, path):
            unbounded += 1
        else:
            pairs.append((number, one, other))
    return pairs[:MAX_CALLS] if unbounded <= MAX_UNBOUNDED * len(student) else None


def _refuse(value: object) -> wire.Handle:
    if isinstance(value, wire.Handle):
        return value
    raise TypeError("it cannot cross")


def _sizes(arguments: Mapping[str, Any]) -> dict[str, float]:
    sizes: dict[str, float] = {}
    for name, value in arguments.items():
        if isinstance(value, np.ndarray):
            sizes |= {f"{name}.shape[{axis}]": float(n) for axis, n in enumerate(value.shape)}
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            sizes[name] = float(value)
        elif isinstance(value, list) and all(isinstance(each, int) for each in value):
            sizes |= {f"{name}[{place}]": float(n) for place, n in enumerate(value[:2])}
    return sizes


def _common(every: Sequence[Mapping[str, float]]) -> dict[str, list[float]]:
    names = [name for name in every[0] if all(name in each for each in every)] if every else []
    return {name: [each[name] for each in every] for name in names}


def _arrays(value: object, name: str = "") -> list[tuple[str, Floats]]:
    if isinstance(value, dict):
        return [pair for key, item in value.items() for pair in _arrays(item, str(key))]
    named = name.isidentifier() and len(name) <= MAX_NAME
    if named and isinstance(value, np.ndarray) and is_numeric(value):
        return [(name, value.astype(np.float64))]
    return []
