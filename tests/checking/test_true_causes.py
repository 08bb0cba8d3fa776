"""What a student is told about the cause of a wrong answer is true of that answer."""

from __future__ import annotations

from collections.abc import Iterator

import nbformat
import pytest

from autograder.checking.mistakes import function_source
from autograder.course import secret
from autograder.course.assignment import Assignment
from autograder.grading.grader import Grader
from autograder.intake.find import SubmissionSource
from autograder.result import CheckResult, Verdict
from autograder.sandbox.host.worker import Worker
from tests.helpers.course import ROOT


class Course:
    """Graders of the assignments, made when they are needed."""

    def __init__(self, worker: Worker) -> None:
        self.worker = worker
        self.graders: dict[str, Grader] = {}

    def grade(self, name: str, **written: str) -> list[CheckResult]:
        """Return the results of a notebook that is right but for these functions."""
        if name not in self.graders:
            assignment = Assignment(ROOT, name)
            self.graders[name] = Grader(assignment, self.worker, secret.public(5))
        grader = self.graders[name]
        assert isinstance(grader.assignment, Assignment)
        reference = grader.assignment.reference
        right = {each: function_source(reference, each) for each in grader.lesson.functions}
        data = nbformat.writes(grader.lesson.filled({**right, **written})).encode()
        return list(grader.grade(SubmissionSource("ada", "ada.ipynb", lambda: data)).checks)


@pytest.fixture(scope="module")
def course() -> Iterator[Course]:
    with Worker() as own:
        yield Course(own)


def mistakes(results: list[CheckResult]) -> set[str]:
    return {each.mistake for each in results if each.mistake is not None}


UPDATE = "def update_parameters(parameters, grads, learning_rate=1.2):\n"


@pytest.mark.parametrize(
    "body",
    [
        'return {"W1": parameters["W3"]}',
        "return unheard_of",
        "parameters = dict(parameters)",
        'return parameters["W1"], parameters["b1"], parameters["W2"], parameters["b2"]',
        'return "W1, W2"',
        'return {"w1": parameters["W1"], "w2": parameters["W2"]}',
        'return {"W1": 2 * parameters["W1"], "W2": parameters["W2"]}',
    ],
)
def test_what_is_missing_is_named_only_if_the_rest_is_there_and_right(
    course: Course, body: str
) -> None:
    results = course.grade("random_initialization", update_parameters=f"{UPDATE}    {body}\n")
    assert any(each.points == 0 for each in results)
    assert not mistakes(results)


def test_what_is_missing_is_named_if_the_rest_is_right(course: Course) -> None:
    body = '{key: parameters[key] - learning_rate * grads["d" + key] for key in ("W1", "W2")}'
    results = course.grade(
        "random_initialization", update_parameters=f"{UPDATE}    return {body}\n"
    )
    assert mistakes(results) == {"only_the_weights_come_back"}


def test_a_dict_that_was_altered_is_not_called_an_array(course: Course) -> None:
    body = """\
    for key in ("W1", "b1", "W2", "b2"):
        parameters[key] = parameters[key] - learning_rate * grads["d" + key]
    return parameters
"""
    results = course.grade("random_initialization", update_parameters=UPDATE + body)
    (sentence,) = {note for each in results for note in each.notes}
    assert sentence.startswith("Your function changes its argument parameters")
    assert "-=" not in sentence
    message = next(each.message for each in results if each.points == 0)
    assert "a[key] = b" in (message or "")


START = """\
def initialize_parameters(n_x, n_h, n_y):
    W1, W2 = {W1}, np.zeros((n_y, n_h))
    return {{"W1": W1, "b1": np.zeros((n_h, 1)), "W2": W2, "b2": np.zeros((n_y, 1))}}
"""


def test_constant_output_weights_cost_no_check_of_the_hidden_weights(course: Course) -> None:
    start = START.format(W1="0.01 * np.random.randn(n_h, n_x)")
    results = {
        each.id: each
        for each in course.grade("random_initialization", initialize_parameters=start)
        if each.function == "initialize_parameters"
    }
    for check in (
        "W1_has_standard_deviation_a_hundredth",
        "gradient_descent_tells_the_units_apart",
    ):
        assert results[check].points == results[check].max_points
    assert results["W2_has_standard_deviation_a_hundredth"].points == 0
    messages = [each.message or "" for each in results.values()]
    assert not any("hidden units will learn the same" in each for each in messages)
    assert not any("repeats the numbers of W1" in each for each in messages)


def test_constant_output_weights_do_not_hide_uniform_hidden_weights(course: Course) -> None:
    start = START.format(W1="0.01 * np.random.rand(n_h, n_x)")
    results = course.grade("random_initialization", initialize_parameters=start)
    mean = next(each for each in results if each.id == "weights_have_mean_zero")
    assert "W1" in (mean.message or "")


