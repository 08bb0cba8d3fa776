"""Finds the submissions in what a command was given: notebooks, folders, zips, nbgrader's trees.

In a tree, whatever lies in `<student>/` is that student's, however deep: what is in
`<assignment>/` there is graded, what is in the folder of another assignment of the course belongs
to that, and of all else it is told that it was not graded. Zips of Canvas and Moodle are taken as
such trees (see `platforms`), and one student's folder in `submitted/` as a part of one. Every other
notebook is a submission of its own. A place that looks like a submission and holds nothing that can
be read is one that is rejected: nobody is passed over in silence.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path, PurePosixPath

from autograder.intake.files import (
    ENDING,
    File,
    Kind,
    Read,
    in_folder,
    in_zip,
    is_zip,
    read_file,
    rejecting,
)
from autograder.intake.platforms import LATE, arranged
from autograder.language import N_, _

ZIP_INSIDE = N_("This is a zip among the notebooks: unpack it, or name it on the command line.")

TAKEN = N_("{file} was taken for {notebook}, which is not there.")

SHOWN = 5
"""Names of notebooks that one observation lists."""

TOP = PurePosixPath(".")


@dataclass(frozen=True, slots=True)
class Found:
    """A submission, before anything of it has been read.

    Attributes:
        student: whose it is.
        path: where it lies, for people to find it.
        read: gives its bytes, or raises `Rejected`.
        observations: what the instructor may want to know about where it lay.
    """

    student: str
    path: str
    read: Read
    observations: tuple[str, ...] = ()


def find(paths: Iterable[Path], assignment: str, others: Collection[str] = ()) -> list[Found]:
    """The submissions in notebooks, in folders of them, in zips, or in `<student>/<assignment>/`.

    Args:
        paths: where to look.
        assignment: its name, by which a tree of nbgrader's is known.
        others: the names of the course's other assignments.

    Returns:
        The submissions, in the order of the paths and, in a folder, of their names. Where two
        would bear one student's name, each goes by its path, without `.ipynb` where nothing else
        is called so; what was named twice is there once.

    Raises:
        FileNotFoundError: there is nothing at a path; the text says so.
    """
    found = {each.path: each for path in paths for each in _find(path, assignment, others)}
    return told_apart(found.values())


def find_of_student(folder: Path, assignment: str, student: str, top: Path | None = None) -> Found:
    """The submission in the folder that a student has for an assignment.

    Args:
        folder: the student's, wherever it lies and whatever it is called.
        assignment: its name.
        student: whose it is.
        top: as of `in_folder`.

    Returns:
        What is graded, or says why nothing is.
    """
    files = in_folder(folder, top)
    return spelled(_Sorter(files, folder, assignment).of_student(TOP, student, files, []))


def told_apart(found: Collection[Found]) -> list[Found]:
    """The same, but where two would bear one name each goes by its path, and look-alikes are told.

    Names look alike where letters are small or capital, composed or not, or of another width, and
    where there are signs between them that nobody sees.
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
            said = _("Another name looks just like this student's: {names}.")
            told = said.format(names=", ".join(map(ascii, others[:SHOWN])))
            each = replace(each, observations=(*each.observations, told))
        name = next((name for name in known_as if names[name] == 1), each.path)
        apart.append(spelled(replace(each, student=name)))
    return apart


def _looks(name: str) -> str:
    """What a name looks like, the same for all that can be taken for it."""
    seen = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    return "".join(each for each in seen if unicodedata.category(each)[0] not in "CZ").rstrip(".")


def spelled(found: Found) -> Found:
    """The same, its names as text: a file's name may be no text at all, and a result is."""
    student, path, *observations = (
        each.encode("utf-8", "backslashreplace").decode()
        for each in (found.student, found.path, *found.observations)
    )
    return replace(found, student=student, path=path, observations=tuple(observations))


def _find(path: Path, assignment: str, others: Collection[str]) -> Iterator[Found]:
    if (path / "submitted").is_dir() and any(
        (path / each).is_dir() for each in ("assignments", "source")
    ):
        path = path / "submitted"  # a whole course: what else is in it was not handed in
    if path.is_dir() and is_students(path, {assignment, *others}):
        yield from _Sorter(in_tree(path), above(path), assignment, others, {TOP}).submissions()
    elif path.is_dir():
        found = list(_sorted(in_folder(path), path, assignment, others))
        if not found and ENDING.search(path.name):
            found = [Found(_stem(path), str(path), partial(read_file, path))]
        yield from found
    elif not path.exists() and not path.is_symlink():
        raise FileNotFoundError(_("There is nothing at {path}.").format(path=path))
    elif is_zip(path):
        yield from _sorted(in_zip(path), path, assignment, others)
    else:
        yield Found(_owner(path, assignment), str(path), partial(read_file, path))


