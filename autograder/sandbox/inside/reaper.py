"""Kill everything that a submission has started, however fast it starts more.

With a pid namespace one system call does it. Without one, killing processes one by one may never
end, because each killed process makes room for others to fork. Where student processes have a user
of their own, all processes of this user are killed at once. Where they run as our user, they first
lose the right to start more.
"""

from __future__ import annotations

import os
import resource
import signal
from contextlib import suppress
from pathlib import Path

from autograder.sandbox.inside import kernel
from autograder.sandbox.protocol import limits


def let_go() -> None:
    """Wait for the children that have ended."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def end_namespace() -> int:
    """Kill all other processes of this process's pid namespace; return how many there were."""
    ended = 0
    with suppress(ProcessLookupError):
        os.kill(-1, signal.SIGKILL)
    with suppress(ChildProcessError):
        while True:
            os.waitpid(-1, 0)
            ended += 1
    return ended


def end_user(user: int) -> None:
    """Kill all processes of a user that only student processes have, at once."""
    pid = os.fork()
    if pid == 0:
        try:
            os.setresuid(user, user, user)
            kernel.keep_capabilities(0)
            os.kill(-1, signal.SIGKILL)  # all processes of this user
        finally:
            os._exit(0)
    os.waitpid(pid, 0)


def end_children() -> int:
    """Kill all children of this process, also adopted ones; return how many there were."""
    ended = 0
    while children := _children(os.getpid()):
        for pid in children:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for pid in children:
            os.waitpid(pid, 0)
        ended += len(children)
    return ended


def stop_forking() -> None:
    """Take from every descendant the right to start processes, and stop it.

    The descendants run as our user. They are stopped because hundreds of running processes would
    leave this process too little processor time to kill them.
    """
    known: set[int] = set()
    for _ in range(limits.MAX_STOP_ROUNDS):
        new = _descendants() - known
        if not new:
            return
        for pid in new:
            with suppress(OSError):
                resource.prlimit(pid, resource.RLIMIT_NPROC, (0, 0))
            with suppress(OSError):
                os.kill(pid, signal.SIGSTOP)
        known |= new


def _descendants() -> set[int]:
    found: set[int] = set()
    open_ends = [os.getpid()]
    while open_ends:
        with suppress(OSError):  # it has ended meanwhile
            children = _children(open_ends.pop())
            open_ends += children
            found |= {*children}
    return found


def _children(pid: int) -> list[int]:
    """Return the children of all threads of a process."""
    files = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for file in files for child in file.read_text().split()]
