"""Notebooks opened in a sandbox, and short words for what tests do with them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from autograder.sandbox.host.fork import Fork
from autograder.sandbox.host.session import Session
from autograder.sandbox.host.worker import Worker
from autograder.sandbox.protocol import wire
from autograder.sandbox.protocol.limits import TimeLimit

SEED = bytes(range(32))

AMPLE = TimeLimit(cpu=10.0, wall=60.0)


class Notebook(Session):
    """A session whose functions are called by name."""

    def __enter__(self) -> Notebook:
        super().__enter__()
        return self

    def answer(
        self,
        function: str,
        *arguments: Any,
        fork: Fork | None = None,
        seed: bytes | None = None,
        limit: TimeLimit = AMPLE,
    ) -> wire.ByFork:
        """Return the answer of a fork; without one, make a new fork."""
        packed = [wire.pack(each, _already_kept) for each in arguments]
        asked = fork or self.fork()
        try:
            return asked.call(function, packed, [], seed=seed, limit=limit)
        finally:
            if fork is None:
                asked.end()

    def value(self, function: str, *arguments: Any, fork: Fork | None = None, **rest: Any) -> Any:
        """Return the value of a function that must return."""
        answer = self.answer(function, *arguments, fork=fork, **rest)
        assert isinstance(answer, wire.Returned), answer
        return wire.unpack(answer.value)

    def error(self, function: str, *arguments: Any) -> wire.Raised:
        """Return the error of a function that must raise."""
        answer = self.answer(function, *arguments)
        assert isinstance(answer, wire.Failed), answer
        return answer.error

    def cell_error(self, cell: int) -> wire.Raised:
        """Return the error of a cell that must raise."""
        error = self.ran[cell].error
        assert error is not None
        return error

    def shown(self, cell: int, kind: str = "stdout") -> str:
        """Return the output of a cell of one kind."""
        return "".join(each.data for each in self.ran[cell].outputs if each.kind == kind)


def _already_kept(value: object) -> wire.Handle:
    assert isinstance(value, wire.Handle), f"{value!r} cannot cross"
    return value


class Open:
    """Opens notebooks on one worker."""

    def __init__(self, worker: Worker) -> None:
        self.worker = worker

    def __call__(self, *cells: str, seed: bytes = SEED, numbers: Sequence[int] = ()) -> Notebook:
        return Notebook(self.worker, cells, seed, numbers=numbers)


def running(name: str) -> list[str]:
    """Return the processes of this name, including zombies."""
    found = []
    for comm in Path("/proc").glob("[0-9]*/comm"):
        try:
            if comm.read_text().strip() == name:
                found.append(comm.parent.name)
        except OSError:  # it has ended meanwhile
            continue
    return found
