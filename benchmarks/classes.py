"""A whole class, graded by nbgrader's autograde and by `autograder`, side by side in one run.

    python -m benchmarks.classes

submits the same files on both sides, in notebooks without experiments. It runs the commands that a
user types, each as a process from start to exit, in a fresh course whose assignment has been
released:

- `nbgrader autograde` and `nbgrader generate_feedback`, with plain asserts that test what the
  checks test (`benchmarks/asserts.py`);
- `autograder grade --json` and `autograder grade --gradebook`.

`benchmarks/classroom/students.py` describes the class. Then it prints how time and memory grow with
the class, and a lower limit: the cost of as many forks, and of calling the same functions with the
same arguments in one process. With --dask it measures one and two Dask workers instead, each bound
to a processor of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import sys
import tempfile
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from autograder.grading import fingerprint
from benchmarks.classroom import cluster
from benchmarks.classroom.courses import NAME, Courses, program, see_to_it
from benchmarks.classroom.limit import limit
from benchmarks.classroom.measure import Measured, run
from benchmarks.classroom.students import MIX

JUDGES = ("autograder.grading.pool",)

HEADS = ("", "students", "wall ms", "CPU ms", "MB in all")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--class", type=int, default=300, metavar="N", dest="size", help="its size")
    parser.add_argument("--nbgrader", type=int, metavar="N", help="it grades only the first N")
    parser.add_argument(
        "--growth",
        type=int,
        nargs="*",
        default=[10, 100, 1000, 10_000],
        metavar="N",
        help="sizes of classes for `grade --json`",
    )
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="of the class")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything here too")
    parser.add_argument("--dask", action="store_true", help="measure Dask workers instead")
    asked = parser.parse_args()
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    found: dict[str, Any] = {"machine": machine(), "seed": asked.seed, "class": asked.size}
    print(f"{found['machine']}\n")
    with tempfile.TemporaryDirectory() as folder:
        courses = Courses(Path(folder), asked.seed)
        if asked.dask:
            found["dask"] = cluster.measure(courses, asked.size)
        else:
            found["sides"] = sides(courses, asked.size, asked.nbgrader or asked.size)
            found["limit"] = limit_line(courses, asked.size, found["sides"])
            found["growth"] = growth(courses, asked.growth)
    if asked.json:
        asked.json.write_text(json.dumps(found, indent=1) + "\n")


def machine() -> str:
    """Describe the machine."""
    cores = len(os.sched_getaffinity(0))
    return (
        f"{fingerprint.processor()}; {cores} processors\n"
        f"Python {platform.python_version()}, numpy {np.__version__}, {fingerprint.blas()}"
    )


def sides(courses: Courses, size: int, theirs: int) -> dict[str, dict[str, Any]]:
    """Measure both sides, command by command."""
    mix = ", ".join(f"{share} {kind}" for kind, share in MIX.items())
    print(f"A class of {size}; of a hundred: {mix}. For each student:")
    if theirs < size:
        print(f"(nbgrader grades only the first {theirs} of them)")
    print(row(*HEADS))
    found: dict[str, dict[str, Any]] = {}

    def note(label: str, students: int, measured: Measured) -> None:
        found[label] = {"students": students, **asdict(measured)}
        print(row(label, students, *each(students, measured), f"{measured.memory:.0f}"))

    course = courses.nbgraders(size, theirs)
    for word in ("autograde", "generate_feedback"):
        command = [program("nbgrader"), word, NAME]
        note(f"nbgrader {word}", theirs, run(command, course, log=course / "log"))
    see_to_it(course)
    course, kinds = courses.ours(size)
    command = [program("autograder"), "grade", NAME, "submitted", "--json", "result.json"]
    note("autograder grade --json", size, run(command, course, log=course / "log"))
    look_at(course / "result.json", kinds)
    course, _ = courses.ours(size)
    command = [program("autograder"), "grade", NAME, "--gradebook"]
    note("autograder grade --gradebook", size, run(command, course, log=course / "log"))
    see_to_it(course)
    for ours, theirs_ in (
        ("autograder grade --json", ["nbgrader autograde"]),
        ("autograder grade --gradebook", ["nbgrader autograde", "nbgrader generate_feedback"]),
    ):
        them = sum(found[name]["wall"] / found[name]["students"] for name in theirs_)
        us = found[ours]["wall"] / found[ours]["students"]
        names = " and ".join(name.removeprefix("nbgrader ") for name in theirs_)
        print(f"{ours}: {them / us:.1f} times as fast as {names}")
        found[ours]["times"] = them / us
    print()
    return found


def look_at(result: Path, kinds: dict[str, str]) -> None:
    """Print the results of the class; stop if a correct submission lost a point."""
    submissions = json.loads(result.read_bytes())["submissions"]
    outcomes: Counter[str] = Counter()
    for each in submissions:
        full = each["score"] == each["max_score"]
        outcomes["rejected" if each["reason"] else "all points" if full else "less"] += 1
        if kinds[each["student"]] in ("right", "slow") and not full:
            lost = [check["message"] for check in each["checks"] if check["verdict"] != "passed"]
            raise SystemExit(f"{each['student']} is right, and has {each['score']}: {lost}")
    if len(submissions) != len(kinds):
        raise SystemExit(f"{len(submissions)} of {len(kinds)} submissions were graded")
    print("  of them " + ", ".join(f"{number} {what}" for what, number in sorted(outcomes.items())))


def limit_line(courses: Courses, size: int, measured: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Return the line with the lower limit."""
    course, _ = courses.ours(size)
    least = limit(course, NAME)
    print("The limit, for each student, on one processor, in ms:")
    print(row("", "wall ms", "CPU ms"))
    for label, spent in (
        (f"{least.forks / size:.1f} forks of a warm process", least.forking),
        ("the students' cells", least.running),
        (f"{least.calls / size:.0f} calls of their functions", least.calling),
        ("together", least.together),
    ):
        print(row(label, *(f"{1000 * each / size:.2f}" for each in (spent.wall, spent.cpu))))
    ours, cores = measured["autograder grade --json"], len(os.sched_getaffinity(0))
    cpu, wall = ours["cpu"] / least.together.cpu, ours["wall"] * cores / least.together.wall
    print(
        f"autograder grade --json takes {cpu:.1f} times the CPU time of that, and {wall:.1f} times"
    )
    print(f"as long as {cores} processors would take for it that never rest.\n")
    return {"students": size, **msgspec.to_builtins(least)}


