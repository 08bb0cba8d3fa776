"""Pages in a real Chromium, for tests of what people see."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe

from demo.browser import MISSING, browser, chromium

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


@pytest.fixture(scope="module")
def started_browser() -> Iterator[Browser]:
    """One Chromium for the tests of a module.

    While it runs, Playwright has a running event loop, and no other code can start one.
    """
    if chromium() is None:
        pytest.skip(MISSING)
    with browser() as started:
        yield started


@pytest.fixture
def page(started_browser: Browser) -> Iterator[Page]:
    """An empty page without network; the test fails if a script fails."""
    context = started_browser.new_context(offline=True)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    yield page
    context.close()
    assert errors == []


def show(page: Page, file: Path) -> None:
    """Open a file as a double click would."""
    page.goto(file.resolve().as_uri())


def violations(page: Page) -> list[str]:
    """Return the problems that axe-core finds: rule, reason and first place."""
    found = Axe().run(page).response["violations"]
    return [
        f"{rule['id']} ({rule['impact']}): {rule['help']}: {rule['nodes'][0]['html']}"
        for rule in found
    ]
