"""A small assignment, made for each test as it needs it, and graded from a file to marks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograder.sandbox.host.worker import Worker
from tests.helpers.toy import Toy


@pytest.fixture
def toy(tmp_path: Path, worker: Worker) -> Callable[..., Any]:
    """Makes an assignment with these checks."""

    def make(checks: str) -> Toy:
        return Toy(tmp_path, checks, worker)

    return make
