"""Logistic regression, started at zero and trained by gradient descent.

Examples are columns: X is (n_x, m) and Y is (1, m), for n_x numbers about each of m examples. The
weights are a column w, (n_x, 1), and the bias b is a single number.
"""

import numpy as np


def sigmoid(z: np.ndarray) -> np.ndarray:
    """Return the sigmoid 1 / (1 + e^-z) of every entry, without overflow for large |z|.

    Args:
        z: a number, or an array of any shape.

    Returns:
        What it is for each entry, in the shape of z, between 0 and 1.
    """
    e = np.exp(-np.abs(z))  # at most 1, so that nothing overflows
    s: np.ndarray = np.where(z >= 0, 1, e) / (1 + e)
    return s


def initialize_with_zeros(dim: int) -> tuple[np.ndarray, float]:
    """Initialize the model with zeros.

    Args:
        dim: how many features there are.

    Returns:
        The weights w, a column of shape (dim, 1), and the bias b, a single number.
    """
    w = np.zeros((dim, 1))
    b = 0.0
    return w, b


def propagate(
    w: np.ndarray, b: float, X: np.ndarray, Y: np.ndarray
) -> tuple[dict[str, np.ndarray], float]:
    """One pass forward, for the cost, and back, for its gradients.

    Forward, each example gets its score wᵀx + b, and A is the sigmoid of the scores. The cost is
    the cross-entropy, averaged over the examples: -(y log a + (1 - y) log(1 - a)) is that of one,
    with the natural logarithm.

    Back, the error of an example is a - y. The gradient dw is the average of the features, each
    example's times its error, and db is the average of the errors.

    Args:
        w: the weights, (n_x, 1).
        b: the bias, a number.
        X: the examples, (n_x, m).
        Y: their labels, (1, m), each 0 or 1.

    Returns:
        The gradients, a dict of dw, (n_x, 1), and db, a number; and the cost, a number.
    """
    m = X.shape[1]
    A = sigmoid(w.T @ X + b)
    P = np.clip(A.astype(float), 1e-15, 1 - 1e-15)  # log(0) is no number to go on with
    cost = float(-np.mean(Y * np.log(P) + (1 - Y) * np.log(1 - P)))
    dZ = A - Y
    dw = X @ dZ.T / m
    db = np.sum(dZ) / m
    return {"dw": dw, "db": db}, cost


def optimize(
    w: np.ndarray,
    b: float,
    X: np.ndarray,
    Y: np.ndarray,
    num_iterations: int = 100,
    learning_rate: float = 0.009,
    print_cost: bool = False,
) -> tuple[dict[str, np.ndarray | float], dict[str, np.ndarray], list[float]]:
    """Trains the model: takes steps of gradient descent on all of the examples.

    In a step, w and b move against their gradients, as far as the learning rate times the gradient.
    What was given stays as it was.

    Args:
        w: the weights to start from, (n_x, 1).
        b: the bias to start from, a number.
        X: the examples, (n_x, m).
        Y: their labels, (1, m).
        num_iterations: how many steps to take, one at least.
        learning_rate: how far a step goes.
        print_cost: whether to print the cost every 100 steps.

    Returns:
        The parameters after the last step, a dict of w and b; the gradients that were computed
        last, a dict of dw and db; and the costs, a list: that at the start comes first, then, in
        their order, those that were seen every 100 steps (or more often, if you like).
    """
    costs = []
    for i in range(num_iterations):
        grads, cost = propagate(w, b, X, Y)
        if i % 100 == 0:
            costs.append(cost)
            if print_cost:
                print(f"Cost after {i} steps: {cost:.6f}")  # noqa: T201  # asked for
        w = w - learning_rate * grads["dw"]
        b = float(b - learning_rate * grads["db"])
    return {"w": w, "b": b}, grads, costs


def predict(w: np.ndarray, b: float, X: np.ndarray) -> np.ndarray:
    """Return the predictions: 1 where the probability is above 0.5, and 0 elsewhere.

    Args:
        w: the weights, (n_x, 1).
        b: the bias, a number.
        X: the examples, (n_x, m).

    Returns:
        The decisions, (1, m), each 0 or 1.
    """
    A = sigmoid(w.T @ X + b)
    return (A > 0.5).astype(int)
