"""Convert values that cross between the judge and a student process to and from their wire form.

A value is None, a bool, a number of any kind, text, bytes, a date or time, an array, a range, or a
list, tuple, set, dict, named tuple or dataclass of values. `frames.py` adds what pandas has.
Anything else stays with the sender, and a `Handle` is sent in its place.

Values are bounded while they are decoded, and again while they are unpacked: strings, digits,
entries of one container and of all together, depth, axes. The bytes of an array must fit its shape
and type. An honest sender keeps a value that exceeds a bound, and sends a handle.

The receiver builds instances of the types that are listed here, and never of a class that the
sender names: a named tuple and a dataclass become a `Fields` or a `Data` of ours.
"""

from __future__ import annotations

import dataclasses
import datetime
import decimal
import fractions
import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import msgspec
import numpy as np

from autograder.sandbox.protocol import frames, limits
from autograder.sandbox.protocol.forms import (
    DTYPES,
    NAMES,
    PANDAS,
    Array,
    BadMessage,
    Bytes,
    Complex,
    Decimal,
    Dict,
    Duration,
    Field,
    Frame,
    Handle,
    Int,
    Integer,
    Key,
    Known,
    Labels,
    List,
    Map,
    Masked,
    Moment,
    NoForm,
    Objects,
    Range,
    Ratio,
    Record,
    Set,
    Struct,
    Tuple,
    Typed,
    Value,
)

SIZED = re.compile(r"[US][1-9]\d{0,6}|[mM]8(\[\d{0,4}(Y|M|W|D|h|m|s|ms|us|ns|ps|fs|as)\])?")
"""The numpy types of text, bytes, dates and durations, without their byte order."""

MAX_FIELDS_DEPTH = 8
"""Records within records, in the type of a structured array."""

EXACT = re.compile(r"-?(\d+(\.\d+)?(E[+-]?\d{1,7})?|Infinity|NaN)")
"""The decimal numbers that cross, as Python writes them; a NaN that raises does not."""

MOMENTS = {each.__name__: each for each in (datetime.date, datetime.time, datetime.datetime)}


class _OddKey(Exception):
    """A dict has keys that cannot cross as they are.

    Args:
        said: the keys, in words that follow "a dict with".
        is_text: whether such a key is text.
    """

    def __init__(self, said: str, *, is_text: bool) -> None:
        super().__init__(said)
        self.is_text = is_text


class Fields(tuple[Any, ...]):
    """A named tuple that crossed: a tuple whose entries have names.

    Its type is ours, and has only the name of the sender's type.
    """

    _name: str
    _fields: tuple[str, ...]

    @classmethod
    def made(cls, name: str, fields: Sequence[str], items: Iterable[object]) -> Fields:
        """Return a named tuple of this name with these fields."""
        made = cls(items)
        made._name, made._fields = name, tuple(fields)
        return made

    def _asdict(self) -> dict[str, Any]:
        return dict(zip(self._fields, self, strict=True))

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("_") and name in self._fields:
            return self[self._fields.index(name)]
        raise AttributeError(name)

    def __repr__(self) -> str:
        return _written(self._name, self._asdict())

    def __reduce__(self) -> tuple[Any, ...]:
        return Fields.made, (self._name, self._fields, tuple(self))


class Data:
    """An instance of a dataclass that crossed: attributes with the names of its fields.

    It is equal to an instance of a dataclass of the same name with equal fields.
    """

    def __init__(self, name: str, fields: dict[str, Any]) -> None:
        self._name = name
        self._items = fields

    def _asdict(self) -> dict[str, Any]:
        return dict(self._items)

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("_") and name in self._items:
            return self._items[name]
        raise AttributeError(name)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Data):
            return self._name == other._name and self._items == other._items
        if _is_dataclass(other):
            return self._name == type(other).__name__ and self._items == _fields_of(other)
        return NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(self._items.values()))

    def __repr__(self) -> str:
        return _written(self._name, self._items)


