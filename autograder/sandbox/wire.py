"""What may cross between the judge and a process that runs a learner's code, and in which form.

A message is a length in four bytes, then msgpack, decoded into the types declared here and
nothing else: no pickle, no code, no object of the sender's choosing; `values` says what there is
for arguments and answers.

The judge reads as if the other side were hostile. Every text and every sequence of every message
has a bound, and so has the frame; the numbers of answers must be those of the questions; and
whatever is wrong with a message ends in `BadMessage`.
"""

from __future__ import annotations

import array
import os
import socket
import struct
from collections.abc import Callable, Sequence
from typing import Annotated, Any

import msgspec

from autograder.sandbox.values import DTYPES as DTYPES
from autograder.sandbox.values import MAX_DEPTH as MAX_DEPTH
from autograder.sandbox.values import MAX_ITEMS as MAX_ITEMS
from autograder.sandbox.values import MAX_TEXT as MAX_TEXT
from autograder.sandbox.values import MAX_VALUES as MAX_VALUES
from autograder.sandbox.values import Array as Array
from autograder.sandbox.values import BadMessage as BadMessage
from autograder.sandbox.values import Dict as Dict
from autograder.sandbox.values import Handle as Handle
from autograder.sandbox.values import Int, Sentence, Words
from autograder.sandbox.values import List as List
from autograder.sandbox.values import Struct as Struct
from autograder.sandbox.values import Tuple as Tuple
from autograder.sandbox.values import Value as Value
from autograder.sandbox.values import pack as pack
from autograder.sandbox.values import size as size
from autograder.sandbox.values import unpack as unpack
from autograder.sandbox.values import weight as weight

MAX_FRAME = 16 * 1024 * 1024
"""Bytes in one message: an answer of two million float64."""

MAX_ARGUMENTS = 1000
MAX_CALLS = 10_000
"""That are made together: those of one check."""

MAX_FUNCTIONS = 1000
"""Whose names are asked for at once: those of an assignment."""

MAX_OUTPUTS = 50_000
MAX_OUTPUT = 500_000
"""Characters of one output: a picture, in base64."""

Arguments = Annotated[tuple[Value, ...], msgspec.Meta(max_length=MAX_ARGUMENTS)]
Keywords = Annotated[tuple[tuple[Words, Value], ...], msgspec.Meta(max_length=MAX_ARGUMENTS)]
_VALUE = msgspec.msgpack.Decoder(Value)
_ARGUMENTS = msgspec.msgpack.Decoder(Arguments | None)
Functions = Annotated[tuple[Words, ...], msgspec.Meta(max_length=MAX_FUNCTIONS)]


class TooLong(Exception):
    """A message that is longer than messages may be; nothing of it was sent."""


class Closed(Exception):
    """The other side has gone."""


# --- messages -------------------------------------------------------------------------------


class Prepare(Struct, tag="prepare"):
    """Judge to worker: run these cells of ours, which every submission starts with."""

    cells: tuple[str, ...]


class Open(Struct, tag="open"):
    """Judge to worker, with a socket: fork a student process that listens on it."""


class Opened(Struct, tag="opened"):
    """Worker to judge, with a pidfd: here it is. What number it has here, the pidfd says."""


class Confined(Struct, tag="confined"):
    """The student process to the judge, its first word: the layers in force, and why others fail.

    No learner's line has run beside it yet.
    """

    layers: tuple[Words, ...]
    troubles: tuple[Sentence, ...]


class Sweep(Struct, tag="sweep"):
    """Judge to worker: end everything that was started for the last student process."""


class Swept(Struct, tag="swept"):
    """Worker to judge: nothing of it is left, and so many processes had to be ended."""

    left: Int = 0


class Run(Struct, tag="run"):
    """Judge to student process: run this cell; with a seed, wind all randomness to it first."""

    source: str
    seed: bytes | None


class Fork(Struct, tag="fork"):
    """Judge to student process, with a socket: fork a process that answers calls on it.

    Its first word is to say which of these functions there are.
    """

    functions: Functions = ()


