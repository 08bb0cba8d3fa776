# %% sigmoid_sign: sigmoid
# cause: the exponent lacks its minus: the sigmoid of -z
# told: minus|sign|-z|1 - |1 minus
def sigmoid(z):
    return 1 / (1 + np.exp(z))


# %% sigmoid_scalar_math: sigmoid
# cause: math.exp cannot take arrays
# told: math|array|TypeError|scalar
def sigmoid(z):
    import math
    return 1 / (1 + math.exp(-z))


# %% sigmoid_clipped: sigmoid
# cause: z is clipped to [-5, 5], so large values are wrong
# told: clip|cut|large|bound|limit
def sigmoid(z):
    z = np.clip(z, -5, 5)
    return 1 / (1 + np.exp(-z))


# %% sigmoid_tanh: sigmoid
# cause: it is tanh
# told: tanh
def sigmoid(z):
    return (np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z))


# %% sigmoid_rounded: sigmoid
# cause: rounded to 2 digits
# told: round|digit|decimal
def sigmoid(z):
    return np.round(1 / (1 + np.exp(-z)), 2)


# %% zeros_flat: initialize_with_zeros
# cause: w is (dim,), not (dim, 1)
# told: shape
def initialize_with_zeros(dim):
    return np.zeros(dim), 0.0


# %% zeros_row: initialize_with_zeros
# cause: w is a row, (1, dim)
# told: row|transpos|shape
def initialize_with_zeros(dim):
    w = np.zeros((1, dim))
    b = 0
    return w, b


# %% zeros_order: initialize_with_zeros
# cause: b comes first
# told: order|first value|exchanged
def initialize_with_zeros(dim):
    w = np.zeros((dim, 1))
    b = 0.0
    return b, w


# %% propagate_dw_sum: propagate
# cause: dw is not divided by m
# told: (dw.*(times as large|1/m|\bm\b|average|mean|divi|sum))|(divided db by m, and dw not)
def propagate(w, b, X, Y):
    m = X.shape[1]
    A = sigmoid(np.dot(w.T, X) + b)
    cost = -1 / m * np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A))
    dw = np.dot(X, (A - Y).T)
    db = 1 / m * np.sum(A - Y)
    return {"dw": dw, "db": db}, cost


# %% propagate_divides_by_features: propagate
# cause: m is X.shape[0], the number of features
# told: feature|n_x|shape\[0\]|examples
def propagate(w, b, X, Y):
    m = X.shape[0]
    A = sigmoid(np.dot(w.T, X) + b)
    cost = -1 / m * np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A))
    dw = np.dot(X, (A - Y).T) / m
    db = np.sum(A - Y) / m
    return {"dw": dw, "db": db}, cost


# %% propagate_order: propagate
# cause: the cost comes before the gradients
# told: order|first|before|pair|cost
def propagate(w, b, X, Y):
    m = X.shape[1]
    A = sigmoid(w.T @ X + b)
    cost = -np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A)) / m
    return cost, {"dw": X @ (A - Y).T / m, "db": np.sum(A - Y) / m}


# %% propagate_slope_too_many: propagate
# cause: the error is multiplied by the slope of the sigmoid A (1 - A), as for a squared error
# told: slope|A \* \(1 - A\)|derivative
def propagate(w, b, X, Y):
    m = X.shape[1]
    A = sigmoid(w.T @ X + b)
    cost = -np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A)) / m
    dZ = (A - Y) * A * (1 - A)
    return {"dw": X @ dZ.T / m, "db": np.sum(dZ) / m}, cost


# %% propagate_db_from_dw: propagate
# cause: db is the sum of dw
# told: db
def propagate(w, b, X, Y):
    m = X.shape[1]
    A = sigmoid(w.T @ X + b)
    cost = -np.mean(Y * np.log(A) + (1 - Y) * np.log(1 - A))
    dw = X @ (A - Y).T / m
    db = np.sum(dw)
    return {"dw": dw, "db": db}, cost


