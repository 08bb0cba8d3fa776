"""Notebooks with plain asserts: the points are nbgrader's, cell by cell, out of the sandbox."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import nbformat
import pytest
from nbgrader.api import Gradebook, MissingEntry

from autograder.course.asserts_assignment import PlainAssignment
from autograder.course.lesson import Part
from autograder.course.secret import Secret
from autograder.grading import asserts, outcome
from autograder.grading.asserts import FORGEABLE, PlainGrader
from autograder.grading.reported_values import with_values
from autograder.grading.stopped import missing_modules
from autograder.intake.find import SubmissionSource, find
from autograder.result import SubmissionResult, Verdict
from autograder.sandbox.host.student_process import StudentProcess
from autograder.sandbox.host.worker import Worker
from autograder.sandbox.isolation import SandboxError
from autograder.sandbox.protocol import limits, wire
from autograder.sandbox.protocol.limits import TimeLimit
from tests.helpers.course import Course
from tests.helpers.plain import (
    OF_PARTS,
    OF_PS1,
    TASK,
    TESTS,
    parts,
    submit,
)


@dataclass(frozen=True)
class Graded:
    """A course that was graded by both.

    Attributes:
        course: where it lies.
        results: of `autograder grade`, by assignment.
    """

    course: Course
    results: Mapping[str, Any]

    def checks(self, name: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Every check of every student of an assignment."""
        for submission in self.results[name]["submissions"]:
            for check in submission["checks"]:
                yield submission["student"], check

    def written(self, name: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Likewise all that a person marks."""
        for submission in self.results[name]["submissions"]:
            for answer in submission["written"]:
                yield submission["student"], answer


@pytest.fixture(scope="module")
def graded(quickstart: Course, tmp_path_factory: pytest.TempPathFactory) -> Graded:
    """nbgrader's own example course, and one assignment more, graded by nbgrader and by us."""
    course = quickstart.copy(tmp_path_factory.mktemp("graded") / "course101").quick()
    results = {}
    for name, class_ in (("ps1", OF_PS1), ("parts", OF_PARTS)):
        submit(course, name, class_)
        course.run("nbgrader", "autograde", name)
        course.run("autograder", "grade", name, "--force", "submitted", "--json", "result.json")
        results[name] = json.loads((course.root / "result.json").read_text())
    return Graded(course, results)


@pytest.mark.parametrize(("name", "cells"), [("ps1", 4 * 9), ("parts", 4 * len(TESTS))])
def test_every_cell_has_the_points_that_nbgrader_gives(
    graded: Graded, name: str, cells: int
) -> None:
    checks = [*graded.checks(name), *graded.written(name)]
    assert len(checks) == cells
    with Gradebook(f"sqlite:///{graded.course.root / 'gradebook.db'}") as gradebook:
        for student, check in checks:
            notebook, _, cell = check["id"].rpartition(".")
            try:
                grade = gradebook.find_grade(cell, notebook or name, name, student)
            except MissingEntry:
                assert (student, check["points"]) == ("cy", 0)
                continue
            where = (student, check)
            assert grade.max_score == check["max_points"], where
            if check.get("verdict") == "missing":
                assert (check["points"], grade.score) == (0, 0), where
            else:
                assert grade.auto_score == check["points"], where
                assert grade.needs_manual_grade == (check["points"] is None), where


def test_the_class_got_all_kinds_of_points(graded: Graded) -> None:
    points = {check["points"] for _, check in graded.checks("parts")}
    assert points >= {0.0, 0.5, 1.0, 2.0}
    verdicts = {check["verdict"] for _, check in graded.checks("ps1")}
    assert verdicts == {"passed", "failed"}
    assert {(name, each["points"]) for name, each in graded.written("ps1")} >= {
        ("ada", None),
        ("bo", 0),
        ("cy", 0),
    }


def test_the_result_says_that_the_tests_can_be_forged(graded: Graded) -> None:
    assert FORGEABLE in graded.results["ps1"]["isolation"]
    assert len(graded.results["ps1"]["isolation"]) > 1
    said = graded.course.run("autograder", "grade", "ps1", "submitted").stdout
    assert "can forge their results" in " ".join(said.split())


def test_what_a_person_must_mark_is_left_to_one(graded: Graded) -> None:
    ada = graded.results["ps1"]["submissions"][0]
    assert (ada["score"], ada["max_score"], ada["provisional"]) == (3, 3, False)
    left = {each["id"] for each in ada["written"] if each["points"] is None}
    assert left == {"problem1.sum_of_squares_equation", f"problem1.{TASK}"}
    lines = graded.course.run("autograder", "grade", "ps1", "submitted").stdout.splitlines()
    assert "ada  3/3 points (10 more are graded by hand)" in lines
    assert f"  by hand   –/4  problem1.{TASK}" in lines
    assert "  empty     0/2  problem2.part-b" in lines
    assert ["ada", "3", "3"] in map(str.split, lines)  # without a star, and nothing was lost


def test_the_next_step_that_is_offered_works(graded: Graded) -> None:
    (offered,) = (
        line.partition(": ")[2]
        for line in graded.course.run(
            "autograder", "grade", "ps1", "submitted", "--json", "again.json"
        ).stdout.splitlines()
        if line.startswith("Next, make the class report: ")
    )
    graded.course.run(*offered.split())
    assert "problem1.correct_squares" in (graded.course.root / "again.html").read_text()
    done = graded.course.run(
        "autograder", "explain", "ps1", "submitted/ada", "problem1.correct_squares", status=2
    )
    assert "ps1 has plain asserts, which cannot be replayed" in done.stderr


def test_our_copy_of_a_test_is_what_runs(graded: Graded) -> None:
    (cy,) = (each for each in graded.results["ps1"]["submissions"] if each["student"] == "cy")
    assert any("correct_squares was changed" in each for each in cy["observations"])
    assert "problem2: There is no problem2.ipynb in the submission." in cy["observations"]


def test_more_points_than_a_cell_has_are_a_fault_of_the_test(
    graded: Graded, tmp_path: Path
) -> None:
    course = graded.course.copy(tmp_path / "course")
    path = course.root / "source" / "parts" / "parts.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[1].source = "3"
    path.write_text(nbformat.writes(notebook))
    done = course.run(
        "autograder",
        "grade",
        "parts",
        "--force",
        "submitted/ada",
        "--json",
        "result.json",
        status=3,
    )
    assert "greater than maximum points" in " ".join(done.stdout.split())


def test_who_ends_the_process_or_never_ends_costs_no_other(
    graded: Graded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        limits, "CELL_TIME", TimeLimit(cpu=2.0, wall=120.0)
    )  # instead of 20 seconds
    monkeypatch.setattr(
        limits, "ALL_CELLS_TIME", TimeLimit(cpu=6.0, wall=300.0)
    )  # instead of a minute
    course = graded.course.copy(tmp_path / "course")
    for student, body in (("eva", "import os; os._exit(0)"), ("fay", "while True: pass")):
        submit(course, "parts", {student: {"f": f"def f(x):\n    {body}"}})
    course.run("autograder", "grade", "parts", "--force", "submitted", "--json", "result.json")
    found = json.loads((course.root / "result.json").read_text())["submissions"]
    by_name = {each["student"]: each for each in found}
    assert by_name["eva"]["checks"][0]["verdict"] == "crashed"
    assert by_name["fay"]["checks"][0]["verdict"] == "timed_out"
    assert by_name["ada"]["score"] == graded.results["parts"]["submissions"][0]["score"]


def test_asserts_that_only_nbgrader_can_write_are_refused(graded: Graded, tmp_path: Path) -> None:
    course = graded.course.copy(tmp_path / "course")
    path = course.root / "source" / "parts" / "parts.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[1].source = "### AUTOTEST f(2)"
    path.write_text(nbformat.writes(notebook))
    done = course.run("autograder", "grade", "parts", "--force", "submitted", status=2)
    assert "nbgrader write its asserts" in done.stderr


def test_a_large_class_is_graded_by_several_judges(graded: Graded, tmp_path: Path) -> None:
    course = graded.course.copy(tmp_path / "course")
    submit(course, "parts", {f"s{number:02}": OF_PARTS["bo"] for number in range(10)})
    done = course.run(
        "autograder",
        "grade",
        "parts",
        "--force",
        "submitted",
        "--workers",
        "2",
        "--json",
        "result.json",
    )
    assert "can forge" in " ".join(done.stdout.split())
    found = json.loads((course.root / "result.json").read_text())
    scores = {each["student"]: each["score"] for each in found["submissions"]}
    assert len(scores) == 14
    assert {scores[name] for name in scores if name[0] == "s"} == {scores["bo"]}
    assert FORGEABLE in found["isolation"]


QUICK_TESTS = {name: test for name, test in TESTS.items() if name != "magic"}
"""Without the test whose magic command imports Matplotlib: a second for each student."""


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PlainGrader]:
    """Who grades one notebook of asserts, without nbgrader's exchange."""
    root = tmp_path_factory.mktemp("alone")
    (root / "source" / "parts").mkdir(parents=True)
    (root / "source" / "parts" / "parts.ipynb").write_text(nbformat.writes(parts(QUICK_TESTS)))
    with Worker() as worker:
        yield PlainGrader(PlainAssignment(root, "parts"), worker, Secret(bytes(32), None))


