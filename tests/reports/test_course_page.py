"""The page of a whole course: who is missing, late or provisional, and whose scores fell."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from bs4 import BeautifulSoup

from autograder.i18n import use_language
from autograder.reports.html.course_page import AssignmentColumn, Standing, course_page
from tests.helpers.browser import show, violations
from tests.helpers.classes import HOSTILE

if TYPE_CHECKING:
    from playwright.sync_api import Page

STUDENTS = ("ada", "bo", "cy")
COLUMNS = (
    AssignmentColumn("first", 10.0, {"ada": Standing(9.0), "bo": Standing(5.0)}, "first.html"),
    AssignmentColumn(
        "second", 20.0, {"ada": Standing(4.0, late=True), "bo": Standing(8.0, waits=True)}
    ),
    AssignmentColumn("third", 5.0, {}),
)


def cards(page: str) -> dict[str, str]:
    """Return the text of each card, by its title."""
    soup = BeautifulSoup(page, "html.parser")
    return {
        each.select("h3")[0].get_text(): " ".join(each.get_text(" ").split())
        for each in soup.select("article")
    }


def test_it_says_who_is_missing_late_or_provisional_and_whose_scores_fell() -> None:
    told = cards(course_page("numerics", STUDENTS, COLUMNS))
    assert told["Missing in two or more assignments"].endswith("assignments cy")
    assert told["Missing"] == "Missing first : cy second : cy"
    assert told["Late"] == "Late second : ada"
    provisional = told["Provisional: grade the rest by hand"]
    assert "second : bo" in provisional
    assert provisional.endswith("autograder confirm NAME STUDENT")
    assert "ada : 90% on average before, 20% in the last assignment" in told["Scores that fell"]
    assert "bo" not in told["Scores that fell"]  # what a person must still add is no fall


def test_bars_show_each_students_share_of_the_points_and_a_gap_where_one_is_missing() -> None:
    soup = BeautifulSoup(course_page("numerics", STUDENTS, COLUMNS), "html.parser")
    bars = [
        [(each["x"], each["height"]) for each in row.select("rect")]
        for row in soup.select("#learners tbody tr")
    ]
    assert bars == [[("0", "14.4"), ("8", "3.2")], [("0", "8.0"), ("8", "6.4")], []]


def test_the_table_has_every_student_and_leads_to_the_class_reports() -> None:
    soup = BeautifulSoup(course_page("numerics", STUDENTS, COLUMNS), "html.parser")
    rows = [
        [each.get_text(" ", strip=True) for each in row]
        for row in (row.find_all(["th", "td"]) for row in soup.select("#learners tbody tr"))
    ]
    assert rows == [
        ["ada", "13", "9", "4 late", "–"],
        ["bo", "13", "5", "8*", "–"],
        ["cy", "0", "missing", "missing", "–"],
    ]
    assert [each["href"] for each in soup.select("tbody a")] == ["first.html"]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_everybody_can_read_it_and_no_name_is_markup(
    page: Page, tmp_path: Path, language: str
) -> None:
    names = (*HOSTILE, *STUDENTS)
    columns = [
        AssignmentColumn(name, 3.0, {each: Standing(1.0) for each in names}) for name in HOSTILE[:6]
    ]
    with use_language(language):
        text = course_page(HOSTILE[0], names, [*columns, *COLUMNS])
    (tmp_path / "course.html").write_text(text, encoding="utf-8")
    page.set_viewport_size({"width": 390, "height": 800})
    show(page, tmp_path / "course.html")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.locator("script").count() == 2
    assert page.locator("img, [onmouseover], svg:not([aria-hidden])").count() == 0
    page.locator("#learners input[type=search]").fill("ada")
    assert page.locator("#learners tbody tr:visible").count() == 1
