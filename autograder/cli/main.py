"""The command line."""

from __future__ import annotations

import click

import autograder
from autograder.cli import authoring, clusters, diagnostics, grade, reports
from autograder.cli.errors import Commands, Option
from autograder.i18n import N_


@click.group(
    "autograder",
    cls=Commands,
    help=N_("Grade programming exercises in numerical Python."),
)
@click.version_option(
    autograder.__version__,
    prog_name="autograder",
    cls=Option,
    help=N_("Show the version and exit."),
)
def main() -> None:
    """All commands."""


for each in (
    *(authoring.new, authoring.build, authoring.messages, authoring.release_command),
    *(grade.collect, grade.grade, grade.confirm, grade.feedback),
    *(reports.explain_command, reports.report_command),
    *(authoring.gradescope_command, grade.gradescope_run),
    clusters.cluster_certificates,
    *(diagnostics.audit, diagnostics.doctor_command),
):
    main.add_command(each)
