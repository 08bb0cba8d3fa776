"""Run the visible checks and the experiments in the student's notebook.

The build copies this file and `expect` into the notebook, so it uses only numpy, the standard
library, and `expect` from the notebook.

Below the reason of a failed check are the calls that it made, the answers, and what it expected:
nothing about a visible check is secret. There may also be a picture, which is drawn only here,
after the check has failed, and left out if it cannot be drawn.

A function that is not written yet is no failure: its checks are "not run".
"""

from __future__ import annotations

import contextlib
import copy
import html
import inspect
import io
import os
import re
import sys
import traceback
import types
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, TextIO

import numpy as np

from autograder.checking import expect
from autograder.i18n import _

Asks = Callable[..., float | None]

Picture = tuple[str, str]
"""An SVG, and a sentence that describes it."""

Draws = Callable[..., Picture | None]

SENTENCES = {
    "check": _("check"),
    "verdict": _("verdict"),
    "passed": _("passed"),
    "failed": _("failed"),
    "not run": _("not run"),
    "waits": _("An earlier check must pass first."),
    "partial": _("Only part of this check passed."),
    "caption": _("Visible checks of {function}"),
    "result": _("{function}: {passed} of {all} visible checks passed."),
    "undefined": _("{function} is not defined: run the cell with your code first."),
    "unwritten": _(
        "`{function}` still raises NotImplementedError: write it and run the check again."
    ),
    "raised": _("{call} raised {error}: {message}{where}."),
    "where": _(" (line {line}: `{source}`)"),
    "where in": _(" (line {line} of the cell of {function}: `{source}`)"),
    "call": _("Call: {call}"),
    "answer": _("Your answer: {value}"),
    "wanted": _("Expected: {value}"),
    "experiment waits": _(
        "This experiment needs {functions}. Write your code and run this cell again."
    ),
    "experiment waits for code": _(
        "This experiment needs your code. Write it and run this cell again."
    ),
    "not called": _("your code does not call {function}, so nothing could be put in its place"),
    "experiment stopped": _("This experiment stopped with {error}: {message}."),
    "experiment stopped in": _("This experiment stopped in {function} with {error}: {message}."),
    "no figure": _("So it shows no figure."),
}
"""All sentences of this file for students, so that the build can translate them."""

SIGNS = {"passed": "✓", "failed": "✗", "not run": "–"}

PLAIN, ALARMING = "font-weight: normal", "font-weight: bold; color: var(--jp-error-color1, inherit)"
"""The looks of a verdict. The colour comes from JupyterLab's theme; the words say the same."""

CELL = (
    "text-align: left; vertical-align: top; padding: 0.3em 1.2em 0.3em 0; line-height: 1.4; "
    "white-space: "
)

DETAILS = (
    "white-space: pre-wrap; margin: 0.3em 0 0.3em 1em; padding: 0; background: none; "
    "border: none; color: inherit; font-size: inherit; line-height: 1.4; "
    "word-break: normal; overflow-wrap: anywhere"  # JupyterLab breaks lines within numbers
)

COLUMNS = 88
"""Columns of printed lines: JupyterLab breaks longer lines within words."""

UNBREAKABLE = re.compile(
    r"\s+|[“（《「]*(?:[^\s“（《「”）》」，。；：！？、\u2e80-\uffef]+|[^\s“（《「”）》」，。；：！？、])?"
    r"[”）》」，。；：！？、]*"
)
"""A word or a Chinese character with its punctuation, within which no line may end."""


MAX_NUMBERS_SHOWN = 24
"""The most entries of an array that are shown below a reason."""

MAX_CALLS_SHOWN = 4
"""The most calls that are shown below a reason that is about all calls of a check."""


class NotWritten(expect.Unmet):
    """A check calls a function of the student that does not exist yet."""


class VisibleChecksFailed(Exception):
    """Some checks of a cell failed; the notebook shows this one line instead of a traceback."""

    def _render_traceback_(self) -> list[str]:  # IPython asks for it
        return [str(self)]


class Call:
    """A call that a check made; it has no answer if it raised an exception."""

    def __init__(self, words: str, arguments: Mapping[str, Any]) -> None:
        self.words = words
        self.arguments = arguments
        self.answer: expect.Answer | None = None


