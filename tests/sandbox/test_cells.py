"""The cells of a notebook run as they would in one, and none takes the others down with it."""

from __future__ import annotations

import select
import signal
import sys

import pytest

from autograder.sandbox.host import session
from autograder.sandbox.host.monitor import CUT
from autograder.sandbox.host.process import Crashed
from autograder.sandbox.inside.shell import INSTALLERS
from autograder.sandbox.protocol import limits
from autograder.sandbox.protocol.limits import TimeLimit
from tests.helpers.sessions import Notebook, Open

HASTE = TimeLimit(cpu=0.3, wall=20.0)

FOREVER = "early = 1\nwhile True:\n    pass\n"

PROBE = "def probe():\n    return {name: globals().get(name) for name in ('early', 'late')}"


@pytest.fixture
def haste(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "CELL_TIME", HASTE)
    monkeypatch.setattr(limits, "INTERRUPTED_CELL_TIME", HASTE)


def test_what_a_cell_prints_and_shows_is_kept_by_its_kind(notebook: Open) -> None:
    cell = "import sys\nprint('out')\nprint('err', file=sys.stderr)\ndisplay(3)\n'the last value'"
    with notebook(cell) as opened:
        assert opened.ran[0].error is None
        assert opened.shown(0) == "out\n"
        assert opened.shown(0, "stderr") == "err\n"
        assert opened.shown(0, "text/plain") == "3'the last value'"


def test_magics_work(notebook: Open) -> None:
    cells = ("%time x = 6 * 7", "%%capture kept\nprint('hidden')", "print(x, kept.stdout)")
    with notebook(*cells) as opened:
        assert [ran.error for ran in opened.ran] == [None, None, None]
        assert opened.shown(1) == ""
        assert opened.shown(2) == "42 hidden\n\n"


def test_earlier_values_and_sources_have_the_names_that_ipython_gives_them(notebook: Open) -> None:
    cells = (
        "ours = 0\nours",  # a cell of ours: it has no number
        "20 + 1",
        "'hidden';",
        "2 * _",
        "before = (_, __, Out[2], _5, In[2], len(In), sorted(Out))",
        "_ = 'own'",
        "7",
        "def f():\n    return before, _, Out[9]",
    )
    with notebook(*cells, numbers=(0, 2, 3, 5, 6, 7, 9, 10)) as opened:
        assert [ran.error for ran in opened.ran] == [None] * len(cells)
        before, own, last = opened.value("f")
        assert tuple(before) == (42, 21, 21, 42, "20 + 1", 7, [2, 5])
        assert (own, last) == ("own", 7)
        shown = [opened.shown(number, "text/plain") for number in range(4)]
        assert shown == ["0", "21", "", "42"]


def test_pools_work_where_there_is_a_mount_namespace(notebook: Open) -> None:
    start = "import multiprocessing\npools = multiprocessing.get_context('fork')\n"
    cell = "with pools.Pool(2) as pool:\n    print(pool.map(abs, [-1, 2]))"
    with notebook(start + cell) as opened:
        works = opened.shown(0) == "[1, 2]\n"
        assert works == ("mount_namespace" in opened.worker.layers)


def test_await_works_at_the_top_of_a_cell(notebook: Open) -> None:
    cell = "import asyncio\n\nasync def slow():\n    await asyncio.sleep(0)\n    return 5\n\n"
    with notebook(cell + "x = await slow()", "y = await slow() + x\nprint(y)") as opened:
        assert [ran.error for ran in opened.ran] == [None, None]
        assert opened.shown(1) == "10\n"


def test_a_task_may_be_made_in_one_cell_and_awaited_in_another(notebook: Open) -> None:
    cells = "import asyncio\nasync def five():\n    return 5", "task = asyncio.create_task(five())"
    with notebook(*cells, "print(await task)") as opened:
        assert opened.ran[1].error is None
        assert opened.shown(2) == "5\n"


def test_a_function_still_answers_after_cells_that_await(notebook: Open) -> None:
    with notebook(
        "import asyncio\nawait asyncio.sleep(0)", "def f(x):\n    return x + 1"
    ) as opened:
        assert opened.value("f", 4) == 5


