"""The students of the demo, and the notebook that each of them submits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import nbformat
from nbformat.notebooknode import NotebookNode

from autograder.checking.checks import load_module
from autograder.checking.mistakes import function_source
from autograder.course.assignment import Assignment
from autograder.course.lesson import Lesson

WORDS = {
    "random_initialization": {
        "proof": """\
Claim: with constant weights all rows of W1 are equal after every step. Start: they are equal by
choice. Step: equal rows and equal biases make equal activations; equal outgoing weights then make
equal entries of dZ1, so equal rows of dW1; equal rows minus equal rows stay equal.
"""
    },
    "logistic_regression": {
        "twins": """\
The gradient of a weight is the mean of the errors times its own feature. Equal features get equal
gradients, so equal weights stay equal, and their sum is all that an answer depends on. Two hidden
units that start equal stay equal although no features are: then the layer is worth a single one.
"""
    },
    "deep_initialization": {
        "way_back": """\
An entry of dA is a sum over the units of the layer above, n_out terms. Weights that are independent
and have mean zero leave the squares alone: n_out s**2 times the mean square of dZ, and half of that
behind a relu. So s = sqrt(2 / n_out), where He's has n_in; where widths differ, none serves both.
"""
    },
}
"""The written answers of every student, by assignment and cell."""

NEVER_ENDS = """\
def nn_model(X, Y, n_h, num_iterations=10000, print_cost=False):
    parameters = initialize_parameters(X.shape[0], n_h, 1)
    i = 0
    while i < num_iterations:  # and who counts?
        A2, cache = forward_propagation(X, parameters)
    return parameters
"""

NEEDS_A_PACKAGE = """\
import tensorflow as tf

def mean_tanh_slope(Z):
    return float(tf.reduce_mean(1 - tf.tanh(Z) ** 2))
"""


@dataclass(frozen=True)
class Student:
    """A student of the demo.

    Attributes:
        name: the student's name and the name of the student's folder.
        story: a few words about the submission.
        equivalent: the name of the correct answers in another form that the student gave.
        mistakes: the names of the known mistakes that the student made.
        wrote: other functions that the student wrote, by name.
        nothing: whether the student wrote nothing at all.
        to_file: writes the notebook to a file, and may damage it.
    """

    name: str
    story: str
    equivalent: str | None = None
    mistakes: tuple[str, ...] = ()
    wrote: dict[str, str] = field(default_factory=dict)
    nothing: bool = False
    to_file: Callable[[NotebookNode], str] = nbformat.writes


def cut_off(notebook: NotebookNode) -> str:
    """Return the first half of the file, as after a broken upload."""
    text: str = nbformat.writes(notebook)
    return text[: len(text) // 2]


def edited(notebook: NotebookNode) -> str:
    """Split one cell, delete the checks of another, and raise the points of a third."""
    cells = []
    for cell in notebook.cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        if grade_id == "predict":
            cells += [nbformat.v4.new_code_cell("half = 0.5", metadata=cell.metadata), cell]
        elif grade_id == "nn_model_hidden":
            cell.metadata.nbgrader["points"] = 1000
            cell.metadata["tags"] = ["skip-execution"]
            cells.append(cell)
        elif grade_id != "predict_visible":
            cells.append(cell)
    notebook.cells = cells
    text: str = nbformat.writes(notebook)
    return text


CLASSES: dict[str, tuple[Student, ...]] = {
    "random_initialization": (
        Student("ada", "wrote the formulas as they are"),
        Student("bo", "wrote loops", equivalent="loops"),
        Student("chen", "wrote einsum", equivalent="einsum"),
        Student(
            "dana",
            "put the training into one function",
            equivalent="one_function_for_all_of_the_training",
        ),
        Student("emil", "started with zeros", mistakes=("zero_weights",)),
        Student("farah", "used rand instead of randn", mistakes=("uniform_weights",)),
        Student("goran", "passed the sizes as a tuple", mistakes=("sizes_as_a_tuple",)),
        Student("hana", "forgot to average", mistakes=("gradients_not_averaged",)),
        Student("ivo", "used the slope of the sigmoid", mistakes=("sigmoid_slope_for_tanh",)),
        Student("jun", "changed the parameters in place", mistakes=("in_place",)),
        Student("kofi", "wrote a loop that never ends", wrote={"nn_model": NEVER_ENDS}),
        Student(
            "lea",
            "passes only the visible checks",
            mistakes=("seed_inside", "only_the_rows_of_W1", "another_default_rate"),
        ),
        Student("mia", "submitted the notebook unchanged", nothing=True),
        Student("nils", "uploaded half of the file", to_file=cut_off),
        Student(
            "olu",
            "used a package that is not installed",
            wrote={"mean_tanh_slope": NEEDS_A_PACKAGE},
        ),
        Student("pia", "split, deleted and edited cells", to_file=edited),
    ),
    "logistic_regression": (
        Student("ada", "wrote the formulas as they are"),
        Student("emil", "started with zeros, which is right here"),
        Student("farah", "started at random", mistakes=("random_weights",)),
        Student("ivo", "used the slope twice", mistakes=("slope_of_the_sigmoid_besides",)),
    ),
    "deep_initialization": (
        Student("ada", "wrote the formulas as they are"),
        Student("bo", "wrote a recursion", equivalent="recursion"),
        Student(
            "emil",
            "used the variance instead of the deviation",
            mistakes=("variance_for_deviation",),
        ),
        Student("ivo", "forgot the slope of the relu", mistakes=("forgotten_slope",)),
    ),
}
"""The students, by assignment."""


def submitted(student: Student, assignment: Assignment, lesson: Lesson) -> str:
    """Return the text of the file that a student submits."""
    if student.nothing:
        return student.to_file(lesson.released_notebook())
    reference = assignment.reference
    written = {name: function_source(reference, name) for name in lesson.functions}
    written |= WORDS[assignment.name]
    if student.equivalent is not None:
        equivalents = dict(load_module(assignment.folder / "equivalents.py").EQUIVALENTS)
        written |= equivalents[student.equivalent]
    mistakes = {mistake.name: mistake for mistake in assignment.mistakes}
    for name in student.mistakes:
        written[mistakes[name].of] = mistakes[name].source(reference)
    return student.to_file(lesson.filled(written | student.wrote))