def handed_in(folder: Path, function: str) -> SubmissionSource:
    """Return a notebook in which the function stands so."""
    notebook = parts(QUICK_TESTS)
    notebook.cells[0].source = function
    path = folder / "ada.ipynb"
    path.write_text(nbformat.writes(notebook))
    (found,) = find([path], "parts")
    return found


def graded_alone(grader: PlainGrader, folder: Path, function: str) -> SubmissionResult:
    """Return what comes of it."""
    return grader.grade(handed_in(folder, function))


def test_an_assert_that_students_know_reports_its_values_and_a_hidden_one_does_not(
    alone: PlainGrader, tmp_path: Path
) -> None:
    counted = "calls = []\ndef f(x):\n    calls.append(x)\n    return (5, len(calls))"
    by_id = {check.id: check for check in graded_alone(alone, tmp_path, counted).checks}
    plain = by_id["plain"].message or ""
    assert "AssertionError: (5, 1) == 4 (" in plain  # it was called once
    by_id = {
        check.id: check
        for check in graded_alone(alone, tmp_path, "def f(x):\n    return 7 * x").checks
    }
    hidden = by_id["hidden"].message or ""
    assert "AssertionError (" in hidden
    assert "21" not in hidden
    long = graded_alone(alone, tmp_path, "def f(x):\n    return 'y' * 9999").checks[0].message or ""
    assert 250 < long.count("y") < 310


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("assert (\n    f(2)\n    == 4\n)", "5 == 4"),
        ("x = 1; assert 'ä' in [f(2), 'ü']; y = 2", "'ä' in [5, 'ü']"),
        ("def test():\n    assert f(1) is not f(1)\ntest()", "5 is not 5"),
        ("assert f(2) == 4, 'mine'", "mine"),
        ("assert f(2) == 4 and f(3)", ""),
        ("assert 1 < f(2) < 3", ""),
    ],
)
def test_the_values_of_an_assert_leave_its_lines_and_its_meaning_alone(
    source: str, says: str
) -> None:
    told = with_values(source, source)
    assert len(told.splitlines()) == len(source.splitlines())
    with pytest.raises(AssertionError) as raised:
        exec(told, {"f": lambda _x: 5})  # noqa: S102  # our own test
    assert str(raised.value) == says


