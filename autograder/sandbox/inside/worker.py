"""The warm worker, the student process and its forks: all that is loaded beside a learner's code.

The worker is a fresh interpreter, started with a clean environment. It imports what every
learner's notebook imports, makes an IPython shell, and then does nothing but fork a *student
process* for each submission, hand its pidfd to the judge, and end what is left of it afterwards.
No learner's line ever runs in the worker.

The student process gives up its privileges and says which, runs the notebook's cells one by one as
it is told, and forks for calls. A *fork* answers calls of the learner's functions until its socket
closes.

Nothing in here is trusted by the judge once a learner's line has run beside it.
"""

from __future__ import annotations

import ast
import builtins
import contextlib
import gc
import io
import linecache
import os
import re
import signal
import socket
import sys
import time
import traceback
import warnings
from collections.abc import Callable, Sequence
from types import FrameType
from typing import Any, NoReturn

import numpy as np
from IPython.core.displayhook import CapturingDisplayHook
from IPython.core.displaypub import CapturingDisplayPublisher
from IPython.core.inputtransformer2 import TransformerManager
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from autograder.sandbox import wire
from autograder.sandbox.inside.jail import Jail, die_with
from autograder.sandbox.inside.randomness import wind_randomness

MAX_OUTPUT = 20_000
"""Characters of text that are kept of what one cell prints."""

MAX_PICTURE = 500_000
"""Characters of a displayed picture, in base64, above which it is left out."""

MAX_SHOWN = 4_000_000
"""Characters of all that one cell shows; what comes after that is left out."""

MOST_DESCRIPTORS = 2**20
"""Above every descriptor that a worker has."""

TOGETHER = 0.005
"""Seconds for which answers may wait for the next ones, to go back together."""

UNFETCHED = 16
"""Forks that may have ended and not be fetched yet: the kernel tells the judge how they have."""

SHOWN = ("image/png", "text/plain")
"""What is kept of a display, best first. HTML is not: the instructor's browser would run it."""


def main(descriptor: int, jail: Jail) -> None:
    """Serves the judge until it hangs up.

    Args:
        descriptor: of the socket that leads to the judge.
        jail: what is to be put around learners' code.
    """
    channel = wire.Channel(socket.socket(fileno=descriptor))
    jail.enter_as_the_worker()
    shell = make_shell()
    channel.send(wire.Swept())  # the judge waits for this: the worker is warm
    while True:
        try:
            message, sockets = channel.receive_with_descriptor(wire.ToWorker)
        except wire.Closed:
            jail.sweep()
            return
        if isinstance(message, wire.Sweep):
            channel.send(wire.Swept(jail.sweep()))
            continue
        if isinstance(message, wire.Prepare):
            channel.send(prepare(shell, message.cells))
            continue
        jail.new_scratch()
        worker = os.getpid()
        pid = os.fork()
        if pid == 0:
            channel.close()
            become_student(socket.socket(fileno=sockets[0]), shell, jail, worker)
        os.close(sockets[0])
        pidfd = os.pidfd_open(pid)
        channel.send(wire.Opened(), sockets=[pidfd])
        os.close(pidfd)


OURS = TransformerManager().token_transformers

SPECIAL = re.compile(r"[%!?]|^\s*[,;/]", re.MULTILINE)
"""Without one of these there is nothing in a cell that is IPython's own."""


class Transformer(TransformerManager):  # type: ignore[misc]  # IPython has no types
    """IPython's own reading of a cell, which looks for `%` and `!` by taking it apart in Python.

    What is Python as it stands holds none of that; to find this out takes a tenth of the time.
    """

    def do_token_transforms(self, lines: list[str]) -> list[str]:
        """The lines of a cell, with what is IPython's and not Python's put into Python."""
        source = "".join(lines)
        if self.token_transformers == OURS and (not SPECIAL.search(source) or is_python(source)):
            return lines
        return super().do_token_transforms(lines)  # type: ignore[no-any-return]


