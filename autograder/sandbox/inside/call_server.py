"""Answer calls of the student's functions, in a fork of the student process."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from types import FunctionType
from typing import Any, NoReturn

import msgspec
import numpy as np
from IPython.core.interactiveshell import InteractiveShell
from msgspec.structs import replace

from autograder.sandbox.inside.denials import DENIALS
from autograder.sandbox.inside.errors import owner, raised
from autograder.sandbox.inside.randomness import seed_all
from autograder.sandbox.inside.shell import Sink
from autograder.sandbox.protocol import limits, wire
from autograder.sandbox.protocol.channel import decoder

ANSWER_BATCH_SECONDS = 0.005
"""How long an answer may wait for the next answers, to be sent together with them."""

REHEARSALS = 20
"""Python specialises a function after a few calls."""


class KeptObjects:
    """The values that cannot be sent to the judge, by number."""

    def __init__(self, names: dict[str, Any]) -> None:
        self.names = names  # of the notebook
        self.values: list[object] = []
        self.functions = wire.Functions(names, self.unpack)  # those that came with calls

    def unpack(self, value: wire.Value) -> Any:
        """Unpack a value, with the notebook's own classes in it."""
        return wire.unpack(value, self.find, partial(wire.revived, self.names))

    def keep(self, value: object) -> wire.Handle | wire.Known:
        """Keep a value and return its handle; the same object always has the same handle."""
        known = self.functions.known(value)
        if known is not None:
            return known
        numbers = [number for number, known in enumerate(self.values) if known is value]
        if not numbers:
            numbers = [len(self.values)]
            self.values.append(value)
        return wire.Handle(numbers[0], wire.described(value)[: limits.MAX_NAME_CHARACTERS])

    def find(self, handle: wire.Handle | wire.Known) -> object:
        """Return the value that a handle stands for."""
        if isinstance(handle, wire.Known):
            return self.functions.find(handle)
        return self.values[handle.number]


def serve_fork(
    channel: wire.Channel, shell: InteractiveShell, functions: Sequence[str]
) -> NoReturn:
    """Report which of these functions exist, then answer calls until the judge hangs up."""
    server = CallServer(channel, shell)
    server.report(functions)
    while True:
        message = server.next_message()
        if isinstance(message, wire.Replace):
            server.replace(message.functions)
        elif isinstance(message, wire.Calls):
            server.answer_together(message)
        else:
            server.answer(message)


class CallServer:
    """Answers calls of a shell's functions, and sends quick answers together."""

    def __init__(self, channel: wire.Channel, shell: InteractiveShell) -> None:
        self.channel = channel
        self.names = shell.user_ns
        self.kept = KeptObjects(self.names)
        self.ready: list[wire.ByFork] = []
        self.since = time.monotonic()
        self.functions: set[str] = set()
        self.known: tuple[str, ...] = ()

    def next_message(self) -> Any:
        """Receive the judge's next message.

        Quick answers go back together; the judge watches the time that each slow one takes.
        """
        if not self.channel.pending or time.monotonic() - self.since > ANSWER_BATCH_SECONDS:
            self.send()
        return self.channel.receive(wire.ToFork)

    def send(self) -> None:
        """Send the answers that are ready."""
        send(self.channel, self.ready)
        self.ready, self.since = [], time.monotonic()

    def report(self, functions: Sequence[str]) -> None:
        """Report which of these functions exist, and discard what they will print."""
        sys.stdout = sys.stderr = Sink()
        self.known = tuple(name for name in functions if callable(self.names.get(name)))
        self.channel.send(wire.Ready(self.known))

    def replace(self, functions: Sequence[str]) -> None:
        """Send calls of these functions to the judge from now on."""
        originals = [(name, self.names.get(name)) for name in functions]
        others = [self.names.get(name) for name in self.known if name not in functions]
        for name, original in originals:
            self.names[name] = answered_by_judge(self.channel, name, self.kept)
            if not any(original is each for each in others):
                redirect(original, name, self.names)

    def answer(self, call: wire.Call) -> None:
        """Call a function."""
        self.ready.append(answer(call, self.names, self.kept, self.known))

    def answer_together(self, asked: wire.Calls) -> None:
        """Call functions one after the other.

        Answers of other functions are sent first, because this function may never end.
        """
        functions = {call.function for call in asked.calls}
        if functions != self.functions:
            self.functions = functions
            self.send()
        answers = tuple(answer(call, self.names, self.kept, self.known) for call in asked.calls)
        self.ready.append(wire.Answers(asked.number, answers))


