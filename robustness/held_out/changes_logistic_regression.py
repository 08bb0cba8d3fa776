"""Wrong answers to logistic regression as students write them: one change to a right answer each.

Each entry is the function, what is replaced by what, the cause, and a pattern of true sentences.
"""

BASES = {
    "sigmoid": """def sigmoid(z):
    s = 1 / (1 + np.exp(-z))
    return s
""",
    "initialize_with_zeros": """def initialize_with_zeros(dim):
    w = np.zeros((dim, 1))
    b = 0.0
    return w, b
""",
    "propagate": """def propagate(w, b, X, Y):
    m = X.shape[1]
    z = np.dot(w.T, X) + b
    A = sigmoid(z)
    logs = Y * np.log(A) + (1 - Y) * np.log(1 - A)
    cost = -np.sum(logs) / m
    dz = A - Y
    dw = np.dot(X, dz.T) / m
    db = np.sum(dz) / m
    grads = {"dw": dw, "db": db}
    return grads, cost
""",
    "optimize": """def optimize(w, b, X, Y, num_iterations=100, learning_rate=0.009, print_cost=False):
    costs = []
    for i in range(num_iterations):
        grads, cost = propagate(w, b, X, Y)
        dw = grads["dw"]
        db = grads["db"]
        w = w - learning_rate * dw
        b = b - learning_rate * db
        if i % 100 == 0:
            costs.append(cost)
    params = {"w": w, "b": b}
    grads = {"dw": dw, "db": db}
    return params, grads, costs
""",
    "predict": """def predict(w, b, X):
    m = X.shape[1]
    P = np.zeros((1, m))
    A = sigmoid(np.dot(w.T, X) + b)
    for i in range(m):
        if A[0, i] > 0.5:
            P[0, i] = 1
        else:
            P[0, i] = 0
    return P
""",
}

