"""What `autograder doctor` prints."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from autograder.sandbox.doctor import Protection, suffices


def report(console: Console, found: Sequence[Protection]) -> None:
    """Prints which protections hold, what is missing and how to get it, and what follows."""
    table = Table(box=None, pad_edge=False)
    for name in ("protection", "", "guards"):
        table.add_column(name, no_wrap=name != "guards")
    for each in found:
        state = "[green]holds[/]" if each.holds else "[red]missing[/]"
        table.add_row(each.layer, state, each.guards)
    console.print(table)
    for (remedy, why), layers in _grouped(found).items():
        console.print(f"\n[bold]{', '.join(layers)}[/] (tried: {escape(why)})")
        console.print(f"To get it: {escape(remedy)}.")
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
        return (
            f"Untrusted work must not be graded here without {lost}; "
            "`autograder grade --isolation process` grades work that you trust."
        )
    if missing:
        return (
            "Untrusted work may be graded here. Not in force: "
            f"{', '.join(missing)}; docs/security.md says what is lost."
        )
    return "Untrusted work may be graded here."


def costs(console: Console, found: Iterable[tuple[str, float]]) -> None:
    """Prints what each layer costs one submission."""
    rows = list(found)
    table = Table(box=None, pad_edge=False)
    table.add_column("one submission of one cell and one call")
    table.add_column("ms", justify="right")
    table.add_row("a process of its own, and nothing else", f"{rows[0][1]:.1f}")
    for layer, added in rows[1:]:
        table.add_row(f"  {layer}", f"{added:+.1f}")
    table.add_row("all layers together add", f"{sum(added for _, added in rows[1:]):+.1f}")
    console.print(table)
