"""Find submissions in the paths given to a command: notebooks, folders, zips, nbgrader's trees.

A submission is one notebook, or several if the assignment has several; the same rules find both. In
a tree, everything in `<student>/` is that student's, however deep: notebooks in `<assignment>/` are
graded, those in the folder of another assignment of the course belong to that assignment, and all
others are reported as not graded. Zips of platforms are read as such trees (see `lms`), and one
student's folder in `submitted/` as a part of one. Elsewhere each
notebook is a submission of its own; if an assignment has several, those that lie side by side under
the right names are one submission. A place that looks like a submission and holds nothing readable
is a rejected submission: no student is left out in silence.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from os.path import isdir, isfile, islink, lexists  # those of `Path` raise where a link is too long
from pathlib import Path, PurePosixPath

import msgspec

from autograder.checking.expect import listed
from autograder.i18n import N_, _
from autograder.intake.files import (
    NO_FOLDER,
    File,
    FileKind,
    Read,
    in_folder,
    read_file,
    rejecting,
)
from autograder.intake.lms import LATE, OF_ILIAS, Upload, earlier_attempts, sort_upload
from autograder.intake.names import (
    COPIED,
    ENDING,
    EXACT,
    MAX_LISTED,
    WITHIN,
    is_called,
    nearest,
    shown,
    shown_first,
    stem,
)
from autograder.intake.opening import ZIP
from autograder.intake.parse import MAX_BYTES, Rejected
from autograder.intake.zips import in_nested_zip, in_zip, is_zip

SAME_NAME = N_(
    "The submission contains {number} notebooks called {notebook}.ipynb: keep "
    "only the one to grade."
)

NONE = N_("The submission contains no notebook. Ask the student for {notebook}.ipynb.")

NONE_BUT = N_("There is no notebook here, only {files}; {notebook}.ipynb was expected.")

NONE_OF_MANY = N_(
    "The submission contains {number} notebooks, and none is called "
    "{notebook}.ipynb. Rename the one to grade."
)

ANOTHER = N_(
    "This is called like another assignment of the course, {name}, and is not graded here."
)

SEVERAL_COPIES = N_(
    "{notebook}.ipynb is unchanged, and {number} copies beside it are not: ask the "
    "student which one counts, and remove the others."
)

IN_ANOTHER = "in the file of"
"""Replaces the reason if the bytes of a notebook are those of an earlier one."""

MAX_OWN_BYTES = 32 * 1024**2
"""Bytes of all the student's own files that are put beside a notebook when it is graded."""

MAX_OWN_FILES = 200

MAX_OWN_DEPTH = 20
"""Folders above one of them, below the notebook's: few programs can remove thousands."""

TIMESTAMP = "timestamp.txt"
"""The file in which nbgrader writes the time of a submission."""

TOP = PurePosixPath(".")

IsWritten = Callable[[str, bytes, Collection[str]], bool | None]
"""Says of the bytes of a notebook of this name whether a student has written in it; None where the
bytes are not that notebook: where they have no cell that it has and none of these others."""

Contents = Mapping[str, bytes | str]
"""The bytes of each submitted notebook, or the reason why it cannot be read, by its name."""

_FilesOf = dict[PurePosixPath, list[File]]
"""Files by the student's folder that they lie in."""

_Packed = tuple[bytes | None, str, dict[str, str]]
"""The bytes of a notebook, or the sentence that says why there are none, and its values."""


@dataclass(frozen=True, slots=True)
class SubmissionSource:
    """A submission whose files have not been read yet.

    Attributes:
        path: the path that people see in messages.
        read: returns its bytes, those of several notebooks packed (see `unpacked`), or raises
            `Rejected`.
        observations: notes for the instructor about the place of the files.
        beside: the paths of the student's files beside the folder for the assignment.
        files: the student's own files beside the notebook: each place there, and its reader.
        upload: the ids that the learning platform needs to recognise the submission.
    """

    student: str
    path: str
    read: Read
    observations: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    files: tuple[tuple[str, Read], ...] = ()
    upload: Upload | None = None

    def own_files(
        self, notebooks: Iterable[bytes] = ()
    ) -> tuple[dict[str, bytes], tuple[str, ...]]:
        """Read the student's own files; return them, and a sentence if some are left out.

        A submitted notebook may be a zip: the files beside the notebook in it count too.
        """
        found: dict[str, bytes] = {}
        left_out: list[str] = []
        room = MAX_OWN_BYTES
        zips = {id(data): data for data in notebooks if data.startswith(ZIP)}.values()
        for place, read in (*self.files, *(file for data in zips for file in _in_zip_of(data))):
            if len(found) < MAX_OWN_FILES and room and place.count("/") <= MAX_OWN_DEPTH:
                with suppress(Rejected, UnicodeEncodeError):
                    content = read()
                    place.encode()  # a name that is no text cannot be sent to the sandbox
                    if len(content) <= room:
                        room -= len(content)
                        found[place] = content
                        continue
            left_out.append(shown(place))
        if not left_out:
            return found, ()
        missing = _(
            "These files of the student were not there when the notebook was graded, because they "
            "cannot be read, are too large or lie too deep: {names}."
        )
        return found, (missing.format(names=", ".join(left_out[:MAX_LISTED])),)


