"""Mutated messages are sent to the judge's end of a conversation, as a hostile fork would.

The judge's own `Fork` receives them, the answer is unpacked as checks have it, and every
expectation is asked about it. What may come of it is an answer to the question that was asked, or
`Crashed`; of an expectation a value or `Unmet`. A message that was not altered must come out as it
went in.
"""

from __future__ import annotations

import operator
import os
import random
import socket
import struct
from collections import namedtuple
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import msgspec
import numpy as np

from autograder.checking import expect
from autograder.checking.expect import Answer, Unmet
from autograder.sandbox.host.fork import Fork
from autograder.sandbox.host.monitor import Observations, ProcessDeaths
from autograder.sandbox.host.process import Crashed
from autograder.sandbox.protocol import limits, wire
from autograder.sandbox.protocol.limits import TimeLimit
from robustness.fuzzing.mutations import nodes
from robustness.fuzzing.table import Outcomes, Wrong

Point = namedtuple("Point", "x y")  # as students write it

LIMITS = TimeLimit(cpu=60.0, wall=60.0)
NUMBER = 7

CALL = wire.Call(NUMBER, "double", (wire.pack(21.0, lambda _: wire.Handle(1, "a thing")),), ())
"""The call that is answered."""
Frame = Callable[[Any, random.Random], bytes]
KINDS: dict[str, Frame] = {}

ODD: list[Any] = [
    *(None, True, 0, -1, 7, 2**63, 2**64 - 1, -(2**63), 1.5, float("nan"), float("-inf"), "", b""),
    *("float64", "list", "object", "x" * 101, b"\1" * 8, [], {}, [[]], ["list", []], ["dict", []]),
    *(["handle", 3, "a thing"], ["array", "int8", [2**40, 0], b"", False], {"list": []}),
    *(["array", "float64", [], np.float64(np.nan).tobytes(), True], ["missing", 7], ["swept"]),
    *(["integer", b"\0" * 9], ["ratio", 1, 0], ["decimal", "1E+9999999"], ["range", 0, 9, 0]),
    *(["set", [1, 1.0], False], ["map", [[["list", []], 1]]], ["moment", "date", "2024-13-01"]),
    *(["record", "tuple", "P", ["x"], []], ["typed", "U1", [], [1], b"\xff" * 4, False]),
    *(["objects", [2], [1]], ["known", b"0"], ["duration", 2**62, 0, 0], ["stamp", None]),
    *(
        [
            "series",
            ["column", "", ["objects", [1], [1]]],
            ["labels", ["range", 0, 1, 1], [None], False],
            None,
        ]
    ),
    *(["dict", [["W1", None], ["W1", 1], [float("nan"), 2]]], ["array", "bool", [1], b"\2", False]),
]


def kind(name: str) -> Callable[[Frame], Frame]:
    """Names a way to alter a message."""

    def register(function: Frame) -> Frame:
        KINDS[name] = function
        return function

    return register


def framed(body: bytes) -> bytes:
    """Return a message with its length before it."""
    return struct.pack(">I", len(body)) + body


def encoded(message: Any) -> bytes:
    """Return a message in a frame."""
    return framed(msgspec.msgpack.encode(message))


@kind("unaltered")
def _unaltered(message: Any, _chance: random.Random) -> bytes:
    return encoded(message)


@kind("flipped bytes")
def _flip(message: Any, chance: random.Random) -> bytes:
    body = bytearray(msgspec.msgpack.encode(message))
    for _ in range(chance.choice([1, 1, 2, 5])):
        body[chance.randrange(len(body))] = chance.choice([chance.randrange(256), 0xDD, 0xC6, 0xDF])
    return framed(bytes(body))


@kind("cut off")
def _cut(message: Any, chance: random.Random) -> bytes:
    data = encoded(message)
    return data[: chance.randrange(len(data))]


@kind("cut off in its frame")
def _cut_inside(message: Any, chance: random.Random) -> bytes:
    body = msgspec.msgpack.encode(message)
    return framed(body[: chance.randrange(len(body))])


@kind("bytes put in")
def _put_in(message: Any, chance: random.Random) -> bytes:
    body = msgspec.msgpack.encode(message)
    place = chance.randrange(len(body) + 1)
    return framed(body[:place] + chance.randbytes(chance.choice([1, 4, 30])) + body[place:])


