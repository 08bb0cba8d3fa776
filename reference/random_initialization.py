"""A network with one hidden layer of tanh and a sigmoid output, started at random and trained.

Examples are columns: X is (n_x, m) and Y is (1, m), for n_x numbers about each of m examples. The
hidden layer has n_h units, the output layer n_y = 1.
"""

import numpy as np


def sigmoid(z: np.ndarray) -> np.ndarray:
    """Return the sigmoid 1 / (1 + e^-z) of every entry, without overflow for large |z|."""
    e = np.exp(-np.abs(z))  # at most 1, so that nothing overflows
    s: np.ndarray = np.where(z >= 0, 1, e) / (1 + e)
    return s


def initialize_parameters(n_x: int, n_h: int, n_y: int) -> dict[str, np.ndarray]:
    """Initialize the network with small random weights and zero biases.

    Every weight is a draw of its own from a Gaussian of mean 0 and standard deviation 0.01, and
    every call draws anew.

    Args:
        n_x: how many inputs there are.
        n_h: how many hidden units.
        n_y: how many outputs.

    Returns:
        A dict of W1, of shape (n_h, n_x), b1, (n_h, 1), W2, (n_y, n_h), and b2, (n_y, 1).
    """
    W1 = np.random.randn(n_h, n_x) * 0.01
    b1 = np.zeros((n_h, 1))
    W2 = np.random.randn(n_y, n_h) * 0.01
    b2 = np.zeros((n_y, 1))
    return {"W1": W1, "b1": b1, "W2": W2, "b2": b2}