def test_a_bias_of_another_shape_costs_the_points_for_the_shape_alone(course: Course) -> None:
    start = """\
def initialize_parameters(n_x, n_h, n_y):
    W1, W2 = np.random.randn(n_h, n_x) * 0.01, np.random.randn(n_y, n_h) * 0.01
    return {"W1": W1, "b1": np.zeros((n_h, 1)), "W2": W2, "b2": np.zeros((1, 1))}
"""
    results = course.grade("random_initialization", initialize_parameters=start)
    lost = {each.id for each in results if each.points == 0}
    assert lost == {"parameters_have_their_shapes", "shapes_follow_the_sizes"}


@pytest.mark.parametrize("answer", ["np.ones((1, X.shape[1]))", "np.zeros((1, X.shape[1]))"])
def test_a_constant_prediction_is_not_said_to_come_from_one_piece_of_code(
    course: Course, answer: str
) -> None:
    source = f"def predict(parameters, X):\n    return {answer}\n"
    for each in course.grade("random_initialization", predict=source):
        for note in each.notes:
            assert note.startswith("All your predictions are")


def test_the_second_function_of_a_cell_that_stopped_is_not_said_to_be_undefined_alone(
    course: Course,
) -> None:
    stopped = "1 / 0\n\n\ndef compute_cost(A2, Y):\n    return 0.0\n\n\n"
    both = stopped + "def mean_tanh_slope(Z):\n    return 0.0\n"
    results = course.grade("random_initialization", compute_cost=both, mean_tanh_slope="")
    messages = {each.message or "" for each in results if each.function == "mean_tanh_slope"}
    assert messages
    for message in messages:
        assert "its cell stopped with ZeroDivisionError" in message


FORWARD = """\
def L_model_forward(X, parameters):
    caches, A, L = [], X, len(parameters) // 2
    for l in range(1, L + 1):
        A_prev, W, b = A, parameters[f"W{l}"], parameters[f"b{l}"]
        Z = W @ A_prev + b
        A = np.maximum(0, Z) if l < L else sigmoid(Z)
        caches.append(%s)
    return A, caches
"""

BACKWARD = """\
def back(dZ, A, W):
    m = A.shape[1]
    return dZ @ A.T / m, np.sum(dZ, axis=1, keepdims=True), W.T @ dZ


def L_model_backward(AL, Y, caches):
    grads, dZ = {}, AL - Y
    for l in range(len(caches), 0, -1):
        A, W = %s
        grads[f"dW{l}"], grads[f"db{l}"], dZ = back(dZ, A, W)
        if l > 1:
            dZ = dZ * (A > 0)
    return grads
"""


@pytest.mark.parametrize(
    ("kept", "read"),
    [
        ("(A_prev, W, b, Z)", "caches[l - 1][:2]"),
        ("((A_prev, W, b), Z)", "caches[l - 1][0][:2]"),
        ("[Z, A_prev, W]", "caches[l - 1][1:]"),
        ('{"A": A_prev, "weights": W}', 'caches[l - 1]["A"], caches[l - 1]["weights"]'),
        ("lambda: (A_prev, W)", "caches[l - 1]()"),
    ],
)
def test_mistakes_on_the_way_back_are_recognised_whatever_the_caches_are(
    course: Course, kept: str, read: str
) -> None:
    if kept.startswith("lambda"):
        kept = "(lambda A_prev, W: lambda: (A_prev, W))(A_prev, W)"
    results = course.grade(
        "deep_initialization", L_model_forward=FORWARD % kept, L_model_backward=BACKWARD % read
    )
    assert mistakes(results) == {"biases_not_averaged"}


OBJECTS_IN_CACHES = """
class Layer:
    def __init__(self, A, W):
        self.A, self.W = A, W


def L_model_forward(X, parameters):
    A, layers, L = X, [], len(parameters) // 2
    for l in range(1, L + 1):
        layers.append(Layer(A, parameters[f"W{l}"]))
        Z = parameters[f"W{l}"] @ A
        A = sigmoid(Z) if l == L else np.maximum(0, Z)
    return A, layers
"""


def test_a_wrong_pass_is_judged_whatever_objects_its_caches_hold(course: Course) -> None:
    results = course.grade("deep_initialization", L_model_forward=OBJECTS_IN_CACHES)
    own = [each for each in results if each.function == "L_model_forward"]
    assert Verdict.FAILED in {each.verdict for each in own}
    assert all(each.points is not None for each in own)


def test_a_pass_that_is_right_from_two_layers_on_keeps_its_other_points(course: Course) -> None:
    two_at_least = FORWARD.replace("    caches, A", '    parameters["W2"]\n    caches, A')
    results = course.grade("deep_initialization", L_model_forward=two_at_least % "(A_prev, W, b)")
    lost = {each.id for each in results if each.function == "L_model_forward" and not each.points}
    assert lost == {"forward_is_right_at_any_depth"}


