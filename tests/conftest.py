"""What many tests share: courses in temporary folders, and what learners hand in."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
from hypothesis import HealthCheck, settings

from autograder.course.builder import write_source
from tests.helpers import tiers
from tests.helpers.commands import WRONG, notebook
from tests.helpers.course import ROOT, Course, make_tiny
from tests.helpers.plain import parts
from tests.helpers.shared import made_once

pytest_plugins = ["tests.helpers.browser"]

# This machine may have other things to do, and what is large takes its time.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


def pytest_configure(config: pytest.Config) -> None:
    """Make the markers of the tiers known."""
    for kind in tiers.KINDS:
        config.addinivalue_line("markers", f"{kind.name}: {kind.why}")
    config.addinivalue_line("markers", f"{tiers.SLOW}: in `make test-all` only")


def pytest_xdist_auto_num_workers() -> int:
    """Use three processes on two processors: tests wait for other processes a third of the time."""
    return max(1, (os.cpu_count() or 1) * 3 // 2)


@pytest.hookimpl(tryfirst=True)  # before tests are chosen by their markers
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Sort tests into the tiers."""
    tiers.mark(items)
    config.stash[tiers.COLLECTED] = [*items]
    if hasattr(config, "workerinput"):
        tiers.longest_first(items)


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where Jupyter may keep its things, so that nobody's own settings take part."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="session")
def course(tmp_path_factory: pytest.TempPathFactory, home: Path) -> Course:
    """A copy of this repository's course; tests only read it."""
    root = tmp_path_factory.mktemp("course")
    for folder in ("assignments", "reference"):
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "nbgrader_config.py", root)
    return Course(root, "random_initialization", home)


@pytest.fixture(scope="session")
def released_course(course: Course, home: Path, tmp_path_factory: pytest.TempPathFactory) -> Course:
    """The same after its release; tests only read it."""

    def make(folder: Path) -> Course:
        released = course.copy(folder / "course")
        released.run("autograder", "release", released.name)
        return released

    return replace(made_once(tmp_path_factory, "released", make), home=home)


@pytest.fixture
def tiny(tmp_path: Path, home: Path) -> Course:
    """A course with an assignment of two functions, 4 and 7 points, and a written answer."""
    return make_tiny(tmp_path / "tiny", home)


@pytest.fixture(scope="session")
def released_tiny(tmp_path_factory: pytest.TempPathFactory, home: Path) -> Course:
    """The tiny course after its release; tests only read it."""

    def make(folder: Path) -> Course:
        tiny = make_tiny(folder / "course", home)
        # As if Jupyter had opened the source.
        checkpoints = write_source(tiny.assignment).parent / ".ipynb_checkpoints"
        checkpoints.mkdir()
        (checkpoints / "doubling-checkpoint.ipynb").write_text(tiny.lesson.canary)
        tiny.run("autograder", "release", tiny.name)
        return tiny

    return replace(made_once(tmp_path_factory, "released_tiny", make), home=home)


@pytest.fixture(scope="session")
def quickstart(tmp_path_factory: pytest.TempPathFactory, home: Path) -> Course:
    """nbgrader's own example course and one assignment more, released; tests only copy it."""

    def make(folder: Path) -> Course:
        made = Course(folder / "course101", "ps1", home)
        made.run("nbgrader", "quickstart", "course101", cwd=folder)
        source = made.root / "source" / "parts"
        (source / "data").mkdir(parents=True)
        (source / "data" / "numbers.csv").write_text("1,2\n")
        (source / "parts.ipynb").write_text(nbformat.writes(parts()))
        for name in ("ps1", "parts"):
            made.run("nbgrader", "generate_assignment", name)
        return made

    return replace(made_once(tmp_path_factory, "quickstart", make), home=home)


@pytest.fixture
def right(tiny: Course) -> Path:
    """A notebook that deserves full marks, in the tiny course."""
    path = tiny.root / "ada.ipynb"
    path.write_text(notebook(tiny))
    return path


@pytest.fixture
def wrong(tiny: Course) -> Path:
    """One that passes the visible checks, and not the hidden one of `double`."""
    path = tiny.root / "bob.ipynb"
    path.write_text(notebook(tiny, double=WRONG))
    return path
