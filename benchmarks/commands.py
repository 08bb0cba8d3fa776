"""The commands that are typed most often, beside nbgrader's, in one run.

    python -m benchmarks.commands

Each command is run as a process from start to exit, in turn with nbgrader's counterpart, and the
median of the wall times is printed. The class is that of `benchmarks.classes`, with the same files
on both sides. nbgrader has no counterpart of `explain`.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from autograder.course.assignment import Assignment
from benchmarks.classes import machine
from benchmarks.classroom.courses import NAME, Courses, program, see_to_it
from benchmarks.classroom.measure import run

Call = tuple[str, ...]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repeat", type=int, default=3, metavar="N", help="runs of each command")
    parser.add_argument("--class", type=int, default=30, metavar="N", dest="size", help="its size")
    asked = parser.parse_args()
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    print(f"{machine()}\n\n{'median of seconds':<36}{'autograder':>12}{'nbgrader':>12}")
    with tempfile.TemporaryDirectory() as folder:
        courses = Courses(Path(folder), 1)
        ours, kinds = courses.ours(asked.size)
        theirs = courses.nbgraders(asked.size, asked.size)
        student = next(name for name, kind in kinds.items() if kind == "right")
        notebook = f"submitted/{student}/{NAME}/{NAME}.ipynb"
        check = Assignment(ours, NAME).checks[0].id
        one: Call = ("autograder", "grade", NAME, notebook)
        autograde: Call = ("nbgrader", "autograde", NAME, "--force")
        of_one: Call = (*autograde, "--student", student)
        rows: list[tuple[str, Call, Call | None]] = [
            ("--help", ("autograder", "--help"), ("nbgrader", "--help")),
            ("one notebook, --again", (*one, "--again"), of_one),
            ("the same notebook, unchanged", one, of_one),
            ("explain", ("autograder", "explain", NAME, notebook, check), None),
            (
                f"a class of {asked.size}, --again",
                ("autograder", "grade", NAME, "submitted", "--json", "result.json", "--again"),
                autograde,
            ),
        ]
        seconds(one, ours, 1)  # the first run tests the checks on the solution, once for a course
        for label, command, other in rows:
            them = "–" if other is None else f"{seconds(other, theirs, asked.repeat):.2f}"
            us = seconds(command, ours, asked.repeat)
            print(f"{label:<36}{us:>12.2f}{them:>12}", flush=True)
        see_to_it(theirs)


def seconds(command: Sequence[str], course: Path, repeat: int) -> float:
    """Return the median of the wall times of a command."""
    times = []
    for _ in range(repeat):
        measured = run([program(command[0]), *command[1:]], course, log=course / "log")
        if measured.status != 0 and command[0] == "autograder":  # nbgrader's is 1 for a broken file
            raise SystemExit(f"{' '.join(command)}:\n{(course / 'log').read_text()}")
        times.append(measured.wall)
    return statistics.median(times)


if __name__ == "__main__":
    main()
