"""Known wrong answers, and what a good tutor would say to who gives one."""

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
    """Your W are transposed: a row for each unit of the layer, a column for each of the one
    before.
    """


@mistake(of="initialize_parameters_zeros", change=(B_OF_ZEROS, "np.zeros(layer_dims[l])"))
def flat_zeros():
    """A bias is a column, of shape (n, 1). With the shape (n,) numpy adds it along a row, to the
    wrong numbers.
    """


@mistake(of="initialize_parameters_zeros", change=(EVERY, "range(1, len(layer_dims) - 1)"))
def zeros_without_the_last_layer():
    """The last layer is missing: with the inputs, layer_dims has one entry more than there are
    layers, and the last of them counts too.
    """


@mistake(
    of="initialize_parameters_zeros",
    change=(W_OF_ZEROS, "np.ones((layer_dims[l], layer_dims[l - 1]))"),
)
def ones_for_zeros():
    """Your weights are 1. Here all is to be zero, to see what comes of it."""


@mistake(
    of="initialize_parameters_zeros",
    change=(W_OF_ZEROS, "np.random.randn(layer_dims[l], layer_dims[l - 1]) * 0.01"),
)
def random_for_zeros():
    """Your weights are random. Here all is to be zero, to see what comes of it."""


@mistake(
    of="initialize_parameters_zeros",
    change=(W_OF_ZEROS, "np.zeros((layer_dims[1], layer_dims[0]))"),
)
def zeros_of_the_first_shape():
    """All your W have the shape of W1: take the sizes of layer l and of layer l - 1."""


# initialize_parameters_random


@mistake(of="initialize_parameters_random", change=("* scale", "* 0.01"))
def fixed_scale():
    """Your weights have standard deviation 0.01 whatever the scale is: use the argument."""


@mistake(of="initialize_parameters_random", change=(" * scale", ""))
def no_scale():
    """Your weights have standard deviation 1: multiply them by the scale."""


@mistake(of="initialize_parameters_random", change=("scale: float = 0.01", "scale: float = 0.1"))
def another_default_scale():
    """The default scale is 0.01."""


@mistake(of="initialize_parameters_random", change=("* scale", "* np.sqrt(scale)"))
def root_of_the_scale():
    """You took the root of the scale. It is no variance: it multiplies the draws as it is."""


@mistake(
    of="initialize_parameters_random",
    change=(DRAW, "np.random.rand(layer_dims[l], layer_dims[l - 1])"),
)
def uniform_weights():
    """np.random.rand draws evenly between 0 and 1, so that every weight is positive. You want a
    Gaussian around 0: np.random.randn, with an n for normal.
    """


@mistake(
    of="initialize_parameters_random",
    change=(
        DRAW + " * scale",
        "np.random.uniform(-scale, scale, (layer_dims[l], layer_dims[l - 1]))",
    ),
)
def uniform_weights_around_zero():
    """Your weights are spread evenly between two bounds. A Gaussian has no bounds: most of its
    draws are near 0 and a few are far out.
    """


@mistake(
    of="initialize_parameters_random",
    change=(B_OF_ZEROS, "np.random.randn(layer_dims[l], 1) * scale"),
)
def random_biases():
    """The biases need no randomness: once the weights differ, so do the units. Start them at 0."""


@mistake(of="initialize_parameters_random", change=(START, "    np.random.seed(3)\n" + START))
def seed_inside():
    """Every call gives the same numbers, as with a seed set inside the function. Take it out: who
    calls the function may set a seed.
    """


@mistake(
    of="initialize_parameters_random",
    change=(
        '        parameters[f"W{l}"] =',
        '        np.random.seed(3)\n        parameters[f"W{l}"] =',
    ),
)
def seed_in_the_loop():
    """All layers begin with the same numbers, and every call with those again, as with a seed set
    before each layer. Take it out.
    """


@mistake(
    of="initialize_parameters_random",
    change=(DRAW, "np.random.randn((layer_dims[l], layer_dims[l - 1]))"),
)
def sizes_as_a_tuple():
    """np.random.randn takes its sizes one by one, not as a tuple. It is np.zeros that takes a
    tuple.
    """


@mistake(
    of="initialize_parameters_random",
    change=(DRAW, "np.random.randn(layer_dims[l - 1], layer_dims[l])"),
)
def transposed_weights():
    """Your W are transposed: a row for each unit of the layer, a column for each of the one
    before.
    """


