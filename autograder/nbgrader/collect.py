"""Copy submissions to where nbgrader looks for them: `submitted/<student>/<name>/`.

Submissions are found and chosen exactly as `grade` finds them. The bytes of their notebooks, and of
the files beside them, are copied unchanged.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path, PurePath

from autograder.course.asserts_assignment import PlainAssignment
from autograder.course.assignment import Assignment, others
from autograder.i18n import _
from autograder.intake.beneath import make_folder, open_folder, opened, replace_file, trusted_folder
from autograder.intake.files import read_beneath
from autograder.intake.find import NONE, SubmissionSource, find, unpacked
from autograder.intake.lms import Upload
from autograder.intake.names import ENDING, shown
from autograder.intake.reconcile import Rejected
from autograder.intake.zips import is_zip
from autograder.nbgrader import uploads
from autograder.nbgrader.student_folders import student_free
from autograder.nbgrader.submitted import SubmittedTree

MAX_FOLDER_NAME_BYTES = 255
"""Bytes in the name of a folder, on every file system in use; a zip may hold longer ones."""


class Collected:
    """The outcome of `collect`; complete when `collect` has ended.

    Attributes:
        new: the number of students who had no submission before.
        same: the number of submissions that were already there, byte for byte.
        replaced: the students whose notebook has changed.
        left: a sentence for each submission that could not be copied.
        said: notes for the instructor about the others.
        own_files: the own files that each student has from this call or an earlier one.
    """

    def __init__(self) -> None:
        self.new = self.same = 0
        self.replaced: list[str] = []
        self.left: list[str] = []
        self.said: list[str] = []
        self.own_files: uploads.OwnFiles = {}


def collect(assignment: Assignment | PlainAssignment, paths: Sequence[Path]) -> Collected:
    """Copy each submission in notebooks, folders and zips into its student's folder.

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
        by_folder=True,
    )
    if not sources:
        none = _("No notebook was found in {places}.")
        raise ValueError(none.format(places=", ".join(map(str, paths))))
    root = Path(tree.coursedir.root)
    collected.own_files = uploads.load_own_files(root, assignment.name)
    known: dict[str, Upload] = {}
    for each in sources:
        if _copy(each, tree, collected) and each.upload is not None:
            known[each.student] = each.upload
    uploads.keep(root, assignment.name, known)
    uploads.keep_own_files(root, assignment.name, collected.own_files)
    return collected


def _copy(source: SubmissionSource, tree: SubmittedTree, collected: Collected) -> bool:
    """Copy a submission, and tell whether any of its files were copied."""
    names = tree.assignment.notebooks
    if unknown := _why_student_is_unknown(source, names):
        collected.left.append(unknown.format(path=source.path))
        return False
    try:
        content = source.read()
    except Rejected as rejected:
        collected.left.append(f"{source.path}: {rejected}")
        return False
    files, own = _files(source, content, names, collected)
    return _write(source, files, own, tree, collected)


def _files(
    source: SubmissionSource, content: bytes, names: Sequence[str], collected: Collected
) -> tuple[dict[str, bytes], Collection[str]]:
    """Return a submission's files by their places, and which of them are the student's own."""
    notebooks = unpacked(content) if len(names) > 1 else {names[0]: content}
    left = [data for data in notebooks.values() if isinstance(data, str)]
    if not notebooks:
        left = [str(Rejected(NONE, notebook=".ipynb, ".join(names)))]
    collected.left += [f"{source.path}: {reason}" for reason in left]
    files = {f"{name}.ipynb": data for name, data in notebooks.items() if isinstance(data, bytes)}
    own, left_out = source.own_files() if files else ({}, ())
    files |= {place: data for place, data in own.items() if place not in files}
    said = (*source.observations, *left_out)
    collected.said += [f"{source.student}: {sentence}" for sentence in said]
    return files, own


