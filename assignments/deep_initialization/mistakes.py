"""Known mistakes, each with a hint for the students who make it."""

from autograder.checking import mistake

W_OF_ZEROS = "np.zeros((layer_dims[l], layer_dims[l - 1]))"
B_OF_ZEROS = "np.zeros((layer_dims[l], 1))"
DRAW = "np.random.randn(layer_dims[l], layer_dims[l - 1])"
EVERY = "range(1, len(layer_dims))"
START = "    parameters = {}\n"

# initialize_parameters_zeros


@mistake(
    of="initialize_parameters_zeros",
    change=(W_OF_ZEROS, "np.zeros((layer_dims[l - 1], layer_dims[l]))"),
)
def transposed_zeros():
    """Your weights are transposed: each W has one row per unit of its layer and one column per unit
    of the layer before.
    """


@mistake(of="initialize_parameters_zeros", change=(B_OF_ZEROS, "np.zeros(layer_dims[l])"))
def flat_zeros():
    """A bias should be a column, of shape (n, 1). With shape (n,), numpy adds it along the rows, to
    the wrong numbers.
    """


@mistake(of="initialize_parameters_zeros", change=(EVERY, "range(1, len(layer_dims) - 1)"))
def zeros_without_the_last_layer():
    """You do not return W and b of the last layer. Note that range does not include its upper
    bound.
    """


@mistake(
    of="initialize_parameters_zeros",
    change=(W_OF_ZEROS, "np.ones((layer_dims[l], layer_dims[l - 1]))"),
)
def ones_for_zeros():
    """Your weights are 1. Here all parameters should be zero, to see what happens then."""


@mistake(
    of="initialize_parameters_zeros",
    change=(W_OF_ZEROS, "np.random.randn(layer_dims[l], layer_dims[l - 1]) * 0.01"),
)
def random_for_zeros():
    """Your weights are random. Here all parameters should be zero, to see what happens then."""


@mistake(
    of="initialize_parameters_zeros",
    change=(W_OF_ZEROS, "np.zeros((layer_dims[1], layer_dims[0]))"),
)
def zeros_of_the_first_shape():
    """All your weights have the shape of W1. Use the sizes of layer l and of layer l - 1."""


# initialize_parameters_random


@mistake(of="initialize_parameters_random", change=("* scale", "* 0.01"))
def fixed_scale():
    """Your weights always have standard deviation 0.01: use the argument scale."""


@mistake(of="initialize_parameters_random", change=(" * scale", ""))
def no_scale():
    """Your weights have standard deviation 1: multiply them by the scale."""


@mistake(of="initialize_parameters_random", change=("scale: float = 0.01", "scale: float = 0.1"))
def another_default_scale():
    """The default of scale should be 0.01."""


@mistake(of="initialize_parameters_random", change=("* scale", "* np.sqrt(scale)"))
def root_of_the_scale():
    """You used the square root of scale. Multiply the draws by scale itself."""


@mistake(
    of="initialize_parameters_random",
    change=(DRAW, "np.random.rand(layer_dims[l], layer_dims[l - 1])"),
)
def uniform_weights():
    """Your weights are uniform between 0 and some bound, so none is negative: np.random.rand draws
    such numbers. Use np.random.randn, which draws Gaussian numbers around 0.
    """


@mistake(
    of="initialize_parameters_random",
    change=(
        DRAW + " * scale",
        "np.random.uniform(-scale, scale, (layer_dims[l], layer_dims[l - 1]))",
    ),
)
def uniform_weights_around_zero():
    """Your weights are uniform between two bounds. Gaussian numbers have no bounds: most are near 0
    and a few are far out.
    """


@mistake(
    of="initialize_parameters_random",
    change=(B_OF_ZEROS, "np.random.randn(layer_dims[l], 1) * scale"),
)
def random_biases():
    """The biases should start at 0. They need not be random: different weights already make the
    units different.
    """


@mistake(of="initialize_parameters_random", change=(START, "    np.random.seed(3)\n" + START))
def seed_inside():
    """Every call gives the same numbers, because a seed is set inside the function. Do not set a
    seed there: the caller can set one.
    """


@mistake(
    of="initialize_parameters_random",
    change=(
        '        parameters[f"W{l}"] =',
        '        np.random.seed(3)\n        parameters[f"W{l}"] =',
    ),
)
def seed_in_the_loop():
    """All layers begin with the same numbers, because a seed is set before each layer. Do not set a
    seed in the function.
    """


@mistake(
    of="initialize_parameters_random",
    change=(DRAW, "np.random.randn((layer_dims[l], layer_dims[l - 1]))"),
)
def sizes_as_a_tuple():
    """np.random.randn takes the sizes as separate arguments. np.zeros takes them as a tuple."""


