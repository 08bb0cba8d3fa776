"""Commands that say how far the marks can be trusted."""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path

import click
import msgspec
from rich.console import Console
from rich.text import Text

from autograder.audit import report as audit_report
from autograder.audit.run import run as run_audit
from autograder.cli.errors import NOT_ALL_GOOD, command, errors_in_one_line, option
from autograder.cli.options import PATH
from autograder.course import private_files
from autograder.course.assignment import Assignment, BadAssignment, find_course
from autograder.grading.batch import default_workers
from autograder.i18n import N_
from autograder.reports.atomic_write import saver
from autograder.reports.terminal import doctor as doctor_report
from autograder.reports.terminal.progress import watched
from autograder.reports.terminal.submission import plain
from autograder.sandbox.selftest import doctor


@command(
    help=N_(
        "Grades the grader on answers whose worth is known.\n\n"
        "These are right answers, known mistakes, and mutants of the reference."
    ),
)
@click.argument("name")
@option("--json", "json_file", type=PATH, help=N_("Write the findings here."))
@option("--workers", type=click.IntRange(min=1), help=N_("How many to grade at once."))
@option(
    "--seeds",
    type=click.IntRange(min=1),
    default=10,
    show_default=True,
    help=N_("How often all but the mutants are graded, with other inputs each time."),
)
@option(
    "--sample",
    type=click.IntRange(min=0),
    help=N_("Grade only so many equivalents, mistakes and mutants."),
)
@errors_in_one_line
def audit(
    name: str, json_file: Path | None, workers: int | None, seeds: int, sample: int | None
) -> None:
    save = saver(json_file)
    found = run_audit(
        Assignment(find_course(Path()), name),
        workers=workers or default_workers(),
        seeds=seeds,
        sample=sample,
        watch=watched,
    )
    save([msgspec.json.format(msgspec.json.encode(found), indent=1), b"\n"])
    audit_report.report(Console(highlight=False), found)
    sys.exit(NOT_ALL_GOOD if found.shortfalls else 0)


@command(
    name="doctor",
    help=N_("Says what protects this machine, and what is missing."),
)
@option("--cost", is_flag=True, help=N_("Measure what each layer costs one submission too."))
@errors_in_one_line
def doctor_command(cost: bool) -> None:
    console = Console(highlight=False)
    found = doctor.examine()
    doctor_report.report(console, found)
    if cost:
        console.print()
        doctor_report.costs(console, doctor.costs())
    with suppress(BadAssignment):  # outside a course there is nothing more to look at
        for warning in private_files.warnings(find_course(Path())):
            console.print()
            console.print(Text(plain(warning)), soft_wrap=True)
    sys.exit(0 if doctor.suffices(found) else NOT_ALL_GOOD)
