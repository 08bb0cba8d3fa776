"""What a check gives to a learner's function: numbers of its own, and what the learner returned."""

from __future__ import annotations

from collections.abc import Sequence

from autograder.checking.expect import Answer, Unmet, bare
from autograder.language import _
from autograder.sandbox import wire

MOST = wire.MAX_FRAME // 2
"""Bytes of one call's arguments, as `wire.size` counts them roughly."""


def packed(names: Sequence[str], values: Sequence[object]) -> list[wire.Value]:
    """The arguments of one call in the form in which they cross.

    Raises:
        Unmet: what the learner returned was fit to come, and is too large or too deep to go back
            with more around it.
        TypeError: so is what the check itself made, or it has no such form at all.
    """
    try:
        ready = [wire.pack(bare(value), _refuse) for value in values]
        if sum(map(wire.size, ready)) > MOST:
            raise TypeError("a check passes more than a message can hold")
    except TypeError:
        for name, value in zip(names, values, strict=True):
            if _borrowed(value):
                too_large = _("What was returned is too large to be given back as {name}.")
                raise Unmet(too_large.format(name=name)) from None
        raise
    return ready


def _borrowed(value: object) -> bool:
    """Whether something in a value is a learner's."""
    if isinstance(value, dict):
        return any(map(_borrowed, value.values()))
    if isinstance(value, (list, tuple)):
        return any(map(_borrowed, value))
    return isinstance(value, Answer)


def _refuse(value: object) -> wire.Handle:
    """What becomes of an argument with no form on the wire: a handle goes back to its process."""
    if isinstance(value, wire.Handle):
        return value
    raise TypeError(f"a check passes a {type(value).__name__}, which cannot cross to the learner")
