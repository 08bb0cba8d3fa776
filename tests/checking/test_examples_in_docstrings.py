"""The examples in the API reference for authors of checks."""

from __future__ import annotations

import doctest
import re
from pathlib import Path
from types import ModuleType

import pytest

from autograder.checking import checks, expect

API = Path(__file__).parents[2] / "docs" / "authors" / "api.md"


@pytest.mark.parametrize("module", [expect, checks], ids=["expect", "checks"])
def test_the_examples_are_true(module: ModuleType) -> None:
    found = doctest.testmod(module, optionflags=doctest.ELLIPSIS)
    assert found.failed == 0
    assert found.attempted


def test_each_expectation_of_the_reference_has_an_example() -> None:
    named = re.findall(r"::: autograder\.checking\.expect\.([a-z]+)", API.read_text())
    assert "close" in named
    without = [name for name in named if ">>>" not in (getattr(expect, name).__doc__ or "")]
    assert without == ["kind"]  # it describes a value for the sentence of another expectation
