"""Make system calls for which Python has no function."""

from __future__ import annotations

import ctypes
import os
import platform

MACHINE = platform.machine()

NUMBERS = {
    # Numbers that are the same on every architecture; the first two are not.
    "capset": {"x86_64": 126, "aarch64": 91}.get(MACHINE, -1),
    "pivot_root": {"x86_64": 155, "aarch64": 41}.get(MACHINE, -1),
    "close_range": 436,
    "mount_setattr": 442,
    "landlock_create_ruleset": 444,
    "landlock_add_rule": 445,
    "landlock_restrict_self": 446,
}

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_KEEPCAPS = 8
PR_CAPBSET_DROP = 24
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_CLEAR_ALL = 4

libc = ctypes.CDLL(None, use_errno=True)


def checked(result: int, what: str) -> int:
    """Return the result of a function of libc.

    Raises:
        OSError: the result was -1; the text names the function.
    """
    if result == -1:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def call(name: str, *arguments: object) -> int:
    """Make a system call for which libc may have no function.

    Raises:
        OSError: the kernel refused the call, or does not know it.
    """
    plain = [ctypes.c_long(each) if isinstance(each, int) else each for each in arguments]
    return checked(libc.syscall(ctypes.c_long(NUMBERS[name]), *plain), name)


def prctl(option: int, value: int = 0, more: object = 0) -> None:
    """Call prctl, which changes a property of this process.

    Raises:
        OSError: the kernel refused.
    """
    long = more if not isinstance(more, int) else ctypes.c_long(more)
    checked(
        libc.prctl(option, ctypes.c_long(value), long, ctypes.c_long(0), ctypes.c_long(0)),
        f"prctl({option})",
    )


class _CapHeader(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _CapData(ctypes.Structure):
    _fields_ = (
        ("effective", ctypes.c_uint32),
        ("permitted", ctypes.c_uint32),
        ("inheritable", ctypes.c_uint32),
    )


def bound_capabilities() -> None:
    """Drop all capabilities from the bounding set, so that no program gains one again."""
    for number in range(64):
        try:
            prctl(PR_CAPBSET_DROP, number)
        except OSError:  # there is no capability of this number, or none that could drop it
            break


def keep_capabilities(kept: int) -> None:
    """Give up every capability but those of a mask.

    Raises:
        OSError: the kernel refused, or this process lacks a capability of the mask.
    """
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL)
    header = _CapHeader(0x20080522, 0)
    data = (_CapData * 2)(_CapData(kept, kept, 0), _CapData(0, 0, 0))
    call("capset", ctypes.byref(header), ctypes.byref(data))
