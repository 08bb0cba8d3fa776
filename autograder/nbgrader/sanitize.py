"""What a student's texts may hold where they are shown in nbgrader's pages.

Markdown may hold HTML, and nbconvert, which makes formgrader's pages and the feedback, hands it on
as it is written, scripts and all. So every text is rendered as nbconvert renders it, and the page
is held against the policy in `reports.markup`. A text that the policy allows stays as it is. In
others, what may not be shown is turned into text that shows what was written. That text is rendered
and looked at again, so that no difference between two parsers matters. A text whose rendering or
parsing fails, however it fails, is shown as it is written.

In formgrader formulas are MathJax's, which nbconvert loads with its own extension for safety; in
feedback they are MathML of ours.
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
    LONGEST,
    MAX_CACHED_TEXTS,
    MAX_HTML,
    SHORT,
    Pictures,
    is_base64,
    is_coloured,
    is_long,
    without_pictures,
)
from autograder.reports.html.markup import NBGRADER_PAGE, PICTURES, attempt, names

ALTERED = N_(
    "A text holds HTML, a link or a picture that may not be shown as it is, or that nobody could "
    "show; what was written is shown instead, and the file that was handed in has the original."
)

CANNOT_BE_SHOWN = N_("This text cannot be shown here.")

Attachments = Mapping[str, Mapping[str, str]]

NO_PICTURE = {
    "image/png": (
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJg"
        "gg=="
    )
}
"""An empty one, in the place of what is no picture, or is missing: nbconvert would stop there."""

MAX_UNCOMMON_CODE = 200
"""Letters of a block of code that are coloured soon, whatever the language."""

EXTRA = "_extra_credit"

ROOM = 10 * LONGEST
"""Letters of a notebook's texts; what comes after them is shown as it is written."""

PAGE_IDS = frozenset({"notebook", "notebook-container", "statusmessage"})
"""Names of parts of formgrader's page."""

PLACES = {
    **dict.fromkeys(("tbody", "thead", "tfoot"), "<table>"),
    "tr": "<table><tbody>",
    **dict.fromkeys(("td", "th"), "<table><tbody><tr>"),
}
"""In which alone some tags are anything."""

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

BEGINS = re.compile(r"</?[A-Za-z!?]")
"""What begins a tag or a comment. Any other `<` is a character."""

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
    return text or Text(_(CANNOT_BE_SHOWN), {}, altered=True)


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
        candidate = attempt(partial(_fitting, alter, short, bundles, pictures, taken), lambda: None)
        if candidate is not None:
            text = pictures.put_back(candidate)
            return Text(
                text, dict.fromkeys(bundles, NO_PICTURE) | attached, altered or text != source
            )
    return None


def _fitting(
    alter: Callable[[str], str],
    source: str,
    bundles: _Bundles,
    pictures: Pictures,
    taken: frozenset[str],
) -> str | None:
    """Return a text as it was altered if the page that nbconvert makes of it may be shown."""
    candidate = alter(source)
    page = _rendered(candidate, bundles)
    return candidate if _fits(page, pictures, taken) else None


@lru_cache(maxsize=MAX_CACHED_TEXTS)
def _kept(source: str, room: int, taken: frozenset[str]) -> Text | None:
    """The same of a text alone, as the lesson's own are, which stand in nearly every notebook."""
    return _looked_at(source, {}, room, taken)


def _fits(page: str, pictures: Pictures, taken: frozenset[str]) -> bool:
    """Say whether a piece of HTML may be shown, and keeps to its place."""
    return (
        len(page) <= MAX_HTML
        and pictures.are_few(page)
        and NBGRADER_PAGE.keeps_in_place(page)
        and names(page).isdisjoint(taken)
    )


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
        if len(code) > MAX_UNCOMMON_CODE and not is_coloured(info):
            raise ValueError(info)
        return str(super().block_code(code, info))


def _rendered(source: str, bundles: _Bundles) -> str:
    """Return a text as nbconvert renders it."""
    renderer = _Renderer(escape=False, attachments=bundles)
    return str(MarkdownWithMath(renderer=renderer).render(source))


def _as_it_is(source: str) -> str:
    return source


@lru_cache(maxsize=MAX_CACHED_TEXTS)
def _may_stay(tag: str) -> bool:
    """Say whether a tag is harmless by itself. An address in angle brackets is, too."""
    if not BEGINS.match(tag):
        return True
    if tag.startswith("</"):
        return tag[2:-1].strip().lower() in NBGRADER_PAGE.tags
    around = next((places for name, places in PLACES.items() if tag[1:].startswith(name)), "")
    whole = tag.endswith(">") and NBGRADER_PAGE.allows(around + tag)
    return ADDRESS.fullmatch(tag) is not None or whole


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
