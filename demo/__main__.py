"""`make demo`: build and release the assignments, play a class, and grade it.

Everything happens in `build/demo/`, in a course and an exchange of its own. The commands that an
instructor would type are printed before they run.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from nbgrader.api import Gradebook
from nbgrader.auth import Authenticator
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange.default import (
    Exchange,
    ExchangeFetchAssignment,
    ExchangeFetchFeedback,
    ExchangeSubmit,
)
from rich.console import Console
from rich.markup import escape
from traitlets.config import Config

from autograder.course.assignment import Assignment
from autograder.course.builder import build
from autograder.course.lesson import Lesson
from autograder.sandbox.host.worker import Worker
from autograder.sandbox.isolation import Isolation, SandboxError
from demo.students import CLASSES, WORDS, Student, submitted

ROOT = Path(__file__).resolve().parent.parent
PLACE = ROOT / "build" / "demo"
COURSE = PLACE / "course"
EXCHANGE = PLACE / "exchange"
FIRST, *OTHERS = CLASSES

EXCHANGED = """
c.Exchange.root = {exchange!r}
c.Exchange.cache = {cache!r}
"""

console = Console(highlight=False)


def main() -> None:
    """Play one round, from the lessons to the feedback."""
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    shutil.rmtree(PLACE, ignore_errors=True)
    EXCHANGE.mkdir(parents=True)
    for folder in ("assignments", "reference"):
        shutil.copytree(ROOT / folder, COURSE / folder)
    config = (ROOT / "nbgrader_config.py").read_text(encoding="utf-8")
    config += EXCHANGED.format(exchange=str(EXCHANGE), cache=str(PLACE / "cache"))
    isolation = choose_isolation()
    config += f"c.Grade.isolation = {isolation.value!r}\n"
    (COURSE / "nbgrader_config.py").write_text(config, encoding="utf-8")

    title("The instructor builds and releases the notebooks")
    run("autograder", "build")
    for name in CLASSES:
        run("autograder", "release", name)
        run("nbgrader", "release_assignment", name, quiet=True)

    for name, students in CLASSES.items():
        title(f"{len(students)} students fetch {name} and submit their notebooks")
        assignment = Assignment(COURSE, name)
        lesson = build(assignment)
        for student in students:
            hand_in(student, assignment, lesson)
            console.print(f"  {student.name:<6} {student.story}")
        run("nbgrader", "collect", name, quiet=True)

    title("Grade one assignment from files, and make the class report")
    by_name = () if isolation is Isolation.FULL else ("--isolation", isolation.value)
    run("autograder", "grade", FIRST, "submitted", "--json", result_file(FIRST), *by_name)

    run("autograder", "report", FIRST, result_file(FIRST), "--output", "report.html")

    title("Grade it into nbgrader's gradebook with nbgrader's own command")
    run("nbgrader", "autograde", FIRST, quiet=True)
    compare(FIRST)

    title("Grade the other two into the gradebook with autograder")
    for name in OTHERS:
        run("autograder", "grade", name, "--gradebook", "--json", result_file(name))
        compare(name)

    title("Grade the written answers by hand, and release the feedback")
    mark_words()
    for name in CLASSES:
        # With --force: the feedback that exists was made before the written answers were graded.
        run("nbgrader", "generate_feedback", name, "--force", quiet=True)
        run("nbgrader", "release_feedback", name, quiet=True)
    run("nbgrader", "export", "--to", "grades.csv", quiet=True)
    for name in CLASSES:
        learn("emil", name, ExchangeFetchFeedback)

    title("Files to look at")
    for path, what in (
        (COURSE / "release" / f"{FIRST}.zip", "the release, which students get"),
        (COURSE / result_file(FIRST), "the result of every check, for programs"),
        (COURSE / "report.html", "the class report (open it in a browser)"),
        (
            PLACE / "students" / "emil" / FIRST / "feedback",
            "the feedback for Emil, who started with zeros (open it in a browser)",
        ),
        (COURSE / "grades.csv", "the scores, exported by nbgrader"),
    ):
        console.print(f"  {os.path.relpath(path, ROOT)}\n      {what}", soft_wrap=True)

    title("Next, start a course of your own")
    command = Path(sys.executable).with_name("autograder")
    console.print(
        f"  mkdir ~/my_course && cd ~/my_course && {command} new my_assignment", soft_wrap=True
    )


def choose_isolation() -> Isolation:
    """Return the isolation that this machine offers; the demo's students can be trusted."""
    try:
        with Worker() as worker:
            worker.open().end()
    except SandboxError as error:
        console.print(
            f"{error}\nThe demo's students are made up, so the demo uses `--isolation process`."
        )
        return Isolation.PROCESS
    return Isolation.FULL


