"""Sets aside what was handed in and nbgrader could not even open.

In the place of a file that cannot be read stands a notebook that says why, and the file itself
beside it, its name ending in `.rejected`; in the place of a link, a pipe or a device, a line of
text.
"""

from __future__ import annotations

import io
import json
import os
import stat
import warnings
from pathlib import Path

import nbformat
from nbconvert.exporters import NotebookExporter
from nbformat.notebooknode import NotebookNode
from traitlets.config import Config

from autograder.course.lesson import Lesson
from autograder.intake.files import in_folder
from autograder.intake.find import SubmissionSource
from autograder.intake.submission import Rejected, read, stand_in
from autograder.language import _

ASIDE = ".rejected"
"""What a file that cannot be read is called after it was set aside, behind its own name."""

PART = ".autograder-part"
"""What is written before it takes a notebook's place is called, behind the notebook's name."""


def make_readable(found: SubmissionSource, path: Path, lesson: Lesson) -> None:
    """Sees to it that at a path there is what nbgrader can open, made from what was handed in."""
    try:
        data = found.read()
        readable = readable_form(data, lesson)
    except Rejected as rejected:
        data, readable = b"", no_notebook(lesson, str(rejected))
    if readable is not None:
        put(readable, path)
    elif not path.is_file():  # it goes by another name
        put(data, path)


def readable_form(data: bytes, lesson: Lesson) -> bytes | None:
    """What nbgrader can open in the place of a file; None where it can open the file itself."""
    if _nbgrader_reads(data):
        return None
    try:
        return _as_file(read(data, lesson).notebook(lesson))
    except Rejected as rejected:
        return no_notebook(lesson, str(rejected))


def no_notebook(lesson: Lesson, reason: str) -> bytes:
    """A notebook that says why nothing was graded."""
    return _as_file(stand_in(lesson, reason))


def _as_file(notebook: NotebookNode) -> bytes:
    return str(nbformat.writes(notebook)).encode()


def put(data: bytes, path: Path) -> None:
    """Puts a notebook where nbgrader looks for a submission; what lies there is kept beside it."""
    part = path.with_name(path.name + PART)
    part.write_bytes(data)
    if os.path.lexists(path):
        kept = path.with_name(path.name + ASIDE)
        try:  # whoever is killed leaves something under the name that nbgrader looks for
            kept.unlink(missing_ok=True)
            os.link(path, kept, follow_symlinks=False)
        except OSError:  # it is a folder, or lies where files have one name
            path.rename(kept)
    part.replace(path)


def set_odd_files_aside(folder: Path) -> None:
    """Puts a line of text in the place of every link, pipe and device of a submission.

    nbgrader copies what lies beside a notebook: it would copy `/dev/zero` for ever, and through a
    link whatever the instructor may read.
    """
    for file in in_folder(folder):
        path = folder / file.place
        mode = path.lstat().st_mode
        if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
            was = _("This was a pipe or a device.")
            if stat.S_ISLNK(mode):
                was = _("This was a link to {target}.").format(target=os.readlink(path))
            path.unlink()
            note = path.with_name(path.name.removesuffix(ASIDE)[:200] + ASIDE)
            note.write_text(f"{was}\n", encoding="utf-8", errors="replace")


def _nbgrader_reads(data: bytes) -> bool:
    """Whether a file gets as far as our preprocessors."""
    try:
        text = data.decode()
        with warnings.catch_warnings(action="ignore"):  # it is a learner's file
            if not _is_valid(text):
                # As few are not, and to have nbgrader try takes its time.
                nothing = Config({"Exporter": {"default_preprocessors": []}})
                NotebookExporter(config=nothing).from_file(io.StringIO(text))
    except Exception:  # whatever it is, nbgrader would stop at it too
        return False
    return True


def _is_valid(text: str) -> bool:
    """Whether the format's schema has nothing to say about a notebook."""
    notebook = json.loads(text)
    try:
        nbformat.validate(notebook)
    except nbformat.ValidationError:
        return False
    return bool(notebook["nbformat"] == 4)
