"""What the sandbox denies costs nobody points: a person decides."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.result import Verdict
from autograder.sandbox.host.session import Session
from autograder.sandbox.host.worker import Worker
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
        assert check.message is not None
        assert check.message.endswith("A person will look at this.")


def test_who_is_denied_something_and_goes_on_is_graded_as_usual(toy: Callable[[str], Toy]) -> None:
    begins = "import subprocess\ntry:\n    subprocess.run(['true'])\nexcept OSError:\n    pass\n"
    check = toy("").check("f_of_one", begins + "def f(x):\n    return 3 * x")
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