class Student:
    """The functions of a notebook, as checks call them."""

    def __init__(self, names: Mapping[str, Any]) -> None:
        self._names = names
        self._calls: list[Call] = []

    def __getattr__(self, function: str) -> expect.Function:
        if function.startswith("_"):
            raise AttributeError(function)

        return expect.Function(function, self._call, self._names.get(function))

    def _call(
        self, function: str, arguments: tuple[Any, ...], keywords: dict[str, Any]
    ) -> expect.Answer:
        defined = self._names.get(function)
        if not callable(defined):
            raise NotWritten(SENTENCES["undefined"].format(function=function))
        given = [expect.bare(each) for each in [*arguments, *keywords.values()]]
        for each in given:
            if isinstance(each, expect.Function):
                raise NotWritten(SENTENCES["undefined"].format(function=each.name))
        # During grading, arguments and answers are sent between processes, so both are copies.
        before, given = given, _copy(given, _own((arguments, keywords)))
        words, called = expect.describe(function, _parameters(defined), arguments, keywords)
        call = Call(words, dict(zip(called, before, strict=True)))
        self._calls.append(call)
        by_position, by_name = given[: len(arguments)], given[len(arguments) :]
        try:
            value = defined(*by_position, **dict(zip(keywords, by_name, strict=True)))
        except NotImplementedError as error:
            stub = [function, *_named(error, list(self._names))][-1]
            raise NotWritten(SENTENCES["unwritten"].format(function=stub)) from None
        except Exception as error:
            frame = traceback.extract_tb(error.__traceback__)[-1]
            inside = frame.name in self._names and frame.name != function
            place = SENTENCES["where in" if inside else "where"].format(
                line=frame.lineno, function=frame.name, source=frame.line
            )
            raise expect.Unmet(
                SENTENCES["raised"].format(
                    call=words, where=place if frame.line else "", **_parts(error)
                )
            ) from None

        def altered() -> str | None:
            pairs = zip(called, before, given, strict=True)
            return next((name for name, one, other in pairs if not expect.same(one, other)), None)

        crossed = expect.crossing(value)
        call.answer = expect.Answer(_copy(crossed, _own(crossed)), words, altered)
        return call.answer

    def _not_seen(self) -> str | None:
        """Return a sentence about an answer that cannot be sent to the grader; None if all can."""
        for call in self._calls:
            described = None if call.answer is None else expect.not_crossed(call.answer.looked)
            if described is not None:
                return expect.unseen(call.words, described)
        return None

    def _details(self, error: Exception) -> list[str]:
        """Return lines about the calls, the answers and the expected value behind a failure."""
        answer: expect.Answer | None = getattr(error, "answer", None)
        wanted = getattr(error, "wanted", None)
        calls = [call for call in self._calls if answer is not None and call.answer is answer.whole]
        calls = calls or [call for call in self._calls if call.answer is None]  # it has raised
        calls = calls or self._calls
        lines: list[str] = []
        for call in calls if len(calls) <= MAX_CALLS_SHOWN else []:
            lines.append(SENTENCES["call"].format(call=call.words))
            for name, value in call.arguments.items():
                if not isinstance(value, (bool, int, float, str)):  # those are in the words
                    lines += [f"    {line}" for line in _listing(name, value)]
            shown = call.answer if answer is None else answer
            place = "" if shown is None else shown.place
            lines += _labelled("answer", shown, place, whole=shown is not call.answer)
        return lines + _labelled("wanted", wanted)


def _labelled(label: str, value: Any, place: str = "", *, whole: bool = True) -> list[str]:
    """Return a value with its label from `SENTENCES`, on one line if it has only one part.

    `place` is where the value is in the whole answer, for example `["b2"]`. Return nothing for
    None, and a value of several parts only if it is `whole`.
    """
    parts = [] if value is None else list(_listing(place, expect.bare(value)))
    if len(parts) == 1:
        return [SENTENCES[label].format(value=parts[0].removeprefix(" = "))]
    if not parts or not whole:
        return []
    return [SENTENCES[label].format(value="").rstrip(), *(f"    {part}" for part in parts)]


def _listing(name: str, value: Any) -> Iterator[str]:
    """Yield a line `name = value`, or a line for each part of a dict or a tuple."""
    if isinstance(value, dict) and 0 < len(value) <= MAX_NUMBERS_SHOWN:
        for key, part in value.items():
            yield from _listing(f'{name}["{expect.shown(key)}"]', part)
    elif isinstance(value, tuple) and 0 < len(value) <= MAX_NUMBERS_SHOWN:
        for place, part in enumerate(value):
            yield from _listing(f"{name}[{place}]", part)
    else:
        yield f"{name} = {_written(value)}"


