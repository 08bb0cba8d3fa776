"""Known mistakes, each with a hint for the students who make it."""

import numpy as np

from autograder.checking import mistake

# sigmoid


@mistake(of="sigmoid")
def sigmoid_that_overflows(z):
    """e^z overflows for large numbers, and infinity divided by infinity is nan. Use 1 / (1 +
    np.exp(-z)), which has the exponential only in the denominator.
    """
    return np.exp(z) / (1 + np.exp(z))


@mistake(of="sigmoid")
def sign_of_the_exponent(z):
    """Your sigmoid falls where it should rise: the exponent is -z, not z."""
    return 1 / (1 + np.exp(z))


@mistake(of="sigmoid")
def tanh_for_sigmoid(z):
    """This is tanh, which goes from -1 to 1. The sigmoid is between 0 and 1."""
    return np.tanh(z)


@mistake(of="sigmoid")
def missing_one(z):
    """1 / e^-z is just e^z, which has no upper bound. Add 1 to the exponential in the
    denominator.
    """
    return 1 / np.exp(-z)


@mistake(of="sigmoid")
def brackets_left_out(z):
    """1 / 1 + np.exp(-z) is 1 plus e^-z, because the division comes first. Put the sum in
    brackets.
    """
    return 1 / 1 + np.exp(-z)


@mistake(of="sigmoid")
def z_cut_off_early(z):
    """You clip z where the sigmoid still rises. If you clip z, do so at 30 or more."""
    return 1 / (1 + np.exp(-np.clip(z, -5, 5)))


@mistake(of="sigmoid")
def exponential_of_the_standard_library(z):
    """math.exp takes a single number. np.exp takes an array, entry by entry."""
    import math

    return 1 / (1 + math.exp(-z))


@mistake(of="sigmoid")
def relu_for_sigmoid(z):
    """This is a relu, which has no upper bound. The sigmoid is 1 / (1 + e^-z)."""
    return np.maximum(0, z)


@mistake(of="sigmoid")
def step_for_sigmoid(z):
    """You return 0 or 1. The sigmoid is a probability that rises smoothly from 0 to 1."""
    return np.where(z > 0, 1.0, np.where(z < 0, 0.0, 0.5))


@mistake(of="sigmoid")
def slope_for_sigmoid(z):
    """This is the slope of the sigmoid, s (1 - s). Return s itself."""
    s = 1 / (1 + np.exp(-np.clip(z, -500, 500)))
    return s * (1 - s)


@mistake(of="sigmoid")
def sigmoid_in_place(z):
    """Your function overwrites its argument z. Make a new array."""
    if np.ndim(z) == 0:
        return 1 / (1 + np.exp(-z))
    z *= -1
    return 1 / (1 + np.exp(z))


@mistake(of="sigmoid")
def softmax_for_sigmoid(z):
    """This is a softmax, whose results add up to 1. The sigmoid is computed for each number
    alone.
    """
    e = np.exp(z - np.max(z))
    return e / np.sum(e)


@mistake(of="sigmoid")
def squeezed_sigmoid(z):
    """The result should have the shape of z: do not use squeeze or ravel."""
    s = 1 / (1 + np.exp(-np.clip(z, -500, 500)))
    return np.squeeze(s) if np.ndim(z) == 0 else np.ravel(s)


# initialize_with_zeros


@mistake(
    of="initialize_with_zeros", change=("np.zeros((dim, 1))", "np.random.randn(dim, 1) * 0.01")
)
def random_weights():
    """The weights should start at 0. They need not be random here, because every weight belongs to
    a different feature.
    """


@mistake(of="initialize_with_zeros", change=("np.zeros((dim, 1))", "np.zeros(dim)"))
def flat_weights():
    """The weights should be a column, of shape (dim, 1). np.zeros takes the shape as a tuple:
    np.zeros((dim, 1)).
    """


@mistake(of="initialize_with_zeros", change=("np.zeros((dim, 1))", "np.zeros((1, dim))"))
def weights_in_a_row():
    """Your weights are a row. They should be a column, of shape (dim, 1)."""


@mistake(of="initialize_with_zeros", change=("np.zeros((dim, 1))", "np.zeros((dim, dim))"))
def square_of_weights():
    """There should be one weight per feature: dim weights, not dim times dim."""


