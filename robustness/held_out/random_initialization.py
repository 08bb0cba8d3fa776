# %% init_uniform: initialize_parameters
# cause: the weights are uniform draws from [0, 0.01), not Gaussian ones
# told: uniform|rand\b
def initialize_parameters(n_x, n_h, n_y):
    W1 = np.random.rand(n_h, n_x) * 0.01
    b1 = np.zeros((n_h, 1))
    W2 = np.random.rand(n_y, n_h) * 0.01
    b2 = np.zeros((n_y, 1))
    return {"W1": W1, "b1": b1, "W2": W2, "b2": b2}


# %% init_seeded: initialize_parameters
# cause: the seed is set inside the function, so every call draws the same weights
# told: seed|every call
def initialize_parameters(n_x, n_h, n_y):
    np.random.seed(3)
    parameters = {}
    parameters["W1"] = np.random.randn(n_h, n_x) * 0.01
    parameters["b1"] = np.zeros((n_h, 1))
    parameters["W2"] = np.random.randn(n_y, n_h) * 0.01
    parameters["b2"] = np.zeros((n_y, 1))
    return parameters


# %% init_W1_scaled_by_inputs: initialize_parameters
# cause: W1 is drawn with sqrt(1 / n_x) instead of 0.01
# told: W1.*(n_x|inputs|scale|standard deviation|0\.01|times)
def initialize_parameters(n_x, n_h, n_y):
    rng = np.random.default_rng()
    W1 = rng.normal(0, 1, (n_h, n_x)) / np.sqrt(n_x)
    W2 = rng.normal(0, 0.01, (n_y, n_h))
    return {"W1": W1, "b1": np.zeros((n_h, 1)), "W2": W2, "b2": np.zeros((n_y, 1))}


# %% init_biases_random: initialize_parameters
# cause: the biases are random too, not zero
# told: (bias|b1|b2).*(zero|0|random)
def initialize_parameters(n_x, n_h, n_y):
    W1 = np.random.randn(n_h, n_x) * 0.01
    b1 = np.random.randn(n_h, 1) * 0.01
    W2 = np.random.randn(n_y, n_h) * 0.01
    b2 = np.random.randn(n_y, 1) * 0.01
    return {"W1": W1, "b1": b1, "W2": W2, "b2": b2}


# %% init_global_size: initialize_parameters
# cause: reads n_h of the notebook under another name (hidden) that is not defined there
# told: hidden_units|not defined|undefined|NameError
def initialize_parameters(n_x, n_h, n_y):
    W1 = np.random.randn(hidden_units, n_x) * 0.01
    b1 = np.zeros((hidden_units, 1))
    W2 = np.random.randn(n_y, hidden_units) * 0.01
    b2 = np.zeros((n_y, 1))
    return {"W1": W1, "b1": b1, "W2": W2, "b2": b2}


# %% forward_sigmoid_hidden: forward_propagation
# cause: the hidden layer takes the sigmoid instead of tanh
# told: A1.*(sigmoid|tanh)|hidden.*(sigmoid|tanh)|tanh.*sigmoid|sigmoid.*tanh
def forward_propagation(X, parameters):
    W1, b1 = parameters["W1"], parameters["b1"]
    W2, b2 = parameters["W2"], parameters["b2"]
    Z1 = np.dot(W1, X) + b1
    A1 = 1 / (1 + np.exp(-Z1))
    Z2 = np.dot(W2, A1) + b2
    A2 = sigmoid(Z2)
    return A2, {"Z1": Z1, "A1": A1, "Z2": Z2, "A2": A2}


# %% forward_Z1_for_A1: forward_propagation
# cause: the second layer is fed Z1 instead of A1; A1 itself is right
# told: Z2.*(Z1|A1)|output layer.*(Z1|A1)|Z1.*A1
def forward_propagation(X, parameters):
    Z1 = parameters["W1"] @ X + parameters["b1"]
    A1 = np.tanh(Z1)
    Z2 = parameters["W2"] @ Z1 + parameters["b2"]
    A2 = sigmoid(Z2)
    cache = {"Z1": Z1, "A1": A1, "Z2": Z2, "A2": A2}
    return A2, cache