@dataclass(frozen=True)
class _Expected:
    """The files that students submit for an assignment.

    Attributes:
        assignment: the name of the folder that each student has for it.
        notebooks: the names of its notebooks, without the ending.
        others: the names of the course's other assignments.
        is_written: tells whether a student has worked on a notebook (see `written`), if that can
            be known.
        by_folder: whether folders side by side that hold notebooks are named after students, even
            without a folder for the assignment in them.
    """

    assignment: str
    notebooks: tuple[str, ...]
    others: Collection[str] = ()
    is_written: IsWritten | None = None
    by_folder: bool = False

    @property
    def several(self) -> bool:
        """Whether a submission has more than one notebook."""
        return len(self.notebooks) > 1

    def folder_of(self, file: File) -> PurePosixPath:
        """Return the folder of a submission that consists of a file and those beside it.

        A student may keep each of several notebooks in a folder of its own: `part1/part1.ipynb`.
        """
        folder = file.place.parent
        found = nearest(folder.name, self.notebooks) if self.several and folder != TOP else None
        return folder.parent if found is not None and found[1] <= COPIED else folder

    def name_of(self, file: File, farthest: int = COPIED) -> str | None:
        """Return the notebook whose name is this near to the file's; None if there is none."""
        if not (file.is_notebook or file.is_archive):
            return None
        found = nearest(stem(file.place), self.notebooks)
        return found[0] if found is not None and found[1] <= farthest else None


def find(
    paths: Iterable[Path],
    assignment: str,
    others: Collection[str] = (),
    notebooks: Iterable[str] = (),
    is_written: IsWritten | None = None,
    *,
    by_folder: bool = False,
) -> list[SubmissionSource]:
    """Find the submissions in notebooks, folders of them, zips, or `<student>/<assignment>/`.

    They come in the order of the paths and, in a folder, of their names. If two would have the same
    student's name, each is named by its path, without `.ipynb` unless that is ambiguous; a path
    that is given twice counts once. The arguments are described at `_Expected`; by default the
    assignment has one notebook, with the assignment's name.

    Raises:
        FileNotFoundError: there is nothing at a path; the text says so.
    """
    names = tuple(notebooks) or (assignment,)
    expected = _Expected(assignment, names, others, is_written, by_folder)
    found = {each.path: each for path in paths for each in _find(path, expected)}
    return disambiguate(found.values())


def find_of_student(
    folder: Path,
    assignment: str,
    student: str,
    notebooks: Iterable[str] = (),
    top: Path | None = None,
    is_written: IsWritten | None = None,
) -> SubmissionSource:
    """Find the submission in a student's folder for the assignment, whatever its place and name.

    `top` is as in `in_folder`, the other arguments are as in `find`.
    """
    expected = _Expected(assignment, tuple(notebooks) or (assignment,), (), is_written)
    files = in_folder(folder, top)
    sorter = _Sorter(files, folder, expected)
    return with_printable_names(sorter.of_student(TOP, student, files, []))


def unpacked(content: bytes) -> Contents:
    """Unpack a submission of several notebooks."""
    packed = msgspec.msgpack.decode(content, type=dict[str, _Packed])
    found: dict[str, bytes | str] = {}
    for name, (data, reason, values) in packed.items():
        if reason == IN_ANOTHER:
            found[name] = found[values["name"]]
        else:
            found[name] = str(Rejected(reason, **values)) if data is None else data
    return found


def _pack(reads: Mapping[str, Read]) -> bytes:
    """Read and pack the notebooks of a submission; for an unreadable one, pack the reason."""
    packed: dict[str, _Packed] = {}
    first: dict[int, str] = {}
    for name, read in sorted(reads.items()):
        if id(read) in first:  # a zip that may hold all of them
            packed[name] = (None, IN_ANOTHER, {"name": first[id(read)]})
            continue
        first[id(read)] = name
        try:
            packed[name] = (read(), "", {})
        except Rejected as rejected:
            packed[name] = (None, rejected.args[0], rejected.values)
    return msgspec.msgpack.encode(packed)


