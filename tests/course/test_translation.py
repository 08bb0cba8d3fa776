"""An assignment in another language: every text is there, and none is of another text by now."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from rich.cells import cell_len

from autograder.course.assignment import Assignment, BadAssignment
from autograder.course.builder import build, write_source
from autograder.course.code_strings import PLACEHOLDER
from autograder.course.lesson import Role, built_language
from autograder.course.release import hidden_statements
from autograder.course.translation import texts_of, unfinished, update
from tests.helpers.banks import NAMES
from tests.helpers.course import ROOT

if TYPE_CHECKING:
    from tests.helpers.course import Course


def catalogues() -> Iterator[tuple[str, str]]:
    for name in NAMES:
        for language in Assignment(ROOT, name).languages:
            yield name, language


COLUMN = r"\S+(?: \S+)*"
"""What the head of a table says above one of its columns."""

WINDOW = 116
"""Columns of code that JupyterLab shows in a window of 1100 pixels."""

ALL = pytest.mark.parametrize(("name", "language"), [*catalogues()])


def read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file)


def variables(text: str) -> list[str]:
    """Return what the placeholders of an f-string compute with; nothing where a text is none."""
    found: set[str] = set()
    for piece in PLACEHOLDER.finditer(text):
        try:
            tree = ast.parse(f"f{piece[0]!r}") if piece["placeholder"] else ast.parse("")
        except SyntaxError:  # the braces of a formula
            continue
        found |= {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return sorted(found)


def test_every_assignment_is_there_in_chinese() -> None:
    assert {(name, "zh") for name in NAMES} <= set(catalogues())


@ALL
def test_no_translation_is_missing_or_stale(name: str, language: str) -> None:
    assignment = Assignment(ROOT, name)
    catalogue = read(assignment.languages[language])
    assert not unfinished(catalogue)
    texts = texts_of(assignment)
    assert texts
    advice = f"autograder messages {name} --lang {language}"
    assert {str(each.id) for each in catalogue if each.id} == set(texts), advice


@ALL
def test_every_translation_computes_with_what_its_text_computes_with(
    name: str, language: str
) -> None:
    for message in read(Assignment(ROOT, name).languages[language]):
        if message.id:
            assert variables(str(message.string)) == variables(str(message.id)), message.id


def ends(head: str) -> list[int]:
    """Return where the columns below a head end, whose words stand at the right of theirs."""
    return [cell_len(head[: word.end()]) for word in re.finditer(COLUMN, head)]


@ALL
def test_the_head_of_a_table_stands_above_its_columns(name: str, language: str) -> None:
    heads = [
        (str(message.id), str(message.string))
        for message in read(Assignment(ROOT, name).languages[language])
        if re.fullmatch(rf" *{COLUMN}(?: {{3,}}{COLUMN})+", str(message.id))
    ]
    assert heads
    for head, translated in heads:
        assert ends(translated) == ends(head), translated


@ALL
def test_a_translated_notebook_has_the_same_cells_and_says_its_language(
    name: str, language: str
) -> None:
    english, other = (build(Assignment(ROOT, name, code)) for code in ("en", language))
    assert [(part.role, part.id, part.points) for part in english.parts] == [
        (part.role, part.id, part.points) for part in other.parts
    ]
    for lesson in (english, other):
        notebook = lesson.source_notebook()
        nbformat.validate(notebook)
        assert notebook.metadata.autograder.language == lesson.language
    texts = [(one, two) for one, two in zip(english.parts, other.parts, strict=True)]
    for one, two in texts:
        if one.role is Role.TEXT:
            assert one.source != two.source
        elif one.role is not Role.ANSWER:
            ast.parse(two.source)


@pytest.mark.parametrize(("name", "language"), [*((name, "en") for name in NAMES), *catalogues()])
def test_the_code_of_a_lesson_fits_into_a_window(name: str, language: str) -> None:
    for part in build(Assignment(ROOT, name, language)).parts:
        if part.role in (Role.SETUP, Role.EXPERIMENT, Role.SOLUTION):
            for line in part.released.splitlines():
                assert cell_len(line) <= WINDOW, line


def strings(node: ast.AST) -> list[str]:
    """Return all strings in some code."""
    values = (each.value for each in ast.walk(node) if isinstance(each, ast.Constant))
    return [value for value in values if isinstance(value, str)]


def labels(code: ast.AST) -> set[str]:
    """Return the words that code writes into a figure, apart from its formulas."""
    texts: list[str] = []
    for node in ast.walk(code):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            by = node.func.value
            if isinstance(by, ast.Name) and by.id == "plot":
                named = [each.value for each in node.keywords if each.arg != "log"]
                texts += [text for each in [*node.args, *named] for text in strings(each)]
        elif isinstance(node, ast.For) and any(map(labels, node.body)):  # over the curves' names
            texts += [text for text in strings(node.iter) if " " in text]
        elif isinstance(node, ast.Dict):  # from a curve's name to what it shows
            texts += [text for key in node.keys if key for text in strings(key) if " " in text]
    return set(re.findall(r"[A-Za-z]{2,}", re.sub(r"\$.*?\$", "", "\n".join(texts))))


@ALL
def test_the_words_in_a_figure_are_explained_beside_it(name: str, language: str) -> None:
    figures = 0
    for part in build(Assignment(ROOT, name, language)).parts:
        if part.role is Role.EXPERIMENT and "(plot)" in part.source:
            tree = ast.parse(part.source)
            said = " ".join(text for text in strings(tree) if not text.isascii())
            words = labels(tree)
            assert {word for word in words if word not in said} == set(), part.id
            figures += 1
    assert figures > 5


@ALL
def test_checks_and_mistakes_are_the_same_but_for_their_sentences(name: str, language: str) -> None:
    english, other = (Assignment(ROOT, name, code) for code in ("en", language))
    for one, two in zip(english.checks, other.checks, strict=True):
        assert (one.id, one.of, one.points, one.visible) == (
            two.id,
            two.of,
            two.points,
            two.visible,
        )
        assert one.sentence != two.sentence
    for mistake, same in zip(english.mistakes, other.mistakes, strict=True):
        assert mistake.source(english.reference) == same.source(other.reference)
        assert mistake.sentence != same.sentence


@ALL
def test_hidden_statements_are_looked_for_in_the_language_of_the_release(
    name: str, language: str
) -> None:
    assignment = Assignment(ROOT, name, language)
    hidden, _ = hidden_statements(assignment, build(assignment))
    assert any(not statement.isascii() for statement in hidden)


def translated(tiny: Course) -> Path:
    """Return the tiny course, of whose translation one text is there."""
    path, open_ones = update(tiny.assignment, "zh")
    assert open_ones == len(texts_of(tiny.assignment)) > 5
    text = path.read_text(encoding="utf-8")
    before = 'msgid "Twice a number is the number and itself."\nmsgstr ""'
    assert before in text
    path.write_text(text.replace(before, before[:-1] + '一个数的两倍是它加上自己。"'), "utf-8")
    return path


def test_what_nobody_has_translated_is_said_in_english(tiny: Course) -> None:
    translated(tiny)
    lesson = build(Assignment(tiny.root, tiny.name, "zh"))
    sources = [part.source for part in lesson.parts]
    assert "一个数的两倍是它加上自己。" in sources
    assert any("Add the number to itself." in source for source in sources)


def test_a_text_that_was_changed_keeps_its_old_translation_marked_and_unsaid(tiny: Course) -> None:
    path = translated(tiny)
    lesson = tiny.root / "assignments/doubling/lesson.md"
    lesson.write_text(lesson.read_text().replace("is the number and", "is that number and"))
    _, open_ones = update(tiny.anew().assignment, "zh")
    assert open_ones == len(texts_of(tiny.anew().assignment))
    assert '#, fuzzy\nmsgid "Twice a number is that number and itself."\n' in path.read_text()
    sources = [part.source for part in build(Assignment(tiny.root, tiny.name, "zh")).parts]
    assert "Twice a number is that number and itself." in sources


def test_bringing_up_to_date_what_is_so_changes_nothing(tiny: Course) -> None:
    path = translated(tiny)
    before = path.read_bytes()
    update(tiny.anew().assignment, "zh")
    assert path.read_bytes() == before


def test_a_language_that_nobody_has_translated_into_is_an_error_that_says_what_to_do(
    tiny: Course,
) -> None:
    with pytest.raises(BadAssignment, match=r"autograder messages doubling --lang fr"):
        Assignment(tiny.root, tiny.name, "fr")
    with pytest.raises(BadAssignment, match=r"not a language code"):
        update(tiny.assignment, "chinese, please")


def test_the_language_of_a_course_is_that_in_which_it_was_built(tiny: Course) -> None:
    assert built_language(tiny.assignment) == "en"
    translated(tiny)
    write_source(Assignment(tiny.root, tiny.name, "zh"))
    assert built_language(tiny.anew().assignment) == "zh"
