"""The package as others get it: a wheel of it, in an environment that has no checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tests.helpers.course import ENVIRONMENT
from tests.helpers.installed import PIP, Installed, checkout
from tests.helpers.shared import made_once


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout, without the leftovers of an earlier build."""

    def make(place: Path) -> Path:
        source = checkout(place / "source")
        command = (*PIP, "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index")
        subprocess.run([*command, "--wheel-dir", place, source], env=ENVIRONMENT, check=True)
        (wheel,) = place.glob("*.whl")
        return wheel

    return made_once(tmp_path_factory, "wheel", make)


@pytest.fixture(scope="session")
def installed(wheel: Path, home: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """A new environment with the wheel, which borrows what it depends on from this one."""

    def make(root: Path) -> Installed:
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", root], check=True)
        jupyter = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
        made = Installed(
            root,
            {
                **ENVIRONMENT,
                **{name: str(home / name.lower()) for name in jupyter},
                "JUPYTER_PATH": str(Path(sys.prefix) / "share" / "jupyter"),
                "PATH": f"{root / 'bin'}{os.pathsep}{ENVIRONMENT['PATH']}",
            },
        )
        command = (*PIP, "--python", str(made.python), "install", "--quiet")
        subprocess.run([*command, "--no-deps", "--no-index", wheel], env=ENVIRONMENT, check=True)
        ask = "import sysconfig; print(sysconfig.get_path('purelib'))"
        packages = Path(made.run(str(made.python), "-c", ask, cwd=root).stdout.strip())
        # A folder's name alone: a .pth that lies there, and leads to the checkout, has no effect.
        (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib"))
        return made

    return made_once(tmp_path_factory, "environment", make)
