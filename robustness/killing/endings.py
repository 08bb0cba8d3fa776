"""Runs of `grade --gradebook` that are ended at random moments: nothing falls unseen.

A class is in the gradebook. A check is changed so that points fall, and the class is graded again,
with an end of some kind at a random moment. Afterwards the next run must finish the work. Between
the two, each lowered score must be named once at least; the gradebook must hold the new scores, the
record must say what the gradebook says, and the log must have one line for each change.

Each run is a fork of this process, which has loaded what the command needs: nbgrader alone takes
seconds to import.
"""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.context import ForkProcess
from pathlib import Path

from autograder.cli.main import main
from autograder.grading.store import FILE, FOLDER, LOG, StoredResult
from autograder.nbgrader import gradebook_run
from robustness.killing.course import NAME, make

LOADED = gradebook_run
"""What a run would import first of all."""

KINDS = ("right", "loops", "square", "wrong", "raises", "missing")
"""The answers of the class; none of them takes long or ends its process."""

CHANGE = ("student.total([]), 0.0", "student.total([]), 0.5")
"""Makes of a check that many pass one that all fail."""

GRADE = ("grade", NAME, "--gradebook", "--workers", "1", "--force")
"""The command; the changed check fails the author's own solution too."""

DISK = 64 * 2**20
"""Bytes of the disk that is filled."""

LOWERED = re.compile(r"^  (\S+)  .* → .*  lower", re.MULTILINE)


@dataclass
class Run:
    """A run of the command.

    Attributes:
        process: the process that runs the command.
        output: what reads its standard output.
        root: the course.
        printed: what was read before the output was closed, as `head` does.
    """

    process: ForkProcess
    output: int
    root: Path
    printed: bytes = b""


def _closed_pipe(run: Run) -> None:
    os.set_blocking(run.output, False)
    with suppress(BlockingIOError):
        run.printed = os.read(run.output, 2**20)
    os.close(run.output)
    run.output = -1


def _full_disk(run: Run) -> None:
    with suppress(OSError), (run.root / "filler").open("wb", buffering=0) as filler:
        while True:
            filler.write(bytes(2**16))


def _signal(number: int) -> Callable[[Run], None]:
    return lambda run: os.kill(run.process.pid or 0, number)


ENDS: dict[str, Callable[[Run], None]] = {
    "closed pipe": _closed_pipe,
    "SIGPIPE": _signal(signal.SIGPIPE),
    "SIGTERM": _signal(signal.SIGTERM),
    "SIGHUP": _signal(signal.SIGHUP),
    "SIGKILL": _signal(signal.SIGKILL),
    "full disk": _full_disk,
}


@dataclass
class Findings:
    """The outcomes of the runs.

    Attributes:
        ends: how often each end was tried.
        early: how often the run had not ended by itself before.
        apart: how often gradebook and record said different things before the next run.
        failures: what was wrong, a line for each.
    """

    ends: Counter[str] = field(default_factory=Counter)
    early: Counter[str] = field(default_factory=Counter)
    apart: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    def show(self) -> None:
        """Print a table."""
        print(f"{'end':<14}{'runs':>6}{'in time':>9}{'apart before the next run':>27}")
        for end in ENDS:
            print(f"{end:<14}{self.ends[end]:>6}{self.early[end]:>9}{self.apart[end]:>27}")
        print(f"{self.ends.total()} runs, {len(self.failures)} failures")
        for failure in self.failures:
            print(f"- {failure}")


class Class:
    """A class in a gradebook, on a disk of its own where that can be had.

    Args:
        folder: where it is put.
    """

    def __init__(self, folder: Path) -> None:
        self.pristine = make(folder / "pristine", 2 * 10)
        for path in (self.pristine / "submitted").iterdir():
            if path.name.partition("_")[2] not in KINDS:
                shutil.rmtree(path)
        self.disk = folder / "disk"
        self.root = self.disk / "course"
        self.scratch = folder / "scratch"
        self.scratch.mkdir()
        self._do(self.pristine, "release", NAME)
        self._grade(self.pristine)
        self.before = scores(self.pristine)
        self.put_back()
        start = time.monotonic()
        self.lowered = set(LOWERED.findall(self._grade(self.root)))
        self.seconds = time.monotonic() - start
        self.after = scores(self.root)
        self.logged = Counter(logged(self.root))
        fallen = {each for each, score in self.after.items() if score < self.before[each]}
        if self.lowered != fallen or not fallen:
            raise ValueError(f"an undisturbed run named {self.lowered}, and {fallen} have less")
        if set(self.logged.values()) != {1} or not fallen <= set(self.logged):
            raise ValueError(f"an undisturbed run logged {self.logged}, and {fallen} have less")

    def put_back(self) -> None:
        """Make the course what it was before the points fall."""
        shutil.rmtree(self.root, ignore_errors=True)
        shutil.copytree(self.pristine, self.root)
        checks = self.root / f"assignments/{NAME}/checks.py"
        checks.write_text(checks.read_text().replace(*CHANGE))

    def start(self) -> Run:
        """Start to grade; what goes to standard error is in the file `said` then."""
        return self._start(self.root, *GRADE)

    def grade(self) -> str:
        """Grade undisturbed; what is printed."""
        return self._grade(self.root)

    def _grade(self, root: Path) -> str:
        return self._do(root, *GRADE)

    def _do(self, root: Path, *words: str) -> str:
        run = self._start(root, *words)
        printed = read(run)
        run.process.join()
        if run.process.exitcode != 0:
            said = (self.scratch / "said").read_text()
            raise RuntimeError(f"{words} ended with {run.process.exitcode}: {said}")
        return printed

    def _start(self, root: Path, *words: str) -> Run:
        output, write = os.pipe()
        process = get_context("fork").Process(target=self._run, args=(root, words, output, write))
        process.start()
        os.close(write)
        return Run(process, output, root)

    def _run(self, root: Path, words: Sequence[str], reader: int, output: int) -> None:
        """Be the command, in a process of its own."""
        os.close(reader)  # else it would keep its own output open
        os.chdir(root)
        os.environ["TMPDIR"] = tempfile.tempdir = str(self.scratch)
        with (self.scratch / "said").open("wb") as said:
            os.dup2(said.fileno(), 2)
        os.dup2(output, 1)
        os.close(output)
        sys.stdout, sys.stderr = os.fdopen(1, "w"), os.fdopen(2, "w")
        main(words)