# %% propagate_notebook_labels: propagate
# cause: reads the notebook's train_labels instead of its argument Y
# told: train_labels|not defined|Y
def propagate(w, b, X, Y):
    m = X.shape[1]
    A = sigmoid(w.T @ X + b)
    cost = -np.sum(train_labels * np.log(A) + (1 - train_labels) * np.log(1 - A)) / m
    dZ = A - train_labels
    return {"dw": X @ dZ.T / m, "db": np.sum(dZ) / m}, cost


# %% propagate_forgets_b: propagate
# cause: b is not added to the scores
# told: \bb\b
def propagate(w, b, X, Y):
    m = X.shape[1]
    A = sigmoid(w.T @ X)
    cost = -np.mean(Y * np.log(A) + (1 - Y) * np.log(1 - A))
    return {"dw": X @ (A - Y).T / m, "db": np.sum(A - Y) / m}, cost


# %% optimize_plus: optimize
# cause: steps up the gradient
# told: sign|\+|up|against|ascen|direction|subtract
def optimize(w, b, X, Y, num_iterations=100, learning_rate=0.009, print_cost=False):
    costs = []
    for i in range(num_iterations):
        grads, cost = propagate(w, b, X, Y)
        w = w + learning_rate * grads["dw"]
        b = b + learning_rate * grads["db"]
        if i % 100 == 0:
            costs.append(cost)
    return {"w": w, "b": b}, grads, costs


# %% optimize_one_step_few: optimize
# cause: the loop starts at 1, so that one step is missing
# told: step|iteration
def optimize(w, b, X, Y, num_iterations=100, learning_rate=0.009, print_cost=False):
    costs = []
    for i in range(1, num_iterations):
        grads, cost = propagate(w, b, X, Y)
        w = w - learning_rate * grads["dw"]
        b = b - learning_rate * grads["db"]
        if (i - 1) % 100 == 0:
            costs.append(cost)
    return {"w": w, "b": b}, grads, costs


# %% optimize_at_most_100: optimize
# cause: never more than 100 steps are taken
# told: 100|num_iterations
def optimize(w, b, X, Y, num_iterations=100, learning_rate=0.009, print_cost=False):
    costs = []
    for i in range(100):
        grads, cost = propagate(w, b, X, Y)
        w = w - learning_rate * grads["dw"]
        b = b - learning_rate * grads["db"]
        if i % 100 == 0:
            costs.append(cost)
    return {"w": w, "b": b}, grads, costs


# %% optimize_b_not_updated: optimize
# cause: b is never updated
# told: \bb\b
def optimize(w, b, X, Y, num_iterations=100, learning_rate=0.009, print_cost=False):
    costs = []
    for i in range(num_iterations):
        grads, cost = propagate(w, b, X, Y)
        w = w - learning_rate * grads["dw"]
        if i % 100 == 0:
            costs.append(cost)
    return {"w": w, "b": b}, grads, costs


# %% optimize_in_place: optimize
# cause: w -= changes the array that was given
# told: -=|in place|given|argument
def optimize(w, b, X, Y, num_iterations=100, learning_rate=0.009, print_cost=False):
    costs = []
    for i in range(num_iterations):
        grads, cost = propagate(w, b, X, Y)
        w -= learning_rate * grads["dw"]
        b -= learning_rate * grads["db"]
        if i % 100 == 0:
            costs.append(cost)
    return {"w": w, "b": b}, grads, costs


# %% optimize_default_rate: optimize
# cause: the default learning rate is 0.5, not 0.009
# told: default|learning_rate|rate
def optimize(w, b, X, Y, num_iterations=100, learning_rate=0.5, print_cost=False):
    costs = []
    for i in range(num_iterations):
        grads, cost = propagate(w, b, X, Y)
        w = w - learning_rate * grads["dw"]
        b = b - learning_rate * grads["db"]
        if i % 100 == 0:
            costs.append(cost)
    return {"w": w, "b": b}, grads, costs


# %% optimize_returns_early: optimize
# cause: return inside the loop: one step
# told: return|one step|1 step|loop
def optimize(w, b, X, Y, num_iterations=100, learning_rate=0.009, print_cost=False):
    costs = []
    for i in range(num_iterations):
        grads, cost = propagate(w, b, X, Y)
        w = w - learning_rate * grads["dw"]
        b = b - learning_rate * grads["db"]
        if i % 100 == 0:
            costs.append(cost)
        params = {"w": w, "b": b}
        return params, grads, costs


