"""The class report in a real Chromium: everybody can read it, sort it, search it and hide names."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest

from autograder.i18n import use_language
from autograder.reports import csv_cells
from autograder.reports.html.class_report import Wording
from autograder.reports.html.class_report import page as make_page
from autograder.result import Result, Verdict
from tests.helpers.browser import show, violations
from tests.helpers.classes import HOSTILE, check, crowd, of, result

if TYPE_CHECKING:
    from playwright.sync_api import Dialog, Page

WORDING = Wording(
    "d",
    {f"check_{number}": f"The check number {number}." for number in range(12)},
    {f"mistake_{number}": f"That is the mistake number {number}." for number in range(12)},
)


def earlier(now: Result) -> Result:
    """A run before, in which some had other marks, somebody was missing and somebody more."""
    first, second, *rest = now.submissions
    before = [
        msgspec.structs.replace(first, score=first.score + 3, checks=(check("check_0", 5.0, 5.0),)),
        *(msgspec.structs.replace(each, score=each.score - 1) for each in rest[:5]),
        *rest[5:],
        of("who_left", check()),
    ]
    assert second.student not in {each.student for each in before}
    return msgspec.structs.replace(now, submissions=tuple(before), secret_fingerprint="1")  # noqa: S106  # no secret


def opened(
    browser_page: Page,
    folder: Path,
    now: Result,
    before: Result | None = None,
    wording: Wording = WORDING,
) -> str:
    """Opens the report of a run; gives its text."""
    text = make_page(now, wording, before)
    file = folder / "report.html"
    file.write_text(text, encoding="utf-8", newline="\n")
    show(browser_page, file)
    unfold(browser_page)
    return text


def unfold(browser_page: Page) -> None:
    """Opens everything that is folded."""
    browser_page.evaluate(
        "document.querySelectorAll('details').forEach((each) => each.open = true)"
    )


def column(browser_page: Page, section: str, number: int) -> list[str]:
    """Return the texts of one column of a section's table, of the rows that are shown."""
    rows = browser_page.locator(f"#{section} table.searchable tbody tr:not([hidden], .opened)")
    return [row.locator("> *").nth(number).inner_text().strip() for row in rows.all()]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [3, 60])
def test_everybody_can_read_it(page: Page, tmp_path: Path, scheme: str, size: int) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    now = crowd(size)
    opened(page, tmp_path, now, earlier(now))
    page.locator("button.open").first.click()
    assert violations(page) == []
    page.locator("#hide").check()
    page.locator("button.open").first.click()
    assert violations(page) == []
    page.set_viewport_size({"width": 390, "height": 700})
    assert violations(page) == []
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= 390


def test_grader_errors_stand_on_top(page: Page, tmp_path: Path) -> None:
    opened(page, tmp_path, crowd(60))
    assert page.locator("main section").first.get_attribute("id") == "faults"
    assert "check_5" in page.locator("#faults").inner_text()
    opened(page, tmp_path, result(of("ada", check())))
    assert page.locator("#faults").count() == 0


def test_marks_that_fell_stand_first_and_other_inputs_are_said(page: Page, tmp_path: Path) -> None:
    now = crowd(60)
    opened(page, tmp_path, now, earlier(now))
    changes = [float(text.replace("−", "-").split()[0]) for text in column(page, "changes", 3)]
    assert changes == [-3, 1, 1, 1, 1, 1]
    section = page.locator("#changes")
    page.locator("#hide").check()
    changes = [float(text.replace("−", "-").split()[0]) for text in column(page, "changes", 3)]
    assert changes == [-3, 1, 1, 1, 1, 1]
    page.locator("#hide").uncheck()
    assert "6 changed, 1 of them lower." in section.inner_text()
    assert "another secret or seed" in section.inner_text()
    assert "who_left" in section.inner_text()