def _pack_nothing(read: Read) -> bytes:
    """Pack nothing, but reject an unreadable file: that says more than that its name is wrong."""
    read()
    return _pack({})


def disambiguate(found: Collection[SubmissionSource]) -> list[SubmissionSource]:
    """Name submissions with equal names by their paths, and report names that look alike.

    Names look alike if they differ only in capitals, in composed or decomposed letters, in width,
    or in invisible characters.
    """
    forms = [(each.student, each.path.removesuffix(".ipynb"), each.path) for each in found]
    names = Counter(name for each in forms for name in set(each))
    alike: dict[str, set[str]] = {}
    for each in found:
        alike.setdefault(_looks(each.student), set()).add(each.student)
    apart = []
    for each, known_as in zip(found, forms, strict=True):
        others = sorted(alike[_looks(each.student)] - {each.student})
        if others:
            said = _(
                "Other students' names look exactly like this one: {names}. Rename one of the "
                "folders."
            )
            note = said.format(names=", ".join(map(ascii, others[:MAX_LISTED])))
            each = replace(each, observations=(*each.observations, note))
        name = next((name for name in known_as if names[name] == 1), each.path)
        apart.append(with_printable_names(replace(each, student=name)))
    return apart


def _looks(name: str) -> str:
    """Reduce a name to its looks: two names that can be confused give the same result."""
    seen = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    return "".join(each for each in seen if unicodedata.category(each)[0] not in "CZ").rstrip(".")


def with_printable_names(found: SubmissionSource) -> SubmissionSource:
    """Make names printable: a file's name need not be text, but a result must be."""
    student, path, *observations = (
        each.encode("utf-8", "backslashreplace").decode()
        for each in (found.student, found.path, *found.observations)
    )
    return replace(found, student=student, path=path, observations=tuple(observations))


def _find(path: Path, expected: _Expected) -> Iterator[SubmissionSource]:
    if isdir(path / "submitted") and any(isdir(path / each) for each in ("assignments", "source")):
        path = path / "submitted"  # a whole course: its other files were not submitted
    if isdir(path) and _is_students(path, {expected.assignment, *expected.others}):
        yield from _Sorter(_in_tree(path), _above(path), expected, {TOP}).submissions()
    elif isdir(path):
        found = list(_in_upload(in_folder(path), path, expected))
        if not found and ENDING.search(path.name):
            found = [SubmissionSource(stem(path), str(path), partial(read_file, path))]
        yield from found
    elif not lexists(path):
        raise FileNotFoundError(_("{path} does not exist: check the path.").format(path=path))
    elif is_zip(path):
        yield from _in_upload(in_zip(path), path, expected)
    else:
        file = File(PurePosixPath(path.name), str(path), partial(read_file, path))
        yield _Sorter([file], path.parent, expected).of_file(_owner(path, expected), file)


def _is_students(folder: Path, assignments: Collection[str]) -> bool:
    """Tell whether a folder is `submitted/<student>/`, with that student's assignments."""
    holds = any(isdir(folder / each) or _is_special(folder / each) for each in assignments)
    return holds and _above(folder).absolute().name == "submitted"


def _is_special(path: Path) -> bool:
    """Tell whether a link, a device, a pipe or a socket is at a path."""
    return lexists(path) and (islink(path) or not (isdir(path) or isfile(path)))


def _above(folder: Path) -> Path:
    """Return the folder that contains a folder; `.` is the current one."""
    return folder.parent if folder.name else folder.absolute().parent


def _in_tree(folder: Path) -> list[File]:
    """List everything in a folder, each at its place in the folder above."""
    name = PurePosixPath(folder.absolute().name)
    return [replace(file, place=name / file.place) for file in in_folder(folder)]


def _owner(path: Path, expected: _Expected) -> str:
    """Return the student of a notebook named by itself; in `submitted/`, the folder tells."""
    *_, handed_in, student, folder, _name = ("", "", "", *path.absolute().parts)
    right = folder == expected.assignment and stem(path) in expected.notebooks
    return student if handed_in == "submitted" and right else stem(path)


