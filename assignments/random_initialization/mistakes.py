"""Known wrong answers, and what a good tutor would say to who gives one."""

import numpy as np

from autograder.checking import mistake

# initialize_parameters


@mistake(of="initialize_parameters")
def uniform_weights(n_x, n_h, n_y):
    """np.random.rand draws evenly between 0 and 1, so that every weight is positive. You
    want a Gaussian around 0: np.random.randn, with an n for normal.
    """
    W1 = np.random.rand(n_h, n_x) * 0.01
    W2 = np.random.rand(n_y, n_h) * 0.01
    return {"W1": W1, "b1": np.zeros((n_h, 1)), "W2": W2, "b2": np.zeros((n_y, 1))}


@mistake(of="initialize_parameters")
def uniform_weights_around_zero(n_x, n_h, n_y):
    """Your weights are spread evenly between two bounds. A Gaussian has no bounds: most of
    its draws are near 0 and a few are far out.
    """
    W1 = np.random.uniform(-0.01, 0.01, (n_h, n_x))
    W2 = np.random.uniform(-0.01, 0.01, (n_y, n_h))
    return {"W1": W1, "b1": np.zeros((n_h, 1)), "W2": W2, "b2": np.zeros((n_y, 1))}


@mistake(of="initialize_parameters")
def weights_cut_off_at_two_sigma(n_x, n_h, n_y):
    """Your draws are cut off at two standard deviations, which some libraries call a
    truncated normal. Here a plain Gaussian is asked for, with its tails.
    """

    def draw(rows, columns):
        draws = np.random.randn(30 * rows * columns + 100)
        kept = draws[np.abs(draws) < 2][: rows * columns]
        return kept.reshape(rows, columns) / 0.8796 * 0.01

    W1, W2 = draw(n_h, n_x), draw(n_y, n_h)
    return {"W1": W1, "b1": np.zeros((n_h, 1)), "W2": W2, "b2": np.zeros((n_y, 1))}


@mistake(of="initialize_parameters")
def no_scale(n_x, n_h, n_y):
    """Your weights have standard deviation 1. Multiply them by 0.01: with large weights
    tanh is flat, its slope is near 0, and learning is slow.
    """
    W1, W2 = np.random.randn(n_h, n_x), np.random.randn(n_y, n_h)
    return {"W1": W1, "b1": np.zeros((n_h, 1)), "W2": W2, "b2": np.zeros((n_y, 1))}


@mistake(
    of="initialize_parameters",
    change=("np.random.randn(n_y, n_h) * 0.01", "np.random.randn(n_y, n_h)"),
)
def scale_on_W1_alone():
    """W1 is small, and W2 is not: the factor 0.01 belongs to both."""


@mistake(
    of="initialize_parameters",
    change=("np.random.randn(n_h, n_x) * 0.01", "np.random.randn(n_h, n_x)"),
)
def scale_on_W2_alone():
    """W2 is small, and W1 is not: the factor 0.01 belongs to both."""


@mistake(of="initialize_parameters")
def a_tenth_for_a_hundredth(n_x, n_h, n_y):
    """Your weights are ten times too large: the standard deviation is 0.01, not 0.1. If you took
    the root of 0.01: it is no variance, and multiplies the draws as it is.
    """
    W1, W2 = np.random.randn(n_h, n_x) * 0.1, np.random.randn(n_y, n_h) * 0.1
    return {"W1": W1, "b1": np.zeros((n_h, 1)), "W2": W2, "b2": np.zeros((n_y, 1))}


@mistake(
    of="initialize_parameters", change=("np.zeros((n_h, 1))", "np.random.randn(n_h, 1) * 0.01")
)
def random_biases():
    """The biases need no randomness: once the weights differ, so do the units. Start them at 0."""


@mistake(of="initialize_parameters")
def ones_for_biases(n_x, n_h, n_y):
    """The biases start at 0, not at 1: a bias of 1 pushes tanh to where it is flat."""
    W1, W2 = np.random.randn(n_h, n_x) * 0.01, np.random.randn(n_y, n_h) * 0.01
    return {"W1": W1, "b1": np.ones((n_h, 1)), "W2": W2, "b2": np.ones((n_y, 1))}


@mistake(of="initialize_parameters")
def zero_weights(n_x, n_h, n_y):
    """With all weights zero, every hidden unit computes the same and gets the same
    gradient, for ever: the layer is worth a single unit. Draw the weights at random.
    """
    W1, W2 = np.zeros((n_h, n_x)), np.zeros((n_y, n_h))
    return {"W1": W1, "b1": np.zeros((n_h, 1)), "W2": W2, "b2": np.zeros((n_y, 1))}


@mistake(of="initialize_parameters")
def constant_weights(n_x, n_h, n_y):
    """That the weights are not zero does not help while they are all equal: the hidden
    units still compute the same, and get the same gradient. Draw each weight on its own.
    """
    W1, W2 = np.full((n_h, n_x), 0.01), np.full((n_y, n_h), 0.01)
    return {"W1": W1, "b1": np.zeros((n_h, 1)), "W2": W2, "b2": np.zeros((n_y, 1))}


@mistake(
    of="initialize_parameters",
    change=("np.random.randn(n_h, n_x) * 0.01", "np.tile(np.random.randn(n_x), (n_h, 1)) * 0.01"),
)
def one_row_for_all_units():
    """You drew the weights of one hidden unit and gave them to all. Draw n_h times n_x numbers."""


