"""Whom we speak to in which language."""

from __future__ import annotations

import subprocess
import sys

import pytest

from autograder.i18n import _, closest, of_locale, use_language

THERE = {"zh": None, "pt_BR": None}


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "en"),
        ({"LANG": "C"}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "fr_FR.UTF-8"}, "en"),
        ({"LANG": "en_GB.UTF-8", "LC_MESSAGES": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C.UTF-8"}, "en"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": ""}, "zh"),
        ({"LANG": "en_US.UTF-8", "LANGUAGE": "fr:zh_CN:en"}, "zh"),
        ({"LANG": "pt_BR@latin"}, "pt_BR"),
        ({"LANG": "pt_PT"}, "en"),
    ],
)
def test_the_locale_is_asked_in_the_order_of_gettext(
    environment: dict[str, str], language: str
) -> None:
    assert of_locale(THERE, environment) == language


@pytest.mark.parametrize(
    ("code", "language"),
    [("zh", "zh"), ("zh-Hans", "zh"), ("zh_CN", "zh"), ("en_US", "en"), ("fr", None), ("", None)],
)
def test_a_code_finds_the_language_that_is_there(code: str, language: str | None) -> None:
    assert closest(code, THERE) == language


def test_who_reads_english_waits_for_no_catalogue() -> None:
    code = (
        "import sys, autograder.i18n as language\n"
        "language._('It is not right.')\n"
        "print(*(name for name in sys.modules if name.startswith('babel')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert not done.stdout.strip()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_nothing_is_nothing_in_every_language(language: str) -> None:
    with use_language(language):
        assert _("") == ""