# %% predict_no_sigmoid: predict
# cause: the scores are compared with 0.5, not the probabilities
# told: sigmoid|score|probabilit
def predict(w, b, X):
    return np.where(np.dot(w.T, X) + b > 0.5, 1.0, 0.0)


# %% predict_first_only: predict
# cause: all predictions are that of the first example
# told: first example|first|one number over and over
def predict(w, b, X):
    m = X.shape[1]
    Y_prediction = np.zeros((1, m))
    A = sigmoid(np.dot(w.T, X) + b)
    for i in range(m):
        Y_prediction[0, i] = 1 if A[0, 0] > 0.5 else 0
    return Y_prediction


# %% predict_as_list: predict
# cause: (m, 1) instead of (1, m)
# told: shape|transpos
def predict(w, b, X):
    A = sigmoid(np.dot(X.T, w) + b)
    return (A > 0.5).astype(int)


# %% s_where_swapped: sigmoid
# cause: the two branches of the stable form are swapped
# told: 1 minus
def sigmoid(z):
    z = np.asarray(z, dtype=float)
    return np.where(z < 0, 1 / (1 + np.exp(-z)) * 0 + np.exp(-np.abs(z)) / (1 + np.exp(-np.abs(z))) , 1 - 1 / (1 + np.exp(-np.abs(z))))


# %% s_base2: sigmoid
# cause: 2 ** -z instead of e ** -z
# told: log 2 times
def sigmoid(z):
    return 1 / (1 + 2.0 ** (-z))


# %% s_float_only: sigmoid
# cause: an if on an array
# told: line 2
def sigmoid(z):
    if z >= 0:
        return 1 / (1 + np.exp(-z))
    return np.exp(z) / (1 + np.exp(z))


# %% p_only_ones: propagate
# cause: the cost has only the term of label 1
# told: label 0
def propagate(w, b, X, Y):
    m = X.shape[1]
    A = sigmoid(w.T @ X + b)
    losses = []
    for a, y in zip(A.ravel(), Y.ravel()):
        if y == 1:
            losses.append(-np.log(a))
    return {"dw": X @ (A - Y).T / m, "db": np.mean(A - Y)}, sum(losses) / m


# %% p_mean_of_ones: propagate
# cause: the two classes are averaged each for itself and then added
# told: `cost`
def propagate(w, b, X, Y):
    m = X.shape[1]
    A = sigmoid(w.T @ X + b)
    cost = -np.log(A[Y == 1]).mean() - np.log(1 - A[Y == 0]).mean()
    return {"dw": X @ (A - Y).T / m, "db": np.mean(A - Y)}, cost


# %% p_regular: propagate
# cause: adds L2 regularisation to the gradient
# told: wrongly added
def propagate(w, b, X, Y):
    m = X.shape[1]
    A = sigmoid(w.T @ X + b)
    cost = -np.mean(Y * np.log(A) + (1 - Y) * np.log(1 - A)) + 0.1 / (2 * m) * np.sum(w ** 2)
    return {"dw": X @ (A - Y).T / m + 0.1 / m * w, "db": np.mean(A - Y)}, cost


# %% o_b_from_new_w: optimize
# cause: the gradient of b is taken after w has moved
# told: Line 6
def optimize(w, b, X, Y, num_iterations=100, learning_rate=0.009, print_cost=False):
    costs = []
    for i in range(num_iterations):
        grads, cost = propagate(w, b, X, Y)
        w = w - learning_rate * grads["dw"]
        grads, _ = propagate(w, b, X, Y)
        b = b - learning_rate * grads["db"]
        if i % 100 == 0:
            costs.append(cost)
    return {"w": w, "b": b}, grads, costs


# %% o_one_less: optimize
# cause: one step too few
# told: 1 less
def optimize(w, b, X, Y, num_iterations=100, learning_rate=0.009, print_cost=False):
    costs = []
    grads, cost = propagate(w, b, X, Y)
    costs.append(cost)
    i = 1
    while i < num_iterations:
        w = w - learning_rate * grads["dw"]
        b = b - learning_rate * grads["db"]
        grads, cost = propagate(w, b, X, Y)
        if i % 100 == 0:
            costs.append(cost)
        i += 1
    return {"w": w, "b": b}, grads, costs


