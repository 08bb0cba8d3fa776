"""Send calls of a student's functions to a fork of the student process."""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Sequence
from typing import Any, Protocol

import msgspec

from autograder.sandbox.host.clock import watched
from autograder.sandbox.host.monitor import Observations, ProcessDeaths
from autograder.sandbox.host.process import Crashed, Process, TimedOut
from autograder.sandbox.protocol import limits, wire
from autograder.sandbox.protocol.limits import TimeLimit


class CallHandler(Protocol):
    """Answers calls that a student's code makes of a replaced function.

    Attributes:
        spent: seconds of processor time for the answers, charged to the student's code.
    """

    spent: float

    def __call__(self, call: wire.Call, during: wire.Call | None, /) -> wire.Returned | wire.Failed:
        """Answer a call that the fork made while it worked on the call `during`."""


class Fork(Process):
    """A fork of a student process, which answers calls.

    A method that waits for the fork raises `TimedOut` if the fork is too slow, and `Crashed` if it
    has ended or sends something unexpected. The fork has been killed then.

    Attributes:
        functions: the functions that the notebook defines, of those asked for.
        call_handler: answers calls of replaced functions.
        asked: the call whose answer is awaited.
    """

    def __init__(self, sock: socket.socket, deaths: ProcessDeaths, observed: Observations) -> None:
        super().__init__(sock, deaths, observed)
        self.functions: frozenset[str] = frozenset()
        self.call_handler: CallHandler | None = None
        self.asked: wire.Call | None = None
        self.sent = self.answered = 0

    def cpu(self) -> float:
        """Return the seconds of processor time of the fork and of its call handler."""
        return super().cpu() + (self.call_handler.spent if self.call_handler is not None else 0.0)

    def end(self) -> None:
        """Kill the process and close its socket; calling it again does nothing."""
        if not self.pid and not self.ended:
            self.observed.unknown += 1
        super().end()

    def wait_ready(self) -> None:
        """Wait for the fork's first message, unless it has arrived.

        The kernel says which process sent it. So a process that lies can at worst have another
        process of its own submission killed.
        """
        if self.pid:
            return
        self.within(limits.CALL_TIME)
        with self.killed_on_failure():
            self._wait("read")
            _, credentials, _, _ = self.sock.recvmsg(1, socket.CMSG_SPACE(12), socket.MSG_PEEK)
            for level, kind, data in credentials:
                if (level, kind) == (socket.SOL_SOCKET, socket.SCM_CREDENTIALS):
                    (self.pid, _uid, _gid) = struct.unpack("iII", data)
            if not self.pid:
                raise wire.Closed
            self.pidfd = os.pidfd_open(self.pid)
            self.observed.usage.note(self)
            ready: wire.Ready = self.received(wire.Ready)
            self.functions = frozenset(ready.functions)

    def call(
        self,
        function: str,
        arguments: Sequence[wire.Value],
        keywords: Sequence[tuple[str, wire.Value]],
        *,
        seed: bytes | None,
        limit: TimeLimit,
    ) -> wire.ByFork:
        """Call a student's function and wait for the answer.

        Raises:
            TooLong: the arguments do not fit into a message.
        """
        call = wire.Call(0, function, tuple(arguments), tuple(keywords), seed)
        self.ask([call])
        return self.opened_answer(call, limit)

    def opened_answer(self, call: wire.Call, limit: TimeLimit) -> wire.ByFork:
        """Fetch the answer to the first call that has none yet, and decode it."""
        answer = self.answer(call, limit)
        if not isinstance(answer, wire.Sealed):
            return answer
        try:
            return answer.open(wire.sent(call))
        except wire.BadMessage as error:
            self.protocol_violation()
            self.end()
            raise Crashed from error

    def ask(self, calls: Sequence[wire.Asking]) -> None:
        """Send calls; their answers must be fetched in the same order.

        Each fork numbers its calls, so that a repeated answer cannot pass for that of another call.

        Raises:
            TooLong: the arguments do not fit into a message.
        """
        if self.ended:
            raise Crashed
        self.within(limits.CALL_TIME)
        numbered: list[wire.Asking] = []
        for call in calls:
            if not isinstance(call, wire.Replace):
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

    def replace(self, functions: Sequence[str], by: CallHandler) -> None:
        """Have a handler answer calls of these functions in the student's code from now on."""
        self.call_handler = by
        self.ask([wire.Replace(tuple(functions))])

    def answer(self, call: wire.Call, limit: TimeLimit) -> wire.FromFork:
        """Fetch the answer to the first call that has none yet."""
        self.asked = call
        answer: wire.FromFork = self._fetch(wire.AnswerOrCall, limit)
        return msgspec.structs.replace(answer, number=call.number)

    def answers(self, limit: TimeLimit) -> wire.AnswersOrFailure:
        """Fetch the answers to the first group of calls that has none yet."""
        answers: wire.AnswersOrFailure = self._fetch(wire.AnswersOrFailure, limit)
        return answers

    def _fetch(self, kind: Any, limit: TimeLimit) -> Any:
        if self.ended:
            raise Crashed
        self.wait_ready()
        if not self.channel.has_message:
            self.within(limit)
        with self.killed_on_failure():
            return self._next_answer(kind)

    @property
    def has_answered(self) -> bool:
        """Whether a message has arrived, so that fetching it does not wait."""
        return self.channel.has_message

    def _next_answer(self, kind: Any) -> Any:
        """Return the answer to the first call that has none; skip repeated answers."""
        self.answered += 1
        for _ in range(limits.MAX_STALE_ANSWERS):
            answer = self._answer_or_call(kind)
            if answer.number == self.answered:
                return answer
            self.protocol_violation()
            if answer.number > self.answered:
                break
            self.awaited += 1  # that answer was not expected
            self.watch_the_clocks()
        raise Crashed

    def _answer_or_call(self, kind: Any) -> Any:
        """Receive the next answer, and answer the calls that come before it."""
        while True:
            message = self.received(kind)
            if not isinstance(message, wire.Call):
                return message
            self.awaited += 1
            if self.call_handler is None:
                self.protocol_violation()
                raise Crashed
            self.watch_the_clocks()
            start = watched()
            answer = self.call_handler(message, self.asked)
            self.forgive(watched() - start)
            self.channel.send(answer)
