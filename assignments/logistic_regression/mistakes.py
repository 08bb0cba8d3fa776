"""Known wrong answers, and what a good tutor would say to who gives one."""

import numpy as np

from autograder.checking import mistake

# sigmoid


@mistake(of="sigmoid")
def sigmoid_that_overflows(z):
    """For large numbers e^z overflows, and infinity by infinity is nan. 1 / (1 + np.exp(-z)) has
    the exponential below the line alone, where infinity does no harm.
    """
    return np.exp(z) / (1 + np.exp(z))


@mistake(of="sigmoid")
def sign_of_the_exponent(z):
    """It is e to the power -z: with e^z your sigmoid falls where it should rise."""
    return 1 / (1 + np.exp(z))


@mistake(of="sigmoid")
def tanh_for_sigmoid(z):
    """That is tanh, which goes from -1 to 1. The sigmoid is a probability, between 0 and 1."""
    return np.tanh(z)


@mistake(of="sigmoid")
def missing_one(z):
    """1 / e^-z is e^z again, and has no bound: the 1 beside the exponential is missing."""
    return 1 / np.exp(-z)


@mistake(of="sigmoid")
def brackets_left_out(z):
    """1 / 1 + np.exp(-z) is 1 plus e^-z: a division comes first. Put the sum in brackets."""
    return 1 / 1 + np.exp(-z)


@mistake(of="sigmoid")
def z_cut_off_early(z):
    """You cut z off where the sigmoid still rises. If you bound z, do so at 30 or beyond."""
    return 1 / (1 + np.exp(-np.clip(z, -5, 5)))


@mistake(of="sigmoid")
def exponential_of_the_standard_library(z):
    """math.exp and float take a single number. np.exp takes an array, entry by entry."""
    import math

    return 1 / (1 + math.exp(-z))


@mistake(of="sigmoid")
def relu_for_sigmoid(z):
    """That is a relu, which has no upper bound. The sigmoid is 1 / (1 + e^-z)."""
    return np.maximum(0, z)


@mistake(of="sigmoid")
def step_for_sigmoid(z):
    """You decide already, for 0 or for 1. The sigmoid is a probability: it rises smoothly."""
    return np.where(z > 0, 1.0, np.where(z < 0, 0.0, 0.5))


@mistake(of="sigmoid")
def slope_for_sigmoid(z):
    """That is the slope of the sigmoid, s (1 - s). Return s itself."""
    s = 1 / (1 + np.exp(-np.clip(z, -500, 500)))
    return s * (1 - s)


@mistake(of="sigmoid")
def sigmoid_in_place(z):
    """You overwrite the array that you were given, as `out=z` and `z *= -1` do. Make a new one."""
    if np.ndim(z) == 0:
        return 1 / (1 + np.exp(-z))
    z *= -1
    return 1 / (1 + np.exp(z))


@mistake(of="sigmoid")
def softmax_for_sigmoid(z):
    """That is a softmax: it makes all numbers share 1 among them. The sigmoid looks at each one
    alone.
    """
    e = np.exp(z - np.max(z))
    return e / np.sum(e)


@mistake(of="sigmoid")
def squeezed_sigmoid(z):
    """The sigmoid keeps the shape of z: leave out squeeze, ravel and the like."""
    s = 1 / (1 + np.exp(-np.clip(z, -500, 500)))
    return np.squeeze(s) if np.ndim(z) == 0 else np.ravel(s)


# initialize_with_zeros


@mistake(
    of="initialize_with_zeros", change=("np.zeros((dim, 1))", "np.random.randn(dim, 1) * 0.01")
)
def random_weights():
    """Here the weights need no randomness: each is attached to a feature of its own, and leaves
    zero by itself.
    """


@mistake(of="initialize_with_zeros", change=("np.zeros((dim, 1))", "np.zeros(dim)"))
def flat_weights():
    """The weights are a column, of shape (dim, 1). np.zeros takes that as a tuple:
    np.zeros((dim, 1)).
    """


