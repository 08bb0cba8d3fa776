"""Fingerprint all that a score depends on; if any of it changes, a submission is regraded."""

from __future__ import annotations

import hashlib
import platform
import sys
import sysconfig
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import msgspec
import numpy as np

import autograder
from autograder.course.assignment import Exercise
from autograder.grading.pool import RunConfig
from autograder.i18n import N_
from autograder.result import Cause
from autograder.sandbox.inside.jail import PACKAGES

Dependencies = Mapping[str, str]
"""Everything that the scores of a class depend on except the notebooks, by a readable name."""


def dependencies(assignment: Exercise, run_config: RunConfig) -> Dependencies:
    """Return everything that a score depends on, except the notebook.

    A digest stands for the secret.
    """
    secret = run_config.secret
    or_other = " or the notebook's" if run_config.follows else ""
    return {
        **assignment.files,
        "autograder": grader(),
        N_("the secret or the seed"): secret.seed("ledger", "").hex(),
        "--own-inputs": str(secret.own_inputs),
        "--isolation": run_config.isolation.value,
        "--no-trace": str(not run_config.trace),
        N_("the language"): assignment.language + or_other,
        "Python": platform.python_version(),
        "numpy": np.__version__,
        N_("the BLAS library"): blas(),
        N_("the processor"): processor(),
        N_("the installed packages"): packages(),
    }


def key_of(student: str, notebook: str, depends: Dependencies) -> str:
    """Return the key under which the ledger stores a result, from the notebook's digest."""
    return hashlib.sha256(msgspec.json.encode([student, notebook, dict(depends)])).hexdigest()


def causes(
    notebooks: tuple[str, str], before: Dependencies, now: Dependencies
) -> tuple[Cause, ...]:
    """Return what changed between two results of one student; nothing if only graded again.

    `notebooks` are the digests of the submission before and now.
    """
    found = [Cause(N_("the notebook"), *notebooks)] if notebooks[0] != notebooks[1] else []
    names = (each for each in dict.fromkeys([*before, *now]) if before.get(each) != now.get(each))
    return (*found, *(Cause(each, before.get(each), now.get(each)) for each in names))


def blas() -> str:
    """Return the library that multiplies matrices for numpy, with its version."""
    found = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    return f"{found['name']} {found['version']}"


def processor() -> str:
    """Return the kind of processor, which decides what the BLAS library really runs."""
    kind = platform.processor() or "unknown"
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:  # not Linux
        lines = []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return f"{platform.machine()}, {next(names, kind)}"


@lru_cache
def grader() -> str:
    """Return the SHA-256 of this package's files: a checkout changes while its version stays."""
    folder = Path(autograder.__file__).parent
    digest = hashlib.sha256()
    kinds = (".py", ".json", ".j2", ".css")
    for path in sorted(path for path in folder.rglob("*") if path.suffix in kinds):
        digest.update(f"{path.relative_to(folder)}\0{path.stat().st_size}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


@lru_cache
def packages() -> str:
    """Return the SHA-256 of the names and versions of all packages: a notebook may import any."""
    folders = {Path(sysconfig.get_path(kind)) for kind in ("purelib", "platlib")}
    folders |= {path for path in map(Path, sys.path) if path.name in PACKAGES}
    names = {path.name for folder in folders for path in folder.glob("*.*-info")}
    return hashlib.sha256("\n".join(sorted(names)).encode()).hexdigest()
