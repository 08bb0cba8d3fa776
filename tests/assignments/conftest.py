"""A student in this process: quick, repeatable, and with no sandbox around it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from autograder.checking.checks import load_module
from tests.helpers.in_process import InProcess, take

ROOT = Path(__file__).parents[2]


@pytest.fixture(name="take")
def _take() -> Callable[..., dict[str, str]]:
    return take


@pytest.fixture
def load() -> Callable[[str], ModuleType]:
    """Loads a Python file of this course by its path in it."""
    return lambda path: load_module(ROOT / path)


@pytest.fixture
def make_student() -> type[InProcess]:
    """Makes the student whom a check asks."""
    return InProcess