@mistake(
    of="initialize_parameters_random",
    change=(DRAW, "np.random.randn(1, layer_dims[l - 1]).repeat(layer_dims[l], axis=0)"),
)
def one_row_for_all_units():
    """You drew the weights of one unit and gave them to all of its layer: they stay equal for ever.
    Draw every weight on its own.
    """


@mistake(
    of="initialize_parameters_random", change=("* scale", "* scale / np.sqrt(layer_dims[l - 1])")
)
def scaled_by_the_inputs():
    """Here the scale is the same in every layer. To divide by the root of the inputs is another
    start, which comes next.
    """


# initialize_parameters_he


@mistake(
    of="initialize_parameters_he",
    change=("np.sqrt(2 / layer_dims[l - 1])", "2 / layer_dims[l - 1]"),
)
def variance_for_deviation():
    """2 over the inputs is the variance. The standard deviation, which multiplies the draws, is its
    root.
    """


@mistake(
    of="initialize_parameters_he",
    change=("np.sqrt(2 / layer_dims[l - 1])", "np.sqrt(1 / layer_dims[l - 1])"),
)
def root_of_one_over_the_inputs():
    """The root of 1 over the inputs is the choice for tanh. A relu silences half of what comes in,
    and the 2 makes up for it.
    """


@mistake(
    of="initialize_parameters_he",
    change=("np.sqrt(2 / layer_dims[l - 1])", "np.sqrt(2 / layer_dims[l])"),
)
def outputs_for_inputs():
    """You took the units of the layer itself. It is those that feed it that count: the more
    terms a sum has, the larger it is.
    """


@mistake(
    of="initialize_parameters_he",
    change=("np.sqrt(2 / layer_dims[l - 1])", "np.sqrt(2 / (layer_dims[l - 1] + layer_dims[l]))"),
)
def glorot_for_he():
    """That is the choice of Glorot, made for tanh. He takes the inputs alone: the root of 2 over
    them.
    """


@mistake(
    of="initialize_parameters_he",
    change=("np.sqrt(2 / layer_dims[l - 1])", "np.sqrt(layer_dims[l - 1] / 2)"),
)
def upside_down():
    """Your fraction is upside down: the more inputs a layer has, the smaller its weights."""


@mistake(
    of="initialize_parameters_he",
    change=("np.sqrt(2 / layer_dims[l - 1])", "np.sqrt(2) / layer_dims[l - 1]"),
)
def root_of_the_two_alone():
    """You took the root of 2 alone. It goes over the whole fraction: np.sqrt(2 / n)."""


@mistake(
    of="initialize_parameters_he",
    change=("np.sqrt(2 / layer_dims[l - 1])", "np.sqrt(2 / layer_dims[0])"),
)
def inputs_of_the_first_layer():
    """You took the inputs of the network for every layer. What feeds layer l is layer l - 1."""


@mistake(
    of="initialize_parameters_he",
    change=("np.sqrt(2 / layer_dims[l - 1])", "0.01 * np.sqrt(2 / layer_dims[l - 1])"),
)
def hundredth_besides():
    """A hundredth has no place here: the root of 2 over the inputs is the whole scale."""


@mistake(
    of="initialize_parameters_he",
    change=(
        "np.sqrt(2 / layer_dims[l - 1])",
        "np.sqrt(2 / layer_dims[l - 1]) if l < len(layer_dims) - 1 else 0.01",
    ),
)
def hundredth_in_the_last_layer():
    """The last layer has the scale 0.01 in your start. Here it follows the same rule as all
    others.
    """


@mistake(
    of="initialize_parameters_he",
    change=(
        DRAW + " * scale",
        "np.random.uniform(-scale, scale, (layer_dims[l], layer_dims[l - 1]))",
    ),
)
def he_uniform_too_narrow():
    """An even draw between -s and s has the standard deviation s / √3, not s. Draw from a Gaussian:
    np.random.randn.
    """


@mistake(
    of="initialize_parameters_he",
    change=(
        DRAW + " * scale",
        "np.random.uniform(-scale, scale, (layer_dims[l], layer_dims[l - 1])) * np.sqrt(3)",
    ),
)
def he_uniform():
    """Your weights are as large as they should be, but drawn evenly between two bounds. A Gaussian
    is asked for: np.random.randn.
    """


@mistake(
    of="initialize_parameters_he", change=(B_OF_ZEROS, "np.random.randn(layer_dims[l], 1) * scale")
)
def he_random_biases():
    """The biases start at 0: a random one adds to the signal, which is the right size without."""


@mistake(of="initialize_parameters_he", change=(START, "    np.random.seed(3)\n" + START))
def he_seed_inside():
    """Every call gives the same numbers, as with a seed set inside the function. Take it out: who
    calls the function may set a seed.
    """


