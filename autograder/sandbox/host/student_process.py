"""Control a student process: run cells in it, and have it fork for calls."""

from __future__ import annotations

import signal
import socket
from collections.abc import Sequence

from autograder.sandbox.host.fork import Fork
from autograder.sandbox.host.monitor import Observations, ProcessDeaths
from autograder.sandbox.host.process import Crashed, Process, TimedOut, number_of
from autograder.sandbox.protocol import limits, wire
from autograder.sandbox.protocol.limits import TimeLimit


class StudentProcess(Process):
    """A student process: runs cells, and forks.

    A method that waits for the process raises `TimedOut` if the process is too slow, and `Crashed`
    if it has ended or sends something unexpected. The process has been killed then.
    """

    def __init__(
        self, sock: socket.socket, pidfd: int, deaths: ProcessDeaths, observed: Observations
    ) -> None:
        super().__init__(sock, deaths, observed)
        self.pid, self.pidfd = number_of(pidfd), pidfd
        observed.usage.start(self)
        self.forks: list[Fork] = []

    def end(self) -> None:
        """Kill the process and its forks."""
        for fork in self.forks:
            fork.end()
        super().end()

    def wait_confined(self) -> wire.Confined:
        """Wait for the first message, which says which protections are in force."""
        self.within(limits.CALL_TIME)
        with self.killed_on_failure():
            confined: wire.Confined = self.received(wire.Confined)
        return confined

    def run(
        self,
        source: str,
        seed: bytes | None,
        limit: TimeLimit,
        room: int = limits.MAX_SUBMISSION_OUTPUT_BYTES,
        number: int = 0,
        *,
        traced: bool = False,
    ) -> wire.Ran:
        """Run a cell; interrupt it if it takes too long, and keep what it has defined.

        See `wire.Run` for `number` and `traced`. Outputs are kept as far as there is room, whatever
        the process sends.
        """
        self.within(limit)
        with self.killed_on_failure():
            self.channel.send(wire.Run(source, seed, max(0, room), number, traced))
            self.awaited += 1
            try:
                ran: wire.Ran = self.received(wire.Ran)
            except TimedOut:
                self.signal(signal.SIGINT)
                self.within(limits.INTERRUPTED_CELL_TIME)
                ran = self.received(wire.Ran)
        return ran.within(room)

    def fork(self, functions: Sequence[str] = ()) -> Fork:
        """Fork, and wait until the fork has said which of these functions it has."""
        fork = self.fork_ahead(functions)
        try:
            fork.wait_ready()
        except (TimedOut, Crashed):
            self.end()
            raise
        return fork

    def fork_ahead(self, functions: Sequence[str] = ()) -> Fork:
        """Fork without waiting: calls may be sent at once, and are answered when it is ready."""
        ours, theirs = socket.socketpair()
        fork = Fork(ours, self.deaths, self.observed)
        fork.parent = self
        try:
            ours.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
            with theirs:
                self.within(limits.CALL_TIME)
                self.channel.send(wire.Fork(tuple(functions)), sockets=[theirs.fileno()])
        except TimedOut:
            fork.end()
            self.end()
            raise
        except wire.Closed as error:
            fork.end()
            raise self.crashed(error) from error
        self.forks = [*(each for each in self.forks if not each.ended), fork]
        return fork
