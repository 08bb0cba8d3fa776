"""Describe an exception of a student's code."""

from __future__ import annotations

import linecache
import traceback

from autograder.sandbox.protocol import limits, wire


def text(value: object) -> str:
    """Return text that can be encoded: a lone surrogate has no form in UTF-8."""
    return str(value).encode("utf-8", "replace").decode()


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
