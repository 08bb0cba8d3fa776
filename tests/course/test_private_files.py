"""The secret and the students' data stay out of the course's repository."""

from __future__ import annotations

import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest

from autograder.course import private_files, release, secret
from autograder.course.scaffold import new
from autograder.sandbox.selftest import doctor
from tests.helpers.commands import autograder
from tests.helpers.course import ROOT, Course

PRIVATE = (
    ".autograder-secret",
    ".autograder-secret-draft-x",
    ".autograder/hw/ledger.db",
    "gradescope/hw.zip",
    "submitted/ada/hw/hw.ipynb",
    "autograded/ada/hw/hw.ipynb",
    "feedback/ada/hw/hw.html",
    "gradebook.db",
    "gradebook.db.2026-01-01.bak",
    "results.json",
    "results.html",
    "results.csv",
    "course.html",
    "canvas.csv",
    "moodle.csv",
    "moodle-worksheet.csv",
    "grades.csv",
    "students.csv",
)


def git(root: Path, *words: str) -> str:
    command = ["git", "-C", str(root), "-c", "user.name=a", "-c", "user.email=a@b", *words]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def put(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("x")


def test_a_new_course_and_this_repository_ignore_them_all(tmp_path: Path) -> None:
    new(tmp_path, "hw")
    git(tmp_path, "init", "-q")
    for ignoring in ((tmp_path / ".gitignore").read_text(), (ROOT / ".gitignore").read_text()):
        (tmp_path / ".gitignore").write_text(ignoring)
        assert not set(private_files.PATTERNS) - set(ignoring.splitlines())
        put(tmp_path, *PRIVATE)
        git(tmp_path, "add", "-A")
        assert not set(git(tmp_path, "ls-files").splitlines()) & set(PRIVATE)
    assert "assignments/hw/checks.py" in git(tmp_path, "ls-files")


def test_those_that_git_tracks_are_named(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    put(tmp_path, "assignments/hw/data.csv", "notes.md")
    git(tmp_path, "add", "-A")
    assert not private_files.warnings(tmp_path)
    put(tmp_path, *PRIVATE)
    git(tmp_path, "add", "-A")
    assert set(private_files.tracked(tmp_path)) == set(PRIVATE)
    (said,) = private_files.warnings(tmp_path)
    assert " .autograder-secret " in said
    assert " gradescope/ " in said


def test_outside_a_repository_nothing_is_said(tmp_path: Path) -> None:
    put(tmp_path, *PRIVATE)
    assert not private_files.warnings(tmp_path)
    private_files.ignore(tmp_path / "results.json")
    assert not (tmp_path / ".git").exists()


@pytest.mark.parametrize("name", ["r.json", "marks of [ada]*.csv", "out/r\\1.xml"])
def test_what_a_command_writes_is_ignored_and_nothing_else(tmp_path: Path, name: str) -> None:
    course = tmp_path / "course"
    put(course, name, "other.json", "marks of a.csv")
    git(tmp_path, "init", "-q")
    private_files.ignore(course / name)
    private_files.ignore(course / name)
    git(tmp_path, "add", "-A")
    found = git(tmp_path, "ls-files", "-z").split("\0")
    assert f"course/{name}" not in found
    assert {"course/other.json", "course/marks of a.csv"} <= set(found)


def test_a_secret_in_a_course_without_a_gitignore_is_not_committed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(secret.VARIABLE, raising=False)
    git(tmp_path, "init", "-q")
    secret.of_course(tmp_path)
    put(tmp_path, "notes.md")
    git(tmp_path, "add", "-A")
    assert git(tmp_path, "ls-files").split() == ["notes.md"]


@pytest.mark.parametrize("command", ["release", "doctor"])
def test_release_and_doctor_warn_of_what_git_tracks(
    tiny: Course, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    released = SimpleNamespace(archive=tiny.root / "doubling.zip", hidden=1, shown=0)
    monkeypatch.setattr(release, "release", lambda _assignment: released)
    monkeypatch.setattr(doctor, "examine", list)
    monkeypatch.setattr(doctor, "suffices", lambda _found: True)
    words = [command] if command == "doctor" else [command, tiny.name]
    git(tiny.root, "init", "-q")
    put(tiny.root, "submitted/ada/doubling/doubling.ipynb")
    done = autograder(tiny, *words)
    assert "Git tracks" not in done.stdout + done.stderr
    git(tiny.root, "add", "-A")
    done = autograder(tiny, *words)
    assert "Git tracks the secret or students' data: submitted/." in done.stdout + done.stderr


def test_a_secret_is_printed_without_its_key(tmp_path: Path) -> None:
    made = secret.of_course(tmp_path)
    assert str(made.key) not in repr(made)
    assert made.fingerprint is not None
    assert made.fingerprint in repr(made)