# %% forward_cache_tuple: forward_propagation
# cause: the cache is a tuple, not a dict
# told: tuple|The cache is a dict
def forward_propagation(X, parameters):
    Z1 = np.matmul(parameters["W1"], X) + parameters["b1"]
    A1 = np.tanh(Z1)
    Z2 = np.matmul(parameters["W2"], A1) + parameters["b2"]
    A2 = sigmoid(Z2)
    return A2, (Z1, A1, Z2, A2)


# %% forward_no_b2: forward_propagation
# cause: b2 is not added
# told: b2
def forward_propagation(X, parameters):
    Z1 = np.matmul(parameters["W1"], X) + parameters["b1"]
    A1 = np.tanh(Z1)
    Z2 = np.matmul(parameters["W2"], A1)
    A2 = sigmoid(Z2)
    return A2, {"Z1": Z1, "A1": A1, "Z2": Z2, "A2": A2}


# %% forward_centred_inputs: forward_propagation
# cause: X is scaled to mean 0 before it enters the network
# told: X|mean|cent(er|re)|Line 2: a step is taken that
def forward_propagation(X, parameters):
    X = X - np.mean(X, axis=1, keepdims=True)
    Z1 = parameters["W1"] @ X + parameters["b1"]
    A1 = np.tanh(Z1)
    Z2 = parameters["W2"] @ A1 + parameters["b2"]
    A2 = sigmoid(Z2)
    return A2, {"Z1": Z1, "A1": A1, "Z2": Z2, "A2": A2}


# %% cost_sum: compute_cost
# cause: the sum over the examples instead of the mean
# told: sum|mean|average|divi|times as large|1/m|\bm\b
def compute_cost(A2, Y):
    logs = Y * np.log(A2) + (1 - Y) * np.log(1 - A2)
    return float(-np.sum(logs))


# %% cost_positive_only: compute_cost
# cause: only the term of the examples with label 1; (1 - Y) log(1 - A2) is missing
# told: 1 - (Y|y)|label 1|label 0|second|only.*(ones|1)|examples .*(0|1)
def compute_cost(A2, Y):
    m = Y.shape[1]
    cost = 0
    for i in range(m):
        cost += -Y[0, i] * np.log(A2[0, i])
    return cost / m


# %% cost_log10: compute_cost
# cause: the logarithm to base 10
# told: base|log10|natural|factor|times
def compute_cost(A2, Y):
    return np.mean(-Y * np.log10(A2) - (1 - Y) * np.log10(1 - A2))


# %% cost_per_example: compute_cost
# cause: an array of losses, one for each example; the mean is not taken
# told: each example|mean|average|scalar|single number|array
def compute_cost(A2, Y):
    return -(Y * np.log(A2) + (1 - Y) * np.log(1 - A2))


# %% cost_squared: compute_cost
# cause: the mean squared error instead of the cross-entropy
# told: square
def compute_cost(A2, Y):
    return np.mean((A2 - Y) ** 2)


# %% backward_db1_sum: backward_propagation
# cause: db1 is a sum and not an average: 1/m is missing
# told: db1.*(times as large|1/m|\bm\b|average|mean|divi|sum)
def backward_propagation(parameters, cache, X, Y):
    m = X.shape[1]
    dZ2 = cache["A2"] - Y
    dW2 = (1 / m) * np.dot(dZ2, cache["A1"].T)
    db2 = (1 / m) * np.sum(dZ2, axis=1, keepdims=True)
    dZ1 = np.dot(parameters["W2"].T, dZ2) * (1 - np.power(cache["A1"], 2))
    dW1 = (1 / m) * np.dot(dZ1, X.T)
    db1 = np.sum(dZ1, axis=1, keepdims=True)
    return {"dW1": dW1, "db1": db1, "dW2": dW2, "db2": db2}