@mistake(of="initialize_with_zeros", change=("np.zeros((dim, 1))", "np.zeros(dim, 1)"))
def shape_not_in_a_tuple():
    """np.zeros takes the shape as one tuple: np.zeros((dim, 1)), with two pairs of brackets."""


@mistake(of="initialize_with_zeros", change=("np.zeros", "np.ones"))
def ones_for_zeros():
    """Your weights start at 1. They should start at 0: np.zeros."""


@mistake(of="initialize_with_zeros", change=("b = 0.0", "b = np.zeros((1, 1))"))
def bias_as_an_array():
    """The bias should be a single number, 0.0, not an array of shape (1, 1)."""


@mistake(of="initialize_with_zeros", change=("b = 0.0", "b = np.zeros((dim, 1))"))
def a_bias_for_each_feature():
    """The model has one bias, not one per feature: a single number, 0.0."""


@mistake(of="initialize_with_zeros", change=("b = 0.0", "b = 1.0"))
def bias_of_one():
    """The bias should start at zero too."""


@mistake(of="initialize_with_zeros", change=("return w, b", 'return {"w": w, "b": b}'))
def start_as_a_dict():
    """Return two values, not a dict: return w, b."""


# propagate


@mistake(of="propagate", change=("-np.mean(", "np.mean("))
def forgotten_minus():
    """A minus sign is missing: the logarithm of a probability is negative, but a cost is
    positive.
    """


@mistake(of="propagate", change=("-np.mean(", "-np.sum("))
def summed_cost():
    """You added up the costs of the examples. Divide by the number of examples: the cost is a
    mean.
    """


@mistake(of="propagate", change=(" + (1 - Y) * np.log(1 - P)", ""))
def half_cross_entropy():
    """Examples with label 0 cost nothing in your sum: the term (1 - y) log(1 - a) is missing."""


@mistake(
    of="propagate",
    change=("np.log(P) + (1 - Y) * np.log(1 - P)", "np.log10(P) + (1 - Y) * np.log10(1 - P)"),
)
def log_to_base_ten():
    """You used the logarithm to base 10. The natural logarithm is np.log."""


@mistake(
    of="propagate",
    change=("np.log(P) + (1 - Y) * np.log(1 - P)", "np.log2(P) + (1 - Y) * np.log2(1 - P)"),
)
def log_to_base_two():
    """You used the logarithm to base 2. The natural logarithm is np.log."""


@mistake(
    of="propagate",
    change=("-np.mean(Y * np.log(P) + (1 - Y) * np.log(1 - P))", "np.mean((A - Y) ** 2)"),
)
def squared_error():
    """This is the squared error. Use the cross-entropy."""


@mistake(
    of="propagate",
    change=(
        "-np.mean(Y * np.log(P) + (1 - Y) * np.log(1 - P))",
        "-np.mean(Y * np.log(P) + (1 - Y) * np.log(1 - P)) / 2",
    ),
)
def half_of_the_cost():
    """You divided by 2m. The cross-entropy has no factor 1/2: divide by m."""


@mistake(
    of="propagate",
    change=(
        "float(-np.mean(Y * np.log(P) + (1 - Y) * np.log(1 - P)))",
        "-(Y @ np.log(P).T + (1 - Y) @ np.log(1 - P).T) / m",
    ),
)
def cost_as_an_array():
    """The cost is right, but it is an array of shape (1, 1). Make it a number:
    float(cost.item()).
    """


@mistake(
    of="propagate",
    change=(
        "float(-np.mean(Y * np.log(P) + (1 - Y) * np.log(1 - P)))",
        "-(Y * np.log(P) + (1 - Y) * np.log(1 - P)) / m",
    ),
)
def cost_of_each_example():
    """You return the cost of each example, divided by m. Add them up to get a single number."""


@mistake(of="propagate", change=("1e-15, 1 - 1e-15", "0.01, 0.99"))
def clipped_too_early():
    """You clip the probability to the range from 0.01 to 0.99, but the cost still grows beyond it.
    If you clip, use 1e-8.
    """


