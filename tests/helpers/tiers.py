"""The two tiers of tests: `make test` runs the fast one, `make test-all` both.

A test is slow if it belongs to a slow kind, by a fixture that it uses or by its file. Some tests of
each kind, its canaries, are in the fast tier: they fail if the whole kind is broken. `pytest -m
"not slow"` is the fast tier, `pytest -m KIND` one kind.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]

SLOW = "slow"

COLLECTED = pytest.StashKey[list[pytest.Item]]()
"""All tests of a run, before some were chosen by their markers."""


def by_category(item: pytest.Item) -> Hashable:
    """Tell the category of the attack that a test is about."""
    attack = parameters(item).get("attack")
    return (original_name(item), getattr(attack, "category", None))


def by_assignment(item: pytest.Item) -> Hashable:
    """Tell the test and the assignment whose bank it draws from."""
    bank = parameters(item).get("bank")
    return (item.path, original_name(item), getattr(bank, "name", None))


@dataclass(frozen=True)
class Kind:
    """Tests that are slow for one reason.

    Attributes:
        name: the name of the marker.
        why: the reason why they are slow.
        fixtures: a test that uses one of these fixtures is of this kind.
        files: a test in one of these files or folders is of this kind.
        canaries: the beginnings of the node ids of canaries.
        one_of_each: if given, the first test for each of its values is a canary too.
    """

    name: str
    why: str
    fixtures: frozenset[str] = frozenset()
    files: tuple[str, ...] = ()
    canaries: tuple[str, ...] = ()
    one_of_each: Callable[[pytest.Item], Hashable] | None = None

    def holds(self, item: pytest.Item) -> bool:
        """Tell whether a test is of this kind."""
        return bool(self.fixtures.intersection(getattr(item, "fixturenames", ()))) or any(
            begins(item, file) for file in self.files
        )


KINDS = (
    Kind(
        "nbgrader",
        "nbgrader's commands take seconds to start, and seconds for each submission",
        fixtures=frozenset({"released_course", "released_tiny", "quickstart", "demo_output"}),
        canaries=(
            "nbgrader/test_exchange.py::test_zip_collect",
            "nbgrader/test_exporters.py::test_canvas",
            "nbgrader/test_exporters.py::test_moodle_gets",
            "nbgrader/test_odd_files.py",
            "nbgrader/test_pages.py::test_release_feedback_is_named_where_it_hands_them_out[True]",
            "nbgrader/test_postgresql.py",
            "nbgrader/test_regrading.py::test_what_the_books_have_already_is_left_alone",
            "nbgrader/test_writer.py",
            "course",
            "nbgrader/test_bulk.py::test_the_summary_and_the_json_are_those_of_grade",
            "nbgrader/test_collecting.py",
        ),
    ),
    Kind(
        "kernel",
        "a notebook is run in a Jupyter kernel",
        files=("course/test_lone_notebook.py",),
        canaries=(
            "course/test_lone_notebook.py::test_every_visible_check_of_the_stub_raises_and_says_"
            "that_the_function_is_not_written[logistic_regression]",
        ),
    ),
    Kind(
        "browser",
        "a page is opened in Chromium",
        fixtures=frozenset({"started_browser"}),
        canaries=("test_browser.py",),
    ),
    Kind(
        "attack",
        "a hostile notebook uses up its limits",
        files=("robustness/test_attacks.py",),
        canaries=("robustness/test_attacks.py::test_every_attack_says",),
        one_of_each=by_category,
    ),
    Kind(
        "dask",
        "a scheduler and workers are started",
        fixtures=frozenset({"dask"}),
        canaries=("grading/test_cluster.py::test_a_cluster_gives_the_result_of_this_machine",),
    ),
    Kind(
        "postgresql",
        "a database server is started",
        fixtures=frozenset({"server"}),
        canaries=("nbgrader/test_postgresql.py",),
    ),
    Kind(
        "wheel",
        "the wheel is built and installed",
        files=("installed",),
        canaries=(
            "installed/test_own_assignment.py::test_the_page_replaces",
            "installed/test_wheel.py::test_the_wheel_holds_every_file",
            "installed/test_wheel.py::test_the_environment_has_the_wheel",
        ),
    ),
    Kind(
        "bank",
        "all that is known to be right or wrong in an assignment is graded",
        files=("assignments",),
        one_of_each=by_assignment,
    ),
    Kind(
        "machine",
        "a file of tests is run as on another machine",
        files=("sandbox/test_layers.py",),
        canaries=(
            "sandbox/test_layers.py::test_every_layer",
            "sandbox/test_layers.py::test_the_doctor_says_what_holds_and_what_is_missing[here]",
            "sandbox/test_layers.py::test_without_a_needed_layer",
        ),
    ),
    Kind(
        "robustness",
        "files are altered and processes killed, many times",
        files=(
            "robustness/test_fuzz.py",
            "robustness/test_kills.py",
            "grading/test_faults.py",
            "robustness/test_hostile_folders.py",
        ),
        canaries=(
            "grading/test_faults.py::test_a_result_on_a_full_disk",
            "robustness/test_fuzz.py::test_an_answer_to_another_question",
            "robustness/test_fuzz.py::test_an_exception_is_seen",
            "robustness/test_hostile_folders.py::test_hostile_folders_harm_nobody[grade a folder]",
            "robustness/test_hostile_folders.py::test_points_that_differ",
            "robustness/test_kills.py::test_a_mark_that_is_lost",
            "robustness/test_kills.py::test_who_is_left",
        ),
    ),
    Kind(
        "audit",
        "the checks of an assignment are held against hundreds of notebooks",
        files=("audit/test_audit.py",),
        canaries=("audit/test_audit.py::test_a_good_grader_holds",),
    ),
)


def parameters(item: pytest.Item) -> dict[str, object]:
    """Give what a test was parametrized with."""
    found: dict[str, object] = getattr(getattr(item, "callspec", None), "params", {})
    return found


def original_name(item: pytest.Item) -> str:
    """Give the name of a test's function."""
    return str(getattr(item, "originalname", item.name))


