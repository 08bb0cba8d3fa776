"""An equivalent: a right answer in another form, which must have full marks.

`equivalents.py` in the assignment's folder holds them in EQUIVALENTS: a name and, for each function
that is written another way, its source.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from autograder.checking.checks import BadAssignment, load_module
from autograder.i18n import _


@dataclass(frozen=True)
class Equivalent:
    """A right answer in another form.

    Attributes:
        name: how the audit speaks of it.
        sources: of the functions that are written another way, by name.
    """

    name: str
    sources: Mapping[str, str]


def load_equivalents(path: Path) -> tuple[Equivalent, ...]:
    """The equivalents of a file, in the order in which they stand there; none without a file.

    Raises:
        BadAssignment: there is no EQUIVALENTS in the file, or two bear one name.
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