def _in_upload(files: list[File], root: Path, expected: _Expected) -> Iterator[SubmissionSource]:
    """Find the submissions in the files of a folder or a zip, also of a learning platform."""
    upload = sort_upload(files, expected.assignment, len(expected.notebooks))
    for found in _Sorter(upload.files, root, expected).submissions():
        said = (LATE,) if found.student in upload.late else ()
        known = upload.uploads.get(found.student)
        yield replace(found, observations=(*found.observations, *said), upload=known)


@dataclass
class _Sorter:
    """Sort the files of a folder or a zip into submissions.

    `bases` are the folders that hold a folder for each student, if they are known.
    """

    files: list[File]
    root: Path
    expected: _Expected
    bases: Collection[PurePosixPath] = ()

    def __post_init__(self) -> None:
        self.whole = self._whole()

    def submissions(self) -> Iterator[SubmissionSource]:
        """Return all submissions, in the order of the files."""
        homes: dict[PurePosixPath, list[File]] = {}  # by their folder `<student>/<assignment>/`
        loose: list[File] = []  # outside such folders
        instead: list[File] = []  # in the place of a folder
        for file in self.files:
            home = self._home(file)
            if home is not None:
                homes.setdefault(home, []).append(file)
            elif _is_reportable(file):
                loose.append(file)
            elif file.kind is FileKind.SPECIAL or self._is_file_for_folder(file):
                instead.append(file)
        right = list(filter(self._is_right, loose))
        bases = self.bases or class_folders(homes.keys() - {self.whole}, right)
        in_row = not bases and not homes and self._is_row(loose)
        if in_row:
            bases = row_of_students(map(self.expected.folder_of, loose))
            loose += self._without_notebook(loose, bases)
        rows = bases or outermost_rows(right) or {TOP}
        loose += (  # links and devices that lie where a student's own folder belongs
            file
            for file in instead
            if file.kind is FileKind.SPECIAL and self.whole is None and file.place.parent in rows
        )
        if not homes and not self.bases and all(map(self._is_of_another, loose)):
            return  # there is no submission for this assignment
        for home in list(homes):
            if home != self.whole and home.parent.parent not in bases:
                loose += filter(_is_reportable, homes.pop(home))
        # Files of students beside the folder for the assignment, for example `<student>/x.ipynb`.
        strays: dict[PurePosixPath, list[File]] = {}
        alone: list[File] = []
        for file in loose:
            folder = student_folder_of(file.place, bases)
            if folder is None or folder == file.place:
                alone.append(file)
            elif file.place.relative_to(folder).parts[0] not in self.expected.others:
                strays.setdefault(folder, []).append(file)
        handed_in = strays.keys() | {home.parent for home in homes}
        for file in filter(self._is_file_for_folder, instead):
            owner = file.place.parent
            if owner.parent in bases and owner not in handed_in:
                homes[file.place] = [replace(file, read=rejecting(NO_FOLDER))]
        for home in list(homes):
            files = homes.pop(home)  # free the memory: a class may have thousands of students
            beside = strays.pop(home.parent, []) if home != self.whole else []
            student = self.root.resolve().parent.name if home == TOP else self._student(home.parent)
            yield self.of_student(home, student or self.root.name, files, beside)
        own = self._own_files(lambda file: student_folder_of(file.place, bases)) if strays else {}
        for folder, files in strays.items():
            beside = [
                file
                for file in files
                if (self._is_called_as_another(file) if in_row else not self._is_of(folder, file))
            ]
            here = [file for file in files if file not in beside]
            if in_row and not here:
                here, beside = list(map(self._rejected_as_another, beside)), []
            # Of a student without a notebook, all files are in both.
            theirs = list(dict.fromkeys([*here, *own.get(folder, ())]))
            yield self.of_student(folder, folder.name, theirs, beside)
        yield from self._alone(alone, bases)

    def _own_files(self, folder_of: Callable[[File], PurePosixPath | None]) -> _FilesOf:
        """Return the files that are no submission, by the student's folder from `folder_of`."""
        own: _FilesOf = {}
        for file in self.files:
            folder = folder_of(file)
            if folder is None or folder not in file.place.parents:
                continue
            if file.kind is FileKind.FILE:
                named = file.place.relative_to(folder).parts[0]
                if not _is_reportable(file) and named not in self.expected.others:
                    own.setdefault(folder, []).append(file)
        return own

    def _is_row(self, loose: Collection[File]) -> bool:
        """Tell whether folders side by side may be students' own.

        Most notebooks in them must be named like the assignment's: a notebook in the folder of a
        group may be named after its student.
        """
        if not self.expected.by_folder or all(map(self._is_of_another, loose)):
            return False
        named = [file for file in loose if self.expected.name_of(file, WITHIN) is not None]
        return 2 * len(named) >= len(loose)

    def _without_notebook(
        self, loose: Collection[File], bases: Collection[PurePosixPath]
    ) -> list[File]:
        """Return the files of students in whose folders nothing can be graded."""
        have = {student_folder_of(file.place, bases) for file in loose}
        return [
            file
            for file in self.files
            if file.kind is FileKind.FILE
            and student_folder_of(file.place, bases) not in {None, file.place, *have}
        ]

    def _is_file_for_folder(self, file: File) -> bool:
        """Tell whether a file in a folder has the name of the folder for the assignment."""
        called = file.place.name == self.expected.assignment
        return called and file.kind is FileKind.FILE and file.place.parent != TOP

    def _alone(
        self, files: list[File], bases: Collection[PurePosixPath]
    ) -> Iterator[SubmissionSource]:
        """Return the submissions of files outside students' folders.

        Where a folder holds other submissions too, what lies in its folders may be anybody's.
        """
        together: dict[PurePosixPath, list[File]] = {}
        if self.expected.several:
            together = {self.expected.folder_of(file): [] for file in files if self._is_right(file)}
        for file in map(self._rejected_as_another, files):
            if file.is_notebook and self.expected.folder_of(file) in together:
                together[self.expected.folder_of(file)].append(file)
                continue
            is_file = file.kind is FileKind.FILE or file.is_notebook
            called = stem(file.place) if is_file else file.place.name
            yield self.of_file(called or stem(self.root), file)
        above = Counter(each for folder in together for each in folder.parents)
        of_class = {each for each in together if each in bases or above[each] > 1}

        def folder_of(file: File) -> PurePosixPath | None:
            folder = next((each for each in file.place.parents if each in together), None)
            itself = folder not in of_class or self.expected.folder_of(file) == folder
            return folder if itself else None

        own = self._own_files(folder_of) if together else {}
        for folder, side_by_side in together.items():
            student, there = self._student(folder), [*side_by_side, *own.get(folder, ())]
            yield self.of_student(folder, student, there, [], farthest=COPIED)

    def _is_right(self, file: File) -> bool:
        """Tell whether a file is named like the assignment's notebook, or a copy of one of many."""
        farthest = COPIED if self.expected.several else EXACT
        return self.expected.name_of(file, farthest) is not None

    def _is_of(self, folder: PurePosixPath, file: File) -> bool:
        """Tell whether a file is the notebook of a student who has no folder for it."""
        direct = file.place.parent == folder and file.kind is FileKind.FILE
        return direct or self._is_right(file)

    def _whole(self) -> PurePosixPath | None:
        """Return the folder at the top if it is one student's, because the path leads into a tree.

        The top folder may have the assignment's name for another reason, and hold a class.
        """
        for named in (TOP, PurePosixPath(self.expected.assignment)):
            if named == TOP and self.root.name != self.expected.assignment:
                continue
            inside = [
                file for file in self.files if file.is_notebook and named in file.place.parents
            ]
            direct = [file for file in inside if file.place.parent == named]
            right = any(map(self._is_right, direct))
            if right or len(direct) == len(inside) == 1:
                return named
        return None

    def _is_of_another(self, file: File) -> bool:
        """Tell whether a file is named like another assignment, or lies in a folder for one.

        `<student>/ps1/ps1.ipynb` belongs to another assignment even if the course does not know it.
        """
        if self._is_right(file):
            return False
        parts = file.place.parts
        named_alike = len(parts) > 2 and is_called(stem(file.place), parts[-2])
        return (
            _folder_in(file, self.expected.others.__contains__) is not None
            or self._is_called_as_another(file)
            or (named_alike and file.is_notebook)
        )

    def _rejected_as_another(self, file: File) -> File:
        """Return a file whose reader rejects it, if it is called as another assignment."""
        if not self._is_called_as_another(file):
            return file
        return replace(file, read=rejecting(ANOTHER, name=stem(file.place)))

    def _is_called_as_another(self, file: File) -> bool:
        return file.is_notebook and stem(file.place) in self.expected.others

    def _home(self, file: File) -> PurePosixPath | None:
        """Return the folder `<student>/<assignment>/` that contains a file."""
        if self.whole is not None and self.whole in file.place.parents:
            return self.whole
        return _folder_in(file, partial(is_called, self.expected.assignment))

    def _student(self, folder: PurePosixPath) -> str:
        """Return the student who owns a folder; the path may lead to the folder or into it."""
        root = self.root.resolve()
        return folder.name or (root.name if root.is_dir() else root.stem)

    def of_file(self, student: str, file: File) -> SubmissionSource:
        """Return the submission that is a single file."""
        found = self.of_student(file.place, student, [file], [], farthest=COPIED)
        return replace(found, path=file.path)

    def of_student(
        self,
        home: PurePosixPath,
        student: str,
        files: list[File],
        beside: list[File],
        farthest: int = WITHIN,
    ) -> SubmissionSource:
        """Return the submission of a student from the files in a folder and beside it.

        `farthest` says how far a file's name may be from the notebook's: further if the folder is
        surely one student's.
        """
        earlier = earlier_attempts((f for f in files if f.is_notebook or f.is_archive), home)
        notebooks = [file for file in files if file.is_notebook and file not in earlier]
        archives = [file for file in files if file.is_archive and file not in earlier]
        handed_in = notebooks or archives
        reads, chosen, said = self._choose(home, handed_in, beside, farthest)
        if earlier:
            last = _("The last attempt was graded. These earlier ones were not: {names}.")
            said.insert(0, last.format(names=_listed(file.place for file in earlier)))
        left = [file for file in archives if notebooks and self.expected.name_of(file)]
        ids = set(map(id, chosen))
        others = [file.place for file in [*notebooks, *left, *beside] if id(file) not in ids]
        itself = (file for file in files if file.place == home)
        nothing = next((file.read for file in (*itself, *handed_in)), self._nothing(files))
        path = str(self.root / home)
        read: Read
        if self.expected.several:
            read = partial(_pack, reads) if reads else partial(_pack_nothing, nothing)
        else:
            read = reads.get(self.expected.notebooks[0], nothing)
            path = chosen[0].path if len(chosen) == 1 else path
        places = tuple(str(self.root / file.place) for file in beside)
        places_of_notebooks = (file.place.parent for file in notebooks if id(file) in ids)
        of_notebook = min(places_of_notebooks, key=_depth, default=home)
        own = _own_places(files, home, of_notebook)
        return SubmissionSource(student, path, read, (*said, *self._ungraded(others)), places, own)

    def _choose(
        self, home: PurePosixPath, handed_in: list[File], beside: list[File], farthest: int
    ) -> tuple[dict[str, Read], list[File], list[str]]:
        """Choose the file of each notebook.

        Return the readers by notebook, the files, and notes for the instructor. Several files that
        may be one notebook have a reader that rejects them.
        """
        reads: dict[str, Read] = {}
        chosen: list[File] = []
        said: list[str] = []
        for name in self.expected.notebooks:
            ranked = self._candidates(name, home, handed_in, beside, farthest)
            candidates, many, notes = self._likeliest(name, ranked)
            said += notes
            number = len({file.place for file in candidates})
            if number > 1:
                reads[name] = rejecting(many, notebook=name, number=number)
                chosen += candidates
            elif candidates:
                file = candidates[-1]  # of two in a zip at the same place, the newer one
                alone = not self.expected.several and len(handed_in) == 1
                called = is_called(stem(file.place), name) or file.is_archive
                if not (notes or alone or called):
                    said.append(_graded_instead(file, name))
                reads[name] = file.read
                chosen.append(file)
        ids = set(map(id, chosen))
        unnamed = [file for file in handed_in if file.is_notebook and id(file) not in ids]
        for name, file in self._by_cells(reads, unnamed).items():
            said.append(_graded_instead(file, name))
            reads[name] = file.read
            chosen.append(file)
        return reads, chosen, said

    def _by_cells(self, found: Collection[str], unnamed: list[File]) -> dict[str, File]:
        """Return files that have cells of a missing notebook, and of no other one.

        A single notebook needs no name. Cells that several notebooks have prove nothing: a file
        with them may be an old copy of a notebook that is there.
        """
        names = self.expected.notebooks
        if not self.expected.several or self.expected.is_written is None:
            return {}
        if not unnamed or all(name in found for name in names):
            return {}
        fits: dict[str, list[File]] = {name: [] for name in names}
        claimed: Counter[int] = Counter()
        for name in names:
            others = [each for each in names if each != name]
            fits[name] = [file for file in unnamed if self._form(name, file, others)[0] is not None]
            claimed.update(map(id, fits[name]))
        return {
            name: files[0]
            for name, files in fits.items()
            if name not in found and len(files) == 1 and claimed[id(files[0])] == 1
        }

    def _nothing(self, files: list[File]) -> Read:
        """Return a rejection: the student submitted no notebook, but these files."""
        wanted = ".ipynb, ".join(self.expected.notebooks)
        names = [file.place.name for file in files if file.kind is FileKind.FILE]
        if not names:
            return rejecting(NONE, notebook=wanted)
        return rejecting(NONE_BUT, notebook=wanted, files=shown_first(names))

    def _candidates(
        self,
        name: str,
        home: PurePosixPath,
        handed_in: list[File],
        beside: list[File],
        farthest: int,
    ) -> list[list[File]]:
        """Return the files that may be the notebook of this name, the likeliest first."""
        if self.expected.several and len(handed_in) == 1 and handed_in[0].is_archive:
            return [handed_in]  # it may hold all of them
        ranked: dict[tuple[int, int, int], list[File]] = {}
        for file in handed_in:
            found = nearest(stem(file.place), self.expected.notebooks)
            depth = len(file.place.parts)
            if self.expected.several:
                if found is not None and found[0] == name and found[1] <= farthest:
                    ranked.setdefault((0, depth, found[1]), []).append(file)
            else:
                near = found[1] if found is not None else WITHIN
                ranked.setdefault((0, file.place.parent != home, near), []).append(file)
        for file in beside if self.expected.several else ():
            if self.expected.name_of(file) == name and file.is_notebook:
                near = int(not is_called(stem(file.place), name))
                ranked.setdefault((1, len(file.place.parts), near), []).append(file)
        return [ranked[rank] for rank in sorted(ranked)]

    def _likeliest(self, name: str, ranked: list[list[File]]) -> tuple[list[File], str, list[str]]:
        """Choose among files that may be a notebook; one that was worked on before an original.

        Return the files, of which there should be one, the reason why nothing is graded if there
        are more, and notes for the instructor.
        """
        first = ranked[0] if ranked else []
        many = SAME_NAME if first and self._is_right(first[0]) else NONE_OF_MANY
        every = {file.place: file for files in ranked for file in files}
        if self.expected.is_written is None or len(every) < 2:
            return first, many, []
        forms = {place: self._form(name, file) for place, file in every.items()}
        written = {form[1]: every[place] for place, form in reversed(forms.items()) if form[0]}
        places = {file.place for file in first}
        if len(places) > 1:
            # Of other names, only one has the assignment's cells.
            known = many is NONE_OF_MANY or all(forms[place][0] is not None for place in places)
            sure = len(written) == 1 and known
            return (list(written.values()) if sure else first), many, []
        (place,) = places
        if forms[place][0]:
            rivals = [file for form, file in written.items() if form != forms[place][1]]
            said = _(
                "{file} was graded, and these notebooks were worked on too: {others}. Ask the "
                "student which one counts."
            )
            others = ", ".join(shown(file.place) for file in rivals[:MAX_LISTED])
            notes = [said.format(file=shown(place), others=others)] if rivals else []
            return first, many, notes
        if forms[place][0] is None or not written:
            return first, many, []
        if len(written) > 1:
            return list(written.values()), SEVERAL_COPIES, []
        (worked,) = written.values()
        said = _("{file} is unchanged, so {other} was graded instead.")
        return [worked], many, [said.format(file=shown(place), other=shown(worked.place))]

    def _form(
        self, name: str, file: File, others: Collection[str] = ()
    ) -> tuple[bool | None, bytes]:
        """Return whether a student has written in a file as this notebook, and the file's digest.

        Cells that `others` have too do not count.
        """
        assert self.expected.is_written is not None  # noqa: S101  # the caller has looked
        try:
            data = file.read()
        except Rejected:
            return None, b""
        return self.expected.is_written(name, data, others), hashlib.sha256(data).digest()

    def _ungraded(self, others: list[PurePosixPath]) -> tuple[str, ...]:
        """Return notes about notebooks that are not graded."""
        if not others:
            return ()
        if self.expected.several:
            said = _(
                "These notebooks do not belong to the assignment and were not graded: {names}."
            )
        else:
            said = _("Only one notebook of a student is graded; these were not: {names}.")
        return (said.format(names=_listed(others)),)