@mistake(of="initialize_with_zeros", change=("np.zeros((dim, 1))", "np.zeros((1, dim))"))
def weights_in_a_row():
    """Your weights are a row. A column is asked for: (dim, 1)."""


@mistake(of="initialize_with_zeros", change=("np.zeros((dim, 1))", "np.zeros((dim, dim))"))
def square_of_weights():
    """There is one weight for each feature, dim in all, and not dim times dim."""


@mistake(of="initialize_with_zeros", change=("np.zeros((dim, 1))", "np.zeros(dim, 1)"))
def shape_not_in_a_tuple():
    """np.zeros takes the shape as one tuple: np.zeros((dim, 1)), with two pairs of brackets."""


@mistake(of="initialize_with_zeros", change=("np.zeros", "np.ones"))
def ones_for_zeros():
    """Your weights start at 1. Zero is asked for: np.zeros."""


@mistake(of="initialize_with_zeros", change=("b = 0.0", "b = np.zeros((1, 1))"))
def bias_as_an_array():
    """There is one bias: a single number, 0.0, will do. An array of shape (1, 1) makes arrays of
    all that is added to it.
    """


@mistake(of="initialize_with_zeros", change=("b = 0.0", "b = np.zeros((dim, 1))"))
def a_bias_for_each_feature():
    """There is one bias for the model, not one for each feature: a single number, 0.0."""


@mistake(of="initialize_with_zeros", change=("b = 0.0", "b = 1.0"))
def bias_of_one():
    """The bias starts at zero too."""


@mistake(of="initialize_with_zeros", change=("return w, b", 'return {"w": w, "b": b}'))
def start_as_a_dict():
    """Return the two of them, w and b, one after the other: return w, b."""


# propagate


@mistake(of="propagate", change=("-np.mean(", "np.mean("))
def forgotten_minus():
    """The logarithm of a probability is negative, and a cost is not: a minus is missing."""


@mistake(of="propagate", change=("-np.mean(", "-np.sum("))
def summed_cost():
    """You added up the costs of the examples. Divide by how many there are: the cost is a mean."""


@mistake(of="propagate", change=(" + (1 - Y) * np.log(1 - P)", ""))
def half_cross_entropy():
    """Examples with label 0 cost nothing in your sum: the term (1 - y) log(1 - a) is missing."""


@mistake(
    of="propagate",
    change=("np.log(P) + (1 - Y) * np.log(1 - P)", "np.log10(P) + (1 - Y) * np.log10(1 - P)"),
)
def log_to_base_ten():
    """You took the logarithm to base 10. The natural one is np.log."""


@mistake(
    of="propagate",
    change=("np.log(P) + (1 - Y) * np.log(1 - P)", "np.log2(P) + (1 - Y) * np.log2(1 - P)"),
)
def log_to_base_two():
    """You took the logarithm to base 2. The natural one is np.log."""


@mistake(
    of="propagate",
    change=("-np.mean(Y * np.log(P) + (1 - Y) * np.log(1 - P))", "np.mean((A - Y) ** 2)"),
)
def squared_error():
    """That is the squared error, with which the cost is no single bowl. The cross-entropy is asked
    for.
    """


@mistake(
    of="propagate",
    change=(
        "-np.mean(Y * np.log(P) + (1 - Y) * np.log(1 - P))",
        "-np.mean(Y * np.log(P) + (1 - Y) * np.log(1 - P)) / 2",
    ),
)
def half_of_the_cost():
    """You divided by 2m. The cross-entropy has no one half: divide by m."""


