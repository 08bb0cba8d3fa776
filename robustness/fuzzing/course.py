"""A small course whose submissions are graded in hundredths of a second, and a class for it."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import nbformat

from autograder.course.assignment import Assignment
from autograder.course.lesson import Lesson

NAME = "numbers"

LESSON = """\
# Numbers

```{setup} numbers_setup
import numpy as np
```

```{runner}
```

```{function} double
# Add the number to itself.
```

```{experiment} look
print(double(2))
```

```{function} total_of_doubles
```

```{function} spread
```

```{answer} why 4
Say why the order does not matter.
```
"""

CHECKS_OF_DOUBLES = '''\
from autograder.checking import check, expect


@check(of="double", points=1, visible=True)
def twice_one_is_two(student):
    """Twice one is two."""
    expect.close(student.double(1.0), 2.0)


@check(of="double", points=3, after=[twice_one_is_two])
def twice_any_number(student, reference, rng):
    """Twice any number is that number and itself."""
    large_number = float(rng.integers(10**6, 10**7))
    expect.close(student.double(large_number), reference.double(large_number))


@check(of="total_of_doubles", points=2, visible=True)
def nothing_makes_nothing(student):
    """No numbers at all make zero."""
    expect.close(student.total_of_doubles([]), 0.0)


@check(of="total_of_doubles", points=5)
def every_number_counts(student, reference, rng):
    """Every number counts, twice."""
    several_numbers = [float(number) for number in rng.integers(100, 1000, 7)]
    wanted_total = reference.total_of_doubles(several_numbers)
    expect.close(student.total_of_doubles(several_numbers), wanted_total)
'''

CHECKS = (
    CHECKS_OF_DOUBLES
    + '''

@check(of="spread", points=2, visible=True)
def equal_numbers_have_no_spread(student):
    """Numbers that are all the same have no spread."""
    expect.close(student.spread([3.0, 3.0])["spread"], 0.0)


@check(of="spread", points=4)
def mean_and_spread(student, reference, rng):
    """The mean and the standard deviation."""
    numbers = rng.normal(size=5)
    answer, wanted = student.spread(numbers), reference.spread(numbers)
    for name in ("mean", "spread"):
        expect.close(answer[name], wanted[name])
'''
)

REFERENCE = '''\
import numpy as np


def double(number):
    """Twice a number."""
    twice_as_much = number + number
    return twice_as_much


def total_of_doubles(numbers):
    """The sum of the doubles of some numbers."""
    running_total = 0.0
    for number in numbers:
        running_total = running_total + double(number)
    return running_total


def spread(numbers):
    """The mean and the standard deviation, as a dict."""
    center = np.mean(numbers)
    return {"mean": center, "spread": np.sqrt(np.mean((numbers - center) ** 2))}
'''

DOUBLE = "def double(number):\n    return 2 * number\n"
TOTAL = "def total_of_doubles(numbers):\n    return sum([double(each) for each in numbers], 0.0)\n"
SPREAD = """\
def spread(numbers):
    numbers = np.asarray(numbers)
    return {"mean": numbers.mean(), "spread": numbers.std()}
"""
CLASS: dict[str, dict[str, str]] = {
    "right": {"double": DOUBLE, "total_of_doubles": TOTAL, "spread": SPREAD},
    "one wrong": {
        "double": "def double(number):\n    return number * number + number\n",
        "total_of_doubles": TOTAL,
        "spread": SPREAD,
    },
    "half": {
        "double": DOUBLE,
        "spread": 'def spread(numbers):\n    return {"mean": np.mean(numbers), "spread": 0.0}\n',
    },
    "raises": {
        "double": DOUBLE,
        "total_of_doubles": "def total_of_doubles(numbers):\n    return numbers[0] / 0\n",
        "spread": "def spread(numbers:\n    return None\n",
    },
    "nothing": {},
}
"""What is written into the cells; a cell that is not named here stays as it was released."""

HELPERS = ["factor = 2\n\n\ndef times(number):\n    return factor * number\n", "print(double(3))\n"]


def write(root: Path) -> Assignment:
    """Write the course into a folder."""
    for path, text in {
        f"assignments/{NAME}/lesson.md": LESSON,
        f"assignments/{NAME}/checks.py": CHECKS,
        f"reference/{NAME}.py": REFERENCE,
        f"reference/{NAME}.why.md": "Addition is commutative.\n",
    }.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    return Assignment(root, NAME)


def notebooks(lesson: Lesson) -> list[dict[str, Any]]:
    """Return the class's notebooks as JSON: each as it is, and with the student's own cells."""
    made = []
    for written in CLASS.values():
        plain = json.loads(nbformat.writes(lesson.filled({**written, "why": "It is so.\n"})))
        own = copy.deepcopy(plain)
        for number, source in enumerate(HELPERS):
            cell = nbformat.v4.new_code_cell(source, id=f"helper{number}")
            own["cells"].insert(3 + 5 * number, json.loads(json.dumps(cell)))
        note = nbformat.v4.new_markdown_cell("*A note*", id="note")
        own["cells"].insert(2, json.loads(json.dumps(note)))
        made += [plain, own]
    return made
