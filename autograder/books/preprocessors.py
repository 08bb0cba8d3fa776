"""What nbgrader's `autograde` calls, by the names in `nbgrader_config.py`.

Before anything is converted, `set_aside` takes away files that nbgrader could not even open. Then
`TakeIn` puts a submission back into the shape of the lesson, `Grade` has it judged and writes
points and reasons into its cells, nbgrader saves what it reads there, and `Settle` sets right what
cannot be written in a cell: that a person must decide, or why a file was set aside.

What nbgrader makes of a cell that says nothing is full marks; so every hidden grade cell gets an
explicit number, and nothing that a learner's code printed is ever in one.
"""

from __future__ import annotations

import atexit
import io
import os
import stat
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import NotebookExporter
from nbformat.notebooknode import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Enum
from traitlets.config import Config

from autograder.books import unfinished
from autograder.books.files import harmless_files
from autograder.books.texts import harmless, is_base64
from autograder.checking.result import CheckResult
from autograder.course import secret
from autograder.course.assignment import Assignment, find_course
from autograder.course.lesson import Lesson, Part, Role, build
from autograder.grader import Graded, Grader
from autograder.intake.files import in_folder, read_file
from autograder.intake.submission import Rejected, Submission, read, reconcile, stand_in
from autograder.reports import cell as report
from autograder.sandbox import wire
from autograder.sandbox.host import Worker
from autograder.sandbox.isolation import Isolation

Resources = dict[str, Any]

ALTERED = (
    "A text holds HTML, a link or a picture that may not be shown as it is, or that nobody could "
    "show; what was written is shown instead, and the file that was handed in has the original."
)

ASIDE = ".rejected"
"""What a file that cannot be read is called after it was set aside, behind its own name."""


@lru_cache(maxsize=8)
def _lesson(root: Path, name: str) -> Lesson:
    return build(Assignment(root, name))


@lru_cache(maxsize=8)
def _grader(root: Path, name: str, isolation: Isolation) -> Grader:
    """The grader of an assignment, warm for the whole run of nbgrader."""
    worker = Worker(isolation)
    atexit.register(worker.__exit__, None, None, None)
    return Grader(Assignment(root, name), worker, secret.of_course(root))


def set_aside(*, assignment: str, notebooks: list[str], **_rest: object) -> None:
    """Puts a readable stand-in in the place of a submitted file that nbgrader cannot open.

    The file itself stays beside it, its name ending in `.rejected`. A single notebook under
    another name is taken for the one that was asked for, as everywhere. nbgrader calls this, in
    the course's folder, as `Autograde.pre_convert_hook`.

    Args:
        assignment: its name.
        notebooks: the paths of one student's notebooks; one that is made here is added, and what is
            no file is taken out.
    """
    unfinished.demand_gradebook()
    unfinished.begin(notebooks)
    path = Path(notebooks[0]).with_name(f"{assignment}.ipynb")
    if str(path) in notebooks:
        _make_readable(path, path, assignment)
    elif len(notebooks) == 1:
        _make_readable(Path(notebooks[0]), path, assignment)
        notebooks.append(str(path))
    _set_odd_files_aside(path.parent)
    notebooks[:] = [each for each in notebooks if Path(each).is_file()]


def _make_readable(handed_in: Path, path: Path, assignment: str) -> None:
    """Sees to it that at a path there is what nbgrader can open, made from what was handed in."""
    lesson = _lesson(find_course(Path()), assignment)
    try:
        data = read_file(handed_in)
        if _nbgrader_reads(data):
            if handed_in != path:
                path.write_bytes(data)
            return
        readable = read(data, lesson).notebook(lesson)
    except Rejected as rejected:
        readable = stand_in(lesson, str(rejected))
    if handed_in == path:
        path.rename(path.with_name(path.name + ASIDE))
    path.write_text(nbformat.writes(readable), encoding="utf-8")


def _set_odd_files_aside(folder: Path) -> None:
    """Puts a line of text in the place of every link, pipe and device of a submission.

    nbgrader copies what lies beside a notebook: it would copy `/dev/zero` for ever, and through a
    link whatever the instructor may read.
    """
    for file in in_folder(folder):
        path = folder / file.place
        mode = path.lstat().st_mode
        if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
            what = f"a link to {os.readlink(path)}" if stat.S_ISLNK(mode) else "a pipe or a device"
            path.unlink()
            note = path.with_name(path.name.removesuffix(ASIDE)[:200] + ASIDE)
            note.write_text(f"This was {what}.\n", encoding="utf-8", errors="replace")


def _nbgrader_reads(data: bytes) -> bool:
    """Whether a file gets as far as our preprocessors."""
    exporter = NotebookExporter(config=Config({"Exporter": {"default_preprocessors": []}}))
    try:
        exporter.from_file(io.StringIO(data.decode()))
    except Exception:  # whatever it is, nbgrader would stop at it too
        return False
    return True