def _written(value: Any) -> str:
    """Return a value as Python writes it, with six digits; a large one is described."""
    if isinstance(value, expect.Function):
        return value.name
    if isinstance(value, np.ndarray) and value.size <= MAX_NUMBERS_SHOWN:
        value = value.tolist()
    if isinstance(value, list) and len(value) <= MAX_NUMBERS_SHOWN:
        return f"[{', '.join(map(_written, value))}]"
    if isinstance(value, (bool, int)):
        return expect.shown(value)
    if not isinstance(value, float):
        return expect.kind(value)
    text = f"{value:.6g}"
    return f"{text}.0" if text.lstrip("-").isdigit() else text


def _copy(value: Any, own: Iterable[object]) -> Any:
    """Return a copy in which these parts are the parts themselves."""
    return copy.deepcopy(value, {id(each): each for each in own})


def _own(value: Any) -> Iterator[object]:
    """Yield the parts of a value that never leave the student's process during grading."""
    if isinstance(value, expect.Answer):
        yield from _own(value._read())
    elif isinstance(value, expect.Opaque):
        yield from (value, value.kept)
    elif isinstance(value, expect.Function):
        yield value.itself
    elif isinstance(value, (dict, list, tuple)):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _own(each)


def wrapped(line: str, indent: str = "") -> str:
    """Wrap a line between words, and keep its spaces where it is not broken, as in a table.

    All lines after the first begin with the spaces with which `line` begins, and this indent.
    """
    indent = line[: len(line) - len(line.lstrip())] + indent
    lines = [""]
    for piece in UNBREAKABLE.findall(line):
        if not lines[-1].strip() or _width(lines[-1] + piece.rstrip()) <= COLUMNS:
            lines[-1] += piece
        elif piece.strip():
            lines.append(indent + piece)
    return "\n".join([*(each.rstrip() for each in lines[:-1]), lines[-1]])


def _width(text: str) -> int:
    """Return the columns that a text takes; a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text)


class Wrapping(io.TextIOBase):
    """A stream that wraps long lines and writes them to the stream below."""

    def __init__(self, below: TextIO) -> None:
        self.below = below
        self.begun = ""

    def write(self, text: str) -> int:
        """Write all complete lines."""
        if "\r" in text:  # a progress bar, which overwrites its line
            self.flush()
            return self.below.write(text)
        *lines, self.begun = (self.begun + text).split("\n")
        self.below.write("".join(f"{wrapped(line)}\n" for line in lines))
        return len(text)

    def flush(self) -> None:
        """Write the incomplete line too; it is called before a figure is shown."""
        self.below.write(wrapped(self.begun))
        self.begun = ""
        self.below.flush()


Verdict = tuple[str, str | None, Sequence[str], Picture | None]
"""The verdict on a check, the reason why it did not pass, lines of details, and its picture."""

Outcome = tuple[str, Verdict]
"""The sentence of a check, and its verdict."""


def _display() -> Any:
    """Return the module that shows things in a notebook; None elsewhere."""
    ipython: Any = sys.modules.get("IPython")
    return None if ipython is None or ipython.get_ipython() is None else ipython.display


def _show(text: str, table: str) -> None:
    """Show a table in a notebook, and the text elsewhere."""
    display = _display()
    if display is None:
        print(text)  # noqa: T201  # it speaks to the student
    else:
        display.display({"text/plain": text, "text/html": table}, raw=True)


def _text(outcomes: Sequence[Outcome]) -> str:
    lines = []
    for sentence, (verdict, reason, details, picture) in outcomes:
        lines.append(wrapped(f"{SIGNS[verdict]} {SENTENCES[verdict]}: {sentence}", "    "))
        if reason is not None:
            lines.append(wrapped(f"    {reason}"))
        lines += [wrapped(f"        {line}", "    ") for line in details]
        if picture is not None:
            lines.append(wrapped(f"    {picture[1]}"))
    return "\n".join(lines)


def _table(caption: str, outcomes: Sequence[Outcome]) -> str:
    """Return the outcomes as an HTML table, in which all texts are escaped."""
    rows = []
    for sentence, (verdict, reason, details, picture) in outcomes:
        look = ALARMING if verdict == "failed" else PLAIN
        why = "" if reason is None else f"<div>{_html(reason)}</div>"
        if details:
            why += f"<pre style='{DETAILS}'>{html.escape(chr(10).join(details))}</pre>"
        why += "" if picture is None else picture[0]
        rows.append(
            f"<tr style='background: none'><td style='{CELL}nowrap; {look}'>"
            f"<span aria-hidden='true'>{SIGNS[verdict]}</span> {_html(SENTENCES[verdict])}</td>"
            f"<td style='{CELL}normal'>{_html(sentence)}{why}</td></tr>"
        )
    heads = "".join(
        f"<th scope='col' style='{CELL}nowrap; font-weight: normal'>{_html(SENTENCES[name])}</th>"
        for name in ("verdict", "check")
    )
    return (
        "<table style='margin-left: 0; border: none'>"
        "<caption style='text-align: left; caption-side: top; font-weight: bold; color: inherit'>"
        f"{_html(caption)}</caption>"
        f"<thead><tr style='background: none'>{heads}</tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table>"
    )


def _html(text: str) -> str:
    """Return a sentence as HTML; text between backticks becomes code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text))


