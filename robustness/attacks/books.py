"""The same attacks by way of nbgrader's own commands, with autograder in the place of its kernel.

What is shown there are the notebook in `autograded/` and the page in `feedback/`. No secret of the
course may be in either, nor in a file beside them, and nothing of an attacker's may run in it.
"""

from __future__ import annotations

import base64
import os
import resource
import shutil
import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import chdir, contextmanager
from html.parser import HTMLParser
from pathlib import Path
from types import FrameType

from nbgrader.apps import NbGraderAPI
from rich.console import Console
from rich.progress import track
from traitlets.config import Config, PyFileConfigLoader

from autograder.course.builder import build, write_source
from autograder.nbgrader import preprocessors
from autograder.sandbox.isolation import Isolation
from robustness.attacks import course
from robustness.attacks.attack import Attack
from robustness.attacks.contain import SECONDS, short_limits
from robustness.attacks.elsewhere import at_home, quiet
from robustness.fuzzing.hostile import LARGEST, snapshot
from robustness.fuzzing.table import Hung
from robustness.fuzzing.trees import temporary_folder

ROOT = Path(__file__).parents[2]


def in_the_books(chosen: Sequence[Attack], console: Console) -> Mapping[str, Sequence[str]]:
    """Return what each attack has left in the books that must not be there, by its name."""
    wrong: dict[str, Sequence[str]] = {}
    bar = track(chosen, "looking into the books", console=console, transient=True)
    with temporary_folder() as folder, short_limits():
        books = Books(folder)
        try:
            for each in bar if console.is_terminal else chosen:
                wrong[each.name] = list(books.wrong(each))
        finally:
            books.close()
    return wrong


class Books:
    """A course that nbgrader's commands grade through autograder's preprocessors.

    Args:
        folder: where it may be, and a home for nbgrader.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.root, self.home = folder / "course", folder / "home"
        assignment = course.write(self.root)
        self.lesson = build(assignment)
        write_source(assignment)
        self.home.mkdir()
        shutil.copy(ROOT / "nbgrader_config.py", self.root)
        config = Config(PyFileConfigLoader("nbgrader_config.py", path=str(self.root)).load_config())
        config.CourseDirectory.root = str(self.root)
        # What is called so in the course bears a canary; nbgrader's own lies beside it.
        config.CourseDirectory.db_url = f"sqlite:///{folder / 'books.db'}"
        config.Application.log_level = "CRITICAL"
        self.api = NbGraderAPI(config=config)
        self._does("generate_assignment", course.NAME)
        self.kept = folder / "kept"
        shutil.copytree(self.root, self.kept)

    def close(self) -> None:
        """End whoever grades."""
        preprocessors._grader(self.root, course.NAME, Isolation.FULL).worker.stop()

    def wrong(self, attack: Attack) -> Iterator[str]:
        """Hands in an attack; gives what is found in the books that must not be there."""
        hostile = course.handed_in(attack, self.lesson, self.root, os.getpid())
        course.hand_in(self.root, attack.name, hostile, attack.notebook.beside)
        before = self._untouched()
        for command in ("autograde", "generate_feedback"):
            if not self._does(command, course.NAME, attack.name):
                yield f"{command} gives up"
        if altered := {path[:100] for path, _ in before ^ self._untouched()}:
            yield f"these have changed: {sorted(altered)[:5]}"
            shutil.copytree(self.kept, self.root, dirs_exist_ok=True)
        written = [
            path
            for folder in ("autograded", "feedback")
            for path in (self.root / folder / attack.name).rglob("*")
            if path.is_file()
        ]
        if not [path for path in written if path.suffix == ".html"]:
            yield "there is no feedback"
        for path in written:
            text = path.read_bytes()
            for place, canary in (*course.CANARIES.items(), ("solution", self.lesson.canary)):
                if any(form in text for form in _forms(canary)):
                    yield f"the {place} is in {path.relative_to(self.folder)}"
            if path.suffix == ".html":
                yield from (f"{each} in the feedback" for each in _Running(text.decode()).found)

    def _untouched(self) -> frozenset[tuple[bytes, bytes]]:
        """Return what is in the course, without what the commands are there to write."""
        written = {b"", b"autograded", b"feedback", b".autograder"}
        return frozenset(
            (path, state)
            for path, state in snapshot(self.root).items()
            if path.split(b"/")[0] not in written and b"__pycache__" not in path
        )

    def _does(self, command: str, *arguments: str) -> bool:
        with at_home(self.home), quiet(), chdir(self.root), _bounded():
            try:
                return bool(getattr(self.api, command)(*arguments)["success"])
            except Hung:
                return False


@contextmanager
def _bounded() -> Iterator[None]:
    """Fails whoever waits for ever, or writes files much larger than any of ours.

    Raises:
        Hung: it has taken too long.
    """

    def hang(_number: int, _frame: FrameType | None) -> None:
        raise Hung

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST, before[1]))
    handler = signal.signal(signal.SIGALRM, hang)
    signal.setitimer(signal.ITIMER_REAL, 2 * SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, handler)
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def _forms(canary: str) -> Iterator[bytes]:
    """Yield a canary as it is, and as pages embed pictures, from each of three starting places."""
    yield canary.encode()
    for before in range(3):
        # The first and the last letters depend on what stands around it.
        yield base64.b64encode(bytes(before) + canary.encode())[4:-4]


class _Running(HTMLParser):
    """Finds what of an attacker's would run in a page; ours bears no mark of theirs."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.inside = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at what may hold an address or code."""
        self.inside = tag
        for name, value in attrs:
            runs = name.startswith("on") or name in ("href", "src", "srcdoc", "style", "data")
            if runs and value and course.LEFT in value:
                self.found.append(f"<{tag} {name}={value!r}>")

    def handle_endtag(self, _tag: str) -> None:
        """Whatever comes next is no script's."""
        self.inside = ""

    def handle_data(self, data: str) -> None:
        """Look at the code of scripts."""
        if self.inside in ("script", "style") and course.LEFT in data:
            self.found.append(f"a {self.inside}")
