"""Whatever markup a student writes, no page shows more of it than the policy allows.

What the sanitiser lets pass is parsed again by html5lib, which shares no code with nh3 or
selectolax.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import html5lib
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from autograder.nbgrader import sanitize as books
from autograder.nbgrader.sanitize import _Bundles, _rendered, harmless
from autograder.reports.html import markdown, markup, mathml
from autograder.reports.html.markup import NBGRADER_PAGE, OWN_PAGE, Policy, attempt, scheme

MATHML = "{http://www.w3.org/1998/Math/MathML}"


def elements(page: str) -> Iterator[tuple[str, dict[str, str]]]:
    """The elements of a piece of HTML with their attributes, as html5lib reads it."""
    tree: Any = html5lib.parseFragment(page, "div", namespaceHTMLElements=False)
    for each in tree.iter():
        if isinstance(each.tag, str) and each is not tree:
            yield each.tag, dict(each.attrib)


def outside(page: str, policy: Policy) -> list[str]:
    """Return what stands in a page and is not allowed, found without the code of the policy."""
    found = []
    for tag, attributes in elements(page):
        if tag.startswith(MATHML):  # formulas are ours; test_texts looks at them
            continue
        if tag not in policy.tags:
            found.append(tag)
        for name, value in attributes.items():
            allowed = {*policy.attributes["*"], *policy.attributes.get(tag, ())}
            if name not in allowed | ({"rel"} if policy.rel else set()):
                found.append(f"{tag} {name}")
            seen = "".join(each for each in value if each > " ").lower()
            called = re.match(r"([a-z][a-z0-9+.-]*):", seen)
            if name == "href" and called and called[1] not in ("http", "https", "mailto"):
                found.append(value)
            if name == "src" and not seen.startswith("data:image/"):
                remote = policy is NBGRADER_PAGE and (not called or called[1] in ("http", "https"))
                found += [] if remote else [value]
            if name == "src" and "svg" in seen:
                found.append(value)
            if name == "style" and re.search(r"position|margin|url\s*\(|expression|@", value):
                found.append(value)
            if name == "type" and tag == "input" and value != "checkbox":
                found.append(value)
    return found


BAD_SCHEMES = [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\tscript:alert(1)",
    "java\nscript:alert(1)",
    "java\rscript:alert(1)",
    "java&Tab;script:alert(1)",
    "java&NewLine;script&colon;alert(1)",
    "&#106;avascript&#x3a;alert(1)",
    "\x01\x1f javascript:alert(1)",
    "&#1;javascript:alert(1)",
    "vbscript:x",
    "data:text/html,<script>alert(1)</script>",
    "da\tta:text/html,x",
    "da\nta:text/html,x",
    "da&Tab;ta:text/html,x",
    "da&#9;ta:te&#10;xt/html,x",
    "\x02data:text/html,x",
    " data:text/html,x",
    "DATA:text/html;base64,PGI+",
    "d\ra\nt\ta\t:text/html,x",
    "data\t:text/html,x",
    "blob:https://a.example/x",
    "file:///etc/passwd",
    "filesystem:https://a.example/x",
    "about:blank",
    "view-source:https://a.example",
    "ms-word:ofe|u|https://a.example",
]
POLICIES = pytest.mark.parametrize("policy", [OWN_PAGE, NBGRADER_PAGE], ids=["own", "nbgrader"])


@POLICIES
@pytest.mark.parametrize("address", BAD_SCHEMES)
def test_no_link_and_no_picture_has_another_scheme(policy: Policy, address: str) -> None:
    for page in (f'<a href="{address}">x</a>', f'<img alt="" src="{address}">'):
        assert outside(page, policy), page
        assert not policy.allows(page), page
        assert [
            name
            for _, attributes in elements(policy.clean(page))
            for name in attributes
            if name in ("href", "src")
        ] == []


@POLICIES
@pytest.mark.parametrize(
    "address",
    ["https://a.example/?b=1:2", "HTTP://a.example", "mailto:a@b.example", "#top", "a/b:c"],
)
def test_honest_links_stay(policy: Policy, address: str) -> None:
    assert f'href="{address}"' in policy.clean(f'<a href="{address}">x</a>')


@pytest.mark.parametrize(
    ("address", "called"),
    [
        (" \x00\x1fHt\ttp\n:x", "http"),
        (
            "\u00a0javascript:x",
            "\u00a0javascript",
        ),  # no browser drops this blank, and we allow none
        ("a?b:c", ""),
        ("#a:b", ""),
        ("", ""),
    ],
)
def test_a_scheme_is_what_a_browser_takes_for_it(address: str, called: str) -> None:
    assert scheme(address) == called


def test_a_picture_in_a_page_is_of_a_kind_that_holds_no_script() -> None:
    picture = '<img alt="" src="data:image/png;base64,AAAA">'
    for policy in (OWN_PAGE, NBGRADER_PAGE):
        assert policy.clean(picture) == picture
        svg = picture.replace("png", "svg+xml")
        assert "svg" not in policy.clean(svg)
        assert "svg" not in policy.clean(svg.replace("svg", "sv\tg"))
    remote = '<img alt="" src="https://a.example/x.png">'
    assert OWN_PAGE.clean(remote) == '<img alt="">'
    assert NBGRADER_PAGE.clean(remote) == remote


@pytest.mark.parametrize(
    "style",
    [
        "text-decoration: underline 900px",
        "text-decoration: underline red calc(9px * 100)",
        "TEXT-DECORATION: underline 9em",
    ],
)
def test_no_line_under_a_text_covers_the_page(style: str) -> None:
    assert not NBGRADER_PAGE.allows(f'<p style="{style}">x</p>')
    assert NBGRADER_PAGE.allows('<p style="text-decoration: underline red">x</p>')


@pytest.mark.parametrize(
    "page",
    [
        *(
            f"</{tag}>"
            for tag in ("div", "main", "section", "article", "form", "details", "center")
        ),
        *("<div>", "<b>", "<a href='#x'>", "<pre></div>", "<table>", "<!-- ", "<p title='", "<a "),
        *(
            "<font color=red>",
            "</div><div>",
            "</div></div><div><div>",
            "<table><tr><td></div></div>",
        ),
    ],
)
def test_no_piece_of_html_ends_what_is_around_it_nor_goes_on_behind_it(page: str) -> None:
    assert not NBGRADER_PAGE.keeps_in_place(f"x{page}y")


@pytest.mark.parametrize(
    "page",
    [
        *("<!--", "<!-->", "<!--->", "<!-- --!>x", "<!x>", "<?x?>", "<![CDATA[x]]>", "<![ 5"),
        *("<!-- a -- b -->", "<!doctype html>"),
    ],
)
def test_comments_that_parsers_end_in_different_places_are_not_allowed(page: str) -> None:
    assert not NBGRADER_PAGE.allows(page)
    assert NBGRADER_PAGE.allows("<!-- a\nnote - of <b> mine -->")


KNOWN = [
    "<div><![ 5",
    "<div>\n<![ 5\n</div>",
    "<![",
    "<!",
    "<![if]>",
    "<div><!DOCTYPE [",
    "<div><a" + " a" * 3000,
    "<div><a b='" + "&" * 3000,
    "<div>" + "<a " * 3000,
    "<div>&#xD800;&#0;&#x110000;&#99999999999999999999;</div>",
    "<div>\x00\ufffe\x0b\x0c\x7f</div>",
    "<svg><![CDATA[<img src=x onerror=alert(1)>]]></svg>",
]


@pytest.mark.parametrize("source", KNOWN, ids=lambda each: each[:20])
def test_no_markup_stops_anybody_and_what_was_written_is_shown(source: str) -> None:
    text = harmless(f"before\n\n{source}\n\nafter", {})
    page = _rendered(text.source, _Bundles())
    assert outside(page, NBGRADER_PAGE) == []
    assert "after" in page
    assert outside(markdown.markdown(source), OWN_PAGE) == []
    html = markdown.markdown(text.source)
    assert "before" in html
    assert "after" in html


FRAGMENTS = st.sampled_from(
    [
        *("<", ">", "</", "/>", "<!", "<!--", "-->", "--!>", "<![", "<![CDATA[", "]]>", "<?", "?>"),
        *("<a ", "<a href=", "<a href='", "<b>", "</b>", "<p>", "</p>", "<div>", "</div>", "<pre>"),
        *(
            "<table>",
            "<td>",
            "</table>",
            "<tr>",
            "<svg>",
            "<math>",
            "<mtext>",
            "<mglyph>",
            "</svg>",
        ),
        *("<style>", "</style>", "<script>", "</script>", "<title>", "</title>", "<textarea>"),
        *("<noscript>", "<template>", "<select>", "<option>", "<form>", "<input ", "<isindex>"),
        *("<img src=x onerror=alert(1)>", "<img ", "src=", "onerror=alert(1)", "style='position:"),
        *(
            " href=",
            "java\tscript:x",
            "da\tta:text/html,x",
            "javascript&colon;x",
            "&#x6A;avascript:",
        ),
        *(
            "fixed'",
            "'",
            '"',
            "`",
            "=",
            " ",
            "\n",
            "\n\n",
            "\t",
            "\r",
            "\x00",
            "\x0c",
            "&",
            "&#",
            ";",
        ),
        *(
            "&#x",
            "&lt",
            "&lt;",
            "&#9;",
            "&Tab;",
            "&colon;",
            "&#0;",
            "&#xD800;",
            "9",
            "x",
            "5",
            "\ufeff",
        ),
        *(
            "[x](",
            "]",
            ")",
            "![",
            "[",
            "](",
            ": ",
            "$",
            "$$",
            "\\",
            "\\(",
            "\\begin{a}",
            "```",
            "~~~",
        ),
        *(
            "```mermaid\n",
            "# ",
            "> ",
            "- ",
            "- [x] ",
            "|",
            "\n|-|-|\n",
            "*",
            "**",
            "_",
            "~~",
            "    ",
        ),
        *("<style>@import 'x'</style>", "<base href=//x>", "<meta http-equiv=refresh>", "</main>"),
    ]
)
REPEATED = st.tuples(FRAGMENTS, st.integers(2, 3000)).map(lambda each: each[0] * each[1])
HOSTILE = st.lists(FRAGMENTS | REPEATED | st.text(max_size=8), max_size=14).map("".join)


@given(HOSTILE)
@example("<div><![ 5")
@example("<a href='da\tta:text/html,x'>x</a>")
def test_no_markup_gets_past_the_sanitiser(source: str) -> None:
    source = source.encode("utf-8", "replace").decode()  # as a notebook is read
    text = harmless(source, {})
    page = _rendered(text.source, _Bundles())
    assert outside(page, NBGRADER_PAGE) == []
    around = "<div><div>{}</div><p>after</p></div>".format
    tree: Any = html5lib.parseFragment(around(page), "div", namespaceHTMLElements=False)
    (outer,) = tree
    assert [each.tag for each in outer] == ["div", "p"]
    assert (outer[1].text, len(outer[1])) == ("after", 0)
    assert outside(markdown.markdown(source), OWN_PAGE) == []
    assert outside(markdown.markdown(text.source), OWN_PAGE) == []


@pytest.mark.parametrize("piece", ["<a ", "<div>", "<!--", "<![", "<b x='", "&#", "<td><table>"])
def test_markup_beyond_the_bound_is_never_parsed(
    piece: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def parse(*_: object) -> str:
        raise AssertionError("a text of this length is parsed")

    source = piece * (markdown.MAX_RENDERED_CHARACTERS // len(piece) + 1)
    assert harmless(source, {}).source == f"```\n{source}\n```"
    monkeypatch.setattr(markdown, "_rendered", parse)
    assert markdown.markdown(source) == markdown.written(source)


@pytest.mark.parametrize("piece", ["<a ", "<div>", "<!--", "<b x='", "<a></p>", "</div>", "<b><p>"])
def test_what_is_done_for_a_text_grows_no_faster_than_the_text(
    piece: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Letters that are handed to the parsers are counted, not seconds."""
    parsed: list[int] = []

    def counted(page: str) -> Any:
        parsed.append(len(page))
        return LexborHTMLParser(page)

    monkeypatch.setattr(markup, "LexborHTMLParser", counted)

    def letters(length: int) -> int:
        parsed.clear()
        harmless(f"<div>{piece * (length // len(piece))}", {"x": {}})
        return sum(parsed)

    assert letters(16_000) < 5 * letters(4000)


