"""What crosses comes out as it went in, and nothing that a stranger sends does harm."""

from __future__ import annotations

import array
import collections
import contextlib
import dataclasses
import math
import os
import socket
import struct
import subprocess
import sys
import threading
import time
import timeit
from collections.abc import Callable
from decimal import Decimal
from enum import Enum, IntEnum
from fractions import Fraction
from functools import partial
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.sandbox.protocol import limits, values, wire
from tests.helpers.strategies import ARRAYS, VALUES

SILENT = Exception("nothing came")

NOTHING = wire.Call(0, "f", (), ())
"""A call that gives the function nothing."""


def refuse(value: object) -> wire.Handle:
    raise AssertionError(f"{value!r} has a form of its own")


def opened(message: Any) -> Any:
    """Return a message as somebody sees it who looks into it."""
    return message.open(wire.sent(NOTHING)) if isinstance(message, wire.Sealed) else message


def crossed(message: wire.Struct, kind: Any) -> Any:
    """Return a message after it went through a socket."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        wire.Channel(theirs).send(message)
        return opened(wire.Channel(ours).receive(kind))


def received(sent: bytes, kind: Any = wire.FromFork) -> Any:
    """Return what the judge reads where a stranger sends these bytes and hangs up."""
    ours, theirs = socket.socketpair()
    with ours:
        sender = threading.Thread(target=_send_and_hang_up, args=(theirs, sent))
        sender.start()
        try:
            return opened(wire.Channel(ours).receive(kind))
        finally:
            ours.close()
            sender.join()


def _send_and_hang_up(sock: socket.socket, sent: bytes) -> None:
    with sock, contextlib.suppress(ConnectionError):
        sock.sendall(sent)


def framed(body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + body


def returned(value: Any) -> bytes:
    """Return a frame in which a function returns this, given as msgpack has it."""
    return framed(msgspec.msgpack.encode(["returned", 1, value, []]))


def alike(one: Any, other: Any) -> bool:
    """Return whether two values are the same to the last bit, in type too."""
    if type(one) is not type(other):
        return False
    if isinstance(one, np.ma.MaskedArray):
        parts = (np.ma.getdata, np.ma.getmaskarray)
        return all(alike(part(one), part(other)) for part in parts)
    if isinstance(one, (np.ndarray, np.generic)) and one.dtype.hasobject:
        return one.shape == other.shape and alike(one.tolist(), other.tolist())
    if isinstance(one, (np.ndarray, np.generic)):
        same_form = one.dtype == other.dtype and one.shape == other.shape
        return bool(same_form and one.tobytes() == other.tobytes())
    if isinstance(one, complex):
        return alike(one.real, other.real) and alike(one.imag, other.imag)
    if isinstance(one, Decimal):
        return str(one) == str(other)
    if isinstance(one, float):
        return struct.pack(">d", one) == struct.pack(">d", other)
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(map(alike, one, other))
    if isinstance(one, dict):
        pairs = zip(one.items(), other.items(), strict=False)
        return len(one) == len(other) and all(alike(a, b) for a, b in pairs)
    return bool(one == other)


@given(VALUES)
def test_every_declared_value_comes_out_as_it_went_in(value: Any) -> None:
    message = wire.Returned(7, wire.pack(value, refuse), ())
    assert alike(wire.unpack(crossed(message, wire.FromFork).value), value)


@given(ARRAYS)
def test_an_array_comes_out_whatever_its_order_and_byte_order_were(value: Any) -> None:
    swapped = value.astype(value.dtype.newbyteorder(">"))
    strided = np.empty((*value.shape, 2), value.dtype)[..., 0]
    strided[...] = value
    for form in (swapped, value.copy(order="F"), strided):
        there = wire.unpack(wire.pack(form, refuse))
        assert there.dtype == value.dtype
        assert there.dtype.isnative
        assert np.array_equal(there, value, equal_nan=value.dtype.kind in "fc")


def test_the_bits_of_a_nan_survive() -> None:
    odd = np.array([0x7FF8_0000_DEAD_BEEF, 0xFFF0_0000_0000_0001], dtype=np.uint64)
    there = wire.unpack(wire.pack(odd.view(np.float64), refuse))
    assert there.view(np.uint64).tolist() == odd.tolist()


@given(ARRAYS)
def test_an_unpacked_array_may_be_written_and_shares_no_memory(value: Any) -> None:
    packed = wire.pack(value, refuse)
    assert isinstance(packed, wire.Array)
    before = bytes(packed.data)
    one, other = wire.unpack(packed), wire.unpack(packed)
    one[...] = ~one if one.dtype == bool else one + np.ones((), one.dtype)
    assert packed.data == before
    assert other.tobytes() == before
    assert not np.shares_memory(one, other)


AXES_64 = np.lib.NumpyVersion(np.__version__) >= "2.0.0"


class Strange:
    pass


NESTED: list[Any] = []
for _ in range(limits.MAX_VALUE_DEPTH + 1):
    NESTED = [NESTED]


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(Strange(), id="an object"),
        pytest.param({Strange()}, id="a set of objects"),
        pytest.param(len, id="a function"),
        pytest.param(1 << (8 * limits.MAX_INTEGER_BYTES), id="an int of too many bytes"),
        pytest.param(Fraction(1, 10 ** (limits.MAX_EXACT_DIGITS + 9)), id="a long fraction"),
        pytest.param(Decimal("sNaN"), id="a decimal that raises when it is compared"),
        pytest.param(range(10**9), id="a range too long"),
        pytest.param(np.array(["\ud800"]), id="an array with half a character"),
        pytest.param(np.zeros(2, "V8"), id="an array of bytes without a meaning"),
        pytest.param({Strange(): 3}, id="a dict with an object for a key"),
        pytest.param({"\ud800": 1}, id="a dict with half a character for a key"),
        pytest.param(
            {"k" * (limits.MAX_STRING_CHARACTERS + 1): 1}, id="a dict with an endless key"
        ),
        pytest.param([None] * (limits.MAX_CONTAINER_ITEMS + 1), id="a list too long"),
        pytest.param(np.zeros((1,) * 33) if AXES_64 else [0] * 10**6, id="an array of many axes"),
    ],
)
def test_what_has_no_form_is_kept_and_a_handle_stands_for_it(value: object) -> None:
    kept: list[object] = []

    def keep(each: object) -> wire.Handle:
        kept.append(each)
        return wire.Handle(len(kept), "kept")

    packed = wire.pack([1, value], keep)
    assert packed == wire.List((1, wire.Handle(1, "kept")))
    assert len(kept) == 1
    assert kept[0] is value
    message = crossed(wire.Returned(1, packed, ()), wire.FromFork)
    assert wire.unpack(message.value) == [1, wire.Handle(1, "kept")]

    def find(handle: wire.Handle | wire.Known) -> object:
        assert isinstance(handle, wire.Handle)
        return kept[handle.number - 1]

    assert wire.unpack(message.value, find)[1] is value


class Text(str):
    """It tells another text than it holds, and is equal to nothing."""

    __hash__ = object.__hash__

    def __str__(self) -> str:
        return "another"

    def __eq__(self, _other: object) -> bool:
        return False


class Named(str, Enum):  # noqa: UP042  # whose str() is another text than it holds
    W1 = "weights"


class Numbered(IntEnum):
    ONE = 1


@pytest.mark.parametrize(
    ("key", "plain"),
    [
        pytest.param(np.str_("W1"), "W1", id="numpy's text"),
        pytest.param(np.int64(7), 7, id="numpy's int"),
        pytest.param(np.float32(0.5), 0.5, id="numpy's float"),
        pytest.param(np.float64(0.1), 0.1, id="a float that is numpy's"),
        pytest.param(np.bool_(True), True, id="numpy's bool"),
        pytest.param(Named.W1, "weights", id="a text in an enumeration"),
        pytest.param(Numbered.ONE, 1, id="a number in an enumeration"),
        pytest.param(Text("W1"), "W1", id="a text that tells another"),
    ],
)
def test_a_key_that_holds_a_plain_one_crosses_as_that(key: Any, plain: Any) -> None:
    there = wire.unpack(
        crossed(wire.Returned(1, wire.pack({key: 2}, refuse), ()), wire.FromFork).value
    )
    assert alike(there, {plain: 2})


@pytest.mark.parametrize("text", [np.str_("relu"), Text("relu")], ids=["numpy's", "own"])
def test_a_text_crosses_as_what_it_holds(text: str) -> None:
    assert alike(wire.unpack(wire.pack([text], refuse)), ["relu"])


class Shy:
    def __repr__(self) -> str:
        raise ValueError


class Half:
    def __repr__(self) -> str:
        return "\ud800"


class Index:
    pass


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (
            {"W1": 1, len: 3},
            "a dict with a key that is no plain text or number: <built-in function len>",
        ),
        ({Shy(): 1}, "a dict with a key that is no plain text or number: a Shy"),
        ({Half(): 1}, "a dict with a key that is no plain text or number: ?"),
        ({Text("W1"): 1, Text("W1"): 2}, "a dict with two keys that are both 'W1'"),
        (
            [0] * (limits.MAX_CONTAINER_ITEMS + 1),
            "a list of 100001, larger or deeper than can be graded",
        ),
        (np.zeros(1, "V8"), "an array of |V8"),
        pytest.param(
            1 << (8 * limits.MAX_INTEGER_BYTES), "an int of more than 65536 bytes", id="an int"
        ),
        ({len}, "a set of 1, of which some cannot be graded"),
        (iter([]), "a list_iterator"),
        (Index(), "an Index"),
    ],
)
def test_what_is_kept_is_described_and_it_is_said_which_key_is_odd(
    value: object, words: str | None
) -> None:
    packed = wire.pack(value, lambda each: wire.Handle(0, wire.described(each)))
    assert isinstance(packed, wire.Handle)
    assert words is None or packed.described == words
    crossed(wire.Returned(1, packed, ()), wire.FromFork)


def test_a_value_nested_too_deeply_is_kept_from_where_it_is_too_deep() -> None:
    kept: list[object] = []

    def keep(each: object) -> wire.Handle:
        kept.append(each)
        return wire.Handle(0, "the rest")

    there = wire.unpack(wire.pack(NESTED, keep))
    for _ in range(limits.MAX_VALUE_DEPTH):
        there = there[0]
    assert there == wire.Handle(0, "the rest")
    assert len(kept) == 1


def test_text_with_half_a_character_crosses_without_it() -> None:
    assert wire.unpack(wire.pack("a\ud800b", refuse)) == "a?b"


@given(st.text(max_size=50) | st.floats() | st.integers())
def test_subclasses_of_pythons_types_cross_as_the_types_themselves(value: Any) -> None:
    mine: Any = type("Mine", (type(value),), {})
    kept = wire.Handle(0, "")
    there = wire.unpack(wire.pack(mine(value), lambda _: kept))
    assert there is kept or type(there) is type(value)


def test_a_longer_message_than_may_be_is_not_sent() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        large = wire.pack(np.zeros(limits.MAX_MESSAGE_BYTES // 8), refuse)
        with pytest.raises(wire.TooLong):
            wire.Channel(ours).send(wire.Returned(1, large, ()))
        theirs.setblocking(False)
        with pytest.raises(BlockingIOError):
            theirs.recv(1)


def taken(sent: bytes) -> Any:
    """Return what a judge makes of a stranger's bytes: a value, or the exception that says no."""
    try:
        message = received(sent)
        return wire.unpack(message.value) if isinstance(message, wire.Returned) else message
    except (wire.BadMessage, wire.Closed) as refusal:
        return refusal


