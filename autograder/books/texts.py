"""What a learner's texts may hold where they are shown in nbgrader's pages.

Markdown may hold HTML, and nbconvert, which makes formgrader's pages and the feedback, hands it on
as it is written, scripts and all. So every text is rendered as nbconvert renders it, and what comes
out is held against what nh3 leaves of it. A text of which it leaves everything stays as it is. In
others, what may not be shown is turned into text that shows what was written; and that is rendered
and looked at again, so that no difference between two parsers matters.

In formgrader formulas are MathJax's, which nbconvert loads with its own extension for safety; in
feedback they are MathML of ours.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from html.parser import HTMLParser

import nh3
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat.notebooknode import NotebookNode

from autograder.intake.submission import Submission
from autograder.language import N_, _
from autograder.reports.texts import (
    KEPT,
    LONGEST,
    MOST,
    PICTURES,
    PYGMENTS,
    SHORT,
    Pictures,
    is_base64,
    is_coloured,
    is_long,
    without_pictures,
)

ALTERED = N_(
    "A text holds HTML, a link or a picture that may not be shown as it is, or that nobody could "
    "show; what was written is shown instead, and the file that was handed in has the original."
)

Attachments = Mapping[str, Mapping[str, str]]

NO_PICTURE = {
    "image/png": (
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJg"
        "gg=="
    )
}
"""An empty one, in the place of what is no picture, or is missing: nbconvert would stop there."""

FEW = 200
"""Letters of a block of code that are coloured soon, whatever the language."""

EXTRA = "_extra_credit"

ROOM = 10 * LONGEST
"""Letters of a notebook's texts; what comes after them is shown as it is written."""

