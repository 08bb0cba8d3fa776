"""Right answers in other forms: each must get full points.

An entry is a name and, for each function that is written another way, its source. The source may
define what it needs besides; `np` and `sigmoid` are there, as in the notebook.
"""

EQUIVALENTS: tuple[tuple[str, dict[str, str]], ...] = (
    (
        "caches_of_pairs_of_tuples",
        {
            "L_model_forward": """
def linear_activation_forward(A_prev, W, b, activation):
    Z = np.dot(W, A_prev) + b
    A = np.maximum(0, Z) if activation == "relu" else 1 / (1 + np.exp(-Z))
    return A, ((A_prev, W, b), Z)

def L_model_forward(X, parameters):
    caches = []
    A = X
    L = len(parameters) // 2
    for l in range(1, L):
        A_prev = A
        A, cache = linear_activation_forward(
            A_prev, parameters["W" + str(l)], parameters["b" + str(l)], "relu"
        )
        caches.append(cache)
    AL, cache = linear_activation_forward(
        A, parameters["W" + str(L)], parameters["b" + str(L)], "sigmoid"
    )
    caches.append(cache)
    assert AL.shape == (1, X.shape[1])
    return AL, caches
""",
            "L_model_backward": """
def linear_backward(dZ, cache):
    A_prev, W, b = cache
    m = A_prev.shape[1]
    dW = np.dot(dZ, A_prev.T) / m
    db = np.sum(dZ, axis=1, keepdims=True) / m
    return np.dot(W.T, dZ), dW, db

def L_model_backward(AL, Y, caches):
    grads = {}
    L = len(caches)
    Y = Y.reshape(AL.shape)
    dAL = -(np.divide(Y, AL) - np.divide(1 - Y, 1 - AL))
    linear_cache, Z = caches[L - 1]
    dZ = dAL * sigmoid(Z) * (1 - sigmoid(Z))
    dA, grads["dW" + str(L)], grads["db" + str(L)] = linear_backward(dZ, linear_cache)
    for l in reversed(range(L - 1)):
        linear_cache, Z = caches[l]
        dZ = np.array(dA, copy=True)
        dZ[Z <= 0] = 0
        grads["dA" + str(l + 1)] = dA
        dA, grads["dW" + str(l + 1)], grads["db" + str(l + 1)] = linear_backward(dZ, linear_cache)
    return grads
""",
            "activation_stds": """
def activation_stds(X, parameters):
    AL, caches = L_model_forward(X, parameters)
    stds = []
    for (A_prev, W, b), Z in caches[1:]:
        stds.append(np.std(A_prev))
    stds.append(np.std(AL))
    return stds
""",
        },
    ),
    (
        "caches_in_an_object_that_stays",
        {
            "L_model_forward": """
class Memory:
    def __init__(self):
        self.layers = []

def L_model_forward(X, parameters):
    memory, A = Memory(), X
    depth = sum(key.startswith("W") for key in parameters)
    for l in range(1, depth + 1):
        Z = parameters[f"W{l}"] @ A + parameters[f"b{l}"]
        memory.layers.append((parameters[f"W{l}"], A, Z))
        A = Z * (Z > 0) if l < depth else sigmoid(Z)
    return A, memory
""",
            "L_model_backward": """
def L_model_backward(AL, Y, caches):
    error, grads = (AL - Y) / Y.size, {}
    for l in range(len(caches.layers), 0, -1):
        W, A, Z = caches.layers[l - 1]
        if l < len(caches.layers):
            error = error * np.heaviside(Z, 0)
        grads[f"dW{l}"], grads[f"db{l}"] = error @ A.T, error.sum(axis=1, keepdims=True)
        error = W.T @ error
    return grads
""",
            "activation_stds": """
def activation_stds(X, parameters):
    _, memory = L_model_forward(X, parameters)
    return np.array([np.maximum(Z, 0).std() for _, _, Z in memory.layers[:-1]]
                    + [sigmoid(memory.layers[-1][2]).std()])
""",
        },
    ),
    (
        "caches_that_are_functions",
        {
            "L_model_forward": """
def L_model_forward(X, parameters):
    L, A, ways = len(parameters) // 2, X, []

    def way_back(W, A_prev, slope):
        def back(dA):
            dZ = dA * slope
            return W.T @ dZ, dZ @ A_prev.T, dZ.sum(axis=1, keepdims=True)
        return back

    for l in range(1, L + 1):
        W = parameters["W%d" % l]
        Z = W.dot(A) + parameters["b%d" % l]
        ways.append(way_back(W, A, (Z > 0).astype(float) if l < L else 1.0))
        A = Z.clip(min=0) if l < L else sigmoid(Z)
    return A, ways
""",
            "L_model_backward": """
def L_model_backward(AL, Y, caches):
    grads, dA = {}, (AL - Y) / Y.shape[1]
    for l, back in reversed(list(enumerate(caches, start=1))):
        dA, grads["dW%d" % l], grads["db%d" % l] = back(dA)
    return grads
""",
            "activation_stds": """
def activation_stds(X, parameters):
    stds, A, L = [], X, len(parameters) // 2
    for l in range(1, L + 1):
        Z = parameters["W%d" % l].dot(A) + parameters["b%d" % l]
        A = np.maximum(Z, 0) if l < L else sigmoid(Z)
        stds.append(A.std())
    return tuple(stds)
""",
        },
    ),
    (
        "caches_in_a_dict",
        {
            "L_model_forward": """
def L_model_forward(X, parameters):
    cache, L = {"A0": X}, len(parameters) // 2
    for l in range(1, L + 1):
        cache[f"W{l}"] = parameters[f"W{l}"]
        cache[f"Z{l}"] = np.einsum("ij,jk->ik", parameters[f"W{l}"], cache[f"A{l - 1}"])
        cache[f"Z{l}"] = cache[f"Z{l}"] + parameters[f"b{l}"]
        cache[f"A{l}"] = np.where(cache[f"Z{l}"] > 0, cache[f"Z{l}"], 0.0)
    cache[f"A{L}"] = (1 + np.tanh(cache[f"Z{L}"] / 2)) / 2
    return cache[f"A{L}"], cache
""",
            "L_model_backward": """
def L_model_backward(AL, Y, caches):
    L, m = sum(key[0] == "W" for key in caches), AL.shape[1]
    grads, dZ = {}, np.subtract(AL, Y)
    while L:
        grads[f"dW{L}"] = np.einsum("im,jm->ij", dZ, caches[f"A{L - 1}"]) / m
        grads[f"db{L}"] = np.mean(dZ, axis=1)[:, None]
        dZ = (caches[f"W{L}"].T @ dZ) * np.sign(caches[f"A{L - 1}"]) ** 2
        dZ = np.where(caches[f"A{L - 1}"] > 0, dZ, 0)
        L -= 1
    return grads
""",
            "activation_stds": """
def activation_stds(X, parameters):
    cache = L_model_forward(X, parameters)[1]
    return [cache[f"A{l}"].std() for l in range(1, len(parameters) // 2 + 1)]
""",
        },
    ),
    (
        "single_precision",
        {
            "initialize_parameters_zeros": """
def initialize_parameters_zeros(layer_dims):
    return {
        f"{kind}{l}": np.zeros((layer_dims[l], layer_dims[l - 1] if kind == "W" else 1), np.float32)
        for l in range(1, len(layer_dims)) for kind in "Wb"
    }
""",
            "initialize_parameters_random": """
rng = np.random.default_rng()

def initialize_parameters_random(layer_dims, scale=0.01):
    start = {}
    for l, (n, n_prev) in enumerate(zip(layer_dims[1:], layer_dims[:-1]), start=1):
        start[f"W{l}"] = np.float32(scale) * rng.standard_normal((n, n_prev), dtype=np.float32)
        start[f"b{l}"] = np.zeros((n, 1), np.float32)
    return start
""",
            "initialize_parameters_he": """
def initialize_parameters_he(layer_dims):
    rng, start = np.random.default_rng(), {}
    for l, (n_prev, n) in enumerate(zip(layer_dims, layer_dims[1:]), start=1):
        W = rng.standard_normal((n, n_prev), dtype=np.float32) * np.float32((2 / n_prev) ** 0.5)
        start |= {f"W{l}": W, f"b{l}": np.zeros((n, 1), np.float32)}
    return start
""",
            "L_model_forward": """
def L_model_forward(X, parameters):
    A, caches, L = np.float32(X), [], len(parameters) // 2
    for l in range(1, L + 1):
        W, b = np.float32(parameters[f"W{l}"]), np.float32(parameters[f"b{l}"])
        Z = W @ A + b
        caches.append((A, W, Z))
        A = sigmoid(Z) if l == L else np.maximum(Z, np.float32(0))
    return A, caches
""",
            "L_model_backward": """
def L_model_backward(AL, Y, caches):
    dZ, grads = (AL - np.float32(Y)) / np.float32(Y.size), {}
    for l in range(len(caches), 0, -1):
        A, W, Z = caches[l - 1]
        if l < len(caches):
            dZ = dZ * (Z > 0)
        grads[f"dW{l}"], grads[f"db{l}"] = dZ @ A.T, dZ.sum(1, keepdims=True)
        dZ = W.T @ dZ
    return grads
""",
            "activation_stds": """
def activation_stds(X, parameters):
    AL, caches = L_model_forward(X, parameters)
    return [np.std(A) for A, _, _ in caches[1:]] + [np.std(AL)]
""",
        },
    ),
    (
        "legacy_normal",
        {
            "initialize_parameters_zeros": """
def initialize_parameters_zeros(layer_dims):
    parameters = {}
    L = len(layer_dims)
    for l in range(1, L):
        parameters["W" + str(l)] = np.zeros((layer_dims[l], layer_dims[l - 1]), dtype=int)
        parameters["b" + str(l)] = np.zeros((layer_dims[l], 1))
        assert parameters["W" + str(l)].shape == (layer_dims[l], layer_dims[l - 1])
    return parameters
""",
            "initialize_parameters_random": """
def initialize_parameters_random(layer_dims, scale=0.01, seed=None):
    if seed is not None:
        np.random.seed(seed)
    return {
        **{f"W{l}": np.random.normal(0, scale, (layer_dims[l], layer_dims[l - 1]))
           for l in range(1, len(layer_dims))},
        **{f"b{l}": np.zeros((layer_dims[l], 1)) for l in range(1, len(layer_dims))},
    }
""",
            "initialize_parameters_he": """
def initialize_parameters_he(layers_dims):
    parameters = {}
    L = len(layers_dims) - 1
    for l in range(1, L + 1):
        parameters["W" + str(l)] = np.random.randn(layers_dims[l], layers_dims[l - 1]) * np.sqrt(
            2.0 / layers_dims[l - 1]
        )
        parameters["b" + str(l)] = np.zeros((layers_dims[l], 1))
    return parameters
""",
        },
    ),
    (
        "one_start_for_all",
        {
            "initialize_parameters_zeros": """
def start(layer_dims, draw):
    parameters = {}
    for l in range(1, len(layer_dims)):
        fan_out, fan_in = layer_dims[l], layer_dims[l - 1]
        parameters["W%i" % l] = draw(fan_out, fan_in)
        parameters["b%i" % l] = np.zeros((fan_out, 1))
    return parameters

def initialize_parameters_zeros(layer_dims):
    return start(layer_dims, lambda n, m: np.zeros((n, m)))
""",
            "initialize_parameters_random": """
def initialize_parameters_random(layer_dims, scale=0.01):
    return start(layer_dims, lambda n, m: scale * np.random.standard_normal((n, m)))
""",
            "initialize_parameters_he": """
def initialize_parameters_he(layer_dims):
    return start(layer_dims, lambda n, m: np.random.standard_normal((n, m)) / np.sqrt(m / 2))
""",
        },
    ),
    (
        "a_start_that_is_scaled_afterwards",
        {
            "initialize_parameters_he": """
def initialize_parameters_he(layer_dims):
    parameters = initialize_parameters_random(layer_dims, 1.0)
    for l, fan_in in enumerate(layer_dims[:-1], start=1):
        parameters[f"W{l}"] *= (2 / fan_in) ** 0.5
    return parameters
""",
        },
    ),
    (
        "he_by_variance_and_a_state",
        {
            "initialize_parameters_he": """
state = np.random.RandomState(11)

def initialize_parameters_he(layer_dims):
    result = dict()
    for l in range(len(layer_dims) - 1):
        variance = 2.0 / layer_dims[l]
        W = state.normal(loc=0.0, scale=np.sqrt(variance), size=(layer_dims[l + 1], layer_dims[l]))
        result.update({f"W{l + 1}": W, f"b{l + 1}": np.zeros_like(W[:, :1])})
    return result
""",
        },
    ),
    (
        "gaussians_of_the_standard_library",
        {
            "initialize_parameters_random": """
import random

def initialize_parameters_random(layer_dims, scale=0.01):
    parameters = {}
    for l in range(1, len(layer_dims)):
        rows, columns = layer_dims[l], layer_dims[l - 1]
        draws = [random.gauss(0, scale) for _ in range(rows * columns)]
        parameters[f"W{l}"] = np.reshape(draws, (rows, columns))
        parameters[f"b{l}"] = np.array([[0.0]] * rows)
    return parameters
""",
        },
    ),
    (
        "transposed_draws",
        {
            "initialize_parameters_random": """
def initialize_parameters_random(layer_dims, scale=0.01):
    parameters = {}
    for l in range(1, len(layer_dims)):
        parameters[f"b{l}"] = np.zeros((layer_dims[l], 1), order="F")
        parameters[f"W{l}"] = (np.random.randn(layer_dims[l - 1], layer_dims[l]) * scale).T
    return parameters
""",
        },
    ),
    (
        "loops_over_examples",
        {
            "L_model_forward": """
def L_model_forward(X, parameters):
    L, columns, caches = len(parameters) // 2, [], []
    for x in X.T:
        a, passes = x, []
        for l in range(1, L + 1):
            z = parameters[f"W{l}"] @ a + parameters[f"b{l}"][:, 0]
            passes.append([a, parameters[f"W{l}"], z])
            a = np.array([max(0.0, each) for each in z]) if l < L else sigmoid(z)
        columns.append(a)
        caches.append(passes)
    return np.column_stack(columns), caches
""",
            "L_model_backward": """
def L_model_backward(AL, Y, caches):
    grads = {}
    for i, passes in enumerate(caches):
        dz = AL[:, i] - Y[:, i]
        for l in range(len(passes), 0, -1):
            a, W, z = passes[l - 1]
            if l < len(passes):
                dz = dz * (z > 0)
            grads[f"dW{l}"] = grads.get(f"dW{l}", 0) + np.outer(dz, a) / len(caches)
            grads[f"db{l}"] = grads.get(f"db{l}", 0) + dz.reshape(-1, 1) / len(caches)
            dz = W.T @ dz
    return grads
""",
            "activation_stds": """
def activation_stds(X, parameters):
    stds = []
    for l in range(1, len(parameters) // 2 + 1):
        X = parameters[f"W{l}"] @ X + parameters[f"b{l}"]
        X = (abs(X) + X) / 2 if l < len(parameters) // 2 else sigmoid(X)
        stds.append(np.std(X, ddof=1))
    return stds
""",
        },
    ),
    (
        "recursion",
        {
            "L_model_forward": """
def L_model_forward(X, parameters, l=1):
    Z = parameters[f"W{l}"] @ X + parameters[f"b{l}"]
    if f"W{l + 1}" not in parameters:
        return sigmoid(Z), [(X, parameters[f"W{l}"])]
    AL, rest = L_model_forward(np.maximum(0, Z), parameters, l + 1)
    return AL, [(X, parameters[f"W{l}"]), *rest]
""",
            "L_model_backward": """
def L_model_backward(AL, Y, caches):
    grads, dZ = {}, AL - Y
    for l, (A, W) in zip(range(len(caches), 0, -1), caches[::-1]):
        grads["dW" + str(l)] = dZ @ A.T / Y.size
        grads["db" + str(l)] = dZ.mean(axis=1).reshape(-1, 1)
        dZ = (W.T @ dZ) * (A > 0)
    return grads
""",
            "activation_stds": """
from statistics import pstdev

def activation_stds(X, parameters):
    AL, caches = L_model_forward(X, parameters)
    layers = [A for A, W in caches] + [AL]
    return list(map(lambda A: pstdev(A.ravel().tolist()), layers[1:]))
""",
        },
    ),
    (
        "further_settings",
        {
            "L_model_forward": """
def L_model_forward(X, parameters, *, activation=np.positive, keep=True):
    keys = sorted(parameters, key=lambda key: (len(key), key))  # W10 comes after W9
    weights = [parameters[key] for key in keys if key[0] == "W"]
    biases = [parameters[key] for key in keys if key[0] == "b"]
    A, caches = X, []
    for place, (W, b) in enumerate(zip(weights, biases)):
        Z = np.add(W @ A, b)
        caches.append({"in": A, "W": W, "Z": Z, "last": place == len(weights) - 1})
        A = sigmoid(Z) if caches[-1]["last"] else np.fmax(Z, 0)
    return [A, tuple(caches)]
""",
            "L_model_backward": """
def L_model_backward(AL, Y, caches, decay=0.0):
    grads, dA = {}, None
    for l in range(len(caches), 0, -1):
        cache = caches[l - 1]
        dZ = (AL - Y) / AL.shape[1] if cache["last"] else np.where(cache["Z"] > 0, dA, 0.0)
        grads[f"dW{l}"] = dZ @ cache["in"].T + decay * cache["W"]
        grads[f"db{l}"] = dZ @ np.ones((AL.shape[1], 1))
        dA = cache["W"].T @ dZ
        grads[f"dA{l - 1}"] = dA
    return grads
""",
            "activation_stds": """
def activation_stds(X, parameters):
    AL, caches = L_model_forward(X, parameters)
    layers = [cache["in"] for cache in caches[1:]] + [AL]
    return [np.sqrt(np.mean((A - A.mean()) ** 2)) for A in layers]
""",
        },
    ),
    (
        "an_error_that_is_divided_first",
        {
            "L_model_backward": """
def L_model_backward(AL, Y, caches):
    grads = dict()
    delta = (AL - Y) / AL.shape[1]
    for l in reversed(range(1, len(caches) + 1)):
        below = caches[l - 1]["A_prev"]
        grads["dW" + str(l)] = np.matmul(delta, np.transpose(below))
        grads["db" + str(l)] = np.sum(delta, 1).reshape((-1, 1))
        delta = np.matmul(np.transpose(caches[l - 1]["W"]), delta)
        delta = np.multiply(delta, np.int64(below > 0))
    return grads
""",
        },
    ),
    (
        "lambdas_and_objects",
        {
            "initialize_parameters_zeros": """
initialize_parameters_zeros = lambda dims: {
    kind + str(l): np.zeros((dims[l], dims[l - 1] if kind == "W" else 1))
    for l in range(1, len(dims))
    for kind in ("W", "b")
}
""",
            "initialize_parameters_he": """
class Start:
    gain = 2

    def __call__(self, layer_dims):
        pairs = zip(layer_dims[1:], layer_dims)
        out = {}
        for l, pair in enumerate(pairs, 1):
            out[f"W{l}"] = np.random.normal(scale=np.sqrt(self.gain / pair[1]), size=pair)
            out[f"b{l}"] = np.zeros((pair[0], 1))
        return out

initialize_parameters_he = Start()
""",
            "activation_stds": """
from functools import partial

def look(measure, X, parameters):
    seen, L = [], len(parameters) // 2
    for l in range(1, L + 1):
        X = np.dot(parameters[f"W{l}"], X) + parameters[f"b{l}"]
        X = np.maximum(X, 0) if l != L else sigmoid(X)
        seen.append(measure(X))
    return np.array(seen)

activation_stds = partial(look, np.std)
""",
        },
    ),
    (
        "a_sigmoid_of_its_own_and_dots",
        {
            "L_model_forward": """
def relu(Z):
    return np.maximum(Z, np.zeros_like(Z))

def L_model_forward(X, parameters):
    L, A, caches = max(int(key[1:]) for key in parameters), np.array(X), {}
    for l in range(1, L + 1):
        caches[l] = A, parameters["W{}".format(l)], None
        Z = caches[l][1].dot(A) + parameters["b{}".format(l)]
        A = relu(Z) if l < L else 0.5 * (1 + np.tanh(0.5 * Z))
    return A, caches
""",
            "L_model_backward": """
def L_model_backward(AL, Y, caches):
    dZ, grads = AL - Y, {}
    for l in sorted(caches, reverse=True):
        A, W, _ = caches[l]
        grads.update({f"dW{l}": dZ.dot(A.T) / Y.size, f"db{l}": dZ.mean(axis=1, keepdims=True)})
        dZ = np.where(A > 0, W.T.dot(dZ), 0)
    return grads
""",
            "activation_stds": """
def activation_stds(X, parameters):
    AL, caches = L_model_forward(X, parameters)
    layers = [caches[l][0] for l in range(2, len(caches) + 1)]
    return tuple(float(A.std()) for A in (*layers, AL))
""",
        },
    ),
    (
        "biases_as_weights_of_a_constant_unit",
        {
            "L_model_forward": """
def L_model_forward(X, parameters):
    L, one, caches, A = len(parameters) // 2, np.ones((1, X.shape[1])), [], X
    for l in range(1, L + 1):
        both, extended = np.hstack([parameters[f"W{l}"], parameters[f"b{l}"]]), np.vstack([A, one])
        Z = both @ extended
        caches.append([both, extended, Z])
        A = Z.clip(0) if l < L else sigmoid(Z)
    return A, caches
""",
            "L_model_backward": """
def L_model_backward(AL, Y, caches):
    grads, dZ = {}, (AL - Y) / Y.size
    for l in range(len(caches) - 1, -1, -1):
        both, extended, _ = caches[l]
        together = dZ @ extended.T
        grads[f"dW{l + 1}"], grads[f"db{l + 1}"] = together[:, :-1], together[:, -1:]
        if l:
            dZ = (both[:, :-1].T @ dZ) * (caches[l - 1][2] > 0)
    return grads
""",
            "activation_stds": """
def activation_stds(X, parameters):
    AL, caches = L_model_forward(X, parameters)
    return [np.std(extended[:-1]) for _, extended, _ in caches[1:]] + [np.std(AL)]
""",
        },
    ),
    (
        "gaussians_from_uniform_numbers",
        {
            "initialize_parameters_he": """
def gaussians(rows, columns):
    radius = np.sqrt(-2 * np.log(1 - np.random.rand(rows, columns)))
    return radius * np.cos(2 * np.pi * np.random.rand(rows, columns))

def initialize_parameters_he(layer_dims):
    parameters = {}
    for l, (fan_in, fan_out) in enumerate(zip(layer_dims[:-1], layer_dims[1:]), 1):
        parameters["W" + str(l)] = gaussians(fan_out, fan_in) * (fan_in / 2) ** -0.5
        parameters["b" + str(l)] = np.zeros((fan_out, 1))
    return parameters
""",
        },
    ),
    (
        "one_draw_cut_into_layers",
        {
            "initialize_parameters_random": """
def initialize_parameters_random(layer_dims, scale=0.01):
    sizes = [layer_dims[l] * layer_dims[l - 1] for l in range(1, len(layer_dims))]
    pieces = np.split(scale * np.random.randn(sum(sizes)), np.cumsum(sizes)[:-1])
    parameters = {}
    for l, piece in enumerate(pieces, start=1):
        parameters[f"W{l}"] = piece.reshape(layer_dims[l], layer_dims[l - 1])
        parameters[f"b{l}"] = np.zeros((layer_dims[l], 1))
    return parameters
""",
        },
    ),
    (
        "layers_while_there_are_any",
        {
            "L_model_forward": """
def L_model_forward(X, parameters):
    l, A, history = 1, X, [X]
    while f"W{l}" in parameters:
        Z = parameters[f"W{l}"] @ A + parameters[f"b{l}"]
        last = f"W{l + 1}" not in parameters
        A = sigmoid(Z) if last else np.abs(Z) / 2 + Z / 2
        history.append(A)
        l += 1
    return A, {"history": history, "parameters": parameters}
""",
            "L_model_backward": """
def L_model_backward(AL, Y, caches):
    history, parameters, grads = caches["history"], caches["parameters"], {}
    delta = AL - Y
    for l in reversed(range(1, len(history))):
        grads[f"dW{l}"] = np.tensordot(delta, history[l - 1], axes=(1, 1)) / Y.shape[1]
        grads[f"db{l}"] = np.average(delta, axis=1).reshape(-1, 1)
        delta = (parameters[f"W{l}"].T @ delta) * np.sign(np.maximum(history[l - 1], 0))
    return grads
""",
            "activation_stds": """
def activation_stds(X, parameters):
    return [np.std(A) for A in L_model_forward(X, parameters)[1]["history"][1:]]
""",
        },
    ),
)
