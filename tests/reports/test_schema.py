"""The JSON Schema that lies in the package, against the types that the result is written from."""

from __future__ import annotations

import json
from importlib.resources import files

from autograder.result import schema


def test_the_schema_in_the_package_is_that_of_the_result() -> None:
    """Where it is not: write `json.dumps(schema(), indent=1)` and a newline into the file."""
    text = (files("autograder.reports") / "result.schema.json").read_text(encoding="utf-8")
    assert json.loads(text) == json.loads(json.dumps(schema()))
