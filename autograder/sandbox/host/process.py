"""Send messages to a process that runs a student's code, watch its time, and kill it if needed.

The judge watches two clocks: the processor time that the kernel charges to the process, which a
busy machine does not change, and a generous wall time for a process that sleeps (`clock.py`). A
process that exceeds either is killed through its pidfd. So is a process whose submission has idled
for too long, or has used too much processor time in all its processes (`usage.py`).
"""

from __future__ import annotations

import select
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from autograder.sandbox.host.clock import watched
from autograder.sandbox.host.monitor import (
    NO_ANSWER,
    End,
    IdleWatch,
    Observations,
    ProcessDeaths,
    status_of,
)
from autograder.sandbox.host.usage import charged
from autograder.sandbox.protocol import limits, wire
from autograder.sandbox.protocol.limits import TimeLimit

POLL_SECONDS = 0.02
"""Time between two looks at the clocks while the judge waits for an answer."""

PARENT_END_SECONDS = 0.1
"""How long a parent may take to end after a process that ended because of it."""


class TimedOut(Exception):
    """A process used up its time and has been killed."""


class Crashed(Exception):
    """A process ended early, or sent an unreadable message and has been killed."""


class Process:
    """A process that runs a student's code, as the judge controls it.

    Args:
        sock: the socket to the process.
        deaths: counts the process if something else than the judge ends it.
        observed: collects the observations of the submission.

    Attributes:
        channel: sends and receives messages on the socket.
        pid: the number of the process in the judge's namespace, from the kernel.
        ended: whether the judge has killed it.
        awaited: the number of messages that the judge still expects from it.
        lied: whether it has sent a message that was not expected.
        lost: the cause of an early end; None if there was none.
        parent: the process with which it ends; None for one that ends alone.
    """

    def __init__(self, sock: socket.socket, deaths: ProcessDeaths, observed: Observations) -> None:
        self.poll = select.poll()
        self.sock = sock
        self.deaths = deaths
        self.observed = observed
        self.channel = wire.Channel(sock, self._wait)
        self.pid = 0
        self.pidfd = -1
        self.ended = False
        self.awaited = 1  # its first message
        self.lied = False
        self.lost: End | None = None
        self.parent: Process | None = None
        self.limit = TimeLimit(cpu=limits.START_SECONDS, wall=limits.START_SECONDS)
        self.cpu_start = 0.0
        self.wall_start = self.looked = watched()
        self.watch: IdleWatch | None = None
        self.idle = 0.0

    def within(self, limit: TimeLimit) -> None:
        """Restart the clocks with this limit."""
        self.limit = limit
        self.cpu_start = self.cpu()
        self.wall_start = self.looked = watched()
        self.watch, self.idle = None, 0.0

    def cpu(self) -> float:
        """Return the seconds of processor time that the kernel has charged to the process."""
        if not self.pid:
            return 0.0
        try:
            return charged(self.pid)
        except OSError:
            return self.cpu_start

    def _wait(self, event: str) -> None:
        """Wait until the socket is ready.

        A message that has arrived counts, however late the judge looks, if the process did not use
        more processor time than it may.

        Raises:
            TimedOut: the time is up, even if the process keeps sending byte by byte.
            Closed: the process has ended, even if another process still holds its socket.
        """
        self.poll.register(self.sock, select.POLLIN if event == "read" else select.POLLOUT)
        if self.pidfd >= 0:
            self.poll.register(self.pidfd, select.POLLIN)
        ready: list[int] = []
        self.watch_the_clocks()
        while self.sock.fileno() not in ready:
            if ready:
                raise wire.Closed
            ready = [descriptor for descriptor, _ in self.poll.poll(POLL_SECONDS * 1000)]
            if not ready:
                self.watch_the_clocks()
            if watched() - self.looked >= POLL_SECONDS:  # even if bytes keep coming
                self._look_at_the_submission()
        if self._cpu_is_up():
            raise TimedOut

    def _look_at_the_submission(self) -> None:
        """Update the idle time and processor time of the whole submission.

        An interrupted cell may still use its time to end.

        Raises:
            TimedOut: the submission has exceeded one of its limits.
        """
        self.looked = watched()
        if self.watch is None or self.watch.pid != self.pid:
            self.watch, self.idle = IdleWatch(self.pid), 0.0
        idle = self.watch.idle()
        self.observed.idle += idle - self.idle
        self.idle = idle
        self.observed.usage.look()
        if self.limit is not limits.INTERRUPTED_CELL_TIME and (
            self.observed.idle > self.observed.patience or self.observed.usage.is_up
        ):
            raise TimedOut

    def forgive(self, seconds: float) -> None:
        """Do not count these seconds as idle: the process waited for the judge."""
        if self.watch is not None:
            self.watch.forgive(seconds)

    def watch_the_clocks(self) -> None:
        """Check that there is time left.

        Raises:
            TimedOut: the time is up.
        """
        if self._cpu_is_up() or watched() - self.wall_start > self.limit.wall:
            raise TimedOut

    def _cpu_is_up(self) -> bool:
        return self.cpu() - self.cpu_start > self.limit.cpu

    def received(self, kind: Any) -> Any:
        """Receive an expected message.

        Raises:
            Crashed: another kind of message came.
            TimedOut: nothing came in time.
            Closed: the process has ended.
        """
        try:
            message = self.channel.receive(kind)
        except wire.BadMessage as error:
            self.protocol_violation()
            raise Crashed from error
        self.awaited -= 1
        return message

    def protocol_violation(self) -> None:
        """Note that the process sent a message that was not expected."""
        self.lied = True
        self.observed.note(NO_ANSWER)

    def _has_more_to_say(self) -> bool:
        if self.channel.pending:
            return True
        try:
            return bool(self.sock.recv(1))
        except OSError:
            return False

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the process, if it has not ended."""
        if self.pidfd >= 0:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self.pidfd, number)

    @contextmanager
    def killed_on_failure(self) -> Iterator[None]:
        """Kill the process if it is too slow, ends, or sends a message of the wrong kind.

        Raises:
            TimedOut: it was too slow.
            Crashed: it ended, or sent such a message.
        """
        try:
            yield
        except (TimedOut, Crashed):
            self.end()
            raise
        except (wire.Closed, wire.TooLong, OSError) as error:
            raise self.crashed(error) from error

    def crashed(self, error: Exception) -> Crashed:
        """Kill a process that has ended or sent an unreadable message; return the exception."""
        if isinstance(error, wire.Closed | OSError):
            self._note_the_end()
        self.end()
        return Crashed()

    def _note_the_end(self) -> None:
        """Find out what ended the process, now or after its parent has waited for it."""
        if self.lost is not None:
            return
        status = status_of(self.pid)
        self.lost = self.deaths.end(status, late=self.cpu() >= self.observed.process_cpu)
        above = self.parent
        if self.lost is not End.OWN and above is not None and above.has_ended():
            above._note_the_end()
            if above.lost is End.OWN:
                self.lost = End.OWN
        if status is None and self.lost is End.UNKNOWN and self.pidfd >= 0:
            parent = above.pidfd if above is not None and above.pidfd >= 0 else None
            self.deaths.note_later(self.pidfd, parent)
        else:
            self.deaths.note(self.lost)

    def has_ended(self) -> bool:
        """Return whether the process has ended without being killed by the judge."""
        if self.ended or self.pidfd < 0:
            return False
        poll = select.poll()
        poll.register(self.pidfd, select.POLLIN)
        return bool(poll.poll(PARENT_END_SECONDS * 1000))

    def end(self) -> None:
        """Kill the process and close its socket; calling it again does nothing."""
        if not self.ended:
            self.observed.usage.end(self)
        self.signal(signal.SIGKILL)
        if not self.ended and not self.awaited and self._has_more_to_say():
            self.protocol_violation()
        self.ended = True
        self.channel.close()
        if self.pidfd >= 0:
            self.observed.killed.append(self.pidfd)
            self.pidfd = -1


def number_of(pidfd: int) -> int:
    """Return a process's number in the judge's namespace; 0 if the process has ended."""
    for line in Path(f"/proc/self/fdinfo/{pidfd}").read_text().splitlines():
        if line.startswith("Pid:"):
            return max(0, int(line.split()[1]))
    return 0
