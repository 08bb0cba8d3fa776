"""One verdict replayed for an appeal: what was asked, what was answered, and what was wanted.

For the instructor alone: expected values of hidden checks stand in it.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

import numpy as np
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from autograder.checking.checks import Check
from autograder.checking.diagnosis.comparison import RawAnswer
from autograder.checking.diagnosis.matching import Diagnosis, in_order
from autograder.checking.diagnosis.replay import NotAnswered
from autograder.checking.expect import kind
from autograder.checking.judge.calls import LearnerError, NoSuchFunction, PendingCall
from autograder.checking.judge.student import Learner
from autograder.i18n import N_, _
from autograder.reports.labels import points
from autograder.reports.terminal.submission import wrapped
from autograder.result import CheckResult, Result
from autograder.sandbox.host.process import TimedOut
from autograder.sandbox.protocol import wire

LINE_WIDTH = 80
LINES = 16


def explain(
    console: Console,
    check: Check,
    result: CheckResult,
    student: Learner | None,
    diagnosis: Diagnosis,
) -> None:
    """Prints one check of one submission, line by line.

    Args:
        console: where to.
        check: what was asked.
        result: what came of it.
        student: who was asked; None where nobody could be.
        diagnosis: knows what the reference answers, and the mistakes.
    """
    for line in _lines(check, result, student, diagnosis):
        console.print(Text(_plain(line)), soft_wrap=True)


CIRCUMSTANCES = {
    "assignment_digest": N_("lesson, checks, mistakes or reference"),
    "grader": "autograder",
    "secret_fingerprint": N_("the secret"),
    "inputs": N_("the owner of the inputs"),
    "numpy": "numpy",
    "blas": N_("the BLAS library"),
    "processor": N_("the processor"),
}
"""What a verdict depends on besides the notebook, by its name in a result."""


def circumstances(console: Console, now: Result, then: Result | None, found: CheckResult) -> None:
    """Prints what the verdict was reached with, and what is no longer as it was.

    Args:
        console: where to.
        now: the result of the replay.
        then: the result that was given, if it is at hand.
        found: what came of the check now.
    """
    secret = now.secret_fingerprint or _("a public seed")
    here_and_now = _("numpy {numpy}, {blas}, {processor}; secret {secret}")
    lines = [
        here_and_now.format(numpy=now.numpy, blas=now.blas, processor=now.processor, secret=secret)
    ]
    for name, what in CIRCUMSTANCES.items() if then is not None else ():
        before, here = getattr(then, name), getattr(now, name)
        if before != here:
            before, here = ((each or _("unknown"))[:60] for each in (before, here))
            differs = _("{what} differs: then {then}, now {now}")
            lines.append(differs.format(what=_(what), then=before, now=here))
    if then is not None:
        student = now.submissions[0].student
        given = [
            check
            for each in then.submissions
            for check in each.checks
            if each.student == student and check.id == found.id
        ]
        if not given:
            none = _("That result has no {check} of {student}.")
            lines.append(none.format(check=found.id, student=student))
        elif (given[0].verdict, given[0].points) == (found.verdict, found.points):
            lines.append(_("The verdict is the one that was given."))
        else:
            another = _("The verdict that was given is another one: {verdict}, {points} points.")
            lines.append(
                another.format(verdict=given[0].verdict.label, points=points(given[0].points))
            )
    for line in lines:
        console.print(Text(_plain(line)), soft_wrap=True)
    console.print()


def _lines(
    check: Check, result: CheckResult, student: Learner | None, diagnosis: Diagnosis
) -> Iterator[str]:
    yield from wrapped(check.sentence, LINE_WIDTH)
    yield ""
    yield _("{verdict}, {points} of {most} points").format(
        verdict=result.verdict.label, points=points(result.points), most=points(result.max_points)
    )
    yield from wrapped(result.message or "", LINE_WIDTH)
    for mistake in diagnosis.mistakes:
        if mistake.name == result.mistake:
            yield ""
            yield _("The mistake {name}:").format(name=mistake.name)
            yield from wrapped(mistake.sentence, LINE_WIDTH)
    if result.given:
        yield ""
        yield _("Taken with the reference's {functions}.").format(functions=", ".join(result.given))
    number = 0
    for questions in in_order([student] if student is not None else []):
        wanted: Sequence[RawAnswer | None]
        try:
            wanted = diagnosis.right(questions)
        except NotAnswered:
            wanted = [None] * len(questions)
        for asked, best in zip(questions, wanted, strict=True):
            number += 1
            yield ""
            yield f"{number}. {asked.name}"
            call = asked.call
            values = [*call.arguments, *(each for _name, each in call.keywords)]
            for name, value in zip(asked.names, values, strict=False):
                yield from _value(f"{name} = ", value)
            yield from _said(_("answered: "), _answer(asked))
            yield from _said(_("wanted:   "), best or _("the reference gives no answer in time"))
    if not number:
        yield ""
        yield _("Nothing was answered.")


def _answer(asked: PendingCall) -> RawAnswer | str:
    """What came of a learner's call."""
    if isinstance(asked.failure, LearnerError):
        return wire.Failed(0, asked.failure.error)
    if asked.returned is not None:
        return asked.returned
    if isinstance(asked.failure, NoSuchFunction):
        return _("there is no such function")
    return _("nothing, in time") if isinstance(asked.failure, TimedOut) else _("the process ended")


def _said(head: str, said: RawAnswer | str) -> list[str]:
    """What came of a call."""
    if isinstance(said, str):
        return _lined(head, said)
    if isinstance(said, wire.Failed):
        return _lined(head, f"{said.error.type}: {said.error.message}")
    altered = [] if said.arguments is None else ["   " + _("and altered its arguments")]
    return _value(head, said.value) + altered


def _value(head: str, value: wire.Value) -> list[str]:
    try:
        return _lined(head, _short(wire.unpack(value)))
    except wire.BadMessage as error:
        return _lined(head, _("nothing that could be read: {error}").format(error=error))


def _lined(head: str, text: str) -> list[str]:
    """A text after a head, its further lines below its first one, and not too many of them."""
    first, *more = text.splitlines() or [""]
    if len(more) > LINES:
        more = [*more[:LINES], "..."]
    return [f"   {head}{first}", *(" " * (3 + cell_len(head)) + line for line in more)]


def _short(value: object) -> str:
    """A value in few lines; numpy says where it left something out."""
    if isinstance(value, np.ndarray):
        with np.printoptions(linewidth=LINE_WIDTH - 16, threshold=60, edgeitems=2, precision=6):
            return f"{value!s}\n({kind(value)})"
    if isinstance(value, dict):
        return "\n".join(_entry(f"{key}: ", item) for key, item in value.items()) or "{}"
    if isinstance(value, (list, tuple)) and any(_large(item) for item in value):
        return "\n".join(_entry(f"[{number}] ", item) for number, item in enumerate(value))
    if isinstance(value, wire.Handle):
        stays = _("{value}, which stays in the learner's process")
        return stays.format(value=value.described)
    if isinstance(value, wire.Known):
        return value.described
    return textwrap.shorten(repr(value), LINE_WIDTH - 16)


def _entry(head: str, value: object) -> str:
    first, *more = _short(value).splitlines()
    return "\n".join([head + first, *(" " * len(head) + line for line in more)])


def _large(value: object) -> bool:
    return isinstance(value, (np.ndarray, dict, list, tuple, wire.Handle))


def _plain(line: str) -> str:
    return "".join(each if each.isprintable() else "�" for each in line)
