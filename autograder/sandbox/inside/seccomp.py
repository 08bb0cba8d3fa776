"""Which system calls a student process may make: those that are named here, and no others.

A filter is a list of instructions for a small machine in the kernel (classic BPF) that looks at
the number of a call and at its arguments, never at memory. What is not named in `syscalls` is
answered with EPERM: starting programs, tracing and signalling others, mounting, namespaces, sockets
with an address, io_uring, keys, shared memory between strangers, changes of users, modes and
times, and whatever the kernel learns in the years to come.

The forks that answer calls get a second filter on top: they may start threads, and no processes.
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
from autograder.sandbox.inside.syscalls import ALLOWED, COLUMNS, HIGHEST

ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
"""As the kernel names the convention by which a call was made: 32-bit calls have others."""

ALLOW = 0x7FFF0000
KILL = 0x80000000
ERROR = 0x00050000
EPERM, ENOSYS = 1, 38

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
    """What must hold of the arguments of some calls. Half 0 is the lower one of argument 0.

    Args:
        alone: whether no signal of this process can reach a stranger anyway.
    """
    # This very process must do, for `abort` and `raise_signal`.
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
        # DUPFD, GETFD, SETFD, GETFL, SETFL, the locks, DUPFD_CLOEXEC: not SETOWN, which signals.
        "fcntl": [(2, ~0, [0, 1, 2, 3, 4, 5, 6, 7, 36, 37, 38, 1030])],
        # TCGETS (isatty), TIOCGWINSZ, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX: not TIOCSTI.
        "ioctl": [(2, ~0, [0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451])],
        # PDEATHSIG, names, SECCOMP (more filters), NO_NEW_PRIVS: what cannot make anything looser.
        "prctl": [(0, ~0, [1, 2, 3, 15, 16, 21, 22, 38, 39])],
    }


def supported() -> bool:
    """Whether the calls of this architecture are known here."""
    return kernel.MACHINE in ARCHITECTURES


def restrict_student(*, alone: bool) -> None:
    """Leaves this process, and all that come of it, the calls that are named here.

    Args:
        alone: whether no signal of this process can reach a stranger anyway. If so, its forks too
            may signal themselves, and end as they meant to; if not, it alone may, since a filter
            cannot know the number of a process that is still to come.

    Raises:
        OSError: the kernel has no seccomp, or this architecture is not known.
    """
    install(of_one_alone() if alone else student_program(alone=False))


@cache
def of_one_alone() -> list[Instruction]:
    """The filter of a student process whose signals reach no stranger: the same for every one.

    Raises:
        OSError: this architecture is not known.
    """
    return student_program(alone=True)


def restrict_fork() -> None:
    """Leaves this process threads, but no other process, and signals to itself alone.

    A fork that sends itself SIGKILL is ended by SIGSYS, which is seen to be its own doing.

    Raises:
        OSError: the kernel has no seccomp, or this architecture is not known.
    """
    numbers = _numbers()
    itself: list[Condition] = [(0, ~0, [os.getpid()])]
    install(
        [
            *same_architecture(),
            *chain.from_iterable(
                answer(numbers[name], EPERM) for name in ("fork", "vfork") if name in numbers
            ),
            *_when(numbers["clone"], [(0, CLONE_THREAD, [CLONE_THREAD])]),
            *_ended_by(numbers["kill"], 2, signal.SIGKILL),
            *_ended_by(numbers["tgkill"], 4, signal.SIGKILL),
            *_when(numbers["kill"], itself),
            *_when(numbers["tgkill"], itself),
            (RETURN, 0, 0, ALLOW),
        ]
    )


def student_program(*, alone: bool) -> list[Instruction]:
    """The filter of a student process.

    Args:
        alone: whether no signal of this process can reach a stranger anyway.

    Raises:
        OSError: this architecture is not known.
    """
    numbers = _numbers()
    special = conditions(alone=alone)
    plain = sorted(number for name, number in numbers.items() if name not in special)
    return [
        *same_architecture(),
        *chain.from_iterable(_when(numbers[name], each) for name, each in special.items()),
        *chain.from_iterable(_allow(first, last) for first, last in _ranges(plain)),
        # The C library takes this for an old kernel and uses clone, whose flags can be seen.
        *answer(435, ENOSYS),
        # What no kernel knows yet; and the second numbering of x86-64, which starts far above.
        (NOT_BELOW, 0, 1, HIGHEST + 1),
        (RETURN, 0, 0, ERROR | ENOSYS),
        (RETURN, 0, 0, ERROR | EPERM),
    ]


def _numbers() -> dict[str, int]:
    if not supported():
        raise OSError(ENOSYS, f"the system calls of {kernel.MACHINE} are not known here")
    column = COLUMNS[kernel.MACHINE]
    return {name: numbers[column] for name, numbers in ALLOWED.items() if numbers[column] >= 0}


def same_architecture() -> list[Instruction]:
    """The beginning of a filter: ends who calls by another convention, and loads the number."""
    return [
        (LOAD, 0, 0, ARCHITECTURE),
        (EQUAL, 1, 0, ARCHITECTURES[kernel.MACHINE]),
        (RETURN, 0, 0, KILL),
        (LOAD, 0, 0, NUMBER),
    ]


def _ranges(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """Numbers in order, as the first and the last of those that follow each other."""
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
    """Refuses a call with an error; others go on behind it."""
    return [(EQUAL, 0, 1, number), (RETURN, 0, 0, ERROR | error)]


def _when(number: int, all_of: Sequence[Condition]) -> list[Instruction]:
    """Allows a call if all of this holds, and refuses it otherwise; others go on behind it."""
    body: list[Instruction] = []
    for half, mask, values in all_of:
        body += [(LOAD, 0, 0, ARGUMENTS + 4 * half), (AND, 0, 0, mask & 0xFFFFFFFF)]
        # The last that is not equal either falls into the refusal, the equal ones jump over it.
        for left, value in zip(range(len(values), 0, -1), values, strict=True):
            body.append((EQUAL, left, 0, value & 0xFFFFFFFF))
        body.append((RETURN, 0, 0, ERROR | EPERM))
    body.append((RETURN, 0, 0, ALLOW))
    return [(EQUAL, 0, len(body), number), *body]


def _ended_by(number: int, half: int, value: int) -> list[Instruction]:
    """Ends a process that makes a call with this in a half of an argument; others go on behind."""
    return [
        (EQUAL, 0, 4, number),
        (LOAD, 0, 0, ARGUMENTS + 4 * half),
        (EQUAL, 0, 1, value),
        (RETURN, 0, 0, KILL),
        (LOAD, 0, 0, NUMBER),
    ]


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def install(program: Sequence[Instruction]) -> None:
    """Puts a filter on this process and all that come of it, for good.

    Raises:
        OSError: the kernel has no seccomp, or new privileges have not been given up.
    """
    packed = b"".join(struct.pack("HBBI", *each) for each in program)
    kernel.prctl(22, 2, ctypes.byref(_Program(len(program), packed)))  # SECCOMP, MODE_FILTER
