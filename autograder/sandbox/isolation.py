"""Decide which layers of protection are needed before a student's code may run."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from autograder.sandbox.inside.users import runs_as_root
from autograder.sandbox.messages import N_, TranslatableError


class SandboxError(TranslatableError):
    """The sandbox is unavailable or has broken; the text says what to do."""


class Isolation(StrEnum):
    """The isolation that the instructor asks for.

    FULL: every needed layer, and all namespaces that the machine allows.
    PROCESS: the layers that the machine allows, perhaps only a separate process.
    """

    FULL = "full"
    PROCESS = "process"


NEEDED = ("process", "rlimits", "no_new_privs", "seccomp", "landlock")
"""The layers that `Isolation.FULL` needs; where root grades, it needs `own_user` too."""


def needed() -> tuple[str, ...]:
    """Return the layers that this user needs to grade untrusted work."""
    return (*NEEDED, "own_user") if runs_as_root() else NEEDED


def lacking(layers: Sequence[str]) -> list[str]:
    """Return the needed layers that are missing; `landlock-7` counts as `landlock`."""
    plain = {layer.partition("-")[0] for layer in layers}
    return [layer for layer in needed() if layer not in plain]


def demand(isolation: Isolation, layers: Sequence[str], troubles: Sequence[str]) -> None:
    """Check that the layers in force are those that were asked for.

    Raises:
        SandboxError: a needed layer is missing.
    """
    missing = lacking(layers)
    if isolation is Isolation.FULL and missing:
        reasons = "; ".join(line for line in troubles if line.partition(":")[0] in missing)
        raise SandboxError(
            N_(
                "This machine lacks {layers}, so it does not grade untrusted submissions. "
                "`autograder doctor` says how to get it. If you trust the submissions, add "
                "`--isolation process`."
            ),
            layers=", ".join(missing) + (f" ({reasons})" if reasons else ""),
        )


class InForce:
    """The layers that were in force in every process in which students' code ran.

    Attributes:
        layers: their names; none before anything has run.
        processors: the kinds of processors of other machines that have graded.
    """

    def __init__(self) -> None:
        self.layers: tuple[str, ...] = ()
        self.processors: set[str] = set()
        self._known = False

    def note(self, layers: Sequence[str]) -> None:
        """Add the layers of one worker; none if no student code has run there yet."""
        if layers:
            before = self.layers if self._known else layers
            self.layers = tuple(layer for layer in before if layer in layers)
            self._known = True
