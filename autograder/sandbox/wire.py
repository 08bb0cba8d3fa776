"""What may cross between the judge and a process that runs a learner's code, and in which form.

A message is a length in four bytes, then msgpack, decoded into the types declared here and
nothing else: no pickle, no code, no object of the sender's choosing. A value is None, a bool, a
number, a string, an array of plain numbers, or a list, tuple or dict of values. What is none of
these stays with the sender, and a `Handle` stands for it.

The judge reads as if the other side were hostile: frames, depth and numbers of entries are bounded,
an array's bytes must be as many as its shape and type say, and whatever is wrong with a message
ends in `BadMessage`.
"""

from __future__ import annotations

import array
import math
import os
import socket
import struct
from collections.abc import Callable, Sequence
from typing import Annotated, Any

import msgspec
import numpy as np

MAX_FRAME = 16 * 1024 * 1024
"""Bytes in one message: an answer of two million float64."""

MAX_DEPTH = 24
MAX_ITEMS = 100_000
MAX_TEXT = 100_000

Words = Annotated[str, msgspec.Meta(max_length=100)]
Sentence = Annotated[str, msgspec.Meta(max_length=500)]
"""Whatever of a stranger's may stand in a sentence for people is short."""

DTYPES = {
    name: np.dtype(name)
    for name in ("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")
    + ("float16", "float32", "float64", "complex64", "complex128")
}
NAMES = {dtype: name for name, dtype in DTYPES.items()}


class BadMessage(Exception):
    """A message that cannot be what it should be; nothing of it is used."""


class TooLong(Exception):
    """A message that is longer than messages may be; nothing of it was sent."""


class Closed(Exception):
    """The other side has gone."""


# --- values ---------------------------------------------------------------------------------


class Struct(msgspec.Struct, array_like=True, forbid_unknown_fields=True, tag_field="tag"):
    """A message or a part of one: a msgpack array that starts with the name of its type."""


class Array(Struct, tag="array"):
    """A numpy array, or a numpy scalar: entries in C order, as this machine has them."""

    dtype: str
    shape: tuple[int, ...]
    data: bytes
    scalar: bool = False


class List(Struct, tag="list"):
    """A list."""

    items: tuple[Value, ...]


class Tuple(Struct, tag="tuple"):
    """A tuple."""

    items: tuple[Value, ...]


class Dict(Struct, tag="dict"):
    """A dict; its keys are None, bools, numbers and strings."""

    items: tuple[tuple[bool | int | float | str | None, Value], ...]


class Handle(Struct, tag="handle"):
    """A value that stays in the learner's process: its number there, and what it is, in words."""

    number: int
    described: Words


Value = bool | int | float | str | Array | List | Tuple | Dict | Handle | None


def size(value: Value) -> int:
    """About how many bytes a value takes on the wire."""
    if isinstance(value, Array):
        return len(value.data) + 32
    if isinstance(value, str):
        return len(value) + 8
    if isinstance(value, (List, Tuple)):
        return sum(map(size, value.items)) + 8
    if isinstance(value, Dict):
        return sum(size(key) + size(item) for key, item in value.items) + 8
    return 8


def pack(value: object, keep: Callable[[object], Handle]) -> Value:
    """A value in the form in which it crosses.

    Args:
        value: anything.
        keep: told of what has no such form; gives the handle that stands for it.
    """
    return _pack(value, keep, MAX_DEPTH)


def _pack(value: object, keep: Callable[[object], Handle], depth: int) -> Value:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, (np.ndarray, np.generic)):
        plain = np.asarray(value)
        if plain.dtype == np.longdouble:
            plain = plain.astype(np.float64)
        if plain.dtype.byteorder == ">":
            plain = plain.astype(plain.dtype.newbyteorder("="))
        name = NAMES.get(plain.dtype)
        if name is None:
            return keep(value)
        return Array(name, plain.shape, plain.tobytes(), isinstance(value, np.generic))
    if isinstance(value, float):
        return float(value)
    if isinstance(value, int):
        # Larger ones have no form in msgpack, and no float holds them.
        return int(value) if -(2**63) <= value < 2**63 else keep(value)
    if isinstance(value, str):
        return str(value).encode("utf-8", "replace").decode()[:MAX_TEXT]
    if depth and isinstance(value, (list, tuple)) and len(value) <= MAX_ITEMS:
        items = tuple(_pack(item, keep, depth - 1) for item in value)
        return Tuple(items) if isinstance(value, tuple) else List(items)
    if depth and isinstance(value, dict) and len(value) <= MAX_ITEMS and all(map(_is_key, value)):
        return Dict(tuple((key, _pack(item, keep, depth - 1)) for key, item in value.items()))
    return keep(value)


def _is_key(key: object) -> bool:
    if type(key) is str:
        return len(key) <= MAX_TEXT and not any("\ud800" <= letter <= "\udfff" for letter in key)
    if type(key) is int:
        return -(2**63) <= key < 2**63
    return key is None or type(key) in (bool, float)


def unpack(value: Value, find: Callable[[Handle], object] = lambda handle: handle) -> Any:
    """The value that crossed, built anew.

    Args:
        value: as it was decoded.
        find: gives what stands behind a handle; without it handles stay handles.

    Returns:
        Python's own types and numpy arrays that share no memory with anything and may be written.

    Raises:
        BadMessage: an array whose bytes do not fit its shape and type, too deep, or too many.
    """
    return _unpack(value, find, MAX_DEPTH + 1)