@kind("a length that lies")
def _lie(message: Any, chance: random.Random) -> bytes:
    body = msgspec.msgpack.encode(message)
    said = chance.choice([0, len(body) - 1, len(body) + 1, 2**32 - 1, limits.MAX_MESSAGE_BYTES + 1])
    return struct.pack(">I", said) + body


@kind("a node of another type")
def _retype(message: Any, chance: random.Random) -> bytes:
    holder, key = chance.choice(nodes(message))
    holder[key] = chance.choice(ODD)
    return encoded(message)


@kind("a node dropped or twice")
def _splice(message: Any, chance: random.Random) -> bytes:
    holder, key = chance.choice([(h, k) for h, k in nodes(message) if isinstance(h, list)])
    holder[key : key + 1] = [holder[key]] * chance.choice([0, 2, 50])
    return encoded(message)


@kind("two nodes swapped")
def _swap(message: Any, chance: random.Random) -> bytes:
    (one, key), (other, place) = chance.choices(nodes(message), k=2)
    if isinstance(one[key], (list, dict)) or isinstance(other[place], (list, dict)):
        return encoded(chance.choice(ODD))  # one may hold the other, and itself then
    one[key], other[place] = other[place], one[key]
    return encoded(message)


@kind("nested deeply")
def _nest(message: Any, chance: random.Random) -> bytes:
    holder, key = chance.choice(nodes(message))
    for _ in range(chance.choice([5, 22, 24, 25, 100, 200])):
        holder[key] = ["list", [holder[key]]]
    return encoded(message)


@kind("a wrong number")
def _number(message: Any, chance: random.Random) -> bytes:
    message[1] = chance.choice([0, NUMBER + 1, -NUMBER, 2**63, float(NUMBER), str(NUMBER)])
    return encoded(message)


@kind("calls and other messages first")
def _first(message: Any, chance: random.Random) -> bytes:
    calls = [["call", 0, "double", [chance.choice(ODD)], [], None]] * chance.choice([1, 3])
    others: list[Any] = chance.choice(
        [calls, [["missing", NUMBER + 1]], [["swept"]], [["ready", []]]]
    )
    return b"".join(map(encoded, [*others, message]))


@kind("no message at all")
def _garbage(_message: Any, chance: random.Random) -> bytes:
    return framed(chance.randbytes(chance.randrange(60)))


def value(chance: random.Random, depth: int = 3) -> Any:
    """Return a value such as a function returns."""
    match chance.randrange(11 if depth else 7):
        case 0:
            return chance.choice([None, True, 0, -5, 2**62, "text", "é", 1.5, float("nan"), -0.0])
        case 1 | 2:
            shape = [chance.randrange(4) for _ in range(chance.randrange(4))]
            return np.full(shape, chance.randrange(100)).astype(chance.choice(list(wire.DTYPES)))
        case 3 | 4:
            return np.float64(chance.gauss(0, 1))
        case 5:
            return np.array([[chance.gauss(0, 1) for _ in range(3)] for _ in range(2)])
        case 6:
            return chance.choice(
                [
                    *(10**40, -(2**63) - 1, 1 - 2j, Fraction(1, 3), Decimal("1.10"), b"ab"),
                    *(range(3), {1, "a"}, frozenset([(1, 2)]), {(0, 1): 2}, date(2024, 2, 29)),
                    *(datetime(2024, 1, 1), timedelta(1, 2, 3), np.array(["a", "bc"])),
                    *(np.ma.array([1.0, 2.0], mask=[False, True]), np.array([1, None], object)),
                    np.zeros(2, [("a", "f8"), ("b", "U2", (2,))]),
                    np.array(["2024-01-01"], "M8[D]"),
                ]
            )
        case 7:
            return {key: value(chance, depth - 1) for key in ("W1", "b1", "W2")}
        case 8:
            return Point(value(chance, depth - 1), 1)
        case 9:
            return [value(chance, depth - 1) for _ in range(chance.randrange(4))]
        case _:
            return value(chance, depth - 1), value(chance, depth - 1)


def fuzz(count: int, seed: int) -> Outcomes:
    """Send so many mutated messages.

    Args:
        count: how many.
        seed: of the chance that makes them.
    """
    outcomes = Outcomes("mutated messages", ("refused", "as it was", "another answer"))
    for step in range(count):
        name = list(KINDS)[step % len(KINDS)]
        chance = random.Random(f"{seed} {step}")  # noqa: S311  # repeatable
        with outcomes.attempt(name, step) as counts:
            outcome = _attempt(name, chance)
            counts[outcome] += 1
        outcomes.progress(step + 1, count)
    return outcomes


