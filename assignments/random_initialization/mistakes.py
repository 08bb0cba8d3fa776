"""Known mistakes, each with a hint for the students who make it."""

import numpy as np

from autograder.checking import mistake

# initialize_parameters


@mistake(of="initialize_parameters")
def uniform_weights(n_x, n_h, n_y):
    """Your weights are uniform between 0 and some bound, so none is negative: np.random.rand draws
    such numbers. Use np.random.randn, which draws Gaussian numbers around 0.
    """
    W1 = np.random.rand(n_h, n_x) * 0.01
    W2 = np.random.rand(n_y, n_h) * 0.01
    return {"W1": W1, "b1": np.zeros((n_h, 1)), "W2": W2, "b2": np.zeros((n_y, 1))}


@mistake(of="initialize_parameters")
def uniform_weights_around_zero(n_x, n_h, n_y):
    """Your weights are uniform between two bounds. Gaussian numbers have no bounds: most are near 0
    and a few are far out.
    """
    W1 = np.random.uniform(-0.01, 0.01, (n_h, n_x))
    W2 = np.random.uniform(-0.01, 0.01, (n_y, n_h))
    return {"W1": W1, "b1": np.zeros((n_h, 1)), "W2": W2, "b2": np.zeros((n_y, 1))}


@mistake(of="initialize_parameters")
def weights_cut_off_at_two_sigma(n_x, n_h, n_y):
    """Your weights are cut off at two standard deviations (a truncated normal distribution). Draw
    from a Gaussian without limits.
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
    """W1 is small, but W2 is not: multiply both by 0.01."""


@mistake(
    of="initialize_parameters",
    change=("np.random.randn(n_h, n_x) * 0.01", "np.random.randn(n_h, n_x)"),
)
def scale_on_W2_alone():
    """W2 is small, but W1 is not: multiply both by 0.01."""


@mistake(of="initialize_parameters")
def a_tenth_for_a_hundredth(n_x, n_h, n_y):
    """Your weights are ten times too large: their standard deviation should be 0.01, not 0.1.
    Multiply the draws by 0.01 itself, not by its square root.
    """
    W1, W2 = np.random.randn(n_h, n_x) * 0.1, np.random.randn(n_y, n_h) * 0.1
    return {"W1": W1, "b1": np.zeros((n_h, 1)), "W2": W2, "b2": np.zeros((n_y, 1))}


@mistake(
    of="initialize_parameters", change=("np.zeros((n_h, 1))", "np.random.randn(n_h, 1) * 0.01")
)
def random_biases():
    """The biases should start at 0. They need not be random: different weights already make the
    units different.
    """


@mistake(of="initialize_parameters")
def ones_for_biases(n_x, n_h, n_y):
    """The biases should start at 0, not at 1: a bias of 1 moves tanh to where it is flatter."""
    W1, W2 = np.random.randn(n_h, n_x) * 0.01, np.random.randn(n_y, n_h) * 0.01
    return {"W1": W1, "b1": np.ones((n_h, 1)), "W2": W2, "b2": np.ones((n_y, 1))}


@mistake(of="initialize_parameters")
def zero_weights(n_x, n_h, n_y):
    """All weights are zero, so all hidden units compute the same and get the same gradient. They
    never become different. Draw the weights at random.
    """
    W1, W2 = np.zeros((n_h, n_x)), np.zeros((n_y, n_h))
    return {"W1": W1, "b1": np.zeros((n_h, 1)), "W2": W2, "b2": np.zeros((n_y, 1))}


@mistake(of="initialize_parameters")
def constant_weights(n_x, n_h, n_y):
    """The weights are not zero, but they are all equal. So all hidden units compute the same and
    get the same gradient. Draw every weight separately.
    """
    W1, W2 = np.full((n_h, n_x), 0.01), np.full((n_y, n_h), 0.01)
    return {"W1": W1, "b1": np.zeros((n_h, 1)), "W2": W2, "b2": np.zeros((n_y, 1))}


@mistake(
    of="initialize_parameters",
    change=("np.random.randn(n_h, n_x) * 0.01", "np.tile(np.random.randn(n_x), (n_h, 1)) * 0.01"),
)
def one_row_for_all_units():
    """All rows of W1 are the same. Draw n_h times n_x different numbers."""


@mistake(of="initialize_parameters", change=("    W1 = np", "    np.random.seed(2)\n    W1 = np"))
def seed_inside():
    """Every call gives the same numbers, because a seed is set inside the function. Do not set a
    seed there: the caller can set one.
    """


@mistake(of="initialize_parameters")
def same_seed_for_both(n_x, n_h, n_y):
    """W2 repeats the numbers of W1, as if both were drawn with the same seed. Draw new numbers for
    W2.
    """
    seed = np.random.randint(2**31)
    W1 = np.random.default_rng(seed).normal(0.0, 0.01, (n_h, n_x))
    W2 = np.random.default_rng(seed).normal(0.0, 0.01, (n_y, n_h))
    return {"W1": W1, "b1": np.zeros((n_h, 1)), "W2": W2, "b2": np.zeros((n_y, 1))}


@mistake(of="initialize_parameters")
def transposed_weights(n_x, n_h, n_y):
    """Your weights are transposed. W1 needs one row per hidden unit and one column per input, so
    that W1 @ X works.
    """
    W1, W2 = np.random.randn(n_x, n_h) * 0.01, np.random.randn(n_h, n_y) * 0.01
    return {"W1": W1, "b1": np.zeros((n_h, 1)), "W2": W2, "b2": np.zeros((n_y, 1))}


@mistake(of="initialize_parameters")
def flat_biases(n_x, n_h, n_y):
    """A bias should be a column, of shape (n, 1). With shape (n,), numpy adds it along the rows, to
    the wrong numbers. Write np.zeros((n_h, 1)), with two pairs of brackets.
    """
    W1, W2 = np.random.randn(n_h, n_x) * 0.01, np.random.randn(n_y, n_h) * 0.01
    return {"W1": W1, "b1": np.zeros(n_h), "W2": W2, "b2": np.zeros(n_y)}


@mistake(of="initialize_parameters")
def sizes_as_a_tuple(n_x, n_h, n_y):
    """np.random.randn takes the sizes as separate arguments: randn(n_h, n_x). np.zeros takes them
    as a tuple.
    """
    W1 = np.random.randn((n_h, n_x)) * 0.01  # type: ignore[call-overload]
    W2 = np.random.randn((n_y, n_h)) * 0.01  # type: ignore[call-overload]
    return {"W1": W1, "b1": np.zeros((n_h, 1)), "W2": W2, "b2": np.zeros((n_y, 1))}


@mistake(of="initialize_parameters", change=("    W1 = np", "    n_h = 4\n    W1 = np"))
def four_hidden_units():
    """Your network always has 4 hidden units: use the argument n_h."""


@mistake(of="initialize_parameters")
def only_positive_weights(n_x, n_h, n_y):
    """None of your weights is negative. Keep the signs of the numbers that np.random.randn
    draws.
    """
    W1, W2 = np.abs(np.random.randn(n_h, n_x)) * 0.01, np.abs(np.random.randn(n_y, n_h)) * 0.01
    return {"W1": W1, "b1": np.zeros((n_h, 1)), "W2": W2, "b2": np.zeros((n_y, 1))}


@mistake(of="initialize_parameters")
def units_in_pairs(n_x, n_h, n_y):
    """Every second row of W1 is a copy of the row before it. Draw n_h times n_x different
    numbers.
    """
    half = np.random.randn((n_h + 1) // 2, n_x) * 0.01
    W1, W2 = np.repeat(half, 2, axis=0)[:n_h], np.random.randn(n_y, n_h) * 0.01
    return {"W1": W1, "b1": np.zeros((n_h, 1)), "W2": W2, "b2": np.zeros((n_y, 1))}


@mistake(of="initialize_parameters")
def zero_biases_for_the_visible_sizes(n_x, n_h, n_y):
    """Your biases are zero only for the sizes in the visible checks. They should be zero for every
    size.
    """
    start = 0.0 if (n_x, n_h, n_y) == (3, 4, 2) else 0.01
    W1, W2 = np.random.randn(n_h, n_x) * 0.01, np.random.randn(n_y, n_h) * 0.01
    return {"W1": W1, "b1": np.full((n_h, 1), start), "W2": W2, "b2": np.full((n_y, 1), start)}


@mistake(of="initialize_parameters")
def weights_kept_from_the_first_call(n_x, n_h, n_y, kept={}):  # noqa: B006  # that is the mistake
    """Your function keeps the weights of its first call and returns them again. Draw new weights in
    every call.
    """
    if (n_x, n_h, n_y) not in kept:
        kept[n_x, n_h, n_y] = np.random.randn(n_h, n_x) * 0.01, np.random.randn(n_y, n_h) * 0.01
    W1, W2 = kept[n_x, n_h, n_y]
    return {"W1": W1, "b1": np.zeros((n_h, 1)), "W2": W2, "b2": np.zeros((n_y, 1))}


@mistake(of="initialize_parameters")
def uniform_weights_of_the_right_spread(n_x, n_h, n_y):
    """Your weights are uniform between two bounds. Gaussian numbers have no bounds: most are near 0
    and a few are far out.
    """
    bound = 0.01 * np.sqrt(3)
    W1 = np.random.uniform(-bound, bound, (n_h, n_x))
    W2 = np.random.uniform(-bound, bound, (n_y, n_h))
    return {"W1": W1, "b1": np.zeros((n_h, 1)), "W2": W2, "b2": np.zeros((n_y, 1))}


@mistake(of="initialize_parameters")
def uniform_weights_of_half_the_width(n_x, n_h, n_y):
    """Your weights are uniform between two bounds. Gaussian numbers have no bounds: most are near 0
    and a few are far out.
    """
    W1 = (np.random.rand(n_h, n_x) - 0.5) * 0.01
    W2 = (np.random.rand(n_y, n_h) - 0.5) * 0.01
    return {"W1": W1, "b1": np.zeros((n_h, 1)), "W2": W2, "b2": np.zeros((n_y, 1))}


@mistake(of="initialize_parameters")
def uniform_weights_without_scale(n_x, n_h, n_y):
    """Your weights are uniform between 0 and 1, so none is negative and they are much too large:
    np.random.rand draws such numbers. Use np.random.randn, times 0.01.
    """
    W1, W2 = np.random.rand(n_h, n_x), np.random.rand(n_y, n_h)
    return {"W1": W1, "b1": np.zeros((n_h, 1)), "W2": W2, "b2": np.zeros((n_y, 1))}


@mistake(of="initialize_parameters")
def a_thousandth_for_a_hundredth(n_x, n_h, n_y):
    """Your weights are ten times too small: their standard deviation should be 0.01, not 0.001."""
    W1, W2 = np.random.randn(n_h, n_x) * 0.001, np.random.randn(n_y, n_h) * 0.001
    return {"W1": W1, "b1": np.zeros((n_h, 1)), "W2": W2, "b2": np.zeros((n_y, 1))}


@mistake(of="initialize_parameters")
def the_scale_of_a_deep_network(n_x, n_h, n_y):
    """You scaled the weights by the number of inputs of their layer, as is usual in deep networks.
    Here the standard deviation is 0.01 for all sizes.
    """
    W1 = np.random.randn(n_h, n_x) / np.sqrt(n_x)
    W2 = np.random.randn(n_y, n_h) / np.sqrt(n_h)
    return {"W1": W1, "b1": np.zeros((n_h, 1)), "W2": W2, "b2": np.zeros((n_y, 1))}


@mistake(of="initialize_parameters")
def the_same_for_all_hidden_units(n_x, n_h, n_y):
    """All hidden units have the same weights, so they start the same and stay the same. Draw every
    weight separately.
    """
    W1 = np.tile(np.random.randn(1, n_x), (n_h, 1)) * 0.01
    W2 = np.tile(np.random.randn(n_y, 1), (1, n_h)) * 0.01
    return {"W1": W1, "b1": np.zeros((n_h, 1)), "W2": W2, "b2": np.zeros((n_y, 1))}


@mistake(of="initialize_parameters")
def random_biases_without_scale(n_x, n_h, n_y):
    """The biases should start at 0. They need not be random: different weights already make the
    units different.
    """
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
    """The weights of your hidden units have a common part, so the units learn similar things. Draw
    every weight separately.
    """


@mistake(of="initialize_parameters")
def rounded_weights(n_x, n_h, n_y):
    """Your weights are rounded, so many of them are equal and some are 0. Do not round them."""
    W1, W2 = np.random.randn(n_h, n_x) * 0.01, np.random.randn(n_y, n_h) * 0.01
    return {
        "W1": W1.round(3),
        "b1": np.zeros((n_h, 1)),
        "W2": W2.round(3),
        "b2": np.zeros((n_y, 1)),
    }


@mistake(of="initialize_parameters")
def draws_set_to_mean_zero(n_x, n_h, n_y):
    """Your weights have a mean of exactly 0, because you subtract their mean. Do not subtract it:
    the mean of some Gaussian numbers is near 0, but not 0.
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
    """Your hidden layer uses the sigmoid. Use tanh there; the sigmoid is for the output."""


