"""Kill processes at random moments, and compare the scores with those of an undisturbed run.

    python -m robustness.kills --kills 100 --class 20 --seed 1

grades a class with two judges and kills a random process of the run again and again, over as many
runs as it takes. If the main process was killed, a second run must continue from there and give the
scores. The table says for each role how often it was killed, in how many of these runs a score,
verdict or message differed, and how many processes were left. The seed decides the moments and the
roles, but the timing of the machine is not repeatable. Exits with 1 on any difference.

    python -m robustness.kills --gradebook 50

does something else: it ends runs of `grade --gradebook` at random moments by a closed pipe, signals
and a full disk (which needs root), and compares gradebook, record and output (see
`robustness.killing.endings`).
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.grading.store import FOLDER
from autograder.sandbox.inside.jail import adopt_orphans
from robustness.killing import endings
from robustness.killing.course import NAME, make

MAIN = "main judge"

ROLES = (
    *(MAIN, "pool judge", "supervisor", "worker"),
    *("student process", "fork", "reference process"),
)

STRANGERS: set[int] = set()
"""Descendants of this process that existed before and belong to no run."""

PAUSE = (0.2, 1.6)
"""Seconds between two kills, uniform within these bounds."""

SHARES = {MAIN: 1, "pool judge": 2, **dict.fromkeys(ROLES[2:], 3)}
"""The relative frequency of each role. Judges restart slowly, so they are killed less often."""

LOOKS = 300
"""How often a process of a role is searched for before the attempt is given up."""

PATIENCE = 20.0
"""Seconds after a run within which all its processes must have ended."""


@dataclass
class Outcomes:
    """The outcomes of all runs.

    Attributes:
        kills: how often each role was killed.
        differing: by role, the number of runs with a kill and a difference.
        left: by role, the number of processes that were left after runs with a kill.
        failures: the differences, a line for each.
        runs: the number of runs without the undisturbed one.
        files: the scratch files that were left at the end.
    """

    kills: Counter[str] = field(default_factory=Counter)
    differing: Counter[str] = field(default_factory=Counter)
    left: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    runs: int = 0
    files: list[str] = field(default_factory=list)

    def show(self) -> None:
        """Print a table."""
        print(f"{'killed':<20}{'kills':>7}{'runs that differ':>18}{'processes left':>16}")
        for role in ROLES:
            counts = self.kills[role], self.differing[role], self.left[role]
            print(f"{role:<20}{counts[0]:>7}{counts[1]:>18}{counts[2]:>16}")
        print(f"{self.kills.total()} kills in {self.runs} runs; files left: {len(self.files)}")
        for failure in [*self.failures, *self.files]:
            print(f"- {failure}")


class Round:
    """One class that is graded repeatedly.

    Args:
        folder: the folder for the course and the scratch files.
        size: the number of students.
    """

    def __init__(self, folder: Path, size: int) -> None:
        self.root = make(folder / "course", size)
        self.scratch = folder / "scratch"
        self.scratch.mkdir()
        self.result = self.root / "result.json"

    def start(self, *, anew: bool = True) -> subprocess.Popen[str]:
        """Start to grade; with `anew`, forget the stored results of earlier runs."""
        self.result.unlink(missing_ok=True)
        if anew:
            shutil.rmtree(self.root / FOLDER, ignore_errors=True)
        return subprocess.Popen(  # noqa: S603  # our own command
            [
                *(sys.executable, "-m", "autograder", "grade", NAME, "submitted"),
                *("--seed", "1", "--workers", "2", "--json", str(self.result)),
            ],
            cwd=self.root,
            env={**os.environ, "TMPDIR": str(self.scratch)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    def marks(self) -> dict[str, Any]:
        """Return the result of each student without the seconds."""
        found = json.loads(self.result.read_bytes())["submissions"]
        return {each["student"]: {**each, "seconds": 0} for each in found}


def main(arguments: list[str] | None = None) -> int:
    """Run the command, and return the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=100, metavar="N", help="how many in all")
    parser.add_argument("--class", type=int, default=20, metavar="N", dest="size", help="its size")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="of the chance in it")
    parser.add_argument(
        "--gradebook", type=int, metavar="N", help="end so many runs into a gradebook instead"
    )
    asked = parser.parse_args(arguments)
    if asked.gradebook is not None:
        return _end_gradebook_runs(asked.gradebook, random.Random(asked.seed))  # noqa: S311  # no secret
    adopt_orphans()  # processes that lose their parent stay our descendants
    with tempfile.TemporaryDirectory() as folder:
        outcomes = kill(Round(Path(folder), asked.size), asked.kills, random.Random(asked.seed))  # noqa: S311  # no secret
    outcomes.show()
    return int(bool(outcomes.failures or outcomes.files))


def _end_gradebook_runs(number: int, chance: random.Random) -> int:
    """End runs into a gradebook, print the outcome and return the exit status."""
    with tempfile.TemporaryDirectory() as folder, endings.small_disk(Path(folder, "disk")):
        findings = endings.end(endings.Class(Path(folder)), number, chance)
    findings.show()
    return int(bool(findings.failures))