# %% backward_no_slope: backward_propagation
# cause: the slope of tanh is missing in dZ1
# told: slope|tanh|1 - A1
def backward_propagation(parameters, cache, X, Y):
    m = Y.shape[1]
    dZ2 = cache["A2"] - Y
    dZ1 = parameters["W2"].T @ dZ2
    return {
        "dW1": dZ1 @ X.T / m,
        "db1": dZ1.mean(axis=1, keepdims=True),
        "dW2": dZ2 @ cache["A1"].T / m,
        "db2": dZ2.mean(axis=1, keepdims=True),
    }


# %% backward_sign: backward_propagation
# cause: the error is Y - A2, so all gradients have the wrong sign
# told: sign|-1|Y - A2|negative|other way round
def backward_propagation(parameters, cache, X, Y):
    m = Y.shape[1]
    dZ2 = Y - cache["A2"]
    dZ1 = parameters["W2"].T @ dZ2 * (1 - cache["A1"] ** 2)
    return {
        "dW1": dZ1 @ X.T / m,
        "db1": np.sum(dZ1, axis=1, keepdims=True) / m,
        "dW2": dZ2 @ cache["A1"].T / m,
        "db2": np.sum(dZ2, axis=1, keepdims=True) / m,
    }


# %% backward_two_slips: backward_propagation
# cause: two slips: dW2 is transposed, and db2 is a plain mean of everything times m
# told: dW2.*transpos|db2.*(times as large|\bm\b|sum|average|divi)
def backward_propagation(parameters, cache, X, Y):
    m = X.shape[1]
    dZ2 = cache["A2"] - Y
    dZ1 = parameters["W2"].T @ dZ2 * (1 - cache["A1"] ** 2)
    dW1 = dZ1 @ X.T / m
    db1 = np.sum(dZ1, axis=1, keepdims=True) / m
    dW2 = (dZ2 @ cache["A1"].T / m).T
    db2 = np.sum(dZ2, axis=1, keepdims=True)
    return {"dW1": dW1, "db1": db1, "dW2": dW2, "db2": db2}


# %% backward_db1_wrong_axis: backward_propagation
# cause: db1 sums over all units and examples (a single number), as db2 may
# told: db1
def backward_propagation(parameters, cache, X, Y):
    m = X.shape[1]
    dZ2 = cache["A2"] - Y
    dZ1 = parameters["W2"].T @ dZ2 * (1 - cache["A1"] ** 2)
    dW1 = dZ1 @ X.T / m
    db1 = np.sum(dZ1, keepdims=True) / m
    dW2 = dZ2 @ cache["A1"].T / m
    db2 = np.sum(dZ2, keepdims=True) / m
    return {"dW1": dW1, "db1": db1, "dW2": dW2, "db2": db2}


# %% backward_other_keys: backward_propagation
# cause: the gradients are under W1, b1, W2, b2 instead of dW1, db1, dW2, db2
# told: (key|name|under).*d?W1|W1
def backward_propagation(parameters, cache, X, Y):
    m = X.shape[1]
    dZ2 = cache["A2"] - Y
    dZ1 = parameters["W2"].T @ dZ2 * (1 - cache["A1"] ** 2)
    return {
        "W1": dZ1 @ X.T / m,
        "b1": np.sum(dZ1, axis=1, keepdims=True) / m,
        "W2": dZ2 @ cache["A1"].T / m,
        "b2": np.sum(dZ2, axis=1, keepdims=True) / m,
    }


# %% update_in_place: update_parameters
# cause: the arrays of the argument are changed in place by -=
# told: -=|in place|argument|chang
def update_parameters(parameters, grads, learning_rate=1.2):
    for name in ["W1", "b1", "W2", "b2"]:
        parameters[name] -= learning_rate * grads["d" + name]
    return parameters


