"""Right answers in other forms: each must get full points.

An entry is a name and, for each function that is written another way, its source. The source may
define what it needs besides; `np` is there, as in the notebook.
"""

EQUIVALENTS: tuple[tuple[str, dict[str, str]], ...] = (
    (
        "the_plain_formula",
        {
            "sigmoid": """
def sigmoid(z):
    s = 1 / (1 + np.exp(-z))
    return s
""",
            "initialize_with_zeros": """
def initialize_with_zeros(dim):
    w = np.zeros(shape=(dim, 1), dtype=np.float32)
    b = 0
    assert w.shape == (dim, 1)
    assert isinstance(b, float) or isinstance(b, int)
    return w, b
""",
            "propagate": """
def propagate(w, b, X, Y):
    m = X.shape[1]
    A = sigmoid(np.dot(w.T, X) + b)
    cost = -1 / m * np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A))
    dw = 1 / m * np.dot(X, (A - Y).T)
    db = 1 / m * np.sum(A - Y)
    assert dw.shape == w.shape
    assert db.dtype == float
    cost = np.squeeze(cost)
    assert cost.shape == ()
    grads = {"dw": dw, "db": db}
    return grads, cost
""",
            "optimize": """
def optimize(w, b, X, Y, num_iterations=100, learning_rate=0.009, print_cost=False):
    costs = []
    for i in range(num_iterations):
        grads, cost = propagate(w, b, X, Y)
        dw = grads["dw"]
        db = grads["db"]
        w = w - learning_rate * dw
        b = b - learning_rate * db
        if i % 100 == 0:
            costs.append(cost)
        if print_cost and i % 100 == 0:
            print("Cost after iteration %i: %f" % (i, cost))
    params = {"w": w, "b": b}
    grads = {"dw": dw, "db": db}
    return params, grads, costs
""",
            "predict": """
def predict(w, b, X):
    m = X.shape[1]
    Y_prediction = np.zeros((1, m))
    w = w.reshape(X.shape[0], 1)
    A = sigmoid(np.dot(w.T, X) + b)
    for i in range(A.shape[1]):
        Y_prediction[0, i] = 1 if A[0, i] > 0.5 else 0
    assert Y_prediction.shape == (1, m)
    return Y_prediction
""",
        },
    ),
    (
        "single_precision",
        {
            "sigmoid": """
def sigmoid(z):
    return 1 / (1 + np.exp(-np.float32(z)))
""",
            "initialize_with_zeros": """
def initialize_with_zeros(dim):
    return np.zeros((dim, 1), np.float32), np.float32(0)
""",
            "propagate": """
def propagate(w, b, X, Y):
    w, b, X, Y = (np.float32(each) for each in (w, b, X, Y))
    A = sigmoid(w.T @ X + b)
    cost = -np.mean(Y * np.log(A + 1e-8) + (1 - Y) * np.log(1 - A + 1e-8))
    return {"dw": X @ (A - Y).T / Y.size, "db": np.mean(A - Y)}, cost
""",
            "optimize": """
def optimize(w, b, X, Y, num_iterations=100, learning_rate=0.009, print_cost=False):
    w, b, rate = np.float32(w), np.float32(b), np.float32(learning_rate)
    costs = []
    for i in range(num_iterations):
        grads, cost = propagate(w, b, X, Y)
        costs.append(cost)
        w, b = w - rate * grads["dw"], b - rate * grads["db"]
    return {"w": w, "b": b}, grads, costs
""",
        },
    ),
    (
        "loops",
        {
            "sigmoid": """
import math

def sigmoid(z):
    def of_one(number):
        if number < -700:
            return 0.0
        return 1 / (1 + math.exp(-number))
    if np.ndim(z) == 0:
        return of_one(z)
    result = np.zeros(np.shape(z))
    for index in np.ndindex(result.shape):
        result[index] = of_one(z[index])
    return result
""",
            "initialize_with_zeros": """
def initialize_with_zeros(dim):
    return np.array([[0.0] for _ in range(dim)]), 0.0
""",
            "propagate": """
import math

def propagate(w, b, X, Y):
    n_x, m = X.shape
    dw, db, cost = np.zeros((n_x, 1)), 0.0, 0.0
    for i in range(m):
        z = b
        for j in range(n_x):
            z += w[j, 0] * X[j, i]
        a = sigmoid(z)
        cost -= math.log(max(a if Y[0, i] == 1 else 1 - a, 1e-300))
        for j in range(n_x):
            dw[j, 0] += X[j, i] * (a - Y[0, i])
        db += a - Y[0, i]
    return {"dw": dw / m, "db": db / m}, cost / m
""",
        },
    ),
    (
        "einsum",
        {
            "propagate": """
def propagate(w, b, X, Y):
    A = sigmoid(np.einsum("jk,ji->ki", w, X) + b)
    error = (A - Y) / X.shape[1]
    told = np.where(Y == 1, A, 1 - A)
    grads = {"dw": np.einsum("ji,ki->jk", X, error), "db": np.einsum("ki->", error)}
    return grads, np.mean(-np.log(np.clip(told, 1e-12, None)))
""",
            "predict": """
def predict(w, b, X):
    return np.einsum("jk,ji->ki", w, X) + b > 0
""",
        },
    ),
    (
        "a_sigmoid_by_parts",
        {
            "sigmoid": """
def sigmoid(z):
    z = np.asarray(z, dtype=float)
    result = np.empty_like(z)
    positive = z >= 0
    result[positive] = 1 / (1 + np.exp(-z[positive]))
    result[~positive] = np.exp(z[~positive]) / (1 + np.exp(z[~positive]))
    return result
""",
        },
    ),
    (
        "a_sigmoid_by_tanh",
        {
            "sigmoid": """
def sigmoid(z):
    return 0.5 * (1 + np.tanh(0.5 * z))
""",
        },
    ),
    (
        "a_sigmoid_of_logarithms",
        {
            "sigmoid": """
def sigmoid(z):
    return np.exp(-np.logaddexp(0, -z))
""",
        },
    ),
    (
        "a_clipped_sigmoid",
        {
            "sigmoid": """
def sigmoid(z, bound=30):
    return np.reciprocal(1.0 + np.exp(-np.clip(z, -bound, bound)))
""",
        },
    ),
    (
        "a_sigmoid_of_scipy",
        {
            "sigmoid": """
from scipy.special import expit as sigmoid
""",
        },
    ),
    (
        "lambdas_and_objects",
        {
            "sigmoid": """
sigmoid = lambda z: 1.0 / (1.0 + np.exp(-z))
""",
            "initialize_with_zeros": """
initialize_with_zeros = lambda dim: [np.zeros((dim, 1)), np.array(0.0)]
""",
            "predict": """
class Predict:
    threshold = 0.5

    def __call__(self, w, b, X):
        return np.where(sigmoid(w.T @ X + b) > self.threshold, 1.0, 0.0)

predict = Predict()
""",
        },
    ),
    (
        "partial_functions",
        {
            "optimize": """
from functools import partial

def descent(every, w, b, X, Y, num_iterations=100, learning_rate=0.009, print_cost=False):
    costs = []
    for step in range(num_iterations):
        grads, cost = propagate(w, b, X, Y)
        if step % every == 0:
            costs.append(float(cost))
            print_cost and print(step, cost)
        w, b = w - learning_rate * grads["dw"], b - learning_rate * grads["db"]
    return {"w": w, "b": b}, grads, costs

optimize = partial(descent, 10)
""",
        },
    ),
    (
        "copies_that_are_changed",
        {
            "optimize": """
import copy

def optimize(w, b, X, Y, num_iterations=100, learning_rate=0.009, print_cost=False):
    w = copy.deepcopy(w)
    b = copy.deepcopy(b)
    costs = []
    for i in range(num_iterations):
        grads, cost = propagate(w, b, X, Y)
        w -= learning_rate * grads["dw"]
        b -= learning_rate * grads["db"]
        if i % 100 == 0:
            costs.append(cost)
            if print_cost:
                print(f"Cost after iteration {i}: {cost}")
    return {"w": w, "b": b}, grads, costs
""",
        },
    ),
    (
        "gradients_after_the_last_step",
        {
            "optimize": """
def optimize(w, b, X, Y, num_iterations=100, learning_rate=0.009, print_cost=False):
    grads, cost = propagate(w, b, X, Y)
    costs = [cost]
    for _ in range(num_iterations):
        w = w - learning_rate * grads["dw"]
        b = b - learning_rate * grads["db"]
        grads, cost = propagate(w, b, X, Y)
        costs.append(cost)
    return {"w": w, "b": b}, grads, np.array(costs)
""",
        },
    ),
    (
        "training_by_a_while_loop",
        {
            "optimize": """
def optimize(w, b, X, Y, num_iterations=100, learning_rate=0.009, print_cost=False):
    parameters, history, left = {"w": w, "b": b}, (), num_iterations
    while left > 0:
        grads, cost = propagate(parameters["w"], parameters["b"], X, Y)
        history += (cost,)
        parameters = {key: parameters[key] - learning_rate * grads["d" + key] for key in "wb"}
        left -= 1
    if print_cost:
        print(history[0], history[-1])
    return parameters, grads, history
""",
        },
    ),
    (
        "training_with_further_settings",
        {
            "propagate": """
def propagate(w, b, X, Y, penalty=0.0):
    A = sigmoid(w.T @ X + b)
    cost = -np.average(np.where(Y > 0, np.log(A), np.log1p(-A))) + penalty * np.sum(w**2)
    grads = {"dw": np.mean(X * (A - Y), axis=1, keepdims=True), "db": (A - Y).mean(), "A": A}
    return grads, cost
""",
            "optimize": """
def optimize(
    w, b, X, Y, num_iterations=100, learning_rate=0.009, print_cost=False, *, every=50, **settings
):
    costs = []
    for i in range(num_iterations):
        grads, cost = propagate(w, b, X, Y)
        if i % every == 0:
            costs += [cost]
        w, b = w - learning_rate * grads["dw"], b - learning_rate * grads["db"]
    return {"w": w, "b": b, "steps": num_iterations}, grads, costs
""",
        },
    ),
    (
        "training_in_one_function",
        {
            "optimize": """
def optimize(w, b, X, Y, num_iterations=100, learning_rate=0.009, print_cost=False):
    m, costs = X.shape[1], []
    for i in range(num_iterations):
        z = w.T @ X + b
        error = 1 / (1 + np.exp(-z)) - Y
        if i % 100 == 0:
            costs.append(np.mean(np.logaddexp(0, z) - Y * z))
        dw, db = X @ error.T / m, error.sum() / m
        w, b = w - learning_rate * dw, b - learning_rate * db
    return {"w": w, "b": b}, {"dw": dw, "db": db}, costs
""",
        },
    ),
    (
        "a_bias_as_the_weight_of_a_constant_feature",
        {
            "propagate": """
def propagate(w, b, X, Y):
    features = np.vstack([X, np.ones((1, X.shape[1]))])
    weights = np.vstack([w, [[b]]])
    A = sigmoid(weights.T @ features)
    gradient = features @ (A - Y).T / Y.shape[1]
    cost = -(Y @ np.log(A).T + (1 - Y) @ np.log(1 - A).T).item() / Y.shape[1]
    return {"dw": gradient[:-1], "db": gradient[-1, 0]}, cost
""",
        },
    ),
    (
        "a_cost_from_the_scores",
        {
            "propagate": """
def propagate(w, b, X, Y):
    Z = w.T @ X + b
    A = sigmoid(Z)
    losses = np.maximum(Z, 0) - Y * Z + np.log1p(np.exp(-np.abs(Z)))
    return dict(db=float(np.mean(A - Y)), dw=(X * (A - Y)).sum(axis=1).reshape(-1, 1) / Y.size), (
        losses.mean()
    )
""",
        },
    ),
    (
        "a_cost_by_masks",
        {
            "propagate": """
def propagate(w, b, X, Y):
    m = Y.size
    A = sigmoid((X.T @ w).T + b)
    eps = 1e-9
    cost = -(np.log(A[Y == 1] + eps).sum() + np.log(1 - A[Y == 0] + eps).sum()) / m
    dZ = A - Y
    return {"dw": (dZ @ X.T).T / m, "db": dZ.sum() / m}, cost
""",
        },
    ),
    (
        "the_chain_rule_in_full",
        {
            "propagate": """
def propagate(w, b, X, Y):
    m = X.shape[1]
    A = np.clip(sigmoid(np.matmul(np.transpose(w), X) + b), 1e-12, 1 - 1e-12)
    cost = np.divide(-np.sum(np.multiply(Y, np.log(A)) + np.multiply(1 - Y, np.log(1 - A))), m)
    dA = np.divide(1 - Y, 1 - A) - np.divide(Y, A)
    dZ = dA * A * (1 - A)
    return {"dw": np.matmul(X, dZ.T) / m, "db": np.squeeze(np.sum(dZ, axis=1) / m)}, cost
""",
        },
    ),
    (
        "weights_as_a_flat_array_inside",
        {
            "propagate": """
def propagate(w, b, X, Y):
    flat, y = w.ravel(), np.ravel(Y)
    a = sigmoid(flat @ X + b)
    told = np.abs(1 - y - a)
    gradient = X @ (a - y) / len(y)
    return {"dw": gradient.reshape(w.shape), "db": (a - y).mean()}, -np.log(told).mean()
""",
            "predict": """
def predict(w, b, X):
    scores = X.T @ w[:, 0] + b
    return np.array([[1 if score > 0 else 0 for score in scores]])
""",
        },
    ),
    (
        "example_by_example",
        {
            "propagate": """
def propagate(w, b, X, Y):
    dw, db, losses = 0, 0, []
    for x, y in zip(X.T, Y[0]):
        a = sigmoid(float(w[:, 0] @ x) + b)
        losses.append(-np.log(a) if y else -np.log(1 - a))
        dw = dw + (a - y) * x[:, np.newaxis] / X.shape[1]
        db = db + (a - y) / X.shape[1]
    return {"dw": dw, "db": db}, sum(losses) / len(losses)
""",
        },
    ),
    (
        "rounded_predictions",
        {
            "predict": """
def predict(w, b, X):
    return np.round(sigmoid(w.T @ X + b))
""",
        },
    ),
    (
        "predictions_by_the_sign_of_the_score",
        {
            "predict": """
def predict(w, b, X):
    return np.heaviside(w.T @ X + b, 0.0).astype(np.int8)
""",
        },
    ),
    (
        "columns_first_in_memory",
        {
            "initialize_with_zeros": """
def initialize_with_zeros(dim):
    return np.zeros((dim, 1), order="F"), np.float64(-0.0)
""",
            "propagate": """
def propagate(w, b, X, Y):
    X, m = np.asfortranarray(X), X.shape[1]
    A = sigmoid((X.T @ w + b).T)
    dZ = np.asfortranarray(A - Y)
    cost = -np.vdot(Y, np.log(A)) - np.vdot(1 - Y, np.log(1 - A))
    return {"dw": np.tensordot(X, dZ, axes=(1, 1)) / m, "db": np.average(dZ)}, np.array(cost / m)
""",
        },
    ),
    (
        "one_closure_for_all",
        {
            "propagate": """
def make_model():
    def forward(w, b, X):
        return sigmoid(w.T @ X + b)

    def both(w, b, X, Y):
        A = forward(w, b, X)
        cost = -np.mean(np.log(np.where(Y, A, 1 - A)))
        return {"dw": X @ (A - Y).T / Y.size, "db": np.mean(A - Y)}, cost

    def decide(w, b, X):
        return 1 * (forward(w, b, X) > 0.5)

    return both, decide

propagate, predict = make_model()
""",
            "predict": """
# Defined above.
""",
        },
    ),
    (
        "training_by_a_generator",
        {
            "optimize": """
from itertools import islice

def descent(w, b, X, Y, rate):
    while True:
        grads, cost = propagate(w, b, X, Y)
        w, b = w - rate * grads["dw"], b - rate * grads["db"]
        yield w, b, grads, cost

def optimize(w, b, X, Y, num_iterations=100, learning_rate=0.009, print_cost=False):
    costs = []
    for w, b, grads, cost in islice(descent(w, b, X, Y, learning_rate), num_iterations):
        costs.append(cost)
    return [dict(w=w, b=b), grads, costs[::20]]
""",
        },
    ),
)
