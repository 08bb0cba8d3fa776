"""Restrict the system calls of a student process to those named in `syscalls`.

A filter is a list of instructions for a small machine in the kernel (classic BPF). It looks at the
number of a call and at its arguments, never at memory. A call that `syscalls` does not name fails
with EPERM: starting programs, tracing and signalling other processes, mounting, namespaces, sockets
with an address, io_uring, keys, shared memory between unrelated processes, changes of users, and
every call that a later kernel adds. Changes of a file's mode and times do nothing.

The forks that answer calls get a second filter: they may start threads, but no processes.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import struct
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from itertools import chain

from autograder.sandbox.inside import kernel
from autograder.sandbox.inside.syscalls import ALLOWED, COLUMNS, HIGHEST, IGNORED, UNSUPPORTED

ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
"""The kernel's numbers for the conventions of system calls; 32-bit calls have other numbers."""

ALLOW = 0x7FFF0000
KILL = 0x80000000
ERROR = 0x00050000
DONE, EPERM, ENOSYS, EOPNOTSUPP = 0, 1, 38, 95

NOT_SIGKILL = [number for number in range(65) if number != signal.SIGKILL]
"""A process that sends itself SIGKILL would seem killed from outside (see `host/monitor.py`)."""

NOT_RLIMIT_CPU = [number for number in range(16) if number != resource.RLIMIT_CPU]
"""The kernel sends SIGKILL where this limit is reached, and it must be the one that we have set."""

CLONE_THREAD = 0x00010000
CLONE_OTHER_WORLDS = 0x7E028000
"""CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET, and CLONE_PARENT."""

AF_UNIX, SOCK_STREAM = 1, 1

# The machine's instructions: load a word; jump if equal, or not below; and with; return.
LOAD, EQUAL, NOT_BELOW, AND, RETURN = 0x20, 0x15, 0x35, 0x54, 0x06
NUMBER, ARCHITECTURE, ARGUMENTS = 0, 4, 16

Instruction = tuple[int, int, int, int]
"""Code, how many to skip if true, how many if false, and a constant."""

Condition = tuple[int, int, Sequence[int]]
"""A half of an argument, counted in half arguments, a mask, and the values it may have then."""


def conditions(*, alone: bool) -> Mapping[str, Sequence[Condition]]:
    """Return the conditions on the arguments of some calls; half 0 is the lower half of argument 0.

    A process is `alone` if its signals can reach only its own submission anyway.
    """
    # `abort` and `raise_signal` need to signal this process itself.
    whom: list[Condition] = [] if alone else [(0, ~0, [os.getpid()])]
    return {
        "clone": [(0, CLONE_OTHER_WORLDS, [0])],
        "kill": [*whom, (2, ~0, NOT_SIGKILL)],
        "tgkill": [*whom, (4, ~0, NOT_SIGKILL)],
        "setrlimit": [(0, ~0, NOT_RLIMIT_CPU)],
        "prlimit64": [(0, ~0, [0]), (2, ~0, NOT_RLIMIT_CPU)],
        # A pair has no address. Datagrams could be sent to one.
        "socketpair": [(0, ~0, [AF_UNIX]), (2, 0xF, [SOCK_STREAM])],
        "sendto": [(8, ~0, [0]), (9, ~0, [0])],
        # DUPFD, GETFD, SETFD, GETFL, SETFL, locks, DUPFD_CLOEXEC; not SETOWN, which sends signals.
        "fcntl": [(2, ~0, [0, 1, 2, 3, 4, 5, 6, 7, 36, 37, 38, 1030])],
        # TCGETS (isatty), TIOCGWINSZ, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX: not TIOCSTI.
        "ioctl": [(2, ~0, [0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451])],
        # PDEATHSIG, names, SECCOMP (more filters), NO_NEW_PRIVS: none of them weakens a layer.
        "prctl": [(0, ~0, [1, 2, 3, 15, 16, 21, 22, 38, 39])],
    }


def supported() -> bool:
    """Return whether the table of calls covers this machine's architecture."""
    return kernel.MACHINE in ARCHITECTURES


def restrict_student(*, alone: bool) -> None:
    """Restrict this process and its descendants to the calls that the table allows.

    The forks of a process that is `alone` (see `conditions`) may signal themselves too. Otherwise
    only this process may, because a filter cannot know the number of a later process.

    Raises:
        OSError: the kernel has no seccomp, or the table does not cover this architecture.
    """
    install(of_one_alone() if alone else student_program(alone=False))


@cache
def of_one_alone() -> list[Instruction]:
    """Return the filter of a student process whose signals reach only its own submission.

    Raises:
        OSError: the table does not cover this architecture.
    """
    return student_program(alone=True)


