"""A course of its own, with nothing but the wheel: what an instructor has who has no checkout."""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import nbformat
import pytest

from tests.helpers.course import ROOT
from tests.helpers.installed import Installed, checkout

SOLUTIONS = {
    "mean_and_spread": """
def mean_and_spread(X):
    import scipy.stats  # the sandbox must let it be read where it is: in another environment

    spread = scipy.stats.tstd(X, axis=1, ddof=0)
    return X.mean(axis=1, keepdims=True), spread.reshape(-1, 1)
""",
    "standardize": """
def standardize(X):
    mean, spread = mean_and_spread(X)
    return X - mean / spread
""",
}
"""The first is right; in the second brackets are missing."""


@pytest.fixture(scope="module")
def started(installed: Installed, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder, empty before, in which an assignment was started and released."""
    root = tmp_path_factory.mktemp("elsewhere") / "statistics"
    root.mkdir()
    installed.run("autograder", "new", "standardizing", cwd=root)
    installed.run("autograder", "build", cwd=root)
    installed.run("autograder", "release", "standardizing", cwd=root)
    return root


def submit(root: Path, student: str) -> None:
    """Puts the solutions into the released notebook, and hands it in."""
    notebook = nbformat.read(
        root / "release" / "standardizing" / "standardizing.ipynb", as_version=4
    )
    for cell in notebook.cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
        cell.source = SOLUTIONS.get(grade_id, cell.source)
    path = root / "submitted" / student / "standardizing" / "standardizing.ipynb"
    path.parent.mkdir(parents=True)
    path.write_text(nbformat.writes(notebook))


def test_the_wheel_holds_every_file_of_the_package(wheel: Path) -> None:
    ours = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "autograder").rglob("*")
        if path.is_file() and not {"__pycache__", ".ipynb_checkpoints"} & set(path.parts)
    }
    with zipfile.ZipFile(wheel) as file:
        assert ours <= set(file.namelist())


def test_the_source_distribution_holds_all_that_its_build_reads(tmp_path: Path) -> None:
    source = checkout(tmp_path / "source")
    build = "from setuptools.build_meta import build_sdist; build_sdist('dist')"
    subprocess.run([sys.executable, "-c", build], cwd=source, check=True, capture_output=True)
    (archive,) = (source / "dist").glob("numgrader-*.tar.gz")
    with tarfile.open(archive) as file:
        names = {name.partition("/")[2] for name in file.getnames()}
    package = {
        path.relative_to(source).as_posix()
        for path in (source / "autograder").rglob("*")
        if path.is_file()
    }
    wanted = {"pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", "constraints.txt"}
    assert names >= package | wanted | {path.name for path in ROOT.glob("requirements-*.txt")}
    assert not [name for name in names if name.startswith("tests/")]


def test_the_environment_has_the_wheel_and_no_checkout(installed: Installed, started: Path) -> None:
    ask = "import autograder, sys; print(autograder.__file__, *sys.path)"
    said = installed.run(str(installed.python), "-c", ask, cwd=started).stdout
    assert said.startswith(str(installed.root))
    assert f"{ROOT}\n" not in said
    assert f"{ROOT} " not in said


def test_what_was_started_passes_its_audit(installed: Installed, started: Path) -> None:
    assert (
        "The audit passed."
        in installed.run("autograder", "audit", "standardizing", cwd=started).stdout
    )


def test_what_was_started_is_graded_with_reasons(installed: Installed, started: Path) -> None:
    submit(started, "ada")
    installed.run(
        "autograder", "grade", "standardizing", "submitted", "--json", "result.json", cwd=started
    )
    (ada,) = json.loads((started / "result.json").read_text())["submissions"]
    points = {"mean_and_spread": 0.0, "standardize": 0.0}
    for check in ada["checks"]:
        points[check["function"]] += check["points"]
    assert points["mean_and_spread"] == 4
    assert points["standardize"] < 6
    installed.run("autograder", "grade", "standardizing", "--gradebook", cwd=started)
    assert (started / "feedback" / "ada" / "standardizing" / "standardizing.html").is_file()


def test_nbgrader_grades_it_too(installed: Installed, started: Path) -> None:
    submit(started, "bo")
    nbgrader = (str(installed.python), "-m", "nbgrader")
    installed.run(*nbgrader, "autograde", "standardizing", "--student", "bo", cwd=started)
    assert (started / "autograded" / "bo" / "standardizing" / "standardizing.ipynb").is_file()
