"""A sample of `robustness.kills`, and that it sees a mark that is lost."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.sandbox.inside import kernel
from autograder.sandbox.inside.jail import adopt_orphans
from robustness import kills
from robustness.killing import endings
from robustness.kills import ROLES, Outcomes, Round


@pytest.fixture(autouse=True)
def strangers(monkeypatch: pytest.MonkeyPatch) -> None:
    """What other tests have started and not ended yet is none of the run's."""
    monkeypatch.setattr(kills, "STRANGERS", {pid for pid, _ in kills._processes()})


@pytest.fixture(autouse=True)
def adopting() -> Iterator[None]:
    """Whoever loses its parent is this process's child, as in robustness.kills, and no longer."""
    adopt_orphans()
    yield
    kernel.prctl(kernel.PR_SET_CHILD_SUBREAPER, 0)


def test_a_sample_of_kills_changes_no_mark(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kills, "PAUSE", (0.05, 0.3))
    monkeypatch.setitem(kills.SHARES, kills.MAIN, 0)
    status = kills.main(["--kills", "3", "--class", "10", "--seed", "3"])
    shown = capsys.readouterr().out
    assert status == 0, shown
    assert "3 kills" in shown
    for role in ROLES:
        assert role in shown


def test_a_mark_that_is_lost_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    marks = [{"ada": {"score": 1.0, "checks": []}}, {"ada": {"score": 0.0, "checks": []}}, {}]
    monkeypatch.setattr(Round, "__init__", lambda _self, root, _size: setattr(_self, "root", root))
    monkeypatch.setattr(Round, "scratch", tmp_path, raising=False)
    monkeypatch.setattr(Round, "marks", lambda _self: marks[0] if len(marks) == 1 else marks.pop(0))
    monkeypatch.setattr(kills, "_undisturbed", lambda graded, _outcomes: graded.marks())
    monkeypatch.setattr(kills, "_disturbed", lambda *_: (["fork"], ""))
    found: Outcomes = kills.kill(Round(tmp_path, 1), 2, random.Random(1))  # noqa: S311  # no secret
    assert found.failures == [
        "run 1 (fork): ada: 1.0 became 0.0",
        "run 2 (fork): ada: 1.0 became nothing",
    ]
    assert found.differing["fork"] == 2


def test_who_is_left_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kills, "PATIENCE", 0.1)
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    assert len(kills._left()) == 1
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    assert kills._left() == []


def test_a_sample_of_ended_runs_leaves_gradebook_and_record_alike(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    some = {kind: endings.ENDS[kind] for kind in ("closed pipe", "SIGHUP", "SIGKILL")}
    monkeypatch.setattr(endings, "ENDS", some)  # a disk to fill needs root
    found = endings.end(endings.Class(tmp_path), 3, random.Random(3))  # noqa: S311  # no secret
    assert found.ends.total() == 3
    assert found.failures == []
