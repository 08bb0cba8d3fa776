"""The judge's side of the sandbox: starts processes, asks them, and kills them in time.

The package's own docstring tells which processes there are and who may do what. Time is watched
from here: the CPU time that the kernel has charged to the process asked, which a busy
machine does not change, and beside it a generous wall time for those who sleep. Who exceeds either
is killed through a pidfd, which names that process and no later one. At the end the worker ends
every descendant that is left.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol

import msgspec

from autograder.sandbox import wire
from autograder.sandbox.inside import scratch
from autograder.sandbox.inside.jail import LAYERS
from autograder.sandbox.isolation import Isolation, SandboxError, demand
from autograder.sandbox.record import NO_ANSWER, Record

SLICE = 0.02
"""Seconds between two looks at the clocks while an answer is awaited."""

LOG = "worker.log"
"""Where a worker that does not start leaves its last words."""

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


class Process:
    """One end of a conversation with a process that runs a learner's code.

    Attributes:
        channel: where it is asked.
        pid: its number here, as the kernel has told it.
        ended: whether it has been killed from here.
        record: where what is seen of it is noted.
        awaited: how many messages it owes.
        lied: whether it has sent something else.
    """

    def __init__(self, sock: socket.socket, record: Record) -> None:
        self.poll = select.poll()
        self.sock = sock
        self.channel = wire.Channel(sock, self._wait)
        self.pid = 0
        self.pidfd = -1
        self.ended = False
        self.record = record
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
        while self.sock.fileno() not in ready:
            if ready:
                raise wire.Closed
            ready = [descriptor for descriptor, _ in self.poll.poll(SLICE * 1000)]
            self.watch_the_clocks()

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
        functions: the names under which the notebook defines something that can be called.
    """

    def __init__(self, sock: socket.socket, record: Record) -> None:
        super().__init__(sock, record)
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
        except (wire.Closed, ProcessLookupError) as error:
            self.end()
            raise Crashed from error

    def _greet(self) -> None:
        self._wait("read")
        _, credentials, _, _ = self.sock.recvmsg(1, socket.CMSG_SPACE(12), socket.MSG_PEEK)
        for level, kind, data in credentials:
            if (level, kind) == (socket.SOL_SOCKET, socket.SCM_CREDENTIALS):
                (self.pid, _uid, _gid) = struct.unpack("iII", data)
        if not self.pid:
            raise Crashed
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
            self.end()
            raise Crashed from error

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
            self.end()
            raise Crashed from error
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

    def __init__(self, sock: socket.socket, pidfd: int, record: Record) -> None:
        super().__init__(sock, record)
        self.pid, self.pidfd = number_of(pidfd), pidfd

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
            self.end()
            raise Crashed from error
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
            self.end()
            raise Crashed from error
        return ran

    def fork(self) -> Fork:
        """A new fork, ready to be asked.

        Raises:
            TimedOut: the student process does not fork in time; it has been killed.
            Crashed: it has ended, or what came is not a fork's first word.
        """
        fork = self.fork_ahead()
        try:
            fork.greet()
        except (TimedOut, Crashed):
            self.end()
            raise
        return fork

    def fork_ahead(self) -> Fork:
        """A new fork that may be asked already, but may not be there yet.

        Raises:
            TimedOut: the student process does not listen; it has been killed.
            Crashed: it has ended.
        """
        ours, theirs = socket.socketpair()
        fork = Fork(ours, self.record)
        try:
            ours.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
            with theirs:
                self.within(CALL)
                self.channel.send(wire.Fork(), sockets=[theirs.fileno()])
        except (TimedOut, wire.Closed) as error:
            fork.end()
            self.end()
            raise TimedOut if isinstance(error, TimedOut) else Crashed from error
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


