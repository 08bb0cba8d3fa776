"""What a student process starts with, what it leaves behind, and what becomes of the worker."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import signal
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from autograder.sandbox.host.process import Crashed
from autograder.sandbox.host.worker import Worker
from autograder.sandbox.inside.jail import LAYERS
from autograder.sandbox.isolation import Isolation, SandboxError
from autograder.sandbox.protocol import limits, wire
from tests.helpers.sessions import SEED, Notebook, Open, running

DAEMON = """
import ctypes, os, time

def daemon():
    out, into = os.pipe()
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            ctypes.CDLL(None).prctl(15, b"{name}", 0, 0, 0)
            os.write(into, b"x")
            time.sleep(600)
        os._exit(0)
    os.read(out, 1)
    return True
"""
"""A process that no longer has the parent that started it, under a name of its own."""

OURSELVES = ("rlimits", "no_new_privs", "seccomp")
"""Neither a namespace nor a user of its own says which processes are a worker's."""


def children() -> set[int]:
    """Our own children, those of all our threads."""
    files = Path("/proc/self/task").glob("*/children")
    return {int(pid) for file in files for pid in file.read_text().split()}


def files() -> set[tuple[str, str]]:
    """Our own open files."""
    found = set()
    for number in os.listdir("/proc/self/fd"):
        with contextlib.suppress(FileNotFoundError):  # the folder that was listed
            found.add((number, os.readlink(f"/proc/self/fd/{number}")))
    return found


only_root = pytest.mark.skipif(
    os.geteuid() != 0, reason="nobody but root may look into the memory of these processes"
)


@pytest.fixture
def own() -> Iterator[Worker]:
    """A worker that a test may spoil."""
    with Worker() as worker:
        yield worker


def test_a_student_process_has_no_open_file_but_its_socket(notebook: Open) -> None:
    cell = (
        "import os, stat\n"
        "def files():\n"
        "    found = {}\n"
        "    for number in range(4096):\n"
        "        try:\n"
        "            found[number] = os.fstat(number)\n"
        "        except OSError:\n"
        "            pass\n"
        "    null = os.stat('/dev/null')\n"
        "    return {\n"
        "        number: 'null' if os.path.samestat(each, null)\n"
        "        else 'socket' if stat.S_ISSOCK(each.st_mode) else 'other'\n"
        "        for number, each in found.items()\n"
        "    }\n"
        "in_the_cell = files()\n"
        "def look():\n"
        "    return [in_the_cell, files()]\n"
    )
    with open(os.devnull) as ours, notebook(cell) as opened:
        os.set_inheritable(ours.fileno(), True)
        for files in opened.value("look"):
            assert {files.pop(number) for number in range(3)} == {"null"}
            assert list(files.values()) == ["socket"]


@pytest.fixture
def variables(monkeypatch: pytest.MonkeyPatch) -> None:
    """Variables of our environment that are not for students."""
    for variable in (
        "AUTOGRADER_SECRET",
        "SOME_TOKEN",
        "PYTHONPATH",
        "PYTHONSTARTUP",
        "LD_PRELOAD",
    ):
        monkeypatch.setenv(variable, "/not/for/learners")


def test_a_student_can_import_modules_whatever_the_instructors_umask_is() -> None:
    umask = os.umask(0o077)
    try:
        with Worker() as worker, Notebook(worker, ["import sqlite3"], SEED) as opened:
            assert opened.ran[0].error is None
    finally:
        os.umask(umask)


@pytest.mark.usefixtures("variables")
def test_a_student_process_knows_nothing_of_our_environment(own: Worker) -> None:
    cell = "import os\ndef look():\n    return dict(os.environ)"
    with Notebook(own, [cell], SEED) as opened:
        environment: dict[str, str] = opened.value("look")
    assert "/not/for/learners" not in environment.values()
    assert environment["HOME"] == environment["TMPDIR"]
    assert environment["HOME"] != os.environ.get("HOME")


@only_root
@pytest.mark.usefixtures("variables")
def test_what_a_student_process_was_started_with_has_nothing_of_our_environment(
    own: Worker,
) -> None:
    with Notebook(own, ["x = 1"], SEED) as opened:
        assert opened.student is not None
        started_with = Path(f"/proc/{opened.student.pid}/environ").read_bytes()
    assert b"OPENBLAS_NUM_THREADS" in started_with
    assert b"/not/for/learners" not in started_with


