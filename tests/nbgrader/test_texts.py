"""Nothing runs in a student's texts where nbgrader shows them; honest texts stay as they are."""

from __future__ import annotations

import base64
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
import nbgrader.server_extensions.formgrader as formgrader
import pytest
from bs4 import BeautifulSoup, Tag
from nbconvert.exporters import HTMLExporter
from traitlets.config import Config

from autograder.nbgrader.sanitize import Attachments, Text, harmless
from autograder.nbgrader.student_folders import harmless_files
from autograder.reports.html.markdown import MAX_RENDERED_CHARACTERS
from tests.helpers.books import SCRIPT

if TYPE_CHECKING:
    from tests.helpers.books import Books

TEMPLATES = Path(formgrader.__file__).parent / "templates"
STYLE = Path(formgrader.__file__).parent / "static/node_modules/bootstrap/dist/css"

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n, or so it says").decode()

HOSTILE = [
    "<script>alert(1)</script>",
    "text <script src=//x.example/x.js></script> and text",
    "<SCRIPT/x>alert(1)</SCRIPT>",
    "<scr\nipt>alert(1)</script>",
    "<script>alert(1)",
    "<img src=x onerror=alert(1)>",
    "<img src=x\nonerror = 'alert(1)'>",
    '<img src="x"onerror="alert(1)">',
    "<IMG SRC=x OnErRoR=alert(1)>",
    '<img """><script>alert(1)</script>">',
    "<svg onload=alert(1)></svg>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><a xlink:href='javascript:alert(1)'><text>x</text></a></svg>",
    "<math><maction actiontype=statusline xlink:href='javascript:alert(1)'>x</maction></math>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></mglyph></table>",
    "<iframe src='javascript:alert(1)'></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data='data:text/html,<script>alert(1)</script>'></object>",
    "<embed src='data:text/html,<script>alert(1)</script>'>",
    "<form action='//x.example'><input name=password><button>Log in</button></form>",
    "<button formaction='javascript:alert(1)'>x</button>",
    "<input autofocus onfocus=alert(1)>",
    "<textarea></textarea>",
    "<select autofocus onfocus=alert(1)></select>",
    "<video><source onerror=alert(1)></video>",
    "<audio src=x onerror=alert(1)></audio>",
    "<details open ontoggle=alert(1)>x</details>",
    "<body onload=alert(1)>",
    "<div onmouseover='alert(1)'>x</div>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href='java&#115;cript:alert(1)'>x</a>",
    "<a href='&#x6A;avascript&colon;alert(1)'>x</a>",
    "<a href='\x01javascript:alert(1)'>x</a>",
    "<a href='java\tscript:alert(1)'>x</a>",
    "<a href='vbscript:alert(1)'>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<img src='data:image/svg+xml;base64,PHN2Zz4='>",
    "<base href='//x.example/'>",
    "<meta http-equiv=refresh content='0;url=//x.example'>",
    "<link rel=stylesheet href='//x.example/x.css'>",
    "<style>body { display: none }</style>",
    "<style>@import '//x.example/x.css';</style>",
    "<div style='position:fixed;top:0;left:0;width:100%;height:100%'>x</div>",
    "<div style='margin-top:-500px'>x</div>",
    "<div style='background:url(//x.example)'>x</div>",
    "<div class='modal navbar-fixed-top'>x</div>",
    "<template><script>alert(1)</script></template>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<!-- --!><img src=x onerror=alert(1)>-->",
    "<![CDATA[><img src=x onerror=alert(1)>]]>",
    "<?x ><img src=x onerror=alert(1)>?>",
    "[x](javascript:alert(1))",
    "[x]( javascript:alert(1) 'title')",
    "[x](JaVaScRiPt:alert(1))",
    "[x](javascript&colon;alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:alert(1))",
    "![x](javascript:alert(1))",
    "![x](data:image/svg+xml;base64,PHN2Zz4=)",
    "[x]\n\n[x]: javascript:alert(1)",
    "[x][y]\n\n[y]: <javascript:alert(1)>",
    "<javascript:alert(1)>",
    "[x](http://a.example 'y\"onmouseover=\"alert(1)')",
    '![x](y"onerror="alert(1))',
    "```mermaid\n<img src=x onerror=alert(1)>\n```",
    "~~~mermaid\n</pre><script>alert(1)</script>\n~~~",
    "``` <script>alert(1)</script>\nx\n```",
    "```\n```<script>alert(1)</script>",
    "$x$ <script>alert(1)</script> $y$",
    "$$x <b$$ <img src=x onerror=alert(1)>",
    "\\begin{align}x\\end{align}<img src=x onerror=alert(1)>",
    "`x` <img src=x onerror=alert(1)> `y`",
    "| a |\n|---|\n| <img src=x onerror=alert(1)> |",
    "> - 1. <script>alert(1)</script>",
    "# <img src=x onerror=alert(1)>",
    "<div>\n\n[x](javascript:alert(1))\n\n</div>",
    "<pre>\n\n<script>alert(1)</script>\n\n</pre>",
    "<b>" * 3000 + "<script>alert(1)</script>",
    ">" * 3000 + "<script>alert(1)</script>",
]

