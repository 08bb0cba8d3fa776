"""The page that a student gets: what it says, what it must not say, and to whom it speaks."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from bs4 import BeautifulSoup
from nbformat.notebooknode import NotebookNode, from_dict
from nbgrader.preprocessors import ClearHiddenTests

from autograder.i18n import _, use_language
from autograder.nbgrader.feedback import page as make_page
from autograder.nbgrader.grade_cells import comment_on_rejection
from autograder.reports.html import markdown
from autograder.reports.html.check_table import CHECKS, REJECTED, CheckRow, to_output
from autograder.reports.html.feedback import standing
from autograder.result import Verdict
from tests.helpers.browser import show, violations

if TYPE_CHECKING:
    from playwright.sync_api import Dialog, Page

    from tests.helpers.books import Books

HINT = "Add the number to itself: `number + number`."

TOLD = [
    CheckRow("Twice one is two.", Verdict.PASSED, 1.0, 1.0),
    CheckRow("Twice any number is that.", Verdict.FAILED, 0.0, 3.0, "It is <b>7</b>.", HINT),
    CheckRow(
        "More of it.",
        Verdict.NOT_RUN,
        0.0,
        2.0,
        "Not run, because an earlier check did not pass: “Twice any number is that.”",
    ),
    CheckRow("A half.", Verdict.PARTIAL, 0.5, 1.0, given=("total",), notes=("With our total.",)),
    CheckRow("It was wrong.", Verdict.NOT_RUN, 1.0, 1.0, notes=("This check was withdrawn.",)),
]


def cell(kind: str, source: str, **known: Any) -> dict[str, Any]:
    made = {"cell_type": kind, "source": source, "metadata": {"nbgrader": known} if known else {}}
    return {**made, "outputs": [], "execution_count": None} if kind == "code" else made


def report(told: list[CheckRow], **known: Any) -> dict[str, Any]:
    made = cell("code", "# hidden", grade_id="double_hidden", grade=True, locked=True, **known)
    data = {"text/plain": "double: …", CHECKS: to_output(told)}
    made["outputs"] = [{"output_type": "display_data", "metadata": {}, "data": data}]
    return made


def notebook(*cells: dict[str, Any]) -> NotebookNode:
    return from_dict({"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": list(cells)})


def small(
    told: list[CheckRow] = TOLD, score: float = 2.5, comment: str | None = None
) -> NotebookNode:
    return notebook(
        cell("markdown", "# Doubling\n\nTwice $x$ is $$x + x .$$"),
        cell("code", "import numpy", grade_id="numbers", locked=True),
        cell("code", "def double(x): ...", grade_id="double", solution=True, comment=comment),
        report(told, score=score, points=8.0),
        cell("markdown", "Because.", grade_id="why", grade=True, solution=True, score=3, points=4),
    )


def totals(**others: Any) -> dict[str, Any]:
    plain = {"notebook": "doubling", "score": 5.5, "max_score": 12.0, "late_penalty": 0}
    plain |= {"assignment": "doubling", "student": "ada", "course": "numerics"}
    return {**plain, "waits": set(), "given": set(), **others}


def parsed(text: str) -> BeautifulSoup:
    return BeautifulSoup(text, "html.parser")


def words(tag: Any) -> str:
    return " ".join(tag.get_text().split())


def test_the_marks_stand_first_with_how_they_came_about() -> None:
    soup = parsed(make_page(small(), totals()))
    rows = [words(row) for row in soup.select("table.marks tbody tr")]
    withdrawn = "One check was withdrawn, and you get its points."
    assert rows == [f"double 1 of 4 checks passed. {withdrawn} 2.5/8", "why Graded by hand. 3/4"]
    assert words(soup.select_one(".score")) == "5.5 of 12 points"
    assert "late" not in words(soup.header)


def test_what_lost_points_is_told_with_reason_hint_and_what_was_taken_from_the_reference() -> None:
    soup = parsed(make_page(small(), totals()))
    look = soup.select_one("section[aria-labelledby=look]")
    assert look is not None
    failed, partial, waiting = (words(each) for each in look.select("li .verdict"))
    assert (failed, partial, waiting) == ("✗ failed", "◐ partial", "– not run")
    assert words(look.select_one(".hint")) == (
        "Hint for the next try: Add the number to itself: number + number."
    )
    assert "It is <b>7</b>." in words(look)
    assert [words(each) for each in look.select("li .verdict + .note")] == ["0/3", "0.5/1", "0/2"]
    assert "One more check of double was not run." in words(look)
    assert "One check of double used the reference solution of total." in words(
        soup.select_one("section[aria-labelledby=marks]")
    )
    assert "It was wrong." not in words(look)  # withdrawn, and it cost nothing


def test_the_report_stands_at_its_place_with_every_check() -> None:
    soup = parsed(make_page(small(), totals()))
    table = soup.select_one("table.report")
    assert table is not None
    assert words(table.caption) == "double: 2.5/8"
    assert len(table.select("tbody tr")) == len(TOLD)
    assert [words(each.find_all("p")[0]) for each in table.select("td:last-child")] == [
        each.sentence for each in TOLD
    ]
    before = table.find_previous_sibling(class_="own")
    assert before is not None
    assert "def double" in words(before)


def test_what_is_not_decided_what_a_person_has_set_and_what_was_late_is_said() -> None:
    waiting = parsed(make_page(small(), totals(waits={"why"})))
    assert "why Your instructor will review it. not decided yet (at most 4)" in words(waiting)
    # On a narrow page, it breaks only between these.
    assert [words(each) for each in waiting.select("tr .word")] == [
        "not decided yet",
        "(at most 4)",
    ]
    assert "Some points are not decided yet" in words(waiting.header)
    by_hand = parsed(make_page(small(score=6.0), totals()))
    assert "double Your instructor has set these points. One check" in words(by_hand)
    late = parsed(make_page(small(), totals(late_penalty=2.5)))
    assert "Late penalty: 2.5 points." in words(late.header)
    undecided = [
        CheckRow("Twice.", Verdict.GRADER_ERROR, None, 8.0, "The grader failed in this check.")
    ]
    page = parsed(make_page(small(undecided), totals(waits={"double_hidden"})))
    assert "double Your instructor will review it. not decided yet (at most 8)" in words(page)
    assert "The grader failed in this check." in words(page)
    # A person has decided by now, so nothing on the page says that a person will.
    settled = parsed(make_page(small(undecided, score=6.0), totals(given={"double_hidden"})))
    assert "double Your instructor has set these points. 6/8" in words(settled)
    assert "will" not in words(settled)


def test_the_head_names_the_student_the_course_and_the_title_of_the_notebook() -> None:
    soup = parsed(make_page(small(), totals(assignment="week_3")))
    assert words(soup.h1) == "Feedback on Doubling"
    told = {words(each.dt): words(each.dd) for each in soup.select("header .facts div")}
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", told.pop("Date"))
    assert told == {"Student": "ada", "Course": "numerics", "Assignment": "week_3"}


def test_only_a_cell_for_an_answer_is_called_an_answer() -> None:
    nb = small()
    nb.cells.append(notebook(cell("code", 'NAME = ""')).cells[0])
    labels = [words(each) for each in parsed(make_page(nb, totals())).select(".own > .label")]
    assert labels == ["Your answer, cell 2", "Your answer: 3/4", "Cell 4"]


def test_the_lessons_code_is_not_the_bulk_of_the_page() -> None:
    code = "def helper(x):\n    return [x + 1 for each in range(10)]  # \x1b[1mbold\n" * 50
    lesson = notebook(cell("code", code, grade_id="helper", locked=True), *small().cells)
    soup = parsed(make_page(lesson, totals()))
    told = soup.select_one("details.lesson")
    assert told is not None
    assert len(str(told)) < 1.1 * len(code)
    assert told.pre is not None
    assert told.pre.get_text() == code.replace("\x1b[1m", "")
    assert soup.select(".own .highlight .k")  # the student's own code has colours


def test_a_cell_that_nobody_named_is_called_by_its_number_or_its_first_line() -> None:
    names = ("cell-938593c4a215c6cc", "cell-0123456789abcdef")
    known = {"grade": True, "score": 1, "points": 2}
    task = cell(
        "markdown", "---\n## Squares: " + "Find *all* of them. " * 9, grade_id=names[0], task=True
    )
    task["metadata"]["nbgrader"]["comment"] = "Good."
    task["metadata"]["nbgrader"] |= known
    test = cell("code", "assert f(2)", grade_id=names[1], locked=True, **known)
    page = parsed(make_page(notebook(cell("code", "f = 1"), task, test), totals()))
    assert (
        words(page.select_one("details.lesson > summary")) == "Cell 2, which came with the notebook"
    )
    assert "cell-" not in page.get_text()
    rows = [words(row.a) for row in page.select("table.marks tbody tr")]
    assert rows == ["Squares: Find all of them. Find all of them. …", "Cell 2"]


def test_a_first_line_without_spaces_is_cut() -> None:
    task = cell(
        "markdown", "说明权重为何不能全为零。" * 9, grade_id="cell-0123456789abcdef", task=True
    )
    task["metadata"]["nbgrader"] |= {"grade": True, "score": 1, "points": 2}
    page = parsed(make_page(notebook(task), totals()))
    (name,) = (words(row.a) for row in page.select("table.marks tbody tr"))
    assert name == ("说明权重为何不能全为零。" * 9)[:50]


def test_a_rest_below_zero_is_stated_as_zero() -> None:
    assert standing(-1.1e-16, waits=False) == "0"


def test_many_checks_that_lost_points_are_folded_after_the_first_three() -> None:
    lost = [CheckRow(f"Number {number}.", Verdict.FAILED, 0.0, 1.0) for number in range(5)]
    soup = parsed(make_page(small(lost, score=0), totals()))
    look = soup.select_one("section[aria-labelledby=look]")
    assert look is not None
    assert len(look.select("section > ul > li")) == 3
    assert words(look.summary) == "2 more checks of double lost points."


def test_a_reason_that_all_lost_checks_share_is_told_once() -> None:
    why = "double is not defined, because its cell stopped with SyntaxError (line 1)."
    lost = [CheckRow(f"Number {number}.", Verdict.MISSING, 0.0, 1.0, why) for number in range(5)]
    look = parsed(make_page(small(lost, score=0), totals())).select_one(
        "section[aria-labelledby=look]"
    )
    assert look is not None
    assert words(look).count(why) == 1
    assert [words(each) for each in look.select("li p")] == [f"Number {n}." for n in range(5)]
    assert len(look.select("section > ul > li")) == 1  # the others add nothing
    lost[1] = msgspec.structs.replace(lost[1], hint=HINT)
    hinted = parsed(make_page(small(lost, score=0), totals()))
    assert len(hinted.select("section[aria-labelledby=look] > ul .hint")) == 1


def test_points_that_a_person_has_lowered_are_never_called_passed() -> None:
    passed = [CheckRow("Twice.", Verdict.PASSED, 8.0, 8.0)]
    lowered = parsed(make_page(small(passed, score=6.0), totals(given={"double_hidden"})))
    test = cell("code", "assert f(2)", grade_id="t", grade=True, locked=True, score=1, points=2)
    error = {"output_type": "error", "ename": "E", "evalue": "", "traceback": ["AssertionError"]}
    test["outputs"] = [error]
    by_hand = parsed(make_page(notebook(test), totals(given={"t"})))
    for soup, told in (
        (lowered, "double: 6/8 Your instructor has set these points."),
        (
            by_hand,
            "t: 1/2 Your instructor has set these points. This is what your code and the test "
            "reported: AssertionError",
        ),
    ):
        look = soup.select_one("section[aria-labelledby=look]")
        assert look is not None
        assert words(look) == f"What to do next {told}"


def test_a_cell_that_stopped_is_named_before_the_tests_that_lost_points() -> None:
    error = {"output_type": "error", "ename": "E", "evalue": ""}
    own = cell("code", "def f(x", grade_id="f", solution=True)
    own["outputs"] = [{**error, "traceback": ["SyntaxError: incomplete input (line 1)"]}]
    test = cell("code", "assert f(2)", grade_id="t", grade=True, locked=True, score=0, points=2)
    test["outputs"] = [{**error, "traceback": ["NameError: name 'f' is not defined (line 1)"]}]
    nb = notebook(cell("markdown", "# F"), own, test)
    look = parsed(make_page(nb, totals())).select_one("section[aria-labelledby=look]")
    assert look is not None
    told = words(look)
    assert told.startswith(
        "What to do next Cell 1: An error stopped this cell, so the rest of it was not run. "
        "SyntaxError: incomplete input (line 1) t: 0/2"
    )
    assert [each["href"] for each in look.select("a")] == ["#cell-1", "#cell-2"]
    nb.cells[2].metadata.nbgrader["score"] = 2  # an error that cost nothing is not worth a word
    assert "An error stopped" not in words(parsed(make_page(nb, totals())).body)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("inside", [False, True])
def test_a_test_that_stopped_is_shown_with_its_line(language: str, inside: bool) -> None:
    source = "".join(f"# line {number}\n" for number in range(1, 12)) + "assert f(2) == 4"
    test = cell("code", source, grade_id="t", grade=True, locked=True, score=0, points=2)
    with use_language(language):
        raised = "AssertionError: 5 == 4 (line 3)"
        places = [_("cell {cell}, line {line}").format(cell=3, line=12)]
        if inside:
            at = _("cell {cell}, line {line}, in {function}")
            places.append(at.format(cell=1, line=2, function="f"))
        error = _("{error} ({places})").format(error=raised, places="; ".join(places))
        test["outputs"] = [
            {"output_type": "error", "ename": "E", "evalue": "", "traceback": [error]}
        ]
        soup = parsed(make_page(notebook(test), totals()))
        test["outputs"][0]["traceback"] = ["AssertionError: 5 == 4"]
        without = parsed(make_page(notebook(test), totals()))
    assert [each.get_text() for each in soup.select("#look ~ pre mark")] == ["12  assert f(2) == 4"]
    assert soup.select("#look ~ pre")[1].get_text().startswith(" 8  # line 8\n")
    assert without.select("mark") == []


def test_hidden_tests_that_the_course_removes_from_feedback_are_not_on_the_page() -> None:
    source = "assert f(2) == 4\n### BEGIN HIDDEN TESTS\nassert f(7) == 49\n### END HIDDEN TESTS"
    test = cell("code", source, grade_id="t", grade=True, locked=True, score=0, points=2)
    said = "AssertionError (cell 1, line 3)"
    test["outputs"] = [{"output_type": "error", "ename": "E", "evalue": "", "traceback": [said]}]
    nb, _resources = ClearHiddenTests().preprocess(notebook(test), {})
    soup = parsed(make_page(nb, totals()))
    assert "49" not in words(soup.body)
    assert said in words(soup.body)
    assert soup.select("mark") == []


def test_of_an_answer_that_was_not_written_just_that_is_said() -> None:
    empty = small(comment="No response.")
    empty.cells[-1].metadata.nbgrader.update(score=0, comment="No response.")
    text = make_page(empty, totals())
    assert text.count("No answer was written.") == 2  # in what to do next, and in the table
    assert "Nothing: all checks passed." not in text
    assert "No response." not in text
    assert "Graded by hand." not in text


def test_a_comment_of_a_person_stands_at_the_top_and_at_its_place() -> None:
    soup = parsed(make_page(small(comment="See **me** & <script>x</script>"), totals()))
    assert [words(each.strong) for each in soup.select(".box")] == ["me", "me"]
    assert soup.script is None


def test_all_is_well_is_said_too() -> None:
    soup = parsed(make_page(small(TOLD[:1], score=8), totals()))
    assert "Nothing: all checks passed." in words(soup)


def test_of_a_file_that_could_not_be_read_the_reason_is_told_once_and_no_notebook() -> None:
    reason = "It is <not> JSON."
    rejected = cell("code", "#", grade_id="double_hidden", grade=True, locked=True, score=0)
    rejected["metadata"]["nbgrader"]["points"] = 8
    data = {"text/plain": reason, REJECTED: {"reason": reason}}
    rejected["outputs"] = [{"output_type": "display_data", "metadata": {}, "data": data}]
    answer = cell("code", "pass", grade_id="double", solution=True)
    answer["metadata"]["nbgrader"]["comment"] = comment_on_rejection(reason)
    soup = parsed(make_page(notebook(answer, rejected), totals(score=0)))
    assert words(soup).count(reason) == 1
    assert soup.select("table, .cell") == []


def test_a_page_has_a_bound_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(markdown, "MAX_HTML", 10_000)
    long = [cell("code", f"x_{number} = [{'1, ' * 300}]") for number in range(100)]
    page = make_page(notebook(*long), totals())
    empty = make_page(notebook(*[{**each, "source": ""} for each in long]), totals())
    said = page.count("This is too long to be shown here")
    assert 50 < said < 100
    assert len(page) < len(empty) + 10_000 + 100 * said


def test_a_notebook_that_others_have_graded_is_shown_without_its_markup() -> None:
    made = cell("code", "show()", grade_id="own", solution=True)
    data = {"text/html": "<b onclick=x>bold</b>", "text/plain": "<bold>", "image/svg+xml": "<svg/>"}
    made["outputs"] = [
        {"output_type": "display_data", "metadata": {}, "data": data},
        {"output_type": "stream", "name": "stdout", "text": "\x1b[1m<i>"},
        {"output_type": "error", "ename": "E", "evalue": "", "traceback": ["E: <u>"]},
    ]
    forged = cell("code", "1", grade_id="test", grade=True, score=1, points=2, locked=True)
    lie = {CHECKS: [{"sentence": 1}], "text/plain": "no report"}
    forged["outputs"] = [{"output_type": "display_data", "metadata": {}, "data": lie}]
    soup = parsed(make_page(notebook(made, forged), totals()))
    shown = [each.get_text() for each in soup.select(".cell pre.shown")]
    assert shown == ["<bold>", "<i>", "E: <u>", "no report"]
    assert [each.get_text() for each in soup.select("#look ~ pre.shown")] == ["E: <u>", "no report"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1200, 360])
def test_nobody_is_kept_from_reading_it(
    page: Page, tmp_path: Path, scheme: Any, width: int
) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 800})
    nb = small(comment="Come and see me.")
    nb.cells[3].metadata.nbgrader.grade_id = "units_are_interchangeable_hidden"
    (tmp_path / "page.html").write_text(make_page(nb, totals(waits={"why"}, late_penalty=1)))
    show(page, tmp_path / "page.html")
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_it_is_read_with_the_keyboard_alone(page: Page, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(make_page(small(), totals()))
    show(page, tmp_path / "page.html")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to your notebook"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "notebook"


@pytest.mark.parametrize("student", ["right", "mistaken", "scripted", "broken", "stub", "loud"])
def test_the_page_of_a_class_opens_without_a_network_and_runs_nothing(
    books: Books, page: Page, student: str
) -> None:
    ran: list[str] = []
    asked: list[str] = []

    def dismiss(dialog: Dialog) -> None:
        ran.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", dismiss)
    page.on("request", lambda request: asked.append(request.url))
    name = books.course.name
    show(page, books.course.root / "feedback" / student / name / f"{name}.html")
    assert ran == []
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert violations(page) == []
    assert student == "broken" or page.locator("math").count() > 100
    policy = page.locator("meta[http-equiv=Content-Security-Policy]").get_attribute("content")
    assert policy is not None
    assert policy.startswith("default-src 'none'; img-src data:;")


def test_what_the_instructor_is_told_of_a_submission_is_not_for_the_student(books: Books) -> None:
    told = {student: result["observations"] for student, result in books.before.items()}
    assert any(told.values())
    for student, observations in told.items():
        text = html.unescape(re.sub(r"<[^>]*>", "", books.feedback(student)))
        for observation in observations:
            assert observation not in text, student


def test_no_page_holds_a_script_or_an_address_that_is_loaded(books: Books) -> None:
    for student in books.before:
        soup = parsed(books.feedback(student))
        assert soup.select("script, iframe, object, embed, link, base, form, svg") == []
        for tag in soup.find_all(True):
            assert not [name for name in tag.attrs if name.startswith("on")], tag
            assert str(tag.get("src", "data:")).startswith("data:image/") or "src" not in tag.attrs