def test_the_first_line_with_a_word_on_standard_error_is_told(
    alone: PlainGrader, tmp_path: Path
) -> None:
    prints = "import sys\n    print('.', '-' * 9, 'Ran 1 test', sep=chr(10), file=sys.stderr)"
    result = graded_alone(alone, tmp_path, f"def f(x):\n    {prints}\n    return x**2")
    check = next(check for check in result.checks if check.id == "plain")
    assert check.points == 0
    assert check.message == "The test printed to standard error, so it gets no points: Ran 1 test"


@pytest.mark.parametrize("error", ["KeyError", "KeyError('data')", "KeyError('')", "KeyError()"])
def test_a_key_error_of_a_student_is_theirs(alone: PlainGrader, tmp_path: Path, error: str) -> None:
    result = graded_alone(alone, tmp_path, f"def f(x):\n    raise {error}")
    by_id = {check.id: check for check in result.checks}
    for name in ("plain", "hidden", "half", "in_brackets"):
        assert (by_id[name].verdict, by_id[name].points) == (Verdict.FAILED, 0), name
        assert "KeyError" in (by_id[name].message or "")
    assert by_id["a_word"].points == 2
    assert Verdict.GRADER_ERROR not in {check.verdict for check in result.checks}


def test_the_instructor_is_told_of_a_module_that_is_not_there(
    alone: PlainGrader, tmp_path: Path
) -> None:
    imports = "import json, no_such_package.inner\n\ndef f(x):\n    return x**2"
    result = graded_alone(alone, tmp_path, imports)
    assert result.score < result.max_score
    assert [each for each in result.observations if "imports" in each] == [
        "parts: The notebook imports no_such_package, which is neither installed here nor among "
        "the submitted files."
    ]


