"""Describe an exception of a student's code."""

from __future__ import annotations

import errno
import linecache
import os
import re
import traceback
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from itertools import groupby
from types import CodeType
from typing import Any

from autograder.sandbox.protocol import limits, wire


def text(value: object) -> str:
    """Return text that can be encoded: a lone surrogate has no form in UTF-8."""
    return str(value).encode("utf-8", "replace").decode()


MAX_CHAINED = 100
"""The most exceptions behind an exception that are examined: they may form a circle."""

CELL = re.compile(r"<ipython-input-(\d+)-")
"""How IPython names the code of a cell."""

TIMED = ("<timed exec>", "<timed eval>", "<magic-timeit>")
"""How IPython names the code of cells and lines that it times."""

scratch = ""
"""The folder with the student's files, or nothing as long as no student's code runs here."""


def raised(error: BaseException) -> wire.Raised:
    """Describe an exception, with the innermost line of the student's own code."""
    line, source, function = None, None, None
    said: object = error
    if isinstance(error, SyntaxError):
        said = error.msg or ""
        if isinstance(error.lineno, int) and isinstance(error.text, str):
            line, source = error.lineno, error.text
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if line is None and CELL.match(frame.filename):
            line, source = frame.lineno, linecache.getline(frame.filename, frame.lineno or 0)
            function = frame.name
    try:
        message = text(said)
    except BaseException:  # an exception whose own text raises
        message = ""
    return wire.Raised(
        type(error).__name__[: limits.MAX_NAME_CHARACTERS],
        message[: limits.MAX_SENTENCE_CHARACTERS],
        line,
        None if source is None else text(source).strip()[: limits.MAX_SOURCE_LINE_CHARACTERS],
        None if function is None else text(function)[: limits.MAX_NAME_CHARACTERS],
        denied=denied(error),
    )


def denied(error: BaseException) -> wire.Denied | None:
    """Return what the sandbox did not give, if an exception or one behind it comes from that.

    A system call that the sandbox does not permit fails with EPERM, which files do not give here.
    A file in `/tmp`, where it cannot be written, would be there elsewhere.
    """
    with suppress(BaseException):  # an attribute of a student's own class may be code that raises
        for here in chained(error):
            if type(here).__name__ == "gaierror":
                return wire.Denied.NETWORK
            if isinstance(here, OSError) and here.errno in (errno.EROFS, errno.EACCES):
                file = here.filename
                in_tmp = isinstance(file, str) and file.startswith("/tmp/")  # noqa: S108  # students write it
                if in_tmp:
                    return wire.Denied.SYSTEM
            if isinstance(here, OSError) and here.errno == errno.EPERM:
                frames = traceback.walk_tb(here.__traceback__)
                files = [frame.f_code.co_filename for frame, _ in frames]
                of_sockets = files and os.path.basename(files[-1]) == "socket.py"
                return wire.Denied.NETWORK if of_sockets else wire.Denied.SYSTEM
    return None


def chained(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception and those behind it."""
    here: BaseException | None = error
    for _ in range(MAX_CHAINED):
        if here is None:
            break
        yield here
        here = here.__context__ if here.__cause__ is None else here.__cause__


def is_students(file: str) -> bool:
    """Return whether code of this file is in a cell of the notebook or in a file beside it."""
    beside = scratch and file.startswith(os.path.join(scratch, ""))
    return bool(CELL.match(file) or file in TIMED or beside)


def owner(
    error: BaseException, called: str, functions: Collection[str], names: Mapping[str, Any]
) -> str:
    """Return the function of the assignment that raised an exception.

    A student's helper belongs to the function that called it, so that the blame does not depend on
    how a student has divided a function.

    Args:
        error: the exception.
        called: the function that the judge called.
        functions: the functions of the assignment.
        names: the names of the notebook.
    """
    codes = [(code, name) for name in functions if (code := _code(names.get(name))) is not None]
    found = called
    for frame, _ in traceback.walk_tb(error.__traceback__):
        code = frame.f_code
        if not CELL.match(code.co_filename):
            continue
        # A decorator's code may run for several functions, so it names none of them.
        of_code = {name for each, name in codes if each is code}
        if len(of_code) == 1:
            (found,) = of_code
        elif code.co_qualname in functions:
            found = code.co_qualname
    return found


def _code(function: Any) -> CodeType | None:
    """Return the code behind a function, a `partial`, a method or an object that can be called."""
    for part in ("func", "__wrapped__", "__func__"):
        function = getattr(function, part, function)
    if not hasattr(function, "__code__"):
        function = type(function).__call__
    code = getattr(function, "__code__", None)
    return code if isinstance(code, CodeType) else None


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
    if not is_students(frame.filename) or frame.filename in TIMED:
        return None
    file = "" if number else text(os.path.relpath(frame.filename, scratch))
    size = limits.MAX_NAME_CHARACTERS
    return wire.Line(number, file[:size], frame.lineno or 0, text(frame.name)[:size])
