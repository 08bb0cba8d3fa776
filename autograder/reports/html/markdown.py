"""The texts of a notebook as pieces of HTML that may stand in a page of ours.

Whoever wrote a text, what becomes of it is markup that a sanitizer has let pass, and nothing in it
is fetched from anywhere. Formulas are put in after that, as the MathML that we have made of them,
and so are pictures.

Renderers of Markdown and of code take time that grows with the square of what some texts are long,
and what a text refers to may stand in it a thousand times. So there are bounds to both.
"""

from __future__ import annotations

import base64
import binascii
import html
import re
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from autograder.reports.html import mathml
from autograder.reports.html.markup import CONTROLS, OWN_PAGE, attempt

MAX_CACHED_TEXTS = 2000
"""Texts and sources whose looks are kept: the lesson's, and those of some hundred learners."""

SHORT = 5000
"""Letters of a text or a source whose looks may be kept."""

LONGEST = 20_000
"""Letters of a text, without its pictures, or of a source, that are more than shown as written."""

MAX_HTML = 2_000_000
"""Letters that a text, and a page, may take up in HTML, without their pictures."""

BELOW = 2
"""By how much the headings of a notebook are lower in a page, which has some of its own."""

PLACE = re.compile(r'<span class="formula-(\d+)"></span>')

COLOURS = re.compile(r"\x1b\[[0-9;:]*[A-Za-z]")


def is_base64(data: str) -> bool:
    """Whether a text is the bytes of something, in the form in which a page may hold a picture."""
    try:
        base64.b64decode("".join(data.split()), validate=True)
    except (binascii.Error, ValueError):
        return False
    return True


PASTED = re.compile(r"(?<=;base64,)[A-Za-z0-9+/]{100,}={0,2}")
"""A picture that was pasted into a text."""

STAND_IN = re.compile(r"(?<=;base64,)picture(\d+)(?!\w)")

EACH = 3
"""How often a text may show one picture."""


class Pictures:
    """Takes the pictures out of a text while it is rendered, for they can be very long."""

    def __init__(self) -> None:
        self.data: list[str] = []

    def stand_in(self, data: str) -> str:
        """What stands for a picture: base64 too, and short."""
        self.data.append(data)
        return f"picture{len(self.data) - 1}"

    def stand_ins(self, bundle: Mapping[str, str]) -> dict[str, str]:
        """An attachment with what stands for its pictures, without what can be none."""
        return {kind: self.stand_in(data) for kind, data in bundle.items() if is_base64(data)}

    def taken_out(self, source: str) -> str:
        """A text without the pictures that were pasted into it."""
        return PASTED.sub(lambda pasted: self.stand_in(pasted[0]), source)

    def put_back(self, page: str) -> str:
        """A text or a page with its pictures; one that is there too often is left out."""
        shown: Counter[int] = Counter()

        def put(match: re.Match[str]) -> str:
            number = int(match[1])
            shown[number] += 1
            known = number < len(self.data) and shown[number] <= EACH
            return self.data[number] if known else match[0]

        return STAND_IN.sub(put, page)

    def are_few(self, page: str) -> bool:
        """Whether no picture is there too often."""
        return all(count <= EACH for count in Counter(STAND_IN.findall(page)).values())


def without_pictures(text: str) -> int:
    """The letters of a text or a page, but for those of its pictures."""
    return len(PASTED.sub("", text))


OPENERS = re.compile(r"\\\\[(\[]|\\begin\{")
"""After each of these nbconvert looks for an end, if need be up to the end of the text."""


def is_long(source: str, letters: int) -> bool:
    """Whether rendering a text would take too long.

    Args:
        source: the text, without its pictures.
        letters: how long the text is that is rendered.
    """
    return len(source) > LONGEST or len(OPENERS.findall(source)) * letters > 1000 * LONGEST


LANGUAGES = {
    *("bash", "c", "c++", "console", "cpp", "css", "diff", "html", "ipython", "ipython3", "java"),
    *("javascript", "js", "json", "julia", "latex", "markdown", "matlab", "md", "mermaid", "py"),
    *("pycon", "python", "python3", "r", "sh", "shell", "sql", "tex", "text", "toml", "yaml"),
}
"""Of blocks of code that are coloured: Pygments takes minutes for a page of blanks in some."""


def is_coloured(info: str | None) -> bool:
    """Whether a block of code is in a language that is coloured, or in none that is named."""
    return not info or not info.strip() or info.split()[0].lower() in LANGUAGES


def written(text: str) -> str:
    """A text as HTML that shows what was written."""
    return f"<pre>{html.escape(text)}</pre>"