def begins(item: pytest.Item, start: str) -> bool:
    """Tell whether a test's node id, from the folder of tests on, begins so."""
    return where(item).startswith(start)


def where(item: pytest.Item) -> str:
    """Give a test's node id from the folder of tests on."""
    try:
        path = item.path.relative_to(TESTS).as_posix()
    except ValueError:  # a test that a test has made
        path = item.path.as_posix()
    return f"{path}::{item.name}"


def is_canary(item: pytest.Item, kind: Kind, seen: set[Hashable]) -> bool:
    """Tell whether a test of a kind is in the fast tier, and remember that it was seen."""
    if any(begins(item, start) for start in kind.canaries):
        return True
    if kind.one_of_each is None:
        return False
    key = (kind.name, kind.one_of_each(item))
    first = key not in seen
    seen.add(key)
    return first


def mark(items: Iterable[pytest.Item]) -> None:
    """Give each test the markers of its kinds, and the slow one where it is no canary of them."""
    seen: set[Hashable] = set()
    for item in items:
        for kind in KINDS:
            if kind.holds(item):
                item.add_marker(kind.name)
                if not is_canary(item, kind, seen):
                    item.add_marker(SLOW)


def longest_first(items: list[pytest.Item]) -> None:
    """Put files with slow kinds in front, so that no process is left alone with one at the end."""
    files: dict[Path, list[pytest.Item]] = {}
    for item in items:
        files.setdefault(item.path, []).append(item)
    names = [kind.name for kind in KINDS]

    def rank(tests: list[pytest.Item]) -> int:
        markers = {marker.name for test in tests for marker in test.iter_markers()}
        return min((names.index(name) for name in markers & {*names}), default=len(names))

    items[:] = [item for tests in sorted(files.values(), key=rank) for item in tests]