def title(text: str) -> None:
    """Print a headline."""
    console.print(f"\n[bold]{text}[/]\n")


def run(*command: str, quiet: bool = False) -> None:
    """Print and run a command of the instructor; stop the demo if it fails."""
    console.print(f"[dim]$ {escape(' '.join(command))}[/]", soft_wrap=True)
    sys.stdout.flush()
    done = subprocess.run(  # noqa: S603  # our own commands
        command, cwd=COURSE, check=False, capture_output=quiet, text=True
    )
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)} exited with {done.returncode}. {done.stderr or ''}")


def learn(name: str, assignment: str, *does: type[Exchange]) -> None:
    """Let a student use the exchange, as nbgrader's commands and its JupyterLab extension do.

    Args:
        name: the student's, and the name of the student's folder.
        assignment: the assignment to fetch or submit.
        does: the parts of nbgrader to start, in order.
    """
    desk = PLACE / "students" / name
    config = Config()
    config.CourseDirectory.update(
        course_id="initialization", student_id=name, assignment_id=assignment
    )
    config.Exchange.update(
        root=str(EXCHANGE), cache=str(PLACE / "caches" / name), assignment_dir=str(desk)
    )
    for each in does:
        coursedir = CourseDirectory(config=config)
        each(coursedir=coursedir, authenticator=Authenticator(config=config), config=config).start()


def hand_in(student: Student, assignment: Assignment, lesson: Lesson) -> None:
    """Let a student fetch the notebook, write answers and submit it."""
    name = assignment.name
    learn(student.name, name, ExchangeFetchAssignment)
    written = submitted(student, assignment, lesson)
    path = PLACE / "students" / student.name / name / f"{name}.ipynb"
    path.write_text(written, encoding="utf-8")
    learn(student.name, name, ExchangeSubmit)


def result_file(name: str) -> str:
    """Return the name of an assignment's result file in the course."""
    return f"{name.partition('_')[0]}.json"


def compare(name: str) -> None:
    """Compare nbgrader's gradebook with the result file, grade cell by grade cell.

    Raises:
        SystemExit: they differ.
    """
    results = json.loads((COURSE / result_file(name)).read_text())
    cells = 0
    with Gradebook(f"sqlite:///{COURSE / 'gradebook.db'}") as gradebook:
        for result in results["submissions"]:
            if result["status"] == "rejected":
                continue  # its points are open in the gradebook, and count as 0 in the result file
            wanted: dict[str, float] = {}
            for check in result["checks"]:
                cell = f"{check['function']}_hidden"
                wanted[cell] = wanted.get(cell, 0.0) + check["points"]
            notebook = gradebook.find_submission_notebook(name, name, result["student"])
            for grade in notebook.grades:
                if not grade.name.endswith("_hidden"):
                    continue
                cells += 1
                if abs(grade.auto_score - wanted.get(grade.name, 0.0)) > 1e-9:
                    raise SystemExit(f"{result['student']}: {grade.name} differs")
    console.print(
        f"\n  Compared: all {cells} grade cells have the same points as the result file.\n"
    )


def mark_words() -> None:
    """Give every written answer the same points, which a real instructor would not."""
    with Gradebook(f"sqlite:///{COURSE / 'gradebook.db'}") as gradebook:
        for name, answers in WORDS.items():
            waiting = [
                grade
                for submission in gradebook.assignment_submissions(name)
                for notebook in submission.notebooks
                for grade in notebook.grades
                if grade.name in answers and grade.needs_manual_grade
            ]
            for grade in waiting:
                grade.manual_score = 8
                grade.needs_manual_grade = False
            console.print(f"  {name}: {len(waiting)} written answers, 8/10 points each")
        gradebook.db.commit()
    console.print()


if __name__ == "__main__":
    main()
