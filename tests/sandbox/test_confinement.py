"""What students' code cannot do to this machine, and what honest code still can.

`test_layers.py` runs these as root and as an ordinary user, with and without namespaces.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from autograder.sandbox.host.worker import Worker
from autograder.sandbox.inside.users import runs_as_root
from autograder.sandbox.protocol import limits
from tests.helpers.folders import open_the_way
from tests.helpers.sessions import SEED, Notebook, Open, running

TRY = """
import os
def attempt(work):
    try:
        work()
    except (OSError, MemoryError) as error:
        return type(error).__name__
    return "through"
"""


def outcomes(notebook: Open, expression: str) -> set[str]:
    """Return what comes of an attempt that a cell makes, and of the same in a call."""
    cell = f"def f():\n    return attempt(lambda: {expression})\nin_a_cell = f()"
    with notebook(TRY, cell, "def look():\n    return in_a_cell, f()") as opened:
        assert [ran.error for ran in opened.ran] == [None, None, None]
        return {*opened.value("look")}


def namespaced(notebook: Open, kind: str) -> bool:
    with notebook("x = 1"):
        return f"{kind}_namespace" in notebook.worker.layers


@pytest.fixture
def ours(tmp_path: Path) -> Path:
    """A file of the grader's that anybody may read."""
    open_the_way(tmp_path)
    file = tmp_path / "reference.py"
    file.write_text("secret = 1")
    file.chmod(0o666)
    return file


def test_what_is_in_force_is_what_is_needed(notebook: Open) -> None:
    with notebook("x = 1"):
        layers = notebook.worker.layers
    assert {"process", "rlimits", "no_new_privs", "seccomp"} <= {*layers}
    assert any(layer.startswith("landlock-") for layer in layers)
    assert ("own_user" in layers) == runs_as_root()


def test_no_file_of_ours_can_be_read_or_written(notebook: Open, ours: Path) -> None:
    denied = {"PermissionError", "FileNotFoundError", "OSError"}
    for expression in (
        f"open({str(ours)!r}).read()",
        f"open({str(ours)!r}, 'a').write('x')",
        f"open({str(ours.parent / 'new')!r}, 'w')",
        f"os.listdir({str(ours.parent)!r})",
        f"os.truncate({str(ours)!r}, 0)",
        f"os.unlink({str(ours)!r})",
        f"os.rename({str(ours)!r}, 'mine')",
        f"os.link({str(ours)!r}, 'mine')",
        f"os.symlink({str(ours)!r}, os.urandom(4).hex() + 'x') or open(os.listdir()[0]).read()",
        "open('/etc/passwd').read()",
        f"open('/proc/{os.getpid()}/environ').read()",
        "open('/proc/self/mem', 'r+b')",
        "open('/usr/lib/new', 'w')",
        f"open({sys.prefix + '/lib/sitecustomize.py'!r}, 'w')",
        f"open({str(Path.home() / '.ipython')!r}, 'w')",
        f"os.listdir({str(Path(sys.prefix).parent)!r})",
        "os.mkfifo('pipe')",
        "os.mknod('device', 0o20666, 259)",
    ):
        assert outcomes(notebook, expression) <= denied, expression
    assert ours.read_text() == "secret = 1"


def test_changes_of_modes_and_times_do_nothing(notebook: Open, ours: Path) -> None:
    before = ours.stat()
    for expression in (
        f"os.chmod({str(ours)!r}, 0o777)",
        f"os.utime({str(ours)!r}, (1, 1))",
        "os.chmod('not there', 0o777)",
    ):
        assert outcomes(notebook, expression) == {"through"}, expression
    assert ours.stat() == before
    cells = ["import os", "open('a', 'w').close()", "os.chmod('a', 0o6777)"]
    with notebook(*cells, "def look():\n    return os.stat('a').st_mode & 0o6000") as opened:
        assert opened.value("look") == 0


@pytest.mark.parametrize(
    "call",
    [
        "copy('d/a', 'e')",
        "copy2('d/a', 'e')",
        "copytree('d', 'e')",
        "move('d/a', 'e')",
        "make_archive('e', 'zip', 'd')",
    ],
)
def test_files_are_copied_as_programs_do(notebook: Open, call: str) -> None:
    cells = ["import os, shutil", "os.mkdir('d'); open('d/a', 'w').close()", f"shutil.{call};"]
    there = "def look():\n    return os.path.exists('e') or os.path.exists('e.zip')"
    with notebook(*cells, there) as opened:
        assert [ran.error for ran in opened.ran] == [None] * 4
        assert opened.value("look") is True


def test_names_of_files_are_hidden_where_there_is_a_mount_namespace(
    notebook: Open, ours: Path
) -> None:
    seen = outcomes(notebook, f"os.stat({str(ours)!r})")
    assert (seen == {"FileNotFoundError"}) == namespaced(notebook, "mount")


