"""Collect what is known of a function that lost points: its calls, its answers, and the right ones.

Everything here is data: no student code runs, and no method changes anything.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from textwrap import dedent
from types import FunctionType, ModuleType
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
    without_tables,
)
from autograder.checking.diagnosis.findings import place_name
from autograder.checking.diagnosis.own_code import OpenSession
from autograder.checking.diagnosis.replay import AnswerSeries, CallSeries
from autograder.checking.diagnosis.student_source import MAX_NAME, StudentSource
from autograder.sandbox.protocol import wire

Floats = npt.NDArray[np.float64]

MAX_CALLS = 60
"""Calls that the methods look at: more give no better evidence and take longer."""

MAX_QUANTITIES = 40
"""Named arrays that an answer is compared with: a student's caches may hold any number."""

MAX_UNBOUNDED = 0.5
"""Share of the calls in which a student's numbers may overflow: what holds in all others counts."""

MAX_ARRAY_SIZE = 20_000
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
        return [{**self._by_default, **self.given(call)} for call in self.calls]

    @cached_property
    def _by_default(self) -> dict[str, Any]:
        return {
            name: each.default
            for name, each in self.defaults.items()
            if each.default is not each.empty
        }

    @cached_property
    def counts(self) -> dict[str, list[int]]:
        """The arguments that are a whole number in every call."""
        found = {}
        for name in self.arguments[0] if self.arguments else ():
            values = [each.get(name) for each in self.arguments]
            whole = [v for v in values if isinstance(v, int) and not isinstance(v, bool)]
            if len(whole) == len(values):
                found[name] = whole
        return found

    @cached_property
    def rounds(self) -> list[int]:
        """The sum of these numbers in each call: it tells how long a call may take."""
        return [sum(each[n] for each in self.counts.values()) for n in range(len(self.calls))]

    def given(self, call: wire.Call) -> dict[str, Any]:
        """Return the arguments that a call passes, by name."""
        try:
            positional = zip(self.defaults, map(wire.unpack, call.arguments), strict=False)
            return dict([*positional, *((name, wire.unpack(v)) for name, v in call.keywords)])
        except wire.BadMessage:
            return {}

    def changed(
        self, call: wire.Call, change: Callable[[dict[str, Any]], dict[str, Any]]
    ) -> wire.Call:
        """Return a call with changed arguments, passed by position or by name as before.

        Raises:
            TypeError: an argument cannot cross.
        """
        given = self.given(call)
        if not given:
            raise TypeError("the arguments cannot be read")
        every = change({**self._by_default, **given})
        packed = {name: wire.pack(every[name], _refuse) for name in given}
        return msgspec.structs.replace(
            call,
            arguments=tuple(packed[name] for name, _ in zip(given, call.arguments, strict=False)),
            keywords=tuple((name, packed[name]) for name, _ in call.keywords),
        )

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
    def data_levels(self) -> Mapping[AnswerPath, set[str]]:
        """The dicts whose keys are data, such as words that are counted, and these keys."""
        levels: dict[AnswerPath, list[dict[str, object]]] = {}
        for arguments, right in zip(self.arguments, self.right.answers, strict=True):
            here: dict[AnswerPath, dict[str, object]] = {}
            for path, value in (*_entries(arguments), *right.items()):
                for depth, key in enumerate(path):
                    if depth and isinstance(key, str):
                        inside = value if depth == len(path) - 1 else None
                        here.setdefault(path[:depth], {})[key] = inside
            for level, keys in here.items():
                levels.setdefault(level, []).append(keys)
        every = levels.items()
        return {level: set().union(*dicts) for level, dicts in every if self._are_data(dicts)}

    @cached_property
    def data_keys(self) -> set[str]:
        """The keys that are data, which no sentence may name."""
        return set().union(*self.data_levels.values())

    def _are_data(self, every: Sequence[Mapping[str, object]]) -> bool:
        """Return whether the keys of a dict are data; it is given as it is in each call.

        Data is in a text among the arguments, or it differs from call to call. The keys of arrays
        may differ in their numbers, as with the layers of a network. Keys that are written in the
        reference are none.
        """
        keys = {key for each in every for key in each}
        if set(map(letters, keys)) <= _written_in(self.reference):
            return False
        values = [value for each in every for value in each.values()]
        numbers = all(isinstance(value, (int, float, np.generic)) for value in values)
        differ = {frozenset(each if numbers else map(letters, each)) for each in every}
        return len(differ) > 1 or not self._words.isdisjoint(key.lower() for key in keys)

    @cached_property
    def _words(self) -> set[str]:
        """The texts among the arguments, and the words in them, in small letters."""
        return set(_texts([without_tables(each) for each in self.arguments]))

    def named(self, path: AnswerPath) -> AnswerPath:
        """Return the path of the place that has a name, above all keys of data."""
        depths = (depth for depth, key in enumerate(path) if depth and isinstance(key, str))
        return next((path[:n] for n in depths if path[:n] in self.data_levels), path)

    def place_name(self, path: AnswerPath) -> str:
        """Return what a student calls a place in an answer; a key of data is not told."""
        return place_name(self.named(path))

    @cached_property
    def sizes(self) -> dict[str, list[float]]:
        """The sizes of the arguments in each call, by an expression that gives them."""
        return _common([_sizes(each) for each in self.arguments])

    @cached_property
    def quantities(self) -> dict[str, list[Floats | None]]:
        """Arrays by name, in each call: those in the arguments and those of the right answers."""
        every = []
        for arguments, right in zip(self.arguments, self.right.answers, strict=True):
            here = {
                name: array
                for path, value in _entries(arguments)
                for name, array in _array(path[-1], value)
                if self.named(path) == path
            }
            for path, value in right.items():
                name = path[-1] if len(path) > 1 and path[0] == "returned" else None
                if isinstance(name, str) and is_numeric(value) and self.named(path) == path:
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
    """Return whether a value is a number, or an array of real numbers that is not too large."""
    if not isinstance(value, NUMBERS):
        return False
    array = np.asarray(value)
    return array.dtype.kind in "biuf" and 0 < array.size <= MAX_ARRAY_SIZE


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


