"""No layer is decoration: what gets through without it does not get through it alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import nbformat
import pytest

from autograder.sandbox.host.worker import Worker
from autograder.sandbox.inside.jail import LAYERS, NAMESPACES
from autograder.sandbox.inside.users import runs_as_root
from autograder.sandbox.isolation import InForce, Isolation, SandboxError, demand, needed
from autograder.sandbox.selftest import doctor
from autograder.sandbox.selftest.escape_attempts import IMPOSSIBLE, STOPPED, THROUGH, TRIALS
from tests.helpers.course import ROOT, Course
from tests.helpers.sessions import SEED, Notebook

PATIENCE = 1200
"""Seconds: a whole file of tests takes fifty on a machine of its own, and ten times that on one
whose processors are busy with something else."""

only_root = pytest.mark.skipif(
    os.geteuid() != 0, reason="only root can run these tests as another user"
)

MACHINES = [
    pytest.param((), id="here"),
    pytest.param(("bare",), id="without namespaces"),
    pytest.param(("container", "bare"), marks=only_root, id="root in a container"),
    pytest.param(("ordinary",), marks=only_root, id="ordinary user"),
    pytest.param(("ordinary", "bare"), marks=only_root, id="ordinary user without namespaces"),
]


@cache
def namespaces_are_given() -> bool:
    return all(each.holds for each in doctor.examine() if each.layer in NAMESPACES)


def on_machine(
    kinds: tuple[str, ...], *command: str, cwd: Path = ROOT
) -> subprocess.CompletedProcess[str]:
    """Runs a command as on another machine, where this one can stand in for it."""
    if kinds != ("bare",) and not namespaces_are_given():
        pytest.skip("a machine that forbids namespaces can only stand in for itself")
    machine = [sys.executable, str(ROOT / "tests" / "helpers" / "machines.py"), *kinds, "--"]
    return subprocess.run(
        [*machine, sys.executable, *command],
        cwd=cwd,
        env={**os.environ, "COLUMNS": "80", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE - 20,
    )


@cache
def tried(kinds: tuple[str, ...]) -> list[list[str]]:
    done = on_machine(kinds, "-m", "autograder.sandbox.selftest.layer_trials")
    assert done.returncode == 0, done.stderr
    found: list[list[str]] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("kinds", MACHINES)
def test_whatever_a_layer_is_to_stop_gets_through_without_it_and_not_with_it(
    kinds: tuple[str, ...],
) -> None:
    found = tried(kinds)
    for layer, what, without, behind, why in found:
        allowed = {IMPOSSIBLE} if "bare" in kinds and layer in NAMESPACES else {STOPPED}
        if what == "is had at all" or "bare" not in kinds or layer != "no_new_privs":
            # In a machine that is bare, new privileges have been given up long before.
            assert without == THROUGH, (layer, what, why)
        assert behind in allowed, (layer, what, why)
    as_root = runs_as_root() and "ordinary" not in kinds
    assert {layer for layer, *_ in found} == {*LAYERS} - (set() if as_root else {"own_user"})


def test_every_layer_has_an_attempt_that_it_stops_and_a_line_that_says_what_it_is_for() -> None:
    assert {trial.layer for trial in TRIALS} == {*LAYERS}
    assert doctor.GUARDS.keys() == {"process", *LAYERS}


@pytest.mark.timeout(PATIENCE)
@pytest.mark.parametrize("kinds", MACHINES)
def test_students_code_is_kept_in_on_every_machine(kinds: tuple[str, ...]) -> None:
    done = on_machine(
        kinds,
        *("-m", "pytest", "-q", "-p", "no:cacheprovider", "-rs", f"--timeout={PATIENCE // 2}"),
        "tests/sandbox/test_confinement.py",
    )
    assert done.returncode == 0, done.stdout[-8000:]


@pytest.mark.parametrize("kinds", MACHINES)
def test_the_doctor_says_what_holds_and_what_is_missing(kinds: tuple[str, ...]) -> None:
    done = on_machine(kinds, "-m", "autograder", "doctor")
    assert done.returncode == 0, done.stdout + done.stderr
    assert all(len(line) <= 80 for line in done.stdout.splitlines())
    assert "This machine can grade untrusted submissions." in done.stdout
    assert ("own_user" in done.stdout) == (runs_as_root() and "ordinary" not in kinds)
    assert ("missing" in done.stdout) == ("bare" in kinds)
    assert ("To get it:" in done.stdout) == ("bare" in kinds)


def test_the_doctor_says_where_untrusted_work_must_not_be_graded() -> None:
    lost = doctor.Protection("landlock", False, True, "", "no such call", "another kernel")
    held = [doctor.Protection(layer, True, True, "") for layer in needed() if layer != "landlock"]
    assert not doctor.suffices([lost, *held])
    assert doctor.suffices([doctor.Protection("landlock-1", True, True, ""), *held])


@pytest.mark.parametrize("layer", [layer for layer in LAYERS if layer in needed()])
def test_without_a_needed_layer_nothing_is_graded_unless_it_is_asked_for(layer: str) -> None:
    rest = [each for each in LAYERS if each != layer]
    with (
        Worker(wanted=rest) as worker,
        pytest.raises(SandboxError, match=f"{layer}.*autograder doctor.*--isolation process"),
    ):
        worker.open()
    with (
        Worker(Isolation.PROCESS, wanted=rest) as worker,
        Notebook(worker, ["def f():\n    return 1"], SEED) as opened,
    ):
        assert opened.value("f") == 1
        assert not [each for each in worker.layers if each.startswith(layer)]


def test_without_landlock_the_doctor_says_no_and_grade_refuses_unless_it_is_asked_for(
    tiny: Course,
) -> None:
    doctor_said = on_machine(("old",), "-m", "autograder", "doctor")
    assert doctor_said.returncode == 1, doctor_said.stderr
    assert "it lacks landlock" in doctor_said.stdout
    notebook = tiny.root / "ada.ipynb"
    notebook.write_text(nbformat.writes(tiny.lesson.filled({})))
    grade = ("-m", "autograder", "grade", tiny.name, str(notebook), "--json", "found.json")
    refused = on_machine(("old",), *grade, cwd=tiny.root)
    assert refused.returncode == 2
    (line,) = refused.stderr.splitlines()
    assert "lacks landlock" in line
    assert not (tiny.root / "found.json").exists()
    asked_for = on_machine(("old",), *grade, "--isolation", "process", cwd=tiny.root)
    assert asked_for.returncode == 0, asked_for.stderr
    in_force = json.loads((tiny.root / "found.json").read_text())["isolation"]
    assert "seccomp" in in_force
    assert not [layer for layer in in_force if layer.startswith("landlock")]


def test_what_is_refused_is_told_in_one_sentence_with_its_reason() -> None:
    layers = [layer for layer in needed() if layer != "seccomp"]
    with pytest.raises(SandboxError) as refused:
        demand(Isolation.FULL, layers, ["seccomp: not known here", "pid_namespace: refused"])
    text = str(refused.value)
    assert "lacks seccomp (seccomp: not known here), so" in text
    assert "pid_namespace" not in text
    demand(Isolation.PROCESS, layers, [])


def test_what_was_in_force_is_what_all_places_had() -> None:
    in_force = InForce()
    assert not in_force.layers
    in_force.note(("process", "seccomp", "landlock-7"))
    in_force.note(())
    in_force.note(("process", "seccomp", "landlock-5"))
    assert in_force.layers == ("process", "seccomp")
