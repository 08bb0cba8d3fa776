"""The learners of the demo: what each of them hands in, and what becomes of it in their files."""

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
"""What every learner writes where words are asked for, by assignment and cell."""

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
class Learner:
    """A learner of the demo.

    Attributes:
        name: also the folder's.
        story: what they did, in a few words.
        equivalent: the right answers in another form that they gave, by name.
        mistakes: the known mistakes that they made, by name.
        wrote: functions that they wrote in a way of their own, by name.
        nothing: whether they wrote nothing at all.
        to_file: what becomes of their notebook before it is handed in.
    """

    name: str
    story: str
    equivalent: str | None = None
    mistakes: tuple[str, ...] = ()
    wrote: dict[str, str] = field(default_factory=dict)
    nothing: bool = False
    to_file: Callable[[NotebookNode], str] = nbformat.writes


def cut_off(notebook: NotebookNode) -> str:
    """The upload broke off in the middle."""
    text: str = nbformat.writes(notebook)
    return text[: len(text) // 2]


def edited(notebook: NotebookNode) -> str:
    """A cell split in two, the checks of another deleted, and the points of a third improved."""
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


CLASSES: dict[str, tuple[Learner, ...]] = {
    "random_initialization": (
        Learner("ada", "wrote it like the formulas"),
        Learner("bo", "wrote loops", equivalent="loops"),
        Learner("chen", "wrote einsum", equivalent="einsum"),
        Learner(
            "dana", "trains in one function", equivalent="one_function_for_all_of_the_training"
        ),
        Learner("emil", "started with zeros", mistakes=("zero_weights",)),
        Learner("farah", "took rand for randn", mistakes=("uniform_weights",)),
        Learner("goran", "gave the sizes as a tuple", mistakes=("sizes_as_a_tuple",)),
        Learner("hana", "forgot to average", mistakes=("gradients_not_averaged",)),
        Learner("ivo", "took the slope of the sigmoid", mistakes=("sigmoid_slope_for_tanh",)),
        Learner("jun", "changed the parameters in place", mistakes=("in_place",)),
        Learner("kofi", "has a loop that never ends", wrote={"nn_model": NEVER_ENDS}),
        Learner(
            "lea",
            "pleased the checks she could see",
            mistakes=("seed_inside", "only_the_rows_of_W1", "another_default_rate"),
        ),
        Learner("mia", "handed in the notebook as it came", nothing=True),
        Learner("nils", "has an upload that broke off", to_file=cut_off),
        Learner("olu", "used a package", wrote={"mean_tanh_slope": NEEDS_A_PACKAGE}),
        Learner("pia", "split, deleted and edited cells", to_file=edited),
    ),
    "logistic_regression": (
        Learner("ada", "wrote it like the formulas"),
        Learner("emil", "started with zeros, and is right this time"),
        Learner("farah", "started at random", mistakes=("random_weights",)),
        Learner("ivo", "has the slope twice", mistakes=("slope_of_the_sigmoid_besides",)),
    ),
    "deep_initialization": (
        Learner("ada", "wrote it like the formulas"),
        Learner("bo", "wrote a recursion", equivalent="recursion"),
        Learner(
            "emil", "took the variance for the deviation", mistakes=("variance_for_deviation",)
        ),
        Learner("ivo", "forgot the slope of the relu", mistakes=("forgotten_slope",)),
    ),
}
"""Who takes part, by assignment."""


def handed_in(learner: Learner, assignment: Assignment, lesson: Lesson) -> str:
    """The text of the file that a learner hands in."""
    if learner.nothing:
        return learner.to_file(lesson.released_notebook())
    reference = assignment.reference
    written = {name: function_source(reference, name) for name in lesson.functions}
    written |= WORDS[assignment.name]
    if learner.equivalent is not None:
        equivalents = dict(load_module(assignment.folder / "equivalents.py").EQUIVALENTS)
        written |= equivalents[learner.equivalent]
    mistakes = {mistake.name: mistake for mistake in assignment.mistakes}
    for name in learner.mistakes:
        written[mistakes[name].of] = mistakes[name].source(reference)
    return learner.to_file(lesson.filled(written | learner.wrote))
