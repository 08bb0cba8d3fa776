"""Grade on other machines: a Dask cluster instead of a pool.

The instructor's machine reads the submissions and sends them, few ahead, to a Dask scheduler, which
hands them to its workers and returns results. Each thread of a Dask worker has a grading process of
its own, as in a pool, with a warm worker and a sandbox. So the same code grades on all machines.

A worker needs no course: the round of grading is sent to it (`PortableRun`), and Dask keeps it
there while the instructor's machine is connected.

Workers may come and go. Dask gives the tasks of a lost worker to another one, also those whose
results were not fetched yet; each submission is requested once and counted once.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import platform
import ssl
import threading
import time
import uuid
import warnings
import weakref
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import CancelledError
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from distributed import Client, Future, KilledWorker, Security, get_worker, rpc
from distributed.comm.core import FatalCommClosedError

import autograder
from autograder.course.asserts_assignment import find_exercise
from autograder.grading import fingerprint
from autograder.grading.pool import (
    AHEAD,
    GradedSubmission,
    GraderProcess,
    QueuedSubmission,
    RunConfig,
    SubmissionPayload,
    end_all,
)
from autograder.i18n import N_
from autograder.intake.find import SubmissionSource
from autograder.sandbox.host.workdir import WorkDir
from autograder.sandbox.isolation import SandboxError

CONNECT = 10.0
"""Seconds within which a scheduler answers."""

SECONDS_BEFORE_WORKERS_ARE_COUNTED = 5.0
"""Seconds of waiting for a result after which it is looked whether there are workers at all."""

COUNT_AGAIN = 1.0
"""Seconds after which the workers' threads are counted again: workers come and go."""

NO_WORKER_SECONDS = 600.0
"""Seconds that a cluster without a single worker is waited for."""

LOST = N_(
    "Every Dask worker that graded this submission was lost. Check whether those "
    "machines run out of memory and kill processes."
)

NO_SCHEDULER = N_(
    "No Dask scheduler answers at {address} ({error}). Start a scheduler and its "
    "workers (see docs/operators/cluster.md), and use the address that it prints."
)

NO_TLS = N_(
    "No TLS connection to the scheduler at {address} ({error}). The scheduler, its workers and "
    "this machine need the same valid certificates: make them with `autograder "
    "certificates FOLDER`, and set DASK_CONFIG to a copy of that folder on each machine."
)

T = TypeVar("T")

log = logging.getLogger(__name__)