@mistake(of="propagate", change=("dZ = A - Y", "dZ = Y - A"))
def error_of_the_wrong_sign():
    """The gradients have the wrong sign, so gradient descent raises the cost: the error is A - Y,
    not Y - A.
    """


@mistake(of="propagate", change=("dZ = A - Y", "dZ = (A - Y) * A * (1 - A)"))
def slope_of_the_sigmoid_besides():
    """With the cross-entropy, the slope of the sigmoid cancels: the error is just A - Y."""


@mistake(of="propagate", change=("m = X.shape[1]", "m = 1"))
def gradients_not_averaged():
    """Your gradients are sums over the examples. The cost is a mean: divide by m."""


@mistake(of="propagate", change=("m = X.shape[1]", "m = X.shape[0]"))
def divided_by_the_features():
    """You divided by the number of features. Examples are columns: m is X.shape[1]."""


@mistake(of="propagate", change=("X @ dZ.T / m", "X @ dZ.T"))
def weights_not_averaged():
    """Your dw is a sum: the matrix product adds up the examples. The cost is a mean, so divide by
    m.
    """


@mistake(of="propagate", change=("np.sum(dZ) / m", "np.sum(dZ)"))
def bias_not_averaged():
    """Your db is a sum over the examples. The cost is a mean, so divide by m."""


@mistake(of="propagate", change=("X @ dZ.T / m", "dZ @ X.T / m"))
def gradient_in_a_row():
    """Your dw is a row, but w is a column. Use X @ dZ.T, which has the shape of w."""


@mistake(of="propagate", change=("X @ dZ.T / m", "(X @ dZ.T / m).ravel()"))
def flat_gradient():
    """Your dw has lost an axis. It should be a column of shape (n_x, 1), like w: otherwise numpy
    makes a square matrix of w - rate * dw.
    """


@mistake(of="propagate", change=("np.sum(dZ) / m", "np.sum(dZ, axis=1, keepdims=True) / m"))
def gradient_of_the_bias_as_an_array():
    """Your db is an array of shape (1, 1), but it should be a number, like b. np.sum without an
    axis gives a number.
    """


@mistake(of="propagate", change=("np.sum(dZ) / m", "dZ / m"))
def gradient_of_the_bias_for_each_example():
    """Your db has one number per example. Add them up: there is one bias for all examples."""


@mistake(of="propagate", change=("w.T @ X + b", "w.T @ X"))
def forgotten_bias():
    """The bias is missing from the score. It starts at zero, so this only shows after training has
    begun.
    """


@mistake(of="propagate", change=("sigmoid(w.T @ X + b)", "w.T @ X + b"))
def forgotten_sigmoid():
    """You use the score as the probability. Apply the sigmoid to the score."""


@mistake(of="propagate", change=("X @ dZ.T / m", "np.full(w.shape, np.sum(X * dZ) / m)"))
def features_added_up():
    """Every weight has its own gradient, from its own feature. Use the matrix product X @ dZ.T."""


@mistake(of="propagate", change=("X @ dZ.T / m", "X @ A.T / m"))
def gradient_without_the_labels():
    """The labels are missing from dw: multiply each feature by the error A - Y."""


@mistake(of="propagate", change=('{"dw": dw, "db": db}, cost', 'cost, {"dw": dw, "db": db}'))
def cost_before_the_gradients():
    """Return the gradients first, and then the cost: return grads, cost."""


@mistake(of="propagate", change=("dZ = A - Y", "dZ = A\n    Y *= -1\n    dZ += Y"))
def labels_in_place():
    """Your function changes its argument Y. Write A - Y, which makes a new array."""


@mistake(of="propagate", change=("m = X.shape[1]", "m = min(X.shape[1], 100)"))
def at_most_a_hundred_examples():
    """You divide by 100 even if there are more examples. Divide by m, which is X.shape[1]."""


# optimize


STEP = """\
        w = w - learning_rate * grads["dw"]
        b = float(b - learning_rate * grads["db"])
"""


@mistake(of="optimize", change=("w = w - learning_rate", "w = w + learning_rate"))
def weights_go_up():
    """You add the gradient to the weights. To lower the cost, subtract it."""


@mistake(of="optimize", change=(STEP, STEP.replace("- learning_rate", "+ learning_rate")))
def ascent():
    """You add the gradients. To lower the cost, subtract them from w and b."""


