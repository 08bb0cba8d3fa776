"""The pictures below failing checks, in a notebook and in words, whatever was answered."""

from __future__ import annotations

import ast
import contextlib
import inspect
import itertools
import re
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeGuard

import numpy as np
import pytest
from bs4 import BeautifulSoup
from hypothesis import given

from autograder.checking import expect
from autograder.checking.checks import Check
from autograder.checking.expect import Answer, Unmet
from autograder.checking.mistakes import function_source
from autograder.course.assignment import Assignment
from autograder.course.builder import build, runner_source
from autograder.course.embedded import pictures, runner
from autograder.course.lesson import PRELUDE
from tests.helpers.browser import show, violations
from tests.helpers.strategies import ANSWERS

if TYPE_CHECKING:
    from playwright.sync_api import Page

ROOT = Path(__file__).parents[2]
PAGE = """\
<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Cells</title>
<style>:root {{ color-scheme: light dark }}</style></head>
<body><main><h1>Cells</h1>{tables}</main></body></html>
"""
NAMES = sorted(path.parent.name for path in ROOT.glob("assignments/*/lesson.md"))
HOSTILE = "f('<script>alert(1)</script>')"

KINDS: dict[str, Callable[[Answer], pictures.Picture | None]] = {
    "histogram": lambda answer: pictures.histogram(answer, 0.01),
    "rows": pictures.rows,
    "agreement": lambda answer: pictures.agreement(answer, {"dW1": [[1.0, 2.0]], "db1": 0}, "hand"),
}


def elements(picture: pictures.Picture | None, tag: str) -> list[ET.Element]:
    """Return what is drawn with a tag, in the order in which it is."""
    assert picture is not None
    return list(ET.fromstring(picture[0]).iter(tag))  # noqa: S314  # our own


def words(picture: pictures.Picture | None) -> list[str]:
    return [each.text or "" for each in elements(picture, "text")]


def gradients(dW1: Any, db1: Any) -> Answer:
    return Answer({"dW1": dW1, "db1": db1}, "grads")


def test_a_histogram_as_wide_as_the_wanted_one_lies_over_it_and_a_wider_one_does_not() -> None:
    drawn = np.random.default_rng(1).normal(0, 0.01, 10_000)
    for scale, inside in ((1, True), (10, False)):
        picture = pictures.histogram(Answer(scale * drawn, "W1"), 0.01)
        bell, steps = (each.get("d", "") for each in elements(picture, "path")[:2])
        half = [float(x) for x, y in re.findall(r"([\d.]+) ([\d.]+)", bell) if float(y) < 67]
        reached = re.findall(r"V([\d.]+)H([\d.]+)", steps)
        bins = [float(x) for y, x in reached if float(y) < 67]
        assert (max(bins) - max(half) < 15) is inside
        assert picture[1].startswith("Picture: a histogram of W1 ")


def test_equal_rows_look_alike_and_different_ones_do_not() -> None:
    same, apart = np.tile([[0.1, 0.2]], (3, 1)), np.arange(6.0).reshape(3, 2)
    for W, different in ((same, 1), (apart, 3)):
        picture = pictures.rows(Answer(W, "W1"))
        shades = [each.get("fill-opacity") for each in elements(picture, "rect")][:6]
        assert len({tuple(shades[i : i + 2]) for i in (0, 2, 4)}) == different
        assert picture is not None
        assert f"Rows: 3, distinct rows: {different}." in picture[1]
        assert words(picture)[:3] == ["row 0", "row 1", "row 2"]


def test_right_gradients_lie_on_the_diagonal_and_wrong_ones_are_named() -> None:
    wanted: dict[str, Any] = {"dW1": [[1.0, -2.0]], "db1": 0.5}
    picture = pictures.agreement(gradients(np.array([[1.0, -2.0]]), 1.5), wanted, "by hand")
    assert picture is not None
    circles = elements(picture, "circle")
    assert [each.get("fill") for each in circles] == ["none", "none", "currentColor"]
    sums = [float(each.get("cx", 0)) + float(each.get("cy", 0)) for each in circles]
    assert sums[0] == pytest.approx(sums[1], abs=0.2)  # y points down
    assert sums[2] < sums[0] - 10  # above the diagonal
    assert "db1" in words(picture)
    assert "dW1" not in words(picture)
    assert "both are equal: 2 of 3. Off the diagonal: db1." in picture[1]


