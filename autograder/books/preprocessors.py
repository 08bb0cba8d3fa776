"""What nbgrader's `autograde` calls, by the names in `nbgrader_config.py`.

Before anything is converted, `set_aside` takes away files that nbgrader could not even open. Then
`TakeIn` puts a submission back into the shape of the lesson, `Grade` has it judged and writes
points and reasons into its cells, nbgrader saves what it reads there, and `Settle` sets right what
cannot be written in a cell: that a person must decide, or why a file was set aside.
"""

from __future__ import annotations

import atexit
import os
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from nbformat.notebooknode import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Enum

from autograder.books import aside, cells, unfinished
from autograder.books.files import harmless_files
from autograder.books.texts import make_harmless
from autograder.course import secret
from autograder.course.assignment import Assignment, find_course
from autograder.course.lesson import Lesson, build, built_language
from autograder.grader import Grader
from autograder.intake.archives import find_of_student
from autograder.intake.submission import Rejected, reconcile, said_language, stand_in
from autograder.language import speaking
from autograder.reports.terminal import plain
from autograder.sandbox.host import Worker
from autograder.sandbox.isolation import Isolation

Resources = dict[str, Any]


@lru_cache(maxsize=8)
def _lesson(root: Path, name: str, language: str) -> Lesson:
    return build(Assignment(root, name, language))


@lru_cache(maxsize=8)
def _assignment(root: Path, name: str) -> Assignment:
    """An assignment in the language in which the course was built."""
    assignment = Assignment(root, name)
    return assignment.spoken(built_language(assignment))


@lru_cache(maxsize=8)
def _grader(root: Path, name: str, isolation: Isolation) -> Grader:
    """The grader of an assignment, warm for the whole run of nbgrader."""
    worker = Worker(isolation)
    atexit.register(worker.__exit__, None, None, None)
    return Grader(_assignment(root, name), worker, secret.of_course(root))


def set_aside(*, assignment: str, notebooks: list[str], **_rest: object) -> None:
    """Puts a readable stand-in in the place of a submitted file that nbgrader cannot open.

    The file itself stays beside it, its name ending in `.rejected`. A single notebook under
    another name is taken for the one that was asked for, as everywhere; of several nobody knows
    which is meant, and the stand-in says so. What is made for them is gone when they are graded:
    it would be taken for what was handed in. nbgrader calls this, in the course's folder, as
    `Autograde.pre_convert_hook`.

    Args:
        assignment: its name.
        notebooks: the paths of one student's notebooks; one that is made here is added, and what is
            no file is taken out.
    """
    course = find_course(Path())
    unfinished.demand_gradebook()
    if not unfinished.take_part(Assignment(course, assignment).folder):
        notebooks.clear()
        return
    unfinished.begin(notebooks)
    path = Path(notebooks[0]).with_name(f"{assignment}.ipynb")
    found = find_of_student(path.parent, assignment, "")
    if not os.path.lexists(path):
        unfinished.lend(path)
    language = _assignment(course, assignment).language
    with speaking(language):
        aside.make_readable(found, path, _lesson(course, assignment, language))
    if str(path) not in notebooks:
        notebooks.append(str(path))
    aside.set_odd_files_aside(path.parent)
    notebooks[:] = [each for each in notebooks if Path(each).is_file()]


class TakeIn(NbGraderPreprocessor):  # type: ignore[misc]  # nbgrader has no types
    """Puts a submission back into the shape that was released; the first sanitizing step."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Replaces the notebook by one in which all but the learner's own cells is ours."""
        course, name = find_course(Path()), resources["nbgrader"]["assignment"]
        language = _assignment(course, name).spoken(said_language(nb) or "").language
        with speaking(language):
            return self._taken_in(nb, resources, _lesson(course, name, language))

    def _taken_in(
        self, nb: NotebookNode, resources: Resources, lesson: Lesson
    ) -> tuple[NotebookNode, Resources]:
        try:
            submission = reconcile(nb, lesson)
        except Rejected as rejected:
            return stand_in(lesson, str(rejected)), resources
        notebook = submission.notebook(lesson)
        student, assignment = (resources["nbgrader"][key] for key in ("student", "assignment"))
        observations = [
            *submission.observations,
            *make_harmless(notebook, submission),
            *harmless_files(Path("autograded", student, assignment)),
        ]
        for observation in observations:
            self.log.warning("%s", plain(f"{student}: {observation}"))
        return notebook, resources


class Grade(NbGraderPreprocessor):  # type: ignore[misc]  # likewise
    """Has a submission judged, and writes points and reasons into its cells."""

    isolation = Enum(
        [each.value for each in Isolation],
        default_value=Isolation.FULL.value,
        help="`process` grades work that you trust with less than the whole sandbox.",
    ).tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Fills the outputs of the cells; what they were before is gone."""
        root, name = find_course(Path()), resources["nbgrader"]["assignment"]
        grader = _grader(root, name, Isolation(self.isolation)).speaking_as(nb)
        with speaking(grader.assignment.language):
            return self._graded(nb, resources, grader)

    def _graded(
        self, nb: NotebookNode, resources: Resources, grader: Grader
    ) -> tuple[NotebookNode, Resources]:
        student = resources["nbgrader"]["student"]
        try:
            submission = reconcile(nb, grader.lesson)
        except Rejected as rejected:
            cells.write_rejection(nb, grader.lesson, str(rejected))
            self.log.warning("%s", plain(f"{student} was not graded: {rejected}"))
            resources["autograder_rejected"] = str(rejected)
            return nb, resources
        graded = grader.take(submission)
        cells.fill(nb, submission, graded, grader.sentences, grader.hints)
        undecided = [name for name, points in graded.settled.items() if points is None]
        resources["autograder_undecided"] = undecided
        for observation in graded.observations:
            self.log.warning("%s", plain(f"{student}: {observation}"))
        return nb, resources


class Settle(NbGraderPreprocessor):  # type: ignore[misc]  # likewise
    """Sets right in the gradebook what no output of a cell can say; after `SaveAutoGrades`."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Leaves undecided cells to a person, and says why a file was set aside."""
        undecided = resources.get("autograder_undecided", ())
        reason = resources.get("autograder_rejected")
        if undecided or reason is not None:
            place: Mapping[str, str] = resources["nbgrader"]
            where = (place["notebook"], place["assignment"], place["student"])
            with Gradebook(place["db_url"]) as gradebook:
                for cell in sorted(undecided):
                    grade = gradebook.find_grade(cell, *where)
                    grade.auto_score = None
                    grade.needs_manual_grade = True
                if reason is not None:
                    notebook = gradebook.find_submission_notebook(*where)
                    for comment in notebook.comments:
                        comment.auto_comment = cells.comment_on_rejection(reason)
                gradebook.db.commit()
        return nb, resources
