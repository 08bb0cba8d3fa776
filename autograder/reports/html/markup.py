"""The HTML that a page may show: one policy for every page that students' text is in.

nh3 applies the policy. It parses as browsers do, in linear time, and returns only the elements,
attributes and addresses that are listed here. If a text must not be changed, `Policy.allows`
compares the page with the output of nh3, both parsed by selectolax, another HTML5 parser.

Our own pages (`OWN_PAGE`) load nothing and have only our styles. nbgrader's pages
(`NBGRADER_PAGE`) also show what honest notebooks contain: colours, sizes, pictures from the web,
and targets of links.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import nh3
from pygments.token import STANDARD_TYPES
from selectolax.lexbor import LexborHTMLParser, LexborNode

T = TypeVar("T")

PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")
"""Types of pictures that cannot contain scripts, as SVG can."""

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

HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")

MORE_TAGS = {"center", "font", "input", "strike", "tt"}
"""Further elements of nbgrader's pages."""

MORE_ATTRIBUTES = {
    "*": {"align", "style"},
    "a": {"id", "name"},
    "img": {"width", "height", "border"},
    "input": {"type", "checked", "disabled"},
    "font": {"color", "size", "face"},
    "ol": {"type"},
    "table": {"border", "cellpadding", "cellspacing", "width"},
    "td": {"valign", "width"},
    "th": {"valign", "width"},
    **{tag: {"id"} for tag in HEADINGS},
}

STYLES = {
    *("background-color", "border", "border-collapse", "color", "font-family", "font-size"),
    *("font-style", "font-weight", "padding", "text-align", "text-decoration"),
    *("vertical-align", "width"),
}
"""Style properties; none can cover other parts of the page or load anything."""

INLINE = {
    *("a", "abbr", "b", "code", "del", "em", "font", "i", "img", "input", "ins", "kbd", "mark"),
    *("q", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "tt", "u", "var"),
}

SPILLS = re.compile(r"padding|border(?!-collapse)", re.IGNORECASE)
"""Styles with which an inline element covers the lines above it."""

SIZE = re.compile(
    r"font-size\s*:(?!\s*(?:\d\d?(?:px|pt)|[0-3]?(?:\.\d+)?r?em|[1-3]?\d\d%|[a-z-]+)\s*(?:;|$))",
    re.IGNORECASE,
)
"""A font size that is not a readable one."""

THICK = re.compile(r"text-decoration\s*:(?!\s*[a-z -]+\s*(?:;|$))", re.IGNORECASE)
"""A text decoration with a thickness: a thick line covers the text beside it."""

PYGMENTS = "|".join(filter(None, STANDARD_TYPES.values()))
"""The classes of highlighted code."""

OWN_CLASSES = re.compile(rf"highlight|formula-\d+|{PYGMENTS}")
"""Classes of code and of placeholders of formulas. Other classes have a meaning in our pages."""

NBGRADER_CLASSES = re.compile(
    r"anchor-link|highlight|task-list-item|task-list-item-checkbox|language-[\w+.#-]*|" + PYGMENTS
)

LINKS = frozenset({"http", "https", "mailto"})
"""Allowed schemes of links. An address without a scheme is allowed too."""

REMOTE = frozenset({"http", "https", ""})
"""Schemes of pictures that a browser loads from elsewhere; "" stands for no scheme."""

INLINE_PICTURES = tuple(f"data:{kind};base64," for kind in PICTURES)

CONTROLS: dict[int, str | None] = {
    **dict.fromkeys([*range(9), *range(11, 32), *range(127, 160)], None),
    **dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)], "\N{REPLACEMENT CHARACTER}"),
}
"""Control characters, which are removed, and characters that change the direction of text, which
are replaced: with them, a line of code could look different from the one that ran."""

AT_THE_ENDS = "".join(map(chr, range(33)))
DROPPED = str.maketrans("", "", "\t\n\r")


def normalized(address: str) -> str:
    """Return an address as browsers read it.

    The URL standard drops control characters and blanks at both ends, and tabs and line breaks
    everywhere, so `java<tab>script:` is `javascript:`.
    """
    return address.strip(AT_THE_ENDS).translate(DROPPED)


def scheme(address: str) -> str:
    """Return the scheme of an address in lower case, "" if there is none.

    Any text before a colon counts, even if the URL standard would not call it a scheme.
    """
    before, colon, _rest = normalized(address).partition(":")
    return before.lower() if colon and not re.search(r"[/?#]", before) else ""


