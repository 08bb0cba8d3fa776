"""What a check may expect of an answer, and the sentence a learner reads where it is not met.

Numpy is all this module needs, and it imports nothing of ours but the marks of what is to be
translated: the build copies it into the learner's notebook, word for word but for the sentences in
another language, where the visible checks use the very code that marks use.

An answer may be anything at all. Whatever is asked of it here ends in a value that is what it
claims to be, or in `Unmet` with a sentence; never in another exception, and never with the value
that was wanted in the sentence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from autograder.i18n import _

Floats = npt.NDArray[np.float64]

RTOL = 1e-4
"""Relative to the largest wanted entry: float32 keeps 7 digits, and sums of some hundred terms in
another order lose two or three of them."""

ROUNDING = 1e-6
"""What float32 may be off where numbers of size 1 cancel: some ten times its precision of 6e-8."""


class Unmet(Exception):
    """An expectation that an answer does not meet; its text is a sentence for the learner."""


class Answer:
    """What a learner's function returned, with a name to speak of it.

    `answer["W1"]` and `A2, cache = answer` give the parts, again as answers, and raise `Unmet`
    where there are none. The `expect` functions turn an answer into numbers.

    Args:
        value: the value itself.
        name: how a sentence speaks of it, `initialize_parameters(2, 4, 1)["W1"]`, say.
        altered: for the whole return of a call, finds the first argument that the call altered:
            its name, or None.
    """

    def __init__(
        self, value: object, name: str, altered: Callable[[], str | None] | None = None
    ) -> None:
        self._value = value
        self.name = name
        self.altered = altered

    @property
    def value(self) -> object:
        """The value itself."""
        return self._value

    def __getitem__(self, key: str | int) -> Answer:
        value = self.value
        if isinstance(key, str):
            if not isinstance(value, dict):
                wrong = _("{answer} should be a dict; it is {what}.")
                raise Unmet(wrong.format(answer=self.name, what=kind(value)))
            if key not in value:
                has = listed(sorted(map(shown, value))) or _("no keys at all")
                lacks = _('{answer} has no key "{key}"; it has {keys}.')
                raise Unmet(lacks.format(answer=self.name, key=key, keys=has))
            return Answer(value[key], f'{self.name}["{key}"]')
        if not isinstance(value, (list, tuple)) or not -len(value) <= key < len(value):
            lacks = _("{answer} should have an item at index {number}; it is {what}.")
            raise Unmet(lacks.format(answer=self.name, number=key, what=kind(value)))
        return Answer(value[key], f"{self.name}[{key}]")

    def __iter__(self) -> Iterator[Answer]:
        value = self.value
        if not isinstance(value, (list, tuple)):
            wrong = _("{answer} should return several values; it returned {what}.")
            raise Unmet(wrong.format(answer=self.name, what=kind(value)))
        return (Answer(part, f"{self.name}[{i}]") for i, part in enumerate(value))

    def pair(self, first: str, second: str) -> tuple[Answer, Answer]:
        """The two values of a function that returns two, under the names the field gives them.

        Raises:
            Unmet: the answer is not two values.
        """
        if not isinstance(self.value, (list, tuple)) or len(self.value) != 2:
            wrong = _(
                "{answer} should return two values, {first} and {second}; it returned {what}."
            )
            what = kind(self.value)
            raise Unmet(wrong.format(answer=self.name, first=first, second=second, what=what))
        part = _("{name} of {answer}")
        return (
            Answer(self.value[0], part.format(name=first, answer=self.name)),
            Answer(self.value[1], part.format(name=second, answer=self.name)),
        )

    def __repr__(self) -> str:
        return f"Answer({self.name}: {kind(self.value)})"


def bare(value: Any) -> Any:
    """A value without the names that checks give to answers, all the way down."""
    if isinstance(value, Answer):
        return bare(value.value)
    if isinstance(value, dict):
        return {key: bare(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(bare(item) for item in value)
    return value


def kind(value: object) -> str:
    """A few words on what a value is: its type, and its shape or length where it has one."""
    if value is None:
        return _("None (is a return statement missing?)")
    if isinstance(value, np.ndarray):
        array = _("an array of shape {shape} and type {type}")
        return array.format(shape=value.shape, type=value.dtype)
    if isinstance(value, (list, tuple)):
        return _("a {type} of {length}").format(type=type(value).__name__, length=len(value))
    if isinstance(value, (bool, int, float, str, np.generic)):
        return f"{type(value).__name__} {_cut(_repr(value))}"
    described = getattr(value, "described", None)
    if isinstance(described, str) and described:
        return described
    return _("a {type}").format(type=type(value).__name__)


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
    """A key of a dict as a sentence shows it."""
    return _cut(key if isinstance(key, str) else _repr(key))


def listed(names: Sequence[str], most: int = 12) -> str:
    """Names as a sentence lists them: no more than these."""
    some = ", ".join(names[:most])
    if len(names) <= most:
        return some
    return _("{names} and {number} more").format(names=some, number=len(names) - most)


def describe(
    function: str, names: Sequence[str], arguments: Sequence[object], keywords: dict[str, object]
) -> tuple[str, list[str]]:
    """How a sentence speaks of a call, `nn_model(X, Y, 4, num_iterations=10)` say.

    Args:
        function: its name.
        names: of its parameters, as far as they are known.
        arguments: given by position.
        keywords: given by name.

    Returns:
        The words for the call, and the names of all its arguments. Numbers and strings are shown,
        anything larger goes by its name. Of a number that has more than six digits it is said what
        it is about.
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


