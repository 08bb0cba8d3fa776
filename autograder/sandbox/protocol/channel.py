"""Send and receive messages over a stream socket, with a bound on their size."""

from __future__ import annotations

import array
import os
import socket
import struct
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import msgspec

from autograder.sandbox.protocol import limits
from autograder.sandbox.protocol.forms import BadMessage, Struct

HEAD = struct.Struct(">I")
"""The length that stands before each message."""

PIECE_BYTES = 60 * 1024
"""Bytes that are read at once. More would have glibc map memory for each piece (see `STEADY`)."""


decoder = cache(msgspec.msgpack.Decoder)
"""Return the decoder of a type; msgspec looks at the type each time that it makes one."""


class TooLong(Exception):
    """A message is longer than `MAX_MESSAGE_BYTES` and was not sent."""


class Closed(Exception):
    """The other side has gone."""


class Channel:
    """One end of a stream socket on which messages go.

    Args:
        sock: the socket; the channel closes it.
        wait: called with `"read"` or `"write"` when the socket is not ready; returns when it is
            ready, or raises. Without it the channel blocks.

    Attributes:
        buffer: the bytes that have arrived.
        read: how many of these bytes have been received as messages.
    """

    def __init__(self, sock: socket.socket, wait: Callable[[str], None] | None = None) -> None:
        self.sock = sock
        self.wait = wait
        self.buffer = bytearray()
        self.read = 0
        sock.setblocking(wait is None)

    def send(self, *messages: Struct, sockets: Sequence[int] = ()) -> None:
        """Send messages, and the given descriptors with the first message.

        Raises:
            Closed: the other side has gone.
            TooLong: a message is too long; nothing has been sent.
        """
        frames = bytearray()
        for message in messages:
            body = msgspec.msgpack.encode(message)
            if len(body) > limits.MAX_MESSAGE_BYTES:
                raise TooLong(
                    f"a message of {len(body)} bytes is more than {limits.MAX_MESSAGE_BYTES}"
                )
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
        """Receive the next message.

        Raises:
            Closed: the other side has gone.
            BadMessage: the bytes are not a message of this kind.
        """
        return self._decode(kind, lambda: self.sock.recv(PIECE_BYTES))

    def receive_with_descriptor(self, kind: Any) -> tuple[Any, list[int]]:
        """Receive the next message, and the descriptor that came with it, if any.

        Raises:
            Closed: the other side has gone.
            BadMessage: the bytes are not a message of this kind.
        """
        passed: list[int] = []

        def read() -> bytes:
            piece, descriptors, _flags, _address = socket.recv_fds(self.sock, PIECE_BYTES, 1)
            for descriptor in descriptors:
                os.set_inheritable(descriptor, False)  # no command that a cell starts gets it
            passed.extend(descriptors)
            return piece

        return self._decode(kind, read), passed

    def _decode(self, kind: Any, read: Callable[[], bytes]) -> Any:
        self._read_exactly(HEAD.size, read)
        length = self._length()
        if length > limits.MAX_MESSAGE_BYTES:
            raise BadMessage(f"a message of {length} bytes is more than {limits.MAX_MESSAGE_BYTES}")
        end = HEAD.size + length
        self._read_exactly(end, read)
        frame = bytes(memoryview(self.buffer)[self.read + HEAD.size : self.read + end])
        self.read += end
        try:
            return decoder(kind).decode(frame)
        except (msgspec.DecodeError, RecursionError, ValueError) as error:
            raise BadMessage("a message could not be read") from error

    @property
    def pending(self) -> bool:
        """Whether there are bytes that have not been received as a message."""
        return len(self.buffer) > self.read

    @property
    def has_message(self) -> bool:
        """Whether the whole next message has arrived."""
        come = len(self.buffer) - self.read
        return come >= HEAD.size and come - HEAD.size >= self._length()

    def _length(self) -> int:
        (length,) = HEAD.unpack_from(self.buffer, self.read)
        return int(length)

    def _read_exactly(self, length: int, read: Callable[[], bytes]) -> None:
        """Read until this many unprocessed bytes are in the buffer."""
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
        """Close the socket."""
        self.sock.close()
