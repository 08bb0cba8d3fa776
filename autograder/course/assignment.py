"""Find the files of an assignment in a course's folder, and read them when they are needed."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial
from importlib.util import decode_source
from pathlib import Path
from types import ModuleType

from autograder.checking.beside import beside
from autograder.checking.checks import BadAssignment, Check, load_checks, load_module
from autograder.checking.mistakes import Mistake, load_mistakes, load_untold
from autograder.course import code_strings, limits_file
from autograder.course.beside import Beside
from autograder.i18n import ENGLISH, Translate, _, catalogues, closest, translations
from autograder.sandbox.protocol.limits import AssignmentLimits

__all__ = ["Assignment", "BadAssignment", "Exercise", "find_course"]

FOR_THE_AUDIT = ("equivalents.py", "survivors.toml")
"""The files of an assignment that no score depends on."""

OWN = frozenset(["lesson.md", "checks.py", "mistakes.py", *FOR_THE_AUDIT, "locale", "private"])
"""The files and folders of an assignment that students do not get."""


@dataclass(frozen=True)
class Exercise:
    """Something that can be graded, with checks or plain asserts (see `asserts_assignment`).

    Attributes:
        language: the language of the texts for students.
    """

    root: Path
    name: str
    language: str = ENGLISH

    @property
    def notebooks(self) -> tuple[str, ...]:
        """The names of the notebooks that a submission consists of, without the ending."""
        raise NotImplementedError

    @cached_property
    def files(self) -> dict[str, str]:
        """SHA-256 of every file that a mark may depend on, by its path in the course."""
        raise NotImplementedError

    @cached_property
    def limits(self) -> AssignmentLimits:
        """The limits on a submission that the course sets."""
        raise NotImplementedError

    @cached_property
    def digest(self) -> str:
        """SHA-256 of everything in the course that a mark depends on; see `files`."""
        lines = (f"{place}\0{digest}\n" for place, digest in self.files.items())
        return hashlib.sha256("".join(lines).encode()).hexdigest()


def assignments_of(root: Path) -> list[str]:
    """Return the names of a course's assignments."""
    return sorted(path.parent.name for path in root.glob("assignments/*/lesson.md"))


def others(exercise: Exercise) -> frozenset[str]:
    """Return the names of the course's other assignments, including those of plain asserts."""
    plain = (path.parent.name for path in exercise.root.glob("source/*/*.ipynb"))
    return frozenset((*assignments_of(exercise.root), *plain)) - {exercise.name}