def that(condition: object, sentence: str) -> None:
    """Expects a condition to hold.

    Raises:
        Unmet: with the sentence, where it does not.
    """
    if not condition:
        raise Unmet(sentence)


def keys(answer: Answer, wanted: Sequence[str]) -> None:
    """Expects a dict with at least these keys; more of them do no harm.

    Raises:
        Unmet: it is no dict, or lacks one.
    """
    for key in wanted:
        answer[key]


def _numbers(answer: Answer) -> Floats:
    """The answer as a float array, whatever form its numbers have."""
    value = answer.value
    if isinstance(value, (bool, int, float, np.generic, np.ndarray)):
        try:
            array = np.asarray(value)
            if array.dtype.kind in "biuf":
                return array.astype(np.float64)
        except (ValueError, TypeError, OverflowError):
            pass
    wrong = _("{answer} should hold real numbers; it is {what}.")
    raise Unmet(wrong.format(answer=answer.name, what=kind(value)))


def array(answer: Answer, shape: tuple[int, ...] | None = None) -> Floats:
    """Expects an array of finite real numbers, of this shape where one is given.

    Returns:
        The numbers, as float64, of that shape.

    Raises:
        Unmet: it is no array, its shape is another one, or an entry is nan or infinite.
    """
    numbers = _numbers(answer)
    if shape is not None and numbers.shape != tuple(shape):
        wrong = _("{answer} should have the shape {shape}; it is {what}.")
        raise Unmet(wrong.format(answer=answer.name, shape=shape, what=kind(answer.value)))
    finite = np.isfinite(numbers)
    if not finite.all():
        where = tuple(int(i) for i in np.argwhere(~finite)[0])
        if where:
            wrong = _("{answer} contains {number} at index {index}; all entries should be finite.")
        else:
            wrong = _("{answer} is {number}; it should be finite.")
        raise Unmet(wrong.format(answer=answer.name, number=numbers[where], index=where))
    return numbers


def scalar(answer: Answer, *, size_one: bool = False) -> float:
    """Expects one finite real number: a Python number, a numpy scalar or an array of shape ().

    Args:
        answer: what to look at.
        size_one: whether an array with one entry, of shape (1, 1) say, will do.

    Raises:
        Unmet: it is no such number.
    """
    numbers = array(answer)
    if numbers.ndim and not (size_one and numbers.size == 1):
        wrong = _("{answer} should be a single number; it is {what}.")
        raise Unmet(wrong.format(answer=answer.name, what=kind(answer.value)))
    return float(numbers.reshape(()))


def truth(answer: Answer) -> bool:
    """Expects True or False, as Python's or numpy's bool, or as the numbers 1 and 0.

    Raises:
        Unmet: it is neither.
    """
    number = scalar(answer)
    if number not in (0.0, 1.0):
        wrong = _("{answer} should be True or False; it is {what}.")
        raise Unmet(wrong.format(answer=answer.name, what=kind(answer.value)))
    return number == 1.0


