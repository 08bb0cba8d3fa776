"""A course in a folder of its own, and the small one that most tests use."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import nbformat
from click.testing import CliRunner

from autograder.checking.mistakes import function_source
from autograder.cli.main import main
from autograder.course.assignment import Assignment
from autograder.course.builder import build
from autograder.course.lesson import Lesson
from robustness.fuzzing.course import CHECKS_OF_DOUBLES
from tests.helpers.modules import forgotten_modules

ROOT = Path(__file__).parents[2]

BIN = Path(sys.executable).parent

OUTSIDE = (
    *("AUTOGRADER_SECRET", "DASK_CONFIG", "MPLBACKEND"),
    *("LANGUAGE", "LC_ALL", "LC_MESSAGES"),  # the tests read English
    *("FORCE_COLOR", "NO_COLOR"),
    *("CI", "BUILD_NUMBER"),  # with either, pytest prints whole summary lines
    *("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY", "GITHUB_WORKSPACE"),
)
"""Environment variables that the tests must not inherit."""

for _variable in OUTSIDE:
    os.environ.pop(_variable, None)
os.environ |= {"LANG": "C.UTF-8", "TERM": "xterm"}

ENVIRONMENT = {
    **os.environ,
    "PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}",  # nbgrader runs a bare `alembic`
    "COLUMNS": "80",
}


@dataclass(frozen=True)
class Course:
    """A course in a folder of its own, with one assignment.

    Attributes:
        root: the folder.
        name: the assignment's.
        home: where Jupyter may keep its things.
    """

    root: Path
    name: str
    home: Path

    def __reduce__(self) -> tuple[type[Self], tuple[Path, str, Path]]:
        """Leave out what was read of its files: modules cannot be pickled."""
        return type(self), (self.root, self.name, self.home)

    @cached_property
    def assignment(self) -> Assignment:
        """The assignment as it was when first asked for."""
        return Assignment(self.root, self.name)

    @cached_property
    def lesson(self) -> Lesson:
        """Its notebook."""
        return build(self.assignment)

    @cached_property
    def solutions(self) -> dict[str, str]:
        """The reference's functions, by their names."""
        return {
            name: function_source(self.assignment.reference, name) for name in self.lesson.functions
        }

    @property
    def released(self) -> Path:
        """The notebook that students get."""
        return self.root / "release" / self.name / f"{self.name}.ipynb"

    @property
    def homes(self) -> dict[str, str]:
        """Environment variables that lead Jupyter to its things."""
        jupyter = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
        return {name: str(self.home / name.lower()) for name in jupyter}

    def anew(self) -> Self:
        """Return the same course, its files not read yet."""
        return type(self)(self.root, self.name, self.home)

    def quick(self) -> QuickCourse:
        """Return the same course, which is graded without starting a process for the command."""
        return QuickCourse(self.root, self.name, self.home)

    def copy(self, to: Path) -> Self:
        """Return the same course, books and all, in another folder."""
        shutil.copytree(self.root, to)
        return type(self)(to, self.name, self.home)

    def run(
        self,
        *command: str | Path,
        status: int | None = 0,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Runs a command in the course's folder and expects this exit status, None for any."""
        environment = {**ENVIRONMENT, **self.homes, **(env or {})}
        return run(*map(str, command), cwd=cwd or self.root, env=environment, status=status)

    def handed_in(self, written: Mapping[str, str]) -> Any:
        """Return the released notebook, with this written into its cells."""
        notebook = nbformat.read(self.released, as_version=4)
        left = dict(written)
        for cell in notebook.cells:
            grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
            cell.source = left.pop(grade_id, cell.source)
        assert not left
        return notebook

    def submit(self, student: str, content: Any) -> Path:
        """Puts a notebook, or the bytes of any file, where nbgrader looks for a submission."""
        path = self.root / "submitted" / student / self.name / f"{self.name}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        # As plain JSON: nbformat would mend what is meant to be broken.
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        return path


class QuickCourse(Course):
    """A course that is graded in this process: the command takes seconds to start in its own.

    Tests of `Course` run the command in a fresh process.
    """

    def run(
        self,
        *command: str | Path,
        status: int | None = 0,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Runs a command, in this process if it is `autograder grade`; exceptions come through."""
        if command[:2] != ("autograder", "grade"):
            return super().run(*command, status=status, cwd=cwd, env=env)
        outside: dict[str, str | None] = dict.fromkeys(OUTSIDE)
        kept = {**outside, "COLUMNS": ENVIRONMENT["COLUMNS"], **self.homes, **(env or {})}
        with contextlib.chdir(cwd or self.root), forgotten_modules(self.root):
            words = [*map(str, command[1:])]
            done = CliRunner(env=kept).invoke(main, words, catch_exceptions=False)
        if status is not None:
            assert done.exit_code == status, f"{command}\n{done.stdout}\n{done.stderr}"
        return subprocess.CompletedProcess(words, done.exit_code, done.stdout, done.stderr)


def run(
    *command: str, cwd: Path, env: Mapping[str, str], status: int | None = 0
) -> subprocess.CompletedProcess[str]:
    """Run a command and expect this exit status, None for any."""
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    if status is not None:
        assert done.returncode == status, f"{command}\n{done.stdout}\n{done.stderr}"
    return done


LESSON = """\
# Doubling

```{setup} numbers
import numpy as np
```

```{runner}
```

Twice a number is the number and itself.

```{function} double
# Add the number to itself.
```

```{function} total_of_doubles
```

```{answer} why 4
Say why the order does not matter.
```
"""

REFERENCE = '''\
def double(number):
    """Twice a number."""
    twice_as_much = number + number
    return twice_as_much


def total_of_doubles(numbers):
    """The sum of the doubles of some numbers."""
    running_total = 0.0
    for number in numbers:
        running_total = running_total + 2.0 * number
    return running_total
'''


def make_tiny(root: Path, home: Path) -> Course:
    """Return the same in any folder."""
    for path, text in {
        "assignments/doubling/lesson.md": LESSON,
        "assignments/doubling/checks.py": CHECKS_OF_DOUBLES,
        "reference/doubling.py": REFERENCE,
        "reference/doubling.why.md": "Addition is commutative.\n",
    }.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    shutil.copy(ROOT / "nbgrader_config.py", root)
    return Course(root, "doubling", home)