def _listed(places: Iterable[PurePosixPath]) -> str:
    return listed(list(map(shown, places)), MAX_LISTED)


def _graded_instead(file: File, notebook: str) -> str:
    said = _("{file} was graded, because there is no {notebook}.")
    return said.format(file=file.place.name, notebook=f"{notebook}.ipynb")


def _in_zip_of(data: bytes) -> tuple[tuple[str, Read], ...]:
    """Return the files beside the outermost notebook of a zip, by their place there."""
    try:
        files = in_nested_zip(data) if len(data) <= MAX_BYTES else []
    except Rejected:  # reading the notebook says why
        return ()
    homes = (file.place.parent for file in files if file.is_notebook)
    home = min(homes, key=_depth, default=None)
    return _own_places(files, home, home) if home is not None else ()


def _own_places(
    files: Iterable[File], home: PurePosixPath, of_notebook: PurePosixPath
) -> tuple[tuple[str, Read], ...]:
    """Return the student's own files: the path under which the notebook opens each, and its reader.

    The folder of the notebook may be deeper than `home`, the student's folder.
    """
    own = [file for file in files if file.kind is FileKind.FILE and _is_own(file.place)]
    places = [
        (file.place.relative_to(of_notebook).with_name(found["name"]), file)
        for file in own
        if (found := OF_ILIAS.fullmatch(file.place.name)) and of_notebook in file.place.parents
    ]
    for near in (False, True):  # of two files with one path, the later one counts: it is nearer
        places += (
            (file.place.relative_to(of_notebook if near else home), file)
            for file in own
            if home in file.place.parents and near == (of_notebook in file.place.parents)
        )
    return tuple({place.as_posix(): file.read for place, file in places}.items())


