"""A class whose submissions went through nbgrader."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
from nbgrader.api import Gradebook

if TYPE_CHECKING:
    from tests.helpers.course import Course

BROKEN = b'{"cells": [{"cell_type": "code", "source": ["import nu'

ENDLESS = """\
def nn_model(X, Y, n_h, num_iterations=10000, print_cost=False):
    while True:
        pass
"""

TEN_TIMES_TOO_LARGE = """\
def initialize_parameters(n_x, n_h, n_y):
    return {"W1": np.random.randn(n_h, n_x) * 0.1, "b1": np.zeros((n_h, 1)),
            "W2": np.random.randn(n_y, n_h) * 0.1, "b2": np.zeros((n_y, 1))}
"""

NOT_AVERAGED = """\
def compute_cost(A2, Y):
    return float(-np.sum(Y * np.log(A2) + (1 - Y) * np.log(1 - A2)))
"""

LOUD = """\
import sys, warnings
print("to standard error", file=sys.stderr)
warnings.warn("and a warning")
sys.displayhook = lambda value: print("hooked")
get_ipython().display_formatter.formatters["text/plain"].for_type(float, lambda *_: "90.0")
"""

DROP_RAISING = """\
def drop(lines):
    return [line for line in lines if "raise" not in line]
get_ipython().input_transformers_post.append(drop)
90.0
"""


@dataclass(frozen=True)
class Books:
    """A course whose class has been graded.

    Attributes:
        course: with `submitted/`, `autograded/` and `feedback/`.
        before: the submissions as `autograder grade --json` saw them before nbgrader did.
    """

    course: Course
    before: dict[str, Any]

    @contextlib.contextmanager
    def gradebook(self) -> Iterator[Any]:
        """nbgrader's books, open."""
        with Gradebook(f"sqlite:///{self.course.root}/gradebook.db") as gradebook:
            yield gradebook

    def grades(self, student: str) -> dict[str, tuple[float | None, bool]]:
        """Return the automatic points of each grade cell, and whether it needs a person."""
        with self.gradebook() as gradebook:
            notebook = gradebook.find_submission_notebook(
                self.course.name, self.course.name, student
            )
            return {
                grade.name: (grade.auto_score, grade.needs_manual_grade)
                for grade in notebook.grades
            }

    def feedback(self, student: str) -> str:
        """Return the page that a student gets."""
        name = self.course.name
        page = self.course.root / "feedback" / student / name / f"{name}.html"
        return page.read_text(encoding="utf-8")


def grade(course: Course, *options: str, status: int = 0) -> dict[str, Any]:
    """Return the submissions of a course as `autograder grade` sees them, by their students."""
    file = course.root / "result.json"
    course.run(
        "autograder", "grade", course.name, "submitted", "--json", file, *options, status=status
    )
    return {each["student"]: each for each in json.loads(file.read_bytes())["submissions"]}


def cells(notebook: Any) -> dict[str, Any]:
    """Return the cells of a notebook by their grade ids."""
    return {
        cell.metadata.nbgrader.grade_id: cell
        for cell in notebook.cells
        if "nbgrader" in cell.metadata
    }


def full_marks(points: str) -> list[Any]:
    return [
        nbformat.v4.new_output("execute_result", {"text/plain": points}, execution_count=1),
        nbformat.v4.new_output("stream", name="stdout", text=points),
    ]


def forged(notebook: Any) -> Any:
    """Full marks written into the cells, which are to be skipped."""
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.metadata["tags"] = ["skip-execution"]
            cell.outputs = full_marks("90")
        if "nbgrader" in cell.metadata:
            cell.metadata.nbgrader["points"] = 1000
            cell.metadata.nbgrader["checksum"] = "0" * 32
    return notebook


def altered(notebook: Any) -> Any:
    """Read-only cells rewritten, ids and kinds exchanged, points and tags edited."""
    by_id = cells(forged(notebook))
    by_id["predict_hidden"].source = "90"
    by_id["predict_visible"].source = "'all is well'"
    by_id["compute_cost_visible"].metadata.nbgrader["grade_id"] = "mine"
    by_id["compute_cost_hidden"].metadata.nbgrader.update(solution=True, locked=False)
    by_id["nn_model_hidden"].metadata.nbgrader["grade"] = False
    by_id["the_data"].metadata.nbgrader["schema_version"] = 99
    by_id["sigmoid"].metadata.nbgrader["points"] = -1
    del by_id["runner"].metadata["nbgrader"]
    notebook.metadata["kernelspec"]["name"] = "no-such-kernel"
    return notebook


