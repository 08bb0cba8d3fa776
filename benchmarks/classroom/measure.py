"""Run a command, and measure it and all processes that it starts."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

INTERVAL = 0.2
"""Seconds between two readings of the memory; each costs milliseconds of a processor."""


@dataclass(frozen=True)
class Measured:
    """The measurements of a command.

    Attributes:
        wall: seconds from start to exit.
        cpu: seconds of CPU time, including descendants.
        memory: the peak of MB of the command and its descendants; a shared page counts once.
        judges: the peak of MB of the command and of descendants with a given word in their command
            line.
        status: the exit status.
    """

    wall: float
    cpu: float
    memory: float
    judges: float
    status: int


def run(
    command: Sequence[str | Path],
    cwd: Path,
    *,
    judges: Sequence[str] = (),
    cores: set[int] | None = None,
    log: Path | None = None,
) -> Measured:
    """Run a command and wait for it.

    Args:
        command: the command.
        cwd: its working folder.
        judges: words in the command lines of processes to be counted separately.
        cores: the processors it may use; None for all.
        log: the file for its output.
    """
    out = (log or Path(os.devnull)).open("ab")
    start = time.perf_counter()
    process = subprocess.Popen(  # noqa: S603  # our own commands
        list(map(str, command)),
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=out,
        stderr=out,
        preexec_fn=None if cores is None else lambda: os.sched_setaffinity(0, cores),
    )
    ended = threading.Event()
    most = {"memory": 0.0, "judges": 0.0}
    watch = threading.Thread(target=_watch, args=(process.pid, judges, ended, most))
    watch.start()
    _, status, usage = os.wait4(process.pid, 0)  # including the children that it has waited for
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    ended.set()
    watch.join()
    out.close()
    return Measured(
        wall, usage.ru_utime + usage.ru_stime, most["memory"], most["judges"], process.returncode
    )


def _watch(pid: int, judges: Sequence[str], ended: threading.Event, most: dict[str, float]) -> None:
    while not ended.wait(INTERVAL):
        now: Mapping[str, float] = _memory(pid, judges)
        for kind, size in now.items():
            most[kind] = max(most[kind], size)


def _memory(pid: int, judges: Sequence[str]) -> dict[str, float]:
    """Return the MB that a process and its descendants use now."""
    found = {"memory": 0.0, "judges": 0.0}
    try:
        root = psutil.Process(pid)
        every = [root, *root.children(recursive=True)]
    except psutil.NoSuchProcess:
        return found
    for process in every:
        try:
            size = process.memory_full_info().pss / 1e6
            words = process.cmdline()
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
        found["memory"] += size
        if process is root or any(word in words for word in judges):
            found["judges"] += size
    return found
