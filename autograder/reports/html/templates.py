"""The templates of the pages, in one environment and one style.

The style is Simple.css, as its author publishes it, and `page.css` with what our pages add.
"""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from autograder.i18n import _, current_language, plural
from autograder.reports.html import markdown
from autograder.reports.html.markup import seen
from autograder.reports.labels import points
from autograder.result import Verdict


def asset(*names: str) -> Markup:
    """Return the text of files of this folder, one after the other."""
    folder = files("autograder.reports.html")
    return Markup("\n".join(folder.joinpath(name).read_text("utf-8") for name in names))  # noqa: S704  # our own files


STYLE = asset("simple.css", "page.css")
SCRIPT = asset("page.js")


def render(name: str, **values: Any) -> str:
    """Return the page of a template and its values, in the current language."""
    return _TEMPLATES.get_template(name).render(values)


def _sentence(text: str) -> Markup:
    return Markup(markdown.sentence(str(text)))  # noqa: S704  # `sentence` escapes it


def _breakable(name: str) -> Markup:
    """Return a name that may be broken after each underscore."""
    return Markup("_<wbr>").join(name.split("_"))


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("autograder.reports.html", ""),
        extensions=["jinja2.ext.i18n"],
        autoescape=True,
        finalize=seen,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.install_gettext_callables(_, plural, newstyle=True)  # type: ignore[attr-defined]
    environment.globals |= {
        "Verdict": Verdict,
        "current_language": current_language,
        "points": points,
        "STYLE": STYLE,
        "SCRIPT": SCRIPT,
    }
    environment.filters |= {"points": points, "sentence": _sentence, "breakable": _breakable}
    return environment


_TEMPLATES = _environment()
