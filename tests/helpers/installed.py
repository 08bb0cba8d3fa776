"""An environment with the wheel in it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.helpers.course import ROOT, run

PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check")


@dataclass(frozen=True)
class Installed:
    """An environment with the wheel in it.

    Attributes:
        root: its folder.
        environment: what its commands are run with.
    """

    root: Path
    environment: Mapping[str, str]

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.root / "bin" / "python"

    def run(
        self, *command: str, cwd: Path, status: int | None = 0
    ) -> subprocess.CompletedProcess[str]:
        """Runs a command of it in a folder and expects this exit status, None for any."""
        return run(*command, cwd=cwd, env=self.environment, status=status)


def checkout(place: Path) -> Path:
    """Copy what a build reads, and a test that it must leave out, without earlier builds."""
    leave = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints")
    shutil.copytree(ROOT / "autograder", place / "autograder", ignore=leave)
    (place / "tests").mkdir()
    for path in (ROOT / "tests" / "test_docs.py", *filter(Path.is_file, ROOT.glob("[!.]*"))):
        shutil.copy(path, place / path.relative_to(ROOT))
    return place
