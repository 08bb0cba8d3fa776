"""What an instructor sees of an audit: a table, then whatever was judged wrongly, and how."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from autograder.checking.audit import Audit, Finding, Kind

WANTED = {
    Kind.REFERENCE: "reference: full marks",
    Kind.STUB: "stub: no marks",
    Kind.EQUIVALENT: "equivalents: full marks",
    Kind.MISTAKE: "mistakes: caught where they are made",
}


def report(console: Console, audit: Audit) -> None:
    """Prints an audit, to be read in 80 columns."""
    console.print(_answers(audit))
    console.print()
    console.print(_mutants(audit))
    console.print()
    console.print(_catches(audit))
    _consequences(console, audit)
    for each in audit.findings:
        if each.kind is not Kind.MUTANT and not each.right:
            console.print(f"\n[bold red]{each.kind} {each.name}[/], seed {each.seed}: {_how(each)}")
    for each in audit.survivors:
        console.print(f"\n[bold red]survivor[/] in {each.function} ({each.name}): {_how(each)}")
        console.print(escape(each.diff or ""), style="dim")
        console.print(each.reason or "Nobody has said why.")
    if audit.idle:
        console.print("\nNever the first to catch a mistake or a mutant:")
        for check in audit.idle:
            console.print(f"  {check}")
    console.print()
    for sentence in audit.shortfalls:
        console.print(f"[bold red]{escape(sentence)}[/]")
    if not audit.shortfalls:
        console.print("[bold green]The grader holds.[/]")


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(columns[0], overflow="fold")
    for column in columns[1:]:
        table.add_column(column, justify="right")
    return table


def _answers(audit: Audit) -> Table:
    """One line for each kind of answers; right is who was judged rightly on every seed.

    Named are the gradings in which a mistake was recognised.
    """
    table = _table(f"answers, {audit.seeds} seeds", "right", "of", "gradings", "named")
    for kind, wanted in WANTED.items():
        findings = audit.of_kind(kind)
        every = {each.name for each in findings}
        wrong = {each.name for each in findings if not each.right}
        named = sum(bool(each.named) for each in findings)
        counts = (len(every - wrong), len(every), len(findings), named)
        table.add_row(wanted, *map(str, counts))
    return table


def _mutants(audit: Audit) -> Table:
    """One line for each function."""
    mutants = audit.of_kind(Kind.MUTANT)
    sampled = f", {len(mutants)} of {audit.mutants}" if len(mutants) < audit.mutants else ""
    table = _table(f"mutants{sampled}", "made", "caught", "equivalent", "survived")
    groups: dict[str, list[Finding]] = {}
    for each in mutants:
        groups.setdefault(each.function or "", []).append(each)
    for function, group in groups.items():
        table.add_row(function, *map(str, _counts(group)))
    table.add_row("[bold]all[/]", *(f"[bold]{count}[/]" for count in _counts(mutants)))
    return table


def _counts(mutants: Sequence[Finding]) -> tuple[int, int, int, int]:
    caught = sum(each.right for each in mutants)
    equivalent = sum(each.equivalent for each in mutants)
    return len(mutants), caught, equivalent, len(mutants) - caught - equivalent


def _catches(audit: Audit) -> Table:
    """One line for each check that was the first to catch something."""
    table = _table("checks", "first to catch", "caught")
    wrong = [*audit.of_kind(Kind.MISTAKE), *audit.of_kind(Kind.MUTANT)]
    caught = [each.caught_by for each in wrong if each.seed == 0 and each.caught_by]
    first = Counter(each[0] for each in caught)
    every = Counter(check for each in caught for check in each)
    for check in every:
        table.add_row(check, str(first[check]), str(every[check]))
    return table


def _consequences(console: Console, audit: Audit) -> None:
    for kind in (Kind.MISTAKE, Kind.MUTANT):
        findings = [each for each in audit.of_kind(kind) if each.seed == 0]
        touched = sum(bool(each.consequences) for each in findings)
        if touched:
            console.print(
                f"\n{touched} of {len(findings)} {kind}s also cost points at functions that call "
                "the wrong one by name."
            )


def _how(finding: Finding) -> str:
    """How it was judged, in words."""
    said = []
    if finding.undecided:
        said.append(f"undecided: {', '.join(finding.undecided)}")
    if finding.named:
        said.append(f"told {', '.join(finding.named)}")
    if finding.blamed:
        said.append(f"blamed: {', '.join(finding.blamed)}")
    if finding.caught_by:
        said.append(f"lost points at {', '.join(finding.caught_by)}")
    elif finding.function is not None:
        said.append(f"lost no points at {finding.function}")
    return "; ".join(said) or f"score {finding.score:g}"
