"""The files for build servers are what the servers' own published schemas allow."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from junitparser import JUnitXml
from ruamel.yaml import YAML

from tests.helpers.commands import notebook
from tests.helpers.course import BIN, ENVIRONMENT, ROOT

if TYPE_CHECKING:
    from tests.helpers.course import Course

EXAMPLES = ROOT / "docs" / "examples"

FILES = {
    "vendor.github-actions": ROOT / "action.yml",
    "vendor.github-workflows": EXAMPLES / "github-classroom.yml",
    "vendor.gitlab-ci": EXAMPLES / "gitlab-ci.yml",
}


def check(schema: str, path: Path) -> subprocess.CompletedProcess[str]:
    """Holds a file against a schema that comes with check-jsonschema."""
    words = [str(BIN / "check-jsonschema"), "--builtin-schema", schema, str(path)]
    if schema == "vendor.gitlab-ci":
        words[1:1] = ["--data-transform", "gitlab-ci"]
    return subprocess.run(words, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("schema", FILES)
def test_every_file_is_what_its_schema_allows(schema: str) -> None:
    done = check(schema, FILES[schema])
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("schema", FILES)
def test_a_slip_in_it_would_be_found(schema: str, tmp_path: Path) -> None:
    slips = {"using:": "usng:", "runs-on:": "run-on:", "script:": "scripts:"}
    text = FILES[schema].read_text()
    for right, wrong in slips.items():
        text = text.replace(right, wrong)
    path = tmp_path / FILES[schema].name
    path.write_text(text)
    assert check(schema, path).returncode == 1


def of(path: Path) -> Any:
    return YAML(typ="safe").load(path)


def run(script: str, folder: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """Runs a script as GitHub's runner runs one for `shell: bash`."""
    env = {**ENVIRONMENT, **more}
    words = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
    return subprocess.run(words, cwd=folder, env=env, capture_output=True, text=True, check=False)


@pytest.fixture
def runner(tiny: Course) -> dict[str, str]:
    """What GitHub's runner gives the action's last step, autograder being installed."""
    temp = tiny.root.parent / "runner"
    (temp / "autograder").mkdir(parents=True)
    (temp / "autograder" / "bin").symlink_to(BIN)
    (tiny.root / "pushed").mkdir()
    return {
        "GITHUB_ACTIONS": "true",
        "GITHUB_WORKSPACE": str(tiny.root),
        "GITHUB_STEP_SUMMARY": str(temp / "summary.md"),
        "GITHUB_OUTPUT": str(temp / "output"),
        "RUNNER_TEMP": str(temp),
        "AUTOGRADER_SECRET": "ab" * 32,
        "ASSIGNMENT": tiny.name,
        "SUBMISSIONS": "pushed",
        "COURSE": ".",
        "FAIL_UNDER": "0",
    }


def test_the_action_grades_and_names_its_files(tiny: Course, runner: dict[str, str]) -> None:
    (tiny.root / "pushed" / "ada.ipynb").write_text(notebook(tiny))
    step = of(ROOT / "action.yml")["runs"]["steps"][-1]
    assert step["env"].keys() <= runner.keys()
    done = run(step["run"], tiny.root.parent, **runner)
    assert done.returncode == 0, done.stderr
    lines = Path(runner["GITHUB_OUTPUT"]).read_text().splitlines()
    outputs = dict(line.split("=", 1) for line in lines)
    assert outputs.keys() == of(ROOT / "action.yml")["outputs"].keys()
    assert [suite.name for suite in JUnitXml.fromfile(outputs["junit"])] == ["ada"]
    assert '"inputs": "notebook"' in Path(outputs["json"]).read_text()
    assert "ada" in Path(runner["GITHUB_STEP_SUMMARY"]).read_text()
    (tiny.root / "pushed" / "bob.ipynb").write_bytes(b"")
    assert run(step["run"], tiny.root.parent, **runner).returncode == 1


def test_the_image_copies_what_it_installs_from_and_nothing_of_a_course() -> None:
    """The image is built by hand: no test has an engine. See docs/operators/containers.md."""
    text = (ROOT / "Containerfile").read_text()
    copied = [word for line in re.findall("^COPY (.*) /opt", text, re.M) for word in line.split()]
    names = {path.name for pattern in copied for path in ROOT.glob(pattern)}
    assert all(list(ROOT.glob(pattern)) for pattern in copied)
    assert set(re.findall(r"/opt/numgrader/([\w-]+\.txt)", text)) <= names
    assert names.isdisjoint({"assignments", "reference", ".autograder-secret"})
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert set(project["tool"]["setuptools"]["dynamic"]["dependencies"]["file"]) <= names


