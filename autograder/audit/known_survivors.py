"""The mutants that are known to survive, each with the reason why.

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

As `equivalent` stands what is right, and as `accepted` what is wrong and is let pass knowingly: it
is explained, and counts as a survivor all the same.
"""

from __future__ import annotations

import tomllib
from collections.abc import Container, Iterable
from pathlib import Path

import msgspec

from autograder.audit.mutants import Mutant
from autograder.checking.checks import BadAssignment
from autograder.i18n import _


class Record(msgspec.Struct, frozen=True):
    """A mutant that survives.

    Attributes:
        function: the function it is of.
        diff: the lines that are not the reference's.
        equivalent: whether it is right; else it is wrong, and accepted.
        reason: why it is right, or why it is accepted.
    """

    function: str
    diff: str
    equivalent: bool
    reason: str


def load_records(path: Path) -> tuple[Record, ...]:
    """The mutants that are known to survive; none without a file.

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
    """The records of mutants that are caught, or that there are no more.

    Args:
        records: what is known to survive.
        mutants: all that there are.
        caught: the function and the diff of those that were caught.
    """
    there = {(each.of, each.diff) for each in mutants}
    keys = ((each, (each.function, each.diff)) for each in records)
    return tuple(each for each, key in keys if key not in there or key in caught)