def test_a_table_is_sorted_with_the_keyboard(page: Page, tmp_path: Path) -> None:
    now = crowd(60)
    opened(page, tmp_path, now)
    scores = [each.score for each in now.submissions]
    button = page.locator("#learners th button.sort").nth(1)
    button.focus()
    page.keyboard.press("Enter")
    shown = [float(text.strip("*")) for text in column(page, "learners", 1)]
    assert shown == sorted(scores, reverse=True)
    assert page.locator("#learners th[aria-sort=descending]").count() == 1
    page.keyboard.press("Space")
    assert [float(text.strip("*")) for text in column(page, "learners", 1)] == sorted(scores)
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    names = [f"surname{number}_given{7 * number}" for number in range(60)]
    assert column(page, "learners", 0) == names
    assert "Sorted by student" in page.locator("#said").inner_text()


def test_every_control_is_reached_with_the_keyboard(page: Page, tmp_path: Path) -> None:
    opened(page, tmp_path, crowd(8))
    wanted = page.locator("a, button, input, summary, [tabindex='0']").count()
    reached = set()
    for _ in range(2 * wanted):
        page.keyboard.press("Tab")
        reached.add(
            page.evaluate("[...document.querySelectorAll('*')].indexOf(document.activeElement)")
        )
    assert len(reached) >= wanted


def test_searching_shows_the_rows_that_have_every_word(page: Page, tmp_path: Path) -> None:
    opened(page, tmp_path, crowd(60))
    page.locator("#learners input[type=search]").fill("GIVEN14 surname2")
    found = ["surname2_given14", "surname20_given140", "surname21_given147"]
    assert column(page, "learners", 0) == found
    assert "3 of 60" in page.locator("#learners .search").inner_text()
    page.locator("#learners input[type=search]").fill("")
    assert len(column(page, "learners", 0)) == 60


def test_what_is_saved_is_what_is_shown_and_no_spreadsheet_computes_it(
    page: Page, tmp_path: Path
) -> None:
    names = [*HOSTILE, "=1+1", " \u200b＝1", "a;=2", "−3", "-4", "+x", "@y", 'say "hi"', "plain"]
    opened(page, tmp_path, result(*(of(name, check()) for name in names)))
    for _ in range(2):
        with page.expect_download() as saved:
            page.locator("#learners a.save").click()
        text = saved.value.path().read_text(encoding="utf-8-sig")
        rows = list(csv.reader(io.StringIO(text, newline="")))
        shown = page.locator("#learners tbody th").evaluate_all(
            "cells => cells.map((each) => each.textContent.trim())"
        )
        assert rows[0][:2] == ["student", "points"]
        assert [row[0] for row in rows[1:]] == [csv_cells.text(each) for each in shown]
        assert {row[1] for row in rows[1:]} == {"2.0"}
        page.locator("#hide").click()


def test_it_opens_with_what_an_instructor_acts_on(page: Page, tmp_path: Path) -> None:
    wrong = check("a", 0.0, mistake="mistake_3", message="surname_x got 7.")
    gone = check("c", 2.0, verdict=Verdict.NOT_RUN)
    class_ = [of(name, wrong, check("b"), gone) for name in ("surname_x", "surname_y")]
    now = result(*class_, of("zed", reason="It is empty."))
    before = result(of("surname_x", check("a"), check("b"), gone), *class_[1:])
    text = make_page(now, WORDING, before, missing=["carl"], course="numerics", date="2026-01-02")
    (tmp_path / "report.html").write_text(text, encoding="utf-8")
    show(page, tmp_path / "report.html")
    head, act = page.locator("header").inner_text(), page.locator("#act").inner_text()
    assert "numerics" in head
    assert "2026-01-02" in head
    assert page.locator("main section").first.get_attribute("id") == "act"
    for sentence in (
        "zed: rejected",
        "2 students",
        WORDING.mistakes["mistake_3"],
        "For example: Student ",  # the name of the student is not in the example
        "Nobody has any points: a",
        "Everybody has full points: b\n",
        "surname_x: 6 → 4",
        "carl",
    ):
        assert sentence in act, act
    assert "surname_x got" not in act
    assert page.locator("details[open]").count() == 0


