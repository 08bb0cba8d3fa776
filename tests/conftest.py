"""What many tests share: courses in temporary folders, and what learners hand in."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from autograder.course.lesson import write_source
from tests.helpers.commands import WRONG, notebook
from tests.helpers.course import ROOT, Course, make_tiny

pytest_plugins = ["tests.helpers.browser"]

# This machine may have other things to do, and what is large takes its time.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


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
def released_course(course: Course, tmp_path_factory: pytest.TempPathFactory) -> Course:
    """The same after its release; tests only read it."""
    released = course.copy(tmp_path_factory.mktemp("released") / "course")
    released.run("autograder", "release", released.name)
    return released


@pytest.fixture
def tiny(tmp_path: Path, home: Path) -> Course:
    """A course with an assignment of two functions, 4 and 7 points, and a written answer."""
    return make_tiny(tmp_path / "tiny", home)


@pytest.fixture(scope="session")
def released_tiny(tmp_path_factory: pytest.TempPathFactory, home: Path) -> Course:
    """The tiny course after its release; tests only read it."""
    tiny = make_tiny(tmp_path_factory.mktemp("tiny") / "course", home)
    # As if Jupyter had opened the source.
    checkpoints = write_source(tiny.assignment).parent / ".ipynb_checkpoints"
    checkpoints.mkdir()
    (checkpoints / "doubling-checkpoint.ipynb").write_text(tiny.lesson.canary)
    tiny.run("autograder", "release", tiny.name)
    return tiny


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