@mistake(
    of="propagate",
    change=(
        "float(-np.mean(Y * np.log(P) + (1 - Y) * np.log(1 - P)))",
        "-(Y @ np.log(P).T + (1 - Y) @ np.log(1 - P).T) / m",
    ),
)
def cost_as_an_array():
    """The cost is right, and still an array of shape (1, 1). Make a number of it:
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
    """You have the costs of the examples, each over m. Add them up, so that one number is left."""


@mistake(of="propagate", change=("1e-15, 1 - 1e-15", "0.01, 0.99"))
def clipped_too_early():
    """You keep the probability between 0.01 and 0.99, where the cost still grows. If you bound it,
    do so at 1e-8.
    """


@mistake(of="propagate", change=("dZ = A - Y", "dZ = Y - A"))
def error_of_the_wrong_sign():
    """The error is A - Y. The other way round the gradients point downhill, and descent climbs."""


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
    """You divided db by m, and dw not: a product of matrices adds up the examples."""


@mistake(of="propagate", change=("np.sum(dZ) / m", "np.sum(dZ)"))
def bias_not_averaged():
    """You divided dw by m, and db not: the cost is a mean, and so are all of its gradients."""


@mistake(of="propagate", change=("X @ dZ.T / m", "dZ @ X.T / m"))
def gradient_in_a_row():
    """Your dw is a row, and w is a column: take X @ dZ.T, so that they have one shape."""


@mistake(of="propagate", change=("X @ dZ.T / m", "(X @ dZ.T / m).ravel()"))
def flat_gradient():
    """Your dw has lost an axis. w is a column, of shape (n_x, 1), and so is its gradient: with a
    flat one numpy makes a square of w - rate * dw.
    """


@mistake(of="propagate", change=("np.sum(dZ) / m", "np.sum(dZ, axis=1, keepdims=True) / m"))
def gradient_of_the_bias_as_an_array():
    """Your db is an array of shape (1, 1), and the bias is a number. np.sum without an axis gives
    one.
    """


@mistake(of="propagate", change=("np.sum(dZ) / m", "dZ / m"))
def gradient_of_the_bias_for_each_example():
    """Your db holds a number for each example. Add them up: there is one bias for all."""


@mistake(of="propagate", change=("w.T @ X + b", "w.T @ X"))
def forgotten_bias():
    """The bias is missing from the score. It starts at zero, so that it is only missed once the
    model learns.
    """


@mistake(of="propagate", change=("sigmoid(w.T @ X + b)", "w.T @ X + b"))
def forgotten_sigmoid():
    """You take the score for the probability: the sigmoid makes one of it."""


@mistake(of="propagate", change=("X @ dZ.T / m", "np.full(w.shape, np.sum(X * dZ) / m)"))
def features_added_up():
    """Each weight has a gradient of its own, from its own feature: X @ dZ.T, a product of
    matrices.
    """


@mistake(of="propagate", change=("X @ dZ.T / m", "X @ A.T / m"))
def gradient_without_the_labels():
    """The labels are missing from dw: it is the error A - Y that each feature is multiplied by."""


@mistake(of="propagate", change=('{"dw": dw, "db": db}, cost', 'cost, {"dw": dw, "db": db}'))
def cost_before_the_gradients():
    """The gradients come first, and then the cost: return grads, cost."""


@mistake(of="propagate", change=("dZ = A - Y", "dZ = A\n    Y *= -1\n    dZ += Y"))
def labels_in_place():
    """You change the labels that you were given, as `Y *= -1` does. Write A - Y, which makes a new
    array.
    """


@mistake(of="propagate", change=("m = X.shape[1]", "m = min(X.shape[1], 100)"))
def at_most_a_hundred_examples():
    """You divide by 100 where there are more examples: m is X.shape[1], however many."""


# optimize


STEP = """\
        w = w - learning_rate * grads["dw"]
        b = float(b - learning_rate * grads["db"])
