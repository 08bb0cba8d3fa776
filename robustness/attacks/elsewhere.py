"""The same attacks on nbgrader's own autograder: a kernel, plain asserts, nothing that keeps it in.

Whatever could harm this machine is not tried, nor what has no meaning there. The others run with a
home of their own, in a course of their own. Whether one succeeds is judged by its effect: marks
that its functions do not earn, a canary in what nbgrader writes, a file that it left outside of its
submission, another mark for the right notebook that is handed in next.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

import nbformat
from nbgrader.apps import NbGraderAPI
from rich.console import Console
from rich.progress import track
from traitlets.config import Config

from autograder.course.builder import build
from autograder.course.lesson import Lesson, Part, Role
from robustness.attacks import course
from robustness.attacks.attack import Attack, Document

ASSERTS = {
    "double": "assert np.isclose(double(1.0), 2.0)\nassert np.isclose(double(1234567.0), 2469134)",
    "total_of_doubles": (
        "assert np.isclose(total_of_doubles([]), 0.0)\n"
        "assert np.isclose(total_of_doubles([512.0, 300.5]), 1625.0)"
    ),
    "spread": (
        "assert np.isclose(spread(np.array([3.0, 3.0]))['spread'], 0.0)\n"
        "np.testing.assert_allclose(spread(np.array([1.0, 2.0, 6.0]))['mean'], 3.0)"
    ),
}

SECONDS = 10
"""For one cell."""

LASTING = ("writing", "from one to the next", "other processes", "exits and signals")
"""After these, a right notebook is handed in, to see what they have left."""

HONEST = {True: 17.0, False: 4.0}
"""What right and wrong functions earn there, where a cell gives all of its points or none."""


def against_nbgrader(chosen: Sequence[Attack], console: Console) -> Mapping[str, Sequence[str]]:
    """Return what each attack that may be tried has gained, by its name."""
    tried = [each for each in chosen if not each.alone]
    gained: dict[str, Sequence[str]] = {}
    bar = track(tried, "attacking nbgrader", console=console, transient=True)
    with tempfile.TemporaryDirectory() as folder:
        there = Nbgrader(Path(folder))
        for each in bar if console.is_terminal else tried:
            with quiet():
                gained[each.name] = list(there.gained(each))
    return gained


class Nbgrader:
    """nbgrader's own autograder, and a course that is put right again after each attack.

    Args:
        folder: where both may be.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.root, self.home, self.kept = (folder / each for each in ("course", "home", "kept"))
        self.lesson = _asserting(build(course.write(self.root)))
        source = self.root / "source" / course.NAME / f"{course.NAME}.ipynb"
        source.parent.mkdir(parents=True)
        source.write_text(nbformat.writes(self.lesson.source_notebook()))
        # The canary stays where it is; nbgrader's own book lies beside the course.
        config = Config()
        config.CourseDirectory.root = str(self.root)
        config.CourseDirectory.db_url = f"sqlite:///{folder / 'books.db'}"
        config.Application.log_level = "CRITICAL"
        config.Execute.timeout = SECONDS
        self.api = NbGraderAPI(config=config)
        self.home.mkdir()
        with quiet(), at_home(self.home):
            self.api.generate_assignment(course.NAME)
        shutil.copytree(self.root, self.kept)

    def gained(self, attack: Attack) -> Iterator[str]:
        """Hands in an attack; gives what it gains, in sentences."""
        for place, again in ((self.root, self.kept), (self.home, None)):
            shutil.rmtree(place)
            if again is not None:
                shutil.copytree(again, place)
            else:
                place.mkdir()
        before = course.state(self.root)
        with at_home(self.home):
            hostile = course.handed_in(attack, self.lesson, self.root, os.getpid())
            score = self._graded(attack.name, hostile)
            after = None
            if attack.category in LASTING:
                right = course.plain(self.lesson, course.RIGHT)
                after = self._graded(f"{attack.name}-next", right)
        if score is not None and score > HONEST[attack.right]:
            yield f"{score:g} points for functions worth {HONEST[attack.right]:g}"
        written = self.root / "autograded" / attack.name
        text = "".join(path.read_text() for path in written.rglob("*.ipynb"))
        for place_, canary in course.CANARIES.items():
            if canary in text:
                yield f"the {place_} was read"
        changed = {
            name
            for name, content in course.state(self.root).items()
            if name.split("/")[0] not in ("submitted", "autograded") and before.get(name) != content
        }
        left = changed | {name for name in course.state(self.home) if "autograder_" in name}
        if left:
            yield f"files were left or altered: {', '.join(sorted(left)[:3])}"
        if after is not None and after != HONEST[True]:
            yield f"the next one got {after} points"

    def _graded(self, student: str, notebook: Document) -> float | None:
        """Return the points that nbgrader gives; None where it gives up."""
        course.hand_in(self.root, student, notebook)
        if not self.api.autograde(course.NAME, student)["success"]:
            return None
        with self.api.gradebook as gradebook:
            return float(gradebook.find_submission(course.NAME, student).score)


@contextmanager
def quiet() -> Iterator[None]:
    """Without what kernels, and the programs that they start, print here."""
    sys.stdout.flush()
    kept, nowhere = (os.dup(1), os.dup(2)), os.open(os.devnull, os.O_WRONLY)
    for descriptor in (1, 2):
        os.dup2(nowhere, descriptor)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for descriptor, was in zip((1, 2), kept, strict=True):
            os.dup2(was, descriptor)
            os.close(was)
        os.close(nowhere)


def _asserting(lesson: Lesson) -> Lesson:
    def with_asserts(part: Part) -> Part:
        if part.role is not Role.HIDDEN:
            return part
        tests = ASSERTS[part.id.removesuffix("_hidden")]
        source = f"### BEGIN HIDDEN TESTS\n{tests}\n### END HIDDEN TESTS"
        return Part(part.role, part.id, source, "", part.points)

    return Lesson(lesson.name, tuple(map(with_asserts, lesson.parts)), lesson.canary)


@contextmanager
def at_home(home: Path) -> Iterator[None]:
    """As somebody whose home is this folder, so that nobody's own is touched."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("JUPYTER")}
    here = {
        "HOME": str(home),
        "IPYTHONDIR": str(home / ".ipython"),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
    }
    with mock.patch.dict(os.environ, {**kept, **here}, clear=True):
        yield
