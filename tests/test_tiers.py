"""The two tiers of tests are all tests, and the fast one has something of every kind."""

from __future__ import annotations

import ast
import re
import shlex
from pathlib import Path

import pytest

from tests.helpers.course import ROOT
from tests.helpers.tiers import (
    COLLECTED,
    KINDS,
    SLOW,
    TESTS,
    Kind,
    begins,
    original_name,
    parameters,
)

EACH_KIND = pytest.mark.parametrize("kind", [pytest.param(kind, id=kind.name) for kind in KINDS])


@pytest.fixture
def every(request: pytest.FixtureRequest) -> list[pytest.Item]:
    """All tests there are."""
    found = request.config.stash[COLLECTED]
    files = {item.path for item in found}
    if files != set(TESTS.rglob("test_*.py")):
        pytest.skip("only a run of all tests shows that none is left out")
    return found


def of(kind: Kind, tests: list[pytest.Item]) -> list[pytest.Item]:
    return [test for test in tests if test.get_closest_marker(kind.name)]


def fast(tests: list[pytest.Item]) -> list[pytest.Item]:
    return [test for test in tests if not test.get_closest_marker(SLOW)]


@EACH_KIND
def test_each_slow_kind_has_a_canary_in_the_fast_tier(kind: Kind, every: list[pytest.Item]) -> None:
    assert fast(of(kind, every))
    assert len(fast(of(kind, every))) < len(of(kind, every)), "nothing of it is slow"


@EACH_KIND
def test_no_name_in_the_description_of_a_kind_is_out_of_date(
    kind: Kind, every: list[pytest.Item]
) -> None:
    for start in (*kind.files, *kind.canaries):
        assert any(begins(test, start) for test in every), start
    used = {name for test in every for name in getattr(test, "fixturenames", ())}
    assert kind.fixtures <= used


def test_every_folder_of_tests_has_a_fast_one(every: list[pytest.Item]) -> None:
    assert {test.path.parent for test in fast(every)} == {test.path.parent for test in every}


def test_one_attack_of_each_category_and_one_seed_of_each_bank_are_fast(
    every: list[pytest.Item],
) -> None:
    def values(tests: list[pytest.Item], function: str, parameter: str) -> set[object]:
        chosen = [parameters(test)[parameter] for test in tests if original_name(test) == function]
        found = {getattr(each, "category", getattr(each, "name", None)) for each in chosen}
        assert found - {None}
        return found

    for function, parameter in (
        ("test_an_attack_is_contained", "attack"),
        ("test_the_reference_passes_every_check", "bank"),
        ("test_a_mistake_loses_points_in_the_checks_of_its_function", "bank"),
        ("test_a_right_answer_in_another_form_gets_full_marks", "bank"),
    ):
        assert values(fast(every), function, parameter) == values(every, function, parameter), (
            function
        )


def test_the_tiers_together_are_all_tests() -> None:
    """One command leaves out what is slow, and the other one nothing."""
    makefile = (ROOT / "Makefile").read_text()
    pytest_command = re.search(r"^PYTEST := \$\(BIN\)/pytest (.*)$", makefile, re.MULTILINE)
    assert pytest_command
    assert shlex.split(pytest_command[1]) == [
        *("--dist", "loadfile", "--no-loadscope-reorder"),
    ]
    rules = dict(re.findall(r"^(test|test-all): lint\n\t(.*)$", makefile, re.MULTILINE))
    assert rules == {
        "test": f'$(PYTEST) --numprocesses auto -m "not {SLOW}"',
        "test-all": "$(PYTEST) --numprocesses logical",
    }
    commands = (ROOT / ".ci" / "run").read_text().splitlines()
    assert {"make test", "make test-all"} <= {*commands}


def test_without_a_choice_by_marker_nothing_is_left_out(
    request: pytest.FixtureRequest, every: list[pytest.Item]
) -> None:
    chosen = {"": every, f"not {SLOW}": fast(every)}.get(request.config.option.markexpr)
    if chosen is None or request.config.option.keyword:
        pytest.skip("tests were chosen by something else")
    assert {item.nodeid.partition("@")[0] for item in request.session.items} == {
        item.nodeid.partition("@")[0] for item in chosen
    }


PYTHON = sorted(TESTS.rglob("*.py"))


@pytest.mark.parametrize("file", PYTHON, ids=lambda file: file.relative_to(TESTS).as_posix())
def test_helpers_are_no_tests_and_markers_of_tiers_are_not_set_by_hand(file: Path) -> None:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and str(node.module).split(".")[0] == "tests":
            assert str(node.module).split(".")[:2] == ["tests", "helpers"], ast.unparse(node)
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "pytest.mark":
            assert node.attr not in {SLOW, *(kind.name for kind in KINDS)}, ast.unparse(node)