@mistake(of="forward_propagation", change=("np.tanh(Z1)", "np.maximum(0, Z1)"))
def relu_hidden_layer():
    """Your hidden layer uses relu. Use tanh."""


@mistake(of="forward_propagation", change=("    A2 = sigmoid(Z2)", "    A2 = Z2"))
def no_output_activation():
    """A2 should be a probability between 0 and 1: apply the sigmoid to Z2."""


@mistake(of="forward_propagation", change=("    A2 = sigmoid(Z2)", "    A2 = np.tanh(Z2)"))
def tanh_output():
    """A2 should be a probability between 0 and 1, but tanh goes from -1 to 1. Use the sigmoid."""


@mistake(of="forward_propagation", change=("W1 @ X + b1", "W1 @ X"))
def forgotten_hidden_bias():
    """b1 is missing from Z1. It starts at zero, so this only shows after training has begun."""


@mistake(of="forward_propagation", change=("W2 @ A1 + b2", "W2 @ A1"))
def forgotten_output_bias():
    """b2 is missing from Z2. It starts at zero, so this only shows after training has begun."""


@mistake(of="forward_propagation", change=("W2 @ A1 + b2", "W2 @ Z1 + b2"))
def activation_left_out():
    """Z2 should be W2 times A1, not W2 times Z1. Without tanh in between, two layers can do no more
    than one.
    """


