"""The report that a student finds in a graded notebook, below each function.

The notebook holds it as a table, as plain text, and as data, from which the feedback page is made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from jinja2 import Environment

from autograder.i18n import _
from autograder.reports.labels import is_withdrawn, points, share, verdict
from autograder.result import CheckResult, Verdict

CHECKS = "application/vnd.autograder.checks+json"
"""The kind of the list of `CheckRow`, in a graded notebook."""

REJECTED = "application/vnd.autograder.rejected+json"
"""The kind of the reason why a file could not be read, in the notebook that replaces it."""


class CheckRow(msgspec.Struct, frozen=True, omit_defaults=True):
    """The part of a check's result that a student sees.

    Attributes:
        sentence: what the function should do.
        points: the points that the check gives; None if they could not be decided.
        hint: the hint for the mistake that was recognised.
        given: the functions of the reference that were used instead of the student's.
    """

    sentence: str
    verdict: Verdict
    points: float | None
    max_points: float
    message: str | None = None
    hint: str | None = None
    given: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def withdrawn(self) -> bool:
        """Whether the check was withdrawn: it is not run and gives its points."""
        return is_withdrawn(self)

    @property
    def causes(self) -> tuple[str, ...]:
        """The notes that say what is wrong, after the one about the reference solution."""
        return self.notes[bool(self.given or self.withdrawn) :]


def rows(
    checks: Sequence[CheckResult], sentences: Mapping[str, str], hints: Mapping[str, str]
) -> list[CheckRow]:
    """Return the rows that a student sees for the checks of one function.

    The sentences of checks are found by their ids, and the hints for mistakes by their names.
    """
    every = []
    for check in checks:
        hint = hints.get(check.mistake or "")
        every.append(
            CheckRow(
                sentence=sentences[check.id],
                verdict=check.verdict,
                points=check.points,
                max_points=check.max_points,
                message=check.message,
                hint=hint if hint in check.notes else None,  # to show it once
                given=check.given,
                notes=tuple(note for note in check.notes if note != hint),
            )
        )
    return every


def to_output(every: Sequence[CheckRow]) -> Any:
    """Return the rows as an output of a notebook holds them."""
    return msgspec.to_builtins(every)


def from_output(data: Any) -> list[CheckRow]:
    """Return the rows in an output of a notebook; msgspec raises an error for anything else."""
    return msgspec.json.decode(msgspec.json.encode(data), type=list[CheckRow])


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
<td style="{{ STYLE }}; white-space: nowrap">{{ verdict(check) }}</td>
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
    """Return the checks of one function as plain text, a line for each and for each reason."""
    lines = [_head(checks)]
    for check in checks:
        lines.append(
            f"{verdict(check):>9}  {points(check.points)}/{points(check.max_points)}  "
            f"{sentences[check.id]}"
        )
        if check.message:
            lines.append(f"{'':>9}  {check.message}")
        lines.extend(f"{'':>9}  {note}" for note in check.notes)
    return "\n".join(lines)


def html(checks: Sequence[CheckResult], sentences: Mapping[str, str]) -> str:
    """Return the checks of one function as an HTML table, with all texts escaped."""
    return _PAGE.render(
        head=_head(checks),
        columns=(_("verdict"), _("points"), _("check")),
        checks=checks,
        sentences=sentences,
        STYLE=STYLE,
        share=share,
        verdict=verdict,
    )


def _head(checks: Sequence[CheckResult]) -> str:
    score = sum(check.points for check in checks if check.points is not None)
    most = sum(check.max_points for check in checks)
    head = _("{function}: {points} of {most} points")
    return head.format(function=checks[0].function, points=points(score), most=points(most))