def test_a_few_missing_modules_are_named_and_the_rest_counted() -> None:
    errors = [wire.Raised("ModuleNotFoundError", f"No module named 'm{n}'") for n in range(1500)]
    said = list(missing_modules(wire.Ran(each, ()) for each in errors))
    assert [each.split()[3] for each in said[:5]] == ["m0,", "m1,", "m2,", "m3,", "m4,"]
    assert said[5:] == ["Further modules that the notebook imports and that are not there: 1495."]


GET = "import urllib.request\nurllib.request.urlretrieve('http://x.example/n', 'n.txt')"


@pytest.mark.parametrize(
    ("before", "body", "verdict", "says"),
    [
        ("!echo 2 > n.txt", "return x ** int(open('n.txt').read())", "not_run", "!echo 2 > n.txt"),
        ("!unzip own.zip", "import own_module", "not_run", "command !unzip own.zip was not run."),
        ("!mkdir out\nopen('out/n', 'w')\ny = 2", "return x ** y", "not_run", "!mkdir out"),
        (GET, "return x ** int(open('n.txt').read())", "not_run", "There is no network"),
        ("%pip install own_module", "import own_module", "not_run", "%pip install own_module was"),
        ("%conda install own_module", "import own_module", "not_run", "%conda install"),
        ("%pip install numpy", "return 2 * x + 1", "failed", ""),
        (
            "!ls \x1b[2J" + "a" * 9999,
            "return 2 * x + 1",
            "failed",
            f"!ls  [2J{'a' * 91}… was not run",
        ),
        ("n = !ls", "return x ** len(n)", "failed", "Before the test, the command !ls was not"),
        ("!pip install numpy", "return 2 * x + 1", "failed", ""),
        ("y = 2", "return x ** int(open('n.txt').read())", "failed", ""),
        (GET, "return 2 * x + 1", "failed", "Before the test, the cell 1 stopped with"),
    ],
)
def test_what_lacks_the_files_of_a_command_that_was_not_run_needs_review(
    alone: PlainGrader, tmp_path: Path, before: str, body: str, verdict: str, says: str
) -> None:
    notebook = parts({"plain": TESTS["plain"]})
    notebook.cells[0].source = f"def f(x):\n    {body}"
    notebook.cells.insert(0, nbformat.v4.new_code_cell(before))
    path = tmp_path / "ada.ipynb"
    path.write_text(nbformat.writes(notebook))
    (found,) = find([path], "parts")
    check = alone.grade(found).checks[0]
    assert (check.id, check.verdict) == ("plain", verdict)
    assert check.points == (0 if verdict == "failed" else None)
    assert says in (check.message or "")
    assert ("was not run" in (check.message or "")) == (says.count("!") + says.count("%") > 0)


