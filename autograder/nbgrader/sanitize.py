"""Remove from a student's texts what must not be in nbgrader's pages.

Markdown may hold HTML, and nbconvert, which makes formgrader's pages and the feedback, passes it on
as it is, scripts included. So every text is rendered as nbconvert renders it, and the page is
compared with the policy in `reports.markup`. A text that the policy allows stays as it is. In other
texts, forbidden parts are replaced by text that shows their source. The new text is rendered and
checked again, so that differences between two parsers do not matter. A text whose rendering or
parsing fails in any way is shown as its source.

In formgrader, MathJax shows formulas, which nbconvert loads with its own safety extension; in
feedback, formulas are MathML that we make.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial

from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat.notebooknode import NotebookNode

from autograder.i18n import N_, _
from autograder.intake.reconcile import Submission
from autograder.reports.html.markdown import (
    MAX_CACHED_CHARACTERS,
    MAX_CACHED_TEXTS,
    MAX_HTML,
    MAX_RENDERED_CHARACTERS,
    Pictures,
    is_base64,
    is_coloured,
    is_long,
    without_pictures,
)
from autograder.reports.html.markup import NBGRADER_PAGE, PICTURES, attempt, names

ALTERED = N_(
    "A text contains HTML, a link or a picture that may not or cannot be shown. Its source is "
    "shown instead; the submitted file has the original."
)

CANNOT_BE_SHOWN = N_("This text cannot be shown here.")

Attachments = Mapping[str, Mapping[str, str]]

NO_PICTURE = {
    "image/png": (
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJg"
        "gg=="
    )
}
"""An empty picture, in place of a missing or invalid one, at which nbconvert would stop."""

MAX_UNCOMMON_CODE = 200
"""Characters of a block of code that are coloured quickly, whatever the language."""

EXTRA = "_extra_credit"

MAX_NOTEBOOK_CHARACTERS = 10 * MAX_RENDERED_CHARACTERS
"""Characters of a notebook's texts; texts after them are shown as their source."""

PAGE_IDS = frozenset({"notebook", "notebook-container", "statusmessage"})
"""Names of parts of formgrader's page."""

PLACES = {
    **dict.fromkeys(("tbody", "thead", "tfoot"), "<table>"),
    "tr": "<table><tbody>",
    **dict.fromkeys(("td", "th"), "<table><tbody><tr>"),
}
"""The elements outside of which a parser drops a tag, by the beginning of the tag's name."""

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
"""The parts of a text that matter here: code, formulas, and tags outside of them."""

TAG_START = re.compile(r"</?[A-Za-z!?]")
"""The start of a tag or a comment. Any other `<` is a character."""

ADDRESS = re.compile(r"<(?:https?://|mailto:)[^<>\s]*>|<[\w.+-]+@[\w.-]+>")


@dataclass(frozen=True)
class Text:
    """A text in Markdown that may be shown, and whether it differs from the student's."""

    source: str
    attachments: Attachments
    altered: bool


def harmless(
    source: str,
    attachments: Attachments,
    room: int = MAX_RENDERED_CHARACTERS,
    taken: frozenset[str] = PAGE_IDS,
) -> Text:
    """Return a text in which nothing runs, and nothing imitates a part of the page.

    Attached pictures are given by name and MIME type. If the text has more characters than `room`,
    without pictures, its source is shown. No part may have a name that is `taken`: formgrader uses
    these to find places for scores.
    """
    room = min(room, MAX_RENDERED_CHARACTERS)
    if attachments or len(source) > MAX_CACHED_CHARACTERS:
        text = _sanitized(source, attachments, room, taken)
    else:
        text = _cached(source, room, taken)
    return text or Text(_(CANNOT_BE_SHOWN), {}, altered=True)


def _sanitized(
    source: str, attachments: Attachments, room: int, taken: frozenset[str]
) -> Text | None:
    """Return a harmless text as `harmless` does; None if no alteration makes it harmless."""
    attached = {name: _picture(bundle) for name, bundle in attachments.items()}
    altered = any(attached[name] != bundle for name, bundle in attachments.items())
    pictures = Pictures()
    short = pictures.taken_out(source)
    bundles = _Bundles((name, pictures.stand_ins(each)) for name, each in attached.items())
    long = len(short) > room or is_long(short, len(source))

    def fitting(alter: Callable[[str], str]) -> str | None:
        """Return an altered text if the page that nbconvert makes of it may be shown."""
        candidate = alter(short)
        return candidate if _fits(_rendered(candidate, bundles), pictures, taken) else None

    for alter in (_all_shown,) if long else ALTERATIONS:
        candidate = attempt(partial(fitting, alter), lambda: None)
        if candidate is not None:
            text = pictures.put_back(candidate)
            return Text(
                text, dict.fromkeys(bundles, NO_PICTURE) | attached, altered or text != source
            )
    return None