def restrict_fork() -> None:
    """Forbid this process to start processes, and to signal any process but itself.

    A fork that sends itself SIGKILL is ended by SIGSYS instead, which shows that it ended itself.

    Raises:
        OSError: the kernel has no seccomp, or the table does not cover this architecture.
    """
    numbers = _numbers(ALLOWED)
    itself: list[Condition] = [(0, ~0, [os.getpid()])]
    install(
        [
            *same_architecture(),
            *chain.from_iterable(
                answer(numbers[name], EPERM) for name in ("fork", "vfork") if name in numbers
            ),
            *_when(numbers["clone"], [(0, CLONE_THREAD, [CLONE_THREAD])]),
            *_killed_by_sigkill(numbers["kill"], 2),
            *_killed_by_sigkill(numbers["tgkill"], 4),
            *_when(numbers["kill"], itself),
            *_when(numbers["tgkill"], itself),
            (RETURN, 0, 0, ALLOW),
        ]
    )


def student_program(*, alone: bool) -> list[Instruction]:
    """Return the filter of a student process; `alone` is as in `conditions`.

    Raises:
        OSError: the table does not cover this architecture.
    """
    numbers = _numbers(ALLOWED)
    special = conditions(alone=alone)
    answered = ((IGNORED, DONE), (UNSUPPORTED, EOPNOTSUPP))
    plain = sorted(number for name, number in numbers.items() if name not in special)
    return [
        *same_architecture(),
        *chain.from_iterable(_when(numbers[name], each) for name, each in special.items()),
        *chain.from_iterable(_allow(first, last) for first, last in _ranges(plain)),
        *chain.from_iterable(
            answer(number, error)
            for table, error in answered
            for number in _numbers(table).values()
        ),
        # clone3: the C library then uses clone, whose flags a filter can see.
        *answer(435, ENOSYS),
        # Calls that no kernel has yet, and x86-64's second numbering, which starts far above.
        (NOT_BELOW, 0, 1, HIGHEST + 1),
        (RETURN, 0, 0, ERROR | ENOSYS),
        (RETURN, 0, 0, ERROR | EPERM),
    ]


def _numbers(table: Mapping[str, tuple[int, int]]) -> dict[str, int]:
    """Return the numbers of a table's calls on this machine, by their names."""
    if not supported():
        raise OSError(ENOSYS, f"the system calls of {kernel.MACHINE} are not known here")
    column = COLUMNS[kernel.MACHINE]
    return {name: numbers[column] for name, numbers in table.items() if numbers[column] >= 0}


def same_architecture() -> list[Instruction]:
    """Return the start of a filter: kill calls of another architecture, load the call's number."""
    return [
        (LOAD, 0, 0, ARCHITECTURE),
        (EQUAL, 1, 0, ARCHITECTURES[kernel.MACHINE]),
        (RETURN, 0, 0, KILL),
        (LOAD, 0, 0, NUMBER),
    ]


def _ranges(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """Group sorted numbers into ranges; each is given by its first and last number."""
    found: list[tuple[int, int]] = []
    for number in numbers:
        if found and found[-1][1] == number - 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return found


def _allow(first: int, last: int) -> list[Instruction]:
    return [(NOT_BELOW, 0, 2, first), (NOT_BELOW, 1, 0, last + 1), (RETURN, 0, 0, ALLOW)]


def answer(number: int, error: int) -> list[Instruction]:
    """Answer a call with an error, or with success for 0; other calls continue behind it."""
    return [(EQUAL, 0, 1, number), (RETURN, 0, 0, ERROR | error)]


def _when(number: int, all_of: Sequence[Condition]) -> list[Instruction]:
    """Allow a call if all conditions hold, else refuse it; other calls continue behind it."""
    body: list[Instruction] = []
    for half, mask, values in all_of:
        body += [(LOAD, 0, 0, ARGUMENTS + 4 * half), (AND, 0, 0, mask & 0xFFFFFFFF)]
        # The last that is not equal either falls into the refusal, the equal ones jump over it.
        for left, value in zip(range(len(values), 0, -1), values, strict=True):
            body.append((EQUAL, left, 0, value & 0xFFFFFFFF))
        body.append((RETURN, 0, 0, ERROR | EPERM))
    body.append((RETURN, 0, 0, ALLOW))
    return [(EQUAL, 0, len(body), number), *body]


def _killed_by_sigkill(number: int, half: int) -> list[Instruction]:
    """Kill a process that makes this call with SIGKILL in this half of an argument."""
    return [
        (EQUAL, 0, 4, number),
        (LOAD, 0, 0, ARGUMENTS + 4 * half),
        (EQUAL, 0, 1, signal.SIGKILL),
        (RETURN, 0, 0, KILL),
        (LOAD, 0, 0, NUMBER),
    ]


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def install(program: Sequence[Instruction]) -> None:
    """Install a filter for this process and its descendants, for good.

    Raises:
        OSError: the kernel has no seccomp, or no_new_privs is not set.
    """
    packed = b"".join(struct.pack("HBBI", *each) for each in program)
    kernel.prctl(22, 2, ctypes.byref(_Program(len(program), packed)))  # SECCOMP, MODE_FILTER