def scores(root: Path) -> dict[str, float]:
    """Return the automatic scores in the gradebook of a course, by the student."""
    query = (
        "SELECT s.student_id, total(g.auto_score) FROM submitted_assignment s "
        "JOIN submitted_notebook n ON n.assignment_id = s.id "
        "JOIN grade g ON g.notebook_id = n.id GROUP BY s.student_id"
    )
    with closing(sqlite3.connect(root / "gradebook.db")) as base:
        return dict(base.execute(query).fetchall())


def recorded(root: Path) -> dict[str, float]:
    """Return the scores that the ledger has recorded, by the student."""
    found = {}
    with closing(sqlite3.connect(root / FOLDER / NAME / FILE)) as base:
        for student, data in base.execute("SELECT student, entry FROM marks ORDER BY rowid"):
            entry = StoredResult.unpacked(data)
            found[student] = -1.0 if entry is None else entry.result.score
    return found


def logged(root: Path) -> list[str]:
    """Return the students of the changes in the log, in order."""
    path = root / FOLDER / NAME / LOG
    lines = path.read_text().splitlines() if path.exists() else []
    return [json.loads(line)["student"] for line in lines]


def end(graded: Class, number: int, chance: random.Random) -> Findings:
    """Grade and end the run, so often; every kind of end comes as often as the others."""
    findings = Findings()
    for place in range(number):
        kind = list(ENDS)[place % len(ENDS)]
        graded.put_back()
        moment = chance.uniform(0, 1.1 * graded.seconds)
        failure = _ended(graded, kind, moment, findings)
        findings.failures += [f"{kind} after {moment:.2f} s: {each}" for each in failure]
    return findings


def _ended(graded: Class, kind: str, moment: float, findings: Findings) -> list[str]:
    run = graded.start()
    run.process.join(moment)
    findings.ends[kind] += 1
    if run.process.is_alive():
        findings.early[kind] += 1
        ENDS[kind](run)
    printed = read(run)
    run.process.join()
    trouble = (graded.scratch / "said").read_text()
    (graded.root / "filler").unlink(missing_ok=True)
    wrong = [f"a traceback: {trouble}"] if "Traceback" in trouble else []
    findings.apart[kind] += scores(graded.root) != recorded(graded.root)
    try:
        printed += graded.grade()
    except RuntimeError as error:
        return [*wrong, f"the next run: {error}"]
    named = set(LOWERED.findall(printed))
    for what, found, wanted in (
        ("named", named, graded.lowered),
        ("gradebook", scores(graded.root), graded.after),
        ("record", recorded(graded.root), graded.after),
        ("log", Counter(logged(graded.root)), graded.logged),
    ):
        if found != wanted:
            wrong.append(f"{what}: {found}, wanted {wanted}")
    if "changed, " in graded.grade():
        wrong.append("a third run says that points have changed again")
    return wrong


def read(run: Run) -> str:
    """Return what a run printed, as far as anybody could read it."""
    if run.output < 0:
        return run.printed.decode(errors="replace")
    with open(run.output, encoding="utf-8", errors="replace") as output:
        return output.read()


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """Mount a small disk at a folder, which only root can.

    Raises:
        PermissionError: it cannot be had.
    """
    folder.mkdir(exist_ok=True)
    command = f"mount -t tmpfs -o size={DISK} tmpfs"
    mounted = subprocess.run(  # noqa: S603  # our own words
        [*command.split(), str(folder)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode != 0:
        raise PermissionError(f"A disk to fill needs root: {mounted.stderr.decode().strip()}")
    try:
        yield
    finally:
        command = "umount -l"
        subprocess.run([*command.split(), str(folder)], check=False)  # noqa: S603  # our own command
