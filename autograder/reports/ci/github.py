"""The result on GitHub: annotations, and a summary of the job.

GitHub's runner reads what a command prints and obeys lines such as `::set-output …::`. The output
may contain students' text, so the runner is told to ignore it until an unguessable token comes. Our
own lines follow it, escaped as the runner expects.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from itertools import groupby
from pathlib import Path

import click
from jinja2 import Environment

from autograder.i18n import N_, _
from autograder.reports.ci import Output
from autograder.reports.ci.junit import outcome
from autograder.reports.labels import points, share
from autograder.reports.terminal.class_table import MAX_DETAILED
from autograder.reports.terminal.submission import plain
from autograder.result import CheckResult, JUnitOutcome, Result, Status, SubmissionResult

MAX_ANNOTATIONS = 10
"""The number of annotations of one level that GitHub shows for a step; it drops further ones."""

MAX_ANNOTATION_CHARACTERS = 4000
"""The most characters of one annotation."""

MAX_SUMMARY_BYTES = 900_000
"""The most bytes of a summary: GitHub drops a summary of more than a megabyte."""

_ESCAPED = {"%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"}

# No line of a template is empty: there HTML would end, and Markdown begin.
_TEMPLATES = Environment(
    autoescape=True, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
)
_HEAD = _TEMPLATES.from_string(
    """\
<h3>{{ assignment }}</h3>
<table>
<tr><th>{{ student }}</th><th>{{ points }}</th><th>{{ of }}</th><th>{{ lost }}</th></tr>
"""
)
_ROW = _TEMPLATES.from_string(
    """\
<tr><td><code>{{ student }}</code></td>
<td>{{ points }}{% if provisional %} ({{ provisional }}){% endif %}</td><td>{{ max_points }}</td>
<td>{% if reason %}<code>{{ reason }}</code>{% endif %}</td></tr>
"""
)
_DETAILS = _TEMPLATES.from_string(
    """\
<details><summary><code>{{ student }}</code></summary>
<table>
<tr><th>{{ verdict }}</th><th>{{ points }}</th><th>{{ check }}</th></tr>
{% for each in lost %}
<tr><td>{{ each.verdict.label }}</td>
<td>{{ share(each) }}</td>
<td><code>{{ each.id }}</code>: {{ sentences[each.id] }}
{% for line in said(each) %}
<br><code>{{ line }}</code>
{% endfor %}
</td></tr>
{% endfor %}
</table>
</details>
"""
)
_LEFT_OUT = N_("GitHub limits the size of this page. The result file has everything.")
_PROVISIONAL = N_("Provisional: decide the open points by hand.")


def is_here() -> bool:
    """Return whether GitHub's runner has started us, by the variable it sets."""
    return os.environ.get("GITHUB_ACTIONS") == "true"


@contextmanager
def commands_disabled() -> Iterator[list[bytes]]:
    """Make the runner ignore what is printed inside the block; yield lines to print after it."""
    lines: list[bytes] = []
    if not is_here():
        yield lines
        return
    token = secrets.token_hex(16)
    click.echo(f"::stop-commands::{token}")
    try:
        yield lines
    finally:
        click.echo(f"::{token}::")
        for line in lines:
            click.echo(line, nl=False)


def harmless(text: str) -> str:
    """Escape a text for standard error, which the runner may read after the block."""
    return text.replace("##[", "## [") if is_here() else text


def outputs(sentences: Mapping[str, str], lines: list[bytes]) -> list[Output]:
    """Return the outputs for GitHub's runner; none elsewhere. `lines` collects commands for it."""
    if not is_here():
        return []
    wanted: list[Output] = [(lines.extend, partial(marked, sentences))]
    if file := os.environ.get("GITHUB_STEP_SUMMARY"):
        wanted.append((partial(_append, Path(file)), partial(summary, sentences)))
    return wanted


def _append(path: Path, pieces: Iterable[bytes]) -> None:
    with path.open("ab") as file:
        file.write(b"".join(pieces))


def marked(
    sentences: Mapping[str, str], _result: Result, submissions: Iterable[SubmissionResult]
) -> Iterator[bytes]:
    """Yield the workflow commands that mark notebooks: one for each function that lost points."""
    left = {"error": MAX_ANNOTATIONS, "warning": MAX_ANNOTATIONS}
    for submission in submissions:
        for level, title, message in _marks(sentences, submission):
            if left[level]:
                left[level] -= 1
                yield _command(level, submission.path, title, message)
        if not any(left.values()):
            return


