"""Define the messages between the judge and a process that runs a student's code.

A message is a length in four bytes, then msgpack, which is decoded into the types declared here and
nothing else: no pickle, no code, no object of the sender's choosing. `values.py` defines arguments
and answers, and `channel.py` sends and receives.

The judge reads as if the sender were hostile. Every string and every sequence of every message has
a bound (`limits.py`), and so has the message itself. The number of an answer must be the number of
its call. Any defect of a message raises `BadMessage`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Annotated

import msgspec

from autograder.sandbox.protocol import limits
from autograder.sandbox.protocol.channel import Channel as Channel
from autograder.sandbox.protocol.channel import Closed as Closed
from autograder.sandbox.protocol.channel import TooLong as TooLong
from autograder.sandbox.protocol.forms import DTYPES as DTYPES
from autograder.sandbox.protocol.forms import Array as Array
from autograder.sandbox.protocol.forms import BadMessage as BadMessage
from autograder.sandbox.protocol.forms import Dict as Dict
from autograder.sandbox.protocol.forms import Handle as Handle
from autograder.sandbox.protocol.forms import Int, Sentence, Words
from autograder.sandbox.protocol.forms import Known as Known
from autograder.sandbox.protocol.forms import List as List
from autograder.sandbox.protocol.forms import Record as Record
from autograder.sandbox.protocol.forms import Struct as Struct
from autograder.sandbox.protocol.forms import Tuple as Tuple
from autograder.sandbox.protocol.forms import Value as Value
from autograder.sandbox.protocol.functions import Function as Function
from autograder.sandbox.protocol.functions import Functions as Functions
from autograder.sandbox.protocol.values import described as described
from autograder.sandbox.protocol.values import pack as pack
from autograder.sandbox.protocol.values import revived as revived
from autograder.sandbox.protocol.values import size as size
from autograder.sandbox.protocol.values import unpack as unpack
from autograder.sandbox.protocol.values import weight as weight

BYTES_PER_CHARACTER = 12
"""Bytes that a character of text may take in a file: a line break is a line of JSON."""

OUTPUT_OVERHEAD_BYTES = 200
"""Bytes that an output takes in a file besides its data."""

Arguments = Annotated[tuple[Value, ...], msgspec.Meta(max_length=limits.MAX_ARGUMENTS)]
Keywords = Annotated[tuple[tuple[Words, Value], ...], msgspec.Meta(max_length=limits.MAX_ARGUMENTS)]
_VALUE = msgspec.msgpack.Decoder(Value)
_ARGUMENTS = msgspec.msgpack.Decoder(Arguments)
FunctionNames = Annotated[tuple[Words, ...], msgspec.Meta(max_length=limits.MAX_FUNCTIONS)]


class Prepare(Struct, tag="prepare"):
    """Judge to worker: run these cells of ours, which every submission starts with."""

    cells: tuple[str, ...]


class Open(Struct, tag="open"):
    """Judge to worker, with a socket: fork a student process that listens on it."""


class Opened(Struct, tag="opened"):
    """Worker to judge, with a pidfd of the student process; the pidfd gives its number here."""


class Confined(Struct, tag="confined"):
    """Student process to judge, first message: the layers in force, and why others are not.

    No student code has run in the process yet.
    """

    layers: tuple[Words, ...]
    troubles: tuple[Sentence, ...]


class Sweep(Struct, tag="sweep"):
    """Judge to worker: end everything that was started for the last submission."""


class Swept(Struct, tag="swept"):
    """Worker to judge: everything has ended, and `left` processes had to be killed for it."""

    left: Int = 0


class Run(Struct, tag="run"):
    """Judge to student process: run this cell; with a seed, seed all randomness first.

    `room` is how many bytes the outputs of the cell may take; see `fitted`. `number` is its number
    among the notebook's code cells, or 0 for a cell of ours. If the cell is `traced`, the lines of
    a traceback are reported.
    """

    source: str
    seed: bytes | None
    room: Int = limits.MAX_SUBMISSION_OUTPUT_BYTES
    number: Int = 0
    traced: bool = False


class Fork(Struct, tag="fork"):
    """Judge to student process, with a socket: fork a process that answers calls on it.

    The fork's first message says which of these functions exist.
    """

    functions: FunctionNames = ()


class Line(Struct, tag="line"):
    """A line of a traceback, in a cell of the notebook or in a file beside it.

    All is empty where lines are left out.
    """

    cell: Int = 0
    file: Words = ""
    line: Int = 0
    function: Words = ""


class Denied(StrEnum):
    """A resource that a student's code asked for and the sandbox denied."""

    NETWORK = "network"
    SYSTEM = "system"


