"""The report that a learner finds in a graded notebook, below each function.

It stands there as a table, as plain text, and as what both are made from: the page for the learner
is made from the notebook later, by whoever has it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from jinja2 import Environment

from autograder.i18n import _
from autograder.reports.labels import points
from autograder.result import CheckResult, Verdict

CHECKS = "application/vnd.autograder.checks+json"
"""The kind of the list of `Told`, in a graded notebook."""

REJECTED = "application/vnd.autograder.rejected+json"
"""The kind of the reason for which a file could not be read, in the notebook in its place."""


class Told(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a learner is told of one check.

    Attributes:
        sentence: what it asks.
        verdict: what came of it.
        points: what it gives; None where nothing could be decided.
        max_points: what it is worth.
        message: why it did not pass.
        hint: what helps against the mistake that was recognised.
        given: the functions that the reference stood in for.
        notes: more to know.
    """

    sentence: str
    verdict: Verdict
    points: float | None
    max_points: float
    message: str | None = None
    hint: str | None = None
    given: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def told(
    checks: Sequence[CheckResult], sentences: Mapping[str, str], hints: Mapping[str, str]
) -> list[Told]:
    """What a learner is told of the checks of one function.

    Args:
        checks: of one function.
        sentences: what each check asks, by its id.
        hints: what helps against each mistake, by its name.
    """
    every = []
    for check in checks:
        hint = hints.get(check.mistake or "")
        every.append(
            Told(
                sentence=sentences[check.id],
                verdict=check.verdict,
                points=check.points,
                max_points=check.max_points,
                message=check.message,
                hint=hint if hint in check.notes else None,  # it is said once
                given=check.given,
                notes=tuple(note for note in check.notes if note != hint),
            )
        )
    return every


def to_output(every: Sequence[Told]) -> Any:
    """The same as an output of a notebook holds it."""
    return msgspec.to_builtins(every)


def from_output(data: Any) -> list[Told]:
    """The same again.

    Raises:
        msgspec.ValidationError: it is something else.
    """
    return msgspec.json.decode(msgspec.json.encode(data), type=list[Told])


STYLE = "text-align: left; vertical-align: top; padding: 0.2em 1em 0.2em 0"

_PAGE = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(
    """\
<table>
<caption>{{ head }}</caption>
<thead>
<tr>
{% for head in columns %}
<th scope="col" style="{{ STYLE }}">{{ head }}</th>
{% endfor %}
</tr>
</thead>
<tbody>
{% for check in checks %}
<tr>
<td style="{{ STYLE }}; white-space: nowrap">{{ check.verdict.label }}</td>
<td style="{{ STYLE }}; white-space: nowrap">
{{ share(check) }}
</td>
<td style="{{ STYLE }}">
{{ sentences[check.id] }}{% if check.message %}<br>{{ check.message }}{% endif %}
{% for note in check.notes %}<br>{{ note }}{% endfor %}
</td>
</tr>
{% endfor %}
</tbody>
</table>
"""
)


def text(checks: Sequence[CheckResult], sentences: Mapping[str, str]) -> str:
    """The checks of one function as plain text, a line for each and one for each reason.

    Args:
        checks: of one function.
        sentences: what each check asks, by its id.
    """
    lines = [_head(checks)]
    for check in checks:
        lines.append(
            f"{check.verdict.label:>9}  {points(check.points)}/{points(check.max_points)}  "
            f"{sentences[check.id]}"
        )
        if check.message:
            lines.append(f"{'':>9}  {check.message}")
        lines.extend(f"{'':>9}  {note}" for note in check.notes)
    return "\n".join(lines)


def html(checks: Sequence[CheckResult], sentences: Mapping[str, str]) -> str:
    """The same as an HTML table; nothing in it is markup but ours."""
    return _PAGE.render(
        head=_head(checks),
        columns=(_("verdict"), _("points"), _("check")),
        checks=checks,
        sentences=sentences,
        STYLE=STYLE,
        share=_share,
    )


def _share(check: CheckResult) -> str:
    share = _("{points} of {most}")
    return share.format(points=points(check.points), most=points(check.max_points))


def _head(checks: Sequence[CheckResult]) -> str:
    score = sum(check.points for check in checks if check.points is not None)
    most = sum(check.max_points for check in checks)
    head = _("{function}: {points} of {most} points")
    return head.format(function=checks[0].function, points=points(score), most=points(most))
