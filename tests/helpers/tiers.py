"""The two tiers of tests: `make test` runs the fast one, `make test-all` both.

A test is slow if it belongs to a slow kind, by a fixture that it uses, by its file or by its
function. Some tests of each kind, its canaries, are in the fast tier: they fail if the whole kind
is broken. `pytest -m "not slow"` is the fast tier, `pytest -m KIND` one kind.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from functools import cache
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


def by_function(item: pytest.Item) -> Hashable:
    """Tell which function is tested with several parameters."""
    return (item.path, original_name(item))


@dataclass(frozen=True)
class Kind:
    """Tests that are slow for one reason.

    Attributes:
        name: the name of the marker.
        why: the reason why they are slow.
        fixtures: a test that uses one of these fixtures is of this kind.
        files: the beginnings of the node ids of tests of this kind: folders, files or functions.
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
        files=(
            "course/test_release.py::test_a_release_that_leaks",
            "course/test_release.py::test_a_stray_file",
            "nbgrader/test_odd_files.py",
            "nbgrader/test_odd_uploads.py",
            "nbgrader/test_other_courses.py",
        ),
        canaries=(
            "nbgrader/test_exchange.py::test_zip_collect",
            "nbgrader/test_exporters.py::test_canvas",
            "nbgrader/test_odd_files.py::test_a_name_that_is_no_text_can_be_told[gradebook]",
            "nbgrader/test_odd_files.py::test_in_the_place_of_what_is_no_file",
            "nbgrader/test_postgresql.py",
            "nbgrader/test_regrading.py::test_what_the_books_have_already_is_left_alone",
            "nbgrader/test_writer.py",
            "course/test_lone_notebook.py::test_the_visible_checks_of_the_stub",
            "course/test_release.py::test_a_stray_file",
            "course/test_release.py::test_checkpoints",
            "course/test_release.py::test_the",
            "nbgrader/test_bulk.py::test_the_summary_and_the_json_are_those_of_grade",
            "nbgrader/test_collecting.py",
        ),
    ),
    Kind(
        "kernel",
        "a notebook is run in a Jupyter kernel",
        files=("course/test_lone_notebook.py",),
        canaries=(
            "course/test_lone_notebook.py::test_the_visible_checks_of_the_stub_say_that_the_"
            "function_is_not_written_and_raise_nothing[random_initialization]",
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
        files=("robustness/test_attacks.py", "sandbox/test_usage.py::test_what_computes_beside"),
        canaries=("robustness/test_attacks.py::test_every_attack_says",),
        one_of_each=by_category,
    ),
    Kind(
        "dask",
        "a scheduler and workers are started",
        fixtures=frozenset({"dask"}),
        files=("grading/test_cluster.py",),
        canaries=(
            "grading/test_cluster.py::test_a_cluster_gives_the_result_of_this_machine",
            "grading/test_cluster.py::test_certificates_are_readable",
            "grading/test_cluster.py::test_how_many_grade",
            "grading/test_cluster.py::test_only_tls",
            "grading/test_cluster.py::test_tls_and_loopback",
        ),
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
            "sandbox/test_layers.py::test_without_a_needed_layer_nothing_is_graded_unless_it_is_asked_"
            "for[seccomp]",
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
            "robustness/test_hostile_folders.py::test_points_that_differ",
            "robustness/test_kills.py::test_a_mark_that_is_lost",
            "robustness/test_kills.py::test_who_is_left",
        ),
    ),
    Kind(
        "audit",
        "the checks of an assignment are held against hundreds of notebooks",
        files=(
            "audit/test_audit.py",
            "checking/test_diagnosis.py::test_known_mistakes_are_named",
            "checking/test_diagnosis.py::test_no_right_answer",
        ),
        canaries=("audit/test_audit.py::test_a_good_grader_holds",),
    ),
    Kind(
        "command",
        "our commands grade a class, several times",
        files=(
            "cli/test_cli.py::test_a_fault_in_a_check",
            "cli/test_cli.py::test_a_file_that_cannot_be_read_is_looked_at",
            "cli/test_cli.py::test_a_file_whose_name_looks",
            "cli/test_cli.py::test_a_result_is_written_whole",
            "cli/test_cli.py::test_fail_under",
            "cli/test_cli.py::test_folders_zips_and_trees",
            "cli/test_cli.py::test_grading_twice",
            "cli/test_cli.py::test_the_secret",
            "cli/test_cli.py::test_the_stub_gets_nothing",
            "cli/test_cli.py::test_the_working_folder",
            "cli/test_cli.py::test_two_of_one_name",
            "cli/test_cli.py::test_what_click_says",
            "cli/test_cli.py::test_where_the_sandbox_breaks",
            "cli/test_cli.py::test_who_stops_the_grading",
            "cli/test_pytest_plugin.py",
            "grading/test_files_of_a_lesson.py",
            "grading/test_gradescope.py",
            "grading/test_own_inputs.py",
            "grading/test_rounds.py",
            "grading/test_trial_run.py",
            "reports/test_explain.py::test_it_says",
            "test_classes.py::test_what_was_done",
            "test_examples.py::test_a_slip",
            "test_examples.py::test_every_file",
            "test_examples.py::test_the",
        ),
        canaries=(
            "cli/test_cli.py::test_a_fault_in_a_check",
            "cli/test_cli.py::test_the_secret_of_the_environment",
            "cli/test_cli.py::test_what_click_says_is_in_the_language_of_the_locale[words1",
            "cli/test_cli.py::test_fail_under_exits_with_one_where_a_submission_has_less[73]",
            "cli/test_pytest_plugin.py::test_a_failed_check",
            "grading/test_gradescope.py::test_a_submission_gets_its_score",
            "grading/test_gradescope.py::test_every_verdict",
            "grading/test_own_inputs.py::test_the_class",
            "grading/test_rounds.py::test_a_dry_run_says_whose",
            "grading/test_rounds.py::test_a_file_that_marks_depend_on_makes_all_be_graded_again[assi"
            "gnments/doubling/checks.py]",
            "grading/test_rounds.py::test_what_has_not_changed",
            "grading/test_trial_run.py::test_a_trial_costs_nothing",
            "grading/test_trial_run.py::test_plain_asserts_that_their_own_solution_fails_grade_nobody[cells1",
        ),
    ),
    Kind(
        "process",
        "processes are killed, or use up the time that they have",
        files=(
            "checking/test_given.py::test_calls_that_never_end",
            "checking/test_rehearsal.py::test_a_function_that_never_ends",
            "checking/test_stand_in.py::test_whoever_asks_for_ever",
            "checking/test_true_causes.py::test_a_function_that_will_not_be_watched",
            "grading/test_asserts.py::test_the_notebooks_of_one_submission_have_one_bound",
            "grading/test_pool.py",
            "sandbox/test_cells.py::test_a_longer_cell",
            "sandbox/test_confinement.py::test_an_answer_is_asked_of_a_process",
            "sandbox/test_idleness.py::test_waiting_for_a_processor",
            "sandbox/test_usage.py",
        ),
        canaries=(
            "checking/test_rehearsal.py::test_a_function_that_never_ends",
            "grading/test_pool.py::test_results_come_in_order",
            "grading/test_pool.py::test_what_a_judge_had_in_hand",
            "grading/test_pool.py::test_where_the_grader_itself_fails",
            "sandbox/test_usage.py::test_what_computes_beside_the_function_that_is_asked_is_counted[short]",
        ),
    ),
    Kind(
        "variants",
        "a claim is tried on many variants, some of them for seconds",
        files=(
            "checking/test_any_answer.py::test_an_expectation_is_met",
            "checking/test_diagnosis.py::test_draws_from_another_stream",
            "checking/test_given.py::test_a_mistake_costs_once",
            "checking/test_true_causes.py::test_a_sentence_is_not_told",
            "checking/test_true_causes.py::test_mistakes_on_the_way_back",
            "checking/test_true_causes.py::test_what_is_missing",
            "checking/test_verdicts.py::test_what_came_but_is_too_much",
            "grading/test_grader.py::test_who_is_killed_in_the_middle_of_a_call",
            "nbgrader/test_texts.py::test_an_honest_text",
            "nbgrader/test_texts.py::test_nothing_runs_in_a_text",
            "sandbox/test_cells.py::test_figures_are_kept_as_pictures",
        ),
        one_of_each=by_function,
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


@cache  # each test is compared with some hundred beginnings
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