# %% update_alters_dict: update_parameters
# cause: the dict that was given is changed (not its arrays) by an assignment to its keys
# told: dict
def update_parameters(parameters, grads, learning_rate=1.2):
    for name in ["W1", "b1", "W2", "b2"]:
        parameters[name] = parameters[name] - learning_rate * grads["d" + name]
    return parameters


# %% update_rate_fixed: update_parameters
# cause: learning_rate is never read; 1.2 is written out
# told: learning_rate|rate
def update_parameters(parameters, grads, learning_rate=1.2):
    W1 = parameters["W1"] - 1.2 * grads["dW1"]
    b1 = parameters["b1"] - 1.2 * grads["db1"]
    W2 = parameters["W2"] - 1.2 * grads["dW2"]
    b2 = parameters["b2"] - 1.2 * grads["db2"]
    return {"W1": W1, "b1": b1, "W2": W2, "b2": b2}


# %% update_b1_without_rate: update_parameters
# cause: the step of b1 lacks the learning rate
# told: b1.*rate
def update_parameters(parameters, grads, learning_rate=1.2):
    W1 = parameters["W1"] - learning_rate * grads["dW1"]
    b1 = parameters["b1"] - grads["db1"]
    W2 = parameters["W2"] - learning_rate * grads["dW2"]
    b2 = parameters["b2"] - learning_rate * grads["db2"]
    return {"W1": W1, "b1": b1, "W2": W2, "b2": b2}


# %% model_return_in_loop: nn_model
# cause: the return stands inside the loop, so that one step is taken
# told: return|one step|1 step|loop
def nn_model(X, Y, n_h, num_iterations=10000, print_cost=False):
    parameters = initialize_parameters(X.shape[0], n_h, 1)
    for i in range(num_iterations):
        A2, cache = forward_propagation(X, parameters)
        cost = compute_cost(A2, Y)
        grads = backward_propagation(parameters, cache, X, Y)
        parameters = update_parameters(parameters, grads)
        if print_cost and i % 1000 == 0:
            print(i, cost)
        return parameters
    return parameters


# %% model_result_thrown_away: nn_model
# cause: the result of update_parameters is not kept
# told: update_parameters|start|no step|never
def nn_model(X, Y, n_h, num_iterations=10000, print_cost=False):
    parameters = initialize_parameters(X.shape[0], n_h, 1)
    for i in range(num_iterations):
        A2, cache = forward_propagation(X, parameters)
        grads = backward_propagation(parameters, cache, X, Y)
        update_parameters(parameters, grads)
    return parameters


# %% model_small_rate: nn_model
# cause: the steps are taken at the rate 0.5 instead of 1.2
# told: rate|0\.5|first step
def nn_model(X, Y, n_h, num_iterations=10000, print_cost=False):
    parameters = initialize_parameters(X.shape[0], n_h, 1)
    for i in range(num_iterations):
        A2, cache = forward_propagation(X, parameters)
        grads = backward_propagation(parameters, cache, X, Y)
        parameters = update_parameters(parameters, grads, learning_rate=0.5)
    return parameters


# %% predict_probabilities: predict
# cause: the probabilities themselves, not 0 and 1
# told: probabilit|A2|0 and 1|0 or 1|round|threshold
def predict(parameters, X):
    A2, cache = forward_propagation(X, parameters)
    return A2


# %% predict_flat: predict
# cause: the shape is (m,), not (1, m)
# told: shape
def predict(parameters, X):
    A2, cache = forward_propagation(X, parameters)
    return (A2[0] > 0.5).astype(int)


# %% predict_reversed: predict
# cause: 1 where A2 is below 0.5
# told: revers|swap|exchang|compl|below|other way|opposite|1 minus
def predict(parameters, X):
    A2, cache = forward_propagation(X, parameters)
    return np.where(A2 > 0.5, 0, 1)


