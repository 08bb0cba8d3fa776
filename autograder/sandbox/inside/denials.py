"""Record where a student's code asks for something that the sandbox denies.

The code may catch the exception, and `os.system` raises none. So the record is made from Python's
audit events, which come before the system call. A library may try to start a program or open a
socket and do without it, as `platform` does; so these count only if the student's own code asks.
"""

from __future__ import annotations

import asyncio
import ipaddress
import os
import socket
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from autograder.sandbox.inside.errors import chained, is_students
from autograder.sandbox.protocol import wire

DENIED = {
    "os.system": wire.Denied.SYSTEM,
    "os.exec": wire.Denied.SYSTEM,
    "os.posix_spawn": wire.Denied.SYSTEM,
    "subprocess.Popen": wire.Denied.SYSTEM,
    "socket.__new__": wire.Denied.NETWORK,
    "socket.getaddrinfo": wire.Denied.NETWORK,
    "socket.gethostbyname": wire.Denied.NETWORK,
}
"""Audit events of what the sandbox denies."""

STARTERS = (
    os.popen.__code__.co_filename,  # `os` is frozen, so this is not its `__file__`
    subprocess.__file__,
    os.path.dirname(asyncio.__file__),
)
"""Files and folders of Python that start programs for the code that calls them."""

INTERNET = (socket.AF_INET, socket.AF_INET6)
"""Families of sockets that need a network."""

LACKS_NOTHING = {"AssertionError", "NotImplementedError", "SyntaxError"}
"""Errors of wrong values, of functions that are not written, and of code that runs nowhere."""


class Denials:
    """Keeps what the sandbox has denied in this process so far.

    Attributes:
        now: in the cell or call that runs.
        before: in earlier cells, which may have gone on without it.
        commands: whether a command like `!mkdir` was not run.
    """

    now: wire.Denied | None = None
    before: wire.Denied | None = None
    commands = False

    def note(self, event: str, arguments: Sequence[Any]) -> None:
        """Record an audit event of something that the sandbox denies."""
        what = DENIED.get(event)
        if what is not None:
            with suppress(Exception):  # a thread that begins in C has no frames
                if _counts(event, arguments):
                    self.now = what

    def end_cell(self) -> wire.Denied | None:
        """Return what a cell was denied, and keep it for the errors of later cells and calls."""
        denied, self.now = self.now, None
        if self.before is not wire.Denied.NETWORK:
            self.before = denied or self.before
        return denied

    def behind(self, error: BaseException) -> wire.Denied | None:
        """Return what was denied, if an exception may come from that."""
        if self.now is not None:
            return self.now
        types = {type(error).__name__}
        with suppress(BaseException):  # an attribute of a student's own class may be code
            types.update(type(each).__name__ for each in chained(error))
        if self.before is wire.Denied.NETWORK and not types & LACKS_NOTHING:
            return self.before  # code that goes on without its data may stop in any way
        lacks = not types.isdisjoint(wire.MADE_BY_COMMANDS)
        if (lacks and self.commands) or (self.before and (lacks or "NameError" in types)):
            return wire.Denied.SYSTEM
        return None


DENIALS = Denials()


def _counts(event: str, arguments: Sequence[Any]) -> bool:
    """Return whether the audit event that is noted now counts as the student's."""
    if event == "socket.__new__":
        caller = sys._getframe(3)  # of `socket.__init__`
        return arguments[1] in INTERNET and is_students(caller.f_code.co_filename)
    if DENIED[event] is wire.Denied.NETWORK:
        return not _is_this_machine(arguments[0])
    frame = sys._getframe(2)
    while frame.f_back is not None and frame.f_code.co_filename.startswith(STARTERS):
        frame = frame.f_back
    return is_students(frame.f_code.co_filename)


def _is_this_machine(host: object) -> bool:
    """Return whether a host is the machine itself, which libraries look up without a network."""
    if isinstance(host, bytes):
        host = host.decode("utf-8", "replace")
    if host in (None, "", "localhost"):
        return True
    with suppress(ValueError):
        return ipaddress.ip_address(str(host)).is_loopback
    return False