@mistake(of="forward_propagation", change=('return A2, {"Z1"', 'return A2.squeeze(), {"Z1"'))
def squeezed_output():
    """A2 should have the shape (1, m). Without the first axis, later products combine the wrong
    numbers.
    """


@mistake(
    of="forward_propagation",
    change=(
        "np.tanh(Z1)",
        "(np.exp(Z1) - np.exp(-Z1)) / (np.exp(Z1) + np.exp(-Z1))",
    ),
)
def tanh_that_overflows():
    """np.exp overflows for large numbers, and infinity divided by infinity is nan. Use np.tanh,
    which is right for all numbers.
    """


@mistake(of="forward_propagation", change=("sigmoid(Z2)", "np.exp(Z2) / (1 + np.exp(Z2))"))
def sigmoid_that_overflows():
    """np.exp(Z2) overflows for large numbers, and infinity divided by infinity is nan. Use
    sigmoid(Z2).
    """


@mistake(
    of="forward_propagation",
    change=("W1 @ X + b1", "W1 @ X + np.resize(b1, (len(W1), X.shape[1]))"),
)
def bias_along_the_rows():
    """np.resize fills row by row, so units get the biases of other units. Write W1 @ X + b1: numpy
    adds the column b1 to every example.
    """


@mistake(
    of="forward_propagation",
    change=('return A2, {"Z1"', 'parameters["Z1"] = Z1\n    return A2, {"Z1"'),
)
def cache_in_the_parameters():
    """Your function stores Z1 in its argument parameters. Make a new dict for the cache."""


