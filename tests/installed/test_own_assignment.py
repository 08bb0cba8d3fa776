"""The page for instructors, followed to the letter in an empty folder with only the wheel."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from tests.helpers.course import ROOT
from tests.helpers.installed import Installed

PAGE = ROOT / "docs" / "instructors" / "own-assignment.md"


@dataclass(frozen=True)
class Block:
    """A fenced block of the page.

    Attributes:
        line: where it starts.
        language: what is in it: `sh` for commands, `text` for what the last of these printed.
        file: the file that it is to be written to, if it is one.
        text: what stands in it.
    """

    line: int
    language: str
    file: str
    text: str


def blocks() -> Iterator[Block]:
    """The fenced blocks of the page, in order."""
    for token in MarkdownIt().parse(PAGE.read_text(encoding="utf-8")):
        if token.type == "fence":
            language, _, title = token.info.partition(" ")
            file = title.removeprefix('title="').removesuffix('"')
            assert token.map is not None
            yield Block(token.map[0] + 1, language, file, token.content)


def stripped(text: str) -> list[str]:
    """Return the lines without the spaces that a table ends with."""
    return [line.rstrip() for line in text.strip().splitlines()]


def test_the_page_works_as_it_stands(installed: Installed, tmp_path: Path) -> None:
    printed: list[str] | None = None
    ran = 0
    for block in blocks():
        where = f"{PAGE.name}, line {block.line}"
        if block.file:
            path = tmp_path / block.file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text, encoding="utf-8")
        elif block.language == "sh":
            done = installed.run("bash", "-euo", "pipefail", "-c", block.text, cwd=tmp_path)
            printed = stripped(done.stdout)
            ran += 1
        elif block.language == "text":
            shown = stripped(block.text)
            assert printed is not None, where
            starts = range(len(printed) - len(shown) + 1)
            assert any(printed[at : at + len(shown)] == shown for at in starts), (where, printed)
        else:
            pytest.fail(f"{where}: neither a file, nor commands, nor what they print")
    assert ran >= 8
    feedback = tmp_path / "feedback" / "ada" / "k_means" / "k_means.html"
    assert (
        "assign_clusters is not written yet: it raises NotImplementedError."
        in feedback.read_text(encoding="utf-8")
    )


def test_the_page_replaces_every_file_of_the_example() -> None:
    template = ROOT / "autograder" / "course" / "template"
    of_an_assignment = {
        path.relative_to(template).as_posix().replace("NAME", "k_means")
        for folder in ("assignments", "reference")
        for path in (template / folder).rglob("*.*")
        if "__pycache__" not in path.parts
    }
    assert of_an_assignment == {block.file for block in blocks() if block.file}
