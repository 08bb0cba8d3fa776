"""What `collect` remembers: the ids of submissions on learning platforms, and students' own files.

Both are stored beside the ledgers. The ids are in `.autograder/<assignment>.uploads.json`:
exporters give the platform its own numbers, and feedback pages go back under the platform's own
names. The paths of the files are in `.autograder/<assignment>.files.json`: `collect` removes those
that a later submission lacks.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import TypeVar

import msgspec
from nbgrader.coursedir import CourseDirectory

from autograder.course import sharing
from autograder.course.asserts_assignment import PlainAssignment
from autograder.course.assignment import Assignment
from autograder.grading.store import FOLDER, make_private
from autograder.i18n import _
from autograder.intake.lms import Upload
from autograder.nbgrader.feedback import outdated_pages
from autograder.nbgrader.student_folders import without_exchange
from autograder.nbgrader.submitted import SubmittedTree
from autograder.reports.atomic_write import saver

Kept = TypeVar("Kept")

OwnFiles = dict[str, list[str]]
"""The paths of each student's own files in the folder of the submission."""


def _file(root: Path, assignment: str, content: str) -> Path:
    return root / FOLDER / f"{assignment}.{content}.json"


def load(root: Path, assignment: str) -> dict[str, Upload]:
    """Return the uploads of an assignment by student; raise ValueError for a damaged file."""
    return _load(_file(root, assignment, "uploads"), Upload)


def load_own_files(root: Path, assignment: str) -> OwnFiles:
    """Return the students' own files that were collected; raises like `load`."""
    return _load(_file(root, assignment, "files"), list[str])


def _load(path: Path, kind: type[Kept]) -> dict[str, Kept]:
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, kind])  # type: ignore[valid-type]
    except FileNotFoundError:
        return {}
    except msgspec.DecodeError as error:
        damaged = _("{path} is damaged ({error}): remove it, and collect the zips again.")
        raise ValueError(damaged.format(path=path, error=error)) from error


def keep(root: Path, assignment: str, uploads: Mapping[str, Upload]) -> None:
    """Add uploads to the stored ones."""
    if uploads:
        path = _file(root, assignment, "uploads")
        _save(path, root, load(root, assignment) | dict(uploads))


def keep_own_files(root: Path, assignment: str, files: OwnFiles) -> None:
    """Replace the stored paths of the students' own files."""
    if files != load_own_files(root, assignment):
        _save(_file(root, assignment, "files"), root, files)


def _save(path: Path, root: Path, content: object) -> None:
    make_private(path.parent)
    saver(path)([msgspec.json.encode(content, order="sorted")])
    path.chmod(0o600)
    if sharing.is_groupshared(root):
        for each in (path.parent, path):
            sharing.share(each, root)


def without_release(coursedir: CourseDirectory, assignment: str) -> tuple[list[str], list[str]]:
    """Return the students with a page who did not submit through nbgrader's exchange.

    The first list has the students who were collected from a platform's zip: their pages go back to
    the platform. The second has all others, whose submissions were copied into `submitted/`.
    Raises like `load`.
    """
    uploads = load(Path(coursedir.root), assignment)
    students = without_exchange(coursedir, assignment)
    collected = [student for student in students if student in uploads]
    return collected, [student for student in students if student not in uploads]


def zip_feedback(assignment: Assignment | PlainAssignment) -> Iterator[str]:
    """Zip the pages of platforms' students as each platform takes them back.

    Canvas finds the submission by the two numbers in the name that it gave the file itself, and
    Moodle by the participant's number in the name of the folder, which older versions end with `_`.
    Yield a sentence for each zip, and sentences about students who have no page in one.

    Raises:
        ValueError: nothing was collected from a platform.
        BadConfig: nbgrader's configuration of the course cannot be used.
    """
    tree = SubmittedTree(assignment)
    root, name = Path(tree.coursedir.root), assignment.name
    uploads = load(root, name)
    if not uploads:
        none = _(
            "No submission of {name} was collected from a zip of Canvas or Moodle: run `autograder "
            "collect {name} ZIP` first."
        )
        raise ValueError(none.format(name=name))
    step = tree.coursedir.feedback_directory
    without = []
    anonymous = [student for student, each in sorted(uploads.items()) if not each.user.isdecimal()]
    for platform in ("canvas", "moodle"):
        content, number = BytesIO(), 0
        with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
            for student, upload in sorted(uploads.items()):
                if upload.platform != platform or student in anonymous:
                    continue
                pages = sorted(Path(tree.coursedir.format_path(step, student, name)).glob("*.html"))
                if not pages:
                    without.append(student)
                for page in pages:
                    archive.write(page, _name(upload, page))
                number += bool(pages)
        if number:
            path = Path(tree.coursedir.format_path(step, ".", "."), f"{name}-{platform}.zip")
            saver(path)([content.getvalue()])
            pages_of = _("{path}: the pages of {number} students")
            with suppress(ValueError):
                path = path.resolve().relative_to(root.resolve())
            yield pages_of.format(path=path, number=number)
    yield from outdated_pages(tree.coursedir, name, uploads.__contains__)
    if anonymous:
        no_number = _("Canvas takes no pages back for files without a number: {students}.")
        yield no_number.format(students=", ".join(anonymous))
    if without:
        no_page = _("There is no page yet for: {students}. Grade with --gradebook first.")
        yield no_page.format(students=", ".join(without))


def _name(upload: Upload, page: Path) -> str:
    if upload.platform == "canvas":
        return f"{upload.name}{page.name}"
    return f"{upload.name}_{upload.user}_assignsubmission_file_/{page.name}"
