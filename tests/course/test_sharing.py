"""A course with several instructors: what one makes, the others may use."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from autograder.course import secret, sharing
from autograder.grading.store import Ledger
from tests.helpers.course import Course

SHARED = "c = get_config()\nc.CourseDirectory.groupshared = True\n"


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No configuration of whoever runs the tests."""
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path / "jupyter"))
    monkeypatch.delenv(secret.VARIABLE, raising=False)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize(
    ("config", "shared"),
    [
        (SHARED, True),
        (SHARED.replace("True", "False"), False),
        ("c = get_config()\n# groupshared\n", False),
        (SHARED + "1 / 0\n", False),
        (None, False),
    ],
)
def test_a_course_is_shared_where_nbgrader_says_so(
    tmp_path: Path, config: str | None, shared: bool
) -> None:
    if config is not None:
        (tmp_path / "nbgrader_config.py").write_text(config)
    assert sharing.is_groupshared(tmp_path) == shared


def test_a_configuration_of_the_whole_machine_counts_too(tmp_path: Path) -> None:
    (tmp_path / "jupyter").mkdir()
    (tmp_path / "jupyter/nbgrader_config.py").write_text(SHARED)
    assert sharing.is_groupshared(tmp_path)


def test_the_secret_and_the_ledger_are_the_groups_and_nobody_elses(tiny: Course) -> None:
    root, group = tiny.root, 12345
    secret.of_course(root)
    assert mode(root / secret.FILE) == 0o600
    with Ledger(tiny.assignment):
        pass
    assert mode(root / ".autograder/doubling/ledger.db") == 0o600
    with (root / "nbgrader_config.py").open("a") as config:
        config.write("\nc.CourseDirectory.groupshared = True\n")
    if os.geteuid() == 0:
        os.chown(root, -1, group)
    secret.of_course(root)
    with Ledger(tiny.assignment):
        pass
    for name, wanted in {
        secret.FILE: 0o660,
        ".autograder": 0o2770,
        ".autograder/doubling": 0o2770,
        ".autograder/doubling/ledger.db": 0o660,
    }.items():
        assert mode(root / name) == wanted, name
        assert (root / name).stat().st_gid == root.stat().st_gid, name


def test_a_secret_of_somebody_else_is_said_to_be_that(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret.of_course(tmp_path)

    true = Path.read_text

    def refused(path: Path, *args: str, **words: str) -> str:
        if path.name == secret.FILE:
            raise PermissionError(13, "Permission denied")
        return true(path, *args, **words)

    monkeypatch.setattr(Path, "read_text", refused)
    with pytest.raises(PermissionError, match=r"belongs to .*groupshared = True") as caught:
        secret.of_course(tmp_path)
    assert "Free disk space" not in str(caught.value)
