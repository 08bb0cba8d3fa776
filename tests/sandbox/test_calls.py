"""A student's functions answer in forks; whatever they do, the judge has an answer or a verdict."""

from __future__ import annotations

import os
import sys
import time
from typing import Any

import numpy as np
import pytest

from autograder.sandbox.host.process import Crashed, TimedOut
from autograder.sandbox.protocol import wire
from autograder.sandbox.protocol.limits import TimeLimit
from tests.helpers.sessions import AMPLE, Open

HASTE = TimeLimit(cpu=0.3, wall=20.0)

SOCKET = """
import os, socket, stat, struct, time

def is_socket(number):
    try:
        return stat.S_ISSOCK(os.fstat(number).st_mode)
    except OSError:
        return False

def line():
    (mine,) = filter(is_socket, range(64))
    return socket.socket(fileno=mine)

def say(body):
    line().sendall(struct.pack(">I", len(body)) + body)
    time.sleep(60)
"""
"""A student who found the socket over which the answers go."""


def test_a_fork_says_which_of_the_functions_it_is_asked_for_can_be_called(notebook: Open) -> None:
    cells = (
        "from functools import partial\nimport numpy as np",
        "def f(): pass\ng = lambda: 0\nh = partial(f)\nclass K: pass\nnumber = 3",
    )
    with notebook(*cells) as opened:
        opened.functions = ("f", "g", "h", "K", "number", "no_such")
        fork = opened.fork()
        assert fork.functions == {"f", "g", "h", "K"}
        fork.end()


def test_a_function_that_many_others_were_defined_before_is_known(notebook: Open) -> None:
    crowd = "for i in range(30_000):\n    globals()[f'imported_{i}'] = len"
    with notebook(crowd, "def f():\n    return 1") as opened:
        opened.functions = ("f",)
        fork = opened.fork()
        assert fork.functions == {"f"}
        fork.end()


def test_packing_an_answer_imports_nothing_in_the_fork(notebook: Open) -> None:
    cell = (
        "import sys\n"
        "def f(x):\n    global before\n    before = {*sys.modules}\n    return {'W': x}\n"
        "def g(x):\n    return sorted({*sys.modules} - before)"
    )
    with notebook(cell) as opened:
        fork = opened.fork()
        assert opened.value("f", np.ones(2), fork=fork)["W"].tolist() == [1, 1]
        assert opened.value("g", np.ones(2), fork=fork) == []
        fork.end()


def test_a_function_that_is_not_there_is_missing(notebook: Open) -> None:
    with notebook("number = 3") as opened:
        assert isinstance(opened.answer("f"), wire.Missing)
        assert isinstance(opened.answer("number"), wire.Missing)


def test_what_a_function_returns_and_does_to_its_arguments_comes_back(notebook: Open) -> None:
    cell = "def f(a, b, c=None):\n    a += 1\n    c['new'] = True\n    return a, {'b': b}"
    with notebook(cell) as opened:
        fork = opened.fork()
        answer = fork.call(
            "f",
            [wire.pack(np.zeros(2), lambda _: wire.Handle(0, "")), 5],
            [("c", wire.Dict(()))],
            seed=None,
            limit=AMPLE,
        )
        fork.end()
        assert isinstance(answer, wire.Returned)
        first, second = wire.unpack(answer.value)
        assert first.tolist() == [1.0, 1.0]
        assert second == {"b": 5}
        assert answer.arguments is not None
        a, b, c = map(wire.unpack, answer.arguments)
        assert (a.tolist(), b, c) == ([1.0, 1.0], 5, {"new": True})


def test_a_value_without_a_form_stays_and_its_handle_is_good_in_the_same_fork(
    notebook: Open,
) -> None:
    cell = (
        "class Cache:\n    secret = 7\n"
        "def make():\n    one, other = Cache(), Cache()\n    return [one, other, one]\n"
        "def look(cache):\n    return cache.secret\n"
        "def twins(a, b, c):\n    return a is c and a is not b\n"
    )
    with notebook(cell) as opened:
        fork = opened.fork()
        one, other, again = opened.value("make", fork=fork)
        assert isinstance(one, wire.Handle)
        assert one == again != other
        assert one.described == "a Cache"
        assert opened.value("look", other, fork=fork) == 7
        assert opened.value("twins", one, other, again, fork=fork) is True
        fork.end()


def test_one_fork_keeps_what_its_calls_did_and_another_sees_nothing_of_it(notebook: Open) -> None:
    with notebook("n = 0\ndef count():\n    global n\n    n += 1\n    return n") as opened:
        fork, other = opened.fork(), opened.fork()
        assert [opened.value("count", fork=fork) for _ in range(3)] == [1, 2, 3]
        assert opened.value("count", fork=other) == 1
        fork.end()
        other.end()
        assert opened.value("count") == 1


