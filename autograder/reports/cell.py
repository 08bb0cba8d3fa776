"""The report that a learner finds in a graded notebook, below each function."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from jinja2 import Environment

from autograder.checking.result import CheckResult
from autograder.language import _
from autograder.reports.words import WORDS, points

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
<td style="{{ STYLE }}; white-space: nowrap">{{ WORDS[check.verdict] }}</td>
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
            f"{WORDS[check.verdict]:>9}  {points(check.points)}/{points(check.max_points)}  "
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
        WORDS=WORDS,
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