@mistake(of="optimize", change=(STEP, STEP.replace("learning_rate", "0.009")))
def fixed_rate():
    """You always use the learning rate 0.009: use the argument learning_rate."""


@mistake(of="optimize", change=(STEP, STEP.replace("learning_rate * ", "")))
def no_rate():
    """Multiply the gradient by the learning rate."""


@mistake(of="optimize", change=("learning_rate: float = 0.009", "learning_rate: float = 0.5"))
def another_default_rate():
    """The default of learning_rate should be 0.009."""


@mistake(of="optimize", change=("num_iterations: int = 100", "num_iterations: int = 2000"))
def another_default_number():
    """The default of num_iterations should be 100."""


@mistake(of="optimize", change=("range(num_iterations)", "range(num_iterations - 1)"))
def one_step_too_few():
    """You return the parameters after one step too few. Take num_iterations steps."""


@mistake(of="optimize", change=("range(num_iterations)", "range(num_iterations + 1)"))
def one_step_too_many():
    """You take one step too many: range(num_iterations) already gives num_iterations steps."""


@mistake(of="optimize", change=('        b = float(b - learning_rate * grads["db"])\n', ""))
def bias_stays():
    """Your bias does not change: update b too."""


@mistake(of="optimize", change=("w = w - learning_rate", "w -= learning_rate"))
def weights_in_place():
    """Your function changes its argument w. Make a new array: w = w - learning_rate * dw."""


@mistake(of="optimize", change=("propagate(w, b, X, Y)", "propagate(np.zeros(w.shape), 0.0, X, Y)"))
def gradients_at_zero():
    """You compute the gradients at zero in every step. Compute them at the current w and b."""


@mistake(of="optimize", change=("    costs = []", "    costs, w, b = [], np.zeros(w.shape), 0.0"))
def starts_at_zero_anyway():
    """You always start at zero. Start at the arguments w and b."""


@mistake(
    of="optimize",
    change=(
        "    for i in range(num_iterations):\n        grads, cost = propagate(w, b, X, Y)\n",
        "    grads, cost = propagate(w, b, X, Y)\n    for i in range(num_iterations):\n",
    ),
)
def gradients_before_the_loop():
    """You compute the gradients once, before the loop. Every step needs new gradients: call
    propagate inside the loop.
    """


@mistake(
    of="optimize",
    change=(STEP, STEP.replace('grads["db"]', 'propagate(w, b, X, Y)[0]["db"]')),
)
def weights_before_their_gradient():
    """You compute the gradient of b after you have changed w. Compute both gradients first, and
    then change both.
    """


@mistake(
    of="optimize",
    change=(
        "        if i % 100 == 0:",
        "        if costs and abs(costs[-1] - cost) < 1e-6:\n"
        "            break\n"
        "        costs.append(cost)\n"
        "        if i < 0:",
    ),
)
def stops_where_the_cost_hardly_falls():
    """You stop when the cost hardly changes. Take all num_iterations steps."""


@mistake(of="optimize", change=("range(num_iterations)", "range(min(num_iterations, 10))"))
def stops_early():
    """Your loop stops before it has taken num_iterations steps."""


@mistake(
    of="optimize", change=("        if i % 100 == 0:", "        if print_cost and i % 100 == 0:")
)
def costs_only_when_printed():
    """You record the costs only if print_cost is True. It should only decide about printing."""


@mistake(of="optimize", change=("            costs.append(cost)", "            costs = [cost]"))
def only_the_last_cost():
    """You keep only the last cost. Add each one to the list with append."""


@mistake(of="optimize", change=("grads, costs", "grads, cost"))
def one_cost_for_the_list():
    """You return a single cost. The third value should be the list of the recorded costs."""


@mistake(
    of="optimize", change=("costs.append(cost)", "costs.append(cost if not costs else costs[0])")
)
def the_first_cost_over_and_over():
    """Your list contains the first cost again and again. Append the cost of the current step."""


@mistake(
    of="optimize",
    change=(
        'w = w - learning_rate * grads["dw"]\n        b = float(b - learning_rate * grads["db"])',
        "pass",
    ),
)
def no_step_is_taken():
    """The parameters and the costs stay as they are at the start, however many steps are asked for.
    In each step, assign the new values to w and b.
    """