def _attempt(name: str, chance: random.Random) -> str:
    """Return the outcome of one message.

    Raises:
        Wrong: it should have been another outcome.
    """
    true = value(chance)
    packed = wire.pack(true, lambda _: wire.Handle(1, "a thing"))
    error = wire.Raised("ValueError", "no", 3, "x = 1", "double")
    some: list[wire.ByFork] = [
        *[wire.Returned(NUMBER, packed, CALL.arguments)] * 6,
        wire.Returned(NUMBER, packed, (packed,)),  # it has changed its argument
        wire.Failed(NUMBER, error),
        wire.Missing(NUMBER),
    ]
    honest = chance.choice(some)
    plain = msgspec.msgpack.decode(msgspec.msgpack.encode(honest))
    answer = _received(KINDS[name](plain, chance))
    if name == "unaltered" and answer is None:
        raise Wrong(f"refused, though it is honest: {honest}")
    if answer is None:
        return "refused"
    if answer.number != NUMBER:
        raise Wrong(f"the answer to another question was taken: {answer.number}")
    if isinstance(answer, wire.Returned):
        try:
            _ask(wire.unpack(answer.value), true, chance)
            for each in answer.arguments or ():
                expect.same(wire.unpack(each), true)
        except wire.BadMessage:
            return "refused"
    if msgspec.msgpack.encode(answer) == msgspec.msgpack.encode(_read(honest)):
        return "as it was"
    if name == "unaltered":
        raise Wrong(f"{honest} came out as {answer}")
    return "another answer"


def _read(honest: wire.ByFork) -> wire.ByFork:
    """Return an honest answer as the judge reads it: without arguments that are as they were."""
    if isinstance(honest, wire.Returned):
        unchanged = msgspec.msgpack.encode(honest.arguments) == wire.sent(CALL)
        return msgspec.structs.replace(honest, arguments=None) if unchanged else honest
    return honest


class Refusing:
    """Stands in for a function, and cannot be called with anything."""

    spent = 0.0

    def __call__(self, call: wire.Call, _during: wire.Call | None) -> wire.Failed:
        """Says so."""
        return wire.Failed(call.number, wire.Raised("TypeError", "no"))


def _received(data: bytes) -> wire.ByFork | None:
    """Return what the judge takes for an answer, if it takes it."""
    ours, theirs = socket.socketpair()
    fork = Fork(ours, ProcessDeaths(), Observations())
    fork.pid = os.getpid()  # as if it had said its first word
    fork.answered = NUMBER - 1
    fork.call_handler = Refusing()
    try:
        with theirs:
            theirs.sendall(data)
            theirs.shutdown(socket.SHUT_WR)
            answer = fork.answer(CALL, LIMITS)
            return answer.open(wire.sent(CALL)) if isinstance(answer, wire.Sealed) else answer
    except (Crashed, wire.BadMessage):
        return None
    finally:
        fork.end()


def _ask(got: Any, true: Any, chance: random.Random) -> None:
    """Asks every expectation about a value, which may be anything."""
    answer = Answer(got, "double(1)", lambda: None if expect.same(got, true) else "number")
    with np.errstate(all="ignore"):
        for ask in (
            lambda: answer["W1"],
            lambda: answer[chance.randrange(-2, 3)],
            lambda: list(answer),
            lambda: answer.pair("A2", "cache"),
            lambda: expect.array(answer, (2, 3)),
            lambda: expect.scalar(answer, size_one=True),
            lambda: expect.truth(answer),
            lambda: expect.zeros(answer),
            lambda: expect.close(answer, np.ones((2, 3))),
            lambda: expect.close(answer, [1.0, 2j]),
            lambda: expect.equal(answer, true),
            lambda: answer._use(operator.add, 1),
            lambda: answer == [1.0],
            lambda: expect.untouched(answer),
        ):
            try:
                ask()
            except Unmet as unmet:
                if len(str(unmet)) > 1000:
                    raise Wrong(f"{len(str(unmet))} characters are no sentence") from unmet
    expect.describe("double", ["number"], [got], {})
