"""Try things that a layer of the sandbox stops, and that succeed without the layer."""

from __future__ import annotations

import ctypes
import mmap
import os
import shutil
import socket
import subprocess
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from autograder.sandbox.inside import kernel
from autograder.sandbox.inside.users import own_user, runs_as_root

THROUGH, STOPPED, IMPOSSIBLE = "through", "stopped", "impossible"

PutOn = Callable[[], None]
"""Applies a layer to this process, or does nothing."""


@dataclass(frozen=True)
class Trial:
    """An attempt at something that a layer stops.

    Attributes:
        layer: the layer.
        what: the attempt, in words.
        attempt: called with a function that applies the layer, and an empty folder. It calls the
            function before the forbidden step, and raises OSError or MemoryError if it is stopped.
        as_root: whether only root succeeds without the layer.
        since: the version of Landlock that first stops it.
    """

    layer: str
    what: str
    attempt: Callable[[PutOn, str], None]
    as_root: bool = False
    since: int = 1


class Refused(Exception):
    """The machine does not give the layer."""


def in_a_process(work: Callable[[], str]) -> str:
    """Return what a function returns in a new process; empty if the process ends before."""
    out, into = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.write(into, work().encode())
        finally:
            os._exit(0)
    os.close(into)
    with os.fdopen(out, "rb") as file:
        said = file.read().decode()
    os.waitpid(pid, 0)
    return said


def attempted(attempt: Callable[[], None]) -> str:
    """Return the outcome of an attempt, with the reason behind a colon."""
    try:
        attempt()
    except Refused as refused:
        return f"{IMPOSSIBLE}: {refused}"
    except (OSError, MemoryError) as stopped:
        return f"{STOPPED}: {stopped}"
    return THROUGH


def _apart(attempt: Callable[[], None]) -> None:
    """Make an attempt in another process, so that this process can clean up afterwards."""
    came, _, why = in_a_process(lambda: attempted(attempt)).partition(": ")
    if came == IMPOSSIBLE:
        raise Refused(why)
    if came != THROUGH:
        raise PermissionError(why)


def _file_in(folder: str) -> str:
    file = f"{folder}/file"
    open(file, "w").close()
    return file


def _takes_five_gigabytes(layer: PutOn, _folder: str) -> None:
    layer()
    mmap.mmap(-1, 5 * 1024**3).close()


def _writes_a_hundred_megabytes(layer: PutOn, folder: str) -> None:
    layer()
    with open(f"{folder}/file", "wb") as file:
        file.truncate(100 * 1024**2)


def _opens_a_thousand_files(layer: PutOn, _folder: str) -> None:
    layer()
    opened = [os.open(os.devnull, os.O_RDONLY) for _ in range(900)]
    for descriptor in opened:
        os.close(descriptor)


def _forks_a_hundred_times(layer: PutOn, _folder: str) -> None:
    if runs_as_root():  # no limit counts root's processes
        user = own_user()
        os.setresuid(user, user, user)
    layer()
    out, into = os.pipe()
    try:
        for _ in range(100):
            if os.fork() == 0:
                os.close(into)
                os.read(out, 1)  # until the first process has gone
                os._exit(0)
    finally:
        os.close(into)
        with suppress(ChildProcessError):
            while True:
                os.wait()


def _becomes_root(layer: PutOn, folder: str) -> None:
    program = f"{folder}/id"
    shutil.copy("/usr/bin/id", program)
    os.chmod(program, 0o4755)  # noqa: S103  # that is the point

    def run() -> None:
        user = own_user()
        os.setresuid(user, user, user)
        layer()
        said = subprocess.run([program, "-u"], capture_output=True, check=False)  # noqa: S603
        if said.stdout.strip() != b"0":
            raise PermissionError("the program did not become root")

    _apart(run)


def _opens_a_datagram_socket(layer: PutOn, _folder: str) -> None:
    layer()
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).close()


def _changes_a_mode(layer: PutOn, folder: str) -> None:
    layer()
    path = _file_in(folder)
    os.chmod(path, 0o666)  # noqa: S103  # that is the point
    if os.stat(path).st_mode & 0o777 != 0o666:
        raise PermissionError("the mode is as it was")


def _starts_a_program(layer: PutOn, _folder: str) -> None:
    layer()
    pid = os.posix_spawn("/bin/true", ["true"], {})
    if os.waitpid(pid, 0)[1]:
        raise PermissionError("the program did not run")


def _signals_its_parent(layer: PutOn, _folder: str) -> None:
    parent = os.getppid()
    layer()
    os.kill(parent, 0)


