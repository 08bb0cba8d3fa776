"""A process that runs a learner's code, seen from the judge: asked, watched, and killed in time.

Time is watched from here: the CPU time that the kernel has charged to the process asked, which a
busy machine does not change, and beside it a generous wall time for those who sleep. Who exceeds
either is killed through a pidfd, which names that process and no later one. So is who keeps us
waiting, idle, for longer than a whole submission may.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import struct
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import msgspec

from autograder.sandbox import wire
from autograder.sandbox.idleness import Watch
from autograder.sandbox.record import NO_ANSWER, Record

SLICE = 0.02
"""Seconds between two looks at the clocks while an answer is awaited."""

START_SECONDS = 60.0
"""Within which a worker must be warm, and a fork there, on however busy a machine."""


@dataclass(frozen=True)
class Limits:
    """Seconds of CPU time, and of wall time, that something may take."""

    cpu: float
    wall: float


CELL = Limits(cpu=20.0, wall=120.0)
"""One cell of a notebook. A network trained for 10,000 steps takes about two seconds."""

CELLS = Limits(cpu=60.0, wall=300.0)
"""All the cells together."""

CALL = Limits(cpu=4.0, wall=60.0)
"""One call: the reference's longest takes a fiftieth of a second, plain loops some tenths."""

FUNCTION = Limits(cpu=10.0, wall=150.0)
"""All the calls that the checks of one function make."""

GRACE = Limits(cpu=1.0, wall=10.0)
"""What a cell gets to end in after it was interrupted."""


LATE = 1000
"""Answers that were given before and are passed over while one is awaited."""


class Understudy(Protocol):
    """Answers a call that a learner's code makes of a function that was replaced.

    Attributes:
        spent: seconds of CPU time that it has taken; the learner's code is charged with them.
    """

    spent: float

    def __call__(self, call: wire.Call, /) -> wire.Returned | wire.Failed:
        """The answer."""


class TimedOut(Exception):
    """A process used up its time, and has been killed."""


class Crashed(Exception):
    """A process has ended in the middle, or sent what cannot be read, and has been killed."""


@dataclass
class Losses:
    """How many processes have ended in the middle, and not by our hand.

    What they were asked for is no answer of a learner's where somebody else has ended them, and
    must be asked again.

    Attributes:
        outside: ended by SIGKILL: by a person, or by the kernel for want of memory.
        unknown: ended by themselves, maybe.
    """

    outside: int = 0
    unknown: int = 0

    def note(self, status: int | None) -> None:
        """Counts a process in, if it may have been ended from outside.

        Args:
            status: as `waitpid` gives it; None where it cannot be known.
        """
        if status is None or status == 0:  # which is also what a kernel says that will not tell
            self.unknown += 1
        elif os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
            self.outside += 1
        elif os.WIFSIGNALED(status):
            self.unknown += 1

    def since(self, before: Losses) -> Losses:
        """Those that came after others."""
        return Losses(self.outside - before.outside, self.unknown - before.unknown)


