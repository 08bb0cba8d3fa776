"""Equivalents: correct answers in another form, which must get full points.

`equivalents.py` in the assignment's folder lists them in EQUIVALENTS: a name and, for each
function that is written differently, its source.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from autograder.checking.checks import BadAssignment, load_module
from autograder.i18n import _


@dataclass(frozen=True)
class Equivalent:
    """A correct answer in another form.

    Attributes:
        name: the name that the audit prints.
        sources: the source of each function that is written differently.
    """

    name: str
    sources: Mapping[str, str]


def load_equivalents(path: Path) -> tuple[Equivalent, ...]:
    """Return the equivalents of a file in their order; none if there is no file.

    Raises:
        BadAssignment: the file has no EQUIVALENTS, or two have the same name.
    """
    if not path.is_file():
        return ()
    found = getattr(load_module(path), "EQUIVALENTS", None)
    if found is None:
        raise BadAssignment(_("{path} has no EQUIVALENTS.").format(path=path))
    try:
        equivalents = tuple(Equivalent(str(name), dict(sources)) for name, sources in found)
    except (TypeError, ValueError) as error:
        pairs = _(
            "EQUIVALENTS in {path} should hold pairs of a name and a dict of sources: {error}."
        )
        raise BadAssignment(pairs.format(path=path, error=error)) from error
    names = [each.name for each in equivalents]
    for name in names:
        if names.count(name) > 1:
            two = _("Two equivalents in {path} are called {name}: rename one.")
            raise BadAssignment(two.format(path=path, name=name))
    return equivalents
