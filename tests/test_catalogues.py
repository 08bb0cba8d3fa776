"""Our own sentences in other languages: every one is there, and none is of another one by now."""

from __future__ import annotations

import io
import re
from pathlib import Path
from string import Formatter

import click
import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

import autograder
from autograder.course.translation import unfinished
from autograder.i18n import OURS, _, catalogues, plural, use_language

THERE = catalogues(OURS, "autograder")

ALL = pytest.mark.parametrize("language", THERE)


def read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file)


def sentences() -> set[str]:
    """Return every sentence that is marked in the code."""
    keywords = {**DEFAULT_KEYWORDS, "plural": (1, 2)}
    methods = [("**.py", "python"), ("**.j2", "jinja2")]
    found = extract_from_dir(autograder.__path__[0], methods, keywords=keywords)
    texts = [[each[2]] if isinstance(each[2], str) else each[2] for each in found]
    return {text for each in texts for text in each if text}


def fields(text: str) -> set[str]:
    return set(re.findall(r"%\(\w+\)s", text)) | {
        name for _text, name, _form, _how in Formatter().parse(text) if name is not None
    }


def both(entry: object) -> list[str]:
    """Return one text, or the two of a plural."""
    return [entry] if isinstance(entry, str) else [str(each) for each in entry]  # type: ignore[attr-defined]


def test_chinese_is_there() -> None:
    assert "zh" in THERE


@ALL
def test_no_sentence_is_missing_or_stale(language: str) -> None:
    catalogue = read(THERE[language])
    assert not unfinished(catalogue)
    there = {text for each in catalogue if each.id for text in both(each.id)}
    assert there == sentences(), "make messages"


@ALL
def test_every_translation_has_the_placeholders_of_its_sentence(language: str) -> None:
    for message in read(THERE[language]):
        if message.id:
            wanted = set().union(*map(fields, both(message.id)))
            for said in both(message.string):
                assert fields(said) == wanted, message.id


@ALL
def test_a_translation_is_of_the_language_and_not_of_ours(language: str) -> None:
    letters = {"zh": r"[\u4e00-\u9fff]"}[language]
    for message in read(THERE[language]):
        words = [re.sub(r"\{\w+\}|%\(\w+\)s", "", text).split() for text in both(message.id or "")]
        if any(len(each) > 1 for each in words):
            assert all(re.search(letters, said) for said in both(message.string)), message.id


def test_a_sentence_is_said_in_the_language_that_is_spoken() -> None:
    text = "{function} is not written yet: it raises NotImplementedError."
    assert _(text) == text
    with use_language("zh"):
        assert _(text) == "{function} 还没有写：它抛出 NotImplementedError。"
        with use_language("en"):
            assert _(text) == text
    with use_language("fr"):
        assert _(text) == text
        assert plural("one", "many", 2) == "many"


@ALL
def test_a_translation_on_a_page_takes_its_values(language: str) -> None:
    """Jinja puts them in with `%`, also where there are none."""
    keywords = DEFAULT_KEYWORDS
    found = extract_from_dir(autograder.__path__[0], [("**.j2", "jinja2")], keywords=keywords)
    texts = [each[2] if isinstance(each[2], str) else each[2][0] for each in found]
    catalogue = read(THERE[language])
    assert texts
    for text in texts:
        for said in both(catalogue[text].string):
            assert said % dict.fromkeys(re.findall(r"%\((\w+)\)s", said), "")


CLICKS = catalogues(OURS, "click")


def clicks_own() -> set[str]:
    """Return every sentence that click asks gettext for."""
    found = extract_from_dir(click.__path__[0], [("**.py", "python")])
    texts = [[each[2]] if isinstance(each[2], str) else each[2] for each in found]
    return {text for each in texts for text in each}


@pytest.mark.parametrize("language", CLICKS)
def test_what_click_says_is_translated_and_compiled(language: str) -> None:
    catalogue = read(CLICKS[language])
    assert not unfinished(catalogue)
    assert {text for each in catalogue if each.id for text in both(each.id)} <= clicks_own()
    for message in catalogue:
        if message.id:
            of_one, *_more = map(fields, both(message.id))
            for said in both(message.string):
                assert fields(said) in (of_one, *_more), message.id
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    assert CLICKS[language].with_suffix(".mo").read_bytes() == compiled.getvalue(), "make messages"


def test_every_language_has_clicks_words() -> None:
    assert CLICKS.keys() == THERE.keys()
