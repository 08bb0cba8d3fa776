"""The configuration in the page for JupyterHub, in a Jupyter server as the hub starts one."""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from markdown_it import MarkdownIt
from nbgrader.api import Gradebook
from traitlets.config import Config

from tests.helpers.commands import WRONG
from tests.helpers.course import ENVIRONMENT, ROOT

if TYPE_CHECKING:
    from tests.helpers.course import Course

PAGE = ROOT / "docs" / "operators" / "jupyterhub.md"

TOKEN = "graders"  # noqa: S105  # of a server on this machine


def file_in_page(path: str) -> str:
    """Return the content of a file that the page shows."""
    (token,) = (
        each
        for each in MarkdownIt().parse(PAGE.read_text(encoding="utf-8"))
        if each.type == "fence" and f'title="{path}"' in each.info
    )
    return token.content


def configured(path: str) -> Config:
    """Return what a configuration file in the page sets."""
    config = Config()
    exec(file_in_page(path), {"c": config, "get_config": lambda: config})  # noqa: S102  # our page
    return config


@pytest.fixture(scope="module")
def service() -> dict[str, Any]:
    """The service of formgrader in the page."""
    (found,) = configured("jupyterhub_config.py").JupyterHub.services
    return dict(found)


def test_the_names_in_the_page_are_those_that_nbgrader_expects(service: dict[str, Any]) -> None:
    hub, nbgrader = map(configured, ("jupyterhub_config.py", "/etc/jupyter/nbgrader_config.py"))
    course = nbgrader.CourseDirectory.course_id
    assert service["name"] == course
    assert list(hub.JupyterHub.load_groups) == [f"formgrade-{course}"]
    (role,) = hub.JupyterHub.load_roles
    assert role["groups"] == [f"formgrade-{course}"]
    assert f"access:services!service={course}" in role["scopes"]
    commands = PAGE.read_text(encoding="utf-8")
    assert f"useradd --create-home {service['user']}" in commands
    assert f"chmod go= {service['cwd']}" in commands
    assert f"mkdir -p {nbgrader.Exchange.root}" in commands


@pytest.fixture
def course(released_tiny: Course, tmp_path: Path) -> Course:
    """A course whose students have submitted through the exchange, and nothing is collected."""
    made = released_tiny.copy(tmp_path / "course")
    for student, written in (("bob", {}), ("eve", {"double": WRONG})):
        made.submit(student, made.handed_in({**made.solutions, **written}))
    return made


@contextlib.contextmanager
def formgrader(course: Course, configuration: Path) -> Iterator[str]:
    """Start the server that the hub's service starts, without the hub; yield its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = configuration / "log"
    with log.open("w") as file:
        server = subprocess.Popen(
            [
                *("jupyter-server", "--no-browser", "--allow-root", "--ServerApp.port_retries=0"),
                *(f"--port={port}", f"--IdentityProvider.token={TOKEN}"),
            ],
            cwd=course.root,
            env={**ENVIRONMENT, **course.homes, "JUPYTER_CONFIG_PATH": str(configuration)},
            stdout=file,
            stderr=file,
        )
        try:
            for _ in range(1200):
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                    break
                assert server.poll() is None, log.read_text()
                time.sleep(0.1)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(timeout=60)


def ask(url: str, method: str = "GET") -> str:
    request = urllib.request.Request(url, method=method)  # noqa: S310  # our own server
    request.add_header("Authorization", f"token {TOKEN}")
    with urllib.request.urlopen(request, timeout=120) as answer:  # noqa: S310  # our own server
        text: str = answer.read().decode()
        return text


def test_formgraders_button_grades_with_our_hooks(
    course: Course, service: dict[str, Any], tmp_path: Path
) -> None:
    configuration = tmp_path / "etc"
    configuration.mkdir()
    shown = file_in_page("/etc/jupyter/nbgrader_config.py")
    (configuration / "nbgrader_config.py").write_text(
        shown.replace("/srv/nbgrader/exchange", str(tmp_path))
    )
    with formgrader(course, configuration) as url:
        page = ask(url + service["environment"]["JUPYTERHUB_DEFAULT_URL"])
        assert "<title>nbgrader formgrade</title>" in page
        for student in ("bob", "eve"):
            button = f"{url}/formgrader/api/submission/{course.name}/{student}/autograde"
            done = json.loads(ask(button, "POST"))
            assert done["success"], done
    with Gradebook(f"sqlite:///{course.root}/gradebook.db") as gradebook:
        found = gradebook.assignment_submissions(course.name)
        assert {each.student.id: each.score for each in found} == {"bob": 11.0, "eve": 8.0}
