"""The course that is attacked: small, with everything in it that nobody must get at.

Each of its secrets bears a canary, a word that stands nowhere else, so that whatever was taken is
known again wherever it turns up. The files may be read by everybody: nothing but the sandbox keeps
them.
"""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import nbformat

from autograder.course.assignment import Assignment
from autograder.course.lesson import Lesson
from robustness.attacks.attack import Attack, Document
from robustness.fuzzing import course, trees

NAME = course.NAME
RIGHT = course.CLASS["right"]

WRONG = {
    "double": RIGHT["double"],
    "total_of_doubles": "def total_of_doubles(numbers):\n    return 0.0\n",
    "spread": 'def spread(numbers):\n    return {"mean": 0.0, "spread": 0.0}\n',
}
"""One function is right, and two only look so in what everybody may see."""

MISTAKES = '''\
from autograder.checking import mistake


@mistake(of="double", change=("number + number", "number * number"))
def squared():
    """That is the square."""


@mistake(of="spread", change=("np.mean(numbers)", "np.median(numbers)"))
def median_for_mean():
    """That is the median, which is another number in the middle."""
'''

CHECKS = '''

@check(of="double", points=2)
def the_total_of_one_number_is_its_double(student, reference, rng):
    """The total of one number is its double."""
    number = float(rng.integers(10**6, 10**7))
    expect.close(student.total_of_doubles([number]), reference.double(number))
    expect.close(student.double(number), reference.double(number))


@check(of="spread", points=2)
def the_numbers_stay_as_they_are(student, rng):
    """The numbers that it is given stay as they are."""
    expect.untouched(student.spread(rng.normal(size=5)))
'''
"""Checks that only this course has: one asks two functions, one looks at arguments."""

CANARIES = {
    place: f"canary-{hashlib.sha256(place.encode()).hexdigest()[:12]}"
    for place in ("reference", "checks", "mistakes", "gradebook", "submission")
}
CANARIES["secret"] = hashlib.sha256(b"secret").hexdigest()

FILES = {
    "reference": f"reference/{NAME}.py",
    "checks": f"assignments/{NAME}/checks.py",
    "mistakes": f"assignments/{NAME}/mistakes.py",
    "secret": ".autograder-secret",
    "gradebook": "gradebook.db",
    "submission": f"submitted/another/{NAME}/{NAME}.ipynb",
}

PRELUDE = """\
import gc, os, sys, time
import numpy as np

COURSE = {course!r}
JUDGE = {judge}
PLACES = ("/tmp", "/var/tmp", "/dev/shm", os.path.expanduser("~"))

def attempt(work):
    try:
        print(work())
    except BaseException as error:
        print(type(error).__name__, error)

def write(path, text="import builtins; builtins.PWNED = True"):
    def work():
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(text)
        return "wrote " + path
    attempt(work)
"""
"""What stands in every attacker's first cell: where the course lies, and who the judge is."""

LEFT = "autograder_attack"
"""A part of the name of everything that an attack leaves somewhere."""

PROBE = f"""\
import builtins, glob, os, sys
left = [*os.listdir("."), *(p for d in ("/tmp", "/var/tmp", "/dev/shm") for p in
        glob.glob(d + "/*{LEFT}*"))]
assert not left, left
assert not hasattr(builtins, "PWNED") and "{LEFT}" not in os.environ
assert not any("{LEFT}" in name for name in sys.modules)
assert abs(-2) == 2 and np.add(1, 1) == 2 and not np.allclose(1, 2)
"""
"""Stands in the notebook that is graded next: who finds something left behind defines nothing."""


def write(root: Path) -> Assignment:
    """Write the course into a folder, for everybody to read."""
    assignment = course.write(root)
    (root / FILES["mistakes"]).write_text(MISTAKES, encoding="utf-8")
    with (root / FILES["checks"]).open("a", encoding="utf-8") as file:
        file.write(CHECKS)
    for place, name in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        there = path.read_text() if path.exists() else ""
        mark = "" if place == "secret" else "# "
        path.write_text(f"{there}{mark}{CANARIES[place]}\n", encoding="utf-8")
    for path in (root, *root.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return Assignment(root, assignment.name)


def state(root: Path) -> Mapping[str, bytes]:
    """Return what is in a folder, so that a change is seen."""
    return {
        str(path.relative_to(root)): path.read_bytes() if path.is_file() else b""
        for path in sorted(root.rglob("*"))
        if "__pycache__" not in path.parts
    }


def handed_in(attack: Attack, lesson: Lesson, root: Path, judge: int) -> Document:
    """Return the file that an attacker hands in.

    Args:
        attack: what it tries.
        lesson: what was released.
        root: where the course lies.
        judge: the number of the process that grades.
    """
    written = {**(RIGHT if attack.right else WRONG), **attack.notebook.written}
    notebook = plain(lesson, written)
    prelude = PRELUDE.format(course=str(root), judge=judge)
    first = [_code(each, number) for number, each in enumerate((prelude, attack.notebook.first))]
    place = next(place for place, each in enumerate(notebook["cells"]) if _is_solution(each))
    notebook["cells"][place:place] = first
    if attack.notebook.last:
        places = [place for place, each in enumerate(notebook["cells"]) if _is_solution(each)]
        notebook["cells"].insert(places[-1] + 1, _code(attack.notebook.last, 2))
    if attack.notebook.edit is not None:
        attack.notebook.edit(notebook)
    return notebook


def hand_in(
    root: Path, student: str, notebook: Document, beside: Sequence[trees.Entry] = ()
) -> None:
    """Put a notebook, and what lies beside it, where nbgrader looks for a submission."""
    data = json.dumps(notebook).encode()
    own = trees.Entry((trees.HOME, trees.NOTEBOOK), content=data)
    places = {"course": str(root)}
    devices = trees.can_make_devices(root.parent)
    trees.make((own, *beside), root / "submitted" / student, places, devices=devices)


def plain(lesson: Lesson, written: Mapping[str, str], *cells: str) -> Document:
    """Return a notebook with these solutions, and cells in front of them."""
    made: Document = json.loads(nbformat.writes(lesson.filled(written)))
    place = next(place for place, each in enumerate(made["cells"]) if _is_solution(each))
    made["cells"][place:place] = [_code(each, 10 + n) for n, each in enumerate(cells)]
    return copy.deepcopy(made)


def marked(notebook: Document, role: str = "solution") -> Iterator[dict[str, Any]]:
    """Yield the cells of a notebook whose nbgrader metadata have this entry."""
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get(role):
            yield cell


def _is_solution(cell: Mapping[str, Any]) -> bool:
    return bool(cell["metadata"].get("nbgrader", {}).get("solution"))


def _code(source: str, number: int) -> Document:
    return dict(nbformat.v4.new_code_cell(source, id=f"attack-{number}"))
