"""Cells of a CSV file that no spreadsheet computes."""

from __future__ import annotations

import re
import unicodedata
from itertools import takewhile

FORMULA = tuple("=+-@\N{MINUS SIGN}")
"""The beginnings of cells that a spreadsheet would compute."""

NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?", re.ASCII)

SEPARATORS = re.compile(r"([;,|\t\r\n])")
"""The characters at which some program would begin a new cell."""


def text(value: str | None) -> str:
    """Return a text that a student may have chosen as a cell that no spreadsheet computes.

    As OWASP advises against CSV injection, an apostrophe stands before what begins a formula. That
    is decided as spreadsheets read it: full-width signs count, and blanks, line breaks, control and
    zero-width characters before a sign do not. A number stays a number, and any other text stays as
    it is, since platforms find students by it.
    """
    bare = (value or "")[len(_blanks(value or "")) :]
    return bare if NUMBER.fullmatch(bare) else "".join(map(_defused, SEPARATORS.split(bare)))


def _defused(piece: str) -> str:
    blanks = _blanks(piece)
    rest = piece[len(blanks) :]
    begins = unicodedata.normalize("NFKC", rest[:1]).startswith(FORMULA)
    return f"{blanks}'{rest}" if begins else piece


def _blanks(piece: str) -> str:
    """Return the blanks and invisible characters at the beginning of a text."""
    return "".join(takewhile(lambda each: unicodedata.category(each)[0] in "ZC", piece))
