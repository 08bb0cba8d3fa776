"""Describe an exception of a student's code."""

from __future__ import annotations

import linecache
import os
import re
import traceback
from itertools import groupby

from autograder.sandbox.protocol import limits, wire


def text(value: object) -> str:
    """Return text that can be encoded: a lone surrogate has no form in UTF-8."""
    return str(value).encode("utf-8", "replace").decode()


CELL = re.compile(r"<ipython-input-(\d+)-")
"""How IPython names the code of a cell."""


def raised(error: BaseException) -> wire.Raised:
    """Describe an exception, with the innermost line of the student's own code."""
    line, source, function = None, None, None
    said: object = error
    if isinstance(error, SyntaxError):
        said = error.msg or ""
        if isinstance(error.lineno, int) and isinstance(error.text, str):
            line, source = error.lineno, error.text
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if line is None and frame.filename.startswith("<ipython-input"):
            line, source = frame.lineno, linecache.getline(frame.filename, frame.lineno or 0)
            function = frame.name
    try:
        message = text(said)
    except Exception:  # an exception whose own text raises
        message = ""
    return wire.Raised(
        type(error).__name__[: limits.MAX_NAME_CHARACTERS],
        message[: limits.MAX_SENTENCE_CHARACTERS],
        line,
        None if source is None else text(source).strip()[: limits.MAX_SOURCE_LINE_CHARACTERS],
        None if function is None else text(function)[: limits.MAX_NAME_CHARACTERS],
    )


def lines(error: BaseException) -> tuple[wire.Line, ...]:
    """Return the lines of a traceback that are in the notebook's cells or in files beside it."""
    frames = [line for line in map(_line, traceback.extract_tb(error.__traceback__)) if line]
    found = [line for line, _same in groupby(frames)]  # a function that calls itself
    if len(found) > limits.MAX_TRACEBACK_LINES:
        found[1 : len(found) + 2 - limits.MAX_TRACEBACK_LINES] = [wire.Line()]
    return tuple(found)


def _line(frame: traceback.FrameSummary) -> wire.Line | None:
    cell = CELL.match(frame.filename)
    number = int(cell[1]) if cell else 0
    beside = os.path.join(os.getcwd(), "")
    if not number and not frame.filename.startswith(beside):
        return None
    file = "" if number else text(frame.filename.removeprefix(beside))
    size = limits.MAX_NAME_CHARACTERS
    return wire.Line(number, file[:size], frame.lineno or 0, text(frame.name)[:size])