def _unpack(value: Value, find: Callable[[Handle], object], depth: int) -> Any:
    if not depth:
        raise BadMessage("the value is nested too deeply")
    if isinstance(value, Array):
        return _array(value)
    if isinstance(value, Handle):
        return find(value)
    if isinstance(value, (List, Tuple, Dict)) and len(value.items) > MAX_ITEMS:
        raise BadMessage("the value has too many entries")
    if isinstance(value, List):
        return [_unpack(item, find, depth - 1) for item in value.items]
    if isinstance(value, Tuple):
        return tuple(_unpack(item, find, depth - 1) for item in value.items)
    if isinstance(value, Dict):
        return {key: _unpack(item, find, depth - 1) for key, item in value.items}
    return value


def _array(value: Array) -> Any:
    if value.dtype not in DTYPES or len(value.shape) > 32 or any(n < 0 for n in value.shape):
        raise BadMessage("an array has a type or a shape that arrays do not have")
    dtype = DTYPES[value.dtype]
    if math.prod(value.shape) * dtype.itemsize != len(value.data):
        raise BadMessage("an array's bytes do not fit its shape")
    if value.dtype == "bool" and value.data.strip(b"\0\1"):
        raise BadMessage("an array of bools holds something else")
    try:
        built = np.frombuffer(bytearray(value.data), dtype).reshape(value.shape)
    except ValueError as error:  # an axis too long beside one of length 0
        raise BadMessage("an array has a shape that arrays do not have") from error
    return built[()] if value.scalar and not value.shape else built


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

    layers: tuple[str, ...]
    troubles: tuple[str, ...]


class Sweep(Struct, tag="sweep"):
    """Judge to worker: end everything that was started for the last student process."""


class Swept(Struct, tag="swept"):
    """Worker to judge: nothing of it is left."""


class Run(Struct, tag="run"):
    """Judge to student process: run this cell; with a seed, wind all randomness to it first."""

    source: str
    seed: bytes | None


class Fork(Struct, tag="fork"):
    """Judge to student process, with a socket: fork a process that answers calls on it."""


class Raised(Struct, tag="raised"):
    """An exception of a learner's code: its type, what it says, and the learner's line it left.

    `function` is the one that this line is in.
    """

    type: Words
    message: Sentence
    line: int | None = None
    source: Sentence | None = None
    function: Words | None = None


class Output(Struct, tag="output"):
    """Something a cell showed: `stdout` or `stderr`, or the mime type of what was displayed."""

    kind: str
    data: str


class Ran(Struct, tag="ran"):
    """Student process to judge: the cell has ended, so."""

    error: Raised | None
    outputs: tuple[Output, ...]


class Ready(Struct, tag="ready"):
    """The fork to the judge, its first word."""

    functions: tuple[str, ...]


class Replace(Struct, tag="replace"):
    """Judge to fork: from now on these functions are somebody else's, and calls of them come back.

    They come as `Call` in the place of an answer, and are answered before the answer is sent.
    """

    functions: tuple[str, ...]


class Call(Struct, tag="call"):
    """Judge to fork: call this function; with a seed, wind all randomness to it first."""

    number: int
    function: str
    arguments: tuple[Value, ...]
    keywords: tuple[tuple[str, Value], ...]
    seed: bytes | None = None


class Returned(Struct, tag="returned"):
    """The function returned this; the arguments, by position and then by name, are now these.

    None says that they are what they were.
    """

    number: int
    value: Value
    arguments: tuple[Value, ...] | None


class Failed(Struct, tag="failed"):
    """The function raised."""

    number: int
    error: Raised


class Missing(Struct, tag="missing"):
    """There is no such function."""

    number: int


ToStudent = Run | Fork
ToWorker = Prepare | Open | Sweep
ToFork = Call | Replace
FromFork = Returned | Failed | Missing
AnswerOrCall = FromFork | Call


class Channel:
    """One end of a stream socket on which messages go.

    Args:
        sock: the socket; the channel closes it.
        wait: called with `"read"` or `"write"` when the socket is not ready, and returns when it
            is, or raises. Without one the channel blocks.

    Attributes:
        buffer: what has come in and is not yet received.
    """

    def __init__(self, sock: socket.socket, wait: Callable[[str], None] | None = None) -> None:
        self.sock = sock
        self.wait = wait
        self.buffer = bytearray()
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
            frames += struct.pack(">I", len(body)) + body
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
        (length,) = struct.unpack(">I", self._take(4, read))
        if length > MAX_FRAME:
            raise BadMessage(f"a message of {length} bytes is more than {MAX_FRAME}")
        try:
            return msgspec.msgpack.decode(self._take(length, read), type=kind)
        except (msgspec.DecodeError, RecursionError, ValueError) as error:
            raise BadMessage("a message could not be read") from error

    def _take(self, length: int, read: Callable[[], bytes]) -> bytes:
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
        taken = bytes(self.buffer[:length])
        del self.buffer[:length]
        return taken

    def close(self) -> None:
        """Ends the conversation."""
        self.sock.close()
