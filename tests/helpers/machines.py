"""Run a command as on another machine: `python tests/helpers/machines.py [KIND]... -- COMMAND`.

*ordinary*: as a user who is not root. The interpreter may lie in a folder that is root's alone; in
a mount namespace of the command's own, such folders are replaced by ones that lead to it and to
nothing else. Only root can do that.

*bare*: without namespaces, as in a container that forbids them.

*container*: as root with what Docker leaves root of its capabilities; with *bare*, a plain one.

*old*: without Landlock, as on a kernel that has none.
"""

from __future__ import annotations

import ctypes
import errno
import os
import stat
import sys
import tempfile
from pathlib import Path

from autograder.sandbox.inside import kernel, seccomp

USER = 48_611
"""A user id without an account."""

OF_A_CONTAINER = {0, 1, 3, 4, 5, 6, 7, 8, 10, 13, 18, 27, 29, 31}
"""CHOWN, DAC_OVERRIDE, FOWNER, FSETID, KILL, SETGID, SETUID, SETPCAP, …: not DAC_READ_SEARCH."""

MS_BIND, MS_REC, MS_PRIVATE = 4096, 16384, 1 << 18

libc = ctypes.CDLL(None, use_errno=True)


def mount(source: str, target: str, kind: str | None, flags: int, options: str = "") -> None:
    done = libc.mount(
        source.encode(),
        target.encode(),
        None if kind is None else kind.encode(),
        ctypes.c_ulong(flags),
        options.encode(),
    )
    if done != 0:
        raise OSError(ctypes.get_errno(), f"mount {target}")


def closed_to_others(path: Path) -> Path | None:
    """Return the outermost folder on the way to a path that others may not pass."""
    for folder in reversed(path.parents):
        if not folder.stat().st_mode & stat.S_IXOTH:
            return folder
    return None


def open_the_way() -> None:
    if libc.unshare(0x00020000) != 0:  # CLONE_NEWNS
        raise OSError(ctypes.get_errno(), "unshare")
    mount("", "/", None, MS_REC | MS_PRIVATE)
    for path in (Path(sys.base_prefix), Path(sys.prefix), Path(__file__).parents[2]):
        closed = closed_to_others(path)
        if closed is not None:
            aside = tempfile.mkdtemp()
            mount(str(path), aside, None, MS_BIND | MS_REC)
            mount("way", str(closed), "tmpfs", 0, "mode=755,size=1m")
            path.mkdir(parents=True)
            mount(aside, str(path), None, MS_BIND | MS_REC)
            libc.umount2(aside.encode(), 2)  # MNT_DETACH: it has served
            os.rmdir(aside)


def become_ordinary() -> None:
    os.setgroups([])
    os.setresgid(USER, USER, USER)
    os.setresuid(USER, USER, USER)


def forbid(number: int, error: int) -> None:
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    seccomp.install(
        [
            *seccomp.same_architecture(),
            *seccomp.answer(number, error),
            (seccomp.RETURN, 0, 0, seccomp.ALLOW),
        ]
    )


def main() -> None:
    end = sys.argv.index("--")
    kinds, command = sys.argv[1:end], sys.argv[end + 1 :]
    if {"ordinary", "container"} & {*kinds}:
        open_the_way()
    if "container" in kinds:
        for number in {*range(40)} - OF_A_CONTAINER:  # what is left is given by the next program
            kernel.prctl(kernel.PR_CAPBSET_DROP, number)
    if "ordinary" in kinds:
        become_ordinary()
    if "bare" in kinds:
        forbid({"x86_64": 272, "aarch64": 97}[kernel.MACHINE], errno.EPERM)  # unshare
    if "old" in kinds:
        forbid(kernel.NUMBERS["landlock_create_ruleset"], errno.ENOSYS)
    with tempfile.TemporaryDirectory() as home:
        os.chmod(home, 0o711)  # noqa: S103  # whom a student's code becomes passes here too
        environment = {**os.environ, "HOME": home, "TMPDIR": home}
        status = os.spawnvpe(os.P_WAIT, command[0], command, environment)
    sys.exit(status)


if __name__ == "__main__":
    main()