HONEST = [
    "# A title\n\nWith *stress*, **more of it**, `a < b`, ~~a slip~~ and [a link](http://a.example/?b=1&c=2).",
    "Also <http://a.example> and https://b.example/c_d_e, and somebody@c.example.",
    "| a | b |\n|---|:-:|\n| 1 | `<b>` |",
    "```python\nif x < 0:\n    page = '<script>alert(1)</script>'\n```",
    "```\n<script>alert(1)</script>\n```",
    "~~~\n<img src=x onerror=alert(1)>\n~~~",
    "    <script>alert(1)</script>",
    "Write `<script>` and ``a ` <b>``.",
    "Where $a < b & c > d$, that is $$\\begin{aligned} a &= b \\\\ c &< d \\end{aligned}$$",
    "\\begin{align}\nW^{[1]} &\\leftarrow W^{[1]} - \\alpha\\,dW^{[1]} \\\\ x &<y\n\\end{align}",
    "By induction: if $0<\\epsilon$ and $x<y$, then $\\forall i<n: a_i<b_i$.",
    "![a plot](plot.png 'of the cost') ![](http://a.example/plot.svg)",
    f"![](data:image/png;base64,{PNG})",
    "a <b>bold</b> word<br>and H<sub>2</sub>O, x<sup>2</sup>, <kbd>Ctrl</kbd>, <u>this</u>",
    "<font color='red'>My answer:</font> <center>in the middle</center>",
    '<div style="color: red; text-align: center">\n\n**Answer**\n\n</div>',
    '<p align="center"><img src="plot.png" width="300" alt="a plot"></p>',
    "<table><tr><td>1<td colspan=2>2</table>",
    "<details><summary>More</summary>\n\nof it\n\n</details>",
    "<a id='top'></a> <a name=\"here\"></a> [to it](#top)",
    "<ul><li>one<li>two</ul>",
    "<!-- write your answer here -->\nHere it is.",
    "- [ ] to do\n- [x] done\n\n1. one\n2. two\n\n> quoted & more\n\n---",
    "word\n: what it means",
    "&lt;script&gt; &copy; 权重 ≠ 0, and 3 < 4 > 2",
    "## About `W1` & $x<y$",
]


def shown(source: str, attachments: Attachments, template: str = "feedback") -> Any:
    """A text in the page that nbgrader makes of it, for feedback or for formgrader, parsed."""
    cell = nbformat.v4.new_markdown_cell(source)
    if attachments:
        cell["attachments"] = attachments
    config = Config()
    config.HTMLExporter.template_name = template
    config.HTMLExporter.extra_template_basedirs = [str(TEMPLATES)]
    config.HTMLExporter.extra_template_paths = [str(STYLE)]
    nbgrader = {"score": 0, "max_score": 0, "late_penalty": 0, "notebook": "x"}
    words = ("assignment_id", "notebook_id", "submission_id", "base_url", "student")
    page, _ = HTMLExporter(config=config).from_notebook_node(
        nbformat.v4.new_notebook(cells=[cell]),
        resources={"nbgrader": nbgrader, **dict.fromkeys(words, "x"), "index": 0, "total": 1},
    )
    (text,) = BeautifulSoup(page, "html.parser").select("div.text_cell_render")
    return text