# %% o_early: optimize
# cause: stops when the cost no longer falls by 1e-3
# told: loop ends
def optimize(w, b, X, Y, num_iterations=100, learning_rate=0.009, print_cost=False):
    costs = []
    old = np.inf
    for i in range(num_iterations):
        grads, cost = propagate(w, b, X, Y)
        if old - cost < 1e-3:
            break
        old = cost
        w = w - learning_rate * grads["dw"]
        b = b - learning_rate * grads["db"]
        if i % 100 == 0:
            costs.append(cost)
    return {"w": w, "b": b}, grads, costs


# %% o_momentum: optimize
# cause: uses momentum
# told: momentum|after|step
def optimize(w, b, X, Y, num_iterations=100, learning_rate=0.009, print_cost=False):
    costs, vw, vb = [], np.zeros_like(w), 0.0
    for i in range(num_iterations):
        grads, cost = propagate(w, b, X, Y)
        vw = 0.9 * vw + grads["dw"]
        vb = 0.9 * vb + grads["db"]
        w = w - learning_rate * vw
        b = b - learning_rate * vb
        if i % 100 == 0:
            costs.append(cost)
    return {"w": w, "b": b}, grads, costs


# %% sigmoid_integer_buffer: sigmoid
# cause: the buffer has z's dtype, so that integer z give 0
# told: whole numbers
def sigmoid(z):
    z = np.array(z)
    s = np.zeros_like(z)
    for i in np.ndindex(z.shape):
        s[i] = 1 / (1 + np.exp(-z[i]))
    return s


# %% p_bracket_of_log: propagate
# cause: log(1) - A in place of log(1 - A)
# told: bracket
def propagate(w, b, X, Y):
    m = X.shape[1]
    A = sigmoid(w.T @ X + b)
    cost = -np.sum(Y * np.log(A) + (1 - Y) * (np.log(1) - A)) / m
    dz = A - Y
    return {"dw": X @ dz.T / m, "db": dz.sum() / m}, cost


# %% p_column_of_answers: propagate
# cause: A is a column (m,1) and A - Y becomes (m,m)
# told: transposed
def propagate(w, b, X, Y):
    m = X.shape[1]
    A = sigmoid(X.T @ w + b)
    cost = -np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A)) / m
    E = A - Y
    dw = X @ E.mean(axis=1, keepdims=True) / m
    db = E.sum() / m
    return {"dw": dw, "db": db}, cost


# %% o_one_example_in_turn: optimize
# cause: each step looks at one example only
# told: first example alone
def optimize(w, b, X, Y, num_iterations=100, learning_rate=0.009, print_cost=False):
    costs = []
    m = X.shape[1]
    for i in range(num_iterations):
        j = i % m
        grads, _ = propagate(w, b, X[:, j:j+1], Y[:, j:j+1])
        if i % 100 == 0:
            costs.append(propagate(w, b, X, Y)[1])
        w = w - learning_rate * grads["dw"]
        b = b - learning_rate * grads["db"]
    return {"w": w, "b": b}, {"dw": grads["dw"], "db": grads["db"]}, costs


# %% o_zero_again: optimize
# cause: starts from zero, not from the given w and b
# told: zero|should not be|gives `w` another value
def optimize(w, b, X, Y, num_iterations=100, learning_rate=0.009, print_cost=False):
    w, b = initialize_with_zeros(X.shape[0])
    costs = []
    for i in range(num_iterations):
        grads, cost = propagate(w, b, X, Y)
        costs.append(cost)
        w, b = w - learning_rate * grads["dw"], b - learning_rate * grads["db"]
    return {"w": w, "b": b}, grads, costs


# %% predict_median: predict
# cause: threshold is the median of the probabilities
# told: other examples|median
def predict(w, b, X):
    A = sigmoid(np.dot(w.T, X) + b)
    return (A > np.median(A)).astype(int)