def _say(name: str, **parts: str) -> None:
    print(wrapped(SENTENCES[name].format(**parts)))  # noqa: T201  # it speaks to the student


def _parts(error: Exception) -> dict[str, str]:
    """Return the parts of a sentence about an exception."""
    # Some of numpy's messages end with a space.
    return {"error": type(error).__name__, "message": str(error).strip()}


def _named(error: Exception, needs: Sequence[str]) -> list[str]:
    """Return the student's functions in the traceback of an exception."""
    frames = [frame.name for frame in traceback.extract_tb(error.__traceback__)]
    return [name for name in frames if name in needs]


def _drop_figures() -> None:
    """Close unfinished figures, so that they are not shown."""
    pyplot: Any = sys.modules.get("matplotlib.pyplot")
    if pyplot is not None:
        pyplot.close("all")


def _parameters(function: Callable[..., Any]) -> list[str]:
    try:
        return list(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return []


def _module(name: str, source: str) -> types.ModuleType:
    """Make a module from a source that the build has put into the notebook."""
    module = types.ModuleType(name)
    vars(module).update(expect=expect, _=_)
    exec(source, vars(module))  # noqa: S102  # our own
    return module


class Notebook:
    """The open notebook.

    Args:
        names: the global names of the notebook, with the student's functions.
        pictures: the source of the module `pictures`.
        figures: the source of the module `figures`.
    """

    def __init__(self, names: dict[str, Any], pictures: str = "", figures: str = "") -> None:
        self.names = names
        self.pictures = pictures
        self.figures = figures
        self.picture_of: dict[Asks, Draws] = {}

    def picture(self, draws: Draws) -> Callable[[Asks], Asks]:
        """Give a check a picture.

        Args:
            draws: the function that draws it. It takes by name the module `pictures` as `draw`, and
                local variables of the check.
        """

        def give(check: Asks) -> Asks:
            self.picture_of[check] = draws
            return check

        return give

    @cached_property
    def draw(self) -> types.ModuleType:
        """The module `pictures`, made when it is first needed."""
        return _module("pictures", self.pictures)

    @cached_property
    def plot(self) -> types.ModuleType:
        """The module `figures`, made when it is first needed."""
        return _module("figures", self.figures)

    @contextlib.contextmanager
    def replaced(self, name: str, function: Callable[..., Any]) -> Iterator[None]:
        """Put another function in the place of one of the student's for a while.

        Args:
            name: the name of the student's function.
            function: what other functions of the notebook call by this name inside the block.

        Raises:
            RuntimeError: nothing in the block has called it.
        """
        calls = []

        def counted(*arguments: Any, **keywords: Any) -> Any:
            calls.append(name)
            return function(*arguments, **keywords)

        before = {key: value for key, value in self.names.items() if key == name}
        self.names[name] = counted
        try:
            yield
        finally:
            del self.names[name]
            self.names.update(before)
        if not calls:
            raise RuntimeError(SENTENCES["not called"].format(function=name))

    def visible_checks(
        self, function: str
    ) -> Callable[[Callable[[], Mapping[Asks, Sequence[Asks]]]], None]:
        """Return a decorator that runs the checks that the decorated function returns.

        The decorated function returns the checks in order, each with the checks that must pass
        before it.

        Args:
            function: the student's function that the checks are about.
        """

        def take(checks_of: Callable[[], Mapping[Asks, Sequence[Asks]]]) -> None:
            checks = checks_of()
            waiting: list[Asks] = []
            outcomes: list[Outcome] = []
            unwritten = ""
            for check, after in checks.items():
                sentence = " ".join(inspect.cleandoc(check.__doc__ or "").split("\n\n")[0].split())
                verdict: Verdict = "not run", None if unwritten else SENTENCES["waits"], (), None
                if not any(each in waiting for each in after):
                    try:
                        verdict = self._run_check(check)
                    except NotWritten as error:
                        unwritten, verdict = unwritten or str(error), ("not run", None, (), None)
                if verdict[0] != "passed":
                    waiting.append(check)
                outcomes.append((sentence, verdict))
            result = SENTENCES["result"].format(
                function=function, passed=len(checks) - len(waiting), all=len(checks)
            )
            failed = any(verdict[1] is not None for _sentence, verdict in outcomes)
            caption = SENTENCES["caption"].format(function=function) if failed else result
            below = unwritten or ("" if failed else result)
            _show(f"{_text(outcomes)}\n{below}".rstrip(), _table(unwritten or caption, outcomes))
            # A function that is not written is nothing to be alarmed at, but nbgrader's Validate
            # tells the student that all is well unless something raises.
            if failed or (unwritten and "NBGRADER_EXECUTION" in os.environ):
                raise VisibleChecksFailed(result)

        return take

    def _run_check(self, check: Asks) -> Verdict:
        """Run a check; raise `NotWritten` if it calls a function that does not exist yet."""
        student = Student(self.names)
        rng = np.random.default_rng(list(check.__name__.encode()))
        offered = {"student": student, "rng": rng}
        try:
            with np.errstate(all="ignore"):
                fraction = check(**{name: offered[name] for name in _parameters(check)})
        except NotWritten:
            raise
        except Exception as error:
            unseen = student._not_seen()
            if unseen is not None:
                return "not run", unseen, (), None
            if isinstance(error, expect.Unmet):
                said = str(error)
            elif isinstance(error, AssertionError):
                said = expect.failed_assert(error, check)
            else:
                raise
            return "failed", said, student._details(error), self._picture(check, error)
        if fraction is None or fraction >= 1:
            return "passed", None, (), None
        return "failed", SENTENCES["partial"], (), None

    def _picture(self, check: Any, unmet: Exception) -> Picture | None:
        """Return the picture of a failed check; None if it has none or cannot be drawn."""
        if check not in self.picture_of:
            return None
        draws = self.picture_of[check]
        try:
            frames = (frame for frame, _line in traceback.walk_tb(unmet.__traceback__))
            own = next(frame for frame in frames if frame.f_code is check.__code__)
            there = {**own.f_locals, "draw": self.draw}
            with np.errstate(all="ignore"):
                return draws(**{name: there[name] for name in _parameters(draws)})
        except Exception:  # the reason is enough; a traceback would confuse
            return None

    def experiment(self, *needs: str) -> Callable[[Callable[..., object]], None]:
        """Return a decorator that runs an experiment if the functions that it needs exist.

        An experiment that takes `plot` gets an empty figure, which is shown at its end.

        Args:
            needs: the names of the student's functions.
        """

        def run(show: Callable[..., object]) -> None:
            missing = [name for name in needs if not callable(self.names.get(name))]
            if missing:
                _say("experiment waits", functions=", ".join(missing))
                return
            try:
                with Wrapping(sys.stdout) as printing, contextlib.redirect_stdout(printing):
                    if "plot" in _parameters(show):
                        figure = self.plot.Figure()
                        show(figure)
                        printing.flush()
                        figure.show()
                    else:
                        show()
            except NotImplementedError as error:
                if (display := _display()) is not None:  # it may have said what its figure shows
                    display.clear_output()
                waits = _named(error, needs) or needs[-1:]
                if waits:
                    _say("experiment waits", functions=waits[-1])
                else:
                    _say("experiment waits for code")
                _drop_figures()
            except Exception as error:  # a sentence helps more than a traceback
                blamed = _named(error, needs)
                if blamed:
                    _say("experiment stopped in", function=blamed[-1], **_parts(error))
                else:
                    _say("experiment stopped", **_parts(error))
                if "plot" in _parameters(show):
                    _say("no figure")
                _drop_figures()

        return run