@dataclass(frozen=True)
class Policy:
    """The HTML that is allowed in one kind of page.

    Attributes:
        classes: the pattern of allowed classes.
        pictures: the allowed schemes of pictures that are loaded from elsewhere.
        emptied: elements that are removed with their content; others leave their content.
    """

    tags: AbstractSet[str]
    attributes: Mapping[str, AbstractSet[str]]
    classes: re.Pattern[str]
    pictures: AbstractSet[str] = frozenset()
    emptied: AbstractSet[str] = frozenset()
    comments: bool = False
    rel: str | None = None

    @cached_property
    def _cleaner(self) -> nh3.Cleaner:
        return nh3.Cleaner(
            tags=set(self.tags),
            clean_content_tags=set(self.emptied),
            strip_comments=not self.comments,
            attributes={tag: set(names) for tag, names in self.attributes.items()},
            attribute_filter=self._attribute,
            link_rel=self.rel,
            url_schemes={*LINKS, "data"},
            filter_style_properties=STYLES,
        )

    def _attribute(self, tag: str, attribute: str, value: str) -> str | None:
        """Return the value of an attribute if it is allowed, else None."""
        kept = True
        if attribute == "class":
            kept = all(map(self.classes.fullmatch, value.split()))
        elif attribute == "style":
            bad = (SIZE, THICK, SPILLS) if tag in INLINE else (SIZE, THICK)
            kept = not any(each.search(value) for each in bad)
        elif attribute == "type" and tag == "input":
            kept = value == "checkbox"
        elif attribute == "href":
            kept = scheme(value) in LINKS | {""}
        elif attribute == "src":
            inline = normalized(value).lower().startswith(INLINE_PICTURES)
            kept = inline or scheme(value) in self.pictures
        return value if kept else None

    def clean(self, page: str) -> str:
        """Return a piece of HTML without everything that is not allowed."""
        return self._cleaner.clean(page)

    def allows(self, page: str) -> bool:
        """Return whether `clean` would remove nothing from a piece of HTML."""
        return not ODD.search(page) and _tree(page) == _tree(self.clean(page))

    def keeps_in_place(self, page: str) -> bool:
        """Return whether a piece of HTML is allowed, and does not change the page around it.

        A piece of HTML could end an element that contains it, or leave one open.
        """
        if not self.allows(page):
            return False
        return _tree(AROUND.format(page)) == _tree(AROUND.format(self.clean(page)))


OWN_PAGE = Policy(
    TAGS,
    ATTRIBUTES,
    OWN_CLASSES,
    emptied=frozenset({"script", "style"}),
    rel="noopener noreferrer",
)

NBGRADER_PAGE = Policy(
    TAGS | MORE_TAGS,
    {
        tag: ATTRIBUTES.get(tag, set()) | MORE_ATTRIBUTES.get(tag, set())
        for tag in ATTRIBUTES.keys() | MORE_ATTRIBUTES.keys()
    },
    NBGRADER_CLASSES,
    pictures=REMOTE,
    comments=True,
)

ODD = re.compile(r"<[?!](?!--(?!-?>)(?:(?!--)[^\x00])*-->)")
"""A declaration, or a comment whose end depends on the parser."""

AROUND = (
    "<main><section><article><center><fieldset><details><div><div><form>{}<p>after</p></form></div>"
    "<p>after</p></div></details></fieldset></center></article></section></main><p>after</p>"
)
"""A page with elements that a piece of HTML in it could end.

The form is innermost: only there does its end change the parsed page.
"""


def _tree(page: str) -> list[object]:
    """Return the content of a page, without blanks in texts and the order of attributes."""
    found: list[object] = []
    for depth, node in _nodes(LexborHTMLParser(f"<!doctype html><body>{page}").root):
        if node.is_text_node:
            words = "".join((node.text_content or "").split())
            if words:
                found.append((depth, words))
        elif node.is_comment_node:
            found.append((depth, "!", node.comment_content))
        else:
            attributes = (_attribute(*each) for each in node.attributes.items())
            found.append((depth, node.tag, tuple(sorted(attributes))))
    return found


def _nodes(root: LexborNode | None) -> Iterator[tuple[int, LexborNode]]:
    """Yield every node with its depth. A recursive walk would fail on a deep page."""
    open_nodes = [] if root is None else [(0, root)]
    while open_nodes:
        depth, node = open_nodes.pop()
        yield depth, node
        if node.next is not None:
            open_nodes.append((depth, node.next))
        if node.child is not None:
            open_nodes.append((depth + 1, node.child))


def _attribute(name: str, value: str | None) -> tuple[str, str]:
    if name == "style" and value is not None:
        declarations = (each.partition(":") for each in value.split(";") if each.strip())
        return name, ";".join(f"{key.strip()}:{its.strip()}" for key, _, its in declarations)
    return name, value or ""


def names(page: str) -> set[str]:
    """Return the ids of the elements of a page."""
    nodes = (node for _, node in _nodes(LexborHTMLParser(page).root) if node.is_element_node)
    return {node.attributes.get("id") or "" for node in nodes} - {""}


def seen(value: object) -> object:
    """Return a value for a template, of a text without the characters in `CONTROLS`."""
    return value.translate(CONTROLS) if type(value) is str else value


def attempt(make: Callable[[], T], otherwise: Callable[[], T]) -> T:
    """Return the result of one function, or of the other if the first fails.

    Every step that parses or renders a student's text uses this, so that no input can stop a
    grading run: a text that cannot be rendered is shown as its source. A panic in a parser written
    in Rust is no `Exception`, and is caught as well.
    """
    try:
        return make()
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException:  # whatever a parser may raise
        return otherwise()
