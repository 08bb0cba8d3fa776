"""Read `limits.toml`, in which a course changes the limits of its assignments.

A table for each assignment says what differs from the limits that `docs/operators/limits.md` lists:

    [rainfall]
    cell_seconds = 60        # processor time of one cell
    call_seconds = 10        # processor time of one call of a student's function
    function_seconds = 30    # processor time of all calls that the checks of one function make
    memory_gb = 8            # memory of each process of a submission
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Collection
from pathlib import Path

from autograder.checking.checks import BadAssignment
from autograder.i18n import _
from autograder.sandbox.protocol.limits import AssignmentLimits

FILE = "limits.toml"


def read_limits(root: Path, name: str, others: Collection[str]) -> AssignmentLimits:
    """Return the limits of an assignment that a course changes.

    Raises:
        BadAssignment: the file cannot be read, names an assignment that is neither this one nor
            one of the others, or contains something else than limits.
    """
    path = root / FILE
    if not path.is_file():
        return AssignmentLimits()
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except ValueError as error:
        broken = _("{path} cannot be read: {error}")
        raise BadAssignment(broken.format(path=path, error=error)) from error
    if unknown := sorted(tables.keys() - {name, *others}):
        nowhere = _("{path}: there is no assignment {name}.")
        raise BadAssignment(nowhere.format(path=path, name=unknown[0]))
    table = tables.get(name, {})
    known = ", ".join(AssignmentLimits._fields)
    for key, value in table.items() if isinstance(table, dict) else [(name, table)]:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if key not in AssignmentLimits._fields or not number or not 0 < value < math.inf:
            wrong = _(
                "{path}: {key} = {value} is not a valid limit. The limits are {known}, all above 0."
            )
            raise BadAssignment(wrong.format(path=path, key=key, value=value, known=known))
    return AssignmentLimits(**table)