def _marks(
    sentences: Mapping[str, str], submission: SubmissionResult
) -> Iterator[tuple[str, str, str]]:
    """Yield the level, title and text of each annotation of a submission."""
    student = plain(submission.student)
    if submission.status is Status.REJECTED:
        title = _("{student} was rejected").format(student=student)
        yield "error", title, plain(submission.reason or "")
        return
    for function, group in groupby(submission.checks, lambda check: check.function):
        checks = list(group)
        lost = [check for check in checks if check.points != check.max_points]
        if not lost:
            continue
        score = points(sum(check.points or 0.0 for check in checks))
        most = points(sum(check.max_points for check in checks))
        title = _("{student}: {points}/{most} points for {function}").format(
            student=student, function=function, points=score, most=most
        )
        waits = all(outcome(check) is JUnitOutcome.SKIPPED for check in lost)
        yield "warning" if waits else "error", title, _message(sentences, lost)


def _message(sentences: Mapping[str, str], lost: list[CheckResult]) -> str:
    """Return the checks with their reasons; a shared reason appears once."""
    lines: list[str] = []
    for check in lost:
        lines.append(f"{check.verdict.label}: {sentences.get(check.id, check.id)}")
        lines.extend(line for line in map("  {}".format, _said(check)) if line not in lines)
    text = "\n".join(lines)
    return (
        text if len(text) <= MAX_ANNOTATION_CHARACTERS else f"{text[:MAX_ANNOTATION_CHARACTERS]}…"
    )


def _said(check: CheckResult) -> list[str]:
    """Return why a check did not pass, each part on one line."""
    return [plain(text) for text in (check.message, *check.notes) if text]


def _command(level: str, path: str, title: str, message: str) -> bytes:
    place = Path(path).absolute()
    workspace = Path(os.environ.get("GITHUB_WORKSPACE", "/")).absolute()
    properties = {"title": title}
    if place.is_relative_to(workspace):
        properties = {"file": plain(str(place.relative_to(workspace))), **properties}
    said = ",".join(f"{name}={_escaped(value)}" for name, value in properties.items())
    return f"::{level} {said}::{_escaped(message, data=True)}\n".encode()


def _escaped(text: str, *, data: bool = False) -> str:
    """Escape a text for the runner; colons and commas have a meaning only in properties."""
    return "".join(each if data and each in ":," else _ESCAPED.get(each, each) for each in text)


def summary(
    sentences: Mapping[str, str], result: Result, submissions: Iterable[SubmissionResult]
) -> Iterator[bytes]:
    """Yield the summary of a job: a table, and for a small class every check that lost points.

    It is HTML inside Markdown: in escaped HTML, only our own markup is markup. The submissions in
    `result` are ignored.
    """
    budget = MAX_SUMMARY_BYTES
    few: list[SubmissionResult] = []
    full = provisional = False
    head = _HEAD.render(
        assignment=result.assignment,
        student=_("student"),
        points=_("points"),
        of=_("of"),
        lost=_("lost points on"),
    ).encode()
    yield head
    for number, each in enumerate(submissions, 1):
        provisional |= each.provisional
        row = _row(each)
        full = full or len(row) > budget
        if not full:
            budget -= len(row)
            yield row
        few = [*few, each] if number <= MAX_DETAILED else []
    yield b"</table>\n"
    if provisional:
        yield _paragraph(_(_PROVISIONAL))
    for each in few:
        lost = [check for check in each.checks if check.points != check.max_points]
        if not lost:
            continue
        text = _DETAILS.render(
            student=plain(each.student),
            lost=lost,
            sentences=sentences,
            verdict=_("verdict"),
            points=_("points"),
            check=_("check"),
            share=share,
            said=_said,
        ).encode()
        full = full or len(text) > budget
        if not full:
            budget -= len(text)
            yield text
    if full:
        yield _paragraph(_(_LEFT_OUT))


def _paragraph(text: str) -> bytes:
    return f"<p>{text}</p>\n".encode()


def _row(submission: SubmissionResult) -> bytes:
    lost = (check.function for check in submission.checks if check.points != check.max_points)
    return _ROW.render(
        student=plain(submission.student),
        points=points(submission.score),
        max_points=points(submission.max_score),
        provisional=_("provisional") if submission.provisional else "",
        reason=plain(submission.reason or ", ".join(dict.fromkeys(lost))),
    ).encode()