def test_the_names_of_wrong_numbers_that_are_close_together_do_not_overlap() -> None:
    wanted = {"dW1": 0.0, "db1": 0.0, "dW2": 0.01, "db2": 1.0}
    found = {"dW1": 0.5, "db1": 0.51, "dW2": 0.5, "db2": 1.5}
    picture = pictures.agreement(Answer(found, "grads"), wanted, "by hand")
    corners = [
        (float(each.get("x", 0)), float(each.get("y", 0)))
        for each in elements(picture, "text")
        if each.text in wanted
    ]
    assert len(corners) == 4
    for (x1, y1), (x2, y2) in itertools.combinations(corners, 2):
        assert abs(x1 - x2) >= 20 or abs(y1 - y2) >= 11  # a name is 20 wide and 11 high
    for circle in elements(picture, "circle"):
        x, y = float(circle.get("cx", 0)), float(circle.get("cy", 0))
        assert not any(left - 3 < x < left + 24 and y - 3 < base < y + 12 for left, base in corners)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("value", "is_drawn"),
    [
        (np.zeros((3, 2)), True),
        (np.ones((2, 2), dtype=bool), True),
        (np.full((2, 2), 3, dtype=np.uint8), True),
        (np.full((2, 3), 1e-300), True),
        (np.full((2, 2), np.nan), False),
        (np.array([[1.0, np.inf]]), False),
        (np.full((2, 2), 1e308), False),
        (np.array([["a"]]), False),
        (np.zeros((0, 3)), False),
        (np.array([[1j]]), False),
        (None, False),
    ],
)
def test_what_can_be_seen_is_drawn_and_nothing_else_is(
    kind: str, value: Any, is_drawn: bool
) -> None:
    answer = Answer(value, "W1")
    if kind == "agreement":
        value = value if value is None else value.ravel()[:2].reshape(1, -1)
        answer = gradients(value, 0)
    picture = drawn(KINDS[kind], answer)
    assert (picture is not None) is is_drawn
    if picture is not None:
        assert "nan" not in picture[0]


def test_too_many_numbers_are_counted_in_a_histogram_and_seen_nowhere_else() -> None:
    numbers = np.random.default_rng(1).normal(size=(1000, 1000))
    large = Answer(numbers, "W1")
    histogram = pictures.histogram(large, 1.0)
    assert len(histogram[0]) < 5_000
    assert "Numbers: 1000000," in histogram[1]
    assert pictures.rows(large) is None
    assert pictures.agreement(Answer({"W": numbers}, "f"), {"W": numbers}, "hand") is None


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_says_what_it_shows_and_nothing_in_it_is_markup_but_ours(kind: str) -> None:
    value: Any = {"dW1": np.ones((1, 2)), "db1": 0} if kind == "agreement" else np.ones((2, 2))
    picture = KINDS[kind](Answer(value, HOSTILE))
    assert picture is not None
    svg = ET.fromstring(picture[0])  # noqa: S314  # our own
    assert svg.get("role") == "img"
    assert svg.get("aria-label") == picture[1] == (svg[0].text or "")
    assert svg[0].tag == "title"
    assert HOSTILE in picture[1]
    tags = {each.tag for each in svg.iter()}
    assert tags <= {"svg", "title", "path", "rect", "circle", "text"}
    colours = {each.get(name) for each in svg.iter() for name in ("fill", "stroke")}
    assert colours <= {None, "none", "currentColor"}


def drawn(
    draws: Callable[[Answer], pictures.Picture | None], answer: Answer
) -> pictures.Picture | None:
    """Return what the runner makes of a picture of a check that fails with this answer."""
    notebook = runner.Notebook({})

    def check() -> None:
        """It fails."""
        found = answer  # noqa: F841  # the picture takes it
        raise Unmet("It is not right.")

    notebook.picture(lambda found: draws(found))(check)
    verdict, reason, _details, picture = notebook._run_check(check)
    assert verdict == "failed"
    assert reason == "It is not right."
    return picture


@pytest.mark.parametrize("kind", KINDS)
@given(value=ANSWERS)
def test_whatever_was_answered_the_reason_is_told(kind: str, value: Any) -> None:
    drawn(KINDS[kind], Answer(value, "f(x)"))