def memory(pid: int) -> Iterator[bytes]:
    """What a process has written into its memory, piece by piece."""
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", buffering=0) as file:
        for line in maps:
            area = re.match(r"([0-9a-f]+)-([0-9a-f]+) rw", line)
            if area is not None:
                start, end = (int(each, 16) for each in area.groups())
                file.seek(start)
                yield file.read(end - start)


@only_root
def test_nothing_of_our_memory_is_in_the_workers(own: Worker) -> None:
    kept_by_us = f"a-reference-{secrets.token_hex(16)}".encode()
    with Notebook(own, ["x = 'kept-by-' + 'a-learner'"], SEED) as opened:
        assert own.process is not None
        assert opened.student is not None
        assert any(b"kept-by-a-learner" in part for part in memory(opened.student.pid))
        for pid in (own.process.pid, opened.student.pid):
            assert not any(kept_by_us in part for part in memory(pid))


def test_a_submission_has_a_folder_of_its_own_that_is_gone_afterwards(notebook: Open) -> None:
    cell = (
        "import os, tempfile\n"
        "before = os.listdir()\n"
        "open('here', 'w').close()\n"
        "temporary = tempfile.mkdtemp()\n"
        "def look():\n"
        "    return os.getcwd(), before, os.path.expanduser('~'), temporary, os.listdir()\n"
    )
    for _ in range(2):
        with notebook(cell) as opened:
            folder, before, home, temporary, files = opened.value("look")
            assert before == []
            assert set(files) == {"here", Path(temporary).name}
            assert home == folder
            outside = (Path(folder) / "here").exists()
            assert outside == ("mount_namespace" not in opened.worker.layers)
        assert not (Path(folder) / "here").exists()


def test_a_process_that_left_its_parents_and_their_session_is_ended(
    notebook: Open, name: str
) -> None:
    with notebook(DAEMON.format(name=name), "daemon()") as opened:
        assert [ran.error for ran in opened.ran] == [None, None]
        assert len(running(name)) == 1
    assert running(name) == []


def test_a_call_cannot_start_a_process(notebook: Open, name: str) -> None:
    with notebook(DAEMON.format(name=name)) as opened:
        assert opened.error("daemon").type == "PermissionError"
    assert running(name) == []


def test_processes_that_start_each_other_without_an_end_are_ended(
    notebook: Open, name: str
) -> None:
    chase = (
        "import ctypes, os, time\n"
        "if os.fork() == 0:\n"
        f"    ctypes.CDLL(None).prctl(15, b'{name}', 0, 0, 0)\n"
        "    end = time.monotonic() + 20\n"
        "    while time.monotonic() < end:\n"
        "        time.sleep(0.01)\n"
        "        if os.fork() != 0:\n"
        "            os._exit(0)\n"
        "    os._exit(0)\n"
    )
    with notebook(chase) as opened:
        assert opened.ran[0].error is None
        time.sleep(0.1)
    assert running(name) == []


def test_a_worker_that_was_killed_between_two_submissions_is_replaced(own: Worker) -> None:
    cell = "def f():\n    return 1"
    for _ in range(2):
        with Notebook(own, [cell], SEED) as opened:
            assert opened.value("f") == 1
        assert own.process is not None
        os.kill(own.process.pid, signal.SIGKILL)  # and not a moment to notice it


def test_a_worker_that_was_killed_and_waited_for_is_replaced(own: Worker) -> None:
    own.start()
    assert own.process is not None
    first = own.process
    first.kill()
    first.wait()
    with Notebook(own, ["def f():\n    return 1"], SEED) as opened:
        assert opened.value("f") == 1
    assert own.process is not first


def test_a_worker_that_is_killed_in_a_cell_costs_the_student_nothing(
    own: Worker, name: str
) -> None:
    own.start()
    assert own.process is not None
    kill = own.process.kill

    def kill_in_the_cell() -> None:
        while not running(name):
            time.sleep(0.01)
        kill()

    killer = threading.Thread(target=kill_in_the_cell, daemon=True)
    killer.start()
    cell = (
        f"import ctypes, time\nctypes.CDLL(None).prctl(15, b'{name}', 0, 0, 0)\n"
        "time.sleep(1.5)\nx = 1\ndef f():\n    return x"
    )
    with Notebook(own, [cell], SEED) as on:
        killer.join()
        assert on.runs == 2
        assert on.ran[0].error is None
        assert on.value("f") == 1