class Panic(BaseException):
    """What a parser written in Rust raises when it fails; it is no Exception."""


@pytest.fixture
def _nothing_kept() -> Iterator[None]:
    caches = (markdown._markdown, markdown._code, mathml._cached, books._cached)
    for cache in caches:
        cache.cache_clear()
    yield
    for cache in caches:
        cache.cache_clear()


@pytest.mark.parametrize(
    "error", [AssertionError, RecursionError, MemoryError, Panic, UnicodeError, KeyError]
)
@pytest.mark.parametrize(
    ("where", "show", "shown"),
    [
        ((markdown, "MarkdownWithMath"), lambda: markdown.markdown("# *a*"), "<pre># *a*</pre>"),
        ((Policy, "clean"), lambda: markdown.markdown("# *a*"), "<pre># *a*</pre>"),
        ((Policy, "clean"), lambda: harmless("# *a*", {}).source, books.CANNOT_BE_SHOWN),
        ((markup, "LexborHTMLParser"), lambda: harmless("*a*", {}).source, books.CANNOT_BE_SHOWN),
        ((books, "MarkdownWithMath"), lambda: harmless("*a*", {}).source, books.CANNOT_BE_SHOWN),
        ((markdown, "highlight"), lambda: markdown.code("x < 1"), "<pre>x &lt; 1</pre>"),
        (
            (mathml, "_drawn"),
            lambda: mathml.formula("a<1", display=False),
            "<code>a&lt;1</code>",
        ),
    ],
)
@pytest.mark.usefixtures("_nothing_kept")
def test_a_text_at_which_anything_fails_is_shown_as_text(
    where: tuple[object, str],
    show: Callable[[], str],
    shown: str,
    error: type[BaseException],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(*where, fail)
    assert show() == shown


def test_an_interrupt_is_no_failure_of_a_text() -> None:
    def interrupted() -> str:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        attempt(interrupted, partial(str, "text"))