def _refuse(value: object) -> wire.Handle | wire.Known:
    if isinstance(value, (wire.Handle, wire.Known)):
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


def _entries(value: object, path: AnswerPath = ()) -> Iterator[tuple[AnswerPath, object]]:
    """Yield the arguments, and the entries of the dicts among them, by their paths."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _entries(item, (*path, str(key)))
    else:
        yield path, value


def _array(name: object, value: object) -> list[tuple[str, Floats]]:
    named = isinstance(name, str) and name.isidentifier() and len(name) <= MAX_NAME
    if isinstance(value, list) and 0 < len(value) <= MAX_ARRAY_SIZE:
        value = np.array(value) if all(type(each) in (int, float) for each in value) else None
    if named and isinstance(value, (int, float, np.ndarray)) and is_numeric(value):
        return [(str(name), np.asarray(value, dtype=np.float64))]
    return []


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield from (value.lower(), *re.findall(r"\w+", value.lower()))
    elif isinstance(value, dict):
        yield from _texts(list(value.values()))
    elif isinstance(value, (list, tuple, set)) or (
        isinstance(value, np.ndarray) and value.dtype.kind in "UO"
    ):
        for each in value:
            yield from _texts(each)


def letters(key: str) -> str:
    """Return a key without the number at its end."""
    return key.rstrip("0123456789")


@lru_cache(maxsize=100)
def _written_in(reference: ModuleType) -> frozenset[str]:
    """Return the texts in the functions of the reference, without what ends in a number."""
    functions = (each for each in vars(reference).values() if isinstance(each, FunctionType))
    own = (each for each in functions if each.__module__ == reference.__name__)
    return frozenset(
        letters(re.sub(r"%[dis]$", "", node.value))
        for each in own
        for node in ast.walk(ast.parse(dedent(inspect.getsource(each))))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )
