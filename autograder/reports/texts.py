"""The texts of a notebook as pieces of HTML that may stand in a page of ours.

Whoever wrote a text, what becomes of it is markup that a sanitizer has let pass, and nothing in it
is fetched from anywhere. Formulas are put in after that, as the MathML that we have made of them.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import nh3
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from autograder.reports.formulas import formula

KEPT = 2000
"""Texts and sources whose looks are kept: the lesson's, and those of some hundred learners."""

PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")
"""What can hold no script. An SVG picture can."""

BELOW = 2
"""By how much the headings of a notebook are lower in a page, which has some of its own."""

TAGS = {
    *("a", "abbr", "b", "blockquote", "br", "code", "dd", "del", "details", "div", "dl", "dt"),
    *("em", "figcaption", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "ins"),
    *("kbd", "li", "mark", "ol", "p", "pre", "q", "s", "samp", "small", "span", "strong", "sub"),
    *("summary", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "u", "ul", "var"),
}

ATTRIBUTES = {
    "*": {"class", "dir", "lang", "title"},
    "a": {"href"},
    "img": {"alt", "src"},
    "ol": {"start"},
    "td": {"colspan", "rowspan", "align"},
    "th": {"colspan", "rowspan", "align"},
}

CLASSES = re.compile(r"highlight|formula-\d+|[a-z]{1,3}[0-9]?")
"""Of code and of the places of formulas, and no others: ours mean something."""

PLACE = re.compile(r'<span class="formula-(\d+)"></span>')

COLOURS = re.compile(r"\x1b\[[0-9;:]*[A-Za-z]")
CONTROLS = dict.fromkeys([*range(9), *range(11, 32), *range(127, 160)])


def _allowed(tag: str, attribute: str, value: str) -> str | None:
    """The value of an attribute, where it may be there with this value."""
    kept: str | None = value
    if attribute == "class":
        kept = value if all(map(CLASSES.fullmatch, value.split())) else None
    elif (tag, attribute) == ("img", "src"):  # no picture is fetched, not even to be looked at
        kept = value if value.strip().lower().startswith(_SOURCES) else None
    elif attribute == "href" and value.strip().lower().startswith("data:"):
        kept = None
    return kept


_SOURCES = tuple(f"data:{each};base64," for each in PICTURES)

_CLEANER = nh3.Cleaner(
    tags=TAGS,
    clean_content_tags={"script", "style"},
    attributes=ATTRIBUTES,
    attribute_filter=_allowed,
    link_rel="noopener noreferrer",
    url_schemes={"http", "https", "mailto", "data"},
)


class _Renderer(IPythonRenderer):  # type: ignore[misc]  # nbconvert has no types
    """nbconvert's, which leaves a place for each formula."""

    def __init__(self, attachments: Mapping[str, Mapping[str, str]]) -> None:
        super().__init__(escape=False, exclude_anchor_links=True, attachments=attachments)
        self.formulas: list[str] = []

    def _place(self, tex: str, *, display: bool) -> str:
        self.formulas.append(formula(tex, display=display))
        return f'<span class="formula-{len(self.formulas) - 1}"></span>'

    def inline_math(self, body: str) -> str:
        return self._place(body, display=False)

    def block_math(self, body: str) -> str:
        return self._place(body, display=True)

    def latex_environment(self, name: str, body: str) -> str:
        return self._place(f"\\begin{{{name}}}{body}\\end{{{name}}}", display=True)

    def block_mermaidjs(self, code: str) -> str:
        return f"<pre>{html.escape(code)}</pre>"

    def heading(self, text: str, level: int, **attrs: Any) -> str:
        return str(super().heading(text, min(level + BELOW, 6), **attrs))

    def filled(self, page: str) -> str:
        """A page with the formulas in their places."""

        def put(match: re.Match[str]) -> str:
            number = int(match[1])
            return self.formulas[number] if number < len(self.formulas) else ""

        return PLACE.sub(put, page)


def _task(_renderer: object, text: str, *, checked: bool = False) -> str:
    """An item of a list of tasks; a box that cannot be ticked is no control."""
    return f"<li>{'☑' if checked else '☐'} {text}</li>\n"


def markdown(source: str, attachments: Mapping[str, Mapping[str, str]] | None = None) -> str:
    """A text as HTML.

    Args:
        source: its markdown.
        attachments: the pictures in it, by name and mime type.
    """
    return _attached(source, attachments) if attachments else _markdown(source)


@lru_cache(maxsize=KEPT)
def _markdown(source: str) -> str:
    return _attached(source, {})


def _attached(source: str, attachments: Mapping[str, Mapping[str, str]]) -> str:
    try:
        renderer = _Renderer(attachments)
        rendering = MarkdownWithMath(renderer=renderer)
        renderer.register("task_list_item", _task)
        page = rendering.render(source)
    except Exception:  # learners write what makes a renderer of Markdown give up
        return f"<pre>{html.escape(source)}</pre>"
    cleaned = _CLEANER.clean(page)
    # A picture without a word about it is one that a screen reader passes over.
    described = re.sub(r"<img(?![^<>]*\balt=)", '<img alt=""', cleaned)
    return renderer.filled(described)


@lru_cache(maxsize=KEPT)
def code(source: str) -> str:
    """A piece of Python as HTML."""
    looks = highlight(source.translate(CONTROLS), _PYTHON, _FORMATTER)
    return f'<pre class="highlight"><code>{looks.rstrip()}</code></pre>'


_PYTHON = PythonLexer(stripnl=False)
_FORMATTER = HtmlFormatter(nowrap=True)


def plain(text: str) -> str:
    """What a cell has printed, without what only a terminal understands; no HTML yet."""
    return COLOURS.sub("", text).translate(CONTROLS)


def sentence(text: str) -> str:
    """A sentence as HTML, in which what stands between backticks is code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text))
