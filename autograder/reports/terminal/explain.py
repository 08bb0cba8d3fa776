"""One replayed verdict: the inputs, what the student's functions returned, and what was expected.

Only for the instructor: it shows expected values of hidden checks.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import islice

import numpy as np
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from autograder.checking.checks import Check
from autograder.checking.diagnosis.comparison import RawAnswer
from autograder.checking.diagnosis.findings import sentence
from autograder.checking.diagnosis.matching import Diagnosis, in_order
from autograder.checking.diagnosis.replay import NotAnswered
from autograder.checking.expect import kind
from autograder.checking.judge.calls import NoSuchFunction, PendingCall, StudentError
from autograder.checking.judge.messages import words
from autograder.checking.judge.student import Student
from autograder.i18n import N_, _
from autograder.reports.labels import points, verdict
from autograder.reports.terminal.submission import plain, wrapped
from autograder.result import CheckResult, Result
from autograder.sandbox.host.process import TimedOut
from autograder.sandbox.protocol import wire

LINE_WIDTH = 80
LINES = 16

MOST_ENTRIES = LINES + 2
"""Entries with a line each that are enough to see that more are left out."""

Passed = Mapping[bytes, wire.Function]
"""The functions that a call passes, by their keys."""

LARGE = (np.ndarray, dict, list, tuple, wire.Handle)
"""The types of entries for which a list is shown with a line for each entry."""


def explain(
    console: Console,
    check: Check,
    result: CheckResult,
    student: Student | None,
    diagnosis: Diagnosis,
) -> None:
    """Print one check of one submission; the student is None if no function could be called."""
    for line in _lines(check, result, student, diagnosis):
        console.print(Text(plain(line)), soft_wrap=True)


CIRCUMSTANCES = {
    "assignment_digest": N_("the assignment (lesson, checks, mistakes or reference)"),
    "grader": "autograder",
    "secret_fingerprint": N_("the secret"),
    "inputs": N_("whose inputs are used"),
    "numpy": "numpy",
    "blas": N_("the BLAS library"),
    "processor": N_("the processor"),
}
"""Everything that a verdict depends on besides the notebook, by field of the result."""


def circumstances(console: Console, now: Result, then: Result | None, found: CheckResult) -> None:
    """Print the circumstances of the replay, and the changes since the earlier result.

    `found` is the check's result in the replay.
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
            differs = _("Changed since then: {what} (was {then}, is now {now})")
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
            none = _("The result file has no check {check} for {student}.")
            lines.append(none.format(check=found.id, student=student))
        elif (given[0].verdict, given[0].points) == (found.verdict, found.points):
            lines.append(_("The verdict is unchanged."))
        else:
            another = _("The verdict has changed. It was: {verdict}, {points} points.")
            lines.append(another.format(verdict=verdict(given[0]), points=points(given[0].points)))
    for line in lines:
        console.print(Text(plain(line)), soft_wrap=True)
    console.print()


def _lines(
    check: Check, result: CheckResult, student: Student | None, diagnosis: Diagnosis
) -> Iterator[str]:
    yield from wrapped(check.sentence, LINE_WIDTH)
    yield ""
    yield _("{verdict}, {points} of {most} points").format(
        verdict=verdict(result), points=points(result.points), most=points(result.max_points)
    )
    yield from wrapped(result.message or "", LINE_WIDTH)
    more = list(result.notes[bool(result.given) :])  # without that the reference answered
    for mistake in diagnosis.mistakes:
        if mistake.name == result.mistake:
            more = [note for note in more if note != mistake.sentence]
            yield ""
            yield _("Known mistake {name}:").format(name=mistake.name)
            yield from wrapped(mistake.sentence, LINE_WIDTH)
    if result.finding is not None:
        yield ""
        yield _("What was found out ({kind}):").format(kind=result.finding.kind)
        found = sentence(result.finding)
        more = [note for note in more if note != found]
        yield from wrapped(found, LINE_WIDTH)
    for note in more:
        yield ""
        yield from wrapped(note, LINE_WIDTH)
    if result.given:
        yield ""
        yield _("Error carried forward: this check ran with the reference's {functions}.").format(
            functions=words(result.given)
        )
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
            passed = {each.known.key: each for each in call.functions}
            for name, value in zip(asked.names, values, strict=False):
                yield from _value(f"{name} = ", value, passed)
            none = _("(the reference gave no answer in time)")
            yield from _said(_("returned: "), _answer(asked), passed)
            yield from _said(_("expected: "), best or none, passed)
    if not number:
        yield ""
        yield _("The student's functions returned nothing.")


