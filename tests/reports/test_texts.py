"""Texts and formulas as they may stand in a page of ours, whoever wrote them."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.course.assignment import Assignment
from autograder.course.lesson import Role, build
from autograder.reports import texts
from autograder.reports.formulas import LONGEST, formula

ROOT = Path(__file__).parents[2]
NAMES = sorted(path.parent.name for path in ROOT.glob("assignments/*/lesson.md"))

MATHML = {
    *("math", "mi", "mn", "mo", "ms", "mtext", "mspace", "mrow", "mfrac", "msqrt", "mroot"),
    *("mstyle", "merror", "mpadded", "mphantom", "msub", "msup", "msubsup", "munder", "mover"),
    *("munderover", "mmultiscripts", "mprescripts", "mtable", "mtr", "mtd", "menclose", "none"),
    *("code", "a", "span"),
}


class Seen(HTMLParser):
    """The tags of a piece of HTML with their attributes, and the words between them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.words = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.words += data


def runs(seen: Seen) -> bool:
    """Whether anything in it does something, or fetches something."""
    addresses = [value or "" for name, value in seen.attributes if name in ("src", "href")]
    return (
        bool({"script", "style", "iframe", "svg", "object", "form", "meta"}.intersection(seen.tags))
        or any(name.startswith("on") for name, _ in seen.attributes)
        or any(not each.startswith(("data:image/", "https:", "#")) for each in addresses)
    )


@pytest.mark.parametrize("name", NAMES)
def test_every_formula_of_a_lesson_is_drawn(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[str] = []

    def watched(tex: str, *, display: bool) -> str:
        drawn.append(formula(tex, display=display))
        return drawn[-1]

    monkeypatch.setattr(texts, "formula", watched)
    texts._markdown.cache_clear()
    for part in build(Assignment(ROOT, name)).parts:
        if part.role in (Role.TEXT, Role.ANSWER):
            texts.markdown(part.source)
    assert len(drawn) > 20
    assert [each for each in drawn if not each.startswith("<math")] == []


def test_a_formula_that_cannot_be_drawn_is_shown_as_it_is_written() -> None:
    assert formula(r"\nonsense <x>", display=False) == r"<code>\nonsense &lt;x&gt;</code>"
    assert formula("{" * (LONGEST + 1), display=True).startswith("<code>{{{")
    assert formula(r"\newcommand{\a}{x}\a", display=True).startswith("<code>")


@pytest.mark.parametrize("deep", [r"\sqrt{", "x^{", r"\left(", r"\frac{", r"\hat{", r"\text{", "{"])
def test_a_formula_of_nothing_but_depth_brings_nothing_down(deep: str) -> None:
    nested = deep * (LONGEST // len(deep))
    assert formula(nested, display=True)
    closed = deep * (LONGEST // (len(deep) + 1)) + "}" * (LONGEST // (len(deep) + 1))
    assert formula(closed, display=True)


PIECES = st.sampled_from(
    [
        *(r"\text{", r"\href{javascript:alert(1)}", r"\label{", r"\eqref{", r"\color{", r"\tag{"),
        *(r"\begin{align}", r"\end{align}", r"\frac", "{", "}", "_", "^", "&", r"\\", '"', "'"),
        *("<script>", "<img src=x onerror=alert(1)>", "</math>", "&lt;b&gt;", "x", "1", r"\ "),
        *("<!--", "]]>", r"\texttt{", r"\operatorname{", r"\mathrm{", "onclick=", ">", "%", "~"),
    ]
)


@given(st.lists(PIECES, max_size=12).map("".join), st.booleans())
def test_nothing_in_a_formula_is_markup_but_mathml(tex: str, display: bool) -> None:
    seen = Seen(formula(tex, display=display))
    assert MATHML.issuperset(seen.tags)
    assert not runs(seen)


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "![x](https://example.org/pixel.png)",
    "[x](javascript:alert(1))",
    "[x](data:text/html,<script>alert(1)</script>)",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<math><mtext><table><mglyph><style><img src onerror=alert(1)></style></mglyph></table></math>",
    '![a $x$ "b](data:image/png;base64,AAAA "$y$")',
    '<img alt="<span class=formula-0></span>" src="data:image/png;base64,AAAA"> $x$',
    '<span class="formula-7"></span> $x$',
    "$</span><script>alert(1)</script>$",
    "```mermaid\n<script>alert(1)</script>\n```",
    '<meta http-equiv="refresh" content="0;https://example.org">',
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
]


@pytest.mark.parametrize("source", HOSTILE)
def test_nothing_runs_in_a_text_and_nothing_is_fetched(source: str) -> None:
    assert not runs(Seen(texts.markdown(source)))


def test_a_text_cannot_look_like_a_part_of_the_page() -> None:
    source = '<div id="marks" class="verdict passed" style="position: fixed; top: 0">100</div>'
    seen = Seen(texts.markdown(source))
    assert seen.attributes == []
    assert "100" in seen.words


def test_the_headings_of_a_notebook_stand_below_those_of_the_page() -> None:
    assert texts.markdown("# A\n\n## B").count("<h3>") == 1
    assert "<h6>" in texts.markdown("###### F")


def test_code_and_what_was_printed_lose_what_only_a_terminal_understands() -> None:
    assert texts.plain("\x1b[31mred\x1b[0m\x00\x07 and\nblue") == "red and\nblue"
    assert Seen(texts.code("if x < 1:\n    print('<b>')  # &amp;")).words.rstrip() == (
        "if x < 1:\n    print('<b>')  # &amp;"
    )


def test_a_sentence_shows_code_between_backticks_and_no_markup() -> None:
    assert texts.sentence("`a < b` & <i>") == "<code>a &lt; b</code> &amp; &lt;i&gt;"