@pytest.mark.parametrize("shown", [("text/plain", ""), ("text/html", ""), ("", ""), ("", "0.5")])
def test_a_value_that_is_shown_as_nothing_is_none(
    alone: PlainGrader,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    shown: tuple[str, str],
) -> None:
    run = StudentProcess.run

    def forged_run(student: StudentProcess, source: str, *rest: Any, **more: Any) -> wire.Ran:
        """Return what a process of a student's can tell, and IPython would not."""
        told = run(student, source, *rest, **more)
        return msgspec.structs.replace(told, outputs=(wire.Output(*shown), *told.outputs))

    function = "def f(x):\n    return x**2"
    honest = graded_alone(alone, tmp_path, function)
    monkeypatch.setattr(StudentProcess, "run", forged_run)
    forged = graded_alone(alone, tmp_path, function)
    assert [(each.id, each.points) for each in forged.checks] == [
        (each.id, each.points) for each in honest.checks
    ]


@pytest.mark.parametrize(
    "error", [KeyError("text/plain"), RecursionError("deep"), ValueError("\ud800"), MemoryError()]
)
@pytest.mark.parametrize("where", ["read", "_steps", "_why"])
def test_a_fault_of_the_graders_own_leaves_all_to_a_person(
    alone: PlainGrader,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    where: str,
    error: Exception,
) -> None:
    def fail(*_: object) -> None:
        raise error

    right = "def f(x):\n    return x**2"
    with monkeypatch.context() as patch:
        patch.setattr(asserts, where, fail)
        examined = alone.examine(handed_in(tmp_path, right))
    result = examined.result
    (notebook,) = examined.notebooks
    assert notebook.data == (tmp_path / "ada.ipynb").read_bytes()  # so that nothing takes its place
    assert len(result.checks) == len(QUICK_TESTS)
    assert {(check.verdict, check.points) for check in result.checks} == {
        (Verdict.GRADER_ERROR, None)
    }
    assert (result.provisional, result.score) == (True, 0)
    assert type(error).__name__ in result.observations[-1]
    result.observations[-1].encode()
    assert graded_alone(alone, tmp_path, right).score > 0


@pytest.mark.parametrize("error", [SandboxError("No."), OSError(28, "No space left on device")])
def test_what_the_machine_lacks_is_no_fault_of_one_submission(
    alone: PlainGrader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(*_: object) -> Iterator[Part]:
        raise error

    monkeypatch.setattr(asserts, "_steps", fail)
    with pytest.raises(type(error)):
        graded_alone(alone, tmp_path, "def f(x):\n    return x**2")


def test_the_notebooks_of_one_submission_have_one_bound_for_what_they_show(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shown = wire.Ran(None, (wire.Output("image/png", "A" * 400_000),) * 10)
    rooms: list[int] = []

    def graded(
        _grader: PlainGrader, sheet: outcome.NotebookResult, room: int, _puts: object
    ) -> outcome.NotebookResult:
        rooms.append(room)
        return dataclasses.replace(sheet, graded=outcome.Graded((), {0: shown}, ()))

    monkeypatch.setattr(PlainGrader, "_graded", graded)
    grader = object.__new__(PlainGrader)
    lesson: Any = None
    assert len(list(grader._all_graded([outcome.NotebookResult(lesson, None)] * 3, ()))) == 3
    assert rooms == [limits.MAX_SUBMISSION_OUTPUT_BYTES - n * shown.weight for n in range(3)]
    assert shown.weight > 4_000_000
