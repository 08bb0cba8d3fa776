"""The commands, as people and scripts use them: exit statuses, files, and what is printed."""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
import subprocess
import sys
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import nbformat
import numpy as np
import pytest
from rich.cells import cell_len

from autograder import __version__
from autograder.cli.main import main
from autograder.grading.grader import Grader
from autograder.grading.outcome import Graded, GradedWork
from autograder.intake.find import SubmissionSource
from autograder.intake.reconcile import Submission
from autograder.reports import atomic_write
from autograder.result import schema
from autograder.sandbox.isolation import SandboxError
from tests.helpers.commands import FAULT, WRONG, autograder, grade, notebook, one_line, result

if TYPE_CHECKING:
    from tests.helpers.course import Course


def test_the_json_is_what_the_contract_says(tiny: Course, right: Path, wrong: Path) -> None:
    found = result(tiny, right, wrong)
    jsonschema.validate(found, schema())
    assert found["schema_version"] == 1
    assert found["assignment"] == "doubling"
    assert found["assignment_digest"] == tiny.assignment.digest
    assert found["grader"] == __version__
    assert found["numpy"] == np.__version__
    assert {"process", "rlimits", "no_new_privs", "seccomp"} <= {*found["isolation"]}
    ada, bob = found["submissions"]
    assert (ada["student"], ada["path"], ada["status"]) == ("ada", str(right), "graded")
    assert (ada["reason"], ada["score"], ada["max_score"]) == (None, 11.0, 11.0)
    assert ada["seconds"] > 0
    assert ada["provisional"] is False
    assert (bob["student"], bob["score"]) == ("bob", 8.0)
    assert [check["id"] for check in bob["checks"]] == [
        "twice_one_is_two",
        "twice_any_number",
        "nothing_makes_nothing",
        "every_number_counts",
    ]
    failed = bob["checks"][1]
    assert failed.pop("message").startswith("double(")
    assert failed == {
        "id": "twice_any_number",
        "function": "double",
        "verdict": "failed",
        "points": 0.0,
        "max_points": 3.0,
        "mistake": None,
        "given": [],
        "notes": [],
        "finding": None,
    }
    assert ada["observations"] == []


def test_without_a_command_the_help_is_shown(tiny: Course) -> None:
    assert autograder(tiny, status=2).stderr == autograder(tiny, "--help").stdout


def test_grading_twice_gives_the_same_file_but_for_the_seconds(
    tiny: Course, right: Path, wrong: Path
) -> None:
    once = result(tiny, right, wrong)
    file = tiny.root / "again.json"
    tiny.run("autograder", "grade", "doubling", right, wrong, "--workers", "2", "--json", file)
    again = json.loads(file.read_bytes())
    for found in (once, again):
        for each in found["submissions"]:
            del each["seconds"]
    assert once == again


def test_the_terminal_shows_marks_and_reasons(tiny: Course, right: Path, wrong: Path) -> None:
    lines = grade(tiny, right, wrong).stdout.splitlines()
    assert "ada  11/11 points (4 more are graded by hand)" in lines
    assert "bob  8/11 points (4 more are graded by hand)" in lines
    assert "  failed    0/3  twice_any_number" in lines
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize("percent", ["73", "72.5", "100"])
def test_fail_under_exits_with_one_where_a_submission_has_less(
    tiny: Course, right: Path, wrong: Path, percent: str
) -> None:
    grade(tiny, right, "--fail-under", percent)
    below = float(percent) / 100 * 11 > 8
    grade(tiny, right, wrong, "--fail-under", percent, status=int(below))


def test_a_file_that_cannot_be_read_is_looked_at_and_fails_under_anything(
    tiny: Course, right: Path
) -> None:
    broken = tiny.root / "carl.ipynb"
    broken.write_bytes(b"\xff\xfe not a notebook")
    found = result(tiny, right, broken)
    jsonschema.validate(found, schema())
    carl = found["submissions"][1]
    assert (carl["status"], carl["score"], carl["checks"]) == ("rejected", 0.0, [])
    assert carl["max_score"] == 11
    assert carl["reason"].endswith(".")
    tiny.run("autograder", "grade", "doubling", broken, "--fail-under", "0", status=1)


