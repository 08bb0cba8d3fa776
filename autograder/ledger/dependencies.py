"""What a mark depends on: as long as nothing of it has changed, no submission is graded again."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Mapping

import msgspec
import numpy as np

from autograder import environment
from autograder.checking.changes import Cause
from autograder.course.assignment import Exercise
from autograder.course.secret import Secret
from autograder.language import N_
from autograder.sandbox.isolation import Isolation

Dependencies = Mapping[str, str]
"""Everything that the marks of a whole class depend on, by the name that people give it."""


def dependencies(
    assignment: Exercise, secret: Secret, isolation: Isolation, *, follows: bool = True
) -> Dependencies:
    """All but the notebook.

    Args:
        assignment: what is graded, in the language of notebooks that do not say theirs.
        secret: what the inputs are made from; a digest of it stands in for it.
        isolation: how well learners' code must be kept in.
        follows: whether notebooks that say their language are spoken to in it.
    """
    return {
        **assignment.files,
        "autograder": environment.grader(),
        N_("the secret or the seed"): secret.seed("ledger", "").hex(),
        "--own-inputs": str(secret.own_inputs),
        "--isolation": isolation.value,
        N_("the language"): assignment.language + (" or the notebook's" if follows else ""),
        "Python": platform.python_version(),
        "numpy": np.__version__,
        N_("the BLAS library"): environment.blas(),
        N_("the processor"): environment.processor(),
        N_("the installed packages"): environment.packages(),
    }


def key_of(student: str, notebook: str, depends: Dependencies) -> str:
    """The name under which the ledger has a result.

    Args:
        student: whose it is.
        notebook: the digest of what was handed in.
        depends: on what else it depends.
    """
    return hashlib.sha256(msgspec.json.encode([student, notebook, dict(depends)])).hexdigest()


def causes(
    notebooks: tuple[str, str], before: Dependencies, now: Dependencies
) -> tuple[Cause, ...]:
    """What has changed between two results of one student; nothing, if it was only graded again.

    Args:
        notebooks: the digests of what was handed in before, and now.
        before: on what else the earlier result depended.
        now: on what the later one does.
    """
    found = [Cause(N_("the notebook"), *notebooks)] if notebooks[0] != notebooks[1] else []
    names = (each for each in dict.fromkeys([*before, *now]) if before.get(each) != now.get(each))
    return (*found, *(Cause(each, before.get(each), now.get(each)) for each in names))
