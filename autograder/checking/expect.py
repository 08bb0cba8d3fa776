"""Expect something of an answer, and say in a sentence for the student if it is not so.

`close` compares numbers, also complex ones, and `equal` values of every kind. A plain `assert`
works too: an answer can be compared, computed with and indexed as the value itself.

This module needs only numpy, and imports nothing of the package except the marks for translation.
The build copies it into the student's notebook, with translated sentences, so that visible checks
run the code that grading runs.

An answer may be anything. Every function here returns a value of the promised kind or raises
`Unmet`. It raises no other exception because of an answer, and its sentence never contains the
expected value.
"""

from __future__ import annotations

import dataclasses
import datetime
import decimal
import dis
import fractions
import itertools
import math
import operator
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import FrameType
from typing import Any

import numpy as np
import numpy.typing as npt

from autograder.i18n import _

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[Any]

RTOL = 1e-4
"""Relative to the largest wanted entry: float32 keeps 7 digits, and sums of some hundred terms in
another order lose two or three of them."""

LISTS = list, tuple, range

MAX_LIST_ENTRIES = 250_000
"""Numbers in lists of which an array is made, unless more are wanted."""

ROUNDING = 1e-6
"""The error of float32 where numbers of size 1 cancel: some ten times its precision of 6e-8."""


class Unmet(Exception):
    """Raised if an answer does not meet an expectation.

    Args:
        sentence: a sentence for the student, without the expected value.
        answer: the answer that the sentence is about, if it is about one.
        wanted: the expected value, which only the student's notebook shows, for visible checks.
    """

    def __init__(self, sentence: str, answer: Answer | None = None, wanted: object = None) -> None:
        super().__init__(sentence)
        self.answer = answer
        self.wanted = wanted


def _unmet(answer: Answer, sentence: str, wanted: object = None, **values: object) -> Unmet:
    """Return the exception for an answer, with these values in its sentence."""
    return Unmet(sentence.format(answer=answer.name, **values), answer, wanted)


class Answer:
    """The value that a student's function returned, with a name for use in sentences.

    `answer["W1"]` and `A2, cache = answer` return the parts as answers, and raise `Unmet` if there
    are no such parts. The functions of `expect` turn an answer into numbers.

    Args:
        value: the value itself.
        name: the answer's name in sentences, for example `initialize_parameters(2, 4, 1)["W1"]`.
        altered: for the whole result of a call, returns the name of the first argument that the
            call changed, or None.
        whole: the whole result of the call, if this is a part of it.
        place: where this part is in the whole result, for example `["W1"]`.

    Examples:
        >>> answer = Answer({"W1": np.zeros((4, 3))}, "initialize_parameters(3, 4, 1)")
        >>> answer["W1"].name
        'initialize_parameters(3, 4, 1)["W1"]'
        >>> answer["b1"]
        Traceback (most recent call last):
        autograder.checking.expect.Unmet: initialize_parameters(3, 4, 1) has no key "b1"; it has W1.
    """

    def __init__(
        self,
        value: object,
        name: str,
        altered: Callable[[], str | None] | None = None,
        whole: Answer | None = None,
        place: str = "",
    ) -> None:
        self._value = value
        self.name = name
        self.place = place
        self.altered = altered
        self.whole = self if whole is None else whole
        self.looked: list[object] = [] if whole is None else whole.looked

    def _read(self) -> object:
        """Return the value itself, to find a part of it or to hand it on."""
        return self._value

    @property
    def value(self) -> Any:
        """The value itself."""
        value = self._read()
        self.looked.append(value)
        return value

    def _kind(self) -> str:
        return kind(self.value)

    def _part(self, value: object, name: str, place: str) -> Answer:
        return Answer(value, name, None, self.whole, place)

    def _item(self, value: object, place: str) -> Answer:
        return self._part(value, f"{self.name}{place}", f"{self.place}{place}")

    def __getitem__(self, key: Any) -> Answer:
        value: Any = self._read()
        parts = _named_parts(value)
        if isinstance(key, str) or isinstance(value, dict):
            if parts is None:
                raise _unmet(self, _("{answer} should be a dict; it is {what}."), what=self._kind())
            if key not in parts:
                has = listed(sorted(map(shown, parts))) or _("no keys at all")
                raise _unmet(
                    self, _('{answer} has no key "{key}"; it has {keys}.'), key=key, keys=has
                )
            return self._item(parts[key], f'["{key}"]' if isinstance(key, str) else f"[{key}]")
        is_place = isinstance(key, int) and _unpacks(value) and -len(value) <= key < len(value)
        if not is_place:
            lacks = _("{answer} should have an item at index {number}; it is {what}.")
            raise _unmet(self, lacks, number=key, what=self._kind())
        return self._item(value[key], f"[{key}]")

    def __iter__(self) -> Iterator[Answer]:
        value: Any = self._read()
        if not _unpacks(value):
            wrong = _(
                "{answer} should return several values; it returned {what}. Return them as a "
                "tuple, as in `return a, b`."
            )
            raise _unmet(self, wrong, what=self._kind())
        names = _unpacking(sys._getframe(1))
        if names not in (None, len(value)):
            wrong = _(
                "{answer} should return {number} values; it returned {what}. Return them as a "
                "tuple, as in `return a, b`."
            )
            raise _unmet(self, wrong, number=names, what=self._kind())
        return (self._item(part, f"[{i}]") for i, part in enumerate(value))

    def pair(self, first: str, second: str) -> tuple[Answer, Answer]:
        """Return both values of a function that returns two, as answers with these names.

        The function may return a tuple, a list or an array of two entries or rows.

        Args:
            first: the name of the first value in sentences.
            second: the name of the second value in sentences.

        Raises:
            Unmet: the answer is not two values.
        """
        value: Any = self._read()
        if not _unpacks(value) or len(value) != 2:
            wrong = _(
                "{answer} should return two values, {first} and {second}; it returned {what}. "
                "Return them as a tuple, as in `return a, b`."
            )
            raise _unmet(self, wrong, first=first, second=second, what=self._kind())
        part = _("{answer}: {name}")
        return (
            self._part(value[0], part.format(name=first, answer=self.name), first),
            self._part(value[1], part.format(name=second, answer=self.name), second),
        )

    def __repr__(self) -> str:
        return f"Answer({self.name}: {kind(self._read())})"

    def _use(self, function: Callable[..., Any], *others: object) -> Any:
        """Compute with the value, as a plain assert does.

        Raises:
            Unmet: the value is of a kind with which this cannot be done.
        """
        value = self.value
        try:
            return function(value, *map(bare, others))
        except Exception as error:
            unfit = _("{answer} cannot be used here ({error}: {message}); it is {what}.")
            name, message = type(error).__name__, _cut(str(error).strip())
            raise _unmet(self, unfit, error=name, message=message, what=kind(value)) from error

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        return self._use(lambda value: np.array(value, dtype))

    # A method of this name would be asked first, and numpy's own need an array.
    __array_ufunc__ = None

    def __eq__(self, other: object) -> Any:
        return self._use(operator.eq, other)

    def __ne__(self, other: object) -> Any:
        return self._use(operator.ne, other)

    __hash__ = object.__hash__

    def __contains__(self, item: object) -> bool:
        return bool(self._use(operator.contains, item))

    def __len__(self) -> int:
        return int(self._use(len))

    def __bool__(self) -> bool:
        return bool(self._use(bool))

    def __int__(self) -> int:
        return int(self._use(int))

    def __float__(self) -> float:
        return float(self._use(float))

    def __complex__(self) -> complex:
        return complex(self._use(complex))

    def __round__(self, digits: int | None = None) -> Any:
        return self._use(round, digits)