@pytest.mark.parametrize(
    ("body", "kind", "message"),
    [
        ("raise NotImplementedError()", "NotImplementedError", ""),
        ("import sys; sys.exit(1)", "SystemExit", "1"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt", ""),
        ("raise SyntaxError", "SyntaxError", ""),
        ("return f()", "RecursionError", None),
        ("return bytearray(5 * 1024**3)", "MemoryError", ""),
        ("return input()", "EOFError", None),
        ("import no_such_package", "ModuleNotFoundError", "No module named 'no_such_package'"),
    ],
)
def test_what_a_function_raises_is_told_with_its_line(
    notebook: Open, body: str, kind: str, message: str | None
) -> None:
    with notebook(f"x = 1\n\ndef f():\n    {body}") as opened:
        error = opened.error("f")
        assert error.type == kind
        assert error.line == 4
        assert message is None or error.message == message


def test_an_array_beyond_all_memory_is_a_memory_error_of_the_students(notebook: Open) -> None:
    with notebook("import numpy as np\ndef f():\n    return np.ones(10**10)") as opened:
        assert opened.error("f").type.endswith("MemoryError")


def test_a_call_that_never_ends_is_stopped_and_the_next_fork_answers(notebook: Open) -> None:
    with notebook("def f():\n    while True: pass\ndef g():\n    return 1") as opened:
        fork = opened.fork()
        with pytest.raises(TimedOut):
            opened.value("f", fork=fork, limit=HASTE)
        assert fork.ended
        assert opened.value("g") == 1


def test_a_call_that_ignores_every_signal_it_can_is_stopped_too(notebook: Open) -> None:
    cell = (
        "import signal\ndef f():\n"
        "    for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:\n"
        "        signal.signal(number, signal.SIG_IGN)\n"
        "    while True: pass"
    )
    with notebook(cell) as opened, pytest.raises(TimedOut):
        opened.value("f", limit=HASTE)


def test_a_call_may_sleep_longer_than_its_processor_time(notebook: Open) -> None:
    with notebook("import time\ndef f():\n    time.sleep(0.7)\n    return 1") as opened:
        assert opened.value("f", limit=HASTE) == 1


def test_a_call_may_not_sleep_longer_than_its_wall_time(notebook: Open) -> None:
    with notebook("import time\ndef f():\n    time.sleep(60)") as opened, pytest.raises(TimedOut):
        opened.value("f", limit=TimeLimit(cpu=10.0, wall=0.3))


def test_who_answers_byte_by_byte_is_stopped_when_the_time_is_up(notebook: Open) -> None:
    cell = (
        f"{SOCKET}\ndef f():\n    sock = line()\n    sock.sendall(struct.pack('>I', 10**7))\n"
        "    while True:\n        sock.sendall(b'x')\n        time.sleep(0.002)"
    )
    start = time.monotonic()
    with notebook(cell) as opened, pytest.raises(TimedOut):
        opened.value("f", limit=TimeLimit(cpu=10.0, wall=0.5))
    assert time.monotonic() - start < 120  # and not the hours that the answer would take


@pytest.mark.parametrize(
    "body",
    [
        "import os; os._exit(0)",
        "import os; os.abort()",
        "import ctypes; ctypes.string_at(0)",
        "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
        pytest.param(
            "import sys; sys.setrecursionlimit(10**9); g = lambda: [*map(lambda _: g(), 'a')]; g()",
            marks=pytest.mark.skipif(
                sys.version_info >= (3, 12), reason="from Python 3.12 on this raises RecursionError"
            ),
        ),
    ],
)
def test_a_call_that_ends_the_process_has_crashed_and_the_next_fork_answers(
    notebook: Open, body: str
) -> None:
    with notebook(f"def f():\n    {body}\ndef g():\n    return 1") as opened:
        with pytest.raises(Crashed):
            opened.answer("f")
        assert opened.value("g") == 1


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("b'no msgpack'", id="no message"),
        pytest.param("bytes([0x92, 0xa7]) + b'missing' + bytes([77])", id="another's number"),
        pytest.param("b'\\x91\\xa5swept'", id="a message of another kind"),
    ],
)
def test_who_sends_something_else_in_the_place_of_an_answer_has_crashed(
    notebook: Open, body: str
) -> None:
    with notebook(f"{SOCKET}\ndef f():\n    say({body})\ndef g():\n    return 1") as opened:
        with pytest.raises(Crashed):
            opened.answer("f")
        assert opened.value("g") == 1