def test_shell_commands_are_not_run_and_the_cell_goes_on(notebook: Open) -> None:
    with notebook("!echo $((6 * 7))\nlate = 2", "files = !ls\nprint(files)", PROBE) as opened:
        assert opened.shown(0) == ""
        assert "no commands are run" in opened.shown(0, "stderr")
        assert opened.shown(1) == "[]\n"
        assert opened.value("probe")["late"] == 2


@pytest.mark.parametrize("name", INSTALLERS)
def test_packages_are_not_installed_and_the_cell_goes_on(notebook: Open, name: str) -> None:
    with notebook(f"%{name} install numpy\nlate = 2", PROBE) as opened:
        assert opened.ran[0].error is None
        assert "nothing is installed" in opened.shown(0, "stderr")
        assert opened.value("probe")["late"] == 2


@pytest.mark.parametrize("end", ["exit()", "quit()", "exit(0)"])
def test_who_ends_a_notebook_is_told_what_that_means_and_it_goes_on(
    notebook: Open, end: str
) -> None:
    with notebook(f"early = 1\n{end}", "late = 2", PROBE) as opened:
        error = opened.cell_error(0)
        assert error.type == "SystemExit"
        assert "would end the whole notebook" in error.message
        assert error.line == 2
        assert opened.ran[0].outputs == ()
        assert opened.value("probe") == {"early": 1, "late": 2}


def test_a_function_that_ends_the_notebook_raises_and_the_fork_goes_on(notebook: Open) -> None:
    with notebook("def f():\n    exit()\ndef g():\n    return 1") as opened:
        assert opened.error("f").type == "SystemExit"
        assert "with return" in opened.error("f").message
        assert opened.value("g") == 1


@pytest.mark.parametrize("backend", ["", "inline", "widget", "notebook", "qt", "no_such"])
def test_figures_are_kept_as_pictures(notebook: Open, backend: str) -> None:
    pytest.importorskip("matplotlib", reason="figures are drawn only where matplotlib is installed")
    cells = (f"%matplotlib {backend}\nimport matplotlib.pyplot as plt", "plt.plot([1, 2]);")
    with notebook(*cells) as opened:
        assert [ran.error for ran in opened.ran] == [None, None]
        assert opened.shown(1, "image/png").startswith("iVBORw0KGgo")  # PNG's first bytes in base64


def test_a_cell_that_raises_is_left_and_the_rest_run(notebook: Open) -> None:
    with notebook("early = 1\n\n1 / 0\nlate = 1", "late = 2", PROBE) as opened:
        error = opened.cell_error(0)
        assert (error.type, error.message) == ("ZeroDivisionError", "division by zero")
        assert (error.line, error.source) == (3, "1 / 0")
        assert [ran.error for ran in opened.ran[1:]] == [None, None]
        assert opened.value("probe") == {"early": 1, "late": 2}


def test_the_line_told_is_the_students_own_not_numpys(notebook: Open) -> None:
    cell = "import numpy as np\n\ndef f():\n    return np.zeros(2) @ np.zeros(3)\n\nf()"
    with notebook(cell) as opened:
        error = opened.cell_error(0)
        assert (error.type, error.line) == ("ValueError", 4)
        assert error.source == "return np.zeros(2) @ np.zeros(3)"


def test_a_cell_that_is_no_python_is_left_with_its_line(notebook: Open) -> None:
    with notebook("x = 1\ndef f(:\n    pass", "y = 2") as opened:
        error = opened.cell_error(0)
        assert (error.type, error.line) == ("SyntaxError", 2)
        assert opened.ran[1].error is None


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        ("raise SyntaxError", "SyntaxError"),
        ("raise SyntaxError(3)", "SyntaxError"),
        ("raise SyntaxError('m', ('f', 'a', 1, 't'))", "SyntaxError"),
        ("raise ValueError('half a character: \\ud800')", "ValueError"),
        ("raise ValueError('long' * 100_000)", "ValueError"),
        ("raise type('E' * 1000, (Exception,), {})", "E" * 100),
        (
            "class Silent(Exception):\n    def __str__(self):\n        raise self\n\nraise Silent",
            "Silent",
        ),
        ("import sys\nsys.exit(3)", "SystemExit"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("raise GeneratorExit", "GeneratorExit"),
        ("'\0'", "SyntaxError" if sys.version_info >= (3, 11, 4) else "ValueError"),
        ("print(1)\n  print(2)", "IndentationError"),
        ("%no_such_magic", None),
        ("def f(): f()\n\nf()", "RecursionError"),
    ],
)
def test_a_strange_end_of_a_cell_costs_that_cell_alone(
    notebook: Open, cell: str, kind: str | None
) -> None:
    with notebook("early = 1", cell, "late = 2", PROBE) as opened:
        error = opened.ran[1].error
        if kind is not None:
            assert error is not None
            assert error.type == kind
            assert len(error.message) <= 500
        assert opened.value("probe") == {"early": 1, "late": 2}
        assert session.ENDED not in opened.ran


