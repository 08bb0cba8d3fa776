"""A small course, and a class with every kind of answer."""

from __future__ import annotations

import shutil
from pathlib import Path

import nbformat

from autograder.course.assignment import Assignment
from autograder.course.builder import build

NAME = "numbers"

LESSON = """\
# Numbers

```{setup} imports
import numpy as np
```

```{runner}
```

```{function} double
```

```{function} total
```
"""

REFERENCE = '''\
import numpy as np


def double(x):
    """Twice x."""
    return 2 * np.asarray(x)


def total(x):
    """The sum of the doubles."""
    return float(np.sum(double(x)))
'''

CHECKS = '''\
from autograder.checking import check, expect


@check(of="double", points=1, visible=True)
def twice_one_is_two(student):
    """Twice one is two."""
    expect.close(student.double(1.0), 2.0)


@check(of="double", points=3)
def twice_any_numbers(student, reference, rng):
    """Twice any numbers are those numbers and themselves."""
    x = rng.standard_normal(50)
    expect.close(student.double(x), reference.double(x))


@check(of="double", points=1)
def twice_the_same_is_the_same(student, rng):
    """The same numbers have the same doubles, whoever asks."""
    x = rng.standard_normal(5)
    first, second = student.rewound().double(x), student.rewound().double(x)
    expect.close(first, second.value)


@check(of="total", points=1, visible=True)
def nothing_makes_nothing(student):
    """No numbers at all make zero."""
    expect.close(student.total([]), 0.0)


@check(of="total", points=4)
def every_number_counts(student, reference, rng):
    """Every number counts, twice."""
    x = rng.standard_normal(20)
    expect.close(student.total(x), reference.total(x))
'''

MISTAKES = '''\
from autograder.checking import mistake


@mistake(of="double", change=("2 * np.asarray(x)", "np.asarray(x) ** 2"))
def the_square():
    """That is the square of the number, and not its double."""
'''

DOUBLE = "def double(x):\n    return 2 * np.asarray(x)\n"
TOTAL = "def total(x):\n    return float(np.sum(double(x)))\n"

ANSWERS = {
    "right": (DOUBLE, TOTAL),
    "loops": ("def double(x):\n    return np.vectorize(lambda y: y + y)(x) + 0.0\n", TOTAL),
    "square": ("def double(x):\n    return np.asarray(x) ** 2\n", TOTAL),
    "wrong": ("def double(x):\n    return 2 * np.asarray(x) + (np.size(x) > 1)\n", TOTAL),
    "raises": (DOUBLE, "def total(x):\n    raise ValueError(x)\n"),
    "missing": (DOUBLE, "pass\n"),
    "slow_cell": ("import time\ntime.sleep(0.3)\n" + DOUBLE, TOTAL),
    "slow_call": ("import time\ndef double(x):\n    time.sleep(0.05)\n    return x + x\n", TOTAL),
    "ends_in_a_call": (DOUBLE, "import os\ndef total(x):\n    os._exit(0)\n"),
    "ends_in_a_cell": (DOUBLE + "import os\nos._exit(3)\n", TOTAL),
}
"""The source of the two cells, by kind of answer."""


def make(root: Path, size: int) -> Path:
    """Make the course and a class of this size in a folder, and return the folder."""
    for path, text in {
        f"assignments/{NAME}/lesson.md": LESSON,
        f"assignments/{NAME}/checks.py": CHECKS,
        f"assignments/{NAME}/mistakes.py": MISTAKES,
        f"reference/{NAME}.py": REFERENCE,
    }.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    shutil.copy(Path(__file__).parents[2] / "nbgrader_config.py", root)
    lesson = build(Assignment(root, NAME))
    for number in range(size):
        kind = list(ANSWERS)[number % len(ANSWERS)]
        written = dict(zip(("double", "total"), ANSWERS[kind], strict=True))
        folder = root / "submitted" / f"{number:02}_{kind}" / NAME
        folder.mkdir(parents=True)
        (folder / f"{NAME}.ipynb").write_text(nbformat.writes(lesson.filled(written)))
    return root