COST = """\
def compute_cost(A2, Y):
    m = Y.shape[1] - 1
    return float(-np.sum(Y * np.log(A2) + (1 - Y) * np.log(1 - A2)) / m)
"""


def test_the_line_that_is_wrong_is_told(course: Course) -> None:
    results = course.grade("random_initialization", compute_cost=COST)
    (told,) = {each.finding.line: each.finding for each in results if each.finding}.values()
    assert (told.kind, told.line, told.parameters) == ("slip_subtracted", 2, {"term": "1"})


def test_a_function_that_is_not_the_one_in_the_cell_gets_no_line(course: Course) -> None:
    wrapped = COST + "\n\nonce = compute_cost\ncompute_cost = lambda *each: once(*each) / 3\n"
    results = course.grade("random_initialization", compute_cost=wrapped)
    assert any(each.points == 0 for each in results)
    assert not any(each.finding and each.finding.line for each in results)


def test_without_trace_no_code_runs_for_a_cause_and_none_is_told(course: Course) -> None:
    course.grade("random_initialization", compute_cost=COST)
    diagnosis = course.graders["random_initialization"].diagnosis
    diagnosis.trace = False
    try:
        results = course.grade("random_initialization", compute_cost=COST)
    finally:
        diagnosis.trace = True
    assert any(each.points == 0 for each in results)
    assert not any(each.finding for each in results)


@pytest.mark.parametrize(
    "trick", ["import os; os._exit(3)", "while True: pass", "raise SystemExit"]
)
def test_a_function_that_will_not_be_watched_loses_nothing_but_its_cause(
    course: Course, trick: str
) -> None:
    hostile = COST.replace(
        "    m =", f"    if 'autograder_copies' in globals():\n        {trick}\n    m ="
    )
    results = course.grade("random_initialization", compute_cost=hostile)
    honest = course.grade("random_initialization", compute_cost=COST)
    assert [(each.id, each.points) for each in results] == [
        (each.id, each.points) for each in honest
    ]
    assert not any(each.finding for each in results)


TRAINING = """\
def nn_model(X, Y, n_h, num_iterations=10000, print_cost=False):
    parameters = initialize_parameters(X.shape[0], n_h, Y.shape[0])
    for _ in range(num_iterations):
        A2, cache = forward_propagation(X, parameters)
        parameters = update_parameters(
            parameters, backward_propagation(parameters, cache, X, A2)
        )
    return parameters
"""


STEPS = """\
def optimize(w, b, X, Y, num_iterations=100, learning_rate=0.009, print_cost=False):
    costs = []
    for step in range(num_iterations):
        grads, cost = propagate(w, b, X, Y)
        if step % 100 == 0:
            costs.append(cost)
        new_w, new_b = w - learning_rate * grads["dw"], b - learning_rate * grads["db"]
    return {"w": w, "b": b}, grads, costs
"""

ALWAYS_FALSE = "def units_are_interchangeable(parameters, tolerance=1e-9):\n    return False\n"

UNCHANGED = f"""\
{UPDATE}    new = {{k: parameters[k] - learning_rate * grads["d" + k] for k in parameters}}
    return parameters
"""


@pytest.mark.parametrize(
    ("name", "source", "untrue"),
    [
        ("random_initialization", ALWAYS_FALSE, "rows with each other"),
        ("random_initialization", UNCHANGED, "biases"),
        ("random_initialization", TRAINING, "update_parameters returns new parameters"),
        ("logistic_regression", STEPS, "Append the cost"),
    ],
)
def test_a_sentence_is_not_told_for_answers_that_more_than_its_mistake_gives(
    course: Course, name: str, source: str, untrue: str
) -> None:
    function = source.removeprefix("def ").partition("(")[0]
    notes = [note for each in course.grade(name, **{function: source}) for note in each.notes]
    assert notes
    assert not any(untrue in note for note in notes)


@pytest.mark.parametrize(("factor", "told"), [("scale", 0), ("7 * scale", 1)])
def test_a_seed_does_not_hide_a_wrong_spread(course: Course, factor: str, told: int) -> None:
    source = (
        "def initialize_parameters_random(layer_dims, scale=0.01):\n"
        "    np.random.seed(3)\n"
        "    parameters = {}\n"
        "    for l in range(len(layer_dims) - 1, 0, -1):\n"
        f"        W = {factor} * np.random.randn(layer_dims[l], layer_dims[l - 1])\n"
        "        parameters[f'W{l}'], parameters[f'b{l}'] = W, np.zeros((len(W), 1))\n"
        "    return parameters\n"
    )
    results = course.grade("deep_initialization", initialize_parameters_random=source)
    notes = [note for each in results for note in each.notes]
    assert sum("seed" in note for note in notes) == 1
    assert sum("7" in note for note in notes) == told
