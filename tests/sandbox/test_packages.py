"""No package of notebooks complains on standard error of what the sandbox lacks."""

from __future__ import annotations

import pytest

from autograder.sandbox.host.session import Session
from autograder.sandbox.host.worker import Worker
from robustness.packages import PACKAGES, complaint, installed


@pytest.mark.parametrize("package", [each for each in PACKAGES if installed(each)])
def test_a_package_is_imported_and_used_in_a_function_without_a_word(
    worker: Worker, package: str
) -> None:
    assert complaint(worker, package) is None


def test_psutil_says_what_it_misses_and_packages_that_may_use_it_do_without(worker: Worker) -> None:
    cells = [
        "import psutil",
        "try:\n    import psutil\nexcept ImportError:\n    psutil = None",
        "assert psutil is None",
    ]
    with Session(worker, cells, bytes(32)) as session:
        first, *others = (ran.error for ran in session.ran)
    assert first is not None
    assert "psutil reads /proc" in first.message
    assert others == [None, None]


def test_the_packages_that_every_environment_has_are_among_them() -> None:
    assert all(map(installed, ("numpy", "scipy", "matplotlib", "PIL")))
    assert len(PACKAGES) >= 30
