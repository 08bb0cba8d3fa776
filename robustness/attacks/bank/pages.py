"""Attacks by text: HTML, Markdown and metadata, for whatever makes pages of a notebook."""

from __future__ import annotations

from robustness.attacks.attack import MAYBE, Document, Notebook, attack
from robustness.attacks.bank.document import SHOWN
from robustness.attacks.course import LEFT

PARSERS = "what a parser stumbles over"

CLOSING = f'"></title></style></script><script>{LEFT}()</script>'


def _texts(*sources: str) -> Notebook:
    """Return a notebook with these text cells in front of all others."""

    def edit(notebook: Document) -> None:
        notebook["cells"][:0] = [
            {"cell_type": "markdown", "metadata": {}, "source": each, "id": f"text-{number}"}
            for number, each in enumerate(sources)
        ]

    return Notebook(edit=edit)


@attack(PARSERS, right=True)
def a_declaration_without_an_end() -> Notebook:
    """Writes a declaration that the standard library's parser of HTML fails at."""
    return _texts("<div><![ 5", "<![if x", "<!DOCTYPE [", "<?php")


@attack(PARSERS, right=True)
def two_hundred_kilobytes_of_tags() -> Notebook:
    """Begins a hundred thousand tags and ends none, for a parser that goes back each time."""
    return _texts("<a " * 70_000, "<!--" * 50_000, "<![CDATA[" * 20_000, "<b>" * 50_000)


@attack(PARSERS, right=True)
def markdown_that_takes_years() -> Notebook:
    """Writes Markdown for which parsers need time that grows with the square of its length."""
    return _texts(
        "[" * 40_000,
        "*a **b " * 10_000,
        "> " * 5_000 + "x",
        "`" * 2_000 + "x`" * 20_000,
        "![a](" * 20_000,
        "|a" * 20_000 + "\n" + "|-" * 20_000,
        "$" * 40_000,
        "".join(f"[{n}]: x\n" for n in range(10_000)),
        "&" * 100_000,
    )


@attack(PARSERS, right=True, seen=MAYBE)
def a_million_escapes() -> Notebook:
    """Prints colours by the thousand, and ends none, for whatever turns them into HTML."""
    return Notebook(
        first="print('\\x1b[1;31m' * 2_000)\nprint('\\x1b[' * 5_000)\nprint('\\x1b[38;2;' * 2_000)"
    )


@attack(SHOWN, right=True)
def links_with_a_tab_in_them() -> Notebook:
    """Has links whose scheme is a forbidden one, once a browser has dropped a tab or a newline."""
    page = f"text/html,<script>{LEFT}()</script>"
    return _texts(
        f'<a href="da\tta:{page}">a</a>',
        f'<a href="java&Tab;script:{LEFT}()">b</a>',
        f'<a href="\x01javascript:{LEFT}()">c</a>',
        f"[d](da&#9;ta:{page})",
        f"[e](java&NewLine;script:{LEFT}())",
        f"[f]: <vb\tscript:{LEFT}>\n\n[f]",
        f"<data:{page}>",
    )


@attack(SHOWN, right=True)
def elements_that_load_or_lead_away() -> Notebook:
    """Has elements that load a page, lead to one, or change where all links lead."""
    page = f"data:text/html,{LEFT}"
    return _texts(
        f'<base href="{page}">\n<meta http-equiv=refresh content="0;url={page}">',
        f'<iframe srcdoc="<script>{LEFT}()</script>"></iframe>\n<object data="{page}"></object>',
        f'<form action="{page}"><button formaction="javascript:{LEFT}()">Submit</button></form>',
        f'<svg><a><animate attributeName=href values="javascript:{LEFT}()"/></a></svg>',
        f'<math><mtext><style><img src=x onerror="{LEFT}()"></style></mtext></math>',
        f'<svg><style><a title="</style><img src=x onerror={LEFT}()>">',
        f"<noscript><p title='</noscript><img src=x onerror={LEFT}()>'>",
        f'<div style="background:url(javascript:{LEFT}())">x</div>',
    )


@attack(SHOWN, right=True)
def pictures_of_files() -> Notebook:
    """Shows files of the course as pictures, for a program that puts pictures into the page."""
    places = (
        "../../../.autograder-secret",
        "../../../reference/numbers.py",
        "../another/numbers/numbers.ipynb",
        "attachment:../../../.autograder-secret",
    )
    marked = [f"![x]({each})\n\n<img src='{each}'>" for each in places]
    absolute = [f"![x](file://{{}}{each})" for each in ("/etc/hostname", "/proc/self/environ")]
    return _texts(*marked, *absolute)


@attack(SHOWN, right=True)
def templates_in_texts() -> Notebook:
    """Writes what a program that makes pages from templates would carry out."""
    return _texts(
        "{{ 7 * 7 }} {{ resources }} {% include '../../reference/numbers.py' %}",
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{% raw %}{{ cell.source }}{% endraw %}",
    )


@attack(SHOWN, right=True)
def scripts_in_metadata() -> Notebook:
    """Writes scripts into every part of the metadata that a page may show."""

    def edit(notebook: Document) -> None:
        state = {"state": {"x": {"model_name": CLOSING, "state": {"description": CLOSING}}}}
        notebook["metadata"].update(
            title=CLOSING,
            authors=[{"name": CLOSING}],
            widgets={"application/vnd.jupyter.widget-state+json": {**state, "version_major": 2}},
            language_info={"name": "python", "pygments_lexer": CLOSING, "mimetype": CLOSING},
            kernelspec={"name": CLOSING, "display_name": CLOSING, "language": "python"},
        )
        for number, cell in enumerate(notebook["cells"]):
            cell["id"] = CLOSING + str(number)
            cell["metadata"].update(name=CLOSING, tags=[CLOSING], slideshow={"slide_type": CLOSING})

    return Notebook(edit=edit)


@attack(SHOWN, right=True)
def raw_cells_of_html() -> Notebook:
    """Has cells that are to be put into the page as they are."""

    def edit(notebook: Document) -> None:
        kinds = ("text/html", "html", "text/markdown", "text/x-python", "text/latex")
        notebook["cells"][:0] = [
            {
                "cell_type": "raw",
                "metadata": {"raw_mimetype": kind, "format": kind},
                "source": CLOSING,
                "id": f"raw-{number}",
            }
            for number, kind in enumerate(kinds)
        ]

    return Notebook(edit=edit)
