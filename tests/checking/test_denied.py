"""What the sandbox denies costs nobody points: a person decides."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.result import Verdict
from autograder.sandbox.host.session import Session
from autograder.sandbox.host.worker import Worker
from autograder.sandbox.inside.jail import readable
from autograder.sandbox.protocol.wire import Denied
from tests.helpers.plain import plain_course, submit_source
from tests.helpers.toy import Toy

FROM_THE_NETWORK = "import urllib.request\n{0}urllib.request.urlopen('http://example.org')"
ANOTHER_PROGRAM = "import subprocess\n{0}subprocess.run(['true'], check=True)"


@pytest.mark.parametrize(
    ("cell", "denied"),
    [
        (FROM_THE_NETWORK.format(""), Denied.NETWORK),
        ("import socket\nsocket.create_connection(('127.0.0.1', 80))", Denied.NETWORK),
        ("import socket\nsocket.getaddrinfo('example.org', 80)", Denied.NETWORK),
        (
            "try:\n    __import__('socket').socket()\nexcept OSError:\n    raise ValueError",
            Denied.NETWORK,
        ),
        (ANOTHER_PROGRAM.format(""), Denied.SYSTEM),
        ("import os\nos.execv('/bin/true', ['true'])", Denied.SYSTEM),
        ("open('nowhere')", None),
        ("open('/dev/null/x', 'w')", None),
        ("open('/course/x', 'w')", None),
        ("raise ValueError", None),
        ("a = ValueError()\nb = KeyError()\na.__context__ = b\nb.__context__ = a\nraise a", None),
    ],
)
def test_what_is_denied_is_told_from_other_errors(
    worker: Worker, cell: str, denied: Denied | None
) -> None:
    with Session(worker, [cell], bytes(32)) as session:
        (ran,) = session.ran
    assert ran.error is not None
    assert ran.error.denied == denied


@pytest.mark.parametrize(
    "own",
    [
        "class F:\n    def __str__(self): raise ValueError\nraise PermissionError(13, 'x', F())",
        "class F(OSError):\n    filename = property(lambda self: 1 / 0)\n    errno = 13\nraise F",
        "class F(Exception):\n    def __str__(self): raise KeyboardInterrupt\nraise F",
    ],
)
def test_an_exception_whose_own_code_raises_does_not_end_the_process(
    worker: Worker, own: str
) -> None:
    with Session(worker, [own, "late = 2"], bytes(32)) as session:
        ran, late = session.ran
    assert ran.error is not None
    assert (ran.error.type, ran.error.denied) in {("PermissionError", None), ("F", None)}
    assert late.error is None


@pytest.mark.parametrize("cell", ["open('/tmp/n', 'w')", "import os\nos.makedirs('/tmp/a/b')"])
def test_a_file_in_tmp_can_be_written_or_is_denied(worker: Worker, cell: str) -> None:
    with Session(worker, [cell], bytes(32)) as session:
        (ran,) = session.ran
    # Where Python lies in /tmp itself, nothing else can.
    python_in_tmp = any(Path(path).is_relative_to("/tmp") for path in readable())  # noqa: S108
    if "mount_namespace" in worker.layers and not python_in_tmp:
        assert ran.error is None
    else:
        assert ran.error is not None
        assert ran.error.denied is Denied.SYSTEM


@pytest.mark.parametrize("code", [FROM_THE_NETWORK, ANOTHER_PROGRAM])
def test_a_function_of_a_lesson_that_is_denied_something_is_left_to_a_person(
    toy: Callable[[str], Toy], code: str
) -> None:
    inside = "def f(x):\n    " + code.format("    ") + "\n    return 2 * x"
    beside = code.format("") + "\ndef f(x):\n    return 2 * x"
    graders = toy("")
    for source in (inside, beside):
        check = graders.check("f_of_one", source)
        assert (check.verdict, check.points) == (Verdict.NOT_RUN, None)
        assert (check.message or "").endswith("Your instructor will review this.")


def test_a_cell_that_lacks_what_a_command_makes_is_left_to_a_person(
    toy: Callable[[str], Toy],
) -> None:
    graders, opens = toy(""), "open('out/n', 'w')\ndef f(x):\n    return 2 * x"
    check = graders.check("f_of_one", f"!mkdir out\n{opens}")
    assert (check.verdict, check.points) == (Verdict.NOT_RUN, None)
    assert graders.check("f_of_one", opens).verdict is Verdict.MISSING
    for makes, lacks in (("!mkdir out", "open('out/n', 'w')"), ("%pip install no", "import no")):
        body = f"def f(x):\n    {lacks}\n    return 2 * x"
        check = graders.check("f_of_one", f"{makes}\n{body}")
        assert (check.verdict, check.points) == (Verdict.NOT_RUN, None)
        assert graders.check("f_of_one", body).verdict is Verdict.FAILED
    said = graders.grade("import no_such_package\ndef f(x):\n    return 2 * x").observations
    assert any("imports no_such_package, which is neither installed" in each for each in said)


DOWNLOADS = (
    "import urllib.request\ntry:\n    data = urllib.request.urlopen('http://a.org').read()\n"
)

CAUGHT = (
    "{1}import asyncio, os, platform, socket\ndef f(x):\n  try:\n{0}\n    return 2 * x\n"
    "  except Exception:\n    return 3 * x"
)


@pytest.mark.parametrize(
    "source",
    [
        "import os\ndef f(x):\n    if os.system('true') == 0:\n        return 2 * x",
        "import subprocess\ndef f(x):\n    try:\n        subprocess.run(['true'])\n"
        "        return 2 * x\n    except Exception:\n        pass",
        "import urllib.request\ndef f(x):\n    try:\n        urllib.request.urlopen('http://a.org')\n"
        "        return 2 * x\n    except Exception:\n        pass",
        "import os\nos.system('mkdir out')\ndef f(x):\n    open('out/n', 'w')\n    return 2 * x",
        "!mkdir out\ndef f(x):\n    try:\n        open('out/n', 'w')\n"
        "    except OSError as error:\n        raise RuntimeError from error\n    return 2 * x",
        DOWNLOADS + "except Exception:\n    pass\ndef f(x):\n    return x * (2 + 0 * len(data))",
        DOWNLOADS
        + "except Exception:\n    data = None\ndef f(x):\n    return x * (2 + 0 * len(data))",
        DOWNLOADS
        + "except Exception:\n    data = None\nn = len(data)\ndef f(x):\n    return 2 * x",
        "import subprocess\ntry:\n    n = subprocess.run(['nproc'])\nexcept Exception:\n    pass\n"
        "def f(x):\n    return 2 * x if n else x",
        CAUGHT.format("    n = os.popen('nproc').read()", ""),
        CAUGHT.format("    os.execvp('true', ['true'])", ""),
        CAUGHT.format("    asyncio.run(asyncio.create_subprocess_exec('true'))", ""),
        CAUGHT.format("    socket.socket().connect(('192.0.2.1', 80))", ""),
        CAUGHT.format("    os.system('true')\n    assert 0", "%%time\n"),
    ],
)
def test_code_that_catches_what_it_is_denied_is_left_to_a_person(
    toy: Callable[[str], Toy], source: str
) -> None:
    check = toy("").check("f_of_one", source)
    assert (check.verdict, check.points) == (Verdict.NOT_RUN, None)
    assert check.message is not None
    assert check.message.endswith("Your instructor will review this.")
    wrong = "return 3" in source
    assert ("The answer is wrong, and the code tried to" in check.message) >= wrong


def test_a_wrong_value_after_a_cell_that_goes_on_is_graded_and_the_instructor_told(
    toy: Callable[[str], Toy],
) -> None:
    begins = "import subprocess\ntry:\n    subprocess.run(['true'])\nexcept OSError:\n    pass\n"
    result = toy("").grade(
        begins + "def f(x):\n    return 3 * x", "def g(x):\n    return 2 * x + 1"
    )
    assert [check.verdict for check in result.checks] == [Verdict.FAILED, Verdict.PASSED]
    (said,) = result.observations
    assert "tries to use the network or another program" in said


def test_a_right_answer_that_asks_for_what_is_denied_has_its_points(
    toy: Callable[[str], Toy],
) -> None:
    source = "import os\nos.system('clear')\ndef f(x):\n    os.system('clear')\n    return 2 * x"
    result = toy("").grade(source, "def g(x):\n    return 2 * x + 1")
    assert {check.verdict for check in result.checks} == {Verdict.PASSED}
    assert result.observations == ()


@pytest.mark.parametrize(
    "source",
    [
        CAUGHT.format("    platform.processor()\n    assert 0", ""),
        CAUGHT.format("    os.chdir('/')\n    platform.processor()\n    assert 0", ""),
        CAUGHT.format("    socket.getaddrinfo('localhost', 80)\n    assert 0", ""),
        CAUGHT.format("    socket.gethostbyname('127.0.0.1')\n    assert 0", ""),
    ],
)
def test_what_a_library_asks_for_or_this_machine_leaves_nothing_to_a_person(
    toy: Callable[[str], Toy], source: str
) -> None:
    check = toy("").check("f_of_one", source)
    assert (check.verdict, check.points) == (Verdict.FAILED, 0.0)


def test_plain_asserts_that_are_denied_something_are_left_to_a_person(tmp_path: Path) -> None:
    cells = [
        ("f", "def f():\n    return 1"),
        ("t_f 1", "assert f() == 1"),
        ("g", "def g():\n    return 2"),
        ("t_g 1", "assert g() == 2"),
        ("h", "def h():\n    return 3"),
        ("t_h 1", "assert h() == 3"),
    ]
    course = plain_course(tmp_path, {"hw": cells})
    path = submit_source(course) / "hw.ipynb"
    text = path.read_text().replace("def f():", "import os\\nos.execv('/a', ['a'])\\ndef f():")
    inside = "def g():\\n    import socket\\n    socket.socket()"
    text = text.replace("def g():", inside).replace("return 3", "return 4")
    path.write_text(text)
    course.run("autograder", "grade", "hw", "submitted", "--json", "result.json")
    (result,) = json.loads((course.root / "result.json").read_text())["submissions"]
    found = {each["id"]: (each["verdict"], each["points"]) for each in result["checks"]}
    assert found == {"t_f": ("not_run", None), "t_g": ("not_run", None), "t_h": ("failed", 0.0)}
    assert result["provisional"] is True