class TakeIn(NbGraderPreprocessor):  # type: ignore[misc]  # nbgrader has no types
    """Puts a submission back into the shape that was released; the first sanitizing step."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Replaces the notebook by one in which all but the learner's own cells is ours."""
        lesson = _lesson(find_course(Path()), resources["nbgrader"]["assignment"])
        try:
            submission = reconcile(nb, lesson)
        except Rejected as rejected:
            return stand_in(lesson, str(rejected)), resources
        notebook = submission.notebook(lesson)
        student, assignment = (resources["nbgrader"][key] for key in ("student", "assignment"))
        observations = [
            *submission.observations,
            *_make_harmless(notebook, submission),
            *harmless_files(Path("autograded", student, assignment)),
        ]
        for observation in observations:
            self.log.warning("%s: %s", student, observation)
        return notebook, resources


def _make_harmless(notebook: NotebookNode, submission: Submission) -> list[str]:
    """Sees to it that nothing runs in the texts of a learner's; says if something would have."""
    altered = False
    for node, cell in zip(notebook.cells, submission.cells, strict=True):
        if cell.markdown:
            text = harmless(cell.source, cell.attachments or {})
            altered |= text.altered
            node.source = text.source
            node.pop("attachments", None)
            if text.attachments:
                node["attachments"] = text.attachments
    return [ALTERED] if altered else []


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
        grader = _grader(root, name, Isolation(self.isolation))
        student = resources["nbgrader"]["student"]
        try:
            submission = reconcile(nb, grader.lesson)
        except Rejected as rejected:
            _write_rejection(nb, grader.lesson, str(rejected))
            self.log.warning("%s was not graded: %s", student, rejected)
            resources["autograder_rejected"] = str(rejected)
            return nb, resources
        graded = grader.take(submission)
        for number, (node, cell) in enumerate(zip(nb.cells, submission.cells, strict=True)):
            if cell.part is not None and cell.part.role is Role.HIDDEN:
                _write_points(node, cell.part, _of(cell.part, graded), grader.sentences)
            elif cell.part is not None and cell.part.role is Role.RUNNER:
                node.source = node.source.partition("\n")[0]  # nobody wants to read it here
            elif number in graded.ran:
                node.outputs = [_output(each) for each in graded.ran[number].outputs]
                node.outputs += _error(graded.ran[number])
        resources["autograder_undecided"] = {
            f"{check.function}_hidden" for check in graded.checks if check.points is None
        }
        for observation in graded.observations:
            self.log.warning("%s: %s", student, observation)
        return nb, resources


def _of(part: Part, graded: Graded) -> list[CheckResult]:
    """The checks that a hidden grade cell holds the points of."""
    return [check for check in graded.checks if f"{check.function}_hidden" == part.id]


def _write_points(
    node: NotebookNode, part: Part, checks: list[CheckResult], sentences: Mapping[str, str]
) -> None:
    points = sum(check.points for check in checks if check.points is not None)
    node.source = part.released  # nothing that was hidden goes into feedback
    node.outputs = [
        nbformat.v4.new_output(
            "display_data",
            {
                "text/plain": report.text(checks, sentences),
                "text/html": report.html(checks, sentences),
            },
        ),
        nbformat.v4.new_output("execute_result", {"text/plain": repr(points)}, execution_count=1),
    ]


def _write_rejection(nb: NotebookNode, lesson: Lesson, reason: str) -> None:
    for node in nb.cells:
        part = lesson.by_id.get(node.metadata.get("nbgrader", {}).get("grade_id"))
        if part is not None and part.role is Role.HIDDEN:
            node.source = part.released
            node.outputs = [
                nbformat.v4.new_output("display_data", {"text/plain": reason}),
                nbformat.v4.new_output("execute_result", {"text/plain": "0.0"}, execution_count=1),
            ]


def _output(output: wire.Output) -> NotebookNode:
    """Something a learner's cell showed, as a notebook holds it."""
    if output.kind in ("stdout", "stderr"):
        return nbformat.v4.new_output("stream", name=output.kind, text=output.data)
    shown = output.kind == "text/plain" or (output.kind == "image/png" and is_base64(output.data))
    return nbformat.v4.new_output("display_data", {output.kind: output.data} if shown else {})


def _error(ran: wire.Ran) -> list[NotebookNode]:
    if ran.error is None:
        return []
    where = f" (line {ran.error.line})" if ran.error.line is not None else ""
    line = f"{ran.error.type}: {ran.error.message}{where}"
    return [
        nbformat.v4.new_output(
            "error", ename=ran.error.type, evalue=ran.error.message, traceback=[line]
        )
    ]


class Settle(NbGraderPreprocessor):  # type: ignore[misc]  # likewise
    """Sets right in the gradebook what no output of a cell can say; after `SaveAutoGrades`."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Leaves undecided cells to a person, and says why a file was set aside."""
        undecided = resources.get("autograder_undecided", set())
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
                        comment.auto_comment = f"This submission could not be read. {reason}"
                gradebook.db.commit()
        return nb, resources