@pytest.mark.usefixtures("haste")
def test_a_cell_with_an_endless_loop_is_interrupted_and_what_it_defined_stays(
    notebook: Open,
) -> None:
    with notebook(FOREVER, "late = 2", PROBE) as opened:
        error = opened.cell_error(0)
        assert error.type == "KeyboardInterrupt"
        assert error.message == "this cell took too long and was stopped"
        assert error.line in (2, 3)
        assert opened.value("probe") == {"early": 1, "late": 2}


@pytest.mark.usefixtures("haste")
def test_a_cell_that_swallows_interrupts_is_killed_and_costs_itself_alone(notebook: Open) -> None:
    stubborn = (
        "while True:\n    try:\n        while True:\n            pass\n    except:\n        pass"
    )
    with notebook("early = 1", stubborn, "late = 2", PROBE) as opened:
        assert opened.ran[1] == session.STOPPED
        assert [opened.ran[0].error, *(ran.error for ran in opened.ran[2:])] == [None] * 3
        assert opened.value("probe") == {"early": 1, "late": 2}


@pytest.mark.parametrize(
    "cell",
    [
        "import os\nos._exit(0)",
        "import os\nos.abort()",
        "import ctypes\nctypes.string_at(0)",
        "import os, signal\nos.kill(os.getpid(), signal.SIGTERM)",
    ],
)
def test_a_cell_that_ends_the_process_costs_itself_alone(notebook: Open, cell: str) -> None:
    with notebook("early = 1", cell, "late = 2", PROBE) as opened:
        assert opened.ran[1] == session.ENDED
        assert opened.value("probe") == {"early": 1, "late": 2}


UNSEEN_ENDS = {
    "kill": "os.kill(os.getpid(), signal.SIGKILL)",
    "kill a child": "os.kill(child, signal.SIGKILL)",
    "thread": "signal.pthread_kill(threading.get_ident(), signal.SIGKILL)",
    "limit": "resource.setrlimit(resource.RLIMIT_CPU, (1, 1))",
    "prlimit": "resource.prlimit(0, resource.RLIMIT_CPU, (1, 1))",
    "timer": "timer_that_kills()",
}
"""Ways to have a process ended by SIGKILL, so that it looks as if somebody else had ended it."""

BEFORE = """
import ctypes, os, resource, signal, threading, time

child = os.fork()
if child == 0:
    time.sleep(5)
    os._exit(0)

class Event(ctypes.Structure):
    _fields_ = [("value", ctypes.c_void_p), ("signo", ctypes.c_int), ("notify", ctypes.c_int),
                ("rest", ctypes.c_byte * 48)]

def timer_that_kills():
    libc, timer = ctypes.CDLL(None, use_errno=True), ctypes.c_void_p()
    if libc.timer_create(1, ctypes.byref(Event(None, 9, 0)), ctypes.byref(timer)):
        raise OSError(ctypes.get_errno(), "timer_create")
"""


@pytest.mark.parametrize("end", UNSEEN_ENDS.values(), ids=UNSEEN_ENDS)
def test_no_cell_can_have_a_process_ended_by_sigkill(notebook: Open, end: str) -> None:
    with notebook(BEFORE, end) as opened:
        assert opened.ran[0].error is None
        error = opened.cell_error(1)
        assert error.type in ("PermissionError", "ValueError")  # as `setrlimit` has it


