"""`make screenshots`: the pictures of the README and the documentation, taken from the real thing.

A class of the demo is graded in a temporary course, JupyterLab is started there, and Chromium looks
at it. `PICTURES` lists what is taken; whoever has another page to show adds a function.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import nbformat
from nbgrader.api import Gradebook
from PIL import Image

from autograder.checking.mistakes import function_source
from autograder.course.assignment import Assignment
from autograder.course.builder import build
from demo import screenshots_report
from demo.browser import browser
from demo.students import CLASSES, submitted

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parent.parent
PICTURES_FOLDER = ROOT / "docs" / "pictures"
NAME = "random_initialization"
LEARNERS = ("ada", "emil", "ivo")
LARGEST = 150_000
"""Bytes of a picture."""

WRONG = """\
def initialize_parameters(n_x, n_h, n_y):
    return {
        "W1": np.random.rand(n_h, n_x) * 0.1,
        "b1": np.zeros((n_h, 1)),
        "W2": np.random.rand(n_y, n_h) * 0.1,
        "b2": np.zeros((n_y, 1)),
    }
"""

CONFIG = """
c.NbGrader.course_id = c.CourseDirectory.course_id = "initialization"
c.CourseDirectory.root = {root!r}
c.Exchange.root = {exchange!r}
"""

SERVER = """
c.ServerApp.open_browser = False
c.ServerApp.allow_root = True
c.LabApp.news_url = None
c.LabApp.check_for_updates_class = "jupyterlab.NeverCheckForUpdate"
"""

SETTINGS = {
    "apputils-extension/themes": {"adaptive-theme": True},
    "apputils-extension/notification": {"fetchNews": "false"},
    "notebook-extension/tracker": {"windowingMode": "none"},  # a picture may be of any cell
}
"""Of JupyterLab."""

PATIENCE = 300_000
"""Milliseconds for which a page is waited for: the experiments train networks."""

Scheme = Literal["light", "dark"]


@dataclass(frozen=True)
class Stage:
    """What the pictures are taken of.

    Attributes:
        course: the folder of a course whose class is graded.
        url: of a JupyterLab in it.
        token: which opens it.
        browser: who looks.
    """

    course: Path
    url: str
    token: str
    browser: Browser

    @contextlib.contextmanager
    def page(self, scheme: Scheme, width: int, height: int) -> Iterator[Page]:
        """Open an empty page of a size."""
        context = self.browser.new_context(
            color_scheme=scheme, viewport={"width": width, "height": height}
        )
        try:
            yield context.new_page()
        finally:
            context.close()


def notebook(scheme: Scheme) -> Callable[[Stage, Path], None]:
    """Return a failing visible check in JupyterLab, as its student sees it."""

    def take(stage: Stage, file: Path) -> None:
        with stage.page(scheme, 1100, 860) as page:
            page.goto(f"{stage.url}/lab/workspaces/{scheme}/tree/learner.ipynb?token={stage.token}")
            page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=PATIENCE)
            page.get_by_text("| Idle").wait_for(timeout=PATIENCE)  # the kernel is there
            page.get_by_role("menuitem", name="Run", exact=True).click()
            page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
            # The cells after it run too: an exception of a check does not stop the others.
            later = page.locator("caption", has_text="forward_propagation: ")
            later.wait_for(timeout=PATIENCE, state="attached")
            page.keyboard.press("Control+b")  # the list of files
            page.wait_for_timeout(1000)
            page.locator("caption", has_text="Visible checks of initialize_parameters").evaluate(
                "caption => caption.closest('table').scrollIntoView({block: 'center'})"
            )
            page.wait_for_timeout(1000)
            page.screenshot(path=file)

    return take


def feedback(scheme: Scheme) -> Callable[[Stage, Path], None]:
    """Return the page that a student gets after grading."""

    def take(stage: Stage, file: Path) -> None:
        path = stage.course / "feedback" / "emil" / NAME / f"{NAME}.html"
        with stage.page(scheme, 1000, 1080) as page:
            page.goto(path.as_uri())
            page.screenshot(path=file)

    return take


def formgrader(stage: Stage, file: Path) -> None:
    """Show a graded submission in the instructor's formgrader."""
    with Gradebook(f"sqlite:///{stage.course}/gradebook.db") as gradebook:
        shown = gradebook.find_submission_notebook(NAME, NAME, "ivo").id
    with stage.page("light", 1100, 760) as page:
        page.goto(f"{stage.url}/lab?token={stage.token}")  # what fetches the points wants a cookie
        page.goto(f"{stage.url}/formgrader/submissions/{shown}/")
        page.locator("input.score[placeholder]").first.wait_for(state="attached", timeout=PATIENCE)
        report = page.get_by_text("backward_propagation: ").first
        report.scroll_into_view_if_needed()
        page.wait_for_timeout(500)
        page.screenshot(path=file)


def class_report(stage: Stage, file: Path) -> None:
    """Show the report on a class of 300."""
    report = screenshots_report.class_report(stage.course.parent / "report")
    with stage.page("light", 1200, 440) as page:
        screenshots_report.take(page, report, file)