def _operator(name: str, *, swapped: bool = False) -> Callable[..., Any]:
    function = getattr(operator, name, None) or divmod

    def method(self: Answer, *others: object) -> Any:
        if swapped:
            return self._use(lambda value, other: function(other, value), *others)
        return self._use(function, *others)

    return method


for _name in ("lt", "le", "gt", "ge", "neg", "pos", "abs", "invert"):
    setattr(Answer, f"__{_name}__", _operator(_name))
for _name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "divmod"):
    setattr(Answer, f"__{_name}__", _operator(_name))
    setattr(Answer, f"__r{_name}__", _operator(_name, swapped=True))
for _name in ("and_", "or_", "xor"):
    setattr(Answer, f"__{_name.rstrip('_')}__", _operator(_name))
    setattr(Answer, f"__r{_name.rstrip('_')}__", _operator(_name, swapped=True))


def _unpacks(value: object) -> bool:
    """Return whether Python unpacks a value into parts that have an order."""
    return isinstance(value, (list, tuple)) or (isinstance(value, np.ndarray) and value.ndim > 0)


def _unpacking(frame: FrameType) -> int | None:
    """Return the number of names that a frame is unpacking a value into; None if it does not.

    Python tells `__iter__` nothing of the names, and would blame the check for another number.
    """
    code, place = frame.f_code.co_code, frame.f_lasti
    return code[place + 1] if dis.opname[code[place]] == "UNPACK_SEQUENCE" else None


def _named_parts(value: Any) -> Mapping[Any, object] | None:
    """Return the parts of a value that have names; None if it has no such parts."""
    if isinstance(value, dict):
        return value
    as_dict = getattr(value, "_asdict", None)  # a named tuple, or what stands for a dataclass
    if callable(as_dict) and isinstance(found := as_dict(), dict):
        return found
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {each.name: getattr(value, each.name) for each in dataclasses.fields(value)}
    if isinstance(value, (np.ndarray, np.void)) and value.dtype.names:
        return {name: value[name] for name in value.dtype.names}
    if is_pandas(value, "DataFrame") and value.columns.is_unique:
        return {name: value[name] for name in value.columns}
    return None


def is_pandas(value: object, *names: str) -> bool:
    """Return whether a value is of one of these types of pandas."""
    return isinstance(value, _pandas(*names))


def _pandas(*names: str) -> tuple[type, ...]:
    """Return the types of pandas with these names, if pandas has been imported."""
    pandas = sys.modules.get("pandas")
    return tuple(getattr(pandas, name) for name in names) if hasattr(pandas, "DataFrame") else ()


class Function:
    """One of a student's functions, which a check calls, or passes to another one.

    Args:
        name: of the function.
        call: calls it with arguments by position and by name.
        itself: the function, in a lone notebook; None where only its process has it.
    """

    def __init__(
        self,
        name: str,
        call: Callable[[str, tuple[Any, ...], dict[str, Any]], Answer],
        itself: object = None,
    ) -> None:
        self.name = name
        self.call = call
        self.itself = itself

    def __call__(self, *arguments: Any, **keywords: Any) -> Answer:
        """Call the function."""
        return self.call(self.name, arguments, keywords)


