"""Restrict which files a student process may open.

It may read some folders, and read and write its scratch folder.

With Landlock a process gives up rights over the file system for good, for itself and its children.
Which rights depends on the version in the kernel. We ask for all that the version can refuse, and
give back the few that are needed. Landlock does not cover `stat`, `chmod` and `readlink`, nor
sockets other than TCP: seccomp covers these, and a mount namespace hides even the names of files.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import stat
from collections.abc import Iterable

from autograder.sandbox.inside import kernel

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
TRUNCATE, IOCTL_DEV = 1 << 14, 1 << 15

OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV
"""Rights that a rule may give over a file that is not a folder."""

READING = EXECUTE | READ_FILE | READ_DIR
SPECIAL = (1 << 6) | (1 << 9) | (1 << 10) | (1 << 11)
"""Making devices, sockets and named pipes, which no notebook needs."""

FILES = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
"""All rights over files, by the version that has them first."""

TCP = 3
"""Binding and connecting, from version 4 on."""

SCOPES = 3
"""Abstract sockets of processes outside of this Landlock domain, and signals to them."""

SCOPED = 6
"""The version that introduced scopes."""


class _Ruleset(ctypes.Structure):
    _fields_ = (
        ("files", ctypes.c_uint64),
        ("network", ctypes.c_uint64),
        ("scopes", ctypes.c_uint64),
    )


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("rights", ctypes.c_uint64), ("folder", ctypes.c_int32))


def version() -> int:
    """Return the version that the kernel offers; 0 if it has no Landlock."""
    try:
        return kernel.call("landlock_create_ruleset", None, 0, 1)
    except OSError:
        return 0


def restrict(readable: Iterable[str], writable: Iterable[str]) -> int:
    """Restrict this process and its descendants to these files and folders.

    Writable ones may be read too. Readable ones may be missing. Return the version in force.

    Raises:
        OSError: the kernel has no Landlock, or a writable folder is missing.
    """
    offered = kernel.call("landlock_create_ruleset", None, 0, 1)
    files = FILES[max(known for known in FILES if known <= offered)]
    size = 8 if offered < 4 else 16 if offered < SCOPED else 24
    asked = _Ruleset(files, TCP, SCOPES)
    ruleset = kernel.call("landlock_create_ruleset", ctypes.byref(asked), size, 0)
    try:
        for path in readable:
            with contextlib.suppress(FileNotFoundError):
                _allow(ruleset, path, READING & files)
        for path in writable:
            _allow(ruleset, path, files & ~(EXECUTE | SPECIAL))
        kernel.call("landlock_restrict_self", ruleset, 0)
    finally:
        os.close(ruleset)
    return offered


def _allow(ruleset: int, path: str, rights: int) -> None:
    folder = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        if not stat.S_ISDIR(os.fstat(folder).st_mode):
            rights &= OF_FILES
        rule = _Beneath(rights, folder)
        kernel.call("landlock_add_rule", ruleset, 1, ctypes.byref(rule), 0)
    finally:
        os.close(folder)