def _reads_its_parents_memory(layer: PutOn, _folder: str) -> None:
    layer()
    text = ctypes.create_string_buffer(b"something", 16)
    parts = (ctypes.c_void_p * 2)(ctypes.addressof(text), 16)
    into = (ctypes.c_void_p * 2)(ctypes.addressof(ctypes.create_string_buffer(16)), 16)
    # It reads its own memory, which no other rule forbids: the call itself must be refused.
    moved = kernel.libc.process_vm_readv(os.getpid(), into, 1, parts, 1, 0)
    kernel.checked(moved, "process_vm_readv")


def _traces(layer: PutOn, _folder: str) -> None:
    layer()
    kernel.checked(kernel.libc.ptrace(0, 0, 0, 0), "ptrace")  # PTRACE_TRACEME


def _shares_memory(layer: PutOn, _folder: str) -> None:
    layer()
    segment = kernel.checked(kernel.libc.shmget(0, 4096, 0o1600), "shmget")
    kernel.libc.shmctl(segment, 0, None)


def _hides_memory_in_a_file(layer: PutOn, _folder: str) -> None:
    layer()
    os.close(os.memfd_create("hidden"))


def _reads_a_file(layer: PutOn, folder: str) -> None:
    file = _file_in(folder)
    layer()
    open(file).close()


def _lists_a_folder(layer: PutOn, _folder: str) -> None:
    layer()
    os.listdir("/etc")


def _writes_a_file(layer: PutOn, folder: str) -> None:
    layer()
    open(f"{folder}/another", "w").close()


def _connects(layer: PutOn, _folder: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        layer()
        socket.create_connection(server.getsockname(), timeout=5).close()


def _sends_a_datagram(layer: PutOn, _folder: str) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        layer()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.sendto(b"x", server.getsockname())


def _finds_a_socket_without_a_file(layer: PutOn, _folder: str) -> None:
    with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as client:
        server.bind(f"\0autograder-{os.getpid()}")
        server.listen()
        layer()
        client.connect(server.getsockname())


def _reads_a_file_of_the_graders(layer: PutOn, folder: str) -> None:
    file = _file_in(folder)
    os.chmod(file, 0o600)
    layer()
    open(file).close()


def _makes_a_device(layer: PutOn, folder: str) -> None:
    layer()
    os.mknod(f"{folder}/null", 0o20600, os.makedev(1, 3))


def _sees_the_name_of_a_file(layer: PutOn, folder: str) -> None:
    file = _file_in(folder)
    layer()
    os.stat(file)


def _finds_shared_memory(layer: PutOn, _folder: str) -> None:
    key = os.getpid()
    segment = kernel.checked(kernel.libc.shmget(key, 4096, 0o1600), "shmget")

    def find() -> None:
        layer()
        kernel.checked(kernel.libc.shmget(key, 4096, 0), "shmget")

    try:
        _apart(find)
    finally:
        kernel.libc.shmctl(segment, 0, None)


TRIALS = (
    Trial("rlimits", "takes five gigabytes of memory", _takes_five_gigabytes),
    Trial("rlimits", "writes a file of 100 megabytes", _writes_a_hundred_megabytes),
    Trial("rlimits", "opens 900 files", _opens_a_thousand_files),
    Trial("rlimits", "forks 100 times", _forks_a_hundred_times),
    Trial("no_new_privs", "runs a program that becomes root", _becomes_root, as_root=True),
    Trial("seccomp", "opens a socket for datagrams", _opens_a_datagram_socket),
    Trial("seccomp", "changes a file's mode", _changes_a_mode),
    Trial("seccomp", "starts another program", _starts_a_program),
    Trial("seccomp", "signals its parent", _signals_its_parent),
    Trial("seccomp", "reads memory by a process's number", _reads_its_parents_memory),
    Trial("seccomp", "is traced", _traces),
    Trial("seccomp", "makes memory that all may share", _shares_memory),
    Trial("seccomp", "makes a file in memory", _hides_memory_in_a_file),
    Trial("landlock", "reads a file", _reads_a_file),
    Trial("landlock", "lists a folder", _lists_a_folder),
    Trial("landlock", "writes a file", _writes_a_file),
    Trial("landlock", "connects to this machine", _connects, since=4),
    Trial("landlock", "finds a socket without a file", _finds_a_socket_without_a_file, since=6),
    Trial("landlock", "signals its parent", _signals_its_parent, since=6),
    Trial("own_user", "reads a file of the grader's", _reads_a_file_of_the_graders, as_root=True),
    Trial("own_user", "signals its parent", _signals_its_parent, as_root=True),
    Trial("user_namespace", "makes a device", _makes_a_device, as_root=True),
    Trial("pid_namespace", "signals its parent", _signals_its_parent),
    Trial("mount_namespace", "sees the name of a file", _sees_the_name_of_a_file),
    Trial("mount_namespace", "reads a file", _reads_a_file),
    Trial("network_namespace", "connects to this machine", _connects),
    Trial("network_namespace", "sends a datagram to this machine", _sends_a_datagram),
    Trial("ipc_namespace", "finds memory that others share", _finds_shared_memory),
)
