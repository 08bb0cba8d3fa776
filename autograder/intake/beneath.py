"""Open files in a folder without ever leaving the folder.

Everything is opened relative to the descriptor of a folder. A link is never followed, not even in
the middle of a path. An opened file is examined through its descriptor, so that nothing can be
exchanged between the examination and the reading. Linux 5.6 and later resolve a whole path in one
system call, `openat2`; elsewhere a path is opened component by component.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path

MAX_PATH_BYTES = 4096
"""Bytes of a path from which on Linux refuses to resolve it in one call."""

OPENAT2 = 437
"""The number of the system call, the same on every processor."""

NO_MAGIC_LINKS, NO_LINKS, BENEATH = 0x02, 0x04, 0x08
"""RESOLVE_NO_MAGICLINKS, RESOLVE_NO_SYMLINKS, RESOLVE_BENEATH of linux/openat2.h."""

MAX_CALLS = 10
"""How often a call is repeated that was interrupted, or met a folder that was just renamed."""

UNFOLLOWED = os.O_CLOEXEC | os.O_NOFOLLOW

HARMLESS = os.O_NONBLOCK | os.O_NOCTTY
"""A pipe is not waited for, and a terminal does not become ours."""

ONLY_A_PLACE: int = getattr(os, "O_PATH", os.O_RDONLY)
"""Opens nothing, so that a device does not notice; it needs no permission to read."""


class NotAFile(OSError):
    """A place holds something other than a regular file; `mode` is its type as in `os.stat`."""

    def __init__(self, mode: int) -> None:
        super().__init__(errno.EINVAL, "not a regular file")
        self.mode = mode


class _How(ctypes.Structure):
    _fields_ = [
        ("flags", ctypes.c_uint64),
        ("mode", ctypes.c_uint64),
        ("resolve", ctypes.c_uint64),
    ]


def open_beneath(folder: int, place: str, flags: int) -> int:
    """Open a place in the folder of a descriptor and return its descriptor; `.` is the folder.

    Raises:
        OSError: it cannot be opened. A link on the way is ELOOP.
    """
    name = os.fsencode(place)
    if name.startswith(b"/") or b".." in name.split(b"/") or b"\0" in name:
        raise OSError(errno.EXDEV, os.strerror(errno.EXDEV), place)
    if len(name) < MAX_PATH_BYTES and has_openat2():
        return _in_one_call(folder, name, flags | os.O_CLOEXEC)
    return _step_by_step(folder, name, flags | UNFOLLOWED)


@lru_cache
def has_openat2() -> bool:
    """Tell whether the kernel and any filter of system calls let us use `openat2`."""
    if platform.system() != "Linux":
        return False
    try:
        with trusted_folder("/") as top:
            os.close(_in_one_call(top, b".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC))
    except OSError:
        return False
    return True


@lru_cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _in_one_call(folder: int, name: bytes, flags: int) -> int:
    how = _How(flags, 0, NO_MAGIC_LINKS | NO_LINKS | BENEATH)
    error = errno.EAGAIN
    for _attempt in range(MAX_CALLS):
        descriptor = _libc().syscall(
            ctypes.c_long(OPENAT2),
            ctypes.c_int(folder),
            ctypes.c_char_p(name),
            ctypes.byref(how),
            ctypes.c_size_t(ctypes.sizeof(how)),
        )
        if descriptor >= 0:
            return int(descriptor)
        error = ctypes.get_errno()
        if error not in (errno.EINTR, errno.EAGAIN):
            break
    raise OSError(error, os.strerror(error), os.fsdecode(name))


def _step_by_step(folder: int, name: bytes, flags: int) -> int:
    *above, last = [part for part in name.split(b"/") if part not in (b"", b".")] or [b"."]
    here = os.dup(folder)
    try:
        for part in above:
            inside = _open_one(here, part, ONLY_A_PLACE | os.O_DIRECTORY | UNFOLLOWED)
            os.close(here)
            here = inside
        return _open_one(here, last, flags)
    finally:
        os.close(here)


def _open_one(folder: int, name: bytes, flags: int) -> int:
    """Open one component; a link raises ELOOP, whatever the flags are."""
    link = OSError(errno.ELOOP, os.strerror(errno.ELOOP), os.fsdecode(name))
    try:
        descriptor = os.open(name, flags, dir_fd=folder)
    except NotADirectoryError:
        if stat.S_ISLNK(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
            raise link from None
        raise
    if stat.S_ISLNK(os.fstat(descriptor).st_mode):  # O_PATH can open a link itself
        os.close(descriptor)
        raise link
    return descriptor


def open_file(folder: int, place: str) -> int:
    """Open a regular file in the folder of a descriptor for reading.

    Raises:
        NotAFile: it is a folder, a pipe, a socket or a device.
        OSError: it cannot be opened. A link on the way, or at its end, is ELOOP.
    """
    os.close(_regular(open_beneath(folder, place, ONLY_A_PLACE)))  # a device must not notice
    return _regular(open_beneath(folder, place, os.O_RDONLY | HARMLESS))


def _regular(descriptor: int) -> int:
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode):
        os.close(descriptor)
        raise NotAFile(mode)
    return descriptor


def open_folder(folder: int, place: str) -> int:
    """Open a folder in the folder of a descriptor, to list it or to open its files."""
    return open_beneath(folder, place, os.O_RDONLY | os.O_DIRECTORY)


def make_folder(folder: int, name: str) -> int:
    """Open a folder in a folder, and create it if it does not exist.

    Raises:
        OSError: something else lies there; a link is ELOOP.
    """
    with suppress(FileExistsError):
        os.mkdir(name, dir_fd=folder)
    return open_folder(folder, name)


def replace_file(folder: int, name: str, content: bytes) -> None:
    """Write a file atomically, replacing any file of this name.

    A link in its place is replaced and never written through.
    """
    part = f".autograder-{os.urandom(8).hex()}"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | UNFOLLOWED
    descriptor = os.open(part, flags, 0o666, dir_fd=folder)
    try:
        with open(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.rename(part, name, src_dir_fd=folder, dst_dir_fd=folder)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(part, dir_fd=folder)
        raise


@contextmanager
def opened(descriptor: int) -> Iterator[int]:
    """Close a descriptor at the end of the block."""
    try:
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def trusted_folder(path: Path | str) -> Iterator[int]:
    """Open a folder that a trusted person has named; links on the way to it are allowed."""
    with opened(os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)) as descriptor:
        yield descriptor