class Process:
    """One end of a conversation with a process that runs a learner's code.

    Args:
        sock: leads to it.
        losses: is told when the process has ended, and not from here.
        record: where what is seen of it is noted.

    Attributes:
        channel: where it is asked.
        pid: its number here, as the kernel has told it.
        ended: whether it has been killed from here.
        awaited: how many messages it owes.
        lied: whether it has sent something else.
    """

    def __init__(self, sock: socket.socket, losses: Losses, record: Record) -> None:
        self.poll = select.poll()
        self.sock = sock
        self.losses = losses
        self.record = record
        self.channel = wire.Channel(sock, self._wait)
        self.pid = 0
        self.pidfd = -1
        self.ended = False
        self.awaited = 1  # its first word
        self.lied = False
        self.limits = Limits(cpu=START_SECONDS, wall=START_SECONDS)
        self.cpu_start = 0.0
        self.wall_start = time.monotonic()

    def within(self, limits: Limits) -> None:
        """Starts the clocks anew: what follows may take this long."""
        self.limits = limits
        self.cpu_start = self.cpu()
        self.wall_start = time.monotonic()

    def cpu(self) -> float:
        """Seconds of CPU time that the kernel has charged to the process so far."""
        if not self.pid:
            return 0.0
        try:
            return charged(self.pid)
        except OSError:
            return self.cpu_start

    def _wait(self, event: str) -> None:
        """Returns when the socket is ready.

        Raises:
            TimedOut: the time is up, even for who sends byte by byte.
            Closed: the process has ended, even if something that it left behind has its socket.
        """
        self.poll.register(self.sock, select.POLLIN if event == "read" else select.POLLOUT)
        if self.pidfd >= 0:
            self.poll.register(self.pidfd, select.POLLIN)
        ready: list[int] = []
        watch, idle = Watch(self.pid), 0.0
        try:
            while self.sock.fileno() not in ready:
                if ready:
                    raise wire.Closed
                ready = [descriptor for descriptor, _ in self.poll.poll(SLICE * 1000)]
                self.watch_the_clocks()
                if not ready:
                    idle = watch.idle()
                    self._lose_patience(idle)
        finally:
            self.record.idle += idle

    def _lose_patience(self, idle: float) -> None:
        """Raises TimedOut when all that the submission may idle is over; a grace is given still."""
        if self.record.idle + idle > self.record.patience and self.limits is not GRACE:
            raise TimedOut

    def watch_the_clocks(self) -> None:
        """Does nothing while there is time left.

        Raises:
            TimedOut: there is none.
        """
        if (
            self.cpu() - self.cpu_start > self.limits.cpu
            or time.monotonic() - self.wall_start > self.limits.wall
        ):
            raise TimedOut

    def received(self, kind: Any) -> Any:
        """A message that is owed.

        Raises:
            Crashed: what came is none of this kind.
            TimedOut: nothing came in time.
            Closed: the process has ended.
        """
        try:
            message = self.channel.receive(kind)
        except wire.BadMessage as error:
            self.has_lied()
            raise Crashed from error
        self.awaited -= 1
        return message

    def has_lied(self) -> None:
        """Notes that something came which nobody had asked for."""
        self.lied = True
        self.record.note(NO_ANSWER)

    def _has_more_to_say(self) -> bool:
        if self.channel.buffer:
            return True
        try:
            return bool(self.sock.recv(1))
        except OSError:
            return False

    def signal(self, number: signal.Signals) -> None:
        """Sends a signal to the process, if it still is there."""
        if self.pidfd >= 0:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self.pidfd, number)

    def crashed(self, error: Exception) -> Crashed:
        """Kills what is left of a process that has ended, or sent what cannot be read."""
        if isinstance(error, wire.Closed | OSError):
            self.losses.note(status_of(self.pid))
        self.end()
        return Crashed()

    def end(self) -> None:
        """Kills the process and closes what leads to it; once is enough, twice does no harm."""
        self.signal(signal.SIGKILL)
        if not self.ended and not self.awaited and self._has_more_to_say():
            self.has_lied()
        self.ended = True
        self.channel.close()
        if self.pidfd >= 0:
            self.record.killed.append(self.pidfd)
            self.pidfd = -1