class Raised(Struct, tag="raised"):
    """An exception of a student's code: its type, its message, and the student's line.

    `function` is the function that contains this line. `traceback` has all lines, the innermost
    last, if the cell is traced. `owner` is the function of the assignment that raised the
    exception, in itself or in a helper that it called. `denied` tells what the sandbox did not
    give, if that was the cause; the student's process says so, and so it never gives points.
    """

    type: Words
    message: Sentence
    line: Int | None = None
    source: Sentence | None = None
    function: Words | None = None
    traceback: Annotated[tuple[Line, ...], msgspec.Meta(max_length=limits.MAX_TRACEBACK_LINES)] = ()
    owner: Words | None = None
    denied: Denied | None = None


class Output(Struct, tag="output"):
    """An output of a cell: `stdout`, `stderr`, or a display with its mime type."""

    kind: Words
    data: Annotated[str, msgspec.Meta(max_length=limits.MAX_OUTPUT_CHARACTERS)]

    @property
    def is_text(self) -> bool:
        """Whether the output is text; otherwise it is a picture."""
        return self.kind in ("stdout", "stderr", "text/plain")

    @property
    def weight(self) -> int:
        """The most bytes that the output takes in a file."""
        each = BYTES_PER_CHARACTER if self.is_text or not self.data.isascii() else 1
        return OUTPUT_OVERHEAD_BYTES + each * len(self.data)


def fitted(outputs: Iterable[Output], room: int) -> tuple[tuple[Output, ...], bool]:
    """Return the outputs of a cell that fit into `room` bytes, and whether any were cut.

    The first `limits.MIN_CELL_TEXT_CHARACTERS` of each kind of text are always kept.
    """
    kept: list[Output] = []
    cut = False
    for output in outputs:
        if output.weight > room:
            cut = True
            if not output.is_text or any(each.kind == output.kind for each in kept):
                continue
            letters = max(
                limits.MIN_CELL_TEXT_CHARACTERS,
                (room - OUTPUT_OVERHEAD_BYTES) // BYTES_PER_CHARACTER,
            )
            output = Output(output.kind, output.data[:letters])
        room -= output.weight
        kept.append(output)
    return tuple(kept), cut


NOT_RUN = "no commands are run when a notebook is graded"
"""What the shell prints instead of running `!command`."""

NOT_INSTALLED = "nothing is installed when a notebook is graded"
"""What `%pip` and similar magics print instead of installing a package."""

MADE_BY_COMMANDS = ("FileNotFoundError", "ModuleNotFoundError")
"""Errors of code that lacks what a command makes, like `!mkdir out` or `!unzip helpers.zip`."""


class Ran(Struct, tag="ran"):
    """Student process to judge: how the cell ended. `cut` says that outputs were left out.

    `denied` is what the sandbox did not give, even if the cell went on without it.
    """

    error: Raised | None
    outputs: Annotated[tuple[Output, ...], msgspec.Meta(max_length=limits.MAX_CELL_OUTPUTS)]
    cut: bool = False
    denied: Denied | None = None

    @property
    def weight(self) -> int:
        """The most bytes that the outputs take in a file."""
        return sum(each.weight for each in self.outputs)

    def within(self, room: int) -> Ran:
        """Return a copy with the outputs that fit into `room` bytes."""
        outputs, cut = fitted(self.outputs, room)
        return Ran(self.error, outputs, self.cut or cut, self.denied)


class Ready(Struct, tag="ready"):
    """Fork to judge, first message: these of the requested functions exist."""

    functions: FunctionNames


class Replace(Struct, tag="replace"):
    """Judge to fork: from now on, send calls of these functions to the judge.

    The fork sends a `Call` instead of an answer. The judge replies to it before it gets the answer.
    """

    functions: FunctionNames


class Call(Struct, tag="call"):
    """Judge to fork: call this function; with a seed, seed all randomness first.

    `functions` are those that the arguments hold. From a fork they are not read.
    """

    number: Int
    function: Words
    arguments: Arguments
    keywords: Keywords
    seed: bytes | None = None
    functions: Annotated[tuple[Function, ...], msgspec.Meta(max_length=limits.MAX_ARGUMENTS)] = ()


