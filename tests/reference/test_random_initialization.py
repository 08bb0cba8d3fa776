from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from autograder.checking.checks import load_module

reference = load_module(Path(__file__).parents[2] / "reference" / "random_initialization.py")
SIZES = [(2, 4, 7), (3, 3, 3), (1, 1, 1), (1, 3, 2), (4, 1, 5)]


def network(n_x: int, n_h: int, n_y: int = 1) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(n_x + 10 * n_h)
    shapes = {"W1": (n_h, n_x), "b1": (n_h, 1), "W2": (n_y, n_h), "b2": (n_y, 1)}
    return {key: rng.normal(size=shape) for key, shape in shapes.items()}


def examples(n_x: int, m: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(n_x + 10 * m)
    return rng.normal(size=(n_x, m)), rng.integers(0, 2, (1, m))


def cost(parameters: dict[str, np.ndarray], X: np.ndarray, Y: np.ndarray) -> float:
    return float(reference.compute_cost(reference.forward_propagation(X, parameters)[0], Y))


def test_sigmoid_is_right_near_zero_and_far_out() -> None:
    z = np.array([-1e6, -1000.0, -np.log(3), 0.0, np.log(3), 1000.0, 1e6])
    np.testing.assert_allclose(reference.sigmoid(z), [0, 0, 0.25, 0.5, 0.75, 1, 1], rtol=1e-15)
    assert reference.sigmoid(np.array(0.0)) == 0.5


def test_sigmoid_keeps_single_precision() -> None:
    assert reference.sigmoid(np.zeros(3, dtype=np.float32)).dtype == np.float32


@pytest.mark.parametrize("sizes", [(2, 4, 1), (1, 1, 1), (3, 3, 3), (5, 2, 4)])
def test_the_start_has_its_shapes_and_biases_of_zero(sizes: tuple[int, int, int]) -> None:
    n_x, n_h, n_y = sizes
    start = reference.initialize_parameters(n_x, n_h, n_y)
    shapes = {key: value.shape for key, value in start.items()}
    assert shapes == {"W1": (n_h, n_x), "b1": (n_h, 1), "W2": (n_y, n_h), "b2": (n_y, 1)}
    assert not start["b1"].any()
    assert not start["b2"].any()


def test_the_weights_are_small_and_new_on_every_call() -> None:
    one, other = (reference.initialize_parameters(100, 100, 100) for _ in range(2))
    for key in ("W1", "W2"):
        assert abs(np.std(one[key]) - 0.01) < 0.0006  # 8 standard errors
        assert abs(np.mean(one[key])) < 0.0008  # likewise
        assert not np.any(one[key] == other[key])
    assert not np.any(one["W1"] == one["W2"])


def test_a_forward_pass_by_hand() -> None:
    parameters = {
        "W1": np.array([[1.0, 0.0], [1.0, -1.0]]),
        "b1": np.array([[0.0], [1.0]]),
        "W2": np.array([[1.0, -1.0]]),
        "b2": np.array([[np.log(3)]]),
    }
    A2, cache = reference.forward_propagation(np.array([[0.0, 0.0], [1.0, 1.0]]), parameters)
    np.testing.assert_allclose(cache["Z1"], np.zeros((2, 2)), atol=1e-15)
    np.testing.assert_allclose(cache["A1"], np.zeros((2, 2)), atol=1e-15)
    np.testing.assert_allclose(cache["Z2"], np.log([[3, 3]]))
    np.testing.assert_allclose(A2, [[0.75, 0.75]])
    assert cache["A2"] is A2


def test_a_coin_toss_costs_the_logarithm_of_two() -> None:
    assert np.isclose(reference.compute_cost(np.full((1, 4), 0.5), np.eye(1, 4)), np.log(2))


def test_the_cost_is_finite_where_an_answer_is_certain() -> None:
    Y = np.array([[1, 0]])
    assert reference.compute_cost(np.array([[1.0, 0.0]]), Y) < 1e-14
    for dtype in (float, np.float32):
        assert 30 < reference.compute_cost(np.array([[0.0, 1.0]], dtype=dtype), Y) < 40


@pytest.mark.parametrize("sizes", SIZES)
def test_the_gradients_are_the_slopes_of_the_cost(sizes: tuple[int, int, int]) -> None:
    n_x, n_h, m = sizes
    parameters, (X, Y) = network(n_x, n_h), examples(n_x, m)
    _, cache = reference.forward_propagation(X, parameters)
    grads = reference.backward_propagation(parameters, cache, X, Y)
    h = 1e-6
    for key, value in parameters.items():
        assert grads["d" + key].shape == value.shape
        for at in np.ndindex(value.shape):
            step = np.zeros(value.shape)
            step[at] = h
            up, down = (cost(parameters | {key: value + s}, X, Y) for s in (step, -step))
            assert np.isclose(grads["d" + key][at], (up - down) / (2 * h), rtol=1e-6, atol=1e-8)


def test_a_step_goes_against_the_gradient_and_alters_nothing() -> None:
    parameters = network(2, 3)
    grads = {"d" + key: np.ones(value.shape) for key, value in parameters.items()}
    before = {key: value.copy() for key, value in parameters.items()}
    stepped = reference.update_parameters(parameters, grads)
    slowly = reference.update_parameters(parameters, grads, learning_rate=0.1)
    for key, value in before.items():
        np.testing.assert_array_equal(parameters[key], value)
        np.testing.assert_allclose(stepped[key], value - 1.2)
        np.testing.assert_allclose(slowly[key], value - 0.1)


def test_equal_units_stay_equal_and_others_do_not() -> None:
    X, Y = examples(2, 9)
    for scale, stay in ((0.0, True), (1.0, False)):
        parameters = {
            "W1": np.full((4, 2), 0.3) + scale * network(2, 4)["W1"],
            "b1": np.full((4, 1), 0.1),
            "W2": np.full((1, 4), -0.7),
            "b2": np.zeros((1, 1)),
        }
        for _ in range(50):
            _, cache = reference.forward_propagation(X, parameters)
            grads = reference.backward_propagation(parameters, cache, X, Y)
            parameters = reference.update_parameters(parameters, grads)
        assert reference.units_are_interchangeable(parameters) is stay


def test_the_model_takes_the_steps_it_is_asked_for() -> None:
    X, Y = examples(2, 9)
    state = np.random.get_state()
    ends = []
    for steps in (0, 3):
        np.random.set_state(state)
        ends.append(reference.nn_model(X, Y, 4, num_iterations=steps))
    by_hand = ends[0]
    assert not by_hand["b1"].any()
    for _ in range(3):
        _, cache = reference.forward_propagation(X, by_hand)
        by_hand = reference.update_parameters(
            by_hand, reference.backward_propagation(by_hand, cache, X, Y)
        )
    for key, value in by_hand.items():
        np.testing.assert_array_equal(ends[1][key], value)


def test_the_model_learns_what_can_be_learned_and_prints_when_asked(
    capsys: pytest.CaptureFixture[str],
) -> None:
    np.random.seed(1)
    X = np.random.randn(2, 60)
    Y = (X[:1] * X[1:] > 0).astype(int)  # no line tells these apart
    learned = reference.nn_model(X, Y, 8, num_iterations=2000, print_cost=True)
    assert np.mean(reference.predict(learned, X) == Y) > 0.9
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines] == [
        "Cost after 0 steps",
        "Cost after 1000 steps",
    ]
    reference.nn_model(X, Y, 2, num_iterations=1)
    assert not capsys.readouterr().out


