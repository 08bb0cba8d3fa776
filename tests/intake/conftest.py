"""A lesson of two functions, as a course would have it."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from autograder.course.assignment import Assignment
from autograder.course.builder import build
from autograder.course.lesson import Lesson
from tests.helpers.archives import Files, Place

LESSON = """
# Numbers

```{setup} the_imports
import math
```

```{runner}
```

## Double it

```{function} double
```

```{function} halve
```

```{experiment} look
print(double(2))
```

```{answer} why 5
Say it in words.
```
"""

CHECKS = '''
from autograder.checking import check, expect


@check(of="double", points=2, visible=True)
def doubles_two(student):
    """Twice 2 is 4."""
    expect.close(student.double(2.0), 4.0)


@check(of="halve", points=2, visible=True)
def halves_two(student):
    """Half of 2 is 1."""
    expect.close(student.halve(2.0), 1.0)
'''

REFERENCE = '''
def double(x):
    """Twice x."""
    return 2 * x


def halve(x):
    """Half of x."""
    return x / 2
'''


@pytest.fixture(scope="package")
def lesson(tmp_path_factory: pytest.TempPathFactory) -> Lesson:
    root: Path = tmp_path_factory.mktemp("course")
    folder = root / "assignments" / "numbers"
    folder.mkdir(parents=True)
    (folder / "lesson.md").write_text(LESSON)
    (folder / "checks.py").write_text(CHECKS)
    (root / "reference").mkdir()
    (root / "reference" / "numbers.py").write_text(REFERENCE)
    (root / "reference" / "numbers.why.md").write_text("Because.")
    return build(Assignment(root, "numbers"))


@pytest.fixture
def folder(tmp_path: Path) -> Place:
    """Writes files into a folder."""

    def make(files: Files) -> Path:
        root = tmp_path / "handed-in"
        for name, data in files.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_bytes(data)
        return root

    return make


@pytest.fixture
def zipped(tmp_path: Path) -> Place:
    """Writes files into a zip."""

    def make(files: Files) -> Path:
        path = tmp_path / "handed-in.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in files.items():
                archive.writestr(name, data)
        return path

    return make


@pytest.fixture(params=["folder", "zipped"])
def place(request: pytest.FixtureRequest) -> Place:
    made: Place = request.getfixturevalue(request.param)
    return made