def is_students(folder: Path, assignments: Collection[str]) -> bool:
    """Whether a folder is `submitted/<student>/`, with what a student has for assignments in it."""
    holds = any((folder / each).is_dir() for each in assignments)
    return holds and above(folder).absolute().name == "submitted"


def above(folder: Path) -> Path:
    """The folder that a folder lies in; `.` is where we are."""
    return folder.parent if folder.name else folder.absolute().parent


def in_tree(folder: Path) -> list[File]:
    """Everything in a folder, each at its place in the folder above."""
    name = PurePosixPath(folder.absolute().name)
    return [replace(file, place=name / file.place) for file in in_folder(folder)]


def _owner(path: Path, assignment: str) -> str:
    """Whose a notebook is that was named by itself; in `submitted/`, the folder tells."""
    *_, handed_in, student, folder, _name = ("", "", "", *path.absolute().parts)
    theirs = handed_in == "submitted" and folder == _stem(path) == assignment
    return student if theirs else _stem(path)


def _sorted(
    files: list[File], root: Path, assignment: str, others: Collection[str]
) -> Iterator[Found]:
    """The submissions in the files of a folder or a zip, be it a learning platform's."""
    placed = arranged(files, assignment)
    for found in _Sorter(placed.files, root, assignment, others).submissions():
        said = (LATE,) if found.student in placed.late else ()
        yield replace(found, observations=(*found.observations, *said))


def _stem(path: PurePosixPath | Path) -> str:
    """Whose a notebook is that lies in no student's folder."""
    stem = ENDING.sub("", path.name) if ENDING.search(path.name) else path.stem
    return stem or path.name