# %% predict_always_one: predict
# cause: `or 1` makes the condition always true, so that every prediction is 1
# told: always|All your predictions are 1
def predict(parameters, X):
    A2, cache = forward_propagation(X, parameters)
    predictions = np.zeros(A2.shape)
    for i in range(A2.shape[1]):
        if A2[0, i] > 0.5 or 1:
            predictions[0, i] = 1
    return predictions


# %% interchangeable_only_W1: units_are_interchangeable
# cause: only W1 is looked at
# told: b1|W2|only.*W1
def units_are_interchangeable(parameters, tolerance=1e-9):
    W1 = parameters["W1"]
    return bool(np.all(np.abs(W1 - W1[0]) <= tolerance))


# %% interchangeable_columns: units_are_interchangeable
# cause: compares columns of W1 and not its rows
# told: row|column|W1
def units_are_interchangeable(parameters, tolerance=1e-9):
    W1, b1, W2 = parameters["W1"], parameters["b1"], parameters["W2"]
    same = np.all(np.abs(W1 - W1[:, :1]) <= tolerance)
    same = same and np.all(np.abs(b1 - b1[0]) <= tolerance)
    return bool(same and np.all(np.abs(W2 - W2[:, :1]) <= tolerance))


# %% slope_of_mean: mean_tanh_slope
# cause: the slope at the mean of Z, not the mean of the slopes
# told: mean of Z|mean
def mean_tanh_slope(Z):
    return 1 - np.tanh(np.mean(Z)) ** 2


# %% slope_not_squared: mean_tanh_slope
# cause: tanh is not squared
# told: squar
def mean_tanh_slope(Z):
    return float(np.mean(1 - np.tanh(Z)))


# %% slope_printed: mean_tanh_slope
# cause: the result is printed and not returned
# told: print|return
def mean_tanh_slope(Z):
    print(np.mean(1 - np.tanh(Z) ** 2))


# %% f_b1_for_b2: forward_propagation
# cause: the biases of layer 1 (their sum) are used in layer 2
# told: `Z2`
def forward_propagation(X, parameters):
    Z1 = parameters["W1"] @ X + parameters["b1"]
    A1 = np.tanh(Z1)
    Z2 = parameters["W2"] @ A1 + parameters["b1"].sum()
    A2 = sigmoid(Z2)
    return A2, dict(Z1=Z1, A1=A1, Z2=Z2, A2=A2)


# %% b_recompute_no_bias: backward_propagation
# cause: recomputes A1 without the bias instead of the cache's
# told: `A1`
def backward_propagation(parameters, cache, X, Y):
    m = X.shape[1]
    A1 = np.tanh(parameters["W1"] @ X)
    dZ2 = cache["A2"] - Y
    dZ1 = (parameters["W2"].T @ dZ2) * (1 - A1 ** 2)
    return {"dW1": dZ1 @ X.T / m, "db1": dZ1.mean(axis=1, keepdims=True),
            "dW2": dZ2 @ A1.T / m, "db2": dZ2.mean(axis=1, keepdims=True)}


# %% b_threshold: backward_propagation
# cause: uses the decision (A2 > 0.5) rather than the probability
# told: `dZ2`
def backward_propagation(parameters, cache, X, Y):
    m = X.shape[1]
    dZ2 = (cache["A2"] > 0.5) - Y
    dZ1 = (parameters["W2"].T @ dZ2) * (1 - cache["A1"] ** 2)
    return {"dW1": dZ1 @ X.T / m, "db1": dZ1.mean(axis=1, keepdims=True),
            "dW2": dZ2 @ cache["A1"].T / m, "db2": dZ2.mean(axis=1, keepdims=True)}


