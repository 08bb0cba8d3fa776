"""The zip for Gradescope, taken apart and run as Gradescope runs it, in a folder like its own."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
import zipfile
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from gslocal.results import format_results

from autograder.course import secret
from autograder.reports.ci import gradescope
from autograder.result import CheckResult, SubmissionResult, Verdict
from autograder.sandbox.host.worker import Worker
from autograder.sandbox.isolation import SandboxError
from tests.helpers.commands import FAULT, WRONG, autograder, notebook, one_line
from tests.helpers.course import BIN, ENVIRONMENT
from tests.helpers.results import HOSTILE, of

if TYPE_CHECKING:
    from tests.helpers.course import Course

SCHEMA = json.loads((Path(__file__).parents[1] / "reports" / "gradescope.schema.json").read_text())


def valid(results: bytes) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(results)
    jsonschema.validate(found, SCHEMA)
    return found


def container(course: Course, *flags: str, **options: str) -> Path:
    """Gradescope's folder after the zip was built there, but for the packages, which are ours."""
    words = [*flags]
    words += [word for name, value in options.items() for word in (f"--{name}", value)]
    archive = Path(autograder(course, "gradescope", course.name, *words).stdout.strip())
    root = course.root.parent / "autograder"
    for folder in ("source", "submission", "results"):
        (root / folder).mkdir(parents=True)
    with zipfile.ZipFile(archive) as file:
        for member in file.infolist():
            path = Path(file.extract(member, root / "source"))
            path.chmod(member.external_attr >> 16 & 0o777)
    (root / "source" / "run_autograder").rename(root / "run_autograder")
    (root / "venv").symlink_to(BIN.parent)
    return root


def run(root: Path, status: int = 0) -> subprocess.CompletedProcess[str]:
    """Starts what Gradescope starts for a submission."""
    done = subprocess.run(
        [root / "run_autograder"], cwd="/", env=ENVIRONMENT, capture_output=True, text=True
    )
    assert done.returncode == status, done.stdout + done.stderr
    return done


def results(root: Path) -> dict[str, Any]:
    return valid((root / "results" / "results.json").read_bytes())


def test_a_submission_gets_its_score_and_its_reasons(
    tiny: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    root = container(tiny)
    (root / "submission" / "my work.ipynb").write_text(notebook(tiny, double=WRONG))
    done = run(root)
    found = results(root)
    assert found["score"] == 8.0
    assert [(each["number"], each["score"], each["max_score"]) for each in found["tests"]] == [
        ("1.1", 1.0, 1),
        ("1.2", 0.0, 3),
        ("2.1", 2.0, 2),
        ("2.2", 5.0, 5),
    ]
    failed = found["tests"][1]
    assert failed["name"] == "double: Twice any number is that number and itself."
    assert failed["output"].startswith("failed:\ndouble(")
    assert [each["status"] for each in found["tests"]] == ["passed", "failed", "passed", "passed"]
    assert "8/11 points" in done.stdout  # for the instructor
    assert found["stdout_visibility"] == "hidden"
    format_results(root / "results" / "results.json")
    assert "8.00 / 11.00" in capsys.readouterr().out


def test_another_notebook_is_asked_on_other_inputs_and_can_be_replayed(tiny: Course) -> None:
    root = container(tiny)
    path = root / "submission" / "doubling.ipynb"
    said = []
    for more in ("", "\n# again"):
        path.write_text(notebook(tiny, double=WRONG + more))
        run(root)
        said.append(results(root)["tests"][1]["output"].splitlines()[1])
    assert said[0] != said[1]
    call = said[1].split(" ")[0]
    replayed = autograder(tiny, "explain", tiny.name, path, "twice_any_number", "--own-inputs")
    assert call in replayed.stdout


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("doubling.ipynb", "", "The file is empty."),
        ("notes.txt", "my answer", "submit doubling.ipynb"),
    ],
)
def test_what_cannot_be_read_gets_nothing_and_is_told_why(
    tiny: Course, name: str, content: str, says: str
) -> None:
    root = container(tiny)
    (root / "submission" / name).write_text(content)
    run(root)
    found = results(root)
    assert found["score"] == 0.0
    assert says in found["output"]


