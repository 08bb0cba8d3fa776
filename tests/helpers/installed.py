"""An environment with the wheel in it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

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
        done = subprocess.run(
            command,
            cwd=cwd,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if status is not None:
            assert done.returncode == status, f"{command}\n{done.stdout}\n{done.stderr}"
        return done