def _depth(place: PurePosixPath) -> int:
    return len(place.parts)


def _is_own(place: PurePosixPath) -> bool:
    """Tell whether a notebook may read this file that lies beside it."""
    hidden = any(part.startswith(".") for part in place.parts)
    return not hidden and not ENDING.search(place.name) and place.name != TIMESTAMP


def _folder_in(file: File, is_named: Callable[[str], bool]) -> PurePosixPath | None:
    """Return the outermost folder `<student>/<name>/` that contains a file, or is it.

    Students who make such folders in their own submission do not become other students.
    """
    itself = [] if file.kind is FileKind.FILE else [file.place]
    named = (place for place in reversed([*itself, *file.place.parents]) if is_named(place.name))
    return next((place for place in named if place.parent != TOP), None)


def class_folders(
    homes: Iterable[PurePosixPath], loose: Iterable[File]
) -> frozenset[PurePosixPath]:
    """Return the folders that hold a folder for each student.

    `homes` are the folders `<student>/<assignment>/`, or folders that look like them; `loose` are
    files outside these folders that are named like a notebook of the assignment.

    A student's own folder is none of them, whatever its content. So none lies in another one, nor
    in one of several folders side by side that hold the assignment's notebook, as repositories do.
    """
    trees = Counter(home.parent.parent for home in homes)
    rows = _rows(loose)
    tops = (base for base in trees if not (trees + rows).keys() & set(base.parents))
    return frozenset(base for base in tops if trees[base] >= rows[base])


