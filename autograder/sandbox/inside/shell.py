"""Run the cells of a notebook in an IPython shell without a terminal."""

from __future__ import annotations

import ast
import contextlib
import io
import logging
import multiprocessing.context
import re
import signal
import sys
import tokenize
import warnings
from functools import partial
from types import FrameType
from typing import Any, NoReturn

import msgspec
import numpy as np
from IPython.core.autocall import ExitAutocall
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.inputtransformer2 import TransformerManager
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from autograder.sandbox.inside.denials import DENIALS
from autograder.sandbox.inside.errors import lines, raised, text
from autograder.sandbox.inside.randomness import seed_all
from autograder.sandbox.protocol import limits, wire

SHOWN = ("image/png", "text/plain")
"""The forms of a display that are kept, best first. HTML is not one: a browser would run it."""


OURS = TransformerManager().token_transformers

SPECIAL = re.compile(r"[%!?]|^\s*[,;/]", re.MULTILINE)
"""Every cell with IPython's own syntax contains one of these."""


NEEDS_LOOP = re.compile(r"\b(create_task|ensure_future|get_running_loop)\b")
"""Functions of asyncio that work in every cell of Jupyter, whose loop always runs."""


class Transformer(TransformerManager):  # type: ignore[misc]  # IPython has no types
    """IPython's input transformer, without its slow search for `%` and `!` in plain Python.

    A cell that compiles as Python has none of IPython's syntax, and compiling takes a tenth of the
    time.
    """

    def do_token_transforms(self, lines: list[str]) -> list[str]:
        """Return the lines of a cell with IPython's syntax replaced by Python."""
        source = "".join(lines)
        if self.token_transformers == OURS and (not SPECIAL.search(source) or is_python(source)):
            return lines
        return super().do_token_transforms(lines)  # type: ignore[no-any-return]


def is_python(source: str) -> bool:
    """Return whether a cell can be run as it is."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # they are for when it is run
            compile(source, "", "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    except Exception:  # running the cell will raise it again
        return False
    return True


class Shell(InteractiveShell):  # type: ignore[misc]  # IPython has no types
    """IPython's shell, without a terminal."""

    def enable_gui(self, gui: str | None = None) -> None:
        """Do nothing: there are no windows."""

    def enable_matplotlib(self, gui: str | None = None) -> tuple[str | None, str]:
        """Keep figures as pictures, whatever `%matplotlib` asks for."""
        with contextlib.suppress(ImportError):  # a cell that plots imports matplotlib itself
            super().enable_matplotlib("inline")
        return gui, "inline"

    def system(self, command: str) -> None:
        """Print that `!command` is not run, and let the cell go on."""
        DENIALS.commands = True
        sys.stderr.write(f"!{command}: {wire.NOT_RUN}.\n")

    system_raw = system_piped = system

    def getoutput(self, command: str, split: bool = True, **_rest: object) -> list[str] | str:
        """Print that `lines = !command` is not run, and return no lines."""
        self.system(command)
        return [] if split else ""

    def showtraceback(self, *_args: object, **_kwargs: object) -> None:
        """Print nothing: the judge gets the exception."""

    showsyntaxerror = showtraceback

    def should_run_async(self, raw_cell: str, **more: Any) -> bool:
        """Return whether a cell needs a running loop; a cell without the words is not parsed."""
        if NEEDS_LOOP.search(raw_cell):
            return True
        if "await" not in raw_cell and "async" not in raw_cell:
            return False
        return bool(super().should_run_async(raw_cell, **more))


class Exit(ExitAutocall):  # type: ignore[misc]  # IPython has no types
    """`exit` and `quit`, which would end the kernel; calling them raises an explanation."""

    def __call__(self, *_arguments: object, **_keywords: object) -> NoReturn:
        """Raise SystemExit, which ends the cell or the call of a function."""
        raise SystemExit(
            "exit() and quit() would end the whole notebook; take them out, and leave a function "
            "with return"
        )


INSTALLERS = ("pip", "conda", "mamba", "micromamba", "uv")
"""Magics that install packages."""


def install_nothing(name: str, line: str) -> None:
    """Print that `%pip` and similar magics install nothing, and let the cell go on."""
    DENIALS.commands = True
    sys.stderr.write(f"%{name} {line}: {wire.NOT_INSTALLED}.\n")


def make_shell() -> InteractiveShell:
    """Make an IPython shell and run a cell in it, so that lazy imports are already done."""
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    shell = Shell.instance(config=config, exiter=Exit(), displayhook_class=Values)
    shell.input_transformer_manager = Transformer()
    for name in INSTALLERS:
        shell.register_magic_function(partial(install_nothing, name), magic_name=name)
    # The fonts of this machine, and how long it takes to list them, are no student's business.
    logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)
    # IPython's advice on how to end it is not for a notebook.
    warnings.filterwarnings("ignore", "To exit: use")
    # No cell that awaits: all forks would share its event loop.
    shell.run_cell("pass", store_history=False)
    np.random.default_rng().standard_normal(2) @ np.ones(2)
    return shell


def no_input(_prompt: object = "") -> str:
    """Replace `input`, since nobody can type."""
    raise EOFError("input() has nobody to ask when a notebook is graded; use a variable instead")


class NoProcesses:
    """Refuses to import psutil, which fails at its first use where there is no `/proc`.

    dask, xarray and joblib use it if it can be imported, and do without it otherwise.
    """

    def find_spec(self, name: str, *_where: object) -> None:
        """Raise an explanation for psutil; leave other modules to other finders."""
        if name == "psutil":
            raise ModuleNotFoundError(
                "psutil reads /proc, which does not exist when a notebook is graded", name=name
            )


