"""Options that several commands share."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from autograder.cli.errors import option
from autograder.course import lesson, secret
from autograder.course.asserts_assignment import PlainAssignment
from autograder.course.assignment import Assignment
from autograder.grading.trial_run import demand_full_points
from autograder.i18n import N_, _
from autograder.intake.find import SubmissionSource, find
from autograder.reports.terminal import submission
from autograder.sandbox.isolation import Isolation

PATH = click.Path(path_type=Path)

lang_option = option(
    "--lang", metavar="CODE", help=N_("Use this language, for example zh for Chinese.")
)

workers_option = option(
    "--workers", type=click.IntRange(min=1), help=N_("Grade this many submissions at once.")
)

seed_option = option(
    "--seed",
    type=int,
    help=N_("Make the inputs from this public number instead of the course's secret."),
)

own_inputs_option = option(
    "--own-inputs",
    is_flag=True,
    help=N_("Test each notebook on inputs of its own. For feedback before the deadline."),
)

isolation_option = option(
    "--isolation",
    type=click.Choice([each.value for each in Isolation]),
    default=Isolation.FULL.value,
    show_default=True,
    help=N_(
        "full: refuse to grade without the sandbox. process: grade submissions that you trust "
        "with the protections that exist here."
    ),
)

no_trace_option = option(
    "--no-trace",
    is_flag=True,
    help=N_("Do not look for slips and wrong lines where nothing else explains an answer."),
)

force_option = option(
    "--force",
    is_flag=True,
    help=N_("Go on although your own solution does not get full points."),
)


def shown(path: Path) -> Path:
    """Return a path relative to the current folder, if it is inside."""
    here = Path().resolve()
    return path.relative_to(here) if path.is_relative_to(here) else path


def in_language(assignment: Assignment, lang: str | None) -> Assignment:
    """Return an assignment in a language; without one, in the language of its build."""
    return replace(assignment, language=lang or lesson.built_language(assignment))


def prepare(assignment: Assignment | PlainAssignment, *, force: bool) -> None:
    """Say which of an assignment's files students do not get, and try the author's solution.

    Raises:
        TrialFailed: the solution does not get full points, and nothing forces the command to go on.
    """
    for sentence in assignment.beside.left_out.values():
        click.echo(submission.plain(sentence), err=True)
    demand_full_points(assignment, force=force)


def only_submission(path: Path, name: str) -> SubmissionSource:
    """Return the submission at a path.

    Raises:
        ValueError: there is none, or more than one.
    """
    found = find([path], name)
    if len(found) != 1:
        several = _("{path} contains {number} notebooks: name one of them.")
        raise ValueError(several.format(path=path, number=len(found)))
    return found[0]


def secret_of(
    assignment: Assignment | PlainAssignment, seed: int | None, *, own_inputs: bool
) -> secret.Secret:
    """Return the secret or seed that the inputs are made from."""
    key = secret.of_course(assignment.root) if seed is None else secret.public(seed)
    return replace(key, own_inputs=own_inputs)