class Worker:
    """A warm worker: grades one submission after the other, never two at once.

    Use it in a `with` statement: what it started has ended when that ends.

    Args:
        isolation: how well learners' code must be kept in.
        wanted: the layers to keep it in with; tests leave some out.

    Attributes:
        layers: what keeps it in, as the last student process said; none before there was one.
        record: what has been seen of the last one.
    """

    def __init__(
        self, isolation: Isolation = Isolation.FULL, *, wanted: Sequence[str] = LAYERS
    ) -> None:
        self.isolation = isolation
        self.wanted = wanted
        self.layers: tuple[str, ...] = ()
        self.prelude: tuple[str, ...] = ()
        self.scratch: Path | None = None
        self.process: subprocess.Popen[bytes] | None = None
        self.channel: wire.Channel | None = None
        self.record = Record()

    def __enter__(self) -> Worker:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Starts the interpreter and waits until it is warm.

        Raises:
            SandboxError: it does not start.
        """
        if sys.platform != "linux":
            raise SandboxError(
                "Learners' code can be kept in by Linux alone: grade in WSL 2, in a container or "
                "in a virtual machine."
            )
        self.scratch = home = Path(tempfile.mkdtemp(prefix="autograder-"))
        ours, theirs = socket.socketpair()
        environment = {
            "PATH": os.defpath,
            "HOME": str(home),
            "TMPDIR": str(home),
            "IPYTHONDIR": str(home / "ipython"),
            "MPLCONFIGDIR": str(home / "matplotlib"),
            "MPLBACKEND": "agg",
            "LANG": "C.UTF-8",
            # Sets of strings have one order, so that the same notebook does the same twice.
            "PYTHONHASHSEED": "0",
            # More threads than one could not be forked safely.
            "OPENBLAS_NUM_THREADS": "1",
            "OMP_NUM_THREADS": "1",
            "MKL_NUM_THREADS": "1",
        }
        command = [sys.executable, "-s", "-P", "-B", "-m", "autograder.sandbox.inside"]
        with theirs, (home / LOG).open("wb") as log:
            self.process = subprocess.Popen(  # noqa: S603  # our own interpreter and module
                [*command, str(theirs.fileno()), ",".join(self.wanted)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=[theirs.fileno()],
                env=environment,
                cwd=home,
                start_new_session=True,  # an interrupt from the terminal is for the judge
            )
        self.channel = wire.Channel(ours)
        ours.settimeout(START_SECONDS)
        self._expect(wire.Swept)
        self.channel.send(wire.Prepare(self.prelude))
        ran = self._expect(wire.Ran)
        if ran.error is not None:
            raise SandboxError(
                f"A read-only cell of the lesson stopped with {ran.error.type}: "
                f"{ran.error.message}. Mend the lesson."
            )

    def prepare(self, cells: Sequence[str]) -> None:
        """Names the cells of ours that every submission starts with; they are run once, here."""
        if tuple(cells) != self.prelude:
            self.stop()
            self.prelude = tuple(cells)

    def stop(self) -> None:
        """Ends the worker and with it all that it started, and its files."""
        if self.channel is not None:
            self.channel.close()
            self.channel = None
        if self.process is not None:
            try:
                self.process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            self.process = None
        self.record.await_ends()
        if self.scratch is not None:
            scratch.remove(str(self.scratch))
            self.scratch = None

    def open(self) -> Student:
        """A student process for a new submission; the one before must have been swept.

        Raises:
            SandboxError: the worker does not answer, and a new one does not start either.
        """
        try:
            return self._open()
        except wire.Closed:  # something has killed it since it was last heard of
            self.stop()
        try:
            return self._open()
        except wire.Closed as error:
            raise SandboxError(
                "The process for learners' code ends as soon as it is used. "
                "Does this machine kill processes for want of memory?"
            ) from error

    def _open(self) -> Student:
        if self.process is None or self.process.poll() is not None:
            self.stop()
            self.start()
        assert self.channel is not None  # noqa: S101  # start() made it
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                self.channel.send(wire.Open(), sockets=[theirs.fileno()])
            _, (pidfd,) = self.channel.receive_with_descriptor(wire.Opened)
        except wire.Closed:
            ours.close()
            raise
        self.record = Record()
        student = Student(ours, pidfd, self.record)
        try:
            confined = student.confined()
        except (TimedOut, Crashed) as error:
            raise wire.Closed from error
        try:
            demand(self.isolation, confined.layers, confined.troubles)
        except SandboxError:
            student.end()
            raise
        self.layers = confined.layers
        return student

    def sweep(self) -> None:
        """Ends everything that the last student process left running, and its files.

        A worker that has ended itself is stopped; the next submission starts a new one.
        """
        if self.channel is None:
            return
        self.record.await_ends()
        try:
            self.channel.send(wire.Sweep())
            swept: wire.Swept = self._expect(wire.Swept)
        except (wire.Closed, SandboxError):
            self.stop()
        else:
            self.record.note_left(swept.left)

    def _expect(self, kind: Any) -> Any:
        assert self.channel is not None  # noqa: S101  # our callers have seen to it
        assert self.scratch is not None  # noqa: S101  # likewise
        try:
            return self.channel.receive(kind)
        except (wire.Closed, wire.BadMessage) as error:
            said = (self.scratch / LOG).read_text(errors="replace").strip().splitlines()[-1:]
            reason = said[0] if said else "it said nothing"
            raise SandboxError(
                f"The process for learners' code did not start: {reason}. "
                "Reinstall the environment with `make install`."
            ) from error
