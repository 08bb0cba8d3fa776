"""Enter namespaces of a worker's own, where the kernel allows it.

- *user*: code that breaks out of everything else has no capability on this machine. This namespace
  also lets an ordinary user have the others.
- *pid*: no other process has a number here. When the worker ends, the kernel kills everything that
  was started, however well it hid.
- *mount*: the root folder is a small read-only file system with what Python needs, and no other
  file has even a name. The scratch folder is a tmpfs with a limit on all of it, mounted anew for
  each submission.
- *network* and *ipc*: no network, not even the machine's own, and no shared memory.

They are made once for each worker. Between two submissions, every process of the first is killed
and its scratch folder is unmounted, and both are quick inside the namespaces. Each namespace is
asked for separately, so that the refusal of one costs no other. A function that enters or mounts
something raises OSError if the machine refuses.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from autograder.sandbox.inside import kernel
from autograder.sandbox.protocol import limits

CLONE_NEWNS, CLONE_NEWUSER, CLONE_NEWPID = 0x00020000, 0x10000000, 0x20000000
CLONE_NEWIPC, CLONE_NEWNET = 0x08000000, 0x40000000

MS_NOSUID, MS_NODEV, MS_NOEXEC = 2, 4, 8
MS_BIND, MS_REC, MS_PRIVATE = 4096, 16384, 1 << 18
MNT_DETACH = 2
READ_ONLY_NOSUID = 1 | 2
AT_RECURSIVE = 0x8000

ITSELF = "/proc/self"
"""The only files under `/proc`, made by us: tensorflow ends a process that does not find itself."""

DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")

SCRATCH = "/submission"
"""In a root that nobody else has: no place where Python may lie, as it may in `/tmp`."""

TEMPORARY = "/tmp"  # noqa: S108  # a name that students write
"""A link to the scratch folder, for code that writes its name."""

COURSE = "/course"
"""The course's files for students' code, read-only."""


def enter_user(*, student: int | None) -> None:
    """Enter a user namespace in which every user keeps its number.

    `student` is the user that student processes will become; None if they keep theirs.
    """
    me, group = os.geteuid(), os.getegid()
    users, groups = f"{me} {me} 1\n", f"{group} {group} 1\n"
    if student is None:  # a map of oneself alone may be written by oneself
        _unshare(CLONE_NEWUSER)
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/gid_map").write_text(groups)
        Path("/proc/self/uid_map").write_text(users)
        return
    # A map of several users must be written by a process that is still outside.
    entered, tell = os.pipe()
    process = os.getpid()
    writer = os.fork()
    if writer == 0:
        try:
            os.close(tell)
            if os.read(entered, 1):
                student_too = f"{student} {student} 1\n"
                Path(f"/proc/{process}/gid_map").write_text(groups + student_too)
                Path(f"/proc/{process}/uid_map").write_text(users + student_too)
                os._exit(0)
        finally:
            os._exit(1)
    os.close(entered)
    try:
        _unshare(CLONE_NEWUSER)
        os.write(tell, b"x")
    finally:
        os.close(tell)
        _, status = os.waitpid(writer, 0)
    if status:
        raise OSError(errno.EPERM, "the map of users could not be written")


def enter_pid() -> None:
    """Make the next process that this one forks the first of a new pid namespace."""
    _unshare(CLONE_NEWPID)


def enter_network() -> None:
    """Enter a network namespace, in which there is no network."""
    _unshare(CLONE_NEWNET)


def enter_ipc() -> None:
    """Enter a namespace for shared memory and message queues, which has none."""
    _unshare(CLONE_NEWIPC)


def enter_mount(readable: Iterable[str], place: str, shared: str | None = None) -> None:
    """Enter a mount namespace, and replace this machine's root by one with few files.

    If this fails, the process must end, because it is half way in.

    Args:
        readable: files and folders that stay, read-only and under their own names; missing ones
            are left out.
        place: a folder on which the new root is put together.
        shared: the folder with the course's files, which becomes `COURSE`.
    """
    _unshare(CLONE_NEWNS)
    _mount(None, "/", None, MS_REC | MS_PRIVATE)
    _mount("root", place, "tmpfs", MS_NOSUID | MS_NODEV, "size=1m,nr_inodes=1k,mode=755")
    shown: list[str] = []
    for path in (*readable, *DEVICES):
        _show(path, place, shown)
    if shared is not None:
        os.mkdir(place + COURSE)
        _mount(shared, place + COURSE, None, MS_BIND | MS_REC)
    os.mkdir(place + SCRATCH)
    os.symlink(SCRATCH, place + "/dev/shm")  # noqa: S108  # where semaphores of Python's pools lie
    if not os.path.lexists(place + TEMPORARY):  # Python itself may lie there
        os.symlink(SCRATCH, place + TEMPORARY)
    os.makedirs(place + ITSELF)
    os.symlink(sys.executable, place + ITSELF + "/exe")
    Path(place + ITSELF + "/cmdline").write_bytes(os.fsencode(sys.executable) + b"\0")
    os.chdir(place)
    kernel.call("pivot_root", b".", b".")  # the old root now lies on top of the new one
    kernel.checked(kernel.libc.umount2(b".", MNT_DETACH), "umount2")
    os.chdir("/")
    attributes = struct.pack("QQQQ", READ_ONLY_NOSUID, 0, 0, 0)
    kernel.call("mount_setattr", -1, b"/", AT_RECURSIVE, attributes, len(attributes))


def mount_scratch(owner: int) -> None:
    """Mount an empty scratch folder."""
    options = (
        f"size={limits.MAX_SCRATCH_BYTES},nr_inodes={limits.MAX_SCRATCH_FILES},mode=700,uid={owner}"
    )
    _mount("scratch", SCRATCH, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, options)


def unmount_scratch() -> None:
    """Unmount the scratch folder with all that is in it."""
    kernel.checked(kernel.libc.umount2(SCRATCH.encode(), MNT_DETACH), "umount2")


def possible(enter: Callable[[], None]) -> bool:
    """Return whether a function succeeds; it is tried in another process."""
    pid = os.fork()
    if pid == 0:
        try:
            enter()
            os._exit(0)
        finally:
            os._exit(1)
    return os.waitpid(pid, 0)[1] == 0


def _show(path: str, root: str, shown: list[str]) -> None:
    """Make a file or folder visible beneath a new root, with the links that lead to it."""
    if not os.path.exists(path):
        return
    for part in (*reversed(Path(path).parents), Path(path)):
        if part.is_symlink():
            copy = Path(f"{root}{part}")
            if not copy.is_symlink():
                copy.parent.mkdir(parents=True, exist_ok=True)
                copy.symlink_to(part.readlink())
            target = os.path.normpath(part.parent / part.readlink())
            _show(os.path.join(target, os.path.relpath(path, part)), root, shown)
            return
    path = os.path.normpath(path)
    if any(path == folder or path.startswith(folder + "/") for folder in shown):
        return
    place = root + path
    if os.path.isdir(path):
        os.makedirs(place, exist_ok=True)
    else:
        os.makedirs(os.path.dirname(place), exist_ok=True)
        os.close(os.open(place, os.O_CREAT | os.O_WRONLY, 0o600))
    _mount(path, place, None, MS_BIND | MS_REC)
    shown.append(path)


def _unshare(flags: int) -> None:
    kernel.checked(kernel.libc.unshare(ctypes.c_int(flags)), "unshare")


def _mount(
    source: str | None, target: str, kind: str | None, flags: int, options: str | None = None
) -> None:
    encoded = [None if each is None else each.encode() for each in (source, target, kind, options)]
    result = kernel.libc.mount(*encoded[:3], ctypes.c_ulong(flags), encoded[3])
    kernel.checked(result, f"mount {target}")