@mistake(
    of="initialize_parameters_random",
    change=(DRAW, "np.random.randn(layer_dims[l - 1], layer_dims[l])"),
)
def transposed_weights():
    """Your weights are transposed: each W has one row per unit of its layer and one column per unit
    of the layer before.
    """


@mistake(
    of="initialize_parameters_random",
    change=(DRAW, "np.random.randn(1, layer_dims[l - 1]).repeat(layer_dims[l], axis=0)"),
)
def one_row_for_all_units():
    """All units of a layer have the same weights. Draw every weight separately."""


@mistake(
    of="initialize_parameters_random", change=("* scale", "* scale / np.sqrt(layer_dims[l - 1])")
)
def scaled_by_the_inputs():
    """You divided by the square root of the number of inputs. Here the scale is the same in every
    layer; the division belongs to the next function.
    """


# initialize_parameters_he


@mistake(
    of="initialize_parameters_he",
    change=("np.sqrt(2 / layer_dims[l - 1])", "2 / layer_dims[l - 1]"),
)
def variance_for_deviation():
    """2 divided by the number of inputs is the variance. Multiply the draws by the standard
    deviation, which is its square root.
    """


@mistake(
    of="initialize_parameters_he",
    change=("np.sqrt(2 / layer_dims[l - 1])", "np.sqrt(1 / layer_dims[l - 1])"),
)
def root_of_one_over_the_inputs():
    """The square root of 1 divided by the number of inputs is meant for tanh. A relu silences half
    of its inputs, and a 2 instead of the 1 makes up for it.
    """


@mistake(
    of="initialize_parameters_he",
    change=("np.sqrt(2 / layer_dims[l - 1])", "np.sqrt(2 / layer_dims[l])"),
)
def outputs_for_inputs():
    """You used the number of units of the layer itself. Use the number of its inputs: the more
    terms a sum has, the larger it is.
    """


@mistake(
    of="initialize_parameters_he",
    change=("np.sqrt(2 / layer_dims[l - 1])", "np.sqrt(2 / (layer_dims[l - 1] + layer_dims[l]))"),
)
def glorot_for_he():
    """This is Glorot's initialization, which is meant for tanh. He's uses only the number of
    inputs: the square root of 2 divided by it.
    """


@mistake(
    of="initialize_parameters_he",
    change=("np.sqrt(2 / layer_dims[l - 1])", "np.sqrt(layer_dims[l - 1] / 2)"),
)
def upside_down():
    """Your fraction is upside down: the more inputs a layer has, the smaller its weights should
    be.
    """


@mistake(
    of="initialize_parameters_he",
    change=("np.sqrt(2 / layer_dims[l - 1])", "np.sqrt(2) / layer_dims[l - 1]"),
)
def root_of_the_two_alone():
    """You took the square root of 2 only. Take the root of the whole fraction: np.sqrt(2 / n)."""


@mistake(
    of="initialize_parameters_he",
    change=("np.sqrt(2 / layer_dims[l - 1])", "np.sqrt(2 / layer_dims[0])"),
)
def inputs_of_the_first_layer():
    """You used the number of inputs of the network for every layer. The inputs of layer l are the
    units of layer l - 1.
    """


@mistake(
    of="initialize_parameters_he",
    change=("np.sqrt(2 / layer_dims[l - 1])", "0.01 * np.sqrt(2 / layer_dims[l - 1])"),
)
def hundredth_besides():
    """Leave out the factor 0.01: the square root of 2 divided by the number of inputs is the whole
    scale.
    """


@mistake(
    of="initialize_parameters_he",
    change=(
        "np.sqrt(2 / layer_dims[l - 1])",
        "np.sqrt(2 / layer_dims[l - 1]) if l < len(layer_dims) - 1 else 0.01",
    ),
)
def hundredth_in_the_last_layer():
    """Your last layer has the scale 0.01. It should follow the same rule as all other layers."""


@mistake(
    of="initialize_parameters_he",
    change=(
        DRAW + " * scale",
        "np.random.uniform(-scale, scale, (layer_dims[l], layer_dims[l - 1]))",
    ),
)
def he_uniform_too_narrow():
    """Your weights are uniform between -s and s, and their standard deviation is s / √3, not s.
    Draw from a Gaussian: np.random.randn.
    """


@mistake(
    of="initialize_parameters_he",
    change=(
        DRAW + " * scale",
        "np.random.uniform(-scale, scale, (layer_dims[l], layer_dims[l - 1])) * np.sqrt(3)",
    ),
)
def he_uniform():
    """Your weights have the right standard deviation, but they are uniform between two bounds. Draw
    from a Gaussian: np.random.randn.
    """


@mistake(
    of="initialize_parameters_he", change=(B_OF_ZEROS, "np.random.randn(layer_dims[l], 1) * scale")
)
def he_random_biases():
    """The biases should start at 0: random biases make the signal larger than it should be."""