TAGS = {
    *("a", "abbr", "b", "blockquote", "br", "center", "code", "dd", "del", "details", "div", "dl"),
    *("dt", "em", "figcaption", "figure", "font", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i"),
    *("img", "input", "ins", "kbd", "li", "mark", "ol", "p", "pre", "q", "s", "samp", "small"),
    *("span", "strike", "strong", "sub", "summary", "sup", "table", "tbody", "td", "tfoot", "th"),
    *("thead", "tr", "tt", "u", "ul", "var"),
}

HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")

ATTRIBUTES = {
    "*": {"align", "class", "dir", "lang", "style", "title"},
    "a": {"href", "id", "name"},
    "img": {"src", "alt", "width", "height", "border"},
    "input": {"type", "checked", "disabled"},
    "font": {"color", "size", "face"},
    "ol": {"start", "type"},
    "table": {"border", "cellpadding", "cellspacing", "width"},
    "td": {"colspan", "rowspan", "valign", "width"},
    "th": {"colspan", "rowspan", "valign", "width"},
    **{tag: {"id"} for tag in HEADINGS},
}

PAGE_IDS = frozenset({"notebook", "notebook-container", "statusmessage"})
"""Names of parts of formgrader's page."""

VOID = {"br", "hr", "img", "input"}

ENDS_BY_ITSELF = {"dd", "dt", "li", "p", "tbody", "td", "tfoot", "th", "thead", "tr"}
"""With whatever is around it."""

PLACES = {
    **dict.fromkeys(("tbody", "thead", "tfoot"), "<table>"),
    "tr": "<table><tbody>",
    **dict.fromkeys(("td", "th"), "<table><tbody><tr>"),
}
"""In which alone some tags are anything."""

STYLES = {
    *("background-color", "border", "border-collapse", "color", "font-family", "font-size"),
    *("font-style", "font-weight", "padding", "text-align", "text-decoration"),
    *("vertical-align", "width"),
}
"""None that could lay something over the rest of the page, or fetch anything."""

INLINE = {
    *("a", "abbr", "b", "code", "del", "em", "font", "i", "img", "input", "ins", "kbd", "mark"),
    *("q", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "tt", "u", "var"),
}

SPILLS = re.compile(r"padding|border(?!-collapse)", re.IGNORECASE)
"""What lies over the lines above, buttons and marks among them, where it is inline."""

SIZE = re.compile(
    r"font-size\s*:(?!\s*(?:\d\d?(?:px|pt)|[0-3]?(?:\.\d+)?r?em|[1-3]?\d\d%|[a-z-]+)\s*(?:;|$))",
    re.IGNORECASE,
)
"""A size of letters that is none to read."""

CLASSES = re.compile(
    r"anchor-link|highlight|task-list-item|task-list-item-checkbox|language-[\w+.#-]*|" + PYGMENTS
)

SCHEMES = {"http", "https", "mailto", "data"}

FENCE = r"^[ ]{0,3}(?P<fence>`{3,}|~{3,})[^\n]*\n(?s:.*?)(?:^[ ]{0,3}(?P=fence)[`~]*[ \t]*$|\Z)"
CODE = r"(?P<ticks>(?<!`)`+(?!`))(?s:.+?)(?<!`)(?P=ticks)(?!`)"
MATH = (
    r"(?s:(?<!\\)\$\$.*?(?<!\\)\$\$)"
    r"|(?s:(?<![$\\])\$.+?(?<![$\\])\$)"
    r"|(?s:\\\\\[.*?\\\\\]|\\\\\(.*?\\\\\))"
    r"|(?s:\\begin\{(?P<environment>[a-z]*\*?)\}.*?\\end\{(?P=environment)\})"
)
TAG = r"(?P<tag><[^<>]*>?)"

PIECES = re.compile(f"{FENCE}|{CODE}|{MATH}|{TAG}", re.MULTILINE)
"""What a text is made of, as far as it matters here: code and formulas, and else tags."""

ADDRESS = re.compile(r"<(?:https?://|mailto:)[^<>\s]*>|<[\w.+-]+@[\w.-]+>")


@dataclass(frozen=True)
class Text:
    """A text that may be shown.

    Attributes:
        source: its markdown.
        attachments: the pictures in it.
        altered: whether it is another one than the learner's.
    """

    source: str
    attachments: Attachments
    altered: bool


def harmless(
    source: str,
    attachments: Attachments,
    room: int = LONGEST,
    taken: frozenset[str] = PAGE_IDS,
) -> Text:
    """A text in which nothing runs, and nothing pretends to be a part of the page.

    Args:
        source: its markdown, as the learner wrote it.
        attachments: the pictures in it, by name and mime type.
        room: letters that it may have, without its pictures, before it is shown as it is written.
        taken: names that no part of it may have: formgrader finds by them where marks belong.
    """
    room = min(room, LONGEST)
    if attachments or len(source) > SHORT:
        text = _looked_at(source, attachments, room, taken)
    else:
        text = _kept(source, room, taken)
    return text or Text(_("This text cannot be shown here."), {}, altered=True)


def _looked_at(
    source: str, attachments: Attachments, room: int, taken: frozenset[str]
) -> Text | None:
    """The same; None where nothing makes a text harmless."""
    attached = {name: _picture(bundle) for name, bundle in attachments.items()}
    altered = any(attached[name] != bundle for name, bundle in attachments.items())
    pictures = Pictures()
    short = pictures.taken_out(source)
    bundles = _Bundles((name, pictures.stand_ins(each)) for name, each in attached.items())
    long = len(short) > room or is_long(short, len(source))
    for alter in (_all_shown,) if long else ALTERATIONS:
        candidate = alter(short)
        found = _rendered(candidate, bundles)
        if found is not None and _fits(found, pictures, taken) and is_harmless(found):
            text = pictures.put_back(candidate)
            return Text(
                text, dict.fromkeys(bundles, NO_PICTURE) | attached, altered or text != source
            )
    return None


@lru_cache(maxsize=KEPT)
def _kept(source: str, room: int, taken: frozenset[str]) -> Text | None:
    """The same of a text alone, as the lesson's own are, which stand in nearly every notebook."""
    return _looked_at(source, {}, room, taken)


def _fits(page: str, pictures: Pictures, taken: frozenset[str]) -> bool:
    """Whether a piece of HTML keeps to its place."""
    if len(page) > MOST or not pictures.are_few(page):
        return False
    seen = _Seen(page)
    names = {value for _, attributes in seen.tags for name, value in attributes if name == "id"}
    return seen.is_closed and names.isdisjoint(taken)


def _picture(bundle: Mapping[str, str]) -> Mapping[str, str]:
    """What of an attachment truly may be a picture; an empty one where there is none."""
    return {
        mime: data for mime, data in bundle.items() if mime in PICTURES and is_base64(data)
    } or NO_PICTURE


class _Bundles(dict[str, Mapping[str, str]]):
    """The pictures of a text, and an empty one for each that it names and does not have."""

    def __contains__(self, name: object) -> bool:
        return True

    def __missing__(self, name: str) -> Mapping[str, str]:
        self[name] = NO_PICTURE
        return NO_PICTURE


class _Renderer(IPythonRenderer):  # type: ignore[misc]  # nbconvert has no types
    """nbconvert's, which stops at a long block of code in a language that is seldom seen."""

    def block_code(self, code: str, info: str | None = None) -> str:
        if len(code) > FEW and not is_coloured(info):
            raise ValueError(info)
        return str(super().block_code(code, info))


def _rendered(source: str, bundles: _Bundles) -> str | None:
    """A text as nbconvert renders it; None where it fails."""
    renderer = _Renderer(escape=False, attachments=bundles)
    try:
        return str(MarkdownWithMath(renderer=renderer).render(source))
    except Exception:  # whatever it is, nbconvert would stop at it too
        return None


# --- what is harmless -----------------------------------------------------------------------


def is_harmless(page: str) -> bool:
    """Whether a sanitizer would take nothing away from a piece of HTML."""
    return _Seen(page).parts == _Seen(CLEANER.clean(page)).parts


def _allowed(tag: str, attribute: str, value: str) -> str | None:
    """The value of an attribute, where it may be there with this value."""
    kept: str | None = value
    if attribute == "class":
        kept = value if all(map(CLASSES.fullmatch, value.split())) else None
    elif attribute == "style":
        over = tag in INLINE and SPILLS.search(value)
        kept = None if over or SIZE.search(value) else value
    elif attribute == "type" and tag == "input":
        kept = value if value == "checkbox" else None
    elif attribute in ("href", "src") and value.strip().lower().startswith("data:"):
        picture = value.partition(";")[0].strip().lower().removeprefix("data:") in PICTURES
        kept = value if picture and tag == "img" else None
    return kept


CLEANER = nh3.Cleaner(
    tags=TAGS,
    clean_content_tags=set(),
    strip_comments=False,
    attributes=ATTRIBUTES,
    attribute_filter=_allowed,
    link_rel=None,
    url_schemes=SCHEMES,
    filter_style_properties=STYLES,
)


class _Seen(HTMLParser):
    """Everything in a piece of HTML, in a form that does not depend on how it is written.

    Left out are ends of tags, and bare paragraphs and bodies of tables, which a parser adds itself.

    Attributes:
        is_closed: whether it ends what it begins and nothing else, so that it ends where it is put.
    """

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, tuple[tuple[str, str], ...]]] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.is_closed = True
        self.feed(page)
        self.close()
        self.is_closed &= ENDS_BY_ITSELF.issuperset(self.open)

    @property
    def parts(self) -> object:
        """What two pieces have in common that are the same."""
        return self.tags, "".join("".join(self.words).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("p", "tbody") or attrs:
            self.tags.append((tag, tuple(sorted(_normal(*each) for each in attrs))))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        while tag in self.open and self.open[-1] != tag and self.open[-1] in ENDS_BY_ITSELF:
            self.open.pop()
        if self.open and self.open[-1] == tag:
            self.open.pop()
        else:
            self.is_closed = False

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def handle_comment(self, data: str) -> None:
        self.words.append(f"<!--{data}-->")

    def handle_decl(self, decl: str) -> None:
        self.words.append(f"<!{decl}>")

    def unknown_decl(self, data: str) -> None:
        self.words.append(f"<![{data}]>")

    def handle_pi(self, data: str) -> None:
        self.words.append(f"<?{data}>")


def _normal(name: str, value: str | None) -> tuple[str, str]:
    if name == "style" and value is not None:
        declarations = (each.partition(":") for each in value.split(";") if each.strip())
        return name, ";".join(f"{key.strip()}:{its.strip()}" for key, _, its in declarations)
    return name, value or ""


# --- what becomes of the rest ---------------------------------------------------------------


def _as_it_is(source: str) -> str:
    return source


def _may_stay(tag: str) -> bool:
    """Whether a tag is harmless by itself; an address that stands like one is, too."""
    if tag.startswith("</"):
        return tag[2:-1].strip().lower() in TAGS
    around = next((places for name, places in PLACES.items() if tag[1:].startswith(name)), "")
    return ADDRESS.fullmatch(tag) is not None or is_harmless(around + tag)


def _headings_apart(source: str) -> str:
    """With headings that give no name to anything that has one: a mark's box, say."""
    return re.sub(r"^([ ]{0,3}#{1,6}[ \t]*)(?=[^\s#])", "\\1\u200b", source, flags=re.MULTILINE)


def _tags_shown(source: str, keep: Callable[[str], bool] = _may_stay) -> str:
    """With every tag that is not harmless by itself shown as it is written."""

    def shown(match: re.Match[str]) -> str:
        tag = match["tag"]
        if tag is None:
            return match[0].replace("mermaid", "text", 1) if match["fence"] else match[0]
        return tag if keep(tag) else tag.replace("<", "&lt;")

    return PIECES.sub(shown, source)


def _every_tag_shown(source: str) -> str:
    """With every tag shown as it is written: some of them begin or end something else."""
    return _tags_shown(source, lambda _tag: False)


def _links_shown(source: str) -> str:
    """The same, and with its links and pictures shown as they are written, too."""
    return re.sub(r"\](?=[(:\[])", r"]\\", _every_tag_shown(source))


def _all_shown(source: str) -> str:
    """As a piece of code, letter by letter."""
    longest = max(map(len, re.findall("`+", source)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}\n{source}\n{fence}"


ALTERATIONS = (_as_it_is, _headings_apart, _tags_shown, _every_tag_shown, _links_shown, _all_shown)
"""Of which the first is taken that leaves a text harmless."""


def make_harmless(notebook: NotebookNode, submission: Submission) -> tuple[str, ...]:
    """Sees to it that nothing runs in the texts of a learner's.

    Args:
        notebook: the submission's; its texts are changed where they must be.
        submission: the same, cell by cell.

    Returns:
        What the instructor is to know, if something would have run.
    """
    altered = False
    room = ROOM
    marks = {node.metadata.get("nbgrader", {}).get("grade_id") for node in notebook.cells} - {None}
    taken = PAGE_IDS | {f"{each}{end}" for each in marks for end in ("", "-comment", EXTRA)}
    for node, cell in zip(notebook.cells, submission.cells, strict=True):
        if cell.markdown:
            text = harmless(cell.source, cell.attachments or {}, room, taken)
            room -= without_pictures(cell.source)
            altered |= text.altered
            node.source = text.source
            node.pop("attachments", None)
            if text.attachments:
                node["attachments"] = text.attachments
    return (_(ALTERED),) if altered else ()
