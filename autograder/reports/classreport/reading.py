"""Takes in what `grade --json` has written."""

from __future__ import annotations

from pathlib import Path

from autograder.checking.result import Result, result_from
from autograder.language import _


def read(path: Path, assignment: str) -> Result:
    """The result in a file.

    Args:
        path: the file.
        assignment: whose result it must be.

    Raises:
        OSError: it cannot be read.
        ValueError: it holds no result, one in another form or of another assignment, or nobody's.
    """
    result = result_from(path.read_bytes(), path)
    if result.assignment != assignment:
        other = _("{path} is of {other}, and not of {assignment}: name the one or the other.")
        raise ValueError(other.format(path=path, other=result.assignment, assignment=assignment))
    if not result.submissions:
        nobody = _("There is no submission in {path}: grade some first.")
        raise ValueError(nobody.format(path=path))
    return result
