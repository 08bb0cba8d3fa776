"""The command line: the names of the commands, and what each is for."""

from __future__ import annotations

import click

import autograder
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


main.add_lazy(
    "new",
    "authoring.new",
    N_(
        "Start an assignment from a small example.\n\n"
        "In a folder that is not a course yet, this starts a course too."
    ),
)
main.add_lazy(
    "build",
    "authoring.build",
    N_(
        "Build the instructor's notebook, source/NAME/NAME.ipynb.\n\n"
        "Without NAME, all assignments of the course are built. The reference solution is graded "
        "first, as a student's submission is; if it does not get full points, the command stops."
    ),
)
main.add_lazy(
    "preview",
    "authoring.preview",
    N_(
        "Make a page that shows the notebook as students get it.\n\n"
        "The page is preview/NAME.html. Open it in a browser."
    ),
)
main.add_lazy(
    "messages",
    "authoring.messages",
    N_(
        "Update the translations of assignments.\n\n"
        "Without NAME, all assignments of the course are updated. New texts are added without "
        "a translation. Changed texts keep their old translation, marked fuzzy. Students read "
        "both in English until you translate them."
    ),
)
main.add_lazy(
    "release",
    "authoring.release_command",
    N_(
        "Make the students' version of an assignment.\n\n"
        "It is kept only if no solution and no hidden check is found in it."
    ),
)
main.add_lazy(
    "collect",
    "grade.collect",
    N_(
        "Copy submissions into submitted/.\n\n"
        "Takes notebooks, and zips from Canvas, Moodle or another platform. nbgrader and "
        "`grade --gradebook` read submitted/. Exits with 1 if a file could not be assigned to a "
        "student."
    ),
)
main.add_lazy(
    "grade",
    "grade.grade",
    N_(
        "Grade notebooks, folders, zips, or all of submitted/.\n\n"
        "With --gradebook, all submissions for NAME are graded into nbgrader's gradebook. "
        "Unchanged submissions are not regraded."
    ),
)
main.add_lazy(
    "confirm",
    "grade.confirm",
    N_(
        "Confirm scores in the gradebook that need review.\n\n"
        "Without STUDENT, those that were set by hand and flagged by a regrade. With STUDENT, all "
        "scores of these students: open points, for example of an unreadable file, become 0."
    ),
)
main.add_lazy(
    "feedback",
    "grade.feedback",
    N_(
        "Zip the feedback pages for Canvas and Moodle.\n\n"
        "The zips in feedback/ hold the pages of the students whom `collect` has taken from a zip "
        "of the platform. nbgrader release_feedback gives out the other pages."
    ),
)
main.add_lazy(
    "explain",
    "reports.explain_command",
    N_(
        "Replay one check of one notebook, for an appeal.\n\n"
        "Shows the inputs, what the student's functions returned, and what was expected. With "
        "--result, also shows whether the verdict is still the same and what has changed "
        "since."
    ),
)
main.add_lazy(
    "report",
    "reports.report_command",
    N_(
        "Make the report of a class or of a whole course.\n\n"
        "RESULTS.json is the file that `autograder grade NAME … --json RESULTS.json` wrote. "
        "Without NAME, one page shows all students and assignments of the gradebook; the names of "
        "assignments lead to NAME.html, if these class reports are in the same folder."
    ),
)
main.add_lazy(
    "gradescope",
    "authoring.gradescope_command",
    N_(
        "Make gradescope/NAME.zip, to upload to Gradescope.\n\n"
        "The zip contains the hidden checks, the reference solution and the course's "
        "secret. Give it to nobody but Gradescope."
    ),
)
main.add_lazy(
    "gradescope-run",
    "grade.gradescope_run",
    N_("Grade the files in submission/, in Gradescope's own folder."),
    hidden=True,
)
main.add_lazy(
    "certificates",
    "clusters.cluster_certificates",
    N_(
        "Make the certificates of a Dask cluster in a new folder.\n\n"
        "Copy the folder to each machine. The scheduler, the workers and `autograder grade` "
        "then connect to each other by TLS, and nobody else can connect to them."
    ),
)
main.add_lazy(
    "audit",
    "diagnostics.audit",
    N_(
        "Test the checks on answers whose score is known.\n\n"
        "These are correct answers, known mistakes, and mutants of the reference solution."
    ),
)
main.add_lazy(
    "doctor",
    "diagnostics.doctor_command",
    N_("Show which protections this machine has and lacks."),
)