def test_a_fault_in_a_check_exits_with_three_whatever_else_there_is(
    tiny: Course, right: Path
) -> None:
    checks = tiny.root / "assignments/doubling/checks.py"
    checks.write_text(checks.read_text().replace(FAULT, f"    1 / 0\n{FAULT}"))
    broken = tiny.root / "carl.ipynb"
    broken.write_bytes(b"")
    words = ["grade", "doubling", str(right), str(broken), "--fail-under", "100", "--workers", "1"]
    words.append("--force")  # the author's own solution loses points too
    line = 1 + checks.read_text().splitlines().index("    1 / 0")
    fault = f"ZeroDivisionError: division by zero (checks.py, line {line})"
    end = "1 check has an error of its own. Fix it and grade again before you give out scores: "
    end += f"every_number_counts (1/2): {fault}"
    done = tiny.run("autograder", *words, "--json", "result.json", status=3)
    assert "ada  6/11 points, provisional" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    assert " ".join(done.stdout.split()).endswith(end)
    assert "Your instructor has been told" not in done.stdout  # that is said to the student
    ada = json.loads((tiny.root / "result.json").read_bytes())["submissions"][0]
    (check,) = (check for check in ada["checks"] if check["verdict"] == "grader_error")
    assert ada["faults"] == {"every_number_counts": fault}
    assert "Your instructor has been told" in check["message"]
    dry = tiny.run("autograder", *words, "--dry-run", status=3)
    assert " ".join(dry.stdout.split()).endswith(end)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["grade", "doubling", "nowhere.ipynb"], "nowhere.ipynb"),
        (["grade", "doubling", "empty"], "empty"),
        (["grade", "trebling", "ada.ipynb"], "doubling"),
        (["build", "trebling"], "doubling"),
        (["release", "trebling"], "doubling"),
        (["grade", "doubling", "ada.ipynb", "--json", "nowhere/result.json"], "nowhere"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_exits_with_two(
    tiny: Course, right: Path, words: list[str], says: str
) -> None:
    (tiny.root / "empty").mkdir()
    assert right.exists()
    assert says in one_line(autograder(tiny, *words, status=2))


def test_a_result_that_cannot_be_written_is_found_out_before_anything_is_graded(
    tiny: Course, right: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Grader, "examine", None)
    done = grade(tiny, right, "--json", "nowhere/result.json", status=2)
    assert "existing folder" in one_line(done)
    done = grade(tiny, right, "--json", tiny.root, status=2)
    assert "is a folder" in one_line(done)


def test_a_result_is_written_whole_or_not_at_all(
    tiny: Course, right: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tiny.root / "result.json"
    file.write_text("before")
    (tiny.root / "link.json").symlink_to(file)
    before = {path.name for path in tiny.root.iterdir()}

    def fails(path: Path, pieces: Iterable[bytes]) -> None:
        path.write_bytes(next(iter(pieces)))
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(atomic_write, "_write", fails)
        done = grade(tiny, right, "--json", file, "--seed", "1", status=2)
        assert "No space left" in one_line(done)
        assert "ada  11/11 points" in done.stdout
    assert file.read_text() == "before"
    grade(tiny, right, "--json", tiny.root / "link.json", "--seed", "1")
    assert json.loads(file.read_bytes())["submissions"][0]["score"] == 11.0
    assert {path.name for path in tiny.root.iterdir()} == before | {".autograder"}


def test_a_result_may_go_to_a_device(tiny: Course, right: Path) -> None:
    grade(tiny, right, "--json", "/dev/null")
    assert not Path("/dev/null").is_file()


@pytest.mark.parametrize("error", [SandboxError("It broke."), OSError(12, "No memory")])
def test_where_the_sandbox_breaks_under_one_the_others_keep_their_marks(
    tiny: Course, right: Path, wrong: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    true = Grader.take

    def take(self: Grader, submission: Submission, *more: Any) -> Graded:
        if any("BREAK" in cell.source for cell in submission.cells):
            raise error
        return true(self, submission, *more)

    monkeypatch.setattr(Grader, "take", take)
    paths = [right, wrong]
    for name in ("x1", "x2", "x3"):
        paths.append(tiny.root / f"{name}.ipynb")
        paths[-1].write_text(notebook(tiny, double="BREAK"))
    file = tiny.root / "result.json"
    done = grade(tiny, paths[2], right, wrong, "--json", file, status=2)
    assert (
        "2 of 3 submissions were graded. Run the command again to grade the others: x1."
        in one_line(done)
    )
    kept = json.loads(file.read_bytes())["submissions"]
    assert {each["student"]: each["score"] for each in kept} == {"ada": 11.0, "bob": 8.0}
    assert "ada  11/11 points" in done.stdout
    file.unlink()
    done = grade(tiny, right, *paths[2:], wrong, "--again", "--json", file, status=2)
    assert "1 of 5 submissions were graded" in one_line(done)
    assert one_line(done).endswith("x1, x2, x3, bob.")
    assert len(json.loads(file.read_bytes())["submissions"]) == 1
    file.unlink()
    assert "graded" not in one_line(grade(tiny, *paths[2:], "--json", file, status=2))
    assert not file.exists()


@pytest.mark.parametrize("again", [(), ("--again",)])
def test_who_stops_the_grading_keeps_what_is_there(
    tiny: Course, right: Path, wrong: Path, monkeypatch: pytest.MonkeyPatch, again: tuple[str, ...]
) -> None:
    true = Grader.examine

    def stopped(self: Grader, found: SubmissionSource) -> GradedWork[Grader]:
        if found.student == "bob":
            raise KeyboardInterrupt
        return true(self, found)

    monkeypatch.setattr(Grader, "examine", stopped)
    file = tiny.root / "result.json"
    file.write_text("of the whole class")
    done = grade(tiny, right, wrong, "--json", file, *again, status=130)
    far = "autograder: stopped after 1 of 2 submissions. No result file was written: that happens "
    far += "when all are graded. Run the same command again"
    far += "; with --again it starts from the beginning." if again else " to continue from there."
    assert done.stderr.strip() == far  # click ends the line with ^C in it
    assert "ada  11/11 points" in done.stdout
    assert file.read_text() == "of the whole class"
    assert "result" not in grade(tiny, right, wrong, *again, status=130).stderr
    monkeypatch.setattr(Grader, "examine", true)
    done = grade(tiny, right, wrong, "--json", file)
    assert "1 of 2 submissions are unchanged and were not regraded" in done.stdout
    assert [each["score"] for each in json.loads(file.read_bytes())["submissions"]] == [11.0, 8.0]


def test_who_stops_anything_else_is_told_no_more(
    tiny: Course, right: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("autograder.cli.reports.only_submission", stopped)
    done = autograder(tiny, "explain", "doubling", right, "twice_any_number", status=130)
    assert done.stderr.strip() == "autograder: stopped."


@pytest.mark.parametrize(
    "words",
    [
        ["grade"],
        ["grade", "doubling"],
        ["grade", "doubling", "ada.ipynb", "--gradebook"],
        ["grade", "doubling", "ada.ipynb", "--fail-under", "101"],
        ["grade", "doubling", "ada.ipynb", "--workers", "0"],
        ["grade", "doubling", "ada.ipynb", "--sead", "1"],
        ["mark", "doubling"],
    ],
)
def test_wrong_usage_is_one_line_and_exits_with_two(tiny: Course, words: list[str]) -> None:
    done = autograder(tiny, *words, status=2)
    assert done.stdout == ""
    assert one_line(done)


def test_no_control_character_of_a_files_name_is_in_an_error(tiny: Course) -> None:
    said = one_line(grade(tiny, "a\x1b]0;owned\x07\u202e\x9b31mb.ipynb", status=2))
    assert said.isprintable()
    assert "does not exist: check the path" in said


def test_a_file_whose_name_looks_like_an_option_can_be_named(tiny: Course, right: Path) -> None:
    right.rename(tiny.root / "-x.ipynb")
    assert "write ./-x.ipynb" in one_line(grade(tiny, "-x.ipynb", status=2))
    assert "-x  11/11 points" in grade(tiny, "./-x.ipynb").stdout
    assert "-x  11/11 points" in grade(tiny, ".").stdout


def test_an_assignment_that_does_not_fit_is_told_in_one_line(tiny: Course, right: Path) -> None:
    checks = tiny.root / "assignments/doubling/checks.py"
    checks.write_text(checks.read_text().replace("points=3", "points=-3"))
    assert "twice_any_number" in one_line(grade(tiny, right, status=2))


@pytest.mark.parametrize(
    ("spoiled", "says"),
    [("def broken(:\n", "checks.py"), ("import no_such_package\n", "no_such_package")],
)
def test_an_assignment_that_python_cannot_load_is_told_in_one_line(
    tiny: Course, right: Path, spoiled: str, says: str
) -> None:
    (tiny.root / "assignments/doubling/checks.py").write_text(spoiled)
    assert says in one_line(grade(tiny, right, status=2))


def test_a_public_seed_has_no_fingerprint_and_makes_no_secret(tiny: Course, right: Path) -> None:
    assert result(tiny, right, "--seed", "7")["secret_fingerprint"] is None
    assert not (tiny.root / ".autograder-secret").exists()


def test_the_secret_is_made_once_for_its_owner_alone_and_never_in_the_result(
    tiny: Course, right: Path
) -> None:
    first = result(tiny, right)
    file = tiny.root / ".autograder-secret"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    key = bytes.fromhex(file.read_text())
    assert len(key) == 32
    assert first["secret_fingerprint"] == hashlib.sha256(key).hexdigest()[:8]
    assert key.hex() not in json.dumps(first)
    assert result(tiny, right)["secret_fingerprint"] == first["secret_fingerprint"]
    assert [path.name for path in tiny.root.glob(".autograder-secret*")] == [file.name]


def test_the_secret_of_the_environment_wins(tiny: Course, right: Path) -> None:
    (tiny.root / ".autograder-secret").write_text("1" * 64)
    found = result(tiny, right, env={"AUTOGRADER_SECRET": "ab" * 32})
    wanted = hashlib.sha256(bytes.fromhex("ab" * 32)).hexdigest()[:8]
    assert found["secret_fingerprint"] == wanted
    done = grade(tiny, right, status=2, env={"AUTOGRADER_SECRET": "guess me"})
    assert "AUTOGRADER_SECRET" in one_line(done)
    assert "guess me" not in done.stderr


@pytest.mark.parametrize("content", [b"", b"guess me", b"\xff\xfea\0b\0"])
def test_a_file_without_a_secret_is_named(tiny: Course, right: Path, content: bytes) -> None:
    (tiny.root / ".autograder-secret").write_bytes(content)
    said = one_line(grade(tiny, right, status=2))
    assert ".autograder-secret must contain 64 hex digits: replace or remove it." in said


def test_the_working_folder_may_be_anywhere_in_the_course(tiny: Course, right: Path) -> None:
    done = grade(tiny, f"../{right.name}", cwd=tiny.root / "assignments")
    assert "ada  11/11 points" in done.stdout


def test_folders_zips_and_trees_hold_the_same_submissions(tiny: Course) -> None:
    texts = {"ada": notebook(tiny), "bob": notebook(tiny, double=WRONG)}
    folder = tiny.root / "folder"
    folder.mkdir()
    for student, text in texts.items():
        (folder / f"{student}.ipynb").write_text(text)
        tiny.submit(student, text.encode())
    (folder / "notes.txt").write_text("not a notebook")
    for name, form in [
        ("flat.zip", "{}.ipynb"),
        ("tree.zip", "submitted/{}/doubling/doubling.ipynb"),
    ]:
        with zipfile.ZipFile(tiny.root / name, "w") as archive:
            for student, text in texts.items():
                archive.writestr(form.format(student), text)
    for place in ("folder", "submitted", "flat.zip", "tree.zip"):
        found = result(tiny, place)["submissions"]
        scores = {each["student"]: each["score"] for each in found}
        assert scores == {"ada": 11.0, "bob": 8.0}, place


def test_two_of_one_name_are_both_graded_under_their_paths(tiny: Course) -> None:
    for number, text in enumerate([notebook(tiny), notebook(tiny, double=WRONG)]):
        folder = tiny.root / f"group{number}"
        folder.mkdir()
        (folder / "ada.ipynb").write_text(text)
    found = result(tiny, "group0", "group1")["submissions"]
    scores = {each["student"]: each["score"] for each in found}
    assert scores == {"group0/ada": 11.0, "group1/ada": 8.0}


def test_build_writes_every_assignment_and_names_the_files(tiny: Course) -> None:
    done = autograder(tiny, "build")
    (line,) = done.stdout.splitlines()
    assert line == "source/doubling/doubling.ipynb"
    assert nbformat.read(tiny.root / line, as_version=4).cells


def test_the_version_is_the_packages(tiny: Course) -> None:
    assert tiny.run("autograder", "--version").stdout.split()[-1] == __version__


@pytest.mark.parametrize("seed", ["0", "1", "2024"])
def test_the_stub_gets_nothing_and_the_reference_everything(
    course: Course, tmp_path: Path, seed: str
) -> None:
    (tmp_path / "stub.ipynb").write_text(nbformat.writes(course.lesson.released_notebook()))
    (tmp_path / "reference.ipynb").write_text(notebook(course))
    file = tmp_path / "result.json"
    grade(course, tmp_path, "--seed", seed, "--json", file)
    scores = {
        each["student"]: (each["score"], each["max_score"])
        for each in json.loads(file.read_bytes())["submissions"]
    }
    most = sum(check.points for check in course.assignment.checks)
    assert scores == {"reference": (most, most), "stub": (0.0, most)}


def test_the_help_waits_for_no_large_package() -> None:
    program = (
        "import sys\n"
        "from autograder.cli.main import main\n"
        "sys.argv = ['autograder', '--help']\n"
        "try:\n    main()\n"
        "finally:\n    print(*{name.split('.')[0] for name in sys.modules}, file=sys.stderr)\n"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    loaded = set(done.stderr.split())
    assert {"autograder", "click"} <= loaded
    assert loaded.isdisjoint(
        {"numpy", "scipy", "nbformat", "nbgrader", "rich", "jinja2", "msgspec"}
    )


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_help_has_a_whole_sentence_for_each_command_on_80_columns(language: str) -> None:
    environment = {**os.environ, "LANGUAGE": language, "PYTHONIOENCODING": "utf-8", "COLUMNS": "80"}
    command = [sys.executable, "-m", "autograder", "--help"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60)
    lines = [line for line in done.stdout.splitlines() if re.match("  [a-z]", line)]
    assert len(lines) == sum(not each.hidden for each in main.commands.values())
    for line in lines:
        assert line.endswith((".", "。"))
        assert not line.endswith("...")
        assert cell_len(line) <= 80


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--help"], "用法: python -m autograder"),
        (["grade", "--help"], "显示本帮助并退出。"),
        (["release"], "缺少参数 'NAME'"),
        (["grad"], "没有命令 'grad'"),
        (["grade", "x", "--worker", "2"], "没有选项 '--worker'"),
        (["grade", "x", "--workers", "0"], "'--workers' 的值无效：0 不在范围 x>=1 之内。"),
        (["doctor", "x"], "多余的参数（x）"),
    ],
)
def test_what_click_says_is_in_the_language_of_the_locale(words: list[str], says: str) -> None:
    command = [sys.executable, "-m", "autograder", *words]
    environment = {**os.environ, "LANGUAGE": "zh_CN.UTF-8", "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60)
    said = done.stdout + done.stderr
    assert says in said
    assert not re.search("Usage|Options|Commands|Show|Missing|such|Invalid|unexpected|mean", said)
