"""What a notebook's cells show has one bound for a submission, in everything that is written."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import nbformat
import pytest

from autograder.sandbox.host.monitor import CUT
from autograder.sandbox.protocol.limits import MAX_SUBMISSION_OUTPUT_BYTES

if TYPE_CHECKING:
    from pathlib import Path

    from tests.helpers.course import Course

PICTURES = "for _ in range(8):\n    display({'image/png': 'A' * 480_000}, raw=True)"
"""A cell that shows 3.8 MB."""

LEFT_OUT = "Some output of this cell is left out here"


@pytest.fixture
def course(released_tiny: Course, tmp_path: Path) -> Course:
    return released_tiny.copy(tmp_path / "course")


def test_a_notebook_of_pictures_writes_no_more_than_the_bound_and_has_all_its_points(
    course: Course,
) -> None:
    """Without the bound 400 such cells wrote 2.8 GB."""
    notebook = course.handed_in(course.solutions)
    notebook.cells[1:1] = [nbformat.v4.new_code_cell(PICTURES) for _ in range(400)]
    course.submit("ada", notebook)
    course.run(
        *("autograder", "grade", course.name, "--gradebook", "--workers", "1"),
        *("--json", "results.json"),
    )
    (result,) = json.loads((course.root / "results.json").read_text())["submissions"]
    assert result["score"] == result["max_score"]
    assert CUT in result["observations"]
    written = {
        path: path.stat().st_size
        for path in course.root.rglob("*")
        if path.is_file() and "submitted" not in path.parts
    }
    page = course.root / "feedback" / "ada" / course.name / f"{course.name}.html"
    graded = course.root / "autograded" / "ada" / course.name / f"{course.name}.ipynb"
    for path in (page, graded):
        assert (
            MAX_SUBMISSION_OUTPUT_BYTES / 2
            < written[path]
            < MAX_SUBMISSION_OUTPUT_BYTES + 2_000_000
        )
        assert LEFT_OUT in path.read_text("utf-8")
    assert sum(written.values()) < 4 * MAX_SUBMISSION_OUTPUT_BYTES
