"""What many tests share: courses in temporary folders, and what students hand in."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.internal.conjecture import providers

from autograder.course.builder import write_source
from autograder.grading.trial_run import store_success
from autograder.i18n import ENGLISH, set_language
from autograder.sandbox.host.worker import Worker
from tests.helpers import tiers
from tests.helpers.commands import WRONG, notebook
from tests.helpers.course import ROOT, Course, make_tiny
from tests.helpers.modules import forgotten_modules
from tests.helpers.plain import parts
from tests.helpers.shared import made_once

pytest_plugins = ["tests.helpers.browser"]

# Every run draws the same examples, and a busy machine may take its time.
settings.register_profile(
    "same", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("same")
# Hypothesis also draws constants of the modules that are loaded; which ones are depends on the
# tests that have run before.
providers._get_local_constants = lambda: providers._local_constants


def pytest_configure(config: pytest.Config) -> None:
    """Make the markers of the tiers known."""
    for kind in tiers.KINDS:
        config.addinivalue_line("markers", f"{kind.name}: {kind.why}")
    config.addinivalue_line("markers", f"{tiers.SLOW}: in `make test-all` only")


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Use three processes on two processors: fast tests wait for others a third of the time.

    Slow tests measure time, so `--numprocesses logical` stays one process for each processor.
    """
    processors = os.cpu_count() or 1
    return processors if config.option.numprocesses == "logical" else processors * 3 // 2


@pytest.hookimpl(tryfirst=True)  # before tests are chosen by their markers
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Sort tests into the tiers."""
    tiers.mark(items)
    config.stash[tiers.COLLECTED] = [*items]
    if hasattr(config, "workerinput"):
        tiers.longest_first(items)


@pytest.fixture(autouse=True)
def _modules_of_courses_are_forgotten(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Forget what a test has imported from its course: another has a plugin of the same name."""
    with forgotten_modules(tmp_path_factory.getbasetemp()):
        yield


@pytest.fixture(autouse=True)
def _the_language_is_english() -> None:
    """Forget the language that a command has set: it speaks that of its locale from then on."""
    set_language(ENGLISH)


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    """A warm worker for each test module."""
    with Worker() as warm:
        yield warm


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
    """A course with an assignment of two functions, 4 and 7 points, and a written answer.

    Its solution counts as tried, so that no command tries it; `grading/test_trial_run.py` does.
    """
    course = make_tiny(tmp_path / "tiny", home)
    store_success(course.anew().assignment)
    return course


@pytest.fixture(scope="session")
def released_tiny(tmp_path_factory: pytest.TempPathFactory, home: Path) -> Course:
    """The tiny course after its release; tests only read it."""

    def make(folder: Path) -> Course:
        tiny = make_tiny(folder / "course", home)
        store_success(tiny.assignment)
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
