"""Texts and formulas as they may stand in a page of ours, whoever wrote them."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.course.assignment import Assignment
from autograder.course.builder import build
from autograder.course.lesson import Role
from autograder.reports.html import markdown, markup, mathml
from autograder.reports.html.mathml import (
    ELEMENTS,
    MAX_CACHED_CHARACTERS,
    MAX_FORMULA_CHARACTERS,
    formula,
)

ROOT = Path(__file__).parents[2]
NAMES = sorted(path.parent.name for path in ROOT.glob("assignments/*/lesson.md"))


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
    """Return whether anything in it does something, or fetches something."""
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

    monkeypatch.setattr(mathml, "formula", watched)
    markdown._markdown.cache_clear()
    for part in build(Assignment(ROOT, name)).parts:
        if part.role in (Role.TEXT, Role.ANSWER):
            markdown.markdown(part.source)
    assert len(drawn) > 20
    assert [each for each in drawn if not each.startswith("<math")] == []


def test_a_formula_that_cannot_be_drawn_is_shown_as_it_is_written() -> None:
    assert formula(r"\nonsense <x>", display=False) == r"<code>\nonsense &lt;x&gt;</code>"
    assert formula("{" * (MAX_FORMULA_CHARACTERS + 1), display=True).startswith("<code>{{{")
    assert formula(r"\newcommand{\a}{x}\a", display=True).startswith("<code>")


@pytest.mark.parametrize("deep", [r"\sqrt{", "x^{", r"\left(", r"\frac{", r"\hat{", r"\text{", "{"])
def test_a_formula_of_nothing_but_depth_brings_nothing_down(deep: str) -> None:
    nested = deep * (MAX_FORMULA_CHARACTERS // len(deep))
    assert formula(nested, display=True)
    closed = deep * (MAX_FORMULA_CHARACTERS // (len(deep) + 1)) + "}" * (
        MAX_FORMULA_CHARACTERS // (len(deep) + 1)
    )
    assert formula(closed, display=True)


PIECES = st.sampled_from(
    [
        *(r"\text{", r"\href{javascript:alert(1)}", r"\label{", r"\eqref{", r"\color{", r"\tag{"),
        *(r"\begin{align}", r"\end{align}", r"\frac", "{", "}", "_", "^", "&", r"\\", '"', "'"),
        *("<script>", "<img src=x onerror=alert(1)>", "</math>", "&lt;b&gt;", "x", "1", r"\ "),
        *("<!--", "]]>", r"\texttt{", r"\operatorname{", r"\mathrm{", "onclick=", ">", "%", "~"),
    ]
)


@given(st.lists(PIECES, max_size=12).map("".join) | st.text(max_size=40), st.booleans())
def test_nothing_in_a_formula_is_markup_but_mathml(tex: str, display: bool) -> None:
    looks = formula(tex, display=display)
    seen = Seen(looks)
    assert not runs(seen)
    if looks.startswith("<code>"):
        assert (seen.tags, seen.words) == (["code"], tex)
    else:
        root = ElementTree.fromstring(looks)  # noqa: S314  # it has no entities
        assert ELEMENTS.issuperset(each.tag for each in root.iter())


@pytest.mark.parametrize(
    ("tex", "word"),
    [
        (r"\operatorname{<}", "&lt;"),
        (r"\operatorname*<", "&lt;"),
        (r"\operatorname\&", "&amp;"),
        (r"\operatorname{f}x", "\N{FUNCTION APPLICATION}"),
    ],
)
def test_a_name_of_one_letter_is_no_markup(tex: str, word: str) -> None:
    looks = formula(tex, display=False)
    assert looks.startswith("<math>")
    assert f">{word}</m" in looks
    ElementTree.fromstring(looks)  # noqa: S314  # it has no entities


def test_a_short_formula_cannot_become_a_long_page() -> None:
    grows = rf"\begin{{align}}{'&' * 1000}\end{{align}}"
    assert len(mathml._CONVERTER.convert_with_local_state(grows, displaystyle=False)) > 30_000
    assert formula(grows, display=False) == f"<code>{grows.replace('&', '&amp;')}</code>"


def test_the_formulas_of_a_text_have_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(markdown, "MAX_HTML", 45_000)
    page = markdown.markdown("$x_1$ " * 1000)
    assert 0 < page.count("<math") < 1000
    assert page.count("<math") + page.count("<code>x_1</code>") == 1000


@pytest.mark.parametrize("length", [MAX_CACHED_CHARACTERS + 1, markdown.MAX_CACHED_CHARACTERS + 1])
def test_what_is_long_is_not_kept(length: int) -> None:
    before = [each.cache_info() for each in (mathml._cached, markdown._markdown, markdown._code)]
    formula("x" * length, display=False)
    markdown.markdown("x" * max(length, markdown.MAX_CACHED_CHARACTERS + 1))
    markdown.code("x" * max(length, markdown.MAX_CACHED_CHARACTERS + 1))
    after = [each.cache_info() for each in (mathml._cached, markdown._markdown, markdown._code)]
    assert before == after


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
    assert not runs(Seen(markdown.markdown(source)))


def test_a_text_cannot_look_like_a_part_of_the_page() -> None:
    source = '<div id="marks" class="verdict passed" style="position: fixed; top: 0">100</div>'
    seen = Seen(markdown.markdown(source))
    assert seen.attributes == []
    assert "100" in seen.words


def test_the_headings_of_a_notebook_stand_below_those_of_the_page() -> None:
    assert markdown.markdown("# A\n\n## B").count("<h3>") == 1
    assert "<h6>" in markdown.markdown("###### F")


def test_code_and_what_was_printed_lose_what_only_a_terminal_understands() -> None:
    assert markdown.plain("\x1b[31mred\x1b[0m\x00\x07 and\nblue") == "red and\nblue"
    assert Seen(markdown.code("if x < 1:\n    print('<b>')  # &amp;")).words.rstrip() == (
        "if x < 1:\n    print('<b>')  # &amp;"
    )


BIDI = "a\u202e\u2066b\u2069\u202c"


def test_no_character_that_changes_the_order_of_what_is_read_stays_in_a_page() -> None:
    for page in (
        markdown.code(f"x = 1  # {BIDI}"),
        markdown.code(f"x = '{BIDI}'" + " " * markdown.MAX_RENDERED_CHARACTERS),
        markdown.sentence(f"`{BIDI}` \x1b\x00"),
        markdown.plain(BIDI),
        str(markup.seen(f"{BIDI}\x1b\x00")),
    ):
        assert not {"\u202e", "\u2066", "\u2069", "\u202c", "\x1b", "\x00"} & set(page)
        assert "a\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}b" in page
    assert (
        markdown.plain("שלום \u200fعالم") == "שלום \u200fعالم"
    )  # these have an order of their own


def test_a_sentence_shows_code_between_backticks_and_no_markup() -> None:
    assert markdown.sentence("`a < b` & <i>") == "<code>a &lt; b</code> &amp; &lt;i&gt;"


SLOW = [r"\\\\(", r"\\\\[", r"\begin{a}"]


@pytest.mark.parametrize("opener", SLOW)
@pytest.mark.parametrize(
    "letters", [markdown.MAX_RENDERED_CHARACTERS - 100, markdown.MAX_RENDERED_CHARACTERS + 100]
)
def test_a_text_of_formulas_that_never_end_is_shown_as_it_is_written(
    opener: str, letters: int
) -> None:
    source = opener * (letters // len(opener) + 1)
    assert markdown.markdown(source) == f"<pre>{source}</pre>"


def test_a_text_that_is_very_long_is_shown_as_it_is_written() -> None:
    source = "*a* <b>" * markdown.MAX_RENDERED_CHARACTERS
    assert (
        markdown.markdown(source)
        == f"<pre>{source.replace('<', '&lt;').replace('>', '&gt;')}</pre>"
    )
    assert markdown.code(source).count("<span") == 0
    assert Seen(markdown.code(source)).words == source


def test_lines_of_white_space_are_empty_before_code_is_coloured(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given: list[str] = []

    def watched(source: str, *_: object) -> str:
        given.append(source)
        return source

    monkeypatch.setattr(markdown, "highlight", watched)
    markdown._coloured("x = 1\n \n\t \n\u3000\n    y\n  ")
    assert given == ["x = 1\n\n\n\n    y\n"]


def test_code_in_a_language_that_is_slow_to_colour_is_not_coloured() -> None:
    page = markdown.markdown("```autohotkey\nx := 1\n" + " \n" * 5000 + "\n```")
    assert page.startswith("<pre>x := 1")


PASTED = "iVBORw0KGgo" + "A" * 2 * markdown.MAX_RENDERED_CHARACTERS


def test_a_picture_that_was_pasted_into_a_text_is_no_part_of_its_length() -> None:
    page = markdown.markdown(f"*a* ![b](data:image/png;base64,{PASTED})")
    assert page.startswith("<p><em>a</em>")
    assert f'src="data:image/png;base64,{PASTED}"' in page


def test_a_picture_is_shown_a_few_times_and_no_more() -> None:
    attachments = {"a.png": {"image/png": "QUJD" * 100}}
    page = markdown.markdown("![](attachment:a.png) " * 500, attachments)
    assert page.count("QUJD" * 100) == markdown.MAX_COPIES
    assert page.count("<img") == 500
    source = f"{'![a][b] ' * 500}\n\n[b]: data:image/png;base64,{PASTED}"
    assert markdown.markdown(source).count(PASTED) == markdown.MAX_COPIES


def test_a_formula_is_shown_once_whatever_a_text_says() -> None:
    page = markdown.markdown("$x_1$ " + '<span class="formula-0"></span>' * 500)
    assert page.count("<math>") == 1


def test_a_link_that_is_there_a_thousand_times_does_not_make_a_page_of_megabytes() -> None:
    source = f"[x]: {'u' * 9000}\n\n{'[x]' * 3000}"
    assert markdown.markdown(source) == f"<pre>{source}</pre>"


def test_no_class_of_the_page_can_be_had_in_a_text() -> None:
    folder = Path(markdown.__file__).parent
    style = (folder / "page.css").read_text("utf-8")
    page = (folder / "feedback.html.j2").read_text("utf-8")
    ours = {*re.findall(r"\.([a-z_]+)(?=[ ,.:>{])", style)}
    ours |= {name for names in re.findall(r'class="([a-z ]+)', page) for name in names.split()}
    assert {"box", "own", "note", "verdict", "skip"} <= ours
    for name in ours - {"highlight", *markup.PYGMENTS.split("|")}:
        source = f'<div class="{name}">x</div>'
        assert markdown.markdown(source).strip() == "<div>x</div>"
    assert 'class="kn"' in markdown.markdown("```python\nimport x\n```")
