"""Word the messages in which a verdict tells students what their code did."""

from __future__ import annotations

from collections.abc import Sequence

from autograder.checking.judge.calls import StudentError
from autograder.i18n import _
from autograder.sandbox.protocol import wire


def ended(function: str) -> str:
    """Say that the process ended before it answered."""
    return _(
        "The process that ran {function} ended before the function returned. Does your code use "
        "too much memory, or call os._exit()?"
    ).format(function=function)


def idle() -> str:
    """Say that the notebook waited too long without computing anything."""
    return _(
        "This check was stopped or not run, because the notebook had kept the grader waiting for "
        "minutes without computing anything. Does your code call time.sleep, or wait for "
        "something that never happens?"
    )


def used_up(seconds: float) -> str:
    """Say that the notebook used up its processor time."""
    return _(
        "The notebook used up the {seconds} seconds of processor time that a submission may use, "
        "so this check was stopped or not run. Processes that the notebook starts count too: does "
        "a cell leave one running?"
    ).format(seconds=f"{seconds:.0f}")


def undecided() -> str:
    """Say that the grader itself has failed."""
    return _(
        "The grader failed in this check. Your instructor has been told and will decide the points."
    )


def words(names: Sequence[str]) -> str:
    """List names as a sentence does."""
    if len(names) < 2:
        return "".join(names)
    return _("{names} and {last}").format(names=_(", ").join(names[:-1]), last=names[-1])


def exception(raised: StudentError) -> str:
    """Describe an exception of the student's function in a sentence."""
    error, called = raised.error, raised.call.partition("(")[0]
    if error.type == "NotImplementedError":
        return _("{function} is not written yet: it raises NotImplementedError.").format(
            function=called
        )
    said = _error_words(error)
    if error.line is None:
        return _("{call} raised {error}.").format(call=raised.call, error=said)
    where = _("{call} raised {error} (line {line}).")
    if error.source:
        where = _("{call} raised {error} (line {line}: `{source}`).")
        if error.owner == error.function != called:
            where = _("{call} raised {error} (line {line} of the cell of {function}: `{source}`).")
    return where.format(
        call=raised.call,
        error=said,
        line=error.line,
        function=error.function,
        source=error.source,
    )


def not_given(what: wire.Denied) -> str:
    """Say what the sandbox did not give, and that a person decides."""
    if what is wire.Denied.NETWORK:
        return _("There is no network when a notebook is graded. Your instructor will review this.")
    return _(
        "When a notebook is graded, it may not start other programs or change the system. Your "
        "instructor will review this."
    )


def asked_for(what: wire.Denied) -> str:
    """Say that a wrong answer is of code that asked for what the sandbox does not give."""
    if what is wire.Denied.NETWORK:
        return _(
            "The answer is wrong, and the code tried to use the network, which is not there when a "
            "notebook is graded. Your instructor will review this."
        )
    return _(
        "The answer is wrong, and the code tried to start another program, which is not possible "
        "when a notebook is graded. Your instructor will review this."
    )


def cell_trouble(ran: wire.Ran) -> str | None:
    """Describe the error that stopped a cell, as the end of a sentence; None if none did."""
    error = ran.error
    if error is None:
        return None
    said = _error_words(error)
    if error.traceback:
        places = "; ".join(map(_place, error.traceback))
        return _("{error} ({places})").format(error=said, places=places)
    if error.line is None:
        return said
    if error.function is not None and error.function.isidentifier():
        inside = _("{error} (line {line} of its cell, in {function})")
        return inside.format(error=said, line=error.line, function=error.function)
    return _("{error} (line {line})").format(error=said, line=error.line)


def _place(at: wire.Line) -> str:
    """Describe a line of a traceback."""
    if not at.line:
        return "…"
    where = _("cell {cell}, line {line}") if at.cell else _("{file}, line {line}")
    if at.function.isidentifier():
        where = (
            _("cell {cell}, line {line}, in {function}")
            if at.cell
            else _("{file}, line {line}, in {function}")
        )
    return where.format(cell=at.cell, file=at.file, line=at.line, function=at.function)


def _error_words(error: wire.Raised) -> str:
    """Return an error's type and message; an error without a line is ours and is translated."""
    message = error.message.strip() if error.line is not None else _(error.message)
    return error.type + (f": {message}" if message else "")