def is_python(source: str) -> bool:
    """Whether a cell can be run as it is."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # they are for when it is run
            compile(source, "", "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    except Exception:  # whatever it is, running the cell will tell
        return False
    return True


class Shell(InteractiveShell):  # type: ignore[misc]  # IPython has no types
    """IPython's shell, without a terminal."""

    def enable_gui(self, gui: str | None = None) -> None:
        """Does nothing: `%matplotlib inline` asks for no window, and there is none to be had."""

    def system(self, command: str) -> None:
        """Says that `!command` is not run, and lets the cell go on; no program can be started."""
        sys.stderr.write(f"!{command}: no commands are run when a notebook is graded.\n")

    system_raw = system_piped = system

    def getoutput(self, command: str, split: bool = True, **_rest: object) -> list[str] | str:
        """The same for `lines = !command`; there are no lines."""
        self.system(command)
        return [] if split else ""

    def showtraceback(self, *_args: object, **_kwargs: object) -> None:
        """Prints nothing: what a cell raised goes to the judge."""

    showsyntaxerror = showtraceback

    def should_run_async(self, raw_cell: str, **more: Any) -> bool:
        """Whether a cell awaits something; where the word is not in it, nothing need be parsed."""
        if "await" not in raw_cell and "async" not in raw_cell:
            return False
        return bool(super().should_run_async(raw_cell, **more))


def make_shell() -> InteractiveShell:
    """An IPython shell that has run a cell, so that what cells import lazily is there."""
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    shell = Shell.instance(config=config)
    shell.input_transformer_manager = Transformer()
    # Not one that awaits: its event loop would be shared by all that are forked from here.
    shell.run_cell("pass", store_history=False)
    np.random.default_rng().standard_normal(2) @ np.ones(2)
    return shell


def prepare(shell: InteractiveShell, cells: Sequence[str]) -> wire.Ran:
    """Runs cells of ours, up to the first that fails, so that no submission has to."""
    ran = wire.Ran(None, ())
    for number, source in enumerate(cells):
        ran = run_cell(shell, wire.Run(source, bytes(32)), number + 1)
        if ran.error is not None:
            break
    gc.collect()
    gc.freeze()  # pages that no collection touches stay shared after a fork
    return ran


# --- the student process --------------------------------------------------------------------


def become_student(
    sock: socket.socket, shell: InteractiveShell, jail: Jail, worker: int
) -> NoReturn:
    """Gives up everything, then runs cells and forks as told, until the judge hangs up."""
    try:
        die_with(worker)
        for descriptor in range(3):
            os.dup2(os.open(os.devnull, os.O_RDWR), descriptor)
        os.closerange(3, sock.fileno())
        os.closerange(sock.fileno() + 1, MOST_DESCRIPTORS)
        jail.confine(worker)
        builtins.input = no_input
        channel = wire.Channel(sock)
        channel.send(wire.Confined(tuple(jail.layers), tuple(jail.troubles)))
        serve_student(channel, shell, jail)
    except wire.Closed:
        os._exit(0)
    except BaseException:  # nothing may climb out of a forked process
        os._exit(1)


