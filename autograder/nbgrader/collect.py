"""Copy submissions to where nbgrader looks for them: `submitted/<student>/<name>/`.

Submissions are found and chosen exactly as `grade` finds them, and their bytes are copied
unchanged.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path, PurePath

from autograder.course.asserts_assignment import PlainAssignment
from autograder.course.assignment import Assignment, others
from autograder.i18n import _
from autograder.intake.beneath import make_folder, opened, replace_file, trusted_folder
from autograder.intake.files import is_zip, read_beneath
from autograder.intake.find import NONE, find, unpacked
from autograder.intake.lms import Upload
from autograder.intake.names import ENDING
from autograder.intake.reconcile import Rejected
from autograder.nbgrader import uploads
from autograder.nbgrader.student_folders import student_free
from autograder.nbgrader.submitted import SubmittedTree

LONGEST_NAME = 255
"""Bytes in the name of a folder, on every file system in use; a zip may hold longer ones."""


class Collected:
    """The outcome of `collect`; complete when `collect` has ended.

    Attributes:
        new: the number of students who had no submission before.
        same: the number of submissions that were already there, byte for byte.
        replaced: the students whose notebook has changed.
        left: a sentence for each submission that could not be copied.
        said: notes for the instructor about the others.
    """

    def __init__(self) -> None:
        self.new = self.same = 0
        self.replaced: list[str] = []
        self.left: list[str] = []
        self.said: list[str] = []


def collect(assignment: Assignment | PlainAssignment, paths: Sequence[Path]) -> Collected:
    """Copy each submission into its student's folder.

    Args:
        assignment: the assignment of the submissions.
        paths: notebooks, folders of them, or zips, also of a learning platform.

    Raises:
        ValueError: there is no notebook, or a path is neither a notebook nor a zip.
        BadConfig: nbgrader's configuration of the course cannot be used.
    """
    for path in paths:
        if path.is_file() and not (ENDING.search(path.name) or is_zip(path)):
            other = _("{path} is neither a notebook nor a zip: name the file that you downloaded.")
            raise ValueError(other.format(path=path))
    collected, tree = Collected(), SubmittedTree(assignment)
    sources = find(
        [path.absolute() for path in paths],
        assignment.name,
        others(assignment),
        assignment.notebooks,
        tree.is_written,
    )
    if not sources:
        none = _("No notebook was found in {places}.")
        raise ValueError(none.format(places=", ".join(map(str, paths))))
    known: dict[str, Upload] = {}
    for each in sources:
        if not _is_name(each.student):
            no_name = _("{path}: the name cannot be used for a student's folder. Rename it.")
            collected.left.append(no_name.format(path=each.path))
            continue
        if each.student in assignment.notebooks:
            nobody = _("{path}: the name of the notebook does not say which student's it is.")
            collected.left.append(nobody.format(path=each.path))
            continue
        try:
            content = each.read()
        except Rejected as rejected:
            collected.left.append(f"{each.path}: {rejected}")
            continue
        several = len(assignment.notebooks) > 1
        notebooks = unpacked(content) if several else {assignment.notebooks[0]: content}
        left = [data for data in notebooks.values() if isinstance(data, str)]
        if not notebooks:
            wanted = ".ipynb, ".join(assignment.notebooks)
            left = [str(Rejected(NONE, notebook=wanted))]
        collected.left += [f"{each.path}: {reason}" for reason in left]
        collected.said += [f"{each.student}: {sentence}" for sentence in each.observations]
        try:
            before = {
                name: _put(data, tree.place(each.student, name))
                for name, data in notebooks.items()
                if isinstance(data, bytes)
            }
        except OSError as error:
            cannot = _("{path}: {place} cannot be written ({error}).")
            if error.errno == errno.ELOOP:
                cannot = _("{path}: {place} is reached through a link, and links are not followed.")
            place = tree.place(each.student, assignment.notebooks[0])
            reason = error.strerror or error
            collected.left.append(cannot.format(path=each.path, place=place, error=reason))
            continue
        if not before:
            continue
        if each.upload is not None:
            known[each.student] = each.upload
        if not any(was_there for was_there, _data in before.values()):
            collected.new += 1
        elif all(data == notebooks[name] for name, (_was_there, data) in before.items()):
            collected.same += 1
        else:
            collected.replaced.append(each.student)
    uploads.keep(Path(tree.coursedir.root), assignment.name, known)
    return collected


def _put(content: bytes, path: Path) -> tuple[bool, bytes | None]:
    """Write a notebook into the folder of a student, which may hold a repository.

    Returns:
        Whether anything was there, and its bytes if it was a file.

    Raises:
        OSError: it cannot be written; a link on the way to it is ELOOP.
    """
    folder = path.parent
    top = student_free(folder)
    top.mkdir(parents=True, exist_ok=True)
    with ExitStack() as closing:
        below = closing.enter_context(trusted_folder(top))
        for name in folder.relative_to(top).parts:
            below = closing.enter_context(opened(make_folder(below, name)))
        before: bytes | None = None
        with suppress(Rejected):
            before = read_beneath(top, path)
        was_there = os.path.lexists(path)
        if before != content:
            replace_file(below, path.name, content)
    return was_there, before


def _is_name(student: str) -> bool:
    """Tell whether a folder may have this name; notebooks with equal names are named by paths."""
    short = len(os.fsencode(student)) <= LONGEST_NAME
    return short and student not in ("", ".", "..") and PurePath(student).name == student


def sentences(collected: Collected) -> Iterator[str]:
    """Return what to print about the outcome, line by line."""
    counts = _("{new} new, {same} unchanged, {replaced} replaced, {left} not copied.")
    yield counts.format(
        new=collected.new,
        same=collected.same,
        replaced=len(collected.replaced),
        left=len(collected.left),
    )
    for student in collected.replaced:
        yield _("replaced: {student}").format(student=student)
    for sentence in collected.left:
        yield _("not copied: {sentence}").format(sentence=sentence)
    yield from collected.said