def test_a_worker_that_was_stopped_starts_again(own: Worker) -> None:
    for _ in range(2):
        with Notebook(own, ["def f():\n    return 1"], SEED) as opened:
            assert opened.value("f") == 1
        own.stop()


def test_a_worker_that_does_not_start_says_why(
    own: Worker, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\necho the disk is on fire >&2\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(broken))
    with pytest.raises(SandboxError, match="the disk is on fire"):
        own.start()


def test_nothing_is_left_when_a_worker_closes(name: str) -> None:
    processes, open_files = children(), files()
    with (
        Worker() as worker,
        Notebook(worker, [DAEMON.format(name=name), "daemon()"], SEED) as opened,
    ):
        fork = opened.fork()
        assert worker.scratch is not None
        scratch = worker.scratch
        assert scratch.is_dir()
        assert len(children() - processes) == 1
        fork.end()
    assert running(name) == []
    assert not children() - processes  # those of earlier tests may have gone
    assert not files() - open_files
    assert not scratch.exists()


def test_nothing_is_left_when_a_worker_closes_in_the_middle_of_a_submission(name: str) -> None:
    with Worker() as worker:
        student = worker.open()
        ran = student.run(DAEMON.format(name=name) + "\ndaemon()", SEED, limits.CELL_TIME)
        assert ran.error is None
        assert len(running(name)) == 1
    assert running(name) == []
    assert not Path(f"/proc/{student.pid}").exists()
    student.end()


@pytest.mark.parametrize("wanted", [LAYERS, OURSELVES], ids=["in a namespace", "without"])
def test_nothing_is_left_of_a_worker_that_does_not_end_by_itself(
    wanted: Sequence[str], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "WORKER_STOP_SECONDS", 1.0)
    with Worker(Isolation.PROCESS, wanted=wanted) as worker:
        student = worker.open()
        ran = student.run(DAEMON.format(name=name) + "\ndaemon()", SEED, limits.CELL_TIME)
        assert ran.error is None
        assert len(running(name)) == 1
        assert worker.process is not None
        supervisor = worker.process.pid
        stopped = int(Path(f"/proc/{supervisor}/task/{supervisor}/children").read_text())
        os.kill(stopped, signal.SIGSTOP)
    assert running(name) == []
    student.end()


def test_sets_have_the_same_order_in_every_worker() -> None:
    cell = "def f():\n    return list({'W1', 'b1', 'W2', 'b2', 'dW1', 'db1', 'Z1', 'A1'})"

    def order() -> Any:
        with Worker() as worker, Notebook(worker, [cell], SEED) as opened:
            return opened.value("f")

    assert order() == order()


def test_an_interrupt_at_the_terminal_is_not_the_workers(own: Worker) -> None:
    own.start()
    assert own.process is not None
    assert os.getpgid(own.process.pid) != os.getpgid(0)


def test_a_student_process_ends_with_its_worker(own: Worker) -> None:
    student = own.open()
    assert own.process is not None
    own.process.kill()
    own.process.wait()
    with pytest.raises(Crashed):
        student.run("import time\ntime.sleep(60)", None, limits.CELL_TIME)
    assert student.ended


def test_ending_a_process_twice_does_no_harm(own: Worker) -> None:
    student = own.open()
    fork = student.fork()
    for process in (fork, fork, student, student):
        process.end()
    own.sweep()
    again = own.open()
    assert again.pid != student.pid
    again.end()


def test_sweeping_a_worker_that_never_started_does_nothing(own: Worker) -> None:
    own.sweep()
    assert own.process is None


def test_no_message_of_the_judges_to_the_worker_is_left_unread(own: Worker) -> None:
    for _ in range(3):
        own.open().end()
        own.sweep()
    assert own.channel is not None
    own.channel.send(wire.Sweep())
    assert own.channel.receive(wire.Swept) == wire.Swept()
