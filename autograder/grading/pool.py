"""Run the processes that grade, each with a warm worker, and replace those that are killed.

When a grading process is killed, the submission that it was grading goes to another process. No
result is lost, and a submission that no process can finish costs no other student anything. A
grading process ends with the process that started it.
"""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from autograder.course.asserts_assignment import PlainAssignment, find_exercise
from autograder.course.assignment import Exercise
from autograder.course.secret import Secret
from autograder.grading.asserts import PlainGrader
from autograder.grading.grader import Grader
from autograder.grading.outcome import ClassWideError, GradedWork
from autograder.i18n import ENGLISH, N_, use_language
from autograder.intake.files import rejecting
from autograder.intake.find import SubmissionSource
from autograder.intake.reconcile import Rejected
from autograder.result import SubmissionResult
from autograder.sandbox.host.worker import Worker
from autograder.sandbox.inside.jail import die_with
from autograder.sandbox.isolation import Isolation, SandboxError
from autograder.sandbox.protocol import limits

AHEAD = 4
"""Submissions for each grading process that are read before they are graded."""

MAX_HELD = 32
"""Submissions for each grading process that are read or graded while an earlier one is graded: to
diagnose a wrong one may take as long as to grade thirty others."""

KILLED = N_(
    "A grading process was killed repeatedly from outside. Check whether this "
    "machine runs out of memory; --workers 1 needs the least."
)

TRIES = 4
"""How often a submission is started if the grading process is killed every time."""

GRADER_STOP_SECONDS = 3 * limits.WORKER_STOP_SECONDS
"""Time for a grading process to end its worker and then itself."""

SETTINGS = {"MALLOC_MMAP_THRESHOLD_": str(64 * 1024), "OPENBLAS_NUM_THREADS": "1"}
"""Environment variables of a grading process. The first makes glibc return the memory of large
answers to the system: by default it keeps them in a heap that fragments and grows by a sixth from
the hundredth student to the sixth hundredth. The second spares threads that wait by computing."""


PostProcessor = Callable[[str, bool], Callable[[GradedWork[Any]], Any]]
"""Returns a function that makes something more of each graded submission, beside its grader.

It gets the assignment's name, and whether that has plain asserts, and raises ClassWideError if the
function can be called for no submission. It is pickled to reach the processes that grade, and so is
the function's result on the way back.
"""


@dataclass(frozen=True)
class GradedSubmission:
    """A submission that a grading process has graded.

    Attributes:
        layers: the layers of isolation of students' code.
        post_processed: the result of the run's `PostProcessor`; None without one.
    """

    result: SubmissionResult
    layers: tuple[str, ...]
    post_processed: Any = None


@dataclass(frozen=True)
class SubmissionPayload:
    """A submission that has been read, for a grading process; see `SubmissionSource`."""

    student: str
    path: str
    observations: tuple[str, ...]
    content: bytes | Rejected
    files: Mapping[str, bytes] = field(default_factory=dict)

    @classmethod
    def of(cls, source: SubmissionSource) -> SubmissionPayload:
        """Read a submission, so that it can be sent to a grading process."""
        try:
            content = source.read()
        except Rejected as rejected:
            return cls(source.student, source.path, source.observations, rejected)
        files, said = source.own_files()
        return cls(source.student, source.path, (*source.observations, *said), content, files)

    def source(self) -> SubmissionSource:
        """Return the submission as a source again."""

        def read() -> bytes:
            if isinstance(self.content, Rejected):
                raise self.content
            return self.content

        files = tuple((place, partial(bytes, data)) for place, data in self.files.items())
        return SubmissionSource(self.student, self.path, read, self.observations, files=files)


@dataclass(frozen=True)
class RunConfig:
    """The settings of a run that a grading process needs.

    Attributes:
        language: the language of notebooks that name none.
        follows: whether a notebook that names its language gets its texts in it.
        trace: whether to look for slips and wrong lines where nothing else explains an answer.
    """

    root: Path
    name: str
    secret: Secret
    isolation: Isolation
    post_processor: PostProcessor | None = None
    language: str = ENGLISH
    follows: bool = True
    trace: bool = True

    @classmethod
    def of(
        cls, assignment: Exercise, secret: Secret, isolation: Isolation, **more: bool
    ) -> RunConfig:
        """Return the settings of an assignment; `more` are `follows` and `trace`."""
        root, language = assignment.root.absolute(), assignment.language
        return cls(root, assignment.name, secret, isolation, None, language, **more)


@dataclass
class QueuedSubmission:
    """A submission that waits for its outcome.

    Attributes:
        tries: how often a process was killed while grading it.
    """

    payload: SubmissionPayload
    begun: bool = False
    tries: int = 0
    result: GradedSubmission | Exception | None = None