@mistake(of="initialize_parameters_he", change=(START, "    np.random.seed(3)\n" + START))
def he_seed_inside():
    """Every call gives the same numbers, because a seed is set inside the function. Do not set a
    seed there: the caller can set one.
    """


# L_model_forward


@mistake(
    of="L_model_forward", change=("np.maximum(0, Z) if l < L else sigmoid(Z)", "np.maximum(0, Z)")
)
def relu_output():
    """Your last layer uses relu. Use the sigmoid, which gives a probability."""


@mistake(
    of="L_model_forward",
    change=(
        'parameters[f"W{l}"], parameters[f"b{l}"]',
        "parameters[sorted(parameters)[l - 1]], parameters[sorted(parameters)[L + l - 1]]",
    ),
)
def layers_sorted_as_text():
    """From ten layers on, your layers are in a wrong order: sorted as text, W10 comes before W2."""


@mistake(of="L_model_forward", change=("np.maximum(0, Z) if l < L else sigmoid(Z)", "sigmoid(Z)"))
def sigmoid_hidden_layers():
    """Your hidden layers use the sigmoid. Use relu there; the sigmoid is for the last layer."""


@mistake(of="L_model_forward", change=("np.maximum(0, Z)", "np.tanh(Z)"))
def tanh_hidden_layers():
    """Your hidden layers use tanh. Use relu: max(0, z), entry by entry."""


@mistake(of="L_model_forward", change=("np.maximum(0, Z)", "np.where(Z > 0, Z, 0.01 * Z)"))
def leaky_relu():
    """This is a leaky relu. Here a hidden unit gives 0 where its z is negative: max(0, z)."""


@mistake(of="L_model_forward", change=("np.maximum(0, Z)", "np.abs(Z)"))
def absolute_value_for_relu():
    """np.abs makes negative numbers positive. A relu makes them zero: np.maximum(0, Z)."""


@mistake(of="L_model_forward", change=("np.maximum(0, Z)", "max(0, np.max(Z))"))
def maximum_of_all():
    """Your hidden activation is a single number. Use np.maximum(0, Z), entry by entry."""


@mistake(of="L_model_forward", change=("W @ A_prev + b", "W @ A_prev"))
def forgotten_biases():
    """The biases are missing from Z. They start at zero, so this only shows after training has
    begun.
    """


@mistake(
    of="L_model_forward",
    change=("np.maximum(0, Z) if l < L else sigmoid(Z)", "Z if l < L else sigmoid(Z)"),
)
def no_activation():
    """Your hidden layers have no activation. Without one, many layers can do no more than one."""


@mistake(of="L_model_forward", change=("A_prev, W, b = A,", "A_prev, W, b = X,"))
def every_layer_sees_the_inputs():
    """You pass X to every layer. The input of layer l is the output of layer l - 1."""


@mistake(of="L_model_forward", change=("    return A, caches", "    return A"))
def caches_left_out():
    """Return two values: AL, and the caches that the backward pass needs."""


@mistake(of="L_model_forward", change=("range(1, L + 1)", "range(1, L)"))
def last_layer_left_out():
    """The last layer is missing. Note that range does not include its upper bound."""


@mistake(of="L_model_forward", change=("    return A, caches", "    return A.squeeze(), caches"))
def squeezed_answer():
    """AL should have the shape (1, m). Without the first axis, later products combine the wrong
    numbers.
    """


@mistake(of="L_model_forward", change=("sigmoid(Z)", "np.exp(Z) / (1 + np.exp(Z))"))
def sigmoid_that_overflows():
    """np.exp(Z) overflows for large numbers, and infinity divided by infinity is nan. Use
    sigmoid(Z).
    """


@mistake(
    of="L_model_forward",
    change=("W @ A_prev + b", "W @ A_prev + np.resize(b, (len(W), A_prev.shape[1]))"),
)
def biases_along_the_rows():
    """np.resize fills row by row, so units get the biases of other units. Write W @ A_prev + b:
    numpy adds the column b to every example.
    """


@mistake(
    of="L_model_forward",
    change=("    A, caches = X, []", '    parameters["A0"] = X\n    A, caches = X, []'),
)
def inputs_in_the_parameters():
    """Your function stores A0 in its argument parameters. Use a variable of your own."""


# L_model_backward


@mistake(of="L_model_backward", change=(' * (caches[l - 2]["Z"] > 0)', ""))
def forgotten_slope():
    """The slope of the relu is missing: where z of a hidden unit is negative, its error is 0."""


@mistake(of="L_model_backward", change=('(caches[l - 2]["Z"] > 0)', '(caches[l - 1]["A_prev"])'))
def activation_for_slope():
    """You multiply by the activation. The slope of the relu is 1 where z is positive, and 0
    elsewhere.
    """