class _Sorter:
    """Sorts the files of a folder or a zip into submissions.

    Args:
        files: everything there.
        root: the folder, or the zip.
        assignment: its name.
        others: the names of the course's other assignments.
        bases: the folders that hold a folder for each student, where they are known.
    """

    def __init__(
        self,
        files: list[File],
        root: Path,
        assignment: str,
        others: Collection[str] = (),
        bases: Collection[PurePosixPath] = (),
    ) -> None:
        self.files = files
        self.root = root
        self.assignment = assignment
        self.others = others
        self.bases = bases
        self.whole = self._whole()

    def submissions(self) -> Iterator[Found]:
        """All there are, in the order of the files."""
        homes: dict[PurePosixPath, list[File]] = {}
        loose: list[File] = []
        for file in self.files:
            home = self._home(file)
            if home is not None:
                homes.setdefault(home, []).append(file)
            elif _claims(file):
                loose.append(file)
        bases = self.bases or bases_of(homes.keys() - {self.whole}, filter(self._is_right, loose))
        for home in list(homes):
            if home != self.whole and home.parent.parent not in bases:
                loose += filter(_claims, homes.pop(home))
        # What students have beside the folder for it, `<student>/x.ipynb` say.
        strays: dict[PurePosixPath, list[File]] = {}
        alone: list[File] = []
        for file in loose:
            folder = below(file.place, bases)
            if folder is None or folder == file.place:
                alone.append(file)
            elif file.place.relative_to(folder).parts[0] not in self.others:
                strays.setdefault(folder, []).append(file)
        for home in list(homes):
            files = homes.pop(home)  # of a class of thousands, what is done with is let go of
            beside = strays.pop(home.parent, []) if home != self.whole else []
            yield self.of_student(home, self._student(home), files, beside)
        for folder, files in strays.items():
            here = [file for file in files if self._is_of(folder, file)]
            beside = [file for file in files if not self._is_of(folder, file)]
            yield self.of_student(folder, folder.name, here, beside)
        for file in alone:
            inside = file.kind is Kind.FILE and not file.is_notebook
            read = rejecting(ZIP_INSIDE) if inside else file.read
            yield Found(_stem(file.place) or _stem(self.root), file.path, read)

    def _is_right(self, file: File) -> bool:
        return file.is_notebook and _stem(file.place) == self.assignment

    def _is_of(self, folder: PurePosixPath, file: File) -> bool:
        """Whether it is the notebook of a student who has no folder for it."""
        direct = file.place.parent == folder and file.kind is Kind.FILE
        return direct or self._is_right(file)

    def _whole(self) -> PurePosixPath | None:
        """The folder at the top that is one student's, where the path leads into a tree.

        The top folder may be called like the assignment for another reason, and hold a class.
        """
        for named in (TOP, PurePosixPath(self.assignment)):
            if named == TOP and self.root.name != self.assignment:
                continue
            inside = [
                file for file in self.files if file.is_notebook and named in file.place.parents
            ]
            direct = [file for file in inside if file.place.parent == named]
            right = any(map(self._is_right, direct))
            if right or len(direct) == len(inside) == 1:
                return named
        return None

    def _home(self, file: File) -> PurePosixPath | None:
        """The folder `<student>/<assignment>/` that something lies in; the outermost of them.

        Whoever makes such folders in their own submission does not become somebody else.
        """
        if self.whole is not None and self.whole in file.place.parents:
            return self.whole
        itself = [] if file.kind is Kind.FILE else [file.place]
        above = [*itself, *file.place.parents]
        named = (place for place in reversed(above) if place.name == self.assignment)
        return next((place for place in named if place.parent != TOP), None)

    def _student(self, home: PurePosixPath) -> str:
        if home == TOP:
            return self.root.resolve().parent.name or self.root.name
        root = self.root.resolve()
        return home.parent.name or (root.name if root.is_dir() else root.stem)

    def of_student(
        self, home: PurePosixPath, student: str, files: list[File], beside: list[File]
    ) -> Found:
        """The submission of a student who has a folder."""
        notebooks = [file for file in files if file.is_notebook]
        direct = [file for file in notebooks if file.place.parent == home] or notebooks
        right = [file for file in direct if self._is_right(file)]
        # Of two in a zip at the same place, the later one is the newer.
        places = {file.place for file in right or direct}
        if len(places) != 1:
            many = N_("There is no {assignment}.ipynb, but {number} notebooks here.")
            none = N_("There is no notebook here; {assignment}.ipynb was wanted.")
            reason = many if notebooks else none
            rejected = rejecting(reason, assignment=self.assignment, number=len(notebooks))
            itself = next((file.read for file in files if file.place == home), None)
            told = _told([file.place for file in beside])
            return Found(student, str(self.root / home), itself or rejected, told)
        chosen = (right or direct)[-1]
        others = [file.place for file in [*notebooks, *beside] if file is not chosen]
        return Found(student, chosen.path, chosen.read, _told(others))


def bases_of(homes: Iterable[PurePosixPath], loose: Iterable[File]) -> frozenset[PurePosixPath]:
    """The folders that hold a folder for each student.

    A student's own folder is none of them, whatever is in it. So none lies in another one, nor in
    one of several folders side by side that hold the assignment's notebook, as repositories do.

    Args:
        homes: the folders `<student>/<assignment>/`, or what looks like them.
        loose: what is called like a notebook of the assignment, and lies in none of them.
    """
    trees = Counter(home.parent.parent for home in homes)
    folders = {folder for file in loose for folder in list(file.place.parents)[:-1]}
    counted = Counter(folder.parent for folder in folders)
    rows = Counter({row: number for row, number in counted.items() if number > 1})
    tops = (base for base in trees if not (trees + rows).keys() & set(base.parents))
    return frozenset(base for base in tops if trees[base] >= rows[base])


def below(place: PurePosixPath, bases: Collection[PurePosixPath]) -> PurePosixPath | None:
    """The student's folder that something lies in, or is itself; None where it is in none."""
    chain = [place, *place.parents]
    return next((each for each in chain if each != TOP and each.parent in bases), None)


def _claims(file: File) -> bool:
    """Whether something that lies in no student's folder is to be spoken of."""
    zipped = file.kind is Kind.FILE and file.place.suffix.lower() == ".zip"
    return file.is_notebook or zipped or file.kind is Kind.CLOSED


def _told(others: list[PurePosixPath]) -> tuple[str, ...]:
    if not others:
        return ()
    names = ", ".join(str(place)[-100:] for place in others[:SHOWN])
    if len(others) > SHOWN:
        more = _("{names} and {number} more")
        names = more.format(names=names, number=len(others) - SHOWN)
    said = _("Only one notebook of a student is graded; these were not: {names}.")
    return (said.format(names=names),)