class Fork(Process):
    """A fork of a student process, which answers calls.

    Attributes:
        functions: those of the functions it was asked for that the notebook defines.
    """

    def __init__(self, sock: socket.socket, losses: Losses, record: Record) -> None:
        super().__init__(sock, losses, record)
        self.functions: frozenset[str] = frozenset()
        self.understudy: Understudy | None = None
        self.sent = self.answered = 0

    def cpu(self) -> float:
        """Seconds of CPU time that it has taken, and who answered for it."""
        return super().cpu() + (self.understudy.spent if self.understudy is not None else 0.0)

    def end(self) -> None:
        """Kills the process and closes what leads to it; once is enough, twice does no harm."""
        if not self.pid and not self.ended:
            self.record.unknown += 1
        super().end()

    def greet(self) -> None:
        """Waits for the fork's first word, where it has not come yet.

        Who sent it, the kernel says and not the sender; so the worst a liar can do is to have
        another of its own processes killed in its place.

        Raises:
            TimedOut: it does not come; what there is of the fork has been killed.
            Crashed: something else came, or it has ended.
        """
        if self.pid:
            return
        self.within(CALL)
        try:
            self._greet()
        except (TimedOut, Crashed):
            self.end()
            raise
        except (wire.Closed, OSError) as error:
            raise self.crashed(error) from error

    def _greet(self) -> None:
        self._wait("read")
        _, credentials, _, _ = self.sock.recvmsg(1, socket.CMSG_SPACE(12), socket.MSG_PEEK)
        for level, kind, data in credentials:
            if (level, kind) == (socket.SOL_SOCKET, socket.SCM_CREDENTIALS):
                (self.pid, _uid, _gid) = struct.unpack("iII", data)
        if not self.pid:
            raise wire.Closed
        self.pidfd = os.pidfd_open(self.pid)
        ready: wire.Ready = self.received(wire.Ready)
        self.functions = frozenset(ready.functions)

    def call(
        self,
        function: str,
        arguments: Sequence[wire.Value],
        keywords: Sequence[tuple[str, wire.Value]],
        *,
        seed: bytes | None,
        limits: Limits,
    ) -> wire.FromFork:
        """Calls a learner's function and waits for the answer.

        Raises:
            TooLong: the arguments are more than may cross.
            TimedOut: no answer in time; the fork has been killed.
            Crashed: the fork ended, or what it sent is no answer; it has been killed.
        """
        call = wire.Call(0, function, tuple(arguments), tuple(keywords), seed)
        self.ask([call])
        return self.answer(call, limits)

    def ask(self, calls: Sequence[wire.ToFork]) -> None:
        """Sends calls; their answers are to be fetched in this order.

        Their numbers are this fork's own: an answer that is given twice is nobody else's.

        Raises:
            TooLong: the arguments are more than may cross.
            TimedOut: it does not read them; the fork has been killed.
            Crashed: the fork has ended.
        """
        if self.ended:
            raise Crashed
        self.within(CALL)
        numbered: list[wire.ToFork] = []
        for call in calls:
            if isinstance(call, wire.Call):
                self.sent += 1
                self.awaited += 1
                call = msgspec.structs.replace(call, number=self.sent)
            numbered.append(call)
        try:
            self.channel.send(*numbered)
        except TimedOut:
            self.end()
            raise
        except wire.Closed as error:
            raise self.crashed(error) from error

    def replace(self, functions: Sequence[str], by: Understudy) -> None:
        """From now on, calls of these functions in the learner's code are answered by another.

        Raises:
            Crashed: the fork has ended.
        """
        self.understudy = by
        self.ask([wire.Replace(tuple(functions))])

    def answer(self, call: wire.Call, limits: Limits) -> wire.FromFork:
        """Fetches the answer to the first call that has none yet.

        Raises:
            TimedOut: no answer in time; the fork has been killed.
            Crashed: the fork ended, or what it sent is no answer; it has been killed.
        """
        if self.ended:
            raise Crashed
        self.greet()
        self.within(limits)
        try:
            answer = self._next_answer()
        except (TimedOut, Crashed):
            self.end()
            raise
        except (wire.Closed, wire.TooLong) as error:
            raise self.crashed(error) from error
        return msgspec.structs.replace(answer, number=call.number)

    def _next_answer(self) -> wire.FromFork:
        """The answer to the first call that has none, past those that were given before."""
        self.answered += 1
        for _ in range(LATE):
            answer = self._answer_or_call()
            if answer.number == self.answered:
                return answer
            self.has_lied()
            if answer.number > self.answered:
                break
            self.awaited += 1  # that one was not owed
            self.watch_the_clocks()
        raise Crashed

    def _answer_or_call(self) -> wire.FromFork:
        """What comes next, after the calls that come before it have been answered."""
        while True:
            message: wire.FromFork | wire.Call = self.received(wire.AnswerOrCall)
            if not isinstance(message, wire.Call):
                return message
            self.awaited += 1
            if self.understudy is None:
                self.has_lied()
                raise Crashed
            self.watch_the_clocks()
            self.channel.send(self.understudy(message))