def _write(
    source: SubmissionSource,
    files: Mapping[str, bytes],
    own: Collection[str],
    tree: SubmittedTree,
    collected: Collected,
) -> bool:
    """Write a submission's files in place of the earlier ones, and tell whether any was written."""
    student = source.student
    folder = tree.folders.submitted(student)
    top = student_free(folder)

    def leave(sentence: str, place: Path, error: OSError) -> None:
        reason = error.strerror or error
        collected.left.append(sentence.format(path=source.path, place=place, error=reason))

    earlier = collected.own_files.get(student, []) if files else []
    removed, kept = [], []
    for name in sorted(set(earlier) - files.keys()):
        try:
            removed += [name] if _remove(folder / name, top) else []
        except OSError as error:
            kept.append(name)
            cannot = _("{path}: {place} of an earlier submission cannot be removed ({error}).")
            leave(cannot, folder / name, error)
    if removed:
        lacks = _("These files of an earlier submission were removed: {names}.")
        collected.said.append(f"{student}: {lacks.format(names=', '.join(map(shown, removed)))}")
    before: dict[str, tuple[bool, bytes | None]] = {}
    for name, data in files.items():
        try:
            before[name] = _put(data, folder / name, top, shared=tree.coursedir.groupshared)
        except OSError as error:
            cannot = _("{path}: {place} cannot be written ({error}).")
            if error.errno == errno.ELOOP:
                cannot = _("{path}: {place} is reached through a link, and links are not followed.")
            leave(cannot, folder / name, error)
    if theirs := sorted({*before.keys() & own, *kept}):
        collected.own_files[student] = theirs
    elif files:
        collected.own_files.pop(student, None)
    if not before:
        return False
    if not any(was_there for was_there, _data in before.values()):
        collected.new += 1
    elif not removed and all(data == files[name] for name, (_is, data) in before.items()):
        collected.same += 1
    else:
        collected.replaced.append(student)
    return True


def _why_student_is_unknown(source: SubmissionSource, notebooks: Sequence[str]) -> str | None:
    """Return a sentence if a submission's name is not a student's."""
    if source.student in notebooks:
        return _("{path}: the name of the notebook does not say which student's it is.")
    if _is_name(source.student):
        return None
    if source.student.endswith(PurePath(source.path).stem):
        return _(
            "{path}: other notebooks have the same name, so it does not say which "
            "student's it is. Put each student's files into one folder named after the "
            "student, and these folders side by side."
        )
    return _("{path}: the name cannot be used for a student's folder. Rename it.")


def _put(content: bytes, path: Path, top: Path, *, shared: bool) -> tuple[bool, bytes | None]:
    """Write a file into the folder of a student, which may hold a repository.

    `top` is a folder above it that no student has made; below it no link is followed.

    Return whether anything was there, and its bytes if it was a file. In a shared course the
    folders are for the group, so that another instructor may collect again.

    Raises:
        OSError: it cannot be written; a link on the way to it is ELOOP.
    """
    folder = path.parent
    top.mkdir(parents=True, exist_ok=True)
    with ExitStack() as closing:
        below = closing.enter_context(trusted_folder(top))
        for name in folder.relative_to(top).parts:
            _share(below, shared)
            below = closing.enter_context(opened(make_folder(below, name)))
        _share(below, shared)
        before: bytes | None = None
        with suppress(Rejected):
            before = read_beneath(top, path)
        was_there = os.path.lexists(path)
        if before != content:
            replace_file(below, path.name, content)
    return was_there, before


def _remove(path: Path, top: Path) -> bool:
    """Remove a file that was collected earlier, and tell whether it was there; `top` as above."""
    place = str(path.parent.relative_to(top))
    with (
        suppress(FileNotFoundError),
        trusted_folder(top) as trusted,
        opened(open_folder(trusted, place)) as folder,
    ):
        os.unlink(path.name, dir_fd=folder)
        return True
    return False


def _share(folder: int, shared: bool) -> None:
    if shared:
        with suppress(PermissionError):  # another instructor has made and shared it
            os.fchmod(folder, os.fstat(folder).st_mode & 0o7777 | 0o2770)


def _is_name(student: str) -> bool:
    """Tell whether a folder may have this name; notebooks with equal names are named by paths."""
    short = len(os.fsencode(student)) <= MAX_FOLDER_NAME_BYTES
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
