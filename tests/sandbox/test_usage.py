"""All processes of a submission use processor time together, and no more than a submission may."""

from __future__ import annotations

import os
import time

import pytest

from autograder.sandbox.host.monitor import USED_UP
from autograder.sandbox.host.process import TimedOut
from autograder.sandbox.protocol import limits
from autograder.sandbox.protocol.limits import TimeLimit
from tests.helpers.sessions import Open

F = "\ndef sleeps():\n    time.sleep(600)\n"

LONG = """
import os, time
for _ in range(6):
    if os.fork() == 0:
        while True:
            pass
"""

SHORT = """
import os, signal, time
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
if os.fork() == 0:
    for _ in range(6):
        if os.fork() == 0:
            while True:
                if os.fork() == 0:
                    end = time.process_time() + 0.02
                    while time.process_time() < end:
                        pass
                    os._exit(0)
                time.sleep(0.01)
    while True:
        time.sleep(60)
"""

THREADS = """
import threading, time
def work():
    while True:
        pass
for _ in range(6):
    threading.Thread(target=work, daemon=True).start()
"""


@pytest.mark.parametrize("others", [LONG, SHORT, THREADS], ids=["long", "short", "threads"])
def test_what_computes_beside_the_function_that_is_asked_is_counted(
    notebook: Open, monkeypatch: pytest.MonkeyPatch, others: str
) -> None:
    monkeypatch.setattr(limits, "MAX_SUBMISSION_CPU_SECONDS", 2.0)
    start = time.monotonic()
    with notebook(others + F) as opened:
        with pytest.raises(TimedOut):  # by what the others do meanwhile
            opened.answer("sleeps", limit=TimeLimit(cpu=10.0, wall=600.0))
        assert opened.is_used_up
        assert opened.is_over
        assert not opened.renewable
    assert USED_UP in opened.observations
    assert time.monotonic() - start < 240


def test_what_all_processes_of_a_submission_use_is_counted_together(notebook: Open) -> None:
    work = "end = time.process_time() + 0.4\nwhile time.process_time() < end: pass"
    inside = work.replace("\n", "\n    ")
    with notebook(f"import time\n{work}\ndef f():\n    {inside}\n    return 1\n") as opened:
        assert opened.used >= 0.3
        opened.value("f")
        assert opened.used >= 0.7
        assert opened.student is not None
        opened.student.end()
        opened.fork().end()  # for which the cell is run again
        assert opened.used >= 1.1
        assert not opened.is_over


def test_others_who_compute_are_not_counted(notebook: Open) -> None:
    """On a busy machine a function takes long, and is charged what it has used."""
    processor = next(iter(os.sched_getaffinity(0)))
    children = []
    for _ in range(4):
        child = os.fork()
        if child == 0:
            os.sched_setaffinity(0, {processor})
            while True:
                pass
        children.append(child)
    try:
        work = "end = time.process_time() + 0.5\n    while time.process_time() < end: pass"
        with notebook(f"import time\ndef f():\n    {work}\n    return 1\n") as opened:
            assert opened.student is not None
            os.sched_setaffinity(opened.student.pid, {processor})
            before, start = opened.used, time.monotonic()
            opened.value("f")
            # Where the scheduler shares time between sessions, the four together have half of it.
            assert 0.4 <= opened.used - before < 0.8 * (time.monotonic() - start)
    finally:
        for child in children:
            os.kill(child, 9)
            os.waitpid(child, 0)


def test_a_child_that_sleeps_uses_nothing(notebook: Open) -> None:
    cell = "import os, time\nif os.fork() == 0:\n    time.sleep(60)\ntime.sleep(1)"
    start = time.monotonic()
    with notebook(cell) as opened:
        assert opened.used < (time.monotonic() - start) / 2