def forward_propagation(
    X: np.ndarray, parameters: dict[str, np.ndarray]
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Return the network's output and what it computed on the way.

    The hidden layer takes Z1 = W1·X + b1 and A1 = tanh Z1; the output layer takes Z2 = W2·A1 + b2
    and A2 = σ(Z2), the sigmoid. The products are those of matrices, a bias goes to every example,
    and tanh and sigmoid are taken entry by entry.

    Args:
        X: the inputs, (n_x, m).
        parameters: a dict of W1, b1, W2 and b2.

    Returns:
        A2, (1, m), how probable a 1 is for each example, and the cache: a dict of Z1 and A1, both
        (n_h, m), and of Z2 and A2, both (1, m).
    """
    W1, b1, W2, b2 = (parameters[key] for key in ("W1", "b1", "W2", "b2"))
    Z1 = W1 @ X + b1
    A1 = np.tanh(Z1)
    Z2 = W2 @ A1 + b2
    A2 = sigmoid(Z2)
    return A2, {"Z1": Z1, "A1": A1, "Z2": Z2, "A2": A2}


def compute_cost(A2: np.ndarray, Y: np.ndarray) -> float:
    """Return the cross-entropy, averaged over the examples.

    For one example with answer a and label y it is -(y log a + (1 - y) log(1 - a)), with the
    natural logarithm.

    Args:
        A2: the answers, (1, m), between 0 and 1.
        Y: the labels, (1, m), each 0 or 1.

    Returns:
        The cost, a single number.
    """
    A2 = np.clip(A2.astype(float), 1e-15, 1 - 1e-15)  # log(0) is no number to go on with
    return float(-np.mean(Y * np.log(A2) + (1 - Y) * np.log(1 - A2)))


def backward_propagation(
    parameters: dict[str, np.ndarray], cache: dict[str, np.ndarray], X: np.ndarray, Y: np.ndarray
) -> dict[str, np.ndarray]:
    """Return the gradients: how the cost changes with each parameter.

    The error dZ2 of the output is what it answers minus the label. Taken back through the weights,
    W2ᵀ·dZ2, and times the slope of tanh, entry by entry, it is the error dZ1 of the hidden layer.
    A layer's dW is its dZ times the transpose of what came into the layer, its db is its dZ, and
    both are averaged over the m examples.

    Args:
        parameters: a dict of W1, b1, W2 and b2.
        cache: what `forward_propagation` computed on X: a dict of Z1, A1, Z2 and A2.
        X: the inputs, (n_x, m).
        Y: the labels, (1, m).

    Returns:
        A dict of dW1, db1, dW2 and db2, each of the shape of its parameter.
    """
    m = X.shape[1]
    A1, A2 = cache["A1"], cache["A2"]
    dZ2 = A2 - Y
    dW2 = dZ2 @ A1.T / m
    db2 = np.sum(dZ2, axis=1, keepdims=True) / m
    dZ1 = parameters["W2"].T @ dZ2 * (1 - A1**2)
    dW1 = dZ1 @ X.T / m
    db1 = np.sum(dZ1, axis=1, keepdims=True) / m
    return {"dW1": dW1, "db1": db1, "dW2": dW2, "db2": db2}


def update_parameters(
    parameters: dict[str, np.ndarray], grads: dict[str, np.ndarray], learning_rate: float = 1.2
) -> dict[str, np.ndarray]:
    """One step of gradient descent: every parameter moves against its gradient.

    The step is as long as the learning rate times the gradient. What was given stays as it was.

    Args:
        parameters: a dict of W1, b1, W2 and b2.
        grads: a dict of dW1, db1, dW2 and db2.
        learning_rate: how far a step goes.

    Returns:
        A new dict of W1, b1, W2 and b2.
    """
    return {
        key: parameters[key] - learning_rate * grads["d" + key] for key in ("W1", "b1", "W2", "b2")
    }


def nn_model(
    X: np.ndarray,
    Y: np.ndarray,
    n_h: int,
    num_iterations: int = 10000,
    print_cost: bool = False,
) -> dict[str, np.ndarray]:
    """Trains a network: starts it, then takes steps of gradient descent on all of the examples.

    Args:
        X: the inputs, (n_x, m).
        Y: the labels, (1, m).
        n_h: how many hidden units there are.
        num_iterations: how many steps to take, each at the default rate of `update_parameters`;
            after 0 steps the parameters are those of the start.
        print_cost: whether to print the cost every 1000 steps.

    Returns:
        The parameters after the last step, a dict of W1, b1, W2 and b2.
    """
    parameters = initialize_parameters(X.shape[0], n_h, Y.shape[0])
    for i in range(num_iterations):
        A2, cache = forward_propagation(X, parameters)
        if print_cost and i % 1000 == 0:
            print(f"Cost after {i} steps: {compute_cost(A2, Y):.6f}")  # noqa: T201  # asked for
        grads = backward_propagation(parameters, cache, X, Y)
        parameters = update_parameters(parameters, grads)
    return parameters


def predict(parameters: dict[str, np.ndarray], X: np.ndarray) -> np.ndarray:
    """Return the predictions: 1 where the probability is above 0.5, and 0 elsewhere.

    Args:
        parameters: a dict of W1, b1, W2 and b2.
        X: the inputs, (n_x, m).

    Returns:
        The decisions, (1, m), each 0 or 1.
    """
    A2, _ = forward_propagation(X, parameters)
    return (A2 > 0.5).astype(int)


def units_are_interchangeable(parameters: dict[str, np.ndarray], tolerance: float = 1e-9) -> bool:
    """Return whether all hidden units are equal, so that swapping any two changes nothing.

    A hidden unit is a row of W1, an entry of b1 and a column of W2. Numbers that differ by at most
    the tolerance count as equal.

    Args:
        parameters: a dict of W1, (n_h, n_x), b1, (n_h, 1), W2, (1, n_h), and b2, (1, 1).
        tolerance: how far apart two numbers may be.

    Returns:
        True or False.
    """
    units = np.hstack([parameters["W1"], parameters["b1"], parameters["W2"].T])
    return bool(np.all(np.ptp(units, axis=0) <= tolerance))


def mean_tanh_slope(Z: np.ndarray) -> float:
    """Return the share of a gradient that a tanh layer lets through: the mean slope 1 - tanh(z)².

    Args:
        Z: what comes into the layer, of any shape.

    Returns:
        The mean over all entries, a single number between 0 and 1.
    """
    return float(np.mean(1 - np.tanh(Z) ** 2))
