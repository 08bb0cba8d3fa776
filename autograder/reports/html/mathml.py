"""Formulas as MathML, which browsers draw by themselves: our pages need no script for them.

Students write formulas too. math-core escapes most text that is not a command, but not all: a name
of one letter stays as it is, even `<` or `&`. So its output is escaped once more, and shown only if
it is XML with allowed elements alone, and not far longer than the formula.
"""

from __future__ import annotations

import html
import re
from functools import lru_cache
from xml.etree import ElementTree

from math_core import LatexToMathML

from autograder.reports.html.markup import attempt

MAX_FORMULA_CHARACTERS = 2000
"""Characters of a formula. One that is nested some thousand levels deep crashes the converter."""

WIDE = 40
"""Characters of a displayed formula that may be wider than the screen of a telephone."""

MAX_CACHED_CHARACTERS = 200
"""Characters of a formula that is cached."""

# A command defined by a student could expand to any length, so students can define none.
_CONVERTER = LatexToMathML(fancy_error=False, max_expansions=0, id_prefix="formula-")

ELEMENTS = {
    *("math", "mi", "mn", "mo", "ms", "mtext", "mspace", "mrow", "mfrac", "msqrt", "mroot"),
    *("mstyle", "merror", "mpadded", "mphantom", "msub", "msup", "msubsup", "munder", "mover"),
    *("munderover", "mmultiscripts", "mprescripts", "mtable", "mtr", "mtd", "menclose"),
    "code",  # HTML, which `\\texttt` becomes
}
"""The elements of formulas; a link is not among them."""

RAW = re.compile(r"<(?!/?[a-z])|&(?!#?\w+;)")
"""A `<` or `&` that begins neither a tag nor a character reference."""

NAMED = re.compile(r"&(?!(?:amp|lt|gt|quot|apos);)[A-Za-z]\w*;")
"""Character references that HTML has and XML has not."""


def formula(tex: str, *, display: bool) -> str:
    """Return a formula in LaTeX, without dollars, as HTML: MathML, or its source if that fails."""
    return (_cached if len(tex) <= MAX_CACHED_CHARACTERS else _formula)(tex, display)


def _formula(tex: str, display: bool) -> str:
    drawn = None
    if len(tex) <= MAX_FORMULA_CHARACTERS:
        drawn = attempt(lambda: _drawn(tex, display), lambda: None)
    if drawn is None:
        return written(tex)
    # On a narrow screen it is moved sideways, which must be possible with the keyboard.
    wide = display and len(tex) > WIDE
    return drawn.replace("<math", '<math tabindex="0"', 1) if wide else drawn


_cached = lru_cache(maxsize=2000)(_formula)


def written(tex: str) -> str:
    """Return the source of a formula as HTML."""
    return f"<code>{html.escape(tex)}</code>"


def _drawn(tex: str, display: bool) -> str | None:
    """Return a formula as MathML; None if it has forbidden elements or is far too long."""
    drawn = _CONVERTER.convert_with_local_state(tex.strip(), displaystyle=display)
    if len(drawn) > 20 * len(tex) + 2000:  # commands of few letters may stand for hundreds
        return None
    drawn = RAW.sub(lambda raw: html.escape(raw[0]), drawn)
    drawn = NAMED.sub(lambda named: html.unescape(named[0]), drawn)
    elements = ElementTree.fromstring(drawn).iter()  # noqa: S314  # it has no entities
    return drawn if all(each.tag in ELEMENTS for each in elements) else None
