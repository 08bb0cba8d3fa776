"""Commands that make a course: its assignments, their notebooks, translations and releases."""

from __future__ import annotations

from pathlib import Path

import click

from autograder.audit.records import demand_records_fit
from autograder.cli.errors import command, errors_in_one_line, option
from autograder.cli.options import LANG, force_option, isolation_option, prepare, shown
from autograder.course import private_files, release, secret, translation
from autograder.course.assignment import Assignment, assignments_of, find_course
from autograder.course.builder import write_source
from autograder.course.scaffold import new as start
from autograder.grading import gradescope
from autograder.i18n import ENGLISH, N_, _
from autograder.reports.terminal import submission
from autograder.reports.terminal.console import say
from autograder.sandbox.isolation import Isolation


@command(
    help=N_(
        "Start an assignment from a small example.\n\n"
        "In a folder that is not a course yet, this starts a course too."
    ),
)
@click.argument("name")
@errors_in_one_line
def new(name: str) -> None:
    here = Path().resolve()
    root, made = start(here, name)
    for path in made:
        click.echo(shown(path))
    if root / "nbgrader_config.py" not in made and root == here:
        say(
            _(
                "nbgrader_config.py existed already and was not changed: add autograder's "
                "preprocessors to it."
            )
        )
    complete = _("The assignment works as it is. Next: autograder audit {name}")
    say(complete.format(name=name))


@command(
    help=N_(
        "Build the instructor's notebook, source/NAME/NAME.ipynb.\n\n"
        "Without NAME, all assignments of the course are built. The reference solution is graded "
        "first, as a student's submission is; if it does not get full points, the command stops."
    ),
)
@click.argument("names", nargs=-1, metavar="[NAME]...")
@LANG
@force_option
@errors_in_one_line
def build(names: tuple[str, ...], lang: str | None, force: bool) -> None:
    root = find_course(Path())
    for name in names or assignments_of(root):
        assignment = Assignment(root, name, lang or ENGLISH)
        demand_records_fit(assignment)
        prepare(assignment, force=force)
        click.echo(shown(write_source(assignment)))


@command(
    help=N_(
        "Update the translations of assignments.\n\n"
        "Without NAME, all assignments of the course are updated. New texts are added without "
        "a translation. Changed texts keep their old translation, marked fuzzy. Students read "
        "both in English until you translate them."
    ),
)
@click.argument("names", nargs=-1, metavar="[NAME]...")
@option(
    "--lang",
    metavar="CODE",
    required=True,
    help=N_("Translate into this language, for example zh for Chinese."),
)
@errors_in_one_line
def messages(names: tuple[str, ...], lang: str) -> None:
    root = find_course(Path())
    for name in names or assignments_of(root):
        path, open_ones = translation.update(Assignment(root, name), lang)
        left = _("{path}: {number} texts to translate or review.")
        click.echo(left.format(path=shown(path), number=open_ones))


@command(
    name="release",
    help=N_(
        "Make the students' version of an assignment.\n\n"
        "It is kept only if no solution and no hidden check is found in it."
    ),
)
@click.argument("name")
@LANG
@force_option
@errors_in_one_line
def release_command(name: str, lang: str | None, force: bool) -> None:
    assignment = Assignment(find_course(Path()), name, lang or ENGLISH)
    demand_records_fit(assignment)
    prepare(assignment, force=force)
    released = release.release(assignment)
    click.echo(shown(released.archive))
    proven = _(
        "Checked: no solution or hidden check is in the release ({hidden} statements compared)."
    )
    say(proven.format(hidden=released.hidden))
    for warning in private_files.warnings(assignment.root):
        click.echo(submission.plain(warning), err=True)


@command(
    name="gradescope",
    help=N_(
        "Make gradescope/NAME.zip, to upload to Gradescope.\n\n"
        "The zip contains the hidden checks, the reference solution and the course's "
        "secret. Give it to nobody but Gradescope."
    ),
)
@click.argument("name")
@isolation_option
@force_option
@errors_in_one_line
def gradescope_command(name: str, isolation: str, force: bool) -> None:
    assignment = Assignment(find_course(Path()), name)
    prepare(assignment, force=force)
    key = secret.of_course(assignment.root)
    click.echo(gradescope.pack(assignment, key, Isolation(isolation)))
