"""Commands that show how reliable the scores are: `audit` and `doctor`."""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path

import click
import msgspec
from rich.text import Text

from autograder.audit import report as audit_report
from autograder.audit.run import run as run_audit
from autograder.cli.errors import NOT_ALL_GOOD, command, errors_in_one_line, option
from autograder.cli.options import PATH, workers_option
from autograder.course import private_files
from autograder.course.assignment import Assignment, BadAssignment, find_course
from autograder.grading.batch import default_workers
from autograder.i18n import N_
from autograder.reports.atomic_write import saver
from autograder.reports.terminal import doctor as doctor_report
from autograder.reports.terminal.console import output_console
from autograder.reports.terminal.progress import watched
from autograder.reports.terminal.submission import plain
from autograder.sandbox.selftest import doctor


@command()
@click.argument("name")
@option("--json", "json_file", type=PATH, help=N_("Write the findings to this file as JSON."))
@workers_option
@option(
    "--seeds",
    type=click.IntRange(min=1),
    default=10,
    show_default=True,
    help=N_("Grade all answers except mutants this many times, each time with new inputs."),
)
@option(
    "--sample",
    type=click.IntRange(min=0),
    help=N_("Grade only this many equivalents, mistakes and mutants."),
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
    audit_report.report(output_console(), found)
    sys.exit(NOT_ALL_GOOD if found.shortfalls else 0)


@command()
@option(
    "--cost", is_flag=True, help=N_("Also measure how much time each layer costs per submission.")
)
@errors_in_one_line
def doctor_command(cost: bool) -> None:
    console = output_console()
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
