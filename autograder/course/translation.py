"""Keeps the translation of an assignment: gettext's catalogue `locale/CODE/LC_MESSAGES/NAME.po`.

Which texts are to be translated nobody lists: the assignment is built, and what it asks for is
what people read.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from autograder.course.assignment import Assignment, BadAssignment
from autograder.course.builder import build
from autograder.i18n import ENGLISH, Translate, _

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog

WIDTH = 100


class _Listening(Assignment):
    """An assignment that keeps in mind which of its texts were asked for."""

    @property
    def say(self) -> Translate:
        asked: dict[str, None] = vars(self).setdefault("asked", {})

        def say(text: str) -> str:
            asked[text] = None
            return text

        return say


def texts_of(assignment: Assignment) -> list[str]:
    """All texts of an assignment that people read, in English, in the order of the notebook.

    Raises:
        BadAssignment: it cannot be built.
    """
    listening = _Listening(assignment.root, assignment.name)
    build(listening)
    assert listening.mistakes is not None  # noqa: S101  # they are asked for as they are loaded
    return list(vars(listening)["asked"])


def update(assignment: Assignment, language: str) -> tuple[Path, int]:
    """Brings a translation up to date, or begins one.

    Args:
        assignment: what is translated.
        language: the code of the language.

    Returns:
        Where the catalogue lies, and how many texts in it have no translation, or one of which
        nobody knows whether it is still right.

    Raises:
        BadAssignment: there is no such language, or the assignment cannot be built.
    """
    from babel import Locale, UnknownLocaleError
    from babel.messages.catalog import Catalog
    from babel.messages.pofile import read_po, write_po

    try:
        locale = Locale.parse(language)
    except (UnknownLocaleError, ValueError):
        locale = None
    if locale is None or language == ENGLISH:
        no_code = _("{code} is not a language code to translate into. Use a code such as zh.")
        raise BadAssignment(no_code.format(code=repr(language)))
    path = assignment.folder / "locale" / language / "LC_MESSAGES" / f"{assignment.name}.po"
    catalogue = Catalog(locale, fuzzy=False, header_comment=f"# {assignment.name}")
    if path.is_file():
        with path.open("rb") as file:
            catalogue = read_po(file, locale)
    template = Catalog()
    for text in texts_of(assignment):
        template.add(text)
    template.creation_date = catalogue.creation_date
    catalogue.update(template)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, catalogue, width=WIDTH, ignore_obsolete=True)
    return path, len(unfinished(catalogue))


def unfinished(catalogue: Catalog) -> list[str]:
    """The texts without a translation, or with one that was of another text."""

    def is_said(string: object) -> bool:
        return all(string) if isinstance(string, tuple | list) else bool(string)

    entries = (each for each in catalogue if each.id)
    return [str(each.id) for each in entries if each.fuzzy or not is_said(each.string)]