"""


@mistake(of="optimize", change=("w = w - learning_rate", "w = w + learning_rate"))
def weights_go_up():
    """The weights go up the slope. To lower the cost, take the gradient away from them."""


@mistake(of="optimize", change=(STEP, STEP.replace("- learning_rate", "+ learning_rate")))
def ascent():
    """You go up the slope. To lower the cost, take the gradient away from w and from b."""


@mistake(of="optimize", change=(STEP, STEP.replace("learning_rate", "0.009")))
def fixed_rate():
    """Your step is always 0.009 times the gradient: use the argument learning_rate."""


@mistake(of="optimize", change=(STEP, STEP.replace("learning_rate * ", "")))
def no_rate():
    """The gradient is to be multiplied by the learning rate."""


@mistake(of="optimize", change=("learning_rate: float = 0.009", "learning_rate: float = 0.5"))
def another_default_rate():
    """The default learning rate is 0.009."""


@mistake(of="optimize", change=("num_iterations: int = 100", "num_iterations: int = 2000"))
def another_default_number():
    """The default number of iterations is 100."""


@mistake(of="optimize", change=("range(num_iterations)", "range(num_iterations - 1)"))
def one_step_too_few():
    """You take one step less than asked for: range(num_iterations) has just as many as are
    wanted.
    """


@mistake(of="optimize", change=("range(num_iterations)", "range(num_iterations + 1)"))
def one_step_too_many():
    """You take one step more than asked for: range(num_iterations) has just as many as are
    wanted.
    """


@mistake(of="optimize", change=('        b = float(b - learning_rate * grads["db"])\n', ""))
def bias_stays():
    """The bias learns too: take a step with b as well."""


@mistake(of="optimize", change=("w = w - learning_rate", "w -= learning_rate"))
def weights_in_place():
    """You change the w that you were given, as `w -= ...` does, and who gave it loses the start.
    Make a new one: w = w - learning_rate * dw.
    """


@mistake(of="optimize", change=("propagate(w, b, X, Y)", "propagate(np.zeros(w.shape), 0.0, X, Y)"))
def gradients_at_zero():
    """Your gradients are those at zero in every step. Take them where the model is now: at w and
    b.
    """


@mistake(of="optimize", change=("    costs = []", "    costs, w, b = [], np.zeros(w.shape), 0.0"))
def starts_at_zero_anyway():
    """You start at zero, whatever you were given: set out from w and b."""


@mistake(
    of="optimize",
    change=(
        "    for i in range(num_iterations):\n        grads, cost = propagate(w, b, X, Y)\n",
        "    grads, cost = propagate(w, b, X, Y)\n    for i in range(num_iterations):\n",
    ),
)
def gradients_before_the_loop():
    """You take the gradients once, before the loop, and walk on in the same direction. Each step
    needs its own: call propagate within the loop.
    """


@mistake(
    of="optimize",
    change=(STEP, STEP.replace('grads["db"]', 'propagate(w, b, X, Y)[0]["db"]')),
)
def weights_before_their_gradient():
    """You take the gradient of b after w has moved. Both belong to one place: take them first, then
    move both.
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
    """You stop where the cost hardly changes. Take all the steps that were asked for."""


@mistake(of="optimize", change=("range(num_iterations)", "range(min(num_iterations, 10))"))
def stops_early():
    """Your loop stops before it took all the steps that were asked for."""


@mistake(
    of="optimize", change=("        if i % 100 == 0:", "        if print_cost and i % 100 == 0:")
)
def costs_only_when_printed():
    """You record the costs only where they are printed: print_cost should decide about printing
    alone.
    """


@mistake(of="optimize", change=("            costs.append(cost)", "            costs = [cost]"))
def only_the_last_cost():
    """You keep the last cost alone: add to the list, with append."""


@mistake(of="optimize", change=("grads, costs", "grads, cost"))
def one_cost_for_the_list():
    """You return a single cost. The third value is the list of those that you recorded."""


@mistake(
    of="optimize", change=("costs.append(cost)", "costs.append(cost if not costs else costs[0])")
)
def the_first_cost_over_and_over():
    """Your list holds the cost of the start over and over: append the one of this step."""