def test_a_picture_of_what_is_not_there_yet_is_left_out() -> None:
    notebook = runner.Notebook({})

    @notebook.picture(lambda later: ("<svg/>", later))
    def fails() -> None:
        """It fails."""
        if not notebook.names:
            raise Unmet("It is not there.")
        later = "It is."  # noqa: F841  # the picture takes it

    assert notebook._run_check(fails) == ("failed", "It is not there.", [], None)


def test_a_check_that_passes_draws_nothing() -> None:
    notebook = runner.Notebook({}, "raise SystemExit")

    @notebook.picture(lambda draw: draw)
    def passes() -> None:
        """It passes."""

    assert notebook._run_check(passes) == ("passed", None, (), None)


def test_grading_makes_no_module_that_draws() -> None:
    names: dict[str, Any] = {}
    exec(runner_source(), names)  # noqa: S102  # all of it that a worker runs
    assert "draw" not in vars(names["notebook"])
    assert names["notebook"].draw.histogram
    assert "draw" in vars(names["notebook"])


# Those of the lecture


class Shown:
    """An IPython that keeps what it is to display."""

    def __init__(self) -> None:
        self.display = self
        self.bundle: Mapping[str, str] = {}

    def get_ipython(self) -> Shown:
        return self

    def __call__(self, bundle: Mapping[str, str], *, raw: bool) -> None:
        assert raw
        self.bundle = bundle


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Shown:
    own = Shown()
    import IPython.core.inputtransformer2  # noqa: F401  # the builder needs the real one

    monkeypatch.setitem(sys.modules, "IPython", own)
    return own


def with_pictures(name: str) -> list[Check]:
    return [check for check in Assignment(ROOT, name).checks if check.picture is not None]


def tables(name: str, shown: Shown) -> Iterator[BeautifulSoup]:
    """What the visible checks with pictures say to each known mistake of their functions."""
    assignment = Assignment(ROOT, name)
    lesson = build(assignment)
    functions = {check.of for check in with_pictures(name)}
    for mistake in assignment.mistakes:
        if mistake.of not in functions:
            continue
        names: dict[str, Any] = {}
        ours = [part.source for part in lesson.parts if part.role in PRELUDE]
        right = [function_source(assignment.reference, each) for each in lesson.functions]
        for source in [*ours, *right, mistake.source(assignment.reference)]:
            exec(source, names)  # noqa: S102  # our own
        with contextlib.suppress(names["runner"].VisibleChecksFailed):
            exec(lesson.by_id[f"{mistake.of}_visible"].source, names)  # noqa: S102  # likewise
        yield BeautifulSoup(shown.bundle["text/html"], "html.parser")


@pytest.mark.parametrize("name", NAMES)
def test_every_picture_of_the_lecture_is_drawn_for_a_known_mistake_and_can_be_read(
    name: str, shown: Shown, page: Page, tmp_path: Path
) -> None:
    wanted = {check.sentence for check in with_pictures(name)}
    assert wanted
    seen: dict[str, str] = {}
    for table in tables(name, shown):
        for row in table.select("tbody tr:has(svg)"):
            verdict, cell = row.select("td")
            assert "failed" in verdict.get_text()
            sentence = next(each for each in wanted if cell.get_text().startswith(plain(each)))
            seen[sentence] = str(table)
            (picture,) = cell.select("svg")
            assert str(picture["aria-label"]) in " ".join(shown.bundle["text/plain"].split())
    assert seen.keys() == wanted
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        (tmp_path / "page.html").write_text(PAGE.format(tables="".join(seen.values())))
        show(page, tmp_path / "page.html")
        assert page.get_by_role("img").count() >= len(wanted)
        assert violations(page) == []


def plain(sentence: str) -> str:
    """Return a sentence without the marks of code."""
    return sentence.replace("`", "")


def test_the_cell_that_checks_need_is_short_and_its_source_can_be_read() -> None:
    source = runner_source()
    assert len(source.splitlines()) <= 200
    names: dict[str, Any] = {}
    exec(source, names)  # noqa: S102  # our own
    for module in (expect, runner, pictures):
        defined = {each.name for each in ast.parse(inspect.getsource(module)).body if is_def(each)}
        packed = ast.parse(names["sources"][module.__name__.rpartition(".")[2]])
        assert {each.name for each in packed.body if is_def(each)} == defined


def is_def(node: ast.AST) -> TypeGuard[ast.FunctionDef | ast.ClassDef]:
    return isinstance(node, (ast.FunctionDef, ast.ClassDef))
