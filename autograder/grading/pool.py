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
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any, Protocol

from autograder.course.asserts_assignment import PlainAssignment, find_exercise
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

KILLED = N_(
    "A grading process was killed repeatedly from outside. Check whether this "
    "machine runs out of memory; --workers 1 needs the least."
)

TRIES = 4
"""How often a submission is started if the grading process is killed every time."""

GRADER_STOP_SECONDS = 3 * limits.WORKER_STOP_SECONDS
"""Time for a grading process to end its worker and then itself."""

STEADY = {"MALLOC_MMAP_THRESHOLD_": str(64 * 1024)}
"""Has glibc give large answers back when they are done with. By itself it keeps them in a heap that
falls to pieces and grows by a sixth from the hundredth learner to the sixth hundredth."""


class PostProcessor(Protocol):
    """Makes something more of each graded submission, beside the grader that graded it.

    It is pickled to reach the processes that grade, and so is its result on the way back.
    """

    def open(self, assignment: str, *, plain: bool) -> Callable[[GradedWork[Any]], Any]:
        """Return the function to call for each submission.

        Args:
            assignment: its name.
            plain: whether it has plain asserts.

        Raises:
            ClassWideError: it can be called for no submission.
        """


@dataclass(frozen=True)
class GradedSubmission:
    """A submission that a grading process has graded.

    Attributes:
        result: its result.
        layers: the layers of isolation of students' code.
        post_processed: the result of the run's `PostProcessor`; None without one.
    """

    result: SubmissionResult
    layers: tuple[str, ...]
    post_processed: Any = None


@dataclass(frozen=True)
class SubmissionPayload:
    """A submission that has been read, for a grading process.

    Attributes:
        student: the student's name.
        path: the path that people see in messages.
        observations: notes about its place.
        content: its bytes, or why there are none.
        files: the student's own files beside it, by their place there.
    """

    student: str
    path: str
    observations: tuple[str, ...]
    content: bytes | Rejected
    files: Mapping[str, bytes] = field(default_factory=dict)

    @classmethod
    def of(cls, source: SubmissionSource) -> SubmissionPayload:
        """Read a submission, so that it can be sent to a grading process."""
        try:
            content: bytes | Rejected = source.read()
        except Rejected as rejected:
            content = rejected
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
    """Everything that a grading process must know of the run.

    Attributes:
        root: the course's folder.
        name: the assignment's.
        secret: seeds the inputs.
        isolation: the least isolation of students' code.
        post_processor: makes something more of each submission.
        language: of the texts for notebooks that do not name theirs.
        follows: whether other notebooks get their texts in their own language.
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


@dataclass
class QueuedSubmission:
    """A submission on its way.

    Attributes:
        payload: the submission.
        begun: whether a process is grading it.
        tries: how often a process was killed while grading it.
        result: its outcome, or the error.
    """

    payload: SubmissionPayload
    begun: bool = False
    tries: int = 0
    result: GradedSubmission | Exception | None = None


class GraderProcess:
    """A process that grades one submission after the other.

    Attributes:
        pipe: leads to it.
        entry: the submission that it is grading; None while it waits.
    """

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
                env={**os.environ, **STEADY},
                start_new_session=True,  # an interrupt from the terminal is not for it
            )
        self.pipe = Connection(ours.detach())
        self.entry: QueuedSubmission | None = None
        self._send(run_config)

    def give(self, entry: QueuedSubmission) -> None:
        """Send it a submission."""
        self.entry, entry.begun = entry, True
        self._send(entry.payload)

    def _send(self, message: RunConfig | SubmissionPayload) -> None:
        with contextlib.suppress(OSError):  # it has been killed, as waiting for it will tell
            self.pipe.send(message)

    def take(self) -> bool:
        """Receive the outcome of its submission; return False if it has been killed."""
        entry, self.entry = self.entry, None
        assert entry is not None  # noqa: S101  # only busy processes are waited for
        try:
            entry.result = self.pipe.recv()
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


class Pool:
    """Grading processes; use it in a `with` statement: all of them end with the statement.

    Args:
        run_config: the round of grading.
        size: the number of processes.
    """

    def __init__(self, run_config: RunConfig, size: int) -> None:
        self.run_config = run_config
        self.size = size
        self.processes: list[GraderProcess] = []

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *_exception: object) -> None:
        for process in self.processes:
            process.pipe.close()  # of all, so that they end at the same time
        for process in self.processes:
            process.end()

    def results(
        self, submissions: Iterable[SubmissionSource]
    ) -> Iterator[tuple[str, GradedSubmission | Exception]]:
        """Yield each student, and the result or the error, in the order of the submissions.

        Few submissions are read ahead, so that a class of thousands is never in memory at once.
        """
        rest = iter(submissions)
        window: deque[QueuedSubmission] = deque()
        while True:
            window.extend(
                map(
                    QueuedSubmission,
                    map(SubmissionPayload.of, islice(rest, AHEAD * self.size - len(window))),
                )
            )
            if not window:
                return
            while window[0].result is None:
                self._go_on(window)
            first = window.popleft()
            assert first.result is not None  # noqa: S101  # that is what was waited for
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
    """Grades the submissions of a round, one after the other.

    Args:
        run_config: the round.
        worker: runs students' code.
    """

    def __init__(self, run_config: RunConfig, worker: Worker) -> None:
        assignment = find_exercise(run_config.root, run_config.name, run_config.language)
        self.grader: Grader | PlainGrader
        plain = isinstance(assignment, PlainAssignment)
        if isinstance(assignment, PlainAssignment):
            self.grader = PlainGrader(assignment, worker, run_config.secret)
        else:
            self.grader = Grader(
                *(assignment, worker, run_config.secret),
                follows=run_config.follows,
                trace=run_config.trace,
            )
        self.post_process = (
            run_config.post_processor.open(run_config.name, plain=plain)
            if run_config.post_processor is not None
            else None
        )
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
            return self._made(self.grader.examine(payload.source()))
        except (SandboxError, OSError, ClassWideError):
            raise
        except Exception as error:
            # Nothing of the file: the post-processor may be what has failed at it.
            nothing = replace(payload.source(), read=rejecting(""))
            return self._made(self.grader.left(nothing, error))

    def _made(self, examined: GradedWork[Any]) -> GradedSubmission:
        made = None
        if self.post_process is not None:
            with use_language(examined.grader.language):
                made = self.post_process(examined)
        return GradedSubmission(examined.result, self.grader.layers, made)


def graded(grader: SubmissionGrader, payload: SubmissionPayload) -> GradedSubmission | Exception:
    """Return the outcome of a submission, or the error."""
    try:
        return grader.grade(payload)
    except Exception as error:  # whatever it is, it is for who asked to say
        return error


if __name__ == "__main__":
    from autograder.grading import pool  # what is sent is known by this name on the other side

    pool.main()
