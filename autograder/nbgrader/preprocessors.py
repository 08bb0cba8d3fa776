"""The preprocessors that nbgrader's `autograde` runs; `nbgrader_config.py` names them.

Before anything is converted, the submission is copied (see `conversion`). Then `TakeIn` restores
the shape of the lesson, `Grade` grades it and writes points and reasons into its cells, nbgrader
saves them, and `Settle` corrects what cannot be written in a cell: that an answer needs review, and
why a submission was rejected.
"""

from __future__ import annotations

import atexit
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from nbformat.notebooknode import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Bool, Enum

from autograder.course import secret
from autograder.course.assignment import find_course
from autograder.grading.grader import Grader
from autograder.grading.trial_run import TrialFailed, demand_full_points
from autograder.i18n import use_language
from autograder.intake.reconcile import REJECTED_FILE, Rejected, reconcile, said_language, stand_in
from autograder.nbgrader import grade_cells, lessons
from autograder.nbgrader.sanitize import make_harmless
from autograder.reports.terminal.submission import plain
from autograder.sandbox.host.worker import Worker
from autograder.sandbox.isolation import Isolation

Resources = dict[str, Any]


@lru_cache(maxsize=8)
def _grader(root: Path, name: str, isolation: Isolation) -> Grader:
    """Return the grader of an assignment, kept for the whole run of nbgrader."""
    worker = Worker(isolation)
    atexit.register(worker.__exit__, None, None, None)
    return Grader(lessons.assignment(root, name), worker, secret.of_course(root))


@lru_cache(maxsize=8)
def _failed_trial(root: Path, name: str) -> str | None:
    """Return why the author's own solution does not get full points; None if it does."""
    try:
        demand_full_points(lessons.assignment(root, name))
    except TrialFailed as failed:
        return str(failed)
    return None


class TakeIn(NbGraderPreprocessor):  # type: ignore[misc]  # nbgrader has no types
    """Restore the released shape of a submission; the first sanitizing step."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Replace everything in the notebook but the student's own cells by ours."""
        course, name = find_course(Path()), resources["nbgrader"]["assignment"]
        language = lessons.assignment(course, name).spoken(said_language(nb) or "").language
        with use_language(language):
            lesson = lessons.lesson(course, name, language)
            try:
                submission = reconcile(nb, lesson)
            except Rejected as rejected:
                notebook = stand_in(lesson, str(rejected))
                if REJECTED_FILE in nb.metadata:  # of the file for which this one stands in
                    notebook.metadata[REJECTED_FILE] = nb.metadata[REJECTED_FILE]
                return notebook, resources
            notebook = submission.notebook(lesson)
            student = resources["nbgrader"]["student"]
            for observation in (*submission.observations, *make_harmless(notebook, submission)):
                self.log.warning("%s", plain(f"{student}: {observation}"))
            return notebook, resources


class Grade(NbGraderPreprocessor):  # type: ignore[misc]  # nbgrader has no types
    """Grade a submission, and write points and reasons into its cells."""

    isolation = Enum(
        [each.value for each in Isolation],
        default_value=Isolation.FULL.value,
        help="`process` grades work that you trust with less than the whole sandbox.",
    ).tag(config=True)

    flag_all_manual_scores = Bool(
        False,
        help="Flag every manual score in a regrade, as nbgrader's own autograde does, and not only "
        "those whose points or answer have changed.",
    ).tag(config=True)

    force = Bool(
        False,
        help="Grade although the author's own solution does not get full points.",
    ).tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Write the outputs of the cells; previous outputs are removed.

        Raises:
            TrialFailed: the author's own solution does not get full points; nobody is graded.
        """
        root, name = find_course(Path()), resources["nbgrader"]["assignment"]
        failed = None if self.force else _failed_trial(root, name)
        if failed is not None:
            raise TrialFailed(failed)
        grader = _grader(root, name, Isolation(self.isolation)).speaking_as(nb)
        with use_language(grader.assignment.language):
            return self._graded(nb, resources, grader)

    def _graded(
        self, nb: NotebookNode, resources: Resources, grader: Grader
    ) -> tuple[NotebookNode, Resources]:
        student = resources["nbgrader"]["student"]
        try:
            submission = reconcile(nb, grader.lesson)
        except Rejected as rejected:
            grade_cells.write_rejection(nb, grader.lesson, str(rejected))
            self.log.warning("%s", plain(f"{student} was not graded: {rejected}"))
            resources["autograder_rejected"] = str(rejected)
            return nb, resources
        graded = grader.take(submission)
        grade_cells.fill(nb, submission, graded, grader.sentences, grader.hints)
        without_points = [name for name, points in graded.settled.items() if points is None]
        resources["autograder_undecided"] = [*without_points, *graded.undecided]
        resources["autograder_without_points"] = without_points
        for observation in graded.observations:
            self.log.warning("%s", plain(f"{student}: {observation}"))
        return nb, resources


class Settle(NbGraderPreprocessor):  # type: ignore[misc]  # nbgrader has no types
    """Correct in the gradebook what no output of a cell can say; runs after `SaveAutoGrades`."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Leave undecided cells to a person, explain a rejection, and unmark pointless cells."""
        undecided = resources.get("autograder_undecided", ())
        reason = resources.get("autograder_rejected")
        if undecided or reason is not None:
            place: Mapping[str, str] = resources["nbgrader"]
            where = (place["notebook"], place["assignment"], place["student"])
            with Gradebook(place["db_url"]) as gradebook:
                for cell in sorted(undecided):
                    grade = gradebook.find_grade(cell, *where)
                    if cell in resources["autograder_without_points"]:
                        grade.auto_score = None
                    grade.needs_manual_grade = True
                if reason is not None:
                    notebook = gradebook.find_submission_notebook(*where)
                    for grade in notebook.grades:
                        grade.auto_score, grade.needs_manual_grade = None, True
                    for comment in notebook.comments:
                        comment.auto_comment = grade_cells.comment_on_rejection(reason)
                gradebook.db.commit()
        grade_cells.unmark_pointless(nb)
        return nb, resources
