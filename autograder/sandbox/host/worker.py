"""Start and stop the warm worker, and open student processes.

The docstring of `autograder.sandbox` explains the processes and their rights. At the end of a
submission, and at its own end, the worker kills every descendant that is left.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from autograder.sandbox.host.monitor import Observations, ProcessDeaths
from autograder.sandbox.host.process import Crashed, TimedOut
from autograder.sandbox.host.student_process import StudentProcess
from autograder.sandbox.host.workdir import WorkDir
from autograder.sandbox.inside import WORKER_KILLED
from autograder.sandbox.inside.jail import LAYERS
from autograder.sandbox.isolation import Isolation, SandboxError, demand
from autograder.sandbox.messages import N_
from autograder.sandbox.protocol import limits, wire

LOG = "worker.log"
"""The file in which a worker that does not start says why."""

KILLED = N_(
    "The process for students' code ends as soon as it is used. Check whether "
    "this machine runs out of memory and kills processes."
)


class NotStarted(SandboxError):
    """The worker has ended before it was warm, and has said why."""


class Worker:
    """A warm worker: grades one submission after the other, never two at once.

    Use it in a `with` statement, which ends everything that it has started. Tests leave out some of
    the `wanted` layers.

    Attributes:
        layers: the layers in force, as the last student process reported; none before.
        deaths: counts processes that something else than the judge ended early.
        observed: observations of the last submission's processes.
    """

    def __init__(
        self, isolation: Isolation = Isolation.FULL, *, wanted: Sequence[str] = LAYERS
    ) -> None:
        self.isolation = isolation
        self.wanted = wanted
        self.layers: tuple[str, ...] = ()
        self.deaths = ProcessDeaths()
        self.observed = Observations()
        self.prelude: tuple[str, ...] = ()
        self.shared: Mapping[str, Path] = {}
        self.limits = limits.AssignmentLimits()
        self.workdir: WorkDir | None = None
        self.process: subprocess.Popen[bytes] | None = None
        self.channel: wire.Channel | None = None

    @property
    def scratch(self) -> Path | None:
        """The folder that is the worker's own, while it runs."""
        return None if self.workdir is None else self.workdir.path

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start the interpreter and wait until it is warm.

        Raises:
            SandboxError: it does not start.
            Closed: it was ended from outside before it was warm.
        """
        if sys.platform != "linux":
            raise SandboxError(
                N_(
                    "The sandbox for students' code needs Linux: grade in WSL 2, in a container "
                    "or in a virtual machine."
                )
            )
        self.workdir = WorkDir()
        folder = self.workdir.path
        self.workdir.share(self.shared)
        ours, theirs = socket.socketpair()
        environment = {
            "PATH": os.defpath,
            "HOME": str(folder),
            "TMPDIR": str(folder),
            "IPYTHONDIR": str(folder / "ipython"),
            "MPLCONFIGDIR": str(folder / "matplotlib"),
            "MPLBACKEND": "agg",
            "LANG": "C.UTF-8",
            "LC_ALL": "C.UTF-8",
            # Packages that miss a name, shared memory or more processors say so on standard error,
            # and nbgrader gives no points for a test cell that prints there.
            "USER": "student",
            "LOGNAME": "student",
            "JOBLIB_MULTIPROCESSING": "0",
            "LOKY_MAX_CPU_COUNT": "1",
            "DASK_SCHEDULER": "threads",
            "NUMEXPR_NUM_THREADS": "1",
            "KMP_WARNINGS": "0",
            # Sets of strings have one order, so that the same notebook does the same twice.
            "PYTHONHASHSEED": "0",
            # More threads than one could not be forked safely.
            "OPENBLAS_NUM_THREADS": "1",
            "OMP_NUM_THREADS": "1",
            "MKL_NUM_THREADS": "1",
        }
        command = [sys.executable, "-s", "-P", "-B", "-m", "autograder.sandbox.inside"]
        with theirs, (folder / LOG).open("wb") as log:
            self.process = subprocess.Popen(  # noqa: S603  # our own interpreter and module
                [
                    *command,
                    str(theirs.fileno()),
                    ",".join(self.wanted),
                    str(self.limits.memory_bytes),
                    str(self.limits.process_cpu_seconds),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=[theirs.fileno()],
                env=environment,
                cwd=folder,
                start_new_session=True,  # an interrupt from the terminal is for the judge
            )
        self.channel = wire.Channel(ours)
        ours.settimeout(limits.START_SECONDS)
        self._expect(wire.Swept)
        self.channel.send(wire.Prepare(self.prelude))
        ran = self._expect(wire.Ran)
        if ran.error is not None:
            raise SandboxError(
                N_("A read-only cell of the lesson raised {kind}: {error}. Fix the lesson."),
                kind=ran.error.type,
                error=ran.error.message,
            )

    def prepare(self, cells: Sequence[str]) -> None:
        """Set the cells of ours with which every submission starts; they are run once, here."""
        if tuple(cells) != self.prelude:
            self.stop()
            self.prelude = tuple(cells)

    def share(self, files: Mapping[str, Path]) -> None:
        """Set the course's files that every submission finds beside it, by their place there."""
        if files != self.shared:
            self.stop()
            self.shared = dict(files)

    def limit(self, assigned: limits.AssignmentLimits) -> None:
        """Set the limits that the assignment changes."""
        if assigned != self.limits:
            self.stop()
            self.limits = assigned

    def stop(self) -> None:
        """End the worker and all that it started, and remove its files."""
        if self.channel is not None:
            self.channel.close()
            self.channel = None
        if self.process is not None:
            # If it were killed at once, it could not end what it has started.
            for end in (self.process.terminate, self.process.kill):
                try:
                    self.process.wait(timeout=limits.WORKER_STOP_SECONDS)
                except subprocess.TimeoutExpired:
                    end()
            self.process.wait()
            self.process = None
        self.observed.await_ends()
        if self.workdir is not None:
            self.workdir.remove()
            self.workdir = None

    def open(self) -> StudentProcess:
        """Return a student process for a new submission; the one before must have been swept.

        Raises:
            SandboxError: the worker does not answer, and a new one does not start either.
        """
        reason = SandboxError(KILLED)
        for _ in range(limits.MAX_WORKER_STARTS):
            try:
                return self._open()
            except wire.Closed:  # something has killed it since it was last heard of
                self.stop()
            except NotStarted as error:  # or has killed what it needed in order to start
                self.stop()
                reason = error
        raise reason

    def _open(self) -> StudentProcess:
        if self.process is None or self.process.poll() is not None:
            self.stop()
            self.start()
        assert self.channel is not None  # noqa: S101  # start() made it
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                self.channel.send(wire.Open(), sockets=[theirs.fileno()])
            _, (pidfd,) = self.channel.receive_with_descriptor(wire.Opened)
        except wire.Closed:
            ours.close()
            raise
        self.observed = Observations()
        student = StudentProcess(ours, pidfd, self.deaths, self.observed)
        try:
            confined = student.wait_confined()
        except (TimedOut, Crashed) as error:
            raise wire.Closed from error
        try:
            demand(self.isolation, confined.layers, confined.troubles)
        except SandboxError:
            student.end()
            raise
        self.layers = confined.layers
        self.deaths.start(confined="seccomp" in confined.layers)
        return student

    def sweep(self) -> None:
        """End everything that the last student process left running, and its files.

        A worker that has ended itself is stopped; the next submission starts a new one.
        """
        if self.channel is None:
            self.deaths.settle()
            return
        self.observed.await_ends()
        try:
            self.channel.send(wire.Sweep())
            swept: wire.Swept = self._expect(wire.Swept)
        except (wire.Closed, SandboxError):
            # It runs no student code, so no student has ended it.
            self.deaths.note(self.deaths.end(signal.SIGKILL))
            self.stop()
        else:
            self.observed.note_left(swept.left)
        self.deaths.settle()

    def _was_killed(self) -> bool:
        """Return whether a signal ended the worker or the supervisor; then neither logged why."""
        assert self.process is not None  # noqa: S101  # start() made it
        try:
            return self.process.wait(timeout=10) in (-signal.SIGKILL, WORKER_KILLED)
        except subprocess.TimeoutExpired:
            return False

    def _expect(self, kind: Any) -> Any:
        assert self.channel is not None  # noqa: S101  # our callers have seen to it
        assert self.workdir is not None  # noqa: S101  # start() made it
        try:
            return self.channel.receive(kind)
        except (wire.Closed, wire.BadMessage) as error:
            if self._was_killed():
                raise wire.Closed from error
            said = (self.workdir.path / LOG).read_text(errors="replace").strip().splitlines()[-1:]
            reason = said[0] if said else "it said nothing"
            raise NotStarted(
                N_(
                    "The process for students' code did not start: {reason}. Reinstall autograder "
                    "in a virtual environment of its own."
                ),
                reason=reason,
            ) from error