@mistake(of="initialize_parameters", change=("    W1 = np", "    np.random.seed(2)\n    W1 = np"))
def seed_inside():
    """Every call gives the same numbers, as with a seed set inside the function. Take it out: who
    calls the function may set a seed.
    """


@mistake(of="initialize_parameters")
def same_seed_for_both(n_x, n_h, n_y):
    """You made a generator with the same seed for W1 and for W2, so that W2 repeats the
    numbers of W1. Make one generator, and draw from it twice.
    """
    seed = np.random.randint(2**31)
    W1 = np.random.default_rng(seed).normal(0.0, 0.01, (n_h, n_x))
    W2 = np.random.default_rng(seed).normal(0.0, 0.01, (n_y, n_h))
    return {"W1": W1, "b1": np.zeros((n_h, 1)), "W2": W2, "b2": np.zeros((n_y, 1))}


@mistake(of="initialize_parameters")
def transposed_weights(n_x, n_h, n_y):
    """Your weights are transposed: W1 has a row for each hidden unit and a column for each
    input, so that W1 times X can be had.
    """
    W1, W2 = np.random.randn(n_x, n_h) * 0.01, np.random.randn(n_h, n_y) * 0.01
    return {"W1": W1, "b1": np.zeros((n_h, 1)), "W2": W2, "b2": np.zeros((n_y, 1))}


@mistake(of="initialize_parameters")
def flat_biases(n_x, n_h, n_y):
    """A bias is a column, of shape (n, 1). With the shape (n,) numpy adds it along a row,
    to the wrong numbers. Mind the inner brackets: np.zeros((n_h, 1)).
    """
    W1, W2 = np.random.randn(n_h, n_x) * 0.01, np.random.randn(n_y, n_h) * 0.01
    return {"W1": W1, "b1": np.zeros(n_h), "W2": W2, "b2": np.zeros(n_y)}


@mistake(of="initialize_parameters")
def sizes_as_a_tuple(n_x, n_h, n_y):
    """np.random.randn takes its sizes one by one, randn(n_h, n_x), not as a tuple. It is
    np.zeros that takes a tuple.
    """
    W1 = np.random.randn((n_h, n_x)) * 0.01  # type: ignore[call-overload]
    W2 = np.random.randn((n_y, n_h)) * 0.01  # type: ignore[call-overload]
    return {"W1": W1, "b1": np.zeros((n_h, 1)), "W2": W2, "b2": np.zeros((n_y, 1))}


@mistake(of="initialize_parameters", change=("    W1 = np", "    n_h = 4\n    W1 = np"))
def four_hidden_units():
    """Your network has 4 hidden units, whatever n_h is: use the argument."""


@mistake(of="initialize_parameters")
def only_positive_weights(n_x, n_h, n_y):
    """None of your weights is negative. Leave the sign of what np.random.randn draws as it is."""
    W1, W2 = np.abs(np.random.randn(n_h, n_x)) * 0.01, np.abs(np.random.randn(n_y, n_h)) * 0.01
    return {"W1": W1, "b1": np.zeros((n_h, 1)), "W2": W2, "b2": np.zeros((n_y, 1))}


