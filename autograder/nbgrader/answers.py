"""Compare the answers in two graded notebooks of one student."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec


def changed_answers(before: bytes, now: bytes) -> frozenset[str]:
    """Return the grade cells whose answers the student has changed.

    A written answer is compared by itself. A cell of tests grades code in other cells, so it counts
    as changed when any of the student's own cells has changed.

    Args:
        before: a notebook in `autograded/`.
        now: the notebook that replaces it.
    """
    old, new = _answers(before), _answers(now)
    return frozenset(name for name in new if old.get(name) != new[name])


def _answers(data: bytes) -> dict[str, Any]:
    """Map each grade cell of a notebook to the answer that it grades."""
    try:
        cells = msgspec.json.decode(data)["cells"]
    except (msgspec.DecodeError, KeyError, TypeError):
        return {}
    own = [cell["source"] for cell in cells if not _about(cell).get("locked")]
    return {
        about["grade_id"]: cell["source"] if about.get("solution") or about.get("task") else own
        for cell in cells
        if (about := _about(cell)).get("grade") or about.get("task")
    }


def _about(cell: Mapping[str, Any]) -> Mapping[str, Any]:
    about: Mapping[str, Any] = cell["metadata"].get("nbgrader", {})
    return about
