"""Takes in what `grade --json` has written."""

from __future__ import annotations

from pathlib import Path

from autograder.checking.result import Result, result_from


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
        raise ValueError(
            f"{path} is of {result.assignment}, and not of {assignment}: name the one or the other."
        )
    if not result.submissions:
        raise ValueError(f"There is no submission in {path}: grade some first.")
    return result
