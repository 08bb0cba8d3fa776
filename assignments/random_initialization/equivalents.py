"""Right answers in other forms: each must get full points.

An entry is a name and, for each function that is written another way, its source. The source may
define what it needs besides; `np` and `sigmoid` are there, as in the notebook.
"""

EQUIVALENTS: tuple[tuple[str, dict[str, str]], ...] = (
    (
        "a_generator_for_each_call",
        {
            "initialize_parameters": """
def initialize_parameters(n_x, n_h, n_y):
    rng = np.random.default_rng()
    return {
        "W1": rng.normal(0, 0.01, (n_h, n_x)), "b1": np.zeros((n_h, 1)),
        "W2": rng.normal(0, 0.01, (n_y, n_h)), "b2": np.zeros((n_y, 1)),
    }
""",
        },
    ),
    (
        "a_generator_for_all_calls",
        {
            "initialize_parameters": """
rng = np.random.default_rng()

def initialize_parameters(n_x, n_h, n_y):
    W1, b1 = 0.01 * rng.standard_normal(size=(n_h, n_x)), np.full((n_h, 1), -0.0)
    W2, b2 = 0.01 * rng.standard_normal(size=(n_y, n_h)), np.zeros((n_y, 1), dtype=int)
    return dict(W1=W1, b1=b1, W2=W2, b2=b2)
""",
        },
    ),
    (
        "single_precision",
        {
            "initialize_parameters": """
def initialize_parameters(n_x, n_h, n_y):
    rng = np.random.default_rng()
    return {
        "W1": np.float32(0.01) * rng.standard_normal((n_h, n_x), dtype=np.float32),
        "b1": np.zeros((n_h, 1), np.float32),
        "W2": np.float32(0.01) * rng.standard_normal((n_y, n_h), dtype=np.float32),
        "b2": np.zeros((n_y, 1), np.float32),
    }
""",
            "forward_propagation": """
def forward_propagation(X, parameters):
    W1, b1, W2, b2 = (np.float32(parameters[key]) for key in ("W1", "b1", "W2", "b2"))
    Z1 = W1 @ np.float32(X) + b1
    A1 = np.tanh(Z1)
    Z2 = W2 @ A1 + b2
    A2 = sigmoid(Z2).astype(np.float32)
    return A2, {"Z1": Z1, "A1": A1, "Z2": Z2, "A2": A2}
""",
            "compute_cost": """
def compute_cost(A2, Y):
    A2, Y = np.float32(A2), np.float32(Y)
    return -np.mean(Y * np.log(A2 + 1e-8) + (1 - Y) * np.log(1 - A2 + 1e-8))
""",
            "backward_propagation": """
def backward_propagation(parameters, cache, X, Y):
    W2, A1, A2 = np.float32(parameters["W2"]), np.float32(cache["A1"]), np.float32(cache["A2"])
    X, Y, m = np.float32(X), np.float32(Y), np.float32(Y.size)
    dZ2 = A2 - Y
    dZ1 = (W2.T @ dZ2) * (1 - A1 * A1)
    return {
        "dW1": dZ1 @ X.T / m, "db1": dZ1.sum(1, keepdims=True) / m,
        "dW2": dZ2 @ A1.T / m, "db2": dZ2.sum(1, keepdims=True) / m,
    }
""",
            "update_parameters": """
def update_parameters(parameters, grads, learning_rate=1.2):
    rate = np.float32(learning_rate)
    return {
        key: np.float32(parameters[key]) - rate * np.float32(grads["d" + key])
        for key in ("W1", "b1", "W2", "b2")
    }
""",
            "mean_tanh_slope": """
def mean_tanh_slope(Z):
    return np.mean(1 - np.tanh(np.float32(Z)) ** 2)
""",
        },
    ),
    (
        "columns_first_in_memory",
        {
            "initialize_parameters": """
def initialize_parameters(n_x, n_h, n_y):
    return {
        "W1": np.asfortranarray(np.random.normal(scale=0.01, size=(n_h, n_x))),
        "b1": np.zeros((n_h, 1), order="F"),
        "W2": np.random.normal(scale=0.01, size=(n_h, n_y)).T,
        "b2": np.zeros((n_y, 1), order="F"),
    }
""",
            "backward_propagation": """
def backward_propagation(parameters, cache, X, Y):
    dZ2 = np.asfortranarray(cache["A2"] - Y)
    dZ1 = np.asfortranarray((dZ2.T @ parameters["W2"]).T * np.cosh(cache["Z1"]) ** -2.0)
    return {
        "dW1": (X @ dZ1.T).T / Y.size, "db1": dZ1.mean(axis=1)[:, None],
        "dW2": (cache["A1"] @ dZ2.T).T / Y.size, "db2": dZ2.mean(axis=1).reshape(-1, 1),
    }
""",
        },
    ),
    (
        "loops",
        {
            "initialize_parameters": """
import random

def initialize_parameters(n_x, n_h, n_y):
    def draw(rows, columns):
        return np.array([[random.gauss(0, 0.01) for _ in range(columns)] for _ in range(rows)])
    return {
        "W1": draw(n_h, n_x), "b1": np.array([[0.0]] * n_h),
        "W2": draw(n_y, n_h), "b2": np.array([[0.0]] * n_y),
    }
""",
            "compute_cost": """
import math

def compute_cost(A2, Y):
    cost = 0
    for i in range(Y.shape[1]):
        cost -= math.log(A2[0, i]) if Y[0, i] == 1 else math.log(1 - A2[0, i])
    return cost / Y.shape[1]
""",
            "backward_propagation": """
def backward_propagation(parameters, cache, X, Y):
    m = X.shape[1]
    grads = {"d" + key: np.zeros(np.shape(value)) for key, value in parameters.items()}
    for i in range(m):
        error = cache["A2"][0, i] - Y[0, i]
        grads["db2"][0, 0] += error / m
        for j in range(len(cache["A1"])):
            hidden = parameters["W2"][0, j] * error * (1 - cache["A1"][j, i] ** 2)
            grads["dW2"][0, j] += error * cache["A1"][j, i] / m
            grads["db1"][j, 0] += hidden / m
            for k in range(len(X)):
                grads["dW1"][j, k] += hidden * X[k, i] / m
    return grads
""",
            "predict": """
def predict(parameters, X):
    predictions = np.zeros((1, X.shape[1]))
    A2, cache = forward_propagation(X, parameters)
    for i in range(X.shape[1]):
        if A2[0, i] > 0.5:
            predictions[0, i] = 1
    return predictions
""",
            "mean_tanh_slope": """
import math

def mean_tanh_slope(Z):
    total = 0
    for z in np.ravel(Z):
        total += 1 - math.tanh(z) ** 2
    return total / np.size(Z)
""",
            "units_are_interchangeable": """
def units_are_interchangeable(parameters, tolerance=1e-9):
    n_h = parameters["W1"].shape[0]
    for i in range(n_h):
        for j in range(i):
            for one, other in (
                (parameters["W1"][i], parameters["W1"][j]),
                (parameters["b1"][i], parameters["b1"][j]),
                (parameters["W2"][:, i], parameters["W2"][:, j]),
            ):
                if (abs(one - other) > tolerance).any():
                    return False
    return True
""",
        },
    ),
    (
        "einsum",
        {
            "forward_propagation": """
def forward_propagation(X, parameters):
    Z1 = np.einsum("hx,xm->hm", parameters["W1"], X) + parameters["b1"]
    A1 = 2 * sigmoid(2 * Z1) - 1
    Z2 = np.einsum("oh,hm->om", parameters["W2"], A1) + parameters["b2"]
    A2 = (1 + np.tanh(Z2 / 2)) / 2
    assert A2.shape == (1, X.shape[1])
    return A2, {"Z1": Z1, "A1": A1, "Z2": Z2, "A2": A2, "X": X}
""",
            "backward_propagation": """
def backward_propagation(parameters, cache, X, Y):
    m = X.shape[1]
    dA2 = -(Y / cache["A2"] - (1 - Y) / (1 - cache["A2"]))
    dZ2 = dA2 * cache["A2"] * (1 - cache["A2"])
    dZ1 = np.einsum("oh,om,hm->hm", parameters["W2"], dZ2, 1 - np.tanh(cache["Z1"]) ** 2)
    return {
        "dW1": np.einsum("hm,xm->hx", dZ1, X) / m, "db1": np.einsum("hm->h", dZ1)[:, None] / m,
        "dW2": np.einsum("om,hm->oh", dZ2, cache["A1"]) / m,
        "db2": np.einsum("om->o", dZ2)[:, None] / m, "dZ1": dZ1, "dZ2": dZ2,
    }
""",
        },
    ),
    (
        "a_backward_pass_without_the_cache",
        {
            "backward_propagation": """
def backward_propagation(parameters, cache, X, Y, check=False):
    A2, own = forward_propagation(X, parameters)
    dZ2 = (A2 - Y) / X.shape[1]
    dZ1 = parameters["W2"].T.dot(dZ2) * (1 - np.power(own["A1"], 2))
    ones = np.ones((X.shape[1], 1))
    return {"dW1": dZ1.dot(X.T), "db1": dZ1 @ ones, "dW2": dZ2.dot(own["A1"].T), "db2": dZ2 @ ones}
""",
        },
    ),
    (
        "a_cost_with_a_floor",
        {
            "compute_cost": """
def compute_cost(A2, Y, epsilon=1e-8):
    told = np.where(Y == 1, A2, 1 - A2)
    return -np.log(np.clip(told, epsilon, 1 - epsilon)).mean()
""",
        },
    ),
    (
        "a_cost_of_no_dimension",
        {
            "compute_cost": """
def compute_cost(A2, Y):
    m = Y.shape[1]
    return np.squeeze(-(np.dot(np.log(A2), Y.T) + np.dot(np.log(1 - A2), (1 - Y).T)) / m)
""",
            "mean_tanh_slope": """
def mean_tanh_slope(Z):
    return np.array(4 * np.mean(sigmoid(2 * Z) * (1 - sigmoid(2 * Z))))
""",
        },
    ),
    (
        "copies_that_are_changed",
        {
            "update_parameters": """
import copy

def update_parameters(parameters, grads, learning_rate=1.2):
    parameters = copy.deepcopy(parameters)
    for key in ["W1", "b1", "W2", "b2"]:
        parameters[key] -= learning_rate * grads["d" + key]
    parameters["steps"] = 1
    return parameters
""",
        },
    ),
    (
        "truth_for_predictions",
        {
            "predict": """
def predict(parameters, X):
    A2, cache = forward_propagation(X, parameters)
    return A2 > 0.5
""",
            "units_are_interchangeable": """
def units_are_interchangeable(parameters, tolerance=1e-9):
    spreads = [
        np.ptp(parameters["W1"], axis=0), np.ptp(parameters["b1"], axis=0),
        np.ptp(parameters["W2"], axis=1),
    ]
    return np.max(np.concatenate(spreads)) <= tolerance
""",
        },
    ),
    (
        "one_function_for_all_of_the_training",
        {
            "nn_model": """
def nn_model(X, Y, n_h, num_iterations=10000, print_cost=False, learning_rate=1.2):
    np.random.seed(3)
    W2, b2 = 0.01 * np.random.randn(1, n_h), 0.0
    W1, b1 = 0.01 * np.random.randn(n_h, len(X)), np.zeros((n_h, 1))
    i = 0
    while i < num_iterations:
        A1 = np.tanh(W1 @ X + b1)
        D2 = (sigmoid(W2 @ A1 + b2) - Y) / Y.size
        D1 = (1 - A1**2) * (W2.T @ D2)
        W2, b2 = W2 - learning_rate * D2 @ A1.T, b2 - learning_rate * D2.sum()
        W1, b1 = W1 - learning_rate * D1 @ X.T, b1 - learning_rate * D1.sum(1, keepdims=True)
        i += 1
    return {"W1": W1, "b1": b1, "W2": W2, "b2": np.array([[b2]])}
""",
        },
    ),
    (
        "training_in_single_precision",
        {
            "nn_model": """
def nn_model(X, Y, n_h, num_iterations=10000, print_cost=False):
    X, Y, rate = np.float32(X), np.float32(Y), np.float32(1.2 / Y.size)
    parameters = initialize_parameters(len(X), n_h, 1)
    W1, b1, W2, b2 = (np.float32(parameters[key]) for key in ("W1", "b1", "W2", "b2"))
    for _ in range(num_iterations):
        A1 = np.tanh(W1 @ X + b1)
        dZ2 = sigmoid(W2 @ A1 + b2) - Y
        dZ1 = W2.T @ dZ2 * (1 - A1 * A1)
        W1, b1 = W1 - rate * dZ1 @ X.T, b1 - rate * dZ1.sum(axis=1, keepdims=True)
        W2, b2 = W2 - rate * dZ2 @ A1.T, b2 - rate * dZ2.sum(axis=1, keepdims=True)
    return {"W1": W1, "b1": b1, "W2": W2, "b2": b2}
""",
        },
    ),
    (
        "lambdas_and_objects",
        {
            "predict": """
predict = lambda parameters, X: np.where(forward_propagation(X, parameters)[0] > 0.5, 1.0, 0.0)
""",
            "mean_tanh_slope": """
class MeanSlope:
    def __call__(self, Z):
        return np.mean(1.0 - np.square(np.tanh(Z)))

mean_tanh_slope = MeanSlope()
""",
        },
    ),
    (
        "the_legacy_normal",
        {
            "initialize_parameters": """
def initialize_parameters(n_x: int, n_h: int, n_y: int) -> dict:
    W1 = np.random.normal(loc=0.0, scale=0.01, size=(n_h, n_x))
    b1 = np.zeros(shape=(n_h, 1))
    W2 = np.random.normal(0, 0.01, (n_y, n_h))
    b2 = np.zeros(shape=(n_y, 1))
    assert (W1.shape, b1.shape) == ((n_h, n_x), (n_h, 1))
    assert (W2.shape, b2.shape) == ((n_y, n_h), (n_y, 1))
    parameters = {}
    parameters["W1"] = W1
    parameters["b1"] = b1
    parameters["W2"] = W2
    parameters["b2"] = b2
    return parameters
""",
        },
    ),
    (
        "a_division_by_a_hundred",
        {
            "initialize_parameters": """
def initialize_parameters(n_x, n_h, n_y):
    return {
        "b2": np.zeros((n_y, 1)), "W2": np.random.standard_normal((n_y, n_h)) / 100,
        "b1": np.zeros((n_h, 1)), "W1": np.random.standard_normal((n_h, n_x)) / 100,
    }
""",
        },
    ),
    (
        "a_seed_outside_the_function",
        {
            "initialize_parameters": """
np.random.seed(1)

def initialize_parameters(n_x, n_h, n_y):
    W1, W2 = 1e-2 * np.random.randn(n_h, n_x), 1e-2 * np.random.randn(n_y, n_h)
    return {"W1": W1, "b1": np.zeros_like(W1[:, :1]), "W2": W2, "b2": np.zeros_like(W2[:, :1])}
""",
        },
    ),
    (
        "a_seed_that_may_be_given",
        {
            "initialize_parameters": """
def initialize_parameters(n_x, n_h, n_y, scale=0.01, seed=None):
    random = np.random.RandomState(seed) if seed is not None else np.random
    layers = {}
    for i, (rows, columns) in enumerate([(n_h, n_x), (n_y, n_h)], start=1):
        layers[f"W{i}"] = random.randn(rows, columns) * scale
        layers[f"b{i}"] = np.zeros((rows, 1))
    return layers
""",
        },
    ),
    (
        "a_random_state_for_all_calls",
        {
            "initialize_parameters": """
state = np.random.RandomState(7)

def initialize_parameters(n_x, n_h, n_y):
    W1, W2 = state.normal(0, 0.01, (n_h, n_x)), state.normal(0, 0.01, (n_y, n_h))
    return {"W1": W1, "b1": np.zeros((n_h, 1)), "W2": W2, "b2": np.zeros((n_y, 1))}
""",
        },
    ),
    (
        "one_draw_cut_in_two",
        {
            "initialize_parameters": """
def initialize_parameters(n_x, n_h, n_y):
    weights = 0.01 * np.random.randn(n_h * n_x + n_y * n_h)
    W1, W2 = np.split(weights, [n_h * n_x])
    return {
        "W1": W1.reshape(n_h, n_x), "b1": np.zeros((n_h, 1)),
        "W2": W2.reshape((n_y, n_h)), "b2": np.zeros((n_y, 1)),
    }
""",
        },
    ),
    (
        "gaussians_of_the_standard_library",
        {
            "initialize_parameters": """
from collections import OrderedDict
from statistics import NormalDist

def initialize_parameters(n_x, n_h, n_y):
    weight = NormalDist(mu=0, sigma=0.01)
    return OrderedDict([
        ("W1", np.array(weight.samples(n_h * n_x)).reshape(n_h, n_x)),
        ("b1", np.zeros((n_h, 1))),
        ("W2", np.array(weight.samples(n_y * n_h)).reshape(n_y, n_h)),
        ("b2", np.zeros((n_y, 1))),
    ])
""",
        },
    ),
    (
        "gaussians_from_uniform_numbers",
        {
            "initialize_parameters": """
def box_muller(*shape):
    radius = np.sqrt(-2 * np.log(1 - np.random.rand(*shape)))
    return radius * np.cos(2 * np.pi * np.random.rand(*shape))

def initialize_parameters(n_x, n_h, n_y):
    return {
        "W1": box_muller(n_h, n_x) * 0.01, "b1": np.zeros((n_h, 1)),
        "W2": box_muller(n_y, n_h) * 0.01, "b2": np.zeros((n_y, 1)),
    }
""",
        },
    ),
    (
        "partial_functions",
        {
            "initialize_parameters": """
from functools import partial

def start(scale, n_x, n_h, n_y):
    return {
        "W1": np.random.randn(n_h, n_x) * scale, "b1": np.zeros((n_h, 1)),
        "W2": np.random.randn(n_y, n_h) * scale, "b2": np.zeros((n_y, 1)),
    }

initialize_parameters = partial(start, 0.01)
""",
            "update_parameters": """
from functools import partial

def step(parameters, grads, learning_rate):
    return {
        "W1": parameters["W1"] - learning_rate * grads["dW1"],
        "b1": parameters["b1"] - learning_rate * grads["db1"],
        "W2": parameters["W2"] - learning_rate * grads["dW2"],
        "b2": parameters["b2"] - learning_rate * grads["db2"],
    }

update_parameters = partial(step, learning_rate=1.2)
""",
        },
    ),
    (
        "decorators",
        {
            "forward_propagation": """
import functools

def asserting(function):
    @functools.wraps(function)
    def wrapper(X, parameters):
        A2, cache = function(X, parameters)
        assert A2.shape == (1, X.shape[1])
        return A2, cache
    return wrapper

@asserting
def forward_propagation(X, parameters):
    Z1 = np.dot(parameters["W1"], X) + parameters["b1"]
    A1 = np.tanh(Z1)
    Z2 = np.dot(parameters["W2"], A1) + parameters["b2"]
    A2 = sigmoid(Z2)
    return A2, {"Z1": Z1, "A1": A1, "Z2": Z2, "A2": A2}
""",
            "compute_cost": """
@np.errstate(divide="ignore", invalid="ignore")
def compute_cost(A2, Y):
    return -np.nanmean(np.log(np.where(Y, A2, 1 - A2)))
""",
            "mean_tanh_slope": """
def counted(function):
    def wrapper(*arguments, **keywords):
        wrapper.calls += 1
        return function(*arguments, **keywords)
    wrapper.calls = 0
    return wrapper

@counted
def mean_tanh_slope(Z):
    return 1 - np.mean(np.tanh(Z) ** 2)
""",
        },
    ),
    (
        "objects_with_a_call",
        {
            "initialize_parameters": """
class Initializer:
    def __init__(self, scale):
        self.scale = scale
        self.rng = np.random.default_rng()

    def layer(self, outputs, inputs):
        return self.rng.normal(scale=self.scale, size=(outputs, inputs)), np.zeros((outputs, 1))

    def __call__(self, n_x, n_h, n_y):
        (W1, b1), (W2, b2) = self.layer(n_h, n_x), self.layer(n_y, n_h)
        return {"W1": W1, "b1": b1, "W2": W2, "b2": b2}

initialize_parameters = Initializer(0.01)
""",
            "update_parameters": """
class Descent:
    rate = 1.2

    def __call__(self, parameters, grads, learning_rate=rate):
        return {key: np.subtract(value, np.multiply(learning_rate, grads[f"d{key}"]))
                for key, value in parameters.items()}

update_parameters = Descent()
""",
            "predict": """
class Classifier:
    @staticmethod
    def predict(parameters, X, threshold=0.5):
        return np.greater(forward_propagation(X, parameters)[0], threshold)

predict = Classifier.predict
""",
        },
    ),
    (
        "lambdas",
        {
            "compute_cost": """
compute_cost = lambda A2, Y: -sum(
    np.log(a) if y else np.log1p(-a) for a, y in zip(A2.ravel(), Y.ravel())
) / Y.size
""",
            "update_parameters": """
update_parameters = lambda parameters, grads, learning_rate=1.2: dict(
    (k, parameters[k] - grads["d" + k] * learning_rate) for k in ["b2", "W2", "b1", "W1"]
)
""",
            "mean_tanh_slope": "mean_tanh_slope = lambda Z: np.mean(np.cosh(Z) ** -2.0)\n",
        },
    ),
    (
        "functions_from_a_factory",
        {
            "forward_propagation": """
def make_forward(hidden, output):
    def propagate(X, parameters):
        Z1 = parameters["W1"] @ X + parameters["b1"]
        A1 = hidden(Z1)
        Z2 = parameters["W2"] @ A1 + parameters["b2"]
        A2 = output(Z2)
        return A2, dict(Z1=Z1, A1=A1, Z2=Z2, A2=A2, m=X.shape[1])
    return propagate

forward_propagation = make_forward(np.tanh, lambda z: 1 / (1 + np.exp(-z)))
""",
        },
    ),
    (
        "names_imported_from_numpy",
        {
            "initialize_parameters": """
from numpy import zeros
import numpy.random as npr

def initialize_parameters(n_x, n_h, n_y):
    return {"W1": npr.randn(n_h, n_x) * .01, "b1": zeros((n_h, 1)),
            "W2": npr.randn(n_y, n_h) * .01, "b2": zeros((n_y, 1))}
""",
            "forward_propagation": """
def forward_propagation(X, parameters):
    from numpy import exp, matmul, tanh
    Z1 = matmul(parameters["W1"], X) + parameters["b1"]
    A1 = tanh(Z1)
    Z2 = matmul(parameters["W2"], A1) + parameters["b2"]
    A2 = 1.0 / (1.0 + exp(-Z2))
    return A2, {"Z1": Z1, "A1": A1, "Z2": Z2, "A2": A2}
""",
        },
    ),
    (
        "a_sigmoid_by_parts",
        {
            "forward_propagation": """
def stable_sigmoid(z):
    result = np.empty_like(z, dtype=float)
    positive = z >= 0
    result[positive] = 1 / (1 + np.exp(-z[positive]))
    result[~positive] = np.exp(z[~positive]) / (1 + np.exp(z[~positive]))
    return result

def forward_propagation(X, parameters):
    cache = {}
    cache["Z1"] = parameters["W1"].dot(X) + parameters["b1"]
    cache["A1"] = np.tanh(cache["Z1"])
    cache["Z2"] = parameters["W2"].dot(cache["A1"]) + parameters["b2"]
    cache["A2"] = stable_sigmoid(cache["Z2"])
    return cache["A2"], cache
""",
        },
    ),
    (
        "a_clipped_sigmoid_and_a_sigmoid_of_logarithms",
        {
            "forward_propagation": """
def forward_propagation(X, parameters):
    Z1 = parameters["W1"] @ X + parameters["b1"]
    A1 = np.tanh(np.clip(Z1, -100, 100))
    Z2 = parameters["W2"] @ A1 + parameters["b2"]
    A2 = 1 / (1 + np.exp(-np.clip(Z2, -500, 500)))
    return [A2, {"Z1": Z1, "A1": A1, "Z2": Z2, "A2": A2, "parameters": parameters}]
""",
            "mean_tanh_slope": """
def mean_tanh_slope(Z):
    s = np.exp(-np.logaddexp(0, -2.0 * Z))
    return np.average(4 * s * (1 - s))
""",
        },
    ),
    (
        "a_pass_example_by_example",
        {
            "forward_propagation": """
def forward_propagation(X, parameters):
    columns = []
    for x in X.T:
        z1 = parameters["W1"] @ x + parameters["b1"].ravel()
        a1 = np.array([np.tanh(z) for z in z1])
        z2 = parameters["W2"] @ a1 + parameters["b2"].ravel()
        columns.append((z1, a1, z2, sigmoid(z2)))
    Z1, A1, Z2, A2 = (np.column_stack(each) for each in zip(*columns))
    return A2, {"Z1": Z1, "A1": A1, "Z2": Z2, "A2": A2}
""",
            "backward_propagation": """
def backward_propagation(parameters, cache, X, Y):
    m = X.shape[1]
    dW1 = db1 = dW2 = db2 = 0
    for i in range(m):
        x, a1 = X[:, [i]], cache["A1"][:, [i]]
        dz2 = cache["A2"][:, [i]] - Y[:, [i]]
        dz1 = parameters["W2"].T @ dz2 * (1 - a1**2)
        dW1, db1 = dW1 + np.outer(dz1, x) / m, db1 + dz1 / m
        dW2, db2 = dW2 + np.outer(dz2, a1) / m, db2 + dz2 / m
    return {"dW1": dW1, "db1": db1, "dW2": dW2, "db2": db2}
""",
        },
    ),
    (
        "biases_as_weights_of_a_constant_input",
        {
            "forward_propagation": """
def forward_propagation(X, parameters):
    one = np.ones((1, X.shape[1]))
    Z1 = np.hstack([parameters["W1"], parameters["b1"]]) @ np.vstack([X, one])
    A1 = np.tanh(Z1)
    Z2 = np.c_[parameters["W2"], parameters["b2"]] @ np.r_[A1, one]
    A2 = sigmoid(Z2)
    return A2, {"Z1": Z1, "A1": A1, "Z2": Z2, "A2": A2}
""",
            "backward_propagation": """
def backward_propagation(parameters, cache, X, Y):
    one = np.ones_like(Y)
    dZ2 = (cache["A2"] - Y) / Y.size
    dZ1 = (1 - cache["A1"] ** 2) * (parameters["W2"].T @ dZ2)
    outer = dZ2 @ np.vstack([cache["A1"], one]).T
    inner = dZ1 @ np.vstack([X, one]).T
    return {"dW1": inner[:, :-1], "db1": inner[:, -1:], "dW2": outer[:, :-1], "db2": outer[:, -1:]}
""",
        },
    ),
    (
        "rows_for_examples_inside",
        {
            "forward_propagation": """
def forward_propagation(X, parameters):
    hidden_in = X.T @ parameters["W1"].T + parameters["b1"].T
    hidden_out = np.tanh(hidden_in)
    output_in = hidden_out @ parameters["W2"].T + parameters["b2"].T
    output = sigmoid(output_in)
    return output.T, {"Z1": hidden_in.T, "A1": hidden_out.T, "Z2": output_in.T, "A2": output.T}
""",
        },
    ),
    (
        "a_cost_by_masks",
        {
            "compute_cost": """
def compute_cost(A2, Y):
    ones, zeros = A2[Y == 1], A2[Y == 0]
    return -(np.log(ones).sum() + np.log(1 - zeros).sum()) / Y.size
""",
        },
    ),
    (
        "a_cost_from_the_odds",
        {
            "compute_cost": """
def compute_cost(A2, Y):
    Z = np.log(A2) - np.log1p(-A2)
    losses = np.logaddexp(0, Z) - Y * Z
    return np.average(losses)
""",
        },
    ),
    (
        "a_cost_by_products_of_matrices",
        {
            "compute_cost": """
def compute_cost(A2, Y):
    m = Y.shape[1]
    cost = -(1 / m) * (Y @ np.log(A2).T + (1 - Y) @ np.log(1 - A2).T)
    return cost.item()
""",
        },
    ),
    (
        "a_cost_summed_exactly",
        {
            "compute_cost": """
import math

def compute_cost(A2, Y):
    losses = []
    for a, y in zip(np.squeeze(A2, axis=0), np.squeeze(Y, axis=0)):
        losses.append(-math.log(max(a if y == 1 else 1 - a, 1e-12)))
    return math.fsum(losses) / len(losses)
""",
        },
    ),
    (
        "the_chain_rule_in_full",
        {
            "backward_propagation": """
def backward_propagation(parameters, cache, X, Y):
    n = X.shape[1]
    a2 = np.clip(cache["A2"], 1e-12, 1 - 1e-12)
    dA2 = np.divide(1 - Y, 1 - a2) - np.divide(Y, a2)
    delta2 = np.multiply(dA2, a2 * (1 - a2))
    dA1 = np.matmul(np.transpose(parameters["W2"]), delta2)
    delta1 = np.multiply(dA1, 1 - np.square(np.tanh(cache["Z1"])))
    gradients = dict()
    gradients["db2"] = np.mean(delta2, axis=1, keepdims=True)
    gradients["dW2"] = np.matmul(delta2, np.transpose(cache["A1"])) / n
    gradients["db1"] = np.mean(delta1, axis=1, keepdims=True)
    gradients["dW1"] = np.matmul(delta1, np.transpose(X)) / n
    return gradients
""",
        },
    ),
    (
        "sums_of_flat_arrays",
        {
            "backward_propagation": """
def backward_propagation(parameters, cache, X, Y):
    m = np.size(Y)
    error = (cache["A2"] - Y).flatten()
    hidden = np.outer(parameters["W2"], error) * (1 + cache["A1"]) * (1 - cache["A1"])
    return {
        "dW1": np.stack([(hidden * x).sum(axis=1) for x in X], axis=1) / m,
        "db1": hidden.sum(axis=-1).reshape(-1, 1) / m,
        "dW2": (cache["A1"] * error).sum(axis=1)[np.newaxis] / m,
        "db2": np.array([[error.sum() / m]]),
    }
""",
        },
    ),
    (
        "steps_one_by_one",
        {
            "update_parameters": """
def update_parameters(parameters, grads, learning_rate=1.2):
    W1 = parameters["W1"].copy()
    b1 = parameters["b1"].copy()
    W2 = parameters["W2"].copy()
    b2 = parameters["b2"].copy()
    W1 -= learning_rate * grads["dW1"]
    b1 -= learning_rate * grads["db1"]
    W2 -= learning_rate * grads["dW2"]
    b2 -= learning_rate * grads["db2"]
    return {"W1": W1, "b1": b1, "W2": W2, "b2": b2}
""",
        },
    ),
    (
        "steps_with_further_settings",
        {
            "update_parameters": """
def update_parameters(parameters, grads, learning_rate=1.2, decay=0.0, **settings):
    old = {key: (1 - decay) * parameters[key] for key in ("W1", "b1", "W2", "b2")}
    return parameters | {key: old[key] + -learning_rate * grads["d" + key] for key in old}
""",
            "nn_model": """
def nn_model(X, Y, n_h, num_iterations=10000, print_cost=False, *, callback=None, every=1000):
    parameters, costs = initialize_parameters(X.shape[0], n_h, 1), []
    for step in range(1, num_iterations + 1):
        A2, cache = forward_propagation(X, parameters)
        costs.append(compute_cost(A2, Y))
        if print_cost and step % every == 0:
            print("Cost after iteration %i: %f" % (step, costs[-1]))
        grads = backward_propagation(parameters, cache, X, Y)
        parameters = update_parameters(parameters, grads)
        if callback is not None:
            callback(step, parameters)
    return parameters
""",
        },
    ),
    (
        "training_by_a_generator",
        {
            "nn_model": """
from itertools import islice

def descent(X, Y, parameters):
    while True:
        yield parameters
        cache = forward_propagation(X, parameters)[1]
        parameters = update_parameters(
            grads=backward_propagation(parameters, cache, X, Y), parameters=parameters
        )

def nn_model(X, Y, n_h, num_iterations=10000, print_cost=False):
    start = initialize_parameters(n_x=X.shape[0], n_h=n_h, n_y=Y.shape[0])
    return next(islice(descent(X, Y, start), num_iterations, None))
""",
        },
    ),
    (
        "training_in_an_object",
        {
            "nn_model": """
class Network:
    def __init__(self, n_x, n_h):
        self.parameters = initialize_parameters(n_x, n_h, 1)
        self.cost = None

    def step(self, X, Y):
        A2, cache = forward_propagation(X, self.parameters)
        self.cost = compute_cost(A2, Y)
        grads = backward_propagation(self.parameters, cache, X, Y)
        self.parameters = update_parameters(self.parameters, grads, learning_rate=1.2)

def nn_model(X, Y, n_h, num_iterations=10000, print_cost=False):
    network = Network(len(X), n_h)
    for i in range(num_iterations):
        network.step(X, Y)
        if print_cost and i % 100 == 0:
            print(i, network.cost)
    return network.parameters
""",
        },
    ),
    (
        "training_that_changes_its_own_arrays",
        {
            "nn_model": """
def nn_model(X, Y, n_h, num_iterations=10000, print_cost=False):
    rng = np.random.default_rng(0)
    W1, b1 = rng.normal(0, 0.01, (n_h, X.shape[0])), np.zeros((n_h, 1))
    W2, b2 = rng.normal(0, 0.01, (1, n_h)), np.zeros((1, 1))
    m = X.shape[1]
    for _ in range(num_iterations):
        A1 = np.tanh(W1 @ X + b1)
        A2 = 1 / (1 + np.exp(-(W2 @ A1 + b2)))
        dZ2 = A2 - Y
        dZ1 = (W2.T @ dZ2) * (1 - A1**2)
        W2 -= 1.2 * (dZ2 @ A1.T) / m
        b2 -= 1.2 * dZ2.mean(axis=1, keepdims=True)
        W1 -= 1.2 * (dZ1 @ X.T) / m
        b1 -= 1.2 * dZ1.mean(axis=1, keepdims=True)
    return {"W1": W1, "b1": b1, "W2": W2, "b2": b2}
""",
        },
    ),
    (
        "rounded_predictions",
        {
            "predict": """
def predict(parameters, X):
    return np.round(forward_propagation(X, parameters)[0])
""",
        },
    ),
    (
        "predictions_by_the_sign_of_Z2",
        {
            "predict": """
def predict(parameters, X):
    _, cache = forward_propagation(X, parameters)
    return np.heaviside(cache["Z2"], 0.0).astype(np.int8)
""",
            "units_are_interchangeable": """
def units_are_interchangeable(parameters, tolerance=1e-9):
    units = np.vstack([parameters["W1"].T, parameters["b1"].T, parameters["W2"]])
    return int(np.allclose(units, units[:, :1], rtol=0, atol=tolerance))
""",
        },
    ),
    (
        "predictions_by_an_inlined_pass",
        {
            "predict": """
def predict(parameters, X):
    hidden = np.tanh(parameters["W1"] @ X + parameters["b1"])
    return 1 * (parameters["W2"] @ hidden + parameters["b2"] > 0)
""",
        },
    ),
    (
        "predictions_from_a_list",
        {
            "predict": """
def predict(parameters, X):
    probabilities, _ = forward_propagation(X, parameters)
    return np.array([[1 if p > 0.5 else 0 for p in row] for row in probabilities])
""",
            "units_are_interchangeable": """
from itertools import combinations

def units_are_interchangeable(parameters, tolerance=1e-9):
    units = list(zip(parameters["W1"], parameters["b1"], parameters["W2"].T))
    return all(
        np.all(np.abs(a - b) <= tolerance)
        for one, other in combinations(units, 2)
        for a, b in zip(one, other)
    )
""",
            "mean_tanh_slope": """
from statistics import fmean

def mean_tanh_slope(Z):
    return fmean(1 - np.tanh(z) ** 2 for z in Z.flat)
""",
        },
    ),
    (
        "units_compared_with_their_mean",
        {
            "units_are_interchangeable": """
def units_are_interchangeable(parameters, tolerance=1e-9):
    for array, axis in ((parameters["W1"], 0), (parameters["b1"], 0), (parameters["W2"], 1)):
        if np.abs(array - array.mean(axis=axis, keepdims=True)).max() > tolerance:
            return np.False_
    return np.True_
""",
        },
    ),
    (
        "inverse_of_the_distribution_at_bytes_of_the_system",
        {
            "initialize_parameters": """
import os
from scipy.stats import norm


def _uniform_open(shape):
    n = int(np.prod(shape))
    words = np.frombuffer(os.urandom(8 * n), dtype=np.uint64)
    # 52 random bits, shifted by a half: strictly inside (0, 1)
    return (((words >> np.uint64(12)).astype(float) + 0.5) / 2.0**52).reshape(shape)


def initialize_parameters(n_x, n_h, n_y):
    out = {}
    for layer, (fan_out, fan_in) in enumerate([(n_h, n_x), (n_y, n_h)], start=1):
        out["W%d" % layer] = norm.ppf(_uniform_open((fan_out, fan_in)), loc=0, scale=0.01)
        out["b%d" % layer] = np.zeros((fan_out, 1))
    return out
""",
        },
    ),
    (
        "training_as_an_endless_generator",
        {
            "nn_model": """
from itertools import islice


def _descent(X, Y, parameters, show):
    iteration = 0
    while True:
        yield parameters
        A2, cache = forward_propagation(X, parameters)
        if show and iteration % 500 == 0:
            print(iteration, float(compute_cost(A2, Y)))
        grads = backward_propagation(parameters, cache, X, Y)
        parameters = update_parameters(parameters, grads)
        iteration += 1


def nn_model(X, Y, n_h, num_iterations=10000, print_cost=False):
    begin = initialize_parameters(X.shape[0], n_h, Y.shape[0])
    return next(islice(_descent(X, Y, begin, print_cost), num_iterations, None))
""",
        },
    ),
    (
        "start_and_training_in_a_closure",
        {
            "initialize_parameters": """
def make_trainer(rate=1.2, std=0.01):
    source = np.random.Generator(np.random.PCG64())

    def begin(n_x, n_h, n_y):
        return {"W1": std * source.standard_normal((n_h, n_x)), "b1": np.zeros((n_h, 1)),
                "W2": std * source.standard_normal((n_y, n_h)), "b2": np.zeros((n_y, 1))}

    def train(X, Y, n_h, num_iterations=10000, print_cost=False):
        m = X.shape[1]

        def once(p):
            A1 = np.tanh(p["W1"] @ X + p["b1"])
            A2 = sigmoid(p["W2"] @ A1 + p["b2"])
            d2 = A2 - Y
            d1 = p["W2"].T @ d2 * (1 - A1 ** 2)
            return {"W1": p["W1"] - rate * d1 @ X.T / m,
                    "b1": p["b1"] - rate * d1.mean(axis=1, keepdims=True),
                    "W2": p["W2"] - rate * d2 @ A1.T / m,
                    "b2": p["b2"] - rate * d2.mean(axis=1, keepdims=True)}

        def many(p, n):
            if n == 0:
                return p
            if n == 1:
                return once(p)
            return many(many(p, n // 2), n - n // 2)

        result = many(begin(X.shape[0], n_h, Y.shape[0]), num_iterations)
        if print_cost:
            A2, _ = forward_propagation(X, result)
            print("final cost", compute_cost(A2, Y))
        return result

    return begin, train


initialize_parameters, nn_model = make_trainer()
""",
            "nn_model": """
# Defined above.
""",
        },
    ),
)
