"""The released notebook by itself: a Jupyter kernel, numpy, matplotlib, and nothing of ours."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
import pytest

from autograder.course.embedded.runner import COLUMNS, wrapped
from autograder.course.lesson import Role
from tests.helpers.browser import show, violations

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.helpers.course import Course

ROOT = Path(__file__).parents[2]
NAMES = sorted(path.parent.name for path in ROOT.glob("assignments/*/lesson.md"))


HIDE = "import sys\nsys.modules['autograder'] = sys.modules['nbgrader'] = None"
"""What makes an import of either fail, as where they are not installed."""


def opened(course: Course, notebook: Any, folder: Path) -> dict[str, list[Any]]:
    """Runs a notebook from top to bottom in a kernel, in an empty folder; the outputs by cell."""
    notebook.cells.insert(0, nbformat.v4.new_code_cell(HIDE, id="hide"))
    path = folder / "lone.ipynb"
    path.write_text(nbformat.writes(notebook))
    command = ["jupyter", "nbconvert", "--to", "notebook", "--execute", "--allow-errors"]
    course.run(*command, "lone.ipynb", "--output", "run.ipynb", cwd=folder)
    run = nbformat.read(folder / "run.ipynb", as_version=4)
    return {cell.id: cell.outputs for cell in run.cells if cell.cell_type == "code"}


def names(course: Course, role: Role) -> list[str]:
    return [part.id for part in course.lesson.parts if part.role is role]


def printed(outputs: list[Any]) -> str:
    """Return all that is to be read there where no HTML is shown."""
    texts = (each.get("text") or each.get("data", {}).get("text/plain") for each in outputs)
    return "\n".join(text for text in texts if text)


def in_columns(line: str) -> bool:
    return re.search(r"\S {2,}\S", line) is not None


def broken_rows(text: str) -> list[str]:
    """Lines in columns that are not printed whole: their rest stands below, in none."""
    return [
        one
        for one, other in itertools.pairwise(text.splitlines())
        if in_columns(one)
        and not in_columns(other)
        and wrapped(f"{one} {other}") == f"{one}\n{other}"
    ]


def failed(outputs: list[Any]) -> bool:
    return any(each.output_type == "error" for each in outputs)


@pytest.fixture(scope="module", params=NAMES)
def released_course(
    request: pytest.FixtureRequest,
    course: Course,
    released_course: Course,
    tmp_path_factory: pytest.TempPathFactory,
) -> Course:
    """The course after the release of one of its assignments."""
    if request.param == released_course.name:
        return released_course
    released = replace(course.copy(tmp_path_factory.mktemp("lone") / "course"), name=request.param)
    released.run("autograder", "release", released.name)
    return released


@pytest.fixture(scope="module")
def stub(released_course: Course, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Any]]:
    """The outputs of the untouched notebook, and of the first checks of a wrong function."""
    notebook = released_course.handed_in({})
    first = released_course.lesson.functions[0]
    wrong = f"def {first}(*arguments):\n    return 'nothing'"
    checks = released_course.lesson.by_id[f"{first}_visible"].source
    for name, source in [("wrong", wrong), ("wrong_visible", checks)]:
        cell = nbformat.v4.new_code_cell(source, id=name)
        notebook.cells.append(cell)
    return opened(released_course, notebook, tmp_path_factory.mktemp("stub"))


@pytest.fixture(scope="module")
def solved(
    released_course: Course, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, list[Any]]:
    notebook = released_course.handed_in(released_course.solutions)
    return opened(released_course, notebook, tmp_path_factory.mktemp("solved"))


def test_the_visible_checks_of_the_stub_say_that_the_function_is_not_written_and_raise_nothing(
    released_course: Course, stub: dict[str, list[Any]]
) -> None:
    functions = released_course.lesson.functions
    for place, function in enumerate(functions):
        outputs = stub[f"{function}_visible"]
        assert not failed(outputs), function
        assert "failed" not in printed(outputs)
        # What an earlier function would have to make first is said to be missing before it.
        needed = [each for each in functions[: place + 1] if f"`{each}` still" in printed(outputs)]
        assert needed
        assert f"`{needed[-1]}` still raises NotImplementedError: write it" in printed(outputs)


def test_a_failing_visible_check_is_one_line_and_no_traceback(
    released_course: Course, stub: dict[str, list[Any]]
) -> None:
    (error,) = (each for each in stub["wrong_visible"] if each.output_type == "error")
    (line,) = error.traceback
    assert released_course.lesson.functions[0] in line


def test_ipython_runs_the_notebook_to_the_first_function_that_is_not_right(
    released_course: Course, tmp_path: Path
) -> None:
    env = {"MPLBACKEND": "Agg", "NBGRADER_EXECUTION": "validate"}  # as in docs/operators
    first, second, *_ = released_course.lesson.functions
    started = {first: released_course.solutions[first]}
    for written, status in ((released_course.solutions, 0), (started, 1)):
        path = tmp_path / "lone.ipynb"
        path.write_text(nbformat.writes(released_course.handed_in(written)))
        done = released_course.run("ipython", path.name, cwd=tmp_path, env=env, status=status)
        assert f"{first}: " in done.stdout
        assert (f"`{second}` still raises NotImplementedError" in done.stdout) is bool(status)


def table(outputs: list[Any]) -> str:
    (found,) = [each.data["text/html"] for each in outputs if "text/html" in each.get("data", {})]
    return str(found)


def test_visible_checks_are_a_table_that_everybody_can_read(
    released_course: Course,
    stub: dict[str, list[Any]],
    solved: dict[str, list[Any]],
    page: Page,
    tmp_path: Path,
) -> None:
    function = released_course.lesson.functions[0]
    shown = {
        "stub": stub[f"{function}_visible"],
        "wrong": stub["wrong_visible"],
        "solved": solved[f"{function}_visible"],
    }
    for name, outputs in shown.items():
        file = tmp_path / f"{name}.html"
        inside = table(outputs)
        file.write_text(
            '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A cell</title>'
            f"</head><body><main><h1>A cell</h1>{inside}</main></body></html>"
        )
        show(page, file)
        assert violations(page) == []
        checks = [
            check
            for check in released_course.assignment.checks
            if check.of == function and check.visible
        ]
        assert page.locator("tbody tr").count() == len(checks)
        assert page.locator("th[scope=col]").all_inner_texts() == ["verdict", "check"]
        assert function in page.locator("caption").inner_text()
        verdicts = {each.split()[1] for each in page.locator("td:first-child").all_inner_texts()}
        assert verdicts <= {"stub": {"not"}, "wrong": {"failed", "not"}, "solved": {"passed"}}[name]


def test_a_failing_visible_check_does_not_keep_run_all_from_going_on(
    released_course: Course,
) -> None:
    notebook = released_course.handed_in({})
    tags = {cell.id: cell.metadata.get("tags") for cell in notebook.cells}
    for function in released_course.lesson.functions:
        assert tags[f"{function}_visible"] == ["raises-exception"]


def test_no_experiment_of_the_stub_raises(
    released_course: Course, stub: dict[str, list[Any]]
) -> None:
    for experiment in names(released_course, Role.EXPERIMENT):
        assert printed(stub[experiment]), experiment
        assert not failed(stub[experiment]), experiment


def test_every_visible_check_of_the_reference_passes(
    released_course: Course, solved: dict[str, list[Any]]
) -> None:
    checks = released_course.assignment.checks
    for function in released_course.lesson.functions:
        outputs = solved[f"{function}_visible"]
        assert not failed(outputs), printed(outputs)
        for check in checks:
            if check.of == function and check.visible:
                assert f"✓ passed: {check.sentence}" in " ".join(printed(outputs).split())


def test_every_experiment_of_the_reference_runs_to_its_end(
    released_course: Course, solved: dict[str, list[Any]]
) -> None:
    pytest.importorskip("matplotlib", reason="experiments draw figures")
    experiments = names(released_course, Role.EXPERIMENT)
    assert experiments
    for experiment in experiments:
        outputs = solved[experiment]
        assert not failed(outputs), experiment
        assert "This experiment" not in printed(outputs), printed(outputs)
        assert "stderr" not in {each.get("name") for each in outputs}, printed(outputs)
        assert max(map(len, printed(outputs).splitlines())) <= COLUMNS
        assert broken_rows(printed(outputs)) == []
        if "(plot)" in released_course.lesson.by_id[experiment].source:
            assert "image/png" in {key for each in outputs for key in each.get("data", {})}


def test_no_other_cell_of_the_reference_fails_without_autograder(
    solved: dict[str, list[Any]],
) -> None:
    assert [name for name, outputs in solved.items() if failed(outputs)] == []


def test_validate_fails_on_a_wrong_notebook_and_passes_the_right_one(
    released_course: Course, tmp_path: Path
) -> None:
    words = dict.fromkeys(names(released_course, Role.ANSWER), "By induction.")
    right = {**released_course.solutions, **words}
    last = released_course.lesson.functions[-1]
    wrong = {**right, last: f"def {last}(*arguments):\n    return 'nothing'\n"}
    left = {name: source for name, source in right.items() if name != last}
    for name, written, says in [
        ("right", right, "Success! Your notebook passes all the tests."),
        ("wrong", wrong, "VALIDATION FAILED ON 1 CELL(S)!"),
        ("left", left, "VALIDATION FAILED ON 1 CELL(S)!"),
    ]:
        notebook = released_course.handed_in(written)
        draws = {*names(released_course, Role.EXPERIMENT)}
        notebook.cells = [cell for cell in notebook.cells if cell.id not in draws]
        (tmp_path / f"{name}.ipynb").write_text(nbformat.writes(notebook))
        done = released_course.run("nbgrader", "validate", f"{name}.ipynb", cwd=tmp_path)
        assert says in done.stdout
        assert (f"{last}: 0 of " in done.stdout) is (name != "right")
