"""The pictures of the documentation: each that is shown is there, and a command takes it."""

from __future__ import annotations

import re
from pathlib import Path

from demo.screenshots import LARGEST, PICTURES, PICTURES_FOLDER

ROOT = Path(__file__).parents[1]


def test_every_picture_that_a_page_shows_is_there_and_taken_by_the_command() -> None:
    shown = {
        (page.parent / place).resolve()
        for page in [ROOT / "README.md", *ROOT.glob("docs/**/*.md")]
        for place in re.findall(r"!\[[^\]]+\]\(([^)]+\.png)\)", page.read_text(encoding="utf-8"))
    }
    assert shown
    assert shown <= {(PICTURES_FOLDER / name).resolve() for name in PICTURES}
    assert [path for path in shown if not path.is_file()] == []


def test_no_picture_is_large_and_none_is_left_over() -> None:
    there = {path.name: path.stat().st_size for path in PICTURES_FOLDER.glob("*.png")}
    assert there.keys() == PICTURES.keys()
    assert max(there.values()) <= LARGEST