def zeros(answer: Answer, shape: tuple[int, ...] | None = None) -> None:
    """Expects an array of nothing but zeros.

    Raises:
        Unmet: it is no array, of another shape, or an entry is not 0.
    """
    numbers = array(answer, shape)
    where = np.argwhere(numbers != 0)
    if len(where):
        first = tuple(int(i) for i in where[0])
        wrong = _(
            "{answer} should be zero everywhere. It is not zero in {wrong} of {size} entries; at "
            "index {index} it is {number}."
        )
        size, number = numbers.size, f"{numbers[first]:.6g}"
        raise Unmet(
            wrong.format(
                answer=answer.name, wrong=len(where), size=size, index=first, number=number
            )
        )


def close(
    answer: Answer, wanted: npt.ArrayLike, *, rtol: float = RTOL, atol: float = 1e-9
) -> Floats:
    """Expects the wanted numbers, in the wanted shape, up to rounding.

    The bound on every entry is `atol + rtol * max|wanted|`: rounding goes with the largest terms
    of a sum, not with what is left after they cancel.

    Returns:
        The numbers of the answer, as float64.

    Raises:
        Unmet: another shape, not finite, or an entry further off than the bound. The sentence
            says where and what the answer holds there, not what was wanted.
        ValueError: a wanted number is nan or infinite, which nothing is close to.
    """
    want = _finite(wanted)
    numbers = array(answer, want.shape)
    if not want.size:
        return numbers
    off = ~(np.abs(numbers - want) <= atol + rtol * np.max(np.abs(want)))
    if off.any():
        first = tuple(int(i) for i in np.argwhere(off)[0])
        number = f"{numbers[first]:.6g}"
        if not first:
            wrong = _("{answer} is {number}, which is not right.")
            raise Unmet(wrong.format(answer=answer.name, number=number))
        wrong = _(
            "{answer} is wrong in {wrong} of {size} entries. The first wrong entry, at index "
            "{index}, is {number}."
        )
        count, size = int(off.sum()), off.size
        raise Unmet(
            wrong.format(answer=answer.name, wrong=count, size=size, index=first, number=number)
        )
    return numbers


def _finite(wanted: npt.ArrayLike) -> Floats:
    """The wanted numbers; a check that wants others is wrong itself, and fails nobody."""
    want = np.asarray(wanted, dtype=np.float64)
    if not np.isfinite(want).all():
        raise ValueError("a wanted number is nan or infinite, which nothing is close to")
    return want


def numbers(answer: Answer, shape: tuple[int, ...]) -> Floats:
    """The numbers of an answer, put into this shape; another check asks for the shape itself.

    Raises:
        Unmet: there are more of them or fewer, or they are none, or not finite, or above 1e6.
    """
    found = array(answer)
    if found.size != np.prod(shape, dtype=int):
        array(answer, shape)
    beyond = _("{answer} contains numbers above 1e6, which are far too large.")
    that(np.all(np.abs(found) < 1e6), beyond.format(answer=answer.name))
    return found.reshape(shape)


def right(answer: Answer, wanted: npt.ArrayLike, *, rtol: float = RTOL, atol: float = 1e-9) -> None:
    """Expects the wanted numbers as `close` does, but in whatever shape.

    Raises:
        Unmet: they are not.
        ValueError: as of `close`.
    """
    want = _finite(wanted)
    found = numbers(answer, want.shape)
    close(Answer(found, answer.name), want, rtol=rtol, atol=atol)


def untouched(answer: Answer) -> None:
    """Expects the arguments of a call to be, after it, as they were before.

    Args:
        answer: the whole return of the call.

    Raises:
        Unmet: an argument was altered; the sentence names it.
    """
    altered = answer.altered() if answer.altered is not None else None
    if altered is not None:
        wrong = _(
            "{call} changed its argument {argument}. Leave arguments as they are: `a -= b` and "
            "`a[key] = b` change the object that was passed in, and `a = a - b` makes a new one."
        )
        raise Unmet(wrong.format(call=answer.name, argument=altered))


def same(one: Any, other: Any) -> bool:
    """Whether two values are the same, number for number (nan is itself) and key for key."""
    if isinstance(one, np.ndarray) or isinstance(other, np.ndarray):
        return (
            isinstance(one, np.ndarray)
            and isinstance(other, np.ndarray)
            and one.shape == other.shape
            and one.dtype == other.dtype
            and one.tobytes() == other.tobytes()
        )
    if isinstance(one, dict) and isinstance(other, dict):
        ours, theirs = (
            {"nan" if key != key else (key,): value for key, value in each.items()}
            for each in (one, other)
        )
        return ours.keys() == theirs.keys() and all(same(ours[k], theirs[k]) for k in ours)
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        return len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and (one == other or (one != one and other != other))
