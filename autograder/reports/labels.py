"""How every report writes points."""

from __future__ import annotations


def points(number: float | None) -> str:
    """Points as people write them: 2, 1.5, or – where nothing was decided."""
    return "–" if number is None else f"{number:.2f}".rstrip("0").rstrip(".")
