"""Formulas as MathML, which browsers draw by themselves: no page of ours needs a script for them.

What stands in a formula may be a learner's. math-core escapes whatever is no command that it knows,
and a test holds it to that.
"""

from __future__ import annotations

import html
from functools import lru_cache

from math_core import LatexError, LatexToMathML

LONGEST = 2000
"""Letters of a formula. Nested some thousand deep, one would bring its converter down."""

WIDE = 40
"""Letters of a formula on a line of its own that may be wider than the screen of a telephone."""

# A command that learners define may stand for any number of letters, so they can define none.
_CONVERTER = LatexToMathML(fancy_error=False, max_expansions=0, id_prefix="formula-")


@lru_cache(maxsize=2000)
def formula(tex: str, *, display: bool) -> str:
    """A formula as a piece of HTML; as it is written where it cannot be drawn.

    Args:
        tex: in LaTeX, without the dollars around it.
        display: whether it stands on a line of its own.
    """
    if len(tex) <= LONGEST:
        try:
            drawn = _CONVERTER.convert_with_local_state(tex.strip(), displaystyle=display)
        except LatexError:
            pass
        else:
            # On a narrow screen it is moved sideways, which must be possible with the keyboard.
            wide = display and len(tex) > WIDE
            return drawn.replace("<math ", '<math tabindex="0" ', 1) if wide else drawn
    return f"<code>{html.escape(tex)}</code>"
