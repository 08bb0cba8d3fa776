"""Make the students' version of an assignment, and verify that nothing hidden is in it."""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
import textwrap
import zipfile
from collections.abc import Iterator, Set
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from autograder.checking.mistakes import function_source
from autograder.course import requirements
from autograder.course.assignment import Assignment
from autograder.course.builder import build, runner_source, write_source
from autograder.course.embedded import packing
from autograder.course.lesson import Lesson
from autograder.i18n import _, use_language

CHECKPOINTS = ".ipynb_checkpoints"
"""The folder that Jupyter creates beside a notebook; nbgrader does not copy it."""

MIN_STATEMENT_CHARACTERS = 12
"""Characters of a statement that is specific; anybody may write `return A`."""


class NotProven(Exception):
    """A release that was not made, or that contains something that students must not see."""


@dataclass(frozen=True)
class Released:
    """A release that may go to students, and a zip of its folder.

    Attributes:
        hidden: the number of statements of solutions and hidden checks that were searched for.
    """

    folder: Path
    archive: Path
    hidden: int


def release(assignment: Assignment) -> Released:
    """Build an assignment, let nbgrader make the students' version, and verify and zip it.

    A `requirements.txt` is put beside the notebook.

    Raises:
        NotProven: nbgrader failed, or something hidden is in the release, which is then removed.
    """
    lesson = build(assignment)
    source = write_source(assignment)
    stray = sorted(_strays(assignment, source.parent))
    if stray:
        not_ours = _(
            "{folder} contains {files}, which nbgrader would copy to the students: move "
            "it elsewhere."
        )
        raise NotProven(not_ours.format(folder=source.parent, files=", ".join(stray)))
    _generate(assignment)
    folder = assignment.root / "release" / assignment.name
    (folder / requirements.FILE).write_text(
        requirements.requirements(lesson, assignment.beside.files), encoding="utf-8"
    )
    hidden, _shown = hidden_statements(assignment, lesson)
    leaks = list(find_leaks(folder, lesson, hidden))
    if leaks:
        shutil.rmtree(folder)
        leaked = _(
            "The release contained something hidden and was deleted: {leak}. Remove it "
            "from the lesson, or show it there on purpose."
        )
        raise NotProven(leaked.format(leak=leaks[0]))
    archive = folder.with_suffix(".zip")
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        for path in sorted(folder.rglob("*")):
            file.write(path, path.relative_to(folder))
    return Released(folder, archive, len(hidden))


def _strays(assignment: Assignment, folder: Path) -> Iterator[str]:
    """Yield the files in an assignment's folder in `source/` that no build puts there."""
    ours = {f"{assignment.name}.ipynb", *assignment.beside.files}
    for path in folder.rglob("*"):
        place = path.relative_to(folder)
        if path.is_file() and place.as_posix() not in ours and CHECKPOINTS not in place.parts:
            yield place.as_posix()


def _generate(assignment: Assignment) -> None:
    if find_spec("nbgrader") is None:
        raise ModuleNotFoundError(name="nbgrader")
    command = [sys.executable, "-m", "nbgrader", "generate_assignment", assignment.name, "--force"]
    # nbgrader runs `alembic` without a path; it is installed beside the interpreter.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    done = subprocess.run(  # noqa: S603  # our own interpreter
        command,
        cwd=assignment.root,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        lines = [line for line in done.stderr.splitlines() if "ERROR" in line]
        said = (lines or done.stderr.strip().splitlines()[-1:] or [_("(no message)")])[0]
        failed = _("nbgrader generate_assignment failed: {words}")
        raise NotProven(failed.format(words=said))


def hidden_statements(assignment: Assignment, lesson: Lesson) -> tuple[set[str], set[str]]:
    """Return the statements of the solutions and the checks, in a normal form.

    The first set are the statements that students must not see, the second those that they do: in
    a text, a docstring or a visible check of the lesson, or in the runner cell.
    """
    statements: set[str] = set()
    for function in lesson.functions:
        statements |= _statements(function_source(assignment.reference, function))
    statements |= _statements(assignment.checks_source)
    with use_language(lesson.language):
        packed = packing.unpack(runner_source()).values()
    pieces = [*(part.released for part in lesson.parts), *packed]
    text = "\n".join(map(_squeeze, pieces))
    code = set().union(*map(_statements, pieces))
    telling = {each for each in statements if len(each) >= MIN_STATEMENT_CHARACTERS}
    shown = {each for each in telling if each in code or _squeeze(each) in text}
    return telling - shown, shown


@cache  # much of the lesson is in the release again
def _statements(source: str) -> frozenset[str]:
    """Return every simple statement in a piece of code, as Python would print it."""
    try:
        tree = ast.parse(textwrap.dedent(source))
    except SyntaxError:
        return frozenset()
    simple = (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Return, ast.Expr, ast.Assert)
    return frozenset(
        ast.unparse(node)
        for node in ast.walk(tree)
        if isinstance(node, simple) and not packing.is_constant(node)
    )


def find_leaks(folder: Path, lesson: Lesson, hidden: Set[str]) -> Iterator[str]:
    """Yield a sentence for each hidden region or hidden statement in the release of a lesson."""
    squeezed = {_squeeze(statement): statement for statement in hidden}
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        text = path.read_text(encoding="utf-8", errors="replace")
        if lesson.canary in text:
            yield _("{file} contains a hidden region").format(file=path.name)
        for place, piece in _pieces(path, text):
            found = _statements(piece) & hidden
            packed = _squeeze(piece)
            found |= {whole for small, whole in squeezed.items() if small in packed}
            for statement in sorted(found):
                where = _("{statement} is in {place} of {file}")
                yield where.format(statement=repr(statement), place=place, file=path.name)


def _pieces(path: Path, text: str) -> Iterator[tuple[str, str]]:
    """Yield the decoded strings in a file, each with its place."""
    if path.suffix != ".ipynb":
        yield "the text", text
        return

    def strings(value: object, place: str) -> Iterator[tuple[str, str]]:
        if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
            value = "".join(value)
        if isinstance(value, str):
            yield place, value
            for name, source in packing.unpack(value).items():
                yield f"{name} in {place}", source
        elif isinstance(value, list):
            for number, item in enumerate(value):
                yield from strings(item, f"{place}[{number}]")
        elif isinstance(value, dict):
            for key, item in value.items():
                yield f"a key of {place}", str(key)
                yield from strings(item, f"{place}.{key}")

    yield from strings(json.loads(text), "notebook")


def _squeeze(text: str) -> str:
    """Remove what formatting may change: white space and the kind of quotes."""
    return "".join(text.split()).replace('"', "'")
