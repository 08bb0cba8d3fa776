"""A small assignment, made for each test as it needs it, and graded from a file to marks."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import nbformat

from autograder.course import secret
from autograder.course.assignment import Assignment
from autograder.course.secret import Secret
from autograder.grading.grader import Grader
from autograder.intake.find import SubmissionSource
from autograder.result import CheckResult, SubmissionResult
from autograder.sandbox.host.worker import Worker

LESSON = """
# Toy

```{setup} imports
import random
import numpy as np
```

```{runner}
```

```{function} f
```

```{function} g
```
"""

REFERENCE = '''
import numpy as np


def f(x):
    """Twice x."""
    return x * 2


def g(x):
    """Twice x, and one more."""
    return f(x) + 1
'''

HEAD = "import time\n\nimport numpy as np\n\nfrom autograder.checking import check, expect\n\n\n"

SEEN = '''
@check(of="f", points=0, visible=True)
def f_of_one(student):
    """f(1) is 2."""
    expect.close(student.f(1.0), 2.0)


@check(of="g", points=0, visible=True)
def g_of_one(student):
    """g(1) is 3."""
    expect.close(student.g(1.0), 3.0)

'''


_last: list[tuple[Worker, object, Grader]] = []
"""The last grader with its worker and what it was made from, or nothing."""


class Toy:
    """An assignment of two functions, `f` and `g`, and submissions for it."""

    def __init__(self, root: Path, checks: str, worker: Worker) -> None:
        folder = root / "assignments" / "toy"
        folder.mkdir(parents=True)
        (folder / "lesson.md").write_text(LESSON)
        (folder / "checks.py").write_text(HEAD + SEEN + checks)
        (root / "reference").mkdir()
        (root / "reference" / "toy.py").write_text(REFERENCE)
        self.assignment = Assignment(root, "toy")
        self.worker = worker

    def grade(
        self,
        f: str | None = None,
        g: str | None = None,
        of: Secret | None = None,
        **others: str,
    ) -> SubmissionResult:
        """Grade a student's functions; None leaves a function unwritten."""
        both = {name: source for name, source in {"f": f, "g": g}.items() if source is not None}
        written: Mapping[str, str] = {**both, **others}
        grader = self._grader(of or secret.public(1))
        data = nbformat.writes(grader.lesson.filled(written)).encode()
        return grader.grade(SubmissionSource("ada", "ada.ipynb", lambda: data))

    def _grader(self, secret: Secret) -> Grader:
        """Return the last grader if it was made from equal files: a new one takes a second."""
        root = self.assignment.root
        paths = [*root.rglob("*.md"), *root.rglob("*.py")]
        files = {path.relative_to(root): path.read_bytes() for path in paths}
        wanted = self.worker, (secret, files)
        if not _last or _last[0][:2] != wanted:
            _last[:] = [(*wanted, Grader(Assignment(root, "toy"), self.worker, secret))]
        return _last[0][2]

    def forget(self) -> None:
        """Have a new grader grade the next submission: it has asked the reference nothing yet."""
        _last.clear()

    def check(self, name: str, f: str | None = None, g: str | None = None) -> CheckResult:
        """Return the result of one check."""
        return named(self.grade(f, g), name)


def named(result: SubmissionResult, name: str) -> CheckResult:
    """Return the check of this name in a result."""
    (found,) = (check for check in result.checks if check.id == name)
    return found