class GraderProcess:
    """A process that grades one submission after the other; `entry` is the present one."""

    def __init__(self, run_config: RunConfig) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            self.process = subprocess.Popen(  # noqa: S603  # our own interpreter and module
                [
                    *(sys.executable, "-P", "-m", "autograder.grading.pool"),
                    *(str(theirs.fileno()), str(os.getpid())),
                ],
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                env={**os.environ, **SETTINGS},
                start_new_session=True,  # the terminal's Ctrl-C must not reach it
            )
        self.pipe = Connection(ours.detach())
        self.entry: QueuedSubmission | None = None
        self._send(run_config)

    def give(self, entry: QueuedSubmission) -> None:
        """Send it a submission."""
        self.entry, entry.begun = entry, True
        self._send(entry.payload)

    def _send(self, message: RunConfig | SubmissionPayload) -> None:
        with contextlib.suppress(OSError):  # if it was killed, `take` will notice
            self.pipe.send(message)

    def take(self) -> bool:
        """Receive the outcome of its submission; return False if it has been killed."""
        entry, self.entry = self.entry, None
        assert entry is not None  # noqa: S101  # only busy processes are waited for
        try:
            entry.result = self.pipe.recv()
            entry.payload = replace(entry.payload, content=b"", files={})  # it may be held for long
        except (EOFError, OSError):
            entry.begun = False
            entry.tries += 1
            if entry.tries == TRIES:
                entry.result = SandboxError(KILLED)
            return False
        return True

    def end(self) -> None:
        """End it, with all processes that it has started."""
        self.pipe.close()
        if self.entry is not None:
            self.process.terminate()
        try:
            self.process.wait(GRADER_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@dataclass
class Pool:
    """At most `size` grading processes; use it in a `with` statement, with which they end."""

    run_config: RunConfig
    size: int
    processes: list[GraderProcess] = field(default_factory=list)

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *_exception: object) -> None:
        end_all(self.processes)

    def results(
        self, submissions: Iterable[SubmissionSource]
    ) -> Iterator[tuple[str, GradedSubmission | Exception]]:
        """Yield each student, and the result or the error, in the order of the submissions.

        Few submissions are read ahead, so that a class of thousands is never in memory at once.
        """
        rest = iter(submissions)
        window: deque[QueuedSubmission] = deque()
        while True:
            ungraded = sum(entry.result is None for entry in window)
            room = min(AHEAD * self.size - ungraded, MAX_HELD * self.size - len(window))
            read = map(SubmissionPayload.of, islice(rest, max(0, room)))
            window.extend(map(QueuedSubmission, read))
            if not window:
                return
            first = window[0]
            if first.result is None:
                self._go_on(window)
            else:
                window.popleft()
                yield first.payload.student, first.result

    def _go_on(self, window: Iterable[QueuedSubmission]) -> None:
        """Give every idle process a submission, and receive the next outcome."""
        to_do = [entry for entry in window if entry.result is None and not entry.begun]
        idle = [process for process in self.processes if process.entry is None]
        while len(idle) < len(to_do) and len(self.processes) < self.size:
            self.processes.append(GraderProcess(self.run_config))
            idle.append(self.processes[-1])
        for process, entry in zip(idle, to_do, strict=False):
            process.give(entry)
        busy = {process.pipe: process for process in self.processes if process.entry is not None}
        for pipe in wait(list(busy)):
            process = busy[pipe]  # type: ignore[index]  # it is one of those that were waited for
            if not process.take():
                self.processes.remove(process)
                process.end()


def end_all(processes: Sequence[GraderProcess]) -> None:
    """End grading processes, all at the same time."""
    for process in processes:
        process.pipe.close()
    for process in processes:
        process.end()


def main() -> None:
    """Grade submissions from the descriptor that is named, until the parent process closes it."""
    die_with(int(sys.argv[2]))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # ends what it has started first
    pipe = Connection(int(sys.argv[1]))
    with contextlib.suppress(EOFError, BrokenPipeError, ConnectionResetError):
        run_config: RunConfig = pipe.recv()
        with Worker(run_config.isolation) as worker:
            grader = SubmissionGrader(run_config, worker)
            while True:
                payload: SubmissionPayload = pipe.recv()
                pipe.send(graded(grader, payload))


class SubmissionGrader:
    """Grade the submissions of a run, one after the other."""

    def __init__(self, run_config: RunConfig, worker: Worker) -> None:
        assignment = find_exercise(run_config.root, run_config.name, run_config.language)
        self.grader: Grader | PlainGrader
        if isinstance(assignment, PlainAssignment):
            self.grader = PlainGrader(assignment, worker, run_config.secret)
        else:
            self.grader = Grader(
                *(assignment, worker, run_config.secret),
                follows=run_config.follows,
                trace=run_config.trace,
            )
        self.post_process: Callable[[GradedWork[Any]], Any] | None = None
        if run_config.post_processor is not None:
            plain = isinstance(assignment, PlainAssignment)
            self.post_process = run_config.post_processor(assignment.name, plain)
        # A graded submission leaves reference cycles, which only a full collection frees. Full
        # collections are rarer the more objects there are, so those loaded so far do not count.
        gc.freeze()

    def grade(self, payload: SubmissionPayload) -> GradedSubmission:
        """Grade a submission, and post-process it.

        A fault of ours that one submission triggers costs no other student anything and gives no
        score: all points of that submission need review.

        Raises:
            SandboxError: the sandbox is not available.
            OSError: there is no memory, no disk or no descriptor left.
            ClassWideError: the same error would occur for every submission.
        """
        try:
            return self._post_processed(self.grader.examine(payload.source()))
        except (SandboxError, OSError, ClassWideError):
            raise
        except Exception as error:
            # Nothing of the file: the post-processor may be what has failed at it.
            nothing = replace(payload.source(), read=rejecting(""))
            return self._post_processed(self.grader.left(nothing, error))

    def _post_processed(self, examined: GradedWork[Any]) -> GradedSubmission:
        made = None
        if self.post_process is not None:
            with use_language(examined.grader.language):
                made = self.post_process(examined)
        return GradedSubmission(examined.result, self.grader.layers, made)


def graded(grader: SubmissionGrader, payload: SubmissionPayload) -> GradedSubmission | Exception:
    """Return the outcome of a submission, or the error."""
    try:
        return grader.grade(payload)
    except Exception as error:  # the caller raises or reports it
        return error


if __name__ == "__main__":
    from autograder.grading import pool  # what is sent is known by this name on the other side

    pool.main()