@given(st.binary(max_size=200))
def test_any_bytes_in_a_frame_end_in_a_message_or_in_bad_message(body: bytes) -> None:
    assert not isinstance(taken(framed(body)), wire.Closed)


@given(st.binary(max_size=200))
def test_any_bytes_at_all_end_in_a_message_a_refusal_or_a_hang_up(sent: bytes) -> None:
    outcome = taken(sent)
    if len(sent) < 4:
        assert isinstance(outcome, wire.Closed)


@settings(max_examples=300)
@given(VALUES, st.data())
def test_a_valid_frame_with_altered_bytes_does_no_harm(value: Any, data: st.DataObject) -> None:
    kept = wire.Handle(3, "a thing")
    message = wire.Returned(1, wire.pack([value, value], lambda _: kept), (kept,))
    body = bytearray(msgspec.msgpack.encode(message))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(body) - 1))
        body[place] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(body)) | st.just(len(body)))
    assert not isinstance(taken(framed(bytes(body[:cut]))), wire.Closed)


def nested(depth: int) -> Any:
    value: Any = None
    for _ in range(depth):
        value = ["list", [value]]
    return value


DEEP = b"\x92\xa4list\x91" * 200_000 + b"\xc0"

BAD = {
    "a scalar with axes": ["array", "int8", [1], b"\0", True],
    "a number beyond 64 bits with a sign": 2**63,
    "a key beyond 64 bits with a sign": ["dict", [[2**64 - 1, None]]],
    "an endless text": "x" * (limits.MAX_STRING_CHARACTERS + 1),
    "an endless key": ["dict", [["x" * (limits.MAX_STRING_CHARACTERS + 1), None]]],
    "too many entries in lists that are short": ["list", [["list", [1] * 50_000]] * 6],
    "33 axes": ["array", "int8", [1] * 33, b"\0", False],
    "a type that no array has": ["array", "float63", [1], b"\0" * 8, False],
    "an array of objects": ["array", "object", [1], b"\0" * 8, False],
    "an array of text": ["array", "<U2", [1], b"\0" * 8, False],
    "a long double": ["array", "longdouble", [1], b"\0" * 16, False],
    "no type": ["array", "", [1], b"\0" * 8, False],
    "a negative axis": ["array", "float64", [-1], b"\0" * 8, False],
    "two negative axes": ["array", "float64", [-1, -1], b"\0" * 8, False],
    "too few bytes": ["array", "float64", [2], b"\0" * 8, False],
    "too many bytes": ["array", "float64", [0], b"\0" * 8, False],
    "a shape that wraps around to nothing": ["array", "int8", [2**32, 2**32], b"", False],
    "more axes than arrays have": ["array", "int8", [1] * 80, b"\0", False],
    "an axis beyond an index, beside an empty one": ["array", "int8", [2**64 - 1, 0], b"", False],
    "an axis that is no number": ["array", "int8", ["1"], b"\0", False],
    "an axis that is a float": ["array", "int8", [1.5], b"\0", False],
    "a bool that is 2": ["array", "bool", [2], b"\1\2", False],
    "text for bytes": ["array", "int8", [1], "a", False],
    "a number for a scalar's flag": ["array", "int8", [], b"\0", 2],
    "an unknown tag": ["object", []],
    "a number for a tag": [1, []],
    "no tag": [],
    "too many fields": ["list", [], 1],
    "too few fields": ["dict"],
    "a dict whose key is a list": ["dict", [[["list", []], 1]]],
    "a dict of triples": ["dict", [[1, 2, 3]]],
    "a map": {"list": []},
    "bytes": b"abc",
    "an integer of too many bytes": ["integer", bytes(limits.MAX_INTEGER_BYTES + 1)],
    "a fraction over nothing": ["ratio", 1, 0],
    "a fraction of a float": ["ratio", 1.0, 2],
    "a long fraction": ["ratio", ["integer", bytes(4000)], 2],
    "a decimal number that is none": ["decimal", "1_0"],
    "a decimal number that raises": ["decimal", "sNaN"],
    "a decimal number with a far exponent": ["decimal", "1E+99999999"],
    "an endless range": ["range", 0, 10**12, 1],
    "a range without steps": ["range", 0, 1, 0],
    "a set of lists": ["set", [["list", []]], False],
    "a set with an entry twice": ["set", [1, 1.0], False],
    "a set of equal hashes": [
        "set",
        [["integer", (k * (2**61 - 1)).to_bytes(20, "little")] for k in range(1, 200)],
        False,
    ],
    "a dict whose key is a dict": ["map", [[["dict", []], 1]]],
    "a date that is none": ["moment", "date", "2023-02-30"],
    "a moment of another kind": ["moment", "week", "2023-02-01"],
    "a duration beyond time": ["duration", 10**12, 0, 0],
    "a record with too few values": ["record", "tuple", "P", ["x", "y"], [1]],
    "a record whose field is no name": ["record", "tuple", "P", ["x y"], [1]],
    "a record with a field twice": ["record", "dataclass", "P", ["x", "x"], [1, 2]],
    "a record of another kind": ["record", "class", "P", ["x"], [1]],
    "text beyond Unicode": ["typed", "U1", [], [1], b"\xff\xff\xff\x7f", False],
    "text with half a character": ["typed", "U1", [], [1], b"\0\xd8\0\0", False],
    "text of no length": ["typed", "U0", [], [2**40], b"", False],
    "objects as bytes": ["typed", "O", [], [1], b"\0" * 8, False],
    "an unknown unit of time": ["typed", "M8[x]", [], [1], b"\0" * 8, False],
    "a field of objects": ["typed", "", [["field", "a", "O", [], []]], [1], b"\0" * 8, False],
    "a field twice": ["typed", "", [["field", "a", "int8", [], []]] * 2, [1], b"\0\0", False],
    "a field that is a bool of 2": [
        *("typed", "", [["field", "a", "bool", [], []]], [1], b"\2", False),
    ],
    "a field as large as memory": [
        *("typed", "", [["field", "a", "int8", [], [2**40]]], [0], b"", False),
    ],
    "objects of another number": ["objects", [3], [1, 2]],
    "a mask of another shape": [
        *("masked", ["array", "int8", [1], b"\0", False], ["array", "bool", [2], b"\0\0", False]),
    ],
    "a mask of numbers": [
        *("masked", ["array", "int8", [1], b"\0", False], ["array", "int8", [1], b"\0", False]),
    ],
    "a column that is no array": ["series", ["column", "", 1], 1, None],
    "a column of an unknown type": [
        *("series", ["column", "period[M]", ["objects", [1], [1]]]),
        *(["labels", ["range", 0, 1, 1], [None], False], None),
    ],
    "a time zone that is a file": [
        *("column", "datetime64[ns, dateutil//etc/passwd]", ["objects", [1], [1]]),
    ],
    "a table whose index is longer": [
        *("frame", [["column", "", ["array", "int8", [1], b"\0", False]]]),
        *(["labels", ["range", 0, 1, 1], [None], False],),
        ["labels", ["range", 0, 2, 1], [None], False],
    ],
    "a name of a column that is a list": [
        *("series", ["column", "", ["array", "int8", [1], b"\0", False]]),
        *(["labels", ["range", 0, 1, 1], [None], False], ["list", []]),
    ],
    "a handle without a number": ["handle", None, "x"],
    "a handle with a long story": ["handle", 1, "x" * 101],
    "too deep": nested(limits.MAX_VALUE_DEPTH + 1),
    "too many entries in a list": ["list", [None] * (limits.MAX_CONTAINER_ITEMS + 1)],
    "too many entries in a dict": [
        "dict",
        [[i, None] for i in range(limits.MAX_CONTAINER_ITEMS + 1)],
    ],
}


