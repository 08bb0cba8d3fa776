"""Replace a submitted file that nbgrader could not open.

A file that we can read and nbgrader cannot, for example in UTF-16, is written in a form that
nbgrader reads. An unreadable file is replaced by a notebook that says why. The submitted file stays
as it is.
"""

from __future__ import annotations

import io
import json
import warnings

import nbformat
from nbconvert.exporters import NotebookExporter
from nbformat.notebooknode import NotebookNode
from traitlets.config import Config

from autograder.course.lesson import Lesson
from autograder.intake.reconcile import Rejected, read, stand_in


def readable_form(data: bytes, lesson: Lesson, *, plain: bool) -> tuple[bytes, tuple[str, ...]]:
    """Return a file in a form that nbgrader can open, and notes about the file.

    If nbgrader can open the file, it is returned unchanged. With `plain`, nbgrader itself grades,
    which recognises a cell by its id only.
    """
    readable = _nbgrader_reads(data)
    if readable and not plain:
        return data, ()
    try:
        submission = read(data, lesson)
    except Rejected as rejected:
        return placeholder(lesson, str(rejected), data), ()
    if readable and not (submission.observations or submission.by_source):
        return data, ()
    return _as_file(submission.notebook(lesson)), submission.observations


def placeholder(lesson: Lesson, reason: str, data: bytes | None = None) -> bytes:
    """Return a notebook that says why nothing was graded; see `stand_in` for `data`."""
    return _as_file(stand_in(lesson, reason, data))


def _as_file(notebook: NotebookNode) -> bytes:
    return str(nbformat.writes(notebook)).encode()


def _nbgrader_reads(data: bytes) -> bool:
    """Tell whether nbgrader can read a file as far as our preprocessors."""
    try:
        text = data.decode()
        with warnings.catch_warnings(action="ignore"):  # it is a student's file
            if not _is_valid(text):
                # Only for these few: letting nbgrader try takes time.
                nothing = Config({"Exporter": {"default_preprocessors": []}})
                NotebookExporter(config=nothing).from_file(io.StringIO(text))
    except Exception:  # whatever it is, nbgrader would stop at it too
        return False
    return True


def _is_valid(text: str) -> bool:
    """Tell whether a notebook satisfies the format's schema."""
    notebook = json.loads(text)
    try:
        nbformat.validate(notebook)
    except nbformat.ValidationError:
        return False
    return bool(notebook["nbformat"] == 4)
