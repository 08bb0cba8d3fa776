from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from autograder.checking.checks import load_module

reference = load_module(Path(__file__).parents[2] / "reference" / "logistic_regression.py")
SIZES = [(2, 7), (3, 3), (1, 1), (1, 4), (4, 1)]


def model(n_x: int) -> tuple[np.ndarray, float]:
    rng = np.random.default_rng(n_x)
    return rng.normal(size=(n_x, 1)), float(rng.normal())


def examples(n_x: int, m: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(n_x + 10 * m)
    return rng.normal(size=(n_x, m)), rng.integers(0, 2, (1, m))


def test_sigmoid_is_right_near_zero_and_far_out() -> None:
    z = np.array([-1e6, -1000.0, -np.log(3), 0.0, np.log(3), 1000.0, 1e6])
    np.testing.assert_allclose(reference.sigmoid(z), [0, 0, 0.25, 0.5, 0.75, 1, 1], rtol=1e-15)
    assert reference.sigmoid(0.0) == 0.5


def test_sigmoid_keeps_single_precision_and_its_symmetry() -> None:
    assert reference.sigmoid(np.zeros(3, dtype=np.float32)).dtype == np.float32
    z = np.linspace(-30, 30, 60).reshape(3, 20)
    np.testing.assert_allclose(reference.sigmoid(-z), 1 - reference.sigmoid(z), atol=1e-15)


@pytest.mark.parametrize("dim", [1, 2, 64])
def test_the_start_is_a_column_of_zeros_and_a_zero(dim: int) -> None:
    w, b = reference.initialize_with_zeros(dim)
    np.testing.assert_array_equal(w, [[0.0]] * dim)
    assert b == 0
    assert isinstance(b, float)


def test_a_model_without_an_idea_pays_log_two_and_sees_the_means_of_the_classes() -> None:
    X = np.array([[1.0, 3.0, 5.0, 9.0], [2.0, -2.0, 0.0, 0.0]])
    grads, cost = reference.propagate(np.zeros((2, 1)), 0.0, X, np.array([[0, 0, 1, 1]]))
    assert np.isclose(cost, np.log(2))
    # A quarter of the difference of the means, 2 and 7, 0 and 0.
    np.testing.assert_allclose(grads["dw"], [[-1.25], [0.0]], atol=1e-15)
    assert grads["db"] == 0


def test_the_cost_is_finite_where_an_answer_is_certain() -> None:
    w, X = np.array([[1000.0]]), np.array([[1.0, -1.0]])
    assert reference.propagate(w, 0.0, X, np.array([[1, 0]]))[1] < 1e-14
    for dtype in (float, np.float32):
        wrong = reference.propagate(w.astype(dtype), 0.0, X.astype(dtype), np.array([[0, 1]]))
        assert 30 < wrong[1] < 40
        np.testing.assert_allclose(wrong[0]["dw"], [[1.0]])


@pytest.mark.parametrize("sizes", SIZES)
def test_the_gradients_are_the_slopes_of_the_cost(sizes: tuple[int, int]) -> None:
    n_x, m = sizes
    (w, b), (X, Y) = model(n_x), examples(n_x, m)
    grads, _ = reference.propagate(w, b, X, Y)
    h = 1e-6
    assert grads["dw"].shape == w.shape
    for j in range(n_x):
        step = np.zeros(w.shape)
        step[j] = h
        up, down = (reference.propagate(w + s, b, X, Y)[1] for s in (step, -step))
        assert np.isclose(grads["dw"][j, 0], (up - down) / (2 * h), rtol=1e-6, atol=1e-8)
    up, down = (reference.propagate(w, b + s, X, Y)[1] for s in (h, -h))
    assert np.isclose(grads["db"], (up - down) / (2 * h), rtol=1e-6, atol=1e-8)


def test_training_takes_its_steps_and_alters_nothing() -> None:
    (w, b), (X, Y) = model(3), examples(3, 9)
    before = w.copy(), X.copy(), Y.copy()
    learned, grads, costs = reference.optimize(w, b, X, Y, num_iterations=3, learning_rate=0.5)
    for old, now in zip(before, (w, X, Y), strict=True):
        np.testing.assert_array_equal(old, now)
    first = reference.propagate(w, b, X, Y)[1]
    for _ in range(3):
        last, _ = reference.propagate(w, b, X, Y)
        w, b = w - 0.5 * last["dw"], b - 0.5 * last["db"]
    np.testing.assert_allclose(learned["w"], w)
    assert np.isclose(learned["b"], b)
    np.testing.assert_allclose(grads["dw"], last["dw"])
    assert costs == [first]


def test_training_has_its_defaults_and_prints_when_asked(
    capsys: pytest.CaptureFixture[str],
) -> None:
    (w, b), (X, Y) = model(2), examples(2, 9)
    told = reference.optimize(w, b, X, Y, num_iterations=100, learning_rate=0.009)
    by_default = reference.optimize(w, b, X, Y)
    np.testing.assert_array_equal(told[0]["w"], by_default[0]["w"])
    assert not capsys.readouterr().out
    _, _, costs = reference.optimize(w, b, X, Y, num_iterations=201, print_cost=True)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines] == [
        f"Cost after {n} steps" for n in (0, 100, 200)
    ]
    assert costs == sorted(costs, reverse=True)
    assert len(costs) == 3


def test_every_start_ends_where_the_gradient_vanishes() -> None:
    rng = np.random.default_rng(0)
    X, Y = rng.normal(size=(2, 60)), rng.integers(0, 2, (1, 60))
    ends = []
    for scale in (0.0, 3.0):
        start = scale * rng.normal(size=(2, 1)), scale * float(rng.normal())
        learned, grads, _ = reference.optimize(*start, X, Y, 3000, 0.5)
        assert np.max(np.abs(grads["dw"])) < 1e-10
        ends.append(np.append(learned["w"], learned["b"]))
    np.testing.assert_allclose(ends[0], ends[1], atol=1e-9)


def test_the_cost_is_curved_upwards_along_every_line() -> None:
    rng = np.random.default_rng(1)
    X, Y = examples(3, 20)
    for _ in range(20):
        (w, b), (v, c) = ((rng.normal(size=(3, 1)), float(rng.normal())) for _ in range(2))
        costs = [reference.propagate(w + t * v, b + t * c, X, Y)[1] for t in np.linspace(-1, 1, 21)]
        assert np.min(np.diff(costs, 2)) > 0


def test_a_half_is_predicted_as_zero() -> None:
    for b, prediction in ((0.0, 0), (1e-9, 1), (-1e-9, 0)):
        found = reference.predict(np.zeros((2, 1)), b, np.ones((2, 3)))
        np.testing.assert_array_equal(found, np.full((1, 3), prediction))


def test_predictions_follow_the_scores() -> None:
    (w, b), (X, _) = model(2), examples(2, 50)
    scores = sum(w[j, 0] * X[j] for j in range(2)) + b
    np.testing.assert_array_equal(reference.predict(w, b, X)[0], scores > 0)
