"""Deep networks of relu layers with a sigmoid output, and four ways to start them.

Examples are columns: X is (n_0, m) and Y is (1, m). `layer_dims` lists how many units each layer
has, from the inputs n_0 to the outputs n_L; layer l has the weights Wl, (n_l, n_(l-1)), and the
biases bl, (n_l, 1).
"""

import numpy as np


def sigmoid(z: np.ndarray) -> np.ndarray:
    """Return the sigmoid 1 / (1 + e^-z) of every entry, without overflow for large |z|."""
    e = np.exp(-np.abs(z))  # at most 1, so that nothing overflows
    s: np.ndarray = np.where(z >= 0, 1, e) / (1 + e)
    return s


def initialize_parameters_zeros(layer_dims: list[int]) -> dict[str, np.ndarray]:
    """Initialize a deep network with zeros only.

    Args:
        layer_dims: how many units each layer has, the inputs first.

    Returns:
        A dict of W1 and b1 to WL and bL, of the shapes (n_l, n_(l-1)) and (n_l, 1).
    """
    parameters = {}
    for l in range(1, len(layer_dims)):
        parameters[f"W{l}"] = np.zeros((layer_dims[l], layer_dims[l - 1]))
        parameters[f"b{l}"] = np.zeros((layer_dims[l], 1))
    return parameters


def initialize_parameters_random(
    layer_dims: list[int], scale: float = 0.01
) -> dict[str, np.ndarray]:
    """Initialize a deep network with random weights of one scale in all layers and zero biases.

    Every weight is a draw of its own from a Gaussian of mean 0, and every call draws anew.

    Args:
        layer_dims: how many units each layer has, the inputs first.
        scale: the standard deviation of the weights.

    Returns:
        A dict of W1 and b1 to WL and bL, of the shapes (n_l, n_(l-1)) and (n_l, 1).
    """
    parameters = {}
    for l in range(1, len(layer_dims)):
        parameters[f"W{l}"] = np.random.randn(layer_dims[l], layer_dims[l - 1]) * scale
        parameters[f"b{l}"] = np.zeros((layer_dims[l], 1))
    return parameters


def initialize_parameters_he(layer_dims: list[int]) -> dict[str, np.ndarray]:
    """Initialize a deep network as He does: the more inputs a layer has, the smaller its weights.

    Every weight is a draw of its own from a Gaussian of mean 0, whose standard deviation is the
    root of 2 over the number of units that feed the layer; that goes for all layers, first and
    last. Biases are zero, and every call draws anew.

    Args:
        layer_dims: how many units each layer has, the inputs first.

    Returns:
        A dict of W1 and b1 to WL and bL, of the shapes (n_l, n_(l-1)) and (n_l, 1).
    """
    parameters = {}
    for l in range(1, len(layer_dims)):
        scale = np.sqrt(2 / layer_dims[l - 1])
        parameters[f"W{l}"] = np.random.randn(layer_dims[l], layer_dims[l - 1]) * scale
        parameters[f"b{l}"] = np.zeros((layer_dims[l], 1))
    return parameters


def L_model_forward(
    X: np.ndarray, parameters: dict[str, np.ndarray]
) -> tuple[np.ndarray, list[dict[str, np.ndarray]]]:
    """Return the network's output and the caches that backward propagation needs.

    Every layer takes Zl = Wl·A(l-1) + bl, with A0 = X. Then the hidden layers take the relu,
    max(0, z) entry by entry, and the last layer takes the sigmoid.

    Args:
        X: the inputs, (n_0, m).
        parameters: a dict of W1 and b1 to WL and bL, and of nothing else.

    Returns:
        AL, (1, m), how probable a 1 is for each example, and the caches: of whatever form you like,
        for only your own `L_model_backward` reads them.
    """
    L = len(parameters) // 2
    A, caches = X, []
    for l in range(1, L + 1):
        A_prev, W, b = A, parameters[f"W{l}"], parameters[f"b{l}"]
        Z = W @ A_prev + b
        A = np.maximum(0, Z) if l < L else sigmoid(Z)
        caches.append({"A_prev": A_prev, "W": W, "Z": Z})
    return A, caches


def L_model_backward(
    AL: np.ndarray, Y: np.ndarray, caches: list[dict[str, np.ndarray]]
) -> dict[str, np.ndarray]:
    """Return the gradient of the cross-entropy, averaged over the examples, for each parameter.

    The error dZL of the last layer is what it answers minus the label. From layer to layer the
    error goes back through the weights, Wᵀ·dZ, and where a hidden layer's z is negative nothing
    gets through: the slope of the relu is 1 or 0. A layer's dW is its dZ times the transpose of
    what came into the layer, its db is its dZ, and both are averaged over the examples.

    Args:
        AL: what `L_model_forward` answered, (1, m).
        Y: the labels, (1, m).
        caches: what `L_model_forward` kept.

    Returns:
        A dict of dW1 and db1 to dWL and dbL, each of the shape of its parameter.
    """
    L, m = len(caches), Y.shape[1]
    grads, dZ = {}, AL - Y
    for l in range(L, 0, -1):
        A_prev, W = caches[l - 1]["A_prev"], caches[l - 1]["W"]
        grads[f"dW{l}"] = dZ @ A_prev.T / m
        grads[f"db{l}"] = np.sum(dZ, axis=1, keepdims=True) / m
        if l > 1:
            dZ = W.T @ dZ * (caches[l - 2]["Z"] > 0)
    return grads


def activation_stds(X: np.ndarray, parameters: dict[str, np.ndarray]) -> list[float]:
    """Return the standard deviation of each layer's activations: how far the signal gets.

    Args:
        X: the inputs, (n_0, m).
        parameters: a dict of W1 and b1 to WL and bL.

    Returns:
        L numbers, for A1 to AL: the standard deviation over all units of a layer and all examples.
    """
    AL, caches = L_model_forward(X, parameters)
    activations = [cache["A_prev"] for cache in caches[1:]] + [AL]
    return [float(np.std(A)) for A in activations]
