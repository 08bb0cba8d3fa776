"""Check that the mistakes, equivalents and survivors of an assignment are about its functions.

The audit would find out too, but an author builds an assignment long before auditing it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from autograder.audit.equivalents import load_equivalents
from autograder.audit.known_survivors import load_records
from autograder.checking.checks import BadAssignment, near
from autograder.course.assignment import Assignment
from autograder.i18n import _

MISTAKES, EQUIVALENTS, SURVIVORS = "mistakes.py", "equivalents.py", "survivors.toml"


def demand_records_fit(assignment: Assignment) -> None:
    """Load all records of an assignment, and see that their functions exist.

    Raises:
        BadAssignment: a record is about a function that the reference does not have, or a mistake
            changes a text that the reference does not have; the text names the file and the line.
    """
    reference = assignment.reference
    functions = sorted({check.of for check in assignment.checks})
    for file, function in _named(assignment):
        if not callable(getattr(reference, function, None)):
            path = assignment.folder / file
            gone = _(
                "{path}, line {line}, is about {function}, which {reference} does not have.{near} "
                "Correct the name, or delete what is about it."
            )
            raise BadAssignment(
                gone.format(
                    path=path.relative_to(assignment.root),
                    line=_line(path, function),
                    function=function,
                    reference=assignment.reference_path.relative_to(assignment.root),
                    near=near(function, functions),
                )
            )
    for mistake in assignment.mistakes:
        try:
            mistake.source(reference)
        except BadAssignment as error:
            path = assignment.folder / MISTAKES
            unfit = _("{path}, line {line}: {error}")
            raise BadAssignment(
                unfit.format(
                    path=path.relative_to(assignment.root),
                    line=_line(path, f"def {mistake.name}"),
                    error=error,
                )
            ) from error


def _named(assignment: Assignment) -> Iterator[tuple[str, str]]:
    """The functions that the records are about, each with the name of the file."""
    for mistake in assignment.mistakes:
        yield MISTAKES, mistake.of
    for equivalent in load_equivalents(assignment.folder / EQUIVALENTS):
        for function in equivalent.sources:
            yield EQUIVALENTS, function
    for record in load_records(assignment.folder / SURVIVORS):
        yield SURVIVORS, record.function


def _line(path: Path, text: str) -> int:
    """The first line of a file in which a text stands, preferably as a name in quotes."""
    lines = path.read_text(encoding="utf-8").splitlines()
    for sought in (f'"{text}"', f"'{text}'", text):
        for number, line in enumerate(lines, start=1):
            if sought in line:
                return number
    return 1