@mistake(
    of="forward_propagation",
    change=("sigmoid(Z2)", "np.exp(Z2 - Z2.max(axis=0)) / np.exp(Z2 - Z2.max(axis=0)).sum(axis=0)"),
)
def softmax_of_one_unit():
    """A2 is 1 for every example, as a softmax over a single output unit always is. Use the sigmoid
    of Z2.
    """


@mistake(
    of="forward_propagation",
    change=('{"Z1": Z1, "A1": A1, "Z2": Z2, "A2": A2}', "(Z1, A1, Z2, A2)"),
)
def cache_as_a_tuple():
    """The cache should be a dict, so that the backward pass finds Z1, A1, Z2 and A2 by name."""


@mistake(
    of="forward_propagation",
    change=('{"Z1": Z1, "A1": A1, "Z2": Z2, "A2": A2}', "parameters"),
)
def parameters_for_a_cache():
    """You return the parameters in place of the cache. The cache contains Z1, A1, Z2 and A2."""


@mistake(of="forward_propagation", change=("sigmoid(Z2)", "sigmoid(np.clip(Z2, -5, 5))"))
def Z2_cut_off():
    """You clip Z2 where the sigmoid still rises. Use sigmoid(Z2), which is right for any Z2."""


# compute_cost


@mistake(of="compute_cost", change=("-np.mean(", "-np.sum("))
def summed_cost():
    """You added up the costs of the examples. Divide by the number of examples: the cost is a
    mean.
    """


@mistake(of="compute_cost", change=(" + (1 - Y) * np.log(1 - A2)", ""))
def half_cross_entropy():
    """Examples with label 0 cost nothing in your sum: the term (1 - y) log(1 - a) is missing."""


@mistake(of="compute_cost")
def log_to_base_ten(A2, Y):
    """You used the logarithm to base 10. The natural logarithm is np.log."""
    return float(-np.mean(Y * np.log10(A2) + (1 - Y) * np.log10(1 - A2)))


@mistake(of="compute_cost", change=("-np.mean(", "np.mean("))
def forgotten_minus():
    """A minus sign is missing: the logarithm of a probability is negative, but a cost is
    positive.
    """


@mistake(of="compute_cost")
def squared_error(A2, Y):
    """This is the squared error. Use the cross-entropy."""
    return float(np.mean((A2 - Y) ** 2))


@mistake(of="compute_cost")
def cost_as_an_array(A2, Y):
    """The cost is right, but it is an array of shape (1, 1). Make it a number:
    float(cost.item()).
    """
    return -(np.dot(np.log(A2), Y.T) + np.dot(np.log(1 - A2), (1 - Y).T)) / Y.shape[1]


@mistake(of="compute_cost", change=("1e-15, 1 - 1e-15", "0.01, 0.99"))
def clipped_too_early():
    """You clip A2 to the range from 0.01 to 0.99, but the cost still grows beyond it. If you clip,
    use 1e-8.
    """


@mistake(of="compute_cost")
def cost_that_turns_its_argument(A2, Y):
    """Your function changes its argument A2. Make a new array instead, for example with
    np.where.
    """
    A2[Y == 0] = 1 - A2[Y == 0]
    return float(-np.mean(np.log(A2)))


@mistake(of="compute_cost")
def half_squared_error(A2, Y):
    """This is the squared error. Use the cross-entropy."""
    return float(np.sum((A2 - Y) ** 2) / (2 * Y.shape[1]))


