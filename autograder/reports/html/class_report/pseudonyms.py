"""Pseudonyms: names that tell one learner from another and nobody who they are.

They are drawn by chance for each report: numbers in the order of the names, or made from the names
themselves, would tell who is who to anybody with a list of the class.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Sequence

from autograder.i18n import _

LONG = 3
"""Letters from which on a part of a name may tell whose it is."""

LATIN = "[0-9A-Za-z\u00c0-\u024f]"
"""What words are made of where spaces are between them."""


def pseudonyms(number: int) -> tuple[str, ...]:
    """So many pseudonyms, all different, in an order that nobody can repeat."""
    width = len(str(number))
    numbers = list(range(1, number + 1))
    random.SystemRandom().shuffle(numbers)
    return tuple(_("Student {number}").format(number=f"{each:0{width}}") for each in numbers)


class Hider:
    """Takes the names of a class out of texts that may quote them: file names, say.

    A name gives way to its pseudonym, and a part of the learner's own name to an ellipsis, unless
    everybody in the class has it.

    Args:
        names: of the class.
        aliases: their pseudonyms.
    """

    def __init__(self, names: Sequence[str], aliases: Sequence[str]) -> None:
        self._aliases = {name.casefold(): alias for name, alias in zip(names, aliases, strict=True)}
        self._whole = _any_of(names)
        counts = Counter(part for name in names for part in _parts(name.casefold()))
        self._shared = {part for part, count in counts.items() if count == len(names) > 1}

    def hide(self, text: str, name: str) -> str:
        """A text about a learner, without anybody's name.

        Args:
            text: what may hold names.
            name: whom it is about.
        """
        text = self._whole.sub(lambda found: self._aliases.get(found[0].casefold(), "…"), text)
        own = [part for part in _parts(name) if part.casefold() not in self._shared]
        return _any_of(own).sub("…", text)


def _parts(name: str) -> set[str]:
    return {
        part
        for part in re.split(r"[\W_]+", name)
        if len(part) >= LONG or (part and not part.isascii())
    }


def _any_of(words: Sequence[str]) -> re.Pattern[str]:
    """Any of some words, the longest first, not in the middle of a longer one.

    Scripts without spaces have no such middle, and follow upon a Latin name without one.
    """
    each = []
    for word in sorted((word for word in words if word), key=len, reverse=True):
        before = f"(?<!{LATIN})" if re.match(LATIN, word[0]) else ""
        after = f"(?!{LATIN})" if re.match(LATIN, word[-1]) else ""
        each.append(f"{before}{re.escape(word)}{after}")
    return re.compile("|".join(each) or r"(?!)", re.IGNORECASE)
