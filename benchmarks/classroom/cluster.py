"""One and two Dask workers on this machine, each bound to a processor of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from distributed import Client

from benchmarks.classroom.courses import NAME, Courses, program
from benchmarks.classroom.measure import run


def measure(courses: Courses, size: int) -> list[dict[str, Any]]:
    """Grade a class with one worker and with two, and print the speedup.

    The scheduler and the client share the processors of the workers.
    """
    cores = sorted(os.sched_getaffinity(0))[:2]
    if len(cores) < 2:
        raise SystemExit("There is one processor here: two workers cannot have one each.")
    print(f"{'Dask workers':<16}{'students':>10}{'wall s':>10}{'ms for each':>14}")
    found: list[dict[str, Any]] = []
    for workers in (1, 2):
        course, _ = courses.ours(size)
        with cluster(course, cores[:workers]) as address:
            command = [program("autograder"), "grade", NAME, "submitted", "--scheduler", address]
            measured = run([*command, "--json", "result.json"], course, log=course / "log")
        graded = len(json.loads((course / "result.json").read_bytes())["submissions"])
        if measured.status != 0 or graded != size:
            raise SystemExit((course / "log").read_text())
        print(
            f"{workers:<16}{size:>10}{measured.wall:>10.1f}{1000 * measured.wall / size:>14.1f}",
            flush=True,
        )
        found.append({"workers": workers, "students": size, **asdict(measured)})
    print(f"two are {found[0]['wall'] / found[1]['wall']:.2f} times as fast as one")
    return found


@contextmanager
def cluster(folder: Path, cores: list[int]) -> Iterator[str]:
    """Start a scheduler and a worker of one thread per processor; yield the address."""
    file = folder / "scheduler.json"
    started = [start(folder, "scheduler", "--port", "0", "--scheduler-file", str(file))]
    try:
        while not (file.exists() and file.stat().st_size):  # the file exists before it is written
            time.sleep(0.1)
        address: str = json.loads(file.read_text())["address"]
        for core in cores:
            worker = start(folder, "worker", address, "--nthreads", "1", "--no-nanny")
            os.sched_setaffinity(worker.pid, [core])  # child processes inherit it
            started.append(worker)
        with Client(address, set_as_default=False) as client:
            client.wait_for_workers(len(cores), timeout=60)
        yield address
    finally:
        for process in reversed(started):
            process.terminate()
            process.wait()


def start(folder: Path, what: str, *words: str) -> subprocess.Popen[bytes]:
    """Start a scheduler or a worker."""
    with (folder / "dask.log").open("ab") as log:
        return subprocess.Popen(  # noqa: S603  # our own environment's commands
            [
                *(sys.executable, "-m", f"distributed.cli.dask_{what}", *words),
                *("--host", "127.0.0.1", "--dashboard-address", "127.0.0.1:0"),
            ],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