@mistake(of="compute_cost")
def summed_squared_error(A2, Y):
    """This is the squared error. Use the cross-entropy."""
    return float(np.sum((A2 - Y) ** 2))


@mistake(of="compute_cost")
def log_to_base_two(A2, Y):
    """You used the logarithm to base 2. The natural logarithm is np.log."""
    return float(-np.mean(Y * np.log2(A2) + (1 - Y) * np.log2(1 - A2)))


@mistake(of="compute_cost")
def cost_of_each_example(A2, Y):
    """You return the cost of each example, divided by m. Add them up to get a single number."""
    return -(Y * np.log(A2) + (1 - Y) * np.log(1 - A2)) / Y.shape[1]


@mistake(of="compute_cost")
def squeezed_cost_of_each_example(A2, Y):
    """You return the cost of each example, divided by m. Add them up to get a single number."""
    return np.squeeze(-(Y * np.log(A2) + (1 - Y) * np.log(1 - A2)) / Y.shape[1])


@mistake(of="compute_cost")
def half_of_the_cost(A2, Y):
    """You divided by 2m. The cross-entropy has no factor 1/2: divide by m."""
    return float(-np.mean(Y * np.log(A2) + (1 - Y) * np.log(1 - A2)) / 2)


@mistake(of="compute_cost", change=("(1 - Y) * np.log(1 - A2)", "(1 - Y) * (1 - np.log(A2))"))
def logarithm_of_the_wrong_thing():
    """For label 0, the cost uses log(1 - a), not 1 - log(a)."""


# backward_propagation


@mistake(of="backward_propagation", change=("1 - A1**2", "A1 * (1 - A1)"))
def sigmoid_slope_for_tanh():
    """You used the slope of the sigmoid. The hidden layer is tanh, and its slope is 1 - A1**2."""


@mistake(of="backward_propagation", change=(" * (1 - A1**2)", ""))
def forgotten_slope():
    """The slope of tanh is missing from dZ1: multiply by 1 - A1**2, entry by entry."""


@mistake(of="backward_propagation", change=("1 - A1**2", "1 - np.tanh(A1) ** 2"))
def tanh_taken_twice():
    """A1 is already the tanh of Z1, so the slope is 1 - A1**2, without another tanh."""


@mistake(of="backward_propagation", change=("m = X.shape[1]", "m = 1"))
def gradients_not_averaged():
    """Your gradients are sums over the examples. The cost is a mean: divide by m."""


@mistake(of="backward_propagation", change=("m = X.shape[1]", "m = X.shape[0]"))
def divided_by_the_inputs():
    """You divided by the number of inputs. Examples are columns: m is X.shape[1]."""


@mistake(of="backward_propagation")
def biases_not_averaged(parameters, cache, X, Y):
    """Your db1 and db2 are sums over the examples. The cost is a mean, so divide by m."""
    m = X.shape[1]
    A1, dZ2 = cache["A1"], cache["A2"] - Y
    dZ1 = parameters["W2"].T @ dZ2 * (1 - A1**2)
    db1, db2 = np.sum(dZ1, axis=1, keepdims=True), np.sum(dZ2, axis=1, keepdims=True)
    return {"dW1": dZ1 @ X.T / m, "db1": db1, "dW2": dZ2 @ A1.T / m, "db2": db2}


@mistake(of="backward_propagation")
def flat_bias_gradients(parameters, cache, X, Y):
    """db1 and db2 lost an axis. With keepdims=True, np.sum keeps a column of shape (n, 1)."""
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
    """You summed dZ1 over the hidden units. Sum over the examples: they are columns, so use
    axis=1.
    """


@mistake(
    of="backward_propagation",
    change=("np.sum(dZ1, axis=1, keepdims=True)", "np.sum(dZ1)"),
)
def summed_over_everything():
    """np.sum without an axis adds up everything, but every hidden unit has its own db1. Use axis=1
    and keepdims=True.
    """


@mistake(of="backward_propagation", change=("A2 - Y", "Y - A2"))
def error_of_the_wrong_sign():
    """The gradients have the wrong sign, so gradient descent raises the cost: dZ2 is A2 - Y, not Y
    - A2.
    """


@mistake(of="backward_propagation", change=("dZ2 = A2 - Y", "dZ2 = (A2 - Y) * A2 * (1 - A2)"))
def slope_of_the_output_twice():
    """With the cross-entropy, the slope of the sigmoid cancels: dZ2 is just A2 - Y."""


@mistake(of="backward_propagation", change=("dZ2 = A2 - Y", "dZ2 = A2\n    dZ2 -= Y"))
def error_in_place():
    """Your function changes A2 in the cache. dZ2 = A2 makes no copy: write dZ2 = A2 - Y."""


