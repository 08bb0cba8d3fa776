"""The documentation leads somewhere: its navigation, its links, and the pages that others name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token
from ruamel.yaml import YAML

from autograder import checking
from autograder.result import Verdict
from tests.helpers.course import ROOT

DOCS = ROOT / "docs"

PAGES = sorted(DOCS.rglob("*.md"))

LINKING = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")] + PAGES

MARKDOWN = MarkdownIt("commonmark").enable("table")


def tokens(page: Path) -> Iterator[Token]:
    """The tokens of a page, those within paragraphs too."""
    for token in MARKDOWN.parse(page.read_text(encoding="utf-8")):
        yield token
        yield from token.children or ()


def targets(page: Path) -> list[str]:
    """Return where the links and pictures of a page lead."""
    found = (token.attrGet("href") or token.attrGet("src") for token in tokens(page))
    return [unquote(str(target)) for target in found if target]


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings that are the same on the site and on a code host."""
    lines = MARKDOWN.parse(page.read_text(encoding="utf-8"))
    words = [
        re.sub(r"[^\w\s-]", "", after.content).strip().lower()
        for token, after in pairwise(lines)
        if token.type == "heading_open"
    ]
    on_the_site = [re.sub(r"[-\s]+", "-", each) for each in words]
    elsewhere = [each.replace(" ", "-") for each in words]
    assert len(set(on_the_site)) == len(on_the_site), f"{page} has two headings of one name"
    return set(on_the_site) & set(elsewhere)


def broken(page: Path) -> list[str]:
    """Return the relative links of a page that lead nowhere."""
    found = []
    for target in targets(page):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        if not there.is_file() or (anchor and anchor not in anchors(there)):
            found.append(target)
    return found


def navigated(entry: Any) -> Iterator[str]:
    """The pages in a part of the navigation."""
    if isinstance(entry, str):
        yield entry
    else:
        for part in entry.values() if isinstance(entry, dict) else entry:
            yield from navigated(part)


def test_every_page_is_in_the_navigation_once() -> None:
    nav = YAML(typ="safe").load(ROOT / "mkdocs.yml")["nav"]
    assert sorted(navigated(nav)) == [page.relative_to(DOCS).as_posix() for page in PAGES]


@pytest.mark.parametrize("page", LINKING, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_leads_somewhere(page: Path) -> None:
    assert broken(page) == []


def test_a_broken_link_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "# One page\n\n[a](#one-page) [b](#two) [c](none.md) ![d](none.png)\n\n"
        "| t |\n|-|\n| [e](f) |\n",
        encoding="utf-8",
    )
    assert broken(page) == ["#two", "none.md", "none.png", "f"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(DOCS).as_posix())
def test_every_block_of_code_is_one_on_the_site_too(page: Path) -> None:
    """The site shows a block as plain text if it cannot read the words behind its fence."""
    words = [token.info for token in tokens(page) if token.type == "fence"]
    assert [each for each in words if not re.fullmatch(r'(\w+( title="[^"]+")?)?', each)] == []


def test_the_api_reference_has_every_name_that_assignments_use() -> None:
    used = {name for name in checking.__all__ if name != "expect"}
    for path in ROOT.glob("assignments/*/checks.py"):
        used |= set(re.findall(r"\bexpect\.(\w+)", path.read_text(encoding="utf-8")))
    page = (DOCS / "authors" / "api.md").read_text(encoding="utf-8")
    shown = set(re.findall(r"^::: [\w.]+\.(\w+)$|members: \[(\w+)\]", page, re.MULTILINE))
    assert used <= {name for names in shown for name in names}


def test_the_page_for_students_explains_every_verdict() -> None:
    page = (DOCS / "students.md").read_text(encoding="utf-8")
    assert [each for each in Verdict if f"| {each.sign} {each.label} | " not in page] == []


def test_the_readme_leads_to_every_page_but_what_the_site_alone_can_show() -> None:
    linked = {(ROOT / target.partition("#")[0]).resolve() for target in targets(ROOT / "README.md")}
    assert set(PAGES) - linked == {DOCS / "index.md", DOCS / "authors" / "api.md"}


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) < 150


def test_every_page_that_code_and_messages_name_is_there() -> None:
    files = [path for path in ROOT.iterdir() if path.is_file()]
    for folder in (".ci", "autograder", "assignments", "benchmarks", "demo", "docs", "reference"):
        files += (ROOT / folder).rglob("*")
    for folder in ("robustness", "tests"):
        files += (ROOT / folder).rglob("*.py")
    named = {
        (path.relative_to(ROOT).as_posix(), place)
        for path in files
        if path.name == "Makefile" or path.suffix in {".md", ".po", ".py", ".toml", ".yml"}
        for place in re.findall(
            r"\bdocs/[\w./-]+\.\w+", path.read_text(encoding="utf-8").replace("\\.", ".")
        )
    }
    assert len(named) > 10
    assert {(name, place) for name, place in named if not (ROOT / place).is_file()} == set()
