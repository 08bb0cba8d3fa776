"""Prints the table of all attacks."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import track
from rich.table import Table

from autograder.sandbox.host.worker import Worker
from robustness import attacks
from robustness.attacks import books, elsewhere
from robustness.attacks.attack import Attack
from robustness.attacks.bank import ALL
from robustness.attacks.contain import Target, short_limits


def main(arguments: list[str] | None = None) -> int:
    """Hands in the attacks and prints what came of them; gives the exit status."""
    parser = argparse.ArgumentParser(
        description=attacks.__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="attacks; all where none is named")
    parser.add_argument("--nbgrader", action="store_true", help="try them on nbgrader too")
    parser.add_argument("--books", action="store_true", help="look into autograded/ and feedback/")
    asked = parser.parse_args(arguments)
    chosen = [each for each in ALL if not asked.names or each.name in asked.names]
    if len(chosen) < len(set(asked.names)):
        parser.error(f"There is no attack called {set(asked.names) - {e.name for e in chosen}}.")
    console = Console(width=80, highlight=False)
    wrong = against_us(chosen, console)
    if asked.books:
        found = books.in_the_books(chosen, console)
        wrong = {name: [*said, *found[name]] for name, said in wrong.items()}
    gained = elsewhere.against_nbgrader(chosen, console) if asked.nbgrader else None
    show(console, chosen, wrong, gained)
    return int(any(wrong.values()))


def against_us(chosen: Sequence[Attack], console: Console) -> Mapping[str, Sequence[str]]:
    """Return what is wrong after each attack, by its name."""
    wrong: dict[str, Sequence[str]] = {}
    with tempfile.TemporaryDirectory() as folder, Worker() as worker, short_limits():
        Path(folder).chmod(0o755)  # nothing but the sandbox may keep it
        target = Target(Path(folder) / "course", worker)
        bar = track(chosen, "attacking", console=console, transient=True)
        for each in bar if console.is_terminal else chosen:
            wrong[each.name] = target.contains(each)
    return wrong


def show(
    console: Console,
    chosen: Sequence[Attack],
    wrong: Mapping[str, Sequence[str]],
    gained: Mapping[str, Sequence[str]] | None,
) -> None:
    """Print the table, and in full what is not contained.

    Args:
        console: where to.
        chosen: the attacks.
        wrong: what is wrong after each.
        gained: what those who were tried on nbgrader have gained there; None where none were.
    """
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("category")
    heads = ["attempts", "contained"]
    if gained is not None:
        heads += ["tried on nbgrader", "succeed there"]
    for head in heads:
        table.add_column(head, justify="right")
    total: Counter[str] = Counter()
    for category in dict.fromkeys(each.category for each in chosen):
        mine = [each for each in chosen if each.category == category]
        counts = Counter(
            {"attempts": len(mine), "contained": sum(not wrong[each.name] for each in mine)}
        )
        if gained is not None:
            there = [gained[each.name] for each in mine if each.name in gained]
            counts.update({heads[2]: len(there), heads[3]: sum(map(bool, there))})
        table.add_row(category, *(str(counts[head]) for head in heads))
        total.update(counts)
    table.add_row("all", *(str(total[head]) for head in heads), style="bold")
    console.print(table)
    for title, said in (("Not contained", wrong), ("On nbgrader", gained or {})):
        for each in chosen:
            for line in said.get(each.name, ()):
                console.print(f"{title}: {each.name}: {line}", markup=False)


if __name__ == "__main__":
    sys.exit(main())