PICTURES: dict[str, Callable[[Stage, Path], None]] = {
    "notebook.png": notebook("light"),
    "notebook-dark.png": notebook("dark"),
    "feedback.png": feedback("light"),
    "feedback-dark.png": feedback("dark"),
    "formgrader.png": formgrader,
    "class-report.png": class_report,
}
"""What is taken, by the name of the file in `docs/pictures/`."""


def main() -> None:
    """Take the pictures, or those that are named on the command line."""
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    PICTURES_FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        course = Path(folder) / "course"
        prepare(course)
        with lab(course) as (url, token), browser() as started:
            stage = Stage(course, url, token, started)
            for name in sys.argv[1:] or PICTURES:
                file = PICTURES_FOLDER / name
                PICTURES[name](stage, file)
                shrink(file)
                print(f"{file.relative_to(ROOT)}  {file.stat().st_size // 1000} kB")


def prepare(course: Path) -> None:
    """Make a course with a few graded students, and a notebook that one of them works on."""
    course.mkdir()
    for folder in ("assignments", "reference"):
        shutil.copytree(ROOT / folder, course / folder)
    exchange = course.parent / "exchange"
    exchange.mkdir()
    config = (ROOT / "nbgrader_config.py").read_text(encoding="utf-8")
    config += CONFIG.format(root=str(course), exchange=str(exchange))
    (course / "nbgrader_config.py").write_text(config, encoding="utf-8")
    run(course, "autograder", "release", NAME)
    assignment = Assignment(course, NAME)
    lesson = build(assignment)
    for student in CLASSES[NAME]:
        if student.name in LEARNERS:
            path = course / "submitted" / student.name / NAME / f"{NAME}.ipynb"
            path.parent.mkdir(parents=True)
            path.write_text(submitted(student, assignment, lesson), encoding="utf-8")
    run(course, "autograder", "grade", NAME, "--gradebook")
    written = {name: function_source(assignment.reference, name) for name in lesson.functions}
    work = lesson.filled({**written, "initialize_parameters": WRONG})
    (course / "learner.ipynb").write_text(nbformat.writes(work), encoding="utf-8")


def run(course: Path, *command: str) -> None:
    """Run a command in the course.

    Raises:
        SystemExit: it fails.
    """
    done = subprocess.run(  # noqa: S603  # our own commands
        command, cwd=course, check=False, capture_output=True, text=True
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} exited with {done.returncode}. {done.stderr}")


@contextlib.contextmanager
def lab(course: Path) -> Iterator[tuple[str, str]]:
    """Start a JupyterLab that ends with the block; yield its address and token."""
    token = secrets.token_hex(16)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    home = course.parent / "home"
    config = home / "config"
    config.mkdir(parents=True)
    (config / "jupyter_server_config.py").write_text(SERVER, encoding="utf-8")
    kept = (
        (course / "nbgrader_config.py")
        .read_text(encoding="utf-8")
        .replace("Path(__file__).parent", f"Path({str(course)!r})")
    )
    (config / "nbgrader_config.py").write_text(kept, encoding="utf-8")
    for name, values in SETTINGS.items():
        path = config / "lab" / "user-settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values), encoding="utf-8")
    names = {"JUPYTER_CONFIG_DIR": config, "HOME": home, "IPYTHONDIR": home / "ipython"}
    names |= {"JUPYTER_DATA_DIR": home / "data", "JUPYTER_RUNTIME_DIR": home / "runtime"}
    with (course.parent / "lab.log").open("w") as log:
        server = subprocess.Popen(  # noqa: S603  # our own command
            [
                *("jupyter-lab", "--no-browser", f"--port={port}", "--ip=127.0.0.1"),
                f"--IdentityProvider.token={token}",
            ],
            cwd=course,
            env={**os.environ, **{name: str(path) for name, path in names.items()}},
            stdout=log,
            stderr=log,
        )
        try:
            url = f"http://127.0.0.1:{port}"
            wait_for(f"{url}/api/status?token={token}", server, course.parent / "lab.log")
            yield url, token
        finally:
            server.terminate()
            server.wait(timeout=60)


def wait_for(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until a server answers.

    Raises:
        SystemExit: it does not.
    """
    for _ in range(240):
        if server.poll() is not None:
            break
        try:
            with urllib.request.urlopen(url, timeout=5):  # noqa: S310  # our own server
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.5)
    raise SystemExit(f"JupyterLab does not start:\n{log.read_text(encoding='utf-8')}")


def shrink(file: Path) -> None:
    """Compress a picture for a repository, with as many colours as its size allows.

    Raises:
        SystemExit: even with few colours it is too large.
    """
    with Image.open(file) as picture:
        whole = picture.convert("RGB")
    for colours in (256, 128, 64, 32):
        whole.quantize(colours).save(file, optimize=True)
        if file.stat().st_size <= LARGEST:
            return
    raise SystemExit(f"{file} takes more than {LARGEST // 1000} kB: show less on it.")


if __name__ == "__main__":
    main()
