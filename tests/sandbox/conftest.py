"""Short words for what tests do with a worker."""

from __future__ import annotations

import secrets

import pytest

from autograder.sandbox.host.worker import Worker
from tests.helpers.sessions import Open


@pytest.fixture
def notebook(worker: Worker) -> Open:
    return Open(worker)


@pytest.fixture
def name() -> str:
    return f"left-{secrets.token_hex(4)}"