@pytest.mark.parametrize("value", BAD.values(), ids=BAD.keys())
def test_a_value_that_no_honest_process_sends_is_a_bad_message(value: Any) -> None:
    with pytest.raises(wire.BadMessage):
        wire.unpack(received(returned(value)).value)


@pytest.mark.parametrize("depth", [1, limits.MAX_VALUE_DEPTH])
def test_as_deep_as_may_be_is_no_bad_message(depth: int) -> None:
    there = wire.unpack(received(returned(nested(depth))).value)
    for _ in range(depth):
        (there,) = there
    assert there is None


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\xc1", id="a byte that msgpack does not use"),
        pytest.param(msgspec.msgpack.encode(["missing", 1]) + b"\0", id="a byte too many"),
        pytest.param(msgspec.msgpack.encode(["missing", 1])[:-1], id="a byte too few"),
        pytest.param(msgspec.msgpack.encode(["ran", None, []]), id="a message of another kind"),
        pytest.param(msgspec.msgpack.encode(["missing", 2**64 - 1, 1]), id="a field too many"),
        pytest.param(msgspec.msgpack.encode(["missing", "1"]), id="text for a number"),
        pytest.param(b"\xdd\xff\xff\xff\xff", id="four thousand million entries to come"),
        *(
            pytest.param(b"\x94\xa8returned\x01" + lie + b"\xdd\xff\xff\xff\xff", id=repr(lie))
            for lie in (
                b"\x92\xa4list",
                b"\x92\xa5tuple",
                b"\x92\xa4dict",
                b"\x95\xa5array\xa4int8",
            )
        ),
        pytest.param(b"\x94\xa8returned\x01\xc0\xdd\xff\xff\xff\xff", id="endless arguments"),
        pytest.param(b"\x94\xa8returned\x01" + DEEP + b"\xc0", id="nested without an end"),
        pytest.param(b"\x94\xa8returned\x01\xa3\xed\xa0\x80\xc0", id="half a character"),
        pytest.param(
            msgspec.msgpack.encode(["failed", 1, ["raised", "E", "x" * 501, None, None]]),
            id="an exception with a long story",
        ),
        pytest.param(
            msgspec.msgpack.encode(["failed", 1, ["raised", "E" * 101, "", None, None]]),
            id="an exception of a long type",
        ),
    ],
)
def test_a_frame_that_is_no_message_is_a_bad_message(body: bytes) -> None:
    with pytest.raises(wire.BadMessage):
        received(framed(body))


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (wire.Ready, ["ready", ["f"] * 1001]),
        (wire.Ready, ["ready", ["f" * 101]]),
        (wire.Ran, ["ran", None, [["output", "stdout", ""]] * 50_001]),
        (wire.Ran, ["ran", None, [["output", "stdout", "x" * 500_001]]]),
        (wire.Ran, ["ran", None, [["output", "x" * 101, ""]]]),
        (wire.Ran, ["ran", ["raised", "E", "", 2**64 - 1, None], []]),
        (wire.AnswerOrCall, ["call", 1, "f" * 101, [], [], None]),
        (wire.AnswerOrCall, ["call", 1, "f", [None] * 1001, [], None]),
        (wire.AnswerOrCall, ["call", 1, "f", [], [["x", None]] * 1001, None]),
        (wire.FromFork, ["returned", 1, None, [None] * 1001]),
        (wire.FromFork, ["call", 1, "f", [], [], None]),
        (wire.FromFork, ["missing", -(2**63) - 0.5]),
        (wire.FromFork, ["missing", 2**64 - 1]),
    ],
)
def test_every_sequence_and_every_text_has_a_bound(kind: Any, body: Any) -> None:
    with pytest.raises(wire.BadMessage):
        received(framed(msgspec.msgpack.encode(body)), kind)