# %% u_divides: update_parameters
# cause: divides by the rate
# told: divided by learning_rate
def update_parameters(parameters, grads, learning_rate=1.2):
    return {k: v - grads["d" + k] / learning_rate for k, v in parameters.items()}


# %% n_forward_once: nn_model
# cause: forward only before the loop: gradients always of the start
# told: outside the loop
def nn_model(X, Y, n_h, num_iterations=10000, print_cost=False):
    parameters = initialize_parameters(X.shape[0], n_h, Y.shape[0])
    A2, cache = forward_propagation(X, parameters)
    for i in range(num_iterations):
        grads = backward_propagation(parameters, cache, X, Y)
        parameters = update_parameters(parameters, grads)
    return parameters


# %% n_restart: nn_model
# cause: initialises in every step
# told: inside the loop
def nn_model(X, Y, n_h, num_iterations=10000, print_cost=False):
    for i in range(num_iterations + 1):
        parameters = initialize_parameters(X.shape[0], n_h, Y.shape[0])
        A2, cache = forward_propagation(X, parameters)
        grads = backward_propagation(parameters, cache, X, Y)
        parameters = update_parameters(parameters, grads)
    return parameters


# %% units_mean_of_rows: units_are_interchangeable
# cause: compares the means of the rows, not the rows
# told: count as equal|mean of
def units_are_interchangeable(parameters, tolerance=1e-9):
    W1, b1, W2 = parameters["W1"], parameters["b1"], parameters["W2"]
    return bool(np.ptp(W1.mean(axis=1)) <= tolerance and np.ptp(b1) <= tolerance and np.ptp(W2.mean(axis=0)) <= tolerance)


# %% cost_log_of_the_mean: compute_cost
# cause: the log of the mean probability of the truth, not the mean of logs
# told: single example
def compute_cost(A2, Y):
    p = Y * A2 + (1 - Y) * (1 - A2)
    return -np.log(np.mean(p))


# %% b_db1_summed_over_all: backward_propagation
# cause: db1 summed over all units and examples: one number
# told: one sum
def backward_propagation(parameters, cache, X, Y):
    m = Y.shape[1]
    d2 = cache["A2"] - Y
    d1 = (parameters["W2"].T @ d2) * (1 - cache["A1"] ** 2)
    db1 = np.full(parameters["b1"].shape, np.sum(d1) / m)
    return {"dW1": d1 @ X.T / m, "db1": db1,
            "dW2": d2 @ cache["A1"].T / m, "db2": d2.sum(1, keepdims=True) / m}


# %% b_output_slope_and_db1_not_averaged: backward_propagation
# cause: dZ2 multiplied by A2(1-A2), and missing 1/m in db1 (mixed)
# told: dZ2.*first wrong|slope
def backward_propagation(parameters, cache, X, Y):
    m = Y.shape[1]
    A1, A2, W2 = cache["A1"], cache["A2"], parameters["W2"]
    dZ2 = (A2 - Y) * A2 * (1 - A2)
    dW2 = dZ2 @ A1.T / m
    db2 = dZ2.sum(axis=1, keepdims=True) / m
    dZ1 = W2.T @ dZ2 * (1 - A1 ** 2)
    dW1 = dZ1 @ X.T / m
    db1 = dZ1.sum(axis=1, keepdims=True)
    return {"dW1": dW1, "db1": db1, "dW2": dW2, "db2": db2}


# %% u_difference_times_rate: update_parameters
# cause: parameters scaled by 1 - rate*... : (p - g) * rate
# told: start from|only the gradient should be
def update_parameters(parameters, grads, learning_rate=1.2):
    return {k: learning_rate * (parameters[k] - grads["d" + k]) for k in ["W1", "b1", "W2", "b2"]}


# %% predict_mean: predict
# cause: threshold is the mean
# told: other examples|mean
def predict(parameters, X):
    A2, _ = forward_propagation(X, parameters)
    limit = A2.mean()
    return (A2 > limit) + 0