@lru_cache(maxsize=MAX_CACHED_TEXTS)
def _cached(source: str, room: int, taken: frozenset[str]) -> Text | None:
    """Cache texts without pictures: most are the lesson's own."""
    return _sanitized(source, {}, room, taken)


def _fits(page: str, pictures: Pictures, taken: frozenset[str]) -> bool:
    """Tell whether a piece of HTML may be shown and stays in its place."""
    return (
        len(page) <= MAX_HTML
        and pictures.are_few(page)
        and NBGRADER_PAGE.keeps_in_place(page)
        and names(page).isdisjoint(taken)
    )


def _picture(bundle: Mapping[str, str]) -> Mapping[str, str]:
    """Return the parts of an attachment that are pictures; an empty one if there are none."""
    return {
        mime: data for mime, data in bundle.items() if mime in PICTURES and is_base64(data)
    } or NO_PICTURE


class _Bundles(dict[str, Mapping[str, str]]):
    """The pictures of a text, and an empty one for each missing picture that it names."""

    def __contains__(self, name: object) -> bool:
        return True

    def __missing__(self, name: str) -> Mapping[str, str]:
        self[name] = NO_PICTURE
        return NO_PICTURE


class _Renderer(IPythonRenderer):  # type: ignore[misc]  # nbconvert has no types
    """nbconvert's renderer, without the failure on long code blocks in rare languages."""

    def block_code(self, code: str, info: str | None = None) -> str:
        if len(code) > MAX_UNCOMMON_CODE and not is_coloured(info):
            raise ValueError(info)
        return str(super().block_code(code, info))


def _rendered(source: str, bundles: _Bundles) -> str:
    """Return a text as nbconvert renders it."""
    renderer = _Renderer(escape=False, attachments=bundles)
    return str(MarkdownWithMath(renderer=renderer).render(source))


@lru_cache(maxsize=MAX_CACHED_TEXTS)
def _may_stay(tag: str) -> bool:
    """Tell whether a tag is harmless by itself. An address in angle brackets is, too."""
    if not TAG_START.match(tag):
        return True
    if tag.startswith("</"):
        return tag[2:-1].strip().lower() in NBGRADER_PAGE.tags
    around = next((places for name, places in PLACES.items() if tag[1:].startswith(name)), "")
    whole = tag.endswith(">") and NBGRADER_PAGE.allows(around + tag)
    return ADDRESS.fullmatch(tag) is not None or whole


def _headings_apart(source: str) -> str:
    """Return the text with headings that do not take an existing name, such as a score box's."""
    return re.sub(r"^([ ]{0,3}#{1,6}[ \t]*)(?=[^\s#])", "\\1\u200b", source, flags=re.MULTILINE)


def _tags_shown(source: str, keep: Callable[[str], bool] = _may_stay) -> str:
    """Return the text with every tag that is not harmless by itself shown as its source."""

    def shown(match: re.Match[str]) -> str:
        tag = match["tag"]
        if tag is None:
            return match[0].replace("mermaid", "text", 1) if match["fence"] else match[0]
        return tag if keep(tag) else tag.replace("<", "&lt;")

    return PIECES.sub(shown, source)


def _every_tag_shown(source: str) -> str:
    """Return the text with every tag shown as its source: some begin or end another element."""
    return _tags_shown(source, lambda _tag: False)


def _links_shown(source: str) -> str:
    """Return the text with every tag, link and picture shown as its source."""
    return re.sub(r"\](?=[(:\[])", r"]\\", _every_tag_shown(source))


def _all_shown(source: str) -> str:
    """Return the text as a block of code, letter by letter."""
    longest = max(map(len, re.findall("`+", source)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}\n{source}\n{fence}"


ALTERATIONS = (str, _headings_apart, _tags_shown, _every_tag_shown, _links_shown, _all_shown)
"""Tried in this order, from no alteration on, until one leaves a text harmless."""


def make_harmless(notebook: NotebookNode, submission: Submission) -> tuple[str, ...]:
    """Remove everything from the texts of a submission's notebook that would run in a page.

    Return a note for the instructor if something would have run.
    """
    altered = False
    room = MAX_NOTEBOOK_CHARACTERS
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
