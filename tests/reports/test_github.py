"""What GitHub's runner is told, and what a student cannot tell it."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from autograder.reports.ci import github
from autograder.reports.terminal.class_table import MAX_DETAILED
from autograder.result import (
    CheckResult,
    SubmissionResult,
    Verdict,
)
from tests.helpers.commands import Said, grade, notebook
from tests.helpers.results import HEAD, PASSED, of

if TYPE_CHECKING:
    from tests.helpers.course import Course

SENTENCES = {"a_check": "It doubles.", "b_check": "It doubles anything."}
FAILED = CheckResult("b_check", "double", Verdict.FAILED, 0.0, 2.0, "It is 3.", notes=("A hint.",))

COMMAND = re.compile(r"::(?P<name>[\w-]+)(?: (?P<properties>.*?))?::(?P<data>.*)")
"""How GitHub documents a workflow command; what is escaped in it has no line break."""

OBEYED = re.compile(r"\s*::|.*##\[")
"""How a line begins that the runner may take for a command, and what older ones hold anywhere."""

LOUD = """\
def double(number):
    raise ValueError("::set-env name=PATH::/evil\\n::add-mask::ada ##[error]" + " ::error::x" * 40)
"""


def decoded(text: str) -> str:
    for sign, code in (("\n", "%0A"), ("\r", "%0D"), (":", "%3A"), (",", "%2C"), ("%", "%25")):
        text = text.replace(code, sign)
    return text


def told(line: str) -> tuple[str, dict[str, str], str]:
    """Return a command as the runner understands it: its name, properties and data."""
    found = COMMAND.fullmatch(line)
    assert found is not None, line
    pairs = (each.split("=", 1) for each in (found["properties"] or "").split(",") if each)
    return found["name"], {key: decoded(value) for key, value in pairs}, decoded(found["data"])


def marked(*submissions: SubmissionResult) -> list[tuple[str, dict[str, str], str]]:
    text = b"".join(github.marked(SENTENCES, HEAD, submissions)).decode()
    return [told(line) for line in text.splitlines()]


@pytest.fixture
def on_github(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """As GitHub's runner sets the environment; gives the file for the summary."""
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path))
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    return tmp_path / "summary.md"


def test_a_function_that_lost_points_is_marked_with_its_reasons() -> None:
    ((name, properties, data),) = marked(of("ada, or: %0A", PASSED, FAILED))
    assert name == "error"
    assert properties["title"] == "ada, or: %0A: 2/4 points for double"
    assert data == "failed: It doubles anything.\n  It is 3.\n  A hint."