def test_what_doubles_at_every_step_is_kept_in_the_end_and_not_packed_for_ever() -> None:
    value: Any = [0]
    for _ in range(20):
        value = [value] * 8
    packed = wire.pack(value, lambda _: wire.Handle(0, "the rest"))
    assert wire.size(packed) < 20 * limits.MAX_VALUE_ITEMS


HUNDRED_THOUSAND = b"\x92\xa4list\xdd" + struct.pack(">I", limits.MAX_CONTAINER_ITEMS)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"\x92\xa4list\xdd\x00\xf4\x24\x00" + b"\x01" * 16_000_000, id="long"),
        pytest.param(
            b"\x92\xa4list\xdc\x00\xa0" + (HUNDRED_THOUSAND + b"\1" * 100_000) * 160, id="wide"
        ),
        pytest.param(
            b"\x92\xa4list\x9f" + (HUNDRED_THOUSAND + b"\x92\xa4list\x90" * 100_000) * 15,
            id="many",
        ),
    ],
)
def test_the_largest_frames_are_refused_in_a_moment(body: bytes) -> None:
    start = time.process_time()
    with pytest.raises(wire.BadMessage):
        wire.unpack(received(framed(b"\x94\xa8returned\x01" + body + b"\xc0")).value)
    assert time.process_time() - start < 10