FORBIDDEN = {
    *("script", "style", "iframe", "object", "embed", "form", "button", "textarea", "select"),
    *("svg", "math", "video", "audio", "source", "template", "noscript", "base", "meta", "link"),
    *("body", "html", "head"),
}


def dangers(text: Tag) -> list[str]:
    """Return what in a piece of a page could run, or lay itself over the rest of it."""
    found = []
    for tag in text.find_all(True):
        if tag.name in FORBIDDEN:
            found.append(tag.name)
        for name, value in tag.attrs.items():
            said = " ".join(value) if isinstance(value, list) else value
            address = "".join(each for each in said if each > " ").lower()
            if name.startswith("on") or name in ("srcdoc", "formaction", "action"):
                found.append(name)
            if address.startswith(("javascript:", "vbscript:", "data:text", "data:image/svg")):
                found.append(said)
            if name == "style" and any(each in said for each in ("position", "margin", "url(")):
                found.append(said)
            if name == "class" and "modal" in said:
                found.append(said)
            if tag.name == "input" and tag.attrs.get("type") != "checkbox":
                found.append("an input")
    return found


@pytest.mark.parametrize("template", ["feedback", "formgrade"])
@pytest.mark.parametrize("source", HOSTILE, ids=lambda each: each[:40])
def test_nothing_runs_in_a_text_that_was_made_harmless(source: str, template: str) -> None:
    text = harmless(f"before\n\n{source}\n\nafter", {})
    found = shown(text.source, text.attachments, template)
    assert dangers(found) == []
    assert found.get_text().split()[0] == "before"
    assert "after" in found.get_text()


def test_most_of_these_would_run_as_they_are_written() -> None:
    some = HOSTILE[:-2:3]
    running = [each for each in some if dangers(shown(each, {}))]
    assert len(running) > len(some) / 2


@pytest.mark.parametrize("source", HOSTILE, ids=lambda each: each[:40])
def test_what_is_told_to_the_instructor_is_whether_something_was_altered(source: str) -> None:
    text = harmless(source, {})
    assert text.altered == (text.source != source)
    if not text.altered:
        assert dangers(shown(source, {})) == []


@pytest.mark.parametrize("source", HONEST, ids=lambda each: each[:40])
def test_an_honest_text_stays_as_it_is(source: str) -> None:
    text = harmless(source, {})
    assert (text.source, text.altered) == (source, False)


@pytest.mark.parametrize(
    "source", [each for each in HONEST if each[:4].strip()], ids=lambda each: each[:40]
)
def test_an_honest_text_beside_a_hostile_one_is_shown_as_before(source: str) -> None:
    text = harmless(f"{source}\n\n<iframe></iframe>\n", {})
    assert text.altered
    found = "".join(shown(text.source, {}).get_text().split())
    assert found == "".join(shown(source, {}).get_text().split()) + "<iframe></iframe>"


def test_pictures_stay_and_others_are_replaced_by_an_empty_one() -> None:
    attachments = {
        "plot.png": {"image/png": PNG},
        "drawing.svg": {"image/svg+xml": "<svg onload='alert(1)'/>", "image/png": PNG},
        "script.svg": {"image/svg+xml": "<svg onload='alert(1)'/>"},
        "page": {"text/html": "<script>alert(1)</script>"},
        "quote.png": {"image/png": '"><script>alert(1)</script>'},
    }
    source = "\n\n".join(f"![{name}](attachment:{name})" for name in attachments)
    text = harmless(source, attachments)
    assert text.source == source
    assert text.altered
    found = shown(text.source, text.attachments)
    assert dangers(found) == []
    pictures = {each["alt"]: each["src"] for each in found.find_all("img")}
    assert pictures.keys() == attachments.keys()
    assert pictures["plot.png"] == pictures["drawing.svg"] == f"data:image/png;base64,{PNG}"
    for name in ("script.svg", "page", "quote.png"):
        assert pictures[name].startswith("data:image/png;base64,")
        assert pictures[name] != pictures["plot.png"]
    kept = harmless("![](attachment:plot.png)", {"plot.png": attachments["plot.png"]})
    assert not kept.altered
    assert kept.attachments == {"plot.png": {"image/png": PNG}}


