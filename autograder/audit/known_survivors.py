"""Mutants that are known to survive, each with the reason.

They stand in `survivors.toml` in the assignment's folder, by function and by the lines that
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
"""

from __future__ import annotations

import tomllib
from collections.abc import Container, Iterable
from pathlib import Path

import msgspec

from autograder.checking.checks import BadAssignment
from autograder.checking.mutants import Mutant
from autograder.i18n import _


class Record(msgspec.Struct, frozen=True):
    """A mutant that survives.

    Attributes:
        function: the function that it changes.
        diff: the lines that differ from the reference.
        equivalent: whether it is correct; otherwise it is wrong, and accepted.
        reason: why it is correct, or why it is accepted.
    """

    function: str
    diff: str
    equivalent: bool
    reason: str


def load_records(path: Path) -> tuple[Record, ...]:
    """Return the mutants that are known to survive; none if there is no file.

    Raises:
        BadAssignment: the file cannot be read.
    """
    if not path.is_file():
        return ()
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
        return tuple(
            Record(group["function"], diff.strip(), table == "equivalent", group["reason"])
            for table in ("equivalent", "accepted")
            for group in tables.get(table, [])
            for diff in group["diffs"]
        )
    except (tomllib.TOMLDecodeError, KeyError, TypeError, AttributeError) as error:
        tables_wanted = _(
            "{path} must contain tables [[equivalent]] and [[accepted]], each with function, "
            "reason and diffs: {error}."
        )
        raise BadAssignment(tables_wanted.format(path=path, error=repr(error))) from error


def stale(
    records: Iterable[Record],
    mutants: Iterable[Mutant],
    caught: Container[tuple[str | None, str | None]],
) -> tuple[Record, ...]:
    """Return the records of mutants that are caught or no longer exist.

    Args:
        records: the mutants that are known to survive.
        mutants: all mutants.
        caught: the function and the diff of each mutant that was caught.
    """
    there = {(each.of, each.diff) for each in mutants}
    keys = ((each, (each.function, each.diff)) for each in records)
    return tuple(each for each, key in keys if key not in there or key in caught)
