"""The same attacks on nbgrader's own autograder: a kernel, plain asserts, nothing that keeps it in.

Whatever could harm this machine is not tried, nor what has no meaning there. The others run with a
home of their own, in a course of their own. Whether one succeeds is judged by its effect: marks
that its functions do not earn, a canary in what nbgrader writes, a file that it left outside of its
submission, another mark for the right notebook that is handed in next.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

import nbformat
from nbgrader.apps import NbGraderAPI
from rich.console import Console
from rich.progress import track
from traitlets.config import Config

from autograder.course.lesson import Lesson, Part, Role, build
from benchmarks.attacks import course
from benchmarks.attacks.attack import Attack, Document

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

SECONDS = 15
"""For one cell."""

HONEST = {True: 17.0, False: 4.0}
"""What right and wrong functions earn there, where a cell gives all of its points or none."""


def against_nbgrader(chosen: Sequence[Attack], console: Console) -> Mapping[str, Sequence[str]]:
    """What each attack that may be tried has gained, by its name."""
    tried = [each for each in chosen if not each.alone]
    gained: dict[str, Sequence[str]] = {}
    bar = track(tried, "attacking nbgrader", console=console, transient=True)
    for each in bar if console.is_terminal else tried:
        with tempfile.TemporaryDirectory() as folder:
            gained[each.name] = list(_gained(each, Path(folder)))
    return gained


def _gained(attack: Attack, folder: Path) -> Iterator[str]:
    root, home = folder / "course", folder / "home"
    lesson = _asserting(build(course.write(root)))
    for path in (home, root / "source" / course.NAME):
        path.mkdir(parents=True)
    # The canary stays where it is; nbgrader's own book lies beside it.
    api = _nbgrader(root, folder / "books.db")
    source = root / "source" / course.NAME / f"{course.NAME}.ipynb"
    source.write_text(nbformat.writes(lesson.source_notebook()))
    with _at_home(home):
        api.generate_assignment(course.NAME)
        before = _there(folder)
        hostile = course.handed_in(attack, lesson, root, os.getpid())
        score = _graded(api, root, "attacker", hostile)
        left = [name for name in _there(folder) - before if not name.startswith("books.db")]
        right = course.plain(lesson, course.RIGHT)
        after = _graded(api, root, "next", right)
    if score is not None and score > HONEST[attack.right]:
        yield f"{score:g} points for functions worth {HONEST[attack.right]:g}"
    written = root / "autograded" / "attacker"
    text = "".join(path.read_text() for path in written.rglob("*.ipynb"))
    for place, canary in course.CANARIES.items():
        if canary in text:
            yield f"the {place} was read"
    outside = [name for name in left if "/attacker/" not in name]
    if outside:
        yield f"files were left: {sorted(outside)[:3]}"
    if after != HONEST[True]:
        yield f"the next one got {after} points"


def _asserting(lesson: Lesson) -> Lesson:
    def with_asserts(part: Part) -> Part:
        if part.role is not Role.HIDDEN:
            return part
        tests = ASSERTS[part.id.removesuffix("_hidden")]
        source = f"### BEGIN HIDDEN TESTS\n{tests}\n### END HIDDEN TESTS"
        return Part(part.role, part.id, source, "", part.points)

    return Lesson(lesson.name, tuple(map(with_asserts, lesson.parts)), lesson.canary)


def _nbgrader(root: Path, books: Path) -> NbGraderAPI:
    config = Config()
    config.CourseDirectory.root = str(root)
    config.CourseDirectory.db_url = f"sqlite:///{books}"
    config.Application.log_level = "CRITICAL"
    config.Execute.timeout = SECONDS
    return NbGraderAPI(config=config)


def _graded(api: NbGraderAPI, root: Path, student: str, notebook: Document) -> float | None:
    """The points that nbgrader gives; None where it gives up."""
    path = root / "submitted" / student / course.NAME / f"{course.NAME}.ipynb"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(notebook))
    if not api.autograde(course.NAME, student)["success"]:
        return None
    with api.gradebook as gradebook:
        return float(gradebook.find_submission(course.NAME, student).score)


def _there(folder: Path) -> set[str]:
    """Every file there is, but for what Jupyter and nbgrader write themselves."""
    own = ("home/.local/share/jupyter/runtime", "home/.ipython/profile_default/db", "__pycache__")
    files = (str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir())
    return {
        name
        for name in files
        if not any(each in name for each in own) and "history.sqlite" not in name
    }


@contextmanager
def _at_home(home: Path) -> Iterator[None]:
    """As somebody whose home is this folder, so that nobody's own is touched."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("JUPYTER")}
    here = {
        "HOME": str(home),
        "IPYTHONDIR": str(home / ".ipython"),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
    }
    with mock.patch.dict(os.environ, {**kept, **here}, clear=True):
        yield