def serve_student(channel: wire.Channel, shell: InteractiveShell, jail: Jail) -> NoReturn:
    """Runs cells and forks as told."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    student = os.getpid()
    count = forks = 0
    while True:
        message, sockets = channel.receive_with_descriptor(wire.ToStudent)
        if isinstance(message, wire.Run):
            count += 1
            channel.send(run_cell(shell, message, count))
            continue
        if os.fork() == 0:
            die_with(student)
            channel.close()
            jail.confine_fork()
            serve_fork(wire.Channel(socket.socket(fileno=sockets[0])), shell, message.functions)
        os.close(sockets[0])
        forks += 1
        if forks % UNFETCHED == 0:
            with contextlib.suppress(ChildProcessError):  # even the new fork may have ended
                while os.waitpid(-1, os.WNOHANG)[0]:
                    pass


def no_input(_prompt: object = "") -> str:
    """Stands in for `input`: nobody is there to type."""
    raise EOFError("input() has nobody to ask when a notebook is graded; use a variable instead")


class Sink(io.StringIO):
    """A text stream that keeps its first characters and swallows the rest."""

    def write(self, text: str, /) -> int:
        """Takes what there is room for, and says that it took all."""
        room = MAX_OUTPUT - self.tell()
        if room > 0:
            super().write(text[:room])
        return len(text)


def run_cell(shell: InteractiveShell, cell: wire.Run, count: int) -> wire.Ran:
    """Runs one cell as a notebook would; an interrupt from outside ends the cell alone."""
    if cell.seed is not None:
        wind_randomness(cell.seed)
    out, err = Sink(), Sink()
    displays: list[Any] = []
    shell.display_pub = CapturingDisplayPublisher()
    shell.display_trap.hook = CapturingDisplayHook(shell=shell, outputs=displays)
    sys.stdout, sys.stderr = out, err
    shell.execution_count = count
    signal.signal(signal.SIGINT, interrupt)
    try:
        result = shell.run_cell(cell.source, store_history=False)
        error = result.error_before_exec or result.error_in_exec
    except KeyboardInterrupt as late:
        error = late
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    outputs = [
        wire.Output("stdout", text(out.getvalue())),
        wire.Output("stderr", text(err.getvalue())),
    ]
    room = MAX_SHOWN
    for display in [*shell.display_pub.outputs, *displays]:
        for output in shown(display.get("data", {})):
            room -= len(output.data) + 100  # many empty ones are too much too
            if room > 0:
                outputs.append(output)
    return wire.Ran(
        None if error is None else raised(error),
        tuple(output for output in outputs if output.data),
    )


def text(value: object) -> str:
    """Text that can cross: a lone surrogate has no form in UTF-8."""
    return str(value).encode("utf-8", "replace").decode()


def interrupt(_signal: int, _frame: FrameType | None) -> NoReturn:
    """What a cell that takes too long meets."""
    raise KeyboardInterrupt("this cell took too long and was stopped")


def shown(data: dict[str, Any]) -> list[wire.Output]:
    """The one form in which a display is kept."""
    for mime in SHOWN:
        text = data.get(mime)
        if isinstance(text, str) and len(text) <= MAX_PICTURE:
            return [wire.Output(mime, text if mime == "image/png" else text[:MAX_OUTPUT])]
    return []


def raised(error: BaseException) -> wire.Raised:
    """What a learner may be told of an exception: where it left the learner's own lines."""
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
        type(error).__name__[:100],
        message[:500],
        line,
        None if source is None else text(source).strip()[:200],
        None if function is None else text(function)[:100],
    )


# --- a fork ---------------------------------------------------------------------------------


class Kept:
    """The values that have no form in which they could cross, by their numbers."""

    def __init__(self) -> None:
        self.values: list[object] = []

    def keep(self, value: object) -> wire.Handle:
        """Takes a value in, and gives what stands for it: the same for the same object."""
        numbers = [number for number, known in enumerate(self.values) if known is value]
        if not numbers:
            numbers = [len(self.values)]
            self.values.append(value)
        words = f"a {type(value).__name__}"
        if isinstance(value, np.ndarray):
            words = f"an array of {value.dtype}"
        elif isinstance(value, int):
            words = "an int of more than 64 bits"
        return wire.Handle(numbers[0], words[:100])

    def find(self, handle: wire.Handle) -> object:
        """What a handle stands for."""
        return self.values[handle.number]


def serve_fork(
    channel: wire.Channel, shell: InteractiveShell, functions: Sequence[str]
) -> NoReturn:
    """Says which of these functions there are, and calls them as asked until the judge hangs up."""
    answers = Answers(channel, shell)
    answers.look(functions)
    while True:
        message, _ = answers.next_message(wire.ToFork)
        if isinstance(message, wire.Replace):
            answers.replace(message.functions)
        elif isinstance(message, wire.Calls):
            answers.answer_together(message)
        else:
            answers.answer(message)