def test_nobody_else_can_be_reached(notebook: Open) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket(socket.AF_UNIX) as named:
        named.bind(f"\0autograder-test-{os.getpid()}")
        port = server.getsockname()[1]
        for expression in (
            f"__import__('socket').create_connection(('127.0.0.1', {port}))",
            "__import__('socket').socket(2, 2)",
            "__import__('socket').socket(1, 1)",
            "__import__('socket').socket(16, 3)",
            "__import__('socket').socketpair(1, 2)",
            f"os.kill({os.getpid()}, 0)",
            "os.kill(1, 0)",
            f"os.pidfd_open({os.getpid()})",
            "os.execv('/bin/true', ['true'])",
            "os.posix_spawn('/bin/true', ['true'], {})",
            "__import__('subprocess').run(['true'])",
            "os.setuid(0) if os.getuid() else os.setuid(1)",
            "os.nice(1)",
            "__import__('resource').prlimit(1, 7, (10, 10))",
        ):
            denied = {"PermissionError", "ProcessLookupError"}
            assert outcomes(notebook, expression) <= denied, expression


def test_system_calls_by_number_are_refused(notebook: Open) -> None:
    cell = (
        "import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\n"
        "def f(*numbers):\n"
        "    found = []\n"
        "    for number in numbers:\n"
        "        done = libc.syscall(number, 0, 0, 0, 0, 0, 0)\n"
        "        found.append(ctypes.get_errno() if done == -1 else 0)\n"
        "    return found"
    )
    refused = {
        "io_uring_setup": 425,
        "pidfd_getfd": 438,
        "open_tree": 428,
        "fsopen": 430,
        "process_madvise": 440,
        "memfd_secret": 447,
        "pidfd_send_signal": 424,
    }
    with notebook(cell) as opened:
        assert set(opened.value("f", *refused.values())) == {1}
        # clone3, one that no kernel has, and getpid in the second numbering of x86-64.
        assert opened.value("f", 435, 5000, 0x40000000 + 39) == [38, 38, 38]


def test_honest_code_still_works(notebook: Open) -> None:
    cells = (
        "import asyncio, os, tempfile, threading\nimport numpy as np\n"
        "from concurrent.futures import ThreadPoolExecutor",
        "with ThreadPoolExecutor(4) as pool:\n    assert list(pool.map(abs, [-1, 2])) == [1, 2]",
        "np.save('a.npy', np.eye(3)); assert np.load('a.npy').sum() == 3",
        "with tempfile.TemporaryDirectory() as folder:\n"
        "    open(folder + '/x', 'w').write('y'); os.rename(folder + '/x', 'z')",
        "import scipy.optimize, scipy.stats, sqlite3, decimal, zoneinfo\n"
        "assert zoneinfo.ZoneInfo('UTC') is not None",
        "await asyncio.sleep(0)",
        "assert np.linalg.inv(np.eye(50)).trace() == 50",
        "from multiprocessing import cpu_count\ncpu_count()",
        "!ls",
        "def f():\n    with ThreadPoolExecutor(4) as pool:\n"
        "        return sum(pool.map(abs, [-1, 2]))",
    )
    with notebook(*cells) as opened:
        assert [ran.error for ran in opened.ran] == [None] * len(cells)
        assert opened.value("f") == 3


def test_figures_are_drawn(notebook: Open) -> None:
    pytest.importorskip("matplotlib", reason="figures are drawn only where matplotlib is installed")
    cells = ("import matplotlib.pyplot as plt", "plt.plot([1, 2]); plt.savefig('figure.png')")
    with notebook(*cells) as opened:
        assert [ran.error for ran in opened.ran] == [None, None]


def test_what_one_submission_writes_the_next_does_not_find(notebook: Open) -> None:
    with notebook("import os\nopen('left', 'w').close()\nos.makedirs('ipython/startup')") as opened:
        assert opened.ran[0].error is None
    with notebook("import os\ndef f():\n    return os.listdir()") as opened:
        assert opened.value("f") == []


def test_all_that_is_written_together_is_limited_where_there_is_a_mount_namespace(
    notebook: Open,
) -> None:
    if not namespaced(notebook, "mount"):
        pytest.skip("without a mount namespace only each file is limited, not all together")
    cell = (
        "def f():\n"
        "    piece = bytes(10**7)\n"
        "    for number in range(100):\n"
        "        open(str(number), 'wb').write(piece)"
    )
    with notebook(cell) as opened:
        assert "No space left" in opened.error("f").message


def test_folders_as_deep_as_they_go_are_cleared_away(notebook: Open) -> None:
    deep = (
        "import os\n"
        "for _ in range(3000):\n"
        "    os.mkdir('d'); open('file', 'w').close(); os.chdir('d')\n"
        "os.mkdir('closed', 0)"
    )
    with notebook(deep) as opened:
        assert opened.ran[0].error is None
    scratch = notebook.worker.scratch
    assert scratch is not None
    assert not [*scratch.glob("submission-*")]