@dataclass(frozen=True)
class Assignment(Exercise):
    """One exercise with checks. Its code and its files do not depend on the language."""

    def __post_init__(self) -> None:
        if not (self.folder / "lesson.md").is_file():
            there = assignments_of(self.root)
            none = (
                _("There is no assignment {name} in {course}. Its assignments: {others}.")
                if there
                else _(
                    "There is no assignment {name} in {course}, which has no assignments yet. "
                    "Start one with `autograder new {name}`."
                )
            )
            raise BadAssignment(
                none.format(name=repr(self.name), course=self.root, others=", ".join(there))
            )
        if self.language not in (ENGLISH, *self.languages):
            untranslated = _(
                "{name} has no translation into {code}. Start one with `autograder messages "
                "{name} --lang {language}`."
            )
            raise BadAssignment(
                untranslated.format(
                    name=self.name, code=repr(self.language), language=self.language
                )
            )

    @property
    def folder(self) -> Path:
        """The folder with the lesson, the checks and the mistakes."""
        return self.root / "assignments" / self.name

    @cached_property
    def beside(self) -> Beside:
        """The files that students get beside the notebook.

        These are all files in the assignment's folder, except its own and private ones.
        """
        if (self.folder / limits_file.FILE).exists():
            misplaced = _(
                "{path} is not read. Move it into the folder of the course, and put [{name}] "
                "above its limits."
            )
            path = self.folder.relative_to(self.root) / limits_file.FILE
            raise BadAssignment(misplaced.format(path=path, name=self.name))
        return Beside(self.folder, self.root, OWN, private=(".", "_"))

    @property
    def notebooks(self) -> tuple[str, ...]:
        """The name of its notebook, without the ending."""
        return (self.name,)

    @property
    def languages(self) -> Mapping[str, Path]:
        """The catalogues of its translations, by their language."""
        return catalogues(self.folder / "locale", self.name)

    def spoken(self, code: str) -> Assignment:
        """Return the assignment in another language; unchanged if there is no such translation."""
        return replace(self, language=closest(code, self.languages) or self.language)

    @property
    def say(self) -> Translate:
        """The function that translates the assignment's texts into its language."""
        if self.language == ENGLISH:
            return str
        return translations(self.folder / "locale", self.name, self.language)

    @cached_property
    def lesson(self) -> str:
        """The text of the lesson, in English."""
        return _text(self.folder / "lesson.md")

    @cached_property
    def checks(self) -> tuple[Check, ...]:
        """The checks, in order."""
        alter = None if self.say is str else partial(code_strings.in_tree, say=self.say)
        with beside(self.reference_path):
            return load_checks(self.folder / "checks.py", alter)

    @property
    def checks_source(self) -> str:
        """The source of the checks, in the language of the assignment."""
        source = decode_source((self.folder / "checks.py").read_bytes())
        if self.say is str:
            return source
        return ast.unparse(code_strings.in_tree(ast.parse(source), self.say))

    @cached_property
    def mistakes(self) -> tuple[Mistake, ...]:
        """The known mistakes."""
        with beside(self.reference_path):
            known = load_mistakes(self.folder / "mistakes.py")
        return tuple(replace(each, sentence=self.say(each.sentence)) for each in known)

    @cached_property
    def untold(self) -> frozenset[str]:
        """The levels, kinds and places of findings that students are not told."""
        return load_untold(self.folder / "mistakes.py")

    @cached_property
    def reference(self) -> ModuleType:
        """The reference solution."""
        with beside(self.reference_path):
            return load_module(self.reference_path)

    @property
    def reference_path(self) -> Path:
        """The path of the reference solution."""
        return self.root / "reference" / f"{self.name}.py"

    def answer(self, answer: str) -> str:
        """Return the model answer and mark scheme of a written question, in English."""
        path = self.root / "reference" / f"{self.name}.{answer}.md"
        if not path.is_file():
            unwritten = _("The written answer {answer} has no model answer: write one in {path}.")
            raise BadAssignment(unwritten.format(answer=repr(answer), path=path))
        return _text(path).strip()

    @cached_property
    def files(self) -> dict[str, str]:
        """SHA-256 of the reference and of all files in the assignment's folder, by their paths.

        Files that only the audit reads and those that students' code must not find do not count.
        """
        missing = {self.folder / place for place in self.beside.left_out}
        found = {
            path for path in self.folder.rglob("*") if missing.isdisjoint([path, *path.parents])
        }
        found |= {self.folder / place for place in self.beside.files}  # those in linked folders too
        found |= {*(self.root / "reference").glob(f"{self.name}.*")}
        found.add(self.root / limits_file.FILE)

        def counts(path: Path) -> bool:
            ours = path.parent == self.folder and path.name in FOR_THE_AUDIT
            parts = path.relative_to(self.root).parts
            left = any(part.startswith(".") or part == "__pycache__" for part in parts)
            return path.is_file() and not ours and not left

        return digests(self.root, filter(counts, found))

    @cached_property
    def limits(self) -> AssignmentLimits:
        """The limits on a submission that the course sets."""
        return limits_file.read_limits(self.root, self.name, others(self))


def _text(path: Path) -> str:
    """Return the text of a file, without the mark that Windows may put before it."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        no_text = _("{path} is not text in UTF-8: save it in this encoding.")
        raise BadAssignment(no_text.format(path=path)) from error


def digests(root: Path, paths: Iterable[Path]) -> dict[str, str]:
    """Return the SHA-256 of files, by their sorted paths in the course."""
    found = {}
    for path in sorted(paths):
        with path.open("rb") as file:  # data may be larger than the memory
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        found[path.relative_to(root).as_posix()] = digest
    return found


def find_course(start: Path) -> Path:
    """Return the course that a folder is in.

    This is the nearest folder upwards with `assignments/` and `reference/`, or else the nearest
    course of nbgrader, with `source/` and `nbgrader_config.py`.
    """
    upwards = [start.resolve(), *start.resolve().parents]
    for folder in upwards:
        if (folder / "assignments").is_dir() and (folder / "reference").is_dir():
            return folder
    for folder in upwards:
        if (folder / "source").is_dir() and (folder / "nbgrader_config.py").is_file():
            return folder
    for folder in upwards:
        if (folder / "nbgrader_config.py").is_file():
            without_source = _(
                "{folder} has an nbgrader_config.py, but no folder source/ and no folders "
                "assignments/ and reference/. The instructor's notebooks must be in source/; "
                "another source_directory is not supported."
            )
            raise BadAssignment(without_source.format(folder=folder))
    nowhere = _(
        "{folder} is not in a course. Change to a folder that contains assignments/ "
        "and reference/, or start a course with `autograder new NAME`."
    )
    raise BadAssignment(nowhere.format(folder=start.resolve()))
