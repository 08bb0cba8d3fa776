"""A student in this process: quick, repeatable, and with no sandbox around it."""

from __future__ import annotations

import contextlib
import copy
import functools
import inspect
import io
import os
import random
import warnings
from collections.abc import Callable, Mapping
from types import CodeType, ModuleType
from typing import Any

import numpy as np

from autograder.checking.checks import Check
from autograder.checking.expect import Answer, Unmet, bare, same
from autograder.sandbox.protocol import wire


class LearnerError(Exception):
    """A student's function raised an exception."""


class InProcess:
    """The `student` that a check gets.

    Args:
        reference: the reference, for functions that are not in `sources`.
        sources: the student's own functions, by name.
        seed: the seed of the student's random numbers.
        together: whether the student's functions call one another. Otherwise each calls the
            reference's functions, as when an error is carried forward.
    """

    def __init__(
        self,
        reference: ModuleType,
        sources: Mapping[str, str],
        seed: int,
        *,
        together: bool = False,
    ) -> None:
        self._together = together
        self._reference, self._sources, self._seed = reference, sources, seed
        self._random: tuple[Any, Any, random.Random] = (
            random.Random(seed).getstate(),  # noqa: S311  # not for secrets
            np.random.RandomState(seed).get_state(),
            random.Random(seed + 1),  # noqa: S311  # likewise
        )
        self._bytes = random.Random(seed + 2).randbytes  # noqa: S311  # likewise
        self.asked: set[str] = set()
        self._functions = {**vars(reference)}
        with self._randomness():
            if together:
                self._functions = self._define(*sources)
            for name in () if together else sources:
                self._functions[name] = self._define(name)[name]

    def rewound(self) -> InProcess:
        return InProcess(self._reference, self._sources, self._seed, together=self._together)

    def __getattr__(self, name: str) -> Callable[..., Answer]:
        if name.startswith("_"):
            raise AttributeError(name)

        def call(*arguments: object, **keywords: object) -> Answer:
            self.asked.add(name)
            before = bare((arguments, keywords))
            given, named = copy.deepcopy(before)
            try:
                with self._randomness():
                    value = self._functions[name](*given, **named)
            except Exception as error:
                raise LearnerError(f"{name} raised {error!r}") from error

            def altered() -> str | None:
                pairs = [*zip(before[0], given, strict=True)]
                pairs += [(before[1][key], named[key]) for key in named]
                names = [*map(str, range(len(given))), *named]
                return next(
                    (
                        key
                        for key, pair in zip(names, pairs, strict=True)
                        if crosses(pair[0]) and not same(*pair)
                    ),
                    None,
                )

            return Answer(copy.deepcopy(value), name, altered)

        return call

    def _define(self, *names: str) -> dict[str, Any]:
        """Return the reference's namespace with these functions replaced."""
        namespace = {"__name__": "__main__"}
        exec(_compiled(self._reference), namespace)  # noqa: S102
        for name in names:
            exec(self._sources[name], namespace)  # noqa: S102
        return namespace

    @contextlib.contextmanager
    def _randomness(self) -> Any:
        """Use the student's random state inside the block, and restore ours after it."""
        ours = random.getstate(), np.random.get_state()
        bits: Any = np.random.bit_generator
        entropy = bits.randbits
        states, legacy, stream = self._random
        random.setstate(states)
        np.random.set_state(legacy)
        bits.randbits = stream.getrandbits
        urandom, os.urandom = os.urandom, self._bytes
        try:
            with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
                warnings.simplefilter("ignore")
                yield
        finally:
            self._random = random.getstate(), np.random.get_state(), stream
            bits.randbits, os.urandom = entropy, urandom
            random.setstate(ours[0])
            np.random.set_state(ours[1])


def crosses(value: object) -> bool:
    """Return whether a value can be sent; other values stay in the process."""

    def refuse(_: object) -> wire.Handle:
        raise TypeError

    try:
        wire.pack(value, refuse)
    except TypeError:
        return False
    return True


@functools.cache
def _compiled(module: ModuleType) -> CodeType:
    return compile(inspect.getsource(module), str(module.__file__), "exec")


def take(
    checks: tuple[Check, ...],
    reference: ModuleType,
    sources: Mapping[str, str],
    seed: int,
    *,
    together: bool = False,
) -> dict[str, str]:
    """Run the checks on a student; exceptions that are no verdict are not caught.

    Returns:
        For each check, by its id, "" if it passed, otherwise why it did not.
    """
    said: dict[str, str] = {}
    for place, check in enumerate(checks):
        if any(said[before.id] for before in check.after):
            said[check.id] = "not run"
            continue
        offered = {
            "student": InProcess(reference, sources, 1000 * seed + place, together=together),
            "reference": reference,
            "rng": np.random.default_rng([seed, place]),
        }
        try:
            with np.errstate(all="ignore"):
                part = check.asks(**{name: offered[name] for name in check.takes})
            said[check.id] = "" if part is None or part == 1 else f"{part} of its points"
        except (Unmet, LearnerError) as error:
            said[check.id] = str(error)
    return said