@given(VALUES, st.integers(0, 40))
def test_what_was_received_can_be_given_back(value: Any, depth: int) -> None:
    for _ in range(depth):
        value = [value]
    kept = wire.Handle(0, "")
    there = wire.unpack(wire.pack(value, lambda _: kept))
    wire.pack(there, lambda handle: handle if isinstance(handle, wire.Handle) else refuse(handle))


def test_a_frame_that_says_it_is_too_long_is_refused_before_it_is_read() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(struct.pack(">I", limits.MAX_MESSAGE_BYTES + 1))
        ours.settimeout(10)  # nothing more will come
        channel = wire.Channel(ours)
        with pytest.raises(wire.BadMessage):
            channel.receive(wire.FromFork)


@pytest.mark.parametrize("cut", [0, 1, 3, 4, 5, -1])
def test_who_hangs_up_in_the_middle_of_a_frame_has_gone(cut: int) -> None:
    sent = returned(["list", [1, 2, 3]])
    with pytest.raises(wire.Closed):
        received(sent[:cut])


def test_a_frame_that_says_it_is_shorter_spoils_only_itself_and_what_follows() -> None:
    body = msgspec.msgpack.encode(["missing", 1])
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(framed(body) + struct.pack(">I", len(body) - 1) + body)
        channel = wire.Channel(ours)
        assert channel.receive(wire.FromFork) == wire.Missing(1)
        with pytest.raises(wire.BadMessage):
            channel.receive(wire.FromFork)