def copied_and_lost(notebook: Any) -> Any:
    """Cells copied, with their ids, and cells deleted."""
    by_id = cells(notebook)
    for name in ("predict", "predict_hidden", "compute_cost_visible", "the_data", "proof"):
        place = notebook.cells.index(by_id[name])
        notebook.cells.insert(place + 1, nbformat.from_dict(by_id[name]))
    for name in ("nn_model_hidden", "nn_model_visible", "sigmoid", "mean_tanh_slope"):
        notebook.cells.remove(by_id[name])
    return notebook


def stripped(notebook: Any) -> Any:
    """Without the fields that a tool may leave out, and nbconvert cannot do without."""
    for cell in notebook.cells:
        cell.pop("outputs", None)
        cell.pop("execution_count", None)
        cell.pop("id")
    return notebook


def with_first_cell(notebook: Any, source: str) -> Any:
    notebook.cells.insert(0, nbformat.v4.new_code_cell(source))
    return notebook


SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(1)>"

SHOWS = f"""\
from IPython.display import HTML, SVG, Javascript, Markdown, display
for kind in (HTML, Markdown, Javascript):
    display(kind({SCRIPT!r}))
display({{"image/png": '"> {SCRIPT}', "image/svg+xml": {SCRIPT!r}}}, raw=True)
display({{"image/jpeg": '"> {SCRIPT}', "text/latex": {SCRIPT!r}}}, raw=True)
print({SCRIPT!r})
{SCRIPT!r}
"""


def scripted(notebook: Any) -> Any:
    """Scripts wherever a file has text, and in what its cells show."""
    cells(notebook)["proof"].source = f"{SCRIPT}\n\n[x](javascript:alert(1))"
    cells(notebook)["proof"]["attachments"] = {"a": {"image/svg+xml": SCRIPT, "text/html": SCRIPT}}
    own = nbformat.v4.new_markdown_cell(f"![x](attachment:a)\n\n{SCRIPT}\n\n![y](attachment:gone)")
    raw = nbformat.v4.new_raw_cell(SCRIPT)
    notebook.cells += [own, raw, nbformat.v4.new_code_cell(SHOWS)]
    notebook.cells.append(nbformat.v4.new_code_cell(f"raise type({SCRIPT!r}, (Exception,), {{}})"))
    notebook.metadata.update(title=SCRIPT, authors=[{"name": SCRIPT}])
    return notebook


def pretending(notebook: Any) -> Any:
    """As if it stood in for a file that could not be read, for a reason of its own."""
    notebook.metadata["autograder_rejected"] = f"{SCRIPT} [x](javascript:alert(1))"
    return notebook


def hand_in_the_class(course: Course) -> None:
    """Each has a way of being right or wrong that nbgrader by itself would mark otherwise."""
    right = {**course.solutions, "proof": "By induction over the steps."}
    two_mistakes = {
        **right,
        "initialize_parameters": TEN_TIMES_TOO_LARGE,
        "compute_cost": NOT_AVERAGED,
    }
    for student, content in {
        "right": course.handed_in(right),
        "stub": course.handed_in({}),
        "mistaken": course.handed_in(two_mistakes),
        "altered": altered(course.handed_in(two_mistakes)),
        "endless": course.handed_in({**right, "nn_model": ENDLESS}),
        "broken": BROKEN,
        "forged": forged(course.handed_in({})),
        "transformer": with_first_cell(course.handed_in({}), DROP_RAISING),
        "copied": copied_and_lost(course.handed_in(right)),
        "loud": with_first_cell(
            course.handed_in({**right, "predict": f"{LOUD}\n{right['predict']}"}), LOUD
        ),
        "dated": nbformat.convert(course.handed_in(right), 3),
        "bare": stripped(course.handed_in(right)),
        "scripted": scripted(course.handed_in(right)),
        "pretending": pretending(course.handed_in(right)),
    }.items():
        course.submit(student, content)
    (course.root / "submitted/scripted" / course.name / "page.html").write_text(SCRIPT)
    # Not under the name that was asked for; and a file of another name beside one that is.
    path = Path("submitted") / "altered" / course.name / f"{course.name}.ipynb"
    (course.root / path).rename(course.root / path.with_name("my homework.ipynb"))
    (course.root / "submitted/broken" / course.name / "a first try.ipynb").write_bytes(BROKEN)


def scores(course: Course) -> dict[str, float]:
    """Return each student's score in the gradebook."""
    with Gradebook(f"sqlite:///{course.root}/gradebook.db") as gradebook:
        found = gradebook.assignment_submissions(course.name)
        return {each.student.id: each.score for each in found}