@pytest.mark.parametrize("opener", [r"\\\\(", r"\\\\[", r"\begin{a}"])
@pytest.mark.parametrize("letters", [MAX_RENDERED_CHARACTERS - 100, MAX_RENDERED_CHARACTERS + 100])
def test_a_text_that_would_take_long_to_render_is_shown_as_it_is_written(
    opener: str, letters: int
) -> None:
    source = opener * (letters // len(opener) + 1)
    text = harmless(source, {})
    assert text.source == f"```\n{source}\n```"
    assert text.altered


def test_code_in_a_language_that_is_slow_to_colour_is_not_coloured() -> None:
    text = harmless("```autohotkey\nx := 1\n" + " \n" * 5000 + "\n```", {})
    assert text.source.startswith("````\n```autohotkey")
    short = "```autohotkey\nx := 1\n```"
    assert harmless(short, {}).source == short


def test_a_notebook_of_long_texts_is_rendered_up_to_a_bound() -> None:
    assert harmless("*a*", {}, room=2).source == "```\n*a*\n```"
    assert harmless("*a*", {}, room=3).source == "*a*"


def test_a_picture_that_was_pasted_stays_and_is_shown_a_few_times_and_no_more() -> None:
    data = base64.b64encode(b"a picture" * 5000).decode()
    once = f"![a](data:image/png;base64,{data})"
    assert harmless(once, {}) == Text(once, {}, altered=False)
    often = f"{'![a][b] ' * 500}\n\n[b]: data:image/png;base64,{data}"
    assert harmless(often, {}).altered
    attachments = {"a.png": {"image/png": data}}
    assert not harmless("![](attachment:a.png)", attachments).altered
    assert harmless("![](attachment:a.png) " * 500, attachments).altered
    assert harmless(f"[x]: {'u' * 9000}\n\n{'[x]' * 3000}", {}).altered


@pytest.mark.parametrize("name", ["row", "nav", "btn", "box", "own"])
def test_no_class_of_the_page_can_be_had_in_a_text(name: str) -> None:
    assert harmless(f"<div class='{name}'>x</div>", {}).altered


@pytest.mark.parametrize(
    "style",
    [
        "padding: 900px; background-color: white",
        "border: 900px solid white",
        "PADDING-TOP: 900px",
        "font-size: 900px",
        "font-size: 90em",
        "font-size: calc(900px)",
        "font-size: 50vw",
    ],
)
def test_nothing_in_a_line_lies_over_the_lines_above(style: str) -> None:
    assert harmless(f'<a href="http://a.example" style="{style}">x</a>', {}).altered
    assert not harmless(
        '<div style="padding: 9px; border: 1px solid; font-size: 1.2em">x</div>', {}
    ).altered


@pytest.mark.parametrize("source", ["# proof", "<h1 id='proof'>x</h1>", "<a id='pro&#111;f'></a>"])
def test_no_part_of_a_text_has_the_name_of_a_mark(source: str) -> None:
    text = harmless(source, {}, taken=frozenset({"proof"}))
    assert text.altered
    found = shown(text.source, {}, "formgrade")
    assert found.find_all(id="proof") == []
    assert not harmless(source, {}).altered


def test_a_heading_that_is_named_like_a_mark_is_a_heading_still() -> None:
    text = harmless("# proof\n\n*a*", {}, taken=frozenset({"proof"}))
    assert [each.name for each in shown(text.source, {}).find_all(("h1", "em"))] == ["h1", "em"]


def test_a_picture_that_is_not_there_stops_nobody() -> None:
    text = harmless("![x](attachment:gone.png) ![y](attachment:gone too.png)", {})
    assert len(shown(text.source, text.attachments).find_all("img")) >= 1


@pytest.mark.parametrize(
    "source",
    [
        "</div></div></div></div></div>\n\n# Score: 100 / 100",
        "text</div></div>",
        "<div style='color: white'>",
        "text <font color='white'> text",
        "<table><tr><td>",
        "<b></div></b>",
        "<pre>",
    ],
)
def test_no_text_ends_what_is_around_it_nor_goes_on_behind_it(source: str) -> None:
    text = harmless(source, {})
    assert text.altered
    found = shown(text.source, {})
    assert [each.name for each in found.find_all(True) if each.name in ("div", "font", "b")] == []
    assert "".join(source.split()).replace("#", "") in "".join(found.get_text().split()).replace(
        "¶", ""
    )


def test_files_that_a_browser_would_run_get_a_name_under_which_it_shows_them(
    tmp_path: Path,
) -> None:
    (tmp_path / "deeper").mkdir()
    for name in (
        "page.html",
        "PAGE.HTM",
        "deeper/drawing.svg",
        "..svg",
        "data.xml",
        "x.xhtml",
        "page.html.txt",
    ):
        (tmp_path / name).write_text(name)
    for name in ("data.csv", "plot.png", "helper.py", "notes.txt", "lesson.ipynb"):
        (tmp_path / name).write_text(name)
    said = list(harmless_files(tmp_path))
    assert len(said) == 6
    names = {str(path.relative_to(tmp_path)): path.read_text() for path in tmp_path.rglob("*.*")}
    assert names["deeper/drawing.svg.txt"] == "deeper/drawing.svg"
    assert {"data.csv", "plot.png", "helper.py", "notes.txt", "lesson.ipynb"} <= names.keys()
    assert sorted(names.values()) == sorted(
        ["page.html", "PAGE.HTM", "deeper/drawing.svg", "..svg", "data.xml", "x.xhtml"]
        + ["page.html.txt"]
        + ["data.csv", "plot.png", "helper.py", "notes.txt", "lesson.ipynb"]
    )
    assert not [name for name in names if name.lower().endswith((".html", ".htm", ".svg", ".xml"))]


def test_nothing_of_a_students_runs_in_the_feedback(books: Books) -> None:
    ours = BeautifulSoup(books.feedback("stub"), "html.parser")
    for student in ("scripted", "pretending"):
        page = books.feedback(student)
        parsed = BeautifulSoup(page, "html.parser")
        assert "alert(1)" in parsed.get_text()  # it is shown, as what it is
        assert parsed.find_all("script") == ours.find_all("script") == []
        for formula in parsed.find_all("math"):  # these are ours, whoever wrote them in TeX
            formula.decompose()
        assert [each for cell in parsed.select("div.cell") for each in dangers(cell)] == []


def test_files_beside_a_notebook_that_would_run_are_renamed_and_the_originals_stay(
    books: Books,
) -> None:
    name = books.course.name
    submitted, autograded, feedback = (
        books.course.root / folder / "scripted" / name
        for folder in ("submitted", "autograded", "feedback")
    )
    assert (submitted / "page.html").read_text() == SCRIPT
    assert (autograded / "page.html.txt").read_text() == SCRIPT
    for folder in (autograded, feedback):
        assert not (folder / "page.html").exists()
    original = (submitted / f"{name}.ipynb").read_text()
    assert re.search(r"<script>alert\(1\)</script>", original)


def test_an_honest_class_has_its_texts_in_the_books_as_they_were_written(books: Books) -> None:
    name = books.course.name
    path = books.course.root / "autograded" / "right" / name / f"{name}.ipynb"
    texts = {cell.id: cell.source for cell in nbformat.read(path, as_version=4).cells}
    assert texts["proof"] == "By induction over the steps."