@mistake(of="optimize", change=('{"w": w, "b": b}, grads, costs', "w, b, costs"))
def parameters_one_by_one():
    """Return three values: a dict with w and b, a dict with dw and db, and the costs."""


@mistake(of="optimize", change=('{"w": w, "b": b}, grads, costs', '{"w": w, "b": b}, costs'))
def gradients_left_out():
    """You do not return the gradients. They are the second of the three values."""


@mistake(
    of="optimize",
    change=('return {"w": w, "b": b}, grads', 'return {"w": w, "b": b}, {"dw": w, "db": b}'),
)
def parameters_for_gradients():
    """You return w and b again instead of the gradients. Return dw and db there."""


@mistake(
    of="optimize",
    change=(
        "grads, cost = propagate(w, b, X, Y)",
        "grads, cost = propagate(w, b, X[:, :128], Y[:, :128])",
    ),
)
def only_the_first_examples():
    """You train only on the first 128 examples. Every step should use all examples."""


@mistake(
    of="optimize",
    change=(
        "        grads, cost = propagate(w, b, X, Y)",
        "        pick = slice(i % X.shape[1], i % X.shape[1] + 1)\n"
        "        grads, cost = propagate(w, b, X[:, pick], Y[:, pick])",
    ),
)
def one_example_a_step():
    """You take a step for each example, which is stochastic gradient descent. Here every step uses
    all examples.
    """


@mistake(
    of="optimize",
    change=('learning_rate * grads["dw"]', 'learning_rate / (1 + i) * grads["dw"]'),
)
def rate_that_fades():
    """Your learning rate gets smaller during training. Keep it as it was given."""


@mistake(
    of="optimize",
    change=(
        STEP + '    return {"w": w, "b": b}, grads, costs',
        "        if i == 0 or cost < lowest:\n"
        '            best, lowest = {"w": w, "b": b}, cost\n'
        + STEP
        + "    last = propagate(w, b, X, Y)[1]\n"
        '    return best if lowest < last else {"w": w, "b": b}, grads, costs',
    ),
)
def the_best_instead_of_the_last():
    """You return the parameters with the lowest cost. Return the parameters after the last step,
    even if their cost is higher.
    """


# predict


@mistake(of="predict", change=("A > 0.5", "A >= 0.5"))
def half_counts_as_one():
    """Where the probability is exactly 0.5, the prediction should be 0: use >, not >=."""


@mistake(of="predict", change=("(A > 0.5).astype(int)", "A"))
def probabilities_for_predictions():
    """You return probabilities. Return 1 where they are above 0.5, and 0 elsewhere."""


@mistake(of="predict", change=("A > 0.5", "A < 0.5"))
def the_other_class():
    """Your predictions are the wrong way round: predict 1 where the probability is above 0.5."""


@mistake(of="predict", change=("A > 0.5", "A > 0"))
def threshold_at_zero():
    """All your predictions are 1. Compare the probability with 0.5."""


@mistake(of="predict", change=(".astype(int)", ".astype(int).ravel()"))
def flat_predictions():
    """The predictions should be a row, of shape (1, m)."""


@mistake(of="predict", change=(".astype(int)", ".astype(int).T"))
def predictions_in_a_column():
    """Your predictions are a column. They should be a row, of shape (1, m), like the labels."""


@mistake(of="predict", change=("sigmoid(w.T @ X + b)", "w.T @ X + b"))
def half_of_the_score():
    """You compare the score with 0.5. Compare the probability with 0.5."""


@mistake(of="predict", change=("w.T @ X + b", "w.T @ X"))
def predictions_without_the_bias():
    """The bias is missing from the score."""


@mistake(of="predict", change=("(A > 0.5).astype(int)", "1 if A > 0.5 else 0"))
def one_if_for_all_examples():
    """`if` needs a single True or False, but A has one number per example. Compare the whole array:
    A > 0.5.
    """


@mistake(of="predict", change=("(A > 0.5).astype(int)", "np.where(A > 0.5, 1, -1)"))
def minus_one_for_zero():
    """The two classes are 0 and 1 here, not -1 and 1."""
