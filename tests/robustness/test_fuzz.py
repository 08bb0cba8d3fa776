"""A sample of `robustness.fuzz`, and that it sees what is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from autograder.intake import reconcile
from autograder.sandbox.protocol import wire
from robustness import fuzz
from robustness.fuzzing import messages, notebooks
from robustness.fuzzing.intact import MUTATIONS
from robustness.fuzzing.table import Outcomes


def test_a_sample_of_mutated_files_and_messages_gives_nothing_wrong(
    capsys: pytest.CaptureFixture[str],
) -> None:
    status = fuzz.main(["--notebooks", "48", "--messages", "1300", "--seed", "7"])
    shown = capsys.readouterr().out
    assert status == 0, shown
    for kind in [*MUTATIONS, *messages.KINDS]:
        assert kind in shown


def sample(folder: Path, *kinds: str) -> Outcomes:
    """Return what comes of a few files that were altered in these ways."""
    with pytest.MonkeyPatch.context() as patch:
        for kind in set(MUTATIONS) - set(kinds):
            patch.delitem(MUTATIONS, kind)
        return notebooks.fuzz(15, 1, folder)


def test_a_mark_that_depends_on_what_a_file_says_of_itself_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    true = reconcile._cell

    def cell(cell: Any, *rest: Any) -> Any:
        mine = true(cell, *rest)
        return None if {"tags", "collapsed", "x"} & cell["metadata"].keys() else mine

    monkeypatch.setattr(reconcile, "_cell", cell)
    found = sample(tmp_path, "metadata edited")
    assert any("the student's code is the same" in failure for failure in found.failures)


def test_code_that_is_lost_on_the_way_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    true = reconcile._cell

    def cell(cell: Any, *rest: Any) -> Any:
        mine = true(cell, *rest)
        return None if cell["cell_type"] != "code" and mine is not None and mine.runs else mine

    monkeypatch.setattr(reconcile, "_cell", cell)
    found = sample(tmp_path, "a cell of code lost or turned")
    assert any("the student's code is the same" in failure for failure in found.failures)


def test_an_exception_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconcile, "_attachments", lambda value: value and value["a.png"])
    found = sample(tmp_path, "text edited")
    assert found.counts["text edited"]["traceback"]
    assert "KeyError" in found.failures[0] or "TypeError" in found.failures[0]


def test_an_answer_to_another_question_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages, "_received", lambda _data: wire.Missing(8))
    found = messages.fuzz(13, 1)
    assert len(found.failures) == 13