class Raised(Struct, tag="raised"):
    """An exception of a learner's code: its type, what it says, and the learner's line it left.

    `function` is the one that this line is in.
    """

    type: Words
    message: Sentence
    line: Int | None = None
    source: Sentence | None = None
    function: Words | None = None


class Output(Struct, tag="output"):
    """Something a cell showed: `stdout` or `stderr`, or the mime type of what was displayed."""

    kind: Words
    data: Annotated[str, msgspec.Meta(max_length=MAX_OUTPUT)]


class Ran(Struct, tag="ran"):
    """Student process to judge: the cell has ended, so."""

    error: Raised | None
    outputs: Annotated[tuple[Output, ...], msgspec.Meta(max_length=MAX_OUTPUTS)]


class Ready(Struct, tag="ready"):
    """The fork to the judge, its first word: these of the functions it was asked for are there."""

    functions: Functions


class Replace(Struct, tag="replace"):
    """Judge to fork: from now on these functions are somebody else's, and calls of them come back.

    They come as `Call` in the place of an answer, and are answered before the answer is sent.
    """

    functions: Functions


class Call(Struct, tag="call"):
    """Judge to fork: call this function; with a seed, wind all randomness to it first."""

    number: Int
    function: Words
    arguments: Arguments
    keywords: Keywords
    seed: bytes | None = None


class Returned(Struct, tag="returned"):
    """The function returned this; the arguments, by position and then by name, are now these.

    None says that they are what they were.
    """

    number: Int
    value: Value
    arguments: Arguments | None


class Sealed(Struct, tag="returned"):
    """A `Returned` as the judge receives it: nobody has looked into it yet.

    Many answers are, byte for byte, what somebody else has answered; taking them apart would be
    most of the work.
    """

    number: Int
    value: msgspec.Raw
    arguments: msgspec.Raw

    def open(self) -> Returned:
        """What is in it.

        Raises:
            BadMessage: nothing that a function can return.
        """
        try:
            return Returned(
                self.number,
                _VALUE.decode(self.value),
                _ARGUMENTS.decode(self.arguments),
            )
        except (msgspec.DecodeError, RecursionError, ValueError) as error:
            raise BadMessage("an answer could not be read") from error


class Calls(Struct, tag="calls"):
    """Judge to fork: make these calls, one after the other, and answer them together."""

    number: Int
    calls: Annotated[tuple[Call, ...], msgspec.Meta(max_length=MAX_CALLS)]


class SealedCalls(Struct, tag="calls"):
    """A `Calls` as the judge sends it: put into its form once, for the whole class."""

    number: Int
    calls: msgspec.Raw

    def open(self) -> tuple[Call, ...]:
        """What is in it."""
        return msgspec.msgpack.decode(self.calls, type=tuple[Call, ...])


class Answers(Struct, tag="answers"):
    """Fork to judge: what came of the calls that were to be made together."""

    number: Int
    answers: tuple[Returned | Failed | Missing, ...]


