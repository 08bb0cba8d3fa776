"""Render the texts of a notebook as HTML for our own pages.

The HTML is sanitized, whoever wrote the text, and loads nothing. Pictures and formulas, as MathML,
are put in afterwards.

The time of rendering Markdown and code grows with the square of the length for some texts, and a
text may refer to one picture a thousand times. So both are bounded.
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
"""Texts and code whose HTML is cached: the lesson's, and those of some hundred students."""

MAX_CACHED_CHARACTERS = 5000
"""Characters of a text or code whose HTML may be cached."""

MAX_RENDERED_CHARACTERS = 20_000
"""Characters of a text, without pictures, or of code; longer ones are shown as their source."""

MAX_HTML = 2_000_000
"""Characters of the HTML of a text or a page, without pictures."""

MAX_COPIES = 3
"""Times that a text may show one picture."""

HEADING_SHIFT = 2
"""Levels by which a notebook's headings are lowered in a page, which has headings of its own."""

FORMULA_PLACE = re.compile(r'<span class="formula-(\d+)"></span>')

COLOURS = re.compile(r"\x1b\[[0-9;:]*[A-Za-z]")

BLANK_LINE = re.compile(r"^[^\S\n]+$", re.MULTILINE)

PASTED = re.compile(r"(?<=;base64,)[A-Za-z0-9+/]{100,}={0,2}")
"""A picture that was pasted into a text."""

STAND_IN = re.compile(r"(?<=;base64,)picture(\d+)(?!\w)")

OPENERS = re.compile(r"\\\\[(\[]|\\begin\{")
"""After each of these, nbconvert may search the rest of the text for an end."""

LANGUAGES = {
    *("bash", "c", "c++", "console", "cpp", "css", "diff", "html", "ipython", "ipython3", "java"),
    *("javascript", "js", "json", "julia", "latex", "markdown", "matlab", "md", "mermaid", "py"),
    *("pycon", "python", "python3", "r", "sh", "shell", "sql", "tex", "text", "toml", "yaml"),
}
"""Languages of code blocks that are coloured; for some others, blanks take Pygments minutes."""

_PYTHON = PythonLexer(stripnl=False)
_FORMATTER = HtmlFormatter(nowrap=True)


def is_base64(data: str) -> bool:
    """Return whether a text is base64, in the form in which a page may embed a picture."""
    try:
        base64.b64decode("".join(data.split()), validate=True)
    except (binascii.Error, ValueError):
        return False
    return True


class Pictures:
    """The pictures of a text, which short names replace while the text is rendered."""

    def __init__(self) -> None:
        self.data: list[str] = []

    def stand_in(self, data: str) -> str:
        """Return a short name for a picture that is valid base64 too."""
        self.data.append(data)
        return f"picture{len(self.data) - 1}"

    def stand_ins(self, bundle: Mapping[str, str]) -> dict[str, str]:
        """Return an attachment with names for its pictures, without data that is no picture."""
        return {kind: self.stand_in(data) for kind, data in bundle.items() if is_base64(data)}

    def taken_out(self, source: str) -> str:
        """Return a text with names for the pictures that were pasted into it."""
        return PASTED.sub(lambda pasted: self.stand_in(pasted[0]), source)

    def put_back(self, page: str) -> str:
        """Return a text or a page with its pictures, each at most `MAX_COPIES` times."""
        shown: Counter[int] = Counter()

        def put(match: re.Match[str]) -> str:
            number = int(match[1])
            shown[number] += 1
            known = number < len(self.data) and shown[number] <= MAX_COPIES
            return self.data[number] if known else match[0]

        return STAND_IN.sub(put, page)

    def are_few(self, page: str) -> bool:
        """Return whether no picture is shown too often."""
        return all(count <= MAX_COPIES for count in Counter(STAND_IN.findall(page)).values())


def without_pictures(text: str) -> int:
    """Return the number of characters of a text or a page without its pictures."""
    return len(PASTED.sub("", text))