def growth(courses: Courses, sizes: list[int]) -> list[dict[str, Any]]:
    """Measure how time and memory of `grade --json` grow with the class."""
    if not sizes:
        return []
    print("autograder grade --json, by the size of the class; ms for each student, MB in all:")
    print(row("", "students", "wall ms", "each more", "CPU ms", "MB", "judges", width=6))
    found: list[dict[str, Any]] = []
    for size in sizes:
        course, _ = courses.ours(size)
        command = [program("autograder"), "grade", NAME, "submitted", "--json", "result.json"]
        measured = run(command, course, judges=JUDGES, log=course / "log")
        if measured.status != 0:
            raise SystemExit((course / "log").read_text())
        shutil.rmtree(course)  # ten thousand notebooks are a gigabyte
        more = None
        if found:
            last = found[-1]
            more = 1000 * (measured.wall - last["wall"]) / (size - last["students"])
        wall, cpu = each(size, measured)
        memory = f"{measured.memory:.0f}", f"{measured.judges:.0f}"
        print(row("", size, wall, "" if more is None else f"{more:.1f}", cpu, *memory, width=6))
        found.append({"students": size, "each_more_ms": more, **asdict(measured)})
    print("MB: the most that all processes had at once; judges: those that hold the results alone.")
    return found


def each(students: int, measured: Measured) -> tuple[str, str]:
    """Return wall and CPU time per student, in ms."""
    return f"{1000 * measured.wall / students:.1f}", f"{1000 * measured.cpu / students:.1f}"


def row(label: str, *columns: object, width: int = 30) -> str:
    """Format a line of a table for 80 columns."""
    return f"{label:<{width}}" + "".join(f"{column!s:>12}" for column in columns)


if __name__ == "__main__":
    main()