class Cluster:
    """A Dask cluster that grades a run; use it in a `with` statement.

    A connection to a `tls://` address uses the certificates that Dask's own configuration names;
    workers without such a connection are not used. The kinds of processors that have graded are
    added to `processors`.

    Raises:
        SandboxError: no scheduler answers there, or its certificate and ours do not match.
    """

    def __init__(self, run_config: RunConfig, address: str, processors: set[str]) -> None:
        self.address = address
        self.processors = processors
        self.round = PortableRun.of(run_config)
        self.name = uuid.uuid4().hex
        self.sent = 0
        self.counted = -COUNT_AGAIN, 0
        self.deserted: float | None = None
        for name in ("distributed", "distributed.client"):  # this class reports what matters
            logging.getLogger(name).setLevel(logging.CRITICAL)
        try:
            security = Security(require_encryption=True) if _is_tls(address) else Security()
            arguments = security.get_connection_args("client")
            asyncio.run(asyncio.wait_for(_find_scheduler(address, arguments), 2 * CONNECT))
            with warnings.catch_warnings():  # versions that differ are refused where they matter
                warnings.simplefilter("ignore")
                self.client = Client(
                    address, timeout=CONNECT, security=security, set_as_default=False
                )
        except (OSError, ValueError, TypeError, RuntimeError) as error:
            sentence = (
                NO_TLS if _is_tls(address) and _is_about_certificates(error) else NO_SCHEDULER
            )
            raise SandboxError(sentence, address=address, error=_line(error)) from error

    def __enter__(self) -> Cluster:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.client.close()  # Dask lets go of the round, and of what was not fetched

    def results(
        self, submissions: Iterable[SubmissionSource]
    ) -> Iterator[tuple[str, GradedSubmission | Exception]]:
        """Yield each student, and the result or the error, in the order of the submissions.

        Few submissions are read ahead, so that a class of thousands is never in memory at once.

        Raises:
            SandboxError: the connection is lost, or the cluster must not grade.
        """
        rest = iter(submissions)
        window: deque[tuple[str, Future[RemoteResult]]] = deque()
        with self._present():
            runner = self.client.submit(DaskRunner, self.round, key=f"round-{self.name}")
        try:
            self._await(runner)
        except KilledWorker as error:
            raise SandboxError(LOST) from error
        with self._present():
            self.client.replicate([runner])  # else all would go to the one worker that has it
        while True:
            for each in islice(rest, max(0, self._room() - len(window))):
                payload = SubmissionPayload.of(each)
                window.append((payload.student, self._send(runner, payload)))
            if not window:
                return
            student, future = window.popleft()
            yield student, self._outcome(future)

    def _room(self) -> int:
        """Return how many submissions may be sent ahead, with the present workers."""
        now = time.monotonic()
        if now - self.counted[0] >= COUNT_AGAIN:
            with self._present():
                threads: dict[str, int] = self.client.nthreads()
            self.counted = now, max(1, sum(threads.values()))
        return AHEAD * self.counted[1]

    def _send(self, runner: Future[DaskRunner], payload: SubmissionPayload) -> Future[RemoteResult]:
        self.sent += 1
        # Keys are shown and logged, so they hold no student's name. As members of one group, the
        # tasks wait in the scheduler for the first free thread, and not for a certain worker.
        key = (f"grade-{self.name}", self.sent)
        with self._present(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a notebook may be large
            return self.client.submit(DaskRunner.graded, runner, payload, key=key)

    def _outcome(self, future: Future[RemoteResult]) -> GradedSubmission | Exception:
        """Wait for the outcome of a submission."""
        try:
            came = self._await(future)
        except KilledWorker:
            return SandboxError(LOST)
        if isinstance(came.result, EnvironmentMismatch):
            raise came.result
        self.processors.add(came.processor)
        return came.result

    def _await(self, future: Future[T]) -> T:
        """Return the outcome of a submission, or raise KilledWorker after several lost workers."""
        while True:
            with self._present(), contextlib.suppress(TimeoutError):
                came = future.result(timeout=SECONDS_BEFORE_WORKERS_ARE_COUNTED)
                self.deserted = None
                return came
            self._look_for_workers()

    def _look_for_workers(self) -> None:
        """Report that there are no workers, and wait for them for a limited time."""
        with self._present():
            if self.client.nthreads():
                self.deserted = None
                return
        now = time.monotonic()
        if self.deserted is None:
            self.deserted = now
            log.warning(
                "The scheduler at %s has no workers now; waiting for some "
                "(docs/operators/cluster.md).",
                self.address,
            )
        elif now - self.deserted > NO_WORKER_SECONDS:
            raise SandboxError(
                N_(
                    "The scheduler at {address} has had no worker for {minutes} minutes: start "
                    "workers (see docs/operators/cluster.md)."
                ),
                address=self.address,
                minutes=f"{NO_WORKER_SECONDS / 60:.0f}",
            )

    @contextlib.contextmanager
    def _present(self) -> Iterator[None]:
        """Turn a lost connection, or a submission that cannot be sent, into a SandboxError."""
        try:
            yield
        except KilledWorker:
            raise
        except (OSError, CancelledError) as error:
            raise SandboxError(
                N_("The scheduler at {address} no longer answers: restart it and its workers."),
                address=self.address,
            ) from error
        except Exception as error:
            raise SandboxError(
                N_(
                    "The cluster at {address} could not receive a submission ({error}). Install "
                    "the same version of autograder for its scheduler and all its workers."
                ),
                address=self.address,
                error=_line(error),
            ) from error


async def _find_scheduler(address: str, arguments: dict[str, Any]) -> None:
    """Check that a scheduler answers, because a client without one does not end well."""
    async with rpc(address, timeout=CONNECT, connection_args=arguments) as there:
        kind = (await there.identity())["type"]
    if kind != "Scheduler":
        raise ValueError(f"it is the address of a {kind.lower()}")


def _is_tls(address: str) -> bool:
    return address.startswith("tls://")


def _is_about_certificates(error: BaseException) -> bool:
    missing = (TypeError, FileNotFoundError, PermissionError)  # none are named, or not to be read
    rejected = (ssl.SSLError, FatalCommClosedError, ConnectionResetError)
    return isinstance(_root(error), missing + rejected)


def _root(error: BaseException) -> BaseException:
    while isinstance(error.__cause__, Exception):
        error = error.__cause__
    return error


def _line(error: BaseException) -> str:
    """Return an error on one line."""
    error = _root(error)
    return " ".join(f"{type(error).__name__}: {error}".split()).rstrip(".: ")


class EnvironmentMismatch(SandboxError):
    """A worker must not grade, because its versions differ from the instructor's."""


PACKAGES = ("numpy", "scipy", "ipython", "nbgrader", "msgspec", "distributed")


@lru_cache
def versions() -> Mapping[str, str]:
    """Return the versions that a score depends on beside the assignment, by name."""
    return {
        "autograder": f"{autograder.__version__} ({fingerprint.grader()[:8]})",
        "Python": ".".join(platform.python_version_tuple()[:2]),
        "the linear algebra": fingerprint.blas(),
        **{name: version(name) for name in PACKAGES},
    }


@dataclass(frozen=True)
class PortableRun:
    """A run with everything that a grading process on another machine needs.

    Attributes:
        run_config: the settings of the run, without the course's folder.
        files: the assignment's files, by their place in a course.
    """

    digest: str
    versions: Mapping[str, str]
    # Dask shows and logs its tasks; the secret and the reference must not appear there.
    run_config: RunConfig = field(repr=False)
    files: Mapping[str, bytes] = field(repr=False)

    @classmethod
    def of(cls, run_config: RunConfig) -> PortableRun:
        """Return a run as it is sent to another machine."""
        assignment = find_exercise(run_config.root, run_config.name)
        files = {place: (run_config.root / place).read_bytes() for place in assignment.files}
        return cls(assignment.digest, versions(), replace(run_config, root=Path()), files)

    def unpack(self, root: Path) -> RunConfig:
        """Write the files into a folder, and return the run that a grading process needs."""
        for place, content in self.files.items():
            path = root / place
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        if find_exercise(root, self.run_config.name).digest != self.digest:
            raise EnvironmentMismatch(
                N_(
                    "The assignment's files were damaged on the way to the worker: run the "
                    "command again."
                )
            )
        return replace(self.run_config, root=root)


@dataclass(frozen=True)
class RemoteResult:
    """The outcome of a submission, or the error, and the kind of processor that graded it."""

    result: GradedSubmission | Exception
    processor: str


class DaskRunner:
    """A run in the process of a Dask worker: its folder and its grading processes.

    Dask keeps it in the worker's memory while the round lasts. When Dask drops it, the judges end
    and the folder is removed; when the worker is killed, the judges end with it, and the next run
    on that machine removes the folder.
    """

    def __init__(self, graded_round: PortableRun) -> None:
        self.round = graded_round
        self.processes: list[GraderProcess] = []
        self.idle: list[GraderProcess] = []
        self.homes: list[WorkDir] = []
        self.run_config: RunConfig | None = None
        self.unpacking = threading.Lock()
        weakref.finalize(self, _close, self.processes, self.homes)

    def __reduce__(self) -> tuple[type[DaskRunner], tuple[PortableRun]]:
        return DaskRunner, (self.round,)  # on another worker it starts its own processes

    def graded(self, payload: SubmissionPayload) -> RemoteResult:
        """Return the outcome of a submission, graded by an idle process."""
        address = get_worker().address
        try:
            self._refuse_if_unfit(address)
            result = self._result(QueuedSubmission(payload))
        except (SandboxError, OSError) as error:
            result = error
        if isinstance(result, SandboxError | OSError) and not isinstance(
            result, EnvironmentMismatch
        ):
            on_worker = N_("On the worker {address}: {error}")
            result = SandboxError(on_worker, address=address, error=result)
        return RemoteResult(result, fingerprint.processor())

    def _refuse_if_unfit(self, address: str) -> None:
        here = versions()
        for name, theirs in self.round.versions.items():
            if here.get(name) != theirs:
                other = N_(
                    "The worker {address} has {name} {here}, but this machine has {there}. "
                    "Install the same version on both: a score must not depend on the machine."
                )
                raise EnvironmentMismatch(
                    other, address=address, name=name, here=here.get(name), there=theirs
                )

    def _result(self, entry: QueuedSubmission) -> GradedSubmission | Exception:
        while entry.result is None:
            process = self._idle_process()
            process.give(entry)
            if process.take():
                self.idle.append(process)
            else:
                self.processes.remove(process)
                process.end()
        return entry.result

    def _idle_process(self) -> GraderProcess:
        """Return an idle grading process, or a new one; there are as many as calling threads."""
        with contextlib.suppress(IndexError):
            return self.idle.pop()
        with self.unpacking:
            if self.run_config is None:
                self.homes.append(WorkDir())
                self.run_config = self.round.unpack(self.homes[-1].path)
        process = GraderProcess(self.run_config)
        self.processes.append(process)
        return process


def _close(processes: list[GraderProcess], homes: list[WorkDir]) -> None:
    """End grading processes, and remove the folder that they needed."""
    end_all(processes)
    for home in homes:
        home.remove()
