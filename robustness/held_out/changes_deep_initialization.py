"""Wrong answers to deep initialization as students write them: one change to a right answer each.

Each entry is the function, what is replaced by what, the cause, and a pattern of true sentences.
"""

BASES = {
    "initialize_parameters_zeros": """def initialize_parameters_zeros(layer_dims):
    parameters = {}
    L = len(layer_dims)
    for l in range(1, L):
        parameters["W" + str(l)] = np.zeros((layer_dims[l], layer_dims[l - 1]))
        parameters["b" + str(l)] = np.zeros((layer_dims[l], 1))
    return parameters
""",
    "initialize_parameters_random": """def initialize_parameters_random(layer_dims, scale=0.01):
    parameters = {}
    L = len(layer_dims)
    for l in range(1, L):
        parameters["W" + str(l)] = np.random.randn(layer_dims[l], layer_dims[l - 1]) * scale
        parameters["b" + str(l)] = np.zeros((layer_dims[l], 1))
    return parameters
""",
    "initialize_parameters_he": """def initialize_parameters_he(layer_dims):
    parameters = {}
    L = len(layer_dims)
    for l in range(1, L):
        std = np.sqrt(2 / layer_dims[l - 1])
        parameters["W" + str(l)] = np.random.randn(layer_dims[l], layer_dims[l - 1]) * std
        parameters["b" + str(l)] = np.zeros((layer_dims[l], 1))
    return parameters
""",
    "L_model_forward": """def L_model_forward(X, parameters):
    caches = []
    A = X
    L = len(parameters) // 2
    for l in range(1, L):
        A_prev = A
        W = parameters["W" + str(l)]
        b = parameters["b" + str(l)]
        Z = np.dot(W, A_prev) + b
        A = np.maximum(0, Z)
        caches.append((A_prev, W, Z))
    W = parameters["W" + str(L)]
    b = parameters["b" + str(L)]
    Z = np.dot(W, A) + b
    caches.append((A, W, Z))
    AL = 1 / (1 + np.exp(-Z))
    return AL, caches
""",
    "L_model_backward": """def L_model_backward(AL, Y, caches):
    grads = {}
    L = len(caches)
    m = Y.shape[1]
    dZ = AL - Y
    for l in reversed(range(1, L + 1)):
        A_prev, W, Z = caches[l - 1]
        grads["dW" + str(l)] = np.dot(dZ, A_prev.T) / m
        grads["db" + str(l)] = np.sum(dZ, axis=1, keepdims=True) / m
        if l > 1:
            dA = np.dot(W.T, dZ)
            dZ = dA * (caches[l - 2][2] > 0)
    return grads
""",
    "activation_stds": """def activation_stds(X, parameters):
    stds = []
    A = X
    L = len(parameters) // 2
    for l in range(1, L + 1):
        Z = parameters["W" + str(l)] @ A + parameters["b" + str(l)]
        if l == L:
            A = 1 / (1 + np.exp(-Z))
        else:
            A = np.maximum(Z, 0)
        stds.append(np.std(A))
    return stds
""",
}

_FORWARD, _BACKWARD = "L_model_forward", "L_model_backward"
_ZEROS, _RANDOM, _HE = (f"initialize_parameters_{each}" for each in ("zeros", "random", "he"))

