"""The browser of the tests itself: what finds nothing wrong with any page would be no test."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tests.helpers.browser import show, violations

if TYPE_CHECKING:
    from playwright.sync_api import Page

GOOD = """\
<!doctype html><html lang="en"><head><title>A page</title></head>
<body><main><h1>A page</h1><p>Some text.</p></main></body></html>
"""


def test_a_page_that_everybody_can_read_has_no_violation(page: Page, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(GOOD)
    show(page, tmp_path / "page.html")
    assert page.inner_text("h1") == "A page"
    assert violations(page) == []


def test_a_picture_without_a_text_is_a_violation(page: Page, tmp_path: Path) -> None:
    picture = '<svg role="img" width="9" height="9"></svg></main>'
    (tmp_path / "page.html").write_text(GOOD.replace("</main>", picture))
    show(page, tmp_path / "page.html")
    assert any(found.startswith("svg-img-alt") for found in violations(page))
