"""Commands that make a course: its assignments, their notebooks, translations and releases."""

from __future__ import annotations

from pathlib import Path

import click

from autograder.audit.records import demand_records_fit
from autograder.cli.errors import command, errors_in_one_line, option
from autograder.cli.options import PATH, force_option, isolation_option, lang_option, prepare, shown
from autograder.course import private_files, release, secret, translation
from autograder.course.assignment import Assignment, assignments_of, find_course
from autograder.course.builder import build as built
from autograder.course.builder import write_source
from autograder.course.from_notebook import convert
from autograder.course.scaffold import new as start
from autograder.grading import gradescope
from autograder.i18n import ENGLISH, N_, _
from autograder.reports.terminal import submission
from autograder.reports.terminal.console import say
from autograder.sandbox.isolation import Isolation


@command()
@click.argument("name")
@option(
    "--from",
    "notebook",
    type=PATH,
    metavar="NOTEBOOK",
    help=N_("Begin with an instructor's notebook for nbgrader: its asserts become checks."),
)
@errors_in_one_line
def new(name: str, notebook: Path | None) -> None:
    converted = convert(notebook, name) if notebook is not None else None
    root, made = start(Path(), name, None if converted is None else converted.files)
    for path in made:
        click.echo(shown(path))
    if b"autograder.nbgrader" not in (root / "nbgrader_config.py").read_bytes():
        say(
            _(
                "nbgrader_config.py existed already and was not changed: add autograder's "
                "preprocessors to it."
            )
        )
    if converted is not None:
        for sentence in converted.left:
            say(f"- {sentence}")
        say(_("Then run: autograder build {name}").format(name=name))
        return
    complete = _("The assignment works as it is. Next: autograder audit {name}")
    say(complete.format(name=name))


@command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@lang_option
@force_option
@errors_in_one_line
def build(names: tuple[str, ...], lang: str | None, force: bool) -> None:
    root = find_course(Path())
    for name in names or assignments_of(root):
        assignment = Assignment(root, name, lang or ENGLISH)
        demand_records_fit(assignment)
        prepare(assignment, force=force)
        click.echo(shown(write_source(assignment)))


@command()
@click.argument("name")
@lang_option
@errors_in_one_line
def preview(name: str, lang: str | None) -> None:
    from autograder.reports.html.preview import preview_page  # a second

    root = find_course(Path())
    notebook = built(Assignment(root, name, lang or ENGLISH)).released_notebook()
    path = root / "preview" / f"{name}.html"
    path.parent.mkdir(exist_ok=True)
    path.write_text(preview_page(notebook, name), encoding="utf-8")
    click.echo(shown(path))


@command()
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


@command()
@click.argument("name")
@lang_option
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


@command()
@click.argument("name")
@isolation_option
@force_option
@errors_in_one_line
def gradescope_command(name: str, isolation: str, force: bool) -> None:
    assignment = Assignment(find_course(Path()), name)
    prepare(assignment, force=force)
    key = secret.of_course(assignment.root)
    click.echo(gradescope.pack(assignment, key, Isolation(isolation)))
