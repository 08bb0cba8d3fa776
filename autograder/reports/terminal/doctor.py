"""What `autograder doctor` prints."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from autograder.i18n import _
from autograder.sandbox.selftest.doctor import Protection, suffices


def report(console: Console, found: Sequence[Protection]) -> None:
    """Prints which protections hold, what is missing and how to get it, and what follows."""
    table = Table(box=None, pad_edge=False)
    table.add_column(_("protection"), no_wrap=True)
    table.add_column("", no_wrap=True)
    table.add_column(_("guards"), overflow="fold")
    for each in found:
        colour, state = ("green", _("holds")) if each.holds else ("red", _("missing"))
        table.add_row(each.layer, f"[{colour}]{state}[/]", _(each.guards))
    console.print(table)
    for (remedy, why), layers in _grouped(found).items():
        tried = _("(tried: {why})").format(why=escape(_(why)))
        console.print(f"\n[bold]{', '.join(layers)}[/] {tried}")
        console.print(_("To get it: {remedy}.").format(remedy=escape(_(remedy))))
    console.print()
    console.print(verdict(found))


def _grouped(found: Sequence[Protection]) -> dict[tuple[str, str], list[str]]:
    """The layers that are missing, together where the same is to be done."""
    groups: dict[tuple[str, str], list[str]] = {}
    for each in found:
        if not each.holds:
            groups.setdefault((each.remedy, each.why), []).append(each.layer)
    return groups


def verdict(found: Sequence[Protection]) -> str:
    """Whether untrusted work may be graded here, in a sentence."""
    missing = [each.layer for each in found if not each.holds]
    if not suffices(found):
        lost = ", ".join(each.layer for each in found if each.needed and not each.holds)
        refused = _(
            "Untrusted work must not be graded here without {layers}; "
            "`autograder grade --isolation process` grades work that you trust."
        )
        return refused.format(layers=lost)
    if missing:
        less = _(
            "Untrusted work may be graded here. Not in force: {layers}; docs/operators/sandbox.md "
            "says what is lost."
        )
        return less.format(layers=", ".join(missing))
    return _("Untrusted work may be graded here.")


def costs(console: Console, found: Iterable[tuple[str, float]]) -> None:
    """Prints what each layer costs one submission."""
    rows = list(found)
    table = Table(box=None, pad_edge=False)
    table.add_column(_("one submission of one cell and one call"))
    table.add_column("ms", justify="right")
    table.add_row(_("a process of its own, and nothing else"), f"{rows[0][1]:.1f}")
    for layer, added in rows[1:]:
        table.add_row(f"  {layer}", f"{added:+.1f}")
    together = sum(added for _layer, added in rows[1:])
    table.add_row(_("all layers together add"), f"{together:+.1f}")
    console.print(table)