def test_no_input_of_the_action_is_a_piece_of_its_script() -> None:
    for step in of(ROOT / "action.yml")["runs"]["steps"]:
        assert "${{" not in step.get("run", "")


@pytest.mark.parametrize(("assignment", "nbgrader"), [("doubling", False), ("plain", True)])
def test_the_action_installs_nbgrader_for_plain_asserts_alone(
    tiny: Course, runner: dict[str, str], tmp_path: Path, assignment: str, nbgrader: bool
) -> None:
    python, log = tmp_path / "stub" / "python", tmp_path / "log"
    python.parent.mkdir()
    pip = f'mkdir -p "$3/bin"; printf \'#!/bin/sh\\necho "$@" >> {log}\' > "$3/bin/pip"'
    python.write_text(f'#!/bin/sh\n{pip}; chmod +x "$3/bin/pip"\n')
    python.chmod(0o755)
    (step,) = (
        each
        for each in of(ROOT / "action.yml")["runs"]["steps"]
        if each.get("name") == "Install autograder"
    )
    runner |= {"ASSIGNMENT": assignment, "RUNNER_TEMP": str(tmp_path / "temp")}
    runner["PATH"] = f"{python.parent}:{ENVIRONMENT['PATH']}"
    done = run(step["run"], tiny.root, **runner, GITHUB_ACTION_PATH=str(ROOT))
    assert done.returncode == 0, done.stderr
    requirements, package = log.read_text().splitlines()
    assert "--requirement requirements-grading.txt" in requirements
    assert ("--requirement requirements-nbgrader.txt" in requirements) == nbgrader
    assert package.endswith("--no-deps .")


def test_without_a_secret_the_action_grades_nothing(tiny: Course, runner: dict[str, str]) -> None:
    (tiny.root / "pushed" / "ada.ipynb").write_text(notebook(tiny))
    step = of(ROOT / "action.yml")["runs"]["steps"][-1]
    done = run(step["run"], tiny.root.parent, **{**runner, "AUTOGRADER_SECRET": ""})
    assert done.returncode == 2
    assert "AUTOGRADER_SECRET" in done.stderr


def test_the_repositories_of_a_classroom_are_graded_under_names_of_their_own(
    tiny: Course, runner: dict[str, str]
) -> None:
    class_ = tiny.root / "pushed" / "doubling-submissions"
    places = {
        "doubling-ada": "doubling.ipynb",
        "doubling-bob": "notebooks/doubling.ipynb",
        "doubling-eve": "doubling-bob/doubling/doubling.ipynb",
        "doubling-fay": ".git/refs/heads/doubling.ipynb",
    }
    for repository, place in places.items():
        path = class_ / repository / place
        path.parent.mkdir(parents=True)
        path.write_text(notebook(tiny))
        (class_ / repository / ".git").mkdir(exist_ok=True)
    (class_ / "doubling-eve" / "doubling").mkdir()
    job = of(EXAMPLES / "github-classroom.yml")["jobs"]["grade"]
    (move,) = (step["run"] for step in job["steps"] if "mv " in step.get("run", ""))
    done = run(move, tiny.root, ASSIGNMENT=tiny.name)
    assert done.returncode == 0, done.stderr
    (grade,) = (step["with"] for step in job["steps"] if step.get("uses") == "./")
    runner["SUBMISSIONS"] = grade["submissions"]
    done = run(of(ROOT / "action.yml")["runs"]["steps"][-1]["run"], tiny.root, **runner)
    assert done.returncode == 1, done.stderr  # one has pushed no notebook
    suites = {
        suite.name: suite
        for suite in JUnitXml.fromfile(str(Path(runner["RUNNER_TEMP"], "junit.xml")))
    }
    assert suites.keys() == places.keys()
    assert {name for name, suite in suites.items() if suite.errors} == {"doubling-fay"}


def test_the_script_for_gitlab_grades(tiny: Course) -> None:
    (tiny.root / "submissions").mkdir()
    (tiny.root / "submissions" / "ada.ipynb").write_text(notebook(tiny))
    job = of(EXAMPLES / "gitlab-ci.yml")["grade"]
    *_, command = job["script"]
    command = command.replace("/opt/autograder/bin/", "")
    done = run(command, tiny.root, ASSIGNMENT=tiny.name, AUTOGRADER_SECRET="ab" * 32)
    assert done.returncode == 0, done.stderr
    for file in (*job["artifacts"]["paths"], job["artifacts"]["reports"]["junit"]):
        assert (tiny.root / file).is_file()