def test_a_report_of_thirty_is_small_and_fits_on_three_screens(page: Page, tmp_path: Path) -> None:
    text = make_page(crowd(30), WORDING)
    assert len(text.encode()) < 300_000
    (tmp_path / "report.html").write_text(text, encoding="utf-8")
    page.set_viewport_size({"width": 1280, "height": 900})
    show(page, tmp_path / "report.html")
    assert page.evaluate("document.documentElement.scrollHeight") < 3 * 900
    unfold(page)
    clipped = "[...document.querySelectorAll('.wide')].filter((e) => e.scrollWidth > e.clientWidth)"
    assert page.evaluate(f"{clipped}.map((each) => each.ariaLabel)") == []


def test_a_student_opens_to_the_checks_that_did_not_pass(page: Page, tmp_path: Path) -> None:
    now = crowd(60)
    opened(page, tmp_path, now)
    page.locator("#learners button.open").first.focus()
    page.keyboard.press("Enter")
    lines = page.locator("#learners tr.opened li").all_inner_texts()
    lost = [each for each in now.submissions[0].checks if each.verdict != "passed"]
    assert len(lines) == len(lost)
    for line, each in zip(lines, lost, strict=True):
        assert each.id in line
        assert WORDING.checks[each.id] in line
        assert each.mistake is None or WORDING.mistakes[each.mistake] in line
    page.keyboard.press("Enter")
    assert page.locator("#learners tr.opened").count() == 0


def test_with_pseudonyms_no_name_is_in_what_is_shown_or_printed(page: Page, tmp_path: Path) -> None:
    now = crowd(60)
    opened(page, tmp_path, now, earlier(now))
    everything = """() => {
        const copy = document.documentElement.cloneNode(true);
        copy.querySelectorAll("script").forEach((each) => each.remove());
        return copy.outerHTML + [...document.querySelectorAll("input")].map((e) => e.value);
    }"""
    names = [*(each.student for each in now.submissions), "who_left"]
    parts = re.compile(r"surname\d|given\d|who_left", re.IGNORECASE)
    assert set(names) <= set(re.findall(r"surname\d+_given\d+|who_left", page.evaluate(everything)))
    page.locator("#learners input[type=search]").fill(names[3])
    page.locator("#hide").check()
    assert parts.search(page.evaluate(everything)) is None
    page.locator("button.open").nth(3).click()
    page.emulate_media(media="print")
    assert parts.search(page.evaluate(everything)) is None
    shown = column(page, "learners", 0)
    assert sorted(shown)[0] == "Student 01"
    assert len(set(shown)) == 60
    assert shown == sorted(shown)  # the order of the names would tell who is who
    page.emulate_media(media="screen")
    page.locator("#learners input[type=search]").fill(names[3])
    assert column(page, "learners", 0) == []
    page.locator("#hide").uncheck()
    assert set(column(page, "learners", 0)) == {each.student for each in now.submissions}


def test_on_paper_the_heads_of_tables_are_repeated_and_nothing_covers_a_cell(
    page: Page, tmp_path: Path
) -> None:
    opened(page, tmp_path, crowd(12))
    page.emulate_media(media="print")

    def style(selector: str, name: str, pseudo: str = "") -> str:
        look = "(each, [name, pseudo]) => getComputedStyle(each, pseudo)[name]"
        return str(page.locator(selector).first.evaluate(look, [name, pseudo]))

    # Chromium leaves out a button in the head that it repeats on each sheet, and what is sticky.
    assert style("#learners thead button", "display") == "contents"
    assert style("#learners thead th", "position") == "static"
    assert style("#learners tbody th", "position") == "static"
    assert style("#learners tbody button", "content", "::before") == "none"
    assert style("#learners abbr", "content", "::after") == "none"  # it would fill the line


