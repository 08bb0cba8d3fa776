"""The command line."""

from __future__ import annotations

import difflib
import errno
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial, wraps
from gettext import bindtextdomain, textdomain
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click
import msgspec
from rich.console import Console

from autograder import gradescope
from autograder.audit import run as run_audit
from autograder.batch import default_workers
from autograder.checking.checks import BadAssignment
from autograder.checking.result import Status, result_from, streamed
from autograder.course import lesson, release, secret, translation
from autograder.course.assignment import Assignment, find_course
from autograder.course.new import new as start
from autograder.course.plain import PlainAssignment, find_exercise
from autograder.grader import Grader
from autograder.grading import Asked, Output, result_of, run_round
from autograder.intake.archives import find
from autograder.language import ENGLISH, N_, OURS, _, catalogues, of_locale, speak, spoken
from autograder.reports import audit as audit_report
from autograder.reports import doctor as doctor_report
from autograder.reports import ending, explain, github, junit, terminal
from autograder.reports.progress import watched
from autograder.reports.saving import saver
from autograder.sandbox import doctor
from autograder.sandbox.host import Worker
from autograder.sandbox.isolation import Isolation, SandboxError

PATH = click.Path(path_type=Path)

ADVICE = {
    errno.ENOSPC: N_("make room there, and do it again"),
    errno.EDQUOT: N_("make room there, and do it again"),
    errno.EFBIG: N_("raise the limit on the size of files (ulimit -f), and do it again"),
    errno.EROFS: N_("it must be on a disk that can be written"),
    errno.EACCES: N_("do it as somebody who may"),
    errno.EPERM: N_("do it as somebody who may"),
    errno.ENOMEM: N_("free some memory, and do it again"),
    errno.EMFILE: N_("raise the limit on open files (ulimit -n), and do it again"),
    errno.ENFILE: N_("end what keeps so many files open, and do it again"),
    errno.EAGAIN: N_("end what keeps so many processes running, and do it again"),
}
"""What helps where a file or a process cannot be had."""


class Spoken:
    """What has a help text, which is in the language that is spoken when it is asked for."""

    text: str | None = None

    @property
    def help(self) -> str | None:
        """The text, as click asks for it."""
        return self.text and _(self.text)

    @help.setter  # noqa: A003  # it is this very property
    def help(self, text: str | None) -> None:
        self.text = text


class Option(Spoken, click.Option):
    """An option."""


class Command(Spoken, click.Command):
    """A command."""


option = partial(click.option, cls=Option)

LANG = option("--lang", metavar="CODE", help=N_("Speak this language, zh for Chinese say."))

NOT_ALL_GOOD, WRONG_USE, GRADER_ERROR = 1, 2, 3


class Commands(Spoken, click.Group):
    """Commands whose errors are one line that says what to do."""

    command_class = Command

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Runs the command that is named, in the language of the locale, and exits."""
        speak(of_locale(catalogues(OURS, "autograder")))
        if spoken() != ENGLISH:  # click asks gettext for its own words, which wants them compiled
            bindtextdomain("click", str(OURS))
            textdomain("click")
        try:
            sys.exit(super().main(*args, **{**kwargs, "standalone_mode": False}))
        except click.ClickException as error:
            line = " ".join(error.format_message().split())
            if isinstance(error, click.NoSuchOption):
                words = kwargs.get("args") or sys.argv[1:]
                files = [word for word in words if word[:1] == "-" and Path(word).exists()]
                meant = _("If the file is meant, write ./{file}")
                line += f" {meant.format(file=files[0])}" if files else ""
            click.echo(f"{self.name}: {github.harmless(line)}", err=True)
            sys.exit(WRONG_USE)
        except click.Abort:
            click.echo(_("{program}: stopped.").format(program=self.name), err=True)
            sys.exit(WRONG_USE)


def told(command: Callable[..., None]) -> Callable[..., None]:
    """Makes of what can be foreseen to go wrong one line that says what to do."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        try:
            command(*args, **kwargs)
        except (BadAssignment, release.NotProven, ValueError) as error:
            raise click.ClickException(str(error)) from error
        except SandboxError as error:
            raise click.ClickException(error.said(_)) from error
        except OSError as error:
            raise click.ClickException(_advised(error)) from error

    return run


def _advised(error: OSError) -> str:
    """What is wrong with a file, and what to do; an error of ours says so itself."""
    if error.errno is None or error.errno not in ADVICE:
        return str(error)
    what, advice = error.strerror, _(ADVICE[error.errno])
    if error.filename is None:
        return _("{what}: {advice}.").format(what=what, advice=advice)
    at = _("{what} at {place}: {advice}.")
    return at.format(what=what, place=os.fsdecode(error.filename), advice=advice)