def _answer(asked: PendingCall) -> RawAnswer | str:
    """Return the answer to a student's call, or words for why there is none."""
    if isinstance(asked.failure, StudentError):
        return wire.Failed(0, asked.failure.error)
    if asked.returned is not None:
        return asked.returned
    if isinstance(asked.failure, NoSuchFunction):
        return _("(the function is not defined)")
    if isinstance(asked.failure, TimedOut):
        return _("(no answer within the time limit)")
    return _("(the process ended)")


def _said(head: str, said: RawAnswer | str, passed: Passed) -> list[str]:
    """Return the lines for one answer."""
    if isinstance(said, str):
        return _lined(head, said)
    if isinstance(said, wire.Failed):
        return _lined(head, f"{said.error.type}: {said.error.message}")
    altered = [] if said.arguments is None else ["   " + _("and changed its arguments")]
    return _value(head, said.value, passed) + altered


def _value(head: str, value: wire.Value, passed: Passed) -> list[str]:
    try:
        return _lined(head, _short(wire.unpack(value, partial(_kept, passed))))
    except wire.BadMessage as error:
        return _lined(head, _("(unreadable: {error})").format(error=error))


def _kept(passed: Passed, stand_in: wire.Handle | wire.Known) -> object:
    """Return the function that a value stands for, if the check has passed it."""
    return passed.get(stand_in.key, stand_in) if isinstance(stand_in, wire.Known) else stand_in


def _lined(head: str, text: str) -> list[str]:
    """Return a text after a head, indented below its first line, and not too long."""
    first, *more = text.splitlines() or [""]
    if len(more) > LINES:
        more = [*more[:LINES], "..."]
    return [f"   {head}{first}", *(" " * (3 + cell_len(head)) + line for line in more)]


def _short(value: object) -> str:
    """Return a value in a few lines; numpy marks what it leaves out."""
    if isinstance(value, np.ndarray):
        with np.printoptions(linewidth=LINE_WIDTH - 16, threshold=60, edgeitems=2, precision=6):
            return f"{value!s}\n({kind(value)})"
    if isinstance(value, dict):
        items = islice(value.items(), MOST_ENTRIES)
        return "\n".join(_entry(f"{key}: ", item) for key, item in items) or "{}"
    if isinstance(value, (list, tuple)) and any(isinstance(item, LARGE) for item in value):
        first = enumerate(value[:MOST_ENTRIES])
        return "\n".join(_entry(f"[{number}] ", item) for number, item in first)
    if isinstance(value, (list, tuple)):
        brackets = "[{}]" if isinstance(value, list) else "({},)" if len(value) == 1 else "({})"
        words_of = brackets.format(", ".join(map(_short, value[: LINE_WIDTH * LINES])))
        return "\n".join(textwrap.wrap(words_of, LINE_WIDTH - 16))
    if isinstance(value, wire.Function):
        return _function(value)
    if isinstance(value, wire.Handle):
        stays = _("{value} (kept in the student's process)")
        return stays.format(value=value.described)
    if isinstance(value, wire.Known):
        return value.described
    plain_value = value.item() if isinstance(value, np.generic) else value
    return textwrap.shorten(repr(plain_value), LINE_WIDTH - 16, placeholder="...")


def _function(function: wire.Function) -> str:
    """Return the source of a function that the check passes, and the variables that it uses."""
    source = function.source.removeprefix("f = ") or function.name
    if function.source.startswith("f = module."):  # it is one of numpy's, for example
        source = source.replace("module", dict(function.modules)["module"], 1)
    variables = [f"{name} = {_short(wire.unpack(value))}" for name, value in function.values]
    return "\n".join([source, *variables])


def _entry(head: str, value: object) -> str:
    first, *more = _short(value).splitlines()
    return "\n".join([head + first, *(" " * len(head) + line for line in more)])