def test_among_equal_marks_pseudonyms_are_in_no_order_of_the_names(
    page: Page, tmp_path: Path
) -> None:
    opened(page, tmp_path, result(*(of(f"name{number:02}", check()) for number in range(40))))
    page.locator("#learners th button.sort").nth(1).click()
    assert column(page, "learners", 0) == [f"name{number:02}" for number in range(40)]
    page.locator("#hide").check()
    shown = column(page, "learners", 0)
    assert shown == sorted(shown)


def test_pseudonyms_are_drawn_anew_for_each_report() -> None:
    now = result(*(of(f"name{number}", check()) for number in range(40)))
    data = [
        json.loads(re.findall(r'id="data">(.*)</script>', make_page(now, WORDING))[0])
        for _ in range(2)
    ]
    assert data[0]["names"] != data[1]["names"]
    assert sorted(data[0]["names"][0]) != sorted(data[0]["names"][1])


def test_nothing_that_students_wrote_is_more_than_text(page: Page, tmp_path: Path) -> None:
    submissions = [
        of(
            name,
            check(message=name, points=None),
            check(f"b_{name}", 0.0, function=name, mistake=name),
            observations=[name],
        )
        for name in HOSTILE
    ]
    rejected = [of(f"r{name}", reason=name) for name in HOSTILE]
    now = result(*submissions, *rejected)
    before = result(*(msgspec.structs.replace(each, score=9.0) for each in submissions))
    dialogs: list[str] = []

    def dismiss(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", dismiss)
    opened(page, tmp_path, now, before)
    for _ in range(2):
        for button in page.locator("button.open").all():
            button.dispatch_event("click")
        page.locator("#hide").click()
    assert dialogs == []
    for tag in ("img", "svg[onload]", "[onmouseover]", "style + style", "body > svg"):
        assert page.locator(tag).count() == 0, tag
    assert page.locator("script").count() == 2
    shown = page.locator("#learners").inner_text()
    for name in HOSTILE:
        assert re.sub(r"[\x00-\x1f\x7f-\x9f]", "�", name) in shown
    assert violations(page) == []


def test_a_script_that_got_in_all_the_same_would_not_run(page: Page, tmp_path: Path) -> None:
    """The policy alone, without the escaping."""
    inside = "<script>document.title = 'ran'</script><b onclick='1' style='color: red'>x</b>"
    text = opened(page, tmp_path, crowd(3)).replace("</main>", f"{inside}</main>")
    refused: list[str] = []
    browser_page = page.context.new_page()
    browser_page.on("console", lambda said: refused.append(said.text))
    (tmp_path / "spoiled.html").write_text(text, encoding="utf-8", newline="\n")
    show(browser_page, tmp_path / "spoiled.html")
    assert browser_page.title() == "Class report: doubling"
    assert len([each for each in refused if "Content Security Policy" in each]) >= 2
    browser_page.close()


def test_nothing_is_loaded_from_anywhere(page: Page, tmp_path: Path) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    text = opened(page, tmp_path, crowd(60))
    assert asked == [(tmp_path / "report.html").as_uri()]
    assert not re.search(r"(?:src|href)=\"(?!#)", text)


def test_without_scripts_the_marks_are_all_there(page: Page, tmp_path: Path) -> None:
    now = crowd(60)
    opened(page, tmp_path, now)
    assert page.context.browser is not None
    context = page.context.browser.new_context(java_script_enabled=False)
    without = context.new_page()
    show(without, tmp_path / "report.html")
    without.locator("#learners-head").click()
    text = without.locator("#learners").inner_text()
    assert all(each.student in text for each in now.submissions)
    assert not without.locator("#privacy").is_visible()  # it would do nothing
    context.close()


def test_a_class_that_nobody_could_read_has_a_report_too(page: Page, tmp_path: Path) -> None:
    opened(page, tmp_path, result(of("ada", reason="It is empty."), of("bob", reason="It too.")))
    assert "No submission could be graded" in page.locator("#marks").inner_text()
    assert violations(page) == []


def test_a_class_of_two_thousand_stays_under_five_megabytes() -> None:
    assert len(make_page(crowd(2000), WORDING).encode()) < 5_000_000


def wordless(now: Result) -> Result:
    """Return the same class, of which nobody has said an English word."""
    submissions = []
    for number, each in enumerate(now.submissions):
        checks = tuple(
            msgspec.structs.replace(taken, message=taken.message and "不对。")
            for taken in each.checks
        )
        submissions.append(
            msgspec.structs.replace(
                each,
                student=f"张{number}",
                reason=each.reason and "文件不完整。",
                observations=("旁边有文件。",) if each.observations else (),
                checks=checks,
            )
        )
    return msgspec.structs.replace(now, submissions=tuple(submissions))


IN_CHINESE = Wording("e", {"check_0": "第一项检查。"}, {"mistake_0": "第一个错误。"})

SEEN = """() => {
    document.querySelectorAll("cite, script, style").forEach((each) => each.remove());
    const attributes = ["aria-label", "title"].flatMap((name) =>
        [...document.querySelectorAll(`[${name}]`)].map((each) => each.getAttribute(name)));
    const drawn = [...document.querySelectorAll("svg title")].map((each) => each.textContent);
    return [document.title, document.body.innerText, ...attributes, ...drawn].join("\\n");
}"""
"""All that people read or hear of a page, but for the titles of books."""

ALSO_IN_CHINESE = {
    *("autograder", "doubling", "numpy", "seccomp", "PDF", "CSV"),
    *("Pearson", "Crocker", "Algina", "Henrysson", "Psychometrika", "Ebel"),
    *("corr", "max", "mean"),
}


@pytest.mark.parametrize("size", [3, 60])
def test_in_chinese_nothing_is_left_in_english(page: Page, tmp_path: Path, size: int) -> None:
    now = wordless(crowd(size))
    before = msgspec.structs.replace(
        earlier(now), numpy="1", isolation=(), inputs="notebook", assignment_digest="e"
    )
    with use_language("zh"):
        opened(page, tmp_path, now, before, IN_CHINESE)
    assert page.evaluate("document.documentElement.lang") == "zh"
    said = []
    page.locator("#learners button.sort").first.click()
    said.append(page.locator("#said").inner_text())
    page.locator("#learners input[type=search]").fill("张")
    said.append(page.locator("#said").inner_text())
    page.locator("#hide").check()
    said.append(page.locator("#said").inner_text())
    assert said == ["已按“学生”升序排列。", f"共 {size} 行，显示 {size} 行。", "已显示化名。"]
    for button in page.locator("button.open").all():
        button.click()
    seen = page.evaluate(SEEN)
    # What else is made of Latin letters alone: names of programs and people, and formulas.
    words = {each for each in re.findall(r"\w+", seen, re.ASCII) if re.fullmatch("[A-Za-z]+", each)}
    assert {each for each in words if len(each) > 1} <= ALSO_IN_CHINESE


def test_a_page_in_chinese_can_be_read_by_everybody(page: Page, tmp_path: Path) -> None:
    with use_language("zh"):
        opened(page, tmp_path, wordless(crowd(60)), None, IN_CHINESE)
    assert violations(page) == []
    page.set_viewport_size({"width": 390, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    broken = page.evaluate(
        """[...document.querySelectorAll("thead button")].filter((each) =>
            !each.querySelector("code") && each.offsetHeight > 1.9 * parseFloat(
                getComputedStyle(each).lineHeight)).map((each) => each.innerText)"""
    )
    assert broken == [], "a head is broken within a word"