def _shown(path: Path) -> Path:
    """A path as one would type it here."""
    here = Path().resolve()
    return path.relative_to(here) if path.is_relative_to(here) else path


@contextmanager
def stoppable() -> Iterator[None]:
    """Being asked to end is as an interrupt at the terminal: what is there is kept."""

    def stop(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _secret(
    assignment: Assignment | PlainAssignment, seed: int | None, *, own_inputs: bool
) -> secret.Secret:
    """What the inputs are made from."""
    key = secret.of_course(assignment.root) if seed is None else secret.public(seed)
    return replace(key, own_inputs=own_inputs)


own_inputs_option = option(
    "--own-inputs",
    is_flag=True,
    help=N_("Ask every notebook on inputs of its own: for feedback before the deadline."),
)


isolation_option = option(
    "--isolation",
    type=click.Choice([each.value for each in Isolation]),
    default=Isolation.FULL.value,
    show_default=True,
    help=N_(
        "Refuse to grade without the sandbox, or grade work that you trust with what there is."
    ),
)


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


@main.command(
    help=N_(
        "Starts an assignment from a small example; in a folder that is no course, a course too."
    ),
)
@click.argument("name")
@told
def new(name: str) -> None:
    here = Path().resolve()
    root, made = start(here, name)
    for path in made:
        click.echo(_shown(path))
    if root / "nbgrader_config.py" not in made and root == here:
        click.echo(
            _("nbgrader_config.py was here before, and must name the preprocessors of autograder.")
        )
    complete = _(
        "It can be built, released, graded and audited as it is: try `autograder audit {name}`."
    )
    click.echo(complete.format(name=name))


@main.command(
    help=N_("Builds source/NAME/NAME.ipynb for each NAME, or for all assignments of the course."),
)
@click.argument("names", nargs=-1, metavar="[NAME]...")
@LANG
@told
def build(names: tuple[str, ...], lang: str | None) -> None:
    root = find_course(Path())
    for name in names or every_assignment(root):
        click.echo(_shown(lesson.write_source(Assignment(root, name, lang or ENGLISH))))


@main.command(
    help=N_(
        "Brings the translation of each NAME, or of all assignments of the course, up to "
        "date.\n\n"
        "Texts that are new stand in it without a translation, and those that have "
        "changed are marked fuzzy, with the translation that they had. Until both are "
        "mended, learners read them in English."
    ),
)
@click.argument("names", nargs=-1, metavar="[NAME]...")
@option("--lang", metavar="CODE", required=True, help=N_("Translate into this language."))
@told
def messages(names: tuple[str, ...], lang: str) -> None:
    root = find_course(Path())
    for name in names or every_assignment(root):
        path, open_ones = translation.update(Assignment(root, name), lang)
        left = _("{path}: {number} texts are to be translated or looked at again.")
        click.echo(left.format(path=_shown(path), number=open_ones))


def every_assignment(root: Path) -> list[str]:
    """The names of a course's assignments."""
    return sorted(path.parent.name for path in root.glob("assignments/*/lesson.md"))


@main.command(
    name="release",
    help=N_(
        "Makes the learners' version of an assignment, and proves that nothing hidden is in it."
    ),
)
@click.argument("name")
@LANG
@told
def release_command(name: str, lang: str | None) -> None:
    assignment = Assignment(find_course(Path()), name, lang or ENGLISH)
    released = release.release(assignment)
    click.echo(_shown(released.archive))
    proven = _(
        "None of {hidden} hidden statements is in it; {shown} more stand in the lesson itself."
    )
    click.echo(proven.format(hidden=released.hidden, shown=released.shown))


def in_language(assignment: Assignment, lang: str | None) -> Assignment:
    """An assignment in the language that is asked for; else in that in which it was built."""
    return replace(assignment, language=lang or lesson.built_language(assignment))


@main.command(
    help=N_(
        "Grades notebooks, folders or zips of them, or a tree submitted/<student>/NAME/.\n\n"
        "With --gradebook it grades all that was handed in for NAME into nbgrader's books. What "
        "has not changed since the last run is not graded again."
    ),
)
@click.argument("name")
@click.argument("paths", nargs=-1, type=PATH, metavar="[PATH]...")
@option(
    "--gradebook",
    is_flag=True,
    help=N_("Grade all of submitted/ into nbgrader's gradebook, autograded/ and feedback/."),
)
@option("--json", "json_file", type=PATH, help=N_("Write the result here."))
@option("--junit", "junit_file", type=PATH, help=N_("Write it here as JUnit XML."))
@option("--workers", type=click.IntRange(min=1), help=N_("How many to grade at once."))
@option("--seed", type=int, help=N_("Use this public number instead of the course's secret."))
@own_inputs_option
@isolation_option
@option(
    "--fail-under",
    type=click.FloatRange(0, 100),
    metavar="PERCENT",
    help=N_("Exit with 1 when a submission has less, or could not be read."),
)
@option("--again", is_flag=True, help=N_("Grade those again too that have not changed."))
@option(
    "--dry-run", is_flag=True, help=N_("Say whose marks would change and why, and record nothing.")
)
@option("--scheduler", metavar="ADDRESS", help=N_("Have the workers of this Dask scheduler grade."))
@LANG
@told
def grade(
    name: str,
    paths: tuple[Path, ...],
    gradebook: bool,
    json_file: Path | None,
    junit_file: Path | None,
    workers: int | None,
    seed: int | None,
    own_inputs: bool,
    isolation: str,
    fail_under: float | None,
    again: bool,
    dry_run: bool,
    scheduler: str | None,
    lang: str | None,
) -> None:
    if gradebook == bool(paths):
        raise click.UsageError(
            _("Name what is to be graded, or say --gradebook for all submitted/.")
        )
    if dry_run and (json_file or junit_file):
        raise ValueError(_("--dry-run writes nothing: leave out --json and --junit."))
    if scheduler is not None and workers is not None:
        raise ValueError(_("With --scheduler, how many grade at once is the cluster's own affair."))
    assignment = find_exercise(find_course(Path()), name)
    if isinstance(assignment, PlainAssignment) and (gradebook or scheduler is not None):
        plain = _(
            "{name} has plain asserts and no checks: --gradebook and --scheduler are for these. "
            "Into the gradebook, nbgrader autograde grades it as ever."
        )
        raise ValueError(plain.format(name=name))
    if isinstance(assignment, Assignment):
        assignment = in_language(assignment, lang)
    checks = assignment.checks if isinstance(assignment, Assignment) else ()
    sentences = {check.id: check.sentence for check in checks}
    outputs: list[Output] = [
        (saver(json_file), streamed),
        (saver(junit_file), partial(junit.streamed, sentences)),
    ]
    asked = Asked(
        assignment,
        paths,
        _secret(assignment, seed, own_inputs=own_inputs),
        workers=workers or default_workers(),
        isolation=Isolation(isolation),
        again=again,
        dry_run=dry_run,
        scheduler=scheduler,
        follows=lang is None,
    )
    console = Console(highlight=False)
    with github.unheard() as lines, stoppable():
        outputs += github.outputs(sentences, lines)
        seen = run_round(asked, console, outputs, fail_under or 0.0)
        if not dry_run:
            kept = json_file if json_file is not None and json_file.is_file() else None
            ending.files(console, name, kept, gradebook=gradebook)
    if seen.fault:
        sys.exit(GRADER_ERROR)
    sys.exit(NOT_ALL_GOOD if fail_under is not None and seen.below else 0)


@main.command(
    help=N_("Grades the grader: right answers, known mistakes, and mutants of the reference."),
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
@told
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


@main.command(
    help=N_(
        "Puts notebooks, or a zip of Canvas or Moodle, where nbgrader and --gradebook "
        "look for them.\n\n"
        "Exits with 1 when something could not be put there."
    ),
)
@click.argument("name")
@click.argument("paths", nargs=-1, required=True, type=PATH, metavar="PATH...")
@told
def collect(name: str, paths: tuple[Path, ...]) -> None:
    from autograder import collecting  # nbgrader takes a second to import

    collected = collecting.collect(Assignment(find_course(Path()), name), paths)
    for line in collecting.sentences(collected):
        click.echo(terminal.plain(line))
    sys.exit(NOT_ALL_GOOD if collected.left else 0)


@main.command(
    name="gradescope",
    help=N_(
        "Makes gradescope/NAME.zip, which Gradescope builds its autograder from.\n\n"
        "The checks, the reference and the course's secret are in it: it is for the "
        "upload alone."
    ),
)
@click.argument("name")
@isolation_option
@told
def gradescope_command(name: str, isolation: str) -> None:
    assignment = Assignment(find_course(Path()), name)
    key = secret.of_course(assignment.root)
    click.echo(gradescope.pack(assignment, key, Isolation(isolation)))


@main.command(
    name="gradescope-run",
    hidden=True,
    help=N_("Grades what lies in submission/, in Gradescope's own folder."),
)
@click.argument("name")
@isolation_option
@told
def gradescope_run(name: str, isolation: str) -> None:
    assignment = Assignment(Path("source", gradescope.COURSE).absolute(), name)
    key = replace(secret.of_course(assignment.root), own_inputs=True)
    if gradescope.grade(Path(), assignment, key, Isolation(isolation)):
        sys.exit(GRADER_ERROR)


@main.command(
    name="explain",
    help=N_(
        "Replays one check of one notebook: what it asked, what was answered, what was wanted.\n\n"
        "With --result it also says whether the verdict is the one that was given then, and what "
        "is no longer as it was."
    ),
)
@click.argument("name")
@click.argument("notebook", type=PATH)
@click.argument("check")
@option("--seed", type=int, help=N_("Use this public number instead of the course's secret."))
@own_inputs_option
@option("--result", "result_file", type=PATH, help=N_("The result that is appealed against."))
@told
def explain_command(
    name: str,
    notebook: Path,
    check: str,
    seed: int | None,
    own_inputs: bool,
    result_file: Path | None,
) -> None:
    assignment = in_language(Assignment(find_course(Path()), name), None)
    by_id = {each.id: each for each in assignment.checks}
    if check not in by_id:
        near = difflib.get_close_matches(check, by_id, n=1)
        no_such = (
            _("There is no check {check} in {name}; do you mean {near}?")
            if near
            else _("There is no check {check} in {name}. Its checks: {checks}.")
        )
        raise ValueError(
            no_such.format(
                check=repr(check), name=name, near=", ".join(near), checks=", ".join(by_id)
            )
        )
    submissions = find([notebook], name)
    if len(submissions) != 1:
        several = _("{path} holds {number} notebooks; name one.")
        raise ValueError(several.format(path=notebook, number=len(submissions)))
    then = None if result_file is None else result_from(result_file.read_bytes(), result_file)
    own_inputs = own_inputs or (then is not None and then.inputs == "notebook")
    key = _secret(assignment, seed, own_inputs=own_inputs)
    console = Console(highlight=False)
    with github.unheard(), Worker() as worker:
        examined = Grader(assignment, worker, key).examine(submissions[0])
        graded, grader = examined.result, examined.grader
        by_id = {each.id: each for each in grader.assignment.checks}
        if graded.status is Status.REJECTED:
            rejected = _("{path} was rejected: {reason}")
            raise ValueError(rejected.format(path=notebook, reason=graded.reason))
        now = result_of(assignment, key, worker.layers, (graded,))
        (found,) = (each for each in graded.checks if each.id == check)
        console.print(f"{terminal.printable(graded.student)}: {check}")
        explain.circumstances(console, now, then, found)
        student = grader.judge.asked.get(check)
        explain.explain(console, by_id[check], found, student, grader.diagnosis)


@main.command(
    name="report",
    help=N_(
        "Makes the class report, one HTML file, of what `grade NAME … --json RESULTS.json` wrote."
    ),
)
@click.argument("name")
@click.argument("results", type=PATH, metavar="RESULTS.json")
@option("--previous", type=PATH, metavar="RESULTS.json", help=N_("Say whose marks changed since."))
@option(
    "--output", type=PATH, metavar="FILE", help=N_("Write it here, and not beside the results.")
)
@told
def report_command(name: str, results: Path, previous: Path | None, output: Path | None) -> None:
    # A second to import, which no other command is to wait.
    from autograder.reports import classreport

    assignment = Assignment(find_course(Path()), name).spoken(spoken())
    output = output or results.with_suffix(".html")
    save = saver(output)
    now = classreport.read(results, name)
    before = None if previous is None else classreport.read(previous, name)
    wording = classreport.Wording(
        assignment.digest,
        {each.id: each.sentence for each in assignment.checks},
        {each.name: each.sentence for each in assignment.mistakes},
    )
    save([classreport.page(now, wording, before).encode()])
    click.echo(output)


@main.command(
    name="doctor",
    help=N_("Says what protects this machine from learners' code, and what is missing."),
)
@option("--cost", is_flag=True, help=N_("Measure what each layer costs one submission too."))
@told
def doctor_command(cost: bool) -> None:
    console = Console(highlight=False)
    found = doctor.examine()
    doctor_report.report(console, found)
    if cost:
        console.print()
        doctor_report.costs(console, doctor.costs())
    sys.exit(0 if doctor.suffices(found) else NOT_ALL_GOOD)
