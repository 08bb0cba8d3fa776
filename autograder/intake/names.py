"""Recognise a renamed notebook of an assignment by its name, and show names in sentences.

Browsers, platforms, drives and students rename files. A name that fits two notebooks fits none.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import PurePath

ENDING = re.compile(r"(\.ipynb(\.json|\.txt| ?\(\d+\))*)+$", re.IGNORECASE)
"""The ending of a notebook's name, to which browsers often add something."""

ARCHIVE = re.compile(r"\.(zip|7z|rar|tar|tgz|gz|bz2|xz)( ?\(\d+\))?$", re.IGNORECASE)
"""The ending of an archive's name. Only zips are opened; the others are reported."""

COPY = r"(?:copy of )?{}(?: ?\(\d+\)|-\d+|[-_ ]*copy(?: ?\d+)?)*"
"""The names that browsers, Canvas, drives, desktops and Jupyter give to the second copy of a file.
A name matches in only one way, so that no name takes long."""

MAX_COMPARED_CHARACTERS = 255
"""Characters of a name that is compared; file systems have no longer ones, but a zip may."""

WORD = re.compile(r"[^\W\d_]+|\d+")

MAX_SHOWN_CHARACTERS = 100
"""Characters of a path that a sentence shows."""

BIDI = range(0x202A, 0x202F), range(0x2066, 0x206A)
"""Characters that turn the direction of a text, so that a name looks like another."""

MAX_LISTED = 5
"""Names of notebooks that one sentence lists."""

EXACT, COPIED, WITHIN = range(3)
"""How near a file's name is to a notebook's: the same in any case of letters, as of a copy, or the
notebook's words among others."""


def stem(path: PurePath) -> str:
    """Return the name of a notebook or an archive without its ending."""
    name = ARCHIVE.sub("", path.name)
    if ENDING.search(name):
        called = ENDING.sub("", name)
    else:
        called = name.removesuffix(".tar") if name != path.name else path.stem
    return called or path.name


def is_called(name: str, other: str) -> bool:
    """Tell whether two names are the same text; macOS decomposes letters with accents."""
    return unicodedata.normalize("NFC", name) == unicodedata.normalize("NFC", other)


def nearest(called: str, names: Sequence[str]) -> tuple[str, int] | None:
    """Return the only notebook that a file may be, and how near its name is; None if there is none.

    `called` is the file's name without its ending.
    """
    for name in names:
        if is_called(called, name):
            return name, EXACT
    if len(called) > MAX_COMPARED_CHARACTERS:
        return None
    plain = _plain(called)
    forms = {name: COPY.format(re.escape(_plain(name))) for name in names}
    same = [name for name in names if _plain(name) == plain]
    copies = same or [name for name, form in forms.items() if re.fullmatch(form, plain)]
    if copies:
        return (copies[0], COPIED) if len(copies) == 1 else None
    words = {name: WORD.findall(_plain(name)) for name in names}
    within = [name for name, each in words.items() if _holds(WORD.findall(plain), each)]
    longest = max((len(words[name]) for name in within), default=0)
    found = [name for name in within if len(words[name]) == longest]
    return (found[0], WITHIN) if len(found) == 1 else None


def _plain(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold()


def _holds(words: Sequence[str], wanted: Sequence[str]) -> bool:
    starts: Iterable[int] = range(len(words) - len(wanted) + 1)
    return bool(wanted) and any(words[at : at + len(wanted)] == wanted for at in starts)


def shown(place: PurePath | str) -> str:
    """Return a path as a sentence can show it: short and printable."""
    return as_text(str(place)[-MAX_SHOWN_CHARACTERS:])


def shown_first(places: Sequence[PurePath | str]) -> str:
    """Return the first of some paths as a sentence lists them."""
    first = ", ".join(map(shown, places[:MAX_LISTED]))
    return first if len(places) <= MAX_LISTED else f"{first}, …"


def as_text(words: str) -> str:
    """Return text with every character escaped that would control a terminal or a log."""
    return "".join(each if is_plain(each) else ascii(each)[1:-1] for each in words)


def is_plain(character: str) -> bool:
    """Tell whether a character is text, and does nothing to a terminal or a log."""
    number = ord(character)
    kind = unicodedata.category(character)
    return kind not in ("Cc", "Cs", "Zl", "Zp") and not any(number in each for each in BIDI)