class _Renderer(IPythonRenderer):  # type: ignore[misc]  # nbconvert has no types
    """nbconvert's, which leaves a place for each formula."""

    def __init__(self, attachments: Mapping[str, Mapping[str, str]]) -> None:
        super().__init__(escape=False, exclude_anchor_links=True, attachments=attachments)
        self.formulas: list[str] = []
        self.room = MAX_HTML

    def _place(self, tex: str, *, display: bool) -> str:
        drawn = mathml.formula(tex, display=display)
        self.room -= len(drawn)
        self.formulas.append(drawn if self.room > 0 else mathml.written(tex))
        return f'<span class="formula-{len(self.formulas) - 1}"></span>'

    def inline_math(self, body: str) -> str:
        return self._place(body, display=False)

    def block_math(self, body: str) -> str:
        return self._place(body, display=True)

    def latex_environment(self, name: str, body: str) -> str:
        return self._place(f"\\begin{{{name}}}{body}\\end{{{name}}}", display=True)

    def block_code(self, code: str, info: str | None = None) -> str:
        return str(super().block_code(code, info)) if is_coloured(info) else written(code)

    def block_mermaidjs(self, code: str) -> str:
        return written(code)

    def heading(self, text: str, level: int, **attrs: Any) -> str:
        return str(super().heading(text, min(level + BELOW, 6), **attrs))

    def filled(self, page: str) -> str:
        """A page with the formulas in their places, each of them once."""

        def put(match: re.Match[str]) -> str:
            number = int(match[1])
            if number >= len(self.formulas):
                return ""
            drawn, self.formulas[number] = self.formulas[number], ""
            return drawn

        return PLACE.sub(put, page)


def _task(_renderer: object, text: str, *, checked: bool = False) -> str:
    """An item of a list of tasks; a box that cannot be ticked is no control."""
    return f"<li>{'☑' if checked else '☐'} {text}</li>\n"


def markdown(source: str, attachments: Mapping[str, Mapping[str, str]] | None = None) -> str:
    """A text as HTML; as it is written, where rendering it would take too long or too much.

    Args:
        source: its markdown.
        attachments: the pictures in it, by name and mime type.
    """
    keep = not attachments and len(source) <= SHORT
    return _markdown(source) if keep else _attached(source, attachments or {})


@lru_cache(maxsize=MAX_CACHED_TEXTS)
def _markdown(source: str) -> str:
    return _attached(source, {})


def _attached(source: str, attachments: Mapping[str, Mapping[str, str]]) -> str:
    pictures = Pictures()
    short = pictures.taken_out(source)
    if is_long(short, len(short)):
        return written(source)
    page = attempt(lambda: _rendered(short, pictures, attachments), lambda: None)
    return written(source) if page is None else page


def _rendered(
    short: str, pictures: Pictures, attachments: Mapping[str, Mapping[str, str]]
) -> str | None:
    """Return a text as clean HTML; None where it is too long."""
    renderer = _Renderer({name: pictures.stand_ins(each) for name, each in attachments.items()})
    rendering = MarkdownWithMath(renderer=renderer)
    renderer.register("task_list_item", _task)
    page = rendering.render(short)
    if len(page) > MAX_HTML:
        return None
    cleaned = OWN_PAGE.clean(page)
    # A picture without a word about it is one that a screen reader passes over.
    described = re.sub(r"<img(?![^<>]*\balt=)", '<img alt=""', cleaned)
    return pictures.put_back(renderer.filled(described))


def code(source: str) -> str:
    """A piece of Python as HTML; without colours, where it is very long."""
    return _code(source) if len(source) <= SHORT else _coloured(source)


def _coloured(source: str) -> str:
    # Pygments looks through all the lines of white space that follow, at each of them.
    clean = BLANK.sub("", source.translate(CONTROLS))
    if len(clean) > LONGEST:
        return written(clean)
    return attempt(lambda: _highlighted(clean), lambda: written(clean))


def _highlighted(source: str) -> str:
    looks = highlight(source, _PYTHON, _FORMATTER)
    return f'<pre class="highlight"><code>{looks.rstrip()}</code></pre>'


_code = lru_cache(maxsize=MAX_CACHED_TEXTS)(_coloured)

BLANK = re.compile(r"^[^\S\n]+$", re.MULTILINE)
_PYTHON = PythonLexer(stripnl=False)
_FORMATTER = HtmlFormatter(nowrap=True)


def plain(text: str) -> str:
    """What a cell has printed, without what only a terminal understands; no HTML yet."""
    return COLOURS.sub("", text).translate(CONTROLS)


def sentence(text: str) -> str:
    """A sentence as HTML, in which what stands between backticks is code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text.translate(CONTROLS)))
