"""The language in which people are spoken to: English, or one that there is a catalogue for.

Sentences stand in the code in English, whole and with named placeholders, and are looked up where
they are said, `_("{function} took too long.").format(function=name)`, in the catalogue of whoever
is spoken to. Nothing is read, nor imported, for who reads English.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path

from autograder.sandbox.messages import N_ as N_

ENGLISH = "en"

OURS = Path(__file__).parent / "locale"
"""Where the translations of our own sentences lie."""

Translate = Callable[[str], str]
"""Gives a text in another language; the same text where nobody has translated it."""

_spoken: ContextVar[str] = ContextVar("language", default=ENGLISH)


def _(message: str) -> str:
    """A sentence of ours in the language of whoever is spoken to."""
    language = _spoken.get()
    if not message:  # whose translation is the head of the catalogue
        return message
    return message if language == ENGLISH else translations(OURS, "autograder", language)(message)


def plural(one: str, many: str, number: float) -> str:
    """The one of two sentences that is right for a number, in the same language."""
    language = _spoken.get()
    if language == ENGLISH:
        return one if number == 1 else many
    there = catalogues(OURS, "autograder")
    if language not in there:
        return one if number == 1 else many
    return _read(there[language]).ngettext(one, many, 1 if number == 1 else 2)


def current_language() -> str:
    """The language that is spoken just now."""
    return _spoken.get()


def set_language(language: str) -> None:
    """Speaks this language from now on."""
    _spoken.set(language)


def speak_the_locales() -> None:
    """Speaks the language of the locale from now on, if we have it."""
    set_language(of_locale(catalogues(OURS, "autograder")))


@contextmanager
def use_language(language: str) -> Iterator[None]:
    """Speaks this language meanwhile."""
    before = _spoken.set(language)
    try:
        yield
    finally:
        _spoken.reset(before)


def catalogues(folder: Path, domain: str) -> Mapping[str, Path]:
    """The catalogues of a domain that lie in a folder, by their language."""
    found = sorted(folder.glob(f"*/LC_MESSAGES/{domain}.po"))
    return {path.parent.parent.name: path for path in found}


def translations(folder: Path, domain: str, language: str) -> Translate:
    """What says the texts of a domain in a language; in English, where nobody has translated."""
    there = catalogues(folder, domain)
    return _read(there[language]).gettext if language in there else str


@lru_cache
def _read(path: Path) -> GNUTranslations:
    """A catalogue as it lies beside the code: it takes no step that one could forget to read it.

    A translation that is marked fuzzy is of another text by now, and left out.
    """
    from babel.messages.mofile import write_mo  # only for who reads another language
    from babel.messages.pofile import read_po

    compiled = BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file))
    compiled.seek(0)
    return GNUTranslations(compiled)


def of_locale(there: Mapping[str, object], environment: Mapping[str, str] = os.environ) -> str:
    """The language that the user's environment asks for first, if it is there; else English.

    Args:
        there: the languages that there are, besides English.
        environment: with the variables that gettext looks at.
    """
    names = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
    said = next((environment[name] for name in names if environment.get(name)), "")
    for locale in said.split(":"):
        language = closest(locale.partition(".")[0], there)
        if language is not None:
            return language
    return ENGLISH


def closest(code: str, there: Mapping[str, object]) -> str | None:
    """The language for a code, `zh` for `zh_CN` or `zh-Hans` say; None where it is not there."""
    parts = code.partition("@")[0].replace("-", "_").split("_")
    for length in range(len(parts), 0, -1):
        each = "_".join(parts[:length])
        if each == ENGLISH or each in there:
            return each
    return None