def test_a_fault_of_the_grader_takes_no_points_and_is_said(tiny: Course) -> None:
    checks = tiny.root / "assignments/doubling/checks.py"
    checks.write_text(checks.read_text().replace(FAULT, f"    1 / 0\n{FAULT}"))
    root = container(tiny, "--force")
    (root / "submission" / "doubling.ipynb").write_text(notebook(tiny))
    run(root, status=3)
    found = results(root)
    assert (found["score"], found["extra_data"]) == (6.0, {"provisional": True})
    assert "5 of 11 points could not be decided" in found["output"]
    assert "score" not in found["tests"][3]
    assert "status" not in found["tests"][3]


def test_without_a_sandbox_there_are_no_results_at_all(
    tiny: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = container(tiny)
    (root / "submission" / "doubling.ipynb").write_text(notebook(tiny))

    def refuses(_worker: Worker) -> Worker:
        raise SandboxError("This machine does not give landlock.")

    monkeypatch.setattr(Worker, "__enter__", refuses)
    done = autograder(tiny, "gradescope-run", tiny.name, status=2, cwd=root)
    assert "landlock" in one_line(done)
    assert not list((root / "results").iterdir())


def test_a_weaker_sandbox_is_used_only_where_it_was_asked_for_by_name(tiny: Course) -> None:
    assert "--isolation full" in (container(tiny) / "run_autograder").read_text()
    other = type(tiny)(tiny.root, tiny.name, tiny.home)
    archive = Path(
        autograder(other, "gradescope", tiny.name, "--isolation", "process").stdout.strip()
    )
    with zipfile.ZipFile(archive) as file:
        assert b"--isolation process" in file.read("run_autograder")


def test_the_zip_is_the_owners_alone_and_so_is_what_it_holds(tiny: Course) -> None:
    archive = Path(autograder(tiny, "gradescope", tiny.name).stdout.strip())
    assert stat.S_IMODE(archive.parent.stat().st_mode) == 0o700
    with zipfile.ZipFile(archive) as file:
        modes = {each.filename: each.external_attr >> 16 & 0o777 for each in file.infolist()}
        kept = file.read("course/.autograder-secret").decode()
    assert {name for name, mode in modes.items() if mode == 0o700} == {"setup.sh", "run_autograder"}
    assert {*modes.values()} == {0o600, 0o700}
    assert bytes.fromhex(kept) == secret.of_course(tiny.root).key


def test_the_package_in_the_zip_is_this_one_with_the_versions_of_this_machine(
    tiny: Course, tmp_path: Path
) -> None:
    root = container(tiny)
    (wheel,) = (root / "source").glob("*.whl")
    words = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-index"]
    subprocess.run([*words, "--target", tmp_path / "installed", wheel], check=True)
    code = (
        "from importlib.metadata import version; import autograder; "
        "print(autograder.__file__, version('numgrader'))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**ENVIRONMENT, "PYTHONPATH": str(tmp_path / "installed")},
        capture_output=True,
        text=True,
        check=True,
    )
    file, number = done.stdout.split()
    assert Path(file).is_relative_to(tmp_path)
    assert number == version("numgrader")
    assert (tmp_path / "installed/autograder/reports/result.schema.json").is_file()
    pinned = (root / "source" / "constraints.txt").read_text().splitlines()
    assert f"msgspec=={version('msgspec')}" in pinned
    wanted = (root / "source" / "requirements.txt").read_text().splitlines()
    assert f"numpy=={version('numpy')}" in wanted  # of the lesson
    assert "msgspec>=0.18" in wanted  # of this package
    assert not [each for each in wanted if "nbgrader" in each or "extra" in each]


def test_the_scripts_are_what_bash_can_read(tiny: Course) -> None:
    root = container(tiny)
    for script in (root / "run_autograder", root / "source" / "setup.sh"):
        subprocess.run(["bash", "-n", script], check=True)


@pytest.mark.parametrize("verdict", Verdict)
def test_every_verdict_and_any_text_of_a_student_is_in_the_form(verdict: Verdict) -> None:
    points = None if verdict is Verdict.GRADER_ERROR else 0.0
    check = CheckResult("a_check", "double", verdict, points, 2.0, HOSTILE, notes=(HOSTILE,))
    submission: SubmissionResult = of("ada", check, observations=("It opened /etc/passwd.",))
    text = gradescope.results({"a_check": "It doubles."}, submission)
    (test,) = valid(text)["tests"]
    assert test["name"] == "double: It doubles."
    assert "evil" in test["output"]
    assert not any(each in test["output"] for each in "\x1b\x00\u202e")
    assert b"passwd" not in text