def test_sending_to_who_has_gone_says_so() -> None:
    ours, theirs = socket.socketpair()
    theirs.close()
    with ours, pytest.raises(wire.Closed):
        wire.Channel(ours).send(wire.Swept())


def test_messages_come_out_one_by_one_in_their_order() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        wire.Channel(theirs).send(*(wire.Missing(number) for number in range(100)))
        channel = wire.Channel(ours)
        numbers = [channel.receive(wire.FromFork).number for _ in range(100)]
    assert numbers == list(range(100))


def test_descriptors_that_nobody_asked_for_are_not_kept() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs, open(os.devnull) as file:
        passed = array.array("i", [file.fileno()] * 20)
        theirs.sendmsg(
            [framed(msgspec.msgpack.encode(["missing", 1]))],
            [(socket.SOL_SOCKET, socket.SCM_RIGHTS, passed)],
        )
        before = os.listdir("/proc/self/fd")
        assert wire.Channel(ours).receive(wire.FromFork) == wire.Missing(1)
        assert os.listdir("/proc/self/fd") == before


def test_a_descriptor_that_was_asked_for_is_the_file_that_was_sent() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs, open(os.devnull) as file:
        wire.Channel(theirs).send(wire.Opened(), sockets=[file.fileno()])
        message, (descriptor,) = wire.Channel(ours).receive_with_descriptor(wire.Opened)
        try:
            assert message == wire.Opened()
            assert os.path.samestat(os.fstat(descriptor), os.fstat(file.fileno()))
            assert not os.get_inheritable(descriptor)
        finally:
            os.close(descriptor)


