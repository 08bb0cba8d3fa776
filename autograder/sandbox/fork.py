"""A fork of a student process, seen from the judge."""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Sequence

from autograder.sandbox import wire
from autograder.sandbox.calls import Answering, Understudy
from autograder.sandbox.process import CALL, Crashed, TimedOut


class Fork(Answering):
    """A fork of a student process, which answers calls and does nothing else."""

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

    def replace(self, functions: Sequence[str], by: Understudy) -> None:
        """From now on, calls of these functions in the learner's code are answered by another.

        Raises:
            Crashed: the fork has ended.
        """
        self.understudy = by
        self.ask([wire.Replace(tuple(functions))])