CHANGES = (
    (_ZEROS, "range(1, L)", "range(1, L - 1)", "last layer missing", "missing|last"),
    (_ZEROS, "range(1, L)", "range(L - 1)", "counted from 0", "W0|keys|0|missing"),
    (_ZEROS, "(layer_dims[l], layer_dims[l - 1])", "(layer_dims[l - 1], layer_dims[l])", "transposed", "shape|transpos|exchang"),
    (_ZEROS, "(layer_dims[l], 1)", "(1, layer_dims[l])", "b a row", "b.*(shape|transpos|row)"),
    (_ZEROS, "(layer_dims[l], 1)", "layer_dims[l]", "b flat", "b.*shape|shape.*b"),
    (_ZEROS, "= np.zeros((layer_dims[l], l", "= np.ones((layer_dims[l], l", "ones", "W1.*1|zero"),
    (_ZEROS, '"W" + str(l)', '"w" + str(l)', "lower keys", "w1|keys"),
    (_ZEROS, "    return parameters", "        return parameters", "return in loop", "return|loop"),
    (_ZEROS, '"b" + str(l)', '"B" + str(l)', "B", "B1|keys"),
    (_RANDOM, " * scale", "", "no scale", "scale|never reads"),
    (_RANDOM, " * scale", " * 0.01", "scale fixed", "scale"),
    (_RANDOM, " * scale", " / scale", "divided", "scale|times|divid|depend"),
    (_RANDOM, "scale=0.01", "scale=0.1", "default", "default"),
    (_RANDOM, "scale=0.01", "scale=1", "default 1", "default"),
    (_RANDOM, "randn(layer_dims[l], layer_dims[l - 1])", "rand(layer_dims[l], layer_dims[l - 1])", "rand", "negative|uniform|evenly"),
    (_RANDOM, "np.zeros((layer_dims[l], 1))", "np.random.randn(layer_dims[l], 1) * scale", "b random", "b1.*zero|biases.*0"),
    (_RANDOM, "np.zeros((layer_dims[l], 1))", "np.ones((layer_dims[l], 1))", "b ones", "b1.*(1|zero)"),
    (_RANDOM, "    L = ", "    np.random.seed(1)\n    L = ", "seed", "seed|every call"),
    (_RANDOM, "range(1, L)", "range(1, L - 1)", "last layer", "missing|last"),
    (_RANDOM, " * scale", " * scale / np.sqrt(layer_dims[l - 1])", "he too", "size|inputs|otherwise|layer"),
    (_HE, "np.sqrt(2 / layer_dims[l - 1])", "np.sqrt(1 / layer_dims[l - 1])", "1 for 2", "standard dev|0\\.7|2"),
    (_HE, "np.sqrt(2 / layer_dims[l - 1])", "2 / layer_dims[l - 1]", "no root", "root|standard dev"),
    (_HE, "np.sqrt(2 / layer_dims[l - 1])", "np.sqrt(2 / layer_dims[l])", "outputs", "units of the layer itself|otherwise|fed|size|standard dev"),
    (_HE, "np.sqrt(2 / layer_dims[l - 1])", "np.sqrt(2 / layer_dims[0])", "first layer", "inputs of the network|otherwise|first|size|standard"),
    (_HE, "np.sqrt(2 / layer_dims[l - 1])", "np.sqrt(2 / (layer_dims[l] + layer_dims[l - 1]))", "Glorot", "otherwise|Glorot|Xavier|size|both|standard"),
    (_HE, "np.sqrt(2 / layer_dims[l - 1])", "np.sqrt(2) / layer_dims[l - 1]", "root of 2 alone", "root|otherwise|standard"),
    (_HE, "np.sqrt(2 / layer_dims[l - 1])", "np.sqrt(layer_dims[l - 1] / 2)", "reciprocal", "upside down|otherwise|revers|one over|standard"),
    (_HE, " * std", " * std * 0.01", "0.01 too", "0\\.01|standard"),
    (_HE, "np.sqrt(2 / layer_dims[l - 1])", "np.sqrt(2 // layer_dims[l - 1])", "floor division", "zero|//|whole"),
    (_HE, "np.random.randn(layer_dims[l], layer_dims[l - 1]) * std", "np.random.uniform(-std, std, (layer_dims[l], layer_dims[l - 1]))", "uniform", "evenly|uniform"),
    (_FORWARD, "np.maximum(0, Z)", "np.tanh(Z)", "tanh", "tanh"),
    (_FORWARD, "np.maximum(0, Z)", "np.abs(Z)", "abs", "absolute|relu"),
    (_FORWARD, "np.maximum(0, Z)", "Z", "no relu", "relu|no activation"),
    (_FORWARD, "np.maximum(0, Z)", "np.where(Z > 0, Z, 0.01 * Z)", "leaky", "leaky|relu"),
    (_FORWARD, "np.maximum(0, Z)", "1 / (1 + np.exp(-Z))", "sigmoid", "sigmoid"),
    (_FORWARD, "AL = 1 / (1 + np.exp(-Z))", "AL = np.maximum(0, Z)", "relu at the output", "relu|sigmoid"),
    (_FORWARD, "AL = 1 / (1 + np.exp(-Z))", "AL = Z", "no sigmoid", "sigmoid"),
    (_FORWARD, "np.exp(-Z)", "np.exp(Z)", "sign", "1 minus|sign"),
    (_FORWARD, "np.dot(W, A_prev) + b", "np.dot(W, A_prev)", "no b in hidden layers", "b1|bias|\\bb\\b"),
    (_FORWARD, "Z = np.dot(W, A) + b", "Z = np.dot(W, A)", "no b in the last layer", "bias|\\bb"),
    (_FORWARD, "range(1, L)", "range(1, L - 1)", "a hidden layer skipped", "layer|skip|shape|exception|mult"),
    (_FORWARD, "A_prev = A\n", "A_prev = X\n", "X in every layer", "X\\b|layer|shape|exception"),
    (_FORWARD, "return AL, caches", "return AL", "caches", "only|cache|missing"),
    (_FORWARD, "return AL, caches", "return caches, AL", "order", "order"),
    (_FORWARD, "return AL, caches", "return AL > 0.5, caches", "decided", "decid|0 or 1"),
    (_FORWARD, "np.dot(W, A_prev) + b", "np.dot(W, A_prev) - b", "b subtracted", "b\\d?\\b"),
    (_FORWARD, "np.dot(W, A_prev) + b", "np.dot(W, A_prev + np.mean(b))", "b inside", "b\\d?\\b|bias"),
    (_BACKWARD, "np.dot(dZ, A_prev.T) / m", "np.dot(dZ, A_prev.T)", "dW lacks 1/m", "dW.*(times|m\\b|sum|average)"),
    (_BACKWARD, "keepdims=True) / m", "keepdims=True)", "db lacks 1/m", "db.*(times|m\\b|sum|average)"),
    (_BACKWARD, "AL - Y", "Y - AL", "sign", "sign"),
    (_BACKWARD, "AL - Y", "AL", "no Y", "Y\\b"),
    (_BACKWARD, "AL - Y", "(AL - Y) * AL * (1 - AL)", "slope", "slope|AL"),
    (_BACKWARD, "AL - Y", "-(Y / AL - (1 - Y) / (1 - AL))", "dAL for dZL", "slope|sigmoid|AL|dW|line 5"),
    (_BACKWARD, " * (caches[l - 2][2] > 0)", "", "no slope", "slope|relu"),
    (_BACKWARD, "caches[l - 2][2] > 0", "Z > 0", "slope of the wrong layer", "slope|layer|shape|exception"),
    (_BACKWARD, "caches[l - 2][2] > 0", "caches[l - 2][2] < 0", "reversed", "slope|relu|negative"),
    (_BACKWARD, "caches[l - 2][2] > 0", "np.maximum(0, caches[l - 2][2])", "the relu and not its slope", "slope|relu"),
    (_BACKWARD, "caches[l - 2][2] > 0", "1 - A_prev ** 2", "slope of tanh", "slope|tanh"),
    (_BACKWARD, "axis=1, keepdims=True", "axis=0, keepdims=True", "axis", "db.*(axis|shape|column|sum)"),
    (_BACKWARD, "axis=1, keepdims=True", "axis=1", "keepdims", "db.*shape"),
    (_BACKWARD, "np.sum(dZ, axis=1, keepdims=True)", "np.sum(dZ)", "sum over all", "db.*sum"),
    (_BACKWARD, "range(1, L + 1)", "range(1, L)", "last layer skipped", "last|missing|layer|db1: this is db2"),
    (_BACKWARD, "range(1, L + 1)", "range(2, L + 1)", "first layer skipped", "dW1|missing|first"),
    (_BACKWARD, "m = Y.shape[1]", "m = Y.shape[0]", "counts rows", "times|m\\b|Y.shape"),
    (_BACKWARD, "m = Y.shape[1]", "m = Y.shape[1] - 1", "m - 1", "m\\b|- 1|1 is wrongly subtracted"),
    (_BACKWARD, "np.dot(W.T, dZ)", "np.dot(W.T, dZ) / m", "1/m in every layer", "m\\b|layer|dW"),
    (_BACKWARD, '"dW" + str(l)', '"W" + str(l)', "keys", "keys"),
    (_BACKWARD, "            dZ = dA", "            dZ2 = dA", "dZ never renewed", "layer|dZ|error|shape|exception"),
    (_BACKWARD, "AL - Y", "2 * (AL - Y)", "twice", "2"),
    (_BACKWARD, "np.dot(dZ, A_prev.T)", "np.dot(A_prev, dZ.T)", "transposed", "transpos"),
    (_BACKWARD, "np.dot(dZ, A_prev.T)", "np.dot(dZ, np.abs(A_prev).T)", "absolute inputs", "dW"),
    (_BACKWARD, "    return grads", "        return grads", "return in loop", "return|loop"),
    ("activation_stds", "np.std(A)", "np.var(A)", "variance", "square|variance"),
    ("activation_stds", "np.std(A)", "np.mean(A)", "mean", "mean"),
    ("activation_stds", "np.std(A)", "np.std(Z)", "of Z", "Z|before|activation"),
    ("activation_stds", "np.std(A)", "np.std(A, ddof=1)", "ddof", "- 1|ddof|m\\b|size"),
    ("activation_stds", "np.std(A)", "np.std(A, axis=1)", "axis", "axis|unit|array|mean"),
    ("activation_stds", "np.std(A)", "np.std(A, axis=1).mean()", "mean of the units'", "unit|mean|axis"),
    ("activation_stds", "np.std(A)", "np.round(np.std(A), 2)", "rounded", "round"),
    ("activation_stds", "range(1, L + 1)", "range(1, L)", "last layer", "last"),
    ("activation_stds", "stds = []", "stds = [np.std(X)]", "X too", "before|first|X"),
    ("activation_stds", "if l == L", "if l == L + 1", "relu at the output", "relu|sigmoid|last|Line 7: 1 is wrongly added"),
    ("activation_stds", "np.maximum(Z, 0)", "np.tanh(Z)", "tanh", "tanh"),
    ("activation_stds", "return stds", "return stds[::-1]", "reversed", "order|revers|Line 12.*minus sign too many"),
    ("activation_stds", "return stds", "return np.mean(stds)", "one mean", "mean"),
    ("activation_stds", "return stds", 'return {"stds": stds}', "dict", "dict|container"),
)
