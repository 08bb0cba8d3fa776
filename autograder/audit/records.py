"""Load what an assignment records for its audit, and check that it fits the reference.

`equivalents.py` in the assignment's folder lists correct answers in another form, which must get
full points. EQUIVALENTS holds for each its name, and the source of each function that is written
differently.

`survivors.toml` lists the mutants that are known to survive, by function and by the lines that
changed; several may share a reason:

    [[equivalent]]
    function = "initialize_parameters"
    reason = "A Gaussian around 0 is as likely to draw -w as w."
    diffs = [
    '''
    - W1 = np.random.randn(n_h, n_x) * 0.01
    + W1 = np.random.randn(n_h, n_x) * -0.01
    ''',
    ]

An `equivalent` mutant is correct. An `accepted` mutant is wrong and is let pass on purpose: it has
a reason, but still counts as a survivor.

The audit would find out by itself what does not fit the reference, but an author builds an
assignment long before auditing it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from autograder.checking.checks import BadAssignment, load_module, near
from autograder.checking.mutants import Mutant
from autograder.course.assignment import Assignment
from autograder.i18n import _

MISTAKES, EQUIVALENTS, SURVIVORS = "mistakes.py", "equivalents.py", "survivors.toml"


@dataclass(frozen=True)
class Equivalent:
    """A correct answer in another form.

    `sources` holds the source of each function that is written differently.
    """

    name: str
    sources: Mapping[str, str]


def load_equivalents(path: Path) -> tuple[Equivalent, ...]:
    """Return the equivalents of a file in their order; none if there is no file.

    Raises:
        BadAssignment: the file has no EQUIVALENTS, or two have the same name.
    """
    if not path.is_file():
        return ()
    found = getattr(load_module(path), "EQUIVALENTS", None)
    if found is None:
        raise BadAssignment(_("{path} has no EQUIVALENTS.").format(path=path))
    try:
        equivalents = tuple(Equivalent(str(name), dict(sources)) for name, sources in found)
    except (TypeError, ValueError) as error:
        pairs = _(
            "EQUIVALENTS in {path} should hold pairs of a name and a dict of sources: {error}."
        )
        raise BadAssignment(pairs.format(path=path, error=error)) from error
    names = [each.name for each in equivalents]
    for name in names:
        if names.count(name) > 1:
            two = _("Two equivalents in {path} are called {name}: rename one.")
            raise BadAssignment(two.format(path=path, name=name))
    return equivalents


class KnownSurvivor(msgspec.Struct, frozen=True):
    """A mutant that survives.

    It is correct if it is `equivalent`; otherwise it is wrong, and accepted. `diff` holds the lines
    that differ from the reference.
    """

    function: str
    diff: str
    equivalent: bool
    reason: str


def load_records(path: Path) -> tuple[KnownSurvivor, ...]:
    """Return the mutants that are known to survive; none if there is no file."""
    if not path.is_file():
        return ()
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8-sig"))
        return tuple(
            KnownSurvivor(group["function"], diff.strip(), table == "equivalent", group["reason"])
            for table in ("equivalent", "accepted")
            for group in tables.get(table, [])
            for diff in group["diffs"]
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        tables_wanted = _(
            "{path} must contain tables [[equivalent]] and [[accepted]], each with function, "
            "reason and diffs: {error}."
        )
        raise BadAssignment(tables_wanted.format(path=path, error=repr(error))) from error


def stale(
    records: Iterable[KnownSurvivor],
    mutants: Iterable[Mutant],
    caught: Container[tuple[str | None, str | None]],
) -> tuple[KnownSurvivor, ...]:
    """Return the records of mutants that no longer exist, or are among the `caught` ones.

    `mutants` are all of them; a caught one is given by its function and its diff.
    """
    there = {(each.of, each.diff) for each in mutants}
    keys = ((each, (each.function, each.diff)) for each in records)
    return tuple(each for each, key in keys if key not in there or key in caught)


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
    """Yield the functions that the records are about, each with the name of the file."""
    for mistake in assignment.mistakes:
        yield MISTAKES, mistake.of
    for equivalent in load_equivalents(assignment.folder / EQUIVALENTS):
        for function in equivalent.sources:
            yield EQUIVALENTS, function
    for record in load_records(assignment.folder / SURVIVORS):
        yield SURVIVORS, record.function


def _line(path: Path, text: str) -> int:
    """Return the first line of a file in which a text stands, preferably as a name in quotes."""
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    for sought in (f'"{text}"', f"'{text}'", text):
        for number, line in enumerate(lines, start=1):
            if sought in line:
                return number
    return 1