CHANGES = (
    ("sigmoid", "np.exp(-z)", "np.exp(z)", "the sign of z", "sign|1 minus|minus|-z"),
    ("sigmoid", "1 / (1 + np.exp(-z))", "1 / 1 + np.exp(-z)", "brackets", "bracket|1 more|added"),
    ("sigmoid", "(1 + np.exp(-z))", "(1 - np.exp(-z))", "minus for plus", "sign|minus|-|1 \\+"),
    ("sigmoid", "1 / (1 + np.exp(-z))", "np.exp(-z) / (1 + np.exp(-z))", "1 - s", "1 minus|sign"),
    ("sigmoid", "1 / (1 + np.exp(-z))", "np.tanh(z)", "tanh", "tanh"),
    ("sigmoid", "return s", "return np.round(s)", "rounded", "round|decided|0 or 1"),
    ("sigmoid", "return s", "return s * (1 - s)", "the slope of the sigmoid", "slope|derivative"),
    ("sigmoid", "1 / (1 + np.exp(-z))", "1 / (1 + 2.718 ** (-z))", "2.718 for e", "e\\b|2\\.7|exp"),
    ("sigmoid", "return s", "return float(np.mean(s))", "one number", "mean|one number|shape"),
    ("sigmoid", "return s", "s", "no return", "return"),
    ("sigmoid", "return s", "return np.maximum(0, z)", "relu", "relu"),
    ("initialize_with_zeros", "(dim, 1)", "(1, dim)", "a row", "row|transpos|shape|column"),
    ("initialize_with_zeros", "(dim, 1)", "(dim,)", "flat", "shape|flat|column"),
    ("initialize_with_zeros", "(dim, 1)", "(dim, dim)", "square", "dim times dim|shape|second|column"),
    ("initialize_with_zeros", "np.zeros((dim, 1))", "np.random.randn(dim, 1)", "random", "zero"),
    ("initialize_with_zeros", "b = 0.0", "b = np.zeros((dim, 1))", "b an array", "b\\b|number|value"),
    ("initialize_with_zeros", "b = 0.0", "b = 1", "b is 1", "bias|b\\b|second|always 1"),
    ("initialize_with_zeros", "return w, b", "return b, w", "order", "order"),
    ("initialize_with_zeros", "return w, b", 'return {"w": w, "b": b}', "dict", "dict"),
    ("initialize_with_zeros", "return w, b", "return w", "b missing", "only|missing"),
    ("propagate", "/ m\n    dz", "\n    dz", "the cost is a sum", "(cost|second).*(\\[1\\]|m\\b|mean|sum)"),
    ("propagate", "cost = -np", "cost = np", "sign of the cost", "(cost|second).*sign"),
    ("propagate", "np.dot(X, dz.T) / m", "np.dot(X, dz.T)", "dw lacks 1/m", "dw.*(times|sum|m\\b)"),
    ("propagate", "np.sum(dz) / m", "np.sum(dz)", "db lacks 1/m", "db.*(times|sum|m\\b)"),
    ("propagate", "dz = A - Y", "dz = Y - A", "sign of dz", "dw.*sign|sign.*dw|Y - A"),
    ("propagate", "dz = A - Y", "dz = (A - Y) * A * (1 - A)", "slope too many", "slope|A.*1 - A|squared"),
    ("propagate", "dz = A - Y", "dz = z - Y", "z for A", "dw|z for A|sigmoid"),
    ("propagate", "np.dot(w.T, X) + b", "np.dot(w.T, X)", "no b", "`b`|bias|b\\b.*added"),
    ("propagate", "np.dot(w.T, X) + b", "np.dot(w.T, X) - b", "b subtracted", "`?b`?"),
    ("propagate", "m = X.shape[1]", "m = X.shape[0]", "m counts the features", "X.shape|features|rows|m\\b"),
    ("propagate", "m = X.shape[1]", "m = X.size", "m counts the entries", "w.shape|X.shape|entries|m\\b"),
    ("propagate", "(1 - Y) * np.log(1 - A)", "(1 - Y) * np.log(A)", "log A twice", "cost|second|1 - A|log"),
    ("propagate", " + (1 - Y) * np.log(1 - A)", "", "half of the cost", "1 - Y|label|only|second term|(cost|second).*0"),
    ("propagate", "Y * np.log(A) + ", "", "other half of the cost", "label|only|1 - Y|examples"),
    ("propagate", "Y * np.log(A) + (1", "Y * np.log(A) - (1", "minus between", "subtracted|sign|minus|cost|label|examples"),
    ("propagate", "logs = Y * np.log(A)", "logs = Y * np.log(A + 1e-3)", "1e-3 in the log", "log|1e-3|0\\.001"),
    ("propagate", "logs = Y * np.log(A)", "logs = Y * np.log2(A)", "log2 in one term", "log"),
    ("propagate", "np.sum(dz) / m", "np.sum(dz, axis=1, keepdims=True) / m", "db an array", "db|number|shape"),
    ("propagate", "np.sum(dz) / m", "np.mean(dw)", "db from dw", "db.*dw|mean of dw"),
    ("propagate", "np.sum(dz) / m", "dz / m", "db not summed", "Add them up|db.*(sum|array)|sum.*db"),
    ("propagate", "np.dot(X, dz.T) / m", "np.dot(dz, X.T) / m", "dw a row", "dw.*(transpos|row|shape)"),
    ("propagate", "np.dot(X, dz.T) / m", "np.sum(X * dz, axis=1) / m", "dw flat", "dw.*shape"),
    ("propagate", "np.dot(X, dz.T) / m", "np.sum(X * dz, axis=1, keepdims=True) / (m - 1)", "m - 1", "dw.*m|dw.*- 1|1 is wrongly subtracted.*dw would"),
    ("propagate", "np.dot(X, dz.T) / m", "np.dot(X, A.T) / m", "A for dz in dw", "dw"),
    ("propagate", "np.dot(X, dz.T) / m", "np.dot(X, dz.T) * 2 / m", "dw twice", "dw.*2"),
    ("propagate", '"dw": dw, "db": db', '"w": dw, "b": db', "keys", "keys"),
    ("propagate", '"dw": dw, "db": db', '"dw": db, "db": dw', "exchanged", "keys|exchang|dw.*db|db.*dw"),
    ("propagate", "return grads, cost", "return cost, grads", "order", "order|first"),
    ("propagate", "return grads, cost", "return grads", "no cost", "only|missing"),
    ("propagate", "return grads, cost", "return dw, db, cost", "tuple", "tuple|dict|many|values"),
    ("propagate", "m = X.shape[1]", "m = 100", "m fixed", "m\\b|100|fixed|number"),
    ("propagate", "A = sigmoid(z)", "A = np.round(sigmoid(z))", "rounded A", "round|dw|decid"),
    ("optimize", "w = w - l", "w = w + l", "w uphill", "add the gradient|w\\b.*(wrong way|sign)|wrong way|\\+"),
    ("optimize", "b = b - l", "b = b + l", "b uphill", "db is wrongly added|b\\b.*(wrong way|sign)|wrong way"),
    ("optimize", "learning_rate * dw", "dw", "no rate for w", "rate|`?w"),
    ("optimize", "learning_rate * dw", "0.009 * dw", "rate of w fixed", "rate|w\\b"),
    ("optimize", "range(num_iterations)", "range(1, num_iterations)", "one step less", "first round|1 less|one step|loop|starts"),
    ("optimize", "range(num_iterations)", "range(num_iterations + 1)", "one step more", "one step too many|1 more"),
    ("optimize", "range(num_iterations)", "range(100)", "always 100", "num_iterations"),
    ("optimize", "learning_rate=0.009", "learning_rate=0.09", "default rate", "default|learning_rate"),
    ("optimize", "num_iterations=100", "num_iterations=1000", "default steps", "default|num_iterations"),
    ("optimize", "        b = b - learning_rate * db\n", "", "b stays", "bias does not change|b\\b.*(stays|step|updated)"),
    ("optimize", "            costs.append(cost)", "            costs = [cost]", "only the last cost", "cost|third"),
    ("optimize", "if i % 100 == 0", "if i % 100 == 99", "first cost missing", "cost|third|first"),
    ("optimize", "costs.append(cost)", "costs.append(i)", "steps for costs", "cost|third"),
    ("optimize", "    params = {", "        return {'w': w, 'b': b}, grads, costs\n    params = {", "return in loop", "return|loop|1\\b"),
    ("optimize", "return params, grads, costs", "return params, costs, grads", "order", "order"),
    ("optimize", 'params = {"w": w, "b": b}', 'params = {"w": dw, "b": db}', "gradients returned", "dw|gradient"),
    ("optimize", 'grads = {"dw": dw, "db": db}', 'grads, cost = propagate(w, b, X, Y)', "gradients after the last step", "dw|gradient|grads|more"),
    ("optimize", "w = w - learning_rate * dw", "w -= learning_rate * dw", "in place", "-=|in place|argument|chang"),
    ("predict", "> 0.5", ">= 0.5", "0.5 itself", "0\\.5|threshold|exactly"),
    ("predict", "> 0.5", "> 0", "threshold 0", "threshold|always|0\\.5|1"),
    ("predict", "> 0.5", "< 0.5", "reversed", "wrong way round|1 minus|revers|other way|below"),
    ("predict", "range(m)", "range(m - 1)", "last example", "last"),
    ("predict", "range(m)", "range(1, m)", "first example", "first"),
    ("predict", "P[0, i] = 0", "P[0, i] = -1", "-1", "0 and 1|-1|classes"),
    ("predict", "return P", "return A", "probabilities", "between 0 and 1|probab"),
    ("predict", "return P", "return P.T", "transposed", "transpos|shape|column"),
    ("predict", "return P", "return P[0]", "flat", "shape"),
    ("predict", "    return P", "        return P", "return in loop", "return|loop"),
    ("predict", " + b)", ")", "no b", "`?b`?"),
    ("predict", "sigmoid(np.dot(w.T, X) + b)", "np.dot(w.T, X) + b", "no sigmoid", "sigmoid|threshold|score"),
    ("predict", "return P", "return np.mean(P)", "mean", "mean"),
    ("predict", "A = sigmoid(np.dot(w.T, X) + b)", "A = sigmoid(np.dot(w.T, X + b))", "b added to X", "b\\b|bias"),
)
