"""A submission may keep the judge waiting for so long in all; a busy processor is no idleness."""

from __future__ import annotations

import itertools
import os
import select
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from autograder.sandbox.host import clock as clock_module
from autograder.sandbox.host import process
from autograder.sandbox.host.clock import Clock
from autograder.sandbox.host.monitor import IDLE, IdleWatch
from autograder.sandbox.host.process import Crashed, TimedOut
from autograder.sandbox.protocol import limits, wire
from tests.helpers.sessions import Open

SLEEPS = "import time\ndef f():\n    time.sleep(600)\ndef g():\n    return 1"

COMPUTES = (
    "import time\n"
    "def f():\n"
    "    end = time.process_time() + 1.0\n"
    "    while time.process_time() < end: pass\n"
    "    return 1"
)

IN_A_THREAD = (
    "import threading, time\n"
    "def work():\n"
    "    end = time.thread_time() + 1.0\n"
    "    while time.thread_time() < end: pass\n"
    "def f():\n"
    "    thread = threading.Thread(target=work)\n"
    "    thread.start()\n"
    "    thread.join()\n"
    "    return 1"
)


def test_who_sleeps_for_longer_than_a_submission_may_is_asked_no_more(
    notebook: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MAX_IDLE_SECONDS", 0.5)
    with notebook(SLEEPS) as opened:
        assert not opened.is_over
        with pytest.raises(TimedOut):
            opened.answer("f")
        assert opened.is_over
    assert opened.observations == [IDLE]


def test_what_all_processes_of_a_submission_sleep_is_counted_together(
    notebook: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MAX_IDLE_SECONDS", 60.0)
    cell = (
        "import os, time\ntime.sleep(0.6)\ndef f():\n    time.sleep(0.6)\ndef g():\n    os._exit(1)"
    )
    with notebook(cell) as opened:
        first = opened.idle
        assert first > 0.1
        opened.value("f")
        second = opened.idle
        assert second > first + 0.1
        assert opened.student is not None
        opened.student.end()
        opened.fork().end()  # for which the cell is run again
        assert opened.idle > second + 0.1
        with pytest.raises(Crashed):
            opened.answer("g")
        assert not opened.is_over
    assert opened.observations == []


@pytest.mark.parametrize("cell", [COMPUTES, IN_A_THREAD], ids=["itself", "in a thread"])
def test_who_computes_is_not_idle(cell: str, notebook: Open) -> None:
    with notebook(cell) as opened:
        fork = opened.fork()
        before = opened.idle  # on a busy machine a new fork keeps the judge waiting
        assert opened.value("f", fork=fork) == 1
        assert opened.idle - before < 0.9  # less than it computes
        fork.end()


def test_a_cell_that_sleeps_is_interrupted_and_the_next_ones_are_left_out(
    notebook: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MAX_IDLE_SECONDS", 0.5)
    sleeping = "import time\ndef f():\n    return 1\ntime.sleep(600)\nlate = 1"
    with notebook(sleeping, "def g():\n    return 1") as opened:
        interrupted, left_out = (ran.error for ran in opened.ran)
        assert interrupted is not None
        assert interrupted.type == "KeyboardInterrupt"
        assert left_out is not None
        assert left_out.type == "TimedOut"
        assert opened.is_over
        assert not opened.renewable
        monkeypatch.undo()  # on a busy machine a fork waits for longer than that
        assert isinstance(opened.answer("g"), wire.Missing)


def test_time_in_which_the_judge_was_stopped_does_not_count(
    notebook: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    with notebook("late = 1"):  # the worker is warm
        pass
    clock = time.monotonic
    stopped = clock() + 0.3
    monkeypatch.setattr(time, "monotonic", lambda: clock() + (1000.0 if clock() > stopped else 0.0))
    with notebook("import time\ntime.sleep(0.6)\ndef f():\n    return 1") as opened:
        assert clock() > stopped
        assert opened.ran[0].error is None
        assert opened.value("f") == 1
    assert opened.idle < 10
    assert opened.observations == []


def test_what_counts_between_two_looks_is_little(monkeypatch: pytest.MonkeyPatch) -> None:
    looks = iter([0.0, 0.02, 300.0, 300.1])
    # Of this module alone: other threads look at the clock, too.
    monkeypatch.setattr(clock_module, "time", SimpleNamespace(monotonic=lambda: next(looks)))
    clock = Clock()
    assert clock() == pytest.approx(0.02)
    assert clock() == pytest.approx(0.02 + limits.MAX_CLOCK_STEP_SECONDS)
    assert clock() == pytest.approx(0.12 + limits.MAX_CLOCK_STEP_SECONDS)


def test_an_answer_that_has_come_is_taken_though_the_time_is_up(
    notebook: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    with notebook("def f():\n    return 1") as opened:
        fork = opened.fork()
        fork.ask([wire.Call(0, "f", (), ())])
        assert select.select([fork.sock], [], [], 60)[0]
        looks = itertools.chain([0.0, 0.0], itertools.repeat(1000.0))  # as it begins to wait
        monkeypatch.setattr(process, "watched", lambda: next(looks))
        answer = fork.answer(wire.Call(0, "f", (), ()), limits.CALL_TIME)
        fork.end()
    assert isinstance(answer, wire.Sealed)


def test_waiting_for_a_processor_is_no_idleness() -> None:
    """Many who compute share this process's processor, so that each of them waits for it."""
    processor = next(iter(os.sched_getaffinity(0)))
    children = []
    for _ in range(6):
        child = os.fork()
        if child == 0:
            os.sched_setaffinity(0, {processor})
            end = time.process_time() + 0.3
            while time.process_time() < end:
                pass
            os._exit(0)
        children.append(child)
    first = children[0]
    watch = IdleWatch(first)
    watch.idle()
    start = time.monotonic()
    idle = 0.0
    while " Z " not in Path(f"/proc/{first}/stat").read_text():  # it has not ended
        idle = watch.idle()
        time.sleep(0.01)
    took = time.monotonic() - start
    for child in children:
        os.waitpid(child, 0)
    assert idle < took / 2
