"""Define the wire forms of values, and how a value fails to have one."""

from __future__ import annotations

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
Shape = Annotated[tuple[Length, ...], msgspec.Meta(max_length=limits.MAX_ARRAY_AXES)]
DTYPES: dict[Dtype, np.dtype[Any]] = {name: np.dtype(name) for name in get_args(Dtype)}
NAMES = {dtype: name for name, dtype in DTYPES.items()}


class BadMessage(Exception):
    """A message that cannot be what it should be; nothing of it is used."""


class NoForm(Exception):
    """A part of a value has no form in which it could cross, so that the whole stays."""


class Struct(msgspec.Struct, array_like=True, forbid_unknown_fields=True, tag_field="tag"):
    """A message or a part of one: a msgpack array that starts with the name of its type."""


class Array(Struct, tag="array"):
    """A numpy array, or a numpy scalar: entries in C order, as this machine has them."""

    dtype: Dtype
    shape: Shape
    data: bytes
    scalar: bool = False


class Field(Struct, tag="field"):
    """A field of a structured array: plain, or with fields of its own."""

    name: Words
    dtype: Words
    fields: Annotated[tuple[Field, ...], msgspec.Meta(max_length=limits.MAX_ARGUMENTS)]
    shape: Shape


class Typed(Struct, tag="typed"):
    """An array or a scalar of text, bytes, dates or records; with fields, `dtype` is empty."""

    dtype: Words
    fields: Annotated[tuple[Field, ...], msgspec.Meta(max_length=limits.MAX_ARGUMENTS)]
    shape: Shape
    data: bytes
    scalar: bool = False


class Objects(Struct, tag="objects"):
    """A numpy array of Python's objects, in C order."""

    shape: Shape
    items: Items


class Masked(Struct, tag="masked"):
    """A masked array of numpy's."""

    data: Value
    mask: Value


class List(Struct, tag="list"):
    """A list."""

    items: Items


class Tuple(Struct, tag="tuple"):
    """A tuple."""

    items: Items


class Set(Struct, tag="set"):
    """A set or a frozenset, in the order of the encoded entries."""

    items: Items
    frozen: bool


class Dict(Struct, tag="dict"):
    """A dict; its keys are None, bools, numbers and strings."""

    items: Annotated[
        tuple[tuple[Key, Value], ...], msgspec.Meta(max_length=limits.MAX_CONTAINER_ITEMS)
    ]


class Map(Struct, tag="map"):
    """A dict with keys of other kinds, such as tuples."""

    items: Annotated[
        tuple[tuple[Value, Value], ...], msgspec.Meta(max_length=limits.MAX_CONTAINER_ITEMS)
    ]


class Record(Struct, tag="record"):
    """A named tuple, or an instance of a dataclass: the name of its type, and its fields."""

    kind: Literal["tuple", "dataclass"]
    name: Words
    fields: Annotated[tuple[Words, ...], msgspec.Meta(max_length=limits.MAX_ARGUMENTS)]
    items: Items


class Integer(Struct, tag="integer"):
    """A whole number of more than 64 bits: two's complement, the lowest byte first."""

    data: Annotated[bytes, msgspec.Meta(max_length=limits.MAX_INTEGER_BYTES)]


class Complex(Struct, tag="complex"):
    """Python's complex number."""

    real: float
    imag: float


class Ratio(Struct, tag="ratio"):
    """A Fraction in lowest terms."""

    numerator: Value
    denominator: Value


class Decimal(Struct, tag="decimal"):
    """A Decimal, as Python writes it."""

    text: Annotated[str, msgspec.Meta(max_length=limits.MAX_EXACT_DIGITS + 20)]


class Range(Struct, tag="range"):
    """A range."""

    start: Int
    stop: Int
    step: Int


class Bytes(Struct, tag="bytes"):
    """Bytes, or a bytearray."""

    data: bytes
    mutable: bool


class Moment(Struct, tag="moment"):
    """A date, a time or both, as ISO 8601 writes it."""

    kind: Literal["date", "time", "datetime"]
    text: Words


class Duration(Struct, tag="duration"):
    """A timedelta."""

    days: Int
    seconds: Int
    microseconds: Int


class Column(Struct, tag="column"):
    """An array of pandas: of a type of its own, whose entries are objects, or numpy's."""

    dtype: Words
    values: Value


class Labels(Struct, tag="labels"):
    """An index of pandas; the entries of one of several levels are tuples."""

    column: Value
    names: Items
    levels: bool


class Series(Struct, tag="series"):
    """A Series of pandas."""

    column: Value
    index: Value
    name: Value


class Frame(Struct, tag="frame"):
    """A DataFrame of pandas."""

    columns: Items
    labels: Value
    index: Value


class Stamp(Struct, tag="stamp"):
    """A Timestamp or a Timedelta of pandas, as numpy's; without one, pandas' NA."""

    value: Value


class Handle(Struct, tag="handle"):
    """A value that stays in the student's process: its number there, and a description."""

    number: Int
    described: Words


class Known(Struct, tag="known"):
    """A function that the judge has handed over: its key among those of the call."""

    key: Annotated[bytes, msgspec.Meta(max_length=16)]

    @property
    def described(self) -> str:
        """A description, as a handle has one."""
        return "a function"


Key = bool | Int | float | Text | None
# fmt: off
Value = (
    bool | Int | float | Text | None
    | Array | Typed | Objects | Masked | List | Tuple | Set | Dict | Map | Record
    | Integer | Complex | Ratio | Decimal | Range | Bytes | Moment | Duration
    | Column | Labels | Series | Frame | Stamp | Handle | Known
)
# fmt: on
Items = Annotated[tuple[Value, ...], msgspec.Meta(max_length=limits.MAX_CONTAINER_ITEMS)]
PANDAS = (Column, Labels, Series, Frame, Stamp)