def bare(value: Any) -> Any:
    """Return a value with every `Answer` and `Function`, at any depth, replaced by its content."""
    if isinstance(value, Answer):
        return bare(value._read())
    if isinstance(value, Function):
        return value if value.itself is None else value.itself
    if isinstance(value, Opaque):
        return value.kept
    if isinstance(value, dict):
        return {key: bare(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        items = [bare(item) for item in value]
        if all(map(operator.is_, items, value)):
            return value
        return _rebuilt(value, items)
    return value


def _rebuilt(value: Any, items: list[Any]) -> Any:
    """Return a list or a tuple of the same kind with other items."""
    if isinstance(value, list):
        return items
    made = getattr(type(value), "_make", None)
    return made(items) if made is not None else tuple(items)


class Opaque:
    """Stands for a part of an answer that cannot be sent to the grader."""

    def __init__(self, kept: object) -> None:
        self.kept = kept
        self.described = _typed(type(kept).__name__)
        if _is_large(kept):
            self.described = _("a very large value")


MAX_DEPTH = 24
MAX_ITEMS = 100_000
MAX_BYTES = 16 * 1024**2
MAX_CHARACTERS = 100_000
MAX_INTEGER_BITS = 8 * 65_536 - 1
PLAIN = (
    *(type(None), bool, float, complex, str, bytes, bytearray, fractions.Fraction),
    *(decimal.Decimal, datetime.date, datetime.time, datetime.timedelta),
)


def crossing(value: Any, depth: int = MAX_DEPTH) -> Any:
    """Return a value as the grader would see it: parts that cannot be sent become `Opaque`.

    A lone notebook uses this, so that a visible check says the same there as when it is graded.
    """
    if depth == MAX_DEPTH and _is_large(value):
        return Opaque(value)
    if isinstance(value, str) and len(value) > MAX_CHARACTERS:
        return Opaque(value)
    if isinstance(value, PLAIN):
        return value
    if isinstance(value, int):
        return value if value.bit_length() <= MAX_INTEGER_BITS else Opaque(value)
    if not depth:
        return Opaque(value)
    if isinstance(value, range):
        is_short = -MAX_ITEMS <= (value.stop - value.start) / value.step <= MAX_ITEMS
        return value if is_short else Opaque(value)
    if isinstance(value, (np.ndarray, np.generic)) and value.dtype.kind != "O":
        return value if value.dtype.kind != "V" or value.dtype.names else Opaque(value)
    if (
        isinstance(value, (list, tuple, set, frozenset, dict, np.ndarray))
        and len(value) > MAX_ITEMS
    ):
        return Opaque(value)
    if isinstance(value, (np.ndarray, set, frozenset)):
        items = value.ravel().tolist() if isinstance(value, np.ndarray) else value
        return Opaque(value) if _stand_in([crossing(each, depth - 1) for each in items]) else value
    if isinstance(value, dict):
        if _stand_in([crossing(key, depth - 1) for key in value]):
            return Opaque(value)
        sent = {key: crossing(item, depth - 1) for key, item in value.items()}
        return value if all(sent[key] is value[key] for key in value) else sent
    if isinstance(value, (list, tuple)):
        found = [crossing(item, depth - 1) for item in value]
        return value if all(map(operator.is_, found, value)) else _rebuilt(value, found)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        parts = _named_parts(value) or {}
        found = [crossing(item, depth - 1) for item in parts.values()]
        return value if not _stand_in(found) else Opaque(value)
    pandas = _pandas("DataFrame", "Series", "Index", "Timestamp", "Timedelta")
    return value if isinstance(value, pandas) else Opaque(value)


def _is_large(value: Any) -> bool:
    """Tell whether a value crosses in more than about MAX_BYTES, beyond which none are counted."""
    room, left = MAX_BYTES, [(value, MAX_DEPTH)]
    while left and room >= 0:
        each, depth = left.pop()
        if isinstance(each, dict):
            each = [*each.keys(), *each.values()]
        if isinstance(each, (list, tuple, set, frozenset)):
            room -= 8
            if depth:
                left.extend((item, depth - 1) for item in itertools.islice(each, room // 8 + 1))
        elif isinstance(each, (str, bytes, bytearray)):
            room -= len(each)
        else:
            size = getattr(each, "nbytes", None)
            room -= size if isinstance(size, int) else 8
    return room < 0


def _stand_in(value: Any) -> str | None:
    """Describe the first part of a value that could not be sent; None if there is none."""
    described = getattr(value, "described", None)
    if isinstance(described, str):
        return described or _typed(type(value).__name__)
    items: Iterable[object] = ()
    if isinstance(value, (list, tuple)):
        items = value
    elif isinstance(value, dict):
        items = value.values()
    elif isinstance(value, np.ndarray) and value.dtype.kind == "O":
        items = value.ravel().tolist()
    elif not isinstance(value, (np.ndarray, np.generic)):
        items = (_named_parts(value) or {}).values()
    return next((found for each in items if (found := _stand_in(each)) is not None), None)


def not_crossed(looked: Iterable[object]) -> str | None:
    """Describe the first value that a check has used but that cannot be sent; None if none is."""
    return next((found for each in looked if (found := _stand_in(each)) is not None), None)


def unseen(call: str, described: str) -> str:
    """Return the sentence for an answer that cannot be sent to the grader."""
    said = _(
        "{call} returned {what}, which cannot be sent to the grader, so this check was not run. A "
        "person will look at it. Return numbers, text, or lists, dicts and arrays that are not too "
        "large."
    )
    return said.format(call=call, what=described)


def failed_assert(error: AssertionError, check: Any) -> str:
    """Return the sentence for a plain assert that does not hold.

    The author wrote the message of the check's own `assert` for students. A message of numpy would
    show the expected value.
    """
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    own = trace is not None and trace.tb_frame.f_code.co_filename == check.__code__.co_filename
    return str(error) if own and str(error) else _("The answer is not the expected one.")


def kind(value: Any) -> str:
    """Describe a value for a sentence: its type, and its shape or length if it has one."""
    if value is None:
        return _("None (is a return statement missing?)")
    if isinstance(value, np.ndarray):
        array = _("an array of shape {shape} and type {type}")
        return array.format(shape=value.shape, type=value.dtype)
    if isinstance(value, (list, tuple)):
        name = _type_name(value)
        return _of_length(_cut(name), len(value))
    if isinstance(value, (bool, int, float, str, np.generic)):
        return f"{type(value).__name__} {_cut(_repr(value))}"
    described = getattr(value, "described", None)
    if isinstance(described, str) and described:
        return described
    if is_pandas(value, "DataFrame", "Series"):
        return _("a {type} of shape {shape}").format(type=type(value).__name__, shape=value.shape)
    if isinstance(value, (set, frozenset, dict, range, bytes, bytearray)):
        return _of_length(type(value).__name__, len(value))
    if isinstance(value, PLAIN):
        return f"{type(value).__name__} {_cut(_repr(value))}"
    # What stands for an instance of a dataclass shows the name of the dataclass.
    return _typed(_cut(_type_name(value)))


def _typed(name: str) -> str:
    """Describe a value by the name of its type."""
    return (_("an {type}") if _takes_an(name) else _("a {type}")).format(type=name)


def _of_length(name: str, length: int) -> str:
    """Describe a value by the name of its type and by its length."""
    of = _("an {type} of {length}") if _takes_an(name) else _("a {type} of {length}")
    return of.format(type=name, length=length)


def _takes_an(name: str) -> bool:
    """Tell whether "an" stands before a name; types that begin with a u sound like "uint8"."""
    return name.lstrip("_")[:1].lower() in set("aeio")


def _type_name(value: object) -> str:
    """Return the name of a value's type.

    A named tuple or a dataclass that crossed has the name of the student's class.
    """
    name = getattr(value, "_name", None) if hasattr(value, "_asdict") else None
    return name if isinstance(name, str) else type(value).__name__


def _repr(value: object) -> str:
    try:
        return repr(value)
    except ValueError:  # Python writes no int of more than some thousand digits
        return _("with very many digits")


def _cut(text: str) -> str:
    return text if len(text) < 40 else text[:37] + "..."


def _argument(value: float | str) -> str:
    if isinstance(value, float):
        value = float(value)  # numpy's own would say of what type it is
        short = f"{value:.6g}"
        if float(short) != value and np.isfinite(value) and not value.is_integer():
            return f"≈{short}"
    return _cut(_repr(value))


def shown(key: object) -> str:
    """Return a key of a dict as a sentence shows it."""
    return _cut(key if isinstance(key, str) else _repr(key))


def listed(names: Sequence[str], most: int = 12) -> str:
    """Return names as a sentence lists them, `most` of them at the most."""
    some = ", ".join(names[:most])
    if len(names) <= most:
        return some
    return _("{names} and {number} more").format(names=some, number=len(names) - most)


def describe(
    function: str, names: Sequence[str], arguments: Sequence[object], keywords: dict[str, object]
) -> tuple[str, list[str]]:
    """Describe a call for a sentence, for example `nn_model(X, Y, 4, num_iterations=10)`.

    Numbers and strings are shown, a number with more than six digits rounded. Larger arguments are
    named after the parameter; `names` holds the parameters that are known.

    Returns:
        The words for the call, and the names of all its arguments.
    """
    beyond = (_("number {place}").format(place=i + 1) for i in range(len(names), len(arguments)))
    by_position = [*names, *beyond]
    called = by_position[: len(arguments)] + list(keywords)
    shown = [
        _argument(value) if isinstance(value, (bool, int, float, str)) else name
        for name, value in zip(called, [*arguments, *keywords.values()], strict=True)
    ]
    for i, name in enumerate(keywords, start=len(arguments)):
        shown[i] = f"{name}={shown[i]}"
    return f"{function}({', '.join(shown)})", called


def that(condition: object, sentence: str, answer: Answer | None = None) -> None:
    """Expect a condition to hold.

    Args:
        condition: the condition.
        sentence: the sentence for the student if the condition does not hold.
        answer: the answer that the sentence is about, if the check made several calls: below the
            sentence of a visible check, the student's notebook shows only the call of this answer.

    Raises:
        Unmet: the condition does not hold.

    Examples:
        >>> cost = Answer(-0.7, "compute_cost(A2, Y)")
        >>> that(cost >= 0, "A cost is never negative.", cost)
        Traceback (most recent call last):
        autograder.checking.expect.Unmet: A cost is never negative.
    """
    if not condition:
        raise Unmet(sentence, answer)


def keys(answer: Answer, wanted: Sequence[str]) -> None:
    """Expect a dict with at least these keys.

    Args:
        answer: the answer.
        wanted: the keys; other keys do no harm.

    Raises:
        Unmet: the answer is no dict, or lacks a key.

    Examples:
        >>> keys(Answer({"dw": 0.0}, "propagate(w, b, X, Y)"), ["dw", "db"])
        Traceback (most recent call last):
        autograder.checking.expect.Unmet: propagate(w, b, X, Y) has no key "db"; it has dw.
    """
    for key in wanted:
        answer[key]


EXACT = (fractions.Fraction, decimal.Decimal)


def _numbers(
    answer: Answer, *, lists: int | None = None, imaginary: bool = False, single: bool = False
) -> Numbers:
    """Return the answer as a float array, whatever form its numbers have.

    Args:
        answer: the answer.
        lists: the most numbers in lists and tuples; None if lists are not accepted.
        imaginary: whether complex numbers are accepted; the array is complex then.
        single: whether one number is expected, for the sentence about a list.
    """
    value = answer.value
    forms: tuple[type, ...] = (bool, int, float, complex, *EXACT, np.generic, np.ndarray)
    forms += _pandas("Series", "DataFrame", "Index")
    if lists is not None:
        forms += LISTS
    if isinstance(value, forms) and not np.ma.is_masked(value):
        try:
            if isinstance(value, LISTS):
                _check_size(value, lists or 0)
            array = np.asarray(float(value) if isinstance(value, EXACT) else value)
            if array.dtype.kind == "O" and all(map(_is_exact, array.ravel().tolist())):
                array = array.astype(float)
            if array.dtype.kind in "biuf" or (imaginary and array.dtype.kind == "c"):
                return array.astype(np.complex128 if imaginary else np.float64)
        except (ValueError, TypeError, OverflowError, ArithmeticError):
            pass
    wrong = _("{answer} should hold real numbers; it is {what}.")
    if imaginary:
        wrong = _("{answer} should hold numbers; it is {what}.")
    if lists is None and isinstance(value, LISTS):
        wrong = _("{answer} should be an array; it is {what}.")
        if single:
            wrong = _("{answer} should be a single number; it is {what}.")
    raise _unmet(answer, wrong, what=kind(value))


def _check_size(values: Sequence[Any], room: int) -> int:
    """Check that numpy can make an array of lists within lists, and return the room that is left.

    A list of ranges, or with one long text in it, is small and makes an array of many gigabytes.

    Raises:
        ValueError: there is no room for so many numbers, or an entry is no number.
    """
    for value in () if isinstance(values, range) else values:
        if isinstance(value, (float, int)):  # most are, and an array of each takes long
            room -= 1
        elif isinstance(value, LISTS):
            room = _check_size(value, room)
        elif np.asarray(value).dtype.kind in "biufcO" and not np.ma.is_masked(value):
            room -= np.size(value)
        else:
            raise ValueError("these are no numbers")
        if room < 0:
            break
    room -= len(values) if isinstance(values, range) else 0
    if room < 0:
        raise ValueError("these are too many numbers")
    return room


def _is_exact(value: object) -> bool:
    """Return whether a value is a real number for which numpy has no type of its own."""
    return isinstance(value, (int, float, *EXACT))


def array(answer: Answer, shape: tuple[int, ...] | None = None) -> Floats:
    """Expect an array of finite real numbers.

    Args:
        answer: the answer.
        shape: the expected shape; None allows every shape.

    Returns:
        The numbers as float64.

    Raises:
        Unmet: the answer is no array, has another shape, or contains nan or infinity.

    Examples:
        >>> array(Answer(np.ones(3), "sigmoid(z)"), (3, 1))
        Traceback (most recent call last):
        autograder.checking.expect.Unmet: sigmoid(z) should have the shape (3, 1); ...
    """
    return _of_shape(answer, _numbers(answer, single=shape == ()), shape)


def _of_shape(answer: Answer, numbers: Numbers, shape: tuple[int, ...] | None) -> Numbers:
    """Return the numbers of an answer, where they are finite and of this shape."""
    if shape is not None and numbers.shape != tuple(shape):
        wrong = _("{answer} should have the shape {shape}; it is {what}.")
        raise _unmet(answer, wrong, shape=shape, what=kind(answer.value))
    finite = np.isfinite(numbers)
    if not finite.all():
        where = tuple(int(i) for i in np.argwhere(~finite)[0])
        if where:
            wrong = _("{answer} contains {number} at index {index}; all entries should be finite.")
        else:
            wrong = _("{answer} is {number}; it should be finite.")
        raise _unmet(answer, wrong, number=numbers[where], index=where)
    return numbers


def scalar(answer: Answer, *, size_one: bool = False) -> float:
    """Expect one finite real number: a Python number, a numpy scalar or an array of shape ().

    Args:
        answer: the answer.
        size_one: whether to accept an array with one entry, for example of shape (1, 1).

    Returns:
        The number.

    Raises:
        Unmet: the answer is no such number.

    Examples:
        >>> scalar(Answer(np.float32(0.5), "compute_cost(A2, Y)"))
        0.5
        >>> scalar(Answer(np.array([[0.5]]), "compute_cost(A2, Y)"), size_one=True)
        0.5
    """
    numbers = _of_shape(answer, _numbers(answer, single=True), None)
    if numbers.ndim and not (size_one and numbers.size == 1):
        wrong = _("{answer} should be a single number; it is {what}.")
        raise _unmet(answer, wrong, what=kind(answer.value))
    return float(numbers.reshape(()))


def truth(answer: Answer) -> bool:
    """Expect True or False, as a bool of Python or numpy, or as the number 1 or 0.

    Returns:
        The answer as a bool.

    Raises:
        Unmet: the answer is neither.

    Examples:
        >>> truth(Answer(np.True_, "is_sorted(x)"))
        True
        >>> truth(Answer("yes", "is_sorted(x)"))
        Traceback (most recent call last):
        autograder.checking.expect.Unmet: is_sorted(x) should be True or False; it is str 'yes'.
    """
    try:
        number = scalar(answer)
    except Unmet:  # its sentence asks for a number
        number = math.nan
    if number not in (0.0, 1.0):
        wrong = _("{answer} should be True or False; it is {what}.")
        raise _unmet(answer, wrong, what=kind(answer.value))
    return number == 1.0


def zeros(answer: Answer, shape: tuple[int, ...] | None = None) -> None:
    """Expect an array whose entries are all zero.

    Args:
        answer: the answer.
        shape: the expected shape; None allows every shape.

    Raises:
        Unmet: the answer is no array, has another shape, or has an entry that is not 0.

    Examples:
        >>> zeros(Answer(np.array([0.0, 0.1]), "b"), (2,))
        Traceback (most recent call last):
        autograder.checking.expect.Unmet: b should be zero everywhere. It is not zero in 1 ...
    """
    numbers = array(answer, shape)
    where = np.argwhere(numbers != 0)
    if len(where):
        first = tuple(int(i) for i in where[0])
        size, number = numbers.size, f"{numbers[first]:.6g}"
        if size == 1:
            wrong = _("{answer} should be zero; it is {number}.")
        elif len(where) == size:
            wrong = _(
                "{answer} should be zero everywhere. None of its {size} entries is zero: the "
                "first, at index {index}, is {number}."
            )
        else:
            wrong = _(
                "{answer} should be zero everywhere. It is not zero in {wrong} of {size} entries; "
                "at index {index} it is {number}."
            )
        raise _unmet(answer, wrong, wrong=len(where), size=size, index=first, number=number)


def close(
    answer: Answer, wanted: npt.ArrayLike, *, rtol: float = RTOL, atol: float = 1e-9
) -> Numbers:
    """Expect these numbers in this shape, up to rounding.

    If `wanted` is a list, the answer may be a list or a tuple. If it is an array, the answer must
    be an array. If it is complex, the answer may be complex.

    Each entry may differ by `atol + rtol * max|wanted|`, because rounding is in proportion to the
    largest terms of a sum, and not to the sum after they cancel.

    Args:
        answer: the answer.
        wanted: the expected numbers.
        rtol: the allowed difference, relative to the largest expected number.
        atol: the allowed absolute difference.

    Returns:
        The numbers of the answer, as float64 or complex128.

    Raises:
        Unmet: the answer has another shape, is not finite, or differs by more than the bound. The
            sentence contains the first wrong entry and its index, and no expected number.
        ValueError: an expected number is nan or infinite.

    Examples:
        >>> close(Answer(np.array([0.5, 0.75]), "sigmoid(z)"), np.array([0.5, 0.75]))
        array([0.5 , 0.75])
        >>> close(Answer(6, "f(2.0)"), 4)
        Traceback (most recent call last):
        autograder.checking.expect.Unmet: f(2.0) is 6, which is not right.
    """
    want = _finite(wanted)
    lists = max(want.size, MAX_LIST_ENTRIES) if isinstance(wanted, LISTS) else None
    imaginary, single = want.dtype.kind == "c", not want.ndim
    found = _numbers(answer, lists=lists, imaginary=imaginary, single=single)
    numbers = _of_shape(answer, found, want.shape)
    if not want.size:
        return numbers
    off = ~(np.abs(numbers - want) <= atol + rtol * np.max(np.abs(want)))
    if off.any():
        first = tuple(int(i) for i in np.argwhere(off)[0])
        number = f"{numbers[first]:.6g}"
        count, size = int(off.sum()), off.size
        if size == 1:
            wrong = _("{answer} is {number}, which is not right.")
        elif count == size == 2:
            wrong = _(
                "{answer} is wrong in both entries. The first entry, at index {index}, is {number}."
            )
        elif count == size:
            wrong = _(
                "{answer} is wrong in all {size} entries. The first entry, at index {index}, is "
                "{number}."
            )
        else:
            wrong = _(
                "{answer} is wrong in {wrong} of {size} entries. The first wrong entry, at index "
                "{index}, is {number}."
            )
        raise _unmet(answer, wrong, wanted, wrong=count, size=size, index=first, number=number)
    return numbers


def _finite(wanted: npt.ArrayLike) -> Numbers:
    """Return the expected numbers; a check that expects nan or infinity is wrong itself."""
    want = np.asarray(wanted)
    want = want.astype(np.complex128 if want.dtype.kind == "c" else np.float64)
    if not np.isfinite(want).all():
        raise ValueError("a wanted number is nan or infinite, which nothing is close to")
    return want


def numbers(answer: Answer, shape: tuple[int, ...]) -> Floats:
    """Expect as many finite numbers as fit a shape, and return them in it.

    Use this if another check tests the shape itself.

    Args:
        answer: the answer.
        shape: the shape to return.

    Returns:
        The numbers as float64.

    Raises:
        Unmet: the answer has more or fewer numbers, no numbers, or numbers that are not finite or
            above 1e6.

    Examples:
        >>> numbers(Answer(np.array([1.0, 2.0]), "w"), (2, 1))
        array([[1.],
               [2.]])
    """
    found = array(answer)
    if found.size != np.prod(shape, dtype=int):
        array(answer, shape)
    beyond = _("{answer} contains numbers above 1e6, which are far too large.")
    that(np.all(np.abs(found) < 1e6), beyond.format(answer=answer.name), answer)
    return found.reshape(shape)


def right(answer: Answer, wanted: npt.ArrayLike, *, rtol: float = RTOL, atol: float = 1e-9) -> None:
    """Expect these numbers as `close` does, in any shape.

    Args:
        answer: the answer.
        wanted: the expected numbers.
        rtol: the allowed difference, relative to the largest expected number.
        atol: the allowed absolute difference.

    Raises:
        Unmet: the numbers differ.
        ValueError: an expected number is nan or infinite.

    Examples:
        >>> right(Answer(np.array([[0.5]]), "db"), 0.5)
        >>> right(Answer(np.array([[0.4]]), "db"), 0.5)
        Traceback (most recent call last):
        autograder.checking.expect.Unmet: db is 0.4, which is not right.
    """
    want = _finite(wanted)
    found = numbers(answer, want.shape)
    close(answer._part(found, answer.name, answer.place), want, rtol=rtol, atol=atol)


def equal(answer: Answer, wanted: object, *, rtol: float = RTOL, atol: float = 1e-9) -> None:
    """Expect this value, of any kind, with all its parts.

    Floats and complex numbers may differ by rounding, as in `close`; nan equals nan. Integers,
    fractions, decimals, text, dates and everything else must be exact. A list may replace a tuple,
    a tuple a list, and an array a list of numbers.

    Args:
        answer: the answer.
        wanted: the expected value.
        rtol: the allowed difference of floats, relative to the expected number.
        atol: the allowed absolute difference of floats.

    Raises:
        Unmet: the answer is another value. The sentence contains the first different part and its
            place, and no expected value.

    Examples:
        >>> equal(Answer({"mean": 0.1 + 0.2, "rows": [1, 2]}, "f()"), {"mean": 0.3, "rows": (1, 2)})
        >>> equal(Answer({"mean": 0.3, "rows": [1, 3]}, "f()"), {"mean": 0.3, "rows": (1, 2)})
        Traceback (most recent call last):
        autograder.checking.expect.Unmet: f()['rows'][1] is int 3, and that is not right.
    """
    found = first_difference(answer.value, bare(wanted), rtol, atol)
    if found is not None:
        place, there, want = found
        raise Unmet(_what_differs(answer.name + place, there, want), answer, wanted)


def _what_differs(name: str, there: Any, want: Any) -> str:
    """Return a sentence that says what differs, without the expected value or its length."""
    form, items = _form(want), (list, tuple)
    is_list = isinstance(want, items) and _unpacks(there)
    wrong, item = _("{answer} is {what}, and that is not right."), ""
    if there is MORE_KEYS:
        wrong = _("{answer} should not be there.")
    elif there is TOO_FEW_KEYS:
        wrong = _("{answer} lacks a key.")
    elif form is not None and form != _form(there) and not is_list:
        wrong = _("{answer} should be {form}; it is {what}.")
    elif isinstance(want, (set, frozenset)) and there - want:
        item = min(map(_repr, there - want))  # a set has another order in each process
        wrong = _("{answer} contains {item}, which should not be there.")
    elif is_list or isinstance(want, (set, frozenset)):
        if len(there) < len(want):
            wrong = _("{answer} has too few entries; it is {what}.")
        elif len(there) > len(want):
            wrong = _("{answer} has too many entries; it is {what}.")
    elif hasattr(want, "shape") and getattr(there, "shape", want.shape) != want.shape:
        wrong = _("{answer} has the wrong shape; it is {what}.")
    return wrong.format(answer=name, what=kind(there), form=form, item=_cut(item))


def _form(value: Any) -> str | None:
    """Return the form of a value for a sentence that asks for it; None if it has no name."""
    if isinstance(value, np.ndarray) and not value.ndim:
        value = value[()]
    if isinstance(value, (bool, np.bool_)):
        return _("True or False")
    if isinstance(value, NUMBERS):
        return _("a number")
    if isinstance(value, str):
        return _("text")
    if isinstance(value, (list, tuple)):
        return _("a list or a tuple")
    named: dict[str, tuple[type, ...]]
    named = {"set": (set, frozenset), "dict": (dict,), "array": (np.ndarray,)}
    named |= {name: _pandas(name) for name in ("DataFrame", "Series")}
    for name, types in named.items():
        if isinstance(value, types):
            return _typed(name)
    return None if _named_parts(value) is None else _typed(_cut(_type_name(value)))


Difference = tuple[str, object, object]
"""Where two values differ, as it stands after the name of an answer, what the answer holds there,
and what it should hold."""

MORE_KEYS, TOO_FEW_KEYS = object(), object()
"""Stand for what an answer holds at a key that should not be there, and where keys are missing."""


def first_difference(one: Any, want: Any, rtol: float, atol: float) -> Difference | None:
    """Return the first place at which a value is not the wanted one; None if there is none."""

    def inside(pairs: Iterable[tuple[object, object, object]]) -> Difference | None:
        for key, ours, wanted in pairs:
            found = first_difference(ours, wanted, rtol, atol)
            if found is not None:
                return f"[{_cut(_repr(key))}]{found[0]}", *found[1:]
        return None

    here = "", one, want
    if is_pandas(want, "DataFrame", "Series", "Index"):
        return _pandas_difference(one, want, rtol, atol)
    if isinstance(want, np.ndarray) and want.ndim:
        if not isinstance(one, np.ndarray) or one.shape != want.shape:
            return here
        if want.dtype.names or one.dtype.names:
            if one.dtype.names != want.dtype.names:
                return here
            return inside((name, one[name], want[name]) for name in want.dtype.names)
        return None if _alike(one, want, rtol, atol) else here
    if isinstance(want, (list, tuple)):
        if isinstance(one, np.ndarray) and one.ndim:
            one = one.tolist()
        if not isinstance(one, (list, tuple)) or len(one) != len(want):
            return here
        return inside(zip(range(len(want)), one, want, strict=True))
    parts, wanted_parts = _named_parts(one), _named_parts(want)
    if wanted_parts is not None:
        if parts is None or isinstance(one, dict) != isinstance(want, dict):
            return here
        if _class_name(one) != _class_name(want):
            return here
        more = [key for key in parts if key not in wanted_parts]
        if more or len(parts) < len(wanted_parts):
            there = (f"[{_cut(_repr(more[0]))}]", MORE_KEYS) if more else ("", TOO_FEW_KEYS)
            return *there, None
        return inside((key, parts[key], wanted_parts[key]) for key in parts)
    return None if _alike(one, want, rtol, atol) else here


def _class_name(value: object) -> str:
    """Return the name of a dataclass; an instance that has crossed carries the name itself."""
    return "" if isinstance(value, dict) else _type_name(value)


def _pandas_difference(one: Any, want: Any, rtol: float, atol: float) -> Difference | None:
    here = "", one, want
    kinds = _pandas("DataFrame", "Series", "Index")
    if not any(isinstance(one, each) and isinstance(want, each) for each in kinds):
        return here
    if one.shape != want.shape:
        return here
    if is_pandas(want, "Index"):
        same = first_difference(one.tolist(), want.tolist(), rtol, atol) is None
        return None if same and list(one.names) == list(want.names) else here
    if _pandas_difference(one.index, want.index, rtol, atol) is not None:
        return ".index", one.index, want.index
    if is_pandas(want, "Series"):
        if one.name != want.name and not (one.name is None and want.name is None):
            return here
        return None if first_difference(one.tolist(), want.tolist(), rtol, atol) is None else here
    if _pandas_difference(one.columns, want.columns, rtol, atol) is not None:
        return ".columns", one.columns, want.columns
    for place, name in enumerate(want.columns):
        ours, wanted = one.iloc[:, place].tolist(), want.iloc[:, place].tolist()
        if first_difference(ours, wanted, rtol, atol) is not None:
            return f"[{_cut(_repr(name))}]", one.iloc[:, place], want.iloc[:, place]
    return None


NUMBERS = (int, float, complex, *EXACT, np.number)


def _alike(one: Any, want: Any, rtol: float, atol: float) -> bool:
    """Return whether two values without parts, or two arrays, are alike."""
    try:
        if isinstance(one, np.ndarray) or isinstance(want, np.ndarray):
            return _arrays_alike(one, want, rtol, atol)
        truths = [isinstance(each, (bool, np.bool_)) for each in (one, want)]
        if any(truths):
            return all(truths) and bool(one) == bool(want)
        if isinstance(one, NUMBERS) and isinstance(want, NUMBERS):
            exact = (int, np.integer, *EXACT)
            if isinstance(one, exact) and isinstance(want, exact):
                return bool(one == want)
            a, b = complex(one), complex(want)
            if math.isnan(abs(a)) or math.isnan(abs(b)):
                return math.isnan(abs(a)) and math.isnan(abs(b))
            return bool(a == b or abs(a - b) <= atol + rtol * abs(b))
        if isinstance(want, (str, bytes, bytearray, range, datetime.date, datetime.time)):
            kinds = [type(one), type(want)]
            if isinstance(want, str):
                kinds = [str if isinstance(each, str) else type(each) for each in (one, want)]
            return kinds[0] is kinds[1] and bool(one == want)
        if one is want or (one != one and want != want):
            return True
        return bool(one == want)
    except Exception:  # a student's value that cannot be compared is not equal
        return False


def _arrays_alike(one: Any, want: Any, rtol: float, atol: float) -> bool:
    one_mask, want_mask = np.ma.getmaskarray(one), np.ma.getmaskarray(want)
    if one_mask.shape != want_mask.shape or np.any(one_mask != want_mask):
        return False
    ours, wanted = np.asarray(one)[~one_mask], np.asarray(want)[~want_mask]
    kinds = ours.dtype.kind + wanted.dtype.kind
    if kinds == "bb" or (set(kinds) <= set("iu")):
        return bool(np.all(ours == wanted))
    if set(kinds) <= set("biufc") and ("b" not in kinds):
        with np.errstate(all="ignore"):
            sizes = np.abs(wanted[np.isfinite(wanted)])
            bound = atol + rtol * np.max(sizes, initial=0.0)
            near = np.abs(ours.astype(complex) - wanted.astype(complex)) <= bound
        return bool(np.all(near | (ours == wanted) | (np.isnan(ours) & np.isnan(wanted))))
    if "O" in kinds:
        pairs = zip(ours.tolist(), wanted.tolist(), strict=True)
        return all(first_difference(a, b, rtol, atol) is None for a, b in pairs)
    both = kinds[0] == kinds[1]
    if both and kinds[0] in "mM":
        return bool(np.all((ours == wanted) | (np.isnat(ours) & np.isnat(wanted))))
    return both and bool(np.all(ours == wanted))


def untouched(answer: Answer) -> None:
    """Expect that a call did not change its arguments.

    Args:
        answer: the whole result of the call.

    Raises:
        Unmet: an argument was changed; the sentence names it.

    Examples:
        >>> untouched(Answer([1, 2], "sorted_copy(x)", altered=lambda: None))
        >>> untouched(Answer([1, 2], "sort(x)", altered=lambda: "x"))
        Traceback (most recent call last):
        autograder.checking.expect.Unmet: sort(x) changed its argument x. Leave ...
    """
    altered = answer.altered() if answer.altered is not None else None
    if altered is not None:
        wrong = _(
            "{call} changed its argument {argument}. Leave arguments as they are: `a -= b` and "
            "`a[key] = b` change the object that was passed in, and `a = a - b` makes a new one."
        )
        raise Unmet(wrong.format(call=answer.name, argument=altered), answer)


def same(one: Any, other: Any) -> bool:
    """Return whether two values are the same, number for number (nan is itself) and key for key."""
    if isinstance(one, np.ndarray) or isinstance(other, np.ndarray):
        if not isinstance(one, np.ndarray) or not isinstance(other, np.ndarray):
            return False
        if one.shape != other.shape or one.dtype != other.dtype:
            return False
        if not np.array_equal(np.ma.getmaskarray(one), np.ma.getmaskarray(other)):
            return False
        if one.dtype.hasobject:
            return all(map(same, one.ravel().tolist(), other.ravel().tolist()))
        return np.asarray(one).tobytes() == np.asarray(other).tobytes()
    if isinstance(one, dict) and isinstance(other, dict):
        ours, theirs = (
            {"nan" if key != key else (key,): value for key, value in each.items()}
            for each in (one, other)
        )
        return ours.keys() == theirs.keys() and all(same(ours[k], theirs[k]) for k in ours)
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        return len(one) == len(other) and all(map(same, one, other))
    if type(one) is not type(other):
        return False
    if is_pandas(one, "DataFrame", "Series", "Index"):
        return bool(one.equals(other))
    parts, others = _named_parts(one), _named_parts(other)
    if parts is not None and others is not None:
        return _class_name(one) == _class_name(other) and same(dict(parts), dict(others))
    try:
        return bool(one == other or (one != one and other != other))
    except Exception:  # a value that cannot be compared, in a lone notebook
        return one is other
