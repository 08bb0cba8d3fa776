"""Courses as others write them get the points that nbgrader gives, with their files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from tests.helpers.course import QuickCourse
from tests.helpers.plain import plain_course, submit_source

pytestmark = pytest.mark.timeout(1800)  # nbgrader starts a kernel for each notebook

Cells = list[tuple[str, str]]

QUICKSTART: Cells = [
    ("", "%matplotlib inline\nimport matplotlib.pyplot as plt"),
    (
        "squares",
        "def squares(n):\n    ### BEGIN SOLUTION\n    if n < 1:\n        raise ValueError(n)\n"
        "    return [i**2 for i in range(1, n + 1)]\n    ### END SOLUTION",
    ),
    ("", "squares(3)"),
    (
        "some 1",
        "assert squares(2) == [1, 4]\n### BEGIN HIDDEN TESTS\nassert squares(1) == [1]\n"
        "### END HIDDEN TESTS",
    ),
    (
        "none 1",
        "try:\n    squares(0)\nexcept ValueError:\n    pass\nelse:\n"
        "    raise AssertionError('did not raise')",
    ),
    ("plot hand 3", "Why do squares grow faster?"),
]

WEATHER: Cells = [
    ("tools locked", "import csv\nfrom tools.units import celsius"),
    (
        "mean",
        "def mean(path):\n    ### BEGIN SOLUTION\n    with open(path) as file:\n"
        "        rows = [float(row['f']) for row in csv.DictReader(file)]\n"
        "    return celsius(sum(rows) / len(rows))\n    ### END SOLUTION",
    ),
    ("t_mean 4", "assert abs(mean('data/week.csv') - 10) < 1e-9"),
    (
        "saved",
        "### BEGIN SOLUTION\nwith open('out.txt', 'w') as file:\n"
        "    print(mean('data/week.csv'), file=file)\n### END SOLUTION",
    ),
    ("t_saved 2", "assert open('out.txt').read().strip().startswith('10')"),
]

PARTIAL: Cells = [
    (
        "walk",
        "def walk(n):\n    ### BEGIN SOLUTION\n    total = 0\n    for step in range(n):\n"
        "        total += (-1) ** step\n    return total\n    ### END SOLUTION",
    ),
    ("t_walk 4", "right = [walk(n) == n % 2 for n in range(4)]\n4 * sum(right) / len(right)"),
]

LONG: Cells = [
    ("long", "\n".join([f"value_{n} = {n} ** 2" for n in range(200)])),
    ("t_long 5", "\n".join([f"assert value_{n} == {n * n}" for n in range(200)])),
]

FRAMES: Cells = [
    ("pd locked", "import pandas as pd"),
    (
        "total",
        "def total():\n    ### BEGIN SOLUTION\n    frame = pd.read_csv('sales.csv')\n"
        "    return frame.groupby('shop')['sold'].sum()\n    ### END SOLUTION",
    ),
    ("t_total 3", "assert total()['north'] == 5"),
]

FILES = {
    "weather": {
        "tools/units.py": "def celsius(f):\n    return (f - 32) / 1.8\n",
        "data/week.csv": "f\n49\n51\n",
    },
    "frames": {"sales.csv": "shop,sold\nnorth,2\nsouth,1\nnorth,3\n"},
}

COURSES: Mapping[str, Mapping[str, Cells]] = {
    "quickstart": {"problem1": QUICKSTART, "problem2": PARTIAL},
    "weather": {"weather": WEATHER},
    "partial": {"partial": PARTIAL},
    "long": {"long": LONG},
    "frames": {"frames": FRAMES},
}

SLIPS = {"n < 1": "n < 0", "/ len(rows)": "", "** step": "", "value_7 = 7": "value_7 = 8"}
"""What another student has wrong, if the text stands in the solution."""


def made(folder: Path, name: str) -> QuickCourse:
    course = plain_course(folder, COURSES[name], name)
    for place, text in FILES.get(name, {}).items():
        path = course.root / "source" / name / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    submit_source(course, "ada")
    for path in submit_source(course, "bob").glob("*.ipynb"):
        text = path.read_text()
        for right, wrong in SLIPS.items():
            text = text.replace(right, wrong)
        path.write_text(text)
    return course


@pytest.mark.parametrize("name", COURSES)
def test_a_course_gets_the_points_that_nbgrader_gives(tmp_path: Path, name: str) -> None:
    if name == "frames" and find_spec("pandas") is None:
        pytest.skip("pandas is not installed")
    course = made(tmp_path, name)
    course.run("nbgrader", "generate_assignment", name)
    course.run("nbgrader", "autograde", name)
    with Gradebook(f"sqlite:///{course.root / 'gradebook.db'}") as gradebook:
        theirs = {each.student.id: each.score for each in gradebook.assignment_submissions(name)}
    course.run("autograder", "grade", name, "submitted", "--json", "result.json")
    found = json.loads((course.root / "result.json").read_text())["submissions"]
    ours = {each["student"]: each["score"] for each in found}
    assert ours == theirs
    assert ours["ada"] == found[0]["max_score"]
    assert name == "frames" or ours["bob"] < ours["ada"]