def test_a_channel_that_waits_reads_what_comes_in_pieces() -> None:
    ours, theirs = socket.socketpair()
    sent = returned(["list", list(range(5))])
    pieces = iter(sent[i : i + 1] for i in range(len(sent)))

    def wait(event: str) -> None:
        assert event == "read"
        theirs.sendall(next(pieces))

    with ours, theirs:
        message = wire.Channel(ours, wait).receive(wire.FromFork)
        assert wire.unpack(opened(message).value) == [0, 1, 2, 3, 4]


def test_what_wait_raises_ends_the_reading() -> None:
    def wait(_event: str) -> None:
        raise SILENT

    ours, theirs = socket.socketpair()
    with ours, theirs:
        channel = wire.Channel(ours, wait)
        with pytest.raises(Exception, match=str(SILENT)) as caught:
            channel.receive(wire.FromFork)
    assert caught.value is SILENT


@pytest.mark.parametrize("build", [math.inf, -math.inf, -0.0, 5e-324, True, -(2**63), "é", ()])
def test_a_few_values_that_are_easily_spoiled(build: Any) -> None:
    assert alike(wire.unpack(wire.pack(build, refuse)), build)


def test_a_handle_stands_for_what_the_sender_says_it_does() -> None:
    def find(handle: wire.Handle | wire.Known) -> object:
        assert isinstance(handle, wire.Handle)
        return {1: "one", 2: "two"}[handle.number]

    value = wire.Tuple((wire.Handle(1, ""), wire.Handle(2, "")))
    assert wire.unpack(value, find) == ("one", "two")


Point = collections.namedtuple("Point", "x y")  # as students write it


@dataclasses.dataclass(frozen=True)
class Body:
    mass: float
    place: tuple[int, ...]


def there(value: object) -> Any:
    """Return a value after it has crossed."""
    return wire.unpack(crossed(wire.Returned(1, wire.pack(value, refuse), ()), wire.FromFork).value)


def test_a_named_tuple_keeps_its_names_and_is_a_tuple_of_ours() -> None:
    point = there(Point(1, [2]))
    assert (point.x, point.y, point[1]) == (1, [2], [2])
    assert point == Point(1, [2])
    assert type(point) is values.Fields
    assert repr(point) == "Point(x=1, y=[2])"
    with pytest.raises(AttributeError):
        _ = point.z


def test_a_dataclass_keeps_its_fields_and_equals_one_of_the_same_name() -> None:
    body = there(Body(1.5, (1, 2)))
    assert type(body) is values.Data
    assert body == Body(1.5, (1, 2))
    assert Body(1.5, (1, 2)) == body
    assert body != Body(1.5, (1, 3))
    assert body != dataclasses.make_dataclass("Soul", ["mass", "place"])(1.5, (1, 2))
    assert there({Body(1.5, (1,))}) == {Body(1.5, (1,))}


