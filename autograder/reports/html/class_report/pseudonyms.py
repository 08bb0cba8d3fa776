"""Pseudonyms for the students of a class.

They are drawn at random for each report: numbers in the order of the names, or made from the names,
would identify students to anybody with a list of the class.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Sequence

from autograder.i18n import _

MIN_NAME_PART = 3
"""The shortest part of a name that may identify a student."""

LATIN = "[0-9A-Za-z\u00c0-\u024f]"
"""The letters of scripts that separate words by spaces."""


def pseudonyms(number: int) -> tuple[str, ...]:
    """Return distinct pseudonyms in a random order that cannot be repeated."""
    width = len(str(number))
    numbers = list(range(1, number + 1))
    random.SystemRandom().shuffle(numbers)
    return tuple(_("Student {number}").format(number=f"{each:0{width}}") for each in numbers)


class Hider:
    """Replaces the names of a class in texts that may quote them, such as file names.

    A name becomes its pseudonym. A part of the student's own name becomes an ellipsis, unless
    everybody in the class has it.
    """

    def __init__(self, names: Sequence[str], aliases: Sequence[str]) -> None:
        self._aliases = {name.casefold(): alias for name, alias in zip(names, aliases, strict=True)}
        self._whole = _any_of(names)
        counts = Counter(part for name in names for part in _parts(name.casefold()))
        self._shared = {part for part, count in counts.items() if count == len(names) > 1}

    def hide(self, text: str, name: str) -> str:
        """Return a text about the student of this name, without any names."""
        text = self._whole.sub(lambda found: self._aliases.get(found[0].casefold(), "…"), text)
        own = [part for part in _parts(name) if part.casefold() not in self._shared]
        return _any_of(own).sub("…", text)


def _parts(name: str) -> set[str]:
    return {
        part
        for part in re.split(r"[\W_]+", name)
        if len(part) >= MIN_NAME_PART or (part and not part.isascii())
    }


def _any_of(words: Sequence[str]) -> re.Pattern[str]:
    """Return a pattern for any of some words, not inside a longer word.

    Scripts without spaces may stand directly before or after a word.
    """
    each = []
    for word in sorted((word for word in words if word), key=len, reverse=True):
        before = f"(?<!{LATIN})" if re.match(LATIN, word[0]) else ""
        after = f"(?!{LATIN})" if re.match(LATIN, word[-1]) else ""
        each.append(f"{before}{re.escape(word)}{after}")
    return re.compile("|".join(each) or r"(?!)", re.IGNORECASE)
