"""`make demo`: builds and releases the assignments, plays a class, and grades it.

Everything happens in `build/demo/`, in a course and an exchange of its own. The commands that the
instructor types are printed before they run.
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
from demo.learners import CLASSES, WORDS, Learner, handed_in

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
    """Plays one round, from the lessons to the feedback."""
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

    title("The instructor builds the notebooks, and releases them")
    run("autograder", "build")
    for name in CLASSES:
        run("autograder", "release", name)
        run("nbgrader", "release_assignment", name, quiet=True)

    for name, learners in CLASSES.items():
        title(f"{len(learners)} learners fetch {name}, and hand in")
        assignment = Assignment(COURSE, name)
        lesson = build(assignment)
        for learner in learners:
            hand_in(learner, assignment, lesson)
            console.print(f"  {learner.name:<6} {learner.story}")
        run("nbgrader", "collect", name, quiet=True)

    title("autograder grades one of them, and says why")
    by_name = () if isolation is Isolation.FULL else ("--isolation", isolation.value)
    run("autograder", "grade", FIRST, "submitted", "--json", result_file(FIRST), *by_name)

    run("autograder", "report", FIRST, result_file(FIRST), "--output", "report.html")

    title("nbgrader grades it into its gradebook, through the same judge")
    run("nbgrader", "autograde", FIRST, quiet=True)
    compare(FIRST)

    title("For the others autograder does both in one command")
    for name in OTHERS:
        run("autograder", "grade", name, "--gradebook", "--json", result_file(name))
        compare(name)

    title("The instructor marks the words by hand, and gives everything back")
    mark_words()
    for name in CLASSES:
        # With --force, for the others have feedback from before anybody had marked the words.
        run("nbgrader", "generate_feedback", name, "--force", quiet=True)
        run("nbgrader", "release_feedback", name, quiet=True)
    run("nbgrader", "export", "--to", "grades.csv", quiet=True)
    for name in CLASSES:
        learn("emil", name, ExchangeFetchFeedback)

    title("Where to look")
    for path, what in (
        (COURSE / "release" / f"{FIRST}.zip", "what learners get"),
        (COURSE / result_file(FIRST), "every check of every learner, for programs"),
        (COURSE / "report.html", "the class report: open it in a browser"),
        (
            PLACE / "learners" / "emil" / FIRST / "feedback",
            "what Emil, who started with zeros, has fetched: open the page in a browser",
        ),
        (COURSE / "grades.csv", "the table that nbgrader exports"),
    ):
        console.print(f"  {path.relative_to(ROOT)}\n      {what}", soft_wrap=True)


def choose_isolation() -> Isolation:
    """Less than the whole sandbox where this machine has no more to give: our learners are ours."""
    try:
        with Worker() as worker:
            worker.open().end()
    except SandboxError as error:
        console.print(f"{error}\nThe demo's learners are made up, so it asks for just that.")
        return Isolation.PROCESS
    return Isolation.FULL


def title(text: str) -> None:
    """Prints a headline."""
    console.print(f"\n[bold]{text}[/]\n")


def run(*command: str, quiet: bool = False) -> None:
    """Prints and runs a command of the instructor's; stops the demo where it fails."""
    console.print(f"[dim]$ {escape(' '.join(command))}[/]", soft_wrap=True)
    sys.stdout.flush()
    done = subprocess.run(  # noqa: S603  # our own commands
        command, cwd=COURSE, check=False, capture_output=quiet, text=True
    )
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)} exited with {done.returncode}. {done.stderr or ''}")


def learn(name: str, assignment: str, *does: type[Exchange]) -> None:
    """What a learner does at the exchange, as nbgrader's commands and its JupyterLab extension do.

    Args:
        name: the learner's, who works in a folder of that name.
        assignment: what it is about.
        does: the parts of nbgrader that do it, in order.
    """
    desk = PLACE / "learners" / name
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


def hand_in(learner: Learner, assignment: Assignment, lesson: Lesson) -> None:
    """What one learner does, from fetching the notebook to submitting it."""
    name = assignment.name
    learn(learner.name, name, ExchangeFetchAssignment)
    written = handed_in(learner, assignment, lesson)
    path = PLACE / "learners" / learner.name / name / f"{name}.ipynb"
    path.write_text(written, encoding="utf-8")
    learn(learner.name, name, ExchangeSubmit)


def result_file(name: str) -> str:
    """Where the result of an assignment is written, in the course."""
    return f"{name.partition('_')[0]}.json"


def compare(name: str) -> None:
    """Holds nbgrader's gradebook against the result file, grade cell by grade cell.

    Raises:
        SystemExit: they differ.
    """
    results = json.loads((COURSE / result_file(name)).read_text())
    cells = 0
    with Gradebook(f"sqlite:///{COURSE / 'gradebook.db'}") as gradebook:
        for result in results["submissions"]:
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
    console.print(f"\n  The gradebook has the same points in all {cells} grade cells.\n")


def mark_words() -> None:
    """Gives all words that wait for a person the same points, as an instructor would not."""
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
            console.print(f"  {name}: {len(waiting)} answers in words, 8 of 10 points each.")
        gradebook.db.commit()
    console.print()


if __name__ == "__main__":
    main()
