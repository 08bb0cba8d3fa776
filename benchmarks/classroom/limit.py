"""The lower limit of grading time: only the forks and the students' own functions.

`record` grades a class once, one submission after the other, and records the work: the number of
forks from a warm process, the cells that ran, and the calls with their arguments.

`python -m benchmarks.classroom.limit FILE` then repeats only that work in one warm process: as many
forks of a child that ends at once, the same cells, and the same calls, without sandbox, messages or
comparison of answers.
"""

from __future__ import annotations

import contextlib
import io
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from unittest import mock

import msgspec

from autograder.course import secret
from autograder.course.assignment import Assignment
from autograder.grading.grader import Grader
from autograder.intake.find import find
from autograder.sandbox.host.fork import Fork
from autograder.sandbox.host.student_process import StudentProcess
from autograder.sandbox.host.worker import Worker
from autograder.sandbox.inside.shell import make_shell
from autograder.sandbox.inside.worker import prepare
from autograder.sandbox.protocol import wire
from benchmarks.classroom.courses import ROOT


class Notebook(msgspec.Struct):
    """The recorded work for one submission.

    Attributes:
        cells: the sources of the cells that ran, in order.
        calls: the calls of its functions, in order.
    """

    cells: list[str]
    calls: list[wire.Call]


class Forked(msgspec.Struct):
    """The forks for a class.

    Attributes:
        prelude: the course's own cells that every submission starts with.
        forks: the number of forks from a warm process.
    """

    prelude: list[str]
    forks: int


class Recorded(Forked):
    """The recorded work for a class.

    Attributes:
        notebooks: the submissions whose cells were run.
    """

    notebooks: list[Notebook]


class Spent(msgspec.Struct):
    """Seconds of wall time and of CPU time, including child processes."""

    wall: float = 0.0
    cpu: float = 0.0

    def __add__(self, other: Spent) -> Spent:
        return Spent(self.wall + other.wall, self.cpu + other.cpu)


class Limit(msgspec.Struct):
    """The lower limit for a class on one processor.

    Attributes:
        forks: the number of forks.
        calls: the number of calls.
        forking: the time for the forks, including waiting for each child.
        running: the time for the cells.
        calling: the time for the calls.
    """

    forks: int
    calls: int
    forking: Spent
    running: Spent
    calling: Spent

    @property
    def together(self) -> Spent:
        """The sum of all three times."""
        return self.forking + self.running + self.calling


def limit(course: Path, name: str) -> Limit:
    """Measure the lower limit for the submissions in a course."""
    file = course / "recorded"
    file.write_bytes(msgspec.msgpack.encode(record(Assignment(course, name))))
    done = subprocess.run(  # noqa: S603  # our own interpreter and module
        [sys.executable, "-m", "benchmarks.classroom.limit", str(file.resolve())],
        cwd=ROOT,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        check=True,
    )
    return msgspec.json.decode(done.stdout, type=Limit)


def record(assignment: Assignment) -> Recorded:
    """Record the work of grading the submissions of an assignment."""
    recorded = Recorded([], 0, [])
    opened, forked, ran, asked = (
        Worker.open,
        StudentProcess.fork_ahead,
        StudentProcess.run,
        Fork.ask,
    )

    def open_(worker: Worker) -> StudentProcess:
        recorded.forks += 1
        recorded.notebooks.append(Notebook([], []))
        return opened(worker)

    def fork_ahead(student: StudentProcess, *rest: Any) -> Fork:
        recorded.forks += 1
        return forked(student, *rest)

    def run(student: StudentProcess, source: str, *rest: Any, **more: Any) -> wire.Ran:
        recorded.notebooks[-1].cells.append(source)
        return ran(student, source, *rest, **more)

    def ask(process: Fork, asking: Sequence[wire.Asking]) -> None:
        for each in asking:
            if isinstance(each, wire.Call):
                recorded.notebooks[-1].calls.append(each)
            elif isinstance(each, wire.SealedCalls):
                recorded.notebooks[-1].calls += each.open()
        asked(process, asking)

    with (
        mock.patch.object(Worker, "open", open_),
        mock.patch.object(StudentProcess, "fork_ahead", fork_ahead),
        mock.patch.object(StudentProcess, "run", run),
        mock.patch.object(Fork, "ask", ask),
        Worker() as worker,
    ):
        grader = Grader(assignment, worker, secret.public(0))
        recorded.prelude = list(grader.lesson.prelude)
        for each in find([assignment.root / "submitted"], assignment.name):
            grader.grade(each)
    return recorded


def main() -> None:
    """Repeat the recorded work, and print how long it takes."""
    file = Path(sys.argv[1])
    forked = msgspec.msgpack.decode(file.read_bytes(), type=Forked)
    # Made here, as it looks for the names of its types in `__main__`, which a shell replaces.
    decoder = msgspec.msgpack.Decoder(Recorded)
    shell = make_shell()
    with quiet():
        prepare(shell, forked.prelude, ".")
    found = Limit(forked.forks, 0, Spent(), Spent(), Spent())
    with spending(found.forking):  # before the class is in memory, which would make forks slower
        fork(found.forks)
    recorded = decoder.decode(file.read_bytes())
    for notebook in recorded.notebooks:
        names = dict(shell.user_ns)
        calls = list(ready(notebook.calls))
        found.calls += len(calls)
        with quiet():
            with spending(found.running):
                for source in notebook.cells:
                    with contextlib.suppress(Exception):  # a cell that raises counts too
                        exec(compile(source, "<cell>", "exec"), names)  # noqa: S102  # our class
            with spending(found.calling):
                for function, arguments, keywords in calls:
                    with contextlib.suppress(Exception):
                        names[function](*arguments, **keywords)
    print(msgspec.json.encode(found).decode())


@contextlib.contextmanager
def spending(spent: Spent) -> Iterator[None]:
    """Add the time that the block takes."""
    wall, cpu = time.perf_counter(), cpu_seconds()
    yield
    spent.wall += time.perf_counter() - wall
    spent.cpu += cpu_seconds() - cpu


def cpu_seconds() -> float:
    """Return the CPU time of this process and the children it has waited for."""
    both = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(each.ru_utime + each.ru_stime for each in both)


def fork(times: int) -> None:
    """Fork this many children that end at once, one after the other."""
    for _ in range(times):
        pid = os.fork()
        if pid == 0:
            os._exit(0)
        os.waitpid(pid, 0)


def ready(calls: Sequence[wire.Call]) -> Iterator[tuple[str, list[Any], dict[str, Any]]]:
    """Return the calls with unpacked arguments."""

    def nothing(_handle: wire.Handle | wire.Known) -> None:
        """Stand in for a value that stayed in the student's process."""

    for call in calls:
        yield (
            call.function,
            [wire.unpack(each, nothing) for each in call.arguments],
            {name: wire.unpack(each, nothing) for name, each in call.keywords},
        )


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Hide what students' code prints."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        yield


if __name__ == "__main__":
    main()