class SealedAnswers(Struct, tag="answers"):
    """An `Answers` as the judge receives it, like `Sealed`."""

    number: Int
    answers: msgspec.Raw

    def open(self) -> tuple[FromFork, ...]:
        """What is in it.

        Raises:
            BadMessage: nothing that calls can come to.
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
    """Calls in the form in which they cross.

    Raises:
        TooLong: they are more than a message may hold.
    """
    body = msgspec.msgpack.encode(tuple(calls))
    if len(body) > MAX_FRAME - 100 or len(calls) > MAX_CALLS:
        raise TooLong(f"{len(calls)} calls of {len(body)} bytes are too many at once")
    return msgspec.Raw(body)


def size_of(answer: FromFork | Returned) -> int:
    """About how many bytes the values of an answer take."""
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
    Annotated[tuple[FromFork, ...], msgspec.Meta(max_length=MAX_CALLS)]
)


HEAD = struct.Struct(">I")
"""Before each message: how long it is."""


class Channel:
    """One end of a stream socket on which messages go.

    Args:
        sock: the socket; the channel closes it.
        wait: called with `"read"` or `"write"` when the socket is not ready, and returns when it
            is, or raises. Without one the channel blocks.

    Attributes:
        buffer: what has come in.
        read: how much of it has been received as messages.
    """

    def __init__(self, sock: socket.socket, wait: Callable[[str], None] | None = None) -> None:
        self.sock = sock
        self.wait = wait
        self.buffer = bytearray()
        self.read = 0
        sock.setblocking(wait is None)

    def send(self, *messages: Struct, sockets: Sequence[int] = ()) -> None:
        """Sends messages, and with the first of them the descriptors named.

        Raises:
            Closed: there is nobody to read it.
            TooLong: one is longer than a message may be; none has been sent.
        """
        frames = bytearray()
        for message in messages:
            body = msgspec.msgpack.encode(message)
            if len(body) > MAX_FRAME:
                raise TooLong(f"a message of {len(body)} bytes is more than {MAX_FRAME}")
            frames += HEAD.pack(len(body)) + body
        rest = memoryview(frames)
        passed = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", sockets))]
        while rest:
            try:
                sent = self.sock.sendmsg([rest], passed if sockets else [])
            except BlockingIOError:
                assert self.wait is not None  # noqa: S101  # a blocking socket does not say this
                self.wait("write")
                continue
            except OSError as error:
                raise Closed from error
            rest, sockets = rest[sent:], ()

    def receive(self, kind: Any) -> Any:
        """The next message.

        Raises:
            Closed: the other side has gone.
            BadMessage: what came is no message of this kind.
        """
        return self._decode(kind, lambda: self.sock.recv(1 << 16))

    def receive_with_descriptor(self, kind: Any) -> tuple[Any, list[int]]:
        """The next message, and the descriptor that came with it, if one did.

        Raises:
            Closed: the other side has gone.
            BadMessage: what came is no message of this kind.
        """
        passed: list[int] = []

        def read() -> bytes:
            piece, descriptors, _flags, _address = socket.recv_fds(self.sock, 1 << 16, 1)
            for descriptor in descriptors:
                os.set_inheritable(descriptor, False)  # no command that a cell starts gets it
            passed.extend(descriptors)
            return piece

        return self._decode(kind, read), passed

    def _decode(self, kind: Any, read: Callable[[], bytes]) -> Any:
        self._fill(HEAD.size, read)
        length = self._length()
        if length > MAX_FRAME:
            raise BadMessage(f"a message of {length} bytes is more than {MAX_FRAME}")
        end = HEAD.size + length
        self._fill(end, read)
        frame = bytes(memoryview(self.buffer)[self.read + HEAD.size : self.read + end])
        self.read += end
        try:
            return msgspec.msgpack.decode(frame, type=kind)
        except (msgspec.DecodeError, RecursionError, ValueError) as error:
            raise BadMessage("a message could not be read") from error

    @property
    def pending(self) -> bool:
        """Whether something has come in that nobody has received."""
        return len(self.buffer) > self.read

    @property
    def has_message(self) -> bool:
        """Whether the next message has come in already, as a whole."""
        come = len(self.buffer) - self.read
        return come >= HEAD.size and come - HEAD.size >= self._length()

    def _length(self) -> int:
        (length,) = HEAD.unpack_from(self.buffer, self.read)
        return int(length)

    def _fill(self, length: int, read: Callable[[], bytes]) -> None:
        """Sees to it that so many bytes are there that nobody has received."""
        if len(self.buffer) - self.read >= length:
            return
        del self.buffer[: self.read]
        self.read = 0
        while len(self.buffer) < length:
            if self.wait is not None:
                self.wait("read")
            try:
                piece = read()
            except BlockingIOError:
                continue
            except OSError as error:
                raise Closed from error
            if not piece:
                raise Closed
            self.buffer += piece

    def close(self) -> None:
        """Ends the conversation."""
        self.sock.close()