def _written(name: str, fields: dict[str, Any]) -> str:
    return f"{name}({', '.join(f'{key}={value!r}' for key, value in fields.items())})"


def _is_dataclass(value: object) -> bool:
    return dataclasses.is_dataclass(value) and not isinstance(value, type)


def _fields_of(value: Any) -> dict[str, Any]:
    """Return the fields of an instance of a dataclass, as they are now."""
    return {each.name: getattr(value, each.name) for each in dataclasses.fields(value)}


def _parts(value: Value) -> Iterable[Value]:
    """Return the values within a value."""
    if isinstance(value, (Dict, Map)):
        return (each for pair in value.items for each in pair)
    if isinstance(value, Struct):
        found = (getattr(value, name) for name in value.__struct_fields__)
        return (each for one in found for each in (one if isinstance(one, tuple) else (one,)))
    return ()


def size(value: Value) -> int:
    """Estimate the bytes that a value takes on the wire."""
    if isinstance(value, (Array, Typed)):
        return len(value.data) + 32
    if isinstance(value, (str, bytes)):
        return len(value) + 8
    if value is None or isinstance(value, (int, float)):
        return 8
    return sum(map(size, _parts(value))) + 8


def weight(value: Value) -> int:
    """Estimate the bytes of memory that a decoded value takes."""
    if isinstance(value, (Array, Typed)):
        return len(value.data) + 300
    if isinstance(value, str):
        return 4 * len(value) + 50
    if isinstance(value, bytes):
        return len(value) + 50
    if isinstance(value, (List, Tuple)):
        return sum(map(weight, value.items)) + 150
    if isinstance(value, (Dict, Map)):
        return sum(weight(key) + weight(item) + 150 for key, item in value.items) + 150
    if isinstance(value, Struct):
        return sum(weight(each) + 50 for each in _parts(value)) + 300
    return 50


def with_article(name: str) -> str:
    """Return a name after "a" or "an"; names of types that begin with a u sound like "uint8"."""
    return f"{'an' if name.lstrip('_')[:1].lower() in set('aeio') else 'a'} {name}"


def described(value: object) -> str:
    """Describe a value that stays with the sender, and why it stays, unless that is obvious."""
    if isinstance(value, np.ndarray):
        return f"an array of {value.dtype}"
    if isinstance(value, int):
        return f"an int of more than {limits.MAX_INTEGER_BYTES} bytes"
    name = with_article(type(value).__name__)
    if isinstance(value, str):
        return f"{name} of {len(value)} characters, longer than can be graded"
    if not isinstance(value, (list, tuple, dict, set, frozenset, range)):
        return name
    if isinstance(value, dict):
        try:
            _keys(value)
        except _OddKey as odd:
            return f"{name} with {odd}"
    if isinstance(value, range):
        return f"{name}, larger than can be graded"
    if isinstance(value, (set, frozenset)):
        return f"{name} of {len(value)}, of which some cannot be graded"
    return f"{name} of {len(value)}, larger or deeper than can be graded"


def pack(value: object, keep: Callable[[object], Handle | Known]) -> Value:
    """Return any value in its wire form; `keep` returns a handle for what has no such form."""
    return _pack(value, keep, limits.MAX_VALUE_DEPTH, _Room())


class _Room:
    """The number of entries that a value may still have."""

    def __init__(self) -> None:
        self.left = limits.MAX_VALUE_ITEMS

    def take(self, entries: int) -> None:
        """Take room for so many more entries.

        Raises:
            NoForm: there is not enough room.
        """
        if not self.holds(entries):
            raise NoForm

    def holds(self, entries: int) -> bool:
        """Return whether there is room for so many more entries, and take it."""
        if entries > min(self.left, limits.MAX_CONTAINER_ITEMS):
            return False
        self.left -= entries
        return True


Keep = Callable[[object], Handle | Known]