@mistake(
    of="L_model_backward", change=('(caches[l - 2]["Z"] > 0)', '(1 - caches[l - 1]["A_prev"] ** 2)')
)
def tanh_slope_for_relu():
    """You used the slope of tanh. The hidden layers are relus: their slope is 1 where z is
    positive, and 0 elsewhere.
    """


@mistake(of="L_model_backward", change=('(caches[l - 2]["Z"] > 0)', '(caches[l - 2]["Z"] < 0)'))
def slope_on_the_wrong_side():
    """Your slope of the relu is the wrong way round: it is 1 where z is positive, and 0 where z is
    negative.
    """


@mistake(of="L_model_backward", change=("AL - Y", "Y - AL"))
def error_of_the_wrong_sign():
    """The gradients have the wrong sign, so gradient descent raises the cost: the error is AL - Y,
    not Y - AL.
    """


@mistake(of="L_model_backward", change=("AL - Y", "(AL - Y) * AL * (1 - AL)"))
def slope_of_the_output_besides():
    """With the cross-entropy, the slope of the sigmoid cancels: the error is just AL - Y."""


@mistake(of="L_model_backward", change=("AL - Y", "AL"))
def labels_left_out():
    """The labels are missing: the error is AL - Y."""


@mistake(of="L_model_backward", change=("L, m = len(caches), Y.shape[1]", "L, m = len(caches), 1"))
def gradients_not_averaged():
    """Your gradients are sums over the examples. The cost is a mean: divide by m."""


@mistake(of="L_model_backward", change=("keepdims=True) / m", "keepdims=True)"))
def biases_not_averaged():
    """You divided dW by m, but not db. The cost is a mean, so all its gradients are divided by
    m.
    """


@mistake(of="L_model_backward", change=("dZ @ A_prev.T / m", "dZ @ A_prev.T"))
def weights_not_averaged():
    """You divided db by m, but not dW. The matrix product adds up the examples, so divide it by m
    too.
    """


@mistake(of="L_model_backward", change=("np.sum(dZ, axis=1, keepdims=True)", "np.sum(dZ, axis=1)"))
def flat_bias_gradients():
    """Your db lost an axis. With keepdims=True, np.sum keeps a column of shape (n, 1)."""


@mistake(
    of="L_model_backward", change=("np.sum(dZ, axis=1, keepdims=True)", "np.sum(dZ, keepdims=True)")
)
def one_db_for_all_units():
    """np.sum without an axis adds up everything, but every unit has its own db. Use axis=1."""


@mistake(of="L_model_backward", change=("range(L, 0, -1)", "range(L, 1, -1)"))
def first_layer_left_out():
    """You do not return dW1 and db1. Note that range does not include its bound."""


@mistake(of="L_model_backward", change=("W.T @ dZ * (", "np.abs(W).T @ dZ * ("))
def weights_without_their_sign():
    """You use the weights without their signs. The error goes back through W.T @ dZ."""


@mistake(
    of="L_model_backward",
    change=("    grads, dZ = {}, AL - Y", "    AL -= Y\n    grads, dZ = {}, AL"),
)
def answer_in_place():
    """Your function changes its argument AL. Write dZ = AL - Y, which makes a new array."""


@mistake(of="L_model_backward", change=("dZ = W.T @ dZ * (caches", "dZ = W.T @ dZ / m * (caches"))
def averaged_again_in_every_layer():
    """You divide by m again in every layer, so the gradients of the first layers are divided
    several times. Divide once.
    """


# activation_stds


@mistake(of="activation_stds", change=("np.std(A)", "np.var(A)"))
def variance_for_the_spread():
    """This is the variance. The standard deviation is its square root: np.std."""


@mistake(of="activation_stds", change=("np.std(A)", "np.mean(A)"))
def mean_for_the_spread():
    """This is the mean. The standard deviation is np.std."""


@mistake(of="activation_stds", change=("caches[1:]", "caches"))
def inputs_counted_as_a_layer():
    """You count X as a layer. Begin with A1, and return L numbers."""


@mistake(of="activation_stds", change=(" + [AL]", ""))
def output_left_out():
    """The last layer is missing. AL counts too: return L numbers."""


@mistake(of="activation_stds", change=("float(np.std(A))", "np.std(A, axis=0)"))
def a_spread_for_each_example():
    """np.std with an axis gives many numbers. Without an axis it gives one number for all
    entries.
    """


@mistake(of="activation_stds", change=("np.std(A)", "np.sqrt(np.mean(A**2))"))
def root_mean_square():
    """This is the root mean square. The standard deviation is measured from the mean, not from
    zero.
    """


@mistake(
    of="activation_stds",
    change=(
        "[float(np.std(A)) for A in activations]",
        "float(np.std(np.concatenate([A.ravel() for A in activations])))",
    ),
)
def one_spread_for_all_layers():
    """You return a single number for the whole network. Return one number per layer."""
