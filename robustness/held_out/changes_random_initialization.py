"""Wrong answers to random initialization as students write them: one change to a right answer each.

Each entry is the function, what is replaced by what, the cause, and a pattern of true sentences.
"""

BASES = {
    "initialize_parameters": """def initialize_parameters(n_x, n_h, n_y):
    W1 = np.random.randn(n_h, n_x) * 0.01
    b1 = np.zeros((n_h, 1))
    W2 = np.random.randn(n_y, n_h) * 0.01
    b2 = np.zeros((n_y, 1))
    parameters = {"W1": W1, "b1": b1, "W2": W2, "b2": b2}
    return parameters
""",
    "forward_propagation": """def forward_propagation(X, parameters):
    W1 = parameters["W1"]
    b1 = parameters["b1"]
    W2 = parameters["W2"]
    b2 = parameters["b2"]
    Z1 = np.dot(W1, X) + b1
    A1 = np.tanh(Z1)
    Z2 = np.dot(W2, A1) + b2
    A2 = 1 / (1 + np.exp(-Z2))
    cache = {"Z1": Z1, "A1": A1, "Z2": Z2, "A2": A2}
    return A2, cache
""",
    "compute_cost": """def compute_cost(A2, Y):
    m = Y.shape[1]
    logprobs = Y * np.log(A2) + (1 - Y) * np.log(1 - A2)
    cost = -np.sum(logprobs) / m
    return float(cost)
""",
    "backward_propagation": """def backward_propagation(parameters, cache, X, Y):
    m = X.shape[1]
    W2 = parameters["W2"]
    A1 = cache["A1"]
    A2 = cache["A2"]
    dZ2 = A2 - Y
    dW2 = np.dot(dZ2, A1.T) / m
    db2 = np.sum(dZ2, axis=1, keepdims=True) / m
    dZ1 = np.dot(W2.T, dZ2) * (1 - np.power(A1, 2))
    dW1 = np.dot(dZ1, X.T) / m
    db1 = np.sum(dZ1, axis=1, keepdims=True) / m
    grads = {"dW1": dW1, "db1": db1, "dW2": dW2, "db2": db2}
    return grads
""",
    "update_parameters": """def update_parameters(parameters, grads, learning_rate=1.2):
    W1 = parameters["W1"] - learning_rate * grads["dW1"]
    b1 = parameters["b1"] - learning_rate * grads["db1"]
    W2 = parameters["W2"] - learning_rate * grads["dW2"]
    b2 = parameters["b2"] - learning_rate * grads["db2"]
    return {"W1": W1, "b1": b1, "W2": W2, "b2": b2}
""",
    "nn_model": """def nn_model(X, Y, n_h, num_iterations=10000, print_cost=False):
    n_x = X.shape[0]
    n_y = Y.shape[0]
    parameters = initialize_parameters(n_x, n_h, n_y)
    for i in range(0, num_iterations):
        A2, cache = forward_propagation(X, parameters)
        cost = compute_cost(A2, Y)
        grads = backward_propagation(parameters, cache, X, Y)
        parameters = update_parameters(parameters, grads)
    return parameters
""",
    "predict": """def predict(parameters, X):
    A2, cache = forward_propagation(X, parameters)
    predictions = A2 > 0.5
    return predictions
""",
    "units_are_interchangeable": """def units_are_interchangeable(parameters, tolerance=1e-9):
    W1, b1, W2 = parameters["W1"], parameters["b1"], parameters["W2"]
    for i in range(W1.shape[0]):
        if np.any(np.abs(W1[i] - W1[0]) > tolerance):
            return False
        if np.any(np.abs(b1[i] - b1[0]) > tolerance):
            return False
        if np.any(np.abs(W2[:, i] - W2[:, 0]) > tolerance):
            return False
    return True
""",
    "mean_tanh_slope": """def mean_tanh_slope(Z):
    A = np.tanh(Z)
    slope = 1 - A ** 2
    return np.mean(slope)
""",
}