@mistake(of="optimize", change=('{"w": w, "b": b}, grads, costs', "w, b, costs"))
def parameters_one_by_one():
    """Return three things: a dict of w and b, a dict of dw and db, and the costs."""


@mistake(of="optimize", change=('{"w": w, "b": b}, grads, costs', '{"w": w, "b": b}, costs'))
def gradients_left_out():
    """The gradients are missing from what you return: they come second."""


@mistake(
    of="optimize",
    change=('return {"w": w, "b": b}, grads', 'return {"w": w, "b": b}, {"dw": w, "db": b}'),
)
def parameters_for_gradients():
    """Where the gradients should be you return w and b again: return dw and db there."""


@mistake(
    of="optimize",
    change=(
        "grads, cost = propagate(w, b, X, Y)",
        "grads, cost = propagate(w, b, X[:, :128], Y[:, :128])",
    ),
)
def only_the_first_examples():
    """You train on the first 128 examples: every step is to look at all of them."""


@mistake(
    of="optimize",
    change=(
        "        grads, cost = propagate(w, b, X, Y)",
        "        pick = slice(i % X.shape[1], i % X.shape[1] + 1)\n"
        "        grads, cost = propagate(w, b, X[:, pick], Y[:, pick])",
    ),
)
def one_example_a_step():
    """You take a step for each example. That is stochastic gradient descent; here every step looks
    at all examples together.
    """


@mistake(
    of="optimize",
    change=('learning_rate * grads["dw"]', 'learning_rate / (1 + i) * grads["dw"]'),
)
def rate_that_fades():
    """Your steps get shorter on the way. The learning rate stays as it was given."""


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
    """You return the parameters with the lowest cost that you saw. Those after the last step are
    asked for, even if the cost has just gone up.
    """


# predict


@mistake(of="predict", change=("A > 0.5", "A >= 0.5"))
def half_counts_as_one():
    """A probability of 0.5 is a toss of a coin, and the exercise calls it 0: take >, not >=."""


@mistake(of="predict", change=("(A > 0.5).astype(int)", "A"))
def probabilities_for_predictions():
    """These are probabilities. Decide: 1 where they are above 0.5, and 0 elsewhere."""


@mistake(of="predict", change=("A > 0.5", "A < 0.5"))
def the_other_class():
    """Your predictions are the wrong way round: 1 is for a probability above 0.5."""


@mistake(of="predict", change=("A > 0.5", "A > 0"))
def threshold_at_zero():
    """All your predictions are 1, also where the probability is below 0.5, which is the threshold.
    A threshold of 0 would do that: no probability is below it.
    """


@mistake(of="predict", change=(".astype(int)", ".astype(int).ravel()"))
def flat_predictions():
    """Predictions are a row, of shape (1, m)."""


@mistake(of="predict", change=(".astype(int)", ".astype(int).T"))
def predictions_in_a_column():
    """Your predictions are a column. They are a row, of shape (1, m), like the labels."""


@mistake(of="predict", change=("sigmoid(w.T @ X + b)", "w.T @ X + b"))
def half_of_the_score():
    """You compare the score with 0.5. It is the probability that has its middle there: that of the
    score is at 0.
    """


@mistake(of="predict", change=("w.T @ X + b", "w.T @ X"))
def predictions_without_the_bias():
    """The bias is missing from the score."""


@mistake(of="predict", change=("(A > 0.5).astype(int)", "1 if A > 0.5 else 0"))
def one_if_for_all_examples():
    """A holds a number for every example, and `if`, `and` and `or` want a single truth. Compare the
    whole array: A > 0.5 has an answer for each.
    """


@mistake(of="predict", change=("(A > 0.5).astype(int)", "np.where(A > 0.5, 1, -1)"))
def minus_one_for_zero():
    """The two classes are 0 and 1 here, not -1 and 1."""
