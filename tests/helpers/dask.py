"""A Dask scheduler with workers, in processes of their own."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path

from distributed import Client


def address_in(file: Path) -> str:
    """Return the address that a scheduler writes into a file when it has started."""
    end = time.monotonic() + 120
    while time.monotonic() < end:
        # The file is there, and empty, before the scheduler writes into it.
        with contextlib.suppress(FileNotFoundError, json.JSONDecodeError):
            address: str = json.loads(file.read_text())["address"]
            return address
        time.sleep(0.05)
    raise TimeoutError(f"No scheduler has written its address into {file}.")


class Dask:
    """A scheduler, and workers of one thread each, in processes of their own.

    Args:
        folder: where they are started, which is no course.
        settings: Dask's, as environment variables.
    """

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        self.settings = settings
        self.workers: list[subprocess.Popen[bytes]] = []
        file = folder / "scheduler.json"
        self.scheduler = self._start("scheduler", "--port", "0", "--scheduler-file", str(file))
        self.address = address_in(file)

    def join(self) -> subprocess.Popen[bytes]:
        """Starts one more worker, and does not wait for it."""
        self.workers.append(self._start("worker", self.address, "--nthreads", "1", "--no-nanny"))
        return self.workers[-1]

    def wait(self) -> None:
        """Waits until all workers have joined."""
        with Client(self.address, set_as_default=False) as client:
            client.wait_for_workers(len(self.workers), timeout=120)

    def end(self) -> None:
        for process in [*self.workers, self.scheduler]:
            process.kill()
            process.wait()

    def _start(self, what: str, *words: str) -> subprocess.Popen[bytes]:
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(
                [
                    *(sys.executable, "-m", f"distributed.cli.dask_{what}", *words),
                    *("--host", "127.0.0.1", "--dashboard-address", "127.0.0.1:0"),
                ],
                cwd=self.folder,
                env={**os.environ, "TMPDIR": str(self.folder), **self.settings},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