class Student(Process):
    """The student process: runs cells, and forks."""

    def __init__(self, sock: socket.socket, pidfd: int, losses: Losses, record: Record) -> None:
        super().__init__(sock, losses, record)
        self.pid, self.pidfd = number_of(pidfd), pidfd
        self.forks: list[Fork] = []

    def end(self) -> None:
        """Kills the process, and its forks with it."""
        for fork in self.forks:
            fork.end()
        super().end()

    def confined(self) -> wire.Confined:
        """Waits for the first word, which says what keeps it in.

        Raises:
            TimedOut: it does not come; the process has been killed.
            Crashed: the process has ended instead.
        """
        self.within(CALL)
        try:
            confined: wire.Confined = self.received(wire.Confined)
        except (TimedOut, Crashed):
            self.end()
            raise
        except wire.Closed as error:
            raise self.crashed(error) from error
        return confined

    def run(self, source: str, seed: bytes | None, limits: Limits) -> wire.Ran:
        """Runs a cell; one that takes too long is interrupted, so that what it defined stays.

        Raises:
            TimedOut: it would not be interrupted, and the process has been killed.
            Crashed: the process ended, or what it sent cannot be read; it has been killed.
        """
        self.within(limits)
        try:
            self.channel.send(wire.Run(source, seed))
            self.awaited += 1
            try:
                ran: wire.Ran = self.received(wire.Ran)
            except TimedOut:
                self.signal(signal.SIGINT)
                self.within(GRACE)
                ran = self.received(wire.Ran)
        except (TimedOut, Crashed):
            self.end()
            raise
        except (wire.Closed, wire.TooLong) as error:
            raise self.crashed(error) from error
        return ran

    def fork(self, functions: Sequence[str] = ()) -> Fork:
        """A new fork, ready to be asked, which has said which of these functions there are.

        Raises:
            TimedOut: the student process does not fork in time; it has been killed.
            Crashed: it has ended, or what came is not a fork's first word.
        """
        fork = self.fork_ahead(functions)
        try:
            fork.greet()
        except (TimedOut, Crashed):
            self.end()
            raise
        return fork

    def fork_ahead(self, functions: Sequence[str] = ()) -> Fork:
        """A new fork that may be asked already, but may not be there yet.

        Raises:
            TimedOut: the student process does not listen; it has been killed.
            Crashed: it has ended.
        """
        ours, theirs = socket.socketpair()
        fork = Fork(ours, self.losses, self.record)
        try:
            ours.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
            with theirs:
                self.within(CALL)
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


def charged(pid: int) -> float:
    """Seconds of CPU time that the kernel has charged to a process.

    Raises:
        OSError: there is none of this number.
    """
    # The clock id of another process, as clock_getcpuclockid(3) makes it.
    return time.clock_gettime((~pid << 3) | 2)


def number_of(pidfd: int) -> int:
    """The number that a process has for us, whatever it is in its own world; 0 if it has ended."""
    for line in Path(f"/proc/self/fdinfo/{pidfd}").read_text().splitlines():
        if line.startswith("Pid:"):
            return max(0, int(line.split()[1]))
    return 0


def status_of(pid: int) -> int | None:
    """How a process has ended, if nobody has fetched it yet; None or 0 where it cannot be known."""
    try:
        after_the_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return int(after_the_name[49])  # the 52nd field, exit_code