def test_a_fork_bomb_is_bounded_and_gone_with_its_notebook(notebook: Open, name: str) -> None:
    bomb = (
        "import ctypes, os, time\n"
        f"ctypes.CDLL(None).prctl(15, b'{name}', 0, 0, 0)\n"
        "try:\n"
        "    while True:\n"
        "        if os.fork() == 0:\n"
        "            time.sleep(0.001)\n"
        "except OSError:\n"
        "    pass\n"
    )
    start = time.monotonic()
    with notebook(bomb) as opened:
        assert opened.student is None or opened.runs >= 1
    gone_by = time.monotonic() + 60  # killed they are; a busy machine needs time to let go of them
    while running(name) and time.monotonic() < gone_by:
        time.sleep(0.1)
    assert running(name) == []
    with notebook("def f():\n    return 1") as opened:
        assert opened.value("f") == 1
    assert time.monotonic() - start < 240


def test_who_a_fork_is_says_the_kernel_and_not_the_fork(notebook: Open) -> None:
    forger = (
        "import os, socket, stat, struct\n"
        "def f(pid):\n"
        "    for number in range(3, 64):\n"
        "        try:\n"
        "            if stat.S_ISSOCK(os.fstat(number).st_mode):\n"
        "                break\n"
        "        except OSError:\n"
        "            pass\n"
        "    line = socket.socket(fileno=os.dup(number))\n"
        "    forged = struct.pack('iII', pid, os.getuid(), os.getgid())\n"
        "    try:\n"
        "        line.sendmsg([b'x'], [(socket.SOL_SOCKET, 2, forged)])\n"
        "    except OSError as error:\n"
        "        return type(error).__name__\n"
    )
    with notebook(forger) as opened:
        assert opened.value("f", 1) in {"PermissionError", "ProcessLookupError"}
        fork = opened.fork()
        assert fork.pid not in (0, os.getpid())
        assert Path(f"/proc/{fork.pid}").exists()
        fork.end()


def test_a_students_process_is_nobody_here(notebook: Open) -> None:
    with notebook("import os\ndef f():\n    return os.getuid(), os.getgid(), os.getgroups()") as on:
        user, group, groups = on.value("f")
        assert on.student is not None
        status = Path(f"/proc/{on.student.pid}/status").read_text()
    said = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    kept = int(said["CapEff"], 16) | int(said["CapPrm"], 16) | int(said["CapInh"], 16)
    # Reading what others may not, at most, and where Landlock says what there is to read.
    assert kept in (0, 4 if not namespaced(notebook, "mount") else 0)
    assert int(said["CapBnd"], 16) == 0 or "own_user" not in notebook.worker.layers
    assert said["NoNewPrivs"] == "1"
    assert said["Seccomp"] == "2"
    if runs_as_root():
        assert user == group >= 20_000
        assert groups == []


def test_two_workers_give_their_students_two_users() -> None:
    if not runs_as_root():
        pytest.skip("only root can give learners' code a user of its own")
    users = []
    for _ in range(2):
        with (
            Worker() as worker,
            Notebook(worker, ["import os\ndef f():\n    return os.getuid()"], SEED) as opened,
        ):
            users.append(opened.value("f"))
    assert len({*users}) == 2


def test_everything_ends_with_the_judge() -> None:
    judge = (
        "import sys, time\n"
        "from autograder.sandbox.host.worker import Worker\n"
        "from autograder.sandbox.protocol import limits\n"
        "worker = Worker()\n"
        "student = worker.open()\n"
        "student.run('import os\\nfor _ in range(3):\\n    os.fork() or os.setsid()', None, "
        "limits.CELL_TIME)\n"
        "sys.stdout.write(f'{worker.process.pid} {student.pid} {worker.scratch}\\n')\n"
        "sys.stdout.flush()\n"
        "time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", judge], stdout=subprocess.PIPE, text=True) as ours:
        assert ours.stdout is not None
        supervisor, student, scratch = ours.stdout.readline().split()
        ours.kill()
    end = time.monotonic() + 120
    while time.monotonic() < end and (
        Path(f"/proc/{supervisor}").exists() or Path(f"/proc/{student}").exists()
    ):
        time.sleep(0.05)
    assert not Path(f"/proc/{supervisor}").exists()
    assert not Path(f"/proc/{student}").exists()
    assert not Path(scratch).exists()


def test_an_answer_is_asked_of_a_process_by_the_number_it_has_here(notebook: Open) -> None:
    with notebook("def f():\n    n = 0\n    while n < 10**6:\n        n += 1\n    return n") as on:
        fork = on.fork()
        fork.call("f", [], [], seed=None, limit=limits.CALL_TIME)
        assert fork.cpu() > 0.01
        os.kill(fork.pid, signal.SIGKILL)
        fork.end()