def _refuse(_value: object) -> Handle:
    raise NoForm


def _pack(value: Any, keep: Keep, depth: int, room: _Room) -> Value:
    kind = type(value)
    if kind is np.ndarray and value.dtype in NAMES and value.ndim <= limits.MAX_ARRAY_AXES:
        return Array(NAMES[value.dtype], value.shape, value.tobytes())
    if kind is float:
        return value  # type: ignore[no-any-return]  # a float
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):  # before numpy's scalars: one of its is a str
        if len(value) > limits.MAX_STRING_CHARACTERS:
            return keep(value)
        return value if _is_plain(value) else _crossing(str.__str__(value))
    try:
        packed = _pack_leaf(value) if depth else None
        if packed is None and depth:
            packed = _pack_container(value, keep, depth, room)
        if packed is not None:
            return packed
    except (NoForm, BadMessage):
        pass
    return keep(value)


def _pack_leaf(value: Any) -> Value:
    """Return the wire form of a value without parts; None if it has none.

    Raises:
        NoForm: it exceeds a bound.
    """
    if isinstance(value, (bytes, bytearray)):
        return Bytes(bytes(value), isinstance(value, bytearray))
    if isinstance(value, np.generic) or (isinstance(value, np.ndarray) and _is_flat(value)):
        return _pack_array(value)
    if isinstance(value, float):
        return float.__float__(value)
    if isinstance(value, int):
        return _pack_int(int.__int__(value))
    if isinstance(value, complex):
        plain = complex.__complex__(value)
        return Complex(plain.real, plain.imag)
    if isinstance(value, fractions.Fraction):
        parts = [_pack_int(int.__int__(each)) for each in (value.numerator, value.denominator)]
        if any(isinstance(each, Integer) and _is_long(each) for each in parts):
            raise NoForm
        return Ratio(*parts)
    if isinstance(value, decimal.Decimal):
        text = decimal.Decimal.__str__(value)
        if len(text) > limits.MAX_EXACT_DIGITS + 20 or not EXACT.fullmatch(text):
            raise NoForm
        return Decimal(text)
    if isinstance(value, range):
        ends = (value.start, value.stop, value.step)
        if not all(-(2**63) <= each < 2**63 for each in ends):
            raise NoForm
        if max(0, -((value.start - value.stop) // value.step)) > limits.MAX_CONTAINER_ITEMS:
            raise NoForm
        return Range(*ends)
    return _pack_time(value)


def _pack_int(whole: int) -> Int | Integer:
    if -(2**63) <= whole < 2**63:
        return whole
    length = whole.bit_length() // 8 + 1
    if length > limits.MAX_INTEGER_BYTES:
        raise NoForm
    return Integer(whole.to_bytes(length, "little", signed=True))


def _is_long(whole: Integer) -> bool:
    """Return whether a part of a Fraction has more digits than may be."""
    return len(whole.data) > limits.MAX_EXACT_DIGITS * math.log2(10) / 8


def _pack_time(value: object) -> Value:
    if _of_pandas(value):
        return None
    if isinstance(value, datetime.timedelta):
        return Duration(value.days, value.seconds, value.microseconds)
    for kind in (datetime.datetime, datetime.date, datetime.time):
        if isinstance(value, kind):
            if isinstance(value, datetime.time) and value.tzinfo and value.utcoffset() is None:
                raise NoForm
            return Moment(kind.__name__, kind.isoformat(value))  # type: ignore[arg-type]
    return None


def _of_pandas(value: object) -> bool:
    """Return whether the class of a value is one of pandas', without importing it."""
    return any(each.__module__.partition(".")[0] == "pandas" for each in type(value).__mro__)


def _is_flat(value: np.ndarray[Any, Any]) -> bool:
    """Return whether an array holds no objects, and has no mask."""
    return not isinstance(value, np.ma.MaskedArray) and not value.dtype.hasobject


def _pack_array(value: Any) -> Value:
    plain = np.asarray(value)
    if plain.dtype == np.longdouble:
        plain = plain.astype(np.float64)
    if plain.dtype == np.clongdouble:
        plain = plain.astype(np.complex128)
    if plain.dtype.byteorder == ">":
        plain = plain.astype(plain.dtype.newbyteorder("="))
    if plain.ndim > limits.MAX_ARRAY_AXES:
        raise NoForm
    scalar = isinstance(value, np.generic)
    name = NAMES.get(plain.dtype)
    if name is not None:
        return Array(name, plain.shape, plain.tobytes(), scalar)
    dtype, fields = _pack_dtype(plain.dtype)
    built = plain.astype(_dtype(dtype, fields))
    _check_cells(built)
    return Typed(dtype, fields, plain.shape, built.tobytes(), scalar)


def _pack_dtype(dtype: np.dtype[Any]) -> tuple[str, tuple[Field, ...]]:
    """Return the name of a numpy type, or its fields.

    Raises:
        NoForm: its arrays have no wire form.
    """
    if dtype.fields is not None:
        fields = []
        for name in dtype.names or ():
            inner = dtype.fields[name][0]
            fields.append(Field(name, *_pack_dtype(inner.base), inner.shape))
        if any(len(each.name) > limits.MAX_NAME_CHARACTERS for each in fields):
            raise NoForm
        return "", tuple(fields)
    if dtype in NAMES:
        return NAMES[dtype], ()
    text = dtype.str.lstrip("<>|=")
    text = text + "1" if text in ("U", "S") else re.sub(r"^([US])0$", r"\g<1>1", text)
    if not SIZED.fullmatch(text):
        raise NoForm
    return text, ()


def _pack_container(value: Any, keep: Keep, depth: int, room: _Room) -> Value:
    """Return the wire form of a value with parts; None if it has none.

    Raises:
        NoForm: it exceeds a bound, or has a part that has no form and cannot be kept alone.
    """

    def parts(items: Iterable[object], keep: Keep = keep) -> tuple[Value, ...]:
        return tuple(_pack(item, keep, depth - 1, room) for item in items)

    if isinstance(value, np.ma.MaskedArray):
        mask = np.broadcast_to(np.ma.getmaskarray(value), value.shape)
        return Masked(*parts([np.asarray(np.ma.getdata(value)), np.asarray(mask)], _refuse))
    if isinstance(value, np.ndarray):
        if value.dtype.kind != "O" or value.ndim > limits.MAX_ARRAY_AXES:
            return None
        room.take(value.size)
        return Objects(value.shape, parts(np.asarray(value).ravel().tolist()))
    if isinstance(value, (list, tuple)):
        room.take(len(value))
        names: Any = getattr(value, "_fields", None)
        if isinstance(value, list):
            return List(parts(value))
        if _are_names(names) and len(names) == len(value):
            return Record("tuple", _name_of(value), names, parts(value))
        return Tuple(parts(value))
    if isinstance(value, (set, frozenset)):
        room.take(len(value))
        items = sorted(parts(value, _refuse), key=msgspec.msgpack.encode)
        return Set(tuple(items), isinstance(value, frozenset))
    if isinstance(value, dict):
        try:
            plain = _keys(value)
        except _OddKey as odd:
            if odd.is_text:
                raise NoForm from odd
            room.take(len(value))
            keys = parts(value, _refuse)
            if len(set(map(msgspec.msgpack.encode, keys))) < len(keys):
                raise NoForm from odd
            return Map(tuple(zip(keys, parts(value.values()), strict=True)))
        room.take(len(plain))
        return Dict(tuple(zip(plain, parts(value.values()), strict=False)))
    if _of_pandas(value):
        return frames.pack(value, lambda each: _pack(each, _refuse, depth - 1, room))
    if isinstance(value, Data) or _is_dataclass(value):
        fields = value._asdict() if isinstance(value, Data) else _fields_of(value)
        room.take(len(fields))
        if _are_names(tuple(fields)):
            return Record("dataclass", _name_of(value), tuple(fields), parts(fields.values()))
    return None


def _are_names(names: object) -> bool:
    """Return whether these are names that the fields of a record can have."""
    return (
        isinstance(names, tuple)
        and len(names) <= limits.MAX_ARGUMENTS
        and len(set(names)) == len(names)
        and all(
            type(each) is str
            and each.isidentifier()
            and len(each) <= limits.MAX_NAME_CHARACTERS
            and each.isprintable()
            for each in names
        )
    )


def _name_of(value: object) -> str:
    name = value._name if isinstance(value, (Fields, Data)) else type(value).__name__
    return _crossing(name)[: limits.MAX_NAME_CHARACTERS]


def _is_plain(text: str) -> bool:
    """Return whether a text can be sent unchanged; a quick test for most texts."""
    return type(text) is str and text.isascii() and len(text) <= limits.MAX_STRING_CHARACTERS


def _crossing(text: str) -> str:
    """Return the part of a text that can be sent: UTF-8 has no form for a lone surrogate."""
    return text.encode("utf-8", "replace").decode()[: limits.MAX_STRING_CHARACTERS]


def _keys(keys: Iterable[object]) -> list[Key]:
    """Return the keys of a dict in their wire form.

    Raises:
        _OddKey: a key has no such form, or two different keys have the same.
    """
    plain = [_key(key) for key in keys]
    if len(set(plain)) < len(plain):
        twice, _ = Counter(plain).most_common(1)[0]
        raise _OddKey(f"two keys that are both {twice!r:.60}", is_text=True)
    return plain


def _key(key: object) -> Key:
    """Return a dict's key in its wire form: the plain value, without numpy's or a subclass's type.

    Raises:
        _OddKey: it has no such form.
    """
    if isinstance(key, str):
        # Its own class may print something else than the text by which it is looked up.
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
        shown = with_article(type(key).__name__)
    raise _OddKey(
        f"a key that is no plain text or number: {shown:.40}", is_text=isinstance(key, str)
    )


def unpack(
    value: Value,
    find: Callable[[Handle | Known], object] = lambda handle: handle,
    revive: Callable[[Record, Sequence[object]], object] | None = None,
) -> Any:
    """Build the value that was sent.

    Its arrays share no memory with anything and may be written.

    Args:
        value: the decoded form.
        find: returns the object of a handle or a known function; by default the handle itself.
        revive: makes a named tuple or an instance of a dataclass; by default one of our types.

    Raises:
        BadMessage: the bytes of an array do not fit its shape and type, a container cannot have
            one of its parts, or the value is too deep or has too many entries.
    """
    return _Unpacker(find, revive or ours).unpack(value, limits.MAX_VALUE_DEPTH + 1)


def ours(record: Record, items: Sequence[object]) -> object:
    """Return a named tuple, or an instance of a dataclass, of one of our types."""
    if record.kind == "tuple":
        return Fields.made(record.name, record.fields, items)
    return Data(record.name, dict(zip(record.fields, items, strict=True)))


def revived(names: Mapping[str, Any], record: Record, items: Sequence[object]) -> object:
    """Return a named tuple or a dataclass instance that was sent, with the named class.

    If the class has other fields, the result has one of our types. `__init__` is not called: these
    are the fields of an instance that was made before.
    """
    kind = names.get(record.name)
    if not isinstance(kind, type):
        return ours(record, items)
    if issubclass(kind, tuple):
        same = record.kind == "tuple" and getattr(kind, "_fields", None) == record.fields
        return tuple.__new__(kind, items) if same else ours(record, items)
    if record.kind != "dataclass" or not dataclasses.is_dataclass(kind):
        return ours(record, items)
    if tuple(each.name for each in dataclasses.fields(kind)) != record.fields:
        return ours(record, items)
    made = object.__new__(kind)
    for name, item in zip(record.fields, items, strict=True):
        object.__setattr__(made, name, item)
    return made


class _Unpacker:
    def __init__(
        self,
        find: Callable[[Handle | Known], object],
        revive: Callable[[Record, Sequence[object]], object],
    ) -> None:
        self.find = find
        self.revive = revive
        self.room = _Room()

    def unpack(self, value: Value, depth: int) -> Any:
        if not depth:
            raise BadMessage("the value is nested too deeply")
        if isinstance(value, Array):
            return _array(value)
        if not isinstance(value, Struct):
            return value
        if isinstance(value, (Handle, Known)):
            return self.find(value)
        if isinstance(value, (List, Tuple, Set, Dict, Map, Record, Objects, Frame, Labels)):
            entries = value.columns if isinstance(value, Frame) else ()
            entries = value.names if isinstance(value, Labels) else entries
            if not self.room.holds(len(getattr(value, "items", entries))):
                raise BadMessage("the value has too many entries")
        if isinstance(value, (List, Tuple, Dict)):
            return self._plain(value, depth - 1)
        try:
            return self._other(value, depth - 1)
        except (TypeError, ValueError, OverflowError, ArithmeticError) as error:
            raise BadMessage(
                f"{with_article(type(value).__name__)} holds what it cannot hold"
            ) from error

    def _plain(self, value: List | Tuple | Dict, depth: int) -> Any:
        if isinstance(value, Dict):
            return {key: self.unpack(item, depth) for key, item in value.items}
        items = [self.unpack(item, depth) for item in value.items]
        return items if isinstance(value, List) else tuple(items)

    def _other(self, value: Struct, depth: int) -> Any:
        if isinstance(value, Typed):
            return _typed(value)
        if isinstance(value, Objects):
            return _objects(value, [self.unpack(item, depth) for item in value.items])
        if isinstance(value, Masked):
            data, mask = self.unpack(value.data, depth), self.unpack(value.mask, depth)
            if type(data) is not np.ndarray or type(mask) is not np.ndarray:
                raise BadMessage("a masked array holds no arrays")
            if mask.shape != data.shape or mask.dtype != np.ma.make_mask_descr(data.dtype):
                raise BadMessage("a mask does not fit its array")
            return np.ma.MaskedArray(data, mask)
        if isinstance(value, Set):
            items = [self.unpack(item, depth) for item in value.items]
            _check_hashes(items)
            made = frozenset(items) if value.frozen else set(items)
            if len(made) < len(items):
                raise BadMessage("a set holds an entry twice")
            return made
        if isinstance(value, Map):
            keys = [self.unpack(key, depth) for key, _ in value.items]
            _check_hashes(keys)
            pairs = zip(keys, (self.unpack(item, depth) for _, item in value.items), strict=True)
            return dict(pairs)
        if isinstance(value, Record):
            if not _are_names(value.fields) or len(value.fields) != len(value.items):
                raise BadMessage("the fields of a record do not fit its values")
            return self.revive(value, [self.unpack(item, depth) for item in value.items])
        if isinstance(value, PANDAS):
            return frames.unpack(value, lambda each: self.unpack(each, depth))
        return _leaf(value)


def _check_hashes(entries: Sequence[object]) -> None:
    """Refuse entries that were chosen so that comparing them takes very long."""
    hashes = Counter(map(hash, entries))
    if hashes and max(hashes.values()) > limits.MAX_EQUAL_HASHES:
        raise BadMessage("too many entries have the same hash")


def _leaf(value: Struct) -> Any:
    """Return a value without parts."""
    if isinstance(value, Integer):
        return int.from_bytes(value.data, "little", signed=True)
    if isinstance(value, Complex):
        return complex(value.real, value.imag)
    if isinstance(value, Ratio):
        return fractions.Fraction(_part(value.numerator), _part(value.denominator))
    if isinstance(value, Decimal):
        if not EXACT.fullmatch(value.text):
            raise BadMessage("a decimal number is none")
        return decimal.Decimal(value.text)
    if isinstance(value, Range):
        made = range(value.start, value.stop, value.step)
        if max(0, -((value.start - value.stop) // value.step)) > limits.MAX_CONTAINER_ITEMS:
            raise BadMessage("a range is too long")
        return made
    if isinstance(value, Bytes):
        return bytearray(value.data) if value.mutable else value.data
    if isinstance(value, Moment):
        return MOMENTS[value.kind].fromisoformat(value.text)
    if isinstance(value, Duration):
        return datetime.timedelta(value.days, value.seconds, value.microseconds)
    raise BadMessage(f"{type(value).__name__} is no value")


def _part(value: Value) -> int:
    """Return the numerator or the denominator of a Fraction."""
    if isinstance(value, Integer) and not _is_long(value):
        return int.from_bytes(value.data, "little", signed=True)
    if type(value) is int:
        return value
    raise BadMessage("a part of a fraction is no whole number, or too long")


def _array(value: Array) -> Any:
    if value.dtype == "bool" and value.data.strip(b"\0\1"):
        raise BadMessage("an array of bools holds something else")
    return _built(DTYPES[value.dtype], value)


def _typed(value: Typed) -> Any:
    built = _built(_dtype(value.dtype, value.fields), value)
    _check_cells(np.asarray(built))
    return built


def _built(dtype: np.dtype[Any], value: Array | Typed) -> Any:
    if math.prod(value.shape) * dtype.itemsize != len(value.data):
        raise BadMessage("an array's bytes do not fit its shape")
    if value.scalar and value.shape:
        raise BadMessage("a scalar has axes")
    try:
        built: Any = np.ndarray(value.shape, dtype, bytearray(value.data))
    except ValueError as error:  # an axis too long beside one of length 0
        raise BadMessage("an array has a shape that arrays do not have") from error
    return built[()] if value.scalar else built


def _dtype(name: str, fields: Sequence[Field], depth: int = MAX_FIELDS_DEPTH) -> np.dtype[Any]:
    """Return the numpy type of a name, or of these fields.

    Raises:
        BadMessage: there is no such type, or its entries are too large or have no bytes.
    """
    if not fields:
        if name not in DTYPES and not SIZED.fullmatch(name):
            raise BadMessage("an array of an unknown type")
        return np.dtype(name)
    if not depth or name:
        raise BadMessage("the type of an array is nested too deeply")
    try:
        made = np.dtype(
            [(each.name, _dtype(each.dtype, each.fields, depth - 1), each.shape) for each in fields]
        )
    except (ValueError, TypeError, OverflowError) as error:
        raise BadMessage("an array has fields that arrays do not have") from error
    if not 0 < made.itemsize <= limits.MAX_MESSAGE_BYTES:
        raise BadMessage("an array has entries of a size that arrays do not have")
    return made


def _check_cells(array: np.ndarray[Any, Any]) -> None:
    """Raise BadMessage if some bytes of an array are no bool or no text."""
    if array.dtype.fields is not None:
        for name in array.dtype.fields:
            _check_cells(array[name])
    elif array.dtype.kind == "b":
        if np.any(np.ascontiguousarray(array).view(np.uint8) > 1):
            raise BadMessage("an array of bools holds something else")
    elif array.dtype.kind == "U" and array.size:
        points = np.ascontiguousarray(array).reshape(-1).view(np.uint32)
        if np.any((points > 0x10FFFF) | ((points >= 0xD800) & (points <= 0xDFFF))):
            raise BadMessage("an array of text holds something else")


def _objects(value: Objects, items: Sequence[object]) -> Any:
    if math.prod(value.shape) != len(items):
        raise BadMessage("the entries of an array do not fit its shape")
    flat = np.empty(len(items), object)
    for place, item in enumerate(items):
        flat[place] = item
    return flat.reshape(value.shape)
