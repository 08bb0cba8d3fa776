"""Every attack of the bank is contained, and the table would say so if one were not."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace

import pytest

from autograder.checking import expect
from autograder.nbgrader.sanitize import Text
from autograder.reports.html import markdown
from autograder.sandbox.host.worker import Worker
from robustness.attacks import course
from robustness.attacks.__main__ import main
from robustness.attacks.attack import BANK, Attack
from robustness.attacks.bank import ALL
from robustness.attacks.books import Books
from robustness.attacks.contain import Target, short_limits
from robustness.attacks.course import CANARIES
from robustness.fuzzing.trees import temporary_folder
from tests.helpers.folders import open_the_way


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    root = tmp_path_factory.mktemp("attacked")
    open_the_way(root)
    with Worker() as worker, short_limits():
        yield Target(root / "course", worker)


@pytest.mark.parametrize("attack", ALL, ids=[attack.name for attack in ALL])
def test_an_attack_is_contained(attack: Attack, target: Target) -> None:
    assert target.contains(attack) == [], attack.tries


def test_every_attack_says_what_it_tries_in_one_sentence() -> None:
    for attack in ALL:
        assert attack.tries.endswith("."), attack.name
        assert "\n\n" not in attack.tries, attack.name


def test_marks_that_are_not_earned_are_seen(
    target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(expect, "close", lambda *_: None)
    assert any("points, not" in each for each in target.contains(BANK["everything_is_close"]))


def test_an_observation_that_is_not_made_is_seen(
    target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("autograder.sandbox.host.monitor.Observations.note", lambda *_: None)
    assert any("nobody is told" in each for each in target.contains(BANK["a_daemon_that_stays"]))


def test_points_beyond_what_an_attack_says_its_functions_are_worth_are_seen(target: Target) -> None:
    less = replace(BANK["everything_is_close"], worth={"double": 0.0})
    assert any("double got 4.0 points, not 0.0" in each for each in target.contains(less))


def test_outputs_without_a_bound_are_seen(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("robustness.attacks.contain.SHOWN", 100)
    assert any("its cells show" in each for each in target.contains(BANK["a_million_escapes"]))


def test_the_table_names_what_was_tried(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["points_edited", "a_daemon_that_stays"]) == 0
    shown = capsys.readouterr().out
    assert all(len(line) <= 80 for line in shown.splitlines())
    assert shown.splitlines()[-1].split() == ["all", "2", "2"]


IN_THE_BOOKS = (
    "what a browser runs",
    "what a parser stumbles over",
    "reading",
    "files beside the notebook",
)
SHOWN = [each for each in ALL if each.category in IN_THE_BOOKS]


@pytest.fixture(scope="module")
def books() -> Iterator[Books]:
    # Not in pytest's folder, which it cannot remove: something in it is nested deeply.
    with temporary_folder() as root, short_limits():
        opened = Books(root)
        yield opened
        opened.close()


@pytest.mark.parametrize(
    "attack", [*SHOWN, BANK["points_edited"]], ids=lambda attack: str(attack.name)
)
def test_nothing_of_an_attack_is_in_the_books_of_nbgrader(attack: Attack, books: Books) -> None:
    assert list(books.wrong(attack)) == [], attack.tries


def test_a_secret_in_the_books_is_seen(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    canary = next(iter(CANARIES.values()))
    monkeypatch.setitem(course.WRONG, "double", f"# {canary}")
    assert any("is in" in each for each in books.wrong(BANK["everything_is_close"]))


def test_a_secret_in_a_picture_in_the_books_is_seen(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    canary = base64.b64encode(f"x {CANARIES['reference']} y".encode()).decode()
    monkeypatch.setitem(course.WRONG, "double", f"# {canary}")
    assert any("the reference is in" in each for each in books.wrong(BANK["testing_that_agrees"]))


def test_what_is_written_beside_the_books_is_seen(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    does = Books._does

    def also_writes(self: Books, command: str, *arguments: str) -> bool:
        (self.root / "submitted" / "left").touch()
        return does(self, command, *arguments)

    monkeypatch.setattr(Books, "_does", also_writes)
    found = list(books.wrong(BANK["all_and_any_agree"]))
    assert any("have changed" in each and "submitted/left" in each for each in found)


def test_a_script_in_the_books_is_seen(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "autograder.nbgrader.sanitize.harmless", lambda text, *_: Text(text, {}, altered=False)
    )
    careless = SimpleNamespace(clean=lambda page: page)
    monkeypatch.setattr("autograder.reports.html.markdown.OWN_PAGE", careless)
    markdown._markdown.cache_clear()
    monkeypatch.setitem(BANK, "again", replace(BANK["scripts_in_texts"], name="again"))
    assert any(each == "a script in the feedback" for each in books.wrong(BANK["again"]))
    markdown._markdown.cache_clear()