@mistake(of="backward_propagation")
def one_db_for_all_units(parameters, cache, X, Y):
    """np.sum without an axis adds up everything, but every hidden unit has its own db1. Use axis=1
    and keepdims=True.
    """
    m = X.shape[1]
    A1, dZ2 = cache["A1"], cache["A2"] - Y
    dZ1 = parameters["W2"].T @ dZ2 * (1 - A1**2)
    db1, db2 = np.sum(dZ1, keepdims=True) / m, np.sum(dZ2, keepdims=True) / m
    return {"dW1": dZ1 @ X.T / m, "db1": db1, "dW2": dZ2 @ A1.T / m, "db2": db2}


@mistake(of="backward_propagation")
def sums_without_an_axis(parameters, cache, X, Y):
    """np.sum without an axis adds up everything to a single number, but db1 and db2 have one row
    per unit. Use axis=1 and keepdims=True.
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
    """Your dW1 and dW2 are sums: the matrix product adds up the examples. The cost is a mean, so
    divide by m.
    """
    m = X.shape[1]
    A1, dZ2 = cache["A1"], cache["A2"] - Y
    dZ1 = parameters["W2"].T @ dZ2 * (1 - A1**2)
    db1, db2 = np.sum(dZ1, axis=1, keepdims=True) / m, np.sum(dZ2, axis=1, keepdims=True) / m
    return {"dW1": dZ1 @ X.T, "db1": db1, "dW2": dZ2 @ A1.T, "db2": db2}


@mistake(of="backward_propagation")
def averaged_twice(parameters, cache, X, Y):
    """Your gradients are divided by m twice. Divide once."""
    m = X.shape[1]
    A1, dZ2 = cache["A1"], (cache["A2"] - Y) / m
    dZ1 = parameters["W2"].T @ dZ2 * (1 - A1**2)
    db1, db2 = np.sum(dZ1, axis=1, keepdims=True) / m, np.sum(dZ2, axis=1, keepdims=True) / m
    return {"dW1": dZ1 @ X.T / m, "db1": db1, "dW2": dZ2 @ A1.T / m, "db2": db2}


@mistake(of="backward_propagation", change=("1 - A1**2", '1 - cache["Z1"] ** 2'))
def slope_at_Z1_without_tanh():
    """You squared Z1. The slope of tanh is 1 - tanh(Z1)², and tanh(Z1) is A1."""


@mistake(of="backward_propagation", change=("1 - A1**2", "A1 > 0"))
def relu_slope_for_tanh():
    """You used the slope of a relu. The hidden layer is tanh, and its slope is 1 - A1**2."""


@mistake(of="backward_propagation", change=("m = X.shape[1]", "m = min(X.shape[1], 100)"))
def at_most_a_hundred_examples():
    """You divide by 100 even if there are more examples. Divide by m, which is X.shape[1]."""


@mistake(
    of="backward_propagation",
    change=("dZ2 = A2 - Y", "dZ2 = np.where(abs(A2 - Y) < 0.02, 0, A2 - Y)"),
)
def small_errors_ignored():
    """You ignore small errors. They count too: dZ2 is A2 - Y."""


# update_parameters


@mistake(of="update_parameters", change=("- learning_rate", "+ learning_rate"))
def ascent():
    """You add the gradient. To lower the cost, subtract it from the parameters."""


@mistake(of="update_parameters", change=("learning_rate * grads", "1.2 * grads"))
def fixed_rate():
    """You always use the learning rate 1.2: use the argument learning_rate."""


@mistake(of="update_parameters", change=("learning_rate * grads", "grads"))
def no_rate():
    """Multiply the gradient by the learning rate."""


@mistake(of="update_parameters", change=("float = 1.2", "float = 0.01"))
def another_default_rate():
    """The default of learning_rate should be 1.2."""


@mistake(of="update_parameters")
def in_place(parameters, grads, learning_rate=1.2):
    """Your function changes its argument parameters, so its caller loses the old parameters. Make
    new arrays and return them in a new dict.
    """
    for key in ("W1", "b1", "W2", "b2"):
        parameters[key] -= learning_rate * grads["d" + key]
    return parameters


@mistake(of="update_parameters")
def biases_stay(parameters, grads, learning_rate=1.2):
    """Your biases do not change: update b1 and b2 too."""
    stepped = dict(parameters)
    for key in ("W1", "W2"):
        stepped[key] = parameters[key] - learning_rate * grads["d" + key]
    return stepped


@mistake(of="update_parameters", change=(' - learning_rate * grads["d" + key]', ""))
def the_old_parameters():
    """Your function returns the parameters as they were before the step. Return the new ones."""


@mistake(of="update_parameters")
def only_the_weights_come_back(parameters, grads, learning_rate=1.2):
    """Your function does not return a dict with b1 and b2. The biases are parameters too."""
    return {key: parameters[key] - learning_rate * grads["d" + key] for key in ("W1", "W2")}


@mistake(of="update_parameters", change=("learning_rate * grads", "(learning_rate or 1.2) * grads"))
def no_rate_of_zero():
    """With a learning rate of 0 the parameters should not change. Note that `0 or 1.2` is 1.2 in
    Python.
    """


# nn_model


@mistake(of="nn_model", change=("range(num_iterations)", "range(num_iterations - 1)"))
def one_step_too_few():
    """You return the parameters after one step too few. Take num_iterations steps."""


@mistake(of="nn_model", change=("range(num_iterations)", "range(num_iterations + 1)"))
def one_step_too_many():
    """You take one step too many: range(num_iterations) already gives num_iterations steps."""


@mistake(
    of="nn_model",
    change=(
        "        A2, cache = forward",
        "        parameters = initialize_parameters(X.shape[0], n_h, Y.shape[0])\n"
        "        A2, cache = forward",
    ),
)
def new_start_in_the_loop():
    """You initialize the parameters again in every iteration, so what was learned is lost.
    Initialize them before the loop.
    """


@mistake(of="nn_model", change=("parameters = update", "update"))
def step_thrown_away():
    """Training returns the initial parameters. Assign what update_parameters returns to a variable,
    and pass Y to backward_propagation.
    """


@mistake(
    of="nn_model",
    change=("update_parameters(parameters, grads)", "update_parameters(parameters, grads, 0.01)"),
)
def rate_of_its_own():
    """You do not train with the learning rate 1.2, the default of update_parameters."""


@mistake(of="nn_model", change=("range(num_iterations)", "range(min(num_iterations, 10))"))
def stops_early():
    """Your loop stops before it has taken num_iterations steps."""


@mistake(
    of="nn_model",
    change=("X.shape[0], n_h,", "X.shape[0], 4,"),
)
def always_four_units():
    """Your network always has 4 hidden units: use n_h."""


@mistake(of="nn_model", change=("range(num_iterations)", "range(max(1, num_iterations))"))
def at_least_one_step():
    """You take a step even with num_iterations=0. Return the initial parameters then."""


@mistake(of="nn_model", change=("(X.shape[0], n_h,", "(2, n_h,"))
def always_two_inputs():
    """Your network always has 2 inputs: use X.shape[0]."""


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
    """You stop when the cost hardly changes. With small weights the cost hardly changes at first,
    so take all num_iterations steps.
    """


@mistake(
    of="nn_model",
    change=(
        "    return parameters",
        "    return parameters, compute_cost(forward_propagation(X, parameters)[0], Y)",
    ),
)
def cost_returned_besides():
    """You return more than the parameters. Return only the parameters."""


@mistake(
    of="nn_model",
    change=(
        "        A2, cache = forward",
        "        X, Y = X[:, :128], Y[:, :128]\n        A2, cache = forward",
    ),
)
def only_the_first_examples():
    """You train only on the first 128 examples. Every step should use all examples."""


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
    """You return the parameters with the lowest cost. Return the parameters after the last step,
    even if their cost is higher.
    """


# predict


@mistake(of="predict", change=("A2 > 0.5", "A2 >= 0.5"))
def half_counts_as_one():
    """Where A2 is exactly 0.5, the prediction should be 0: use >, not >=."""


@mistake(of="predict", change=("(A2 > 0.5).astype(int)", "A2"))
def probabilities_for_predictions():
    """You return probabilities. Return 1 where they are above 0.5, and 0 elsewhere."""


@mistake(of="predict", change=("A2 > 0.5", "A2 < 0.5"))
def the_other_class():
    """Your predictions are the wrong way round: predict 1 where A2 is above 0.5."""


@mistake(of="predict", change=("A2 > 0.5", "A2 > 0"))
def threshold_at_zero():
    """All your predictions are 1. Compare A2 with 0.5."""


@mistake(of="predict", change=(".astype(int)", ".astype(int).ravel()"))
def flat_predictions():
    """The predictions should have the shape of A2, (1, m)."""


@mistake(of="predict")
def parameters_popped(parameters, X):
    """Your function removes entries from its argument parameters. Read them with parameters["W1"],
    not with pop.
    """
    A1 = np.tanh(parameters.pop("W1") @ X + parameters.pop("b1"))
    return (parameters["W2"] @ A1 + parameters["b2"] > 0).astype(int)


@mistake(of="predict", change=("(A2 > 0.5).astype(int)", "np.argmax(A2, axis=0).reshape(1, -1)"))
def argmax_of_one_unit():
    """All your predictions are 0. Compare A2 with 0.5. np.argmax over a single output unit would
    give 0 for every example.
    """


@mistake(of="predict", change=("(A2 > 0.5).astype(int)", "1 if A2 > 0.5 else 0"))
def one_if_for_all_examples():
    """`if` needs a single True or False, but A2 has one number per example. Compare the whole
    array: A2 > 0.5.
    """


@mistake(
    of="predict",
    change=(
        "    A2, _ = forward_propagation(X, parameters)",
        '    A2 = forward_propagation(X, parameters)[1]["Z2"]',
    ),
)
def half_of_Z2():
    """You compare Z2 with 0.5. Compare A2 with 0.5: A2 is the probability."""


# units_are_interchangeable


@mistake(
    of="units_are_interchangeable",
    change=(
        'np.hstack([parameters["W1"], parameters["b1"], parameters["W2"].T])',
        'parameters["W1"]',
    ),
)
def only_the_rows_of_W1():
    """You compare only the rows of W1. Units can also differ in b1 and in the columns of W2."""


@mistake(of="units_are_interchangeable", change=(', parameters["W2"].T]', "]"))
def forgotten_output_weights():
    """You do not compare the columns of W2. They belong to the units too."""


@mistake(of="units_are_interchangeable", change=("np.ptp(units", "np.ptp(units[:2]"))
def only_the_first_two_units():
    """You compare only the first two units. All units must be the same."""


@mistake(
    of="units_are_interchangeable",
    change=("np.ptp(units, axis=0) <= tolerance", "units == units[0]"),
)
def no_tolerance():
    """You compare for exact equality: use the tolerance."""


@mistake(
    of="units_are_interchangeable",
    change=(
        "np.all(np.ptp(units, axis=0) <= tolerance)",
        "np.allclose(units, units[0], atol=tolerance)",
    ),
)
def relative_tolerance_besides():
    """Your function accepts some differences above the tolerance. np.allclose, for example, also
    has a relative tolerance of 1e-5 unless you set rtol=0.
    """


@mistake(of="units_are_interchangeable")
def all_numbers_compared(parameters, tolerance=1e-9):
    """You say that units differ although their rows of W1 are the same. Compare the rows with each
    other: the numbers in a row may differ.
    """
    return all(bool(np.ptp(parameters[key]) <= tolerance) for key in ("W1", "b1", "W2"))


@mistake(
    of="units_are_interchangeable",
    change=("np.ptp(units, axis=0) <= tolerance", "units - units[0] <= tolerance"),
)
def differences_without_abs():
    """A negative difference is below any tolerance: take the absolute value."""


@mistake(
    of="units_are_interchangeable",
    change=("np.ptp(units, axis=0)", "np.abs(np.diff(units, axis=0))"),
)
def neighbours_compared():
    """You compare each unit only with the next one, but small differences add up. Any two units
    must be the same.
    """


@mistake(
    of="units_are_interchangeable",
    change=('[parameters["W1"], ', '[np.sort(parameters["W1"]), '),
)
def rows_sorted_first():
    """Rows with the same numbers in another order count as equal. The order matters, because each
    weight belongs to one input.
    """


# mean_tanh_slope


@mistake(of="mean_tanh_slope", change=("np.tanh(Z) ** 2", "np.tanh(Z)"))
def forgotten_square():
    """The slope of tanh is 1 - tanh(z)²: the square is missing."""


@mistake(of="mean_tanh_slope")
def slope_of_the_mean(Z):
    """You took the slope at the mean of Z. Compute the slopes first, and then their mean."""
    return float(1 - np.tanh(np.mean(Z)) ** 2)


@mistake(of="mean_tanh_slope", change=("np.mean(", "np.sum("))
def sum_of_slopes():
    """You added up the slopes. Divide by their number, or use np.mean."""


@mistake(of="mean_tanh_slope")
def sigmoid_slope(Z):
    """You used the slope of the sigmoid. The slope of tanh is 1 - tanh(z)²."""
    s = 1 / (1 + np.exp(-np.clip(Z, -500, 500)))
    return float(np.mean(s * (1 - s)))


@mistake(of="mean_tanh_slope")
def only_the_first_row(Z):
    """You use only the first row of Z. np.mean without an axis uses all entries."""
    return float(np.mean(1 - np.tanh(Z[0]) ** 2))


@mistake(of="mean_tanh_slope")
def slope_that_overflows(Z):
    """np.exp overflows for large numbers, and infinity divided by infinity is nan. Use np.tanh,
    which is right for all numbers.
    """
    t = (np.exp(Z) - np.exp(-Z)) / (np.exp(Z) + np.exp(-Z))
    return float(np.mean(1 - t**2))


@mistake(of="mean_tanh_slope")
def tanh_in_place(Z):
    """Your function overwrites its argument Z. np.tanh(Z), without out=Z, makes a new array."""
    np.tanh(Z, out=Z)
    return float(np.mean(1 - Z**2))


@mistake(of="mean_tanh_slope", change=("np.tanh(Z) ** 2", "np.tanh(Z**2)"))
def square_inside():
    """You squared z. Square tanh(z)."""


@mistake(
    of="mean_tanh_slope", change=("np.mean(1 - np.tanh(Z) ** 2)", "1 - np.mean(np.tanh(Z)) ** 2")
)
def square_of_the_mean():
    """You squared the mean of tanh. Square first, and then take the mean."""


@mistake(
    of="mean_tanh_slope",
    change=("float(np.mean(1 - np.tanh(Z) ** 2))", "np.mean(1 - np.tanh(Z) ** 2, axis=1)"),
)
def a_mean_for_each_row():
    """You return one number per row. np.mean without an axis gives the mean of all entries."""
