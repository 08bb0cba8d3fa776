"""The commands `explain` and `report`."""

from __future__ import annotations

import difflib
from datetime import date
from pathlib import Path

import click
import msgspec

from autograder.cli.errors import command, errors_in_one_line, option
from autograder.cli.options import (
    PATH,
    only_submission,
    own_inputs_option,
    secret_of,
    seed_option,
)
from autograder.course import private_files
from autograder.course.asserts_assignment import find_exercise
from autograder.course.assignment import Assignment, find_course
from autograder.grading.grader import Grader
from autograder.grading.run import result_of
from autograder.i18n import N_, _, current_language
from autograder.reports.atomic_write import saver
from autograder.reports.ci import github
from autograder.reports.terminal import explain, submission
from autograder.reports.terminal.console import output_console
from autograder.result import Status, result_from
from autograder.sandbox.host.worker import Worker


@command()
@click.argument("name")
@click.argument("notebook", type=PATH)
@click.argument("check")
@seed_option
@own_inputs_option
@option("--result", "result_file", type=PATH, help=N_("The result file that the appeal is about."))
@errors_in_one_line
def explain_command(
    name: str,
    notebook: Path,
    check: str,
    seed: int | None,
    own_inputs: bool,
    result_file: Path | None,
) -> None:
    found = find_exercise(find_course(Path()), name)
    if not isinstance(found, Assignment):
        plain = _(
            "{name} has plain asserts, which cannot be replayed. Read what each test printed in "
            "the result of `autograder grade {name} … --json FILE`."
        )
        raise ValueError(plain.format(name=name))
    assignment = found.spoken(current_language())
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
    source = only_submission(notebook, name)
    then = None if result_file is None else result_from(result_file.read_bytes(), result_file)
    own_inputs = own_inputs or (then is not None and then.inputs == "notebook")
    key = secret_of(assignment, seed, own_inputs=own_inputs)
    console = output_console()
    with github.commands_disabled(), Worker() as worker:
        # All in the language of the person who reads it, and not in that of the notebook.
        examined = Grader(assignment, worker, key, follows=False).examine(source)
        graded, grader = examined.result, examined.grader
        by_id = {each.id: each for each in grader.assignment.checks}
        if graded.status is Status.REJECTED:
            rejected = _("{path} was rejected: {reason}")
            raise ValueError(rejected.format(path=notebook, reason=graded.reason))
        now = result_of(assignment, key, worker.layers, (graded,))
        (taken,) = (each for each in graded.checks if each.id == check)
        taken = msgspec.structs.replace(taken, message=graded.why(taken))  # for the instructor
        console.print(f"{submission.printable(graded.student)}: {check}")
        explain.circumstances(console, now, then, taken)
        student = grader.students.get(check)
        explain.explain(console, by_id[check], taken, student, grader.diagnosis)


@command()
@click.argument("name", required=False)
@click.argument("results", type=PATH, metavar="RESULTS.json", required=False)
@option(
    "--previous",
    type=PATH,
    metavar="RESULTS.json",
    help=N_("Also show whose score has changed since this result."),
)
@option(
    "--output",
    type=PATH,
    metavar="FILE",
    help=N_("Write the report to this file, not beside the results or to course.html."),
)
@errors_in_one_line
def report_command(
    name: str | None, results: Path | None, previous: Path | None, output: Path | None
) -> None:
    root = find_course(Path()).absolute()
    if name is None:
        _report_course(root, output)
    elif results is None:
        no_results = _(
            "Name the result as well: autograder report {name} RESULTS.json. "
            "`autograder grade {name} … --json RESULTS.json` writes it."
        )
        raise ValueError(no_results.format(name=name))
    else:
        _report_class(root, name, results, previous, output)


def _report_class(
    root: Path, name: str, results: Path, previous: Path | None, output: Path | None
) -> None:
    # Importing takes a second, which other commands need not wait.
    from autograder.nbgrader.overview import overview
    from autograder.reports.html import class_report

    assignment = find_exercise(root, name)
    shown = output or results.with_suffix(".html")
    path = shown.absolute()
    save = saver(path)
    now = class_report.read(results, name)
    graded = date.fromtimestamp(results.stat().st_mtime).isoformat()
    before = None if previous is None else class_report.read(previous, name)
    known = overview(root)  # nbgrader's folder is the working one from now on
    translated = (
        assignment.spoken(current_language()) if isinstance(assignment, Assignment) else None
    )
    wording = class_report.Wording(
        assignment.digest,
        {each.id: each.sentence for each in translated.checks} if translated else {},
        {each.name: each.sentence for each in translated.mistakes} if translated else {},
    )
    there = {each.student for each in now.submissions}
    missing = [each for each in known.students if each not in there] if known else None
    course = known.course if known else ""
    page = class_report.page(now, wording, before, missing=missing, course=course, date=graded)
    save([page.encode()])
    private_files.ignore(path)
    click.echo(shown)


def _report_course(root: Path, output: Path | None) -> None:
    from autograder.nbgrader.overview import overview
    from autograder.reports.html.course_page import AssignmentColumn, course_page

    shown = output or Path("course.html")
    path = shown.absolute()
    save = saver(path)
    known = overview(root)
    if known is None:
        none = _(
            "This course has no gradebook. Grade into it with `autograder grade NAME --gradebook`, "
            "or name an assignment: autograder report NAME RESULTS.json."
        )
        raise ValueError(none)
    columns = [
        AssignmentColumn(
            name,
            most,
            known.standings[name],
            f"{name}.html" if path.with_name(f"{name}.html").is_file() else None,
        )
        for name, most in known.most.items()
    ]
    save([course_page(known.course or root.name, known.students, columns).encode()])
    private_files.ignore(path)
    click.echo(shown)