# L_model_forward


@mistake(
    of="L_model_forward", change=("np.maximum(0, Z) if l < L else sigmoid(Z)", "np.maximum(0, Z)")
)
def relu_output():
    """Your last layer is a relu. A probability comes of the sigmoid."""


@mistake(of="L_model_forward", change=("np.maximum(0, Z) if l < L else sigmoid(Z)", "sigmoid(Z)"))
def sigmoid_hidden_layers():
    """Your hidden layers take the sigmoid. Here they are relus; the sigmoid is for the last."""


@mistake(of="L_model_forward", change=("np.maximum(0, Z)", "np.tanh(Z)"))
def tanh_hidden_layers():
    """Your hidden layers are tanh. Here they are relus: max(0, z), entry by entry."""


@mistake(of="L_model_forward", change=("np.maximum(0, Z)", "np.where(Z > 0, Z, 0.01 * Z)"))
def leaky_relu():
    """That is a leaky relu. Here a hidden unit is silent where its z is negative: max(0, z)."""


@mistake(of="L_model_forward", change=("np.maximum(0, Z)", "np.abs(Z)"))
def absolute_value_for_relu():
    """np.abs turns negative numbers round. A relu makes zeros of them: np.maximum(0, Z)."""


@mistake(of="L_model_forward", change=("np.maximum(0, Z)", "max(0, np.max(Z))"))
def maximum_of_all():
    """`max` looks for the largest of all numbers. np.maximum(0, Z) compares them one by one."""


@mistake(of="L_model_forward", change=("W @ A_prev + b", "W @ A_prev"))
def forgotten_biases():
    """The biases are missing from Z. They start at zero, so that they are only missed once the
    network learns.
    """


@mistake(
    of="L_model_forward",
    change=("np.maximum(0, Z) if l < L else sigmoid(Z)", "Z if l < L else sigmoid(Z)"),
)
def no_activation():
    """Your hidden layers have no activation: without one, many layers are no more than one."""


@mistake(of="L_model_forward", change=("A_prev, W, b = A,", "A_prev, W, b = X,"))
def every_layer_sees_the_inputs():
    """You give X to every layer. Layer l takes what the one before has answered."""


@mistake(of="L_model_forward", change=("    return A, caches", "    return A"))
def caches_left_out():
    """Return two things: the answer, and the caches that the way back will need."""


@mistake(of="L_model_forward", change=("range(1, L + 1)", "range(1, L)"))
def last_layer_left_out():
    """The last layer is missing: layers 1 to L are all to be passed, L included."""


@mistake(of="L_model_forward", change=("    return A, caches", "    return A.squeeze(), caches"))
def squeezed_answer():
    """AL keeps its shape (1, m): without the first axis, later products pair the wrong numbers."""


@mistake(of="L_model_forward", change=("sigmoid(Z)", "np.exp(Z) / (1 + np.exp(Z))"))
def sigmoid_that_overflows():
    """For large numbers np.exp(Z) overflows, and infinity by infinity is nan: take sigmoid(Z)."""


@mistake(
    of="L_model_forward",
    change=("W @ A_prev + b", "W @ A_prev + np.resize(b, (len(W), A_prev.shape[1]))"),
)
def biases_along_the_rows():
    """np.resize writes b row by row, so that a unit gets the biases of others. The column b is
    spread over all examples by itself: W @ A_prev + b.
    """


@mistake(
    of="L_model_forward",
    change=("    A, caches = X, []", '    parameters["A0"] = X\n    A, caches = X, []'),
)
def inputs_in_the_parameters():
    """You write A0 into the parameters that you were given. Keep it in a variable of your own."""


# L_model_backward


@mistake(of="L_model_backward", change=(' * (caches[l - 2]["Z"] > 0)', ""))
def forgotten_slope():
    """The slope of the relu is missing: where a hidden z is negative, no error gets through."""


@mistake(of="L_model_backward", change=('(caches[l - 2]["Z"] > 0)', '(caches[l - 1]["A_prev"])'))
def activation_for_slope():
    """You multiply by the activation. The slope of the relu is 1 where z is positive, however
    large it is, and 0 elsewhere.
    """


@mistake(
    of="L_model_backward", change=('(caches[l - 2]["Z"] > 0)', '(1 - caches[l - 1]["A_prev"] ** 2)')
)
def tanh_slope_for_relu():
    """That is the slope of tanh. Your hidden layers are relus: 1 where z is positive, 0
    elsewhere.
    """


