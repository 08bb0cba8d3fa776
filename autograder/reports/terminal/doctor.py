"""The output of `autograder doctor`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from autograder.i18n import _
from autograder.sandbox.selftest.doctor import Protection, suffices


def report(console: Console, found: Sequence[Protection]) -> None:
    """Print which layers are in force, how to get missing ones, and the verdict."""
    table = Table(box=None, pad_edge=False)
    table.add_column(_("layer"), no_wrap=True)
    table.add_column("", no_wrap=True)
    table.add_column(_("what it does"), overflow="fold")
    for each in found:
        colour, state = ("green", _("in force")) if each.holds else ("red", _("missing"))
        table.add_row(each.layer, f"[{colour}]{state}[/]", _(each.guards))
    console.print(table)
    missing: dict[tuple[str, str], list[str]] = {}  # by what to do about them
    for each in found:
        if not each.holds:
            missing.setdefault((each.remedy, each.why), []).append(each.layer)
    for (remedy, why), layers in missing.items():
        tried = _("(tried: {why})").format(why=escape(_(why)))
        console.print(f"\n[bold]{', '.join(layers)}[/] {tried}")
        console.print(_("To get it: {remedy}.").format(remedy=escape(_(remedy))))
    console.print()
    console.print(verdict(found))


def verdict(found: Sequence[Protection]) -> str:
    """Return a sentence on whether this machine can grade untrusted submissions."""
    missing = [each.layer for each in found if not each.holds]
    if not suffices(found):
        lost = ", ".join(each.layer for each in found if each.needed and not each.holds)
        refused = _(
            "Do not grade untrusted submissions on this machine: it lacks {layers}. Submissions "
            "that you trust can be graded with `autograder grade --isolation process`."
        )
        return refused.format(layers=lost)
    if missing:
        less = _(
            "This machine can grade untrusted submissions. Not in force: {layers} "
            "(docs/operators/sandbox.md says what you lose without them)."
        )
        return less.format(layers=", ".join(missing))
    return _("This machine can grade untrusted submissions.")


def costs(console: Console, found: Iterable[tuple[str, float]]) -> None:
    """Print how much time each layer costs per submission."""
    rows = list(found)
    table = Table(box=None, pad_edge=False)
    table.add_column(_("cost of one submission (one cell, one call)"))
    table.add_column("ms", justify="right")
    table.add_row(_("a separate process only"), f"{rows[0][1]:.1f}")
    for layer, added in rows[1:]:
        table.add_row(f"  {layer}", f"{added:+.1f}")
    together = sum(added for _layer, added in rows[1:])
    table.add_row(_("all layers together"), f"{together:+.1f}")
    console.print(table)
