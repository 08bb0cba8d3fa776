"""The command line."""

from __future__ import annotations

from importlib.metadata import version

import click

from autograder.commands import clusters, course, grading, trust
from autograder.commands.speech import Commands, Option
from autograder.language import N_


@click.group(
    "autograder",
    cls=Commands,
    help=N_("Grades programming exercises in numerical Python."),
)
@click.version_option(
    version("autograder"),
    prog_name="autograder",
    cls=Option,
    help=N_("Show the version and exit."),
)
def main() -> None:
    """All commands."""


for each in (
    *(course.new, course.build, course.messages, course.release_command),
    *(grading.collect, grading.grade, grading.explain_command, grading.report_command),
    *(course.gradescope_command, grading.gradescope_run),
    clusters.cluster_certificates,
    *(trust.audit, trust.doctor_command),
):
    main.add_command(each)