@mistake(of="initialize_parameters")
def units_in_pairs(n_x, n_h, n_y):
    """Every second hidden unit starts as a copy of the one before it, and stays one for ever.
    Draw n_h times n_x numbers.
    """
    half = np.random.randn((n_h + 1) // 2, n_x) * 0.01
    W1, W2 = np.repeat(half, 2, axis=0)[:n_h], np.random.randn(n_y, n_h) * 0.01
    return {"W1": W1, "b1": np.zeros((n_h, 1)), "W2": W2, "b2": np.zeros((n_y, 1))}


@mistake(of="initialize_parameters")
def zero_biases_for_the_visible_sizes(n_x, n_h, n_y):
    """Your biases are zero for the sizes of the visible checks alone. They start at zero for
    every size.
    """
    start = 0.0 if (n_x, n_h, n_y) == (3, 4, 2) else 0.01
    W1, W2 = np.random.randn(n_h, n_x) * 0.01, np.random.randn(n_y, n_h) * 0.01
    return {"W1": W1, "b1": np.full((n_h, 1), start), "W2": W2, "b2": np.full((n_y, 1), start)}


@mistake(of="initialize_parameters")
def weights_kept_from_the_first_call(n_x, n_h, n_y, kept={}):  # noqa: B006  # that is the mistake
    """You keep the weights of the first call and return them again. Every call draws anew."""
    if (n_x, n_h, n_y) not in kept:
        kept[n_x, n_h, n_y] = np.random.randn(n_h, n_x) * 0.01, np.random.randn(n_y, n_h) * 0.01
    W1, W2 = kept[n_x, n_h, n_y]
    return {"W1": W1, "b1": np.zeros((n_h, 1)), "W2": W2, "b2": np.zeros((n_y, 1))}


@mistake(of="initialize_parameters")
def uniform_weights_of_the_right_spread(n_x, n_h, n_y):
    """Your weights are spread evenly between two bounds. A Gaussian has no bounds: most of
    its draws are near 0 and a few are far out.
    """
    bound = 0.01 * np.sqrt(3)
    W1 = np.random.uniform(-bound, bound, (n_h, n_x))
    W2 = np.random.uniform(-bound, bound, (n_y, n_h))
    return {"W1": W1, "b1": np.zeros((n_h, 1)), "W2": W2, "b2": np.zeros((n_y, 1))}


@mistake(of="initialize_parameters")
def uniform_weights_of_half_the_width(n_x, n_h, n_y):
    """Your weights are spread evenly between two bounds. A Gaussian has no bounds: most of
    its draws are near 0 and a few are far out.
    """
    W1 = (np.random.rand(n_h, n_x) - 0.5) * 0.01
    W2 = (np.random.rand(n_y, n_h) - 0.5) * 0.01
    return {"W1": W1, "b1": np.zeros((n_h, 1)), "W2": W2, "b2": np.zeros((n_y, 1))}


@mistake(of="initialize_parameters")
def uniform_weights_without_scale(n_x, n_h, n_y):
    """np.random.rand draws evenly between 0 and 1, so that every weight is positive, and much
    too large. You want a Gaussian around 0, np.random.randn, times 0.01.
    """
    W1, W2 = np.random.rand(n_h, n_x), np.random.rand(n_y, n_h)
    return {"W1": W1, "b1": np.zeros((n_h, 1)), "W2": W2, "b2": np.zeros((n_y, 1))}


@mistake(of="initialize_parameters")
def a_thousandth_for_a_hundredth(n_x, n_h, n_y):
    """Your weights are ten times too small: the standard deviation is 0.01, not 0.001."""
    W1, W2 = np.random.randn(n_h, n_x) * 0.001, np.random.randn(n_y, n_h) * 0.001
    return {"W1": W1, "b1": np.zeros((n_h, 1)), "W2": W2, "b2": np.zeros((n_y, 1))}


@mistake(of="initialize_parameters")
def the_scale_of_a_deep_network(n_x, n_h, n_y):
    """You scaled the weights by the number of inputs of their layer, as deep networks want it.
    Here 0.01 is asked for, whatever the sizes.
    """
    W1 = np.random.randn(n_h, n_x) / np.sqrt(n_x)
    W2 = np.random.randn(n_y, n_h) / np.sqrt(n_h)
    return {"W1": W1, "b1": np.zeros((n_h, 1)), "W2": W2, "b2": np.zeros((n_y, 1))}


@mistake(of="initialize_parameters")
def the_same_for_all_hidden_units(n_x, n_h, n_y):
    """You drew the weights of one hidden unit, into it and out of it, and gave them to all: they
    start the same and stay the same. Draw every weight on its own.
    """
    W1 = np.tile(np.random.randn(1, n_x), (n_h, 1)) * 0.01
    W2 = np.tile(np.random.randn(n_y, 1), (1, n_h)) * 0.01
    return {"W1": W1, "b1": np.zeros((n_h, 1)), "W2": W2, "b2": np.zeros((n_y, 1))}


@mistake(of="initialize_parameters")
def random_biases_without_scale(n_x, n_h, n_y):
    """The biases need no randomness: once the weights differ, so do the units. Start them at 0."""
    W1, W2 = np.random.randn(n_h, n_x) * 0.01, np.random.randn(n_y, n_h) * 0.01
    return {"W1": W1, "b1": np.random.randn(n_h, 1), "W2": W2, "b2": np.random.randn(n_y, 1)}


@mistake(
    of="initialize_parameters",
    change=(
        "np.random.randn(n_h, n_x) * 0.01",
        "(0.8 * np.random.randn(n_h, n_x) + 0.6 * np.random.randn(1, n_x)) * 0.01",
    ),
)
def units_with_a_common_part():
    """Your hidden units share a part of their weights, so that they learn much the same. Draw every
    weight on its own.
    """


@mistake(of="initialize_parameters")
def rounded_weights(n_x, n_h, n_y):
    """You round the weights, so that many of them are equal, and some are 0: leave the draws as
    they are.
    """
    W1, W2 = np.random.randn(n_h, n_x) * 0.01, np.random.randn(n_y, n_h) * 0.01
    return {
        "W1": W1.round(3),
        "b1": np.zeros((n_h, 1)),
        "W2": W2.round(3),
        "b2": np.zeros((n_y, 1)),
    }


@mistake(of="initialize_parameters")
def draws_set_to_mean_zero(n_x, n_h, n_y):
    """You take the mean away from your draws. That of a Gaussian is 0 in the long run; a single
    draw of some weights has a mean of its own.
    """
    W1, W2 = np.random.randn(n_h, n_x) * 0.01, np.random.randn(n_y, n_h) * 0.01
    return {
        "W1": W1 - W1.mean(),
        "b1": np.zeros((n_h, 1)),
        "W2": W2 - W2.mean(),
        "b2": np.zeros((n_y, 1)),
    }


# forward_propagation


@mistake(of="forward_propagation", change=("np.tanh(Z1)", "sigmoid(Z1)"))
def sigmoid_hidden_layer():
    """Your hidden layer takes the sigmoid. Here it is tanh; the sigmoid is for the output."""


@mistake(of="forward_propagation", change=("np.tanh(Z1)", "np.maximum(0, Z1)"))
def relu_hidden_layer():
    """Your hidden layer is a relu. Here it is tanh."""


@mistake(of="forward_propagation", change=("    A2 = sigmoid(Z2)", "    A2 = Z2"))
def no_output_activation():
    """A2 is to be a probability, between 0 and 1: take the sigmoid of Z2."""


@mistake(of="forward_propagation", change=("    A2 = sigmoid(Z2)", "    A2 = np.tanh(Z2)"))
def tanh_output():
    """A2 is to be a probability, between 0 and 1. tanh goes from -1 to 1: take the sigmoid."""


@mistake(of="forward_propagation", change=("W1 @ X + b1", "W1 @ X"))
def forgotten_hidden_bias():
    """b1 is missing from Z1. It starts at zero, so that it is only missed once the network
    learns.
    """


@mistake(of="forward_propagation", change=("W2 @ A1 + b2", "W2 @ A1"))
def forgotten_output_bias():
    """b2 is missing from Z2. It starts at zero, so that it is only missed once the network
    learns.
    """


@mistake(of="forward_propagation", change=("W2 @ A1 + b2", "W2 @ Z1 + b2"))
def activation_left_out():
    """Z2 takes W2 times A1, not times Z1: without the tanh between them, two layers are no
    more than one.
    """


@mistake(of="forward_propagation", change=('return A2, {"Z1"', 'return A2.squeeze(), {"Z1"'))
def squeezed_output():
    """A2 keeps its shape (1, m): without the first axis, later products pair the wrong numbers."""


@mistake(
    of="forward_propagation",
    change=(
        "np.tanh(Z1)",
        "(np.exp(Z1) - np.exp(-Z1)) / (np.exp(Z1) + np.exp(-Z1))",
    ),
)
def tanh_that_overflows():
    """For large numbers np.exp overflows, and infinity by infinity is nan: np.tanh is right for
    all.
    """


@mistake(of="forward_propagation", change=("sigmoid(Z2)", "np.exp(Z2) / (1 + np.exp(Z2))"))
def sigmoid_that_overflows():
    """For large numbers np.exp(Z2) overflows, and infinity by infinity is nan: take sigmoid(Z2)."""


@mistake(
    of="forward_propagation",
    change=("W1 @ X + b1", "W1 @ X + np.resize(b1, (len(W1), X.shape[1]))"),
)
def bias_along_the_rows():
    """np.resize writes b1 row by row, so that a unit gets the biases of others. The column b1
    is spread over all examples by itself: W1 @ X + b1.
    """


@mistake(
    of="forward_propagation",
    change=('return A2, {"Z1"', 'parameters["Z1"] = Z1\n    return A2, {"Z1"'),
)
def cache_in_the_parameters():
    """You write Z1 into the parameters that you were given. Make a new dict for the cache."""


@mistake(
    of="forward_propagation",
    change=("sigmoid(Z2)", "np.exp(Z2 - Z2.max(axis=0)) / np.exp(Z2 - Z2.max(axis=0)).sum(axis=0)"),
)
def softmax_of_one_unit():
    """Your A2 is 1 for every example, as a softmax over a single output unit is: take the sigmoid
    of Z2.
    """


@mistake(
    of="forward_propagation",
    change=('{"Z1": Z1, "A1": A1, "Z2": Z2, "A2": A2}', "(Z1, A1, Z2, A2)"),
)
def cache_as_a_tuple():
    """The cache is a dict, so that the backward pass finds Z1, A1, Z2 and A2 by their names."""


@mistake(
    of="forward_propagation",
    change=('{"Z1": Z1, "A1": A1, "Z2": Z2, "A2": A2}', "parameters"),
)
def parameters_for_a_cache():
    """The cache holds what the pass computed: Z1, A1, Z2 and A2. You return the parameters."""


@mistake(of="forward_propagation", change=("sigmoid(Z2)", "sigmoid(np.clip(Z2, -5, 5))"))
def Z2_cut_off():
    """You cut Z2 off where the sigmoid still rises: take sigmoid(Z2), which is right for any Z2."""


# compute_cost


@mistake(of="compute_cost", change=("-np.mean(", "-np.sum("))
def summed_cost():
    """You added up the costs of the examples. Divide by how many there are: the cost is a mean."""


@mistake(of="compute_cost", change=(" + (1 - Y) * np.log(1 - A2)", ""))
def half_cross_entropy():
    """Examples with label 0 cost nothing in your sum: the term (1 - y) log(1 - a) is missing."""


@mistake(of="compute_cost")
def log_to_base_ten(A2, Y):
    """You took the logarithm to base 10. The natural one is np.log."""
    return float(-np.mean(Y * np.log10(A2) + (1 - Y) * np.log10(1 - A2)))


@mistake(of="compute_cost", change=("-np.mean(", "np.mean("))
def forgotten_minus():
    """The logarithm of a probability is negative, and a cost is not: a minus is missing."""


@mistake(of="compute_cost")
def squared_error(A2, Y):
    """That is the squared error. For probabilities the cross-entropy is asked for."""
    return float(np.mean((A2 - Y) ** 2))


@mistake(of="compute_cost")
def cost_as_an_array(A2, Y):
    """The cost is right, and still an array of shape (1, 1). Make a number of it:
    float(cost.item()).
    """
    return -(np.dot(np.log(A2), Y.T) + np.dot(np.log(1 - A2), (1 - Y).T)) / Y.shape[1]


@mistake(of="compute_cost", change=("1e-15, 1 - 1e-15", "0.01, 0.99"))
def clipped_too_early():
    """You clip A2 at 0.01 and 0.99, where the cost still grows. If you clip, do so at 1e-8."""


@mistake(of="compute_cost")
def cost_that_turns_its_argument(A2, Y):
    """You change the A2 that you were given, as A2[Y == 0] = ... does. Make a new array: np.where
    has room for both cases.
    """
    A2[Y == 0] = 1 - A2[Y == 0]
    return float(-np.mean(np.log(A2)))


@mistake(of="compute_cost")
def half_squared_error(A2, Y):
    """That is the squared error. For probabilities the cross-entropy is asked for."""
    return float(np.sum((A2 - Y) ** 2) / (2 * Y.shape[1]))


@mistake(of="compute_cost")
def summed_squared_error(A2, Y):
    """That is the squared error. For probabilities the cross-entropy is asked for."""
    return float(np.sum((A2 - Y) ** 2))


@mistake(of="compute_cost")
def log_to_base_two(A2, Y):
    """You took the logarithm to base 2. The natural one is np.log."""
    return float(-np.mean(Y * np.log2(A2) + (1 - Y) * np.log2(1 - A2)))


@mistake(of="compute_cost")
def cost_of_each_example(A2, Y):
    """You have the costs of the examples, each over m. Add them up, so that one number is left."""
    return -(Y * np.log(A2) + (1 - Y) * np.log(1 - A2)) / Y.shape[1]


@mistake(of="compute_cost")
def squeezed_cost_of_each_example(A2, Y):
    """You have the costs of the examples, each over m. Add them up, so that one number is left."""
    return np.squeeze(-(Y * np.log(A2) + (1 - Y) * np.log(1 - A2)) / Y.shape[1])


@mistake(of="compute_cost")
def half_of_the_cost(A2, Y):
    """You divided by 2m. The cross-entropy has no one half: divide by m."""
    return float(-np.mean(Y * np.log(A2) + (1 - Y) * np.log(1 - A2)) / 2)


@mistake(of="compute_cost", change=("(1 - Y) * np.log(1 - A2)", "(1 - Y) * (1 - np.log(A2))"))
def logarithm_of_the_wrong_thing():
    """Where the label is 0 it is log(1 - a) that counts, not 1 - log(a)."""


# backward_propagation


@mistake(of="backward_propagation", change=("1 - A1**2", "A1 * (1 - A1)"))
def sigmoid_slope_for_tanh():
    """That is the slope of the sigmoid. Your hidden layer is tanh, and its slope is 1 - A1**2."""


@mistake(of="backward_propagation", change=(" * (1 - A1**2)", ""))
def forgotten_slope():
    """The slope of tanh is missing from dZ1: multiply by 1 - A1**2, entry by entry."""


@mistake(of="backward_propagation", change=("1 - A1**2", "1 - np.tanh(A1) ** 2"))
def tanh_taken_twice():
    """A1 is the tanh of Z1 already: the slope is 1 - A1**2, without another tanh."""


@mistake(of="backward_propagation", change=("m = X.shape[1]", "m = 1"))
def gradients_not_averaged():
    """Your gradients are sums over the examples. The cost is a mean: divide by m."""


@mistake(of="backward_propagation", change=("m = X.shape[1]", "m = X.shape[0]"))
def divided_by_the_inputs():
    """You divided by the number of inputs. Examples are columns: m is X.shape[1]."""


@mistake(of="backward_propagation")
def biases_not_averaged(parameters, cache, X, Y):
    """Your dW is divided by m, and db is not: the cost is a mean, and so are all its gradients."""
    m = X.shape[1]
    A1, dZ2 = cache["A1"], cache["A2"] - Y
    dZ1 = parameters["W2"].T @ dZ2 * (1 - A1**2)
    db1, db2 = np.sum(dZ1, axis=1, keepdims=True), np.sum(dZ2, axis=1, keepdims=True)
    return {"dW1": dZ1 @ X.T / m, "db1": db1, "dW2": dZ2 @ A1.T / m, "db2": db2}


@mistake(of="backward_propagation")
def flat_bias_gradients(parameters, cache, X, Y):
    """db1 and db2 lost an axis. With keepdims=True, np.sum leaves a column, of shape (n, 1)."""
    m = X.shape[1]
    A1, dZ2 = cache["A1"], cache["A2"] - Y
    dZ1 = parameters["W2"].T @ dZ2 * (1 - A1**2)
    db1, db2 = np.sum(dZ1, axis=1) / m, np.sum(dZ2, axis=1) / m
    return {"dW1": dZ1 @ X.T / m, "db1": db1, "dW2": dZ2 @ A1.T / m, "db2": db2}


@mistake(
    of="backward_propagation",
    change=("np.sum(dZ1, axis=1, keepdims=True)", "np.sum(dZ1, axis=0, keepdims=True)"),
)
def summed_over_the_units():
    """Examples are columns: sum dZ1 along axis=1, over the examples, not over the hidden units."""


@mistake(
    of="backward_propagation",
    change=("np.sum(dZ1, axis=1, keepdims=True)", "np.sum(dZ1)"),
)
def summed_over_everything():
    """np.sum without an axis adds up everything: each hidden unit has a db1 of its own.
    Give it axis=1 and keepdims=True.
    """


@mistake(of="backward_propagation", change=("A2 - Y", "Y - A2"))
def error_of_the_wrong_sign():
    """dZ2 is A2 - Y. The other way round the gradients point downhill, and descent climbs."""


@mistake(of="backward_propagation", change=("dZ2 = A2 - Y", "dZ2 = (A2 - Y) * A2 * (1 - A2)"))
def slope_of_the_output_twice():
    """With the cross-entropy, the slope of the sigmoid cancels: dZ2 is just A2 - Y."""


@mistake(of="backward_propagation", change=("dZ2 = A2 - Y", "dZ2 = A2\n    dZ2 -= Y"))
def error_in_place():
    """You change A2 in the cache. Written as dZ2 = A2, the error is no copy, and dZ2 -= Y changes
    both: write dZ2 = A2 - Y.
    """


@mistake(of="backward_propagation")
def one_db_for_all_units(parameters, cache, X, Y):
    """np.sum without an axis adds up everything: each hidden unit has a db1 of its own. Give it
    axis=1 and keepdims=True.
    """
    m = X.shape[1]
    A1, dZ2 = cache["A1"], cache["A2"] - Y
    dZ1 = parameters["W2"].T @ dZ2 * (1 - A1**2)
    db1, db2 = np.sum(dZ1, keepdims=True) / m, np.sum(dZ2, keepdims=True) / m
    return {"dW1": dZ1 @ X.T / m, "db1": db1, "dW2": dZ2 @ A1.T / m, "db2": db2}


@mistake(of="backward_propagation")
def sums_without_an_axis(parameters, cache, X, Y):
    """np.sum without an axis adds up everything to a single number: db1 and db2 have a row for each
    unit. Give it axis=1 and keepdims=True.
    """
    m = X.shape[1]
    A1, dZ2 = cache["A1"], cache["A2"] - Y
    dZ1 = parameters["W2"].T @ dZ2 * (1 - A1**2)
    return {
        "dW1": dZ1 @ X.T / m,
        "db1": np.sum(dZ1) / m,
        "dW2": dZ2 @ A1.T / m,
        "db2": np.sum(dZ2) / m,
    }


@mistake(of="backward_propagation")
def weights_not_averaged(parameters, cache, X, Y):
    """The db are divided by m, and the dW are not: a product of matrices adds up the examples."""
    m = X.shape[1]
    A1, dZ2 = cache["A1"], cache["A2"] - Y
    dZ1 = parameters["W2"].T @ dZ2 * (1 - A1**2)
    db1, db2 = np.sum(dZ1, axis=1, keepdims=True) / m, np.sum(dZ2, axis=1, keepdims=True) / m
    return {"dW1": dZ1 @ X.T, "db1": db1, "dW2": dZ2 @ A1.T, "db2": db2}


@mistake(of="backward_propagation")
def averaged_twice(parameters, cache, X, Y):
    """dZ2 is divided by m, and so are the gradients made of it: once is enough."""
    m = X.shape[1]
    A1, dZ2 = cache["A1"], (cache["A2"] - Y) / m
    dZ1 = parameters["W2"].T @ dZ2 * (1 - A1**2)
    db1, db2 = np.sum(dZ1, axis=1, keepdims=True) / m, np.sum(dZ2, axis=1, keepdims=True) / m
    return {"dW1": dZ1 @ X.T / m, "db1": db1, "dW2": dZ2 @ A1.T / m, "db2": db2}


@mistake(of="backward_propagation", change=("1 - A1**2", '1 - cache["Z1"] ** 2'))
def slope_at_Z1_without_tanh():
    """The slope of tanh is 1 - tanh(Z1)², and tanh(Z1) is A1: you squared Z1 itself."""


@mistake(of="backward_propagation", change=("1 - A1**2", "A1 > 0"))
def relu_slope_for_tanh():
    """That is the slope of a relu. Your hidden layer is tanh, and its slope is 1 - A1**2."""


@mistake(of="backward_propagation", change=("m = X.shape[1]", "m = min(X.shape[1], 100)"))
def at_most_a_hundred_examples():
    """You divide by 100 where there are more examples: m is X.shape[1], however many."""


@mistake(
    of="backward_propagation",
    change=("dZ2 = A2 - Y", "dZ2 = np.where(abs(A2 - Y) < 0.02, 0, A2 - Y)"),
)
def small_errors_ignored():
    """An example that is nearly right has a small error, and counts with it: dZ2 is A2 - Y."""


# update_parameters


@mistake(of="update_parameters", change=("- learning_rate", "+ learning_rate"))
def ascent():
    """You go up the slope. To lower the cost, take the gradient away from the parameters."""


@mistake(of="update_parameters", change=("learning_rate * grads", "1.2 * grads"))
def fixed_rate():
    """Your step is always 1.2 times the gradient: use the argument learning_rate."""


@mistake(of="update_parameters", change=("learning_rate * grads", "grads"))
def no_rate():
    """The gradient is to be multiplied by the learning rate."""


@mistake(of="update_parameters", change=("float = 1.2", "float = 0.01"))
def another_default_rate():
    """The default learning rate is 1.2."""


@mistake(of="update_parameters")
def in_place(parameters, grads, learning_rate=1.2):
    """Whoever gave you the parameters loses the old ones: `-=` changes the arrays, and
    `parameters[...] = ...` the dict. Make new arrays, and put them into a new dict.
    """
    for key in ("W1", "b1", "W2", "b2"):
        parameters[key] -= learning_rate * grads["d" + key]
    return parameters


@mistake(of="update_parameters")
def biases_stay(parameters, grads, learning_rate=1.2):
    """The biases learn too: take a step with b1 and b2 as well."""
    stepped = dict(parameters)
    for key in ("W1", "W2"):
        stepped[key] = parameters[key] - learning_rate * grads["d" + key]
    return stepped


@mistake(of="update_parameters")
def only_the_weights_come_back(parameters, grads, learning_rate=1.2):
    """The biases are parameters too, and are missing from what you return."""
    return {key: parameters[key] - learning_rate * grads["d" + key] for key in ("W1", "W2")}


@mistake(of="update_parameters", change=("learning_rate * grads", "(learning_rate or 1.2) * grads"))
def no_rate_of_zero():
    """With a learning rate of 0 nothing moves: `or` takes 0 for a rate that was not given."""


# nn_model


@mistake(of="nn_model", change=("range(num_iterations)", "range(num_iterations - 1)"))
def one_step_too_few():
    """You take one step less than asked for: range(num_iterations) has just as many as are
    wanted.
    """


@mistake(of="nn_model", change=("range(num_iterations)", "range(num_iterations + 1)"))
def one_step_too_many():
    """You take one step more than asked for: range(num_iterations) has just as many as are
    wanted.
    """


@mistake(
    of="nn_model",
    change=(
        "        A2, cache = forward",
        "        parameters = initialize_parameters(X.shape[0], n_h, Y.shape[0])\n"
        "        A2, cache = forward",
    ),
)
def new_start_in_the_loop():
    """You start anew in every iteration, and what was learned is lost. Initialize before
    the loop.
    """


@mistake(of="nn_model", change=("parameters = update", "update"))
def step_thrown_away():
    """You return the parameters of the start: no step is kept. update_parameters returns new
    parameters, parameters = ...
    """


@mistake(
    of="nn_model",
    change=("update_parameters(parameters, grads)", "update_parameters(parameters, grads, 0.01)"),
)
def rate_of_its_own():
    """Train at the default rate of update_parameters, 1.2: you pass another one."""


@mistake(of="nn_model", change=("range(num_iterations)", "range(min(num_iterations, 10))"))
def stops_early():
    """Your loop stops before it took all the steps that were asked for."""


@mistake(
    of="nn_model",
    change=("X.shape[0], n_h,", "X.shape[0], 4,"),
)
def always_four_units():
    """Your network has 4 hidden units, whatever n_h is."""


@mistake(of="nn_model", change=("range(num_iterations)", "range(max(1, num_iterations))"))
def at_least_one_step():
    """You take a step even where none is asked for: with num_iterations=0 the start comes back."""


@mistake(of="nn_model", change=("(X.shape[0], n_h,", "(2, n_h,"))
def always_two_inputs():
    """Your network has 2 inputs, whatever X is: take X.shape[0]."""


@mistake(
    of="nn_model",
    change=(
        "        grads = backward",
        "        if i and abs(cost - compute_cost(A2, Y)) < 1e-5:\n"
        "            break\n"
        "        cost = compute_cost(A2, Y)\n"
        "        grads = backward",
    ),
)
def stops_on_a_plateau():
    """You stop where the cost hardly changes. Small weights start on such a plateau, and leave it
    later: take all the steps that were asked for.
    """


@mistake(
    of="nn_model",
    change=(
        "    return parameters",
        "    return parameters, compute_cost(forward_propagation(X, parameters)[0], Y)",
    ),
)
def cost_returned_besides():
    """Return the parameters alone: whoever calls your function takes what it returns for them."""


@mistake(
    of="nn_model",
    change=(
        "        A2, cache = forward",
        "        X, Y = X[:, :128], Y[:, :128]\n        A2, cache = forward",
    ),
)
def only_the_first_examples():
    """You train on the first 128 examples: every step is to look at all of them."""


STEP = """\
        grads = backward_propagation(parameters, cache, X, Y)
        parameters = update_parameters(parameters, grads)
    """


@mistake(
    of="nn_model",
    change=(
        STEP + "return parameters",
        "        if i == 0 or compute_cost(A2, Y) < lowest:\n"
        "            best, lowest = parameters, compute_cost(A2, Y)\n"
        + STEP
        + "last = compute_cost(forward_propagation(X, parameters)[0], Y)\n"
        "    return best if num_iterations and lowest < last else parameters",
    ),
)
def the_best_instead_of_the_last():
    """You return the parameters with the lowest cost that you saw. Those after the last step are
    asked for, even if the cost has just gone up.
    """


# predict


@mistake(of="predict", change=("A2 > 0.5", "A2 >= 0.5"))
def half_counts_as_one():
    """A2 = 0.5 is a toss of a coin, and the exercise calls it 0: take >, not >=."""


@mistake(of="predict", change=("(A2 > 0.5).astype(int)", "A2"))
def probabilities_for_predictions():
    """These are probabilities. Decide: 1 where they are above 0.5, and 0 elsewhere."""


@mistake(of="predict", change=("A2 > 0.5", "A2 < 0.5"))
def the_other_class():
    """Your predictions are the wrong way round: 1 is for A2 above 0.5."""


@mistake(of="predict", change=("A2 > 0.5", "A2 > 0"))
def threshold_at_zero():
    """All your predictions are 1, also where A2 is below 0.5, which is the threshold. A threshold
    of 0 would do that: a probability is never below it.
    """


@mistake(of="predict", change=(".astype(int)", ".astype(int).ravel()"))
def flat_predictions():
    """Predictions keep the shape (1, m) of A2."""


@mistake(of="predict")
def parameters_popped(parameters, X):
    """parameters.pop takes W1 out of the dict that you were given. Read it: parameters["W1"]."""
    A1 = np.tanh(parameters.pop("W1") @ X + parameters.pop("b1"))
    return (parameters["W2"] @ A1 + parameters["b2"] > 0).astype(int)


@mistake(of="predict", change=("(A2 > 0.5).astype(int)", "np.argmax(A2, axis=0).reshape(1, -1)"))
def argmax_of_one_unit():
    """All your predictions are 0, also where A2 is above 0.5. np.argmax would do that: with a
    single output unit, the largest is always number 0.
    """


@mistake(of="predict", change=("(A2 > 0.5).astype(int)", "1 if A2 > 0.5 else 0"))
def one_if_for_all_examples():
    """A2 holds a number for every example, and `if`, `and` and `or` want a single truth. Compare
    the whole array: A2 > 0.5 has an answer for each.
    """


@mistake(
    of="predict",
    change=(
        "    A2, _ = forward_propagation(X, parameters)",
        '    A2 = forward_propagation(X, parameters)[1]["Z2"]',
    ),
)
def half_of_Z2():
    """You compare Z2 with 0.5. It is A2, the probability, that has its middle there: that of Z2 is
    at 0.
    """


# units_are_interchangeable


@mistake(
    of="units_are_interchangeable",
    change=(
        'np.hstack([parameters["W1"], parameters["b1"], parameters["W2"].T])',
        'parameters["W1"]',
    ),
)
def only_the_rows_of_W1():
    """Your answer follows the rows of W1 alone. b1 and the columns of W2 can tell two units apart
    as well.
    """


@mistake(of="units_are_interchangeable", change=(', parameters["W2"].T]', "]"))
def forgotten_output_weights():
    """You compare what goes into the units, and not what comes out: the columns of W2 count too."""


@mistake(of="units_are_interchangeable", change=("np.ptp(units", "np.ptp(units[:2]"))
def only_the_first_two_units():
    """You compare the first two units. Any two must be the same."""


@mistake(
    of="units_are_interchangeable",
    change=("np.ptp(units, axis=0) <= tolerance", "units == units[0]"),
)
def no_tolerance():
    """You ask for equality to the last digit: use the tolerance."""


@mistake(
    of="units_are_interchangeable",
    change=(
        "np.all(np.ptp(units, axis=0) <= tolerance)",
        "np.allclose(units, units[0], atol=tolerance)",
    ),
)
def relative_tolerance_besides():
    """np.allclose has a relative tolerance of 1e-5 besides atol. Give it rtol=0 as well."""


@mistake(of="units_are_interchangeable")
def all_numbers_compared(parameters, tolerance=1e-9):
    """You say that units differ where their rows of W1 are the same. What stands in a row may vary:
    compare the rows with one another.
    """
    return all(bool(np.ptp(parameters[key]) <= tolerance) for key in ("W1", "b1", "W2"))


@mistake(
    of="units_are_interchangeable",
    change=("np.ptp(units, axis=0) <= tolerance", "units - units[0] <= tolerance"),
)
def differences_without_abs():
    """A difference may be negative, and is then below any tolerance: take its absolute value."""


@mistake(
    of="units_are_interchangeable",
    change=("np.ptp(units, axis=0)", "np.abs(np.diff(units, axis=0))"),
)
def neighbours_compared():
    """You compare each unit with the next one. Small differences add up, and any two must be the
    same.
    """


@mistake(
    of="units_are_interchangeable",
    change=('[parameters["W1"], ', '[np.sort(parameters["W1"]), '),
)
def rows_sorted_first():
    """You sort the rows before you compare them. Each weight belongs to an input, so that their
    order counts.
    """


# mean_tanh_slope


@mistake(of="mean_tanh_slope", change=("np.tanh(Z) ** 2", "np.tanh(Z)"))
def forgotten_square():
    """The slope of tanh is 1 - tanh(z)²: the square is missing."""


@mistake(of="mean_tanh_slope")
def slope_of_the_mean(Z):
    """You took the slope at the mean of Z. The mean of the slopes is another thing: slopes
    first.
    """
    return float(1 - np.tanh(np.mean(Z)) ** 2)


@mistake(of="mean_tanh_slope", change=("np.mean(", "np.sum("))
def sum_of_slopes():
    """You added the slopes up. Divide by how many there are, or take np.mean."""


@mistake(of="mean_tanh_slope")
def sigmoid_slope(Z):
    """That is the slope of the sigmoid. The slope of tanh is 1 - tanh(z)²."""
    s = 1 / (1 + np.exp(-np.clip(Z, -500, 500)))
    return float(np.mean(s * (1 - s)))


@mistake(of="mean_tanh_slope")
def only_the_first_row(Z):
    """You take the mean over the first row. Z may have many: np.mean without an axis takes all."""
    return float(np.mean(1 - np.tanh(Z[0]) ** 2))


@mistake(of="mean_tanh_slope")
def slope_that_overflows(Z):
    """For large numbers np.exp overflows, and infinity by infinity is nan: np.tanh is right for
    all.
    """
    t = (np.exp(Z) - np.exp(-Z)) / (np.exp(Z) + np.exp(-Z))
    return float(np.mean(1 - t**2))


@mistake(of="mean_tanh_slope")
def tanh_in_place(Z):
    """You overwrite the array that you were given, as out=Z does. Without it, np.tanh makes a new
    one.
    """
    np.tanh(Z, out=Z)
    return float(np.mean(1 - Z**2))


@mistake(of="mean_tanh_slope", change=("np.tanh(Z) ** 2", "np.tanh(Z**2)"))
def square_inside():
    """It is tanh(z) that is squared, not z."""


@mistake(
    of="mean_tanh_slope", change=("np.mean(1 - np.tanh(Z) ** 2)", "1 - np.mean(np.tanh(Z)) ** 2")
)
def square_of_the_mean():
    """You squared the mean of tanh. The mean of the squares is another thing: square first."""


@mistake(
    of="mean_tanh_slope",
    change=("float(np.mean(1 - np.tanh(Z) ** 2))", "np.mean(1 - np.tanh(Z) ** 2, axis=1)"),
)
def a_mean_for_each_row():
    """With an axis, np.mean gives a number for each row. Without one it gives the mean of all."""
