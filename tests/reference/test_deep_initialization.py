from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from autograder.checking.checks import load_module

reference = load_module(Path(__file__).parents[2] / "reference" / "deep_initialization.py")
NETWORKS = [[2, 4, 1], [3, 3, 3, 1], [1, 1, 1], [4, 1], [2, 6, 5, 4, 3, 1]]


def network(layer_dims: list[int]) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(layer_dims)
    parameters = {}
    for l, (n, n_prev) in enumerate(zip(layer_dims[1:], layer_dims[:-1], strict=True), start=1):
        parameters[f"W{l}"] = rng.normal(0, np.sqrt(2 / n_prev), (n, n_prev))
        parameters[f"b{l}"] = rng.normal(0, 0.3, (n, 1))
    return parameters


def examples(layer_dims: list[int], m: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng([*layer_dims, m])
    return rng.normal(size=(layer_dims[0], m)), rng.integers(0, 2, (1, m))


def cost(parameters: dict[str, np.ndarray], X: np.ndarray, Y: np.ndarray) -> float:
    AL, _ = reference.L_model_forward(X, parameters)
    return -float(np.mean(np.log(np.where(Y == 1, AL, 1 - AL))))


def test_sigmoid_is_right_near_zero_and_far_out() -> None:
    z = np.array([-1e6, -1000.0, -np.log(3), 0.0, np.log(3), 1000.0, 1e6])
    np.testing.assert_allclose(reference.sigmoid(z), [0, 0, 0.25, 0.5, 0.75, 1, 1], rtol=1e-15)


@pytest.mark.parametrize("layer_dims", NETWORKS)
@pytest.mark.parametrize("kind", ["zeros", "random", "he"])
def test_every_start_has_its_shapes_and_biases_of_zero(layer_dims: list[int], kind: str) -> None:
    start = getattr(reference, f"initialize_parameters_{kind}")(layer_dims)
    assert len(start) == 2 * (len(layer_dims) - 1)
    for l in range(1, len(layer_dims)):
        assert start[f"W{l}"].shape == (layer_dims[l], layer_dims[l - 1])
        np.testing.assert_array_equal(start[f"b{l}"], np.zeros((layer_dims[l], 1)))
        assert np.any(start[f"W{l}"]) is np.bool_(kind != "zeros")


def test_the_weights_have_the_scale_they_should_and_are_new_on_every_call() -> None:
    layer_dims = [200, 100, 300]
    starts: list[tuple[str, dict[str, float], tuple[float, float]]] = [
        ("initialize_parameters_random", {}, (0.01, 0.01)),
        ("initialize_parameters_random", {"scale": 2.0}, (2.0, 2.0)),
        ("initialize_parameters_he", {}, (0.1, float(np.sqrt(0.02)))),
    ]
    for name, keywords, scales in starts:
        one, other = (getattr(reference, name)(layer_dims, **keywords) for _ in range(2))
        for key, scale in zip(("W1", "W2"), scales, strict=True):
            assert abs(np.std(one[key]) / scale - 1) < 0.04  # 8 standard errors
            assert abs(np.mean(one[key]) / scale) < 0.06  # likewise
            assert not np.any(one[key] == other[key])


def test_a_pass_by_hand() -> None:
    parameters = {
        "W1": np.array([[1.0], [-1.0]]),
        "b1": np.array([[0.0], [1.0]]),
        "W2": np.array([[np.log(3), 2.0]]),
        "b2": np.array([[0.0]]),
    }
    AL, _ = reference.L_model_forward(np.array([[1.0, -1.0, 0.0]]), parameters)
    np.testing.assert_allclose(AL, [[0.75, 1 / (1 + np.exp(-4)), 1 / (1 + np.exp(-2))]])


@pytest.mark.parametrize("layer_dims", NETWORKS)
@pytest.mark.parametrize("m", [1, 7])
def test_the_gradients_are_the_slopes_of_the_cost(layer_dims: list[int], m: int) -> None:
    parameters, (X, Y) = network(layer_dims), examples(layer_dims, m)
    AL, caches = reference.L_model_forward(X, parameters)
    h = 1e-6
    assert min((np.min(np.abs(cache["Z"])) for cache in caches[:-1]), default=1.0) > 10 * h
    grads = reference.L_model_backward(AL, Y, caches)
    for key, value in parameters.items():
        assert grads["d" + key].shape == value.shape
        for at in np.ndindex(value.shape):
            step = np.zeros(value.shape)
            step[at] = h
            up, down = (cost(parameters | {key: value + s}, X, Y) for s in (step, -step))
            assert np.isclose(grads["d" + key][at], (up - down) / (2 * h), rtol=1e-6, atol=1e-8)


def test_nothing_is_altered() -> None:
    parameters, (X, Y) = network([2, 4, 1]), examples([2, 4, 1], 5)
    before = {key: value.copy() for key, value in parameters.items()}
    AL, caches = reference.L_model_forward(X, parameters)
    answer = AL.copy()
    reference.L_model_backward(AL, Y, caches)
    np.testing.assert_array_equal(AL, answer)
    for key, value in before.items():
        np.testing.assert_array_equal(parameters[key], value)


def test_a_dead_layer_lets_no_gradient_through() -> None:
    parameters = network([2, 4, 1]) | {"b1": np.full((4, 1), -100.0)}
    X, Y = examples([2, 4, 1], 6)
    AL, caches = reference.L_model_forward(X, parameters)
    grads = reference.L_model_backward(AL, Y, caches)
    assert np.ptp(AL) == 0
    for key in ("dW1", "db1", "dW2"):
        assert not np.any(grads[key])
    assert np.isclose(grads["db2"][0, 0], np.mean(AL - Y))


def test_the_spreads_are_those_of_the_activations() -> None:
    parameters = {
        "W1": np.array([[1.0], [-1.0]]),
        "b1": np.zeros((2, 1)),
        "W2": np.array([[0.0, np.log(3)]]),
        "b2": np.zeros((1, 1)),
    }
    found = reference.activation_stds(np.array([[2.0, -1.0]]), parameters)
    # A1 is (2, 0) and (0, 1), A2 is (1/2, 3/4).
    np.testing.assert_allclose(found, [np.sqrt(5 / 4 - 9 / 16), 1 / 8])


def test_the_start_of_he_keeps_the_mean_square_of_the_signal_over_many_layers() -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(100, 50))
    layer_dims = [100] * 21
    sizes = []
    for _ in range(20):
        _, caches = reference.L_model_forward(X, reference.initialize_parameters_he(layer_dims))
        sizes.append(np.log(np.mean(caches[-1]["A_prev"] ** 2) / np.mean(X**2)))
    # Each of 19 layers adds a variance of some 5/100 to the logarithm, and takes half of it away.
    spread = np.sqrt(19 * 0.05)
    assert abs(np.mean(sizes) + spread**2 / 2) < 8 * spread / np.sqrt(20)
