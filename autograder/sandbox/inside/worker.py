"""Run the warm worker, and the student processes that it forks.

The worker is a fresh interpreter with a clean environment. It imports what notebooks import, makes
an IPython shell, and then forks a *student process* for each submission, sends its pidfd to the
judge, and kills what is left of it afterwards. No student code runs in the worker.

The student process gives up its privileges and reports which protections are in force. It runs the
notebook's cells as it is told (`shell.py`), and forks for calls. A *fork* answers calls of the
student's functions until its socket closes (`call_server.py`).

The judge trusts nothing from here once student code has run in the process.
"""

from __future__ import annotations

import builtins
import contextlib
import gc
import os
import signal
import socket
import sys
from collections.abc import Sequence
from typing import NoReturn

from IPython.core.interactiveshell import InteractiveShell

from autograder.sandbox.inside import errors
from autograder.sandbox.inside.call_server import rehearse, serve_fork
from autograder.sandbox.inside.denials import DENIALS
from autograder.sandbox.inside.jail import Jail, die_with
from autograder.sandbox.inside.shell import NoProcesses, fork_only, make_shell, no_input, run_cell
from autograder.sandbox.protocol import limits, wire

DESCRIPTORS_END = 2**20
"""Above every descriptor that a worker has."""


def main(descriptor: int, jail: Jail) -> None:
    """Serve the judge on the socket with this descriptor until it hangs up."""
    channel = wire.Channel(socket.socket(fileno=descriptor))
    jail.enter_as_the_worker()
    shell = make_shell()
    fork_only()
    channel.send(wire.Swept())  # the judge waits for this: the worker is warm
    while True:
        try:
            message, sockets = channel.receive_with_descriptor(wire.ToWorker)
        except wire.Closed:
            jail.sweep()
            return
        if isinstance(message, wire.Sweep):
            channel.send(wire.Swept(jail.sweep()))
            continue
        if isinstance(message, wire.Prepare):
            channel.send(prepare(shell, message.cells, jail.shared))
            continue
        jail.new_scratch()
        worker = os.getpid()
        pid = os.fork()
        if pid == 0:
            channel.close()
            become_student(socket.socket(fileno=sockets[0]), shell, jail, worker)
        os.close(sockets[0])
        pidfd = os.pidfd_open(pid)
        channel.send(wire.Opened(), sockets=[pidfd])
        os.close(pidfd)


def prepare(shell: InteractiveShell, cells: Sequence[str], folder: str) -> wire.Ran:
    """Run cells of ours once for all submissions, up to the first that fails.

    They find the course's files beside them, as students' cells do.
    """
    ran = wire.Ran(None, ())
    back = os.getcwd()
    os.chdir(folder)
    sys.path.insert(0, "")
    for source in cells:
        ran = run_cell(shell, wire.Run(source, bytes(32)))
        if ran.error is not None:
            break
    sys.path.remove("")
    os.chdir(back)
    rehearse()
    gc.collect()
    gc.freeze()  # pages that no collection touches stay shared after a fork
    return ran


def become_student(
    sock: socket.socket, shell: InteractiveShell, jail: Jail, worker: int
) -> NoReturn:
    """Give up all privileges, then serve the judge until it hangs up."""
    try:
        die_with(worker)
        for descriptor in range(3):
            os.dup2(os.open(os.devnull, os.O_RDWR), descriptor)
        os.closerange(3, sock.fileno())
        os.closerange(sock.fileno() + 1, DESCRIPTORS_END)
        jail.confine(worker)
        errors.scratch = os.getcwd()
        builtins.input = no_input
        if jail.has("seccomp"):
            sys.addaudithook(DENIALS.note)
        if not os.path.exists("/proc/self/stat"):
            sys.meta_path.insert(0, NoProcesses())
        channel = wire.Channel(sock)
        channel.send(wire.Confined(tuple(jail.layers), tuple(jail.troubles)))
        serve_student(channel, shell, jail)
    except wire.Closed:
        os._exit(0)
    except BaseException:  # nothing may climb out of a forked process
        os._exit(1)


def serve_student(channel: wire.Channel, shell: InteractiveShell, jail: Jail) -> NoReturn:
    """Run cells, and start forks, at the judge's request."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    student = os.getpid()
    forks = 0
    while True:
        message, sockets = channel.receive_with_descriptor(wire.ToStudent)
        if isinstance(message, wire.Run):
            channel.send(run_cell(shell, message))
            continue
        if os.fork() == 0:
            die_with(student)
            channel.close()
            jail.confine_fork()
            serve_fork(wire.Channel(socket.socket(fileno=sockets[0])), shell, message.functions)
        os.close(sockets[0])
        forks += 1
        if forks % limits.MAX_ENDED_FORKS == 0:
            with contextlib.suppress(ChildProcessError):  # even the new fork may have ended
                while os.waitpid(-1, os.WNOHANG)[0]:
                    pass