def test_a_record_becomes_one_of_the_receivers_own_class_if_the_fields_are_the_same() -> None:
    record = wire.pack([Point(1, 2), Body(2.0, ())], refuse)

    def given(names: dict[str, Any]) -> Any:
        return wire.unpack(record, revive=partial(wire.revived, names))

    assert [type(each) for each in given({"Point": Point, "Body": Body})] == [Point, Body]
    other = dataclasses.make_dataclass("Body", ["weight"])
    strangers = given({"Point": dict, "Body": other})
    assert [type(each) for each in strangers] == [values.Fields, values.Data]


FRAMES: dict[str, Callable[[Any], Any]] = {
    "a Series": lambda pd: pd.Series([1.5, None], index=["a", "b"], name="x"),
    "a DataFrame": lambda pd: pd.DataFrame({"a": [1, 2], "b": ["x", None], "c": [True, False]}),
    "no rows": lambda pd: pd.DataFrame({"a": []}),
    "nothing": lambda pd: pd.DataFrame(),
    "an index of two levels": lambda pd: pd.DataFrame(
        {"a": [1, 2], "b": [3, 4], "c": [5, 6]}
    ).set_index(["a", "b"]),
    "groups": lambda pd: pd.DataFrame({"a": [1, 1, 2], "b": [1.0, 2, 3]}).groupby("a").mean(),
    "dates": lambda pd: pd.Series(1, index=pd.date_range("2024", periods=3)),
    "a zone": lambda pd: pd.Series(pd.to_datetime(["2024-01-01"]).tz_localize("Europe/Berlin")),
    "categories": lambda pd: pd.Series(["a", "b", "a"], dtype="category"),
    "whole numbers with gaps": lambda pd: pd.Series([1, None], dtype="Int64"),
    "an Index": lambda pd: pd.DataFrame({"a": [1], "b": [2]}).columns,
    "an array of text": lambda pd: pd.Series(["a", "b"]).unique(),
    "objects": lambda pd: pd.Series([1, "a", (2, 3)]),
}


@pytest.mark.parametrize("make", FRAMES.values(), ids=FRAMES.keys())
def test_what_pandas_has_comes_out_as_it_went_in(make: Callable[[Any], Any]) -> None:
    pandas = pytest.importorskip("pandas")
    value = make(pandas)
    same = there(value)
    assert type(same) is type(value)
    kind = type(value).__name__
    if kind == "Series":
        pandas.testing.assert_series_equal(same, value, check_freq=False)
    elif kind == "DataFrame":
        pandas.testing.assert_frame_equal(same, value)
    else:
        assert list(same) == list(value)


@pytest.mark.parametrize("name", ["Timestamp", "Timedelta"])
def test_moments_of_pandas_come_out_as_such(name: str) -> None:
    pandas = pytest.importorskip("pandas")
    moment = pandas.Timestamp("2024-01-02T03:04:05.000000006")
    value = moment if name == "Timestamp" else moment - pandas.Timestamp("2024-01-01")
    assert type(there(value)) is type(value)
    assert there(value) == value
    assert there(pandas.NaT) is pandas.NaT
    assert there(pandas.NA) is pandas.NA


def test_only_a_value_of_pandas_imports_pandas() -> None:
    code = (
        "import sys\n"
        "from autograder.sandbox.protocol import wire\n"
        "wire.unpack(wire.pack([{2}, 10**40, object], lambda _: wire.Handle(0, '')))\n"
        "assert 'pandas' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_stranger_cannot_name_a_function() -> None:
    value = received(returned(["known", b"0" * 16])).value
    functions = wire.Functions({}, wire.unpack)
    functions.take([wire.Function("f", "f = 1")])
    with pytest.raises(wire.BadMessage):
        functions.find(value)


@pytest.mark.parametrize("digits", [10**3, 10**4, 10**5])
def test_a_long_integer_is_read_in_the_time_that_its_bytes_take(digits: int) -> None:
    value = 10**digits
    assert there(value) == value
    assert min(timeit.repeat(lambda: there(value), number=1, timer=time.thread_time)) < 0.1