class Answers:
    """The answers to calls, as they come about.

    Args:
        channel: leads to the judge.
        shell: has the learner's functions.
    """

    def __init__(self, channel: wire.Channel, shell: InteractiveShell) -> None:
        self.channel = channel
        self.names = shell.user_ns
        self.kept = Kept()
        self.ready: list[wire.ByFork] = []
        self.since = time.monotonic()

    def next_message(self, kind: Any) -> tuple[Any, list[int]]:
        """What the judge asks next, and the descriptor that came with it.

        Quick answers go back together; the judge watches the time that each slow one takes.
        """
        if not self.channel.pending or time.monotonic() - self.since > TOGETHER:
            send(self.channel, self.ready)
            self.ready, self.since = [], time.monotonic()
        message: tuple[Any, list[int]] = self.channel.receive_with_descriptor(kind)
        return message

    def look(self, functions: Sequence[str]) -> None:
        """Says which of these functions there are; nobody reads what they print."""
        sys.stdout = sys.stderr = Sink()
        there = tuple(name for name in functions if callable(self.names.get(name)))
        self.channel.send(wire.Ready(there))

    def replace(self, functions: Sequence[str]) -> None:
        """Leaves these functions to the judge from now on."""
        for function in functions:
            self.names[function] = somebody_else(self.channel, function, self.kept)

    def answer(self, call: wire.Call) -> None:
        """Calls a function."""
        self.ready.append(answer(call, self.names, self.kept))

    def answer_together(self, asked: wire.Calls) -> None:
        """Calls functions one after the other."""
        answers = tuple(answer(call, self.names, self.kept) for call in asked.calls)
        self.ready.append(wire.Answers(asked.number, answers))


def send(channel: wire.Channel, answers: Sequence[wire.ByFork]) -> None:
    """Sends answers; in the place of one that is too long, it says so."""
    try:
        channel.send(*answers)
    except wire.TooLong:
        for each in answers:
            try:
                channel.send(each)
            except wire.TooLong:
                error = wire.Raised("ValueError", "the function returned more than can be graded")
                channel.send(wire.Failed(each.number, error))


def answer(
    call: wire.Call, names: dict[str, Any], kept: Kept
) -> wire.Returned | wire.Failed | wire.Missing:
    """Calls one function, and says what came of it."""
    function = names.get(call.function)
    if not callable(function):
        return wire.Missing(call.number)
    arguments = [wire.unpack(value, kept.find) for value in call.arguments]
    keywords = {name: wire.unpack(value, kept.find) for name, value in call.keywords}
    if call.seed is not None:
        wind_randomness(call.seed)
    try:
        value = function(*arguments, **keywords)
    except BaseException as error:  # SystemExit and KeyboardInterrupt too
        return wire.Failed(call.number, raised(error))
    before = (*call.arguments, *(each for _, each in call.keywords))
    after = tuple(wire.pack(each, kept.keep) for each in [*arguments, *keywords.values()])
    return wire.Returned(
        call.number, wire.pack(value, kept.keep), None if after == before else after
    )


def somebody_else(channel: wire.Channel, name: str, kept: Kept) -> Callable[..., object]:
    """A function that the judge answers, for one of the learner's that is not to be relied on."""

    def function(*arguments: object, **keywords: object) -> object:
        packed = tuple(wire.pack(each, kept.keep) for each in arguments)
        named = tuple((key, wire.pack(each, kept.keep)) for key, each in keywords.items())
        channel.send(wire.Call(0, name, packed, named))
        answer = channel.receive(wire.Returned | wire.Failed)
        if isinstance(answer, wire.Failed):
            raise RuntimeError(f"{name} could not be called like this: {answer.error.message}")
        return wire.unpack(answer.value, kept.find)

    return function