def send(channel: wire.Channel, answers: Sequence[wire.ByFork]) -> None:
    """Send answers; an answer that is too long becomes an error that says so."""
    try:
        channel.send(*answers)
    except wire.TooLong:
        for each in answers:
            try:
                channel.send(each)
            except wire.TooLong:
                error = wire.Raised(
                    "ValueError", "the function returned a value that is too large to be graded"
                )
                channel.send(wire.Failed(each.number, error))


def answer(
    call: wire.Call, names: dict[str, Any], kept: KeptObjects, functions: Sequence[str]
) -> wire.Returned | wire.Failed | wire.Missing:
    """Call one of these functions of the assignment and return its answer."""
    function = names.get(call.function)
    if not callable(function):
        return wire.Missing(call.number)
    if call.seed is not None:
        seed_all(call.seed)
    DENIALS.now = None
    try:
        kept.functions.take(call.functions)
        arguments = [kept.unpack(value) for value in call.arguments]
        keywords = {name: kept.unpack(value) for name, value in call.keywords}
        value = function(*arguments, **keywords)
    except BaseException as error:  # SystemExit and KeyboardInterrupt too
        described = raised(error)
        described = replace(described, denied=described.denied or DENIALS.behind(error))
        with contextlib.suppress(Exception):  # a student's object may raise when it is looked at
            described = replace(described, owner=owner(error, call.function, functions, names))
        return wire.Failed(call.number, described)
    # The judge compares the arguments: nothing is compared where a student's code runs.
    after = tuple(wire.pack(each, kept.keep) for each in [*arguments, *keywords.values()])
    return wire.Returned(call.number, wire.pack(value, kept.keep), after, DENIALS.now)


def rehearse() -> None:
    """Answer some calls of functions of ours, as a fork does.

    What Python and numpy import or specialise at first use is then shared by all forks. Each of
    them would do it again otherwise, in memory of its own.
    """
    names: dict[str, Any] = {
        "right": lambda *arguments, **_keywords: {"W": np.ones((2, 3)), "rest": arguments},
        "wrong": lambda *_arguments, **_keywords: 1 / 0,
    }
    for number in range(REHEARSALS):
        kept = KeptObjects(names)
        values = (np.zeros((3, 1)), {"W": np.ones(2), "b": 0.5}, [1, True], "text", None)
        sent = tuple(wire.pack(value, kept.keep) for value in values)
        calls = [wire.Call(0, name, sent, (("key", sent[0]),), bytes(32)) for name in names]
        asked = wire.SealedCalls(number, wire.sealed(calls))
        message = decoder(wire.ToFork).decode(msgspec.msgpack.encode(asked))
        answers = tuple(answer(call, names, kept, tuple(names)) for call in message.calls)
        msgspec.msgpack.encode(wire.Answers(number, answers))


def answered_by_judge(channel: wire.Channel, name: str, kept: KeptObjects) -> Callable[..., object]:
    """Return a function whose calls the judge answers, in place of one of the student's."""

    def function(*arguments: object, **keywords: object) -> object:
        packed = tuple(wire.pack(each, kept.keep) for each in arguments)
        named = tuple((key, wire.pack(each, kept.keep)) for key, each in keywords.items())
        channel.send(wire.Call(0, name, packed, named))
        answer = channel.receive(wire.Returned | wire.Failed)
        if isinstance(answer, wire.Failed):
            raise RuntimeError(f"{name} could not be called like this: {answer.error.message}")
        return kept.unpack(answer.value)

    return function


def redirect(original: object, name: str, names: dict[str, Any]) -> None:
    """Have a student's function call the one that has its name now.

    So its calls reach the judge as well if the student's code holds the function itself: in a
    default argument, a closure, a `partial`, or a list.
    """
    if not isinstance(original, FunctionType) or original.__globals__ is not names:
        return
    # A function takes only code with as many free variables as it has.
    free = [f"free{number}" for number in range(len(original.__code__.co_freevars))]
    source = (
        f"def enclosing({', '.join(free)}):\n"
        "    def redirected(*arguments, **keywords):\n"
        f"        if False: {', '.join(free) or None}\n"
        f"        return {name}(*arguments, **keywords)\n"
        "    return redirected\n"
    )
    made: dict[str, Any] = {}
    exec(source, made)  # noqa: S102  # our own source
    original.__code__ = made["enclosing"](*free).__code__
