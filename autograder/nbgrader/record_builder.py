"""Make the records of a graded submission: its scores, its graded notebook, its feedback page.

This happens in the grading process, from what the gradebook held when the run began, so that the
process that writes the gradebook has nothing else to compute. The steps are those of nbgrader's
`autograde` and `generate_feedback`, by nbgrader's own classes, in the order of the course's
configuration. They read a copy of the gradebook's content instead of the gradebook.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from math import fsum, isfinite
from types import SimpleNamespace
from typing import Any

import msgspec
import nbformat
from nbconvert.preprocessors import ExecutePreprocessor
from nbformat.notebooknode import NotebookNode
from nbformat.v4.rwbase import split_lines
from nbgrader import preprocessors as nbgrader
from nbgrader.api import MissingEntry
from nbgrader.converters import Autograde
from traitlets.utils.importstring import import_item

from autograder.grading.outcome import FeedbackTexts, GradedWork, NotebookResult
from autograder.i18n import _
from autograder.intake.reconcile import stand_in, text
from autograder.nbgrader import config, grade_cells
from autograder.nbgrader.feedback import Pages
from autograder.nbgrader.preprocessors import Grade, Settle, TakeIn
from autograder.nbgrader.records import (
    GradebookSnapshot,
    ManualEntries,
    NotebookRecord,
    NotebookScores,
    ReleasedNotebook,
    SourceCell,
    SubmissionRecord,
)
from autograder.nbgrader.sanitize import make_harmless

Resources = dict[str, Any]
Step = Callable[[NotebookNode, Resources], tuple[NotebookNode, Resources]]


def record_maker(
    snapshot: GradebookSnapshot, assignment: str, plain: bool
) -> Callable[[GradedWork[Any]], SubmissionRecord]:
    """Return the function that makes the record of a submission, as a `PostProcessor` does."""
    return RecordBuilder(snapshot, assignment, plain=plain).record


class RecordBuilder:
    """Make the records of one assignment's submissions.

    `plain` tells whether it has plain asserts, which nbgrader's own preprocessors grade too.

    Raises:
        BadConfig: the course's configuration leaves out a step that scores depend on.
    """

    def __init__(
        self, snapshot: GradebookSnapshot, assignment: str, *, plain: bool = False
    ) -> None:
        self.snapshot = snapshot
        self.assignment = assignment
        self.config = config.unpacked(snapshot.config)
        try:
            self.pages = Pages(self.config)
            autograde = Autograde(config=self.config)
            named = [
                import_item(each) if isinstance(each, str) else each
                for each in (*autograde.sanitize_preprocessors, *autograde.autograde_preprocessors)
            ]
            self.penalties = nbgrader.AssignLatePenalties(config=self.config)
        except Exception as error:  # importing what the file names may raise anything
            raise config.broken(error) from error
        needed = {TakeIn, Grade, nbgrader.SaveAutoGrades, Settle}
        self.grades: type = Grade
        if plain and Grade not in named:  # a course that was there before we were
            needed = {nbgrader.Execute, nbgrader.SaveAutoGrades}
            self.grades = nbgrader.Execute
        if missing := needed.difference(named):
            names = ", ".join(sorted(each.__name__ for each in missing))
            unnamed = _(
                "nbgrader_config.py does not list {names}: copy the lines about Autograde "
                "from the nbgrader_config.py that `autograder new` writes."
            )
            raise config.BadConfig(unnamed.format(names=names))
        self.late = any(issubclass(each, nbgrader.AssignLatePenalties) for each in named)
        self.steps = [(each, self._step(each)) for each in named]

    def _step(self, kind: Any) -> Step | None:
        """Return the step for a preprocessor's name; None for one that is done elsewhere."""
        if issubclass(kind, nbgrader.OverwriteCells):
            return _Overwrite(self.snapshot.forms, config=self.config)
        if issubclass(kind, nbgrader.OverwriteKernelspec):
            return self._kernelspec
        # Our cells are as they were released, and hold nothing that need be looked at again.
        ours = (nbgrader.CheckCellMetadata, nbgrader.DeduplicateIds)
        elsewhere = (TakeIn, Grade, Settle, nbgrader.SaveAutoGrades, nbgrader.AssignLatePenalties)
        if issubclass(kind, (*ours, *elsewhere, ExecutePreprocessor)):
            return None
        made: Step = kind(config=self.config)
        return made

    def record(self, examined: GradedWork[Any]) -> SubmissionRecord:
        """Return what a graded submission adds to the gradebook and its folders."""
        student = examined.result.student
        manual_entries = self.snapshot.manual_entries.get(student, {})
        records: dict[str, NotebookRecord] = {}
        observations: list[str] = []
        for notebook in examined.notebooks:
            name = notebook.lesson.name
            manual = manual_entries.get(name, ManualEntries())
            reason = text(notebook.reason or "")[:500]
            if notebook.submission is None:
                nb = stand_in(notebook.lesson, reason, notebook.data)
            else:
                nb = notebook.submission.notebook(notebook.lesson)
                observations += make_harmless(nb, notebook.submission)
            nb, saved = self._converted(nb, notebook, examined.grader, student, reason)
            marks = self._marks(notebook, saved, student, manual, reason)
            page = self.feedback(student, name, nb, marks, manual)
            records[name] = NotebookRecord(marks, _as_file(nb), page)
        return SubmissionRecord(records, manual_entries, tuple(dict.fromkeys(observations)))

    def _converted(
        self,
        nb: NotebookNode,
        notebook: NotebookResult,
        grader: FeedbackTexts,
        student: str,
        reason: str,
    ) -> tuple[NotebookNode, _Save]:
        """Return a notebook after all steps, and what they would save in the gradebook."""
        name = notebook.lesson.name
        resources: Resources = {
            "unique_key": name,
            "output_files_dir": f"{name}_files",
            "metadata": {"name": name},
            "nbgrader": {
                "student": student,
                "assignment": self.assignment,
                "notebook": name,
                "db_url": self.snapshot.db_url,
            },
        }
        saved = _Save()
        for kind, step in self.steps:
            if kind is self.grades and notebook.submission and notebook.graded:
                graded = notebook.graded
                grade_cells.fill(nb, notebook.submission, graded, grader.sentences, grader.hints)
            elif kind is self.grades:
                grade_cells.write_rejection(nb, notebook.lesson, reason)
            elif kind is nbgrader.SaveAutoGrades:
                saved.preprocess(nb, resources)
            elif kind is Settle:
                grade_cells.unmark_pointless(nb)
            elif step is not None:
                try:
                    nb, resources = step(nb, resources)
                except Exception as error:  # whatever a preprocessor of the course's may raise
                    raise config.BadConfig(_failing(kind, student, error)) from error
        return nb, saved

    def _marks(
        self,
        notebook: NotebookResult,
        saved: _Save,
        student: str,
        manual: ManualEntries,
        reason: str,
    ) -> NotebookScores:
        """Return the scores and comments of a notebook; `reason` says why it was rejected."""
        form = self.snapshot.forms[notebook.lesson.name]
        undecided: frozenset[str] = frozenset()
        if notebook.graded is not None:
            scores, comments = saved.scores() | dict(notebook.graded.settled), saved.comments()
            undecided = notebook.graded.undecided
        else:
            scores = dict.fromkeys(form.max_scores, None)  # no points in silence: a person decides
            comments = dict.fromkeys(form.answers, grade_cells.comment_on_rejection(reason))
        penalty = self.penalty(student, form, scores, manual)
        return NotebookScores(scores, comments, penalty, undecided)

    def penalty(
        self,
        student: str,
        form: ReleasedNotebook,
        scores: Mapping[str, float | None],
        manual: ManualEntries,
    ) -> float | None:
        """Return the late penalty of a notebook, by the course's plugin."""
        if not self.late or manual.seconds_late <= 0:
            return None
        late = self.penalties
        if not late.enabled:
            return None
        late.init_plugin()
        score = fsum(_score(each, scores, manual) for each in form.max_scores)
        try:
            penalty = late.plugin_inst.late_submission_penalty(student, score, manual.seconds_late)
            if penalty is None:
                return None
            if not isfinite(penalty):
                raise ValueError(f"{penalty} is no penalty")  # reported below
            return float(late._check_late_penalty(SimpleNamespace(score=score), penalty))
        except Exception as error:  # whatever the course's plugin may raise
            raise config.BadConfig(_failing(late.plugin_class, student, error)) from error

    def feedback(
        self,
        student: str,
        name: str,
        nb: NotebookNode,
        marks: NotebookScores,
        manual: ManualEntries,
    ) -> bytes:
        """Return the page for a student, from the notebook as it is in `autograded/`."""
        form = self.snapshot.forms[name]
        with_marks = [_with_score(each, form, marks, manual) for each in nb.cells]
        score = fsum(_score(each, marks.scores, manual) for each in form.max_scores)
        penalty = marks.penalty or 0
        totals = {
            "student": student,
            "assignment": self.assignment,
            "notebook": name,
            "score": score - penalty,
            "max_score": fsum(form.max_scores.values()),
            "late_penalty": penalty,
            "waits": {
                name
                for name in form.max_scores
                if marks.needs_review(name) and name not in manual.manual_scores
            },
            "given": set(manual.manual_scores),
        }
        return self.pages.page(NotebookNode({**nb, "cells": with_marks}), totals).encode()

    def again(
        self,
        student: str,
        name: str,
        notebook: bytes,
        marks: NotebookScores,
        manual: ManualEntries,
    ) -> tuple[NotebookScores, bytes]:
        """Return the marks and the page of a notebook after the gradebook has changed."""
        penalty = self.penalty(student, self.snapshot.forms[name], marks.scores, manual)
        marks = replace(marks, penalty=penalty)
        nb = nbformat.reads(notebook.decode(), as_version=4)
        return marks, self.feedback(student, name, nb, marks, manual)

    def _kernelspec(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        form = self.snapshot.forms[resources["nbgrader"]["notebook"]]
        if form.kernelspec and (kernelspec := msgspec.json.decode(form.kernelspec)):
            nb.metadata["kernelspec"] = kernelspec
        return nb, resources


def _with_score(
    node: NotebookNode, form: ReleasedNotebook, marks: NotebookScores, manual: ManualEntries
) -> NotebookNode:
    """Return a cell with its score and comment, as nbgrader's GetGrades adds them."""
    if "nbgrader" not in node.metadata:
        return node
    known = NotebookNode(node.metadata["nbgrader"])
    if known.get("solution") or known.get("task"):
        automatic = marks.comments.get(known["grade_id"])
        known["comment"] = manual.manual_comments.get(known["grade_id"], automatic)
    if known.get("grade") or known.get("task"):
        known["score"] = _score(known["grade_id"], marks.scores, manual)
        known["points"] = form.max_scores[known["grade_id"]]
    return NotebookNode({**node, "metadata": {**node.metadata, "nbgrader": known}})


def _as_file(nb: NotebookNode) -> bytes:
    """Write a notebook as nbformat does, in a tenth of the time; it cannot be used afterwards."""
    lines = split_lines(nb)
    return msgspec.json.format(msgspec.json.encode(lines, order="sorted"), indent=1) + b"\n"


def _failing(kind: type, student: str, error: Exception) -> str:
    fails = _(
        "{name}, which nbgrader_config.py lists, fails for {student}: {error}. Fix "
        "it, and grade again."
    )
    said = f"{type(error).__name__}: {error}"
    return fails.format(name=kind.__name__, student=student, error=said)


def _score(name: str, scores: Mapping[str, float | None], manual: ManualEntries) -> float:
    """Return the score of a grade cell: the manual one if there is one, else the automatic one."""
    given = manual.manual_scores.get(name, scores.get(name))
    return 0.0 if given is None else given + manual.extra_credits.get(name, 0.0)


class _Overwrite(nbgrader.OverwriteCells):  # type: ignore[misc]  # nbgrader has no types
    """nbgrader's preprocessor, reading a copy of the gradebook's content."""

    def __init__(self, forms: Mapping[str, ReleasedNotebook], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.forms = forms
        self.gradebook = self

    def find_source_cell(self, name: str, notebook: str, _assignment: str) -> SourceCell:
        """Return what nbgrader would read from the gradebook."""
        sources = self.forms[notebook].sources
        if name not in sources:
            raise MissingEntry(name)
        return sources[name]

    def find_graded_cell(self, name: str, notebook: str, _assignment: str) -> SimpleNamespace:
        """Return what nbgrader would read from the gradebook."""
        return SimpleNamespace(max_score=self.forms[notebook].max_scores[name])

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        self.notebook_id = resources["nbgrader"]["notebook"]
        self.assignment_id = resources["nbgrader"]["assignment"]
        return _each_cell(self, nb, resources)


class _Save(nbgrader.SaveAutoGrades):  # type: ignore[misc]  # nbgrader has no types
    """nbgrader's preprocessor, keeping what it would have written into the gradebook."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.gradebook = self
        self.db = SimpleNamespace(commit=lambda: None)
        self.grades: dict[str, SimpleNamespace] = {}
        self.said: dict[str, SimpleNamespace] = {}

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        place = resources["nbgrader"]
        self.notebook_id, self.assignment_id = place["notebook"], place["assignment"]
        self.student_id = place["student"]
        return _each_cell(self, nb, resources)

    def find_grade(self, name: str, *_where: str) -> SimpleNamespace:
        """Return what nbgrader would read from the gradebook."""
        return self.grades.setdefault(name, SimpleNamespace(auto_score=None, manual_score=None))

    def find_comment(self, name: str, *_where: str) -> SimpleNamespace:
        """Return what nbgrader would read from the gradebook."""
        return self.said.setdefault(name, SimpleNamespace(auto_comment=None))

    def scores(self) -> dict[str, float | None]:
        """Return the automatic scores that it has saved."""
        return {name: each.auto_score for name, each in self.grades.items()}

    def comments(self) -> dict[str, str | None]:
        """Return the automatic comments that it has saved."""
        return {name: each.auto_comment for name, each in self.said.items()}


def _each_cell(
    step: nbgrader.NbGraderPreprocessor, nb: NotebookNode, resources: Resources
) -> tuple[NotebookNode, Resources]:
    for number, cell in enumerate(nb.cells):
        nb.cells[number], resources = step.preprocess_cell(cell, resources, number)
    return nb, resources
