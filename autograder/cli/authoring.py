"""Commands that make a course: its assignments, their notebooks, translations and releases."""

from __future__ import annotations

from pathlib import Path

import click

from autograder.audit.records import demand_records_fit
from autograder.cli.errors import command, errors_in_one_line, option
from autograder.cli.options import LANG, isolation_option, shown
from autograder.course import private_files, release, secret, translation
from autograder.course.assignment import Assignment, assignments_of, find_course
from autograder.course.builder import write_source
from autograder.course.scaffold import new as start
from autograder.grading import gradescope
from autograder.i18n import ENGLISH, N_, _
from autograder.reports.terminal import submission
from autograder.sandbox.isolation import Isolation


@command(
    help=N_(
        "Starts an assignment from a small example.\n\n"
        "In a folder that is no course, it starts a course too."
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
        click.echo(
            _("nbgrader_config.py was here before, and must name the preprocessors of autograder.")
        )
    complete = _(
        "It can be built, released, graded and audited as it is: try `autograder audit {name}`."
    )
    click.echo(complete.format(name=name))


@command(
    help=N_(
        "Builds the instructor's notebook, source/NAME/NAME.ipynb.\n\n"
        "That of each NAME, or of all assignments of the course."
    ),
)
@click.argument("names", nargs=-1, metavar="[NAME]...")
@LANG
@errors_in_one_line
def build(names: tuple[str, ...], lang: str | None) -> None:
    root = find_course(Path())
    for name in names or assignments_of(root):
        assignment = Assignment(root, name, lang or ENGLISH)
        demand_records_fit(assignment)
        click.echo(shown(write_source(assignment)))


@command(
    help=N_(
        "Brings the translations of assignments up to date.\n\n"
        "Those of each NAME, or of all assignments of the course. Texts that are new stand in "
        "them without a translation, and those that have changed are marked fuzzy, with the "
        "translation that they had. Until both are mended, learners read them in English."
    ),
)
@click.argument("names", nargs=-1, metavar="[NAME]...")
@option("--lang", metavar="CODE", required=True, help=N_("Translate into this language."))
@errors_in_one_line
def messages(names: tuple[str, ...], lang: str) -> None:
    root = find_course(Path())
    for name in names or assignments_of(root):
        path, open_ones = translation.update(Assignment(root, name), lang)
        left = _("{path}: {number} texts are to be translated or looked at again.")
        click.echo(left.format(path=shown(path), number=open_ones))


@command(
    name="release",
    help=N_(
        "Makes the learners' version of an assignment.\n\n"
        "It is there only when it is proven that nothing hidden is in it."
    ),
)
@click.argument("name")
@LANG
@errors_in_one_line
def release_command(name: str, lang: str | None) -> None:
    assignment = Assignment(find_course(Path()), name, lang or ENGLISH)
    demand_records_fit(assignment)
    released = release.release(assignment)
    click.echo(shown(released.archive))
    proven = _(
        "None of {hidden} hidden statements is in it; {shown} more stand in the lesson itself."
    )
    click.echo(proven.format(hidden=released.hidden, shown=released.shown))
    for warning in private_files.warnings(assignment.root):
        click.echo(submission.plain(warning), err=True)


@command(
    name="gradescope",
    help=N_(
        "Makes gradescope/NAME.zip, the autograder for Gradescope.\n\n"
        "The checks, the reference and the course's secret are in it: it is for the "
        "upload alone."
    ),
)
@click.argument("name")
@isolation_option
@errors_in_one_line
def gradescope_command(name: str, isolation: str) -> None:
    assignment = Assignment(find_course(Path()), name)
    key = secret.of_course(assignment.root)
    click.echo(gradescope.pack(assignment, key, Isolation(isolation)))
