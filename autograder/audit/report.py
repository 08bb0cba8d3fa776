"""The audit in the terminal: tables, then every answer that was graded wrongly."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from autograder.audit.findings import AnswerKind, Audit, AuditFinding
from autograder.i18n import N_, _

WANTED = {
    AnswerKind.REFERENCE: N_("reference: full score"),
    AnswerKind.STUB: N_("unwritten functions: no points"),
    AnswerKind.EQUIVALENT: N_("equivalents: full score"),
    AnswerKind.MISTAKE: N_("mistakes: caught at their function"),
}


def report(console: Console, audit: Audit) -> None:
    """Print an audit in 80 columns."""
    console.print(_answers(audit))
    console.print()
    console.print(_mutants(audit))
    console.print()
    console.print(_catches(audit))
    if audit.kept:
        console.print()
        console.print(_kept(audit))
    _consequences(console, audit)
    for each in audit.findings:
        if each.kind is not AnswerKind.MUTANT and not each.right:
            head = f"[bold red]{_(each.kind)} {each.name}[/]"
            judged = _("{answer}, seed {seed}: {how}")
            console.print("\n" + judged.format(answer=head, seed=each.seed, how=_how(each)))
    for each in audit.survivors:
        survivor = _("{survivor} in {function} ({name}): {how}").format(
            survivor="[bold red]" + _("survivor") + "[/]",
            function=each.function,
            name=each.name,
            how=_how(each),
        )
        console.print("\n" + survivor)
        console.print(escape(each.diff or ""), style="dim")
        console.print(
            each.reason or _("Add a check that catches it, or record the reason in survivors.toml.")
        )
    if audit.idle:
        console.print("\n" + _("Checks that were never the first to catch a mistake or a mutant:"))
        for check in audit.idle:
            console.print(f"  {check}")
    console.print()
    for sentence in audit.shortfalls:
        console.print(f"[bold red]{escape(sentence)}[/]")
    if not audit.shortfalls:
        console.print("[bold green]" + _("The audit passed.") + "[/]")


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(columns[0], overflow="fold")
    for column in columns[1:]:
        table.add_column(column, justify="right")
    return table


def _answers(audit: Audit) -> Table:
    """Return a table with a row for each kind of answers.

    An answer is correct if it was graded as it should be on every seed.
    """
    answers = _("answers ({number} seeds)").format(number=audit.seeds)
    table = _table(answers, _("correct"), _("of"), _("gradings"), _("diagnosed"))
    for kind, wanted in WANTED.items():
        findings = audit.of_kind(kind)
        every = {each.name for each in findings}
        wrong = {each.name for each in findings if not each.right}
        named = sum(bool(each.named) for each in findings)
        counts = (len(every - wrong), len(every), len(findings), named)
        table.add_row(_(wanted), *map(str, counts))
    return table


def _mutants(audit: Audit) -> Table:
    """Return a table with a row for each function."""
    mutants = audit.of_kind(AnswerKind.MUTANT)
    sampled = _("mutants ({some} of {all})") if len(mutants) < audit.mutants else _("mutants")
    head = sampled.format(some=len(mutants), all=audit.mutants)
    table = _table(head, _("made"), _("caught"), _("equivalent"), _("survived"))
    groups: dict[str, list[AuditFinding]] = {}
    for each in mutants:
        groups.setdefault(each.function or "", []).append(each)
    for function, group in groups.items():
        table.add_row(function, *map(str, _counts(group)))
    table.add_row("[bold]" + _("all") + "[/]", *(f"[bold]{count}[/]" for count in _counts(mutants)))
    return table


def _counts(mutants: Sequence[AuditFinding]) -> tuple[int, int, int, int]:
    caught = sum(each.right for each in mutants)
    equivalent = sum(each.equivalent for each in mutants)
    return len(mutants), caught, equivalent, len(mutants) - caught - equivalent


def _catches(audit: Audit) -> Table:
    """Return a table with a row for each check that caught something."""
    table = _table(_("checks"), _("first to catch"), _("caught"))
    wrong = [*audit.of_kind(AnswerKind.MISTAKE), *audit.of_kind(AnswerKind.MUTANT)]
    caught = [each.caught_by for each in wrong if each.seed == 0 and each.caught_by]
    first = Counter(each[0] for each in caught)
    every = Counter(check for each in caught for check in each)
    for check in every:
        table.add_row(check, str(first[check]), str(every[check]))
    return table


def _kept(audit: Audit) -> Table:
    """Return a table of the shares of a function's points that known mistakes keep.

    The last row is a notebook that has a mistake in each function and keeps the median in each.
    """
    table = _table(_("points kept"), _("share"), _("points"))
    for each in audit.kept:
        table.add_row(
            f"[bold]{each.function}[/]", f"[bold]{each.median:.0%}[/]", f"{each.points:g}"
        )
        for name, share in sorted(each.shares.items(), key=lambda pair: pair[1]):
            table.add_row(f"  {name}", f"{share:.0%}")
    every = [share for each in audit.kept for share in each.shares.values()]
    points = sum(each.points for each in audit.kept)
    notebook = sum(each.points * each.median for each in audit.kept) / points
    table.add_row(
        "[bold]" + _("median of all mistakes") + "[/]", f"[bold]{statistics.median(every):.0%}[/]"
    )
    both = _("a notebook with a mistake in each function")
    table.add_row(f"[bold]{both}[/]", f"[bold]{notebook:.0%}[/]", f"{points:g}")
    return table


def _consequences(console: Console, audit: Audit) -> None:
    for kind in (AnswerKind.MISTAKE, AnswerKind.MUTANT):
        findings = [each for each in audit.of_kind(kind) if each.seed == 0]
        touched = sum(bool(each.consequences) for each in findings)
        if touched:
            also = (
                _(
                    "{some} of {all} mistakes also cost points at functions that call the "
                    "wrong function."
                )
                if kind is AnswerKind.MISTAKE
                else _(
                    "{some} of {all} mutants also cost points at functions that call the "
                    "wrong function."
                )
            )
            console.print("\n" + also.format(some=touched, all=len(findings)))


def _how(finding: AuditFinding) -> str:
    """Describe in words how an answer was graded."""
    said = []
    if finding.undecided:
        said.append(_("not decided: {checks}").format(checks=", ".join(finding.undecided)))
        said += [escape(finding.why)] if finding.why else []
    if finding.named:
        said.append(_("diagnosed as {mistakes}").format(mistakes=", ".join(finding.named)))
    if finding.blamed:
        said.append(_("wrongly lost points at {checks}").format(checks=", ".join(finding.blamed)))
    if finding.caught_by:
        said.append(_("lost points at {checks}").format(checks=", ".join(finding.caught_by)))
    elif finding.function is not None:
        said.append(_("lost no points at {function}").format(function=finding.function))
    return "; ".join(said) or _("score {score}").format(score=f"{finding.score:g}")
