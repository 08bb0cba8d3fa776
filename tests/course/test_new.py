"""Starting an assignment: what is made, and that nothing is overwritten."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from autograder.cli.main import main
from autograder.course.assignment import Assignment, BadAssignment
from autograder.course.builder import build
from autograder.course.scaffold import new
from tests.helpers.course import ROOT


def test_an_empty_folder_becomes_a_course(tmp_path: Path) -> None:
    root, made = new(tmp_path, "first_steps")
    assert root == tmp_path.resolve()
    assert {path.relative_to(root).as_posix() for path in made} == {
        ".gitignore",
        "nbgrader_config.py",
        "assignments/first_steps/lesson.md",
        "assignments/first_steps/checks.py",
        "assignments/first_steps/mistakes.py",
        "assignments/first_steps/equivalents.py",
        "assignments/first_steps/survivors.toml",
        "reference/first_steps.py",
    }
    assert build(Assignment(root, "first_steps")).functions == ["mean_and_spread", "standardize"]


def test_a_course_gets_one_more_assignment_wherever_in_it_one_stands(tmp_path: Path) -> None:
    new(tmp_path, "first")
    (tmp_path / "nbgrader_config.py").write_text("# my own")
    root, made = new(tmp_path / "assignments" / "first", "second")
    assert root == tmp_path.resolve()
    assert {path.relative_to(root).parts[0] for path in made} == {"assignments", "reference"}
    assert (tmp_path / "nbgrader_config.py").read_text() == "# my own"
    assert build(Assignment(root, "second")).name == "second"


def test_only_a_configuration_without_the_preprocessors_is_to_be_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    advice = "add autograder's preprocessors to it"
    for name in ("first", "second"):
        done = CliRunner().invoke(main, ["new", name], catch_exceptions=False)
        assert done.exit_code == 0
        assert advice not in " ".join(done.output.split())
    (tmp_path / "nbgrader_config.py").write_text("# my own")
    done = CliRunner().invoke(main, ["new", "third"], catch_exceptions=False)
    assert advice in " ".join(done.output.split())


@pytest.mark.parametrize("taken", ["assignments/mine/notes.txt", "reference/mine.why.md"])
def test_nothing_is_overwritten(tmp_path: Path, taken: str) -> None:
    path = tmp_path / taken
    path.parent.mkdir(parents=True)
    path.write_text("precious")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(BadAssignment, match="was not overwritten"):
        new(tmp_path, "mine")
    assert path.read_text() == "precious"
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("name", ["k-means", "2nd", "class", "", "../up", "a b", "a\n"])
def test_a_name_that_python_cannot_use_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadAssignment, match="cannot be the name of an assignment"):
        new(tmp_path, name)
    assert not list(tmp_path.iterdir())


def test_a_new_course_is_configured_as_the_one_of_this_repository(tmp_path: Path) -> None:
    root, _ = new(tmp_path, "mine")
    of_new, ours = (
        (folder / "nbgrader_config.py").read_text().splitlines() for folder in (root, ROOT)
    )
    differing = [pair for pair in zip(of_new, ours, strict=True) if pair[0] != pair[1]]
    assert [line.partition(" = ")[0] for pair in differing for line in pair] == [
        "c.CourseDirectory.course_id"
    ] * 2
