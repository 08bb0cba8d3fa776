"""`pytest --submission FILE assignments/NAME`: each check is a test."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import junitparser
import pytest

from tests.helpers.commands import notebook
from tests.helpers.course import ENVIRONMENT, Course

SUMMARY = re.compile(r"^=+ (.*) in [\d.]+s.* =+$", re.MULTILINE)


def run(course: Course, *words: str | Path) -> subprocess.CompletedProcess[str]:
    """Run pytest in the course as a user would, with the plugin that is installed."""
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "pytest", "-p", "no:cacheprovider", *words],
        cwd=course.root,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def counts(done: subprocess.CompletedProcess[str]) -> str:
    """Return the last line of a run, without the time."""
    found = SUMMARY.search(done.stdout)
    assert found, done.stdout + done.stderr
    return found[1]


def test_every_check_of_a_right_notebook_passes(tiny: Course, right: Path) -> None:
    done = run(tiny, "--submission", right, "assignments/doubling")
    assert (done.returncode, counts(done)) == (0, f"{len(tiny.assignment.checks)} passed")


def test_a_failed_check_fails_with_its_sentences_and_without_a_traceback(
    tiny: Course, wrong: Path
) -> None:
    report = tiny.root / "junit.xml"
    done = run(tiny, "--submission", wrong, "assignments/doubling", "--junitxml", report)
    assert done.returncode == 1
    assert "Traceback" not in done.stdout
    assert "pytest_plugin.py" not in done.stdout
    (suite,) = junitparser.JUnitXml.fromfile(str(report))
    failed: dict[str, Any] = {case.name: case for case in suite if case.result}
    (check,) = (each for each in tiny.assignment.checks if each.id in failed)
    assert check.of == "double"
    assert check.sentence in done.stdout
    found = failed[check.id].child(junitparser.Properties)
    values = {each.name: each.value for each in found}
    assert values["verdict"] == "failed"
    assert float(values["points"]) == 0
    assert float(values["max_points"]) == check.points


def test_checks_are_listed_and_chosen_without_grading(tiny: Course) -> None:
    listed = run(tiny, "--submission", "none.ipynb", "assignments/doubling", "--collect-only", "-q")
    checks = [f"{each.of}::{each.id}" for each in tiny.assignment.checks]
    assert [line.partition("checks.py::")[2] for line in listed.stdout.splitlines()[:-2]] == checks


def test_one_check_is_chosen_by_its_name(tiny: Course, right: Path) -> None:
    check = tiny.assignment.checks[0]
    name = f"assignments/doubling/checks.py::{check.of}::{check.id}"
    assert counts(run(tiny, "--submission", right, name)) == "1 passed"


def test_a_rejected_notebook_is_an_error_of_every_check(tiny: Course) -> None:
    broken = tiny.root / "eve.ipynb"
    broken.write_text("<<<<<<< HEAD")
    done = run(tiny, "--submission", broken, "assignments/doubling")
    number = len(tiny.assignment.checks)
    assert (done.returncode, counts(done)) == (1, f"{number} errors")
    assert "pytest_plugin.py" not in done.stdout
    assert done.stdout.count("The file has git's conflict marks in it") == number


def test_a_check_that_fails_itself_is_an_error_without_a_traceback(
    tiny: Course, right: Path
) -> None:
    path = tiny.root / "assignments" / "doubling" / "checks.py"
    source = path.read_text()
    wrong = source.replace("expect.close(student.double(1.0), 2.0)", "raise KeyError(4711)")
    assert wrong != source
    path.write_text(wrong)
    done = run(tiny, "--submission", right, "assignments/doubling", "-k", "twice_one_is_two")
    assert (done.returncode, counts(done)) == (1, "3 deselected, 1 error")
    assert "Twice one is two." in done.stdout
    assert "pytest_plugin.py" not in done.stdout
    assert "4711" not in done.stdout


def test_a_function_that_is_missing_fails(tiny: Course) -> None:
    path = tiny.root / "ida.ipynb"
    path.write_text(notebook(tiny, double="x = 1\n"))
    done = run(tiny, "--submission", path, "assignments/doubling", "-k", "double")
    assert "There was no function called double after the cells had run." in done.stdout


@pytest.mark.parametrize("words", [("reference",), ("source",)])
def test_a_submission_without_an_assignment_is_a_usage_error(
    tiny: Course, right: Path, words: tuple[str, ...]
) -> None:
    (tiny.root / "source").mkdir(exist_ok=True)
    done = run(tiny, "--submission", right, *words)
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "--submission needs the folder of an assignment" in done.stderr


def test_a_file_that_is_not_there_ends_the_run_in_a_sentence(tiny: Course) -> None:
    done = run(tiny, "--submission", "none.ipynb", "assignments/doubling")
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "none.ipynb" in done.stdout
    assert "Traceback" not in done.stdout


def test_without_a_submission_nothing_is_collected(tiny: Course) -> None:
    assert run(tiny, "assignments/doubling").returncode == pytest.ExitCode.NO_TESTS_COLLECTED
