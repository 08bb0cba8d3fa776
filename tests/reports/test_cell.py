"""The report in a graded notebook."""

from __future__ import annotations

from html.parser import HTMLParser

from autograder.reports.html import check_table
from autograder.result import CheckResult, Verdict

HOSTILE = """</td><script>alert(1)</script><img src=x onerror='alert("2")'> & so on"""

CHECKS = [
    CheckResult("keys", "double", Verdict.PASSED, 2.0, 2.0),
    CheckResult("shapes", "double", Verdict.PARTIAL, 0.75, 1.5, "Only <b>half</b>."),
    CheckResult("values", "double", Verdict.FAILED, 0.0, 4.0, HOSTILE),
    CheckResult("more", "double", Verdict.GRADER_ERROR, None, 3.0, "Nobody knows."),
]
SENTENCES = {
    "keys": "It has a < b.",
    "shapes": "It has shapes.",
    "values": "It has values & more.",
    "more": "It has more.",
}


class Page(HTMLParser):
    """The tags of a page and the words between them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        assert dict(attrs).keys() <= {"scope", "style"}
        assert (dict(attrs).get("style") or check_table.STYLE).startswith(check_table.STYLE)

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def test_nothing_that_a_student_wrote_becomes_markup() -> None:
    page = Page(check_table.html(CHECKS, SENTENCES))
    assert set(page.tags) <= {"table", "caption", "thead", "tbody", "tr", "th", "td", "br"}
    assert HOSTILE in "".join(page.words)
    assert "It has a < b." in [words.strip() for words in page.words]


def test_each_check_has_a_row_with_verdict_points_sentence_and_reason() -> None:
    page = Page(check_table.html(CHECKS, SENTENCES))
    assert page.tags.count("tr") == 1 + len(CHECKS)
    words = " ".join("".join(page.words).split())
    for check in CHECKS:
        assert check.verdict.label in words
        assert SENTENCES[check.id] in words
    assert "0.75 of 1.5" in words
    assert "– of 3" in words


def test_the_plain_text_says_the_same() -> None:
    head, *lines = check_table.text(CHECKS, SENTENCES).splitlines()
    assert head == "double: 2.75 of 10.5 points"
    assert Page(check_table.html(CHECKS, SENTENCES)).words.count(head) == 1
    for check in CHECKS:
        (line,) = [each for each in lines if SENTENCES[check.id] in each]
        assert line.split()[0] == check.verdict.label.split()[0]
        assert not check.message or f"{'':>9}  {check.message}" in lines


def test_the_head_counts_what_could_be_decided() -> None:
    undecided = [CheckResult("more", "double", Verdict.GRADER_ERROR, None, 3.0)]
    assert check_table.text(undecided, SENTENCES).splitlines()[0] == "double: 0 of 3 points"
