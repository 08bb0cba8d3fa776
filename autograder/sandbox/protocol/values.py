"""Convert values that cross between the judge and a student process to and from their wire form.

A value is None, a bool, a number, a string, an array of plain numbers, or a list, tuple or dict of
values. Anything else stays with the sender, and a `Handle` is sent in its place.

Values are bounded while they are decoded, and again while they are unpacked: strings, entries of
one container and of all together, depth, axes. The bytes of an array must fit its shape and type.
An honest sender keeps a value that exceeds a bound, and sends a handle.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Annotated, Any, Literal, get_args

import msgspec
import numpy as np

from autograder.sandbox.protocol import limits

Words = Annotated[str, msgspec.Meta(max_length=limits.MAX_NAME_CHARACTERS)]
Text = Annotated[str, msgspec.Meta(max_length=limits.MAX_STRING_CHARACTERS)]
Int = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
Sentence = Annotated[str, msgspec.Meta(max_length=limits.MAX_SENTENCE_CHARACTERS)]
"""Text of a student's that stands in a sentence for people."""

# fmt: off
Dtype = Literal[
    "bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
    "float16", "float32", "float64", "complex64", "complex128",
]
# fmt: on
Length = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
DTYPES: dict[Dtype, np.dtype[Any]] = {name: np.dtype(name) for name in get_args(Dtype)}
NAMES = {dtype: name for name, dtype in DTYPES.items()}


class BadMessage(Exception):
    """A message that cannot be what it should be; nothing of it is used."""


class _OddKey(Exception):
    """A dict has keys that cannot cross as they are; the text says which, as what the dict has."""


class Struct(msgspec.Struct, array_like=True, forbid_unknown_fields=True, tag_field="tag"):
    """A message or a part of one: a msgpack array that starts with the name of its type."""


class Array(Struct, tag="array"):
    """A numpy array, or a numpy scalar: entries in C order, as this machine has them."""

    dtype: Dtype
    shape: Annotated[tuple[Length, ...], msgspec.Meta(max_length=limits.MAX_ARRAY_AXES)]
    data: bytes
    scalar: bool = False


class List(Struct, tag="list"):
    """A list."""

    items: Annotated[tuple[Value, ...], msgspec.Meta(max_length=limits.MAX_CONTAINER_ITEMS)]


class Tuple(Struct, tag="tuple"):
    """A tuple."""

    items: Annotated[tuple[Value, ...], msgspec.Meta(max_length=limits.MAX_CONTAINER_ITEMS)]


class Dict(Struct, tag="dict"):
    """A dict; its keys are None, bools, numbers and strings."""

    items: Annotated[
        tuple[tuple[Key, Value], ...], msgspec.Meta(max_length=limits.MAX_CONTAINER_ITEMS)
    ]


class Handle(Struct, tag="handle"):
    """A value that stays in the student's process: its number there, and a description."""

    number: Int
    described: Words


Key = bool | Int | float | Text | None
Value = bool | Int | float | Text | Array | List | Tuple | Dict | Handle | None


def size(value: Value) -> int:
    """Estimate the bytes that a value takes on the wire."""
    if isinstance(value, Array):
        return len(value.data) + 32
    if isinstance(value, str):
        return len(value) + 8
    if isinstance(value, (List, Tuple)):
        return sum(map(size, value.items)) + 8
    if isinstance(value, Dict):
        return sum(size(key) + size(item) for key, item in value.items) + 8
    return 8


def weight(value: Value) -> int:
    """Estimate the bytes of memory that a decoded value takes."""
    if isinstance(value, Array):
        return len(value.data) + 300
    if isinstance(value, str):
        return 4 * len(value) + 50
    if isinstance(value, (List, Tuple)):
        return sum(map(weight, value.items)) + 150
    if isinstance(value, Dict):
        return sum(weight(key) + weight(item) + 150 for key, item in value.items) + 150
    return 50


def described(value: object) -> str:
    """Describe a value that stays with the sender, and why it stays, unless that is obvious."""
    if isinstance(value, np.ndarray):
        return f"an array of {value.dtype}"
    if isinstance(value, int):
        return "an int of more than 64 bits"
    name = type(value).__name__
    if not isinstance(value, (list, tuple, dict)):
        return f"a {name}"
    if isinstance(value, dict):
        try:
            _keys(value)
        except _OddKey as odd:
            return f"a {name} with {odd}"
    return f"a {name} of {len(value)}, larger or deeper than can be graded"


def pack(value: object, keep: Callable[[object], Handle]) -> Value:
    """A value in the form in which it crosses.

    Args:
        value: anything.
        keep: told of what has no such form; gives the handle that stands for it.
    """
    return _pack(value, keep, limits.MAX_VALUE_DEPTH, _Room())


class _Room:
    """The number of entries that a value may still have."""

    def __init__(self) -> None:
        self.left = limits.MAX_VALUE_ITEMS

    def holds(self, entries: int) -> bool:
        """Whether there is room for so many more, which is then theirs."""
        if entries > min(self.left, limits.MAX_CONTAINER_ITEMS):
            return False
        self.left -= entries
        return True