def fork_only() -> None:
    """Have multiprocessing fork, whatever way of starting processes is asked for.

    The others start an interpreter or open a socket. Python from 3.14 on, and scipy's `workers`,
    ask for them by default.
    """
    context: Any = multiprocessing.context
    fork = context._concrete_contexts["fork"]
    context._concrete_contexts.update(spawn=fork, forkserver=fork)
    context._default_context._default_context = fork


class Sink(io.StringIO):
    """A text stream that keeps its first characters and drops the rest.

    Attributes:
        cut: whether any characters were dropped.
    """

    def __init__(self) -> None:
        super().__init__()
        self.cut = False

    def write(self, text: str, /) -> int:
        """Keep as much as there is room for; report everything as written."""
        room = limits.MAX_CELL_TEXT_CHARACTERS - self.tell()
        if room > 0:
            super().write(text[:room])
        self.cut |= len(text) > room
        return len(text)


class Displays(DisplayPublisher):  # type: ignore[misc]  # IPython has no types
    """The displays of a cell, in order, as long as there is room for them.

    So a loop that shows pictures takes no more memory than the judge will receive.

    Args:
        room: how many bytes the displays may take.

    Attributes:
        outputs: the displays that are kept.
        cut: whether any display was left out.
    """

    def __init__(self, room: int) -> None:
        super().__init__()
        self.room = room
        self.clear_output()

    def clear_output(self, wait: bool = False) -> None:  # noqa: ARG002  # IPython names it
        """Discard all displays."""
        self.left = self.room
        self.outputs: list[wire.Output] = []
        self.cut = False

    def publish(self, data: dict[str, Any], *_args: object, **_kwargs: object) -> None:
        """Keep one form of a display, if there is room for it."""
        display = shown(data)
        self.cut |= any(
            len(each) > limits.MAX_OUTPUT_CHARACTERS
            for each in data.values()
            if isinstance(each, str)
        )
        if display is None or not display.data:
            return
        first = display.is_text and not any(each.is_text for each in self.outputs)
        if display.weight > self.left and not first:  # the first is cut later, and not left out
            self.cut = True
            return
        self.left -= display.weight
        self.outputs.append(display)


class Values(DisplayHook):  # type: ignore[misc]  # IPython has no types
    """Keeps the value of a cell's last line as a display, and as `_`, `__`, `Out` for later cells.

    Attributes:
        prompt_count: the number under which `Out` has the value.
    """

    prompt_count = 0

    def quiet(self) -> bool:
        """Return whether the cell ends with a semicolon, so that nothing is shown."""
        try:
            return self.prompt_count > 0 and bool(super().quiet())
        except (tokenize.TokenError, SyntaxError):  # the cell has IPython's own syntax
            return False

    def start_displayhook(self) -> None:
        """Print nothing."""

    write_output_prompt = finish_displayhook = start_displayhook

    def update_user_ns(self, result: object) -> None:
        """Keep the value under its number, unless the cell is ours."""
        if self.prompt_count:
            super().update_user_ns(result)

    def write_format_data(self, data: dict[str, Any], _metadata: object = None) -> None:
        """Keep the value as a display."""
        self.shell.display_pub.publish(data)

    def log_output(self, _data: dict[str, Any]) -> None:
        """Keep no other copy."""


def run_cell(shell: InteractiveShell, cell: wire.Run) -> wire.Ran:
    """Run one cell as a notebook would; an interrupt from outside ends only the cell."""
    if cell.seed is not None:
        seed_all(cell.seed)
    out, err = Sink(), Sink()
    displays = Displays(min(limits.MAX_CELL_OUTPUT_BYTES, cell.room))
    shell.display_pub = displays
    sys.stdout, sys.stderr = out, err
    shell.execution_count = shell.displayhook.prompt_count = cell.number
    inputs = shell.history_manager.input_hist_parsed
    if cell.number >= len(inputs):
        inputs.extend([""] * (cell.number - len(inputs)))  # cells that are not run
        shell.history_manager.store_inputs(cell.number, cell.source)
    signal.signal(signal.SIGINT, interrupt)
    try:
        result = shell.run_cell(cell.source, store_history=False)
        error = result.error_before_exec or result.error_in_exec
    except KeyboardInterrupt as late:
        error = late
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    streams = (
        wire.Output("stdout", text(out.getvalue())),
        wire.Output("stderr", text(err.getvalue())),
    )
    outputs = (each for each in (*streams, *displays.outputs) if each.data)
    kept, cut = wire.fitted(outputs, cell.room)
    told = None
    if error is not None:
        told = raised(error)
        told = msgspec.structs.replace(told, denied=told.denied or DENIALS.behind(error))
        if cell.traced:
            told = msgspec.structs.replace(told, traceback=lines(error))
    cut = cut or out.cut or err.cut or displays.cut
    return wire.Ran(told, kept, cut, DENIALS.end_cell())


def interrupt(_signal: int, _frame: FrameType | None) -> NoReturn:
    """Handle the signal that interrupts a cell that takes too long."""
    raise KeyboardInterrupt("this cell took too long and was stopped")


def shown(data: dict[str, Any]) -> wire.Output | None:
    """Return the form in which a display is kept; None if it has no such form."""
    for mime in SHOWN:
        each = data.get(mime)
        if isinstance(each, str) and len(each) <= limits.MAX_OUTPUT_CHARACTERS:
            return wire.Output(
                mime,
                text(each)
                if mime == "image/png"
                else text(each[: limits.MAX_CELL_TEXT_CHARACTERS]),
            )
    return None
