"""Hand over functions that a check passes to a student's function.

The judge sends the source of such a function, or the name of one that the notebook defines. The
student process and the reference process build it. A student process never sends one: in its
messages stands a `Known`, the key of a function that it was given, and whoever receives that looks
the key up among the functions that the judge has sent with the call.
"""

from __future__ import annotations

import hashlib
import importlib
from collections.abc import Callable, Iterable
from typing import Annotated, Any

import msgspec

from autograder.sandbox.protocol import limits
from autograder.sandbox.protocol.forms import BadMessage, Known, Struct, Text, Value, Words


class Function(Struct, tag="function"):
    """A function that a check passes; without a source, the one that the notebook calls so.

    `values` are the variables that the source uses besides its arguments, and `modules` those that
    are modules, each with its full name.
    """

    name: Words
    source: Text = ""
    values: Annotated[
        tuple[tuple[Words, Value], ...], msgspec.Meta(max_length=limits.MAX_ARGUMENTS)
    ] = ()
    modules: Annotated[
        tuple[tuple[Words, Words], ...], msgspec.Meta(max_length=limits.MAX_ARGUMENTS)
    ] = ()

    @property
    def known(self) -> Known:
        """Its form among the arguments of a call."""
        return Known(hashlib.blake2b(msgspec.msgpack.encode(self), digest_size=16).digest())


class Functions:
    """The functions that a process was given, built when they arrive.

    A function without a source is one of `names`, which are those of the notebook or the reference.
    """

    def __init__(self, names: dict[str, Any], unpack: Callable[[Value], object]) -> None:
        self.names = names
        self.unpack = unpack
        self.built: dict[bytes, Any] = {}

    def take(self, functions: Iterable[Function]) -> None:
        """Build functions; each comes after those that it uses."""
        for each in functions:
            key = each.known.key
            if key not in self.built:
                self.built[key] = self._build(each)

    def find(self, known: Known) -> Any:
        """Return the function with this key.

        Raises:
            BadMessage: there is none.
        """
        if known.key not in self.built:
            raise BadMessage("a function that nobody has handed over")
        return self.built[known.key]

    def known(self, value: object) -> Known | None:
        """Return the `Known` of a function that was handed over; None for anything else."""
        return next((Known(key) for key, each in self.built.items() if each is value), None)

    def _build(self, function: Function) -> Any:
        if not function.source:
            if function.name not in self.names:
                raise NameError(f"the check passes {function.name}, which is not defined")
            return self.names[function.name]
        names = {name: importlib.import_module(module) for name, module in function.modules}
        space: dict[str, Any] = {**names}
        space.update((name, self.unpack(value)) for name, value in function.values)
        exec(compile(function.source, "<check>", "exec"), space)  # noqa: S102  # the judge's own
        return space[function.name]
