"""Translate sentences into the reader's language.

The code contains whole English sentences with named placeholders. They are translated where they
are printed, `_("{function} took too long.").format(function=name)`, with the catalogue of the
current language. For English no catalogue is read and nothing is imported.
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
from typing import TYPE_CHECKING

from autograder.sandbox.messages import N_ as N_

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog

ENGLISH = "en"

OURS = Path(__file__).parent / "locale"
"""The folder with the translations of our own sentences."""

Translate = Callable[[str], str]
"""Translates a text; returns it unchanged if there is no translation."""

_spoken: ContextVar[str] = ContextVar("language", default=ENGLISH)


def _(message: str) -> str:
    """Translate a sentence of ours into the current language."""
    language = _spoken.get()
    if not message:  # its translation would be the head of the catalogue
        return message
    return message if language == ENGLISH else translations(OURS, "autograder", language)(message)


def plural(one: str, many: str, number: float) -> str:
    """Return the translated singular or plural sentence for a number."""
    language = _spoken.get()
    there = {} if language == ENGLISH else catalogues(OURS, "autograder")
    if language not in there:
        return one if number == 1 else many
    return _read(there[language]).ngettext(one, many, 1 if number == 1 else 2)


def current_language() -> str:
    """Return the current language."""
    return _spoken.get()


def set_language(language: str) -> None:
    """Set the current language."""
    _spoken.set(language)


def speak_the_locales() -> None:
    """Set the current language to that of the locale, if there is a catalogue for it."""
    set_language(of_locale(catalogues(OURS, "autograder")))


@contextmanager
def use_language(language: str) -> Iterator[None]:
    """Use a language inside a `with` block."""
    before = _spoken.set(language)
    try:
        yield
    finally:
        _spoken.reset(before)


def catalogues(folder: Path, domain: str) -> Mapping[str, Path]:
    """Return the catalogues of a domain in a folder, by language."""
    found = sorted(folder.glob(f"*/LC_MESSAGES/{domain}.po"))
    return {path.parent.parent.name: path for path in found}


def translations(folder: Path, domain: str, language: str) -> Translate:
    """Return the function that translates the texts of a domain into a language."""
    there = catalogues(folder, domain)
    return _read(there[language]).gettext if language in there else str


@lru_cache
def _read(path: Path) -> GNUTranslations:
    """Read a catalogue from its .po file, so that nobody has to compile it first.

    A translation that is marked fuzzy belongs to an older text and is left out.
    """
    from babel.messages.mofile import write_mo  # English needs no Babel

    compiled = BytesIO()
    write_mo(compiled, read_catalogue(path))
    compiled.seek(0)
    return GNUTranslations(compiled)


def read_catalogue(path: Path, language: str | None = None) -> Catalog:
    """Return the catalogue in a .po file; raise ValueError if it is not in UTF-8."""
    from babel.messages.pofile import read_po

    try:
        with path.open("rb") as file:
            return read_po(file, language)
    except UnicodeDecodeError as error:
        no_text = _("{path} is not text in UTF-8: save it in this encoding.")
        raise ValueError(no_text.format(path=path)) from error


def of_locale(there: Mapping[str, object], environment: Mapping[str, str] = os.environ) -> str:
    """Return the first language that the environment asks for, if available, else English."""
    names = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
    said = next((environment[name] for name in names if environment.get(name)), "")
    for locale in said.split(":"):
        language = closest(locale.partition(".")[0], there)
        if language is not None:
            return language
    return ENGLISH


def closest(code: str, there: Mapping[str, object]) -> str | None:
    """Return the available language for a code (`zh` for `zh_CN` or `zh-Hans`), or None."""
    parts = code.partition("@")[0].replace("-", "_").split("_")
    for length in range(len(parts), 0, -1):
        each = "_".join(parts[:length])
        if each == ENGLISH or each in there:
            return each
    return None