CHANGES = (
    ("initialize_parameters", "randn(n_h, n_x) * 0.01", "randn(n_h, n_x)", "W1 unscaled", "W2 is small, but W1 is not|W1.*(100|times)"),
    ("initialize_parameters", "randn(n_y, n_h) * 0.01", "randn(n_y, n_h)", "W2 unscaled", "W1 is small, but W2 is not|W2.*(100|times)"),
    ("initialize_parameters", "randn(n_h, n_x) * 0.01", "randn(n_h, n_x) * 0.1", "W1 times 0.1", "W1.*(10|times)"),
    ("initialize_parameters", "np.random.randn(n_h, n_x)", "np.zeros((n_h, n_x))", "W1 zero", "W1.*zero|zero.*W1"),
    ("initialize_parameters", "np.random.randn(n_y, n_h)", "np.ones((n_y, n_h))", "W2 constant", "W2.*same"),
    ("initialize_parameters", "(n_h, n_x)", "(n_x, n_h)", "W1 transposed", "W1.*(shape|transpos|size|exchang)"),
    ("initialize_parameters", "randn(n_y, n_h)", "randn(n_h, n_y)", "W2 transposed", "W2.*(shape|transpos|size|exchang)"),
    ("initialize_parameters", "b1 = np.zeros((n_h, 1))", "b1 = np.zeros(n_h)", "b1 flat", "b1.*shape|shape.*b1"),
    ("initialize_parameters", "b1 = np.zeros((n_h, 1))", "b1 = 0", "b1 a number", "b1"),
    ("initialize_parameters", "b1 = np.zeros((n_h, 1))", "b1 = np.ones((n_h, 1))", "b1 ones", "b1"),
    ("initialize_parameters", "b2 = np.zeros((n_y, 1))", "b2 = np.zeros((1, 1))", "b2 always (1, 1)", "b2.*(shape|1)"),
    ("initialize_parameters", "np.random.randn(n_h, n_x)", "np.random.rand(n_h, n_x)", "rand", "W1.*(uniform|negative|rand|evenly)"),
    ("initialize_parameters", "W1 = np", "np.random.seed(2)\n    W1 = np", "seed", "seed|every call"),
    ("initialize_parameters", '"b2": b2}', '"b2": b1}', "b1 for b2", "b2"),
    ("initialize_parameters", ', "b2": b2', "", "b2 missing", "b2"),
    ("forward_propagation", "np.tanh(Z1)", "np.maximum(0, Z1)", "relu", "relu"),
    ("forward_propagation", "np.tanh(Z1)", "Z1", "no tanh", "A1.*(Z1|tanh)|tanh"),
    ("forward_propagation", "np.dot(W1, X) + b1", "np.dot(W1, X)", "b1 not added", "b1"),
    ("forward_propagation", "1 / (1 + np.exp(-Z2))", "np.tanh(Z2)", "tanh at the output", "A2.*tanh|tanh.*sigmoid|tanh"),
    ("forward_propagation", "np.exp(-Z2)", "np.exp(Z2)", "sign in the sigmoid", "A2.*(1 minus|sign)|sign"),
    ("forward_propagation", "np.dot(W2, A1) + b2", "np.dot(W2, A1) + b1", "b1 for b2", "b2|b1|shape|broadcast"),
    ("forward_propagation", "np.dot(W2, A1) + b2", "np.dot(W2, A1) - b2", "b2 subtracted", "b2"),
    ("forward_propagation", "return A2, cache", "return cache, A2", "order", "order"),
    ("forward_propagation", "return A2, cache", "return A2", "no cache", "only|cache|missing"),
    ("forward_propagation", '"Z1": Z1, "A1": A1', '"Z1": A1, "A1": Z1', "cache exchanged", "Z1|A1"),
    ("forward_propagation", '"A1": A1', '"A1": Z1', "Z1 in the cache for A1", "A1.*Z1"),
    ("forward_propagation", '"Z2": Z2, "A2": A2}', '"Z2": A2, "A2": A2}', "A2 for Z2", "Z2.*A2"),
    ("forward_propagation", '"Z1": Z1, ', "", "Z1 missing", "Z1"),
    ("forward_propagation", "return A2, cache", "return Z2, cache", "Z2 for A2", "Z2|sigmoid"),
    ("forward_propagation", "return A2, cache", "return A2 > 0.5, cache", "decided", "0 or 1|decided"),
    ("forward_propagation", "np.dot(W1, X) + b1", "np.dot(W1, X) + np.sum(b1)", "sum of b1 added", "b1|Z1"),
    ("forward_propagation", "np.dot(W1, X) + b1", "W1 @ (X / 2) + b1", "X halved", "Z1|X"),
    ("compute_cost", "/ m", "", "sum", "sum|times|m\\b|mean"),
    ("compute_cost", "-np.sum", "np.sum", "sign", "sign"),
    ("compute_cost", "m = Y.shape[1]", "m = Y.shape[0]", "counts rows", "times|m\\b|mean|shape"),
    ("compute_cost", "/ m", "/ (m - 1)", "m - 1", "m|1 less|- 1|1 is wrongly subtracted"),
    ("compute_cost", "/ m", "/ (2 * m)", "2m", "1/2|half|2"),
    ("compute_cost", "np.log(A2)", "np.log(A2 + 1e-6)", "1e-6 in the log", "log|1e-"),
    ("compute_cost", "np.log(A2)", "np.log(A2 + 1e-2)", "0.01 in the log", "log|1e-|0\\.01"),
    ("compute_cost", " + (1 - Y) * np.log(1 - A2)", "", "one term", "label|1 - Y|only|examples"),
    ("compute_cost", "(1 - Y) * np.log(1 - A2)", "(1 - Y) * np.log(A2)", "log A2 twice", "1 minus|1 - A2|log|examples|label"),
    ("compute_cost", "Y * np.log(A2) + (1 - Y)", "(1 - Y) * np.log(A2) + Y", "labels exchanged", "label|exchang|1 - Y|Y.*1 minus|reversed"),
    ("compute_cost", "Y * np.log(A2)", "A2 * np.log(Y + 1e-9)", "A2 and Y exchanged", "exchang|A2.*Y|log"),
    ("compute_cost", "Y * np.log(A2) + (1", "np.log(Y * A2 + 1e-9) + (1", "product before log", "log|product"),
    ("compute_cost", "return float(cost)", "return cost * 100", "percent", "100"),
    ("compute_cost", "return float(cost)", "return round(float(cost), 2)", "rounded", "round"),
    ("compute_cost", "return float(cost)", "print(cost)", "printed", "print"),
    ("compute_cost", "return float(cost)", "return np.array([[cost]])", "array", "shape|array|number"),
    ("backward_propagation", "np.dot(dZ2, A1.T) / m", "np.dot(dZ2, A1.T)", "dW2 lacks 1/m", "dW2.*(times|m\\b|sum)"),
    ("backward_propagation", "db2 = np.sum(dZ2, axis=1, keepdims=True) / m", "db2 = np.sum(dZ2, axis=1, keepdims=True)", "db2 lacks 1/m", "db2.*(times|m\\b|sum)"),
    ("backward_propagation", "np.dot(dZ1, X.T) / m", "np.dot(dZ1, X.T)", "dW1 lacks 1/m", "dW1.*(times|m\\b|sum)"),
    ("backward_propagation", "dZ1, axis=1, keepdims=True", "dZ1, axis=0, keepdims=True", "axis 0", "summed dZ1 over the hidden|db1.*(axis|shape|column|example)"),
    ("backward_propagation", "dZ1, axis=1, keepdims=True", "dZ1, axis=1", "keepdims", "db1.*shape"),
    ("backward_propagation", "dZ1, axis=1, keepdims=True", "dZ1", "sum over all", "db1.*sum|without an axis"),
    ("backward_propagation", "1 - np.power(A1, 2)", "1 - A1", "not squared", "dW1.*db1|A1.*squar|squar"),
    ("backward_propagation", "1 - np.power(A1, 2)", "np.power(A1, 2)", "1 - missing", "slope|1 -|dW1"),
    ("backward_propagation", "1 - np.power(A1, 2)", "1 - np.power(np.tanh(A1), 2)", "tanh twice", "tanh|slope|dW1"),
    ("backward_propagation", "1 - np.power(A1, 2)", "A1 * (1 - A1)", "slope of the sigmoid", "slope|sigmoid"),
    ("backward_propagation", "1 - np.power(A1, 2)", "A1 > 0", "slope of the relu", "slope|relu"),
    ("backward_propagation", "np.dot(W2.T, dZ2) *", "np.sum(dZ2) *", "W2 left out", "W2|dW1"),
    ("backward_propagation", "A2 - Y", "A2 + Y", "plus", "sign|\\+|Y"),
    ("backward_propagation", "A2 - Y", "A2", "Y left out", "Y\\b"),
    ("backward_propagation", "A2 - Y", "(A2 - Y) * A2 * (1 - A2)", "slope of the output", "slope|A2"),
    ("backward_propagation", "A2 - Y", "2 * (A2 - Y)", "twice", "2"),
    ("backward_propagation", "np.dot(dZ1, X.T) / m", "np.dot(X, dZ1.T) / m", "dW1 transposed", "dW1.*transpos"),
    ("backward_propagation", "np.dot(dZ2, A1.T)", "np.dot(dZ2, cache['Z1'].T)", "Z1 for A1", "dW2"),
    ("backward_propagation", "np.dot(dZ1, X.T)", "np.dot(dZ1, A1[:1].T * np.ones(X.shape[0]))", "A1 for X", "dW1"),
    ("backward_propagation", "m = X.shape[1]", "m = X.shape[0]", "features", "X.shape|m\\b|features"),
    ("backward_propagation", "m = X.shape[1]", "m = Y.size - 1", "m - 1", "m\\b|1"),
    ("backward_propagation", '"db1": db1', '"db1": db2', "db2 for db1", "db1.*db2"),
    ("backward_propagation", '"dW1": dW1, "db1"', '"dW1": dW1 * W2.sum(), "db1"', "times W2", "dW1"),
    ("backward_propagation", "return grads", "return dW1, db1, dW2, db2", "tuple", "tuple"),
    ("backward_propagation", "return grads", "return {k.lower(): v for k, v in grads.items()}", "lower keys", "keys"),
    ("update_parameters", "W1\"] - l", "W1\"] + l", "W1 uphill", "W1.*wrong way|wrong way"),
    ("update_parameters", "b2\"] - learning_rate * grads[\"db2\"]", "b2\"]", "b2 stays", "b2"),
    ("update_parameters", "learning_rate * grads[\"dW2\"]", "grads[\"dW2\"]", "no rate", "W2.*rate"),
    ("update_parameters", "learning_rate * grads[\"dW2\"]", "learning_rate * grads[\"dW1\"]", "dW1 for dW2", "W2|dW1|shape"),
    ("update_parameters", "learning_rate * grads[\"db1\"]", "learning_rate * grads[\"db1\"] ** 2", "squared", "b1"),
    ("update_parameters", "learning_rate * grads[\"dW1\"]", "grads[\"dW1\"] / learning_rate", "divided", "W1.*rate|divid"),
    ("update_parameters", "learning_rate=1.2", "learning_rate=0.12", "default", "default"),
    ("update_parameters", "learning_rate=1.2", "learning_rate", "no default", "default|learning_rate"),
    ("update_parameters", '"W1": W1, "b1": b1, "W2": W2', '"W1": W2, "b1": b1, "W2": W1', "exchanged", "W1|keys"),
    ("update_parameters", "return {", "return parameters\n    return {", "unchanged", "stays|step"),
    ("update_parameters", "    W1 = p", "    learning_rate = 1.2\n    W1 = p", "rate overwritten", "learning_rate"),
    ("update_parameters", "return {", "parameters.update(W1=W1)\n    return {", "dict changed", "dict|chang"),
    ("nn_model", "range(0, num_iterations)", "range(1, num_iterations)", "one less", "one step too few|1 less"),
    ("nn_model", "range(0, num_iterations)", "range(0, num_iterations + 1)", "one more", "one step too many|1 more"),
    ("nn_model", "range(0, num_iterations)", "range(0, 1000)", "1000 steps", "num_iterations"),
    ("nn_model", "        p", "        if i > 0 and cost < 0.6:\n            break\n        p", "early stop", "early|break|stop"),
    ("nn_model", "n_h, n_y)", "4, n_y)", "n_h fixed", "n_h|4|shape"),
    ("nn_model", "update_parameters(parameters, grads)", "update_parameters(parameters, grads, 0.12)", "rate", "rate|first step"),
    ("nn_model", "    return parameters", "    return grads", "gradients", "gradient|keys|grads"),
    ("nn_model", "    return parameters", "    return parameters, cost", "too much", "more|many"),
    ("nn_model", "        A2, cache", "        parameters = initialize_parameters(n_x, n_h, n_y)\n        A2, cache", "started anew in the loop", "initialize|start|anew|1\\b"),
    ("nn_model", "backward_propagation(parameters, cache, X, Y)", "backward_propagation(parameters, cache, X, A2)", "A2 for Y", "Y\\b|stays|start|step"),
    ("predict", "A2 > 0.5", "A2 < 0.5", "reversed", "wrong way round|1 minus|revers"),
    ("predict", "A2 > 0.5", "A2 >= 0.5", "0.5", "0\\.5"),
    ("predict", "A2 > 0.5", "A2 > 0", "0", "always|threshold|0\\.5"),
    ("predict", "A2 > 0.5", "A2 > np.mean(A2)", "the mean as threshold", "mean|threshold|0\\.5|other examples"),
    ("predict", "return predictions", "return cache", "cache", "cache|dict"),
    ("predict", "return predictions", "return predictions.tolist()", "list", "list|array"),
    ("predict", "return predictions", "return predictions.T", "transposed", "transpos|shape"),
    ("predict", "A2 > 0.5", "cache['A1'] > 0.5", "A1", "A1|shape"),
    ("units_are_interchangeable", "range(W1.shape[0])", "range(2)", "first two units", "two|first|unit|some"),
    ("units_are_interchangeable", "    return True", "        return True", "return in loop", "return|loop"),
    ("units_are_interchangeable", "np.any(np.abs(b1[i] - b1[0]) > tolerance)", "False", "b1 left out", "b1"),
    ("units_are_interchangeable", "np.any(np.abs(W2[:, i] - W2[:, 0]) > tolerance)", "False", "W2 left out", "W2"),
    ("units_are_interchangeable", "np.abs(W1[i] - W1[0])", "(W1[i] - W1[0])", "no abs", "abs|sign|W1"),
    ("units_are_interchangeable", "return True", "return False", "always False", "always|every call"),
    ("units_are_interchangeable", "tolerance=1e-9):", "tolerance=1e-9):\n    tolerance = 0.1", "tolerance", "tolerance"),
    ("units_are_interchangeable", "W1[i] - W1[0]", "W1[i].sum() - W1[0].sum()", "sums compared", "sum|W1|[Rr]ow"),
    ("mean_tanh_slope", "1 - A ** 2", "1 - A", "not squared", "squar"),
    ("mean_tanh_slope", "1 - A ** 2", "A * (1 - A)", "sigmoid's slope", "slope|sigmoid"),
    ("mean_tanh_slope", "1 - A ** 2", "1 - Z ** 2", "Z for A", "tanh|Z"),
    ("mean_tanh_slope", "np.mean(slope)", "np.sum(slope)", "sum", "sum|times|mean"),
    ("mean_tanh_slope", "np.mean(slope)", "slope", "array", "mean|array"),
    ("mean_tanh_slope", "np.mean(slope)", "np.mean(slope, axis=0)", "axis", "mean|axis|array"),
    ("mean_tanh_slope", "np.mean(slope)", "np.median(slope)", "median", "median"),
    ("mean_tanh_slope", "np.mean(slope)", "np.mean(A)", "tanh", "tanh|Line 4: A is used"),
)