def test_a_process_that_ended_is_noticed_though_a_child_holds_its_socket(notebook: Open) -> None:
    # The child sleeps for longer than a cell may take, after which the cell would be STOPPED.
    cell = "import os, time\nif os.fork() == 0:\n    time.sleep(600)\nos._exit(0)"
    with notebook(cell, "late = 2", PROBE) as opened:
        assert opened.ran[0] == session.ENDED
        assert opened.value("probe") == {"early": None, "late": 2}


def test_cells_that_end_the_process_again_and_again_are_given_up(notebook: Open) -> None:
    deadly = ["import os\nos._exit(0)"] * (limits.MAX_CELL_RESTARTS + 1)
    with notebook(*deadly, "late = 2", PROBE) as opened:
        assert opened.student is None
        with pytest.raises(Crashed):
            opened.fork()


def test_a_notebook_that_ends_its_process_after_the_cells_is_not_run_without_end(
    notebook: Open,
) -> None:
    cell = "import os, signal\nsignal.signal(signal.SIGUSR1, lambda *_: os._exit(0))"

    def end_the_process(opened: Notebook) -> None:
        assert opened.student is not None
        opened.student.signal(signal.SIGUSR1)
        assert select.select([opened.student.pidfd], [], [], 60)[0]

    with notebook(cell) as opened:
        for _ in range(limits.MAX_CELL_RESTARTS):
            end_the_process(opened)
            opened.fork().end()
        end_the_process(opened)
        for _ in range(2):
            with pytest.raises(Crashed):
                opened.fork()
        assert opened.runs == limits.MAX_CELL_RESTARTS + 1


@pytest.mark.usefixtures("haste")
def test_cells_after_those_that_used_up_all_the_time_are_left_out(
    notebook: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "ALL_CELLS_TIME", TimeLimit(cpu=0.2, wall=20.0))
    with notebook(FOREVER, "late = 2") as opened:
        assert opened.ran[1] == session.LEFT_OUT


@pytest.mark.usefixtures("haste")
def test_processor_time_counts_and_not_the_time_on_the_wall(notebook: Open) -> None:
    with notebook("import time\ntime.sleep(0.6)\nlate = 2", PROBE) as opened:
        assert opened.ran[0].error is None
        assert opened.value("probe")["late"] == 2


def test_a_cell_that_sleeps_too_long_is_interrupted(
    notebook: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "CELL_TIME", TimeLimit(cpu=10.0, wall=2.0))
    with notebook("import time\ntime.sleep(600)", "late = 2", PROBE) as opened:
        error = opened.cell_error(0)
        assert error.type == "KeyboardInterrupt"
        assert opened.value("probe")["late"] == 2


def test_more_than_anybody_wants_to_read_is_cut(notebook: Open) -> None:
    with notebook("print('x' * 10_000_000)", "print('after')") as opened:
        assert opened.ran[0].error is None
        assert 1000 < len(opened.shown(0)) <= 20_000
        assert opened.shown(1) == "after\n"


def test_more_than_anybody_wants_to_see_is_left_out_and_the_cell_counts(notebook: Open) -> None:
    picture = "display({'image/png': 'A' * 400_000}, raw=True)"
    with notebook(f"for _ in range(60):\n    {picture}\nlate = 2", PROBE) as opened:
        assert opened.ran[0].error is None
        assert opened.value("probe")["late"] == 2
        assert 1 <= len(opened.ran[0].outputs) < 60
        assert opened.ran[0].cut


def test_a_hundred_thousand_displays_do_not_end_the_process(notebook: Open) -> None:
    cell = "for _ in range(100_000):\n    get_ipython().display_pub.publish({'text/plain': ''})"
    with notebook(cell + "\nlate = 2", PROBE) as opened:
        assert opened.ran[0].error is None
        assert opened.value("probe")["late"] == 2


PICTURE = "display({'image/png': 'A' * %d}, raw=True)"