class Returned(Struct, tag="returned"):
    """The function's return value, and its arguments after the call: positional, then by name.

    A fork always sends the arguments. After the judge has compared them with those of the call,
    None means that they are unchanged. `denied` is what the sandbox did not give during the call.
    """

    number: Int
    value: Value
    arguments: Arguments | None
    denied: Denied | None = None


class Sealed(Struct, tag="returned"):
    """A `Returned` as the judge receives it, before its values are decoded.

    Many answers equal the answer of another submission byte for byte, and decoding them would be
    most of the work.
    """

    number: Int
    value: msgspec.Raw
    arguments: msgspec.Raw
    denied: Denied | None = None

    def open(self, sent: bytes) -> Returned:
        """Decode the answer, and compare its arguments with those of the call.

        Args:
            sent: the arguments of the call, encoded by `sent`.

        Raises:
            BadMessage: the answer cannot be decoded, or lacks an argument.
        """
        try:
            value = _VALUE.decode(self.value)
            if bytes(self.arguments) == sent:
                return Returned(self.number, value, None, self.denied)
            arguments = _ARGUMENTS.decode(self.arguments)
        except (msgspec.DecodeError, RecursionError, ValueError) as error:
            raise BadMessage("an answer could not be read") from error
        if len(arguments) != len(msgspec.msgpack.decode(sent)):
            raise BadMessage("an answer does not say what became of the arguments")
        return Returned(self.number, value, arguments, self.denied)


class Calls(Struct, tag="calls"):
    """Judge to fork: make these calls, one after the other, and answer them together."""

    number: Int
    calls: Annotated[tuple[Call, ...], msgspec.Meta(max_length=limits.MAX_CALLS_TOGETHER)]


class SealedCalls(Struct, tag="calls"):
    """A `Calls` as the judge sends it: encoded once for the whole class."""

    number: Int
    calls: msgspec.Raw

    def open(self) -> tuple[Call, ...]:
        """Decode the calls."""
        return msgspec.msgpack.decode(self.calls, type=tuple[Call, ...])


class Answers(Struct, tag="answers"):
    """Fork to judge: the answers to the calls of one `Calls`."""

    number: Int
    answers: tuple[Returned | Failed | Missing, ...]


class SealedAnswers(Struct, tag="answers"):
    """An `Answers` as the judge receives it, like `Sealed`."""

    number: Int
    answers: msgspec.Raw

    def open(self) -> tuple[FromFork, ...]:
        """Decode the answers.

        Raises:
            BadMessage: they cannot be decoded.
        """
        try:
            answers: tuple[FromFork, ...] = _ANSWERS.decode(self.answers)
        except (msgspec.DecodeError, RecursionError, ValueError) as error:
            raise BadMessage("answers could not be read") from error
        return answers


class Failed(Struct, tag="failed"):
    """The function raised."""

    number: Int
    error: Raised


class Missing(Struct, tag="missing"):
    """There is no such function."""

    number: Int


def sealed(calls: Sequence[Call]) -> msgspec.Raw:
    """Encode calls as they are sent.

    Raises:
        TooLong: they do not fit into one message.
    """
    body = msgspec.msgpack.encode(tuple(calls))
    if len(body) > limits.MAX_MESSAGE_BYTES - 100 or len(calls) > limits.MAX_CALLS_TOGETHER:
        raise TooLong(f"{len(calls)} calls of {len(body)} bytes are too many at once")
    return msgspec.Raw(body)


def sent(call: Call) -> bytes:
    """Encode the arguments of a call, positional and then by name, as they are sent."""
    return msgspec.msgpack.encode((*call.arguments, *(value for _, value in call.keywords)))


def size_of(answer: FromFork | Returned) -> int:
    """Return about how many bytes the values of an answer take."""
    if isinstance(answer, Sealed):
        return len(memoryview(answer.value)) + len(memoryview(answer.arguments))
    if isinstance(answer, Returned):
        return sum(map(size, (answer.value, *(answer.arguments or ()))))
    return 0


ToStudent = Run | Fork
ToWorker = Prepare | Open | Sweep
ToFork = Call | Calls | Replace
Asking = Call | SealedCalls | Replace
ByFork = Returned | Failed | Missing | Answers
FromFork = Sealed | Failed | Missing
AnswerOrCall = FromFork | Call
AnswersOrFailure = SealedAnswers | Failed
_ANSWERS = msgspec.msgpack.Decoder(
    Annotated[tuple[FromFork, ...], msgspec.Meta(max_length=limits.MAX_CALLS_TOGETHER)]
)