@mistake(of="L_model_backward", change=('(caches[l - 2]["Z"] > 0)', '(caches[l - 2]["Z"] < 0)'))
def slope_on_the_wrong_side():
    """A relu lets the error through where its z is positive, not where it is negative."""


@mistake(of="L_model_backward", change=("AL - Y", "Y - AL"))
def error_of_the_wrong_sign():
    """The error is AL - Y. The other way round the gradients point downhill, and descent climbs."""


@mistake(of="L_model_backward", change=("AL - Y", "(AL - Y) * AL * (1 - AL)"))
def slope_of_the_output_besides():
    """With the cross-entropy, the slope of the sigmoid cancels: the error is just AL - Y."""


@mistake(of="L_model_backward", change=("AL - Y", "AL"))
def labels_left_out():
    """The labels are missing: the error is what the network answers minus what it should."""


@mistake(of="L_model_backward", change=("L, m = len(caches), Y.shape[1]", "L, m = len(caches), 1"))
def gradients_not_averaged():
    """Your gradients are sums over the examples. The cost is a mean: divide by m."""


@mistake(of="L_model_backward", change=("keepdims=True) / m", "keepdims=True)"))
def biases_not_averaged():
    """You divided the dW by m, and the db not: the cost is a mean, and so are all gradients."""


@mistake(of="L_model_backward", change=("dZ @ A_prev.T / m", "dZ @ A_prev.T"))
def weights_not_averaged():
    """You divided the db by m, and the dW not: a product of matrices adds up the examples."""


@mistake(of="L_model_backward", change=("np.sum(dZ, axis=1, keepdims=True)", "np.sum(dZ, axis=1)"))
def flat_bias_gradients():
    """Your db lost an axis. With keepdims=True, np.sum leaves a column, of shape (n, 1)."""


@mistake(
    of="L_model_backward", change=("np.sum(dZ, axis=1, keepdims=True)", "np.sum(dZ, keepdims=True)")
)
def one_db_for_all_units():
    """np.sum without an axis adds up everything: each unit has a db of its own. Give it axis=1."""


@mistake(of="L_model_backward", change=("range(L, 0, -1)", "range(L, 1, -1)"))
def first_layer_left_out():
    """The gradients of layer 1 are missing: the way back ends with layer 1, not before it."""


@mistake(of="L_model_backward", change=("W.T @ dZ * (", "np.abs(W).T @ dZ * ("))
def weights_without_their_sign():
    """The error goes back through the weights as they are, with their signs: W.T @ dZ."""


@mistake(
    of="L_model_backward",
    change=("    grads, dZ = {}, AL - Y", "    AL -= Y\n    grads, dZ = {}, AL"),
)
def answer_in_place():
    """You change the answers that you were given, as `AL -= Y` does. Write dZ = AL - Y, which makes
    a new array.
    """


@mistake(of="L_model_backward", change=("dZ = W.T @ dZ * (caches", "dZ = W.T @ dZ / m * (caches"))
def averaged_again_in_every_layer():
    """You divide the error by m on its way from layer to layer, so that the deeper layers are
    divided again and again. Once is enough.
    """


# activation_stds


@mistake(of="activation_stds", change=("np.std(A)", "np.var(A)"))
def variance_for_the_spread():
    """That is the variance. The standard deviation is its root: np.std."""


@mistake(of="activation_stds", change=("np.std(A)", "np.mean(A)"))
def mean_for_the_spread():
    """That is the mean. How far the numbers spread around it is np.std."""


@mistake(of="activation_stds", change=("caches[1:]", "caches"))
def inputs_counted_as_a_layer():
    """You count X as a layer. The numbers begin with A1, and there are L of them."""


@mistake(of="activation_stds", change=(" + [AL]", ""))
def output_left_out():
    """The last layer is missing: AL counts too, so that there are L numbers."""


@mistake(of="activation_stds", change=("float(np.std(A))", "np.std(A, axis=0)"))
def a_spread_for_each_example():
    """With an axis, np.std gives many numbers. Without one it gives that of all entries
    together.
    """


@mistake(of="activation_stds", change=("np.std(A)", "np.sqrt(np.mean(A**2))"))
def root_mean_square():
    """That is the root mean square, around zero. The standard deviation is around the mean."""


@mistake(
    of="activation_stds",
    change=(
        "[float(np.std(A)) for A in activations]",
        "float(np.std(np.concatenate([A.ravel() for A in activations])))",
    ),
)
def one_spread_for_all_layers():
    """You have a single number for the whole network. Each layer has one of its own."""