def test_an_answer_that_is_too_large_is_refused_in_a_sentence(notebook: Open) -> None:
    cell = "import numpy as np\ndef f():\n    return np.zeros(3_000_000)\ndef g():\n    return 1"
    with notebook(cell) as opened:
        fork = opened.fork()
        answer = opened.answer("f", fork=fork)
        assert isinstance(answer, wire.Failed)
        assert (
            answer.error.message == "the function returned a value that is too large to be graded"
        )
        assert opened.value("g", fork=fork) == 1
        fork.end()


def test_an_answer_just_small_enough_comes_whole(notebook: Open) -> None:
    with notebook("import numpy as np\ndef f():\n    return np.arange(2_000_000.0)") as opened:
        assert np.array_equal(opened.value("f"), np.arange(2_000_000.0))


def test_arguments_that_are_too_large_are_the_callers_fault(notebook: Open) -> None:
    with notebook("def f(x):\n    return 1") as opened, pytest.raises(wire.TooLong):
        opened.answer("f", np.zeros(3_000_000))


STRANGE = {
    "a list in itself": "a = []\n    a.append(a)\n    return a",
    "a generator": "return (i for i in range(3))",
    "a module": "import os\n    return os",
    "the function itself": "return f",
    "an array of arrays": "return np.array([np.zeros(2), None], dtype=object)",
    "a masked array": "return np.ma.masked_array([1.0, 2.0], [True, False])",
    "a matrix": "return np.matrix([[1.0, 2.0]])",
    "a dict of strange keys": "return {2**70: 1, '\\ud800': 2, (1, 2): 3}",
    "a number beyond 64 bits": "return 10**100",
    "a view that goes backwards": "return np.arange(5)[::-2]",
    "a view that repeats itself": "return np.broadcast_to(np.ones(2), (3, 2))",
    "half a character": "return '\\ud800'",
}


@pytest.mark.parametrize("body", STRANGE.values(), ids=STRANGE.keys())
def test_a_strange_value_is_returned_and_the_fork_goes_on(notebook: Open, body: str) -> None:
    with notebook(f"import numpy as np\ndef f():\n    {body}\ndef g():\n    return 1") as opened:
        fork = opened.fork()
        assert isinstance(opened.answer("f", fork=fork), wire.Returned)
        assert opened.value("g", fork=fork) == 1
        fork.end()


DRAWS = """
import random
import numpy as np

def draws():
    return [
        random.random(),
        np.random.rand(),
        np.random.default_rng().random(),
        np.random.RandomState().rand(),
        np.random.SeedSequence().generate_state(1)[0],
        np.random.Generator(np.random.PCG64()).random(),
        np.random.default_rng().random(),
    ]
"""


def test_all_randomness_starts_from_the_seed_of_the_call(notebook: Open) -> None:
    one, other = bytes(32), bytes([1]) * 32
    with notebook(DRAWS) as opened:
        drawn: list[Any] = opened.value("draws", seed=one)
        assert opened.value("draws", seed=one) == drawn
        assert len(set(drawn)) == len(drawn)
        assert not set(opened.value("draws", seed=other)) & set(drawn)


def test_the_randomness_of_the_cells_starts_from_the_seed_of_the_session(notebook: Open) -> None:
    cells = (DRAWS, "drawn = draws()", "def look():\n    return drawn")

    def drawn(seed: bytes) -> Any:
        with notebook(*cells, seed=seed) as opened:
            return opened.value("look")

    assert drawn(bytes(32)) == drawn(bytes(32)) != drawn(bytes([1]) * 32)


def test_the_randomness_starts_from_the_seed_where_the_first_cell_ends_the_process_too(
    notebook: Open,
) -> None:
    cells = ("import os\nos._exit(0)", DRAWS, "drawn = draws()", "def look():\n    return drawn")

    def drawn() -> Any:
        with notebook(*cells) as opened:
            return opened.value("look")

    assert drawn() == drawn()


def test_calls_without_a_seed_go_on_where_the_randomness_was(notebook: Open) -> None:
    with notebook(DRAWS) as opened:
        fork = opened.fork()
        first = opened.value("draws", fork=fork, seed=bytes(32))
        second = opened.value("draws", fork=fork)
        fork.end()
    assert not set(first) & set(second)


def test_the_student_process_is_another_than_ours(notebook: Open) -> None:
    with notebook("import os\ndef me():\n    return os.getpid()") as opened:
        fork = opened.fork()
        assert opened.value("me", fork=fork) != os.getpid()
        fork.end()


def test_the_randomness_of_one_cell_goes_on_in_the_next(notebook: Open) -> None:
    cells = (DRAWS, "one = draws()", "other = draws()", "def look():\n    return one, other")
    with notebook(*cells) as opened:
        one, other = opened.value("look")
    assert not set(one) & set(other)