def test_the_notebook_is_named_from_the_workspace_on(
    on_github: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (on_github.parent / "course").mkdir()
    monkeypatch.chdir(on_github.parent / "course")
    ((_, properties, _),) = marked(of("ada", FAILED))
    assert properties["file"] == "course/ada.ipynb"
    monkeypatch.setenv("GITHUB_WORKSPACE", "/elsewhere")
    ((_, properties, _),) = marked(of("ada", FAILED))
    assert "file" not in properties


def test_what_nobody_decided_is_a_warning_and_a_fault_or_a_rejection_an_error() -> None:
    undecided = CheckResult("a_check", "double", Verdict.NOT_RUN, None, 2.0, "Nobody can tell.")
    fault = CheckResult("a_check", "double", Verdict.GRADER_ERROR, None, 2.0, "It broke.")
    found = marked(of("ada", undecided), of("bob", fault), of("carl", reason="It is empty."))
    assert [name for name, _, _ in found] == ["warning", "error", "error"]
    assert found[2][1:] == ({**found[2][1], "title": "carl was rejected"}, "It is empty.")


def test_no_more_is_said_than_github_shows() -> None:
    assert (
        len(marked(*(of(f"s{number}", FAILED) for number in range(30)))) == github.MAX_ANNOTATIONS
    )


def test_a_reason_that_several_checks_share_is_said_once() -> None:
    ((_, _, data),) = marked(of("ada", FAILED, FAILED))
    assert data.count("It is 3.") == 1
    assert data.count("It doubles anything.") == 2


@given(st.text())
def test_no_text_of_a_student_breaks_out_of_a_command(text: str) -> None:
    failed = CheckResult("a_check", "double", Verdict.FAILED, 0.0, 2.0, text)
    found = marked(of(text, failed), of(text, reason=text))
    assert [name for name, _, _ in found] == ["error", "error"]
    assert [set(properties) for _, properties, _ in found] == [{"file", "title"}] * 2


def heard(done: Said) -> list[str]:
    """Return the lines that the runner obeys: not those between a stop and its token."""
    lines, token = [], None
    for line in done.stdout.splitlines():
        if token is None:
            lines.append(line)
            found = COMMAND.fullmatch(line)
            if found and found["name"] == "stop-commands":
                token = found["data"]
        elif line == f"::{token}::":
            token = None
    assert token is None
    return lines


def test_what_a_student_wrote_is_printed_where_the_runner_does_not_listen(
    tiny: Course, right: Path, on_github: Path
) -> None:
    loud = tiny.root / "loud.ipynb"
    loud.write_text(notebook(tiny, double=LOUD))
    done = grade(tiny, loud, right)
    assert [line for line in done.stdout.splitlines() if OBEYED.match(line)][1:-2]  # it tried
    lines = heard(done)
    assert [told(line)[0] for line in lines] == ["stop-commands", "error"]
    assert "add-mask" in told(lines[1])[2]
    again = heard(grade(tiny, loud, right))
    assert again[0] != lines[0]  # the token is another each time
    assert on_github.read_text().count("<h3>doubling</h3>") == 2


def test_the_line_that_says_what_went_wrong_is_no_command(tiny: Course, on_github: Path) -> None:
    done = grade(tiny, "##[add-path]x.ipynb", status=2)
    assert "add-path" in done.stderr
    assert not any(OBEYED.match(line) for line in done.stderr.splitlines())
    assert not on_github.exists()


def test_elsewhere_nothing_is_said_to_a_runner(tiny: Course, wrong: Path) -> None:
    done = grade(tiny, wrong, env={"GITHUB_ACTIONS": "false"})
    assert "::" not in done.stdout


class Page(HTMLParser):
    """The tags of a page, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        assert not attrs

    def handle_data(self, data: str) -> None:
        self.text += data


def summary(*submissions: SubmissionResult) -> str:
    return b"".join(github.summary(SENTENCES, HEAD, submissions)).decode()


def shown(*submissions: SubmissionResult) -> Page:
    """Return the summary as a renderer of GitHub's Markdown shows it, HTML and all."""
    renderer = MarkdownIt("gfm-like", {"html": True, "linkify": False})
    return Page(renderer.render(summary(*submissions)))


MARKDOWN = (
    "# no\n\n| a | b |\n|---|---|\n**x** [y](javascript:z) ![i](http://e) <img src=x> `c` $m$"
)


@pytest.mark.parametrize("text", [MARKDOWN, "</code></td><script>", "&lt;b&gt;", "```\n@all\n```"])
def test_no_text_of_a_student_is_markup_in_the_summary(text: str) -> None:
    failed = CheckResult("a_check", "double", Verdict.FAILED, 0.0, 2.0, text)
    plain = CheckResult("a_check", "double", Verdict.FAILED, 0.0, 2.0, "a")
    page = shown(of(text, failed), of(text, reason=text))
    wanted = shown(of("a", plain), of("a", reason="a"))
    assert page.tags == wanted.tags
    assert text.replace("\n", "�") in page.text


def test_the_summary_of_a_few_tells_every_check_that_lost_points() -> None:
    text = shown(of("ada", PASSED, FAILED), of("bob", PASSED), of("carl", reason="Empty.")).text
    for said in ("It doubles anything.", "It is 3.", "A hint.", "Empty."):
        assert text.count(said) == 1
    assert "It doubles." not in text
    assert "rovisional" not in text


def test_what_is_provisional_says_so_and_nothing_is_for_the_instructor_alone() -> None:
    undecided = CheckResult("a_check", "double", Verdict.NOT_RUN, None, 2.0)
    text = shown(of("ada", undecided, observations=("It opened /etc/passwd.",))).text
    assert "0 (provisional)" in text
    assert "decide the open points by hand" in text
    assert "passwd" not in text


def test_a_class_is_a_table_and_a_large_one_is_cut_before_github_refuses_it() -> None:
    crowd = [of(f"s{number}", FAILED) for number in range(MAX_DETAILED + 1)]
    page = shown(*crowd)
    assert page.tags.count("tr") == MAX_DETAILED + 2
    assert "details" not in page.tags
    long = summary(*(of("x" * 500, FAILED) for _ in range(3000)))
    assert 800_000 < len(long.encode()) < 1024**2
    assert "GitHub limits the size of this page" in long
    assert len(summary(*(of("ada", *[FAILED] * 9000) for _ in range(3))).encode()) < 1024**2