def outermost_rows(loose: Iterable[File]) -> frozenset[PurePosixPath]:
    """Return the outermost folders that hold several folders with a notebook of the assignment."""
    rows = _rows(loose)
    return frozenset(row for row in rows if not rows.keys() & set(row.parents))


def row_of_students(folders: Iterable[PurePosixPath]) -> frozenset[PurePosixPath]:
    """Return the folder that holds a folder for each student, if there is one.

    Nothing that could be graded may lie elsewhere: it would be unclear which folders are students.
    They could be groups or dates, unless at least half of them hold it directly. `folders` are
    those that hold something that could be graded.
    """
    chains = [(*reversed(folder.parents), folder) for folder in set(folders)]
    row = TOP
    for level in zip(*chains, strict=False):
        if len(set(level)) > 1:
            students = {chain[len(row.parts) + 1] for chain in chains}
            direct = students & {chain[-1] for chain in chains}
            some = len(direct) > 1 and 2 * len(direct) >= len(students)
            return frozenset([row] if some else ())
        row = level[0]
    return frozenset()


def _rows(loose: Iterable[File]) -> Counter[PurePosixPath]:
    """Count the notebook folders in each folder that holds several of them."""
    folders = {folder for file in loose for folder in list(file.place.parents)[:-1]}
    counted = Counter(folder.parent for folder in folders)
    return Counter({row: number for row, number in counted.items() if number > 1})


def student_folder_of(
    place: PurePosixPath, bases: Collection[PurePosixPath]
) -> PurePosixPath | None:
    """Return the student's folder that contains a file or is it; None if there is none."""
    chain = [place, *place.parents]
    return next((each for each in chain if each != TOP and each.parent in bases), None)


def _is_reportable(file: File) -> bool:
    """Tell whether the instructor should hear about a file outside students' folders."""
    return file.is_notebook or file.is_archive or file.kind is FileKind.CLOSED