def test_a_half_is_predicted_as_zero() -> None:
    parameters = {key: np.zeros_like(value) for key, value in network(1, 2).items()}
    for b2, prediction in ((0.0, 0), (1e-9, 1), (-1e-9, 0)):
        found = reference.predict(parameters | {"b2": np.array([[b2]])}, np.ones((1, 3)))
        np.testing.assert_array_equal(found, np.full((1, 3), prediction))


@pytest.mark.parametrize("key", ["W1", "b1", "W2"])
def test_each_part_of_a_unit_can_tell_it_apart(key: str) -> None:
    twins = {"W1": np.ones((3, 2)), "b1": np.ones((3, 1)), "W2": np.ones((1, 3))}
    twins["b2"] = np.ones((1, 1))
    assert reference.units_are_interchangeable(twins) is True
    twins[key].flat[-1] += 1e-3
    assert reference.units_are_interchangeable(twins) is False
    assert reference.units_are_interchangeable(twins, tolerance=1e-2) is True


def test_a_single_unit_is_interchangeable() -> None:
    assert reference.units_are_interchangeable(network(3, 1))


def test_the_slope_of_tanh_agrees_with_finite_differences() -> None:
    Z, h = np.linspace(-3, 3, 12).reshape(3, 4), 1e-6
    slopes = (np.tanh(Z + h) - np.tanh(Z - h)) / (2 * h)
    assert np.isclose(reference.mean_tanh_slope(Z), slopes.mean(), rtol=1e-8)
    assert reference.mean_tanh_slope(np.zeros((2, 2))) == 1
    assert reference.mean_tanh_slope(np.full(2, 1e9)) == 0