def kill(graded: Round, kills: int, chance: random.Random) -> Outcomes:
    """Grade the class until this many processes have been killed."""
    STRANGERS.update(pid for pid, _ in _processes())
    outcomes = Outcomes()
    wanted = _undisturbed(graded, outcomes)
    while outcomes.kills.total() < kills and len(outcomes.failures) < 10:
        outcomes.runs += 1
        killed, said = _disturbed(graded, kills - outcomes.kills.total(), chance)
        left = _left()
        if MAIN in killed:
            if graded.result.exists():
                wrong = _differences(wanted, graded.marks())
            else:
                wrong = _differences(wanted, _undisturbed(graded, outcomes, anew=False))
            left += _left()
        elif said:
            wrong = [said]
        else:
            wrong = _differences(wanted, graded.marks())
        outcomes.kills.update(killed)
        for role in set(killed):
            outcomes.differing[role] += bool(wrong)
            outcomes.left[role] += len(left)
        who = ", ".join(killed)
        outcomes.failures += [f"run {outcomes.runs} ({who}): {each}" for each in [*wrong, *left]]
    if MAIN not in outcomes.kills or outcomes.failures == []:
        _undisturbed(graded, outcomes)  # removes the files that killed processes left
    outcomes.files = sorted(str(path) for path in graded.scratch.rglob("*"))
    outcomes.files += [str(path) for path in graded.root.glob(".autograder-*")]
    return outcomes


def _undisturbed(graded: Round, outcomes: Outcomes, *, anew: bool = True) -> dict[str, Any]:
    process = graded.start(anew=anew)
    _, said = process.communicate()
    if process.returncode != 0 or said:
        outcomes.failures.append(f"an undisturbed run ended with {process.returncode}: {said}")
        return {}
    return graded.marks()


def _disturbed(graded: Round, most: int, chance: random.Random) -> tuple[list[str], str]:
    """Return the roles that were killed in one run, in order, and its unexpected output."""
    process = graded.start()
    killed: list[str] = []
    while process.poll() is None:
        try:
            process.wait(chance.uniform(*PAUSE))
        except subprocess.TimeoutExpired:
            if len(killed) < most:
                killed += _kill_one(process.pid, chance)
    _, said = process.communicate()
    status = process.returncode
    return killed, f"it ended with {status}: {said}" if (status != 0 or said) else ""


def _kill_one(main_judge: int, chance: random.Random) -> list[str]:
    """Kill a process of a random role, and return the role; empty if none was found."""
    (role,) = chance.choices(list(SHARES), list(SHARES.values()))
    for _ in range(LOOKS):
        there = [pid for pid, its in _processes() if its == role]
        if there and _killed(chance.choice(there), role):
            return [role]
        if _has_ended(main_judge):  # a zombie, which nobody has waited for
            break
        time.sleep(0.01)
    return []


def _has_ended(pid: int) -> bool:
    """Return whether a child has ended; its state is readable whatever its user."""
    state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    return state in "ZX"


def _killed(pid: int, role: str) -> bool:
    """Kill a process if its id still belongs to the same role."""
    try:
        descriptor = os.pidfd_open(pid)
    except OSError:
        return False
    try:
        if (pid, role) in _processes():
            signal.pidfd_send_signal(descriptor, signal.SIGKILL)
            return True
    except ProcessLookupError:
        pass
    finally:
        os.close(descriptor)
    return False


def _processes() -> list[tuple[int, str]]:
    """Return the living descendants of this process and their roles."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has ended meanwhile
            state, parent = stat.read_text().rpartition(")")[2].split()[:2]
            if state != "Z":
                children.setdefault(int(parent), []).append(int(stat.parent.name))
    return list(_roles(os.getpid(), "", children))


def _roles(parent: int, role: str, children: Mapping[int, list[int]]) -> Iterator[tuple[int, str]]:
    below = {"supervisor": "worker", "worker": "student process", "student process": "fork"}
    for pid in children.get(parent, []):
        if pid in STRANGERS:
            continue
        mine = below.get(role) or _by_command(pid)
        yield pid, mine
        yield from _roles(pid, mine, children)


def _by_command(pid: int) -> str:
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return "unknown"
    for word, role in (
        (b"autograder.grading.pool", "pool judge"),
        (b"autograder.sandbox.inside", "supervisor"),
        (b"autograder.checking.judge.reference_server", "reference process"),
    ):
        if word in command:
            return role
    return MAIN


def _left() -> list[str]:
    """Return the processes that are left after they have had time to end."""
    until = time.monotonic() + PATIENCE
    while True:
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        there = _processes()
        if not there or time.monotonic() > until:
            return [f"a {role} is left" for _, role in there]
        time.sleep(0.05)


def _differences(wanted: Mapping[str, Any], found: Mapping[str, Any]) -> list[str]:
    return [
        f"{student}: {_told(wanted.get(student))} became {_told(found.get(student))}"
        for student in sorted({*wanted, *found})
        if wanted.get(student) != found.get(student)
    ]


def _told(result: Any) -> str:
    if result is None:
        return "nothing"
    return " ".join([str(result["score"]), *(each["verdict"] for each in result["checks"])])


if __name__ == "__main__":
    sys.exit(main())
