"""Make the zip that Gradescope builds its autograder from, and grade a submission there.

Gradescope builds a container from the zip: `setup.sh` installs Python and this package, with the
versions of the machine that made the zip. Then it starts `run_autograder` for each submission, as
root, with `submission/` and `results/` beside it.
"""

from __future__ import annotations

import ast
import base64
import hashlib
import io
import platform
import shlex
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from importlib.metadata import distribution, distributions, packages_distributions
from pathlib import Path

from packaging.requirements import Requirement

import autograder
from autograder.course import private_files
from autograder.course.assignment import Assignment
from autograder.course.builder import build
from autograder.course.lesson import Role
from autograder.course.requirements import imports_of
from autograder.course.secret import FILE, Secret
from autograder.grading.grader import Grader
from autograder.i18n import N_
from autograder.intake.files import in_folder, rejecting
from autograder.intake.find import find_of_student
from autograder.intake.written import written_in
from autograder.reports.atomic_write import saver
from autograder.reports.ci import gradescope
from autograder.reports.terminal import submission
from autograder.reports.terminal.console import output_console
from autograder.result import Verdict
from autograder.sandbox.host.worker import Worker
from autograder.sandbox.isolation import Isolation

COURSE = "course"
"""The folder of the course in the zip."""

NOTHING = N_("There is no notebook among your files: submit {name}.ipynb.")

SETUP = """\
#!/usr/bin/env bash
# Gradescope runs this once, as root, when it builds the container.
set -euo pipefail
source="$(cd "$(dirname "$0")" && pwd)"
venv="$source/../venv"
chmod -R go= "$source"  # the checks, the reference and the secret
apt-get update
apt-get install -y python{python} python{python}-venv || apt-get install -y python3 python3-venv
"$(command -v python{python} || command -v python3)" -m venv "$venv"
"$venv/bin/pip" install --disable-pip-version-check --constraint "$source/constraints.txt" \\
  --requirement "$source/requirements.txt"
"$venv/bin/pip" install --disable-pip-version-check --no-deps "$source"/*.whl
"$venv/bin/autograder" doctor || true  # the build's log says what protects this machine
"""

RUN = """\
#!/usr/bin/env bash
# Gradescope runs this for each submission, as root, in a container of its own.
set -euo pipefail
cd "$(dirname "$0")"
exec venv/bin/autograder gradescope-run {name} --isolation {isolation}
"""

DISTRIBUTION = "numgrader"
"""The name to install this package by; see pyproject.toml."""

NOT_FOR_GRADING = ("nbgrader", "sqlalchemy")
"""The packages in requirements-nbgrader.txt, without which checks are graded."""

WHEEL = "Wheel-Version: 1.0\nGenerator: autograder\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


def pack(assignment: Assignment, secret: Secret, isolation: Isolation) -> Path:
    """Make the zip, which holds files that students must not see, and return its path.

    It holds the course's secret, so that a verdict can be replayed for an appeal.
    """
    wheel, content = _wheel()
    python = ".".join(platform.python_version_tuple()[:2])
    run = RUN.format(name=shlex.quote(assignment.name), isolation=isolation.value)
    files = {
        "setup.sh": SETUP.format(python=python).encode(),
        "run_autograder": run.encode(),
        "constraints.txt": "".join(sorted(_versions().values())).encode(),
        "requirements.txt": "".join(sorted(_own() | _wanted(assignment))).encode(),
        wheel: content,
        f"{COURSE}/{FILE}": f"{secret.key.hex()}\n".encode(),
        **{
            f"{COURSE}/{place}": (assignment.root / place).read_bytes()
            for place in assignment.files
        },
    }
    folder = assignment.root / "gradescope"
    folder.mkdir(exist_ok=True)
    folder.chmod(0o700)
    private_files.ignore(folder)
    archive = folder / f"{assignment.name}.zip"
    saver(archive)([_zipped(files)])
    return archive


def _zipped(files: Mapping[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as file:
        for place, data in files.items():
            member = zipfile.ZipInfo(place)
            member.external_attr = (0o100700 if data.startswith(b"#!") else 0o100600) << 16
            member.compress_type = zipfile.ZIP_DEFLATED
            file.writestr(member, data)
    return content.getvalue()


def _wheel() -> tuple[str, bytes]:
    """Return this package as a wheel, whether it was installed from one or lies in a checkout."""
    ours = distribution(DISTRIBUTION)
    folder = Path(autograder.__path__[0])
    about = f"{DISTRIBUTION}-{ours.version}.dist-info"
    files = {
        path.relative_to(folder.parent).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }
    metadata = ours.read_text("METADATA") or ours.read_text("PKG-INFO")  # the same in a checkout
    files[f"{about}/METADATA"] = (metadata or "").encode()
    files[f"{about}/entry_points.txt"] = (ours.read_text("entry_points.txt") or "").encode()
    files[f"{about}/WHEEL"] = WHEEL.encode()
    lines = [f"{place},{_hash(data)},{len(data)}\n" for place, data in files.items()]
    files[f"{about}/RECORD"] = f"{''.join(lines)}{about}/RECORD,,\n".encode()
    return f"{DISTRIBUTION}-{ours.version}-py3-none-any.whl", _zipped(files)


def _hash(data: bytes) -> str:
    """Return a digest as a wheel's RECORD writes it."""
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=")
    return f"sha256={digest.decode()}"


def _versions() -> dict[str, str]:
    """Return the requirement of each installed package except this one, by its name."""
    every = (each for each in distributions() if each.name != DISTRIBUTION)
    return {each.name: f"{each.name}=={each.version}\n" for each in every}


def _own() -> set[str]:
    """Return what this package requires for grading; extras are left out."""
    required = map(Requirement, distribution(DISTRIBUTION).requires or ())
    return {
        f"{each}\n" for each in required if not each.marker and each.name not in NOT_FOR_GRADING
    }


def _wanted(assignment: Assignment) -> set[str]:
    """Return the requirements of the lesson, its checks and its reference, if installed here."""
    codes: list[str | bytes]
    codes = [part.source for part in build(assignment).parts if part.role is not Role.TEXT]
    paths = [*assignment.folder.glob("*.py"), assignment.reference_path]
    codes += [path.read_bytes() for path in paths]
    versions, packages = _versions(), packages_distributions()
    modules: set[str] = set()
    for code in codes:
        with suppress(SyntaxError):  # an answer in words
            modules |= imports_of(ast.parse(code))
    names = {name for module in modules for name in packages.get(module, ())}
    return {versions[name] for name in names if name in versions}


def grade(root: Path, assignment: Assignment, secret: Secret, isolation: Isolation) -> bool:
    """Grade the submission in Gradescope's folder, and write what its student is shown.

    Return whether a check failed itself.

    Raises:
        SandboxError: the sandbox is not available; there are no results then, and Gradescope says
            that the autograder failed.
    """
    save = saver(root / "results" / "results.json")
    folder = root / "submission"
    written = written_in(assignment)
    source = find_of_student(folder, assignment.name, "submission", is_written=written)
    if not any(file.is_notebook or file.is_archive for file in in_folder(folder)):
        source = replace(source, read=rejecting(NOTHING, name=assignment.name))
    with Worker(isolation) as worker:
        grader = Grader(assignment, worker, secret)
        result = grader.grade(source)
        sentences = grader.sentences
    save([gradescope.results(sentences, result)])
    submission.submission(output_console(), result)
    return any(check.verdict is Verdict.GRADER_ERROR for check in result.checks)
