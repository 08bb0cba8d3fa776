"""A warm worker for each test module, and short words for what tests do with it."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import pytest

from autograder.sandbox.host.worker import Worker
from tests.helpers.sessions import Open


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    with Worker() as warm:
        yield warm


@pytest.fixture
def notebook(worker: Worker) -> Open:
    return Open(worker)


@pytest.fixture
def name() -> str:
    return f"left-{secrets.token_hex(4)}"