def _pack(value: Any, keep: Callable[[object], Handle], depth: int, room: _Room) -> Value:
    kind = type(value)
    if kind is np.ndarray and value.dtype in NAMES and value.ndim <= limits.MAX_ARRAY_AXES:
        return Array(NAMES[value.dtype], value.shape, value.tobytes())
    if kind is float:
        return value  # type: ignore[no-any-return]  # a float
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):  # before numpy's scalars: one of its is a str
        return value if _is_plain(value) else _crossing(str.__str__(value))
    if isinstance(value, (np.ndarray, np.generic)):
        plain = np.asarray(value)
        if plain.dtype == np.longdouble:
            plain = plain.astype(np.float64)
        if plain.dtype.byteorder == ">":
            plain = plain.astype(plain.dtype.newbyteorder("="))
        name = NAMES.get(plain.dtype)
        if name is None or plain.ndim > limits.MAX_ARRAY_AXES:
            return keep(value)
        return Array(name, plain.shape, plain.tobytes(), isinstance(value, np.generic))
    if isinstance(value, float):
        return float.__float__(value)
    if isinstance(value, int):
        # Larger ones have no form in msgpack, and no float holds them.
        whole = int.__int__(value)
        return whole if -(2**63) <= whole < 2**63 else keep(value)
    if depth and isinstance(value, (list, tuple)) and room.holds(len(value)):
        items = tuple(_pack(item, keep, depth - 1, room) for item in value)
        return Tuple(items) if isinstance(value, tuple) else List(items)
    if depth and isinstance(value, dict):
        try:
            keys = _keys(value)
        except _OddKey:
            return keep(value)
        if room.holds(len(keys)):
            packed = [_pack(item, keep, depth - 1, room) for item in value.values()]
            return Dict(tuple(zip(keys, packed, strict=False)))
    return keep(value)


def _is_plain(text: str) -> bool:
    """Whether a text can cross as it is; of most that takes one look."""
    return type(text) is str and text.isascii() and len(text) <= limits.MAX_STRING_CHARACTERS


def _crossing(text: str) -> str:
    """Return the part of a text that can cross: UTF-8 has no form for a lone surrogate."""
    return text.encode("utf-8", "replace").decode()[: limits.MAX_STRING_CHARACTERS]


def _keys(keys: Iterable[object]) -> list[Key]:
    """The keys of a dict in the form in which they cross.

    Raises:
        _OddKey: one has no such form, or two that differ would have the same.
    """
    plain = [_key(key) for key in keys]
    if len(set(plain)) < len(plain):
        twice, _ = Counter(plain).most_common(1)[0]
        raise _OddKey(f"two keys that are both {twice!r:.60}")
    return plain


def _key(key: object) -> Key:
    """A key in the form in which it crosses: numpy's, or a subclass's, as the plain one it holds.

    Raises:
        _OddKey: it has none.
    """
    if isinstance(key, str):
        # Not as its own class would tell it: what it holds is what it is looked up by.
        plain = str.__str__(key)
        if _is_plain(plain) or plain == _crossing(plain):
            return plain
    elif key is None or type(key) in (bool, float):
        return key  # type: ignore[return-value]  # one of these
    elif isinstance(key, np.generic):
        if key.dtype in NAMES and key.dtype.kind != "c":
            return _key(key.item())
    elif isinstance(key, float):
        return float.__float__(key)
    elif isinstance(key, int) and -(2**63) <= int.__int__(key) < 2**63:
        return int.__int__(key)
    try:
        shown = _crossing(repr(key))
    except Exception:  # a student's own __repr__
        shown = f"a {type(key).__name__}"
    raise _OddKey(f"a key that is no plain text or number: {shown:.40}")


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
    return _unpack(value, find, limits.MAX_VALUE_DEPTH + 1, _Room())


def _unpack(value: Value, find: Callable[[Handle], object], depth: int, room: _Room) -> Any:
    if not depth:
        raise BadMessage("the value is nested too deeply")
    if isinstance(value, Array):
        return _array(value)
    if isinstance(value, Handle):
        return find(value)
    if not isinstance(value, (List, Tuple, Dict)):
        return value
    if not room.holds(len(value.items)):
        raise BadMessage("the value has too many entries")
    if isinstance(value, Dict):
        return {key: _unpack(item, find, depth - 1, room) for key, item in value.items}
    items = [_unpack(item, find, depth - 1, room) for item in value.items]
    return items if isinstance(value, List) else tuple(items)


def _array(value: Array) -> Any:
    dtype = DTYPES[value.dtype]
    if math.prod(value.shape) * dtype.itemsize != len(value.data):
        raise BadMessage("an array's bytes do not fit its shape")
    if value.scalar and value.shape:
        raise BadMessage("a scalar has axes")
    if value.dtype == "bool" and value.data.strip(b"\0\1"):
        raise BadMessage("an array of bools holds something else")
    try:
        built: Any = np.ndarray(value.shape, dtype, bytearray(value.data))
    except ValueError as error:  # an axis too long beside one of length 0
        raise BadMessage("an array has a shape that arrays do not have") from error
    return built[()] if value.scalar else built
