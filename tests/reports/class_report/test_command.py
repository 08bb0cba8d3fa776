"""`autograder report` from the result that `grade --json` writes."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from babel.messages.pofile import read_po, write_po
from click.testing import CliRunner

from autograder.cli import main
from autograder.course.translation import update
from autograder.i18n import use_language
from tests.helpers.course import Course


@pytest.fixture
def results(tiny: Course, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What one student has in the tiny course, which is where we are."""
    monkeypatch.chdir(tiny.root)
    names = [(check.id, check.of, check.points) for check in tiny.assignment.checks]
    checks = [
        {"id": name, "function": function, "verdict": "passed", "points": points}
        | {"max_points": points}
        for name, function, points in names
    ]
    head = {"schema_version": 1, "assignment": "doubling", "grader": "0", "numpy": "2"}
    head |= {"assignment_digest": tiny.assignment.digest, "secret_fingerprint": None}
    ada: dict[str, object] = {
        "student": "ada",
        "path": "ada.ipynb",
        "status": "graded",
        "reason": None,
    }
    ada |= {"score": 11.0, "max_score": 11.0, "seconds": 0.1, "provisional": False}
    ada |= {"checks": checks, "observations": []}
    file = tiny.root / "results.json"
    file.write_text(json.dumps({**head, "isolation": [], "submissions": [ada]}))
    return file


def report(*words: str | Path, status: int = 0) -> str:
    """Runs the command; gives what it says, on standard error if it fails."""
    done = CliRunner().invoke(main.main, ["report", "doubling", *map(str, words)])
    assert done.exit_code == status, done.output
    assert "Traceback" not in done.output
    return done.stderr.strip() if status else done.stdout.strip()


def test_the_report_lies_beside_the_results_or_where_it_is_asked_for(results: Path) -> None:
    assert report(results) == str(results.with_suffix(".html"))
    text = results.with_suffix(".html").read_text()
    assert "Twice any number is that number and itself." in text
    assert "has been edited" not in text
    other = results.with_name("other.html")
    assert report(results, "--output", other, "--previous", results) == str(other)
    assert "No score has changed." in other.read_text()


def test_git_ignores_the_report_wherever_it_is_written(results: Path) -> None:
    subprocess.run(["git", "init", "-q", results.parent], check=True)
    report(results, "--output", "report.html")
    ask = ["git", "-C", str(results.parent), "check-ignore", "report.html"]
    assert subprocess.run(ask, capture_output=True, text=True, check=True).stdout == "report.html\n"


def test_of_a_result_that_is_not_there_that_is_said(results: Path) -> None:
    gone = results.with_name("gone.json")
    (line,) = report(gone, status=2).splitlines()
    assert line.endswith(f"at {gone}: name a path that exists.")


def test_of_a_folder_in_the_place_of_a_result_that_is_said(results: Path) -> None:
    folder = results.parent
    (line,) = report(folder, status=2).splitlines()
    assert line.endswith(f"Is a directory at {folder}: name a file in it.")


def test_an_assignment_that_was_edited_since_is_said(results: Path) -> None:
    checks = Path("assignments/doubling/checks.py")
    checks.write_text(checks.read_text() + "# more\n")
    report(results)
    assert "has been edited" in results.with_suffix(".html").read_text()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("not JSON", "holds no result"),
        ("\udc00", "holds no result"),
        ("[]", "holds no result"),
        ({"schema_version": 2}, "is of schema version 2"),
        ({"schema_version": 2, "submissions": 7}, "is of schema version 2"),
        ({"submissions": 7}, "holds no result"),
        ({"submissions": []}, "no submission"),
        ({"assignment": "trebling"}, "is a result of trebling, not of doubling"),
    ],
)
@pytest.mark.parametrize("place", ["results", "previous"])
def test_what_is_no_result_is_one_sentence_and_exits_with_two(
    results: Path, change: str | dict[str, object], says: str, place: str
) -> None:
    bad = results.with_name("bad.json")
    if isinstance(change, str):
        bad.write_bytes(change.encode("utf-8", "surrogatepass"))
    else:
        bad.write_text(json.dumps(json.loads(results.read_text()) | change))
    words = [bad] if place == "results" else [results, "--previous", bad]
    said = report(*words, status=2)
    assert says in said
    assert len(said.splitlines()) == 1
    assert not bad.with_suffix(".html").exists()
    assert not results.with_suffix(".html").exists()


def test_files_that_are_not_there_are_one_sentence(results: Path) -> None:
    assert "nowhere.json" in report("nowhere.json", status=2)
    said = report(results, "--output", "nowhere/report.html", status=2)
    assert "existing folder" in said


def test_the_report_is_in_the_language_of_the_locale(
    tiny: Course, results: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, _ = update(tiny.assignment, "zh")
    with path.open("rb") as file:
        catalogue = read_po(file)
    catalogue["Twice any number is that number and itself."].string = "任何数的两倍都是它加上自己。"
    with path.open("wb") as file:
        write_po(file, catalogue)
    for locale, language, sentence in (
        ("zh_CN", "zh", "任何数的两倍都是它加上自己。"),
        ("en_GB", "en", "Twice any number is that number and itself."),
    ):
        monkeypatch.setenv("LANGUAGE", locale)
        with use_language("en"):  # whatever the command speaks, nobody else does afterwards
            report(results)
        text = results.with_suffix(".html").read_text()
        assert f'<html lang="{language}">' in text
        assert sentence in text
