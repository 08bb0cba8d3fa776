"""How a verdict speaks to a learner of what their code did."""

from __future__ import annotations

from collections.abc import Sequence

from autograder.checking.asked import LearnerError
from autograder.sandbox import wire

ENDED = (
    "The process that ran {} ended before it answered. Does the code call exit(), or use more "
    "memory than there is?"
)

IDLE = (
    "The notebook had kept its grader waiting for minutes by then, and did nothing meanwhile; so "
    "this was not waited for. Does the code sleep, or wait for something that never comes?"
)


def words(names: Sequence[str]) -> str:
    """Names as a sentence lists them."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def exception(raised: LearnerError) -> str:
    """An exception of the learner's, as a sentence."""
    error = raised.error
    if error.type == "NotImplementedError":
        return f"{raised.call.partition('(')[0]} is not written yet."
    where = ""
    if error.line is not None:
        where = f" (line {error.line}" + (f": `{error.source}`)" if error.source else ")")
    said = f": {error.message}" if error.message else ""
    return f"{raised.call} raised {error.type}{said}{where}."


def cell_trouble(ran: wire.Ran) -> str | None:
    """What stopped a cell, as the end of a sentence; None where nothing did."""
    error = ran.error
    if error is None:
        return None
    where = f" (line {error.line})" if error.line is not None else ""
    return error.type + (f": {error.message}" if error.message else "") + where