def test_the_outputs_of_all_cells_together_have_a_bound_and_what_is_cut_is_said(
    notebook: Open,
) -> None:
    """Without it these cells would show 1.6 GB."""
    loud = "print('a test has failed'); import sys; print('why', file=sys.stderr); 0.5"
    cells = [f"for _ in range(10):\n    {PICTURE % 400_000}"] * 100
    with notebook(*cells, loud, "late = 2", PROBE) as opened:
        assert all(ran.error is None for ran in opened.ran)
        assert opened.value("probe")["late"] == 2
        whole = sum(len(each.data) for ran in opened.ran for each in ran.outputs)
        assert 10_000_000 < whole < limits.MAX_SUBMISSION_OUTPUT_BYTES
        assert sum(ran.weight for ran in opened.ran) < limits.MAX_SUBMISSION_OUTPUT_BYTES + 10_000
        assert opened.ran[99].cut
        # What a test cell gives or loses points by is there all the same.
        assert opened.shown(100) == "a test has failed\n"
        assert opened.shown(100, "stderr") == "why\n"
        assert opened.shown(100, "text/plain") == "0.5"
        assert not opened.ran[101].cut
    assert CUT in opened.observations


def test_a_notebook_with_forty_figures_stays_whole(notebook: Open) -> None:
    figures = [f"{PICTURE % 133_336}\nprint('Cost after iteration 100: 0.69\\n' * 100)"] * 40
    with notebook(*figures) as opened:
        assert [len(ran.outputs) for ran in opened.ran] == [2] * 40
        assert not any(ran.cut for ran in opened.ran)
    assert CUT not in opened.observations


def test_a_process_that_lies_about_what_it_may_send_gets_no_more_through(notebook: Open) -> None:
    lie = (
        "import autograder.sandbox.inside.shell as inside\n"
        "inside.wire.fitted = lambda outputs, room: (tuple(outputs), False)\n"
        "inside.Displays.publish = lambda self, data, *_, **__: self.outputs.append(\n"
        "    inside.wire.Output('image/png', data['image/png']))\n"
    )
    cells = [f"for _ in range(20):\n    {PICTURE % 400_000}"] * 10
    with notebook(lie, *cells) as opened:
        assert sum(ran.weight for ran in opened.ran) < limits.MAX_SUBMISSION_OUTPUT_BYTES + 10_000
        assert opened.ran[-1].cut
    assert CUT in opened.observations


def test_a_cell_whose_own_output_is_cut_says_so_and_no_instructor_need_know(
    notebook: Open,
) -> None:
    with notebook("print('x' * 30_000)", "print('x')") as opened:
        assert [ran.cut for ran in opened.ran] == [True, False]
    assert CUT not in opened.observations


def test_displays_that_were_cleared_take_no_room(notebook: Open) -> None:
    cell = (
        "from IPython.display import clear_output\nfor _ in range(100):\n    clear_output()\n    "
    )
    with notebook(cell + PICTURE % 400_000) as opened:
        assert [each.kind for each in opened.ran[0].outputs] == ["image/png"]
        assert not opened.ran[0].cut


def test_text_with_half_a_character_may_be_printed(notebook: Open) -> None:
    with notebook("print('a\\ud800b')\n'c\\ud800d'", PROBE) as opened:
        assert opened.ran[0].error is None
        assert opened.shown(0) == "a?b\n"
        assert opened.value("probe") == {"early": None, "late": None}


def test_input_says_that_nobody_answers(notebook: Open) -> None:
    with notebook("name = input('Your name? ')") as opened:
        error = opened.cell_error(0)
        assert error.type == "EOFError"
        assert "nobody to ask" in error.message
        assert error.line == 1


def test_a_package_that_is_not_there_is_named(notebook: Open) -> None:
    with notebook("import no_such_package_at_all") as opened:
        error = opened.cell_error(0)
        assert error.type == "ModuleNotFoundError"
        assert "no_such_package_at_all" in error.message


def test_html_is_not_kept_for_the_instructors_browser(notebook: Open) -> None:
    cell = "from IPython.display import HTML\ndisplay(HTML('<script>alert(1)</script>'))"
    with notebook(cell) as opened:
        assert opened.ran[0].error is None
        assert {output.kind for output in opened.ran[0].outputs} <= {"text/plain"}
        assert "<script>" not in opened.shown(0, "text/plain")


def test_a_longer_cell_than_can_cross_costs_itself_alone(notebook: Open) -> None:
    with notebook(f"'{'x' * 17_000_000}'", "late = 2", PROBE) as opened:
        assert opened.ran[0].error is not None
        assert opened.value("probe")["late"] == 2