def is_long(source: str, letters: int) -> bool:
    """Return whether rendering a text would take too long.

    `source` is the text without its pictures, and `letters` the length of the rendered text.
    """
    return (
        len(source) > MAX_RENDERED_CHARACTERS
        or len(OPENERS.findall(source)) * letters > 1000 * MAX_RENDERED_CHARACTERS
    )


def is_coloured(info: str | None) -> bool:
    """Return whether a block of code is coloured: its language is known, or it names none."""
    return not info or not info.strip() or info.split()[0].lower() in LANGUAGES


def written(text: str) -> str:
    """Return a text as HTML that shows its source."""
    return f"<pre>{html.escape(text)}</pre>"


class _Renderer(IPythonRenderer):  # type: ignore[misc]  # nbconvert has no types
    """nbconvert's renderer, with a placeholder for each formula."""

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
        return str(super().heading(text, min(level + HEADING_SHIFT, 6), **attrs))

    def filled(self, page: str) -> str:
        """Return a page with each formula in its place, once."""

        def put(match: re.Match[str]) -> str:
            number = int(match[1])
            if number >= len(self.formulas):
                return ""
            drawn, self.formulas[number] = self.formulas[number], ""
            return drawn

        return FORMULA_PLACE.sub(put, page)


def _task(_renderer: object, text: str, *, checked: bool = False) -> str:
    """Return an item of a task list, with a character instead of a checkbox."""
    return f"<li>{'☑' if checked else '☐'} {text}</li>\n"


def markdown(source: str, attachments: Mapping[str, Mapping[str, str]] | None = None) -> str:
    """Return Markdown as HTML; as its source if rendering takes too long or gives too much.

    Attached pictures are given by name and MIME type.
    """
    keep = not attachments and len(source) <= MAX_CACHED_CHARACTERS
    return _markdown(source) if keep else _with_pictures(source, attachments or {})


@lru_cache(maxsize=MAX_CACHED_TEXTS)
def _markdown(source: str) -> str:
    return _with_pictures(source, {})


def _with_pictures(source: str, attachments: Mapping[str, Mapping[str, str]]) -> str:
    pictures = Pictures()
    short = pictures.taken_out(source)
    if is_long(short, len(short)):
        return written(source)
    page = attempt(lambda: _rendered(short, pictures, attachments), lambda: None)
    return written(source) if page is None else page


def _rendered(
    short: str, pictures: Pictures, attachments: Mapping[str, Mapping[str, str]]
) -> str | None:
    """Return a text as clean HTML; None if the HTML is too long."""
    renderer = _Renderer({name: pictures.stand_ins(each) for name, each in attachments.items()})
    rendering = MarkdownWithMath(renderer=renderer)
    renderer.register("task_list_item", _task)
    page = rendering.render(short)
    if len(page) > MAX_HTML:
        return None
    cleaned = OWN_PAGE.clean(page)
    # Screen readers skip a picture with an empty description.
    described = re.sub(r"<img(?![^<>]*\balt=)", '<img alt=""', cleaned)
    return pictures.put_back(renderer.filled(described))


def code(source: str) -> str:
    """Return Python code as HTML; without colours if it is very long."""
    return _code(source) if len(source) <= MAX_CACHED_CHARACTERS else _coloured(source)


def _coloured(source: str) -> str:
    # At each line of white space, Pygments looks through all such lines that follow.
    clean = BLANK_LINE.sub("", source.translate(CONTROLS))
    if len(clean) > MAX_RENDERED_CHARACTERS:
        return written(clean)

    def highlighted() -> str:
        looks = highlight(clean, _PYTHON, _FORMATTER)
        return f'<pre class="highlight"><code>{looks.rstrip()}</code></pre>'

    return attempt(highlighted, lambda: written(clean))


_code = lru_cache(maxsize=MAX_CACHED_TEXTS)(_coloured)


def plain(text: str) -> str:
    """Return printed text without control sequences of terminals; it is not escaped for HTML."""
    return COLOURS.sub("", text).translate(CONTROLS)


def sentence(text: str) -> str:
    """Return a sentence as HTML, with text between backticks as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text.translate(CONTROLS)))
