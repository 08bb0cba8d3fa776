"""The hidden tests of `random_initialization` as plain asserts for nbgrader alone.

They test what the checks of the assignment test. They run in the student's kernel, where the
student's code can read the solution.
"""

from __future__ import annotations

from autograder.course.lesson import Lesson, Part, Role

ASSERTS = {
    "units_are_interchangeable": """\
rng = np.random.default_rng(1)
twins = {"W1": np.ones((3, 2)), "b1": np.ones((3, 1)), "W2": np.ones((1, 3)), "b2": np.ones((1, 1))}
assert units_are_interchangeable(twins)
for key in ("W1", "b1", "W2"):
    for size in (1e-3, 1.0):
        other = {name: value.copy() for name, value in twins.items()}
        other[key].flat[-1] += size
        assert not units_are_interchangeable(other)
        assert units_are_interchangeable(other, tolerance=2 * size)
""",
    "initialize_parameters": """\
from scipy import stats
for n_x, n_h, n_y in [(1, 1, 1), (2, 4, 1), (3, 3, 3), (5, 2, 4), (1, 7, 2), (7, 1, 3)]:
    parameters = initialize_parameters(n_x, n_h, n_y)
    assert parameters["W1"].shape == (n_h, n_x) and parameters["W2"].shape == (n_y, n_h)
    assert parameters["b1"].shape == (n_h, 1) and parameters["b2"].shape == (n_y, 1)
    assert np.all(parameters["b1"] == 0) and np.all(parameters["b2"] == 0)
parameters = initialize_parameters(100, 150, 100)
for key in ("W1", "W2"):
    w = parameters[key].ravel()
    assert abs(w.mean()) < 7 * 0.01 / np.sqrt(w.size)
    assert abs(w.std() - 0.01) < 7 * 0.01 / np.sqrt(2 * w.size)
    assert stats.kstest(w / 0.01, "norm").pvalue > 1e-9
assert len(np.unique(parameters["W1"], axis=0)) == 150
assert abs(np.corrcoef(parameters["W1"].ravel(), parameters["W2"].ravel())[0, 1]) < 0.1
one, other = initialize_parameters(3, 4, 1), initialize_parameters(3, 4, 1)
assert not np.array_equal(one["W1"], other["W1"])
""",
    "forward_propagation": """\
def network(rng, n_x, n_h):
    return {
        "W1": rng.normal(size=(n_h, n_x)), "b1": rng.normal(size=(n_h, 1)),
        "W2": rng.normal(size=(1, n_h)), "b2": rng.normal(size=(1, 1)),
    }

def right_forward(X, p):
    Z1 = p["W1"] @ X + p["b1"]
    A1 = np.tanh(Z1)
    Z2 = p["W2"] @ A1 + p["b2"]
    with np.errstate(over="ignore"):
        A2 = 1 / (1 + np.exp(-Z2))
    return A2, {"Z1": Z1, "A1": A1, "Z2": Z2, "A2": A2}

SIZES = [(3, 4, 5), (2, 4, 7), (4, 4, 3), (3, 3, 3), (5, 2, 1), (2, 1, 6), (1, 3, 4), (1, 1, 1)]
for n_x, n_h, m in SIZES:
    for scale in (1, 300):
        p, X = network(rng, n_x, n_h), scale * rng.normal(size=(n_x, m))
        A2, cache = forward_propagation(X, p)
        wanted, right = right_forward(X, p)
        assert A2.shape == (1, m) and np.allclose(A2, wanted, atol=1e-4)
        for key in right:
            assert np.allclose(cache[key], right[key], rtol=1e-4, atol=1e-4)
""",
    "compute_cost": """\
def right_cost(A2, Y):
    return float(-np.mean(Y * np.log(A2) + (1 - Y) * np.log(1 - A2)))

for m in (1, 2, 3, 10, 100):
    for _ in range(6):
        A2 = rng.uniform(1e-6, 1 - 1e-6, (1, m))
        Y = rng.integers(0, 2, (1, m))
        assert np.isclose(compute_cost(A2, Y), right_cost(A2, Y), rtol=1e-4)
        assert np.ndim(compute_cost(A2, Y)) == 0
""",
    "backward_propagation": """\
def right_backward(p, cache, X, Y):
    m = X.shape[1]
    dZ2 = cache["A2"] - Y
    dZ1 = p["W2"].T @ dZ2 * (1 - cache["A1"] ** 2)
    return {
        "dW1": dZ1 @ X.T / m, "db1": dZ1.sum(axis=1, keepdims=True) / m,
        "dW2": dZ2 @ cache["A1"].T / m, "db2": dZ2.sum(axis=1, keepdims=True) / m,
    }

for n_x, n_h, m in SIZES:
    for _ in range(4):
        p, X, Y = network(rng, n_x, n_h), rng.normal(size=(n_x, m)), rng.integers(0, 2, (1, m))
        _, cache = right_forward(X, p)
        grads = backward_propagation(p, cache, X, Y)
        wanted = right_backward(p, cache, X, Y)
        for key in wanted:
            assert grads[key].shape == wanted[key].shape
            assert np.allclose(grads[key], wanted[key], rtol=1e-4, atol=1e-7)
        step = {key: rng.normal(size=value.shape) for key, value in p.items()}
        ahead = {key: p[key] + 1e-5 * step[key] for key in p}
        behind = {key: p[key] - 1e-5 * step[key] for key in p}
        costs = [right_cost(right_forward(X, each)[0], Y) for each in (ahead, behind)]
        along = sum(np.sum(grads["d" + key] * step[key]) for key in p)
        assert np.isclose((costs[0] - costs[1]) / 2e-5, along, rtol=1e-3, atol=1e-6)
""",
    "update_parameters": """\
for n_x, n_h, m in SIZES:
    p, g = network(rng, n_x, n_h), network(rng, n_x, n_h)
    grads = {"d" + key: value for key, value in g.items()}
    before = {key: value.copy() for key, value in p.items()}
    for rate in (0.003, 0.5, 1.2, 7.0):
        stepped = update_parameters(p, grads, learning_rate=rate)
        for key in p:
            assert np.allclose(stepped[key], before[key] - rate * g[key])
            assert np.array_equal(p[key], before[key])
    assert np.allclose(update_parameters(p, grads)["W1"], before["W1"] - 1.2 * g["W1"])
""",
    "nn_model": """\
def right_steps(p, X, Y, steps):
    for _ in range(steps):
        _, cache = right_forward(X, p)
        grads = right_backward(p, cache, X, Y)
        p = {key: p[key] - 1.2 * grads["d" + key] for key in p}
    return p

for n_x, n_h, m in SIZES:
    X, Y = rng.normal(size=(n_x, m)), rng.integers(0, 2, (1, m))
    for steps in (0, 1, 2, 50):
        np.random.seed(3)
        start = nn_model(X, Y, n_h, num_iterations=0)
        np.random.seed(3)
        learned = nn_model(X, Y, n_h, num_iterations=steps)
        wanted = right_steps(start, X, Y, steps)
        for key in wanted:
            assert np.allclose(learned[key], wanted[key], rtol=1e-3, atol=1e-6)
""",
    "predict": """\
for n_x, n_h, m in SIZES:
    for _ in range(4):
        p, X = network(rng, n_x, n_h), rng.normal(size=(n_x, m))
        wanted = right_forward(X, p)[0] > 0.5
        predicted = predict(p, X)
        assert predicted.shape == (1, m) and np.array_equal(predicted, wanted)
flat = {key: np.zeros_like(value) for key, value in network(rng, 2, 2).items()}
assert np.all(predict(flat, np.ones((2, 3))) == 0)
""",
    "mean_tanh_slope": """\
for shape in [(1, 1), (3, 4), (4, 1), (1, 5)]:
    Z = rng.normal(size=shape)
    assert np.isclose(mean_tanh_slope(Z), np.mean(1 - np.tanh(Z) ** 2))
assert mean_tanh_slope(np.full((2, 2), 100.0)) < 1e-6
""",
}


def asserting(lesson: Lesson) -> Lesson:
    """Return the lesson for nbgrader alone, with asserts instead of the hidden checks."""

    def with_asserts(part: Part) -> Part:
        if part.role is not Role.HIDDEN:
            return part
        tests = ASSERTS[part.id.removesuffix("_hidden")]
        source = f"{part.released}\n### BEGIN HIDDEN TESTS\n{tests}### END HIDDEN TESTS"
        return Part(part.role, part.id, source, part.released, part.points)

    return Lesson(lesson.name, tuple(map(with_asserts, lesson.parts)), lesson.canary)
