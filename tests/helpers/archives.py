"""Words for tests that look for submissions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.intake.find import SubmissionSource
from autograder.intake.reconcile import Rejected

NAME = "numbers"

Files = dict[str, bytes]

Place = Callable[[Files], Path]


def by_student(found: list[SubmissionSource]) -> dict[str, bytes]:
    assert len({each.student for each in found}) == len(found)
    return {each.student: each.read() for each in found}


def assert_rejected(source: SubmissionSource, reason: str) -> None:
    with pytest.raises(Rejected, match=reason):
        source.read()
