"""Formulas as MathML, which browsers draw by themselves: no page of ours needs a script for them.

What stands in a formula may be a learner's. math-core escapes most of what is no command that it
knows, but not all: a name of one letter comes out as it went in, be it `<` or `&`. So what it has
made is mended, and shown only if it is XML that holds nothing else, and not out of all proportion.
"""

from __future__ import annotations

import html
import re
from functools import lru_cache
from xml.etree import ElementTree

from math_core import LatexToMathML

from autograder.reports.html.markup import attempt

LONGEST = 2000
"""Letters of a formula. Nested some thousand deep, one would bring its converter down."""

WIDE = 40
"""Letters of a formula on a line of its own that may be wider than the screen of a telephone."""

# A command defined by a student could expand to any length, so students can define none.
_CONVERTER = LatexToMathML(fancy_error=False, max_expansions=0, id_prefix="formula-")


SHORT = 200
"""Letters of a formula that is kept once it is drawn."""

ELEMENTS = {
    *("math", "mi", "mn", "mo", "ms", "mtext", "mspace", "mrow", "mfrac", "msqrt", "mroot"),
    *("mstyle", "merror", "mpadded", "mphantom", "msub", "msup", "msubsup", "munder", "mover"),
    *("munderover", "mmultiscripts", "mprescripts", "mtable", "mtr", "mtd", "menclose"),
    "code",  # HTML, which `\\texttt` becomes
}
"""What may stand in a formula; no link is among it."""

RAW = re.compile(r"<(?!/?[a-z])|&(?!#?\w+;)")
"""What begins neither a tag nor a reference to a character."""

NAMED = re.compile(r"&(?!(?:amp|lt|gt|quot|apos);)[A-Za-z]\w*;")
"""References that HTML knows and XML does not."""


def formula(tex: str, *, display: bool) -> str:
    """A formula as a piece of HTML; as it is written where it cannot be drawn.

    Args:
        tex: in LaTeX, without the dollars around it.
        display: whether it stands on a line of its own.
    """
    return (_kept if len(tex) <= SHORT else _looks)(tex, display)


def _looks(tex: str, display: bool) -> str:
    drawn = attempt(lambda: _drawn(tex, display), lambda: None) if len(tex) <= LONGEST else None
    if drawn is None:
        return written(tex)
    # On a narrow screen it is moved sideways, which must be possible with the keyboard.
    wide = display and len(tex) > WIDE
    return drawn.replace("<math", '<math tabindex="0"', 1) if wide else drawn


_kept = lru_cache(maxsize=2000)(_looks)


def written(tex: str) -> str:
    """A formula as a piece of HTML that shows what was written."""
    return f"<code>{html.escape(tex)}</code>"


def _drawn(tex: str, display: bool) -> str | None:
    """Return a formula as MathML; None where more would stand in it. Raise where it fails."""
    drawn = _CONVERTER.convert_with_local_state(tex.strip(), displaystyle=display)
    if len(drawn) > 20 * len(tex) + 2000:  # commands of few letters may stand for hundreds
        return None
    drawn = RAW.sub(lambda raw: html.escape(raw[0]), drawn)
    drawn = NAMED.sub(lambda named: html.unescape(named[0]), drawn)
    elements = ElementTree.fromstring(drawn).iter()  # noqa: S314  # it has no entities
    return drawn if all(each.tag in ELEMENTS for each in elements) else None
