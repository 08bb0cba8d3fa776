"""Update the translation of an assignment, gettext's catalogue `locale/CODE/LC_MESSAGES/NAME.po`.

The texts to translate are found by building the assignment: the build looks up every text that
people read.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from autograder.course.assignment import Assignment, BadAssignment
from autograder.course.builder import build
from autograder.i18n import ENGLISH, Translate, _, read_catalogue

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog

WIDTH = 100


class _RecordingAssignment(Assignment):
    """An assignment that records which texts are looked up."""

    @property
    def say(self) -> Translate:
        asked: dict[str, None] = vars(self).setdefault("asked", {})

        def say(text: str) -> str:
            asked[text] = None
            return text

        return say


def texts_of(assignment: Assignment) -> list[str]:
    """Return all English texts of an assignment, in the order of the notebook."""
    recording = _RecordingAssignment(assignment.root, assignment.name)
    build(recording)
    assert recording.mistakes is not None  # noqa: S101  # loading them looks up their texts
    return list(vars(recording)["asked"])


def update(assignment: Assignment, language: str) -> tuple[Path, int]:
    """Update the translation of an assignment into a language, or begin one.

    Return the path of the catalogue, and the number of texts in it that have no translation or a
    fuzzy one.
    """
    from babel import Locale, UnknownLocaleError
    from babel.messages.catalog import Catalog
    from babel.messages.pofile import write_po

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
        catalogue = read_catalogue(path, language)
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
    """Return the texts that have no translation or a fuzzy one."""

    def is_translated(string: object) -> bool:
        return all(string) if isinstance(string, tuple | list) else bool(string)

    entries = (each for each in catalogue if each.id)
    return [str(each.id) for each in entries if each.fuzzy or not is_translated(each.string)]
