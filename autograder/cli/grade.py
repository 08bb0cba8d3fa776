"""The commands `collect` and `grade`."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import click
from rich.console import Console

from autograder.cli.clusters import refuse_without_tls
from autograder.cli.errors import GRADER_ERROR, NOT_ALL_GOOD, command, errors_in_one_line, option
from autograder.cli.options import (
    PATH,
    force_option,
    in_language,
    isolation_option,
    lang_option,
    no_trace_option,
    own_inputs_option,
    prepare,
    secret_of,
    seed_option,
    workers_option,
)
from autograder.course import private_files, secret
from autograder.course.asserts_assignment import find_exercise
from autograder.course.assignment import Assignment, find_course
from autograder.grading import gradescope
from autograder.grading.batch import default_workers
from autograder.grading.pool import RunConfig
from autograder.grading.run import GradeRequest, OpenSource, open_files, run_round
from autograder.i18n import N_, _
from autograder.intake.roster import read as read_roster
from autograder.reports.atomic_write import saver
from autograder.reports.ci import Output, github, junit, table
from autograder.reports.terminal import run_summary, submission
from autograder.reports.terminal.console import output_console
from autograder.result import streamed
from autograder.sandbox.isolation import Isolation


@command()
@click.argument("name")
@click.argument("paths", nargs=-1, required=True, type=PATH, metavar="PATH...")
@errors_in_one_line
def collect(name: str, paths: tuple[Path, ...]) -> None:
    from autograder.nbgrader import collect  # nbgrader takes a second to import

    collected = collect.collect(find_exercise(find_course(Path()), name), paths)
    for line in collect.sentences(collected):
        click.echo(submission.plain(line))
    sys.exit(NOT_ALL_GOOD if collected.left else 0)


@command()
@click.argument("name")
@click.argument("students", nargs=-1, metavar="[STUDENT]...")
@errors_in_one_line
def confirm(name: str, students: tuple[str, ...]) -> None:
    from autograder.nbgrader.confirm import confirm  # nbgrader takes a second to import

    for line in confirm(find_exercise(find_course(Path()), name), students):
        click.echo(submission.plain(line))


@command()
@click.argument("name")
@errors_in_one_line
def feedback(name: str) -> None:
    from autograder.nbgrader import uploads  # nbgrader takes a second to import

    for line in uploads.zip_feedback(find_exercise(find_course(Path()), name)):
        click.echo(submission.plain(line))


@contextmanager
def stoppable() -> Iterator[None]:
    """Treat SIGTERM, a closed terminal and a closed output like Ctrl-C: all results are kept."""

    def stop(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    before = {
        number: signal.signal(number, stop)
        for number in (signal.SIGTERM, signal.SIGHUP)
        if signal.getsignal(number) != signal.SIG_IGN  # `nohup` ignores SIGHUP
    }
    try:
        yield
    except BrokenPipeError as error:
        closed = _(
            "the output was closed before it was complete. All results are stored, "
            "and the next run names each score that changed."
        )
        raise KeyboardInterrupt(closed) from error
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class _Console(Console):
    """A console that raises where its output is closed, and does not end the process itself."""

    def on_broken_pipe(self) -> None:
        """Raise the error that is being handled, and keep Python from meeting it again at exit."""
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise  # rich calls this where it has caught the error


@command()
@click.argument("name")
@click.argument("paths", nargs=-1, type=PATH, metavar="[PATH]...")
@option(
    "--gradebook",
    is_flag=True,
    help=N_("Grade all of submitted/ into nbgrader's gradebook, autograded/ and feedback/."),
)
@option("--json", "json_file", type=PATH, help=N_("Write the result to this file as JSON."))
@option("--junit", "junit_file", type=PATH, help=N_("Write the result to this file as JUnit XML."))
@option(
    "--csv",
    "csv_file",
    type=PATH,
    help=N_("Write the result to this file as CSV, a line for each student and check."),
)
@option(
    "--roster",
    type=PATH,
    help=N_("Name the students in this CSV, or Canvas's gradebook export, who submitted nothing."),
)
@workers_option
@seed_option
@own_inputs_option
@isolation_option
@option(
    "--fail-under",
    type=click.FloatRange(0, 100),
    metavar="PERCENT",
    help=N_("Exit with 1 if a submission scores less or cannot be read."),
)
@option("--again", is_flag=True, help=N_("Regrade unchanged submissions too."))
@option("--dry-run", is_flag=True, help=N_("Show whose score would change and why. Write nothing."))
@no_trace_option
@option("--scheduler", metavar="ADDRESS", help=N_("Grade on the workers of this Dask scheduler."))
@option(
    "--scheduler-without-tls",
    is_flag=True,
    help=N_(
        "Allow a scheduler on another machine without TLS. Use it only on a network that is "
        "yours alone."
    ),
)
@force_option
@lang_option
@errors_in_one_line
def grade(
    name: str,
    paths: tuple[Path, ...],
    gradebook: bool,
    json_file: Path | None,
    junit_file: Path | None,
    csv_file: Path | None,
    roster: Path | None,
    workers: int | None,
    seed: int | None,
    own_inputs: bool,
    isolation: str,
    fail_under: float | None,
    again: bool,
    dry_run: bool,
    no_trace: bool,
    scheduler: str | None,
    scheduler_without_tls: bool,
    force: bool,
    lang: str | None,
) -> None:
    if gradebook and paths:
        raise click.UsageError(
            _(
                "--gradebook grades all of submitted/: leave out the paths, or leave out "
                "--gradebook."
            )
        )
    if not gradebook and not paths:
        raise click.UsageError(
            _("Name the files to grade, or use --gradebook to grade all of submitted/.")
        )
    if dry_run and (json_file or junit_file or csv_file):
        raise ValueError(_("--dry-run writes nothing: leave out --json, --junit and --csv."))
    if scheduler is not None and workers is not None:
        raise ValueError(
            _(
                "With --scheduler, the cluster decides how many are graded at once: leave out "
                "--workers."
            )
        )
    if scheduler is not None and not scheduler_without_tls:
        refuse_without_tls(scheduler)
    assignment = find_exercise(find_course(Path()), name)
    if isinstance(assignment, Assignment):
        assignment = in_language(assignment, lang)
    checks = assignment.checks if isinstance(assignment, Assignment) else ()
    sentences = {check.id: check.sentence for check in checks}
    outputs: list[Output] = [
        (saver(file), form)
        for file, form in (
            (json_file, streamed),
            (junit_file, partial(junit.streamed, sentences)),
            (csv_file, table.streamed),
        )
        if file is not None
    ]
    key = secret_of(assignment, seed, own_inputs=own_inputs)
    level = Isolation(isolation)
    asked = GradeRequest(
        assignment,
        paths,
        RunConfig.of(assignment, key, level, follows=lang is None, trace=not no_trace),
        workers=workers or default_workers(),
        again=again,
        dry_run=dry_run,
        scheduler=scheduler,
        roster=read_roster(roster) if roster is not None else (),
    )
    console = output_console(_Console)
    prepare(assignment, force=force)
    with github.commands_disabled() as lines, stoppable():
        outputs += github.outputs(sentences, lines)
        seen = run_round(asked, _source(gradebook), console, outputs, fail_under or 0.0)
        if not dry_run:
            for file in filter(None, (json_file, junit_file, csv_file)):
                private_files.ignore(file)
            if gradebook:
                run_summary.pages(
                    console, name, seen.collected, seen.by_hand, final=not seen.faults
                )
            kept = json_file if json_file is not None and json_file.is_file() else None
            run_summary.files(console, name, kept)
        if seen.faults:
            run_summary.faults(console, seen.faults, seen.number)
    if seen.faults:
        sys.exit(GRADER_ERROR)
    sys.exit(NOT_ALL_GOOD if fail_under is not None and seen.below else 0)


def _source(gradebook: bool) -> OpenSource:
    if not gradebook:
        return open_files
    from autograder.nbgrader.gradebook_run import open_gradebook  # nbgrader takes a second

    return open_gradebook


@command()
@click.argument("name")
@isolation_option
@errors_in_one_line
def gradescope_run(name: str, isolation: str) -> None:
    assignment = Assignment(Path("source", gradescope.COURSE).absolute(), name)
    key = replace(secret.of_course(assignment.root), own_inputs=True)
    if gradescope.grade(Path(), assignment, key, Isolation(isolation)):
        sys.exit(GRADER_ERROR)
