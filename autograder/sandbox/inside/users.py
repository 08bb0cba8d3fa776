"""Choose and become the user that a student process runs as, where root grades."""

from __future__ import annotations

import os
import pwd
import sys
from contextlib import suppress
from pathlib import Path

from autograder.sandbox.inside import kernel

OWN_USERS = 0x70000000
"""The first of the user ids up to 2**31 that are never assigned (systemd's UIDS-GIDS page)."""

OWN_USERS_IN_A_CONTAINER = 20_000
"""The first of 40,000 user ids that are used where only 65,536 are mapped."""


def runs_as_root() -> bool:
    """Return whether this process is root on Linux, which lets students run as another user."""
    if os.geteuid() != 0 or sys.platform != "linux":
        return False
    lines = Path("/proc/self/uid_map").read_text().splitlines()
    return sum(int(line.split()[2]) for line in lines) > 1


def own_user() -> int:
    """Return the id of a user without an account, which no other running worker uses."""
    for line in Path("/proc/self/uid_map").read_text().splitlines():
        first, _, count = map(int, line.split())
        if first <= OWN_USERS and OWN_USERS + os.getpid() < first + count:
            return OWN_USERS + os.getpid()
    user = OWN_USERS_IN_A_CONTAINER + os.getpid() % 40_000
    taken = {each.pw_uid for each in pwd.getpwall()}
    while user in taken:
        user += 1
    return user


def become(user: int, kept: int = 0) -> None:
    """Become a user and the group with the same number, for good.

    `kept` is a mask of the capabilities that are kept.

    Raises:
        OSError: the kernel refused.
    """
    kernel.bound_capabilities()
    if kept:
        kernel.prctl(kernel.PR_SET_KEEPCAPS, 1)
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)
    kernel.keep_capabilities(kept)


def count_processes() -> int:
    """Return how many processes and threads this user has now, as far as /proc shows them."""
    count, user = 0, os.geteuid()
    for status in Path("/proc").glob("[0-9]*/status"):
        with suppress(OSError):  # it has ended meanwhile
            said = dict(line.split(":", 1) for line in status.read_text().splitlines())
            count += int(said["Threads"]) * (int(said["Uid"].split()[0]) == user)
    return count
